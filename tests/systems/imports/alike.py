"""Imports of generated configurations, compared with an oracle."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import Phase, settings

from ways.api import Session
from ways.systems.imports import Import, Verified, import_from, total, verify

#: Each configuration takes half a second, and to shrink one takes minutes.
FEW = settings(max_examples=8, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def json_file(folder: Path, data: Any, name: str = "file.json") -> str:
    """Return the path of a file with *data*, one key a line."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")
    return str(path)


def session_of(done: Import, folder: Path, **overrides: str) -> Session:
    """Return a session of the sheet of an import, which has no problems."""
    (folder / "sheet.yml").write_text(done.sheet.text, encoding="utf-8")
    session = Session(overrides={"WAYS_PLATFORM": "linux", **overrides})
    session.add_search_path(str(folder / "sheet.yml"))
    assert session.problems == []
    return session


def remarks_of(done: Import) -> list[tuple[str, int]]:
    """Return code and line of each remark."""
    return [(remark.code, remark.source.line) for remark in done.report.remarks]


def codes_of(done: Import, level: str = "error") -> list[tuple[str, int]]:
    """Return code and line of each remark of a level but for the writer's own."""
    own = ("ambiguous", "divided")
    return [(remark.code, remark.source.line) for remark in done.report.remarks if remark.level == level and remark.code not in own]


def verified(system: str, path: str, count: int = 3) -> Verified:
    """Return the comparison of an import with its oracle, whose templates are all in the sheet."""
    done = import_from(system, path)
    return total(list(verify(system, path, done.sheet, count)))


def assert_alike(system: str, data: Any, count: int = 3, name: str = "file.json") -> None:
    """Assert that the imported sheet writes and reads as the other system does, and that nothing is lost without a word."""
    with TemporaryDirectory() as folder:
        path = json_file(Path(folder), data, name)
        done = import_from(system, path)
        assert done.sheet.text == import_from(system, path).sheet.text
        session_of(done, Path(folder))
        found = total(list(verify(system, path, done.sheet, count)))
        assert found.compared and not found.differences, "\n".join(map(str, found.differences[:3]))
        assert_each_is_told(done)


def assert_each_is_told(done: Import) -> None:
    """Assert that each template is in one comment of the sheet, or left out by one remark."""
    lines = [line.strip().removeprefix("# ") for line in done.sheet.text.splitlines() if line.strip().startswith("# ")]
    origins = [origin for line in lines for origin in re.split(r", (?=\S+:\d+ )", line)]
    left_out = [remark.left_out for remark in done.report.remarks if remark.left_out and remark.left_out[0] == "template"]
    assert len(left_out) == len(set(left_out))
    for name, source in done.report.sources.items():
        at = f":{source.line} "
        assert any(at in origin for origin in origins), f"{name} is in no comment"
    assert len(origins) == len(set(origins))
