"""Safety: what a value may not bring into a file path, unless the expression of its token allows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from ways.errors import TokenValueError
from ways.regex.expression import may_hold, writes
from ways.pattern.template import SEPARATORS, Template
from ways.pattern.token import reason_of, segments_expression
from ways.pattern.types import compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
#: Names with ``/`` between them, and no control characters. Compiled at first need, as it takes half a millisecond.
_SEGMENTS = rf"(?![^\x00-\x1f\x7f-\x9f]*[\x00-\x1f\x7f-\x9f]){segments_expression('/')}"
_AMISS = re.compile(rf"[{re.escape(SEPARATORS)}\x00-\x1f\x7f-\x9f]")
#: What leads to a folder above, or nowhere: some systems leave out dots and spaces at the end of a name.
_DOTS = re.compile(r"\.[. ]*")


class PathPart(NamedTuple):
    """A part of a text that was put together: literal, or the value of a token."""

    text: str
    #: The token; ``""`` for what the mapping, the environment or an expression gives.
    token: str = ""


def path_parts(template: Template, values: Mapping[str, str]) -> list[PathPart]:
    """Return the parts of the text that these values of the leaf tokens have."""
    pieces = template.writer.pieces(values)
    return [PathPart(values[piece.text], piece.text) if piece.is_token else PathPart(piece.text) for piece in pieces]


def check_path(template: Template, parts: Sequence[PathPart], where: str = "", separators: str = SEPARATORS) -> None:
    """Refuse a file path in which a value holds what only a mapping may.

    That is a separator or a control character that the token's expression doesn't allow, or a folder's name of dots.

    :param separators: what a value may not hold; what stands between dots may be any.
    :raises TokenValueError: one does.
    """
    for part in parts:
        if part.token and (reason := _reason(template, part.token, part.text, separators)):
            raise TokenValueError(part.token, part.text, reason, where)
    for component in _components(parts):
        tokens = [part for part in component if part.token]
        if tokens and _DOTS.fullmatch("".join(part.text for part in component)):
            if not any(_allows(template, part.token, "..") for part in tokens):
                reason = "a file path can't have a folder named only with dots, unless the token's expression contains them"
                raise TokenValueError(tokens[0].token, tokens[0].text, reason, where)


def is_safe_value(template: Template, token: str, value: str) -> bool:
    """Whether a value holds nothing that it may not in a file path, as far as it can be decided without the other values."""
    is_above = len(value) > 1 and _DOTS.fullmatch(value) and not _allows(template, token, "..")
    return not is_above and not _reason(template, token, value)


class PathSafety:
    """Finds of most texts of a file path, in half a microsecond, that no value of them leads to another folder."""

    __slots__ = ("_slashes", "_backslashes", "_varies")

    def __init__(self, template: Template) -> None:
        #: Whether texts differ in the number of their separators. Of those it says only what is true if they fit.
        self._varies = bool(template.options) or any(spec.separator for spec in template.all_specs.values())
        self._slashes, self._backslashes = (self._count(template, letter) for letter in "/\\")

    def _count(self, template: Template, letter: str) -> int | None:
        """Return how many separators of one kind a text has; ``None`` for any number, -1 where that is not certain."""
        if self._varies and not any(_may_hold_wrongly(template, name, letter) for name in template.leaf_tokens):
            return None
        literal = [leaf for leaf in template.leaves if not leaf.is_token and letter in leaf.text]
        is_open = any(leaf.options for leaf in literal) or any(template.spec(name).separator == letter for name in template.leaf_tokens)
        return -1 if is_open else sum(leaf.text.count(letter) for leaf in literal)

    def holds(self, text: str) -> bool:
        """Whether *text* has the separators of the mapping, no name that begins with a dot, and all of it can be shown."""
        return (
            text.isprintable()
            and (self._slashes is None or text.count("/") == self._slashes)
            and (self._backslashes is None or text.count("\\") == self._backslashes)
            and "/." not in text
            and "\\." not in text
            and text[:1] != "."
            # No value is dots alone.
            and not (self._varies and (".." in text or ". " in text))
        )


def _may_hold_wrongly(template: Template, token: str, letter: str) -> bool:
    """Whether a value that fits a token may hold a separator that it may not hold in a file path."""
    spec = template.spec(token)
    if spec.separator or _allows(template, token, letter):
        # That of segments stands only between them.
        return False
    reads = spec.reads
    return letter not in template.separators if reads is None else may_hold(reads, letter)


def _reason(template: Template, token: str, value: str, separators: str = SEPARATORS) -> str:
    """Return what is wrong with a value by itself, or ``""``."""
    spec = template.spec(token)
    if spec.separator:
        return "" if compiled(_SEGMENTS).fullmatch(spec.read_back(value)) else reason_of(spec, value)
    for match in _AMISS.finditer(value):
        if match[0] in SEPARATORS and match[0] not in separators:
            continue
        if not _allows(template, token, match[0]):
            what = "control character" if _CONTROL.match(match[0]) else "separator"
            return f"in a file path it can't contain the {what} {match[0]!r}, which its expression doesn't allow"
    return ""


def _components(parts: Iterable[PathPart]) -> Iterator[list[PathPart]]:
    """Yield the names between separators, each as the parts it is made of."""
    here: list[PathPart] = []
    for part in parts:
        first, *others = re.split(f"[{re.escape(SEPARATORS)}]", part.text)
        here.append(part._replace(text=first))
        for text in others:
            yield here
            here = [part._replace(text=text)]
    yield here


def _allows(template: Template, token: str, text: str, path: tuple[str, ...] = ()) -> bool:
    """Whether a token may hold a separator, or a control character or dots that are written in its expression."""
    spec = template.spec(token)
    if spec.separator:
        return text in SEPARATORS
    if any(text in choice for _, choice in spec.choices):
        return True
    expression = spec.own_expression
    if expression is not None and (may_hold(expression, text) if text in SEPARATORS else _writes(expression, text)):
        return True
    if not spec.splits or token in path:
        return False
    pieces = template.pieces_of(token)
    return any(
        _allows(template, piece.text, text, (*path, token)) if piece.is_token else text in piece.text for piece in pieces
    )


_writes = lru_cache(maxsize=4096)(writes)
