"""``ways check`` refuses each kind of broken entrypoint, at the line that is broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from systems.dioptra.dioptra_tree import write

from ways.cli.main import main

TOML = """\
[[plugins]]
path = "weather"

[[plugins.tasks.functions]]
filename = "steps.py"
name = "parse"
input_params = [ { name = "line", type = "string", required = true } ]
output_params = [
  { name = "place", type = "string" },
  { name = "degrees", type = "number" },
]

[[plugins.tasks.functions]]
filename = "steps.py"
name = "warmer"
input_params = [
  { name = "degrees", type = "number", required = true },
  { name = "by", type = "number" },
]
output_params = [ { name = "degrees", type = "number" } ]

[[plugins.tasks.functions]]
filename = "steps.py"
name = "log"
input_params = []
output_params = []

[[plugins.tasks.artifacts]]
filename = "keep.py"
name = "Json"
output_params = [ { name = "value", type = "any" } ]

[[plugin_param_types]]
name = "marks"
structure = { list = { union = ["string", "integer"] } }

[[entrypoints]]
path = "day.yaml"
name = "Day"
plugins = ["weather"]
artifact_plugins = ["weather"]
params = [
  { name = "line", type = "string", default_value = "Oslo = 4" },
  { name = "by", type = "float", default_value = "2" },
]
artifact_params = [
  { name = "old", output_params = [ { name = "value", type = "any" } ] },
]
"""
STEPS = """\
from dioptra import pyplugs

@pyplugs.register
def parse(line): ...

@pyplugs.register
def warmer(degrees, by=1.0): ...

@pyplugs.register
def log(): ...
"""
KEEP = """\
from dioptra.sdk.api.artifact import ArtifactTaskInterface

class Json(ArtifactTaskInterface):
    def serialize(working_dir, name, contents): ...
    def deserialize(working_dir, path): ...
    def validation():
        return {"indent": {"type": "integer"}}
"""
DAY = """\
artifacts:
  saved:
    contents: $up
    task: {name: Json}
graph:
  up:
    task: warmer
    args: $read.degrees
    kwargs:
      by: $by
  read:
    parse: $line
  logged:
    log: []
    dependencies: [read, up]
"""
GRAPH, RESOURCE = "day.yaml", "dioptra.toml"

#: What Dioptra refuses -> the file, what is written in it instead of what, the code, and the line.
FAULTS: dict[str, tuple[str, str, str, str, int]] = {
    "the graph is empty": (GRAPH, DAY[DAY.index("graph:") :], "graph: {}\n", "bad-graph", 5),
    "a part has the wrong shape": (GRAPH, "log: []\n    dependencies: [read, up]", "[log]", "bad-step", 13),
    "an unknown key": (GRAPH, "task: {name: Json}", "task: {name: Json}\n    format: csv", "unknown-key", 5),
    "a missing key": (GRAPH, "    contents: $up\n", "", "type", 2),
    "a name that is no text": (GRAPH, "logged:", "7:", "bad-name", 13),
    "a blank name": (GRAPH, "logged:", "' ':", "bad-name", 13),
    "a name with a dot": (GRAPH, "logged:", "log.all:", "bad-name", 13),
    "an input twice": (
        RESOURCE, '{ name = "by", type = "number" }', '{ name = "by", type = "number" }, { name = "by", type = "any" }',
        "duplicate-name", 18,
    ),
    "an output twice": (
        RESOURCE, '{ name = "place", type = "string" }', '{ name = "place", type = "string" }, { name = "place", type = "any" }',
        "duplicate-name", 9,
    ),
    "an undefined type of an input": (RESOURCE, '"by", type = "number"', '"by", type = "nmber"', "unknown-type", 18),
    "an undefined type of an output": (RESOURCE, '"place", type = "string"', '"place", type = "str"', "unknown-type", 9),
    "an undefined type of a parameter": (RESOURCE, '"by", type = "float"', '"by", type = "number"', "unknown-type", 44),
    "an undefined type of an artifact input": (RESOURCE, '"value", type = "any" } ] },', '"value", type = "x" } ] },', "unknown-type", 47),
    "an undefined type inside a type": (RESOURCE, '["string", "integer"]', '["string", "int"]', "unknown-type", 35),
    "a structure of no kind": (RESOURCE, "{ union =", "{ set =", "bad-structure", 35),
    "a type named as a built-in one": (RESOURCE, 'name = "marks"', 'name = "integer"', "built-in-type", 34),
    "a circle of types": (RESOURCE, '["string", "integer"]', '["string", "marks"]', "type-circle", 35),
    "two tasks in a step": (GRAPH, "    log: []", "    log: []\n    parse: $line", "bad-step", 13),
    "no task in a step": (GRAPH, "    log: []\n", "", "bad-step", 13),
    "a step and a parameter of one name": (GRAPH, "logged:", "line:", "duplicate-name", 13),
    "an unknown task": (GRAPH, "log: []", "lg: []", "unknown-task", 14),
    "too many arguments": (GRAPH, "log: []", "log: [1]", "surplus-argument", 14),
    "an unknown keyword": (GRAPH, "      by: $by", "      b: $by", "unknown-argument", 10),
    "an argument twice": (GRAPH, "      by: $by", "      degrees: $by", "duplicate-argument", 10),
    "a required argument is missing": (GRAPH, "parse: $line", "parse: []", "missing-argument", 12),
    "an unknown reference": (GRAPH, "parse: $line", "parse: $lin", "unknown-reference", 12),
    "an unknown output": (GRAPH, "$read.degrees", "$read.wind", "unknown-output", 8),
    "an output that has to be named": (GRAPH, "$read.degrees", "$read", "bad-reference", 8),
    "a step without an output": (GRAPH, "contents: $up", "contents: $logged", "bad-reference", 3),
    "an output of a parameter": (GRAPH, "$read.degrees", "$by.value", "bad-reference", 8),
    "an unknown dependency": (GRAPH, "[read, up]", "[read, upp]", "unknown-step", 15),
    "a circle of steps": (GRAPH, "    parse: $line", "    parse: $line\n    dependencies: up", "step-circle", 6),
    "a default that doesn't fit": (RESOURCE, 'default_value = "2"', 'default_value = "two"', "bad-default", 44),
    "an argument that doesn't fit": (GRAPH, "parse: $line", "parse: $by", "wrong-type", 12),
    "an unknown artifact task": (GRAPH, "{name: Json}", "{name: Jsn}", "unknown-task", 4),
    "an argument of an artifact that breaks its rule": (GRAPH, "{name: Json}", "{name: Json, args: {indent: two}}", "wrong-type", 4),
    "an artifact of nothing": (GRAPH, "contents: $up", "contents: $upp", "unknown-reference", 3),
    "an artifact outside": (GRAPH, "  saved:", "  ../saved:", "bad-name", 2),
}  # fmt: skip


def checked(folder: Path) -> list[tuple[str, str, str, int]]:
    """Return level, code, file and line of each finding of ``ways check``."""
    result = CliRunner().invoke(main, ["check", "--format", "json", str(folder / RESOURCE)])
    findings = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == any(finding["level"] == "error" for finding in findings)
    return [(finding["level"], finding["code"], Path(finding["path"]).name, finding["line"]) for finding in findings]


def entrypoint(folder: Path, **changed: str) -> Path:
    """Write the entrypoint with other files."""
    return write(folder, {RESOURCE: TOML, GRAPH: DAY, "weather/steps.py": STEPS, "weather/keep.py": KEEP, **changed})


def test_a_valid_entrypoint_has_no_finding(tmp_path: Path) -> None:
    assert checked(entrypoint(tmp_path)) == []


@pytest.mark.parametrize("kind", FAULTS)
def test_each_kind_of_fault_is_an_error_at_its_line(tmp_path: Path, kind: str) -> None:
    name, before, after, code, line = FAULTS[kind]
    text = {GRAPH: DAY, RESOURCE: TOML}[name]
    assert text.count(before) == 1
    errors = [finding for finding in checked(entrypoint(tmp_path, **{name: text.replace(before, after)})) if finding[0] == "error"]
    assert errors == [("error", code, name, line)]


def test_a_member_of_a_union_twice_is_a_warning(tmp_path: Path) -> None:
    text = TOML.replace('["string", "integer"]', '["string", "string"]')
    assert checked(entrypoint(tmp_path, **{RESOURCE: text})) == [("warning", "repeated-type", RESOURCE, 35)]


TWIN = '\n[[entrypoints]]\npath = "day.yaml"\nname = "{name}"\nplugins = ["weather"]\n'


def messages(folder: Path) -> list[str]:
    """Return what ``ways check`` writes of a folder, without the lines of help."""
    lines = CliRunner().invoke(main, ["check", str(folder)]).stdout.splitlines()
    return [line.replace(f"{folder}/", "") for line in lines if "day.yaml" in line or "see:" in line]


def test_a_mistake_names_its_entrypoint_where_others_share_the_graph(tmp_path: Path) -> None:
    text = TOML + TWIN.format(name="Night") + TWIN.format(name="Noon").replace("\nplugins", '\nartifact_plugins = ["weather"]\nplugins')
    said = messages(entrypoint(tmp_path, **{RESOURCE: text}))
    assert "Json' (entrypoint 'Night') [unknown-task]" in said[0]
    assert any("'$line' (entrypoints 'Night', 'Noon') [unknown-reference]" in line for line in said)
    # Of a mistake that all have, none is named.
    said = messages(entrypoint(tmp_path, **{RESOURCE: text, GRAPH: DAY.replace("[read, up]", "[read, upp]")}))
    assert "day.yaml:15:26: error: graph.logged.dependencies[1]: expected the name of a step, found 'upp' [unknown-step]" in said


def test_a_mistake_names_its_entrypoint_where_another_file_shares_the_graph(tmp_path: Path) -> None:
    entrypoint(tmp_path, **{"dioptra-night.toml": TWIN.format(name="Night").replace('"weather"', ""), GRAPH: "logged:\n  log: []\n"})
    assert messages(tmp_path) == [
        "day.yaml:2:3: error: logged.log: expected a task of the entrypoint's plugins, found 'log' [unknown-task]",
        "  see: dioptra-night.toml:1:1: the file that names it for dioptra/entrypoints/night",
    ]


def help_of(path: Path) -> list[str]:
    """Return the help that ``ways check`` gives for a file."""
    result = CliRunner().invoke(main, ["check", "--format", "json", str(path)])
    assert result.exit_code == 1
    return [finding["help"] for finding in map(json.loads, result.stdout.splitlines()) if finding["code"] == "missing-key"]


def test_a_task_graph_that_is_named_itself_names_its_resource_file(tmp_path: Path) -> None:
    graph = entrypoint(tmp_path, **{RESOURCE: TOML.replace("day.yaml", "graphs/day.yaml"), "graphs/day.yaml": DAY}) / "graphs" / GRAPH
    assert help_of(graph) == [f"This is a task graph of Dioptra, which {tmp_path / RESOURCE} names: check that file."]
    unsure = "If this is a task graph of Dioptra, check the resource file (dioptra.toml) whose entrypoint names it."
    assert help_of(tmp_path / GRAPH) == [unsure]
    write(tmp_path, {RESOURCE: "[[entrypoints", "other.yaml": "services:\n  web: {image: x}\n"})
    assert help_of(graph) == [unsure] and help_of(tmp_path / "other.yaml") == [""]
