"""What all readers of Dioptra's files share: where problems go, limits, and how a plain value is measured."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from ways.errors import did_you_mean
from ways.sheets.document import Pointer, Position, Problem, Source
from ways.sheets.schema import kind

Level = Literal["error", "warning"]

__all__ = ["Level", "Teller", "Weight", "kind", "names_twice", "slug", "units", "weight_of", "wrong_place"]

#: How deep the values of a file may be nested, and how many of them there may be, aliases counted as often as they stand.
MAX_NESTING, MAX_VALUES = 100, 200_000
#: Problems that are told of one file.
MAX_PROBLEMS = 1000


class Teller:
    """Notes what is wrong with one file.

    :param is_strict: whether what Dioptra takes without a word, and is nearly always a mistake, is an error.
    """

    def __init__(self, source: Source, positions: Mapping[Pointer, Position], *, is_strict: bool) -> None:
        self.source = source
        self.positions = positions
        self.is_strict = is_strict
        self.problems: list[Problem] = []
        self._wrong: list[Pointer] = []
        self._broken: set[Pointer] = set()

    def tell(
        self,
        pointer: Pointer,
        code: str,
        expected: str,
        found: str,
        *,
        help: str = "",
        level: Level = "error",
    ) -> None:
        """Note a problem at the place *pointer*."""
        if code in ("type", "missing-key"):
            self._wrong.append(pointer)
        if len(self.problems) > MAX_PROBLEMS:
            return
        if len(self.problems) == MAX_PROBLEMS:
            code, expected, found, help, level = "too-much", f"at most {MAX_PROBLEMS} problems", "more: they aren't told", "", "error"
        source = self.source.at(pointer, self.positions) if pointer else self.source
        source = source if source.line else source._replace(line=1, column=1)
        message = f"expected {expected}, found {found}"
        self.problems.append(Problem(source, message, level, code, expected, found, help))

    def add(self, problem: Problem) -> None:
        """Note a problem that is somewhere else."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)

    def tell_lax(self, pointer: Pointer, code: str, expected: str, found: str, *, help: str = "") -> None:
        """Note what Dioptra itself takes: an error in strict reading, else a warning."""
        self.tell(pointer, code, expected, found, help=help, level="error" if self.is_strict else "warning")

    def tell_unknown(self, pointer: Pointer, known: Collection[str], *, level: Level = "error") -> None:
        """Note a key that the table around it doesn't have."""
        key = str(pointer[-1])
        help = self.meant(key, known)
        self.tell(pointer, "unknown-key", f"one of {', '.join(known)}", f"the key {key!r}", help=help, level=level)

    def meant(self, name: str, known: Collection[str]) -> str:
        """Return which known name may be meant; nothing where looking for it takes too long for what it is worth."""
        is_cheap = len(known) <= 500 and len(self.problems) <= 100 and len(name) <= 100
        return did_you_mean(name, list(known)).strip() if is_cheap else ""

    def is_broken(self, unit: Pointer) -> bool:
        """Whether a part of the file that stands or falls as one lacks a key, or has a value of a wrong type."""
        return unit in self._broken

    def note_broken(self, unit_of: Callable[[Pointer], Pointer]) -> None:
        """Remember which parts of the file have a wrong shape, as the problems up to now tell."""
        self._broken = {unit_of(pointer) for pointer in self._wrong}

    def line_of(self, pointer: Pointer) -> int:
        """Return the line of a place."""
        return self.source.at(pointer, self.positions).line


def names_twice(teller: Teller, what: str, named: Collection[tuple[str, Pointer]]) -> set[Pointer]:
    """Note each name that was there before, with both lines; return the places of the later ones."""
    first: dict[str, Pointer] = {}
    again = set()
    for name, pointer in named:
        if name in first:
            line = teller.line_of(first[name])
            teller.tell(pointer, "duplicate-name", f"each {what} once", f"{name!r} again; it stands in line {line} already")
            again.add(pointer)
        first.setdefault(name, pointer)
    return again


def slug(name: str) -> str:
    """Return a name as one part of a hierarchy that people like to type; the name itself, if nothing is left of it.

    >>> slug("Evasion Attack: Patch (Apply)")
    'evasion_attack_patch_apply'
    """
    return re.sub(r"[\W_]+", "_", name.lower()).strip("_") or name


def wrong_place(path: str) -> str:
    """Return what keeps a path of a file from being followed; ``""`` for nothing."""
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path):
        return "an absolute path"
    if ".." in parts:
        return "a path with '..'"
    if "\0" in path or any(part.strip(".") == "" and len(part) > 2 for part in parts):
        return "a path that no file has"
    return "" if path else "nothing"


def units(data: Mapping[str, Any], place: Pointer, teller: Teller) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Yield place and table of each item of an array of tables, but those whose shape is wrong."""
    value: Any = data
    for part in place:
        is_there = part in value if isinstance(value, dict) else isinstance(value, list) and isinstance(part, int)
        value = value[part] if is_there else None
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict) and not teller.is_broken((*place, index)):
            yield (*place, index), item


class Weight(NamedTuple):
    """How much a plain value is."""

    depth: int
    #: Values in it, each counted as often as it stands: aliases make few bytes many values.
    values: int


def weight_of(value: Any) -> Weight:
    """Return how deep *value* is nested, and how much it holds. It must not hold itself."""
    known: dict[int, Weight] = {}
    waiting: list[tuple[Any, Iterator[Any]]] = [(value, _held(value))]
    while waiting:
        here, items = waiting[-1]
        item = next((item for item in items if id(item) not in known), None)
        if item is not None:
            waiting.append((item, _held(item)))
            continue
        waiting.pop()
        held = [known[id(item)] for item in _held(here)]
        total = sum(weight.values for weight in held) + len(here) if isinstance(here, (dict, list, tuple, set)) else 1
        # Beyond any limit: numbers of a thousand digits would take longer than they are worth.
        known[id(here)] = Weight(max((weight.depth for weight in held), default=0) + 1, min(total, 10**12))
    return known[id(value)]


def _held(value: Any) -> Iterator[Any]:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return (item for item in items if isinstance(item, (dict, list, tuple)))
