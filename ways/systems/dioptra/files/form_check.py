"""What is wrong with the description of an entrypoint that Dioptra's engine reads: its tasks, types, parameters and graph."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ways.errors import counted
from ways.sheets.document import Pointer, Source
from ways.sheets.schema import kind
from ways.systems.dioptra.files.artifact_rules import wrong_argument
from ways.systems.dioptra.files.fits import MAX_QUESTIONS, Types, type_of
from ways.systems.dioptra.files.resource import MAX_NESTING, MAX_PROBLEMS, MAX_VALUES
from ways.systems.dioptra.files.steps import BadStep, Step, read_step, reference_in
from ways.systems.dioptra.files.types import Type, check_type, types_of_form
from ways.systems.shared import Fault, Problems, circles, exceeded_limit

#: The keys of the description.
KEYS = ("types", "parameters", "tasks", "artifact_inputs", "graph", "artifact_outputs")
#: The type of what can't be known, for what is wrong was reported already. It fits everything, and no type has this name.
_UNKNOWN = ""


class Input(NamedTuple):
    """An input of a task."""

    name: str
    type: Type
    is_required: bool


class FormTask(NamedTuple):
    """A task of the description."""

    inputs: tuple[Input, ...]
    #: The type of each output.
    outputs: Mapping[str, Type]


def check_form(
    form: Mapping[str, Any], *, artifact_tasks: Mapping[str, Mapping[str, Any]] | None = None, has_all_tasks: bool = True
) -> list[Fault]:
    """Return what is wrong with the description of an entrypoint. The pointer of each fault's source starts from *form*.

    What Dioptra's own validation refuses is an error. Artifact outputs, all of which it refuses as delivered, are judged as
    the documentation of Dioptra describes them.

    :param artifact_tasks: the tasks that may save artifacts, by name, each with the rules for its arguments: a JSON Schema for
        some of them. Of ``None``, any may.
    :param has_all_tasks: whether a step may call only what is among the tasks. If not, nothing is said about other steps.
    """
    problems = Problems(Source(""), is_strict=True, most=MAX_PROBLEMS)
    if not isinstance(form, Mapping):
        problems.add_mismatch("type", "a block of keys", kind(form))
    elif limit := exceeded_limit(form, depth=MAX_NESTING + 5, values=MAX_VALUES * 2):
        problems.add_mismatch("too-much", f"an entrypoint {limit}", "more, with all that aliases stand for")
    else:
        _FormCheck(form, problems, artifact_tasks, has_all_tasks).run()
    return problems.faults


def helped(
    faults: Iterable[Fault], functions: Mapping[str, Collection[str]], artifacts: Mapping[str, Collection[str]]
) -> list[Fault]:
    """Return faults, with help for each unknown task that a plugin has which isn't one of the entrypoint's.

    :param functions: the names of the function tasks of each plugin, by its name, and
    :param artifacts: those of its artifact tasks.
    """
    return [fault._replace(help=_help_for_task(fault, functions, artifacts) or fault.help) for fault in faults]


def _help_for_task(fault: Fault, functions: Mapping[str, Collection[str]], artifacts: Mapping[str, Collection[str]]) -> str:
    if fault.code != "unknown-task":
        return ""
    is_artifact = fault.source.pointer[:1] == ("artifact_outputs",)
    plugins, key = (artifacts, "artifact_plugins") if is_artifact else (functions, "plugins")
    name = next((name for name, tasks in plugins.items() if fault.found in map(repr, tasks)), "")
    return f"The plugin {name!r} has it: add {name!r} to the {key!r} of the entrypoint." if name else ""


class _FormCheck:
    """Checks one description, part by part: each part reports what is wrong in it, and is used by those after it."""

    def __init__(
        self, form: Mapping[str, Any], problems: Problems, artifact_tasks: Mapping[str, Mapping[str, Any]] | None, has_all_tasks: bool
    ) -> None:
        self.form = form
        self.problems = problems
        self.artifact_tasks = artifact_tasks
        self.has_all_tasks = has_all_tasks and isinstance(form.get("tasks"), Mapping)
        #: Whether everything that can be referred to is readable at all.
        self.has_all_names = bool(form.get("graph")) and all(
            isinstance(form.get(key, {}), Mapping) for key in ("graph", "parameters", "artifact_inputs")
        )
        self.type_names: Mapping[str, Any] = {}
        #: ``None`` if the types themselves are wrong, so that nothing can be said about what fits.
        self.types: Types | None = None
        self.parameters: dict[str, Type] = {}
        #: ``None`` for a task that is described wrongly.
        self.tasks: dict[str, FormTask | None] = {}
        self.artifact_inputs: dict[str, Mapping[str, Type]] = {}
        #: ``None`` for a step that can't be read.
        self.steps: dict[str, Step | None] = {}

    def run(self) -> None:
        """Report everything."""
        for key in self.form:
            if key not in KEYS:
                self.problems.add_unknown_key((key,), KEYS)
        self._read_types()
        self._read_tasks()
        self._read_parameters()
        for name, written in self._named("artifact_inputs", "an artifact input"):
            self.artifact_inputs[name] = self._outputs(written, ("artifact_inputs", name)) or {}
        self._read_steps()
        for name, step in self.steps.items():
            if step is not None:
                self._check_call(name, step)
        self._check_circles()
        self._check_artifact_outputs()
        if self.types is not None and self.types.questions_left <= 0:
            expected = f"types that take at most {MAX_QUESTIONS} steps to compare"
            self.problems.add_mismatch("too-much", expected, "more: not all arguments are checked", ("types",))

    def _named(self, key: str, what: str) -> Iterator[tuple[str, Any]]:
        """Yield names and values of a part whose names are texts."""
        written = self.form.get(key)
        if key in ("tasks", "graph") and key not in self.form:
            self.problems.add_mismatch("missing-key", f"the key {key!r}", "none")
        elif not isinstance(written, Mapping) and key in self.form:
            code = "bad-graph" if key == "graph" else "type"
            self.problems.add_mismatch(code, f"a block of keys, each with the name of {what}", kind(written), (key,))
        for name, value in written.items() if isinstance(written, Mapping) else ():
            if isinstance(name, str) and name.strip():
                yield name, value
            else:
                self.problems.add_mismatch("bad-name", f"a text as the name of {what}", repr(name), (key, name))

    # --- types, tasks and parameters

    def _read_types(self) -> None:
        written = self.form.get("types")
        if written is not None and not isinstance(written, Mapping):
            self.problems.add_mismatch("type", "a block of keys, each with the name of a type", kind(written), ("types",))
            return
        declared = types_of_form(written or {}, ("types",), self.problems)
        self.type_names = dict.fromkeys(item.name for item in declared)
        if not any(fault.level == "error" for fault in self.problems.faults):
            self.types = Types({item.name: item.definition for item in declared if item.definition is not None})

    def _type(self, written: Any, where: Pointer) -> Type:
        """Return the type that *written* names; report a name that no type has."""
        if not isinstance(written, str):
            self.problems.add_mismatch("type", "the name of a type", kind(written), where)
            return _UNKNOWN
        check_type(written, where, self.type_names, self.problems)
        return written

    def _read_tasks(self) -> None:
        for name, written in self._named("tasks", "a task"):
            where: Pointer = ("tasks", name)
            self.tasks[name] = None
            if not isinstance(written, Mapping):
                self.problems.add_mismatch("type", "a block of keys with the 'plugin' of a task", kind(written), where)
                continue
            for key in written:
                if key not in ("plugin", "inputs", "outputs"):
                    self.problems.add_unknown_key((*where, key), ("plugin", "inputs", "outputs"))
            self._check_id(written.get("plugin"), (*where, "plugin"))
            inputs = self._inputs(written.get("inputs", []), (*where, "inputs"))
            outputs = self._outputs(written.get("outputs", []), (*where, "outputs"))
            self.tasks[name] = None if inputs is None or outputs is None else FormTask(inputs, outputs)

    def _check_id(self, written: Any, where: Pointer) -> None:
        expected = "the dotted name of a function"
        if not isinstance(written, str):
            self.problems.add_mismatch("type", expected, kind(written), where)
        elif "." not in written or not all(written.split(".")):
            self.problems.add_mismatch("bad-value", f"{expected}, such as 'plugin.module.function'", repr(written), where)

    def _inputs(self, written: Any, where: Pointer) -> tuple[Input, ...] | None:
        if not isinstance(written, (list, tuple)):
            self.problems.add_mismatch("type", "a list of inputs", kind(written), where)
            return None
        inputs: dict[str, Input] = {}
        for index, item in enumerate(written):
            at = (*where, index)
            if isinstance(item, Mapping) and "name" in item:
                for key in item:
                    if key not in ("name", "type", "required"):
                        self.problems.add_unknown_key((*at, key), ("name", "type", "required"))
                name, type, is_required = item["name"], item.get("type"), item.get("required", True)
                type_at = (*at, "type")
            elif isinstance(item, Mapping) and len(item) == 1:
                ((name, type),) = item.items()
                is_required, type_at = True, (*at, name)
            else:
                self.problems.add_mismatch("type", "one input: its name and its type", kind(item), at)
                return None
            if not isinstance(name, str):
                self.problems.add_mismatch("type", "a text as the name of an input", kind(name), at)
                return None
            if not isinstance(is_required, bool):
                self.problems.add_mismatch("type", "true or false", kind(is_required), (*at, "required"))
            if name in inputs:
                self.problems.add_mismatch("duplicate-name", "each input once", f"{name!r} again", at)
            inputs[name] = Input(name, self._type(type, type_at), bool(is_required))
        return tuple(inputs.values())

    def _outputs(self, written: Any, where: Pointer) -> dict[str, Type] | None:
        """Return the outputs of a task or an artifact input: one as a block, or a list of such blocks."""
        items = [(where, written)] if isinstance(written, Mapping) else []
        if isinstance(written, (list, tuple)):
            items = [((*where, index), item) for index, item in enumerate(written)]
        elif not items:
            self.problems.add_mismatch("type", "an output with its type, or a list of them", kind(written), where)
            return None
        outputs: dict[str, Type] = {}
        for at, item in items:
            if not isinstance(item, Mapping) or len(item) != 1 or not isinstance(next(iter(item)), str):
                self.problems.add_mismatch("type", "one output: its name and its type", kind(item), at)
                return None
            ((name, type),) = item.items()
            if name in outputs:
                self.problems.add_mismatch("duplicate-name", "each output once", f"{name!r} again", at)
            outputs[name] = self._type(type, (*at, name))
        return outputs

    def _read_parameters(self) -> None:
        for name, written in self._named("parameters", "a parameter"):
            where: Pointer = ("parameters", name)
            if "." in name:
                self.problems.add_mismatch("bad-name", "a text without dots as the name of a parameter", repr(name), where)
            has_default, default, default_at = True, written, where
            type: Type | None = None
            if isinstance(written, Mapping):
                for key in written:
                    if key not in ("type", "default"):
                        self.problems.add_unknown_key((*where, key), ("type", "default"))
                type = self._type(written["type"], (*where, "type")) if "type" in written else None
                has_default, default, default_at = "default" in written, written.get("default"), (*where, "default")
            found = type_of(default) if has_default else _UNKNOWN
            self.parameters[name] = found if type is None else type
            if type is not None and has_default:
                self._check_fit(found, type, f"the parameter {name!r}", default_at)

    def _check_fit(self, found: Type, expected: Type, what: str, where: Pointer, help: str = "") -> None:
        if self.types is not None and not self.types.fits(found, expected):
            expected_text = f"{self.types.shown(expected)} for {what}"
            self.problems.add_mismatch("wrong-type", expected_text, self.types.shown(found), where, help=help)

    # --- steps

    def _read_steps(self) -> None:
        if self.form.get("graph") == {}:
            self.problems.add_mismatch("bad-graph", "a block of steps, each with its name", "none", ("graph",))
        for name, written in self._named("graph", "a step"):
            where: Pointer = ("graph", name)
            self.steps[name] = None
            if "." in name:
                self.problems.add_mismatch("bad-name", "a text without dots as the name of a step", repr(name), where)
            elif name in self.parameters:
                found = f"{name!r}, which is a parameter as well"
                self.problems.add_mismatch("duplicate-name", "a name for the step that no parameter has", found, where)
            try:
                self.steps[name] = read_step(written)
            except BadStep as error:
                self.problems.add_mismatch(error.code, error.expected, error.found, (*where, *error.where))

    def _check_call(self, name: str, step: Step) -> None:
        """Report what is wrong with the task of a step, its arguments, and what it waits for."""
        where: Pointer = ("graph", name)
        for step_name, at in step.after:
            if step_name not in self.steps:
                help = self.problems.did_you_mean(step_name, self.steps)
                self.problems.add_mismatch("unknown-step", "the name of a step", repr(step_name), (*where, *at), help=help)
        for reference, at in step.references():
            self._check_reference(reference, (*where, *at))
        if step.task not in self.tasks:
            if self.has_all_tasks:
                help = _help_for_swap(step) or self.problems.did_you_mean(step.task, self.tasks)
                expected = "a task of the entrypoint's plugins"
                self.problems.add_mismatch("unknown-task", expected, repr(step.task), (*where, *step.task_at), help=help)
        elif (task := self.tasks[step.task]) is not None:
            self._check_arguments(where, step, task.inputs)

    def _check_arguments(self, where: Pointer, step: Step, inputs: tuple[Input, ...]) -> None:
        by_name = {item.name: item for item in inputs}
        given = dict(zip(by_name, step.args))
        for argument in step.args[len(inputs) :]:
            most = f"at most {counted(len(inputs), 'argument')}" if inputs else "no arguments"
            expected, found = f"{most} for the task {step.task!r}", str(len(step.args))
            self.problems.add_mismatch("surplus-argument", expected, found, (*where, *argument.pointer))
            break
        for name, argument in step.kwargs.items():
            at = (*where, *argument.pointer)
            if name not in by_name:
                help = self.problems.did_you_mean(name, by_name) if isinstance(name, str) else ""
                expected = f"an input of the task {step.task!r}: {', '.join(by_name) or 'it has none'}"
                self.problems.add_mismatch("unknown-argument", expected, repr(name), at, help=help)
            elif name in given:
                found = f"{name!r} among 'args' and 'kwargs'"
                self.problems.add_mismatch("duplicate-argument", f"each input of the task {step.task!r} once", found, at)
            else:
                given[name] = argument
        missing = [item.name for item in inputs if item.is_required and item.name not in given]
        if missing:
            expected = f"all required inputs of the task {step.task!r}"
            found = f"no {', '.join(map(repr, missing))}"
            self.problems.add_mismatch("missing-argument", expected, found, (*where, *step.task_at))
        for name, argument in given.items():
            found_type = type_of(argument.value, self._type_of_reference)
            what = f"the input {name!r} of the task {step.task!r}"
            help = _help_for_value(argument.value, by_name[name].type)
            self._check_fit(found_type, by_name[name].type, what, (*where, *argument.pointer), help)

    def _check_circles(self) -> None:
        waits = {name: self._waits_for(step) for name, step in self.steps.items() if step is not None}
        for circle in circles(waits, lambda name: waits.get(name, ())):
            text = " > ".join(circle if len(circle) <= 20 else (*circle[:10], "...", *circle[-10:]))
            self.problems.add_mismatch("step-circle", "steps that don't wait for themselves", text, ("graph", circle[0]))

    def _waits_for(self, step: Step) -> tuple[str, ...]:
        """Return the steps that come before a step, each once."""
        names = [self._place_of(reference)[0] for reference, _ in step.references()]
        return tuple(dict.fromkeys(name for name in (*names, *(item.name for item in step.after)) if name in self.steps))

    # --- references

    def _place_of(self, reference: str) -> tuple[str, str | None]:
        """Return the name of the step or artifact input that has what is referred to, and the output, if it is named.

        The name is empty for a parameter.
        """
        name, dot, output = reference.partition(".")
        return ("", None) if not dot and name in self.parameters else (name, output if dot else None)

    def _outputs_of(self, name: str) -> Mapping[str, Type] | None:
        """Return the outputs of a step or an artifact input; ``None`` if they can't be known."""
        if name not in self.steps:
            return self.artifact_inputs.get(name)
        step = self.steps[name]
        task = None if step is None else self.tasks.get(step.task)
        return None if task is None else task.outputs

    def _type_of_reference(self, reference: str) -> Type:
        name, output = self._place_of(reference)
        if not name:
            return self.parameters.get(reference, _UNKNOWN)
        outputs = self._outputs_of(name) or {}
        if output is None:
            return next(iter(outputs.values())) if len(outputs) == 1 else _UNKNOWN
        return outputs.get(output, _UNKNOWN)

    def _check_reference(self, reference: str, where: Pointer) -> None:
        """Report a reference to nothing, or to something that hasn't exactly one value."""
        name, output = self._place_of(reference)
        if not name and reference in self.parameters:
            return
        found = f"'${reference}'"
        if name not in self.steps and name not in self.artifact_inputs:
            if output is not None and name in self.parameters:
                expected, help = "a parameter without an output", f"Write '${name}'."
                self.problems.add_mismatch("bad-reference", expected, found, where, help=help)
                return
            if not self.has_all_names:
                return
            known = [*self.parameters, *self.steps, *self.artifact_inputs]
            help = self.problems.did_you_mean(name, known).replace("'", "'$", 1)
            self.problems.add_mismatch("unknown-reference", "a parameter, a step or an artifact input", found, where, help=help)
            return
        outputs = self._outputs_of(name)
        if outputs is None:
            return
        if not outputs:
            self.problems.add_mismatch("bad-reference", "a step whose task has an output", found, where)
        elif output is None and len(outputs) > 1:
            expected = f"one of {', '.join(f'${name}.{item}' for item in outputs)}"
            self.problems.add_mismatch("bad-reference", expected, found, where)
        elif output is not None and output not in outputs:
            help = self.problems.did_you_mean(output, outputs)
            expected = f"an output of {name!r}: {', '.join(outputs)}"
            self.problems.add_mismatch("unknown-output", expected, found, where, help=help)

    # --- artifact outputs

    def _check_artifact_outputs(self) -> None:
        for name, item in self._named("artifact_outputs", "an artifact output"):
            where: Pointer = ("artifact_outputs", name)
            if name in (".", "..") or not {"/", "\\", "\0"}.isdisjoint(name):
                self.problems.add_mismatch("bad-name", "a name that is one part of a path", repr(name), where)
            if not isinstance(item, Mapping):
                self.problems.add_mismatch("type", "a block of keys with 'contents' and 'task'", kind(item), where)
                continue
            for key in item:
                if key not in ("contents", "task"):
                    self.problems.add_unknown_key((*where, key), ("contents", "task"))
            contents = item.get("contents")
            if not isinstance(contents, str):
                self.problems.add_mismatch("type", "a reference or a text", kind(contents), (*where, "contents"))
            elif reference := reference_in(contents):
                self._check_reference(reference, (*where, "contents"))
            self._check_artifact_task(item.get("task"), (*where, "task"))

    def _check_artifact_task(self, task: Any, where: Pointer) -> None:
        if not isinstance(task, Mapping) or not isinstance(task.get("name"), str):
            self.problems.add_mismatch("type", "a block of keys with the 'name' of an artifact task", kind(task), where)
            return
        for key in task:
            if key not in ("name", "args"):
                self.problems.add_unknown_key((*where, key), ("name", "args"))
        if not isinstance(task.get("args", {}), Mapping):
            self.problems.add_mismatch("type", "a block of arguments", kind(task["args"]), (*where, "args"))
        name = task["name"]
        if self.artifact_tasks is not None and name not in self.artifact_tasks:
            help = self.problems.did_you_mean(name, self.artifact_tasks)
            expected = "an artifact task of the entrypoint's plugins"
            self.problems.add_mismatch("unknown-task", expected, repr(name), (*where, "name"), help=help)
        elif self.artifact_tasks is not None and isinstance(args := task.get("args", {}), Mapping):
            for argument, value in args.items():
                if wrong := wrong_argument(self.artifact_tasks[name], {argument: value}):
                    self.problems.add("wrong-type", wrong, (*where, "args", argument))


def _help_for_swap(step: Step) -> str:
    """Return what helps where a step is a swap of several tasks, which the engine of Dioptra 1.1 doesn't know; else ""."""
    if not step.task.startswith("?"):
        return ""
    choices = [name for name in step.kwargs if isinstance(name, str) and not name.startswith("?")]
    one_of = f" of {', '.join(map(repr, choices[:8]))}" if choices else ""
    return f"Dioptra 1.1 has no swaps of tasks: choose one{one_of}, and write its task in place of {step.task!r}."


def _help_for_value(value: Any, expected: Type) -> str:
    """Return what helps where a value was read as another type than it was meant to be; ``""`` if it doesn't look so."""
    if expected == "string" and isinstance(value, (bool, int, float)):
        return "For a text, write it in quotes."
    if expected in ("number", "integer") and isinstance(value, str) and _is_number(value):
        return f"A number has no quotes, and before an exponent a dot: {value!r} is read as a text."
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
