"""ExactReader: where the value of a token may end."""

from __future__ import annotations

import pytest

from ways.pattern.exact_reader import DivisionStep, _ends

pytestmark = pytest.mark.portability


@pytest.mark.parametrize(
    "following, start, ends", [("c", 0, [5, 2]), ("c", 4, [5]), ("c", 6, []), ("", 4, [6, 5, 4]), (None, 2, [6])], ids=str
)
def test_a_value_ends_before_what_follows_it_and_never_before_it_begins(following: str | None, start: int, ends: list[int]) -> None:
    assert list(_ends(DivisionStep("token", "A", following=following), "abcabc", start)) == ends
