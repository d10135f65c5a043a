"""Format specs: exactly what Python's ``format`` writes fits, and comes back as the value it was."""

from __future__ import annotations

import locale
import re
import subprocess
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

import parse
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ways.pattern.types import kind_of

WHOLE = st.one_of(st.integers(), st.integers(-1100, 1100))
WHOLE_SPECS = st.sampled_from(["-d", "x", "X", "o", "b", *(f"-0{width}d" for width in (1, 2, 3, 4, 5, 12))])
FIXED_SPECS = st.sampled_from([".0f", ".1f", ".2f", ".6f", ".20f"])
DATES = ["%Y-%m-%d", "%Y%m%d_%H%M%S", "%d.%m.%y", "%j of %Y", "%H:%M", "%a %d %b %Y", "%A %B %Y", "%I%p", "%f", "100%% %Y"]
#: Texts that look like numbers, and some that don't.
NUMBERISH = st.text("0123456789-+.abfxeX ", max_size=8)


@given(WHOLE, WHOLE_SPECS)
def test_a_whole_number_is_written_and_read_back(value, spec):
    kind = kind_of(spec)
    text = kind.text(value)
    assert text == format(value, spec) and kind.value(text) == value and kind.fits(text)
    assert kind.is_exact and re.fullmatch(kind.expression, text)


@given(WHOLE, st.sampled_from(["d", *(f"0{width}d" for width in (1, 2, 3, 4, 5, 12))]))
def test_a_whole_number_has_a_sign_only_where_its_format_says_so(value, spec):
    signed, plain = kind_of(f"-{spec}"), kind_of(spec)
    if value >= 0:
        assert plain.text(value) == signed.text(value) == format(value, spec) and plain.value(plain.text(value)) == value
    else:
        assert not plain.fits(signed.text(value))
        with pytest.raises(ValueError, match=f"the format '{spec}' can't write {value}; '-{spec}' takes a sign"):
            plain.text(value)


@given(st.floats(-1e15, 1e15), FIXED_SPECS)
def test_a_fixed_number_is_written_and_read_back(value, spec):
    kind = kind_of(spec)
    text = kind.text(value)
    assert text == format(value, spec) and format(kind.value(text), spec) == text


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)), st.sampled_from(DATES))
def test_a_date_is_written_and_read_back(value, spec):
    kind = kind_of(spec)
    text = kind.text(value)
    assert text == format(value, spec) and format(kind.value(text), spec) == text


PIECES = st.lists(st.sampled_from([f"%{letter}" for letter in "YymdHIpMSfjbBaA%"] + ["-", "_", "x"]), min_size=1, max_size=6)


@settings(deadline=None)
@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)), PIECES.map("".join).filter(lambda spec: "%" in spec))
def test_whatever_part_of_a_date_is_written_fits(value, spec):
    text = kind_of(spec).text(value)
    assert text == format(value, spec) and format(kind_of(spec).value(text), spec) == text


@given(st.datetimes(datetime(1970, 1, 1), datetime(2060, 1, 1)), st.sampled_from([spec for spec in DATES if "%Y" in spec or "%y" in spec]))
def test_a_date_is_the_one_that_python_reads(value, spec):
    text = format(value, spec)
    read = datetime.strptime(text, spec)
    assert format(read, spec) != text or kind_of(spec).value(text) == read


@pytest.mark.parametrize("spec, value", [
    ("%m-%d", datetime(2024, 2, 29)), ("%j", datetime(2024, 12, 31)), ("%a %m-%d", datetime(2024, 3, 5)),
    ("%y %A %m %d", datetime(1950, 3, 5)), ("%p", datetime(2024, 1, 1, 13)), ("%Y-%m-%d", datetime(999, 1, 2)),
])  # fmt: skip
def test_a_date_that_is_half_told_fits(spec, value):
    assert kind_of(spec).fits(kind_of(spec).text(value))


def test_dates_do_not_speak_the_language_of_the_process():
    before = locale.setlocale(locale.LC_TIME)
    try:
        locale.setlocale(locale.LC_TIME, "de_DE.UTF-8")
    except locale.Error:
        pytest.skip("this machine has no German locale")
    try:
        kind = kind_of("%A %d %b %I%p")
        assert kind.text(datetime(2024, 3, 5, 15)) == "Tuesday 05 Mar 03PM" and kind.fits("Tuesday 05 Mar 03PM")
    finally:
        locale.setlocale(locale.LC_TIME, before)


@given(NUMBERISH, st.one_of(WHOLE_SPECS, FIXED_SPECS))
def test_a_text_fits_only_if_some_value_is_written_so(text, spec):
    kind = kind_of(spec)
    base = {"x": 16, "X": 16, "o": 8, "b": 2}.get(spec, 10)
    try:
        value = float(text) if spec.endswith("f") else int(text, base)
        is_written = format(value, spec) == text
    except ValueError:
        is_written = False
    assert kind.fits(text) == is_written
    if kind.is_exact:
        assert bool(re.fullmatch(kind.expression, text)) == is_written


@given(WHOLE, st.sampled_from(["-d", "-02d", "-03d", "-04d"]), st.text("0123456789", min_size=1, max_size=3))
def test_an_expression_says_the_same_inside_a_larger_one(value, spec, after):
    kind = kind_of(spec)
    match = re.fullmatch(f"({kind.expression})_(.*)", f"{kind.text(value)}_{after}")
    assert match and match[1] == kind.text(value)
    assert re.fullmatch(f"({kind.expression})(.*)", f"{kind.text(value)}x")[1] == kind.text(value)
    assert "(?!" not in kind.expression and "(?=" not in kind.expression


@pytest.mark.parametrize("spec, good, bad", [
    ("d", ["0", "7", "1234"], ["", "07", "+7", "-0", "-7", "1_000", " 7", "7.0", "٣"]),
    ("-d", ["0", "7", "-7", "1234"], ["", "07", "+7", "-0", "-07", "1_000", " 7", "7.0", "٣"]),
    ("03d", ["007", "1234"], ["7", "07", "-07", "-123", "0007"]),
    ("-03d", ["007", "1234", "-07", "-123"], ["7", "07", "-007", "-00", "0007"]),
    ("x", ["0", "ff", "-1f"], ["0x1f", "FF", "0f"]),
    ("X", ["FF"], ["ff"]),
    ("o", ["17"], ["8", "017"]),
    ("b", ["101"], ["2", "0101"]),
    (".2f", ["1.50", "-0.25", "0.00", "-0.00"], ["1.5", "1.500", ".50", "01.50", "1,50", "nan", "inf"]),
    (".0f", ["2"], ["2.", "2.0"]),
    ("s", ["a b", "\n", "é"], [""]),
    ("w", ["a_1", "é"], ["a-b", ""]),
    ("l", ["ab"], ["a1", "é", ""]),
    ("%Y-%m-%d", ["2026-02-28"], ["2026-02-30", "2026-2-3", "26-02-03"]),
    ("%H:%M", ["23:59"], ["24:00", "9:05"]),
])  # fmt: skip
def test_texts_that_fit_and_texts_that_do_not(spec, good, bad):
    kind = kind_of(spec)
    assert [text for text in good if not kind.fits(text)] == [] and [text for text in bad if kind.fits(text)] == []


@pytest.mark.parametrize("spec", ["", "3d", ",d", "e", "q", "03x", "0d", "000d", ".21f", "f", "%Q", "%", "%Y-%", "S", "dd"])
def test_what_is_no_known_format(spec):
    assert kind_of(spec) is None


@pytest.mark.parametrize("spec, value", [
    ("d", True), ("d", 1.5), ("d", None), ("03d", [1]), ("%Y", 3), ("x", 2.0), (".2f", "no"),
    *((spec, datetime(2024, 1, 1)) for spec in ("d", "03d", ".2f", "s", "w", "l")), (".2f", float("nan")), (".2f", float("inf")),
    (".2f", 10**400), (".2f", Decimal("12345678901234567890.12")), ("s", 5), ("w", date(2024, 1, 1)),
])  # fmt: skip
def test_what_a_format_can_not_write(spec, value):
    kind = kind_of(spec)
    if isinstance(value, str):
        # A text is taken as it is; whether it fits is another question.
        assert kind.text(value) == value and not kind.fits(value)
    else:
        with pytest.raises(ValueError, match=re.escape(repr(spec))):
            kind.text(value)


#: Each day of the 400 years after which the calendar repeats.
CALENDAR = [date(2000, 1, 1) + timedelta(days) for days in range(146097)]


@settings(deadline=None)
@given(st.data(), st.sampled_from(["%Y-%m-%d", "%d.%m.%y", "%j of %Y", "%a %d %b %Y", "%y %A %m %d", "%m-%d", "%j", "%a %d", "%B", "%A"]))
def test_a_text_fits_a_date_only_if_some_day_is_written_so(data, spec):
    kind = kind_of(spec)
    text = data.draw(st.from_regex(re.compile(kind.expression, re.ASCII), fullmatch=True))
    if "%Y" in spec:
        year = re.search(r"[0-9]{4}", text)[0] if spec[:2] == "%Y" else text[-4:]
        assume(int(year))
        text = text.replace(year, f"{2000 + int(year) % 400}")
    assert kind.fits(text) == (text in days_written(spec))


@lru_cache
def days_written(spec):
    return {format(day, spec) for day in CALENDAR}


@settings(deadline=None)
@given(st.text("0123456789:APM", max_size=6), st.sampled_from(["%H:%M", "%I%p", "%p", "%M%S", "%S"]))
def test_a_text_fits_a_time_only_if_some_time_is_written_so(text, spec):
    assert kind_of(spec).fits(text) == (text in times_written(spec))


@lru_cache
def times_written(spec):
    return {format(datetime(1900, 1, 1) + timedelta(seconds=number), spec) for number in range(24 * 60 * 60)}


@given(st.text(max_size=4), st.sampled_from(["s", "w", "l"]))
def test_a_text_fits_a_format_of_texts_by_its_characters(text, spec):
    allowed = {
        "s": lambda letter: True,
        "w": lambda letter: letter.isalnum() or letter == "_",
        "l": lambda letter: letter.isascii() and letter.isalpha(),
    }
    assert kind_of(spec).fits(text) == (text != "" and all(map(allowed[spec], text)))


def test_parse_is_imported_with_the_first_date_only():
    script = """
import sys
from ways.pattern.types import kind_of
assert kind_of("03d").value("007") == 7 and kind_of(".2f").value("1.50") == 1.5 and not kind_of("%Y").fits("x")
assert "parse" not in sys.modules and "datetime" not in sys.modules
assert kind_of("%Y").value("2026").year == 2026 and "parse" in sys.modules
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


@pytest.mark.parametrize("spec, text", [
    ("d", "+7"), ("x", "0x1f"), ("%m/%Y", "1/2020"), ("%a %Y-%m-%d", "Mon 2024-03-05"), ("%H %I%p", "13 02PM"), (".2f", "1.5"),
])  # fmt: skip
def test_parse_takes_texts_that_no_value_is_written_as(spec, text):
    assert parse.parse(f"{{:{spec}}}", text, case_sensitive=True) is not None and not kind_of(spec).fits(text)


@pytest.mark.parametrize("spec, text", [
    ("s", "a b"), ("%a", "Tue"), ("%y %A %m %d", "50 Sunday 03 05"), ("%p", "PM"), ("%Y %Y", "2020 2020"), ("%% %Y", "% 2020"),
])  # fmt: skip
def test_parse_does_not_read_every_text_that_a_value_is_written_as(spec, text):
    assert kind_of(spec).fits(text)
    try:
        result = parse.parse(f"{{:{spec}}}", text, case_sensitive=True)
    except re.error:
        return
    assert result is None or format(result[0], spec) != text


@pytest.mark.parametrize("spec, text", [("%Y", "0000"), ("%a %H %p", "Mon 09 PM"), ("%a %A", "Mon Friday"), ("%d %b", "31 Feb")])
def test_a_text_that_no_date_has_is_told_without_trying_to_convert_it(spec, text, monkeypatch):
    kind = kind_of(spec)
    monkeypatch.setattr("ways.pattern.types._pattern", lambda fields: pytest.fail(f"converted {fields}"))
    for _ in range(2):
        assert not kind.fits(text)
    monkeypatch.setattr("ways.pattern.types._date_of", lambda fields: pytest.fail(f"tried {fields}"))
    assert not kind.fits(text)


@given(NUMBERISH, st.sampled_from(["d", "03d", "x", "o", "b", ".2f", "w", "l"]))
def test_parse_gives_the_same_value_where_it_takes_a_text(text, spec):
    """The library is laxer, and reads some digits otherwise: where both take a text, the values are equal."""
    kind = kind_of(spec)
    result = parse.parse(f"{{value:{spec}}}", text, case_sensitive=True) if kind.fits(text) else None
    if result is not None:
        assert result["value"] == kind.value(text)


@pytest.mark.parametrize("text, fits", [("1.50", True), ("-1.00", True), ("99999999999999999999.00", False), ("1.5", False)])
def test_a_number_that_a_float_would_change_does_not_fit(text, fits):
    assert bool(kind_of(".2f").fits(text)) is fits
