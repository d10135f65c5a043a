"""One file of the store: a table of names, and pieces that are read separately, each sealed by the secret of who wrote it."""

from __future__ import annotations

import os

from ways.sheets.store.codec import Damaged, Unstorable, pack, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

try:
    # hashlib costs 4 ms to import, and gives this very function.
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

#: How the bytes are laid out; another number is another file.
LAYOUT = b"4"
#: What every file of the store begins with, in any layout; and what the small ones begin with, which hold a tuple.
MARK, NOTE = b"ways sheet ", b"U"
_MAGIC = MARK + LAYOUT + b"\n"
#: Bytes of one file.
MAX_ENTRY = 64 << 20
#: A file of up to so many bytes is read at once, and of a greater one only the pieces that are needed.
SMALL = 1 << 20
#: So many greater files are kept open at once; further ones are read at once, because a process may open only some hundred.
MAX_OPEN = 32
#: Bytes of a seal: a digest that nobody can make without the secret. It is wrong for damaged bytes, too.
SEAL = 8
_NUMBERS = 4
_HEAD = len(_MAGIC) + 40 + _NUMBERS * 4 + SEAL
BINARY = getattr(os, "O_BINARY", 0)
#: Names for one bucket of the table.
_FILL = 8
#: The descriptors of the greater files that are open.
_open: set[int] = set()


class StoreEntry:
    """One file of the store, read piece by piece.

    :param file: the file, open; or the bytes that are to be in it.
    :param secret: that of the store.
    """

    def __init__(self, file: int | bytes, key: str, secret: bytes) -> None:
        self.key = key
        self._secret = _secret_of(key, secret)
        self._file: int | None = None
        self._data: bytes | None = None
        if isinstance(file, bytes):
            self._data = file
            self._size = len(file)
        else:
            self._hold(file)
        head = self._read(0, _HEAD)
        if not head.startswith(_MAGIC + key.encode("ascii")):
            raise Damaged("no entry, or another's")
        head = _unsealed(head, self._secret, 0)
        numbers = [int.from_bytes(head[index : index + 4], "little") for index in range(len(_MAGIC) + 40, len(head), 4)]
        buckets, start, meta, records = numbers
        if not 0 < buckets <= MAX_ENTRY // 4 or start != _HEAD + 4 * buckets + SEAL:
            raise Damaged("no table")
        self.records = records
        self._table = _unsealed(self._read(_HEAD, 4 * buckets + SEAL), self._secret, _HEAD)
        self._count = buckets
        self.meta: Any = self.value(meta)
        if not isinstance(self.meta, dict):
            raise Damaged("no description")

    def _hold(self, file: int) -> None:
        """Read a file at once if it is small, and keep a greater one open."""
        self._file = file
        self._size = os.fstat(file).st_size
        # Elsewhere two threads would move each other's place in the file.
        if self._size <= SMALL or os.name != "posix" or len(_open) >= MAX_OPEN:
            # Read whole and closed: a session of a thousand sheets must not hold a thousand files.
            self._data = self._read(0, self._size)
            self._file = None
            os.close(file)
        else:
            _open.add(file)

    def __del__(self) -> None:
        if self._file is not None:
            _open.discard(self._file)
            try:
                os.close(self._file)
            except OSError:
                # Closing may fail on some file systems; the file was only read.
                return

    def value(self, start: int) -> Any:
        """Return the value of the piece that starts there.

        :raises Damaged: it isn't whole.
        """
        return unpack(self.piece(start)[0])

    def piece(self, start: int) -> tuple[bytes, int]:
        """Return the bytes of a piece (length, bytes, seal), and where it ends."""
        length = int.from_bytes(self._read(start, 4), "little")
        if length > MAX_ENTRY:
            raise Damaged("a length beyond all bounds")
        return _unsealed(self._read(start + 4, length + SEAL), self._secret, start), start + 4 + length + SEAL

    def after(self, start: int) -> int:
        """Return where the piece ends that starts there, without reading it.

        :raises Damaged: no piece does.
        """
        return start + 4 + int.from_bytes(self._read(start, 4), "little") + SEAL

    def find(self, name: str) -> Any:
        """Return the value of *name*, or ``None``.

        :raises Damaged: the piece that holds it isn't whole.
        """
        bucket = _bucket(name, self._count)
        start = int.from_bytes(self._table[4 * bucket : 4 * bucket + 4], "little")
        values = self.value(start) if start else {}
        if not isinstance(values, dict):
            raise Damaged("no names")
        return values.get(name)

    def _read(self, start: int, length: int) -> bytes:
        if start < 0 or start + length > self._size:
            raise Damaged("beyond the end")
        if self._data is not None or self._file is None:
            return (self._data or b"")[start : start + length]
        try:
            # Elsewhere it is read once, from its start.
            data = os.pread(self._file, length, start) if os.name == "posix" else os.read(self._file, length)
        except (OSError, OverflowError) as error:
            raise Damaged(str(error)) from error
        if len(data) != length:
            raise Damaged("the file ends too early")
        return data


class EntryBuilder:
    """Makes the bytes of a file: head, table, records, values by name, description.

    :param records: plain data, written one after the other.
    :param names: how many names :meth:`build` will be given.
    :param secret: that of the store.
    :raises Unstorable: there is too much, or it is no plain data.
    """

    def __init__(self, key: str, records: Sequence[Any], names: int, secret: bytes) -> None:
        self._key = key
        self._secret = _secret_of(key, secret)
        self._count = max(1, names // _FILL)
        self._pieces: list[bytes] = []
        self._first = self._at = _HEAD + 4 * self._count + SEAL
        #: Where each record starts.
        self.starts = [self.add(record) for record in records]

    def add(self, value: Any) -> int:
        """Add a piece, and return where it starts."""
        start = self._at
        data = pack(value)
        self._pieces.append(_number(len(data)) + _sealed(data, self._secret, start))
        self._at += len(self._pieces[-1])
        if self._at > MAX_ENTRY:
            raise Unstorable("too much")
        return start

    def build(self, values: Mapping[str, Any], meta: Mapping[str, Any]) -> bytes:
        """Return the bytes of the file, with the *values* by their names, and the description *meta*."""
        buckets: list[dict[str, Any]] = [{} for _ in range(self._count)]
        for name, value in values.items():
            buckets[_bucket(name, self._count)][name] = value
        table = b"".join(_number(self.add(bucket) if bucket else 0) for bucket in buckets)
        description = self.add(dict(meta))
        head = _MAGIC + self._key.encode("ascii") + b"".join(map(_number, (self._count, self._first, description, self._first)))
        return b"".join([_sealed(head, self._secret, 0), _sealed(table, self._secret, _HEAD), *self._pieces])


def _bucket(name: str, count: int) -> int:
    return _sum(name.encode("utf-8", "surrogatepass")) % count


def digest(data: bytes, secret: bytes = b"") -> str:
    """Return what names *data*: 40 characters. With a secret nobody else can tell the name."""
    return blake2b(data, digest_size=20, key=secret).hexdigest()


def _sum(data: bytes) -> int:
    """Return a checksum of four bytes. zlib has a faster one, and is another module to load."""
    return int.from_bytes(blake2b(data, digest_size=4).digest(), "little")


def _number(value: int) -> bytes:
    return value.to_bytes(4, "little")


def _secret_of(name: str, secret: bytes) -> bytes:
    """Return the secret of one file: what is sealed for it is sealed for no other."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=32, key=secret).digest()


def _seal(data: bytes, secret: bytes, place: int) -> bytes:
    # The place counts: a piece is sealed for where it stands, and for nowhere else.
    return blake2b(data, digest_size=SEAL, key=secret, salt=place.to_bytes(8, "little")).digest()


def _sealed(data: bytes, secret: bytes, place: int) -> bytes:
    return data + _seal(data, secret, place)


def _unsealed(data: bytes, secret: bytes, place: int) -> bytes:
    """Return *data* without the seal at its end.

    :raises Damaged: it isn't the seal of what stands before it.
    """
    if len(data) < SEAL or _seal(data[:-SEAL], secret, place) != data[-SEAL:]:
        raise Damaged("a seal differs")
    return data[:-SEAL]


def sealed_note(note: Any, name: str, secret: bytes) -> bytes:
    """Return the bytes of a small file that holds a value."""
    return _sealed(pack(note), _secret_of(name, secret), 0)


def note_in(data: bytes, name: str, secret: bytes) -> Any:
    """Return the value of which :func:`sealed_note` made *data*.

    :raises Damaged: it did not.
    """
    return unpack(_unsealed(data, _secret_of(name, secret), 0))


def open_file(path: str) -> int:
    """Return the file at *path*, opened for reading.

    :raises OSError: it can't be opened, is no plain file, or belongs to another user.
    """
    file = os.open(path, os.O_RDONLY | BINARY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        status = os.fstat(file)
        if status.st_mode & 0o170000 == 0o100000 and is_own(status) and status.st_size <= MAX_ENTRY:
            return file
    except OSError:
        os.close(file)
        raise
    os.close(file)
    raise PermissionError(path)


def read_file(path: str) -> bytes:
    """Return what a small file of the store holds."""
    file = open_file(path)
    try:
        return os.read(file, 1 << 16)
    finally:
        os.close(file)


def is_private(status: os.stat_result) -> bool:
    """Whether this is a folder that belongs to this user, and to which no other user can write."""
    is_folder = status.st_mode & 0o170000 == 0o040000
    return is_folder and is_own(status) and not (os.name == "posix" and status.st_mode & 0o022)


def is_own(status: os.stat_result) -> bool:
    """Whether a file belongs to this user."""
    return os.name != "posix" or status.st_uid == os.getuid()
