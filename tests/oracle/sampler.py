"""Texts that fit an expression, the same ones each time."""

from __future__ import annotations

import random
import re
from typing import Any

from ways.regex.parse_tree import ops, parse

#: What stands for any letter, digit or sign of a class.
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_"


def sample(expression: str, seed: int) -> str:
    """Return a text that fits *expression*; seed 0 gives a short one, others any."""
    chooser = random.Random(f"{expression} {seed}")
    text = "".join(_one(operation, argument, chooser, seed) for operation, argument in parse(expression).operations)
    assert re.fullmatch(expression, text), f"{text!r} was made for {expression!r}"
    return text


def _one(operation: Any, argument: Any, chooser: random.Random, seed: int) -> str:
    if operation is ops.LITERAL:
        return chr(argument)
    if operation is ops.ANY:
        return "x"
    if operation is ops.IN:
        return chooser.choice([letter for letter in _LETTERS if re.fullmatch(_class(argument), letter)])
    if operation is ops.BRANCH:
        parts = chooser.choice(argument[1])
    elif operation is ops.SUBPATTERN:
        parts = argument[3]
    else:
        least, most, parts = argument
        parts = list(parts) * (least if seed == 0 else chooser.randint(least, min(most, least + 4)))
    return "".join(_one(*part, chooser, seed) for part in parts)


def _class(items: list[tuple[Any, Any]]) -> str:
    categories = {ops.CATEGORY_DIGIT: r"\d", ops.CATEGORY_WORD: r"\w"}
    written = ""
    for kind, argument in items:
        if kind is ops.LITERAL:
            written += re.escape(chr(argument))
        elif kind is ops.RANGE:
            written += f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
        elif kind is ops.CATEGORY:
            written += categories[argument]
        else:
            written += "^"
    return f"[{written}]"
