"""How far a text fits the beginnings of mappings, of which many begin alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ways.assets.index import Target
from ways.assets.reading import Rank, rank
from ways.errors import MatchTimeoutError
from ways.pattern.builder import Builder
from ways.pattern.pattern import STRICT
from ways.pattern.skeletons import Skeleton
from ways.pattern.template import Leaf, Template
from ways.pattern.token import TokenSpec
from ways.regex.guard import Guard


class Stop(NamedTuple):
    """Where the start of a mapping no longer fits."""

    #: Leaves that fit.
    fitting: int
    position: int
    #: Where the last of these starts.
    start: int


class _Kind:
    """What the mappings of one skeleton have in common; of a mapping without one, what it has.

    :param template: that of the skeleton, or of the mapping.
    :param number_of: gives a number for each thing that can be hashed, the same for equal ones.
    """

    def __init__(self, template: Template, number_of: Callable[[object], int]) -> None:
        self.template = template
        options = template.options
        tokens = [leaf.text for leaf in template.leaves if leaf.is_token]
        # Where a value is referred to, another expression may be written for its token.
        refers = len(tokens) > len(set(tokens)) or not all(option.tokens for option in options)
        #: What decides how far the start of a mapping fits a text, beside the leaves there.
        self.key = (template.separators, refers)
        #: Of each leaf, a number for what decides which texts it takes; ``None`` where that is the text of a literal.
        self.numbers = [
            number_of((leaf, _constraints(template.spec(leaf.text)) if leaf.is_token else None))
            if leaf.is_token or (options and leaf.frames)
            else None
            for leaf in template.leaves
        ]
        self.rank = rank(template)


class LeafLine(NamedTuple):
    """The leaves of a mapping, one after the other."""

    leaves: Sequence[Leaf]
    rank: Rank
    kind: _Kind
    #: Gives the Template of the mapping.
    template: Callable[[], Template]

    def spec(self, token: str) -> TokenSpec:
        """Return the spec of a token."""
        return self.kind.template.spec(token)


class Beginnings:
    """What is known of where the beginnings of mappings end in some texts. Each mapping adds what is found out about it."""

    def __init__(self) -> None:
        self._kinds: dict[Skeleton, _Kind] = {}
        self._numbers: dict[object, int] = {}
        #: Where a beginning ends in a text; ``None`` where it doesn't fit.
        self._ends: dict[object, int | MatchTimeoutError | None] = {}
        self._stops: dict[object, Stop] = {}

    def leaves_of(self, target: Target) -> LeafLine:
        """Return the leaves of the mapping of a target. Its Template is made where it has no skeleton.

        :raises WaysError: it can't be read.
        """
        skeleton, mapping, view = target.skeleton, target.view.mapping, target.view
        leaves = skeleton.leaves(mapping) if skeleton is not None and isinstance(mapping, str) else None
        if skeleton is None or leaves is None:
            return self.of_template(view.template)
        kind = self._kinds.get(skeleton)
        if kind is None:
            kind = self._kinds[skeleton] = _Kind(skeleton.template, self._number_of)
        length = sum([len(leaf.text) for leaf in leaves if not leaf.is_token and not (leaf.frames and leaf.options)])
        return LeafLine(leaves, kind.rank._replace(literal_characters=length), kind, lambda: view.template)

    def of_template(self, template: Template) -> LeafLine:
        """Return the leaves of a mapping by itself."""
        kind = _Kind(template, self._number_of)
        return LeafLine(template.leaves, kind.rank, kind, lambda: template)

    def _number_of(self, thing: object) -> int:
        return self._numbers.setdefault(thing, len(self._numbers))

    def stop(self, mapping: LeafLine, text: str, count: int) -> Stop:
        """Return how much of a mapping's start fits: what a longer start fits, a shorter one does too.

        :param count: leaves that it may fit at most.
        :raises MatchTimeoutError: matching takes too long.
        """
        pairs = zip(mapping.kind.numbers[:count], mapping.leaves)
        start = (text, mapping.kind.key, *[leaf.text if number is None else number for number, leaf in pairs])
        stop = self._stops.get(start)
        if stop is None:
            stop = self._stops[start] = self._found(mapping, start, text, count)
        return stop

    def _found(self, mapping: LeafLine, start: tuple[object, ...], text: str, count: int) -> Stop:
        fitting, failing = 0, count + 1
        ends_of = {0: 0}
        while failing - fitting > 1:
            middle = (fitting + failing) // 2
            end = self._end(mapping, middle, start[: middle + 2], text)
            if end is None:
                failing = middle
            else:
                fitting, ends_of[middle] = middle, end
        before = fitting - 1
        if before > 0 and before not in ends_of and mapping.leaves[before].is_token:
            ends_of[before] = self._end(mapping, before, start[: before + 2], text) or 0
        return Stop(fitting, ends_of[fitting], min(ends_of.get(max(0, before), 0), ends_of[fitting]))

    def _end(self, mapping: LeafLine, count: int, start: tuple[object, ...], text: str) -> int | None:
        """Return where the first *count* leaves of a mapping end in *text*; ``None`` where they don't fit its start."""
        if start in self._ends:
            end = self._ends[start]
        else:
            template = mapping.template()
            builder = Builder.of(template, STRICT, count)
            try:
                match = Guard.of(builder.compiled(), builder.pieces, template.separators).match(text)
                end = match.end() if match else None
            except MatchTimeoutError as error:
                # Kept as an answer: a thousand mappings that begin so would each take as long to give up.
                end = error
            self._ends[start] = end
        if isinstance(end, MatchTimeoutError):
            raise end
        return end


def _constraints(spec: TokenSpec) -> tuple[object, ...]:
    return (spec.own_expression, spec.format, spec.is_sequence, spec.separator, *(text for _, text in spec.choices))
