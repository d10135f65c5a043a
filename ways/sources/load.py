"""Sheets to plugins: what a list of paths gives, and everything that is wrong on the way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

from ways.errors import DuplicateUsesError, HierarchyError
from ways.limits import Limits
from ways.plugins.plugin import DataPlugin
from ways.plugins.precheck import limits_exceeded, validated
from ways.plugins.relative import make_absolute, uses_itself
from ways.plugins.lazy import LayeredSheet, LazyPlugins, rows_of
from ways.sheets.document import PluginRecord, Problem, Sheet, Source, limit_problem
from ways.sheets.reader import Info, Reached, SheetReader
from ways.sheets.store.compiled import StoredSheet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from ways.sources.follow import Following
    from ways.sheets.formats.base import Files
else:
    from ways.lightweight import NamedTuple


class Loading(NamedTuple):
    """What a load gave."""

    plugins: Sequence[DataPlugin]
    sheets: tuple[Sheet, ...]
    #: Those of the sheets are among them.
    problems: tuple[Problem, ...]
    #: What an explicit load raises at its end.
    errors: tuple[Exception, ...]


NOTHING = Loading((), (), (), ())


class Made(NamedTuple):
    """What one sheet gives in one layer."""

    sheet: Sheet
    assignment: str
    plugins: Sequence[DataPlugin]
    problems: tuple[Problem, ...]
    errors: tuple[Exception, ...]


def load_sheets(
    paths: Iterable[str],
    reader: SheetReader,
    *,
    is_trusted: bool,
    trusts_foreign: bool = False,
    files: Callable[[str], Files] | None = None,
    within: Files | None = None,
) -> Loading:
    """Return the plugins of the sheets at *paths*, in order; each is followed by the sheets that it names.

    :param trusts_foreign: whether code that sheets of other systems name may run as well.
    :param files: gives what the sheet at a path may list and read; the files of its folder and below, if absent.
    :param within: where the sheets are, if not on disk as plain files: *paths* are places below its root.
    """
    made: list[Made] = []
    problems: list[Problem] = []
    told: set[Problem] = set()
    infos: dict[str, Info] = {}
    reached = Reached(is_trusted, trusts_foreign)
    paths = list(paths)
    most = reader.limits.sheets
    surplus = () if len(paths) <= most else (_surplus(paths, reader.limits),)
    paths = paths[:most]
    # Python last: a file that another sheet names is code of another system, and must not run as a sheet of ours.
    found = {path: _read(path, reader, reached, files, within) for path in paths if not _is_python(path)}
    following = _following(found.values(), reader, reached, files, within)
    claimed = following.named(found.values()) if following and len(found) < len(paths) else frozenset()
    for path in paths:
        if path not in found and not (claimed and os.path.realpath(path) in claimed):
            found[path] = _read(path, reader, reached, files, within)
    sheets = [found[path] for path in paths if path in found]
    if following is not None:
        sheets, problems = following.all(sheets), following.problems
    for sheet in sheets:
        folder = os.path.dirname(sheet.source.path)
        # One info file stands above many sheets: it is looked for once, and told of once if it is broken.
        info = infos.get(folder) or infos.setdefault(folder, reader.info(folder, within))
        problems += [problem for problem in info.problems if problem not in told]
        told.update(info.problems)
        made.append(_made(sheet, info.assignment, reader))
        # Both in the order of their lines, as they are read.
        problems += sorted((*sheet.problems, *made[-1].problems), key=_line) if made[-1].problems else sheet.problems
    return Loading(
        _together(made, reader),
        tuple(item.sheet for item in made),
        (*problems, *surplus),
        tuple(error for item in made for error in item.errors),
    )


def _surplus(paths: Sequence[str], limits: Limits) -> Problem:
    """Return the problem that a search path has too many sheets, at the first that is not read."""
    problem = limit_problem(limits, "sheets", Source(paths[limits.sheets]), f"{len(paths)}: this one, and those after it, are not read")
    return problem._replace(code="too-many-sheets")


def _following(
    sheets: Iterable[Sheet],
    reader: SheetReader,
    reached: Reached,
    files: Callable[[str], Files] | None,
    within: Files | None,
) -> Following | None:
    """Return what follows the sheets that these name, if they name any."""
    if not any(sheet.follow or sheet.source.path in reader.followed for sheet in sheets):
        return None
    from ways.sources.follow import Following

    return Following(reader, reached, files, within)


def _is_python(path: str) -> bool:
    return path.lower().endswith(".py")


def _read(
    path: str, reader: SheetReader, reached: Reached, files: Callable[[str], Files] | None, within: Files | None
) -> Sheet:
    if within is not None:
        return reader.read_in(within, path, reached)
    return reader.read(path, is_trusted=reached.is_trusted, trusts_foreign=reached.trusts_foreign, files=files)


def _line(problem: Problem) -> tuple[int, int]:
    return problem.source.line, problem.source.column


def _together(made: Sequence[Made], reader: SheetReader) -> Sequence[DataPlugin]:
    """Return the plugins of all; where every sheet is compiled, each plugin is made when its place is asked for."""
    lazy = [item.plugins for item in made if isinstance(item.plugins, LazyPlugins)]
    if lazy and len(lazy) == len(made):
        parts = [part for plugins in lazy for part in plugins.parts]
        if len({part.sheet.source.path for part in parts}) == len(parts):
            return lazy[0] if len(lazy) == 1 else LazyPlugins(parts, _again(reader))
    return tuple(plugin for item in made for plugin in item.plugins)


def _made(sheet: Sheet, assignment: str, reader: SheetReader) -> Made:
    """Return what *sheet* gives; the same again while the sheet is the same."""
    held, path = reader.made, sheet.source.path
    before: Made | None = held.get(path)
    if before is not None and before.sheet is sheet and before.assignment == assignment:
        return before
    if isinstance(sheet, StoredSheet):
        found = _unpacked(sheet, assignment, reader)
    else:
        found = _make(sheet, assignment, reader.limits)
        if reader.may_keep(sheet):
            is_plain = not found.errors and not found.problems
            reader.keep(sheet, rows_of(sheet, found.plugins) if is_plain else None)
    held[path] = found
    return found


def _unpacked(sheet: StoredSheet, assignment: str, reader: SheetReader) -> Made:
    """Return what a compiled sheet gives: plugins that are made at need, if each can be made by itself."""
    if sheet.is_plain:
        return Made(sheet, assignment, LazyPlugins([LayeredSheet(sheet, assignment)], _again(reader)), (), ())
    return _make(reader.whole(sheet), assignment, reader.limits)._replace(sheet=sheet)


def _again(reader: SheetReader) -> Callable[[Sheet, str], Sequence[DataPlugin]]:
    return lambda sheet, assignment: _make(reader.read_again(sheet), assignment, reader.limits).plugins


def _make(sheet: Sheet, assignment: str, limits: Limits) -> Made:
    plugins: list[DataPlugin] = []
    problems: list[Problem] = []
    errors: list[Exception] = []
    for written in sheet.plugins:
        if (problem := limits_exceeded(written, limits)) is not None:
            problems.append(problem)
            continue
        if len(plugins) + max(1, len(written.values.get("uses") or ())) > limits.plugins:
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
            problems.append(_duplicate_uses(record, error))
        except HierarchyError as error:
            message = f"expected fewer parts, found too many: {error}"
            problems.append(Problem(record.source_of("hierarchy"), message.rstrip("."), "error", "illegal-hierarchy", "fewer parts"))
        if uses_itself(record):
            problems.append(_self_use(record))
    return Made(sheet, assignment, tuple(plugins), tuple(problems), tuple(errors))


def _duplicate_uses(record: PluginRecord, error: DuplicateUsesError) -> Problem:
    message = f"expected each parent once, found {error.parent!r} twice"
    source: Source = error.source  # type: ignore[assignment]
    return Problem(source, message, "error", "duplicate-uses", "each parent once", repr(error.parent))


def _self_use(record: PluginRecord) -> Problem:
    message = f"expected another place than its own, found {record.values['hierarchy']!r}: the plugin makes nothing"
    return Problem(record.source_of("uses"), message, "warning", "uses-itself", "another place")
