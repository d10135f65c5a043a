"""However a text comes to be read, first or last, alone or among many, from a sheet or the store, the answer is the same."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest import mock

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle.mixed_oracle import Fault, Language, Values
from oracle.mixed_worlds import World
from oracle.unicode_worlds import texts_of, worlds

from ways.api import AmbiguousContextError, Asset, ContextNotFoundError, MissingTokensError, ParseError, WaysError
from ways.pattern import segment_reader, skeletons
from ways.session import Session
from ways.sheets.store import stamps

SLOW = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
#: Longer texts take the oracle too long, and say nothing more.
LONGEST = 16


class Place(NamedTuple):
    """A place of a sheet, in one or two variants."""

    world: World
    language: Language
    #: The mapping of the variant that some values of a token select: the same with something at its end; ``None`` for no variant.
    variant: World | None
    variant_language: Language | None
    token: str
    texts: tuple[str, ...]

    def plugins(self, number: int) -> dict[str, Any]:
        """Return its plugins by name."""
        place = {"hierarchy": f"p{number}", "mapping": self.world.mapping, "mapping_details": self.world.details}
        found: dict[str, Any] = {f"p{number}": place}
        if self.variant is not None:
            found[f"v{number}"] = {"hierarchy": f"p{number}", "when": {self.token: [*self.texts]}, "mapping": self.variant.mapping}
        return found

    def readings(self, text: str) -> list[Values]:
        """Return how a text is read here, by trying everything: each set of parts, in the variant of most conditions."""
        if self.variant_language is not None:
            found = [values for values in self.variant_language.readings(text).values() if self._selects(values)]
            if found:
                return [self.variant_language.leaf_values(values) for values in found]
        found = list(self.language.readings(text).values())
        if self.variant is not None:
            found = [values for values in found if not self._selects(values)]
        return [self.language.leaf_values(values) for values in found]

    def _selects(self, values: Values) -> bool:
        return values.get(self.token) in self.texts


@st.composite
def places(draw: st.DrawFn) -> Place:
    world = draw(worlds(start=draw(st.sampled_from(("", "/", "/a/"))), most=4))
    language = language_of(world)
    variant = None
    token, texts = "", ()
    plain = [name for name in language.tokens if not {"choices", "format", "sequence", "segments"} & world.details[name].keys()]
    if plain and draw(st.booleans()):
        token = draw(st.sampled_from(plain))
        # A condition on an empty text holds where there is none.
        texts = tuple(draw(st.lists(st.sampled_from([*filter(None, world.fitting[token])]), min_size=1, max_size=2, unique=True)))
        variant = world._replace(mapping=world.mapping + draw(st.sampled_from(("_x", ".e", "", "/{A}", "[_{B}]", "½"))))
    return Place(world, language, variant, None if variant is None else language_of(variant), token, texts)


def language_of(world: World) -> Language:
    try:
        language = world.language
    except Fault:
        assume(False)
        raise
    assume(len([node for node, _ in language.leaves if node.kind == "token"]) <= 6)
    # A place that needs no token at all is refused.
    assume(not all(around for _, around in language.leaves))
    return language


def session_of(folder: str) -> Session:
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_search_path(folder)
    return session


def plain(found: Any) -> object:
    """Return what an answer says, whatever gave it."""
    if isinstance(found, WaysError):
        return type(found)
    values = found.info if isinstance(found, Asset) else found.values
    return "/".join(found.context.hierarchy), dict(values)


def asked(question: Any, *arguments: Any, **more: Any) -> object:
    try:
        return plain(question(*arguments, **more))
    except WaysError as error:
        return plain(error)


def each(session: Session, texts: Sequence[str], *place: str) -> list[object]:
    return [asked(session.read, text, *place) for text in texts]


def many(session: Session, texts: Sequence[str], *place: str) -> list[object]:
    return [plain(answer) for _, answer in session.read_many(texts, *place)]


def assets(session: Session, texts: Sequence[str], *place: str) -> list[object]:
    return [asked(session.get_asset, text, *place, strict=True) for text in texts]


def many_assets(session: Session, texts: Sequence[str], *place: str) -> list[object]:
    return [plain(answer) for answer in session.get_assets(texts, *place, strict=True)]


QUESTIONS = (each, many, assets, many_assets)


def told(question: Any, session: Session, texts: Sequence[str], place: Sequence[str], expected: Sequence[object]) -> list[object]:
    """Return answers; an Asset that lacks a value that it needs, as an empty text is none, has that of a reading."""
    answers: list[object] = question(session, texts, *place)
    return [said if answer is MissingTokensError and isinstance(said, tuple) else answer for answer, said in zip(answers, expected)]


def first_each(question: Any, folder: str, texts: Sequence[str], place: Sequence[str], expected: Sequence[object]) -> list[object]:
    """Return the same of each text as the very first one of a session."""
    return [told(question, session_of(folder), [text], place, [said])[0] for text, said in zip(texts, expected)]


@SLOW
@given(st.lists(places(), min_size=1, max_size=3), st.data())
def test_every_way_to_read_a_text_gives_the_same_answer(some: list[Place], data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.one_of(*(texts_of(place.world, place.language) for place in some)), min_size=1, max_size=3))
    texts += [data.draw(texts_of(place.variant, place.variant_language)) for place in some if place.variant and place.variant_language]
    texts = [text for text in texts if len(text) <= LONGEST]
    assume(texts)
    plugins = {name: plugin for number, place in enumerate(some) for name, plugin in place.plugins(number).items()}
    quick = mock.patch.object(segment_reader, "USES", 4), mock.patch.object(skeletons, "USES", 4), mock.patch.object(stamps, "FRESH", 0)
    with TemporaryDirectory() as folder, TemporaryDirectory() as cache, quick[0], quick[1], quick[2]:
        sheet = Path(folder, "sheet.json")
        sheet.write_text(json.dumps({"globals": {"syntax": 2}, "plugins": plugins}), encoding="utf-8")
        with mock.patch.dict(os.environ, {"WAYS_CACHE": "0"}):
            session = session_of(folder)
            if session.problems:
                # A sheet that is refused has no place.
                return
            for asks in ((), *((f"p{number}",) for number in range(len(some)))):
                expected = each(session, texts, *asks)
                check_slowly(some, texts, asks, expected)
                # Until the mappings are compiled, and after that.
                for question in (*QUESTIONS, *QUESTIONS):
                    assert told(question, session, texts * 2, asks, expected * 2) == expected * 2
                session.refresh()
                assert each(session, texts, *asks) == expected
                question = data.draw(st.sampled_from(QUESTIONS))
                assert first_each(question, folder, texts, asks, expected) == expected
                with mock.patch.dict(os.environ, {"WAYS_CACHE": "1", "XDG_CACHE_HOME": cache}):
                    for _ in range(2):
                        assert first_each(question, folder, texts, asks, expected) == expected


def check_slowly(some: Sequence[Place], texts: Sequence[str], asks: tuple[str, ...], answers: Sequence[object]) -> None:
    """Compare answers with those of trying everything, where no rank decides between places."""
    for text, answer in zip(texts, answers):
        readings = {f"p{number}": place.readings(text) for number, place in enumerate(some) if not asks or asks == (f"p{number}",)}
        fitting = {name: found for name, found in readings.items() if found}
        if not fitting:
            assert answer == (ParseError if asks else ContextNotFoundError)
        elif len(fitting) == 1:
            (name, found), = fitting.items()
            assert answer == (AmbiguousContextError if len(found) > 1 else (name, found[0]))
