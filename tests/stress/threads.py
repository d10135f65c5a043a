"""Many threads ask one session while others change it: each answer is that of a generation that was there meanwhile."""

from __future__ import annotations

import itertools
import logging
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from .runner import Outcome, Scenario
from ways.api import WaysError
from ways.session import Session
from ways.explain.trace import get_all_hierarchy_trees, get_child_hierarchies

READERS = 8

#: What the one sheet of the world says, at different times. The last one can't be read: what was said before stays.
SHEETS = (
    """
    globals: {syntax: 2}
    plugins:
      job:
        hierarchy: job
        mapping: '/jobs/{JOB}'
        mapping_details: {JOB: {mapping: '{YEAR}_{NAME}'}, YEAR: {parse: {regex: '[0-9]{4}'}}, NAME: {parse: {regex: '[a-z]+'}}}
        data: {fps: 24, res: [1, 1], of: zero}
      shot: {hierarchy: job/shot, mapping: '/jobs/{JOB}/{SHOT}', mapping_details: {SHOT: {parse: {regex: '[0-9]{3}'}}}}
      late: {hierarchy: job/shot, when: {SHOT: '900'}, mapping: '/late/{JOB}/{SHOT}', data: {late: zero}}
    """,
    """
    globals: {syntax: 2}
    plugins:
      job:
        hierarchy: job
        mapping: '/work/{JOB}'
        mapping_details: {JOB: {mapping: '{NAME}_{YEAR}'}, YEAR: {parse: {regex: '[0-9]{4}'}}, NAME: {parse: {regex: '[a-z0-9]+'}}}
        data: {fps: 25, res: [2, 2], of: one, more: 1}
        platforms: linux
      shot: {hierarchy: job/shot, mapping: '/work/{JOB}/{SHOT}/{STEP}', mapping_details: {SHOT: {parse: {regex: '[0-9]{3}'}}}}
    """,
    """
    globals: {syntax: 2}
    plugins:
      job:
        hierarchy: job
        mapping: '/jobs/{JOB}[/{VERSION:03d}]'
        mapping_details: {JOB: {parse: {regex: '\\w+'}}}
        data: {fps: 30, of: two}
        max_folder: /jobs
    """,
    "plugins: {job: {hierarchy: job, mapping: [",
)
BROKEN = len(SHEETS) - 1

#: What is added from Python, by name; each at places of its own, so that their order has no say.
EXTRAS: dict[str, dict[str, Any]] = {
    "exact": {"hierarchy": "job/exact", "mapping": "/jobs/2024_dune/010", "data": {"exact": 1}},
    "below": {"hierarchy": "comp", "uses": ["job/shot"], "mapping": "{root}/comp_{NAME}", "data": {"comp": 1}},
    "aside": {"hierarchy": "aside", "mapping": "/work/{JOB}/{SHOT}/{STEP}", "mapping_details": {"JOB": {"parse": {"regex": "d.*"}}}},
    "layer": {"hierarchy": "job", "assignment": "client", "mapping": "/client/{JOB}", "data": {"client": 1}},
}
ALIAS, REAL = "film", "job/shot"


class Situation(NamedTuple):
    """What was done to the world, as far as it has a say in an answer."""

    #: Which sheet is loaded; ``None`` for none.
    sheet: int | None = None
    extras: frozenset[str] = frozenset()
    alias: bool = False


Answer = Any
Question = Callable[[Session], Answer]


def _told(session: Session, question: Question) -> Answer:
    try:
        return question(session)
    except WaysError as error:
        # Files and the order of registration are others in the oracle's world.
        return type(error).__name__, sorted(item.hierarchy for item in getattr(error, "candidates", ()))


def _held(place: str) -> Callable[[Session], Any]:
    return lambda session: session.get_context(place, force=True)


def _asset(found: Any) -> Answer:
    return None if found is None else (tuple(found.get_hierarchy()), dict(found.info))


TEXTS = (
    "/jobs/2024_dune",
    "/jobs/2024_dune/010",
    "/work/dune_2024",
    "/work/dune_2024/010/anim",
    "/late/2024_dune/900",
    "/jobs/2024_dune/010/comp_x",
    "/jobs/2024_dune/004",
    "/client/2024_dune",
    "/nothing",
)
PLACES = ("job", "job/shot", "job/exact", "job/shot/comp", "aside", ALIAS, f"{ALIAS}/comp", "")
VALUES = {"JOB": "2024_dune", "SHOT": "010", "STEP": "anim"}


def questions() -> dict[str, Question]:
    """Return what readers ask, by name; each is one question, and its answer plain data."""
    found: dict[str, Question] = {}
    for place in PLACES:
        found[f"get_context {place}"] = lambda session, place=place: session.get_context(place) is not None  # type: ignore[misc]
        found[f"get_context {place} of an alias"] = lambda session, place=place: (  # type: ignore[misc]
            tuple(context.hierarchy) if (context := session.get_context(place, follow_alias=True)) is not None else None
        )
    for name, text in enumerate(TEXTS):
        found[f"get_asset {name}"] = lambda session, text=text: _asset(session.get_asset(text))  # type: ignore[misc]
        found[f"get_asset {name} strictly"] = lambda session, text=text: _asset(session.get_asset(text, strict=True))  # type: ignore[misc]
        found[f"get_asset {name} in a place"] = lambda session, text=text: _asset(session.get_asset(text, "job/shot"))  # type: ignore[misc]
        found[f"read {name}"] = lambda session, text=text: session.read(text)[1:4]  # type: ignore[misc]
    found["get_asset of values"] = lambda session: _asset(session.get_asset(dict(VALUES)))
    found["get_asset of values in a place"] = lambda session: _asset(session.get_asset(dict(VALUES), "job/shot", strict=True))
    found["format"] = lambda session: session.format("job/shot", {"JOB": "2024_dune", "SHOT": "010"})
    found["format of children"] = lambda session: session.format("job", {"YEAR": "2024", "NAME": "dune"})
    found["translate"] = lambda session: session.translate("/jobs/2024_dune/010", "windows")
    found["tree"] = lambda session: get_all_hierarchy_trees(session.ready_pool)
    found["children"] = lambda session: get_child_hierarchies(session.ready_pool, "job")
    found["hierarchies"] = lambda session: sorted(session.hierarchies())
    found["assignments"] = lambda session: session.assignments()
    found["resolve_alias"] = lambda session: session.resolve_alias(ALIAS)
    return found


def held_questions(session: Session) -> dict[str, Question]:
    """Return what readers ask of Contexts and Assets that they hold since the beginning."""
    found: dict[str, Question] = {}
    for place in ("job", "job/shot", "job/shot/comp", ALIAS):
        context = session.get_context(place, force=True)
        for verb in _OF_A_CONTEXT:
            found[f"{verb} of {place}"] = lambda _, context=context, verb=verb: _OF_A_CONTEXT[verb](context)  # type: ignore[misc]
        asset = _raw_asset(context, VALUES)
        for verb in _OF_AN_ASSET:
            found[f"{verb} of an asset of {place}"] = lambda _, asset=asset, verb=verb: _OF_AN_ASSET[verb](asset)  # type: ignore[misc]
    return found


def _raw_asset(context: Any, values: dict[str, str]) -> Any:
    from ways.assets.asset import asset_of_values

    return asset_of_values(dict(values), context)


_OF_A_CONTEXT: dict[str, Callable[[Any], Answer]] = {
    "get_mapping": lambda context: context.get_mapping(),
    "get_mapping_details": lambda context: context.get_mapping_details(),
    "get_mapping_tokens": lambda context: context.get_mapping_tokens(),
    "get_all_tokens": lambda context: context.get_all_tokens(),
    "get_platforms": lambda context: context.get_platforms(),
    "get_max_folder": lambda context: context.get_max_folder(),
    "get_str": lambda context: context.get_str(groups={"JOB": "a"}),
    "data": lambda context: dict(context.data),
    "data.items": lambda context: list(sorted(context.data.items())),
    "plugins": lambda context: [plugin.name for plugin in context.plugins],
    "expression": lambda context: context.get_parser().get_token_parse("JOB", "regex"),
    "is_valid": lambda context: context.get_parser().is_valid("JOB", "2024_dune"),
}
_OF_AN_ASSET: dict[str, Callable[[Any], Answer]] = {
    "get_str": lambda asset: asset.get_str(),
    "get_value JOB": lambda asset: asset.get_value("JOB"),
    "get_value YEAR": lambda asset: asset.get_value("YEAR"),
    "get_value NAME": lambda asset: asset.get_value("NAME"),
    "missing": lambda asset: asset.get_missing_required_tokens(),
    "mapping": lambda asset: asset.mapping,
    "data": lambda asset: dict(asset.data),
}


class Oracle:
    """What a session answers in each situation that was made by nothing but what leads to it, with one thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._answers: dict[Situation, dict[str, Answer]] = {}

    def answers(self, situation: Situation) -> dict[str, Answer]:
        """Return the answer to each question."""
        held = self._answers.get(situation)
        if held is None:
            session = self._made(situation)
            asked = {**questions(), **held_questions(session)}
            session.clear_contexts()
            held = self._answers[situation] = {name: _told(session, question) for name, question in asked.items()}
        return held

    def _made(self, situation: Situation) -> Session:
        session = Session(overrides=OVERRIDES)
        if situation.sheet is not None:
            path = self._folder / "sheet.yml"
            path.write_text(SHEETS[situation.sheet], encoding="utf-8")
            session.add_search_path(str(path))
        for name in sorted(situation.extras):
            session.add_plugins(**{name: EXTRAS[name]})
        if situation.alias:
            session.register_context_alias(ALIAS, REAL)
        return session


OVERRIDES = {"WAYS_CACHE": "0", "WAYS_PLATFORM": "linux", "WAYS_PLATFORMS": "linux:windows"}


class Writer:
    """Changes a session by chance, and notes each situation before it can be seen, and once it must be."""

    def __init__(self, session: Session, folder: Path, seed: int) -> None:
        self.session = session
        self.situations = [Situation()]
        #: The number of the last situation that is there for sure.
        self.done = 0
        self._path = folder / "sheet.yml"
        self._path.write_text(SHEETS[0], encoding="utf-8")
        self._chance = random.Random(seed)

    def step(self) -> None:
        """Make one change."""
        now = self.situations[-1]
        changes = [self._clear, self._add, self._alias] + [self._refresh] * 3
        then, change = self._chance.choice(changes)(now)
        self.situations.append(then)
        change()
        self.done = len(self.situations) - 1

    def _clear(self, now: Situation) -> tuple[Situation, Callable[[], None]]:
        if now.sheet is None:
            path = str(self._path)
            written = self._written()
            return now._replace(sheet=None if written == BROKEN else written), lambda: self.session.add_search_path(path)
        return (Situation(), self.session.clear) if self._chance.random() < 0.5 else (now, self.session.clear_contexts)

    def _add(self, now: Situation) -> tuple[Situation, Callable[[], None]]:
        name = self._chance.choice(list(EXTRAS))
        return now._replace(extras=now.extras | {name}), lambda: self.session.add_plugins(**{name: EXTRAS[name]})

    def _alias(self, now: Situation) -> tuple[Situation, Callable[[], None]]:
        if now.alias:
            return now._replace(alias=False), self.session.clear_aliases
        return now._replace(alias=True), lambda: self.session.register_context_alias(ALIAS, REAL)

    def _refresh(self, now: Situation) -> tuple[Situation, Callable[[], None]]:
        sheet = self._chance.randrange(len(SHEETS))
        self._write(sheet)
        is_there = now.sheet is not None or self._was_added()
        then = now._replace(sheet=sheet) if is_there and sheet != BROKEN else now
        return then, self.session.refresh

    def _was_added(self) -> bool:
        return any(result.item == str(self._path) and result.is_success for result in self.session.loader.descriptor_results)

    def _write(self, sheet: int) -> None:
        new = self._path.with_suffix(".new")
        new.write_text(SHEETS[sheet], encoding="utf-8")
        new.replace(self._path)

    def _written(self) -> int:
        return SHEETS.index(self._path.read_text(encoding="utf-8"))


class Reader:
    """Asks by chance, and compares with what was so in one of the generations that were there meanwhile."""

    def __init__(self, writer: Writer, oracle: Callable[[Situation], dict[str, Answer]], asked: dict[str, Question], seed: int) -> None:
        self.count = 0
        self.wrong: list[str] = []
        self._writer = writer
        self._oracle = oracle
        self._asked = list(asked.items())
        self._chance = random.Random(seed)

    def run(self, stop: threading.Event) -> None:
        """Ask until *stop* is set; whatever is raised is wrong."""
        while not stop.is_set() and len(self.wrong) < 5:
            name, question = self._chance.choice(self._asked)
            try:
                self._ask(name, question)
            except Exception as error:  # The very thing that is looked for.
                self.wrong.append(f"{name}: raised {type(error).__name__}: {error}")

    def _ask(self, name: str, question: Question) -> None:
        writer = self._writer
        first = writer.done
        answer = _told(writer.session, question)
        last = len(writer.situations)
        expected = [self._oracle(situation)[name] for situation in dict.fromkeys(writer.situations[first:last])]
        self.count += 1
        if answer not in expected:
            self.wrong.append(f"{name}: {answer!r}, and not one of {expected!r}")


@contextmanager
def switching_often() -> Iterator[None]:
    """Let the interpreter change threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the log lines about broken sheets to ourselves."""
    logger = logging.getLogger("ways")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def run_threads(work: Iterable[Callable[[threading.Event], None]], seconds: float, *, within: float = 60) -> list[str]:
    """Run each of *work* in a thread for so many seconds; return which of them did not end in time."""
    stop = threading.Event()
    threads = [threading.Thread(target=item, args=(stop,), daemon=True) for item in work]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    limit = time.monotonic() + within
    for thread in threads:
        thread.join(max(0.1, limit - time.monotonic()))
    return [f"{thread.name} hangs" for thread in threads if thread.is_alive()]


def all_situations() -> Iterator[Situation]:
    """Yield every situation that the world can be in."""
    for sheet in (None, *range(BROKEN)):
        for count in range(len(EXTRAS) + 1):
            for extras in itertools.combinations(EXTRAS, count):
                yield from (Situation(sheet, frozenset(extras), alias) for alias in (False, True))


def answers_of_some_generation(seconds: float, *, seed: int = 1, cache: bool = False) -> Outcome:
    """Ask in many threads while one changes everything."""
    with tempfile.TemporaryDirectory() as folder, quiet():
        (Path(folder) / "oracle").mkdir()
        oracle = Oracle(Path(folder) / "oracle")
        for situation in all_situations():
            oracle.answers(situation)
        overrides = {**OVERRIDES, "WAYS_CACHE": "1", "XDG_CACHE_HOME": folder} if cache else OVERRIDES
        session = Session(overrides=overrides)
        writer = Writer(session, Path(folder), seed)
        asked = {**questions(), **held_questions(session)}
        # Held Contexts are made by force, so that nothing but a question can make one; as the oracle's are not.
        session.clear_contexts()
        readers = [Reader(writer, oracle.answers, asked, seed + number) for number in range(READERS)]
        with switching_often():
            hanging = run_threads([lambda stop: _write(writer, stop), *(reader.run for reader in readers)], seconds)
    wrong = [*hanging, *(line for reader in readers for line in reader.wrong)]
    tried = sum(reader.count for reader in readers)
    told = f"answers in {READERS} threads during {writer.done} changes; each was that of a generation that was there meanwhile"
    return Outcome(tried, told if not wrong else f"answers during {writer.done} changes", tuple(wrong[:20]))


def _write(writer: Writer, stop: threading.Event) -> None:
    while not stop.is_set():
        writer.step()


def _both(seconds: float) -> Outcome:
    plain = answers_of_some_generation(seconds / 2, seed=1)
    stored = answers_of_some_generation(seconds / 2, seed=2, cache=True)
    return Outcome(plain.tried + stored.tried, f"without the store: {plain.told}; with it: {stored.told}", (*plain.wrong, *stored.wrong))


SCENARIOS = {
    "threads": Scenario("ask one session from eight threads while another changes it", _both),
}
