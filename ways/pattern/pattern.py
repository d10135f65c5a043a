"""Pattern: a mapping that reads texts and writes values. The one reader, and the one strict writer, of the token engine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from operator import methodcaller
from os.path import commonprefix

from ways.errors import (
    AmbiguousReadingError,
    FormatError,
    MatchTimeoutError,
    MissingTokensError,
    ParseError,
    PatternError,
    TokenValueError,
    lines,
)
from ways.limits import DEFAULT_LIMITS
from ways.pattern.builder import Builder, Expression, Mode, free_expression
from ways.pattern.segment_reader import PathSteps, SegmentCache, SegmentReader, holds_path_separator
from ways.pattern.segments import Details
from ways.pattern.skeletons import Skeleton, Skeletons, SlotMatch, SlotReader
from ways.pattern.template import SEPARATORS, Template, Writer
from ways.pattern.token import reason_of
from ways.pattern.windows import PathForms
from ways.regex.budget import Preparation, time_left
from ways.regex.guard import Guard, Match, at_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Generic, Literal, NamedTuple, TypeVar
    from ways.pattern.exact_reader import ExactReader
    from ways.pattern.quick_writer import QuickWriter

    Key = TypeVar("Key")
    Value = TypeVar("Value")
else:
    from ways.lightweight import Generic, NamedTuple

    Key = Value = None

STRICT = Mode(agrees=True, fits=True, crosses=False)
#: Ways to read a text that fits as a whole and no better, best first.
WHOLE = (
    Mode(agrees=False, fits=True, crosses=False),
    Mode(agrees=False, fits=False, crosses=False),
    Mode(agrees=False, fits=False, crosses=True),
)
#: What allows to write a text that isn't read as the same values alone.
_ALLOWED = "'ambiguous: allow' in its plugin"
#: Optional parts of which :meth:`Pattern.all_readings` tries each set.
_MANY_PARTS = 6
_NO_PARTS: frozenset[int] = frozenset()
#: What :meth:`Pattern.reach` says where more of a text may fit than it found.
_UNTOLD = "Ways could not find out within the time limit whether more of it fits."
#: Texts that :meth:`Pattern.columns` matches before it takes the values out.
_AT_ONCE = 256

#: Texts of a token whose values are known at once.
_TYPED = 1024

#: How the value of a token comes out of a match: the group of its text; what makes the value of that text, if it isn't the same;
#: and for a token that others write, what gives its text instead. No named tuple: it takes longer to unpack.
GroupReader = tuple[int, "Callable[[str], Any] | None", "Callable[[re.Match[str]], str] | None"]

#: Gives a text for some values, or ``None``.
TextOfValues = Callable[["Mapping[str, Any]"], "str | None"]


class TextReading(NamedTuple):
    """One way to read a text."""

    #: The value of each token that stands in the text, parents included.
    values: Mapping[str, str]
    #: The optional parts that are there.
    present: frozenset[int] = frozenset()


class Pattern:
    """A mapping as a reader of texts and a writer of values. The mapping is parsed and compiled at first need.

    Most methods are exact: :meth:`readings`, :meth:`match`, :meth:`format` and what they share. The others are fast paths;
    each agrees with the exact method, or says that the exact method has to answer:

    - ``match_at_once(text)`` gives a match where the text fits, and there is but one reading; :meth:`values` takes the
      values out. It gives ``None`` where the text doesn't fit. Where a match doesn't decide, or may take long, it raises
      MatchTimeoutError at once.
    - ``match_complete(text)`` is as ``match_at_once``, for an Asset: a match lacks no value that an Asset needs. It may be
      there for no text: see :attr:`can_refuse`.
    - ``match_warm(text)`` is as ``match_complete`` once enough texts were read for the mapping to be compiled; until then it
      gives ``None``, and :meth:`first_values` reads the text without compiling anything.
    - ``write(values)`` gives the text of values that are those of all leaf tokens, and of no other.
    - ``match_of(values)`` gives the match of the same text, if these are texts and it is read as these again, in one way only.
      ``texts_of(values)`` gives other values as such texts.
    - :meth:`value` gives the value of a token out of the values of others.

    :param template: the mapping, or what gives it, parsed, when that is needed.
    :param patterns: what shares compiled expressions between mappings that say the same.
    :param first: what reads the first texts, if the mapping is plain enough.
    :param is_path: whether the mapping is a file path.
    :param is_windows: whether it is one of Windows, whose texts are read in several forms.
    :param is_strict: whether the place is strict: then nothing is written that isn't read as the same values again.
    :param is_live: returns whether the mapping is still the same.
    :param longest: the most characters of a text.
    :param selected: where values decide whether this is the mapping of their place: what they are asked, each as the texts
        that tokens outside of optional parts may have, and whether they must have them. Only the fast ways to read ask.
    :raises PatternError: at first need: the mapping can't be read, or the expression of a token is no regular expression.
    """

    template: Template
    expression: Expression
    #: Matches a whole text, within a time.
    fullmatch: Match
    #: Gives the forms in which a path of Windows may be read; ``None`` for all other mappings.
    forms: PathForms | None
    match_at_once: Match
    match_complete: Match
    match_warm: Match
    #: The group of each leaf token whose value is just its text.
    group_numbers: Mapping[str, int]
    #: How the values of tokens come out of a match, by token.
    group_readers: Mapping[str, GroupReader]
    #: What gives the value of a token whose value isn't just its text, by token.
    typed_values: Mapping[str, Callable[[str], Any]]
    #: Tokens whose value is not just its text.
    special_tokens: frozenset[str]
    write: TextOfValues
    match_of: Callable[[Mapping[str, Any]], re.Match[str] | None]
    texts_of: Callable[[Mapping[str, Any]], dict[str, str] | None]
    #: Whether the text of a choice may mean another one.
    has_mixed_choices: bool
    #: Whether the text of a match is what its values are written as.
    keeps_text: bool
    #: For a file path: whether a text of it surely has no value that leads to another folder.
    is_safe: Callable[[str], bool] | None
    #: Whether a match of the expression alone is the one reading of its text.
    is_unambiguous: bool
    _quick_writer: QuickWriter | None
    #: The group of each leaf token that has but one.
    _groups: Mapping[str, int]
    #: The leaf tokens in the order of their groups, and the numbers of these groups, the first of each; two more, as a match
    #: gives the value of a single group in another shape.
    _leaf_names: tuple[str, ...]
    _leaf_groups: tuple[int, ...]
    #: The further groups of tokens that stand in several optional parts.
    _more_groups: tuple[tuple[str, int], ...]
    #: Whether the groups are those of the leaf tokens, each called as its token is.
    _is_dict: bool
    #: Gives the values of the leaf tokens in a match, in their order, and perhaps more.
    _values_of: Callable[[Any], Sequence[Any]]
    #: Groups whose values the expression alone can't check: that of a token which has a mapping and an expression, and one
    #: whose expression would mean something else inside a larger one; each with what checks it.
    _checks: tuple[tuple[str, Callable[[str], object]], ...]
    _parent_writers: tuple[tuple[str, Writer], ...]
    _fits: dict[str, Callable[[str], object]]
    _checked_parents: tuple[str, ...]
    #: What gives the value of a token out of the values of others.
    _finders: dict[str, TextOfValues]
    #: Gives a match of a text with other optional parts than the digits before it say, and the checks for that match.
    _differing: tuple[Match, tuple[tuple[str, Callable[[str], object]], ...]]
    _exact: ExactReader

    def __init__(
        self,
        template: Template | Callable[[], Template],
        mode: Mode = STRICT,
        patterns: PatternCache | None = None,
        *,
        first: SegmentReader | SlotReader | None = None,
        is_path: bool = False,
        is_windows: bool = False,
        is_strict: bool = False,
        is_live: Callable[[], bool] = lambda: False,
        longest: int = DEFAULT_LIMITS.text,
        selected: Sequence[tuple[Mapping[str, frozenset[str]], bool]] = (),
    ) -> None:
        if isinstance(template, Template):
            self.template = template
        else:
            self._parse = template
        self.mode = mode
        self._patterns = patterns or PatternCache()
        self._first = first
        self._is_path = is_path
        self._is_windows = is_windows
        self.is_strict = is_strict
        self.is_live = is_live
        self._longest = longest
        self._selected = selected
        if first is not None:
            self.match_warm = no_match
        #: The values that threads take out of a match right now, for an Asset that is to keep them.
        self.taken_values: dict[re.Match[str], dict[str, str]] = {}

    def __getattr__(self, name: str) -> Any:
        # A cached_property does the same, but is looked up twice as slowly ever after.
        make = _MADE_AT_FIRST_NEED.get(name)
        if make is None:
            raise AttributeError(name)
        with Preparation():
            made = make(self)
        setattr(self, name, made)
        return made

    def compiled(self) -> Pattern:
        """Return this pattern, compiled now.

        :raises PatternError: the expression of a token is no regular expression.
        """
        # It is made by being looked up.
        self.expression
        return self

    # --- texts to values, exactly

    def readings(self, text: str) -> list[TextReading]:
        """Return how *text* can be read: once, not at all, or twice where different optional parts would do.

        :raises MatchTimeoutError: that takes too long.
        """
        found = self._readings(text) if self.forms is None else next(filter(None, map(self._readings, self.forms(text))), [])
        if not self.template.rewritten_tokens:
            return found
        return [reading._replace(values=self.template.as_read(reading.values)) for reading in found]

    def _readings(self, text: str) -> list[TextReading]:
        match = self.expression.fullmatch(text)
        if match is None:
            return []
        first = self._checked(match, self._checks) or self._read_exactly(text, {})
        if first is None or not self.expression.options:
            return [] if first is None else [first]
        other = self._other(text, first)
        return [first] if other is None else [first, other]

    def all_readings(self, text: str) -> list[TextReading]:
        """Return how *text* can be read: one reading for each set of optional parts; two, where there are too many sets.

        :raises MatchTimeoutError: that takes too long.
        """
        readings, options = self.readings(text), self.template.options
        if len(readings) < 2 or not 2 <= len(options) <= _MANY_PARTS:
            return readings
        found = {reading.present: reading for reading in readings}
        numbers = [option.number for option in options]
        for chosen in product((False, True), repeat=len(numbers)):
            forced = dict(zip(numbers, chosen))
            present = frozenset(number for number in numbers if forced[number])
            if present not in found and (reading := self._read_in_each_form(text, forced)) is not None:
                found[present] = reading
        return list(found.values())

    def _read_in_each_form(self, text: str, forced: Mapping[int, bool]) -> TextReading | None:
        forms = (text,) if self.forms is None else self.forms(text)
        return next((reading for form in forms if (reading := self._read_exactly(form, forced)) is not None), None)

    def match(self, text: str) -> dict[str, str] | None:
        """Return the value of each leaf token that stands in *text*, or ``None`` where it doesn't fit as a whole.

        :raises AmbiguousReadingError: *text* fits with different optional parts.
        """
        if self.is_unambiguous:
            match = self.fullmatch(text)
            return None if match is None else self.values(match)
        values = self.match_all(text)
        return None if values is None else {name: values[name] for name in self.template.leaf_tokens if name in values}

    def match_all(self, text: str) -> dict[str, str] | None:
        """Return the value of each token that stands in *text*, parents included; else as :meth:`match`."""
        readings = self.readings(text)
        self._check_single(text, readings)
        return dict(readings[0].values) if readings else None

    def parse(self, text: str) -> dict[str, str]:
        """Return the value of each leaf token.

        :raises ParseError: *text* doesn't fit; ``position`` says how far it does.
        :raises AmbiguousReadingError: *text* fits with different optional parts.
        """
        values = self.match(text)
        if values is None:
            position, untold = self.reach(text)
            raise ParseError(text, str(self.template), position, lines("", untold) if untold else "")
        return values

    def reach(self, text: str) -> tuple[int, str]:
        """Return how many characters of *text* fit the start of the mapping; and a sentence, where more may fit, as time was short."""
        note = ""
        leaves = self.template.leaves
        text = next(iter(self.forms(text)), text) if self.forms is not None else text
        for count in range(len(leaves), 0, -1):
            if time_left() <= 0:
                return 0, _UNTOLD
            builder = Builder.of(self.template, self.mode, count)
            try:
                match = Guard.of(builder.compiled(), builder.pieces, self.template.separators).match(text)
            except MatchTimeoutError:
                note = _UNTOLD
                continue
            if match:
                rest = leaves[count].text if count < len(leaves) and not leaves[count].is_token else ""
                return match.end() + len(commonprefix((text[match.end() :], rest))), note
        return len(commonprefix((text, leaves[0].text))) if leaves and not leaves[0].is_token else 0, note

    def fits(self, token: str, value: str) -> bool:
        """Whether *value* fits a leaf token as far as the token alone decides."""
        return bool(self._fits[token](value))

    @property
    def checked_groups(self) -> tuple[tuple[str, str], ...]:
        """The groups whose values are checked once more after a match, each with its token."""
        return tuple((group, self.expression.groups[group]) for group, _ in self._checks)

    def _checked(self, match: re.Match[str], checks: Iterable[tuple[str, Callable[[str], object]]]) -> TextReading | None:
        """Return what a match says, if each value is what its token may hold."""
        for group, fits in checks:
            value = match[group]
            # The first division of the text is refused by an expression; another may not be.
            if value is not None and not fits(value):
                return None
        return self.reading(match)

    def reading(self, match: re.Match[str]) -> TextReading:
        """Return what a match says: that of ``match_at_once``, or of the expression."""
        expression = self.expression
        values: dict[str, str] = {}
        for group, name in expression.groups.items():
            if name not in values and (value := match[group]) is not None:
                values[name] = value
        for name, writer in self._parent_writers:
            values[name] = writer.text(values)
        if self._parent_writers:
            values = {name: values[name] for name in self.template.all_tokens}
        return TextReading(values, frozenset(number for number, group in expression.options if match[group] is not None))

    def _other(self, text: str, first: TextReading) -> TextReading | None:
        """Return a reading with other optional parts than the first one has."""
        flags = "".join("1" if number in first.present else "0" for number, _ in self.expression.options)
        differing, checks = self._differing
        match = differing(flags + text)
        if match is None:
            return None
        checked = self._checked(match, checks)
        if checked is not None:
            return checked
        others = (self._read_exactly(text, {option.number: option.number not in first.present}) for option in self.template.options)
        return next(filter(None, others), None)

    def _read_exactly(self, text: str, forced: Mapping[int, bool]) -> TextReading | None:
        """Return the reading of a text that the expression can't divide: slow, and right.

        :param forced: optional parts that must be there, or must not.
        """
        division = self._exact.read(text, forced)
        return None if division is None else TextReading(*division)

    def _check_single(self, text: str, readings: Sequence[TextReading], note: str = "") -> None:
        if len(readings) > 1:
            raise AmbiguousReadingError(text, self.template.mapping, [reading.values for reading in readings], note)

    # --- texts to values, fast

    @property
    def is_cold(self) -> bool:
        """Whether a text that ``match_warm`` refuses may still be read by :meth:`first_values`."""
        return self._first is not None

    def first_values(self, text: str) -> dict[str, str] | Literal[False] | None:
        """Return the value of each leaf token in one of the first texts; ``False`` if it doesn't fit.

        ``None`` where ``match_warm`` has to answer, from then on.

        :raises MatchTimeoutError: a match doesn't decide.
        """
        first = self._first
        if first is not None and self.forms is not None:
            text = next(iter(self.forms(text)), "")
        values = None if first is None else first.values(text)
        if values is False and self.forms is not None:
            # It may fit in another form.
            values = None
        if values is None:
            # In this order: whoever sees no reader of first texts finds the match of the whole.
            self.__dict__.pop("match_warm", None)
            self._first = None
        return values

    @property
    def are_parts_told(self) -> bool:
        """Whether a match has the only optional parts with which its text fits."""
        if not self.expression.options:
            return True
        from ways.pattern.quick_match import are_parts_told

        return self.mode == STRICT and are_parts_told(self.template)

    @property
    def refuses_at_once(self) -> bool:
        """Whether a text that ``match_at_once`` refuses doesn't fit; if not, it answers for no text."""
        return self.match_at_once is not no_match

    @property
    def can_refuse(self) -> bool:
        """Whether a text that ``match_complete`` refuses doesn't fit, and each value that an Asset needs is in a match."""
        first = self._first
        return (first is not None and first.can_refuse) or self.match_complete is not no_match

    def values(self, match: re.Match[str]) -> dict[str, str]:
        """Return the value of each leaf token that stands in a match."""
        if self._is_dict:
            return match.groupdict()
        values = dict(zip(self._leaf_names, match.group(*self._leaf_groups)))
        for name, number in self._more_groups:
            if values[name] is None:
                values[name] = match[number]
        if None in values.values():
            return {name: value for name, value in values.items() if value is not None}
        return values

    def present(self, match: re.Match[str]) -> frozenset[int]:
        """Return the optional parts that are there in a match."""
        options = self.expression.options
        return frozenset([number for number, group in options if match[group] is not None]) if options else _NO_PARTS

    def columns(self, texts: Sequence[str]) -> dict[str, list[str]] | None:
        """Return the values of each leaf token in many texts, in their order; ``None`` if ``match_at_once`` refuses one."""
        if self.expression.options:
            # A text may lack some values.
            return None
        columns: list[list[str]] = [[] for _ in self._leaf_names]
        # By so many at once, what is thrown away leaves room for the next ones: a quarter faster than all at once.
        for start in range(0, len(texts), _AT_ONCE):
            try:
                matches = list(map(self.match_at_once, texts[start : start + _AT_ONCE]))
            except MatchTimeoutError:
                return None
            if not all(matches):
                return None
            for column, values in zip(columns, zip(*map(self._values_of, matches))):
                column.extend(values)
        return dict(zip(self._leaf_names, columns))

    def columns_of(self, matches: Iterable[re.Match[str]]) -> dict[str, Sequence[str | None]]:
        """Return the values of each leaf token in the matches of many texts, in their order; ``None`` where one has no value."""
        if self._more_groups:
            values = [self.values(match) for match in matches]
            return {name: [own.get(name) for own in values] for name in self._leaf_names}
        return dict(zip(self._leaf_names, zip(*map(self._values_of, matches))))

    # --- values to texts

    def format(self, values: Mapping[str, str], where: str = "") -> str:
        """Return the text that has these values of the leaf tokens. See :meth:`format_and_read`."""
        return self.format_and_read(values, where)[0]

    def format_and_read(self, values: Mapping[str, str], where: str = "") -> tuple[str, Mapping[str, str]]:
        """Return the text that has these values of the leaf tokens, and what it is read as: parents have values there too.

        :param values: by token; where one of an optional part is missing, the part is left out.
        :param where: what an error says of where the mapping is written.
        :raises AmbiguousReadingError: it has another reading.
        :raises MissingTokensError: a leaf token has no value.
        :raises TokenValueError: a value doesn't fit its token, the text would be read otherwise, or has no place for it.
        """
        text, written = self.fill(values, where)
        readings = self.readings(text)
        self._check_single(text, readings, f" Or write it all the same, with {_ALLOWED}.")
        if not readings:
            raise FormatError(f"{where + ': ' if where else ''}{text!r} would not be read as anything.")
        read = readings[0].values
        for name in self.template.leaf_tokens:
            if read.get(name) != written.get(name):
                reason = f"in {text!r} it would be read as {read.get(name)!r}, which {_ALLOWED} permits"
                raise TokenValueError(name, written.get(name, ""), reason, where)
        return text, read

    def fill(self, values: Mapping[str, str], where: str = "") -> tuple[str, Mapping[str, str]]:
        """Return the text that has these values of the leaf tokens, whatever it is read as; and the value of each token in it.

        The arguments are those of :meth:`format_and_read`.

        :raises MissingTokensError: a leaf token has no value.
        :raises TokenValueError: a value doesn't fit its token, or the text has no place for it.
        """
        template = self.template
        given = {name: value for name in template.leaf_tokens if (value := values.get(name)) is not None}
        missing = [name for name in template.leaf_tokens if name not in given and name in template.fixed_tokens]
        if missing:
            raise MissingTokensError(missing, where)
        present = template.options.present(given)
        if template.options:
            # A value would get lost where another one of its part is missing.
            placed = {piece.text for piece in template.writer.pieces(given, present) if piece.is_token}
            for name, value in given.items():
                if name not in placed:
                    missing = [other for other in template.leaf_tokens if other not in given]
                    reason = f"its optional part is left out, because there is no value for {', '.join(missing)}"
                    raise TokenValueError(name, value, reason, where)
        for name, value in given.items():
            self._check_value(name, value, where)
        written = dict(given)
        for name in template.parents_in(present):
            part = template.part(name)
            written[name] = part.writer.text(part.as_written(given))
            if name in self._checked_parents:
                self._check_value(name, written[name], where)
        return template.writer.text(template.as_written(given), present), written

    def _check_value(self, name: str, value: str, where: str) -> None:
        if not self._fits[name](value):
            reason = reason_of(self.template.spec(name), value)
            raise TokenValueError(name, value, reason if value else f"{reason}; it is empty", where)

    # --- values out of other values

    def value(self, name: str, values: Mapping[str, Any]) -> Any:
        """Return the value of a token: given, read from the parent that counts most, or written by its children.

        ``None`` where :func:`ways.pattern.solve.find_value` has to answer.
        """
        if name in self.special_tokens:
            return self._typed_value(name, values)
        if name in values:
            return values[name]
        finder = self._finders.get(name)
        if finder is None:
            finder = self._finders[name] = self._finder(name)
        return finder(values)

    def _typed_value(self, name: str, values: Mapping[str, Any]) -> Any:
        typed, text = self.typed_values.get(name), values.get(name)
        if typed is None or not text or type(text) is not str:
            return None
        # Where another value has no text there is an error, which the exact way tells.
        try:
            "".join(values.values())
        except TypeError:
            return None
        return typed(text)

    def _finder(self, name: str) -> TextOfValues:
        template = self.template
        if not template.is_plain or len(self._finders) > len(template.specs) + len(template.all_tokens):
            return _no_text
        parent = next((other for other in template.parents(name) if other != name), None)
        if parent is not None:
            try:
                part = self._patterns.get(template.part(parent))
                number = part.group_numbers.get(name) if part.template.mapping and part.is_unambiguous else None
            except PatternError:
                return _no_text
            return PartReader(parent, part.expression.fullmatch, number).value if number else _no_text
        pieces, specs = template.pieces_of(name), template.specs
        tokens = [piece for piece in pieces if piece.is_token]
        is_flat = not any(piece.options or (piece.text in specs and specs[piece.text].splits) for piece in tokens)
        return template.writer_of(name).full_text if template.spec(name).splits and tokens and is_flat else _no_text

    # --- what is made at first need

    def _in_each_form(self, match: Match) -> Match:
        """Return *match*, made to try each form of a path of Windows."""
        forms = self.forms
        return match if forms is None else lambda text: next(filter(None, map(match, forms(text))), None)

    def _make_match_at_once(self) -> Match:
        template, expression = self.template, self.expression
        if not template.mapping or template.rewritten_tokens:
            return no_match
        match = expression.at_once
        if not (self._checks or self._selected or not self.are_parts_told):
            return self._in_each_form(match)
        # Most mappings of a process are asked for one text, or for none.
        from ways.pattern.quick_match import CheckedMatch, SelectedMatch, SingleMatch

        if self._checks:
            match = CheckedMatch(match, self._make_quick_checks()).match
        if not self.are_parts_told:
            match = SingleMatch(match, [group for _, group in expression.options], at_once(self._differing[0])).match
        if self._selected:
            first, more = dict(zip(self._leaf_names, self._leaf_groups)), self._more_groups
            others = {name: tuple(number for other, number in more if other == name) for name in first}
            wanted = [
                ([(first[name], others[name], texts) for name, texts in wants.items()], holds) for wants, holds in self._selected
            ]
            match = SelectedMatch(match, wanted).match
        return self._in_each_form(match)

    def _make_quick_checks(self) -> Sequence[tuple[str, Callable[[str], object]]]:
        """Return ``_checks`` rule by rule, without those that each text which the expression takes obeys."""
        template, names = self.template, self.expression.groups
        simply_read = self.expression.loose_tokens - self.expression.stand_ins
        return [
            (group, at_once(check))
            for group, _ in self._checks
            for check in template.spec(names[group]).checks(is_read=names[group] in simply_read)
        ]

    def _make_match_complete(self) -> Match:
        """Return ``match_at_once`` if the values of all leaf tokens give each other token a value too.

        One that is written by others has none where they are all empty, or where no token stands in it.
        """
        template, match_at_once = self.template, self.match_at_once
        parents = {*template.all_tokens}.difference(template.leaf_tokens)
        if match_at_once is no_match or not parents:
            return match_at_once
        # In each something stands outside of all optional parts.
        is_filled = all(template.children(name) and not all(piece.options for piece in template.pieces_of(name)) for name in parents)
        return no_match if not is_filled or any(template.spec(name).may_be_empty for name in template.leaf_tokens) else match_at_once

    def _make_group_numbers(self) -> Mapping[str, int]:
        return {name: number for name, number in zip(self._leaf_names, self._leaf_groups) if name not in self.special_tokens}

    def _make_group_readers(self) -> Mapping[str, GroupReader]:
        typed, special = self.typed_values, self.special_tokens
        found: dict[str, GroupReader] = {
            name: (number, typed.get(name), None) for name, number in self._groups.items() if name in typed or name not in special
        }
        if not self.template.rewritten_tokens and not self.has_mixed_choices:
            for name in self.template.always_tokens - self.template.fixed_tokens - special:
                if (written := self._written_in_match(name)) is not None:
                    found[name] = (0, None, written)
        return found

    def _written_in_match(self, parent: str) -> Callable[[re.Match[str]], str] | None:
        """Return what gives the text of a token that others write in every match; ``None`` where that takes more than groups."""
        template, groups = self.template, self._groups
        frame = next(frame for leaf in template.leaves for frame in leaf.frames if frame.name == parent)
        leaves = [leaf for leaf in template.leaves if frame in leaf.frames]
        names = [leaf.text for leaf in leaves if leaf.is_token]
        if not names or any(leaf.options for leaf in leaves):
            return None
        if not all(name in groups and not template.spec(name).may_be_empty for name in names):
            return None
        first, last, counts = groups[names[0]], groups[names[-1]], Counter(leaf.text for leaf in template.leaves if leaf.is_token)
        if counts[names[0]] > 1 or counts[names[-1]] > 1:
            # Their groups may stand elsewhere.
            form = "".join("%s" if leaf.is_token else leaf.text.replace("%", "%%") for leaf in leaves)
            numbers = tuple(groups[name] for name in names)
            return lambda match: form % match.group(*numbers)
        is_token = [leaf.is_token for leaf in leaves]
        before = sum(len(leaf.text) for leaf in leaves[: is_token.index(True)])
        after = sum(len(leaf.text) for leaf in leaves[len(leaves) - is_token[::-1].index(True) :])
        return lambda match: match.string[match.start(first) - before : match.end(last) + after]

    def _make_typed_values(self) -> Mapping[str, Callable[[str], Any]]:
        specs = self.template.all_specs.items()
        # The empty text of a choice stands for no value, and that may have a default.
        return {
            name: lru_cache(_TYPED)(spec.read_value)
            for name, spec in specs
            if not spec.is_plain and not spec.before_return and all(text for _, text in spec.choices)
        }

    def _make_special_tokens(self) -> frozenset[str]:
        specs = self.template.all_specs.items()
        return frozenset(name for name, spec in specs if spec.before_return or not spec.is_plain)

    def _make_write(self) -> TextOfValues:
        template = self.template
        leaves = template.leaf_tokens
        parents = {*template.all_tokens}.difference(leaves)
        # A token that stands in another one may be read from it, rather than written by its children.
        is_flat = not any(next(template.parents(name), None) for name in parents)
        is_filled = all(map(template.children, parents))
        return template.writer.full_text if template.is_plain and is_flat and is_filled and leaves else _no_text

    def _make_quick_writer(self) -> QuickWriter | None:
        template, groups = self.template, self._groups
        if self.match_at_once is no_match or template.rewritten_tokens or self._more_groups or not groups:
            return None
        if template.options and self.has_mixed_choices:
            return None
        from ways.pattern.quick_writer import QuickWriter

        is_bare = self.expression.regex.groups == len(groups)
        return QuickWriter(template, self.match_at_once, groups, self._longest, is_bare=is_bare)

    def _make_keeps_text(self) -> bool:
        specs = self.template.all_specs.values()
        return not self.template.options or (
            # A default stands in for an empty value, too.
            self.is_strict and not self.has_mixed_choices and not any(spec.default is not None and spec.may_be_empty for spec in specs)
        )

    def _make_leaf_names(self) -> tuple[str, ...]:
        leaves = {*self.template.leaf_tokens}
        return tuple(dict.fromkeys(name for name in self.expression.groups.values() if name in leaves))

    def _make_groups(self) -> Mapping[str, int]:
        several = {name for name, _ in self._more_groups}
        return {name: number for name, number in zip(self._leaf_names, self._leaf_groups) if name not in several}

    def _make_leaf_groups(self) -> tuple[int, ...]:
        first: dict[str, int] = {}
        for group, name in self.expression.groups.items():
            first.setdefault(name, self.expression.regex.groupindex[group])
        return (*(first[name] for name in self._leaf_names), 0, 0)

    def _make_values_of(self) -> Callable[[Any], Sequence[Any]]:
        # match.groups() is faster, where it gives what is wanted.
        is_all = self._leaf_groups[:-2] == tuple(range(1, self.expression.regex.groups + 1))
        return re.Match.groups if is_all else methodcaller("group", *self._leaf_groups)

    def _make_more_groups(self) -> tuple[tuple[str, int], ...]:
        leaves, index, first = {*self.template.leaf_tokens}, self.expression.regex.groupindex, {*self._leaf_groups}
        groups = self.expression.groups.items()
        return tuple((name, index[group]) for group, name in groups if name in leaves and index[group] not in first)

    def _make_checks(self) -> tuple[tuple[str, Callable[[str], object]], ...]:
        return self._checks_of(self.expression.groups, self.expression.loose_tokens)

    def _checks_of(self, groups: Mapping[str, str], loose: Container[str]) -> tuple[tuple[str, Callable[[str], object]], ...]:
        template, leaves = self.template, {*self.template.leaf_tokens}
        return tuple(
            (group, fits)
            for group, name in groups.items()
            if self.mode.fits and (name in loose or name not in leaves) and (fits := template.spec(name).fits_written())
        )

    def _make_fits(self) -> dict[str, Callable[[str], object]]:
        """Return what a token's value is asked, for each token whose details say anything, and each leaf token."""
        template = self.template
        # On Windows the other separator parts names as well.
        free = re.compile(free_expression(SEPARATORS if self._is_windows else template.separators, self.mode)).fullmatch
        fitted = {name: template.spec(name).fits() for name in template.all_tokens} if self.mode.fits else {}
        leaves = {name: fitted.get(name) or free for name in template.leaf_tokens}
        return leaves | {name: fits for name, fits in fitted.items() if fits}

    def _make_is_safe(self) -> Callable[[str], bool] | None:
        if not self._is_path:
            return None
        from ways.pattern.safety import PathSafety

        return PathSafety(self.template).holds

    def _make_exact(self) -> ExactReader:
        rewritten = self.template.rewritten_tokens.intersection(self._fits) if self.mode.fits else ()
        written = {name: fits for name in rewritten if (fits := self.template.spec(name).fits_written())}
        from ways.pattern.exact_reader import ExactReader

        return ExactReader(self.template, {**self._fits, **written}, repeats_agree=self.mode.agrees)

    def _make_checked_parents(self) -> tuple[str, ...]:
        leaves = self.template.leaf_tokens
        return tuple(name for name in self.template.all_tokens if name in self._fits and name not in leaves)

    def _make_differing(self) -> tuple[Match, tuple[tuple[str, Callable[[str], object]], ...]]:
        builder = Builder.of(self.template, self.mode, differing=True)
        return builder.guarded(builder.compiled()), self._checks_of(builder.names, builder.loose_tokens)


_MADE_AT_FIRST_NEED: Mapping[str, Callable[[Pattern], Any]] = {
    "template": lambda pattern: pattern._parse(),
    "expression": lambda pattern: pattern._patterns.expression(pattern.template, pattern.mode),
    "is_unambiguous": lambda pattern: (
        not pattern.expression.options and not pattern._checks and not pattern.template.rewritten_tokens
    ),
    "fullmatch": lambda pattern: pattern._in_each_form(pattern.expression.fullmatch),
    "forms": lambda pattern: PathForms(pattern.template) if pattern._is_windows else None,
    "match_at_once": Pattern._make_match_at_once,
    "match_complete": Pattern._make_match_complete,
    "match_warm": lambda pattern: pattern.match_complete,
    "group_readers": Pattern._make_group_readers,
    "typed_values": Pattern._make_typed_values,
    "_groups": Pattern._make_groups,
    "group_numbers": Pattern._make_group_numbers,
    "special_tokens": Pattern._make_special_tokens,
    "write": Pattern._make_write,
    "_quick_writer": Pattern._make_quick_writer,
    "match_of": lambda pattern: pattern._quick_writer.match if pattern._quick_writer is not None else _no_match_of,
    "texts_of": lambda pattern: pattern._quick_writer.texts if pattern._quick_writer is not None else _no_texts,
    "has_mixed_choices": lambda pattern: any(spec.has_mixed_choices for spec in pattern.template.all_specs.values()),
    "keeps_text": Pattern._make_keeps_text,
    "is_safe": Pattern._make_is_safe,
    "_leaf_names": Pattern._make_leaf_names,
    "_leaf_groups": Pattern._make_leaf_groups,
    "_more_groups": Pattern._make_more_groups,
    "_values_of": Pattern._make_values_of,
    "_is_dict": lambda pattern: tuple(pattern.expression.regex.groupindex) == pattern._leaf_names,
    "_checks": Pattern._make_checks,
    "_parent_writers": lambda pattern: tuple((name, Writer(leaves)) for name, leaves in pattern.expression.parents.items()),
    "_fits": Pattern._make_fits,
    "_checked_parents": Pattern._make_checked_parents,
    "_differing": Pattern._make_differing,
    "_exact": Pattern._make_exact,
    "_finders": lambda pattern: {},
}


class _Kept(Generic[Key, Value]):
    """What is kept by a key: what was asked for lately, and what was asked for before that."""

    def __init__(self) -> None:
        self._lately: dict[Key, Value] = {}
        self._before: dict[Key, Value] = {}

    def __len__(self) -> int:
        return len(self._lately)

    def get(self, key: Key) -> Value | None:
        value = self._lately.get(key)
        if value is None and self._before and (value := self._before.get(key)) is not None:
            self._lately[key] = value
        return value

    def __setitem__(self, key: Key, value: Value) -> None:
        self._lately[key] = value

    def age(self) -> None:
        """Forget what wasn't asked for since this was called last."""
        self._lately, self._before = {}, self._lately

    def clear(self) -> None:
        self._lately, self._before = {}, {}


class PatternCache:
    """What was compiled for the mappings of one session, by what they say. Forgets everything when it is full."""

    #: The most patterns, expressions and steps that are kept, of each; an expression takes about 5 kB.
    LIMIT = 100_000
    #: How many of each are few: they are kept when the sheets change, whether or not they are still asked for.
    FEW = 200

    def __init__(self) -> None:
        self._patterns: _Kept[tuple[object, Mode], Pattern] = _Kept()
        self._expressions: _Kept[tuple[object, Mode], Expression] = _Kept()
        self._steps: _Kept[tuple[object, frozenset[str]], PathSteps] = _Kept()
        #: What reads the first texts of a mapping, before it is compiled.
        self.segments = SegmentCache()
        #: The same for mappings that these can't read.
        self.skeletons = Skeletons()

    def get(self, template: Template, mode: Mode = STRICT) -> Pattern:
        """Return the pattern of *template*; templates that say the same share one."""
        key = (template.key, mode)
        pattern = self._patterns.get(key)
        if pattern is None:
            self._make_room()
            pattern = self._patterns[key] = Pattern(template, mode, self)
        return pattern

    def expression(self, template: Template, mode: Mode = STRICT) -> Expression:
        """Return the compiled expression of *template*; templates that say the same share one.

        :raises PatternError: an expression of a token is no regular expression.
        """
        key = (template.key, mode)
        expression = self._expressions.get(key)
        if expression is None:
            self._make_room()
            expression = self._expressions[key] = Builder.of(template, mode).expression()
        return expression

    def first_reader(
        self, mapping: str, details: Details, syntax: int, syntaxes: Mapping[str, int]
    ) -> SegmentReader | SlotReader | None:
        """Return what reads the first texts of a mapping, before it is compiled; ``None`` if nothing does.

        :param syntaxes: the syntax of a token's details, where that isn't the first.
        """
        if syntax == 1 and not syntaxes and (first := self.segments.reader(mapping, details)) is not None:
            return first
        skeleton = self.skeletons.skeleton(mapping, details, syntax, syntaxes)
        return None if skeleton is None else SlotReader(skeleton, mapping, self._slot_match)

    def _slot_match(self, skeleton: Skeleton) -> SlotMatch | None:
        try:
            pattern = self.get(skeleton.template)
            return (pattern.match_complete, pattern.values) if pattern.can_refuse else None
        except PatternError:
            # The mapping itself tells what is wrong.
            return None

    def path_steps(self, template: Template, fixed: Mapping[str, str]) -> PathSteps:
        """Return *template* as steps from folder to folder; made once for the same names of *fixed* tokens."""
        if any(map(holds_path_separator, fixed.values())):
            return PathSteps(template, fixed)
        key = (template.key, frozenset(fixed))
        steps = self._steps.get(key)
        if steps is None:
            self._make_room()
            steps = self._steps[key] = PathSteps(template, fixed)
        return steps

    def _make_room(self) -> None:
        if max(len(self._patterns), len(self._expressions), len(self._steps)) >= self.LIMIT:
            self.clear()

    def age(self) -> None:
        """Forget what wasn't asked for since this was called last, where there is much: the sheets changed."""
        for kept in (self._patterns, self._expressions, self._steps):
            if len(kept) > self.FEW:
                kept.age()
        if len(self.segments) > self.FEW:
            self.segments = SegmentCache()
        if len(self.skeletons) > self.FEW:
            self.skeletons = Skeletons()

    def clear(self) -> None:
        """Forget everything but the segments."""
        self._patterns.clear()
        self._expressions.clear()
        self._steps.clear()


class PartReader:
    """Reads one token's value from that of the token it stands in."""

    __slots__ = ("_parent", "_fullmatch", "_number")

    def __init__(self, parent: str, fullmatch: Match, number: int) -> None:
        self._parent = parent
        self._fullmatch = fullmatch
        self._number = number

    def value(self, values: Mapping[str, Any]) -> str | None:
        """Return the value, or ``None`` where there is none or it is empty."""
        if self._parent not in values:
            return None
        match = self._fullmatch(str(values[self._parent]))
        return match[self._number] or None if match is not None else None


def no_match(text: str) -> re.Match[str] | None:
    return None


def _no_text(values: Mapping[str, Any]) -> str | None:
    return None


def _no_match_of(values: Mapping[str, Any]) -> re.Match[str] | None:
    return None


def _no_texts(values: Mapping[str, Any]) -> dict[str, str] | None:
    return None
