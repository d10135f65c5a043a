"""A native-python plugin of ImJoy in a process of its own.

The process is apart from this one: its group, its descriptors, its output and most of the environment. It is no sandbox: what
it may do, the user may do. ``docs/explanation/security.rst`` has both lists.
"""

from __future__ import annotations

import ast
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
import time
import weakref
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, NamedTuple, TypeVar

from ways.api import Context
from ways.errors import ImJoyError, UntrustedError, did_you_mean
from ways.systems.imjoy import child
from ways.systems.imjoy.catalogue import install_plan
from ways.systems.imjoy.child import FrameError, Message, RemoteError, Side
from ways.systems.imjoy.failures import CallTimeout, ScriptError, WorkerDied
from ways.systems.imjoy.ops import Op, context_for, form_fields, op_named, registered_op
from ways.usercode import Failed, call

Item = TypeVar("Item")
Handler = Callable[..., Any]
#: Seconds that a process has to end by itself, and that each step after that may take.
GRACE, LAST_GRACE = 5.0, 1.0
#: Bytes of what a plugin printed, and of its events, that are kept; bytes of one line.
MAX_LOG, MAX_EVENTS, MAX_LINE = 1 << 20, 64 << 20, 10_000
#: Questions of one plugin that handlers work on at the same time, and events that wait for one.
MAX_QUESTIONS, MAX_WAITING = 64, 1000
#: Seconds that one wait may take: the system can't wait for as long as one likes.
LONGEST = 1e6
#: Ops, services and settings that a plugin may have, each; and characters of one setting.
MAX_KEPT, MAX_SETTING = 1000, 1 << 20
#: Lines that an error shows of what was printed.
LAST_LINES = 20
#: Variables of the environment that a plugin gets, if they are set.
VARIABLES = (
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP",
    # Without these, Python or its packages don't start on Windows.
    "SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "NUMBER_OF_PROCESSORS",
)  # fmt: skip
#: What a plugin tells. A handler may answer; without one, the answer is None.
EVENTS = (
    "alert", "log", "error", "showStatus", "showMessage", "showSnackbar", "showProgress", "createWindow", "showDialog", "openUrl",
    "exportFile",
)  # fmt: skip
#: What only a handler can answer.
QUESTIONS = ("prompt", "confirm", "showFileDialog")
#: What only an engine can answer.
OF_ENGINE = ("call", "run", "getPlugin", "loadPlugin")
#: Other names for some of these.
ALIASES = {"progress": "showProgress", "registerService": "register", "unregisterService": "unregister"}
#: Keys that a service of a type of ImJoy's own must have.
SERVICES = {"@transformation": ("name", "type", "transform"), "@model": ("name", "type", "predict")}


class Event(NamedTuple):
    """Something that a plugin told: a function of ``api``, and the value that it gave it."""

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
        # A copy of a deque is made at once, whatever other threads add.
        return [item for _, item in self._items.copy()]


def start(
    context: Context,
    *,
    python: str | os.PathLike[str] | None = None,
    trust: bool = False,
    workspace: str | os.PathLike[str] | None = None,
    handlers: Mapping[str, Handler] | None = None,
    timeout: float | None = 180.0,
    variables: Mapping[str, str] | None = None,
    settings: dict[str, str] | None = None,
    allow_web_python: bool = False,
) -> Worker:
    """Start the process of a native-python plugin, and return once its script ran and its ``setup`` is done.

    :param python: the interpreter, that of the plugin's environment; without it, the one that runs this.
    :param trust: whether the plugin's code may run at all.
    :param workspace: the folder that the plugin works in; without it, an empty one that is removed in the end.
    :param handlers: functions by the names of ``api`` that they answer, such as ``prompt``; also by names that ``api`` doesn't
        have otherwise. They are called in other threads: events one after the other, questions side by side.
    :param timeout: seconds until the plugin must be ready, and for each call; ``None`` for no limit.
    :param variables: for the process, besides those of the plan.
    :param settings: what ``api.getConfig`` finds, and ``api.setConfig`` changes: texts by name.
    :param allow_web_python: whether a web-python plugin may run here too, if it imports nothing that only a browser has.
    :raises ImJoyError: its code is ``not-runnable``, ``no-script``, ``consent-required``, ``python-missing`` or ``timeout``.
    :raises UntrustedError: ``trust`` is false. Nothing was started.
    :raises ScriptError: the script or ``setup`` raised, can't be read (``script-syntax``) or exports nothing (``no-export``). The
        process is gone.
    :raises WorkerDied: the process ended by itself.
    """
    worker = Worker(context, handlers=handlers, timeout=timeout, settings=settings)
    check_runnable(context, allow_web_python=allow_web_python)
    if not trust:
        raise UntrustedError(worker.source, f"running the plugin {worker.name!r} runs its code: say trust=True, or --trust")
    shell = (install_plan(context).get("start") or {}).get("shell")
    if shell:
        raise ImJoyError("consent-required", f"a shell would start the plugin {worker.name!r}: {shell!r}", "Nothing here starts a shell.")
    with contextlib.ExitStack() as stack:
        stack.callback(worker.kill)
        worker._begin(os.fspath(python or sys.executable), workspace, variables or {})
        stack.pop_all()
    return worker


def check_runnable(context: Context, *, allow_web_python: bool = False) -> None:
    """Check that a plugin runs in a process of its own.

    :param allow_web_python: whether a web-python plugin counts, if it imports nothing that only a browser has.
    :raises ImJoyError: it doesn't (``not-runnable``), or has nothing to run (``no-script``).
    """
    data, about = context.data, context.data["_imjoy"]
    runs_in = "engine" if allow_web_python and data.get("type") == "web-python" else about["runs_in"]
    if runs_in != "engine":
        where = {"browser": "it runs in a web browser", "nothing": "it has nothing to run"}.get(runs_in, "nothing here runs this type")
        of_tag = f" with the tag {about['tag']!r}" if about["tag"] else ""
        message = f"the plugin {data['name']!r} of the type {data.get('type')!r}{of_tag} can't run here: {where}"
        raise ImJoyError("not-runnable", message, _runnable_tags(context))
    scripts = _python_scripts(context)
    if not scripts and not data.get("passive"):
        raise ImJoyError("no-script", f"the plugin {data['name']!r} has no script in Python")
    for name in _imports(scripts) if data.get("type") == "web-python" else ():
        if name.partition(".")[0] in ("js", "pyodide"):
            raise ImJoyError("not-runnable", f"the plugin {data['name']!r} imports {name!r}, which only a web browser has")


def _runnable_tags(context: Context) -> str:
    layers = ((tag, context.checkout(tag)) for tag in context.data.get("tags") or ())
    tags = [tag for tag, layer in layers if layer is not None and layer.data["_imjoy"]["runs_in"] == "engine"]
    return f"Its tag {' or '.join(map(repr, tags))} can: NAME@{tags[0]}." if tags else ""


def _python_scripts(context: Context) -> list[Mapping[str, Any]]:
    """Return the scripts of a plugin that are in Python; what its configuration says of the language doesn't count."""
    scripts = context.data["_imjoy"].get("scripts", ())
    return [item for item in scripts if str(item.get("lang", "")).lower() == "python" and not item.get("src")]


def _imports(scripts: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for script in scripts:
        tree = call(ast.parse, script["text"])
        for node in ast.walk(tree) if isinstance(tree, ast.AST) else ():
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.module or ""


class Worker(Side):
    """The process of one plugin; :func:`start` makes it. Close it, or use it in a ``with`` block.

    Its methods can be called from several threads. What calls return is plain data, arrays and functions of the plugin.
    ``timeout`` is in seconds, for each call; the time that a handler takes to answer a question doesn't count.
    """

    def __init__(
        self,
        context: Context,
        *,
        handlers: Mapping[str, Handler] | None = None,
        timeout: float | None = None,
        settings: dict[str, str] | None = None,
    ) -> None:
        super().__init__(-1, -1)
        self.context = context
        self.name = str(context.data["name"])
        self.source = str(context.data["_imjoy"]["source"])
        self.handlers: dict[str, Handler] = dict(handlers or {})
        self.timeout = timeout
        #: Names of the functions that the plugin exports, sorted.
        self.exports: tuple[str, ...] = ()
        #: Numbers, texts and truth values that it exports.
        self.constants: dict[str, Any] = {}
        #: The ops that it registered, by key: ``PLUGIN/OP``.
        self.ops: dict[str, Op] = {}
        #: Services of other types that it registered.
        self.services: list[dict[str, Any]] = []
        #: What ``api.setConfig`` keeps, as texts by name.
        self.settings: dict[str, str] = {} if settings is None else settings
        #: The folder that the plugin works in.
        self.workspace = Path()
        self._remove_workspace: Callable[[], object] = bool
        self._events: _Last[Event] = _Last(MAX_EVENTS)
        self._log: _Last[str] = _Last(MAX_LOG)
        self._log_end = b""
        self._log_pipe = -1
        self._log_lock = threading.Lock()
        self._count_lock = threading.Lock()
        self._answers: dict[int, queue.SimpleQueue[Message | None]] = {}
        #: What the thread for events has to do; ``None`` ends it.
        self._waiting: queue.Queue[Callable[[], object] | None] = queue.Queue(MAX_WAITING)
        self._event_thread: threading.Thread | None = None
        #: Those that call functions which the plugin was given.
        self._callbacks: list[threading.Thread] = []
        #: Questions that wait for answers, when the first of these was asked, and the seconds in which there were any before.
        self._questions = 0
        self._asked = 0.0
        self._answering = 0.0
        #: Threads that answer them; each also writes its answer.
        self._threads = 0
        self._windows = 0
        self._ended = threading.Event()
        self._reason = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline = -1

    # --- what it did

    @property
    def events(self) -> list[Event]:
        """What the plugin told, in order: alerts, states, progress in percent, windows and so on. Of very many, the last."""
        return self._events.items()

    @property
    def log(self) -> list[str]:
        """The lines that the plugin printed. Of very many, the last."""
        return self.log_after(0, is_last=True)[0]

    def log_after(self, count: int, *, is_last: bool = False) -> tuple[list[str], int]:
        """Return the lines that the plugin printed after the first *count* ones, and how many it printed in all.

        Whoever shows them while the plugin runs asks again with that number. Of very many, the last are there.

        :param is_last: whether a line counts that has no end yet.
        """
        self._drain_log()
        with self._log_lock:
            lines, left_out = self._log.items(), self._log.left_out
            if is_last and self._log_end:
                lines.append(_text(self._log_end))
        missed = [f"... {left_out - count} lines left out"] if left_out > count else []
        return missed + lines[max(0, count - left_out) :], left_out + len(lines)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid if self._process is not None else 0

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and not self._ended.is_set()

    @property
    def exit_code(self) -> int | None:
        """How the process ended, negative for a signal; ``None`` while it runs."""
        return None if self._process is None or self.is_running else self._process.returncode

    # --- what it does

    def call(self, target: str, /, *arguments: Any, **named: Any) -> Any:
        """Call a function that the plugin exports, and return what it returns.

        :raises ImJoyError: it exports no such function (``no-function``), an argument can't be sent (``not-sendable``), or it took
            too long (``timeout``), which ends the process.
        :raises ScriptError: the function raised.
        :raises WorkerDied: the process ended, perhaps long ago.
        """
        if target not in self.exports:
            message = f"the plugin {self.name!r} does not export {target!r}; it exports {', '.join(self.exports) or 'nothing'}"
            raise ImJoyError("no-function", message, did_you_mean(str(target), self.exports).strip())
        return self.call_remote(target, arguments, named)

    def find_op(self, op: str = "") -> Op:
        """Return the op with a key or a name; without one, that of the plugin itself.

        :raises ImJoyError: there is none; the code is ``no-op``.
        """
        if op not in ("", self.name):
            return op_named(self.ops, self.name, op, self.exports)
        data = self.context.data
        own = Op(self.name, self.name, data["_imjoy"]["parameters"], data.get("inputs"), data.get("outputs"))
        return self.ops.get(self.name, own)

    def run(
        self,
        op: str = "",
        *,
        config: Mapping[str, Any] | None = None,
        data: Any = None,
        variables: Mapping[str, Any] | None = None,
        source_op: str | None = None,
        workflow_id: str = "",
    ) -> Any:
        """Do what the plugin's menu does: call ``run`` or an op with a context, and return what it returns.

        A result with a ``type`` and ``data`` is a window for ImJoy, and becomes an event ``createWindow`` too.

        :param op: the key or the name of an op; without it, the plugin's ``run``.
        :param config: values of the form; the others have their defaults.
        :param data: what to work on.
        :param variables: those of a workflow.
        :param source_op: the op that *data* comes from.
        :param workflow_id: ties several runs together; without it, a new one.
        :raises ImJoyError: there is no such op (``no-op``) or field (``no-parameter``); else as :meth:`call`.
        """
        chosen = self.find_op(op)
        context = context_for(
            chosen, config or {}, data, variables=variables, source_op=source_op, workflow_id=workflow_id
        )  # fmt: skip
        result = chosen.function(context) if chosen.function is not None else self.call("run", context)
        if isinstance(result, dict) and result.get("type") and result.get("data"):
            window = {"type": result["type"], "data": result["data"], "name": result.get("name") or self.name}
            self._events.add(Event("createWindow", window), 1000)
            if "createWindow" in self.handlers:
                self.handlers["createWindow"](window)
        return result

    def close(self) -> None:
        """Call ``exit`` if the plugin exports it, and end the process; by force if it takes more than five seconds."""
        if self.is_running:
            self._reason = self._reason or "was closed"
            # A process that hangs may not even read this.
            self._thread(self._try_to_send, Message("stop", next(self.numbers)))
            self._ended.wait(GRACE)
        self.kill()

    def _try_to_send(self, message: Message) -> None:
        with contextlib.suppress(OSError):
            self.send(message)

    def kill(self) -> None:
        """End the process and all that it started."""
        if self._process is not None:
            for name in ("SIGTERM", "SIGKILL"):
                if self.is_running:
                    _signal_group(self._process, name)
                    self._ended.wait(LAST_GRACE)
            self._ended.wait()
        self._remove_workspace()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            # Whoever interrupts a call that hangs doesn't wait for it any longer.
            self.kill()
        else:
            self.close()

    def __repr__(self) -> str:
        return f"<Worker {self.name!r}, process {self.pid}{'' if self.is_running else ', ended'}>"

    # --- how it starts

    def _begin(self, python: str, workspace: str | os.PathLike[str] | None, variables: Mapping[str, str]) -> None:
        if workspace is None:
            workspace = tempfile.mkdtemp(prefix="ways-imjoy-")
            # Nobody may close this worker before the program ends.
            self._remove_workspace = weakref.finalize(self, _remove, workspace, os.getpid())
        self.workspace = Path(workspace).resolve()
        self.workspace.mkdir(parents=True, exist_ok=True)
        # A link of a virtual environment is followed by Python, and must be called by its own name.
        python = os.path.abspath(python) if os.path.dirname(python) else shutil.which(python) or python
        pipe = subprocess.PIPE
        # Its end tells the process that this one is gone; see child.watch.
        lifeline, self._lifeline = os.pipe() if sys.platform == "linux" else (-1, -1)
        passed = (lifeline,) if lifeline >= 0 else ()
        try:
            self._process = subprocess.Popen(
                [python, child.__file__, *map(str, passed)], stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, cwd=self.workspace,
                env=self._environment(python, variables), start_new_session=True, pass_fds=passed,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )  # fmt: skip
        except (OSError, ValueError) as error:
            # A ValueError: a path or a variable that no process can have, such as one with a NUL character.
            self._close_lifeline()
            raise ImJoyError("python-missing", f"{python!r} can't be started: {getattr(error, 'strerror', error)}") from error
        finally:
            for descriptor in passed:
                os.close(descriptor)
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self.reader, self.writer = self._process.stdout.fileno(), self._process.stdin.fileno()
        if os.name != "nt":
            os.set_blocking(self.writer, False)
        readers = [self._thread(self._read_log), self._thread(self._listen)]
        self._thread(self._watch, readers)
        match self._ask("start", None, self._facts()):
            case {"functions": list(functions), "constants": dict(constants)} if all(isinstance(name, str) for name in functions):
                self.exports, self.constants = tuple(functions), constants
            case _:
                self._reason = "did not tell what it exports, and was ended"
                self.kill()
                raise self._death()
        if "setup" in self.exports:
            self.call("setup")

    def _thread(self, work: Callable[..., object], *arguments: Any) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments, name=f"imjoy {self.name}", daemon=True)
        thread.start()
        return thread

    def _environment(self, python: str, variables: Mapping[str, str]) -> dict[str, str]:
        environment = {name: os.environ[name] for name in VARIABLES if name in os.environ}
        for step in install_plan(self.context)["steps"]:
            if step["kind"] == "set-variable" and step["status"] == "planned":
                environment[step["details"]["name"]] = str(step["details"]["value"])
        path = os.pathsep.join([os.path.dirname(python), environment.get("PATH", os.defpath)])
        return {**environment, "PATH": path, **variables, "WORK_DIR": str(self.workspace)}

    def _facts(self) -> dict[str, Any]:
        """Return what the process needs to know."""
        about = self.context.data["_imjoy"]
        return {
            "tag": about["tag"],
            "path": self.source,
            "scripts": [{"text": item["text"], "line": item.get("first_line", 1)} for item in _python_scripts(self.context)],
            "passive": bool(self.context.data.get("passive")),
            "attachments": dict(about.get("attachments") or {}),
            "workspace": self.workspace.name,
            "work_dir": str(self.workspace),
            "names": sorted({*EVENTS, *ALIASES, *_OWN, *self.handlers}),
            "unanswered": [name for name in QUESTIONS if name not in self.handlers],
            "of_engine": [name for name in OF_ENGINE if name not in self.handlers],
        }

    # --- how it talks

    def call_remote(self, target: Any, arguments: Sequence[Any], named: dict[str, Any]) -> Any:
        """Call a function of the plugin by its name or number, and return what it returns; see :meth:`call`."""
        return self._ask("call", target, [list(arguments), named])

    def _ask(self, kind: str, target: Any, value: Any) -> Any:
        """Send a message, wait for what answers it, and return its value."""
        id = next(self.numbers)
        answer = self._answers[id] = queue.SimpleQueue()
        try:
            # Whoever asks after the end finds nobody to tell it; see _watch.
            if self._ended.is_set():
                raise self._death()
            try:
                self.send(Message(kind, id, target, value))
            except FrameError as error:
                raise ImJoyError("not-sendable", f"{target or 'start'!r} of {self.name!r} can't be called: {error}") from None
            except TimeoutError:
                self._ended.wait()
                raise CallTimeout(self.name, str(target or "start"), self.timeout or 0) from None
            except OSError:
                self._ended.wait()
                raise self._death() from None
            message = self._wait(answer, str(target or "start"))
        finally:
            del self._answers[id]
        if message.kind == "error":
            raise self._script_error(message.value)
        return message.value

    def wait_to_write(self) -> None:
        """Wait until the process reads, as long as a call may take; then end it.

        :raises TimeoutError: it didn't read.
        """
        assert self._process is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.writer, selectors.EVENT_WRITE)
            if not selector.select(None if self.timeout is None else min(self.timeout, LONGEST)):
                self._reason = f"read nothing for {self.timeout:g} s and was ended"
                _signal_group(self._process, "SIGKILL")
                raise TimeoutError

    def _wait(self, answer: queue.SimpleQueue[Message | None], target: str) -> Message:
        since = self._own_time()
        while True:
            left = None if self.timeout is None else since + self.timeout - self._own_time()
            try:
                # A wait can't be as long as one likes. While a question waits for its answer, the plugin's time stands still.
                message = answer.get(timeout=None if left is None else min(max(left, 0.05), LONGEST))
            except queue.Empty:
                if self.timeout is None or self._own_time() < since + self.timeout or self._questions:
                    continue
                line = self._line_now()
                self._reason = f"took more than {self.timeout:g} s for {target!r} and was ended"
                self.kill()
                raise CallTimeout(self.name, target, self.timeout or 0, f"{self.source}:{line}" if line else "") from None
            if message is None:
                raise self._death()
            self._finish_handlers()
            return message

    def _own_time(self) -> float:
        """Return the seconds on the plugin's clock, which stands still while a handler answers a question."""
        with self._count_lock:
            now = time.monotonic()
            return now - self._answering - (now - self._asked if self._questions else 0)

    def _line_now(self) -> int:
        """Ask which line of its file the plugin is at; return 0 if the process doesn't answer at once, or doesn't know."""
        id = next(self.numbers)
        answer = self._answers[id] = queue.SimpleQueue()
        self._thread(self._try_to_send, Message("where", id))
        try:
            message = answer.get(timeout=LAST_GRACE)
        except queue.Empty:
            return 0
        finally:
            del self._answers[id]
        line = message.value if message is not None else 0
        return line if isinstance(line, int) and 0 < line < 1 << 31 else 0

    def _finish_handlers(self) -> None:
        """Wait a moment for what the plugin called before it answered, so that the caller finds it done.

        Not for long, and not in a handler: it may be the caller's turn to do something before.
        """
        if threading.current_thread() in (self._event_thread, *self._callbacks):
            return
        until = time.monotonic() + LAST_GRACE
        for thread in self._callbacks:
            thread.join(max(until - time.monotonic(), 0))
        if self._event_thread is not None:
            is_done = threading.Event()
            with contextlib.suppress(queue.Full):
                self._waiting.put(is_done.set, timeout=max(until - time.monotonic(), 0))
                is_done.wait(max(until - time.monotonic(), 0))

    def _death(self) -> WorkerDied:
        return WorkerDied(self.name, self.exit_code, self._reason, self.log[-LAST_LINES:])

    def _script_error(self, value: Any) -> ScriptError:
        parts = value if isinstance(value, dict) else {}
        given = {name: parts.get(name) for name in ("type", "message", "code", "traceback", "missing")}
        texts = {name: text if isinstance(text, str) else "" for name, text in given.items()}
        line = parts.get("line")
        help = self._help_for_missing() if texts["missing"] else ""
        return ScriptError(
            self.source, line if isinstance(line, int) and 0 < line < 1 << 31 else 0, texts["type"], texts["message"],
            code=texts["code"], traceback=texts["traceback"], help=help,
        )  # fmt: skip

    def _help_for_missing(self) -> str:
        """Return what helps where a package isn't installed; its name needn't be the one that is imported."""
        steps = install_plan(self.context)["steps"]
        wanted = [str(step["source"]["entry"]) for step in steps if step["status"] == "planned" and step["kind"].endswith("-install")]
        if wanted:
            return f"Its plan installs {', '.join(map(repr, wanted))}: prepare does that."
        return "Its plan installs nothing: run it with a Python that has this package."

    def _listen(self) -> None:
        """Read the messages of the process until it ends, or sends what is none."""
        assert self._process is not None and self._process.stdout is not None
        with self._process.stdout:
            try:
                while (message := self.receive()) is not None:
                    # What was printed before an answer is in the log before it.
                    self._drain_log()
                    if message.kind == "call":
                        self._serve(message)
                    elif (answer := self._answers.get(message.id)) is not None:
                        answer.put(message)
            except FrameError as error:
                self._reason = f"sent what is no message, and was ended: {error}"
        if self._process.returncode is None:
            _signal_group(self._process, "SIGKILL")

    def _serve(self, message: Message) -> None:
        """Do what the plugin asks for; answer at once, unless a handler does."""
        match message.value:
            case [list(arguments), dict(named)] if all(isinstance(name, str) for name in named):
                pass
            case _:
                raise FrameError("a call without arguments")
        target = message.target
        if isinstance(target, int):
            # A function that was sent to the plugin: a callback.
            function = self.functions.get(target)
            if function is None:
                self._reply(message.id, LookupError(f"there is no function {target}"))
            else:
                threads = self._question(message.id, function, arguments, named)
                self._callbacks = [*(other for other in self._callbacks if other.is_alive()), *threads]
            return
        name = ALIASES.get(str(target), str(target))
        if name in EVENTS:
            value = _event_value(name, arguments, named)
            self._events.add(Event(name, value), 1000 + self.received_bytes)
            arguments, named = [value], {}
        handler = self.handlers.get(name)
        if handler is not None and name in EVENTS:
            # One thread calls them all, so that they stay in order. Where many wait, the plugin waits too.
            if self._event_thread is None:
                self._event_thread = self._thread(self._handle_events)
            self._waiting.put(partial(self._answer_event, message.id, name, handler, arguments, named))
        elif handler is not None:
            self._question(message.id, handler, arguments, named)
        elif name in _OWN:
            result = call(partial(_OWN[name], self, *arguments, **named))
            self._reply(message.id, result.error if isinstance(result, Failed) else result)
        elif name in EVENTS:
            self._reply(message.id, None)
        else:
            self._reply(message.id, ImJoyError("api-unavailable", f"api.{name} is not available outside the browser"))

    def _question(self, id: int, function: Handler, arguments: list[Any], named: dict[str, Any]) -> list[threading.Thread]:
        """Let a thread answer a question, and return it; of too many at the same time, refuse one."""
        with self._count_lock:
            is_one_too_many = self._threads >= MAX_QUESTIONS
            if not is_one_too_many:
                self._threads += 1
                self._asked = self._asked if self._questions else time.monotonic()
                self._questions += 1
        if is_one_too_many:
            # Here, and not in one more thread: a plugin that reads no answers waits until it does.
            self._reply(id, ImJoyError("busy", f"more than {MAX_QUESTIONS} questions wait for answers"))
            return []
        return [self._thread(self._answer_question, id, function, arguments, named)]

    def _answer_question(self, id: int, function: Handler, arguments: list[Any], named: dict[str, Any]) -> None:
        # Also what ends programs: here it would end the thread alone, and the plugin would wait forever.
        result, error = child.attempt(partial(function, *arguments, **named))
        with self._count_lock:
            self._questions -= 1
            self._answering += 0 if self._questions else time.monotonic() - self._asked
        self._reply(id, result if error is None else error)
        with self._count_lock:
            self._threads -= 1

    def _handle_events(self) -> None:
        while (job := self._waiting.get()) is not None:
            job()

    def _answer_event(self, id: int, name: str, handler: Handler, arguments: list[Any], named: dict[str, Any]) -> None:
        result, error = child.attempt(partial(handler, *arguments, **named))
        if name == "createWindow" and result is None and error is None:
            # The plugin goes on with its window, whoever shows it.
            result = self._create_window(*arguments)
        self._reply(id, result if error is None else error)

    def _reply(self, id: int, value: Any) -> None:
        kind = "error" if isinstance(value, BaseException) else "reply"
        if isinstance(value, ScriptError):
            # What another plugin raised is what this one gets.
            value = RemoteError(value.type, value.text, value.code)
        try:
            self.send(Message(kind, id, None, value))
        except FrameError as error:
            self._reply(id, RemoteError("FrameError", str(error)))
        except OSError:
            # The process is gone, and nobody waits for it.
            pass

    # --- what it answers by itself

    def _register(self, given: Any = None, **named: Any) -> None:
        service = {**(given if isinstance(given, dict) else {}), **named}
        kind = str(service.get("type") or "operator")
        if kind == "operator":
            op = registered_op(self.name, service, self.source)
            _check_room(self.ops, op.key)
            self.ops[op.key] = op
            return
        needed = SERVICES.get(kind, ("name",))
        missing = [key for key in needed if not service.get(key)]
        if missing or (kind.startswith("@") and kind not in SERVICES):
            fault = f"lacks {', '.join(missing)}" if missing else f"has none of the types {', '.join(SERVICES)}"
            raise ImJoyError("op", f"a service of the type {kind!r} {fault}")
        others = [item for item in self.services if item["name"] != service["name"] or item["type"] != kind]
        _check_room(others)
        self.services = [*others, service]

    def _unregister(self, given: Any = None, **named: Any) -> None:
        name = given.get("name") if isinstance(given, dict) else given or named.get("name")
        for key in [key for key, op in self.ops.items() if name is None or name in (op.name, key)]:
            del self.ops[key]
        self.services = [item for item in self.services if name is not None and item["name"] != name]

    def _get_services(self, query: Any = None) -> list[dict[str, Any]]:
        return services_like(self.services, query)

    def _get_config(self, name: str) -> Any:
        if str(name).startswith("_"):
            return self.context.data.get(name[1:])
        return self.settings.get(str(name))

    def _set_config(self, name: str, value: Any = None) -> None:
        if str(name).startswith("_") and name[1:] in self.context.data:
            raise ImJoyError("op", f"{name!r} is written in the plugin's file")
        if value:
            text = str(value)
            if len(text) > MAX_SETTING:
                raise ImJoyError("op", f"a setting has at most {MAX_SETTING} characters")
            _check_room(self.settings, str(name))
            self.settings[str(name)] = text
        else:
            self.settings.pop(str(name), None)

    def _create_window(self, config: Any) -> dict[str, Any]:
        """Return what stands for a window: what the plugin does with it becomes an event."""
        self._windows += 1
        return {
            "window_id": f"window_{self._windows}",
            **{key: config[key] for key in ("name", "type") if isinstance(config, dict) and key in config},
            **{name: _WindowFunction(self, self._windows, name) for name in _WINDOW},
        }

    def _show_dialog(self, config: Any) -> dict[str, Any]:
        """Return the values that a dialog begins with.

        :raises ImJoyError: it has no form, so somebody would have to look at it.
        """
        if not isinstance(config, dict) or not config.get("ui"):
            raise ImJoyError("needs-interface", "api.showDialog needs a user interface: the host has no handler 'showDialog'")
        form = form_fields(config["ui"])
        return {item["key"]: item["default"] for item in form if item["key"] and "default" in item}

    # --- how it ends

    def _watch(self, threads: Sequence[threading.Thread]) -> None:
        """Wait for the end of the process, end all that it started, and tell those who wait for answers."""
        assert self._process is not None and self._process.stdin is not None
        if hasattr(os, "waitid"):
            # Not reaped yet, its group can't be that of another process. There is nothing to wait for where SIGCHLD is ignored.
            with contextlib.suppress(ChildProcessError):
                os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
            _signal_group(self._process, "SIGKILL")
            self._process.wait()
        else:
            self._process.wait()
            _signal_group(self._process, "SIGKILL")
        until = time.monotonic() + LAST_GRACE
        for thread in threads:
            # A process that left the group may keep the pipes open.
            thread.join(max(until - time.monotonic(), 0))
        with self.writing:
            # Its number may soon be that of another file.
            self.writer = -1
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._close_lifeline()
        self._ended.set()
        for answer in list(self._answers.values()):
            answer.put(None)
        if self._event_thread is not None:
            self._waiting.put(None)

    def _close_lifeline(self) -> None:
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

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
        *lines, self._log_end = (self._log_end + piece).split(b"\n")
        for line in lines:
            self._log.add(_text(line), len(line) + 50)
        # One byte more shows that something is cut off.
        self._log_end = self._log_end[: MAX_LINE + 1]


def _remove(folder: str, owner: int) -> None:
    """Remove a folder with all that is in it; not in a fork of the process that made it."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _check_room(kept: Collection[Any], name: str = "") -> None:
    """Check that a plugin may register or store one more.

    :raises ImJoyError: it has too many already; the code is ``op``.
    """
    if len(kept) >= MAX_KEPT and name not in kept:
        raise ImJoyError("op", f"a plugin can have at most {MAX_KEPT} of these")


#: What a worker answers if no handler does, by the name of ``api``.
_OWN: Mapping[str, Handler] = {
    "register": Worker._register,
    "unregister": Worker._unregister,
    "getServices": Worker._get_services,
    "getConfig": Worker._get_config,
    "setConfig": Worker._set_config,
    "createWindow": Worker._create_window,
    "showDialog": Worker._show_dialog,
}
#: What a plugin can do with a window.
_WINDOW = ("run", "on", "off", "emit", "close", "focus", "resize")


class _WindowFunction:
    """A function of a window: calling it is an event of its own, such as ``window.run``."""

    def __init__(self, worker: Worker, number: int, name: str) -> None:
        self._worker = worker
        self._number = number
        self._name = name

    def __call__(self, /, *arguments: Any, **named: Any) -> None:
        value = {"window_id": f"window_{self._number}", "arguments": [*arguments, *([named] if named else ())]}
        self._worker._events.add(Event(f"window.{self._name}", value), 1000 + self._worker.received_bytes)


def services_like(services: Iterable[dict[str, Any]], query: Any) -> list[dict[str, Any]]:
    """Return the services that have each key of a query with the same value."""
    wanted = query if isinstance(query, dict) else {"type": query} if query else {}
    return [item for item in services if all(item.get(key) == value for key, value in wanted.items())]


def _event_value(name: str, arguments: list[Any], named: Mapping[str, Any]) -> Any:
    """Return what an event says: its only argument, or the first one of those with a time."""
    value = arguments[0] if arguments else dict(named) or None
    if name == "showProgress" and isinstance(value, (int, float)):
        # Below one it is a part of the whole, else it is in percent.
        return value * 100 if value < 1 else value
    if name == "createWindow" and isinstance(value, str):
        return {"src" if "://" in value else "type": value}
    return value


def _text(line: bytes) -> str:
    text = line[:MAX_LINE].decode("utf-8", "replace").rstrip("\r")
    return f"{text} ... the rest of the line is left out" if len(line) > MAX_LINE else text


def _signal_group(process: subprocess.Popen[bytes], name: str) -> None:
    """Send a signal to a process and all that it started; on Windows, end them."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, getattr(signal, name))
    else:
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
