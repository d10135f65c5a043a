"""What comes out of the store is what the sheets say, on worlds that nobody would write by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.test_merge_agrees import OWN_PLACES, PARENTS, PLACES, PLATFORMS, sheets_of, written_fields, written_mappings

from ways.session import Session
from ways.sheets.store import stamps

#: Keys that keep a sheet from being taken apart, and values that are wrong.
ODD = {
    "uuid": st.sampled_from(["one", "two"]),
    "when": st.dictionaries(st.sampled_from("AB"), st.sampled_from(["x", 1]), max_size=1),
    "maping": st.just(1),
    "syntax": st.sampled_from([1, 2, 3]),
    "data": st.dictionaries(st.sampled_from("kl"), st.one_of(st.floats(allow_nan=False), st.text(max_size=3), st.none()), max_size=2),
}
SHEETS = sheets_of({}, {**written_fields, **written_mappings, **ODD})
PLACES_ASKED = sorted({*PLACES, *PARENTS, *(f"{parent}/{own}".strip("/") for parent in PARENTS for own in OWN_PLACES)})


def written(sheets: Sequence[Mapping[str, Any]], folder: str) -> None:
    for index, content in enumerate(sheets):
        # JSON is YAML: each is read by another reader.
        Path(folder, f"{index}.{('json', 'yml')[index % 2]}").write_text(json.dumps(content), encoding="utf-8")


def answers_of(folder: str, platform: tuple[str, str], *, is_all_first: bool = False) -> list[object]:
    """Return everything that a new session says of a folder."""
    session = Session(overrides={"WAYS_PLATFORM": platform[0], "WAYS_PLATFORMS": platform[1]})
    answers: list[object] = []
    try:
        session.add_search_path(folder)
    except (RuntimeError, ValueError) as error:
        answers.append((type(error), str(error)))
    return answers + answers_in(session, is_all_first=is_all_first)


def answers_in(session: Session, *, is_all_first: bool = False) -> list[object]:
    """Return everything that a session says that has loaded what it has."""
    answers: list[object] = []
    if is_all_first:
        session.get_all_plugins()
    for place in PLACES_ASKED:
        for layer in ("", "client"):
            answers.append(_said(session, place, layer))
    answers.append([(str(p), p.name, p.get_uuid(), p.assignment, p.info, str(p.source)) for p in session.get_all_plugins()])
    answers.append([(sheet.source, sheet.plugins and [record[:3] for record in sheet.plugins]) for sheet in session.sheets])
    answers.append([str(problem) for problem in session.problems])
    answers.append(session.hierarchies())
    return answers


def _said(session: Session, place: str, layer: str) -> object:
    try:
        context = session.get_context(place, layer)
    except ValueError as error:
        return str(error)
    if context is None:
        return None
    keys = ("mapping", "data", "platforms", "uses")
    records = [(str(r), r.assignment, r.when, [str(r.source_of(key)) for key in keys]) for r in context.records]
    answer = (context.get_mapping_details(), dict(context.data), context.get_groups(), context.get_max_folder())
    return str(context.view.mapping), records, answer, len(context.view.variants)


@settings(max_examples=60, deadline=None)
@given(SHEETS, SHEETS, st.sampled_from(PLATFORMS), st.booleans())
def test_the_store_says_what_the_sheets_say(
    first: list[Any], second: list[Any], platform: tuple[str, str], is_all_first: bool
) -> None:
    with TemporaryDirectory() as folder, TemporaryDirectory() as cache, mock.patch.object(stamps, "FRESH", 0):
        for sheets in (first, second):
            written(sheets, folder)
            with mock.patch.dict(os.environ, {"WAYS_CACHE": "0"}):
                expected = answers_of(folder, platform)
            with mock.patch.dict(os.environ, {"WAYS_CACHE": "1", "XDG_CACHE_HOME": cache}):
                for _ in range(2):
                    assert answers_of(folder, platform, is_all_first=is_all_first) == expected
