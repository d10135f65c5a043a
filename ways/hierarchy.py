"""Hierarchy: a place in the world, as a tuple of names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ways.errors import HierarchyError

#: What one part may hold; a leading slash of the text stays as a first part of its own.
_LEGAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_- ")


class Hierarchy(tuple[str, ...]):
    """A place: a tuple of non-empty names that also knows its text. Equal to the plain tuple.

    >>> Hierarchy.of("job//shot/ plates") == ("job", "shot", "plates")
    True
    """

    __slots__ = ()

    @classmethod
    def of(cls, place: str | Iterable[str]) -> Hierarchy:
        """Return the Hierarchy of a text or of parts; texts inside parts are split as well.

        Parts are stripped and empty ones dropped. A leading slash is a real first part: ``'/a'`` is ``('/', 'a')``.

        :raises TypeError: *place* is neither a text nor an iterable of texts.
        """
        if isinstance(place, Hierarchy):
            return place
        if isinstance(place, str):
            return cls(_split(place))
        return cls(name for part in place for name in _split(part))

    @property
    def text(self) -> str:
        """The parts joined by ``/``."""
        return join_hierarchy(self)

    @property
    def ancestors(self) -> Iterator[Hierarchy]:
        """Every prefix from the first part to the whole, shortest first."""
        return (Hierarchy(self[:end]) for end in range(1, len(self) + 1))

    def starts_with(self, other: tuple[str, ...]) -> bool:
        """Whether *other* is this place or one above it."""
        return self[: len(other)] == other

    def check(self) -> Hierarchy:
        """Return this hierarchy if each part has only legal characters.

        :raises HierarchyError: naming the first other character.
        """
        for part in self:
            if not _is_legal(part):
                text = self.text
                first = next((index for index, letter in enumerate(part) if letter not in _LEGAL), 0)
                raise HierarchyError(text, text.index(part) + first)
        return self

    @property
    def is_legal(self) -> bool:
        """Whether each part has only characters that a Context may have."""
        return all(map(_is_legal, self))


def _is_legal(part: str) -> bool:
    return (bool(part) and _LEGAL.issuperset(part)) or part == "/"


def join_hierarchy(parts: Iterable[str]) -> str:
    """Return *parts* as one text: ``('/', 'a', 'b')`` gives ``'/a/b'``."""
    names = tuple(parts)
    return "/" + "/".join(names[1:]) if names[:1] == ("/",) else "/".join(names)


def split_hierarchy(place: str | Iterable[str]) -> tuple[str, ...]:
    """Return *place* as a tuple of parts. See :meth:`Hierarchy.of`."""
    return Hierarchy.of(place)


def _split(text: str) -> list[str]:
    if not isinstance(text, str):
        raise TypeError(f"A hierarchy is a text or a sequence of texts, not {text!r}.")
    text = text.strip()
    parts = [name for part in text.split("/") if (name := part.strip())]
    return ["/", *parts] if text.startswith("/") else parts
