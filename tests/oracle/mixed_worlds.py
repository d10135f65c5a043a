"""Generated mappings over all forms of the token language mixed, with values and texts for them."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st
from oracle.mixed_oracle import Language

#: What a token may be, with values that fit it. Each expression finds the longest value first.
FORMS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({}, ("a", "ab", "1", "a-b", "_")),
    ({"parse": {"regex": "[a-z]+"}}, ("a", "ab", "b")),
    ({"parse": {"regex": r"\d+"}}, ("1", "12", "007")),
    ({"parse": {"regex": "[a-z]*"}}, ("", "a", "ab")),
    ({"parse": {"regex": "[a-z/]+"}}, ("a", "a/b", "/")),
    ({"parse": {"regex": r"[a-z_.\-]+"}}, ("a", "a_b", "-", "a-b")),
    ({"parse": {"regex": "(?:ab|a|b)"}}, ("a", "ab", "b")),
    ({"parse": {"regex": r"(?P<x>[ab])(?P=x)"}}, ("aa", "bb")),
    ({"parse": {"regex": "(?i)ab?"}}, ("a", "AB")),
    ({"parse": {"regex": r"[a-z]+(?!_)"}}, ("a", "ab")),
    ({"parse": {"regex": r"v\d"}}, ("v1", "v2")),
    ({"parse": {"regex": r"[\[\]a]+"}}, ("[", "a", "[a]")),
    ({"choices": ["a", "ab", "b"]}, ("a", "ab", "b")),
    ({"choices": ["a", "a_b", "a-"]}, ("a", "a_b", "a-")),
    ({"choices": {"one": "a", "two": "1"}}, ("a", "1")),
    ({"choices": {1: "i", 2: "ii", 11: "xi"}}, ("i", "ii", "xi")),
    ({"choices": [1, 2, 11]}, ("1", "2", "11")),
    ({"choices": [1, 2, 11], "format": "02d"}, ("01", "02", "11")),
    ({"choices": ["ab", "b"], "parse": {"regex": "a?b"}}, ("ab", "b")),
    ({"format": "d"}, ("0", "7", "12")),
    ({"format": "-d"}, ("0", "7", "-7", "12")),
    ({"format": "02d"}, ("00", "07", "123")),
    ({"format": "-02d"}, ("00", "07", "-7", "123")),
    ({"format": "03d", "parse": {"regex": "0.*"}}, ("007", "012")),
    ({"format": "x"}, ("a", "1f", "-b", "0")),
    ({"format": "X"}, ("A", "1F", "7")),
    ({"format": "o"}, ("7", "10")),
    ({"format": "b"}, ("1", "10", "0")),
    ({"format": ".1f"}, ("1.5", "-0.5", "12.0")),
    ({"format": ".0f"}, ("1", "-12")),
    ({"format": "w"}, ("a", "a_1", "_")),
    ({"format": "l"}, ("a", "AB")),
    ({"format": "s"}, ("a", "a/b", "-")),
    ({"format": "%Y"}, ("2026", "1999")),
    ({"format": "%y%m%d"}, ("261121", "240229")),
    ({"format": "%H-%M"}, ("09-05", "23-59")),
]
#: Forms that ``regex`` reads at nearly any length: sequences, loops in loops, references.
HARD_FORMS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"sequence": True}, ("1", "-2", "1-2#", "#", "%04d", "1,3@", "1-9x2$F")),
    ({"sequence": True, "format": "02d"}, ("01", "12", "##", "1-2%02d")),
    ({"sequence": True, "format": "d"}, ("1", "10", "#", "1@")),
    ({"segments": True}, ("a", "a/b", "1/2/3", "a-b/c")),
    ({"segments": True, "parse": {"regex": "[ab/]+"}}, ("a", "a/b", "ab/a/b")),
    ({"parse": {"regex": r"(?:[a-z]+_?)+"}}, ("a", "a_b", "ab_")),
    ({"parse": {"regex": r"(?:[a-z]+-)*[a-z]+"}}, ("a", "a-b", "ab")),
    ({"parse": {"regex": r"(?:\d+,)*\d+"}}, ("1", "1,2")),
    ({"parse": {"regex": r"([ab])(?:-\1)?"}}, ("a", "a-a", "b-b")),
    ({"parse": {"regex": r"(?P<x>[ab])_?(?(x)[ab]|1)"}}, ("ab", "a_b")),
    ({"parse": {"regex": r"(?:([ab])+-)*\1?a"}}, ("aa-aa", "a-aa")),
]
#: Forms that stand in the mapping itself, after the token's name.
INLINE = ["d", "02d", "x", "b", ".1f", "w", "l", "%Y"]
FITTING = {spec: values for entry, values in FORMS if list(entry) == ["format"] for spec in [entry["format"]]}
LEAVES = ("A", "B", "C", "D")
#: What others write: Q may be written by P too.
PARENTS = ("P", "Q")
PARENT_FORMS: list[dict[str, Any]] = [
    {}, {}, {"parse": {"regex": r"[a-z0-9_.\-]+"}}, {"parse": {"regex": "[^_]*"}}, {"parse": {"regex": ".{1,4}"}},
    {"parse": {"regex": "a.*"}}, {"format": "w"}, {"choices": ["a", "a-b", "1", "a_a"]},
]  # fmt: skip
LITERALS = ("_", "-", ".", "/", "\\", "a", "1", "v", "[[", "]]", "ab", "%", "}")
#: Where a text and its values may be told apart only by what stands around.
ALPHABET = "ab1_-./\\v[]0"


class World(NamedTuple):
    """A mapping, its details, and what to draw values of."""

    mapping: str
    details: dict[str, dict[str, Any]]
    fitting: dict[str, tuple[str, ...]]

    @property
    def language(self) -> Language:
        return Language.of(self.mapping, self.details)


@st.composite
def mappings(draw: st.DrawFn, names: tuple[str, ...], *, depth: int, most: int) -> str:
    """Text of the second syntax with at least one token, parts to some depth, with separators or without."""
    text = ""
    for _ in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(("token", "literal", "part") if depth else ("token", "literal")))
        if kind == "part":
            inside = draw(mappings(names, depth=depth - 1, most=2))
            text += f"[{draw(st.sampled_from(('_', '-', '.', '/', '')))}{inside}]"
        else:
            text += f"{{{draw(st.sampled_from(names))}}}" if kind == "token" else draw(st.sampled_from(LITERALS))
    return text if "{" in text else f"{text}{{{draw(st.sampled_from(names))}}}"


@st.composite
def worlds(draw: st.DrawFn, *, most: int = 4, are_hard: bool = False) -> World:
    """A mapping over all forms: types, choices, expressions, parents with parts of their own, repeats, nested parts.

    :param are_hard: whether tokens have the forms that ``regex`` reads, too.
    """
    mapping = draw(st.sampled_from(("x", "", "/", "x/"))) + draw(mappings((*LEAVES, *PARENTS), depth=2, most=most))
    details: dict[str, dict[str, Any]] = {}
    fitting: dict[str, tuple[str, ...]] = {}
    for name in LEAVES:
        hard = st.sampled_from(HARD_FORMS)
        entry, values = draw(st.one_of(st.sampled_from(FORMS), hard, hard) if are_hard else st.sampled_from(FORMS))
        details[name], fitting[name] = dict(entry), values
    details["P"] = {"mapping": draw(mappings(LEAVES[:3], depth=1, most=3)), **draw(st.sampled_from(PARENT_FORMS))}
    details["Q"] = {"mapping": draw(mappings((*LEAVES[1:], "P"), depth=1, most=3)), **draw(st.sampled_from(PARENT_FORMS))}
    name = draw(st.sampled_from(LEAVES))
    if not details[name] and f"{{{name}}}" in mapping:
        spec = draw(st.sampled_from(INLINE))
        mapping = mapping.replace(f"{{{name}}}", f"{{{name}:{spec}}}", draw(st.integers(1, 2)))
        fitting[name] = FITTING[spec]
    return World(mapping, details, fitting)


@st.composite
def values_of(draw: st.DrawFn, world: World, language: Language) -> dict[str, str]:
    """Values for the tokens: most fit, and one that stands in parts alone may lack."""
    found = {}
    for name in language.tokens:
        if name in language.always or draw(st.booleans()):
            fitting = st.sampled_from(world.fitting[name])
            found[name] = draw(st.one_of(fitting, fitting, fitting, st.text(ALPHABET, max_size=3)))
    return found


@st.composite
def texts_of(draw: st.DrawFn, world: World, language: Language) -> str:
    """A text that is written with values, one that is nearly so, or any."""
    text = language.written(draw(values_of(world, language)))
    if draw(st.integers(0, 2)) == 0 and text:
        at = draw(st.integers(0, len(text) - 1))
        text = text[:at] + draw(st.sampled_from(("", *ALPHABET))) + text[at + draw(st.integers(0, 1)) :]
    return text
