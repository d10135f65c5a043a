"""Quick reading of many texts: a text's segments find its mapping, and mappings of one skeleton are compiled once.

The answers are those of :meth:`ways.assets.finding.Finder.find_text`, which gives the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ways.assets.index import Index, Target
from ways.assets.reading import SHARES, Candidate, Rank, asked_values, new_record, rank
from ways.contexts.view import ResolvedContext
from ways.errors import MatchTimeoutError, PatternError
from ways.pattern.matcher import AtDepth
from ways.pattern.pattern import STRICT, Pattern, PatternCache, TextReading
from ways.pattern.skeletons import SLOT, Skeleton
from ways.pattern.template import SEPARATORS
from ways.regex.budget import FEW, TimeBudget, Watch, has_question, in_a_moment
from ways.regex.guard import guarded_alike

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, NamedTuple
else:
    from ways.lightweight import NamedTuple


class SkeletonReader:
    """Reads the texts of all mappings of one skeleton.

    :raises PatternError: the skeleton can't be compiled.
    """

    __slots__ = ("skeleton", "pattern", "match", "is_complete", "slotted", "_patterns", "_ranks")

    def __init__(self, skeleton: Skeleton, patterns: PatternCache) -> None:
        self.skeleton = skeleton
        #: Reads texts with slots.
        self.slotted = patterns.get(skeleton.template).compiled()
        in_place = _in_place(skeleton, self.slotted, patterns)
        #: What a match belongs to.
        self.pattern = in_place or self.slotted
        #: Matches a text, whatever its segments at the slots are; ``None`` where :meth:`readings` has to answer.
        self.match = None if in_place is None else in_place.match_at_once
        #: Whether such a match gives each value that an Asset needs.
        self.is_complete = in_place is not None and in_place.match_complete == in_place.match_at_once
        self._patterns = patterns
        self._ranks: dict[frozenset[int], Rank] = {}

    def readings(self, segments: Sequence[str], view: ResolvedContext) -> list[TextReading]:
        """Return how a text can be read as a mapping of this skeleton that has its segments at the slots.

        :param segments: the text, cut at the separator.
        :param view: what the place of the mapping is.
        :raises MatchTimeoutError: matching takes too long.
        """
        text = self.skeleton.with_slots(segments)
        with TimeBudget(view.state.limits, SHARES["a"]):
            if not view.conditions:
                return self.slotted.readings(text)
            return [reading for reading in self.slotted.all_readings(text) if view.is_selected(reading.values, self._patterns)]

    def rank(self, present: frozenset[int], more: int) -> Rank:
        """Return the rank of a mapping with these optional parts.

        :param more: how many literal characters it has more than the skeleton.
        """
        known = self._ranks.get(present)
        if known is None:
            known = self._ranks[present] = rank(self.skeleton.template, present)
        return new_record(Rank, (known[0] + more, known[1], known[2]))


def _in_place(skeleton: Skeleton, slotted: Pattern, patterns: PatternCache) -> Pattern | None:
    """Return what matches texts without slots as a skeleton's pattern matches those with slots.

    It matches at once. ``None`` where a match doesn't decide.
    """
    expression = slotted.expression
    regex = expression.regex
    if regex.pattern.count(SLOT) != len(skeleton.slots) or not slotted.are_parts_told:
        return None
    any_text = f"[^{re.escape(skeleton.separator)}]*"
    match = re.compile(regex.pattern.replace(SLOT, any_text))
    in_place = Pattern(skeleton.template, STRICT, patterns)
    quick = guarded_alike(expression.at_once, match)
    in_place.expression = expression._replace(regex=match, fullmatch=quick, at_once=quick)
    return in_place if in_place.refuses_at_once else None


class TargetReader:
    """Reads the texts of one mapping, by its skeleton."""

    __slots__ = (
        "context", "view", "skeleton", "texts_of", "texts", "match", "serves_all",
        "_values", "_present", "_has_parts", "_more", "_rank",
    )  # fmt: skip

    def __init__(self, target: Target, skeleton: SkeletonReader, texts: object) -> None:
        self.context = target.context
        self.view = target.view
        self.skeleton = skeleton
        #: Gives what a text has at the slots; and what stands there in the mapping.
        self.texts_of = skeleton.skeleton.texts_of
        self.texts = texts
        self.match = skeleton.match if not target.view.conditions else None
        #: Whether it reads the texts of all variants of the place.
        self.serves_all = bool(target.view.conditions) and target.view.is_read_alike
        self._values = skeleton.pattern.values
        self._present = skeleton.pattern.present
        self._has_parts = bool(skeleton.skeleton.template.options)
        self._more = len(target.view.get_mapping()) - len(skeleton.skeleton.template.mapping)
        self._rank: Rank | None = None

    def candidate_of_match(self, match: re.Match[str]) -> Candidate:
        """Return what a match of a text says."""
        ranked = self._rank
        if ranked is None:
            ranked = self.skeleton.rank(self._present(match), self._more)
            if not self._has_parts:
                self._rank = ranked
        return new_record(Candidate, (self.context, self._values(match), "a", ranked, self.view))

    def fits(self, text: str, segments: Sequence[str], *, is_alone: bool = True) -> Sequence[MatchedText | Candidate]:
        """Return the ways in which a text fits.

        :param segments: the text, cut at the separator of the skeleton.
        :param is_alone: whether no other mapping is tried; if one is, what may take long is only tried as part of a question.
        :raises MatchTimeoutError: matching takes too long.
        """
        shared, view = self.skeleton, self.view
        if len(segments) != shared.skeleton.count or self.texts_of(segments) != self.texts:
            return ()
        try:
            if shared.match is not None:
                match = shared.match(text)
            elif shared.slotted.refuses_at_once:
                match = shared.slotted.match_at_once(shared.skeleton.with_slots(segments))
            else:
                return self._exact(segments, is_alone)
        except MatchTimeoutError:
            return self._exact(segments, is_alone)
        if match is None:
            return ()
        if not view.conditions and shared.match is not None:
            return (new_record(MatchedText, (self, match)),)
        candidate = self.candidate_of_match(match)
        if not view.conditions:
            return (candidate,)
        asked = asked_values(view, candidate.values, shared.pattern, match)
        if self.serves_all:
            return (new_record(Candidate, (*candidate[:4], view.selected(asked, self.context.patterns))),)
        return (candidate,) if view.is_selected(asked, self.context.patterns) else ()

    def _exact(self, segments: Sequence[str], is_alone: bool) -> list[Candidate]:
        if not (is_alone or has_question()):
            raise MatchTimeoutError("", "", 0)
        views = self.view.base.variants if self.serves_all else (self.view,)
        return [self._candidate(reading, view) for view in views for reading in self.skeleton.readings(segments, view)]

    def _candidate(self, reading: TextReading, view: ResolvedContext) -> Candidate:
        """Return what a reading of a text says."""
        values = {name: reading.values[name] for name in self.skeleton.skeleton.template.leaf_tokens if name in reading.values}
        return new_record(Candidate, (self.context, values, "a", self.skeleton.rank(reading.present, self._more), view))


class MatchedText(NamedTuple):
    """A text that one match decides."""

    reader: TargetReader
    match: re.Match[str]


class QuickReader:
    """Reads texts among all Contexts of an index, strictly.

    :param longest: characters of a text at most.
    """

    def __init__(self, index: Index, patterns: PatternCache, longest: int) -> None:
        self._group = group = index.groups[0]
        self._patterns = patterns
        self._longest = longest
        self._separator = None if group.has_forms else group.matcher.separator
        self._depths: dict[int, AtDepth[Target]] = {}
        self._skeletons: dict[Skeleton, SkeletonReader | None] = {}
        #: What reads the texts of a Context; ``None`` where its own pattern does.
        self._readers: dict[Target, TargetReader | None] = {}

    def read(self, text: str) -> Candidate | Literal[False] | None:
        """Return what a text is; ``False`` where it fits no Context here, and ``None`` where :meth:`Finder.find_text` has to answer."""
        found = self.find(text)
        return found.reader.candidate_of_match(found.match) if type(found) is MatchedText else found  # type: ignore[return-value]

    def find(self, text: str) -> MatchedText | Candidate | Literal[False] | None:
        """Return the same as :meth:`read`; but of a text that one match decides, the match."""
        if len(text) > self._longest or text[-1:] in SEPARATORS:
            # With a separator at its end a text may fit another Context without it, too.
            return None
        separator = self._separator
        try:
            if separator is None:
                targets = self._group.find(text)
                if len(targets) != 1:
                    return self._one_of(text, None, targets)
                target = targets[0]
            else:
                segments = text.split(separator)
                key_of, single, find, items = self._depths.get(len(segments)) or self._at_depth(len(segments))
                one = single(key_of(segments))
                if one is None:
                    numbers = find(segments)
                    if len(numbers) != 1:
                        return self._one_of(text, segments, [items[number] for number in numbers])
                    one = items[numbers[0]]
                target = one
            reader = self._readers[target] if target in self._readers else self._reader(target)
            if reader is None or reader.match is None:
                return self._one_of(text, None if separator is None else segments, (target,))
            if separator is None:
                segments = text.split(reader.skeleton.skeleton.separator)
                if len(segments) != reader.skeleton.skeleton.count:
                    return False
            if reader.texts_of(segments) != reader.texts:
                return False
            match = reader.match(text)
            return False if match is None else new_record(MatchedText, (reader, match))
        except MatchTimeoutError:
            return None

    def read_at(self, target: Target, text: str) -> Candidate | Literal[False] | None:
        """Return what a text is at one Context of the index, whichever others there are.

        ``False`` where it doesn't fit, and ``None`` where :func:`ways.assets.reading.read_text` has to answer.
        """
        if len(text) > self._longest or text[-1:] in SEPARATORS:
            return None
        reader = self._readers[target] if target in self._readers else self._reader(target)
        if reader is None:
            return None
        try:
            fits = reader.fits(text, text.split(reader.skeleton.skeleton.separator))
        except MatchTimeoutError:
            return None
        if len(fits) != 1:
            return None if fits else False
        found = fits[0]
        return found.reader.candidate_of_match(found.match) if isinstance(found, MatchedText) else found

    def _one_of(
        self, text: str, segments: list[str] | None, targets: Sequence[Target]
    ) -> MatchedText | Candidate | Literal[False] | None:
        """Return the same as :meth:`find`, of a text that may fit some targets.

        :param segments: the text as each of their skeletons cuts it; ``None`` if that isn't known.
        """
        found: MatchedText | Candidate | Literal[False] = False
        served = None
        is_alone = len(targets) < 2
        watch = Watch() if len(targets) > FEW and has_question() else None
        tried = targets if is_alone else [*dict.fromkeys(targets)]
        for target in tried if watch is not None else in_a_moment(tried):
            reader = self._readers[target] if target in self._readers else self._reader(target)
            if watch is not None and watch.is_up():
                # Whether one of the others wins in any case is decided by rank.
                return None
            if reader is None:
                if not (is_alone or has_question()):
                    return None
                fits: Sequence[MatchedText | Candidate] = target.match_strict(text)
            else:
                if reader.serves_all:
                    if reader.view.base is served:
                        continue
                    served = reader.view.base
                own = text.split(reader.skeleton.skeleton.separator) if segments is None else segments
                fits = reader.fits(text, own, is_alone=is_alone)
            if fits:
                if found or len(fits) > 1:
                    # Which one counts is decided by rank.
                    return None
                found = fits[0]
        return found

    def _at_depth(self, length: int) -> AtDepth[Target]:
        at_depth = self._depths[length] = self._group.matcher.at_depth(length)
        return at_depth

    def _reader(self, target: Target) -> TargetReader | None:
        """Return what reads the texts of a Context, made now."""
        skeleton: Skeleton | None = target.skeleton
        if skeleton is not None and skeleton not in self._skeletons:
            try:
                self._skeletons[skeleton] = SkeletonReader(skeleton, self._patterns)
            except PatternError:
                self._skeletons[skeleton] = None
        shared = self._skeletons[skeleton] if skeleton is not None else None
        reader = None
        if skeleton is not None and shared is not None:
            reader = TargetReader(target, shared, skeleton.texts_of(target.view.get_mapping().split(skeleton.separator)))
        self._readers[target] = reader
        return reader
