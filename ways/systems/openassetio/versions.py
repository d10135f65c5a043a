"""Versions: their order, the one that follows, and what is created to reserve one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ways.api import Session
from ways.errors import FormatError
from ways.systems.openassetio.listing import sidecar_of
from ways.systems.openassetio.places import HostPlace, checked_path

_NUMBERS = re.compile(r"([0-9]+)")
_LAST_NUMBER = re.compile(r"[0-9]+(?=[^0-9]*$)")
_SEPARATORS = re.compile(r"[/\\]")


def order_of(version: str) -> list[tuple[int, int, str]]:
    """Return what sorts versions: numbers in them count as numbers."""
    return [(1, int(part), part) if part.isdecimal() else (0, 0, part) for part in _NUMBERS.split(version)]


def following(version: Any) -> Any:
    """Return the version after one: a number, or a text whose last number is counted on in as many digits.

    >>> following(3), following("v009")
    (4, 'v010')
    """
    if isinstance(version, int):
        return version + 1
    return _LAST_NUMBER.sub(lambda match: str(int(match[0]) + 1).zfill(len(match[0])), version)


def marked_text(session: Session, place: HostPlace, values: Mapping[str, str], mark: int = 0) -> str:
    """Return the path of values, with a mark where a host fills in the frame.

    Raises as :meth:`Session.format`, and a ``FormatError`` if no file can have the path.

    :param mark: 0 or 1, one of the two that there are.
    """
    if place.frame and place.frame.name not in values:
        values = {**values, place.frame.name: place.frame.marks[mark]}
    return checked_path(place.name, session.format(place.context, values))


class VersionSegment(NamedTuple):
    """The outermost segment of a path that has the version."""

    folder: str
    name: str
    #: The same segment with the version that follows.
    next_name: str
    #: Whether it is the last one.
    is_file: bool


def version_segment(session: Session, place: HostPlace, values: Mapping[str, str], text: str) -> VersionSegment:
    """Return the segment of a path that a version is told by.

    :param text: the path of *values*.
    :raises FormatError: the version holds no number.
    """
    other = marked_text(session, place, {**values, place.version: following(values[place.version])})
    if other == text:
        raise FormatError(f"{place.name}: {place.version}={values[place.version]} holds no number to count on from.")
    differs = next((index for index, (one, two) in enumerate(zip(text, other)) if one != two), min(len(text), len(other)))
    ends = [match.start() if (match := _SEPARATORS.search(path, differs)) else len(path) for path in (text, other)]
    start = max(text.rfind("/", 0, differs), text.rfind("\\", 0, differs)) + 1
    return VersionSegment(text[:start], text[start : ends[0]], other[start : ends[1]], ends[0] == len(text))


def reservation_of(session: Session, place: HostPlace, values: Mapping[str, str], text: str) -> str:
    """Return the path that is created to reserve a version: the outermost folder that has it, or the sidecar of the file.

    :param text: the path of *values*.
    :raises FormatError: the version holds no number.
    """
    segment = version_segment(session, place, values, text)
    return sidecar_of(text) if segment.is_file else segment.folder + segment.name


def names_of_versions(segment: VersionSegment, version: str, with_other_mark: str, width: int) -> re.Pattern[str] | None:
    """Return what matches the names of all versions, with the version as its first group; ``None`` if that can't be told.

    :param version: that of the segment.
    :param with_other_mark: the name of the segment with the second mark of the frame.
    :param width: the length of a mark.
    """
    name, other = segment.name, segment.next_name
    if len(name) != len(other) or len(name) != len(with_other_mark):
        return None
    pieces, start, index, is_first = [], 0, 0, True
    while index < len(name):
        if name[index] != with_other_mark[index]:
            pieces += [re.escape(name[start:index]), "-?[0-9]+"]
            index = start = index + width
        elif name[index] != other[index]:
            at = name.find(version, max(start, index - len(version) + 1), index + len(version))
            if not 0 <= at <= index:
                return None
            pieces += [re.escape(name[start:at]), "(.+)" if is_first else r"\1"]
            index = start = at + len(version)
            is_first = False
        else:
            index += 1
    return re.compile("".join([*pieces, re.escape(name[start:])]), re.DOTALL)
