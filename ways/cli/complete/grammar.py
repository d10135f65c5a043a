"""Writes down what each command takes, so that completion does not load the commands.

Run ``python -m ways.cli.complete.grammar`` after a change to a command; it writes :mod:`ways.cli.complete.words`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

import click

from ways.cli.complete import by_click, words
from ways.cli.main import COMMANDS, main
from ways.cli.complete.request import Kind, KnownArgument, KnownCommand, KnownOption

#: What completes a value -> the word for it.
_KINDS: Mapping[Callable[..., Any], str] = {
    by_click.entrypoints: "entrypoint",
    by_click.fields: "field",
    by_click.hierarchies: "hierarchy",
    by_click.imjoy_fields: "imjoy field",
    by_click.imjoy_plugins: "imjoy plugin",
    by_click.layers: "layer",
    by_click.parameters: "parameter",
    by_click.platforms: "platform",
    by_click.priority: "priority",
    by_click.tokens: "token",
    by_click.pairs: "pair",
    by_click.pairs_there: "pair there",
}
#: Characters of a command's help: a shell shows it on one line.
HELP = 100
#: Characters of a call that fit on one line.
LINE = 120
_HEAD = '''"""What each command takes: written by ``python -m ways.cli.complete.grammar``, for completion has no time to load them."""

from __future__ import annotations

from ways.cli.complete.request import KnownArgument, KnownCommand, KnownOption

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Options that several commands take.
'''


def commands() -> dict[str, KnownCommand]:
    """Return what each command takes, as click knows it."""
    above = click.Context(main, **main.context_settings)
    known = {"": KnownCommand("", (KnownArgument("command", False),), tuple(_options(main, above)))}
    for name in sorted(COMMANDS):
        command = main.get_command(above, name)
        if command is not None:
            known |= _known(name, command, above)
    return known


def _known(name: str, command: click.Command, above: click.Context) -> dict[str, KnownCommand]:
    """Return what a command takes, and each command below it, under its whole name."""
    context = click.Context(command, info_name=name, parent=above)
    below = command.commands if isinstance(command, click.Group) else {}
    arguments = (KnownArgument("command", False),) if below else tuple(_arguments(command, context))
    known = {name: KnownCommand(command.get_short_help_str(limit=HELP), arguments, tuple(_options(command, context)))}
    for inner in sorted(below):
        known |= _known(f"{name} {inner}", below[inner], context)
    return known


def _arguments(command: click.Command, context: click.Context) -> Iterator[KnownArgument]:
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Argument):
            yield KnownArgument(_kind(parameter), parameter.nargs == -1)


def _options(command: click.Command, context: click.Context) -> Iterator[KnownOption]:
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option) and not parameter.hidden:
            names = (*parameter.opts, *parameter.secondary_opts)
            kind = "flag" if parameter.is_flag or parameter.count else _kind(parameter)
            yield KnownOption(names, kind, parameter.multiple, parameter.help or "")


def _kind(parameter: click.Parameter) -> Kind:
    own = getattr(parameter, "_custom_shell_complete", None)
    if own is not None:
        return _KINDS.get(own, "")
    if isinstance(parameter.type, click.Choice):
        return tuple(map(str, parameter.type.choices))
    return "file" if isinstance(parameter.type, (click.Path, click.File)) else "text"


def written() -> str:
    """Return the text of :mod:`ways.cli.complete.words`: options that several commands take are written once."""
    known = commands()
    counts = Counter(option for command in known.values() for option in command.options)
    shared = [option for option, count in counts.items() if count > 1]
    names = {option: _constant(option, shared) for option in shared}
    constants = "".join(f"{name} = {_folded(_call(option), len(name) + 15)}\n" for option, name in names.items())
    calls = "".join(_written(name, command, names) for name, command in known.items())
    return f"{_HEAD}{constants}\nCOMMANDS: Mapping[str, KnownCommand] = {{\n{calls}}}\n"


def _constant(option: KnownOption, options: Sequence[KnownOption]) -> str:
    """Return what an option that several commands take is called; by its choices where another has the same name."""
    name = option.names[-1]
    kinds = [other.kind for other in options if other.names[-1] == name]
    choices = option.kind if len(kinds) > 1 and not isinstance(option.kind, str) else ()
    return "_".join([name.lstrip("-").replace("-", "_"), *choices]).upper()


def _written(name: str, command: KnownCommand, names: Mapping[KnownOption, str]) -> str:
    options = (names.get(option) or _call(option) for option in command.options)
    lines = [f"    {name!r}: KnownCommand(", f"        {command.help!r},", f"        {_tuple(map(_call, command.arguments))},"]
    return "\n".join([*lines, f"        {_tuple(options)},", "    ),", ""])


def _call(item: KnownArgument | KnownOption) -> str:
    return f"{type(item).__name__}{tuple(item)!r}"


def _folded(call: str, indent: int) -> str:
    """Return a call; one that is too long for a line goes on where the help begins."""
    if len(call) <= LINE:
        return call
    head, mark, help = call.rpartition("False, ") if "False, " in call else call.rpartition("True, ")
    # Many choices go on below the first one.
    inner = " " * (indent - call.index("(") + head.rindex("("))
    lines = wrap(f"{head}{mark.rstrip()}", LINE, subsequent_indent=inner, break_long_words=False, break_on_hyphens=False)
    return "\n".join([*lines, f"{' ' * indent}{help}"])


def _tuple(items: Iterable[str]) -> str:
    """Return *items* as a tuple in a call: on one line if it is short, else as many on a line as there is room for."""
    words = [_folded(item, 24) for item in items]
    whole = f"({', '.join(words)}{',' if len(words) == 1 else ''})"
    if len(whole) <= LINE and "\n" not in whole:
        return whole
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) > LINE - 12:
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else ''}{word},"
    return "\n".join(["(", *(f"            {line}" for line in lines), "        )"])


if __name__ == "__main__":
    Path(words.__file__).write_text(written(), encoding="utf-8")
