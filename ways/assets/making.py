"""Making: the Asset of a text or of values; :mod:`ways.assets.many` makes many at once.

:class:`ways.session.Session` documents each function.

Each function gets what it needs of the session: ``classes`` make the Assets, and ``finder`` gives what finds the Contexts of
one layer, or of all (``""``), at this moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ways.assets.asset import Asset, asset_of_values, asset_of_written, remember_text
from ways.assets.classes import AssetClasses
from ways.assets.disk import FoundPath, Report, find_on_disk
from ways.assets.elsewhere import elsewhere_in_words
from ways.assets.finding import Finder
from ways.assets.missing import missing_tokens
from ways.assets.moving import kept_values, lacking_tokens, values_at
from ways.assets.publishing import is_asset, next_value, no_asset
from ways.assets.reading import (
    STRICT_TIERS,
    TIERS,
    Candidate,
    PathText,
    as_text,
    read_at_once,
    read_text,
)
from ways.assets.rules import as_values, broken_rules, texts_by_rules
from ways.assets.writing import Written, written_at_once
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.contexts.view import ResolvedContext
from ways.limits import check_length, check_values
from ways.errors import (
    AmbiguousReadingError,
    ContextNotFoundError,
    FormatError,
    HierarchyError,
    MissingTokensError,
    ParseError,
    TokenValueError,
    UnknownTokenError,
    WaysError,
)
from ways.hierarchy import Hierarchy
from ways.logs import ASSETS, INFO, WARNING, log
from ways.pattern.pattern import Pattern
from ways.pattern.solve import given_values
from ways.regex.budget import Question
from ways.usercode import Failed, call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from ways.assets.disk import WalkParts
else:
    from ways.lightweight import NamedTuple

FinderOf = Callable[[str], Finder]


# --- one Asset


class AssetParts(NamedTuple):
    """What an Asset is made of; all of one state of the world."""

    values: dict[str, Any]
    place: Context
    view: ResolvedContext
    is_strict: bool
    #: Whether the values were found to obey the rules of a strict place.
    obey_rules: bool = False
    #: The text of the values, where that is known already.
    written: Written | None = None


def get_asset(classes: AssetClasses, finder: FinderOf, info: Any, context: Any, strict: bool | None, args: Any, kwargs: Any) -> Any:
    """Return the Asset that *info* describes, made with more arguments of its class; see :meth:`Session.get_asset`."""
    context = classes.pool.context_or_find(context, strict)
    of = _parts_of_text if isinstance(info, str) else _parts_of_values
    parts = of(classes, finder, info, context, strict)
    asset: Any
    if parts.obey_rules and not args and not kwargs and not (classes.is_used and classes.serve(parts.place)):
        asset = asset_of_values(parts.values, parts.place) if parts.written is None else asset_of_written(parts.written, parts.place)
    elif parts.is_strict:
        asset = classes.make(parts.values, parts.place, parts.view, *args, **kwargs)
    else:
        # The class may be the user's; None is what is promised for any of its errors.
        asset = call(classes.make, parts.values, parts.place, parts.view, *args, **kwargs)
    if isinstance(asset, Failed):
        # Our own errors say everything; what a user's class raises needs its traceback.
        cause = None if isinstance(asset.error, WaysError) else asset.error
        log(ASSETS, INFO, "No Asset of %s: %s", Hierarchy.of(parts.place.hierarchy).text, asset.error, error=cause)
        return None
    if strict is not None and isinstance(asset, Asset):
        asset._ways_strict = strict
    return remember_text(asset, info) if isinstance(info, str) else asset


def _parts_of_text(classes: AssetClasses, finder: FinderOf, text: str, context: Any, strict: bool | None) -> AssetParts:
    # What says how strictly a text is read also reads it: between two looks at the world it may change.
    where = finder("") if context is ... else classes.pool.require_context(context)
    if strict is None:
        strict = where.is_strict if isinstance(where, Finder) else where[1].is_strict
    candidate = _read_in(classes.pool, finder, text, where, STRICT_TIERS if strict else TIERS)
    return AssetParts(candidate.values, candidate.context, candidate.base_view, strict)


def _parts_of_values(classes: AssetClasses, finder: FinderOf, info: Any, context: Any, strict: bool | None) -> AssetParts:
    if context is not ...:
        place, view = classes.pool.require_context(context)
        is_strict = view.is_strict if strict is None else strict
        # What can't be turned into values gives none; whether the place can do without is decided by the Asset.
        if is_strict:
            return _parts_of_strict_values(info, place, view)
        values = _as_values(info) or {}
        check_values(values, classes.pool.limits)
        for error in broken_rules(place, view, values):
            log(ASSETS, WARNING, "%s", error)
        return AssetParts(_given(values, place, view), place, view, is_strict)
    given = _as_values(info)
    if given is None:
        raise FormatError(f"expected a text, a dict or pairs of token and value, found {info!r}")
    check_values(given, classes.pool.limits)
    current = finder("")
    if current.is_strict if strict is None else strict:
        found = current.find_values_strictly(given)
        return AssetParts(found.values, found.context, found.base_view, True, obey_rules=True)
    # As in get_asset: a class that can't be made of the values is no answer.
    best = current.find_values(given, lambda place, view: call(_makes_all, classes, given, place, view) is True)
    return AssetParts(_given(given, best.context, best.base_view), best.context, best.base_view, False)


def _given(values: dict[str, Any], place: Context, view: ResolvedContext) -> dict[str, Any]:
    """Return given values as an Asset of *place* stores them."""
    try:
        return given_values(values, view.variant_of(values, place.patterns).template)
    except WaysError:
        # Whether they can be used at all is decided by the Asset.
        return values


def _parts_of_strict_values(info: Any, place: Context, view: ResolvedContext) -> AssetParts:
    """Return what the Asset of a strict place is made of, if the values obey its rules.

    :raises WaysError: they don't.
    """
    values = _as_values(info)
    if values is None:
        raise FormatError(f"{Hierarchy.of(place.hierarchy).text}: expected a text, a dict or pairs of token and value, found {info!r}")
    at_once = written_at_once(place, view, values) if view.is_strict else None
    if at_once is not None:
        return AssetParts(at_once.values, place, view, True, True, at_once)
    check_values(values, place.pool.limits)
    texts = texts_by_rules(place, view.variant_of(values, place.patterns), values)
    return AssetParts(texts, place, view, True, obey_rules=True)


def _makes_all(classes: AssetClasses, values: dict[str, Any], context: Context, view: ResolvedContext) -> bool:
    classes.make(dict(values), context, view)
    return not missing_tokens(context, values, view)


def _as_values(info: Any) -> dict[str, Any] | None:
    """Return token values out of a dict or of pairs; ``None`` for anything else."""
    try:
        return dict(as_values(info))
    except FormatError:
        return None


# --- what texts are


def read(
    pool: ContextPool, finder: FinderOf, text: PathText, context: Any, tiers: Sequence[str] = STRICT_TIERS, assignment: str = ""
) -> Candidate:
    """Return the Context, the values and the tier of a text; see :meth:`Session.read`."""
    context = pool.context_or_find(context)
    where = finder(assignment) if context is ... else pool.require_context(context, assignment)
    return _read_in(pool, finder, as_text(text), where, tiers, assignment)


def _read_in(
    pool: ContextPool,
    finder: FinderOf,
    text: str,
    where: Finder | tuple[Context, ResolvedContext],
    tiers: Sequence[str],
    assignment: str = "",
) -> Candidate:
    """Return what a text is: at a place, as that is in a view, or among all that a Finder knows."""
    check_length(len(text), pool.limits, text)
    # A view is the place as it was a moment ago: what was there may be gone, and have left the mapping of the place above.
    place, view = (None, None) if isinstance(where, Finder) else where
    if place is not None and view is not None and tiers and tiers[0] == "a" and (candidate := read_at_once(place, view, text)) is not None:
        return candidate
    try:
        return where.find_text(text, tiers) if isinstance(where, Finder) else read_text(where[0], text, tiers, where[1])
    except AmbiguousReadingError:
        raise
    except (ContextNotFoundError, ParseError) as error:
        error.say_later(lambda: elsewhere_in_words(pool, finder(assignment), text, place))
        raise


def not_found(pool: ContextPool, finder: FinderOf, current: Finder, text: str, assignment: str = "") -> WaysError:
    """Return the error of a text that no Context has strictly, as the *current* Finder knows."""
    error = current.not_found(text, STRICT_TIERS)
    error.say_later(lambda: elsewhere_in_words(pool, finder(assignment), text, None))
    return error


def pattern_of(context: Context, view: ResolvedContext) -> Pattern | None:
    try:
        return view.pattern or context.pattern_of(view)
    except WaysError:
        return None


# --- on disk


def assets_on_disk(
    classes: AssetClasses,
    finder: FinderOf,
    context: Any,
    values: Any,
    *,
    latest: str | None,
    sequences: bool,
    is_sorted: bool,
    report: Report | None,
    walk_parts: WalkParts | None = None,
) -> Iterator[Any]:
    """Yield an Asset for each file and folder on disk that is one of *context*; see :meth:`Session.find_assets`."""
    place, view = classes.pool.require_context(context)
    fixed = {} if values is None else _values_there(classes.pool, finder, values, place, view, latest)
    if sequences and fixed is not values:
        fixed = {name: text for name, text in fixed.items() if not view.template.spec(name).is_sequence}
    make = classes.maker(Hierarchy.of(place.hierarchy))
    pattern = pattern_of(place, view)
    if make is Asset and pattern is not None and pattern.can_refuse:
        make = asset_of_values
    told = report or _log_report
    items = find_on_disk(
        place, fixed, latest=latest, sequences=sequences, is_sorted=is_sorted, report=told, walk_parts=walk_parts
    )
    return (asset for item in items if (asset := _made_or_told(make, item, place, told)) is not None)


def _made_or_told(make: Callable[[Any, Context], Any], item: FoundPath, place: Context, report: Report) -> Any:
    """Return the Asset of what was found; ``None`` where its values break a rule, or one lacks, which is reported."""
    try:
        return make(item.values, place)
    except (TokenValueError, MissingTokensError) as error:
        report(item.path, str(error))
        return None


def next_on_disk(pool: ContextPool, finder: FinderOf, asset: Any, token: str, values: Any) -> Any:
    """Return the next value of a token; see :meth:`Session.get_next`."""
    if not is_asset(asset):
        place, view = _place_of(pool, finder, asset, token)
        fixed = {} if values is None else _values_there(pool, finder, values, place, view, token)
        known = dict.fromkeys(name for variant in view.variants for name in (*variant.template.all_tokens, *variant.template.all_specs))
        for name in fixed:
            if name not in known:
                raise UnknownTokenError(name, known)
        return next_value(place, fixed, token, _log_report)
    if values is not None:
        raise TypeError("values are given with a place; an Asset has its own.")
    info = as_values(asset.info)
    with Question(pool.limits):
        lacking = lacking_tokens(asset.context, info, asset.context.view, token)
    return next_value(asset.context, {**info, **dict.fromkeys(lacking)}, token, _log_report)


def _place_of(pool: ContextPool, finder: FinderOf, place: Any, token: str) -> tuple[Context, ResolvedContext]:
    """Return a Context, and what it is at this moment, for what was given as an Asset or a place.

    :raises ContextNotFoundError: it is neither.
    """
    if isinstance(place, Context) or (isinstance(place, (str, tuple, list)) and place):
        try:
            return pool.require_context(place)
        except (ContextNotFoundError, HierarchyError):
            if not isinstance(place, str) or not _is_path(pool, finder, place):
                raise
    is_path = isinstance(place, str) or hasattr(type(place), "__fspath__")
    name = str(place)
    hint = f"It is a path: take get_asset({name!r}), or name the place and give the path as values: get_next(PLACE, {token!r}, {name!r})."
    raise no_asset(place, hint if is_path and place else "", expected="an Asset or a place")


def _is_path(pool: ContextPool, finder: FinderOf, text: str) -> bool:
    """Whether a text that is no place is most likely a path."""
    try:
        if not Hierarchy.of(text).is_legal:
            return True
        read(pool, finder, text, ...)
    except HierarchyError:
        return True
    except WaysError:
        return False
    return True


def _values_there(
    pool: ContextPool, finder: FinderOf, values: Any, place: Context, view: ResolvedContext, free: str | None
) -> Mapping[str, Any]:
    """Return the values that are fixed at a place: those given, or those that the place shares with an Asset or a path.

    :param values: a dict or pairs, an Asset, or a path of any place as a text or a path object.
    :param free: a token whose value is looked for, so that the value of the Asset doesn't count.
    :raises FormatError: they are something else.
    """
    source = _source_of(pool, finder, values)
    if source is None:
        given = as_values(values)
        check_values(given, pool.limits)
        return given
    with Question(pool.limits):
        lacking = dict.fromkeys(lacking_tokens(*source, view, free or ""), "")
        return {**kept_values(*source, place, view, free=free or ""), **lacking}


def values_to_write(pool: ContextPool, finder: FinderOf, values: Any, place: Context) -> Mapping[str, Any]:
    """Return values for the text of a place: of a dict or pairs, or those that an Asset or a path of any place has there.

    :raises FormatError: they are something else.
    :raises WaysError: those of the Asset or path are not enough there, or don't fit.
    """
    source = _source_of(pool, finder, values)
    return as_values(values) if source is None else values_at(*source, place)


def _source_of(pool: ContextPool, finder: FinderOf, values: Any) -> tuple[Context, Mapping[str, Any]] | None:
    """Return the Context and the values of an Asset, or of a path as a text or a path object; ``None`` for anything else."""
    if is_asset(values):
        return values.context, as_values(values.info)
    if not isinstance(values, str) and not hasattr(type(values), "__fspath__"):
        return None
    candidate = read(pool, finder, values, ...)
    return candidate.context, candidate.values


def _log_report(path: str, reason: str) -> None:
    log(ASSETS, WARNING, "%s: %s", path, reason)
