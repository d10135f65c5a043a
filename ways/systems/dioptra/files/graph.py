"""The YAML file of an entrypoint, in both layouts: the task graph alone, or under ``graph`` beside the artifacts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from ways.sheets.document import Draft, Pointer, Position, Problem, Source
from ways.sheets.files import bytes_to_text
from ways.sheets.formats import yaml_text
from ways.sheets.schema import kind
from ways.systems.dioptra.files.resource import MAX_NESTING, MAX_PROBLEMS, MAX_VALUES
from ways.systems.shared import Problems, exceeded_limit

#: The layouts: the document is the graph, or has it under ``graph``.
BARE, NESTED = "bare", "nested"
#: The keys of the artifact outputs in the nested layout. The second is the name that the engine has for them.
ARTIFACTS = ("artifacts", "artifact_outputs")


class Graph(NamedTuple):
    """The file of an entrypoint, read; without ``data``, its problems alone."""

    layout: str = ""
    #: The steps and the artifact outputs as they are written, whatever their shape: it is checked with their entrypoint.
    steps: Any = {}
    artifacts: Any = {}
    #: The whole file as it is written; ``None`` if it is no task graph.
    data: Any = None
    positions: Mapping[Pointer, Position] = {}
    problems: tuple[Problem, ...] = ()

    @property
    def steps_at(self) -> Pointer:
        """Where the steps stand in the file."""
        return ("graph",) if self.layout == NESTED else ()

    @property
    def artifacts_at(self) -> Pointer:
        """Where the artifact outputs stand in the file."""
        return (next((key for key in ARTIFACTS if key in self.data), ARTIFACTS[0]),)

    def pointer_of(self, pointer: Pointer) -> Pointer | None:
        """Return where the file has what stands at *pointer* of the engine's description; ``None`` if it stands elsewhere."""
        at = {"graph": self.steps_at, "artifact_outputs": self.artifacts_at}.get(str(pointer[0])) if pointer else None
        return None if at is None else (*at, *pointer[1:])


def read_graph(data: bytes, source: Source, *, is_strict: bool) -> Graph:
    """Return the task graph that an entrypoint's file describes, in either layout."""
    text = bytes_to_text(data, source)
    if isinstance(text, Problem):
        return Graph(problems=(text,))
    draft: Draft = yaml_text.read(text, source)
    if draft.is_lost:
        return Graph(problems=draft.problems)
    problems = Problems(source, draft.positions, is_strict=is_strict, most=MAX_PROBLEMS)
    graph = _graph(draft.data, problems)
    return graph._replace(positions=draft.positions, problems=(*draft.problems, *problems.of_sheet()))


def _graph(data: Any, problems: Problems) -> Graph:
    """Return the parts of a document, whichever layout it has."""
    if limit := exceeded_limit(data, depth=MAX_NESTING, values=MAX_VALUES):
        problems.add_mismatch("too-much", f"a task graph {limit}", "more, with all that aliases stand for")
        return Graph()
    if not isinstance(data, dict) or not data:
        problems.add_mismatch("bad-graph", "a task graph: a block of steps, each with its name", kind(data))
        return Graph()
    if "graph" not in data:
        # A document without any step is no graph.
        if any(isinstance(step, dict) for step in data.values()) and _others(data, ARTIFACTS):
            return Graph(BARE, data, {}, data)
        found = f"only {', '.join(map(repr, list(data)[:10]))}"
        problems.add_mismatch("bad-graph", "a task graph, or the key 'graph'", found)
        return Graph()
    for key in _others(data, ("graph", *ARTIFACTS)):
        problems.add_unknown_key((key,), ("graph", *ARTIFACTS), level="warning")
    return Graph(NESTED, data["graph"], _artifacts(data, problems), data)


def _others(written: Mapping[Any, Any], known: Collection[str]) -> list[Any]:
    """Return the keys that aren't known, in order."""
    return [key for key in written if key not in known]


def _artifacts(data: Mapping[str, Any], problems: Problems) -> Any:
    """Return the artifact outputs as they are written, under either name; none if they stand under both."""
    keys = [key for key in ARTIFACTS if key in data]
    if len(keys) > 1:
        line = problems.at((keys[0],)).line
        found = f"{keys[1]!r} too; line {line} has the other"
        problems.add_mismatch("duplicate-key", f"{ARTIFACTS[0]!r} alone", found, (keys[1],))
        return {}
    written = data[keys[0]] if keys else None
    return {} if written is None else written
