"""The ``ways`` command as a shell runs it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ways import __version__
from ways.cli.resolve import shell_lines

#: The installed package, and not the one in the folder that the tests are run from.
WAYS = [sys.executable, "-P", "-m", "ways"]
SHEET = "plugins: {p: {hierarchy: p, mapping: 'x{A}:{B}', mapping_details: {A: {parse: {regex: '(?s).*'}}}}}"

needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")


def run(*arguments: str | bytes, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*WAYS, *arguments], input=given, capture_output=True, check=False)


def test_python_runs_the_package() -> None:
    assert run("--version").stdout == f"ways, version {__version__}\n".encode()


@pytest.mark.parametrize(
    "arguments, exit_code", [(["resolve", "x1:2"], 0), (["resolve", "x"], 1), (["resolve"], 2), (["nothing"], 2)]
)
def test_a_process_exits_as_the_answer_says(write_sheet: Callable[..., str], arguments: list[str], exit_code: int) -> None:
    done = run("--sheets", write_sheet(SHEET), *arguments)
    assert done.returncode == exit_code
    assert bool(done.stdout) == (exit_code == 0) and bool(done.stderr) == (exit_code != 0)


ENDINGS = {
    "a function that was registered": "atexit.register(lambda: open(path, 'w').write('done'))",
    "a thread": "threading.Thread(target=lambda: (time.sleep(0.5), open(path, 'w').write('done'))).start()",
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
def test_a_process_that_ends_at_once_still_does_what_a_sheet_left_for_the_end(tmp_path: Path, ending: str) -> None:
    sheet, path = tmp_path / "sheet.py", tmp_path / "done.txt"
    lines = ["import atexit, threading, time", f"path = {str(path)!r}", ending, "plugins = {'p': {'hierarchy': 'p', 'mapping': 'x{A}'}}"]
    sheet.write_text("\n".join(lines), encoding="utf-8")
    done = run("--sheets", str(sheet), "tree")
    assert (done.returncode, done.stderr) == (0, b"") and path.read_text(encoding="utf-8") == "done"


@needs_posix
def test_bytes_that_are_no_utf8_pass_through_as_they_are(write_sheet: Callable[..., str]) -> None:
    text = b"x\xff\xfe:\xc3\xa9"
    sheet = write_sheet(SHEET)
    assert run("--sheets", sheet, "resolve", text).stdout == text + b"\n  p\n  A = \xff\xfe\n  B = \xc3\xa9\n"
    assert run("--sheets", sheet, "resolve", "-", given=text + b"\n").stdout.startswith(text)
    record = json.loads(run("--sheets", sheet, "resolve", "-", "--format", "json", given=text).stdout)
    assert os.fsencode(record["values"]["A"]) == b"\xff\xfe"
    assert run("--sheets", sheet, "format", "p", b"A=\xff", "B=b").stdout == b"x\xff:b\n"
    assert run("--sheets", sheet, "resolve", b"\xff").returncode == 1


def test_an_answer_is_given_before_the_next_text_is_asked_for(write_sheet: Callable[..., str]) -> None:
    command = [*WAYS, "--sheets", write_sheet(SHEET), "resolve", "--format", "json", "-0", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        for value in ("one", "two"):
            process.stdin.write(f"xa:{value}\0".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["values"]["B"] == value
        process.stdin.close()
        assert process.wait() == 0


@needs_posix
def test_a_reader_that_goes_away_is_no_traceback(write_sheet: Callable[..., str]) -> None:
    command = f"yes x1:2 | head -n 20000 | {shlex.join(WAYS)} --sheets {shlex.quote(write_sheet(SHEET))} resolve -"
    done = subprocess.run(["sh", "-c", f"{command} | head -n 1"], capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"x1:2\n", b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("environ", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["tree"], ["tree", "--format", "json"], ["resolve", "x1:2"], ["resolve", *["x1:2"] * 3000], ["check"], ["sheets"], ["doctor"],
        ["context", "p"], ["explain", "p"], ["schema"], ["completion", "bash"], ["--help"], ["--version"],
    ],
    ids=lambda arguments: " ".join(arguments[:3]),
)
def test_a_full_disk_is_one_line(write_sheet: Callable[..., str], arguments: list[str], environ: dict[str, str]) -> None:
    with open("/dev/full", "wb") as full:
        command = [*WAYS, "--sheets", write_sheet(SHEET), *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env={**os.environ, **environ}, check=False)
    assert (done.returncode, done.stderr) == (1, b"ways: can't write to stdout: No space left on device\n")


@needs_posix
def test_a_closed_output_is_one_line(write_sheet: Callable[..., str]) -> None:
    command = f"{shlex.join(WAYS)} --sheets {shlex.quote(write_sheet(SHEET))} tree >&-"
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (1, b"ways: can't write to stdout: Bad file descriptor\n")


@needs_posix
@pytest.mark.parametrize("arguments", [["tree"], ["check"], ["--help"]], ids=" ".join)
def test_a_reader_that_never_reads_is_no_traceback(write_sheet: Callable[..., str], arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*WAYS, "--sheets", write_sheet(SHEET), *arguments], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


@needs_posix
@pytest.mark.parametrize(
    "value", ["plain", "a b", "it's", "$(touch x)`id`", '"', "\\", "two\nlines\n", "*", "é", "!", "\t", "'''", "\udcff", ""], ids=ascii
)
def test_a_shell_gets_the_value_that_was_read(write_sheet: Callable[..., str], tmp_path: Path, value: str) -> None:
    text = f"x{value}:b"
    script = f'eval "$({shlex.join(WAYS)} --sheets "$1" resolve --format env -- "$2")"; printf "%s|%s" "$A" "$B"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", write_sheet(SHEET), os.fsencode(text)], capture_output=True, cwd=tmp_path, check=True
    )
    assert (done.stdout, done.stderr) == (os.fsencode(f"{value}|b"), b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sheet.yml"]


@needs_posix
@pytest.mark.parametrize("count, is_shown", [(20, False), (3000, True)])
def test_long_work_shows_on_a_terminal_how_far_it_is(
    write_sheet: Callable[..., str], tmp_path: Path, count: int, is_shown: bool
) -> None:
    terminal, end = os.openpty()
    command = [*WAYS, "--sheets", write_sheet(SHEET), "resolve", *["x1:2"] * count]
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with (tmp_path / "answers").open("wb") as answers:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=answers, stderr=end, env=environ)
    os.close(end)
    shown = b""
    # Where nobody holds its other end any more, a terminal gives an error or nothing, as the platform likes.
    with suppress(OSError):
        while block := os.read(terminal, 65536):
            shown += block
    os.close(terminal)
    assert process.wait() == 0
    assert (tmp_path / "answers").read_text(encoding="utf-8").count("A = 1") == count
    assert (b"texts" in shown) is is_shown


SHELL_TEXTS = st.text(st.one_of(st.sampled_from("'\"\\$`!*?;&|<>(){}[]#~ \t\n=%^"), st.characters(exclude_characters="\0")), max_size=12)


@needs_posix
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SHELL_TEXTS, min_size=1, max_size=8))
@example(["\udcff\udc80", "'", "\n", "", "-n"])
def test_assignments_survive_any_value(values: list[str]) -> None:
    named = {f"V{number}": value for number, value in enumerate(values)}
    lines, skipped = shell_lines(named, "")
    shown = " ".join(f'"${name}"' for name in named)
    script = f"{chr(10).join(lines)}\nprintf '%s\\0' {shown}"
    encode = "surrogateescape" if any("\udc80" <= letter <= "\udcff" for letter in "".join(values)) else "surrogatepass"
    done = subprocess.run(["sh", "-c", 'eval "$1"', "sh", script.encode("utf-8", encode)], capture_output=True, check=True)
    assert not skipped
    assert done.stdout.split(b"\0")[:-1] == [value.encode("utf-8", encode) for value in values]
