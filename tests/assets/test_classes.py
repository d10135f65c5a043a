"""Asset classes, a test for each rule. The actions of an Asset are in tests/contexts/test_actions.py."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from ways import api
from ways.api import Asset, Context, Session


class Own:
    """An asset class of a studio."""

    def __init__(self, info: Any, context: Any, *args: Any, **kwargs: Any) -> None:
        self.given = (info, context, args, kwargs)


@pytest.fixture
def thing(session: Session) -> Context:
    """The Context of ``some/thing``, with ``some/thing/inner`` below it."""
    details = {"A": {"parse": {"regex": "[a-z]+"}}}
    session.add_plugins(
        thing={"hierarchy": "some/thing", "mapping": "/{A}", "mapping_details": details},
        inner={"hierarchy": "some/thing/inner", "mapping": "/{A}/inner"},
    )
    return session.need_context("some/thing")


def test_without_a_class_it_is_an_asset(thing: Context) -> None:
    assert type(api.get_asset({"A": "a"}, thing)) is Asset
    assert (api.get_asset_class("some/thing"), api.get_asset_info("some/thing")) == (None, (None, None))


@pytest.mark.parametrize("place", ["some/thing", ("some", "thing"), ["some/thing"]], ids=repr)
def test_a_class_is_registered_for_a_place(thing: Context, place: Any) -> None:
    api.register_asset_class(Own, place)
    assert type(api.get_asset({"A": "a"}, thing)) is Own


def test_a_class_is_registered_for_a_context(thing: Context) -> None:
    api.register_asset_class(Own, thing)
    assert (api.get_asset_class("some/thing"), api.get_asset_info("some/thing")) == (Own, (Own, Own))


@pytest.mark.parametrize("place", [None, 5], ids=repr)
def test_what_is_no_place_is_a_type_error(session: Session, place: Any) -> None:
    with pytest.raises(TypeError):
        api.register_asset_class(Own, place)


def test_the_place_need_not_exist_and_has_a_context_then(session: Session) -> None:
    api.register_asset_class(Own, "no/where")
    assert session.get_context("no/where") is not None


@pytest.mark.parametrize("info", [{"A": "a"}, "/a", [("A", "a")]], ids=repr)
def test_a_class_gets_values_and_context(thing: Context, info: Any) -> None:
    api.register_asset_class(Own, "some/thing")
    assert api.get_asset(info, "some/thing").given == ({"A": "a"}, thing, (), {})


def test_a_class_gets_what_else_get_asset_is_given_but_never_strict(thing: Context) -> None:
    api.register_asset_class(Own, "some/thing")
    asset = api.get_asset({"A": "a"}, thing, 1, 2, strict=True, key=3)
    assert asset.given == ({"A": "a"}, thing, (1, 2), {"key": 3})


def test_init_is_called_in_the_place_of_the_class_and_may_ignore_everything(thing: Context) -> None:
    def init(*args: Any) -> str:
        return "made"

    api.register_asset_class(Own, "some/thing", init=init)
    assert api.get_asset_info("some/thing") == (Own, init)
    assert api.get_asset({"A": "a"}, thing) == "made"


def test_a_class_serves_its_own_place_only(thing: Context) -> None:
    api.register_asset_class(Own, "some/thing")
    assert (api.get_asset_class("some/thing/inner"), api.get_asset_class("some")) == (None, None)


def test_a_class_with_children_serves_every_place_below(thing: Context) -> None:
    api.register_asset_class(Own, "some/thing", children=True)
    assert type(api.get_asset({"A": "a"}, "some/thing/inner")) is Own
    assert api.get_asset_class("some/thing/in/no/where") is Own


def test_the_nearest_class_that_serves_wins(session: Session) -> None:
    for kind, place, children in [(dict, "a", True), (Own, "a/b", False), (list, "a/b/c", True)]:
        api.register_asset_class(kind, place, children=children)
    assert [api.get_asset_class(place) for place in ("a/x", "a/b", "a/b/x", "a/b/c/d")] == [dict, Own, dict, list]


def test_a_class_of_the_empty_place_with_children_serves_all(thing: Context) -> None:
    api.register_asset_class(Own, "", children=True)
    assert api.get_asset_class("some/thing") is Own


def test_the_last_class_of_a_place_replaces_the_one_before(thing: Context) -> None:
    api.register_asset_class(dict, "some/thing", children=True)
    api.register_asset_class(Own, "some/thing")
    assert (api.get_asset_class("some/thing"), api.get_asset_class("some/thing/inner")) == (Own, None)


@pytest.mark.parametrize("place", ["some/thing", " some // thing/", ("some", "thing"), ["some/thing"]], ids=repr)
def test_a_class_is_looked_up_by_text_or_parts(thing: Context, place: Any) -> None:
    api.register_asset_class(Own, "some/thing")
    assert (api.get_asset_class(place), api.get_asset_info(place)) == (Own, (Own, Own))


def test_a_class_serves_every_layer(thing: Context, session: Session) -> None:
    session.add_plugins(other={"hierarchy": "some/thing", "assignment": "client", "mapping": "/{A}"})
    api.register_asset_class(Own, session.get_context("some/thing", "client"))
    assert type(api.get_asset({"A": "a"}, thing)) is Own


@pytest.mark.parametrize("places", [("some/thing",), "some/thing", [("some", "thing")], {"some/thing"}], ids=repr)
def test_classes_of_some_places_are_forgotten(thing: Context, places: Any) -> None:
    api.register_asset_class(Own, "some/thing")
    api.register_asset_class(Own, "other")
    api.reset_asset_classes(places)
    assert (api.get_asset_class("some/thing"), api.get_asset_class("other")) == (None, Own)


@pytest.mark.parametrize("forget", [api.reset_asset_classes, api.clear], ids=["reset", "clear"])
def test_every_class_is_forgotten(thing: Context, forget: Any) -> None:
    api.register_asset_class(Own, "some/thing")
    forget()
    assert api.get_asset_class("some/thing") is None


def test_a_class_of_ones_own_is_not_asked_for_required_tokens(thing: Context) -> None:
    api.register_asset_class(Own, "some/thing")
    assert api.get_asset({}, thing).given == ({}, thing, (), {})
    assert api.get_asset("no such text", thing).given == ({}, thing, (), {})


def broken(*args: Any) -> Any:
    raise KeyError("no such show")


def test_an_error_in_a_class_is_none_and_its_cause_is_logged(thing: Context, caplog: pytest.LogCaptureFixture) -> None:
    api.register_asset_class(Own, "some/thing", init=broken)
    with caplog.at_level(logging.INFO, "ways"):
        assert api.get_asset({"A": "a"}, thing) is None
    assert "no such show" in caplog.text


def test_an_error_in_a_class_is_raised_where_it_is_asked_for(thing: Context) -> None:
    api.register_asset_class(Own, "some/thing", init=broken)
    with pytest.raises(KeyError, match="no such show"):
        api.get_asset({"A": "a"}, thing, strict=True)


def test_a_class_serves_a_text_whose_place_is_found(thing: Context) -> None:
    api.register_asset_class(Own, "some/thing")
    assert api.get_asset("/a").given == ({"A": "a"}, thing, (), {})


def test_a_class_that_never_says_its_values_has_none(thing: Context) -> None:
    class Bare(Asset):
        def __init__(self) -> None:
            self.context = thing

    assert not hasattr(Bare(), "info")
