"""Which paths resolve differently in two worlds, and to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ways.assets.find import Finder
from ways.assets.read import STRICT_TIERS, Candidate
from ways.compare.records import Change, PathChange, Reading
from ways.compare.world import ComparedSheets
from ways.errors import AmbiguousContextError, WaysError

#: What a path is, as far as two worlds may differ in it.
_Key = tuple[object, ...]
#: What two ambiguous readings may differ in.
_SHOWN = ("hierarchy", "assignment", "values")


def path_changes(old: ComparedSheets, new: ComparedSheets, paths: Iterable[str], assignment: str = "") -> Iterator[PathChange]:
    """Yield each of *paths* that resolves differently, as soon as it is known; nothing else of them is kept.

    A path resolves as for ``ways resolve``: as a whole, and in every value.

    :param assignment: look at the Contexts of this layer alone.
    """
    for text in paths:
        before, after = _found(old, text, assignment), _found(new, text, assignment)
        if _key(before) != _key(after):
            was, is_now = _reading(old, before), _reading(new, after)
            yield PathChange(text=text, change=_change(was, is_now), old=was, new=is_now)


def _found(world: ComparedSheets, text: str, assignment: str) -> Candidate | WaysError:
    try:
        return Finder.of(world.pool, assignment).find_text(text, STRICT_TIERS)
    except WaysError as error:
        return error


def _key(found: Candidate | WaysError) -> _Key:
    if isinstance(found, AmbiguousContextError):
        return ("ambiguous", *sorted(str([shown[name] for name in _SHOWN]) for shown in _shown(found)))
    if isinstance(found, WaysError):
        return ("unresolved",)
    return ("resolved", found.context.hierarchy, found.context.assignment, found.values)


def _shown(found: AmbiguousContextError) -> list[Mapping[str, Any]]:
    return [candidate.as_dict() for candidate in found.candidates]


def _reading(world: ComparedSheets, found: Candidate | WaysError) -> Reading:
    if isinstance(found, AmbiguousContextError):
        places = tuple(sorted({str(shown["hierarchy"]) for shown in _shown(found)}))
        return Reading(status="ambiguous", values={}, candidates=places, error=f"it fits {' and '.join(places)} equally well")
    if isinstance(found, WaysError):
        return Reading(status="unresolved", values={}, error=str(found))
    parts = found.view.mapping_parts
    source = None if isinstance(parts, WaysError) or not parts else parts[-1].plugin.source_of("mapping")
    return Reading(
        status="resolved",
        hierarchy=found.hierarchy,
        assignment=found.context.assignment,
        values=dict(found.values),
        source=world.told(source),
    )


def _change(old: Reading, new: Reading) -> Change:
    if old.status == "unresolved":
        return "added"
    return "removed" if new.status == "unresolved" else "changed"
