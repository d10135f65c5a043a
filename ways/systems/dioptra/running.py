"""A run of an entrypoint: its steps by an engine, then its artifacts."""

from __future__ import annotations

import hashlib
import json
import math
import os
import reprlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ways.api import Session
from ways.errors import UntrustedError, WaysError, did_you_mean
from ways.sheets.document import Source
from ways.sources.tempdirs import exclusive, locked_tempdir
from ways.systems.dioptra.failures import (
    ArgumentTypeError,
    ArtifactError,
    PluginCodeError,
    RunInterrupted,
    StepError,
    need_mapping,
    reason_of,
)
from ways.systems.dioptra.files.artifact_rules import wrong_argument
from ways.systems.dioptra.loading import PluginCode, TaskRef, read_code
from ways.systems.dioptra.planning import Plan, Reference, SavedArtifact, Step, artifact_tasks, plan, references_in
from ways.systems.dioptra.work import (
    LoadWork,
    Saved,
    SaveWork,
    StepResult,
    StepWork,
    WorkError,
    content_of,
    files_at,
    named_outputs,
    put,
)
from ways.systems.engine.base import Change, Engine, EngineError, LostWorkError, Ticket, UnsendableError
from ways.systems.engine.serial import SerialEngine
from ways.systems.shared import exceeded_limit
from ways.usercode import Failed, call, call_without_exit

State = Literal["waiting", "running", "done", "failed", "skipped"]
#: Seconds of one wait for an engine, after which a limit of the whole run is looked at.
_SLICE = 1.0
#: Bits of a whole number that is small: Python refuses to write one of more than 4300 digits as a text.
_LONGEST_INTEGER = 4096
#: These say all in words that a person reads.
_PLAIN = (WorkError, LostWorkError, UnsendableError)
#: How the names of the folders begin in which artifacts are made.
_STAGE = ".ways-artifacts-"
#: Seconds to wait for another run that moves its artifacts into the same folder.
_PATIENCE = 60.0
#: The file that lists the artifacts of a run.
MANIFEST = "artifacts.json"


class Artifact(NamedTuple):
    """A file or folder that an artifact task reads, as an artifact input of a run."""

    #: The class of the artifact task; its plugin is one of the entrypoint's.
    task: str
    path: str | os.PathLike[str]


class StepRun(NamedTuple):
    """What became of a step."""

    name: str
    task: str
    state: State
    source: Source
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    #: What is wrong, in words.
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""
        return {
            "name": self.name, "task": self.task, "state": self.state, "source": str(self.source), "seconds": round(self.seconds, 6),
            "warnings": list(self.warnings), "error": self.error,
        }  # fmt: skip


def plain(value: Any) -> Any:
    """Return a value of a step as plain data: as it is if it is small and plain, else in words, as a text of one line."""
    if _is_plain(value) and not exceeded_limit(value, depth=20, values=200, characters=2000):
        return value
    shown = call(call_without_exit, _in_words, value)
    return type.__getattribute__(type(value), "__name__") if isinstance(shown, Failed) else shown


def _in_words(value: Any) -> str:
    shape = getattr(value, "shape", None)
    return f"{type(value).__name__} {shape}" if isinstance(shape, tuple) else reprlib.Repr().repr(value)[:200]


def _is_plain(value: Any) -> bool:
    waiting, seen = [value], 0
    while waiting and seen < 1000:
        item, seen = waiting.pop(), seen + 1
        if type(item) is dict:
            waiting += item.values()
            if not all(type(key) is str for key in item):
                return False
        elif type(item) in (list, tuple):
            waiting += item
        elif type(item) is int and item.bit_length() > _LONGEST_INTEGER:
            return False
        elif type(item) not in (str, int, bool, type(None)) and not (type(item) is float and math.isfinite(item)):
            return False
    return not waiting


class Run:
    """What a run gave so far."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        #: The outputs of each step that is done, by step and by name.
        self.outputs: dict[str, Mapping[str, Any]] = {}
        #: Each step, in the order of the plan.
        self.steps = {step.name: StepRun(step.name, step.task, "waiting", step.source) for step in plan}
        #: The path of each artifact that was saved, below the folder.
        self.files: dict[str, Path] = {}
        self.warnings: list[str] = list(plan.warnings)

    @property
    def entrypoint(self) -> str:
        """The name of the entrypoint."""
        return self.plan.entrypoint

    def __repr__(self) -> str:
        return f"Run({self.entrypoint!r}, {({name: step.state for name, step in self.steps.items()})})"

    def as_dict(self) -> dict[str, Any]:
        """Return the run as plain data, without the outputs: these may be any objects."""
        return {
            "entrypoint": self.entrypoint,
            "parameters": self.plan.parameters,
            "steps": [step.as_dict() for step in self.steps.values()],
            "files": {name: path.as_posix() for name, path in self.files.items()},
            "warnings": list(self.warnings),
        }


#: Is called with the run and the name of a step whenever the state of that step changes.
Report = Callable[[Run, str], object]


def run(
    session: Session,
    name: str,
    values: Mapping[str, Any] | None = None,
    *,
    trust: bool = False,
    folder: str | os.PathLike[str] | None = None,
    artifacts: Mapping[str, Any] | None = None,
    strict: bool = False,
    validate: bool = True,
    plain: bool = False,
    serial: bool = False,
    engine: Engine | None = None,
    timeout: float | None = None,
    report: Report | None = None,
) -> Run:
    """Run an entrypoint: this imports and runs the code of its plugins.

    :param values: values of the entrypoint's parameters. A text is read as a value of the parameter's type.
    :param trust: whether the code of the plugins may run.
    :param folder: where artifacts are saved, once all steps are done. Without it they aren't saved.
    :param artifacts: for each artifact input an :class:`Artifact`, which is read by its task, or the value itself.
    :param strict: whether a task that returns fewer values than it has outputs fails.
    :param validate: whether an entrypoint with mistakes is refused. If not, it runs as far as it goes.
    :param plain: whether plugins are imported by their own names, so that they can import each other.
    :param serial: whether the steps run one after another in the order of the plan, whatever the engine.
    :param engine: what carries out the steps; one after another in this thread, if absent. It stays open.
    :param timeout: seconds that may pass until all is done. A step that runs in this process is not interrupted.
    :param report: is called with the run and the name of a step whenever the state of that step changes.
    :raises ArgumentTypeError: an argument is of the wrong kind, such as an engine that is none.
    :raises NoEntrypointError: there is no such entrypoint.
    :raises InvalidGraphError: it has mistakes.
    :raises MissingTokensError: parameters have no value.
    :raises TokenValueError: a value is none of its parameter's type.
    :raises UntrustedError: *trust* is not given.
    :raises PluginCodeError: the code of a plugin can't be loaded.
    :raises StepError: a step failed.
    :raises ArtifactError: an artifact can't be read or saved.
    :raises EngineError: the engine is lost, or the time is over.
    :raises RunInterrupted: Ctrl-C was pressed (a KeyboardInterrupt).
    """
    need_mapping("artifacts", artifacts)
    if engine is not None and (isinstance(engine, type) or not isinstance(engine, Engine)):
        raise ArgumentTypeError("engine", "an engine, such as dioptra.local() returns", engine)
    if timeout is not None and (not isinstance(timeout, (int, float)) or math.isnan(timeout)):
        raise ArgumentTypeError("timeout", "a number of seconds", timeout)
    if folder is not None and not isinstance(folder, (str, os.PathLike)):
        raise ArgumentTypeError("folder", "a path", folder)
    target = None if folder is None else _absolute(folder)
    planned = plan(session, name, values, validate=validate)
    planned.need_values()
    _check_artifact_names(planned)
    with ExitStack() as stack:
        chosen: Engine = engine if engine is not None else stack.enter_context(closing(SerialEngine()))
        job = _Job(session, Run(planned), chosen, report, strict=strict, serial=serial)
        job.limit = None if timeout is None else time.monotonic() + timeout
        inputs = job.artifact_inputs(artifacts or {})
        stack.callback(job.give_up)
        try:
            job.load_code(trust=trust, plain=plain, inputs=inputs)
            job.run_steps(inputs, stack)
            if target is not None:
                job.save(target, stack)
        except KeyboardInterrupt as error:
            raise job.interrupted() from error
        if folder is not None and call(_absolute, folder) == target:
            job.run.files = {name: Path(folder, path.relative_to(str(target))) for name, path in job.run.files.items()}
        if folder is None and planned.artifacts:
            names = ", ".join(artifact.name for artifact in planned.artifacts)
            job.run.warnings.append(f"No folder was given: these artifacts were not saved: {names}.")
        return job.run


class _Job:
    """One run in progress."""

    def __init__(self, session: Session, run: Run, engine: Engine, report: Report | None, *, strict: bool, serial: bool) -> None:
        self.session = session
        self.run = run
        self.engine = engine
        self.limit: float | None = None
        self._report = report
        self._strict = strict
        self._serial = serial
        self._codes: dict[str, PluginCode] = {}
        self._tickets: dict[Ticket, str] = {}
        #: The work of each step and artifact input.
        self._given: dict[str, Ticket] = {}
        #: When each step began, as far as the engine says it.
        self._began: dict[str, float] = {}

    # --- before anything runs

    def artifact_inputs(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was given for the artifact inputs.

        :raises ArtifactError: one that a step uses was not given, or its file is not there.
        """
        planned = self.run.plan
        known = planned.artifact_inputs
        for name in given:
            if name not in known:
                close = did_you_mean(name, known)
                self.run.warnings.append(f"The entrypoint {planned.entrypoint!r} has no artifact input {name!r}: it is left out.{close}")
        for step, reference in self._uses():
            if reference.name in known and reference.name not in given and reference.name not in self.run.steps:
                name, source = reference.name, step.source
                message = f"the artifact input {name!r} was not given, and {step.name!r} needs it: {name}=TASK:PATH"
                raise ArtifactError(name, source, message)
        for name, value in given.items():
            if isinstance(value, Artifact) and not (isinstance(value.task, str) and isinstance(value.path, (str, os.PathLike))):
                raise ArgumentTypeError(f"the artifact input {name!r}", "Artifact(task, path), a text and a path", tuple(value))
            if isinstance(value, Artifact) and not os.path.exists(value.path):
                raise ArtifactError(name, "", f"the artifact input {name!r}: there is no {os.fspath(value.path)!r}")
        return {name: value for name, value in given.items() if name in known}

    def _uses(self) -> Iterator[tuple[Step | SavedArtifact, Reference]]:
        for step in self.run.plan:
            for reference in step.references():
                yield step, reference
        for artifact in self.run.plan.artifacts:
            for reference in references_in(artifact.contents):
                yield artifact, reference

    def load_code(self, *, trust: bool, plain: bool, inputs: Mapping[str, Any]) -> None:
        """Read the code of all plugins that the run needs, and import each task of it once.

        :raises UntrustedError: it may not run.
        :raises PluginCodeError: it can't be loaded.
        :raises ArtifactError: an artifact has arguments that its task refuses.
        """
        planned = self.run.plan
        needed: list[tuple[str, bool, Source | str]] = [(step.id, False, step.source) for step in planned if step.id]
        needed += [(artifact.id, True, artifact.source) for artifact in planned.artifacts if artifact.id]
        needed += [(self._reader(name, item), True, "") for name, item in inputs.items() if isinstance(item, Artifact)]
        sources: dict[str, Source | str] = {}
        for id, _, source in needed:
            sources.setdefault(id.partition(".")[0], source)
        # A plugin that another one imports is attached too, and no step need call it.
        names = dict.fromkeys([*sources, *(planned.entry.data.get("plugins") or () if plain else ())])
        for name in (name for name in names if name in planned.entry.plugins):
            code = _with_source(sources.get(name, ""), read_code, self.session, planned.entry.plugins[name], plain=plain)
            if not trust:
                path = next(iter(code.paths.values()), code.plugin)
                message = f"the code of the plugin {code.plugin!r} runs only if you trust it: trust=True, or --trust"
                raise UntrustedError(path, message)
            self._codes[code.plugin] = code
        for code in self._codes.values():
            code.install()
        for id, is_artifact, source in needed:
            _with_source(source, self._task(id, is_artifact).load)
        for artifact in (artifact for artifact in planned.artifacts if artifact.id):
            self._check_arguments(artifact)

    def _check_arguments(self, artifact: SavedArtifact) -> None:
        """Check the arguments of an artifact by the rules of its task.

        :raises ArtifactError: one of them breaks a rule, or the task has no usable rules.
        """
        rules = call(call_without_exit, self._task(artifact.id, True).load().validation)
        wrong = f"its validation failed: {rules}" if isinstance(rules, Failed) else wrong_argument(rules, artifact.args)
        if wrong:
            raise ArtifactError(artifact.name, artifact.source, f"the artifact {artifact.name!r} can't be saved: {wrong}")

    def _task(self, id: str, is_artifact: bool = False) -> TaskRef:
        return TaskRef(self._codes[id.partition(".")[0]].name, id, is_artifact)

    def _reader(self, name: str, item: Artifact) -> str:
        """Return the dotted name of the task that reads an artifact input."""
        tasks = artifact_tasks(self.run.plan.entry)
        if item.task not in tasks:
            close = did_you_mean(item.task, tasks)
            message = f"the artifact input {name!r}: none of the entrypoint's artifact plugins has the task {item.task!r}.{close}"
            raise ArtifactError(name, self.run.plan.entry.source_of(("artifact_inputs", name)), message)
        return tasks[item.task]

    # --- while it runs

    def run_steps(self, inputs: Mapping[str, Any], stack: ExitStack) -> None:
        """Run every step.

        :raises StepError: a step failed; nothing else of the run is begun.
        :raises ArtifactError: an artifact input can't be read.
        """
        steps = {step.name: step for step in self.run.plan}
        for name, item in inputs.items():
            if name not in steps:
                self._submit_input(name, item, stack)
        before = ""
        for name, step in steps.items():
            self._submit_step(step, before if self._serial else "")
            before = name
        waiting = set(self._tickets)
        for change in self._changes(waiting):
            name = self._tickets[change.ticket]
            if change.state == "running":
                self._began[name] = time.monotonic()
                if name in steps:
                    self._tell(name, state="running")
                continue
            if change.state == "failed":
                assert change.error is not None
                if change.is_of_engine:
                    raise change.error
                self._fail(name, change.error)
            result: StepResult = change.result
            if name in steps:
                self.run.outputs[name] = result.outputs
                self._tell(name, state="done", seconds=result.seconds, warnings=result.warnings)
            else:
                self.run.warnings += result.warnings

    def _submit_input(self, name: str, item: Any, stack: ExitStack) -> None:
        outputs = self.run.plan.artifact_inputs[name]
        if not isinstance(item, Artifact):
            taken = call(call_without_exit, lambda: named_outputs(item, outputs, strict=self._strict))
            if isinstance(taken, Failed):
                reason = taken.error.message if isinstance(taken.error, WorkError) else reason_of(taken.error)
                raise ArtifactError(name, "", f"the artifact input {name!r}: {reason}", self.run) from taken.error
            values, warnings = taken
            self.run.warnings += warnings
            self._submit(name, _Constant(StepResult(values)), (), ())
            return
        path = Path(item.path).resolve()
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ways-")) if self.engine.shares_disk else ""
        try:
            content = content_of(path.parent, path.name)
        except OSError as error:
            message = f"the artifact input {name!r}: {os.fspath(item.path)!r} can't be read: {error.strerror}"
            raise ArtifactError(name, "", message, self.run) from error
        task = self._task(self._reader(name, item), True)
        self._submit(name, LoadWork(name, task, path.name, content, outputs, folder), (), [self._code_of(task)])

    def _submit_step(self, step: Step, before: str) -> None:
        uses = [name for name in step.uses() if name in self._given]
        task = self._task(step.id) if step.id else None
        work = StepWork(step.name, task, step.args, step.kwargs, tuple(uses), step.outputs, self._strict)
        after = [*work.after, *(name for name in (*step.after, before) if name)]
        self._submit(step.name, work, after, [] if task is None else [self._code_of(task)])

    def _submit(self, name: str, work: Callable[..., Any], after: Sequence[str], packages: Sequence[PluginCode]) -> Ticket:
        before = [self._given[other] for other in dict.fromkeys(after)]
        ticket = self.engine.submit(work, before, packages=packages)
        self._tickets[ticket] = name
        self._given.setdefault(name, ticket)
        return ticket

    def _code_of(self, task: TaskRef) -> PluginCode:
        return self._codes[task.id.partition(".")[0]]

    def _changes(self, waiting: set[Ticket]) -> Iterator[Change]:
        """Yield what becomes of work, until all of it is done.

        :raises EngineError: the time is over.
        """
        while waiting:
            left = _SLICE if self.limit is None else self.limit - time.monotonic()
            if left <= 0:
                names = ", ".join(repr(self._tickets[ticket]) for ticket in self._tickets if ticket in waiting)
                raise EngineError(f"The time for the run is over; not done: {names}.")
            for change in self.engine.wait(waiting, min(left, _SLICE)):
                if change.state != "running":
                    waiting.discard(change.ticket)
                yield change

    def _fail(self, name: str, error: Exception) -> None:
        """Record what became of the steps, and raise what the caller gets."""
        reason = error.message if isinstance(error, _PLAIN) else reason_of(error)
        if name not in self.run.steps:
            message = f"the artifact input {name!r} can't be read: {reason}"
            self._skip()
            raise ArtifactError(name, self.run.plan.entry.source_of(("artifact_inputs", name)), message, self.run) from error
        self._tell(name, state="failed", error=reason, seconds=self._seconds(name))
        self._skip()
        step = self.run.steps[name]
        raise StepError(name, step.task, step.source, reason, self.run) from error

    def interrupted(self) -> RunInterrupted:
        """Record what became of the steps, and return what the caller gets."""
        for name, step in self.run.steps.items():
            if step.state == "running":
                self._tell(name, state="failed", error="interrupted", seconds=self._seconds(name))
        self._skip()
        return RunInterrupted(self.run.entrypoint, self.run)

    def _seconds(self, name: str) -> float:
        """Return how long ago a step began, as far as the engine says when."""
        return time.monotonic() - self._began[name] if name in self._began else 0.0

    def _skip(self) -> None:
        for name, step in self.run.steps.items():
            if step.state in ("waiting", "running"):
                self._tell(name, state="skipped")

    def _tell(self, name: str, **changed: Any) -> None:
        self.run.steps[name] = self.run.steps[name]._replace(**changed)
        if self._report is not None:
            self._report(self.run, name)

    def give_up(self) -> None:
        """Give up what isn't done, and let the engine forget the results."""
        self.engine.cancel(list(self._tickets))

    # --- after all steps

    def save(self, folder: Path, stack: ExitStack) -> None:
        """Save the artifacts, all or none, and a list of them.

        :raises ArtifactError: one of them can't be saved.
        """
        artifacts = {artifact.name: artifact for artifact in self.run.plan.artifacts}
        if not artifacts:
            return
        try:
            os.makedirs(folder, exist_ok=True)
            # In the folder itself: what is whole is then moved, and not copied.
            stage = Path(stack.enter_context(locked_tempdir(str(folder), _STAGE)))
            self._save(artifacts, folder, stage)
        except (OSError, ValueError, RecursionError) as error:
            if isinstance(error, WaysError):
                raise
            reason = getattr(error, "strerror", None) or str(error)
            raise ArtifactError("", "", f"{folder}: artifacts can't be saved here: {reason}", self.run) from error

    def _save(self, artifacts: Mapping[str, SavedArtifact], folder: Path, stage: Path) -> None:
        tickets: dict[Ticket, tuple[SavedArtifact, Path]] = {}
        for number, artifact in enumerate(artifacts.values()):
            place = stage / str(number)
            place.mkdir()
            tickets[self._submit_save(artifact, place)] = artifact, place
        written: dict[str, tuple[Path, str]] = {}
        for change in self._changes(set(tickets)):
            artifact, place = tickets[change.ticket]
            if change.state == "failed":
                assert change.error is not None
                if change.is_of_engine:
                    raise change.error
                self._fail_to_save(artifact, change.error)
            if change.state == "done":
                saved: Saved = change.result
                put(place, saved.content)
                written[artifact.name] = place, saved.path
        left = _PATIENCE if self.limit is None else max(0.0, min(_PATIENCE, self.limit - time.monotonic()))
        # Of two runs that save here at once, the list of one must not stand beside the files of the other.
        with exclusive(str(folder), left) as is_exclusive:
            if is_exclusive is False:
                raise ArtifactError("", "", f"{folder}: artifacts can't be saved here: another run is saving here", self.run)
            self._move({name: written[name] for name in artifacts}, folder, stage)

    def _submit_save(self, artifact: SavedArtifact, place: Path) -> Ticket:
        if not artifact.id:
            message = f"the artifact {artifact.name!r}: none of the entrypoint's artifact plugins has the task {artifact.task!r}"
            raise ArtifactError(artifact.name, artifact.source, message, self.run)
        task = self._task(artifact.id, True)
        uses = tuple(name for name in artifact.uses() if name in self._given)
        folder = str(place) if self.engine.shares_disk else ""
        work = SaveWork(artifact.name, task, artifact.contents, artifact.args, uses, folder)
        ticket = self.engine.submit(work, [self._given[name] for name in uses], packages=[self._code_of(task)])
        self._tickets[ticket] = artifact.name
        return ticket

    def _fail_to_save(self, artifact: SavedArtifact, error: Exception) -> None:
        reason = error.message if isinstance(error, _PLAIN) else reason_of(error)
        message = f"the artifact {artifact.name!r} can't be saved: {reason}"
        raise ArtifactError(artifact.name, artifact.source, message, self.run) from error

    def _move(self, written: Mapping[str, tuple[Path, str]], folder: Path, stage: Path) -> None:
        """Put what was written in its place, and the list of it beside."""
        if (folder / MANIFEST).is_dir():
            raise ArtifactError("", "", f"{folder / MANIFEST}: can't be saved: a folder has this name", self.run)
        sources = {artifact.name: artifact for artifact in self.run.plan.artifacts}
        taken: dict[str, str] = {MANIFEST: "the list of artifacts"}
        rows = []
        for name, (place, path) in written.items():
            artifact = sources[name]
            top = path.partition("/")[0]
            if top in taken:
                message = f"the artifact {name!r} is written to {top!r}, as is {taken[top]}"
                raise ArtifactError(name, artifact.source, message, self.run)
            taken[top] = repr(name)
            target = folder / top
            if target.is_dir() or ((place / top).is_dir() and os.path.lexists(target)):
                message = f"the artifact {name!r} can't be saved: {str(target)!r} is there already, and would be replaced"
                raise ArtifactError(name, artifact.source, message, self.run)
            rows.append({"name": name, "task": artifact.task, "path": path, "sha256": _sha256(place / path)})
        (stage / MANIFEST).write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
        moves = [(place / path.partition("/")[0], folder / path.partition("/")[0]) for place, path in written.values()]
        for source, target in (*moves, (stage / MANIFEST, folder / MANIFEST)):
            os.replace(source, target)
        self.run.files.update({name: folder / path for name, (_, path) in written.items()})


@dataclass(frozen=True)
class _Constant:
    """Work that gives what is known."""

    result: StepResult

    def __call__(self) -> StepResult:
        return self.result


def _absolute(folder: str | os.PathLike[str]) -> Path:
    """Return the folder for artifacts as seen from everywhere: a task may go to another one.

    :raises ArtifactError: it is below the current folder, and that one is gone.
    """
    try:
        return Path(os.path.abspath(folder))
    except OSError as error:
        raise ArtifactError("", "", f"{os.fspath(folder)}: artifacts can't be saved here: {error.strerror}") from error


def _check_artifact_names(planned: Plan) -> None:
    """Check that each artifact's name is one part of a path.

    :raises ArtifactError: one isn't.
    """
    for artifact in planned.artifacts:
        name = artifact.name
        if name in ("", ".", "..") or not {"/", "\\", "\0"}.isdisjoint(name):
            raise ArtifactError(name, artifact.source, f"the name of the artifact {name!r} must be one part of a path")


def _with_source(source: Source | str, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Return what a function returns; a fault of a plugin's code says which step needs it."""
    try:
        return function(*arguments, **named)
    except PluginCodeError as error:
        error.needed_at(source)
        raise


def _sha256(path: Path) -> str:
    """Return the digest of a file, or of the names and contents of the files in a folder."""
    digest = hashlib.sha256()
    for item in files_at(path):
        if item != path:
            digest.update(f"{item.relative_to(path).as_posix()}\0{item.stat().st_size}\0".encode("utf-8", "surrogateescape"))
        with open(item, "rb") as file:
            shutil.copyfileobj(file, _Into(digest))
    return digest.hexdigest()


class _Into:
    """A file that adds what is written to a digest."""

    def __init__(self, digest: Any) -> None:
        self._digest = digest

    def write(self, data: bytes) -> int:
        """Add the data."""
        self._digest.update(data)
        return len(data)
