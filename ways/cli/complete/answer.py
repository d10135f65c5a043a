"""Completion without click, which takes 35 ms to import: as long as three starts of Python.

What each command takes stands in :mod:`ways.cli.complete.words`. A test holds the answers against those of click.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ways.cli.complete import suggest
from ways.cli.options import SharedOptions
from ways.cli.complete.request import Item, Kind, KnownCommand, KnownOption
from ways.cli.complete.words import COMMANDS


class UnreadableLine(Exception):
    """The words hold something that only click knows about."""


class CommandLine:
    """The words before the one to complete, read as click reads them."""

    def __init__(self, words: Iterable[str]) -> None:
        self.name = ""
        #: The first name of each option that was given -> its values; those given to this very command.
        self.given: dict[str, list[str]] = {}
        self.here: set[str] = set()
        self.arguments: list[str] = []
        #: The option whose value comes next.
        self.waiting: KnownOption | None = None
        self.has_only_arguments = False
        for word in words:
            self._take(word)

    @property
    def command(self) -> KnownCommand:
        """What the command takes."""
        return COMMANDS[self.name]

    def _take(self, word: str) -> None:
        if self.waiting is not None:
            self._give(self.waiting, word)
            self.waiting = None
        elif word == "--" and not self.has_only_arguments:
            self.has_only_arguments = True
        elif word.startswith("-") and len(word) > 1 and not self.has_only_arguments:
            name, equals, value = word.partition("=")
            option = self.option(name)
            if option is None:
                raise UnreadableLine(name)
            if equals or option.kind == "flag":
                self._give(option, value)
            else:
                self.waiting = option
        elif self.takes_command:
            name = f"{self.name} {word}".lstrip()
            if name not in COMMANDS or not word or " " in word:
                raise UnreadableLine(word)
            self.name, self.here, self.has_only_arguments = name, set(), False
        else:
            self.arguments.append(word)

    @property
    def takes_command(self) -> bool:
        """Whether the next word that is no option is a command."""
        return bool(self.command.arguments) and self.command.arguments[0].kind == "command"

    def _give(self, option: KnownOption, value: str) -> None:
        self.given.setdefault(option.names[0], []).append(value)
        self.here.add(option.names[0])

    def option(self, name: str) -> KnownOption | None:
        """Return the option of that name."""
        return next((option for option in self.command.options if name in option.names), None)

    @property
    def hierarchy(self) -> str:
        """The place that was named."""
        return self.arguments[0].partition(":")[0] if self.arguments else ""

    def last(self, name: str) -> str:
        """Return the value that was given to an option last; ``""`` for none."""
        return self.given.get(name, [""])[-1]

    def options(self) -> SharedOptions:
        """Return what was said that every command knows."""
        last = {name: values[-1] for name, values in self.given.items()}
        sheets, trust = tuple(self.given.get("--sheets", ())), "--trust" in last
        layer, platform, priority = (last.get(f"--{name}", "") for name in ("assignment", "platform", "priority"))
        flags = "--installed-formats" in last, "--update" in last
        return SharedOptions(sheets, layer, platform, priority, trust, *flags, last.get("--snapshot", ""))


def items(words: Sequence[str], start: str) -> list[Item] | None:
    """Return the ways to go on with *start* after *words*, or ``None`` where only click knows."""
    try:
        line = CommandLine(words)
    except UnreadableLine:
        return None
    if start.startswith("-") and not line.has_only_arguments:
        return _option_items(line, start)
    if line.waiting is not None:
        return _values(line, line.waiting.kind, start)
    expected = line.command.arguments[: len(line.arguments) + 1]
    if not expected or (len(expected) <= len(line.arguments) and not expected[-1].is_last):
        return []
    return _values(line, expected[-1].kind, start)


def _option_items(line: CommandLine, start: str) -> list[Item]:
    name, equals, value = start.partition("=")
    option = line.option(name)
    if equals and option is not None and option.kind != "flag":
        return [item._replace(value=f"{name}={item.value}") for item in _values(line, option.kind, value)]
    options = [option for option in line.command.options if option.is_repeated or option.names[0] not in line.here]
    return [Item(name, help=option.help) for option in options for name in option.names if name.startswith(start)]


def _values(line: CommandLine, kind: Kind, start: str) -> list[Item]:
    if not isinstance(kind, str):
        return [Item(choice) for choice in kind if choice.startswith(start)]
    if kind == "command":
        before = f"{line.name} " if line.name else ""
        names = {name.removeprefix(before): command for name, command in COMMANDS.items() if name.startswith(before)}
        return [Item(name, help=names[name].help) for name in names if name and " " not in name and name.startswith(start)]
    if kind == "file":
        return [Item(start, "file")]
    values = _VALUES[kind](line, start)
    helps = values if isinstance(values, Mapping) else {}
    return [Item(value, "open" if value.endswith(("/", "=")) else "plain", helps.get(value, "")) for value in values]


#: What gives the values of a kind, or each value with what it is.
_VALUES: Mapping[str, Callable[[CommandLine, str], Sequence[str] | Mapping[str, str]]] = {
    "entrypoint": lambda line, start: suggest.entrypoints(line.options(), start),
    "field": lambda line, start: suggest.fields(line.options(), start),
    "hierarchy": lambda line, start: suggest.hierarchies(line.options(), start),
    "imjoy field": lambda line, start: suggest.imjoy_fields(line.options(), next(iter(line.arguments), ""), line.arguments[1:], start),
    "imjoy plugin": lambda line, start: suggest.imjoy_plugins(line.options(), start),
    "layer": lambda line, start: suggest.layers(line.options(), start),
    "pair": lambda line, start: suggest.pairs(line.options(), line.hierarchy, line.arguments[1:], start),
    "pair there": lambda line, start: suggest.pairs(line.options(), line.last("--as"), line.arguments[1:], start),
    "parameter": lambda line, start: suggest.parameters(line.options(), next(iter(line.arguments), ""), line.arguments[1:], start),
    "platform": lambda line, start: suggest.platforms(line.options(), start),
    "priority": lambda line, start: suggest.priority(line.options(), start),
    "text": lambda line, start: [],
    "token": lambda line, start: suggest.tokens(line.options(), line.hierarchy, start),
}
