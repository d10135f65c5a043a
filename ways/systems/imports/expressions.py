"""Regular expressions that other systems write: as rules of tokens, and tried on texts in bounded time."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ways.regex.expression import read as compiled
from ways.regex.timed_engine import compiled_by_regex

#: Characters of an expression: longer ones were made by a program, or are meant to do harm.
_LONGEST = 2_000
#: Seconds to try one expression on one text.
_TIME = 0.1
#: An item of an expression: what is escaped, a class, or a character.
_ITEM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)


def for_value(written: Any) -> str:
    """Return an expression that a system tries on a part of a text, if it looks at nothing around that; else ``""``."""
    outside = _ITEM.findall(written) if isinstance(written, str) else ["^"]
    return "" if {"^", "$"} & {*outside} else for_whole(written)


def for_whole(written: Any, following: str = "") -> str:
    """Return an expression for whole values, of one that a system tries on the beginning of a value; ``""`` if it has no counterpart.

    :param following: an expression of what may follow in a value where the expression has no ``$`` at its end.
    """
    if not isinstance(written, str) or len(written) > _LONGEST:
        return ""
    whole = []
    for part in _alternatives(written):
        body = part.removeprefix("^")
        is_ended = re.search(r"(?<!\\)(?:\\\\)*\$$", body) is not None
        body = body[:-1] if is_ended else body
        whole.append(body if is_ended or not following else f"(?:{body}){following}")
    expression = "|".join(whole)
    outside = {item for item in _ITEM.findall(expression) if len(item) == 1}
    if not expression or outside & {"^", "$"}:
        # A place within the value, which a token can't ask for.
        return ""
    try:
        compiled(expression)
    except re.error:
        return ""
    return expression


def _alternatives(expression: str) -> list[str]:
    """Return the alternatives that an expression consists of."""
    parts, depth = [""], 0
    for item in _ITEM.findall(expression):
        depth += (item == "(") - (item == ")")
        if item == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += item
    return parts


@lru_cache(maxsize=1024)
def _timed(expression: str) -> Any:
    try:
        return compiled_by_regex(expression) if len(expression) <= _LONGEST else None
    except (re.error, RecursionError, OverflowError):
        return None


def fits(expression: str, text: str, *, is_whole: bool = True) -> bool:
    """Return whether a text fits an expression, certainly and soon.

    :param is_whole: whether all of the text has to fit, or its beginning.
    """
    timed = _timed(expression)
    if timed is None:
        return False
    try:
        return (timed.fullmatch if is_whole else timed.match)(text, timeout=_TIME) is not None
    except TimeoutError:
        return False
