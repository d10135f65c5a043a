"""Desk: the Assets of one session: made of texts and of values, and found on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ways.assets.asset import Asset, asset_in, asset_of, asset_of_values, first_asset_of, remember_text, missing_tokens
from ways.assets.classes import AssetClasses
from ways.assets.disk import find_on_disk, folders_of, make_folders, next_value
from ways.assets.find import Finder
from ways.assets.index import Indexes
from ways.assets.many import columns, columns_read
from ways.assets.quick import QuickFinder
from ways.assets.read import STRICT_TIERS, TIERS, Candidate, rank, read_text
from ways.assets.walk import Report
from ways.assets.write import check_length, translated, written
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.contexts.view import ResolvedContext
from ways.errors import ContextNotFoundError, MatchTimeoutError, WaysError, did_you_mean
from ways.usercode import Failed, call
from ways.hierarchy import Hierarchy
from ways.lightweight import CollectorPause
from ways.logs import ASSETS, INFO, WARNING, log
from ways.pattern.plan import Plan


class Desk:
    """Makes and finds Assets. What each of its functions does is told where a session offers it.

    :param indexes: gives where the indexes of auto-find are kept.
    """

    def __init__(self, pool: ContextPool, indexes: Callable[[], Indexes | None]) -> None:
        self.pool = pool
        #: Characters of a text at most.
        self._most = pool.limits.text
        self._registry = pool.registry
        self._indexes = indexes
        self.classes = AssetClasses()
        self._quick: QuickFinder | None = None

    def need_context(self, hierarchy: Any, assignment: str = "") -> Context:
        """Return the Context at *hierarchy*. See :meth:`Session.need_context`."""
        return self.require_context(hierarchy, assignment)[0]

    def require_context(self, hierarchy: Any, assignment: str = "") -> tuple[Context, ResolvedContext]:
        """Return a Context, and what it is at this moment; both of one state of the world.

        :raises ContextNotFoundError: there is none.
        """
        if isinstance(hierarchy, Context):
            return hierarchy, hierarchy.view
        state = self.pool.state()
        context = self.pool.in_state(hierarchy, assignment, state)
        if context is None:
            name = hierarchy if isinstance(hierarchy, str) else Hierarchy.of(hierarchy).text
            raise _not_found(name, assignment, state.snapshot.places)
        return context, context.view_in(state)

    def get_asset(self, info: Any, context: Any = None, *args: Any, strict: bool = False, **kwargs: Any) -> Any:
        """See :meth:`Session.get_asset`."""
        values, place, view = self._told(info, context, strict)
        if strict:
            return _with_text(self._new(values, place, view, *args, **kwargs), info)
        # The class may be the user's; None is what is promised for any of its errors.
        asset = call(self._new, values, place, view, *args, **kwargs)
        if not isinstance(asset, Failed):
            return _with_text(asset, info)
        _log_no_asset(place, asset.error)
        return None

    def _new(self, values: dict[str, Any], place: Context, view: ResolvedContext, *args: Any, **kwargs: Any) -> Any:
        """Return the Asset of values: one of ours as its place is in *view*, one of another class as it makes itself."""
        make = self.classes.maker(Hierarchy.of(place.hierarchy))
        return asset_in(view, values, place) if make is Asset and not args and not kwargs else make(values, place, *args, **kwargs)

    def asset_of_text(self, text: Any, context: Any) -> Asset | None:
        """Return the Asset of a text that fits a known Context strictly; ``None`` where that takes the long way."""
        if type(text) is not str or len(text) > self._most:
            return None
        if not context:
            quick = self._quick
            asset = (quick if quick is not None and quick.is_live() else self._quick_finder()).asset_of(text)
            return None if asset is not None and self.classes.is_used and self.classes.serve(asset.context) else asset
        registry = self._registry
        now = registry.now
        if type(context) is str:
            context = self.pool.get(context)
        if type(context) is not Context:
            return None
        plan = context.get_plan()
        if plan is None or (self.classes.is_used and self.classes.serve(context)):
            return None
        try:
            match = plan.single(text)
            # What was there a moment ago may be gone, and its plan be that of the place above.
            if registry.now is not now:
                return None
            return first_asset_of(text, plan, context) if match is None else asset_of(match, plan, context)
        except MatchTimeoutError:
            # It takes longer than the short way may.
            return None

    def finder(self, assignment: str = "") -> Finder:
        """Return what finds the Contexts of texts, of all layers or of one, at this moment."""
        return Finder.of(self.pool, assignment, self._indexes())

    def _quick_finder(self) -> QuickFinder:
        self._quick = QuickFinder(self.finder())
        return self._quick

    def get_assets(
        self, texts: Iterable[str], context: Any = None, *, strict: bool = False, as_columns: bool = False
    ) -> Any:
        """See :meth:`Session.get_assets`."""
        place = self.require_context(context)[0] if context else None
        tiers = STRICT_TIERS if strict else TIERS
        plan = _plan_of(place)
        known = list(texts)
        if any(len(text) > self._most for text in known):
            # Rare, so each goes the long way, which tells of the long ones.
            told = self.read_many(known, place, tiers)
            return columns(told) if as_columns else [self._made(text, found) for text, found in told]
        if as_columns:
            read = columns_read(known, plan, place) if plan is not None and place is not None else None
            return columns(self.read_many(known, place, tiers)) if read is None else read
        if place is None and not self.classes.is_used:
            quick = self._quick_finder().asset_of
            with CollectorPause():
                return [quick(text) or self._made_long(text, None, tiers) for text in known]
        if plan is None or place is None or self.classes.serve(place):
            return [self._made(text, found) for text, found in self.read_many(known, place, tiers)]
        complete = plan.complete
        try:
            with CollectorPause():
                return [
                    self._made_long(text, place, tiers) if (match := complete(text)) is None else asset_of(match, plan, place)
                    for text in known
                ]
        except MatchTimeoutError:
            return [self._made_long(text, place, tiers) for text in known]

    def _made_long(self, text: str, place: Context | None, tiers: Sequence[str]) -> Any:
        (_, found), *_ = self.read_many((text,), place, tiers)
        return self._made(text, found)

    def read_many(
        self, texts: Iterable[str], context: Any = None, tiers: Sequence[str] = STRICT_TIERS, assignment: str = ""
    ) -> Iterator[tuple[str, Candidate | WaysError]]:
        """See :meth:`Session.read_many`."""
        view = context.view if isinstance(context, Context) and tiers and tiers[0] == "a" else None
        plan = None if view is None else _plan_in(context, view)
        if plan is None or view is None:
            yield from ((text, self._read_or_error(text, context, tiers, assignment)) for text in texts)
            return
        said = rank(plan.template)
        for text in texts:
            try:
                match = plan.read(text) if len(text) <= self._most else None
            except MatchTimeoutError:
                match = None
            if match is None:
                yield text, self._read_or_error(text, context, tiers, assignment)
            else:
                yield text, _record(Candidate, (context, plan.values(match), "a", said, view))

    def _read_or_error(self, text: str, context: Any, tiers: Sequence[str], assignment: str) -> Candidate | WaysError:
        try:
            return self.read(text, context, tiers, assignment)
        except WaysError as error:
            return error

    def format_many(self, hierarchy: Any, values: Iterable[Mapping[str, str]], assignment: str = "") -> list[Any]:
        """See :meth:`Session.format_many`."""
        context, view = self.require_context(hierarchy, assignment)
        return [_or_error(written, context, given, view) for given in values]

    def _made(self, text: str, found: Candidate | WaysError) -> Any:
        if isinstance(found, WaysError):
            return found
        return remember_text(_or_error(self._new, found.values, found.context, base_view(found)), text)

    def read(
        self, text: str, context: Any = None, tiers: Sequence[str] = STRICT_TIERS, assignment: str = ""
    ) -> Candidate:
        """See :meth:`Session.read`."""
        self.check_length(text)
        if context:
            place, view = self.require_context(context, assignment)
            return read_text(place, text, tiers, view)
        return self.finder(assignment).find_text(text, tiers)

    def check_length(self, text: str) -> None:
        """Refuse a text that is longer than any may be.

        :raises LimitError: it is.
        """
        check_length(len(text), self.pool.limits, text)

    def format(self, hierarchy: Any, values: Mapping[str, str], assignment: str = "") -> str:
        """See :meth:`Session.format`."""
        context, view = self.require_context(hierarchy, assignment)
        return written(context, values, view)

    def find_assets(
        self,
        context: Any,
        values: Mapping[str, Any] | None = None,
        *,
        latest: str | None = None,
        sequences: bool = False,
        sort: bool = False,
        report: Report | None = None,
    ) -> Iterator[Any]:
        """See :meth:`Session.find_assets`."""
        place = self.require_context(context)[0]
        make = self.classes.maker(Hierarchy.of(place.hierarchy))
        plan = _plan_of(place)
        if make is Asset and plan is not None and plan.gives_all:
            make = asset_of_values
        found = find_on_disk(place, values, latest=latest, sequences=sequences, is_sorted=sort, report=report or _log_report)
        return (make(item.values, place) for item in found)

    def get_next(self, asset: Asset, token: str) -> str:
        """See :meth:`Session.get_next`."""
        return next_value(asset.context, asset.info, token)

    def create_folders(self, asset: Asset, *, dry_run: bool = False) -> list[str]:
        """See :meth:`Session.create_folders`."""
        pool, layer = self.pool, asset.context.assignment
        folders = folders_of(asset.context, asset.info, lambda place: pool.get(place, layer))
        if not dry_run:
            make_folders(folders)
        return folders

    def translate(self, text: str, platform: str, context: Any = None) -> str:
        """See :meth:`Session.translate`."""
        found = self.read(text, context)
        return translated(found.context, found.values, platform, found.view)

    def _told(self, info: Any, context: Any, strict: bool) -> tuple[dict[str, Any], Context, ResolvedContext]:
        """Return the values and the place that *info* tells, and what that place is; all of one state of the world."""
        tiers = STRICT_TIERS if strict else TIERS
        if isinstance(info, str):
            found = self.read(info, context or None, tiers)
            return found.values, found.context, base_view(found)
        values = _as_values(info)
        if context:
            # What can't be turned into values gives none; whether the place can do without is the Asset's to say.
            return values or {}, *self.require_context(context)
        if values is None:
            raise ValueError(f"expected a text, a dict or pairs of token and value, found {info!r}")
        given = values
        best = self.finder().find_values(given, lambda place, view: self._can_make(given, place, view))
        return given, best.context, base_view(best)

    def _can_make(self, values: dict[str, Any], context: Context, view: ResolvedContext) -> bool:
        # As in get_asset: a class that can't be made of the values is no answer.
        return call(self._makes_all, values, context, view) is True

    def _makes_all(self, values: dict[str, Any], context: Context, view: ResolvedContext) -> bool:
        self._new(dict(values), context, view)
        return not missing_tokens(context, values, view)


#: Makes a named tuple in half the time.
_record = tuple.__new__


def _plan_of(context: Any) -> Plan | None:
    """Return the plan of a Context, if it has one; anything else has none."""
    return _plan_in(context, context.view) if isinstance(context, Context) else None


def base_view(found: Candidate) -> ResolvedContext:
    """Return what a Context is before its values have a say, in the state in which it was found."""
    return found.context.view_in(found.view.state)


def _plan_in(context: Context, view: ResolvedContext) -> Plan | None:
    try:
        return view.plan or context.plan_of(view)
    except WaysError:
        return None


def _not_found(name: str, assignment: str, places: Mapping[Hierarchy, Mapping[str, Any]]) -> ContextNotFoundError:
    known = [place.text for place in places]
    layers = places.get(Hierarchy.of(name), {}) if name in known else {}
    if not assignment or not layers:
        return ContextNotFoundError(name, known)
    there = f"There is no Context {name!r} in the layer {assignment!r}; its layers are {', '.join(sorted(layers))}."
    return ContextNotFoundError(name, (), there + did_you_mean(assignment, layers))


def _as_values(info: Any) -> dict[str, Any] | None:
    """Return token values out of a dict or of pairs; ``None`` for anything else."""
    try:
        return dict(info.items()) if hasattr(info, "items") else dict(info)
    except (TypeError, ValueError):
        return None


def _with_text(asset: Any, info: Any) -> Any:
    return remember_text(asset, info) if isinstance(info, str) else asset


def _or_error(function: Callable[..., Any], *arguments: Any) -> Any:
    # The function may be the user's class; many at once give errors as values.
    found = call(function, *arguments)
    return found.error if isinstance(found, Failed) else found


def _log_no_asset(context: Context, error: Exception) -> None:
    # What we raise ourselves says everything; what another's class raises needs its traceback.
    told = None if isinstance(error, WaysError) else error
    log(ASSETS, INFO, "No Asset of %s: %s", Hierarchy.of(context.hierarchy).text, error, error=told)


def _log_report(path: str, reason: str) -> None:
    log(ASSETS, WARNING, "%s: %s", path, reason)
