"""Optional parts: many of them take no more than a few times the steps of a few."""

from __future__ import annotations

import time

import pytest

from ways.errors import AmbiguousReadingError, PatternError, TokenValueError
from ways.pattern.pattern import Pattern
from ways.pattern.scan import MAX_PARTS
from ways.pattern.template import Template


def pattern(count: int) -> tuple[Pattern, str]:
    mapping = "x" + "".join(f"[_k{number}-{{T{number}:d}}]" for number in range(count))
    return Pattern(Template.of(mapping, {}, 2)), "x" + "".join(f"_k{number}-{number}" for number in range(count))


@pytest.mark.parametrize("step", [1, 2, 3])
def test_forty_parts_are_read_at_once(step: int) -> None:
    """Trying each choice of them would take years."""
    compiled, _ = pattern(40)
    text = "x" + "".join(f"_k{number}-{number}" for number in range(0, 40, step))
    start = time.thread_time()
    assert len(compiled.readings(text)) == 1 and compiled.readings(f"{text}!") == []
    assert time.thread_time() - start < 60


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


def test_a_part_without_tokens_is_there_when_a_part_in_it_is() -> None:
    compiled = Pattern(Template.of("/x{N}[/y[_{A}]]", {}, 2))
    read = {text: compiled.match(text) for text in ("/x1", "/x1/y", "/x1/y_a")}
    assert read == {"/x1": {"N": "1"}, "/x1/y": None, "/x1/y_a": {"N": "1", "A": "a"}}
    assert [compiled.format({"N": "1"}), compiled.format({"N": "1", "A": "a"})] == ["/x1", "/x1/y_a"]


def test_a_value_whose_part_is_left_out_is_told() -> None:
    compiled = Pattern(Template.of("{A}[_{B}-{C}]", {"A": {"parse": {"regex": "[a-z]"}}}, 2))
    with pytest.raises(TokenValueError, match="left out, because there is no value for C"):
        compiled.format({"A": "a", "B": "b"})


def test_parts_lie_in_each_other_as_deep_as_may_be() -> None:
    def nested(depth: int) -> str:
        return "x" + "".join(f"[a{{T{number}}}" for number in range(depth)) + "]" * depth

    assert len(Template.of(nested(MAX_PARTS), {}, 2).leaves) > MAX_PARTS
    with pytest.raises(PatternError, match=f"More than {MAX_PARTS} optional parts lie in each other"):
        Template.of(nested(MAX_PARTS + 1), {}, 2)


def test_the_parts_that_one_lies_in_are_told_from_the_inside() -> None:
    options = Template.of("a[b{A}[c{B}[d{C}]]][e{D}]", {}, 2).options
    assert [options.above(option.number) for option in options] == [[1], [2, 1], [3, 2, 1], [4]]


def test_parts_of_mappings_that_are_referred_to_are_parts_of_their_own() -> None:
    details = {"P": {"mapping": "p[_{X}]"}, "Q": {"mapping": "q[-{Y:d}][+{Z:d}]"}}
    template = Template.of("[={W}]{@P}{@Q}.x", details, 2, dict.fromkeys(details, 2))
    for values, text in [
        ({}, "pq.x"),
        ({"X": "1"}, "p_1q.x"),
        ({"Y": "2"}, "pq-2.x"),
        ({"Z": "3", "X": "1"}, "p_1q+3.x"),
        ({"W": "0", "Y": "2"}, "=0pq-2.x"),
        ({"W": "0", "X": "1", "Y": "2", "Z": "3"}, "=0p_1q-2+3.x"),
    ]:
        assert template.writer.text(values) == text and Pattern(template).match(text) == values


def test_a_reference_to_a_token_without_a_mapping_is_a_token_of_its_own() -> None:
    template = Template.of("/x/{@A}", {"A": {"parse": {"regex": "a"}}}, 2, {"A": 2})
    assert Pattern(template).match("/x/b") == {"@A": "b"}
