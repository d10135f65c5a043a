"""The ``ways`` command."""

from __future__ import annotations

import io
import sys
from importlib import import_module
from typing import Any

import click

from ways import __version__, api
from ways.cli.command import shared
from ways.logs import before_messages

#: Each command has a module of its own name. It is imported when it is called for: completion answers while you type.
COMMANDS = (
    "cache", "check", "completion", "context", "diff", "doctor", "explain", "find", "format", "init", "report", "resolve",
    "schema", "sheets", "tree", "uses",
)


class Ways(click.Group):
    """The commands, with a nearest name for one that is misspelt."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        # A function can't be called as the builtin is.
        command: click.Command = getattr(import_module(f"ways.cli.{name}"), "format_" if name == "format" else name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = api.did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"{error.message}{close}", ctx) from error


def _drop_messages() -> None:
    import logging

    logging.getLogger("ways").addHandler(logging.NullHandler())


@click.group(
    cls=Ways,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExample:\n  ways --sheets plugin_sheets/film tree",
)
@click.version_option(__version__, prog_name="ways")
@shared
@click.option("--format", "form", help="How to write the answer: text, json, or env.")
@click.pass_context
def main(ctx: click.Context, /, **options: Any) -> None:
    """Ways tells what a path is, and what the path of a thing is.

    Plugin Sheets say what there is: name them by --sheets or WAYS_DESCRIPTORS. Options may stand before or after the
    command. Exit 0: done. Exit 1: the answer is no. Exit 2: wrong usage, or no sheet could be read.
    """
    ctx.obj = options
    # Each command writes every problem itself; a log line would write it twice.
    before_messages(_drop_messages)
    # File names may be no UTF-8: their bytes pass through as they are.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
