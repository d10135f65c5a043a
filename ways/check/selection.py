"""Which findings are told: from a level on, and without the codes that are ignored; as is asked, and as info files say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ways.check.codes import FINDING_CODES
from ways.check.findings import LEVELS, Finding
from ways.check.scope import CheckScope
from ways.errors import did_you_mean
from ways.sheets.document import Problem
from ways.sheets.reader import Info


def selected(
    findings: Sequence[Finding], info_of: Callable[[str], Info], *, level: str | None = None, ignore: Iterable[str] = ()
) -> list[Finding]:
    """Return the findings that are told.

    :param info_of: returns what the nearest info file says of a sheet.
    :param level: the least level; if absent, the one in the info file of the finding's sheet, else ``note``.
    :param ignore: codes that are left out, beside those in info files.
    :raises ValueError: there is no such level.
    """
    if level is not None and level not in LEVELS:
        raise ValueError(f"There is no level {level!r}: the levels are {', '.join(LEVELS)}.{did_you_mean(level, LEVELS)}")
    ignored = frozenset(ignore)
    told = []
    for finding in findings:
        info = info_of(finding.source.path)
        least = level or info.check_level or LEVELS[-1]
        # Problems of other systems' files may have another level, which is as a note.
        rank = LEVELS.index(finding.level) if finding.level in LEVELS else len(LEVELS) - 1
        if rank <= LEVELS.index(least) and finding.code not in ignored and finding.code not in info.ignored_codes:
            told.append(finding)
    return told


def unknown_code(codes: Iterable[str], problems: Iterable[Problem]) -> str:
    """Return what is wrong with the first of *codes* that no finding has; ``""`` if all are known.

    :param problems: those of the load; other systems' files have problems with codes of their own.
    """
    known = {*FINDING_CODES, *(problem.code for problem in problems)}
    return next((f"There is no finding {code!r}.{did_you_mean(code, known)}" for code in codes if code not in known), "")


def check_infos(scope: CheckScope) -> Iterator[Finding]:
    """Yield each code that an info file ignores and no finding has."""
    paths = dict.fromkeys(sheet.source.path for sheet in scope.sheets)
    for info in {info.source: info for info in map(scope.info_of, paths) if info.ignored_codes}.values():
        for index, code in enumerate(info.ignored_codes):
            if message := unknown_code([code], scope.problems):
                source = info.source.at(("check", "ignore", index), info.positions)
                message, _, help = message.partition(". ")
                yield Finding("unknown-finding", "warning", source, f"t{message[1:]}".rstrip("."), help)
