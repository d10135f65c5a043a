"""Which plugins gave what a place answers, which lost, and why. Everything that asks "who gave this?" asks here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum

from ways.errors import RelativeCycleError, WaysError
from ways.hierarchy import Hierarchy
from ways.lightweight import cached_property
from ways.plugins.merge import deepest_folders, is_default_alone
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import MappingPart, MappingSource, Resolver
from ways.sheets.document import Source
from ways.sheets.store.compiled import functions_to_call

# typing takes longer to import than the rest of this module, and the first value that a function changes asks here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    #: What is asked for: a field, or a field and one of its keys: ``("mapping",)``, ``("data", "fps")``.
    Keys = tuple[Any, ...]
else:
    from ways.lightweight import NamedTuple

    Keys = tuple


class SentenceEnum(str, Enum):
    """A name for programs, with a sentence for people."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> SentenceEnum:
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    @property
    def told(self) -> str:
        """The sentence, by its older name."""
        return self.sentence

    def __str__(self) -> str:
        return str(self.value)


class Reason(SentenceEnum):
    """Why a plugin's value for a field is used, or not."""

    ONLY = "only", "no other plugin sets it"
    NEAREST = "nearest", "it stands closer to this place than the others that set it"
    STRONGEST_LAYER = "strongest-layer", "its layer is the strongest of those that set it"
    LATEST = "latest", "it was loaded last in its place and layer"
    LAST_DECIDES = "last-decides", "the last plugin decides, even if it sets nothing"
    PART = "part", "it gives a part of the value"
    FARTHER = "farther", "a plugin closer to this place sets it"
    WEAKER_LAYER = "weaker-layer", "a stronger layer sets it"
    EARLIER = "earlier", "a plugin that was loaded later sets it"
    NOT_INHERITED = "not-inherited", "this field is not inherited"
    CHANGES_NOTHING = "changes-nothing", "the value is the same without it"
    OUTER_FOLDER = "outer-folder", "a later plugin names a folder inside it"
    NO_PARENT_MAPPING = "no-parent-mapping", "the place that it uses has no mapping"
    ABSENT_MAPPING = "absent-mapping", "the mapping of a closer place is for other platforms or layers, so this place inherits none"
    NO_PLUGIN_HERE = "no-plugin-here", "no plugin stands at this place, so none is inherited"
    CIRCLE = "circle", "its mapping would contain itself"
    OTHER_PLATFORM = "other-platform", "it is for other platforms"
    UNKNOWN_PLATFORM = "unknown-platform", "the platform is not in WAYS_PLATFORMS, so no plugin is used"
    OTHER_LAYER = "other-layer", "its layer is not in use"
    CONDITION_NOT_MET = "condition-not-met", "the values do not meet its condition"
    TOO_MANY_VARIANTS = "too-many-variants", "its condition would make too many variants of this place"
    HIDDEN_BY_ALIAS = "hidden-by-alias", "an alias hides the place where it stands"

    @property
    def is_good(self) -> bool:
        """Whether the value is used."""
        return self in _GOOD


_GOOD = frozenset(
    (Reason.ONLY, Reason.NEAREST, Reason.STRONGEST_LAYER, Reason.LATEST, Reason.LAST_DECIDES, Reason.PART)
)
#: Why a plugin lost to the winner: what the winner has over it.
_OVER = {Reason.FARTHER: Reason.NEAREST, Reason.WEAKER_LAYER: Reason.STRONGEST_LAYER, Reason.EARLIER: Reason.LATEST}


class Contributor(NamedTuple):
    """A plugin at a place that an answer is taken from."""

    plugin: DataPlugin
    #: Where it is taken from: an alias is not where the plugin itself stands.
    place: Hierarchy
    #: Why it takes no part; ``None`` if it does.
    absence: Reason | None = None


class Loss(NamedTuple):
    """A plugin that gives a value which doesn't count."""

    contributor: Contributor
    reason: Reason
    #: The plugin that it lost to.
    winner: DataPlugin | None = None


class Decision(NamedTuple):
    """Which of the plugins that give a field, or a key of it, counts."""

    #: ``None`` if no plugin gives it: the default is the answer.
    winner: Contributor | None = None
    reason: Reason = Reason.ONLY
    #: Further plugins that give a part of the value, weakest first.
    parts: tuple[Contributor, ...] = ()
    #: Strongest first; then those that take no part.
    losses: tuple[Loss, ...] = ()


class SharedDecisions:
    """What was found out for many places of one resolver: what the same plugins decide is one object for all of them."""

    def __init__(self) -> None:
        #: The plugins at a place, each that takes no part too; and those that an alias of its name hides.
        self.at: dict[Hierarchy, tuple[list[Contributor], list[Contributor]]] = {}
        #: What a plugin gives, by field.
        self.given: dict[DataPlugin, Mapping[str, Any]] = {}
        #: By a field and the ids of the contributors in :attr:`at` that give it.
        self.decisions: dict[tuple[Any, ...], Decision] = {}


class Provenance:
    """Which plugins gave each field of one place.

    :param name: the alias that the place is asked for by; else the place itself.
    :param bystanders_at: returns the plugins at a place that take no part there, each with the reason. They are then
        among the losses of a decision; winner and parts are the same without them.
    :param shared: what was found out for other places of the same resolver, with the same bystanders.
    """

    def __init__(
        self,
        resolver: Resolver,
        place: Hierarchy,
        name: Hierarchy | None = None,
        bystanders_at: Callable[[Hierarchy], Iterable[tuple[DataPlugin, Reason]]] = lambda place: (),
        shared: SharedDecisions | None = None,
    ) -> None:
        self.resolver = resolver
        self.place = place
        self._name = place if name is None else name
        self._bystanders_at = bystanders_at
        self._shared = shared or SharedDecisions()
        self._contributors: dict[tuple[Hierarchy, ...], list[Contributor]] = {}

    # --- one answer

    def plugin_of(self, pointer: Sequence[Any]) -> DataPlugin | None:
        """Return the plugin that gave what stands at *pointer*, as ``("data", "fps", ...)``; of several, the strongest."""
        decision = self.decision(pointer)
        winner = decision.winner
        if pointer[0] == "mapping_details" and len(pointer) > 2 and pointer[2] != "default" and decision.parts:
            # The strongest plugin gives the default alone.
            winner = decision.parts[0]
        return None if winner is None else winner.plugin

    def source_of(self, pointer: Sequence[Any]) -> Source | None:
        """Return where what stands at *pointer* is written; ``None`` if no plugin gives it."""
        plugin = self.plugin_of(pointer)
        return None if plugin is None else plugin.source_of(*pointer)

    def functions_to_call(self, token: str, named: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the functions to call for the values of a token; ``None`` if the sheet that names them is not trusted.

        :param named: those that the token's details name.
        :raises RefusedCallError: the sheet can't be read any more, so that nobody knows whether it says so.
        """
        writer = self._writer_of(token)
        if writer is None or not writer.source.is_trusted:
            return None
        return functions_to_call(writer.record, token, named)

    def _writer_of(self, token: str) -> DataPlugin | None:
        """Return the plugin that wrote the details of a token; ``None`` if none did."""
        entry = self.resolver.at(self.place).mapping_details.get(token)
        plugin = self.plugin_of(("mapping_details", token, "before_return"))
        if plugin is None or entry is None:
            return None
        # Values aren't copied on their way here. Details that the plugin didn't write are trusted by nobody.
        written = plugin.mapping_details.get(token) or {}
        is_own = written is entry or all(value is written.get(key) for key, value in entry.items() if key != "default")
        return plugin if is_own else None

    @cached_property
    def trusted_tokens(self) -> frozenset[str] | None:
        """The tokens that trusted sheets write in the mapping, or in those of its tokens; ``None`` if no other sheet writes there.

        Only these may be filled by variables of the environment that nobody has allowed.

        :raises UnresolvedMappingError: a place that a token refers to has no mapping.
        """
        from ways.pattern.scan import scan

        details, syntaxes = self.resolver.at(self.place).mapping_details, self.resolver.at(self.place).syntaxes
        #: Texts, with their syntaxes, and whether a trusted sheet wrote each.
        written = [(part.text, part.plugin.syntax, part.plugin.source.is_trusted) for part in self.mapping_parts or ()]
        for token, entry in details.items():
            if not entry.get("mapping"):
                continue
            writer = self._writer_of(token)
            is_trusted = writer is not None and writer.source.is_trusted
            for part in self.resolver.parts_of_token(self.place, token):
                if isinstance(part, str):
                    written.append((part, syntaxes.get(token, 1), is_trusted))
                else:
                    written.append((part.text, part.plugin.syntax, part.plugin.source.is_trusted))
        if all(is_trusted for _, _, is_trusted in written):
            return None
        scanned = (scan(text, syntax, details) for text, syntax, is_trusted in written if is_trusted)
        return frozenset(piece.text for pieces in scanned for piece in pieces if piece.is_token)

    @cached_property
    def mapping_parts(self) -> tuple[MappingPart, ...] | None:
        """The mapping in parts, each with the plugin that wrote it; ``None`` if the place has none."""
        try:
            return self.resolver.mapping_parts(self.place)
        except WaysError:
            return None

    def source_of_mapping(self, token: str = "") -> Source | None:
        """Return where the last part of the mapping is written, or the last one with *token*; ``None`` without a mapping.

        A token that stands in no part comes from the mapping of another token: that is where it is written.
        """
        parts = self.mapping_parts or ()
        if token:
            for part in reversed(parts):
                if _has_token(part.text, token):
                    return part.plugin.source_of("mapping")
            for name, entry in self.resolver.at(self.place).mapping_details.items():
                if name != token and _has_token(str(entry.get("mapping") or ""), token):
                    return self.source_of(("mapping_details", name, "mapping"))
        return parts[-1].plugin.source_of("mapping") if parts else None

    def plugin_at(self, position: int) -> DataPlugin | None:
        """Return the plugin that wrote the character at *position* of the mapping."""
        from ways.pattern.scan import escaped

        parts = self.mapping_parts or ()
        syntax = max((part.plugin.syntax for part in parts), default=1)
        end = 0
        for part in parts:
            # A part in the first syntax is escaped where it stands in a mapping of the second.
            end += len(part.text if part.plugin.syntax == syntax else escaped(part.text))
            if position < end:
                return part.plugin
        return None

    # --- decisions

    def decision(self, pointer: Sequence[Any]) -> Decision:
        """Return which plugin gave what stands at *pointer*, and which lost."""
        keys = tuple(pointer[:2] if FIELDS[pointer[0]].has_keys else pointer[:1])
        return self._decision(keys, self.giving(keys))

    def decisions(self, name: str = "") -> dict[Keys, Decision]:
        """Return the decision for each field, or for one, and for each key of those that are merged key by key."""
        decisions: dict[Keys, Decision] = {}
        for field_name in (name,) if name else FIELDS:
            field = FIELDS[field_name]
            if not field.has_keys:
                decisions[(field_name,)] = self._decision((field_name,), self.giving((field_name,)))
                continue
            # One pass for all keys: a place has tens of them.
            giving: dict[Any, list[Contributor]] = {}
            for contributor in self.contributors(field.places(self)):
                for key in self._given(contributor.plugin).get(field_name) or ():
                    giving.setdefault(key, []).append(contributor)
            decisions.update(((field_name, key), self._decision((field_name, key), some)) for key, some in giving.items())
        return decisions

    def _decision(self, keys: Keys, giving: Sequence[Contributor]) -> Decision:
        field_name = keys[0]
        field = FIELDS[field_name]
        if field.needs_place:
            return field.decide(self, giving)
        if field_name == "mapping_details" and any(is_default_alone(each.plugin.mapping_details.get(keys[1])) for each in giving):
            return _decide_default(keys[1], giving)
        key = (field_name, *map(id, giving))
        known = self._shared.decisions.get(key)
        if known is None:
            known = self._shared.decisions.setdefault(key, field.decide(self, giving))
        return known

    def contributors(self, places: Sequence[Hierarchy]) -> list[Contributor]:
        """Return each plugin at *places*, weakest first, those that take no part too."""
        key = tuple(places)
        contributors = self._contributors.get(key)
        if contributors is None:
            contributors = []
            for place in key:
                contributors += self._at(place)[0]
            for place in dict.fromkeys((*key, *self._name.ancestors)):
                contributors += self._at(place)[1]
            # Stored when it is whole: threads share a Provenance.
            self._contributors[key] = contributors
        return contributors

    def giving(self, keys: Keys) -> list[Contributor]:
        """Return the contributors that give something for *keys*, weakest first."""
        name, given = keys[0], self._given
        contributors = self.contributors(FIELDS[name].places(self))
        if len(keys) == 1:
            return [contributor for contributor in contributors if name in given(contributor.plugin)]
        return [contributor for contributor in contributors if keys[1] in given(contributor.plugin).get(name, ())]

    def _at(self, place: Hierarchy) -> tuple[list[Contributor], list[Contributor]]:
        known = self._shared.at.get(place)
        if known is None:
            absent = [Contributor(plugin, place, reason) for plugin, reason in self._bystanders_at(place)]
            hidden = [contributor for contributor in absent if contributor.absence is Reason.HIDDEN_BY_ALIAS]
            there = [contributor for contributor in absent if contributor.absence is not Reason.HIDDEN_BY_ALIAS]
            there += [Contributor(plugin, place) for plugin in self.resolver.plugins_at(place)]
            # Decisions are known by the ids of these: threads have to use the same ones.
            known = self._shared.at.setdefault(place, (there, hidden))
        return known

    def _given(self, plugin: DataPlugin) -> Mapping[str, Any]:
        known = self._shared.given.get(plugin)
        if known is None:
            values = ((name, field.given(plugin)) for name, field in FIELDS.items())
            known = self._shared.given[plugin] = {name: value for name, value in values if value is not None}
        return known

    # --- places

    @cached_property
    def ancestors(self) -> tuple[Hierarchy, ...]:
        """The place, and before it each one above it, the first part first."""
        return tuple(self.place.ancestors)

    @cached_property
    def detail_places(self) -> tuple[Hierarchy, ...]:
        """The places that token details come from, weakest first."""
        return self.resolver.merged_places(self.place, with_references=True)

    @cached_property
    def path_places(self) -> tuple[Hierarchy, ...]:
        """The places that the path flag comes from, weakest first."""
        return self.resolver.merged_places(self.place, with_references=False)

    @cached_property
    def mapping_sources(self) -> tuple[MappingSource, ...]:
        """What gives the mapping: of the nearest place that has one, then of the places whose mappings stand in it."""
        sources: dict[Hierarchy, MappingSource] = {}
        waiting = [self.place]
        while waiting:
            source = self.resolver.mapping_source(waiting.pop(0))
            if source is not None and source.place not in sources:
                sources[source.place] = source
                waiting += [*((source.base,) if source.base else ()), *source.references]
        return tuple(sources.values())

    @cached_property
    def mapping_places(self) -> tuple[Hierarchy, ...]:
        """The places that mappings are taken from, weakest first, then those above the place."""
        return tuple(dict.fromkeys((*(source.place for source in reversed(self.mapping_sources)), *self.ancestors)))


def given_value(plugin: DataPlugin, keys: Keys) -> Any:
    """Return what a plugin gives for *keys*; ``None`` for nothing."""
    value = FIELDS[keys[0]].given(plugin)
    return value.get(keys[1]) if value and len(keys) > 1 else value


def _has_token(mapping: str, token: str) -> bool:
    return f"{{{token}}}" in mapping or f"{{{token}:" in mapping


def _present(contributors: Iterable[Contributor]) -> list[Contributor]:
    return [contributor for contributor in contributors if contributor.absence is None]


def _absent(contributors: Iterable[Contributor]) -> Iterator[Loss]:
    return (Loss(contributor, contributor.absence) for contributor in contributors if contributor.absence is not None)


def _last(contributors: Sequence[Contributor]) -> Decision:
    """Decide for the last one."""
    present = _present(contributors)
    if not present:
        return Decision(losses=tuple(_absent(contributors)))
    winner = present.pop()
    losses = [_loss_to(winner, contributor) for contributor in reversed(present)]
    reason = _OVER[losses[0].reason] if losses else Reason.ONLY
    return Decision(winner, reason, (), (*losses, *_absent(contributors)))


def _decide_default(token: str, giving: Sequence[Contributor]) -> Decision:
    """Decide for the last one; if that gives a default alone, the last one that gives more of the token has a part."""
    decision = _last(giving)
    present = _present(giving)
    if not present or not is_default_alone(present[-1].plugin.mapping_details.get(token)):
        return decision
    part = next((each for each in reversed(present) if not is_default_alone(each.plugin.mapping_details.get(token))), None)
    if part is None:
        return decision
    losses = tuple(loss for loss in decision.losses if loss.contributor is not part)
    return decision._replace(reason=Reason.PART, parts=(part,), losses=losses)


def _loss_to(winner: Contributor, contributor: Contributor) -> Loss:
    if contributor.place != winner.place:
        return Loss(contributor, Reason.FARTHER, winner.plugin)
    is_other_layer = contributor.plugin.assignment != winner.plugin.assignment
    return Loss(contributor, Reason.WEAKER_LAYER if is_other_layer else Reason.EARLIER, winner.plugin)


def _decide_groups(provenance: Provenance, giving: Sequence[Contributor]) -> Decision:
    """Decide for the last plugin of all, even if it gives none."""
    present = _present(provenance.contributors(provenance.ancestors))
    if not present or present[-1] in giving:
        return _last(giving)
    losses = [Loss(contributor, Reason.NOT_INHERITED, present[-1].plugin) for contributor in reversed(_present(giving))]
    return Decision(present[-1], Reason.LAST_DECIDES, (), (*losses, *_absent(giving)))


def _decide_platforms(provenance: Provenance, giving: Sequence[Contributor]) -> Decision:
    """Decide for the last one that leaves fewer platforms; those that did so before it have a part."""
    before: frozenset[str] | None = None
    parts, losses = [], []
    for contributor in _present(giving):
        own = contributor.plugin.platforms or frozenset()
        common = own if before is None else before & own
        if common != before:
            parts.append(contributor)
        else:
            losses.append(Loss(contributor, Reason.CHANGES_NOTHING, parts[-1].plugin))
        before = common
    return _decision_of_parts(parts, losses, giving)


def _decide_folders(provenance: Provenance, giving: Sequence[Contributor]) -> Decision:
    """Decide for the last folder that stays; those that stay before it have a part."""
    folders: tuple[str, ...] = ()
    parts: list[Contributor] = []
    losses = []
    for contributor in _present(giving):
        grown = deepest_folders(folders, contributor.plugin)
        if grown == folders:
            losses.append(Loss(contributor, Reason.CHANGES_NOTHING, parts[-1].plugin))
            continue
        if len(grown) == len(folders):
            losses.append(Loss(parts.pop(), Reason.OUTER_FOLDER, contributor.plugin))
        parts.append(contributor)
        folders = grown
    return _decision_of_parts(parts, losses, giving)


def _decision_of_parts(parts: list[Contributor], losses: list[Loss], giving: Sequence[Contributor]) -> Decision:
    lost = (*reversed(losses), *_absent(giving))
    if not parts:
        return Decision(losses=lost)
    return Decision(parts[-1], Reason.PART if len(parts) > 1 else Reason.ONLY, tuple(parts[:-1]), lost)


def _decide_mapping(provenance: Provenance, giving: Sequence[Contributor]) -> Decision:
    """Decide for the last plugin with a mapping at the nearest place that has one; those it builds on have a part."""
    sources = provenance.mapping_sources
    # The plugins whose mappings would count if the places that they are made of had one.
    unresolved: dict[DataPlugin, Reason] = {}
    for source in sources:
        for needed in (*((source.base,) if source.base and source.writer else ()), *source.references):
            if (reason := _lack(provenance.resolver, needed)) is not None:
                unresolved |= {plugin: reason for plugin in source.plugins if plugin is source.writer or source.references}
    counting = [plugin for source in sources for plugin in source.plugins if plugin not in unresolved]
    has_mapping = provenance.mapping_parts is not None
    winner = next((each for each in _present(giving) if each.plugin is counting[0]), None) if counting and has_mapping else None
    counted = frozenset(counting)
    parts = [contributor for contributor in _present(giving) if contributor.plugin in counted and contributor != winner]
    ids = frozenset(map(id, parts))
    ahead = winner.plugin if winner else sources[0].plugins[0] if sources else None
    losses = [
        _mapping_loss(contributor, sources, unresolved, ahead)
        for contributor in reversed(_present(giving))
        if contributor != winner and (winner is None or id(contributor) not in ids)
    ]
    if winner is None:
        reason = _lack_of_inheritance(provenance)
        losses = losses if reason is None else [Loss(loss.contributor, reason) for loss in losses]
        return Decision(losses=(*losses, *_absent(giving)))
    lost = (*losses, *_absent(giving))
    others = [*(loss.contributor for loss in losses if loss.reason in _OVER), *reversed(parts)]
    reason = _OVER[_loss_to(winner, others[0]).reason] if others else Reason.ONLY
    return Decision(winner, reason, tuple(parts), lost)


def _lack_of_inheritance(provenance: Provenance) -> Reason | None:
    """Return why a place doesn't have the mapping of the place above it; ``None`` if that isn't why it has none."""
    if provenance.resolver.takes_from_above(provenance.place):
        return None
    return Reason.NO_PLUGIN_HERE if provenance.mapping_sources else Reason.ABSENT_MAPPING


def _lack(resolver: Resolver, place: Hierarchy) -> Reason | None:
    """Return why a place has no mapping; ``None`` if it has one."""
    try:
        return None if resolver.has_mapping(place) else Reason.NO_PARENT_MAPPING
    except RelativeCycleError:
        return Reason.CIRCLE
    except WaysError:
        return Reason.NO_PARENT_MAPPING


def _mapping_loss(
    contributor: Contributor, sources: Sequence[MappingSource], unresolved: Mapping[DataPlugin, Reason], winner: DataPlugin | None
) -> Loss:
    if contributor.plugin in unresolved:
        return Loss(contributor, unresolved[contributor.plugin])
    source = next((source for source in sources if source.place == contributor.place), None)
    if source is not None and contributor.plugin is not source.writer and contributor.plugin not in source.appends:
        return _loss_to(Contributor(source.writer or source.plugins[0], contributor.place), contributor)
    return Loss(contributor, Reason.FARTHER, winner)


class FieldRule(NamedTuple):
    """How one field is decided."""

    #: How what plugins give becomes one value, as a sentence.
    sentence: str
    #: What a plugin gives: ``None`` if nothing; of a field with keys, a mapping.
    given: Callable[[DataPlugin], Any]
    #: Makes a decision of the contributors that give something, weakest first.
    decide: Callable[[Provenance, Sequence[Contributor]], Decision] = lambda provenance, giving: _last(giving)
    #: The places that the field is taken from, weakest first.
    places: Callable[[Provenance], tuple[Hierarchy, ...]] = lambda provenance: provenance.ancestors
    #: Whether each of its keys is decided by itself.
    has_keys: bool = False
    #: Whether it takes more to decide than the contributors that give it.
    needs_place: bool = False


#: Field to rule, in the order in which they are explained.
FIELDS: Mapping[str, FieldRule] = {
    "mapping": FieldRule(
        "the last plugin of the closest place that has one; {root} takes in the parent's, append adds to it",
        lambda plugin: plugin.mapping or None,
        _decide_mapping,
        lambda provenance: provenance.mapping_places,
        needs_place=True,
    ),
    "mapping_details": FieldRule(
        "for each token, the last entry wins as a whole; a default alone replaces the default",
        lambda plugin: plugin.mapping_details,
        places=lambda provenance: provenance.detail_places,
        has_keys=True,
    ),
    "data": FieldRule("for each key, the last value wins as a whole", lambda plugin: plugin.data, has_keys=True),
    "platforms": FieldRule("the platforms that all plugins share", lambda plugin: plugin.platforms, _decide_platforms),
    "groups": FieldRule(
        "those of the last plugin, even if it has none",
        lambda plugin: plugin.groups if "groups" in plugin.info else None,
        _decide_groups,
        needs_place=True,
    ),
    "path": FieldRule(
        "the last plugin that sets it", lambda plugin: plugin.path, places=lambda provenance: provenance.path_places
    ),
    "folder": FieldRule("the last plugin that sets it", lambda plugin: plugin.folder),
    "search": FieldRule(
        "the last plugin of this place that sets it", lambda plugin: plugin.search, places=lambda provenance: (provenance.place,)
    ),
    "ambiguous": FieldRule(
        "the last plugin of this place that sets it", lambda plugin: plugin.ambiguous, places=lambda provenance: (provenance.place,)
    ),
    "openassetio": FieldRule(
        "for each key, the last value that a plugin of this place gives",
        lambda plugin: plugin.openassetio,
        places=lambda provenance: (provenance.place,),
        has_keys=True,
    ),
    "max_folder": FieldRule(
        "a folder inside the last one replaces it; any other is added",
        lambda plugin: plugin.max_folder or None,
        _decide_folders,
    ),
}
