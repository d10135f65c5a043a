"""Guards: which expressions take linear time, and that no match of the others takes longer than its budget."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.errors import MatchTimeoutError, WaysError
from ways.regex.guard import CharacterLoop, Guard, cost_pieces, guarded_match, starts_of_loops
from ways.regex.timed_engine import compiled_by_regex
from ways.session import Session


@pytest.mark.parametrize(
    "expression, power",
    [
        (r"abc", 1),
        (r"[a-z]+_v\d{3}\.(?:exr|abc)", 1),
        (r"[a-z]+_[a-z]+", 1),
        (r"\w+_\w+", 2),
        (r"[a-z]+[a-z]+", 2),
        (r"\w+\w+\w+\w+", 4),
        (r"[^/]+/[^/]+/[^/]+", 1),
        (r"[^/]+_[^/]+\.[^/]+", 3),
        (r"\w+-[a-z]+_\w+", 1),
        (r"(?:_[a-z]+)*", 1),
        (r"[a-z]+(?:_[a-z]+)*", 2),
        (r"[a-z]+(?:_[a-z]+)*_[a-z]+", 2),
        (r"[a-z]+(?:_[a-z]+)?", 2),
        (r"\d{20}x\d{20}", 1),
        (r"(?i)[a-z]+V[a-z]+", 2),
        (r"[a-z]+V[a-z]+", 2),
        (r".*a.*b.*", 3),
    ],
)
def test_the_power_is_an_upper_bound(expression: str, power: int) -> None:
    pieces = cost_pieces(expression)
    assert pieces is not None and 1 + len(starts_of_loops(pieces)) == power


@pytest.mark.parametrize("expression", [r"(a+)+", r"(?:a|a)*", r"(?:_?[a-z]+)*", r"(?:\w+_)*", r"(?:[a-z]+[a-z]+_)+", r"((ab)*)*", "("])
def test_loops_inside_loops_have_no_pieces(expression: str) -> None:
    assert cost_pieces(expression) is None


#: Seconds that no question takes on any machine: the limit is a tenth of one, and what is wrong takes hours.
LONG = 30


def seconds(call: Any, *arguments: Any) -> float:
    """Return how long a call takes, in time of this thread."""
    started = time.thread_time()
    try:
        call(*arguments)
    except MatchTimeoutError:
        pass
    return time.thread_time() - started


#: Expressions that hold re for longer than anybody waits, each with a text that does it.
HOLDING = [
    (r"(a+)+b", "a" * 60),
    (r"(?:a|a)*b", "a" * 60),
    (r"(?:a|aa)+b", "a" * 90),
    (r"(\w+\s?)*!", "word " * 20),
    (r"([a-zA-Z]+)*1", "a" * 60),
    (r"(.*)*x", "y" * 60),
    (r"\w+\w+\w+\w+!", "_" * 255),
    (r"(?:[a-z]+[0-9]*)*_", "abc123" * 12),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 60),
    (r"[a]*[a]*/[b]*[b]*/[c]*[c]*/[d]*[d]*", "/".join(letter * 240 for letter in "abcd") + "!"),
    (r"(?i)[a-z]*a[a-z]*a[a-z]*a[a-z]*", "A" * 1000 + "!"),
    ("(?i)[a-z]*\u017f[a-z]*\u017f[a-z]*\u017f[a-z]*", "s" * 1000 + "!"),
    ("(?i)(?:\u017f*s)*", "s" * 60 + "!"),
    (r"(?:\d{1,2})+", "1" * 60 + "!"),
    (r"(?:[a-z]{2,3})*", "a" * 120 + "!"),
    (r"(?:_[a-z]+[a-z0-9]?)*", "_ab" * 30 + "!"),
    (r"(?:-\d{1,2}\d?)*", "-11" * 30 + "!"),
    (r"(?:.|\w){40}", "a" * 40 + "!"),
    (r"(?:a?){40}", "a" * 20 + "!"),
    (r"\w{0,8}" * 9, "a" * 41 + "!"),
    (r"(?:(?:(?:a+)+)+)+", "a" * 15 + "!"),
]


@pytest.mark.parametrize("expression, text", HOLDING, ids=[expression for expression, _ in HOLDING])
def test_no_text_holds_an_expression(expression: str, text: str) -> None:
    match = guarded_match(re.compile(expression), cost_pieces(expression))
    assert seconds(match, text) < LONG


@pytest.mark.parametrize("mapping", ["/{A}_{B}_{C}_{D}x", "/{A}{B}{C}{D}x", "/{A}x[_{B}][_{C}][_{D}]y"])
@pytest.mark.parametrize("expression", [r"\w+", r"(\w+)+"])
def test_no_text_holds_a_context(session: Session, mapping: str, expression: str) -> None:
    details = {name: {"parse": {"regex": expression}} for name in "ABCD"}
    session.add_plugins(slow={"hierarchy": "slow", "mapping": mapping, "mapping_details": details, "syntax": 2})
    for question in (session.read, lambda text: session.get_asset(text, strict=True), lambda text: session.read(text, "slow")):
        started = time.thread_time()
        with pytest.raises(WaysError):
            question("/" + "_" * 255)
        assert time.thread_time() - started < LONG


@pytest.mark.parametrize(
    "mapping, text",
    [
        (
            "/{A}_{B}/{C}_{D}/{E}_{F}/{G}_{H}/{I}_{J}/{K}_{L}.ma",
            "/" + "/".join(["a_b_c_d_e_f_g_h_i_j_k_l_m_n_o_p_q_r_s_t_u_v_w"] * 6) + ".mb",
        ),
        ("x/{A}{B}{C}{D}{E}.ma", "x/" + "\\" * 400 + ".mb"),
    ],
    ids=["segments", "backslashes"],
)
def test_no_text_holds_a_mapping_without_expressions(session: Session, mapping: str, text: str) -> None:
    session.add_plugins(slow={"hierarchy": "slow", "mapping": mapping})
    started = time.thread_time()
    with pytest.raises(WaysError):
        session.read(text)
    assert time.thread_time() - started < LONG


def test_the_error_names_text_and_expression() -> None:
    expression = "(?:a|aa)+b"
    with pytest.raises(MatchTimeoutError, match=r"90 characters.*\(\?:a\|aa\)\+b"):
        guarded_match(re.compile(expression), cost_pieces(expression))("a" * 90)


def test_a_pattern_of_linear_time_is_asked_directly() -> None:
    regex = re.compile(r"[a-z]+_\d+")
    assert guarded_match(regex, cost_pieces(regex.pattern)) == regex.fullmatch


#: Letters on which re and regex differ, unless regex is given another expression.
LETTERS = "aeZ09_{}- \x1c\u0301\u2460\u00aa\u200d\u203f/"


PARTS = [
    *(r"\W", r"\S+", r"\b", r"\B", "a{e}", "(?#[)", r"\w+", r"\w", r"\d+", r"[\w.]+"),
    *(r"[a[]", r"[a[^]", r"[][a]", r"[^][]", r"[\[[]", "[a[:alpha:]", "{}", "a{,}", "[-]"),
    *(r"[^\w]", r"\s", r"[\s\d]", r"[\]a]", r"\\w", "a", "_", r"[\[]", "(?:a|_)*"),
    *("a]", "]}", "(?a:\\w)", "(?x: a  _ )"),
]


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(PARTS), max_size=5),
    st.text(LETTERS, max_size=6),
)
def test_both_engines_take_the_same_texts(parts: list[str], text: str) -> None:
    expression = "".join(parts)
    fast, slow = re.fullmatch(expression, text), compiled_by_regex(expression).fullmatch(text)
    assert (fast is None) == (slow is None)


@settings(max_examples=200)
@given(st.text("ab_/", max_size=40), st.sampled_from([r"\w+_\w+_\w+", r"[^/]+/[^/]+_[^/]+", "(a|b)*_", ".*_.*/.*", "(a)?(?(1)b)[ab/]*_"]))
def test_a_guard_answers_as_the_pattern_does(text: str, expression: str) -> None:
    regex = re.compile(expression)
    guard = Guard.of(regex, cost_pieces(expression), "/")
    guard._limit, guard._steps = 0, -1
    for own, plain in ((guard.fullmatch, regex.fullmatch), (guard.match, regex.match)):
        match, expected = own(text), plain(text)
        assert (match and match.group()) == (expected and expected.group())


def test_a_loop_holds_its_characters_in_both_cases() -> None:
    (loop,) = cost_pieces("[a-z_]+") or ()
    assert isinstance(loop, CharacterLoop) and loop.holds("q") and loop.holds("Q") and not loop.holds("1")


def test_what_regex_compiled_is_let_go_and_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ways.regex.guard._MOST_KEPT", 1)
    expressions = [f"([a-z]+)+{number}" for number in range(3)]
    for expression in expressions * 2:
        match = guarded_match(re.compile(expression), cost_pieces(expression))
        assert match(f"{'ab' * 40}{expression[-1]}") and not match(f"{'ab' * 40}x")
