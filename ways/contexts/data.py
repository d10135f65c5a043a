"""ContextData: the data of a Context; what its plugins give, and over it what the user set."""

from __future__ import annotations

# weakref has the same, and takes 1 ms to import.
from _weakref import ref
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from ways.lightweight import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    Value = TypeVar("Value")
    AnyDict = dict[Any, Any]
    #: A key, the function that copies its entry, a key of that entry and the function that copies its value, if any.
    Copier = tuple[Any, Callable[[], Any], Any, Callable[[], Any] | None]
else:
    AnyDict = dict


def deep_copy(value: Value) -> Value:
    """Return a copy of *value*, and of everything in it."""
    # Importing copy costs 2 ms, and the first answer doesn't need it.
    from copy import deepcopy

    return deepcopy(value)


_ATOMS = frozenset({str, int, float, bool, type(None)})


def copiers(entries: Mapping[Any, Any]) -> list[Copier]:
    """Return what :func:`copy_with` copies *entries* with; they must not change."""
    return [(key, *_copiers_of(entry)) for key, entry in entries.items()]


def copy_with(entry_copiers: list[Copier]) -> dict[Any, Any]:
    """Return a deep copy of the entries; of shallow ones in a tenth of the time of ``deepcopy``."""
    entries = {}
    for key, copy, inner, copy_inner in entry_copiers:
        entry = entries[key] = copy()
        if copy_inner is not None:
            entry[inner] = copy_inner()
    return entries


def _copiers_of(entry: Any) -> tuple[Callable[[], Any], Any, Callable[[], Any] | None]:
    """Return the function that copies an entry, the key of its one nested value, and the function that copies that."""
    if type(entry) is dict and all(type(key) is str for key in entry):
        nested = [key for key, value in entry.items() if type(value) not in _ATOMS]
        if not nested:
            return entry.copy, None, None
        if len(nested) == 1 and _is_flat(entry[nested[0]]):
            return entry.copy, nested[0], entry[nested[0]].copy
    return partial(deep_copy, entry), None, None


def _is_flat(value: Any) -> bool:
    if type(value) is dict:
        return all(type(key) is str and type(inner) in _ATOMS for key, inner in value.items())
    return type(value) is list and all(type(inner) in _ATOMS for inner in value)


class ContextData(AnyDict):
    """The data of a Context: a dict of what its plugins give, and over it what the user set.

    A key of a plugin can be given another value, but not be removed; ``del`` brings the plugin's value back. Values of
    plugins are copies: one that is changed in place counts as set by the user. In a dict of a plugin, at any depth, a key that
    was removed is there again when the Context is asked for its data next; lists are values, and may lose items.

    One ContextData always shows the plugins of the same moment. What the user sets is shared by every ContextData of one
    Context, whichever of them it is set on.

    Several threads may use one. Each change is made as a whole, and none is lost; reading takes no lock. ``dict(data)``,
    ``data.copy()`` and ``data.items()`` are of one moment. Threads that change the inside of one value need their own lock.
    """

    def __init__(self, loaded: Mapping[Any, Any] | None = None, overlay: Overlay | None = None) -> None:
        super().__init__()
        self._loaded: Mapping[Any, Any] = {} if loaded is None else loaded
        self._overlay = Overlay(Lock()) if overlay is None else overlay
        self._overlay.add(self)

    def revert(self) -> None:
        """Drop everything that the user set."""
        self._overlay.put(self, {})

    def replace(self, user: Mapping[Any, Any]) -> None:
        """Replace everything that the user set by *user*."""
        if isinstance(user, ContextData) and user._overlay is self._overlay:
            # ``context.data |= {...}`` ends by setting what it has changed already.
            return
        self._overlay.put(self, dict(user))

    def loaded(self) -> dict[Any, Any]:
        """Return a copy of what the plugins give, without the user's changes."""
        return deep_copy(dict(self._loaded))

    def changes(self) -> dict[Any, Any]:
        """Return what the user set, with the values that were changed in place."""
        with self._overlay.lock:
            self._adopt_changed()
            return dict(self._overlay.user)

    # Of a copy: other threads may change the dict while its view is read.

    def keys(self) -> Any:
        return dict(self).keys()

    def values(self) -> Any:
        return dict(self).values()

    def items(self) -> Any:
        return dict(self).items()

    def __setitem__(self, key: Any, value: Any) -> None:
        self.update({key: value})

    def update(self, *others: Any, **values: Any) -> None:
        given = dict(*others, **values)
        with self._overlay.lock:
            self._overlay.user.update(given)
            for data in self._overlay.shown_in():
                dict.update(data, given)

    def __delitem__(self, key: Any) -> None:
        with self._overlay.lock:
            self._adopt_changed()
            if key not in self._overlay.user:
                super().__getitem__(key)
                raise KeyError(f"{key!r} was loaded from a sheet: it can be changed, but not removed")
            del self._overlay.user[key]
            for data in self._overlay.shown_in():
                if key in data._loaded:
                    dict.__setitem__(data, key, deep_copy(data._loaded[key]))
                else:
                    dict.pop(data, key, None)

    def pop(self, key: Any, *default: Any) -> Any:
        with self._overlay.lock:
            if key not in self and default:
                return default[0]
            value = self[key]
            del self[key]
            return value

    def popitem(self) -> tuple[Any, Any]:
        with self._overlay.lock:
            self._adopt_changed()
            for key in reversed(list(self)):
                if key in self._overlay.user:
                    return key, self.pop(key)
        raise KeyError("no key was set by the user")

    def clear(self) -> None:
        """Drop everything that the user set; what the plugins give stays."""
        self.revert()

    def setdefault(self, key: Any, default: Any = None) -> Any:
        with self._overlay.lock:
            if key not in self:
                self[key] = default
            return self[key]

    def __ior__(self, other: Any) -> ContextData:  # type: ignore[misc]
        self.update(other)
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Any, Any]:
        from copy import deepcopy

        return deepcopy(dict(self), memo)

    def __reduce__(self) -> Any:
        return dict, (dict(self),)

    def _adopt_changed(self) -> None:
        """Add the values of plugins that were changed in place to what the user set."""
        self._overlay.restore()
        user = self._overlay.user
        changed = {key: mine for key, value in self._loaded.items() if key not in user and not _same(mine := self.get(key), value)}
        user.update(changed)
        for data in self._overlay.shown_in() if changed else ():
            dict.update(data, changed)


class Overlay:
    """What the user set on the data of one Context, and each ContextData that shows it.

    :param lock: held during each change.
    """

    __slots__ = ("lock", "user", "current", "_shown_in", "_copies")

    def __init__(self, lock: Lock) -> None:
        self.lock = lock
        self.user: dict[Any, Any] = {}
        self._shown_in: tuple[ref[ContextData], ...] = ()
        #: The dicts inside of the values that were copied from plugins, each with the dict that it is a copy of.
        self._copies: tuple[tuple[AnyDict, Mapping[Any, Any]], ...] = ()
        #: The data of the Context at this moment; ``None`` before it was asked for.
        self.current: ContextData | None = None

    def add(self, data: ContextData) -> None:
        """Let *data* show each change from now on, as long as it exists."""
        self._shown_in = (*(shown for shown in self._shown_in if shown() is not None), ref(data))

    def shown_in(self) -> list[ContextData]:
        """Return each ContextData that shows what the user set."""
        return [data for shown in self._shown_in if (data := shown()) is not None]

    def over(self, loaded: Mapping[Any, Any]) -> ContextData:
        """Return the data of plugins with what the user set over it; the same object as long as *loaded* is the same."""
        current = self.current
        if current is not None and current._loaded is loaded:
            if self._copies:
                self.restore()
            return current
        with self.lock:
            current = self.current
            if current is None or current._loaded is not loaded:
                if current is not None:
                    current._adopt_changed()
                current = self.current = self._merged(loaded, current)
            return current

    def restore(self) -> None:
        """Bring back the keys that were removed from dicts of plugins."""
        # Asked at each look at the data, so that it takes no lock.
        if all(copy.keys() >= original.keys() for copy, original in self._copies):
            return
        known = self._copies_in(self.shown_in())
        made: list[tuple[AnyDict, Mapping[Any, Any]]] = []
        for copy, original in known:
            for key in original.keys() - copy.keys():
                value = copy[key] = deep_copy(original[key])
                made += _dicts_in(value, original[key])
        self._copies = (*known, *made)

    def _copies_in(self, shown: Iterable[ContextData]) -> list[tuple[AnyDict, Mapping[Any, Any]]]:
        """Return those of the copied dicts that are still in what is shown."""
        inside = {id(inner) for data in shown for value in data.values() for inner, _ in _dicts_in(value, value)}
        return [pair for pair in self._copies if id(pair[0]) in inside]

    def put(self, data: ContextData, user: dict[Any, Any]) -> None:
        """Replace everything that the user set by *user*. Who asks the Context meanwhile gets all of it, or none yet."""
        with self.lock:
            self.user = user
            others = self.shown_in()
            self.current = current = self._merged(data._loaded if self.current is None else self.current._loaded)
            # Whoever holds one of the others sees it too.
            for other in others:
                own = current if other._loaded is current._loaded else self._merged(other._loaded)
                dict.update(other, own)
                for key in other.keys() - own.keys():
                    dict.pop(other, key, None)

    def _merged(self, loaded: Mapping[Any, Any], before: ContextData | None = None) -> ContextData:
        """Return *loaded* with what the user set over it.

        Values that are the same as in *before* are the same objects: whoever holds one and changes it changes both.
        """
        data = ContextData(loaded, self)
        old = {} if before is None else before._loaded
        shared = {key for key in old if key in loaded and key in before and _same(old[key], loaded[key])}  # type: ignore[operator]
        values = {key: before[key] if key in shared else deep_copy(value) for key, value in loaded.items()}  # type: ignore[index]
        dict.update(data, {**values, **self.user})
        known = self._copies_in([data, *self.shown_in()])
        made = (pair for key in loaded if key not in shared for pair in _dicts_in(values[key], loaded[key]))
        self._copies = (*known, *made)
        return data


def _dicts_in(copy: Any, original: Any) -> Iterator[tuple[AnyDict, Mapping[Any, Any]]]:
    """Yield each dict in a copied value, itself among them, with the dict that it is a copy of."""
    if type(copy) is dict and type(original) is dict:
        yield copy, original
        for key, value in original.items():
            yield from _dicts_in(copy.get(key), value)


def _same(left: Any, right: Any) -> bool:
    # By identity first: a NaN is not equal to itself.
    return left is right or bool(left == right)
