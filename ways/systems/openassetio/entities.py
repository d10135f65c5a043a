"""Entities: what references of hosts mean on disk, in one frozen snapshot of a session. Knows nothing of OpenAssetIO."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import NamedTuple

from ways.api import Asset, Session
from ways.errors import FormatError, WaysError
from ways.systems.openassetio.listing import Listing, width_of
from ways.systems.openassetio.places import HostPlace, around_frame, checked_path, host_place, host_places, template_of, without
from ways.systems.openassetio.references import Reference
from ways.systems.openassetio.versions import marked_text, names_of_versions, order_of, reservation_of, version_segment

#: The versions that "latest" means for the rest of a render: by a reference without one, the version.
Pins = dict[str, str]


class MissingEntityError(WaysError, LookupError):
    """Nothing on disk is what a reference means."""


class UnreadableFramesError(MissingEntityError):
    """The numbers of the files of a sequence are written in several widths."""


class EntityAccessError(WaysError, PermissionError):
    """An entity may not be read, or not be written."""


class TraitSetError(WaysError, ValueError):
    """A host gives too few traits, or others than the entity has."""


class Entity(NamedTuple):
    """What a reference means."""

    place: HostPlace
    #: All values but those that a host fills in; with that of its version.
    values: Mapping[str, str]
    #: Its path; for many frames, with a mark where the frame stands.
    path: str
    #: What stands around the frame; ``None`` if it is a single file.
    pieces: list[str] | None = None
    #: The frames on disk, as texts.
    frames: Sequence[str] = ()
    #: Whether the reference named no version.
    is_latest: bool = False

    @property
    def width(self) -> int:
        """The digits of a frame at least, a minus included; 0 without any."""
        return (self.place.frame.width if self.place.frame else 0) or width_of(self.frames)

    @property
    def template(self) -> str:
        """The path with ``{frame:04d}`` for the frame, if it has many."""
        return self.path if self.pieces is None else template_of(self.pieces, self.width)


class Entities:
    """The places of a frozen session, and what is on disk of them. Many threads may ask at once."""

    def __init__(self, session: Session, assignment: str = "") -> None:
        self._snapshot = session.snapshot(leave_out=True)
        self.session = Session.from_snapshot(self._snapshot)
        self.assignment = assignment
        self._places: dict[str, HostPlace] = {}
        self._all: list[HostPlace] | None = None
        self._digest = ""
        self._lock = Lock()

    @property
    def digest(self) -> str:
        """What tells this snapshot from one of other sheets."""
        if not self._digest:
            self._digest = self._snapshot.digest
        return self._digest

    def place(self, name: str) -> HostPlace:
        """Return a place.

        :raises WaysError: there is none, or it has no mapping.
        """
        place = self._places.get(name)
        if place is None:
            place = self._places[name] = host_place(self.session, name, self.assignment)
        return place

    @property
    def places(self) -> list[HostPlace]:
        """Every place that has a mapping."""
        with self._lock:
            if self._all is None:
                self._all = host_places(self.session, self.assignment)
            return self._all

    def publishing_place(self, reference: Reference) -> HostPlace:
        """Return the place of a reference, if it may be published to.

        :raises EntityAccessError: it may not.
        :raises WaysError: there is no such place, or it has no mapping.
        """
        place = self.place(reference.place)
        if not place.may_publish:
            lack = "doesn't say 'publish: true' under 'openassetio'" if place.context.is_path() else "doesn't say 'path: true'"
            raise EntityAccessError(f"{place.name} may not be published to: its sheet {lack}.")
        return place

    # --- what references mean

    def find(
        self, references: Sequence[Reference | WaysError], listing: Listing, *, pins: Pins | None = None, is_written: bool = False
    ) -> list[Entity | Exception]:
        """Return the entity of each reference, in the same order, or the error that says why there is none.

        References to one place are written together, and each folder is looked at once.

        :param pins: the versions that stand for the latest; those that are looked up are added.
        :param is_written: whether it is to be written: its place must allow that, and it need not exist.
        """
        answers: list[Entity | Exception | None] = [None] * len(references)
        by_place: dict[str, list[tuple[int, Reference]]] = {}
        for index, reference in enumerate(references):
            if isinstance(reference, WaysError):
                answers[index] = reference
            else:
                by_place.setdefault(reference.place, []).append((index, reference))
        for name, named in by_place.items():
            try:
                place = self.publishing_place(named[0][1]) if is_written else self.place(name)
            except WaysError as error:
                for index, _ in named:
                    answers[index] = error
                continue
            values = [reference.values for _, reference in named]
            for (index, _), answer in zip(named, self._at(place, values, listing, pins, is_written=is_written)):
                answers[index] = answer
        return [answer for answer in answers if answer is not None]

    def _at(
        self, place: HostPlace, given: Sequence[Mapping[str, str]], listing: Listing, pins: Pins | None, *, is_written: bool
    ) -> list[Entity | Exception]:
        """Return what references to one place mean."""
        version, frame = place.version, place.frame
        values = list(given)
        # The references without a version, and their errors.
        floating: dict[int, Exception | None] = {}
        if version:
            for index, one in enumerate(given):
                if version not in one:
                    values[index], floating[index] = self._pinned(place, one, listing, pins, is_written=is_written)
        to_write = values
        if frame is not None:
            to_write = [one if frame.name in one else {**one, frame.name: frame.marks[0]} for one in values]
        answers: list[Entity | Exception] = []
        for index, text in enumerate(self.session.format_many(place.context, to_write)):
            error = floating.get(index) if floating else None
            if error is not None or not isinstance(text, str):
                answers.append(error or text)
                continue
            try:
                checked_path(place.name, text)
                answers.append(self._entity(place, values[index], text, listing, index in floating, is_written))
            except (WaysError, OSError) as problem:
                answers.append(problem)
        return answers

    def _pinned(
        self, place: HostPlace, values: Mapping[str, str], listing: Listing, pins: Pins | None, *, is_written: bool
    ) -> tuple[Mapping[str, str], Exception | None]:
        """Return values with the latest version, or the error that says why there is none."""
        try:
            if is_written:
                raise MissingEntityError(f"{place.name}: the reference names no {place.version}; preflight reserves one.")
            if parts := ", ".join(sorted(place.version_parts.intersection(values))):
                raise FormatError(f"{place.name}: {parts} is a part of the version. Give {place.version} as a whole, or nothing of it.")
            return {**values, place.version: self.latest(place, values, listing, pins)}, None
        except (WaysError, OSError) as error:
            return values, error

    def _entity(
        self, place: HostPlace, values: Mapping[str, str], text: str, listing: Listing, is_latest: bool, is_written: bool
    ) -> Entity:
        """Return what has a path, if it is there or is to be written."""
        if place.frame is not None and place.frame.name not in values:
            pieces, frames = self._frames(place, values, text, listing)
            if frames or is_written:
                entity = Entity(place, values, text, pieces, frames, is_latest)
                if not is_written and any(number != f"{int(number):0{entity.width}d}" for number in frames):
                    raise UnreadableFramesError(f"{place.name}: the frames of {text} are written with several widths.")
                return entity
        elif is_written or listing.has(text):
            return Entity(place, values, text, None, (), is_latest)
        if self.is_reserved(place, values, text, listing):
            raise EntityAccessError(f"{text} is reserved, and not written yet.")
        raise MissingEntityError(f"{place.name}: there is no file {text}.")

    def _frames(self, place: HostPlace, values: Mapping[str, str], text: str, listing: Listing) -> tuple[list[str], list[str]]:
        """Return what stands around the frame in a text, and the frames on disk."""
        frame = place.frame
        assert frame is not None
        pieces = around_frame(text, frame, lambda: marked_text(self.session, place, values, 1))
        if len(pieces) == 2 and not any(separator in pieces[1] for separator in "/\\"):
            numbers = listing.numbers(pieces[0], pieces[1])
        else:
            # Other assets with these values may have an optional part.
            found = self.session.find_assets(place.context, _alone(place, values))
            numbers = sorted({_text(asset, frame.name) for asset in found})
        return pieces, [number for number in numbers if frame.is_number(number)]

    def is_reserved(self, place: HostPlace, values: Mapping[str, str], text: str, listing: Listing) -> bool:
        """Whether a version is taken that has no files."""
        try:
            return bool(place.version) and listing.has(reservation_of(self.session, place, values, text))
        except (WaysError, OSError):
            return False

    # --- versions

    def latest(self, place: HostPlace, values: Mapping[str, str], listing: Listing, pins: Pins | None = None) -> str:
        """Return the greatest version that is on disk, or the one that is pinned.

        :raises MissingEntityError: there is none.
        """
        key = repr((place.name, sorted(values.items())))
        if pins is not None and (pinned := pins.get(key)) is not None:
            return pinned
        version = next(self._versions(place, values, listing), None)
        if version is None:
            raise MissingEntityError(f"{place.name}: no version is on disk of {_in_words(values)}.")
        # Another thread may have pinned one since.
        return version if pins is None else pins.setdefault(key, version)

    def versions(self, place: HostPlace, values: Mapping[str, str], listing: Listing) -> list[str]:
        """Return the versions on disk of what has these values otherwise, the newest first."""
        return list(self._versions(place, values, listing))

    def _versions(self, place: HostPlace, values: Mapping[str, str], listing: Listing) -> Iterator[str]:
        """Yield the versions. One is looked for, then the names beside it, then the files of each: not all files of all versions."""
        others = without(values, place.version)
        found = self.session.find_assets(place.context, _alone(place, others))
        first = next(found, None)
        if first is None:
            return
        texts = {_text(first, place.version)}
        names = self._version_names(place, others, *texts)
        if names is None:
            texts.update(_text(asset, place.version) for asset in found)
        else:
            folder, pattern = names
            texts.update(match[1] for name in listing.names(folder) if (match := pattern.fullmatch(name)))
        # A folder v0001 is no version where versions have three digits: its reference would mean v001.
        for text in sorted({text for text in texts if _as_written(place, text) == text}, key=order_of, reverse=True):
            [entity] = self.find([Reference(place.name, {**others, place.version: text})], listing)
            if isinstance(entity, (Entity, UnreadableFramesError)):
                yield text

    def _version_names(self, place: HostPlace, others: Mapping[str, str], version: str) -> tuple[str, re.Pattern[str]] | None:
        """Return the folder in which versions differ, and what matches the names of them there; ``None`` if that can't be told."""
        values = {**others, place.version: version}
        try:
            text, other = (marked_text(self.session, place, values, mark) for mark in (0, 1))
            segment = version_segment(self.session, place, values, text)
        except WaysError:
            return None
        if not other.startswith(segment.folder):
            return None
        other_name = other[len(segment.folder) :][: len(segment.name)]
        pattern = names_of_versions(segment, version, other_name, len(place.frame.marks[0]) if place.frame else 0)
        return None if pattern is None else (segment.folder, pattern)

    def is_same_version(self, place: HostPlace, one: str, other: str) -> bool:
        """Whether two texts are the same version: ``5`` and ``005`` are, if the version is written with three digits."""
        return _as_written(place, one) == _as_written(place, other)


def _as_written(place: HostPlace, version: str) -> str:
    """Return a version with as many digits as the place writes; one that it can't write stays as it is."""
    try:
        return place.context.template.spec(place.version).given_text(version)
    except ValueError:
        return version


def _alone(place: HostPlace, values: Mapping[str, str]) -> dict[str, str | None]:
    """Return values, and that optional parts that have none of them are missing."""
    template = place.context.template
    given = {part for token in values for part in (token, *template.part(token).leaf_tokens)}
    lacking = [token for token in template.leaf_tokens if token not in template.always_tokens and token not in given]
    return {**values, **dict.fromkeys(lacking)}


def _text(asset: Asset, token: str) -> str:
    """Return the text of a token, which others may write."""
    return str(asset.info[token] if token in asset.info else asset.get_value(token))


def _in_words(values: Mapping[str, str]) -> str:
    return ", ".join(f"{token}={value}" for token, value in values.items()) or "it"
