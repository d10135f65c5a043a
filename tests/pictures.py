"""Pictures of what ``ways`` prints, as SVG: real commands, run in a terminal of 96 columns that lies in memory; and one of
how a Context is composed, drawn from an explanation. The report page is a PNG.

``python -m tests.pictures`` records them anew in ``docs/pictures``. Those in SVG are the same to the byte on every machine: commands
name their platform, and paths are relative. Their colors follow the reader's scheme, and their fonts are those of the reader.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from html import escape
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from rich.ansi import AnsiDecoder
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from ways.api import Session
from ways.cli.main import main
from ways.explain.record import Claim, FieldExplanation

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"

#: Columns of the terminal; pixels of a column and of a line of it, and around its text.
COLUMNS, COLUMN, LINE, GAP = 96, 8.4, 19, 16

#: What the text of a picture may be: class -> its color on a light page, and on a dark one.
COLORS = {
    "text": ("#1f2328", "#e6edf3"),
    "dim": ("#59636e", "#9198a1"),
    "red": ("#cf222e", "#ff7b72"),
    "green": ("#1a7f37", "#3fb950"),
    "yellow": ("#8a5a00", "#e3b341"),
    "blue": ("#0969da", "#58a6ff"),
    "magenta": ("#8250df", "#bc8cff"),
    "cyan": ("#1b7c83", "#39c5cf"),
}
#: Of each of the eight colors of a terminal, the class.
ANSI = ("dim", "red", "green", "yellow", "blue", "magenta", "cyan", "text")
PAGE, BACK, EDGE = ("#ffffff", "#0d1117"), ("#f6f8fa", "#161b22"), ("#d1d9e0", "#3d444d")
MONOSPACE = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"


class Recording(NamedTuple):
    """Commands that one picture shows, and the folder in which they are run."""

    commands: Sequence[str]
    folder: Path = FOLDER


RECORDINGS: Mapping[str, Recording] = {
    "explain": Recording(["ways --sheets studio --platform linux --priority master:client explain job:mapping"]),
    "explain-path": Recording(["ways --sheets studio --platform linux explain --path /mnt/projects/dune/shots/rvr_40"]),
    "check": Recording(["ways check mistakes.yml"]),
    "diff": Recording(["ways diff old.yml new.yml --paths paths.txt"]),
    "tree": Recording(["ways --sheets plugin_sheets/film --platform linux tree job/sequence/shot/animation"], ROOT),
    "resolve": Recording(
        [
            "ways --sheets studio --platform linux resolve /mnt/projects/dune/shots/rvr_0040/plates/v003",
            "ways --sheets studio --platform linux format job/shot/plate JOB=dune SHOT=rvr_0040 VERSION=4",
        ]
    ),
}

#: Spaces that a browser would make one.
_SPACES = re.compile(" {2,}")

_CONSOLE = Console(color_system=None, width=COLUMNS)

#: The classes of a text, and the text.
Run = tuple[str, str]


class _Terminal(io.StringIO):
    """A terminal that keeps what is written on it."""

    def isatty(self) -> bool:
        return True


@contextlib.contextmanager
def _surroundings(folder: Path, **variables: str) -> Iterator[None]:
    """Work in a folder, without what the caller's environment says of colors and of sheets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WAYS_") and name not in ("NO_COLOR", "COLORTERM")}
    with mock.patch.dict(os.environ, {**kept, "WAYS_CACHE": "0", **variables}, clear=True), contextlib.chdir(folder):
        yield


def printed(command: str, folder: Path) -> str:
    """Return what a command prints on a terminal, with the colors that it has there."""
    program, *arguments = shlex.split(command)
    assert program == "ways"
    screen = _Terminal()
    with (
        _surroundings(folder, COLUMNS=str(COLUMNS), TERM="xterm-256color", FORCE_COLOR="1"),
        contextlib.redirect_stdout(screen),
        contextlib.redirect_stderr(screen),
        contextlib.suppress(SystemExit),
    ):
        main.main(arguments, prog_name="ways")
    return screen.getvalue()


def recorded(name: str) -> str:
    """Return a recording as an SVG picture."""
    commands, folder = RECORDINGS[name]
    lines: list[list[Run]] = []
    for command in commands:
        assert len(command) <= COLUMNS - 2, f"longer than a line: {command}"
        lines += [[]] if lines else []
        lines.append([("green", "$ "), ("text bold", command)])
        for line in AnsiDecoder().decode(printed(command, folder).removesuffix("\n")):
            # Some commands leave it to the terminal to fold a line. Here it is done between words.
            lines += map(_runs, line.wrap(_CONSOLE, COLUMNS))
    return _window("; ".join(commands), lines)


def _runs(line: Text) -> list[Run]:
    """Return the texts of a line, each with the classes of its style."""
    runs: list[Run] = []
    for text, style, _ in line.render(_CONSOLE):
        classes = _classes(style or Style())
        if runs and runs[-1][0] == classes:
            runs[-1] = (classes, runs[-1][1] + text)
        else:
            runs.append((classes, text))
    return runs


def _classes(style: Style) -> str:
    number = None if style.color is None else style.color.number
    name = "dim" if style.dim else "text" if number is None else ANSI[number % 8]
    return f"{name} bold" if style.bold else name


def _window(title: str, lines: Sequence[Sequence[Run]]) -> str:
    width, height = round(COLUMNS * COLUMN + 2 * GAP), len(lines) * LINE + 2 * GAP
    texts = "".join(_line(runs, GAP + LINE * number + 14) for number, runs in enumerate(lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{MONOSPACE}" font-size="14">\n<title>{escape(title)}</title>\n{style_sheet()}'
        f'<rect class="back" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"/>\n{texts}</svg>\n'
    )


def style_sheet() -> str:
    """Return the classes of all pictures: light, and dark for who reads so."""

    def rules(scheme: int) -> Iterator[str]:
        yield f".back,.lane{{fill:{BACK[scheme]};stroke:{EDGE[scheme]}}}"
        yield f".page{{fill:{PAGE[scheme]};stroke:{EDGE[scheme]}}}.under{{fill:{PAGE[scheme]}}}"
        for name, colors in COLORS.items():
            yield f".{name}{{fill:{colors[scheme]}}}.{name}.box,.{name}.line{{stroke:{colors[scheme]}}}"

    return (
        f"<style>\n{''.join(rules(0))}\n@media (prefers-color-scheme:dark){{{''.join(rules(1))}}}\n"
        ".bold{font-weight:bold}.struck{text-decoration:line-through}.end{text-anchor:end}.box{fill-opacity:.1}.line{fill:none}"
        ".lost .box{stroke-opacity:.5;fill-opacity:.04}\n</style>\n"
    )


def _line(runs: Sequence[Run], bottom: float) -> str:
    """Return a line of the terminal; each text says how long it is, so that any font fits the columns."""
    drawn, column = "", 0
    for classes, text in runs:
        shown = text.strip(" ")
        if shown:
            left = column + cell_len(text) - cell_len(text.lstrip(" "))
            drawn += (
                f'<text class="{classes}" x="{GAP + left * COLUMN:g}" y="{bottom}" textLength="{cell_len(shown) * COLUMN:g}">'
                f"{_escaped(shown)}</text>\n"
            )
        column += cell_len(text)
    return drawn


def _escaped(text: str) -> str:
    return _SPACES.sub(lambda found: "\u00a0" * len(found[0]), escape(text, quote=False))


# --- how a Context is composed

#: The Context that is drawn, the layers that are looked at, and those of its fields that are shown.
PLACE, LAYERS, FIELDS = "job/shot/plate", ("master", "client"), ("path", "mapping", "data.fps")
#: Layer -> the class of its color.
LAYER_COLORS = dict(zip(LAYERS, ("blue", "magenta")))
#: Left side and width of the column of each layer, and of the Context; heights: of a box, a row, and between two places.
LAYER_SIDES = {"master": (152, 250), "client": (438, 232)}
CONTEXT_SIDE, ROW_TOP, BOX, ROW, BETWEEN = (734, 216), 66, 40, 48, 30
SANS = "system-ui,-apple-system,'Segoe UI',Helvetica,Arial,'DejaVu Sans',sans-serif"


class Box(NamedTuple):
    """What one plugin says of one field, and where it is drawn."""

    field: str
    claim: Claim
    top: float
    is_lost: bool

    @property
    def left(self) -> float:
        return LAYER_SIDES[self.claim.assignment][0]

    @property
    def right(self) -> float:
        return sum(LAYER_SIDES[self.claim.assignment])

    @property
    def middle(self) -> float:
        return self.top + BOX / 2


def composition() -> str:
    """Return a picture of how the plugins of two layers become one Context; all that it says comes from an explanation."""
    with _surroundings(FOLDER):
        session = Session(overrides={"WAYS_PLATFORM": "linux", "WAYS_PRIORITY": ":".join(LAYERS)})
        session.add_search_path("studio")
        explanation = session.explain(PLACE)
    fields = [explanation.field(name) for name in FIELDS]
    boxes, lanes, bottom = _placed(fields)
    width, height = sum(CONTEXT_SIDE) + GAP, bottom + GAP
    top, low = lanes[0][1] - 6, bottom - 2
    # Lines are drawn first, so that they go behind the boxes.
    drawn = "".join(
        f'<rect class="lane" x="{GAP}" y="{start - 6:g}" width="{LAYER_SIDES["client"][0] + LAYER_SIDES["client"][1] + 8 - GAP}" '
        f'height="{end - start + 10:g}" rx="8"/>\n{_mono(place, GAP + 10, start + 19, "text bold", 12)}'
        for place, start, end in lanes
    )
    drawn += f'<rect class="back" x="{CONTEXT_SIDE[0]}" y="{top:g}" width="{CONTEXT_SIDE[1]}" height="{low - top:g}" rx="8"/>\n'
    drawn += _context(fields, boxes, (top, low)) + "".join(_roots(boxes)) + "".join(map(_box, boxes))
    for layer in LAYERS:
        sheet = next(box.claim.source.path for box in boxes if box.claim.assignment == layer)
        drawn += _mono(sheet, LAYER_SIDES[layer][0], 28, f"{LAYER_COLORS[layer]} bold", 13)
        drawn += _small(f"layer {layer}{', the stronger one' if layer == LAYERS[-1] else ''}", LAYER_SIDES[layer][0], 46)
    drawn += _mono(PLACE, CONTEXT_SIDE[0], 28, "text bold", 13) + _small("the Context that Ways composes", CONTEXT_SIDE[0], 46)
    heads = "".join(
        f'<marker id="arrow-{color}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto" '
        f'markerUnits="userSpaceOnUse"><path class="{color}" d="M0 0 8 4 0 8z"/></marker>\n'
        for color in ("dim", *LAYER_COLORS.values())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:g}" viewBox="0 0 {width} {height:g}" '
        f'font-family="{SANS}">\n<title>How the Context of {PLACE} is composed</title>\n{style_sheet()}'
        f"<defs>\n{heads}</defs>\n"
        f'<rect class="page" x=".5" y=".5" width="{width - 1}" height="{height - 1:g}" rx="8"/>\n{drawn}</svg>\n'
    )


def _placed(fields: Sequence[FieldExplanation]) -> tuple[list[Box], list[tuple[str, float, float]], float]:
    """Return the boxes; each place with its top and bottom; and where the last one ends.

    What counts has a row with those in other layers that lost to it; what lost otherwise has a row of its own above.
    """
    boxes: list[Box] = []
    lanes: list[tuple[str, float, float]] = []
    top: float = ROW_TOP
    for place in sorted({claim.hierarchy for field in fields for claim in field.claims}):
        start = top
        for field in fields:
            lost = [claim for claim in field.losers if claim.hierarchy == place]
            for counting in (claim for claim in field.claims if claim.hierarchy == place and claim not in field.losers):
                beside = [claim for claim in lost if claim.lost_to and claim.lost_to.record is counting.record]
                for claim in (claim for claim in lost if claim not in beside):
                    boxes.append(Box(field.name, claim, top, is_lost=True))
                    top += ROW
                boxes += [Box(field.name, claim, top, is_lost=claim is not counting) for claim in (*beside, counting)]
                top += ROW
        lanes.append((place, start, top - (ROW - BOX)))
        top += BETWEEN
    return boxes, lanes, top - BETWEEN


def _box(box: Box) -> str:
    claim, color = box.claim, LAYER_COLORS[box.claim.assignment]
    shown = '<g class="lost">' if box.is_lost else "<g>"
    shown += f'<rect class="page" x="{box.left}" y="{box.top:g}" width="{box.right - box.left:g}" height="{BOX}" rx="5"/>'
    shown += f'<rect class="{color} box" x="{box.left}" y="{box.top:g}" width="{box.right - box.left:g}" height="{BOX}" rx="5"/>\n'
    shown += _mono(str(claim.value), box.left + 10, box.top + 17, "dim struck" if box.is_lost else "text bold", 12)
    shown += _small(f"{box.field} · {_origin(claim)}", box.left + 10, box.top + 32)
    if box.is_lost:
        shown += _small(claim.reason.value, box.right - 8, box.top + 17, "dim end")
    return f"{shown}</g>\n"


def _context(fields: Sequence[FieldExplanation], boxes: Sequence[Box], sides: tuple[float, float]) -> str:
    """Return the fields of the Context, each with a line from every box that it is made of."""
    drawn, texts = "", ""
    pieces = [(field, _pieces(field, boxes)) for field in fields]
    free = sides[1] - sides[0] - sum(20 + 38 * len(parts) for _, parts in pieces)
    top = sides[0] + free / (len(pieces) + 1)
    for field, parts in pieces:
        texts += _small(field.name, CONTEXT_SIDE[0] + 16, top + 12, "text bold")
        top += 20
        for text, box in parts:
            color = LAYER_COLORS[box.claim.assignment]
            texts += _mono(text, CONTEXT_SIDE[0] + 16, top + 14, f"{color} bold", 12)
            texts += _small(_origin(box.claim), CONTEXT_SIDE[0] + 16, top + 29)
            start, end, bend = box.right, CONTEXT_SIDE[0], (CONTEXT_SIDE[0] - sum(LAYER_SIDES["client"])) * 0.6
            straight = sum(LAYER_SIDES["client"])
            drawn += (
                f'<path class="{color} line" marker-end="url(#arrow-{color})" d="M{start:g} {box.middle:g}H{straight:g}'
                f'C{straight + bend:g} {box.middle:g} {end - bend:g} {top + 12:g} {end + 8:g} {top + 12:g}"/>\n'
            )
            top += 38
        top += free / (len(pieces) + 1)
    return drawn + texts


def _pieces(field: FieldExplanation, boxes: Sequence[Box]) -> list[tuple[str, Box]]:
    """Return what each plugin gave to the value of a field, in the order of the value."""
    counting = [box for box in boxes if box.field == field.name and not box.is_lost]
    pieces = [(str(box.claim.value).removeprefix("{root}"), box) for box in counting]
    assert "".join(text for text, _ in pieces) == str(field.value), f"{field.name} is not made of {pieces}"
    return pieces


def _roots(boxes: Sequence[Box]) -> Iterator[str]:
    """Yield an arrow from each mapping to the one that has it as its {root}."""
    by_record = {box.claim.record: box for box in boxes if box.field == "mapping"}
    for box in by_record.values():
        giver = box.claim.uses[0].giver if box.claim.uses else None
        if giver is None:
            continue
        above = by_record[giver.record]
        label: tuple[float, float]
        if above.left == box.left:
            way = f"M{above.left} {above.middle:g}h-10V{box.middle:g}h8"
            label = (box.left - 10, box.top - (ROW - BOX + BETWEEN) / 2 + 4)
        else:
            turn = above.top + BOX + (ROW - BOX + BETWEEN) / 2 - 3
            way = f"M{above.left + 30:g} {above.top + BOX:g}V{turn:g}H{box.left + 40:g}V{box.top - 2:g}"
            label = ((above.left + box.left) / 2 + 35, turn + 3)
        yield f'<path class="dim line" stroke-dasharray="4 3" marker-end="url(#arrow-dim)" d="{way}"/>\n'
        yield f'<rect class="under" x="{label[0] - 23:g}" y="{label[1] - 11:g}" width="46" height="15"/>\n'
        yield _mono("{root}", label[0] - 20, label[1], "dim", 11)


def _origin(claim: Claim) -> str:
    return f"{claim.plugin} · {Path(claim.source.path).name}:{claim.source.line}"


def _mono(text: str, left: float, bottom: float, classes: str, size: int) -> str:
    return (
        f'<text class="{classes}" x="{left:g}" y="{bottom:g}" font-family="{MONOSPACE}" font-size="{size}" '
        f'textLength="{len(text) * size * 0.6:g}">{_escaped(text)}</text>\n'
    )


def _small(text: str, left: float, bottom: float, classes: str = "dim") -> str:
    return f'<text class="{classes}" x="{left:g}" y="{bottom:g}" font-size="11">{_escaped(text)}</text>\n'


#: The name of a file -> what draws it.
PICTURES: Mapping[str, Callable[[], str]] = {
    **{f"{name}.svg": partial(recorded, name) for name in RECORDINGS},
    "compose.svg": composition,
}


# --- the report page

#: The file with the picture of the page; a path that is typed into it; and the size of the picture in pixels.
REPORT = FOLDER / "report.png"
TYPED = "/mnt/client/dune/shots/rvr_0040"
REPORT_SIZE = (1200, 1100)
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def record_report() -> str:
    """Write a picture of the report page, and return what was done.

    It takes the extra ``browser`` and a Chromium. Each browser draws letters in its own way, so no test compares this picture:
    record it again where the page changes its looks.
    """
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None or find_spec("playwright") is None:
        return f"{REPORT} is left as it is: it takes the extra 'browser' and a Chromium."
    playwright = import_module("playwright.sync_api")
    with tempfile.TemporaryDirectory() as folder, playwright.sync_playwright() as running:
        page = Path(folder) / "studio.html"
        printed(
            f"ways --sheets studio --platform linux --priority master:client report {shlex.quote(str(page))} --title 'A small studio'",
            FOLDER,
        )
        # Inside a container there is no sandbox to be had.
        is_root = os.name == "posix" and os.getuid() == 0
        browser = running.chromium.launch(executable_path=found, args=["--no-sandbox"] if is_root else [])
        width, height = REPORT_SIZE
        shown = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
        shown.goto(page.as_uri())
        shown.wait_for_function("document.getElementById('summary').textContent !== 'Loading…'")
        shown.fill("#text", TYPED)
        shown.click("button[type=submit]")
        for name in ("job", "shot"):
            shown.click(f"#tree >> text={name}")
        # Neither a caret nor the ring of what was clicked.
        shown.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        shown.screenshot(path=REPORT)
        browser.close()
    return str(REPORT)


if __name__ == "__main__":
    for name, draw in PICTURES.items():
        (FOLDER / name).write_text(draw(), encoding="utf-8", newline="\n")
        print(FOLDER / name)
    print(record_report())
