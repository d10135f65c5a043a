"""SegmentReader: the first texts of a mapping, segment by segment; refused wherever that could say something else."""

from __future__ import annotations

from typing import Any

import pytest

from ways.errors import MatchTimeoutError, ParseError
from ways.pattern.pattern import Pattern, PatternCache
from ways.pattern.segment_reader import USES, SegmentCache
from ways.pattern.template import Template
from ways.session import Session

DETAILS: dict[str, dict[str, Any]] = {
    "SHOT": {"mapping": "{SEQUENCE}_{NUMBER}"},
    "NUMBER": {"parse": {"regex": r"\d{4}"}},
    "EITHER": {"parse": {"regex": "(?:exr|abc)"}},
    "LOUD": {"parse": {"regex": "(?i)[a-z]+"}},
    "FRAME": {"format": "04d"},
    "KIND": {"choices": ["a", "b"]},
    "PATH": {"parse": {"regex": ".+"}},
    "EDGE": {"parse": {"regex": r"\w+\b"}},
    "TWICE": {"parse": {"regex": r"(\w)\1"}},
    "LESS": {"parse": {"regex": r"\d*"}},
    "SELF": {"mapping": "{SELF}"},
    "DEEP": {"mapping": "{SHOT}-{EITHER}"},
    "ASKED": {"mapping": "{NUMBER}", "parse": {"regex": "0.*"}},
    "ACROSS": {"mapping": "{NUMBER}/{EITHER}"},
    "HOLLOW": {"mapping": "x"},
}


def first_values(mapping: str, text: str, details: dict[str, dict[str, Any]] = DETAILS) -> dict[str, str] | None:
    first = SegmentCache().reader(mapping, details)
    assert first is not None
    values = first.values(text)
    match = Pattern(lambda: Template.of(mapping, details), patterns=PatternCache()).match_complete(text)
    assert values is None or (match is not None and list(match.groups()) == list(values.values()))
    return values


@pytest.mark.parametrize(
    "mapping, text, values",
    [
        ("/jobs/{JOB}/{SHOT}", "/jobs/dune/a_b_0010", {"JOB": "dune", "SEQUENCE": "a_b", "NUMBER": "0010"}),
        ("/{V}/{N}_{V}.{EITHER}", "/v1/x_v1.exr", {"V": "v1", "N": "x", "EITHER": "exr"}),
        ("/{V}/{V}/{V}_{V}", "/a/a/a_a", {"V": "a"}),
        ("/{V}_{V}", "/a_b_a_b", {"V": "a_b"}),
        ("/{LOUD}/{NUMBER}", "/aB/0001", {"LOUD": "aB", "NUMBER": "0001"}),
        ("C:\\{JOB}\\{SELF}.txt", "C:\\a.b\\c.txt", {"JOB": "a.b", "SELF": "c"}),
        ("/{DEEP}", "/a_0001-exr", {"SEQUENCE": "a", "NUMBER": "0001", "EITHER": "exr"}),
        ("{JOB}/", "a/", {"JOB": "a"}),
        ("/{1}/{É-1}", "/a/b", {"1": "a", "É-1": "b"}),
    ],
)
def test_a_plain_mapping_is_read(mapping: str, text: str, values: dict[str, str]) -> None:
    assert first_values(mapping, text) == values


@pytest.mark.parametrize("text", ["/v1/x_v2.exr", "/v1/x_v1.mov", "/v1/x_v1.exr/", "v1/x_v1.exr", "/v\0/x_v\0.exr", "//x_.exr"])
def test_what_does_not_fit_is_left_to_the_whole_pattern(text: str) -> None:
    assert first_values("/{V}/{N}_{V}.{EITHER}", text) is None


@pytest.mark.parametrize(
    "mapping",
    [
        *("/{FRAME}", "/{KIND}", "/{PATH}", "/{EDGE}", "/{TWICE}", "/{ASKED}", "/{ACROSS}", "/{HOLLOW}/{A}"),
        *("{A}", "/{A}\\{B}", "/{A:03d}", "/{@SHOT}", "/{A", "/plain", "/{SHOT}/{LESS}"),
    ],
)
def test_what_is_not_plain_is_not_read_so(mapping: str) -> None:
    assert SegmentCache().reader(mapping, DETAILS) is None


def test_a_format_in_a_mapping_counts_wherever_it_stands() -> None:
    assert SegmentCache().reader("/{A}", {"OTHER": {"mapping": "{A:03d}"}}) is None


def test_details_that_say_the_same_share_a_pattern() -> None:
    cache = SegmentCache()
    one, other = ({"A": {"parse": {"regex": "[ab]"}}} for _ in range(2))
    readers = [cache.reader(f"/{name}/{{A}}", details)._steps for name, details in (("x", one), ("y", other))]  # type: ignore[union-attr]
    assert readers[0][0][1:] == readers[1][0][1:]
    assert cache.reader("/x/{A}", {"A": {}}).values("/x/c") == {"A": "c"}  # type: ignore[union-attr]


def test_a_mapping_is_compiled_after_some_texts() -> None:
    session = Session()
    session.add_plugins(shot={"hierarchy": "shot", "mapping": "/shots/{SHOT}"})
    context = session.need_context("shot")
    for number in range(USES + 2):
        for context_or_none in (None, context):
            asset = session.get_asset(f"/shots/{number}", context_or_none)
            assert (asset.info, asset.get_str()) == ({"SHOT": str(number)}, f"/shots/{number}")
    pattern = context.get_pattern()
    assert pattern is not None and not pattern.is_cold


def test_a_text_that_does_not_fit_first_is_told_as_ever() -> None:
    session = Session()
    session.add_plugins(shot={"hierarchy": "shot", "mapping": "/{A}_{B}/{A}"})
    # The longest value for A is the wrong one here: only the whole pattern can tell.
    assert session.get_asset("/a_b_c/a", "shot", strict=True).info == {"A": "a", "B": "b_c"}


@pytest.mark.parametrize(
    "mapping, text",
    [("/{V}_{V}", f"/{'_' * 32_000}!"), ("/{V}/{A}{V}", f"/{'_' * 9_000}/{'_' * 20_000}!")],
    ids=["in one segment", "in two"],
)
def test_a_repeated_token_counts_for_the_time_it_takes(mapping: str, text: str) -> None:
    first = SegmentCache().reader(mapping, {})
    assert first is not None
    with pytest.raises(MatchTimeoutError):
        first.values(text)


FORMS: dict[str, tuple[str, str, dict[str, str]]] = {
    "typed": ("/{A}_v{V:03d}.exr", "/a_v001.exr", {"A": "a", "V": "001"}),
    "choices": ("/{KIND}.exr", "/abc.exr", {"KIND": "abc"}),
    "sequence": ("/{A}.{FRAME}.exr", "/a.1-5####.exr", {"A": "a", "FRAME": "1-5####"}),
    "an optional part": ("/{LOW}[-{A}].exr", "/low.exr", {"LOW": "low"}),
    "a parent": ("/{SHOT}/{LOW}", "/ab_1/low", {"SEQUENCE": "ab", "NUMBER": "1", "LOW": "low"}),
}


@pytest.mark.parametrize("mapping, text, values", FORMS.values(), ids=FORMS)
def test_places_of_one_skeleton_are_compiled_once_for_their_first_texts(mapping: str, text: str, values: dict[str, str]) -> None:
    session = Session()
    details = {
        "KIND": {"choices": ["a", "abc"]},
        "FRAME": {"sequence": True, "format": "04d"},
        "LOW": {"parse": {"regex": "[a-z]+"}},
        "SHOT": {"mapping": "{SEQUENCE}_{NUMBER}"},
    }
    plugins = {f"p{n}": {"syntax": 2, "hierarchy": f"p{n}", "mapping": f"/r/p{n}{mapping}", "mapping_details": details} for n in range(9)}
    session.add_plugins(**plugins)
    contexts = [session.need_context(name) for name in plugins]
    for context in contexts:
        assert session.get_asset(f"/r/{context.hierarchy[0]}{text}", context).info == values
        assert "expression" not in vars(context.get_pattern())
    for context in contexts:
        with pytest.raises(ParseError):
            session.get_asset(f"/r/x{text}", context)
        assert session.get_asset(f"/r/{context.hierarchy[0]}{text}", context).info == values


def test_of_several_mappings_near_a_first_text_those_are_refused_by_their_skeletons() -> None:
    session = Session()
    details = {"A": {"parse": {"regex": "[a-z]+"}}, "N": {"format": "03d"}}
    mappings = {"word": "/r/{A}", "number": "/r/{N}", "both": "/r/{A}{N}", "text": "/r/x"}
    session.add_plugins(
        **{name: {"syntax": 2, "hierarchy": name, "mapping": mapping, "mapping_details": details} for name, mapping in mappings.items()}
    )
    for _ in range(2):
        assert session.get_asset("/r/abc").context.hierarchy == ("word",)
        assert session.get_asset("/r/007").context.hierarchy == ("number",)
    assert "expression" not in vars(session.need_context("both").get_pattern())
    # It fits two, and more of its characters are literal.
    assert session.get_asset("/r/x").context.hierarchy == ("text",)
