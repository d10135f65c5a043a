"""Plan: what is known of a mapping before there is a text or a value, for the common case of a mapping that is plain."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from ways.errors import MatchTimeoutError, PatternError
from ways.pattern.compiled import STRICT, CompiledPattern, PatternCache
from ways.pattern.parts import First
from ways.pattern.scan import Piece
from ways.pattern.template import Leaf, Template

#: As strictly as can be, and only what the tokens hold that a text is split into.
LEAVES = STRICT._replace(holds_parents=False)
_AT_ONCE = 256
Match = Callable[[str], "re.Match[str] | None"]
Finder = Callable[[Mapping[str, Any]], "str | None"]


class Plan:
    """Short ways to read and write by one mapping. Each answer agrees with the long way, or is ``None``.

    What is plain enough for a short way is told once; everything else takes the long way.

    :param template: gives the mapping, parsed, when that is needed.
    :param first: what reads its first texts, if it is plain enough.
    """

    #: The mapping, parsed.
    template: Template
    #: Tokens whose value is not just its text.
    special: frozenset[str]
    #: The same as :attr:`complete`, once enough texts were read for the mapping to be compiled; until then nothing fits.
    single: Match
    #: For a mapping that is a file path: whether a text of it is surely none that a value leads astray.
    is_safe: Callable[[str], bool] | None

    #: Matches a text that fits strictly, where there is but one reading; :meth:`values` tells what a match says. Where
    #: that may take long it raises MatchTimeoutError at once: the long way has time for it.
    read: Match
    #: The same, where each match gives every token a value that an Asset needs.
    complete: Match
    #: The group of each leaf token whose value is just its text.
    numbers: Mapping[str, int]
    #: Gives the text of values that are those of all leaf tokens, and of nothing else.
    written: Finder
    #: The token of each group, in order; ``(`` and its name for a group inside a token's own expression.
    _groups: tuple[str, ...]
    #: What stands in ``_groups`` and is no leaf token.
    _others: tuple[str, ...]
    #: Whether each group is called as its token is.
    _are_named: bool

    def __init__(
        self, template: Callable[[], Template], patterns: PatternCache, first: First | None = None, *, is_path: bool = False
    ) -> None:
        self._parsed = template
        self._patterns = patterns
        self._first = first
        self._is_path = is_path
        if first is not None:
            self.single = _nothing
        self._found: dict[str, Finder] = {}

    def __getattr__(self, name: str) -> Any:
        # A cached_property does the same, but is looked up twice as slowly ever after.
        make = _MADE_WHEN_ASKED_FOR.get(name)
        if make is None:
            raise AttributeError(name)
        found = make(self)
        setattr(self, name, found)
        return found

    @property
    def is_new(self) -> bool:
        """Whether :meth:`first_values` has to be asked about a text that :attr:`single` refuses."""
        return self._first is not None

    def first_values(self, text: str) -> dict[str, str] | None:
        """Return the value of each leaf token in one of the first texts; ``None`` where :attr:`single` has to tell."""
        first = self._first
        values = None if first is None else first.values(text)
        if values is None:
            self._first = None
            self.__dict__.pop("single", None)
        return values

    @property
    def is_short(self) -> bool:
        """Whether what :attr:`complete` refuses doesn't fit; else the long way has to tell."""
        return self._first is not None or self.complete is not _nothing

    @property
    def gives_all(self) -> bool:
        """Whether the values of all leaf tokens are all that an Asset needs."""
        return self.is_short

    def values(self, match: re.Match[str]) -> dict[str, str]:
        """Return the value of each leaf token in a match of :attr:`read`."""
        found = match.groupdict() if self._are_named else dict(zip(self._groups, match.groups()))
        for name in self._others:
            del found[name]
        return found

    def columns(self, texts: Sequence[str]) -> dict[str, list[str]] | None:
        """Return the values of each leaf token in many texts, in their order; ``None`` where :attr:`read` refuses one."""
        found: list[list[str]] = [[] for _ in self._groups]
        # By so many at once, what is thrown away leaves room for the next ones: a quarter faster than all at once.
        for start in range(0, len(texts), _AT_ONCE):
            try:
                matches = list(map(self.read, texts[start : start + _AT_ONCE]))
            except MatchTimeoutError:
                return None
            if not all(matches):
                return None
            for column, values in zip(found, zip(*[match.groups() for match in matches])):  # type: ignore[union-attr]
                column.extend(values)
        return {name: column for name, column in zip(self._groups, found) if name not in self._others}

    def value(self, name: str, values: Mapping[str, Any]) -> Any:
        """Return the value of a token: given, read from the parent that counts most, or written by its children."""
        if name in self.special:
            return None
        if name in values:
            return values[name]
        finder = self._found.get(name)
        if finder is None:
            finder = self._found[name] = self._finder(name)
        return finder(values)

    def _finder(self, name: str) -> Finder:
        template = self.template
        if not template.is_plain or len(self._found) > len(template.specs) + len(template.all_tokens):
            return _nothing_of
        parent = next((other for other in template.parents(name) if other != name), None)
        if parent is not None:
            return self._reader(name, parent)
        pieces, specs = template.pieces_of(name), template.specs
        tokens = [piece for piece in pieces if piece.is_token]
        is_flat = not any(piece.options or (piece.text in specs and specs[piece.text].splits) for piece in tokens)
        return Writer(pieces).text if template.spec(name).splits and tokens and is_flat else _nothing_of

    def _reader(self, name: str, parent: str) -> Finder:
        try:
            pattern = _single(self.template.part(parent), self._patterns)
        except PatternError:
            pattern = None
        group = next((group for group, token in pattern.groups.items() if token == name), "") if pattern else ""
        return Reader(parent, pattern, group).value if pattern and group else _nothing_of

    def _pattern(self) -> CompiledPattern | None:
        return _single(self.template, self._patterns)

    def _make_template(self) -> Template:
        return self._parsed()

    def _make_special(self) -> frozenset[str]:
        specs = self.template.all_specs.items()
        return frozenset(name for name, spec in specs if spec.before_return or not spec.is_plain)

    def _make_single(self) -> Match:
        return self.complete

    def _make_is_safe(self) -> Callable[[str], bool] | None:
        return _Safety(self.template).holds if self._is_path else None

    def _make_read(self) -> Match:
        pattern = self._pattern()
        return _nothing if pattern is None else pattern.at_once

    def _make_complete(self) -> Match:
        return self.read if self.read is not _nothing and _gives_all(self.template) else _nothing

    def _make_groups(self) -> tuple[str, ...]:
        pattern = self._pattern()
        return tuple(pattern.groups.get(group, f"({group}") for group in pattern.regex.groupindex) if pattern else ()

    def _make_are_named(self) -> bool:
        pattern = self._pattern()
        return pattern is not None and tuple(pattern.regex.groupindex) == self._groups

    def _make_others(self) -> tuple[str, ...]:
        return tuple({*self._groups}.difference(self.template.leaf_tokens))

    def _make_numbers(self) -> Mapping[str, int]:
        leaves = {*self.template.leaf_tokens} - self.special
        return {name: number for number, name in enumerate(self._groups, 1) if name in leaves}

    def _make_written(self) -> Finder:
        template = self.template
        leaves = template.leaf_tokens
        parents = {*template.all_tokens}.difference(leaves)
        # A token that stands in another one may be read from it, rather than written by its children.
        is_flat = not any(next(template.parents(name), None) for name in parents)
        is_filled = all(map(template.children, parents))
        is_short = template.is_plain and is_flat and is_filled and leaves
        return Writer(template.leaves, len(leaves)).text if is_short else _nothing_of


_MADE_WHEN_ASKED_FOR: Mapping[str, Callable[[Plan], Any]] = {
    "template": Plan._make_template,
    "special": Plan._make_special,
    "single": Plan._make_single,
    "is_safe": Plan._make_is_safe,
    "read": Plan._make_read,
    "complete": Plan._make_complete,
    "numbers": Plan._make_numbers,
    "written": Plan._make_written,
    "_groups": Plan._make_groups,
    "_others": Plan._make_others,
    "_are_named": Plan._make_are_named,
}


class _Safety:
    """Tells of most texts of a file path, in half a microsecond, that nothing in them was smuggled in."""

    __slots__ = ("_slashes", "_backslashes")

    def __init__(self, template: Template) -> None:
        literal = "".join(leaf.text for leaf in template.leaves if not leaf.is_token)
        self._slashes = literal.count("/")
        self._backslashes = literal.count("\\")

    def holds(self, text: str) -> bool:
        """Whether *text* has the separators of the mapping, no name that begins with a dot, and all of it can be shown."""
        return (
            text.isprintable()
            and text.count("/") == self._slashes
            and text.count("\\") == self._backslashes
            and "/." not in text
            and "\\." not in text
            and text[:1] != "."
        )


class Writer:
    """Writes values between literals: one look-up for all of them, and one ``%``.

    :param count: how many values there must be; any number, if absent.
    """

    __slots__ = ("_form", "_get", "_is_one", "_count")

    def __init__(self, pieces: Iterable[Piece | Leaf], count: int = 0) -> None:
        pieces = tuple(pieces)
        names = [piece.text for piece in pieces if piece.is_token]
        self._form = "".join("%s" if piece.is_token else piece.text.replace("%", "%%") for piece in pieces)
        self._get = itemgetter(*names)
        self._is_one = len(names) == 1
        self._count = count

    def text(self, values: Mapping[str, Any]) -> str | None:
        """Return the text, or ``None`` where a value lacks or is empty, or there are more."""
        if self._count and len(values) != self._count:
            return None
        try:
            found = self._get(values)
        except KeyError:
            return None
        if self._is_one:
            found = (found,)
        return self._form % found if all(found) else None


class Reader:
    """Reads one token's value from that of the token it stands in."""

    __slots__ = ("_parent", "_fullmatch", "_number")

    def __init__(self, parent: str, pattern: CompiledPattern, group: str) -> None:
        self._parent = parent
        self._fullmatch = pattern.fullmatch
        self._number = pattern.regex.groupindex[group]

    def value(self, values: Mapping[str, Any]) -> str | None:
        """Return the value, or ``None`` where there is none or it is empty."""
        if self._parent not in values:
            return None
        found = self._fullmatch(str(values[self._parent]))
        return found[self._number] or None if found is not None else None


def _nothing(text: str) -> re.Match[str] | None:
    return None


def _nothing_of(values: Mapping[str, Any]) -> str | None:
    return None


def _single(template: Template, patterns: PatternCache) -> CompiledPattern | None:
    """Return the strict pattern of a template if a match says all there is to say.

    :raises PatternError: the template has none.
    """
    parents = {*template.all_tokens}.difference(template.leaf_tokens)
    if not template.mapping or any(template.spec(name).fits() for name in parents):
        return None
    pattern = patterns.get(template, LEAVES)
    are_all_named = pattern.regex.groups == len(pattern.regex.groupindex)
    return pattern if pattern.says_all and are_all_named else None


def _gives_all(template: Template) -> bool:
    """Whether the values of all leaf tokens give each other token a value too.

    One that is written by others has none where they are all empty, or where no token stands in it.
    """
    leaves = template.leaf_tokens
    parents = {*template.all_tokens}.difference(leaves)
    if not all(template.children(name) for name in parents):
        return False
    return not parents or not any((fits := template.spec(name).fits()) and fits("") for name in leaves)
