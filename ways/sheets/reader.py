"""SheetReader: a path to a Sheet, kept as long as the file's stamp is the same."""

from __future__ import annotations

import os
from collections.abc import Container, Sequence
from time import time_ns

from ways.limits import DEFAULT_LIMITS, Limits
from ways.sheets import schema
from ways.sheets.store.codec import Damaged
from ways.sheets.document import Draft, Problem, Sheet, Source, limit_problem
from ways.sheets.store.entry import digest
from ways.sheets.formats.table import HEAD, FormatTable, TextFormat
from ways.sheets.store.compiled import Row
from ways.sheets.store.store import STORED_FORMATS, STRICT, Stamp, Store, is_fresh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from collections.abc import Callable

    from ways.sheets.document import DraftReader
    from ways.sheets.formats.base import Files, SheetFormat

    FilesOf = Callable[[str], Files]
else:
    from ways.lightweight import NamedTuple

PLUGIN_INFO_FILE_NAME = ".ways_plugin_info"
#: Names of a folder's info file without their ending; the first is ours, the second one page of 0.1's docs taught.
INFO_FILE_NAMES = (PLUGIN_INFO_FILE_NAME, ".waypoint_plugin_info")
INFO_SUFFIXES = (".json", ".yml", ".yaml")
#: How often a file is read at most that changes meanwhile.
_TRIES = 3
INFO_FILES = tuple(name + suffix for name in INFO_FILE_NAMES for suffix in INFO_SUFFIXES)


class Info(NamedTuple):
    """What a folder's info file says of the sheets below it."""

    assignment: str = ""
    is_recursive: bool = False
    problems: tuple[Problem, ...] = ()


class Reached(NamedTuple):
    """How a sheet was reached."""

    #: Whether code that it names may run.
    is_trusted: bool = True
    #: Whether that holds for the sheets of other systems too.
    trusts_foreign: bool = False
    #: The sheets through which it was reached, nearest last, and the format of the nearest.
    chain: tuple[str, ...] = ()
    by: str = ""


class _Look(NamedTuple):
    """What a look at a file told: its stamp, and when that was; its content was read later, if at all."""

    stamp: Stamp
    taken: int

    @classmethod
    def at(cls, path: str) -> _Look:
        """Look at a file. Raises OSError."""
        return cls(_stamp(path), time_ns())

    @property
    def is_fresh(self) -> bool:
        """Whether the file may have changed since, and look the same."""
        return is_fresh(self.stamp, self.taken)


class _Held(NamedTuple):
    """A sheet, what its file looked like, and the digest of what that held; ``""`` where the look told enough."""

    look: _Look
    content: str
    sheet: Sheet


class _Unkept(NamedTuple):
    """A sheet that was read and is none of the store's yet: what its file looked like, and the key of what it held."""

    look: _Look
    key: str


class SheetReader:
    """Reads sheets and info files. Belongs to one session."""

    def __init__(self, formats: FormatTable | None = None, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.formats = formats or FormatTable()
        #: Where compiled sheets are kept, if they are. Formats of others may read anything: theirs are not.
        self.store: Store | None = None
        #: The formats, if they aren't the usual ones.
        self.own_formats = formats
        self._unkept: dict[str, _Unkept] = {}
        #: What another room made of a sheet, by path; whoever asks sees whether it is of this very sheet.
        self.made: dict[str, Any] = {}
        self._sheets: dict[tuple[str, bool], _Held] = {}
        #: What each sheet followed when it could be read last, by path.
        self.followed: dict[str, tuple[str, ...]] = {}
        #: The ``follow_format`` of each sheet's Draft, by path, as long as one load takes.
        self.follow_formats: dict[str, DraftReader] = {}

    def read(
        self, path: str, *, is_trusted: bool = True, trusts_foreign: bool = False, files: FilesOf | None = None
    ) -> Sheet:
        """Return the Sheet at *path*. What is wrong with the file is a problem of the Sheet, never an error.

        :param trusts_foreign: whether code that a sheet of another system names may run as well.
        :param files: gives what the sheet at a path may list and read; the files of its folder and below, if absent.
        """
        key = (path, is_trusted)
        try:
            look = _Look.at(path)
            held = self._sheets.get(key)
            if held is not None and held.look.stamp == look.stamp and self._is_same(path, held):
                self._sheets[key] = held._replace(look=look)
                return held.sheet
        except OSError as error:
            return unreadable(Source(path, is_trusted=is_trusted), error)
        self._unkept.pop(path, None)
        reached = Reached(is_trusted, trusts_foreign)
        sheet, content = self._stored_or_read(Source(path, is_trusted=is_trusted), look, reached, files)
        # A Python sheet may read other things than its own text, and so may one of another system: each time anew.
        if sheet.source.format in STORED_FORMATS and not self._is_foreign(sheet.source.format):
            self._sheets[key] = _Held(look, content, sheet)
        return sheet

    def _is_same(self, path: str, held: _Held) -> bool:
        """Whether a file that looks as it did has the content that it had.

        :raises OSError: it can't be read.
        """
        is_strict = self.store is not None and self.store.mode == STRICT
        return not (held.look.is_fresh or is_strict) or digest(_bytes(path, self.limits)) == held.content

    def read_in(self, files: Files, place: str, reached: Reached) -> Sheet:
        """Return the Sheet at *place* below the root of *files*: one that another names, or one in an archive."""
        from ways.sheets.files import path_in

        source = Source(path_in(files, place), is_trusted=reached.is_trusted, chain=reached.chain)
        try:
            data = files.read(place)
        except OSError as error:
            return unreadable(source, error)
        if len(data) > self.limits.sheet:
            return unreadable(source, TooLarge(place, self.limits))
        return self._read_bytes(source, data, reached, lambda path: files)

    def is_stale(self, paths: Container[str]) -> bool:
        """Whether a file that was read, one of *paths*, has another stamp now, or is gone."""
        held = list(self._sheets.items())
        return any(path in paths and _stamp_or_none(path) != one.look.stamp for (path, _), one in held)

    def _is_foreign(self, name: str) -> bool:
        # Another's format may have the name of one of ours.
        items = () if self.own_formats is None else self.own_formats.formats
        return any(item.name == name and not self.formats.is_native(item) for item in items)

    def may_keep(self, sheet: Sheet) -> bool:
        """Whether a sheet was just read from its file, and is one for the store."""
        is_new = self.store is not None and sheet.source.path in self._unkept
        return is_new and sheet.is_readable and sheet.source.format in STORED_FORMATS

    def keep(self, sheet: Sheet, rows: Sequence[Sequence[Row]] | None) -> None:
        """Put a sheet that was just read into the store; see :meth:`Store.keep`."""
        path = sheet.source.path
        look, key = self._unkept.pop(path)
        if self.store is not None:
            self.store.keep(key, sheet, rows)
            self.store.keep_stamp(path, *look, key)

    def whole(self, sheet: Sheet) -> Sheet:
        """Return a sheet with all of its plugins at hand; as its file says, where the store turns out to be damaged."""
        try:
            return sheet.whole()
        except Damaged:
            return self.read_again(sheet)

    def read_again(self, sheet: Sheet) -> Sheet:
        """Return a sheet as its file says, past the store."""
        return self._read(sheet.source._replace(format=""), Reached(sheet.source.is_trusted), None)

    def _stored_or_read(self, source: Source, look: _Look, reached: Reached, files: FilesOf | None) -> tuple[Sheet, str]:
        """Return a sheet out of the store, if that has the very content of the file, else out of the file.

        :returns: the sheet, and the digest of the content, if that was read.
        """
        store = self.store if self.own_formats is None else None
        if store is not None:
            known = store.known_key(source.path, look.stamp)
            if known is not None and (found := store.open(known, source)) is not None:
                return found, ""
        try:
            data = _bytes(source.path, self.limits)
        except OSError as error:
            return unreadable(source, error), ""
        content = digest(data)
        picked = self.formats.pick(os.path.basename(source.path), data[:HEAD], reached.by)
        # Another file of this very content may be a native sheet, by its name: its entry is not this one's.
        if store is not None and picked is not None and picked.name in STORED_FORMATS:
            key = store.key(source.path, content)
            if (found := store.open(key, source)) is not None:
                store.keep_stamp(source.path, *look, key)
                return found, content
            self._unkept[source.path] = _Unkept(look, key)
        return self._read_as(picked, source, data, reached, files), content

    def info(self, folder: str, within: Files | None = None) -> Info:
        """Return what the nearest info file says, in *folder* or above it.

        :param within: the archive that the folder is in, if it is in one.
        """
        if within is not None:
            if (found := self._info_within(within, folder)) is not None:
                return found
            folder = os.path.dirname(os.path.abspath(within.root))
        folder = os.path.abspath(folder)
        while True:
            base = folder if folder.endswith(os.sep) else folder + os.sep
            for name in INFO_FILES:
                # Nearly always there is none, which access tells without an exception.
                if os.access(base + name, os.F_OK) and os.path.isfile(base + name):
                    return self._info(base + name)
            if os.path.dirname(folder) == folder:
                return Info()
            folder = os.path.dirname(folder)

    def _read(self, source: Source, reached: Reached, files: FilesOf | None) -> Sheet:
        try:
            data = _bytes(source.path, self.limits)
        except OSError as error:
            return unreadable(source, error)
        return self._read_bytes(source, data, reached, files)

    def _read_bytes(self, source: Source, data: bytes, reached: Reached, files: FilesOf | None) -> Sheet:
        found = self.formats.pick(os.path.basename(source.path), data[:HEAD], reached.by)
        return self._read_as(found, source, data, reached, files)

    def _read_as(
        self, found: SheetFormat | None, source: Source, data: bytes, reached: Reached, files: FilesOf | None
    ) -> Sheet:
        if found is None:
            endings = ", ".join(self.formats.suffixes)
            message = f"expected a sheet, found a file whose name ends with none of {endings}"
            return Sheet(source, problems=(Problem(source, message, code="format", expected=endings),))
        source = source._replace(format=found.name)
        if self.formats.is_native(found):
            draft = self._read_natively(found, data, source)
        else:
            from ways.sheets.files import FolderFiles
            from ways.sheets.formats.foreign import read_by

            source = source._replace(is_trusted=reached.is_trusted and reached.trusts_foreign)
            own = FolderFiles(os.path.dirname(source.path)) if files is None else files(source.path)
            follow_format = self.follow_formats.get(reached.chain[-1]) if reached.chain else None
            reader: DraftReader = found if follow_format is None or follow_format.name != found.name else follow_format
            draft = read_by(reader, data, source, own)
        if draft.is_lost:
            return Sheet(source, problems=draft.problems, is_lost=True)
        most = self.limits.problems
        plugins, problems = schema.check(draft, source, most)
        if len(problems) > most:
            problems = (*problems[:most], limit_problem(self.limits, "problems", source, "more: the others are not told"))
        if draft.follow:
            self.followed[source.path] = tuple(draft.follow)
            if draft.follow_format is not None:
                self.follow_formats[source.path] = draft.follow_format
        return Sheet(source, plugins, problems, tuple(draft.follow))

    def _read_natively(self, found: SheetFormat, data: bytes, source: Source) -> Draft:
        if isinstance(found, TextFormat):
            return found.read(data, source, limits=self.limits)
        return found.read(data, source)

    def _info_within(self, files: Files, folder: str) -> Info | None:
        """Return what the nearest info file in an archive says, in *folder* or above it."""
        from ways.sheets.files import path_in, place_in

        place = place_in(files, folder).removeprefix(".")
        while True:
            names = _names_in(files, place)
            name = next((name for name in INFO_FILES if name in names), None)
            if name is not None:
                path = f"{place}/{name}" if place else name
                return self._info_of(path_in(files, path), files.read(path)[: self.limits.sheet])
            if not place:
                return None
            place = place.rpartition("/")[0]

    def _info(self, path: str) -> Info:
        try:
            data = _bytes(path, self.limits)
        except OSError as error:
            return Info(problems=unreadable(Source(path), error).problems)
        return self._info_of(path, data)

    def _info_of(self, path: str, data: bytes) -> Info:
        source = Source(path)
        found = self.formats.pick(os.path.basename(path), data[:HEAD])
        if found is None or not data.strip():
            return Info()
        draft = self._read_natively(found, data, source._replace(format=found.name))
        values = draft.data if isinstance(draft.data, dict) else {}
        return Info(str(values.get("assignment") or ""), bool(values.get("recursive", False)), draft.problems)


def _names_in(files: Files, place: str) -> set[str]:
    try:
        return set(files.list(place))
    except OSError:
        return set()


class TooLarge(OSError):
    """A file that is greater than a sheet may be."""

    def __init__(self, path: str, limits: Limits) -> None:
        super().__init__(path)
        self.limits = limits


def _bytes(path: str, limits: Limits) -> bytes:
    """Return what a file holds; where somebody writes to it just then, what it holds after that, if that is soon.

    :raises TooLarge: that is more than a sheet may have.
    """
    for _ in range(_TRIES):
        with open(path, "rb") as file:
            before = os.fstat(file.fileno())
            data = file.read(limits.sheet + 1)
            after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            break
    if len(data) > limits.sheet:
        raise TooLarge(path, limits)
    return data


def _stamp(path: str) -> Stamp:
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _stamp_or_none(path: str) -> Stamp | None:
    try:
        return _stamp(path)
    except OSError:
        return None


def unreadable(source: Source, error: OSError) -> Sheet:
    """Return the Sheet at *source*, which can't be read."""
    if isinstance(error, TooLarge):
        return Sheet(source, problems=(limit_problem(error.limits, "sheet", source),), is_lost=True)
    found = error.strerror or type(error).__name__
    problem = Problem(source, f"expected a readable file, found: {found}", "error", "unreadable", found=found)
    return Sheet(source, problems=(problem,))
