"""From the plugins of a place to what it amounts to (docs/explanation/merging.rst): ``{root}``, appending, overriding, circles."""

from __future__ import annotations

import os

import pytest

from ways.errors import MOST_SHOWN, LimitError, RelativeCycleError, UnresolvedMappingError
from ways.hierarchy import Hierarchy
from ways.limits import Limits
from ways.session import Session

pytestmark = pytest.mark.portability

SHOW = """
    plugins:
      show:
        hierarchy: show
        mapping: /shows/{SHOW}
        mapping_details: {SHOW: {required: true}}
        data: {fps: 24, ui: {tint: red}}
        groups: [production]
      seq: {hierarchy: '{root}/seq', mapping: '{root}/{SEQ}', uses: [show]}
"""
#: The example of an override in another layer.
PLATES = """
    plugins:
      show: {hierarchy: show, mapping: /B}
      plates: {hierarchy: '{root}/plates', mapping: '{root}/plates', uses: [show]}
      dn: {hierarchy: '{root}/dn', mapping: '{root}/denoised', uses: [show/plates]}
"""
INCOMING = """
    globals: {assignment: client}
    plugins:
      plates: {hierarchy: '{root}/plates', mapping: '{root}/incoming', uses: [show]}
"""


def plugins(*lines):
    return "plugins:\n" + "\n".join(f"  p{index}: {{{line}}}" for index, line in enumerate(lines))


def mapping(session, place, assignment=""):
    return session.get_context(place, assignment, force=True).get_mapping()


# --- {root} in a mapping (4.4, 4.6)


def test_root_is_the_mapping_of_the_parent(load):
    assert mapping(load(SHOW), "show/seq") == "/shows/{SHOW}/{SEQ}"


def test_without_root_the_mapping_is_appended(load):
    notes = plugins(
        "hierarchy: show, mapping: '/shows/{SHOW}'",
        "hierarchy: '{root}/seq', mapping: '{root}/{SEQ}', uses: [show]",
        "hierarchy: '{root}/notes', mapping: '-notes', uses: [show, show/seq]",
    )
    session = load(notes)
    assert mapping(session, "show/notes") == "/shows/{SHOW}-notes"
    assert mapping(session, "show/seq/notes") == "/shows/{SHOW}/{SEQ}-notes"


def test_text_may_stand_before_root(load):
    session = load(plugins("hierarchy: b, mapping: /B", "hierarchy: x, mapping: 'pre/{root}/post', uses: [b]"))
    assert mapping(session, "b/x") == "pre//B/post"


def test_every_root_is_replaced(load):
    session = load(plugins("hierarchy: b, mapping: /m", "hierarchy: x, mapping: 'P{root}Q{root}R', uses: [b]"))
    assert mapping(session, "b/x") == "P/mQ/mR"


def test_a_relative_plugin_without_a_mapping_has_that_of_its_parent(load):
    session = load(plugins("hierarchy: b, mapping: /B", "hierarchy: x, data: {a: 1}, uses: [b]"))
    assert mapping(session, "b/x") == "/B"


def test_root_is_the_parent_and_not_what_lies_between(load):
    session = load(
        plugins(
            "hierarchy: show, mapping: /B",
            "hierarchy: a, mapping: '{root}/a', uses: [show]",
            "hierarchy: a/b, mapping: '{root}/flat_b', uses: [show]",
        )
    )
    assert mapping(session, "show/a/b") == "/B/flat_b"


def test_a_parent_may_be_no_prefix(load):
    session = load(plugins("hierarchy: a, mapping: '/a/{A}', data: {x: 1}", "hierarchy: 'lib/{root}', mapping: '/lib{root}', uses: [a]"))
    assert mapping(session, "lib/a") == "/lib/a/{A}" and session.get_context("lib/a").data == {}


def test_a_parent_that_is_no_prefix_brings_the_details_of_its_tokens(load):
    details = "mapping_details: {A: {parse: {regex: x}}, B: {casing: low}}, path: true"
    session = load(
        plugins(
            f"hierarchy: a, mapping: '/{{A}}', {details}",
            "hierarchy: 'lib/{root}', mapping: '/lib{root}', uses: [a], mapping_details: {B: {casing: up}}",
        )
    )
    context = session.get_context("lib/a")
    assert context.get_mapping_details() == {"A": {"parse": {"regex": "x"}}, "B": {"casing": "up"}} and context.is_path() is True


def test_a_parent_whose_mapping_is_replaced_brings_nothing(load):
    session = load(
        plugins(
            "hierarchy: a, mapping: '/{A}', mapping_details: {A: {casing: up}}, path: true",
            "hierarchy: 'lib/{root}', mapping: '/lib{root}', uses: [a]",
            "hierarchy: lib/a, mapping: 'mine'",
        )
    )
    context = session.get_context("lib/a")
    assert (context.get_mapping(), context.get_mapping_details(), context.is_path()) == ("mine", {}, False)


def test_the_order_in_a_sheet_does_not_matter_to_a_chain(load):
    chain = [
        "hierarchy: '{root}/c', mapping: '{root}/c', uses: [a/b]",
        "hierarchy: '{root}/b', mapping: '{root}/b', uses: [a]",
        "hierarchy: a, mapping: /a",
    ]
    assert mapping(load(plugins(*chain)), "a/b/c") == "/a/b/c"


def test_a_parent_may_stand_in_another_sheet_that_comes_later(session, write_sheet):
    session.add_search_path(write_sheet(plugins("hierarchy: x, mapping: '/x', uses: [b]"), "one.yml"))
    context = session.get_context("b/x")
    with pytest.raises(RuntimeError):
        context.get_mapping()
    session.add_search_path(write_sheet(plugins("hierarchy: b, mapping: /B"), "two.yml"))
    assert context.get_mapping() == "/B/x"


def test_a_long_chain_resolves(load):
    links = [f"hierarchy: '{{root}}/{n}', mapping: '/{n}', uses: [{'/'.join(map(str, range(n)))}]" for n in range(1, 60)]
    assert mapping(load(plugins("hierarchy: '0', mapping: /0", *links)), "/".join(map(str, range(60)))).endswith("/58/59")


# --- several plugins on one place


def test_the_last_plugin_with_a_mapping_counts(load):
    session = load(plugins("hierarchy: a, mapping: /one", "hierarchy: a, mapping: /two", "hierarchy: a, data: {x: 1}"))
    assert mapping(session, "a") == "/two"


def test_of_two_relative_ones_the_last_with_a_mapping_counts(load):
    session = load(
        plugins(
            "hierarchy: b, mapping: /B",
            "hierarchy: x, mapping: '/one', uses: [b]",
            "hierarchy: x, mapping: '/two', uses: [b]",
            "hierarchy: x, uses: [b]",
        )
    )
    assert mapping(session, "b/x") == "/B/two"


@pytest.mark.platform("linux")
def test_an_absolute_plugin_without_a_mapping_leaves_a_relative_one_alone(load):
    session = load(plugins("hierarchy: b, mapping: /B", "hierarchy: kid, mapping: '{root}/kid', uses: [b]", "hierarchy: b/kid, path: true"))
    assert mapping(session, "b/kid") == "/B/kid"


def test_a_place_without_a_mapping_has_that_of_the_nearest_above(load):
    session = load(plugins("hierarchy: a, mapping: /a", "hierarchy: a/b/c, data: {x: 1}"))
    assert mapping(session, "a/b/c") == "/a"


# --- appending to oneself


@pytest.mark.parametrize("own", ["''", "'{root}'"])
@pytest.mark.parametrize("text, expected", [("-x", "/a-x"), ("{root}-x", "/a-x"), ("x-{root}", "x-/a"), ("{root}{root}", "/a/a")])
def test_a_plugin_can_append_to_its_parent_itself(load, own, text, expected):
    session = load(plugins("hierarchy: a, mapping: /a", f"hierarchy: {own}, mapping: '{text}', uses: [a]"))
    assert mapping(session, "a") == expected


def test_what_is_appended_is_inherited(load):
    session = load(
        plugins("hierarchy: a, mapping: /a", "hierarchy: '', mapping: '-x', uses: [a]", "hierarchy: b, mapping: '/b', uses: [a]")
    )
    assert mapping(session, "a/b") == "/a-x/b"


def test_appending_to_a_place_without_a_mapping_gives_what_is_appended(load):
    session = load(plugins("hierarchy: foo, data: {x: 1}", "hierarchy: '', mapping: something, uses: [foo]"))
    assert mapping(session, "foo") == "something"


def test_appending_to_a_place_whose_parent_is_missing_gives_what_is_appended(load):
    session = load(plugins("hierarchy: x, mapping: '/x', uses: [gone]", "hierarchy: '', mapping: '-end', uses: [gone/x]"))
    assert mapping(session, "gone/x") == "-end"


def test_several_appends_follow_each_other(load):
    session = load(
        plugins("hierarchy: a, mapping: /a", "hierarchy: '', mapping: '-x', uses: [a]", "hierarchy: '', mapping: '-y', uses: [a]")
    )
    assert mapping(session, "a") == "/a-x-y"


def test_an_append_holds_whatever_its_order_in_the_sheet(load):
    session = load(plugins("hierarchy: '', mapping: '-x', uses: [a]", "hierarchy: a, mapping: /a"))
    assert mapping(session, "a") == "/a-x"


def test_appending_to_a_place_below_grows_out_of_what_is_above(load):
    session = load(plugins("hierarchy: a, mapping: /a", "hierarchy: '', mapping: '/b', uses: [a/b]"))
    assert mapping(session, "a/b") == "/a/b"


# --- layers (4.4)


@pytest.mark.parametrize(
    "priority, expected",
    [
        ("master", "/B/plates/denoised"),
        (f"master{os.pathsep}client", "/B/incoming/denoised"),
        (f"client{os.pathsep}master", "/B/plates/denoised"),
    ],
)
def test_a_relative_plugin_of_another_layer_overrides_its_level_for_all_below(
    session, write_sheet, monkeypatch, priority, expected
):
    session.add_search_path(write_sheet(PLATES, "master.yml"))
    session.add_search_path(write_sheet(INCOMING, "client.yml"))
    monkeypatch.setenv("WAYS_PRIORITY", priority)
    assert mapping(session, "show/plates/dn") == expected


def test_an_explicit_layer_without_the_parent_has_no_mapping(session, write_sheet):
    session.add_search_path(write_sheet(PLATES, "master.yml"))
    session.add_search_path(write_sheet(INCOMING, "client.yml"))
    with pytest.raises(RuntimeError, match="uses 'show', which has no mapping here"):
        mapping(session, "show/plates", "client")


def test_an_append_of_a_stronger_layer_is_appended(load, monkeypatch):
    monkeypatch.setenv("WAYS_PRIORITY", f"master{os.pathsep}client")
    session = load(plugins("hierarchy: '', mapping: '-c', uses: [a], assignment: client", "hierarchy: a, mapping: /a"))
    assert mapping(session, "a") == "/a-c"


def test_a_mapping_of_a_stronger_layer_replaces_what_was_appended(load, monkeypatch):
    monkeypatch.setenv("WAYS_PRIORITY", f"client{os.pathsep}master")
    session = load(plugins("hierarchy: '', mapping: '-c', uses: [a], assignment: client", "hierarchy: a, mapping: /a"))
    assert mapping(session, "a") == "/a"


# --- platforms (4.5)


@pytest.mark.parametrize("platform, expected", [("linux", "/srv/x"), ("darwin", "/Volumes/x")])
def test_a_relative_plugin_takes_whichever_parent_there_is(load, monkeypatch, platform, expected):
    session = load(
        plugins(
            "hierarchy: a, mapping: /srv, platforms: linux",
            "hierarchy: a, mapping: /Volumes, platforms: [darwin]",
            "hierarchy: x, mapping: '/x', uses: [a]",
        )
    )
    monkeypatch.setenv("WAYS_PLATFORM", platform)
    assert mapping(session, "a/x") == expected


@pytest.mark.platform("linux")
def test_a_parent_that_is_on_another_platform_is_a_runtime_error(load):
    session = load(plugins("hierarchy: a, mapping: /a, platforms: windows", "hierarchy: x, mapping: '/x', uses: [a]"))
    with pytest.raises(RuntimeError, match="uses 'a', which has no mapping here"):
        mapping(session, "a/x")


# --- inheritance (3.4, 4.5)


def test_data_and_details_are_inherited(load):
    context = load(SHOW).get_context("show/seq")
    assert context.data == {"fps": 24, "ui": {"tint": "red"}} and context.get_mapping_details() == {"SHOW": {"required": True}}


def test_groups_are_not_inherited(load):
    session = load(SHOW)
    assert session.get_context("show").get_groups() == ("production",) and session.get_context("show/seq").get_groups() == ("*",)


@pytest.mark.parametrize("own, expected", [("", True), ("path: false", False)], ids=["inherited", "turned off"])
def test_path_is_inherited_until_it_is_turned_off(load, own, expected):
    session = load(plugins("hierarchy: a, mapping: /a, path: true", f"hierarchy: a/b, {own}"))
    assert session.get_context("a/b").is_path() is expected


def test_plugins_stand_shortest_place_first_then_by_priority_then_as_registered(load, monkeypatch):
    monkeypatch.setenv("WAYS_PRIORITY", f"client{os.pathsep}master")
    session = load(
        plugins(
            "hierarchy: a/b",
            "hierarchy: a",
            "hierarchy: a, assignment: client",
            "hierarchy: a/b, assignment: client",
            "hierarchy: a",
        )
    )
    assert [plugin.name for plugin in session.get_context("a/b").plugins] == ["p2", "p1", "p4", "p3", "p0"]


# --- nothing


def test_a_place_without_plugins_has_no_mapping(session):
    with pytest.raises(UnresolvedMappingError, match="has no mapping: it has no plugin") as caught:
        mapping(session, "nowhere")
    assert isinstance(caught.value, RuntimeError) and caught.value.hierarchy == "nowhere"


def test_plugins_without_a_mapping_have_none(load):
    with pytest.raises(UnresolvedMappingError, match=r"the last of them is .*sheet.yml:3:3"):
        mapping(load(plugins("hierarchy: a", "hierarchy: a")), "a")


def test_a_missing_parent_above_is_named(load):
    session = load(plugins("hierarchy: x, mapping: '/x', uses: [gone]", "hierarchy: gone/x/y"))
    with pytest.raises(UnresolvedMappingError, match="uses 'gone'"):
        mapping(session, "gone/x/y")


def test_a_parent_of_no_name_has_no_mapping(load):
    with pytest.raises(UnresolvedMappingError):
        mapping(load("plugins: {a: {hierarchy: x, mapping: '{root}/x', uses: ['']}}"), "x")


# --- circles


CIRCLE = plugins("hierarchy: a, mapping: '{root}/a', uses: [b]", "hierarchy: b, mapping: '{root}/b', uses: [a]")


def test_plugins_that_wait_for_each_other_are_a_circle(load):
    session = load(CIRCLE)
    with pytest.raises(RelativeCycleError, match=r"p0 \(.*sheet.yml:2:3\) -> p1 \(.*sheet.yml:3:3\) -> p0") as caught:
        mapping(session, "b/a")
    assert isinstance(caught.value, RuntimeError) and len(caught.value.chain) == 3


def test_a_plugin_of_the_same_name_as_its_missing_parent_is_no_circle(load):
    with pytest.raises(UnresolvedMappingError, match="uses 'a/b', which has no mapping here"):
        mapping(load(plugins("hierarchy: b, mapping: '/b', uses: [a/b, c/b]")), "a/b/b")


def test_a_place_that_waits_for_itself_by_an_alias_is_a_circle(load):
    session = load(plugins("hierarchy: b, mapping: '/b', uses: [a]"))
    session.register_context_alias("a", "a/b")
    with pytest.raises(RelativeCycleError, match="circle"):
        mapping(session, "a/b")


def test_places_that_wait_for_each_other_by_aliases_still_have_details(load):
    session = load(
        plugins(
            "hierarchy: 'lib/{root}', mapping: '{root}/a', uses: [a], mapping_details: {A: {}}",
            "hierarchy: 'lib/{root}', mapping: '{root}/b', uses: [b], mapping_details: {B: {}}",
        )
    )
    session.register_context_alias("a", "lib/b")
    session.register_context_alias("b", "lib/a")
    context = session.get_context("lib/a")
    assert context.get_mapping_details() == {"A": {}, "B": {}}
    with pytest.raises(RelativeCycleError, match="lib/a -> a -> b|lib/a.*lib/a|a -> b -> a"):
        context.get_mapping()


@pytest.mark.platform("linux")
def test_a_circle_still_has_data_and_everything_else(load):
    session = load(CIRCLE.replace("uses: [b]", "uses: [b], data: {x: 1}, max_folder: /m"))
    context = session.get_context("b/a")
    assert (context.data, context.get_max_folder(), context.is_path()) == ({"x": 1}, "/m", False)


def test_a_circle_costs_no_other_place(load):
    session = load(CIRCLE + "\n  good: {hierarchy: good, mapping: /good}")
    assert mapping(session, "good") == "/good"


# --- limits, and long circles


def needed(plugins, places, name):
    """Return the least limit under which the places have a mapping, asked in this order."""
    for limit in range(1, 100):
        session = Session(limits=Limits(**{name: limit}))
        try:
            session.add_plugins(**plugins)
            for place in places:
                session.need_context(place).get_mapping()
            return limit
        except LimitError:
            continue


@pytest.mark.parametrize("appended", [(), (2,), (4, 5), (1, 2, 3, 4, 5, 6, 7)], ids=str)
def test_how_deep_places_lie_in_each_other_does_not_depend_on_the_order_of_questions(appended):
    places = ["a" + "/b" * number for number in range(8)]
    relative = {"hierarchy": "{root}/b", "mapping": "{root}/x"}
    appending = {"hierarchy": "{root}", "mapping": "_x"}
    chain = {"p0": {"hierarchy": "a", "mapping": "/a"}}
    chain |= {f"p{n}": {**relative, "uses": [places[n - 1]]} for n in range(1, 8) if n not in appended}
    chain |= {f"p{n}": {**appending, "uses": [places[n]]} for n in appended}
    assert [needed(chain, order, "expansion") for order in (places, places[::-1], places[-1:], [places[3], places[7]])] == [8] * 4


def test_a_mapping_may_be_as_long_as_the_limit():
    plugins = {"a": {"hierarchy": "a", "mapping": "x" * 10}, "b": {"hierarchy": "{root}/b", "uses": ["a"], "mapping": "{root}yyyyy"}}
    # As it is written, the one of b has 11 characters.
    assert (needed({"a": plugins["a"]}, ["a"], "mapping"), needed(plugins, ["a/b"], "mapping")) == (10, 15)


def test_of_a_long_circle_the_first_are_named_and_the_others_counted(session):
    count = MOST_SHOWN + 3
    session.add_plugins(**{
        f"p{n}": {"hierarchy": f"{{root}}/k{n}", "uses": [f"z/k{(n + 1) % count}"], "mapping": "x"} for n in range(count)
    })
    with pytest.raises(RelativeCycleError) as caught:
        mapping(session, "z/k1/k0")
    assert "p0 (" in str(caught.value) and "4 more" in str(caught.value) and str(caught.value).count(" (") == MOST_SHOWN


def test_what_is_appended_to_the_place_above_is_based_on_that(session):
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs"}, more={"hierarchy": "{root}", "uses": ["job/shot"], "mapping": "_x"}
    )
    source = session.need_context("job/shot").view.resolver.mapping_source(Hierarchy.of("job/shot"))
    assert source.base == Hierarchy.of("job") and source.writer is None and [plugin.name for plugin in source.plugins] == ["more"]


def test_a_place_depends_on_those_above_what_it_uses(session):
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs"},
        shot={"hierarchy": "job/shot", "data": {"x": 1}},
        far={"hierarchy": "far/lib", "uses": ["job/shot"], "mapping": "{root}/x"},
    )
    resolver = session.need_context("job/shot/far/lib").view.resolver
    found = resolver.dependencies(Hierarchy.of("job/shot/far/lib"))
    assert {place.text for place in found} == {"job", "job/shot", "job/shot/far", "job/shot/far/lib"}
    session.add_plugins(near={"hierarchy": "near", "mapping": "{@job/shot}/y"})
    found = session.need_context("near").view.resolver.dependencies(Hierarchy.of("near"))
    assert {place.text for place in found} == {"near", "job", "job/shot"}
