"""Decide: for each field of a place, who wins, who has a part, and who loses, by the merge rules told once more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.errors import RelativeCycleError, UnresolvedMappingError, WaysError
from ways.explain.reasons import Reason
from ways.explain.way import Standing, Way
from ways.hierarchy import Hierarchy
from ways.plugins.merge import deepest_folders
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import MappingSource

#: The path of a key in a plugin: ``("data", "fps")``.
Keys = tuple[Any, ...]


class Loss(NamedTuple):
    """A plugin whose word doesn't count."""

    standing: Standing
    reason: Reason
    #: What it lost to.
    to: DataPlugin | None = None


class Decision(NamedTuple):
    """What became of each plugin that says something of one field."""

    winner: Standing | None = None
    reason: Reason = Reason.ONLY
    #: Weakest first.
    parts: tuple[Standing, ...] = ()
    #: Strongest first.
    losses: tuple[Loss, ...] = ()


#: What a plugin says of each field, by the path of the key; fields that it says nothing of are not there.
SAYS: Mapping[str, Callable[[DataPlugin], Mapping[Any, Any] | Any]] = {
    "mapping": lambda plugin: plugin.mapping or None,
    "mapping_details": lambda plugin: plugin.mapping_details,
    "data": lambda plugin: plugin.data,
    "platforms": lambda plugin: plugin.platforms,
    "groups": lambda plugin: plugin.groups if "groups" in plugin.info else None,
    "path": lambda plugin: plugin.path,
    "folder": lambda plugin: plugin.folder,
    "max_folder": lambda plugin: plugin.max_folder or None,
}
#: The losses of the last word, each with what the winner has over it.
_OVER = {Reason.FARTHER: Reason.NEAREST, Reason.WEAKER_LAYER: Reason.STRONGEST_LAYER, Reason.EARLIER: Reason.LATEST}


def said(plugin: DataPlugin, keys: Keys) -> Any:
    """Return what a plugin says at the path *keys*; ``None`` for nothing."""
    found = SAYS[keys[0]](plugin)
    return found.get(keys[1]) if found and len(keys) > 1 else found


def says(plugin: DataPlugin, keys: Keys) -> bool:
    """Whether a plugin says anything at the path *keys*, be it that there is nothing."""
    found = SAYS[keys[0]](plugin)
    return found is not None and (len(keys) == 1 or keys[1] in found)


def decisions(way: Way, field: str = "") -> dict[Keys, Decision]:
    """Return what was decided for each field, or for one, and for each key of those that are decided key by key."""
    return {keys: told for name, decide in _DECIDERS.items() if field in ("", name) for keys, told in decide(way).items()}


def _by_key(way: Way, field: str, line: Sequence[Hierarchy]) -> dict[Keys, Decision]:
    standings = list(way.standings(line))
    names = dict.fromkeys(name for standing in standings for name in SAYS[field](standing.plugin))
    return {(field, name): _last(_saying(standings, (field, name))) for name in names}


def _above(way: Way, field: str) -> list[Standing]:
    return _saying(way.standings(way.above), (field,))


def _saying(standings: Iterable[Standing], keys: Keys) -> list[Standing]:
    return [standing for standing in standings if says(standing.plugin, keys)]


def _present(standings: Iterable[Standing]) -> list[Standing]:
    return [standing for standing in standings if standing.absent is None]


def _absent(standings: Iterable[Standing]) -> Iterator[Loss]:
    return (Loss(standing, standing.absent) for standing in standings if standing.absent is not None)


def _last(standings: Sequence[Standing]) -> Decision:
    """Decide for the last one."""
    present = _present(standings)
    if not present:
        return Decision(losses=tuple(_absent(standings)))
    winner = present.pop()
    losses = [_behind(standing, winner) for standing in reversed(present)]
    reason = _OVER[losses[0].reason] if losses else Reason.ONLY
    return Decision(winner, reason, (), (*losses, *_absent(standings)))


def _behind(standing: Standing, winner: Standing) -> Loss:
    if standing.place != winner.place:
        return Loss(standing, Reason.FARTHER, winner.plugin)
    is_other_layer = standing.plugin.assignment != winner.plugin.assignment
    return Loss(standing, Reason.WEAKER_LAYER if is_other_layer else Reason.EARLIER, winner.plugin)


def _groups(standings: Sequence[Standing]) -> Decision:
    """Decide for the last plugin of all."""
    saying = _saying(standings, ("groups",))
    last = next((standing for standing in reversed(standings) if standing.absent is None), None)
    if last is None or last in saying:
        return _last(saying)
    losses = [Loss(standing, Reason.NOT_INHERITED, last.plugin) for standing in reversed(_present(saying))]
    return Decision(last, Reason.LAST_DECIDES, (), (*losses, *_absent(saying)))


def _platforms(standings: Sequence[Standing]) -> Decision:
    """Decide for the last one that leaves fewer platforms; those that did so before it have a part."""
    before: frozenset[str] | None = None
    parts, losses = [], []
    for standing in _present(standings):
        own = standing.plugin.platforms or frozenset()
        common = own if before is None else before & own
        if common != before:
            parts.append(standing)
        else:
            losses.append(Loss(standing, Reason.CHANGES_NOTHING, parts[-1].plugin))
        before = common
    return _of_parts(parts, losses, standings)


def _folders(standings: Sequence[Standing]) -> Decision:
    """Decide for the last folder that stays; those that stay before it have a part."""
    folders: tuple[str, ...] = ()
    parts: list[Standing] = []
    losses = []
    for standing in _present(standings):
        grown = deepest_folders(folders, standing.plugin)
        if grown == folders:
            losses.append(Loss(standing, Reason.CHANGES_NOTHING, parts[-1].plugin))
            continue
        if len(grown) == len(folders):
            losses.append(Loss(parts.pop(), Reason.OUTER_FOLDER, standing.plugin))
        parts.append(standing)
        folders = grown
    return _of_parts(parts, losses, standings)


def _of_parts(parts: list[Standing], losses: list[Loss], standings: Sequence[Standing]) -> Decision:
    lost = (*reversed(losses), *_absent(standings))
    if not parts:
        return Decision(losses=lost)
    return Decision(parts[-1], Reason.PART if len(parts) > 1 else Reason.ONLY, tuple(parts[:-1]), lost)


def _mapping(way: Way) -> Decision:
    """Decide for the plugin that has the last word at the nearest place with a mapping; those it builds on have a part."""
    givings = way.givings
    # Plugins at the places on the way, then those at the places that other mappings are taken from.
    places = list(dict.fromkeys((*(giving.place for giving in reversed(givings)), *way.above)))
    bearing = _saying(way.standings(places), ("mapping",))
    spoilt = _spoilt(way)
    at = {giving.place: giving for giving in givings}
    counting = [plugin for giving in givings for plugin in _words(giving) if plugin not in spoilt]
    has_mapping = not isinstance(way.view.mapping_parts, WaysError)
    winner = _standing_of(counting[0], bearing) if counting and has_mapping else None
    parts = [standing for standing in _present(bearing) if standing.plugin in counting and standing != winner]
    ahead = winner.plugin if winner else _words(givings[0])[0] if givings else None
    losses = [
        _loss(standing, at, spoilt, ahead)
        for standing in reversed(_present(bearing))
        if standing != winner and (winner is None or standing not in parts)
    ]
    lost = (*losses, *_absent(bearing))
    if winner is None:
        return Decision(losses=lost)
    others = [*(loss.standing for loss in losses if loss.reason in _OVER), *reversed(parts)]
    reason = _OVER[_behind(others[0], winner).reason] if others else Reason.ONLY
    return Decision(winner, reason, tuple(parts), lost)


def _words(giving: MappingSource) -> list[DataPlugin]:
    """Return the plugins whose mappings count at one place, the last word first."""
    return [*reversed(giving.appends), *((giving.writer,) if giving.writer else ())]


def _spoilt(way: Way) -> dict[DataPlugin, Reason]:
    """Return the plugins whose mappings would count, if what they take in had one."""
    found: dict[DataPlugin, Reason] = {}
    for giving in way.givings:
        for needed in (*((giving.base,) if giving.base and giving.writer else ()), *giving.references):
            if (reason := _lack(way, needed)) is not None:
                found |= {plugin: reason for plugin in _words(giving) if plugin is giving.writer or giving.references}
    return found


def _lack(way: Way, place: Hierarchy) -> Reason | None:
    """Return why a place has no mapping, if it has none."""
    try:
        way.resolver.mapping_parts(place)
    except RelativeCycleError:
        return Reason.CIRCLE
    except UnresolvedMappingError:
        return Reason.NO_PARENT_MAPPING
    return None


def _standing_of(plugin: DataPlugin, standings: Iterable[Standing]) -> Standing | None:
    return next((standing for standing in standings if standing.plugin is plugin and standing.absent is None), None)


def _loss(
    standing: Standing, at: Mapping[Hierarchy, MappingSource], spoilt: Mapping[DataPlugin, Reason], winner: DataPlugin | None
) -> Loss:
    if standing.plugin in spoilt:
        return Loss(standing, spoilt[standing.plugin])
    giving = at.get(standing.place)
    if giving is not None and (words := _words(giving)) and standing.plugin not in words:
        return _behind(standing, Standing(giving.writer or words[0], standing.place))
    return Loss(standing, Reason.FARTHER, winner)


#: What decides each field, in the order in which they are told.
_DECIDERS: Mapping[str, Callable[[Way], Mapping[Keys, Decision]]] = {
    "mapping": lambda way: {("mapping",): _mapping(way)},
    "mapping_details": lambda way: _by_key(way, "mapping_details", way.with_lenders),
    "data": lambda way: _by_key(way, "data", way.above),
    "platforms": lambda way: {("platforms",): _platforms(_above(way, "platforms"))},
    "groups": lambda way: {("groups",): _groups(list(way.standings(way.above)))},
    "path": lambda way: {("path",): _last(_saying(way.standings(way.with_parents), ("path",)))},
    "folder": lambda way: {("folder",): _last(_above(way, "folder"))},
    "max_folder": lambda way: {("max_folder",): _folders(_above(way, "max_folder"))},
}
