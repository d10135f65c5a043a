"""Places as hosts see them: their traits, the token that counts versions, and the one that counts frames."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ways.api import Context, Session, join_hierarchy
from ways.errors import FormatError, WaysError
from ways.systems.openassetio.references import is_whole
from ways.systems.openassetio.traits import DISPLAY_NAME, ENTITY, FRAME_RANGED, LOCATABLE, VERSION, ids_of

#: Characters of a path. Systems take no more.
LONGEST_PATH = 4096
#: A format of whole numbers, with the width.
_NUMBER = re.compile(r"-?(?:0([1-9][0-9]?))?d")
_FRAME = re.compile("-?[0-9]+")
#: More digits than this has no frame.
_MOST_DIGITS = 20


class FrameToken(NamedTuple):
    """A token that a host fills in: ``{frame:04d}`` stands in the location."""

    name: str
    #: Digits of a frame's number at least, a minus included; 0 where only the files tell.
    width: int
    #: Two values of one length, each a character that is repeated: where texts with them differ, the frame stands.
    marks: tuple[str, str]
    #: Whether a text fits the token.
    fits: Callable[[str], object]

    def is_number(self, text: str) -> bool:
        """Whether a text in a path is the number of a frame."""
        return bool(_FRAME.fullmatch(text) and self.fits(text))


class HostPlace(NamedTuple):
    """What a place is to a host. Made once for a snapshot."""

    name: str
    context: Context
    #: All traits that its entities have.
    traits: frozenset[str]
    #: Those that a host must give to publish.
    required: frozenset[str]
    mime: str
    may_publish: bool
    is_on_windows: bool
    #: The token that counts versions; ``""`` for none.
    version: str
    #: The tokens that write the version, if it is written by others.
    version_parts: frozenset[str]
    frame: FrameToken | None


def host_place(session: Session, name: str, assignment: str = "") -> HostPlace:
    """Return a place as hosts see it.

    :raises ContextNotFoundError: there is none.
    :raises UnresolvedMappingError: it has no mapping.
    """
    context = session.need_context(name, assignment)
    context.get_mapping()
    settings = context.get_openassetio()
    always = context.template.always_tokens
    version = settings.get("version", "VERSION")
    version = version if version in always else ""
    frame = _frame_token(context, settings.get("frame", "FRAME"))
    given = {ENTITY, LOCATABLE, DISPLAY_NAME, *([VERSION] if version else []), *([FRAME_RANGED] if frame else [])}
    return HostPlace(
        name,
        context,
        ids_of(settings.get("traits", ())) | given,
        ids_of(settings.get("required", ())),
        settings.get("mime", ""),
        settings.get("publish", False) and bool(context.is_path()),
        session.settings.platform.lower() == "windows",
        version,
        frozenset(context.template.part(version).leaf_tokens if version else ()) - {version},
        frame,
    )


def host_places(session: Session, assignment: str = "") -> list[HostPlace]:
    """Return every place that has a mapping, as hosts see it."""
    places = []
    for parts in session.hierarchies():
        try:
            places.append(host_place(session, join_hierarchy(parts), assignment))
        except WaysError:
            # It is only there for others below it, or its mapping can't be read.
            continue
    return places


def _frame_token(context: Context, name: str) -> FrameToken | None:
    template = context.template
    if name not in template.always_tokens:
        return None
    spec = template.spec(name)
    number = _NUMBER.fullmatch(spec.format)
    if spec.format and not number:
        return None
    width = int(number[1] or 1) if number else 0
    fits = spec.fits() or _any
    if spec.is_sequence:
        return FrameToken(name, width, ("#" * (width or 1), "@" * (width or 1)), fits)
    # An expression may want more digits than one.
    for count in [width] if width else range(1, _MOST_DIGITS):
        if fits("1" * count) and fits("2" * count):
            return FrameToken(name, width, ("1" * count, "2" * count), fits)
    return None


def _any(text: str) -> bool:
    return True


def around_frame(text: str, frame: FrameToken, other: Callable[[], str]) -> list[str]:
    """Return what stands around the frame in a text: two pieces, or more where the mapping has the frame more than once.

    :param text: has the first mark.
    :param other: returns the same text with the second mark; called only if the first doesn't tell.
    """
    first, _ = frame.marks
    mark, width = first[0], len(first)
    if mark == "#" and text.count(mark) == width:
        return text.split(first)
    pieces, start = [], 0
    for index, (one, two) in enumerate(zip(text, other())):
        if one != two and index >= start:
            pieces.append(text[start:index])
            start = index + width
    return [*pieces, text[start:]]


def checked_path(name: str, text: str) -> str:
    """Return the path that values of a place have, if a file can have it and OpenAssetIO can be given it.

    :raises FormatError: it has a null character or half of a character, or is longer than any path.
    """
    if "\0" in text or not is_whole(text):
        raise FormatError(f"{name}: {text!r} is no path: it has a null character, or half of a character.")
    if len(text) > LONGEST_PATH:
        raise FormatError(f"{name}: {text[:100]!r}... is no path: it has {len(text)} characters, more than {LONGEST_PATH}.")
    return text


def template_of(pieces: list[str], width: int) -> str:
    """Return the template that a host fills in, such as ``/a/b.{frame:04d}.exr``, in which other braces are doubled."""
    pattern = f"{{frame:0{width}d}}" if width > 1 else "{frame:d}"
    return pattern.join([piece.replace("{", "{{").replace("}", "}}") for piece in pieces])


def without(values: Mapping[str, str], *tokens: str) -> dict[str, str]:
    """Return values without those of some tokens."""
    return {token: value for token, value in values.items() if token not in tokens}
