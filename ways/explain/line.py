"""Which Contexts and fields a line of a sheet gives a value for, and where it loses."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ways.contexts.pool import ContextPool
from ways.contexts.view import ResolvedContext
from ways.errors import UnknownLineError, WaysError, did_you_mean
from ways.explain.place import FieldExplainer
from ways.explain.record import Claim, LineEffect, LineExplanation
from ways.hierarchy import Hierarchy
from ways.plugins.plugin import DataPlugin
from ways.plugins.provenance import FIELDS
from ways.sheets.document import PluginRecord, Pointer, Position, Sheet, pointer_text

#: Keys on which all other keys of a plugin depend.
_FOR_ALL = frozenset({"hierarchy", "uses", "assignment", "when", "syntax", "platforms", "uuid", "id"})


class LineEntry(NamedTuple):
    """What is written on a line: a plugin's name, or one of its keys."""

    record: PluginRecord
    #: The path of the key in the plugin; ``()`` for all of it.
    keys: Pointer


def explain_line(pool: ContextPool, sheets: Sequence[Sheet], path: str, line: int) -> LineExplanation:
    """Return what a line of a sheet reaches. See :meth:`Session.explain_line`."""
    sheet = _sheet(sheets, path)
    entries, pointers = _entries(sheet, line)
    if not pointers:
        lines = {place[0] for record in sheet.plugins for place in record.positions.values()}
        close = min(lines, key=lambda other: abs(other - line), default=0)
        near = f"; the nearest line with something is {close}" if close else ""
        raise UnknownLineError(path, line, f"nothing that counts is written there{near}")
    effects = list(dict.fromkeys(effect for entry in entries for effect in _effects(pool, entry)))
    return LineExplanation(
        path=sheet.source.path,
        line=line,
        pointers=tuple(dict.fromkeys(map(pointer_text, pointers))),
        reached=tuple(effect for effect in effects if effect.reason.is_good),
        lost=tuple(effect for effect in effects if not effect.reason.is_good),
    )


def _sheet(sheets: Sequence[Sheet], path: str) -> Sheet:
    wanted = os.path.realpath(path)
    for sheet in sheets:
        if sheet.source.path == path or os.path.realpath(sheet.source.path) == wanted:
            return sheet
    paths = [sheet.source.path for sheet in sheets]
    raise UnknownLineError(path, 0, f"no such sheet was loaded.{did_you_mean(path, paths)}")


def _entries(sheet: Sheet, line: int) -> tuple[list[LineEntry], list[Pointer]]:
    """Return what is written on a line, and the pointer to each part of it in the sheet."""
    # Records of one sheet share the positions of its keys.
    shared = {id(record.positions): record.positions for record in sheet.plugins}.values()
    positions = {pointer: place for some in shared for pointer, place in some.items()}
    pointers = _pointers_at(positions, line, sheet.source.path)
    entries = []
    for pointer in pointers:
        for record in sheet.plugins:
            own = record.source.pointer
            if pointer[: len(own)] == own:
                entries.append(LineEntry(record, pointer[len(own) :]))
            elif pointer == ("globals",) or (pointer[:1] == ("globals",) and _takes_global(record, pointer[1], positions)):
                entries.append(LineEntry(record, pointer[1:]))
            elif pointer == ("plugins",):
                entries.append(LineEntry(record, ()))
    return entries, pointers


def _takes_global(record: PluginRecord, key: object, positions: dict[Pointer, Position]) -> bool:
    return key in record.values and (*record.source.pointer, key) not in positions


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


def _effects(pool: ContextPool, entry: LineEntry) -> Iterator[LineEffect]:
    """Yield each field of each Context that an entry is about."""
    snapshot = pool.state().snapshot
    source, keys = entry.record.source, entry.keys
    made = (plugin for plugin in snapshot.plugins if plugin.record is not None and plugin.record.source == source)
    plugins = {plugin for plugin in made if _is_meant(plugin, keys)}
    field = str(keys[0]) if keys and keys[0] in FIELDS and keys[0] not in _FOR_ALL else ""
    for view, explainer in _views(pool, plugins):
        for decided, decision in explainer.provenance.decisions(field).items():
            if _is_about(decided, keys):
                yield from (_effect(view, decided, claim) for claim in explainer.claims(decided, decision, plugins))


def _is_meant(plugin: DataPlugin, keys: Pointer) -> bool:
    """Whether a line is about this plugin, of those that its entry makes: the name of one parent is about one plugin."""
    if len(keys) < 2 or keys[0] != "uses" or not isinstance(keys[1], int):
        return True
    return keys[1] < len(plugin.uses) and plugin.parent == Hierarchy.of(plugin.uses[keys[1]])


def _is_about(keys: Sequence[object], named: Pointer) -> bool:
    if not named or named[0] in _FOR_ALL:
        return True
    return all(mine == other for mine, other in zip(keys, named))


def _views(pool: ContextPool, plugins: set[DataPlugin]) -> Iterator[tuple[ResolvedContext, FieldExplainer]]:
    """Yield each Context, in each of its variants, that depends on a place of *plugins*."""
    state = pool.state()
    stands = {plugin.hierarchy for plugin in plugins}
    layers = ["", *sorted({plugin.assignment for plugin in plugins}.difference(state.assignments("")))]
    places = [place for place in (*state.snapshot.places, *state.snapshot.aliases) if place and place.is_legal]
    for layer in layers:
        everything = state.resolver(layer, None)
        for place in dict.fromkeys(places):
            if stands.isdisjoint((*place.ancestors, *everything.dependencies(state.snapshot.resolve_alias(place)))):
                continue
            context = pool.get(place, layer)
            if context is not None:
                yield from ((view, FieldExplainer(context, view)) for view in _variants(context.view))


def _variants(view: ResolvedContext) -> Iterable[ResolvedContext]:
    try:
        return view.variants
    except WaysError:
        return (view,)


def _effect(view: ResolvedContext, keys: Sequence[object], claim: Claim) -> LineEffect:
    return LineEffect(
        hierarchy=view.hierarchy.text,
        assignment=view.assignment,
        variant=tuple(sorted(str(plugin.name) for plugin in view.variant)),
        field=".".join(map(str, keys)),
        plugin=claim.plugin,
        reason=claim.reason,
        uses=tuple(link.hierarchy for link in claim.uses),
        lost_to=claim.lost_to,
    )
