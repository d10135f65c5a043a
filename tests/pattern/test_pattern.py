"""Text to values and back, for one mapping."""

from __future__ import annotations

from typing import Any

import pytest

from ways.errors import MatchTimeoutError, MissingTokensError, ParseError, PatternError, TokenValueError
from ways.pattern.pattern import WHOLE, Pattern, PatternCache
from ways.pattern.template import MAX_CHAIN, Template
from ways.regex.guard import Guard
from ways.regex.parse_tree import MAX_GROUPS_OF_MAPPING
from ways.session import Session

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
    with pytest.raises(TokenValueError, match="can't contain a separator"):
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


def test_the_groups_of_all_expressions_are_counted() -> None:
    with pytest.raises(PatternError, match=f"more than {MAX_GROUPS_OF_MAPPING} groups together"):
        pattern("/".join(f"{{T{number}}}" for number in range(6)), **{f"T{number}": "(a)" * 90 + r"\1" for number in range(6)}).match("a")


def test_tokens_are_made_of_each_other_as_deep_as_may_be() -> None:
    details = {f"T{number}": {"mapping": f"{{T{number + 1}}}"} for number in range(MAX_CHAIN + 2)}
    with pytest.raises(PatternError, match=f"more than {MAX_CHAIN} tokens are made of each other"):
        Template.of("{T0}", details).leaves


def test_an_expression_beyond_ascii_that_refers_to_its_groups_is_asked_of_its_value() -> None:
    compiled = pattern("{A}_{A}", A="(?P<x>é|a)(?:(?P=x)b)*")
    assert compiled.match("ééb_ééb") == {"A": "ééb"}
    assert compiled.match("éab_éab") is None


def test_a_pattern_has_no_other_names() -> None:
    assert not hasattr(pattern("{A}"), "nothing")


@pytest.mark.parametrize("regex", [r"(\w)\1", r"\w\w", r"((\w))\2"])
def test_columns_are_those_of_the_tokens_whatever_groups_there_are(regex: str) -> None:
    columns = pattern("{A}/{B}", A=regex).columns(["aa/x", "bb/y"])
    assert columns == {"A": ["aa", "bb"], "B": ["x", "y"]}


@pytest.mark.parametrize(
    "mapping, text", [("/{B}/{P}", "/b/a_b"), ("/{A}/{P}", "/a/a_b"), ("/{P}/{A}/{B}", "/a_b/a/b"), ("/{B}/{A}/{P}", "/b/a/a_b")]
)
def test_a_token_that_others_write_is_read_where_it_stands(mapping: str, text: str) -> None:
    made = Pattern(Template.of(mapping, {"P": {"mapping": "{A}_{B}"}}))
    match = made.fullmatch(text)
    assert match is not None
    # What gives an Asset's values, and what reads all at once.
    assert {name: made.group_readers[name][2](match) for name in made.group_readers if made.group_readers[name][2]} == {"P": "a_b"}
    assert made.match_all(text) == {"A": "a", "B": "b", "P": "a_b"}


@pytest.mark.parametrize(
    "regex, excerpt", [("a(b", "a(b\n ^"), ("abc)d", "abc)d\n   ^"), ("a[", "a[\n ^"), ("xy(?P<", "xy(?P<\n     ^")]
)
def test_an_expression_that_can_not_be_read_is_pointed_at(regex: str, excerpt: str) -> None:
    with pytest.raises(PatternError) as caught:
        pattern("/{A}", A=regex).fullmatch("/x")
    assert str(caught.value).endswith(f"\n{excerpt}")


@pytest.mark.parametrize("mapping, fault", [("[_{A}]]", "is never closed"), ("[a]]", "is never closed"), ("x[[_{A}]", "closes nothing")])
def test_a_bracket_written_twice_closes_no_single_part(mapping: str, fault: str) -> None:
    with pytest.raises(PatternError, match=f"{fault}; write a literal bracket twice"):
        Template.of(mapping, {}, 2)


def test_a_value_that_the_format_would_not_write_is_not_read() -> None:
    made = Pattern(Template.of("{A:.2f}", {}, 2))
    assert [made.match(text) for text in ("1.50", "99999999999999999999.00")] == [{"A": "1.50"}, None]


def test_values_are_told_by_the_token_that_they_make_up() -> None:
    details = {"P": {"mapping": "{A}_{B}", "parse": {"regex": "[a-z]+_[a-z]+"}}}
    made = Pattern(Template.of("/{P}/{C}", details, 2, {"P": 2}))
    assert made.format({"A": "a", "B": "b", "C": "c"}) == "/a_b/c"
    with pytest.raises(TokenValueError, match="'1_b' does not fit the token P"):
        made.format({"A": "1", "B": "b", "C": "c"})


def test_how_far_a_text_fits_is_told_where_one_look_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    made, real, looks = pattern("/jobs/{A}_{B}/x"), Guard.match, []

    def match(self: Guard, text: str) -> object:
        looks.append(text)
        if len(looks) == 1:
            raise MatchTimeoutError(text, "/jobs", 0.1)
        return real(self, text)

    monkeypatch.setattr(Guard, "match", match)
    position, untold = made.reach("/jobs/a_b/y")
    assert position == len("/jobs/a_b/") and len(looks) > 1
    assert untold == "Ways could not find out within the time limit whether more of it fits."


def test_an_error_says_where_there_was_no_time_to_tell_how_far_a_text_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    made = pattern("/jobs/{A}_{B}/x")
    with pytest.raises(ParseError, match=r"\^$") as caught:
        made.parse("/jobs/a_b/y")
    assert caught.value.position == len("/jobs/a_b/")
    monkeypatch.setattr("ways.pattern.pattern.time_left", lambda: 0.0)
    with pytest.raises(ParseError, match=r"\^\nWays could not find out within the time limit whether more of it fits\.$") as caught:
        made.parse("/jobs/a_b/y")
    assert caught.value.position == 0


def test_values_that_differ_are_let_through_before_those_that_do_not_fit() -> None:
    details = {"A": {"parse": {"regex": "[a-z]+"}}, "B": {"parse": {"regex": "[0-9]+"}}}
    session = Session()
    session.add_plugins(a={"hierarchy": "a", "mapping": "/{A}{B}/{A}", "mapping_details": details})
    assert session.get_asset("/abc12/x", context="a").info == {"A": "abc", "B": "12"}
