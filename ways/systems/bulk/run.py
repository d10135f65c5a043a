"""A run: the parts of a file by an engine into a folder, and the manifest there, which says what is done."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import Any, NamedTuple

import ways
from ways.api import Resolver
from ways.sources.tempdirs import exclusive, locked_tempdir
from ways.systems.bulk.layout import TEXT, BulkError, Layout, Part, Version
from ways.systems.bulk.work import Form, PartDone, PartWork, SentResolver, module_of
from ways.systems.engine.base import Engine, Ticket
from ways.systems.shared import put_whole
from ways.usercode import said_by

#: Rows of a part: so many are worth the way to another process, and few enough to do again.
ROWS = 50_000
#: Readers of folders of files pass over what begins like this.
MANIFEST = "_manifest.json"
_STAGE = "_making-"
#: Parts that an engine has at a time: more than it does at once, and few enough for any memory.
WINDOW = 256
#: Seconds of one wait for an engine.
_SLICE = 1.0
#: The manifest is written again once so many times the time has passed that it took the last time.
_SELDOM = 20

#: Is told how many rows are done, of how many.
Report = Callable[[int, int], object]
#: Opens an engine for so many parts; it is closed at the end.
OpenEngine = Callable[[int], AbstractContextManager[Engine]]


class Failure(NamedTuple):
    """A part that isn't there, and why."""

    part: str
    #: Its rows: the first, counted from 0, and how many.
    first: int
    rows: int
    error: Exception

    def __str__(self) -> str:
        last = self.first + self.rows
        return f"{self.part} (rows {self.first + 1} to {last}): {type(self.error).__name__}: {said_by(self.error)}"


class Outcome(NamedTuple):
    """What is in the folder at the end of a run."""

    #: The parts that are there, by file name.
    done: Mapping[str, PartDone]
    #: How many of them an earlier run made.
    skipped: int
    failures: tuple[Failure, ...]
    #: The rows of the whole file.
    rows: int


def resolve_file(
    resolver: Resolver,
    form: Form,
    source: str,
    out: str,
    open_engine: OpenEngine,
    *,
    column: str = "",
    rows: int = ROWS,
    report: Report = lambda done, of: None,
) -> Outcome:
    """Resolve the texts of a file into a folder of part files, each with the rows of the file and what their texts are.

    A run that was killed goes on when it is started again. Its part files are the same as if it had not been killed, and the same for
    each engine.

    :param source: the path of a file with a column of texts.
    :param out: the path of the folder, which is made if it isn't there.
    :param open_engine: opens what does the parts, if any is left. It must see both paths.
    :param column: the column; ``text``, or the only one with texts, if empty.
    :param rows: how many a part has.
    :raises BulkError: the file or the folder can't be used, or another run uses it. Nothing was changed.
    :raises MissingExtraError: a package for the form isn't installed.
    :raises OSError: the file can't be read, or the folder not be written.
    :raises EngineError: the engine is lost. What is done stays.
    """
    # Workers may be in other folders, and messages show what was given.
    version, folder = Version.of(os.path.abspath(source)), os.path.realpath(out)
    layout: Layout = module_of(form).layout(source, column, rows)
    columns = _columns(source, layout, resolver)
    with open(source, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    version.need_same()
    head = {
        "ways": ways.__version__,
        "snapshot": resolver.digest,
        "place": resolver.place,
        "strict": resolver.strict,
        "input": {"path": version.path, "size": version.size, "sha256": digest},
        "form": form,
        "column": layout.column,
        "rows_per_part": rows,
        "columns": columns,
    }
    with _own_folder(folder, out) as stage:
        names = {_file_name(part, form): part for part in layout.parts}
        manifest = Manifest(folder, stage, head, names, shown=out)
        works = {
            name: PartWork(SentResolver(resolver).name, form, version, layout._replace(parts=()), part, stage, os.path.join(folder, name))
            for name, part in names.items()
            if name not in manifest.done
        }
        skipped = len(manifest.done)
        failures: tuple[Failure, ...] = ()
        if works:
            with open_engine(len(works)) as engine:
                failures = _Run(manifest, engine, layout.rows, report).carry_out(works, SentResolver(resolver))
        return Outcome(manifest.done, skipped, failures, layout.rows)


def _columns(source: str, layout: Layout, resolver: Resolver) -> list[str]:
    """Return the columns of the part files: those of the input, then those of a table, but for the text.

    :raises BulkError: two have the same name.
    """
    columns = [*layout.names, *(name for name in resolver.columns if name != TEXT)]
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        where = "twice" if layout.names.count(twice[0]) > 1 else "in the file and in the answers"
        raise BulkError(f"{source}: there would be two columns {twice[0]!r}: it is {where}. Rename it, or leave it out.")
    return columns


def _file_name(part: Part, form: Form) -> str:
    return f"part-{part.number:06d}{module_of(form).ENDING}"


@contextmanager
def _own_folder(out: str, shown: str) -> Iterator[str]:
    """Make a folder where there is none, and yield one in it for what isn't whole yet; no other run has the folder meanwhile.

    :param out: its path, without links: links aren't locked.
    :param shown: its path for messages.
    :raises BulkError: it is no folder of a run, or another run has it.
    :raises OSError: it can't be made or written.
    """
    if os.path.lexists(out) and not os.path.isdir(out):
        raise BulkError(f"{shown}: expected a folder for the parts, found a file.")
    os.makedirs(out, exist_ok=True)
    with exclusive(out, 0) as is_exclusive:
        if is_exclusive is False:
            raise BulkError(f"{shown}: another run is writing there.")
        others = [name for name in sorted(os.listdir(out)) if not name.startswith(_STAGE)]
        if others and MANIFEST not in others:
            raise BulkError(f"{shown}: the folder has other things in it, such as {others[0]!r}. Name a new one.")
        with locked_tempdir(out, _STAGE) as stage:
            yield stage


class Manifest:
    """What a folder was made of, and which parts are there: the file ``_manifest.json``."""

    def __init__(self, out: str, stage: str, head: Mapping[str, Any], names: Mapping[str, Part], *, shown: str) -> None:
        """Read it, or write a new one.

        :param head: what the folder is made of.
        :param names: the parts that there are to be.
        :param shown: the path of the folder for messages.
        :raises BulkError: the folder was made of something else.
        :raises OSError: it can't be read or written.
        """
        self.path = os.path.join(out, MANIFEST)
        #: The parts that are there, by file name.
        self.done: dict[str, PartDone] = {}
        self.names = names
        self.head = head
        self._out, self._stage, self._shown = out, stage, shown
        self._took, self._written = 0.0, 0.0
        if os.path.lexists(self.path) and (known := self._known()):
            self.done = {name: done for name, done in known.items() if name in names and self._is_there(name, done)}
        else:
            self.save()

    def _known(self) -> dict[str, PartDone]:
        """Return the parts that the file names; none if it is of something else and there are no parts either.

        :raises BulkError: it isn't as :meth:`save` writes it, or the folder was made of something else.
        """
        with open(self.path, "rb") as file:
            data = file.read()
        try:
            content = json.loads(data)
            parts = {str(name): PartDone(**part) for name, part in content.pop("parts").items()}
            if not {type(number) for done in parts.values() for number in done[:-1]} <= {int}:
                raise ValueError("a part has counts that are no numbers")
            before = {name: content[name] for name in self.head}
            changed = [name for name in self.head if _compared(before[name]) != _compared(self.head[name])]
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise BulkError(f"{os.path.join(self._shown, MANIFEST)}: this is no manifest of a run: {error}. Name a new folder.") from error
        has_parts = any(not name.startswith("_") for name in os.listdir(self._out))
        if changed and has_parts:
            raise BulkError(f"{self._shown}: {_CHANGED[changed[0]]}. Name a new folder, or remove this one.")
        return {} if changed else parts

    def _is_there(self, name: str, done: PartDone) -> bool:
        path = os.path.join(self._out, name)
        return os.path.isfile(path) and os.path.getsize(path) == done.size

    def add(self, name: str, done: PartDone) -> None:
        """Note that a part is there. The file knows it soon.

        :raises OSError: the file can't be written.
        """
        self.done[name] = done
        if time.monotonic() - self._written >= _SELDOM * self._took:
            self.save()

    def save(self) -> None:
        """Write the file.

        :raises OSError: it can't be written; what was there stays.
        """
        began = time.monotonic()
        parts = {name: self.done[name]._asdict() for name in sorted(self.done)}
        record = {**self.head, "complete": parts.keys() == self.names.keys(), "parts": parts}
        # Names of files may have bytes that are no UTF-8; JSON escapes them.
        put_whole(json.dumps(record, indent=1).encode() + b"\n", self.path, self._stage)
        self._written = time.monotonic()
        self._took = self._written - began


#: What to say if a folder was made of something else.
_CHANGED = {
    "ways": "its parts are of another version of Ways",
    "snapshot": "its parts are of other sheets or settings",
    "place": "its parts were read at another place",
    "strict": "its parts were read with another strictness",
    "input": "its parts are of another input, or the input has changed",
    "form": "its parts are of another form",
    "column": "its texts are of another column",
    "rows_per_part": "its parts have another number of rows",
    "columns": "its parts have other columns",
}


def _compared(value: Any) -> Any:
    """Return what counts of an entry: of the input what is in it, wherever it is."""
    return value["sha256"] if isinstance(value, dict) else value


class _Run:
    """Gives parts to an engine, and notes what becomes of them."""

    def __init__(self, manifest: Manifest, engine: Engine, rows: int, report: Report) -> None:
        self._manifest = manifest
        self._engine = engine
        self._rows = rows
        self._report = report
        self._finished = sum(done.rows for done in manifest.done.values())
        self._failures: list[Failure] = []
        self._waiting: dict[Ticket, str] = {}

    def carry_out(self, works: Mapping[str, PartWork], package: SentResolver) -> tuple[Failure, ...]:
        """Do some parts, and return those that failed.

        :raises EngineError: the engine is lost. What is done stays.
        :raises OSError: the manifest can't be written.
        """
        left = iter(works.items())
        self._report(self._finished, self._rows)
        try:
            while True:
                for name, work in islice(left, WINDOW - len(self._waiting)):
                    self._waiting[self._engine.submit(work, packages=[package])] = name
                if not self._waiting:
                    break
                self._settle()
        finally:
            self._engine.cancel(list(self._waiting))
            self._manifest.save()
        return tuple(sorted(self._failures, key=lambda failure: failure.part))

    def _settle(self) -> None:
        """Wait for parts, and note what became of them."""
        for change in self._engine.wait(self._waiting, _SLICE):
            if change.state == "running":
                continue
            if change.is_of_engine and change.error is not None:
                raise change.error
            name = self._waiting.pop(change.ticket)
            part = self._manifest.names[name]
            if change.error is None:
                self._manifest.add(name, change.result)
                # The engine needs it no more.
                self._engine.cancel([change.ticket])
            else:
                first = part.number * self._manifest.head["rows_per_part"]
                self._failures.append(Failure(name, first, part.rows, change.error))
            self._finished += part.rows
            self._report(self._finished, self._rows)
