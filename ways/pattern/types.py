"""Format specs: what text a typed value has, and what value a text has. Exactly what Python's ``format`` writes fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

#: Formats there are, as shown to people.
KNOWN_SPECS = "d, 03d, x, X, o, b, .2f, s, w, l or %Y-%m-%d"
_PADDED = re.compile(r"0([1-9][0-9]?)d")
_FIXED = re.compile(r"\.([0-9]|1[0-9]|20)f")
_DIRECTIVE = re.compile(r"%(.)|([^%]+)", re.DOTALL)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
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
    "b": f"(?:{'|'.join(name[:3] for name in _MONTHS)})",
    "B": f"(?:{'|'.join(_MONTHS)})",
    "a": f"(?:{'|'.join(name[:3] for name in _DAYS)})",
    "A": f"(?:{'|'.join(_DAYS)})",
    "%": "%",
}
# strftime itself writes the names of the process's locale, and a year before 1000 with fewer digits on some platforms.
_WRITERS: dict[str, Callable[[Any], str]] = {
    "Y": lambda date: f"{date.year:04d}",
    "y": lambda date: f"{date.year % 100:02d}",
    "m": lambda date: f"{date.month:02d}",
    "d": lambda date: f"{date.day:02d}",
    "H": lambda date: f"{date.hour:02d}",
    "I": lambda date: f"{(date.hour - 1) % 12 + 1:02d}",
    "p": lambda date: "AM" if date.hour < 12 else "PM",
    "M": lambda date: f"{date.minute:02d}",
    "S": lambda date: f"{date.second:02d}",
    "f": lambda date: f"{date.microsecond:06d}",
    "j": lambda date: f"{date.timetuple().tm_yday:03d}",
    "b": lambda date: _MONTHS[date.month - 1][:3],
    "B": lambda date: _MONTHS[date.month - 1],
    "a": lambda date: _DAYS[date.weekday()][:3],
    "A": lambda date: _DAYS[date.weekday()],
    "%": lambda date: "%",
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
    #: The text of a value; ``None`` where Python's ``format`` writes it.
    write: Callable[[Any], str] | None = None

    def value(self, text: str) -> Any:
        """Return the typed value of *text*.

        :raises ValueError: no value is written as *text*.
        """
        if not re.fullmatch(self.expression, text):
            raise ValueError(f"{text!r} is not what the format {self.spec!r} writes")
        value = self.read(text)
        if not self.is_exact and self._written(value) != text:
            raise ValueError(f"{text!r} would be written as {self._written(value)!r} by the format {self.spec!r}")
        return value

    def text(self, value: Any) -> str:
        """Return the text of *value*; a text is taken as it is.

        :raises ValueError: the format can't write such a value.
        """
        if isinstance(value, str):
            return value
        try:
            text = self._written(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"the format {self.spec!r} can't write {value!r}") from error
        # A date's own format writes any letters as they are, and a float may be no number.
        if not self.fits(text):
            raise ValueError(f"the format {self.spec!r} can't write {value!r}")
        return text

    def _written(self, value: Any) -> str:
        if isinstance(value, bool):
            raise TypeError("True and False are no numbers here")
        return self.write(value) if self.write else format(value, self.spec)

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
        return Kind(spec, _TEXTS[spec], str, write=_no_text)
    return _date(spec) if "%" in spec else None


_TEXTS = {"s": r"(?s:.+)", "w": r"\w+", "l": r"[A-Za-z]+"}


def _padded(width: int) -> str:
    """Return the texts of whole numbers in at least *width* characters, filled up with zeros; a sign counts."""
    # The longest first, so that a larger expression takes the whole number.
    positive = f"[1-9][0-9]{{{width},}}|[0-9]{{{width}}}"
    # A negative number fills its width too, and there is no minus nought.
    filled = [f"{'0' * zeros}[1-9]{_digits(width - 2 - zeros)}" for zeros in range(width - 1)]
    return f"(?:{positive}|-(?:{'|'.join((f'[1-9][0-9]{{{width - 1},}}', *filled))}))"


def _no_text(value: Any) -> str:
    raise TypeError("only a text is written as one")


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
    return Kind(spec, f"(?:{expression})", lambda text: _date_of(text, spec), False, lambda value: _date_text(value, spec))


def _date_text(value: Any, spec: str) -> str:
    # datetime costs 3 ms to import, and few sheets have dates.
    from datetime import date, datetime, time

    if isinstance(value, time):
        value = datetime.combine(date(1900, 1, 1), value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} is no date")
    return "".join(_WRITERS[directive](value) if directive else literal for directive, literal in _DIRECTIVE.findall(spec))


def _date_of(text: str, spec: str) -> Any:
    """Return the first date from 1900 on that is written as *text*; with ``%y``, that of 1969 to 2068 if there is one.

    :raises ValueError: no date is.
    """
    from datetime import datetime

    told = _told(text, spec)
    hour = int(told["H"]) if "H" in told else int(told.get("I", 0)) % 12 + 12 * (told.get("p") == "PM")
    rest = (hour, int(told.get("M", 0)), int(told.get("S", 0)), int(told.get("f", 0)))
    dates = (datetime(*day, *rest) for day in _days(told))
    found = next((date for date in dates if _date_text(date, spec) == text), None)
    if found is None:
        raise ValueError(f"no date is written as {text!r} by the format {spec!r}")
    return found


def _told(text: str, spec: str) -> dict[str, str]:
    """Return what each directive of *spec* stands for in *text*, which fits it."""
    pieces = _DIRECTIVE.findall(spec)
    found = re.fullmatch("".join(f"({_DIRECTIVES[name]})" if name else re.escape(literal) for name, literal in pieces), text)
    return dict(zip((name for name, _ in pieces if name), found.groups() if found else ()))


def _days(told: dict[str, str]) -> Iterator[tuple[int, int, int]]:
    """Yield the days, as year, month and day, that may be meant; what isn't told is tried out."""
    from datetime import date, timedelta

    for year in _years(told):
        if "j" in told:
            day = date(year, 1, 1) + timedelta(int(told["j"]) - 1)
            yield day.year, day.month, day.day
            continue
        for month in _months(told):
            # Among seven days each day of the week is one.
            for number in [int(told["d"])] if "d" in told else range(1, 8):
                if number <= _length(year, month):
                    yield year, month, number


def _years(told: dict[str, str]) -> Iterable[int]:
    if "Y" in told:
        return [int(told["Y"])] if int(told["Y"]) else []
    if "y" in told:
        # The centuries from 1969 on come first; each day of the week falls on a date in one of four.
        year = int(told["y"])
        first = 1900 + year if year >= 69 else 2000 + year
        return [first + century for century in (0, -100, 100, 200)]
    # In 28 years without such as 1900, each kind of year occurs.
    return range(1900, 1929)


def _months(told: dict[str, str]) -> Iterable[int]:
    if "m" in told:
        return [int(told["m"])]
    name = told.get("B") or told.get("b", "")
    return [number for number, month in enumerate(_MONTHS, 1) if month.startswith(name)]


def _length(year: int, month: int) -> int:
    from calendar import monthrange

    return monthrange(year, month)[1]
