"""A lenient reading tries the mappings whose names stand in the text: what it leaves out fits nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle.test_skeletons_agree import DETAILS, MAPPINGS, TEXTS, near_texts

from ways.errors import WaysError
from ways.session import Session


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(MAPPINGS, min_size=1, max_size=8, unique=True),
    st.lists(TEXTS, min_size=1, max_size=4),
    st.sampled_from((1, 2)),
    st.booleans(),
    st.sampled_from(("", "/", "x", "_a/b", "\\")),
)
def test_what_is_left_out_fits_in_no_tier(mappings: list[str], texts: list[str], syntax: int, is_path: bool, end: str) -> None:
    session = Session()
    for number, mapping in enumerate(mappings):
        plugin = {"hierarchy": f"p{number}", "mapping": mapping, "mapping_details": DETAILS, "syntax": syntax, "path": is_path}
        try:
            session.add_plugins(**{f"p{number}": plugin})
        except WaysError:
            continue
    (group, *_) = session.finder().index.groups
    for text in (*texts, *(near for mapping in mappings for near in near_texts(mapping))):
        for tier in ("b", "c"):
            left_out = [target for target in group.targets if target not in group._by_names.near(text + end)]
            assert not [target.view.mapping for target in left_out if _reads(target, text + end, tier)]


def _reads(target: Any, text: str, tier: str) -> bool:
    try:
        return bool(target.read(text, tier))
    except WaysError:
        return True
