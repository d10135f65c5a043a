"""Guards: a match takes no more time than its budget, no matter which expression and which text.

``re`` tries every way to read a text before it refuses it. How many ways there are follows from the loops of an
expression: where a character that one loop takes may be taken by a later loop instead, their number grows by a power of
the text's length; where loops stand inside each other, by more than any power. Texts for which few ways are possible are
matched by ``re``, all others by ``regex``, which stops when its time is up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar, Token
from functools import lru_cache
from math import inf, prod

# The time of this thread alone: what other programs use on a busy machine doesn't count. regex counts in the same way.
from time import thread_time

from ways.errors import MatchTimeoutError
from ways.regex.expression import after_known, has_references, hides_references, operation_may_hold
from ways.regex.parse_tree import ONE_CHARACTER, REPEATS, UNREADABLE, Operation, ops, parse, subtrees

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple, TypeVar

    Result = TypeVar("Result")
else:
    from ways.lightweight import NamedTuple

    Result = None

#: Steps that a match by ``re`` may take: about ten milliseconds.
STEPS = 1_000_000
#: A text of at most so many characters is matched by ``re`` against any expression.
SHORT = 8
#: Seconds that a match by ``regex`` may take.
TIMEOUT = 0.1
#: A part that is repeated at most so often is no loop: it only adds ways to read a text.
_FEW = 8
#: Letters that equal others than their own upper and lower case where case is ignored.
_FOLDED = "ski\u017f\u212a\u0131\u0130"
_WORD = r"[\p{L}\p{N}_]"
#: Older versions of Python find ``\B`` nowhere in an empty text.
_NOT_EMPTY = "" if re.match(r"\B", "") else r"(?!\A\Z)"
#: What to write for ``regex`` so that these mean what they do to ``re``, outside of a class and in one.
_AS_RE = {
    r"\w": (_WORD, r"\p{L}\p{N}_"),
    r"\s": (r"[\s\x1c-\x1f]", r"\s\x1c-\x1f"),
    r"\W": (r"[^\p{L}\p{N}_]", r"\W"),
    r"\S": (r"[^\s\x1c-\x1f]", r"\S"),
    r"\b": (f"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))", r"\b"),
    r"\B": (f"{_NOT_EMPTY}(?:(?<={_WORD})(?={_WORD})|(?<!{_WORD})(?!{_WORD}))", r"\B"),
    # To regex a brace may begin the number of errors that are allowed.
    "{": (r"\{", "{"),
}
_MARK = re.compile(r"\(\?\#[^)]*\)|\\.|\{\d*,?\d*\}|\{|\[\^?\]?|\]", re.DOTALL)
#: The flag for ASCII, by which both engines count the same characters, and the one for comments.
_OTHER_FLAGS = re.compile(r"\(\?[iLmsu]*[ax]")

Match = Callable[[str], "re.Match[str] | None"]

#: When the budget of the current block is spent, by ``time.thread_time``.
_until: ContextVar[float] = ContextVar("ways_until", default=inf)


class TimeBudget:
    """A block of code in which all matches together may take some seconds. A block inside another has no more than is left."""

    __slots__ = ("_seconds", "_token")
    _token: Token[float]

    def __init__(self, seconds: float = TIMEOUT) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        self._token = _until.set(min(_until.get(), thread_time() + self._seconds))

    def __exit__(self, *error: object) -> None:
        _until.reset(self._token)


def time_is_up() -> bool:
    """Whether the budget of the current block is spent."""
    return thread_time() > _until.get()


def deadline() -> float:
    """Return when to give up, by ``time.thread_time``: when the budget is spent, or after ten times ``TIMEOUT`` without one."""
    return min(_until.get(), thread_time() + 10 * TIMEOUT)


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
CostPiece = str | CharacterLoop | int


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
    parts = [piece for piece in pieces if piece and not isinstance(piece, int)]
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

    __slots__ = ("_regex", "_short", "_limit", "_starts", "_steps", "_separators", "_timed")

    @classmethod
    def of(cls, regex: re.Pattern[str], pieces: Iterable[CostPiece] | None, separators: str = "") -> Guard:
        """Return the guard of *regex*; the arguments are those of :func:`guarded_match`."""
        if pieces is None:
            return cls(regex, None)
        given = list(pieces)
        loops = [piece for piece in given if isinstance(piece, CharacterLoop)]
        # A loop that takes a separator goes on over segments.
        dividing = "".join(letter for letter in separators if not any(loop.holds(letter) for loop in loops))
        steps = STEPS / prod(piece for piece in given if isinstance(piece, int))
        return cls(regex, starts_of_loops(given), steps, dividing)

    def __init__(self, regex: re.Pattern[str], starts: tuple[str, ...] | None, steps: float = STEPS, separators: str = "") -> None:
        self._regex = regex
        self._short = regex.fullmatch
        self._limit = SHORT if starts is None else int(steps ** (1 / (1 + len(starts))))
        self._starts = starts
        self._steps = steps
        self._separators = separators
        self._timed: Any = None

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
        if len(text) <= self._limit or self._ways(text) <= self._steps:
            return self._short(text)
        raise MatchTimeoutError(text, self._regex.pattern, 0)

    def match(self, text: str) -> re.Match[str] | None:
        """Return the match of the start of *text*, or ``None``; raises as :meth:`fullmatch` does."""
        if len(text) <= self._limit or self._is_quick(text):
            return self._regex.match(text)
        return self._within_time("match", text)

    def _is_quick(self, text: str) -> bool:
        ways = self._ways(text)
        if ways > STEPS / 100 and time_is_up():
            raise MatchTimeoutError(text, self._regex.pattern, TIMEOUT)
        return ways <= self._steps

    def _within_time(self, method: str, text: str) -> re.Match[str] | None:
        if self._timed is None:
            written = self._regex.pattern
            # To regex a reference is no reason to try a loop again whose rounds hold loops, and it refuses texts that fit.
            if (self._starts is None and has_references(after_known(written))) or hides_references(written):
                raise MatchTimeoutError(text, written, TIMEOUT)
            self._timed = compiled_by_regex(written)
        left = min(TIMEOUT, _until.get() - thread_time())
        try:
            # To regex a timeout of 0 means none.
            match: re.Match[str] | None = getattr(self._timed, method)(text, timeout=max(left, 0.001))
        except TimeoutError:
            raise MatchTimeoutError(text, self._regex.pattern, TIMEOUT) from None
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


@lru_cache(maxsize=256)
def compiled_by_regex(expression: str) -> Any:
    """Return *expression* compiled by ``regex``, written so that it means what it does to ``re``."""
    import regex

    if _OTHER_FLAGS.search(expression):
        return regex.compile(expression, regex.VERSION0)
    inside = False
    written, end = [], 0
    for match in _MARK.finditer(expression):
        mark = match[0]
        written.append(expression[end : match.start()])
        end = match.end()
        if mark[0] == "[" and inside:
            # In a class it is a plain character. The one after it may be the bracket that closes the class.
            written.append("\\" + mark)
            inside = mark[-1] != "]"
            continue
        if mark == "]" and not inside:
            written.append(mark)
            continue
        written.append(_AS_RE[mark][inside] if mark in _AS_RE else mark)
        inside = mark[0] == "[" or (inside and mark != "]")
    return regex.compile("".join(written) + expression[end:], regex.VERSION0)


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
                    yield len(argument[1])
            for inner in subtrees(argument):
                # Literals may be absent here.
                yield from (piece for piece in _pieces(inner) if not isinstance(piece, str))


def _repeated(least: int, most: int, tree: Any) -> Iterable[CostPiece]:
    """Yield the pieces of a repeat.

    :raises _NestedLoopsError: the same text may be divided among its rounds in more than one way.
    """
    inner = list(_pieces(tree))
    loops = [piece for piece in inner if isinstance(piece, CharacterLoop)]
    ways = prod(piece for piece in inner if isinstance(piece, int))
    items = _items(tree)
    text = _letters(inner)
    if not loops and (most <= _FEW or (least == most and ways == 1)):
        yield (most - least + 1) * (ways**most if ways > 1 else 1)
    elif most <= 1:
        yield 2 * ways
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
