"""The engine that does one piece of work after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ways.systems.engine.base import Change, EngineError, Ticket
from ways.systems.engine.serial import SerialEngine


def ended(engine: SerialEngine, tickets: set[Ticket]) -> list[Change]:
    """Return how each piece of work ended."""
    changes: list[Change] = []
    while tickets:
        some = [change for change in engine.wait(tickets, 1) if change.state != "running"]
        tickets = tickets - {change.ticket for change in some}
        changes += some
    return changes


def add(*numbers: int) -> int:
    return sum(numbers)


def test_work_gets_the_results_of_what_comes_before_it() -> None:
    engine = SerialEngine()
    one, two = engine.submit(lambda: 1), engine.submit(lambda: 2)
    both = engine.submit(add, [one, two])
    assert [change.result for change in ended(engine, {one, two, both})] == [1, 2, 3]


def test_work_is_done_in_the_order_in_which_it_was_given_as_far_as_it_can() -> None:
    engine, done = SerialEngine(), list[str]()
    works: dict[str, Callable[..., Any]] = {name: (lambda *before, name=name: done.append(name)) for name in "abc"}
    first = engine.submit(works["a"])
    tickets = {first, engine.submit(works["b"], [first]), engine.submit(works["c"])}
    ended(engine, tickets)
    assert done == ["a", "b", "c"]


def test_it_says_that_work_begins_before_it_does_it() -> None:
    engine, done = SerialEngine(), list[int]()
    ticket = engine.submit(lambda: done.append(1))
    assert [change.state for change in engine.wait({ticket}, 1)] == ["running"] and done == []
    assert [change.state for change in engine.wait({ticket}, 1)] == ["done"] and done == [1]


def test_work_behind_what_failed_never_begins() -> None:
    engine = SerialEngine()
    bad = engine.submit(lambda: 1 // 0)
    behind = engine.submit(add, [bad])
    [change] = ended(engine, {bad})
    assert change.state == "failed" and isinstance(change.error, ZeroDivisionError)
    with pytest.raises(EngineError, match="None of the work can begin"):
        engine.wait({behind}, 1)


def test_what_is_given_up_is_not_done() -> None:
    engine, done = SerialEngine(), list[int]()
    tickets = {engine.submit(lambda: done.append(1))}
    engine.wait(tickets, 1)
    engine.cancel(tickets)
    engine.close()
    with pytest.raises(EngineError):
        engine.wait(tickets, 1)
    assert done == []
