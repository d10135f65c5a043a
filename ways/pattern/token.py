"""TokenSpec: what one token may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from os.path import commonprefix

from ways.errors import PatternError, did_you_mean
from ways.regex.guard import cost_pieces, guarded_match
from ways.regex.expression import keeps_meaning, read
from ways.pattern.sequence import LOOP, SequenceKind, sequence_kind
from ways.pattern.types import Kind, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

#: What an engine gets for a token with a type or choices, if it can't express these; and for one of several segments.
ANY_NAME, ANY_FOLDERS = "*", "**"
#: What the details say of segments -> what stands between them in a text.
_SEPARATORS: Mapping[object, str] = {True: "/", "/": "/", "\\": "\\"}
#: Choices that begin with more characters alike have these written once.
_LONG_PREFIX = 100


class TokenSpec(NamedTuple):
    """The details of one token: its own mapping, one expression for each engine, and what it needs."""

    name: str
    #: The text that splits this token into child tokens; ``''`` where it has none.
    mapping: str = ""
    #: Engine name to expression, as the sheet gives it.
    parse: Mapping[str, object] = {}
    required: bool = True
    #: Names of the functions that ``get_value`` calls with a value, in order.
    before_return: tuple[str, ...] = ()
    #: How a typed value is written, as for Python's ``format``; ``''`` for a plain text.
    format: str = ""
    #: The only values there are, each with its text; ``()`` for any value.
    choices: tuple[tuple[Any, str], ...] = ()
    #: What people call each choice; ``''`` where the sheet doesn't say. ``()`` if it says nothing of any.
    labels: tuple[str, ...] = ()
    #: The value where none is given; ``None`` for none.
    default: Any = None
    #: Whether it holds a frame number, or stands for many frames.
    is_sequence: bool = False
    #: What stands between the path segments of its value in a text; ``''`` if its value isn't made of segments. In a value it
    #: is always ``/``.
    separator: str = ""
    #: The syntax that its mapping is written in.
    syntax: int = 1

    @classmethod
    def of(cls, name: str, details: Mapping[str, Any] | None, syntax: int = 1) -> TokenSpec:
        """Return the spec that one entry of ``mapping_details`` describes.

        :raises PatternError: its format can't write one of its choices.
        """
        if not details:
            return cls(name)
        try:
            choices = tuple(written_choices(details))
        except (TypeError, ValueError) as error:
            raise PatternError(f"The choices of the token {name} can't be used: {error}.") from error
        parse = details.get("parse")
        functions = details.get("before_return") or ()
        return cls(
            name=name,
            mapping=str(details.get("mapping") or ""),
            parse=parse if isinstance(parse, Mapping) else {},
            required=bool(details.get("required", True)),
            before_return=(functions,) if isinstance(functions, str) else tuple(functions),
            format=details.get("format") or "",
            choices=choices,
            labels=_labels(details.get("choices")),
            default=details.get("default"),
            is_sequence=bool(details.get("sequence")),
            separator=_SEPARATORS.get(details.get("segments") or False, ""),
            syntax=syntax,
        )

    def with_format(self, spec: str) -> TokenSpec:
        """Return this spec with the format that a mapping gives the token.

        :raises PatternError: it has another one already.
        """
        if self.format and self.format != spec:
            raise PatternError(f"The token {self.name} has two types: {self.format!r} and {spec!r}; give it one.")
        if self.separator:
            raise PatternError(f"The token {self.name} is made of segments, which have no format; leave out {spec!r}.")
        if self.is_sequence and spec[-1:] != "d":
            raise PatternError(f"The token {self.name} is a sequence: its format is d or such as 04d or -04d, not {spec!r}.")
        kind = kind_of(spec)
        # Choices that a sheet gives without texts are written as the format writes them.
        choices = ((value, kind.text(value) if kind and text == str(value) else text) for value, text in self.choices)
        return self._replace(format=spec, choices=tuple(choices))

    @property
    def splits(self) -> bool:
        """Whether this token is written by others; one whose mapping is just itself is not."""
        return bool(self.mapping) and self.mapping != f"{{{self.name}}}"

    @property
    def kind(self) -> Kind | SequenceKind | None:
        """How its values are read and written; ``None`` for a plain text.

        :raises PatternError: it is a sequence with a format that is none of whole numbers.
        """
        if self.is_sequence:
            try:
                return sequence_kind(self.format)
            except ValueError as error:
                raise PatternError(f"The token {self.name} can't be a sequence: {error}.") from error
        return kind_of(self.format) if self.format else None

    @property
    def is_plain(self) -> bool:
        """Whether its values are just their texts."""
        return not self.format and not self.choices and not self.is_sequence and not self.separator

    @property
    def has_mixed_choices(self) -> bool:
        """Whether a choice has the text of another one as its value: the text alone doesn't say then which of them is meant."""
        texts = {text for _, text in self.choices}
        return any(type(value) is str and value != text and value in texts for value, text in self.choices)

    @property
    def is_constrained(self) -> bool:
        """Whether the details limit what its text looks like."""
        return not self.is_plain or self.own_expression is not None

    @property
    def own_expression(self) -> str | None:
        """The regular expression that the sheet gives."""
        return self._given("regex")

    def expression(self, engine: str) -> str | None:
        """Return what *engine* reads for this token, or ``None``: what the sheet gives, else what follows from its type."""
        given = self._given(engine)
        if given is not None or self.is_plain:
            return given
        if engine == "regex":
            return f"(?:{self.reads})" if len(self.choices) > 1 else self.reads
        return (ANY_FOLDERS if self.separator else ANY_NAME) if engine == "glob" else None

    @property
    def reads(self) -> str | None:
        """The regular expression that finds its text in a larger one: of its choices, its format, or its own."""
        if self.separator:
            return segments_expression(self.separator)
        if self.choices:
            return _alternation(tuple(text for _, text in self.choices))
        return self.kind.expression if self.kind else self.own_expression

    @property
    def loop(self) -> str | None:
        """A simpler expression that takes as many steps to match as :attr:`reads`; ``None`` if that says itself how many.

        The loops of some expressions lie in each other, although each text is divided among them in one way only.
        """
        if self.separator:
            return r"[^\\]+" if self.separator == "/" else "[^/]+"
        return LOOP if self.is_sequence and not self.choices else None

    @property
    def is_read_whole(self) -> bool:
        """Whether :attr:`reads`, inside a larger expression, fits the same texts as the token.

        :raises re.error: the expression is no regular expression.
        """
        expression = self.own_expression
        if self.separator:
            return expression is None and not self.choices
        if self.is_plain:
            return expression is None or _keeps_meaning(expression)
        return expression is None and (self.kind is None if self.choices else self.kind is not None and self.kind.is_exact)

    def fits(self) -> Callable[[str], object] | None:
        """Return a function that checks whether a text fits, the token's own mapping aside; ``None`` if every text does.

        :raises PatternError: the expression is no regular expression.
        """
        checks = self.checks()
        if not checks:
            return None
        return checks[0] if len(checks) == 1 else lambda text: all(check(text) for check in checks)

    def checks(self, *, is_read: bool = False) -> list[Callable[[str], object]]:
        """Return the functions that each check one rule of :meth:`fits`.

        :param is_read: leave out those that each text of :attr:`reads` obeys.
        :raises PatternError: the expression is no regular expression.
        """
        own = self.own_expression
        checks: list[Callable[[str], object]] = [] if own is None else [guarded_match(compiled(self.name, own), cost_pieces(own))]
        if self.choices and (self.separator or not is_read):
            checks.append({text for _, text in self.choices}.__contains__)
        if self.kind:
            checks.append(self.kind.fits)
        if self.separator and not is_read:
            checks.append(re.compile(segments_expression("/")).fullmatch)
        return checks

    @property
    def may_be_empty(self) -> bool:
        """Whether the details say of the empty text that it fits."""
        fits = self.fits()
        return fits is not None and bool(fits(""))

    def value(self, text: str) -> Any:
        """Return the typed value of *text*; one that doesn't fit is its own value."""
        for value, written in self.choices:
            if written == text:
                return value
        try:
            return self.kind.value(text) if self.kind else text
        except ValueError:
            return text

    def text(self, value: Any) -> str:
        """Return the text of *value*. A text stays as it is, unless it equals the value of a choice; then it is that choice's text.

        :raises ValueError: the token's format can't write such a value.
        """
        for known, written in self.choices:
            if known == value and type(known) is type(value):
                return written
        return self.kind.text(value) if self.kind else str(value)

    def texts(self, values: Iterable[Any]) -> Iterator[tuple[Any, str | None]]:
        """Yield each of *values* with its text, as :meth:`text` gives it; ``None`` where the token's format can't write it."""
        choices: dict[tuple[type, Any], str] = {}
        for known, written in self.choices:
            choices.setdefault((type(known), known), written)
        for value in values:
            try:
                text = choices.get((type(value), value))
                yield value, (self.kind.text(value) if self.kind else str(value)) if text is None else text
            except (TypeError, ValueError):
                yield value, None

    def read_value(self, given: str) -> Any:
        """Return the typed value of a text that an Asset has: that of a choice may be its value or its text."""
        return self.value(self.text(given))

    def label(self, text: str) -> str:
        """Return what people call the choice that is written as *text*; ``''`` if the sheet doesn't say."""
        return next((label for (_, written), label in zip(self.choices, self.labels) if written == text), "")

    def shown_choices(self) -> list[str]:
        """Return the text of each choice, with what people call it."""
        labels: dict[str, str] = {}
        for (_, text), label in zip(self.choices, self.labels):
            labels.setdefault(text, label)
        return [f"{text} ({labels[text]})" if labels.get(text) else text for _, text in self.choices]

    def given_text(self, value: Any) -> str:
        """Return the text of a value that is given rather than read, as the token's format writes it.

        A number may be given as a number or as a text, with any zeros around it: ``3``, ``'3'`` and ``'003'`` are ``'003'``
        for ``03d``. A text that is no number stays as it is, as in :meth:`text`; whether it fits is another question. A member
        of an enumeration stands for its value.

        :raises ValueError: the token's format can't write such a value, or it is nothing that has a text: a list, say.
        """
        text = self.text(value if type(value) is str else self._plain(value))
        if not self.kind or any(text == written for _, written in self.choices):
            return text
        return self.kind.given_text(text)

    def _plain(self, value: Any) -> Any:
        """Return the text or the number that a given value is, if it is such; else the value itself."""
        if any(known == value and type(known) is type(value) for known, _ in self.choices):
            return value
        if isinstance(value, Enum):
            value = value.value
        if isinstance(value, str):
            # The characters alone: a class of texts may have another __str__.
            return str.__str__(value)
        # Lists and the like have only what Python shows of them.
        is_shown = isinstance(value, (bytes, bytearray)) or not any("__str__" in vars(cls) for cls in type(value).__mro__[:-1])
        if is_shown and not self.kind and not isinstance(value, (int, float)):
            raise ValueError(f"expected a text or a number, found a value of the type {type(value).__name__}")
        return value

    def written(self, text: str) -> str:
        """Return what stands in the text of a mapping for a value: that of segments has the separator of the platform there."""
        return text if self.separator in ("", "/") else text.replace("/", self.separator)

    def read_back(self, written: str) -> str:
        """Return the value that stands in the text of a mapping as *written*."""
        return written if self.separator in ("", "/") else written.replace(self.separator, "/")

    def fits_written(self) -> Callable[[str], object] | None:
        """Return a function as :meth:`fits` does, for what stands in the text of a mapping."""
        fits = self.fits()
        if fits is None or self.separator in ("", "/"):
            return fits
        return lambda written: "/" not in written and fits(self.read_back(written))

    def _given(self, engine: str) -> str | None:
        """Return what the sheet gives; a dict in a sheet holds the expression under the token's own name."""
        given = self.parse.get(engine)
        if isinstance(given, Mapping):
            given = given.get(self.name)
        return None if given is None else str(given)


def written_choices(details: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """Return each choice of a token with its text: the one that the sheet gives, else as the token's format writes it.

    :raises ValueError: the format can't write a choice.
    """
    choices = details.get("choices") or ()
    kind = kind_of(details.get("format") or "")
    texts = choices.items() if isinstance(choices, Mapping) else ((value, None) for value in choices)
    given = [(value, text.get("text") if isinstance(text, Mapping) else text) for value, text in texts]
    return [(value, (kind.text(value) if kind else str(value)) if text is None else str(text)) for value, text in given]


def _labels(choices: Any) -> tuple[str, ...]:
    if not isinstance(choices, Mapping) or not any(isinstance(written, Mapping) for written in choices.values()):
        return ()
    return tuple(str(written.get("label") or "") if isinstance(written, Mapping) else "" for written in choices.values())


@lru_cache(maxsize=4)
def segments_expression(separator: str, *, ends: bool = False) -> str:
    """Return the expression of one or more names with a separator between them: none is empty, ``.`` or ``..``.

    :param ends: whether a separator or the end of the text comes after them in any case; then a name is never tried in parts,
        which takes half the time.
    """
    name = r"(?:\.?[^./\\][^/\\]*|\.\.[^/\\]+)"
    if ends:
        name = rf"(?!\.\.?(?:{re.escape(separator)}|\Z))[^/\\]++"
    return f"(?:{name}(?:{re.escape(separator)}{name})*)"


def compiled(name: str, expression: str) -> re.Pattern[str]:
    """Return the expression of the token *name*, compiled.

    :raises PatternError: it is no regular expression.
    """
    try:
        return read(expression)
    except re.error as error:
        raise bad_expression(name, expression, error) from error


def bad_expression(name: str, expression: str, error: re.error) -> PatternError:
    """Return the error that says where the expression of the token *name* can't be read."""
    position = min(error.pos or 0, max(0, len(expression) - 1))
    return PatternError(f"The regex of the token {name} can't be read: {error.msg}.", expression, (position, position + 1))


def reason_of(spec: TokenSpec, value: str) -> str:
    """Return what a token wants, in words."""
    if spec.separator and not re.fullmatch(segments_expression("/"), value):
        return "one or more names with / between them: none is empty, '.' or '..', or holds a backslash"
    if spec.choices:
        texts = [text for _, text in spec.choices]
        close = did_you_mean(value, [*texts, *(str(known) for known, _ in spec.choices)]).strip()
        return f"one of {', '.join(spec.shown_choices())}{f'. {close}' if close else ''}"
    if spec.kind:
        return f"format {spec.format}{_written_hint(spec, value)}"
    own = spec.own_expression
    return f"regex {own}" if own is not None else "a token without an expression can't contain a separator"


def _written_hint(spec: TokenSpec, value: str) -> str:
    """Return how the number that *value* may mean is written, or ``''``."""
    try:
        last = spec.format[-1:]
        number = float(value) if last == "f" else int(value, {"x": 16, "X": 16, "o": 8, "b": 2}.get(last, 10))
        written = spec.text(number)
    except (ValueError, OverflowError):
        return ""
    return f"; it would be written {written!r}" if spec.kind and spec.kind.fits(written) else ""


@lru_cache(maxsize=4096)
def _alternation(texts: tuple[str, ...]) -> str:
    """Return the expression of these texts, longest first: none then hides another that begins like it."""
    ordered = sorted(texts, key=len, reverse=True)
    # The reader of re takes what all begin with from each, letter by letter: the time grows with the square of it.
    shared = commonprefix(ordered)
    if len(shared) > _LONG_PREFIX:
        return f"{re.escape(shared)}(?:{'|'.join(re.escape(text[len(shared) :]) for text in ordered)})"
    return "|".join(map(re.escape, ordered))


_keeps_meaning = lru_cache(maxsize=4096)(keeps_meaning)
