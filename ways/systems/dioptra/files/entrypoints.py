"""The entrypoints that a resource file declares, and their parameters, which become tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.sheets.schema import kind
from ways.systems.dioptra.files.plugins import Plugin, ResourceFolder, plugin_name
from ways.systems.dioptra.files.resource import Resource, tables_in, wrong_path
from ways.systems.dioptra.files.types import check_type
from ways.systems.shared import Problems

_MARKS = frozenset("{}/\\:@")
_NO_MARKS = {ord(mark): "_" for mark in "{}/\\"}


class EntrypointParameter(NamedTuple):
    """A parameter of an entrypoint."""

    name: str
    type: str
    pointer: Pointer
    #: The default as it is written, and as a value of the type; both mean nothing without ``has_default``.
    written: Any = None
    default: Any = None
    has_default: bool = False

    def token(self) -> dict[str, Any]:
        """Return the details of the parameter's token."""
        details: dict[str, Any] = {"parse": {"regex": PARAMETER_TYPES[self.type]}}
        if self.has_default:
            text = as_text(self.written)
            # A default may be written in more ways than a value: then the token gets the value that it means.
            details["default"] = text if re.fullmatch(PARAMETER_TYPES[self.type], text) else as_text(self.default)
        return details


def as_text(value: Any) -> str:
    """Return the text that people write for a value of a parameter."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if value is None or isinstance(value, (bool, list, dict)) else str(value)


def value_of(type: str, written: Any) -> Any:
    """Return the value that the default of a parameter stands for.

    :raises ValueError: it is none of the type's values.
    """
    try:
        match type:
            case "string":
                return as_text(written)
            case "integer" if not isinstance(written, (bool, float)):
                return int(written)
            case "float" if not isinstance(written, bool):
                return float(written)
            case "boolean":
                return written if isinstance(written, bool) else {"true": True, "false": False}[written.lower()]
            case "list" | "mapping":
                decoded = json.loads(written)
                if isinstance(decoded, list if type == "list" else dict):
                    return decoded
    except (TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error
    raise ValueError(f"{written!r:.60} is no {type}")


def is_value(type: str, written: Any) -> bool:
    """Return whether :func:`value_of` has a value."""
    try:
        value_of(type, written)
    except ValueError:
        return False
    return True


#: Each type of a parameter, and the expression of its values as texts.
PARAMETER_TYPES = {
    "string": r"[\s\S]*",
    "float": r"[+-]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?|[+-]?(?:nan|inf)",
    "integer": r"[+-]?[0-9]+(?:_[0-9]+)*",
    "boolean": "[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]",
    "list": r"\[[\s\S]*\]",
    "mapping": r"\{[\s\S]*\}",
}
#: What plugins, Python and others call these types.
_OTHER_NAMES = {
    "str": "string", "text": "string", "number": "float", "double": "float", "int": "integer", "bool": "boolean", "array": "list",
    "tuple": "list", "dict": "mapping", "object": "mapping",
}  # fmt: skip
_WORDS = {
    "integer": "a whole number",
    "float": "a number",
    "boolean": "true or false",
    "list": "a JSON array as a text",
    "mapping": "a JSON object as a text",
}


class Entrypoint(NamedTuple):
    """An entrypoint that a file declares."""

    name: str
    #: Its part of a hierarchy.
    slug: str
    pointer: Pointer
    written: Mapping[str, Any]
    params: tuple[EntrypointParameter, ...]
    #: The file of its task graph, below the root of the files; ``""`` if it can't be followed.
    graph: str

    @property
    def mapping(self) -> str:
        """The text of a job of this entrypoint, with a token for each parameter."""
        tokens = [f"{name}={{{name}}}" for name in self.tokens()]
        return f"{self.slug.translate(_NO_MARKS)}({', '.join(tokens)})"

    def tokens(self) -> dict[str, dict[str, Any]]:
        """Return the details of each parameter's token. A parameter whose name can't be a token's has none."""
        return {param.name: param.token() for param in self.params if not _MARKS.intersection(param.name)}


def name_of(entry: Mapping[str, Any]) -> str:
    """Return the name of an entrypoint; that of its file, without the ending, if the entrypoint has none."""
    name: str = entry.get("name", plugin_name(entry["path"]))
    return name


def slug(name: str) -> str:
    """Return a name as one part of a hierarchy that is easy to type; the name itself, if nothing is left of it.

    >>> slug("Evasion Attack: Patch (Apply)")
    'evasion_attack_patch_apply'
    """
    return re.sub(r"[\W_]+", "_", name.lower()).strip("_") or name


def read_entrypoints(
    resource: Resource, plugins: Sequence[Plugin], types: Mapping[str, object], folder: ResourceFolder
) -> list[Entrypoint]:
    """Return the entrypoints of a file in order; report what is wrong with them.

    :param plugins: the plugins of the file that can be used.
    :param types: the types that the file declares, by name.
    """
    problems = resource.problems
    entries = list(resource.tables("entrypoints"))
    names = [(name_of(entry), (*pointer, "name" if "name" in entry else "path")) for pointer, entry in entries]
    again = resource.repeated("entrypoint", names)
    first: dict[str, str] = {}
    for name, where in names:
        other = first.setdefault(slug(name), name)
        if other != name:
            found = f"{name!r}, whose place is {slug(name)!r} as that of {other!r}"
            problems.add_mismatch("duplicate-name", "a name whose place no other entrypoint has", found, where)
            again.add(where)
    # A plugin that is declared and wrong is one of these too.
    paths = [item.get("path") for item in tables_in(resource.data.get("plugins"))]
    declared = dict.fromkeys(plugin_name(path) for path in paths if isinstance(path, str))
    usable = {plugin.name: plugin for plugin in plugins}
    entrypoints = []
    for (name, where), (pointer, entry) in zip(names, entries):
        if where in again:
            continue
        if not name.strip():
            problems.add_mismatch("bad-name", "a name that isn't empty", repr(name), where)
            continue
        params = tuple(_parameters(resource, pointer))
        graph = _graph_path(entry["path"], (*pointer, "path"), folder, problems)
        entrypoints.append(Entrypoint(name, slug(name), pointer, entry, params, graph))
        _check_plugins(entry, pointer, declared, usable, problems)
        _check_artifact_params(resource, pointer, types)
    return entrypoints


def _parameters(resource: Resource, pointer: Pointer) -> Iterator[EntrypointParameter]:
    """Yield the parameters of an entrypoint in order; report what is wrong with them."""
    problems = resource.problems
    items = list(resource.tables(*pointer, "params"))
    again = resource.repeated("parameter", [(item["name"], (*where, "name")) for where, item in items])
    for where, item in items:
        name, written = item["name"], item["type"]
        if (*where, "name") in again:
            continue
        if not name.strip():
            problems.add_mismatch("bad-name", "a name", repr(name), (*where, "name"))
        elif check_parameter(item, where, problems):
            is_given = "default_value" in item and is_value(written, item["default_value"])
            default = value_of(written, item["default_value"]) if is_given else None
            yield EntrypointParameter(name, written, where, item.get("default_value") if is_given else None, default, is_given)


def check_parameter(item: Mapping[str, Any], where: Pointer, problems: Problems) -> bool:
    """Return whether there is the type of a parameter; report if not, and a default that isn't of its type."""
    written = item.get("type")
    if written not in PARAMETER_TYPES:
        meant = _OTHER_NAMES.get(str(written).lower())
        help = f"Did you mean {meant!r}?" if meant else problems.did_you_mean(str(written), list(PARAMETER_TYPES))
        problems.add_mismatch("unknown-type", f"one of {', '.join(PARAMETER_TYPES)}", repr(written), (*where, "type"), help=help)
        return False
    if "default_value" in item and not is_value(written, item["default_value"]):
        expected = f"{_WORDS[written]} for the parameter {item['name']!r}"
        problems.add_mismatch("bad-default", expected, kind(item["default_value"]), (*where, "default_value"))
    return True


def _graph_path(path: str, where: Pointer, folder: ResourceFolder, problems: Problems) -> str:
    if wrong := wrong_path(path):
        problems.add_mismatch("outside", "a path below the folder of this file", f"{wrong}: {path!r}", where)
        return ""
    graph = folder.join(path)
    if folder.files is None:
        return graph
    parent, _, name = graph.rpartition("/")
    try:
        is_there = name in folder.files.list(parent)
    except OSError:
        is_there = False
    if not is_there:
        problems.add_mismatch("missing-file", "the file of a task graph", f"no file {path!r}", where)
    return graph if is_there else ""


def _check_plugins(
    entry: Mapping[str, Any],
    pointer: Pointer,
    declared: Mapping[str, None],
    usable: Mapping[str, Plugin],
    problems: Problems,
) -> None:
    """Report plugins that the file doesn't declare, and tasks of one name in two plugins of the entrypoint."""
    for key, are_artifacts in (("plugins", False), ("artifact_plugins", True)):
        names = entry.get(key, ())
        for index, name in enumerate(names):
            if name not in declared:
                help = problems.did_you_mean(name, declared)
                problems.add_lax("unknown-plugin", "a plugin that this file declares", repr(name), (*pointer, key, index), help=help)
        first: dict[str, str] = {}
        for plugin in (usable[name] for name in dict.fromkeys(names) if name in usable):
            for task in plugin.tasks:
                if task.is_artifact == are_artifacts and first.setdefault(task.name, plugin.name) != plugin.name:
                    found = f"{task.name!r} of {first[task.name]!r} and of {plugin.name!r}"
                    problems.add_mismatch("duplicate-name", "tasks whose names differ", found, (*pointer, key))


def _check_artifact_params(resource: Resource, pointer: Pointer, types: Mapping[str, object]) -> None:
    """Report artifact parameters of one name, and what is wrong with their outputs."""
    items = list(resource.tables(*pointer, "artifact_params"))
    resource.repeated("artifact parameter", [(item["name"], (*where, "name")) for where, item in items])
    for where, item in items:
        outputs = [((*where, "output_params", index), output) for index, output in enumerate(item["output_params"])]
        if not outputs:
            resource.problems.add_mismatch("bad-value", "at least one output", "none", (*where, "output_params"))
        resource.repeated("output", [(output["name"], (*at, "name")) for at, output in outputs])
        for at, output in outputs:
            check_type(output["type"], (*at, "type"), types, resource.problems)
