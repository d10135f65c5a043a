"""Packed bytes unfolded, by gzip, bzip2 or xz, up to a limit."""

from __future__ import annotations

import bz2
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import Protocol

#: Packed bytes may become this many times as many; or :data:`FREE`, if that is more.
MAX_RATIO, FREE = 200, 1 << 20
#: Streams one after another, and bytes that unfolding xz may take to work.
MAX_STREAMS, MAX_WORK = 100, 128 << 20

#: What broken archives raise.
BROKEN = (
    OSError, EOFError, ValueError, LookupError, OverflowError, RecursionError, MemoryError, NotImplementedError, RuntimeError,
    struct.error, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile,
)  # fmt: skip


class TooMuch(Exception):
    """A limit is passed."""


class _Unfolder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def _gzip() -> _Unfolder:
    return zlib.decompressobj(wbits=31)


def _bzip2() -> _Unfolder:
    return bz2.BZ2Decompressor()


def _xz() -> _Unfolder:
    return lzma.LZMADecompressor(memlimit=MAX_WORK)


#: How packed bytes begin, and what unfolds them.
_PACKERS: tuple[tuple[bytes, Callable[[], _Unfolder]], ...] = ((b"\x1f\x8b", _gzip), (b"BZh", _bzip2), (b"\xfd7zXZ\0", _xz))


def unfolded(data: bytes, limit: int) -> bytes:
    """Return what is packed in *data*; *data* itself, if nothing is.

    :raises TooMuch: it is more than *limit* bytes, or more than the ratio allows.
    :raises EOFError: it ends too early.
    """
    make = next((make for mark, make in _PACKERS if data.startswith(mark)), None)
    if make is None:
        return data
    most = min(limit, max(FREE, MAX_RATIO * len(data)))
    parts: list[bytes] = []
    left = most
    for _ in range(MAX_STREAMS):
        unfolder = make()
        parts.append(unfolder.decompress(data, left + 1))
        left -= len(parts[-1])
        if left < 0:
            raise TooMuch(f"expected at most {most} bytes in this archive, found more")
        if not unfolder.eof:
            raise EOFError("it ends too early")
        # Noughts at the end are filling.
        data = unfolder.unused_data.lstrip(b"\0")
        if not data:
            return b"".join(parts)
    raise TooMuch(f"expected at most {MAX_STREAMS} packed streams, found more")
