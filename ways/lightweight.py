"""Records, lazy properties, locks and lazy imports that cost little at start: importing typing takes as long as starting Python."""

from __future__ import annotations

import gc
import os
import sys
# threading has the same lock, and takes 1 ms to import.
from _thread import RLock, get_ident
from _weakref import ref
from itertools import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

try:
    # What collections gives the fields of a record.
    from _collections import _tuplegetter as _getter  # type: ignore[import-not-found]
except ImportError:

    def _getter(index: int, doc: str) -> Any:
        return property(lambda record: record[index], doc=doc)


#: Names in a class body that are not copied to the class of the tuple.
_DROPPED = frozenset({"__orig_bases__", "__classcell__"})


@classmethod  # type: ignore[misc]
def _make(cls: Any, iterable: Iterable[Any]) -> Any:
    record = _new(cls, iterable)
    if len(record) != len(cls._fields):
        raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(record)}")
    return record


def _replace(self: Any, /, **changes: Any) -> Any:
    record = self._make(map(changes.pop, self._fields, self))
    if changes:
        raise ValueError(f"Got unexpected field names: {list(changes)!r}")
    return record


def _asdict(self: Any) -> dict[str, Any]:
    return dict(zip(self._fields, self))


def _repr(self: Any) -> str:
    return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in zip(self._fields, self))})"


def _getnewargs(self: Any) -> tuple[Any, ...]:
    return tuple(self)


#: What all records can do, as those of ``collections.namedtuple`` do it.
_METHODS = {"__slots__": (), "_make": _make, "_replace": _replace, "_asdict": _asdict, "__repr__": _repr, "__getnewargs__": _getnewargs}
_new = tuple.__new__
#: Constructors by their numbers of fields: ``collections.namedtuple`` compiles one for each class, which takes five times as
#: long as all the rest. The names of their arguments are put in for each class.
_CONSTRUCTORS: tuple[Any, ...] = (
    lambda _cls: _new(_cls, ()),
    lambda _cls, a: _new(_cls, (a,)),
    lambda _cls, a, b: _new(_cls, (a, b)),
    lambda _cls, a, b, c: _new(_cls, (a, b, c)),
    lambda _cls, a, b, c, d: _new(_cls, (a, b, c, d)),
    lambda _cls, a, b, c, d, e: _new(_cls, (a, b, c, d, e)),
    lambda _cls, a, b, c, d, e, f: _new(_cls, (a, b, c, d, e, f)),
    lambda _cls, a, b, c, d, e, f, g: _new(_cls, (a, b, c, d, e, f, g)),
    lambda _cls, a, b, c, d, e, f, g, h: _new(_cls, (a, b, c, d, e, f, g, h)),
)
_Function = type(_CONSTRUCTORS[0])


def _constructor(name: str, fields: tuple[str, ...], defaults: tuple[Any, ...]) -> Any:
    """Return the ``__new__`` of a record: it takes the fields in order, or by name."""
    if len(fields) < len(_CONSTRUCTORS):
        code = _CONSTRUCTORS[len(fields)].__code__.replace(co_varnames=("_cls", *fields), co_name="__new__")
        made = _Function(code, globals(), "__new__", defaults or None)
    else:
        names = ", ".join(fields)
        made = eval(f"lambda _cls, {names}: _new(_cls, ({names}))", {"_new": _new})
        made.__name__, made.__defaults__ = "__new__", defaults or None
    made.__qualname__ = f"{name}.__new__"
    return made


class _Meta(type):
    """Makes of a class statement what ``typing.NamedTuple`` makes, without evaluating annotations."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        if not bases:
            return super().__new__(cls, name, bases, body)
        fields = tuple(body["__annotations__"])
        defaults = {field: body[field] for field in fields if field in body}
        if tuple(defaults) != fields[len(fields) - len(defaults) :]:
            raise TypeError(f"{name}: a field without a default stands behind one that has one")
        made = {field: _getter(index, f"Alias for field number {index}") for index, field in enumerate(fields)}
        made |= _METHODS | {key: value for key, value in body.items() if key not in _DROPPED and key not in fields}
        made |= {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields}
        made["__new__"] = _constructor(name, fields, tuple(defaults.values()))
        return type(name, (tuple,), made)


class NamedTuple(metaclass=_Meta):
    """A frozen record: ``class Run(NamedTuple)`` with a typed field a line, defaults and methods."""


if not TYPE_CHECKING:

    class Generic:
        """The base of a class with type parameters, which only type checkers read."""

        def __class_getitem__(cls, parameters):
            return cls


if TYPE_CHECKING:
    from functools import cached_property as cached_property
else:

    class cached_property:
        """A property whose value is computed at first access, and stored in the instance. No access waits for a lock.

        ``functools.cached_property`` has one lock for all objects of a class until Python 3.12: a thread that computes
        the property of one object keeps every other thread waiting, and a process that is forked meanwhile waits for
        ever. Here two threads may both compute the value; both get the one that was stored first.
        """

        def __init__(self, make):
            self.make = make
            self.__doc__ = make.__doc__

        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            # setdefault is one step of the interpreter: no other thread runs within it.
            return instance.__dict__.setdefault(self.name, self.make(instance))


class Lock:
    """A lock for writers, which one thread may take more than once; free in a process that was forked meanwhile."""

    __slots__ = ("_lock", "__weakref__")

    def __init__(self) -> None:
        self._lock: Any = RLock()
        key = id(self)
        _locks[key] = ref(self, lambda gone: _locks.pop(key, None))

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()


_locks: dict[int, ref[Lock]] = {}


def _free_all() -> None:
    """Free every lock: a thread that held one doesn't exist in this process."""
    for reference in list(_locks.values()):
        lock = reference()
        # A lock of the thread that forks is held in this process too, and that thread releases it.
        if lock is not None and not lock._lock._is_owned():
            lock._lock = RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_free_all)


#: A threshold from here on is that of a pause: so many objects are never made.
_LEAST_MARK = 2**31 - 2**20
_marks = count()
#: By the threshold that each pause has set: its thread, and the threshold that was there before.
_pauses: dict[int, tuple[int, int]] = {}


class CollectorPause:
    """A block in which the garbage collector rests: what makes many objects and no rubbish takes a third to half less time.

    Each pass of the collector goes through all that was made so far. The collector belongs to the host, so the pause only
    raises the threshold of new objects, and puts back the one that was there: nothing is frozen or moved, ``gc.isenabled()``
    says what it said before, and what the host changes meanwhile, in this thread or another, stays. Pauses may lie in each
    other and overlap in threads; the first that began ends the rest.
    """

    #: The threshold that this pause has set; 0 for none.
    _mark = 0

    def __enter__(self) -> None:
        before = gc.get_threshold()[0]
        # Else the collector rests already, for a pause around this one or in another thread.
        if before < _LEAST_MARK:
            self._mark = _LEAST_MARK + next(_marks) % 2**20
            _pauses[self._mark] = (get_ident(), before)
            gc.set_threshold(self._mark)

    def __exit__(self, *error: object) -> None:
        _end_pause(self._mark)

    # A signal may raise in the very call of a method above.
    def __del__(self) -> None:
        _end_pause(self._mark)


def _end_pause(mark: int) -> None:
    if mark in _pauses:
        # Whoever set another threshold meanwhile meant it.
        if gc.get_threshold()[0] == mark:
            gc.set_threshold(_pauses[mark][1])
        _pauses.pop(mark, None)


def _end_pauses_of_others() -> None:
    """End each pause of a thread that doesn't exist in this process."""
    for mark, (thread, _) in list(_pauses.items()):
        if thread != get_ident():
            _end_pause(mark)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_end_pauses_of_others)


def lazy_names(module: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a ``__getattr__`` for a module that gives names of other modules, each imported when it is first asked for.

    :param module: the name of the module that gives the names.
    :param homes: for each module that defines some of them, these names, separated by spaces.
    """
    home_of = {name: home for home, names in homes.items() for name in names.split()}

    def get(name: str) -> Any:
        home = home_of.get(name)
        if home is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(home), name)
        setattr(sys.modules[module], name, value)
        return value

    return get
