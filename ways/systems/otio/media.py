"""What is on disk for a place and values: a file, or the numbered files of a sequence. This module needs no OpenTimelineIO."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ways import api
from ways.systems.openassetio.versions import order_of

if TYPE_CHECKING:
    from ways.api import Asset

#: The token of versions, if the sheet names no other: one that has no value stands for the latest on disk.
VERSION = "VERSION"
#: The token of frames, if the sheet names no other, besides those that are sequences.
FRAME = "FRAME"
#: Each digit -> one that differs and is no nought.
_OTHER_DIGITS = str.maketrans("0123456789", "1211111111")
_NUMBER = re.compile("-?[0-9]+")


class NoMediaError(api.WaysError, LookupError):
    """There is nothing on disk for a place and values."""


class Media(NamedTuple):
    """A file; or the numbered files of a sequence, whose paths are ``before``, a number of ``width`` digits or more, and ``after``."""

    #: The path of the file, or of the first file of the sequence.
    path: str
    #: Each frame number, ascending; none for a single file.
    frames: Sequence[int] = ()
    before: str = ""
    width: int = 1
    after: str = ""
    #: Token -> value, of those that were found on disk, except the frame.
    found: Mapping[str, str] = {}

    @property
    def step(self) -> int:
        """The distance between two frames: more than one if it is the same between all of at least three."""
        if len(self.frames) < 3:
            return 1
        step = self.frames[1] - self.frames[0]
        return step if list(self.frames) == list(range(self.frames[0], self.frames[-1] + 1, step)) else 1

    def gaps(self) -> list[int]:
        """Return each frame between the first and the last that isn't there."""
        there = range(self.frames[0], self.frames[-1] + 1, self.step) if self.frames else range(0)
        return sorted({*there} - {*self.frames}) if len(there) > len(self.frames) else []


def find_media(
    session: api.Session, place: str, asked: Sequence[Mapping[str, Any]], assignment: str = ""
) -> list[Media | Exception]:
    """Return, for each set of values, what is on disk at a place, or the error that says why there is nothing.

    All sets are formatted at once. A version that has no value is the latest on disk; a frame that has none, or a pad such as
    ``####``, stands for all frames on disk.
    """
    try:
        search = _Search(session, place, assignment)
        given = [search.without_pads(values) for values in asked]
        texts = search.format(given)
    except api.WaysError as error:
        return [error] * len(asked)
    return [_media(search, values, text) for values, text in zip(given, texts)]


def _media(search: _Search, values: Mapping[str, Any], text: str | Exception) -> Media | Exception:
    """Return what is on disk for values that have this text, or whose text this error refuses."""
    if isinstance(text, str):
        return Media(text) if os.path.exists(text) else NoMediaError(f"There is no file {text!r}.")
    if isinstance(text, api.MissingTokensError) and search.may_look_up(text.missing):
        try:
            return search.media(values, text.missing)
        except api.WaysError as error:
            return error
    return text


class _Search:
    """Looks for the values that a place needs and that nobody gave: versions and frames. Looks into each folder once, if it can."""

    def __init__(self, session: api.Session, place: str, assignment: str) -> None:
        self._session = session
        self._assignment = assignment
        self._context = context = session.need_context(place, assignment)
        template = context.template
        self._spec = template.spec
        # Hosts of OpenAssetIO ask for the same two tokens.
        named = context.get_openassetio()
        frame, version = named.get("frame", FRAME), named.get("version", VERSION)
        self._frames = {name for name in template.leaf_tokens if name == frame or template.spec(name).is_sequence}
        self._versions = {version, *template.part(version).all_tokens} if version in template.all_tokens else set()
        #: Missing tokens -> the values that were found for others.
        self._examples: dict[tuple[str, ...], Mapping[str, str]] = {}
        self._names: dict[str, list[str]] = {}

    def format(self, values: Sequence[Mapping[str, Any]]) -> list[str | Exception]:
        """Return the text of each set of values, or the error that says why there is none."""
        return self._session.format_many(self._context, values, self._assignment)

    def without_pads(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values without those of frames that are a pad alone, which stands for all frames."""
        return {name: value for name, value in values.items() if not (name in self._frames and self._is_pad(name, value))}

    def _is_pad(self, name: str, value: Any) -> bool:
        frames: Any = self._spec(name).value(value) if isinstance(value, str) else None
        return hasattr(frames, "pad") and not frames.range

    def may_look_up(self, missing: Sequence[str]) -> bool:
        """Whether the values of all these tokens may be those on disk."""
        frames = self._frames.intersection(missing)
        return len(frames) <= 1 and self._versions.issuperset(set(missing) - frames)

    def media(self, values: Mapping[str, Any], missing: Sequence[str]) -> Media:
        """Return the files on disk that have values: of the latest version, and all frames.

        :raises NoMediaError: there are none.
        """
        frame = next((name for name in missing if name in self._frames), "")
        versions = [name for name in missing if name != frame]
        example = self._examples.get(tuple(missing))
        found = self._media_like(example, values, frame, versions) if example else None
        return found or self._any_media(values, missing, frame, versions)

    def _any_media(self, values: Mapping[str, Any], missing: Sequence[str], frame: str, versions: Sequence[str]) -> Media:
        """Return the media among everything on disk that has values.

        :raises NoMediaError: there is none.
        """
        unread: list[str] = []
        things: dict[tuple[object, ...], list[Asset]] = {}
        for asset in self._session.find_assets(self._context, values, report=lambda *what: unread.append(": ".join(what))):
            key = tuple(item for item in asset.info.items() if item[0] != frame)
            things.setdefault(key, []).append(asset)

        def version_of(assets: list[Asset]) -> list[Any]:
            return [order_of(assets[0].info.get(name, "")) for name in versions]

        for assets in sorted(things.values(), key=version_of, reverse=True):
            first = min(assets, key=lambda asset: int(asset.info[frame])) if frame else assets[0]
            found = {name: first.info.get(name, "") for name in missing}
            # Something else, such as one with an optional part, may have the same version.
            if self._text({**values, **found}) == first.get_str():
                self._examples.setdefault(tuple(missing), found)
                if not frame:
                    return Media(first.get_str(), found=found)
                around = self._around(values, found, frame)
                if around is None:
                    raise NoMediaError(f"The frame stands more than once in {first.get_str()!r}, or can't be changed alone.")
                return _sequence(around, [asset.info[frame] for asset in assets], _without(found, frame))
        asked = ", ".join(f"{name}={value}" for name, value in values.items()) or "a path of this place"
        raise NoMediaError(f"Nothing on disk has {asked}{''.join(f'; {what}' for what in unread[:3])}.")

    def _media_like(self, example: Mapping[str, str], values: Mapping[str, Any], frame: str, versions: Sequence[str]) -> Media | None:
        """Return the media in the folder that the version, or the frame, of *example* would lie in.

        This is quicker than to read every name on disk; it answers ``None`` where that doesn't decide.
        """
        if len(versions) > 1:
            return None
        candidates = self._candidates(values, example, frame, versions[0]) if versions else [dict(example)]
        for found in candidates:
            if frame:
                around, numbers = self._frames_beside(values, found, frame)
                if around and numbers:
                    return _sequence(around, numbers, _without(found, frame))
            elif (text := self._text({**values, **found})) and os.path.exists(text):
                return Media(text, found=found)
        return None

    def _candidates(self, values: Mapping[str, Any], example: Mapping[str, str], frame: str, version: str) -> list[dict[str, str]]:
        """Return *example* with each version that a name in its folder may have, the latest first; none where that doesn't decide."""
        text, other = self._text({**values, **example}), self._text({**values, **_changed(example, version)})
        value = example[version]
        start = _start_of(text, other, value)
        if start is None:
            return []
        folder, before = os.path.split(text[:start])
        after, separator, _ = text[start + len(value) :].partition(os.sep)
        # Nothing else in the name may change: neither the frame, nor the version once more.
        name = f"{value}{after}{separator}"
        is_alone = other.startswith(f"{_other(value)}{after}{separator}", start)
        if not is_alone or (frame and not self._text({**values, **_changed(example, frame)}).startswith(name, start)):
            return []
        names = [name for name in self._listed(folder) if name.startswith(before) and name.endswith(after)]
        found = [name[len(before) : len(name) - len(after)] for name in names if len(name) > len(before) + len(after)]
        return [{**example, version: value} for value in sorted(found, key=order_of, reverse=True)]

    def _frames_beside(
        self, values: Mapping[str, Any], found: Mapping[str, str], frame: str
    ) -> tuple[tuple[str, str] | None, list[str]]:
        """Return what stands around the frame in its path, and the frames on disk; nothing where that doesn't decide.

        :param found: has a frame, which need not exist.
        """
        around = self._around(values, found, frame)
        if around is None or os.sep in around[1]:
            return around, []
        folder, before = os.path.split(around[0])
        fits = self._spec(frame).fits()
        names = [name for name in self._listed(folder) if name.startswith(before) and name.endswith(around[1])]
        numbers = [name[len(before) : len(name) - len(around[1])] for name in names]
        return around, [number for number in numbers if _NUMBER.fullmatch(number) and (fits is None or fits(number))]

    def _around(self, values: Mapping[str, Any], found: Mapping[str, str], token: str) -> tuple[str, str] | None:
        """Return what stands before and after the value of a token in a text; ``None`` if it stands there more than once."""
        text, other = self._text({**values, **found}), self._text({**values, **_changed(found, token)})
        value = found[token]
        start = _start_of(text, other, value)
        if start is None:
            return None
        before, after = text[:start], text[start + len(value) :]
        return (before, after) if f"{before}{_other(value)}{after}" == other else None

    def _text(self, values: Mapping[str, Any]) -> str:
        """Return the text of values, or ``""`` if there is none."""
        [text] = self.format([values])
        return text if isinstance(text, str) else ""

    def _listed(self, folder: str) -> list[str]:
        """Return the names in a folder; none if it can't be read."""
        if folder not in self._names:
            try:
                self._names[folder] = os.listdir(folder)
            except (OSError, ValueError):
                self._names[folder] = []
        return self._names[folder]


def _other(value: str) -> str:
    """Return a value of the same form, all digits of which differ."""
    return value.translate(_OTHER_DIGITS)


def _changed(values: Mapping[str, str], token: str) -> dict[str, str]:
    return {**values, token: _other(values[token])}


def _without(values: Mapping[str, str], token: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if name != token}


def _start_of(text: str, other: str, value: str) -> int | None:
    """Return where a value first stands in a text; ``None`` if that can't be told.

    :param other: the same text with :func:`_other` of the value.
    """
    digit = re.search("[0-9]", value)
    same = os.path.commonprefix([text, other])
    start = len(same) - digit.start() if digit else -1
    return start if start >= 0 and text.startswith(value, start) and other.startswith(_other(value), start) else None


def _sequence(around: tuple[str, str], numbers: Sequence[str], found: Mapping[str, str]) -> Media:
    """Return a sequence of frames.

    :raises NoMediaError: its numbers are written with several widths.
    """
    before, after = around
    path = f"{before}{min(numbers, key=int)}{after}"
    width = min(len(number) for number in numbers)
    if any(number != format(int(number), f"0{width}d") for number in numbers):
        raise NoMediaError(f"The frames beside {path!r} are written with several widths.")
    return Media(path, sorted(map(int, numbers)), before, width, after, found)


def frame_ranges(frames: Sequence[int]) -> Iterator[str]:
    """Yield ascending numbers as ranges: ``1001-1004``, ``1007``."""
    start = 0
    for end in range(1, len(frames) + 1):
        if end == len(frames) or frames[end] != frames[end - 1] + 1:
            yield f"{frames[start]}-{frames[end - 1]}" if end - start > 1 else str(frames[start])
            start = end
