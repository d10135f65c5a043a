"""What a script takes from ``pxr.Tf`` for the sake of plugins: the types, notices and errors of the process."""

from __future__ import annotations

import builtins
import os
import sys
from typing import Any, ClassVar, TextIO
from weakref import ref

from ways.systems.usd import notice, types
from ways.systems.usd.errors import DiagnosticType, Error, PlugError
from ways.systems.usd.notice import Function, Listeners
from ways.systems.usd.types import TypeGraph, TypeLike

__all__ = [
    "Debug", "DiagnosticType", "Error", "ErrorException", "Notice", "TF_DIAGNOSTIC_CODING_ERROR_TYPE",
    "TF_DIAGNOSTIC_RUNTIME_ERROR_TYPE", "Type",
]

ErrorException = PlugError
TF_DIAGNOSTIC_CODING_ERROR_TYPE = DiagnosticType.TF_DIAGNOSTIC_CODING_ERROR_TYPE
TF_DIAGNOSTIC_RUNTIME_ERROR_TYPE = DiagnosticType.TF_DIAGNOSTIC_RUNTIME_ERROR_TYPE


class Type(types.Type):
    """A type of the process: ``Type(given)`` converts a name or a class, and ``Type()`` is the unknown type.

    :raises TypeError: there is no such type.
    """

    __slots__ = ()
    #: The type that stands for every one that does not exist; it is false.
    Unknown: ClassVar[types.Type]

    def __new__(cls, *given: Any) -> Any:
        return TYPES.converted(*given) if given else TYPES.unknown

    def __init__(self, *given: Any) -> None:
        """It is made already."""

    @classmethod
    def _made(cls, name: str, graph: TypeGraph) -> types.Type:
        made = object.__new__(cls)
        types.Type.__init__(made, name, graph)
        return made

    @staticmethod
    def FindByName(name: str, /) -> types.Type:
        """Return the type of that name; else the unknown type. Nothing is searched for it."""
        return TYPES.find(name)

    @staticmethod
    def Find(cls: builtins.type, /) -> types.Type:
        """Return the type of a Python class; else the unknown type.

        :raises TypeError: it is a name.
        """
        if isinstance(cls, str):
            raise TypeError(f"expected a class, found the text {cls!r}: FindByName takes that")
        return TYPES.find_class(cls)

    @staticmethod
    def GetRoot() -> types.Type:
        """Return the type that all others derive from."""
        return TYPES.root

    @staticmethod
    def Define(cls: builtins.type, /) -> types.Type:
        """Return the type of a Python class, ``module.name`` with its bases, which is known from now on.

        :raises ErrorException: it was defined before, or the type was declared with other bases.
        """
        return TYPES.define(cls)

    def __repr__(self) -> str:
        return f"Tf.Type.FindByName({self.typeName!r})" if self else "Tf.Type.Unknown"


class Notice:
    """What is sent. A class of notices derives from it and is defined as a type."""

    Listener = notice.Listener

    @staticmethod
    def Register(noticeType: TypeLike, callback: Function, sender: object, /) -> notice.Listener:
        """Call *callback* with each notice of that class that *sender* sends, and the sender, while the key is held.

        As in OpenUSD, only the key and other code hold the function, unless that is a lambda.

        :raises TypeError: it is no class of notices, or nothing can refer weakly to *sender*.
        """
        return NOTICES.add(_notice_class(noticeType), callback, sender)

    @staticmethod
    def RegisterGlobally(noticeType: TypeLike, callback: Function, /) -> notice.Listener:
        """Call *callback* with each notice of that class, whoever sends it. See :meth:`Register`."""
        return NOTICES.add(_notice_class(noticeType), callback)

    def Send(self, sender: object, /) -> int:
        """Send this notice; return how many listeners heard it.

        :raises TypeError: nothing can refer weakly to *sender*.
        :raises Exception: what the first of the listeners that failed raised.
        """
        if sender is not None:
            ref(sender)
        return NOTICES.send(self, sender)

    def SendGlobally(self) -> int:
        """Send this notice without a sender. See :meth:`Send`."""
        return self.Send(None)


class Debug:
    """Messages of the registry of the process. TF_DEBUG switches some on from the start: names or patterns, with ``-`` for off."""

    _symbols: ClassVar = {
        "PLUG_INFO_SEARCH": "Where plugInfo files are looked for",
        "PLUG_LOAD": "Plugins that are loaded",
        "PLUG_REGISTRATION": "Plugins that are registered",
    }
    _enabled: ClassVar[set[str]] = set()
    _file: ClassVar[TextIO | None] = None

    @classmethod
    def GetDebugSymbolNames(cls) -> list[str]:
        """Return the names of all kinds of messages."""
        return sorted(cls._symbols)

    @classmethod
    def GetDebugSymbolDescription(cls, name: str, /) -> str:
        """Return what messages of a kind tell; ``''`` if there is no such kind."""
        return cls._symbols.get(name, "")

    @classmethod
    def IsDebugSymbolNameEnabled(cls, name: str, /) -> bool:
        """Whether messages of that kind are written."""
        return name in cls._enabled

    @classmethod
    def SetDebugSymbolsByName(cls, pattern: str, value: bool, /) -> list[str]:
        """Switch messages on or off, of one kind, or of all whose names begin as *pattern* does before its ``*``; return the names."""
        begin, star, _ = pattern.partition("*")
        names = [name for name in cls.GetDebugSymbolNames() if name == begin or (star and name.startswith(begin))]
        cls._enabled = cls._enabled.union(names) if value else cls._enabled.difference(names)
        return names

    @classmethod
    def SetOutputFile(cls, file: TextIO, /) -> None:
        """Write to that file instead of the standard output."""
        cls._file = file

    @classmethod
    def write(cls, name: str, message: str) -> None:
        """Write a message of that kind, if it is switched on."""
        if name in cls._enabled:
            (cls._file or sys.stdout).write(f"{message}\n")


def _notice_class(given: TypeLike) -> builtins.type:
    cls = TYPES.converted(given).pythonClass
    if cls is None or not issubclass(cls, Notice):
        raise TypeError(f"expected a class of notices, found {given!r}")
    return cls


#: The types and the listeners of the process. A registry that a session made has its own.
TYPES = TypeGraph(allows_circles=True, make=Type._made)
NOTICES = Listeners()
Type.Unknown = TYPES.unknown


def declare(name: str, bases: list[str], cls: builtins.type) -> None:
    """Declare a type of the process that OpenUSD declares in C++, and its class here."""
    TYPES.declare(name, bases)
    TYPES.connect(TYPES.find(name), cls)


declare("TfNotice", [], Notice)
for _word in os.environ.get("TF_DEBUG", "").split():
    Debug.SetDebugSymbolsByName(_word.removeprefix("-"), not _word.startswith("-"))
