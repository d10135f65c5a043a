"""What a walk over folders finds is what reading every path there finds, whatever the names are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle.mixed_oracle import Fault, Language
from oracle.mixed_worlds import World
from oracle.unicode_worlds import texts_of, worlds

from ways.assets.reading import Candidate
from ways.errors import WaysError
from ways.session import Session
from ways.systems.engine.serial import SerialEngine

pytestmark = pytest.mark.platform("linux")
SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))
Found = list[tuple[str, dict[str, str]]]


def language_of(world: World) -> Language:
    try:
        language = world.language
    except Fault:
        assume(False)
        raise
    # Folders have no empty names, and no list of them has dots alone.
    assume(len(language.leaves) <= 12 and not {"", ".", ".."}.intersection(world.mapping.split("/")[1:-1]))
    assume(world.mapping.rpartition("/")[2] not in (".", ".."))
    return language


def make(root: str, text: str) -> None:
    """Make the file *text* below *root*, if that can be one."""
    path = os.path.join(root, text.lstrip("/"))
    inside = os.path.normpath(path)
    if not inside.startswith(root + "/") or "\0" in text or any(len(os.fsencode(name)) > 200 for name in text.split("/")):
        return
    try:
        os.makedirs(os.path.dirname(inside), exist_ok=True)
        Path(inside).touch()
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return


def paths_in(root: str) -> Iterator[str]:
    """Yield every file and folder in *root*, and that itself, whose path is a text; folders with a separator at the end, too."""
    for folder, _, files in os.walk(root):
        for path in (folder, f"{folder}/", *(os.path.join(folder, name) for name in files)):
            if is_text(path):
                yield path


def is_text(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def read_each(session: Session, root: str, fixed: Mapping[str, Any], relative: bool = False) -> Found:
    """Return what :func:`paths_in` gives that is read strictly at the place, and has the values."""
    found: dict[str, dict[str, str]] = {}
    for path in paths_in(root):
        text = path.removeprefix(root + "/") if relative else path
        if relative and text in (root, ""):
            continue
        try:
            read = session.read(text, "it")
            asset = session.get_asset(text, "it", strict=True)
        except WaysError:
            continue
        if text.endswith("/") and last_leaf(read).is_token:
            # No file has an empty name.
            continue
        if all(asset.get_value(name) == value for name, value in fixed.items()):
            if written(asset):
                found[written(asset)] = dict(read.values)
    return sorted(found.items())


def last_leaf(read: Candidate) -> Any:
    """Return the last piece of the mapping that is there in a reading."""
    template = read.view.template
    present = template.options.present(read.values.keys())
    return [leaf for leaf in template.leaves if present.issuperset(leaf.options)][-1]


def written(asset: Any) -> str:
    try:
        return str(asset.get_str())
    except WaysError:
        # A value may lead to another folder.
        return ""


def walked(session: Session, fixed: Mapping[str, Any]) -> Found:
    found = []
    for asset in session.find_assets("it", dict(fixed)):
        # A mapping may write an empty name, which no list of a folder has.
        if written(asset) and "//" not in written(asset):
            found.append((written(asset), dict(asset.info)))
    assert in_parts(session, fixed) == [(written(asset), asset.info) for asset in session.find_assets("it", dict(fixed), sort=True)]
    return sorted(found, key=lambda item: item[0])


def in_parts(session: Session, fixed: Mapping[str, Any]) -> Found:
    """Return what an engine finds, whose parts are walked one after another."""
    assets = session.find_assets("it", dict(fixed), sort=True, engine=SerialEngine())
    return [(written(asset), asset.info) for asset in assets]


@contextmanager
def inside(folder: str) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def session_of(world: World, platform: str = "linux", more: Mapping[str, Any] = {}) -> Session:
    session = Session(overrides={"WAYS_PLATFORM": platform})
    it = {"hierarchy": "it", "mapping": world.mapping, "mapping_details": world.details, "syntax": 2, "path": True}
    try:
        session.add_plugins(it=it, **more)
    except WaysError:
        # A sheet that is refused has no place.
        assume(False)
    return session


@SLOW
@given(worlds(start="/R/"), st.data())
def test_a_walk_finds_what_reading_every_path_finds(world: World, data: st.DataObject) -> None:
    language = language_of(world)
    texts = data.draw(st.lists(texts_of(world, language), min_size=1, max_size=8))
    with TemporaryDirectory() as folder:
        root = os.path.realpath(folder)
        for text in texts:
            make(root, text.removeprefix("/R"))
        check(session_of(world._replace(mapping=root + world.mapping.removeprefix("/R"))), root, data)


@settings(SLOW, max_examples=40)
@given(worlds(start="/R/", most=4), st.data())
def test_a_walk_finds_what_reading_finds_in_each_variant(world: World, data: st.DataObject) -> None:
    language = language_of(world)
    token = data.draw(st.sampled_from(language.tokens))
    wanted = [value for value in world.fitting[token] if value]
    assume(wanted and not {"choices", "format", "sequence"} & world.details[token].keys())
    other = world._replace(mapping=world.mapping + data.draw(st.sampled_from(("_x", ".e", "", "/{A}", "[_{B}]"))))
    texts = data.draw(st.lists(st.one_of(texts_of(world, language), texts_of(other, language_of(other))), min_size=1, max_size=8))
    with TemporaryDirectory() as folder:
        root = os.path.realpath(folder)
        for text in texts:
            make(root, text.removeprefix("/R"))
        own, mapping = (root + one.mapping.removeprefix("/R") for one in (world, other))
        variant = {"hierarchy": "it", "when": {token: data.draw(st.sampled_from(wanted))}, "mapping": mapping, "syntax": 2}
        check(session_of(world._replace(mapping=own), more={"variant": variant}), root, data)


@settings(SLOW, max_examples=40)
@given(worlds(most=3, separators=("_",)), st.sampled_from(["linux", "windows"]), st.data())
def test_a_walk_from_the_current_folder_finds_what_reading_finds(world: World, platform: str, data: st.DataObject) -> None:
    language = language_of(world)
    texts = data.draw(st.lists(texts_of(world, language), min_size=1, max_size=6))
    with TemporaryDirectory() as folder, inside(folder):
        root = os.path.realpath(folder)
        for text in texts:
            make(root, text)
        check(session_of(world, platform), root, data, relative=True)


def check(session: Session, root: str, data: st.DataObject, *, relative: bool = False) -> None:
    everything = read_each(session, root, {}, relative)
    assert walked(session, {}) == everything
    if not everything:
        return
    text, values = data.draw(st.sampled_from(everything))
    asset = session.get_asset(text, "it", strict=True)
    names = data.draw(st.lists(st.sampled_from(sorted({*values, "P"})), unique=True, max_size=3))
    fixed = {name: asset.get_value(name) for name in names if name in values or asset.get_value(name)}
    try:
        found = walked(session, fixed)
    except WaysError:
        # Of a parent whose value is said twice the place itself tells.
        return
    assert found == read_each(session, root, fixed, relative)
