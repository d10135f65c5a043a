"""What is wrong with the mappings and tokens of one plugin: checked when its sheet is loaded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ways.errors import MatchTimeoutError, PatternError, TokenCycleError, caret, did_you_mean
from ways.pattern.scan import scan
from ways.pattern.sequence import sequence_kind
from ways.pattern.template import Template
from ways.pattern.token import TokenSpec, reason_of, segments_expression, written_choices
from ways.pattern.types import KNOWN_SPECS, kind_of, repeated_part
from ways.regex.budget import TimeBudget
from ways.sheets.document import PluginRecord, Problem

#: ``{VERSION:03d}``: a token's name, and what stands after the first colon.
_FORMATTED = re.compile(r"\{([^{}:]+):([^{}]+)\}")


def check_language(record: PluginRecord) -> tuple[PluginRecord | None, Sequence[Problem]]:
    """Return *record* without the keys of tokens that can't be used, and what is wrong with its mapping and tokens.

    The record is ``None`` if its mapping can't be read. In syntax 2 a token that lost a rule costs the plugin: it would be
    written with any value.
    """
    checker = LanguageChecker(record)
    details = {name: checker.usable_details(name, entry) for name, entry in checker.details.items()}
    if any(details[name] is not checker.details[name] for name in details):
        record = record._replace(values={**record.values, "mapping_details": details})
    has_all_rules = not checker.problems or checker.syntax == 1
    is_readable = checker.check_mappings(details)
    return record if is_readable and has_all_rules else None, checker.problems


class LanguageChecker:
    """Collects what is wrong with the mapping and the tokens of one plugin."""

    def __init__(self, record: PluginRecord) -> None:
        self.record = record
        self.mapping: str = record.values.get("mapping") or ""
        self.details: Mapping[str, Mapping[str, Any]] = record.values.get("mapping_details") or {}
        self.syntax: int = record.values.get("syntax") or 1
        self.problems: list[Problem] = []

    def usable_details(self, name: str, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the details of a token without the keys that can't be used."""
        whole = entry
        if not entry.get("format"):
            # The token may have a format in a mapping: {VERSION:03d}.
            mappings = (self.mapping, *(other.get("mapping") or "" for other in self.details.values()))
            specs = (match[2] for text in mappings for match in _FORMATTED.finditer(text) if match[1] == name)
            inline = next((spec for spec in specs if kind_of(spec) is not None and f"{name}:{spec}" not in self.details), None)
            whole = entry if inline is None else {**entry, "format": inline}
        for key, fault in self._faults(name, whole):
            help = _repetition_help(whole[key]) if key == "format" else ""
            self._add(("mapping_details", name, key), fault, excerpt=self._excerpt_of_token(name), help=help)
            entry = {other: value for other, value in entry.items() if other != key}
        return entry

    def _faults(self, name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield each key of a token that can't be used, and why; the keys after it are checked without it."""
        spec = entry.get("format")
        if spec and kind_of(spec) is None:
            yield "format", f"expected a format such as {KNOWN_SPECS}, found {spec!r}"
            entry = {**entry, "format": None}
        elif spec and spec == self.details[name].get("format") and (fault := _repetition(spec)):
            # Those of a mapping are reported where they stand.
            yield "format", fault
            entry = {**entry, "format": None}
        if entry.get("sequence") and (fault := _sequence_fault(entry)):
            yield "sequence", fault
            entry = {**entry, "sequence": None}
        if entry.get("segments") and (fault := _segments_fault(entry)):
            yield "segments", fault
            entry = {**entry, "segments": None}
        if "choices" in entry and (fault := _choices_fault(name, entry)):
            yield "choices", fault
            entry = {**entry, "choices": None}
        if entry.get("default") is not None and (fault := _default_fault(name, entry)):
            yield "default", fault

    def check_mappings(self, details: Mapping[str, Mapping[str, Any]]) -> bool:
        """Check the mapping and those of the tokens, each by itself and then together; return whether they can be read."""
        before = self._error_count
        for name, entry in details.items():
            self._check_text(("mapping_details", name, "mapping"), entry.get("mapping") or "", details)
        self._check_text(("mapping",), self.mapping, details)
        if self._error_count > before:
            return False
        try:
            template = Template.of(self.mapping, details, self.syntax, dict.fromkeys(details, self.syntax))
            template.all_specs
            leaves = template.leaves
        except TokenCycleError:
            # Another plugin may end the circle: the error is raised when the place is resolved.
            return True
        except PatternError as error:
            token = next((name for name in details if f"The token {name} " in str(error)), "")
            self._add(("mapping",), str(error), excerpt=self._excerpt_of_token(token) or self._excerpt_of_second_format())
            return False
        if leaves and all(leaf.options for leaf in leaves) and not self.record.values.get("uses"):
            message = "expected something that is always there, found only optional parts: the mapping would be empty"
            self._add(("mapping",), message, excerpt=caret(self.mapping, (0, len(self.mapping))))
            return False
        return True

    @property
    def _error_count(self) -> int:
        return sum(problem.level == "error" for problem in self.problems)

    def _check_text(self, where: tuple[str, ...], mapping: str, details: Mapping[str, Any]) -> None:
        try:
            scan(mapping, self.syntax, details)
        except PatternError as error:
            self._add(where, error.args[0].partition("\n")[0], excerpt=caret(mapping, error.span or (0, 1)))
            return
        for match in _FORMATTED.finditer(mapping):
            if match[0][1:-1] in details:
                continue
            level = "error" if self.syntax == 2 else "warning"
            if fault := _repetition(match[2]):
                self._add(where, fault, level, caret(mapping, match.span(2)), _repetition_help(match[2]))
            elif kind_of(match[2]) is None:
                message = f"expected a format such as {KNOWN_SPECS} after {match[1]}:, found {match[2]!r}"
                self._add(where, message, level, caret(mapping, match.span(2)), _format_help(match[1], match[2]))

    def _excerpt_of_token(self, token: str) -> str:
        """Return the mapping with a caret under a token, if it stands there."""
        for match in re.finditer(r"\{([^{}]+)\}", self.mapping):
            if token and match[1].partition(":")[0] == token:
                return caret(self.mapping, match.span())
        return ""

    def _excerpt_of_second_format(self) -> str:
        """Return the mapping with a caret under the second format that a token is given."""
        seen: dict[str, str] = {}
        for match in _FORMATTED.finditer(self.mapping):
            if seen.setdefault(match[1], match[2]) != match[2]:
                return caret(self.mapping, match.span(2))
        return caret(self.mapping, (0, len(self.mapping)))

    def _add(self, where: tuple[str, ...], message: str, level: Any = "error", excerpt: str = "", help: str = "") -> None:
        expected, _, found = message.removeprefix("expected ").partition(", found ")
        source = self.record.source_of(*where)
        self.problems.append(Problem(source, message.rstrip("."), level, "token-language", expected, found, help, excerpt))


def _format_help(token: str, spec: str) -> str:
    """Return how a number is written for which another tool's format stands: ``%04d``, ``####``, ``3``."""
    number = re.fullmatch(r"%?0?(\d{1,2})[di]?|(#{1,20})", spec)
    width = int(number[1] or len(number[2])) if number else 0
    return f"Write {{{token}:{width:02d}d}} for a number of {width} digits." if width else ""


def _repetition(spec: str) -> str:
    """Return what is wrong with a format that has a part of a date twice, or ``""``."""
    part = repeated_part(spec) if kind_of(spec) is not None else ""
    return f"expected each part of a date once, found {spec!r}, in which the {part} stands twice" if part else ""


def _repetition_help(spec: str) -> str:
    return "%d is the day of a date. For numbers, write a token for each: {MAJOR:d}.{MINOR:d}." if repeated_part(spec) == "day" else ""


def _sequence_fault(entry: Mapping[str, Any]) -> str:
    """Return what is wrong with a sequence token, or ``""``."""
    if entry.get("choices"):
        return "expected no choices beside a sequence, found both"
    try:
        sequence_kind(entry.get("format") or "")
    except ValueError as error:
        return f"expected a format of whole numbers, found another: {error}"
    return ""


def _segments_fault(entry: Mapping[str, Any]) -> str:
    """Return what is wrong with a token of segments, or ``""``."""
    for key, held in (("sequence", "a sequence"), ("format", "a format"), ("mapping", "a mapping of its own")):
        if entry.get(key):
            return f"expected a token of segments without {held}, found both"
    return ""


def _choices_fault(name: str, entry: Mapping[str, Any]) -> str:
    """Return what is wrong with the choices of a token, or ``""``."""
    try:
        choices = written_choices(entry)
    except ValueError as error:
        return f"expected choices that fit the token, found one that doesn't: {error}"
    texts = [text for _, text in choices]
    known = set(texts)
    if len(known) < len(texts):
        twice = next(text for text, count in Counter(texts).items() if count > 1)
        return f"expected a different text for each choice, found {twice!r} twice"
    swapped = next((value for value, text in choices if isinstance(value, str) and value in known and value != text), None)
    if swapped is not None:
        return f"expected values that are no other choice's text, found {swapped!r} as both"
    bad = _unfitting(name, {**entry, "choices": None}, texts)
    return f"expected choices that fit {bad[1]}, found {bad[0]!r}" if bad else ""


def _default_fault(name: str, entry: Mapping[str, Any]) -> str:
    """Return what is wrong with the default of a token, or ``""``."""
    spec = TokenSpec.of(name, entry)
    try:
        text = spec.text(entry["default"])
    except ValueError as error:
        return f"expected a default that fits the token, found one that doesn't: {error}"
    if spec.choices and text not in (texts := [known for _, known in spec.choices]):
        known = [str(value) for value, _ in spec.choices]
        return f"expected a default among the choices {', '.join(texts)}, found {text!r}.{did_you_mean(text, [*texts, *known])}"
    bad = _unfitting(name, {**entry, "choices": None}, [text])
    return f"expected a default that fits {bad[1]}, found {bad[0]!r}" if bad else ""


def _unfitting(name: str, entry: Mapping[str, Any], texts: list[str]) -> tuple[str, str] | None:
    """Return the first text that doesn't fit a token, and what it doesn't fit."""
    spec = TokenSpec.of(name, entry)
    try:
        fits = spec.fits()
    except PatternError:
        # That the expression can't be read is reported when it is used.
        return None
    bad = None
    is_told = True
    # All texts of a token have the time of one Context, and those of all tokens of a sheet that of one question.
    with TimeBudget():
        for text in () if fits is None else texts:
            try:
                is_fitting = fits is None or bool(fits(text))
            except MatchTimeoutError:
                is_fitting = is_told = False
            if not is_fitting:
                bad = text
                break
    if bad is None:
        return None
    if is_told and spec.separator and not re.fullmatch(segments_expression("/"), bad):
        return bad, "segments: " + reason_of(spec, bad)
    rule = f"the format {spec.format!r}" if spec.format else f"the expression {spec.own_expression!r}"
    return bad, rule if is_told else f"{rule} as far as can be told in time"
