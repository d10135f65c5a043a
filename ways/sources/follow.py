"""Sheets that name sheets: each is read once, right after the one that names it first."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ways.sheets.document import Problem, Sheet, Source
from ways.sheets.files import FolderFiles, path_in
from ways.sheets.formats.base import Files
from ways.sheets.reader import Reached, SheetReader

#: Sheets on the way to one.
MAX_DEPTH = 64


class _Named(NamedTuple):
    """A sheet that another names."""

    place: str
    files: Files
    reached: Reached


class Following:
    """One load of sheets, and of those that they name. A circle is a sheet that was read already."""

    def __init__(
        self,
        reader: SheetReader,
        reached: Reached,
        files: Callable[[str], Files] | None = None,
        within: Files | None = None,
    ) -> None:
        self.reader = reader
        self.problems: list[Problem] = []
        self._reached = reached
        self._files = files
        self._within = within
        self._seen: set[str] = set()
        self._count = 0

    def all(self, listed: Sequence[Sheet]) -> list[Sheet]:
        """Return the listed sheets, each with those that it names; one that another names stands after that one."""
        named = self.named(listed)
        free = [sheet for sheet in listed if _key(sheet.source.path) not in named]
        # Those of a circle are named by each other: the first one listed is read as if nothing named it.
        sheets = [found for sheet in (*free, *listed) for found in self._whole(sheet)]
        self.reader.follow_formats.clear()
        return sheets

    def named(self, sheets: Iterable[Sheet]) -> frozenset[str]:
        """Return the real paths of what *sheets* name."""
        return frozenset(_key(path_in(item.files, item.place)) for sheet in sheets for item in self._named(sheet))

    def _whole(self, sheet: Sheet) -> Iterator[Sheet]:
        """Yield *sheet* and all that it leads to, depth first, but for what was there already."""
        if not self._is_new(sheet.source.path):
            return
        yield sheet
        waiting = list(reversed(list(self._named(sheet))))
        while waiting:
            item = waiting.pop()
            if not self._is_new(path_in(item.files, item.place)) or not self._may_go_on(item):
                continue
            found = self.reader.read_in(item.files, item.place, item.reached)
            yield found
            waiting += reversed(list(self._named(found)))

    def _is_new(self, path: str) -> bool:
        key = _key(path)
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new

    def _named(self, sheet: Sheet) -> Iterator[_Named]:
        """Yield what *sheet* names; what it named when it could be read last, if it can't be now."""
        source = sheet.source
        follow = sheet.follow if sheet.is_readable else self.reader.followed.get(source.path, ())
        if not follow:
            return
        chain = (*source.chain, source.path)
        reached = self._reached._replace(chain=chain, by=source.format)
        files = self._within or (FolderFiles(os.path.dirname(source.path)) if self._files is None else self._files(chain[0]))
        for place in follow:
            yield _Named(place, files, reached)

    def _may_go_on(self, item: _Named) -> bool:
        self._count += 1
        if len(item.reached.chain) <= MAX_DEPTH and self._count <= self.reader.limits.sheets:
            return True
        limit = f"{MAX_DEPTH} sheets deep" if len(item.reached.chain) > MAX_DEPTH else f"{self.reader.limits.sheets} sheets"
        if not any(problem.code == "too-many-sheets" and problem.expected == limit for problem in self.problems):
            source = Source(item.reached.chain[-1], item.reached.by, chain=item.reached.chain[:-1])
            message = f"expected sheets that name at most {limit}, found {item.place!r} beyond: it isn't read"
            self.problems.append(Problem(source, message, "error", "too-many-sheets", limit, item.place))
        return False


def _key(path: str) -> str:
    return os.path.realpath(path)
