"""References as hosts hold them: ``ways:///place/of/it?TOKEN=value&...``. This module needs no OpenAssetIO.

The place is a path and the values are its query. Tokens are sorted, and characters other than ASCII letters, digits and
``_.-~`` are percent-encoded, so that one place with the same values has one reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

from ways.errors import WaysError, caret, lines

#: What a host asks for the manager by.
IDENTIFIER = "org.ways.manager"
#: The scheme of a reference, if a host sets no other.
SCHEME = "ways"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ERRORS = "surrogatepass"
_HALF = re.compile("[\ud800-\udfff]")


class MalformedReferenceError(WaysError, ValueError):
    """A text is no reference. ``span`` is the start and end of the fault in ``reference``."""

    def __init__(self, reference: str, message: str, span: tuple[int, int]) -> None:
        super().__init__(lines(f"This is no reference to a place: {message}.", *caret(reference, span).split("\n")))
        self.reference = reference
        self.span = span


class Reference(NamedTuple):
    """A place, and the values of its tokens. Without a value for its version, it means the latest."""

    #: The hierarchy as text, such as ``shot/render``.
    place: str
    #: Token -> value.
    values: Mapping[str, str]


@lru_cache(16)
def prefix_of(scheme: str = SCHEME) -> str:
    """Return what each reference of a scheme begins with.

    :raises ValueError: a scheme can't be spelt so.
    """
    if not _SCHEME.fullmatch(scheme):
        raise ValueError(f"scheme: expected small letters, digits, '+', '.' and '-', such as {SCHEME!r}, found {scheme!r}.")
    return f"{scheme}:///"


def compose(place: str, values: Mapping[str, str], scheme: str = SCHEME) -> str:
    """Return the reference of a place and values.

    >>> compose("shot/render", {"SHOT": "sh010", "JOB": "hero #1"})
    'ways:///shot/render?JOB=hero%20%231&SHOT=sh010'
    """
    query = "&".join([f"{_quoted(token)}={_quoted(values[token])}" for token in sorted(values)])
    return f"{prefix_of(scheme)}{quote(place, safe='/', errors=_ERRORS)}{query and '?'}{query}"


def parse(reference: str, scheme: str = SCHEME) -> Reference:
    """Return the place and the values of a reference. A ``+`` is a plus; a space is ``%20``.

    >>> parse("ways:///shot/render?JOB=hero%20%231&SHOT=sh010")
    Reference(place='shot/render', values={'JOB': 'hero #1', 'SHOT': 'sh010'})

    :raises MalformedReferenceError: it has another scheme, no place, an empty part, a token without a name or without a value,
        a token twice, or an escape that can't be read.
    """
    return parse_below(reference, prefix_of(scheme))


def parse_below(reference: str, prefix: str) -> Reference:
    """Return what :func:`parse` does, for what references of the scheme begin with: see :func:`prefix_of`."""
    return _plain(reference, prefix) or _exact(reference, prefix)


def _plain(reference: str, prefix: str) -> Reference | None:
    """Return a reference without escapes; ``None`` where there are some, or a fault."""
    if not reference.startswith(prefix) or "%" in reference or "#" in reference:
        return None
    place, mark, query = reference[len(prefix) :].partition("?")
    if not place or place[-1] == "/" or "//" in place:
        return None
    if not mark:
        return Reference(place, {})
    try:
        values = dict([pair.split("=", 1) for pair in query.split("&")])
    except ValueError:
        # A pair without a '='.
        return None
    return None if "" in values or len(values) <= query.count("&") else Reference(place, values)


def _exact(reference: str, prefix: str) -> Reference:
    """Return a reference, or say what is wrong with it and where."""
    if not reference.startswith(prefix):
        raise MalformedReferenceError(reference, f"it should begin with {prefix}", (0, len(reference)))
    if (at := reference.find("#")) >= 0:
        raise MalformedReferenceError(reference, "a '#' is written %23", (at, at + 1))
    start = len(prefix)
    path, mark, query = reference[start:].partition("?")
    # A first part that is a slash, as in the hierarchy /job.
    if not all(path.removeprefix("/").split("/")):
        what = "there is an empty part between the '/' of its place" if path.strip("/") else "it names no place"
        raise MalformedReferenceError(reference, what, (start, start + len(path)))
    values: dict[str, str] = {}
    place = _unquoted(path, reference, start)
    at = start + len(path) + len(mark)
    for pair in query.split("&") if mark else ():
        token, equals, value = pair.partition("=")
        span = (at, at + len(pair))
        if not token or not equals:
            raise MalformedReferenceError(reference, "expected TOKEN=value between '?' and '&'", span)
        token = _unquoted(token, reference, at)
        if token in values:
            raise MalformedReferenceError(reference, f"the token {token} is given twice", span)
        values[token] = _unquoted(value, reference, at + len(pair) - len(value))
        at += len(pair) + 1
    return Reference(place, values)


def is_whole(text: str) -> bool:
    """Whether a text can be given to OpenAssetIO: it has no half of a character, nor a byte that is no UTF-8."""
    return text.isascii() or not _HALF.search(text)


def _quoted(text: str) -> str:
    return quote(text, safe="", errors=_ERRORS)


def _unquoted(text: str, reference: str, start: int) -> str:
    """Return a part of a reference, which begins at *start*, with each ``%XX`` read."""
    if "%" not in text:
        return text
    if bad := _BAD_ESCAPE.search(text):
        where = start + bad.start()
        message = "a '%' has two hexadecimal digits behind it, and is itself written %25"
        raise MalformedReferenceError(reference, message, (where, where + 1))
    try:
        return unquote(text, errors=_ERRORS)
    except UnicodeDecodeError:
        raise MalformedReferenceError(reference, "these bytes are no UTF-8", (start, start + len(text))) from None
