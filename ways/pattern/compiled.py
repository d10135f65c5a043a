"""CompiledPattern: text to values and values to text, for one mapping."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from typing import NamedTuple

from ways.errors import (
    AmbiguousReadingError,
    FormatError,
    MatchTimeoutError,
    MissingTokensError,
    ParseError,
    TokenValueError,
    did_you_mean,
)
from ways.lightweight import cached_property
from ways.pattern.builder import Builder, Mode, free_expression
from ways.pattern.exact_reader import Division
from ways.regex.guard import Guard, Match, at_once, time_is_up
from ways.pattern.parts import Parts
from ways.pattern.template import Template
from ways.pattern.token import TokenSpec

STRICT = Mode(agrees=True, fits=True, crosses=False)
#: Ways to read a text that fits as a whole and no better, best first.
WHOLE = (
    Mode(agrees=False, fits=True, crosses=False),
    Mode(agrees=False, fits=False, crosses=False),
    Mode(agrees=False, fits=False, crosses=True),
)


class Reading(NamedTuple):
    """One way to read a text."""

    #: The value of each token that stands in the text, parents included.
    values: Mapping[str, str]
    #: The optional parts that are there.
    present: frozenset[int] = frozenset()


class CompiledPattern:
    """A mapping as one regular expression. Holds no state; ``match(format(values))`` gives the values back.

    :raises PatternError: an expression of a token is no regular expression.
    """

    def __init__(self, template: Template, mode: Mode = STRICT) -> None:
        self.template = template
        self.mode = mode
        builder = Builder.of(template, mode)
        #: Group name to token, for every token whose value a match gives.
        self.groups: dict[str, str] = builder.names
        self.regex = builder.compiled()
        #: Matches a whole text, within a time.
        self.fullmatch = builder.guarded(self.regex)
        #: The same where that takes no time to speak of; else it raises MatchTimeoutError, and nothing was tried.
        self.at_once = at_once(self.fullmatch)
        leaf_names = set(template.leaf_tokens)
        self._leaf_groups = tuple((group, name) for group, name in builder.names.items() if name in leaf_names)
        self._options = tuple(builder.options.items())
        # What the pattern can't hold is asked after: the expression of a token that has a mapping too, and one that
        # would mean something else inside a larger pattern.
        self._checks = tuple(
            (group, fits)
            for group, name in builder.names.items()
            if mode.fits and (name in builder.left_out or name not in leaf_names) and (fits := template.spec(name).fits())
        )

    @property
    def says_all(self) -> bool:
        """Whether a match of :attr:`regex` alone is the one reading of its text."""
        return not self._options and not self._checks

    @property
    def checked(self) -> tuple[tuple[str, str], ...]:
        """The groups whose values are asked after once more, each with its token."""
        return tuple((group, self.groups[group]) for group, _ in self._checks)

    def match(self, text: str) -> dict[str, str] | None:
        """Return the value of each leaf token that stands in *text*, or ``None`` where it doesn't fit as a whole.

        :raises AmbiguousReadingError: *text* fits with different optional parts.
        """
        if self._options or self._checks:
            read = self.match_all(text)
            return None if read is None else {name: read[name] for name in self.template.leaf_tokens if name in read}
        found = self.fullmatch(text)
        return None if found is None else {name: found[group] for group, name in self._leaf_groups}

    def match_all(self, text: str) -> dict[str, str] | None:
        """Return the value of each token that stands in *text*, parents included; else as :meth:`match`."""
        found = self.readings(text)
        if len(found) > 1:
            raise AmbiguousReadingError(text, self.template.mapping, [reading.values for reading in found])
        return dict(found[0].values) if found else None

    def readings(self, text: str) -> list[Reading]:
        """Return how *text* can be read: once, not at all, or twice where different optional parts would do."""
        found = self.fullmatch(text)
        if found is None:
            return []
        first = self._checked(found) or self._division.of(text)
        if first is None or not self._options:
            return [] if first is None else [first]
        other = self._other(text, first)
        return [first] if other is None else [first, other]

    def format(self, values: Mapping[str, str], where: str = "") -> str:
        """Return the text that has these values of the leaf tokens.

        :param values: by token; one of an optional part may lack, and the part is left out.
        :param where: what to say in an error of where the mapping is written.
        :raises MissingTokensError: a leaf token has no value.
        :raises TokenValueError: a value doesn't fit its token, the text would be read otherwise, or has no place for it.
        """
        template = self.template
        given = {name: value for name in template.leaf_tokens if (value := values.get(name)) is not None}
        missing = [name for name in template.leaf_tokens if name not in given and name in template.fixed_tokens]
        if missing:
            raise MissingTokensError(missing, where)
        self._check_places(given, where)
        for name, value in given.items():
            self._check_value(name, value, where)
        for name in self._checked_parents:
            if given.keys() >= (part := template.part(name)).fixed_tokens and name in template.always_tokens:
                self._check_value(name, part.written(given), where)
        text = template.written(given)
        self._check_read(text, given, where)
        return text

    def takes(self, token: str, value: str) -> bool:
        """Whether *value* fits a leaf token as far as the token alone can tell."""
        return bool(self._fits[token](value))

    def parse(self, text: str) -> dict[str, str]:
        """Return the value of each leaf token.

        :raises ParseError: *text* doesn't fit; ``position`` says how far it does.
        :raises AmbiguousReadingError: *text* fits with different optional parts.
        """
        values = self.match(text)
        if values is None:
            raise ParseError(text, str(self.template), self.reach(text))
        return values

    def reach(self, text: str) -> int:
        """Return how many characters of *text* fit the start of the mapping."""
        leaves = self.template.leaves
        for count in range(len(leaves), 0, -1):
            if time_is_up():
                return 0
            builder = Builder.of(self.template, self.mode, count)
            try:
                found = Guard.of(builder.compiled(), builder.pieces, self.template.separators).match(text)
            except MatchTimeoutError:
                continue
            if found:
                rest = leaves[count].text if count < len(leaves) and not leaves[count].is_token else ""
                return found.end() + _common_start(text[found.end() :], rest)
        return _common_start(text, leaves[0].text) if leaves and not leaves[0].is_token else 0

    def _checked(self, found: re.Match[str]) -> Reading | None:
        """Return what a match says, if each value is what its token may hold."""
        for group, fits in self._checks:
            value = found[group]
            # The first division of the text is refused by an expression; another may not be.
            if value is not None and not fits(value):
                return None
        if not self._options:
            return Reading({name: found[group] for group, name in self.groups.items()})
        values: dict[str, str] = {}
        for group, name in self.groups.items():
            if name not in values and (value := found[group]) is not None:
                values[name] = value
        return Reading(values, frozenset(number for number, group in self._options if found[group] is not None))

    def _other(self, text: str, first: Reading) -> Reading | None:
        """Return a reading with other optional parts than the first one has."""
        flags = "".join("1" if number in first.present else "0" for number, _ in self._options)
        found = self._differing(flags + text)
        if found is None:
            return None
        return self._checked(found) or self._division.other(text, first.present)

    @cached_property
    def _differing(self) -> Match:
        builder = Builder.of(self.template, self.mode, differing=True)
        return builder.guarded(builder.compiled())

    @cached_property
    def _checked_parents(self) -> tuple[str, ...]:
        """The tokens that have a mapping and an expression."""
        leaves = self.template.leaf_tokens
        return tuple(name for name in self.template.all_tokens if name in self._fits and name not in leaves)

    @cached_property
    def _division(self) -> _Divided:
        return _Divided(Division(self.template, self._fits, repeats_agree=self.mode.agrees))

    @cached_property
    def _fits(self) -> dict[str, Callable[[str], object]]:
        """What tells whether a token's value fits, for each token that has a say."""
        template = self.template
        free = re.compile(free_expression(template.separators, self.mode)).fullmatch
        fitted = {name: template.spec(name).fits() for name in template.all_tokens} if self.mode.fits else {}
        leaves = {name: fitted.get(name) or free for name in template.leaf_tokens}
        return leaves | {name: fits for name, fits in fitted.items() if fits}

    def _check_places(self, given: Mapping[str, str], where: str) -> None:
        """Refuse a value that would get lost, as the part it stands in lacks another one."""
        if not self._options:
            return
        template = self.template
        present = template.options.present(given)
        placed = {leaf.text for leaf in template.leaves if leaf.is_token and present.issuperset(leaf.options)}
        for name, value in given.items():
            if name not in placed:
                lacking = [other for other in template.leaf_tokens if other not in given]
                reason = f"it stands in a part that is left out, as there is no value for {', '.join(lacking)}"
                raise TokenValueError(name, value, reason, where)

    def _check_read(self, text: str, given: Mapping[str, str], where: str) -> None:
        found = self.readings(text)
        if len(found) > 1:
            raise AmbiguousReadingError(text, self.template.mapping, [reading.values for reading in found])
        if not found:
            raise FormatError(f"{where + ': ' if where else ''}{text!r} would not be read as anything.")
        read = found[0].values
        for name in self.template.leaf_tokens:
            if read.get(name) != given.get(name):
                reason = f"in {text!r} it would be read as {read.get(name)!r}"
                raise TokenValueError(name, given.get(name, ""), reason, where)

    def _check_value(self, name: str, value: str, where: str) -> None:
        if not self._fits[name](value):
            reason = reason_of(self.template.spec(name), value)
            raise TokenValueError(name, value, reason if value else f"{reason}; it is empty", where)


class _Divided(NamedTuple):
    """The slow way to read a text, for what no expression of a whole mapping can hold."""

    division: Division

    def of(self, text: str) -> Reading | None:
        return self._reading(text, {})

    def other(self, text: str, present: frozenset[int]) -> Reading | None:
        """Return a reading that lacks one of the parts that are *present*, or has one more."""
        for option in self.division.options:
            found = self._reading(text, {option.number: option.number not in present})
            if found is not None:
                return found
        return None

    def _reading(self, text: str, forced: Mapping[int, bool]) -> Reading | None:
        found = self.division.of(text, forced)
        return None if found is None else Reading(*found)


def reason_of(spec: TokenSpec, value: str) -> str:
    """Return what a token wants, in words."""
    if spec.choices:
        texts = [text for _, text in spec.choices]
        close = did_you_mean(value, [*texts, *(str(known) for known, _ in spec.choices)]).strip()
        return f"one of {', '.join(texts)}{f'. {close}' if close else ''}"
    if spec.kind:
        return f"format {spec.format}{_written_hint(spec, value)}"
    own = spec.own_expression
    return f"regex {own}" if own is not None else "a token without an expression holds no separator"


def _written_hint(spec: TokenSpec, value: str) -> str:
    """Return how the number that *value* may mean is written, or ``''``."""
    try:
        number = float(value) if spec.format.endswith("f") else int(value)
        written = spec.text(number)
    except (ValueError, OverflowError):
        return ""
    return f"; as such it is written {written!r}" if spec.kind and spec.kind.fits(written) else ""


def _common_start(left: str, right: str) -> int:
    count = 0
    while count < min(len(left), len(right)) and left[count] == right[count]:
        count += 1
    return count


class PatternCache:
    """Patterns by what they say, compiled at first need. Belongs to one session, and forgets all when it is full."""

    #: Patterns held at most; one takes about 5 kB.
    LIMIT = 100_000

    def __init__(self) -> None:
        self._patterns: dict[tuple[object, Mode], CompiledPattern] = {}
        #: What reads the first texts of a mapping, before it is compiled.
        self.parts = Parts()

    def get(self, template: Template, mode: Mode = STRICT) -> CompiledPattern:
        """Return the pattern of *template*; templates that say the same share one."""
        key = (template.key, mode)
        held = self._patterns.get(key)
        if held is None:
            if len(self._patterns) >= self.LIMIT:
                self._patterns.clear()
            held = self._patterns[key] = CompiledPattern(template, mode)
        return held

    def clear(self) -> None:
        """Forget every pattern."""
        self._patterns.clear()
