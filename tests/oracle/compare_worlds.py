"""Generated plugins for the property tests of comparisons, and generated edits of one key."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from hypothesis import strategies as st

PLACES = ("a", "a/b", "a/b/c", "d")
#: Key -> what it may hold. Numbers that are equal but of another kind are among them.
VALUES: dict[str, tuple[Any, ...]] = {
    "mapping": ("/x/{A}", "/x/{A}/{B}", "{root}/{B}", "y_{C}", "/x\\{A}"),
    "mapping_details": (
        {"A": {"parse": {"regex": "[a-z]+"}}},
        {"A": {"parse": {"regex": "[a-z]+", "glob": "*"}, "required": False}},
        {"A": {"choices": ["x", "y", "z"]}, "B": {}},
        {"B": {"mapping": "{A}_{C}"}},
        {"B": {"mapping": "{C}_{A}"}, "C": {"parse": {"regex": "[0-9]"}}},
    ),
    "data": ({"fps": 24}, {"fps": 24.0}, {"fps": True, "ui": {"x": 1}}, {"fps": 1, "ui": {"x": 1, "y": [1, "a"]}}, {"ui": {}}, {"ui": []}),
    "platforms": ("linux", "windows", ["linux", "windows"], "*"),
    "assignment": ("client", "master"),
    "groups": ("g", ["g", "h"]),
    "path": (True, False),
    "folder": (True, False),
    "max_folder": ("/x", "/x/y"),
    "when": ({"A": "x"}, {"A": ["x", "y"]}, {"C": "1"}, {"A": "y", "C": "1"}),
}  # fmt: skip

Plugins = dict[str, dict[str, Any]]


class Edit(NamedTuple):
    """Plugins, and the same with one key of one of them changed."""

    old: Plugins
    new: Plugins
    name: str
    key: str


@st.composite
def plugins(draw: st.DrawFn, *, keys: tuple[str, ...] = tuple(VALUES)) -> dict[str, Any]:
    """One plugin, with some keys."""
    plugin: dict[str, Any] = {"hierarchy": draw(st.sampled_from(PLACES))}
    for key in draw(st.lists(st.sampled_from(keys), unique=True, max_size=5)):
        plugin[key] = draw(st.sampled_from(VALUES[key]))
    if draw(st.integers(0, 3)) == 0:
        plugin["uses"] = draw(st.lists(st.sampled_from(PLACES), unique=True, min_size=1, max_size=2))
    return plugin


def worlds(*, keys: tuple[str, ...] = tuple(VALUES)) -> st.SearchStrategy[Plugins]:
    """Up to six plugins by name."""
    return st.dictionaries(st.sampled_from("pqrstu"), plugins(keys=keys), max_size=6)


@st.composite
def edits(draw: st.DrawFn, *, keys: tuple[str, ...] = tuple(VALUES)) -> Edit:
    """A world, and the same with one key changed, added or removed in one plugin."""
    old = draw(worlds(keys=keys).filter(bool))
    new = copy.deepcopy(old)
    name, key = draw(st.sampled_from(sorted(old))), draw(st.sampled_from(keys))
    values = [value for value in VALUES[key] if repr(value) != repr(old[name].get(key))]
    new[name][key] = draw(st.sampled_from(values))
    if key in old[name] and draw(st.integers(0, 3)) == 0:
        del new[name][key]
    return Edit(old, new, name, key)
