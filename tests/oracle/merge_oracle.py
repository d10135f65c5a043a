"""The merge rules of docs/explanation/merging.rst, slow and obvious: each answer looks at all plugins. Imports nothing of Ways.

It reads sheets as plain dicts, in the order in which they are loaded, and answers what a Context must answer.
"""

from __future__ import annotations

import ntpath
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Place = tuple[str, ...]

WILDCARDS = {"*", "all", "everything"}


class Unresolved(Exception):
    """Nothing gives a mapping."""


class Circle(Exception):
    """Relative plugins use each other."""


@dataclass(frozen=True, eq=False)
class Plugin:
    """One absolute plugin: what it was written as, and where it ended up. Two that say the same are still two."""

    written: Mapping[str, Any]
    place: Place
    assignment: str
    parent: Place | None

    @property
    def mapping(self) -> str:
        return self.written.get("mapping") or ""

    @property
    def is_of_syntax_2(self) -> bool:
        return self.written.get("syntax") == 2

    @property
    def appends_to_itself(self) -> bool:
        return self.parent == self.place


def split(text: str) -> Place:
    """Return the parts of a hierarchy, stripped, without empty ones; a leading slash is a part."""
    parts = tuple(part.strip() for part in text.split("/") if part.strip())
    return ("/", *parts) if text.strip().startswith("/") else parts


def join(place: Place) -> str:
    return "/" + "/".join(place[1:]) if place[:1] == ("/",) else "/".join(place)


def absolute(sheet: Mapping[str, Any]) -> Iterator[Plugin]:
    """Yield the plugins of a sheet: globals go into each, and a relative plugin becomes one for each parent."""
    for own in sheet["plugins"].values():
        written = {**sheet.get("globals", {}), **own}
        assignment = written.get("assignment") or sheet.get("globals", {}).get("assignment") or "master"
        uses = written.get("uses") or []
        if written["hierarchy"] in uses:
            continue
        if not uses:
            yield Plugin(written, split(written["hierarchy"]), assignment, None)
        for parent in uses:
            yield Plugin(written, under(split(parent), split(written["hierarchy"])), assignment, split(parent))


def under(parent: Place, own: Place) -> Place:
    """Return where a relative hierarchy stands under a parent (docs/howto/relative-sheets.rst)."""
    if "{root}" not in "".join(own):
        return parent + own
    place: Place = ()
    for part in own:
        place += split(part.replace("{root}", join(parent))) if "{root}" in part else (part,)
    return place


def laid_over(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of tokens: a later one counts, and one that has nothing but a default keeps the rest of the one before."""
    merged = dict(before)
    for token, entry in after.items():
        merged[token] = {**before.get(token, {}), **entry} if set(entry) == {"default"} else entry
    return merged


class World(NamedTuple):
    """What is loaded, and how it is looked at."""

    plugins: Sequence[Plugin]
    platform: str = "linux"
    platforms: frozenset[str] = frozenset({"linux", "windows", "darwin", "java"})
    assignments: Sequence[str] = ("master",)

    @classmethod
    def of(cls, sheets: Sequence[Mapping[str, Any]], **view: Any) -> World:
        return cls([plugin for sheet in sheets for plugin in absolute(sheet)], **view)

    def takes_part(self, plugin: Plugin) -> bool:
        """Whether a plugin counts; none does on a platform that isn't known (docs/reference/environment.rst)."""
        names = platforms_of(plugin)
        return self.platform in self.platforms and (names is None or self.platform.lower() in names)

    def at(self, place: Place) -> list[Plugin]:
        """The plugins exactly at a place that take part: by assignment, then by registration."""
        return [
            plugin
            for assignment in self.assignments
            for plugin in self.plugins
            if plugin.place == place and plugin.assignment == assignment and self.takes_part(plugin)
        ]

    def seen_from(self, place: Place) -> list[Plugin]:
        """The plugins of each place down to this one, the first part first."""
        return [plugin for end in range(1, len(place) + 1) for plugin in self.at(place[:end])]

    # --- the mapping

    def mapping(self, place: Place) -> str:
        """The mapping with the separators of the platform, if it is a path."""
        text = self.resolved(place, without=(), trail=())
        if self.is_bare(place):
            raise Unresolved
        if not self.path(place):
            return text
        return text.replace("/", "\\") if self.platform.lower() == "windows" else text.replace("\\", "/")

    def resolved(self, place: Place, *, without: tuple[Plugin, ...], trail: tuple[Place, ...]) -> str:
        """What a place resolves to, were it not for some of the plugins that append to it."""
        if not place:
            raise Unresolved
        if place in trail:
            raise Circle
        bearing = [plugin for plugin in self.at(place) if plugin.mapping and plugin not in without]
        if not bearing:
            if self.has_only_absent_mappings(place):
                raise Unresolved
            return self.resolved(place[:-1], without=(), trail=trail)
        writer = self.writer(place)
        appends = [plugin for plugin in bearing if plugin.appends_to_itself and not self.is_replaced(plugin, writer)]
        if appends:
            others = {"without": (*without, appends[-1]), "trail": trail}
            if not appends[-1].is_of_syntax_2:
                return filled(appends[-1], self.before(place, **others))
            root = self.resolved(place, **others)
            if all(plugin.appends_to_itself for plugin in self.at(place)):
                raise Unresolved
            return filled(appends[-1], root)
        if writer is None:
            return self.resolved(place[:-1], without=(), trail=trail)
        if writer.parent is None:
            return writer.mapping
        root = self.resolved(writer.parent, without=(), trail=(*trail, place))
        if writer.is_of_syntax_2 and not self.at(writer.parent):
            raise Unresolved
        return filled(writer, root)

    def standing(self, place: Place) -> list[Plugin]:
        """The plugins exactly at a place, on any platform and in any layer; not those that append to it."""
        return [plugin for plugin in self.plugins if plugin.place == place and not plugin.appends_to_itself]

    def has_only_absent_mappings(self, place: Place) -> bool:
        """Whether a place has mappings, one of syntax 2 among them, and all are of other platforms or layers."""
        giving = [plugin for plugin in self.standing(place) if plugin.mapping]
        here = self.at(place)
        return any(plugin.is_of_syntax_2 for plugin in giving) and not any(plugin in here for plugin in giving)

    def is_bare(self, place: Place) -> bool:
        """Whether no plugin stands at a place, so that it would only repeat a mapping of syntax 2 from above."""
        if self.at(place) or self.standing(place):
            return False
        above = next(place[:end] for end in range(len(place), 0, -1) if any(plugin.mapping for plugin in self.at(place[:end])))
        writer = self.writer(above)
        appends = [plugin for plugin in self.at(above) if plugin.mapping and plugin.appends_to_itself]
        counting = [plugin for plugin in appends if not self.is_replaced(plugin, writer)]
        return any(plugin.is_of_syntax_2 for plugin in (*counting, *((writer,) if writer else ())))

    def before(self, place: Place, **others: Any) -> str:
        """What an appending plugin finds; nothing is an empty text."""
        try:
            return self.resolved(place, **others)
        except Unresolved:
            return ""

    def writer(self, place: Place) -> Plugin | None:
        """The last plugin at a place that has a mapping, and does not just append to the place itself."""
        writers = [plugin for plugin in self.at(place) if plugin.mapping and not plugin.appends_to_itself]
        return writers[-1] if writers else None

    def is_replaced(self, plugin: Plugin, writer: Plugin | None) -> bool:
        """Whether the writer stands in a stronger layer."""
        order = list(self.assignments)
        return writer is not None and order.index(writer.assignment) > order.index(plugin.assignment)

    def waits_for_parents(self, place: Place) -> bool:
        """Whether nothing gives a mapping, and a plugin seen from here uses a place that nothing stands at."""
        try:
            self.mapping(place)
        except Unresolved:
            made = {plugin.place for plugin in self.plugins}
            return any(plugin.parent is not None and plugin.parent not in made for plugin in self.seen_from(place))
        except Circle:
            pass
        return False

    # --- everything else

    def details(self, place: Place) -> dict[str, Any]:
        details = dict(parent[0]) if (parent := self.from_elsewhere(place)) else {}
        if len(place) > 1:
            details = laid_over(details, self.details(place[:-1]))
        for plugin in self.at(place):
            details = laid_over(details, plugin.written.get("mapping_details") or {})
        return details

    def detail_writers(self, place: Place) -> dict[str, Plugin]:
        """The plugin that each of the details is of."""
        parent = self.parent_elsewhere(place)
        writers = {} if parent is None else dict(self.detail_writers(parent))
        if len(place) > 1:
            writers = {**writers, **self.detail_writers(place[:-1])}
        for plugin in self.at(place):
            writers.update(dict.fromkeys(plugin.written.get("mapping_details") or {}, plugin))
        return writers

    def path_writer(self, place: Place) -> Plugin | None:
        """The plugin that the path flag is of."""
        own = [plugin for plugin in self.at(place) if plugin.written.get("path") is not None]
        if own:
            return own[-1]
        above = self.path_writer(place[:-1]) if len(place) > 1 else None
        if above is None and (parent := self.parent_elsewhere(place)):
            return self.path_writer(parent)
        return above

    def path(self, place: Place) -> Any:
        own = [plugin.written["path"] for plugin in self.at(place) if plugin.written.get("path") is not None]
        if own:
            return own[-1]
        above = self.path(place[:-1]) if len(place) > 1 else None
        if above is None and (parent := self.from_elsewhere(place)):
            return parent[1]
        return above

    def from_elsewhere(self, place: Place) -> tuple[dict[str, Any], Any] | None:
        """The details and the path flag of a parent elsewhere."""
        parent = self.parent_elsewhere(place)
        return None if parent is None else (self.details(parent), self.path(parent))

    def parent_elsewhere(self, place: Place) -> Place | None:
        """The parent that gives the mapping, if it is no prefix, and no circle either."""
        writer = self.writer(place)
        if writer is None or writer.parent is None or place[: len(writer.parent)] == writer.parent:
            return None
        return None if place in self.reached_from(writer.parent, set()) else writer.parent

    def reached_from(self, place: Place, seen: set[Place]) -> set[Place]:
        """Every place that the mapping of *place* may depend on."""
        for end in range(1, len(place) + 1):
            prefix = place[:end]
            if prefix not in seen:
                seen.add(prefix)
                if (writer := self.writer(prefix)) and writer.parent is not None:
                    self.reached_from(writer.parent, seen)
        return seen

    def data(self, place: Place) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for plugin in self.seen_from(place):
            data.update(plugin.written.get("data") or {})
        return data

    def common_platforms(self, place: Place) -> set[str]:
        seen = self.seen_from(place)
        said = [names for plugin in seen if (names := platforms_of(plugin)) is not None]
        if not said:
            return set(self.platforms) if seen else set()
        spelled = {name.lower(): name for name in self.platforms}
        return {spelled.get(name, name) for name in set.intersection(*said)}

    def groups(self, place: Place) -> tuple[str, ...]:
        seen = self.seen_from(place)
        return tuple((seen[-1].written.get("groups") if seen else None) or ("*",))

    def max_folder(self, place: Place) -> str:
        """A folder inside the last one replaces it; another one is added after it."""
        folders: list[str] = []
        for plugin in self.seen_from(place):
            folder = plugin.written.get("max_folder") or ""
            if not folder or (folders and folders[-1] == folder):
                continue
            if folders and components(folder)[: len(components(folders[-1]))] == components(folders[-1]):
                folders.pop()
            folders.append(folder)
        normal = ntpath.normpath if self.platform == "windows" else posixpath.normpath
        return normal("".join(folders)) if folders else ""


def platforms_of(plugin: Plugin) -> set[str] | None:
    """The platforms a plugin names, in lower case; ``None`` for every one."""
    written = plugin.written.get("platforms") or "*"
    names = {name.strip().lower() for name in (written.split(",") if isinstance(written, str) else written)}
    return None if names & WILDCARDS else names


def filled(plugin: Plugin, root: str) -> str:
    """Every ``{root}`` replaced; appended where there is none."""
    return plugin.mapping.replace("{root}", root) if "{root}" in plugin.mapping else root + plugin.mapping


def components(folder: str) -> list[str]:
    return folder.rstrip("/").split("/")
