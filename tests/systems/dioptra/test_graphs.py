"""What is wrong in a task graph is told, each thing by its code, and what is right is kept."""

from __future__ import annotations

import pytest

from ways.sheets.document import Source
from ways.systems.dioptra.files.graph import read_graph

HERE = Source("graph.yml", "dioptra")
STEP = "step: {task: run, kwargs: {x: 1}}"


@pytest.mark.parametrize(
    "text, codes",
    [
        (STEP, []),
        ("step: {run: {x: 1}}", []),
        (b"\xff\xfe\xff", ["encoding"]),
        ("graph: {step: {task: run}}\nartifact_outputs: {}\nartifacts: {}", ["duplicate-key"]),
        ("graph: {step: {task: run}}\nartifact_outputs:", []),
        (f"step: [{'1,' * 200_001}]", ["too-much"]),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_what_is_wrong_in_a_graph_is_told(text: str | bytes, codes: list[str]) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    assert [problem.code for problem in read_graph(data, HERE, is_strict=True).problems] == codes
