"""The ops of a plugin that runs, and the context that each is called with."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ways.errors import ImJoyError, did_you_mean
from ways.sheets.document import Source
from ways.systems.imjoy.files.form import parameters
from ways.systems.shared import Problems


class Op(NamedTuple):
    """Something that a plugin can do to data: its ``run``, or what it registered."""

    #: ``PLUGIN``, or ``PLUGIN/OP``.
    key: str
    name: str
    #: The fields of its form, each with its ``key``, ``type`` and ``default``.
    parameters: list[dict[str, Any]]
    inputs: Any = None
    outputs: Any = None
    #: What it calls; ``None`` for the plugin's ``run``.
    function: Callable[..., Any] | None = None
    #: What is wrong with its form.
    problems: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the op as plain data."""
        return {
            "key": self.key, "name": self.name, "form": self.parameters, "inputs": self.inputs, "outputs": self.outputs,
            "problems": list(self.problems),
        }  # fmt: skip


def registered_op(plugin: str, given: Mapping[str, Any], source: str) -> Op:
    """Return the op that a plugin registers. Without a name, or with the plugin's, it is what the plugin itself does.

    :raises ImJoyError: its ``run`` is no function, or its name has a ``/``; the code is ``op``.
    """
    name = str(given.get("name") or plugin)
    function = given.get("run")
    if function is not None and not callable(function):
        raise ImJoyError("op", f"the op {name!r} has a 'run' that is no function")
    if "/" in name:
        raise ImJoyError("op", f"the name of an op can't have a '/': {name!r}")
    problems = Problems(Source(source))
    form = parameters(given.get("ui"), ("ui",), problems)
    faults = tuple(fault.message for fault in problems.faults)
    key = name if name == plugin else f"{plugin}/{name}"
    return Op(key, name, form, given.get("inputs"), given.get("outputs"), function, faults)


def form_fields(ui: Any) -> list[dict[str, Any]]:
    """Return the fields of a form, each with its ``key``, ``type``, ``label`` and ``default``, as far as it can be read."""
    return parameters(ui, ("ui",), Problems(Source("")))


def op_named(ops: Mapping[str, Op], plugin: str, name: str, exports: Sequence[str]) -> Op:
    """Return the op with a key, or with the name that follows the plugin's in it.

    :param exports: the functions that the plugin exports, which are easily taken for ops.
    :raises ImJoyError: there is none; the code is ``no-op``.
    """
    op = ops.get(name) or ops.get(f"{plugin}/{name}")
    if op is None:
        message = f"the plugin {plugin!r} has no op {name!r}; it has {', '.join(ops) or 'none'}"
        is_export = f"It exports {name!r}, but not as an op: in Python, worker.call({name!r}) calls it."
        raise ImJoyError("no-op", message, is_export if name in exports else did_you_mean(name, [op.name for op in ops.values()]).strip())
    return op


def context_for(
    op: Op,
    config: Mapping[str, Any],
    data: Any,
    *,
    variables: Mapping[str, Any] | None = None,
    source_op: str | None = None,
    workflow_id: str = "",
) -> dict[str, Any]:
    """Return the context that an op is called with, as ImJoy makes it for its menu.

    :param config: values of the form, by key; the others have their defaults.
    :param data: what the op works on.
    :raises ImJoyError: the form has no such field; the code is ``no-parameter``.
    """
    known = {item["key"]: item for item in op.parameters if item["key"]}
    for name in config:
        if name not in known:
            message = f"the form of {op.key!r} has no field {name!r}; it has {', '.join(known) or 'none'}"
            raise ImJoyError("no-parameter", message, did_you_mean(name, known).strip())
    defaults = {name: item["default"] for name, item in known.items() if "default" in item}
    context: dict[str, Any] = {
        "config": {**defaults, **config, "type": op.key},
        "data": {} if data is None else data,
        "_variables": dict(variables or {}),
        "_op": op.name,
        "_source_op": source_op,
        "_workflow_id": workflow_id or f"op_{op.name.replace(' ', '_')}{secrets.token_hex(4)}",
        "_transfer": False,
    }
    if isinstance(data, Mapping):
        context |= {key: data[key] for key in ("name", "type") if key in data}
    return context
