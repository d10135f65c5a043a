"""Both engines find the same in each text, or ``regex`` doesn't get the expression.

By hand for longer: ``HYPOTHESIS_PROFILE=search python -m pytest tests/regex/test_both_engines.py`` as often as you like, with a
greater number in ``WAYS_EXAMPLES``.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.errors import MatchTimeoutError, PatternError
from ways.pattern.pattern import Pattern
from ways.pattern.template import Template
from ways.regex.charset import every_character
from ways.regex.expression import read
from ways.regex.guard import Guard, _suits_regex, cost_pieces
from ways.regex.parse_tree import fault_of
from ways.regex.timed_engine import compiled_by_regex, knows_letters_of
from ways.session import Session

#: Letters with odd cases, digits of other scripts, marks, and letters that came into Unicode after Python 3.11 and 3.13.
ODD = "\u212a\u017f\u0130\u0131\u00df\u1e9e\u03c3\u03c2\u03a3\u00bd\u00b2\u0663\u0301\ufb05\u0149\u01c4\u01c6\u00e9\U000323b0\u1c89"
LETTERS = "aabbAB_-kKsSiI \n.0#[]{}&|e" + ODD
ATOMS = [
    *"aabbks_.^$", *ODD, "", r"\.", r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", r"\b", r"\B", r"\Z", r"\A", r"\x41", r"\u017f", r"\101",
    "[a-c]", "[^a]", r"[^\w]", r"[\w.]", r"[^\W\d]", "[k-s]", "[^k]", "[\u00e0-\u00ff]", r"[\s\S]", r"[^\s]", r"[\b]",
    # Other sets, errors that are allowed, and names to regex.
    "[[a]", "[a&&b]", "[a||b]", "[a--b]", "[]a]", "[^]a]", r"[\]\[]", "[a-]", "{", "}", "{e}", "{,}", "[[:alpha:]]",
    "a{e<=1}", "#", "(?#c)",
]  # fmt: skip
TIMES = ["*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{0,2}", "{1,3}?", "{1,}", "{,2}", "{0}", "{2,3}+", "{0,1}"]
FLAGS = ["i", "i-s", "s", "m", "-i", "a", "ai", "u", "x", "-x", "im"]
AROUND = [
    *("(?:{})", "({})", "(?={})", "(?!{})", "(?<={})", "(?<!{})", "(?>{})"),
    *(r"({})\1", r"({})(?(1)a|b)", r"(?:({})|b)(?(1)|a)", r"(a|{})(?:\1)*"),
]


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(parts, min_size=2, max_size=3).map("".join),
        st.builds("(?:{}|{})".format, parts, parts),
        st.builds("({}|{})".format, parts, parts),
        st.builds(lambda part, form: form.replace("{}", part), parts, st.sampled_from(AROUND)),
        st.builds(lambda part, times, keeps: f"{'(' if keeps else '(?:'}{part}){times}", parts, st.sampled_from(TIMES), st.booleans()),
        st.builds(lambda part, flags: f"(?{flags}:{part})", parts, st.sampled_from(FLAGS)),
    )


EXPRESSIONS = st.builds(
    lambda flags, body: flags + body,
    st.sampled_from(["", "", "", "(?i)", "(?s)", "(?m)", "(?a)", "(?x)", "(?ai)", "(?im)"]),
    st.recursive(st.sampled_from(ATOMS), larger, max_leaves=8),
)
EXAMPLES = int(os.environ.get("WAYS_EXAMPLES", 600))


def found(match: re.Match[str] | None) -> object:
    return match and (match.span(), match.groups(), match.groupdict())


@settings(max_examples=EXAMPLES, deadline=None)
@given(EXPRESSIONS, st.lists(st.text(LETTERS, max_size=7), min_size=1, max_size=6))
def test_both_engines_find_the_same(expression: str, texts: list[str]) -> None:
    try:
        plain = read(expression)
    except re.error:
        return
    if not _suits_regex(expression, cost_pieces(expression) is None):
        return
    timed = compiled_by_regex(expression)
    assert (timed.groups, dict(timed.groupindex)) == (plain.groups, dict(plain.groupindex))
    for text in texts:
        if knows_letters_of(timed, text):
            assert found(plain.fullmatch(text)) == found(timed.fullmatch(text, timeout=10))
            assert found(plain.match(text)) == found(timed.match(text, timeout=10))


@settings(max_examples=EXAMPLES // 6, deadline=None)
@given(
    st.sampled_from(["/{A}{B}", "/{A}_{B}", "/{A}[_{B}]", "/{A}[_{B}][-{A}]", "/{A}{B}{A}"]),
    st.lists(EXPRESSIONS, min_size=2, max_size=2),
    st.lists(st.text(LETTERS, max_size=7), min_size=1, max_size=4),
)
def test_a_mapping_reads_the_same_by_either_engine(mapping: str, expressions: list[str], texts: list[str]) -> None:
    details = {name: {"parse": {"regex": expression}} for name, expression in zip("AB", expressions)}
    try:
        made = Pattern(Template.of(mapping, details, 2, dict.fromkeys(details, 2))).expression
    except PatternError:
        return
    guard = getattr(made.fullmatch, "__self__", None)
    if not isinstance(guard, Guard):
        return
    guard._limit, guard._steps = -1, -1
    for text in texts:
        try:
            timed = guard.fullmatch("/" + text)
        except MatchTimeoutError:
            continue
        assert found(made.regex.fullmatch("/" + text)) == found(timed)


@pytest.mark.parametrize(
    "written", [r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", r"(?a:\w)", r"(?a:\S)", r"(?a:\d)", r"(?i:[\Wk])", r"(?i:[^\Wk])"]
)
def test_the_engines_have_the_same_characters_but_for_those_that_are_told(written: str) -> None:
    timed, plain = compiled_by_regex(f"{written}+"), re.compile(f"{written}+")
    others = {*"".join(plain.findall(every_character()))} ^ {*"".join(timed.findall(every_character()))}
    assert not any(knows_letters_of(timed, letter) for letter in others)


@pytest.mark.parametrize("letter", "kSi\u212a\u017f\u0130\u0131\u00df\u1e9e\u03c2\u0345\u1c80\u03a9")
@pytest.mark.parametrize("form", ["(?i)(?:{})+", "(?i)[{}]+", "(?i)[^{}]+", "(?ai)(?:{})+", "(?i:{})+"])
def test_letters_equal_the_same_others_where_case_is_ignored(letter: str, form: str) -> None:
    timed, plain = compiled_by_regex(form.format(letter)), re.compile(form.format(letter))
    assert plain.findall(every_character()) == timed.findall(every_character())


@pytest.mark.parametrize("text", ["/R/\u00bd.a", "/tmp/tmpX/\u00bd.a"])
def test_a_flag_for_one_token_changes_no_other(text: str) -> None:
    session = Session()
    details = {"C": {"parse": {"regex": r"(?:\w|\w\.)+"}}, "A": {"parse": {"regex": r"(?a)\w+"}}}
    root = text.rpartition("/")[0]
    session.add_plugins(a={"hierarchy": "a", "mapping": root + "/{C}{A}", "mapping_details": details})
    assert session.get_asset(text).info == {"C": "\u00bd.", "A": "a"}  # type: ignore[union-attr]


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="letters that this version of Python knows")
def test_a_letter_that_only_one_engine_knows_is_never_guessed() -> None:
    guard = Guard.of(re.compile(r"(?:\w|\w\.)+"), None)
    with pytest.raises(MatchTimeoutError):
        guard.fullmatch("\U000323b0" * 40)


@pytest.mark.parametrize("expression", [r"(?i)(\w+)-\1", r"(\w+)-(?i:\1)", r"(?i)(?P<A>[a-z]+)(?=x(?P=A))x\w+"])
def test_a_reference_where_case_is_ignored_is_read_by_re_alone(expression: str) -> None:
    assert not _suits_regex(expression, False)
    session = Session()
    session.add_plugins(a={"hierarchy": "a", "mapping": "/{X}{Y}", "mapping_details": {"X": {"parse": {"regex": expression}}}})
    for text in ("/s-S.", "/s-\u017f.", "/axAb."):
        fits = any(re.compile(expression).fullmatch(text[1:end]) for end in range(2, len(text)))
        assert (session.explain_text(text, strict=True).status == "resolved") == fits


@pytest.mark.parametrize("expression", [r"(?:(a)|a?)*+", r"(?:(b)|){2,3}+", r"(?=(?>x(?:(a)|b)++))"])
def test_a_group_that_re_itself_reads_wrongly_is_refused(expression: str) -> None:
    assert "gives nothing back" in fault_of(expression).message  # type: ignore[union-attr]
    assert fault_of(expression.replace("(a)", "(?:a)").replace("(b)", "(?:b)")) is None


@pytest.mark.parametrize("expression", ["(a)(?(+1)b)", "(a)(?( 1)b)", "(a)(?(\u0661)b)"])
def test_what_newer_versions_dont_read_is_refused(expression: str, recwarn: pytest.WarningsRecorder) -> None:
    ask: Callable[[str], object] = read
    with pytest.raises(re.error):
        ask(expression)
    assert not recwarn.list
