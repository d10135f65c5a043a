"""Overlaps as findings: where they point, how bad they are, and how many there are."""

from __future__ import annotations

from typing import Any

import pytest

from ways.check.findings import Finding
from ways.session import Session

WORD = {"A": {"parse": {"regex": "[a-z]+"}}}


def findings(session: Session) -> list[Finding]:
    return [finding for finding in session.check() if finding.code.endswith("overlap")]


def plugin(hierarchy: str, mapping: str, **more: Any) -> dict[str, Any]:
    return {"hierarchy": hierarchy, "mapping": mapping, "mapping_details": WORD, **more}


def test_a_finding_names_both_places_both_lines_and_a_text(load) -> None:
    session = load(
        """
        plugins:
          a: {hierarchy: a, mapping: '/{A}', mapping_details: {A: {parse: {regex: '[a-z]+'}}}}
          b: {hierarchy: b, mapping: '/{A}', mapping_details: {A: {parse: {regex: '[a-c]+'}}}}
        """
    )
    (finding,) = findings(session)
    assert (finding.code, finding.level, finding.source.line, finding.witness) == ("overlap", "error", 4, "/a")
    assert [place.source.line for place in finding.related] == [3]
    assert "'a'" in finding.message and "'b'" in finding.message and finding.help


def test_pairs_that_come_from_the_same_lines_are_one_finding(session: Session) -> None:
    session.add_plugins(
        a=plugin("a", "/a/{A}"),
        b=plugin("b", "/b/{A}"),
        one={"hierarchy": "one", "uses": ["a", "b"], "mapping": "{root}/x"},
        two={"hierarchy": "two", "uses": ["a", "b"], "mapping": "{root}/x"},
    )
    assert len({finding.source for finding in findings(session)}) == len(findings(session))


def test_layers_of_one_place_may_say_the_same(session: Session) -> None:
    session.add_plugins(
        a=plugin("a", "/master/{A}"), b=plugin("a", "/x/{A}", assignment="one"), c=plugin("a", "/x/{A}", assignment="two")
    )
    assert findings(session) == []


def test_places_of_layers_without_priority_are_a_warning(session: Session) -> None:
    session.add_plugins(a=plugin("a", "/x/{A}", assignment="one"), b=plugin("b", "/x/{A}", assignment="two"))
    assert {finding.level for finding in findings(session)} <= {"warning", "error"} and findings(session)


def test_a_finding_says_where_it_holds_if_it_does_not_everywhere(session: Session) -> None:
    session.add_plugins(
        a=plugin("a", "/x/{A}", platforms=["linux"]),
        b=plugin("b", "/x/{A}", platforms=["linux"]),
        c=plugin("c", "/y/{A}", platforms=["windows"]),
    )
    (finding,) = findings(session)
    assert "on linux" in finding.message and "windows" not in finding.message


def test_too_many_pairs_are_said_to_be_too_many(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ways.check.pairs.MOST_CANDIDATES", 10)
    session.add_plugins(**{f"p{n}": plugin(f"c{n}", "/x/{A}") for n in range(20)})
    assert any("too many" in finding.message for finding in findings(session))
