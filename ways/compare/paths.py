"""Which paths resolve differently with two sets of sheets, and to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ways.assets.finding import Finder
from ways.assets.reading import STRICT_TIERS, Candidate
from ways.compare.records import Change, ComparedSheets, PathChange, Reading
from ways.errors import AmbiguousContextError, WaysError


def path_changes(old: ComparedSheets, new: ComparedSheets, paths: Iterable[str], assignment: str = "") -> Iterator[PathChange]:
    """Yield each of *paths* that resolves differently, as soon as it is known.

    A path resolves as for ``ways resolve``: as a whole, and in every value.

    :param assignment: look at the Contexts of this layer alone.
    """
    finders = [Finder(sheets.pool, sheets.pool.state(), assignment) for sheets in (old, new)]
    for text in paths:
        before, after = (_resolve(finder, text) for finder in finders)
        if _key(before) != _key(after):
            was, is_now = _reading(old, before), _reading(new, after)
            change: Change = "added" if was.status == "unresolved" else "removed" if is_now.status == "unresolved" else "changed"
            yield PathChange(text=text, change=change, old=was, new=is_now)


def _resolve(finder: Finder, text: str) -> Candidate | WaysError:
    try:
        return finder.find_text(text, STRICT_TIERS)
    except WaysError as error:
        return error


def _key(result: Candidate | WaysError) -> tuple[object, ...]:
    """Return the part of a result that makes a path different."""
    if isinstance(result, AmbiguousContextError):
        candidates = [candidate.as_dict() for candidate in result.candidates]
        return ("ambiguous", *sorted(str([item["hierarchy"], item["assignment"], item["values"]]) for item in candidates))
    if isinstance(result, WaysError):
        return ("unresolved",)
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
