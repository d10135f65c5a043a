"""Where ``ways`` begins: a shell that asks for completions is answered at once; everything else is for click."""

from __future__ import annotations

import errno
import gc
import os
import sys

from ways.cli.complete import request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


#: New objects from which on the garbage collector looks at them; then of how many looks one is at older ones, too. A command
#: makes what its answer needs, and ends: with the interpreter's own numbers, a third of the time for many places goes to looks
#: that find no rubbish.
_COLLECTOR = (100_000, 50, 100)
#: What a closed standard output is called, as the system calls a descriptor that isn't open.
_CLOSED = "Bad file descriptor"


def program() -> NoReturn:
    """Do what :func:`run` does, and end the process at once.

    To free every module and object first takes a fifth of the time of a short command, and a third of one about many places.
    What was registered with ``atexit`` is run; where other threads run, the interpreter waits for them.
    """
    try:
        run()
        code: object = 0
    except SystemExit as end:
        code = end.code
    if not isinstance(code, int | None) or _has_threads():
        sys.exit(code)  # type: ignore[arg-type]
    import atexit

    atexit._run_exitfuncs()
    for file in (sys.stdout, sys.stderr):
        try:
            file.flush()
        except (OSError, ValueError, AttributeError):
            # The interpreter tells of what couldn't be written, as it always does.
            sys.exit(code)
    os._exit(code or 0)


def _has_threads() -> bool:
    """Whether other threads run."""
    threading = sys.modules.get("threading")
    return threading is not None and threading.active_count() > 1


def run() -> None:
    """Carry out what ``sys.argv`` says, or answer what a shell asks. Exits with 1 if the answer can't be written."""
    gc.set_threshold(*_COLLECTOR)
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, _CLOSED)
        try:
            _answer()
        finally:
            # The interpreter would write what is left at its end, and could only complain with a traceback.
            sys.stdout.flush()
    except OSError as error:
        if not _is_of_output(error):
            raise
        _end_without_output(error)


def _is_of_output(error: OSError) -> bool:
    """Whether an error is of standard output, rather than of a file that was read or written."""
    if error.filename is not None:
        return False
    try:
        # What couldn't be written is still there.
        sys.stdout.flush()
    except (OSError, AttributeError):
        return True
    # Without a buffer nothing is.
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EPIPE)


def _end_without_output(error: OSError) -> NoReturn:
    """End the program with one line on standard error; with none where the reader of a pipe went away, as head does."""
    if error.errno != errno.EPIPE:
        try:
            sys.stderr.write(f"ways: can't write to stdout: {error.strerror}\n")
            sys.stderr.flush()
        except (OSError, AttributeError):
            # It may be full or closed, too.
            pass
    if sys.stdout is not None:
        # What is left to write goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)


def _answer() -> None:
    if request.asked():
        _complete()
    from ways.cli.main import main

    main(prog_name="ways")


def _complete() -> None:
    """Answer a shell and end the program; a question that only click understands is left to click."""
    shell, _, instruction = request.asked().partition("_")
    if instruction == "source" and shell in request.SHELLS:
        from ways.cli.complete.scripts import SCRIPTS

        text = SCRIPTS[shell]
    else:
        wanted = request.read(os.environ)
        if wanted is None:
            return
        from ways.cli.complete import answer

        # What a plugin file prints while it is loaded is no completion.
        own, sys.stdout = sys.stdout, sys.stderr
        try:
            items = answer.items(wanted.words, wanted.start)
            if items is None:
                from ways.cli.complete import by_click
                from ways.cli.main import main

                items = by_click.items(main, wanted.words, wanted.start)
        finally:
            sys.stdout = own
        text = request.written(wanted, items)
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()
    sys.exit(0)
