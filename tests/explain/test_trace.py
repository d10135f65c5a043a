"""The trace functions (docs/reference/api.rst): a test a rule."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest

from ways import api
from ways.api import Action, Asset, Context, Find, Plugin, Session

pytestmark = pytest.mark.portability


def first(obj: Any) -> Any:
    return obj


@pytest.fixture(autouse=True)
def _tools(session: Session) -> None:
    """``tools/paint`` in two layers, ``tools/paint/brush`` below, and nothing at ``tools`` itself."""
    session.add_plugins(
        paint={"hierarchy": "tools/paint", "mapping": "/a/{T}"},
        brush={"hierarchy": "tools/paint/brush", "mapping": "/a/{T}/y"},
        other={"hierarchy": "tools/paint", "assignment": "client"},
    )


@pytest.fixture
def paint(session: Session) -> Context:
    """The Context of ``tools/paint``."""
    return session.need_context("tools/paint")


class Paint(Action):
    add_to_registry = False

    @classmethod
    def get_hierarchy(cls) -> str:
        return "tools/paint"


class ClientPaint(Paint):
    @classmethod
    def get_assignment(cls) -> str:
        return "client"


class PaintPlugin(Plugin):
    add_to_registry = False

    def get_hierarchy(self) -> str:
        return "tools/paint"


def everything(context: Context) -> dict[str, Any]:
    """Return each kind of thing that has a place, by its name."""
    asset = Asset({"T": "x"}, context)
    return {
        "context": context,
        "find": context.actions,
        "asset": asset,
        "asset finder": asset.actions,
        "action": Paint(),
        "plugin": PaintPlugin(),
        "data plugin": context.plugins[0],
        "parser": context.get_parser(),
        "text": "tools/paint",
        "parts": ("tools", "paint"),
        "list": ["tools", "paint"],
    }


KINDS = ["context", "find", "asset", "asset finder", "action", "plugin", "data plugin", "parser", "text", "parts", "list"]


# --- the Context, hierarchy and assignment of a thing


@pytest.mark.parametrize("kind", KINDS)
def test_the_hierarchy_of_a_thing_is_told(paint: Context, kind: str) -> None:
    assert api.trace_hierarchy(everything(paint)[kind]) == ("tools", "paint")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "action"])
def test_the_context_of_a_thing_is_told(paint: Context, kind: str) -> None:
    assert api.trace_context(everything(paint)[kind]) is paint


def test_the_context_of_an_action_is_that_of_its_place_and_layer(session: Session) -> None:
    assert api.trace_context(ClientPaint()) is session.get_context("tools/paint", "client")


def test_a_class_has_no_context_but_may_have_a_hierarchy() -> None:
    assert (api.trace_context(Paint), api.trace_context(PaintPlugin)) == (None, None)
    assert (api.trace_hierarchy(Paint), api.trace_hierarchy(PaintPlugin)) == (("tools", "paint"), ())


NOTHINGS: list[Any] = [None, 5, "", (), "no/where", ["invalid_input"], [1, 2], object(), "bad.text", Context]


def shown(thing: Any) -> str:
    """Return a readable id: things without a text of their own go by their type."""
    return repr(thing) if thing is None or isinstance(thing, (str, int, tuple, list, dict)) else type(thing).__name__


@pytest.mark.parametrize("thing", NOTHINGS, ids=shown)
def test_what_has_no_place_has_no_context_and_an_empty_hierarchy(thing: Any) -> None:
    assert (api.trace_context(thing), api.trace_hierarchy(thing)) == (None, ())


def test_a_place_with_an_illegal_character_has_no_context(session: Session) -> None:
    session.add_plugins(bad={"hierarchy": "bad.text"})
    assert api.trace_context("bad.text") is None


@pytest.mark.parametrize("kind", ["context", "find", "asset", "asset finder", "parser"])
def test_the_assignment_of_what_has_a_context_is_the_contexts(session: Session, paint: Context, kind: str) -> None:
    client = session.need_context("tools/paint", "client")
    assert api.trace_assignment(everything(paint)[kind]) == ""
    assert api.trace_assignment(everything(client)[kind]) == "client"


def test_actions_and_plugins_say_their_assignment_themselves(session: Session) -> None:
    assert [api.trace_assignment(thing) for thing in (ClientPaint(), ClientPaint, PaintPlugin)] == ["client", "client", "master"]
    assert api.trace_assignment(session.get_plugins("tools/paint", "client")[0]) == "client"


@pytest.mark.parametrize("thing", [None, 5, "tools/paint", "anything", ("tools", "paint"), object()], ids=shown)
def test_what_has_no_assignment_is_master(thing: Any) -> None:
    assert api.trace_assignment(thing) == "master"


def test_an_action_called_like_an_attribute_misleads_nobody(paint: Context) -> None:
    for name in ("finder", "get_hierarchy", "get_assignment"):
        api.add_action(first, name, "tools/paint")
    for thing in (paint.actions, Asset({"T": "x"}, paint).actions):
        assert (api.trace_context(thing), api.trace_hierarchy(thing)) == (paint, ("tools", "paint"))
        assert api.trace_assignment(thing) == ""


# --- actions


@pytest.fixture
def actions(session: Session) -> None:
    """``x`` at ``tools``, another ``x`` and ``y`` at ``tools/paint``, and ``z`` for the client."""
    for name, function, place in [("x", len, "tools"), ("x", first, "tools/paint"), ("y", repr, "tools/paint")]:
        api.add_action(function, name, place)
    api.add_action(str, "z", "tools/paint", "client")


@pytest.mark.parametrize("kind", KINDS)
def test_actions_of_a_thing_are_those_of_its_place_and_above(actions: None, paint: Context, kind: str) -> None:
    thing = everything(paint)[kind]
    assert api.trace_actions(thing) == [first, repr]
    assert api.trace_actions(thing, duplicates=True) == [first, repr, len]


def test_names_of_actions_are_told_once_and_nearest_first(actions: None) -> None:
    assert api.trace_action_names("tools/paint/brush") == ["x", "y"]


def test_actions_are_told_as_a_table(actions: None, paint: Context) -> None:
    table = api.trace_actions_table(paint)
    assert isinstance(table, OrderedDict)
    assert list(table.items()) == [("x", first), ("y", repr)]


def test_actions_of_one_layer_are_told(actions: None) -> None:
    assert api.trace_actions("tools/paint", "client") == [str]
    assert api.trace_action_names("tools/paint", assignment="client") == ["z"]
    assert list(api.trace_actions_table("tools/paint", "client")) == ["z"]


def test_a_place_without_plugins_may_have_actions(actions: None) -> None:
    assert api.trace_actions("tools") == [len]


@pytest.mark.parametrize("thing", [None, 5, ["invalid_input"], "no/where", PaintPlugin], ids=shown)
def test_what_has_no_place_has_no_actions(actions: None, thing: Any) -> None:
    assert api.trace_actions(thing) == api.trace_action_names(thing) == []


def test_an_action_stands_only_where_it_was_registered(actions: None) -> None:
    api.add_action(repr, "y", "elsewhere")
    assert api.get_action_hierarchies(first) == {("tools", "paint")}
    assert api.get_action_hierarchies(repr) == {("tools", "paint"), ("elsewhere",)}


def test_a_name_stands_where_every_action_of_it_does(actions: None) -> None:
    assert api.get_action_hierarchies("x") == {("tools",), ("tools", "paint")}


def test_of_several_names_of_one_action_the_last_counts(session: Session) -> None:
    api.add_action(first, "early", "a")
    api.add_action(first, "late", "b")
    assert api.get_all_action_hierarchies() == {first: {"hierarchies": {("a",), ("b",)}, "name": "late"}}
    assert (api.get_action_hierarchies("late"), api.get_action_hierarchies("early")) == ({("a",), ("b",)}, set())


@pytest.mark.parametrize("action", ["unknown", None, first, 5], ids=shown)
def test_what_is_no_registered_action_stands_nowhere(action: Any) -> None:
    assert api.get_action_hierarchies(action) == set()


def test_a_bound_method_is_known_again(session: Session) -> None:
    owner = PaintPlugin()
    api.add_action(owner.get_mapping, context="a")
    assert api.get_action_hierarchies(owner.get_mapping) == {("a",)}


def test_all_actions_are_told_with_their_places_and_names(actions: None) -> None:
    table = api.get_all_action_hierarchies()
    assert set(table) == {first, len, repr, str}
    assert table[first] == {"hierarchies": {("tools", "paint")}, "name": "x"}


# --- how an answer comes about


def test_an_answer_is_told_plugin_by_plugin(session: Session) -> None:
    context = session.need_context("tools/paint/brush")
    assert api.trace_method_resolution(context.get_mapping) == ["/a/{T}", "/a/{T}/y"]


def test_each_step_is_told_with_its_plugin(session: Session) -> None:
    context = session.need_context("tools/paint/brush")
    steps = api.trace_method_resolution(context.get_mapping, plugins=True)
    assert [(answer, plugin.name) for answer, plugin in steps] == [("/a/{T}", "paint"), ("/a/{T}/y", "brush")]
    assert [plugin for _, plugin in steps] == context.plugins


def test_a_context_and_the_name_of_a_method_will_do(paint: Context) -> None:
    """REC of 12.2."""
    assert api.trace_method_resolution(paint, "get_mapping") == ["/a/{T}"]


def test_a_step_without_an_answer_is_none(session: Session) -> None:
    session.add_plugins(late={"hierarchy": "late/x", "mapping": "/x"}, early={"hierarchy": "late", "data": {"x": 1}})
    context = session.need_context("late/x")
    assert api.trace_method_resolution(context.get_mapping) == [None, "/x"]


@pytest.mark.platform("linux")
def test_a_plugin_of_another_platform_has_a_step_too(session: Session) -> None:
    session.add_plugins(windows={"hierarchy": "tools/paint/brush", "mapping": "/w", "platforms": "windows"})
    context = session.need_context("tools/paint/brush")
    assert api.trace_method_resolution(context.get_mapping) == ["/a/{T}", "/a/{T}/y", "/a/{T}/y"]


def test_an_error_that_is_no_runtime_error_goes_on(paint: Context) -> None:
    with pytest.raises(TypeError):
        api.trace_method_resolution(paint.get_action)


def test_the_context_is_as_before_afterwards(session: Session) -> None:
    context = session.need_context("tools/paint/brush")
    before = (context.get_mapping(), context.plugins, context.as_dict())
    api.trace_method_resolution(context.get_mapping)
    assert (context.get_mapping(), context.plugins, context.as_dict()) == before


# --- hierarchies


def test_all_hierarchies_are_those_with_plugins() -> None:
    assert api.get_all_hierarchies() == {("tools", "paint"), ("tools", "paint", "brush")}


def test_all_assignments_are_those_with_plugins() -> None:
    assert api.get_all_assignments() == {"master", "client"}


@pytest.mark.parametrize("kind", KINDS)
def test_children_of_a_thing_are_the_places_below_it(paint: Context, kind: str) -> None:
    assert api.get_child_hierarchies(everything(paint)[kind]) == {("tools", "paint", "brush")}


def test_an_intermediate_place_without_plugins_has_children() -> None:
    """REC of 10: by text."""
    assert api.get_child_hierarchies("tools") == {("tools", "paint"), ("tools", "paint", "brush")}


@pytest.mark.parametrize("thing", ["no/where", "tool", "tools/pain", "tools/paint/brush", None, 5, object(), PaintPlugin], ids=shown)
def test_what_has_nothing_below_it_has_no_children(thing: Any) -> None:
    """REC of 10: empty, and not everything."""
    assert (api.get_child_hierarchies(thing), api.get_child_hierarchy_tree(thing)) == (set(), {})


def test_the_tree_of_all_fills_in_what_is_between() -> None:
    assert api.get_all_hierarchy_trees() == {"tools": {"paint": {"brush": {}}}}


def test_the_full_tree_has_whole_hierarchies_for_keys() -> None:
    paint = ("tools", "paint")
    assert api.get_all_hierarchy_trees(full=True) == {("tools",): {paint: {(*paint, "brush"): {}}}}


@pytest.mark.parametrize("kind", KINDS)
def test_the_tree_below_a_thing_leaves_the_thing_out(paint: Context, kind: str) -> None:
    thing = everything(paint)[kind]
    assert api.get_child_hierarchy_tree(thing) == {"brush": {}}
    assert api.get_child_hierarchy_tree(thing, full=True) == {("tools", "paint", "brush"): {}}


def test_a_leading_slash_is_a_part_of_a_tree(session: Session) -> None:
    session.add_plugins(root={"hierarchy": "/a"})
    assert api.get_all_hierarchy_trees()["/"] == {"a": {}}


# --- load results


def test_load_results_go_by_the_uuid_of_an_encoded_text_or_a_dict(session: Session, tmp_path: Any) -> None:
    """REC of 10: of a dict too."""
    session.add_search_path({"items": str(tmp_path), "uuid": "of dict"})
    session.add_search_path(api.encode({"items": str(tmp_path), "uuid": "of text"}))
    results = api.trace_all_load_results()["descriptors"]
    assert isinstance(results, OrderedDict)
    assert {name: record["status"] for name, record in results.items()} == {"of dict": "success", "of text": "success"}


@pytest.mark.parametrize("given", ["/no/such/path", [], {"items": "/a"}, None, lambda: []], ids=shown)
def test_a_result_without_a_uuid_has_a_generated_one(session: Session, given: Any) -> None:
    session.add_search_path(given)
    names = [*api.trace_all_load_results()["descriptors"]]
    assert [name.startswith("ways_generated-") for name in names] == [True]
    assert names != [*api.trace_all_load_results()["descriptors"]]


def test_plugin_files_go_by_their_uuid_or_else_by_their_path(session: Session, write_sheet: Callable[..., str]) -> None:
    paths = [write_sheet("WAYS_UUID = 'one'", "one.py"), write_sheet("", "two.py")]
    for path in paths:
        api.add_plugin(path)
    assert list(api.trace_all_load_results()["plugins"]) == ["one", paths[1]]


def test_equal_uuids_keep_the_last_result(session: Session) -> None:
    session.add_search_path({"items": "/a", "uuid": "u"})
    session.add_search_path({"create_using": "no.such.thing", "uuid": "u"})
    assert api.trace_all_load_results()["descriptors"]["u"]["status"] == "failed"


def test_results_are_told_as_lists_and_as_tables(session: Session, write_sheet: Callable[..., str]) -> None:
    """Names that upstream's pages promised: 12.2."""
    session.add_search_path({"items": "/a", "uuid": "u"})
    api.add_plugin(write_sheet("WAYS_UUID = 'one'", "one.py"))
    assert api.trace_all_descriptor_results_info() == api.trace_all_load_results()["descriptors"]
    assert api.trace_all_plugin_results_info() == api.trace_all_load_results()["plugins"]
    assert api.trace_all_descriptor_results() == list(api.trace_all_descriptor_results_info().values())
    assert api.trace_all_plugin_results() == list(api.trace_all_plugin_results_info().values())


def test_clear_forgets_results(session: Session) -> None:
    session.add_search_path("/no/such/path")
    api.clear()
    assert api.trace_all_load_results() == {"descriptors": {}, "plugins": {}}


def test_a_find_made_by_hand_is_traced(paint: Context) -> None:
    assert api.trace_context(Find(paint)) is paint
