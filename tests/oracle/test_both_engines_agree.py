"""Every question of how a text can be read gets the same answer from ``re``, from ``regex``, and from trying everything."""

from __future__ import annotations

from typing import Any

from engines import ENGINES, engine
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle.mixed_oracle import Fault, Language
from oracle.mixed_worlds import World, texts_of, values_of, worlds

from ways.errors import AmbiguousReadingError, MatchTimeoutError, WaysError
from ways.pattern.pattern import Pattern, TextReading
from ways.pattern.template import Template

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=400)
#: Longer texts take the oracle too long, and say nothing more.
LONGEST = 18
HARD = worlds(are_hard=True)


def language_of(world: World) -> Language:
    try:
        language = world.language
    except Fault:
        assume(False)
        raise
    assume(len([node for node in language.leaves if node[0].kind == "token"]) <= 7)
    return language


def pattern_of(world: World) -> Pattern:
    return Pattern(Template.of(world.mapping, world.details, 2, dict.fromkeys(world.details, 2)))


def known(readings: list[TextReading], template: Template) -> dict[frozenset[int], dict[str, str]]:
    """Return readings as the oracle tells them: its parts are numbered in the order in which they start."""
    order = {option.number: place for place, option in enumerate(template.options)}
    return {frozenset(order[number] for number in reading.present): dict(reading.values) for reading in readings}


@SLOW
@given(HARD, st.data())
def test_each_engine_reads_what_trying_everything_reads(world: World, data: st.DataObject) -> None:
    language = language_of(world)
    text = data.draw(texts_of(world, language))
    assume(len(text) <= LONGEST)
    expected = language.readings(text)
    for name in ENGINES:
        with engine(name):
            pattern = pattern_of(world)
            try:
                got = known(pattern.readings(text), pattern.template)
                everything = known(pattern.all_readings(text), pattern.template)
            except MatchTimeoutError:
                # An expression that regex would misread alone is not given to it: that is told.
                assert name == "regex" and any("(?" in entry.get("parse", {}).get("regex", "") for entry in world.details.values())
                continue
        assert len(got) == min(2, len(expected)) and got.items() <= expected.items()
        assert everything == expected or (len(pattern.template.options) > 6 and len(everything) == 2)


@SLOW
@given(HARD, st.data())
def test_the_fast_paths_say_what_the_exact_one_says_or_nothing(world: World, data: st.DataObject) -> None:
    language = language_of(world)
    text = data.draw(texts_of(world, language))
    assume(len(text) <= LONGEST)
    expected = [language.leaf_values(values) for values in language.readings(text).values()]
    pattern = pattern_of(world)
    matches = (
        (pattern.match_at_once, pattern.refuses_at_once),
        (pattern.match_complete, pattern.can_refuse),
        (pattern.match_warm, pattern.can_refuse),
    )
    for match_of, can_refuse in matches:
        try:
            match = match_of(text)
        except MatchTimeoutError:
            continue
        if match is not None:
            assert [pattern.values(match)] == expected
            assert [pattern.reading(match)] == pattern.all_readings(text) and pattern.present(match) == pattern.reading(match).present
        elif can_refuse:
            assert not expected
    columns = pattern.columns([text, text])
    assert columns is None or [{name: values[0] for name, values in columns.items()}] == expected
    first: Any = pattern.first_values(text)
    assert first is None or [first] == expected


@SLOW
@given(HARD, st.data())
def test_each_engine_writes_what_is_read_again_alone(world: World, data: st.DataObject) -> None:
    language = language_of(world)
    values = data.draw(values_of(world, language))
    assume(len(language.written(values)) <= LONGEST)
    for name in ENGINES:
        with engine(name):
            pattern = pattern_of(world)
            try:
                got: str | None = pattern.format(values)
            except MatchTimeoutError:
                continue
            except WaysError:
                got = None
        assert got == language.formatted(values)
        if got is not None:
            continue
        with engine(name):
            _check_allowed(pattern, values, language)


def _check_allowed(pattern: Pattern, values: dict[str, str], language: Language) -> None:
    """Where other readings are allowed, a text is written exactly if each value fits its token; it isn't read as these alone."""
    try:
        text: str | None = pattern.fill(values)[0]
    except WaysError:
        text = None
    assert text == language.allowed(values)
    if text is not None:
        try:
            assert pattern.match(text) != values
        except (AmbiguousReadingError, MatchTimeoutError):
            pass
