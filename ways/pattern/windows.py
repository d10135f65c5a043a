"""Paths of Windows as texts: ``/`` stands for ``\\``, and letter case doesn't count in a drive letter, a server or a share."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ways.pattern.segments import MatchShape, SegmentShape
from ways.pattern.template import Template

#: What begins a path that Windows takes as it stands, or a device: such a path is never one of a mapping.
REFUSED = ("\\\\?\\", "\\\\.\\")
_OUTSIDE_TOKENS = re.compile(r"\{[^{}]*\}|/")


def refused_prefix(text: str) -> str:
    """Return the prefix of *text* that no path of a mapping may have, with backslashes; ``""`` if it has none."""
    start = text[:4].replace("/", "\\")
    return start if start in REFUSED else ""


def refusal(text: str) -> str:
    """Return a sentence that says why a text is refused for its prefix, and what to write; ``""`` if it isn't."""
    prefix = refused_prefix(text)
    if not prefix:
        return ""
    rest = text[len(prefix) :]
    plain = f"\\\\{rest[4:]}" if rest[:4].replace("/", "\\").upper() == "UNC\\" else rest
    return f"Ways refuses paths that begin with {prefix}, because Windows doesn't read them as ordinary paths: write {plain}"


def root_length(text: str) -> int:
    """Return how many characters of a path name its drive, or its server and share. Its separators are backslashes.

    >>> root_length("X:\\\\jobs"), root_length("\\\\\\\\srv\\\\share\\\\jobs"), root_length("jobs")
    (2, 11, 0)
    """
    if text[1:2] == ":" and text[0].isascii() and text[0].isalpha():
        return 2
    if not text.startswith("\\\\"):
        return 0
    server = text.find("\\", 2)
    share = text.find("\\", server + 1) if server > 0 else -1
    return share if share > 0 else len(text)


def with_backslashes(mapping: str) -> str:
    """Return a mapping with a backslash for each ``/`` between its tokens."""
    return _OUTSIDE_TOKENS.sub(lambda match: "\\" if match[0] == "/" else match[0], mapping)


class PathForms:
    """The forms of a text in which a mapping may read it as a path of Windows; each has the length of the text.

    Most texts have one: with backslashes, and the drive, server and share as the mapping spells them. Where a token stands
    in these, it may want them in any case.
    """

    __slots__ = ("_start", "_is_open", "_keeps")

    def __init__(self, template: Template) -> None:
        start = ""
        for leaf in template.leaves:
            if leaf.is_token or leaf.options:
                break
            start += leaf.text
        self._start = start
        #: Whether the mapping doesn't spell its drive, or its server and share, as text.
        self._is_open = not start or root_length(start) == len(start)
        #: Whether the mapping has both separators as text, as a token's expression may want it.
        self._keeps = "/" in template.separators

    def __call__(self, text: str) -> Sequence[str]:
        """Return the forms, the best first; none for a text with a prefix that is refused."""
        start = self._start
        if not self._is_open and "/" not in text and text.startswith(start):
            return (text,)
        if refused_prefix(text):
            return ()
        form = text.replace("/", "\\")
        length = root_length(form)
        end = min(length, len(start))
        if lower(form[:end]) == lower(start[:end]):
            form = start[:end] + form[end:]
        forms = [text, form] if self._keeps else [form]
        if self._is_open and end < length:
            rest = form[end:length]
            forms += [form[:end] + changed + form[length:] for changed in (lower(rest), upper(rest)) if changed != rest]
        return forms


def index_forms(text: str) -> dict[str, None]:
    """Return the forms under which an index may know a text that is a path of Windows for some mappings."""
    form = text.replace("/", "\\")
    length = root_length(form)
    return dict.fromkeys((text, form, lower(form[:length]) + form[length:]))


def index_shape(shape: MatchShape) -> MatchShape:
    """Return the shape of a mapping for an index that is asked for :func:`index_forms`."""
    return shape._replace(forms=tuple(map(_index_form, shape.forms))) if shape.separator == "\\" else shape


def _index_form(segments: tuple[SegmentShape, ...]) -> tuple[SegmentShape, ...]:
    if not segments[0].is_fixed or segments[0].start[1:2] == ":":
        places: tuple[int, ...] = (0,)
    else:
        places = (2, 3) if len(segments) > 2 and all(segment == SegmentShape(True, "", "") for segment in segments[:2]) else ()
    changed = list(segments)
    for place in (place for place in places if place < len(segments)):
        segment = segments[place]
        changed[place] = segment._replace(start=lower(segment.start), end=lower(segment.end)) if segment.is_fixed else (
            segment._replace(start="", end="" if place else segment.end)
        )
        if segment.crosses:
            # What stands behind it may lie anywhere in a text.
            break
    return tuple(changed)


def lower(text: str) -> str:
    """Return *text* in lower case; its length stays."""
    return text.lower() if text.isascii() else "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


def upper(text: str) -> str:
    """Return *text* in upper case; its length stays."""
    return text.upper() if text.isascii() else "".join(great if len(great := letter.upper()) == 1 else letter for letter in text)
