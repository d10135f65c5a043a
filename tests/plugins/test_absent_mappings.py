"""A place whose mappings are for other platforms or layers has none (docs/explanation/merging.rst): never that of the place above it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from ways.errors import UnresolvedMappingError, WaysError
from ways.explain.record import Explanation
from ways.plugins.provenance import Reason
from ways.session import Session

SHOW = """
    globals: {syntax: 2, path: true}
    plugins:
      linux: {hierarchy: show, mapping: '/show/{SHOW}', platforms: [linux]}
      windows: {hierarchy: show, mapping: 'P:/show/{SHOW}', platforms: [windows]}
      cache: {hierarchy: '{root}/cache', mapping: '{root}/cache', uses: [show], platforms: [linux]}
      tint: {hierarchy: show/cache/tint, data: {tint: red}}
      sim: {hierarchy: '{root}/sim', mapping: '{root}/sim', uses: [show/cache]}
      grade: {hierarchy: '{root}/grade', mapping: '{root}/grade', uses: [show/cache/tint]}
      fps: {hierarchy: show/facts, data: {fps: 24}}
      frost: {hierarchy: '{root}/frost', mapping: '{root}/frost', uses: [show], assignment: client_frost}
"""


@pytest.fixture
def show(session: Session, write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session on windows, where only linux has a mapping for the cache."""
    session.add_search_path(write_sheet(SHOW, "show.yml"))
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    return session


def mapping(session: Session, place: str) -> str:
    return session.need_context(place).get_mapping()


def test_a_place_for_another_platform_names_its_plugin_and_what_to_add(show: Session) -> None:
    told = r"'show/cache' has no mapping on windows: its only plugin with one \(.*show.yml:6:\d+\) is for linux\. Add one for windows\.$"
    with pytest.raises(UnresolvedMappingError, match=told):
        mapping(show, "show/cache")


def test_a_place_below_names_the_place_that_has_none(show: Session) -> None:
    with pytest.raises(UnresolvedMappingError, match=r"it would take that of 'show/cache', whose only plugin .* is for linux"):
        mapping(show, "show/cache/tint")


@pytest.mark.parametrize("place", ["show/cache/sim", "show/cache/tint/grade"])
def test_a_relative_plugin_of_such_a_place_has_none(show: Session, place: str) -> None:
    with pytest.raises(UnresolvedMappingError, match=r"linux"):
        mapping(show, place)


def test_a_place_in_another_layer_names_the_layer_and_the_order(show: Session) -> None:
    order = os.pathsep.join(["master", "client_frost"])
    with pytest.raises(UnresolvedMappingError, match=rf"is in the layer 'client_frost': set WAYS_PRIORITY={order}\.$"):
        mapping(show, "show/frost")


@pytest.mark.parametrize("place", ["show/cache", "show/cache/tint", "show/cache/sim", "show/frost"])
def test_every_way_to_a_path_refuses(show: Session, place: str) -> None:
    values = {"SHOW": "dune"}
    doors: tuple[Callable[[], object], ...] = (
        lambda: show.format(place, values),
        lambda: show.need_context(place).get_str(groups=values),
        lambda: show.get_asset(values, place).get_str(),
        lambda: show.get_asset("P:/show/dune", place, strict=True),
        lambda: list(show.find_assets(place)),
        lambda: show.translate("P:/show/dune", "windows", place, from_platform="windows"),
    )
    for door in doors:
        with pytest.raises(WaysError):
            door()


def test_a_path_is_not_translated_to_the_place_above(show: Session) -> None:
    with pytest.raises(UnresolvedMappingError, match="has no mapping on windows"):
        show.translate("/show/dune/cache", "windows", from_platform="linux")


def test_each_has_its_mapping_where_its_plugin_applies(show: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_PLATFORM", "linux")
    monkeypatch.setenv("WAYS_PRIORITY", os.pathsep.join(["master", "client_frost"]))
    assert mapping(show, "show/cache/tint") == "/show/{SHOW}/cache" and mapping(show, "show/frost") == "/show/{SHOW}/frost"


def test_a_place_with_data_alone_still_inherits(show: Session) -> None:
    assert mapping(show, "show/facts") == "P:\\show\\{SHOW}"


def test_the_order_of_questions_changes_nothing(show: Session) -> None:
    for place in ("show/cache/tint", "show/cache", "show/facts", "show/cache/tint"):
        assert show.need_context(place).view.resolver.has_mapping(show.need_context(place).hierarchy) is (place == "show/facts")


def test_explain_says_why_nothing_is_inherited(show: Session) -> None:
    explanation = show.explain("show/cache")
    assert isinstance(explanation, Explanation)
    field = explanation.field("mapping")
    reasons = {claim.plugin: claim.reason for claim in field.claims}
    assert field.winner is None and reasons["windows"] is Reason.ABSENT_MAPPING and reasons["cache"] is Reason.OTHER_PLATFORM


def test_what_looks_at_all_places_goes_on(show: Session) -> None:
    assert isinstance(show.check(), list) and isinstance(show.finder().contexts, list)


@pytest.mark.parametrize("syntax, expected", [(1, "P:\\show\\{SHOW}"), (2, None)])
def test_the_first_syntax_inherits_as_before(session: Session, monkeypatch: pytest.MonkeyPatch, syntax: int, expected: str | None) -> None:
    session.add_plugins(
        show={"hierarchy": "show", "mapping": "P:/show/{SHOW}", "path": True, "syntax": 2},
        cache={"hierarchy": "show/cache", "mapping": "/cache/{SHOW}", "platforms": ["linux"], "syntax": syntax},
    )
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    if expected is None:
        with pytest.raises(UnresolvedMappingError):
            mapping(session, "show/cache")
    else:
        assert mapping(session, "show/cache") == expected


@pytest.mark.parametrize("facts", [{}, {"facts": {"hierarchy": "show/cache", "data": {"fps": 24}}}], ids=["alone", "with data"])
def test_an_append_to_such_a_place_has_no_mapping(
    session: Session, monkeypatch: pytest.MonkeyPatch, facts: dict[str, dict[str, object]]
) -> None:
    session.add_plugins(
        show={"hierarchy": "show", "mapping": "/show/{SHOW}", "syntax": 2},
        cache={"hierarchy": "show/cache", "mapping": "/cache/{SHOW}", "platforms": ["linux"], "syntax": 2},
        more={"hierarchy": "", "mapping": "{root}/more", "uses": ["show/cache"], "syntax": 2},
        **facts,
    )
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    with pytest.raises(UnresolvedMappingError, match="linux"):
        mapping(session, "show/cache")


# --- a place without plugins

FILM = """
    globals: {{syntax: {syntax}}}
    plugins:
      show: {{hierarchy: show, mapping: '/show/{{SHOW}}'}}
      shot: {{hierarchy: '{{root}}/shot', mapping: '{{root}}/{{SHOT}}', uses: [show]}}
      plate: {{hierarchy: '{{root}}/plate', mapping: '{{root}}/plate', uses: [show/shto]}}
      notes: {{hierarchy: show/shot/plate/notes, data: {{fps: 24}}}}
"""


@pytest.fixture
def film(session: Session, write_sheet: Callable[..., str], request: pytest.FixtureRequest) -> Session:
    """A session with a plugin that misspells the place that it uses."""
    session.add_search_path(write_sheet(FILM.format(syntax=getattr(request, "param", 2)), "film.yml"))
    return session


def test_a_place_without_plugins_names_the_one_that_may_be_meant(film: Session) -> None:
    told = r"no plugin stands at this place\. The plugin 'plate' at .*:6:\d+ uses 'show/shto', .* \(did you mean 'show/shot'\?\)\.$"
    context = film.get_context("show/shot/plate", force=True)
    assert context is not None
    with pytest.raises(UnresolvedMappingError, match=told):
        context.get_mapping()


def test_what_stands_below_a_place_without_plugins_inherits_whatever_is_asked_first(film: Session) -> None:
    context = film.get_context("show/shot/plate", force=True)
    assert context is not None and not context.view.resolver.has_mapping(context.hierarchy)
    assert mapping(film, "show/shot/plate/notes") == "/show/{SHOW}/{SHOT}"


@pytest.mark.parametrize("film", [1], indirect=True)
def test_in_the_first_syntax_a_place_without_plugins_inherits(film: Session) -> None:
    context = film.get_context("show/shot/plate", force=True)
    assert context is not None and context.get_mapping() == "/show/{SHOW}/{SHOT}"
