"""Versions: their order, the one that follows, and what is created to reserve one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ways.api import Session
from ways.errors import FormatError
from ways.systems.openassetio.listing import sidecar_of
from ways.systems.openassetio.places import HostPlace

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


def marked_text(session: Session, place: HostPlace, values: Mapping[str, str]) -> str:
    """Return the path of values, with a mark where a host fills in the frame. Raises as :meth:`Session.format`."""
    if place.frame and place.frame.name not in values:
        values = {**values, place.frame.name: place.frame.marks[0]}
    return session.format(place.context, values)


def reservation_of(session: Session, place: HostPlace, values: Mapping[str, str], text: str) -> str:
    """Return the path that is created to reserve a version: the outermost folder that has it, or the sidecar of the file.

    :param text: the path of *values*.
    :raises FormatError: the version holds no number.
    """
    other = marked_text(session, place, {**values, place.version: following(values[place.version])})
    if other == text:
        raise FormatError(f"{place.name}: {place.version}={values[place.version]} holds no number to count on from.")
    differs = next((index for index, (one, two) in enumerate(zip(text, other)) if one != two), min(len(text), len(other)))
    end = _SEPARATORS.search(text, differs)
    return sidecar_of(text) if end is None else text[: end.start()]
