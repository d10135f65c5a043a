"""``resolve --format env``: what a real shell has afterwards is what the text said, whatever that is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.cli.resolve import shell_lines
from ways.cli.variables import VARIABLES

#: Sheets that ship with the library.
SHEETS = Path(__file__).resolve().parents[2] / "plugin_sheets"
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


#: Variables by which programs decide what to run, and what to read.
TAKEN = """
    PATH CDPATH MANPATH IFS ENV BASH_ENV BASH_FUNC_x PS4 PROMPT_COMMAND SHELL HOME PWD TMPDIR TMP TEMP LD_PRELOAD
    LD_AUDIT DYLD_INSERT_LIBRARIES GCONV_PATH LOCPATH NLSPATH LANG LC_ALL TZ TERM TERMINFO PAGER MANPAGER GIT_PAGER
    EDITOR VISUAL GIT_EDITOR BROWSER LESS LESSOPEN LESSCLOSE GIT_SSH_COMMAND GIT_SSH GIT_DIR GIT_CONFIG_COUNT
    GIT_EXTERNAL_DIFF SSH_ASKPASS SSH_AUTH_SOCK SUDO_ASKPASS RSYNC_RSH TAR_OPTIONS GREP_OPTIONS PYTHONPATH PYTHONSTARTUP
    PYTHONHOME PYTHONBREAKPOINT PERL5LIB PERL5OPT PERLLIB RUBYOPT RUBYLIB NODE_OPTIONS NODE_PATH NPM_CONFIG_PREFIX
    JAVA_TOOL_OPTIONS _JAVA_OPTIONS CLASSPATH LUA_INIT LUA_PATH MAKEFLAGS CC CFLAGS RUSTC_WRAPPER GOFLAGS PIP_INDEX_URL
    VIRTUAL_ENV CONDA_PREFIX XDG_CONFIG_HOME XDG_CACHE_HOME DBUS_SESSION_BUS_ADDRESS DISPLAY http_proxy HTTPS_PROXY
    all_proxy NO_PROXY CURL_CA_BUNDLE SSL_CERT_FILE HOUDINI_PATH NUKE_PATH MAYA_SCRIPT_PATH MAYA_PLUG_IN_PATH
    REZ_CONFIG_FILE BLENDER_USER_SCRIPTS PXR_PLUGINPATH_NAME OCIO GITHUB_ENV WAYS_PLUGINS WAYS_DESCRIPTORS WAYS_CACHE
    WAYS_LIMITS WAYS_PLATFORM PATHEXT ComSpec Path SystemRoot path status fish_user_paths
""".split()


@pytest.mark.parametrize("name", TAKEN)
def test_a_name_by_which_programs_decide_what_to_run_is_skipped(name: str) -> None:
    assert shell_lines({name: "x", "JOB": "dune"}, "") == (["export JOB='dune'"], [name])


def test_each_variable_that_ways_reads_is_skipped_even_if_a_prefix_makes_its_name() -> None:
    for name in VARIABLES:
        token = name.removeprefix("WAYS_")
        assert shell_lines({name: "x"}, "") == ([], [name]) and shell_lines({token: "x"}, "WAYS_") == ([], [token])


@pytest.mark.parametrize(
    "name",
    "JOB SHOT SHOW NAME VERSION SEQUENCE SCENE ASSET TASK STEP DEPARTMENT USER HOST STATUS HISTORY ROOT DISK FRAME EXT TYPE ARC "
    "TAPE REEL CAMERA RES LANGUAGE COMP_NAME UV_SET JOB_ROOT SHOT_DIR SHOT_NAME PERL RUBY "
    "MANAGER LESSON PATHOLOGY HOMESTEAD job job_name".split(),
)
def test_an_ordinary_token_is_a_variable_as_it_is(name: str) -> None:
    assert shell_lines({name: "x"}, "") == ([f"export {name}='x'"], [])


def test_no_token_of_the_sheets_of_the_library_is_skipped() -> None:
    names: set[str] = set()
    for sheet in SHEETS.rglob("*.yml"):
        names.update(re.findall(r"[{]([A-Z][A-Z0-9_]*)[}]", sheet.read_text(encoding="utf-8")))
    assert len(names) > 20 and shell_lines(dict.fromkeys(names, "x"), "")[1] == []


def test_with_a_prefix_a_shells_own_names_are_none() -> None:
    assert shell_lines({"PATH": "x"}, "WAYS_") == (["export WAYS_PATH='x'"], [])
    assert shell_lines({"GIT_DIR": "x", "LESSOPEN": "y", "HOME": "z"}, "MY_")[1] == []
    assert shell_lines({"PRELOAD": "x", "_AUDIT": "y"}, "LD_")[0] == []
    assert shell_lines({"ATH": "x"}, "P")[0] == []


def test_a_value_with_nul_is_skipped_as_no_variable_can_hold_it() -> None:
    assert shell_lines({"JOB": "a\0b"}, "") == ([], ["JOB"])


def test_the_command_says_bytes_that_are_no_text_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("plugins: {a: {hierarchy: a, mapping: '/jobs/{JOB}'}}", encoding="utf-8")
    text = b"/jobs/it's \\\\ $(touch canary) \xff\n-x"
    command = [sys.executable, "-m", "ways", "--sheets", str(tmp_path), "resolve", "--format", "env", text]
    done = subprocess.run(command, capture_output=True, timeout=120, env={**os.environ, "WAYS_CACHE": "0"})
    shown = subprocess.run(["sh", "-c", 'eval "$1"; printf %s "$JOB"', "sh", done.stdout], capture_output=True, cwd=tmp_path, timeout=60)
    assert shown.stdout == text.removeprefix(b"/jobs/") and not (tmp_path / "canary").exists()
