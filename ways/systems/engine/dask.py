"""The engine of many processes or machines, by Dask. Nothing else imports Dask."""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import platform
import queue
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from typing import Any, NamedTuple

import ways
from ways.errors import MissingExtraError
from ways.systems.engine.base import Change, EngineError, LostWorkError, Package, Ticket, UnsendableError
from ways.usercode import Failed, call, call_without_exit

try:
    import cloudpickle
    import dask
    from distributed import Client, Future, KilledWorker, LocalCluster, Security, WorkerPlugin
except ImportError as error:
    raise MissingExtraError("distributed", "dask", "runs in other processes") from error

#: Seconds that a question to the scheduler may take, and those that a result may take to come here.
_ANSWER, _TRANSFER = 30.0, 60.0
#: Seconds after which a result that isn't here yet makes one look for workers.
_GLANCE = 2.0
#: Seconds that Dask may take to give up a connection, once its own time is over.
_GIVE_UP = 5.0
#: Seconds without any worker after which work is given up.
_ALONE = 60.0
#: How often code is sent out again when a worker dies meanwhile.
_TRIES = 5


class _Sent(NamedTuple):
    """What work gave, as bytes.

    Dask passes it on without a look inside. An object whose class is in a plugin's code would stop a worker that
    doesn't have the code yet, and so would an exception of that kind.
    """

    #: Whether it came to a good end.
    is_done: bool
    data: bytes
    #: What was raised, in words.
    reason: str = ""


class _Given(NamedTuple):
    """Work as bytes, and what comes before it."""

    data: bytes
    after: tuple[Ticket, ...]


def _carried_out(data: bytes, *before: _Sent) -> _Sent:
    """Do a piece of work in the process of a worker."""
    result = call(call_without_exit, _done, data, before)
    if not isinstance(result, Failed):
        return _Sent(True, result)
    dumped = call(cloudpickle.dumps, result.error)
    return _Sent(False, b"" if isinstance(dumped, Failed) else dumped, str(result))


def _done(data: bytes, before: Sequence[_Sent]) -> bytes:
    try:
        return _dumped(pickle.loads(data)(*(pickle.loads(item.data) for item in before)))
    except KeyboardInterrupt as error:
        # Nobody interrupts the thread of a worker. Dask would end the process, and do the work again elsewhere.
        raise RuntimeError(f"it would have ended the program: {error!r}") from error


def _dumped(result: Any) -> bytes:
    """Return a result as bytes.

    :raises UnsendableError: it can't be pickled.
    """
    dumped = call(cloudpickle.dumps, result)
    if not isinstance(dumped, Failed):
        data: bytes = dumped
        return data
    outputs = getattr(result, "outputs", None)
    what, reason = "the result", dumped
    for name, value in outputs.items() if isinstance(outputs, Mapping) else ():
        if isinstance(failed := call(cloudpickle.dumps, value), Failed):
            what, reason = f"the output {name!r}", failed
            break
    hint = "Return plain data, or run in one process and save it by an artifact task."
    raise UnsendableError(f"{what} can't be sent to another process: {reason}. {hint}")


class _Code(WorkerPlugin):  # type: ignore[misc]
    """Installs a package in each worker, also in those that start later."""

    def __init__(self, package: Package) -> None:
        self._package = package

    def setup(self, worker: Any) -> None:
        """Install it."""
        self._package.install()


class _Own(WorkerPlugin):  # type: ignore[misc]
    """Leaves to the process that started a worker what is its own: standard output, which is for answers, and Ctrl-C."""

    def setup(self, worker: Any) -> None:
        """Write to standard error what the worker prints, and go on at Ctrl-C: the process that started it ends it."""
        os.dup2(2, 1)
        if threading.current_thread() is threading.main_thread():
            # A terminal interrupts all processes. Those that a task starts don't inherit a function, and end.
            signal.signal(signal.SIGINT, lambda *_: None)


def _versions() -> tuple[str, str]:
    """Return the versions of Python, without its last part, and of Ways."""
    return ".".join(platform.python_version_tuple()[:2]), ways.__version__


class DaskEngine:
    """Carries out work by the workers of a Dask cluster; see :class:`ways.systems.engine.base.Engine`.

    If a worker dies, Dask does its work again on another one: each piece of work is done at least once. Work is handed to
    Dask once what comes before it is done. Threads may share an engine.
    """

    shares_disk = False

    def __init__(self, client: Client, stack: ExitStack, *, workers: int = 0, refill: Callable[[], Any] | None = None) -> None:
        """Use a client.

        :param stack: is closed at last.
        :param workers: how many processes of this engine alone are the workers; 0 if they aren't.
        :param refill: a coroutine function that starts these processes again as far as they are gone.
        """
        self._client = client
        self._stack = stack
        self._is_local = bool(workers)
        self._workers = workers
        self._refill = refill
        self._installed: dict[str, Package] = {}
        #: Work that was not given up, and is not behind work that failed.
        self._given: dict[Ticket, _Given] = {}
        #: Work that waits for other work; that Dask has; and that is done.
        self._held: dict[Ticket, None] = {}
        self._running: dict[Ticket, Future] = {}
        self._done: dict[Ticket, Future] = {}
        #: What Dask says has ended, and what of it was not reported yet.
        self._ended: set[Ticket] = set()
        self._news: dict[Ticket, Change] = {}
        #: Work during which workers died. It may have been other work on these workers, so each is tried again, one at a time.
        self._suspects: list[Ticket] = []
        self._tried: set[Ticket] = set()
        self._changed = threading.Condition()
        self._lost = ""
        self._alone_since: float | None = None

    def __enter__(self) -> DaskEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, work: Callable[..., Any], after: Sequence[Ticket] = (), *, packages: Sequence[Package] = ()) -> Ticket:
        """Take a piece of work.

        :raises EngineError: the scheduler is lost, the engine is closed, or the work can't be pickled.
        """
        data = call(cloudpickle.dumps, work)
        if isinstance(data, Failed):
            raise EngineError(f"The work can't be sent to another process: {data}") from data.error
        with self._changed:
            self._need_scheduler()
            for package in packages:
                self._install(package)
            ticket = Ticket()
            if all(item in self._given for item in after):
                self._given[ticket] = _Given(data, tuple(after))
                self._held[ticket] = None
                self._begin()
            return ticket

    def _begin(self) -> None:
        """Hand work to Dask that can begin.

        :raises EngineError: the scheduler is lost.
        """
        for ticket in [ticket for ticket in self._held if self._done.keys() >= set(self._given[ticket].after)]:
            del self._held[ticket]
            self._send(ticket)
        if self._suspects and not self._tried & self._running.keys():
            ticket = self._suspects.pop(0)
            self._tried.add(ticket)
            self._send(ticket)

    def _send(self, ticket: Ticket) -> None:
        data, after = self._given[ticket]
        # The files of an artifact may be large, and can't be scattered: that would not survive its worker.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"}):
            future = call(self._client.submit, _carried_out, data, *(self._done[item] for item in after), pure=False)
        if isinstance(future, Failed):
            raise self._loss(future.error)
        self._running[ticket] = future
        future.add_done_callback(partial(self._end, ticket))

    def _install(self, package: Package) -> None:
        """Install a package in each worker.

        :raises EngineError: the scheduler is lost.
        """
        if self._installed.get(package.name) == package:
            return
        name = self._plugin_name(package.name)
        for _ in range(_TRIES):
            done = self._ask(lambda: self._client.register_plugin(_Code(package), name=name))
            if not isinstance(done, Failed):
                self._installed[package.name] = package
                return
            # A worker died while it was told. The scheduler knows the package, and gives it to the next one.
            self._need_scheduler()
        raise self._loss(done.error)

    def _plugin_name(self, name: str) -> str:
        return f"ways-{name}-{self._client.id}"

    def _ask(self, question: Callable[[], Any], seconds: float = _ANSWER) -> Any:
        """Return what a coroutine of the client returns, or a :class:`Failed`; it has this much time."""
        return call(self._client.sync, question, callback_timeout=seconds)

    def _end(self, ticket: Ticket, future: Future) -> None:
        with self._changed:
            if self._running.get(ticket) is future:
                self._ended.add(ticket)
                self._changed.notify_all()

    def wait(self, tickets: Collection[Ticket], timeout: float) -> list[Change]:
        """Return what became of any of *tickets* since the last call; nothing if *timeout* seconds passed.

        :raises EngineError: the scheduler is lost, there are no workers, or none of the work can ever begin.
        """
        asked, limit = set(tickets), time.monotonic() + timeout
        with self._changed:
            while True:
                for ticket in list(self._ended):
                    self._settle(ticket)
                self._begin()
                changes = [self._news.pop(ticket) for ticket in list(self._news) if ticket in asked]
                if changes:
                    return changes
                if not asked & (self._given.keys() - self._done.keys()):
                    raise EngineError("None of the work can begin: what it needs failed, or was given up.")
                left = limit - time.monotonic()
                if left <= 0:
                    self._need_workers()
                    return []
                if not self._ended:
                    self._changed.wait(left)

    def _settle(self, ticket: Ticket) -> None:
        """Note what became of work that has ended.

        :raises EngineError: the scheduler is lost.
        """
        self._ended.discard(ticket)
        future = self._running[ticket]
        sent = call(future.result, timeout=_GLANCE)
        if isinstance(sent, Failed) and isinstance(sent.error, TimeoutError) and self._need_workers():
            # Without any, one looks for them again soon instead.
            sent = call(future.result, timeout=_TRANSFER)
        if isinstance(sent, Failed):
            # Its worker died before the result was here, and it is done again.
            if isinstance(sent.error, TimeoutError):
                future.add_done_callback(partial(self._end, ticket))
                return
            del self._running[ticket]
            self._failed(ticket, sent.error)
            return
        del self._running[ticket]
        value = call(call_without_exit, pickle.loads, sent.data)
        if sent.is_done and not isinstance(value, Failed):
            self._done[ticket] = future
            self._news[ticket] = Change(ticket, "done", value)
            return
        if sent.is_done:
            value = UnsendableError(f"the result can't be read here: {value}")
        self._fail(ticket, value if isinstance(value, Exception) else UnsendableError(sent.reason))

    def _failed(self, ticket: Ticket, error: Exception) -> None:
        """Note what became of work that Dask could not do.

        :raises EngineError: the scheduler is lost.
        """
        self._need_scheduler()
        if getattr(error, "reason", "") == "scheduler-connection-lost":
            raise self._loss(error)
        if not isinstance(error, KilledWorker):
            self._fail(ticket, EngineError(f"Dask could not do the work: {type(error).__name__}: {error}"), is_of_engine=True)
        elif ticket in self._tried:
            times = 2 * (error.allowed_failures + 1)
            self._fail(ticket, LostWorkError(f"the process that ran it died, each of {times} times"))
        else:
            self._suspects.append(ticket)

    def _fail(self, ticket: Ticket, error: Exception, *, is_of_engine: bool = False) -> None:
        self._forget({ticket})
        self._news[ticket] = Change(ticket, "failed", error=error, is_of_engine=is_of_engine)

    def _forget(self, tickets: set[Ticket]) -> list[Future]:
        """Do without this work, and without what comes after it and has not begun; return what Dask has of it."""
        gone = set(tickets)
        # What comes after other work was given later.
        for ticket in self._held:
            if not gone.isdisjoint(self._given[ticket].after):
                gone.add(ticket)
        futures = []
        for ticket in gone:
            futures += [had[ticket] for had in (self._running, self._done) if ticket in had]
            for known in (self._given, self._held, self._running, self._done, self._news):
                known.pop(ticket, None)
        self._ended -= gone
        self._tried -= gone
        self._suspects = [ticket for ticket in self._suspects if ticket not in gone]
        return futures

    def _need_scheduler(self) -> None:
        """Check that the scheduler is there.

        :raises EngineError: it isn't, or the engine is closed.
        """
        if self._lost:
            raise EngineError(self._lost)
        if self._client.status != "running":
            raise self._loss(None)

    def _need_workers(self) -> bool:
        """Check that some worker was there lately, and return whether one is there now.

        :raises EngineError: none was, or the scheduler is lost.
        """
        self._need_scheduler()
        workers = self._ask(self._client.nthreads)
        if isinstance(workers, Failed):
            raise self._loss(workers.error)
        if self._refill is not None and len(workers) < self._workers:
            self._ask(self._refill)
        if workers:
            self._alone_since = None
            return True
        now = time.monotonic()
        self._alone_since = now if self._alone_since is None else self._alone_since
        if now - self._alone_since > _ALONE:
            raise EngineError(f"The cluster has had no worker for {_ALONE:g} seconds.")
        return False

    def _loss(self, error: Exception | None) -> EngineError:
        """Return why the scheduler is lost, and do without it from now on."""
        self._lost = "The connection to the scheduler is lost." + (f" {type(error).__name__}: {error}" if error is not None else "")
        raised = EngineError(self._lost)
        raised.__cause__ = error
        return raised

    def cancel(self, tickets: Collection[Ticket]) -> None:
        """Give up this work, and forget its results. What has begun is ended too, but not in a cluster: others may use its workers."""
        with self._changed:
            keys = {self._running[ticket].key for ticket in tickets if ticket in self._running}
            futures = self._forget(set(tickets))
            if not futures or self._lost:
                return
            busy = self._ask(self._client.processing) if self._is_local and keys else {}
            self._ask(lambda: self._client.cancel(futures))
            workers = [] if isinstance(busy, Failed) else [name for name, doing in busy.items() if not keys.isdisjoint(doing)]
            if workers:
                self._ask(lambda: self._client.restart_workers(workers, timeout=_ANSWER, raise_for_error=False))

    def close(self) -> None:
        """Give up everything; end the processes that :func:`local` started."""
        with self._changed:
            # The workers end at once below.
            self._is_local = False
            self.cancel(list(self._given))
            for name in () if self._lost else self._installed:
                self._ask(partial(self._client.unregister_worker_plugin, self._plugin_name(name)))
            self._installed.clear()
            self._lost = self._lost or "The engine is closed."
        self._stack.close()


def local(workers: int = 2, *, timeout: float = 120.0) -> DaskEngine:
    """Return an engine of new processes on this machine; close it, or use it as a context manager.

    Python starts each process by importing the main module again: a script that calls this at its top level does so below
    ``if __name__ == "__main__":``. The processes talk to each other with TLS if the package cryptography is installed. Without it,
    every user of this machine can connect to them and run code.

    :param workers: how many processes.
    :param timeout: seconds that they may take to start.
    :raises EngineError: they don't start.
    """
    if not isinstance(workers, int):
        raise EngineError(f"The number of workers must be a whole number, and is {workers!r}.")
    if workers < 1:
        raise EngineError(f"An engine needs one worker or more, not {workers}.")
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise EngineError(_MAIN)
    _try_process(timeout)
    stack = ExitStack()
    # Work during which workers die is tried twice as often as that.
    config = {"distributed.scheduler.allowed-failures": 1, "distributed.comm.timeouts.connect": f"{timeout:g}s"}
    with dask.config.set(config), ExitStack() as started:
        started.push(stack)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ways-", ignore_cleanup_errors=True))
        cluster = call(
            LocalCluster,
            # They are added below: this waits for those that it starts without a limit, and they may fail again and again.
            n_workers=0,
            threads_per_worker=1,
            processes=True,
            memory_limit=None,
            # No dashboard. The server that is there all the same is for this machine only.
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            silence_logs=logging.CRITICAL,
            local_directory=folder,
            # Dask makes the certificate, by this package.
            security=Security.temporary() if find_spec("cryptography") else None,
        )
        if isinstance(cluster, Failed):
            raise EngineError(f"The processes could not be started: {cluster}") from cluster.error
        stack.callback(call, cluster.close, timeout=_ANSWER)
        client = call(Client, cluster, set_as_default=False, timeout=timeout)
        if isinstance(client, Failed):
            raise EngineError(f"The processes could not be started: {client}") from client.error
        stack.callback(call, client.close, timeout=_ANSWER)
        engine = DaskEngine(client, stack, workers=workers, refill=partial(_refilled, cluster, workers))
        cluster.scale(workers)
        ready = call(client.wait_for_workers, workers, timeout=timeout)
        printing = ready if isinstance(ready, Failed) else engine._ask(lambda: client.register_plugin(_Own(), name="ways-own"))
        if isinstance(printing, Failed):
            raise EngineError(f"The processes could not be started in {timeout:g} seconds: {printing}") from printing.error
        started.pop_all()
    return engine


async def _refilled(cluster: LocalCluster, workers: int) -> None:
    """Begin to start processes again as far as they are gone; those that are starting are not started twice.

    Dask itself starts a process again that died. It gives that up if the process wasn't back in 15 seconds, as happens on a busy
    machine, and it keeps for ever what is left of a process that died while it started: both are replaced here.
    """
    for name in [name for name, nanny in cluster.workers.items() if not nanny.is_alive()]:
        cluster.worker_spec.pop(name, None)
    cluster.scale(workers)


#: What helps a script that starts itself again.
_MAIN = 'In a script, call dioptra.local below: if __name__ == "__main__":'


def _try_process(timeout: float) -> None:
    """Check that a process can be started as Dask starts them, which imports the main module again.

    Where it can't, Dask up to 2026.6 tries it again without end, and 2026.8 says only that it failed.

    :raises EngineError: it ended with an error, or took longer than *timeout* seconds.
    """
    context: Any = multiprocessing.get_context(dask.config.get("distributed.worker.multiprocessing-method", "spawn"))
    process = context.Process(target=_nothing, daemon=True)
    if isinstance(failed := call(process.start), Failed):
        raise EngineError(f"The processes could not be started: {failed}") from failed.error
    process.join(timeout)
    code = process.exitcode
    if code is None:
        process.kill()
        process.join()
        raise EngineError(f"The processes could not be started: one of them took longer than {timeout:g} seconds. {_MAIN}")
    if code:
        raise EngineError(f"The processes could not be started: one of them ended with exit code {code}. {_MAIN}")


def _nothing() -> None:
    """Do nothing: the process was started, and that is all."""


def connect(
    address: str, *, ca: str | None = None, cert: str | None = None, key: str | None = None, insecure: bool = False, timeout: float = 10.0
) -> DaskEngine:
    """Return an engine of the workers of a running Dask cluster; close it, or use it as a context manager.

    :param address: of the scheduler, such as ``tls://host:8786``.
    :param ca: the file with the certificate of the authority that signed those of the cluster,
    :param cert: with this client's own certificate, and
    :param key: with its private key.
    :param insecure: whether it may be a connection that is not encrypted, on which everybody can run code in the cluster and here.
    :param timeout: seconds that the scheduler may take to answer.
    :raises EngineError: it isn't encrypted, nothing answers, or a worker has another version of Python or Ways.
    """
    if not isinstance(address, str):
        raise EngineError(f"The address of a scheduler must be a text, such as 'tls://host:8786', and is {address!r}.")
    security = None
    if not insecure:
        if not address.startswith("tls://"):
            raise EngineError(f"{address!r} is no encrypted connection: use tls://, or say insecure=True (everybody could run code).")
        if not (ca and cert and key):
            raise EngineError("An encrypted connection needs the files ca=, cert= and key=.")
    if ca or cert or key:
        security = Security(tls_ca_file=ca, tls_client_cert=cert, tls_client_key=key, require_encryption=not insecure)
    client = _client_in(timeout, address, security)
    if isinstance(client, Failed):
        raise EngineError(f"There is no scheduler at {address!r}: {client}") from client.error
    with ExitStack() as stack:
        stack.callback(call, client.close, timeout=_ANSWER)
        engine = DaskEngine(client, stack.pop_all())
    found = engine._ask(lambda: client.run(_versions, on_error="return"))
    if isinstance(found, Failed):
        engine.close()
        raise EngineError(f"The workers at {address!r} don't answer: {found}") from found.error
    for worker, versions in found.items():
        if versions != _versions():
            engine.close()
            has = f"Python {versions[0]} and Ways {versions[1]}" if isinstance(versions, tuple) else f"no Ways ({versions})"
            python, own = _versions()
            raise EngineError(f"The worker {worker} has {has}; it needs Python {python} and Ways {own}, as here.")
    return engine


def _client_in(timeout: float, address: str, security: Security | None) -> Any:
    """Return a client, or a :class:`Failed`. What takes connections and never says anything would hold up Dask without end."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
    is_late = threading.Event()

    def connect() -> None:
        client = call(Client, address, security=security, set_as_default=False, timeout=timeout)
        answers.put(client)
        if is_late.is_set() and not isinstance(client, Failed):
            call(client.close, timeout=_ANSWER)

    threading.Thread(target=connect, name="ways-connect", daemon=True).start()
    try:
        return answers.get(timeout=timeout + _GIVE_UP)
    except queue.Empty:
        is_late.set()
        return Failed(TimeoutError(f"nothing that is one answered in {timeout:g} seconds"))
