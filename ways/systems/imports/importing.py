"""Imports: from the name of a system and a path to a sheet and its report."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from ways.systems.imports.records import Code
from ways.systems.imports.report import Report, report_of
from ways.systems.imports.trying import refused
from ways.systems.imports.writing import WRITER_CODES, Sheet, sheet_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.systems.imports.verifying import Verified

#: Name of a system on the command line -> the module that reads it.
SYSTEMS: Mapping[str, str] = {
    "toolkit": "ways.systems.imports.toolkit",
    "ayon": "ways.systems.imports.ayon",
    "prism": "ways.systems.imports.prism",
    "zou": "ways.systems.imports.zou",
    "filetree": "ways.systems.imports.filetree",
    "lucidity": "ways.systems.imports.lucidity",
}


class Import(NamedTuple):
    """What an import gives."""

    sheet: Sheet
    report: Report


def module_of(system: str) -> Any:
    """Return the module of a system, imported."""
    return import_module(SYSTEMS[system])


def codes_of(system: str) -> Mapping[str, Code]:
    """Return the kinds of remarks that an import from a system may make."""
    return {**module_of(system).CODES, **WRITER_CODES}


def verify(system: str, path: str, sheet: Sheet, count: int, seed: int = 0) -> Generator[Verified, None, None]:
    """Yield, for each template, how a sheet and the system that it comes from compare for *count* sets of values.

    :param seed: decides which values are drawn.
    :raises NoOracleError: what is needed for that isn't installed.
    """
    from ways.systems.imports.verifying import steps_of

    yield from steps_of(sheet, module_of(system).oracle(path), count, seed)


def import_from(system: str, path: str) -> Import:
    """Return the sheet of a source, and the report.

    :param system: one of :data:`SYSTEMS`.
    :raises UnreadableError: nothing can be imported from *path*.
    """
    imported = module_of(system).read(path)
    sheet = sheet_of(imported)
    sheet = sheet._replace(remarks=(*sheet.remarks, *refused(imported, sheet)))
    return Import(sheet, report_of(imported, sheet))
