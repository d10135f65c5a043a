"""Dioptra's parameter types: the structure language, read and written, and the types that a resource file declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.sheets.schema import kind
from ways.systems.dioptra.files.resource import Resource
from ways.systems.shared import Problems, circles

#: Each built-in type, and the type of which it is a kind.
BUILT_IN: Mapping[str, str | None] = {
    "any": None,
    "string": None,
    "integer": "number",
    "number": None,
    "boolean": None,
    "null": None,
}
#: What a structure's only key may be.
_KINDS = ("is_a", "list", "tuple", "mapping", "union")
#: The only types that the keys of a mapping may have.
KEY_TYPES = ("string", "integer")
#: The names that Python has for built-in types.
_PYTHON_NAMES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "None": "null"}


class BadStructure(ValueError):
    """A structure that can't be read: what was expected, what was found, and the pointer from the structure on."""

    def __init__(self, expected: str, found: str, where: Pointer = ()) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.expected = expected
        self.found = found
        self.where = where


@dataclass(frozen=True, slots=True)
class Simple:
    """A type without a structure; it may be a kind of another type."""

    parent: str | None = None


@dataclass(frozen=True, slots=True)
class ListOf:
    """Any number of items of one type."""

    item: Type


@dataclass(frozen=True, slots=True)
class TupleOf:
    """One item of each type, in order."""

    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class MappingOf:
    """Any keys of one type, and values of another."""

    key: str
    value: Type


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """Exactly these keys, each with its type. Their order makes no other type."""

    fields: tuple[tuple[str, Type], ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fields) and frozenset(self.fields) == frozenset(other.fields)

    def __hash__(self) -> int:
        return hash((Fields, frozenset(self.fields)))


@dataclass(frozen=True, slots=True, eq=False)
class UnionOf:
    """Any of these types. Their order, and how often each is written, makes no other type."""

    members: tuple[Type, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnionOf) and frozenset(self.members) == frozenset(other.members)

    def __hash__(self) -> int:
        return hash((UnionOf, frozenset(self.members)))


Structured = ListOf | TupleOf | MappingOf | Fields | UnionOf
Definition = Simple | Structured
#: The name of a type, or a structure written where it is used.
Type = str | Structured


def parse_structure(value: Any) -> Definition:
    """Return the definition that a ``structure`` writes; a simple type, if there is none.

    :raises BadStructure: the structure isn't in the language.
    """
    if value is None or value == {}:
        return Simple()
    return _definition(value, ())


def _definition(value: Any, where: Pointer) -> Definition:
    if not isinstance(value, Mapping):
        raise BadStructure("a table such as { list = 'string' }", kind(value), where)
    if len(value) != 1 or next(iter(value)) not in _KINDS:
        raise BadStructure(f"exactly one of {', '.join(_KINDS)}", ", ".join(map(repr, value)) or "none", where)
    ((name, body),) = value.items()
    inside = (*where, name)
    match name:
        case "is_a":
            return Simple(_name(body, inside))
        case "list":
            return ListOf(_type(body, inside))
        case "tuple":
            return TupleOf(_types(body, inside))
        case "mapping":
            return _mapping(body, inside)
    members = _types(body, inside)
    if not members:
        raise BadStructure("at least one type", "an empty list", inside)
    return UnionOf(members)


def _type(value: Any, where: Pointer) -> Type:
    if isinstance(value, str):
        return _name(value, where)
    expected = "the name of a type, or a structure"
    if not value or not isinstance(value, Mapping):
        hint = ": a simple type needs a name" if value is None or isinstance(value, Mapping) else ""
        raise BadStructure(expected, f"{kind(value)}{hint}", where)
    definition = _definition(value, where)
    if isinstance(definition, Simple):
        raise BadStructure(expected, "'is_a': a simple type needs a name", where)
    return definition


def _name(value: Any, where: Pointer) -> str:
    if not isinstance(value, str):
        raise BadStructure("the name of a type", kind(value), where)
    if not value:
        raise BadStructure("the name of a type", "an empty text", where)
    return value


def _types(body: Any, where: Pointer) -> tuple[Type, ...]:
    if not isinstance(body, (list, tuple)):
        raise BadStructure("a list of types", kind(body), where)
    return tuple(_type(item, (*where, index)) for index, item in enumerate(body))


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


def structure_of(definition: Definition | str) -> Any:
    """Return a definition as plain data. Undoes :func:`parse_structure`."""
    match definition:
        case str():
            return definition
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
        case UnionOf(members):
            return {"union": [structure_of(member) for member in members]}


def text_of(definition: Definition | str) -> str:
    """Return a definition as the text of a value of a TOML file.

    >>> text_of(ListOf(UnionOf(("string", "integer"))))
    '{ list = { union = ["string", "integer"] } }'
    """
    return _toml(structure_of(definition))


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


def parts_of(definition: Definition | str) -> Iterator[Type]:
    """Yield the types of which a definition is made, at every depth."""
    inner: tuple[Type, ...] = ()
    match definition:
        case Simple(str() as parent):
            inner = (parent,)
        case ListOf(item) | MappingOf(_, item):
            inner = (item,)
        case TupleOf(items) | UnionOf(items):
            inner = items
        case Fields(fields):
            inner = tuple(item for _, item in fields)
    for part in inner:
        yield part
        yield from parts_of(part)


def names_in(definition: Definition | str) -> Iterator[str]:
    """Yield the names of types in a definition, in order."""
    return (part for part in parts_of(definition) if isinstance(part, str))


class DeclaredType(NamedTuple):
    """A type that a file, or the description of an entrypoint, declares."""

    name: str
    pointer: Pointer
    #: Where its structure stands.
    structure_at: Pointer
    written: Mapping[str, Any]
    #: ``None`` if its structure can't be read.
    definition: Definition | None


def read_types(resource: Resource) -> list[DeclaredType]:
    """Return the types of a file in order; report what is wrong with them."""
    problems = resource.problems
    entries = list(resource.tables("plugin_param_types"))
    again = resource.repeated("type", [(entry["name"], (*pointer, "name")) for pointer, entry in entries])
    types = []
    for pointer, entry in entries:
        built_in = entry["name"].strip().lower()
        if built_in in BUILT_IN:
            problems.add_mismatch("built-in-type", "a name that no built-in type has", f"the built-in {built_in!r}", (*pointer, "name"))
        elif (*pointer, "name") not in again:
            structure_at = (*pointer, "structure")
            definition = _definition_in(entry.get("structure"), structure_at, problems)
            types.append(DeclaredType(entry["name"], pointer, structure_at, entry, definition))
    check_types(types, problems)
    return types


def types_of_form(written: Mapping[Any, Any], pointer: Pointer, problems: Problems) -> list[DeclaredType]:
    """Return the types of the description of an entrypoint, by name in *written*; report what is wrong with them."""
    types = []
    for name, structure in written.items():
        where = (*pointer, name)
        if not isinstance(name, str) or not name.strip():
            problems.add_mismatch("bad-name", "the name of a type", repr(name), where)
        elif (built_in := name.strip().lower()) in BUILT_IN:
            problems.add_mismatch("built-in-type", "a name that no built-in type has", f"the built-in {built_in!r}", where)
        else:
            # The engine takes a named union of nothing for a type without a structure.
            definition = Simple() if structure == {"union": []} else _definition_in(structure, where, problems)
            types.append(DeclaredType(name, where, where, {}, definition))
    check_types(types, problems)
    return types


def _definition_in(structure: Any, where: Pointer, problems: Problems) -> Definition | None:
    try:
        return parse_structure(structure)
    except BadStructure as error:
        problems.add_lax("bad-structure", error.expected, error.found, (*where, *error.where))
        return None


def check_types(types: Sequence[DeclaredType], problems: Problems) -> None:
    """Report names that no type has, kinds of a type that isn't simple, circles, and repeated members of a union."""
    known = {item.name: item.definition for item in types}
    names = {item.name: tuple(names_in(item.definition)) for item in types if item.definition is not None}
    for item in types:
        where = item.structure_at
        for name in names.get(item.name, ()):
            check_type(name, where, known, problems)
        if isinstance(item.definition, Simple) and not isinstance(known.get(item.definition.parent or ""), Simple | None):
            found = f"{item.definition.parent!r}, which has a structure"
            problems.add_lax("bad-structure", "a simple type", found, (*where, "is_a"))
        for member in _repeated_members(item.definition):
            found = f"{member} again in a union of {item.name!r}"
            problems.add_mismatch("repeated-type", "each member once", found, where, level="warning")
    places = {item.name: item.structure_at for item in types}
    for circle in circles(names, lambda name: names.get(name, ())):
        text = " > ".join(circle if len(circle) <= 20 else (*circle[:10], "...", *circle[-10:]))
        problems.add_lax("type-circle", "types that don't hold themselves", text, places[circle[0]])


def _repeated_members(definition: Definition | None) -> Iterator[str]:
    for part in (definition, *parts_of(definition)) if definition is not None else ():
        if isinstance(part, UnionOf):
            seen = set()
            for member in part.members:
                if member in seen:
                    yield text_of(member)
                seen.add(member)


def check_type(name: str, pointer: Pointer, known: Mapping[str, Any], problems: Problems) -> None:
    """Report a name of a type that is neither built in nor among the *known* ones, which the file declares."""
    if name in known or name in BUILT_IN:
        return
    meant = _PYTHON_NAMES.get(name)
    help = f"Did you mean {meant!r}?" if meant else problems.did_you_mean(name, [*known, *BUILT_IN])
    problems.add_mismatch("unknown-type", "a type that is built in, or declared in this file", repr(name), pointer, help=help)
