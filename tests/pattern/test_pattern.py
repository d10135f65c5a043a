"""Text to values and back, for one mapping."""

from __future__ import annotations

from typing import Any

import pytest

from ways.errors import MissingTokensError, ParseError, PatternError, TokenValueError
from ways.pattern.pattern import WHOLE, Pattern, PatternCache
from ways.pattern.template import Template

pytestmark = pytest.mark.portability


def pattern(mapping: str, **expressions: Any) -> Pattern:
    """A pattern whose tokens have these expressions; a dict is a token's whole details."""
    details = {name: given if isinstance(given, dict) else {"parse": {"regex": given}} for name, given in expressions.items()}
    return Pattern(Template.of(mapping, details))


@pytest.mark.parametrize("text", ["/jobs/a/b", "/jobs/", "/jobs/a/", "x/jobs/a", "/jobs/a\\b/c"])
def test_a_token_without_an_expression_never_crosses_a_separator(text: str) -> None:
    assert pattern("/jobs/{JOB}").match(text) is None


def test_only_the_separators_of_the_literal_text_count() -> None:
    assert pattern("/jobs/{JOB}").match("/jobs/a\\b") == {"JOB": "a\\b"}
    assert pattern(r"P:\{JOB}").match(r"P:\a/b") == {"JOB": "a/b"}
    assert pattern("{JOB}").match("a/b\\c") == {"JOB": "a/b\\c"}


def test_the_separators_of_a_childs_mapping_count() -> None:
    assert pattern("{P}", P={"mapping": "{A}/{B}"}).match("a/b/c") is None


def test_a_token_with_an_expression_may_cross_separators_if_that_says_so() -> None:
    assert pattern("/jobs/{REST}", REST=".+").match("/jobs/a/b") == {"REST": "a/b"}


@pytest.mark.parametrize("text", ["/jobs/a ", "/jobs/a\n", " /jobs/a", "/jobs/a/x"])
def test_the_whole_text_must_fit(text: str) -> None:
    assert pattern("/jobs/{JOB}", JOB="[a-z]").match(text) is None


def test_literal_text_is_no_expression() -> None:
    assert pattern("a.b+(c)[{A}]").match("a.b+(c)[x]") == {"A": "x"}
    assert pattern("a.b{A}").match("axbx") is None


@pytest.mark.parametrize("text, fits", [("a/a", True), ("a/b", False), ("ab/a", False)])
def test_a_repeated_token_has_one_value(text: str, fits: bool) -> None:
    assert (pattern("{A}/{A}").match(text) is not None) == fits


def test_a_repeated_parent_has_one_value() -> None:
    repeated = pattern("{P}/{P}", P={"mapping": "{A}_{B}"})
    assert repeated.match("a_b/a_b") == {"A": "a", "B": "b"}
    assert repeated.match("a_b/a_c") is None


@pytest.mark.parametrize("text, fits", [("/ab_001", True), ("/bb_001", False), ("/ab_1", False)])
def test_a_token_with_mapping_and_expression_satisfies_both(text: str, fits: bool) -> None:
    shot = pattern("/{SHOT}", SHOT={"mapping": "{SEQ}_{NUM}", "parse": {"regex": "a.*"}}, NUM=r"\d{3}")
    assert (shot.match(text) is not None) == fits


def test_another_division_is_taken_where_a_parents_expression_refuses_the_first() -> None:
    parent = pattern("{P}_{C}", P={"mapping": "{A}_{B}", "parse": {"regex": "._."}})
    assert parent.match_all("a_b_c_d") == {"P": "a_b", "A": "a", "B": "b", "C": "c_d"}


def test_tokens_take_as_much_as_they_can_to_the_left() -> None:
    assert pattern("{A}_{B}").match("a_b_c") == {"A": "a_b", "B": "c"}
    assert pattern("{A}{B}", A="[a-z]*").match("abc") == {"A": "ab", "B": "c"}


def test_parents_are_read_too_if_asked_for() -> None:
    assert pattern("/{P}", P={"mapping": "{A}_{B}"}).match_all("/a_b") == {"P": "a_b", "A": "a", "B": "b"}


def test_values_that_could_be_divided_in_many_ways_are_refused_in_no_time() -> None:
    """Without remembering what failed, this tries some 10**16 divisions."""
    names = [f"T{number}" for number in range(20)]
    parent = {"mapping": "_".join(f"{{{name}}}" for name in names), "parse": {"regex": "x.*"}}
    assert pattern("{P}y", P=parent).match("_".join("a" * 60) + "y") is None


@pytest.mark.parametrize("name", ["SHOT NAME", "take-1", "1", "é", "A:B", "class", "_0", "(?P<"])
def test_a_token_may_have_any_name(name: str) -> None:
    spelled = pattern(f"/{{{name}}}/{{{name}}}_x", **{name: "a+"})
    assert spelled.match("/aa/aa_x") == {name: "aa"}


def test_formatting_writes_what_is_read_as_the_same_values() -> None:
    shot = pattern("/{JOB}/{SHOT}", SHOT={"mapping": "{SEQ}_{NUM}"}, NUM=r"\d+")
    assert shot.format({"JOB": "é", "SEQ": "a_b", "NUM": "1"}) == "/é/a_b_1"


def test_formatting_names_each_missing_token() -> None:
    with pytest.raises(MissingTokensError, match="A, C") as caught:
        pattern("/{A}/{B}/{C}").format({"B": "b"})
    assert caught.value.missing == ("A", "C")


@pytest.mark.parametrize(
    "value, reason", [("latest", r"regex v\\d\+"), ("", "it is empty"), ("v1\n", "regex"), (" v1", "regex")]
)
def test_formatting_refuses_a_value_that_does_not_fit(value: str, reason: str) -> None:
    with pytest.raises(TokenValueError, match=f"VERSION.*{reason}") as caught:
        pattern("/{VERSION}", VERSION=r"v\d+").format({"VERSION": value}, "job/shot")
    assert (caught.value.token, caught.value.value) == ("VERSION", value)
    assert "job/shot" in str(caught.value)


@pytest.mark.parametrize("value", ["a/b", "", "/"])
def test_formatting_refuses_a_separator_in_a_token_without_an_expression(value: str) -> None:
    with pytest.raises(TokenValueError, match="holds no separator"):
        pattern("/{A}").format({"A": value})


def test_formatting_refuses_values_whose_parent_does_not_fit_and_names_it() -> None:
    shot = pattern("/{SHOT}", SHOT={"mapping": "{SEQ}_{NUM}", "parse": {"regex": r"[a-z]{2}_\d{3}"}})
    with pytest.raises(TokenValueError, match="'abc_1' does not fit the token SHOT") as caught:
        shot.format({"SEQ": "abc", "NUM": "1"})
    assert caught.value.token == "SHOT"


def test_formatting_refuses_values_that_would_be_read_otherwise() -> None:
    with pytest.raises(TokenValueError, match="in 'a_b_c' it would be read as 'a_b'"):
        pattern("{A}_{B}").format({"A": "a", "B": "b_c"})


@pytest.mark.parametrize(
    "text, position",
    [("/jobs/a/shots/", 14), ("/jobs/a/plates/x", 8), ("/home", 1), ("/jobs/a/shots/x/y", 15), ("", 0), ("x", 0)],
)
def test_parsing_tells_how_far_a_text_fits(text: str, position: int) -> None:
    with pytest.raises(ParseError, match="does not fit") as caught:
        pattern("/jobs/{JOB}/shots/{SHOT}").parse(text)
    assert caught.value.position == position
    assert str(caught.value).splitlines()[-1] == " " * position + "^"


def test_parsing_gives_the_values() -> None:
    assert pattern("/{A}").parse("/a") == {"A": "a"}


@pytest.mark.parametrize("expression", ["(", "[a", "*", r"(?P<x", "(?<=a*)b"])
def test_an_expression_that_is_none_is_named_with_its_place(expression: str) -> None:
    with pytest.raises(PatternError, match="The regex of the token A can't be read") as caught:
        pattern("/{A}", A=expression).compiled()
    assert caught.value.text == expression
    assert caught.value.span is not None


def test_a_text_that_fits_no_expression_may_still_fit_as_a_whole() -> None:
    template = Template.of("/{A}/{A}", {"A": {"parse": {"regex": "a"}}})
    values = [Pattern(template, mode).match("/x/a/y") for mode in WHOLE]
    assert values[:2] == [None, None] and values[2] is not None


def test_templates_that_say_the_same_share_one_pattern() -> None:
    cache = PatternCache()
    first, second = (Template.of("/{A}", {"A": {"parse": {"regex": "a"}}}) for _ in range(2))
    assert cache.get(first) is cache.get(second)
    assert Pattern(first, patterns=cache).expression is cache.get(second).expression
    assert cache.get(first) is not cache.get(Template.of("/{A}", {}))
    before = cache.get(first)
    cache.clear()
    assert cache.get(first) is not before


def test_a_full_cache_forgets_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PatternCache, "LIMIT", 2)
    cache = PatternCache()
    for text in "abc":
        assert cache.get(Template.of(text, {})).match(text) == {}
