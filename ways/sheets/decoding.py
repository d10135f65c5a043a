"""Bytes to text, and the words for what can't be decoded; numbers that are none to work with."""

from __future__ import annotations

import codecs

from ways.sheets.document import Problem, Source

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


#: Bits of a whole number that Python writes without being asked twice: it has fewer than 4,300 digits.
_MAX_BITS = 14_000


def is_long(number: int) -> bool:
    """Whether a whole number has more digits than Python writes; other notations than the decimal one let it in."""
    return number.bit_length() > _MAX_BITS


def decode(data: bytes, source: Source) -> str | Problem:
    """Return *data* as text (UTF-8, or what its byte-order mark says), or the problem with it."""
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    body = data[len(mark) :]
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        return _encoding_problem(body, encoding, error.start, source)


def _encoding_problem(body: bytes, encoding: str, start: int, source: Source) -> Problem:
    before = body[:start].decode(encoding, "replace")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    found = f"the byte 0x{body[start]:02x}"
    return Problem(
        source._replace(line=line, column=column),
        f"expected {encoding.upper()} text, found {found}",
        code="encoding",
        expected=f"{encoding.upper()} text",
        found=found,
        help="Save the sheet as UTF-8.",
    )
