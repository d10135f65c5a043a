"""Which paths resolve differently, and to what."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from ways.api import PathChange, Session, compare, compare_paths

OLD = """\
plugins:
  job: {hierarchy: job, mapping: '/jobs/{JOB}', mapping_details: {JOB: {parse: {regex: '[a-z]+'}}}}
  shot: {hierarchy: job/shot, mapping: '/jobs/{JOB}/{SHOT}'}
"""
NEW = """\
plugins:
  job: {hierarchy: job, mapping: '/jobs/{JOB}', mapping_details: {JOB: {parse: {regex: '[a-z]{3}'}}}}
  shot: {hierarchy: job/shot, mapping: '/jobs/{JOB}/{SEQ}_{NUMBER}'}
  asset: {hierarchy: job/asset, mapping: '/jobs/{JOB}/assets/{ASSET}'}
  other: {hierarchy: job/other, mapping: '/jobs/{JOB}/{WHAT}_{ELSE}'}
"""
Diff = Callable[..., list[PathChange]]


@pytest.fixture
def diff(write_sheet: Callable[..., str]) -> Diff:
    """Compare what texts are by the two sheets above."""
    old, new = write_sheet(OLD, "old.yml"), write_sheet(NEW, "new.yml")
    return lambda *paths: list(compare(old, new, paths).paths)


def test_a_path_that_resolves_alike_is_not_told(diff: Diff) -> None:
    assert diff("/jobs/abc", "/nothing", "") == []


def test_a_path_that_resolves_no_longer_is_told_with_what_it_was(diff: Diff) -> None:
    (change,) = diff("/jobs/dune")
    assert (change.text, change.change, change.old.hierarchy, change.old.values) == ("/jobs/dune", "removed", "job", {"JOB": "dune"})
    assert change.new.status == "unresolved" and "/jobs/dune" in (change.new.error or "")
    assert (change.old.source or "").endswith("old.yml:2:25") and change.new.source is None


def test_a_path_that_resolves_now_is_told_with_what_it_is(diff: Diff) -> None:
    (change,) = diff("/jobs/abc/assets/tree")
    assert (change.change, change.new.hierarchy, change.new.values) == ("added", "job/asset", {"JOB": "abc", "ASSET": "tree"})


def test_a_path_with_other_values_is_told_with_both(write_sheet: Callable[..., str]) -> None:
    old = write_sheet("plugins: {a: {hierarchy: a, mapping: '{A}'}}", "a.yml")
    new = write_sheet("plugins: {a: {hierarchy: a, mapping: '{B}'}}", "b.yml")
    (change,) = compare(old, new, ["x"]).paths
    assert (change.change, change.old.values, change.new.values) == ("changed", {"A": "x"}, {"B": "x"})


def test_a_path_that_becomes_ambiguous_names_the_places(diff: Diff) -> None:
    (change,) = diff("/jobs/abc/sq_010")
    assert (change.change, change.new.status, change.new.candidates) == ("changed", "ambiguous", ("job/other", "job/shot"))


def test_a_path_that_stays_ambiguous_is_not_told(write_sheet: Callable[..., str]) -> None:
    text = "plugins: {a: {hierarchy: a, mapping: '{A}'}, b: {hierarchy: b, mapping: '{B}'}}"
    assert not compare(write_sheet(text, "a.yml"), write_sheet(f"\n{text}", "b.yml"), ["x"]).paths


def test_a_change_is_plain_data(diff: Diff) -> None:
    record = diff("/jobs/dune")[0].as_dict()
    assert sorted(record) == ["change", "new", "old", "text", "would_be"]
    assert sorted(record["old"]) == ["assignment", "candidates", "error", "hierarchy", "source", "status", "values"]


@pytest.mark.parametrize(
    "old, new, text, would_be",
    [
        ("/{A}", "/moved/{A}", "/x", "/moved/x"),
        ("/{A}/v{V:03d}", "/{A}/v{V:04d}", "/x/v012", "/x/v0012"),
        ("/{A}/{B}", "/{A}", "/x/y", None),
        ("/{A}", "/moved/{A}/{B}", "/x", None),
        ("/{A}", "/moved/{B}", "/x", None),
        ("/{A}", "/moved/{A:d}", "/x", None),
        ("/{A}/{B}", "/{A}_{B}", "/x/y_z", None),
    ],
    ids=["moved", "padded", "a token less", "a token more", "another token", "no value there", "read otherwise"],
)
def test_a_path_is_told_where_it_would_be(old: str, new: str, text: str, would_be: str | None) -> None:
    sides = Session(), Session()
    for session, mapping in zip(sides, (old, new)):
        session.add_plugins(a={"syntax": 2, "hierarchy": "a", "mapping": mapping})
    (change,) = compare(*sides, [text]).paths
    assert (change.change, change.would_be) == ("removed", would_be)


def test_a_path_would_be_nowhere_if_its_place_is_gone_or_another_place_reads_it() -> None:
    old, new, other = Session(), Session(), Session()
    old.add_plugins(a={"hierarchy": "a", "mapping": "/a/{A}"})
    new.add_plugins(b={"hierarchy": "b", "mapping": "/b/{A}"})
    other.add_plugins(a={"hierarchy": "a", "mapping": "/b/{A}"}, b={"hierarchy": "b", "mapping": "/b/x"})
    assert [change.would_be for side in (new, other) for change in compare(old, side, ["/a/x"]).paths] == [None, None]


def test_paths_are_read_one_by_one_and_never_kept() -> None:
    old, new = Session(), Session()
    old.add_plugins(a={"hierarchy": "a", "mapping": "/a/{A:d}"})
    given: list[int] = []

    def endless() -> Iterator[str]:
        for number in itertools.count():
            given.append(number)
            yield f"/a/{number}"

    first = list(itertools.islice(compare_paths(old, new, endless()), 3))
    assert [change.text for change in first] == ["/a/0", "/a/1", "/a/2"] and len(given) == 3


def test_what_became_of_each_path_so_far_is_counted() -> None:
    old, new = Session(), Session()
    old.add_plugins(a={"hierarchy": "a", "mapping": "/a/{A:d}"})
    changes = compare_paths(old, new, ["/x", "/a/1", "/y", "/a/2"])
    assert next(changes).text == "/a/1" and changes.unresolved == "/x"
    assert changes.counts == {"removed": 1, "added": 0, "changed": 0, "untold": 0, "same": 0, "unresolved": 1}
    assert next(changes).text == "/a/2" and changes.counts["removed"] == changes.counts["unresolved"] == 2


def test_one_layer_alone_may_be_asked_for() -> None:
    old, new = Session(), Session()
    old.add_plugins(a={"hierarchy": "a", "mapping": "/a/{A}", "assignment": "client"})
    assert not compare(old, new, ["/a/x"], assignment="master").paths
    assert [change.old.assignment for change in compare(old, new, ["/a/x"], assignment="client").paths] == ["client"]
