"""The page for those who come from Ways 0.1: every name is there, and every row of its tables is what happens."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from documentation.examples import DOCS, literals, tables

import ways
from ways import api
from ways.api import Asset, Context, Session

PAGE = (DOCS / "howto" / "come-from-ways-0.1.rst").read_text(encoding="utf-8")
NAMES, *TABLES = tables(PAGE)
ROWS = [literals(row[0])[0] for table in TABLES for row in table[1:]]
#: Row to what shows that it holds.
CHECKS: dict[str, Callable[[World], object]] = {}


class World:
    """A current session, and what a check needs to fill it."""

    def __init__(self, session: Session, folder: Path, patch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture) -> None:
        self.session = session
        self.folder = folder
        self.patch = patch
        self.log = log

    def write(self, text: str, name: str = "sheet.yml") -> str:
        """Write a file, and return its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return str(path)

    def load(self, text: str, name: str = "sheet.yml") -> Session:
        """Write a sheet, and add it."""
        self.session.add_search_path(self.write(text, name))
        return self.session

    def add(self, **plugins: Mapping[str, Any]) -> Session:
        """Add plugins."""
        self.session.add_plugins(**plugins)
        return self.session

    def place(self, mapping: str = "", details: Mapping[str, Any] | None = None, **more: Any) -> Context:
        """Add a plugin at ``a/b``, and return its Context."""
        self.add(place={"hierarchy": "a/b", "mapping": mapping, "mapping_details": details or {}, **more})
        return self.session.need_context("a/b")

    def mapping(self, place: str) -> str:
        """Return the mapping of a place."""
        return self.session.need_context(place).get_mapping()

    def starting(self, descriptors: str = "", plugins: str = "") -> Session:
        """Return a session that will load what these variables name."""
        self.patch.setenv("WAYS_DESCRIPTORS", descriptors)
        self.patch.setenv("WAYS_PLUGINS", plugins)
        return Session.from_environ()

    def codes(self) -> list[str]:
        """Return the code of each problem."""
        return [problem.code for problem in self.session.problems]


@pytest.fixture
def world(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> World:
    """An empty world."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "site"))
    caplog.set_level(logging.INFO, "ways")
    return World(session, tmp_path, monkeypatch, caplog)


def row(name: str) -> Callable[[Callable[[World], object]], Callable[[World], object]]:
    """Let a function show that the row of that name holds."""

    def add(check: Callable[[World], object]) -> Callable[[World], object]:
        CHECKS[name] = check
        return check

    return add


def regex(**expressions: str) -> dict[str, Any]:
    """Return details with an expression for each token."""
    return {name: {"parse": {"regex": expression}} for name, expression in expressions.items()}


class Place:
    """A plugin object with a hierarchy and nothing else."""

    def __init__(self, hierarchy: Any) -> None:
        self.hierarchy = hierarchy

    def get_hierarchy(self) -> Any:
        return self.hierarchy


@pytest.mark.parametrize("name", ROWS)
def test_a_row_of_the_page_is_what_happens(name: str, world: World) -> None:
    CHECKS[name](world)


def test_every_check_belongs_to_a_row_and_every_row_is_named_once() -> None:
    assert sorted(CHECKS) == sorted(ROWS)
    assert all(len(row) == 4 and all(row) for table in TABLES for row in table)


@pytest.mark.parametrize("cells", NAMES[1:], ids=lambda cells: cells[0])
def test_every_new_name_is_in_the_api(cells: list[str]) -> None:
    names = {name.split("(")[0] for name in literals(cells[1])} - {"description", "ways.api", "ways.__version__"}
    assert names and names <= set(api.__all__)


def test_every_old_name_that_is_offered_under_another_is_told() -> None:
    told = {name.split("(")[0].split(".")[-1] for cells in NAMES[1:] for name in literals(cells[0])}
    old = """clear get_action get_actions get_actions_iter get_action_names get_actions_info get_plugins add_plugin get_priority
        get_parse_order get_known_platfoms PLUGIN_CACHE ACTION_CACHE DESCRIPTORS DESCRIPTOR_LOAD_RESULTS PLUGIN_LOAD_RESULTS
        check_plugin_uuid expand_string resolve_descriptor split_hierarchy import_object get_all_assignments __version__
        trace_all_descriptor_results trace_all_plugin_results"""
    assert told == set(old.split())


# --- start and sessions


@row("import-reads-nothing")
def _(world: World) -> None:
    world.patch.setenv("WAYS_DESCRIPTORS", world.write("print('loaded')\nplugins = {}", "sheet.py"))
    asks = "import ways.api; print('imported'); ways.api.get_all_plugins()"
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, check=True, encoding="utf-8")
    assert done.stdout.split() == ["imported", "loaded"]


@row("start-raises-nothing")
def _(world: World) -> None:
    bad = world.write("plugins: {x: {hierarchy: x, uuid: u}, y: {hierarchy: y, uuid: u}}")
    session = world.starting(os.pathsep.join(["/no/such/path", bad]))
    assert session.hierarchies() == [("x",)]
    assert [result.status for result in session.results()[0]] == ["failed", "success", "failed"]
    assert len(session.problems) == 2 and "/no/such/path" in world.log.text
    with pytest.raises(RuntimeError):
        world.session.add_search_path(bad)


@row("exit-at-start")
def _(world: World) -> None:
    path = world.write("import sys\nsys.exit(3)", "plugin.py")
    assert [result.reason for result in world.starting(plugins=path).results()[1]] == [api.IMPORT_FAILURE_KEY]
    with pytest.raises(SystemExit):
        api.add_plugin(path)


@row("descriptors-first")
def _(world: World) -> None:
    file = world.write("import ways.api\ndef main():\n    assert ways.api.get_context('a')", "plugin.py")
    assert world.starting(world.write("plugins: {a: {hierarchy: a}}"), file).results()[1][0].is_success


@row("configuration-folders")
def _(world: World) -> None:
    if sys.platform != "linux":
        pytest.skip("the folders are those of Linux")
    world.patch.setenv("XDG_CONFIG_HOME", str(world.folder))
    world.write("plugins: {a: {hierarchy: a}}", "ways/sheet.yml")
    assert world.starting("").hierarchies() == []
    world.patch.delenv("WAYS_DESCRIPTORS")
    assert Session.from_environ().hierarchies() == [("a",)]


@row("package-is-empty")
def _(world: World) -> None:
    old = {"clear", "get_action", "get_plugins", "add_plugin", "PLUGIN_CACHE", "ACTION_CACHE", "DESCRIPTORS"}
    assert not old & set(vars(ways))
    assert {"clear", "get_action", "get_plugins", "register_plugin"} <= set(api.__all__)


@row("session-of-a-class")
def _(world: World) -> None:
    made = type("Made", (api.Plugin,), {"get_hierarchy": lambda self: "a"})
    other = Session()
    assert (world.session.hierarchies(), other.hierarchies()) == ([("a",)], [])
    other.add_plugin(made)
    assert other.hierarchies() == [("a",)]


@row("only-the-new-is-loaded")
def _(world: World) -> None:
    called: list[str] = []
    world.session.add_search_path(lambda: called.append("first") or [])
    world.session.add_search_path(lambda: called.append("second") or [])
    assert called == ["first", "second"]
    world.session.refresh()
    assert called == ["first", "second"] * 2


@row("plugins-once")
def _(world: World) -> None:
    path = world.write("plugins: {a: {hierarchy: a}}")
    for description in (path, path, str(world.folder)):
        world.session.add_search_path(description)
    assert len(api.get_all_plugins()) == 1


@row("plugin-list-is-a-copy")
def _(world: World) -> None:
    world.place()
    api.get_all_plugins().clear()
    assert len(api.get_all_plugins()) == 1


# --- sheets


@row("globals")
def _(world: World) -> None:
    world.load("{globals: {data: {x: 1}, groups: [g]}, plugins: {a: {hierarchy: a}, b: {hierarchy: b, data: {y: 2}}}}")
    a, b = (world.session.need_context(name) for name in "ab")
    assert (a.data, b.data, b.get_groups()) == ({"x": 1}, {"y": 2}, ("g",))


@row("python-sheets")
def _(world: World) -> None:
    world.write("plugins = {'a': {'hierarchy': 'a'}}", "one.py")
    world.write("def get_sheet():\n    return {'plugins': {'b': {'hierarchy': 'b'}}}", "two.py")
    world.session.add_search_path(str(world.folder))
    assert world.session.hierarchies() == [("a",), ("b",)]


@row("toml-sheets")
def _(world: World) -> None:
    world.write("[plugins.a]\nhierarchy = 'a'", "sheet.toml")
    world.session.add_search_path(str(world.folder))
    assert world.session.hierarchies() == [("a",)]


@row("yaml-in-json")
def _(world: World) -> None:
    assert world.load("plugins: {a: {hierarchy: a}}", "sheet.json").hierarchies() == [("a",)]
    assert [problem.level for problem in world.session.problems] == ["warning"]


@row("broken-sheet")
def _(world: World) -> None:
    for name, text in {"a.yml": "plugins: [", "b.yml": "plugins:", "c.yml": "x: 1", "d.yml": "[]"}.items():
        world.write(text, name)
    world.write("plugins: {z: {hierarchy: z}}", "z.yml")
    world.session.add_search_path(str(world.folder))
    assert world.session.hierarchies() == [("z",)]
    assert {os.path.basename(problem.source.path) for problem in world.session.problems} >= {"a.yml"}
    assert [os.path.basename(path) for path in world.session.passed_over()] == ["b.yml", "c.yml", "d.yml"]


@row("broken-plugin")
def _(world: World) -> None:
    world.load("plugins: {a: {mapping: x}, b: {hierarchy: b}}")
    assert (world.session.hierarchies(), world.codes()) == ([("b",)], ["missing-key"])


@row("duplicate-keys")
def _(world: World) -> None:
    world.load("plugins:\n  a:\n    hierarchy: a\n    mapping: one\n    mapping: two")
    assert (world.mapping("a"), world.codes()) == ("two", ["duplicate-key"])
    assert world.session.problems[0].source.line == 5 and "4" in world.session.problems[0].message


@row("unknown-keys")
def _(world: World) -> None:
    problem = world.load("plugins: {a: {hierarchy: a, maping: x}}").problems[0]
    assert (problem.level, world.session.hierarchies()) == ("warning", [("a",)])
    assert "'mapping'" in problem.help


@row("yaml-tags")
def _(world: World) -> None:
    world.load("plugins: {a: {hierarchy: a, groups: !!python/tuple [x, y]}}", "one.yml")
    world.load(f"plugins: {{b: {{hierarchy: b, data: !!python/object/apply:os.mkdir ['{world.folder}/made']}}}}", "two.yml")
    assert (world.session.hierarchies(), world.codes()) == ([("a",)], ["syntax"])
    assert not (world.folder / "made").exists()


@row("untrusted")
def _(world: World) -> None:
    world.write("plugins: {a: {hierarchy: a, mapping: '{X}', mapping_details: {X: {before_return: len}}}}", "clone/a.yml")
    world.write("plugins = {'b': {'hierarchy': 'b'}}", "clone/b.py")
    for trust, expected in [(False, ("four", [("a",)])), (True, (4, [("a",), ("b",)]))]:
        session = Session()
        session.add_search_path(str(world.folder / "clone"), trust=trust)
        assert (session.get_asset({"X": "four"}, "a").get_value("X"), session.hierarchies()) == expected


@row("platforms-text")
def _(world: World) -> None:
    assert world.place(platforms="linux, windows").get_platforms() == {"linux", "windows"}


@row("platforms-case")
def _(world: World) -> None:
    assert world.place("/x", platforms=["Linux"]).get_mapping() == "/x"


@row("platforms-type")
def _(world: World) -> None:
    world.add(a={"hierarchy": "a", "platforms": ["linux", "windows"]})
    assert world.place(platforms=["linux"]).get_platforms() == {"linux"}
    assert type(world.session.need_context("a/b").get_platforms()) is set


@row("groups-type")
def _(world: World) -> None:
    world.load("plugins: {a: {hierarchy: a, groups: [x, y]}, b: {hierarchy: b, groups: xy}}")
    world.load('{"plugins": {"c": {"hierarchy": "c", "groups": ["x"]}}}', "c.json")
    assert [world.session.need_context(name).get_groups() for name in "abc"] == [("x", "y"), ("xy",), ("x",)]


@row("parent-in-another-layer")
def _(world: World) -> None:
    more = {"hierarchy": "{root}", "uses": ["job"], "mapping": "/more", "assignment": "moon"}
    world.add(job={"hierarchy": "job", "mapping": "/jobs"}, old=more, new={**more, "uses": ["show"], "syntax": 2})
    world.add(show={"hierarchy": "show", "mapping": "/shows"})
    world.patch.setenv("WAYS_PRIORITY", "moon")
    assert world.mapping("job") == "/more" and "its mapping lacks that of its parent" in world.log.text
    with pytest.raises(api.UnresolvedMappingError, match="set WAYS_PRIORITY=master"):
        world.mapping("show")


@row("backslash-in-a-hierarchy")
def _(world: World) -> None:
    world.load("plugins: {a: {hierarchy: 'job\\shot'}}")
    assert [(problem.code, problem.help) for problem in world.session.problems] == [
        ("illegal-hierarchy", "Write 'job/shot', on every platform.")
    ]


@row("layers-without-priority")
def _(world: World) -> None:
    world.add(moon={"hierarchy": "moon", "mapping": "/moon/{A}", "assignment": "moon"})
    assert world.session.read("/moon/a").hierarchy == "moon"
    world.add(job={"hierarchy": "job", "mapping": "/jobs/{A}", "syntax": 2})
    with pytest.raises(api.ContextNotFoundError, match="In the layer 'moon'"):
        world.session.read("/moon/a")


@row("paths-of-windows")
def _(world: World) -> None:
    world.patch.setenv("WAYS_PLATFORM", "windows")
    world.place("X:/jobs/{A}", path=True)
    assert world.session.get_asset("x:/jobs\\a").get_str() == "X:\\jobs\\a"


@row("null-values")
def _(world: World) -> None:
    world.load("plugins: {a: {hierarchy: a, data: {x: 1}}, b: {hierarchy: a, mapping: '{X}', data: , mapping_details: }}")
    context = world.session.need_context("a")
    assert (context.data, context.get_mapping_details(), context.get_str()) == ({"x": 1}, {}, "{X}")
    world.load("globals: {path: true}\nplugins: {c: {hierarchy: c, path: null}}", "other.yml")
    assert world.session.need_context("c").is_path() is True


@row("uses-text")
def _(world: World) -> None:
    world.add(job={"hierarchy": "job", "mapping": "/job"}, shot={"hierarchy": "shot", "uses": "job"})
    assert world.mapping("job/shot") == "/job"


@row("info-file-names")
def _(world: World) -> None:
    world.write("assignment: other", "one/.waypoint_plugin_info.yml")
    world.write("assignment: own", "two/.ways_plugin_info.yml")
    world.write("assignment: other", "two/.waypoint_plugin_info.yml")
    world.load("plugins: {a: {hierarchy: a}}", "one/sheet.yml")
    assert [plugin.assignment for plugin in world.load("plugins: {a: {hierarchy: a}}", "two/sheet.yml").get_all_plugins()] == [
        "other", "own",
    ]  # fmt: skip


@row("nearest-info-file")
def _(world: World) -> None:
    world.write("assignment: outer", ".ways_plugin_info.yml")
    world.write("assignment: inner", "below/.ways_plugin_info.yml")
    world.load("plugins: {a: {hierarchy: a}}", "below/sheet.yml")
    assert api.get_all_assignments() == {"inner"}


@row("generated-uuids")
def _(world: World) -> None:
    path = world.write("plugins: {a: {hierarchy: a}}")
    uuids = [api.FileDescriptor(path).get_plugins()[0][0].get_uuid() for _ in range(2)]
    assert uuids[0] and uuids[0] == uuids[1]


# --- relative plugins


@row("root-is-the-parent")
def _(world: World) -> None:
    world.add(
        show={"hierarchy": "show", "mapping": "/B"},
        a={"hierarchy": "{root}/a", "mapping": "{root}/a", "uses": ["show"]},
        flat={"hierarchy": "{root}/a/b", "mapping": "{root}/flat", "uses": ["show"]},
    )
    assert world.mapping("show/a/b") == "/B/flat"


@row("root-anywhere")
def _(world: World) -> None:
    world.add(b={"hierarchy": "b", "mapping": "/B"}, x={"hierarchy": "{root}/x", "mapping": "pre{root}/post", "uses": ["b"]})
    assert world.mapping("b/x") == "pre/B/post"


@row("root-inside-hierarchy")
def _(world: World) -> None:
    world.add(b={"hierarchy": "b", "mapping": "/B"}, x={"hierarchy": "lib/{root}", "mapping": "{root}/lib", "uses": ["b"]})
    assert world.mapping("lib/b") == "/B/lib"


@row("without-a-mapping")
def _(world: World) -> None:
    world.add(
        b={"hierarchy": "b", "mapping": "/B"},
        x={"hierarchy": "{root}/x", "mapping": "{root}/x", "uses": ["b"]},
        relative={"hierarchy": "{root}/x", "uses": ["b"], "data": {"one": 1}},
        absolute={"hierarchy": "b/x", "data": {"two": 2}},
    )
    assert (world.mapping("b/x"), world.session.need_context("b/x").data) == ("/B/x", {"one": 1, "two": 2})


@row("append-in-any-order")
def _(world: World) -> None:
    world.add(add={"hierarchy": "", "mapping": "-more", "uses": ["b"]}, b={"hierarchy": "b", "mapping": "/B"})
    assert world.mapping("b") == "/B-more"


@row("no-parent-no-context")
def _(world: World) -> None:
    world.add(x={"hierarchy": "{root}/x", "uses": ["nowhere"]})
    assert (api.get_context("nowhere"), api.get_context("nowhere/x") is None) == (None, False)


@row("circles-of-plugins")
def _(world: World) -> None:
    world.add(p={"hierarchy": "a", "mapping": "{root}/a", "uses": ["b"]}, q={"hierarchy": "b", "mapping": "{root}/b", "uses": ["a"]})
    with pytest.raises(RuntimeError, match="circle: .*p .*-> .*q .*-> .*p"):
        world.mapping("b/a")


# --- contexts and their data


@row("data-can-be-set")
def _(world: World) -> None:
    context = world.place(data={"x": 1})
    context.data["new"] = 1
    assert context.data == {"x": 1, "new": 1}
    context.revert()
    assert context.data == {"x": 1}


@row("data-can-be-removed")
def _(world: World) -> None:
    context = world.place(data={"x": 1})
    context.data["x"] = 2
    del context.data["x"]
    assert context.data == {"x": 1}
    with pytest.raises(KeyError):
        del context.data["x"]
    world.add(inner={"hierarchy": "c", "data": {"x": {"y": 1}}})
    del world.session.need_context("c").data["x"]["y"]
    assert world.session.need_context("c").data == {"x": {"y": 1}}


@row("revert-reverts-all")
def _(world: World) -> None:
    world.add(one={"hierarchy": "a", "data": {"x": {"v": 1}}}, two={"hierarchy": "a", "data": {"y": {"v": 1}}})
    context = world.session.need_context("a")
    context.data["x"]["v"] = context.data["y"]["v"] = 2
    context.revert()
    assert context.data == {"x": {"v": 1}, "y": {"v": 1}}


@row("data-is-live")
def _(world: World) -> None:
    context = world.place(data={"x": 1, "y": 1})
    context.data["y"] = 3
    world.add(later={"hierarchy": "a/b", "data": {"x": 2, "y": 2}})
    assert context.data == {"x": 2, "y": 3}


@row("empty-contexts")
def _(world: World) -> None:
    context = world.place(platforms=["windows"])
    assert (context.plugins, context.get_platforms(), context.get_groups()) == ([], set(), ("*",))


@row("missing-getters")
def _(world: World) -> None:
    api.register_plugin(Place("a"))
    context = world.session.need_context("a")
    assert (context.data, context.get_mapping_details(), context.get_max_folder(), context.is_path()) == ({}, {}, "", False)


@row("unc-paths")
def _(world: World) -> None:
    world.patch.setenv("WAYS_PLATFORM", "windows")
    assert world.place(r"\\srv/jobs", path=True).get_mapping() == r"\\srv\jobs"


@row("context-after-removal")
def _(world: World) -> None:
    world.load("plugins: {a: {hierarchy: a}, b: {hierarchy: b}}")
    api.get_context("a"), api.get_context("b"), api.get_context("b", force=True)
    world.write("plugins: {c: {hierarchy: c}}")
    world.session.refresh()
    assert (api.get_context("a"), api.get_context("b") is None) == (None, False)


# --- aliases


@row("alias-as-text")
def _(world: World) -> None:
    api.register_context_alias("short", "a/b")
    assert api.resolve_alias("short") == api.resolve_alias(("short",)) == ("a", "b")


@row("circles-of-aliases")
def _(world: World) -> None:
    api.register_context_alias("a", "b")
    api.register_context_alias("b", "c")
    with pytest.raises(ValueError, match="c -> a -> b -> c"):
        api.register_context_alias("c", "a")


@row("alias-is-no-candidate")
def _(world: World) -> None:
    world.place("/{X}")
    api.register_context_alias("short", "a/b")
    assert api.get_asset("/x").context.hierarchy == ("a", "b")
    assert api.get_asset("/x", context="short").info == {"X": "x"}


@row("clear-aliases")
def _(world: World) -> None:
    context = world.place()
    api.register_context_alias("short", "a/b")
    api.clear_aliases()
    assert (api.get_context("short"), api.get_context("a/b")) == (None, context)


@row("clear-contexts")
def _(world: World) -> None:
    context = world.place()
    api.register_context_alias("short", "a/b")
    api.clear_contexts()
    assert (api.resolve_alias("short"), api.get_context("a/b") is context) == (("a", "b"), False)


# --- tokens


@row("last-details-count")
def _(world: World) -> None:
    world.add(above={"hierarchy": "a", "mapping_details": regex(X="[a-z]+")})
    context = world.place("/{X}", regex(X="[0-9]+"))
    assert (context.get_str("regex"), context.get_parser().get_token_parse("X", "regex")) == ("/[0-9]+", "[0-9]+")


SHOT = {"SHOT": {"mapping": "{SEQ}_{NUM}", "parse": {"glob": "*"}}, **regex(SEQ="[a-z]+", NUM=r"\d{4}")}


@row("holdout")
def _(world: World) -> None:
    context = world.place("/{SHOT}", SHOT)
    assert context.get_str("glob", holdout="SHOT") == "/{SHOT}"
    assert context.get_str("regex", holdout="NUM", depth=1) == "/[a-z]+_{NUM}"


@row("display-tokens-env")
def _(world: World) -> None:
    world.patch.setenv("X", "here")
    context = world.place("/{X}/{OTHER}")
    assert context.get_str("env", display_tokens=True) == "/(?P<X>here)/{OTHER}"


@row("circles-of-tokens")
def _(world: World) -> None:
    context = world.place("/{A}", {"A": {"mapping": "{B}"}, "B": {"mapping": "{A}"}})
    with pytest.raises(ValueError, match="A -> B -> A"):
        context.get_str("regex")


@row("whole-values")
def _(world: World) -> None:
    parser = world.place("/{SHOT}", SHOT).get_parser()
    assert (parser.is_valid("SHOT", "ab_1234"), parser.is_valid("SHOT", "ab_1234zz")) == (True, False)


@row("set-value-answers")
def _(world: World) -> None:
    asset = Asset({"X": "a"}, world.place("/{X}", regex(X="[a-z]+")))
    assert [asset.set_value("X", "b"), asset.set_value("X", "1"), asset.set_value("X", "1", force=True)] == [True, False, True]


# --- assets


@row("asset-of-a-text")
def _(world: World) -> None:
    context = world.place()
    assert Asset({}, "a/b").context is context


@row("names-of-assets")
def _(world: World) -> None:
    class Own(Asset):
        key = "defined"

    asset = Own({"X": "a"}, world.place("/{X}"))
    assert str(asset.path) == os.sep + "a"
    asset.path, asset.at, asset.parent = "set", 1, 2  # type: ignore[method-assign, assignment]
    assert (asset.path, asset.at, asset.parent, asset.key) == ("set", 1, 2, "defined")


@row("values-are-copied")
def _(world: World) -> None:
    given = {"X": "a"}
    Asset(given, world.place("/{X}")).set_value("X", "b")
    assert given == {"X": "a"}


@row("get-hierarchy")
def _(world: World) -> None:
    assert Asset({}, world.place()).get_hierarchy() == ("a", "b")


@row("pairs")
def _(world: World) -> None:
    world.place("{X}/{Y}")
    assert api.get_asset((("X", "a"), ("Y", "b")), "a/b").info == {"X": "a", "Y": "b"}


@row("adjacent-tokens")
def _(world: World) -> None:
    world.place("/{A}{B}", regex(A="[a-z]+", B=r"\d+"))
    assert api.get_asset("/ab12", "a/b").info == {"A": "ab", "B": "12"}


@row("whole-texts")
def _(world: World) -> None:
    world.place("/pub/{A}/x")
    assert api.get_asset("/pub/q/x/more", "a/b").info == {"A": "q"}
    with pytest.raises(ValueError, match="does not fit"):
        api.get_asset("/pub/q/x/more", "a/b", strict=True)


@row("literal-characters")
def _(world: World) -> None:
    world.place("w.{A}{B}", regex(A="[a-z]+", B=r"\d+"))
    assert api.get_asset("w.a1", "a/b", strict=True).info == {"A": "a", "B": "1"}
    with pytest.raises(ValueError, match="does not fit"):
        api.get_asset("wXa1", "a/b", strict=True)


@row("equal-values")
def _(world: World) -> None:
    world.place("/{A}_{V}/{V}")
    assert api.get_asset("/x_y_v1/v1", "a/b", strict=True).info == {"A": "x_y", "V": "v1"}
    assert api.get_asset("/x_001/v1", "a/b").info["A"] == "x"
    with pytest.raises(ValueError, match="does not fit"):
        api.get_asset("/x_001/v1", "a/b", strict=True)


@row("half-a-parent")
def _(world: World) -> None:
    details = {"SHOT": {"mapping": "{SEQ}_{NUM}", "required": False}, "SEQ": {}, "NUM": {"required": False}}
    asset = Asset({"SEQ": "aa"}, world.place("/{SHOT}", details))
    assert asset.get_value("SHOT") == ""


@row("functions-are-called")
def _(world: World) -> None:
    context = world.place("{X}", {"X": {"before_return": "int"}})
    assert Asset({"X": "0012"}, context).get_value("X") == 12
    with pytest.raises(ValueError):
        Asset({"X": "1+1"}, context).get_value("X")


@row("refused-functions")
def _(world: World) -> None:
    for name in ("eval", "exec", "compile", "__import__", "open", "input", "builtins.eval"):
        context = world.place("{X}", {"X": {"before_return": name}})
        with pytest.raises(ValueError, match="never called"):
            Asset({"X": "1"}, context).get_value("X")


@row("found-values-are-written")
def _(world: World) -> None:
    details = {"SHOT": {"mapping": "{SEQ}_{NUM}"}, "SEQ": {}, "NUM": {}}
    assert Asset({"SHOT": "aa_0010"}, world.place("/p/{NUM}", details)).get_str() == "/p/0010"


@row("required-tokens")
def _(world: World) -> None:
    world.add(above={"hierarchy": "a", "mapping_details": {"DEEPER": {}}})
    assert Asset({"X": "a"}, world.place("/{X}", {"X": {}})).get_missing_required_tokens() == []


@row("equal-assets")
def _(world: World) -> None:
    world.add(a={"hierarchy": "a"}, b={"hierarchy": "b"})
    assert Asset({}, "a") == Asset({}, "a") != Asset({}, "b")


@row("none-is-logged")
def _(world: World) -> None:
    world.place("/{X}", {"X": {}})
    assert api.get_asset({}, "a/b") is None
    assert "no value for X" in world.log.text
    with pytest.raises(ValueError, match="no value for X"):
        api.get_asset({}, "a/b", strict=True)


# --- finding the context


@row("most-specific")
def _(world: World) -> None:
    world.add(wide={"hierarchy": "wide", "mapping": "/data/{A}"}, deep={"hierarchy": "deep", "mapping": "/data/{A}/cache/{B}"})
    asset = api.get_asset("/data/x/cache/y")
    assert (asset.get_hierarchy(), asset.info) == (("deep",), {"A": "x", "B": "y"})


@row("values-count-first")
def _(world: World) -> None:
    numbers = {"hierarchy": "numbers", "mapping": "/long/name/{ID}", "mapping_details": regex(ID=r"\d+")}
    world.add(numbers=numbers, names={"hierarchy": "names", "mapping": "/long/{X}/{ID}"})
    assert api.get_asset("/long/name/abc").get_hierarchy() == ("names",)


@row("ambiguous")
def _(world: World) -> None:
    world.load("plugins: {a: {hierarchy: one, mapping: '/{A}'}, b: {hierarchy: two, mapping: '/{B}'}}")
    with pytest.raises(ValueError, match=r"one \(.*sheet.yml.*A='x'(.|\n)*two \(.*sheet.yml.*B='x'") as caught:
        api.get_asset("/x")
    assert isinstance(caught.value, api.AmbiguousContextError)


@row("the-same-context")
def _(world: World) -> None:
    context = world.place("/{X}")
    assert api.get_asset("/x").context is context is api.get_context("a/b")


@row("heirs-are-no-candidates")
def _(world: World) -> None:
    world.place("/{X}")
    world.add(heir={"hierarchy": "a/b/heir", "data": {"x": 1}})
    assert api.get_asset("/x").get_hierarchy() == ("a", "b")


@row("values-need-a-mapping")
def _(world: World) -> None:
    world.place("/{X}")
    world.add(bare={"hierarchy": "bare"})
    assert api.get_asset({"X": "7"}).get_hierarchy() == ("a", "b")


@row("pairs-are-found")
def _(world: World) -> None:
    world.place("/{X}")
    assert api.get_asset([("X", "7")]).get_hierarchy() == ("a", "b")
    for wrong in (5, None, [1, 2]):
        with pytest.raises(ValueError, match="pairs"):
            api.get_asset(wrong)


@row("one-bad-hierarchy")
def _(world: World) -> None:
    world.place("/{X}")
    world.add(bad={"hierarchy": "bad.name", "mapping": "/bad/{X}"})
    assert api.get_asset("/x").get_hierarchy() == ("a", "b")


# --- when a sheet is converted


def both(world: World, first: int, second: int) -> Session:
    """Add a job in the one syntax, and a shot below it in the other."""
    return world.add(
        job={"hierarchy": "job", "syntax": first, "mapping": "/jobs/{JOB}", "mapping_details": regex(JOB="[a-z]+")},
        shot={"hierarchy": "{root}/shot", "uses": ["job"], "syntax": second, "mapping": "{root}/{SHOT}", "mapping_details": SHOT},
    )


@row("first-syntax-stays")
def _(world: World) -> None:
    both(world, 1, 1)
    asset = api.get_asset({"JOB": "DUNE", "OTHER": "x"}, "job")
    assert (asset.get_str(), asset.info) == ("/jobs/DUNE", {"JOB": "DUNE", "OTHER": "x"})
    assert "'DUNE'" in world.log.text and "'OTHER'" in world.log.text
    assert api.get_asset("/jobs/DUNE").info == {"JOB": "DUNE"}


@row("converted-places")
def _(world: World) -> None:
    both(world, 2, 2)
    for wrong, error in [
        ({"JOB": "DUNE"}, api.TokenValueError), ({"JOB": "dune", "OTHER": "x"}, api.UnknownTokenError),
        ({}, api.MissingTokensError), ("/jobs/DUNE", api.ParseError),
    ]:  # fmt: skip
        with pytest.raises(error):
            api.get_asset(wrong, "job")


@row("contradicting-values")
def _(world: World) -> None:
    values = {"JOB": "dune", "SHOT": "aa_0010", "SEQ": "bb"}
    both(world, 2, 2)
    with pytest.raises(api.TokenValueError, match="SEQ.*SHOT"):
        api.get_asset(values, "job/shot")
    with Session().active() as session:
        both(World(session, world.folder, world.patch, world.log), 1, 1)
        assert api.get_asset(values, "job/shot").get_str() == "/jobs/dune/aa_0010"


@row("old-plugin-on-a-converted-root")
def _(world: World) -> None:
    both(world, 2, 1)
    assert api.get_asset({"JOB": "DUNE", "SHOT": "AA_1"}, "job/shot").get_str() == "/jobs/DUNE/AA_1"
    with pytest.raises(api.TokenValueError):
        api.get_asset({"JOB": "DUNE"}, "job")


@row("one-converted-sheet")
def _(world: World) -> None:
    both(world, 2, 1)
    with pytest.raises(api.ContextNotFoundError):
        api.get_asset("/jobs/DUNE/aa_0010")
    assert api.get_asset("/jobs/DUNE/aa_0010", "job/shot").info["JOB"] == "DUNE"


@row("false-contexts")
def _(world: World) -> None:
    world.add(job={"hierarchy": "job", "mapping": "/jobs/{JOB}"})
    assert [api.get_asset({"JOB": "a"}, context).get_str() for context in (None, "")] == ["/jobs/a"] * 2
    assert "context is None" in world.log.text
    world.add(new={"hierarchy": "new", "mapping": "/new/{NEW}", "syntax": 2})
    for context in (None, "", ()):
        with pytest.raises(api.ContextNotFoundError, match="get_context find nothing"):
            api.get_asset({"JOB": "a"}, context)
    assert api.get_asset({"JOB": "a"}).get_str() == "/jobs/a"


@row("set-value-raises")
def _(world: World) -> None:
    both(world, 2, 2)
    asset = api.get_asset("/jobs/dune/aa_0010")
    for name, value, error in [("NUM", "1", api.TokenValueError), ("NMU", "0020", api.UnknownTokenError)]:
        with pytest.raises(error):
            asset.set_value(name, value)
    assert asset.get_str() == "/jobs/dune/aa_0010"
    asset.set_value("SHOT", "bb_0020")
    assert asset.get_value("SEQ") == "bb"
    asset.set_value("SEQ", "cc")
    assert asset.get_value("SHOT") == "cc_0020"
    assert asset.set_value("NUM", "1", force=True)
    with pytest.raises(api.UnknownTokenError):
        asset.set_value("NMU", "1", force=True)


@row("values-as-written")
def _(world: World) -> None:
    details = {"V": {"format": "03d"}, "T": {"choices": {"animation": "anim"}}}
    world.place("/{T}_v{V}", details, syntax=2)
    asset = api.get_asset({"T": "animation", "V": 3}, "a/b")
    assert (asset.info, asset.get_value("V"), asset.get_value("T")) == ({"T": "anim", "V": "003"}, 3, "animation")


@row("typed-tokens")
def _(world: World) -> None:
    world.place("/{V:03d}/{F:-d}")
    assert api.get_asset("/007/-5", strict=True).info == {"V": "007", "F": "-5"}
    with pytest.raises(ValueError):
        api.get_asset("/-07/5", strict=True)
    world.add(whole={"hierarchy": "whole", "mapping": "w/{V:03d}", "mapping_details": {"V:03d": {}}})
    assert api.get_asset("w/x", "whole").info == {"V:03d": "x"}


@row("brackets")
def _(world: World) -> None:
    world.add(old={"hierarchy": "old", "mapping": "/old[{A}]"}, new={"hierarchy": "new", "mapping": "/new/{A}[_{B}]", "syntax": 2})
    assert api.get_asset("/old[x]").info == {"A": "x"}
    assert api.get_asset("/new/x").info == {"A": "x"}
    with pytest.raises(ValueError, match="can be read in 2 ways"):
        api.get_asset("/new/x_y")


# --- actions and asset classes


@row("default-of-a-place")
def _(world: World) -> None:
    for value, place in [(0, None), (1, "a"), (2, "a/b")]:
        api.add_action_default("x", value, hierarchy=place)
    assert [api.Context(place).actions.x() for place in ("z", "a", "a/b", "a/b/c")] == [0, 1, 2, 2]


@row("default-of-an-asset")
def _(world: World) -> None:
    api.add_action_default("x", 1)
    assert Asset({}, world.place()).actions.x("argument", key=2) == 1


@row("all-layers-are-searched")
def _(world: World) -> None:
    world.patch.setenv("WAYS_PRIORITY", os.pathsep.join(["master", "client"]))
    api.add_action(len, "of_master", "a")
    api.add_action(repr, "of_client", "a", "client")
    context = api.Context("a")
    assert (context.get_action("of_master"), context.get_action("of_client")) == (len, repr)


@row("last-layer-wins")
def _(world: World) -> None:
    world.patch.setenv("WAYS_PRIORITY", os.pathsep.join(["master", "client"]))
    api.add_action(len, "x", "a")
    api.add_action(repr, "x", "a", "client")
    assert api.Context("a").get_action("x") is repr


@row("dir-of-actions")
def _(world: World) -> None:
    api.add_action(len, "of_client", "a", "client")
    assert "of_client" in dir(api.Context("a", "client").actions)
    assert "of_client" not in dir(api.Context("a").actions)


@row("asset-class-by-text")
def _(world: World) -> None:
    api.register_asset_class(dict, "a/b")
    assert api.get_asset_class("a/b") is api.get_asset_class(("a", "b")) is dict


# --- descriptors and plugin files


@row("encoded-without-maker")
def _(world: World) -> None:
    world.write("plugins: {a: {hierarchy: a}}")
    api.add_descriptor(api.encode({"items": str(world.folder), "uuid": "u"}))
    assert world.session.hierarchies() == [("a",)]


@row("disk-first")
def _(world: World) -> None:
    world.write("plugins: {a: {hierarchy: a}}", "show=dune/sheet.yml")
    api.add_descriptor(str(world.folder / "show=dune"))
    assert world.session.hierarchies() == [("a",)]


@row("direct-descriptors")
def _(world: World) -> None:
    kind = type("Db", (), {"get_plugins": lambda self: [Place("of class")]})
    of_object = type("Db", (), {"get_plugins": lambda self: [Place("of object")]})()
    for given in (lambda: [Place("of function")], kind, of_object, [Place("of list")]):
        assert api.add_descriptor(given) is not None
    assert len(world.session.hierarchies()) == 4


@row("unresolved-is-recorded")
def _(world: World) -> None:
    assert [api.add_descriptor(given) for given in ("/no/such/path", None, 5)] == [None] * 3
    assert {record["reason"] for record in api.trace_all_descriptor_results()} == {api.RESOLUTION_FAILURE_KEY}


@row("failures-are-logged")
def _(world: World) -> None:
    api.add_descriptor("/no/such/path")
    api.add_plugin("/no/such/plugin.py")
    assert "/no/such/path" in world.log.text and "/no/such/plugin.py" in world.log.text


@row("hierarchy-as-text")
def _(world: World) -> None:
    api.add_descriptor([Place("job/shot")])
    assert api.get_context("job/shot") is not None


@row("keys-for-a-function")
def _(world: World) -> None:
    api.add_descriptor({"create_using": lambda place: [Place(place)], "place": "a"})
    api.add_descriptor({"create_using": lambda: [Place("b")], "place": "a"})
    assert world.session.hierarchies() == [("a",), ("b",)]


@row("plugin-of-a-dict")
def _(world: World) -> None:
    api.register_plugin(api.DataPlugin("x", (), {"hierarchy": "a", "data": {"x": 1}}, "master"))
    assert world.session.need_context("a").data == {"x": 1}


def repository(world: World) -> str:
    """Return the path of a repository whose master says ``/master``, and whose tag ``old`` says ``/old``."""
    if shutil.which("git") is None:
        pytest.skip("the program git is not installed")
    path = str(world.folder / "repository")
    for who in ("AUTHOR", "COMMITTER"):
        world.patch.setenv(f"GIT_{who}_NAME", "Tester")
        world.patch.setenv(f"GIT_{who}_EMAIL", "tester@example.com")
    subprocess.run(["git", "init", "--quiet", "--initial-branch=master", path], check=True)
    for word in ("old", "master"):
        world.write(f"plugins: {{job: {{hierarchy: job, mapping: /{word}}}}}", "repository/sheet.yml")
        for command in (["add", "--all"], ["commit", "--quiet", "--message", word], ["tag", word + "-tag"]):
            subprocess.run(["git", "-C", path, *command], check=True)
    return path


@row("git-branch")
def _(world: World) -> None:
    path = repository(world)
    for branch, expected in [("old-tag", "/old"), ("master", "/master")]:
        session = Session()
        session.add_search_path({"create_using": api.GitLocalDescriptor, "path": path, "items": ".", "branch": branch})
        assert session.need_context("job").get_mapping() == expected


@row("git-clone-once")
def _(world: World) -> None:
    path = repository(world)
    first = api.GitRemoteDescriptor(f"file://{path}", ".")
    shutil.rmtree(path)
    world.session.add_search_path(api.GitRemoteDescriptor(f"file://{path}", "."))
    world.session.refresh()
    assert (world.mapping("job"), world.codes()) == ("/master", ["remote"])
    assert Path(first.path).is_relative_to(world.folder / "cache")


@row("plugin-files-by-name")
def _(world: World) -> None:
    for name in ("b.py", "c.py", "a.py"):
        world.write("", name)
    api.add_plugin(str(world.folder))
    assert [os.path.basename(record["item"]) for record in api.trace_all_plugin_results()] == ["a.py", "b.py", "c.py"]


@row("a-module-for-each-file")
def _(world: World) -> None:
    for name, text in [("one.py", "WAYS_UUID = 'u'\ndef main(): pass"), ("two.py", "")]:
        api.add_plugin(world.write(text, name))
    first, second = api.trace_all_plugin_results()
    assert (first["uuid"], second["details"], "uuid" in second) == ("u", "no_main_function", False)


# --- trace


@row("uuid-of-a-dict")
def _(world: World) -> None:
    api.add_descriptor({"items": "/a", "uuid": "u"})
    assert list(api.trace_all_load_results()["descriptors"]) == ["u"]


@row("children-by-name")
def _(world: World) -> None:
    world.place()
    assert (api.get_child_hierarchies("a"), api.get_child_hierarchies("other")) == ({("a", "b")}, set())


@row("resolution-by-name")
def _(world: World) -> None:
    context = world.place("/x")
    assert api.trace_method_resolution(context, "get_mapping") == api.trace_method_resolution(context.get_mapping) == ["/x"]


@row("info-helpers")
def _(world: World) -> None:
    api.add_plugin(world.write("WAYS_UUID = 'u'", "one.py"))
    api.add_descriptor({"items": "/a", "uuid": "v"})
    found = [list(api.trace_all_plugin_results_info()), list(api.trace_all_descriptor_results_info())]
    assert found == [["u"], ["v"]]
