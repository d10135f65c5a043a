"""What a shell asks when a word is to be completed, and how it is answered; and the records that say what a command takes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple

#: Says what is asked: ``bash_complete``, ``zsh_source``, ... The name is the one that click would take.
VARIABLE = "_WAYS_COMPLETE"
#: The line up to the cursor, as our scripts hand it over; and the characters at which bash ends a word.
LINE, BREAKS = "_WAYS_LINE", "_WAYS_BREAKS"
SHELLS = ("bash", "zsh", "fish")


#: What a value is: one of some choices, or ``hierarchy``, ``field``, ``platform``, ``layer``, ``priority``, ``token``,
#: ``pair``, ``pair there`` (of the place that ``--as`` names), ``entrypoint``, ``parameter`` (of an entrypoint), ``imjoy plugin``,
#: ``imjoy field`` (of that plugin's form), ``command``, ``file`` or ``text``; ``flag`` for an option without a value; ``""`` for
#: what only click can complete.
Kind = str | tuple[str, ...]


class KnownOption(NamedTuple):
    """An option of a command."""

    names: tuple[str, ...]
    kind: Kind
    is_repeated: bool
    help: str


class KnownArgument(NamedTuple):
    """What stands at one place after a command, or at each place from there on."""

    kind: Kind
    is_last: bool


class KnownCommand(NamedTuple):
    """A command; the first, without a name, is what stands before any."""

    help: str
    arguments: tuple[KnownArgument, ...]
    options: tuple[KnownOption, ...]


class Item(NamedTuple):
    """One way to go on. Its kind is ``plain``; ``open``, after which no space follows; or ``file``, which the shell knows."""

    value: str
    kind: str = "plain"
    help: str = ""


class Request(NamedTuple):
    """The words before the one to complete, and what there is of that one."""

    shell: str
    words: tuple[str, ...]
    start: str
    #: Whether the shell is one of our scripts, which know kinds; the scripts of click know only two.
    is_ours: bool = False
    #: The open quote, and the characters at which bash ends a word.
    quote: str = ""
    breaks: str = ""


def read(environ: Mapping[str, str]) -> Request | None:
    """Return what a shell asks, or ``None`` if it asks nothing that we answer."""
    shell, _, instruction = environ.get(VARIABLE, "").partition("_")
    if shell not in SHELLS or instruction != "complete":
        return None
    if LINE in environ:
        words, start, quote = split(environ[LINE])
        return Request(shell, words[1:], start, True, quote, environ.get(BREAKS, ""))
    return _as_click(shell, environ)


def _as_click(shell: str, environ: Mapping[str, str]) -> Request | None:
    """Return what is asked in the way of click's own scripts."""
    *words, last = _all_words(environ.get("COMP_WORDS", ""))
    current = environ.get("COMP_CWORD", "")
    if shell == "fish":
        # The word at the cursor is given a second time.
        words = words if not last or last == split(current)[1] else [*words, last]
        return Request(shell, tuple(words[1:]), split(current)[1])
    if not current.isdecimal() or len(current) > 9:
        return None
    number = int(current)
    both = [*words, last]
    return Request(shell, tuple(both[1:number]), both[number] if number < len(both) else "")


def _all_words(line: str) -> list[str]:
    words, start, _ = split(line)
    return [*words, start]


def split(line: str) -> tuple[tuple[str, ...], str, str]:
    """Return the whole words of a line, what there is of the last one, and the quote that is open in it.

    Quotes and backslashes are read as every shell reads them. shlex does it too, and takes 8 ms to import.
    """
    words: list[str] = []
    word: str | None = None
    quote, is_escaped = "", False
    for character in line:
        if is_escaped:
            # Between double quotes a backslash before an ordinary character stands for itself.
            word = (word or "") + ("\\" if quote == '"' and character not in '"\\$`' else "") + character
            is_escaped = False
        elif character == "\\" and quote != "'":
            is_escaped, word = True, word or ""
        elif character == quote:
            quote = ""
        elif not quote and character in "\"'":
            quote, word = character, word or ""
        elif not quote and character.isspace():
            words += [] if word is None else [word]
            word = None
        else:
            word = (word or "") + character
    return tuple(words), word or "", quote


def written(request: Request, items: Iterable[Item]) -> str:
    """Return the items as the shell's script reads them.

    A value that a terminal can't show as it is, such as one with a line break, is none to go on with.
    """
    from ways.errors import visible

    shown = (item._replace(help=visible(item.help)) for item in items if visible(item.value) == item.value)
    return "".join(f"{_line(request, item)}\n" for item in shown)


def _line(request: Request, item: Item) -> str:
    # The scripts of click know no kind "open".
    kind = "plain" if item.kind == "open" and not request.is_ours else item.kind
    if request.shell == "bash":
        return f"{kind},{_typed(request, item.value) if request.is_ours else item.value}"
    if request.shell == "fish":
        return f"{kind},{item.value}" + (f"\t{item.help}" if item.help else "")
    if request.is_ours:
        return f"{kind}\n{item.value}\n{item.help}"
    # The script of click for zsh takes a colon for the end of the value where a help follows.
    value = item.value.replace(":", "\\:") if item.help else item.value
    return f"{kind}\n{value}\n{item.help or '_'}"


def _typed(request: Request, value: str) -> str:
    """Return what bash puts in the place of the word that it sees: without what it takes for words before, and quoted."""
    if request.quote == "'":
        return value.replace("'", "'\\''")
    if request.quote:
        return "".join(f"\\{character}" if character in '"\\$`' else character for character in value)
    end = max((request.start.rfind(character) for character in "=:" if character in request.breaks), default=-1)
    return "".join(_escaped(character) for character in value[end + 1 :])


def _escaped(character: str) -> str:
    return character if character.isalnum() or character in "_-+=:,./%@^" else f"\\{character}"


def asked(environ: Mapping[str, str] | None = None) -> str:
    """Return what a shell asks, or ``""``: the usual case, in which nothing of this is needed."""
    return (os.environ if environ is None else environ).get(VARIABLE, "")
