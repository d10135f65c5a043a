"""Limits that a session can raise: how much it reads at most.

The fixed limits, which can't be raised, stand in the modules that they bound; ``docs/reference/limits.rst`` lists both.
"""

from __future__ import annotations

from ways.errors import SettingsError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple

LIMITS_ENV_VAR = "WAYS_LIMITS"
#: Parts that a hierarchy may have, whatever limit is set: code that walks a tree of places calls itself for each part.
MAX_HIERARCHY = 200


class Limits(NamedTuple):
    """The most that is read of each thing. What goes beyond a limit is refused, and costs no more than itself."""

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
    #: Characters of the expressions of a plugin, and of a mapping.
    expression: int = 32_768
    #: Sheets of one search path, with the sheets that these name.
    sheets: int = 10_000
    #: Problems that are reported for one sheet.
    problems: int = 1_000

    @classmethod
    def of_text(cls, text: str) -> Limits:
        """Return the limits that a text such as ``text=65536:sheet=20000000`` asks for; the others as they are.

        :raises SettingsError: a part names no limit, or has no number above 0.
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
        """Return, in words, how the limit *name* is raised, to *needed* at least."""
        wanted = max(needed, 2 * getattr(self, name))
        return f"A greater one is set by {LIMITS_ENV_VAR}={name}={wanted}, or Session(limits=Limits({name}={wanted}))."


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
    "expression": "characters of expressions",
    "sheets": "sheets of one search path",
    "problems": "problems of one sheet",
}
#: The limits of a session that is given none.
DEFAULT_LIMITS = Limits()
