"""Plain data to bytes and back. Bytes from anywhere give either plain data or :class:`Damaged`, and nothing else.

What JSON can say is written as JSON, which the interpreter reads ten times as fast as any reader of ours; other data, such
as tuples and dates, has a form of its own.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

try:
    # The scanner of json, without what else that module loads, which takes 8 ms.
    from _json import make_scanner
except ImportError:
    from json.scanner import make_scanner

#: Deeper data is not written: reading it back would need as much of Python's stack.
MAX_DEPTH = 60
#: More values than this in one piece are none that a person wrote: aliases of aliases stand for millions.
MAX_VALUES = 300_000
#: Bytes of a length or a count.
_WIDTH = 4


class Damaged(ValueError):
    """The bytes are none that :func:`pack` gives."""


class Unstorable(Exception):
    """The data has something else than plain values, or too much."""


def pack(value: Any, max_values: int = MAX_VALUES) -> bytes:
    """Return *value* as bytes. Equal values of the same types and order give the same bytes in every process.

    :param max_values: how many values it may have.
    :raises Unstorable: something in it is no plain value, or lies too deep, or there is too much of it.
    """
    if type(value) in _JSON_COLLECTIONS and _is_json(value, [max_values]):
        import json

        return _JSON + json.dumps(value, ensure_ascii=False, check_circular=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return _item(value, max_values, 0)


def unpack(data: bytes) -> Any:
    """Return the value that *data* stands for; every part of it is used.

    :raises Damaged: it stands for none.
    """
    try:
        if data[:1] == _JSON:
            text = data[1:].decode("utf-8", "surrogatepass")
            value, end = _scan(text, 0)
            end = len(data) if end == len(text) else end
        else:
            value, end = _read(data, 0, 0)
    except Damaged:
        raise
    except (StopIteration, RecursionError) as error:
        raise Damaged("no JSON, or too deep") from error
    except (ValueError, TypeError, OverflowError) as error:
        raise Damaged(str(error)) from error
    if end != len(data):
        raise Damaged("there is more than one value")
    return value


def _is_json(value: Any, left: list[int], depth: int = 0) -> bool:
    """Whether JSON gives a collection back as it is, and there isn't too much of it.

    :param left: how many values there may still be, in a list.
    """
    # Aliases of aliases stand for more than there is memory for.
    left[0] -= len(value)
    if depth >= MAX_DEPTH or left[0] < 0:
        return False
    if type(value) is dict:
        for key in value:
            if type(key) is not str:
                return False
        value = value.values()
    for item in value:
        kind = type(item)
        if kind is str or item is None or kind is bool:
            continue
        if not (_is_json(item, left, depth + 1) if kind in _JSON_COLLECTIONS else _is_short(item)):
            return False
    return True


def _is_short(value: Any) -> bool:
    """Whether a value is a finite number; a longer one is turned into digits, and back, in quadratic time."""
    return type(value) in (int, float) and -_GREAT < value < _GREAT


def _write(value: Any, parts: list[bytes], max_values: int, depth: int) -> None:
    """Add the bytes of *value*: a letter for its type; a length or a count; what it holds."""
    kind = type(value)
    if depth > MAX_DEPTH or len(parts) > max_values:
        raise Unstorable("too deep, or too much")
    add = parts.append
    if value is None or kind is bool:
        add(_CONSTANTS[value])
    elif kind is dict:
        add(b"M" + _size(len(value)))
        for key, item in value.items():
            _write(key, parts, max_values, depth + 1)
            _write(item, parts, max_values, depth + 1)
    elif kind is set:
        # The order of a set differs from process to process.
        add(b"E" + _size(len(value)))
        parts.extend(sorted(_item(item, max_values - len(parts), depth + 1) for item in value))
    elif kind in _COLLECTIONS:
        add(_COLLECTIONS[kind] + _size(len(value)))
        for item in value:
            _write(item, parts, max_values, depth + 1)
    else:
        letter, body = _scalar(value, kind)
        add(letter + _size(len(body)) + body)


def _item(value: Any, max_values: int, depth: int) -> bytes:
    parts: list[bytes] = []
    _write(value, parts, max_values, depth)
    return b"".join(parts)


def _scalar(value: Any, kind: type) -> tuple[bytes, bytes]:
    """Return the letter of a scalar's type, and the scalar as bytes."""
    if kind is str:
        # JSON can name half a character, which no text on disk may have.
        return b"S", value.encode("utf-8", "surrogatepass")
    if kind is int:
        return b"I", value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    if kind is float:
        return b"D", value.hex().encode("ascii")
    if kind is bytes:
        return b"B", value
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name not in _DATES:
        raise Unstorable(f"a value of type {name}")
    # A time zone with a name of its own, or the second of two equal hours, would be another value when read back.
    if getattr(value, "fold", 0) or type(getattr(value, "tzinfo", None)).__name__ not in ("NoneType", "timezone"):
        raise Unstorable(f"the time {value!r}")
    return _DATES[name], value.isoformat().encode("ascii")


def _size(count: int) -> bytes:
    return count.to_bytes(_WIDTH, "little")


def _read(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """Return the value at a place, and where it ends."""
    letter = data[at : at + 1]
    if letter in _VALUES:
        return _VALUES[letter], at + 1
    start = at + 1 + _WIDTH
    size = int.from_bytes(data[at + 1 : start], "little")
    # Each item of a collection takes a byte or more: no count can ask for more than there is.
    if size > len(data) - start or depth > MAX_DEPTH:
        raise Damaged("a size beyond the end, or too deep")
    if letter == b"S":
        return data[start : start + size].decode("utf-8", "surrogatepass"), start + size
    at = start
    if letter == b"M":
        mapping = {}
        for _ in range(size):
            key, at = _read(data, at, depth + 1)
            mapping[key], at = _read(data, at, depth + 1)
        return mapping, at
    if letter in _MAKERS:
        items = []
        for _ in range(size):
            item, at = _read(data, at, depth + 1)
            items.append(item)
        return _MAKERS[letter](items), at
    return _read_scalar(letter, data[start : start + size]), start + size


def _read_scalar(letter: bytes, body: bytes) -> Any:
    if letter == b"I":
        return int.from_bytes(body, "little", signed=True)
    if letter == b"D":
        return float.fromhex(body.decode("ascii"))
    if letter == b"B":
        return body
    name = _NAMES.get(letter)
    if name is None:
        raise Damaged(f"no type has the letter {letter!r}")
    import datetime

    return getattr(datetime, name).fromisoformat(body.decode("ascii"))


class _ScannerOptions:
    """How the scanner of json reads: as :func:`json.loads` does."""

    strict = False
    object_hook = object_pairs_hook = None
    parse_float, parse_int, parse_constant = float, int, float
    memo: dict[str, str] = {}


_JSON = b"J"
_JSON_COLLECTIONS = (dict, list)
_GREAT = 1 << 64
_scan = make_scanner(_ScannerOptions())  # type: ignore[arg-type]
_CONSTANTS = {None: b"N", True: b"T", False: b"F"}
_VALUES = {letter: value for value, letter in _CONSTANTS.items()}
_COLLECTIONS: dict[type, bytes] = {list: b"L", tuple: b"U"}
_MAKERS = {b"E": set, **{letter: kind for kind, letter in _COLLECTIONS.items()}}
_DATES = {"datetime.date": b"A", "datetime.datetime": b"C", "datetime.time": b"O"}
_NAMES = {letter: name.partition(".")[2] for name, letter in _DATES.items()}
