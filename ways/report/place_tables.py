"""The places as the page shows them: for each field which plugins give it, where, and why their values count or not."""

from __future__ import annotations

import json
from typing import Any

from ways import api
from ways.explain.place import FieldExplainer, claimed_value, default_of, is_required, name_of, token_rules, token_steps
from ways.plugins.provenance import FIELDS, Reason


class PlaceTables:
    """Makes the records of places. Plugins, paths and reasons stand in tables, and in the records by their numbers.

    :param skeletons: what gives the skeletons of mappings.

    """

    def __init__(self, skeletons: Any) -> None:
        self._skeletons = skeletons
        #: What the mapping of a place shares with others, by the view of the place.
        self._skeletons_of: dict[Any, Any] = {}
        #: The records of the tokens of all mappings of one skeleton.
        self._shared_tokens: dict[Any, list[list[Any]]] = {}
        self.paths: dict[str, int] = {}
        self.reasons: dict[str, tuple[int, str]] = {}
        self.plugins: list[list[Any]] = []
        self._numbers: dict[Any, int] = {}
        #: What a plugin gives, as the page has it: places below it share it, and so do other platforms and layers.
        self._claims: dict[tuple[Any, ...], list[Any]] = {}
        #: Fields and tokens by what is in them: places and worlds share what is equal.
        self._rows: dict[tuple[Any, ...], list[Any]] = {}
        #: Fields by their name, the id of their decision and their value, with the decision: places share what is decided alike.
        self._decided: dict[tuple[Any, ...], tuple[Any, list[Any]]] = {}
        #: By the id of a value the value itself, which lives as long as its text.
        self._shown: dict[int, tuple[Any, str | None]] = {}

    def place(self, session: api.Session, hierarchy: tuple[str, ...], *, with_runner_up: bool) -> dict[str, Any]:
        """Return the record of one place, as a session sees it."""
        name = api.join_hierarchy(hierarchy)
        try:
            view = session.need_context(hierarchy).view
            explainer = FieldExplainer(session.need_context(hierarchy), view)
            decided = [(keys, decision, *explainer.value(keys)) for keys, decision in explainer.decisions().items()]
            tokens = self._tokens(view)
        except (api.WaysError, ValueError) as error:
            return {"name": name, "error": str(error), "fields": [], "tokens": []}
        mapping, fault = next((value, error) for keys, _, value, error in decided if keys == ("mapping",))
        return {
            "name": name,
            "mapping": mapping,
            "error": fault,
            "path": bool(view.resolved.path),
            "fields": [
                self._field(keys, decision, value, error, explainer if with_runner_up else None)
                for keys, decision, value, error in decided
                if decision.winner or decision.parts or decision.losses or error
            ],
            "tokens": tokens,
        }

    def skeleton_of(self, view: Any) -> Any:
        """Return what the mapping of a place without conditions shares with others; ``None`` for nothing."""
        if view not in self._skeletons_of:
            self._skeletons_of[view] = _skeleton(view, self._skeletons)
        return self._skeletons_of[view]

    def _tokens(self, view: Any) -> list[list[Any]]:
        skeleton = self.skeleton_of(view)
        if skeleton is None:
            return [self._token(*token) for token in _tokens(view)]
        if skeleton not in self._shared_tokens:
            self._shared_tokens[skeleton] = [self._token(*token) for token in _tokens_of(skeleton.template)]
        return self._shared_tokens[skeleton]

    def _field(self, keys: Any, decision: Any, value: Any, error: str | None, explainer: FieldExplainer | None) -> list[Any]:
        text = self._text(value)
        if explainer is not None:
            return self._made_field(keys, decision, text, error, explainer)
        key = (keys, id(decision), text, error)
        known = self._decided.get(key)
        if known is None:
            known = self._decided[key] = decision, self._made_field(keys, decision, text, error, None)
        return known[1]

    def _made_field(
        self, keys: Any, decision: Any, text: str | None, error: str | None, explainer: FieldExplainer | None
    ) -> list[Any]:
        winner = decision.winner
        second = None if explainer is None or winner is None else explainer.runner_up(keys, decision)
        runner_up = None if second is None else self._plugin(second)
        table = [] if winner is None else [self._claim("winner", winner.plugin, keys, decision.reason)]
        table += (self._claim("part", part.plugin, keys, Reason.PART) for part in decision.parts)
        table += (self._claim("loser", loss.contributor.plugin, keys, loss.reason, loss.winner) for loss in decision.losses)
        # Claims live as long as these tables, so that each has an id of its own.
        key = (keys, text, error, tuple(map(id, table)), runner_up)
        if key not in self._rows:
            self._rows[key] = [name_of(keys), text, FIELDS[keys[0]].sentence, error, table, runner_up]
        return self._rows[key]

    def _token(self, name: str, parent: str, rules: tuple[tuple[str, str], ...], required: bool, default: str | None) -> list[Any]:
        key = (name, parent, rules, required, default)
        if key not in self._rows:
            self._rows[key] = [name, parent, [list(rule) for rule in rules], required, default]
        return self._rows[key]

    def _claim(self, state: str, plugin: Any, keys: Any, reason: Any, winner: Any = None) -> list[Any]:
        key = (state, plugin, keys, reason.value, winner)
        known = self._claims.get(key)
        if known is None:
            lost_to = None if winner is None else self._plugin(winner)
            source = plugin.source_of(*keys)
            place = [self._path(source.path), source.line, source.column]
            number = self.reasons.setdefault(reason.value, (len(self.reasons), reason.sentence))[0]
            text = self._text(claimed_value(plugin, keys))
            known = self._claims[key] = [state, self._plugin(plugin), *place, text, number, lost_to]
        return known

    def _text(self, value: Any) -> str | None:
        if value is None or isinstance(value, str):
            return value
        known = self._shown.get(id(value))
        if known is None:
            known = self._shown[id(value)] = value, shown(value)
        return known[1]

    def _path(self, path: str) -> int:
        return self.paths.setdefault(path, len(self.paths))

    def _plugin(self, plugin: Any) -> int:
        """Return the number of a plugin in the table."""
        number = self._numbers.get(plugin)
        if number is None:
            number = self._numbers[plugin] = len(self.plugins)
            source = plugin.source
            place = [self._path(source.path), source.line, source.column]
            self.plugins.append([str(plugin.name), plugin.hierarchy.text, plugin.assignment, *place])
        return number


def _skeleton(view: Any, skeletons: Any) -> Any:
    try:
        if view.conditions or not view.mapping:
            return None
        details, syntaxes = view.token_details
        return skeletons.skeleton(view.get_mapping(), details, view.syntax, syntaxes)
    except api.WaysError:
        return None


#: A token, what it stands in, its rules, whether it is required, and its default.
Token = tuple[str, str, tuple[tuple[str, str], ...], bool, "str | None"]


def _tokens(view: Any) -> list[Token]:
    """Return the tokens of a place; none where its mapping can't be read.

    :raises WaysError: a variant of the place can't be read.
    """
    template = _template(view)
    if template is None:
        return []
    tokens = [] if view.provenance.mapping_parts is None else _tokens_of(template)
    for variant in view.variants:
        variant.template.pieces
    return tokens


def _tokens_of(template: Any) -> list[Token]:
    separators = template.separators
    return [
        (
            step.name,
            step.parent,
            tuple((kind.value, text) for kind, text, _ in token_rules(step, separators)),
            is_required(step, template),
            default_of(step.spec),
        )
        for step in token_steps(template)
    ]


def _template(view: Any) -> Any:
    try:
        return view.template if view.template.all_tokens is not None else None
    except api.WaysError:
        return None


def shown(value: Any) -> str | None:
    """Return a value as a readable text; ``None`` for ``None``."""
    if value is None or isinstance(value, str):
        return value
    try:
        return json.dumps(value, default=_plain, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(value)


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else str(value)
