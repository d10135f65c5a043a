"""Many ImJoy plugins in their processes: their flags decide who shares one, and plugins call each other."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from ways.api import Context, Session
from ways.errors import ImJoyError, UntrustedError
from ways.systems.imjoy.catalogue import find
from ways.systems.imjoy.ops import Op
from ways.systems.imjoy.worker import LONGEST, Event, Handler, Worker, check_runnable, services_like, start

#: What identifies a process that others may attach to.
Key = tuple[str, ...]


class _Process:
    """One process of an engine, and who is attached to it."""

    def __init__(self, context: Context, key: Key | None, client: str, workspace: str, chain: Sequence[Context]) -> None:
        self.context = context
        #: This plugin after those that it is started for, while it starts; then none.
        self.chain = (*chain, context)
        #: ``None`` if nobody else may attach.
        self.key = key
        self.client = client
        self.workspace = workspace
        self.is_kept = "allow-detach" in _flags(context)
        self.is_shared = "single-instance" in _flags(context)
        self.attachments: list[Attachment] = []
        self.worker: Worker | None = None


class Attachment:
    """A client's hold on the process of a plugin. Whether the process ends with it is decided by the plugin's flags."""

    def __init__(self, engine: Engine, process: _Process, client: str, workspace: str) -> None:
        assert process.worker is not None
        self._engine = engine
        self._process = process
        self.client = client
        self.workspace = workspace
        self.worker: Worker = process.worker
        #: Those plugins that this one needs, and that were started for it.
        self.dependencies: tuple[Attachment, ...] = ()

    @property
    def exports(self) -> tuple[str, ...]:
        """See :class:`Worker`."""
        return self.worker.exports

    @property
    def ops(self) -> dict[str, Op]:
        """See :class:`Worker`."""
        return self.worker.ops

    @property
    def events(self) -> list[Event]:
        """See :class:`Worker`; those of all clients."""
        return self.worker.events

    @property
    def log(self) -> list[str]:
        """See :class:`Worker`."""
        return self.worker.log

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self.worker.pid

    def call(self, target: str, /, *arguments: Any, **named: Any) -> Any:
        """See :meth:`Worker.call`."""
        return self.worker.call(target, *arguments, **named)

    def run(self, op: str = "", **named: Any) -> Any:
        """See :meth:`Worker.run`."""
        return self.worker.run(op, **named)

    def close(self) -> None:
        """Let go of the process. It ends with the last hold on it, unless its flag ``allow-detach`` keeps it."""
        self._engine._detach(self, self._process)
        for dependency in self.dependencies:
            dependency.close()

    def kill(self) -> None:
        """End the process for everybody: ``exit`` is called first, if it is exported."""
        self.worker.close()
        self.close()

    def __repr__(self) -> str:
        return f"<Attachment to {self.worker!r}, client {self.client!r}, workspace {self.workspace!r}>"

    def __enter__(self) -> Attachment:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()


class Engine:
    """Runs the native-python plugins of a session. Close it, or use it in a ``with`` block: all processes end with it.

    :param trust: whether the code of plugins may run at all.
    :param folder: where the workspaces are; without it, they are removed in the end.
    :param python: the interpreter for all plugins, or a function that returns that of a Context.
    :param handlers: see :func:`start`.
    :param timeout: see :func:`start`.
    """

    def __init__(
        self,
        session: Session,
        *,
        trust: bool = False,
        folder: str | os.PathLike[str] | None = None,
        python: str | os.PathLike[str] | Callable[[Context], str | os.PathLike[str]] | None = None,
        handlers: Mapping[str, Handler] | None = None,
        timeout: float | None = 180.0,
    ) -> None:
        self.session = session
        self.trust = trust
        self.handlers = dict(handlers or {})
        self.timeout = timeout
        self._python = python
        self._temporary = tempfile.TemporaryDirectory(prefix="ways-imjoy-") if folder is None else None
        self.folder = Path(self._temporary.name if self._temporary is not None else os.fspath(folder or ""))
        self._processes: list[_Process] = []
        self._settings: dict[tuple[str, ...], dict[str, str]] = {}
        self._lock = threading.Lock()
        self._is_closed = False
        #: Who starts or ends a process that others may attach to has the lock of its key.
        self._locks: dict[Key, threading.RLock] = {}

    @property
    def workers(self) -> list[Worker]:
        """The processes that run, in the order in which they were started."""
        return [worker for process in self._running() if (worker := process.worker) is not None]

    def start(
        self,
        plugin: str | Context,
        *,
        client: str = "",
        workspace: str = "default",
        trust: bool | None = None,
        python: str | os.PathLike[str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Attachment:
        """Attach to the process of a plugin, or start one, and all plugins that it needs before.

        Without flags, each start is a process. With ``single-instance``, all clients share one per plugin and tag. With
        ``allow-detach``, a process goes on without its client, which may attach again from the same workspace. Who attaches has
        ``resume`` called, or else ``setup``.

        :param plugin: its URI or name, or its Context.
        :param client: who asks; a browser, for ImJoy.
        :param workspace: the name of a folder that the plugin works in.
        :param trust: instead of the engine's.
        :param python: instead of the engine's.
        :param variables: for the process, besides those of the plan.
        :raises ImJoyError: as :func:`find` and :meth:`Worker.call`; for a workspace whose name is no name (``path-escape``), plugins that
            need each other (``dependency-cycle``), another start that takes longer than *timeout* (``busy``), and after ``close``
            (``closed``).
        :raises UntrustedError: ``trust`` is false.
        """
        context = find(self.session, plugin) if isinstance(plugin, str) else plugin
        if not (self.trust if trust is None else trust):
            source = str(context.data["_imjoy"]["source"])
            raise UntrustedError(source, f"running the plugin {context.data['name']!r} runs its code: say trust=True")
        return self._start(context, client, workspace, {"python": python, "variables": variables}, ())

    def disconnect(self, client: str, workspace: str | None = None) -> None:
        """Let go of everything that a client holds, or holds in one workspace."""
        for process in list(self._processes):
            for attachment in list(process.attachments):
                if attachment.client == client and workspace in (None, attachment.workspace):
                    attachment.close()

    def close(self) -> None:
        """End all processes, also those that go on without their clients. Nothing can be started after that."""
        with self._lock:
            self._is_closed = True
            processes, self._processes = self._processes, []
        threads = [threading.Thread(target=process.worker.close) for process in processes if process.worker is not None]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    # --- processes

    def _running(self) -> Iterator[_Process]:
        return (process for process in list(self._processes) if process.worker is not None and process.worker.is_running)

    def _start(
        self, context: Context, client: str, workspace: str, settings: Mapping[str, Any], chain: Sequence[Context]
    ) -> Attachment:
        """Attach to a process or start one.

        :param settings: the arguments ``python`` and ``variables`` of :func:`start`.
        :param chain: the plugins that need this one.
        """
        check_runnable(context)
        if self._is_closed:
            raise _closed(context)
        if workspace in ("", ".", "..") or any(letter in '/\\:\0' for letter in workspace):
            raise ImJoyError("path-escape", f"{workspace!r} can't be the name of a workspace", "Use a name without '/', '\\' and ':'.")
        dependencies = []
        with contextlib.ExitStack() as stack:
            for dependency in self._start_dependencies(context, client, workspace, (*chain, context)):
                dependencies.append(stack.enter_context(dependency))
            attachment = self._attach(context, client, workspace, settings, chain)
            attachment.dependencies = tuple(dependencies)
            stack.pop_all()
        return attachment

    def _start_dependencies(self, context: Context, client: str, workspace: str, chain: Sequence[Context]) -> Iterator[Attachment]:
        for item in context.data["_imjoy"]["dependencies"]:
            other = find(self.session, item["text"])
            _check_circle(other, chain)
            # What runs in a browser isn't started here, and ImJoy's own page would have it.
            if other.data["_imjoy"]["runs_in"] == "engine" and self._find_running(other, client, workspace) is None:
                yield self._start(other, client, workspace, {}, chain)

    def _attach(
        self, context: Context, client: str, workspace: str, settings: Mapping[str, Any], chain: Sequence[Context]
    ) -> Attachment:
        key = _key(context, client, workspace)
        with self._lock_of(key):
            running = next((process for process in self._running() if key is not None and process.key == key), None)
            if running is None:
                return self._new_process(context, key, client, workspace, settings, chain)
            attachment = Attachment(self, running, client, workspace)
            again = next((name for name in ("resume", "setup") if name in attachment.exports), None)
            if again is not None:
                attachment.call(again)
            running.attachments.append(attachment)
            return attachment

    @contextlib.contextmanager
    def _lock_of(self, key: Key | None) -> Iterator[None]:
        if key is None:
            yield
            return
        with self._lock:
            lock = self._locks.setdefault(key, threading.RLock())
        # Plugins that load each other while they start may wait for each other.
        if not lock.acquire(timeout=-1 if self.timeout is None else min(self.timeout, LONGEST)):
            raise ImJoyError("busy", f"another start of the plugin {key[-2]!r} has been under way for {self.timeout:g} seconds")
        try:
            yield
        finally:
            lock.release()

    def _new_process(
        self,
        context: Context,
        key: Key | None,
        client: str,
        workspace: str,
        settings: Mapping[str, Any],
        chain: Sequence[Context],
    ) -> Attachment:
        process = _Process(context, key, client, workspace, chain)
        python = settings.get("python") or (self._python(context) if callable(self._python) else self._python)
        handlers: dict[str, Handler] = {
            "call": partial(self._call, process),
            "run": partial(self._run, process),
            "getPlugin": partial(self._get_plugin, process),
            "loadPlugin": partial(self._get_plugin, process),
            "getServices": self._get_services,
        }
        process.worker = start(
            context, python=python, trust=True, workspace=self.folder / workspace, handlers={**handlers, **self.handlers},
            timeout=self.timeout, variables=settings.get("variables"),
            settings=self._settings.setdefault(context.hierarchy, {}),
        )  # fmt: skip
        attachment = Attachment(self, process, client, workspace)
        process.attachments.append(attachment)
        process.chain = ()
        with self._lock:
            self._processes = [*self._running(), process]
            is_late = self._is_closed
        if is_late:
            # The engine was closed while the plugin got ready.
            process.worker.close()
            raise _closed(context)
        return attachment

    def _detach(self, attachment: Attachment, process: _Process) -> None:
        with self._lock_of(process.key):
            if attachment not in process.attachments:
                return
            process.attachments.remove(attachment)
            if not process.attachments and not process.is_kept and process.worker is not None:
                process.worker.close()
                with self._lock:
                    self._processes = [other for other in self._processes if other is not process]

    # --- what plugins ask of each other

    def _find_running(self, context: Context, client: str, workspace: str) -> _Process | None:
        """Return the process of a plugin that a client in a workspace would use: its own, or one that all share."""
        same = [process for process in self._running() if process.context.hierarchy == context.hierarchy]
        own = [process for process in same if (process.client, process.workspace) == (client, workspace)]
        return next(iter([*own, *(process for process in same if process.is_shared)]), None)

    def _worker_for(self, asker: _Process, name: str) -> Worker:
        context = find(self.session, name)
        process = self._find_running(context, asker.client, asker.workspace)
        if process is None or process.worker is None:
            raise ImJoyError("plugin-not-found", f"the plugin {name!r} isn't running", "Start it, or name it as a dependency.")
        return process.worker

    def _call(self, asker: _Process, name: str, function: str, /, *arguments: Any, **named: Any) -> Any:
        return self._worker_for(asker, name).call(function, *arguments, **named)

    def _run(self, asker: _Process, name: str, context: Any = None) -> Any:
        return self._worker_for(asker, name).call("run", {} if context is None else context)

    def _get_plugin(self, asker: _Process, name: str) -> dict[str, Any]:
        """Return the functions of another plugin, which is started if need be."""
        context = find(self.session, name)
        process = self._find_running(context, asker.client, asker.workspace)
        if process is None:
            _check_circle(context, asker.chain)
            worker = self._start(context, asker.client, asker.workspace, {}, asker.chain).worker
        else:
            assert process.worker is not None
            worker = process.worker
        return {"name": worker.name, **worker.constants, **{name: partial(worker.call, name) for name in worker.exports}}

    def _get_services(self, query: Any = None) -> list[dict[str, Any]]:
        return services_like([service for worker in self.workers for service in worker.services], query)


def _closed(context: Context) -> ImJoyError:
    return ImJoyError("closed", f"the engine is closed, and doesn't start {context.data['name']!r}")


def _check_circle(context: Context, chain: Sequence[Context]) -> None:
    """Check that a plugin isn't one of those that it would be started for.

    :raises ImJoyError: it is; the code is ``dependency-cycle``.
    """
    if any(context.hierarchy == needed.hierarchy for needed in chain):
        names = " → ".join(str(needed.data["name"]) for needed in (*chain, context))
        raise ImJoyError("dependency-cycle", f"plugins need each other in a circle: {names}")


def _flags(context: Context) -> Sequence[str]:
    return context.data.get("flags") or ()


def _key(context: Context, client: str, workspace: str) -> Key | None:
    """Return what identifies the process that a start may attach to; ``None`` if it must be a new one."""
    plugin = ("/".join(context.hierarchy), str(context.data["_imjoy"]["tag"]))
    if "single-instance" in _flags(context):
        return plugin
    return (client, workspace, *plugin) if "allow-detach" in _flags(context) else None
