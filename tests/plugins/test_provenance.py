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


@pytest.mark.parametrize(
    "field, values, reason, parts, losses",
    [
        ("max_folder", ["/a"], Reason.ONLY, [], []),
        ("max_folder", ["/a", "/a/b"], Reason.ONLY, [], [("a", Reason.OUTER_FOLDER)]),
        ("max_folder", ["/a", "/b"], Reason.PART, ["a"], []),
        ("max_folder", ["/a", "/b", "/b/c"], Reason.PART, ["a"], [("b", Reason.OUTER_FOLDER)]),
        ("platforms", ["linux"], Reason.ONLY, [], []),
        ("platforms", ["linux,windows", "linux"], Reason.PART, ["a"], []),
        ("platforms", ["linux", "linux,windows"], Reason.ONLY, [], [("b", Reason.CHANGES_NOTHING)]),
    ],
)
def test_what_several_give_together_names_the_parts(
    session: Session, field: str, values: list[str], reason: Reason, parts: list[str], losses: list[tuple[str, Reason]]
) -> None:
    names = "abc"[: len(values)]
    session.add_plugins(**{name: {"hierarchy": "/".join(names[: number + 1]), field: values[number]} for number, name in enumerate(names)})
    decision = provenance_of(session, "/".join(names)).decision((field,))
    assert decision.reason is reason and [part.plugin.name for part in decision.parts] == parts
    assert [(loss.contributor.plugin.name, loss.reason) for loss in decision.losses] == losses


@pytest.mark.parametrize("place", ["a", "zoo"])
def test_a_place_elsewhere_is_farther_whatever_it_is_called(session: Session, place: str) -> None:
    details = {"A": {"casing": 1}}
    session.add_plugins(
        far={"hierarchy": place, "mapping": "/x/{A}", "mapping_details": details},
        near={"hierarchy": "m", "mapping": f"{{@{place}}}/y", "mapping_details": details},
    )
    decision = provenance_of(session, "m").decision(("mapping_details", "A"))
    assert decision.winner is not None and decision.winner.plugin.name == "near" and decision.reason is Reason.NEAREST
    assert [(loss.contributor.plugin.name, loss.reason) for loss in decision.losses] == [("far", Reason.FARTHER)]


def test_a_place_that_is_referred_to_gives_token_details_and_no_path(session: Session) -> None:
    session.add_plugins(
        far={"hierarchy": "far", "mapping": "/x/{A}", "path": True, "mapping_details": {"A": {"casing": 1}}},
        near={"hierarchy": "near", "mapping": "{@far}/y"},
    )
    provenance = provenance_of(session, "near")
    assert provenance.decision(("path",)).winner is None and provenance.path_places == (Hierarchy.of("near"),)
    assert provenance.detail_places == (Hierarchy.of("far"), Hierarchy.of("near"))


def test_a_token_that_another_one_writes_is_written_there(session: Session) -> None:
    details = {"Q": {"mapping": "{C}"}, "P": {"mapping": "{A}_{B}"}, "A": {"mapping": "{A}"}}
    session.add_plugins(a={"hierarchy": "a", "mapping": "/{Q}/{P}", "mapping_details": details})
    provenance = provenance_of(session, "a")
    found = {token: provenance.source_of_mapping(token) for token in "CAB"}
    assert {token: source and source.pointer[-2:] for token, source in found.items()} == {
        "C": ("Q", "mapping"), "A": ("P", "mapping"), "B": ("P", "mapping"),
    }  # fmt: skip


def test_a_default_alone_has_its_own_writer(session: Session) -> None:
    details = {"A": {"parse": {"regex": "[a-z]+"}, "before_return": "os.path.basename"}}
    session.add_plugins(
        far={"hierarchy": "a", "mapping": "/{A}", "mapping_details": details},
        between={"hierarchy": "a", "mapping_details": {"A": {"default": "x"}}},
        near={"hierarchy": "a/b", "mapping_details": {"A": {"default": "y"}}},
    )
    provenance = provenance_of(session, "a/b")
    writers = [provenance.plugin_of(("mapping_details", "A", *keys)).name for keys in ((), ("default",), ("parse", "regex"))]
    assert writers == ["near", "near", "far"]
    decision = provenance.decision(("mapping_details", "A"))
    assert (decision.reason, [part.plugin.name for part in decision.parts]) == (Reason.PART, ["far"])
    assert [loss.contributor.plugin.name for loss in decision.losses] == ["between"]
    assert provenance.functions_to_call("A", ("os.path.basename",)) == ("os.path.basename",)
    session.add_plugins(whole={"hierarchy": "a/b", "mapping_details": {"A": {"default": "z", "choices": ["z"]}}})
    assert provenance_of(session, "a/b").decision(("mapping_details", "A")).parts == ()


def test_details_that_their_plugin_did_not_write_are_trusted_by_nobody(session: Session) -> None:
    session.add_plugins(a={"hierarchy": "a", "mapping": "/{A}", "mapping_details": {"A": {"before_return": "os.path.basename"}}})
    provenance = provenance_of(session, "a")
    named = ("os.path.basename",)
    assert provenance.functions_to_call("A", named) == named
    resolver, place = provenance.resolver, Hierarchy.of("a")
    resolver._resolved[place] = resolver.at(place)._replace(mapping_details={"A": {"before_return": "os.system"}})
    assert provenance.functions_to_call("A", ("os.system",)) is None and provenance.functions_to_call("B", named) is None
