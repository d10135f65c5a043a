"""The fast paths of plain mappings agree with the exact readings and writings."""

from __future__ import annotations

import os
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle.worlds import NAMES, PARENTS, VALUES_OF_ANY_KIND, World, texts_of, values_of, worlds
from ways.assets.asset import Asset
from ways.contexts.context import Context
from ways.errors import WaysError
from ways.pattern.fill import Filling, fill
from ways.pattern.pattern import Pattern
from ways.session import Session

WAYS = ("first", "fast", "exact")
SLOW = settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def session_of(world: World) -> Session:
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_plugins(place={"hierarchy": "place", "mapping": world.mapping, "mapping_details": world.details})
    return session


class NoFastPath:
    """A Pattern whose fast paths never answer, so that everything is read and written exactly."""

    group_numbers: dict[str, int] = {}
    special_tokens: frozenset[str] = frozenset({*NAMES, *PARENTS, "OTHER"})

    def __init__(self, context: Context) -> None:
        self.template = context.template

    def match_complete(self, text: str) -> None:
        return None

    match_at_once = match_warm = match_complete
    is_cold = can_refuse = False
    is_strict = keeps_text = has_mixed_choices = False

    def is_live(self) -> bool:
        return False

    def columns(self, texts: list[str]) -> None:
        return None

    def write(self, values: Any) -> None:
        return None

    match_of = texts_of = write

    def value(self, name: str, values: Any) -> None:
        return None


def outcome(function: Any, *arguments: Any, **named: Any) -> Any:
    """Return what *function* gives, or the kind of its error."""
    try:
        found = function(*arguments, **named)
    except (WaysError, ValueError) as error:
        return type(error)
    return (found.info, found.parse_type, str(found.context)) if isinstance(found, Asset) else found


def reading_by(context: Context, way: str) -> Context:
    """Let *context* read exactly alone, or by fast paths where there are any, or as if a text were its first."""
    view: Any = context.view
    view._strict_pattern = None
    ways = {
        "exact": lambda: NoFastPath(context),
        "fast": lambda: Pattern(lambda: context.template, patterns=context.patterns),
        "first": lambda: view.strict_pattern(context.patterns),
    }
    view.pattern = ways[way]()
    return context


def many_assets(session: Session, texts: list[str], context: Context, strict: bool) -> list[Any]:
    found = session.get_assets(texts, context, strict=strict)
    return [one.info if isinstance(one, Asset) else type(one) for one in found]


def many_dicts(session: Session, texts: list[str], context: Context, strict: bool) -> list[Any]:
    found = session.read_many(texts, context, ("a",) if strict else ("a", "b", "c"))
    return [(text, type(one) if isinstance(one, WaysError) else (list(one.values.items()), one)) for text, one in found]


def many_columns(session: Session, texts: list[str], context: Context, strict: bool) -> Any:
    found = session.get_assets(texts, context, strict=strict, as_columns=True)
    return [(place, list(table.items())) for place, table in found.items()]


@SLOW
@given(st.data(), worlds())
def test_a_text_is_read_as_the_same_asset(data: st.DataObject, world: World) -> None:
    session = session_of(world)
    context = session.need_context("place")
    text = data.draw(texts_of(world))
    for strict in (False, True):
        first, fast, exact = (outcome(session.get_asset, text, reading_by(context, way), strict=strict) for way in WAYS)
        assert first == fast == exact
        for ask in (many_assets, many_dicts, many_columns):
            first, fast, exact = (ask(session, [text, text], reading_by(context, way), strict) for way in WAYS)
            assert first == fast == exact


@SLOW
@given(st.data(), worlds())
def test_values_are_written_and_found_the_same(data: st.DataObject, world: World) -> None:
    session = session_of(world)
    context = session.need_context("place")
    info: dict[str, Any] = data.draw(values_of(world))
    for name in data.draw(st.lists(st.sampled_from([*world.details, "OTHER"]), max_size=2)):
        info[name] = data.draw(st.sampled_from(VALUES_OF_ANY_KIND))
    if data.draw(st.booleans()) and info:
        del info[data.draw(st.sampled_from(sorted(info)))]
    asset = outcome(lambda: [Asset(info, context)])
    if not isinstance(asset, list):
        return
    for ask in (asset[0].get_str, *(lambda name=name: asset[0].get_value(name) for name in [*world.details, "OTHER"])):
        reading_by(context, "fast")
        fast = outcome(ask)
        reading_by(context, "exact")
        assert fast == outcome(ask)


@SLOW
@given(st.data(), worlds())
def test_the_environment_fills_a_mapping_as_if_asked_for_the_first_time(data: st.DataObject, world: World) -> None:
    context = session_of(world).need_context("place")
    names = st.sampled_from([name for name in (*NAMES, *PARENTS) if name in world.details])
    for _ in range(3):
        environ = data.draw(st.dictionaries(names, st.sampled_from(["a", "", "{A}"]), max_size=2))
        engines = data.draw(st.sampled_from([("env",), ("env", "regex"), ("regex", "env")]))
        depth = data.draw(st.sampled_from([-1, 1, 2]))
        with mock.patch.dict(os.environ, environ):
            short = outcome(context.get_str, resolve_with=engines, depth=depth)
            filling = Filling(engines, {}, (), os.environ)
            assert short == outcome(fill, context.template.pieces, context.template, filling, depth)
