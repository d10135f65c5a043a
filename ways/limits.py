"""Limits that a session can raise: how much it reads at most.

The fixed limits, which can't be raised, stand in the modules that they bound; ``docs/reference/limits.rst`` lists both.
"""

from __future__ import annotations

from collections.abc import Mapping

from ways.errors import LimitError, SettingsError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

LIMITS_ENV_VAR = "WAYS_LIMITS"
#: Parts that a hierarchy may have, whatever limit is set: code that walks a tree of places calls itself for each part.
MAX_HIERARCHY = 200


class Limits(NamedTuple):
    """The most that Ways reads of each thing. It refuses what exceeds a limit; nothing else is affected."""

    #: Characters of a text to resolve.
    text: int = 32_768
    #: Bytes of a sheet.
    sheet: int = 16 << 20
    #: Nesting of blocks and lists in a sheet.
    depth: int = 100
    #: Values in a sheet; those of a YAML alias count each time that it is used.
    values: int = 500_000
    #: Plugins of a sheet; one that uses several parents counts for each.
    plugins: int = 100_000
    #: Parts of a hierarchy.
    hierarchy: int = MAX_HIERARCHY
    #: Characters of a mapping as written, of a mapping as composed, and of the mapping of a token.
    mapping: int = 16_384
    #: Tokens of a mapping, repeats counted; and tokens with details.
    tokens: int = 250
    #: Nesting of tokens, and of places whose mappings take in each other.
    expansion: int = 100
    #: Characters of the expressions and choices of a plugin, and of a mapping.
    expression: int = 32_768
    #: Sheets of one search path, with the sheets that these name.
    sheets: int = 10_000
    #: Problems that are reported for one sheet.
    problems: int = 1_000
    #: Milliseconds of one question for one Context.
    time: int = 100
    #: Milliseconds of one question for all Contexts.
    question: int = 1_000
    #: Bytes of all files that are read of one source: a folder, an archive, a commit.
    source: int = 64 << 20
    #: Files and folders that are listed in one source.
    files: int = 100_000
    #: Bytes of a snapshot file.
    snapshot: int = 64 << 20

    @classmethod
    def of_text(cls, text: str) -> Limits:
        """Return the limits that a text such as ``text=65536:sheet=20000000`` asks for; the others keep their defaults.

        :raises SettingsError: a part doesn't name a limit, or has no number above 0.
        """
        numbers: dict[str, int] = {}
        for part in text.split(":"):
            name, _, number = (piece.strip() for piece in part.partition("="))
            if not part.strip():
                continue
            if name not in cls._fields:
                hint = did_you_mean(name, cls._fields).replace(" Did", "; did").rstrip("?")
                raise SettingsError(LIMITS_ENV_VAR, text, f"limits among {', '.join(cls._fields)}{hint}")
            if not (number.isdecimal() and number.isascii() and len(number) <= 18 and int(number)):
                raise SettingsError(LIMITS_ENV_VAR, text, f"a whole number above 0 for {name}, such as {name}=1000")
            numbers[name] = int(number)
        return cls(**numbers)

    def expected(self, name: str) -> str:
        """Return, in words, what the limit *name* allows."""
        return f"at most {getattr(self, name)} {_WORDS[name]}"

    def to_raise(self, name: str, needed: int = 0) -> str:
        """Return, in words, how to raise the limit *name* to at least *needed*."""
        wanted = max(needed, 2 * getattr(self, name))
        return f"To allow more, set {LIMITS_ENV_VAR}={name}={wanted}, or use Session(limits=Limits({name}={wanted}))."


#: What each limit counts.
_WORDS = {
    "text": "characters in a text",
    "sheet": "bytes in a sheet",
    "depth": "blocks and lists in each other",
    "values": "values in a sheet",
    "plugins": "plugins of a sheet",
    "hierarchy": "parts of a hierarchy",
    "mapping": "characters in a mapping",
    "tokens": "tokens of a mapping",
    "expansion": "tokens, or places, on the way to a mapping",
    "expression": "characters of expressions and choices",
    "sheets": "sheets of one search path",
    "problems": "problems of one sheet",
    "time": "milliseconds for one Context",
    "question": "milliseconds for one question",
    "source": "bytes in one source",
    "files": "files and folders in one source",
    "snapshot": "bytes in a snapshot file",
}
#: The limits of a session that is given none.
DEFAULT_LIMITS = Limits()


def check_length(length: int, limits: Limits, text: str = "") -> None:
    """Refuse a text that is longer than any may be.

    :raises LimitError: it is.
    """
    if length > limits.text:
        shown = f": {text[:40]!r}..." if text else ""
        message = f"expected a text of at most {limits.text} characters, found {length}{shown}. {limits.to_raise('text', length)}"
        raise LimitError("text", limits.text, length, message)


def check_values(values: Mapping[Any, Any], limits: Limits) -> None:
    """Refuse values, and names of tokens, that have more characters together than a text may have.

    :raises LimitError: they do.
    """
    length = sum([len(part) for item in values.items() for part in item if isinstance(part, str)])
    if length > limits.text:
        message = f"expected values of at most {limits.text} characters together, found {length}. {limits.to_raise('text', length)}"
        raise LimitError("text", limits.text, length, message)
