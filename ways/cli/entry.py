"""Where ``ways`` begins: a shell that asks for completions is answered at once; everything else is for click."""

from __future__ import annotations

import os
import sys

from ways.cli.complete import request


def run() -> None:
    """Carry out what ``sys.argv`` says, or answer what a shell asks."""
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
