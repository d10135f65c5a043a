"""Rows of many texts: piped through the shell, and asked of Python, beside a script written by hand for this one studio."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Iterator, Sequence

from ways.session import Session

from . import by_hand
from .native import EXTENSIONS, Spot, native_studio
from .runner import Contest, Row, Sizes, Timer, once, steady
from .stored import Stored, lines, seconds, stored

#: One line in fifty is nothing.
_MISS = 50
_READ = "import ways.api as w; texts = open({path!r}, encoding='utf-8').read().splitlines(); "
_PYTHON = {
    "get_assets": _READ + "found = w.get_assets(texts, strict=True)",
    "read_many": _READ + "found = sum(1 for _ in w.current_session().read_many(texts))",
    "columns": _READ + "found = w.get_assets(texts, strict=True, as_columns=True)",
}


def texts_of(spots: Sequence[Spot], count: int, places: int) -> list[str]:
    """Return texts of *places* of the spots, in no order; among them some that are nothing."""
    step = max(1.0, len(spots) / places)
    asked = [spots[int(number * step)] for number in range(min(places, len(spots)))]
    found = []
    for number, spot in zip(range(count), itertools.cycle(asked)):
        is_miss = number % _MISS == 5
        found.append(spot.misses[number // _MISS % len(spot.misses)] if is_miss else spot.variant(number)[0])
    random.Random(7).shuffle(found)
    return found


def patterns_of(spots: Sequence[Spot]) -> dict[str, tuple[str, str]]:
    """Return the place and pattern of each key of the script by hand."""
    found: dict[str, tuple[str, str]] = {}
    for spot in spots:
        last = re.findall(r"\{(\w+)\}$", spot.form)
        for ending in EXTENSIONS.get(last[0] if last else "", ("",)):
            text = spot.form.format_map({**spot.values, **dict.fromkeys(last, ending)}) if ending else spot.text
            entry = found.setdefault(by_hand.key_of(text), (spot.hierarchy, spot.regex))
            assert entry[0] == spot.hierarchy, (spot.hierarchy, entry)
    return found


class _Piped:
    """Lines in a file, and what answers them."""

    def __init__(self, world: Stored, count: int, places: int) -> None:
        self.world = world
        spots = [spot for spot in world.spots if not spot.hierarchy.startswith("library")]
        patterns = world.folder / "patterns.json"
        patterns.write_text(json.dumps(patterns_of(spots)), encoding="utf-8")
        self.path = lines(world.folder / f"lines_{count}.txt", texts_of(spots, count, places))
        self._patterns = str(patterns)
        self.label = f"{count:,} texts over {places:,} of {world.label}"

    def hand(self, stdout: str) -> Timer:
        """Return a timer of the script by hand."""
        run = self.world.processes.run
        return seconds(lambda: run(by_hand.__file__, self._patterns, stdin=self.path, stdout=stdout))

    def resolve(self, stdout: str) -> Timer:
        """Return a timer of the shell."""
        # Some texts are nothing.
        return seconds(lambda: self.world.ways("resolve", "--format", "json", "-", stdin=self.path, stdout=stdout, code=1))

    def peak(self) -> float:
        """Return the greatest memory that the shell holds."""
        return self.world.ways("resolve", "--format", "json", "-", stdin=self.path, code=1).peak


def _same(ours: str, limit: str) -> bool:
    """Whether two files of JSON lines tell the same places and values."""
    with open(ours, encoding="utf-8") as left, open(limit, encoding="utf-8") as right:
        pairs = [(json.loads(one), json.loads(other)) for one, other in zip(left, right, strict=True)]
    return all(one[key] == other[key] for one, other in pairs for key in ("text", "hierarchy", "values"))


def _world(sizes: Sizes) -> Stored:
    return stored(sizes.places[-1])


def _k1(sizes: Sizes) -> Iterator[Contest]:
    world = _world(sizes)
    # As many texts a place as in the question that this row comes from.
    piped = _Piped(world, sizes.lines, max(3, sizes.lines * 8 // 100))
    files = str(world.folder / "ours.jsonl"), str(world.folder / "limit.jsonl")
    ours, limit = piped.resolve(files[0]), piped.hand(files[1])
    assert _same(*files)
    yield Contest(f"ways resolve --format json -, {piped.label}", ours, limit, 1.2)
    few = _Piped(world, sizes.lines // 10, max(3, sizes.lines * 8 // 1000))
    yield Contest(f"peak memory, {sizes.lines:,} texts against {sizes.lines // 10:,}", *_peaks(piped, few), 1.25, unit="bytes")
    if sizes.lines >= 100_000:
        more = _Piped(world, sizes.lines * 10, sizes.lines * 8 // 100)
        yield Contest(f"peak memory, {sizes.lines * 10:,} texts against {sizes.lines:,}", *_peaks(more, piped), 1.05, unit="bytes")


def _peaks(many: _Piped, few: _Piped) -> tuple[Timer, Timer]:
    return steady(many.peak()), steady(few.peak())


def _k2(sizes: Sizes) -> Iterator[Contest]:
    world = _world(sizes)
    piped = _Piped(world, sizes.lines, max(3, sizes.lines * 8 // 100))
    limit = piped.hand(str(world.folder / "limit.jsonl"))
    for name, code in _PYTHON.items():
        ours = seconds(lambda code=code: world.python(code.format(path=piped.path)))  # type: ignore[misc]
        yield Contest(f"{name} in a fresh process, {piped.label}", ours, limit, 1.2)
    yield _flat(sizes)


def _flat(sizes: Sizes) -> Contest:
    """Return the contest of columns of many texts against those of few, per text."""
    session = Session(overrides={"WAYS_PLATFORM": "linux", "WAYS_CACHE": "0"})
    studio = native_studio(sizes.places[0])
    session.add_plugins(**studio.plugins())
    few, many = max(10, sizes.lines // 100), sizes.lines * 10
    places = min(100, few)
    taken = []
    for count in (few, many):
        texts = texts_of(studio.spots, count, places)
        for _ in range(3):
            session.get_assets(texts[:few], strict=True, as_columns=True)
        taken.append(_per_text(session, texts))
    return Contest(f"columns per text, {many:,} texts against {few:,}, over {places} places", taken[1], taken[0], 1.2)


def _per_text(session: Session, texts: Sequence[str]) -> Timer:
    timer = once(lambda: session.get_assets(texts, strict=True, as_columns=True))
    return lambda: timer() / len(texts)


ROWS = (
    Row("K1", "many texts piped through the shell, against a script with each place's pattern", "the studio of syntax 2", _k1),
    Row("K2", "the same in Python, at the first call of a process, against the same", "the studio of syntax 2", _k2),
)
