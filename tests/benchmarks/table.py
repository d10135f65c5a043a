"""Rows of one table of many texts, of the film sheets: its speed, whether that stays the same, and the memory that it takes."""

from __future__ import annotations

import gc
import random
import re
import tracemalloc
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ways.errors import WaysError
from ways.regex.samples import samples_with
from ways.session import Session

from .native import film_session
from .runner import Contest, Row, Sizes, Timer, once, steady

#: One text in twenty is nothing, and each of the others is one of so many a place.
_MISS, _PER_PLACE = 20, 40
#: Seconds that one text of many may take.
_BAR = 15e-6


class _Text(NamedTuple):
    """A text, and the pattern of its place; any pattern where it is nothing."""

    text: str
    pattern: re.Pattern[str]


def film_texts(session: Session, count: int) -> list[_Text]:
    """Return texts of all places of the film sheets, in no order; the same ones each time."""
    known = [item for group in session.entries() for target in group for item in _texts_at(session, target.context)]
    chooser = random.Random(7)
    chosen = [chooser.choice(known) for _ in range(count)]
    return [_Text(f"/nowhere/{number}/x", item.pattern) if number % _MISS == 5 else item for number, item in enumerate(chosen)]


def _texts_at(session: Session, context: Any) -> Iterator[_Text]:
    template = context.template
    expressions = {name: str(template.spec(name).expression("regex")) for name in template.leaf_tokens}
    samples = {name: [text for text in samples_with(it, "ab01", 99) if re.fullmatch(it, text)] for name, it in expressions.items()}
    pattern = context.view.strict_pattern(session.pool.patterns).compiled().expression.regex
    for number in range(_PER_PLACE):
        values = {name: texts[number % len(texts)] for name, texts in samples.items()}
        try:
            yield _Text(session.format(context, values), pattern)
        except WaysError:
            # The expression of a parent has its say, too.
            continue


def _by_hand(texts: Sequence[_Text]) -> list[dict[str, Any]]:
    return [match.groupdict() if (match := item.pattern.fullmatch(item.text)) else {} for item in texts]


def _table(sizes: Sizes) -> Iterator[Contest]:
    session = film_session()
    count = sizes.lines * 10
    given = film_texts(session, count)
    texts = [item.text for item in given]
    few = max(10, sizes.lines // 10)
    some, own = texts[:few], given[:few]
    session.table(some)
    by_hand = once(lambda: _by_hand(own))
    yield Contest(f"a table of {few:,} texts, against the right pattern of each", once(lambda: session.table(some)), by_hand, 6.0)
    all_of_them, some_of_them = (_per_text(session, part) for part in (texts, some))
    yield Contest(f"a table of {count:,} texts, for one; at most 15 us", all_of_them, steady(_BAR), 1.0)
    yield Contest(f"the same against a table of {few:,} texts, for one", all_of_them, some_of_them, 1.2)
    peak, held = _memory(session, texts[: sizes.lines])
    yield Contest(f"peak memory, against the table of {sizes.lines:,} texts", steady(peak), steady(held), 3.0, unit="bytes")


def _per_text(session: Session, texts: Sequence[str]) -> Timer:
    timer = once(lambda: session.table(texts))
    return lambda: timer() / len(texts)


def _memory(session: Session, texts: Sequence[str]) -> tuple[float, float]:
    """Return the most bytes that are held while a table is made, and those of the table."""
    gc.collect()
    tracemalloc.start()
    try:
        table = session.table(texts)
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    del table
    return float(peak), float(held)


ROWS = (Row("T", "many texts as one table", "the film sheets", _table),)
