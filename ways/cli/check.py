"""``ways check``: what is wrong with sheets."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

import click

from ways import api
from ways.cli.command import Choice, formats, helped, shared
from ways.cli.draw import sarif
from ways.cli.draw.console import as_json, with_level, write_spans
from ways.cli.options import looked_for
from ways.cli.streams import write, write_for_people
from ways.errors import counted, led_by, lines

_FORMS = ("text", "json", "sarif")
#: The levels of findings, the worst first.
_LEVELS: tuple[Literal["error", "warning", "note"], ...] = ("error", "warning", "note")


class FindingCode(Choice):
    """The code of a finding. Others than those that are known are let through: other systems' files have codes of their own."""

    def convert(self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None) -> str:
        return str(value)


@helped
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@shared
@formats(*_FORMS)
@click.option("--level", type=Choice(_LEVELS), help="Show only findings of this level and above. Default: all.")
@click.option("--fail-on", type=Choice(_LEVELS), help="Exit 1 if a finding shown has this level or a worse one. Default: error.")
@click.option(
    "--ignore",
    multiple=True,
    metavar="CODE",
    type=FindingCode(tuple(api.FINDING_CODES)),
    help="Leave out findings with this code. Repeatable.",
)
@click.option(
    "--as-syntax",
    type=Choice(("2",)),
    help="Show what would change or be refused in this syntax. Nothing is written.",
)
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[str, ...], **given: Any) -> None:
    """Find mistakes in sheets without running any code in them.

    PATH is a sheet or a folder of sheets; several are checked together. Without PATH, the sheets of --sheets or WAYS_DESCRIPTORS are
    checked. Exit 1: at least one of the findings shown is an error, or what --fail-on names. The check block of an info file sets --level
    and --ignore for its folder.

    Documentation: docs/howto/check-sheets.rst

    \b
    Examples:
      ways check plugin_sheets/film
      ways check plugin_sheets/film --level warning --format json
    """
    options = {**(ctx.obj or {}), **{name: value for name, value in given.items() if value}}
    form = options.get("form") or "text"
    if form not in _FORMS:
        raise click.UsageError(f"--format {form}: this command writes {', '.join(_FORMS)}.")
    named = {api.PLATFORM_ENV_VAR: options.get("platform"), api.PRIORITY_ENV_VAR: options.get("priority")}
    overrides = {name: value for name, value in named.items() if value}
    formats = api.FormatTable.installed() if options.get("installed_formats") else None
    named_paths = paths or tuple(options.get("sheets") or ())
    if options.get("snapshot") or (os.environ.get(api.SNAPSHOT_ENV_VAR) and not named_paths):
        name = "--snapshot" if options.get("snapshot") else api.SNAPSHOT_ENV_VAR
        raise click.UsageError(f"{name}: a check reads the text of sheets, which no snapshot has. Name the sheets: ways check SHEETS")
    sessions, findings = _sessions(named_paths, overrides, formats, update=bool(options.get("update")))
    _check_usage(sessions, overrides, named_paths)
    level, ignore = options.get("level"), tuple(options.get("ignore") or ())
    try:
        # What is not run is a note.
        findings = [] if level not in (None, "note") or "not-run" in ignore else findings
        findings += api.check_sessions(sessions, level=level, ignore=ignore, as_syntax=int(options.get("as_syntax") or 0))
    except ValueError as error:
        raise click.UsageError(f"--ignore: {error}") from error
    if form == "sarif":
        write(as_json(sarif.log(findings)))
    elif form == "json":
        for finding in findings:
            write(as_json(finding.as_dict()))
    else:
        for finding in findings:
            write_spans(with_level(str(finding), finding.level), write_for_people, sys.stdout)
        counts = Counter(finding.level for finding in findings)
        levels = [counted(counts[level], level) for level in _LEVELS if counts[level]]
        write(f"{', '.join(levels) or 'no findings'} in {counted(sum(len(session.unopened_sheets()) for session in sessions), 'sheet')}")
    # Findings of other systems' files may have another level, which is as a note.
    fatal = _LEVELS[: _LEVELS.index(options.get("fail_on") or "error") + 1]
    sys.exit(1 if any(finding.level in fatal or fatal == _LEVELS for finding in findings) else 0)


def _sessions(
    paths: Sequence[str], overrides: dict[str, str], formats: api.FormatTable | None, *, update: bool
) -> tuple[list[api.Session], list[api.Finding]]:
    if not paths:
        session, findings = api.environment_session(overrides, formats, update=update)
        return [session], findings
    missing = next((path for path in paths if not os.path.exists(path) and not api.is_in_archive(path)), None)
    if missing is not None:
        raise click.UsageError(f"{missing}: there is no such file or folder.")
    return api.checked_sessions(paths, overrides, formats, update=update), []


def _check_usage(sessions: Sequence[api.Session], overrides: dict[str, str], paths: Sequence[str]) -> None:
    """Raise a usage error if there is nothing to check: no sheet, or no such platform."""
    problems = [problem for session in sessions for problem in session.problems]
    if not any(session.unopened_sheets() for session in sessions) and not any(problem.level == "error" for problem in problems):
        details = [led_by("  ", str(problem)) for problem in problems]
        others = [path for folder in paths if os.path.isdir(folder) for path in api.FolderDescriptor(folder).paths()]
        wanted = "" if problems else looked_for(paths, others)
        raise click.UsageError(lines(f"No sheet was found: name a sheet or a folder of sheets.{wanted}", *details))
    settings = sessions[0].settings
    if api.PLATFORM_ENV_VAR in overrides and not settings.knows_platform:
        raise click.UsageError(f"--platform {settings.platform}: the platforms are {', '.join(sorted(settings.platforms))}.")
