"""Actions: callables bound to a place, as attributes: ``context.actions.name()``."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ways.errors import ActionNotFoundError
from ways.hierarchy import Hierarchy

if TYPE_CHECKING:
    from ways.contexts.context import Context
    from ways.contexts.pool import State


def layers(state: State, hierarchy: Hierarchy, assignment: str) -> Iterator[dict[str, Any]]:
    """Yield actions by name, nearest place first; at one place the strongest assignment first, as for plugins."""
    for place in reversed(list(hierarchy.ancestors)):
        here = state.snapshot.actions.get(place, {})
        for name in reversed(state.assignments(assignment)):
            if name in here:
                yield dict(here[name])


def action_of(context: Context, name: str) -> Any:
    """Return the action of that name that serves *context*, or ``None``; a class is instantiated."""
    for actions in layers(context.pool.state(), Hierarchy.of(context.hierarchy), context.assignment):
        if name in actions:
            found = actions[name]
            return found() if inspect.isclass(found) else found
    return None


def actions_of(context: Context) -> dict[str, Any]:
    """Return the actions that serve *context*, by name."""
    found: dict[str, Any] = {}
    for actions in layers(context.pool.state(), Hierarchy.of(context.hierarchy), context.assignment):
        found = {**actions, **found}
    return found


class Find:
    """The actions of a Context as attributes; each is called with the Context as its first argument."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def bound(self, name: str, first: Any) -> Any:
        """Return the action of that name, to be called with *first* before its other arguments.

        :raises ActionNotFoundError: no action of that name serves this Context (an AttributeError).
        """
        action = action_of(self.context, name)
        if action is not None:
            return functools.partial(action, first)
        raise ActionNotFoundError(name, actions_of(self.context), str(self.context))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.bound(name, self.context)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *actions_of(self.context)})
