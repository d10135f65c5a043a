"""Texts in and answers out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader

import click

from ways.logs import ASSETS, before_messages

#: Texts from which on a progress bar is worth its line.
LONG_WORK = 500
#: Bytes that are read at once, at most.
BLOCK = 65536


#: Characters that a terminal obeys, or that turn the direction of what stands beside them: each as an escape.
_OBEYED = {
    code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    for code in (*range(9), *range(11, 32), *range(127, 160), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
}


def write(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def write_for_people(text: str) -> None:
    """Write what is for people to read."""
    write(escaped(text))


def write_exactly(text: str) -> None:
    """Write what a program may read: as it is, unless it goes to a terminal."""
    write(escaped(text) if sys.stdout.isatty() else text)


def complain(text: str) -> None:
    """Write to standard error."""
    click.echo(escaped(text), err=True)


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
            complain(f"warning: {record.getMessage()}")

    logger, handler = logging.getLogger(ASSETS), Complaint(logging.WARNING)
    logger.addHandler(handler)
    return lambda: logger.removeHandler(handler)


def escaped(text: str) -> str:
    """Return *text* such that no character of a sheet or a path can steer the terminal it is escaped on."""
    # All of these characters count as unprintable; to look each of a text up takes fifty times as long.
    return text if text.replace("\n", "").isprintable() else text.translate(_OBEYED)


def counted(count: int, name: str) -> str:
    """Return a number of things: ``1 sheet``, ``2 sheets``."""
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def given_blocks(texts: tuple[str, ...], null: bool) -> Iterator[list[str]]:
    """Yield texts in blocks: those that were given, and for ``-`` those on standard input; see :func:`blocks_in`."""
    for text in texts:
        if text == "-":
            yield from blocks_in("-", null)
        else:
            yield [text]


def blocks_in(path: str, null: bool) -> Iterator[list[str]]:
    """Yield the texts in a file, or on standard input for ``-``: one a line, or each up to a NUL.

    A block is what there was to read. Answers to it are flushed before the next one is waited for.
    """
    end = b"\0" if null else b"\n"
    if path == "-":
        yield from _blocks(sys.stdin.buffer, end)  # type: ignore[arg-type]
        return
    with open(path, "rb") as file:
        yield from _blocks(file, end)


def _blocks(file: BufferedReader, end: bytes) -> Iterator[list[str]]:
    """Yield the texts in *file*, each as soon as its *end* is there; bytes that are no UTF-8 are kept."""
    rest: list[bytes] = []
    # read1 gives what there is: a program that waits for each answer before it asks again gets it.
    while block := file.read1(BLOCK):
        whole, found, after = block.rpartition(end)
        if found:
            yield b"".join([*rest, whole]).decode("utf-8", "surrogateescape").split(end.decode())
            sys.stdout.flush()
            rest = []
        rest.append(after)
    if any(rest):
        yield [b"".join(rest).decode("utf-8", "surrogateescape")]


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
