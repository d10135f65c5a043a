"""``ways imjoy``: what it writes for people and for programs, what it asks, which files it leaves, and with which code it exits."""

from __future__ import annotations

import io
import json
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import PLUGIN_SHEETS
from systems.imjoy.prepared_plugins import SCRIPT, is_gone, plugin, wheel

from ways.cli.complete import answer
from ways.cli.draw.progress import Bar
from ways.cli.imjoy import _plain
from ways.cli.main import main
from ways.systems import imjoy

EXAMPLES = PLUGIN_SHEETS / "foreign" / "imjoy"
NUMBERS = '{"numbers": [1, 2, 4]}'
needs_posix = pytest.mark.skipif(os.name != "posix", reason="the steps are commands of POSIX, or it needs a pseudo-terminal")


def ways(path: Path, *arguments: str, **given: Any) -> Any:
    """Run a command on the plugins in a file or folder."""
    return CliRunner().invoke(main, ["--sheets", str(path), "imjoy", *arguments], env={"COLUMNS": "200"}, **given)


def script(text: str) -> str:
    """Return the block of a script that exports a class ``P``."""
    return f'<script lang="python">\nfrom imjoy import api\n\n{text}\n\napi.export(P())\n</script>\n'


def digest_of(path: Path, name: str = "P") -> str:
    return str(json.loads(ways(path, "plan", name, "--format", "json").stdout)["digest"])


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where :func:`plugin` writes a plugin ``P``; the current folder is another one, and there is no conda."""
    real = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name, *more, **named: None if name == "conda" else real(name, *more, **named))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "P.imjoy.html"


# plan


def test_a_plan_is_a_line_for_each_step_and_its_digest(file: Path) -> None:
    plugin(file.parent, requirements=["numpy", "cmd:ls; pwd"])
    done = ways(file, "plan", "P")
    assert (done.exit_code, done.stderr) == (0, "") and done.stdout.splitlines() == [
        "1. pip-install: python -m pip install numpy [network, unpinned]", "2. shell: ls; pwd [arbitrary-command, shell-syntax]",
        "needs a yes of its own: step 2", f"digest: {digest_of(file)}",
    ]  # fmt: skip


def test_a_plan_of_nothing(file: Path) -> None:
    plugin(file.parent)
    assert ways(file, "plan", "P").stdout.splitlines()[0] == "no steps: the plugin needs nothing"


def test_a_tag_is_named_in_either_way_and_has_its_own_plan(file: Path) -> None:
    done = [ways(EXAMPLES, "plan", *words) for words in (["Spot Counter@gpu"], ["Spot Counter", "--assignment", "gpu"], ["Spot Counter"])]
    assert done[0].stdout == done[1].stdout != done[2].stdout and "cudatoolkit" in done[0].stdout


def test_an_order_has_its_own_digest(file: Path) -> None:
    plugin(file.parent, requirements=["a", "repo:https://h/r"])
    engine, listed = (ways(file, "plan", "P", "--order", order).stdout.splitlines() for order in ("engine", "listed"))
    assert "git-clone" in engine[0] and "git-clone" in listed[1] and engine[-1] != listed[-1]


@pytest.mark.parametrize("command", [["plan"], ["prepare", "--place", "x", "--approve", "x"], ["run", "--trust"]])
def test_a_misspelt_plugin(command: list[str], file: Path) -> None:
    plugin(file.parent, "Counter")
    done = ways(file.with_name("Counter.imjoy.html"), command[0], "Cuonter", *command[1:])
    assert (done.exit_code, done.stdout) == (1, "") and "Did you mean 'Counter'?" in done.stderr


def test_what_is_wrong_with_a_sheet_is_written_once(file: Path) -> None:
    plugin(file.parent, requirements=["pip: --index-url http://h x"])
    for command in (["plan", "P"], ["prepare", "P", "--place", "x", "--approve", "x"], ["run", "P"]):
        assert ways(file, *command).stderr.count("error: ") == 1


# prepare


@needs_posix
def test_steps_are_done_once_and_shown(file: Path) -> None:
    plugin(file.parent, requirements=["cmd:echo x >> count"], env=[{"type": "variable", "options": {"A": "1"}}])
    given = ["prepare", "P", "--place", "place", "--approve", digest_of(file)]
    refused = ways(file, *given)
    assert (refused.exit_code, refused.stdout) == (1, "") and "step 2 was not approved: shell: echo x >> count" in refused.stderr
    assert not os.path.exists("place")
    first, second = ways(file, *given, "--yes-step", "2"), ways(file, *given, "--yes-step", "2")
    assert first.exit_code == second.exit_code == 0 and first.stderr == ""
    assert [line.split()[:2] for line in first.stdout.splitlines()[:2]] == [["done", "1."], ["done", "2."]]
    assert [line.split()[:2] for line in second.stdout.splitlines()[:2]] == [["kept", "1."], ["kept", "2."]]
    python, workspace = (line.partition(": ")[2] for line in first.stdout.splitlines()[2:])
    assert os.path.exists(python) and Path(workspace, "count").read_text() == "x\n"


def test_an_answer_for_programs(file: Path) -> None:
    plugin(file.parent, env=["conda create python", {"type": "variable", "options": {"A": "1"}}], requirements=["conda:x"])
    given = ["prepare", "P", "--place", "place", "--approve", digest_of(file), "--format", "json"]
    done = ways(file, *given)
    record = json.loads(done.stdout)
    assert done.exit_code == 1 and record["failed"] is None and record["done"] == [1, 2] and record["variables"] == {"A": "1"}
    assert record["unavailable"] == [{"id": 3, "note": "conda is not installed"}]
    assert done.stderr.startswith("warning: step 3 can't be done here: conda is not installed: conda-install: conda install -y x")
    ran = ways(file, "run", "P", "--place", "place", "--trust")
    assert ran.exit_code == 0 and ran.stderr.startswith("warning: this step couldn't be done: conda is not installed: conda-install")


def test_a_step_that_fails_shows_the_words_of_its_program(file: Path) -> None:
    requirement = wheel(file.parent / "place" / "workspace")
    (file.parent / "place" / "workspace" / requirement).unlink()
    plugin(file.parent, requirements=[requirement])
    done = ways(file, "prepare", "P", "--place", str(file.parent / "place"), "--approve", digest_of(file))
    assert done.exit_code == 1 and done.stdout.startswith("failed       1. pip-install") and "python: " not in done.stdout
    assert done.stderr.startswith("ways: step 1 failed with exit code 1: pip-install: python -m pip install ./thing-1.0-")
    assert re.search(r"^  ERROR: .*thing-1\.0", done.stderr, re.MULTILINE)


@pytest.mark.parametrize(
    "given", [[], ["--place", "p"], ["--approve", "x"], ["--place", "p", "--approve", "x", "--yes-step", "9"], ["--yes-step", "a"]]
)
def test_wrong_usage_of_prepare(given: list[str], file: Path) -> None:
    plugin(file.parent, requirements=["numpy"])
    done = ways(file, "prepare", "P", *given)
    assert (done.exit_code, done.stdout) == (2, "") and not os.path.exists("p")
    if given == ["--place", "p"]:
        assert "--approve: expected the digest of the plan that you have read: ways imjoy plan shows both." in done.stderr


# run


def test_the_examples_run(file: Path) -> None:
    done = ways(EXAMPLES, "run", "Number Summary", "digits=1", "--data", NUMBERS, "--trust")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "mean = 2.3\nmedian = 2\nunit = mm\n", "status: 3 numbers\n")
    done = ways(EXAMPLES, "run", "Number Summary", "scale", "--data", NUMBERS, "--trust")
    assert (done.exit_code, done.stdout) == (0, "[10, 20, 40]\n")
    done = ways(EXAMPLES, "run", "Bar Picture", "height=10", "--data", NUMBERS, "--trust", "--folder", "out")
    path = os.path.join("out", "Bars.png")
    assert (done.exit_code, done.stdout) == (0, f"width = 60\nheight = 10\n{path}\n")
    assert done.stderr.splitlines()[:2] == ["log: ready to draw", "progress: 10 %"] and os.listdir("out") == ["Bars.png"]
    width, height, rows = pixels(Path(path).read_bytes())
    assert (width, height) == (60, 10)
    assert [[rows[line][x] for x in (0, 20, 40)] for line in (0, 9)] == [[220, 220, 0], [0, 0, 0]]


def pixels(data: bytes) -> tuple[int, int, list[bytes]]:
    """Return the width, the height and the rows of a PNG with gray values and no filters."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        chunks[kind] = data[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", data, at + 8 + size)[0] == zlib.crc32(data[at + 4 : at + 8 + size])
        at += 12 + size
    width, height = struct.unpack_from(">II", chunks[b"IHDR"])
    raw = zlib.decompress(chunks[b"IDAT"])
    return width, height, [raw[row * (width + 1) + 1 : (row + 1) * (width + 1)] for row in range(height)]


def test_a_run_needs_trust(file: Path) -> None:
    plugin(file.parent, script=script("open('../run', 'w')\nclass P: pass"))
    done = ways(file, "run", "P")
    assert (done.exit_code, done.stdout) == (1, "") and "--trust" in done.stderr and not Path("../run").exists()


def test_a_plugin_of_a_browser(file: Path) -> None:
    done = ways(EXAMPLES, "run", "Cell viewer", "--trust")
    assert done.exit_code == 1 and "can't run here: it runs in a web browser" in done.stderr


def test_values_are_those_of_the_form(file: Path) -> None:
    ui = "{id: 'n', type: 'number', max: 5} {id: 'c', type: 'choose', options: ['a', 2], placeholder: 'a'} {id: 't', type: 'string'}"
    plugin(file.parent, ui=ui, script=script("class P:\n    def run(self, ctx):\n        return dict(ctx.config)"))

    def config(*values: str) -> Any:
        return json.loads(ways(file, "run", "P", *values, "--trust", "--format", "json").stdout.splitlines()[-1])["result"]

    assert config() == {"n": 3, "c": "a", "t": "???", "type": "P"}
    assert config("n=-1.5", "c=2", "t=7=x") == {"n": -1.5, "c": 2, "t": "7=x", "type": "P"}
    assert config("P", "n=5")["n"] == 5
    for value in ("n=x", "n=6", "n=nan", "c=b"):
        done = ways(file, "run", "P", value, "--trust")
        assert (done.exit_code, done.stdout) == (2, "") and f"ways: {value}: expected" in done.stderr
    done = ways(file, "run", "P", "m=1", "--trust")
    assert done.exit_code == 1 and "has no field 'm'; it has n, c, t" in done.stderr


@pytest.mark.parametrize(
    "given",
    [
        ["n=1", "n=2"], ["n=1", "op"], ["--data", "{"], ["--data", "[" * 100_000], ["--timeout", "0"], ["--timeout", "nan"],
        ["--python", "p", "--place", "q"],
    ],
    ids=["twice", "op last", "no JSON", "too deep", "no time", "no number", "two Pythons"],
)
def test_wrong_usage_of_run(given: list[str], file: Path) -> None:
    plugin(file.parent)
    done = ways(file, "run", "P", *given, "--trust")
    assert (done.exit_code, done.stdout) == (2, "")


def test_data_may_come_from_standard_input(file: Path) -> None:
    done = ways(EXAMPLES, "run", "Number Summary", "--data", "-", "--trust", input=NUMBERS)
    assert done.stdout.startswith("mean = 2.33")


def test_data_that_does_not_fit_is_a_warning(file: Path) -> None:
    pytest.importorskip("jsonschema", reason="the extra 'imjoy' is not installed")
    done = ways(EXAMPLES, "run", "Number Summary", "--data", '{"numbers": []}', "--trust")
    assert done.exit_code == 1 and done.stderr.startswith("warning: the data doesn't fit the 'inputs' of 'Number Summary'.\n")
    assert re.search(r"number_summary\.imjoy\.html:\d+: StatisticsError: mean requires", done.stderr)


TALKS = """class P:
    def run(self, ctx):
        print("printed")
        api.alert({"title": "Mind", "content": "the gap"})
        api.log("a", 1)
        api.error("bad")
        api.showMessage("m\\x1b[2J", 5)
        api.showSnackbar("s")
        api.showStatus("st")
        api.createWindow(name="w", type="imjoy/markdown", data={"source": "x"})
        return "two\\nlines"
"""


def test_what_a_plugin_says_goes_to_standard_error(file: Path) -> None:
    plugin(file.parent, script=script(TALKS))
    done = ways(file, "run", "P", "--trust")
    assert (done.exit_code, done.stdout) == (0, "two\nlines\n")
    assert done.stderr.splitlines() == [
        "alert: Mind: the gap", "log: a 1", "error: bad", "message: m\\x1b[2J", "message: s", "status: st",
        "window: w (imjoy/markdown), which only a web browser shows", "printed",
    ]  # fmt: skip


def test_what_a_plugin_prints_is_shown_while_it_runs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = file.with_name("seen")
    wait = f"while not os.path.exists({str(seen)!r}):\n            time.sleep(0.02)"
    body = f"print('first')\n        {wait}\n        print('last', end='')"
    waits = f"import os, time\nclass P:\n    def run(self, ctx):\n        {body}"
    plugin(file.parent, script=script(waits))
    written: list[str] = []

    def complain(text: str) -> None:
        written.append(text)
        seen.touch()

    monkeypatch.setattr("ways.cli.imjoy.complain", complain)
    assert ways(file, "run", "P", "--trust").exit_code == 0 and written == ["first", "last"]


def test_events_for_programs(file: Path) -> None:
    plugin(file.parent, script=script(TALKS))
    done = ways(file, "run", "P", "--trust", "--format", "json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    names = ["alert", "log", "error", "showMessage", "showSnackbar", "showStatus", "createWindow", "end"]
    assert [event["event"] for event in events] == names and done.stderr == "printed\n"
    assert events[0]["value"] == {"title": "Mind", "content": "the gap"}
    assert events[-1] == {"event": "end", "plugin": "P", "tag": "", "state": "done", "result": "two\nlines", "files": []}


def test_a_plugin_that_fails(file: Path) -> None:
    plugin(file.parent, script=script("class P:\n    def run(self, ctx):\n        print('before')\n        raise ValueError('no good')"))
    done = ways(file, "run", "P", "--trust")
    assert (done.exit_code, done.stdout) == (1, "") and done.stderr == f"before\nways: {file}:10: ValueError: no good\n"
    done = ways(file, "run", "P", "--trust", "--format", "json")
    end = json.loads(done.stdout)
    assert done.exit_code == 1 and end["state"] == "failed" and "result" not in end
    assert (end["error"]["class"], end["error"]["code"]) == ("ScriptError", "script-error") and "no good" in end["error"]["message"]


def test_a_plugin_that_takes_too_long(file: Path) -> None:
    plugin(file.parent, script=script("import time\nclass P:\n    def run(self, ctx):\n        time.sleep(600)"))
    done = ways(file, "run", "P", "--trust", "--timeout", "2")
    assert (done.exit_code, done.stdout) == (1, "") and re.search("did not answer .* within 2 s", done.stderr)


PICTURES = """
PNG = "data:image/png;base64,iVBORw0KGgo="
class P:
    def run(self, ctx):
        api.createWindow(name="../a: b", type="imjoy/image", data={"src": PNG})
        api.createWindow(type="imjoy/image", data={"src": "data:image/svg+xml;charset=utf-8;base64,PHN2Zy8+"})
        api.createWindow(type="imjoy/image", data={"src": "data:image/png;base64,!!!"})
        api.createWindow(name="far", type="imjoy/image", data={"src": "https://h/x.png"})
        api.log({"type": "image", "value": PNG})
        return {"type": "imjoy/image", "data": {"src": PNG}, "name": "a b"}
"""


def test_pictures_are_written_to_new_files_of_one_folder(file: Path) -> None:
    plugin(file.parent, script=script(PICTURES))
    for _ in range(2):
        done = ways(file, "run", "P", "--trust")
        assert done.exit_code == 0 and "warning: the picture 'imjoy/image' can't be written" in done.stderr
        assert "window: far (imjoy/image), which only a web browser shows" in done.stderr
    names = ["a_b", "a_b-2", "a_b-3", "a_b-4", "log", "log-2"]
    assert set(os.listdir()) == {*(f"{name}.png" for name in names), "imjoy_image-2.svg", "imjoy_image.svg"}
    assert sorted(os.listdir("..")) == ["P.imjoy.html", "here"]
    names = ["log-2.png", "a_b-3.png", "imjoy_image-2.svg", "a_b-4.png"]
    assert done.stdout.splitlines()[-4:] == [os.path.join(".", name) for name in names]
    assert Path("a_b.png").read_bytes() == b"\x89PNG\r\n\x1a\n" and Path("imjoy_image.svg").read_text() == "<svg/>"


def test_what_a_plugin_gives_may_be_odd(file: Path) -> None:
    text = """
class P:
    def run(self, ctx):
        api.showStatus({"content": 10**6000, "title": [10**6000]})
        for name, src in (("a", "\\u00e9"), (10**6000, "!"), ("c", "\\ud800")):
            api.createWindow({"name": name, "type": "imjoy/image", "data": {"src": "data:image/png;base64," + src}})
        api.createWindow({"type": 10**6000, "data": 10**6000})
        return {"large": 10**6000, 10**6000: [-(10**6000)]}
"""
    plugin(file.parent, script=script(text))
    done = ways(file, "run", "P", "--trust")
    assert done.exit_code == 0, done.stderr
    assert done.stderr.count("can't be written") == 3
    assert done.stdout.splitlines() == ["large = integer of 19932 bits", 'integer of 19932 bits = ["integer of 19932 bits"]']
    done = ways(file, "run", "P", "--trust", "--format", "json")
    assert done.exit_code == 0 and json.loads(done.stdout.splitlines()[-1])["result"]["large"] == "integer of 19932 bits"


def test_numbers_of_numpy_that_python_does_not_have_are_texts() -> None:
    numpy = pytest.importorskip("numpy")
    assert _plain([numpy.longdouble(1.5), numpy.arange(2, dtype=numpy.longdouble), numpy.array(2)]) == ["1.5", ["0.0", "1.0"], 2]


def test_a_picture_is_a_path_for_programs(file: Path) -> None:
    plugin(file.parent, script=script(PICTURES))
    done = ways(file, "run", "P", "--trust", "--format", "json", "--folder", "out")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["value"]["data"]["src"] == os.path.join("out", "a_b.png") and "iVBOR" not in done.stdout.split('"end"')[0]
    assert len(events[-1]["files"]) == 4 and all(os.path.exists(path) for path in events[-1]["files"])


def test_a_plugin_runs_where_it_was_prepared(file: Path) -> None:
    place = file.parent / "place"
    result = "[thing.answer, sys.prefix, os.getcwd(), os.environ['A']]"
    text = f"import thing, os, sys\nclass P:\n    def run(self, ctx):\n        return {result}"
    config: dict[str, Any] = {"env": [{"type": "variable", "options": {"A": "1"}}], "requirements": [wheel(place / "workspace")]}
    plugin(file.parent, script=script(text), **config)
    done = ways(file, "run", "P", "--place", str(place), "--trust")
    assert (done.exit_code, done.stdout) == (1, "") and "isn't prepared in" in done.stderr and "ways imjoy prepare" in done.stderr
    assert ways(file, "prepare", "P", "--place", str(place), "--approve", digest_of(file)).exit_code == 0
    answer, prefix, folder, variable = json.loads(ways(file, "run", "P", "--place", str(place), "--trust").stdout)
    assert (answer, variable) == (42, "1") and prefix.startswith(str(place)) and folder == os.path.realpath(place / "workspace")
    done = ways(file, "run", "P", "--trust")
    assert done.exit_code == 1 and "No module named 'thing'" in done.stderr


ASKS = """class P:
    async def run(self, ctx):
        name = await api.prompt("Who?", "nobody")
        why = await api.prompt("Why?")
        sure = await api.confirm("Sure?")
        form = await api.showDialog({"name": "D", "ui": "how many {id: 'n', type: 'number', max: 5, placeholder: 2}"})
        api.showProgress(50)
        return [name, why, sure, form["n"]]
"""


@pytest.mark.parametrize(
    "function", ["prompt('x')", "showDialog({'ui': 'x {id: \\'n\\', type: \\'number\\'}'})", "showDialog({'type': 'w'})"]
)
def test_nobody_to_ask_is_an_error_of_the_plugin_at_its_line(function: str, file: Path) -> None:
    plugin(file.parent, script=script(f"class P:\n    async def run(self, ctx):\n        return await api.{function}"))
    done = ways(file, "run", "P", "--trust", "--format", "json")
    error = json.loads(done.stdout.splitlines()[-1])["error"]
    assert done.exit_code == 1 and error["code"] == "needs-interface" and f"{file}:9: " in error["message"]


@needs_posix
def test_a_terminal_is_asked_and_shows_a_bar(file: Path) -> None:
    plugin(file.parent, script=script(ASKS))
    seen, code = in_terminal(file, {"Who?": "me", "Why?: ": "so", "Sure?": "y", "how many": "9", "at most 5": "4"})
    assert code == 0 and '["me", "so", true, 4]' in seen and "Who? [nobody]" in seen and "\u2501" in seen


def in_terminal(file: Path, answers: dict[str, str]) -> tuple[str, int]:
    """Run a plugin in a pseudo-terminal; answer each question once it is there. Return what was on the screen, and the exit code."""
    import pty

    above, below = pty.openpty()
    command = [sys.executable, "-m", "ways", "--sheets", str(file), "imjoy", "run", "P", "--trust"]
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "PYTHONUTF8": "1"}
    process = subprocess.Popen(command, stdin=below, stdout=below, stderr=below, env=environ, start_new_session=True)
    os.close(below)
    screen, at, waiting, end = "", 0, dict(answers), time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([above], [], [], 0.2)[0]:
            try:
                screen += os.read(above, 1 << 16).decode("utf-8", "replace")
            except OSError:
                break
        elif process.poll() is not None:
            break
        for question in [*waiting][:1]:
            if (place := screen.find(question, at)) >= 0:
                at = place + len(question)
                os.write(above, f"{waiting.pop(question)}\n".encode())
    os.close(above)
    code = process.wait(60)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", screen), code


def test_a_bar_is_a_line_for_each_tenth_where_there_is_no_terminal() -> None:
    shown = io.StringIO()
    with Bar(shown) as bar, bar.paused():
        bar.status("unseen")
        for done in (-5, 1, 9.9, 10, 15, 100, 250):
            bar.percent(done)
    assert shown.getvalue() == "progress: 0 %\nprogress: 10 %\nprogress: 100 %\n"


def test_results_are_plain() -> None:
    arrays = [imjoy.Array("<f8", (2, 2), struct.pack("<4d", 1, 2, 3, float("inf"))), imjoy.Array("<f8", (2000,), bytes(16_000))]
    if sys.byteorder == "little":
        assert _plain(arrays) == [[[1.0, 2.0], [3.0, "inf"]], "array of <f8, 2000"]
    assert _plain({1: (b"ab", {2, 1}, 1 + 2j, None, True, len)})["1"] == ["2 bytes", [1, 2], "(1+2j)", None, True, len.__class__.__name__]
    assert _plain(imjoy.Array("<U1", (1,), "x".encode("utf-32-le"))) == "array of <U1, 1"


# what stands elsewhere


def test_every_key_stands_in_the_reference(file: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.rst").read_text(encoding="utf-8")
    section = page.split("\n``ways imjoy", 1)[1].split("\n``ways completion")[0]
    plugin(file.parent, script=SCRIPT, requirements=["conda:x"])
    records = [json.loads(ways(file, "plan", "P", "--format", "json").stdout)]
    records += [*records[0]["steps"]]
    prepared = json.loads(ways(file, "prepare", "P", "--place", "p", "--approve", records[0]["digest"], "--format", "json").stdout)
    records += [prepared, *prepared["unavailable"]]
    records.append(json.loads(ways(file, "run", "P", "--trust", "--format", "json").stdout))
    records.append(json.loads(ways(file, "run", "P", "nothing", "--trust", "--format", "json").stdout))
    records.append(records[-1]["error"])
    assert sorted({key for record in records for key in record if f"``{key}``" not in section}) == []


def words(*line: str) -> list[str]:
    *before, start = line
    return [item.value for item in answer.items(before, start) or ()]


def test_completion(file: Path) -> None:
    sheet = ("--sheets", str(EXAMPLES))
    assert words(*sheet, "imjoy", "") == ["plan", "prepare", "run"] and words("imj") == ["imjoy"]
    assert words(*sheet, "imjoy", "run", "S") == ["Smooth (fast)", "Spot Counter"]
    assert words(*sheet, "imjoy", "plan", "Spot Counter@") == ["Spot Counter@cpu", "Spot Counter@gpu"]
    assert words(*sheet, "imjoy", "run", "Number Summary", "") == ["digits="]
    assert words(*sheet, "imjoy", "run", "Number Summary", "digits=1", "d") == []
    assert words(*sheet, "imjoy", "run", "Nowhere", "") == [] and words(*sheet, "imjoy", "plan", "No@") == []
    assert words("imjoy", "prepare", "--app") == ["--approve"] and words("imjoy", "plan", "--order", "l") == ["listed"]


@needs_posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_what_was_started_too(file: Path, number: signal.Signals) -> None:
    waits = script("import os, time\nclass P:\n    def run(self, ctx):\n        print(os.getpid(), flush=True)\n        time.sleep(600)")
    plugin(file.parent, requirements=["cmd:echo $$ > pid; sleep 600"], script=waits)
    approved = ["--place", "place", "--approve", digest_of(file), "--yes-step", "1"]
    temporary = file.parent / "temporary"
    temporary.mkdir()

    def ended(*given: str, shown: Path | None) -> int:
        """Begin a command, send it the signal, and return the process that it had started."""
        command = [sys.executable, "-m", "ways", "--sheets", str(file), "imjoy", *given]
        environ = {**os.environ, "TMPDIR": str(temporary)}
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, encoding="utf-8", env=environ) as process:
            assert process.stderr is not None
            while shown is not None and process.poll() is None and not (shown.exists() and shown.read_text().strip()):
                time.sleep(0.02)
            begun = shown.read_text() if shown is not None else process.stderr.readline()
            process.send_signal(number)
            assert process.wait(60) == 128 + number and "Traceback" not in process.stderr.read()
        return int(begun)

    assert is_gone(ended("prepare", "P", *approved, shown=Path("place", "workspace", "pid")))
    assert is_gone(ended("run", "P", "--trust", shown=None))
    assert list(temporary.iterdir()) == []
