"""Rows of timelines: the media of clips, and their references where OpenTimelineIO is installed."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from ways.session import Session
from ways.systems.otio.media import find_media

from .runner import Contest, Row, Sizes, once, steady

#: Versions of a shot, and frames of each.
VERSIONS, FRAMES = 3, 10
#: Seconds that a thousand clips may take.
SECONDS = 0.5
_VERSION = re.compile(r"v\d{3}")
_FRAME = re.compile(r"_v\d{3}\.(\d{4})\.exr")


def write_shots(folder: Path, count: int) -> list[str]:
    """Write so many shots with their versions and frames, and return their names."""
    shots = [f"sh{number:05}" for number in range(count)]
    for shot in shots:
        for number in range(1, VERSIONS + 1):
            place = folder / shot / f"v{number:03}"
            place.mkdir(parents=True)
            for frame in range(1001, 1001 + FRAMES):
                (place / f"{shot}_v{number:03}.{frame}.exr").touch()
    return shots


def session_of(folder: Path) -> Session:
    """Return a session that has these shots as the place ``comp``."""
    details = {"VERSION": {"mapping": "v{NUMBER:03d}"}, "FRAME": {"sequence": True}}
    mapping = f"{folder.as_posix()}/{{SHOT}}/{{VERSION}}/{{SHOT}}_{{VERSION}}.{{FRAME:04d}}.exr"
    session = Session()
    session.add_plugins(comp={"hierarchy": "comp", "mapping": mapping, "path": True, "mapping_details": details})
    return session


def by_hand(folder: str, shot: str) -> tuple[str, list[int]]:
    """Return the folder of the latest version of a shot, and its frames, as a script for this one tree would."""
    version = max(name for name in os.listdir(f"{folder}/{shot}") if _VERSION.fullmatch(name))
    place = f"{folder}/{shot}/{version}"
    found = (_FRAME.fullmatch(name.removeprefix(shot)) for name in os.listdir(place))
    return place, sorted(int(match[1]) for match in found if match)


def _p(sizes: Sizes) -> Iterator[Contest]:
    count = min(1_000, sizes.files)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shots = write_shots(folder, count)
        session = session_of(folder)
        asked = [{"SHOT": shot} for shot in shots]
        label = f"{count:,} clips"
        media = once(lambda: find_media(session, "comp", asked))
        hand = once(lambda: [by_hand(name, shot) for shot in shots])
        yield Contest(f"the media of {label}, against two os.listdir each", media, hand, None)
        if find_spec("opentimelineio") is not None:
            yield Contest(f"{label} linked, against half a second", once(_linking(session, shots)), steady(SECONDS), 1.0)


def _linking(session: Session, shots: list[str]) -> Callable[[], object]:
    from opentimelineio import opentime, schema

    from ways.systems.otio import link

    used = opentime.TimeRange(opentime.RationalTime(1001, 24), opentime.RationalTime(FRAMES, 24))
    clips = [schema.Clip(shot, source_range=used, metadata={"ways": {"place": "comp", "values": {"SHOT": shot}}}) for shot in shots]
    track = schema.Track(children=clips)
    assert all(linked.status == "linked" for linked in link(track, session))
    return lambda: link(track, session)


_WORLD = f"shots of {VERSIONS} versions with {FRAMES} frames each"
ROWS = (Row("P", "clips without a version and a frame, in one batch", _WORLD, _p),)
