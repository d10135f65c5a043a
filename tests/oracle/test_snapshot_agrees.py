"""What a snapshot file answers is what the sheets say, on worlds that nobody would write by hand."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.test_merge_agrees import PLATFORMS
from oracle.test_store_agrees import SHEETS, answers_in, written

from ways.session import Session


@settings(max_examples=60, deadline=None)
@given(SHEETS, st.sampled_from(PLATFORMS), st.booleans(), st.booleans())
def test_a_snapshot_file_says_what_the_sheets_say(
    sheets: list[Mapping[str, Any]], platform: tuple[str, str], is_trusted: bool, is_all_first: bool
) -> None:
    with TemporaryDirectory() as folder:
        written(sheets, folder)
        session = Session(overrides={"WAYS_PLATFORM": platform[0], "WAYS_PLATFORMS": platform[1]})
        try:
            session.add_search_path(folder)
        except (RuntimeError, ValueError):
            # What could be loaded was.
            pass
        file = os.path.join(folder, "a.ways")
        snapshot = session.snapshot()
        snapshot.save(file)
        expected = answers_in(session)
        for name in os.listdir(folder):
            if name != "a.ways":
                Path(folder, name).unlink()
        again = Session.from_snapshot(file, trust=is_trusted)
        found = answers_in(again, is_all_first=is_all_first)
        # Whether code of a sheet may run is told with its source.
        assert repr(found).replace("is_trusted=False", "is_trusted=True") == repr(expected)
        assert not is_trusted or again.snapshot() == snapshot
