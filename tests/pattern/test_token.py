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
    assert (spec.with_format("04d").format, spec.with_format("-04d").format) == ("04d", "-04d")
    with pytest.raises(PatternError, match="The token F is a sequence: its format is d or such as 04d or -04d, not 's'"):
        spec.with_format("s")


@pytest.mark.parametrize(("format", "value", "written"), [("x", "FF", "ff"), ("x", "010", "10"), ("03d", "7", "007"), ("b", "010", "10")])
def test_a_number_that_is_written_otherwise_is_named_as_its_format_writes_it(format: str, value: str, written: str) -> None:
    spec = TokenSpec("A").with_format(format)
    assert reason_of(spec, value) == f"format {format}; it would be written {written!r}"


@pytest.mark.parametrize(
    "format, given, text",
    [
        ("03d", 3, "003"), ("03d", "3", "003"), ("03d", "003", "003"), ("03d", "0003", "003"), ("03d", "1234", "1234"),
        ("d", "007", "7"), ("x", "00ff", "ff"), ("x", 255, "ff"), ("X", "0F", "F"), ("o", "010", "10"), ("b", "0101", "101"),
        (".2f", "1.5", "1.50"), (".2f", 1.5, "1.50"), (".2f", "01.5000", "1.50"), (".2f", "3", "3.00"), (".2f", 3, "3.00"),
        (".0f", "3.0", "3"), ("%Y", "2026", "2026"),
    ],
)  # fmt: skip
def test_a_given_number_is_written_as_the_format_writes_it(format: str, given: object, text: str) -> None:
    assert TokenSpec.of("A", {"format": format}).given_text(given) == text


@pytest.mark.parametrize(
    "format, text",
    [("03d", "v3"), ("03d", "+3"), ("03d", " 3"), ("03d", "1_0"), ("03d", "\u0663"), ("03d", ""), ("x", "0x1f"), (".2f", "1.505"),
     (".2f", ".5"), (".2f", "1e3"), (".2f", "9" * 30), ("d", "0" * 5000), ("s", "007"), ("%Y", "26")],
)  # fmt: skip
def test_a_given_text_that_is_no_number_of_the_format_stays_as_it_is(format: str, text: str) -> None:
    assert TokenSpec.of("A", {"format": format}).given_text(text) == text


def test_a_given_choice_may_be_its_value_its_text_or_its_number() -> None:
    spec = TokenSpec.of("A", {"choices": [1, 2, 10], "format": "02d"})
    assert [spec.given_text(given) for given in (2, "2", "02", "010")] == ["02", "02", "02", "10"]


def test_a_given_value_that_the_format_cannot_write_is_an_error() -> None:
    with pytest.raises(ValueError, match="can't write 1.5"):
        TokenSpec.of("A", {"format": "03d"}).given_text(1.5)


def test_a_given_frame_may_lack_its_padding() -> None:
    spec = TokenSpec.of("A", {"format": "04d", "sequence": True})
    assert [spec.given_text(given) for given in (7, "7", "0007", "####", "1-5####")] == ["0007", "0007", "0007", "####", "1-5####"]


LABELLED = {"choices": {"animation": {"text": "anm", "label": "Animation"}, "lighting": "lgt", "fx": {"label": "Effects"}}}


def test_a_choice_may_have_a_label() -> None:
    spec = TokenSpec.of("A", LABELLED)
    assert spec.choices == (("animation", "anm"), ("lighting", "lgt"), ("fx", "fx"))
    assert [spec.label(text) for text in ("anm", "lgt", "fx", "animation")] == ["Animation", "", "Effects", ""]
    assert spec.shown_choices() == ["anm (Animation)", "lgt", "fx (Effects)"]
    assert reason_of(spec, "anmi").startswith("one of anm (Animation), lgt, fx (Effects). Did you mean 'anm'?")
    assert (spec.value("anm"), spec.text("animation"), spec.given_text("anm")) == ("animation", "anm", "anm")


def test_a_labelled_choice_without_a_text_is_written_by_the_format() -> None:
    details = {"choices": {1: {"label": "first"}, 2: {"label": "second"}}}
    for spec in (TokenSpec.of("A", {**details, "format": "02d"}), TokenSpec.of("A", details).with_format("02d")):
        assert (spec.choices, spec.shown_choices()) == (((1, "01"), (2, "02")), ["01 (first)", "02 (second)"])


def test_a_token_of_segments_has_no_format() -> None:
    with pytest.raises(PatternError, match="A is made of segments, which have no format; leave out 'd'"):
        TokenSpec.of("A", {"segments": True}).with_format("d")


class Shown:
    """A value with a text of its own."""

    def __str__(self) -> str:
        return "text"


class ShownToo(Shown):
    """It has that of the class above it."""


@pytest.mark.parametrize("value", [Shown(), ShownToo()])
def test_a_value_that_has_a_text_of_its_own_is_given_as_that(value):
    assert TokenSpec.of("A", {}).given_text(value) == "text"


@pytest.mark.parametrize("value", [object(), type("Bare", (), {})(), b"x", bytearray(b"x"), [1], None])
def test_a_value_of_which_only_python_shows_something_is_refused(value):
    with pytest.raises(ValueError, match="expected a text or a number"):
        TokenSpec.of("A", {}).given_text(value)


@pytest.mark.parametrize("spec", ["x", "X", "o", "b", "w", "s", ".2f", "%Y"])
def test_a_sequence_has_no_other_format_than_that_of_whole_numbers(spec):
    with pytest.raises(PatternError, match="is a sequence"):
        TokenSpec.of("A", {"sequence": True}).with_format(spec)


@pytest.mark.parametrize(
    "spec, text, written", [("x", "0fa", "fa"), ("X", "0FA", "FA"), ("o", "017", "17"), ("b", "011", "11"), ("02d", "7", "07")]
)
def test_how_a_number_is_written_is_told(spec, text, written):
    assert f"it would be written {written!r}" in reason_of(TokenSpec.of("A", {"format": spec}), text)
