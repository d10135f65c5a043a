"""What every engine does: that of this process, one of a pool of processes, and that of Dask."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import pytest
from systems.engine.pool_engine import PoolEngine

from ways.systems.engine.base import Change, Engine, EngineError, Ticket
from ways.systems.engine.serial import SerialEngine


def engine_named(name: str) -> Engine:
    """Return an engine, of two processes unless it is that of this process."""
    if name == "dask":
        pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
        from ways.systems.engine.dask import local

        return local(2)
    return SerialEngine() if name == "serial" else PoolEngine(2)


@pytest.fixture(scope="module", params=["serial", "pool", "dask"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Return an engine that all tests share."""
    engine = engine_named(request.param)
    yield engine
    engine.close()


def ended(engine: Engine, tickets: Iterable[Ticket]) -> dict[Ticket, Change]:
    """Return how each piece of work ended."""
    waiting, changes = set(tickets), dict[Ticket, Change]()
    for _ in range(600):
        if not waiting:
            return changes
        some = [change for change in engine.wait(waiting, 0.2) if change.state != "running"]
        waiting -= {change.ticket for change in some}
        changes |= {change.ticket: change for change in some}
    raise AssertionError(f"not ended: {waiting}")


def results(engine: Engine, *tickets: Ticket) -> list[Any]:
    """Return what each piece of work returned."""
    changes = ended(engine, tickets)
    return [changes[ticket].result for ticket in tickets]


def test_work_gets_the_results_of_what_comes_before_it(engine: Engine) -> None:
    one, two = engine.submit(partial(int, 1)), engine.submit(partial(int, "2"))
    assert results(engine, one, two, engine.submit(operator.sub, [two, one])) == [1, 2, 1]


def test_a_result_is_used_often(engine: Engine) -> None:
    one = engine.submit(partial(int, 1))
    assert results(engine, one, *(engine.submit(partial(pow, 2), [one]) for _ in range(5))) == [1] + [2] * 5


def test_a_long_chain(engine: Engine) -> None:
    ticket = engine.submit(partial(int, 0))
    tickets = [ticket]
    for _ in range(40):
        tickets.append(ticket := engine.submit(partial(operator.add, 1), [ticket]))
    assert results(engine, *tickets) == list(range(41))


def test_what_work_raises_is_its_error(engine: Engine) -> None:
    bad = engine.submit(partial(int, "x"))
    change = ended(engine, [bad])[bad]
    assert change.state == "failed" and type(change.error) is ValueError and "'x'" in str(change.error)


def test_work_behind_what_failed_never_begins(engine: Engine) -> None:
    bad = engine.submit(partial(operator.truediv, 1, 0))
    behind = engine.submit(operator.neg, [bad])
    last = engine.submit(operator.neg, [behind])
    assert ended(engine, [bad])[bad].state == "failed"
    with pytest.raises(EngineError, match="None of the work can begin"):
        engine.wait({behind, last}, 60)


def test_other_work_goes_on_after_a_failure(engine: Engine) -> None:
    bad, good = engine.submit(partial(int, "x")), engine.submit(partial(int, "1"))
    changes = ended(engine, [bad, good])
    assert (changes[bad].state, changes[good].result) == ("failed", 1)


def test_what_is_given_up_is_forgotten(engine: Engine) -> None:
    ticket = engine.submit(partial(int, 1))
    engine.cancel({ticket})
    with pytest.raises(EngineError, match="None of the work can begin"):
        engine.wait({ticket}, 60)
    assert results(engine, engine.submit(partial(int, 2))) == [2]


@pytest.mark.parametrize("name", ["serial", "dask"])
def test_a_closed_engine_does_nothing(name: str) -> None:
    engine = engine_named(name)
    assert results(engine, engine.submit(partial(int, 1))) == [1]
    ticket = engine.submit(partial(int, 2))
    engine.close()
    with pytest.raises(EngineError):
        engine.wait({ticket}, 60)
