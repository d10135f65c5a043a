"""Rows that are whole processes: start, load, first answer."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ways.session import Session

from .runner import Contest, Row, Sizes, Timer, once
from .stored import Processes, Stored, Used, seconds, stored
from .worlds import studio, write_studio

_PASS = "pass"
_IMPORT = "import ways.api"
_CONTEXT = "import ways.api as w; assert w.get_context({place!r}).get_mapping()"
_FOUND = "import ways.api as w; assert w.get_asset({text!r}).context"
_ASSET = "import ways.api as w; assert w.get_asset({text!r}).get_value('NAME')"
_YAML = "import yaml; yaml.load(open({path!r}, 'rb'), yaml.CSafeLoader)"


def _a1(sizes: Sizes) -> Iterator[Contest]:
    with tempfile.TemporaryDirectory() as folder:
        processes = Processes(Path(folder))
        bare = processes.timer(_PASS)
        yield Contest("import ways.api", processes.timer(_IMPORT), bare, 1.5)


def _a2(sizes: Sizes) -> Iterator[Contest]:
    with tempfile.TemporaryDirectory() as folder:
        processes = Processes(Path(folder))
        for count, target in zip(sizes.large, (0.55, 0.25)):
            (path,) = map(str, write_studio(Path(folder) / str(count), count))
            ours = processes.timer(_CONTEXT.format(place=studio(count)[-1].hierarchy), WAYS_DESCRIPTORS=path)
            yield Contest(f"{count:,} plugins", ours, processes.timer(_YAML.format(path=path)), target)


def _a3(sizes: Sizes) -> Iterator[Contest]:
    with tempfile.TemporaryDirectory() as folder:
        processes = Processes(Path(folder))
        bare = processes.timer(_PASS)
        kept = {count: _Kept(processes, Path(folder), count) for count in sizes.worlds[1:]}
        for count in sizes.large:
            yield Contest(f"first Context, {count:,} plugins", kept[count].context(), bare, 2.9)
        for count in sizes.large:
            yield Contest(f"first auto-found Asset, {count:,} plugins", kept[count].asset(), bare, 4.5)
        few, many = sizes.worlds[1], sizes.worlds[-1]
        yield Contest(f"first Context, {many:,} plugins against {few:,}", kept[many].context(), kept[few].context(), 1.2)
    for count in sizes.places:
        world = stored(count, 1)
        bare = seconds(_of(world, _PASS))
        context, asset = (code.format(place=world.spots[-1].hierarchy, text=world.spots[-1].text) for code in (_CONTEXT, _FOUND))
        yield Contest(f"first Context, {count:,} places of syntax 2", seconds(_of(world, context)), bare, 2.9)
        yield Contest(f"first auto-found Asset, {count:,} places of syntax 2", seconds(_of(world, asset)), bare, 4.5)


def _of(world: Stored, program: str) -> Callable[[], Used]:
    return lambda: world.python(program)


class _Kept:
    """A studio of syntax 1 whose compiled sheets are in a store of its own."""

    def __init__(self, processes: Processes, folder: Path, count: int) -> None:
        self._processes = processes
        (path,) = map(str, write_studio(folder / str(count), count))
        # What was changed a moment ago may change again unnoticed: such a sheet is read each time.
        time.sleep(2.1)
        self._variables = {"WAYS_DESCRIPTORS": path, "WAYS_CACHE": "1", "XDG_CACHE_HOME": str(folder / f"cache{count}")}
        self._last = studio(count)[-1]

    def context(self) -> Timer:
        return self._processes.timer(_CONTEXT.format(place=self._last.hierarchy), **self._variables)

    def asset(self) -> Timer:
        return self._processes.timer(_ASSET.format(text=self._last.text), **self._variables)


def _a4(sizes: Sizes) -> Iterator[Contest]:
    def load(paths: list[str]) -> Session:
        session = Session(overrides={"WAYS_CACHE": "0", "WAYS_PLATFORM": "linux"})
        for path in paths:
            session.add_search_path(path)
        assert session.get_context("job") is not None
        return session

    with tempfile.TemporaryDirectory() as folder:
        for count in (300, 3_000) if sizes.texts > 100 else (60,):
            one = [str(path) for path in write_studio(Path(folder) / f"one{count}", count)]
            many = [str(path) for path in write_studio(Path(folder) / f"many{count}", count, 30)]
            ours, limit = once(lambda many=many: load(many)), once(lambda one=one: load(one))  # type: ignore[misc]
            yield Contest(f"{count:,} plugins in 30 search paths, against one sheet", ours, limit, 1.2)


def _i(sizes: Sizes) -> Iterator[Contest]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "many"
        changed = write_studio(root, sizes.sheets * 10, sizes.sheets)[sizes.sheets // 2]
        session = _loaded(str(root))
        texts = [changed.read_text("utf-8"), changed.read_text("utf-8").replace("color", "hue")]

        def change() -> None:
            texts.reverse()
            changed.write_text(texts[0], "utf-8")

        def answer() -> Session:
            session.refresh()
            assert session.need_context("job/scene/shot").get_mapping()
            return session

        label = f"one sheet of {sizes.sheets} changed: refresh and the next answer, against a cold load"
        yield Contest(label, once(answer, change), once(lambda: _loaded(str(root))), 0.05)


def _loaded(path: str) -> Session:
    session = Session(overrides={"WAYS_CACHE": "0", "WAYS_PLATFORM": "linux"})
    session.add_search_path(path)
    assert session.need_context("job/scene/shot").get_mapping()
    return session


ROWS = (
    Row("A1", "import ways.api, against python -c pass", "no sheet", _a1),
    Row("A2", "import, load a YAML sheet, first Context, against CSafeLoader parsing it", "the studio of syntax 1", _a2),
    Row("A3", "the same from the store, against python -c pass", "the studio of syntax 1, and that of syntax 2, each in one sheet", _a3),
    Row("A4", "search paths added one after the other", "the studio of syntax 1", _a4),
    Row("I", "refresh after one sheet changed", "the studio of syntax 1, 2,000 plugins in 200 sheets", _i),
)
