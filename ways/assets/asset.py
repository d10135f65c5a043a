"""Asset: a Context with values for its tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from ways.assets.missing import is_written, missing_tokens, needed_tokens, without_waiting
from ways.assets.rules import Change, as_values, change_by_rules, leaves_of, texts_by_rules
from ways.assets.writing import Written, leaf_texts, written_at_once, written_by_rules
from ways.contexts.actions import Find
from ways.contexts.context import Context
from ways.contexts.pool import no_context
from ways.contexts.view import ResolvedContext
from ways.errors import MissingTokensError, WaysError
from ways.limits import check_values
from ways.logs import ASSETS, WARNING, log
from ways.pattern.pattern import Pattern, no_match
from ways.pattern.safety import is_safe_value
from ways.pattern.solve import find_value, from_children, given_value, texts_of, with_defaults
from ways.pattern.template import SEPARATORS, Template
from ways.regex.budget import TimeBudget
from ways.regex.guard import Match
from ways.usercode import function_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Literal

    from ways.contexts.parser import ContextParser


class ViewAttribute:
    """A property that an instance may replace by its own attribute, as classes of users do."""

    def __init__(self, get: Callable[[Any], Any]) -> None:
        self._get = get

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else self._get(instance)


class Asset:
    """One thing, such as a shot or a file: a Context, and a value for each token that it needs.

    :param info: values by token; you can give a parent instead of its children, or the children instead of the parent.
    :param context: the place, as a Context or as its hierarchy.
    :param parse_type: the engine whose expressions ``get_token_parse`` returns.
    :raises MissingTokensError: a required token has no value, and none follows from the others.
    :raises ContextNotFoundError: there is no such place.
    :raises UnknownTokenError: the place is strict, and has no such token (a KeyError).
    :raises TokenValueError: the place is strict, and a value doesn't fit its token or contradicts another (a ValueError).
    """

    #: The match of the text that this Asset was made of, and its pattern: values are taken out when they are first asked
    #: for, and then the text alone stays. Of an Asset of values, that of the text that they are written as. One of the first
    #: texts of a mapping has its values, and no match. Nobody has the values yet, as long as the pattern is there.
    _ways_match: re.Match[str] | str | None = None
    _ways_pattern: Pattern | None = None
    #: The text that it was made of, if any; ``...`` where that is the text of the match.
    _ways_text: Any = ...
    #: The values that were given; and those that were taken out of the match, or that it was written with.
    _ways_info: dict[str, Any] | None = None
    _ways_read: dict[str, Any] | None = None
    #: Whether its place is strict for this Asset, if its maker said so; ``None`` where the place decides.
    _ways_strict: bool | None = None
    #: The values that were forced, by token: they need not fit, as long as they are there.
    _ways_forced: Mapping[str, str] = {}
    context: Context
    parse_type: str = "regex"

    def __init__(self, info: Mapping[str, Any] | Any, context: Context | Any, parse_type: str = "regex") -> None:
        self.context = _context(context)
        self.info = dict(info)
        self.parse_type = parse_type
        now, given = self.context.view, self._ways_info
        # The values of a class that keeps them itself aren't there.
        if given is not None and now.is_strict and (at_once := written_at_once(self.context, now, given)) is not None:
            self._ways_text = None
            _set_written(self, at_once)
            return
        view = self._view
        if view.is_strict:
            self.info = self._by_rules(view)
        elif missing := self.get_missing_required_tokens():
            raise MissingTokensError(missing, str(self.context))

    @property
    def info(self) -> dict[str, Any]:
        """The values that were given, by token."""
        return self._values_of_match() if self._ways_info is None else self._ways_info

    @info.setter
    def info(self, values: dict[str, Any]) -> None:
        # Not in _ways_read: another thread may be about to set that.
        self._ways_info = values
        if self._ways_match is not None or self._ways_text is not ...:
            self._ways_match = self._ways_pattern = None
            self._ways_text = ...

    def _values_of_match(self) -> dict[str, Any]:
        match, pattern = self._ways_match, self._ways_pattern
        if pattern is not None and match is not None and not isinstance(match, str):
            # Of threads that ask at once, all get the dict of the first, and none waits: setdefault is one step. It isn't done
            # on this object's own dict, which makes every look at its attributes take longer from then on.
            taken = self._ways_read
            if taken is None:
                taken = pattern.taken_values.setdefault(match, pattern.values(match))
            # Another thread is done already, if the pattern is gone.
            if self._ways_pattern is not None:
                self._ways_read = taken
                # In this order: get_value needs the match where it finds a pattern.
                self._ways_pattern = None
                self._ways_match = match.string
            pattern.taken_values.pop(match, None)
        elif pattern is not None:
            # Whoever has the values may change them.
            self._ways_pattern = None
        values = self._ways_read if self._ways_info is None else self._ways_info
        if values is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute 'info'")
        return values

    def __getstate__(self) -> object:
        # A match can't be copied, and neither can a pattern.
        if self._ways_pattern is not None:
            self._values_of_match()
        return super().__getstate__()

    @property
    def actions(self) -> AssetFinder:
        """The actions of the Context, as attributes. Each is called with this Asset as its first argument."""
        return AssetFinder(Find(self.context), self)

    #: The mapping, the data and the token details of the Context, those of plugins included that take part ``when`` an Asset has
    #: such values.
    mapping = ViewAttribute(lambda asset: asset._view.get_mapping())
    data = ViewAttribute(lambda asset: asset._data())
    mapping_details = ViewAttribute(lambda asset: asset._view.get_mapping_details())

    def _path(self) -> Path:
        # It takes 4 ms to import, and the first answer does without.
        from pathlib import Path

        return Path(self.get_str())

    def _data(self) -> Any:
        view = self._view
        if not view.variant:
            return self.context.data
        from copy import deepcopy

        return deepcopy(dict(view.resolved.data))

    #: The text as a :class:`pathlib.Path`, with the errors of :meth:`get_str`.
    path = ViewAttribute(lambda asset: asset._path())
    #: What identifies the Asset, for dicts and sets: its place, its layer and its values as they are written.
    key = ViewAttribute(lambda asset: _key_of(asset))

    def __fspath__(self) -> str:
        """Return the text, so that ``open`` and ``pathlib`` take an Asset as they take a path."""
        return self.get_str()

    def get_hierarchy(self) -> tuple[str, ...]:
        """Return the place of the Context, as a tuple of parts."""
        return self.context.hierarchy

    def at(self, place: Any, /, **changes: Any) -> Any:
        """Return the Asset of another place with the same values, made by the class that is registered there.

        Leaves out the values of tokens that the place doesn't have. Each value must fit the place, whatever its
        syntax.

        :param place: a hierarchy or a Context; for a hierarchy, the layer is that of this Asset.
        :param changes: new or changed values, by token. A parent sets its children's
            values; a child changes each parent that contains it.
        :raises ContextNotFoundError: there is no such place (a ValueError).
        :raises MissingTokensError: a token that the place needs has no value (a ValueError).
        :raises UnknownTokenError: a change names a token that the place doesn't have (a KeyError).
        :raises TokenValueError: a value doesn't fit there, or contradicts another (a ValueError).
        """
        return _at(self, place, changes)

    def parent(self) -> Any:
        """Return the Asset of the nearest place above that has a mapping; ``None`` if there is none.

        :raises MissingTokensError: that place needs a value that this Asset doesn't have (a ValueError).
        :raises TokenValueError: a value doesn't fit there (a ValueError).
        """
        from ways.assets.moving import place_above

        above = place_above(self.context)
        return None if above is None else _at(self, above, {})

    def get_value(self, name: str, real: bool = False) -> Any:
        """Return the value of a token: given, read from a parent, or joined from its children; otherwise ``''``.

        :param real: return the value as it is, without calling the functions in ``before_return``.
        :raises RefusedCallError: ``before_return`` names a function that can't be found, or that Ways doesn't call.
        """
        # The match first: see _values_of_match.
        match: Any = self._ways_match
        pattern = self._ways_pattern
        if pattern is not None and self._ways_info is None and pattern.is_live():
            if match is None:
                read = self._ways_read
                if read is not None and name in read:
                    if name not in pattern.special_tokens:
                        return read[name]
                    typed = pattern.typed_values.get(name)
                    if typed is not None and read[name] and (value := typed(read[name])) is not None:
                        return value
                elif read is not None and (value := pattern.value(name, read)) is not None:
                    return value
            elif (reader := pattern.group_readers.get(name)) is not None:
                number, typed, written = reader
                if written is not None:
                    return written(match)
                text = match[number]
                if text is None or typed is None:
                    # In the text of a part that is left out nothing stands for it.
                    return text or ""
                if text and (value := typed(text)) is not None:
                    return value
        pattern = self.context.get_pattern() or self._pattern_of_variant()
        if pattern is not None:
            info = self._ways_read if self._ways_info is None else self._ways_info
            if info is not None and name in info and name not in pattern.special_tokens:
                return info[name]
            value = pattern.value(name, self.info)
            if value is not None:
                return value
        # One view from here to the end: the next could be of another state of the world.
        with TimeBudget(self.context.pool.limits):
            view = self._view
            value = self._value(view, name)
        return value if real or value == "" else self._returned(view, name, value)

    def _pattern_of_variant(self) -> Pattern | None:
        """Return the pattern of the variant that the values select, where they are texts, and what they select is told at once."""
        view = self.context.view
        if not view.conditions:
            return None
        info = self._ways_read if self._ways_info is None else self._ways_info
        if type(info) is not dict or not all(type(value) is str for value in info.values()):
            return None
        writer = view.writer_of(info, self.context.patterns)
        return None if writer is None else writer[0]

    def _value(self, view: ResolvedContext, name: str) -> Any:
        """Return the typed value of a token, or its default, or ``''``."""
        spec = view.template.spec(name)
        if view.template.is_plain or (name in self.info and spec.is_plain):
            return self._found(name, self.info, view)
        text = self._text(name, texts_of(self.info, view.template), view)
        if not text and spec.default is not None and name in view.template.always_tokens:
            text = spec.text(spec.default)
        return spec.value(text) if text else text

    def _found(self, name: str, values: Mapping[str, str], view: ResolvedContext) -> str:
        """Return the value of a token as it is found by others, or ``''``."""
        template, patterns = view.template, self.context.patterns
        value = find_value(name, values, template, patterns)
        if value or name in values or not self._is_strict(view) or not template.spec(name).splits:
            return value
        # As what is written: the tokens that write it may have their values by another one.
        leaves = {leaf: text for leaf in leaves_of(template, name) if (text := find_value(leaf, values, template, patterns))}
        return from_children(name, leaves, template)

    def _text(self, name: str, texts: Mapping[str, str], view: ResolvedContext) -> str:
        """Return the text of a token; ``''`` for one that is put together, and whose part is left out."""
        template = view.template
        text = self._found(name, texts, view)
        if not text or not template.options or name in texts:
            return text
        leaves = {leaf: find_value(leaf, texts, template, self.context.patterns) for leaf in template.leaf_tokens}
        known = {leaf: value for leaf, value in leaves.items() if value or leaf in texts}
        return text if name in _without_left_out({**known, name: text}, template, texts) else ""

    def set_value(self, key: str, value: Any, force: bool = False) -> bool:
        """Set the value of a token, and return whether it was set. For strict places, see :meth:`set_values`.

        Elsewhere, a value that doesn't fit the token is not set, unless you pass *force*. In a file path, a value that
        contains a separator or a control character fits only a token whose expression allows it.

        :param force: set the value even if it doesn't fit the token.
        :raises LimitError: the value is longer than any text may be.
        """
        view = self.context.view
        if view.is_strict if self._ways_strict is None else self._ways_strict:
            self._change(view, {key: value}, force)
            return True
        check_values({key: value}, self.context.pool.limits)
        if not force:
            with TimeBudget(self.context.pool.limits):
                view = self._view
                value = given_value(key, value, view.template)
                is_valid = _parser_of(self.context, view).is_valid(key, value)
                if not is_valid or not self._is_safe(view, key, value):
                    log(ASSETS, WARNING, "%s: %r was not set: it does not fit the token %s", self.context, value, key)
                    return False
        self.info[key] = value
        return True

    def set_values(self, values: Mapping[str, Any] | Iterable[tuple[str, Any]], /, *, force: bool = False) -> None:
        """Set the values of several tokens at once: all of them, or none if there is an error.

        A parent's value sets its children's, and a child's value changes each parent that contains it. ``None``
        and ``""`` remove a value, and with it the optional part that contains the token.

        :param values: a dict, or pairs of token and value.
        :param force: set the values even if they don't fit their tokens.
        :raises UnknownTokenError: the place has no such token (a KeyError).
        :raises TokenValueError: a value doesn't fit its token, or two contradict each other (a ValueError).
        :raises MissingTokensError: a required token would have no value (a ValueError).
        """
        self._change(self.context.view, as_values(values), force)

    def _change(self, view: ResolvedContext, values: Mapping[str, Any], force: bool) -> None:
        info = self._ways_read if self._ways_info is None else self._ways_info
        # The values of a class that keeps them itself aren't there.
        is_here = info is not None or self._ways_match is not None
        if not force and not self._ways_forced and view.is_strict and is_here:
            given = info if type(info) is dict else as_values(self.info)
            at_once = written_at_once(self.context, view, {**given, **values})
            if at_once is not None:
                text = self._ways_text
                self._ways_text = text_of(self) if text is ... else text
                _set_written(self, at_once)
                return
        context = self.context
        forced = self._forced | values.keys() if force else self._forced - values.keys()
        text = text_of(self)
        change = change_by_rules(context, as_values(self.info), values, forced)
        self.info = change.texts
        self._ways_forced, self._ways_text = self._unfit(change, forced) if forced else {}, text

    def _unfit(self, change: Change, forced: frozenset[str]) -> dict[str, str]:
        """Return the forced values of a change, and those that they are part of; none if its text is read as the same values."""
        texts, view = change
        try:
            written_by_rules(self.context, view, texts_by_rules(self.context, view, texts))
        except WaysError:
            return {name: text for name, text in texts.items() if name in forced or not leaves_of(view.template, name).isdisjoint(forced)}
        return {}

    @property
    def _forced(self) -> frozenset[str]:
        """The tokens whose values were forced, and are still the same."""
        if not self._ways_forced:
            return frozenset()
        info = as_values(self.info)
        return frozenset(name for name, text in self._ways_forced.items() if info.get(name) == text)

    def _is_safe(self, view: ResolvedContext, name: str, value: Any) -> bool:
        return not view.resolved.path or is_safe_value(view.template, name, view.template.spec(name).text(value))

    def _is_strict(self, view: ResolvedContext) -> bool:
        return view.is_strict if self._ways_strict is None else self._ways_strict

    def _by_rules(self, view: ResolvedContext, *, needs_all: bool = True) -> dict[str, str]:
        """Return the values as they are written, if they obey the rules of the place."""
        return texts_by_rules(self.context, view, as_values(self.info), forced=self._forced, needs_all=needs_all)

    def get_str(self, required: bool = True, *args: Any, **kwargs: Any) -> str:
        """Return the mapping, filled with the values. Further arguments are passed to ``ContextParser.get_str``.

        In a strict place, the text must read back as the same values, except for forced ones.

        :param required: whether a required token without a value is an error; otherwise the token stays in the text.
        :raises MissingTokensError: a required token has no value.
        :raises TokenValueError: the mapping is a file path, and a value isn't allowed in one; or the place is strict,
            and a value doesn't fit, contradicts another, or would be read back as something else.
        :raises AmbiguousReadingError: the place is strict, and the text could be read in another way.
        """
        if not args and not kwargs:
            pattern = self._ways_pattern
            if pattern is not None and pattern.is_live() and pattern.keeps_text and (pattern.is_strict or not self._ways_strict):
                # Nobody has asked for the values, so they are those of the text.
                match = self._ways_match
                if match is None and type(text := self._ways_text) is str and (pattern.is_safe is None or pattern.is_safe(text)):
                    return text
                # The text that values were written as was looked at before.
                is_safe = pattern.is_safe if self._ways_text is ... else None
                if match is not None and not isinstance(match, str) and (is_safe is None or is_safe(match.string)):
                    return match.string
            text = self._text_at_once()
            if text is not None:
                return text
        with TimeBudget(self.context.pool.limits):
            view = self._view
            if self._is_strict(view):
                return self._text_by_rules(view, required, *args, **kwargs)
            return self._filled(self.info, view, required, *args, **kwargs)

    def _text_at_once(self) -> str | None:
        """Return the text, if its values are surely all that it needs, and as they should be; if not, ``None``."""
        context = self.context
        view = context.view
        info = self._ways_read if self._ways_info is None else self._ways_info
        if view.is_strict:
            at_once = written_at_once(context, view, info or self.info) if self._ways_strict is not False else None
            return None if at_once is None else at_once.match.string
        pattern = None if self._ways_strict else context.get_pattern()
        text = None if pattern is None else pattern.write(info or self.info)
        return text if pattern is not None and text is not None and (pattern.is_safe is None or pattern.is_safe(text)) else None

    def _text_by_rules(self, view: ResolvedContext, required: bool, *args: Any, **kwargs: Any) -> str:
        """Return the mapping with the values of a strict place; more arguments are those of ``ContextParser.get_str``."""
        context, forced = self.context, self._forced
        groups = args[3] if len(args) > 3 else kwargs.pop("groups", None)
        if groups:
            # Values of a single call are held to the rules as changes are.
            args = (*args[:3], None, *args[4:]) if len(args) > 3 else args
            from ways.contexts.parser import as_groups

            texts, view = change_by_rules(context, as_values(self.info), as_groups(groups), forced, needs_all=required)
        else:
            texts = self._by_rules(view, needs_all=required)
        is_whole = not forced and (required or _is_whole(view.template, texts, context))
        if is_whole and not args and not kwargs:
            return written_by_rules(context, view, texts)
        text = self._filled(texts, view, required, *args, **kwargs)
        # Where nothing is left open it is a text as any other.
        return written_by_rules(context, view, texts) if is_whole and text == self._filled(texts, view, required) else text

    def _filled(self, info: Mapping[str, Any], view: ResolvedContext, required: bool, *args: Any, **kwargs: Any) -> str:
        """Return the mapping with values that may break rules."""
        template = view.template
        values = dict(info) if template.is_plain else texts_of(info, template, str(self.context))
        for name in dict.fromkeys((*template.all_tokens, *template.specs)):
            if name not in values and (text := find_value(name, values, template, self.context.patterns)) != "":
                values[name] = text
        if not template.is_plain:
            values = with_defaults(_without_left_out(values, template, info), template)
        empty = [name for name in needed_tokens(template) if values.get(name, "") == "" and name not in info]
        missing = [name for name in empty if not is_written(name, values, template)]
        if required and missing:
            raise MissingTokensError(without_waiting(missing, template), str(self.context))
        parser = _parser_of(self.context, view)
        holdout = kwargs.get("holdout", args[2] if len(args) > 2 else ())
        held_out = {holdout} if isinstance(holdout, str) else set(holdout or ())
        for name, value in values.items():
            # A value that follows from others, rather than given, is left out where one of its tokens is to stay open.
            if name in info or not held_out.intersection({name, *view.template.part(name).all_tokens}):
                parser[name] = value
        return parser.filled(*args, **{**kwargs, "drops": True})

    def get_missing_required_tokens(self) -> list[str]:
        """Return the required tokens that have no value, in the order of their details."""
        return missing_tokens(self.context, self.info)

    def get_unfilled_tokens(self, required_only: bool = False) -> list[str]:
        """Return the tokens with details to which you gave no value directly."""
        return [name for name in self._parser.get_tokens(required_only) if name not in self.info]

    def get_token_parse(self, name: str, parse_type: str = "") -> Any:
        """Return a token's expression, or one joined from its children's, or ``''``."""
        return self._parser.get_token_parse(name, parse_type or self.parse_type)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.info == other.info and self.context.hierarchy == other.context.hierarchy

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(info={self.info!r}, context={self.context}, parse_type={self.parse_type!r})"

    @property
    def _view(self) -> ResolvedContext:
        """What the Context is for an Asset of these values."""
        return self.context.view_of(self.info)

    @property
    def _parser(self) -> ContextParser:
        return _parser_of(self.context, self._view)

    def _returned(self, view: ResolvedContext, name: str, value: Any) -> Any:
        named = view.template.spec(name).before_return
        functions = view.provenance.functions_to_call(name, named) if named else ()
        if functions is None:
            log(ASSETS, WARNING, "%s: before_return of %s is not run: its sheet is not trusted", self.context, name)
            return value
        for function in functions:
            value = function_of(function)(value)
        return value


def asset_of_match(match: re.Match[str], pattern: Pattern, context: Context) -> Asset:
    """Return the Asset of a match of ``pattern.match_complete``: no token that it needs lacks a value."""
    asset = _new(Asset)
    asset.context = context
    asset._ways_match = match
    asset._ways_pattern = pattern
    # Set on each one, although the class has it too: what only the class has takes longer to look up.
    asset._ways_info = None
    return asset


def first_asset_of(text: str, pattern: Pattern, context: Context, refused_by: Match) -> Asset | Literal[False] | None:
    """Return the Asset of one of the first texts of a mapping, which ``match_warm`` refused; ``False`` for a text that doesn't fit.

    ``None`` where the exact reading has to answer.

    :param refused_by: what ``match_warm`` was then. Another thread may have read enough texts since.
    """
    if refused_by is not no_match:
        return False if pattern.can_refuse else None
    values = pattern.first_values(text)
    if values is None:
        match = pattern.match_warm(text)
        if match is None:
            return False if pattern.can_refuse else None
        return asset_of_match(match, pattern, context)
    return False if values is False else _asset_of_first(values, text, pattern, context)


def _asset_of_first(values: dict[str, str], text: str, pattern: Pattern, context: Context) -> Asset:
    asset = _new(Asset)
    asset.context = context
    asset._ways_read = values
    asset._ways_text = text
    # A path of Windows may be written in another form than it was read in.
    asset._ways_pattern = None if pattern.forms is not None else pattern
    asset._ways_info = None
    return asset


def asset_of_several(text: str, patterns: Iterable[tuple[Pattern | Literal[False], Context]]) -> Asset | Literal[False] | None:
    """Return the Asset of a text that one alone of several patterns reads; ``False`` where none does.

    ``None`` where the exact reading has to answer.

    :param patterns: each with its Context; one that serves several variants may be there for each. ``False`` stands for a
        Context whose pattern can't refuse a text.
    """
    if text[-1:] in SEPARATORS:
        # It may fit another one without the separator at its end, too.
        return None
    asset = pattern_of_asset = None
    is_sure = True
    for pattern, context in patterns:
        if pattern is False:
            return None
        if pattern is pattern_of_asset:
            continue
        values = pattern.first_values(text) if pattern.is_cold else None
        if values is None:
            match = pattern.match_complete(text)
            is_sure = is_sure and (match is not None or pattern.can_refuse)
            made = None if match is None else asset_of_match(match, pattern, context)
        else:
            made = None if values is False else _asset_of_first(values, text, pattern, context)
        if made is not None:
            if asset is not None:
                return None
            asset, pattern_of_asset = made, pattern
    return False if asset is None and is_sure else asset


def remember_text(asset: Any, text: str) -> Any:
    """Return *asset*, made to remember the text it was made of; an Asset of a class that isn't ours as it is."""
    if isinstance(asset, Asset):
        asset._ways_text = text
    return asset


def text_of(asset: Asset) -> str | None:
    """Return the text that an Asset was made of; ``None`` where it was made of values."""
    if asset._ways_text is not ...:
        return None if asset._ways_text is None else str(asset._ways_text)
    match = asset._ways_match
    return match if match is None or isinstance(match, str) else match.string


def asset_of_values(values: dict[str, Any], context: Context) -> Asset:
    """Return the Asset of values that are all that its Context needs."""
    asset = _new(Asset)
    asset.context = context
    asset._ways_info = values
    return asset


def asset_of_written(written: Written, context: Context) -> Asset:
    """Return the Asset of values whose text is known."""
    asset = _new(Asset)
    asset.context = context
    asset._ways_text = None
    _set_written(asset, written)
    return asset


def _set_written(asset: Asset, written: Written) -> None:
    """Give an Asset values whose text is known."""
    asset._ways_read = written.values
    asset._ways_match = written.match
    asset._ways_pattern = written.pattern
    # Last, so that another thread finds all values of before or all of these.
    asset._ways_info = None


def _key_of(asset: Asset) -> Any:
    from ways.assets.moving import key_of

    return key_of(asset.context, asset.info)


def _parser_of(context: Context, view: ResolvedContext) -> ContextParser:
    # An Asset of a text needs none.
    from ways.contexts.parser import ContextParser

    return ContextParser.of(context, view)


def _at(asset: Asset, place: Any, changes: Mapping[str, Any]) -> Any:
    """Return the Asset of another place with the same values but for *changes*; see :meth:`Asset.at`."""
    context = asset.context
    target, view = context.pool.require_context(place, context.assignment)
    forced = asset._forced - changes.keys()
    from ways.assets.moving import values_at

    values = values_at(context, asset.info, target, changes, forced=forced)
    make = target.pool.make_asset
    moved = asset_in(view, values, target) if make is None else make(values, target, view)
    if isinstance(moved, Asset):
        if asset._ways_strict is not None:
            moved._ways_strict = asset._ways_strict
        if forced:
            moved._ways_forced = {name: values[name] for name in forced if name in values}
    return moved


def asset_in(view: ResolvedContext, values: dict[str, Any], context: Context) -> Asset:
    """Return the Asset of values, if they are all that its Context needs in *view*.

    :raises MissingTokensError: a required token has no value.
    """
    missing = missing_tokens(context, values, view)
    if missing:
        raise MissingTokensError(missing, str(context))
    return asset_of_values(dict(values), context)


_new = Asset.__new__


class AssetFinder:
    """The actions of an Asset, as attributes. Each is called with the Asset as its first argument."""

    def __init__(self, finder: Find, asset: Asset) -> None:
        self.finder = finder
        self._asset = asset

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.finder.bound(name, self._asset)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(self.finder)})


def _is_whole(template: Template, texts: Mapping[str, str], context: Context) -> bool:
    """Whether each token outside of every optional part has a value."""
    leaves = leaf_texts(texts, template, context.patterns)
    return all(name in leaves for name in template.leaf_tokens if name in template.fixed_tokens)


def _without_left_out(values: dict[str, Any], template: Template, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return *values* without those of tokens that were put together, and stand only in parts that are left out."""
    if not template.options:
        return values
    present = template.options.present(values.keys() & set(template.leaf_tokens))
    owners = {name for leaf in template.leaves if present.issuperset(leaf.options) for name in leaf.owners}
    parents = {name for leaf in template.leaves for name in leaf.owners}
    return {name: value for name, value in values.items() if name in given or name in owners or name not in parents}


def _context(context: Any) -> Context:
    if isinstance(context, Context):
        return context
    if not context:
        raise no_context(context)
    pool = Context.current_pool()
    place: Context | None = pool.get(context)
    return place if place is not None else pool.require_context(context)[0]
