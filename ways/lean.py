"""NamedTuple without typing, which takes as long to import as Python takes to start."""

from __future__ import annotations

import collections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What a class body has that isn't for the tuple's class.
_OWN = frozenset({"__module__", "__qualname__", "__annotations__", "__orig_bases__", "__classcell__"})


class _Meta(type):
    """Makes of a class statement what ``typing.NamedTuple`` makes, but looks at no annotation."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        if not bases:
            return super().__new__(cls, name, bases, body)
        fields = list(body["__annotations__"])
        defaults = [body[field] for field in fields if field in body]
        # By another name: a type checker takes a call of namedtuple for a definition.
        make: Any = collections.namedtuple
        made = make(name, fields, defaults=defaults, module=body["__module__"])
        made.__annotations__ = body["__annotations__"]
        made.__qualname__ = body["__qualname__"]
        for key, value in body.items():
            if key not in _OWN and key not in fields:
                setattr(made, key, value)
        return made


class NamedTuple(metaclass=_Meta):
    """A frozen record: ``class Run(NamedTuple)`` with a typed field a line, defaults and methods."""
