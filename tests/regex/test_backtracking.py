"""degree_of: the power by which the time to refuse a text grows with its length."""

from __future__ import annotations

import time
from math import inf, isnan

import pytest

from ways.regex.backtracking import degree_of
from ways.regex.glushkov import position_automaton_of
from ways.regex.parse_tree import TooLargeError


@pytest.mark.parametrize(
    "expression, degree",
    [
        ("", 1),
        (r"\d{4}", 1),
        ("[a-z]+", 1),
        ("(?:a|b)*", 1),
        ("[a-z]+_[a-z]+", 1),
        ("([a-z]+_)*[a-z]+", 1),
        ("(?:bg|fg)[0-9]{2}", 1),
        (r"\w+\w+", 2),
        (r"\w+_\w+", 2),
        (".*a.*", 2),
        (".*_.*_.*", 3),
        (r"\w+\w+\w+\w+", 4),
        ("a*b?a*", 2),
        (r"(\w+)+", inf),
        ("(a*)*", inf),
        ("(?:[a-c]|[b-d])*", 1),
        ("(?:[a-c]x?|[b-d])*", inf),
        ("(?:aa|a)*", inf),
        (r"(\w+_)*\w+", inf),
        ("(?:a?){40}", inf),
        (r"(?=(a+)+x)a", inf),
        ("(?i:A+)a+", 2),
    ],
)
def test_degree_of_an_expression(expression: str, degree: float) -> None:
    assert degree_of(expression) == degree


@pytest.mark.parametrize("expression", [r"(.)\1", "(a)?(?(1)b|c)", "(", "[a"])
def test_no_degree_is_guessed(expression: str) -> None:
    assert degree_of(expression) is None


def test_long_expressions_are_answered_soon() -> None:
    start = time.thread_time()
    degree_of("|".join(f"[a-z]{{1,{n}}}_[0-9]{{{n}}}x*" for n in range(1, 40)))
    assert time.thread_time() - start < 60


@pytest.mark.parametrize(
    "expression",
    ["(a|b)*" * 5000, "(a|b)*" * 200, f"(?:{'|'.join(f'w{number}' for number in range(4000))})+", "(?:" * 2000 + "a" + ")" * 2000],
    ids=["many optional loops", "many loops", "a loop of many words", "deep groups"],
)
def test_what_is_too_large_is_no_number(expression: str) -> None:
    start = time.thread_time()
    assert isnan(degree_of(expression) or 0)
    assert time.thread_time() - start < 60


@pytest.mark.parametrize("expression", ["x" * 20_000, f"(?:{'|'.join(f'w{number}' for number in range(4000))})"], ids=["letters", "words"])
def test_long_texts_without_loops_are_linear(expression: str) -> None:
    assert degree_of(expression) == 1


def test_an_expression_that_is_too_deep_for_python_is_too_large() -> None:
    deep = "(" * 5000 + "a" + ")" * 5000
    with pytest.raises(TooLargeError):
        position_automaton_of(deep)
