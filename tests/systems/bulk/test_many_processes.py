"""Parts by processes of Dask: the same files as in one process, whoever is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from systems.bulk.bulk_things import digest_of, poisoned, rows_of, run, table_in, write_csv

psutil = pytest.importorskip("psutil", reason="the extra 'dask' brings it")
dask = pytest.importorskip("ways.systems.engine.dask", reason="the extra 'dask' is not installed", exc_type=ImportError)

#: Rows of the file, and of a part.
COUNT, ROWS = 3000, 50


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with dask.local(2) as opened:
        yield lambda parts: nullcontext(opened)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_csv(tmp_path_factory.mktemp("in") / "in.csv", rows_of(COUNT))


@pytest.fixture(scope="module")
def whole(source: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of the parts that one process makes."""
    out = tmp_path_factory.mktemp("whole")
    run(source, out, rows=ROWS)
    return digest_of(out)


@pytest.mark.parametrize("killed", [0, 1, 2])
def test_killed_processes_change_nothing(source: str, whole: str, tmp_path: Path, engine: Any, killed: int) -> None:
    left = [killed]

    def kill(done: int, rows: int) -> None:
        # A worker that was just started may not be there yet, and one that was killed may still be listed.
        for child in psutil.Process().children(recursive=True) if 0 < done < rows else ():
            with suppress(psutil.Error):
                if left[0] and "spawn_main" in " ".join(child.cmdline()):
                    child.kill()
                    left[0] -= 1

    done = run(source, tmp_path / "out", rows=ROWS, open_engine=engine, report=kill)
    assert left == [0] and done.failures == () and done.skipped == 0
    assert digest_of(tmp_path / "out") == whole
    assert [row["id"] for row in table_in(tmp_path / "out")] == [str(number) for number in range(COUNT)]


def test_one_process_makes_the_same(source: str, whole: str, tmp_path: Path) -> None:
    run(source, tmp_path / "out", rows=ROWS, open_engine=lambda parts: dask.local(1))
    assert digest_of(tmp_path / "out") == whole


def test_a_part_that_kills_its_process_costs_itself(tmp_path: Path, engine: Any) -> None:
    rows = [*rows_of(25), ("x", "/kill", ""), *rows_of(30), ("y", "/raise", ""), *rows_of(15)]
    source = write_csv(tmp_path / "in.csv", rows)
    done = run(source, tmp_path / "out", resolver=poisoned(), open_engine=engine)
    assert [failure.part for failure in done.failures] == ["part-000002.csv", "part-000005.csv"]
    assert "LostWorkError: the process that ran it died" in str(done.failures[0]) and "it can't be" in str(done.failures[1])
    assert [row["text"] for row in table_in(tmp_path / "out")] == [text for _, text, _ in [*rows[:20], *rows[30:50], *rows[60:]]]


def test_a_killed_run_of_many_processes_goes_on(source: str, whole: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code = "import sys\nfrom systems.bulk.bulk_things import *\nfrom ways.systems.engine import dask\n"
    code += f"if __name__ == '__main__': run(sys.argv[1], sys.argv[2], rows={ROWS}, open_engine=lambda parts: dask.local(2))\n"
    script = tmp_path / "script.py"
    script.write_text(code, encoding="utf-8")
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = subprocess.Popen([sys.executable, str(script), source, str(out)], env=environ)
    try:
        limit = time.monotonic() + 300
        while len(list(out.glob("part-*"))) < 5:
            assert process.poll() is None and time.monotonic() < limit
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    run(source, out, rows=ROWS)
    assert digest_of(out) == whole


def test_a_cluster_is_another_engine(source: str, whole: str, tmp_path: Path) -> None:
    with dask.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        connect = partial(dask.connect, cluster.scheduler_address, insecure=True)
        run(source, tmp_path / "out", rows=ROWS, open_engine=lambda parts: connect())
    assert digest_of(tmp_path / "out") == whole
