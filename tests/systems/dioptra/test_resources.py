"""Dioptra's entrypoints and tasks in a session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from systems.dioptra.dioptra_tree import ENTRY, WHOLE, load, tree

from ways.api import Session, TokenValueError
from ways.systems.dioptra import NoEntrypointError, NotLoadedError, add_tasks, engine_form, get_entrypoint

PARAMS = """params = [
  { name = "heat", type = "float", default_value = "2" }, { name = "kind", type = "string" },
  { name = "marks", type = "list", default_value = "[1]" }, { name = "bad", type = "integer", default_value = "x" },
  { name = "worse", type = "number" },
]
artifact_params = [ { name = "old", output_params = [ { name = "a", type = "any" }, { name = "b", type = "dough" } ] } ]
"""


def test_an_entrypoint_is_found_by_its_exact_name(tmp_path: Path) -> None:
    session = load(tree(tmp_path, WHOLE.replace('"Bread"', '"Bread: Plain (Rye/Oat)"')))
    assert get_entrypoint(session, "Bread: Plain (Rye/Oat)").hierarchy == ("dioptra", "entrypoints", "bread_plain_rye_oat")
    with pytest.raises(NoEntrypointError, match="no entrypoint 'Bread: Plain'"):
        get_entrypoint(session, "Bread: Plain")


def test_the_engine_reads_parameters_by_their_types(tmp_path: Path) -> None:
    session = load(tree(tmp_path, WHOLE + PARAMS))
    assert engine_form(session, "Bread")["parameters"] == {
        "heat": {"default": 2.0, "type": "number"}, "kind": {"type": "string"}, "marks": {"default": [1]}, "bad": {"type": "integer"},
        "worse": {},
    }  # fmt: skip


@pytest.mark.parametrize(
    "outputs, expected",
    [
        ("[]", None),
        ('[ { name = "a", type = "any" } ]', {"a": "any"}),
        ('[ { name = "a", type = "any" }, { name = "b", type = "dough" } ]', [{"a": "any"}, {"b": "dough"}]),
    ],
    ids=["none", "one", "several"],
)
def test_the_engine_reads_outputs_by_their_number(tmp_path: Path, outputs: str, expected: Any) -> None:
    toml = WHOLE.replace('[ { name = "loaf", type = "string" } ]', outputs)
    tasks = engine_form(load(tree(tmp_path, toml)), "Bread")["tasks"]
    assert tasks["bake"]["inputs"] == [{"name": "dough", "type": "string", "required": True}]
    assert (tasks["bake"]["plugin"], tasks["bake"].get("outputs")) == ("oven.steps.bake", expected)


def test_the_engine_reads_types_graph_and_artifacts(tmp_path: Path) -> None:
    graph = "graph: {a: {bake: hot}}\nartifacts: {x: {contents: $a, task: {name: Label}}}"
    form = engine_form(load(tree(tmp_path, WHOLE + PARAMS, **{"graph.yaml": graph})), "Bread")
    assert form["types"] == {"dough": {}} and form["graph"] == {"a": {"bake": "hot"}}
    assert form["artifact_inputs"] == {"old": [{"a": "any"}, {"b": "dough"}]}
    assert form["artifact_outputs"] == {"x": {"contents": "$a", "task": {"name": "Label"}}}


def test_an_entrypoint_has_the_tasks_of_its_own_plugins(tmp_path: Path) -> None:
    session = load(tree(tmp_path, WHOLE + ENTRY.replace("Bread", "None").replace('["oven"]', "[]")))
    assert engine_form(session, "None")["tasks"] == {}


def test_tasks_are_actions_that_say_they_are_not_loaded(tmp_path: Path) -> None:
    session = load(tree(tmp_path))
    assert [task.id for task in add_tasks(session)] == ["oven.steps.bake"]
    context = session.get_context("dioptra/plugins/oven")
    with pytest.raises(NotLoadedError, match="'oven.steps.bake' can't be called: .* doesn't load its code"):
        context.actions.bake("dough")


SITE = "globals: {syntax: 2}\nplugins:\n  site:\n    hierarchy: dioptra/entrypoints/bread\n"


def with_site(folder: Path, session: Session, text: str) -> Session:
    (folder / "site.yml").write_text(SITE + text, encoding="utf-8")
    session.add_search_path(str(folder / "site.yml"))
    return session


def test_a_default_of_the_site_is_that_of_the_asset_and_of_the_engine_and_keeps_its_type(tmp_path: Path) -> None:
    session = with_site(tmp_path, load(tree(tmp_path, WHOLE + PARAMS)), "    mapping_details:\n      heat: {default: 3}\n")
    job = session.get_asset({"kind": "rye", "bad": "1"}, context="dioptra/entrypoints/bread")
    assert job is not None and job.get_value("heat") == "3"
    assert engine_form(session, "Bread")["parameters"]["heat"] == {"default": 3.0, "type": "number"}
    with pytest.raises(TokenValueError, match=r"set by dioptra/entrypoints/bread \(.*dioptra.toml:19:3\)"):
        session.get_asset({"heat": "word", "kind": "rye", "bad": "1"}, context="dioptra/entrypoints/bread", strict=True)


def test_a_default_that_a_site_takes_away_is_gone_from_both(tmp_path: Path) -> None:
    session = with_site(tmp_path, load(tree(tmp_path, WHOLE + PARAMS)), "    mapping_details:\n      heat: {parse: {regex: '[0-9]'}}\n")
    assert session.get_asset({"kind": "rye", "bad": "1"}, context="dioptra/entrypoints/bread") is None
    assert engine_form(session, "Bread")["parameters"]["heat"] == {"type": "number"}


def test_a_layer_that_is_in_use_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "    assignment: client\n    mapping_details:\n      heat: {default: 4}\n"
    session = with_site(tmp_path, load(tree(tmp_path, WHOLE + PARAMS)), text)
    assert engine_form(session, "Bread")["parameters"]["heat"]["default"] == 2.0
    monkeypatch.setenv("WAYS_PRIORITY", "master:client")
    assert engine_form(session, "Bread")["parameters"]["heat"]["default"] == 4.0


def test_values_decide_which_plugins_take_part(tmp_path: Path) -> None:
    text = "    when: {kind: rye}\n    data:\n      graph:\n        only: {bake: dark}\n    mapping_details:\n      heat: {default: 5}\n"
    session = with_site(tmp_path, load(tree(tmp_path, WHOLE + PARAMS)), text)
    assert engine_form(session, "Bread")["graph"] == {"baked": {"bake": "hot"}} == engine_form(session, "Bread", {"kind": "oat"})["graph"]
    rye = engine_form(session, "Bread", {"kind": "rye"})
    assert (rye["graph"], rye["parameters"]["heat"]["default"]) == ({"only": {"bake": "dark"}}, 5.0)
