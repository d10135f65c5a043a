"""Plugins that say ``when``: an Asset answers as the plugins that fit its values say, merged one by one."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle.mixed_oracle import Language

from ways.api import AmbiguousContextError, ContextNotFoundError, ParseError, Session

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))
DETAILS: dict[str, dict[str, Any]] = {
    "A": {"parse": {"regex": "[a-c]"}},
    "B": {"format": "02d"},
    "C": {"choices": {"one": "i", "two": "ii"}},
}
#: Token to its texts, each with what a sheet may call it in ``when``.
NAMED: dict[str, dict[str, list[Any]]] = {
    "A": {"a": ["a"], "b": ["b"], "c": ["c"]},
    "B": {"01": [1, "01"], "02": [2], "10": [10, "10"]},
    "C": {"i": ["one", "i"], "ii": ["two"]},
}
JOBS = ["/{A}", "/{A}/{B}", "/x/{A}", "/{B}_{A}"]
SHOTS = ["{root}/{B}", "{root}/{B}[_{C}]", "{root}/{C}", "{root}[/{C}]/s", "{root}/{C}_{B}"]
WHOLE = ["/{A}/{B}", "/{A}/{C}", "/{A}_{B}_{C}", "/y/{B}[/{C}]", "/{A}/{B}[_{C}]"]


class When(NamedTuple):
    """A plugin that takes part for some values."""

    place: str
    when: dict[str, list[Any]]
    mapping: str
    data: dict[str, Any]

    def fits(self, values: Mapping[str, str]) -> bool:
        return all(any(named in NAMED[token].get(values.get(token, ""), ()) for named in some) for token, some in self.when.items())

    def written(self) -> dict[str, Any]:
        # One value may stand alone, without a list.
        when = {token: some[0] if len(some) == 1 else some for token, some in self.when.items()}
        return {"hierarchy": self.place, "when": when, "data": self.data, **({"mapping": self.mapping} if self.mapping else {})}


class World(NamedTuple):
    """A place under another one, and plugins at both that say ``when``."""

    job: str
    shot: str
    plugins: list[When]

    def session(self) -> Session:
        session = Session(overrides={"WAYS_PLATFORM": "linux"})
        sheet = {"job": {"hierarchy": "job", "mapping": self.job, "mapping_details": DETAILS, "data": {"last": "job"}}}
        sheet["shot"] = {"hierarchy": "shot", "uses": ["job"], "mapping": self.shot, "data": {"last": "shot"}}
        sheet.update((f"p{number}", plugin.written()) for number, plugin in enumerate(self.plugins))
        session.add_plugins(**{name: {"syntax": 2, **plugin} for name, plugin in sheet.items()})
        return session

    # --- slow and obvious: plugin by plugin

    def fitting(self, values: Mapping[str, str]) -> frozenset[int]:
        return frozenset(number for number, plugin in enumerate(self.plugins) if plugin.fits(values))

    def variants(self) -> set[frozenset[int]]:
        """Return each set of plugins that some values select; a token may have none, or one that nobody names."""
        some = [["", *texts] for texts in NAMED.values()]
        return {self.fitting(dict(zip(NAMED, values))) for values in product(*some)} | {frozenset()}

    def at(self, place: str, chosen: frozenset[int]) -> list[When]:
        return [self.plugins[number] for number in sorted(chosen) if self.plugins[number].place == place]

    def job_mapping(self, chosen: frozenset[int]) -> str:
        return next((plugin.mapping for plugin in reversed(self.at("job", chosen)) if plugin.mapping), self.job)

    def mapping(self, chosen: frozenset[int]) -> str:
        own = next((plugin.mapping for plugin in reversed(self.at("job/shot", chosen)) if plugin.mapping), self.shot)
        return own.replace("{root}", self.job_mapping(chosen))

    def fits_above(self, text: str) -> bool:
        """Whether *text* may be of the job itself."""
        return any(Language.of(self.job_mapping(chosen), DETAILS).readings(text) for chosen in self.variants())

    def data(self, chosen: frozenset[int]) -> dict[str, Any]:
        found: dict[str, Any] = {"last": "shot"}
        # What stands at the place itself is stronger than all that stands above.
        above, here = self.at("job", chosen), self.at("job/shot", chosen)
        for number, plugin in enumerate([*above, *here]):
            found.update({key: value for key, value in plugin.data.items() if key != "last" or number >= len(above)})
        return found

    def readings(self, text: str) -> list[tuple[frozenset[int], dict[str, str]]]:
        """Return each variant that *text* is of, with its values: those with most conditions."""
        found = []
        for chosen in self.variants():
            language = Language.of(self.mapping(chosen), DETAILS)
            values = [language.leaf_values(read) for read in language.readings(text).values()]
            found += [(chosen, read) for read in values if self.fitting(read) == chosen]
        most = max((self.conditions(chosen) for chosen, _ in found), default=0)
        return [(chosen, read) for chosen, read in found if self.conditions(chosen) == most]

    def conditions(self, chosen: frozenset[int]) -> int:
        return sum(len(self.plugins[number].when) for number in chosen)


@st.composite
def whens(draw: st.DrawFn, number: int) -> When:
    place = draw(st.sampled_from(["job", "job/shot", "job/shot"]))
    tokens = draw(st.lists(st.sampled_from(sorted(NAMED)), min_size=1, max_size=3, unique=True))
    when = {}
    for token in tokens:
        names = [name for names in NAMED[token].values() for name in names]
        when[token] = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    mapping = draw(st.sampled_from(["", *(JOBS if place == "job" else WHOLE)]))
    return When(place, when, mapping, {"last": number, f"p{number}": True})


@st.composite
def worlds(draw: st.DrawFn) -> World:
    plugins = [draw(whens(number)) for number in range(draw(st.integers(1, 4)))]
    return World(draw(st.sampled_from(JOBS)), draw(st.sampled_from(SHOTS)), plugins)


@st.composite
def values(draw: st.DrawFn) -> dict[str, str]:
    """A value for each token, or for all but one."""
    lacking = draw(st.sampled_from(["", "", *NAMED]))
    return {token: draw(st.sampled_from(list(texts))) for token, texts in NAMED.items() if token != lacking}


@settings(SLOW, max_examples=60)
@given(worlds(), values())
def test_an_asset_of_values_answers_as_the_plugins_that_fit_them(world: World, given_values: dict[str, str]) -> None:
    chosen = world.fitting(given_values)
    assume(Language.of(world.mapping(chosen), DETAILS).always <= given_values.keys())
    session = world.session()
    typed = {token: NAMED[token][text][0] for token, text in given_values.items()}
    for named in (given_values, typed):
        asset = session.get_asset(named, "job/shot", strict=True)
        assert (asset.mapping, asset.data) == (world.mapping(chosen), world.data(chosen))
        assert asset.context.data == world.data(frozenset()) and asset.context.get_mapping() == world.mapping(frozenset())


@settings(SLOW, max_examples=60)
@given(worlds(), values(), st.data())
def test_a_text_is_of_the_variant_that_its_own_values_select(world: World, given_values: dict[str, str], data: st.DataObject) -> None:
    language = Language.of(world.mapping(data.draw(st.sampled_from(sorted(world.variants(), key=sorted)))), DETAILS)
    assume(language.always <= given_values.keys())
    text = language.written({name: value for name, value in given_values.items() if name in language.tokens})
    expected = world.readings(text)
    session = world.session()
    for context in ["job/shot"] if world.fits_above(text) else ["job/shot", ...]:
        if len(expected) != 1:
            with pytest.raises(AmbiguousContextError if expected else (ContextNotFoundError, ParseError)):
                session.read(text, context)
            continue
        chosen, found = expected[0]
        read = session.read(text, context)
        assert (read.hierarchy, read.values) == ("job/shot", found)
        asset = session.get_asset(text, context, strict=True)
        assert (asset.info, asset.mapping, asset.data) == (found, world.mapping(chosen), world.data(chosen))
        assert asset.get_str() == text == session.format("job/shot", found)
