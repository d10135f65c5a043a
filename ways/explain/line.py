"""Which Contexts and fields a line of a sheet gives a value for, and where it loses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from ways.contexts.pool import ContextPool
from ways.contexts.state import ViewCache
from ways.contexts.view import ResolvedContext
from ways.errors import UnknownLineError, WaysError, did_you_mean
from ways.explain.place import FieldExplainer
from ways.explain.record import LineEffect, LineExplanation
from ways.plugins.plugin import DataPlugin
from ways.plugins.provenance import FIELDS
from ways.plugins.relations import Relations
from ways.plugins.relative import uses_number
from ways.sheets.document import PluginRecord, Pointer, Position, Sheet, pointer_text

#: What takes from what.
RELATIONS: ViewCache[None, Relations] = ViewCache()
#: Keys on which all other keys of a plugin depend.
_FOR_ALL = frozenset({"hierarchy", "uses", "assignment", "when", "syntax", "platforms", "uuid", "id"})


def explain_line(
    pool: ContextPool, sheets: Sequence[Sheet], path: str, line: int, opened: Callable[[Sheet], Sheet]
) -> LineExplanation:
    """Return what a line of a sheet reaches. See :meth:`Session.explain_line`.

    :param opened: returns one of the sheets with all of its plugins.
    """
    wanted = os.path.realpath(path)
    matching = (sheet for sheet in sheets if sheet.source.path == path or os.path.realpath(sheet.source.path) == wanted)
    sheet = next(matching, None)
    if sheet is None:
        hint = did_you_mean(path, [sheet.source.path for sheet in sheets])
        raise UnknownLineError(path, 0, f"no such sheet was loaded.{hint}")
    sheet = opened(sheet)
    entries, pointers = _entries(sheet, line)
    if not pointers:
        lines = {place[0] for record in sheet.plugins for place in record.positions.values()}
        close = min(lines, key=lambda other: abs(other - line), default=0)
        near = f"; the nearest line with something is {close}" if close else ""
        raise UnknownLineError(path, line, f"nothing that counts is written there{near}")
    effects = list(dict.fromkeys(effect for record, keys in entries for effect in _effects(pool, record, keys)))
    return LineExplanation(
        path=sheet.source.path,
        line=line,
        pointers=tuple(dict.fromkeys(map(pointer_text, pointers))),
        reached=tuple(effect for effect in effects if effect.reason.is_good),
        lost=tuple(effect for effect in effects if not effect.reason.is_good),
    )


def _entries(sheet: Sheet, line: int) -> tuple[list[tuple[PluginRecord, Pointer]], list[Pointer]]:
    """Return what is written on a line: plugins with the keys in them, ``()`` for all; and each pointer into the sheet."""
    # Records of one sheet share the positions of its keys.
    shared = {id(record.positions): record.positions for record in sheet.plugins}.values()
    positions = {pointer: place for some in shared for pointer, place in some.items()}
    pointers = _pointers_at(positions, line, sheet.source.path)
    entries = []
    for pointer in pointers:
        in_globals = pointer[:1] == ("globals",)
        for record in sheet.plugins:
            own = record.source.pointer
            if pointer[: len(own)] == own:
                entries.append((record, pointer[len(own) :]))
            elif in_globals and (len(pointer) == 1 or (pointer[1] in record.values and (*own, pointer[1]) not in positions)):
                # A key of the globals is about the plugins that don't write it themselves.
                entries.append((record, pointer[1:]))
            elif pointer == ("plugins",):
                entries.append((record, ()))
    return entries, pointers


def _pointers_at(positions: dict[Pointer, Position], line: int, path: str) -> list[Pointer]:
    """Return the pointers of the innermost keys on a line; if there is none, of the key whose value continues there."""
    here = [pointer for pointer, (row, _) in positions.items() if row == line]
    if here:
        return [pointer for pointer in here if not any(other != pointer and other[: len(pointer)] == pointer for other in here)]
    if _is_empty_line(path, line):
        return []
    before = [(place, pointer) for pointer, place in positions.items() if place[0] < line]
    return [max(before, key=lambda pair: (pair[0], len(pair[1])))[1]] if before else []


def _is_empty_line(path: str, line: int) -> bool:
    """Whether a line is blank, a comment, or not there."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = next((text for number, text in enumerate(file, 1) if number == line), "")
    except OSError:
        return False
    stripped = text.strip()
    return not stripped or stripped.startswith("#") or not any(letter.isalnum() for letter in stripped)


def _effects(pool: ContextPool, record: PluginRecord, keys: Pointer) -> Iterator[LineEffect]:
    """Yield each field of each Context that some keys of a plugin in a sheet are about."""
    snapshot = pool.state().snapshot
    everything = snapshot.plugins_of(record.source.path)
    plugins = {plugin for plugin in everything if plugin.record is not None and plugin.record.source == record.source}
    if len(keys) > 1 and keys[0] == "uses" and isinstance(number := keys[1], int):
        # The name of one parent is about one of the plugins that are made.
        plugins = {plugin for plugin in plugins if uses_number(plugin) == number}
    is_about_all = not keys or keys[0] in _FOR_ALL
    field = str(keys[0]) if not is_about_all and keys[0] in FIELDS else ""
    for view, explainer in _views(pool, plugins):
        for decided, decision in explainer.provenance.decisions(field).items():
            if is_about_all or all(mine == other for mine, other in zip(decided, keys)):
                for claim in explainer.claims(decided, decision, plugins):
                    yield LineEffect(
                        hierarchy=view.hierarchy.text,
                        assignment=view.assignment,
                        variant=tuple(sorted(str(plugin.name) for plugin in view.variant)),
                        field=".".join(map(str, decided)),
                        plugin=claim.plugin,
                        reason=claim.reason,
                        uses=tuple(link.hierarchy for link in claim.uses),
                        lost_to=claim.lost_to,
                    )


def _views(pool: ContextPool, plugins: set[DataPlugin]) -> Iterator[tuple[ResolvedContext, FieldExplainer]]:
    """Yield each Context, in each of its variants, that depends on a place of *plugins*."""
    state = pool.state()
    stands = {plugin.hierarchy for plugin in plugins}
    layers = ["", *sorted({plugin.assignment for plugin in plugins}.difference(state.assignments("")))]
    relations = RELATIONS.of(pool, state)
    known = relations.get(None) or relations.setdefault(None, Relations.of(state.snapshot.plugins))
    # Of places by other names, those that stand for them don't say what they take from.
    reached = known.reached(stands) if not state.snapshot.aliases else known.places
    places = [place for place in (*known.places, *state.snapshot.aliases) if place and place.is_legal]
    places = [place for place in dict.fromkeys(places) if place in reached or place in state.snapshot.aliases]
    for layer in layers:
        everything = state.resolver(layer, None)
        for place in places:
            if stands.isdisjoint((*place.ancestors, *everything.dependencies(state.snapshot.resolve_alias(place)))):
                continue
            context = pool.get(place, layer)
            if context is None:
                continue
            variants: Iterable[ResolvedContext] = (context.view,)
            try:
                variants = context.view.variants
            except WaysError:
                # A mapping that can't be read has no values that could select another variant.
                pass
            yield from ((view, FieldExplainer(context, view)) for view in variants)
