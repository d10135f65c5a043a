"""Tokens too large for an automaton: said to be undecided, soon, and never guessed."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from ways import api

LARGE = {
    "choices": "{choices: [" + ", ".join(f"w{n}" for n in range(20_000)) + "]}",
    "loops": "{parse: {regex: '" + "(a|b)*" * 5000 + "'}}",
    "words in a loop": "{parse: {regex: '(?:" + "|".join(f"w{n}" for n in range(4000)) + ")+'}}",
    "deep groups": "{parse: {regex: '" + "(" * 3000 + "a" + ")" * 3000 + "'}}",
    "a repeat beyond the engine": "{parse: {regex: 'a{99999999999}'}}",
}
#: What may be reported of them.
KNOWN = {"slow-expression", "undecided-overlap", "bad-expression", "outranked-overlap", "overlap", "limit"}


@pytest.mark.parametrize("details", LARGE.values(), ids=LARGE)
def test_a_token_that_is_too_large_is_reported_soon(load: Callable[..., api.Session], details: str) -> None:
    places = "".join(f"  {name}: {{hierarchy: {name}, mapping: '/{{T}}/{{T}}', mapping_details: {{T: {details}}}}}\n" for name in "ab")
    session = load(f"plugins:\n{places}")
    start = time.thread_time()
    codes = {finding.code for finding in session.check()}
    assert codes and codes <= KNOWN
    assert time.thread_time() - start < 60


@pytest.mark.parametrize("details", LARGE.values(), ids=LARGE)
def test_a_text_is_answered_beside_a_token_that_is_too_large(load: Callable[..., api.Session], details: str) -> None:
    large = f"{{hierarchy: a, mapping: '/a/{{T}}', mapping_details: {{T: {details}}}}}"
    session = load(f"plugins:\n  a: {large}\n  b: {{hierarchy: b, mapping: '/b/{{B}}'}}\n")
    assert session.explain_text("/b/x", strict=True).status == "resolved"
    assert session.explain_text("/a/!", strict=True).status == "unresolved"
