"""Commands from texts to values and back: resolve, format, find."""

from __future__ import annotations

from typing import Any

import click

from ways import api
from ways.cli import commands
from ways.cli.complete import click_types as completion
from ways.cli.draw import render
from ways.cli.command import command
from ways.cli.commands import Options, UsageProblem
from ways.cli.streams import complain, given_texts, shown, with_progress, write, write_exactly


@command("text", "json", "env")
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@click.option(
    "--context",
    metavar="HIERARCHY",
    default="",
    help="The place that the texts belong to.",
    shell_complete=completion.hierarchies,
)
@click.option("--strict/--lenient", default=True, help="Whether a text must fit in all ways (the default), or somehow.")
@click.option("-0", "--null", is_flag=True, help="Texts on standard input end with NUL rather than with a line break.")
@click.option(
    "--to",
    metavar="PLATFORM",
    default="",
    help="Write what each text is on another platform.",
    shell_complete=completion.platforms,
)
@click.option("--env-prefix", default="", metavar="PREFIX", help="Before each variable of --format env.")
def resolve(
    session: api.Session,
    options: Options,
    form: str,
    texts: tuple[str, ...],
    context: str,
    strict: bool,
    null: bool,
    to: str,
    env_prefix: str,
) -> int:
    """Tell the place and the token values of texts; - reads them from standard input, one a line.

    \b
    Example:
      ways --sheets plugin_sheets/film resolve /mnt/projects/dune
      find /mnt/projects | ways resolve --format json -
      eval "$(ways resolve --format env "$PWD")"
    """
    if form == "env" and (len(texts) != 1 or texts[0] == "-"):
        raise UsageProblem("--format env takes one text.")
    good = True
    for record in commands.resolve(session, with_progress(given_texts(texts, null)), options, context, lenient=not strict):
        if to and record["status"] == "resolved":
            record = commands.translated(session, record, to, options)
        good = good and record["status"] == "resolved"
        _write_resolution(record, form, env_prefix)
    return 0 if good else 1


def _write_resolution(record: dict[str, Any], form: str, prefix: str) -> None:
    if form == "json":
        write(render.as_json(record))
    elif "to" in record and record["status"] == "resolved":
        write_exactly(record["to"])
    elif form == "text" and record["status"] == "resolved":
        write_exactly(render.resolution(record))
    elif record["status"] != "resolved":
        complain(render.resolution(record))
    else:
        lines, skipped = commands.shell_lines(record["values"], prefix)
        for name in skipped:
            complain(f"ways: {name} is no name for a shell variable: skipped")
        write("\n".join(lines))


@command("text", "json")
@click.argument("hierarchy", shell_complete=completion.hierarchies)
@click.argument("values", nargs=-1, metavar="TOKEN=VALUE...", shell_complete=completion.pairs)
@click.option(
    "--latest",
    metavar="TOKEN",
    help="Of those that differ in this token alone, only the greatest.",
    shell_complete=completion.tokens,
)
@click.option("--sequences", is_flag=True, help="Write the frames of one thing as one, with their range.")
def find(
    session: api.Session,
    options: Options,
    form: str,
    hierarchy: str,
    values: tuple[str, ...],
    latest: str | None,
    sequences: bool,
) -> int:
    """List the files and folders on disk that belong to a place and have these values, sorted.

    \b
    Example:
      ways --sheets plugin_sheets/film find job/sequence/shot/plate JOB=dune --latest VERSION
    """
    given = commands.values_of(values)
    for record in commands.find(session, hierarchy, given, latest, sequences, options, _tell_path):
        if form == "json":
            write(render.as_json(record))
        else:
            write_exactly(record["text"])
    return 0


def _tell_path(path: str, reason: str) -> None:
    click.echo(shown(f"ways: {path}: {reason}").encode("utf-8", "surrogateescape"), err=True)


@command("text", "json")
@click.argument("hierarchy", shell_complete=completion.hierarchies)
@click.argument("values", nargs=-1, metavar="TOKEN=VALUE...", shell_complete=completion.pairs)
def format_(session: api.Session, options: Options, form: str, hierarchy: str, values: tuple[str, ...]) -> int:
    """Write the text of a place that has these token values; it would be read as the same values again.

    \b
    Example:
      ways --sheets plugin_sheets/film format job JOB=dune
    """
    text = session.format(hierarchy, commands.values_of(values), options.assignment)
    if form == "json":
        write(render.as_json({"text": text, "hierarchy": hierarchy}))
    else:
        write_exactly(text)
    return 0
