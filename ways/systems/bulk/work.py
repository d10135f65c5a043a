"""The work on one part: any process that has the resolver and sees the files can do it, and doing it again changes nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, NamedTuple

from ways.api import Resolver
from ways.systems.bulk.layout import TEXT, Layout, Part, Version
from ways.systems.shared import put_whole

Form = Literal["csv", "parquet"]
#: The module of each form, and its class of the rows of a part.
_FORMS = {"csv": ("csv_file", "CsvPart"), "parquet": ("parquet_file", "ParquetPart")}
#: So many resolvers are kept in a process: those of runs that go on at the same time.
MOST_RESOLVERS = 64
#: The resolvers of this process, by name.
_resolvers: dict[str, Resolver] = {}


def module_of(form: Form) -> Any:
    """Return the module that reads and writes a form.

    :raises MissingExtraError: a package that it needs isn't installed.
    """
    return import_module(f"ways.systems.bulk.{_FORMS[form][0]}")


class SentResolver(NamedTuple):
    """Brings a resolver to each process once: a large studio's is too large to go with each part."""

    resolver: Resolver

    @property
    def name(self) -> str:
        """The name by which parts ask for it."""
        return f"resolver-{self.resolver.digest}-{self.resolver.place}-{self.resolver.strict}"

    def install(self) -> None:
        """Let parts that are done in this process find it."""
        while len(_resolvers) >= MOST_RESOLVERS and self.name not in _resolvers:
            del _resolvers[next(iter(_resolvers))]
        _resolvers[self.name] = self.resolver


class PartDone(NamedTuple):
    """What is known of a part file."""

    rows: int
    resolved: int
    unresolved: int
    ambiguous: int
    #: Bytes of the file.
    size: int
    #: The SHA-256 of the file.
    sha256: str


@dataclass(frozen=True)
class PartWork:
    """Reads the rows of a part, resolves them, and writes them to a file, whole or not at all."""

    #: The name of the :class:`SentResolver`.
    resolver: str
    form: Form
    source: Version
    layout: Layout
    part: Part
    #: A folder in which the file is made; it vanishes when the run ends, so that a straggler's file goes nowhere.
    stage: str
    #: The path of the file when it is whole.
    target: str

    def __call__(self) -> PartDone:
        """Do it.

        :raises BulkError: the file changed since its parts are known.
        :raises OSError: it can't be read, or the part can't be written.
        """
        self.source.need_same()
        module, name = _FORMS[self.form]
        rows = getattr(module_of(self.form), name)(self.source.path, self.layout, self.part)
        self.source.need_same()
        table = _resolvers[self.resolver](rows.texts)
        del table[TEXT]
        data = rows.with_columns(table)
        put_whole(data, self.target, self.stage)
        states = Counter(table["status"])
        counts = (states["resolved"], states["unresolved"], states["ambiguous"])
        return PartDone(self.part.rows, *counts, len(data), hashlib.sha256(data).hexdigest())
