"""The parse tree of a regular expression, as ``re`` itself reads it.

The reader that ``re`` uses has no public name. This is the only module that imports it; all others take from here what
they need, so that a change in a new version of Python is met in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
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


class TooLargeError(Exception):
    """An automaton would have more states, or more steps between them, than there may be."""


class ParsedExpression(NamedTuple):
    """A regular expression, read."""

    operations: Iterable[Operation]
    #: The flags that hold where no group sets others.
    flags: int
    #: Group name -> number.
    group_names: Mapping[str, int]
    #: The number of groups that have one.
    group_count: int


def parse(expression: str) -> ParsedExpression:
    """Return *expression*, read.

    :raises re.error: it is no regular expression.
    :raises RecursionError: it nests too deep.
    :raises OverflowError: it repeats more often than ``re`` can count.
    """
    tree = _parser.parse(expression)
    state = tree.state
    return ParsedExpression(tree, state.flags, state.groupdict, state.groups - 1)


def subtrees(argument: Any) -> Iterator[Any]:
    """Yield the operations that stand inside another, one list for each alternative, from the argument of that one."""
    for part in argument if isinstance(argument, tuple) else (argument,):
        for inner in part if isinstance(part, list) else (part,):
            if isinstance(inner, _parser.SubPattern):
                yield inner
