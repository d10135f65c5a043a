"""Whether an entrypoint can run, as the session resolves it. Nothing of a plugin is imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ways.api import Problem, Session
from ways.sheets.document import Source
from ways.systems.dioptra.failures import need_mapping
from ways.systems.dioptra.files.entrypoints import check_parameter
from ways.systems.dioptra.files.form_check import check_form, helped
from ways.systems.dioptra.resources import ResolvedEntrypoint
from ways.systems.shared import Fault, Problems


def validate(session: Session, name: str, values: Mapping[str, Any] | None = None) -> list[Problem]:
    """Return what is wrong with an entrypoint, each problem at the step, input, type or parameter that has it.

    An entrypoint is valid if no problem is an error.

    :param values: values of its parameters, by which plugins with ``when`` take part.
    :raises ArgumentTypeError: *values* is no mapping.
    :raises NoEntrypointError: there is none of that name.
    """
    need_mapping("values", values)
    return problems_of(ResolvedEntrypoint(session, name, values))


def problems_of(entry: ResolvedEntrypoint) -> list[Problem]:
    """Return what is wrong with an entrypoint that is resolved already."""
    problems = Problems(Source(""), is_strict=True)
    _check_plugins(entry, problems)
    _check_parameters(entry, problems)
    placed = [_placed(fault, entry.source(entry.context, fault.source.pointer)) for fault in problems.faults]
    # A plugin that isn't there has tasks, too.
    is_complete = not any(fault.code == "unknown-plugin" for fault in placed)
    tasks = [item for context in entry.attached("artifact_plugins") for item in entry.artifact_tasks(context).items()]
    artifacts = {name: context.data.get("rules", {}) for name, context in tasks}
    faults = check_form(entry.form, artifact_tasks=artifacts if is_complete else None, has_all_tasks=is_complete)
    functions = {name: context.data.get("tasks", {}) for name, context in entry.plugins.items()}
    faults = helped(faults, functions, {name: entry.artifact_tasks(context) for name, context in entry.plugins.items()})
    placed += [_placed(fault, entry.source_of(fault.source.pointer)) for fault in faults]
    return list(dict.fromkeys(fault.problem for fault in placed))


def _placed(fault: Fault, source: Source) -> Fault:
    """Return a fault with the file and line of *source*. Its pointer stays: the sheet's own starts with names that no file has."""
    pointer = fault.source.pointer
    return fault._replace(source=source._replace(pointer=pointer[1:] if pointer[:1] == ("data",) else pointer))


def _check_plugins(entry: ResolvedEntrypoint, problems: Problems) -> None:
    """Report plugins that the session doesn't have, and tasks of one name in two plugins. Pointers start from a plugin."""
    for key in ("plugins", "artifact_plugins"):
        for index, name in enumerate(entry.data.get(key, ())):
            if name not in entry.plugins:
                help = problems.did_you_mean(name, entry.plugins)
                problems.add_mismatch("unknown-plugin", "a plugin of this session", repr(name), ("data", key, index), help=help)
        first: dict[str, str] = {}
        for context in entry.attached(key):
            plugin = str(context.data.get("name", context.hierarchy[-1]))
            for task in context.data.get("tasks", {}) if key == "plugins" else entry.artifact_tasks(context):
                if first.setdefault(task, plugin) != plugin:
                    found = f"{task!r} of {first[task]!r} and of {plugin!r}"
                    problems.add_mismatch("duplicate-name", "tasks whose names differ", found, ("data", key))


def _check_parameters(entry: ResolvedEntrypoint, problems: Problems) -> None:
    """Report types that no parameter has, and defaults that aren't of their types. Pointers start from a plugin."""
    for index, item in entry.tables("params"):
        default, pointer = entry.defaults.get(item["name"], (None, ()))
        of_token = Problems(Source(""))
        if pointer[:1] == ("mapping_details",):
            check_parameter({**item, "default_value": default}, ("data", "params", index), of_token)
            for fault in of_token.faults:
                at = pointer if fault.code == "bad-default" else fault.source.pointer
                problems.faults.append(fault._replace(source=fault.source._replace(pointer=at)))
        else:
            check_parameter(item, ("data", "params", index), problems)
