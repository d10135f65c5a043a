"""Dioptra's parameter types: the structure language, both ways, and which type fits which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.systems.dioptra.files.base import kind

#: Each built-in type, and what it is a kind of.
BUILT_IN: Mapping[str, str | None] = {
    "any": None,
    "string": None,
    "integer": "number",
    "number": None,
    "boolean": None,
    "null": None,
}
#: The only types that the keys of a mapping may have.
KEY_TYPES = ("string", "integer")


class BadStructure(ValueError):
    """A structure that says nothing: what was expected, what was found, and where below it."""

    def __init__(self, expected: str, found: str, where: Pointer = ()) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.expected = expected
        self.found = found
        self.where = where


class Simple(NamedTuple):
    """A type that is nothing but its name, and perhaps a kind of another."""

    parent: str | None = None


class ListOf(NamedTuple):
    """Any number of items of one type."""

    item: Type


class TupleOf(NamedTuple):
    """One item of each type, in order."""

    items: tuple[Type, ...]


class MappingOf(NamedTuple):
    """Any keys of one type, and values of another."""

    key: str
    value: Type


class Fields(NamedTuple):
    """Exactly these keys, each with its type."""

    fields: tuple[tuple[str, Type], ...]


class Union(NamedTuple):
    """Any of these types."""

    members: tuple[Type, ...]


Structured = ListOf | TupleOf | MappingOf | Fields | Union
Definition = Simple | Structured
#: The name of a type, or a structure written where it is used.
Type = str | Structured


def parse_structure(value: Any) -> Definition:
    """Return what a ``structure`` defines; without one, a simple type.

    :raises BadStructure: it isn't in the language.
    """
    if value is None or value == {}:
        return Simple()
    return _definition(value, ())


def _definition(value: Any, where: Pointer) -> Definition:
    if not isinstance(value, Mapping):
        raise BadStructure("a table such as { list = 'string' }", kind(value), where)
    if len(value) != 1 or next(iter(value)) not in _KINDS:
        found = ", ".join(map(repr, value)) or "none"
        raise BadStructure(f"exactly one of {', '.join(_KINDS)}", found, where)
    ((name, body),) = value.items()
    return _KINDS[name](body, (*where, name))


def _type(value: Any, where: Pointer) -> Type:
    if isinstance(value, str):
        return _name(value, where)
    if not value and (value is None or isinstance(value, Mapping)):
        raise BadStructure("the name of a type, or a structure", f"{kind(value)}: a simple type needs a name", where)
    if not isinstance(value, Mapping):
        raise BadStructure("the name of a type, or a structure", kind(value), where)
    found = _definition(value, where)
    if isinstance(found, Simple):
        raise BadStructure("the name of a type, or a structure", "'is_a': a simple type needs a name", where)
    return found


def _name(value: Any, where: Pointer) -> str:
    if not isinstance(value, str):
        raise BadStructure("the name of a type", kind(value), where)
    if not value:
        raise BadStructure("the name of a type", "an empty text", where)
    return value


def _simple(body: Any, where: Pointer) -> Simple:
    return Simple(_name(body, where))


def _list(body: Any, where: Pointer) -> ListOf:
    return ListOf(_type(body, where))


def _types(body: Any, where: Pointer) -> tuple[Type, ...]:
    if not isinstance(body, (list, tuple)):
        raise BadStructure("a list of types", kind(body), where)
    return tuple(_type(item, (*where, index)) for index, item in enumerate(body))


def _tuple(body: Any, where: Pointer) -> TupleOf:
    return TupleOf(_types(body, where))


def _mapping(body: Any, where: Pointer) -> MappingOf | Fields:
    if isinstance(body, Mapping):
        for name in body:
            if not isinstance(name, str):
                raise BadStructure("keys that are texts", kind(name), where)
        return Fields(tuple((name, _type(item, (*where, name))) for name, item in body.items()))
    if not isinstance(body, (list, tuple)) or len(body) != 2:
        raise BadStructure("a table of keys and types, or a list of a key type and a value type", kind(body), where)
    if not isinstance(body[0], str) or body[0] not in KEY_TYPES:
        raise BadStructure(f"{' or '.join(map(repr, KEY_TYPES))} for the keys", kind(body[0]), (*where, 0))
    return MappingOf(body[0], _type(body[1], (*where, 1)))


def _union(body: Any, where: Pointer) -> Union:
    members = _types(body, where)
    if not members:
        raise BadStructure("at least one type", "an empty list", where)
    return Union(members)


_KINDS: Mapping[str, Callable[[Any, Pointer], Definition]] = {
    "is_a": _simple,
    "list": _list,
    "tuple": _tuple,
    "mapping": _mapping,
    "union": _union,
}


def structure_of(found: Definition | str) -> Any:
    """Return a definition as plain data. Undoes :func:`parse_structure`."""
    match found:
        case str():
            return found
        case Simple(parent):
            return {"is_a": parent} if parent is not None else {}
        case ListOf(item):
            return {"list": structure_of(item)}
        case TupleOf(items):
            return {"tuple": [structure_of(item) for item in items]}
        case MappingOf(key, value):
            return {"mapping": [key, structure_of(value)]}
        case Fields(fields):
            return {"mapping": {name: structure_of(item) for name, item in fields}}
        case Union(members):
            return {"union": [structure_of(member) for member in members]}


def text_of(found: Definition | str) -> str:
    """Return a definition as a value of a TOML file.

    >>> text_of(ListOf(Union(("string", "integer"))))
    '{ list = { union = ["string", "integer"] } }'
    """
    return _toml(structure_of(found))


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    pairs = [f"{name if name in _KINDS else _quoted(name)} = {_toml(item)}" for name, item in value.items()]
    return f"{{ {', '.join(pairs)} }}" if pairs else "{}"


def _quoted(text: str) -> str:
    return '"' + "".join(letter if letter not in '"\\' and letter.isprintable() else _escape(letter) for letter in text) + '"'


def _escape(letter: str) -> str:
    return f"\\u{ord(letter):04X}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08X}"


def parts_of(found: Definition | str) -> Iterator[Type]:
    """Yield the types that a definition is made of, those inside them too."""
    inner: tuple[Type, ...] = ()
    match found:
        case Simple(str() as parent):
            inner = (parent,)
        case ListOf(item) | MappingOf(_, item):
            inner = (item,)
        case TupleOf(items) | Union(items):
            inner = items
        case Fields(fields):
            inner = tuple(item for _, item in fields)
    for part in inner:
        yield part
        yield from parts_of(part)


def names_in(found: Definition | str) -> Iterator[str]:
    """Yield the names of types in a definition, in order."""
    return (part for part in parts_of(found) if isinstance(part, str))


def circles(names: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield ways from a type back to itself; at least one wherever there is any.

    :param names: the names that each type's definition has in it.
    """
    done: set[str] = set()
    for start in names:
        way: dict[str, Iterator[str]] = {} if start in done else {start: iter(names[start])}
        while way:
            here = next(reversed(way))
            part = next(way[here], None)
            if part is None:
                way.pop(here)
                done.add(here)
            elif part in way:
                yield (*list(way)[list(way).index(part) :], part)
            elif part in names and part not in done:
                way[part] = iter(names[part])
