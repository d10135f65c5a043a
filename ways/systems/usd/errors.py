"""The errors of the registry: each carries everything that one call found wrong, and the plugins that it registered."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple, Protocol

from ways.errors import WaysError, lines
from ways.sheets.document import Source
from ways.systems.shared import Fault, FaultLevel
from ways.systems.usd.files.info import Entry


class RegisteredPlugin(Protocol):
    """What an error shows of a :class:`~ways.systems.usd.Plugin`. It is a protocol because the module of Plugin imports this one."""

    @property
    def entry(self) -> Entry:
        """The plugin as its file offers it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def isLoaded(self) -> bool:
        """Whether it was loaded here."""

    def Load(self) -> bool:
        """Load it."""


class DiagnosticType(Enum):
    """The kinds of errors of ``Tf``, with its numbers."""

    TF_DIAGNOSTIC_CODING_ERROR_TYPE = 1
    TF_DIAGNOSTIC_RUNTIME_ERROR_TYPE = 3

    def __repr__(self) -> str:
        return f"Tf.{self.name}"

    __str__ = __repr__


#: What is wrong with a file is a runtime error of ``Tf``; all else is a coding error, an empty file too.
_RUNTIME_CODES = frozenset(
    "json-unreadable not-an-object key-not-array include-not-string unknown-key plugin-not-object plugin-key unknown-plugin-key "
    "path-not-absolute bad-pattern too-many-files unreadable encoding".split()
)


class Error(NamedTuple):
    """One error, with the names of ``Tf.Error``."""

    #: What is wrong, and where.
    commentary: str
    diagnosticCode: DiagnosticType
    #: The plugInfo file, and the line in it; ``''`` and 0 if it isn't about one.
    sourceFileName: str = ""
    sourceLineNumber: int = 0
    #: Always empty: OpenUSD names a function in C++ here.
    sourceFunction: str = ""

    @property
    def errorCode(self) -> DiagnosticType:
        """The kind of error."""
        return self.diagnosticCode

    @property
    def errorCodeString(self) -> str:
        """The name of that kind."""
        return self.diagnosticCode.name

    @property
    def diagnosticCodeString(self) -> str:
        """The name of that kind, again."""
        return self.diagnosticCode.name

    def __str__(self) -> str:
        return self.commentary


def error_of(fault: Fault) -> Error:
    """Return a fault as ``Tf`` has it."""
    # To ask IsA for an unknown base is a runtime error there, and to ask anything else for an unknown type is none.
    kind = "RUNTIME" if fault.code in _RUNTIME_CODES or fault.parts.get("question") == "IsA" else "CODING"
    where = (fault.source.path, fault.source.line) if fault.source.line else ()
    return Error(str(fault), DiagnosticType[f"TF_DIAGNOSTIC_{kind}_ERROR_TYPE"], *where)


class PlugError(WaysError, RuntimeError):
    """Everything that one call found wrong. What was right stays registered, or loaded.

    ``errors`` has a :class:`~ways.systems.usd.Fault` each, in order, and ``args`` each of them as ``Tf.Error``; ``new`` has
    the plugins that were registered.
    """

    def __init__(self, errors: Iterable[Fault], new: Iterable[RegisteredPlugin] = ()) -> None:
        self.errors = tuple(errors)
        self.new = tuple(new)
        super().__init__(lines(*map(str, self.errors)))
        self.args = tuple(map(error_of, self.errors))


class NotLoadableError(PlugError):
    """Native code, or something that depends on it: that needs the program which it was built for."""


def fault(code: str, message: str, source: Source | None = None, /, *, level: FaultLevel = "error", **parts: str) -> Fault:
    """Return a fault of the registry.

    :param parts: the values that the message speaks of. See :attr:`Fault.parts`.
    """
    return Fault(code, message, source or Source("usd", "usd"), parts, level)
