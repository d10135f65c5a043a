"""What comes in and goes out: streams that are closed, full or odd, texts without an end, characters that no file can hold."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ways.cli.main import main
from ways.cli.streams import blocks_in, complain, never_fail

SHEET = "globals: {syntax: 2}\nplugins: {soup: {hierarchy: soup, mapping: '/soup/{BOWL}'}, teh: {hierarchy: té, mapping: '/té/{T}'}}"
#: Runs the command without more memory than this.
LIMITED = "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (400 << 20,) * 2); from ways.cli.entry import program; program()"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs descriptors")


def ways(*arguments: str, shell: str = "", environ: Mapping[str, str] | None = None, **given: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process; with the redirections *shell* in a shell."""
    command = [sys.executable, "-m", "ways", *arguments]
    if shell:
        command = ["sh", "-c", f'"$@" {shell}', "sh", *command]
    return subprocess.run(command, capture_output=True, env={**os.environ, **(environ or {})}, timeout=300, **given)


@pytest.fixture
def sheet(tmp_path: Path) -> str:
    path = tmp_path / "soup.yml"
    path.write_text(SHEET.replace("hierarchy: té", "hierarchy: tea"), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("half", ["\\ud800", "\\udc41"])
@pytest.mark.parametrize("environ", [{}, {"FORCE_COLOR": "1", "PYTHONIOENCODING": "ascii:strict"}], ids=["plain", "color"])
def test_half_a_character_in_a_sheet_is_told_by_every_command(tmp_path: Path, half: str, environ: dict[str, str]) -> None:
    plugin = f'"hierarchy": "soup", "mapping": "/soup{half}/{{BOWL}}", "data": {{"k{half}": "{half}"}}, "ma{half}": 1'
    (tmp_path / "a.json").write_text(f'{{"globals": {{"syntax": 2}}, "plugins": {{"p{half}": {{{plugin}}}}}}}', encoding="utf-8")
    (tmp_path / "b.yml").write_text("plugins: {a: {hierarchy: a, mapping: /a}}", encoding="utf-8")
    named = ["--sheets", "a.json"]
    commands = (
        ["check", "a.json"], [*named, "sheets"], [*named, "tree"], [*named, "context", "soup"], [*named, "explain", "soup"],
        [*named, "uses", "a.json:1"], [*named, "doctor", "-v"], ["diff", "a.json", "b.yml"], [*named, "find", "soup"],
        [*named, "format", "soup", "BOWL=x"], [*named, "report", "page.html"],
    )  # fmt: skip
    for command in commands:
        for form in ([], ["--format", "json"]):
            done = ways(*command, *form, environ=environ, cwd=tmp_path)
            assert done.returncode in (0, 1) and b"Traceback" not in done.stderr, (command, done.stderr)


@pytest.mark.parametrize(
    "environ", [{}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}]
)
def test_answers_are_utf8_whatever_the_environment_says(sheet: str, environ: dict[str, str]) -> None:
    done = ways("--sheets", sheet, "format", "tea", "T=日本", environ=environ)
    assert (done.returncode, done.stdout.decode()) == (0, "/té/日本\n")
    done = ways("--sheets", sheet, "resolve", "/té", environ=environ)
    assert done.returncode == 1 and b"Traceback" not in done.stderr and b"unresolved" in done.stderr


@pytest.mark.parametrize(
    "shell, code, told",
    [
        ("<&-", 2, b"ways: standard input can't be read: it is closed.\n"),
        ("0>written", 2, b"ways: standard input can't be read: Bad file descriptor.\n"),
        ("</dev/null >&-", 1, b"ways: can't write to stdout: Bad file descriptor\n"),
        ("</dev/null 2>&-", 0, b""),
        ("<&- >&- 2>&-", 1, b""),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_stream_that_is_closed_or_odd_is_one_line(sheet: str, tmp_path: Path, form: str, shell: str, code: int, told: bytes) -> None:
    for command in (["--sheets", sheet, "resolve", "-"], ["diff", sheet, sheet, "--paths", "-"]):
        done = ways(*command, "--format", form, shell=shell, cwd=tmp_path)
        # An empty list is compared, and counted.
        answer = b"0 paths\n" if form == "text" else b'{"kind": "counts", "total": 0, '
        assert (done.returncode, done.stderr) == (code, told)
        assert done.stdout.startswith(answer) if command[0] == "diff" and code == 0 else done.stdout == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("environ", [{}, {"PYTHONUNBUFFERED": "1"}, {"FORCE_COLOR": "1"}])
def test_an_answer_does_not_depend_on_whether_complaints_can_be_written(sheet: str, environ: dict[str, str]) -> None:
    done = ways("--sheets", sheet, "resolve", "/soup/x", "/none", shell="2>/dev/full", environ=environ)
    assert done.returncode == 1 and b"BOWL" in done.stdout
    assert ways("nothing", shell="2>/dev/full", environ=environ).returncode == 2
    assert ways("--sheets", sheet, "tree", shell=">/dev/full 2>&1", environ=environ).returncode == 1


def test_a_file_that_is_opened_never_takes_the_place_of_a_closed_output(sheet: str, tmp_path: Path) -> None:
    done = ways("--sheets", sheet, "report", str(tmp_path / "page.html"), shell=">&- 2>&-")
    assert done.returncode == 1 and not (tmp_path / "page.html").exists()
    done = ways("--sheets", sheet, "report", str(tmp_path / "page.html"), shell="2>&- <&-")
    assert done.returncode == 0 and (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that can be removed while one is in it")
@pytest.mark.parametrize("command", [["tree"], ["doctor"], ["init"], ["check", "."], ["cache", "info"]])
def test_where_there_is_no_current_folder_no_command_ends_in_a_traceback(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "gone").mkdir()
    script = 'cd "$0/gone" && rmdir ../gone && exec "$@"'
    done = subprocess.run(["sh", "-c", script, str(tmp_path), sys.executable, "-m", "ways", *command], capture_output=True, timeout=120)
    assert b"Traceback" not in done.stderr.partition(b"site.py")[0]


@pytest.mark.parametrize("end, option", [(b"\n", []), (b"\0", ["-0"])], ids=["lines", "nul"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_text_without_end_costs_no_memory_and_is_refused_alone(
    sheet: str, tmp_path: Path, form: str, end: bytes, option: list[str]
) -> None:
    size = 200 << 20
    command = [sys.executable, "-c", LIMITED, "--sheets", sheet, "resolve", "--format", form, *option, "-"]
    environ = {**os.environ, "WAYS_CACHE": "0"}
    with open(tmp_path / "answers", "wb+") as answers:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=answers, stderr=answers, env=environ) as process:
            assert process.stdin is not None
            process.stdin.write(b"/soup/1" + end)
            for _ in range(size >> 20):
                process.stdin.write(b"a" * (1 << 20))
            process.stdin.write(end + b"/soup/2" + end)
            process.stdin.close()
            assert process.wait(timeout=300) == 1
        answers.seek(0)
        told = answers.read()
    assert b"Traceback" not in told and b"/soup/1" in told and b"/soup/2" in told
    assert f"at most 32768 characters, found {size} bytes".encode() in told
    if form == "json":
        assert [json.loads(line)["status"] for line in told.splitlines()] == ["resolved", "unresolved", "resolved"]


def test_the_length_of_a_text_that_comes_in_is_that_which_is_set(sheet: str) -> None:
    texts = "/soup/" + "x" * 200
    limits = [{"WAYS_LIMITS": "text=10"}, {"WAYS_LIMITS": "text=300"}]
    done = [ways("--sheets", sheet, "resolve", "-", input=texts.encode(), environ=environ) for environ in limits]
    assert [item.returncode for item in done] == [1, 0] and b"found 206 bytes" in done[0].stderr


@pytest.mark.parametrize("command", ["tree", "check", "doctor", "report", "diff", "cache", "schema", "init"])
def test_an_interrupted_command_exits_with_130(sheet: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str) -> None:
    def interrupt(*arguments: Any, **given: Any) -> None:
        raise KeyboardInterrupt

    import_module(f"ways.cli.{command}")
    monkeypatch.setattr("ways.session.Session.__init__", interrupt)
    monkeypatch.setattr(f"ways.cli.{command}.write", interrupt, raising=False)
    monkeypatch.setattr(f"ways.cli.{command}.write_exactly", interrupt, raising=False)
    given = {"report": [str(tmp_path / "a.html")], "diff": [sheet, sheet], "cache": ["info"], "init": [str(tmp_path / "new")]}
    result = CliRunner().invoke(main, [command, *given.get(command, [sheet] if command == "check" else [])])
    assert (result.exit_code, result.output) == (130, "")


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
@pytest.mark.parametrize("environ", [{}, {"FORCE_COLOR": "1"}])
def test_a_signal_ends_what_waits_for_texts(sheet: str, number: int, code: int, environ: dict[str, str]) -> None:
    command = [sys.executable, "-m", "ways", "--sheets", sheet, "resolve", "-"]
    environ = {**os.environ, **environ}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdin.write(b"/soup/x\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(number)
        assert process.wait(timeout=120) == code
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.parametrize("where", ["ways.api", "click", "ways.cli.resolve", "ways.cli.complete.request", "atexit"])
def test_an_interrupt_while_modules_load_exits_with_130(sheet: str, where: str, tmp_path: Path) -> None:
    script = f"""
import sys

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == {where!r}:
            sys.meta_path.remove(self)
            raise KeyboardInterrupt

sys.modules.pop("atexit", None)
sys.meta_path.insert(0, Interrupts())
sys.argv = ["ways", "--sheets", {sheet!r}, "resolve", "/soup/x"]
from ways.cli.entry import program
program()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (130, b"")


def test_an_interrupt_ends_a_command_whose_threads_go_on(tmp_path: Path) -> None:
    (tmp_path / "wait.py").write_text(
        "import threading, time, os, signal\nthreading.Thread(target=time.sleep, args=(300,)).start()\n"
        "os.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\nplugins = {}\n",
        encoding="utf-8",
    )
    done = ways("--sheets", str(tmp_path / "wait.py"), "tree")
    assert (done.returncode, done.stderr) == (130, b"")


def test_a_reader_that_goes_away_ends_the_command_in_silence(sheet: str, tmp_path: Path) -> None:
    (tmp_path / "texts").write_bytes(b"/soup/x\n" * 50_000)
    done = ways("--sheets", sheet, "resolve", "-", shell="< texts | head -1; exit 0", cwd=tmp_path)
    assert done.stdout == b"/soup/x\n" and done.stderr == b""


def test_streams_that_a_program_put_there_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    out, error = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", error)
    never_fail()
    complain("told\nonce")
    assert (out.getvalue(), error.getvalue().count("\n")) == ("", 1)
    error.close()
    complain("nobody hears it")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
@pytest.mark.parametrize(
    "data, null, texts",
    [
        (b"\xef\xbb\xbfa\r\nb\r\r\n\r\n\nc\r", False, ["a", "b\r", "", "", "c\r"]),
        (b"a\n\xef\xbb\xbfb\n", False, ["a", "\ufeffb"]),
        (b"\xef\xbb\xbf", False, []),
        (b"\xef\xbb", False, ["\udcef\udcbb"]),
        (b"\xef\xbb\xbfa\r\0b\r\n\0", True, ["\ufeffa\r", "b\r\n"]),
    ],
    ids=["mark and returns", "a mark inside", "a mark alone", "half a mark", "nul"],
)
def test_lines_end_as_on_windows_and_begin_with_a_mark_however_they_come(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, size: int, data: bytes, null: bool, texts: list[str]
) -> None:
    monkeypatch.setattr("ways.cli.streams.BLOCK", size)
    (tmp_path / "list").write_bytes(data)
    assert [text for block in blocks_in(str(tmp_path / "list"), null, 100) for text in block] == texts
