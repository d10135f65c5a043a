"""Regular expressions made by chance, and all short texts of few characters, to ask the engine itself about."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import strategies as st

LEAVES = ["a", "b", "c", ".", "[ab]", "[^a]", r"\n", "(?i:A)", r"\w", r"\W", ""]
TIMES = ["*", "+", "?", "{0,2}", "*?", "{2}", "{1,}", "??"]
#: What no machine of states holds exactly.
REMEMBERING = [r"(a|b)\1", r"(a)?(?(1)b|c)", "(?>a+)a", "a++b", r"\bab", "(?<=a)b", r"(?m:^)b"]


def texts(letters: str, longest: int) -> list[str]:
    """Return every text of these characters up to a length."""
    return ["".join(some) for length in range(longest + 1) for some in itertools.product(letters, repeat=length)]


def _repeated(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds("(?:{}){}".format, inner, st.sampled_from(TIMES))


def _looking(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    kinds, ends = st.sampled_from(["(?=", "(?!"]), st.sampled_from(["", "$", r"\Z"])
    return st.builds("{}{}{}){}".format, kinds, inner, ends, inner)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.builds("{}{}".format, inner, inner)
    either = st.builds("(?:{}|{})".format, inner, inner)
    anchored = st.builds("{}{}{}".format, st.sampled_from(["", "^", r"\A"]), inner, st.sampled_from(["", "$", r"\Z"]))
    lines = st.builds("(?m:{}$){}".format, inner, inner)
    return joined | either | _repeated(inner) | _looking(inner) | anchored | lines


def expressions(leaves: Sequence[str] = LEAVES) -> st.SearchStrategy[str]:
    """Return a strategy of expressions."""
    return st.recursive(st.sampled_from(list(leaves)), _larger, max_leaves=6)
