"""The Ways family of errors.

Each error is also the built-in class that the same mistake raised in Ways 0.1, so ``except ValueError`` keeps
working. An error carries its parts as attributes, and makes its text (hints included) only when it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol
else:
    Protocol = object


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return the known name closest to *name*, or ``''`` where none is close: 1 is the same, 0 nothing alike."""
    # What is as long as that is no slip of the pen, and comparing takes the square of its length.
    if len(name) > 200:
        return ""
    # difflib costs 5 ms to import and is wanted only once something went wrong.
    from difflib import get_close_matches

    names = sorted({text for text in map(str, known) if len(text) <= 200})
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

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> Any:
        # An exception is unpickled by calling its class with its one text, which those with parts don't take.
        return _revived, (type(self), self.args, self.__dict__)


def _revived(kind: type[WaysError], args: tuple[Any, ...], parts: dict[str, Any]) -> WaysError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(parts)
    return error


class SettingsError(WaysError, ValueError):
    """What is to stand in for a WAYS_* variable can't: there is no such variable, or it doesn't take that value."""

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
        unknown = f"The platform {platform!r} is not one of {', '.join(self.known) or 'none'}."
        super().__init__(message or unknown + did_you_mean(platform, self.known))


class LimitError(WaysError, ValueError):
    """Something is greater than it may be. ``name`` is the limit's, ``limit`` its number, ``found`` the other one."""

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
    """A Plugin Sheet, or a part of it, can't be used. ``source`` says where it is written."""

    def __init__(self, source: object, message: str) -> None:
        super().__init__(f"{source}: {message}" if str(source) else message)
        self.source = source


class SheetReadError(SheetError, OSError):
    """A sheet's file can't be read."""


class SheetSchemaError(SheetError, ValueError):
    """A key of a sheet holds something else than it may."""

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
    """Mappings are made of each other in a circle. Also a RuntimeError, as every mapping that can't be resolved is."""

    def __init__(self, chain: Sequence[str]) -> None:
        self.chain = tuple(chain)
        super().__init__(
            f"The mappings are made of each other in a circle: {' -> '.join(self.chain)}. "
            "Give one of them a mapping that uses no other."
        )


class PatternError(WaysError, ValueError):
    """A mapping can't be read. ``span`` is the fault's start and end in ``text``."""

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
    """A mapping is greater than it may be. Also a RuntimeError, as every mapping that can't be resolved is."""

    def __init__(self, name: str, limit: int, found: int, message: str) -> None:
        LimitError.__init__(self, name, limit, found, message)
        self.text = ""
        self.span = None


class UnknownTokenError(PatternError, KeyError):
    """A token that the mapping doesn't have."""

    def __init__(self, token: str, known: Iterable[str]) -> None:
        self.token = token
        self.known = tuple(known)
        super().__init__(
            f"There is no token {token!r}; the tokens are {', '.join(self.known) or 'none'}."
            f"{did_you_mean(token, self.known)}"
        )


class UnknownEngineError(PatternError, NotImplementedError):
    """An engine that can't do what was asked of it."""

    def __init__(self, engine: str, known: Iterable[str]) -> None:
        self.engine = engine
        self.known = tuple(known)
        super().__init__(
            f"The engine {engine!r} can't be used here; only {', '.join(self.known)} can."
            f"{did_you_mean(engine, self.known)}"
        )


class ParseError(WaysError, ValueError):
    """A text doesn't fit a mapping. ``position`` is how many characters fitted."""

    def __init__(self, text: str, template: str, position: int = 0, note: str = "") -> None:
        self.text = text
        self.template = template
        self.position = position
        super().__init__(f"The text does not fit the mapping {template!r}:\n{caret(text, (position, position + 1))}{note}")


class AmbiguousReadingError(ParseError):
    """A text fits one mapping with different optional parts. ``readings`` has the values of each way to read it."""

    def __init__(self, text: str, template: str, readings: Sequence[Mapping[str, str]]) -> None:
        WaysError.__init__(self, "")
        self.text = text
        self.template = template
        self.position = len(text)
        self.readings = [dict(values) for values in readings]
        lines = "".join(f"\n  {_listed(values)}" for values in self.readings)
        self.message = (
            f"{text!r} can be read in different ways by the mapping {template!r}:{lines}\n"
            "Give the tokens expressions that tell the ways apart."
        )
        self.args = (self.message,)


def _listed(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items()) or "no values"


class MatchTimeoutError(WaysError, TimeoutError):
    """Whether a text fits could not be told in time. ``pattern`` is the regular expression, ``timeout`` is in seconds."""

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

    def __str__(self) -> str:
        return f"{self.message}{did_you_mean(self.hierarchy, self.suggestions)}"


class UnknownFieldError(ContextError, ValueError):
    """There is no such field of a place to explain."""

    def __init__(self, field: str, known: Iterable[str], where: str = "") -> None:
        self.field = field
        self.known = tuple(known)
        super().__init__(
            f"{where + ': ' if where else ''}there is no field {field!r}; the fields are {', '.join(self.known)}."
            f"{did_you_mean(field, self.known)}"
        )


class UnknownLineError(WaysError, LookupError):
    """A line of a sheet that nothing can be told of."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        self.path = path
        self.line = line
        self.reason = reason
        super().__init__(f"{path}{f':{line}' if line else ''}: {reason}.".replace("?.", "?").replace("..", "."))


class Shown(Protocol):
    """A record that can say itself as plain data."""

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""


class AmbiguousContextError(ContextError, ValueError):
    """Several Contexts fit equally well, or one in several ways. ``candidates`` has one record for each."""

    def __init__(self, text: str, candidates: Sequence[Shown]) -> None:
        self.text = text
        self.candidates = tuple(candidates)
        lines = "".join(f"\n  {candidate}" for candidate in self.candidates)
        places = {str(candidate.as_dict().get("hierarchy")) for candidate in self.candidates}
        count = len(self.candidates)
        if len(places) > 1:
            what, help = f"fits {count} Contexts equally well", "Name the Context you mean."
        else:
            what, help = f"can be read in {count} ways", "Give the tokens expressions that tell the ways apart."
        super().__init__(f"{text!r} {what}:{lines}\n{help}")

    def __reduce__(self) -> Any:
        # A candidate knows its session, which can't travel; what it says can.
        told = tuple(_Told(str(candidate), candidate.as_dict()) for candidate in self.candidates)
        return _revived, (type(self), self.args, {**self.__dict__, "candidates": told})


class _Told:
    """What a record said of itself, without all that it knows."""

    def __init__(self, text: str, said: dict[str, Any]) -> None:
        self._text = text
        self._said = said

    def __str__(self) -> str:
        return self._text

    def as_dict(self) -> dict[str, Any]:
        return dict(self._said)


class UnresolvedMappingError(ContextError, RuntimeError):
    """A Context has no mapping, or a relative plugin's parent has none."""

    def __init__(self, hierarchy: str, plugins: Sequence[object], message: str) -> None:
        self.hierarchy = hierarchy
        self.plugins = tuple(plugins)
        super().__init__(message)


class AliasError(ContextError, ValueError):
    """An alias that is taken, names itself, or would close a circle."""

    def __init__(self, alias: str, chain: Sequence[str], message: str) -> None:
        self.alias = alias
        self.chain = tuple(chain)
        super().__init__(message)


class MissingExtraError(WaysError, ImportError):
    """A package that an extra of Ways brings is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package = package
        self.extra = extra
        self.purpose = purpose
        super().__init__(f"{purpose.capitalize()} need the package {package}: pip install 'ways[{extra}]'.")


class RefusedCallError(WaysError, ValueError):
    """A function named in a sheet is not run: it is unknown, or its sheet is not trusted."""


class SnapshotError(WaysError, TypeError):
    """Something can't travel to another process; ``items`` are all such things, each with where it is and why."""

    def __init__(self, items: Iterable[object], message: str = "") -> None:
        self.items = tuple(items)
        listed = "".join(f"\n  {item}" for item in self.items)
        super().__init__(message or f"These can't travel to another process; leave_out=True leaves them out:{listed}")


class ActionNotFoundError(WaysError, AttributeError):
    """No action of that name, so that ``hasattr`` and ``getattr`` stay honest."""

    def __init__(self, name: str, suggestions: Iterable[str] = (), where: str = "") -> None:
        self.suggestions = tuple(suggestions)
        super().__init__(
            f"There is no action {name!r}{' at ' + where if where else ''}.{did_you_mean(name, self.suggestions)}"
        )
        self.name = name


class ImJoyError(WaysError, ValueError):
    """Something of ImJoy that can't be: its ``code`` says what kind, and ``help`` what would do."""

    def __init__(self, code: str, message: str, help: str = "") -> None:
        super().__init__(f"{message}. {help}" if help else message)
        self.code = code
        self.help = help
