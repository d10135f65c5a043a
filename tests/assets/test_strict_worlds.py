"""Over generated worlds: whatever an Asset of a strict place writes is read back as the same place and values, or not written."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, event, given, reject, settings
from hypothesis import strategies as st

from ways.assets.asset import Asset
from ways.errors import WaysError
from ways.session import Session

#: What a token's details may say.
DETAILS: list[dict[str, Any]] = [
    {},
    {"parse": {"regex": "[a-z]+"}},
    {"parse": {"regex": r"\w+"}},
    {"parse": {"regex": "[a-z]*"}},
    {"format": "03d"},
    {"format": "d"},
    {"format": ".2f"},
    {"sequence": True, "format": "04d"},
    {"choices": ["a", "ab", "a_b"]},
    {"choices": {"animation": "anim", 1: "one", "": "none"}},
    {"required": False},
    {"default": "a"},
    {"mapping": "{A}_{B}"},
    {"mapping": "{B}-{C}", "parse": {"regex": "[a-z]+-.*"}},
    {"mapping": "{C}[_{D}]"},
    {"mapping": "v{D}"},
    {"mapping": "{A}{E}", "parse": {"regex": "[ab]+"}},
]
TOKENS = "ABCDEPQR"
#: Parts of mappings.
PIECES = [
    "/x", "/y/", "_", ".", "-", "v", *(f"{{{name}}}" for name in TOKENS), "[_{A}]", "[.{D}]", "[{B}_]", "/{P}/", "{E:03d}", "{root}",
    "$",
]  # fmt: skip
VALUES: list[Any] = [
    "a", "ab", "a_b", "b-c", "a_b_c", "x", "anim", "animation", "none", "one", 1, "1", 7, "007", "0012", 12, 1.5, "1.50", "v01", "",
    None, "a/b", "..", ".", "A B", "1001", "1001-1003", "%04d", "aa", "é", "a\nb", -3, True, "$", "a.b",
]  # fmt: skip


class Kept:
    """A class of a user that keeps what it gets."""

    def __init__(self, info: dict[str, Any], context: Any) -> None:
        self.info, self.context = info, context


class Derived(Asset):
    """A class of a user that is an Asset."""


details = st.dictionaries(st.sampled_from(TOKENS), st.sampled_from(DETAILS), max_size=5)
mappings = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map(lambda pieces: "/" + "".join(pieces))


@st.composite
def worlds(draw: Any) -> dict[str, dict[str, Any]]:
    """Plugins of a few places: absolute and relative, in both syntaxes and two layers, some for some values only."""
    plugins: dict[str, dict[str, Any]] = {
        "root": {
            "hierarchy": "a", "mapping": draw(mappings).replace("{root}", ""), "mapping_details": draw(details),
            "syntax": draw(st.sampled_from([1, 2, 2])), "path": draw(st.booleans()),
        }
    }  # fmt: skip
    for number in range(draw(st.integers(0, 4))):
        plugin: dict[str, Any] = {
            "mapping_details": draw(details),
            "syntax": draw(st.sampled_from([1, 2, 2])),
            "assignment": draw(st.sampled_from(["master", "master", "over"])),
        }
        kind = draw(st.sampled_from(["relative", "override", "when", "absolute"]))
        if kind == "relative":
            plugin |= {"hierarchy": "{root}/b", "uses": ["a"], "mapping": "{root}" + draw(mappings).replace("{root}", "")}
        elif kind == "absolute":
            plugin |= {"hierarchy": "c", "mapping": draw(mappings).replace("{root}", "")}
        else:
            plugin |= {"hierarchy": "a"}
            if draw(st.booleans()):
                plugin["mapping"] = draw(mappings).replace("{root}", "")
        if kind == "when":
            plugin["when"] = {draw(st.sampled_from("ABD")): draw(st.sampled_from(["a", "ab", 7]))}
        plugins[f"plugin{number}"] = plugin
    return plugins


values_of = st.dictionaries(st.sampled_from(TOKENS), st.sampled_from(VALUES), max_size=6)


def session_of(plugins: dict[str, dict[str, Any]]) -> Session:
    session = Session(overrides={"WAYS_PRIORITY": "master:over"})
    try:
        session.add_plugins(**plugins)
    except WaysError:
        reject()
    session.register_context_alias("alias", "a")
    return session


def assert_written_as_read(session: Session, asset: Asset, place: Any) -> None:
    try:
        text = asset.get_str()
    except WaysError:
        event("not written")
        return
    event("written")
    again = session.get_asset(text, place, strict=True)
    again = Asset(again.info, again.context) if isinstance(again, Kept) else again
    assert again.context.hierarchy == asset.context.hierarchy
    template = again.context.view_of(again.info).template
    for name in {*asset.info, *template.all_tokens}.intersection(template.all_tokens):
        assert again.get_value(name, real=True) == asset.get_value(name, real=True), (text, name)
    assert again.get_str() == text


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    worlds(),
    st.lists(values_of, min_size=1, max_size=3),
    st.sampled_from(["a", "alias", "a/b", "c", "a/heir"]),
    st.sampled_from([None, Derived]),
)
def test_what_is_written_is_read_as_the_same_values(
    plugins: dict[str, dict[str, Any]], changes: list[dict[str, Any]], place: str, cls: Any
) -> None:
    session = session_of(plugins)
    if session.get_context(place) is None:
        return
    if cls is not None:
        session.register_asset_class(cls, "a", children=True)
    first, *others = changes
    try:
        asset = session.get_asset(first, place, strict=True)
    except WaysError:
        event("not made")
        return
    assert_written_as_read(session, asset, place)
    for change in others:
        before = dict(asset.info)
        try:
            asset.set_values(change)
        except WaysError:
            assert asset.info == before
            continue
        assert_written_as_read(session, asset, place)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), values_of)
def test_values_alone_find_a_place_that_takes_them(plugins: dict[str, dict[str, Any]], values: dict[str, Any]) -> None:
    session = session_of(plugins)
    session.register_asset_class(Kept, "c")
    try:
        asset = session.get_asset(values, strict=True)
    except WaysError:
        return
    place = asset.context
    if isinstance(asset, Kept):
        asset = Asset(asset.info, place)
    assert_written_as_read(session, asset, place)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), mappings, values_of, st.sampled_from("ABCDEPQR"), st.sampled_from(VALUES))
def test_a_text_that_is_read_is_written_again(
    plugins: dict[str, dict[str, Any]], text: str, values: dict[str, Any], name: str, value: Any
) -> None:
    session = session_of(plugins)
    for token, given_value in values.items():
        text = text.replace(f"{{{token}}}", str(given_value))
    for place in ("a", "a/b", "c"):
        if session.get_context(place) is None:
            continue
        try:
            asset = session.get_asset(text, place, strict=True)
        except WaysError:
            continue
        event("read")
        try:
            assert asset.get_str() in (text, text[:-1])
        except WaysError:
            # A file path with a control character is read, and never written.
            assert not text.isprintable() or "." in text
            continue
        assert_written_as_read(session, asset, place)
        before = dict(asset.info)
        try:
            asset.set_value(name, value)
        except WaysError:
            assert asset.info == before
            continue
        assert_written_as_read(session, asset, place)
