"""Configurations of other systems: any bytes are refused, or become a sheet that gives each place, or a line of the report."""

from __future__ import annotations

from ways.session import Session
from ways.systems.imports import UnreadableError, import_from

from .place import written
from .runner import Target


def _imported(system: str, path: str) -> None:
    try:
        done = import_from(system, path)
    except UnreadableError as error:
        assert error.problems and str(error)
        return
    sheet = written("imported.yml", done.sheet.text.encode())
    session = Session()
    session.add_search_path(sheet)
    assert all(problem.code != "syntax" for problem in session.problems), session.problems
    refused = {remark.source.line for remark in done.report.remarks if remark.code == "refused"}
    assert len(refused) or all(session.get_context(place) for place in done.sheet.places.values())
    assert import_from(system, path).sheet.text == done.sheet.text


def toolkit(data: bytes) -> None:
    """A configuration is refused, or each template is a place or a line of the report."""
    written("roots.yml", b"primary: {linux_path: /p, mac_path: /p, windows_path: /p}\n")
    _imported("toolkit", written("templates.yml", data))


def lucidity(data: bytes) -> None:
    """A file is refused, or each template is a place or a line of the report; nothing in it is run."""
    _imported("lucidity", written("templates.py", data))


TARGETS = {
    "import-toolkit": Target("a configuration of Toolkit is refused, or becomes places and lines of a report", toolkit),
    "import-lucidity": Target("a file of lucidity is read as text, and becomes places and lines of a report", lucidity),
}
