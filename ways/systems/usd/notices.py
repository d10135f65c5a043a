"""Notices: who is told of new plugins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ways.usercode import Failed, call

if TYPE_CHECKING:
    from ways.systems.usd.plugins import Plugin


class Notice:
    """The notices of a registry."""

    class Base:
        """What every notice is."""

    class DidRegisterPlugins(Base):
        """Sent once for each call that registered something new, when that can be asked for already."""

        def __init__(self, new: Iterable[Plugin] = ()) -> None:
            self._new = list(new)

        def GetNewPlugins(self) -> list[Plugin]:
            """Return exactly the plugins that are new."""
            return list(self._new)


#: What OpenUSD calls the classes in C++.
NAMES: dict[str, type[Notice.Base]] = {
    "PlugNotice::Base": Notice.Base,
    "PlugNotice::DidRegisterPlugins": Notice.DidRegisterPlugins,
}


class Listener:
    """One function that is told of notices of one class, until it is revoked."""

    def __init__(self, kind: type[Notice.Base], function: Callable[[Any, Any], object], listeners: list[Listener]) -> None:
        self.kind = kind
        self.function = function
        self._listeners = listeners

    def Revoke(self) -> None:
        """Tell it no more."""
        if self in self._listeners:
            self._listeners.remove(self)


def send(notice: Notice.Base, sender: object, listeners: Iterable[Listener]) -> Exception | None:
    """Tell each listener of a notice; return the first error that one of them raised."""
    first: Exception | None = None
    for listener in list(listeners):
        if isinstance(notice, listener.kind):
            # A listener is another's code; the others are told all the same.
            told = call(listener.function, notice, sender)
            if isinstance(told, Failed):
                first = first or told.error
    return first
