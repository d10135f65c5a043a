"""Threads: readers never lock, never see half a change, and no change is lost. ``python -m tests.stress threads`` for longer."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from stress.thread_data import data_of_many
from stress.threads import answers_of_some_generation, held_questions, questions, run_threads, switching_often

from ways import lightweight
from ways.assets.asset import Asset, first_asset_of
from ways.errors import WaysError
from ways.hierarchy import Hierarchy
from ways.session import Session
from ways.settings import LiveSettings

LONG = 60


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """Do all of *work* at one moment, each in a thread; return what each gave, or raised."""
    barrier = threading.Barrier(len(work))
    found: list[Any] = [None] * len(work)

    def do(number: int) -> None:
        barrier.wait(LONG)
        try:
            found[number] = work[number]()
        except Exception as error:
            found[number] = error

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(work))]
    with switching_often():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONG)
    return found


@pytest.fixture
def jobs(load: Callable[..., Session]) -> Session:
    """A session with a place whose mapping has one token."""
    return load("plugins: {job: {hierarchy: job, mapping: '/jobs/{JOB}', data: {fps: 24, tags: [a]}}}")


# --- each answer is that of a generation


@pytest.mark.parametrize("cache", [False, True], ids=["read from sheets", "out of the store"])
def test_each_answer_is_that_of_a_generation_that_was_there_meanwhile(cache: bool) -> None:
    outcome = answers_of_some_generation(1, seed=7, cache=cache)
    assert not outcome.wrong and outcome.tried > 20


@pytest.mark.parametrize(
    "ask",
    [
        lambda session: session.get_asset("/jobs/dune"),
        lambda session: session.get_asset({"JOB": "dune"}),
        lambda session: session.get_assets(["/jobs/dune"])[0],
    ],
    ids=["a text", "values", "many texts"],
)
def test_the_world_that_answers_says_how_strictly(ask: Callable[[Session], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each world says no: the first has nothing, the second reads digits alone. Only half of each together says yes."""
    session = Session()
    session.add_plugins(other={"hierarchy": "other", "mapping": "other"})
    strict = {"hierarchy": "job", "syntax": 2, "mapping": "/jobs/{JOB}", "mapping_details": {"JOB": {"parse": {"regex": "[0-9]+"}}}}
    finder, state = Session.finder, type(session.pool).state

    def changing(self: Session, assignment: str = "") -> Any:
        monkeypatch.setattr(Session, "finder", finder)
        session.add_plugins(job=strict)
        return finder(self, assignment)

    def look(self: Any) -> Any:
        seen = state(self)
        # Whoever looks at the world before he has what finds in it sees another than that.
        monkeypatch.setattr(Session, "finder", changing)
        return seen

    monkeypatch.setattr(type(session.pool), "state", look)
    try:
        found = ask(session)
    except WaysError as error:
        found = error
    assert not isinstance(found, Asset)


def test_no_change_of_data_is_lost_and_none_is_seen_by_half() -> None:
    outcome = data_of_many(0.7)
    assert not outcome.wrong and outcome.tried > 20


# --- readers never lock


@contextmanager
def all_locks_held() -> Iterator[None]:
    """Let another thread hold every lock of the package inside the block."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with ExitStack() as stack:
            for found in list(lightweight._locks.values()):
                if (lock := found()) is not None:
                    stack.enter_context(lock)
            held.set()
            done.wait(LONG)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(LONG)
        yield
    finally:
        done.set()
        thread.join(LONG)


def test_a_reader_answers_while_every_lock_is_held(jobs: Session) -> None:
    """Places that were never asked for too, and all but the data of a place that was not looked at yet."""
    asked = {**questions(), **held_questions(jobs)}
    for name, question in asked.items():
        if "data" in name:
            _answer(question, jobs)
    with all_locks_held():
        answered: list[str] = []
        reader = threading.Thread(target=lambda: answered.extend(name for name in asked if _answer(asked[name], jobs)), daemon=True)
        reader.start()
        reader.join(LONG)
    assert answered == list(asked)


def _answer(question: Callable[[Session], Any], session: Session) -> bool:
    try:
        question(session)
    except (ValueError, RuntimeError):
        # No such place, or no mapping there: an answer too.
        pass
    return True


def test_what_is_made_once_is_the_same_for_all() -> None:
    class Thing:
        @lightweight.cached_property
        def made(self) -> list[int]:
            return []

    for _ in range(50):
        thing = Thing()
        found = at_once(*[lambda: thing.made] * 8)
        assert all(item is thing.made for item in found)


# --- Contexts, Assets, aliases, settings


def test_threads_that_ask_for_a_place_first_get_one_context(jobs: Session) -> None:
    for _ in range(30):
        jobs.clear_contexts()
        found = at_once(*[lambda: jobs.get_context("job")] * 8)
        assert len(set(map(id, found))) == 1


def test_threads_that_look_first_at_the_values_of_a_text_get_one_dict(jobs: Session) -> None:
    for _ in range(50):
        asset = jobs.get_asset("/jobs/dune", "job")
        found = at_once(*[lambda: asset.info] * 8)
        assert all(info is asset.info for info in found) and asset.info == {"JOB": "dune"}


def test_values_that_are_set_while_others_look_stay(jobs: Session) -> None:
    given = {"JOB": "arrakis"}
    for _ in range(100):
        asset = jobs.get_asset("/jobs/dune", "job")
        at_once(*[lambda: asset.info] * 4, lambda: setattr(asset, "info", given))
        assert asset.info is given and asset.get_value("JOB") == "arrakis"


def test_the_first_change_of_each_thread_stays(jobs: Session) -> None:
    for _ in range(30):
        jobs.clear_contexts()
        context: Any = jobs.get_context("job")
        at_once(*[lambda n=n: context.data.update({n: n}) for n in range(8)])  # type: ignore[misc]
        assert dict(context.data) == {"fps": 24, "tags": ["a"], **{n: n for n in range(8)}}


def test_aliases_of_many_threads_are_all_there(session: Session) -> None:
    found = at_once(*[lambda n=n: session.register_context_alias(f"alias{n}", "job") for n in range(16)])  # type: ignore[misc]
    assert found == [None] * 16 and len(session.registry.now.aliases) == 16


def test_variables_that_come_and_go_disturb_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_PRIORITY", "a")
    wrong: list[object] = []

    def change(stop: threading.Event) -> None:
        while not stop.is_set():
            os.environ["WAYS_PRIORITY"] = "b"
            os.environ["WAYS_OTHER"] = "1"
            os.environ["WAYS_PRIORITY"] = "a"
            del os.environ["WAYS_OTHER"]

    def look(stop: threading.Event) -> None:
        settings = LiveSettings()
        while not stop.is_set() and not wrong:
            try:
                raw, found = settings.now_with_key()
                wrong.extend([(raw, found)] if os.fsencode(found.priority[0]) not in (raw[2], os.fsdecode(raw[2] or b"")) else [])
            except Exception as error:
                wrong.append(error)

    with switching_often():
        assert run_threads([change, look, look], 0.5) == []
    monkeypatch.delenv("WAYS_OTHER", raising=False)
    assert wrong == []


# --- what a Context's data is, step by step


def test_data_that_was_taken_stays_that_of_its_generation(jobs: Session) -> None:
    context: Any = jobs.get_context("job")
    before = context.data
    jobs.add_plugins(more={"hierarchy": "job", "data": {"fps": 25, "more": 1}})
    assert context.data == {"fps": 25, "tags": ["a"], "more": 1} and before == {"fps": 24, "tags": ["a"]}


def test_what_is_set_on_data_that_was_taken_before_is_the_contexts(jobs: Session) -> None:
    context: Any = jobs.get_context("job")
    before = context.data
    jobs.add_plugins(more={"hierarchy": "job", "data": {"fps": 25}})
    assert context.data["fps"] == 25
    before["mine"] = 1
    before["tags"].append("b")
    assert context.data == {"fps": 25, "tags": ["a", "b"], "mine": 1}
    del before["mine"]
    assert "mine" not in context.data


def test_data_is_replaced_for_those_who_hold_it_too(jobs: Session) -> None:
    context: Any = jobs.get_context("job")
    held = context.data
    held["old"] = 1
    context.data = {"new": 2}
    assert held == context.data == {"fps": 24, "tags": ["a"], "new": 2}
    context.revert()
    assert held == context.data == {"fps": 24, "tags": ["a"]}


def test_items_that_are_gone_through_may_change_meanwhile(jobs: Session) -> None:
    data: Any = jobs.need_context("job").data
    for number, _ in enumerate((*data.items(), *data.keys(), *data.values())):
        data[number] = number
    for key in data.keys():
        data[f"{key}!"] = 1
    assert len(data) == 16


# --- processes


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a platform without fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_finds_every_lock_free(jobs: Session) -> None:
    with all_locks_held():
        child = os.fork()
        if not child:
            try:
                jobs.add_plugins(more={"hierarchy": "job/more", "mapping": "/more"})
                jobs.refresh()
                jobs.need_context("job").data["x"] = 1
                os._exit(0 if jobs.need_context("job/more").get_mapping() == "/more" else 1)
            finally:
                os._exit(2)
        waiting = threading.Timer(LONG, os.kill, (child, 9))
        waiting.start()
        _, status = os.waitpid(child, 0)
        waiting.cancel()
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_lock_that_is_held_by_the_thread_that_forks_stays_held() -> None:
    lock = lightweight.Lock()
    with lock:
        lightweight._free_all()
        assert lock._lock._is_owned()
    lightweight._free_all()
    assert not lock._lock._is_owned()


def test_an_asset_of_a_class_with_slots_can_be_copied(jobs: Session) -> None:
    class Slotted(Asset):
        __slots__ = ("note",)

    asset = Slotted({"JOB": "dune"}, jobs.need_context("job"))
    asset.note = "x"
    state: Any = asset.__getstate__()
    assert state[1] == {"note": "x"}


def test_threads_that_make_the_index_at_once_all_use_the_first_one(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.add_plugins(job={"hierarchy": "job", "mapping": "/jobs/{JOB}"})
    index = session.finder().index
    both, layers = threading.Barrier(2), index.layers

    def layers_of_both() -> Any:
        both.wait(LONG)
        return layers()

    monkeypatch.setattr(index, "layers", layers_of_both)
    first, second = at_once(lambda: index.groups, lambda: index.groups)
    assert first is second is index.groups


def test_a_text_is_read_where_another_thread_compiles_the_mapping_just_then(jobs: Session) -> None:
    jobs.get_asset("/jobs/first")
    (target,) = jobs.finder().index.candidates("/jobs/dune")
    pattern = target.find_quick_pattern()
    assert pattern and pattern.is_cold
    refused_by = pattern.match_warm
    assert refused_by("/jobs/dune") is None
    while pattern.first_values("/jobs/other") is not None:
        pass
    asset = first_asset_of("/jobs/dune", pattern, target.context, refused_by)
    assert asset and asset.info == {"JOB": "dune"}
    assert first_asset_of("/home/dune", pattern, target.context, refused_by) is False


def test_a_place_keeps_the_mapping_from_above_where_another_thread_finds_it_just_then(
    jobs: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = jobs.pool.state().resolver("")
    place, plugins_at = Hierarchy.of("job/shot"), resolver.plugins_at

    def found_meanwhile(hierarchy: Hierarchy) -> Any:
        if hierarchy == place:
            monkeypatch.undo()
            assert resolver.mapping(place) == "/jobs/{JOB}"
        return plugins_at(hierarchy)

    monkeypatch.setattr(resolver, "plugins_at", found_meanwhile)
    assert resolver.mapping(place) == resolver.mapping(place) == "/jobs/{JOB}"


def test_places_that_refer_to_each_other_stay_apart_where_another_thread_finds_them_just_then(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [Hierarchy.of(f"p{number}") for number in range(3)]
    following = dict(zip(places, (*places[1:], places[0])))
    session.add_plugins(
        **{
            place.text: {"hierarchy": place.text, "syntax": 2, "mapping": f"{{@{other.text}}}", "mapping_details": {place.text: {}}}
            for place, other in following.items()
        }
    )
    resolver = session.pool.state().resolver("")
    plugins_at = resolver.plugins_at

    def found_meanwhile(hierarchy: Hierarchy) -> Any:
        if hierarchy == places[2]:
            monkeypatch.undo()
            resolver.at(places[1])
        return plugins_at(hierarchy)

    monkeypatch.setattr(resolver, "plugins_at", found_meanwhile)
    # None takes the tokens of the others: in a circle there is no mapping.
    assert [list(resolver.at(place).mapping_details) for place in places] == [[place.text] for place in places]


@pytest.mark.parametrize(
    "question",
    [
        lambda session: session.get_asset("/jobs/dune/010"),
        lambda session: session.get_asset({"JOB": "dune", "SHOT": "010"}),
        lambda session: raise_first(session.get_assets(["/jobs/dune/010"])),
        lambda session: raise_first(session.get_assets(["/jobs/dune/010"] * 100)),
        lambda session: session.get_assets(["/jobs/dune/010"], as_columns=True)["job"],
    ],
    ids=["text", "values", "texts", "many texts", "columns"],
)
def test_how_strictly_is_of_the_state_in_which_places_are_found(
    jobs: Session, monkeypatch: pytest.MonkeyPatch, question: Callable[[Session], Any]
) -> None:
    """All places are found loosely until another thread adds one in the second syntax, just before they are looked for."""
    assert question(jobs)
    finder = jobs.finder

    def changed(assignment: str = "") -> Any:
        if "late" not in jobs.place_texts():
            jobs.add_plugins(late={"hierarchy": "late", "mapping": "/late", "syntax": 2})
        return finder(assignment)

    monkeypatch.setattr(jobs, "finder", changed)
    with pytest.raises((WaysError, KeyError)):
        question(jobs)
    assert jobs.place_texts() == ["job", "late"]


def raise_first(answers: list[Any]) -> Any:
    if isinstance(answers[0], WaysError):
        raise answers[0]
    return answers[0]
