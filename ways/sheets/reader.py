"""SheetReader: makes Sheets of paths, and gives the same Sheet again as long as the file is the same."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping, Sequence
from time import time_ns

from ways.limits import DEFAULT_LIMITS, Limits
from ways.sheets import schema
from ways.sheets.document import Draft, Pointer, Position, Problem, Sheet, Source, limit_problem
from ways.sheets.formats.table import HEAD, FormatTable, TextFormat
from ways.sheets.store.codec import Damaged
from ways.sheets.store.catalog import MAX_DIFFERING, MIN_SHEETS, Catalog, SheetToKeep
from ways.sheets.store.compiled import MadePlaces, StoredSheet
from ways.sheets.store.entry_file import digest
from ways.sheets.store.store import STORED_FORMATS, STRICT, Stamp, Store, is_too_recent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from ways.sheets.document import DraftReader
    from ways.sheets.formats.base import Files, FilesOf, SheetFormat
else:
    from ways.lightweight import NamedTuple

PLUGIN_INFO_FILE_NAME = ".ways_plugin_info"
#: Names of a folder's info file without their ending; the first is ours, the second one page of 0.1's docs taught.
INFO_FILE_NAMES = (PLUGIN_INFO_FILE_NAME, ".waypoint_plugin_info")
INFO_SUFFIXES = (".json", ".yml", ".yaml")
INFO_FILES = tuple(name + suffix for name in INFO_FILE_NAMES for suffix in INFO_SUFFIXES)
#: How often a file is read that changes while it is read.
_TRIES = 3


class Info(NamedTuple):
    """What a folder's info file says of the sheets below it."""

    assignment: str = ""
    is_recursive: bool = False
    problems: tuple[Problem, ...] = ()
    #: The least level of the findings that a check tells, and the codes that it leaves out.
    check_level: str = ""
    ignored_codes: tuple[str, ...] = ()
    source: Source = Source("")
    positions: Mapping[Pointer, Position] = {}


class ReadContext(NamedTuple):
    """What is known of a sheet before it is read: whether its code may run, and which sheets led to it."""

    #: Whether code that it names may run.
    is_trusted: bool = True
    #: Whether that holds for the sheets of other systems too.
    trusts_foreign: bool = False
    #: The sheets through which it was reached, nearest last.
    chain: tuple[str, ...] = ()
    #: The format of the nearest of these; ``""`` if there is none.
    by: str = ""
    #: The ``follow_format`` of each Draft of this load, by the path of its sheet: the reader adds them. ``None`` outside a load.
    follow_formats: dict[str, DraftReader] | None = None


class FileStat(NamedTuple):
    """A file's stamp, and when it was taken, in ns: the content was read later, if at all."""

    stamp: Stamp
    taken: int

    @classmethod
    def at(cls, path: str) -> FileStat:
        """Return the stamp of the file at *path*. Raises OSError."""
        return cls(_stamp(path), time_ns())

    @property
    def is_too_recent(self) -> bool:
        """Whether the content may have changed since without a change to the stamp."""
        return is_too_recent(self.stamp, self.taken)


class CachedSheet(NamedTuple):
    """A sheet that was read, and what tells whether its file still has the same content."""

    #: ``None`` for a file that isn't read from disk; its content has a name.
    stat: FileStat | None
    #: The digest or the name of the content; ``""`` where the stamp was enough.
    content: str
    sheet: Sheet
    #: The same as the store has it, if the sheet was read from its file and is stored since.
    stored: StoredSheet | None = None


class PendingEntry(NamedTuple):
    """A sheet that was read and isn't in the store yet: its stamp, if it has one, and the key of its content."""

    stat: FileStat | None
    key: str


class SheetReader:
    """Reads sheets and info files, by one table of formats and within the same limits.

    :param formats: the formats, if they aren't the usual ones.
    """

    def __init__(self, formats: FormatTable | None = None, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.formats = formats or FormatTable()
        #: The store of compiled sheets, if one is used. Sheets of formats that aren't ours are never stored.
        self.store: Store | None = None
        self.own_formats = formats
        #: By path, the sheets that a sheet named when it was readable last.
        self.followed: dict[str, tuple[str, ...]] = {}
        self._sheets: dict[tuple[str, bool], CachedSheet] = {}
        self._pending: dict[str, PendingEntry] = {}
        #: The catalog of the folder that is being read.
        self._catalog: Catalog | None = None
        #: By path, where a sheet out of the store is read again: the files, and the place below their root.
        self._origins: dict[str, tuple[Files, str]] = {}

    def read(self, path: str, context: ReadContext = ReadContext(), *, files: FilesOf | None = None) -> Sheet:
        """Return the Sheet at *path*. What is wrong with the file is a problem of the Sheet, never an error.

        :param files: returns the files that the sheet at a path may list and read; those of its folder and below, if absent.
        """
        source = Source(path, is_trusted=context.is_trusted)
        key = (path, context.is_trusted)
        try:
            stat = FileStat.at(path)
            cached = self._sheets.get(key)
            if cached is not None and cached.stat and cached.stat.stamp == stat.stamp and self._is_same(path, cached):
                self._sheets[key] = cached._replace(stat=stat)
                return cached.sheet
        except OSError as error:
            return unreadable(source, error)
        self._pending.pop(path, None)
        sheet, content = self._stored_or_read(source, stat, context, files)
        if isinstance(sheet, StoredSheet):
            stored = sheet
            stored.read_again = lambda: self.read_again(stored)
        if self._may_cache(sheet):
            self._sheets[key] = CachedSheet(stat, content, sheet)
        return sheet

    def _is_same(self, path: str, cached: CachedSheet) -> bool:
        """Whether a file with an unchanged stamp has an unchanged content.

        :raises OSError: it can't be read.
        """
        is_strict = self.store is not None and self.store.mode == STRICT
        is_sure = cached.stat is not None and not cached.stat.is_too_recent and not is_strict
        return is_sure or digest(_bytes(path, self.limits)) == cached.content

    def _may_cache(self, sheet: Sheet) -> bool:
        name = sheet.source.format
        # Another's format may have the name of one of ours.
        items = () if self.own_formats is None else self.own_formats.formats
        is_foreign = any(item.name == name and not self.formats.is_native(item) for item in items)
        # A Python sheet may read other things than its own text, and so may one of another system: each time anew.
        return name in STORED_FORMATS and not is_foreign

    def read_in(self, files: Files, place: str, context: ReadContext) -> Sheet:
        """Return the Sheet at *place* below the root of *files*: a sheet that another names, or one in an archive or commit."""
        from ways.sheets.files import path_in

        source = Source(path_in(files, place), is_trusted=context.is_trusted, chain=context.chain)
        key = (source.path, context.is_trusted)
        store = self._own_store()
        try:
            # What a format makes of a content depends on the sheet that named it.
            content = "" if context.by else files.content_name(place)
            if content:
                cached = self._sheets.get(key)
                if cached is not None and cached.content == content:
                    return cached.sheet
                self._pending.pop(source.path, None)
                self._origins[source.path] = files, place
                stored = store.open(store.key(source.path, content), source) if store is not None else None
                if stored is not None:
                    stored.read_again = lambda: self.read_again(stored)
                    self._sheets[key] = CachedSheet(None, content, stored)
                    return stored
            data = files.read(place)
        except OSError as error:
            return unreadable(source, error)
        if len(data) > self.limits.sheet:
            return unreadable(source, TooLarge(place, self.limits))
        sheet = self._read_bytes(source, data, context, lambda path: files)
        if content and self._may_cache(sheet):
            self._sheets[key] = CachedSheet(None, content, sheet)
            if store is not None:
                self._pending[source.path] = PendingEntry(None, store.key(source.path, content))
        return sheet

    def _own_store(self) -> Store | None:
        return self.store if self.own_formats is None else None

    def is_stale(self, paths: Container[str]) -> bool:
        """Whether a file that was read, one of *paths*, has another stamp now, or isn't there any more."""
        cached = list(self._sheets.items())
        return any(path in paths and item.stat and _stamp_or_none(path) != item.stat.stamp for (path, _), item in cached)

    def open_catalog(self, paths: Sequence[str]) -> None:
        """Take what the store's catalog knows of sheets that are about to be read; one of the sheets before is left."""
        store = self._own_store()
        is_worth_it = store is not None and len(paths) >= MIN_SHEETS and not all((path, True) in self._sheets for path in paths)
        self._catalog = store.catalog(_folder_of(paths)) if store is not None and is_worth_it else None

    def keep_catalog(self, paths: Sequence[str]) -> None:
        """Write the catalog of sheets that were read, if the one that there is knows too little of them."""
        store, catalog = self._own_store(), self._catalog
        self._catalog = None
        if store is None or len(paths) < MIN_SHEETS:
            return
        kept: list[SheetToKeep] = []
        differing = 0
        for path in paths:
            cached = self._sheets.get((path, True)) or self._sheets.get((path, False))
            if cached is None or cached.stat is None:
                continue
            sheet = cached.stored or cached.sheet
            # One that says more than places is opened each time.
            if isinstance(sheet, StoredSheet) and sheet.is_plain and not sheet.problems and not sheet.follow:
                stat, full = cached.stat, os.path.abspath(path)
                kept.append(SheetToKeep(full, stat.stamp, stat.taken, sheet))
                known = catalog.get(full) if catalog is not None else None
                is_same = known is not None and known.key == sheet.key
                is_sure = is_same and known is not None and not is_too_recent(stat.stamp, known.taken) and known.stamp == stat.stamp
                differing += not (is_sure or (is_same and stat.is_too_recent))
        if kept and differing > (MAX_DIFFERING if catalog is not None else 0):
            store.keep_catalog(_folder_of(paths), kept)

    def may_keep(self, sheet: Sheet) -> bool:
        """Whether a sheet was just read from its file, and may be stored."""
        is_new = self.store is not None and sheet.source.path in self._pending
        return is_new and sheet.is_readable and sheet.source.format in STORED_FORMATS

    def keep(self, sheet: Sheet, made: MadePlaces | None) -> None:
        """Put a sheet that was just read into the store; see :meth:`Store.keep`."""
        path = sheet.source.path
        stat, key = self._pending.pop(path)
        if self.store is not None:
            stored = self.store.keep(key, sheet, made)
            if stat is not None:
                self.store.keep_stamp(path, *stat, key)
            known = (path, sheet.source.is_trusted)
            cached = self._sheets.get(known)
            if stored is not None and stored.is_plain and cached is not None and cached.sheet is sheet:
                self._sheets[known] = cached._replace(stored=stored)

    def stored_form(self, sheet: Sheet) -> StoredSheet | None:
        """Return a sheet that was just read as the store has it now, and from now on instead; ``None`` if it hasn't."""
        known = (sheet.source.path, sheet.source.is_trusted)
        cached = self._sheets.get(known)
        if cached is None or cached.sheet is not sheet or cached.stored is None:
            return None
        stored = cached.stored
        stored.read_again = lambda: self.read_again(stored)
        self._sheets[known] = cached._replace(sheet=stored, stored=None)
        return stored

    def whole(self, sheet: Sheet) -> Sheet:
        """Return a sheet with all of its plugins; read from its file if the store is damaged."""
        try:
            return sheet.whole()
        except Damaged:
            return self.read_again(sheet)

    def read_again(self, sheet: Sheet) -> Sheet:
        """Return a sheet as its file has it, and not as the store does."""
        source, context = sheet.source._replace(format=""), ReadContext(sheet.source.is_trusted)
        try:
            if sheet.source.path in self._origins:
                files, place = self._origins[sheet.source.path]
                return self._read_bytes(source, files.read(place), context, lambda path: files)
            return self._read_bytes(source, _bytes(source.path, self.limits), context, None)
        except OSError as error:
            return unreadable(source, error)

    def _stored_or_read(self, source: Source, stat: FileStat, context: ReadContext, files: FilesOf | None) -> tuple[Sheet, str]:
        """Return a sheet from the store, if that has the content of the file, else from the file.

        :returns: the sheet, and the digest of the content, if that was read.
        """
        store = self._own_store()
        if store is not None:
            if (stored := self._cataloged(source, stat, "")) is not None:
                return stored, ""
            known = store.known_key(source.path, stat.stamp)
            if known is not None and (stored := self._cataloged(source, stat, known) or store.open(known, source)) is not None:
                return stored, ""
        try:
            data = _bytes(source.path, self.limits)
        except OSError as error:
            return unreadable(source, error), ""
        content = digest(data)
        picked = self.formats.pick(os.path.basename(source.path), data[:HEAD], context.by)
        # Another file of this very content may be a native sheet, by its name: its entry is not this one's.
        if store is not None and picked is not None and picked.name in STORED_FORMATS:
            key = store.key(source.path, content)
            if (stored := self._cataloged(source, stat, key) or store.open(key, source)) is not None:
                store.keep_stamp(source.path, *stat, key)
                return stored, content
            self._pending[source.path] = PendingEntry(stat, key)
        return self._read_as(picked, source, data, context, files), content

    def _cataloged(self, source: Source, stat: FileStat, key: str) -> StoredSheet | None:
        """Return a sheet from the catalog.

        :param key: the key of its content; ``""`` where its stamp is all that is known.
        """
        store, catalog = self.store, self._catalog
        item = catalog.get(os.path.abspath(source.path)) if catalog is not None else None
        if store is None or catalog is None or item is None:
            return None
        if not key and (store.mode == STRICT or item.stamp != stat.stamp or is_too_recent(stat.stamp, item.taken)):
            return None
        if key and item.key != key:
            return None
        try:
            return catalog.sheet(item, source, store.entry)
        except Damaged:
            return None

    def info(self, folder: str, within: Files | None = None) -> Info:
        """Return what the nearest info file says, in *folder* or above it.

        :param within: the archive or commit that the folder is in, if it is in one; those above it on disk come next.
        """
        if within is not None:
            if (info := self._info_within(within, folder)) is not None:
                return info
            folder = os.path.dirname(os.path.abspath(within.root))
        folder = os.path.abspath(folder)
        while True:
            base = folder if folder.endswith(os.sep) else folder + os.sep
            for name in INFO_FILES:
                # Nearly always there is none, and access says so without an exception.
                if os.access(base + name, os.F_OK) and os.path.isfile(base + name):
                    try:
                        data = _bytes(base + name, self.limits)
                    except OSError as error:
                        return Info(problems=unreadable(Source(base + name), error).problems)
                    return self._info_of(base + name, data)
            if os.path.dirname(folder) == folder:
                return Info()
            folder = os.path.dirname(folder)

    def _read_bytes(self, source: Source, data: bytes, context: ReadContext, files: FilesOf | None) -> Sheet:
        picked = self.formats.pick(os.path.basename(source.path), data[:HEAD], context.by)
        return self._read_as(picked, source, data, context, files)

    def _read_as(
        self, picked: SheetFormat | None, source: Source, data: bytes, context: ReadContext, files: FilesOf | None
    ) -> Sheet:
        if picked is None:
            endings = ", ".join(self.formats.suffixes)
            message = f"expected a sheet, found a file whose name ends with none of {endings}"
            return Sheet(source, problems=(Problem(source, message, code="format", expected=endings),))
        source = source._replace(format=picked.name)
        if self.formats.is_native(picked):
            draft = self._read_natively(picked, data, source)
        else:
            from ways.sheets.files import FolderFiles
            from ways.sheets.formats.foreign import read_by

            source = source._replace(is_trusted=context.is_trusted and context.trusts_foreign)
            own = FolderFiles(os.path.dirname(source.path)) if files is None else files(source.path)
            follow_format = (context.follow_formats or {}).get(context.chain[-1]) if context.chain else None
            reader: DraftReader = picked if follow_format is None or follow_format.name != picked.name else follow_format
            draft = read_by(reader, data, source, own)
        if draft.is_lost:
            return Sheet(source, problems=draft.problems, is_lost=True)
        most = self.limits.problems
        plugins, problems = schema.check(draft, source, most)
        if len(problems) > most:
            problems = (*problems[:most], limit_problem(self.limits, "problems", source, "more: the others are left out"))
        if problems and self.formats.is_native(picked):
            from ways.sheets.advice import advised

            problems = advised(problems, data, source)
        if draft.follow:
            self.followed[source.path] = tuple(draft.follow)
            if draft.follow_format is not None and context.follow_formats is not None:
                context.follow_formats[source.path] = draft.follow_format
        return Sheet(source, plugins, problems, tuple(draft.follow))

    def _read_natively(self, native: SheetFormat, data: bytes, source: Source) -> Draft:
        if isinstance(native, TextFormat):
            return native.read(data, source, limits=self.limits)
        return native.read(data, source)

    def _info_within(self, files: Files, folder: str) -> Info | None:
        """Return what the nearest info file within *files* says, in *folder* or above it."""
        from ways.sheets.files import path_in, place_in

        place = place_in(files, folder).removeprefix(".")
        while True:
            try:
                names = set(files.list(place))
            except OSError:
                names = set()
            name = next((name for name in INFO_FILES if name in names), None)
            if name is not None:
                path = f"{place}/{name}" if place else name
                return self._info_of(path_in(files, path), files.read(path)[: self.limits.sheet])
            if not place:
                return None
            place = place.rpartition("/")[0]

    def _info_of(self, path: str, data: bytes) -> Info:
        source = Source(path)
        picked = self.formats.pick(os.path.basename(path), data[:HEAD])
        if picked is None or not data.strip():
            return Info()
        source = source._replace(format=picked.name)
        draft = self._read_natively(picked, data, source)
        values = draft.data if isinstance(draft.data, dict) else {}
        problems, check = schema.check_info(values, source, draft.positions)
        return Info(
            str(values.get("assignment") or ""),
            bool(values.get("recursive", False)),
            (*draft.problems, *problems),
            check.get("level", ""),
            check.get("ignore", ()),
            source,
            draft.positions,
        )


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


def _folder_of(paths: Sequence[str]) -> str:
    """Return the folder that all of some sheets are in, or below."""
    return os.path.dirname(os.path.commonprefix([os.path.abspath(path) for path in paths]))


def _stamp_or_none(path: str) -> Stamp | None:
    try:
        return _stamp(path)
    except OSError:
        return None


def unreadable(source: Source, error: OSError) -> Sheet:
    """Return the Sheet at *source*, which can't be read."""
    if isinstance(error, TooLarge):
        return Sheet(source, problems=(limit_problem(error.limits, "sheet", source),), is_lost=True)
    reason = error.strerror or type(error).__name__
    problem = Problem(source, f"expected a readable file, found: {reason}", "error", "unreadable", found=reason)
    return Sheet(source, problems=(problem,))
