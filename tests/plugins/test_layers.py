"""Layers that lack what others build on (docs/explanation/hierarchy-and-assignment.rst)."""

from __future__ import annotations

import logging
import os

import pytest

from ways.errors import UnresolvedMappingError, WaysError

JOB = "globals: {syntax: 2}\nplugins:\n  job: {hierarchy: job, mapping: '/jobs/{JOB}', path: true}\n"
#: Plugins of another layer that build on the plugin above.
MOON = """
    globals: {syntax: 2, assignment: moon}
    plugins:
      shot: {hierarchy: '{root}/shot', uses: [job], mapping: '{root}/{SHOT}'}
      plate: {hierarchy: '{root}/plate', uses: [job/shot], mapping: '{root}/plates'}
      more: {hierarchy: '{root}', uses: [job], mapping: '/more'}
"""


@pytest.fixture
def moon(session, write_sheet, monkeypatch):
    """A session that looks at the layer *moon* without *master*."""
    session.add_search_path(write_sheet(JOB, "master.yml"))
    session.add_search_path(write_sheet(MOON, "moon.yml"))
    monkeypatch.setenv("WAYS_PRIORITY", "moon")
    return session


@pytest.mark.parametrize("place", ["job", "job/shot", "job/shot/plate"])
def test_what_builds_on_a_layer_without_priority_has_no_mapping(moon, place):
    with pytest.raises(UnresolvedMappingError) as caught:
        moon.get_context(place).get_mapping()
    for part in ("moon.yml:", "uses 'job'", "is in the layer 'master'", "set WAYS_PRIORITY=master:moon"):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    "value, order",
    [
        ("moon:", "master:moon"), ("", "master"), ("master;moon", "master:moon"), ("moon:master,moon", "master:moon"),
        (" master :moon", "master:moon"), ("moon:MASTER", "moon:master"), ("moon:zzz", "master:moon:zzz"),
    ],
)  # fmt: skip
def test_the_order_that_is_advised_is_one_that_helps(moon, monkeypatch, value, order):
    monkeypatch.setenv("WAYS_PRIORITY", value.replace(":", os.pathsep))
    with pytest.raises(UnresolvedMappingError) as caught:
        moon.get_context("job").get_mapping()
    order = order.replace(":", os.pathsep)
    assert str(caught.value).endswith(f"set WAYS_PRIORITY={order}.")
    monkeypatch.setenv("WAYS_PRIORITY", order)
    assert moon.get_context("job").get_mapping().startswith("/jobs/{JOB}")


def test_it_has_its_mapping_where_both_layers_have_priority(moon, monkeypatch):
    monkeypatch.setenv("WAYS_PRIORITY", "master:moon")
    assert moon.get_context("job/shot/plate").get_mapping() == "/jobs/{JOB}/more/{SHOT}/plates"


def test_a_layer_that_is_named_lacks_the_others_too(moon):
    with pytest.raises(UnresolvedMappingError, match="in the layer 'moon'; .* name no layer, and set WAYS_PRIORITY=master:moon"):
        moon.get_context("job/shot", "moon").get_mapping()


@pytest.mark.parametrize("text", ["/more", "more", "/more/b", "/b", "b", "/b/plates"])
def test_no_text_begins_in_the_middle(moon, text):
    with pytest.raises(WaysError):
        moon.read(text)


def test_each_door_says_why_there_is_no_path(moon):
    values = {"JOB": "a", "SHOT": "b"}
    doors = (
        lambda: moon.get_context("job/shot").get_str(groups=values),
        lambda: moon.get_asset("/b", "job/shot", strict=True),
        lambda: moon.get_asset(values, "job/shot").get_str(),
        lambda: moon.format("job/shot", values),
        lambda: list(moon.find_assets("job/shot")),
        lambda: moon.translate("/b", "windows", "job/shot"),
    )
    for door in doors:
        with pytest.raises(UnresolvedMappingError, match="WAYS_PRIORITY=master:moon"):
            door()


def test_what_tells_of_places_tells_of_those_without_a_mapping(moon):
    assert "WAYS_PRIORITY" in str(moon.explain("job/shot").as_dict())
    assert moon.explain_text("/b").status == "unresolved"
    assert isinstance(moon.check(), list)
    assert isinstance(moon.finder().contexts, list)


def test_in_the_first_syntax_such_a_mapping_is_as_before_with_a_warning(session, write_sheet, monkeypatch, caplog):
    session.add_search_path(write_sheet(JOB.replace("globals: {syntax: 2}\n", ""), "master.yml"))
    session.add_search_path(write_sheet(MOON.replace("syntax: 2, ", ""), "moon.yml"))
    monkeypatch.setenv("WAYS_PRIORITY", "moon")
    with caplog.at_level(logging.WARNING, logger="ways"):
        assert session.get_context("job").get_mapping() == "/more"
        assert session.get_context("job/shot").get_mapping() == "/more/{SHOT}"
    assert [record.message for record in caplog.records if "its mapping lacks that of its parent" in record.message]


def test_a_parent_of_another_platform_is_named_with_its_platform(session, write_sheet, monkeypatch):
    session.add_search_path(write_sheet(JOB.replace("path: true", "platforms: windows"), "master.yml"))
    session.add_search_path(write_sheet(MOON.replace("assignment: moon", "data: {}"), "all.yml"))
    with pytest.raises(UnresolvedMappingError, match=r"platform 'linux' .*is in the layer 'master' \(on windows\)"):
        session.get_context("job/shot").get_mapping()


def test_a_place_without_plugins_here_names_platform_and_layers(session, write_sheet, monkeypatch):
    session.add_search_path(write_sheet(JOB.replace("path: true", "platforms: windows, assignment: moon"), "job.yml"))
    with pytest.raises(UnresolvedMappingError, match=r"on linux .*WAYS_PRIORITY=master: .*is for windows and in the layer 'moon'"):
        session.get_context("job").get_mapping()


def test_no_order_is_advised_that_gives_nothing_on_this_platform(session, write_sheet):
    session.add_search_path(write_sheet(JOB.replace("path: true", "platforms: windows, assignment: moon"), "job.yml"))
    with pytest.raises(UnresolvedMappingError, match=r"is for windows and in the layer 'moon'\.$"):
        session.get_context("job").get_mapping()


#: A place with a plugin that takes part everywhere, and mappings that take part on some platforms.
ROOTS = """
    globals: {syntax: 2}
    plugins:
      facts: {hierarchy: show, data: {fps: 25}}
      shot: {hierarchy: show/shot, data: {fps: 24}}
      linux: {hierarchy: show, mapping: '/mnt/{SHOW}', platforms: linux}
      windows: {hierarchy: show, mapping: 'P:/{SHOW}', platforms: windows}
"""


def test_mappings_that_only_other_platforms_have_are_told_with_the_platform(session, write_sheet, monkeypatch):
    session.add_search_path(write_sheet(ROOTS))
    told = r"has no mapping on darwin: .* plugins with one are .*:6:28, for linux; .*:7:30, for windows\. Add one for darwin\.$"
    with pytest.raises(UnresolvedMappingError, match=told):
        session.translate("/mnt/owl", "darwin", from_platform="linux")
    monkeypatch.setenv("WAYS_PLATFORM", "darwin")
    for place in ("show", "show/shot"):
        with pytest.raises(UnresolvedMappingError, match=told):
            session.get_context(place).get_mapping()


def test_a_mapping_that_only_some_values_have_is_told(session):
    session.add_plugins(
        facts={"hierarchy": "show", "data": {"fps": 25}},
        owl={"hierarchy": "show", "mapping": "/owl/{SHOW}", "when": {"SHOW": "owl"}, "syntax": 2},
    )
    with pytest.raises(UnresolvedMappingError, match=r"the one at <python> applies only for some values \(when\)"):
        session.get_context("show").get_mapping()


def test_a_mapping_that_only_another_layer_has_is_told_with_the_order(session):
    session.add_plugins(
        facts={"hierarchy": "show", "data": {"fps": 25}, "assignment": "moon"}, show={"hierarchy": "show", "mapping": "/mnt/{SHOW}"}
    )
    told = "'show' has one in the layer 'master': name no layer, and set WAYS_PRIORITY=master:moon"
    with pytest.raises(UnresolvedMappingError, match=told):
        session.get_context("show", "moon").get_mapping()


def test_a_place_without_any_mapping_names_its_last_plugin(session):
    session.add_plugins(facts={"hierarchy": "show", "data": {"fps": 25}})
    with pytest.raises(UnresolvedMappingError, match="none of its plugins has one; the last of them is <python>"):
        session.get_context("show").get_mapping()
