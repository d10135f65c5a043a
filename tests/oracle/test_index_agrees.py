"""Finding by the tables of compiled sheets, and by the index in memory, give the same answers."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle.test_language_agrees import World
from oracle.test_matcher_agrees import many, text_for

from ways.assets.asset import Asset
from ways.assets.index import TargetGroup
from ways.errors import WaysError
from ways.session import Session
from ways.sheets.store import stamps


def written(some: Sequence[World], layers: Sequence[str], folder: str) -> None:
    plugins = {
        f"p{number}": {"hierarchy": f"p{number}", "mapping": world.mapping, "mapping_details": world.details, "assignment": layer}
        for number, (world, layer) in enumerate(zip(some, layers))
    }
    Path(folder, "sheet.json").write_text(json.dumps({"globals": {"syntax": 2}, "plugins": plugins}), encoding="utf-8")


def told(folder: str, texts: Sequence[str], *, at_once: bool = False) -> list[object]:
    """Return what a new session says of texts: as readings, and as Assets."""
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_search_path(folder)
    if at_once:
        return [_plain(found) for found in session.get_assets(texts, strict=True)]
    return [answer for text in texts for answer in (_asked(session.read, text), _asked(session.get_asset, text, strict=True))]


def _asked(question: Any, *arguments: Any, **more: Any) -> object:
    try:
        return _plain(question(*arguments, **more))
    except WaysError as error:
        return _plain(error)


def _plain(found: Any) -> object:
    if isinstance(found, WaysError):
        return type(found), str(found)
    values = found.info if isinstance(found, Asset) else found.values
    return found.context.hierarchy, found.context.assignment, dict(values)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(some=many(), data=st.data())
def test_tables_find_what_the_index_in_memory_finds(some: list[World], data: st.DataObject) -> None:
    layers = data.draw(st.lists(st.sampled_from(["master", "master", "master", "client"]), min_size=len(some), max_size=len(some)))
    texts = data.draw(st.lists(text_for(some), min_size=1, max_size=4))
    with TemporaryDirectory() as folder, TemporaryDirectory() as cache, mock.patch.object(stamps, "FRESH", 0):
        written(some, layers, folder)
        with mock.patch.dict(os.environ, {"WAYS_CACHE": "0"}):
            expected, all_expected = told(folder, texts), told(folder, texts, at_once=True)
        with mock.patch.dict(os.environ, {"WAYS_CACHE": "1", "XDG_CACHE_HOME": cache}):
            for _ in range(3):
                assert told(folder, texts) == expected
                assert told(folder, texts, at_once=True) == all_expected


def test_the_tables_are_what_answers() -> None:
    """Or the test above would compare one thing with itself."""
    some = [World("j/{S}/a", {}, {}), World("k/{S}", {}, {})]
    with TemporaryDirectory() as folder, TemporaryDirectory() as cache, mock.patch.object(stamps, "FRESH", 0):
        written(some, ["master"] * 2, folder)
        with mock.patch.dict(os.environ, {"WAYS_CACHE": "1", "XDG_CACHE_HOME": cache}):
            for _ in range(2):
                told(folder, ["j/b/a"])
            with mock.patch.object(TargetGroup, "__init__") as group:
                assert told(folder, ["j/b/a", "k/a"])[0] == (("p0",), "", {"S": "b"})
    assert not group.called
