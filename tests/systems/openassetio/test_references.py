"""References of OpenAssetIO, which need no OpenAssetIO to be written and read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from ways.errors import WaysError
from ways.systems.openassetio import references
from ways.systems.openassetio.references import MalformedReferenceError, Reference, compose, parse, prefix_of

#: Every text that a value may have, halves of characters included.
TEXTS = st.text(st.characters(), max_size=12)
PLACES = st.lists(st.text("abz09_- %", min_size=1, max_size=5), min_size=1, max_size=4).map("/".join)


@given(PLACES, st.dictionaries(st.text(st.characters(), min_size=1, max_size=6), TEXTS, max_size=4))
def test_any_text_of_a_token_is_read_back(place: str, values: dict[str, str]) -> None:
    reference = compose(place, values)
    assert reference.isascii()
    assert parse(reference) == (place, values)
    assert compose(*parse(reference)) == reference


def test_a_place_with_a_slash_in_front_is_read_back() -> None:
    assert parse(compose("/job/shot", {})) == Reference("/job/shot", {})


def test_what_two_tokens_hold_decides_and_not_their_order() -> None:
    assert compose("shot", {"B": "2", "A": "1"}) == compose("shot", {"A": "1", "B": "2"}) == "ways:///shot?A=1&B=2"


def test_what_a_person_types_is_read() -> None:
    assert parse("ways:///shot?NAME=a+b é") == Reference("shot", {"NAME": "a+b é"})


@given(PLACES, st.dictionaries(st.text("AB_/&=+", min_size=1), st.text("ab/?é +;:@"), max_size=3))
def test_the_quick_way_reads_as_the_exact_one(place: str, values: dict[str, str]) -> None:
    plain = f"ways:///{place}?{'&'.join(f'{token}={value}' for token, value in values.items())}"
    quick = references._plain(plain, "ways:///")
    assert quick is None or quick == references._exact(plain, "ways:///")


def test_a_scheme_of_a_studio() -> None:
    reference = compose("shot", {"A": "1"}, "acme")
    assert reference == "acme:///shot?A=1"
    assert parse(reference, "acme") == Reference("shot", {"A": "1"})
    with pytest.raises(MalformedReferenceError, match="begin with ways:///"):
        parse(reference)


@pytest.mark.parametrize("scheme", ["", "Ways", "a b", "ways:", "1a"])
def test_a_scheme_that_is_none(scheme: str) -> None:
    with pytest.raises(ValueError, match="^scheme: expected small letters"):
        prefix_of(scheme)


MALFORMED = {
    "shot": ("begin with ways:///", "shot"),
    "ways://shot": ("begin with ways:///", "ways://shot"),
    "ways:///": ("names no place", ""),
    "ways:////": ("names no place", "/"),
    "ways:///?A=1": ("names no place", ""),
    "ways:///shot//render": ("an empty part", "shot//render"),
    "ways:///shot/": ("an empty part", "shot/"),
    "ways:///shot?": ("expected TOKEN=value", ""),
    "ways:///shot?A=1&": ("expected TOKEN=value", ""),
    "ways:///shot?A=1&&B=2": ("expected TOKEN=value", ""),
    "ways:///shot?A": ("expected TOKEN=value", "A"),
    "ways:///shot?B=2&=1": ("expected TOKEN=value", "=1"),
    "ways:///shot?A=1&A=1": ("A is given twice", "A=1"),
    "ways:///shot?A=1&%41=2": ("A is given twice", "%41=2"),
    "ways:///shot?A=1#top": ("'#' is written %23", "#"),
    "ways:///shot?A=100%": ("two hexadecimal digits", "%"),
    "ways:///shot?A=%zz": ("two hexadecimal digits", "%"),
    "ways:///sh%FFot": ("no UTF-8", "sh%FFot"),
    "ways:///shot?%C3=1": ("no UTF-8", "%C3"),
}


@pytest.mark.parametrize("reference", MALFORMED)
def test_a_malformed_reference_is_refused_and_the_fault_is_named(reference: str) -> None:
    message, fault = MALFORMED[reference]
    with pytest.raises(MalformedReferenceError, match=message) as caught:
        parse(reference)
    start, end = caught.value.span
    assert (caught.value.reference, reference[start:end]) == (reference, fault)


@given(st.text(st.characters(), max_size=30) | st.text(st.sampled_from("a/?&=%41#+"), max_size=12).map("a".__add__))
def test_any_text_is_read_or_refused(rest: str) -> None:
    reference = f"ways:///{rest}"
    try:
        place, values = parse(reference)
    except WaysError:
        return
    assert parse(compose(place, values)) == (place, values)


@pytest.mark.parametrize("imported", [f"ways.systems.openassetio.{name}" for name in ("references", "entities", "__main__")])
def test_nothing_of_openassetio_is_loaded_without_a_host(imported: str) -> None:
    code = f"import sys, {imported}; print([name for name in sys.modules if name.startswith('openassetio')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8", cwd=ROOT)
    assert done.stdout == "[]\n"


def test_ways_loads_nothing_of_this_system(tmp_path: Path) -> None:
    sheet = tmp_path / "a.yml"
    sheet.write_text("plugins: {a: {hierarchy: a, mapping: '/{A}', openassetio: {publish: true}}}", encoding="utf-8")
    code = f"""if True:
        import sys
        from ways.api import Session
        session = Session()
        session.add_search_path({str(sheet)!r})
        assert session.need_context("a").get_openassetio() == {{"publish": True}}
        print([name for name in sys.modules if "openassetio" in name])
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8", cwd=ROOT)
    assert done.stdout == "[]\n"


def test_the_command_says_what_is_missing_where_there_is_no_openassetio() -> None:
    run = "from ways.systems.openassetio.__main__ import main; main(['resolve', 'ways:///a'])"
    code = f"import sys; sys.modules['openassetio'] = None; {run}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", cwd=ROOT)
    assert done.returncode == 2 and "pip install 'ways-resolver[openassetio]'" in done.stderr


def test_the_folder_for_the_plugin_path_holds_one_file() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ways.systems.openassetio", "--plugin-path"], capture_output=True, check=True, encoding="utf-8", cwd=ROOT
    )
    assert [path.name for path in Path(done.stdout.rstrip("\n")).iterdir() if path.suffix == ".py"] == ["ways_manager.py"]
