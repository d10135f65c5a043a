"""An entrypoint is validated as the session resolves it, and each problem is where its cause is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from systems.dioptra.dioptra_tree import ENTRY, LABELS, PLUGIN, TASK, WHOLE, load, summary_of, tree, write

from ways.api import FormatTable, Session
from ways.systems.dioptra import DioptraFormat, NoEntrypointError, validate

PARAMS = """params = [
  { name = "heat", type = "float", default_value = "2" },
  { name = "kind", type = "string" },
]
"""


def site(session: Session, folder: Path, text: str) -> None:
    """Add a sheet of the site to the session."""
    write(folder, {"site.yml": f"globals: {{syntax: 2}}\nplugins:\n  site:\n    hierarchy: dioptra/entrypoints/bread\n{text}"})
    session.add_search_path(str(folder / "site.yml"))


def test_a_valid_entrypoint_has_no_problem(tmp_path: Path) -> None:
    session = load(tree(tmp_path, WHOLE + PARAMS + LABELS, **{"graph.yaml": "a: {bake: $kind}"}))
    assert session.problems == [] and validate(session, "Bread") == []


def test_an_unknown_entrypoint_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NoEntrypointError, match="Did you mean 'Bread'"):
        validate(load(tree(tmp_path)), "Bred")


def test_a_fault_of_the_graph_is_a_problem_of_its_file_and_of_the_entrypoint(tmp_path: Path) -> None:
    session = load(tree(tmp_path, WHOLE + PARAMS, **{"graph.yaml": "a:\n  bake:\n    - $heat\n"}))
    (problem,) = validate(session, "Bread")
    assert summary_of(problem) == ("error", "wrong-type", 3) == summary_of(session.problems[0])
    assert (Path(problem.source.path).name, problem.source.column) == ("graph.yaml", 7)
    assert problem.message == "expected 'string' for the input 'dough' of the task 'bake', found 'number'"


def test_a_graph_of_two_entrypoints_is_checked_for_each(tmp_path: Path) -> None:
    toml = WHOLE + PARAMS + ENTRY.replace("Bread", "Cake")
    session = load(tree(tmp_path, toml, **{"graph.yaml": "a: {bake: $kind}"}))
    assert list(map(summary_of, session.problems)) == [("error", "unknown-reference", 1)]
    assert validate(session, "Bread") == [] and [problem.code for problem in validate(session, "Cake")] == ["unknown-reference"]


def test_a_sheet_of_the_site_may_break_a_graph_and_is_named(tmp_path: Path) -> None:
    session = load(tree(tmp_path))
    site(session, tmp_path, "    data:\n      graph:\n        a: {bake: 1}\n")
    (problem,) = validate(session, "Bread")
    assert (Path(problem.source.path).name, *summary_of(problem)) == ("site.yml", "error", "wrong-type", 7)


@pytest.mark.parametrize("default, expected", [("word", ("bad-default", "site.yml", 7)), ("3", None)])
def test_a_default_of_the_site_must_be_of_its_type(tmp_path: Path, default: str, expected: tuple[str, str, int] | None) -> None:
    session = load(tree(tmp_path, WHOLE + PARAMS))
    site(session, tmp_path, f"    mapping_details:\n      heat:\n        default: {default}\n")
    problems = [(problem.code, Path(problem.source.path).name, problem.source.line) for problem in validate(session, "Bread")]
    assert problems == ([expected] if expected else [])


def test_the_types_and_defaults_of_the_file_are_validated_too(tmp_path: Path) -> None:
    params = PARAMS.replace('"2"', '"hot"').replace('"string"', '"text"')
    toml = WHOLE.replace(ENTRY, 'structure = { list = "dogh" }\n' + ENTRY) + params
    session = load(tree(tmp_path, toml))
    expected = [("error", "bad-default", 20), ("error", "unknown-type", 21), ("error", "unknown-type", 14)]
    assert list(map(summary_of, validate(session, "Bread"))) == expected
    assert sorted(map(summary_of, session.problems)) == sorted(expected)


def test_an_input_of_an_unknown_type_is_named_in_the_resource_file(tmp_path: Path) -> None:
    session = load(tree(tmp_path, WHOLE.replace('type = "string"', 'type = "str"', 1)))
    (problem,) = validate(session, "Bread")
    assert (problem.code, problem.source.line, problem.source.column) == ("unknown-type", 6, 36)


def test_a_plugin_of_another_file_counts(tmp_path: Path) -> None:
    lenient = Session(formats=FormatTable().with_formats(DioptraFormat(is_strict=False)))
    load(tree(tmp_path / "one", PLUGIN + TASK), lenient)
    load(tree(tmp_path / "two", ENTRY, **{"graph.yaml": "a: {bake: 1}"}), lenient)
    assert [problem.code for problem in lenient.problems if problem.level == "error"] == []
    assert [problem.code for problem in validate(lenient, "Bread")] == ["wrong-type"]


def test_a_plugin_that_no_file_declares_is_one_problem(tmp_path: Path) -> None:
    session = load(tree(tmp_path, WHOLE.replace('["oven"]', '["ovn"]')))
    assert [(problem.code, problem.help) for problem in validate(session, "Bread")] == [("unknown-plugin", "Did you mean 'oven'?")]


def test_two_attached_plugins_with_a_task_of_one_name_are_reported(tmp_path: Path) -> None:
    toml = WHOLE.replace('["oven"]', '["oven", "grill"]') + (PLUGIN + TASK).replace("oven", "grill")
    session = load(tree(tmp_path, toml, **{"plugins/grill/steps.py": ""}))
    assert [problem.message for problem in validate(session, "Bread")] == [
        "expected tasks whose names differ, found 'bake' of 'oven' and of 'grill'"
    ]
