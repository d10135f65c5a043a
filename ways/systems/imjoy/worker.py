"""A native-python plugin of ImJoy in a process of its own."""

from __future__ import annotations

import contextlib
import os
import queue
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, NamedTuple, TypeVar

from ways.api import Context
from ways.errors import ImJoyError, UntrustedError, did_you_mean
from ways.systems.imjoy import child
from ways.systems.imjoy.catalogue import install_plan
from ways.systems.imjoy.child import FrameError, Message, RemoteError, Side
from ways.systems.imjoy.failures import CallTimeout, ScriptError, WorkerDied
from ways.usercode import Failed, call

Item = TypeVar("Item")
#: Seconds that a process has to end by itself when it is stopped, and after it was asked by a signal.
GRACE, LAST_GRACE = 5.0, 1.0
#: Bytes of what a plugin printed, and of its events, that are kept; characters of one line.
MAX_LOG, MAX_EVENTS, MAX_LINE = 1 << 20, 64 << 20, 10_000
#: Requests of one plugin that handlers work on at the same time.
MAX_REQUESTS = 64
#: Lines that an error shows of what was printed.
LAST_LINES = 20
#: Variables of the environment that a plugin gets, if they are set.
VARIABLES = (
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP",
    # Without these, Python or its packages don't start on Windows.
    "SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "NUMBER_OF_PROCESSORS",
)  # fmt: skip
#: What a plugin tells; a handler may answer, else the answer is None.
EVENTS = ("alert", "log", "error", "showStatus", "showMessage", "showSnackbar", "showProgress", "createWindow")
#: What only a handler can answer.
QUESTIONS = ("prompt", "confirm", "showFileDialog", "showDialog", "call", "run", "getPlugin", "loadPlugin", "getWindow")
#: Other names for these.
ALIASES = {"progress": "showProgress"}

Handler = Callable[..., Any]


class Event(NamedTuple):
    """Something that a plugin told: the name of the function of ``api``, and the value that it gave."""

    name: str
    value: Any

    def as_dict(self) -> dict[str, Any]:
        """Return the event as plain data, as far as its value is."""
        return {"name": self.name, "value": self.value}


class _Last(Generic[Item]):
    """The last items of many, as far as their sizes together stay below a limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: deque[tuple[int, Item]] = deque()
        self._size = 0
        self.left_out = 0

    def add(self, item: Item, size: int) -> None:
        self._items.append((size, item))
        self._size += size
        while self._size > self._limit and len(self._items) > 1:
            self._size -= self._items.popleft()[0]
            self.left_out += 1

    def items(self) -> list[Item]:
        return [item for _, item in list(self._items)]


def start(
    context: Context,
    *,
    python: str | os.PathLike[str] | None = None,
    trust: bool = False,
    workspace: str | os.PathLike[str] | None = None,
    handlers: Mapping[str, Handler] | None = None,
    timeout: float | None = 180.0,
    variables: Mapping[str, str] | None = None,
) -> Worker:
    """Start the process of a native-python plugin, and return once its script ran and its ``setup`` is done.

    :param python: the interpreter, that of the plugin's environment; without it, the one that runs this.
    :param trust: whether the plugin's code may run at all.
    :param workspace: the folder that the plugin works in; without it, an empty one that is removed in the end.
    :param handlers: functions by the names of ``api`` that they answer, such as ``prompt``. They are called in other threads.
    :param timeout: seconds until the plugin must be ready, and for each call; ``None`` for no limit.
    :param variables: for the process, besides those of the plan.
    :raises ImJoyError: its code is ``not-runnable``, ``consent-required``, ``script-syntax``, ``no-export`` or ``timeout``.
    :raises UntrustedError: ``trust`` is false. Nothing was started.
    :raises ScriptError: the script or ``setup`` raised. The process is gone.
    :raises WorkerDied: the process ended by itself.
    """
    about = context.data["_imjoy"]
    check_runnable(context)
    if not trust:
        raise UntrustedError(about["source"], f"running the plugin {context.data['name']!r} runs its code: say trust=True")
    plan_start = install_plan(context)["start"]
    if plan_start["shell"]:
        raise ImJoyError("consent-required", f"the plugin would be started by a shell: {plan_start['shell']!r}")
    worker = Worker(context, handlers or {}, timeout, workspace)
    with contextlib.ExitStack() as stack:
        stack.callback(worker.kill)
        worker._begin(os.fspath(python or sys.executable), variables or {})
        stack.pop_all()
    return worker


def check_runnable(context: Context) -> None:
    """Check that a plugin runs in a process.

    :raises ImJoyError: it doesn't; its code is ``not-runnable``.
    """
    data = context.data
    about = data["_imjoy"]
    if about["runs_in"] == "engine":
        return
    where = {"browser": "it runs in a web browser", "nothing": "it has nothing to run"}.get(about["runs_in"], "nothing here runs it")
    tag = f", tag {about['tag']!r}" if about["tag"] else ""
    message = f"the plugin {data['name']!r} of the type {data.get('type')!r}{tag} can't run here: {where}"
    raise ImJoyError("not-runnable", message)


class Worker(Side):
    """The process of one plugin. Close it, or use it in a ``with`` block.

    Its methods can be called from several threads. ``timeout`` is in seconds, for each call.
    """

    def __init__(
        self, context: Context, handlers: Mapping[str, Handler], timeout: float | None, workspace: str | os.PathLike[str] | None
    ) -> None:
        super().__init__(-1, -1)
        self.context = context
        self.name = str(context.data["name"])
        self.handlers = dict(handlers)
        self.timeout = timeout
        #: Names of the functions that the plugin exports.
        self.exports: tuple[str, ...] = ()
        self._removed = workspace is None
        self.workspace = Path(tempfile.mkdtemp(prefix="ways-imjoy-") if workspace is None else workspace).resolve()
        self.workspace.mkdir(parents=True, exist_ok=True)
        self._events: _Last[Event] = _Last(MAX_EVENTS)
        self._log: _Last[str] = _Last(MAX_LOG)
        self._partial = b""
        self._log_pipe = -1
        self._answers: dict[int, queue.SimpleQueue[Message | None]] = {}
        self._log_lock = threading.Lock()
        self._ended = threading.Event()
        self._reason = ""
        self._process: subprocess.Popen[bytes] | None = None

    # --- what it did

    @property
    def events(self) -> list[Event]:
        """What the plugin told, in order: alerts, states, windows and so on. Of very many, the last."""
        return self._events.items()

    @property
    def log(self) -> list[str]:
        """The lines that the plugin printed. Of very many, the last."""
        with self._log_lock:
            lines = self._log.items()
            if self._partial:
                lines.append(self._partial.decode("utf-8", "replace"))
            return [f"... {self._log.left_out} lines left out", *lines] if self._log.left_out else lines

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid if self._process is not None else 0

    @property
    def exit_code(self) -> int | None:
        """How the process ended, negative for a signal; ``None`` while it runs."""
        return self._process.returncode if self._process is not None and self._ended.is_set() else None

    # --- what it does

    def call(self, target: Any, *arguments: Any, **named: Any) -> Any:
        """Call a function that the plugin exports, and return what it returns.

        :raises ImJoyError: it exports no such function (``no-function``), or took too long (``timeout``).
        :raises ScriptError: the function raised.
        :raises WorkerDied: the process ended, perhaps long ago.
        """
        if target not in self.exports:
            message = f"the plugin {self.name!r} does not export {target!r}; it exports {', '.join(self.exports) or 'nothing'}"
            raise ImJoyError("no-function", message, did_you_mean(str(target), self.exports).strip())
        return self._ask("call", target, [arguments, named])

    def run(self, *, config: Mapping[str, Any] | None = None, data: Mapping[str, Any] | None = None) -> Any:
        """Call ``run`` with a context: the form's defaults and *config*, and *data*. Return what it returns."""
        defaults = {item["key"]: item["default"] for item in self.context.data["_imjoy"]["parameters"] if "default" in item}
        context = {"config": {**defaults, **(config or {}), "type": self.name}, "data": dict(data or {}), "_op": self.name}
        return self.call("run", context)

    def close(self) -> None:
        """Call ``exit`` if the plugin exports it, and end the process, by force if it takes more than five seconds."""
        if not self._ended.is_set():
            with contextlib.suppress(FrameError, OSError):
                self.send(Message("stop", next(self.numbers)))
            self._ended.wait(GRACE)
        self.kill()

    def kill(self) -> None:
        """End the process and all that it started, at once."""
        if self._process is not None:
            if not self._ended.is_set():
                _signal_group(self._process, "SIGTERM")
                self._ended.wait(LAST_GRACE)
            if not self._ended.is_set():
                _signal_group(self._process, "SIGKILL")
            self._ended.wait()
        if self._removed:
            shutil.rmtree(self.workspace, ignore_errors=True)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    # --- how it starts

    def _begin(self, python: str, variables: Mapping[str, str]) -> None:
        about = self.context.data["_imjoy"]
        environment = {name: os.environ[name] for name in VARIABLES if name in os.environ}
        for step in install_plan(self.context)["steps"]:
            if step["kind"] == "set-variable" and step["status"] == "planned":
                environment[step["details"]["name"]] = str(step["details"]["value"])
        environment |= {**variables, "WORK_DIR": str(self.workspace)}
        environment["PATH"] = os.pathsep.join([str(Path(python).parent), environment.get("PATH", os.defpath)])
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            [python, child.__file__], stdin=pipe, stdout=pipe, stderr=pipe, cwd=self.workspace, env=environment, bufsize=0,
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )  # fmt: skip
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self.reader, self.writer = self._process.stdout.fileno(), self._process.stdin.fileno()
        readers = [threading.Thread(target=work, name=f"imjoy {self.name}", daemon=True) for work in (self._read_log, self._listen)]
        for thread in (*readers, threading.Thread(target=self._watch, args=(readers,), name=f"imjoy {self.name}", daemon=True)):
            thread.start()
        scripts = [
            {"text": item["text"], "line": item["line"]}
            for item in about["scripts"]
            if str(item.get("lang", "")).lower() in ("python", "py")
        ]
        facts = {
            "name": self.name, "tag": about["tag"], "path": about["source"], "scripts": scripts,
            "passive": bool(self.context.data.get("passive")), "attachments": about.get("attachments") or {},
            "workspace": self.workspace.name, "work_dir": str(self.workspace),
            "names": sorted({*EVENTS, *QUESTIONS, *ALIASES}),
            "unanswered": [name for name in QUESTIONS if name not in self.handlers],
        }  # fmt: skip
        exported = self._ask("start", self.name, facts)
        self.exports = tuple(str(name) for name in exported["functions"])
        if "setup" in self.exports:
            self.call("setup")

    # --- how it talks

    def _ask(self, kind: str, target: Any, value: Any) -> Any:
        """Send a message, wait for what answers it, and return its value."""
        id = next(self.numbers)
        answer = self._answers[id] = queue.SimpleQueue()
        try:
            if self._ended.is_set():
                raise self._died()
            try:
                self.send(Message(kind, id, target, value))
            except FrameError as error:
                raise ImJoyError("not-sendable", f"{target!r} of {self.name!r} can't be called: {error}") from None
            except OSError:
                self._ended.wait(GRACE)
                raise self._died() from None
            message = self._wait(answer, str(target))
        finally:
            del self._answers[id]
        if message.kind == "error":
            raise self._script_error(message.value)
        return message.value

    def _wait(self, answer: queue.SimpleQueue[Message | None], target: str) -> Message:
        try:
            message = answer.get(timeout=self.timeout)
        except queue.Empty:
            error = CallTimeout(self.name, target, self.timeout or 0)
            self._reason = f"took too long for {target!r} and was ended"
            self.kill()
            raise error from None
        if message is None:
            raise self._died()
        return message

    def call_remote(self, target: Any, arguments: Sequence[Any], named: dict[str, Any]) -> Any:
        """Call a function that the plugin sent, and return what it returns."""
        return self._ask("call", target, [list(arguments), named])

    def _died(self) -> WorkerDied:
        self._ended.wait(GRACE)
        return WorkerDied(self.name, self.exit_code, self._reason, self.log[-LAST_LINES:])

    def _script_error(self, value: Any) -> ScriptError:
        parts = value if isinstance(value, dict) else {}
        line = parts.get("line")
        missing = parts.get("missing")
        return ScriptError(
            self.context.data["_imjoy"]["source"],
            line if isinstance(line, int) else 0,
            str(parts.get("type", "")),
            str(parts.get("message", "")),
            code=str(parts.get("code", "")),
            traceback=str(parts.get("traceback", "")),
            help=f"Install {missing!r} into its environment: prepare does what the plan says." if missing else "",
        )

    def _listen(self) -> None:
        """Read the messages of the process until it ends."""
        assert self._process is not None and self._process.stdout is not None
        with self._process.stdout:
            try:
                while (message := self.receive()) is not None:
                    # What was printed before an answer is in the log before it.
                    self._drain_log()
                    if message.kind in ("reply", "error"):
                        answer = self._answers.get(message.id)
                        if answer is not None:
                            answer.put(message)
                    elif message.kind == "call":
                        self._answer(message)
            except FrameError as error:
                self._reason = f"sent what is no message: {error}"
        _signal_group(self._process, "SIGKILL")

    def _answer(self, message: Message) -> None:
        name = ALIASES.get(message.target, message.target)
        arguments, named = message.value
        if name in EVENTS:
            value = arguments[0] if len(arguments) == 1 else arguments
            self._events.add(Event(name, value), 100)
        if name in self.handlers:
            threading.Thread(target=self._handle, args=(message.id, self.handlers[name], arguments, named), daemon=True).start()
        elif name in EVENTS:
            self._reply(message.id, None)
        else:
            self._reply(message.id, ImJoyError("api-unavailable", f"api.{name} is not available outside the browser"))

    def _handle(self, id: int, handler: Handler, arguments: list[Any], named: dict[str, Any]) -> None:
        result = call(handler, *arguments, **named)
        self._reply(id, result.error if isinstance(result, Failed) else result)

    def _reply(self, id: int, value: Any) -> None:
        kind = "error" if isinstance(value, BaseException) else "reply"
        try:
            self.send(Message(kind, id, None, value))
        except FrameError as error:
            self.send(Message("error", id, None, RemoteError("FrameError", str(error))))
        except OSError:
            pass

    # --- how it ends

    def _watch(self, threads: Sequence[threading.Thread]) -> None:
        """Wait for the end of the process, end all that it started, and tell those who wait for answers."""
        assert self._process is not None and self._process.stdin is not None
        if hasattr(os, "waitid"):
            # Not reaped yet, its group can't be that of another process.
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
            _signal_group(self._process, "SIGKILL")
        self._process.wait()
        for thread in threads:
            # A process that left the group may keep the pipes open.
            thread.join(LAST_GRACE)
        with self.writing:
            # Its number may soon be that of another file.
            self.writer = -1
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._ended.set()
        for answer in list(self._answers.values()):
            answer.put(None)

    def _read_log(self) -> None:
        assert self._process is not None and self._process.stderr is not None
        with self._process.stderr as pipe:
            if os.name == "nt":
                # Nothing tells there whether a pipe has something to read.
                while piece := os.read(pipe.fileno(), 1 << 16):
                    with self._log_lock:
                        self._add_to_log(piece)
                return
            os.set_blocking(pipe.fileno(), False)
            self._log_pipe = pipe.fileno()
            with selectors.DefaultSelector() as selector:
                selector.register(pipe, selectors.EVENT_READ)
                while self._log_pipe >= 0:
                    selector.select()
                    self._drain_log()

    def _drain_log(self) -> None:
        """Add to the log what was printed so far; of a flood, some."""
        with self._log_lock:
            for _ in range(16):
                if self._log_pipe < 0:
                    return
                try:
                    piece = os.read(self._log_pipe, 1 << 16)
                except BlockingIOError:
                    return
                self._add_to_log(piece)
                if not piece:
                    self._log_pipe = -1

    def _add_to_log(self, piece: bytes) -> None:
        *lines, self._partial = (self._partial + piece).split(b"\n")
        for line in lines:
            text = line[:MAX_LINE].decode("utf-8", "replace").rstrip("\r")
            self._log.add(text, len(text) + 50)
        self._partial = self._partial[:MAX_LINE]


def _signal_group(process: subprocess.Popen[bytes], name: str) -> None:
    """Send a signal to a process and all that it started; on Windows, end them."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, getattr(signal, name))
    elif process.poll() is None:
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
