"""What is written is read back in its place as the given values, and as nothing else, unless that is allowed."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from ways.errors import AmbiguousContextError, AmbiguousReadingError, FormatError, TokenValueError, WaysError
from ways.session import Session

IMAGE: dict[str, Any] = {"hierarchy": "image", "syntax": 2, "mapping": "/x/{A}[_{B}].{F}.exr", "mapping_details": {"F": {"sequence": True}}}
TWO = {"A": "sh010_fog", "F": "1001"}


def test_a_text_with_two_readings_is_not_written(session: Session) -> None:
    session.add_plugins(image=IMAGE)
    with pytest.raises(AmbiguousReadingError, match="ambiguous: allow") as caught:
        session.format("image", TWO)
    assert caught.value.readings == [{"A": "sh010_fog", "F": "1001"}, {"A": "sh010", "B": "fog", "F": "1001"}]
    assert session.format("image", {"A": "sh010", "F": 1001}) == "/x/sh010.1001.exr"  # type: ignore[dict-item]


@pytest.mark.parametrize("values", [TWO, {"A": "sh010", "B": "fog", "F": "1001"}])
def test_it_is_written_with_a_warning_where_that_is_allowed(session: Session, values: Any, caplog: pytest.LogCaptureFixture) -> None:
    session.add_plugins(image=IMAGE)
    assert session.format("image", values, ambiguous="allow") == "/x/sh010_fog.1001.exr"
    assert [(record.name, record.levelno) for record in caplog.records] == [("ways.assets", logging.WARNING)]
    assert "can be read in 2 ways" in caplog.messages[0]


def test_the_plugin_may_allow_it(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    session.add_plugins(image={**IMAGE, "ambiguous": "allow"})
    assert session.format("image", TWO) == "/x/sh010_fog.1001.exr" and len(caplog.records) == 1
    assert session.format_many("image", [TWO]) == ["/x/sh010_fog.1001.exr"]
    with pytest.raises(AmbiguousReadingError):
        session.format("image", TWO, ambiguous="refuse")
    # Reading it stays an error: nobody knows which of the two was meant.
    with pytest.raises(AmbiguousContextError):
        session.read("/x/sh010_fog.1001.exr")


def test_the_strongest_plugin_of_the_place_itself_allows_it(session: Session) -> None:
    below = {**IMAGE, "hierarchy": "image/below"}
    session.add_plugins(image={**IMAGE, "ambiguous": "allow"}, again={"hierarchy": "image", "data": {"x": 1}}, below=below)
    assert session.need_context("image").get_ambiguous() == "allow"
    assert session.need_context("image/below").get_ambiguous() == "refuse"
    with pytest.raises(AmbiguousReadingError):
        session.format("image/below", TWO)
    session.add_plugins(last={"hierarchy": "image", "ambiguous": "refuse"})
    with pytest.raises(AmbiguousReadingError):
        session.format("image", TWO)


PAIR: dict[str, Any] = {"hierarchy": "pair", "syntax": 2, "mapping": "{A}_{B}"}


def test_a_text_that_is_read_as_other_values_is_not_written(session: Session) -> None:
    session.add_plugins(pair=PAIR)
    with pytest.raises(TokenValueError, match="in 'a_b_c' it would be read as 'a_b', which 'ambiguous: allow' in its plugin permits"):
        session.format("pair", {"A": "a", "B": "b_c"})


def test_it_is_written_too_where_that_is_allowed(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    session.add_plugins(pair=PAIR)
    assert session.format("pair", {"A": "a", "B": "b_c"}, ambiguous="allow") == "a_b_c"
    assert caplog.messages == ["pair: 'a_b_c' would be read as pair (<python>): A='a_b', B='c'."]
    assert session.format("pair", {"A": "a_b", "B": "c"}, ambiguous="allow") == "a_b_c" and len(caplog.messages) == 1


def test_an_asset_of_a_place_that_allows_it_is_written_too(session: Session) -> None:
    session.add_plugins(pair={**PAIR, "ambiguous": "allow"})
    asset = session.get_asset({"A": "a", "B": "b_c"}, "pair")
    assert asset.get_str() == "a_b_c" and asset.get_value("B") == "b_c"
    asset.set_value("A", "x_y")
    assert asset.get_str() == "x_y_b_c" and asset.get_value("A") == "x_y"
    assert session.format_many("pair", [{"A": "a", "B": "b_c"}]) == ["a_b_c"]


def test_a_value_that_breaks_the_rule_of_its_token_is_refused_even_so(session: Session) -> None:
    details = {"A": {"parse": {"regex": "[a-z]+"}}, "P": {"mapping": "{B}-{C}", "parse": {"regex": "..?-.*"}}}
    session.add_plugins(pair={**PAIR, "mapping": "{A}_{D}[_{P}]", "mapping_details": details, "ambiguous": "allow"})
    with pytest.raises(TokenValueError, match="does not fit the token A"):
        session.format("pair", {"A": "a_b", "D": "c"})
    with pytest.raises(TokenValueError, match="'bbb-c' does not fit the token P"):
        session.format("pair", {"A": "a", "D": "d", "B": "bbb", "C": "c"})
    with pytest.raises(TokenValueError, match="its optional part is left out"):
        session.format("pair", {"A": "a", "D": "d", "B": "b"})
    assert session.format("pair", {"A": "a", "D": "d_e", "B": "b", "C": "c-d"}) == "a_d_e_b-c-d"


def test_a_parent_that_contradicts_its_tokens_is_refused_even_so(session: Session) -> None:
    details = {"P": {"mapping": "{A}_{B}"}}
    session.add_plugins(pair={**PAIR, "mapping": "x_{P}", "mapping_details": details, "ambiguous": "allow"})
    assert session.format("pair", {"P": "a_b_c", "A": "a", "B": "b_c"}) == session.format("pair", {"P": "a_b_c"}) == "x_a_b_c"
    with pytest.raises(TokenValueError):
        session.format("pair", {"P": "a_b_c", "A": "b", "B": "b_c"})


def test_a_third_reading_is_written_where_that_is_allowed(session: Session) -> None:
    details = {"B": {"choices": ["fog", "sky"]}, "C": {"choices": ["fog", "sky"]}}
    session.add_plugins(image={"hierarchy": "i", "syntax": 2, "mapping": "{A}[_{B}][_{C}]", "mapping_details": details})
    for values in ({"A": "a_fog"}, {"A": "a", "B": "fog"}, {"A": "a", "C": "fog"}):
        assert session.format("i", values, ambiguous="allow") == "a_fog"


def test_any_other_word_is_refused(session: Session) -> None:
    session.add_plugins(image=IMAGE)
    with pytest.raises(ValueError, match="expected 'allow' or 'refuse', found 'yes'"):
        session.format("image", TWO, ambiguous="yes")


# --- variants of the place

WHEN: dict[str, Any] = {
    "shot": {"hierarchy": "shot", "syntax": 2, "mapping": "/{JOB}/{SHOT}[_{PART}].ma"},
    "owl": {"hierarchy": "shot", "syntax": 2, "when": {"JOB": "owl"}, "mapping": "/{JOB}/{SHOT}.{EXT}"},
}


def test_a_text_that_another_variant_reads_is_not_written(session: Session) -> None:
    one = {"hierarchy": "shot", "syntax": 2, "when": {"A": "x"}, "mapping": "/{A}_{B}"}
    two = {"hierarchy": "shot", "syntax": 2, "when": {"B": "x"}, "mapping": "/{B}_{A}"}
    session.add_plugins(shot={"hierarchy": "shot", "syntax": 2, "mapping": "/{A}/{B}"}, one=one, two=two)
    for values in ({"A": "x", "B": "y"}, {"A": "y", "B": "x"}):
        with pytest.raises(AmbiguousContextError):
            session.format("shot", values)
        assert session.format("shot", values, ambiguous="allow") == "/x_y"
    with pytest.raises(AmbiguousContextError):
        session.read("/x_y", "shot")


def test_a_text_that_is_read_as_a_stronger_variant_is_not_written_unless_that_is_allowed(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    session.add_plugins(
        shot={"hierarchy": "shot", "syntax": 2, "mapping": "/{A}-{B}"},
        owl={"hierarchy": "shot", "syntax": 2, "when": {"A": "owl"}, "mapping": "/{B}-{A}"},
    )
    assert session.format("shot", {"A": "owl", "B": "b"}) == "/b-owl"
    with pytest.raises(FormatError, match="'/x-owl' would be read as shot"):
        session.format("shot", {"A": "x", "B": "owl"})
    assert session.format("shot", {"A": "x", "B": "owl"}, ambiguous="allow") == "/x-owl"
    assert caplog.messages == ["shot: '/x-owl' would be read as shot (<python>): B='x', A='owl'."]


def test_readings_that_select_another_variant_do_not_count(session: Session) -> None:
    """As a job of owl the text has another reading, which the values of that reading rule out."""
    session.add_plugins(**WHEN)
    assert session.format("shot", {"JOB": "owl", "SHOT": "a_b", "EXT": "ma"}) == "/owl/a_b.ma"
    assert session.read("/owl/a_b.ma").values == {"JOB": "owl", "SHOT": "a_b", "EXT": "ma"}


def test_that_another_place_reads_the_text_is_no_matter_of_writing(session: Session) -> None:
    session.add_plugins(one={"hierarchy": "one", "mapping": "/{A}"}, two={"hierarchy": "two", "mapping": "/{B}"})
    assert session.format("one", {"A": "x"}) == "/x"
    with pytest.raises(AmbiguousContextError):
        session.read("/x")


def test_the_other_platform_is_written_alike(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    image = {**IMAGE, "path": True, "mapping": "/x/{A}[_{B}].exr", "mapping_details": {}}
    session.add_plugins(image=image)
    context = session.need_context("image")
    with session.active():
        from ways.assets.writing import translated

        with pytest.raises(WaysError):
            translated(context, {"A": "a_b"}, "windows")
        session.add_plugins(allow={"hierarchy": "image", "ambiguous": "allow"})
        assert translated(context, {"A": "a_b"}, "windows") == "\\x\\a_b.exr" and len(caplog.records) == 1
