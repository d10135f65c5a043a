"""Names beside paths: that one of two places wins for every text is proved once, with the answer of the long way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.check.intersection_search import IntersectionSearch
from ways.session import Session

DETAILS = {"VERSION": {"format": "03d"}, "NAME": {"parse": {"regex": "[a-z]+"}}, "OUTPUT": {"parse": {"regex": "[a-z]+"}}}
PIECES = ("{SEQUENCE}", "{SHOT}", "{STEP}", "{NAME}", "[-{OUTPUT}]", "v{VERSION}", "work", "a")


def session_of(mappings: list[str]) -> Session:
    plugins: dict[str, Any] = {}
    for number, mapping in enumerate(mappings):
        details = {name: entry for name, entry in DETAILS.items() if f"{{{name}}}" in mapping}
        plugins[f"n{number}"] = {"hierarchy": f"place{number}", "mapping": mapping, "mapping_details": details, "syntax": 2}
    session = Session()
    session.add_plugins(**plugins)
    return session


def test_a_pair_that_one_wins_is_not_searched_for_every_value(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0
    first = IntersectionSearch._products_by_value

    def counted(self: IntersectionSearch, *args: Any) -> Any:
        nonlocal count
        count += 1
        return first(self, *args)

    monkeypatch.setattr(IntersectionSearch, "_products_by_value", counted)
    name = "{SEQUENCE}_{SHOT}_{STEP}.v{VERSION}"
    session = session_of([name, f"/jobs/{{SEQUENCE}}/{{SHOT}}/{{STEP}}/{name}"])
    (finding,) = session.check()
    # One for each token that stands twice, for the one witness; for all values that are tried there are 40 steps.
    assert finding.code == "outranked-overlap" and 0 < count <= 4


#: A mapping of parts that may all be left out is none.
FIRST, LATER = st.sampled_from(PIECES[:4]), st.lists(st.sampled_from(PIECES), max_size=2)
NAMES = st.builds(lambda first, later: "_".join((first, *later)), FIRST, LATER)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@settings(deadline=None, max_examples=15)
@given(names=st.lists(NAMES, min_size=1, max_size=2), paths=st.lists(PATHS, min_size=1, max_size=2))
def test_the_short_way_and_the_long_way_find_the_same(names: list[str], paths: list[str]) -> None:
    mappings = [*names, *(f"/{path}" for path in paths)]
    short = session_of(mappings).check()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(IntersectionSearch, "may_have_one_rank", lambda self: True)
        long = session_of(mappings).check()
    assert short == long
