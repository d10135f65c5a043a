"""All 90 path patterns of BIDS, as pybids writes them, in one sheet: the proof of optional parts and choices."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ways.api import AmbiguousContextError, ContextNotFoundError, Session, WaysError
from ways.check.overlap import Overlaps, OverlapVerdict, find_overlaps

CORPUS = Path(__file__).parents[2] / "shared" / "corpora" / "pybids-bids.json"
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of pybids is not here")

CHUNK = ("[_chunk-<index>]", "[_chunk-{chunk}]")
CLASSES = ("inplaneT[12]", "inplaneT1|inplaneT2")
FMAP = ("magnitude[12]|phase[12]", "magnitude1|magnitude2|phase1|phase2")
#: Slips of the file: number of a pattern -> what is written there, and what is meant. Each must be found.
MENDED = {
    0: CLASSES, 4: CHUNK, 5: CHUNK, 6: FMAP, 51: CLASSES, 59: FMAP,
    # A choice with a separator is a folder and no name; and one choice stands there twice.
    23: ("<.mefd/|.json|.edf|.vhdr|.eeg|.vmrk|.set|.fdt|.nwb|.json>", "<.json|.edf|.vhdr|.eeg|.vmrk|.set|.fdt|.nwb>"),
    57: ("[chunk-<index>_]", "[chunk-{chunk}_]"), 58: ("[chunk-<index>_]", "[chunk-{chunk}_]"),
    73: ("{part<mag|phase|real|imag>_}", "{part<mag|phase|real|imag>}_"),
}  # fmt: skip
TOKEN = re.compile(r"\{(?P<name>[a-z]+)(?:<(?P<choices>[^<>{}]+)>)?(?:\|(?P<default>[^<>{}|]+))?\}")
#: What a pattern may hold beside its tokens.
PLAIN = re.compile(r"[a-zA-Z0-9_./\[\]-]*")


class Pattern(NamedTuple):
    mapping: str
    details: dict[str, dict[str, Any]]


def converted(number: int, written: str, entities: Mapping[str, str]) -> Pattern:
    """Return one pattern as a mapping of ours; anything that is not understood fails."""
    slip, meant = MENDED.get(number, ("", ""))
    assert slip in written
    written = written.replace(slip, meant) if slip else written
    details: dict[str, dict[str, Any]] = {}
    for match in TOKEN.finditer(written):
        entry: dict[str, Any] = {}
        if match["choices"]:
            entry["choices"] = match["choices"].split("|")
            assert all(re.fullmatch(r"[.A-Za-z0-9]+", choice) for choice in entry["choices"]), match[0]
            assert len(set(entry["choices"])) == len(entry["choices"]), match[0]
        elif match["name"] in entities:
            entry["parse"] = {"regex": entities[match["name"]]}
        else:
            # The file has no entity of this name; the one it means, "staining", has what all labels have.
            assert match["name"] == "stain"
            entry["parse"] = {"regex": entities["staining"]}
        if match["default"]:
            assert match["default"] in entry["choices"]
            entry["default"] = match["default"]
        assert details.setdefault(match["name"], entry) == entry
    assert PLAIN.fullmatch(TOKEN.sub("", written)), written
    return Pattern(TOKEN.sub(r"{\g<name>}", written), details)


def corpus() -> list[Pattern]:
    data = json.loads(CORPUS.read_text(encoding="utf-8"))
    groups = {entry["name"]: re.search(r"\(([^()?][^()]*)\)", entry["pattern"]) for entry in data["entities"]}
    entities = {name: found[1] for name, found in groups.items() if found}
    return [converted(number, written, entities) for number, written in enumerate(data["default_path_patterns"])]


PATTERNS = corpus() if CORPUS.exists() else []
NUMBERS = range(len(PATTERNS))


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    plugins = {
        f"p{number:02d}": {"hierarchy": place(number), "mapping": pattern.mapping, "mapping_details": pattern.details}
        for number, pattern in enumerate(PATTERNS)
    }
    path = tmp_path_factory.mktemp("bids") / "bids.json"
    path.write_text(json.dumps({"globals": {"syntax": 2}, "plugins": plugins}), encoding="utf-8")
    session = Session()
    session.add_search_path(str(path))
    return session


def place(number: int) -> str:
    return f"bids/p{number:02d}"


# --- slow and obvious: every way to lay a text along the pieces is tried


class Read(NamedTuple):
    """One way to read a text."""

    present: frozenset[int]
    values: dict[str, str]
    literal: int = 0
    constrained: int = 0
    free: int = 0


def parts(mapping: str) -> list[tuple[str, bool, tuple[int, ...]]]:
    """Return the pieces of a mapping: text or name, whether it is a token, and the brackets it stands in."""
    found: list[tuple[str, bool, tuple[int, ...]]] = []
    around: tuple[int, ...] = ()
    for item in re.finditer(r"\{(\w+)\}|(\[)|(\])|([^\[\]{}]+)", mapping):
        if item[2]:
            around = (*around, item.start())
        elif item[3]:
            around = around[:-1]
        else:
            found.append((item[1] or item[4], bool(item[1]), around))
    return found


def laid(pattern: Pattern, pieces: list[Any], text: str, read: Read) -> Iterator[Read]:
    """Yield every way to read all of *text* as *pieces*."""
    if not pieces:
        if not text:
            yield read
        return
    (name, is_token, around), *rest = pieces
    new = [number for number in around if number not in read.present]
    if new:
        # None of these patterns has a part in a part: it is there, or all of its pieces lack.
        yield from laid(pattern, pieces, text, read._replace(present=read.present | {new[0]}))
        yield from laid(pattern, [piece for piece in pieces if new[0] not in piece[2]], text, read)
    elif not is_token:
        if text.startswith(name):
            yield from laid(pattern, rest, text[len(name) :], read._replace(literal=read.literal + len(name)))
    elif name in read.values:
        if text.startswith(read.values[name]):
            again = read._replace(constrained=read.constrained + 1)
            yield from laid(pattern, rest, text[len(read.values[name]) :], again)
    else:
        yield from _valued(pattern, name, rest, text, read)


def _valued(pattern: Pattern, name: str, rest: list[Any], text: str, read: Read) -> Iterator[Read]:
    entry = pattern.details.get(name, {})
    own = entry.get("parse", {}).get("regex")
    counted = read._replace(constrained=read.constrained + bool(entry), free=read.free + (not entry))
    for end in range(len(text), 0, -1):
        value = text[:end]
        fits = value in entry["choices"] if "choices" in entry else re.fullmatch(own or "[^/]+", value)
        if fits:
            yield from laid(pattern, rest, text[end:], counted._replace(values={**read.values, name: value}))


def readings(number: int, text: str) -> list[Read]:
    """Return one reading for each set of parts with which *text* fits; a part lacks only if a token has no value."""
    pieces = parts(PATTERNS[number].mapping)
    tokens: dict[int, set[str]] = {}
    for name, is_token, around in pieces:
        if is_token and around:
            tokens.setdefault(around[-1], set()).add(name)
    found: dict[frozenset[int], Read] = {}
    for read in laid(PATTERNS[number], pieces, text, Read(frozenset(), {})):
        if not any(names <= read.values.keys() for part, names in tokens.items() if part not in read.present):
            found.setdefault(read.present, read)
    return list(found.values())


def answer(text: str) -> tuple[str, Any]:
    """Return what *text* is among all 90: ``one`` with place and values, ``many`` with the places, or ``none``."""
    fits = {number: found for number in NUMBERS if (found := readings(number, text))}
    if not fits:
        return "none", None
    ranks = {n: max((read.literal, read.constrained, -read.free) for read in found) for n, found in fits.items()}
    best = [number for number in fits if ranks[number] == max(ranks.values())]
    if len(best) > 1 or len(fits[best[0]]) > 1:
        return "many", {place(number) for number in best}
    return "one", (place(best[0]), fits[best[0]][0].values)


# --- the proof


def test_each_slip_of_the_file_is_mended_and_nothing_else_is_left_over():
    assert len(PATTERNS) == 90 and set(MENDED) <= set(NUMBERS)
    assert not any(len(around) > 1 for pattern in PATTERNS for _, _, around in parts(pattern.mapping))


def test_all_load_without_a_word(session: Session):
    assert session.problems == [] and len(session.get_all_plugins()) == 90
    assert [session.need_context(place(number)).get_mapping() for number in NUMBERS] == [p.mapping for p in PATTERNS]


@st.composite
def filled(draw: st.DrawFn, number: int) -> dict[str, str]:
    """Values for one pattern: each token outside of every part has one, any other may."""
    pattern = PATTERNS[number]
    pieces = [(name, around) for name, is_token, around in parts(pattern.mapping) if is_token]
    always = {name for name, around in pieces if not around}
    values = {}
    for name in dict.fromkeys(name for name, _ in pieces):
        if name in always or draw(st.booleans()):
            entry = pattern.details.get(name, {})
            own = entry.get("parse", {}).get("regex", "[a-z]{1,4}")
            values[name] = draw(st.sampled_from(entry["choices"]) if "choices" in entry else st.from_regex(own, fullmatch=True))
    return values


@pytest.mark.parametrize("number", NUMBERS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_it_is_written_and_read_both_ways(session: Session, number: int, data: st.DataObject):
    values = data.draw(filled(number))
    text = session.format(place(number), values)
    read = session.read(text, place(number))
    assert read.values == values and [found.values for found in readings(number, text)] == [values]
    assert session.get_asset(text, place(number), strict=True).get_str() == text
    assert session.format(place(number), read.values) == text


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_finding_one_among_them_agrees_with_trying_all(session: Session, data: st.DataObject):
    number = data.draw(st.sampled_from(NUMBERS))
    text = session.format(place(number), data.draw(filled(number)))
    if data.draw(st.booleans()):
        # A near miss: one character is another, or lacks.
        at = data.draw(st.integers(0, len(text) - 1))
        text = text[:at] + data.draw(st.sampled_from(["", "_", "-", "/", "a", "1", "."])) + text[at + 1 :]
    assert told(session, text) == answer(text)


def told(session: Session, text: str) -> tuple[str, Any]:
    try:
        found = session.read(text)
    except AmbiguousContextError as error:
        return "many", {candidate.as_dict()["hierarchy"] for candidate in error.candidates}
    except ContextNotFoundError:
        return "none", None
    return "one", (found.hierarchy, found.values)


def test_an_index_of_a_repeated_session_reads_as_it_was_written(session: Session):
    values = {"subject": "01", "session": "a", "datatype": "anat", "suffix": "T1w", "extension": ".nii.gz"}
    assert session.format(place(0), values) == "sub-01/ses-a/anat/sub-01_ses-a_T1w.nii.gz"
    with pytest.raises(WaysError):
        session.read("sub-01/ses-a/anat/sub-01_T1w.nii.gz", place(0))
    del values["session"], values["extension"]
    assert session.format(place(0), values) == "sub-01/anat/sub-01_T1w.nii.gz"


def test_each_pair_is_decided_and_each_that_overlaps_is_shown(session: Session):
    overlaps = find_overlaps(session.ready_pool)
    assert overlaps.pair_count == 90 * 89 // 2 and not overlaps.is_cut
    assert overlaps.of(OverlapVerdict.UNDECIDED) == []
    for overlap in overlaps.of(OverlapVerdict.AMBIGUOUS):
        kind, places = answer(overlap.text)
        assert kind == "many" and {overlap.first.place, overlap.second.place} <= places
        with pytest.raises(AmbiguousContextError):
            session.get_asset(overlap.text, strict=True)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_text_fits_two_that_are_apart(session: Session, data: st.DataObject):
    meeting = {frozenset((one.first.place, one.second.place)) for one in known_overlaps(session).pairs}
    number = data.draw(st.sampled_from(NUMBERS))
    text = session.format(place(number), data.draw(filled(number)))
    others = (other for other in NUMBERS if other != number and frozenset((place(number), place(other))) not in meeting)
    assert not any(readings(other, text) for other in others)


@cache
def known_overlaps(session: Session) -> Overlaps:
    return find_overlaps(session.ready_pool)
