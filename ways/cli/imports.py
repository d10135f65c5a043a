"""``ways import``: a sheet out of the configuration of another system."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import click

from ways import api
from ways.cli.command import Choice, formats, helped
from ways.cli.draw import sarif
from ways.cli.draw.console import as_json, with_level, write_spans
from ways.cli.streams import complain, save, with_steps, write, write_for_people
from ways.errors import counted, led_by
from ways.systems.imports import SYSTEMS

if TYPE_CHECKING:
    from ways.systems.imports import Difference, Import, Remark, Verified

_FORMS = ("text", "json", "sarif")
#: Differences of one template, and names of a kind, that are shown as text.
_MOST_SHOWN = 3


@helped
@click.argument("system", type=Choice(tuple(SYSTEMS)), metavar="SYSTEM")
@click.argument("path", type=click.Path(), metavar="PATH")
@click.option("-o", "--output", type=click.Path(), metavar="SHEET", help="Write the sheet to this file. Default: to standard output.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option("--verify", "draws", type=click.IntRange(1, 1000), metavar="N", help="Compare N drawn sets of values for each template.")
@formats(*_FORMS)
@click.pass_context
def import_(
    ctx: click.Context, /, system: str, path: str, output: str | None, force: bool, draws: int | None, form: str | None
) -> None:
    """Write the configuration of another system as a sheet.

    SYSTEM is toolkit (Flow Production Tracking, formerly ShotGrid), ayon (or OpenPype), prism, zou (Kitsu), filetree (FSL) or lucidity.
    PATH is the folder or file of its configuration, of which nothing is run. A report says what a sheet can't say, with file and line;
    it goes to standard error, or to standard output with -o. With --format json or sarif, standard output has the report alone. With
    --verify, both the sheet and a small model of the system write and read the same values, and each difference is shown. Exit 1:
    something is lost, or differs. Exit 2: PATH can't be read.

    Documentation: docs/howto/come-from-toolkit.rst

    \b
    Examples:
      ways import toolkit plugin_sheets/imports/toolkit -o "$(mktemp -d)"/show.yml  # exit 1
      ways import toolkit plugin_sheets/imports/toolkit/core/templates.yml --verify 20 --format sarif  # exit 1
    """
    from ways.systems.imports import UnreadableError, import_from

    form = form or (ctx.obj or {}).get("form") or "text"
    if form not in _FORMS:
        raise click.UsageError(f"--format {form}: this command writes {', '.join(_FORMS)}.")
    if output and not force and os.path.lexists(output):
        raise click.UsageError(f"{output} exists already. Overwrite it with --force, or name another file.")
    try:
        done = import_from(system, path)
    except UnreadableError as error:
        complain(led_by("ways: ", str(error)))
        sys.exit(2)
    if output:
        if any(_is_same(output, file) for file in (path, *done.report.files)):
            raise click.UsageError(f"{output} is a part of what is imported. Name another file.")
        try:
            save(output, done.sheet.text)
        except OSError as error:
            complain(f"ways: {output}: {error.strerror}")
            sys.exit(2)
    verified = None if draws is None else _verified(system, path, done, draws)
    _write(system, done, verified, form, is_saved=bool(output))
    sys.exit(0 if done.report.is_all_said and not (verified and verified.differences) else 1)


def _is_same(one: str, other: str) -> bool:
    return os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)


def _verified(system: str, path: str, done: Import, draws: int) -> Verified:
    from ways.systems.imports import NoOracleError, total, verify

    # The warnings of places that allow what is ambiguous would be as many as the draws.
    logger = logging.getLogger("ways")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        # Ctrl-C ends the process at once: the folder of the comparison has to be gone by then.
        with closing(verify(system, path, done.sheet, draws)) as steps:
            return total(list(with_steps(steps, len(done.sheet.places))))
    except NoOracleError as error:
        complain(led_by("ways: ", str(error)))
        sys.exit(2)
    finally:
        logger.setLevel(level)


def _write(system: str, done: Import, verified: Verified | None, form: str, *, is_saved: bool) -> None:
    """Write the sheet if it isn't saved, and the report."""
    from ways.systems.imports import codes_of

    if form == "json":
        record = {**done.report.as_dict(), "sheet": None if is_saved else done.sheet.text}
        write(as_json({**record, "verified": verified.as_dict() if verified else None}))
    elif form == "sarif":
        findings = [_finding(remark) for remark in done.report.remarks]
        findings += [_different(done, difference) for difference in verified.differences] if verified else []
        write(as_json(sarif.log(findings, codes_of(system))))
    else:
        if not is_saved:
            write(done.sheet.text.removesuffix("\n"))
        file = sys.stdout if is_saved else sys.stderr
        tell = write_for_people if is_saved else complain
        for remark in done.report.remarks:
            write_spans(with_level(str(remark), remark.level), tell, file)
        for line in _differences(verified) if verified else ():
            tell(line)
        tell(_counts(done))
        if verified:
            tell(_compared(verified, done))


def _different(done: Import, difference: Difference) -> api.Finding:
    given = ", ".join(f"{token}={value}" for token, value in difference.values.items())
    message = f"{difference.template}: {difference.step} differs for {given}: there {difference.theirs}, here {difference.ours}"
    return api.Finding("difference", "error", done.report.sources[difference.template], message)


def _differences(verified: Verified) -> Iterator[str]:
    """Yield what to say of the differences: the first of each template, and how many more there are."""
    of_template: dict[str, list[Difference]] = {}
    for difference in verified.differences:
        of_template.setdefault(difference.template, []).append(difference)
    for name, found in of_template.items():
        yield from map(str, found[:_MOST_SHOWN])
        if more := len(found) - _MOST_SHOWN:
            if more > 0:
                yield f"{name}: {counted(more, 'more difference')}; --format json has each"


def _compared(verified: Verified, done: Import) -> str:
    told = f"{counted(verified.ambiguous, 'text')} can be read in several ways there"
    told += f"; {counted(verified.unread, 'text')} can't be read there" if verified.unread else ""
    if left := sorted(done.report.templates - set(verified.templates)):
        names = ", ".join(left[:_MOST_SHOWN]) + (", ..." if len(left) > _MOST_SHOWN else "")
        told += f"; {counted(len(left), 'template')} can't be compared: {names}"
    found = counted(len(verified.differences), "difference")
    return f"{counted(verified.compared, 'set')} of values compared: {found}; {told}"


def _finding(remark: Remark) -> api.Finding:
    related = tuple(api.Related(source, what) for source, what in remark.related)
    return api.Finding(remark.code, remark.level, remark.source, remark.message, remark.help, related)


def _counts(done: Import) -> str:
    """Return in words how much is in the sheet, and how much isn't."""
    report = done.report
    parts = []
    for kind, (written, left) in report.counts.items():
        parts.append(f"{counted(written, kind)} written" + (f" and {left} left out" if left else ""))
    errors = sum(remark.level == "error" for remark in report.remarks)
    return f"{', '.join(parts)}: {counted(errors, 'error')}, {counted(len(report.remarks) - errors, 'note')}"
