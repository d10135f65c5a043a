"""A sheet's regular expression, made fit to stand inside a larger one."""

from __future__ import annotations

import re

_GLOBAL_FLAGS = re.compile(r"\(\?([aiLmsux]+)\)")
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
