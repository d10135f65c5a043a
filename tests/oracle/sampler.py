"""Texts that fit an expression, the same ones each time."""

from __future__ import annotations

import random
import re
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

#: What stands for any letter, digit or sign of a class.
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_"


def sample(expression: str, seed: int) -> str:
    """Return a text that fits *expression*; seed 0 gives a short one, others any."""
    chooser = random.Random(f"{expression} {seed}")
    text = "".join(_one(operation, argument, chooser, seed) for operation, argument in _parser.parse(expression))
    assert re.fullmatch(expression, text), f"{text!r} was made for {expression!r}"
    return text


def _one(operation: Any, argument: Any, chooser: random.Random, seed: int) -> str:
    if operation is _constants.LITERAL:
        return chr(argument)
    if operation is _constants.ANY:
        return "x"
    if operation is _constants.IN:
        return chooser.choice([letter for letter in _LETTERS if re.fullmatch(_class(argument), letter)])
    if operation is _constants.BRANCH:
        parts = chooser.choice(argument[1])
    elif operation is _constants.SUBPATTERN:
        parts = argument[3]
    else:
        least, most, parts = argument
        parts = list(parts) * (least if seed == 0 else chooser.randint(least, min(most, least + 4)))
    return "".join(_one(*part, chooser, seed) for part in parts)


def _class(items: list[tuple[Any, Any]]) -> str:
    categories = {_constants.CATEGORY_DIGIT: r"\d", _constants.CATEGORY_WORD: r"\w"}
    written = ""
    for kind, argument in items:
        if kind is _constants.LITERAL:
            written += re.escape(chr(argument))
        elif kind is _constants.RANGE:
            written += f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
        elif kind is _constants.CATEGORY:
            written += categories[argument]
        else:
            written += "^"
    return f"[{written}]"
