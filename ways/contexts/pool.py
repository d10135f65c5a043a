"""ContextPool: the Contexts of one session, one for each place and assignment; and the aliases of places."""

from __future__ import annotations

from collections.abc import Mapping

from ways.contexts.context import Context
from ways.contexts.state import LiveRegistry, RegistryView
from ways.errors import AliasError, ContextNotFoundError, did_you_mean
from ways.hierarchy import Hierarchy
from ways.limits import DEFAULT_LIMITS, MAX_HIERARCHY, Limits
from ways.logs import ASSETS, WARNING, log
from ways.plugins.plugin import DataPlugin
from ways.registry import Registry, RegistrySnapshot
from ways.settings import LiveSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ways.contexts.variants import Condition

    from ways.contexts.view import ResolvedContext

    #: A hierarchy, and the assignment that is looked at there.
    Place = tuple[Hierarchy, str]


class ContextPool(LiveRegistry):
    """The Contexts of one session."""

    def __init__(self, registry: Registry, settings: LiveSettings, limits: Limits = DEFAULT_LIMITS) -> None:
        super().__init__(registry, settings, limits)
        #: The Contexts; and those that were made by force: they are there whether or not a plugin is. Both are replaced
        #: at once, so that no thread sees one of them cleared and the other not.
        self._contexts: tuple[dict[Place, Context], set[Place]] = ({}, set())
        #: The Contexts by the text they were asked for with, in one state of the registry.
        self._by_text: tuple[RegistrySnapshot, dict[tuple[str, str], Context]] = (registry.now, {})
        #: The plugins that would make too many variants, in one view of the registry.
        self._surplus: tuple[RegistryView, list[tuple[Condition, Hierarchy]]] | None = None

    def get(
        self,
        hierarchy: Any,
        assignment: str | None = "",
        *,
        follow_alias: bool = False,
        force: bool = False,
        connection: Mapping[str, Any] | None = None,
    ) -> Context | None:
        """Return the Context at *hierarchy*, or ``None`` if nothing is registered there.

        :param connection: the merge rules that a Context made by this call shows as its ``connection``.
        :raises HierarchyError: something is, but the hierarchy has an illegal character.
        """
        assignment = assignment or ""
        snapshot, by_text = self._by_text
        if snapshot is not self.registry.now:
            snapshot, by_text = self._by_text = (self.registry.now, {})
        if isinstance(hierarchy, str) and not follow_alias and not force:
            known = by_text.get((hierarchy, assignment))
            if known is not None:
                return known
        if isinstance(hierarchy, Context):
            return hierarchy
        place = self._plain(hierarchy, snapshot) or Hierarchy.of(hierarchy)
        place = snapshot.resolve_alias(place) if follow_alias else place
        context = self.at(place, assignment, snapshot, force=force, connection=connection)
        if context is not None and isinstance(hierarchy, str) and not follow_alias:
            by_text[(hierarchy, assignment)] = context
        return context

    def at(
        self,
        place: Hierarchy,
        assignment: str,
        snapshot: RegistrySnapshot,
        *,
        force: bool = False,
        connection: Mapping[str, Any] | None = None,
    ) -> Context | None:
        """Return the Context at a place, or ``None`` where nothing is registered there in that state of the registry."""
        key = (place, assignment)
        contexts, forced = self._contexts
        if not force and key not in forced and not _exists(snapshot, place, assignment):
            return None
        context = contexts.get(key)
        if context is None:
            context = contexts.setdefault(key, Context(*key, connection, pool=self))
            context.is_kept = True
        if force:
            forced.add(key)
        return context

    def in_state(self, hierarchy: Any, assignment: str, state: RegistryView) -> Context | None:
        """Return the Context at a place as :meth:`get` does, as it is in one view of the registry."""
        place = self._plain(hierarchy, state.snapshot) or Hierarchy.of(hierarchy)
        return self.at(place, assignment, state.snapshot)

    def require_context(self, hierarchy: Any, assignment: str = "") -> tuple[Context, ResolvedContext]:
        """Return a Context, and what it is at this moment; both of one state of the registry.

        :raises ContextNotFoundError: there is none; it names the nearest.
        """
        if isinstance(hierarchy, Context):
            return hierarchy, hierarchy.view
        if not hierarchy:
            raise no_context(hierarchy)
        state = self.state()
        context = self.in_state(hierarchy, assignment, state)
        if context is None:
            name = hierarchy if isinstance(hierarchy, str) else Hierarchy.of(hierarchy).text
            raise _not_found(name, assignment, state)
        return context, context.view_in(state)

    def context_or_find(self, context: Any, strict: bool | None = None) -> Any:
        """Return what was given for the place of a text or of values; ``...``, which stands for nothing, if it is to be found.

        Something else that is false was most likely meant to be a Context. Where no place is strict it counts as nothing.

        :param strict: whether places are found strictly; what is so at this moment, if absent.
        :raises ContextNotFoundError: something false was given, and places are found strictly.
        """
        if context is ... or context:
            return context
        if self.state().is_strict if strict is None else strict:
            raise no_context(context)
        log(ASSETS, WARNING, "context is %r, so that the place is found: leave it out, if that is meant", context)
        return ...

    def _plain(self, parts: Any, snapshot: RegistrySnapshot) -> Hierarchy | None:
        """Return the place of exactly these parts, some with characters that only names of other systems have, or ``None``."""
        if isinstance(parts, (str, Hierarchy)) or not isinstance(parts, (tuple, list)):
            return None
        if not all(isinstance(part, str) and part for part in parts) or Hierarchy(parts).has_plain_letters:
            return None
        place = Hierarchy.of_plain(parts)
        return place if _exists(snapshot, place, "") else None

    @property
    def contexts(self) -> list[Context]:
        """Every Context that was made since the last :meth:`clear_contexts`."""
        return list(self._contexts[0].values())

    @property
    def forced(self) -> list[tuple[Hierarchy, str]]:
        """The places and assignments of those that were made by force."""
        return list(self._contexts[1])

    def register_alias(self, alias: Any, old: Any) -> None:
        """Let *alias* stand for *old*, which need not exist.

        :raises AliasError: they are the same place, the alias is taken, or a circle would close.
        :raises HierarchyError: one has too many parts.
        """
        name, real = Hierarchy.of(alias), Hierarchy.of(old)
        for place in (name, real):
            if len(place) > MAX_HIERARCHY:
                place.check()
        if name == real:
            raise AliasError(name.text, [name.text], f"{name.text!r} can't be an alias of itself.")
        with self.registry.lock:
            aliases = self.registry.now.aliases
            if name in aliases:
                raise AliasError(name.text, [aliases[name].text], f"{name.text!r} is an alias already, of {aliases[name].text!r}.")
            if not self.registry.add_alias(name, real):
                texts = [name.text, real.text]
                while real != name:
                    real = aliases[real]
                    texts.append(real.text)
                raise AliasError(name.text, texts, f"The aliases would close a circle: {' -> '.join(texts)}.")

    def clear_aliases(self) -> None:
        """Forget every alias."""
        self.registry.set_aliases({})

    def surplus(self) -> list[tuple[Condition, Hierarchy]]:
        """Return the plugins that would make more variants of a place than there may be, each with such a place."""
        state = self.state()
        if not state.snapshot.conditional:
            return []
        from ways.contexts.variants import FEW

        if len(state.snapshot.conditional) <= FEW:
            return []
        if self._surplus is None or self._surplus[0] is not state:
            surplus: dict[DataPlugin, tuple[Condition, Hierarchy]] = {}
            for place in state.snapshot.places:
                context = self.get(place) if place.is_legal else None
                for condition in context.view.left_out if context is not None else ():
                    surplus.setdefault(condition.plugin, (condition, place))
            self._surplus = (state, list(surplus.values()))
        return self._surplus[1]

    def _let_go(self) -> None:
        super()._let_go()
        self._surplus = None

    def clear_contexts(self) -> None:
        """Forget every Context object, and the changes to their data with them; plugins stay."""
        self._contexts = ({}, set())
        self._by_text = (self.registry.now, {})

    def clear(self) -> None:
        """Forget everything but the settings."""
        self.registry.clear()
        self.clear_contexts()
        vars(self).pop("patterns", None)
        self.action_defaults.clear()
        self.make_asset = None


def no_context(given: Any) -> ContextNotFoundError:
    """Return the error that says that ``None``, or something else that is false, was given for a Context."""
    hint = "Did get_context find nothing? need_context says what is wrong; where a text is read, leave the context out to have it found."
    return ContextNotFoundError(str(given), (), f"context is {given!r}. {hint}")


def _not_found(name: str, assignment: str, state: RegistryView) -> ContextNotFoundError:
    if lack := state.lack_of_plugins:
        return ContextNotFoundError(name, (), f"There is no Context {name!r}.{lack}")
    places = state.snapshot.places
    known = [place.text for place in places]
    layers = places.get(Hierarchy.of(name), {}) if name in known else {}
    if not assignment or not layers:
        return ContextNotFoundError(name, known)
    there = f"There is no Context {name!r} in the layer {assignment!r}; its layers are {', '.join(sorted(layers))}."
    return ContextNotFoundError(name, (), there + did_you_mean(assignment, layers))


def _exists(snapshot: RegistrySnapshot, place: Hierarchy, assignment: str) -> bool:
    """Whether a plugin is registered at *place*: in *assignment*, or in any at all for ``''``."""
    layers = snapshot.places.get(snapshot.resolve_alias(place))
    return bool(layers) and (not assignment or bool(layers.get(assignment)))  # type: ignore[union-attr]
