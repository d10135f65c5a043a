"""Publishing: a version is reserved by creating its folder, and registered by a sidecar that is written at once."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ways.sheets.files import open_plain
from ways.systems.openassetio.entities import Entities, Entity, EntityAccessError, MissingEntityError, TraitSetError
from ways.systems.openassetio.listing import Listing, sidecar_of
from ways.systems.openassetio.places import HostPlace, without
from ways.systems.openassetio.references import Reference, is_whole
from ways.systems.openassetio.versions import following, marked_text, reservation_of
from ways.systems.shared import put_whole

#: Versions that are tried, one after the other, where other hosts reserve at the same time.
_TRIES = 10_000
#: Bytes of a sidecar.
MAX_SIDECAR = 16 << 20
#: Trait -> property -> value.
Published = Mapping[str, Mapping[str, Any]]


def reserve(entities: Entities, place: HostPlace, values: Mapping[str, str]) -> dict[str, str]:
    """Reserve the next version, or the one that *values* name, and return the values with it.

    Its folder is created, or where versions differ in the name of a file alone, the sidecar of the file; so that of two
    hosts that ask at once, only one gets it. At a place without versions, the folder of the file is made.

    :raises EntityAccessError: the version that is named is taken.
    :raises FormatError: nothing says how a version is counted, or a value is wrong.
    :raises OSError: a folder can't be made.
    """
    if not place.version:
        os.makedirs(os.path.dirname(_own_path(place, marked_text(entities.session, place, values))), exist_ok=True)
        return dict(values)
    if place.version in values:
        if not _reserved(entities, place, values):
            raise EntityAccessError(f"{place.name}: {place.version}={values[place.version]} is taken.")
        return dict(values)
    fixed = without(values, *([place.frame.name] if place.frame else []))
    version = entities.session.get_next(place.context, place.version, fixed)
    for _ in range(_TRIES):
        chosen = {**values, place.version: place.context.template.spec(place.version).text(version)}
        if _reserved(entities, place, chosen):
            return chosen
        version = following(version)
    raise EntityAccessError(f"{place.name}: {_TRIES} versions from {place.version}={version} on are taken.")


def _own_path(place: HostPlace, path: str) -> str:
    """Return a path of this machine.

    :raises MissingEntityError: it is one of another platform, or stands for another file in each folder.
    """
    if not os.path.isabs(path):
        raise MissingEntityError(f"{place.name}: {path} is no absolute path of this machine.")
    return path


def _reserved(entities: Entities, place: HostPlace, values: Mapping[str, str]) -> bool:
    """Reserve a version; return whether nobody had it."""
    text = _own_path(place, marked_text(entities.session, place, values))
    reservation = reservation_of(entities.session, place, values, text)
    os.makedirs(os.path.dirname(reservation), exist_ok=True)
    try:
        if reservation != sidecar_of(text):
            os.mkdir(reservation)
            try:
                os.makedirs(os.path.dirname(text), exist_ok=True)
            except OSError:
                # Nothing can be written there: the version stays free.
                with suppress(OSError):
                    os.rmdir(reservation)
                raise
            return True
        with open(reservation, "x", encoding="utf-8") as file:
            json.dump({"state": "reserved"}, file)
    except FileExistsError:
        return False
    [found] = entities.find([Reference(place.name, values)], Listing())
    if isinstance(found, Entity):
        # Somebody wrote files without reserving the version.
        os.unlink(reservation)
        return False
    return True


def write_sidecar(entity: Entity, reference: str, traits: Published) -> None:
    """Write what a host published of an entity beside it: all of it, or nothing.

    :raises MissingEntityError: its path is none of this machine.
    :raises TraitSetError: the traits are too large.
    :raises OSError: it can't be written.
    """
    sidecar = sidecar_of(_own_path(entity.place, entity.path))
    record = {"state": "registered", "reference": reference, "traits": traits}
    text = json.dumps(record, indent=2, sort_keys=True)
    if len(text) > MAX_SIDECAR:
        raise TraitSetError(f"{entity.place.name}: the traits take more than the {MAX_SIDECAR >> 20} MiB of a sidecar.")
    os.makedirs(os.path.dirname(sidecar), exist_ok=True)
    put_whole(text.encode(), sidecar, os.path.dirname(sidecar))


def read_sidecar(path: str) -> Published:
    """Return what a host published of an entity; nothing if none did.

    :raises MissingEntityError: the sidecar can't be understood.
    :raises OSError: it can't be read, or is no file.
    """
    sidecar, what_to_do = sidecar_of(path), "Publish the entity again, or delete the file."
    try:
        # A pipe or a device could keep the host waiting, or be without an end.
        with os.fdopen(open_plain(sidecar), "rb") as file:
            data = file.read(MAX_SIDECAR + 1)
    except FileNotFoundError:
        return {}
    if len(data) > MAX_SIDECAR:
        raise MissingEntityError(f"{sidecar}: expected at most {MAX_SIDECAR >> 20} MiB, found more. {what_to_do}")
    try:
        record = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MissingEntityError(f"{sidecar}: no JSON: {error}. {what_to_do}") from error
    traits = record.get("traits", {}) if isinstance(record, dict) else None
    if not isinstance(traits, dict) or not all(isinstance(properties, dict) for properties in traits.values()):
        raise MissingEntityError(f"{sidecar}: expected a block of traits, each with its properties. {what_to_do}")
    texts = [text for trait, properties in traits.items() for text in (trait, *properties, *properties.values())]
    if not all(is_whole(text) for text in texts if isinstance(text, str)):
        raise MissingEntityError(f"{sidecar}: a text has half of a character. {what_to_do}")
    return traits
