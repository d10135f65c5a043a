"""Comparisons of generated worlds: what they say is what a look at every Context of both says, and no more."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from oracle.compare_oracle import applied, contexts, same, answers_at
from oracle.compare_worlds import VALUES, Edit, Plugins, edits, worlds

from ways.api import ContextChange, Session, compare
from ways.compare.contexts import differences, fields_of
from ways.hierarchy import Hierarchy

PRIORITIES = st.sampled_from(("master", "master:client", "client:master", "client"))
#: Keys whose edit changes the field of that name, and no other.
PLAIN_KEYS = ("mapping", "mapping_details", "data", "groups", "path", "folder", "max_folder")


def session_of(plugins: Plugins, priority: str = "master", platform: str = "linux") -> Session:
    session = Session(overrides={"WAYS_PRIORITY": priority, "WAYS_PLATFORM": platform})
    session.add_plugins(**plugins)
    return session


def whole(changes: tuple[ContextChange, ...]) -> dict[tuple[Any, str], ContextChange]:
    """Return the changes of Contexts themselves, by place and layer."""
    return {(tuple(Hierarchy.of(item.hierarchy)), item.assignment): item for item in changes if not item.when}


@given(worlds(), PRIORITIES)
def test_a_world_is_the_same_as_itself(plugins: Plugins, priority: str) -> None:
    assert not compare(session_of(plugins, priority), session_of(plugins, priority))


@settings(max_examples=300)
@given(worlds(), worlds(), PRIORITIES, st.sampled_from(("linux", "windows", "darwin")))
def test_the_changes_applied_to_the_old_world_give_the_new_one(old: Plugins, new: Plugins, priority: str, platform: str) -> None:
    before, after = session_of(old, priority, platform), session_of(new, priority, platform)
    changes = whole(compare(before, after).contexts)
    # The Contexts of the only layer are those over all layers: they are listed once.
    only = {name for session in (before, after) for name in session.registry.now.assignments} & set(priority.split(":"))
    for place, layer in contexts(before, after):
        was, is_now = answers_at(before, place, layer), answers_at(after, place, layer)
        alike = all((world.get_context(place) is None) == (world.get_context(place, layer) is None) for world in (before, after))
        change = changes.get((place, "" if {layer} == only and alike else layer))
        if was is None or is_now is None:
            assert (change.change if change else None) == (None if was is is_now else "added" if was is None else "removed")
        elif change is None:
            assert same(was, is_now)
        else:
            assert same(applied(was, change, before.settings.platforms), is_now)


@settings(max_examples=300)
@given(edits(keys=PLAIN_KEYS), PRIORITIES)
def test_an_edit_of_one_key_is_reported_as_that_field_where_it_counts(edit: Edit, priority: str) -> None:
    before, after = session_of(edit.old, priority), session_of(edit.new, priority)
    changes = compare(before, after).contexts
    assert {field.field[0] for item in changes for field in item.fields} <= fields_behind(edit.key)
    assert all(item.change == "changed" for item in changes)
    for place, layer in contexts(before, after):
        was, is_now = answers_at(before, place, layer), answers_at(after, place, layer)
        has_moved = was is not None and is_now is not None and not same(was, is_now)
        assert has_moved <= any(item.hierarchy == "/".join(place) for item in changes)


def fields_behind(key: str) -> set[str]:
    """A mapping that comes from another parent brings what its tokens may hold, and whether it is a path."""
    return {key, "mapping_details", "path"} if key == "mapping" else {key, "mapping"} if key == "path" else {key}


@settings(max_examples=150)
@given(edits())
def test_every_edit_is_reported_from_both_sides(edit: Edit) -> None:
    before, after = session_of(edit.old), session_of(edit.new)
    there, back = compare(before, after).contexts, compare(after, before).contexts
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    assert len(there) == len(back)
    for one, other in zip(sorted(there, key=_order), sorted(back, key=_order)):
        assert (*_order(one), one.change) == (*_order(other), turned[other.change])
        pairs = {(field.name, turned[field.change], repr(field.new), repr(field.old)) for field in other.fields}
        assert {(field.name, field.change, repr(field.old), repr(field.new)) for field in one.fields} == pairs


def _order(change: ContextChange) -> tuple[str, ...]:
    return change.hierarchy, change.assignment, str(sorted(change.when.items()))


@settings(max_examples=200)
@given(edits(keys=("data", "when", "groups")))
def test_what_is_said_of_values_is_what_an_asset_of_them_sees(edit: Edit) -> None:
    old, new = (_with_conditions(plugins).get_context("a") for plugins in (edit.old, edit.new))
    assert old is not None and new is not None
    changes = compare(_with_conditions(edit.old), _with_conditions(edit.new)).contexts
    for a, c in itertools.product(("x", "y", "z"), ("1", "2")):
        values = {"A": a, "C": c}
        moved = {difference.pointer for difference in differences(fields_of(old.view_of(values)), fields_of(new.view_of(values)))}
        event("moved" if moved else "stays")
        fitting = [item for item in changes if _fits(item, values)]
        assert not moved or any({field.field for field in item.fields} == moved for item in fitting)


def _with_conditions(plugins: Plugins) -> Session:
    """Return a world of one place, whose mapping has the tokens that the plugins have conditions on."""
    here = {name: {**plugin, "hierarchy": "a", "uses": []} for name, plugin in plugins.items()}
    return session_of({"base": {"hierarchy": "a", "mapping": "/x/{A}/{C}"}, **here})


def _fits(change: ContextChange, values: dict[str, str]) -> bool:
    return all(values.get(token) in texts for token, texts in change.when.items())


@pytest.mark.parametrize("key", sorted(VALUES))
def test_each_key_has_an_edit_that_moves_something(key: str) -> None:
    base = {"hierarchy": "a", "mapping": "/x/{A}/{C}", "assignment": "master"}
    old, new = {**base, key: VALUES[key][0]}, {**base, key: VALUES[key][1]}
    if key == "when":
        old, new = {**old, "data": {"fps": 1}}, {**new, "data": {"fps": 1}}
    other = {"hierarchy": "a", "mapping": "/x/{A}/{C}"}
    assert compare(session_of({"p": other, "q": old}), session_of({"p": other, "q": new})).contexts
