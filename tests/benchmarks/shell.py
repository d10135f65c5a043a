"""Rows of the shell's other commands over a great studio: seconds of the processor, against one second."""

from __future__ import annotations

import itertools
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .runner import Contest, Row, Sizes, Timer, steady
from .stored import Processes, Stored, seconds, stored
from .worlds import yaml_lines

_SECOND = steady(1.0)
#: How many sheets of real studios are imitated, and how many places these have.
_STUDIOS, _FEWEST, _MOST = 15, 100, 180
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def _l2(sizes: Sizes) -> Iterator[Contest]:
    world = stored(sizes.places[-1])
    folder = str(world.folder / "sheets")
    other = world.folder / "other"
    shutil.copytree(folder, other, dirs_exist_ok=True)
    middle = world.sheets[len(world.sheets) // 2]
    changed = other / middle.name
    changed.write_text(middle.read_text("utf-8").replace("color:", "hue:"), encoding="utf-8")
    line = next(number for number, text in enumerate(middle.read_text("utf-8").splitlines(), 1) if "mapping:" in text)
    place = world.spots[-1]
    # The exit code of diff is 1 where something differs.
    commands: tuple[tuple[str, tuple[str, ...], float, int], ...] = (
        ("tree", ("tree",), 0.6, 0),
        ("diff of a folder with itself", ("diff", folder, folder), 0.4, 0),
        ("diff with one sheet edited", ("diff", folder, str(other)), 0.6, 1),
        ("explain --path", ("explain", "--path", place.text), 1.0, 0),
        ("uses", ("uses", f"{middle}:{line}"), 1.0, 0),
        ("sheets", ("sheets",), 0.6, 0),
    )
    for label, arguments, target, code in commands:
        ours = seconds(lambda arguments=arguments, code=code: world.ways(*arguments, code=code))  # type: ignore[misc]
        yield Contest(f"ways {label}, {world.label}", ours, _SECOND, target)


def _l3(sizes: Sizes) -> Iterator[Contest]:
    world = stored(sizes.places[-1], purpose="checked")
    ours = seconds(lambda: world.ways("check"))
    yield Contest(f"ways check, {world.label}", ours, _SECOND, 5.0)

    yield Contest(f"ways check after one sheet was edited, {world.label}", lambda: _edited_and_checked(world), _SECOND, 1.5)
    with tempfile.TemporaryDirectory() as folder:
        processes = Processes(Path(folder))
        paths = []
        for number in range(_STUDIOS if sizes.lines > 1_000 else 1):
            paths.append(Path(folder) / f"studio_{number}.yml")
            paths[-1].write_text(named_studio(number, _FEWEST + number * (_MOST - _FEWEST) // _STUDIOS), encoding="utf-8")
        taken = [seconds(lambda path=path: processes.run(processes.shell, "check", str(path))) for path in paths]  # type: ignore[misc]
        slowest = max(taken, key=lambda timer: timer())
        yield Contest(f"ways check, the slowest of {len(paths)} studios with names that are no paths", slowest, _SECOND, 5.0)


def _edited_and_checked(world: Stored) -> float:
    world.edit(len(world.sheets) // 2)
    return world.ways("check").seconds


def named_studio(seed: int, count: int) -> str:
    """Return a sheet in the manner of a pipeline toolkit: every eighth place is a name without any folder, as of a node."""
    chance = random.Random(seed)
    lines = ["globals:", "  syntax: 2", "plugins:"]
    for number in range(count):
        plugin: dict[str, Any] = {"hierarchy": f"place_{number}", **_named_place(chance, number)}
        lines += [f"  place_{number}:", *yaml_lines(plugin, "    ")]
    return "\n".join([*lines, ""])


def _named_place(chance: random.Random, number: int) -> dict[str, Any]:
    word = {"parse": {"regex": "[a-zA-Z0-9]+"}}
    details: dict[str, Any] = {name: word for name in ("Project", "Sequence", "Shot", "Asset", "Step", "name")}
    details["version"] = {"format": "03d"}
    details["ext"] = {"choices": chance.sample(["ma", "mb", "nk", "hip", "psd", "exr", "mov"], 3)}
    entity = chance.choice(["Shot", "Asset"])
    note = chance.choice(["", "[_{name}]", "[.{name}]"])
    if number % 8 == 7:
        # Some fit the same texts, and nobody minds: they name nodes, layers, entries of a list.
        shape = chance.choice([f"{{{entity}}}_{{Step}}", f"{{{entity}}}{note}", "{name}", f"{{{entity}}}_{{Step}}_v{{version}}"])
        mapping = f"{chance.choice(['', 'Review ', 'node_', 'lyr'])}{shape}{number}"
    else:
        base = "/projects/{Project}/" + ("sequences/{Sequence}/{Shot}" if entity == "Shot" else "assets/{Asset}")
        kind = chance.choice(["publish", "work", "review", "render"])
        mapping = f"{base}/{{Step}}/{kind}{number}/{{{entity}}}{note}.v{{version}}.{{ext}}"
    used = {name: entry for name, entry in details.items() if f"{{{name}}}" in mapping}
    return {"mapping": mapping, "mapping_details": used}


def _l4(sizes: Sizes) -> Iterator[Contest]:
    world = stored(sizes.places[-1])
    page = world.folder / "report.html"
    yield Contest(f"ways report, {world.label}", seconds(lambda: world.ways("report", str(page))), _SECOND, 15.0)
    yield from _in_browser(world, page)


def _in_browser(world: Stored, page: Path) -> Iterator[Contest]:
    """Yield how long the page takes to be there, and to answer a search; nothing where no browser is installed."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        found = None
    if found is None:
        print("L4: the page was not measured in a browser: the extra 'browser' or a Chromium is not installed.")
        return
    with sync_playwright() as running:
        # Inside a container there is no sandbox to be had.
        browser = running.chromium.launch(executable_path=found, args=["--no-sandbox"])
        shown = browser.new_page()

        def paint() -> float:
            shown.goto(page.as_uri())
            shown.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
            return float(shown.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")) / 1000

        yield Contest(f"first paint of the page, {world.label}", paint, _SECOND, 1.0)
        shown.wait_for_function("document.getElementById('summary').textContent !== 'Loading…'", timeout=120_000)
        yield Contest(f"a search in the page, {world.label}", _search(shown, world.spots[-1].hierarchy), _SECOND, 0.1)
        browser.close()


def _search(shown: Any, place: str) -> Timer:
    """Return a timer of what the page takes from a typed word to the next picture."""
    script = """
        word => new Promise(resolve => {
            const field = document.querySelector('#filter');
            const started = performance.now();
            field.value = word;
            field.dispatchEvent(new Event('input', {bubbles: true}));
            requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)));
        })
    """
    # Never the same word twice in turn: what is shown already needs no search.
    words = itertools.cycle((place.rpartition("/")[2], place))
    return lambda: float(shown.evaluate(script, next(words))) / 1000


ROWS = (
    Row("L2", "other commands of the shell, warm, against a second", "the studio of syntax 2, 50 places in a sheet", _l2),
    Row("L3", "check, against a second", "the same; and 15 studios in the manner of a toolkit, syntax 2", _l3),
    Row("L4", "report, against a second", "the studio of syntax 2, 50 places in a sheet", _l4),
)
