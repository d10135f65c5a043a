"""Aliases, a test a rule (``docs/explanation/hierarchy-and-assignment.rst``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ways import api
from ways.api import AliasError, Session
from ways.hierarchy import Hierarchy
from ways.registry import Aliases


@pytest.fixture(autouse=True)
def _shot(session: Session) -> None:
    """``job`` and ``job/shot``, the second of them relative."""
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/{JOB}", "data": {"owner": "td"}},
        shot={"hierarchy": "{root}/shot", "mapping": "{root}/{SHOT}", "uses": ["job"]},
    )


@pytest.mark.parametrize("alias", ["job/shot", " job//shot/ ", ("job", "shot")], ids=repr)
def test_a_place_cannot_be_an_alias_of_itself(alias: Any) -> None:
    with pytest.raises(ValueError, match="alias of itself"):
        api.register_context_alias(alias, "job/shot")


@pytest.mark.parametrize("old", ["job", "job/shot"])
def test_an_alias_that_is_taken_is_a_value_error_that_says_by_what(old: str) -> None:
    api.register_context_alias("short", "job/shot")
    with pytest.raises(ValueError, match="'short' is an alias already, of 'job/shot'"):
        api.register_context_alias(("short",), old)


def test_what_an_alias_stands_for_need_not_exist(session: Session) -> None:
    api.register_context_alias("short", "later")
    assert api.get_context("short") is None
    session.add_plugins(later={"hierarchy": "later"})
    assert api.get_context("short") is not None


def test_an_alias_that_is_not_followed_keeps_its_name_and_has_the_plugins_of_the_real_place(session: Session) -> None:
    api.register_context_alias("short/cut", "job/shot")
    context, real = session.need_context("short/cut"), session.need_context("job/shot")
    assert (context.hierarchy, context.get_hierarchy()) == (("short", "cut"), ("short", "cut"))
    assert context is not real
    assert [plugin.name for plugin in context.plugins] == ["job", "shot"]
    assert (context.get_mapping(), context.data) == ("/{JOB}/{SHOT}", {"owner": "td"})


def test_an_alias_that_is_followed_is_the_very_same_context(session: Session) -> None:
    api.register_context_alias("short", "job/shot")
    assert api.get_context("short", follow_alias=True) is session.get_context("job/shot")


def test_following_what_is_no_alias_changes_nothing(session: Session) -> None:
    assert api.get_context("job/shot", follow_alias=True) is session.get_context("job/shot")


@pytest.mark.parametrize("follow", [False, True])
def test_chains_of_aliases_are_resolved_in_any_order(session: Session, follow: bool) -> None:
    for alias, old in [("a", "b"), ("c", "job/shot"), ("b", "c")]:
        api.register_context_alias(alias, old)
    context = session.get_context("a", follow_alias=follow)
    assert context is not None and context.get_mapping() == "/{JOB}/{SHOT}"


def test_an_alias_with_a_leading_slash_keeps_it_as_a_part(session: Session) -> None:
    api.register_context_alias("/short", "job/shot")
    assert session.need_context("/short").hierarchy == ("/", "short")
    assert session.get_context("short") is None


def test_an_alias_works_for_one_layer_too(session: Session) -> None:
    api.register_context_alias("short", "job/shot")
    assert session.need_context("short", "master").get_mapping() == "/{JOB}/{SHOT}"
    assert session.get_context("short", "client") is None


def test_an_alias_hides_a_place_of_its_name(session: Session) -> None:
    session.add_plugins(short={"hierarchy": "short", "mapping": "/short"})
    context = session.need_context("short")
    api.register_context_alias("short", "job/shot")
    assert context.get_mapping() == "/{JOB}/{SHOT}"


def test_what_is_below_an_alias_sees_that_level_and_is_not_below_the_real_place(session: Session) -> None:
    api.register_context_alias("short", "job/shot")
    session.add_plugins(x={"hierarchy": "short/x", "data": {"x": 1}})
    assert session.get_context("short/y") is None
    assert session.get_context("job/shot/x") is None
    assert [plugin.name for plugin in session.need_context("short/x").plugins] == ["shot", "x"]


def test_what_uses_an_alias_has_the_mapping_of_the_real_place(session: Session) -> None:
    api.register_context_alias("short", "job/shot")
    session.add_plugins(x={"hierarchy": "{root}/x", "mapping": "{root}/x", "uses": ["short"]})
    assert session.need_context("short/x").get_mapping() == "/{JOB}/{SHOT}/x"


def test_an_alias_takes_no_part_in_finding_the_context_of_a_text(session: Session) -> None:
    """REC of 5.7."""
    api.register_context_alias("short", "job/shot")
    assert session.read("/dune/0010").hierarchy == "job/shot"
    assert session.get_asset({"JOB": "dune", "SHOT": "0010"}, "short").context.hierarchy == ("short",)


@pytest.mark.parametrize("given", ["short", ("short",), ["short"], " short/ "], ids=repr)
def test_resolving_takes_a_text_or_parts(given: Any) -> None:
    """REC of 5.7."""
    api.register_context_alias("short", "job/shot")
    assert api.resolve_alias(given) == ("job", "shot")


def test_resolving_what_is_no_alias_gives_it_as_it_is() -> None:
    assert api.resolve_alias("no//where") == ("no", "where")


@pytest.mark.parametrize("chain", [["a", "b"], ["a", "b", "c"]], ids=str)
def test_aliases_that_would_close_a_circle_are_refused_when_they_are_registered(chain: list[str]) -> None:
    """REC of 5.7."""
    for alias, old in zip(chain, chain[1:]):
        api.register_context_alias(alias, old)
    with pytest.raises(AliasError, match="circle") as caught:
        api.register_context_alias(chain[-1], chain[0])
    assert caught.value.chain == (chain[-1], *chain)


def test_clearing_aliases_ends_them_and_keeps_contexts(session: Session) -> None:
    """REC of 5.7."""
    api.register_context_alias("short", "job/shot")
    real, alias = session.get_context("job/shot"), session.get_context("short")
    api.clear_aliases()
    assert (api.resolve_alias("short"), api.get_context("short")) == (("short",), None)
    assert api.get_context("job/shot") is real
    assert alias is not None and alias.plugins == []


def test_clearing_contexts_forgets_them_and_keeps_aliases(session: Session) -> None:
    """REC of 5.7."""
    api.register_context_alias("short", "job/shot")
    context = session.need_context("short")
    context.data["x"] = 1
    api.clear_contexts()
    assert session.need_context("short") is not context
    assert session.need_context("short").data == {"owner": "td"}
    assert api.resolve_alias("short") == ("job", "shot")


def test_an_alias_can_be_registered_again_after_clearing(session: Session) -> None:
    api.register_context_alias("short", "job/shot")
    api.clear_aliases()
    api.register_context_alias("short", "job")
    assert session.need_context("short").get_mapping() == "/{JOB}"


def test_asset_classes_and_defaults_are_not_looked_up_through_an_alias(session: Session) -> None:
    api.register_context_alias("short", "job/shot")
    api.register_asset_class(dict, "job/shot")
    api.add_action_default("x", 1, hierarchy="job/shot")
    assert api.get_asset_class("short") is None
    assert not hasattr(session.need_context("short").actions, "x")


def test_aliases_are_no_hierarchies_of_their_own() -> None:
    api.register_context_alias("short", "job/shot")
    assert api.get_all_hierarchies() == {("job",), ("job", "shot")}


def test_an_alias_over_an_existing_place_is_no_candidate_for_a_text(session: Session) -> None:
    session.add_plugins(job={"hierarchy": "job", "mapping": "/{JOB}"}, short={"hierarchy": "short", "mapping": "/short/{A}"})
    session.register_context_alias("short", "job")
    assert session.read("/dune").hierarchy == "job"


def test_another_alias_copies_few_of_those_that_there_are(session: Session) -> None:
    copied: list[int] = []
    with_one = Aliases.with_one

    def counted(aliases: Aliases, alias: Hierarchy, place: Hierarchy) -> Aliases:
        made = with_one(aliases, alias, place)
        copied.append(len(made._tables[-1]))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Aliases, "with_one", counted)
        for number in range(1_000):
            session.register_context_alias(f"a{number}", f"a{number - 1}" if number else "job")
    assert len(copied) == 1_000 and sum(copied) <= 10 * 1_000
    aliases = session.registry.now.aliases
    assert [alias.text for alias in aliases] == [f"a{number}" for number in range(1_000)] and len(aliases) == 1_000
    assert all(aliases[Hierarchy((f"a{number}",))].text == f"a{number - 1}" for number in range(1, 1_000))
    assert session.need_context("a999").get_mapping() == "/{JOB}"


@pytest.mark.parametrize("order", [range(50), range(49, -1, -1), (*range(0, 50, 2), *range(1, 50, 2))], ids=["on", "back", "mixed"])
def test_a_circle_is_seen_in_whatever_order_its_aliases_come(session: Session, order: Sequence[int]) -> None:
    *most, last = order
    for number in most:
        session.register_context_alias(f"c{number}", f"c{(number + 1) % 50}")
    with pytest.raises(AliasError, match="close a circle") as caught:
        session.register_context_alias(f"c{last}", f"c{(last + 1) % 50}")
    assert str(caught.value).count(" -> ") == 50
    session.register_context_alias(f"c{last}", "job")
    assert all(session.resolve_alias(f"c{number}") == ("job",) for number in range(50))
    session.clear_aliases()
    session.register_context_alias(f"c{last}", f"c{(last + 1) % 50}")
