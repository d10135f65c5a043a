"""Guards: a match takes no more time than its budget, no matter which expression and which text.

``re`` tries every way to read a text before it refuses it. How many ways there are follows from the loops of an
expression: where a character that one loop takes may be taken by a later loop instead, their number grows by a power of
the text's length; where loops stand inside each other, by more than any power. Texts for which few ways are possible are
matched by ``re``, all others by ``regex``, which stops when its time is up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from math import inf, prod

from ways.errors import MatchTimeoutError
from ways.lightweight import Lock
from ways.regex.budget import Preparation, TimeBudget, out_of_time, time_left
from ways.regex.expression import after_known, has_references, hides_references, operation_may_hold
from ways.regex.parse_tree import (
    MAX_COPIES,
    ONE_CHARACTER,
    REPEATS,
    UNREADABLE,
    Operation,
    copies_of,
    ops,
    parse,
    subtrees,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple, TypeVar

    Result = TypeVar("Result")
else:
    from ways.lightweight import NamedTuple

    Result = None

#: Steps that a match by ``re`` may take: about ten milliseconds.
STEPS = 1_000_000
#: A text of at most so many characters may be matched by ``re`` where loops stand inside each other.
SHORT = 8
#: So many characters are looked at to say how many steps ``re`` may take.
_LOOKED_AT = 8
#: Numbers of ways and steps that are greater count as this one, of which products are no infinity.
_MANY = 1e30
#: Characters and copies of the expressions that are kept compiled by ``regex``: some hundred MB at most.
_MOST_KEPT = 250_000
#: A part that is repeated at most so often is no loop: it only adds ways to read a text.
_FEW = 8
#: Letters that equal others than their own upper and lower case where case is ignored.
_FOLDED = "ski\u017f\u212a\u0131\u0130"
Match = Callable[[str], "re.Match[str] | None"]


class CharacterLoop(NamedTuple):
    """A part of an expression that takes any number of some characters."""

    items: tuple[Operation, ...]

    def holds(self, character: str) -> bool:
        """Whether the loop may take *character*, in upper or lower case. True for each one beyond ASCII."""
        if not character.isascii():
            return True
        forms = {character.lower(), character.upper(), *(_FOLDED if character.lower() in _FOLDED else "")}
        return any(operation_may_hold(*item, ord(form)) for item in self.items for form in forms)


#: Takes any character.
_ANYTHING = CharacterLoop(((ops.ANY, None),))


def reference_pieces(pieces: Iterable[CostPiece] | None) -> tuple[CostPiece, ...] | None:
    """Return the pieces of a reference to what *pieces* matched: one loop, as a known text is compared letter by letter."""
    if pieces is None:
        return None
    items = tuple(item for piece in pieces if isinstance(piece, CharacterLoop) for item in piece.items)
    return (CharacterLoop(items),) if items else ()


#: What counts of a part of an expression: a literal text, a loop, or the number of ways to read the part.
CostPiece = str | CharacterLoop | float


class _NestedLoopsError(Exception):
    """Loops stand inside each other."""


@lru_cache(maxsize=4096)
def cost_pieces(expression: str) -> tuple[CostPiece, ...] | None:
    """Return the pieces of an expression in order; ``None`` if loops stand inside each other, or it can't be read."""
    try:
        return tuple(_pieces(parse(expression).operations))
    except (*UNREADABLE, _NestedLoopsError):
        return None


def guarded_match(regex: re.Pattern[str], pieces: Iterable[CostPiece] | None, separators: str = "") -> Match:
    """Return the ``fullmatch`` of *regex*, or that of a :class:`Guard` if it could take long.

    :param pieces: those of its expression: see :func:`cost_pieces`.
    :param separators: the characters that divide a text into segments.
    """
    guard = Guard.of(regex, pieces, separators)
    return regex.fullmatch if guard.is_linear else guard.fullmatch


def at_once(match: Callable[[str], Result]) -> Callable[[str], Result]:
    """Return what :func:`guarded_match` gave in a form that raises ``MatchTimeoutError`` at once instead of taking long."""
    guard = getattr(match, "__self__", None)
    return guard.at_once if isinstance(guard, Guard) else match  # type: ignore[return-value]


def guarded_alike(match: Match, regex: re.Pattern[str]) -> Match:
    """Return the ``fullmatch`` of *regex*, guarded as *match* is, a match at once.

    :param match: that of an expression whose texts are read in no fewer ways.
    """
    guard = getattr(match, "__self__", None)
    return guard.with_regex(regex).at_once if isinstance(guard, Guard) else regex.fullmatch


def starts_of_loops(pieces: Iterable[CostPiece]) -> tuple[str, ...]:
    """Return, for each loop that may take the characters of an earlier one, the text that stands before it.

    There are as many powers of a text's length in the number of ways to read it, and one more.
    """
    parts = [piece for piece in pieces if piece and not isinstance(piece, float)]
    starts = []
    for number, loop in enumerate(parts):
        if not isinstance(loop, CharacterLoop):
            continue
        # Both loops must be able to take the text between them. If not, it is certain where one ends and the other begins.
        between: dict[str, None] = {}
        for piece in reversed(parts[:number]):
            if isinstance(piece, str):
                between.update(dict.fromkeys(piece))
                if not all(map(loop.holds, piece)):
                    break
            elif all(map(piece.holds, between)):
                nearest = next(other for other in range(number - 1, -1, -1) if isinstance(parts[other], CharacterLoop))
                starts.append(_letters(parts[nearest + 1 : number]))
                break
    return tuple(starts)


class Guard:
    """A pattern that ``re`` matches if only few ways to read a text are possible, and ``regex`` within its time if not.

    :param starts: what :func:`starts_of_loops` gives; ``None`` if loops stand inside each other.
    :param steps: how many ways there may be for ``re``.
    :param separators: those that no loop takes: each segment between them is read by itself.
    """

    __slots__ = ("_regex", "_short", "_limit", "_starts", "_steps", "_separators")

    @classmethod
    def of(cls, regex: re.Pattern[str], pieces: Iterable[CostPiece] | None, separators: str = "") -> Guard:
        """Return the guard of *regex*; the arguments are those of :func:`guarded_match`."""
        if pieces is None:
            return cls(regex, None)
        given = list(pieces)
        loops = [piece for piece in given if isinstance(piece, CharacterLoop)]
        # A loop that takes a separator goes on over segments.
        dividing = "".join(letter for letter in separators if not any(loop.holds(letter) for loop in loops))
        steps = STEPS / prod(piece for piece in given if isinstance(piece, float))
        return cls(regex, starts_of_loops(given), steps, dividing)

    def __init__(self, regex: re.Pattern[str], starts: tuple[str, ...] | None, steps: float = STEPS, separators: str = "") -> None:
        self._regex = regex
        self._short = regex.fullmatch
        self._limit = _short(regex.pattern) if starts is None else int(steps ** (1 / (1 + len(starts))))
        self._starts = starts
        self._steps = steps
        self._separators = separators

    def with_regex(self, regex: re.Pattern[str]) -> Guard:
        """Return this guard with another pattern."""
        return Guard(regex, self._starts, self._steps, self._separators)

    @property
    def is_linear(self) -> bool:
        """Whether the time of a match grows no faster than the text's length."""
        return self._starts == () and self._steps > STEPS / 1000

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Return the match of the whole *text*, or ``None`` if it doesn't fit.

        :raises MatchTimeoutError: the budget was spent before that was known.
        """
        if len(text) <= self._limit or self._is_quick(text):
            return self._short(text)
        return self._within_time("fullmatch", text)

    def at_once(self, text: str) -> re.Match[str] | None:
        """Return the same if few ways to read *text* are possible.

        :raises MatchTimeoutError: there may be many; nothing was tried.
        """
        if len(text) <= self._limit:
            return self._short(text)
        ways = self._ways(text)
        if ways <= self._steps and not (ways > STEPS / 100 and time_left() <= 0):
            return self._short(text)
        raise MatchTimeoutError(text, self._regex.pattern, 0)

    def match(self, text: str) -> re.Match[str] | None:
        """Return the match of the start of *text*, or ``None``; raises as :meth:`fullmatch` does."""
        if len(text) <= self._limit or self._is_quick(text):
            return self._regex.match(text)
        return self._within_time("match", text)

    def _is_quick(self, text: str) -> bool:
        ways = self._ways(text)
        if ways > STEPS / 100 and time_left() <= 0:
            raise out_of_time(text, self._regex.pattern)
        return ways <= self._steps

    def _within_time(self, method: str, text: str) -> re.Match[str] | None:
        if time_left() == inf:
            with TimeBudget():
                return self._within_time(method, text)
        written = self._regex.pattern
        if time_left() <= 0 or not _suits_regex(written, self._starts is None):
            raise out_of_time(text, written)
        timed = _by_regex.get(written)
        if timed is None and hash(written) in _let_go:
            # It is made again and again, so that takes time of each question.
            timed = _kept_by_regex(written)
        elif timed is None:
            with Preparation():
                timed = _kept_by_regex(written)
        if not text.isascii():
            from ways.regex.timed_engine import knows_letters_of

            with Preparation():
                is_known = knows_letters_of(timed, text)
            if not is_known:
                raise out_of_time(text, written)
        try:
            # To regex a timeout of 0 means none.
            match: re.Match[str] | None = getattr(timed, method)(text, timeout=max(min(time_left(), 1e6), 0.001))
        except TimeoutError:
            raise out_of_time(text, written) from None
        return match

    def _ways(self, text: str) -> float:
        """Return how many steps a match may take at most: a loop can only begin where the text before it stands."""
        if self._starts is None:
            return inf
        segments = re.split(f"[{re.escape(self._separators)}]", text.lower()) if self._separators else [text.lower()]
        # Where case is ignored, letters beyond ASCII may equal others.
        counts = [max(map(len, segments)) if not text.isascii() else _most(segments, letters) for letters in self._starts]
        return len(text) * prod(1 + count for count in counts)


def _most(segments: Sequence[str], letters: str) -> int:
    """Return how often *letters* may stand in one segment at most. Those beyond ASCII may equal others, and are not counted."""
    plain = [letter for letter in letters.lower() if letter.isascii()]
    return max(min((segment.count(letter) for letter in plain), default=len(segment)) for segment in segments)


@lru_cache(maxsize=4096)
def _suits_regex(expression: str, is_nested: bool) -> bool:
    """Whether ``regex`` answers as ``re`` does, and compiles *expression* into no more than it may.

    :param is_nested: whether its loops stand inside each other.
    """
    # To regex a reference is no reason to try a loop again whose rounds hold loops, and it refuses texts that fit.
    if (is_nested and has_references(after_known(expression))) or hides_references(expression):
        return False
    return copies_of(expression) <= MAX_COPIES


#: Expression -> what ``regex`` made of it, the oldest first.
_by_regex: dict[str, Any] = {}
_weights: dict[str, int] = {}
_by_regex_lock = Lock()
#: The hashes of those that were kept before.
_let_go: set[int] = set()


def _kept_by_regex(expression: str) -> Any:
    """Return *expression* compiled by ``regex``, and keep it; those that were kept for longest go where there are too many."""
    # Loads the sets of characters, which no quick match needs.
    from ways.regex.timed_engine import compiled_by_regex

    made = compiled_by_regex(expression)
    with _by_regex_lock:
        _by_regex[expression], _weights[expression] = made, len(expression) + copies_of(expression)
        while len(_weights) > 1 and sum(_weights.values()) > _MOST_KEPT:
            oldest = next(iter(_weights))
            del _weights[oldest], _by_regex[oldest]
            _let_go.add(hash(oldest))
    return made


def _short(expression: str) -> int:
    """Return up to which length ``re`` may match a text in its steps, :data:`SHORT` at most; -1 for none at all."""
    steps = 0.0
    for length, more in enumerate(_steps_by_length(expression)):
        steps += more
        if steps > STEPS:
            return min(SHORT, length - 1)
    return SHORT


#: A number for each length from 0 to ``_LOOKED_AT``.
_ByLength = Sequence[float]
_NONE: _ByLength = (0.0,) * (_LOOKED_AT + 1)
_EMPTY: _ByLength = (1.0, *_NONE[1:])
_ANY: _ByLength = (1.0,) * (_LOOKED_AT + 1)


@lru_cache(maxsize=1024)
def _steps_by_length(expression: str) -> _ByLength:
    """Return how many steps ``re`` may take at most behind 0, 1, ... characters of a text; all of them if that isn't known."""
    try:
        return _ways_and_steps(parse(expression).operations)[1]
    except UNREADABLE:
        return (_MANY, *_NONE[1:])


def _ways_and_steps(tree: Iterable[Operation]) -> tuple[_ByLength, _ByLength]:
    """Return in how many ways an expression takes 0, 1, ... characters, and how many steps are made behind so many."""
    ways, steps = _EMPTY, _NONE
    for operation, argument in tree:
        if operation in ONE_CHARACTER:
            ways, steps = (0.0, *ways[:-1]), _sum(steps, ways)
            continue
        inner_ways, inner_steps = _ways_and_steps_of(operation, argument)
        steps = _sum(steps, _product(ways, inner_steps))
        ways = _product(ways, inner_ways)
    return ways, steps


def _ways_and_steps_of(operation: Any, argument: Any) -> tuple[_ByLength, _ByLength]:
    parts = [_ways_and_steps(inner) for inner in subtrees(argument)]
    ways, steps = _NONE, _EMPTY
    for part_ways, part_steps in parts:
        ways, steps = _sum(ways, part_ways), _sum(steps, part_steps)
    if operation in REPEATS:
        ways, steps = _of_repeat(int(argument[0]), int(argument[1]), *parts[0])
    elif operation in (ops.ASSERT, ops.ASSERT_NOT):
        # Nothing that it looks at is taken.
        return _EMPTY, (min(sum(steps), _MANY), *_NONE[1:])
    elif operation is ops.GROUPREF:
        return _ANY, _EMPTY
    elif operation is ops.GROUPREF_EXISTS and len(parts) < 2:
        ways = _sum(ways, _EMPTY)
    elif not parts:
        return _EMPTY, _EMPTY
    if operation in (ops.ATOMIC_GROUP, ops.POSSESSIVE_REPEAT):
        ways = [min(1.0, number) for number in ways]
    return ways, steps


def _of_repeat(least: int, most: int, ways: _ByLength, steps: _ByLength) -> tuple[_ByLength, _ByLength]:
    # The rounds that must be: all of them may be empty.
    must, before, power = _EMPTY, _NONE, ways
    for round_number in range(min(least, _LOOKED_AT + 1)):
        before = _sum(before, must)
        must = _product(must, ways)
    if least > _LOOKED_AT + 1:
        must, left = _EMPTY, least
        while left:
            must, power, left = (_product(must, power) if left & 1 else must), _product(power, power), left >> 1
        # If no round can be empty, those above are all that any text of this length begins.
        before = [min(number * least, _MANY) for number in _sum(must, before)] if ways[0] else before
    # Then those that may be: after a round that takes a character there may be one that takes none, and no more.
    often = 1.0 + ways[0]
    more, round_ways = _EMPTY, (0.0, *(min(number * often, _MANY) for number in ways[1:]))
    for _ in range(min(most - least, _LOOKED_AT)):
        more = _sum(_EMPTY, _product(more, round_ways))
    after = _product(must, more)
    ways = [min(number * often, _MANY) for number in after] if most > least else after
    return ways, _sum(_EMPTY, _sum(_product(before, steps), _product(ways, _sum(steps, _EMPTY))))


def _sum(left: _ByLength, right: _ByLength) -> _ByLength:
    return [min(one + other, _MANY) for one, other in zip(left, right)]


def _product(left: _ByLength, right: _ByLength) -> _ByLength:
    if left is _EMPTY:
        return right
    if right is _EMPTY:
        return left
    product = [0.0] * (_LOOKED_AT + 1)
    for length, one in enumerate(left):
        if one:
            for more in range(_LOOKED_AT + 1 - length):
                product[length + more] += one * right[more]
    return [min(number, _MANY) for number in product]


def _pieces(tree: Iterable[Operation]) -> Iterable[CostPiece]:
    for operation, argument in tree:
        if operation is ops.LITERAL:
            yield chr(argument)
        elif operation in REPEATS:
            yield from _repeated(*argument)
        elif operation is ops.GROUPREF:
            # Its text is compared letter by letter, once for each way to come to it.
            yield _ANYTHING
        elif operation is ops.SUBPATTERN:
            yield from _pieces(argument[3])
        elif operation not in ONE_CHARACTER:
            if operation is ops.BRANCH:
                firsts = [branch[0] for branch in argument[1] if len(branch)]
                letters = {chr(code).lower() for kind, code in firsts if kind is ops.LITERAL}
                # If each alternative begins with another literal, the first character decides between them.
                if len(letters) < len(argument[1]):
                    yield float(len(argument[1]))
            for inner in subtrees(argument):
                # Literals may be absent here.
                yield from (piece for piece in _pieces(inner) if not isinstance(piece, str))


def _repeated(least: int, most: int, tree: Any) -> Iterable[CostPiece]:
    """Yield the pieces of a repeat.

    :raises _NestedLoopsError: the same text may be divided among its rounds in more than one way.
    """
    inner = list(_pieces(tree))
    loops = [piece for piece in inner if isinstance(piece, CharacterLoop)]
    ways = prod((piece for piece in inner if isinstance(piece, float)), start=1.0)
    items = _items(tree)
    text = _letters(inner)
    if not loops and (most <= _FEW or (least == most and ways == 1)):
        yield (most - least + 1) * (min(min(ways, _MANY) ** most, _MANY) if ways > 1 else 1.0)
    elif most <= 1:
        yield min(2 * ways, _MANY)
        yield from loops
    elif not loops and items is not None and len(items) == len(tree) == 1:
        yield CharacterLoop(items)
    elif items is not None and len(loops) <= 1 and ways == 1 and any(
        text.count(letter) == 1 and sum(CharacterLoop((item,)).holds(letter) for item in items) == 1 for letter in text
    ):  # fmt: skip
        # Each round has a character that stands nowhere else in it, so it is certain where a round begins and ends.
        yield CharacterLoop(items)
    else:
        raise _NestedLoopsError


def _letters(pieces: Iterable[CostPiece]) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))


def _items(tree: Any) -> tuple[Operation, ...] | None:
    """Return the single characters that a sequence of characters and of loops of one is made of; ``None`` for anything else."""
    items: list[Operation] = []
    for operation, argument in tree:
        if operation in ONE_CHARACTER:
            items.append((operation, argument))
        elif operation is ops.SUBPATTERN or (operation in REPEATS and len(argument[2]) == 1):
            inner = _items(argument[3] if operation is ops.SUBPATTERN else argument[2])
            if inner is None or (operation in REPEATS and len(inner) != 1):
                return None
            # Written twice, so that a repeat doesn't count as a single character.
            items += inner if operation is ops.SUBPATTERN else (*inner, *inner)
        else:
            return None
    return tuple(items)
