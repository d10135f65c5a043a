"""What a run of an entrypoint would do: its steps in order, with their arguments. Nothing of a plugin is imported."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple

from ways.api import Session
from ways.errors import MissingTokensError, TokenValueError, did_you_mean
from ways.sheets.document import Problem, Source
from ways.systems.dioptra.failures import InvalidGraphError, need_mapping
from ways.systems.dioptra.files.entrypoints import value_of
from ways.systems.dioptra.files.resource import MAX_NESTING
from ways.systems.dioptra.files.steps import BadStep, Step as WrittenStep, plain_text, read_step, reference_in
from ways.systems.dioptra.resources import ResolvedEntrypoint
from ways.systems.dioptra.validation import problems_of
from ways.systems.shared import exceeded_limit

#: Types of parameters -> what a value of them is called, and the classes of such a value in Python.
_VALUES: Mapping[str, tuple[str, tuple[type, ...]]] = {
    "string": ("a text", (str,)),
    "integer": ("a whole number", (int,)),
    "float": ("a number", (float, int)),
    "boolean": ("true or false", (bool,)),
    "list": ("a JSON array", (list, tuple)),
    "mapping": ("a JSON object", (dict,)),
}
_PLAIN = (str, int, float, bool)


class Reference(NamedTuple):
    """What a step or an artifact input gives, or a parameter without a value: it is known when the graph runs."""

    #: The step, artifact input or parameter; what is none of these is kept as it is written.
    name: str
    #: The output; ``""`` if there is only one.
    output: str = ""
    #: Whether a step or an artifact input gives it.
    is_known: bool = True

    def __str__(self) -> str:
        return f"${self.name}.{self.output}" if self.output else f"${self.name}"


class Step(NamedTuple):
    """One step of a plan: a call of a task."""

    name: str
    task: str
    #: The dotted name of the task's function; ``""`` for a task that none of the entrypoint's plugins has.
    id: str
    #: The arguments: values, in which a :class:`Reference` may stand anywhere.
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    #: The steps before it.
    after: tuple[str, ...]
    #: Where it is written.
    source: Source
    #: The names of its outputs. One takes the whole value that the task returns; several take its items.
    outputs: tuple[str, ...] = ()

    def references(self) -> list[Reference]:
        """Return everything that its arguments refer to, each once."""
        return list(dict.fromkeys(references_in((*self.args, self.kwargs))))

    def uses(self) -> list[str]:
        """Return the names of the steps and artifact inputs that its arguments refer to, each once."""
        return list(dict.fromkeys(reference.name for reference in self.references() if reference.is_known))

    def as_dict(self) -> dict[str, Any]:
        """Return the step as plain data; a reference as the text that a graph has for it."""
        return {
            "name": self.name,
            "task": self.task,
            "id": self.id,
            "args": [written(value) for value in self.args],
            "kwargs": {name: written(value) for name, value in self.kwargs.items()},
            "after": list(self.after),
            "artifact_inputs": [name for name in self.uses() if name not in self.after],
            "outputs": list(self.outputs),
            "source": str(self.source),
        }


class SavedArtifact(NamedTuple):
    """An artifact that a run saves, once all steps are done."""

    name: str
    contents: Any
    #: The class of the artifact task, and its dotted name; ``""`` if none of the entrypoint's plugins has it.
    task: str
    id: str
    args: Mapping[str, Any]
    source: Source

    def uses(self) -> list[str]:
        """Return the names of the steps and artifact inputs that its contents refer to, each once."""
        return list(dict.fromkeys(reference.name for reference in references_in(self.contents) if reference.is_known))

    def as_dict(self) -> dict[str, Any]:
        """Return the artifact as plain data."""
        return {
            "name": self.name, "task": self.task, "id": self.id, "contents": written(self.contents), "args": dict(self.args),
            "after": self.uses(), "source": str(self.source),
        }  # fmt: skip


class Plan(Sequence[Step]):
    """The steps of a run in their order, and what else it takes and gives. Also a sequence of the steps."""

    def __init__(
        self,
        entry: ResolvedEntrypoint,
        name: str,
        steps: Sequence[Step],
        parameters: Mapping[str, Any],
        missing: Sequence[str],
        artifacts: Sequence[SavedArtifact],
        inputs: Mapping[str, tuple[str, ...]],
        warnings: Sequence[str],
    ) -> None:
        #: The entrypoint as the session resolves it for these values; ``None`` in a plan that was pickled.
        self.entry: Any = entry
        #: The name of the entrypoint.
        self.entrypoint = name
        self.steps = tuple(steps)
        #: The values of the parameters that have one.
        self.parameters = dict(parameters)
        #: The parameters without a value.
        self.missing = tuple(missing)
        self.artifacts = tuple(artifacts)
        #: The names of the outputs of each artifact input.
        self.artifact_inputs = dict(inputs)
        self.warnings = tuple(warnings)

    def __getitem__(self, index: Any) -> Any:
        return self.steps[index]

    def __len__(self) -> int:
        return len(self.steps)

    def __getstate__(self) -> dict[str, Any]:
        # The entrypoint belongs to a session, which can't be pickled; an error with its run may have to be.
        return {**self.__dict__, "entry": None}

    def __repr__(self) -> str:
        return f"Plan({self.entrypoint!r}, {[step.name for step in self.steps]})"

    def need_values(self) -> None:
        """Check that each parameter has a value.

        :raises MissingTokensError: some have none; it names all of them.
        """
        if self.missing:
            raise MissingTokensError(self.missing, f"the entrypoint {self.entrypoint!r}")

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain data."""
        return {
            "entrypoint": self.entrypoint,
            "parameters": self.parameters,
            "missing": list(self.missing),
            "steps": [step.as_dict() for step in self.steps],
            "artifacts": [artifact.as_dict() for artifact in self.artifacts],
            "artifact_inputs": {name: list(outputs) for name, outputs in self.artifact_inputs.items()},
            "warnings": list(self.warnings),
        }


def plan(session: Session, name: str, values: Mapping[str, Any] | None = None, *, validate: bool = True) -> Plan:
    """Return what a run of an entrypoint would do. A parameter without a value stays a reference.

    The order is that of Python's ``graphlib``, as in Dioptra: a step is ready when all steps before it are done, and of those
    that are ready at one time, the one that is written or referred to first comes first.

    :param values: values of the entrypoint's parameters. A text is read as a value of the parameter's type.
    :param validate: whether an entrypoint with mistakes is refused. Steps that can't be read, and circles, always are.
    :raises ArgumentTypeError: *values* is no mapping.
    :raises NoEntrypointError: there is no such entrypoint.
    :raises InvalidGraphError: it has mistakes.
    :raises TokenValueError: a value is none of its parameter's type.
    """
    need_mapping("values", values)
    given = values or {}
    # Conditions of plugins are texts. What is no plain value has none that anybody would write.
    entry = ResolvedEntrypoint(session, name, {key: value for key, value in given.items() if isinstance(value, _PLAIN)})
    form = entry.form
    is_readable = all(isinstance(form[key], Mapping) for key in ("graph", "artifact_outputs"))
    issues = [issue for issue in problems_of(entry) if issue.level == "error"] if validate or not is_readable else []
    if issues:
        raise InvalidGraphError(name, issues)
    parameters, missing, warnings = _parameters(entry, given, name)
    names = _Names(parameters, missing, form["graph"], form["artifact_inputs"])
    read: dict[str, WrittenStep] = {}
    for step_name, step in form["graph"].items():
        try:
            read[step_name] = read_step(step)
        except BadStep as error:
            where = entry.source_of(("graph", step_name, *error.where))
            issues.append(Problem(where, str(error), "error", error.code, error.expected, error.found))
    for artifact_name, item in form["artifact_outputs"].items():
        if not _is_artifact(artifact_name, item):
            expected = "an artifact output: 'contents', and a 'task' with a 'name' and 'args'"
            where = entry.source_of(("artifact_outputs", artifact_name))
            issues.append(Problem(where, f"expected {expected}, found something else", "error", "type", expected, "something else"))
    if issues:
        raise InvalidGraphError(name, issues)
    steps = {key: _step(entry, key, step, names) for key, step in read.items()}
    order = _order(entry, name, steps)
    artifacts = [_artifact(entry, key, item, names) for key, item in form["artifact_outputs"].items()]
    inputs = {key: output_names(item) for key, item in form["artifact_inputs"].items()}
    return Plan(entry, name, [steps[key] for key in order], parameters, missing, artifacts, inputs, warnings)


class _Names:
    """What the references of a graph can mean."""

    def __init__(self, parameters: Mapping[str, Any], missing: Sequence[str], *givers: Mapping[str, Any]) -> None:
        self.parameters = parameters
        self.missing = missing
        self.givers = {name for giver in givers for name in giver}

    def resolved(self, value: Any) -> Any:
        """Return a value with the parameters put in; what steps and artifact inputs give becomes a :class:`Reference`."""
        if isinstance(value, str):
            reference = reference_in(value)
            return self._found(reference) if reference else plain_text(value)
        if isinstance(value, Mapping):
            return {key: self.resolved(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.resolved(item) for item in value]
        return value

    def _found(self, reference: str) -> Any:
        if reference in self.parameters:
            return self.parameters[reference]
        if reference in self.missing or reference in self.givers:
            return Reference(reference, is_known=reference in self.givers)
        name, _, output = reference.partition(".")
        return Reference(name, output) if output and name in self.givers else Reference(reference, is_known=False)


def _step(entry: ResolvedEntrypoint, name: str, step: WrittenStep, names: _Names) -> Step:
    args = tuple(names.resolved(argument.value) for argument in step.args)
    kwargs = {key: names.resolved(argument.value) for key, argument in step.kwargs.items()}
    before = [reference.name for reference in references_in((*args, kwargs)) if reference.is_known]
    before += [item.name for item in step.after]
    after = tuple(dict.fromkeys(other for other in before if other in entry.form["graph"]))
    task = entry.form["tasks"].get(step.task, {})
    outputs = output_names(task.get("outputs", ()))
    return Step(name, step.task, str(task.get("plugin", "")), args, kwargs, after, entry.source_of(("graph", name)), outputs)


def _order(entry: ResolvedEntrypoint, name: str, steps: Mapping[str, Step]) -> list[str]:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for key, step in steps.items():
        sorter.add(key, *step.after)
    try:
        return list(sorter.static_order())
    except CycleError as error:
        # It names each step behind the one that waits for it.
        circle = " > ".join(reversed(error.args[1]))
        expected = "steps that don't wait for themselves"
        where = entry.source_of(("graph", error.args[1][-1]))
        issue = Problem(where, f"expected {expected}, found {circle}", "error", "step-circle", expected, circle)
        raise InvalidGraphError(name, [issue]) from error


def _is_artifact(name: Any, item: Any) -> bool:
    """Return whether an artifact output can be read at all."""
    task = item.get("task") if isinstance(item, Mapping) else None
    is_task = isinstance(task, Mapping) and isinstance(task.get("name"), str) and isinstance(task.get("args") or {}, Mapping)
    return isinstance(name, str) and is_task and "contents" in item


def _artifact(entry: ResolvedEntrypoint, name: str, item: Mapping[str, Any], names: _Names) -> SavedArtifact:
    task = item["task"]["name"]
    # Arguments of an artifact's task are never references.
    args = item["task"].get("args") or {}
    id = artifact_tasks(entry).get(task, "")
    return SavedArtifact(name, names.resolved(item["contents"]), task, id, args, entry.source_of(("artifact_outputs", name)))


def artifact_tasks(entry: ResolvedEntrypoint) -> dict[str, str]:
    """Return the dotted names of the artifact tasks that an entrypoint may use, by the name of their class."""
    contexts = [entry.artifact_tasks(plugin) for plugin in entry.attached("artifact_plugins")]
    return {name: str(context.data.get("id")) for tasks in contexts for name, context in tasks.items()}


def _parameters(entry: ResolvedEntrypoint, given: Mapping[str, Any], name: str) -> tuple[dict[str, Any], list[str], list[str]]:
    """Return the values of an entrypoint's parameters, the names of those without a value, and warnings.

    :raises TokenValueError: a value is none of its parameter's type.
    """
    types = {item["name"]: item.get("type", "") for _, item in entry.tables("params")}
    known = entry.form["parameters"]
    values: dict[str, Any] = {}
    missing = []
    for parameter, details in known.items():
        if parameter in given:
            values[parameter] = _typed(parameter, types.get(parameter, ""), given[parameter], name)
        elif "default" in details:
            values[parameter] = details["default"]
        else:
            missing.append(parameter)
    unknown = [parameter for parameter in given if parameter not in known]
    warnings = [
        f"The entrypoint {name!r} has no parameter {parameter!r}: its value is left out.{did_you_mean(parameter, known)}"
        for parameter in unknown
    ]
    return values, missing, warnings


def _typed(parameter: str, type: str, value: Any, name: str) -> Any:
    """Return a value of the parameter's type; a text is read as one."""
    words, classes = _VALUES.get(type, ("", ()))
    if isinstance(value, str) and words:
        try:
            read = value_of(type, value)
            if limit := exceeded_limit(read, depth=MAX_NESTING):
                raise ValueError(f"it isn't {limit}")
            return read
        except ValueError as error:
            raise TokenValueError(parameter, value, words, f"the caller of {name!r}") from error
    # For Python, true and false are whole numbers too.
    is_good = isinstance(value, classes) and (type == "boolean" or not isinstance(value, bool))
    if words and not is_good:
        raise TokenValueError(parameter, value, words, f"the caller of {name!r}")
    if limit := exceeded_limit(value, depth=MAX_NESTING):
        raise TokenValueError(parameter, reprlib.repr(value), f"{words} {limit}", f"the caller of {name!r}")
    try:
        return float(value) if type == "float" else value
    except OverflowError as error:
        raise TokenValueError(parameter, reprlib.repr(value), words, f"the caller of {name!r}") from error


def output_names(outputs: Any) -> tuple[str, ...]:
    """Return the names of outputs as the engine's form has them: one as a mapping, several as a list of mappings."""
    items = [outputs] if isinstance(outputs, Mapping) else outputs
    return tuple(name for item in items for name in item)


def references_in(value: Any) -> Iterator[Reference]:
    """Yield every reference in a value, at any depth."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from references_in(item)


def written(value: Any) -> Any:
    """Return a value with each reference as the text that a graph has for it; a text that would be one gets a further ``$``."""
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, Mapping):
        return {key: written(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [written(item) for item in value]
    return f"${value}" if isinstance(value, str) and value.startswith("$") and value != "$" else value
