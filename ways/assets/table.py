"""What many texts are as one wide table: a list for each column, with an entry for each text.

:class:`ways.session.Session` documents it. The rows of one mapping are written column by column, so that nothing is made for
each text but its values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ways.assets.finding import Finder
from ways.assets.making import pattern_of
from ways.assets.many import one_finder, quick_find, read_many
from ways.assets.quick import MatchedText, TargetReader
from ways.assets.reading import STRICT_TIERS, TIERS, Candidate, PathText, as_text
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.errors import AmbiguousContextError, WaysError
from ways.hierarchy import Hierarchy
from ways.lightweight import CollectorPause
from ways.usercode import Failed, call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The columns that each table has, before those of its tokens.
TEXT, PLACE, STATUS, ERROR = FIXED = "text", "place", "status", "error"
#: What a text may be.
RESOLVED, UNRESOLVED, AMBIGUOUS = "resolved", "unresolved", "ambiguous"
#: So many texts are read before the garbage collector may run again: what was made on the way is gone by then.
BLOCK = 5_000
#: So many values are known at a time, so that equal ones are kept once.
MOST_SHARED = 100_000


def column_names(finder: Finder, place: Context | None, *, is_strict: bool) -> dict[str, str]:
    """Return the columns of a table: those that each table has, then those of its tokens, by the names of the tokens.

    A token that is called like one of the first has a column in braces, which no token has in its name.

    :param place: the place of all texts; if absent, each place is counted where a text may be found to be.
    :param is_strict: whether texts are read strictly; else they may give values of parents, too.
    """
    if place is None:
        tokens: Iterable[str] = finder.leaf_tokens if is_strict else finder.all_tokens
    else:
        templates = [view.template for view in place.view.variants if isinstance(view.mapping, str)]
        tokens = [name for template in templates for name in (template.leaf_tokens if is_strict else template.all_tokens)]
    return {**dict.fromkeys(FIXED, ""), **{_column(name): name for name in tokens}}


def _column(token: str) -> str:
    return f"{{{token}}}" if token in FIXED else token


def wide_table(
    pool: ContextPool, finder: Finder, texts: Iterable[PathText], place: Context | None, *, is_strict: bool
) -> dict[str, list[Any]]:
    """Return what texts are, as one table; see :meth:`Session.table`."""
    # The items of a column of Arrow are no texts, but it can make a list of them.
    to_list = getattr(texts, "to_pylist", None)
    given: list[Any] = list(texts) if to_list is None else to_list()
    names = column_names(finder, place, is_strict=is_strict)
    faults: dict[int, str] = {}
    if not set(map(type, given)) <= {str}:
        given = [_text_or_none(row, item, faults) for row, item in enumerate(given)]
    table: dict[str, list[Any]] = {name: given if name == TEXT else [None] * len(given) for name in names}
    rows = _Rows(pool, finder, place, table, {token: table[name] for name, token in names.items() if token}, is_strict)
    for start in range(0, len(given), BLOCK):
        with CollectorPause():
            rows.fill(start, given[start : start + BLOCK])
    for row, fault in faults.items():
        table[STATUS][row], table[ERROR][row] = UNRESOLVED, fault
    return table


def _text_or_none(row: int, item: Any, faults: dict[int, str]) -> str | None:
    """Return an item as text; ``None``, and what is wrong in *faults*, where it is no text."""
    text = call(as_text, item)
    if isinstance(text, Failed):
        # It may be of any class, even one whose objects can't be shown.
        shown = call(repr, item)
        faults[row] = f"expected a text or a path, found {type(item).__name__ if isinstance(shown, Failed) else shown[:80]}"
        return None
    return str.__str__(text)


class _Rows:
    """Fills the rows of a table, block by block.

    :param tokens: the column of each token.
    """

    def __init__(
        self,
        pool: ContextPool,
        finder: Finder,
        place: Context | None,
        table: dict[str, list[Any]],
        tokens: dict[str, list[Any]],
        is_strict: bool,
    ) -> None:
        self._pool = pool
        self._finder = finder
        self._place = place
        self._pattern = None if place is None else pattern_of(place, place.view)
        self._tokens = tokens
        self._places, self._statuses, self._errors = table[PLACE], table[STATUS], table[ERROR]
        self._tiers = STRICT_TIERS if is_strict else TIERS
        self._find = quick_find(finder)
        #: Says of a text that nothing has found that it is nothing, without another look.
        self._is_sure = is_strict and finder.is_whole
        #: Each value that was met lately, so that equal ones are kept once.
        self._shared: dict[str, str] = {}

    def fill(self, start: int, texts: Sequence[str | None]) -> None:
        """Fill the rows of some texts.

        :param start: the row of the first.
        """
        if len(self._shared) > MOST_SHARED:
            self._shared.clear()
        rows, known = range(start, start + len(texts)), [text for text in texts if text is not None]
        if len(known) < len(texts):
            rows = [row for row, text in zip(rows, texts) if text is not None]  # type: ignore[assignment]
        if self._place is None:
            self._fill_found(rows, known)
        elif not self._fill_alike(self._place, rows, known):
            self._fill_each(rows, known)

    def _fill_found(self, rows: Sequence[int], texts: Sequence[str]) -> None:
        """Fill rows of texts of any places."""
        find, is_sure = self._find, self._is_sure
        matched: dict[TargetReader, tuple[list[int], list[re.Match[str]]]] = {}
        others = []
        for row, text in zip(rows, texts):
            found = find(text)
            if isinstance(found, MatchedText):
                reader, match = found
                of_reader = matched.get(reader)
                if of_reader is None:
                    of_reader = matched[reader] = ([], [])
                of_reader[0].append(row)
                of_reader[1].append(match)
            elif found:
                self._fill_row(row, text, found)
            elif found is False and is_sure:
                self._fill_row(row, text, self._finder.not_found(text, STRICT_TIERS))
            else:
                others.append((row, text))
        for reader, (own, matches) in matched.items():
            self._fill_columns(reader.context, own, reader.skeleton.pattern.columns_of(matches))
        if others:
            self._fill_each(*zip(*others))

    def _fill_alike(self, place: Context, rows: Sequence[int], texts: Sequence[str]) -> bool:
        """Fill rows of texts that one place has strictly, if all of them are."""
        if self._pattern is None or any(len(text) > self._pool.limits.text for text in texts):
            return False
        columns = self._pattern.columns(texts)
        if columns is None:
            return False
        self._fill_columns(place, rows, columns)
        return True

    def _fill_columns(self, place: Context, rows: Sequence[int], columns: Mapping[str, Sequence[str | None]]) -> None:
        name = Hierarchy.of(place.hierarchy).text
        for row in rows:
            self._places[row] = name
            self._statuses[row] = RESOLVED
        share = self._shared.setdefault
        for token, values in columns.items():
            column = self._tokens[token]
            for row, value in zip(rows, values):
                if value is not None:
                    column[row] = share(value, value)

    def _fill_each(self, rows: Sequence[int], texts: Sequence[str]) -> None:
        """Fill rows one after another."""
        finder, place = one_finder(self._finder), ... if self._place is None else self._place
        for row, (text, answer) in zip(rows, read_many(self._pool, finder, texts, place, self._tiers)):
            self._fill_row(row, text, answer)

    def _fill_row(self, row: int, text: str, answer: Candidate | WaysError) -> None:
        if isinstance(answer, WaysError):
            self._statuses[row] = AMBIGUOUS if isinstance(answer, AmbiguousContextError) else UNRESOLVED
            self._errors[row] = answer.at_once()
            return
        if misfit := answer.misfit(text):
            self._statuses[row], self._errors[row] = UNRESOLVED, misfit
            return
        self._places[row], self._statuses[row] = answer.hierarchy, RESOLVED
        share = self._shared.setdefault
        for token, value in answer.values.items():
            self._tokens[token][row] = share(value, value)
