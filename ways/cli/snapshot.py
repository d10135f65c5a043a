"""``ways snapshot``: one file that answers as the sheets do now."""

from __future__ import annotations

import click

from ways import api
from ways.cli.command import command
from ways.cli.draw.console import as_json
from ways.cli.options import SharedOptions, UsageProblem
from ways.cli.streams import complain, write, write_for_people
from ways.errors import counted, led_by


@command("text", "json")
@click.argument("out", type=click.Path(), metavar="OUT")
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
@click.option("--leave-out", is_flag=True, help="Leave out what a file can't hold, such as functions in a plugin file, and list it.")
def snapshot(session: api.Session, options: SharedOptions, form: str, out: str, force: bool, leave_out: bool) -> int:
    """Write what your sheets say to one file, for farm jobs.

    Each command answers from the file with --snapshot OUT, or with WAYS_SNAPSHOT=OUT in the environment: it reads no sheet, and no
    later change of one matters. The file belongs to this version of Ways. Exit 1: something can't be put into a file.

    Documentation: docs/howto/render-farm.rst

    \b
    Examples:
      ways --sheets plugin_sheets/film snapshot "$(mktemp -d)"/shot.snapshot
      ways --sheets plugin_sheets/film snapshot "$(mktemp -d)"/shot.snapshot --format json
    """
    # What the object said that a plugin was read from is in the file: no answer is lost without the object.
    taken = session.snapshot(leave_out=leave_out or ("object",))
    try:
        size = taken.save(out, force=force)
    except FileExistsError as error:
        raise UsageProblem(f"{out} exists already, and stays as it is. Name another, or replace a file by --force.") from error
    except OSError as error:
        raise UsageProblem(f"{out}: {error.strerror}") from error
    for item in taken.left_out:
        complain(led_by("left out: ", str(item)))
    record = {
        "path": out,
        "bytes": size,
        "digest": taken.digest,
        "sheets": len(taken.sheets),
        "plugins": taken.plugin_count,
        "left_out": [item._asdict() for item in taken.left_out],
    }
    if form == "json":
        write(as_json(record))
    else:
        write_for_people(f"{out}: {counted(taken.plugin_count, 'plugin')} of {counted(len(taken.sheets), 'sheet')}, {size / 1e6:.1f} MB")
    return 0
