"""The ``ways`` command."""

from __future__ import annotations

import sys
from importlib import import_module
from io import StringIO
from typing import Any, NoReturn

import click

from ways import __version__
from ways.cli.codes import INTERRUPTED
from ways.cli.command import Group, shared
from ways.cli.streams import complain, never_fail, write_for_people
from ways.errors import led_by, lines
from ways.logs import before_messages

#: The commands, by what a person wants. Each has a module of its own name, which is imported when it is called for:
#: completion answers while you type.
SECTIONS = {
    "Ask": ("resolve", "format", "find", "context", "tree"),
    "Understand": ("explain", "uses", "diff", "check", "report"),
    "Run": ("dioptra", "imjoy", "otio"),
    "Set up": ("init", "import", "sheets", "snapshot", "doctor", "schema", "completion", "cache"),
}
COMMANDS = tuple(sorted(name for names in SECTIONS.values() for name in names))
#: Commands that are called as a builtin, or as a word of Python: where the function is.
_ELSEWHERE = {"format": ("format", "format_"), "import": ("imports", "import_")}
#: Characters of a first sentence, at most: more than there are.
SENTENCE = 1000


class Ways(Group):
    """All commands, each of which is imported when it is called for."""

    def main(self, *arguments: Any, **given: Any) -> NoReturn:
        """Carry out a command line and exit, as click does; but Ctrl-C is no answer, and what is told steers no terminal."""
        try:
            code = super().main(*arguments, **{**given, "standalone_mode": False})
        except click.ClickException as error:
            _tell(error)
            sys.exit(error.exit_code)
        except click.Abort:
            sys.exit(INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            # click would begin a new line for its own message.
            sys.exit(INTERRUPTED)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, function = _ELSEWHERE.get(name, (name, name))
        command: click.Command = getattr(import_module(f"ways.cli.{module}"), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the first sentence of each command's help, whole, in sections."""
        width = max(map(len, COMMANDS))
        for title, names in SECTIONS.items():
            with formatter.section(title):
                commands = ((name, self.get_command(ctx, name)) for name in names)
                formatter.write_dl([(name.ljust(width), command.get_short_help_str(SENTENCE)) for name, command in commands if command])


def _tell(error: click.ClickException) -> None:
    """Write what is wrong with a command line, and how it is used."""
    shown = StringIO()
    error.show(shown)
    usage = shown.getvalue().partition("Error: ")[0].split("\n")[:-1]
    # A message of ours has lines; one of click holds what was typed.
    message = error.message if type(error) is click.UsageError else error.format_message()
    complain(lines(*usage, led_by("Error: ", message)))


def _drop_messages() -> None:
    import logging

    logging.getLogger("ways").addHandler(logging.NullHandler())


def _show_all_help(ctx: click.Context, parameter: click.Parameter, is_asked: bool) -> None:
    """Print the help of every command, in the order of the list."""
    if not is_asked or ctx.resilient_parsing:
        return
    click.echo(ctx.get_help())
    for name in (name for names in SECTIONS.values() for name in names):
        if command := main.get_command(ctx, name):
            click.echo(f"\n{'-' * ctx.make_formatter().width}\n")
            click.echo(command.get_help(click.Context(command, ctx, name, **command.context_settings)))
    ctx.exit()


@click.group(
    cls=Ways,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""Documentation: docs/reference/cli.rst

\b
Examples:
  ways --sheets plugin_sheets/film tree
  ways --sheets plugin_sheets/film resolve /mnt/projects/dune
""",
)
@click.version_option(__version__, prog_name="ways")
@click.option(
    "--help-all", is_flag=True, is_eager=True, expose_value=False, callback=_show_all_help, help="Show the help of every command and exit."
)
@shared
@click.option("--format", "form", help="Write the answer in this format: text, json or env. Default: text.")
@click.pass_context
def main(ctx: click.Context, /, **options: Any) -> None:
    """Find out what a path is, and build the path of a thing.

    Plugin Sheets describe your paths: name yours with --sheets or WAYS_DESCRIPTORS. Options can stand before or after the
    command. Exit 0: done. Exit 1: the answer is no. Exit 2: wrong usage, or no sheet could be read.
    """
    ctx.obj = options
    # Each command writes every problem itself; a log line would write it twice.
    before_messages(_drop_messages)
    never_fail()
    if ctx.invoked_subcommand is None:
        if any(options.values()):
            raise click.UsageError("Missing command.", ctx)
        from ways.cli.options import UsageProblem
        from ways.cli.tour import tour

        try:
            for line in tour():
                write_for_people(line)
        except UsageProblem as problem:
            raise click.UsageError(str(problem), ctx) from problem
