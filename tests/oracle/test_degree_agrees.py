"""The degree of an expression against the tries that it takes: never more than that power of the length."""

from __future__ import annotations

from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.backtracker import Backtracker

from ways.regex.backtracking import degree_of

_ATOMS = st.sampled_from(["a", "b", "[ab]", "[a-c]", "c"])


def _grown(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(parts, parts).map("".join),
        st.tuples(parts, parts).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(parts, st.sampled_from(["*", "+", "?", "{0,2}", "{2,}"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    )


EXPRESSIONS = st.recursive(_ATOMS, _grown, max_leaves=6)
WORDS = ["a" * 20, "b" * 20, "ab" * 10, "abc" * 7, "aab" * 7]


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_no_text_takes_more_tries_than_the_degree_allows(expression: str) -> None:
    degree = degree_of(expression)
    assert degree is not None
    backtracker = Backtracker(expression, 20_000)
    for word in WORDS:
        # Constants depend on the expression alone; a power that is too small is off by far more.
        assert degree == inf or backtracker.count(word) <= 60 * (len(word) + 1) ** degree


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS)
def test_what_is_called_linear_takes_so_many_tries_a_character(expression: str) -> None:
    if degree_of(expression) == 1:
        backtracker = Backtracker(expression)
        assert backtracker.count("ab" * 40) <= 3 * backtracker.count("ab" * 20) + 100
