"""Sets of characters: cut as sets are, and with the characters that the engine counts over all of Unicode."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ways.regex.charset import EVERY, LAST, CharSet, charset, common, every_character, of_operation, union, without
from ways.regex.parse_tree import ops, parse


@cache
def everything() -> str:
    return "".join(map(chr, range(LAST + 1)))


def test_every_character_is_there_in_order() -> None:
    assert every_character() == everything()


CLASSES = [
    r"\w", r"\D", r"[\s_]", "[^a-z]", "(?i:k)", "(?i:[^k-s])", r"(?i:\u0131)", r"(?a:\w)", r"(?a:\S)", "(?ai:[s])",
    r"(?i:[\u0390-\u1fd3])", "(?s:.)", ".", r"(?i:\u24b6)", r"(?i:\u10a0)",
]  # fmt: skip


@pytest.mark.parametrize("expression", CLASSES)
def test_a_class_holds_what_the_engine_says_of_all_unicode(expression: str) -> None:
    parsed = parse(expression)
    (operation, argument), flags = next(iter(parsed.operations)), parsed.flags
    while operation is ops.SUBPATTERN:
        _, added, removed, tree = argument
        flags = (flags & ~re.UNICODE if added & re.ASCII else flags) | added & ~removed
        operation, argument = tree[0]
    letters = of_operation(operation, argument, flags)
    assert letters is not None
    wanted = [match.span() for match in re.finditer(f"(?:{expression})+", everything())]
    assert list(letters.ranges) == [(first, last - 1) for first, last in wanted]


RANGE = st.tuples(st.integers(0, 40), st.integers(0, 5)).map(lambda pair: charset(((pair[0], sum(pair)),)))
SETS = st.lists(RANGE).map(union)


@given(SETS, SETS)
def test_sets_of_characters_are_cut_as_sets_are(left: CharSet, right: CharSet) -> None:
    one, other = set(left.characters()), set(right.characters())
    assert set(common(left, right).characters()) == one & other
    assert set(without(left, right).characters()) == one - other


@pytest.mark.parametrize("expression", [r"\d", r"\W", "[^a-c]", ".", "(?s).", "(?i)k", "(?i)[^k]", r"[\s_]", "(?a)\\w"])
def test_a_class_has_the_characters_that_re_says(expression: str) -> None:
    parsed = parse(expression)
    operation, argument = next(iter(parsed.operations))
    letters = of_operation(operation, argument, parsed.flags)
    assert letters is not None
    for letter in "aABkK\u212a_09\n /é٣λ☃\U0001F600":
        assert (letter in letters) == bool(re.fullmatch(expression, letter)), letter
    assert common(letters, EVERY) == letters
