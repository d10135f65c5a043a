"""Generated mappings, details, texts and values for the property tests."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st

from oracle.match_oracle import leaf_names, leaves, tree

#: Expressions of which the longest value to the left is found first, with values that fit.
LONGEST_FIRST = {
    r"\d+": ("1", "12"),
    r"\d*": ("", "7"),
    "[a-z]+": ("a", "ab"),
    "[a-z_]+": ("a_b", "a"),
    r"\w+": ("a1", "é_"),
    r"v\d{2}": ("v12",),
    "[^/]+": ("a.b", "a_"),
    ".+": ("a/b", "x"),
    "(?:ab|cd)": ("ab", "cd"),
    r"(\w)\1": ("aa", "éé"),
    r"(?P<x>[ab])(?P=x)": ("aa", "bb"),
    "(?i)ab": ("AB", "ab"),
    "(?x) a  b  # (ab)": ("ab",),
    r"[.+*^$()\[\]]+": ("+", "[(.", "^$"),
    "": ("",),
}
#: Expressions that may prefer another division, or look at what stands around the text.
OTHERS = {
    "a|ab": ("a", "ab"),
    r"\d+?": ("1", "12"),
    "(a)?(?(1)b|a+)": ("ab", "a", "aa"),
    r"^[a-z]+$": ("a", "ab"),
    "(?!ab)[a-z]+": ("a", "ba"),
    r"[a-z]+\b": ("a", "ab"),
    "(?>a|ab)": ("a",),
    "a*+b?": ("aa", "b", ""),
    r"(?<!a)\w": ("b", "a"),
}
EXPRESSIONS = {**LONGEST_FIRST, **OTHERS}
LITERALS = ("/", "_", ".", "\\", "-", "a", "ab", "v", "é", "(", "[", "+", "^$", "|", " ", "/x/", "1", "}", "\n")
NAMES = ("A", "B", "C", "D D", "É-1")
PARENTS = ("P", "Q")
#: Values as people give them: texts of parents and children, empty ones, and what is no text.
VALUES_OF_ANY_KIND: tuple[Any, ...] = ("a", "ab", "a_b", "a/b", "aa_ab", "12", "", "v12_", 7, 0, 1.5, True, ("a", "b"), None)
#: What texts are made of: separators, joiners, digits, letters beyond ASCII, characters that expressions know.
ALPHABET = "ab1_/.\\-vé([+^$|"


class World(NamedTuple):
    """A mapping and its details."""

    mapping: str
    details: dict[str, dict[str, Any]]

    @property
    def is_longest_first(self) -> bool:
        """Whether no token's expression prefers anything but the longest value."""
        found = (entry.get("parse", {}).get("regex") for entry in self.details.values())
        return not OTHERS.keys() & {regex for regex in found if regex is not None}


def _joined(names: tuple[str, ...], *, most: int) -> st.SearchStrategy[str]:
    tokens = st.sampled_from(names).map("{{{}}}".format)
    piece = st.one_of(tokens, st.sampled_from(LITERALS), st.sampled_from(("/", "_")))
    return st.lists(piece, min_size=1, max_size=most).map("".join)


def _entry(expressions: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    regex = st.sampled_from(expressions).map(lambda written: {"parse": {"regex": written}})
    return st.one_of(st.just({}), regex, regex)


@st.composite
def worlds(draw: st.DrawFn, *, expressions: tuple[str, ...] = tuple(EXPRESSIONS), most: int = 5) -> World:
    """A mapping over tokens, repeated ones too, some written by children, some of these with an expression as well."""
    details = {name: draw(_entry(expressions)) for name in NAMES}
    details["P"] = {"mapping": draw(_joined(NAMES[:3], most=3)), **draw(_entry((r"\w+", "[a-z]+_.*", "(?!a_).+", ".{2,3}", "[^_]*")))}
    details["Q"] = {"mapping": draw(_joined((*NAMES[1:4], "P"), most=3)), **draw(_entry((".+", "[^_]*_?[^_]*")))}
    return World(draw(_joined((*NAMES, *PARENTS), most=most)), details)


def value_of(entry: Mapping[str, Any]) -> st.SearchStrategy[str]:
    """A value for a token: mostly one that fits, else anything, the empty one too."""
    written = entry.get("parse", {}).get("regex")
    fitting = st.sampled_from(EXPRESSIONS[written]) if written in EXPRESSIONS else st.text("ab_.é(1", min_size=1, max_size=3)
    return st.one_of(fitting, fitting, fitting, st.text(ALPHABET, max_size=3))


@st.composite
def values_of(draw: st.DrawFn, world: World) -> dict[str, str]:
    """A value for each token of a mapping that isn't written by others."""
    return {name: draw(value_of(world.details.get(name, {}))) for name in leaf_names(*world)}


@st.composite
def texts_of(draw: st.DrawFn, world: World) -> str:
    """A text that fits, one that nearly does, or any."""
    values = draw(values_of(world))
    text = "".join(values[leaf.text] if leaf.kind == "token" else leaf.text for leaf in leaves(tree(*world)))
    if draw(st.integers(0, 3)) == 0 and text:
        place = draw(st.integers(0, len(text) - 1))
        text = text[:place] + draw(st.sampled_from(("", *ALPHABET))) + text[place + draw(st.integers(0, 1)) :]
    return text if len(text) <= 24 else text[:24]


@st.composite
def worlds_with_text(draw: st.DrawFn, **limits: Any) -> tuple[World, str]:
    """A mapping, and a text to read by it."""
    world = draw(worlds(**limits))
    return world, draw(texts_of(world))


def sampled(options: tuple[str, ...], seed: int) -> str:
    """Return one of *options*; the same one for the same *seed*."""
    return random.Random(seed).choice(options)


def all_texts(alphabet: str, longest: int) -> list[str]:
    """Return every text over *alphabet* up to a length."""
    return ["".join(letters) for length in range(longest + 1) for letters in itertools.product(alphabet, repeat=length)]
