"""Skeletons: what mappings have in common that differ only in segments of plain text."""

from __future__ import annotations

import pytest

from ways.pattern.skeletons import SLOT, Skeletons

pytestmark = pytest.mark.portability


def test_what_is_known_of_a_skeleton_is_filled_with_the_text_of_a_mapping() -> None:
    skeletons = Skeletons()
    first, second = (skeletons.skeleton(mapping, {}, 1, {}) for mapping in ("/jobs/{A}/lib/{B}", "/work/{A}/x/{B}"))
    assert first is second and first is not None
    literals = [leaf.text for leaf in first.template.leaves if not leaf.is_token]
    assert literals == [f"{SLOT}/{SLOT}/", f"/{SLOT}/"]
    assert first.filled(literals, "/work/{A}/x/{B}") == ["/work/", "/x/"]
