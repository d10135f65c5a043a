"""Each way to ask what a text is gives the one answer that trying everything gives, or tells that there are several."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle import test_variants_agree as variants
from oracle.mixed_oracle import Fault, Language, Node, _flat

from ways.api import AmbiguousContextError, ContextNotFoundError, ParseError, Session, WaysError
from ways.assets.asset import Asset

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)
DETAILS: dict[str, dict[str, Any]] = {
    "A": {},
    "B": {"parse": {"regex": "[a-z]+"}},
    "C": {"format": "02d"},
    "D": {"choices": ["fog", "sky"]},
    "F": {"sequence": True},
    "G": {"parse": {"regex": "(?:[a-z]+_?)+"}},
}
VALUES = {
    "A": ["a", "fog", "a_b", "01"], "B": ["a", "fog"], "C": ["01", "12"], "D": ["fog", "sky"], "F": ["01", "1-2#"], "G": ["a", "a_fog"],
}  # fmt: skip
SEGMENTS = [
    "/{A}", "/{B}", "/{A}[_{D}]", "/{B}_{A}", "/{A}[_{C}]", "/{A}[.{F}]", "/{G}[_{D}]", "[/{D}]", "[/{B}]/{C}", "/x", "/{A}.{F}",
    "/a[_{A}[_{C}]]",
]  # fmt: skip
#: Variants of which many texts are of several.
CLOSE: dict[str, Any] = {
    "DETAILS": {"A": {"choices": ["x", "y"]}, "B": {"choices": ["x", "y"]}, "C": {"choices": ["x", "y"]}},
    "NAMED": {name: {"x": ["x"], "y": ["y"]} for name in "ABC"},
    "JOBS": ["/{A}_{B}", "/{B}_{A}", "/{A}[_{B}]", "/{C}"],
    "SHOTS": ["{root}", "{root}[_{C}]", "{root}_{B}"],
    "WHOLE": ["/{A}[_{C}]", "/{A}_{B}", "/{B}[_{A}]", "/{B}_{A}", "/{C}[_{A}][_{B}]"],
}


class Read(NamedTuple):
    """One way to read a text: at a place, with these values."""

    place: str
    values: dict[str, str]
    rank: tuple[int, int, int]


def reads(mappings: list[str], text: str) -> list[Read]:
    """Return the readings at each place that has one of the highest rank."""
    found = []
    for number, mapping in enumerate(mappings):
        language = Language.of(mapping, DETAILS)
        for present, values in language.readings(text).items():
            leaves = [node for node, around in _flat(language.nodes) if present.issuperset(around)]
            found.append(Read(f"p{number}", language.leaf_values(values), rank(leaves)))
    best = max((read.rank for read in found), default=None)
    leading = {read.place for read in found if read.rank == best}
    return [read for read in found if read.place in leading]


def rank(leaves: list[Node]) -> tuple[int, int, int]:
    tokens = [node.text for node in leaves if node.kind == "token"]
    fixed = sum(bool(DETAILS[name]) or name in tokens[:at] for at, name in enumerate(tokens))
    return sum(len(node.text) for node in leaves if node.kind == "literal"), fixed, fixed - len(tokens)


def session_of(mappings: list[str]) -> Session:
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    details = {"syntax": 2, "mapping_details": DETAILS}
    session.add_plugins(**{f"p{number}": {"hierarchy": f"p{number}", "mapping": text, **details} for number, text in enumerate(mappings)})
    return session


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[str], str]:
    """Mappings of places that overlap, and a text that one of them writes."""
    mapping = st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=3).map("".join)
    mappings = draw(st.lists(mapping, min_size=1, max_size=5))
    try:
        languages = [Language.of(text, DETAILS) for text in mappings]
    except Fault:
        assume(False)
        raise
    assume(all(language.always or any(node.kind == "literal" and not around for node, around in language.leaves) for language in languages))
    language = draw(st.sampled_from(languages))
    names = [name for name in language.tokens if name in language.always or draw(st.booleans())]
    return mappings, language.written({name: draw(st.sampled_from(VALUES[name])) for name in names})


def answer(ask: Callable[[], Any]) -> object:
    try:
        found = ask()
    except WaysError as error:
        found = error
    if isinstance(found, AmbiguousContextError):
        return "ambiguous"
    if isinstance(found, WaysError):
        assert isinstance(found, (ContextNotFoundError, ParseError)), found
        return "unresolved"
    return found.context.hierarchy[0], dict(found.info if isinstance(found, Asset) else found.values)


def in_columns(session: Session, text: str) -> object:
    (place, table), *others = session.get_assets([text], strict=True, as_columns=True).items()
    assert not others
    if not place:
        return "ambiguous" if "equally well" in table["error"][0] or "can be read in" in table["error"][0] else "unresolved"
    return place, {name: values[0] for name, values in table.items() if name not in ("row", "text") and values[0] is not None}


@SLOW
@given(cases())
def test_each_way_to_ask_gives_the_answer_of_trying_everything(case: tuple[list[str], str]) -> None:
    mappings, text = case
    found = reads(mappings, text)
    assert found
    expected: object = "ambiguous" if len(found) > 1 else (found[0].place, found[0].values)
    session = session_of(mappings)
    # The first text of a mapping is read by other means than the next ones.
    for _ in range(3):
        assert answer(lambda: session.get_asset(text, strict=True)) == expected
        assert answer(lambda: session.read(text)) == expected
        assert answer(lambda: session.get_assets([text, text], strict=True)[0]) == expected
        assert answer(lambda: next(iter(session.read_many([text])))[1]) == expected
        assert in_columns(session, text) == expected
    assert answer(lambda: session_of(mappings).get_assets([text], strict=True)[0]) == expected


@SLOW
@given(cases())
def test_a_known_place_gives_its_own_answer(case: tuple[list[str], str]) -> None:
    mappings, text = case
    session = session_of(mappings)
    for number, mapping in enumerate(mappings):
        found = list(Language.of(mapping, DETAILS).readings(text).values())
        if not found:
            continue
        values = Language.of(mapping, DETAILS).leaf_values(found[0])
        expected: object = "ambiguous" if len(found) > 1 else (f"p{number}", values)
        context = session.need_context(f"p{number}")
        for _ in range(2):
            assert answer(lambda: session.get_asset(text, context, strict=True)) == expected
            assert answer(lambda: session.read(text, context)) == expected
            assert answer(lambda: session.get_assets([text], context, strict=True)[0]) == expected
            assert answer(lambda: next(iter(session.read_many([text], context)))[1]) == expected
        table = session.get_assets([text], context, strict=True, as_columns=True)
        assert list(table) == ([""] if len(found) > 1 else [f"p{number}"])


@pytest.mark.parametrize("text", ["/x/s_fog.1001.exr", f"/x/{'s' * 9000}_fog.1001.exr"])
def test_the_shell_tells_it_too(tmp_path: Path, text: str) -> None:
    sheet = tmp_path / "sheet.yml"
    sheet.write_text("plugins: {image: {syntax: 2, hierarchy: i, mapping: '/x/{A}[_{B}].{F}.exr', mapping_details: {F: {sequence: true}}}}")
    command = [sys.executable, "-m", "ways", "--sheets", str(sheet), "resolve", text, "--format", "json"]
    for context in ([], ["--context", "i"]):
        record = json.loads(subprocess.run([*command, *context], capture_output=True, text=True).stdout)
        assert record["status"] == "ambiguous" and len(record["candidates"]) == 2


@pytest.mark.parametrize("parts", [{"DETAILS": variants.DETAILS}, CLOSE], ids=["apart", "close"])
@SLOW
@given(data=st.data())
def test_of_variants_each_way_gives_the_answer_of_trying_everything(parts: dict[str, Any], data: st.DataObject) -> None:
    with mock.patch.multiple(variants, **parts):
        _check_reading(data.draw(variants.worlds()), data.draw(variants.values()), data)


def _check_reading(world: variants.World, given_values: dict[str, str], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(sorted(world.variants(), key=sorted)))
    language = Language.of(world.mapping(chosen), variants.DETAILS)
    assume(language.always <= given_values.keys())
    text = language.written({name: value for name, value in given_values.items() if name in language.tokens})
    found = [values for _, values in world.readings(text)]
    expected: object = ("ambiguous" if len(found) > 1 else ("job", found[0])) if found else "unresolved"
    session = world.session()
    context = session.need_context("job/shot")
    for place in [(context,)] if world.fits_above(text) else [(context,), ()]:
        for _ in range(2):
            assert answer(lambda: session.read(text, *place)) == expected
            assert answer(lambda: session.get_asset(text, *place, strict=True)) == expected
            assert answer(lambda: session.get_assets([text], *place, strict=True)[0]) == expected
            assert answer(lambda: next(iter(session.read_many([text], *place)))[1]) == expected
        (name, table), *_ = session.get_assets([text], *place, strict=True, as_columns=True).items()
        assert (name == "job/shot") == (len(found) == 1)


@pytest.mark.parametrize("parts", [{"DETAILS": variants.DETAILS}, CLOSE], ids=["apart", "close"])
@SLOW
@given(data=st.data())
def test_of_variants_what_is_written_is_read_back(parts: dict[str, Any], data: st.DataObject) -> None:
    with mock.patch.multiple(variants, **parts):
        _check_writing(data.draw(variants.worlds()), data.draw(variants.values()))


def _check_writing(world: variants.World, given_values: dict[str, str]) -> None:
    chosen = world.fitting(given_values)
    language = Language.of(world.mapping(chosen), variants.DETAILS)
    values = {name: value for name, value in given_values.items() if name in language.tokens}
    # What is left out may have selected the variant.
    assume(language.always <= values.keys() and world.fitting(values) == chosen)
    session, text = world.session(), language.written(values)
    is_alone = [(chosen, values)] == world.readings(text)
    try:
        assert session.format("job/shot", values) == text and is_alone
    except WaysError:
        assert not is_alone
    assert session.format("job/shot", values, ambiguous="allow") == text
