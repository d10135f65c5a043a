"""Texts in and answers out."""

from __future__ import annotations

import codecs
import errno
import io
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from io import BufferedReader
from typing import TextIO, TypeVar

from ways import api
from ways.cli.options import UsageProblem
from ways.errors import Lines, on_one_line, visible
from ways.logs import ASSETS, before_messages

Step = TypeVar("Step")

#: Texts from which on a progress bar is worth its line.
LONG_WORK = 500
#: Bytes that are read at once, at most.
BLOCK = 65536


#: How characters are written that the encoding of an output doesn't have: see :func:`_unencodable`.
ERRORS = "ways.shown"


def write(text: str) -> None:
    """Write to standard output what has no line or character that came in with a name or a value, such as JSON."""
    sys.stdout.write(f"{text}\n")


def write_for_people(text: str) -> None:
    """Write what is for people to read."""
    write(visible(text))


def write_exactly(text: str) -> None:
    """Write what a program may read, one text a line: as it is, but for control characters and what steers a terminal that it goes to."""
    write(visible(text) if sys.stdout.isatty() else on_one_line(text))


@contextmanager
def answers_apart() -> Iterator[TextIO]:
    """Give the file that answers go to. Whatever else is written to standard output meanwhile goes to standard error.

    That is also what code in C and the programs that it starts write there, unless standard output isn't the process's own, as in a test.
    """
    usual = sys.stdout
    if not _is_at(usual, 1) or not _is_at(sys.stderr, 2):
        with redirect_stdout(sys.stderr):
            yield usual
        return
    usual.flush()
    answers = open(os.dup(1), "w", encoding=usual.encoding, errors=usual.errors, newline="\n")
    try:
        os.dup2(2, 1)
        with redirect_stdout(sys.stderr):
            yield answers
    finally:
        os.dup2(answers.fileno(), 1)
        if usual.closed:
            sys.stdout = open(1, "w", encoding=answers.encoding, errors=answers.errors, newline="\n", closefd=False)
        answers.close()


def _is_at(file: TextIO, descriptor: int) -> bool:
    """Whether a file writes to a descriptor."""
    try:
        return file.fileno() == descriptor
    except (OSError, ValueError, AttributeError):
        return False


def complain(text: str) -> None:
    """Write to standard error. If that can't be done, nobody can be told."""
    try:
        sys.stderr.write(f"{visible(text)}\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        # It is full, or closed, or was never there.
        return


def save(path: str, text: str) -> None:
    """Write a file, whole or not at all.

    :raises OSError: it can't be written, or a folder, a pipe or a device is there; what was there stays.
    """
    with suppress(FileNotFoundError):
        # The new file would take the place of the device itself, or of a link to it.
        if stat.S_ISDIR(mode := os.stat(path).st_mode):
            raise IsADirectoryError(errno.EISDIR, "Is a directory", path)
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "no file", path)
    # Nobody who may write to the folder, too, can have put a link there: the name is new, and a file that is there isn't opened.
    new = f"{path}.{os.urandom(6).hex()}.new"
    file = open(new, "x", encoding="utf-8", newline="\n")
    try:
        with file:
            file.write(text)
        os.replace(new, path)
    except OSError:
        os.unlink(new)
        raise


def never_fail() -> None:
    """Let no character be one that standard output or standard error can't write; file names pass through as their bytes."""
    codecs.register_error(ERRORS, _unencodable)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors=ERRORS, newline="\n")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors=ERRORS)


def _unencodable(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return the bytes that a file name has, and an escape for each other character that an encoding doesn't have."""
    assert isinstance(error, UnicodeEncodeError)
    shown = b"".join(_bytes_of(character) for character in error.object[error.start : error.end])
    return shown, error.end


def _bytes_of(character: str) -> bytes:
    return character.encode("ascii", "surrogateescape" if "\udc80" <= character <= "\udcff" else "backslashreplace")


@contextmanager
def warnings_told() -> Iterator[None]:
    """Write what is logged of Assets as a warning to standard error, too."""
    undo: list[Callable[[], None]] = []
    before_messages(lambda: undo.append(_tell_warnings()))
    try:
        yield
    finally:
        for remove in undo:
            remove()


def _tell_warnings() -> Callable[[], None]:
    """Begin to write warnings to standard error; return what ends that."""
    import logging

    class Complaint(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            complain(Lines(f"warning: {record.getMessage()}"))

    logger, handler = logging.getLogger(ASSETS), Complaint(logging.WARNING)
    logger.addHandler(handler)
    return lambda: logger.removeHandler(handler)


class CutText(str):
    """The start of a text that is longer than any may be. ``size`` is the number of bytes that the text has."""

    size: int

    def refusal(self, longest: int) -> str:
        """Return why the whole text is no text, which has *longest* characters at most."""
        found = f"expected a text of at most {longest} characters, found {self.size} bytes: {self[:40]!r}..."
        return f"{found} {api.Limits(text=longest).to_raise('text', self.size)}"


def given_blocks(texts: tuple[str, ...], null: bool, longest: int) -> Iterator[list[str]]:
    """Yield texts in blocks: those that were given, and for ``-`` those on standard input; see :func:`blocks_in`."""
    for text in texts:
        if text == "-":
            yield from blocks_in("-", null, longest)
        else:
            yield [text]


def blocks_in(path: str, null: bool, longest: int) -> Iterator[list[str]]:
    """Yield the texts in a file, or on standard input for ``-``: one a line, or each up to a NUL.

    A line may end as on Windows, and the first one may begin with a byte order mark: neither is part of a text.
    A block is what there was to read. Answers to it are flushed before the next one is waited for.

    :param longest: characters of a text. Of a longer one no more is kept than the start, as a :class:`CutText`.
    :raises UsageProblem: they can't be read.
    """
    end = b"\0" if null else b"\n"
    name = path if path != "-" else "standard input"
    if path != "-":
        try:
            file = open(path, "rb")
        except OSError as error:
            raise UsageProblem(f"{name} can't be read: {error.strerror}.") from error
        with file:
            yield from _texts_in(_pieces(file, name), end, longest)
    elif sys.stdin is None:
        raise UsageProblem(f"{name} can't be read: it is closed.")
    else:
        yield from _texts_in(_pieces(sys.stdin.buffer, name), end, longest)  # type: ignore[arg-type]


def _pieces(file: BufferedReader, name: str) -> Iterator[bytes]:
    """Yield what is in a file, each time what there is: a program that waits for each answer before it asks again gets it.

    :raises UsageProblem: it can't be read.
    """
    while True:
        try:
            piece = file.read1(BLOCK)
        except OSError as error:
            raise UsageProblem(f"{name} can't be read: {error.strerror}.") from error
        if not piece:
            return
        yield piece


def _texts_in(pieces: Iterable[bytes], end: bytes, longest: int) -> Iterator[list[str]]:
    """Yield texts, each as soon as its *end* is there; bytes that are no UTF-8 are kept."""
    is_lines = end == b"\n"
    # A character has four bytes at most: a text of more bytes than this has too many characters.
    most = 4 * (longest + 1)
    begun, size = bytearray(), 0
    for piece in _without_mark(pieces) if is_lines else pieces:
        rest, found, after = piece.partition(end)
        begun += rest[: max(0, most - len(begun))]
        size += len(rest)
        if not found:
            continue
        if is_lines and begun.endswith(b"\r") and len(begun) == size:
            begun, size = begun[:-1], size - 1
        texts = [_text(begun, size, longest)]
        whole, found, rest = after.rpartition(end)
        if found:
            whole = whole.replace(b"\r\n", end).removesuffix(b"\r") if is_lines else whole
            texts += _decoded(whole).split(end.decode())
        yield texts
        sys.stdout.flush()
        begun, size = bytearray(rest[:most]), len(rest)
    if size:
        yield [_text(begun, size, longest)]


def _without_mark(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what comes after the byte order mark that programs on Windows begin a file with."""
    begun, rest = b"", iter(pieces)
    for piece in rest:
        begun += piece
        if len(begun) >= len(codecs.BOM_UTF8) or not codecs.BOM_UTF8.startswith(begun):
            break
    yield begun.removeprefix(codecs.BOM_UTF8)
    yield from rest


def _text(begun: bytearray, size: int, longest: int) -> str:
    """Return a text of which these are the first bytes."""
    text = _decoded(begun)
    if len(begun) == size:
        return text
    cut = CutText(text[: longest + 1])
    cut.size = size
    return cut


def _decoded(data: bytes | bytearray) -> str:
    return data.decode("utf-8", "surrogateescape")


def with_steps(steps: Iterable[Step], count: int) -> Iterator[Step]:
    """Yield steps between which nothing is written, and show on a terminal's standard error how many of *count* are done."""
    if not sys.stderr.isatty():
        yield from steps
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(steps, total=count, console=Console(stderr=True), transient=True)


def with_progress(blocks: Iterable[list[str]]) -> Iterator[list[str]]:
    """Yield blocks of texts, and show on a terminal's standard error how far they are, once the work is long."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield from blocks
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} texts"), TimeElapsedColumn())
    # Answers go where standard output goes: rich would print them on the terminal, above its bar.
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        task, count = progress.add_task("", total=None, visible=False), 0
        for block in blocks:
            yield block
            count += len(block)
            progress.update(task, completed=count, visible=count >= LONG_WORK)
