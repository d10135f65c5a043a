"""What is explained is what is answered, and the runner-up is who wins without the winner."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle.test_merge_agrees import PLATFORMS, flag, platforms, priorities, session_of, sheets_of, written_fields, written_mappings

from ways.api import Explanation, Session, WaysError
from ways.contexts.context import Context

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))
Written = list[dict[str, Any]]
fields = sheets_of({}, written_fields)
mappings = sheets_of(written_mappings, flag)
worlds = st.one_of(fields, mappings)


def environ(priority: Sequence[str], platform: tuple[str, str]) -> Any:
    current, known = platform
    named = {"WAYS_PLATFORM": current, "WAYS_PLATFORMS": known, "WAYS_PRIORITY": os.pathsep.join(priority)}
    return mock.patch.dict(os.environ, named)


def answers(context: Context) -> dict[str, Any]:
    """Return what a Context says of each field, by the names of an explanation."""
    try:
        mapping: object = context.get_mapping()
    except WaysError:
        mapping = None
    values = {
        "mapping": mapping, "platforms": context.get_platforms(), "groups": context.get_groups(), "path": context.is_path(),
        "folder": context.is_folder(), "search": context.is_searched(), "ambiguous": context.get_ambiguous(),
        "max_folder": context.get_max_folder(),
    }  # fmt: skip
    values |= {f"openassetio.{key}": value for key, value in context.get_openassetio().items()}
    values |= {f"data.{key}": value for key, value in context.data.items()}
    return values | {f"mapping_details.{name}": entry for name, entry in context.get_mapping_details().items()}


def assert_explains(explanation: Explanation, context: Context) -> None:
    expected = answers(context)
    fields = {one.name: one for one in explanation.fields}
    assert set(fields) >= set(expected)
    for name, one in fields.items():
        # A key that only silent plugins have is explained with no winner and no value.
        assert one.value == expected.get(name), name
        assert name in expected or one.winner is None
        claims = one.claims
        assert len(claims) == len({claim.record for claim in claims})
        assert all(claim.reason.is_good for claim in (*one.parts, *((one.winner,) if one.winner else ())))
        assert not any(claim.reason.is_good for claim in one.losers)
        if name.startswith(("data.", "mapping_details.")) and one.winner:
            # A default alone wins over an entry that it is a part of.
            assert not one.parts or set(one.winner.value) == {"default"}
            assert (one.parts[0].value | one.winner.value if one.parts else one.winner.value) == one.value
        if one.winner and name in ("path", "folder"):
            assert bool(one.winner.value) == bool(one.value)


@settings(SLOW, max_examples=150)
@given(written=worlds, priority=priorities, platform=platforms)
def test_values_are_those_of_the_context(written: Written, priority: list[str], platform: tuple[str, str]) -> None:
    with TemporaryDirectory() as folder, environ(priority, platform):
        session = session_of(written, folder)
        for place in session.hierarchies():
            for layer in ("", "client"):
                if (context := session.get_context(place, layer)) is not None:
                    explanation = session.explain(context)
                    assert_explains(explanation, context)
                    json.dumps(explanation.as_dict())


@settings(SLOW, max_examples=150)
@given(written=worlds, priority=priorities)
def test_every_plugin_that_gives_something_is_named(written: Written, priority: list[str]) -> None:
    """None is forgotten: each at the place or above it, in any layer and on any platform, is named once for each field."""
    with TemporaryDirectory() as folder, environ(priority, PLATFORMS[0]):
        session = session_of(written, folder)
        for place in session.hierarchies():
            fields = {one.name: {claim.record for claim in one.claims} for one in session.explain(place).fields}
            above = [plugin for plugin in session.get_all_plugins() if place[: len(plugin.hierarchy)] == plugin.hierarchy]
            for plugin in above:
                named = [name for name in ("mapping", "max_folder", "path", "groups") if plugin.info.get(name) not in (None, "")]
                named += [f"data.{key}" for key in plugin.data] + [f"mapping_details.{name}" for name in plugin.mapping_details]
                assert all(plugin in fields[name] for name in named)


def without(written: Sequence[Mapping[str, Any]], path: str, name: object) -> Written:
    """Return the sheets without one entry."""
    sheets = json.loads(json.dumps(written))
    number = int(os.path.basename(path).partition(".")[0])
    del sheets[number]["plugins"][str(name)]
    return sheets  # type: ignore[no-any-return]


@settings(SLOW, max_examples=120)
@given(written=worlds, priority=priorities, data=st.data())
def test_without_the_winner_the_runner_up_wins(written: Written, priority: list[str], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder, environ(priority, PLATFORMS[0]):
        session = session_of(written, folder)
        if not session.hierarchies():
            return
        place = data.draw(st.sampled_from(session.hierarchies()))
        fields = [one for one in session.explain(place).fields if one.winner]
        if not fields:
            return
        one = data.draw(st.sampled_from(fields))
        assert one.winner
        less = without(written, one.winner.source.path, one.winner.plugin)
        with TemporaryDirectory() as other:
            after = winner_of(session_of(less, other), place, one.name)
        before = one.runner_up and (one.runner_up.plugin, one.runner_up.hierarchy, one.runner_up.assignment)
        assert before == after


def winner_of(session: Session, place: tuple[str, ...], name: str) -> tuple[str, str, str] | None:
    context = session.get_context(place, force=True)
    fields = {one.name: one for one in session.explain(context).fields}
    winner = fields[name].winner if name in fields else None
    return winner and (winner.plugin, winner.hierarchy, winner.assignment)


@settings(SLOW, max_examples=150)
@given(written=worlds, priority=priorities, data=st.data())
def test_a_changed_word_shows_where_it_counts_and_nowhere_else(written: Written, priority: list[str], data: st.DataObject) -> None:
    """Each plugin's word about a field is changed in its sheet: the answer changes if its claim counts, and only then."""
    with TemporaryDirectory() as folder, environ(priority, PLATFORMS[0]):
        session = session_of(written, folder)
        places = session.hierarchies()
        if not places:
            return
        place = data.draw(st.sampled_from(places))
        fields = [one for one in session.explain(place).fields if one.name.startswith(("mapping", "data")) and one.claims]
        for one in fields[:6]:
            claim = data.draw(st.sampled_from(one.claims))
            entry = claim.record.source.pointer[1]
            counting = (*one.parts, *((one.winner,) if one.winner else ()))
            counts = any(good.record.source == claim.record.source for good in counting)
            with TemporaryDirectory() as other:
                changed = session_of(marked(written, claim.source.path, entry, one.name), other)
                assert ("MARK" in repr(answers(changed.need_context(place)).get(one.name))) == counts, (one.name, entry)


def marked(written: Sequence[Mapping[str, Any]], path: str, entry: object, name: str) -> Written:
    """Return the sheets with what one plugin gives for a field changed."""
    sheets = json.loads(json.dumps(written))
    plugin = sheets[int(os.path.basename(path).partition(".")[0])]["plugins"][str(entry)]
    field, _, key = name.partition(".")
    if not key:
        plugin[field] += "MARK"
    else:
        plugin[field][key] = {"casing": "MARK"} if field == "mapping_details" else "MARK"
    return sheets  # type: ignore[no-any-return]
