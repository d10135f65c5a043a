"""The short way from a text to its Asset among all Contexts: where one match of one Context says all there is to say."""

from __future__ import annotations

from collections.abc import Iterable

from ways.assets.asset import Asset, asset_of, first_asset_of
from ways.assets.find import Entry, Finder
from ways.errors import MatchTimeoutError
from ways.pattern.matcher import AtDepth, Matcher
from ways.pattern.template import SEPARATORS


class QuickFinder:
    """Finds as a :class:`Finder` does, in the same state of the world, or answers ``None``."""

    __slots__ = ("is_live", "_finder", "_matcher", "_separator", "_depths")

    def __init__(self, finder: Finder) -> None:
        #: Whether the world is still the one in which this was made.
        self.is_live = finder.is_live
        self._finder = finder
        self._matcher: Matcher[Entry] | None = None
        #: What texts are cut at, once all Contexts are known, if one matcher does.
        self._separator: str | None = None
        self._depths: dict[int, AtDepth[Entry]] = {}

    def asset_of(self, text: str) -> Asset | None:
        """Return the Asset of a text that one Context alone fits strictly; ``None`` where that takes the long way."""
        try:
            if self._separator is None:
                return _asset_of_several(text, self._near(text))
            segments = text.split(self._separator)
            key_of, single, find, items = self._depths.get(len(segments)) or self._at_depth(len(segments))
            entry = single(key_of(segments))
            if entry is None:
                numbers = find(segments)
                if len(numbers) != 1:
                    return _asset_of_several(text, [items[number] for number in numbers])
                entry = items[numbers[0]]
            plan = entry.plan or entry.planned()
            # With a separator at its end a text may fit another Context without it, too.
            if plan is False or text[-1:] in SEPARATORS:
                return None
            match = plan.single(text)
            return first_asset_of(text, plan, entry.context) if match is None else asset_of(match, plan, entry.context)
        except MatchTimeoutError:
            # It takes longer than the short way may.
            return None

    def _near(self, text: str) -> list[Entry]:
        if self._matcher is None:
            self._matcher = self._finder.matcher
            self._separator = self._matcher.separator if self._matcher is not None else None
        return self._finder.near(text)

    def _at_depth(self, length: int) -> AtDepth[Entry]:
        assert self._matcher is not None
        found = self._depths[length] = self._matcher.at_depth(length)
        return found


def _asset_of_several(text: str, entries: Iterable[Entry]) -> Asset | None:
    found = None
    for entry in entries:
        plan = entry.plan or entry.planned()
        if plan is False:
            return None
        match = plan.complete(text)
        if match is not None:
            if found is not None:
                return None
            found = match, plan, entry.context
    return None if found is None or text[-1:] in SEPARATORS else asset_of(*found)
