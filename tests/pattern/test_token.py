"""What the details of one token say."""

from __future__ import annotations

import pytest

from ways.errors import PatternError
from ways.pattern.token import TokenSpec, reason_of


def test_a_token_without_details_holds_anything() -> None:
    spec = TokenSpec.of("A", None)
    assert (spec.mapping, spec.expression("regex"), spec.splits) == ("", None, False)


def test_an_expression_is_written_plainly_or_under_the_tokens_own_name() -> None:
    details = {"parse": {"regex": {"VER": r"v\d+", "OTHER": "x"}, "glob": "*"}}
    spec = TokenSpec.of("VER", details)
    assert (spec.expression("regex"), spec.expression("glob"), spec.expression("env")) == (r"v\d+", "*", None)


def test_a_dict_without_the_tokens_own_name_says_nothing() -> None:
    assert TokenSpec.of("VER", {"parse": {"regex": {"OTHER": "x"}}}).expression("regex") is None


@pytest.mark.parametrize("value, expected", [(True, True), (False, False), (0, False), (1, True)])
def test_required_is_a_yes_or_a_no(value: object, expected: bool) -> None:
    assert TokenSpec.of("A", {"required": value}).required is expected


def test_a_token_is_required_unless_its_details_say_otherwise() -> None:
    assert TokenSpec.of("A", {"mapping": "{B}"}).required


@pytest.mark.parametrize("given, expected", [("int", ("int",)), (["int", "str"], ("int", "str")), (None, ())])
def test_before_return_is_one_name_or_several(given: object, expected: tuple[str, ...]) -> None:
    assert TokenSpec.of("A", {"before_return": given}).before_return == expected


def test_a_token_whose_mapping_is_itself_is_a_leaf() -> None:
    assert not TokenSpec.of("A", {"mapping": "{A}"}).splits


def test_a_sequence_has_a_format_of_numbers() -> None:
    spec = TokenSpec.of("F", {"sequence": True})
    assert spec.with_format("04d").format == "04d"
    with pytest.raises(PatternError, match="The token F is a sequence: its format is d or such as 04d, not 's'"):
        spec.with_format("s")


@pytest.mark.parametrize(("format", "value", "written"), [("x", "FF", "ff"), ("x", "010", "10"), ("03d", "7", "007"), ("b", "010", "10")])
def test_a_number_that_is_written_otherwise_is_named_as_its_format_writes_it(format: str, value: str, written: str) -> None:
    spec = TokenSpec("A").with_format(format)
    assert reason_of(spec, value) == f"format {format}; as such it is written {written!r}"
