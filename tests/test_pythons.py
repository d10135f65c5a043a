"""Which Pythons the portability tests run on: found by name, asked for their version, one of each."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pythons import candidates, others, places, version_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the Pythons here are shell scripts")


def fake(folder: Path, name: str, answer: str) -> Path:
    """Write a program that answers as a Python might."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_latest_of_each_version_is_taken_once(tmp_path: Path) -> None:
    fake(tmp_path / "a", "python3.13", "echo 3 13 0")
    newer = fake(tmp_path / "b", "python3.13", "echo 3 13 2")
    older = fake(tmp_path / "b", "python3.12", "echo 3 12 1")
    assert others([tmp_path / "a", tmp_path / "b"], own=(3, 11)) == [older, newer]


def test_the_one_that_runs_and_those_too_old_are_left_out(tmp_path: Path) -> None:
    fake(tmp_path, "python3.11", "echo 3 11 9")
    fake(tmp_path, "python3.10", "echo 3 10 9")
    fake(tmp_path, "python3.9", "echo 3 9 9")
    assert others([tmp_path], own=(3, 11)) == []


@pytest.mark.parametrize("answer", ["exit 1", "echo nonsense", "echo 3 12", "", "echo a b c"], ids=["fails", "word", "two", "none", "abc"])
def test_what_does_not_answer_as_a_python_is_left_out(tmp_path: Path, answer: str) -> None:
    assert version_of(fake(tmp_path, "python3.12", answer)) is None
    assert version_of(tmp_path / "absent") is None


def test_only_names_of_pythons_are_asked_and_links_once(tmp_path: Path) -> None:
    python = fake(tmp_path, "python3", "echo 3 12 0")
    (tmp_path / "python3.12").symlink_to(python)
    fake(tmp_path, "python3-config", "exit 1")
    fake(tmp_path, "python3.12-gdb.py", "exit 1")
    assert list(candidates([tmp_path, tmp_path / "absent"])) == [python]


def test_the_folders_are_those_of_path_and_of_pyenv(tmp_path: Path) -> None:
    (tmp_path / "versions" / "3.12.1" / "bin").mkdir(parents=True)
    found = places({"PATH": "/x:/y", "PYENV_ROOT": str(tmp_path)})
    assert found[:3] == [Path("/x"), Path("/y"), tmp_path / "versions" / "3.12.1" / "bin"]


def test_the_one_that_runs_this_is_a_python() -> None:
    assert version_of(Path(sys.executable)) == tuple(sys.version_info[:3])
