"""How far a text fits a mapping, and what stops it there."""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ways.assets.index import Target
from ways.errors import PatternError
from ways.explain.beginnings import Beginnings, LeafLine, Stop
from ways.explain.record import Verdict
from ways.pattern.builder import Builder
from ways.pattern.pattern import STRICT, WHOLE, TextReading
from ways.pattern.solve import find_value
from ways.pattern.template import SEPARATORS, Leaf, Template
from ways.pattern.token import reason_of
from ways.regex.guard import Guard


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


def variant_mismatch(target: Target, text: str) -> Mismatch | None:
    """Return why a text isn't of this variant, if its values are those of another; ``None`` for any other text."""
    other = next(iter(target.mismatches(text)), None)
    return None if other is None else Mismatch(Verdict.OTHER_VARIANT, len(text), "", str(other), other.values)


def value_mismatch(target: Target, text: str) -> Mismatch | None:
    """Return the first value that is wrong in a text that fits as a whole and has all literals; ``None`` for any other text."""
    reading = next(_loose_readings(target, text), None)
    view = target.view
    template = view.template
    if reading is None or not view.is_selected(reading.values, target.context.patterns):
        return None
    token, message, start = _fault(template, reading, text)
    values = {name: reading.values[name] for name in template.leaf_tokens if name in reading.values}
    return Mismatch(Verdict.LAXER_TIER, start, token, message, values, "b")


def text_mismatch(mapping: LeafLine, text: str, count: int, beginnings: Beginnings) -> Mismatch:
    """Return how far a text fits that doesn't fit as a whole, and what is wrong there.

    :param count: how many leaves it may fit, by the literals in it.
    :param beginnings: where the beginnings of mappings end in texts.
    """
    stop = beginnings.stop(mapping, text, count)
    return _mismatch_at(mapping, stop, text)._replace(left=len(mapping.leaves) - stop.fitting)


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


def _mismatch_at(mapping: LeafLine, stop: Stop, text: str) -> Mismatch:
    """Return what is wrong where the start of a mapping no longer fits: behind its end, at a literal, or at a token."""
    leaves, position = mapping.leaves, stop.position
    rest = text[position:]
    if stop.fitting == len(leaves):
        if not rest:
            # Each start of the mapping fits, and all of it doesn't: an expression of a token that others write refuses.
            return Mismatch(Verdict.NO_DIVISION, position)
        message = f"expected the end here, found {rest!r}"
        return _cut_short(mapping, stop, text) or Mismatch(Verdict.TEXT_GOES_ON, position, "", message)
    wanted = leaves[stop.fitting].text
    if not leaves[stop.fitting].is_token:
        same = len(os.path.commonprefix([rest, wanted]))
        message = f"expected {wanted[same:]!r} here"
        if same == len(rest):
            return Mismatch(Verdict.TEXT_ENDS, len(text), "", message)
        mismatch = None if same else _cut_short(mapping, stop, text)
        words = _misspelt(text, position + same, wanted[same:], is_last=stop.fitting + 1 == len(leaves))
        return mismatch or Mismatch(Verdict.TEXT_DIFFERS, position + same, "", message + words)
    if wanted in {before.text for before in leaves[: stop.fitting] if before.is_token}:
        return Mismatch(Verdict.VALUES_DIFFER, position, wanted, f"{wanted} has another value earlier")
    if not rest:
        return Mismatch(Verdict.TEXT_ENDS, position, wanted, f"expected a value of {wanted} here")
    value = _value(leaves, stop.fitting, position, text)
    return Mismatch(Verdict.VALUE_UNFIT, position, wanted, f"{wanted} can't be {value!r}: {reason_of(mapping.spec(wanted), value)}")


def _misspelt(text: str, position: int, wanted: str, *, is_last: bool) -> str:
    """Return the whole word that is wanted, and the one that is there, where a text differs within a word; else ``""``."""
    start = max(text.rfind(separator, 0, position) for separator in SEPARATORS) + 1
    if start == position or not (is_last or any(separator in wanted for separator in SEPARATORS)):
        return ""
    return f": {text[start:position] + _to_separator(wanted)!r}, not {_to_separator(text[start:])!r}"


def _to_separator(text: str) -> str:
    return text[: next((index for index, letter in enumerate(text) if letter in SEPARATORS), len(text))]


def _cut_short(mapping: LeafLine, stop: Stop, text: str) -> Mismatch | None:
    """Return the mismatch of a value whose beginning alone fits its token; ``None`` for any other value."""
    last = mapping.leaves[stop.fitting - 1] if stop.fitting else None
    if last is None or not last.is_token or text[stop.position] in SEPARATORS or not mapping.spec(last.text).is_constrained:
        return None
    value = _value(mapping.leaves, stop.fitting - 1, stop.start, text)
    if not value.startswith(text[stop.start : stop.position + 1]):
        return None
    reason = reason_of(mapping.spec(last.text), value)
    return Mismatch(Verdict.VALUE_UNFIT, stop.position, last.text, f"{last.text} can't be {value!r}: {reason}")


def _value(leaves: Sequence[Leaf], number: int, start: int, text: str) -> str:
    """Return what stands in the place of a token: up to a separator, or to the text that comes after the token."""
    end = next((index for index in range(start, len(text)) if text[index] in SEPARATORS), len(text))
    after = leaves[number + 1] if number + 1 < len(leaves) else None
    index = text.find(after.text, start, end) if after is not None and not after.is_token else -1
    return text[start : end if index < 0 else index]


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
                return leaf.text, f"{leaf.text} must be {value!r} again", position
            seen[leaf.text] = value
        position += len(value)
    for name in template.all_tokens:
        fits = template.spec(name).fits()
        if name in reading.values and fits is not None and not fits(reading.values[name]):
            value = reading.values[name]
            return name, f"{name} can't be {value!r}: {reason_of(template.spec(name), value)}", max(0, text.find(value))
    return "", "", len(text)
