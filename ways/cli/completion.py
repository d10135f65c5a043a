"""``ways completion``: the script that teaches a shell to complete."""

from __future__ import annotations

import os
import shlex
import sys

import click

from ways.cli.command import Choice, helped
from ways.cli.complete.install import NotOursError, install, target
from ways.cli.complete.request import SHELLS
from ways.cli.complete.scripts import SCRIPTS
from ways.cli.streams import complain, write, write_exactly
from ways.errors import lines


@helped
@click.argument("shell", type=Choice(SHELLS))
@click.option("--install", "is_installed", is_flag=True, help="Write the script to where the shell finds it, for you alone.")
@click.option("--force", is_flag=True, help="With --install: overwrite a file that ways did not write.")
def completion(shell: str, is_installed: bool, force: bool) -> None:
    """Set up completion of ways with the Tab key in your shell.

    With --install, the script is written to a file that your shell reads. Without it, the script is printed. To load it from the
    start file of your shell instead, add one of these lines:

    \b
      bash, in ~/.bashrc                  eval "$(ways completion bash)"
      zsh, in ~/.zshrc, below compinit    eval "$(ways completion zsh)"
      fish, in ~/.config/fish/config.fish ways completion fish | source

    Documentation: docs/howto/shell.rst

    \b
    Examples:
      ways completion bash --install
      ways completion zsh
    """
    if force and not is_installed:
        raise click.UsageError("--force needs --install.")
    if not is_installed:
        write(SCRIPTS[shell].rstrip("\n"))
        return
    try:
        path = target(shell, os.environ)
        install(shell, path, force=force)
    except NotOursError as error:
        complain(f"ways: {error} exists, and ways did not write it. To overwrite it: ways completion {shell} --install --force")
        sys.exit(1)
    except OSError as error:
        complain(f"ways: {error.filename}: {error.strerror}" if error.filename else f"ways: {error}")
        sys.exit(1)
    write_exactly(path)
    complain(_hint(shell, path))


def _hint(shell: str, path: str) -> str:
    """Return what else the shell needs."""
    if shell == "bash":
        return lines(
            "Open a new shell to use it. It needs the package bash-completion, which most systems have.",
            'Without it, add this line to ~/.bashrc instead: eval "$(ways completion bash)"',
        )
    if shell == "zsh":
        folder = shlex.quote(os.path.dirname(path))
        return lines("Add this line to ~/.zshrc, above compinit, and open a new shell:", f"  fpath=({folder} $fpath)")
    return "Open a new shell to use it."
