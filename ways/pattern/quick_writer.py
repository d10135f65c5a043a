"""QuickWriter: writes values and reads the text back at once, for mappings of which one match reads a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter

from ways.errors import MatchTimeoutError
from ways.pattern.template import Template
from ways.pattern.token import TokenSpec
from ways.regex.guard import Match

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

#: So many orders in which values are given are known at once, and so many texts of a token.
_LINES, _TEXTS = 256, 1024


class _Line(NamedTuple):
    """How the values of some tokens are written, and read back."""

    #: The mapping with ``%s`` for each token that has a value.
    form: str
    #: Returns the values of these tokens in order.
    given: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    #: The groups of these tokens, and those of the tokens without a value; ``()`` if it is each group in order.
    groups: tuple[int, ...]
    #: ``None`` for each token without a value.
    absent: tuple[None, ...]


class QuickWriter:
    """Writes the values of all leaf tokens that are to stand in a text; and of no other token.

    :param match: matches a text that can be read in one way only. Where it gives ``None`` nothing is written.
    :param groups: the groups of the leaf tokens.
    :param is_bare: whether there are no other groups.
    :param longest: the most characters of a text.
    """

    __slots__ = ("_template", "_match", "_groups", "_is_bare", "_longest", "_count", "_whole", "_lines", "_writers")

    def __init__(self, template: Template, match: Match, groups: Mapping[str, int], longest: int, *, is_bare: bool) -> None:
        self._template = template
        self._match = match
        self._groups = groups
        self._is_bare = is_bare
        self._longest = longest
        self._count = len(groups)
        self._whole = self._new_line(frozenset(groups))
        self._lines: dict[tuple[str, ...], _Line | None] = {}
        self._writers = {name: writer for name in groups if (writer := _writer(template.spec(name))) is not None}

    def match(self, values: Mapping[str, Any]) -> re.Match[str] | None:
        """Return the match of the text that has these values, which are texts; ``None`` where the exact way has to tell."""
        line = self._whole if len(values) == self._count else self._line_of(values)
        if line is None:
            return None
        form, given_of, groups, absent = line
        try:
            given = given_of(values)
            text = form % given
            if not all(given) or len(text) > self._longest:
                return None
            match = self._match(text)
        except (KeyError, ValueError, MatchTimeoutError):
            # A number has too many digits, or the match may take long.
            return None
        if match is None or match.string != text:
            return None
        if not groups:
            return match if match.groups() == given else None
        # 0 is the whole text: of a single group its value alone would be returned.
        return match if match.group(*groups, 0) == (*given, *absent, text) else None

    def texts(self, values: Mapping[str, Any]) -> dict[str, str] | None:
        """Return values that are texts and whole numbers as they are written; ``None`` where the exact way has to tell.

        No value, and ``""`` where a token can't be empty, is left out.
        """
        texts = {}
        for name, value in values.items():
            writer = self._writers.get(name)
            kind = type(value)
            if writer is None or not (kind is str or kind is int or value is None):
                return None
            if value is None or value == "":
                # What may be empty has another value where it is left out.
                if name in self._template.always_tokens or self._template.spec(name).may_be_empty:
                    return None
                continue
            try:
                texts[name] = writer(value)
            except ValueError:
                return None
        return texts

    def _line_of(self, values: Mapping[str, Any]) -> _Line | None:
        names = (*values,)
        if names not in self._lines:
            if len(self._lines) >= _LINES:
                self._lines.clear()
            self._lines[names] = self._new_line(frozenset(names))
        return self._lines.get(names)

    def _new_line(self, given: frozenset[str]) -> _Line | None:
        """Return how the values of these tokens are written; ``None`` if they are not all that a text of them needs, or more."""
        template, groups = self._template, self._groups
        if not given <= groups.keys() or not given >= template.fixed_tokens or not given:
            return None
        present = template.options.present(given)
        leaves = [leaf for leaf in template.leaves if present.issuperset(leaf.options)]
        names = [leaf.text for leaf in leaves if leaf.is_token]
        # A token that others write has no value where they are all absent, and nothing is written between them.
        filled = {name for leaf in leaves if leaf.text for name in leaf.owners if template.children(name)}
        if given != set(names) or not filled.issuperset(template.always_tokens - template.fixed_tokens):
            return None
        form = "".join("%s" if leaf.is_token else leaf.text.replace("%", "%%") for leaf in leaves)
        absent = [number for name, number in groups.items() if name not in given]
        numbers = (*(groups[name] for name in names), *absent)
        is_each = self._is_bare and not absent and numbers == (*range(1, len(numbers) + 1),)
        return _Line(form, _values_of(names), () if is_each else numbers, (None,) * len(absent))


def _values_of(names: list[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    # An itemgetter gives a single value in another shape.
    (name,) = names
    return lambda values: (values[name],)


def _writer(spec: TokenSpec) -> Callable[[Any], str] | None:
    """Return what gives the text of a text or a number; ``None`` where a text may mean another one."""
    if spec.is_plain:
        return str
    return None if spec.has_mixed_choices else lru_cache(_TEXTS, typed=True)(spec.given_text)
