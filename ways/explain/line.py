"""Which Contexts and fields a line of a sheet gives a value for, and where it loses."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

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
from ways.sheets.document import PluginRecord, Pointer, Position, Sheet, Source, pointer_text
from ways.sheets.files import open_plain

#: The most effects of a line that are worked out: with places in each other and variants there may be millions.
MOST_EFFECTS = 50_000
#: What takes from what.
RELATIONS: ViewCache[None, Relations] = ViewCache()
#: Keys on which all other keys of a plugin depend.
_FOR_ALL = frozenset({"hierarchy", "uses", "assignment", "when", "syntax", "platforms", "uuid", "id"})


def explain_line(
    pool: ContextPool, sheets: Sequence[Sheet], path: str, line: int, opened: Callable[[Sheet], Sheet], *, has_files: bool = True
) -> LineExplanation:
    """Return what a line of a sheet reaches. See :meth:`Session.explain_line`.

    :param opened: returns one of the sheets with all of its plugins.
    :param has_files: whether the sheets are where they say; of those of a snapshot nobody knows which lines are empty.
    """
    wanted = os.path.realpath(path)
    matching = (sheet for sheet in sheets if sheet.source.path == path or os.path.realpath(sheet.source.path) == wanted)
    sheet = next(matching, None)
    if sheet is None:
        hint = did_you_mean(path, [sheet.source.path for sheet in sheets])
        raise UnknownLineError(path, 0, f"no such sheet was loaded.{hint}")
    sheet = opened(sheet)
    entries, pointers = _entries(sheet, line, has_files)
    if not pointers:
        lines = {place[0] for _, place in _positions(sheet)}
        close = min(lines, key=lambda other: abs(other - line), default=0)
        near = f"; the nearest line with something is {close}" if close else ""
        raise UnknownLineError(path, line, f"nothing that counts is written there{near}")
    found = _all_effects(pool, entries)
    effects = list(dict.fromkeys(found))
    return LineExplanation(
        path=sheet.source.path,
        line=line,
        pointers=tuple(dict.fromkeys(map(pointer_text, pointers))),
        reached=tuple(effect for effect in effects if effect.reason.is_good),
        lost=tuple(effect for effect in effects if not effect.reason.is_good),
        is_whole=len(found) < MOST_EFFECTS,
    )


def _entries(sheet: Sheet, line: int, has_files: bool) -> tuple[list[tuple[PluginRecord, Pointer]], list[Pointer]]:
    """Return what is written on a line: plugins with the keys in them, ``()`` for all; and each pointer into the sheet."""
    # Records of one sheet share the positions of its keys.
    positions = dict(_positions(sheet))
    pointers = _pointers_at(positions, line, sheet.source.path if has_files else "")
    records: dict[Pointer, list[PluginRecord]] = {}
    for record in sheet.plugins:
        records.setdefault(record.source.pointer, []).append(record)
    lengths = sorted(set(map(len, records)))
    entries: list[tuple[PluginRecord, Pointer]] = []
    for pointer in pointers:
        for length in lengths:
            entries += ((record, pointer[length:]) for record in records.get(pointer[:length], ()))
        if pointer == ("plugins",):
            entries += ((record, ()) for record in sheet.plugins if record.source.pointer)
        elif pointer[:1] == ("globals",):
            # A key of the globals is about the plugins that don't write it themselves.
            entries += ((record, pointer[1:]) for record in sheet.plugins if _is_about(pointer[1:], record, positions))
    return entries, pointers


def _is_about(keys: Pointer, record: PluginRecord, positions: Mapping[Pointer, Position]) -> bool:
    """Whether some keys of the globals are about a plugin."""
    own = record.source.pointer
    return bool(own) and (not keys or (keys[0] in record.values and (*own, keys[0]) not in positions))


def _positions(sheet: Sheet) -> Iterator[tuple[Pointer, Position]]:
    """Yield each pointer into a sheet with its position; those of all plugins are nearly always one object."""
    for shared in {id(record.positions): record.positions for record in sheet.plugins}.values():
        yield from shared.items()


def _pointers_at(positions: dict[Pointer, Position], line: int, path: str) -> list[Pointer]:
    """Return the pointers of the innermost keys on a line; if there is none, of the key whose value continues there."""
    here = [pointer for pointer, (row, _) in positions.items() if row == line]
    if here:
        outer: set[Pointer] = set()
        for pointer in here:
            while pointer and pointer[:-1] not in outer:
                pointer = pointer[:-1]
                outer.add(pointer)
        return [pointer for pointer in here if pointer not in outer]
    if path and _is_empty_line(path, line):
        return []
    before = [(place, pointer) for pointer, place in positions.items() if place[0] < line]
    return [max(before, key=lambda pair: (pair[0], len(pair[1])))[1]] if before else []


def _is_empty_line(path: str, line: int) -> bool:
    """Whether a line is blank, a comment, or not there."""
    try:
        with open(open_plain(path), encoding="utf-8", errors="replace") as file:
            text = next((text for number, text in enumerate(file, 1) if number == line), "")
    except OSError:
        return False
    stripped = text.strip()
    return not stripped or stripped.startswith("#") or not any(letter.isalnum() for letter in stripped)


def _all_effects(pool: ContextPool, entries: Sequence[tuple[PluginRecord, Pointer]]) -> list[LineEffect]:
    """Return each field of each Context that some keys of plugins in a sheet are about, in the order of the plugins; at most
    :data:`MOST_EFFECTS`.

    A line of the globals may be about each plugin of a sheet: the Contexts are looked at once for all that have the same keys.
    """
    snapshot = pool.state().snapshot
    made: dict[Source, list[DataPlugin]] = {}
    for path in dict.fromkeys(record.source.path for record, _ in entries):
        for plugin in snapshot.plugins_of(path):
            if plugin.record is not None:
                made.setdefault(plugin.record.source, []).append(plugin)
    groups: dict[Pointer, dict[DataPlugin, int]] = {}
    for number, (record, keys) in enumerate(entries):
        for plugin in made.get(record.source, ()):
            # The name of one parent is about one of the plugins that are made.
            if len(keys) < 2 or keys[0] != "uses" or not isinstance(keys[1], int) or uses_number(plugin) == keys[1]:
                groups.setdefault(keys, {})[plugin] = number
    every = (effect for keys, numbers in groups.items() for effect in _effects(pool, keys, numbers))
    found = list(islice(every, MOST_EFFECTS))
    return [effect for _, effect in sorted(found, key=lambda pair: pair[0])]


def _effects(pool: ContextPool, keys: Pointer, numbers: Mapping[DataPlugin, int]) -> Iterator[tuple[int, LineEffect]]:
    """Yield each field of each Context that some keys of plugins are about, with the number of the plugin."""
    is_about_all = not keys or keys[0] in _FOR_ALL
    field = str(keys[0]) if not is_about_all and keys[0] in FIELDS else ""
    for view, explainer in _views(pool, numbers.keys()):
        decisions = explainer.provenance.decisions(field)
        if not is_about_all:
            decisions = {decided: found for decided, found in decisions.items() if decided[: len(keys)] == keys[: len(decided)]}
        explainer.look_up(decisions, numbers)
        for decided, decision in decisions.items():
            for claim in explainer.claims(decided, decision, numbers):
                # A layer without priority is looked at for its own plugins.
                if view.assignment in ("", claim.assignment):
                    yield numbers[claim.record], LineEffect(
                        hierarchy=view.hierarchy.text,
                        assignment=view.assignment,
                        variant=tuple(sorted(str(plugin.name) for plugin in view.variant)),
                        field=".".join(map(str, decided)),
                        plugin=claim.plugin,
                        reason=claim.reason,
                        uses=tuple(link.hierarchy for link in claim.uses),
                        lost_to=claim.lost_to,
                    )


def _views(pool: ContextPool, plugins: Collection[DataPlugin]) -> Iterator[tuple[ResolvedContext, FieldExplainer]]:
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
