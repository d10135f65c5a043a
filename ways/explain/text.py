"""Why a text is of one Context, and not of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ways.assets.find import Entry, Finder, is_valid, outranks
from ways.assets.read import STRICT_TIERS, TIERS, Candidate, rank
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.errors import MatchTimeoutError, WaysError
from ways.regex.guard import TimeBudget
from ways.explain.environment import variables_of_text
from ways.explain.miss import Ends, Miss, miss_of, mismatch_of, unfit_of
from ways.explain.reasons import Verdict
from ways.explain.record import Attempt, TextExplanation, PluginReference

Found = Sequence[tuple[Entry, "list[Candidate]"]]


class _Decided(NamedTuple):
    """What became of a text."""

    tier: str | None
    #: Each Context that fits, in its variant, with the ways in which it does.
    found: Mapping[Entry, list[Candidate]]
    verdicts: Mapping[Entry, Verdict]
    #: Those that couldn't be told in time.
    late: Mapping[Entry, MatchTimeoutError]


def explain_text(pool: ContextPool, finder: Finder, text: str, *, strict: bool = False) -> TextExplanation:
    """Return why *text* is what it is. See :meth:`Session.explain_text`."""
    decided = _decided(finder, text, STRICT_TIERS if strict else TIERS)
    attempts = [*_attempts(finder, text, decided), *(_unread(entry) for entry in finder.unread)]
    verdicts = {attempt.verdict for attempt in attempts}
    is_tied = bool(verdicts & {Verdict.INVALID_VALUES, Verdict.AMBIGUOUS})
    state = pool.state()
    return TextExplanation(
        text=text,
        status=next((status for verdict, status in _STATUS.items() if verdict in verdicts), "unresolved"),
        tier=decided.tier,
        attempts=tuple(sorted(attempts, key=_order)),
        environment=tuple(variables_of_text(decided.tier, is_tied, pool.settings.overrides, state.settings)),
    )


_STATUS = {Verdict.CHOSEN: "resolved", Verdict.AMBIGUOUS: "ambiguous"}


def _order(attempt: Attempt) -> tuple[object, ...]:
    """Return what sorts attempts: the one that won, then those that fit, best first, then the nearest misses."""
    order = list(Verdict)
    place = order.index(attempt.verdict) if attempt.verdict.fits else len(order)
    return (place, attempt.verdict is Verdict.NO_MAPPING, -attempt.position, attempt.left, [-number for number in attempt.rank or ()])


def _decided(finder: Finder, text: str, tiers: Sequence[str]) -> _Decided:
    """Return what *text* is, told as :meth:`Finder.find_text` decides it."""
    for tier in tiers:
        groups = finder.read_each(text, tier)
        deciding = next((group for group in groups if group), None)
        if deciding is not None:
            told = [(entry, some) for entry, some in deciding if not isinstance(some, WaysError)]
            late = {entry: some for entry, some in deciding if isinstance(some, MatchTimeoutError)}
            candidates = [candidate for _, some in told for candidate in some]
            is_told = len(told) == len(deciding) or (len(told) + len(late) == len(deciding) and outranks(candidates, late))
            verdicts = _verdicts(told) if is_told else dict.fromkeys((entry for entry, _ in told), Verdict.UNTOLD)
            later = [item for group in groups if group is not deciding for item in group]
            told += [(entry, some) for entry, some in later if not isinstance(some, WaysError)]
            verdicts.update((entry, Verdict.OUTSIDE_PRIORITY) for entry, _ in told if entry not in verdicts)
            return _Decided(tier if is_told else None, dict(told), verdicts, late)
    return _Decided(None, {}, {}, {})


def _verdicts(found: Found) -> dict[Entry, Verdict]:
    """Return what became of each that fits in the deciding tier."""
    best = max(candidate.rank for _, some in found for candidate in some)
    verdicts: dict[Entry, Verdict] = {}
    leading: dict[Context, list[Entry]] = {}
    leaders = {entry.context for entry, some in found if any(candidate.rank == best for candidate in some)}
    for entry, some in found:
        if entry.context in leaders:
            leading.setdefault(entry.context, []).append(entry)
        else:
            verdicts[entry] = _behind(max(candidate.rank for candidate in some), best)
    ways = dict(found)
    heads = [entry for some in leading.values() for entry in _heads(some, verdicts)]
    return {**verdicts, **_equal(heads, ways)}


def _heads(entries: Sequence[Entry], verdicts: dict[Entry, Verdict]) -> list[Entry]:
    """Return the variants of one place that have most conditions; the others lost to them."""
    most = max(entry.view.condition_count for entry in entries)
    behind = [entry for entry in entries if entry.view.condition_count < most]
    verdicts.update(dict.fromkeys(behind, Verdict.FEWER_CONDITIONS))
    return [entry for entry in entries if entry not in behind]


def _equal(heads: Sequence[Entry], ways: Mapping[Entry, Sequence[Candidate]]) -> dict[Entry, Verdict]:
    """Return what became of those with equal ranks: one may be chosen, as its values alone are valid."""
    places = {entry.context for entry in heads}
    is_split = sum(len(ways[entry]) for entry in heads) > len(places)
    if is_split:
        return dict.fromkeys(heads, Verdict.AMBIGUOUS)
    valid = heads if len(heads) == 1 else [entry for entry in heads if is_valid(ways[entry][0])]
    verdicts = dict.fromkeys(heads, Verdict.INVALID_VALUES if valid else Verdict.AMBIGUOUS)
    return {**verdicts, **dict.fromkeys(valid, Verdict.CHOSEN if len(valid) == 1 else Verdict.AMBIGUOUS)}


def _behind(own: Sequence[int], best: Sequence[int]) -> Verdict:
    """Return in which part of its rank a mapping is behind."""
    verdicts = (Verdict.FEWER_LITERALS, Verdict.FEWER_CONSTRAINED, Verdict.MORE_FREE)
    return next(verdict for verdict, mine, other in zip(verdicts, own, best) if mine != other)


def _attempts(finder: Finder, text: str, decided: _Decided) -> Iterator[Attempt]:
    ends: Ends = {}
    for group in finder.groups:
        for entry in group:
            if entry in decided.verdicts:
                yield _fitting(entry, text, decided)
            elif entry in decided.late:
                yield _attempt(entry, Miss(Verdict.TIMED_OUT, message=str(decided.late[entry])))
            else:
                yield _attempt(entry, _miss(entry, text, ends))


def _miss(entry: Entry, text: str, ends: Ends) -> Miss:
    """Return why a text isn't of one variant of a Context: first what would be nearest."""
    try:
        with TimeBudget():
            return _nearest_miss(entry, text, ends)
    except MatchTimeoutError as error:
        return Miss(Verdict.TIMED_OUT, message=str(error))
    except WaysError as error:
        return Miss(Verdict.NO_MAPPING, message=str(error))


def _nearest_miss(entry: Entry, text: str, ends: Ends) -> Miss:
    return mismatch_of(entry, text) or unfit_of(entry, text) or miss_of(entry, text, ends)


def _fitting(entry: Entry, text: str, decided: _Decided) -> Attempt:
    candidates = decided.found[entry]
    best = max(candidates, key=lambda candidate: candidate.rank)
    others = [", ".join(f"{name}={value!r}" for name, value in other.values.items()) for other in candidates if other is not best]
    message = f"it can also be read as {others[0] or 'no values'}" if others else ""
    verdict = decided.verdicts[entry]
    found = Miss(verdict, len(text), "", message or verdict.told, best.values, decided.tier)
    return _attempt(entry, found, best.rank)


def _attempt(entry: Entry, miss: Miss, ranked: tuple[int, int, int] | None = None) -> Attempt:
    view = entry.view
    parts = () if isinstance(view.mapping_parts, WaysError) else view.mapping_parts
    is_told = bool(parts) and miss.verdict is not Verdict.NO_MAPPING
    return Attempt(
        hierarchy=view.hierarchy.text,
        assignment=entry.context.assignment,
        variant=tuple(_writers(entry)),
        mapping=view.mapping if isinstance(view.mapping, str) else None,
        source=parts[-1].plugin.source_of("mapping") if parts else None,
        verdict=miss.verdict,
        tier=miss.tier,
        rank=tuple(ranked or rank(view.template)) if is_told else None,  # type: ignore[arg-type]
        values=dict(miss.values),
        position=miss.position,
        left=miss.left,
        token=miss.token,
        message=miss.message or miss.verdict.told,
    )


def _unread(entry: Entry) -> Attempt:
    error: object = entry.view.mapping
    if not isinstance(error, WaysError):
        try:
            entry.view.template.all_tokens
        except WaysError as found:
            error = found
    return _attempt(entry, Miss(Verdict.NO_MAPPING, message=str(error) if isinstance(error, WaysError) else ""))


def _writers(entry: Entry) -> Iterable[PluginReference]:
    order = entry.view.state.snapshot.conditional
    return (PluginReference.of(plugin, "when") for plugin in sorted(entry.view.variant, key=order.index))
