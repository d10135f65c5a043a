"""The places, plugins and actions of an object, and how each load went, as plain data.

Most functions take anything that has a place: a Context, an Asset, what finds their actions, an action, a plugin,
a parser, or a hierarchy as a text or as parts.
"""

from __future__ import annotations

import inspect
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ways.assets.asset import AssetFinder
from ways.contexts.actions import Find, actions_in_order
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.hierarchy import Hierarchy
from ways.sources.descriptions import decode
from ways.sheets.document import LoadResult

Tree = dict[Any, Any]


def trace_context(pool: ContextPool, obj: Any) -> Context | None:
    """Return the Context of *obj*, or ``None``; a class has none."""
    context = _own_context(obj)
    if context is not None or isinstance(obj, type):
        return context
    place = _place(obj)
    return pool.get(place) if place and place.is_legal else None


def trace_hierarchy(pool: ContextPool, obj: Any) -> tuple[str, ...]:
    """Return the hierarchy of *obj*; ``()`` for what has none, and for a place where nothing is registered."""
    getter = _getter(obj, "get_hierarchy")
    if getter is not None:
        return Hierarchy.of(getter() or ())
    context = trace_context(pool, obj)
    return context.hierarchy if context else ()


def trace_assignment(pool: ContextPool, obj: Any) -> str:
    """Return the assignment of *obj*; ``'master'`` for what has none, a hierarchy among them."""
    context = _own_context(obj)
    if context is not None:
        return context.assignment
    getter = _getter(obj, "get_assignment")
    return str(getter()) if getter is not None else "master"


def trace_actions(pool: ContextPool, obj: Any, assignment: str = "master", duplicates: bool = False) -> list[Any]:
    """Return the actions for the place of *obj*, nearest first.

    :param duplicates: include those that a nearer one of the same name hides.
    """
    return [action for _, action in actions_in_order(pool.state(), _place(obj) or Hierarchy(), assignment, duplicates)]


def trace_actions_table(pool: ContextPool, obj: Any, assignment: str = "master") -> OrderedDict[str, Any]:
    """Return the actions for the place of *obj* by name, nearest first."""
    return OrderedDict(actions_in_order(pool.state(), _place(obj) or Hierarchy(), assignment))


def trace_method_resolution(method: Any, plugins: Any = False) -> list[Any]:
    """Return what a Context's method answers with the first plugin alone, with the first two, and so on.

    :param method: a method of a Context that needs no arguments; or a Context, with the method's name as *plugins*.
    :param plugins: whether to return pairs of answer and plugin. Where there is no answer it is ``None``.
    """
    if isinstance(method, Context):
        method, plugins = getattr(method, plugins), False
    context: Context = method.__self__
    records = context.all_records(Hierarchy.of(context.hierarchy), context.assignment)
    answers = [_answer(context.limited_to(records[:end]), method.__name__) for end in range(1, len(records) + 1)]
    return [(answer, record.original) for answer, record in zip(answers, records)] if plugins else answers


def get_all_hierarchies(pool: ContextPool) -> set[tuple[str, ...]]:
    """Return every place that has a plugin."""
    return set(pool.registry.now.places)


def get_child_hierarchies(pool: ContextPool, obj: Any) -> set[tuple[str, ...]]:
    """Return every place below that of *obj* that has a plugin; a place without plugins may have some below it."""
    return {place for place in _below(pool, obj) if place != _place(obj)}


def get_all_hierarchy_trees(pool: ContextPool, full: bool = False) -> Tree:
    """Return every place as nested dicts, with the last part of each hierarchy as key, or with *full*, the whole."""
    return _tree(pool.registry.now.places, (), full)


def get_child_hierarchy_tree(pool: ContextPool, obj: Any, full: bool = False) -> Tree:
    """Return the places below that of *obj* as nested dicts, as :func:`get_all_hierarchy_trees` does."""
    return _tree(_below(pool, obj), _place(obj) or (), full)


def get_action_hierarchies(pool: ContextPool, action: Any) -> set[tuple[str, ...]]:
    """Return the places of a registered action, or of every action of a name; of several names, the last counts."""
    registered = list(_registered(pool))
    last_name = {id(other): name for _, name, other in registered}
    return {place for place, _, other in registered if action in (other, last_name[id(other)])}


def get_all_action_hierarchies(pool: ContextPool) -> dict[Any, dict[str, Any]]:
    """Return each registered action with its places and its name: ``{action: {'hierarchies': ..., 'name': ...}}``."""
    table: dict[Any, dict[str, Any]] = {}
    for place, name, action in _registered(pool):
        entry = table.setdefault(action, {"hierarchies": set()})
        entry["hierarchies"].add(place)
        entry["name"] = name
    return table


def descriptor_results_info(results: Iterable[LoadResult]) -> OrderedDict[str, dict[str, Any]]:
    """Return the records of descriptors by their uuid; one without gets a generated one."""
    return OrderedDict((_uuid_of(result.item), result.as_dict()) for result in results)


def plugin_results_info(results: Iterable[LoadResult]) -> OrderedDict[str, dict[str, Any]]:
    """Return the records of plugin files by their uuid; one without goes by its path."""
    return OrderedDict((result.uuid or str(result.item), result.as_dict()) for result in results)


def _uuid_of(item: object) -> str:
    decoded = decode(item) if isinstance(item, str) else item
    written = decoded.get("uuid") if isinstance(decoded, Mapping) else None
    return str(written or f"ways_generated-{uuid.uuid4().hex}")


def _own_context(obj: Any) -> Context | None:
    """Return the Context that *obj* is or carries; a class carries none."""
    if isinstance(obj, Context):
        return obj
    finder = obj if isinstance(obj, Find) else getattr(obj, "finder", None)
    context = None if isinstance(obj, type) else getattr(obj if finder is None else finder, "context", None)
    return context if isinstance(context, Context) else None


def _getter(obj: Any, name: str) -> Callable[[], Any] | None:
    """Return the method of *obj* that can be called; of a class, only one that needs no instance."""
    # The attributes of objects that find actions are actions.
    method = None if isinstance(obj, (Find, AssetFinder)) else getattr(obj, name, None)
    needs_instance = isinstance(obj, type) and inspect.isfunction(method)
    return method if callable(method) and not needs_instance else None


def _place(obj: Any) -> Hierarchy | None:
    """Return the place that *obj* names or has, whether or not anything is registered there."""
    getter = _getter(obj, "get_hierarchy")
    context = _own_context(obj)
    place = getter() if getter is not None else context.hierarchy if context is not None else obj
    is_place = isinstance(place, str) or (isinstance(place, (tuple, list)) and all(isinstance(part, str) for part in place))
    return Hierarchy.of(place) if is_place else None


def _below(pool: ContextPool, obj: Any) -> list[Hierarchy]:
    """Return the places of plugins that are that of *obj*, or below it."""
    top = _place(obj)
    return [] if top is None else [place for place in pool.registry.now.places if place.starts_with(top)]


def _answer(context: Context, name: str) -> Any:
    try:
        return getattr(context, name)()
    except RuntimeError:
        return None


def _tree(places: Iterable[Hierarchy], top: tuple[str, ...], full: bool) -> Tree:
    tree: Tree = {}
    for place in places:
        level = tree
        for end in range(len(top) + 1, len(place) + 1):
            level = level.setdefault(place[:end] if full else place[end - 1], {})
    return tree


def _registered(pool: ContextPool) -> Iterable[tuple[Hierarchy, str, Any]]:
    for place, layers in pool.registry.now.actions.items():
        for actions in layers.values():
            for name, action in actions.items():
                yield place, name, action
