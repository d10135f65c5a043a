"""What each command takes: written by ``python -m ways.cli.complete.grammar``, for completion has no time to load them."""

from __future__ import annotations

from ways.cli.complete.request import KnownArgument, KnownCommand, KnownOption

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Options that several commands take.
SHEETS = KnownOption(('--sheets',), 'file', True, 'A sheet, or a folder or archive of sheets, instead of WAYS_DESCRIPTORS.')
ASSIGNMENT = KnownOption(('--assignment',), 'layer', False, 'Look at this layer of plugins alone.')
PLATFORM = KnownOption(('--platform',), 'platform', False, 'Answer as on this platform, instead of WAYS_PLATFORM.')
PRIORITY = KnownOption(('--priority',), 'priority', False, 'The layers to look at, strongest last, instead of WAYS_PRIORITY.')
TRUST = KnownOption(('--trust',), 'flag', False, 'Let sheets run code wherever they come from.')
INSTALLED_FORMATS = KnownOption(('--installed-formats',), 'flag', False, 'Read formats that installed packages add, too: their code runs.')
HELP = KnownOption(('-h', '--help'), 'flag', False, 'Show this message and exit.')
FORMAT = KnownOption(('--format',), ('text', 'json'), False, 'How to write the answer; text, if absent.')

COMMANDS: Mapping[str, KnownCommand] = {
    '': KnownCommand(
        '',
        (KnownArgument('command', False),),
        (
            KnownOption(('--version',), 'flag', False, 'Show the version and exit.'), SHEETS, ASSIGNMENT, PLATFORM,
            PRIORITY, TRUST, INSTALLED_FORMATS,
            KnownOption(('--format',), 'text', False, 'How to write the answer: text, json, or env.'), HELP,
        ),
    ),
    'cache': KnownCommand(
        'Tell where the compiled sheets are and how many; or remove them, which only costs the time to...',
        (KnownArgument(('info', 'clear'), False),),
        (FORMAT, HELP),
    ),
    'check': KnownCommand(
        'Tell what is wrong with sheets, and what will be; nothing in them runs.',
        (KnownArgument('file', True),),
        (
            SHEETS, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS,
            KnownOption(('--format',), ('text', 'json', 'sarif'), False, 'How to write the answer; text, if absent.'),
            KnownOption(('--level',), ('error', 'warning', 'note'), False, 'Tell findings of this level and above; all, if absent.'),
            KnownOption(('--ignore',), ('syntax', 'encoding', 'unreadable', 'format', 'sheets-below', 'python', 'not-run',
                                        'descriptor', 'too-many-sheets', 'limit', 'settings', 'archive-member',
                                        'missing-key', 'type', 'misread-number', 'duplicate-key', 'unknown-key',
                                        'token-language', 'variants', 'duplicate-uses', 'duplicate-uuid', 'uses-itself',
                                        'plugin', 'unknown-finding', 'illegal-hierarchy', 'unknown-parent',
                                        'unmatched-uses', 'circle', 'root-without-uses', 'doubled-place',
                                        'doubled-separator', 'missing-separator', 'absolute-parent',
                                        'trailing-separator', 'unresolved-parent', 'unknown-platform',
                                        'unreachable-assignment', 'unknown-layer', 'overridden-plugin',
                                        'replaced-mapping', 'not-strict', 'unused-details', 'undescribed-token',
                                        'adjacent-tokens', 'stray-brace', 'control-character', 'token-name',
                                        'unknown-reference', 'misplaced-key', 'unknown-engine', 'impossible-condition',
                                        'bad-expression', 'empty-expression', 'empty-alternative',
                                        'crossing-expression', 'slow-expression', 'contradiction', 'misread-mapping',
                                        'overlap', 'outranked-overlap', 'undecided-overlap', 'syntax-2',
                                        'becomes-strict'), True,
                        'Leave out findings of this code. Can be given several times.'),
            KnownOption(('--as-syntax',), ('2',), False,
                        'Tell what would change or be refused if each sheet were of that syntax; nothing is written.'),
            HELP,
        ),
    ),
    'completion': KnownCommand(
        'Write the script that teaches a shell to complete what ways takes.',
        (KnownArgument(('bash', 'zsh', 'fish'), False),),
        (HELP,),
    ),
    'context': KnownCommand(
        'Tell everything about a place: mapping, tokens, data, and the sheet and line of each plugin used.',
        (KnownArgument('hierarchy', False),),
        (SHEETS, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, FORMAT, HELP),
    ),
    'diff': KnownCommand(
        'Tell what changes from OLD to NEW: for each place and field, and for a list of paths.',
        (KnownArgument('file', False), KnownArgument('file', False)),
        (
            SHEETS, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, FORMAT,
            KnownOption(('--paths',), 'file', False,
                        'Tell which of the paths in this file, one a line, resolve differently; - reads them from standard input.'),
            KnownOption(('-0', '--null'), 'flag', False, 'Paths end with NUL rather than with a line break.'),
            KnownOption(('--all',), 'flag', False, 'List each place, also those that one line of a sheet moves together.'),
            HELP,
        ),
    ),
    'doctor': KnownCommand(
        'Tell what is loaded, what is wrong, and what to do about it.',
        (),
        (
            SHEETS, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, FORMAT,
            KnownOption(('-v', '--verbose'), 'flag', False,
                        'Tell what developers ask, too: environment, versions, extras, cache and trust.'),
            HELP,
        ),
    ),
    'explain': KnownCommand(
        'Tell why a place is what it is: who says each field, who lost, and why; with values, of such a...',
        (KnownArgument('field', False), KnownArgument('pair', True)),
        (
            SHEETS, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, FORMAT,
            KnownOption(('--path',), 'text', False, 'Tell why a text is of one place and not of the others.'),
            KnownOption(('--strict', '--lenient'), 'flag', False,
                        'With --path: accept only exact fits (the default), or looser ones too.'),
            KnownOption(('--all',), 'flag', False, 'With --path: draw every place that was tried, and not the nearest alone.'),
            HELP,
        ),
    ),
    'find': KnownCommand(
        'List the files and folders on disk that belong to a place and have these values, sorted.',
        (KnownArgument('hierarchy', False), KnownArgument('pair', True)),
        (
            SHEETS, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, FORMAT,
            KnownOption(('--latest',), 'token', False, 'Of those that differ in this token alone, only the greatest.'),
            KnownOption(('--sequences',), 'flag', False,
                        "Write the frames of one thing as one, with their range. Needs an extra: pip install 'ways[sequences]'."),
            HELP,
        ),
    ),
    'format': KnownCommand(
        'Write the text of a place that has these token values; it would be read as the same values again.',
        (KnownArgument('hierarchy', False), KnownArgument('pair', True)),
        (
            SHEETS, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, FORMAT,
            KnownOption(('--ambiguous',), 'flag', False,
                        'Write the text, with a warning, even if it can be read in other ways, too.'),
            HELP,
        ),
    ),
    'init': KnownCommand(
        'Write a sheet to begin with, with comments: a small studio with jobs, shots, plates, work files...',
        (KnownArgument('file', False),),
        (KnownOption(('--path',), 'file', False, 'The same as FOLDER.'), HELP),
    ),
    'report': KnownCommand(
        'Write one page that shows the places as a tree, who says each field, what is wrong, and what a...',
        (KnownArgument('file', False),),
        (
            SHEETS, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, FORMAT,
            KnownOption(('--title',), 'text', False, 'What the page is called.'), HELP,
        ),
    ),
    'resolve': KnownCommand(
        'Tell the place and the token values of texts; - reads them from standard input, one a line.',
        (KnownArgument('pair there', True),),
        (
            SHEETS, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS,
            KnownOption(('--format',), ('text', 'json', 'env'), False, 'How to write the answer; text, if absent.'),
            KnownOption(('--context',), 'hierarchy', False, 'The place that the texts belong to.'),
            KnownOption(('--strict', '--lenient'), 'flag', False, 'Accept only exact fits (the default), or looser ones too.'),
            KnownOption(('-0', '--null'), 'flag', False, 'Texts on standard input end with NUL rather than with a line break.'),
            KnownOption(('--to',), 'platform', False, 'Write what each text is on another platform.'),
            KnownOption(('--from',), 'platform', False,
                        'With --to: the platform that the texts are of; if absent, the current one, or any other that reads a text.'),
            KnownOption(('--as',), 'hierarchy', False,
                        'Write the text of another place with the same values, but for those given as TOKEN=VALUE.'),
            KnownOption(('--env-prefix',), 'text', False, 'Before each variable of --format env.'), HELP,
        ),
    ),
    'schema': KnownCommand(
        'Write the JSON Schema of a Plugin Sheet, by which editors complete, explain and check sheets...',
        (),
        (KnownOption(('--path',), 'flag', False, 'Write where the file with it lies, for the settings of an editor.'), HELP),
    ),
    'sheets': KnownCommand(
        'Tell what was loaded from where, how many plugins each sheet has, and each problem.',
        (),
        (SHEETS, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, FORMAT, HELP),
    ),
    'tree': KnownCommand(
        'Draw the places as a tree, each with its mapping; all of them, or one and those below it.',
        (KnownArgument('hierarchy', False),),
        (
            SHEETS, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, FORMAT,
            KnownOption(('--width',), 'text', False,
                        'Cut lines off at this width, instead of that of the terminal; 0 for whole lines.'),
            HELP,
        ),
    ),
    'uses': KnownCommand(
        'List each place and field that a line of a sheet has a say in, also through uses.',
        (KnownArgument('text', False),),
        (
            SHEETS, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, FORMAT,
            KnownOption(('--all',), 'flag', False, 'List each place, also those that it moves in the same way.'), HELP,
        ),
    ),
}
