"""A sheet's regular expression, made fit to stand inside a larger one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

# The reader of regular expressions that re itself uses; it has no public name.
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

#: Flags that hold for all of an expression: one group of them or more; verbose ones may have space between.
_GLOBAL_FLAGS = re.compile(r"(?:\s*\(\?[aiLmsux]+\))+")
#: What looks at the text around a value, or takes part of it without ever giving some back.
_WATCHFUL = frozenset(
    {_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT, _constants.ATOMIC_GROUP, _constants.POSSESSIVE_REPEAT}
)
#: Groups that may lie in each other: what reads an expression calls itself for each.
MAX_NESTING = 50
#: Where a group begins and ends; what only looks like it is passed over.
_BRACKET = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|([()])", re.DOTALL)
#: The classes of characters that have a name, as they are written.
CATEGORIES = {
    _constants.CATEGORY_DIGIT: r"\d",
    _constants.CATEGORY_NOT_DIGIT: r"\D",
    _constants.CATEGORY_SPACE: r"\s",
    _constants.CATEGORY_NOT_SPACE: r"\S",
    _constants.CATEGORY_WORD: r"\w",
    _constants.CATEGORY_NOT_WORD: r"\W",
}
#: What has to be told apart inside an expression; anything else is copied as it stands.
_ITEM = re.compile(
    r"""
    (?P<reference> \\ (?P<number> (?> [1-9][0-9]? ) ) (?! (?<=[0-3][0-7]) [0-7] ) )
  | \\ .
  | (?P<class> \[ \^? \]? (?: \\. | [^\]\\] )* \] )
  | (?P<named> \(\?P< (?P<name> \w+ ) > )
  | (?P<same> \(\?P= (?P<same_name> \w+ ) \) )
  | (?P<condition> \(\?\( (?P<condition_name> \w+ ) \) )
  | \(\?\# [^)]* \)
  | (?P<group> \( (?! \? ) )
    """,
    re.VERBOSE | re.DOTALL,
)


def read(expression: str) -> re.Pattern[str]:
    """Return *expression*, ready to be asked.

    :raises re.error: it is no regular expression, or one beyond the limits.
    """
    _check_nesting(expression)
    try:
        return re.compile(expression)
    except (OverflowError, RecursionError) as error:
        raise re.error(str(error), expression, 0) from error


def _check_nesting(expression: str) -> None:
    if expression.count("(") <= MAX_NESTING:
        return
    depth = 0
    for found in _BRACKET.finditer(expression):
        depth += {"(": 1, ")": -1}.get(found[1], 0)
        if depth > MAX_NESTING:
            raise re.error(f"more than {MAX_NESTING} groups lie in each other", expression, found.start())


def embed(expression: str, groups_before: int) -> tuple[str, int]:
    """Return *expression* as one piece of a larger pattern, and the number of groups it holds.

    *groups_before* groups stand before it in the larger pattern. Each of its own is named after its number there, and
    what refers to one does so by that name: numbers would end at 99. Flags at its start hold for it alone.

    :raises re.error: it is no regular expression.
    """
    alone = read(expression)
    found = _GLOBAL_FLAGS.match(expression)
    body = expression[found.end() :] if found else expression
    flags = "".join(sorted({letter for letter in found[0] if letter.isalpha()})) if found else ""
    if alone.groups:
        body = _with_names(body, alone.groupindex, groups_before)
    # A verbose expression may end with a comment, which would take the bracket for its own.
    end = "\n" if "x" in flags else ""
    return f"(?{flags}:{body}{end})", alone.groups


def keeps_meaning(expression: str) -> bool:
    """Whether *expression*, embedded, fits the same texts as it does alone.

    One that looks at what stands around a text does not, nor does one that never gives back what it took.

    :raises re.error: it is no regular expression.
    """
    read(expression)
    tree = _parser.parse(expression)
    if any(operation in _WATCHFUL or _is_verbose(operation, argument) for operation, argument in _operations(tree)):
        return False
    if tree.state.flags & re.VERBOSE and tree.state.groups > 1:
        return False
    flags = _GLOBAL_FLAGS.match(expression)
    return not _GLOBAL_FLAGS.search(expression, flags.end() if flags else 0)


def _is_verbose(operation: Any, argument: Any) -> bool:
    """Whether a group is verbose by itself: what is a comment in it can't be told without reading it."""
    return operation is _constants.SUBPATTERN and bool(argument[1] & re.VERBOSE)


def _operations(tree: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """Yield every operation of an expression that was read, those inside others too."""
    for operation, argument in tree:
        yield operation, argument
        for part in argument if isinstance(argument, tuple) else (argument,):
            for inner in part if isinstance(part, list) else (part,):
                if isinstance(inner, _parser.SubPattern):
                    yield from _operations(inner)


def _with_names(body: str, numbers: Mapping[str, int], groups_before: int) -> str:
    written = []
    end, opened = 0, groups_before
    for item in _ITEM.finditer(body):
        opened += bool(item["named"] or item["group"])
        written += [body[end : item.start()], _moved(item, opened, numbers, groups_before)]
        end = item.end()
    return "".join(written) + body[end:]


def _moved(item: re.Match[str], opened: int, numbers: Mapping[str, int], groups_before: int) -> str:
    if item["named"] or item["group"]:
        return f"(?P<g{opened}>"
    if not (item["reference"] or item["same"] or item["condition"]):
        return item[0]
    target = item["number"] or item["same_name"] or item["condition_name"]
    number = (int(target) if target.isdigit() else numbers[target]) + groups_before
    return f"(?(g{number})" if item["condition"] else f"(?P=g{number})"


def may_hold(expression: str, character: str) -> bool:
    """Whether a text that fits *expression* may hold *character*. True where that can't be told."""
    try:
        return _tree_may_hold(_parser.parse(expression), ord(character))
    except (re.error, RecursionError, OverflowError):
        return True


def literal_start(expression: str) -> tuple[str, bool]:
    """Return the text that everything that fits *expression* begins with, and whether it is the whole of it."""
    try:
        tree = _parser.parse(expression)
    except (re.error, RecursionError, OverflowError):
        return "", False
    if tree.state.flags & re.IGNORECASE:
        return "", False
    start = ""
    for operation, argument in tree:
        if operation is not _constants.LITERAL:
            return start, False
        start += chr(argument)
    return start, True


def _tree_may_hold(tree: Iterable[tuple[Any, Any]], code: int) -> bool:
    return any(operation_may_hold(operation, argument, code) for operation, argument in tree)


def operation_may_hold(operation: Any, argument: Any, code: int) -> bool:
    """Whether one operation of an expression that was read may take the character *code*."""
    if operation is _constants.LITERAL:
        return bool(argument == code)
    if operation is _constants.NOT_LITERAL:
        return bool(argument != code)
    if operation is _constants.IN:
        return _class_holds(argument, code)
    if operation is _constants.BRANCH:
        return any(_tree_may_hold(branch, code) for branch in argument[1])
    if operation is _constants.SUBPATTERN:
        return _tree_may_hold(argument[3], code)
    if operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        return _tree_may_hold(argument[2], code)
    # These take no text of their own: a place, a look ahead or behind, a text that stood before.
    return operation not in (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT, _constants.GROUPREF)


def _class_holds(items: Iterable[tuple[Any, Any]], code: int) -> bool:
    is_negated = holds = False
    for kind, argument in items:
        if kind is _constants.NEGATE:
            is_negated = True
        elif kind is _constants.LITERAL:
            holds = holds or argument == code
        elif kind is _constants.RANGE:
            holds = holds or argument[0] <= code <= argument[1]
        else:
            # \w, \S and their like: asked of the engine itself.
            holds = holds or bool(re.fullmatch(CATEGORIES[argument], chr(code)))
    return holds != is_negated
