"""Each way in which a plugin can fail: what its host gets, and that nothing is left of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from systems.imjoy.imjoy_plugins import LINES_BEFORE, is_alive, plugin_at, plugin_text, wait_until
from ways.errors import UntrustedError
from ways.systems import imjoy
from ways.systems.imjoy import worker as imjoy_worker
from ways.systems.imjoy.child import Message
from ways.systems.imjoy.worker import Worker


@pytest.fixture(autouse=True)
def processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[int]]:
    """The processes of a test; each is gone at its end, and so are the folders that it didn't name."""
    started: list[int] = []
    begin = subprocess.Popen.__init__

    def noted(self: Any, *arguments: Any, **named: Any) -> None:
        begin(self, *arguments, **named)
        started.append(self.pid)

    monkeypatch.setattr(subprocess.Popen, "__init__", noted)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield started
    assert not [pid for pid in started if is_alive(pid)]
    assert list(folder.iterdir()) == []


def line_of(script: str, text: str) -> int:
    return LINES_BEFORE + [line.strip() for line in script.strip("\n").splitlines()].index(text) + 1


# --- before it runs


def test_a_plugin_that_is_not_trusted_is_not_started(tmp_path: Path, processes: list[int]) -> None:
    with pytest.raises(UntrustedError, match="say trust=True") as caught:
        imjoy.start(plugin_at(tmp_path, "print(1)"))
    assert caught.value.path == str(tmp_path / "Half.imjoy.html")
    assert processes == []


def test_a_plugin_that_a_shell_would_start_is_not_started(tmp_path: Path, processes: list[int]) -> None:
    with pytest.raises(imjoy.ImJoyError, match="python; rm -rf x") as caught:
        imjoy.start(plugin_at(tmp_path, "print(1)", cmd="python; rm -rf x"), trust=True)
    assert caught.value.code == "consent-required"
    assert processes == []


def test_a_plugin_without_a_script_in_python_is_not_started(tmp_path: Path, processes: list[int]) -> None:
    path = tmp_path / "a.imjoy.html"
    path.write_text(plugin_text("1").replace('"python"', '"javascript"'), encoding="utf-8")
    from ways.api import Session

    session = Session()
    session.add_search_path(str(path))
    with pytest.raises(imjoy.ImJoyError, match="no script in Python") as caught:
        imjoy.start(session.need_context("imjoy/local/Half"), trust=True)
    assert caught.value.code == "no-script" and processes == []


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(imjoy.ImJoyError, match="no-such-python") as caught:
        imjoy.start(plugin_at(tmp_path, "print(1)"), trust=True, python=tmp_path / "no-such-python")
    assert caught.value.code == "python-missing"


# --- the script and setup


@pytest.mark.parametrize(
    "script, at, code, type, text",
    [
        ("x = 1\nif x:\npass\n", "pass", "script-syntax", "IndentationError", "expected an indented block"),
        ("x = 1\nx = (\n", "x = (", "script-syntax", "SyntaxError", "was never closed"),
        ("def f():\n    raise ValueError('no good')\nf()\n", "raise ValueError('no good')", "script-error", "ValueError", "no good"),
        ("import sys\nsys.exit(3)\n", "sys.exit(3)", "script-error", "SystemExit", "3"),
        ("x = 1\n\ny = 2\n", "y = 2", "no-export", "NoExport", "without api.export"),
        ("from imjoy import api\napi.foo()\n", "api.foo()", "api-unavailable", "Unavailable", "api.foo is not available"),
        ("x = 1\napi.showProgres(1)\n", "api.showProgres(1)", "api-unavailable", "Unavailable", "Did you mean 'showProgress'"),
        ("x = 1\napi.call('A', 'f')\n", "api.call('A', 'f')", "api-unavailable", "Unavailable", "api.call needs an engine"),
        ("x = 1\napi.prompt('?')\n", "api.prompt('?')", "needs-interface", "NeedsInterface", "api.prompt needs a user interface"),
        ("api.utils.fly()\n", "api.utils.fly()", "api-unavailable", "Unavailable", "api.utils.fly is not available"),
    ],
)
def test_a_script_that_fails_is_told_at_its_line(tmp_path: Path, script: str, at: str, code: str, type: str, text: str) -> None:
    with pytest.raises(imjoy.ScriptError, match=text) as caught:
        imjoy.start(plugin_at(tmp_path, script), trust=True)
    error = caught.value
    assert (error.code, error.type, error.line) == (code, type, line_of(script, at))
    assert f"Half.imjoy.html:{error.line}: {type}" in str(error)


def test_a_setup_that_fails_fails_the_start(tmp_path: Path) -> None:
    script = "from imjoy import api\nasync def setup():\n    return {}['a']\napi.export({'setup': setup})\n"
    with pytest.raises(imjoy.ScriptError, match="KeyError: 'a'") as caught:
        imjoy.start(plugin_at(tmp_path, script), trust=True)
    assert caught.value.line == line_of(script, "return {}['a']")


def test_a_package_that_is_missing_is_named_with_what_helps(tmp_path: Path) -> None:
    script = "import os\nimport no_such_package.part\n"
    with pytest.raises(imjoy.ScriptError, match="Its plan installs nothing: run it with a Python that has this package") as caught:
        imjoy.start(plugin_at(tmp_path, script), trust=True)
    assert (caught.value.type, caught.value.line) == ("ModuleNotFoundError", LINES_BEFORE + 2)
    with pytest.raises(imjoy.ScriptError, match="Its plan installs 'numpy', 'pip:such-a-package==1': prepare does that"):
        imjoy.start(plugin_at(tmp_path, script, requirements=["numpy", "pip:such-a-package==1", "cmd:ls"]), trust=True)


def test_a_name_that_a_package_has_no_more_is_told_at_its_line(tmp_path: Path) -> None:
    with pytest.raises(imjoy.ScriptError, match="cannot import name 'watershed' from 'json'") as caught:
        imjoy.start(plugin_at(tmp_path, "import os\nfrom json import watershed\n"), trust=True)
    assert (caught.value.type, caught.value.line, caught.value.help) == ("ImportError", LINES_BEFORE + 2, "")


# --- calls

SCRIPT = """
import os, sys, time, subprocess
from imjoy import api

def f(value=None):
    return value

async def ask():
    return await api.prompt("?")

async def tell():
    await api.alert("!")
    return "told"

def bad():
    return object()

def forget():
    raise MemoryError

def doze():
    time.sleep(600)

def kill():
    os.kill(os.getpid(), 9)

def print_a_long_line():
    print("x" * 3_000_000)
    print("x" * 10_000)
    print("short")

async def work_in_another_thread():
    import asyncio
    task = asyncio.get_running_loop().run_in_executor(None, time.sleep, 600)
    await task

def hold():
    import re
    print("holding", flush=True)
    # No other thread runs while this is searched.
    re.match("(a+)+$", "a" * 60 + "b")

def large():
    return bytes(64 << 20)

def die():
    for number in range(100):
        print("line", number)
    os._exit(3)

def hang():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(os.getpid())
    while True:
        pass

def flood():
    while True:
        print("x" * 1000)

def flood_events():
    while True:
        api.log("x" * 100_000)

def flood_one_line():
    while True:
        sys.stdout.write("x" * 1000)
        sys.stdout.flush()

async def wait():
    import asyncio
    await asyncio.sleep(600)

def write(data):
    os.write(api._program.writer, data)
    time.sleep(600)

async def steal(target):
    return await api._program.call_remote(target, ["stolen"], {})

api.export(dict(f=f, forget=forget, doze=doze, kill=kill, print_a_long_line=print_a_long_line,
                work_in_another_thread=work_in_another_thread, hold=hold, ask=ask, tell=tell, bad=bad, large=large,
                die=die, hang=hang, flood=flood, flood_events=flood_events, flood_one_line=flood_one_line, wait=wait,
                write=write, steal=steal))
"""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    with imjoy.start(plugin_at(tmp_path, SCRIPT), trust=True) as made:
        yield made


def test_a_function_that_is_not_exported_is_refused_with_those_that_are(worker: Worker) -> None:
    for name in ("ff", "f.__globals__", "__init__", ""):
        with pytest.raises(imjoy.ImJoyError, match="it exports ask, bad, die, doze, f, flood") as caught:
            worker.call(name)
        assert caught.value.code == "no-function"


def test_an_export_that_is_taken_for_an_op_is_told_so(worker: Worker) -> None:
    with pytest.raises(imjoy.ImJoyError, match=r"has no op 'f'; it has none. It exports 'f', but not as an op: .*worker.call") as caught:
        worker.run("f")
    assert caught.value.code == "no-op"


def test_a_question_without_a_handler_fails_at_its_line(worker: Worker) -> None:
    with pytest.raises(imjoy.ScriptError, match="the host has no handler 'prompt'") as caught:
        worker.call("ask")
    assert (caught.value.code, caught.value.line) == ("needs-interface", line_of(SCRIPT, 'return await api.prompt("?")'))


def test_what_cannot_be_sent_fails_its_own_call_alone(worker: Worker) -> None:
    with pytest.raises(imjoy.ImJoyError, match="an object of the type object can't be sent") as caught:
        worker.call("f", object())
    assert caught.value.code == "not-sendable"
    with pytest.raises(imjoy.ScriptError, match="bad returned what can't be sent: an object of the type object can't be sent") as said:
        worker.call("bad")
    assert (said.value.code, said.value.line) == ("not-sendable", line_of(SCRIPT, "def bad():"))
    with pytest.raises(imjoy.ScriptError, match="the limit is 67108864"):
        worker.call("large")
    with pytest.raises(imjoy.ImJoyError, match="the limit is 67108864"):
        worker.call("f", bytes(64 << 20))
    assert worker.call("f", "still there") == "still there"


def test_an_exception_that_says_too_much_or_cannot_speak_is_told(tmp_path: Path) -> None:
    script = """
    from imjoy import api

    class Mute(Exception):
        def __str__(self):
            raise KeyError("no")

    def f(error):
        raise {"mute": Mute(), "long": ValueError("x" * (70 << 20)), "exit": SystemExit(2), "stop": KeyboardInterrupt()}[error]

    async def g(error):
        f(error)

    api.export({"f": f, "g": g, "has": lambda: [hasattr(api, "prompt"), hasattr(api, "fly"), hasattr(api, "alert")]})
    """
    with imjoy.start(plugin_at(tmp_path, script), trust=True) as worker:
        for function in "fg":
            for name, kind in {"mute": "Mute", "long": "ValueError", "exit": "SystemExit", "stop": "KeyboardInterrupt"}.items():
                with pytest.raises(imjoy.ScriptError) as caught:
                    worker.call(function, name)
                assert caught.value.type == kind and len(str(caught.value)) < 30_000
        assert worker.call("has") == [True, False, True]


def test_a_process_that_ends_is_told_to_every_call(worker: Worker) -> None:
    errors: list[Exception] = []

    def wait() -> None:
        with pytest.raises(imjoy.WorkerDied) as caught:
            worker.call("wait")
        errors.append(caught.value)

    threads = [threading.Thread(target=wait) for _ in range(8)]
    for thread in threads:
        thread.start()
    with pytest.raises(imjoy.WorkerDied, match="exit code 3") as caught:
        worker.call("die")
    for thread in threads:
        thread.join()
    assert caught.value.exit_code == 3 and caught.value.code == "worker-died"
    assert caught.value.lines == tuple(f"line {number}" for number in range(80, 100))
    assert str(caught.value).splitlines()[-1] == "  line 99"
    assert len(errors) == 8
    with pytest.raises(imjoy.WorkerDied):
        worker.call("f")


def test_a_process_that_hangs_is_ended_with_all_that_it_started(worker: Worker, tmp_path: Path) -> None:
    worker.timeout = 1
    with pytest.raises(imjoy.CallTimeout, match="did not answer 'hang' within 1 s") as caught:
        worker.call("hang")
    assert caught.value.code == "timeout" and isinstance(caught.value, TimeoutError)
    assert not is_alive(worker.pid)
    with pytest.raises(imjoy.WorkerDied, match="took more than 1 s for 'hang'"):
        worker.call("f")


@pytest.mark.skipif(os.name == "nt", reason="writing to a pipe can't be limited there")
def test_a_process_that_does_not_even_read_is_ended(worker: Worker) -> None:
    thread = threading.Thread(target=lambda: pytest.raises(imjoy.ImJoyError, worker.call, "hold"))
    thread.start()
    assert wait_until(lambda: worker.log == ["holding"])
    worker.timeout = 1
    with pytest.raises(imjoy.CallTimeout):
        worker.call("f", bytes(10 << 20))
    thread.join()
    assert not is_alive(worker.pid)


@pytest.mark.skipif(os.name == "nt", reason="writing to a pipe can't be limited there")
def test_a_process_that_does_not_read_is_closed_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imjoy_worker, "GRACE", 0.5)
    with imjoy.start(plugin_at(tmp_path, SCRIPT), trust=True, timeout=None) as worker:
        calls = [(imjoy.WorkerDied, worker.call, "hold"), (imjoy.WorkerDied, worker.call, "f", bytes(1 << 20))]
        threads = [threading.Thread(target=pytest.raises, args=call) for call in calls]
        threads[0].start()
        assert wait_until(lambda: worker.log == ["holding"])
        threads[1].start()
    for thread in threads:
        thread.join()


def test_an_answer_that_cannot_be_sent_is_an_error_in_the_plugin(tmp_path: Path) -> None:
    with imjoy.start(plugin_at(tmp_path, SCRIPT), trust=True, handlers={"prompt": lambda _: object()}) as worker:
        with pytest.raises(imjoy.ScriptError, match="an object of the type object can't be sent"):
            worker.call("ask")


def test_a_start_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(imjoy.CallTimeout, match="within 0.5 s"):
        imjoy.start(plugin_at(tmp_path, "while True: pass"), trust=True, timeout=0.5)


def test_arguments_that_a_function_does_not_take_are_told_at_its_line(worker: Worker) -> None:
    with pytest.raises(imjoy.ScriptError, match=r"TypeError: f\(\) takes from 0 to 1 positional arguments but 2 were given") as caught:
        worker.call("f", 1, 2)
    assert caught.value.line == line_of(SCRIPT, "def f(value=None):")


def test_an_exception_that_says_nothing_is_its_type_alone(worker: Worker) -> None:
    with pytest.raises(imjoy.ScriptError) as caught:
        worker.call("forget")
    assert str(caught.value) == f"{worker.source}:{line_of(SCRIPT, 'raise MemoryError')}: MemoryError"


@pytest.mark.parametrize(
    "function, at", [("doze", "time.sleep(600)"), ("wait", "await asyncio.sleep(600)"), ("work_in_another_thread", "await task")]
)
def test_a_call_that_takes_too_long_tells_the_line_that_it_was_at(worker: Worker, function: str, at: str) -> None:
    # Until then it must have come to that line, also on a busy machine.
    worker.timeout = 5
    with pytest.raises(imjoy.CallTimeout) as caught:
        worker.call(function)
    where = f"{worker.source}:{line_of(SCRIPT, at)}"
    assert caught.value.where == where and f"was ended at {where}. Give it more time" in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="there, no signals end processes")
def test_a_signal_that_ended_a_process_is_named(worker: Worker) -> None:
    with pytest.raises(imjoy.WorkerDied, match="was ended by SIGKILL; memory may have run out") as caught:
        worker.call("kill")
    assert caught.value.exit_code == -signal.SIGKILL


def test_a_call_after_the_end_tells_that_it_was_closed(tmp_path: Path) -> None:
    with imjoy.start(plugin_at(tmp_path, SCRIPT), trust=True) as worker:
        pass
    with pytest.raises(imjoy.WorkerDied, match="the process of 'Half' was closed"):
        worker.call("f")


def test_a_line_that_is_cut_says_so(worker: Worker) -> None:
    worker.call("print_a_long_line")
    assert worker.log == ["x" * 10_000 + " ... the rest of the line is left out", "x" * 10_000, "short"]


def test_the_time_that_an_answer_takes_does_not_count(tmp_path: Path) -> None:
    answered = threading.Event()

    def prompt(question: str) -> str:
        answered.wait(6)
        return "late"

    with imjoy.start(plugin_at(tmp_path, SCRIPT), trust=True, handlers={"prompt": prompt}) as worker:
        worker.timeout = 5
        assert worker.call("ask") == "late"


@pytest.mark.parametrize("function", ["flood", "flood_events", "flood_one_line"])
def test_a_flood_is_cut_at_a_limit(worker: Worker, function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    worker._log._limit = 100_000
    worker._events._limit = 1_000_000
    worker.timeout = 2
    with pytest.raises(imjoy.CallTimeout):
        worker.call(function)
    assert sum(map(len, worker.log)) < 200_000
    assert sum(len(event.value) for event in worker.events) < 2_000_000
    if function == "flood":
        assert worker.log[0].endswith("lines left out") and worker.log[1] == "x" * 1000


@pytest.mark.parametrize(
    "data",
    [
        b"garbage that is no message",
        b"\xff" * 8,
        b"\0\0\0\2\0\0\0\0[]",
        b"\4\0\0\1\0\0\0\0",
        b'\0\0\0\x1c\0\0\0\0["call",9,"alert",[1],[],[]]',
    ],
    ids=["garbage", "large", "no list", "over the limit", "no arguments"],
)
def test_a_message_that_is_none_ends_the_process_alone(worker: Worker, data: bytes) -> None:
    with pytest.raises(imjoy.WorkerDied, match="sent what is no message, and was ended"):
        worker.call("write", data)


@pytest.mark.parametrize(
    "target", ["prompt.__globals__.os.mkdir", "__globals__", "alert.__class__", "__class__", "_reply", "f.__globals__", "handlers", 1, 999]
)
def test_a_name_that_is_none_of_the_api_reaches_nothing(tmp_path: Path, target: Any) -> None:
    with imjoy.start(plugin_at(tmp_path, SCRIPT), trust=True, handlers={"prompt": lambda _: 1}, workspace=tmp_path / "w") as worker:
        with pytest.raises(imjoy.ScriptError, match="is not available outside the browser|there is no function") as caught:
            worker.call("steal", target)
        assert caught.value.line
        assert not (tmp_path / "w" / "stolen").exists() and not Path("stolen").exists()
        assert worker.call("f", 1) == 1


# --- ended from outside, at each message


class _Killing(Worker):
    """Is killed when so many messages went either way."""

    left = 0

    def send(self, message: Message) -> None:
        self._count()
        super().send(message)
        self._count()

    def receive(self) -> Message | None:
        message = super().receive()
        self._count()
        return message

    def _count(self) -> None:
        type(self).left -= 1
        if type(self).left == 0:
            os.kill(self.pid, signal.SIGKILL)


@pytest.mark.parametrize("count", range(1, 13))
def test_a_process_that_is_killed_at_any_message_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    script = SCRIPT.replace("api.export(dict(", "async def setup():\n    await api.alert('ready')\n\napi.export(dict(setup=setup, ")
    monkeypatch.setattr(imjoy_worker, "Worker", _Killing)
    _Killing.left = count
    with pytest.raises(imjoy.WorkerDied) as caught:
        with imjoy.start(plugin_at(tmp_path, script), trust=True) as worker:
            for _ in range(12):
                worker.call("tell")
    assert caught.value.exit_code == -signal.SIGKILL


HOST = """
import os, signal, sys
from pathlib import Path
from ways.api import Session
from ways.systems import imjoy
from ways.systems.imjoy import worker as module

class Killing(module.Worker):
    left = int(sys.argv[2])

    def send(self, message):
        self.count()
        super().send(message)
        self.count()

    def receive(self):
        message = super().receive()
        self.count()
        return message

    def count(self):
        Killing.left -= 1
        if Killing.left <= 0:
            print(self.pid, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

module.Worker = Killing
session = Session()
session.add_search_path(sys.argv[1])
worker = imjoy.start(session.need_context("imjoy/local/Half"), trust=True, workspace=Path(sys.argv[1]).parent / "w")
while Killing.left < 100:
    worker.call(sys.argv[3])
"""


@pytest.mark.parametrize("function", ["tell", "f"])
@pytest.mark.parametrize("count", range(1, 11))
def test_a_process_ends_when_its_host_is_killed_at_any_message(tmp_path: Path, count: int, function: str) -> None:
    plugin_at(tmp_path, SCRIPT)
    command = [sys.executable, "-c", HOST, str(tmp_path / "Half.imjoy.html"), str(count), function]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    assert done.returncode == -signal.SIGKILL
    assert wait_until(lambda: not is_alive(int(done.stdout)))


@pytest.mark.parametrize("how", ["os.kill(os.getpid(), signal.SIGKILL)", "sys.exit()", "1/0"])
@pytest.mark.parametrize("function", ["hang", "hold"])
def test_a_process_that_never_looks_up_ends_with_its_host(tmp_path: Path, how: str, function: str) -> None:
    if function == "hold" and sys.platform != "linux":
        pytest.skip("only Linux ends a process in which no Python code can run")
    plugin_at(tmp_path, SCRIPT)
    host = HOST.split("while Killing")[0] + f"""
import threading
print(worker.pid, flush=True)
threading.Thread(target=worker.call, args=("{function}",), daemon=True).start()
while not worker.log:
    pass
{how}
"""
    command = [sys.executable, "-c", host, str(tmp_path / "Half.imjoy.html"), "1000000"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    assert wait_until(lambda: not is_alive(int(done.stdout)))


# --- at the end


def test_an_exit_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imjoy_worker, "GRACE", 0.5)
    script = "import signal, time\nfrom imjoy import api\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    script += "def exit():\n    print('exit', flush=True)\n    time.sleep(600)\napi.export({'exit': exit})\n"
    with imjoy.start(plugin_at(tmp_path, script), trust=True) as worker:
        pass
    assert worker.log == ["exit"] and worker.exit_code == -signal.SIGKILL


def test_an_interrupt_ends_the_process_at_once(tmp_path: Path) -> None:
    script = "from imjoy import api\ndef exit():\n    print('exit', flush=True)\napi.export({'exit': exit})\n"
    with pytest.raises(KeyboardInterrupt), imjoy.start(plugin_at(tmp_path, script), trust=True) as worker:
        raise KeyboardInterrupt
    assert worker.log == [] and not is_alive(worker.pid)


@pytest.mark.skipif(not hasattr(os, "setsid"), reason="process groups are those of POSIX")
def test_a_process_that_left_the_group_and_holds_the_pipes_does_not_hold_up_the_end(tmp_path: Path) -> None:
    script = """
    import os, subprocess, sys
    from imjoy import api
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    left = subprocess.Popen(command, start_new_session=True, pass_fds=[api._program.writer])
    api.export({"f": lambda: left.pid})
    """
    with imjoy.start(plugin_at(tmp_path, script), trust=True) as worker:
        pid = worker.call("f")
    assert worker.exit_code == 0
    # What left the group goes on: this is isolation, and no sandbox.
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not is_alive(pid))
    for thread in threading.enumerate():
        if thread.name == "imjoy Half":
            thread.join()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the list of open descriptors is that of Linux")
def test_many_starts_leave_neither_descriptors_nor_threads(tmp_path: Path) -> None:
    context = plugin_at(tmp_path, SCRIPT)
    broken = plugin_at(tmp_path, "1/0", name="Broken")
    imjoy.start(context, trust=True).close()
    before = set(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with imjoy.start(context, trust=True, handlers={"alert": lambda text: text}) as worker:
            assert worker.call("tell") == "told"
        with imjoy.start(context, trust=True) as worker, pytest.raises(imjoy.WorkerDied):
            worker.call("die")
        with pytest.raises(imjoy.ScriptError):
            imjoy.start(broken, trust=True)
        with pytest.raises(imjoy.ImJoyError):
            imjoy.start(context, trust=True, python=tmp_path / "none")
    assert set(os.listdir("/proc/self/fd")) <= before
    assert wait_until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("imjoy")])


def test_a_host_that_leaves_without_closing_leaves_no_process(tmp_path: Path) -> None:
    plugin_at(tmp_path, SCRIPT)
    host = HOST.split("while Killing")[0] + "print(worker.pid)\n"
    command = [sys.executable, "-c", host, str(tmp_path / "Half.imjoy.html"), "1000000"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    assert wait_until(lambda: not is_alive(int(done.stdout)))


# --- a process that doesn't keep to the rules

#: Stands in the place of the plugin's Python, and writes messages by itself.
HOSTILE = """\
#!{python}
import json, os, struct, sys, threading
sizes = struct.Struct("!II")

def send(*head):
    text = json.dumps([*head, [], []]).encode()
    data = sizes.pack(len(text), 0) + text
    while data:
        data = data[os.write(1, data):]

def receive():
    text = os.read(0, sizes.unpack(os.read(0, 8))[0])
    return json.loads(text)

_, number, *_ = receive()
"""
READY = 'send("reply", number, None, {"functions": ["run"], "constants": {}})\n_, number, _, value, *_ = receive()\n'
EATS = "threading.Thread(target=lambda: [None for _ in iter(lambda: os.read(0, 1 << 16), b'')], daemon=True).start()\n"
ONLY_POSIX = pytest.mark.skipif(os.name == "nt", reason="a script can't stand in the place of a Python there")


def hostile(folder: Path, body: str, *, handlers: Any = None, timeout: float = 60.0) -> Worker:
    path = folder / "python"
    path.write_text(HOSTILE.format(python=sys.executable) + body, encoding="utf-8")
    path.chmod(0o755)
    return imjoy.start(plugin_at(folder, "api.export({})"), python=path, trust=True, timeout=timeout, handlers=handlers)


@ONLY_POSIX
@pytest.mark.parametrize(
    "value",
    ["None", "[1]", "{}", "dict(functions=5, constants={})", "dict(functions=[1], constants={})", "dict(functions=[], constants=[1])"],
)
def test_a_process_that_does_not_tell_what_it_exports_is_ended(tmp_path: Path, value: str) -> None:
    with pytest.raises(imjoy.WorkerDied, match="did not tell what it exports"):
        hostile(tmp_path, f"send('reply', number, None, {value}); receive()")


@ONLY_POSIX
def test_an_error_of_odd_parts_is_an_error(tmp_path: Path) -> None:
    parts = "{'line': {'$': 'int', 'v': '0x' + 'f' * 9000}, 'type': [1], 'message': 'odd', 'code': {'a': 1}}"
    with hostile(tmp_path, f"{READY}send('error', number, None, {parts}); receive()") as worker:
        with pytest.raises(imjoy.ScriptError, match="odd") as caught:
            worker.call("run")
    assert (caught.value.line, caught.value.type, caught.value.code) == (0, "", "script-error")


@ONLY_POSIX
def test_questions_whose_answers_are_not_read_are_no_thread_each(tmp_path: Path) -> None:
    body = f"{READY}for number in range(5000):\n    send('call', number, 'prompt', [[], {{}}])\n"
    threads = []

    def answer() -> str:
        threads.append(threading.active_count())
        return "x" * 1000

    with hostile(tmp_path, body, handlers={"prompt": answer}) as worker:
        worker.timeout = 2
        with pytest.raises((imjoy.CallTimeout, imjoy.WorkerDied)):
            worker.call("run")
    assert max(threads) < imjoy_worker.MAX_QUESTIONS + 20


def test_a_plugin_that_asks_again_and_again_does_not_gain_time(tmp_path: Path) -> None:
    script = "async def f(ask):\n    while True:\n        await ask()\n\napi.export({'f': f})\n"
    with imjoy.start(plugin_at(tmp_path, script), trust=True) as worker:
        worker.timeout = 0.5
        with pytest.raises(imjoy.CallTimeout):
            worker.call("f", lambda: None)


@ONLY_POSIX
def test_a_plugin_can_not_fill_the_memory_with_what_it_registers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imjoy_worker, "MAX_KEPT", 10)
    monkeypatch.setattr("ways.systems.imjoy.child.MAX_FUNCTIONS", 21)
    monkeypatch.setattr(imjoy_worker, "MAX_SETTING", 100)
    flood = """
for number in range(30):
    send("call", 1, "register", [[{"name": "op%d" % number}], {}])
    send("call", 1, "register", [[{"name": "model%d" % number, "type": "@model", "predict": 1}], {}])
    send("call", 1, "setConfig", [["key%d" % number, "x"], {}])
    send("call", 1, "createWindow", [[{}], {}])
send("call", 1, "setConfig", [["key0", "x" * 101], {}])
"""
    last = "send('reply', last, None, None)\nthreading.Event().wait()\n"
    with hostile(tmp_path, f"{READY}last = number\n{EATS}{flood}{last}") as worker:
        worker.call("run")
        assert (len(worker.ops), len(worker.services), len(worker.settings), worker.settings["key0"]) == (10, 10, 10, "x")
        assert len(worker.functions) == 21


@ONLY_POSIX
def test_events_count_as_what_they_are_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imjoy_worker, "MAX_EVENTS", 1 << 20)
    flood = "for _ in range(10):\n    send('call', 1, 'alert', [[[[]] * 10_000], {}])\nsend('reply', last, None, None)\n"
    with hostile(tmp_path, f"{READY}last = number\n{EATS}{flood}threading.Event().wait()\n") as worker:
        worker.call("run")
        # 10,000 empty lists are 30 kB of JSON, and more than 560 kB in memory.
        assert len(worker.events) == 1


@pytest.mark.parametrize("given", [{"variables": {"A": "a\0b"}}, {"variables": {"A=": "b"}}, {"python": "/bin/a\0b"}])
def test_a_process_that_no_system_can_start_leaves_no_descriptor(tmp_path: Path, given: dict[str, Any]) -> None:
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir())) if descriptors.exists() else 0
    with pytest.raises(imjoy.ImJoyError, match="can't be started"):
        imjoy.start(plugin_at(tmp_path, "api.export({})"), trust=True, **given)
    assert not descriptors.exists() or len(list(descriptors.iterdir())) == before


@pytest.mark.parametrize("timeout", [1e10, float("inf")])
def test_a_limit_may_be_as_long_as_one_likes(tmp_path: Path, timeout: float) -> None:
    with imjoy.start(plugin_at(tmp_path, "api.export({'f': lambda: 1})"), trust=True, timeout=timeout) as worker:
        assert worker.call("f") == 1


def test_a_workspace_without_a_name_is_gone_after_a_program_that_does_not_close(tmp_path: Path) -> None:
    plugin_at(tmp_path, "api.export({})")
    folder = tmp_path / "temporary"
    code = f"""
import tempfile
tempfile.tempdir = {str(folder)!r}
from ways.api import Session
from ways.systems import imjoy
session = Session()
session.add_search_path({str(tmp_path / 'Half.imjoy.html')!r})
worker = imjoy.start(session.need_context("imjoy/local/Half"), trust=True)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert list(folder.iterdir()) == []
