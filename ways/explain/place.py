"""Why a place, or an Asset, is what it is: its fields, tokens and variants, and the variables that played a part."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.assets.asset import Asset
from ways.contexts.context import Context
from ways.contexts.parser import environ_of
from ways.contexts.pool import ContextPool
from ways.contexts.state import LiveRegistry, RegistryView, ViewCache
from ways.contexts.view import ResolvedContext
from ways.errors import UnknownFieldError, WaysError
from ways.explain.record import (
    Claim,
    ConditionExplanation,
    Explanation,
    FieldExplanation,
    Link,
    PlatformDecision,
    PluginReference,
    Reads,
    TokenExplanation,
    TokenRule,
    Variable,
    VariantExplanation,
)
from ways.explain.values import explain_values
from ways.hierarchy import Hierarchy
from ways.lightweight import cached_property
from ways.pattern.scan import Piece, scan
from ways.pattern.solve import find_value, texts_of
from ways.pattern.template import REFERENCE, Template
from ways.pattern.token import TokenSpec
from ways.plugins.merge import folder_text
from ways.plugins.plugin import DataPlugin
from ways.plugins.provenance import FIELDS, Contributor, Decision, Keys, Loss, Provenance, Reason, SharedDecisions, given_value
from ways.plugins.relative import uses_number
from ways.plugins.resolve import Resolver, counting_mappings
from ways.registry import RegistrySnapshot
from ways.settings import ENV_ALLOW_ENV_VAR, PLATFORM_ENV_VAR, PLATFORMS_ENV_VAR, PRIORITY_ENV_VAR, Environ, Settings
from ways.sheets.document import Source

#: Entries of sheets of which it is worked out what a place would be without them, for one explanation.
MOST_REDUCED = 100
#: Fields that the last plugin decides which gives one, wherever its place is among those that the field is taken from.
LAST_DECIDES = frozenset({"mapping_details", "data", "path", "folder", "search", "ambiguous", "openassetio"})
#: Parents followed at most: circles are cut before.
_FAR = 100
#: The plugins of each entry of a sheet.
ENTRIES: ViewCache[object, set[DataPlugin]] = ViewCache()
#: The parents of each relative plugin: all places below it show the same ones.
LINKS: ViewCache[tuple[Resolver, DataPlugin], tuple[Link, ...]] = ViewCache()
#: The plugins that take no part, by layer, variant and what is left out: nearly all places share one.
BYSTANDERS: ViewCache[tuple[object, ...], Bystanders] = ViewCache()


def explain(
    pool: ContextPool, thing: Any, field: str | None = None, assignment: str = "", *, with_runner_up: bool = True
) -> Explanation:
    """Return why *thing* is what it is. See :meth:`Session.explain`."""
    asset = thing if isinstance(thing, Asset) else None
    context = asset.context if asset else thing if isinstance(thing, Context) else pool.get(thing, assignment)
    if context is None:
        context = pool.require_context(thing, assignment)[0]
    values = None if asset is None else asset.info
    view = context.view if asset is None else context.view_of(asset.info)
    explainer = FieldExplainer(context, view, values, with_runner_up=with_runner_up)
    fields = explainer.explanations(field or "")
    tokens = tuple(TokenExplainer(view).explanations()) if _has_template(view) else ()
    claims = [claim for explanation in fields for claim in explanation.claims]
    state = view.state
    names = (token.name for token in tokens)
    is_about_mapping = not field or field == "mapping"
    return Explanation(
        hierarchy=view.hierarchy.text,
        assignment=context.assignment,
        real=view.real_hierarchy.text,
        platform=state.settings.platform,
        layers=state.assignments(context.assignment),
        fields=fields,
        tokens=tokens if is_about_mapping else (),
        variants=tuple(_variants(context, view, values)) if is_about_mapping else (),
        environment=(
            *_variables(claims, state.settings, pool.settings.overrides, context.assignment),
            *_filling_variables(names, view, pool.settings.overrides),
        ),
        values=() if asset is None or field else tuple(explain_values(asset, view)),
    )


def _has_template(view: ResolvedContext) -> bool:
    try:
        return view.template.all_tokens is not None
    except WaysError:
        return False


def _variants(context: Context, view: ResolvedContext, values: Mapping[str, Any] | None) -> Iterator[VariantExplanation]:
    """Yield each variant of a place that has any."""
    variants = context.view.variants if _has_template(context.view) else ()
    for variant in variants if len(variants) > 1 else ():
        plugins = sorted(variant.variant, key=view.state.snapshot.conditional.index)
        explainer = FieldExplainer(context, variant, values)
        yield VariantExplanation(
            mapping=variant.mapping if isinstance(variant.mapping, str) else None,
            plugins=tuple(PluginReference.of(plugin, "when") for plugin in plugins),
            when=tuple(condition for plugin in plugins for condition in explainer.conditions(plugin)),
            is_selected=variant.variant == view.variant,
        )


def _variables(
    claims: Sequence[Claim], settings: Settings, overrides: Mapping[str, str], layer: str
) -> Iterator[Variable]:
    """Yield each variable that decided about *claims*.

    :param layer: the only layer that is looked at; ``""`` for all those that have priority.
    """
    environ = Environ(overrides)
    is_unknown = any(claim.reason is Reason.UNKNOWN_PLATFORM for claim in claims)
    if is_unknown or any(claim.platform.named is not None for claim in claims):
        yield Variable.of(PLATFORM_ENV_VAR, overrides, f"the platform is {settings.platform}")
    if is_unknown or any(claim.platform.named is None for claim in claims if claim.reason.is_good):
        if is_unknown or PLATFORMS_ENV_VAR in environ:
            yield Variable.of(PLATFORMS_ENV_VAR, overrides, f"the platforms are {', '.join(sorted(settings.platforms))}")
    if not layer and (PRIORITY_ENV_VAR in environ or len({claim.assignment for claim in claims}) > 1):
        yield Variable.of(PRIORITY_ENV_VAR, overrides, f"the layers, strongest last: {', '.join(settings.priority)}")


def _filling_variables(tokens: Iterable[str], view: ResolvedContext, overrides: Mapping[str, str]) -> Iterator[Variable]:
    """Yield the variables that the engine ``env`` would fill tokens with; of those that it may not read, the names alone."""
    names = [name for name in dict.fromkeys(tokens) if name in Environ()]
    readable = environ_of(view, overrides) if names else {}
    for name in names:
        if name in readable:
            yield Variable.of(name, {}, f"fills the token {name} where the engine env is asked")
        else:
            meaning = f"not read: a sheet that is not trusted names it, and {ENV_ALLOW_ENV_VAR} doesn't"
            yield Variable(name=name, value=None, origin="environment", meaning=meaning)


class FieldExplainer:
    """Explains the fields of one Context in one of its variants.

    :param values: of an Asset, if one is explained.
    """

    def __init__(
        self, context: Context, view: ResolvedContext, values: Mapping[str, Any] | None = None, *, with_runner_up: bool = True
    ) -> None:
        self.context = context
        self.view = view
        self.values = values
        bystanders = bystanders_of(context.pool, view)
        self.provenance = Provenance(view.resolver, view.real_hierarchy, view.hierarchy, bystanders.at, bystanders.shared)
        self._has_runner_up = with_runner_up
        self._reduced: dict[object, dict[Keys, Decision]] = {}
        #: Place -> the plugins there whose mappings count.
        self._counting: dict[Hierarchy, frozenset[DataPlugin]] = {}
        self._links_of = LINKS.of(context.pool, view.state)
        #: Where a plugin writes some keys, and the references to it by them.
        self._sources: dict[tuple[DataPlugin, Keys], Source] = {}
        self._references: dict[tuple[DataPlugin, Keys], PluginReference] = {}

    def explanations(self, field: str = "") -> tuple[FieldExplanation, ...]:
        """Return each field and key, or those of one field, or one key: ``data``, ``data.fps``.

        :raises UnknownFieldError: there is none of that name.
        """
        decisions = self.decisions()
        names = {name_of(keys): keys for keys in decisions}
        chosen = [keys for name, keys in names.items() if not field or name == field or name.startswith(f"{field}.")]
        if field and not chosen and field not in FIELDS:
            raise UnknownFieldError(field, list(dict.fromkeys((*FIELDS, *names))), Hierarchy.of(self.context.hierarchy).text)
        self.look_up({keys: decisions[keys] for keys in chosen})
        return tuple(self._explanation(keys, decisions[keys]) for keys in chosen)

    def look_up(self, decisions: Mapping[Keys, Decision], plugins: Container[DataPlugin] | None = None) -> None:
        """Find where plugins write what is decided about, one plugin after the other.

        A sheet finds all positions of a plugin at once, and keeps those of few: in the order of the fields, each would be found
        again for each field.

        :param plugins: those whose claims will be asked for; all, if absent.
        """
        asked: dict[DataPlugin, dict[Keys, None]] = {}
        for keys, decision in decisions.items():
            givers = [part.plugin for part in (decision.winner, *decision.parts) if part is not None]
            givers += [plugin for loss in decision.losses for plugin in (loss.contributor.plugin, loss.winner) if plugin is not None]
            for plugin in givers:
                if plugins is None or plugin in plugins:
                    asked.setdefault(plugin, {})[keys] = None
        self._sources |= {(plugin, keys): plugin.source_of(*keys) for plugin, some in asked.items() for keys in some}

    def _source(self, plugin: DataPlugin, keys: Keys) -> Source:
        return self._sources.get((plugin, keys)) or plugin.source_of(*keys)

    def _reference(self, plugin: DataPlugin, keys: Keys) -> PluginReference:
        # What many lost to is named by each of them.
        found = self._references.get((plugin, keys))
        if found is None:
            found = self._references[plugin, keys] = PluginReference.of(plugin, *keys, source=self._source(plugin, keys))
        return found

    def decisions(self) -> dict[Keys, Decision]:
        """Return the decision for each field and key of the place."""
        decisions = self.provenance.decisions()
        # Data may be set on the Context itself; its variants have what the sheets give alone.
        by_hand = () if self.view.variant else self._data
        return decisions | {("data", key): Decision() for key in by_hand if ("data", key) not in decisions}

    def claims(self, keys: Keys, decision: Decision, plugins: Container[DataPlugin]) -> Iterator[Claim]:
        """Yield what some plugins give for a field: the winner, the parts, the losers."""
        if decision.winner is not None and decision.winner.plugin in plugins:
            yield self._claim(keys, decision.winner, decision.reason)
        yield from (self._claim(keys, part, Reason.PART) for part in decision.parts if part.plugin in plugins)
        yield from (self._losing_claim(keys, loss) for loss in decision.losses if loss.contributor.plugin in plugins)

    def conditions(self, plugin: DataPlugin) -> Iterator[ConditionExplanation]:
        """Yield each token of a plugin's ``when``, and whether it has one of the values."""
        if not plugin.when:
            return
        template = self.view.template
        texts = None if self.values is None else texts_of(self.values, template, write=TokenSpec.given_text)
        known = {condition.plugin: condition.wants for condition in (*self.view.conditions, *self.view.left_out)}
        for token, named in plugin.when.items():
            wants = known.get(plugin, {}).get(token) or frozenset(map(str, named))
            value = None if texts is None else find_value(token, texts, template, self.context.patterns)
            holds = plugin in self.view.variant if value is None else value in wants
            source = plugin.source_of("when", token)
            yield ConditionExplanation(token=token, wants=tuple(sorted(wants)), found=value, holds=holds, source=source)

    def _explanation(self, keys: Keys, decision: Decision) -> FieldExplanation:
        value, error = self.value(keys)
        winner = decision.winner
        data, loaded = self.context.data, self.view.resolved.data
        is_changed = keys[0] == "data" and not self.view.variant and (
            (keys[1] not in loaded and keys[1] in data) or data.get(keys[1]) != loaded.get(keys[1])
        )
        second = None if winner is None or not self._has_runner_up else self.runner_up(keys, decision)
        return FieldExplanation(
            name=name_of(keys),
            value=value,
            rule=FIELDS[keys[0]].sentence,
            winner=None if winner is None else self._claim(keys, winner, decision.reason),
            parts=tuple(self._claim(keys, part, Reason.PART) for part in decision.parts),
            losers=tuple(self._losing_claim(keys, loss) for loss in decision.losses),
            runner_up=None if second is None else self._reference(second, keys),
            is_changed=is_changed,
            error=error,
        )

    def _losing_claim(self, keys: Keys, loss: Loss) -> Claim:
        return self._claim(keys, loss.contributor, loss.reason, loss.winner)

    def _claim(self, keys: Keys, contributor: Contributor, reason: Reason, winner: DataPlugin | None = None) -> Claim:
        plugin = contributor.plugin
        settings = self.view.state.settings
        platform = PlatformDecision(
            current=settings.platform,
            named=None if plugin.platforms is None else tuple(sorted(plugin.platforms)),
            takes_part=settings.knows_platform and plugin.takes_part(settings.platform),
            source=plugin.source_of("platforms") if "platforms" in plugin.info else None,
        )
        return Claim(
            plugin=str(plugin.name),
            hierarchy=plugin.hierarchy.text,
            assignment=plugin.assignment,
            source=self._source(plugin, keys),
            value=claimed_value(plugin, keys),
            reason=reason,
            why=reason.sentence,
            lost_to=None if winner is None else self._reference(winner, keys),
            platform=platform,
            uses=self._links(plugin),
            when=tuple(self.conditions(plugin)),
            record=plugin,
        )

    def value(self, keys: Keys) -> tuple[Any, str | None]:
        """Return what the place answers, and why it doesn't."""
        view, resolved = self.view, self.view.resolved
        if keys[0] == "mapping":
            return (view.mapping, None) if isinstance(view.mapping, str) else (None, str(view.mapping))
        if keys[0] == "data":
            return self._data.get(keys[1]), None
        if keys[0] == "mapping_details":
            return resolved.mapping_details.get(keys[1]), None
        if keys[0] == "platforms":
            return view.platforms, None
        if keys[0] == "max_folder":
            return folder_text(resolved.max_folder, view.state.settings.platform.lower()), None
        if keys[0] == "openassetio":
            return resolved.openassetio.get(keys[1]), None
        if keys[0] == "search":
            return view.is_searched, None
        if keys[0] == "ambiguous":
            return view.ambiguous, None
        value = getattr(resolved, keys[0])
        return (False if value is None else value), None

    @cached_property
    def _data(self) -> Mapping[Any, Any]:
        data: Mapping[Any, Any] = self.view.resolved.data if self.view.variant else self.context.data
        return data

    def _links(self, plugin: DataPlugin) -> tuple[Link, ...]:
        """Return the parents of a relative plugin: its own, that of the plugin there, and so on."""
        # A plugin has a claim for each field that it gives.
        key = (self.view.resolver, plugin)
        if key not in self._links_of:
            self._links_of[key] = tuple(_links(plugin, self.view.resolver))
        return self._links_of[key]

    def runner_up(self, keys: Keys, decided: Decision) -> DataPlugin | None:
        """Return the plugin that would win without the entry of the winner.

        ``None`` too where that has to be worked out anew for more entries than :data:`MOST_REDUCED`.
        """
        if decided.winner is None:
            return None
        entry = entry_of(decided.winner.plugin)
        is_last = keys[0] in LAST_DECIDES and not decided.parts
        if entry not in self._reduced and is_last and self._leaves_places(entry):
            present = (loss.contributor.plugin for loss in decided.losses if loss.contributor.absence is None)
            return next((plugin for plugin in present if entry_of(plugin) != entry), None)
        if entry not in self._reduced:
            if len(self._reduced) >= MOST_REDUCED:
                return None
            self._reduced[entry] = self._decisions_without(entry)
        decision = self._reduced[entry].get(keys)
        second = decision.winner if decision else None
        return None if second is None else second.plugin

    def _leaves_places(self, entry: object) -> bool:
        """Whether the places that a field is taken from, and the variant, are the same without an entry: its mappings don't count."""
        if self.view.state.snapshot.conditional:
            return False
        for plugin in self._entries[entry]:
            if plugin.mapping:
                place = plugin.hierarchy
                if place not in self._counting:
                    self._counting[place] = frozenset(counting_mappings(self.view.resolver.plugins_at(place)))
                if plugin in self._counting[place]:
                    return False
        return True

    @property
    def _entries(self) -> dict[object, set[DataPlugin]]:
        """The plugins of each entry of a sheet."""
        state = self.view.state
        entries = ENTRIES.of(self.context.pool, state)
        if not entries:
            for plugin in state.snapshot.plugins:
                entries.setdefault(entry_of(plugin), set()).add(plugin)
        return entries

    def _decisions_without(self, entry: object) -> dict[Keys, Decision]:
        """Return what would be decided without one entry of a sheet."""
        old = self.view.state
        state = RegistryView(_snapshot_without(old.snapshot, self._entries[entry]), old.settings, limits=old.limits)
        variant = frozenset(plugin for plugin in self.view.variant if entry_of(plugin) != entry)
        layer = self.view.assignment
        try:
            if self.values is not None:
                base = ResolvedContext(state, self.view.hierarchy, state.resolver(layer), layer)
                view = base.variant_of(self.values, self.context.patterns)
            else:
                view = ResolvedContext(state, self.view.hierarchy, state.resolver(layer, variant), layer, variant)
            return view.provenance.decisions()
        except WaysError:
            return {}


class Bystanders:
    """The plugins that take no part for one order of layers and one variant, with the reason why.

    :param left_out: the plugins that would make too many variants.
    """

    def __init__(self, state: RegistryView, assignment: str, variant: frozenset[DataPlugin], left_out: frozenset[DataPlugin]) -> None:
        self._state = state
        self._variant = variant
        self._left_out = left_out
        self._layers = state.assignments(assignment)
        others = sorted(state.snapshot.assignments.difference(self._layers))
        self._plugins_at = state.snapshot.plugins_at((*self._layers, *others))
        self._known: dict[Hierarchy, tuple[tuple[DataPlugin, Reason], ...]] = {}
        #: What places that have these bystanders share.
        self.shared = SharedDecisions()

    def at(self, place: Hierarchy) -> tuple[tuple[DataPlugin, Reason], ...]:
        """Return the plugins at a place that take no part, and those that an alias of its name hides."""
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = tuple(self._at(place))
        return known

    def _at(self, place: Hierarchy) -> Iterator[tuple[DataPlugin, Reason]]:
        for plugin in self._plugins_at(place):
            reason = self._reason(plugin)
            if reason is not None:
                yield plugin, reason
        if place in self._state.snapshot.aliases:
            for plugins in self._state.snapshot.places.get(place, {}).values():
                yield from ((plugin, Reason.HIDDEN_BY_ALIAS) for plugin in plugins)

    def _reason(self, plugin: DataPlugin) -> Reason | None:
        settings = self._state.settings
        if plugin.assignment not in self._layers:
            return Reason.OTHER_LAYER
        if not settings.knows_platform:
            return Reason.UNKNOWN_PLATFORM
        if not plugin.takes_part(settings.platform):
            return Reason.OTHER_PLATFORM
        if plugin.when and plugin not in self._variant:
            return Reason.TOO_MANY_VARIANTS if plugin in self._left_out else Reason.CONDITION_NOT_MET
        return None


def bystanders_of(live: LiveRegistry, view: ResolvedContext) -> Bystanders:
    """Return the plugins that take no part in a ResolvedContext."""
    key = view.assignment, view.variant, frozenset(condition.plugin for condition in view.left_out)
    known = BYSTANDERS.of(live, view.state)
    if key not in known:
        # Which layers there are is asked here once, and not for each place.
        known[key] = Bystanders(view.state, *key)
    return known[key]


def entry_of(plugin: DataPlugin) -> object:
    """Return what identifies the entry of a sheet that a plugin was made of; several plugins may be of one."""
    if plugin.source.line:
        return plugin.source
    return id(plugin.original if plugin.record is None else plugin.record)


def name_of(keys: Keys) -> str:
    """Return what a field, or a key of one, is called in an explanation: ``data.fps``."""
    return ".".join(map(str, keys))


def claimed_value(plugin: DataPlugin, keys: Keys) -> Any:
    """Return what a plugin gives for a field as an explanation shows it; ``None`` for nothing."""
    value = given_value(plugin, keys)
    return sorted(value) if isinstance(value, frozenset) else value


def _links(plugin: DataPlugin, resolver: Resolver) -> Iterator[Link]:
    seen: set[DataPlugin] = set()
    following: DataPlugin | None = plugin
    while following is not None and following.parent is not None and following not in seen and len(seen) < _FAR:
        seen.add(following)
        parent = following.parent
        source = resolver.mapping_source(parent)
        writer = None if source is None else source.writer or source.plugins[0]
        number = uses_number(following) or 0
        reference = None if writer is None else PluginReference.of(writer, "mapping")
        yield Link(hierarchy=parent.text, source=following.source_of("uses", number), giver=reference)
        following = writer


def _snapshot_without(snapshot: RegistrySnapshot, plugins: set[DataPlugin]) -> RegistrySnapshot:
    """Return *snapshot* without some plugins."""
    places = dict(snapshot.places)
    for place in {plugin.hierarchy for plugin in plugins}:
        layers = {name: tuple(plugin for plugin in some if plugin not in plugins) for name, some in places[place].items()}
        places[place] = {name: some for name, some in layers.items() if some}
    others = tuple(plugin for plugin in snapshot.plugins if plugin not in plugins)
    conditional = tuple(plugin for plugin in snapshot.conditional if plugin not in plugins)
    return snapshot._replace(places=places, plugins=others, conditional=conditional)


class TokenStep(NamedTuple):
    """A token of a mapping, or of the mapping of another token."""

    name: str
    #: The token that it stands in; ``""`` for none.
    parent: str
    piece: Piece
    spec: TokenSpec
    #: The key whose value it is written in.
    keys: Keys


def token_steps(template: Template) -> Iterator[TokenStep]:
    """Yield each token of a mapping, and after it, the first time that it comes, those that it is written by, and so on."""
    seen: set[str] = set()
    pieces = _tokens_in(template.mapping, template.syntax, template)
    waiting: list[tuple[Piece, str, Keys]] = [(piece, "", ("mapping",)) for piece in reversed(pieces)]
    while waiting:
        piece, parent, keys = waiting.pop()
        name = piece.text
        referred = name[len(REFERENCE) :] if name.startswith(REFERENCE) and name not in template.specs else ""
        spec = template.spec(referred or name)
        yield TokenStep(name, parent, piece, spec, keys)
        if spec.splits and spec.name not in seen:
            seen.add(spec.name)
            below = ("mapping_details", spec.name, "mapping")
            waiting += ((child, name, below) for child in reversed(_tokens_in(spec.mapping, spec.syntax, template)))


def _tokens_in(mapping: str, syntax: int, template: Template) -> list[Piece]:
    return [piece for piece in scan(mapping, syntax, template.specs) if piece.is_token]


def token_rules(step: TokenStep, separators: str) -> Iterator[tuple[Reads, str, Keys]]:
    """Yield what decides which texts a token may hold, as a text, and the keys of its details that say so; none of the mapping."""
    spec = step.spec
    if spec.mapping and spec.splits:
        yield Reads.MAPPING, spec.mapping, ("mapping",)
    if spec.own_expression is not None:
        yield Reads.EXPRESSION, spec.own_expression, ("parse", "regex")
    if spec.choices:
        yield Reads.CHOICES, ", ".join(spec.shown_choices()), ("choices",)
    if spec.separator:
        yield Reads.SEGMENTS, f"names with {spec.separator} between them", ("segments",)
    if spec.is_sequence:
        yield Reads.SEQUENCE, spec.format, ("sequence",)
    elif spec.format:
        yield Reads.FORMAT, spec.format, () if step.piece.format else ("format",)
    if not (spec.splits or spec.is_constrained):
        yield Reads.ANYTHING, f"anything but {' and '.join(separators)}" if separators else "anything", ()


def is_required(step: TokenStep, template: Template) -> bool:
    """Whether a token must have a value, for its details say so and it stands outside of optional parts."""
    name = step.spec.name
    return name in template.specs and step.spec.required and name in template.always_tokens


def default_of(spec: TokenSpec) -> str | None:
    """Return the default of a token as a text; ``None`` if it has none."""
    return None if spec.default is None else spec.text(spec.default)


class TokenExplainer:
    """Explains the tokens of one ResolvedContext: who wrote each, and what says which texts it may hold."""

    def __init__(self, view: ResolvedContext) -> None:
        self.provenance = view.provenance
        self.template = view.template

    def explanations(self) -> Iterator[TokenExplanation]:
        """Yield each token of the mapping, then those that it is written by, and so on."""
        if self.provenance.mapping_parts is None:
            return
        for step in token_steps(self.template):
            piece, keys = step.piece, step.keys
            plugin = self.provenance.plugin_at(piece.start) if len(keys) == 1 else self.provenance.plugin_of(keys)
            writer = None if plugin is None else PluginReference.of(plugin, *keys)
            yield TokenExplanation(
                name=step.name,
                parent=step.parent,
                start=piece.start,
                end=piece.start + len(str(piece)) if piece.is_token else piece.start,
                writer=writer,
                rules=tuple(self._rules(step, writer)),
                is_required=is_required(step, self.template),
                default=default_of(step.spec),
            )

    def _rules(self, step: TokenStep, writer: PluginReference | None) -> Iterator[TokenRule]:
        for kind, text, keys in token_rules(step, self.template.separators):
            in_mapping = writer.source if writer and kind is Reads.FORMAT else None
            source = self.provenance.source_of(("mapping_details", step.spec.name, *keys)) if keys else in_mapping
            yield TokenRule(kind=kind, text=text, source=source)
