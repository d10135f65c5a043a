"""The function of a snapshot: the same table in every process, and one session for all that have one digest."""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from unittest import mock

import pytest

from ways import api
from ways.api import Session, SnapshotError
from ways.snapshot import resolver, resolving

TEXTS = ["/jobs/dune", "/jobs/dune/010", "/nowhere", "/jobs/Dune"]


@pytest.fixture
def studio(session: Session) -> Session:
    details = {"JOB": {"parse": {"regex": "[a-z]+"}}}
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs/{JOB}", "mapping_details": details, "syntax": 2},
        shot={"hierarchy": "shot", "uses": ["job"], "mapping": "{root}/{SHOT:03d}", "syntax": 2},
    )
    return session


@pytest.fixture(autouse=True)
def no_sessions() -> Iterator[None]:
    with mock.patch.dict(resolving._sessions, clear=True):
        yield


def test_it_gives_the_table_of_the_session(studio: Session) -> None:
    resolve = resolver(studio.snapshot())
    assert resolve(TEXTS) == studio.table(TEXTS) and resolve.columns == studio.table_columns()


def test_it_may_be_for_one_place_and_loose(studio: Session) -> None:
    resolve = resolver(studio.snapshot(), "job", strict=False)
    assert resolve(TEXTS) == studio.table(TEXTS, "job", strict=False) and resolve.columns == studio.table_columns("job")


def test_it_answers_the_same_in_other_processes(studio: Session) -> None:
    resolve = resolver(studio.snapshot())
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert list(pool.map(resolve, [TEXTS] * 2)) == [studio.table(TEXTS)] * 2


def test_it_doesnt_follow_later_changes(studio: Session) -> None:
    resolve, before = resolver(studio.snapshot()), studio.table(TEXTS)
    studio.add_plugins(more={"hierarchy": "more", "mapping": "/nowhere", "syntax": 2})
    assert resolve(TEXTS) == before != studio.table(TEXTS)


def test_a_process_makes_one_session_for_one_digest(studio: Session) -> None:
    snapshot = studio.snapshot()
    first, copied, of_place = resolver(snapshot), pickle.loads(pickle.dumps(resolver(studio.snapshot()))), resolver(snapshot, "job")
    found: list[Session] = []
    threads = [threading.Thread(target=lambda one=one: found.append(one.session)) for one in [first, copied, of_place] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12 and len(set(map(id, found))) == 1


def test_it_keeps_a_few_sessions(studio: Session) -> None:
    with mock.patch.object(resolving, "MOST_SESSIONS", 2):
        for number in range(4):
            studio.add_plugins(**{f"p{number}": {"hierarchy": f"p{number}", "mapping": f"/p{number}", "syntax": 2}})
            assert resolver(studio.snapshot())([f"/p{number}"])["place"] == [f"p{number}"]
        assert len(resolving._sessions) == 2


def test_it_is_equal_to_those_of_the_same_answers(studio: Session) -> None:
    snapshot = studio.snapshot()
    assert resolver(snapshot) == resolver(studio.snapshot()) != resolver(snapshot, "job")
    assert len({resolver(snapshot), resolver(snapshot), resolver(snapshot, strict=False)}) == 2
    assert resolver(snapshot) != "another" and snapshot.digest[:12] in repr(resolver(snapshot))


def test_its_token_is_stable(studio: Session) -> None:
    snapshot = studio.snapshot()
    token = resolver(snapshot).__dask_tokenize__()
    assert token == pickle.loads(pickle.dumps(resolver(snapshot))).__dask_tokenize__() == (
        "ways.snapshot.resolver", snapshot.digest, "", True,
    )  # fmt: skip


def test_what_is_no_snapshot_is_refused(studio: Session) -> None:
    with pytest.raises(SnapshotError, match="it is dict"):
        resolver({})  # type: ignore[arg-type]
    with pytest.raises(SnapshotError, match="that was Ways 0.0"):
        resolver(studio.snapshot()._replace(version="0.0"))


def test_it_has_one_name_more() -> None:
    assert api.resolver is resolver is resolving.resolver


def test_importing_ways_loads_none_of_it() -> None:
    code = "import sys, ways, ways.api; print([name for name in sys.modules if name.endswith(('resolving', 'assets.table', 'pickle'))])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
