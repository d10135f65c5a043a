"""What of a value can travel: plain data as bytes, functions and classes by their names."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from ways.sources.plugin_files import MODULE_PREFIX
from ways.sheets.store.codec import MAX_DEPTH, Unstorable, pack
from ways.snapshot.record import VALUE, Left

#: Stands for a value that can't travel.
_LOST = object()


class Taking:
    """Turns values into what can travel, and notes each that can't."""

    def __init__(self) -> None:
        self.left: list[Left] = []

    def data(self, value: Any, where: Callable[[], str]) -> bytes:
        """Return plain data as bytes, without the entries that can't travel.

        :param where: says where the value is.
        """
        try:
            return pack(value)
        except (Unstorable, RecursionError):
            kept = self._travelling(value, (), where)
        try:
            return pack(None if kept is _LOST else kept)
        except (Unstorable, RecursionError) as error:
            self.note(VALUE, where(), str(error))
            return pack(None)

    def note(self, kind: str, where: str, why: str) -> None:
        """Note something that can't travel."""
        self.left.append(Left(kind, where, why))

    def name(self, kind: str, thing: Any, where: str) -> str:
        """Return by what name another process finds a function or a class; ``''`` for one that it can't find."""
        module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
        if not isinstance(module, str) or not isinstance(name, str):
            self.note(kind, where, f"{thing!r} is no function and no class")
            return ""
        if module.startswith(MODULE_PREFIX):
            self.note(kind, where, f"{name} is defined in a plugin file, which no other process can import")
            return ""
        if found_in(sys.modules.get(module), name) is not thing:
            self.note(kind, where, f"{module}.{name} is no name by which another process finds it")
            return ""
        return f"{module}:{name}"

    def _travelling(self, value: Any, path: tuple[object, ...], where: Callable[[], str]) -> Any:
        """Return *value* without what can't travel: of a list that holds such a thing, nothing stays."""
        if len(path) > MAX_DEPTH:
            return self._lost("lies too deep", path, where)
        if type(value) is dict:
            kept = {key: self._travelling(item, (*path, key), where) for key, item in value.items() if self._is_key(key, path, where)}
            return {key: item for key, item in kept.items() if item is not _LOST}
        if type(value) in (list, tuple, set):
            items = [self._travelling(item, (*path, number), where) for number, item in enumerate(value)]
            return _LOST if any(item is _LOST for item in items) else type(value)(items)
        try:
            pack(value)
        except (Unstorable, RecursionError):
            return self._lost(f"{_shown(value)} is no plain value", path, where)
        return value

    def _is_key(self, key: Any, path: tuple[object, ...], where: Callable[[], str]) -> bool:
        return self._travelling(key, (*path, key), where) is not _LOST

    def _lost(self, why: str, path: Iterable[object], where: Callable[[], str]) -> object:
        self.note(VALUE, f"{where()}: {'.'.join(map(str, path))}", why)
        return _LOST


def found_in(module: Any, name: str) -> Any:
    """Return what a module has by a name with dots, or ``None``."""
    found = module
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 80 else f"{text[:77]}..."
