"""Desk: the Assets of one session: made of texts and of values, and found on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ways.assets.asset import Asset, missing_tokens
from ways.assets.classes import AssetClasses
from ways.assets.disk import find_on_disk, folders_of, make_folders, next_value
from ways.assets.find import STRICT_TIERS, TIERS, Candidate, Finder, read_text
from ways.assets.many import columns
from ways.assets.walk import Report
from ways.assets.write import translated, written
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.errors import ContextNotFoundError, WaysError
from ways.hierarchy import Hierarchy


class Desk:
    """Makes and finds Assets. What each of its functions does is told where a session offers it."""

    def __init__(self, pool: ContextPool) -> None:
        self.pool = pool
        self.classes = AssetClasses()

    def need_context(self, hierarchy: Any, assignment: str = "") -> Context:
        """Return the Context at *hierarchy*. See :meth:`Session.need_context`."""
        context = self.pool.get(hierarchy, assignment)
        if context is None:
            name = hierarchy if isinstance(hierarchy, str) else Hierarchy.of(hierarchy).text
            raise ContextNotFoundError(name, self.pool.suggestions())
        return context

    def get_asset(self, info: Any, context: Any = None, *args: Any, strict: bool = False, **kwargs: Any) -> Any:
        """See :meth:`Session.get_asset`."""
        values, place = self._values_and_context(info, context, strict)
        make = self.classes.maker(Hierarchy.of(place.hierarchy))
        if strict:
            return make(values, place, *args, **kwargs)
        try:
            return make(values, place, *args, **kwargs)
        except Exception as error:  # The class may be the user's; None is what is promised for any of its errors.
            _logger().info("No Asset of %s: %s", place, error, exc_info=not isinstance(error, WaysError))
            return None

    def get_assets(
        self, texts: Iterable[str], context: Any = None, *, strict: bool = False, as_columns: bool = False
    ) -> Any:
        """See :meth:`Session.get_assets`."""
        place = self._context(context) if context else None
        read = self.read_many(texts, place, STRICT_TIERS if strict else TIERS)
        return columns(read) if as_columns else [self._made(text, found) for text, found in read]

    def read_many(
        self, texts: Iterable[str], context: Any = None, tiers: Sequence[str] = STRICT_TIERS, assignment: str = ""
    ) -> Iterator[tuple[str, Candidate | WaysError]]:
        """See :meth:`Session.read_many`."""
        for text in texts:
            try:
                found: Candidate | WaysError = self.read(text, context, tiers, assignment)
            except WaysError as error:
                found = error
            yield text, found

    def format_many(self, hierarchy: Any, values: Iterable[Mapping[str, str]], assignment: str = "") -> list[Any]:
        """See :meth:`Session.format_many`."""
        context = self.need_context(hierarchy, assignment)
        return [_or_error(written, context, given) for given in values]

    def _made(self, text: str, found: Candidate | WaysError) -> Any:
        if isinstance(found, WaysError):
            return found
        return _or_error(self.classes.maker(Hierarchy.of(found.context.hierarchy)), found.values, found.context)

    def read(
        self, text: str, context: Any = None, tiers: Sequence[str] = STRICT_TIERS, assignment: str = ""
    ) -> Candidate:
        """See :meth:`Session.read`."""
        if context:
            return read_text(self._context(context, assignment), text, tiers)
        return Finder.of(self.pool, assignment).find_text(text, tiers)

    def format(self, hierarchy: Any, values: Mapping[str, str], assignment: str = "") -> str:
        """See :meth:`Session.format`."""
        return written(self.need_context(hierarchy, assignment), values)

    def find_assets(
        self,
        context: Any,
        values: Mapping[str, Any] | None = None,
        *,
        latest: str | None = None,
        sort: bool = False,
        report: Report | None = None,
    ) -> Iterator[Any]:
        """See :meth:`Session.find_assets`."""
        place = self._context(context)
        make = self.classes.maker(Hierarchy.of(place.hierarchy))
        found = find_on_disk(place, values, latest=latest, is_sorted=sort, report=report or _log_report)
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
        return translated(found.context, found.values, platform)

    def _values_and_context(self, info: Any, context: Any, strict: bool) -> tuple[dict[str, Any], Context]:
        tiers = STRICT_TIERS if strict else TIERS
        if isinstance(info, str):
            found = self.read(info, context or None, tiers)
            return found.values, found.context
        values = _as_values(info)
        if context:
            # What can't be turned into values gives none; whether the place can do without is the Asset's to say.
            return values or {}, self._context(context)
        if values is None:
            raise ValueError(f"expected a text, a dict or pairs of token and value, found {info!r}")
        given = values
        return given, Finder.of(self.pool).find_values(given, lambda place: self._can_make(given, place))

    def _can_make(self, values: dict[str, Any], context: Context) -> bool:
        try:
            self.classes.maker(Hierarchy.of(context.hierarchy))(dict(values), context)
            return not missing_tokens(context, values)
        except Exception:  # As in get_asset: a class that can't be made of the values is no answer.
            return False

    def _context(self, context: Any, assignment: str = "") -> Context:
        return context if isinstance(context, Context) else self.need_context(context, assignment)


def _as_values(info: Any) -> dict[str, Any] | None:
    """Return token values out of a dict or of pairs; ``None`` for anything else."""
    try:
        return dict(info.items()) if hasattr(info, "items") else dict(info)
    except (TypeError, ValueError):
        return None


def _or_error(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Exception as error:  # The function may be the user's class; many at once give errors as values.
        return error


def _log_report(path: str, reason: str) -> None:
    _logger().warning("%s: %s", path, reason)


def _logger() -> Any:
    # Importing logging costs 14 ms, and no answer needs it.
    import logging

    return logging.getLogger("ways.assets")
