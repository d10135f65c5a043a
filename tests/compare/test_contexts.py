"""What changes of a Context: by field, with both values, and where each is written."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from ways.api import ContextChange, FieldChange, Session, compare

Write = Callable[..., str]
JOB = """\
plugins:
  job:
    hierarchy: job
    mapping: /jobs/{JOB}
    mapping_details:
      JOB: {parse: {regex: '[a-z]+'}}
    data: {fps: 24, ui: {color: red, size: 1}}
  shot:
    hierarchy: '{root}/shot'
    mapping: '{root}/{SHOT}'
    uses: [job]
"""


@pytest.fixture
def diff(write_sheet: Write) -> Callable[..., tuple[ContextChange, ...]]:
    """Compare a sheet with another text, or with itself after some replacements: ``diff(JOB, ("24", "25"))``."""

    def run(old: str, *changes: tuple[str, str] | str, **options: Any) -> tuple[ContextChange, ...]:
        new = old
        for change in changes:
            assert isinstance(change, str) or change[0] in new
            new = change if isinstance(change, str) else new.replace(*change, 1)
        return compare(write_sheet(old, "old.yml"), write_sheet(new, "new.yml"), **options).contexts

    return run


Diff = Callable[..., tuple[ContextChange, ...]]


def changed_fields(changes: tuple[ContextChange, ...]) -> list[tuple[str, str, Any, Any]]:
    """Return place, field, and both values of each change."""
    return [(item.hierarchy, field.name, field.old, field.new) for item in changes for field in item.fields]


def lines(field: FieldChange) -> tuple[str | None, str | None]:
    """Return line and column on both sides."""
    old, new = (source and source.partition(".yml:")[2] for source in (field.old_source, field.new_source))
    return old, new


def test_the_same_sheets_have_no_changes(diff: Diff) -> None:
    assert diff(JOB) == ()


def test_comments_and_names_are_no_changes(diff: Diff) -> None:
    assert diff(JOB, ("  shot:\n", "  # a comment\n  scene:\n")) == ()


def test_a_changed_value_is_told_with_both_of_its_lines(diff: Diff) -> None:
    changes = diff(JOB, ("plugins:\n", "\nplugins:\n"), ("fps: 24", "fps: 25"))
    assert changed_fields(changes) == [("job", "data.fps", 24, 25), ("job/shot", "data.fps", 24, 25)]
    assert [lines(item.fields[0]) for item in changes] == [("7:12", "8:12")] * 2


def test_data_is_told_key_by_key_also_inside(diff: Diff) -> None:
    changes = diff(JOB, ("{color: red, size: 1}", "{color: blue, size: 1, icon: x}"))
    assert [(field.name, field.change) for field in changes[0].fields] == [("data.ui.color", "changed"), ("data.ui.icon", "added")]


@pytest.mark.parametrize("written", ["24.0", "true", "'24'", "[24]", "{}", "null"])
def test_a_value_of_another_kind_is_another_value(diff: Diff, written: str) -> None:
    assert len(diff(JOB, ("fps: 24", f"fps: {written}"))) == 2


def test_a_number_that_is_none_is_the_same_as_itself(diff: Diff) -> None:
    assert diff(JOB.replace("24", ".nan")) == ()
    assert math.isnan(diff(JOB.replace("24", ".nan"), (".nan", "1"))[0].fields[0].old)


def test_an_inherited_mapping_is_told_where_it_was_edited(diff: Diff) -> None:
    changes = diff(JOB, ("/jobs/{JOB}", "/projects/{JOB}"))
    assert changed_fields(changes)[1] == ("job/shot", "mapping", "/jobs/{JOB}/{SHOT}", "/projects/{JOB}/{SHOT}")
    assert [lines(field) for item in changes for field in item.fields] == [("4:5", "4:5")] * 2


def test_a_childs_own_part_of_a_mapping_is_told_at_the_child(diff: Diff) -> None:
    (change,) = diff(JOB, ("'{root}/{SHOT}'", "'{root}/shots/{SHOT}'"))
    assert change.hierarchy == "job/shot" and lines(change.fields[0]) == ("10:5", "10:5")


def test_tokens_are_told_key_by_key(diff: Diff) -> None:
    changes = diff(JOB, ("[a-z]+", "[a-z]{3}"))
    assert [field.name for field in changes[0].fields] == ["mapping_details.JOB.parse.regex"]
    assert lines(changes[0].fields[0]) == ("6:21", "6:21")


def test_a_new_token_is_told_whole(diff: Diff) -> None:
    (field,) = diff(JOB, ("      JOB:", "      SHOT: {choices: [a]}\n      JOB:"))[0].fields
    assert (field.name, field.change, field.new) == ("mapping_details.SHOT", "added", {"choices": ["a"]})


@pytest.mark.parametrize(
    "key, field, value",
    [
        ("platforms: [linux]", "platforms", ["linux"]),
        ("groups: [g]", "groups", ("g",)),
        ("path: true", "path", True),
        ("folder: true", "folder", True),
        ("max_folder: /jobs", "max_folder", "/jobs"),
        ("syntax: 2", "syntax", 2),
    ],
)
def test_each_other_field_is_compared(diff: Diff, key: str, field: str, value: Any) -> None:
    changes = diff(JOB, ("    data:", f"    {key}\n    data:"))
    (change,) = changes[0].fields
    assert (change.name, change.change, change.new) == (field, "added", value) and lines(change) == (None, "7:5")


@pytest.mark.parametrize("key", ["uuid: x", "id: x", "path: false", "groups: ['*']", "platforms: ['*']", "syntax: 1"])
def test_what_changes_no_answer_is_no_change(diff: Diff, key: str) -> None:
    assert diff(JOB, ("    data:", f"    {key}\n    data:")) == ()


def test_the_syntax_of_a_token_is_told(diff: Diff) -> None:
    old = "plugins: {a: {hierarchy: a, mapping_details: {A: {mapping: '{B}'}}}}"
    (field,) = diff(old, ("hierarchy: a,", "hierarchy: a, syntax: 2,"))[0].fields
    assert (field.name, field.change, field.new) == ("token_syntax.A", "added", 2) and lines(field) == (None, "1:29")


def test_a_context_that_is_new_or_gone_is_told_with_all_it_has(diff: Diff) -> None:
    new = JOB + "  lib: {hierarchy: lib, mapping: /lib, data: {x: 1}}\n"
    (added,) = diff(JOB, new)
    assert (added.hierarchy, added.change) == ("lib", "added")
    assert [(field.name, field.old, field.new) for field in added.fields] == [("mapping", None, "/lib"), ("data.x", None, 1)]
    (removed,) = diff(new, JOB)
    assert removed.change == "removed" and {field.change for field in removed.fields} == {"removed"}


def test_a_context_without_any_field_is_told_too(diff: Diff) -> None:
    (added,) = diff(JOB, JOB + "  lib: {hierarchy: lib}\n")
    assert (added.change, added.fields) == ("added", ())


def test_a_mapping_that_no_longer_resolves_is_removed(diff: Diff) -> None:
    changes = diff(JOB, ("    mapping: /jobs/{JOB}\n", ""))
    assert changed_fields(changes) == [("job", "mapping", "/jobs/{JOB}", None), ("job/shot", "mapping", "/jobs/{JOB}/{SHOT}", None)]


# --- layers, platforms, conditions

CLIENT = JOB + "  client: {hierarchy: job, assignment: client, data: {fps: 30}}\n"


def test_a_layer_without_priority_has_contexts_of_its_own(diff: Diff) -> None:
    (change,) = diff(CLIENT, ("30", "31"))
    assert (change.hierarchy, change.assignment) == ("job", "client") and changed_fields((change,)) == [("job", "data.fps", 30, 31)]


def test_a_layer_with_priority_counts_in_the_whole(diff: Diff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_PRIORITY", "master:client")
    changes = diff(CLIENT, ("30", "31"))
    assert [(item.hierarchy, item.assignment) for item in changes] == [("job", ""), ("job", "client"), ("job/shot", "")]


def test_one_layer_alone_may_be_asked_for(diff: Diff) -> None:
    assert diff(CLIENT, ("24", "25"), assignment="client") == ()
    assert [item.assignment for item in diff(CLIENT, ("24", "25"), assignment="master")] == ["master", "master"]


def test_another_assignment_moves_what_a_place_is(diff: Diff) -> None:
    changes = diff(JOB, ("    data:", "    assignment: client\n    data:"))
    assert [(item.hierarchy, item.assignment, item.change) for item in changes][:2] == [("job", "", "changed"), ("job", "client", "added")]
    removed = [field.name for field in changes[0].fields if field.change == "removed"]
    assert removed == ["mapping", "mapping_details.JOB", "data.fps", "data.ui"]


def test_only_the_platform_of_now_counts(diff: Diff, monkeypatch: pytest.MonkeyPatch) -> None:
    old = JOB + "  window: {hierarchy: job, platforms: windows, data: {drive: C}}\n"
    assert diff(old, ("drive: C", "drive: D")) == ()
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    assert changed_fields(diff(old, ("drive: C", "drive: D")))[0] == ("job", "data.drive", "C", "D")


def test_a_plugin_that_takes_part_no_longer_says_why(diff: Diff) -> None:
    (change,) = diff("plugins: {a: {hierarchy: a, data: {x: 1}}}", ("hierarchy: a,", "hierarchy: a, platforms: windows,"))
    assert [(field.name, field.new) for field in change.fields] == [("data.x", None), ("platforms", [])]
    assert lines(change.fields[1]) == (None, "1:29")


NIGHT = JOB + "  night: {hierarchy: job, when: {JOB: dune}, data: {fps: 48}}\n"


def test_an_override_is_told_for_its_values_alone(diff: Diff) -> None:
    changes = diff(NIGHT, ("48", "50"))
    assert [(item.hierarchy, dict(item.when)) for item in changes] == [("job", {"JOB": ("dune",)}), ("job/shot", {"JOB": ("dune",)})]
    assert changed_fields(changes)[0] == ("job", "data.fps", 48, 50)


def test_other_values_for_an_override_are_told_where_they_differ(diff: Diff) -> None:
    changes = diff(NIGHT, ("{JOB: dune}", "{JOB: [dune, arrakis]}"))
    assert [dict(item.when) for item in changes] == [{"JOB": ("arrakis",)}] * 2
    assert changed_fields(changes)[0] == ("job", "data.fps", 24, 48)


def test_a_changed_condition_is_told_for_both_values(diff: Diff) -> None:
    changes = diff(NIGHT, ("{JOB: dune}", "{JOB: arrakis}"))[:2]
    assert sorted((*item.when["JOB"], item.fields[0].new) for item in changes) == [("arrakis", 48), ("dune", 24)]


def test_an_override_hides_a_change_from_its_values(diff: Diff) -> None:
    changes = diff(NIGHT, ("fps: 24", "fps: 25"))
    assert [item.when for item in changes] == [{}, {}]


def test_a_token_that_refers_to_a_place_moves_with_it(diff: Diff) -> None:
    old = JOB + "  lib: {hierarchy: lib, mapping: '{WHERE}', mapping_details: {WHERE: {mapping: '{@job}/lib'}}}\n"
    changes = diff(old, ("/jobs/{JOB}", "/projects/{JOB}"))
    assert ("lib", "mapping_details.WHERE.mapping", "/jobs/{JOB}/lib", "/projects/{JOB}/lib") in changed_fields(changes)


# --- plain data


def test_a_change_is_plain_data(diff: Diff) -> None:
    (change,) = diff("plugins: {a: {hierarchy: a, data: {d: 2026-01-02, 1: .inf, s: !!set {b, a}}}}", "plugins: {a: {hierarchy: a}}")
    fields = {field["field"]: field["old"] for field in change.as_dict()["fields"]}
    assert fields == {"data.d": "2026-01-02", "data[1]": "inf", "data.s": ["a", "b"]}


def test_sessions_are_compared_as_they_are() -> None:
    old, new = Session(), Session()
    old.add_plugins(a={"hierarchy": "a"})
    new.add_plugins(a={"hierarchy": "a", "data": {"x": 1}})
    comparison = compare(old, new)
    assert comparison and not compare(old, old)
    assert comparison.as_dict()["contexts"][0]["fields"][0]["new_source"] == "<python>"


def test_an_alias_is_a_context_too() -> None:
    old, new = Session(), Session()
    for session in (old, new):
        session.add_plugins(a={"hierarchy": "a"})
    new.register_context_alias("b", "a")
    assert [(item.hierarchy, item.change) for item in compare(old, new).contexts] == [("b", "added")]


def test_objects_of_python_sheets_are_told_by_what_they_are(write_sheet: Write) -> None:
    text = "class Thing: pass\nclass Other: pass\nplugins = {'a': {'hierarchy': 'a', 'data': {'x': Thing()}}}\n"
    old, same = write_sheet(text, "old.py"), write_sheet(text, "same.py")
    assert not compare(old, same)
    assert compare(old, write_sheet(text.replace("Thing()", "Other()"), "new.py"))


def test_blocks_in_lists_are_the_same_if_each_value_is(diff: Callable[..., Any]) -> None:
    sheet = "plugins: {a: {hierarchy: a, data: {x: [{y: 1, z: [2]}]}}}"
    assert diff(sheet) == diff(sheet, ("y: 1, z: [2]", "z: [2], y: 1")) == ()
    for change in (("y: 1", "y: 1.0"), ("y: 1", "y: true"), ("z: [2]", "z: [2, 2]"), ("z: [2]", "w: [2]")):
        (found,) = diff(sheet, change)
        assert found.hierarchy == "a"
