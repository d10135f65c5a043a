"""A token's value from its parents or from its children."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping

from ways.errors import AmbiguousReadingError, PatternError, TokenValueError
from ways.pattern.pattern import PatternCache
from ways.pattern.fill import group_dict, named_groups
from ways.pattern.scan import expand_string
from ways.pattern.template import Template
from ways.pattern.token import TokenSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def texts_of(
    values: Mapping[str, Any], template: Template, where: str = "", write: Callable[[TokenSpec, Any], str] = TokenSpec.text
) -> dict[str, str]:
    """Return *values* as the texts they are written as. No value, and ``''`` where a token can't be empty, is left out.

    :param where: where the mapping is written, for errors.
    :param write: gives the text of a value: ``TokenSpec.given_text`` for values that are given rather than read.
    :raises TokenValueError: a token's format can't write its value.
    """
    texts = {}
    for name, value in values.items():
        if value is None:
            continue
        spec = template.spec(name)
        text = text_or_raise(spec, value, write, where)
        if text or name in template.always_tokens or name not in template.all_tokens or spec.may_be_empty:
            texts[name] = text
    return texts


def text_or_raise(spec: TokenSpec, value: Any, write: Callable[[TokenSpec, Any], str], where: str) -> str:
    """Return the text of a token's value; the other arguments are those of :func:`texts_of`.

    :raises TokenValueError: the token can't write the value.
    """
    try:
        return write(spec, value)
    except ValueError as error:
        # Python makes no text of a number of more than 4,300 digits.
        shown = f"{hex(value)[:20]}..." if isinstance(value, int) and value.bit_length() > 10_000 else str(value)
        raise TokenValueError(spec.name, shown, str(error), where) from None


def given_values(values: Mapping[str, Any], template: Template) -> dict[str, Any]:
    """Return values as they were given, those of typed tokens as the texts that their formats write.

    Values of plain tokens, and what a format can't write, stay as they are.
    """
    if template.is_plain:
        return dict(values)
    return {name: given_value(name, value, template) for name, value in values.items()}


def given_value(name: str, value: Any, template: Template) -> Any:
    """Return one value as :func:`given_values` does."""
    spec = template.spec(name)
    if value is None or value == "" or spec.is_plain:
        return value
    try:
        return spec.given_text(value)
    except ValueError:
        return value


def with_defaults(texts: Mapping[str, str], template: Template) -> dict[str, str]:
    """Return the texts of the tokens with those that stand in for what is missing.

    A default never makes an optional part appear.
    """
    filled = dict(texts)
    for name in template.always_tokens:
        spec = template.spec(name)
        if spec.default is not None and not filled.get(name):
            filled[name] = spec.text(spec.default)
    return filled


def find_value(name: str, values: Mapping[str, str], template: Template, patterns: PatternCache) -> str:
    """Return the value of the token *name*: given, read from a parent, or written by its children; else ``''``.

    Parents are tried in the order of the details, each before its own parents; the first value that is not empty is
    the answer.
    """
    if name in values:
        return values[name]
    return from_parents(name, dict(values), template, patterns) or from_children(name, values, template)


def from_parents(
    name: str,
    values: MutableMapping[str, str],
    template: Template,
    patterns: PatternCache,
    path: tuple[str, ...] = (),
) -> str:
    """Return the value of *name* read from a token that holds it, or ``''``. The values of parents on the way are added to *values*."""
    for parent in template.parents(name):
        if parent in path or parent == name:
            continue
        if parent not in values:
            text = from_parents(parent, values, template, patterns, (*path, name))
            if not text:
                continue
            values[parent] = text
        value = from_parent(name, parent, values[parent], template, patterns)
        if value:
            return value
    return ""


def from_parent(name: str, parent: str, text: str, template: Template, patterns: PatternCache) -> str:
    """Return the value of *name* in *text*, which is the value of its *parent*; ``''`` if no way of reading gives one.

    First as the whole parent reads, then by splitting at its literals, then by its expressions alone.
    """
    text = str(text)
    readers = (_read_whole, _read_by_splitting, _read_by_expressions)
    return next((value for read in readers if (value := read(parent, text, template, patterns).get(name))), "")


def from_children(name: str, values: Mapping[str, str], template: Template) -> str:
    """Return the value of *name* written by the tokens of its mapping, or ``''`` where one of them has none."""
    return _by_children(name, values, template, ()) or ""


def _by_children(name: str, values: Mapping[str, str], template: Template, path: tuple[str, ...]) -> str | None:
    """Return what the tokens of its mapping write for *name*; ``None`` where one of them has no value."""
    pieces = template.pieces_of(name)
    if name in path or not template.spec(name).splits or not any(piece.is_token for piece in pieces):
        return None
    known: dict[str, str] = {}
    for child in dict.fromkeys(piece.text for piece in pieces if piece.is_token):
        given = values.get(child)
        text = _by_children(child, values, template, (*path, name)) if given is None else str(given)
        # An empty text is a value of what may be empty, and of nothing else.
        if text or (text is not None and (given is None or template.spec(child).may_be_empty)):
            known[child] = text
    try:
        return template.writer_of(name).text(template.as_written(known))
    except KeyError:
        # A token outside of every optional part has no value.
        return None


def _read_whole(parent: str, text: str, template: Template, patterns: PatternCache) -> Mapping[str, str]:
    try:
        return patterns.get(template.part(parent)).match_all(text) or {}
    except (PatternError, AmbiguousReadingError):
        return {}


def _read_by_splitting(parent: str, text: str, template: Template, patterns: PatternCache) -> Mapping[str, str]:
    try:
        return expand_string(template.spec(parent).mapping, text)
    except ValueError:
        return {}


def _read_by_expressions(parent: str, text: str, template: Template, patterns: PatternCache) -> Mapping[str, str]:
    try:
        return group_dict(named_groups(template, parent), text)
    except PatternError:
        return {}
