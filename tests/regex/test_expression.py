"""An expression means the same inside a larger pattern as it does alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.pattern.pattern import Pattern
from ways.pattern.template import Template
from ways.regex.expression import embed, keeps_meaning, literal_start, may_hold, read

#: Each expression, a text that fits it, and one that does not.
MOVABLE = [
    (r"\d{3}", "123", "12"),
    ("a|bc", "bc", "c"),
    ("(a)(b)", "ab", "ba"),
    (r"(\w)\1", "aa", "ab"),
    (r"(a)(b)\2\1", "abba", "abab"),
    (r"(?P<x>\w)(?P=x)", "éé", "ab"),
    (r"(?P<x>a)(b)\1\2", "abab", "abba"),
    ("(a)?(?(1)b|c)", "ab", "b"),
    ("(?P<x>a)?(?(x)b|c)", "c", "ac"),
    ("(?i)ab", "aB", "ac"),
    ("(?i)(?s)a.", "A\n", "ab c"),
    ("(?x) a  b  # a comment", "ab", "a b"),
    ("(?x)(?i) a b", "AB", "a b"),
    ("(?s).", "\n", "ab"),
    (r"(?a)\w", "a", "é"),
    ("(?i:a)b", "Ab", "AB"),
    ("(?#a comment (not a group)a", "a", "b"),
    (r"[(](a)\1", "(aa", "(ab"),
    (r"[]\](](a)\1", "]aa", "]a]"),
    (r"[^]](a)\1", "xaa", "]aa"),
    (r"\((a)\1", "(aa", "(ab"),
    (r"\\(a)\1", "\\aa", "\\a1"),
    (r"\123(a)\1", "Saa", "Sa"),
    (r"\0(a)\1", "\0aa", "\0a"),
    ("(a|ab)(c|bcd)", "abcd", "abc d"),
    (r"(?:(a)|b)\1?", "aa", "ba"),
    ("", "", "a"),
]


def _larger(expression: str) -> re.Pattern[str]:
    """Return a pattern in which *expression* stands twice, behind two groups and between braces."""
    first, count = embed(expression, 2)
    second, _ = embed(expression, 3 + count)
    return re.compile(rf"(<)(?P<x>\w)\{{{first}\}}(>)\{{{second}\}}")


@pytest.mark.parametrize("expression, good, bad", MOVABLE, ids=[expression for expression, _, _ in MOVABLE])
def test_embedding_keeps_the_meaning(expression: str, good: str, bad: str) -> None:
    larger = _larger(expression)
    assert keeps_meaning(expression)
    assert re.fullmatch(expression, good) and not re.fullmatch(expression, bad)
    assert larger.fullmatch(f"<y{{{good}}}>{{{good}}}")
    assert not larger.fullmatch(f"<y{{{bad}}}>{{{good}}}")
    assert not larger.fullmatch(f"<y{{{good}}}>{{{bad}}}")


@pytest.mark.parametrize("expression, good, bad", MOVABLE, ids=[expression for expression, _, _ in MOVABLE])
def test_flags_hold_for_their_own_expression_only(expression: str, good: str, bad: str) -> None:
    larger = re.compile(f"{embed(expression, 0)[0]}~x y")
    assert larger.fullmatch(f"{good}~x y") and not larger.fullmatch(f"{good}~X Y") and not larger.fullmatch(f"{good}~xy")


def test_embedding_tells_the_number_of_groups() -> None:
    assert [embed(expression, 5)[1] for expression in ("a", "(a)(?:b)(?P<c>d)", r"\(", "[(]")] == [0, 0, 0, 0]
    assert [embed(expression, 5)[1] for expression in (r"(a)(?:b)(?P<c>d)\1", "(a)?(?(1)b)")] == [2, 1]


@pytest.mark.parametrize("expression", ["(", "[", r"(?P<x", "*", r"\1", "a(?i)"])
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(re.error):
        embed(expression, 0)


#: Expressions that look beyond the text they fit, with one that fits and one that does not.
DEPENDING = [
    (r"^\d+$", "12", "1a"),
    (r"\A\d+\Z", "12", "1a"),
    (r"(?!render$)[a-z]+", "renderer", "render"),
    (r"[a-z]+(?<!_x)", "ab", "a_x"),
    (r"(?=a)\w+", "ab", "ba"),
    (r"(?<!.)\d", "1", "a"),
    (r"\b\w+\b", "ab", "-"),
    (r"\w+\B.", "ab", "a"),
    ("(?>a|ab)", "a", "ab"),
    ("a*+b?", "aab", "ba"),
    ("(?:a|b$)", "b", "c"),
    ("(?m)^a$", "a", "b"),
    ("(?x) (a)  # [\n \\1  # ]", "aa", "ab"),
    (r"(?x:(a) # [" + "\n)" + r"\1 # ]".replace(" # ]", ""), "aa", "ab"),
    ("(?#first)(?i)a", "A", "b"),
]


@pytest.mark.parametrize("expression, good, bad", DEPENDING, ids=[expression for expression, _, _ in DEPENDING])
def test_an_expression_that_looks_around_is_asked_of_its_value_alone(expression: str, good: str, bad: str) -> None:
    assert not keeps_meaning(expression)
    pattern = Pattern(Template.of("a{A}b/{B}", {"A": {"parse": {"regex": expression}}}))
    assert pattern.match(f"a{good}b/x") == {"A": good, "B": "x"}
    assert pattern.match(f"a{bad}b/x") is None


def test_references_beyond_ninety_nine_groups_still_refer_to_their_own() -> None:
    names = [f"T{number}" for number in range(120)]
    template = Template.of("".join(f"{{{name}}}-" for name in names), {name: {"parse": {"regex": r"(\w)\1"}} for name in names})
    pattern = Pattern(template)
    assert pattern.match("aa-" * 120) == dict.fromkeys(names, "aa")
    assert pattern.match("aa-" * 119 + "ab-") is None


PARTS = st.sampled_from(["a", "b", "(a)", "(?:b)", "(a|ab)", r"\1", "[ab]", "b*", "(?P<n>b?)", "a+?", "(?i:a)", "é", r"\("])


@settings(deadline=None, max_examples=200)
@given(st.lists(PARTS, min_size=1, max_size=4), st.text("abAé(", max_size=5))
def test_embedding_accepts_what_the_expression_accepts(parts: list[str], text: str) -> None:
    expression = "".join(parts)
    try:
        alone = re.compile(expression)
    except re.error:
        return
    larger = re.compile(f"(x)-{embed(expression, 1)[0]}-(x)")
    assert bool(larger.fullmatch(f"x-{text}-x")) == bool(alone.fullmatch(text))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(PARTS, st.sampled_from(["/", r"[^a]", r"\W", ".", r"(?s:.)", "[+-9]"])), max_size=4), st.text("ab/", max_size=4))
def test_a_text_that_fits_holds_no_character_that_it_may_not(parts: list[str], text: str) -> None:
    expression = "".join(parts)
    try:
        fits = re.fullmatch(expression, text)
    except re.error:
        return
    assert not fits or "/" not in text or may_hold(expression, "/")


@settings(deadline=None, max_examples=200)
@given(st.lists(PARTS, max_size=4), st.text("abAé(", max_size=4))
def test_a_text_that_fits_begins_with_the_literal_start(parts: list[str], text: str) -> None:
    expression = "".join(parts)
    try:
        fits = re.fullmatch(expression, text)
    except re.error:
        return
    start, is_whole = literal_start(expression)
    assert not fits or (text == start if is_whole else text.startswith(start))


@pytest.mark.parametrize("function", [may_hold, lambda expression, _: literal_start(expression) == ("", False)])
def test_nothing_is_known_of_what_is_no_expression(function: object) -> None:
    assert function("(", "/")  # type: ignore[operator]


@pytest.mark.parametrize("expression", ["(" * 60 + "a" + ")" * 60, "(?:" * 3000 + "a" + ")*" * 3000, "a{99999999999}"])
@pytest.mark.parametrize("function", [read, keeps_meaning, lambda expression: embed(expression, 0)], ids=["read", "keeps_meaning", "embed"])
def test_an_expression_beyond_the_limits_is_refused(function: Callable[[str], object], expression: str) -> None:
    with pytest.raises(re.error):
        function(expression)


def test_brackets_that_open_no_group_are_no_nesting() -> None:
    assert read(r"[(]" * 60 + r"\(" * 60 + "(a)" * 60)
