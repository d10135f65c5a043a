"""Format specs: what text a typed value has, and what value a text has. Exactly what Python's ``format`` writes fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

#: Formats there are, as shown to people.
KNOWN_SPECS = "d, 03d, x, X, o, b, .2f, s, w, l or %Y-%m-%d"
_PADDED = re.compile(r"0([1-9][0-9]?)d")
_FIXED = re.compile(r"\.([0-9]|1[0-9]|20)f")
_DIRECTIVE = re.compile(r"%(.)|([^%]+)", re.DOTALL)
#: strftime directive -> the texts that it writes. Names of months and days are those of the C locale.
_DIRECTIVES = {
    "Y": r"[0-9]{4}",
    "y": r"[0-9]{2}",
    "m": r"(?:0[1-9]|1[0-2])",
    "d": r"(?:0[1-9]|[12][0-9]|3[01])",
    "H": r"(?:[01][0-9]|2[0-3])",
    "I": r"(?:0[1-9]|1[0-2])",
    "p": r"(?:AM|PM)",
    "M": r"[0-5][0-9]",
    "S": r"[0-5][0-9]",
    "f": r"[0-9]{6}",
    "j": r"(?:00[1-9]|0[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-6])",
    "b": r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
    "B": r"(?:January|February|March|April|May|June|July|August|September|October|November|December)",
    "a": r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)",
    "A": r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)",
    "%": "%",
}
#: Letter -> digits, and the base they are of.
_BASES = {"x": ("0-9a-f", 16), "X": ("0-9A-F", 16), "o": ("0-7", 8), "b": ("01", 2)}


class Kind(NamedTuple):
    """How one format spec reads and writes."""

    spec: str
    #: What its texts look like; a text that fits may still be refused by :meth:`value`.
    expression: str
    read: Callable[[str], Any]
    #: Whether the expression alone says which texts fit.
    is_exact: bool = True

    def value(self, text: str) -> Any:
        """Return the typed value of *text*.

        :raises ValueError: no value is written as *text*.
        """
        if not re.fullmatch(self.expression, text):
            raise ValueError(f"{text!r} is not what the format {self.spec!r} writes")
        value = self.read(text)
        if self.text(value) != text:
            raise ValueError(f"{text!r} would be written as {self.text(value)!r} by the format {self.spec!r}")
        return value

    def text(self, value: Any) -> str:
        """Return the text of *value*; a text is taken as it is.

        :raises ValueError: the format can't write such a value.
        """
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            raise ValueError(f"the format {self.spec!r} can't write {value!r}")
        try:
            return format(value, self.spec)
        except TypeError as error:
            raise ValueError(f"the format {self.spec!r} can't write {value!r}") from error

    def fits(self, text: str) -> bool:
        """Whether some value is written as *text*."""
        try:
            self.value(text)
        except ValueError:
            return False
        return True


@lru_cache(maxsize=1024)
def kind_of(spec: str) -> Kind | None:
    """Return how *spec* reads and writes, or ``None`` for one that isn't known.

    Known are ``d``, ``0Nd``, ``x``, ``X``, ``o``, ``b``, ``.Nf``, ``s``, ``w`` (letters, digits and ``_``), ``l``
    (letters), and strftime formats.
    """
    if spec == "d":
        return Kind(spec, "(?:0|-?[1-9][0-9]*)", int)
    if padded := _PADDED.fullmatch(spec):
        return Kind(spec, _padded(int(padded[1])), int)
    if spec in _BASES:
        digits, base = _BASES[spec]
        first = digits.replace("0-", "1-").replace("01", "1")
        return Kind(spec, f"(?:0|-?[{first}][{digits}]*)", lambda text: int(text, base))
    if fixed := _FIXED.fullmatch(spec):
        point = rf"\.[0-9]{{{fixed[1]}}}" if int(fixed[1]) else ""
        return Kind(spec, f"-?(?:0|[1-9][0-9]*){point}", float, False)
    if spec in _TEXTS:
        return Kind("s", _TEXTS[spec], str)
    return _date(spec) if "%" in spec else None


_TEXTS = {"s": r"(?s:.+)", "w": r"\w+", "l": r"[A-Za-z]+"}


def _padded(width: int) -> str:
    """Return the texts of whole numbers in at least *width* characters, filled up with zeros; a sign counts."""
    positive = f"[0-9]{{{width}}}|[1-9][0-9]{{{width},}}"
    # A negative number fills its width too, and there is no minus nought.
    filled = [f"{'0' * zeros}[1-9]{_digits(width - 2 - zeros)}" for zeros in range(width - 1)]
    return f"(?:{positive}|-(?:{'|'.join((*filled, f'[1-9][0-9]{{{width - 1},}}'))}))"


def _digits(count: int) -> str:
    return "" if not count else "[0-9]" if count == 1 else f"[0-9]{{{count}}}"


def _date(spec: str) -> Kind | None:
    expression = ""
    if _DIRECTIVE.sub("", spec):
        return None
    for directive, literal in _DIRECTIVE.findall(spec):
        if directive and directive not in _DIRECTIVES:
            return None
        expression += _DIRECTIVES[directive] if directive else re.escape(literal)
    return Kind(spec, f"(?:{expression})", lambda text: _date_of(text, spec), False)


def _date_of(text: str, spec: str) -> Any:
    # datetime costs 3 ms to import, and few sheets have dates.
    from datetime import datetime, timedelta

    first = datetime.strptime(text, spec)
    # A weekday without a day says which of the first days it is.
    week = (first + timedelta(days=days) for days in range(7))
    return next((date for date in week if format(date, spec) == text), first)
