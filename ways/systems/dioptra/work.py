"""The pieces of work of a run, which an engine carries out here or elsewhere: a step, and an artifact read or saved.

Each can be pickled as long as its values can: it names code by digest, and doesn't hold it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from ways.errors import WaysError, counted
from ways.sheets.schema import kind
from ways.systems.dioptra.loading import TaskRef
from ways.systems.dioptra.planning import Reference


class WorkError(WaysError, ValueError):
    """A step or an artifact fails by itself, and not in the code of its plugin."""


class StepResult(NamedTuple):
    """What a step gave."""

    outputs: Mapping[str, Any]
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class StepWork:
    """Calls the task of a step with its arguments; called with the results of ``after``.

    :raises WorkError: a reference leads nowhere, or the value can't be taken apart.
    """

    name: str
    task: TaskRef | None
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    #: The steps and artifact inputs that the arguments refer to.
    after: tuple[str, ...]
    outputs: tuple[str, ...]
    strict: bool = False

    def __call__(self, *results: StepResult) -> StepResult:
        if self.task is None:
            raise WorkError("none of the entrypoint's plugins has this task")
        given = dict(zip(self.after, results))
        args = [resolved(value, given) for value in self.args]
        kwargs = {name: resolved(value, given) for name, value in self.kwargs.items()}
        function = self.task.load()
        began = time.perf_counter()
        value = self.task.call(function, *args, **kwargs)
        # A generator runs only now.
        outputs, warnings = self.task.call(named_outputs, value, self.outputs, strict=self.strict)
        return StepResult(outputs, warnings, time.perf_counter() - began)


@dataclass(frozen=True)
class LoadWork:
    """Reads an artifact input by its task. What it reads is a copy, as a task may write where it should read."""

    name: str
    task: TaskRef
    #: The name of the file or folder, and its content as :func:`content_of` has it.
    file: str
    content: Mapping[str, bytes]
    outputs: tuple[str, ...]
    #: The folder for the copy; a temporary one, which is gone after, if absent.
    folder: str = ""

    def __call__(self) -> StepResult:
        task = self.task.load()
        began = time.perf_counter()
        if self.folder:
            return self._read(task, Path(self.folder), began)
        with tempfile.TemporaryDirectory() as folder:
            return self._read(task, Path(folder), began)

    def _read(self, task: Any, folder: Path, began: float) -> StepResult:
        put(folder, self.content)
        value = self.task.call(task.deserialize, folder, self.file)
        outputs, warnings = self.task.call(named_outputs, value, self.outputs)
        return StepResult(outputs, warnings, time.perf_counter() - began)


class Saved(NamedTuple):
    """An artifact that was written: its path below the folder it was written to, and its content if that folder is gone."""

    path: str
    content: Mapping[str, bytes]


@dataclass(frozen=True)
class SaveWork:
    """Writes an artifact by its task; called with the results of ``after``.

    :raises WorkError: the task doesn't write below the folder.
    """

    name: str
    task: TaskRef
    contents: Any
    args: Mapping[str, Any]
    after: tuple[str, ...]
    #: The empty folder to write to; a temporary one, of which the content is returned, if absent.
    folder: str = ""

    def __call__(self, *results: StepResult) -> Saved:
        contents = resolved(self.contents, dict(zip(self.after, results)))
        task = self.task.load()
        if self.folder:
            return Saved(self._write(task, Path(self.folder), contents), {})
        with tempfile.TemporaryDirectory() as folder:
            path = self._write(task, Path(folder), contents)
            return Saved(path, content_of(Path(folder), path))

    def _write(self, task: Any, folder: Path, contents: Any) -> str:
        # A task may give a relative path back, which is then one from here.
        top = folder.resolve()
        written = self.task.call(task.serialize, top, self.name, contents, **self.args)
        if not isinstance(written, (str, Path)):
            raise WorkError(f"its task must return the path that it wrote, and returned {kind(written)}")
        # A class of texts may have methods of its own.
        written = str.__str__(written) if isinstance(written, str) else written
        path = (top / written).resolve()
        if top not in path.parents:
            raise WorkError(f"its task wrote outside the folder: {str(written)!r}")
        if not path.exists():
            raise WorkError(f"its task returned {path.name!r}, and wrote no such file")
        if links := [item.name for item in path.rglob("*") if item.is_symlink()]:
            raise WorkError(f"its task wrote a link, which may lead outside the folder: {links[0]!r}")
        if others := [item.name for item in (path, *path.rglob("*")) if not item.is_file() and not item.is_dir()]:
            raise WorkError(f"its task wrote what is no file and no folder: {others[0]!r}")
        return path.relative_to(top).as_posix()


def resolved(value: Any, results: Mapping[str, StepResult]) -> Any:
    """Return a value with every reference replaced by what it refers to, which is passed as it is.

    :raises WorkError: a reference leads nowhere.
    """
    if isinstance(value, Reference):
        return _referred(value, results)
    if isinstance(value, dict):
        return {key: resolved(item, results) for key, item in value.items()} if _has_reference(value) else value
    if isinstance(value, (list, tuple)) and _has_reference(value):
        return [resolved(item, results) for item in value]
    return value


def _has_reference(value: Any) -> bool:
    if isinstance(value, Reference):
        return True
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return any(map(_has_reference, items))


def _referred(reference: Reference, results: Mapping[str, StepResult]) -> Any:
    if reference.name not in results:
        raise WorkError(f"'{reference}' refers to nothing that has a value")
    outputs = results[reference.name].outputs
    if reference.output:
        if reference.output not in outputs:
            has = f"it has {', '.join(map(repr, outputs))}" if outputs else "it has none"
            raise WorkError(f"'{reference}': {reference.name!r} has no output {reference.output!r}; {has}")
        return outputs[reference.output]
    if len(outputs) != 1:
        raise WorkError(f"'{reference}': {reference.name!r} has {len(outputs)} outputs; name one as ${reference.name}.OUTPUT")
    return next(iter(outputs.values()))


def named_outputs(value: Any, names: Sequence[str], *, strict: bool = False) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the outputs of a task by name, and warnings: one output takes the whole value, several take its items.

    :param strict: whether too few items are an error.
    :raises WorkError: the value has no items.
    """
    if len(names) < 2:
        return dict.fromkeys(names, value), ()
    try:
        items = iter(value)
    except TypeError:
        raise WorkError(f"the task returned {kind(value)}, where {len(names)} values are expected: {', '.join(names)}") from None
    taken = list(islice(items, len(names)))
    outputs = dict(zip(names, taken))
    warnings = []
    if isinstance(value, (str, bytes, Mapping)):
        what = "keys" if isinstance(value, Mapping) else "characters"
        warnings.append(f"The task returned {kind(value)}, where {len(names)} values are expected: its {what} were taken.")
    surplus = len(value) - len(taken) if hasattr(value, "__len__") else 0
    if surplus > 0:
        warnings.append(f"The task returned {len(value)} values, where {len(names)} are expected: the others were dropped.")
    if len(taken) < len(names):
        missing = ", ".join(names[len(taken) :])
        message = f"The task returned {counted(len(taken), 'value')}, where {len(names)} are expected: there is no {missing}."
        if strict:
            raise WorkError(message)
        warnings.append(message)
    return outputs, tuple(warnings)


def content_of(folder: Path, path: str) -> dict[str, bytes]:
    """Return the bytes of a file, or of each file in a folder, by path below *folder*. A link is no file."""
    return {item.relative_to(folder).as_posix(): item.read_bytes() for item in files_at(folder / path)}


def files_at(path: Path) -> Iterator[Path]:
    """Yield a file, or each file in a folder, sorted. A link is no file."""
    if path.is_symlink():
        return
    if path.is_dir():
        for item in sorted(path.iterdir()):
            yield from files_at(item)
    elif path.is_file():
        yield path


def put(folder: Path, content: Mapping[str, bytes]) -> None:
    """Write files below a folder."""
    for name, data in content.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
