"""Which paths resolve differently with two sets of sheets, and to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ways.assets.finding import Finder
from ways.assets.moving import values_at
from ways.assets.reading import STRICT_TIERS, Candidate
from ways.assets.writing import written, written_at_once
from ways.compare.records import ComparedSheets, PathChange, PathChangeKind, Reading
from ways.errors import AmbiguousContextError, LimitError, MatchTimeoutError, WaysError
from ways.limits import check_length


#: What may become of a path: the changes, and ``same`` or ``unresolved`` (on both sides) where nothing changes.
OUTCOMES = ("removed", "added", "changed", "untold", "same", "unresolved")


class PathChanges(Iterator[PathChange]):
    """Each path that resolves differently, or can't be told to resolve equally, as soon as it is known.

    A path resolves as for ``ways resolve``: as a whole, and in every value.

    :param assignment: look at the Contexts of this layer alone.
    """

    def __init__(self, old: ComparedSheets, new: ComparedSheets, paths: Iterable[str], assignment: str = "") -> None:
        self._counts = dict.fromkeys(OUTCOMES, 0)
        #: The first path that resolves on neither side; empty as long as there is none.
        self.unresolved = ""
        self._changes = self._compared(old, new, paths, assignment)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of the paths so far changed in each way, are the ``same``, or are ``unresolved`` on both sides."""
        return self._counts

    def __next__(self) -> PathChange:
        return next(self._changes)

    def _compared(self, old: ComparedSheets, new: ComparedSheets, paths: Iterable[str], assignment: str) -> Iterator[PathChange]:
        finders = [Finder(sheets.pool, sheets.pool.state(), assignment) for sheets in (old, new)]
        for text in paths:
            before, after = (_resolve(sheets, finder, text) for sheets, finder in zip((old, new), finders))
            change = _change(before, after)
            if change is not None:
                self._counts[change] += 1
                would_be = _would_be(new, finders[1], before, text) if change != "untold" else None
                yield PathChange(text=text, change=change, old=_reading(old, before), new=_reading(new, after), would_be=would_be)
            elif _key(before) == UNRESOLVED:
                self._counts["unresolved"] += 1
                self.unresolved = self.unresolved or text
            else:
                self._counts["same"] += 1


#: The errors of a path of which nobody knows what it is.
UNTOLD = (LimitError, MatchTimeoutError)
#: The key of a path that doesn't resolve.
UNRESOLVED = ("unresolved",)


def _resolve(sheets: ComparedSheets, finder: Finder, text: str) -> Candidate | WaysError:
    try:
        check_length(len(text), sheets.pool.limits, text)
        return finder.find_text(text, STRICT_TIERS)
    except WaysError as error:
        return error


def _change(before: Candidate | WaysError, after: Candidate | WaysError) -> PathChangeKind | None:
    """Return what becomes of a path; ``None`` if it stays what it is."""
    if isinstance(before, UNTOLD) or isinstance(after, UNTOLD):
        return "untold"
    was, is_now = _key(before), _key(after)
    if was == is_now:
        return None
    return "added" if was == UNRESOLVED else "removed" if is_now == UNRESOLVED else "changed"


def _would_be(new: ComparedSheets, finder: Finder, before: Candidate | WaysError, text: str) -> str | None:
    """Return another text for which the new sheets have the place and the values that a text had, if there is one."""
    if isinstance(before, WaysError):
        return None
    context = new.pool.get(before.context.hierarchy, before.context.assignment)
    if context is None:
        return None
    try:
        at_once = written_at_once(context, context.view, before.values)
        values = before.values if at_once else values_at(before.context, before.values, context)
        path = at_once.match.string if at_once else written(context, values, context.view)
        found = finder.find_text(path, STRICT_TIERS)
        # A value that the new place doesn't have would be lost: several texts would become one.
        is_whole = found.values == before.values or values_at(found.context, found.values, before.context) == before.values
    except WaysError:
        return None
    return path if is_whole and path != text and found.context.hierarchy == before.context.hierarchy else None


def _key(result: Candidate | WaysError) -> tuple[object, ...]:
    """Return the part of a result that makes a path different."""
    if isinstance(result, AmbiguousContextError):
        candidates = [candidate.as_dict() for candidate in result.candidates]
        return ("ambiguous", *sorted(str([item["hierarchy"], item["assignment"], item["values"]]) for item in candidates))
    if isinstance(result, WaysError):
        return UNRESOLVED
    return ("resolved", result.context.hierarchy, result.context.assignment, result.values)


def _reading(sheets: ComparedSheets, result: Candidate | WaysError) -> Reading:
    if isinstance(result, AmbiguousContextError):
        places = tuple(sorted({str(candidate.as_dict()["hierarchy"]) for candidate in result.candidates}))
        return Reading(status="ambiguous", values={}, candidates=places, error=f"it fits {' and '.join(places)} equally well")
    if isinstance(result, WaysError):
        return Reading(status="unresolved", values={}, error=str(result))
    return Reading(
        status="resolved",
        hierarchy=result.hierarchy,
        assignment=result.context.assignment,
        values=dict(result.values),
        source=sheets.text_of(result.view.provenance.source_of_mapping()),
    )
