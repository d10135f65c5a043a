"""Actions: callables bound to a place, as attributes: ``context.actions.name()``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping

from ways.errors import ActionNotFoundError
from ways.hierarchy import Hierarchy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

    from ways.contexts.state import Defaults, LiveRegistry, RegistryView
    from ways.contexts.view import LiveContext


def _by_layer(state: RegistryView, hierarchy: Hierarchy, assignment: str) -> Iterator[Mapping[str, Any]]:
    """Yield actions by name, nearest place first; at one place the strongest assignment first, as for plugins."""
    for place in reversed(list(hierarchy.ancestors)):
        here = state.snapshot.actions.get(place, {})
        for name in reversed(state.assignments(assignment)):
            if name in here:
                yield here[name]


def actions_in_order(state: RegistryView, hierarchy: Hierarchy, assignment: str, duplicates: bool = False) -> Iterator[tuple[str, Any]]:
    """Yield the name and the action of each that serves a place, nearest first.

    :param duplicates: yield also the actions that a nearer one of the same name hides.
    """
    seen: set[str] = set()
    for actions in _by_layer(state, hierarchy, assignment):
        for name, action in actions.items():
            if duplicates or name not in seen:
                yield name, action
            seen.add(name)


def find_action(state: RegistryView, name: str, hierarchy: Hierarchy, assignment: str) -> Any:
    """Return the action of that name for a place, as it was registered, or ``None``."""
    return next((actions[name] for actions in _by_layer(state, hierarchy, assignment) if name in actions), None)


def action_of(context: LiveContext, name: str) -> Any:
    """Return the action of that name that serves *context*, or ``None``; a class is instantiated."""
    action = find_action(context.pool.state(), name, Hierarchy.of(context.hierarchy), context.assignment)
    return action() if isinstance(action, type) else action


def actions_of(context: LiveContext) -> dict[str, Any]:
    """Return the actions that serve *context*, by name, nearest first."""
    return dict(actions_in_order(context.pool.state(), Hierarchy.of(context.hierarchy), context.assignment))


def add_default(defaults: Defaults, name: str, value: Any, hierarchy: Any = None) -> None:
    """Set the result for a missing action: at one place and below it, or everywhere."""
    place = None if hierarchy is None else Hierarchy.of(hierarchy)
    defaults.setdefault(place, {})[name] = value


def find_default(defaults: Defaults, name: str, hierarchy: Hierarchy) -> tuple[Any] | None:
    """Return the default of that name in a tuple: of the place, the nearest above it, or of all; else ``None``."""
    for place in (*reversed(list(hierarchy.ancestors)), None):
        if name in (here := defaults.get(place, {})):
            return (here[name],)
    return None


class _DefaultsOfThePool:
    """``Find.defaults``: those of the current session for the class, those of its Context's session for an instance."""

    def __get__(self, finder: Find | None, owner: type[Find]) -> Defaults:
        return (owner.current_pool() if finder is None else finder.context.pool).action_defaults


class Find:
    """The actions of a Context, as attributes. Each is called with the Context as its first argument."""

    #: Returns the pool of the current session, for the members of the class itself.
    current_pool: ClassVar[Callable[[], LiveRegistry]]
    defaults = _DefaultsOfThePool()

    def __init__(self, context: LiveContext) -> None:
        self.context = context

    @classmethod
    def add_to_defaults(cls, name: str, value: Any, hierarchy: Any = None) -> None:
        """Set the result for a missing action: at one place and below it, or everywhere."""
        add_default(cls.defaults, name, value, hierarchy)

    @classmethod
    def clear(cls) -> None:
        """Remove every default."""
        cls.defaults.clear()

    def bound(self, name: str, first: Any) -> Any:
        """Return the action of that name, with *first* as its first argument.

        If there is only a default, return a function that returns it for any arguments.

        :raises ActionNotFoundError: there is no such action and no default (an AttributeError).
        """
        action = action_of(self.context, name)
        if action is not None:
            return functools.partial(action, first)
        default = find_default(self.defaults, name, Hierarchy.of(self.context.hierarchy))
        if default is not None:
            return _Constant(default[0])
        raise ActionNotFoundError(name, actions_of(self.context), str(self.context))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.bound(name, self.context)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *actions_of(self.context)})


class _Constant:
    """A function that returns one value for any arguments."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.value
