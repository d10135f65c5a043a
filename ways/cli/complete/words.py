"""What each command takes. Written by ``python -m ways.cli.complete.grammar``, as completion has no time to load the commands."""

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
    '': Command(
        '',
        (
            Argument('command', False),
        ),
        (
            Option(('--version',), 'flag', False, 'Show the version and exit.'),
            Option(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.'),
            Option(('--assignment',), 'text', False, 'Look at this layer of plugins alone.'),
            Option(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.'),
            Option(('--priority',), 'text', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.'),
            Option(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.'),
            Option(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.'),
            Option(('--format',), 'text', False, 'How to write the answer: text, json, or env.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'cache': Command(
        'Tell where the compiled sheets are and how many; or remove them, which only costs the time to...',
        (
            Argument(('info', 'clear'), False),
        ),
        (
            Option(('--format',), ('text', 'json'), False, 'How to write the answer; text, if absent.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'check': Command(
        'Tell what is wrong with sheets, and what will be; nothing in them runs.',
        (
            Argument('file', True),
        ),
        (
            Option(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.'),
            Option(('--assignment',), 'text', False, 'Look at this layer of plugins alone.'),
            Option(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.'),
            Option(('--priority',), 'text', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.'),
            Option(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.'),
            Option(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.'),
            Option(('--format',), ('text', 'json', 'sarif'), False, 'How to write the answer; text, if absent.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'completion': Command(
        'Write the script that teaches a shell to complete what ways takes.',
        (
            Argument(('bash', 'zsh', 'fish'), False),
        ),
        (
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'context': Command(
        'Tell everything about a place: mapping, tokens, data, and the sheet and line of each plugin used.',
        (
            Argument('hierarchy', False),
        ),
        (
            Option(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.'),
            Option(('--assignment',), 'text', False, 'Look at this layer of plugins alone.'),
            Option(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.'),
            Option(('--priority',), 'text', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.'),
            Option(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.'),
            Option(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.'),
            Option(('--format',), ('text', 'json'), False, 'How to write the answer; text, if absent.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'diff': Command(
        'Tell what changes from OLD to NEW: for each place and field, and for a list of paths.',
        (
            Argument('file', False),
            Argument('file', False),
        ),
        (
            Option(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.'),
            Option(('--assignment',), 'text', False, 'Look at this layer of plugins alone.'),
            Option(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.'),
            Option(('--priority',), 'text', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.'),
            Option(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.'),
            Option(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.'),
            Option(('--format',), ('text', 'json'), False, 'How to write the answer; text, if absent.'),
            Option(('--paths',), 'file', False,
                   'Tell which of the paths in this file, one a line, resolve differently; - reads them from standard input.'),
            Option(('-0', '--null'), 'flag', False, 'Paths end with NUL rather than with a line break.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'doctor': Command(
        'Tell how things stand: environment, search paths, cache, trust, versions, and everything that is...',
        (),
        (
            Option(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.'),
            Option(('--assignment',), 'text', False, 'Look at this layer of plugins alone.'),
            Option(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.'),
            Option(('--priority',), 'text', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.'),
            Option(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.'),
            Option(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.'),
            Option(('--format',), ('text', 'json'), False, 'How to write the answer; text, if absent.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'explain': Command(
        'Tell why a place is what it is: who says each field, who lost, and why; with values, of such a...',
        (
            Argument('field', False),
            Argument('pair', True),
        ),
        (
            Option(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.'),
            Option(('--assignment',), 'text', False, 'Look at this layer of plugins alone.'),
            Option(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.'),
            Option(('--priority',), 'text', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.'),
            Option(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.'),
            Option(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.'),
            Option(('--format',), ('text', 'json'), False, 'How to write the answer; text, if absent.'),
            Option(('--path',), 'text', False, 'Tell why a text is of one place and not of the others.'),
            Option(('--strict', '--lenient'), 'flag', False,
                   'With --path: whether a text must fit in all ways (the default), or somehow.'),
            Option(('--all',), 'flag', False, 'With --path: draw every place that was tried, and not the nearest alone.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'find': Command(
        'List the files and folders on disk that belong to a place and have these values, sorted.',
        (
            Argument('hierarchy', False),
            Argument('pair', True),
        ),
        (
            Option(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.'),
            Option(('--assignment',), 'text', False, 'Look at this layer of plugins alone.'),
            Option(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.'),
            Option(('--priority',), 'text', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.'),
            Option(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.'),
            Option(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.'),
            Option(('--format',), ('text', 'json'), False, 'How to write the answer; text, if absent.'),
            Option(('--latest',), 'token', False, 'Of those that differ in this token alone, only the greatest.'),
            Option(('--sequences',), 'flag', False, 'Write the frames of one thing as one, with their range.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'format': Command(
        'Write the text of a place that has these token values; it would be read as the same values again.',
        (
            Argument('hierarchy', False),
            Argument('pair', True),
        ),
        (
            Option(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.'),
            Option(('--assignment',), 'text', False, 'Look at this layer of plugins alone.'),
            Option(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.'),
            Option(('--priority',), 'text', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.'),
            Option(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.'),
            Option(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.'),
            Option(('--format',), ('text', 'json'), False, 'How to write the answer; text, if absent.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'init': Command(
        'Write a sheet to begin with, with comments, where your sheets live.',
        (),
        (
            Option(('--path',), 'file', False, 'The sheet to write, or a folder for it, instead of your own.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'report': Command(
        'Write one page that shows the places as a tree, who says each field, what is wrong, and what a...',
        (
            Argument('file', False),
        ),
        (
            Option(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.'),
            Option(('--assignment',), 'text', False, 'Look at this layer of plugins alone.'),
            Option(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.'),
            Option(('--priority',), 'text', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.'),
            Option(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.'),
            Option(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.'),
            Option(('--format',), ('text', 'json'), False, 'How to write the answer; text, if absent.'),
            Option(('--title',), 'text', False, 'What the page is called.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'resolve': Command(
        'Tell the place and the token values of texts; - reads them from standard input, one a line.',
        (
            Argument('text', True),
        ),
        (
            Option(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.'),
            Option(('--assignment',), 'text', False, 'Look at this layer of plugins alone.'),
            Option(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.'),
            Option(('--priority',), 'text', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.'),
            Option(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.'),
            Option(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.'),
            Option(('--format',), ('text', 'json', 'env'), False, 'How to write the answer; text, if absent.'),
            Option(('--context',), 'hierarchy', False, 'The place that the texts belong to.'),
            Option(('--strict', '--lenient'), 'flag', False, 'Whether a text must fit in all ways (the default), or somehow.'),
            Option(('-0', '--null'), 'flag', False, 'Texts on standard input end with NUL rather than with a line break.'),
            Option(('--to',), 'platform', False, 'Write what each text is on another platform.'),
            Option(('--env-prefix',), 'text', False, 'Before each variable of --format env.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'schema': Command(
        'Write the JSON Schema of a Plugin Sheet, by which editors complete, explain and check sheets...',
        (),
        (
            Option(('--path',), 'flag', False, 'Write where the file with it lies, for the settings of an editor.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'sheets': Command(
        'Tell what was loaded from where, how many plugins each sheet has, and each problem.',
        (),
        (
            Option(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.'),
            Option(('--assignment',), 'text', False, 'Look at this layer of plugins alone.'),
            Option(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.'),
            Option(('--priority',), 'text', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.'),
            Option(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.'),
            Option(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.'),
            Option(('--format',), ('text', 'json'), False, 'How to write the answer; text, if absent.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'tree': Command(
        'Draw the places as a tree, each with its mapping; all of them, or one and those below it.',
        (
            Argument('hierarchy', False),
        ),
        (
            Option(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.'),
            Option(('--assignment',), 'text', False, 'Look at this layer of plugins alone.'),
            Option(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.'),
            Option(('--priority',), 'text', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.'),
            Option(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.'),
            Option(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.'),
            Option(('--format',), ('text', 'json'), False, 'How to write the answer; text, if absent.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
    'uses': Command(
        'List each place and field that a line of a sheet has a say in, also through uses.',
        (
            Argument('text', False),
        ),
        (
            Option(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.'),
            Option(('--assignment',), 'text', False, 'Look at this layer of plugins alone.'),
            Option(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.'),
            Option(('--priority',), 'text', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.'),
            Option(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.'),
            Option(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.'),
            Option(('--format',), ('text', 'json'), False, 'How to write the answer; text, if absent.'),
            Option(('-h', '--help'), 'flag', False, 'Show this message and exit.'),
        ),
    ),
}
