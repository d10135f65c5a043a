"""A sheet's regular expression, made fit to stand inside a larger one."""

from __future__ import annotations

import re
from collections.abc import Iterable

# The reader of regular expressions that re itself uses; it has no public name.
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

_GLOBAL_FLAGS = re.compile(r"\(\?([aiLmsux]+)\)")
_CATEGORIES = {
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
    (?P<reference> \\ (?P<number> [1-9][0-9]? ) (?! (?<=[0-3][0-7]) [0-7] ) )
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


def embed(expression: str, groups_before: int) -> tuple[str, int]:
    """Return *expression* as one piece of a larger pattern, and the number of groups it holds.

    *groups_before* groups stand before it in the larger pattern: numbers that refer to groups move by as many,
    names get a prefix of their own, and flags at its start hold for it alone.

    :raises re.error: it is no regular expression.
    """
    count = re.compile(expression).groups
    flags = _GLOBAL_FLAGS.match(expression)
    body = expression[flags.end() :] if flags else expression
    if count or "(" in body:
        body = _ITEM.sub(lambda item: _moved(item, groups_before), body)
    return f"(?{flags[1] if flags else ''}:{body})", count


def _moved(item: re.Match[str], groups_before: int) -> str:
    if item["reference"]:
        return f"(?:\\{int(item['number']) + groups_before})"
    if item["named"]:
        return f"(?P<u{groups_before}_{item['name']}>"
    if item["same"]:
        return f"(?P=u{groups_before}_{item['same_name']})"
    if item["condition"]:
        name = item["condition_name"]
        return f"(?({int(name) + groups_before})" if name.isdigit() else f"(?(u{groups_before}_{name})"
    return item[0]


def may_hold(expression: str, character: str) -> bool:
    """Whether a text that fits *expression* may hold *character*. True where that can't be told."""
    try:
        return _tree_may_hold(_parser.parse(expression), ord(character))
    except (re.error, RecursionError):
        return True


def literal_start(expression: str) -> tuple[str, bool]:
    """Return the text that everything that fits *expression* begins with, and whether it is the whole of it."""
    try:
        tree = _parser.parse(expression)
    except (re.error, RecursionError):
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
    return any(_operation_may_hold(operation, argument, code) for operation, argument in tree)


def _operation_may_hold(operation: Any, argument: Any, code: int) -> bool:
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
            holds = holds or bool(re.fullmatch(_CATEGORIES[argument], chr(code)))
    return holds != is_negated
