"""SheetReader: makes Sheets of paths, and gives the same Sheet again as long as the file is the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Mapping, Sequence

from ways.limits import DEFAULT_LIMITS, Limits
from ways.sheets import schema
from ways.sheets.document import Draft, Pointer, Position, Problem, Sheet, Source, limit_problem
from ways.sheets.formats.table import HEAD, FormatTable, TextFormat
from ways.sheets.store.codec import Damaged
from ways.sheets.store.stamps import FileStat, KnownSheet, Stamp
from ways.sheets.store.catalog import MAX_DIFFERING, MIN_SHEETS, Catalog, CatalogedSheet, SheetToKeep
from ways.sheets.store.compiled import STORED_FORMATS, MadePlaces, StoredSheet
from ways.sheets.store.entry_file import digest
from ways.sheets.store.store import STRICT, Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from ways.sheets.allowance import Allowance
    from ways.sheets.document import DraftReader
    from ways.sheets.files import FolderFiles
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
    #: Bytes of the file.
    size: int = 0


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
    #: Returns the files that the sheet at a path must be among, links included; ``None`` where links may lead anywhere.
    bounds: Callable[[str], FolderFiles] | None = None
    #: The ``follow_format`` of each Draft of this load, by the path of its sheet: the reader adds them. ``None`` outside a load.
    follow_formats: dict[str, DraftReader] | None = None
    #: What may still be read in this load.
    allowance: Allowance | None = None


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
        #: Of sheets out of whose folder no link may lead, the files in it; by path and trust.
        self._bounds: dict[tuple[str, bool], FolderFiles] = {}
        #: Whether links may lead anywhere, whatever is trusted.
        self.follows_links = False
        #: The users whose info files are believed wherever they lie; see :func:`ways.sheets.owners.doubt`.
        self.owners: frozenset[str] = frozenset()
        #: By folder, what was named that it belongs to, and the files in it, if no link may lead out.
        self._named: dict[str, tuple[str, FolderFiles | None]] = {}
        #: What info files said of sheets that aren't read here, by the folders of these as their paths say.
        self.known_infos: Mapping[str, Info] = {}
        #: The paths that were read since the last :meth:`forget_gone`.
        self._asked: set[str] = set()

    def forget_gone(self, paths: Container[str]) -> None:
        """Forget each file that wasn't read since this was called last, and is none of *paths*: it was deleted or renamed."""
        asked, self._asked = self._asked, set()
        for kept in (self.followed, self._pending, self._origins):
            for path in [path for path in kept if path not in asked and path not in paths]:
                kept.pop(path, None)
        for by_key in (self._sheets, self._bounds):
            for key in [key for key in by_key if key[0] not in asked and key[0] not in paths]:
                by_key.pop(key, None)

    def read(self, path: str, context: ReadContext = ReadContext(), *, files: FilesOf | None = None) -> Sheet:
        """Return the Sheet at *path*. What is wrong with the file is a problem of the Sheet, never an error.

        :param files: returns the files that the sheet at a path may list and read; those of its folder and below, if absent.
        """
        source = Source(path, is_trusted=context.is_trusted)
        key = (path, context.is_trusted)
        self._asked.add(path)
        self._bounds.pop(key, None)
        if context.bounds is not None and not self.follows_links:
            self._bounds[key] = context.bounds(path)
        try:
            stat = FileStat.of(_stamp(path, self._bounds.get(key)))
            cached = self._sheets.get(key)
            if cached is not None and self._is_same(key, cached, stat):
                return cached.sheet
        except OSError as error:
            return unreadable(source, error)
        self._pending.pop(path, None)
        read = self._stored_or_read(source, stat, context, files)
        sheet = read.sheet
        if isinstance(sheet, StoredSheet):
            sheet.home = self
        if self._may_cache(sheet):
            self._sheets[key] = read
        return sheet

    def is_other(self, path: str) -> bool:
        """Whether the file at *path* is another program's, as far as that shows, and no sheet."""
        try:
            picked = self.formats.pick(os.path.basename(path), self._bytes((path, False))[:HEAD])
        except OSError:
            return False
        if picked is None or not self.formats.is_native(picked):
            return False
        # Reading a Python sheet would run it.
        return self._is_program(path) if picked.name == "python" else self.read(path).is_other

    def _is_program(self, path: str) -> bool:
        """Whether a Python file is Python, and no sheet. It isn't run."""
        from ways.sheets.files import bytes_to_text
        from ways.sheets.formats import python_text

        source = Source(path, "python")
        text = bytes_to_text(self._bytes((path, False)), source)
        module = python_text.parsed(text, source) if isinstance(text, str) else None
        return isinstance(module, Draft) and not module.is_lost

    def _is_same(self, key: tuple[str, bool], cached: CachedSheet, stat: FileStat) -> bool:
        """Whether a file has the content that was read before; that it has it now, too, is noted.

        :param stat: of the file now.
        :raises OSError: it can't be read.
        """
        before = cached.stat
        if before is None or before.stamp != stat.stamp:
            return False
        if before.is_settled and not (self.store is not None and self.store.mode == STRICT):
            return True
        if digest(self._bytes(key)) != cached.content:
            return False
        self._sheets[key] = cached._replace(stat=stat.since(before))
        return True

    def _bytes(self, key: tuple[str, bool]) -> bytes:
        """Return what the file of a sheet holds. Raises OSError."""
        return _bytes(key[0], self.limits, self._bounds.get(key))

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
        self._asked.add(source.path)
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
                    stored.home = self
                    self._sheets[key] = CachedSheet(None, content, stored)
                    return stored
            data = files.read(place)
        except OSError as error:
            return unreadable(source, error)
        if len(data) > self.limits.sheet:
            return unreadable(source, TooLarge(place, self.limits))._replace(size=len(data))
        sheet = self._read_bytes(source, data, context, lambda path: files)
        if content and self._may_cache(sheet):
            self._sheets[key] = CachedSheet(None, content, sheet)
            if store is not None:
                self._pending[source.path] = PendingEntry(None, store.key(source.path, content))
        return sheet

    def _own_store(self) -> Store | None:
        return self.store if self.own_formats is None else None

    def is_stale(self, paths: Container[str]) -> bool:
        """Whether a file that was read, one of *paths*, has another stamp or content now, or isn't there any more."""
        return any(key[0] in paths and self._differs(key, item) for key, item in list(self._sheets.items()))

    def _differs(self, key: tuple[str, bool], cached: CachedSheet) -> bool:
        if cached.stat is None:
            return False
        try:
            stamp = _stamp(key[0], self._bounds.get(key))
            if stamp != cached.stat.stamp:
                return True
            return not cached.stat.is_settled and not self._is_same(key, cached, FileStat.of(stamp))
        except OSError:
            return True

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
        confirmed: list[int] = []
        differing = 0
        for path in paths:
            cached = self._sheets.get((path, True)) or self._sheets.get((path, False))
            if cached is None or cached.stat is None:
                continue
            sheet = cached.stored or cached.sheet
            # One that says more than places is opened each time.
            if isinstance(sheet, StoredSheet) and sheet.is_plain and not sheet.problems and not sheet.follow:
                stat, full = cached.stat, os.path.abspath(path)
                kept.append(SheetToKeep(full, stat, sheet))
                known = catalog.get(full) if catalog is not None else None
                if known is not None and known.key == sheet.key and known.stamp == stat.stamp:
                    confirmed += [known.number] if stat.is_settled and not known.stat.is_settled else []
                else:
                    differing += known is None or known.key != sheet.key or stat.is_settled
        if kept and differing > (MAX_DIFFERING if catalog is not None else 0):
            store.keep_catalog(_folder_of(paths), kept)
        elif confirmed and catalog is not None:
            store.confirm(_folder_of(paths), catalog, confirmed)

    def may_keep(self, sheet: Sheet) -> bool:
        """Whether a sheet was just read from its file, and may be stored."""
        is_new = self.store is not None and sheet.source.path in self._pending
        return is_new and sheet.is_readable and not sheet.is_other and sheet.source.format in STORED_FORMATS

    def keep(self, sheet: Sheet, made: MadePlaces | None) -> None:
        """Put a sheet that was just read into the store; see :meth:`Store.keep`."""
        path = sheet.source.path
        stat, key = self._pending.pop(path)
        if self.store is not None:
            stored = self.store.keep(key, sheet, made)
            if stat is not None:
                self.store.keep_stamp(path, stat, key)
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
        stored.home = self
        self._sheets[known] = cached._replace(sheet=stored, stored=None)
        return stored

    def drop(self, source: Source, key: str, catalog: str) -> None:
        """Remove what the store says of a sheet: its file is read the next time.

        :param catalog: the key of the catalog that it was found in, if it was.
        """
        self._sheets.pop((source.path, source.is_trusted), None)
        if self.store is not None:
            self.store.drop(key, catalog)

    def whole(self, sheet: Sheet) -> Sheet:
        """Return a sheet with all of its plugins; read from its file if the store is damaged."""
        try:
            return sheet.whole()
        except Damaged:
            return self.read_again(sheet)

    def read_again(self, sheet: Sheet) -> Sheet:
        """Return a sheet as its file has it, and not as the store does."""
        return self.read_source_again(sheet.source)

    def read_source_again(self, source: Source) -> Sheet:
        """Return the sheet at a source as its file has it."""
        source, context = source._replace(format=""), ReadContext(source.is_trusted)
        try:
            if source.path in self._origins:
                files, place = self._origins[source.path]
                return self._read_bytes(source, files.read(place), context, lambda path: files)
            return self._read_bytes(source, self._bytes((source.path, source.is_trusted)), context, None)
        except OSError as error:
            return unreadable(source, error)

    def _stored_or_read(self, source: Source, stat: FileStat, context: ReadContext, files: FilesOf | None) -> CachedSheet:
        """Return a sheet from the store, if that has the content of the file, else from the file."""
        store, catalog = self._own_store(), self._catalog
        item = catalog.get(os.path.abspath(source.path)) if catalog is not None else None
        known: KnownSheet | None = None
        if store is not None:
            known = _known_by(item, stat) or store.known(source.path, stat.stamp)
            if known is not None and known.stat.is_settled and store.mode != STRICT:
                if (stored := self._cataloged(store, source, item, known.key) or store.open(known.key, source)) is not None:
                    return CachedSheet(known.stat, "", stored)
        try:
            data = self._bytes((source.path, source.is_trusted))
        except OSError as error:
            return CachedSheet(stat, "", unreadable(source, error))
        content = digest(data)
        picked = self.formats.pick(os.path.basename(source.path), data[:HEAD], context.by)
        # Another file of this very content may be a native sheet, by its name: its entry is not this one's.
        if store is not None and picked is not None and picked.name in STORED_FORMATS:
            key = store.key(source.path, content)
            if known is not None and known.key == key:
                stat = stat.since(known.stat)
            if (stored := self._cataloged(store, source, item, key) or store.open(key, source)) is not None:
                # One that is known says as much as this already, unless this one is old enough at last.
                is_news = known is None or known.key != key or known.stat.first != stat.first or stat.is_settled
                if is_news and not (known is not None and known.is_cataloged and known.key == key):
                    store.keep_stamp(source.path, stat, key)
                return CachedSheet(stat, content, stored)
            self._pending[source.path] = PendingEntry(stat, key)
        return CachedSheet(stat, content, self._read_as(picked, source, data, context, files))

    def _cataloged(self, store: Store, source: Source, item: CatalogedSheet | None, key: str) -> StoredSheet | None:
        """Return the sheet with this content from the catalog, if that has it."""
        catalog = self._catalog
        if catalog is None or item is None or item.key != key:
            return None
        try:
            return catalog.sheet(item, source, store.entry)
        except Damaged:
            return None

    def info(
        self, folder: str, within: Files | None = None, *, named: str = "", bounds: FolderFiles | None = None
    ) -> Info:
        """Return what the nearest info file says, in *folder* or above it, with a problem for each that is not believed.

        :param within: the archive or commit that the folder is in, if it is in one; those above it on disk come next.
        :param named: the file or folder that somebody named, and through which *folder* is looked at; *folder* itself, if absent.
            What lies in it was named with it; above it an info file is believed by the rule of :mod:`ways.sheets.owners`.
        :param bounds: the files of the named folder, if no link may lead out of it.
        """
        if within is not None:
            if (info := self._info_within(within, folder)) is not None:
                return info
            named, folder = within.root, os.path.dirname(os.path.abspath(within.root))
        elif named:
            self._named[folder] = named, bounds
        else:
            named, bounds = self._named.get(folder, (folder, None))
        if bounds is not None and not self.follows_links:
            if (info := self._info_within(bounds, folder, INFO_FILES)) is not None:
                return info
            folder = os.path.dirname(os.path.abspath(bounds.root))
        folder, own = os.path.abspath(folder), os.path.join(os.path.abspath(named), "")
        doubts: tuple[Problem, ...] = ()
        while True:
            base = folder if folder.endswith(os.sep) else folder + os.sep
            for name in INFO_FILES:
                # Nearly always there is none, and access says so without an exception.
                if os.access(base + name, os.F_OK) and os.path.isfile(base + name):
                    found = self._info_at(base + name, "" if base.startswith(own) else named)
                    if isinstance(found, Info):
                        return found._replace(problems=(*doubts, *found.problems))
                    doubts += (found,)
            if os.path.dirname(folder) == folder:
                return Info(problems=doubts)
            folder = os.path.dirname(folder)

    def info_finder(self) -> Callable[[str], Info]:
        """Return a function that returns what the nearest info file says of the sheet at a path; nothing if there is no such file.

        It looks at each folder once.
        """
        found: dict[str, Info] = {}

        def info_of(path: str) -> Info:
            known = self.known_infos.get(os.path.dirname(path))
            if known is not None or not os.path.exists(path):
                return known or Info()
            folder = os.path.dirname(os.path.abspath(path))
            if folder not in found:
                found[folder] = self.info(folder)
            return found[folder]

        return info_of

    def _info_at(self, path: str, searched_for: str) -> Info | Problem:
        """Return what an info file says, or why it isn't believed.

        :param searched_for: what was named, if the info file was searched above that.
        """
        from ways.sheets.files import open_plain

        try:
            with open(open_plain(path), "rb") as file:
                if searched_for:
                    from ways.sheets.owners import doubt

                    if problem := doubt(path, os.fstat(file.fileno()), searched_for, self.owners):
                        return problem
                data = file.read(self.limits.sheet + 1)
        except OSError as error:
            return Info(problems=unreadable(Source(path), error).problems)
        if len(data) > self.limits.sheet:
            return Info(problems=unreadable(Source(path), TooLarge(path, self.limits)).problems, size=len(data))
        return self._info_of(path, data)

    def _read_bytes(self, source: Source, data: bytes, context: ReadContext, files: FilesOf | None) -> Sheet:
        picked = self.formats.pick(os.path.basename(source.path), data[:HEAD], context.by)
        return self._read_as(picked, source, data, context, files)

    def _read_as(
        self, picked: SheetFormat | None, source: Source, data: bytes, context: ReadContext, files: FilesOf | None
    ) -> Sheet:
        if picked is None:
            endings = ", ".join(self.formats.suffixes)
            message = f"expected a sheet, found a file whose name ends with none of {endings}"
            return Sheet(source, problems=(Problem(source, message, code="format", expected=endings),), size=len(data))
        source = source._replace(format=picked.name)
        if self.formats.is_native(picked):
            draft = self._read_natively(picked, data, source)
        else:
            from ways.sheets.files import FolderFiles
            from ways.sheets.formats.foreign import read_by

            source = source._replace(is_trusted=context.is_trusted and context.trusts_foreign)
            own: Files = FolderFiles(os.path.dirname(source.path)) if files is None else files(source.path)
            if context.allowance is not None:
                from ways.sheets.allowance import LimitedFiles

                own = LimitedFiles(own, context.allowance)
            follow_format = (context.follow_formats or {}).get(context.chain[-1]) if context.chain else None
            reader: DraftReader = picked if follow_format is None or follow_format.name != picked.name else follow_format
            draft = read_by(reader, data, source, own)
        if picked.name not in STORED_FORMATS or not self.formats.is_native(picked):
            from ways.sheets.extent import excess_of_data

            # The others count while they read.
            if excess := excess_of_data(draft.data, self.limits):
                problem = limit_problem(self.limits, excess[0], source._replace(line=1, column=1))
                draft = Draft(None, problems=(problem, *draft.problems), is_lost=True)
        is_other = False
        if picked.name == "python":
            # A module that isn't one of sheets, such as a setup.py, and one whose 'plugins' is a list.
            is_other = not draft.is_lost and (draft.data is None or _has_list(draft))
        elif self.formats.is_native(picked) and (draft.is_lost or not _has_plugins(draft)):
            from ways.sheets.others import is_other as is_of_other

            is_other = is_of_other(draft, data)
        if draft.is_lost:
            return Sheet(source, problems=draft.problems, is_lost=True, size=len(data), is_other=is_other)
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
        follow = tuple(draft.follow)
        return Sheet(source, plugins, problems, follow, size=len(data), is_other=is_other, follow_each=tuple(draft.follow_each))

    def _read_natively(self, native: SheetFormat, data: bytes, source: Source) -> Draft:
        if isinstance(native, TextFormat):
            return native.read(data, source, limits=self.limits)
        return native.read(data, source)

    def _info_within(self, files: Files, folder: str, candidates: Sequence[str] = ()) -> Info | None:
        """Return what the nearest info file within *files* says, in *folder* or above it.

        :param candidates: the names to look for; those that are listed, if absent. A link that leads out isn't listed.
        """
        from ways.sheets.files import path_in, place_in

        place = place_in(files, folder).removeprefix(".")
        while True:
            try:
                names = set(candidates or files.list(place))
            except OSError:
                names = set()
            for name in (name for name in INFO_FILES if name in names):
                path = f"{place}/{name}" if place else name
                try:
                    data = files.read(path)
                except FileNotFoundError:
                    continue
                except OSError as error:
                    return Info(problems=unreadable(Source(path_in(files, path)), error).problems)
                if len(data) > self.limits.sheet:
                    wrong = TooLarge(path, self.limits)
                    return Info(problems=unreadable(Source(path_in(files, path)), wrong).problems, size=len(data))
                return self._info_of(path_in(files, path), data)
            if not place:
                return None
            place = place.rpartition("/")[0]

    def _info_of(self, path: str, data: bytes) -> Info:
        source = Source(path)
        picked = self.formats.pick(os.path.basename(path), data[:HEAD])
        if picked is None or not data.strip():
            return Info(size=len(data))
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
            len(data),
        )


class TooLarge(OSError):
    """A file that is greater than a sheet may be."""

    def __init__(self, path: str, limits: Limits) -> None:
        super().__init__(path)
        self.limits = limits


def _bytes(path: str, limits: Limits, bounds: FolderFiles | None = None) -> bytes:
    """Return what a file holds; where somebody writes to it just then, what it holds after that, if that is soon.

    :param bounds: the files that it must be among, links included.
    :raises TooLarge: that is more than a sheet may have.
    """
    from ways.sheets.files import open_plain, place_in

    for _ in range(_TRIES):
        with open(open_plain(path) if bounds is None else bounds.open(place_in(bounds, path)), "rb") as file:
            before = os.fstat(file.fileno())
            if before.st_size > limits.sheet:
                raise TooLarge(path, limits)
            data = file.read(limits.sheet + 1)
            after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            break
    if len(data) > limits.sheet:
        raise TooLarge(path, limits)
    return data


def _stamp(path: str, bounds: FolderFiles | None = None) -> Stamp:
    if bounds is None:
        status = os.stat(path)
    else:
        from ways.sheets.files import place_in

        status = bounds.status(place_in(bounds, path))
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _folder_of(paths: Sequence[str]) -> str:
    """Return the folder that all of some sheets are in, or below."""
    return os.path.dirname(os.path.commonprefix([os.path.abspath(path) for path in paths]))


def _known_by(item: CatalogedSheet | None, stat: FileStat) -> KnownSheet | None:
    """Return what the catalog knows of a sheet with a stamp, if that is of use: another clock's first look is none."""
    if item is None or item.stamp != stat.stamp:
        return None
    known = KnownSheet(item.stat, item.key, is_cataloged=True)
    return known if item.stat.is_settled or stat.since(item.stat).first == item.stat.first else None


def _has_plugins(draft: Draft) -> bool:
    """Whether a file has what nearly every sheet has: a block under ``plugins``, whose first plugin is a block."""
    plugins = draft.data.get("plugins") if isinstance(draft.data, dict) else None
    return isinstance(plugins, dict) and isinstance(next(iter(plugins.values()), None), dict)


def _has_list(draft: Draft) -> bool:
    """Whether a file's ``plugins`` is a list, as in other programs' files."""
    return isinstance(draft.data, dict) and isinstance(draft.data.get("plugins"), (list, tuple))


def unreadable(source: Source, error: OSError) -> Sheet:
    """Return the Sheet at *source*, which can't be read."""
    if isinstance(error, TooLarge):
        return Sheet(source, problems=(limit_problem(error.limits, "sheet", source),), is_lost=True)
    reason = error.strerror or type(error).__name__
    problem = Problem(source, f"expected a readable file, found: {reason}", "error", "unreadable", found=reason)
    return Sheet(source, problems=(problem,))
