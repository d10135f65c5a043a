"""Which plugin gave what a place answers: one answer for explain, compare, check and the rule of trust."""

from __future__ import annotations

import pytest

from ways.api import Limits, Session
from ways.hierarchy import Hierarchy
from ways.plugins.merge import MERGE_RULES
from ways.plugins.provenance import FIELDS, Provenance, Reason, SharedDecisions, given_value


def provenance_of(session: Session, place: str) -> Provenance:
    return session.need_context(place).view.provenance


@pytest.fixture
def shots(session: Session) -> Session:
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs/{JOB}", "mapping_details": {"JOB": {"casing": 1}}, "data": {"fps": 24, "x": 1}},
        shot={"hierarchy": "job/shot", "mapping": "{root}/{SHOT}", "uses": ["job"], "data": {"fps": 25}, "path": True},
        plate={"hierarchy": "plate", "mapping": "{@job}/plates/{PLATE}"},
        lib={"hierarchy": "lib/{root}", "mapping": "{root}/lib", "uses": ["job"]},
    )
    return session


@pytest.mark.parametrize(
    "place, pointer",
    [("job", ("data", "fps")), ("lib/job", ("mapping_details", "JOB", "casing")), ("plate", ("mapping_details", "JOB"))],
    ids=["at the place", "at a parent elsewhere", "at a place that is referred to"],
)
def test_the_plugin_that_gave_a_key_is_found_wherever_it_stands(shots: Session, place: str, pointer: tuple[str, ...]) -> None:
    plugin = provenance_of(shots, place).plugin_of(pointer)
    assert plugin is not None and plugin.name == "job"


def test_nobody_gave_a_key_that_is_not_there(shots: Session) -> None:
    provenance = provenance_of(shots, "job")
    assert provenance.plugin_of(("data", "nothing")) is None and provenance.source_of(("data", "nothing")) is None
    assert provenance.plugin_of(("path",)) is None


def test_each_part_of_a_mapping_has_the_plugin_that_wrote_it(shots: Session) -> None:
    provenance = provenance_of(shots, "plate")
    parts = provenance.mapping_parts
    assert parts is not None and [(part.text, part.plugin.name) for part in parts] == [("/jobs/{JOB}", "job"), ("/plates/{PLATE}", "plate")]
    assert [plugin.name for plugin in map(provenance.plugin_at, (0, 10, 11)) if plugin] == ["job", "job", "plate"]
    assert provenance.plugin_at(1000) is None


def test_a_token_is_written_where_the_part_with_it_is(shots: Session) -> None:
    provenance = provenance_of(shots, "plate")
    sources = {str(plugin.name): plugin.source_of("mapping") for plugin in shots.registry.now.plugins}
    assert provenance.source_of_mapping("JOB") == sources["job"]
    assert provenance.source_of_mapping() == provenance.source_of_mapping("PLATE") == sources["plate"]


def test_a_place_without_a_mapping_has_no_source_of_one(session: Session) -> None:
    session.add_plugins(far={"hierarchy": "far/{root}", "mapping": "{root}/x", "uses": ["nowhere"]})
    context = session.get_context("far/nowhere")
    assert context is not None
    provenance = context.view.provenance
    assert provenance.mapping_parts is None and provenance.source_of_mapping() is None and provenance.source_of_mapping("A") is None
    (loss,) = provenance.decision(("mapping",)).losses
    assert loss.reason is Reason.NO_PARENT_MAPPING


def test_a_mapping_whose_parent_has_too_long_a_one_has_no_parent_mapping() -> None:
    session = Session({}, limits=Limits(mapping=50))
    session.add_plugins(
        long={"hierarchy": "long", "mapping": "/" + "x" * 30},
        longer={"hierarchy": "lib/{root}", "mapping": "{root}{root}", "uses": ["long"]},
        longest={"hierarchy": "top/{root}", "mapping": "{root}/a", "uses": ["lib/long"]},
    )
    explanation = session.explain("top/lib/long", "mapping")
    (loser,) = (claim for claim in explanation.fields[0].claims if claim.plugin == "longest")
    assert loser.reason is Reason.NO_PARENT_MAPPING and explanation.fields[0].winner is None


def test_what_changes_nothing_has_not_given_the_value(session: Session) -> None:
    session.add_plugins(
        a={"hierarchy": "a", "platforms": "linux", "max_folder": "/j"},
        b={"hierarchy": "a/b", "platforms": ["linux"], "max_folder": "/j"},
    )
    provenance = Provenance(session.pool.state().resolver(""), Hierarchy.of("a/b"))
    for field in ("platforms", "max_folder"):
        decision = provenance.decision((field,))
        assert decision.winner is not None and decision.winner.plugin.name == "a"
        assert [(loss.contributor.plugin.name, loss.reason) for loss in decision.losses] == [("b", Reason.CHANGES_NOTHING)]


def test_a_plugin_may_give_nothing_for_a_key_on_purpose(session: Session) -> None:
    session.add_plugins(a={"hierarchy": "a", "data": {"x": None}})
    (plugin,) = session.registry.now.plugins
    provenance = Provenance(session.pool.state().resolver(""), Hierarchy.of("a"))
    assert provenance.plugin_of(("data", "x")) is plugin and given_value(plugin, ("data", "x")) is None
    assert provenance.plugin_of(("data", "y")) is None and provenance.plugin_of(("path",)) is None


def test_places_share_what_the_same_plugins_decide(session: Session) -> None:
    session.add_plugins(
        a={"hierarchy": "a", "data": {"x": 1}}, b={"hierarchy": "a/b", "data": {"y": 2}}, c={"hierarchy": "a/c", "data": {"x": 3}}
    )
    resolver, shared = session.pool.state().resolver(""), SharedDecisions()
    first, second, third = (Provenance(resolver, Hierarchy.of(name), shared=shared).decisions() for name in ("a", "a/b", "a/c"))
    assert first["data", "x"] is second["data", "x"]
    assert third["data", "x"].winner is not None and third["data", "x"].winner.plugin.name == "c"
    assert [Provenance(resolver, Hierarchy.of(name)).decisions() for name in ("a", "a/b", "a/c")] == [first, second, third]


def test_each_field_of_a_place_has_a_rule() -> None:
    assert set(FIELDS) == {"mapping", *MERGE_RULES}
