"""Over generated worlds: whatever an Asset of a strict place writes is read back as the same place and values, or not written."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, event, given, reject, settings
from hypothesis import strategies as st

from ways.assets.asset import Asset
from ways.errors import WaysError
from ways.session import Session

#: What a token's details may say; each with values that fit.
DETAILS: list[tuple[dict[str, Any], list[Any]]] = [
    ({}, ["a", "b", "ab"]),
    ({"parse": {"regex": "[a-z]+"}}, ["a", "ab", "x"]),
    ({"parse": {"regex": r"\w+"}}, ["a", "a_b", "é", "7"]),
    ({"parse": {"regex": "[a-z]*"}}, ["a", "ab", ""]),
    ({"parse": {"regex": "[a-z/]+"}}, ["a", "a/b"]),
    ({"format": "03d"}, [1, "7", "007", 1234]),
    ({"format": "d"}, [1, 12, "1"]),
    ({"format": "-04d"}, [-3, 12, "-003"]),
    ({"format": ".2f"}, [1.5, "1.50", 0]),
    ({"format": "w"}, ["a", "a_b"]),
    ({"sequence": True, "format": "04d"}, [1001, "1001", "%04d", "1001-1003%04d", "####"]),
    ({"sequence": True}, [1, "1001", "%d"]),
    ({"choices": ["a", "ab", "a_b"]}, ["a", "ab", "a_b"]),
    ({"choices": {"animation": "anim", 1: "one", "": "none"}}, ["anim", "animation", 1, "one"]),
    ({"choices": {"animation": {"text": "anim", "label": "Animation"}, "fx": {"label": "Effects"}}}, ["anim", "animation", "fx"]),
    ({"segments": True}, ["a", "a/b", "a/b/c"]),
    ({"segments": True, "parse": {"regex": "[a-z]/[a-z]+"}}, ["a/b", "a/bc"]),
    ({"required": False}, ["a", "b"]),
    ({"default": "a"}, ["a", "b"]),
    ({"default": "a", "choices": ["a", "ab"]}, ["a", "ab"]),
    ({"mapping": "{A}_{B}"}, ["a_b", "a_a", "ab_x"]),
    ({"mapping": "{B}-{C}", "parse": {"regex": "[a-z]+-.*"}}, ["a-b", "ab-a"]),
    ({"mapping": "{C}[_{D}]"}, ["a", "a_1", "a_a"]),
    ({"mapping": "v{D}"}, ["v1", "va", "v007"]),
    ({"mapping": "{A}{E}", "parse": {"regex": "[ab]+"}}, ["ab", "aa"]),
    ({"mapping": "{P}-{Q}"}, ["a-a", "a_b-a", "v1-a_b"]),
    ({"mapping": "{P}"}, ["a", "a_b", "v1"]),
    ({"mapping": "{R}/{A}"}, ["a/a", "a_b/a"]),
    ({"mapping": "{@c}"}, ["a", "/x/a"]),
]  # fmt: skip
TOKENS = "ABCDEPQR"
#: Parts of mappings.
PIECES = [
    "/x", "/y/", "_", ".", "-", "v", *(f"{{{name}}}" for name in TOKENS), "[_{A}]", "[.{D}]", "[{B}_]", "/{P}/", "{E:03d}", "{root}",
    "$", "[_{A}[-{B}]]", "[/{C}[.{D}]/q]", "/{Q}.", "{R}/", "[{P}/]", "/{A}/", "/{B}_", "/{C}-", "{D}.", "{@c}", "/{@P}",
]  # fmt: skip
VALUES: list[Any] = [
    "a", "ab", "a_b", "b-c", "a_b_c", "x", "anim", "animation", "none", "one", 1, "1", 7, "007", "0012", 12, 1.5, "1.50", "v01", "",
    None, "a/b", "..", ".", "A B", "1001", "1001-1003", "%04d", "aa", "é", "a\nb", -3, True, "$", "a.b", "a\\b", "\udce9", "٣", "a/", b"a",
    ["a"], "a_b/a", "[", "{A}",
]  # fmt: skip


class Kept:
    """A class of a user that keeps what it gets."""

    def __init__(self, info: dict[str, Any], context: Any) -> None:
        self.info, self.context = info, context


class Derived(Asset):
    """A class of a user that is an Asset."""


class Named(Asset):
    """A class with arguments, attributes and a set_value of its own."""

    path = "mine"  # type: ignore[assignment]

    def __init__(self, info: dict[str, Any], context: Any, label: str = "") -> None:
        super().__init__(dict(info), context)
        self.label = label
        self.seen: list[str] = []

    def set_value(self, key: str, value: Any, force: bool = False) -> bool:
        self.seen.append(key)
        return super().set_value(key, value, force)


class Stored(Asset):
    """A class that has values of its own, and doesn't call the first class's."""

    info: Any = None  # type: ignore[assignment]

    def __init__(self, info: dict[str, Any], context: Any) -> None:
        self.info = dict(info)
        self.context = context


entries = st.sampled_from(DETAILS).map(lambda pair: pair[0])
details = st.dictionaries(st.sampled_from(TOKENS), entries, max_size=6)
mappings = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map(lambda pieces: "/" + "".join(pieces))
FITTING = {str(entry): values for entry, values in DETAILS}


@st.composite
def worlds(draw: Any) -> dict[str, dict[str, Any]]:
    """Plugins of a few places: absolute and relative, in both syntaxes and two layers, some for some values only."""
    syntaxes = st.sampled_from([1, 2, 2, 2, 2])
    plugins: dict[str, dict[str, Any]] = {
        "root": {
            "hierarchy": "a", "mapping": draw(mappings).replace("{root}", ""), "mapping_details": draw(details),
            "syntax": draw(syntaxes), "path": draw(st.booleans()),
        }
    }  # fmt: skip
    for number in range(draw(st.integers(0, 4))):
        plugin: dict[str, Any] = {
            "mapping_details": draw(details),
            "syntax": draw(syntaxes),
            "assignment": draw(st.sampled_from(["master", "master", "master", "over"])),
        }
        kind = draw(st.sampled_from(["relative", "relative", "deeper", "override", "when", "absolute", "heir"]))
        if kind == "relative":
            plugin |= {"hierarchy": "{root}/b", "uses": ["a"], "mapping": "{root}" + draw(mappings).replace("{root}", "")}
        elif kind == "deeper":
            plugin |= {"hierarchy": "{root}/d", "uses": ["a/b"], "mapping": "{root}" + draw(mappings).replace("{root}", "")}
        elif kind == "heir":
            plugin |= {"hierarchy": "a/heir"}
        elif kind == "absolute":
            plugin |= {"hierarchy": "c", "mapping": draw(mappings).replace("{root}", "")}
        else:
            plugin |= {"hierarchy": "a"}
            if draw(st.booleans()):
                plugin["mapping"] = draw(mappings).replace("{root}", "")
        if kind == "when" or draw(st.integers(0, 7)) == 0:
            plugin["when"] = {draw(st.sampled_from("ABDE")): draw(st.sampled_from(["a", "ab", 7, 1, "anim"]))}
        if draw(st.integers(0, 9)) == 0:
            plugin["search"] = False
        if draw(st.integers(0, 9)) == 0:
            plugin["ambiguous"] = "allow"
        plugins[f"plugin{number}"] = plugin
    return plugins


def fitting_values(draw: Any, plugins: dict[str, dict[str, Any]], names: Any, few: bool = False) -> dict[str, Any]:
    """Values of some tokens; most fit what some plugin says."""
    entries: dict[str, Any] = {}
    for plugin in plugins.values():
        entries.update(plugin["mapping_details"])
    values = {}
    for name in names:
        fitting = FITTING[str(entries.get(name, {}))]
        values[name] = draw(st.sampled_from(VALUES)) if draw(st.integers(0, 14)) == 0 else draw(st.sampled_from(fitting))
    return values


def split_names(template: Any, draw: Any) -> list[str]:
    """Tokens whose values say everything: parents or children.

    :raises WaysError: the mapping can't be read.
    """
    assert template.all_tokens is not None
    names = []
    waiting = [piece.text for piece in template.pieces if piece.is_token and template.spec(piece.text)]
    seen = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        spec = template.spec(name)
        if spec.splits and draw(st.booleans()):
            waiting += template.children(name)
        else:
            names.append(name)
    return names


def session_of(plugins: dict[str, dict[str, Any]], platform: str = "linux") -> Session:
    session = Session(overrides={"WAYS_PRIORITY": "master:over", "WAYS_PLATFORM": platform})
    try:
        session.add_plugins(**plugins)
    except WaysError:
        reject()
    session.register_context_alias("alias", "a")
    session.register_context_alias("other", "a/b")
    return session


def state_of(asset: Any) -> Any:
    return copy.deepcopy(asset.info), dict(asset._ways_forced)


def text_or_error(asset: Any) -> Any:
    try:
        return asset.get_str()
    except WaysError as error:
        str(error)
        return type(error)


def assert_written_as_read(session: Session, asset: Any, place: Any, by_hand: bool = False) -> bool:
    try:
        text = asset.get_str()
    except WaysError as error:
        str(error)
        event("not written")
        return False
    event("written")
    allowed = asset.context.view_of(asset.info).ambiguous == "allow"
    try:
        again = session.get_asset(text, place, strict=True)
    except WaysError as error:
        if allowed:
            event("ambiguous")
            return True
        raise AssertionError(f"{text!r} is not read: {type(error).__name__} {error}") from error
    again = Asset(again.info, again.context) if isinstance(again, Kept) else again
    assert again.context.hierarchy == asset.context.hierarchy
    template = again.context.view_of(again.info).template
    own = asset.context.view_of(asset.info).template
    assert template.mapping == own.mapping, (template.mapping, own.mapping)
    tokens = set(template.all_tokens)
    # Parents that stand in no mapping are written by tokens that do.
    tokens |= {name for name in asset.info if template.spec(name).splits and tokens.issuperset(template.children(name))}
    # Somebody who writes to info may write a value otherwise than it is written.
    for name in tokens if not by_hand else ():
        one, two = again.get_value(name, real=True), asset.get_value(name, real=True)
        assert one == two or (one or "") == (two or ""), (text, name, one, two)
    assert again.get_str() == text
    return True


PLACES = ["a", "alias", "a/b", "a/b", "other", "a/b/d", "c", "a/heir"]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    worlds(),
    st.sampled_from(PLACES),
    st.sampled_from([None, None, Derived, Named, Stored]),
    st.sampled_from(["linux", "linux", "windows"]),
    st.data(),
)
def test_what_is_written_is_read_as_the_same_values(
    plugins: dict[str, dict[str, Any]], place: str, cls: Any, platform: str, data: Any
) -> None:
    draw = data.draw
    session = session_of(plugins, platform)
    context = session.get_context(place)
    if context is None:
        return
    if cls is not None:
        session.register_asset_class(cls, "a", children=True)
    try:
        template = draw(st.sampled_from(context.view.variants)).template
        names = split_names(template, draw)
    except WaysError:
        event("no template")
        return
    if not template.mapping:
        event("no template")
        return
    values = fitting_values(draw, plugins, names)
    if draw(st.integers(0, 5)) == 0:
        values |= fitting_values(draw, plugins, [draw(st.sampled_from(TOKENS))])
    given_copy = copy.deepcopy(values)
    try:
        asset = session.get_asset(values, place, strict=draw(st.sampled_from([None, True, True])))
    except WaysError as error:
        str(error)
        event(f"not made: {type(error).__name__}")
        return
    assert values == given_copy
    if asset is None:
        assert not context.view.is_strict
        event("none")
        return
    event("made")
    if not asset._is_strict(context.view):
        return
    assert_written_as_read(session, asset, place)
    by_hand = False
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["set", "set", "set", "value", "at", "copy", "info", "anew", "parent", "force", "groups"]))
        names = draw(st.lists(st.sampled_from(template.all_tokens or ("A",)), min_size=1, max_size=3 if kind == "set" else 1))
        change = fitting_values(draw, plugins, names)
        before, text = state_of(asset), text_or_error(asset)
        try:
            if kind == "set":
                asset.set_values(change)
            elif kind == "value" or kind == "force":
                for name, value in change.items():
                    asset.set_value(name, value, force=kind == "force")
            elif kind == "at":
                target = draw(st.sampled_from(PLACES))
                moved = asset.at(target, **change)
                event("did at")
                if not moved._ways_forced:
                    assert_written_as_read(session, moved, target)
                continue
            elif kind == "parent":
                moved = asset.parent()
                event("did parent")
                if moved is not None and not moved._ways_forced:
                    assert_written_as_read(session, moved, moved.context)
                continue
            elif kind == "copy":
                twin = copy.copy(asset) if draw(st.booleans()) else copy.deepcopy(asset)
                assert text_or_error(twin) == text
                try:
                    twin.set_values(change)
                except WaysError:
                    pass
                assert state_of(asset) == before and text_or_error(asset) == text
                continue
            elif kind == "info":
                asset.info.update(change)
            elif kind == "anew":
                asset.info = {**asset.info, **change}
            elif kind == "groups":
                written = asset.get_str(groups=change)
                event("did groups")
                assert state_of(asset) == before
                if not asset._ways_forced:
                    twin = copy.copy(asset)
                    twin.set_values(change)
                    assert written == twin.get_str()
                    assert_written_as_read(session, twin, place, by_hand)
                continue
        except WaysError as error:
            str(error)
            assert state_of(asset) == before, "a failed change changes nothing"
            assert text_or_error(asset) == text
            continue
        event(f"did {kind}")
        if kind in ("set", "value"):
            assert all(name in asset.info or value in (None, "") for name, value in change.items()), change
        by_hand = by_hand or kind in ("info", "anew")
        if kind == "force":
            # It is written in some way, or an error of ours says why not.
            text_or_error(asset)
        if not asset._ways_forced:
            assert_written_as_read(session, asset, place, by_hand)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.sampled_from(PLACES), st.data())
def test_values_alone_find_a_place_that_takes_them(plugins: dict[str, dict[str, Any]], place: str, data: Any) -> None:
    draw = data.draw
    session = session_of(plugins)
    context = session.get_context(place)
    if context is None:
        return
    try:
        template = draw(st.sampled_from(context.view.variants)).template
        names = split_names(template, draw)
    except WaysError:
        return
    values = fitting_values(draw, plugins, names)
    session.register_asset_class(Kept, "c")
    try:
        asset = session.get_asset(values, strict=True)
    except WaysError as error:
        str(error)
        event(f"not found: {type(error).__name__}")
        return
    event("found")
    place = asset.context
    # Named, the place takes the same values, and no other place that is searched does.
    named = session.get_asset(values, place, strict=True)
    if isinstance(asset, Kept):
        asset, named = Asset(asset.info, place), Asset(named.info, place)
        if not place.view.is_strict:
            return
    assert named.info == asset.info
    assert_written_as_read(session, asset, place)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.sampled_from(["a", "a/b", "c"]), st.sampled_from(["linux", "linux", "windows"]), st.data())
def test_a_text_that_is_read_is_written_again(plugins: dict[str, dict[str, Any]], place: str, platform: str, data: Any) -> None:
    draw = data.draw
    session = session_of(plugins, platform)
    context = session.get_context(place)
    if context is None:
        return
    try:
        template = draw(st.sampled_from(context.view.variants)).template
        text = template.mapping
        for name, value in fitting_values(draw, plugins, split_names(template, draw)).items():
            text = text.replace(f"{{{name}}}", str(value))
        text = text.replace("[", "").replace("]", "")
        asset = session.get_asset(text, place, strict=True)
    except WaysError as error:
        str(error)
        event(f"not read {type(error).__name__}")
        return
    event("read")
    windows = context.view.is_windows_path
    try:
        out = asset.get_str()
        assert windows or out in (text, text[:-1])
    except WaysError as error:
        # A file path with a control character is read, and never written; and values may select another variant than a text.
        assert not text.isprintable() or "." in text or context.view.conditions, error
        return
    assert_written_as_read(session, asset, place)
    for _ in range(2):
        name = draw(st.sampled_from(TOKENS))
        change = fitting_values(draw, plugins, [name])
        before, old = dict(asset.info), text_or_error(asset)
        try:
            asset.set_value(name, change[name])
        except WaysError as error:
            str(error)
            assert asset.info == before and text_or_error(asset) == old
            continue
        event("set")
        assert_written_as_read(session, asset, place)
