"""How far a text fits a mapping: what is shared between mappings, and left out of the search, changes no answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ways import api
from ways.explain.beginnings import Beginnings
from ways.pattern.builder import Builder
from ways.pattern.pattern import STRICT
from ways.pattern.template import Template

PIECES = ["/", "a", "_", "ab/", "{A}", "{B}", "{C}", "[_{D}]", "{B}{C}"]
DETAILS = [
    {"A": {}}, {"A": {"parse": {"regex": "[ab]+"}}}, {"B": {"format": "02d"}}, {"C": {"mapping": "{A}-{B}"}},
    {"B": {"choices": ["a", "ab"]}},
]  # fmt: skip
TEXTS = st.text("ab_/-01", max_size=12)
MAPPINGS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)


def session_of(plugins: Mapping[str, Mapping[str, object]]) -> api.Session:
    session = api.Session()
    session.add_plugins(**plugins)
    return session


def farthest(template: Template, text: str) -> tuple[int, int]:
    """Return how many leaves of the mapping's start fit, and where they end: each number of them tried by itself."""
    best = 0, 0
    for count in range(1, len(template.leaves) + 1):
        match = Builder.of(template, STRICT, count).compiled().match(text)
        best = (count, match.end()) if match else best
    return best


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(MAPPINGS, st.sampled_from(DETAILS)), min_size=1, max_size=4), TEXTS)
def test_shared_starts_end_where_each_would_by_itself(said: list[tuple[str, dict[str, dict[str, object]]]], text: str) -> None:
    beginnings = Beginnings()
    for mapping, details in said:
        template = Template.of(mapping, details, 2)
        stop = beginnings.stop(beginnings.of_template(template), text, template.literals_in(text))
        assert (stop.fitting, stop.position) == farthest(template, text)


SEGMENTS = ["a", "b", "a_{A}", "{B}", "{C}", "{A}[_{D}]", "{B}{C}", "v01"]
PATHS = st.lists(st.sampled_from(SEGMENTS), min_size=2, max_size=5).map("/".join)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(PATHS, st.sampled_from(DETAILS)), min_size=1, max_size=5), st.text("ab_/-01v", max_size=12), st.booleans())
def test_what_a_place_shares_with_others_changes_nothing_in_its_attempt(
    said: list[tuple[str, dict[str, dict[str, object]]]], text: str, is_strict: bool
) -> None:
    plugins = {
        f"p{number}": {"hierarchy": f"p{number}", "mapping": mapping, "mapping_details": details, "syntax": 2}
        for number, (mapping, details) in enumerate(said)
    }
    together = session_of(plugins).explain_text(text, strict=is_strict).attempts
    assert len(together) == len(plugins)
    for attempt in together:
        (alone,) = session_of({attempt.hierarchy: plugins[attempt.hierarchy]}).explain_text(text, strict=is_strict).attempts
        if not attempt.verdict.fits and not alone.verdict.fits:
            assert replace(attempt, source=None) == replace(alone, source=None)


@settings(max_examples=300, deadline=None)
@given(MAPPINGS, st.sampled_from(DETAILS), TEXTS)
def test_a_text_that_fits_has_all_literals(mapping: str, details: dict[str, dict[str, object]], text: str) -> None:
    template = Template.of(mapping, details, 2)
    if Builder.of(template, STRICT).compiled().fullmatch(text):
        assert template.literals_in(text) == len(template.leaves)


def test_a_thousand_mappings_that_begin_alike_give_up_together(session: api.Session) -> None:
    slow = {"A": {"parse": {"regex": r"(?:\w+\d?)+x"}}}
    session.add_plugins(**{f"p{n}": {"hierarchy": f"p{n}", "mapping": f"{{A}}/p{n}", "mapping_details": slow} for n in range(200)})
    explanation = session.explain_text("a" * 60 + "!/q", strict=True)
    assert len(explanation.attempts) == 200
