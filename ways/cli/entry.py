"""Where ``ways`` begins: a shell that asks for completions is answered at once; everything else is for click."""

from __future__ import annotations

import errno
import gc
import os
import sys

from ways.cli.codes import INTERRUPTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


#: New objects from which on the garbage collector looks at them; then of how many looks one is at older ones, too. A command
#: makes what its answer needs, and ends: with the interpreter's own numbers, a third of the time for many places goes to looks
#: that find no rubbish.
_COLLECTOR = (100_000, 50, 100)
#: Exit codes above this one are of signals.
_SIGNALED = 128
#: What a closed standard output is called, as the system calls a descriptor that isn't open.
_CLOSED = "Bad file descriptor"


def program() -> NoReturn:
    """Do what :func:`run` does, and end the process at once.

    To free every module and object first takes a fifth of the time of a short command, and a third of one about many places.
    What was registered with ``atexit`` is run; where other threads run, the interpreter waits for them, unless it was
    interrupted.
    """
    try:
        code = _exit_code()
        if not isinstance(code, int | None) or (_has_threads() and (code or 0) <= _SIGNALED):
            sys.exit(code)  # type: ignore[arg-type]
        _end(code or 0)
    except KeyboardInterrupt:
        _end(INTERRUPTED)


def _exit_code() -> object:
    """Do what :func:`run` does, and return with what the process is to exit."""
    try:
        run()
    except SystemExit as end:
        return end.code
    return 0


def _end(code: int) -> NoReturn:
    """End the process, with what was left for the end, and as many answers as can be written."""
    import atexit

    atexit._run_exitfuncs()
    for file in (sys.stdout, sys.stderr):
        try:
            file.flush()
        except (OSError, ValueError, AttributeError):
            # The answers that couldn't be written were told of.
            continue
    os._exit(code)


def _has_threads() -> bool:
    """Whether other threads run."""
    threading = sys.modules.get("threading")
    return threading is not None and threading.active_count() > 1


def run() -> None:
    """Carry out what ``sys.argv`` says, or answer what a shell asks.

    Exits with 1 if the answer can't be written, and with 2 if a file or folder is not as any command needs it.
    """
    gc.set_threshold(*_COLLECTOR)
    _fill_descriptors()
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, _CLOSED)
        try:
            _answer()
        finally:
            # The interpreter would write what is left at its end, and could only complain with a traceback.
            sys.stdout.flush()
    except OSError as error:
        if _is_of_output(error):
            _end_without_output(error)
        from ways.cli.streams import complain

        complain(f"ways: {error}")
        sys.exit(2)


def _fill_descriptors() -> None:
    """Open what was closed of standard input, output and error on nothing, or a file that is opened next takes its number.

    What is written there would go into that file.
    """
    if None not in (sys.stdin, sys.stdout, sys.stderr):
        return
    while (file := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(file)
    if sys.stderr is None:
        # What asks it whether it is a terminal finds it.
        sys.stderr = open(os.devnull, "w", encoding="utf-8")


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
    from ways.cli.complete import request

    if request.asked():
        _complete()
    try:
        from ways.cli.main import main
    except ImportError:
        _end_if_not_ours()
        raise

    main(prog_name="ways")


def _end_if_not_ours() -> None:
    """End the program with one line if the package ``ways`` that was imported isn't this one.

    The library of 2017 is installed into the same folder: installed later, it replaces our files; uninstalled later, it takes them.
    """
    import ways

    if hasattr(ways, "__distribution__"):
        return
    sys.stderr.write(
        "ways: files are missing, or belong to another library called ways;"
        " run: pip uninstall ways ways-resolver, then: pip install ways-resolver\n"
    )
    sys.exit(2)


def _complete() -> None:
    """Answer a shell and end the program; a question that only click understands is left to click."""
    from ways.cli.complete import request

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
