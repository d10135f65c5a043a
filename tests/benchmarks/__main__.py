"""``python -m tests.benchmarks [ROW ...] [--quick] [--json [FILE]] [--rst FILE] [--plots FOLDER]``"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import sys
from collections.abc import Sequence
from typing import Any

from . import asking, disk, forms, hosts, many, plots, processes, reading, shell, starts, table, timelines, usd
from .page import shown, tables
from .runner import FULL, QUICK, TINY, Figure, Row, figures

_MODULES = (processes, asking, disk, forms, many, table, starts, shell, reading, timelines, usd, hosts)
ROWS: dict[str, Row] = {row.name: row for row in sorted((row for module in _MODULES for row in module.ROWS), key=lambda row: row.name)}
_MODES = {"full": FULL, "quick": QUICK, "tiny": TINY}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the rows that are asked for, and print them; 0 if each target is met."""
    options = _parser().parse_args(arguments)
    # A variable of the caller's own would change what is measured.
    for name in [name for name in os.environ if name.startswith("WAYS_")]:
        del os.environ[name]
    chosen = [ROWS[name] for name in options.rows or ROWS]
    found = []
    # Standard output is for the answer; a peer writes its log there.
    with contextlib.redirect_stdout(sys.stderr):
        for figure in figures(chosen, _MODES[options.mode]):
            found.append(figure)
            print(f"{figure.row} {figure.label}: {figure.ratio:.3g}")
    told = report(found, options.mode)
    if options.json is not None:
        _write(json.dumps(told, indent=1), options.json)
    else:
        _print_table(found)
    if options.rst is not None:
        _write(tables(found, ROWS, told), options.rst)
    if options.plots is not None:
        with contextlib.redirect_stdout(sys.stderr):
            plots.write(pathlib.Path(options.plots), _MODES[options.mode])
    return 0 if all(figure.is_met for figure in found) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="How fast Ways is, beside its limits.")
    named = ", ".join(f"{row.name} ({row.what})" for row in ROWS.values())
    parser.add_argument("rows", nargs="*", metavar="ROW", choices=[[], *ROWS], help=f"Which rows; all, if absent: {named}.")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE", help="Write JSON, to FILE if it is named.")
    parser.add_argument("--rst", metavar="FILE", help="Write the tables of the docs into FILE.")
    parser.add_argument("--plots", metavar="FOLDER", help="Measure and draw the plots of the docs into FOLDER.")
    parser.add_argument("--quick", dest="mode", action="store_const", const="quick", help="Fewer rounds and smaller piles.")
    parser.add_argument("--tiny", dest="mode", action="store_const", const="tiny", help="Only see that everything runs.")
    parser.set_defaults(mode="full")
    return parser


def report(found: Sequence[Figure], mode: str) -> dict[str, Any]:
    """Return the figures with when and where they were measured."""
    machine = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
    today = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    return {"date": today, "mode": mode, "machine": machine, "figures": [figure.as_dict() for figure in found]}


def _write(text: str, path: str) -> None:
    if path == "-":
        print(text)
        return
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + "\n")


def _print_table(found: Sequence[Figure]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("row", "what", "ours", "limit", "ratio", "at most", "peers", title="Ours beside the limit, medians")
    for figure in found:
        peers = ", ".join(f"{name} {shown(value, figure.unit)}" for name, value in figure.peers.items())
        style = "green" if figure.is_met else "bold red"
        cells = (figure.row, figure.label, shown(figure.ours, figure.unit), shown(figure.limit, figure.unit))
        table.add_row(*cells, f"[{style}]{figure.ratio:.3g}[/]", _at_most(figure), peers)
    console = Console()
    # In a pipe there is no width to fit: nothing is to be cut.
    (console if console.is_terminal else Console(width=180)).print(table)


def _at_most(figure: Figure) -> str:
    return "" if figure.target is None else f"{figure.target:.3g}"


if __name__ == "__main__":
    sys.exit(main())
