"""Why a text is of one Context, and not of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ways.assets.finding import Finder, is_valid
from ways.assets.index import Target, outranks
from ways.assets.reading import STRICT_TIERS, TIERS, Candidate, rank
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.errors import MatchTimeoutError, WaysError
from ways.explain.mismatch import Ends, Mismatch, text_mismatch, unmet_conditions, value_mismatch, variant_mismatch
from ways.explain.record import Attempt, PluginReference, TextExplanation, Variable, Verdict
from ways.regex.guard import TimeBudget
from ways.settings import (
    EXPAND_ORDER_ENV_VAR,
    PARSERS_ENV_VAR,
    PLATFORM_ENV_VAR,
    PRIORITY_ENV_VAR,
    Settings,
    expand_order,
    parse_order,
)

#: Each Context that a text fits, in its variant, with the ways in which it does.
Matches = Sequence[tuple[Target, "list[Candidate]"]]


class _TextDecision(NamedTuple):
    """What a text is, and why."""

    tier: str | None
    matches: Mapping[Target, list[Candidate]]
    verdicts: Mapping[Target, Verdict]
    #: Those that took too long to match.
    timeouts: Mapping[Target, MatchTimeoutError]


def explain_text(pool: ContextPool, finder: Finder, text: str, *, strict: bool | None = None) -> TextExplanation:
    """Return why *text* is what it is. See :meth:`Session.explain_text`."""
    is_strict = pool.state().is_strict if strict is None else strict
    decision = _decide(finder, text, STRICT_TIERS if is_strict else TIERS)
    attempts = [
        *_attempts(finder, text, decision),
        *_outside(finder, text, decision),
        *(_unsearched(target, text) for target in finder.index.unsearched),
        *(_unread(target) for target in finder.index.unread),
    ]
    verdicts = {attempt.verdict for attempt in attempts}
    is_tied = bool(verdicts & {Verdict.INVALID_VALUES, Verdict.AMBIGUOUS})
    state = pool.state()
    return TextExplanation(
        text=text,
        status=next((status for verdict, status in _STATUS.items() if verdict in verdicts), "unresolved"),
        tier=decision.tier,
        attempts=tuple(sorted(attempts, key=_order)),
        environment=tuple(_variables(decision.tier, is_tied, pool.settings.overrides, state.settings)),
    )


def _variables(tier: str | None, is_tied: bool, overrides: Mapping[str, str], settings: Settings) -> Iterator[Variable]:
    """Yield each variable that decided what a text is."""
    yield Variable.of(PLATFORM_ENV_VAR, overrides, f"the platform is {settings.platform}")
    yield Variable.of(PRIORITY_ENV_VAR, overrides, f"the layers, strongest last: {', '.join(settings.priority)}")
    if is_tied:
        yield Variable.of(PARSERS_ENV_VAR, {}, f"equal ones are told apart by {', '.join(parse_order())}")
    if tier == "c":
        yield Variable.of(EXPAND_ORDER_ENV_VAR, {}, f"texts are split by {', '.join(expand_order())}")


_STATUS = {Verdict.CHOSEN: "resolved", Verdict.AMBIGUOUS: "ambiguous"}
#: What a mapping is behind in, for each part of a rank.
_BEHIND = (Verdict.FEWER_LITERALS, Verdict.FEWER_CONSTRAINED, Verdict.MORE_FREE)


def _order(attempt: Attempt) -> tuple[object, ...]:
    """Return what sorts attempts: the one that won, then those that fit, best first, then the nearest misses."""
    order = list(Verdict)
    place = order.index(attempt.verdict) if attempt.verdict.fits else len(order)
    return (place, attempt.verdict is Verdict.NO_MAPPING, -attempt.position, attempt.left, [-number for number in attempt.rank or ()])


def _decide(finder: Finder, text: str, tiers: Sequence[str]) -> _TextDecision:
    """Return what *text* is, decided as :meth:`Finder.find_text` does."""
    for tier in tiers:
        groups = [group.read_each(text, tier) for group in finder.index.groups]
        deciding = next((group for group in groups if group), None)
        if deciding is not None:
            matches = [(target, some) for target, some in deciding if not isinstance(some, WaysError)]
            timeouts = {target: some for target, some in deciding if isinstance(some, MatchTimeoutError)}
            candidates = [candidate for _, some in matches for candidate in some]
            all_known = len(matches) == len(deciding)
            is_decided = all_known or (len(matches) + len(timeouts) == len(deciding) and outranks(candidates, timeouts))
            verdicts = _verdicts(matches) if is_decided else dict.fromkeys((target for target, _ in matches), Verdict.UNTOLD)
            later = [item for group in groups if group is not deciding for item in group]
            matches += [(target, some) for target, some in later if not isinstance(some, WaysError)]
            verdicts.update((target, Verdict.OUTSIDE_PRIORITY) for target, _ in matches if target not in verdicts)
            return _TextDecision(tier if is_decided else None, dict(matches), verdicts, timeouts)
    return _TextDecision(None, {}, {}, {})


def _verdicts(matches: Matches) -> dict[Target, Verdict]:
    """Return what became of each that fits in the deciding tier."""
    best = max(candidate.rank for _, some in matches for candidate in some)
    verdicts: dict[Target, Verdict] = {}
    leading: dict[Context, list[Target]] = {}
    leaders = {target.context for target, some in matches if any(candidate.rank == best for candidate in some)}
    for target, some in matches:
        if target.context in leaders:
            leading.setdefault(target.context, []).append(target)
        else:
            own = max(candidate.rank for candidate in some)
            verdicts[target] = next(verdict for verdict, mine, other in zip(_BEHIND, own, best) if mine != other)
    heads: list[Target] = []
    for targets in leading.values():
        # Of the variants of one place, those with most conditions come before the others.
        most = max(target.view.condition_count for target in targets)
        heads += [target for target in targets if target.view.condition_count == most]
        verdicts.update((target, Verdict.FEWER_CONDITIONS) for target in targets if target.view.condition_count < most)
    candidates = dict(matches)
    if sum(len(candidates[target]) for target in heads) > len(leading):
        return {**verdicts, **dict.fromkeys(heads, Verdict.AMBIGUOUS)}
    # Of several with equal ranks, one is chosen if its values alone are valid.
    valid = heads if len(heads) == 1 else [target for target in heads if is_valid(candidates[target][0])]
    verdicts.update(dict.fromkeys(heads, Verdict.INVALID_VALUES if valid else Verdict.AMBIGUOUS))
    verdicts.update(dict.fromkeys(valid, Verdict.CHOSEN if len(valid) == 1 else Verdict.AMBIGUOUS))
    return verdicts


def _attempts(finder: Finder, text: str, decision: _TextDecision) -> Iterator[Attempt]:
    ends: Ends = {}
    for group in finder.index.groups:
        for target in group.targets:
            if target in decision.verdicts:
                candidates = decision.matches[target]
                best = max(candidates, key=lambda candidate: candidate.rank)
                others = (other for other in candidates if other is not best)
                shown = [", ".join(f"{name}={value!r}" for name, value in other.values.items()) for other in others]
                message = f"it can also be read as {shown[0] or 'no values'}" if shown else ""
                mismatch = Mismatch(decision.verdicts[target], len(text), "", message, best.values, decision.tier)
                yield _attempt(target, mismatch, ranked=best.rank)
            elif target in decision.timeouts:
                yield _attempt(target, Mismatch(Verdict.TIMED_OUT, message=str(decision.timeouts[target])))
            else:
                yield _attempt(target, *_mismatch(target, text, ends))


def _outside(finder: Finder, text: str, decision: _TextDecision) -> Iterator[Attempt]:
    """Yield the Contexts of layers without priority that fit, where these are found only by name; none that fits without them."""
    known = {target.place for target in decision.matches}
    for layer, group in finder.index.outside:
        for target, some in group.read_each(text, STRICT_TIERS[0]):
            if not isinstance(some, WaysError) and target.place not in known:
                best = max(some, key=lambda candidate: candidate.rank)
                message = f"its layer {layer!r} is not in {PRIORITY_ENV_VAR}"
                mismatch = Mismatch(Verdict.OUTSIDE_PRIORITY, len(text), "", message, best.values, STRICT_TIERS[0])
                yield replace(_attempt(target, mismatch, ranked=best.rank), assignment=layer)


def _mismatch(target: Target, text: str, ends: Ends) -> tuple[Mismatch, tuple[str, ...]]:
    """Return why a text isn't of one variant of a Context, and the conditions that its values don't meet.

    Of several reasons it is the one that needs the least change.
    """
    try:
        # Of the forms of a path of Windows, the first is as the mapping spells it, and as long as the text.
        text = next(iter(target.view.forms(text)), text)
        with TimeBudget():
            value_fault = variant_mismatch(target, text) or value_mismatch(target, text)
            mismatch = value_fault or text_mismatch(target, text, ends)
            return mismatch, unmet_conditions(target, text, mismatch)
    except MatchTimeoutError as error:
        return Mismatch(Verdict.TIMED_OUT, message=str(error)), ()
    except WaysError as error:
        return Mismatch(Verdict.NO_MAPPING, message=str(error)), ()


def _attempt(
    target: Target, mismatch: Mismatch, unmet: tuple[str, ...] = (), ranked: tuple[int, int, int] | None = None
) -> Attempt:
    view = target.view
    provenance = view.provenance
    is_ranked = bool(provenance.mapping_parts) and mismatch.verdict is not Verdict.NO_MAPPING
    order = view.state.snapshot.conditional
    return Attempt(
        hierarchy=view.hierarchy.text,
        assignment=target.context.assignment,
        variant=tuple(PluginReference.of(plugin, "when") for plugin in sorted(view.variant, key=order.index)),
        mapping=view.mapping if isinstance(view.mapping, str) else None,
        source=provenance.source_of_mapping(),
        verdict=mismatch.verdict,
        tier=mismatch.tier,
        rank=tuple(ranked or rank(view.template)) if is_ranked else None,  # type: ignore[arg-type]
        values=dict(mismatch.values),
        position=mismatch.position,
        left=mismatch.left,
        token=mismatch.token,
        message=mismatch.message or mismatch.verdict.sentence,
        unmet=unmet,
    )


def _unsearched(target: Target, text: str) -> Attempt:
    """Return why a text isn't tried with a place, and how far it would fit."""
    try:
        candidates = target.read(text, "a")
    except MatchTimeoutError:
        candidates = []
    if candidates:
        near = Mismatch(Verdict.NOT_SEARCHED, len(text), values=candidates[0].values)
    else:
        near, _ = _mismatch(target, text, {})
    if near.verdict is Verdict.NO_MAPPING:
        return _attempt(target, near)
    source = target.view.provenance.source_of(("search",))
    message = f"{Verdict.NOT_SEARCHED.sentence} ({source})" if source else ""
    return _attempt(target, near._replace(verdict=Verdict.NOT_SEARCHED, message=message))


def _unread(target: Target) -> Attempt:
    error: object = target.view.mapping
    if not isinstance(error, WaysError):
        try:
            target.view.template.all_tokens
        except WaysError as problem:
            error = problem
    return _attempt(target, Mismatch(Verdict.NO_MAPPING, message=str(error) if isinstance(error, WaysError) else ""))
