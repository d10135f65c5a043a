"""The Ways family of errors; docs/reference/errors.rst says who raises each.

Each error is also the built-in class that the same mistake raised in Ways 0.1, so ``except ValueError`` keeps
working. An error carries its parts as attributes. It looks for the nearest known name only when it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ways import __distribution__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol
else:
    Protocol = object


#: Contexts that the message of an error lists; its attributes have all.
MOST_SHOWN = 20
#: Names that one is compared with, to find the nearest: it takes about 0.1 s.
MOST_COMPARED = 5_000


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return the known name closest to *name*, or ``''`` where none is close: 1 is the same, 0 nothing alike."""
    # Comparing takes the square of the length, and no misspelt name is as long as that.
    if not isinstance(name, str) or len(name) > 200:
        return ""
    # The ratio of what two texts share is no greater than their lengths allow.
    shortest, longest = len(name) * cutoff / (2 - cutoff), min(200, len(name) * (2 - cutoff) / cutoff if cutoff else 200)
    names = sorted({text for text in map(str, known) if shortest <= len(text) <= longest})
    if len(names) > MOST_COMPARED:
        # Of very many, those that begin most like it.
        from bisect import bisect

        start = max(0, bisect(names, name) - MOST_COMPARED // 2)
        names = names[start : start + MOST_COMPARED]
    if not names:
        return ""
    # The letters count before their case: of show/x and Show, the latter is meant by show.
    folded = name.casefold()
    if name not in names and (same := next((item for item in names if item.casefold() == folded), "")):
        return same
    # difflib costs 5 ms to import and is wanted only once something went wrong.
    from difflib import get_close_matches

    close = get_close_matches(name, names, n=1, cutoff=cutoff)
    return close[0] if close else ""


def counted(count: int, name: str) -> str:
    """Return a number of things in words.

    >>> counted(1, "value"), counted(2, "value")
    ('1 value', '2 values')
    """
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"``, or ``''`` if no known name is close to *name*."""
    close = nearest(name, known)
    return f" Did you mean {close!r}?" if close else ""


class Lines(str):
    """A text of several lines, none of which came in with what a sheet, a file name or a caller says: see :func:`lines`."""

    __slots__ = ()

    def __str__(self) -> Lines:
        return self


class _Escapes(dict[int, str]):
    """Code of a character -> what is shown in its place: an escape, or the character itself. Each is found out at first need."""

    def __init__(self, *ranges: range) -> None:
        super().__init__()
        self._ranges = ranges

    def __missing__(self, code: int) -> str:
        is_hidden = any(code in codes for codes in self._ranges)
        shown = self[code] = chr(code) if not is_hidden else f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
        return shown


#: Characters that end a line or that a terminal obeys, and halves of characters, which no file can hold. The halves that stand
#: for bytes that are no UTF-8 remain, for those bytes are written as they are; so does a tab.
_CONTROLS = (range(9), range(10, 32), range(127, 160), range(0x2028, 0x202A), range(0xD800, 0xDC80), range(0xDD00, 0xE000))
#: Characters that turn the direction of what stands beside them.
_DIRECTIONS = (range(0x061C, 0x061D), range(0x200E, 0x2010), range(0x202A, 0x202F), range(0x2066, 0x206A))
_ON_ONE_LINE, _VISIBLE = _Escapes(*_CONTROLS), _Escapes(*_CONTROLS, *_DIRECTIONS)


def visible(text: str) -> str:
    """Return *text* as people can be shown it: on one line, with an escape for each character that they would not see.

    :class:`Lines` are returned as they are.
    """
    # All of these characters count as unprintable; to look each of a text up takes fifty times as long.
    return text if text.isprintable() or type(text) is Lines else text.translate(_VISIBLE)


def on_one_line(text: str) -> str:
    """Return *text* as a program can read it where each line is one text: with an escape for each control character.

    :class:`Lines` are returned as they are.
    """
    return text if text.isprintable() or type(text) is Lines else text.translate(_ON_ONE_LINE)


def lines(*texts: str) -> Lines:
    """Return texts one below the other, each on one line unless it has :class:`Lines`."""
    return Lines("\n".join(map(visible, texts)))


def led_by(start: str, text: str) -> str:
    """Return *text* behind *start*; :class:`Lines` remain what they are."""
    return Lines(visible(start) + text) if type(text) is Lines else start + text


#: Characters on each side of a fault that an error shows.
_AROUND = 200


def caret(text: str, span: tuple[int, int]) -> str:
    """Return *text* with a line below it that points at the characters in *span*; of a long text, what stands around them."""
    start, end = span
    if len(text) > 2 * _AROUND:
        first = max(0, start - _AROUND)
        end = min(end, start + _AROUND)
        text = f"{'...' if first else ''}{text[first:end + _AROUND]}{'...' if len(text) > end + _AROUND else ''}"
        start, end = (place - first + (3 if first else 0) for place in (start, end))
    before, within, after = visible(text[:start]), visible(text[start:end]), visible(text[end:])
    # A fault may lie beyond the end.
    return f"{before}{within}{after}\n{' ' * max(start, len(before))}{'^' * max(1, end - start, len(within))}"


class WaysError(Exception):
    """The base of every error that Ways raises."""

    #: Returns what is added to the message where the error is first shown.
    _later: Callable[[], str] | None = None

    def __init__(self, message: str = "") -> None:
        # It goes into logs and terminals, where a name out of a sheet must not look like another line.
        message = visible(message)
        super().__init__(message)
        self.message = message

    def say_later(self, find: Callable[[], str]) -> None:
        """Add to the message what *find* returns. Since that may take a while, it is called once, when the error is shown."""
        self._later = find

    def at_once(self) -> str:
        """Return the message without the part that takes a while to find."""
        return type(self.message)(self.message + self._hint())

    def later(self) -> str:
        """Return only the part of the message that takes a while to find; ``""`` if there is none."""
        return "" if self._later is None else visible(self._later()).strip()

    def _hint(self) -> str:
        """Return what would help; ``""`` if there is no hint."""
        return ""

    def __str__(self) -> str:
        if self._later is not None:
            later, self._later = self._later, None
            text = visible(later())
            # Below a caret it has a line of its own.
            if text:
                self.message = lines(self.message, text.lstrip()) if type(self.message) is Lines else self.message + text
        return self.at_once()

    def __reduce__(self) -> Any:
        if self._later is not None:
            # What finds it may belong to a session, and can't be pickled.
            str(self)
        # Python unpickles an exception by calling its class with its args, which is the wrong call for most classes here.
        return _unpickled, (type(self), self.args, self.__dict__)


def _unpickled(kind: type[WaysError], args: tuple[Any, ...], parts: dict[str, Any]) -> WaysError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(parts)
    return error


class SettingsError(WaysError, ValueError):
    """An override of a WAYS_* variable is wrong: there is no such variable, or it doesn't take that value."""

    def __init__(self, variable: str, value: object, expected: str, hint: str = "") -> None:
        super().__init__(f"{variable}={value!r}: expected {expected}.{hint}")
        self.variable = variable
        self.value = value
        self.expected = expected


class PlatformError(WaysError, OSError):
    """A platform is unknown to this plugin or this session."""

    def __init__(self, platform: str, known: Iterable[str], message: str = "") -> None:
        self.platform = platform
        self.known = tuple(sorted(known))
        self._is_unknown = not message
        super().__init__(message or f"The platform {platform!r} is not one of {', '.join(self.known) or 'none'}.")

    def _hint(self) -> str:
        return did_you_mean(self.platform, self.known) if self._is_unknown else ""


class LimitError(WaysError, ValueError):
    """Something exceeds a limit. ``name`` is the name of the limit, ``limit`` its number, and ``found`` the actual number."""

    def __init__(self, name: str, limit: int, found: int, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.limit = limit
        self.found = found


class HierarchyError(WaysError, ValueError):
    """A hierarchy has a character that isn't allowed, or too many parts."""

    def __init__(self, text: str, position: int, message: str = "") -> None:
        self.text = text
        self.position = position
        super().__init__(
            message
            or f"The hierarchy {text!r} has the character {text[position]!r} at position {position}: "
            "only the letters a to z and A to Z, digits, '_', '-' and spaces are allowed between its '/'."
        )


class SheetError(WaysError):
    """A Plugin Sheet, or part of it, can't be used. ``source`` is its position."""

    def __init__(self, source: object, message: str) -> None:
        super().__init__(led_by(f"{source}: ", message) if str(source) else message)
        self.source = source


class SheetReadError(SheetError, OSError):
    """A sheet's file can't be read."""


class SheetSchemaError(SheetError, ValueError):
    """A key of a sheet has a value of a wrong kind, or is missing."""

    def __init__(self, source: object, message: str, *, pointer: str = "", expected: str = "", found: str = "") -> None:
        super().__init__(source, message)
        self.pointer = pointer
        self.expected = expected
        self.found = found


class SheetLimitError(LimitError, SheetError):
    """A plugin made in Python exceeds a limit. ``source`` is what gives it."""

    def __init__(self, source: object, name: str, limit: int, found: int, message: str) -> None:
        SheetError.__init__(self, source, message)
        self.name = name
        self.limit = limit
        self.found = found


class SheetErrors(SheetError, ValueError):
    """Several errors of one call, in ``errors``."""

    def __init__(self, errors: Sequence[SheetError]) -> None:
        super().__init__("", lines(*map(str, errors)))
        self.errors = tuple(errors)


class PluginError(WaysError):
    """Plugins contradict each other."""


class DuplicatePluginError(PluginError, RuntimeError):
    """Two plugins with different names have one uuid.

    ``help`` says what else can be done, if anything can.
    """

    def __init__(self, existing: object, duplicate: object, message: str, help: str = "") -> None:
        super().__init__(message)
        self.existing = existing
        self.duplicate = duplicate
        self.help = help

    def _hint(self) -> str:
        return f". {self.help}" if self.help else ""


class DuplicateUsesError(PluginError, ValueError):
    """A plugin names the same parent twice in ``uses``."""

    def __init__(self, source: object, parent: str) -> None:
        super().__init__(f"{source}: 'uses' names {parent!r} twice; name each parent once.")
        self.source = source
        self.parent = parent


class RelativeCycleError(PluginError, ValueError, RuntimeError):
    """Relative mappings use each other in a circle. Also a RuntimeError, as for every mapping that can't be resolved."""

    def __init__(self, chain: Sequence[str]) -> None:
        self.chain = tuple(chain)
        super().__init__(
            f"The mappings refer to each other in a circle: {' -> '.join(self.chain)}. "
            "Give one of them a mapping that uses no other."
        )


class PatternError(WaysError, ValueError):
    """A mapping or an expression can't be read. ``span`` is the start and end of the fault in ``text``."""

    def __init__(self, message: str, text: str = "", span: tuple[int, int] | None = None) -> None:
        self.text = text
        self.span = span
        super().__init__(lines(message, *caret(text, span).split("\n")) if span else message)


class TokenCycleError(PatternError):
    """Tokens hold each other in a circle."""

    def __init__(self, chain: Sequence[str]) -> None:
        self.chain = tuple(chain)
        super().__init__(f"The tokens contain each other in a circle: {' -> '.join(self.chain)}.")


class MappingLimitError(LimitError, PatternError, RuntimeError):
    """A mapping exceeds a limit. Also a RuntimeError, as for every mapping that can't be resolved."""

    def __init__(self, name: str, limit: int, found: int, message: str) -> None:
        LimitError.__init__(self, name, limit, found, message)
        self.text = ""
        self.span = None


class UnknownTokenError(PatternError, KeyError):
    """The mapping has no such token."""

    def __init__(self, token: str, known: Iterable[str], where: str = "") -> None:
        self.token = token
        self.known = tuple(known)
        what = f"{where}: there" if where else "There"
        super().__init__(f"{what} is no token {token!r}; the tokens are {', '.join(self.known) or 'none'}.")

    def _hint(self) -> str:
        return did_you_mean(str(self.token), self.known)


class UnknownEngineError(PatternError, NotImplementedError):
    """An engine can't do what was asked of it."""

    def __init__(self, engine: str, known: Iterable[str]) -> None:
        self.engine = engine
        self.known = tuple(known)
        super().__init__(f"The engine {engine!r} can't be used here; only {', '.join(self.known)} can.")

    def _hint(self) -> str:
        return did_you_mean(self.engine, self.known)


class ParseError(WaysError, ValueError):
    """A text doesn't fit a mapping. ``position`` is the number of characters that fit."""

    def __init__(self, text: str, template: str, position: int = 0, note: str = "") -> None:
        self.text = text
        self.template = template
        self.position = position
        shown, pointed = caret(text, (position, position + 1)).split("\n")
        super().__init__(lines(f"The text does not fit the mapping {template!r}:", shown, led_by(pointed, note)))


class AmbiguousReadingError(ParseError):
    """A text fits one mapping in several ways, with different optional parts. ``readings`` are the values of each way."""

    def __init__(self, text: str, template: str, readings: Sequence[Mapping[str, str]], note: str = "") -> None:
        WaysError.__init__(self, "")
        self.text = text
        self.template = template
        self.position = len(text)
        self.readings = [dict(values) for values in readings]
        self.message = lines(
            f"{text!r} can be read in different ways by the mapping {template!r}:",
            *(f"  {_as_line(values)}" for values in self.readings),
            f"Give the tokens expressions that tell the ways apart.{note}",
        )
        self.args = (self.message,)


def _as_line(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items()) or "no values"


class MatchTimeoutError(WaysError, TimeoutError):
    """Ways could not decide in time whether a text fits.

    ``pattern`` is the regular expression, ``timeout`` is in seconds. ``limit`` is the limit that was reached: ``time`` for one
    Context, ``question`` for all Contexts of a question; ``contexts`` is the number of those that ran out of time.
    """

    def __init__(
        self, text: str, pattern: str, timeout: float, limit: str = "time", contexts: int = 1, advice: str = ""
    ) -> None:
        self.text = text
        self.pattern = pattern
        self.timeout = timeout
        self.limit = limit
        self.contexts = contexts
        shown = text if len(text) <= 80 else f"{text[:80]}..."
        whole = f"; no time was left for {contexts} Contexts" if limit == "question" else ""
        super().__init__(
            f"Ways could not find out within {timeout} s whether {shown!r} ({len(text)} characters) fits {pattern!r}{whole}: too "
            f"many of its tokens can hold the same characters. Give them expressions that show where one ends.{advice and ' '}{advice}"
        )


class FormatError(WaysError, ValueError):
    """Values can't be written as text."""


class MissingTokensError(FormatError):
    """A value that a mapping needs is missing."""

    def __init__(self, missing: Iterable[str], where: str = "") -> None:
        self.missing = tuple(missing)
        super().__init__(
            f"{where + ': ' if where else ''}no value for {', '.join(self.missing)}; "
            f"give {'it' if len(self.missing) == 1 else 'them'} as {' '.join(name + '=VALUE' for name in self.missing)}."
        )


class TokenValueError(FormatError):
    """A value doesn't fit its token."""

    def __init__(self, token: str, value: str, expression: str, where: str = "") -> None:
        self.token = token
        self.value = value
        self.expression = expression
        super().__init__(
            f"The value {value!r} does not fit the token {token} ({expression})"
            f"{', set by ' + where if where else ''}."
        )


class ContextError(WaysError):
    """The base of errors about a Context."""


class ContextNotFoundError(ContextError, ValueError):
    """No Context has this hierarchy, or fits this text."""

    def __init__(self, hierarchy: str, suggestions: Sequence[str] = (), message: str = "") -> None:
        self.hierarchy = hierarchy
        self.suggestions = tuple(suggestions)
        super().__init__(message or f"There is no Context {hierarchy!r}.")

    def _hint(self) -> str:
        return did_you_mean(self.hierarchy, self.suggestions)


class UnknownFieldError(ContextError, ValueError):
    """A place has no such field."""

    def __init__(self, field: str, known: Iterable[str], where: str = "") -> None:
        self.field = field
        self.known = tuple(known)
        super().__init__(f"{where + ': ' if where else ''}there is no field {field!r}; the fields are {', '.join(self.known)}.")

    def _hint(self) -> str:
        return did_you_mean(self.field, self.known)


class UnknownLineError(WaysError, LookupError):
    """A sheet was not loaded, or nothing that counts is written on the line."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        self.path = path
        self.line = line
        self.reason = reason
        super().__init__(f"{path}{f':{line}' if line else ''}: {reason}.".replace("?.", "?").replace("..", "."))


class SupportsAsDict(Protocol):
    """A record that can be shown as text and as plain data."""

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""


class AmbiguousContextError(ContextError, ValueError):
    """Several Contexts fit equally well, or one Context fits in several ways. ``candidates`` has a record of each."""

    def __init__(self, text: str, candidates: Sequence[SupportsAsDict], message: str = "") -> None:
        self.text = text
        self.candidates = tuple(candidates)
        count = len(self.candidates)
        listed = [f"  {candidate}" for candidate in self.candidates[:MOST_SHOWN]]
        listed += [f"  ... and {count - MOST_SHOWN} more"] if count > MOST_SHOWN else []
        places = (str(candidate.as_dict().get("hierarchy")) for candidate in self.candidates)
        if (first := next(places, None)) is not None and any(place != first for place in places):
            fault, help = f"fits {count} Contexts equally well", "Name the Context you mean."
        else:
            fault, help = f"can be read in {count} ways", "Give the tokens expressions that tell the ways apart."
        super().__init__(message or lines(f"{text!r} {fault}:", *listed, help))

    def __reduce__(self) -> Any:
        # A candidate refers to its session, which can't be pickled; its text and its plain data can.
        candidates = tuple(_PickledCandidate(str(candidate), candidate.as_dict()) for candidate in self.candidates)
        return _unpickled, (type(self), self.args, {**self.__dict__, "candidates": candidates})


class _PickledCandidate:
    """The text and the plain data of a candidate."""

    def __init__(self, text: str, data: dict[str, Any]) -> None:
        self._text = text
        self._data = data

    def __str__(self) -> str:
        return self._text

    def as_dict(self) -> dict[str, Any]:
        return dict(self._data)


class UnresolvedMappingError(ContextError, RuntimeError):
    """A Context has no mapping, or the parent of a relative plugin has none."""

    def __init__(self, hierarchy: str, plugins: Sequence[object], message: str) -> None:
        self.hierarchy = hierarchy
        self.plugins = tuple(plugins)
        super().__init__(message)


class AliasError(ContextError, ValueError):
    """An alias is taken, refers to itself, or would close a circle."""

    def __init__(self, alias: str, chain: Sequence[str], message: str) -> None:
        self.alias = alias
        self.chain = tuple(chain)
        super().__init__(message)


class MissingExtraError(WaysError, ImportError):
    """A package that an extra of Ways requires is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package = package
        self.extra = extra
        self.purpose = purpose
        super().__init__(f"{purpose[:1].upper()}{purpose[1:]} need the package {package}: pip install '{__distribution__}[{extra}]'.")


class RefusedCallError(WaysError, ValueError):
    """A function named in a sheet is not run: it is unknown, or its sheet is not trusted."""


class UntrustedError(WaysError, PermissionError):
    """Code would have to run that nobody said may run. ``path`` is the file that it is in."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path


class SnapshotError(WaysError, TypeError):
    """Something can't be sent to another process. ``items`` lists everything, each with its position and the reason."""

    def __init__(self, items: Iterable[object], message: str = "") -> None:
        self.items = tuple(items)
        first = "These can't travel to another process; leave_out=True leaves them out:"
        super().__init__(message or lines(first, *(f"  {item}" for item in self.items)))


class ActionNotFoundError(WaysError, AttributeError):
    """There is no action of that name. An AttributeError, so that ``hasattr`` is false for it."""

    #: An attribute of the instance: that of AttributeError is lost in a pickle.
    name: str = ""

    def __init__(self, name: str, suggestions: Iterable[str] = (), where: str = "") -> None:
        self.suggestions = tuple(suggestions)
        super().__init__(f"There is no action {name!r}{' at ' + where if where else ''}.")
        self.name = name

    def _hint(self) -> str:
        return did_you_mean(self.name, self.suggestions)


class ImJoyError(WaysError, ValueError):
    """An ImJoy URI, tag or plugin is wrong or missing. ``code`` is the kind of fault, ``help`` what to do."""

    def __init__(self, code: str, message: str, help: str = "") -> None:
        super().__init__(f"{message}. {help}" if help else message)
        self.code = code
        self.help = help
