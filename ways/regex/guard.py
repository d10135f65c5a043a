"""Guards: no text may hold a pattern for long.

``re`` tries every way to read a text before it refuses it. How many there are follows from the loops of an expression:
where a loop can hand characters on to a later one, their number grows by a power of the text's length; where loops lie
in each other, by more than any power. Short texts are read by ``re`` all the same; longer ones by ``regex``, which
stops when its time is up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar, Token
from functools import lru_cache
from math import inf, prod
from re import _constants, _parser  # type: ignore[attr-defined]
# Time that others use up on a busy machine is none that a text takes; regex counts in the same way.
from time import thread_time
from typing import Any, NamedTuple

from ways.errors import MatchTimeoutError
from ways.regex.expression import operation_may_hold

#: Steps that a match by ``re`` may take: some ten milliseconds.
STEPS = 1_000_000
#: Characters of a text that any expression may be asked about.
SHORT = 8
#: Seconds that a match by ``regex`` may take.
TIMEOUT = 0.1
#: A part that may stand so often at most is as good as one that stands once.
_FEW = 8
_REPEATS = frozenset({_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT})
_ONE_CHARACTER = frozenset({_constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY})
#: Letters that fold to each other beyond their two cases, where case doesn't count.
_FOLDED = "ski\u017f\u212a\u0131\u0130"
_WORD = r"[\p{L}\p{N}_]"
#: For older Pythons ``\B`` is nowhere in an empty text.
_NOT_EMPTY = "" if re.match(r"\B", "") else r"(?!\A\Z)"
#: What these are for ``re``, outside of a class and in one; ``regex`` counts other characters among them.
_AS_RE = {
    r"\w": (_WORD, r"\p{L}\p{N}_"),
    r"\s": (r"[\s\x1c-\x1f]", r"\s\x1c-\x1f"),
    r"\W": (r"[^\p{L}\p{N}_]", r"\W"),
    r"\S": (r"[^\s\x1c-\x1f]", r"\S"),
    r"\b": (f"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))", r"\b"),
    r"\B": (f"{_NOT_EMPTY}(?:(?<={_WORD})(?={_WORD})|(?<!{_WORD})(?!{_WORD}))", r"\B"),
    # An error in spelling, for regex alone.
    "{": (r"\{", "{"),
}
_MARK = re.compile(r"\(\?\#[^)]*\)|\\.|\{\d*,?\d*\}|\{|\[\^?\]?|\]", re.DOTALL)
#: Flags that make a pattern speak of ASCII alone, or hold comments.
_OTHER_FLAGS = re.compile(r"\(\?[iLmsu]*[ax]")

Match = Callable[[str], "re.Match[str] | None"]


#: When the time of the question that is being answered is up.
_until: ContextVar[float] = ContextVar("ways_until", default=inf)


class TimeBudget:
    """A block in which all matches together have some seconds; one inside another has no more than is left."""

    __slots__ = ("_seconds", "_token")
    _token: Token[float]

    def __init__(self, seconds: float = TIMEOUT) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        self._token = _until.set(min(_until.get(), thread_time() + self._seconds))

    def __exit__(self, *error: object) -> None:
        _until.reset(self._token)


def time_is_up() -> bool:
    """Whether the question that is being answered has taken all of its time."""
    return thread_time() > _until.get()


def deadline() -> float:
    """Return when to give up, by ``time.thread_time``; where no question set the time, after ten times as long."""
    return min(_until.get(), thread_time() + 10 * TIMEOUT)


class Loop(NamedTuple):
    """A part of an expression that may hold any number of some characters."""

    items: tuple[tuple[Any, Any], ...]

    def holds(self, character: str) -> bool:
        """Whether *character*, in whatever case, may stand in it; of a letter beyond ASCII that isn't asked."""
        if not character.isascii():
            return True
        forms = {character.lower(), character.upper(), *(_FOLDED if character.lower() in _FOLDED else "")}
        return any(operation_may_hold(*item, ord(form)) for item in self.items for form in forms)


#: What may hold anything.
_ANYTHING = Loop(((_constants.ANY, None),))


def repeated(pieces: Iterable[Piece] | None) -> tuple[Piece, ...] | None:
    """Return what counts of the second place of something: its text is known there, and compared letter by letter."""
    if pieces is None:
        return None
    items = tuple(item for piece in pieces if isinstance(piece, Loop) for item in piece.items)
    return (Loop(items),) if items else ()


#: A text that stands in each text that fits, a loop, or a number of ways in which a part may stand there.
Piece = str | Loop | int


class _Entangled(Exception):
    """Loops lie in each other."""


@lru_cache(maxsize=4096)
def pieces_of(expression: str) -> tuple[Piece, ...] | None:
    """Return the loops of an expression, and the literal texts between them; ``None`` where loops lie in each other."""
    try:
        return tuple(_pieces(_parser.parse(expression)))
    except (re.error, RecursionError, OverflowError, _Entangled):
        return None


def degree(pieces: Iterable[Piece]) -> int:
    """Return the power of a text's length by which the ways to read it may grow: 1 where no loop can hand on to another."""
    known = [piece for piece in pieces if piece and not isinstance(piece, int)]
    best: dict[int, int] = {}
    for number, piece in enumerate(known):
        if isinstance(piece, Loop):
            best[number] = 1 + max((best[other] for other in _before(known, number)), default=0)
    return max(best.values(), default=1)


def _before(pieces: Sequence[str | Loop], number: int) -> Iterator[int]:
    """Yield the loops that may hand on to a later one, the nearest first.

    What stands between the two may stand in both: else it is certain where one ends and the other begins.
    """
    loop: Loop = pieces[number]  # type: ignore[assignment]
    between: dict[str, None] = {}
    for other in range(number - 1, -1, -1):
        piece = pieces[other]
        if isinstance(piece, str):
            between.update(dict.fromkeys(piece))
            if not all(map(loop.holds, piece)):
                return
        elif all(map(piece.holds, between)):
            yield other


def guarded(regex: re.Pattern[str], pieces: Iterable[Piece] | None, separators: str = "") -> Match:
    """Return the ``fullmatch`` of *regex*, or what takes its place where it could take long.

    :param pieces: its loops and the texts between them; ``None`` where loops lie in each other.
    :param separators: what parts a text into segments.
    """
    guard = Guard.of(regex, pieces, separators)
    return regex.fullmatch if guard.is_tame else guard.fullmatch


def at_once(match: Match) -> Match:
    """Return what :func:`guarded` gave, such that it raises MatchTimeoutError, and tries nothing, where that may take long."""
    guard = getattr(match, "__self__", None)
    return guard.at_once if isinstance(guard, Guard) else match


def _before_loops(pieces: Sequence[str | Loop]) -> tuple[str, ...]:
    """Return what has to stand before each loop that another may hand on to; ``""`` where nothing has."""
    found = []
    for number, piece in enumerate(pieces):
        if isinstance(piece, Loop) and next(_before(pieces, number), None) is not None:
            nearest = next(other for other in range(number - 1, -1, -1) if isinstance(pieces[other], Loop))
            found.append(_letters(pieces[nearest + 1 : number]))
    return tuple(found)


class Guard:
    """A pattern that is asked by ``re`` where few ways to read a text are possible, and else within a time.

    :param before: for each loop that another may hand on to, the letters that stand before it; ``None`` if not known.
    :param steps: how many ways there may be.
    :param parting: separators that no loop goes on over.
    """

    __slots__ = ("_regex", "_short", "_limit", "_before", "_steps", "_parting", "_timed")

    @classmethod
    def of(cls, regex: re.Pattern[str], pieces: Iterable[Piece] | None, separators: str = "") -> Guard:
        """Return the guard of *regex*; the arguments are those of :func:`guarded`."""
        if pieces is None:
            return cls(regex, None)
        given = list(pieces)
        known = [piece for piece in given if piece and not isinstance(piece, int)]
        loops = [piece for piece in known if isinstance(piece, Loop)]
        # A loop that goes on over a separator goes on over segments.
        parting = "".join(letter for letter in separators if not any(loop.holds(letter) for loop in loops))
        steps = STEPS / prod(piece for piece in given if isinstance(piece, int))
        return cls(regex, _before_loops(known), steps, parting)

    def __init__(self, regex: re.Pattern[str], before: tuple[str, ...] | None, steps: float = STEPS, parting: str = "") -> None:
        self._regex = regex
        self._short = regex.fullmatch
        self._limit = SHORT if before is None else int(steps ** (1 / (1 + len(before))))
        self._before = before
        self._steps = steps
        self._parting = parting
        self._timed: Any = None

    @property
    def is_tame(self) -> bool:
        """Whether the time it takes grows with a text's length alone."""
        return self._before == () and self._steps > STEPS / 1000

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Return what the pattern says of *text*, or ``None`` where it doesn't fit as a whole.

        :raises MatchTimeoutError: that took too long.
        """
        if len(text) <= self._limit or self._is_quick(text):
            return self._short(text)
        return self._within_time("fullmatch", text)

    def at_once(self, text: str) -> re.Match[str] | None:
        """Return the same where that takes no time to speak of.

        :raises MatchTimeoutError: it may take some; nothing was tried.
        """
        if len(text) <= self._limit or self._ways(text) <= self._steps:
            return self._short(text)
        raise MatchTimeoutError(text, self._regex.pattern, 0)

    def match(self, text: str) -> re.Match[str] | None:
        """Return what the pattern says of the start of *text*; else as :meth:`fullmatch`."""
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
            self._timed = timed(self._regex.pattern)
        left = min(TIMEOUT, _until.get() - thread_time())
        try:
            # Without any time it would have all of it.
            found: re.Match[str] | None = getattr(self._timed, method)(text, timeout=max(left, 0.001))
        except TimeoutError:
            raise MatchTimeoutError(text, self._regex.pattern, TIMEOUT) from None
        return found

    def _ways(self, text: str) -> float:
        """Return how many steps it may take at most: where a loop begins, what has to stand before it ends."""
        if self._before is None:
            return inf
        segments = re.split(f"[{re.escape(self._parting)}]", text.lower()) if self._parting else [text.lower()]
        # Letters beyond ASCII may count as others.
        counts = [max(map(len, segments)) if not text.isascii() else _most(segments, letters) for letters in self._before]
        return len(text) * prod(1 + count for count in counts)


def _most(segments: Sequence[str], letters: str) -> int:
    """Return how often *letters* may stand in one segment; those beyond ASCII may mean others, and are not counted."""
    plain = [letter for letter in letters.lower() if letter.isascii()]
    return max(min((segment.count(letter) for letter in plain), default=len(segment)) for segment in segments)


@lru_cache(maxsize=256)
def timed(expression: str) -> Any:
    """Return *expression* as ``regex`` reads it, with the letters that ``re`` has for its classes."""
    import regex

    if _OTHER_FLAGS.search(expression):
        return regex.compile(expression, regex.VERSION0)
    inside = False
    written, end = [], 0
    for found in _MARK.finditer(expression):
        mark = found[0]
        written.append(expression[end : found.start()])
        end = found.end()
        if mark[0] == "[" and inside:
            # In a class it means nothing; what stands after it may be the bracket that closes the class.
            written.append("\\" + mark)
            inside = mark[-1] != "]"
            continue
        if mark == "]" and not inside:
            written.append(mark)
            continue
        written.append(_AS_RE[mark][inside] if mark in _AS_RE else mark)
        inside = mark[0] == "[" or (inside and mark != "]")
    return regex.compile("".join(written) + expression[end:], regex.VERSION0)


def _pieces(tree: Iterable[tuple[Any, Any]]) -> Iterable[Piece]:
    for operation, argument in tree:
        if operation is _constants.LITERAL:
            yield chr(argument)
        elif operation in _REPEATS:
            yield from _repeated(*argument)
        elif operation is _constants.GROUPREF:
            # It is compared letter by letter, once for each way to come to it.
            yield _ANYTHING
        elif operation not in _ONE_CHARACTER:
            yield from _inside(operation, argument)


def _inside(operation: Any, argument: Any) -> Iterable[Piece]:
    """Yield the pieces of what is no repeat: texts of a group that is always there, and loops wherever they are."""
    if operation is _constants.SUBPATTERN:
        yield from _pieces(argument[3])
        return
    if operation is _constants.BRANCH and not _are_told_at_once(argument[1]):
        yield len(argument[1])
    for part in argument if isinstance(argument, tuple) else (argument,):
        for tree in part if isinstance(part, list) else (part,):
            if isinstance(tree, _parser.SubPattern):
                yield from (piece for piece in _pieces(tree) if not isinstance(piece, str))


def _are_told_at_once(branches: Sequence[Any]) -> bool:
    """Whether the first character tells which of some alternatives it may be."""
    firsts = [branch[0] for branch in branches if len(branch)]
    letters = {chr(argument).lower() for operation, argument in firsts if operation is _constants.LITERAL}
    return len(letters) == len(branches)


def _repeated(least: int, most: int, tree: Any) -> Iterable[Piece]:
    """Yield the pieces of a repeat.

    :raises _Entangled: it may go through its loops in more ways than one.
    """
    inner = list(_pieces(tree))
    loops = [piece for piece in inner if isinstance(piece, Loop)]
    ways = prod(piece for piece in inner if isinstance(piece, int))
    items = _items(tree)
    if not loops and (most <= _FEW or (least == most and ways == 1)):
        yield (most - least + 1) * (ways**most if ways > 1 else 1)
    elif most <= 1:
        yield 2 * ways
        yield from loops
    elif not loops and items is not None and len(items) == len(tree) == 1:
        yield Loop(items)
    elif items is not None and len(loops) <= 1 and ways == 1 and any(_parts(letter, inner, items) for letter in _letters(inner)):
        # Each time begins, or ends, with a text that can't stand elsewhere in it, and is gone through in one way.
        yield Loop(items)
    else:
        raise _Entangled


def _letters(pieces: Iterable[Piece]) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))


def _parts(letter: str, pieces: Sequence[Piece], items: Sequence[tuple[Any, Any]]) -> bool:
    """Whether a letter stands once in what is repeated, and can stand nowhere else in it."""
    return _letters(pieces).count(letter) == 1 and sum(Loop((item,)).holds(letter) for item in items) == 1


def _items(tree: Any) -> tuple[tuple[Any, Any], ...] | None:
    """Return what single characters a row of characters and loops of such is made of; ``None`` for anything else."""
    items: list[tuple[Any, Any]] = []
    for operation, argument in tree:
        if operation in _ONE_CHARACTER:
            items.append((operation, argument))
        elif operation is _constants.SUBPATTERN or (operation in _REPEATS and len(argument[2]) == 1):
            inner = _items(argument[3] if operation is _constants.SUBPATTERN else argument[2])
            if inner is None or (operation in _REPEATS and len(inner) != 1):
                return None
            # A repeat of one character is no single one, though it is made of one.
            items += inner if operation is _constants.SUBPATTERN else (*inner, *inner)
        else:
            return None
    return tuple(items)
