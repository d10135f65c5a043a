"""The matcher keeps every template that a text fits, whatever stands in it; finding one agrees with trying all."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle.language_oracle import readings
from oracle.test_language_agrees import TEXTS, World, hexadecimal, template_of, worlds, written

from ways.api import AmbiguousContextError, ContextNotFoundError, Session
from ways.pattern.pattern import Pattern
from ways.pattern.matcher import Matcher
from ways.pattern.segments import MatchShapes

#: Starts that many templates share, near misses of each other, and one with an alternation.
STARTS = st.sampled_from(["", "j/", "j/a/", "j/ab/", "j/{S}/", "j/{S}/a/", "k/{S}_", "/j/{S}/{T}/", "\\j\\{S}\\", "{U}/"])
DETAILS: dict[str, dict[str, Any]] = {
    "S": {"parse": {"regex": "a|ab|b"}},
    "T": {"choices": ["a", "b", "a_b"]},
    "U": {"parse": {"regex": "j|j/a|k"}},
}


@st.composite
def started(draw: st.DrawFn) -> World:
    world = draw(worlds())
    assume(not hexadecimal(world))
    return World(draw(STARTS) + world.mapping, {**world.details, **DETAILS}, world.formats)


@st.composite
def many(draw: st.DrawFn) -> list[World]:
    return draw(st.lists(started(), min_size=1, max_size=12))


@st.composite
def text_for(draw: st.DrawFn, some: list[World]) -> str:
    """A text of one of the templates, or one that is nearly so."""
    world = draw(st.sampled_from(some))
    text = draw(written(world, template_of(world)))
    for name, value in (("S", "ab"), ("T", "a_b"), ("U", "j/a")):
        text = text.replace(f"{{{name}}}", value)
    if draw(st.booleans()) and text:
        at = draw(st.integers(0, len(text) - 1))
        text = text[:at] + draw(st.sampled_from(["", "a", "/", "_", "\\", "1"])) + text[at + 1 :]
    return draw(st.one_of(st.just(text), TEXTS.map("j/a/".__add__)))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(some=many(), data=st.data())
def test_what_a_text_fits_is_a_candidate(some: list[World], data: st.DataObject) -> None:
    templates = [template_of(world) for world in some]
    matcher = Matcher((MatchShapes().of_template(template), number) for number, template in enumerate(templates))
    for _ in range(3):
        text = data.draw(text_for(some))
        fits = {number for number, template in enumerate(templates) if Pattern(template).readings(text)}
        candidates = matcher.candidates(text)
        assert fits <= set(candidates) and list(candidates) == sorted(set(candidates))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(some=many(), data=st.data())
def test_finding_one_agrees_with_trying_all(some: list[World], data: st.DataObject, tmp_path_factory: Any) -> None:
    plugins = {
        f"p{number}": {"hierarchy": f"p{number}", "mapping": world.mapping, "mapping_details": world.details}
        for number, world in enumerate(some)
    }
    path = tmp_path_factory.mktemp("world") / "sheet.json"
    path.write_text(json.dumps({"globals": {"syntax": 2}, "plugins": plugins}), encoding="utf-8")
    session = Session()
    session.add_search_path(str(path))
    for _ in range(3):
        text = data.draw(text_for(some))
        fits = {
            f"p{number}": found
            for number, world in enumerate(some)
            if session.get_context(f"p{number}") and (found := readings(world.mapping, world.details, world.formats, text))
        }
        try:
            place: str | None = session.read(text).hierarchy
            assert place in fits and session.read(text).values in fits[place].values()
        except AmbiguousContextError as error:
            places = {str(candidate.as_dict()["hierarchy"]) for candidate in error.candidates}
            assert places <= fits.keys() and (len(places) > 1 or len(fits[places.pop()]) > 1)
        except ContextNotFoundError:
            assert not fits
