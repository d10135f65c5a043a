"""``resolve --format env``: what a real shell has afterwards is what the text said, whatever that is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.cli.resolve import shell_lines

SHELLS = [name for name in ("sh", "bash", "dash", "zsh", "fish") if shutil.which(name)]
#: What means something to some shell.
AWKWARD = [
    "", " ", "-n", "--", "'", "''", '"', "\\", "\\\\", "\\'", "'\\", "\\n", "$HOME", "$(touch canary)", "`touch canary`", "${IFS}", "a\nb",
    "\n", "\n\n", "\r", "\t", "!!", "!x", "#", ";exit", "&", "|", "*", "?", "[a]", "{a,b}", "~", "%s%n", "=", "\x07", "\x1b[31m", "\udc80",
    "\udcff'\udcfe", "ünïcødé", "日本", "\u2028", "a'b\"c\\d$e`f", "'; touch canary; '", "\\''; touch canary; '",
    "(touch canary)", "<(touch canary)",
]  # fmt: skip


def told(shell: str, values: list[str], folder: Path) -> list[str]:
    """Return what the variables hold after the shell has evaluated the lines that set them."""
    names = [f"V{number}" for number in range(len(values))]
    lines, skipped = shell_lines(dict(zip(names, values)), "")
    assert skipped == []
    script = f'eval "$LINES_TO_RUN"; printf "%s\\0" {" ".join(f"{chr(34)}${name}{chr(34)}" for name in names)}'
    environ = {b"LINES_TO_RUN": "\n".join(lines).encode("utf-8", "surrogateescape"), b"PATH": os.environb[b"PATH"]}
    environ[b"HOME"] = bytes(folder)
    # Another locale would cut bytes apart that belong together.
    environ[b"LC_ALL"] = b"C.UTF-8"
    done = subprocess.run([shell, "-c", script], env=environ, cwd=folder, capture_output=True, timeout=60)
    assert done.stderr == b"" and done.returncode == 0
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


@pytest.mark.parametrize("shell", SHELLS)
def test_awkward_values_come_through(shell: str, tmp_path: Path) -> None:
    assert told(shell, AWKWARD, tmp_path) == AWKWARD
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_any_values_come_through(shell: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    letters = st.characters(exclude_characters="\0", exclude_categories=["Cs"]) | st.sampled_from("'\"\\$`\n!{}() -\udc80\udcff")
    texts = st.text(letters, max_size=30).filter(_is_of_bytes)

    @settings(max_examples=8, deadline=None)
    @given(st.lists(texts, min_size=20, max_size=60))
    def comes_through(values: list[str]) -> None:
        assert told(shell, values, tmp_path_factory.mktemp("shell")) == values

    comes_through()


def _is_of_bytes(text: str) -> bool:
    """Whether a text is what some bytes are read as: two lone bytes may be none if together they are a character."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape") == text


@pytest.mark.parametrize(
    "name", ["A-B", "1A", "Ä", "a b", "A;touch canary", "", "PATH", "path", "IFS", "LD_PRELOAD", "BASH_ENV", "UID", "status"]
)
def test_what_is_no_name_for_a_variable_of_ones_own_is_skipped(name: str) -> None:
    assert shell_lines({name: "x", "JOB": "dune"}, "") == (["export JOB='dune'"], [name])


def test_with_a_prefix_a_shells_own_names_are_none() -> None:
    assert shell_lines({"PATH": "x"}, "WAYS_") == (["export WAYS_PATH='x'"], [])


def test_a_value_with_nul_is_skipped_as_no_variable_can_hold_it() -> None:
    assert shell_lines({"JOB": "a\0b"}, "") == ([], ["JOB"])


def test_the_command_says_bytes_that_are_no_text_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("plugins: {a: {hierarchy: a, mapping: '/jobs/{JOB}'}}", encoding="utf-8")
    text = b"/jobs/it's \\\\ $(touch canary) \xff\n-x"
    command = [sys.executable, "-m", "ways", "--sheets", str(tmp_path), "resolve", "--format", "env", text]
    done = subprocess.run(command, capture_output=True, timeout=120, env={**os.environ, "WAYS_CACHE": "0"})
    shown = subprocess.run(["sh", "-c", 'eval "$1"; printf %s "$JOB"', "sh", done.stdout], capture_output=True, cwd=tmp_path, timeout=60)
    assert shown.stdout == text.removeprefix(b"/jobs/") and not (tmp_path / "canary").exists()
