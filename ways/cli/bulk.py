"""``ways resolve --csv`` and ``--parquet``: a whole file of texts into a folder of files."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ways import api
from ways.cli.command import ending_what_it_runs
from ways.cli.draw.console import as_json
from ways.cli.options import SharedOptions, UsageProblem
from ways.cli.streams import complain, write, write_for_people
from ways.errors import led_by

if TYPE_CHECKING:
    from ways.systems.bulk.run import Outcome
    from ways.systems.engine.base import Engine

#: Parts of which it is told why they are missing; the others are counted.
MOST_TOLD = 10
#: What a part file counts of its rows, besides the rows themselves.
_STATES = ("resolved", "unresolved", "ambiguous")


@ending_what_it_runs()
def resolve_file(
    session: api.Session,
    options: SharedOptions,
    form: str,
    paths: tuple[str, ...],
    place: str,
    strict: bool,
    settings: Mapping[str, Any],
) -> int:
    """Resolve the texts of a file, and return 0 if each part is there.

    :param form: that of the answer.
    :param settings: the options of files by name.
    :raises UsageProblem: the options don't go together, or the file or the folder can't be used.
    """
    _check(options, form, paths, settings)
    from ways.cli.draw.progress import Bar
    from ways.systems.bulk.layout import BulkError
    from ways.systems.bulk.run import ROWS, resolve_file

    source, out = paths
    # Parts need no actions, and no classes of Assets: nothing of what a snapshot can't hold is lost.
    resolver = api.resolver(session.snapshot(leave_out=True), place, strict)
    began = time.monotonic()
    with Bar(sys.stderr) as bar:

        def report(done: int, rows: int) -> None:
            bar.status(f"{done:,} of {rows:,} texts")
            bar.percent(100 * done / rows if rows else 100)

        try:
            done = resolve_file(
                resolver, "csv" if settings["csv"] else "parquet", source, out, partial(_engine, settings),
                column=settings["column"], rows=settings["rows"] or ROWS, report=report,
            )  # fmt: skip
        except BulkError as error:
            raise UsageProblem(str(error)) from error
        except OSError as error:
            raise UsageProblem(f"{error.filename or out}: {error.strerror or error}.") from error
    _tell(done, out, form, resolver.digest, time.monotonic() - began)
    return 1 if done.failures else 0


def _check(options: SharedOptions, form: str, paths: tuple[str, ...], settings: Mapping[str, Any]) -> None:
    """Refuse options that don't go together.

    :raises UsageProblem: some don't.
    """
    name = "--csv" if settings["csv"] else "--parquet"
    if settings["csv"] and settings["parquet"]:
        raise UsageProblem("--csv and --parquet are both given: say what IN is, and OUT is the same.")
    if len(paths) != 2 or "-" in paths:
        raise UsageProblem(f"{name} takes a file and a folder: ways resolve {name} IN OUT.")
    if form == "env":
        raise UsageProblem(f"{name}: the answers go into files; --format is that of the summary, text or json.")
    if options.assignment:
        raise UsageProblem(f"--assignment: {name} reads the texts in all layers. To leave layers out, use --priority NAMES.")
    if settings["jobs"] and settings["scheduler"]:
        raise UsageProblem("--jobs and --scheduler are both given: the one starts processes here, the other uses those of a cluster.")
    address, files = settings["scheduler"], [settings[kind] for kind in ("ca", "cert", "key")]
    if not address and (any(files) or settings["insecure"]):
        raise UsageProblem("--ca, --cert, --key and --insecure say how to reach a cluster: name it by --scheduler.")
    if address and not settings["insecure"] and not (address.startswith("tls://") and all(files)):
        raise UsageProblem(
            f"--scheduler {address}: whoever can reach a scheduler can run code, so it takes an encrypted connection: tls://HOST:PORT with"
            " --ca, --cert and --key. In a network that you trust, say --insecure instead."
        )


@contextlib.contextmanager
def _engine(settings: Mapping[str, Any], parts: int) -> Iterator[Engine]:
    """Give the engine that the options name; it has no more processes than there are parts.

    :raises EngineError: it can't be started or reached.
    """
    if settings["jobs"] or settings["scheduler"]:
        from ways.systems.engine import dask

        jobs, address = settings["jobs"], settings["scheduler"]
        kinds = {kind: settings[kind] for kind in ("ca", "cert", "key", "insecure")}
        with dask.local(min(jobs, parts)) if jobs else dask.connect(address, **kinds) as engine:
            yield engine
        return
    from ways.systems.engine.serial import SerialEngine

    with contextlib.closing(SerialEngine()) as engine:
        yield engine


def _tell(outcome: Outcome, out: str, form: str, digest: str, seconds: float) -> None:
    """Write how a run ended."""
    counts = {state: sum(getattr(part, state) for part in outcome.done.values()) for state in _STATES}
    failed = [{"part": item.part, "first": item.first, "rows": item.rows, "error": str(item)} for item in outcome.failures]
    if form == "json":
        record = {
            "path": out, "snapshot": digest, "rows": outcome.rows, **counts, "parts": len(outcome.done), "skipped": outcome.skipped,
            "failed": failed, "seconds": round(seconds, 3),
        }  # fmt: skip
        write(as_json(record))
    else:
        parts = f"{len(outcome.done)} of {len(outcome.done) + len(failed)} parts"
        known = f", {outcome.skipped} of them by an earlier run" if outcome.skipped else ""
        shown = ", ".join(f"{count:,} {state}" for state, count in counts.items() if count) or "none"
        texts = "text" if outcome.rows == 1 else "texts"
        write_for_people(f"{out}: {parts}{known}; {outcome.rows:,} {texts}: {shown}")
    for item in outcome.failures[:MOST_TOLD]:
        complain(led_by("missing: ", str(item)))
    if len(failed) > MOST_TOLD:
        complain(f"missing: {len(failed) - MOST_TOLD} other parts")
    if failed:
        complain("The other parts are whole. The same command tries the missing ones again.")
