"""Listeners: functions that are called with each notice of one class, for as long as somebody holds their key."""

from __future__ import annotations

import types
from collections.abc import Callable
from operator import itemgetter
from typing import Any
from weakref import WeakMethod, ref

from ways.usercode import Failed, call

Function = Callable[[Any, Any], object]


class Listener:
    """The key of one listener, which is called until ``Revoke()``, or until its key is gone."""

    def __init__(self, kind: type, function: Function, sender: object, listeners: Listeners) -> None:
        self.kind = kind
        self._function = _weakly(function)
        self._sender = None if sender is None else ref(sender)
        self._listeners = listeners

    @property
    def is_global(self) -> bool:
        """Whether it hears all senders."""
        return self._sender is None

    @property
    def function(self) -> Function | None:
        """What is called; ``None`` if it is gone."""
        return self._function()

    def hears(self, notice: object, sender: object) -> bool:
        """Whether it is called with a notice of that sender."""
        if self._sender is None:
            return isinstance(notice, self.kind)
        # A sender that is gone sends nothing: not even what is sent without a sender.
        return isinstance(notice, self.kind) and sender is not None and self._sender() is sender

    def Revoke(self) -> None:
        """Stop calling it."""
        self._listeners.remove(self)


def _weakly(function: Function) -> Callable[[], Function | None]:
    """Return what gives *function* while it lives elsewhere. As in OpenUSD, a lambda lives as long as its key."""
    if isinstance(function, types.MethodType):
        return WeakMethod(function)
    if not callable(function):
        raise TypeError(f"expected a function, found {function!r}")
    if getattr(function, "__name__", "") != "<lambda>":
        try:
            return ref(function)
        except TypeError:
            pass  # Nothing refers weakly to this object: it is held as a lambda is.
    return lambda: function


class Listeners:
    """All listeners of one registry, or of the process."""

    def __init__(self) -> None:
        # What is held for good is the value of its own key.
        self._keys: dict[ref[Listener], object] = {}

    def add(self, kind: type, function: Function, sender: object = None, *, is_held: bool = False) -> Listener:
        """Call *function* with each notice of that class, until its key is gone or revoked; return the key.

        :param sender: whose notices it hears; those of all, if ``None``.
        :param is_held: whether key and function live on if nobody else holds them, until it is revoked.
        :raises TypeError: *function* can't be called, or nothing can refer weakly to *sender*.
        """
        key = Listener(kind, function, sender, self)
        self._keys[ref(key, self._forget)] = (key, function) if is_held else None
        return key

    def remove(self, key: Listener) -> None:
        """Forget a listener, if it is there."""
        self._forget(ref(key))

    def _forget(self, key: ref[Listener]) -> None:
        self._keys.pop(key, None)

    def send(self, notice: object, sender: object = None) -> int:
        """Call each listener that hears a notice; return how many were called.

        As in OpenUSD, those of the class itself come before those of its bases, of one class those of the sender before those of
        all, and then the newest first. One that is revoked meanwhile isn't called.

        :raises Exception: what the first of them that failed raised; the others are called all the same.
        """
        kinds = type(notice).__mro__
        hearing = []
        for held in reversed(list(self._keys)):
            listener = held()
            if listener is not None and listener.hears(notice, sender):
                hearing.append((kinds.index(listener.kind), listener.is_global, held))
        hearing.sort(key=itemgetter(0, 1))
        listener, function, result, count, errors = None, None, None, 0, []
        for _, _, held in hearing:
            listener = held() if held in self._keys else None
            function = listener.function if listener is not None else None
            if function is not None:
                count += 1
                result = call(function, notice, sender)
                if isinstance(result, Failed):
                    errors.append(result.error)
        if errors:
            try:
                raise errors[0]
            finally:
                # Its traceback holds this call, which would keep the listeners alive.
                del listener, function, result, errors
        return count
