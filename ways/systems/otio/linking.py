"""Clips to media references: what a clip asks for, looked up on disk for all clips of a place at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from ways import api
from ways.errors import MissingExtraError
from ways.lightweight import CollectorPause
from ways.systems.openassetio.references import MalformedReferenceError, parse, prefix_of
from ways.systems.otio.media import Media, find_media, frame_ranges

try:
    from opentimelineio import exceptions, opentime, schema
except ImportError as _error:
    raise MissingExtraError("opentimelineio", "otio", "timelines") from _error

#: The key of our metadata, in a clip and in its media reference.
KEY = "ways"
#: What happens to a clip that can't be linked: see :func:`linked_clips`.
POLICIES = ("missing", "keep", "raise")
#: The greatest frame number that OpenTimelineIO takes.
_MOST = 2**31 - 1
#: Ranges of missing frames that a note names.
_NAMED = 10


class UnlinkedError(api.WaysError, exceptions.OTIOError):  # type: ignore[misc]
    """A clip can't be linked. ``clip`` is its name, ``reason`` why."""

    def __init__(self, clip: str, reason: str) -> None:
        super().__init__(f"The clip {clip!r} can't be linked: {reason}")
        self.clip = clip
        self.reason = reason


class Asked(NamedTuple):
    """What a clip asks for, or why that can't be read."""

    place: str = ""
    values: Mapping[str, Any] = {}
    #: The reference, if it is given by one.
    reference: str = ""
    fault: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the metadata that ask for the same."""
        if self.reference:
            return {"reference": self.reference}
        return {"place": self.place, "values": dict(self.values)} if self.place else {}


class Linked(NamedTuple):
    """What became of a clip."""

    clip: Any
    #: Its position among the clips, from 1.
    number: int
    asked: Asked | None
    #: The new media reference; ``None`` to leave the clip as it is.
    reference: Any = None
    media: Media | None = None
    #: What is odd about the media, in words.
    note: str = ""
    #: Why it can't be linked.
    reason: str = ""

    @property
    def status(self) -> str:
        """``linked``, ``missing``, or ``left`` for a clip that names no place."""
        return "left" if self.asked is None else "linked" if self.media else "missing"

    @property
    def path(self) -> str:
        """The path of the file; of a sequence, with the range of its frames, such as ``beauty.1001-1048####.exr``."""
        media = self.media
        if media is None:
            return ""
        return f"{media.before}{self.frames}{'#' * media.width}{media.after}" if media.frames else media.path

    @property
    def frames(self) -> str:
        """The first and the last frame, such as ``1001-1048`` or ``1001-1047x2``; ``""`` if there are none."""
        if self.media is None or not self.media.frames:
            return ""
        first, last, step = self.media.frames[0], self.media.frames[-1], self.media.step
        return str(first) if first == last else f"{first}-{last}{f'x{step}' if step > 1 else ''}"


def link(timeline: Any, session: api.Session | None = None, **arguments: Any) -> list[Linked]:
    """Give each clip of a timeline that names a place its media reference, and return what became of each clip.

    :param timeline: a timeline, any composition, a collection or a clip.
    :param session: has the places; if absent, the current one.
    :param arguments: as for :func:`linked_clips`.
    """
    with CollectorPause():
        done = sorted(linked_clips(clips_of(timeline), session, **arguments), key=lambda linked: linked.number)
    for linked in done:
        if linked.reference is not None:
            linked.clip.media_reference = linked.reference
    return done


def clips_of(timeline: Any) -> list[Any]:
    """Return each clip of a timeline, at any depth, in order.

    :raises TypeError: *timeline* is nothing that has clips.
    """
    if not hasattr(timeline, "find_clips"):
        raise TypeError(f"expected a timeline, a composition, a collection or a clip, found {type(timeline).__name__}")
    return list(timeline.find_clips())


def arguments_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of :func:`linked_clips` that a host gives to the media linker.

    :raises ValueError: there is no such argument, or it can't have that value.
    """
    known = {"assignment": str, "on_error": str, "rate": (int, float)}
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"the media linker 'ways' has no argument {name!r}.{api.did_you_mean(str(name), known)}")
        if not isinstance(value, known[name]) or isinstance(value, bool):  # type: ignore[arg-type]
            raise ValueError(f"{name}: expected {'a number' if name == 'rate' else 'a text'}, found {value!r}")
    return dict(given)


def linked_clips(
    clips: Iterable[Any], session: api.Session | None = None, *, assignment: str = "", on_error: str = "missing", rate: float = 0
) -> Iterator[Linked]:
    """Yield what each clip is linked to, place by place; the clips themselves stay as they are.

    :param session: has the places; if absent, the current one.
    :param assignment: one layer of plugins; ``''`` for all.
    :param on_error: ``missing`` to give a clip that can't be linked a MissingReference that says why, ``keep`` to leave it as
        it is, ``raise`` to raise.
    :param rate: frames per second of sequences, for clips that don't say any.
    :raises UnlinkedError: a clip can't be linked, and *on_error* is ``raise``.
    :raises ValueError: there is no such *on_error*, or *rate* is below 0 or infinite.
    """
    if on_error not in POLICIES:
        raise ValueError(f"on_error: expected one of {', '.join(POLICIES)}, found {on_error!r}.{api.did_you_mean(on_error, POLICIES)}")
    if not 0 <= rate < float("inf"):
        raise ValueError(f"rate: expected frames per second, found {rate!r}")
    session = session or api.current_session()
    asked = [Linked(clip, number, asked_by(clip)) for number, clip in enumerate(clips, 1)]
    by_place: dict[str, list[Linked]] = {}
    for linked in asked:
        by_place.setdefault(linked.asked.place if linked.asked else "", []).append(linked)
    for place, group in by_place.items():
        for linked in _linked(session, place, group, assignment, rate) if place else group:
            if linked.asked and linked.asked.fault:
                linked = linked._replace(reason=linked.asked.fault)
            if linked.reason and on_error == "raise":
                raise UnlinkedError(linked.clip.name, linked.reason)
            if linked.reason and on_error == "missing":
                linked = linked._replace(reference=_missing(linked))
            yield linked


def _linked(session: api.Session, place: str, group: list[Linked], assignment: str, rate: float) -> Iterator[Linked]:
    """Yield what the clips of one place are linked to."""
    keys = [tuple(sorted(linked.asked.values.items())) for linked in group if linked.asked]
    unique = list(dict.fromkeys(keys))
    found = dict(zip(unique, find_media(session, place, [dict(key) for key in unique], assignment)))
    for linked, key in zip(group, keys):
        media = found[key]
        if isinstance(media, Media):
            yield _with_reference(linked, media, rate)
        else:
            yield linked._replace(reason=" ".join(str(media).split("\n")))


def asked_by(clip: Any) -> Asked | None:
    """Return what a clip asks for: by its metadata, by those of its media reference, or by the URL of that; ``None`` if by none."""
    if KEY in clip.metadata:
        return asked_in(clip.metadata[KEY])
    reference = clip.media_reference
    if reference is None:
        return None
    if KEY in reference.metadata:
        return asked_in(reference.metadata[KEY])
    url = reference.target_url if isinstance(reference, schema.ExternalReference) else ""
    return asked_in(url) if url.startswith(prefix_of()) else None


def asked_in(data: Any) -> Asked:
    """Return what metadata ask for: a reference, or a place and values."""
    if isinstance(data, Mapping) and "reference" in data:
        data = data["reference"]
        if not isinstance(data, str):
            return Asked(fault=f"metadata {KEY}.reference: expected a text, found {_named(data)}.")
    if isinstance(data, str):
        try:
            return Asked(*parse(data), reference=data)
        except MalformedReferenceError as error:
            return Asked(reference=data, fault=" ".join(str(error).split("\n")))
    if not isinstance(data, Mapping) or "place" not in data:
        return Asked(fault=f"metadata {KEY}: expected a place and values, or a reference, found {_named(data)}.")
    place, values = data["place"], data.get("values", {})
    if not isinstance(place, str) or not place:
        return Asked(fault=f"metadata {KEY}.place: expected the text of a place, found {_named(place)}.")
    if not isinstance(values, Mapping):
        return Asked(place="", fault=f"metadata {KEY}.values: expected a value for each token, found {_named(values)}.")
    given = {token: value for token, value in values.items() if value is not None}
    for token, value in given.items():
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            return Asked(fault=f"metadata {KEY}.values.{token}: expected a text or a number, found {_named(value)}.")
    return Asked(place, given)


def _named(value: Any) -> str:
    """Return in words what a value of metadata is."""
    if isinstance(value, Mapping):
        return f"the keys {', '.join(map(str, value))}" if value else "nothing"
    is_plain = value is None or isinstance(value, (str, bool, int, float))
    return repr(value)[:60] if is_plain else f"a value of the type {type(value).__name__}"


def _with_reference(linked: Linked, media: Media, rate: float) -> Linked:
    """Return a clip with the reference to its media, or with the reason that there can't be one."""
    assert linked.asked is not None
    former = _former(linked.clip)
    data = {**linked.asked.as_dict(), "found": dict(media.found)}
    metadata = {**(former.metadata if former else {}), KEY: data}
    if not media.frames:
        known = former.available_range if former else None
        reference = schema.ExternalReference(target_url=_url(media.path), available_range=known, metadata=metadata)
        return linked._replace(media=media, reference=_named_as(former, reference))
    rate = _rate(linked.clip, former) or rate
    if not rate:
        return linked._replace(reason="Neither the clip nor its media has a rate, which frames need: give the argument rate.")
    if max(abs(media.frames[0]), media.frames[-1]) > _MOST:
        return linked._replace(reason=f"Frame numbers are {_MOST} at most, and there is {media.path!r}.")
    gaps = _ranges_in_words(media.gaps())
    if gaps:
        data["missing_frames"] = gaps
    folder, name = os.path.split(media.before)
    base, prefix, suffix = f"{_url(folder).removesuffix('/')}/", quote(name), quote(media.after.replace(os.sep, "/"))
    reference = schema.ImageSequenceReference(
        target_url_base=base,
        name_prefix=prefix,
        name_suffix=suffix,
        start_frame=media.frames[0],
        frame_step=media.step,
        rate=rate,
        frame_zero_padding=media.width,
        available_range=_range(media, former, rate),
        metadata=metadata,
    )
    number = media.path[len(media.before) : len(media.path) - len(media.after)]
    if reference.target_url_for_image_number(0) != f"{base}{prefix}{number}{suffix}":
        return linked._replace(reason=f"OpenTimelineIO can't write the frame number of {media.path!r}.")
    return linked._replace(media=media, reference=_named_as(former, reference), note=_note(linked.clip, reference, gaps))


def _named_as(former: Any, reference: Any) -> Any:
    """Return a reference with the name and the bounds of the former one."""
    if former is not None:
        reference.name, reference.available_image_bounds = former.name, former.available_image_bounds
    return reference


def _ranges_in_words(frames: Sequence[int]) -> str:
    """Return ascending numbers as ranges, the first of them by name."""
    ranges = list(frame_ranges(frames))
    more = f" and {len(ranges) - _NAMED} more" if len(ranges) > _NAMED else ""
    return f"{','.join(ranges[:_NAMED])}{more}"


def _url(path: str) -> str:
    """Return the URL of a file, percent-encoded. A path that isn't absolute is below the current folder."""
    return Path(os.path.abspath(path)).as_uri()


def _former(clip: Any) -> Any:
    """Return the media reference that a clip had, also before an earlier linking failed."""
    reference = clip.media_reference
    data = reference.metadata.get(KEY) if isinstance(reference, schema.MissingReference) else None
    was = data.get("was") if isinstance(data, Mapping) else None
    return was if isinstance(was, (schema.ExternalReference, schema.ImageSequenceReference, schema.GeneratorReference)) else reference


def _rate(clip: Any, former: Any) -> float:
    """Return the rate of a clip; 0 if it has none."""
    if isinstance(former, schema.ImageSequenceReference) and former.available_range is not None:
        return float(former.rate)
    for time in (clip.source_range, former.available_range if former else None):
        if time is not None and 0 < time.duration.rate < float("inf"):
            return float(time.duration.rate)
    return 0.0


def _range(media: Media, former: Any, rate: float) -> Any:
    """Return the time of a sequence. It begins where that of the former media did; without any, at its first frame number."""
    start = opentime.RationalTime(media.frames[0], rate)
    known = former.available_range if former else None
    if known is not None and isinstance(former, schema.ImageSequenceReference):
        # It may have begun with another frame.
        start += known.start_time - opentime.RationalTime(former.start_frame, former.rate)
    elif known is not None:
        start = known.start_time
    count = media.frames[-1] - media.frames[0] + media.step
    return opentime.TimeRange(start, opentime.RationalTime(count, rate))


def _note(clip: Any, reference: Any, gaps: str) -> str:
    """Return what an editor would want to know about a sequence."""
    notes = [f"missing frames: {gaps}"] if gaps else []
    used, there = clip.source_range, reference.available_range
    if used is not None and not (there.start_time <= used.start_time and used.end_time_exclusive() <= there.end_time_exclusive()):
        first, last = used.start_time.value, used.end_time_inclusive().value
        notes.append(f"the clip uses {first:g}-{last:g} of {there.start_time.value:g}-{there.end_time_inclusive().value:g}")
    return "; ".join(notes)


def _missing(linked: Linked) -> Any:
    """Return the reference of a clip that can't be linked. It keeps what the clip had, and what asks for its media."""
    assert linked.asked is not None
    clip = linked.clip
    present, former = clip.media_reference, _former(clip)
    # A value may have half of a surrogate pair, which OpenTimelineIO can't write.
    data = {**linked.asked.as_dict(), "reason": linked.reason.encode("utf-8", "backslashreplace").decode()}
    if former is not None and not isinstance(former, schema.MissingReference):
        data["was"] = former.clone()
    known = present.available_range if present else None
    return _named_as(present, schema.MissingReference(metadata={**(present.metadata if present else {}), KEY: data}, available_range=known))
