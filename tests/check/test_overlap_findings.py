"""Overlaps as findings: where they point, how bad they are, and how many there are."""

from __future__ import annotations

from typing import Any

import pytest

from ways.check.findings import Finding
from ways.check.intersection_search import IntersectionSearch
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
    session.add_plugins(**{f"p{n}": plugin(f"c{n}", "/x/{A}", mapping_details=word(n)) for n in range(20)})
    assert any("too many" in finding.message for finding in findings(session))


def word(length: int) -> dict[str, Any]:
    return {"A": {"parse": {"regex": f"[a-z]{{1,{length + 1}}}"}}}


@pytest.mark.parametrize("mapping", ["/x/{A}/{B}", "/x/{A}/{B%d}"], ids=["equal", "other tokens"])
def test_many_mappings_that_the_same_paths_fit_are_decided_and_told_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, mapping: str
) -> None:
    searches: list[object] = []
    first = IntersectionSearch.__init__
    monkeypatch.setattr(IntersectionSearch, "__init__", lambda self, *args: (searches.append(self), first(self, *args))[1])
    session.add_plugins(**{f"p{n}": plugin(f"c{n}", mapping % n if "%" in mapping else mapping) for n in range(300)})
    (finding,) = findings(session)
    assert "(and 298 others match the same paths)" in finding.message and finding.code == "overlap"
    assert len(searches) == 1


def test_of_few_mappings_that_the_same_paths_fit_each_pair_is_told(session: Session) -> None:
    session.add_plugins(**{f"p{n}": plugin(f"c{n}", "/x/{A}") for n in range(4)}, other=plugin("other", "/{K}/{A}"))
    assert sum(finding.code == "overlap" for finding in findings(session)) == 6
    assert sum(finding.code == "outranked-overlap" for finding in findings(session)) == 4
    assert all("others" not in finding.message for finding in findings(session))


def test_of_many_mappings_that_another_wins_over_one_finding_names_it(session: Session) -> None:
    session.add_plugins(**{f"p{n}": plugin(f"c{n}", "/{K}/{A}") for n in range(40)}, other=plugin("other", "/x/{A}"))
    ranked = [finding for finding in findings(session) if finding.code == "outranked-overlap"]
    assert len(ranked) == 1 and "answers 'other'" in ranked[0].message and "and 39 others" in ranked[0].message


def test_what_all_pairs_together_may_take_is_counted_and_the_rest_is_undecided(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ways.check.overlap.MOST_STEPS", 20_000)
    session.add_plugins(**{f"p{n}": plugin(f"c{n}", "/x/{A}", mapping_details=word(n)) for n in range(60)})
    told = findings(session)
    assert any("not compared" in finding.message or "not each of them was looked at" in finding.message for finding in told)
    # Steps are counted: every run ends alike.
    assert told == findings(session)
    assert any(finding.code == "overlap" for finding in told)
