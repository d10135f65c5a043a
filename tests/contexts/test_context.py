"""What a Context returns, always up to date: its plugins, its fields, and paths by platform (``docs/explanation/merging.rst``)."""

from __future__ import annotations

import os

import pytest

from ways.contexts.context import Context
from ways.contexts.parser import ContextParser
from ways.errors import PlatformError, TokenCycleError
from ways.plugins.plugin import DataPlugin
from ways.session import Session

pytestmark = pytest.mark.portability

SHEET = r"""
    plugins:
      job:
        hierarchy: job
        mapping: '/jobs/{JOB}'
        mapping_details: {JOB: {mapping: '{NAME}_{YEAR}'}}
        data: {fps: 24}
      client: {hierarchy: job, assignment: client, data: {fps: 25}}
      windows: {hierarchy: job, platforms: [Windows], data: {os: nt}}
      shot:
        hierarchy: '{root}/shot'
        mapping: '{root}/{SHOT}-{SHOT}'
        mapping_details: {SHOT: {mapping: '{A}'}}
        groups: [a, b]
        uses: [job]
"""


def names(plugins):
    return [plugin.name for plugin in plugins]


# --- plugins (5.3)


@pytest.mark.platform("linux")
def test_plugins_are_those_that_take_part(load):
    context = load(SHEET).get_context("job/shot")
    assert names(context.plugins) == ["job", "shot"]


def test_all_plugins_are_also_those_of_other_platforms(load):
    context = load(SHEET).get_context("job/shot")
    assert names(context.get_all_plugins()) == ["job", "windows", "shot"]


def test_all_plugins_of_another_layer_or_place_can_be_asked_for(load):
    context = load(SHEET).get_context("job/shot")
    assert names(context.get_all_plugins(assignment="client")) == ["client"]
    assert names(context.get_all_plugins("job")) == ["job", "windows"]


def test_an_explicit_layer_sees_only_its_own_plugins(load):
    assert names(load(SHEET).get_context("job", "client").plugins) == ["client"]


# --- validate_plugin


class Said:
    def __init__(self, platforms):
        self.platforms = platforms

    def get_platforms(self):
        return self.platforms


@pytest.mark.platform("linux")
@pytest.mark.parametrize(
    "platforms",
    ["linux", "Linux", "*", "", "linux,windows", "windows, linux", ["linux"], ["windows,linux"], {"all"}, ("everything",), []],
    ids=repr,
)
def test_a_plugin_that_takes_part_is_given_back(platforms):
    plugin = Said(platforms)
    assert Context.validate_plugin(plugin) is plugin


@pytest.mark.platform("linux")
@pytest.mark.parametrize("platforms", ["windows", ["darwin", "windows"], "lin"], ids=repr)
def test_a_plugin_that_takes_no_part_is_an_os_error(platforms):
    with pytest.raises(OSError, match=", not on 'linux'") as caught:
        Context.validate_plugin(Said(platforms))
    assert isinstance(caught.value, PlatformError)


def test_a_plugin_that_says_nothing_takes_part_everywhere():
    plugin = object()
    assert Context.validate_plugin(plugin) is plugin


@pytest.mark.platform("linux")
def test_a_plugin_of_a_sheet_is_validated_alike():
    plugin = DataPlugin("a", (), {"hierarchy": "a", "platforms": "windows"})
    with pytest.raises(OSError):
        Context.validate_plugin(plugin)


@pytest.mark.parametrize("plugin", ["a text", Said("*"), None], ids=["text", "everywhere", "none"])
def test_an_unknown_platform_is_told_before_the_plugin_is_looked_at(monkeypatch, plugin):
    monkeypatch.setenv("WAYS_PLATFORM", "amiga")
    with pytest.raises(PlatformError) as caught:
        Context.validate_plugin(plugin)
    assert caught.value.platform == "amiga" and "linux" in caught.value.known


# --- getters (5.4)


def test_a_context_knows_its_place_and_layer(load):
    context = load(SHEET).get_context("job/shot", "master")
    assert (context.get_hierarchy(), context.get_assignment()) == (context.hierarchy, context.assignment) == (("job", "shot"), "master")


def test_the_details_are_those_of_all_levels(load):
    context = load(SHEET).get_context("job/shot")
    assert context.get_mapping_details() == {"JOB": {"mapping": "{NAME}_{YEAR}"}, "SHOT": {"mapping": "{A}"}}


def test_details_can_be_changed_without_harm(load):
    context = load(SHEET).get_context("job")
    context.get_mapping_details()["JOB"]["mapping"] = "gone"
    assert context.get_mapping_details()["JOB"] == {"mapping": "{NAME}_{YEAR}"}


def test_the_tokens_of_the_mapping_are_in_order_and_repeated(load):
    assert load(SHEET).get_context("job/shot").get_mapping_tokens() == ["JOB", "SHOT", "SHOT"]


def test_the_tokens_of_another_text_can_be_asked_for(load):
    assert load(SHEET).get_context("job").get_mapping_tokens("{THING} is {HERE}") == ["THING", "HERE"]


def test_all_tokens_are_those_of_the_mapping_and_one_level_of_the_details(load):
    assert load(SHEET).get_context("job/shot").get_all_tokens() == {"JOB", "SHOT", "NAME", "YEAR", "A"}


def test_groups_are_those_of_the_last_plugin(load):
    session = load(SHEET)
    assert session.get_context("job/shot").get_groups() == ("a", "b") and session.get_context("job").get_groups() == ("*",)


@pytest.mark.platform("linux")
@pytest.mark.parametrize(
    "platforms, expected",
    [("linux", {"linux"}), ("'*'", {"darwin", "java", "linux", "windows"}), ("[linux, windows]", {"linux", "windows"})],
)
def test_platforms_are_a_set(load, platforms, expected):
    assert load(f"plugins: {{a: {{hierarchy: a, platforms: {platforms}}}}}").get_context("a").get_platforms() == expected


@pytest.mark.platform("linux")
def test_platforms_of_several_plugins_are_a_set_too(load):
    session = load("plugins: {a: {hierarchy: a, platforms: [linux, darwin]}, b: {hierarchy: a, platforms: 'linux,windows'}}")
    assert session.get_context("a").get_platforms() == {"linux"}


def test_a_context_without_plugins_has_no_platforms(session):
    assert session.get_context("a", force=True).get_platforms() == set()


def test_a_context_that_says_nothing_is_no_path(load):
    assert load(SHEET).get_context("job").is_path() is False


def test_each_parser_is_a_new_one(load):
    context = load(SHEET).get_context("job")
    assert isinstance(context.get_parser(), ContextParser) and context.get_parser() is not context.get_parser()


def test_a_context_fills_its_mapping(load):
    assert load(SHEET).get_context("job").get_str(groups={"JOB": "x"}) == "/jobs/x"


def test_an_action_that_is_not_there_is_none(load):
    assert load(SHEET).get_context("job").get_action("nothing") is None


def test_an_action_that_is_a_class_is_made_anew(load):
    session = load(SHEET)
    session.add_action(type("Render", (), {}), "render", "job")
    context = session.get_context("job", "master")
    assert type(context.get_action("render")).__name__ == "Render" and context.get_action("render") is not context.get_action("render")


@pytest.mark.platform("linux")
def test_a_context_is_told_as_a_dict(load):
    told = load(SHEET).get_context("job").as_dict()
    assert set(told) == {"assignment", "actions", "connection", "hierarchy", "data"}
    assert (told["assignment"], told["actions"], told["hierarchy"], told["data"]) == ("", {}, ("job",), {"fps": 24})


def test_contexts_of_equal_setup_are_told_equally_even_across_a_clear(load):
    before = load(SHEET).get_context("job").as_dict()
    session = load("plugins: {}")
    session.clear()
    assert load(SHEET).get_context("job").as_dict() == before


@pytest.mark.platform("linux")
def test_a_context_is_shown_by_its_place_layer_and_data(load):
    context = load(SHEET).get_context("job/shot")
    assert repr(context) == "Context(hierarchy='('job', 'shot')', assignment=, data={'fps': 24})"
    assert str(context) == "Context(hierarchy='job/shot', assignment=)"


# --- live (5.5)


@pytest.mark.platform("linux")
def test_a_sheet_that_is_added_changes_every_answer_of_an_old_context(load, write_sheet):
    session = load("plugins: {a: {hierarchy: a, mapping: /old}}")
    context = session.get_context("a")
    assert (context.get_mapping(), context.get_groups(), context.is_path()) == ("/old", ("*",), False)
    later = "plugins: {b: {hierarchy: a, mapping: /new, groups: g, path: true, max_folder: /m, mapping_details: {T: {}}}}"
    session.add_search_path(write_sheet(later, "later.yml"))
    assert (context.get_mapping(), context.get_groups(), context.is_path()) == ("/new", ("g",), True)
    assert (context.get_max_folder(), context.get_mapping_details(), len(context.plugins)) == ("/m", {"T": {}}, 2)


def test_another_platform_changes_the_plugins_of_an_old_context(load, monkeypatch):
    context = load(SHEET).get_context("job")
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    assert context.data == {"fps": 24, "os": "nt"}


@pytest.mark.platform("linux")
def test_another_priority_changes_the_data_of_an_old_context(load, monkeypatch):
    context = load(SHEET).get_context("job")
    monkeypatch.setenv("WAYS_PRIORITY", f"master{os.pathsep}client")
    assert context.data == {"fps": 25}


# --- paths (5.6)

PATHS = r"""
    plugins:
      path: {hierarchy: path, mapping: '\\srv\jobs/{JOB}/x', path: true, max_folder: /a/b}
      text: {hierarchy: text, mapping: '\\srv\jobs/{JOB}/x'}
"""


@pytest.mark.parametrize(
    "platform, expected",
    [
        ("windows", r"\\srv\jobs\{JOB}\x"),
        ("linux", "//srv/jobs/{JOB}/x"),
        ("darwin", "//srv/jobs/{JOB}/x"),
        ("java", "//srv/jobs/{JOB}/x"),
    ],
)
def test_a_path_has_the_separators_of_the_platform(load, monkeypatch, platform, expected):
    context = load(PATHS).get_context("path")
    monkeypatch.setenv("WAYS_PLATFORM", platform)
    assert context.get_mapping() == expected


@pytest.mark.parametrize("platform", ["windows", "linux"])
def test_what_is_no_path_keeps_its_separators(load, monkeypatch, platform):
    monkeypatch.setenv("WAYS_PLATFORM", platform)
    assert load(PATHS).get_context("text").get_mapping() == r"\\srv\jobs/{JOB}/x"


def test_windows_is_known_in_any_case(load, monkeypatch):
    monkeypatch.setenv("WAYS_PLATFORMS", "Windows")
    monkeypatch.setenv("WAYS_PLATFORM", "Windows")
    assert load(PATHS).get_context("path").get_mapping() == r"\\srv\jobs\{JOB}\x"


@pytest.mark.parametrize("platform, value, expected", [("windows", "a/b", r"\\srv\jobs\a/b\x"), ("linux", r"a\b", r"//srv/jobs/a\b/x")])
def test_values_that_are_filled_in_are_not_converted(load, monkeypatch, platform, value, expected):
    monkeypatch.setenv("WAYS_PLATFORM", platform)
    assert load(PATHS).get_context("path").get_str(groups={"JOB": value}) == expected


def test_an_append_can_make_a_path_of_all_below(load, monkeypatch):
    session = load("plugins: {a: {hierarchy: foo, mapping: /a}, b: {hierarchy: foo, path: true}, c: {hierarchy: foo/bar, mapping: /a/b}}")
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    assert session.get_context("foo/bar").get_mapping() == r"\a\b"


# --- answers that are kept, and stay live


def test_details_are_a_new_copy_each_time(load):
    entry = {"parse": {"regex": "[xy]"}, "choices": ["x", "y"], "deep": {"deep": [[1]]}}
    session = load("plugins: {}")
    session.add_plugins(
        job={"hierarchy": "job", "mapping_details": {"A": entry, "B": {"parse": {"regex": "b"}}, "C": {"required": False}}}
    )
    context = session.get_context("job")
    first = context.get_mapping_details()
    assert (first["A"], first["C"]) == (entry, {"required": False})
    first["A"]["parse"]["regex"] = first["B"]["parse"]["regex"] = "changed"
    first["A"]["choices"].append("z")
    first["A"]["deep"]["deep"][0].append(2)
    first["C"]["required"] = True
    first["B"]["more"] = 1
    again = context.get_mapping_details()
    assert (again["A"], again["B"], again["C"]) == (entry, {"parse": {"regex": "b"}}, {"required": False})


def test_the_environment_fills_a_mapping_as_it_is_at_each_call(load, monkeypatch):
    context = load(SHEET).get_context("job")
    ask = lambda: context.get_str(resolve_with="env")  # noqa: E731
    for name in ("JOB", "NAME", "YEAR"):
        monkeypatch.delenv(name, raising=False)
    assert ask() == "/jobs/{NAME}_{YEAR}"
    monkeypatch.setenv("NAME", "dune")
    assert (ask(), ask()) == ("/jobs/dune_{YEAR}",) * 2
    monkeypatch.setenv("NAME", "arrakis")
    assert ask() == "/jobs/arrakis_{YEAR}"
    monkeypatch.setenv("JOB", "both")
    assert ask() == "/jobs/both"
    monkeypatch.delenv("JOB")
    monkeypatch.delenv("NAME")
    assert ask() == "/jobs/{NAME}_{YEAR}"
    monkeypatch.setattr(os, "environ", {"YEAR": "1984"})
    assert ask() == "/jobs/{NAME}_1984"
    assert context.get_str(resolve_with="env", depth=1) == "/jobs/{NAME}_1984"
    assert context.get_str(resolve_with="env", depth=0) == "/jobs/{JOB}"
    assert context.get_str(resolve_with="env", holdout="JOB") == "/jobs/{JOB}"


def test_a_variable_may_stand_before_a_circle_of_tokens(load, monkeypatch):
    session = load("plugins: {}")
    details = {"A": {"mapping": "{B}"}, "B": {"mapping": "{A}"}}
    session.add_plugins(job={"hierarchy": "job", "mapping": "/{A}", "mapping_details": details})
    context = session.get_context("job")
    monkeypatch.setenv("A", "set")
    assert context.get_str(resolve_with="env") == "/set"
    monkeypatch.delenv("A")
    with pytest.raises(TokenCycleError):
        context.get_str(resolve_with="env")


def test_platforms_have_the_case_of_the_environment(load, monkeypatch):
    monkeypatch.setenv("WAYS_PLATFORMS", os.pathsep.join(["Linux", "IRIX", "windows"]))
    monkeypatch.setenv("WAYS_PLATFORM", "Linux")
    session = load("plugins: {a: {hierarchy: a, platforms: [linux, irix, amiga]}, b: {hierarchy: b}}")
    assert session.get_context("a").get_platforms() == {"Linux", "IRIX", "amiga"}
    assert session.get_context("b").get_platforms() == {"Linux", "IRIX", "windows"}


@pytest.mark.parametrize(
    "syntax, mapping, expected",
    [
        (1, "/x/{A}_{D:d}", "/x/{A}_*"),
        (2, "/x/{A}_{D:d}", "/x/*_*"),
        (2, "/x/{A}{D:d}[_{E}]", "/x/*"),
        (2, "/x/{A}{D:d}[{E}]", "/x/*"),
        (2, "/x/{P}/{G}", "/x/*-*/g?"),
    ],
)
def test_a_token_without_a_glob_is_anything_in_the_second_syntax(session: Session, syntax: int, mapping: str, expected: str) -> None:
    details = {"P": {"mapping": "{A}-{B}"}, "G": {"parse": {"glob": "g?"}}}
    session.add_plugins(it={"hierarchy": "it", "syntax": syntax, "mapping": mapping, "mapping_details": details})
    context = session.need_context("it")
    assert context.get_str(resolve_with="glob") == expected
    assert context.get_str(resolve_with=("env", "glob")) == expected
    assert "{A}" in context.get_str(resolve_with="regex") + context.get_str(resolve_with="glob", holdout="A") or "{P}" in mapping
