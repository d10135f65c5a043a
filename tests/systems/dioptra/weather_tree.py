"""A small tree that can be run: function tasks with several outputs, an artifact task, types and an entrypoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from systems.dioptra.dioptra_tree import write
from ways.api import Session

TOML = """\
[[plugins]]
path = "plugins/weather"

  [[plugins.tasks.functions]]
  filename = "steps.py"
  name = "parse"
  input_params = [ { name = "line", type = "string", required = true } ]
  output_params = [ { name = "place", type = "string" }, { name = "degrees", type = "number" } ]

  [[plugins.tasks.functions]]
  filename = "steps.py"
  name = "warmer"
  input_params = [ { name = "degrees", type = "number", required = true }, { name = "by", type = "number" } ]
  output_params = [ { name = "degrees", type = "number" } ]

  [[plugins.tasks.functions]]
  filename = "steps.py"
  name = "report"
  input_params = [
    { name = "place", type = "string", required = true },
    { name = "degrees", type = "number", required = true },
    { name = "marks", type = "marks" },
  ]
  output_params = [ { name = "report", type = "report" } ]

  [[plugins.tasks.artifacts]]
  filename = "keep.py"
  name = "Json"
  output_params = [ { name = "report", type = "report" } ]

[[plugin_param_types]]
name = "marks"
structure = { list = { union = ["string", "integer"] } }

[[plugin_param_types]]
name = "report"
structure = { mapping = { text = "string", marks = "marks" } }

[[entrypoints]]
path = "graphs/day.yaml"
name = "Day"
plugins = [ "weather" ]
artifact_plugins = [ "weather" ]
params = [
  { name = "line", type = "string", default_value = "Oslo = 4" },
  { name = "step", type = "float", default_value = "2" },
  { name = "mark", type = "string" },
]
"""
#: The same with an artifact input.
INPUT_TOML = TOML + 'artifact_params = [ { name = "earlier", output_params = [ { name = "report", type = "string" } ] } ]\n'
STEPS = '''\
from dioptra import pyplugs

@pyplugs.register
def parse(line):
    place, degrees = line.split("=")
    return place.strip(), float(degrees), "unused"

@pyplugs.register
def warmer(degrees, by=1.0):
    return degrees + by

@pyplugs.register
def report(place, degrees, marks=()):
    return {"text": f"{place}: {degrees:g}", "marks": list(marks)}
'''
KEEP = '''\
import json
from dioptra.sdk.api.artifact import ArtifactTaskInterface

class Json(ArtifactTaskInterface):
    @staticmethod
    def serialize(working_dir, name, contents, indent=None, **kwargs):
        target = working_dir / f"{name}.json"
        target.write_text(json.dumps(contents, indent=indent))
        return target

    @staticmethod
    def deserialize(working_dir, path, **kwargs):
        return json.loads((working_dir / path).read_text())

    @staticmethod
    def validation():
        return {"indent": {"type": "integer"}}
'''
GRAPH = """\
artifacts:
  saved:
    contents: $told.report
    task: {name: Json, args: {indent: 0}}
graph:
  told:
    report: {place: $read.place, degrees: $up, marks: [$mark, $$literal, 3]}
  up:
    task: warmer
    args: $read.degrees
    kwargs: {by: $step}
  read:
    parse: $line
"""
NAMES = {"toml": "dioptra.toml", "graph": "graphs/day.yaml", "steps": "plugins/weather/steps.py", "keep": "plugins/weather/keep.py"}


def weather(folder: Path, **changed: str) -> Path:
    """Write the tree, and return its resource file.

    :param changed: other contents of ``toml``, ``graph``, ``steps`` or ``keep``.
    """
    usual: dict[str, Any] = {"toml": TOML, "graph": GRAPH, "steps": STEPS, "keep": KEEP}
    return write(folder, {NAMES[key]: value for key, value in {**usual, **changed}.items()}) / "dioptra.toml"


def session_of(*paths: Path, may_be_wrong: bool = False) -> Session:
    """Return a session with these search paths; without any error, unless there may be some."""
    session = Session()
    for path in paths:
        session.add_search_path(str(path))
    assert may_be_wrong or [problem for problem in session.problems if problem.level == "error"] == []
    return session


#: A graph of one step that calls the first function of a file.
ONE = "graph:\n  only:\n    task: first\n"


def one_task(code: str, *, inputs: str = "", outputs: str = "", plugin: str = "lone", file: str = "steps.py") -> str:
    """Return a resource file with the entrypoint ``One``, whose plugin has the task ``first``.

    :param inputs: names of its inputs, and
    :param outputs: of its outputs, separated by spaces.
    """
    given = ", ".join(f'{{ name = "{name}", type = "any" }}' for name in inputs.split())
    made = ", ".join(f'{{ name = "{name}", type = "any" }}' for name in outputs.split())
    return f"""\
[[plugins]]
path = "plugins/{plugin}"
  [[plugins.tasks.functions]]
  filename = "{file}"
  name = "first"
  input_params = [ {given} ]
  output_params = [ {made} ]
[[entrypoints]]
path = "one.yaml"
name = "One"
plugins = [ "{plugin}" ]
"""


def lone(
    folder: Path, code: str, graph: str = ONE, *, inputs: str = "", outputs: str = "", may_be_wrong: bool = False, **files: str
) -> Session:
    """Write a plugin of one task, and return a session that describes it.

    :param code: of the file, whose first line is already there: it imports ``register``.
    :param files: further files of the plugin, by name without ``.py``.
    """
    head = "from dioptra.pyplugs import register\n"
    plugin = {f"plugins/lone/{name}.py": text for name, text in files.items()}
    toml = one_task(code, inputs=inputs, outputs=outputs)
    write(folder, {"dioptra.toml": toml, "one.yaml": graph, "plugins/lone/steps.py": head + code, **plugin})
    return session_of(folder / "dioptra.toml", may_be_wrong=may_be_wrong)
