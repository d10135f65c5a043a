"""ContextData: the data of a Context; what was loaded, and over it what the user set."""

from __future__ import annotations

# weakref has the same, and takes 1 ms to import.
from _weakref import ref
from collections.abc import Callable, Mapping
from functools import partial

from ways.lightweight import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    Value = TypeVar("Value")
    AnyDict = dict[Any, Any]
    #: A key, what copies its entry, a key in that, and what copies its value, if that isn't done yet.
    Shape = tuple[Any, Callable[[], Any], Any, Callable[[], Any] | None]
else:
    AnyDict = dict


def copied(value: Value) -> Value:
    """Return a copy of *value*, and of everything in it."""
    # Importing copy costs 2 ms, and the first answer needs none.
    from copy import deepcopy

    return deepcopy(value)


_ATOMS = frozenset({str, int, float, bool, type(None)})


def shapes(entries: Mapping[Any, Any]) -> list[Shape]:
    """Return what :func:`fresh` has to know of *entries*, which must not change."""
    return [(key, *_copiers(entry)) for key, entry in entries.items()]


def fresh(known: list[Shape]) -> dict[Any, Any]:
    """Return a copy of entries and of everything in them: a tenth of the time of ``deepcopy`` where they are shallow."""
    found = {}
    for key, copy, inner, copy_inner in known:
        new = found[key] = copy()
        if copy_inner is not None:
            new[inner] = copy_inner()
    return found


def _copiers(entry: Any) -> tuple[Callable[[], Any], Any, Callable[[], Any] | None]:
    """Return what copies an entry, and the one key in it with a value that has to be copied too, and what does so."""
    if type(entry) is dict and all(type(key) is str for key in entry):
        nested = [key for key, value in entry.items() if type(value) not in _ATOMS]
        if not nested:
            return entry.copy, None, None
        if len(nested) == 1 and _is_flat(entry[nested[0]]):
            return entry.copy, nested[0], entry[nested[0]].copy
    return partial(copied, entry), None, None


def _is_flat(value: Any) -> bool:
    if type(value) is dict:
        return all(type(key) is str and type(inner) in _ATOMS for key, inner in value.items())
    return type(value) is list and all(type(inner) in _ATOMS for inner in value)


class ContextData(AnyDict):
    """A dict in two layers. Loaded keys can be covered but not removed; removing the cover shows them again.

    Loaded values are copies: changing one in place makes it the user's. One ContextData shows what was loaded in one
    state of the world, and stays so; what the user sets is shared by all of one Context, whichever of them it is set on.

    Threads may use one at once. Each change is made as a whole, and none is lost; who looks takes no lock. ``dict(data)``,
    ``data.copy()`` and ``data.items()`` are of one moment. A change inside of a value is the business of those who share it.
    """

    def __init__(self, loaded: Mapping[Any, Any] | None = None, overlay: Overlay | None = None) -> None:
        super().__init__()
        self._loaded: Mapping[Any, Any] = {} if loaded is None else loaded
        self._overlay = Overlay(Lock()) if overlay is None else overlay
        self._overlay.add(self)

    def synced(self, loaded: Mapping[Any, Any]) -> ContextData:
        """Return what shows *loaded* now, and what is the user's over it."""
        return self._overlay.shown(loaded)

    def revert(self) -> None:
        """Drop everything that is the user's."""
        self._overlay.put(self, {})

    def replace(self, user: Mapping[Any, Any]) -> None:
        """Put *user* in the place of everything that is the user's."""
        if isinstance(user, ContextData) and user._overlay is self._overlay:
            # ``context.data |= {...}`` ends by setting what it has changed already.
            return
        self._overlay.put(self, dict(user))

    def loaded(self) -> dict[Any, Any]:
        """Return a copy of what is loaded, without the user's changes."""
        return copied(dict(self._loaded))

    def changes(self) -> dict[Any, Any]:
        """Return what is the user's, what was changed in place among it."""
        with self._overlay.lock:
            self._adopt_changed()
            return dict(self._overlay.user)

    # A view of the dict itself would be one of a dict that others change.

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
            for data in self._overlay.shown_by():
                dict.update(data, given)

    def __delitem__(self, key: Any) -> None:
        with self._overlay.lock:
            self._adopt_changed()
            if key not in self._overlay.user:
                super().__getitem__(key)
                raise KeyError(f"{key!r} was loaded from a sheet: it can be changed, but not removed")
            del self._overlay.user[key]
            for data in self._overlay.shown_by():
                data._uncover(key)

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
        raise KeyError("no key is the user's")

    def clear(self) -> None:
        """Remove everything that can be removed; what was loaded shows again."""
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

    def _uncover(self, key: Any) -> None:
        if key in self._loaded:
            super().__setitem__(key, copied(self._loaded[key]))
        else:
            super().pop(key, None)

    def _adopt_changed(self) -> None:
        """Make those loaded values the user's that were changed in place."""
        user = self._overlay.user
        changed = {key: mine for key, value in self._loaded.items() if key not in user and not _same(mine := self.get(key), value)}
        user.update(changed)
        for data in self._overlay.shown_by() if changed else ():
            dict.update(data, changed)


class Overlay:
    """What the user set on the data of one Context, and each ContextData that shows it.

    :param lock: held by who makes a change.
    """

    __slots__ = ("lock", "user", "now", "_shown_by")

    def __init__(self, lock: Lock) -> None:
        self.lock = lock
        self.user: dict[Any, Any] = {}
        self._shown_by: tuple[ref[ContextData], ...] = ()
        #: What the Context shows now; ``None`` before it was asked.
        self.now: ContextData | None = None

    def add(self, data: ContextData) -> None:
        """Let *data* show each change from now on, as long as somebody holds it."""
        self._shown_by = (*(held for held in self._shown_by if held() is not None), ref(data))

    def shown_by(self) -> list[ContextData]:
        """Return all that shows a change."""
        return [data for held in self._shown_by if (data := held()) is not None]

    def shown(self, loaded: Mapping[Any, Any]) -> ContextData:
        """Return what shows *loaded*; the same as long as that is the same."""
        now = self.now
        if now is not None and now._loaded is loaded:
            return now
        with self.lock:
            now = self.now
            if now is None or now._loaded is not loaded:
                if now is not None:
                    now._adopt_changed()
                now = self.now = self._made(loaded, now)
            return now

    def put(self, data: ContextData, user: dict[Any, Any]) -> None:
        """Put *user* in the place of all that is the user's; whoever asks the Context sees all of it, or nothing yet."""
        with self.lock:
            self.user = user
            others = self.shown_by()
            self.now = made = self._made(data._loaded if self.now is None else self.now._loaded)
            # Who holds one of the others sees it too.
            for other in others:
                own = made if other._loaded is made._loaded else self._made(other._loaded)
                dict.update(other, own)
                for key in other.keys() - own.keys():
                    dict.pop(other, key, None)

    def _made(self, loaded: Mapping[Any, Any], before: ContextData | None = None) -> ContextData:
        """Return what shows *loaded*. Who holds a value of *before*, and changes it, changes the one that stands for it."""
        data = ContextData(loaded, self)
        old = {} if before is None else before._loaded
        shared = {key for key in old if key in loaded and key in before and _same(old[key], loaded[key])}  # type: ignore[operator]
        values = {key: before[key] if key in shared else copied(value) for key, value in loaded.items()}  # type: ignore[index]
        dict.update(data, {**values, **self.user})
        return data


def _same(left: Any, right: Any) -> bool:
    # By identity first: a NaN is not equal to itself.
    return left is right or bool(left == right)
