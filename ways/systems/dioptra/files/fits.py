"""Which type a written value has, and which type fits where another one is expected."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Set
from typing import Any

from ways.systems.dioptra.files.steps import reference_in
from ways.systems.dioptra.files.types import (
    BUILT_IN,
    Definition,
    Fields,
    ListOf,
    MappingOf,
    Simple,
    TupleOf,
    Type,
    UnionOf,
    text_of,
)

#: Python's types of plain values, and their names. ``bool`` stands before ``int``, as it is one of these.
_PLAIN: tuple[tuple[type, str], ...] = (
    (str, "string"), (bool, "boolean"), (int, "integer"), (float, "number"), (type(None), "null"),
)  # fmt: skip


#: Questions whether a type fits another that are asked of the types of one entrypoint at most, those that lead to others included.
MAX_QUESTIONS = 300_000


class Types:
    """The types that a task graph knows: those built in, and those that are declared.

    :param declared: by name. None of them may hold itself, or be a kind of itself.
    """

    def __init__(self, declared: Mapping[str, Definition]) -> None:
        self.declared: Mapping[str, Definition] = {**declared, **{name: Simple(parent) for name, parent in BUILT_IN.items()}}
        #: What was found already, as a type may be made of others many times over. By the names, or the ids of structures, which
        #: are kept with the answer.
        self._known: dict[tuple[object, object], tuple[bool, Type, Type]] = {}
        #: How many questions may still be asked. Where none is left, everything fits.
        self.questions_left = MAX_QUESTIONS

    def fits(self, given: Type, expected: Type) -> bool:
        """Return whether a value of the *given* type may go where the *expected* one should. A name of no type fits everything."""
        if (known := self._known.get(_key((given, expected)))) is not None:
            return known[0]
        # Types may be made of each other in any depth: each question waits here for those that it depends on.
        waiting = [((given, expected), self._questions(given, expected))]
        answer: bool | None = None
        while waiting:
            if self.questions_left <= 0:
                return True
            pair, questions = waiting[-1]
            try:
                following = next(questions) if answer is None else questions.send(answer)
            except StopIteration as end:
                answer = bool(end.value)
                waiting.pop()
                self._known[_key(pair)] = (answer, *pair)
                continue
            answer = self._known.get(_key(following), (None,))[0]
            if answer is None:
                self.questions_left -= 1
                waiting.append((following, self._questions(*following)))
        return bool(answer)

    def _questions(self, given: Type, expected: Type) -> Generator[tuple[Type, Type], bool, bool]:
        """Yield the pairs that decide whether a type fits, taking the answer for each; return the answer for these two."""
        if expected == "any" or (isinstance(given, str) and given == expected):
            return True
        source, target = self._definition(given), self._definition(expected)
        if source is None or target is None:
            return True
        if isinstance(source, UnionOf):
            for member in source.members:
                if not (yield member, expected):
                    return False
            return True
        if isinstance(target, UnionOf):
            for member in target.members:
                if (yield given, member):
                    return True
            return False
        if isinstance(source, Simple) and isinstance(target, Simple):
            return source.parent is not None and (yield source.parent, expected)
        if isinstance(given, str) and isinstance(expected, str):
            return False
        pairs = _pairs_of(source, target)
        for pair in pairs or ():
            if not (yield pair):
                return False
        return pairs is not None

    def _definition(self, type: Type) -> Definition | None:
        return self.declared.get(type) if isinstance(type, str) else type

    def shown(self, type: Type) -> str:
        """Return a type for people: its name, with the structure behind it."""
        structure = self._definition(type)
        is_plain = structure is None or isinstance(structure, Simple)
        text = "" if is_plain or structure is None else text_of(structure)
        text = text if len(text) <= 120 else f"{text[:100]} ..."
        return " ".join([repr(type), text]).strip() if isinstance(type, str) else text


def _key(pair: tuple[Type, Type]) -> tuple[object, object]:
    given, expected = pair
    return given if isinstance(given, str) else id(given), expected if isinstance(expected, str) else id(expected)


def _pairs_of(given: Definition, expected: Definition) -> list[tuple[Type, Type]] | None:
    """Return the types that all have to fit for a structure to fit another; ``None`` if it can't."""
    match given, expected:
        case ListOf(item), ListOf(other):
            return [(item, other)]
        case TupleOf(items), TupleOf(others) if len(items) == len(others):
            return list(zip(items, others))
        case TupleOf(items), ListOf(other):
            return [(item, other) for item in items]
        case Fields(fields), Fields(others):
            have, want = dict(fields), dict(others)
            return [(have[name], want[name]) for name in want] if have.keys() == want.keys() else None
        case Fields(fields), MappingOf("string", value):
            return [(item, value) for _, item in fields]
        case MappingOf(key, value), MappingOf(other_key, other_value):
            return [(key, other_key), (value, other_value)]
    return None


def type_of(value: Any, type_of_reference: Callable[[str], Type] | None = None) -> Type:
    """Return the type of a written value. A list is a tuple of its items' types.

    >>> type_of([1, {"a": "x"}])
    TupleOf(items=('integer', Fields(fields=(('a', 'string'),))))

    :param type_of_reference: returns the type of what a text with ``$`` refers to. Without it, the text is a text.
    """
    if type_of_reference is not None and isinstance(value, str) and (name := reference_in(value)):
        return type_of_reference(name)
    for plain, name in _PLAIN:
        if isinstance(value, plain):
            return name
    if isinstance(value, (list, tuple, Set)):
        return TupleOf(tuple(type_of(item, type_of_reference) for item in value))
    if not isinstance(value, Mapping):
        return "any"
    if all(isinstance(key, str) for key in value):
        return Fields(tuple((key, type_of(item, type_of_reference)) for key, item in value.items()))
    if all(isinstance(key, int) for key in value):
        types = tuple(dict.fromkeys(type_of(item, type_of_reference) for item in value.values()))
        return MappingOf("integer", types[0] if len(types) == 1 else UnionOf(types))
    return "any"
