"""The door to ``re``: what an expression of a sheet costs, its parse tree, and the expression compiled.

``re`` and ``regex`` compile whatever they get. ``regex`` writes out what is repeated as often as it must stand, and once
more: 45 groups with ``+`` inside each other come to 2^45 pieces. So an expression is measured (:func:`fault_of`) before an
engine compiles it. ``docs/reference/limits.rst`` has the numbers.

The reader that ``re`` uses has no public name. This is the only module that imports it; all others take from here what
they need, so that a change in a new version of Python is met in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from re import _constants, _parser  # type: ignore[attr-defined]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

#: The names of operations, of the parts of a character class, and of places in a text: ``ops.LITERAL``, ``ops.RANGE``, ...
ops: Any = _constants
#: One operation, or one part of a character class, with its argument; what the argument is depends on the operation.
Operation = tuple["Any", "Any"]

REPEATS = frozenset({ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT})
#: Operations that take one character.
ONE_CHARACTER = frozenset({ops.LITERAL, ops.NOT_LITERAL, ops.IN, ops.ANY})
#: The classes of characters that have a name -> how they are written.
CATEGORIES: Mapping[Any, str] = {
    ops.CATEGORY_DIGIT: r"\d",
    ops.CATEGORY_NOT_DIGIT: r"\D",
    ops.CATEGORY_SPACE: r"\s",
    ops.CATEGORY_NOT_SPACE: r"\S",
    ops.CATEGORY_WORD: r"\w",
    ops.CATEGORY_NOT_WORD: r"\W",
}
#: What reading an expression, or walking its tree, raises: it is none, nests too deep, or repeats too often.
UNREADABLE = (re.error, RecursionError, OverflowError)


#: Groups that may stand inside each other: functions that read an expression call themselves for each.
MAX_NESTING = 50
#: Groups that keep what they match. Both engines note all of them again and again, in loops for each round.
MAX_GROUPS = 100
#: Those of all expressions of a mapping together.
MAX_GROUPS_OF_MAPPING = 500
#: Pieces that an engine may add to those that are written: 300 to 600 bytes each, and 6 microseconds.
MAX_COPIES = 32_768
#: In a class where case is ignored ``re`` looks at each character of a range: so many take as long as a piece.
_CASED_PER_COPY = 16
#: What regex makes of an edge of a word: four looks at the letters around it.
_PIECES_OF_AN_EDGE = 50
#: Numbers that are greater count as this one.
_ENDLESS = 1_000_000_000
#: The characters of a class in which ``re`` looks at each character of a range.
_MOST_OF_A_CLASS = 0x10000
#: Escapes and classes, what begins a group that keeps what it matches, one that doesn't, and what ends a group.
_BRACKET = re.compile(r"\\.|\(\?#[^)]*\)|\[\^?\]?(?:\\.|[^\]\\])*\]|(\((?!\?)|\(\?P<)|(\()|(\))", re.DOTALL)
#: What may copy: a plus and the least number of a repeat; and the flags in which case may be ignored.
_COPYING = re.compile(r"\+|\{([0-9]+)|(\(\?[a-zA-Z-]*i)")
#: Where ``re`` may warn that an expression could mean something else one day.
_DOUBLE = re.compile(r"\[\[|--|&&|~~|\|\|")
_VERBOSE = re.compile(r"\(\?[a-zA-Z-]*x")
#: What may be a repeat that gives nothing back.
_POSSESSIVE = re.compile(r"[*+?}]\+")
#: What may be a condition that newer versions of Python don't read: there a group has a name, or a number of plain digits.
_ODD_CONDITION = re.compile(r"\(\?\((?!(?:[^\W\d]\w*|[0-9]+)\))")
#: An escape, a comment, or the bracket that begins a class.
_CLASS_BEGIN = re.compile(r"\\.|\(\?#[^)]*\)|(\[)", re.DOTALL)
#: An item of a class.
_ITEM = re.compile(r"\\?.", re.DOTALL)
#: Flags of which one replaces another in a group.
_TYPES = re.ASCII | re.LOCALE | re.UNICODE


class TooLargeError(Exception):
    """An automaton would have more states, or more steps between them, than there may be."""


class Effort:
    """Counts the steps that something takes."""

    def __init__(self, most: int) -> None:
        self._left = most

    def spend(self, steps: int) -> None:
        """Count some steps.

        :raises TooLargeError: there were too many.
        """
        self._left -= steps
        if self._left < 0:
            raise TooLargeError


class ParsedExpression(NamedTuple):
    """A regular expression, read."""

    operations: Iterable[Operation]
    #: The flags that hold where no group sets others.
    flags: int
    #: Group name -> number.
    group_names: Mapping[str, int]
    #: The number of groups that have one.
    group_count: int


class Fault(NamedTuple):
    """Why an engine doesn't get an expression: what is beyond a limit, and where in the expression."""

    message: str
    position: int = 0


class _Weight(NamedTuple):
    """What a part of an expression comes to."""

    #: Pieces as they are written.
    pieces: int = 0
    #: Pieces where what is repeated stands as often as it must, and once more.
    written_out: int = 0
    #: Characters of ranges where case is ignored.
    cased: int = 0
    #: Groups in each other.
    depth: int = 0

    @property
    def copies(self) -> int:
        return self.written_out - self.pieces + self.cased // _CASED_PER_COPY


@lru_cache(maxsize=4096)
def fault_of(expression: str) -> Fault | None:
    """Return what of *expression* is beyond the limits, or ``None``. An expression that can't be read has no such fault."""
    if fault := _bracket_fault(expression):
        return fault
    is_possessive = _POSSESSIVE.search(expression) is not None
    if not is_possessive and not _may_be_large(expression):
        return None
    try:
        parsed = parse(expression)
        weight = _weight(parsed.operations, parsed.flags)
    except UNREADABLE:
        return None
    if is_possessive and parsed.group_count and _keeps_in_possessive(parsed.operations):
        # re itself gives wrong texts of such a group, or a SystemError.
        return Fault("a repeat that gives nothing back has a group in it that keeps what it matches: write (?:...) for (...) there")
    if weight.depth > MAX_NESTING:
        return Fault(f"more than {MAX_NESTING} groups lie in each other")
    if parsed.group_count > MAX_GROUPS:
        return Fault(f"more than {MAX_GROUPS} groups keep what they match")
    if weight.copies > MAX_COPIES:
        return Fault(f"what it repeats comes to more than {MAX_COPIES} copies, as each repeat multiplies those inside of it")
    return None


def copies_of(expression: str) -> int:
    """Return how many pieces an engine adds where it writes out what *expression* repeats; 0 for few.

    :raises re.error: it is no regular expression.
    :raises RecursionError: it nests too deep.
    :raises OverflowError: it repeats more often than ``re`` can count.
    """
    if not _may_be_large(expression):
        return 0
    parsed = parse(expression)
    return _weight(parsed.operations, parsed.flags).copies


def _bracket_fault(expression: str) -> Fault | None:
    # Of an expression with comments the tree tells which brackets count.
    if expression.count("(") <= min(MAX_NESTING, MAX_GROUPS) or _VERBOSE.search(expression):
        return None
    depth = groups = 0
    for bracket in _BRACKET.finditer(expression):
        if bracket[3]:
            depth -= 1
        elif bracket[1] or bracket[2]:
            depth += 1
            groups += bool(bracket[1])
            if depth > MAX_NESTING:
                return Fault(f"more than {MAX_NESTING} groups lie in each other", bracket.start())
            if groups > MAX_GROUPS:
                return Fault(f"more than {MAX_GROUPS} groups keep what they match", bracket.start())
    return None


def _may_be_large(expression: str) -> bool:
    """Whether an expression has to be read to say that it is not beyond the limits: all repeats may lie in each other."""
    most = len(expression) + _PIECES_OF_AN_EDGE * (expression.count(r"\b") + expression.count(r"\B"))
    if most > MAX_COPIES:
        return True
    for mark in _COPYING.finditer(expression):
        if mark[2]:
            return True
        most *= 2 if mark[1] is None else min(int(mark[1][:10]), _ENDLESS) + 1
        if most > MAX_COPIES:
            return True
    return expression.count("(") > min(MAX_NESTING, MAX_GROUPS)


def _keeps_in_possessive(tree: Iterable[Operation], *, inside: bool = False) -> bool:
    """Whether a group that keeps what it matches stands in a possessive repeat."""
    return any(
        (inside and operation is ops.SUBPATTERN and argument[0] is not None)
        or any(_keeps_in_possessive(inner, inside=inside or operation is ops.POSSESSIVE_REPEAT) for inner in subtrees(argument))
        for operation, argument in tree
    )


def _weight(tree: Iterable[Operation], flags: int) -> _Weight:
    pieces = written_out = cased = deepest = 0
    for operation, argument in tree:
        inner_flags = flags
        times = 1
        if operation is ops.SUBPATTERN:
            inner_flags = flags_within(flags, argument)
        elif operation in REPEATS:
            times = min(int(argument[0]), _ENDLESS) + 1
        elif operation is ops.IN:
            pieces, written_out = pieces + len(argument), written_out + len(argument)
            if flags & re.IGNORECASE:
                ranges = (member for kind, member in argument if kind is ops.RANGE)
                cased += sum(min(last - first + 1, _MOST_OF_A_CLASS) for first, last in ranges)
        elif operation is ops.AT and argument in (ops.AT_BOUNDARY, ops.AT_NON_BOUNDARY):
            written_out += _PIECES_OF_AN_EDGE
        pieces, written_out = pieces + 1, written_out + 1
        for inner in subtrees(argument):
            weight = _weight(inner, inner_flags)
            pieces += weight.pieces
            written_out = min(written_out + times * weight.written_out, _ENDLESS)
            cased += weight.cased
            deepest = max(deepest, weight.depth + (operation not in REPEATS and operation is not ops.BRANCH))
    return _Weight(pieces, written_out, cased, deepest)


def parse(expression: str) -> ParsedExpression:
    """Return *expression*, read.

    :raises re.error: it is no regular expression.
    :raises RecursionError: it nests too deep.
    :raises OverflowError: it repeats more often than ``re`` can count.
    """
    tree = _in_silence(_parser.parse, expression)
    state = tree.state
    return ParsedExpression(tree, state.flags, state.groupdict, state.groups - 1)


def compiled(expression: str) -> re.Pattern[str]:
    """Return *expression*, compiled by ``re``; the same object for the same expression as long as ``re`` keeps it.

    :raises re.error: it is no regular expression.
    :raises RecursionError: it nests too deep.
    :raises OverflowError: it repeats more often than ``re`` can count.
    """
    compiled: re.Pattern[str] = _in_silence(re.compile, expression)
    return compiled


def without_doubles(expression: str) -> str:
    """Return *expression* so that ``re`` warns of nothing in it: ``[[a]`` and ``[a||b]`` may be other sets one day.

    One that holds comments among its brackets stays as it is.
    """
    if not _DOUBLE.search(expression) or _VERBOSE.search(expression):
        return expression
    written, end = "", 0
    while begin := _CLASS_BEGIN.search(expression, end):
        written += expression[end : begin.end()]
        end = begin.end()
        if begin[1]:
            inside, end = _with_escapes(expression, end)
            written += inside
    return written + expression[end:]


def _with_escapes(expression: str, place: int) -> tuple[str, int]:
    """Return a class from behind its bracket on, with escapes where ``re`` would warn, and the place after it."""
    written = ""
    if expression[place : place + 1] == "^":
        written, place = "^", place + 1
    is_end_of_range = False
    while item := _ITEM.match(expression, place):
        place = item.end()
        is_first = written in ("", "^")
        if item[0] == "]" and not is_first:
            return written + "]", place
        following = expression[place : place + 1]
        if is_end_of_range:
            is_odd = item[0] == "-"
        else:
            is_odd = item[0] in "-&~|" and item[0] == following and not is_first or item[0] == "[" and not written
        written += f"\\{item[0]}" if is_odd else item[0]
        if is_end_of_range or following != "-":
            is_end_of_range = False
        else:
            written, place, is_end_of_range = written + "-", place + 1, True
    return written, place


def _in_silence(read: Any, expression: str) -> Any:
    written = without_doubles(expression)
    is_odd = _ODD_CONDITION.search(expression) is not None
    if not is_odd and (written is not expression or not _DOUBLE.search(expression)):
        return read(written)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("error", DeprecationWarning)
        try:
            return read(written)
        except DeprecationWarning as warning:
            place = _ODD_CONDITION.search(expression)
            raise re.error(str(warning).partition(" at position")[0], expression, place.end() if place else 0) from None


def flags_within(flags: int, argument: Any) -> int:
    """Return the flags that hold inside a group, from those around it and the argument of the group."""
    added, removed = int(argument[1]), int(argument[2])
    return ((flags & ~_TYPES if added & _TYPES else flags) | added) & ~removed


def subtrees(argument: Any) -> Iterator[Any]:
    """Yield the operations that stand inside another, one list for each alternative, from the argument of that one."""
    for part in argument if isinstance(argument, tuple) else (argument,):
        for inner in part if isinstance(part, list) else (part,):
            if isinstance(inner, _parser.SubPattern):
                yield inner
