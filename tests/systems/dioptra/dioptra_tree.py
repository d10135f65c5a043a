"""A small Dioptra tree that tests write, change and load."""

from __future__ import annotations

from pathlib import Path

from ways.api import Problem, Session

PLUGIN = """\
[[plugins]]
path = "plugins/oven"
"""
TASK = """\
[[plugins.tasks.functions]]
filename = "steps.py"
name = "bake"
input_params = [ { name = "dough", type = "string", required = true } ]
output_params = [ { name = "loaf", type = "string" } ]
"""
ARTIFACT = """\
[[plugins.tasks.artifacts]]
filename = "steps.py"
name = "Label"
output_params = []
"""
TYPE = """\
[[plugin_param_types]]
name = "dough"
"""
ENTRY = """\
[[entrypoints]]
path = "graph.yaml"
name = "Bread"
plugins = ["oven"]
"""
#: Written after an entrypoint, it lets it use the artifact tasks.
LABELS = """\
artifact_plugins = ["oven"]
"""
CODE = """\
from dioptra import pyplugs
from dioptra.sdk.api.artifact import ArtifactTaskInterface

@pyplugs.register
def bake(dough):
    raise SystemExit("I was run")

class Label(ArtifactTaskInterface):
    def serialize(working_dir, name, contents): ...
    def deserialize(working_dir, path): ...
    def validation(): ...
"""
GRAPH = "baked:\n  bake: hot\n"
WHOLE = PLUGIN + TASK + ARTIFACT + TYPE + ENTRY


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below *folder*, and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def tree(folder: Path, toml: str = WHOLE, /, **files: str | bytes) -> Path:
    """Write a tree with that resource file, and return its path; what isn't given is as above."""
    usual: dict[str, str | bytes] = {"dioptra.toml": toml, "graph.yaml": GRAPH, "plugins/oven/steps.py": CODE}
    return write(folder, {**usual, **files}) / "dioptra.toml"


def load(path: Path, session: Session | None = None) -> Session:
    """Return a session that has loaded *path*."""
    session = session or Session()
    session.add_search_path(str(path))
    return session


def summary_of(problem: Problem) -> tuple[str, str, int]:
    """Return level, code and line of a problem."""
    return problem.level, problem.code, problem.source.line
