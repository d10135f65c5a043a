"""A mapping's skeleton says of it what its own template says, and reads the same."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ways.errors import MatchTimeoutError, PatternError
from ways.pattern.pattern import Pattern
from ways.pattern.segments import MatchShapes
from ways.pattern.skeletons import Skeletons
from ways.pattern.template import Template

DETAILS: dict[str, dict[str, Any]] = {
    "A": {"parse": {"regex": "[a-c]+"}},
    "B": {},
    "C": {"choices": {"x": "a", "y": "ab"}},
    "D": {"format": "02d"},
    "E": {"format": "02d", "sequence": True},
    "F": {"mapping": "{A}_{D}"},
    "G": {"mapping": "{A}_{B}", "parse": {"regex": "a.*"}},
    "H": {"segments": True},
    "I": {"parse": {"regex": "(?<=/)a+"}},
    "J": {"mapping": "{A}[-{D}]"},
    "K": {"parse": {"regex": ".+"}},
}
WORDS = ("a", "b", "", "{", "}", "[", "]", "}x{", "][", "[[", "a]]", "\\", "x.y", "%m", "{@A}", "{@job", "{D:%Y", "{B:04d}", "a\\b")
TOKENS = ("{A}", "{B}", "{C}", "{D}", "{E}", "{F}", "{G}", "{H}", "{I}", "{J}", "{K}")
SEGMENTS = st.one_of(
    st.sampled_from(("a", "b", "ab")),
    st.sampled_from(TOKENS),
    st.sampled_from(TOKENS).map("v{}".format),
    st.sampled_from(TOKENS).map("{{A}}[-{}]".format),
    st.lists(st.sampled_from((*TOKENS, *WORDS, "_", "[-{A}]", "[.{D}]")), min_size=1, max_size=3).map("".join),
)
SEVERAL = st.lists(SEGMENTS, min_size=1, max_size=5)
MAPPINGS = st.one_of(SEVERAL.map("/".join), SEVERAL.map("\\".join))
VALUES = [
    {"A": "ab", "B": "b", "C": "ab", "D": "01", "E": "02", "F": "ab_01", "G": "a_b", "H": "a/b", "I": "a", "J": "ab-01", "K": "a", "j": ""},
    {"A": "c", "B": "x.y", "C": "a", "D": "11", "E": "####", "F": "c_11", "G": "a_c", "H": "a", "I": "aa", "J": "c", "K": "a/b", "j": ""},
]
NAMES = st.sampled_from(("a", "b", "ab", "va", "a_01", "01", "a-01", "c-a", "####", "1", "", "x.y", "\\"))
TEXTS = st.builds(lambda names, separator: separator.join(names), st.lists(NAMES, min_size=1, max_size=5), st.sampled_from("/\\"))


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(MAPPINGS, min_size=1, max_size=6), st.lists(TEXTS, min_size=1, max_size=6), st.sampled_from((1, 2)))
def test_a_skeleton_agrees_with_the_template(mappings: list[str], texts: list[str], syntax: int) -> None:
    skeletons = Skeletons()
    for mapping in mappings:
        try:
            template = Template.of(mapping, DETAILS, syntax)
            shape = MatchShapes().of_template(template)
        except PatternError:
            continue
        shared = skeletons.shape(mapping, DETAILS, syntax, {}, lambda: template)  # noqa: B023
        assert shared[:3] == shape[:3]
        if shared.skeleton is not None:
            _check_leaves(shared.skeleton, mapping, template)
            for text in (*texts, *near_texts(mapping)):
                _check_reading(shared.skeleton, mapping, template, text)


def near_texts(mapping: str) -> list[str]:
    """Return texts of a mapping, with its optional parts and without."""
    short = re.sub(r"\[[^\[\]]*\]", "", mapping)
    whole = mapping.translate({ord("["): None, ord("]"): None})
    return [re.sub(r"\{(\w)[^{}]*\}", lambda token: values[token[1]], text) for text in (short, whole) for values in VALUES]


def _check_leaves(skeleton: Any, mapping: str, template: Template) -> None:
    """Check that a mapping has the pieces of its skeleton, with its own texts at the slots."""
    leaves = skeleton.template.leaves
    texts = skeleton.filled([leaf.text for leaf in leaves], mapping)
    assert [leaf._replace(text=text) for leaf, text in zip(leaves, texts, strict=True)] == list(template.leaves)


def _check_reading(skeleton: Any, mapping: str, template: Template, text: str) -> None:
    """Check that a text is read as one of the skeleton where its literals stand at their places; else it doesn't fit."""
    try:
        read = Pattern(template).readings(text)
    except (MatchTimeoutError, PatternError):
        return
    segments = text.split(skeleton.separator)
    written = mapping.split(skeleton.separator)
    if len(segments) != len(written) or skeleton.texts_of(segments) != skeleton.texts_of(written):
        assert not read
        return
    slotted = Pattern(skeleton.template).readings(skeleton.with_slots(segments))
    assert [(dict(reading.values), reading.present) for reading in slotted] == [
        (dict(reading.values), reading.present) for reading in read
    ]
