"""What can go wrong with processes: each is tried with real ones, which are killed. No wait is without limit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from systems.dioptra.weather_tree import lone, session_of, weather

from ways.systems import dioptra
from ways.systems.engine.base import EngineError, LostWorkError

pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
dask = pytest.importorskip("dask", reason="the extra 'dask' is not installed")
psutil = pytest.importorskip("psutil", reason="the extra 'dask' brings it")

#: A step of each graph says that it began, by a file, and goes on once there is another.
CODE = """\
import os, pathlib, time
@register
def first(folder, word, before=None):
    place = pathlib.Path(folder)
    with open(place / f"{word}.pids", "a") as file:
        print(os.getpid(), file=file)
    for _ in range(600):
        if (place / "go").exists():
            return word + "".join(before or ())
        time.sleep(0.05)
"""
GRAPH = """\
graph:
  a: {first: [FOLDER, a]}
  b: {first: [FOLDER, b]}
  both: {first: [FOLDER, c, [$a, $b]]}
"""


def workers_of(process: psutil.Process) -> list[psutil.Process]:
    """Return the processes below one that do work."""
    workers = []
    for child in process.children(recursive=True):
        # One that just ended may still be listed.
        with suppress(psutil.Error):
            if "spawn_main" in " ".join(child.cmdline()):
                workers.append(child)
    return workers


def pids(folder: Path, word: str) -> list[int]:
    """Return the processes that began a step."""
    path = folder / f"{word}.pids"
    return [int(line) for line in path.read_text(encoding="utf-8").split()] if path.exists() else []


def begun(folder: Path, *words: str, times: int = 1) -> None:
    """Return once each step began as often as that."""
    limit = time.monotonic() + 60
    while any(len(pids(folder, word)) < times for word in words):
        assert time.monotonic() < limit, "the steps don't begin"
        time.sleep(0.02)


def killing(folder: Path, words: str, seen: list[str]) -> Any:
    """Return a thread that kills the processes of steps while they run, and then lets the steps end."""
    def kill() -> None:
        begun(folder, "a", "b")
        for word in words:
            os.kill(pids(folder, word)[0], signal.SIGKILL)
            seen.append(word)
        begun(folder, *words, times=2)
        (folder / "go").touch()

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


@pytest.mark.parametrize("words", ["a", "ab"], ids=["one worker", "all workers"])
def test_killed_workers_change_no_result(tmp_path: Path, words: str) -> None:
    session = lone(tmp_path, CODE, GRAPH.replace("FOLDER", str(tmp_path)), inputs="folder word before", outputs="out")
    seen: list[str] = []
    with dioptra.local(2) as engine:
        thread = killing(tmp_path, words, seen)
        run = dioptra.run(session, "One", trust=True, engine=engine, timeout=120)
        thread.join(60)
    assert seen == list(words) and run.outputs["both"]["out"] == "cab"
    assert (len(pids(tmp_path, "a")), len(pids(tmp_path, "b"))) == (2, 2 if "b" in words else 1)


def test_results_survive_the_workers_that_have_them(tmp_path: Path) -> None:
    with dioptra.local(2) as engine:
        ticket = engine.submit(partial(int, "5"))
        while not engine.wait({ticket}, 60):
            pass
        for worker in workers_of(psutil.Process()):
            worker.kill()
        after = engine.submit(partial(pow, 2), [ticket])
        [change] = engine.wait({after}, 60)
    assert change.result == 32


def test_a_result_that_is_late_makes_it_look_for_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them may have died before it came here, and Dask forgets those that were not back soon."""
    from distributed import Future

    late, usual, looks = [TimeoutError()], Future.result, []

    def result(future: Future, timeout: float | None = None) -> Any:
        if late:
            raise late.pop()
        return usual(future, timeout)

    with dioptra.local(1) as engine:
        look = engine._need_workers
        monkeypatch.setattr(Future, "result", result)
        monkeypatch.setattr(engine, "_need_workers", lambda: looks.append(look()))
        ticket = engine.submit(partial(int, "5"))
        while not (changes := engine.wait({ticket}, 60)):
            pass
    assert changes[0].result == 5 and looks and not late


def kill_all(folder: Path, words: list[str], times: int) -> None:
    """Kill all workers, and those that come in their place while they start: so many in all, or until work begins again."""
    killed: set[psutil.Process] = set()
    limit = time.monotonic() + 60
    while len(killed) < times and all(len(pids(folder, word)) < 2 for word in words):
        assert time.monotonic() < limit, f"after {len(killed)} were killed, no worker is started again"
        for worker in set(workers_of(psutil.Process())) - killed:
            with suppress(psutil.Error):
                worker.kill()
            killed.add(worker)
        time.sleep(0.02)


@pytest.mark.parametrize("is_done", [False, True], ids=["while they work", "before the results are here"])
def test_workers_that_die_again_and_again_are_replaced(tmp_path: Path, is_done: bool) -> None:
    def work(word: str) -> str:
        with open(tmp_path / f"{word}.pids", "a", encoding="utf-8") as file:
            print(os.getpid(), file=file)
        while not is_done and not (tmp_path / f"{word}.go").exists():
            time.sleep(0.05)
        return word

    def kill(words: list[str]) -> None:
        begun(tmp_path, *words)
        kill_all(tmp_path, words, 6)
        for word in words:
            (tmp_path / f"{word}.go").touch()

    # Dask gives up a process that is not back by then, which happens with the usual 15 seconds on a busy machine.
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "10ms"}), dioptra.local(2) as engine:
        for words in (["a", "b"], ["c", "d"], ["e", "f"]):
            tickets = {engine.submit(partial(work, word)): word for word in words}
            limit = time.monotonic() + 120
            while is_done and len(engine._ended) < 2:
                assert time.monotonic() < limit, "the work is not done"
                time.sleep(0.02)
            # The results are not fetched before those that have them are dead.
            for worker in workers_of(psutil.Process()) if is_done else ():
                worker.kill()
            killer = threading.Thread(target=kill, args=(words,))
            killer.start()
            changes: list[Any] = []
            while len(changes) < 2:
                assert time.monotonic() < limit, "the workers are not replaced"
                changes += engine.wait(tickets, 1)
            killer.join(60)
            assert len(changes) == 2 and {change.ticket: change.result for change in changes} == tickets


def test_code_reaches_workers_that_start_later(tmp_path: Path) -> None:
    session = session_of(weather(tmp_path))
    with dioptra.local(1) as engine:
        first = dioptra.run(session, "Day", {"mark": "hot"}, trust=True, engine=engine)
        for worker in workers_of(psutil.Process()):
            worker.kill()
        second = dioptra.run(session, "Day", {"mark": "hot"}, trust=True, engine=engine, timeout=120)
    assert first.outputs == second.outputs


def test_poison_costs_itself_alone() -> None:
    with dioptra.local(2) as engine:
        poison = engine.submit(partial(exec, "import os; os.kill(os.getpid(), 9)"))
        others = [engine.submit(partial(time.sleep, 0.05)) for _ in range(8)]
        waiting, changes = {poison, *others}, []
        limit = time.monotonic() + 90
        while waiting and time.monotonic() < limit:
            some = engine.wait(waiting, 1)
            waiting -= {change.ticket for change in some}
            changes += some
    assert not waiting
    assert {change.ticket: type(change.error) for change in changes if change.state == "failed"} == {poison: LostWorkError}


def test_processes_use_tls_where_a_certificate_can_be_made() -> None:
    pytest.importorskip("cryptography", reason="Dask makes certificates by this package")
    with dioptra.local(1) as engine:
        [change] = engine.wait({engine.submit(partial(int, 1))}, 60)
        assert change.result == 1 and engine._client.scheduler.address.startswith("tls://")


def test_closing_leaves_no_process_not_even_of_a_step_without_end() -> None:
    with dioptra.local(2) as engine:
        ticket = engine.submit(partial(exec, "while True: pass"))
        assert engine.wait({ticket}, 1) == []
        workers = workers_of(psutil.Process())
    assert len(workers) == 2 and not any(worker.is_running() for worker in workers)
    assert workers_of(psutil.Process()) == []


def test_a_time_limit_ends_a_run_and_its_steps_and_the_engine_goes_on(tmp_path: Path) -> None:
    session = lone(tmp_path, CODE, GRAPH.replace("FOLDER", str(tmp_path)), inputs="folder word before", outputs="out")
    with dioptra.local(2) as engine:
        engine.wait({engine.submit(partial(int, 1))}, 60)
        with pytest.raises(EngineError, match="The time for the run is over; not done: 'a', 'b', 'both'"):
            dioptra.run(session, "One", trust=True, engine=engine, timeout=10)
        assert not any(map(psutil.pid_exists, (*pids(tmp_path, "a"), *pids(tmp_path, "b"))))
        [change] = engine.wait({engine.submit(partial(int, 1))}, 60)
    assert change.result == 1 and pids(tmp_path, "a")


SCRIPT = """\
import sys, time
from functools import partial
from ways.systems import dioptra
if GUARD:
    engine = dioptra.local(1, timeout=90)
    engine.submit(partial(time.sleep, 600))
    print("begun", flush=True)
    time.sleep(600)
"""


def test_processes_end_with_a_killed_caller(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT.replace("GUARD", '__name__ == "__main__"'), encoding="utf-8")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, str(tmp_path / "script.py")], stdout=subprocess.PIPE, env=environ, cwd=tmp_path) as caller:
        assert caller.stdout is not None and caller.stdout.readline() == b"begun\n"
        workers = workers_of(psutil.Process(caller.pid))
        caller.kill()
        _, alive = psutil.wait_procs(workers, 60)
    assert len(workers) == 1 and alive == []


def test_a_script_without_a_guard_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT.replace("GUARD", "True"), encoding="utf-8")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py")], capture_output=True, env=environ, cwd=tmp_path, timeout=100, encoding="utf-8"
    )
    assert done.returncode == 1 and 'call dioptra.local below: if __name__ == "__main__":' in done.stderr.splitlines()[-1]


#: Only the first process that imports it can be started.
ENDING = """\
import os
from ways.systems import dioptra
if __name__ != "__main__":
    with open("count", "a") as file:
        file.write("x")
    if os.path.getsize("count") > 1:
        os._exit(3)
else:
    try:
        dioptra.local(2, timeout=12)
    except dioptra.EngineError as error:
        print(error)
"""


def test_processes_that_end_while_they_start_are_not_started_for_ever(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(ENDING, encoding="utf-8")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py")], capture_output=True, env=environ, cwd=tmp_path, timeout=100, encoding="utf-8"
    )
    assert done.returncode == 0 and done.stdout.startswith("The processes could not be started in 12 seconds"), done.stderr


# a cluster that runs already


@contextmanager
def cluster(folder: Path, *options: str, workers: int = 1, environ: dict[str, str] | None = None) -> Iterator[tuple[str, psutil.Process]]:
    """Start a scheduler and workers as programs; give the address and the process of the scheduler."""
    written = folder / "scheduler.json"
    usual = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), **(environ or {})}
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    scheduler += ["--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(written), *options]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(written), "--nthreads", "1", "--no-dashboard"]
    worker += ["--local-directory", str(folder), "--death-timeout", "60", *options]
    started = []
    with open(folder / "log", "wb") as log:
        try:
            started.append(psutil.Popen(scheduler, stdout=log, stderr=log, env=usual))
            limit = time.monotonic() + 60
            while not written.exists():
                assert time.monotonic() < limit and started[0].is_running(), (folder / "log").read_text(encoding="utf-8")
                time.sleep(0.05)
            started += [psutil.Popen(worker, stdout=log, stderr=log, env=usual) for _ in range(workers)]
            yield json.loads(written.read_text(encoding="utf-8"))["address"], started[0]
        finally:
            alive = [process for process in started if process.is_running()]
            everything = [child for process in alive for child in (process, *process.children(recursive=True))]
            for process in everything:
                if process.is_running():
                    process.kill()
            for process in started:
                process.wait(60)
            psutil.wait_procs(everything, 60)


def test_a_lost_scheduler_ends_a_run_at_once(tmp_path: Path) -> None:
    with cluster(tmp_path) as (address, scheduler), dioptra.connect(address, insecure=True, timeout=60) as engine:
        ticket = engine.submit(partial(time.sleep, 600))
        assert engine.wait({ticket}, 2) == []
        scheduler.kill()
        began = time.monotonic()
        with pytest.raises(EngineError, match="The connection to the scheduler is lost"):
            while time.monotonic() - began < 60:
                engine.wait({ticket}, 1)
        # The step would take 600 seconds.
        with pytest.raises(EngineError, match="The connection to the scheduler is lost"):
            engine.submit(partial(int, 1))


def test_a_scheduler_that_is_lost_while_nothing_runs(tmp_path: Path) -> None:
    with cluster(tmp_path, workers=0) as (address, scheduler), dioptra.connect(address, insecure=True, timeout=60) as engine:
        scheduler.kill()
        scheduler.wait(60)
        time.sleep(0.5)
        with pytest.raises(EngineError, match="The connection to the scheduler is lost"):
            engine.wait({engine.submit(partial(int, 1))}, 60)


def test_a_cluster_without_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ways.systems.engine.dask._ALONE", 0.5)
    with cluster(tmp_path, workers=0) as (address, _), dioptra.connect(address, insecure=True, timeout=60) as engine:
        ticket = engine.submit(partial(int, 1))
        assert engine.wait({ticket}, 0.1) == []
        time.sleep(0.6)
        with pytest.raises(EngineError, match="The cluster has had no worker for 0.5 seconds"):
            engine.wait({ticket}, 0.1)


def test_an_encrypted_connection(tmp_path: Path) -> None:
    ca, cert, key = (str(tmp_path / name) for name in ("cert.pem", "cert.pem", "key.pem"))
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    make += ["-keyout", key, "-out", cert]
    try:
        subprocess.run(make, check=True, capture_output=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("there is no program openssl, which makes the certificate")
    options = ["--tls-ca-file", ca, "--tls-cert", cert, "--tls-key", key, "--protocol", "tls"]
    session = session_of(weather(tmp_path))
    here = dioptra.run(session, "Day", {"mark": "hot"}, trust=True)
    with cluster(tmp_path, *options) as (address, _):
        assert address.startswith("tls://")
        with dioptra.connect(address, ca=ca, cert=cert, key=key, timeout=60) as engine:
            run = dioptra.run(session, "Day", {"mark": "hot"}, trust=True, engine=engine, timeout=120)
        with pytest.raises(EngineError, match="There is no scheduler at"):
            dioptra.connect(address.replace("tls", "tcp"), insecure=True, timeout=3)
    assert run.outputs == here.outputs


@pytest.mark.parametrize(
    "address, files, said",
    [
        ("tcp://127.0.0.1:1", {}, "no encrypted connection: use tls://, or say insecure=True"),
        ("127.0.0.1:1", {"ca": "a", "cert": "b", "key": "c"}, "no encrypted connection"),
        ("tls://127.0.0.1:1", {"ca": "a", "cert": "b"}, "needs the files ca=, cert= and key="),
        ("tls://127.0.0.1:1", {"ca": "a", "cert": "b", "key": "c"}, "There is no scheduler at 'tls://127.0.0.1:1': .*"),
    ],
)
def test_connections_that_are_refused(address: str, files: dict[str, str], said: str) -> None:
    with pytest.raises(EngineError, match=said):
        dioptra.connect(address, **files, timeout=1)


def test_a_worker_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import ways\nways.__version__ = '0.0.1'\n", encoding="utf-8")
    environ = {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    with cluster(tmp_path, environ=environ) as (address, _), pytest.raises(EngineError, match="has Python 3.* and Ways 0.0.1; it needs"):
        for _ in range(60):
            dioptra.connect(address, insecure=True, timeout=60).close()
            time.sleep(0.5)


def test_a_worker_without_ways_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['ways'] = None\n", encoding="utf-8")
    environ = {"PYTHONPATH": str(tmp_path)}
    with cluster(tmp_path, environ=environ) as (address, _), pytest.raises(EngineError, match="has no Ways .*; it needs Python 3"):
        for _ in range(60):
            dioptra.connect(address, insecure=True, timeout=60).close()
            time.sleep(0.5)
