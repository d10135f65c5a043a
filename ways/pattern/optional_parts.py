"""Optional parts of a mapping: which there are, and which of them some values call for."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple


class Option(NamedTuple):
    """A part of a mapping that may be left out."""

    number: int
    #: The tokens that stand in it, but in no part inside it.
    tokens: tuple[str, ...] = ()
    #: The parts directly inside it.
    nested: tuple[int, ...] = ()
    #: The part that it stands in, if any.
    outer: int | None = None


class Options:
    """All optional parts of one mapping. Never changes; false where there are none.

    :param pieces: of each piece the parts it stands in, outermost first, and its name if it is a token.
    """

    def __init__(self, pieces: Iterable[tuple[tuple[int, ...], str | None]]) -> None:
        self._by_number: dict[int, Option] = {}
        for path, token in pieces:
            outer = None
            for number in path:
                if number not in self._by_number:
                    self._by_number[number] = Option(number, outer=outer)
                    if outer is not None:
                        around = self._by_number[outer]
                        self._by_number[outer] = around._replace(nested=(*around.nested, number))
                outer = number
            if token is not None and path:
                option = self._by_number[path[-1]]
                self._by_number[path[-1]] = option._replace(tokens=tuple(dict.fromkeys((*option.tokens, token))))

    def __iter__(self) -> Iterator[Option]:
        return iter(self._by_number.values())

    def __bool__(self) -> bool:
        return bool(self._by_number)

    def __len__(self) -> int:
        return len(self._by_number)

    def __getitem__(self, number: int) -> Option:
        return self._by_number[number]

    def wanted(self, option: Option, filled: Container[str]) -> bool:
        """Whether the tokens that are *filled* call for a part, were those around it there."""
        if option.tokens:
            return all(token in filled for token in option.tokens)
        return any(self.wanted(self[number], filled) for number in option.nested)

    def present(self, filled: Container[str]) -> frozenset[int]:
        """Return the parts that are there when the tokens *filled* have a value, and no other has.

        A part is there when each token directly in it has a value; one without such tokens, when a part in it is.
        """
        present: set[int] = set()
        for option in self._by_number.values():
            if (option.outer is None or option.outer in present) and self.wanted(option, filled):
                present.add(option.number)
        return frozenset(present)

    def above(self, number: int) -> list[int]:
        """Return a part and those it stands in, innermost first."""
        numbers = [number]
        while (outer := self[numbers[-1]].outer) is not None:
            numbers.append(outer)
        return numbers
