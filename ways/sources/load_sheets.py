"""Sheets to plugins: reads a list of paths, follows the sheets that they name, and collects what is wrong on the way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import is_

from ways.errors import DuplicateUsesError, HierarchyError
from ways.limits import Limits
from ways.plugins.lazy import LayeredSheet, LazyPlugins, made_places
from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import make_absolute, uses_itself
from ways.sheets.allowance import Allowance
from ways.sheets.document import PluginRecord, Pointer, Problem, Sheet, Source, limit_problem
from ways.sheets.reader import Info, ReadContext, SheetReader
from ways.sheets.store.compiled import StoredSheet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from ways.sheets.formats.base import Files, FilesOf
else:
    from ways.lightweight import NamedTuple

#: Of so many sheets one may be new, and all others are left as the store has them.
MANY = 4
#: How many sheets may lead from one to another.
MAX_DEPTH = 64


class LoadedPlugins(NamedTuple):
    """What a load gave."""

    plugins: Sequence[DataPlugin]
    sheets: tuple[Sheet, ...]
    #: Those of the sheets are among them.
    problems: tuple[Problem, ...]
    #: What an explicit load raises at its end.
    errors: tuple[Exception, ...]
    #: What was made of each sheet, by its path.
    made: Mapping[str, SheetPlugins] = {}


NOTHING = LoadedPlugins((), (), (), ())


class SheetPlugins(NamedTuple):
    """The plugins that are made of one sheet in one layer."""

    sheet: Sheet
    assignment: str
    plugins: Sequence[DataPlugin]
    problems: tuple[Problem, ...]
    errors: tuple[Exception, ...]


def load_sheets(
    paths: Iterable[str],
    reader: SheetReader,
    context: ReadContext = ReadContext(),
    *,
    before: LoadedPlugins = NOTHING,
    files: FilesOf | None = None,
    within: Files | None = None,
    named: Callable[[str], str] = str,
    is_found: Callable[[str], bool] = lambda path: False,
) -> LoadedPlugins:
    """Return the plugins of the sheets at *paths*, in order; after each sheet come those that it names.

    :param before: the last load of these paths: what it made of a sheet that is the same is taken again.
    :param files: returns what the sheet at a path may list and read; the files of its folder and below, if absent.
    :param within: where the sheets are, if not on disk as plain files: *paths* are places below its root.
    :param named: returns the file or folder that was named, and through which the sheet at a path is read.
    :param is_found: whether the sheet at a path was found in a folder, rather than named: a file of another program is passed over.
    """
    paths = list(paths)
    most = reader.limits.sheets
    load = _SheetLoad(reader, context, files, within, before.made, is_found)
    if within is None:
        reader.open_catalog(paths[:most])
    sheets = load.read(paths[:most])
    problems = load.problems
    made: list[SheetPlugins] = []
    infos: dict[str | tuple[str, str], Info] = {}
    info_problems: set[Problem] = set()
    info_allowance = Allowance(reader.limits)
    for sheet in sheets:
        path = sheet.source.path
        folder = os.path.dirname(path)
        # One info file stands above many sheets: it is read once, and its problems are listed once.
        info = infos.get(folder) or infos.get((folder, named(path)))
        if info is None:
            bounds = context.bounds(path) if context.bounds is not None else None
            info = reader.info(folder, within, named=named(path), bounds=bounds)
            # Whether one is believed depends on who was named; where there is none, there is nothing to believe.
            infos[(folder, named(path)) if info.source.path or info.problems else folder] = info
            if not info_allowance.take(info.size):
                found = "more in info files: this sheet, and those after it, are left out"
                problems.append(limit_problem(reader.limits, "source", sheet.source, found))
                break
        problems += [problem for problem in info.problems if problem not in info_problems]
        info_problems.update(info.problems)
        item = before.made.get(path)
        if item is None or item.sheet is not sheet or item.assignment != info.assignment:
            item = _plugins_of(sheet, info.assignment, reader)
        made.append(item)
        # Both in the order of their lines, as they are read.
        problems += sorted((*sheet.problems, *item.problems), key=_position) if item.problems else sheet.problems
    if within is None:
        reader.keep_catalog(paths[:most])
    made = _in_stored_form(made, reader)
    if len(paths) > most:
        found = f"{len(paths)}: this one, and those after it, are not read"
        problems.append(limit_problem(reader.limits, "sheets", Source(paths[most]), found)._replace(code="too-many-sheets"))
    errors = tuple(error for item in made for error in item.errors)
    by_path = {item.sheet.source.path: item for item in made}
    return LoadedPlugins(_together(made, reader, before.plugins), tuple(item.sheet for item in made), tuple(problems), errors, by_path)


def _in_stored_form(made: list[SheetPlugins], reader: SheetReader) -> list[SheetPlugins]:
    """Return what sheets made, with the few of many that were just read from their files as the store has them now.

    So the plugins of all the others are still made at need.
    """
    new = [item for item in made if not isinstance(item.sheet, StoredSheet)]
    if not new or len(new) * MANY > len(made):
        return made
    stored: dict[int, SheetPlugins] = {}
    for item in new:
        sheet = reader.stored_form(item.sheet)
        if sheet is None:
            return made
        stored[id(item)] = _plugins_of(sheet, item.assignment, reader)
    return [stored.get(id(item), item) for item in made]


def _position(problem: Problem) -> tuple[int, int]:
    return problem.source.line, problem.source.column


class _NamedSheet(NamedTuple):
    """A sheet that another names."""

    place: str
    path: str
    files: Files
    context: ReadContext
    #: The sheet that has it read for itself, whatever other sheets name it; ``""`` if it is read once.
    read_for: str = ""


class _SheetLoad:
    """Reads the sheets of one load, and those that they name: each once, so a circle of names ends.

    A sheet that adds something else to each of those that name it is read once for each of them.
    """

    def __init__(
        self,
        reader: SheetReader,
        context: ReadContext,
        files: FilesOf | None,
        within: Files | None,
        before: Mapping[str, SheetPlugins],
        is_found: Callable[[str], bool],
    ) -> None:
        self.problems: list[Problem] = []
        #: Whether more was read than may be.
        self._is_full = False
        self._reader = reader
        self._allowance = Allowance(reader.limits)
        self._context = context._replace(follow_formats={}, allowance=self._allowance)
        self._files = files
        self._within = within
        self._before = before
        self._is_found = is_found
        #: The real paths of the sheets that were read, each with the sheet that had it read for itself, and with "".
        self._seen: set[tuple[str, str]] = set()
        #: Those of the sheets that were listed, or that others name, if any does.
        self._counted: set[str] = set()

    def read(self, paths: Sequence[str]) -> list[Sheet]:
        """Return the sheets at *paths*, each with those that it names behind it."""
        # Python last: a file that another sheet names is code of another system, and must not run as a sheet of ours.
        listed = dict(self._within_limit(path for path in paths if not path.lower().endswith(".py")))
        follows = any(sheet.follow or sheet.source.path in self._reader.followed for sheet in listed.values())
        named = {os.path.realpath(item.path) for sheet in listed.values() for item in self._named_by(sheet)} if follows else set()
        rest = [path for path in paths if path.lower().endswith(".py") and not (named and self._real_path(path) in named)]
        listed.update(self._within_limit(rest))
        sheets = [listed[path] for path in paths if path in listed]
        if not follows:
            return sheets
        self._counted = {os.path.realpath(sheet.source.path) for sheet in sheets}
        # A listed sheet that another names stands behind that one. Of sheets that name each other in a circle, the first one
        # listed is read as if nothing named it.
        free = [sheet for sheet in sheets if os.path.realpath(sheet.source.path) not in named]
        return _one_for_each_path(each for sheet in (*free, *sheets) for each in self._reached_from(sheet))

    def _within_limit(self, paths: Iterable[str]) -> Iterator[tuple[str, Sheet]]:
        """Yield the sheets at *paths*, until they are more than may be read of one source."""
        for path in paths:
            if self._is_full or not self._take(sheet := self._read(path)):
                return
            yield path, sheet

    def _take(self, sheet: Sheet) -> bool:
        """Count the bytes of a sheet that was read; return whether they are within the limit. The first that isn't is a problem."""
        if not self._allowance.take(sheet.size) and not self._is_full:
            self._is_full = True
            found = "more: this one, and those after it, are not read"
            self.problems.append(limit_problem(self._reader.limits, "source", sheet.source, found))
        return not self._is_full

    def _read(self, path: str) -> Sheet:
        if self._within is not None:
            sheet = self._reader.read_in(self._within, path, self._context)
        else:
            sheet = self._reader.read(path, self._context, files=self._files)
        if not sheet.is_other:
            return sheet
        known = self._before.get(sheet.source.path)
        if not self._is_found(path) or (sheet.is_lost and known is not None and not known.sheet.is_other):
            # What is named must be a sheet; and one that was, and can't be read any more, keeps its last good plugins.
            return sheet._replace(is_other=False)
        return sheet._replace(problems=(), is_lost=False)

    def _real_path(self, path: str) -> str:
        from ways.sheets.files import path_in

        return os.path.realpath(path if self._within is None else path_in(self._within, path))

    def _reached_from(self, sheet: Sheet) -> Iterator[Sheet]:
        """Yield *sheet* and all that it leads to, depth first, without those that were read before."""
        if not self._is_new(sheet.source.path):
            return
        yield sheet
        waiting = list(self._named_by(sheet))[::-1]
        while waiting:
            item = waiting.pop()
            if self._is_new(item.path, item.read_for) and self._may_read(item):
                reached = self._reader.read_in(item.files, item.place, item.context)
                if not self._take(reached):
                    return
                yield reached
                waiting += list(self._named_by(reached))[::-1]

    def _is_new(self, path: str, read_for: str = "") -> bool:
        real = os.path.realpath(path)
        is_new = (real, read_for) not in self._seen
        self._seen |= {(real, read_for), (real, "")}
        return is_new

    def _named_by(self, sheet: Sheet) -> Iterator[_NamedSheet]:
        """Yield the sheets that *sheet* names; if it can't be read, those that it named when it could be read last."""
        source = sheet.source
        follow = sheet.follow if sheet.is_readable else self._reader.followed.get(source.path, ())
        if not follow:
            return
        from ways.sheets.files import FolderFiles, path_in

        chain = (*source.chain, source.path)
        context = self._context._replace(chain=chain, by=source.format)
        files = self._within or (FolderFiles(os.path.dirname(chain[0])) if self._files is None else self._files(chain[0]))
        for place in follow:
            read_for = source.path if place in sheet.follow_each else ""
            yield _NamedSheet(place, path_in(files, place), files, context, read_for)

    def _may_read(self, item: _NamedSheet) -> bool:
        """Whether a sheet that another names is within the limits; if not, that is a problem."""
        self._counted.add(os.path.realpath(item.path))
        limits = self._reader.limits
        is_deep = len(item.context.chain) > MAX_DEPTH
        if not is_deep and len(self._counted) <= limits.sheets:
            return True
        expected = f"sheets that name at most {MAX_DEPTH} sheets deep" if is_deep else limits.expected("sheets")
        if not any(problem.code == "too-many-sheets" and problem.expected == expected for problem in self.problems):
            source = Source(item.context.chain[-1], item.context.by, chain=item.context.chain[:-1])
            found, help = f"{item.place!r} beyond: it isn't read", "" if is_deep else limits.to_raise("sheets")
            message = f"expected {expected}, found {found}"
            self.problems.append(Problem(source, message, "error", "too-many-sheets", expected, item.place, help))
        return False


def _one_for_each_path(sheets: Iterable[Sheet]) -> list[Sheet]:
    """Return sheets, in order, with those of one path in one: it stands where the last of them did."""
    by_path: dict[str, Sheet] = {}
    for sheet in sheets:
        path = sheet.source.path
        before = by_path.pop(path, None)
        if before is not None:
            problems = tuple(dict.fromkeys((*before.problems, *sheet.problems)))
            sheet = before._replace(plugins=(*before.plugins, *sheet.plugins), problems=problems)
        by_path[path] = sheet
    return list(by_path.values())


def _together(made: Sequence[SheetPlugins], reader: SheetReader, before: Sequence[DataPlugin]) -> Sequence[DataPlugin]:
    """Return the plugins of all sheets; made at need, if every sheet is from the store.

    :param before: those of the last load, which are returned if they are of the same sheets and made at need.
    """
    lazy = [item.plugins for item in made if isinstance(item.plugins, LazyPlugins)]
    if lazy and len(lazy) == len(made):
        parts = [part for plugins in lazy for part in plugins.parts]
        if len({part.sheet.source.path for part in parts}) == len(parts):
            if isinstance(before, LazyPlugins) and len(before.parts) == len(parts) and all(map(is_, before.parts, parts)):
                return before
            return lazy[0] if len(lazy) == 1 else LazyPlugins(parts, _again(reader))
    return tuple(plugin for item in made for plugin in item.plugins)


def _plugins_of(sheet: Sheet, assignment: str, reader: SheetReader) -> SheetPlugins:
    """Return the plugins of *sheet*; of a sheet from the store made at need, if each can be made without the others."""
    if isinstance(sheet, StoredSheet):
        if sheet.is_plain:
            return SheetPlugins(sheet, assignment, LazyPlugins([LayeredSheet(sheet, assignment)], _again(reader)), (), ())
        return _make_plugins(reader.whole(sheet), assignment, reader.limits)._replace(sheet=sheet)
    made = _make_plugins(sheet, assignment, reader.limits)
    if reader.may_keep(sheet):
        is_plain = not made.errors and not made.problems
        reader.keep(sheet, made_places(sheet, made.plugins) if is_plain else None)
    return made


def _again(reader: SheetReader) -> Callable[[Sheet, str], Sequence[DataPlugin]]:
    """Return a function that makes the plugins of a sheet of its file, and not of the store."""
    return lambda sheet, assignment: _make_plugins(reader.read_again(sheet), assignment, reader.limits).plugins


def _make_plugins(sheet: Sheet, assignment: str, limits: Limits) -> SheetPlugins:
    # Compiled sheets were checked before.
    from ways.regex.budget import Question

    # Choices and defaults are matched with the expressions of their tokens.
    with Question(limits):
        return _checked_plugins(sheet, assignment, limits)


def _checked_plugins(sheet: Sheet, assignment: str, limits: Limits) -> SheetPlugins:
    from ways.plugins.precheck import limits_exceeded, plugins_made, validated

    plugins: list[DataPlugin] = []
    problems: list[Problem] = []
    errors: list[Exception] = []
    for written in sheet.plugins:
        if (problem := limits_exceeded(written, limits)) is not None:
            problems.append(problem)
            continue
        if len(plugins) + plugins_made(written) > limits.plugins:
            problems.append(limit_problem(limits, "plugins", written.source, "more: this one, and those after it, are left out"))
            break
        record, faults = validated(written)
        problems += faults
        if record is None:
            continue
        try:
            plugins += make_absolute(record, assignment)
        except DuplicateUsesError as error:
            errors.append(error)
            source: Source = error.source  # type: ignore[assignment]
            message = f"expected each parent once, found {error.parent!r} twice"
            problems.append(Problem(source, message, "error", "duplicate-uses", "each parent once", repr(error.parent)))
        except HierarchyError as error:
            message = f"expected fewer parts, found too many: {error}"
            problems.append(Problem(record.source_of("hierarchy"), message.rstrip("."), "error", "illegal-hierarchy", "fewer parts"))
        problems += _backslashed(record)
        if uses_itself(record):
            message = f"expected another place than its own, found {record.values['hierarchy']!r}: the plugin makes nothing"
            problems.append(Problem(record.source_of("uses"), message, "warning", "uses-itself", "another place"))
    return SheetPlugins(sheet, assignment, tuple(plugins), tuple(problems), tuple(errors))


def _backslashed(record: PluginRecord) -> Iterator[Problem]:
    """Yield a problem for each hierarchy of a plugin that is written with backslashes."""
    uses = enumerate(record.values.get("uses") or ())
    hierarchies: list[tuple[Pointer, str]] = [(("hierarchy",), record.values["hierarchy"])]
    hierarchies += ((("uses", index), place) for index, place in uses)
    for keys, place in hierarchies:
        if "\\" in place:
            found, help = f"the text {place!r}", f"Write {place.replace(chr(92), '/')!r}, on every platform."
            message = f"expected '/' between the parts of a hierarchy, found {found}"
            source = record.source_of(*keys)
            yield Problem(source, message, "error", "illegal-hierarchy", "'/' between the parts of a hierarchy", found, help)
