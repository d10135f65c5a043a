"""``ways completion SHELL --install``: where the script goes, and whose files it leaves alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ways.cli.complete.install import MARK
from ways.cli.complete.scripts import SCRIPTS
from ways.cli.main import main

FILES = {
    "bash": ".local/share/bash-completion/completions/ways",
    "zsh": ".local/share/zsh/site-functions/_ways",
    "fish": ".config/fish/completions/ways.fish",
}

needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs links and a POSIX home")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "BASH_COMPLETION_USER_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def install(shell: str, *options: str) -> Result:
    return CliRunner().invoke(main, ["completion", shell, "--install", *options])


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_is_written_for_this_user_as_often_as_one_likes(home: Path, shell: str) -> None:
    file = home / FILES[shell]
    for _ in range(2):
        result = install(shell)
        assert (result.exit_code, result.stdout) == (0, f"{file}\n")
        assert file.read_text(encoding="utf-8") == f"{SCRIPTS[shell]}{MARK.format(shell=shell)}\n"
        assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("shell", SCRIPTS)
@pytest.mark.parametrize("text", ["", "own\n", MARK.format(shell="bash") + "\nmore\n"], ids=["empty", "another", "changed"])
def test_a_file_of_others_stays_unless_it_is_forced(home: Path, shell: str, text: str) -> None:
    file = home / FILES[shell]
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    refused = install(shell)
    assert (refused.exit_code, refused.stdout) == (1, "") and "--install --force" in refused.stderr
    assert file.read_text(encoding="utf-8") == text
    assert install(shell, "--force").exit_code == 0 and file.read_text(encoding="utf-8").startswith(SCRIPTS[shell])


@pytest.mark.parametrize(
    "shell, variable, file",
    [
        ("bash", "XDG_DATA_HOME", "bash-completion/completions/ways"),
        ("bash", "BASH_COMPLETION_USER_DIR", "completions/ways"),
        ("zsh", "XDG_DATA_HOME", "zsh/site-functions/_ways"),
        ("fish", "XDG_CONFIG_HOME", "fish/completions/ways.fish"),
    ],
)
def test_the_folder_that_a_variable_names_is_used(
    home: Path, monkeypatch: pytest.MonkeyPatch, shell: str, variable: str, file: str
) -> None:
    monkeypatch.setenv(variable, str(home / "own"))
    assert install(shell).exit_code == 0 and (home / "own" / file).is_file()
    monkeypatch.setenv(variable, "relative")
    assert install(shell).stdout == f"{home / FILES[shell]}\n"


@needs_posix
def test_a_link_stays_one(home: Path) -> None:
    file, real = home / FILES["fish"], home / "dotfiles"
    file.parent.mkdir(parents=True)
    real.write_text(f"{MARK.format(shell='fish')}\n", encoding="utf-8")
    file.symlink_to(real)
    assert install("fish").exit_code == 0
    assert file.is_symlink() and real.read_text(encoding="utf-8").startswith(SCRIPTS["fish"])


@needs_posix
def test_a_folder_that_cannot_be_written_is_one_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".config").write_text("", encoding="utf-8")
    refused = install("fish")
    assert refused.exit_code == 1 and refused.stderr.count("\n") == 1 and ".config" in refused.stderr
    monkeypatch.setenv("HOME", "")
    assert "your home folder is unknown" in install("fish").stderr


def test_force_alone_is_wrong_usage() -> None:
    assert CliRunner().invoke(main, ["completion", "bash", "--force"]).exit_code == 2


@pytest.mark.parametrize("shell", [shell for shell in SCRIPTS if shutil.which(shell)])
def test_the_shell_knows_the_command_by_the_file(home: Path, shell: str) -> None:
    assert install(shell).exit_code == 0
    asks = {
        "bash": f"source {FILES['bash']}; complete -p ways",
        "zsh": f"fpath=({(home / FILES['zsh']).parent} $fpath); autoload -Uz compinit; compinit -u -D; echo $_comps[ways]",
        "fish": "complete ways",
    }
    done = subprocess.run([shell, "-c", asks[shell]], cwd=home, capture_output=True, check=True, encoding="utf-8")
    assert {"bash": "_ways_complete", "zsh": "_ways", "fish": "__ways_complete"}[shell] in done.stdout
