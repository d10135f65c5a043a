"""The parameter types that a resource file declares, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.systems.dioptra.files.base import Teller, names_twice, units
from ways.systems.dioptra.files.types import (
    BUILT_IN,
    BadStructure,
    Definition,
    Simple,
    Union,
    circles,
    names_in,
    parse_structure,
    parts_of,
    text_of,
)

#: What people write who think of Python.
_PYTHON_NAMES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "None": "null"}


class Declared(NamedTuple):
    """A type that a file declares; without a definition, where its structure can't be read."""

    name: str
    pointer: Pointer
    written: Mapping[str, Any]
    definition: Definition | None


def read_types(data: Mapping[str, Any], teller: Teller) -> list[Declared]:
    """Return the types of a file in order; note what is wrong with any."""
    entries = [(pointer, entry) for pointer, entry in units(data, ("plugin_param_types",), teller)]
    again = names_twice(teller, "type", [(entry["name"], (*pointer, "name")) for pointer, entry in entries])
    found = []
    for pointer, entry in entries:
        built_in = entry["name"].strip().lower()
        if built_in in BUILT_IN:
            teller.tell((*pointer, "name"), "built-in-type", "a name of its own", f"the built-in {built_in!r}")
        elif (*pointer, "name") not in again:
            found.append(Declared(entry["name"], pointer, entry, _definition(entry, pointer, teller)))
    _check_references(found, teller)
    return found


def _definition(entry: Mapping[str, Any], pointer: Pointer, teller: Teller) -> Definition | None:
    try:
        return parse_structure(entry.get("structure"))
    except BadStructure as wrong:
        where = (*pointer, "structure", *wrong.where)
        teller.tell_lax(where, "bad-structure", wrong.expected, wrong.found)
        return None


def _check_references(types: list[Declared], teller: Teller) -> None:
    """Note names that no type has, kinds of what is no simple type, circles, and members that stand twice."""
    known = {item.name: item.definition for item in types}
    names = {item.name: tuple(names_in(item.definition)) for item in types if item.definition is not None}
    for item in types:
        where = (*item.pointer, "structure")
        for name in names.get(item.name, ()):
            check_type(name, where, known, teller)
        if isinstance(item.definition, Simple) and not isinstance(known.get(item.definition.parent or ""), Simple | None):
            found = f"{item.definition.parent!r}, which has a structure"
            teller.tell_lax((*where, "is_a"), "bad-structure", "a simple type", found)
        for members in _repeated(item.definition):
            found = f"{members} again in a union of {item.name!r}"
            teller.tell(where, "repeated-type", "each member once", found, level="warning")
    places = {item.name: (*item.pointer, "structure") for item in types}
    for circle in circles(names):
        teller.tell_lax(places[circle[0]], "type-circle", "types that don't hold themselves", _shown(circle))


def _shown(circle: Sequence[str]) -> str:
    return " > ".join(circle if len(circle) <= 20 else (*circle[:10], "...", *circle[-10:]))


def _repeated(definition: Definition | None) -> Iterator[str]:
    for part in (definition, *parts_of(definition)) if definition is not None else ():
        if isinstance(part, Union):
            seen = set()
            for member in part.members:
                if member in seen:
                    yield text_of(member)
                seen.add(member)


def check_type(name: str, pointer: Pointer, known: Mapping[str, Any], teller: Teller) -> None:
    """Note a name that neither the file declares nor is built in."""
    if name in known or name in BUILT_IN:
        return
    meant = _PYTHON_NAMES.get(name)
    help = f"Did you mean {meant!r}?" if meant else teller.meant(name, [*known, *BUILT_IN])
    teller.tell(pointer, "unknown-type", "a type that is built in, or declared in this file", repr(name), help=help)
