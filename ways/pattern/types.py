"""Format specs: what text a typed value has, and what value a text has. Exactly what Python's ``format`` writes fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial

from ways.lightweight import cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

#: Formats there are, as shown to people.
KNOWN_SPECS = "d, 03d, -d, -03d, x, X, o, b, .2f, s, w, l or %Y-%m-%d"
_WHOLE = re.compile(r"(-?)(?:0([1-9][0-9]?))?d")
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
#: strftime directive -> what people call the part of a date that it writes.
_PARTS = {
    "Y": "year", "y": "year", "m": "month", "b": "month", "B": "month", "d": "day", "j": "day of the year", "a": "weekday", "A": "weekday",
    "H": "hour", "I": "hour", "p": "half of the day", "M": "minute", "S": "second", "f": "microsecond",
}  # fmt: skip
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
#: Digits of a number that is written anew; Python turns no more than 4,300 into a number.
_LONGEST = 4000
#: Dates of one format that are kept at most.
_MANY_DATES = 1000
#: Letter -> digits, and the base they are of.
_BASES = {"x": ("0-9a-f", 16), "X": ("0-9A-F", 16), "o": ("0-7", 8), "b": ("01", 2)}


class Kind(NamedTuple):
    """How one format spec reads and writes."""

    spec: str
    #: What its texts look like; a text that fits may still be refused by :meth:`value`.
    expression: str
    #: Returns the value of a text that fits the expression, or raises ValueError where no value is written as that text.
    read: Callable[[str], Any]
    #: Whether the expression alone says which texts fit.
    is_exact: bool = True
    #: The text of a value; ``None`` where Python's ``format`` writes it.
    write: Callable[[Any], str] | None = None
    #: Returns a number that a text writes with more or fewer zeros as the format writes it; ``""`` where it is no number.
    padded: Callable[[str], str] | None = None

    def value(self, text: str) -> Any:
        """Return the typed value of *text*.

        :raises ValueError: no value is written as *text*.
        """
        if not compiled(self.expression).fullmatch(text):
            raise ValueError(f"{text!r} is not what the format {self.spec!r} writes")
        return self.read(text)

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
        # A date's own format writes any letters as they are, a float may be no number, and few formats take a sign.
        if not self.fits(text):
            signed = kind_of(f"-{self.spec}") if text.startswith("-") else None
            help = f"; {signed.spec!r} takes a sign" if signed and signed.fits(text) else ""
            raise ValueError(f"the format {self.spec!r} can't write {value!r}{help}")
        return text

    def given_text(self, value: Any) -> str:
        """Return the text of a value that is given rather than read: a number may be a text, with any zeros around it.

        Any other text is taken as it is.

        :raises ValueError: the format can't write such a value.
        """
        text = self.text(value)
        if self.padded is None or value is not text or self.fits(text):
            return text
        written = self.padded(text)
        return written if written and self.fits(written) else text

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
def compiled(expression: str) -> re.Pattern[str]:
    """Return an expression of ours, compiled; ``re.compile`` takes as long to look it up as a short text takes to match."""
    return re.compile(expression)


@lru_cache(maxsize=1024)
def kind_of(spec: str) -> Kind | None:
    """Return how *spec* reads and writes, or ``None`` for one that isn't known.

    Known are ``d``, ``0Nd``, with a sign ``-d``, ``-0Nd``, ``x``, ``X``, ``o``, ``b``, ``.Nf``, ``s``, ``w`` (letters, digits and
    ``_``), ``l`` (letters), and strftime formats.
    """
    if whole := _WHOLE.fullmatch(spec):
        expression = _padded(int(whole[2]), whole[1]) if whole[2] else f"(?:0|{whole[1] and '-?'}[1-9][0-9]*)"
        return Kind(spec, expression, int, padded=partial(_whole, spec=spec))
    if spec in _BASES:
        digits, base = _BASES[spec]
        first = digits.replace("0-", "1-").replace("01", "1")
        padded_as = partial(_whole, spec=spec, digits=digits, base=base)
        return Kind(spec, f"(?:0|-?[{first}][{digits}]*)", lambda text: int(text, base), padded=padded_as)
    if fixed := _FIXED.fullmatch(spec):
        point = rf"\.[0-9]{{{fixed[1]}}}" if int(fixed[1]) else ""
        padded_to = partial(_decimal, places=int(fixed[1]))
        return Kind(spec, f"-?(?:0|[1-9][0-9]*){point}", partial(_fixed_value, spec=spec), False, padded=padded_to)
    if spec in _TEXTS:
        return Kind(spec, _TEXTS[spec], str, write=_no_text)
    return _date(spec) if "%" in spec else None


def repeated_part(spec: str) -> str:
    """Return which part of a date a strftime format has twice in one name, such as ``day``; ``""`` if it has none.

    A folder and what is in it may both have the year: ``%Y/%Y-%m-%d``.
    """
    for name in re.split(r"[/\\]", spec) if "%" in spec else ():
        directives = [directive for directive, _ in _DIRECTIVE.findall(name) if directive in _PARTS]
        for index, directive in enumerate(directives):
            if directive in directives[:index]:
                return _PARTS[directive]
    return ""


_TEXTS = {"s": r"(?s:.+)", "w": r"\w+", "l": r"[A-Za-z]+"}


def _padded(width: int, sign: str) -> str:
    """Return the texts of whole numbers in at least *width* characters, filled up with zeros; a sign counts, if there may be one."""
    # The longest first, so that a larger expression takes the whole number.
    positive = f"[1-9][0-9]{{{width},}}|[0-9]{{{width}}}"
    if not sign:
        return f"(?:{positive})"
    # A negative number fills its width too, and there is no minus nought.
    filled = [f"{'0' * zeros}[1-9]{_digits(width - 2 - zeros)}" for zeros in range(width - 1)]
    return f"(?:{positive}|-(?:{'|'.join((f'[1-9][0-9]{{{width - 1},}}', *filled))}))"


def _whole(text: str, spec: str, digits: str = "0-9", base: int = 10) -> str:
    return format(int(text, base), spec) if re.fullmatch(f"-?[{digits}]{{1,{_LONGEST}}}", text) else ""


def _decimal(text: str, places: int) -> str:
    # As a text: a float would round the digits that the format has no place for.
    match = re.fullmatch(r"(-?)0*(0|[1-9][0-9]*)(?:\.([0-9]*?)0*)?", text)
    decimals = (match[3] or "").ljust(places, "0") if match else ""
    return f"{match[1]}{match[2]}{'.' if places else ''}{decimals}" if match and len(decimals) == places else ""


def _fixed_value(text: str, spec: str) -> float:
    value = float(text)
    # More digits than a float has are written otherwise.
    if (written := format(value, spec)) != text:
        raise ValueError(f"{text!r} would be written as {written!r} by the format {spec!r}")
    return value


def _no_text(value: Any) -> str:
    raise TypeError("only a text is written as one")


def _digits(count: int) -> str:
    return "" if not count else "[0-9]" if count == 1 else f"[0-9]{{{count}}}"


def _date(spec: str) -> Kind | None:
    pieces = _DIRECTIVE.findall(spec)
    if _DIRECTIVE.sub("", spec) or any(directive and directive not in _DIRECTIVES for directive, _ in pieces):
        return None
    expression = "".join(_DIRECTIVES[directive] if directive else re.escape(literal) for directive, literal in pieces)
    dates = _Dates(spec, pieces)
    return Kind(spec, f"(?:{expression})", dates.value, False, dates.text)


class _Dates:
    """The dates of one strftime format: which text each has, and which date a text is.

    :param pieces: the format as directives and literal texts; of each pair, one is empty.
    """

    def __init__(self, spec: str, pieces: Sequence[tuple[str, str]]) -> None:
        self.spec = spec
        self._pieces = pieces
        self._names = [name for name, _ in pieces if name]
        #: Dates by their texts, None for a text that has none: most have a date that others have, too.
        self._known: dict[str, Any] = {}

    @cached_property
    def _groups(self) -> re.Pattern[str]:
        return re.compile("".join(f"({_DIRECTIVES[name]})" if name else re.escape(literal) for name, literal in self._pieces))

    def text(self, value: Any) -> str:
        """Return the text of a date, a time, or both.

        :raises TypeError: *value* is none of these.
        """
        # datetime costs 3 ms to import, and few sheets have dates.
        from datetime import date, datetime, time

        if isinstance(value, time):
            value = datetime.combine(date(1900, 1, 1), value)
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if not isinstance(value, datetime):
            raise TypeError(f"{value!r} is no date")
        return self._written(value)

    def _written(self, date: Any) -> str:
        return "".join(_WRITERS[directive](date) if directive else literal for directive, literal in self._pieces)

    def value(self, text: str) -> Any:
        """Return the first date from 1900 on that is written as *text*; with ``%y``, that of 1969 to 2068 if there is one.

        :raises ValueError: no date is.
        """
        if text not in self._known:
            if len(self._known) >= _MANY_DATES:
                self._known.clear()
            self._known[text] = self._date(text)
        date = self._known[text]
        if date is None:
            raise ValueError(f"no date is written as {text!r} by the format {self.spec!r}")
        return date

    def _date(self, text: str) -> Any:
        """Return the date, or ``None``."""
        match = self._groups.fullmatch(text)
        for fields in _candidates(dict(zip(self._names, match.groups())) if match else {}):
            # parse takes 50 us, and of a text such as "Mon 09 PM" that has none 2,436 dates are tried.
            date = _date_of(fields)
            if date is not None and self._written(date) == text:
                return _pattern(tuple(fields)).parse(" ".join(fields.values()))[0]
        return None


def _date_of(fields: Mapping[str, str]) -> Any:
    """Return the date of some fields; ``None`` if there is no such day."""
    from datetime import datetime, timedelta

    numbers = {name: int(number) for name, number in fields.items()}
    year, month, day = numbers["Y"], numbers.get("m", 1), numbers.get("d", 1)
    hour, minute, second, fraction = (numbers.get(name, 0) for name in "HMSf")
    try:
        date = datetime(year, month, day, hour, minute, second, fraction) + timedelta(numbers.get("j", 1) - 1)
    except (ValueError, OverflowError):
        return None
    return date if date.year == year else None


@lru_cache(maxsize=64)
def _pattern(directives: tuple[str, ...]) -> Any:
    """Return the compiled pattern of the package ``parse`` that converts these to a datetime; 9 ms to import."""
    import parse

    return parse.compile("{:%" + " %".join(directives) + "}")


def _candidates(parts: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield what ``parse`` can convert: numbers only, each directive once, and a year, a day and an hour among them.

    What *parts* lacks is tried: the days of a week, months, years. Weekdays are left out: the written text is compared.
    """
    hour = parts.get("H") or f"{int(parts.get('I', 0)) % 12 + 12 * (parts.get('p') == 'PM'):02d}"
    time = {"H": hour, **{directive: parts[directive] for directive in "MSf" if directive in parts}}
    for year in _years(parts):
        if "j" in parts:
            yield {"Y": year, "j": parts["j"], **time}
            continue
        for month in _months(parts):
            # Each weekday is one of seven days.
            for day in [parts["d"]] if "d" in parts else map(str, range(1, 8)):
                yield {"Y": year, "m": month, "d": day, **time}


def _years(parts: Mapping[str, str]) -> Iterable[str]:
    if "Y" in parts:
        return [parts["Y"]]
    if "y" in parts:
        # The centuries from 1969 on come first; each day of the week falls on a date in one of four.
        year = int(parts["y"])
        first = 1900 + year if year >= 69 else 2000 + year
        return [str(first + century) for century in (0, -100, 100, 200)]
    # In the 28 years after 1900 each kind of year occurs, except that of 1900 itself.
    return map(str, range(1900, 1929))


def _months(parts: Mapping[str, str]) -> Iterable[str]:
    if "m" in parts:
        return [parts["m"]]
    name = parts.get("B") or parts.get("b", "")
    return [str(number) for number, month in enumerate(_MONTHS, 1) if month.startswith(name)]
