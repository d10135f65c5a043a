"""Why a text is of one Context, and not of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ways.assets.finding import Finder, is_valid
from ways.assets.index import Target, outranks
from ways.assets.reading import STRICT_TIERS, TIERS, Candidate, Rank, rank
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.errors import MatchTimeoutError, WaysError
from ways.explain.beginnings import Beginnings
from ways.explain.mismatch import Mismatch, text_mismatch, unmet_conditions, value_mismatch, variant_mismatch
from ways.explain.record import Attempt, PluginReference, TextExplanation, Variable, Verdict
from ways.lightweight import CollectorPause
from ways.pattern.template import literals_in
from ways.regex.budget import Question, TimeBudget
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


class _Trial(NamedTuple):
    """What came of one Context that a text was tried with; an :class:`Attempt` is made of those that are asked for."""

    target: Target
    mismatch: Mismatch
    unmet: tuple[str, ...] = ()
    rank: Rank | None = None
    #: The layer that it is of, where that isn't the one of the Context.
    layer: str | None = None

    @property
    def order(self) -> tuple[object, ...]:
        """What sorts trials: the one that won, then those that fit, best first, then the nearest misses."""
        mismatch = self.mismatch
        place = _PLACES.get(mismatch.verdict, len(_PLACES))
        best_first = [-number for number in self.rank or ()]
        return place, mismatch.verdict is Verdict.NO_MAPPING, -mismatch.position, mismatch.left, best_first

    @property
    def is_near(self) -> bool:
        """Whether the text fits the mapping, if only in some way."""
        return self.rank is not None and self.mismatch.tier is not None and self.mismatch.verdict is not Verdict.LAXER_TIER

    def attempt(self) -> Attempt:
        """Return it as part of an explanation."""
        view, mismatch = self.target.view, self.mismatch
        order = view.state.snapshot.conditional
        return Attempt(
            hierarchy=view.hierarchy.text,
            assignment=self.target.context.assignment if self.layer is None else self.layer,
            variant=tuple(PluginReference.of(plugin, "when") for plugin in sorted(view.variant, key=order.index)),
            mapping=view.mapping if isinstance(view.mapping, str) else None,
            source=view.provenance.source_of_mapping(),
            verdict=mismatch.verdict,
            tier=mismatch.tier,
            rank=None if self.rank is None else (self.rank[0], self.rank[1], self.rank[2]),
            values=dict(mismatch.values),
            position=mismatch.position,
            left=mismatch.left,
            token=mismatch.token,
            message=mismatch.message or mismatch.verdict.sentence,
            unmet=self.unmet,
        )


def explain_text(
    pool: ContextPool, finder: Finder, text: str, *, strict: bool | None = None, nearest: int | None = None
) -> TextExplanation:
    """Return why *text* is what it is. See :meth:`Session.explain_text`."""
    is_strict = finder.is_strict if strict is None else strict
    with CollectorPause(), Question(pool.limits):
        decision = _decide(finder, text, STRICT_TIERS if is_strict else TIERS)
        trials = sorted(_trials(finder, text, decision), key=lambda trial: trial.order)
    verdicts = {trial.mismatch.verdict for trial in trials}
    is_tied = bool(verdicts & {Verdict.INVALID_VALUES, Verdict.AMBIGUOUS})
    state = pool.state()
    shown = trials
    if nearest is not None:
        met = [trial for trial in trials if not trial.unmet]
        shown = [trial for number, trial in enumerate(met) if number < nearest or trial.is_near]
    return TextExplanation(
        text=text,
        status=next((status for verdict, status in _STATUS.items() if verdict in verdicts), "unresolved"),
        tier=decision.tier,
        attempts=tuple(trial.attempt() for trial in shown),
        environment=tuple(_variables(decision.tier, is_tied, pool.settings.overrides, state.settings)),
        farther=0 if nearest is None else len(met) - len(shown),
        unmet={} if nearest is None else Counter(trial.unmet[0] for trial in trials if trial.unmet),
    )


def _trials(finder: Finder, text: str, decision: _TextDecision) -> Iterator[_Trial]:
    survey = finder.index.survey()
    beginnings = Beginnings()
    for target in survey.searched:
        if target in decision.verdicts:
            yield _fitting(target, text, decision)
        elif target in decision.timeouts:
            yield _trial(target, Mismatch(Verdict.TIMED_OUT, message=str(decision.timeouts[target])))
        else:
            yield _mismatching(target, text, beginnings)
    yield from _outside(finder, text, decision)
    yield from (_unsearched(target, text, beginnings) for target in survey.unsearched)
    yield from map(_unread, survey.unread)


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


#: The place of each verdict of a text that fits.
_PLACES = {verdict: number for number, verdict in enumerate(Verdict) if verdict.fits}


def _decide(finder: Finder, text: str, tiers: Sequence[str]) -> _TextDecision:
    """Return what *text* is, decided as :meth:`Finder.find_text` does."""
    for tier in tiers:
        groups = finder.index.read_each(text, tier)
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


def _fitting(target: Target, text: str, decision: _TextDecision) -> _Trial:
    candidates = decision.matches[target]
    best = max(candidates, key=lambda candidate: candidate.rank)
    others = (other for other in candidates if other is not best)
    shown = [", ".join(f"{name}={value!r}" for name, value in other.values.items()) for other in others]
    message = f"it can also be read as {shown[0] or 'no values'}" if shown else ""
    return _trial(target, Mismatch(decision.verdicts[target], len(text), "", message, best.values, decision.tier), known=best.rank)


def _outside(finder: Finder, text: str, decision: _TextDecision) -> Iterator[_Trial]:
    """Yield the Contexts of layers without priority that fit, where these are found only by name; none that fits without them."""
    known = {target.place for target in decision.matches}
    for layer, group in finder.index.outside:
        for target, some in group.read_each(text, STRICT_TIERS[0]):
            if not isinstance(some, WaysError) and target.place not in known:
                best = max(some, key=lambda candidate: candidate.rank)
                message = f"its layer {layer!r} is not in {PRIORITY_ENV_VAR}"
                mismatch = Mismatch(Verdict.OUTSIDE_PRIORITY, len(text), "", message, best.values, STRICT_TIERS[0])
                yield _trial(target, mismatch, known=best.rank)._replace(layer=layer)


def _mismatching(target: Target, text: str, beginnings: Beginnings) -> _Trial:
    """Return why a text isn't of one variant of a Context, and the conditions that its values don't meet.

    Of several reasons it is the one that needs the least change.
    """
    try:
        # Of the forms of a path of Windows, the first is as the mapping spells it, and as long as the text.
        form = next(iter(target.view.forms(text)), text) if target.view.is_windows_path else text
        with TimeBudget(target.view.state.limits):
            mapping = beginnings.leaves_of(target)
            count = literals_in(mapping.leaves, form)
            mismatch = variant_mismatch(target, form) if target.view.conditions else None
            if mismatch is None and count == len(mapping.leaves):
                mismatch = value_mismatch(target, form)
            mismatch = mismatch or text_mismatch(mapping, form, count, beginnings)
            unmet = unmet_conditions(target, form, mismatch) if target.view.conditions else ()
            return _trial(target, mismatch, unmet, mapping.rank)
    except MatchTimeoutError as error:
        return _trial(target, Mismatch(Verdict.TIMED_OUT, message=str(error)))
    except WaysError as error:
        return _trial(target, Mismatch(Verdict.NO_MAPPING, message=str(error)))


def _trial(target: Target, mismatch: Mismatch, unmet: tuple[str, ...] = (), known: Rank | None = None) -> _Trial:
    """Return a trial with the rank of its mapping, if it has one; the rank that is *known*, if it is."""
    parts = target.view.mapping_parts
    if mismatch.verdict is Verdict.NO_MAPPING or isinstance(parts, WaysError) or not parts:
        return _Trial(target, mismatch, unmet)
    return _Trial(target, mismatch, unmet, rank(target.view.template) if known is None else known)


def _unsearched(target: Target, text: str, beginnings: Beginnings) -> _Trial:
    """Return why a text isn't tried with a place, and how far it would fit."""
    try:
        candidates = target.read(text, "a")
    except MatchTimeoutError:
        candidates = []
    if candidates:
        near = Mismatch(Verdict.NOT_SEARCHED, len(text), values=candidates[0].values)
    else:
        near = _mismatching(target, text, beginnings).mismatch
    if near.verdict is Verdict.NO_MAPPING:
        return _trial(target, near)
    source = target.view.provenance.source_of(("search",))
    message = f"{Verdict.NOT_SEARCHED.sentence} ({source})" if source else ""
    return _trial(target, near._replace(verdict=Verdict.NOT_SEARCHED, message=message))


def _unread(target: Target) -> _Trial:
    error: object = target.view.mapping
    if not isinstance(error, WaysError):
        try:
            target.view.template.all_tokens
        except WaysError as problem:
            error = problem
    return _trial(target, Mismatch(Verdict.NO_MAPPING, message=str(error) if isinstance(error, WaysError) else ""))
