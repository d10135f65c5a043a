"""Rows that ask: Contexts, Assets, auto-find, many at once, memory."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar
from unittest import mock

from ways import api
from ways.pattern.segment_reader import USES
from ways.session import Session

from . import peers
from .native import Spot, native_studio
from .runner import CLOCK, Contest, Row, Sizes, Timer, calls, each, held, once, steady
from .worlds import (
    TEN_DETAILS,
    TEN_FORMAT,
    TEN_MAPPING,
    TEN_REGEX,
    TEN_TEXT,
    TEN_VALUES,
    Place,
    one_skeleton,
    plugins_of,
    random_shapes,
    studio,
)

P = TypeVar("P")
_OVERRIDES = {"WAYS_PLATFORM": "linux", "WAYS_CACHE": "0"}


def _session(places: list[Place], syntax: int = 1) -> Session:
    """Return a session of the places, and of one with ten tokens; the syntax is of that one."""
    session = Session(overrides=_OVERRIDES)
    ten = {"hierarchy": "ten", "syntax": syntax, "mapping": TEN_MAPPING, "mapping_details": TEN_DETAILS}
    session.add_plugins(**plugins_of(places), ten=ten)
    return session


def _groupdict(burst: float) -> Timer:
    fullmatch = re.compile(TEN_REGEX).fullmatch
    return calls(lambda: fullmatch(TEN_TEXT).groupdict(), burst)  # type: ignore[union-attr]


def _b(sizes: Sizes) -> Iterator[Contest]:
    limit = _groupdict(sizes.burst)
    for count in (sizes.worlds[0], sizes.worlds[-1]):
        session = _session(studio(count))
        with session.active():
            context = api.get_context("ten")
            assert context is not None
            questions: dict[str, Callable[[], Any]] = {
                "get_context() again": lambda: api.get_context("ten"),
                "context.get_mapping()": context.get_mapping,
                "context.get_mapping_details()": context.get_mapping_details,
            }
            for label, question in questions.items():
                yield Contest(f"{label}, {count:,} plugins", calls(question, sizes.burst), limit, 2.0)


def _c1(sizes: Sizes) -> Iterator[Contest]:
    yield from _reading(sizes, 1, peers.reading(sizes.burst))
    yield from _reading(sizes, 2, {})


def _reading(sizes: Sizes, syntax: int, others: dict[str, Timer]) -> Iterator[Contest]:
    session = _session([], syntax)
    context = session.need_context("ten")
    limit = _groupdict(sizes.burst)

    def all_values() -> None:
        asset = session.get_asset(TEN_TEXT, context)
        for name in TEN_VALUES:
            asset.get_value(name)

    asset = session.get_asset(TEN_TEXT, context)
    assert {name: asset.get_value(name) for name in TEN_VALUES} == TEN_VALUES
    ours = calls(lambda: session.get_asset(TEN_TEXT, context), sizes.burst)
    of = f"syntax {syntax}"
    yield Contest(f"get_asset(text, context), {of}", ours, limit, 1.4, others)
    yield Contest(f"and every value read, {of}", calls(all_values, sizes.burst), limit, 4.6)
    yield Contest(f"and every value, by its info, {of}", calls(lambda: session.get_asset(TEN_TEXT, context).info, sizes.burst), limit, 2.4)


def _c2(sizes: Sizes) -> Iterator[Contest]:
    limit = calls(lambda: TEN_FORMAT.format_map(TEN_VALUES), sizes.burst)
    for syntax, others in ((1, peers.writing(sizes.burst)), (2, {})):
        asset = _session([], syntax).get_asset(TEN_TEXT, "ten")
        assert asset.get_str() == TEN_TEXT
        yield Contest(f"asset.get_str(), syntax {syntax}", calls(asset.get_str, sizes.burst), limit, 1.05, others)


def _c3(sizes: Sizes) -> Iterator[Contest]:
    session = _session([])
    asset = session.get_asset(TEN_TEXT, "ten")
    above = session.get_asset({**{k: v for k, v in TEN_VALUES.items() if k not in ("PREFIX", "NUMBER")}, "SHOT": "sh_0010"}, "ten")
    assert (asset.get_value("SHOT"), above.get_value("NUMBER")) == ("sh_0010", "0010")
    shot = re.compile(r"(?P<PREFIX>[a-z]+)_(?P<NUMBER>\d{4})").fullmatch
    burst = sizes.burst
    limits = calls(lambda: TEN_VALUES["JOB"], burst), calls(lambda: "{PREFIX}_{NUMBER}".format_map(TEN_VALUES), burst)
    yield Contest("get_value, direct", calls(lambda: asset.get_value("JOB"), burst), limits[0], 3.0)
    yield Contest("get_value, from children", calls(lambda: asset.get_value("SHOT"), burst), limits[1], 3.0)
    limit = calls(lambda: shot("sh_0010"), burst)
    yield Contest("get_value, from a parent", calls(lambda: above.get_value("NUMBER"), burst), limit, 4.5)


def _c4(sizes: Sizes) -> Iterator[Contest]:
    places = studio(sizes.medium)
    session = _session(places)
    for place in places:
        session.need_context(place.hierarchy).get_mapping()
    unused = iter(reversed(places))
    number = iter(range(10**9))

    def first_use() -> float:
        place = next(unused)
        context = session.need_context(place.hierarchy)
        started = CLOCK()
        asset = session.get_asset(place.text, context)
        taken = CLOCK() - started
        assert asset is not None
        return taken

    def compiled() -> float:
        written = TEN_REGEX.replace("jobs", f"jobs{next(number)}")
        started = CLOCK()
        re.compile(written)
        return CLOCK() - started

    yield Contest("first use of a mapping, against re.compile of it", first_use, compiled, 1 / 8)


def _found(session: Session, place: Place) -> bool:
    found = session.get_asset(place.text)
    return found is not None and "/".join(found.context.hierarchy) == place.hierarchy


def _right_pattern(session: Session, places: list[Place]) -> list[tuple[Callable[[str], Any], str]]:
    """Return the pattern of each place as ``re`` has it, and its text."""
    found = []
    for place in places:
        template = session.need_context(place.hierarchy).template
        pattern = "".join(_as_regex(template, leaf) for leaf in template.leaves)
        found.append((re.compile(pattern).fullmatch, place.text))
        assert found[-1][0](place.text), (pattern, place.text)
    return found


def _as_regex(template: Any, leaf: Any) -> str:
    if not leaf.is_token:
        return re.escape(leaf.text)
    return f"({template.spec(leaf.text).expression('regex') or '[^/]+'})"


def warmed(session: Session, asked: Sequence[Place | Spot]) -> Timer:
    """Return a timer of auto-find of the text of one of the places, each of which was found often before."""
    # The first texts of a mapping are a row of their own.
    for place in [place for place in asked for _ in range(USES + 1)]:
        session.get_asset(place.text)
    return each(lambda place: session.get_asset(place.text), asked)


def _finding(session: Session, places: list[Place], target: float, label: str, others: dict[str, Timer] | None = None) -> Contest:
    session.get_asset(places[0].text)
    asked = some(places)
    right = _right_pattern(session, asked)
    return Contest(label, warmed(session, asked), each(lambda pair: pair[0](pair[1]), right), target, others or {})


def some(places: Sequence[P]) -> list[P]:
    """Return fifty of the places, from the last on: by an odd step, as the kinds of places return after tens of them."""
    return list(places[-1 :: -(len(places) // 51 | 1)][:50])


def _native_finding(count: int, target: float) -> Contest:
    spots = native_studio(count)
    session = Session(overrides=_OVERRIDES)
    session.add_plugins(**spots.plugins())
    asked = some(spots.spots)
    right = [(re.compile(spot.regex).fullmatch, spot.text) for spot in asked]
    limit = each(lambda pair: pair[0](pair[1]), right)
    return Contest(f"auto-find among {count:,} of syntax 2", warmed(session, asked), limit, target)


def _d1(sizes: Sizes) -> Iterator[Contest]:
    for count in sizes.worlds:
        places = studio(count)
        others = peers.finding(places) if count <= 1_000 else {}
        yield _finding(_session(places), places, 5.4, f"auto-find among {count:,}", others)
    for count in sizes.places:
        yield _native_finding(count, 5.4)


def _hard_worlds(sizes: Sizes) -> Iterator[tuple[str, list[Place], float]]:
    many, some = sizes.worlds[-1], sizes.worlds[-2]
    yield f"random shapes, {many:,}", random_shapes(many), 20.0
    yield f"one skeleton, {some:,} expressions", one_skeleton(some), 5.0
    yield f"5 % of tokens may cross separators, {many:,}", random_shapes(many, crossing=0.05), 5.0


def _d2(sizes: Sizes) -> Iterator[Contest]:
    for label, places, target in _hard_worlds(sizes):
        yield _finding(_session(places), places, target, label)


def _d3(sizes: Sizes) -> Iterator[Contest]:
    for label, places, _ in _hard_worlds(sizes):
        session = _session(places)
        asked = places[:: max(1, len(places) // 200)]
        wrong = sum(not _found(session, place) for place in asked)
        yield Contest(f"wrong answers: {label}", steady(float(wrong)), steady(1.0), 0.0, unit="count")
    places = studio(sizes.worlds[-1])
    session = _session(places)
    for place in places:
        assert session.need_context(place.hierarchy).template is not None

    def first() -> Any:
        return session.get_asset(places[-1].text)

    touched = iter(range(10**9))

    def change() -> None:
        session.add_plugins(**{f"more{next(touched)}": {"hierarchy": "more", "mapping": "/more"}})
        for place in places:
            session.need_context(place.hierarchy).get_mapping()

    yield Contest(f"index over {len(places):,} mappings", once(first, change), steady(0.5), 1.0)


def _e(sizes: Sizes) -> Iterator[Contest]:
    context = _session([]).need_context("ten")
    names = tuple(TEN_VALUES)

    def limit() -> str:
        environ = os.environ
        return TEN_FORMAT.format_map({name: environ.get(name, "") for name in names})

    def ours() -> str:
        return context.get_str(resolve_with=("env", "regex"))

    yield Contest("get_str(env, regex), nothing set", calls(ours, sizes.burst), calls(limit, sizes.burst), 0.5)
    with mock.patch.dict(os.environ, {"JOB": "dune"}):
        yield Contest("get_str(env, regex), one variable set", calls(ours, sizes.burst), calls(limit, sizes.burst), 3.0)


def _texts(count: int) -> list[str]:
    return [TEN_TEXT.replace("0010", f"{number % 10_000:04d}").replace("dune", f"dune{number // 10_000}") for number in range(count)]


def _g1(sizes: Sizes) -> Iterator[Contest]:
    session = _session([])
    context = session.need_context("ten")
    texts = _texts(sizes.texts)
    fullmatch = re.compile(TEN_REGEX).fullmatch
    limit = once(lambda: [fullmatch(text).groupdict() for text in texts])  # type: ignore[union-attr]
    yield Contest("Assets", once(lambda: session.get_assets(texts, context)), limit, 0.8)
    dicts = once(lambda: [found.values for _, found in session.read_many(texts, context)])  # type: ignore[union-attr]
    yield Contest("dicts", dicts, limit, 1.3)
    yield Contest("columns", once(lambda: session.get_assets(texts, context, as_columns=True)), limit, 1.0)


def _g2(sizes: Sizes) -> Iterator[Contest]:
    places = studio(sizes.medium)
    session = _session(places)
    session.get_asset(places[-1].text)
    right = _right_pattern(session, places)
    count = -(-sizes.texts // len(places))
    texts = [place.text for _ in range(count) for place in places]
    pairs = [pair for _ in range(count) for pair in right]
    limit = once(lambda: [match(text) for match, text in pairs])
    yield Contest(f"Assets by auto-find among {len(places):,}", once(lambda: session.get_assets(texts)), limit, 2.0)


def _h(sizes: Sizes) -> Iterator[Contest]:
    places = studio(sizes.medium)
    yield Contest("a Context, loaded and touched", steady(_per_context(places)), steady(_per_record(places)), 2.0, unit="bytes")
    session = _session([])
    context = session.need_context("ten")
    texts = _texts(min(sizes.texts, 1_000))
    session.get_asset(texts[0], context)
    fullmatch = re.compile(TEN_REGEX).fullmatch
    assets = held(lambda: [session.get_asset(text, context) for text in texts]) / len(texts)
    dicts = held(lambda: [fullmatch(text).groupdict() for text in texts]) / len(texts)  # type: ignore[union-attr]
    yield Contest("an Asset, against a dict of its values", steady(assets), steady(dicts), 0.6, unit="bytes")


def _per_context(places: list[Place]) -> float:
    import tempfile
    from pathlib import Path

    from .worlds import as_yaml

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "studio.yml"
        path.write_text(as_yaml(places), "utf-8")

        def load() -> Session:
            session = Session(overrides=_OVERRIDES)
            session.add_search_path(str(path))
            for place in session.hierarchies():
                session.need_context(place).get_mapping()
            return session

        # The first one loads modules.
        load()
        return held(load) / len(places)


def _per_record(places: list[Place]) -> float:
    text = json.dumps({"plugins": plugins_of(places)})
    return held(lambda: json.loads(text)) / len(places)


ROWS = (
    Row("B", "asking a Context again, against groupdict of a ten-token pattern", "the studio of syntax 1, and a place of ten tokens", _b),
    Row("C1", "an Asset of a text, against the same", "a place of ten tokens, in either syntax", _c1),
    Row("C2", "the text of an Asset, against str.format_map", "a place of ten tokens, in either syntax", _c2),
    Row("C3", "a value: direct, from children, from a parent", "a place of ten tokens", _c3),
    Row("C4", "a mapping's first use, against re.compile", "the studio of syntax 1", _c4),
    Row("D1", "auto-find, against fullmatch of the right pattern", "the studios of either syntax", _d1),
    Row("D2", "auto-find in harder worlds, against the same", "random shapes, and one skeleton; syntax 1", _d2),
    Row("D3", "wrong answers there, and building the index against half a second", "the same, and the studio of syntax 1", _d3),
    Row("E", "filling from the environment, against format_map and a look-up for each token", "a place of ten tokens", _e),
    Row("G1", "many texts of a known Context, against a fullmatch loop to dicts", "a place of ten tokens", _g1),
    Row("G2", "many texts by auto-find, against fullmatch of the right pattern", "the studio of syntax 1", _g2),
    Row("H", "memory, against json.load and against dicts", "the studio of syntax 1, and a place of ten tokens", _h),
)
