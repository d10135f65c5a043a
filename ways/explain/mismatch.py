"""How far a text fits a mapping, and what stops it there."""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ways.assets.index import Target
from ways.errors import MatchTimeoutError, PatternError
from ways.explain.record import Verdict
from ways.pattern.builder import Builder
from ways.pattern.pattern import STRICT, WHOLE, TextReading
from ways.pattern.solve import find_value
from ways.pattern.template import SEPARATORS, Template
from ways.pattern.token import TokenSpec, reason_of
from ways.regex.guard import Guard


#: What decides how far the start of a mapping fits a text -> where it ends there; ``None`` where it doesn't fit.
Ends = dict[object, "int | MatchTimeoutError | None"]


class Mismatch(NamedTuple):
    """Why a text isn't of a Context."""

    verdict: Verdict
    #: How many characters fit.
    position: int = 0
    #: The token that is at fault.
    token: str = ""
    message: str = ""
    values: Mapping[str, str] = {}
    tier: str | None = None
    #: Pieces of the mapping that come after what fits.
    left: int = 0


class _Stop(NamedTuple):
    """Where the start of a mapping no longer fits."""

    #: Leaves that fit.
    fitting: int
    position: int
    #: Where the last of these starts.
    start: int


def variant_mismatch(target: Target, text: str) -> Mismatch | None:
    """Return why a text isn't of this variant, if its values are those of another; ``None`` for any other text."""
    other = next(iter(target.mismatches(text)), None)
    return None if other is None else Mismatch(Verdict.OTHER_VARIANT, len(text), "", str(other), other.values)


def value_mismatch(target: Target, text: str) -> Mismatch | None:
    """Return the first value that is wrong in a text that fits as a whole; ``None`` for any other text."""
    template = target.view.template
    if template.literals_in(text) < len(template.leaves):
        return None
    reading = next(_loose_readings(target, text), None)
    view = target.view
    if reading is None or not view.is_selected(reading.values, target.context.patterns):
        return None
    token, message, start = _fault(template, reading, text)
    values = {name: reading.values[name] for name in template.leaf_tokens if name in reading.values}
    return Mismatch(Verdict.LAXER_TIER, start, token, message, values, "b")


def text_mismatch(target: Target, text: str, ends: Ends) -> Mismatch:
    """Return how far a text fits that doesn't fit as a whole, and what is wrong there.

    :param ends: where the beginnings of mappings end in this text. Many mappings begin alike: each adds what it finds.
    """
    template = target.view.template
    stop = _stop(template, text, ends)
    return _mismatch_at(template, stop, text)._replace(left=len(template.leaves) - stop.fitting)


def unmet_conditions(target: Target, text: str, mismatch: Mismatch) -> tuple[str, ...]:
    """Return each condition of this variant that the values in a text don't meet, as far as the text fits the mapping."""
    view = target.view
    conditions = view.conditions
    if not conditions:
        return ()
    known = mismatch.values or _sure_values(view.template, len(view.template.leaves) - mismatch.left, text)
    found = {token: find_value(token, known, view.template, target.context.patterns) for each in conditions for token in each.wants}
    unmet: list[str] = []
    for condition in conditions:
        own = {token: texts for token, texts in condition.wants.items() if found[token]}
        if condition.plugin in view.variant:
            wrong = {token: texts for token, texts in own.items() if found[token] not in texts}
            unmet += [f"{token} is {' or '.join(sorted(texts))}, not {found[token]}" for token, texts in wrong.items()]
        elif len(own) == len(condition.wants) and not mismatch.values and condition.holds(found.__getitem__):
            values = ", ".join(f"{token} is {found[token]}" for token in own)
            unmet.append(f"{values}, so that the plugin {condition.plugin.name} counts")
    return tuple(unmet)


def _sure_values(template: Template, count: int, text: str) -> dict[str, str]:
    """Return the values that a text has in the first *count* leaves of a mapping, which it fits; without one that may go on."""
    while count > 0:
        builder = Builder.of(template, STRICT, count)
        match = Guard.of(builder.compiled(), builder.pieces, template.separators).match(text)
        if match is None:
            return {}
        if not template.leaves[count - 1].is_token or text[match.end() : match.end() + 1] in ("", *template.separators):
            return {builder.names[group]: value for group, value in match.groupdict().items() if value and group in builder.names}
        count -= 1
    return {}


def _mismatch_at(template: Template, stop: _Stop, text: str) -> Mismatch:
    """Return what is wrong where the start of a mapping no longer fits: behind its end, at a literal, or at a token."""
    leaves, position = template.leaves, stop.position
    rest = text[position:]
    if stop.fitting == len(leaves):
        if not rest:
            # Each start of the mapping fits, and all of it doesn't: an expression of a token that others write refuses.
            return Mismatch(Verdict.NO_DIVISION, position)
        message = f"nothing is wanted after this: {rest!r}"
        return _cut_short(template, stop, text) or Mismatch(Verdict.TEXT_GOES_ON, position, "", message)
    wanted = leaves[stop.fitting].text
    if not leaves[stop.fitting].is_token:
        same = len(os.path.commonprefix([rest, wanted]))
        message = f"{wanted[same:]!r} is wanted here"
        if same == len(rest):
            return Mismatch(Verdict.TEXT_ENDS, len(text), "", message)
        mismatch = None if same else _cut_short(template, stop, text)
        words = _misspelt(text, position + same, wanted[same:], is_last=stop.fitting + 1 == len(leaves))
        return mismatch or Mismatch(Verdict.TEXT_DIFFERS, position + same, "", message + words)
    if wanted in {before.text for before in leaves[: stop.fitting] if before.is_token}:
        return Mismatch(Verdict.VALUES_DIFFER, position, wanted, f"the token {wanted} has another value before")
    if not rest:
        return Mismatch(Verdict.TEXT_ENDS, position, wanted, f"a value of {wanted} is wanted here")
    value = _value(template, stop.fitting, position, text)
    return Mismatch(Verdict.VALUE_UNFIT, position, wanted, f"{wanted} can't be {value!r}: {reason_of(template.spec(wanted), value)}")


def _misspelt(text: str, position: int, wanted: str, *, is_last: bool) -> str:
    """Return the whole word that is wanted, and the one that is there, where a text differs within a word; else ``""``."""
    start = max(text.rfind(separator, 0, position) for separator in SEPARATORS) + 1
    if start == position or not (is_last or any(separator in wanted for separator in SEPARATORS)):
        return ""
    return f": {text[start:position] + _to_separator(wanted)!r}, not {_to_separator(text[start:])!r}"


def _to_separator(text: str) -> str:
    return text[: next((index for index, letter in enumerate(text) if letter in SEPARATORS), len(text))]


def _cut_short(template: Template, stop: _Stop, text: str) -> Mismatch | None:
    """Return the mismatch of a value whose beginning alone fits its token; ``None`` for any other value."""
    last = template.leaves[stop.fitting - 1] if stop.fitting else None
    if last is None or not last.is_token or text[stop.position] in SEPARATORS or not template.spec(last.text).is_constrained:
        return None
    value = _value(template, stop.fitting - 1, stop.start, text)
    if not value.startswith(text[stop.start : stop.position + 1]):
        return None
    reason = reason_of(template.spec(last.text), value)
    return Mismatch(Verdict.VALUE_UNFIT, stop.position, last.text, f"{last.text} can't be {value!r}: {reason}")


def _value(template: Template, number: int, start: int, text: str) -> str:
    """Return what stands in the place of a token: up to a separator, or to the text that comes after the token."""
    end = next((index for index in range(start, len(text)) if text[index] in SEPARATORS), len(text))
    after = template.leaves[number + 1] if number + 1 < len(template.leaves) else None
    index = text.find(after.text, start, end) if after is not None and not after.is_token else -1
    return text[start : end if index < 0 else index]


def _stop(template: Template, text: str, ends: Ends) -> _Stop:
    """Return how much of a mapping's start fits: what a longer start fits, a shorter one does too."""
    leaves = template.leaves
    fitting, failing = 0, template.literals_in(text) + 1
    ends_of = {0: 0}
    starts = _starts(template, failing)
    while failing - fitting > 1:
        count = (fitting + failing) // 2
        end = _end(template, count, text, ends, starts)
        if end is None:
            failing = count
        else:
            fitting, ends_of[count] = count, end
    before = fitting - 1
    if before > 0 and before not in ends_of and leaves[before].is_token:
        ends_of[before] = _end(template, before, text, ends, starts) or 0
    return _Stop(fitting, ends_of[fitting], min(ends_of.get(max(0, before), 0), ends_of[fitting]))


def _starts(template: Template, count: int) -> tuple[object, ...] | None:
    """Return what decides how far each start of a mapping fits a text, for some leaves; ``None`` where parts may lack."""
    if template.options:
        return None
    return tuple((leaf.text, _constraints(template.spec(leaf.text)) if leaf.is_token else None) for leaf in template.leaves[:count])


def _constraints(spec: TokenSpec) -> tuple[object, ...]:
    return (spec.own_expression, spec.format, spec.is_sequence, spec.separator, *(text for _, text in spec.choices))


def _end(template: Template, count: int, text: str, ends: Ends, starts: tuple[object, ...] | None) -> int | None:
    """Return where the first *count* leaves of a mapping end in *text*; ``None`` where they don't fit its start."""
    key = (template.separators, starts[:count]) if starts is not None else None
    if key is not None and key in ends:
        end = ends[key]
    else:
        builder = Builder.of(template, STRICT, count)
        try:
            match = Guard.of(builder.compiled(), builder.pieces, template.separators).match(text)
            end = match.end() if match else None
        except MatchTimeoutError as error:
            # Kept as an answer: a thousand mappings that begin so would each take as long to give up.
            end = error
        if key is not None:
            ends[key] = end
    if isinstance(end, MatchTimeoutError):
        raise end
    return end


def _loose_readings(target: Target, text: str) -> Iterator[TextReading]:
    """Yield the ways to read a text as a whole, the closest first; whichever variant their values select."""
    # Where a value would cross a separator, it is of more use to know where the mapping ends.
    for mode in WHOLE[:2]:
        try:
            yield from target.context.patterns.get(target.view.template, mode).readings(text)
        except PatternError:
            continue


def _fault(template: Template, reading: TextReading, text: str) -> tuple[str, str, int]:
    """Return the first token whose value doesn't fit, what is wrong with it, and where it starts."""
    position = 0
    seen: dict[str, str] = {}
    for leaf in template.leaves:
        value = reading.values.get(leaf.text, "") if leaf.is_token else leaf.text
        if not reading.present.issuperset(leaf.options):
            continue
        if leaf.is_token:
            spec = template.spec(leaf.text)
            fits = spec.fits()
            if fits is not None and not fits(value):
                return leaf.text, f"{leaf.text} can't be {value!r}: {reason_of(spec, value)}", position
            if not spec.is_constrained and any(letter in value for letter in template.separators):
                return leaf.text, f"{leaf.text} can't be {value!r}: {reason_of(spec, value)}", position
            if leaf.text in seen and not text.startswith(value, position):
                return leaf.text, f"the token {leaf.text} stands here with another value than before: {value!r}", position
            seen[leaf.text] = value
        position += len(value)
    for name in template.all_tokens:
        fits = template.spec(name).fits()
        if name in reading.values and fits is not None and not fits(reading.values[name]):
            value = reading.values[name]
            return name, f"{name} can't be {value!r}: {reason_of(template.spec(name), value)}", max(0, text.find(value))
    return "", "", len(text)
