"""The Ways family of errors; docs/reference/errors.rst says who raises each.

Each error is also the built-in class that the same mistake raised in Ways 0.1, so ``except ValueError`` keeps
working. An error carries its parts as attributes. It looks for the nearest known name only when it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol
else:
    Protocol = object


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return the known name closest to *name*, or ``''`` where none is close: 1 is the same, 0 nothing alike."""
    # Comparing takes the square of the length, and no misspelt name is as long as that.
    if not isinstance(name, str) or len(name) > 200:
        return ""
    names = sorted({text for text in map(str, known) if len(text) <= 200})
    if not names:
        return ""
    # difflib costs 5 ms to import and is wanted only once something went wrong.
    from difflib import get_close_matches

    close = get_close_matches(name, names, n=1, cutoff=cutoff)
    if not close:
        folded = {item.casefold(): item for item in names}
        close = [folded[name.casefold()]] if name.casefold() in folded else []
    return close[0] if close else ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"``, or ``''`` where nothing known is close to *name*."""
    close = nearest(name, known)
    return f" Did you mean {close!r}?" if close else ""


def caret(text: str, span: tuple[int, int]) -> str:
    """Return *text* with a line below it that points at the characters in *span*."""
    start, end = span
    return f"{text}\n{' ' * start}{'^' * max(1, end - start)}"


class WaysError(Exception):
    """Any error that Ways raises by itself."""

    #: Returns what is added to the message where the error is first shown.
    _later: Callable[[], str] | None = None

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message

    def say_later(self, find: Callable[[], str]) -> None:
        """Add to the message what *find* returns; it is called once, where the error is shown, as that may take a while."""
        self._later = find

    def at_once(self) -> str:
        """Return the message without what takes a while to find."""
        return f"{self.message}{self._hint()}"

    def _hint(self) -> str:
        """Return what would help; ``""`` if there is no hint."""
        return ""

    def __str__(self) -> str:
        if self._later is not None:
            later, self._later = self._later, None
            text = later()
            # Below a caret it has a line of its own.
            self.message += f"\n{text.lstrip()}" if text and "\n" in self.message else text
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
    """A platform is not one of those that this plugin, or this session, knows."""

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
    """A hierarchy has a character that no hierarchy may have, or too many parts."""

    def __init__(self, text: str, position: int, message: str = "") -> None:
        self.text = text
        self.position = position
        super().__init__(
            message
            or f"The hierarchy {text!r} has the character {text[position]!r} at position {position}: "
            "only the letters a to z and A to Z, digits, '_', '-' and spaces may stand between its '/'."
        )


class SheetError(WaysError):
    """A Plugin Sheet, or a part of it, can't be used. ``source`` is where it is written."""

    def __init__(self, source: object, message: str) -> None:
        super().__init__(f"{source}: {message}" if str(source) else message)
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


class SheetErrors(SheetError, ValueError):
    """Several errors of one call, in ``errors``."""

    def __init__(self, errors: Sequence[SheetError]) -> None:
        super().__init__("", "\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


class PluginError(WaysError):
    """Plugins contradict each other."""


class DuplicatePluginError(PluginError, RuntimeError):
    """Two plugins with different names have one uuid."""

    def __init__(self, existing: object, duplicate: object, message: str) -> None:
        super().__init__(message)
        self.existing = existing
        self.duplicate = duplicate


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
            f"The mappings are made of each other in a circle: {' -> '.join(self.chain)}. "
            "Give one of them a mapping that uses no other."
        )


class PatternError(WaysError, ValueError):
    """A mapping or an expression can't be read. ``span`` is the start and end of the fault in ``text``."""

    def __init__(self, message: str, text: str = "", span: tuple[int, int] | None = None) -> None:
        self.text = text
        self.span = span
        super().__init__(f"{message}\n{caret(text, span)}" if span else message)


class TokenCycleError(PatternError):
    """Tokens hold each other in a circle."""

    def __init__(self, chain: Sequence[str]) -> None:
        self.chain = tuple(chain)
        super().__init__(f"The tokens hold each other in a circle: {' -> '.join(self.chain)}.")


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
        super().__init__(f"The text does not fit the mapping {template!r}:\n{caret(text, (position, position + 1))}{note}")


class AmbiguousReadingError(ParseError):
    """A text fits one mapping in several ways, with different optional parts. ``readings`` are the values of each way."""

    def __init__(self, text: str, template: str, readings: Sequence[Mapping[str, str]], note: str = "") -> None:
        WaysError.__init__(self, "")
        self.text = text
        self.template = template
        self.position = len(text)
        self.readings = [dict(values) for values in readings]
        lines = "".join(f"\n  {_as_line(values)}" for values in self.readings)
        self.message = (
            f"{text!r} can be read in different ways by the mapping {template!r}:{lines}\n"
            f"Give the tokens expressions that tell the ways apart.{note}"
        )
        self.args = (self.message,)


def _as_line(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items()) or "no values"


class MatchTimeoutError(WaysError, TimeoutError):
    """Whether a text fits was not decided in time. ``pattern`` is the regular expression, ``timeout`` is in seconds."""

    def __init__(self, text: str, pattern: str, timeout: float) -> None:
        self.text = text
        self.pattern = pattern
        self.timeout = timeout
        shown = text if len(text) <= 80 else f"{text[:80]}..."
        super().__init__(
            f"Whether {shown!r} ({len(text)} characters) fits {pattern!r} could not be told within {timeout} s: too many of "
            "its tokens can hold the same characters. Give them expressions that tell where one ends."
        )


class FormatError(WaysError, ValueError):
    """Values can't be written as text."""


class MissingTokensError(FormatError):
    """Values that a mapping needs were not given."""

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
    """A Context can't be found, or can't answer."""


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
    """Several Contexts fit equally well, or one Context in several ways. ``candidates`` has one record for each."""

    def __init__(self, text: str, candidates: Sequence[SupportsAsDict], message: str = "") -> None:
        self.text = text
        self.candidates = tuple(candidates)
        lines = "".join(f"\n  {candidate}" for candidate in self.candidates)
        places = {str(candidate.as_dict().get("hierarchy")) for candidate in self.candidates}
        count = len(self.candidates)
        if len(places) > 1:
            fault, help = f"fits {count} Contexts equally well", "Name the Context you mean."
        else:
            fault, help = f"can be read in {count} ways", "Give the tokens expressions that tell the ways apart."
        super().__init__(message or f"{text!r} {fault}:{lines}\n{help}")

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
    """An alias is taken already, stands for itself, or would close a circle."""

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
        super().__init__(f"{purpose.capitalize()} need the package {package}: pip install 'ways[{extra}]'.")


class RefusedCallError(WaysError, ValueError):
    """A function named in a sheet is not run: it is unknown, or its sheet is not trusted."""


class SnapshotError(WaysError, TypeError):
    """Something can't travel to another process. ``items`` are all such things, each with where it is and why."""

    def __init__(self, items: Iterable[object], message: str = "") -> None:
        self.items = tuple(items)
        listed = "".join(f"\n  {item}" for item in self.items)
        super().__init__(message or f"These can't travel to another process; leave_out=True leaves them out:{listed}")


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
