"""Rows that walk: Assets on disk, beside a walk written by hand for this one tree."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ways.session import Session

from .runner import Contest, Row, Sizes, calls
from .worlds import write_tree

_DETAILS = {
    "JOB": {"parse": {"regex": r"job\d+"}},
    "SCENE": {"parse": {"regex": r"SC\d{2}"}},
    "SHOT": {"parse": {"regex": r"sh_\d{4}"}},
    "PRODUCT": {"parse": {"regex": r"prod\d"}},
    "VERSION": {"parse": {"regex": r"v\d{3}"}},
}
_FILE = re.compile(r"plate_(v\d{3})\.exr")
_NAMES = {name: re.compile(entry["parse"]["regex"]) for name, entry in _DETAILS.items()}


def walk(root: str, job: str = "", shot: str = "") -> Iterator[dict[str, str]]:
    """Yield the values of each plate below *root*; of one job or shot, if they are given."""
    for job_name in _names(root, "JOB", job):
        for scene in _names(f"{root}/{job_name}", "SCENE"):
            for shot_name in _names(f"{root}/{job_name}/{scene}", "SHOT", shot):
                below = f"{root}/{job_name}/{scene}/{shot_name}/publish"
                values = {"JOB": job_name, "SCENE": scene, "SHOT": shot_name}
                for product in _names(below, "PRODUCT"):
                    yield from _files(f"{below}/{product}", {**values, "PRODUCT": product})


def _names(folder: str, token: str, name: str = "") -> list[str]:
    if name:
        return [name] if os.path.isdir(f"{folder}/{name}") else []
    fits = _NAMES[token].fullmatch
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if fits(entry.name)]
    except OSError:
        return []


def _files(folder: str, values: dict[str, str]) -> Iterator[dict[str, str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            found = _FILE.fullmatch(entry.name)
            if found:
                yield {**values, "VERSION": found[1]}


def _f(sizes: Sizes) -> Iterator[Contest]:
    with tempfile.TemporaryDirectory() as folder:
        root = f"{folder}/jobs"
        write_tree(Path(root), sizes.files)
        session = Session(overrides={"WAYS_PLATFORM": "linux", "WAYS_CACHE": "0"})
        mapping = f"{root}/{{JOB}}/{{SCENE}}/{{SHOT}}/publish/{{PRODUCT}}/plate_{{VERSION}}.exr"
        session.add_plugins(plate={"hierarchy": "plate", "mapping": mapping, "mapping_details": _DETAILS, "path": True})
        asked: tuple[tuple[str, dict[str, str], float], ...] = (
            ("everything", {}, 1.0),
            ("one job", {"JOB": "job3"}, 1.0),
            ("one shot", {"JOB": "job3", "SHOT": "sh_0000"}, 1.25),
        )
        for label, values, target in asked:
            by_hand = {name.lower(): value for name, value in values.items()}
            ours = [asset.info for asset in session.find_assets("plate", values, sort=True)]
            assert sorted(map(str, ours)) == sorted(map(str, walk(root, **by_hand)))
            yield Contest(
                f"{label}, {len(ours):,} found",
                calls(lambda values=values: list(session.find_assets("plate", values)), sizes.burst),  # type: ignore[misc]
                calls(lambda by_hand=by_hand: list(walk(root, **by_hand)), sizes.burst),  # type: ignore[misc]
                target,
            )


ROWS = (Row("F", "Assets on disk, against a walk by hand", "one place over a tree on disk", _f),)
