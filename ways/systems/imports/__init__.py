"""Imports from other systems: their files become a sheet, and a report says what the sheet can't.

>>> from ways.systems import imports
>>> done = imports.import_from("toolkit", "config/core")      # doctest: +SKIP
>>> print(done.sheet.text, *done.report.remarks, sep="\\n")    # doctest: +SKIP

**How a reader is added.** A system is one module here and one entry in ``SYSTEMS`` of :mod:`ways.systems.imports.importing`.
The module has

- ``read(path) -> Imported``: reads files by :mod:`~ways.systems.imports.source_files` alone, which bounds them, and never runs what
  is in them. It gives neutral records: a :class:`Root` for each place whose path differs by platform, a :class:`Key` for what a token
  may hold, and a :class:`Template` for each mapping, in the token language of ``syntax: 2``. Each has the position where it is written.
- ``CODES``: the kinds of its remarks, each with its level, its meaning and what to do. The writer's own are in ``WRITER_CODES``.
- ``oracle(path) -> Oracle`` for ``--verify``: an independent and small writer and reader of that system. See
  :mod:`ways.systems.imports.verifying`.

Each root, key and template of the source is either in the records, and so in one comment of the sheet, or it is ``left_out`` of one
remark: never neither, never both. What is in the sheet but lost something has a further remark at the position of what is lost. An
``error`` says that something is lost, a ``note`` only tells. A source that can't be read at all raises :class:`UnreadableError`.

All systems have one writer, which decides on places, shared details, merged templates and ``ambiguous: allow``.
"""

from __future__ import annotations

from ways.lightweight import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.systems.imports.importing import SYSTEMS, Import, codes_of, import_from, verify
    from ways.systems.imports.records import Code, Imported, Key, Remark, Root, RootPath, Template, UnreadableError
    from ways.systems.imports.report import Report
    from ways.systems.imports.verifying import Difference, NoOracleError, Verified, total
    from ways.systems.imports.writing import Sheet

__all__ = [
    "Code", "Difference", "Import", "Imported", "Key", "NoOracleError", "Remark", "Report", "Root", "RootPath", "SYSTEMS", "Sheet",
    "Template", "UnreadableError", "Verified", "codes_of", "import_from", "total", "verify",
]  # fmt: skip

__getattr__ = lazy_names(
    __name__,
    {
        "ways.systems.imports.importing": "SYSTEMS Import codes_of import_from verify",
        "ways.systems.imports.records": "Code Imported Key Remark Root RootPath Template UnreadableError",
        "ways.systems.imports.report": "Report",
        "ways.systems.imports.verifying": "Difference NoOracleError Verified total",
        "ways.systems.imports.writing": "Sheet",
    },
)
