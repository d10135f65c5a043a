"""``ways completion``: the script that teaches a shell to complete."""

from __future__ import annotations

import click

from ways.cli.command import Choice
from ways.cli.complete.request import SHELLS
from ways.cli.complete.scripts import SCRIPTS
from ways.cli.streams import write


@click.command(epilog="\b\nExample:\n  ways completion bash")
@click.argument("shell", type=Choice(SHELLS))
def completion(shell: str) -> None:
    """Write the script that teaches a shell to complete what ways takes.

    Where it goes, once for each user:

    \b
      bash  eval "$(ways completion bash)"   in ~/.bashrc
      zsh   eval "$(ways completion zsh)"    in ~/.zshrc, below compinit
      fish  ways completion fish > ~/.config/fish/completions/ways.fish
    """
    write(SCRIPTS[shell].rstrip("\n"))
