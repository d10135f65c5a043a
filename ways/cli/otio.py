"""``ways otio``: links the clips of a timeline to the files on disk."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ways import api
from ways.cli.command import Group, command, helped
from ways.cli.draw.console import as_json, draw
from ways.cli.draw.shapes import Column, Table
from ways.cli.options import SharedOptions, UsageProblem
from ways.cli.streams import answers_apart, complain, with_steps, write_for_people
from ways.errors import counted

if TYPE_CHECKING:
    from ways.systems.otio import Linked

#: The metadata of a clip that names a place.
EXAMPLE = '{"ways": {"place": "job/shot", "values": {"SHOT": "sh010"}}}'


class Rate(click.FloatRange):
    """Frames per second."""

    name = "rate"

    def convert(self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None) -> Any:
        rate = super().convert(value, parameter, ctx)
        if rate != rate or rate == float("inf"):
            self.fail(f"{value!r} is no number of frames per second.", parameter, ctx)
        return rate


@command("text", "json")
@click.argument("timeline", metavar="IN.otio", type=click.Path())
@click.argument("output", metavar="OUT.otio", type=click.Path())
@click.option(
    "--rate", type=Rate(min=0, min_open=True), metavar="FPS", help="Frames per second of sequences, for clips that don't say any."
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
def link(session: api.Session, options: SharedOptions, form: str, timeline: str, output: str, rate: float | None, force: bool) -> int:
    """Link the clips of a timeline to the files on disk.

    A clip names a place and values in its metadata, under the key ways, or has a reference such as ways:///job/shot?SHOT=sh010. Without a
    version, it gets the latest. A clip that can't be linked gets a MissingReference with the reason, and the others go on. The linked
    timeline is written to OUT.otio. Exit 1: a clip can't be linked, or no clip names a place. Exit 2: IN.otio can't be read, or OUT.otio
    can't be written.

    Documentation: docs/howto/editorial.rst

    \b
    Examples:
      ways --sheets plugin_sheets/foreign/otio otio link plugin_sheets/foreign/otio/reel.otio "$(mktemp -d)"/linked.otio  # exit 1
      ways --sheets plugin_sheets/foreign/otio otio link plugin_sheets/foreign/otio/reel.otio "$(mktemp -d)"/linked.otio --format json  # exit 1
    """  # noqa: E501 - paths are long
    if not force and os.path.lexists(output):
        raise UsageProblem(f"{output} exists already. Overwrite it with --force, or name another file.")
    # Adapters are the code of others, and may print.
    with answers_apart():
        done = _linked(session, options, timeline, output, rate)
    if form == "json":
        sys.stdout.writelines(f"{as_json(_record(linked))}\n" for linked in done)
    else:
        _draw(done)
    if all(linked.status == "left" for linked in done):
        complain(f"ways: {timeline}: no clip names a place. Give clips metadata, such as {EXAMPLE}.")
        return 1
    return 0 if all(linked.status != "missing" for linked in done) else 1


def _linked(session: api.Session, options: SharedOptions, path: str, output: str, rate: float | None) -> list[Linked]:
    """Link the clips of a file, write it to another one, and return what became of each clip."""
    from ways.systems.otio.linking import clips_of, linked_clips
    from ways.systems.otio.timelines import TimelineError, read_timeline, write_timeline

    try:
        timeline = read_timeline(path, session.limits)
        clips = clips_of(timeline)
        steps = linked_clips(clips, session, assignment=options.assignment, rate=rate or 0)
        done = sorted(with_steps(steps, len(clips)), key=lambda linked: linked.number)
        for linked in done:
            if linked.reference is not None:
                linked.clip.media_reference = linked.reference
        write_timeline(timeline, output)
    except TimelineError as error:
        raise UsageProblem(str(error)) from error
    except TypeError as error:
        raise UsageProblem(f"{path}: {error}") from error
    return done


def _record(linked: Linked) -> dict[str, Any]:
    asked, media = linked.asked, linked.media
    return {
        "clip": linked.clip.name,
        "number": linked.number,
        "status": linked.status,
        "place": asked.place or None if asked else None,
        "values": dict(asked.values) if asked else {},
        "found": dict(media.found) if media else {},
        "path": linked.path or None,
        "frames": linked.frames or None,
        "note": linked.note or None,
        "reason": linked.reason or None,
    }


def _draw(done: Sequence[Linked]) -> None:
    """Draw a row for each clip, and below it how many are what."""
    file = Column("file, or why there is none", is_folded=True)
    table = Table(Column("clip", is_right=True), Column("name"), Column("status"), Column("place"), file)
    for linked in done:
        place = linked.asked.place if linked.asked else ""
        told = linked.path + (f" ({linked.note})" if linked.note else "") if linked.path else linked.reason
        table.add(str(linked.number), linked.clip.name, linked.status, place, told)
    draw(table)
    statuses = [linked.status for linked in done]
    counts = ", ".join(f"{statuses.count(status)} {status}" for status in ("linked", "missing", "left") if status in statuses)
    write_for_people(f"{counted(len(done), 'clip')}{': ' if counts else ''}{counts}")


@helped
def _group() -> None:
    """Link OpenTimelineIO's timelines to files.

    This needs the package opentimelineio, which comes with the extra otio.

    Documentation: docs/howto/editorial.rst

    \b
    Examples:
      ways otio link --help
      ways --sheets plugin_sheets/foreign/otio otio link plugin_sheets/foreign/otio/reel.otio "$(mktemp -d)"/linked.otio  # exit 1
    """


otio = Group("otio", {link.name or "": link}, no_args_is_help=False, help=_group.help, epilog=_group.epilog)
