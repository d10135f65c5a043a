"""A pause of the garbage collector leaves the host's collector as it was, whatever happens meanwhile."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from ways import lightweight
from ways.api import Session
from ways.lightweight import CollectorPause

HOST = (733, 11, 12)


@pytest.fixture(autouse=True)
def host() -> Iterator[None]:
    """Let the host have thresholds of its own, and look whether a pause was left over."""
    before = gc.get_threshold()
    gc.set_threshold(*HOST)
    yield
    assert not lightweight._pauses
    gc.set_threshold(*before)
    gc.enable()


def is_resting() -> bool:
    """Whether no number of new objects makes the collector run."""
    passes = sum(kind["collections"] for kind in gc.get_stats())
    kept = [[number] for number in range(20_000)]
    return sum(kind["collections"] for kind in gc.get_stats()) == passes and len(kept) > 0


def test_a_pause_is_one() -> None:
    assert not is_resting()
    with CollectorPause():
        assert is_resting()
    assert not is_resting() and gc.get_threshold() == HOST


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_pause_never_switches_the_collector(is_enabled: bool) -> None:
    (gc.enable if is_enabled else gc.disable)()
    with CollectorPause():
        assert gc.isenabled() is is_enabled
    assert gc.isenabled() is is_enabled and gc.get_threshold() == HOST


def test_what_the_host_changes_in_a_pause_stays() -> None:
    with CollectorPause():
        gc.disable()
    assert not gc.isenabled() and gc.get_threshold() == HOST
    gc.enable()
    with CollectorPause():
        gc.set_threshold(5000, 20, 30)
        with CollectorPause():
            assert is_resting()
        assert gc.get_threshold() == (5000, 20, 30)
    assert gc.get_threshold() == (5000, 20, 30)
    with CollectorPause():
        gc.set_threshold(0)
    assert gc.get_threshold()[0] == 0


def test_pauses_in_each_other_are_one() -> None:
    with CollectorPause():
        with CollectorPause():
            assert is_resting()
        assert is_resting()
    assert gc.get_threshold() == HOST


def test_a_pause_ends_with_an_error() -> None:
    with pytest.raises(ZeroDivisionError), CollectorPause():
        1 / 0
    assert gc.get_threshold() == HOST


def test_a_pause_in_a_generator_ends_with_it() -> None:
    def numbers() -> Iterator[int]:
        with CollectorPause():
            yield from range(3)

    generator = numbers()
    next(generator)
    del generator
    assert gc.get_threshold() == HOST


def test_pauses_of_two_threads_may_overlap() -> None:
    for first_ends_first in (True, False):
        first, second = CollectorPause(), CollectorPause()
        first.__enter__()
        other = threading.Thread(target=second.__enter__)
        other.start()
        other.join()
        for pause in (first, second) if first_ends_first else (second, first):
            pause.__exit__()
        assert gc.get_threshold() == HOST


def test_many_threads_leave_the_collector_as_it_was() -> None:
    def load() -> None:
        for _ in range(200):
            with CollectorPause(), CollectorPause():
                pass

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=load) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert gc.get_threshold() == HOST


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_process_that_is_forked_in_a_pause_of_another_thread_has_none() -> None:
    inside, over = threading.Event(), threading.Event()

    def pause() -> None:
        with CollectorPause():
            inside.set()
            over.wait(60)

    other = threading.Thread(target=pause)
    other.start()
    inside.wait(60)
    child = os.fork()
    if child == 0:
        os._exit(0 if gc.get_threshold() == HOST and not lightweight._pauses else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    over.set()
    other.join()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_process_that_is_forked_in_a_pause_of_its_own_ends_it_itself() -> None:
    with CollectorPause():
        child = os.fork()
    if child == 0:
        os._exit(0 if gc.get_threshold() == HOST else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# One that comes while an object is deleted can only be told.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("step", range(1, 40))
def test_a_signal_at_any_moment_leaves_no_pause(step: int) -> None:
    """What a signal raises comes in between two steps of the interpreter: here at each line and call of a pause in turn."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        if frame.f_code.co_filename == lightweight.__file__ and event in ("call", "line"):
            count += 1
            if count == step:
                sys.settrace(None)
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with CollectorPause():
            pass
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    assert gc.get_threshold() == HOST


def test_a_load_moves_no_object_of_the_host(tmp_path: Any) -> None:
    """What was frozen stays frozen, what was young stays young, and the passes that are due come as they would."""
    (tmp_path / "a.yml").write_text("plugins: {a: {hierarchy: a, mapping: '/{A}'}}")
    session = Session(overrides={"WAYS_CACHE": "0"})
    session.add_search_path(str(tmp_path))
    gc.collect()
    gc.freeze()
    try:
        frozen, mine = gc.get_freeze_count(), [[]]
        session.refresh()
        session.add_search_path(str(tmp_path))
        assert frozen - 100 < gc.get_freeze_count() <= frozen
        assert any(thing is mine for generation in (0, 1) for thing in gc.get_objects(generation))
    finally:
        gc.unfreeze()
