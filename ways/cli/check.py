"""``ways check``: what is wrong with sheets."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from ways import api
from ways.cli.command import Choice, formats, shared
from ways.cli.draw import sarif
from ways.cli.draw.console import as_json, with_level, write_spans
from ways.cli.streams import counted, write, write_for_people

_FORMS = ("text", "json", "sarif")


class FindingCode(Choice):
    """The code of a finding. Others than those that are known are let through: other systems' files have codes of their own."""

    def convert(self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None) -> str:
        return str(value)


@click.command(
    epilog="\b\nExample:\n  ways check plugin_sheets/film",
)
@click.argument("paths", nargs=-1, type=click.Path(exists=True), metavar="[PATH]...")
@shared
@formats(*_FORMS)
@click.option("--level", type=Choice(("error", "warning", "note")), help="Tell findings of this level and above; all, if absent.")
@click.option(
    "--ignore",
    multiple=True,
    metavar="CODE",
    type=FindingCode(tuple(api.FINDING_CODES)),
    help="Leave out findings of this code. Can be given several times.",
)
@click.option(
    "--as-syntax",
    type=Choice(("2",)),
    help="Tell what would change or be refused if each sheet were of that syntax; nothing is written.",
)
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[str, ...], **given: Any) -> None:
    """Tell what is wrong with sheets, and what will be; nothing in them runs.

    PATH is a sheet or a folder of sheets; all that are named belong together. Without any, those that --sheets or
    WAYS_DESCRIPTORS name. Exit 1: one of the findings that are told is an error. The check block of an info file says for
    its folder what --level and --ignore say here.
    """
    options = {**(ctx.obj or {}), **{name: value for name, value in given.items() if value}}
    form = options.get("form") or "text"
    if form not in _FORMS:
        raise click.UsageError(f"--format {form}: this command writes {', '.join(_FORMS)}.")
    named = {api.PLATFORM_ENV_VAR: options.get("platform"), api.PRIORITY_ENV_VAR: options.get("priority")}
    overrides = {name: value for name, value in named.items() if value}
    formats = api.FormatTable.installed() if options.get("installed_formats") else None
    sessions, findings = _sessions(paths or tuple(options.get("sheets") or ()), overrides, formats)
    _check_usage(sessions, overrides)
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
        levels = [counted(counts[level], level) for level in ("error", "warning", "note") if counts[level]]
        write(f"{', '.join(levels) or 'no findings'} in {counted(sum(len(session.unopened_sheets()) for session in sessions), 'sheet')}")
    sys.exit(1 if any(finding.level == "error" for finding in findings) else 0)


def _sessions(
    paths: Sequence[str], overrides: dict[str, str], formats: api.FormatTable | None
) -> tuple[list[api.Session], list[api.Finding]]:
    if not paths:
        session, findings = api.environment_session(overrides, formats)
        return [session], findings
    missing = next((path for path in paths if not os.path.exists(path)), None)
    if missing is not None:
        raise click.UsageError(f"{missing}: there is no such file or folder.")
    return api.checked_sessions(paths, overrides, formats), []


def _check_usage(sessions: Sequence[api.Session], overrides: dict[str, str]) -> None:
    """Raise a usage error if there is nothing to check: no sheet, or no such platform."""
    problems = [problem for session in sessions for problem in session.problems]
    if not any(session.unopened_sheets() for session in sessions) and not any(problem.level == "error" for problem in problems):
        details = "".join(f"\n  {problem}" for problem in problems)
        raise click.UsageError(f"No sheet was found: name a sheet or a folder of sheets.{details}")
    settings = sessions[0].settings
    if api.PLATFORM_ENV_VAR in overrides and not settings.knows_platform:
        raise click.UsageError(f"--platform {settings.platform}: the platforms are {', '.join(sorted(settings.platforms))}.")
