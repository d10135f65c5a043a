"""What ``--help`` says: which question a command answers, where more is written, and examples that can be run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from click.testing import CliRunner

from ways.cli.complete import words
from ways.cli.main import COMMANDS, SECTIONS, main

#: The commands, and those below a command.
WHOLE_NAMES = sorted(name for name in words.COMMANDS if name)
ROOT = Path(__file__).resolve().parents[2]
#: The installed package, and not the one in the folder that the tests are run from.
WAYS = [sys.executable, "-P", "-m", "ways"]

needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")


def help_of(command: str, option: str = "--help") -> str:
    result = CliRunner().invoke(main, [*command.split(), option], env={"COLUMNS": "80"})
    assert result.exit_code == 0 and result.stderr == ""
    return result.stdout


def examples_of(command: str) -> list[str]:
    return [line.strip() for line in help_of(command).partition("\n  Examples:\n")[2].splitlines() if line.strip()]


@pytest.mark.parametrize("command", ["", *WHOLE_NAMES])
def test_each_help_ends_with_examples(command: str) -> None:
    lines = examples_of(command)
    assert len(lines) >= 2 and all(re.search(rf"\bways .*{command}", line) for line in lines)
    assert "Options:" in help_of(command) and help_of(command, "-h") == help_of(command)


@pytest.mark.parametrize("command", ["", *WHOLE_NAMES])
def test_each_help_names_a_page_about_the_command(command: str) -> None:
    [page] = re.findall(r"^  Documentation: (docs/\S+\.rst)$", help_of(command), re.MULTILINE)
    assert f"ways {command}" in re.sub("--sheets \\S+ ", "", (ROOT / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_first_sentence_of_a_help_stands_whole_in_the_list(command: str) -> None:
    sentence = help_of(command).split("\n\n")[1].strip()
    assert sentence.endswith(".") and sentence.count(". ") == 0
    assert re.search(rf"^  {command} +{re.escape(sentence)}$", help_of(""), re.MULTILINE)


def test_no_help_tells() -> None:
    """Commands show, print and find: the plain words."""
    assert re.findall(r"\b(?:tells?|told)\b", help_of("", "--help-all"), re.IGNORECASE) == []


def test_commands_stand_in_the_list_by_what_one_wants() -> None:
    words = re.findall(r"^(\w[\w ]+):$|^  ([a-z]+)  ", help_of(""), re.MULTILINE)
    assert [title or name for title, name in words] == ["Options", *(word for title, names in SECTIONS.items() for word in (title, *names))]


def test_options_of_most_commands_stand_below_its_own() -> None:
    own, _, common = help_of("find").partition("\nCommon options:\n")
    assert "--latest" in own and "--format" in own and "--platform" in common and "--platform" not in own


@needs_posix
@pytest.mark.parametrize("line", [line for command in ("", *WHOLE_NAMES) for line in examples_of(command)])
def test_each_example_of_a_help_can_be_run(line: str, tmp_path: Path) -> None:
    """It exits with 0, or as a remark at its end says. The disks of the examples are not there."""
    if " otio link " in line and "--help" not in line:
        pytest.importorskip("opentimelineio", reason="the extra 'otio' is not installed")
    command = re.sub(r"\bways\b", shlex.join(WAYS), line)
    environ = {**os.environ, "WAYS_DESCRIPTORS": str(ROOT / "plugin_sheets" / "film"), "HOME": str(tmp_path), "XDG_DATA_HOME": ""}
    environ["TMPDIR"] = str(tmp_path)
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, env=environ, capture_output=True, check=False, encoding="utf-8")
    said = re.search(r"  # exit (\d)$", line)
    assert done.returncode == int(said[1] if said else 0), done.stderr
    assert done.stdout or re.search(r"find |eval|diff (\S+) \1$|--format json", line)
    assert "There is no" not in done.stderr and "Usage" not in done.stderr and "warning" not in done.stderr


@pytest.mark.parametrize("command", ["cache", "completion"])
def test_a_choice_that_lacks_is_asked_for_on_one_line(command: str) -> None:
    result = CliRunner().invoke(main, [command])
    assert result.exit_code == 2 and result.stdout == ""
    assert re.search(r"^Error: Missing argument .* Choose from \w+(, \w+)+\.$", result.stderr, re.MULTILINE)


def test_the_help_of_all_commands_can_be_read_in_one_go() -> None:
    texts = re.split(r"\n-{70,}\n\n", help_of("", "--help-all"))
    names = chain.from_iterable(SECTIONS.values())
    assert [text.strip() for text in texts] == [help_of(name).strip() for name in ("", *names)]
