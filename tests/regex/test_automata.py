"""Machines of expressions: compared with the engine itself, text by text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.expressions import LEAVES, REMEMBERING, expressions, texts

from ways.regex.automata import language_of
from ways.regex.machine import holding, of_texts, one_of, opposite_of_texts
from ways.regex.parse_tree import TooLargeError
from ways.regex.product import Steps, TextSearch, all_texts, intersection, product, shared_text

TEXTS = texts("abc\n", 4)
SLOW = settings(deadline=None, max_examples=300)


@SLOW
@given(expressions())
def test_a_machine_takes_the_texts_that_its_expression_fits(expression: str) -> None:
    language = language_of(expression)
    fits = re.compile(expression).fullmatch
    taken = {text for text in TEXTS if language.machine.fits(text)}
    wanted = {text for text in TEXTS if fits(text)}
    assert wanted == taken if language.is_exact else wanted <= taken


@SLOW
@given(expressions([*LEAVES, *REMEMBERING]))
def test_a_machine_never_takes_fewer(expression: str) -> None:
    language = language_of(expression)
    fits = re.compile(expression).fullmatch
    assert all(language.machine.fits(text) for text in TEXTS if fits(text))


@pytest.mark.parametrize("expression", REMEMBERING)
def test_what_is_no_matter_of_states_is_said(expression: str) -> None:
    assert language_of(expression).doubts


@pytest.mark.parametrize("expression", [r"(?<=(a))\1", r"(?:(?<!(x))|(y))\1z", r"(?:(a)){0}\1"])
def test_a_reference_to_a_group_that_is_not_read_may_be_anything(expression: str) -> None:
    language = language_of(expression)
    assert "it refers back to what it matched" in language.doubts and not language.machine.is_empty


@pytest.mark.parametrize("expression", ["^a+$", r"\Aa\Z", "(?!tmp)[a-z]+", "(?=.*b$)a.", "(?:(?!ab).)+", "a{3,5}?", "(?i)straße"])
def test_places_and_short_looks_ahead_are_exact(expression: str) -> None:
    assert language_of(expression).is_exact


def test_what_looks_ahead_in_too_many_ways_takes_more_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ways.regex.lookaround.MOST_STATES", 4)
    language = language_of("(?=.*a)(?=.*b)[abc]{6}")
    assert language.machine.fits("abcabc") and not language.machine.fits("ab")
    assert language.doubts == ("it looks ahead in too many ways",)


@pytest.mark.parametrize("expression", [r"(?:a{1,200}){1,200}", "(" * 300 + "a" + ")" * 300], ids=["repeats", "nests"])
def test_what_is_too_large_is_said_or_read(expression: str) -> None:
    try:
        language = language_of(expression)
    except re.error:
        pytest.skip("this Python cannot read this expression")
    assert language.machine.fits("a")


@SLOW
@given(expressions(), expressions())
def test_what_two_expressions_share_is_found_with_a_text(left: str, right: str) -> None:
    one, other = language_of(left), language_of(right)
    common_texts = product(one.machine, other.machine)
    common = [text for text in TEXTS if re.fullmatch(left, text) and re.fullmatch(right, text)]
    assert not (common and common_texts.is_empty)
    if one.is_exact and other.is_exact:
        first = next(iter(TextSearch(common_texts)), None)
        assert (first is None) == common_texts.is_empty
        assert first is None or (re.fullmatch(left, first) and re.fullmatch(right, first))
        assert first is None or not common or len(first) <= min(map(len, common))


@SLOW
@given(expressions(), expressions())
def test_machines_are_joined_as_sets_are(left: str, right: str) -> None:
    one, other = language_of(left).machine, language_of(right).machine
    both, either = intersection(one, other), one_of((one, other))
    for text in TEXTS:
        assert both.fits(text) == (one.fits(text) and other.fits(text))
        assert either.fits(text) == (one.fits(text) or other.fits(text))


def test_texts_and_all_others() -> None:
    some = ["", "a", "ab", "cb"]
    for text in TEXTS:
        assert of_texts(some).fits(text) == (text in some)
        assert opposite_of_texts(some).fits(text) == (text not in some)


def test_few_words_are_listed_and_many_are_not() -> None:
    machine = language_of("a?[bc]{1,2}").machine
    assert sorted(all_texts(product(machine, machine), 20) or ()) == sorted(
        text for text in TEXTS if re.fullmatch("a?[bc]{1,2}", text)
    )
    endless = language_of("a+").machine
    assert all_texts(product(endless, endless), 20) is None


def test_a_shown_text_is_one_that_people_can_read() -> None:
    machine = language_of(r"\w+-[^/]+\.\d{3}").machine
    assert next(iter(TextSearch(product(machine, machine)))) == "a-a.000"


def test_texts_of_two_machines_may_take_too_many_states(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = language_of("(a{7}b?)+").machine, language_of("(a{5}b?){2,}").machine
    assert intersection(left, right).ends
    monkeypatch.setattr("ways.regex.product.MOST_STATES", 40)
    with pytest.raises(TooLargeError):
        intersection(left, right)


@SLOW
@given(expressions())
def test_a_shared_text_fits_both(expression: str) -> None:
    language = language_of(expression)
    text = shared_text(language.machine, holding("b"))
    fitting = [other for other in TEXTS if "b" in other and re.fullmatch(expression, other)]
    if text is None:
        assert not fitting
    elif language.is_exact:
        assert "b" in text and re.fullmatch(expression, text)


@pytest.mark.parametrize("expression", ["a^", r"a\Zb", "[^\\s\\S]", "(?!)", "a$b", "x(?!)y|b^", "a(?=b)"])
def test_nothing_fits_some_expressions(expression: str) -> None:
    assert language_of(expression).machine.is_empty


@pytest.mark.parametrize("expression", ["^abc$", "(?m)a^b", "a$\n", "^^a", "(?:x|^)a", "(?!b)a", r"(.)\1", "(a)?(?(1)b|c)"])
def test_where_something_may_fit_a_machine_is_not_empty(expression: str) -> None:
    assert not language_of(expression).machine.is_empty


def test_a_search_for_a_shared_text_may_take_too_many_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ways.regex.product.MOST_PAIRS", 5)
    with pytest.raises(TooLargeError):
        shared_text(language_of("abcdefghijkl").machine, holding("l"))


@given(st.lists(st.text("ab", max_size=4), max_size=6), st.text("abc", max_size=5))
def test_the_machine_of_some_texts_and_its_opposite_share_no_text(texts: list[str], tried: str) -> None:
    assert of_texts(texts).fits(tried) == (tried in texts)
    assert opposite_of_texts(texts).fits(tried) == (tried not in texts)


def test_texts_that_begin_alike_share_their_states() -> None:
    count = 5_000
    assert len(of_texts(f"version{number:04}" for number in range(count)).edges) < 2 * count
    assert opposite_of_texts(f"version{number:04}" for number in range(count)).fits("version")


def test_steps_are_counted_over_several_products() -> None:
    steps = Steps(100)
    word = language_of("[a-z]+").machine
    product(word, word, steps=steps)
    with pytest.raises(TooLargeError):
        for _ in range(100):
            product(word, word, steps=steps)
    assert steps.are_spent
