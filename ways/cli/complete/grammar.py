"""Writes down what each command takes, so that completion need not load the commands: ``python -m ways.cli.complete.grammar``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from ways.cli.complete import click_types as completion, words
from ways.cli.main import COMMANDS, main
from ways.cli.complete.words import Argument, Command, Kind, Option

#: What completes a value -> the word for it.
_KINDS: Mapping[Callable[..., Any], str] = {
    completion.fields: "field",
    completion.hierarchies: "hierarchy",
    completion.platforms: "platform",
    completion.tokens: "token",
    completion.pairs: "pair",
}
#: Characters of a command's help: a shell shows it on one line.
HELP = 100
#: Characters of a call that fit on one line.
LINE = 120
_HEAD = '''"""What each command takes. Written by ``python -m ways.cli.complete.grammar``, as completion has no time to load the commands."""

from __future__ import annotations

from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple

#: What a value is: one of some choices; or ``hierarchy``, ``field``, ``platform``, ``token``, ``pair``, ``command``, ``file``,
#: ``text``;
#: ``flag`` for an option without a value; ``""`` for what only click can complete.
Kind = str | tuple[str, ...]


class Option(NamedTuple):
    """An option of a command."""

    names: tuple[str, ...]
    kind: Kind
    is_repeated: bool
    help: str


class Argument(NamedTuple):
    """What stands at one place after a command, or at each place from there on."""

    kind: Kind
    is_last: bool


class Command(NamedTuple):
    """A command; the first, without a name, is what stands before any."""

    help: str
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]


COMMANDS: Mapping[str, Command] = {
'''


def commands() -> dict[str, Command]:
    """Return what each command takes, as click has it."""
    above = click.Context(main, **main.context_settings)
    found = {"": Command("", (Argument("command", False),), tuple(_options(main, above)))}
    for name in sorted(COMMANDS):
        command = main.get_command(above, name)
        if command is not None:
            context = click.Context(command, info_name=name, parent=above)
            help = command.get_short_help_str(limit=HELP)
            found[name] = Command(help, tuple(_arguments(command, context)), tuple(_options(command, context)))
    return found


def _arguments(command: click.Command, context: click.Context) -> Iterator[Argument]:
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Argument):
            yield Argument(_kind(parameter), parameter.nargs == -1)


def _options(command: click.Command, context: click.Context) -> Iterator[Option]:
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option) and not parameter.hidden:
            names = (*parameter.opts, *parameter.secondary_opts)
            kind = "flag" if parameter.is_flag or parameter.count else _kind(parameter)
            yield Option(names, kind, parameter.multiple, parameter.help or "")


def _kind(parameter: click.Parameter) -> Kind:
    own = getattr(parameter, "_custom_shell_complete", None)
    if own is not None:
        return _KINDS.get(own, "")
    if isinstance(parameter.type, click.Choice):
        return tuple(map(str, parameter.type.choices))
    return "file" if isinstance(parameter.type, (click.Path, click.File)) else "text"


def written() -> str:
    """Return the module that says it."""
    return _HEAD + "".join(_written(name, command) for name, command in commands().items()) + "}\n"


def _written(name: str, command: Command) -> str:
    lines = [f"    {name!r}: Command(", f"        {command.help!r},", f"        {_tuple(map(_call, command.arguments), 8)},"]
    return "\n".join([*lines, f"        {_tuple(map(_call, command.options), 8)},", "    ),", ""])


def _call(item: Argument | Option) -> str:
    return f"{type(item).__name__}{tuple(item)!r}"


def _folded(call: str) -> str:
    """Return a call; one that is too long for a line goes on behind its last comma but one, where the help begins."""
    if len(call) <= LINE:
        return call
    head, mark, help = call.rpartition("False, ") if "False, " in call else call.rpartition("True, ")
    return f"{head}{mark.rstrip()}\n                   {help}"


def _tuple(items: Iterator[str], indent: int) -> str:
    lines = [f"{' ' * (indent + 4)}{item}," for item in map(_folded, items)]
    return "\n".join(["(", *lines, " " * indent + ")"]) if lines else "()"


if __name__ == "__main__":
    Path(words.__file__).write_text(written(), encoding="utf-8")
