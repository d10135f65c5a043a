"""A session, slow and obvious: plain lists and dicts of what was done to it, and a world built anew for each question.

It shares no line with the package. It says what a session must answer after any sequence of loads, edits, aliases and
settings; what one place says is left to ``merge_oracle``, what a text says to ``rank_oracle``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from oracle import match_oracle, rank_oracle, worlds
from oracle.merge_oracle import Circle, Place, Unresolved, World

Sheet = Mapping[str, Any]
Layer = tuple[Place, str]


class Refused(Exception):
    """The session must refuse it."""


class Several(Exception):
    """More than one answer is as good."""


@dataclass
class Origin:
    """Something that gives plugins: a file, a folder (its name ends with a slash), or plugins given by hand (no name)."""

    name: str
    #: What each sheet said when it could be read last, in order.
    good: dict[str, Sheet] = field(default_factory=dict)

    def read(self, disk: Mapping[str, Sheet | None]) -> None:
        """Look at the disk; a sheet that doesn't read keeps what it said, one that is gone says nothing."""
        if not self.name:
            return
        names = sorted(name for name in disk if name == self.name or (self.name[-1] == "/" and name.startswith(self.name)))
        read = {name: self.good.get(name) if disk[name] is None else disk[name] for name in names}
        self.good = {name: sheet for name, sheet in read.items() if sheet is not None}


@dataclass
class Model:
    """What there is, and what was done."""

    #: File to content; ``None`` for one that is broken.
    disk: dict[str, Sheet | None] = field(default_factory=dict)
    origins: list[Origin] = field(default_factory=list)
    aliases: dict[Place, Place] = field(default_factory=dict)
    #: What the user wrote over the data of a Context.
    user: dict[Layer, dict[str, Any]] = field(default_factory=dict)
    platform: str = "linux"
    platforms: tuple[str, ...] = ("linux", "windows")
    priority: tuple[str, ...] = ("master",)

    # --- what is done

    def add(self, name: str, sheet: Sheet | None = None) -> None:
        """Add a file, a folder, or plugins given by hand."""
        self.origins.append(Origin(name, {} if sheet is None else {"": sheet}))
        self.origins[-1].read(self.disk)

    def refresh(self) -> None:
        for origin in self.origins:
            origin.read(self.disk)

    def clear(self) -> None:
        self.origins, self.aliases, self.user = [], {}, {}

    def alias(self, name: Place, old: Place) -> None:
        """Let one place stand for another.

        :raises Refused: it is taken, or would stand for itself.
        """
        if name in self.aliases or name == self.real(old):
            raise Refused
        self.aliases[name] = old

    # --- what there is

    def world(self, assignment: str = "") -> World:
        """Everything that is loaded, as it is looked at from one layer, or from those with priority."""
        # The later one wins, so that one which is named twice counts where it stands last.
        order = list(reversed(dict.fromkeys(reversed(self.priority))))
        sheets = [sheet for origin in self.origins for sheet in origin.good.values()]
        view = {"platform": self.platform, "platforms": frozenset(self.platforms)}
        return World.of(sheets, assignments=[assignment] if assignment else order, **view)

    def real(self, place: Place) -> Place:
        while place in self.aliases:
            place = self.aliases[place]
        return place

    def places(self) -> list[Place]:
        """Each place that a plugin stands at, in the order of registration."""
        return list(dict.fromkeys(plugin.place for plugin in self.world().plugins))

    def exists(self, place: Place, assignment: str = "") -> bool:
        real = self.real(place)
        return any(plugin.place == real and assignment in ("", plugin.assignment) for plugin in self.world().plugins)

    def data(self, place: Place, assignment: str) -> dict[str, Any]:
        """What was loaded, covered by what the user wrote."""
        return {**self.world(assignment).data(self.real(place)), **self.user.get((place, assignment), {})}

    # --- texts and values

    def mapping(self, place: Place, assignment: str = "") -> worlds.World | None:
        """The mapping of a place with its details; ``None`` where nothing gives one."""
        world = self.world(assignment)
        try:
            text = world.mapping(self.real(place))
        except (Unresolved, Circle):
            return None
        return worlds.World(text, world.details(self.real(place)))

    def bearing(self) -> Iterator[dict[Layer, worlds.World]]:
        """Yield what a text may be of, in groups: the layers with priority together, then all others one by one."""
        yield dict(self._bearing(""))
        others = sorted({plugin.assignment for plugin in self.world().plugins} - set(self.priority))
        yield {layer: found for assignment in others for layer, found in self._bearing(assignment)}

    def _bearing(self, assignment: str) -> Iterator[tuple[Layer, worlds.World]]:
        world = self.world(assignment)
        for place in self.places():
            own = any(plugin.mapping for plugin in world.at(place))
            if place and own and place not in self.aliases and (found := self.mapping(place, assignment)) and found.mapping:
                yield (place, assignment), found

    def find(self, text: str) -> tuple[Layer, dict[str, str]]:
        """Return what a text is, as a whole and in every value, and its values.

        :raises Refused: it is nothing.
        :raises Several: it is several things equally well.
        """
        for group in self.bearing():
            best = rank_oracle.best({str(number): found for number, found in enumerate(group.values())}, text)
            if len(best) > 1:
                raise Several
            if best:
                layer = list(group)[int(best[0])]
                return layer, rank_oracle.leaf_values(group[layer], text)
        raise Refused

    def read(self, place: Place, text: str) -> dict[str, str]:
        """Return the values that a text has at a place.

        :raises Refused: it doesn't fit.
        """
        found = self._need(place)
        if next(match_oracle.readings(*found, text), None) is None:
            raise Refused
        return rank_oracle.leaf_values(found, text)

    def format(self, place: Place, values: Mapping[str, str]) -> str:
        """Return the text of values that is read as just these again.

        :raises Refused: there is none.
        """
        found = self._need(place)
        names = match_oracle.leaf_names(*found)
        if not names or set(values) != set(names):
            raise Refused
        leaves = match_oracle.leaves(match_oracle.tree(*found))
        text = "".join(values[leaf.text] if leaf.kind == "token" else leaf.text for leaf in leaves)
        if self.read(place, text) != dict(values):
            raise Refused
        return text

    def _need(self, place: Place) -> worlds.World:
        found = self.mapping(place) if self.exists(place) else None
        if found is None:
            raise Refused
        return found


def registered(world: World) -> list[tuple[str, Place]]:
    """Return each plugin's layer and place, in order."""
    return [(plugin.assignment, plugin.place) for plugin in world.plugins]
