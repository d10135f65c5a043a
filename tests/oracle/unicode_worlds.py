"""Generated mappings over all forms of the token language, with values and texts beyond ASCII and beyond text."""

from __future__ import annotations

import unicodedata
from typing import Any

from hypothesis import strategies as st
from oracle.mixed_oracle import Language
from oracle.mixed_worlds import World

#: What a token may be, with values that fit it: letters and digits of other scripts, numbers that are no digits, marks that
#: join the letter before, letters that are several in upper case, and spaces and ends of lines of several kinds.
FORMS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({}, ("a", "½", "e\u0301", "é", " ", "\n", "a b", ".", "日本", "\U0001f980", "_", "-")),
    ({"parse": {"regex": r"\w+"}}, ("a", "½", "²", "a²", "é", "٣", "日", "ß", "ª", "Ⅷ", "_")),
    ({"parse": {"regex": r"[^\W_]+"}}, ("a", "½", "a²", "é", "٣", "㊈")),
    ({"parse": {"regex": r"\d+"}}, ("1", "٣", "१2", "007")),
    ({"parse": {"regex": r"\D+"}}, ("a", "½", "e\u0301", "²")),
    ({"parse": {"regex": r"[\w.]+"}}, ("a.b", "½.", "²", "..")),
    ({"parse": {"regex": r"\W+"}}, ("-", "\u0301", "\u200d", " ", "·")),
    ({"parse": {"regex": r"\S+"}}, ("a", "½", "\u200b", "\u180e")),
    ({"parse": {"regex": r"[\w\s]+"}}, ("a b", "\xa0", "\u2028", "½\n", "\x1f", "\x85")),
    ({"parse": {"regex": r"(?i)[a-z]+"}}, ("a", "AB", "\u017f", "\u212a", "\u0131", "\u0130")),
    ({"parse": {"regex": r"(?i)straße|ΣΑΣ"}}, ("STRAßE", "STRAẞE", "σας", "σασ")),
    ({"parse": {"regex": r"\b\w\w*"}}, ("a", "½", "é1")),
    ({"parse": {"regex": r"\w+(?=_|\.|$)"}}, ("a", "²", "a1")),
    # As in each form, the longest value comes first: of another order reading takes what comes first.
    ({"parse": {"regex": r"(?:\w\.|\w)+"}}, ("a", "½.", "a.b")),
    ({"parse": {"regex": r"[^._/-]+"}}, ("a", "½ ", "e\u0301", "²")),
    ({"parse": {"regex": r"."}}, ("a", "½", "\U0001f980", "\u0301")),
    ({"parse": {"regex": r"(?s:.*)"}}, ("", "a", "½\n", "a.b_c")),
    ({"parse": {"regex": r"[à-ÿ½²]*"}}, ("", "é", "½²", "÷")),
    ({"parse": {"regex": r"(?P<x>\w)(?P=x)?"}}, ("a", "½½", "éé")),
    ({"choices": ["a", "½", "é", "e\u0301"]}, ("a", "½", "é", "e\u0301")),
    ({"choices": {"one": "²", "two": "K", "three": "\u212a"}}, ("²", "K", "\u212a")),
    ({"format": "03d"}, ("001", "012", "1234")),
    ({"format": "d"}, ("0", "12")),
    ({"format": "w"}, ("a", "½", "_²", "é")),
    ({"format": "l"}, ("a", "é", "日")),
    ({"format": "s"}, ("a", "½ b", "-")),
    ({"format": "%Y"}, ("2026", "1999")),
    ({"sequence": True, "format": "02d"}, ("01", "12", "##")),
    ({"sequence": True}, ("1", "-2", "#")),
    ({"segments": True}, ("a", "a/½", "é/e\u0301")),
    ({"segments": True, "parse": {"regex": r"[\w/]+"}}, ("a", "²/½")),
]
LEAVES = ("A", "B", "C", "D")
PARENT_FORMS: list[dict[str, Any]] = [{}, {}, {"parse": {"regex": r"[\w.]+"}}, {"parse": {"regex": r"\S*"}}, {"parse": {"regex": ".{1,4}"}}]
LITERALS = ("_", "-", ".", ".e", "é", "²", "v", " ", "[[", "a", "½")
#: What is put into texts, or taken out of them.
LETTERS = ("", "a", "_", ".", "½", "²", "\u0301", "é", " ", "\n", "٣", "1", "\u212a", "\udcff", "\u200d")


@st.composite
def mappings(draw: st.DrawFn, names: tuple[str, ...], *, depth: int, most: int, separators: tuple[str, ...] = ("/",)) -> str:
    """Text of the second syntax with at least one token, with parts to some depth."""
    text = ""
    for _ in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(("token", "token", "literal", "separator", "part") if depth else ("token", "literal")))
        if kind == "part":
            inside = draw(mappings(names, depth=depth - 1, most=2, separators=separators))
            around = draw(st.sampled_from((("_", ""), (".", ""), ("", separators[0]), (separators[0], ""), ("_v", ""), ("", "_"))))
            text += f"[{around[0]}{inside}{around[1]}]"
        elif kind == "token":
            text += f"{{{draw(st.sampled_from(names))}}}"
        else:
            text += draw(st.sampled_from(LITERALS if kind == "literal" else separators))
    return text if "{" in text else f"{text}{{{draw(st.sampled_from(names))}}}"


@st.composite
def worlds(draw: st.DrawFn, *, start: str = "", most: int = 5, separators: tuple[str, ...] = ("/",)) -> World:
    """A mapping over all forms, with a token P that others write.

    :param start: what the mapping begins with.
    """
    mapping = start + draw(mappings((*LEAVES, "P"), depth=2, most=most, separators=separators))
    details: dict[str, dict[str, Any]] = {}
    fitting: dict[str, tuple[str, ...]] = {}
    for name in LEAVES:
        entry, values = draw(st.sampled_from(FORMS))
        details[name], fitting[name] = dict(entry), values
    details["P"] = {"mapping": draw(mappings(LEAVES[:3], depth=1, most=3, separators=("-",))), **draw(st.sampled_from(PARENT_FORMS))}
    return World(mapping, details, fitting)


@st.composite
def texts_of(draw: st.DrawFn, world: World, language: Language) -> str:
    """A text that is written with values, one that is nearly so, or the same in another form of Unicode or another case."""
    values = {
        name: draw(st.sampled_from(world.fitting[name])) for name in language.tokens if name in language.always or draw(st.booleans())
    }
    text = language.written(values)
    change = draw(st.sampled_from(("none", "none", "letter", "form", "case")))
    if change == "letter":
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(LETTERS)) + text[at + draw(st.integers(0, 1)) :]
    elif change == "form":
        text = unicodedata.normalize(draw(st.sampled_from(("NFC", "NFD", "NFKC", "NFKD"))), text)
    elif change == "case":
        text = text.swapcase()
    return text
