"""Dioptra's files, wrong in each way there is: what is said, where, and what loads all the same."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from systems.dioptra.dioptra_tree import (
    ARTIFACT, CODE, ENTRY, GRAPH, LABELS, PLUGIN, TASK, TYPE, WHOLE, load, summary_of, tree, write,
)  # fmt: skip

from ways.api import FormatTable, Session
from ways.sheets.document import Source
from ways.systems.dioptra.files import code as dioptra_code, resource as dioptra_resource
from ways.systems.dioptra.files.format import DioptraFormat

OLD_TASK = TASK.replace("tasks.functions", "tasks")
SAME = TASK + TASK.split("\n", 1)[0]


def param(text: str) -> str:
    """Return the whole tree with one parameter, in line 18."""
    return f"{WHOLE}params = [ {{ {text} }} ]\n"


TOML: dict[str, tuple[str, list[tuple[str, str, int]]]] = {
    "a header that isn't closed": ("[[plugins]", [("error", "syntax", 1)]),
    "a table for the plugins": ("[plugins]\npath = 'a'", [("error", "type", 1)]),
    "no path": ("[[plugins]]\ndescription = 'a'", [("error", "missing-key", 1)]),
    "a name for a plugin": (WHOLE.replace("[[plugins.tasks.f", "name = 'a'\n[[plugins.tasks.f", 1), [("error", "unknown-key", 3)]),
    "a number for a path": ("[[plugins]]\npath = 3", [("error", "type", 2)]),
    "no inputs": (PLUGIN + TASK.replace("input_params", "#"), [("error", "missing-key", 3), ("warning", "undeclared-task", 1)]),
    "no outputs": (PLUGIN + OLD_TASK.replace("output_params", "#"), [("error", "missing-key", 3), ("warning", "undeclared-task", 1)]),
    "required as a text": (PLUGIN + TASK.replace("= true", '= "yes"'), [("error", "type", 6), ("warning", "undeclared-task", 1)]),
    "a required output": (WHOLE.replace('"string" } ]', '"string", required = true } ]'), [("error", "unknown-key", 7)]),
    "a task with a description": (WHOLE.replace('name = "bake"', 'name = "bake"\ndescription = "a"'), [("error", "unknown-key", 6)]),
    "an artifact task with inputs": (
        WHOLE.replace("output_params = []", "output_params = []\ninput_params = []"),
        [("error", "unknown-key", 12)],
    ),
    "another key among the tasks": (
        PLUGIN + "tasks.foo = [1]",
        [("error", "unknown-key", 3), ("warning", "undeclared-task", 1), ("warning", "undeclared-task", 1)],
    ),
    "another key at the top": ("foo = 1\n" + WHOLE, [("warning", "unknown-key", 1)]),
    "a type that nobody declares": (WHOLE.replace('type = "string", r', 'type = "nosuch", r'), [("error", "unknown-type", 6)]),
    "a type of Python": (WHOLE.replace('type = "string", r', 'type = "str", r'), [("error", "unknown-type", 6)]),
    "a type named as a built-in": (WHOLE.replace('"dough"\n[[e', '" String "\n[[e'), [("error", "built-in-type", 13)]),
    "a text for a structure": (WHOLE.replace(ENTRY, 'structure = "list"\n' + ENTRY), [("error", "type", 14)]),
    "a structure of no kind": (WHOLE.replace(ENTRY, "structure = { foo = 1 }\n" + ENTRY), [("error", "bad-structure", 14)]),
    "a list in a list": (WHOLE.replace(ENTRY, 'structure = { list = ["string"] }\n' + ENTRY), [("error", "bad-structure", 14)]),
    "an unknown name in a structure": (WHOLE.replace(ENTRY, 'structure = { list = "x" }\n' + ENTRY), [("error", "unknown-type", 14)]),
    "a kind of what has a structure": (
        WHOLE + TYPE.replace("dough", "a") + "structure = { tuple = [] }\n" + TYPE.replace("dough", "b") + 'structure = { is_a = "a" }',
        [("error", "bad-structure", 23)],
    ),
    "a type that holds itself": (WHOLE.replace(ENTRY, 'structure = { list = "dough" }\n' + ENTRY), [("error", "type-circle", 14)]),
    "a member twice": (WHOLE.replace(ENTRY, 'structure = { union = ["string", "string"] }\n' + ENTRY), [("warning", "repeated-type", 14)]),
    "a type twice": (WHOLE + TYPE, [("error", "duplicate-name", 19)]),
    "a path twice": (WHOLE + PLUGIN, [("error", "duplicate-name", 19)]),
    "two paths that end alike": (WHOLE + PLUGIN.replace("plugins/", "other/"), [("error", "duplicate-name", 19)]),
    "a task twice": (WHOLE.replace(ARTIFACT, TASK + ARTIFACT), [("error", "duplicate-name", 10)]),
    "a function and an artifact task of one name": (
        WHOLE.replace('"Label"', '"bake"'), [("error", "duplicate-name", 10), ("warning", "undeclared-task", 1)],
    ),
    "an input twice": (
        WHOLE.replace("required = true }", 'required = true }, { name = "dough", type = "any" }'),
        [("error", "duplicate-name", 6), ("warning", "parameter-differs", 6)],
    ),
    "an output twice": (
        WHOLE.replace("output_params = []", 'output_params = [{name="a",type="any"},{name="a",type="any"}]'),
        [("error", "duplicate-name", 11)],
    ),
    "an entrypoint twice": (WHOLE + ENTRY, [("error", "duplicate-name", 20)]),
    "two names that make one place": (WHOLE + ENTRY.replace("Bread", "bread!"), [("error", "duplicate-name", 20)]),
    "no such folder": (WHOLE + PLUGIN.replace("oven", "sink"), [("error", "missing-file", 19)]),
    "a file for a plugin": (WHOLE + PLUGIN.replace("oven", "oven/steps.py"), [("error", "missing-file", 19)]),
    "no such file": (WHOLE.replace('"steps.py"', '"stps.py"', 1), [("error", "missing-file", 4), ("warning", "undeclared-task", 1)]),
    "no such function": (
        WHOLE.replace('"bake"', '"fry"'),
        [("error", "missing-function", 5), ("error", "unknown-task", 2), ("warning", "undeclared-task", 1)],
    ),
    "a folder that can't be imported": (WHOLE + PLUGIN.replace("oven", "1p"), [("error", "bad-name", 19)]),
    "a folder with a dash": (WHOLE + PLUGIN.replace("oven", "my-plugin"), [("error", "bad-name", 19)]),
    "the folder itself": (WHOLE + PLUGIN.replace("plugins/oven", "."), [("error", "bad-name", 19)]),
    "a folder named as a keyword": (WHOLE + PLUGIN.replace("oven", "class"), [("error", "bad-name", 19)]),
    "an entrypoint without a path": ('[[entrypoints]]\nname = "a"', [("error", "missing-key", 1)]),
    "queues": (WHOLE + "queues = []", [("error", "unknown-key", 18)]),
    "newer keys in the older grammar": (
        PLUGIN + OLD_TASK + ENTRY + "artifact_plugins = []", [("error", "unknown-key", 12), ("warning", "undeclared-task", 1)],
    ),
    "both grammars": (
        WHOLE + '[[plugins]]\npath = "plugins/oven2"\n[[plugins.tasks]]\n',
        [("error", "type", 20), ("error", "missing-file", 19)],
    ),
    "a parameter of a plugin's type": (param('name = "a", type = "number"'), [("error", "unknown-type", 18)]),
    "a parameter twice": (param('name = "a", type = "string" }, { name = "a", type = "string"'), [("error", "duplicate-name", 18)]),
    "a default that is a table": (param('name = "a", type = "mapping", default_value = {}'), [("error", "type", 18)]),
    "a default that is a date": (param('name = "a", type = "string", default_value = 2024-01-01'), [("error", "type", 18)]),
    "a plugin that isn't declared": (WHOLE.replace('["oven"]', '["oven", "sink"]'), [("error", "unknown-plugin", 17)]),
    "an artifact parameter without outputs": (
        WHOLE + 'artifact_params = [ { name = "a", output_params = [] } ]',
        [("error", "bad-value", 18)],
    ),
    "an artifact parameter of no type": (
        WHOLE + 'artifact_params = [ { name = "a", output_params = [ { name = "b", type = "x" } ] } ]', [("error", "unknown-type", 18)],
    ),
    "an artifact parameter without the key": (WHOLE + 'artifact_params = [ { name = "a" } ]', [("error", "missing-key", 18)]),
    "an artifact parameter twice": (
        WHOLE + 'artifact_params = [ { name = "a", output_params = [ { name = "b", type = "any" } ] },'
        ' { name = "a", output_params = [ { name = "b", type = "any" } ] } ]', [("error", "duplicate-name", 18)],
    ),
    "a plugin that leads out": (WHOLE + PLUGIN.replace('"plugins', '"..'), [("error", "outside", 19)]),
    "a plugin that leads out and in again": (WHOLE + PLUGIN.replace('"plugins', '"a/../plugins'), [("error", "outside", 19)]),
    "an absolute plugin": (WHOLE + PLUGIN.replace('"plugins', '"/plugins'), [("error", "outside", 19)]),
    "an absolute plugin of Windows": (WHOLE + PLUGIN.replace('"plugins', '"C:/plugins'), [("error", "outside", 19)]),
    "a graph that leads out": (WHOLE.replace('"graph.yaml"', '"../graph.yaml"'), [("error", "outside", 15)]),
    "an absolute graph": (WHOLE.replace('"graph.yaml"', '"/etc/passwd"'), [("error", "outside", 15)]),
    "no such graph": (WHOLE.replace('"graph.yaml"', '"grph.yaml"'), [("error", "missing-file", 15)]),
}  # fmt: skip


@pytest.mark.parametrize("case", TOML.values(), ids=list(TOML))
def test_a_malformed_resource_file_is_reported_at_its_line(tmp_path: Path, case: tuple[str, list[tuple[str, str, int]]]) -> None:
    toml, expected = case
    problems = load(tree(tmp_path, toml)).problems
    assert sorted(map(summary_of, problems)) == sorted(expected)
    assert all(problem.code == "syntax" or "expected" in problem.message and "found" in problem.message for problem in problems)


@pytest.mark.parametrize(
    "kind, value, is_good",
    [
        ("integer", '"abc"', False), ("integer", '"4.7"', False), ("integer", '""', False), ("integer", "4.7", False),
        ("integer", "true", False), ("integer", "42", True), ("integer", '" 7 "', True), ("integer", '"1_000"', True),
        ("float", '"nan"', True), ("float", "1", True), ("float", '"x"', False), ("float", "false", False),
        ("boolean", '"yes"', False), ("boolean", "1", False), ("boolean", "true", True), ("boolean", '"TRUE"', True),
        ("list", "5", False), ("list", '"[1"', False), ("list", '"{}"', False), ("list", '"[1, 2]"', True),
        ("mapping", '"[]"', False), ("mapping", "'{\"a\": 1}'", True), ("string", "5", True),
        ("list", "'" + "[" * 5000 + "'", False),
    ],
)  # fmt: skip
def test_a_default_is_of_its_type_or_is_reported(tmp_path: Path, kind: str, value: str, is_good: bool) -> None:
    session = load(tree(tmp_path, param(f'name = "a", type = "{kind}", default_value = {value}')))
    assert list(map(summary_of, session.problems)) == ([] if is_good else [("error", "bad-default", 18)])
    assert ("default" in session.get_context("dioptra/entrypoints/bread").get_mapping_details()["a"]) == is_good


GRAPHS: dict[str, tuple[str, list[tuple[str, str, int]]]] = {
    "no YAML": ("a: [", [("error", "syntax", 1)]),
    "nothing": ("", [("error", "bad-graph", 1)]),
    "a list": ("- a", [("error", "bad-graph", 1)]),
    "a text": ("a", [("error", "bad-graph", 1)]),
    "artifacts alone": ("artifacts: {}", [("error", "bad-graph", 1)]),
    "no steps": ("graph: []", [("error", "bad-graph", 1)]),
    "both names of the artifacts": ("graph: {a: {bake: hot}}\nartifacts: {}\nartifact_outputs: {}", [("error", "duplicate-key", 3)]),
    "a step twice": ("a: {bake: hot}\na: {bake: hot}", [("error", "duplicate-key", 2)]),
    "two tasks in a step": ("a: {bake: hot, dependencies: []}\nb:\n  bake: hot\n  fry: hot", [("error", "bad-step", 2)]),
    "a step without a task": ("a: {bake: hot}\nb: {dependencies: a}", [("error", "bad-step", 2)]),
    "a step that is a text": ("a: {bake: hot}\nb: bake", [("error", "bad-step", 2)]),
    "arguments that are a mapping": ("a: {task: bake, args: {}}", [("error", "bad-step", 1)]),
    "keywords that are a list": ("a: {task: bake, kwargs: []}", [("error", "bad-step", 1)]),
    "a key beside the task": ("a:\n  task: bake\n  foo: 1", [("error", "bad-step", 3)]),
    "a number to wait for": ("a: {bake: hot, dependencies: [1]}", [("error", "bad-step", 1)]),
    "a step with a dot": ("a.b: {bake: hot}", [("error", "bad-name", 1)]),
    "a step that is a truth": ("a: {bake: hot}\nyes: {bake: hot}", [("error", "bad-name", 2)]),
    "an unknown task": ("a:\n  bke: hot", [("error", "unknown-task", 2)]),
    "another key": ("graph: {a: {bake: hot}}\nfoo: 1", [("warning", "unknown-key", 2)]),
    "an artifact that leads out": (
        "graph: {a: {bake: hot}}\nartifacts:\n  ../x: {contents: a, task: {name: Label}}",
        [("error", "bad-name", 3)],
    ),
    "an artifact of a list": ("graph: {a: {bake: hot}}\nartifacts:\n  x: {contents: [], task: {name: Label}}", [("error", "type", 3)]),
    "an artifact without a task": ("graph: {a: {bake: hot}}\nartifacts:\n  x: {contents: a}", [("error", "type", 3)]),
    "an artifact with keywords": (
        "graph: {a: {bake: hot}}\nartifacts:\n  x: {contents: a, task: {name: Label, kwargs: {}}}", [("error", "unknown-key", 3)],
    ),
    "arguments of an artifact as a list": (
        "graph: {a: {bake: hot}}\nartifacts:\n  x: {contents: a, task: {name: Label, args: []}}", [("error", "type", 3)],
    ),
    "a tag that builds": ("a: !!python/object/apply:os.system [x]", [("error", "syntax", 1)]),
}  # fmt: skip


@pytest.mark.parametrize("case", GRAPHS.values(), ids=list(GRAPHS))
def test_a_malformed_graph_is_reported_at_its_line_and_costs_no_more(tmp_path: Path, case: tuple[str, list[tuple[str, str, int]]]) -> None:
    text, expected = case
    session = load(tree(tmp_path, WHOLE + LABELS, **{"graph.yaml": text}))
    assert list(map(summary_of, session.problems)) == expected
    assert all(problem.source.path.endswith("graph.yaml") for problem in session.problems)
    assert session.get_context("dioptra/entrypoints/bread").data["name"] == "Bread"


FILES: dict[str, tuple[dict[str, str | bytes], list[tuple[str, str, int]]]] = {
    "names that can't be imported": (
        {f"plugins/oven/{name}": "" for name in ("my-file.py", "1file.py", "sub/__init__.py")}, [("error", "bad-name", 2)] * 3,
    ),
    "hidden folders and caches": ({"plugins/oven/.ipynb_checkpoints/a.py": "(", "plugins/oven/__pycache__/a.py": "("}, []),
    "a folder below": ({"plugins/oven/sub/more.py": "x = 1"}, []),
    "no UTF-8": ({"plugins/oven/more.py": b"# a\n\xff"}, [("error", "bad-code", 2)]),
    "no Python": ({"plugins/oven/more.py": "x = 1\ndef ("}, [("error", "bad-code", 2)]),
    "a nought": ({"plugins/oven/more.py": b"\0"}, [("error", "bad-code", 1)]),
    "too deep": ({"plugins/oven/more.py": "-" * 100_000 + "1"}, [("error", "bad-code", 1)]),
    "a sum without end": ({"plugins/oven/more.py": "1" + "+1" * 100_000}, [("error", "bad-code", 1)]),
    "a function that isn't registered": (
        {"plugins/oven/steps.py": CODE.replace("@pyplugs.register\n", "")}, [("error", "not-registered", 5)],
    ),
    "another decorator": (
        {"plugins/oven/steps.py": CODE.replace("pyplugs.register", "cache").replace("\n\n", "\nfrom functools import cache\n", 1)},
        [("error", "not-registered", 5)],
    ),
    "a decorator that isn't known": ({"plugins/oven/steps.py": CODE.replace("@pyplugs.register", "@mine")}, []),
    "the decorator by another name": (
        {"plugins/oven/steps.py": "from dioptra.pyplugs import register as r\n" + CODE.replace("@pyplugs.register", "@r()")}, [],
    ),
    "under a condition": (
        {"plugins/oven/more.py": "if 1:\n from dioptra import pyplugs\n @pyplugs.register\n def a(): ..."},
        [("warning", "undeclared-task", 1)],
    ),
    "another parameter": ({"plugins/oven/steps.py": CODE.replace("(dough)", "(batter)")}, [("warning", "parameter-differs", 6)] * 2),
    "an optional parameter": ({"plugins/oven/steps.py": CODE.replace("(dough)", "(dough=1)")}, [("warning", "parameter-differs", 6)]),
    "any further keyword": ({"plugins/oven/steps.py": CODE.replace("(dough)", "(**more)")}, []),
    "a class without a method": (
        {"plugins/oven/steps.py": CODE.replace("def deserialize", "def load")},
        [("error", "missing-function", 10)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES.values(), ids=list(FILES))
def test_plugin_files_are_checked_as_text(tmp_path: Path, case: tuple[dict[str, str | bytes], list[tuple[str, str, int]]]) -> None:
    files, expected = case
    session = load(tree(tmp_path, **files))
    assert list(map(summary_of, session.problems)) == expected
    assert session.get_context("dioptra/plugins/oven").data["tasks"].keys() == {"bake"}


def test_the_order_of_parameters_is_compared(tmp_path: Path) -> None:
    toml = WHOLE.replace("required = true }", 'required = true }, { name = "heat", type = "any", required = true }')
    session = load(tree(tmp_path, toml, **{
        "graph.yaml": "a: {bake: [hot, 1]}", "plugins/oven/steps.py": CODE.replace("(dough)", "(heat, dough)"),
    }))  # fmt: skip
    assert list(map(summary_of, session.problems)) == [("warning", "parameter-differs", 6)]


def test_two_plugins_with_a_task_of_one_name_are_reported_by_both(tmp_path: Path) -> None:
    second = (PLUGIN + TASK).replace("oven", "grill")
    toml = WHOLE.replace('["oven"]', '["oven", "grill"]') + second
    session = load(tree(tmp_path, toml, **{"plugins/grill/steps.py": CODE.partition("class")[0]}))
    assert [str(problem).partition(": ")[2] for problem in session.problems] == [
        "entrypoints[0].plugins: expected tasks whose names differ, found 'bake' of 'oven' and of 'grill'"
    ]


LAX = [
    "no such folder", "no such file", "no such function", "a plugin that isn't declared", "a structure of no kind", "a folder with a dash",
    "another key among the tasks",
]  # fmt: skip


@pytest.mark.parametrize("name", LAX)
def test_lenient_reading_warns_of_what_dioptra_takes(tmp_path: Path, name: str) -> None:
    lenient = Session(formats=FormatTable().with_formats(DioptraFormat(is_strict=False)))
    session = load(tree(tmp_path, TOML[name][0], **{"graph.yaml": "a: {fry: hot}" if name == "no such function" else GRAPH}), lenient)
    assert session.problems and {problem.level for problem in session.problems} == {"warning"}


@pytest.mark.parametrize("mark, codes", [(b"\xef\xbb\xbf", []), (b"\xff", ["encoding"])], ids=["mark", "bytes"])
def test_a_byte_order_mark_is_no_fault_and_other_bytes_are(tmp_path: Path, mark: bytes, codes: list[str]) -> None:
    path = tree(tmp_path)
    path.write_bytes(mark + WHOLE.encode())
    assert [problem.code for problem in load(path).problems] == codes


def test_what_is_good_beside_what_is_bad_loads(tmp_path: Path) -> None:
    toml = WHOLE + "[[plugins]]\npath = 3\n[[plugin_param_types]]\n[[entrypoints]]\nname = 'a'\n"
    session = load(tree(tmp_path, toml))
    assert len(session.problems) == 3 and len(session.hierarchies()) == 4


def test_a_link_that_leads_out_of_the_folder_is_no_file(tmp_path: Path) -> None:
    write(tmp_path / "outside", {"secret.py": CODE, "graph.yaml": GRAPH})
    path = tree(tmp_path / "inside")
    (path.parent / "plugins/oven/secret.py").symlink_to(tmp_path / "outside/secret.py")
    (path.parent / "graph.yaml").unlink()
    (path.parent / "graph.yaml").symlink_to(tmp_path / "outside/graph.yaml")
    session = load(path)
    assert list(map(summary_of, session.problems)) == [("error", "missing-file", 15)]
    assert session.get_context("dioptra/plugins/oven").data["files"] == ["steps.py"]


def test_links_that_go_round_end(tmp_path: Path) -> None:
    path = tree(tmp_path)
    (path.parent / "plugins/oven/again").symlink_to(path.parent / "plugins")
    assert load(path).problems == []


HOSTILE = {
    "a key of many parts": "a." * 100_000 + "a = 1",
    "a header of many parts": "[" + "a." * 100_000 + "a]",
    "many brackets": "a = " + "[" * 100_000,
    "tables in tables": "a = " + "{a = " * 200 + "1" + "}" * 200,
    "a long number": "a = " + "9" * 5000,
    "many values": f"a = [{'1,' * 200_001}]",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_resource_file_costs_itself(tmp_path: Path, text: str) -> None:
    session = load(write(tmp_path, {"dioptra.toml": text}) / "dioptra.toml")
    assert [(problem.level, problem.source.line) for problem in session.problems] == [("error", 1)]
    assert session.hierarchies() == []


def test_a_structure_may_be_nested_as_deep_as_the_limit(tmp_path: Path) -> None:
    deep = '{ list = ' * 95 + '"any"' + " }" * 95
    session = load(tree(tmp_path, WHOLE.replace(ENTRY, f"structure = {deep}\n{ENTRY}")))
    assert session.problems == []


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\n" + "".join(f"{n}: &{n} [{', '.join(['*' + p] * 10)}]\n" for p, n in zip("abcdefgh", "bcdefghi")),
        "a: " + "[" * 5000 + "]" * 5000,
        "a: " + "{a: " * 150 + "1" + "}" * 150,
        "a: &a\n  bake: *a",
    ],
    ids=["a laugh", "many brackets", "mappings in mappings", "a graph in itself"],
)
def test_a_hostile_graph_costs_itself(tmp_path: Path, text: str) -> None:
    session = load(tree(tmp_path, **{"graph.yaml": text}))
    assert [problem.level for problem in session.problems] == ["error"]
    assert session.problems[0].code in ("syntax", "too-much", "limit")
    assert "graph" not in session.get_context("dioptra/entrypoints/bread").data


LIMITS: dict[str, tuple[Any, str, int, dict[str, str | bytes], str]] = {
    "names in a folder": (dioptra_code, "MAX_NAMES", 3, {f"plugins/oven/a{n}.py": "" for n in range(5)}, "too-much"),
    "bytes in a plugin": (dioptra_code, "MAX_BYTES", 500, {"plugins/oven/z.py": "#" * 400}, "too-much"),
    "bytes in a file": (dioptra_code, "MAX_CODE", 500, {"plugins/oven/z.py": "#" * 501}, "bad-code"),
    "problems of a file": (dioptra_resource, "MAX_PROBLEMS", 2, {f"plugins/oven/{n}.py": "" for n in range(5)}, "too-much"),
}


@pytest.mark.parametrize("case", LIMITS.values(), ids=list(LIMITS))
def test_limits_are_kept(tmp_path: Path, monkeypatch: Any, case: tuple[Any, str, int, dict[str, str | bytes], str]) -> None:
    module, name, limit, files, code = case
    monkeypatch.setattr(module, name, limit)
    session = load(tree(tmp_path, **files))
    assert code in [problem.code for problem in session.problems] and len(session.problems) <= 3


def test_a_deep_folder_is_looked_into_so_far(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(dioptra_code, "MAX_DEPTH", 2)
    session = load(tree(tmp_path, **{"plugins/oven/a/b.py": "", "plugins/oven/a/b/c/d.py": ""}))
    assert session.get_context("dioptra/plugins/oven").data["files"] == ["a/b.py", "steps.py"]


def test_a_file_of_many_things_takes_no_longer_for_each() -> None:
    each = '[[plugins]]\npath = "p/a{0}"\n[[plugin_param_types]]\nname = "t{0}"\nstructure = {{ list = "t{1}" }}\n'
    entry = '[[entrypoints]]\npath = "g{0}.yaml"\nplugins = ["a{0}"]\n'
    text = "".join((each + entry).format(number, number + 1) for number in range(2000))
    start = time.thread_time()
    draft = DioptraFormat().read(text.encode(), Source("dioptra.toml"), None)
    assert [problem.code for problem in draft.problems] == ["unknown-type"]
    assert time.thread_time() - start < 10
