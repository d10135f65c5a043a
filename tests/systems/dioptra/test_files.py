"""Dioptra's resource files: what becomes of them, and where it says it is written."""

from __future__ import annotations

import sys
import textwrap
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from systems.dioptra.dioptra_tree import CODE, ENTRY, GRAPH, LABELS, TYPE, WHOLE, load, summary_of, tree, write

from ways import api
from ways.api import FormatTable, Session, check
from ways.cli.main import main
from ways.systems.dioptra import engine_form
from ways.sheets.document import Source
from ways.sheets.files import FolderFiles
from ways.systems.dioptra.files.format import DIOPTRA_FORMATS, DioptraFormat

pytestmark = pytest.mark.portability

OLD = WHOLE.replace("tasks.functions", "tasks").replace(
    '[[plugins.tasks.artifacts]]\nfilename = "steps.py"\nname = "Label"\noutput_params = []\n', ""
)


def test_plugins_types_and_entrypoints_are_places(tmp_path: Path) -> None:
    session = load(tree(tmp_path))
    assert [place[1:] for place in session.hierarchies()] == [
        ("plugins", "oven"), ("plugins", "oven", "artifacts", "Label"), ("types",), ("entrypoints", "bread"),
    ]
    assert session.problems == []


@pytest.mark.parametrize("toml, grammar", [(OLD, "array"), (WHOLE, "table")], ids=["array", "table"])
def test_both_grammars_give_the_same_task(tmp_path: Path, toml: str, grammar: str) -> None:
    session = load(tree(tmp_path, toml, **{"plugins/oven/steps.py": CODE.partition("class")[0]} if grammar == "array" else {}))
    data = session.get_context("dioptra/plugins/oven").data
    assert (data["grammar"], session.problems) == (grammar, [])
    assert data["tasks"]["bake"]["id"] == "oven.steps.bake"
    assert data["tasks"]["bake"]["input_params"] == [{"name": "dough", "type": "string", "required": True}]


@pytest.mark.parametrize(
    "text, layout, outputs",
    [
        (GRAPH, "bare", None),
        (f"graph:\n{textwrap.indent(GRAPH, '  ')}", "nested", None),
        (f"graph:\n{textwrap.indent(GRAPH, '  ')}artifacts: {{a: {{contents: $baked, task: {{name: Label}}}}}}", "nested", ["a"]),
        (f"graph:\n{textwrap.indent(GRAPH, '  ')}artifact_outputs: {{a: {{contents: x, task: {{name: Label}}}}}}", "nested", ["a"]),
    ],
    ids=["bare", "nested", "artifacts", "artifact_outputs"],
)  # fmt: skip
def test_both_layouts_give_the_same_graph(tmp_path: Path, text: str, layout: str, outputs: Any) -> None:
    session = load(tree(tmp_path, WHOLE + LABELS, **{"graph.yaml": text}))
    data = session.get_context("dioptra/entrypoints/bread").data
    assert (data["layout"], data["graph"], session.problems) == (layout, {"baked": {"bake": "hot"}}, [])
    assert outputs == (list(data["artifact_outputs"]) if "artifact_outputs" in data else None)


def test_a_graph_is_a_sheet_of_its_own_with_its_own_lines(tmp_path: Path) -> None:
    session = load(tree(tmp_path, **{"graph.yaml": f"\n\n{GRAPH}"}))
    graph = next(plugin for plugin in session.get_all_plugins() if plugin.name.startswith("graph of Bread"))
    assert (graph.source.line, graph.source_of("data", "graph", "baked", "bake").line) == (3, 4)
    assert Path(graph.source.path).name == "graph.yaml"
    assert [Path(path).name for path in graph.source.chain] == ["dioptra.toml"]


def test_one_format_reads_two_files_and_their_graphs_in_any_order(tmp_path: Path) -> None:
    folders = [tree(tmp_path / name, WHOLE.replace('"Bread"', f'"{name}"')).parent for name in ("One", "Two")]
    drafts = [
        DIOPTRA_FORMATS[0].read((folder / "dioptra.toml").read_bytes(), Source(f"{folder}/dioptra.toml"), FolderFiles(str(folder)))
        for folder in folders
    ]
    for folder, draft in zip(folders, drafts):
        assert draft.follow_format is not None
        source = Source(f"{folder}/graph.yaml", chain=(f"{folder}/dioptra.toml",))
        graph: Any = draft.follow_format.read((folder / "graph.yaml").read_bytes(), source, FolderFiles(str(folder))).data
        assert len(graph["plugins"]) == 1 and next(iter(graph["plugins"])).startswith(f"graph of {folder.name} of ")


@pytest.mark.parametrize(
    "name, keys, at",
    [
        ("plugin oven", (), (1, 3)),
        ("plugin oven", ("data", "tasks", "bake", "name"), (5, 1)),
        ("plugin oven", ("data", "tasks", "bake", "input_params", 0, "type"), (6, 36)),
        ("type dough", ("data", "dough"), (12, 3)),
        ("entrypoint Bread", ("data", "plugins", 0), (17, 12)),
        ("entrypoint Bread", ("mapping_details", "heat", "default"), (18, 47)),
    ],
)
def test_everything_knows_where_it_is_written(tmp_path: Path, name: str, keys: tuple[Any, ...], at: tuple[int, int]) -> None:
    params = 'params = [ { name = "heat", type = "integer", default_value = "7" } ]\n'
    session = load(tree(tmp_path, WHOLE + params))
    plugin = next(plugin for plugin in session.get_all_plugins() if plugin.name.startswith(name))
    source = plugin.source_of(*keys) if keys else plugin.source
    assert (source.line, source.column) == at


def test_parameters_are_tokens_with_defaults(tmp_path: Path) -> None:
    params = """params = [
      { name = "kind", type = "string" }, { name = "heat", type = "integer", default_value = "7" },
    ]"""
    session = load(tree(tmp_path, WHOLE + params))
    asset = session.get_asset({"kind": "rye, dark/light"}, context="dioptra/entrypoints/bread")
    assert (asset.get_value("kind"), asset.get_value("heat"), asset.get_str()) == (
        "rye, dark/light", "7", "bread(kind=rye, dark/light, heat=7)",
    )  # fmt: skip
    with pytest.raises(ValueError, match="hot"):
        session.get_asset("bread(kind=rye, heat=hot)", context="dioptra/entrypoints/bread", strict=True)
    assert session.get_asset({}, context="dioptra/entrypoints/bread") is None


def test_a_text_for_a_number_is_refused_where_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tree(tmp_path, WHOLE + 'params = [ { name = "n", type = "integer" } ]')
    session, bread = load(path), "dioptra/entrypoints/bread"
    with pytest.raises(api.TokenValueError, match="The value 'word' does not fit the token n"):
        session.get_asset({"n": "word"}, context=bread, strict=True)
    # No sheet of another system is in syntax 2: as those of version 1, it is taken with a warning.
    assert session.get_asset({"n": "word"}, context=bread) is not None and "does not fit the token n" in caplog.text
    monkeypatch.setenv("WAYS_STRICT", "1")
    with pytest.raises(api.TokenValueError):
        load(path).get_asset({"n": "word"}, context=bread)


def test_a_text_may_be_empty(tmp_path: Path) -> None:
    session = load(tree(tmp_path, WHOLE + 'params = [ { name = "kind", type = "string", default_value = "" } ]'))
    assert session.get_asset({}, context="dioptra/entrypoints/bread").get_str() == "bread(kind=)"
    assert session.get_asset("bread(kind=)", context="dioptra/entrypoints/bread").get_value("kind") == ""


def test_names_of_types_are_free_text_and_share_one_place(tmp_path: Path) -> None:
    types = '[[plugin_param_types]]\nname = "a/b.c d"\nstructure = { list = "dough" }\n'
    session = load(tree(tmp_path, types + WHOLE))
    assert session.get_context("dioptra/types").data == {
        "a/b.c d": {"name": "a/b.c d", "structure": {"list": "dough"}}, "dough": {"name": "dough"},
    }  # fmt: skip


def test_the_file_name_stands_in_for_an_entrypoint_without_a_name(tmp_path: Path) -> None:
    session = load(tree(tmp_path, WHOLE.replace('name = "Bread"\n', "")))
    assert session.get_context("dioptra/entrypoints/graph").data["name"] == "graph"
    assert session.problems == []


def test_what_has_no_counterpart_stays_whole(tmp_path: Path) -> None:
    toml = WHOLE.replace("[[plugins.tasks.f", 'description = "Hot."\n[[plugins.tasks.f', 1)
    session = load(tree(tmp_path, toml, **{"graph.yaml": f"graph:\n{textwrap.indent(GRAPH, '  ')}notes: [1, 2]"}))
    assert session.get_context("dioptra/plugins/oven").data["description"] == "Hot."
    assert session.get_context("dioptra/entrypoints/bread").data["notes"] == [1, 2]
    assert [summary_of(problem) for problem in session.problems] == [("warning", "unknown-key", 4)]


def test_a_site_changes_one_default_by_a_sheet_of_its_own(tmp_path: Path) -> None:
    params = 'params = [ { name = "heat", type = "integer", default_value = "7" } ]\n'
    session = load(tree(tmp_path, WHOLE + params))
    (tmp_path / "site.yml").write_text(
        "plugins: {site: {hierarchy: dioptra/entrypoints/bread, mapping_details: {heat: {default: '9'}}}}", encoding="utf-8"
    )
    load(tmp_path / "site.yml", session)
    assert session.get_asset({}, context="dioptra/entrypoints/bread").get_value("heat") == "9"


def test_describing_runs_nothing(tmp_path: Path) -> None:
    code = CODE + "\nplugins = {}\nraise SystemExit('I was run')\n"
    tree(tmp_path, **{"plugins/oven/steps.py": code, ".ways_plugin_info.yml": "recursive: true"})
    before = set(sys.modules)
    session = load(tmp_path)
    assert session.problems == []
    assert {sheet.source.format for sheet in session.sheets} == {"dioptra"}
    assert not [name for name in set(sys.modules) - before if "steps" in name or "oven" in name]


@pytest.mark.parametrize(
    "name, head, expected",
    [
        ("dioptra.toml", b"", True),
        ("dioptra_optic.toml", b"", True),
        ("mine.toml", b"# x\n[[plugins]]\npath = 'a'", True),
        ("mine.toml", b"[[ entrypoints ]]\nname = 'a'\n'path' = 'a'", True),
        ("mine.toml", b"entrypoints = [\n  { path = 'a' }]", True),
        ("netlify.toml", b"[[plugins]]\npackage = 'a'", False),
        ("mine.toml", b"plugins = ['a']\npath = 'a'", False),
        ("mine.toml", b"[[plugin_param_types]]", True),
        ("mine.toml", b"plugins = [{path = 'a'}]", True),
        ("mine.toml", b"[plugins.a]\nhierarchy = 'a'", False),
        ("mine.toml", b"[plugins.a]\n[[plugins.a.data.x]]\n", False),
        ("mine.toml", b"[[package]]\n", False),
        ("dioptra.yml", b"plugins:", False),
    ],
)
def test_a_resource_file_differs_from_a_native_one(name: str, head: bytes, expected: bool) -> None:
    assert DIOPTRA_FORMATS[0].looks_like(name, head) is expected


def test_a_file_of_any_name_is_read_by_its_content(tmp_path: Path) -> None:
    tree(tmp_path).rename(tmp_path / "kitchen.toml")
    assert load(tmp_path / "kitchen.toml").get_context("dioptra/plugins/oven").data["grammar"] == "table"


def test_an_empty_file_declares_nothing(tmp_path: Path) -> None:
    session = load(write(tmp_path, {"dioptra.toml": ""}) / "dioptra.toml")
    assert (session.problems, session.hierarchies()) == ([], [])


def test_without_files_at_hand_a_file_is_read_all_the_same() -> None:
    draft = DioptraFormat().read(WHOLE.encode(), Source("dioptra.toml"), None)
    assert draft.problems == () and list(draft.follow) == []
    names = [name.removesuffix(" of dioptra.toml") for name in draft.data["plugins"]]  # type: ignore[index]
    assert names == ["plugin oven", "artifact oven.Label", "type dough", "entrypoint Bread"]


def test_two_entrypoints_may_share_a_graph(tmp_path: Path) -> None:
    session = load(tree(tmp_path, WHOLE + ENTRY.replace("Bread", "Rolls")))
    assert session.problems == []
    for name in ("bread", "rolls"):
        assert session.get_context(f"dioptra/entrypoints/{name}").data["graph"] == {"baked": {"bake": "hot"}}


def test_entrypoints_of_two_files_may_share_a_graph(tmp_path: Path) -> None:
    folder = tree(tmp_path).parent
    number = WHOLE.replace("plugins/oven", "plugins/mill").replace('["oven"]', '["mill"]')
    number = number.replace('"dough", type = "string"', '"dough", type = "integer"')
    (folder / "plugins" / "mill").mkdir()
    (folder / "plugins" / "mill" / "steps.py").write_text(CODE, encoding="utf-8")
    (folder / "dioptra_more.toml").write_text(number.replace('"Bread"', '"Rolls"').replace(TYPE, ""), encoding="utf-8")
    session = load(folder)
    for name in ("bread", "rolls"):
        assert session.get_context(f"dioptra/entrypoints/{name}").data["graph"] == {"baked": {"bake": "hot"}}
    # Only the second file's task has another input.
    (problem,) = session.problems
    assert (problem.code, problem.source.path, problem.source.line) == ("wrong-type", f"{folder}/graph.yaml", 2)
    assert problem.source.chain == (f"{folder}/dioptra_more.toml",)
    assert [len(sheet.plugins) for sheet in session.sheets if sheet.source.path.endswith("graph.yaml")] == [2]
    session.refresh()
    assert session.problems == [problem] and session.get_context("dioptra/entrypoints/rolls").data["graph"]


@pytest.mark.parametrize("clash", ["fail", "update", "overwrite"])
def test_one_entrypoint_in_two_files_with_one_graph(tmp_path: Path, clash: str) -> None:
    folder = tree(tmp_path).parent
    (folder / "dioptra_more.toml").write_text(WHOLE, encoding="utf-8")
    session = Session(formats=FormatTable().with_formats(DioptraFormat(clash=clash)))
    with pytest.raises(RuntimeError) if clash == "fail" else nullcontext():
        session.add_search_path(str(folder))
    assert session.get_context("dioptra/entrypoints/bread").data["graph"] == {"baked": {"bake": "hot"}}
    assert [problem.code for problem in session.problems] == (["duplicate-uuid"] if clash == "fail" else [])


def test_the_same_names_in_two_files_are_refused_unless_they_are_to_merge(tmp_path: Path) -> None:
    first, second = tree(tmp_path / "a"), tree(tmp_path / "b", WHOLE.replace('"dough"\n', '"dough"\ndescription = "New."\n', 1))
    session = load(first)
    with pytest.raises(RuntimeError, match="plugin oven is declared in .*a/dioptra.toml:1:3 already"):
        session.add_search_path(str(second))
    merging = Session(formats=FormatTable().with_formats(DioptraFormat(clash="update")))
    load(second, load(first, merging))
    assert merging.problems == [] and merging.get_context("dioptra/types").data["dough"]["description"] == "New."


def test_two_files_that_share_names_are_one_problem_for_each_two_files(tmp_path: Path) -> None:
    folder = tree(tmp_path).parent
    (folder / "dioptra_more.toml").write_text(WHOLE.replace('"Bread"', '"Rolls"'), encoding="utf-8")
    (folder / "dioptra_next.toml").write_text(WHOLE, encoding="utf-8")
    more, next = check(folder)
    assert (more.code, more.level, str(more.source)) == ("duplicate-uuid", "error", f"{folder}/dioptra_more.toml:1:3")
    shared = "artifact oven.Label, type dough"
    assert more.message == f"plugin oven is declared in {folder}/dioptra.toml:1:3 already, and so are {shared}: they are left out here"
    assert "one: --update, or" in more.help and [str(item.source) for item in more.related] == [f"{folder}/dioptra.toml:1:3"]
    assert next.message.endswith(f"and so are {shared}, entrypoint Bread, graph of Bread: they are left out here")
    session = load(folder / "dioptra.toml")
    with pytest.raises(RuntimeError) as error:
        session.add_search_path(str(folder / "dioptra_more.toml"))
    assert str(error.value) == f"{more.source}: {more.message}. {more.help}"
    # What only the later file declares is there.
    assert session.get_context("dioptra/entrypoints/rolls").data["graph"]
    problems = list(session.problems)
    session.refresh()
    assert session.problems == problems and len(problems) == 1


def test_one_name_in_two_files_and_files_in_two_folders_are_one_problem(tmp_path: Path) -> None:
    for place in ("a", "b"):
        tree(tmp_path / place)
    (tmp_path / "b" / "dioptra.toml").write_text(ENTRY, encoding="utf-8")
    session = load(tmp_path / "a")
    with pytest.raises(RuntimeError):
        session.add_search_path(str(tmp_path / "b"))
    (problem,) = [problem for problem in session.problems if problem.code == "duplicate-uuid"]
    assert problem.message.endswith("already, and so is graph of Bread: they are left out here")


def test_a_later_file_may_update_an_earlier_one_in_a_check(tmp_path: Path) -> None:
    folder = tree(tmp_path, WHOLE + OLD).parent
    (folder / "dioptra_more.toml").write_text(WHOLE, encoding="utf-8")
    assert CliRunner().invoke(main, ["check", str(folder)]).exit_code == 1
    result = CliRunner().invoke(main, ["check", str(folder), "--update"])
    assert (result.exit_code, result.output) == (0, "no findings in 4 sheets\n")
    result = CliRunner().invoke(main, ["check", "--update"], env={"WAYS_DESCRIPTORS": str(folder)})
    assert (result.exit_code, result.output) == (0, "no findings in 4 sheets\n")
    for command in ("tree", "sheets", "doctor", "dioptra validate", "dioptra plan Bread", "dioptra run Bread --dry-run"):
        result = CliRunner().invoke(main, ["--sheets", str(folder), *command.split(), "--update"])
        assert (result.exit_code, result.stderr) == (0, ""), command
    result = CliRunner().invoke(main, ["diff", str(folder), str(folder), "--update"])
    assert (result.exit_code, result.output) == (0, "")
    [session] = api.checked_sessions([folder], update=True)
    assert session.get_context("dioptra/entrypoints/bread").data["description"] is None


OLD = 'description = "Old."\nparams = [ { name = "a", type = "string" } ]\n'


@pytest.mark.parametrize("clash, plugins", [("update", ["oven"]), ("overwrite", [])])
def test_of_what_the_later_file_leaves_out_nothing_old_is_left(clash: str, plugins: list[str], tmp_path: Path) -> None:
    entry = ENTRY.replace('plugins = ["oven"]\n', "")
    files = [tree(tmp_path / "a", WHOLE + OLD), tree(tmp_path / "b", WHOLE.replace(ENTRY, entry))]
    session = Session(formats=FormatTable().with_formats(DioptraFormat(clash=clash)))
    for file in files:
        session.add_search_path(str(file))
    place = session.need_context("dioptra/entrypoints/bread")
    assert (place.data["description"], place.data["params"], place.data["plugins"]) == (None, [], plugins)
    assert place.get_mapping() == "bread()" and place.data["graph"]
    assert engine_form(session, "Bread")["parameters"] == {}


def test_a_clash_has_one_of_the_known_ways_out() -> None:
    with pytest.raises(ValueError, match="one of fail, update, overwrite for a clash, found 'merge'"):
        DioptraFormat(clash="merge")


@pytest.mark.parametrize("where", ["", "extra/"])
def test_a_git_revision_gives_the_same(tmp_path: Path, where: str, git_repository: Any) -> None:
    tree(tmp_path / "repository" / where)
    session = git_repository(tmp_path / "repository", f"{where}dioptra.toml")
    assert session.problems == []
    assert session.get_context("dioptra/plugins/oven").data["files"] == ["steps.py"]
    assert session.get_context("dioptra/entrypoints/bread").data["layout"] == "bare"


@pytest.fixture
def git_repository(monkeypatch: Any, tmp_path: Path) -> Any:
    """Commit a folder, and load an item of that commit."""
    import subprocess

    from ways.sources.git import GitLocalDescriptor

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def commit(folder: Path, item: str) -> Session:
        own = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
        for command in (["init", "-q"], ["add", "."], [*own, "commit", "-qm", "all"], ["tag", "v1"]):
            subprocess.run(["git", "-C", str(folder), *command], check=True, capture_output=True)
        session = Session()
        session.add_search_path({"create_using": GitLocalDescriptor, "path": str(folder), "items": [item], "branch": "v1"})
        return session

    return commit


def long_entrypoint(tmp_path: Path) -> str:
    """Write a tree whose entrypoint has twenty parameters and steps, and return the path of its resource file."""
    params = ", ".join(f'{{ name = "number_{number}", type = "string", default_value = "x" }}' for number in range(20))
    graph = "\n".join(f"step_{number}: {{ bake: $number_{number} }}" for number in range(20))
    return str(tree(tmp_path, f"{WHOLE}params = [ {params} ]\n", **{"graph.yaml": graph}))


def test_an_entrypoint_is_one_short_line_of_a_tree(tmp_path: Path) -> None:
    given = ["--sheets", long_entrypoint(tmp_path), "tree", "dioptra/entrypoints"]

    def last(*more: str) -> str:
        return CliRunner().invoke(main, [*given, *more]).output.splitlines()[-1].strip()

    assert last() == "└── bread  bread(number_0, number_1, number_2, number_3, number_4, … 15 more)"
    assert last("--width", "60") == "└── bread  bread(number_0, number_1, … 18 more)"
    assert last("--width", "36") == "└── bread  bread(… 20 more)"
    whole = "bread(" + ", ".join(f"number_{number}={{number_{number}}}" for number in range(20)) + ")"
    assert last("--width", "0") == f"└── bread  {whole}"
    assert whole in CliRunner().invoke(main, [*given, "--format", "json"]).output


def test_a_graph_has_a_line_for_each_step_in_its_context(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--sheets", long_entrypoint(tmp_path), "context", "dioptra/entrypoints/bread"])
    lines = [line.strip() for line in result.output.splitlines()]
    steps = [f"step_{number}: {{'bake': '$number_{number}'}}" for number in range(20)]
    start = lines.index("graph:") + 1
    assert lines[start : start + 20] == steps
    assert "20: {'name': 'number_19', 'type': 'string', 'default_value': 'x'}" in lines
