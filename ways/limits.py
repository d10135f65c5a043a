"""Limits: how much is read at most, each told, and each to be raised. The numbers stand here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from ways.errors import SettingsError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple

LIMITS_ENV_VAR = "WAYS_LIMITS"


class Limits(NamedTuple):
    """The greatest of everything that is read: what goes beyond is refused, and costs no more than itself."""

    #: Characters of a text to resolve.
    text: int = 32_768
    #: Bytes of a sheet.
    sheet: int = 16 << 20
    #: Mappings and lists in each other in a sheet.
    depth: int = 100
    #: Values in a sheet; those of an alias count each time it stands.
    values: int = 500_000
    #: Plugins that a sheet makes, with a copy for each parent.
    plugins: int = 100_000
    #: Parts of a hierarchy.
    hierarchy: int = 200
    #: Characters of a mapping, as it is written and as it is composed, and of a token's own.
    mapping: int = 16_384
    #: Tokens of a mapping, each time they stand, and tokens with details.
    tokens: int = 250
    #: Tokens in each other, and places on the way to a mapping.
    expansion: int = 100
    #: Characters of the expressions of a plugin, and of a mapping.
    expression: int = 32_768
    #: Sheets of one search path, those that sheets name counted.
    sheets: int = 10_000

    #: Problems that are told of one sheet.
    problems: int = 1_000

    @classmethod
    def of_text(cls, text: str) -> Limits:
        """Return the limits that a text such as ``text=65536:sheet=20000000`` asks for; the others as they are.

        :raises SettingsError: a part is none, or names no limit.
        """
        return cls(**dict(_pairs(text)))

    def expected(self, name: str) -> str:
        """Return, in words, what the limit *name* allows."""
        return f"at most {getattr(self, name)} {_WORDS[name]}"

    def to_raise(self, name: str, found: int = 0) -> str:
        """Return, in words, how the limit *name* is raised."""
        wanted = max(found, 2 * getattr(self, name))
        return f"A greater one is set by {LIMITS_ENV_VAR}={name}={wanted}, or Session(limits=Limits({name}={wanted}))."


def _pairs(text: str) -> Iterator[tuple[str, int]]:
    for part in text.split(":"):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if not part.strip():
            continue
        if name not in Limits._fields:
            raise SettingsError(LIMITS_ENV_VAR, text, f"limits among {', '.join(Limits._fields)}{_near(name)}")
        if not (number.isdecimal() and number.isascii() and len(number) <= 18 and int(number)):
            raise SettingsError(LIMITS_ENV_VAR, text, f"a whole number above 0 for {name}, such as {name}=1000")
        yield name, int(number)


def _near(name: str) -> str:
    return did_you_mean(name, Limits._fields).replace(" Did", "; did").rstrip("?")


#: What each limit counts.
_WORDS = {
    "text": "characters in a text",
    "sheet": "bytes in a sheet",
    "depth": "mappings and lists in each other",
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
#: The limits where nothing else is said.
DEFAULT_LIMITS = Limits()
