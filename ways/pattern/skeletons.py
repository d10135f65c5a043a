"""Skeletons: what mappings have in common that differ only in segments of plain text.

A studio has thousands of mappings and a few skeletons. Each skeleton is parsed and compiled once, with a :data:`SLOT` for
every segment of plain text.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

from ways.errors import WaysError
from ways.pattern.segment_reader import USES
from ways.pattern.segments import Details, MatchShape, MatchShapes, SegmentShape
from ways.pattern.template import REFERENCE, Leaf, Template
from ways.regex.guard import Match

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

#: What stands for a segment of plain text. No path holds it; a mapping that does has no skeleton.
SLOT = "\0"
#: Skeletons, and texts of segments, that are remembered at most.
LIMIT = 100_000
#: How a reference to the mapping of another place begins: its name may hold separators.
REFERENCE_START = "{" + REFERENCE
_TOKEN = re.compile(r"\{[^{}]*\}")


class Skeleton:
    """A mapping in which each segment of plain text is a slot. No token may hold the separator, and no optional part does.

    A text whose segments at the slots are those of a mapping fits the mapping if it fits :attr:`template` with a
    :data:`SLOT` in each of them, and has the same values there.
    """

    __slots__ = ("template", "separator", "slots", "count", "texts_of", "_segments", "_filled")

    def __init__(self, template: Template, shape: MatchShape, slots: Sequence[int]) -> None:
        self.template = template
        self.separator = shape.separator
        #: The numbers of the segments that are slots.
        self.slots = tuple(slots)
        #: Gives what a text, cut at the separator, has at the slots.
        self.texts_of: Callable[[Sequence[str]], Any] = itemgetter(*slots) if slots else lambda segments: ()
        self._segments = shape.forms[0]
        #: The numbers of the leaves with slots, and the texts between these.
        self._filled: list[tuple[int, list[str]]] | None = None
        #: The number of segments.
        self.count = len(self._segments)

    def shape(self, fixed: Sequence[SegmentShape]) -> MatchShape:
        """Return the shape of the mapping that has these segments at the slots."""
        segments = [*self._segments]
        for slot, segment in zip(self.slots, fixed):
            segments[slot] = segment
        return MatchShape(self.separator, (tuple(segments),), False, self)

    def leaves(self, mapping: str) -> tuple[Leaf, ...] | None:
        """Return the leaves of a mapping that has this skeleton; ``None`` where they have to be asked of its own Template."""
        filled = self._filled
        if filled is None:
            numbers = [number for number, leaf in enumerate(self.template.leaves) if SLOT in leaf.text]
            filled = self._filled = [(number, self.template.leaves[number].text.split(SLOT)) for number in numbers]
        if sum([len(pieces) - 1 for _, pieces in filled]) != len(self.slots):
            return None
        texts = self.texts_of(mapping.split(self.separator))
        rest = iter((texts,) if len(self.slots) == 1 else texts)
        leaves = [*self.template.leaves]
        for number, (first, *others) in filled:
            text = first
            for other in others:
                text += next(rest) + other
            leaves[number] = leaves[number]._replace(text=text)
        return tuple(leaves)

    def with_slots(self, segments: Sequence[str]) -> str:
        """Return a text, cut at the separator, with a slot for each segment of plain text."""
        changed = [*segments]
        for slot in self.slots:
            changed[slot] = SLOT
        return self.separator.join(changed)

    def filled(self, texts: Sequence[str], mapping: str) -> list[str]:
        """Return texts in which the slots stand, as in the literals of :attr:`template`, with those of a mapping in their place."""
        if not self.slots:
            return [*texts]
        segments = mapping.split(self.separator)
        there = iter([segments[slot] for slot in self.slots])
        pieces = (text.split(SLOT) for text in texts)
        return ["".join((first, *(next(there) + other for other in others))) for first, *others in pieces]


#: What matches a text of a skeleton, and what gives the values of the leaf tokens in the match.
SlotMatch = tuple[Match, Callable[["re.Match[str]"], dict[str, str]]]


class SlotReader:
    """Reads the first texts of one mapping by its skeleton.

    :param mapping: the mapping as text.
    :param make: gives what matches a text of the skeleton where it can be read in one way only, with a value for each token,
        and what gives the values in such a match. ``None`` where a match alone doesn't read all texts.
    """

    __slots__ = ("_skeleton", "_texts", "_make", "_made", "_left")

    def __init__(self, skeleton: Skeleton, mapping: str, make: Callable[[Skeleton], SlotMatch | None]) -> None:
        self._skeleton = skeleton
        self._texts = skeleton.texts_of(mapping.split(skeleton.separator))
        self._make = make
        self._made: SlotMatch | None = None
        self._left = USES

    @property
    def can_refuse(self) -> bool:
        """Whether it answers at all. The skeleton is compiled now."""
        if self._made is None and self._left > 0:
            self._made = self._make(self._skeleton)
            self._left = USES if self._made is not None else 0
        return self._left > 0

    def values(self, text: str) -> dict[str, str] | Literal[False] | None:
        """Return the value of each leaf token in *text*; ``False`` if it doesn't fit, ``None`` where the whole pattern has to answer.

        :raises MatchTimeoutError: a match alone doesn't decide.
        """
        made = self._made
        if made is None and self.can_refuse:
            made = self._made
        if made is None or self._left <= 0 or SLOT in text:
            return None
        self._left -= 1
        skeleton = self._skeleton
        segments = text.split(skeleton.separator)
        if len(segments) != skeleton.count or skeleton.texts_of(segments) != self._texts:
            return False
        match, values_of = made
        found = match(skeleton.with_slots(segments))
        return False if found is None else values_of(found)


class Skeletons:
    """Makes the shapes of many mappings; those of one skeleton share what was found out about it."""

    def __init__(self) -> None:
        self._shapes = MatchShapes()
        self._known: dict[tuple[str, int, bytes], Skeleton | None] = {}
        #: The shape of a segment of plain text; ``True`` for one with tokens or parts; ``False`` for one in which a token or a
        #: part begins or ends that goes on beyond it.
        self._segments: dict[str, SegmentShape | bool] = {}

    def __len__(self) -> int:
        return max(len(self._known), len(self._segments))

    def shape(
        self, mapping: str, details: Details, syntax: int, syntaxes: Mapping[str, int], template: Callable[[], Template]
    ) -> MatchShape:
        """Return the shape of a mapping.

        :param syntaxes: the syntax of a token's details, where that isn't the first.
        :param template: gives the Template, which is asked where no other mapping has the same skeleton.
        """
        shape = self._shared(mapping, details, syntax, syntaxes)
        if shape is not None:
            return shape
        is_first = syntax == 1 and not syntaxes
        return self._shapes.of(mapping, details, template) if is_first else self._shapes.of_template(template())

    def skeleton(self, mapping: str, details: Details, syntax: int, syntaxes: Mapping[str, int]) -> Skeleton | None:
        """Return the skeleton of a mapping, if it has one; the arguments are those of :meth:`shape`."""
        shape = self._shared(mapping, details, syntax, syntaxes)
        return None if shape is None else shape.skeleton

    def _shared(self, mapping: str, details: Details, syntax: int, syntaxes: Mapping[str, int]) -> MatchShape | None:
        separator = "/" if "/" in mapping else "\\"
        known = self._segments
        if len(known) > LIMIT or len(self._known) > LIMIT:
            known.clear()
            self._known.clear()
        texts = mapping.split(separator)
        fixed: list[SegmentShape] = []
        slots = []
        for number, text in enumerate(texts):
            segment = known.get(text)
            if segment is None:
                segment = known[text] = _segment(text)
            if segment is False:
                return None
            if segment is not True:
                fixed.append(segment)
                slots.append(number)
                texts[number] = SLOT
        if len(texts) == 1:
            return None
        try:
            # As a key it takes a tenth of the time that tuples of the details take.
            said: Any = (details, syntaxes or None)
            key = (separator.join(texts), syntax, marshal.dumps(said, 0))
        except ValueError:
            # They hold something that isn't plain data.
            return None
        if key in self._known:
            skeleton = self._known[key]
        else:
            skeleton = self._known[key] = self._made(key[0], separator, details, syntax, syntaxes, slots)
        return None if skeleton is None else skeleton.shape(fixed)

    def _made(
        self, text: str, separator: str, details: Details, syntax: int, syntaxes: Mapping[str, int], slots: Sequence[int]
    ) -> Skeleton | None:
        try:
            template = Template.of(text, details, syntax, syntaxes)
            shape = self._shapes.of_template(template)
        except WaysError:
            # The mapping itself tells what is wrong.
            return None
        is_one = shape.separator == separator and not shape.crosses and len(shape.forms) == 1
        if not is_one or len(shape.forms[0]) != text.count(separator) + 1:
            return None
        # Details may hold a slot, too.
        if sum(leaf.text.count(SLOT) for leaf in template.leaves) != len(slots):
            return None
        return Skeleton(template, shape, slots)


def _segment(text: str) -> SegmentShape | bool:
    if SLOT in text or REFERENCE_START in text:
        return False
    if not any(letter in text for letter in "{}[]\\/"):
        return SegmentShape(True, text, text)
    rest = _TOKEN.sub("", text)
    if "{" in rest or "}" in rest:
        return False
    depth = 0
    for letter in rest:
        depth += (letter == "[") - (letter == "]")
        if depth < 0:
            return False
    return depth == 0
