"""Tries a sheet that was written: a place that it doesn't give is told, and not lost in silence."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ways.api import Problem, Session, WaysError
from ways.sheets.document import Source
from ways.systems.imports.records import Imported, Remark, Template
from ways.systems.imports.writing import Sheet


#: Milliseconds for one text of a sheet: what is found may not depend on how busy the machine is.
PATIENCE = 5_000


@contextmanager
def opened(sheet: Sheet, platform: str) -> Iterator[Session]:
    """Give a session that has read a sheet, and lets no other in."""
    with tempfile.TemporaryDirectory(prefix="ways-import-") as folder:
        path = os.path.join(folder, "sheet.yml")
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(sheet.text)
        overrides = {"WAYS_PLATFORM": platform}
        session = Session(overrides=overrides, limits=Session(overrides=overrides).limits._replace(time=PATIENCE, question=PATIENCE))
        session.add_search_path(path)
        yield session


def refused(imported: Imported, sheet: Sheet) -> list[Remark]:
    """Return a remark for each template that Ways makes no mapping of, and for each token whose details it refuses."""
    remarks = []
    platforms = {path.platform: None for root in imported.roots for path in root.paths if path.platform}
    lines = sheet.text.split("\n")
    missing = {template.name: template for template in imported.templates}
    reasons: dict[str, str] = {}
    tokens: dict[str, str] = {}
    # A template is only on the platforms of its root.
    for platform in platforms or ("linux",):
        with opened(sheet, platform) as session:
            tokens |= _tokens_refused(session.problems)
            for name, template in [*missing.items()]:
                reasons[name] = _fault(session, sheet.places[name], template, lines)
                if not reasons[name]:
                    del missing[name]
    for token, reason in tokens.items():
        sources = (template.keys[token].source for template in imported.templates if token in template.keys)
        source = next(sources, Source(imported.files[0], line=1, column=1))
        remarks.append(Remark("refused", f"Ways refuses {token!r}: {reason}", source))
    for name, template in missing.items():
        remarks.append(Remark("refused", f"Ways refuses {name!r}: {reasons[name]}", template.source))
    return remarks


def _fault(session: Session, place: str, template: Template, lines: Sequence[str]) -> str:
    """Return why a place has no mapping; ``""`` if it has one."""
    try:
        mapping = session.need_context(place).get_mapping()
    except WaysError as error:
        return _problem(session.problems, template, lines) or str(error)
    return "" if mapping else _problem(session.problems, template, lines) or "it has no mapping"


def _tokens_refused(problems: Sequence[Problem]) -> dict[str, str]:
    """Return tokens, and why their details, and all others of their plugin, are lost."""
    pointers = [(problem.source.pointer, problem) for problem in problems if problem.level == "error"]
    return {str(where[3]): problem.message for where, problem in pointers if len(where) > 3 and where[2] == "mapping_details"}


def _problem(problems: Sequence[Problem], template: Template, lines: Sequence[str]) -> str:
    """Return what is wrong with the plugin of a template, which stands below the comment with its origin."""
    origin = f":{template.source.line} "
    for problem in problems:
        above = next((line for line in reversed(lines[: problem.source.line]) if line.startswith("  # ")), "")
        if origin in above:
            return problem.message
    return ""
