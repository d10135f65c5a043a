"""Optional parts: many of them take no more than a few times the steps of a few."""

from __future__ import annotations

import time

import pytest

from ways.errors import AmbiguousReadingError
from ways.pattern.pattern import Pattern
from ways.pattern.template import Template


def pattern(count: int) -> tuple[Pattern, str]:
    mapping = "x" + "".join(f"[_k{number}-{{T{number}:d}}]" for number in range(count))
    return Pattern(Template.of(mapping, {}, 2)), "x" + "".join(f"_k{number}-{number}" for number in range(count))


@pytest.mark.parametrize("step", [1, 2, 3])
def test_forty_parts_are_read_at_once(step: int) -> None:
    """Trying each choice of them would take years."""
    compiled, _ = pattern(40)
    text = "x" + "".join(f"_k{number}-{number}" for number in range(0, 40, step))
    start = time.perf_counter()
    assert len(compiled.readings(text)) == 1 and compiled.readings(f"{text}!") == []
    assert time.perf_counter() - start < 5


def test_what_fits_with_other_parts_is_ambiguous_and_told() -> None:
    compiled = Pattern(Template.of("{A}[_{B}]", {}, 2))
    with pytest.raises(AmbiguousReadingError, match=r"A='a_b'\n  A='a', B='b'|A='a', B='b'\n  A='a_b'"):
        compiled.match("a_b")
    assert compiled.match("ab") == {"A": "ab"}


def test_a_text_that_would_be_read_in_two_ways_is_not_written() -> None:
    compiled = Pattern(Template.of("{A}[_{B}]", {}, 2))
    with pytest.raises(AmbiguousReadingError) as caught:
        compiled.format({"A": "a_b"})
    assert caught.value.text == "a_b" and len(caught.value.readings) == 2
