"""Many at once: what texts are, as readings, Assets or columns, and the texts of values.

One function, :func:`read_many`, has what each text is, for Python and for the shell. :class:`ways.session.Session` documents
the others. As in :mod:`ways.assets.making`, each gets what it needs of the session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized

from ways.assets.asset import Asset, asset_of_match, remember_text
from ways.assets.classes import AssetClasses
from ways.assets.finding import Finder
from ways.assets.making import FinderOf, not_found, pattern_of, read
from ways.assets.quick import MatchedText
from ways.assets.reading import STRICT_TIERS, TIERS, Candidate, PathText, as_text, read_match
from ways.assets.writing import written
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.errors import ContextNotFoundError, MatchTimeoutError, WaysError
from ways.hierarchy import Hierarchy
from ways.lightweight import CollectorPause
from ways.usercode import Failed, call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

#: The columns that stand beside those of the tokens: a text's number among all, and the text.
ROW, TEXT, ERROR = "row", "text", "error"
#: From so many texts on it is faster to know all Contexts than to look each text up in the tables of compiled sheets.
MANY = 64


# --- what texts are


def read_many(
    pool: ContextPool, finder: FinderOf, texts: Iterable[Any], context: Any, tiers: Sequence[str], assignment: str = ""
) -> Iterator[tuple[Any, Candidate | WaysError]]:
    """Yield each text with what it is, or with the error that says why it is nothing; see :meth:`Session.read_many`."""
    context = pool.context_or_find(context)
    if context is not ...:
        yield from _read_at(pool, finder, texts, context, tiers, assignment)
    elif tuple(tiers[:1]) == STRICT_TIERS:
        yield from _found(pool, finder, texts, tiers, assignment)
    else:
        yield from ((text, _read_or_error(pool, finder, text, ..., tiers, assignment)) for text in texts)


def _read_at(
    pool: ContextPool, finder: FinderOf, texts: Iterable[Any], context: Any, tiers: Sequence[str], assignment: str
) -> Iterator[tuple[Any, Candidate | WaysError]]:
    view = context.view if isinstance(context, Context) and tiers and tiers[0] == "a" else None
    pattern = None if view is None else pattern_of(context, view)
    if pattern is None or view is None:
        yield from ((text, _read_or_error(pool, finder, text, context, tiers, assignment)) for text in texts)
        return
    match_at_once, longest = pattern.match_at_once, pool.limits.text
    for text in texts:
        try:
            match = match_at_once(text) if type(text) is str and len(text) <= longest else None
        except MatchTimeoutError:
            match = None
        if match is None:
            yield text, _read_or_error(pool, finder, text, context, tiers, assignment)
        else:
            yield text, read_match(context, view, pattern, match)


def _read_or_error(
    pool: ContextPool, finder: FinderOf, text: str, context: Any, tiers: Sequence[str], assignment: str
) -> Candidate | WaysError:
    try:
        return read(pool, finder, text, context, tiers, assignment)
    except WaysError as error:
        return error


def _found(
    pool: ContextPool, finder: FinderOf, texts: Iterable[Any], tiers: Sequence[str], assignment: str
) -> Iterator[tuple[Any, Candidate | WaysError]]:
    """Yield each text with what it is among all Contexts; the first of *tiers* is the strict one."""
    are_many = isinstance(texts, Sized) and len(texts) >= MANY
    current = finder(assignment)
    quick = None
    for number, text in enumerate(texts):
        if not current.is_live():
            current, quick = finder(assignment), None
        if quick is None and (are_many or number >= MANY or not current.index.is_on_disk):
            quick = _quick_read(current)
        answer = quick(text if type(text) is str else as_text(text)) if quick is not None else None
        if answer:
            yield text, answer
        elif answer is False and (error := _miss(pool, finder, current, as_text(text), tiers, assignment)) is not None:
            yield text, error
        else:
            yield text, _read_or_error(pool, finder, text, ..., tiers, assignment)


def _quick_read(finder: Finder) -> Callable[[str], Candidate | Literal[False] | None]:
    try:
        return finder.quick_reader.read
    except WaysError:
        # A mapping can't be read: each text has that as its error.
        return lambda text: None


def quick_find(finder: Finder) -> Callable[[str], MatchedText | Candidate | Literal[False] | None]:
    """Return what reads a text at once, as :meth:`ways.assets.quick.QuickReader.find` does."""
    try:
        return finder.quick_reader.find
    except WaysError:
        return lambda text: None


def _miss(
    pool: ContextPool, finder: FinderOf, current: Finder, text: str, tiers: Sequence[str], assignment: str
) -> WaysError | None:
    """Return the error of a text that no Context with priority has strictly; ``None`` where another may have it."""
    is_sure = current.is_whole and tuple(tiers) == STRICT_TIERS
    return not_found(pool, finder, current, text, assignment) if is_sure else None


# --- Assets


def get_assets(
    classes: AssetClasses,
    finder: FinderOf,
    texts: Iterable[PathText],
    context: Any,
    *,
    strict: bool | None,
    as_columns: bool,
) -> Any:
    """Return an Asset for each text, or the error that says why there is none; see :meth:`Session.get_assets`."""
    pool = classes.pool
    context = pool.context_or_find(context, strict)
    place, view = (None, None) if context is ... else pool.require_context(context)
    if view is None:
        finder = one_finder(finder(""))
    if strict is None:
        is_strict = finder("").is_strict if view is None else view.is_strict
    else:
        is_strict = strict
    given = list(texts)
    known: list[Any] = given if set(map(type, given)) <= {str} else [as_text(text) for text in given]
    tiers = STRICT_TIERS if is_strict else TIERS
    with CollectorPause():
        if as_columns:
            return _columns(pool, finder, known, place, tiers)
        assets = _found_assets(classes, finder, known, tiers) if place is None else _assets_at(classes, finder, known, place, tiers)
    if strict is not None:
        for asset in assets:
            if isinstance(asset, Asset):
                asset._ways_strict = strict
    return assets


def one_finder(finder: Finder) -> FinderOf:
    """Return what gives one Finder: what says how strictly all texts are read reads each, though the world changes meanwhile."""
    return lambda assignment: finder


def _found_assets(classes: AssetClasses, finder: FinderOf, texts: Sequence[str], tiers: Sequence[str]) -> list[Any]:
    pool = classes.pool
    current = finder("")
    if current.index.is_on_disk and len(texts) < MANY:
        return [_asset_or_error(classes, finder, text, ..., tiers) for text in texts]
    find = current.quick_reader.find
    assets: list[Any] = []
    for text in texts:
        found = find(text)
        if isinstance(found, MatchedText):
            reader, match = found
            if reader.skeleton.is_complete and not (classes.is_used and classes.serve(reader.context)):
                assets.append(asset_of_match(match, reader.skeleton.pattern, reader.context))
            else:
                assets.append(_made(classes, text, reader.candidate_of_match(match)))
        elif found:
            assets.append(_made(classes, text, found))
        elif found is False and (error := _miss(pool, finder, current, text, tiers, "")) is not None:
            assets.append(error)
        else:
            assets.append(_asset_or_error(classes, finder, text, ..., tiers))
    return assets


def _assets_at(classes: AssetClasses, finder: FinderOf, texts: Sequence[str], place: Context, tiers: Sequence[str]) -> list[Any]:
    pool = classes.pool
    pattern = pattern_of(place, place.view)
    # One that is too long is rare: each is read exactly then, with the error for the long ones.
    if pattern is None or classes.serve(place) or any(len(text) > pool.limits.text for text in texts):
        return [_made(classes, text, answer) for text, answer in read_many(pool, finder, texts, place, tiers)]
    complete = pattern.match_complete
    try:
        return [
            _asset_or_error(classes, finder, text, place, tiers)
            if (match := complete(text)) is None
            else asset_of_match(match, pattern, place)
            for text in texts
        ]
    except MatchTimeoutError:
        return [_asset_or_error(classes, finder, text, place, tiers) for text in texts]


def _asset_or_error(classes: AssetClasses, finder: FinderOf, text: str, context: Any, tiers: Sequence[str]) -> Any:
    return _made(classes, text, _read_or_error(classes.pool, finder, text, context, tiers, ""))


def _made(classes: AssetClasses, text: str, answer: Candidate | WaysError) -> Any:
    if isinstance(answer, WaysError):
        return answer
    if misfit := answer.misfit(text):
        return ContextNotFoundError(text, (), misfit)
    return remember_text(_or_error(classes.make, answer.values, answer.context, answer.base_view), text)


def _or_error(function: Callable[..., Any], *arguments: Any) -> Any:
    # The function may be the user's class; many at once give errors as values.
    result = call(function, *arguments)
    return result.error if isinstance(result, Failed) else result


# --- columns


def _columns(
    pool: ContextPool, finder: FinderOf, texts: Sequence[str], place: Context | None, tiers: Sequence[str]
) -> dict[str, dict[str, list[Any]]]:
    """Return what texts are as lists: for each place ``row``, ``text`` and a list for each leaf token.

    All lists of a place have one length. Texts that are nothing stand under ``""``, with ``error`` in words.
    """
    if place is not None and texts and all(len(text) <= pool.limits.text for text in texts):
        pattern = pattern_of(place, place.view)
        columns = None if pattern is None else pattern.columns(texts)
        if columns is not None:
            return {Hierarchy.of(place.hierarchy).text: {ROW: list(range(len(texts))), TEXT: [*texts], **columns}}
    rows: dict[str, list[dict[str, Any]]] = {}
    names: dict[Context, str] = {}
    for row, (text, answer) in enumerate(read_many(pool, finder, texts, ... if place is None else place, tiers)):
        error = answer if isinstance(answer, WaysError) else answer.misfit(text)
        if isinstance(answer, WaysError) or error:
            rows.setdefault("", []).append({ROW: row, TEXT: text, ERROR: str(error)})
            continue
        name = names.get(answer.context)
        if name is None:
            name = names[answer.context] = answer.hierarchy
        rows.setdefault(name, []).append({ROW: row, TEXT: text, **answer.values})
    return {name: _table(of_place) for name, of_place in rows.items()}


def _table(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return rows as columns; ``None`` stands for a token that others have: one of an optional part, or in a lenient reading."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


# --- texts of values


def format_many(
    pool: ContextPool, hierarchy: Any, values: Iterable[Mapping[str, str]], assignment: str, ambiguous: str = ""
) -> list[Any]:
    """Return the text of each set of values, or the error that says why there is none; see :meth:`Session.format_many`."""
    context, view = pool.require_context(hierarchy, assignment)
    pattern = None if view.conditions else pattern_of(context, view)
    if pattern is None or pattern.has_mixed_choices:
        return [_or_error(written, context, given, view, ambiguous) for given in values]
    match_of, is_safe = pattern.match_of, pattern.is_safe
    texts = []
    for given in values:
        # As written_at_once does; what it can't tell, the exact way does.
        match = match_of(given) if type(given) is dict else None
        if match is not None and (is_safe is None or is_safe(match.string)):
            texts.append(match.string)
        else:
            texts.append(_or_error(written, context, given, view, ambiguous))
    return texts
