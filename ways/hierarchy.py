"""Hierarchy: a place, as a tuple of names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ways.errors import HierarchyError
from ways.limits import MAX_HIERARCHY

#: The characters of a part; a leading slash of the text is a first part by itself.
_LEGAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_- ")
_HEX = frozenset("0123456789abcdefABCDEF")


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

    @classmethod
    def of_plain(cls, parts: Iterable[str]) -> Hierarchy:
        """Return the Hierarchy of parts that may hold any character, as the formats of other systems make them.

        Characters that no part may have are written ``%XX``; :attr:`plain` reads them back.

        >>> Hierarchy.of_plain(("usd", "types", "mod.Class")).text
        'usd/types/mod%2EClass'
        """
        return cls(map(_quoted, parts))

    @property
    def plain(self) -> tuple[str, ...]:
        """The parts, with each ``%XX`` read."""
        return tuple(_unquoted(part) or part for part in self)

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

        :raises HierarchyError: a part has another character, or there are too many parts.
        """
        if len(self) > MAX_HIERARCHY:
            raise HierarchyError(self.text, 0, f"The hierarchy {self.text[:40]!r}... has {len(self)} parts; there may be {MAX_HIERARCHY}.")
        for part in self:
            if not _is_legal(part):
                raise HierarchyError(self.text, self.text.index(part) + _first_illegal(part))
        return self

    @property
    def has_plain_letters(self) -> bool:
        """Whether each part has only characters that are never escaped."""
        return all(_LEGAL.issuperset(part) and part == part.strip(" ") for part in self)

    @property
    def is_legal(self) -> bool:
        """Whether each part has only characters that a Context may have."""
        return len(self) <= MAX_HIERARCHY and all(map(_is_legal, self))


def _is_legal(part: str) -> bool:
    return (bool(part) and _LEGAL.issuperset(part)) or part == "/" or ("%" in part and _canonical(part) is not None)


def _first_illegal(part: str) -> int:
    """Return the index of the first character that is neither legal nor part of a ``%XX``."""
    index = 0
    while index < len(part):
        if part[index] == "%" and len(part) > index + 2 and _HEX.issuperset(part[index + 1 : index + 3]):
            index += 3
        elif part[index] in _LEGAL:
            index += 1
        else:
            return index
    # Each escape of such a part may be right by itself, while the bytes are no UTF-8.
    return max(part.find("%"), 0)


def _unquoted(part: str) -> str | None:
    """Return a part with each ``%XX`` read; ``None`` if one is malformed, or their bytes are no UTF-8."""
    before, *escaped = part.split("%")
    data = before.encode("utf-8", "surrogatepass")
    for piece in escaped:
        if len(piece) < 2 or not _HEX.issuperset(piece[:2]):
            return None
        data += bytes.fromhex(piece[:2]) + piece[2:].encode("utf-8", "surrogatepass")
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None


def _quoted(part: str) -> str:
    """Return any text as one part: characters that no part may have, and spaces around it, as ``%XX``."""
    first, last = len(part) - len(part.lstrip(" ")), len(part.rstrip(" "))
    return "".join(
        letter
        if letter in _LEGAL and first <= index < last
        else "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogatepass"))
        for index, letter in enumerate(part)
    )


def _canonical(part: str) -> str | None:
    """Return a part with each ``%XX`` in its one spelling; ``None`` if it has an illegal character."""
    plain = _unquoted(part)
    if plain is None or not (_LEGAL | {"%"}).issuperset(part):
        return None
    return _quoted(plain)


def join_hierarchy(parts: Iterable[str]) -> str:
    """Return *parts* as one text: ``('/', 'a', 'b')`` gives ``'/a/b'``."""
    names = tuple(parts)
    return "/" + "/".join(names[1:]) if names[:1] == ("/",) else "/".join(names)


def quoted_hierarchy(parts: Iterable[str]) -> str:
    """Return parts as one text, with ``%XX`` for each character that isn't allowed in a hierarchy.

    >>> quoted_hierarchy(("usd", "types", "mod.Class"))
    'usd/types/mod%2EClass'
    """
    return Hierarchy.of_plain(parts).text


def split_hierarchy(place: str | Iterable[str]) -> tuple[str, ...]:
    """Return *place* as a tuple of parts. See :meth:`Hierarchy.of`."""
    return Hierarchy.of(place)


def _split(text: str) -> list[str]:
    if not isinstance(text, str):
        raise TypeError(f"A hierarchy is a text or a sequence of texts, not {text!r}.")
    text = text.strip()
    parts = [name for part in text.split("/") if (name := part.strip())]
    if "%" in text:
        parts = [_canonical(part) or part if "%" in part else part for part in parts]
    return ["/", *parts] if text.startswith("/") else parts
