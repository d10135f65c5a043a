"""Words of an expression's automaton: each fits, and none is found only where there is none."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.regex import witnesses as words
from ways.regex.charset import EVERY, CharSet, charset, common, of_operation, union, without
from ways.regex.glushkov import Undecided, positions_of
from ways.regex.witnesses import common_word, samples, shortest, word_with

EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", r"\d", r"[^a]", "[a-c]", "", "x{2,3}", "(?i:q)"]),
    lambda parts: st.one_of(
        st.tuples(parts, parts).map("".join),
        st.tuples(parts, parts).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(parts, st.sampled_from(["*", "+", "?", "{2}"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    ),
    max_leaves=5,
)


@settings(deadline=None)
@given(EXPRESSIONS)
def test_the_shortest_word_and_the_samples_fit(expression: str) -> None:
    machine = positions_of(expression)
    words = [shortest(machine), *samples(machine, "a_", 6)]
    assert all(word is not None and re.fullmatch(expression, word) for word in words)


@settings(deadline=None)
@given(EXPRESSIONS, st.text("abqQx1", max_size=6))
def test_a_text_that_fits_is_a_word(expression: str, text: str) -> None:
    alone = positions_of(re.escape(text))
    assert bool(re.fullmatch(expression, text)) == (common_word(positions_of(expression), alone) is not None)


@settings(deadline=None)
@given(EXPRESSIONS)
def test_a_word_with_a_character_has_it(expression: str) -> None:
    word = word_with(positions_of(expression), "b")
    assert word is None or ("b" in word and re.fullmatch(expression, word))


@pytest.mark.parametrize("expression", ["a^", r"a\Zb", "[^\\s\\S]", "(?!)", "a$b", "x(?!)y|b^"])
def test_nothing_fits_some_expressions(expression: str) -> None:
    assert shortest(positions_of(expression)) is None


@pytest.mark.parametrize("expression", ["^abc$", "(?m)a^b", "a$\n", "^^a", "(?:x|^)a", "(?!b)a"])
def test_where_something_may_fit_a_word_is_found(expression: str) -> None:
    assert shortest(positions_of(expression)) is not None


@pytest.mark.parametrize("expression", [r"(.)\1", "(a)?(?(1)b|c)"])
def test_what_no_automaton_has_is_told(expression: str) -> None:
    with pytest.raises(Undecided):
        positions_of(expression)


RANGE = st.tuples(st.integers(0, 40), st.integers(0, 5)).map(lambda pair: charset(((pair[0], sum(pair)),)))
SETS = st.lists(RANGE).map(union)


@given(SETS, SETS)
def test_sets_of_characters_are_cut_as_sets_are(left: CharSet, right: CharSet) -> None:
    one, other = set(left.characters()), set(right.characters())
    assert set(common(left, right).characters()) == one & other
    assert set(without(left, right).characters()) == one - other


@pytest.mark.parametrize("expression", [r"\d", r"\W", "[^a-c]", ".", "(?s).", "(?i)k", "(?i)[^k]", r"[\s_]", "(?a)\\w"])
def test_a_class_has_the_characters_that_re_says(expression: str) -> None:
    from re import _parser  # type: ignore[attr-defined]

    tree = _parser.parse(expression)
    operation, argument = tree[0]
    found = of_operation(operation, argument, tree.state.flags)
    for letter in "aABkK\u212a_09\n /é٣λ☃\U0001F600":
        assert (letter in found) == bool(re.fullmatch(expression, letter)), letter
    assert common(found, EVERY) == found


def test_a_search_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(words, "_BUDGET", 5)
    with pytest.raises(words.TooMuch):
        words.word_with(positions_of("abcdefghijkl"), "!")
