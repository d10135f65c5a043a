"""What each command takes: written by ``python -m ways.cli.complete.grammar``, for completion has no time to load them."""

from __future__ import annotations

from ways.cli.complete.request import KnownArgument, KnownCommand, KnownOption

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Options that several commands take.
SHEETS = KnownOption(('--sheets',), 'file', True,
                     'Read this sheet, or this folder or archive of sheets, instead of WAYS_DESCRIPTORS. Repeatable.')
SNAPSHOT = KnownOption(('--snapshot',), 'file', False,
                       'Answer from this file of ways snapshot, instead of WAYS_SNAPSHOT and of sheets.')
ASSIGNMENT = KnownOption(('--assignment',), 'layer', False, 'Use only the plugins of this layer.')
PLATFORM = KnownOption(('--platform',), 'platform', False, 'Answer for this platform, instead of WAYS_PLATFORM.')
PRIORITY = KnownOption(('--priority',), 'priority', False, 'Use these layers, strongest last, instead of WAYS_PRIORITY.')
TRUST = KnownOption(('--trust',), 'flag', False, 'Let sheets run code, wherever they come from.')
INSTALLED_FORMATS = KnownOption(('--installed-formats',), 'flag', False,
                                'Also read the formats that installed packages add. Their code runs.')
UPDATE = KnownOption(('--update',), 'flag', False,
                     'Let a later file of another system update what an earlier one declares, if that system can. Default: an error.')
HELP = KnownOption(('-h', '--help'), 'flag', False, 'Show this message and exit.')
FORMAT_TEXT_JSON = KnownOption(('--format',), ('text', 'json'), False, 'Write the answer in this format. Default: text.')
FORMAT_TEXT_JSON_SARIF = KnownOption(('--format',), ('text', 'json', 'sarif'), False, 'Write the answer in this format. Default: text.')
NO_VALIDATE = KnownOption(('--validate', '--no-validate'), 'flag', False, 'Refuse an entrypoint with mistakes (the default), or not.')
ORDER = KnownOption(('--order',), ('engine', 'listed'), False,
                    "Order the steps as ImJoy's engine does (the default), or as listed.")
FORCE = KnownOption(('--force',), 'flag', False, 'Overwrite the file.')

COMMANDS: Mapping[str, KnownCommand] = {
    '': KnownCommand(
        '',
        (KnownArgument('command', False),),
        (
            KnownOption(('--version',), 'flag', False, 'Show the version and exit.'),
            KnownOption(('--help-all',), 'flag', False, 'Show the help of every command and exit.'), SHEETS, SNAPSHOT,
            ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE,
            KnownOption(('--format',), 'text', False, 'Write the answer in this format: text, json or env. Default: text.'),
            HELP,
        ),
    ),
    'cache': KnownCommand(
        'Show or clear the cache of compiled sheets.',
        (KnownArgument(('info', 'clear'), False),),
        (FORMAT_TEXT_JSON, HELP),
    ),
    'check': KnownCommand(
        'Find mistakes in sheets without running any code in them.',
        (KnownArgument('file', True),),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON_SARIF,
            KnownOption(('--level',), ('error', 'warning', 'note'), False,
                        'Show only findings of this level and above. Default: all.'),
            KnownOption(('--fail-on',), ('error', 'warning', 'note'), False,
                        'Exit 1 if a finding shown has this level or a worse one. Default: error.'),
            KnownOption(('--ignore',), ('syntax', 'encoding', 'unreadable', 'owner', 'format', 'sheets-below', 'python', 'not-run',
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
                                        'unknown-reference', 'misplaced-key', 'foreign-key', 'foreign-reference',
                                        'choice-label', 'unknown-engine', 'impossible-condition', 'openassetio',
                                        'bad-expression', 'empty-expression', 'empty-alternative',
                                        'crossing-expression', 'slow-expression', 'contradiction', 'misread-mapping',
                                        'overlap', 'outranked-overlap', 'undecided-overlap', 'syntax-2',
                                        'becomes-strict'), True,
                        'Leave out findings with this code. Repeatable.'),
            KnownOption(('--as-syntax',), ('2',), False, 'Show what would change or be refused in this syntax. Nothing is written.'),
            HELP,
        ),
    ),
    'completion': KnownCommand(
        'Set up completion of ways with the Tab key in your shell.',
        (KnownArgument(('bash', 'zsh', 'fish'), False),),
        (
            KnownOption(('--install',), 'flag', False, 'Write the script to where the shell finds it, for you alone.'),
            KnownOption(('--force',), 'flag', False, 'With --install: overwrite a file that ways did not write.'), HELP,
        ),
    ),
    'context': KnownCommand(
        'Show a place in full: its mapping, tokens, data and sheets.',
        (KnownArgument('hierarchy', False),),
        (SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON, HELP),
    ),
    'diff': KnownCommand(
        'Show what changes between two versions of your sheets.',
        (KnownArgument('file', False), KnownArgument('file', False)),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('--paths',), 'file', False,
                        'Also show which of the paths in this file, one per line, resolve differently. -: standard input.'),
            KnownOption(('-0', '--null'), 'flag', False, 'Paths end with NUL, not with a line break, as in find -print0.'),
            KnownOption(('--all',), 'flag', False, 'List each place, even if one line of a sheet changes many.'), HELP,
        ),
    ),
    'dioptra': KnownCommand(
        'Check, plan and run Dioptra entrypoints, without Dioptra.',
        (KnownArgument('command', False),),
        (HELP,),
    ),
    'dioptra plan': KnownCommand(
        'Show what a run of a Dioptra entrypoint would do.',
        (KnownArgument('entrypoint', False), KnownArgument('parameter', True)),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE,
            KnownOption(('--format',), ('text', 'json', 'dot', 'svg'), False, 'Write the answer in this format. Default: text.'),
            NO_VALIDATE, HELP,
        ),
    ),
    'dioptra run': KnownCommand(
        'Run a Dioptra entrypoint here, without Dioptra.',
        (KnownArgument('entrypoint', False), KnownArgument('parameter', True)),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('--folder',), 'file', False, 'Save the artifacts in this folder.'),
            KnownOption(('--artifact',), 'text', True, 'Read this artifact input by this task. Repeatable.'),
            KnownOption(('--dry-run',), 'flag', False, 'Show what would be done, and run nothing.'),
            KnownOption(('--strict',), 'flag', False, 'Fail if a task returns fewer values than it has outputs.'),
            KnownOption(('--plain',), 'flag', False, 'Import the plugins by their own names, so that they can import each other.'),
            KnownOption(('--timeout',), 'text', False, 'Begin no step after this time.'),
            KnownOption(('--workers',), 'text', False, 'Run in N processes, at most one for each step. This needs the extra dask.'),
            NO_VALIDATE, HELP,
        ),
    ),
    'dioptra validate': KnownCommand(
        'Find mistakes in Dioptra entrypoints without running any code.',
        (KnownArgument('entrypoint', True),),
        (SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON, HELP),
    ),
    'doctor': KnownCommand(
        'Check your setup: what is loaded, and how to fix problems.',
        (),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('-v', '--verbose'), 'flag', False,
                        'Also show what developers need: environment, versions, extras, cache and trust.'),
            HELP,
        ),
    ),
    'explain': KnownCommand(
        'Explain why a place, a value or a path is what it is.',
        (KnownArgument('field', False), KnownArgument('pair', True)),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('--path',), 'text', False, 'Explain why this path belongs to one place and not to another.'),
            KnownOption(('--strict', '--lenient'), 'flag', False,
                        'With --path: accept only exact matches (the default), or looser ones too.'),
            KnownOption(('--all',), 'flag', False, 'With --path: show every place that was tried, not only the nearest.'),
            HELP,
        ),
    ),
    'find': KnownCommand(
        'List the files and folders on disk that belong to a place.',
        (KnownArgument('hierarchy', False), KnownArgument('pair', True)),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('--latest',), 'token', False,
                        'Keep only the highest value of this token among paths that are otherwise equal.'),
            KnownOption(('--sequences',), 'flag', False,
                        "Print each sequence as one path with a frame range. Needs pip install 'ways-resolver[sequences]'."),
            HELP,
        ),
    ),
    'format': KnownCommand(
        'Build the path of a place from token values.',
        (KnownArgument('hierarchy', False), KnownArgument('pair', True)),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('--ambiguous',), 'flag', False,
                        'Print the path even if it is read otherwise, or in several ways, with a warning.'),
            HELP,
        ),
    ),
    'imjoy': KnownCommand(
        'See what ImJoy plugins would install, prepare them, and run them.',
        (KnownArgument('command', False),),
        (HELP,),
    ),
    'imjoy plan': KnownCommand(
        'Show what an ImJoy plugin would install, and run nothing.',
        (KnownArgument('imjoy plugin', False),),
        (SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON, ORDER, HELP),
    ),
    'imjoy prepare': KnownCommand(
        'Prepare an ImJoy plugin: carry out its plan, once you approve it.',
        (KnownArgument('imjoy plugin', False),),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('--place',), 'file', False, 'Make the environment in this folder.'),
            KnownOption(('--approve',), 'text', False, 'The digest of the plan that you have read.'),
            KnownOption(('--yes-step',), 'text', True, 'Let step N of the plan run its command, too. Repeatable.'),
            KnownOption(('--folder',), 'file', False, 'Put repositories there. Default: workspace in --place.'),
            KnownOption(('--timeout',), 'text', False, 'End a step that takes longer. Default: an hour.'), ORDER, HELP,
        ),
    ),
    'imjoy run': KnownCommand(
        'Run an ImJoy plugin here, in a process of its own.',
        (KnownArgument('imjoy plugin', False), KnownArgument('imjoy field', True)),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('--data',), 'text', False, 'Give the plugin this data. -: read it from standard input.'),
            KnownOption(('--place',), 'file', False, 'Run in the environment that was prepared there.'),
            KnownOption(('--python',), 'file', False, 'Run with this Python. Default: that of ways itself.'),
            KnownOption(('--folder',), 'file', False, 'Work in this folder, and put pictures there.'),
            KnownOption(('--timeout',), 'text', False, 'End a plugin that takes longer.'), HELP,
        ),
    ),
    'import': KnownCommand(
        'Write the configuration of another system as a sheet.',
        (KnownArgument(('toolkit', 'ayon', 'prism', 'zou', 'filetree', 'lucidity'), False), KnownArgument('file', False)),
        (
            KnownOption(('-o', '--output'), 'file', False, 'Write the sheet to this file. Default: to standard output.'),
            FORCE, KnownOption(('--verify',), 'text', False, 'Compare N drawn sets of values for each template.'),
            FORMAT_TEXT_JSON_SARIF, HELP,
        ),
    ),
    'init': KnownCommand(
        'Write your first sheet, or a small example of several.',
        (KnownArgument('file', False),),
        (
            KnownOption(('--path',), 'file', False, 'The same as FOLDER.'),
            KnownOption(('--example',), ('studio', 'research'), False,
                        "Write several sheets: 'studio' is a film studio with a client, 'research' a lab with its recordings."),
            HELP,
        ),
    ),
    'otio': KnownCommand(
        "Link OpenTimelineIO's timelines to files.",
        (KnownArgument('command', False),),
        (HELP,),
    ),
    'otio link': KnownCommand(
        'Link the clips of a timeline to the files on disk.',
        (KnownArgument('file', False), KnownArgument('file', False)),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('--rate',), 'text', False, "Frames per second of sequences, for clips that don't say any."),
            FORCE, HELP,
        ),
    ),
    'report': KnownCommand(
        'Write everything about your sheets to one HTML page.',
        (KnownArgument('file', False),),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('--title',), 'text', False, 'Set the title of the page.'), HELP,
        ),
    ),
    'resolve': KnownCommand(
        'Show what a path is: its place and the value of each token.',
        (KnownArgument('pair there', True),),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE,
            KnownOption(('--format',), ('text', 'json', 'env'), False, 'Write the answer in this format. Default: text.'),
            KnownOption(('--context',), 'hierarchy', False, 'Read the texts as paths of this place.'),
            KnownOption(('--strict', '--lenient'), 'flag', False, 'Accept only exact matches (the default), or looser ones too.'),
            KnownOption(('-0', '--null'), 'flag', False,
                        'Texts on standard input end with NUL, not with a line break, as in find -print0.'),
            KnownOption(('--to',), 'platform', False, 'Print each path as it is on this platform.'),
            KnownOption(('--from',), 'platform', False,
                        'With --to: the platform that the paths come from. Default: the current one, else any that fits.'),
            KnownOption(('--as',), 'hierarchy', False,
                        'Print the path of this place instead, with the same values. TOKEN=VALUE replaces one of them.'),
            KnownOption(('--env-prefix',), 'text', False, 'With --format env: put this before the name of each variable.'),
            KnownOption(('--csv',), 'flag', False, 'Give IN OUT instead of texts: resolve a CSV file into a folder of files.'),
            KnownOption(('--parquet',), 'flag', False, 'The same for a Parquet file. This needs the extra arrow.'),
            KnownOption(('--column',), 'text', False, 'The column of IN that has the texts. Default: text, or the only one.'),
            KnownOption(('--rows',), 'text', False, 'Rows of each file in OUT. Default: 50000.'),
            KnownOption(('--jobs',), 'text', False, 'Resolve IN in N processes. This needs the extra dask.'),
            KnownOption(('--scheduler',), 'text', False, 'Resolve IN by a Dask cluster, such as tls://HOST:8786.'),
            KnownOption(('--ca',), 'file', False, 'With --scheduler: the certificate of its authority.'),
            KnownOption(('--cert',), 'file', False, 'With --scheduler: your certificate.'),
            KnownOption(('--key',), 'file', False, 'With --scheduler: your private key.'),
            KnownOption(('--insecure',), 'flag', False, 'With --scheduler: connect without encryption. Anyone there can run code.'),
            HELP,
        ),
    ),
    'schema': KnownCommand(
        'Print the JSON Schema with which editors check sheets.',
        (),
        (KnownOption(('--path',), 'flag', False, 'Print where the schema file is, for the settings of an editor.'), HELP),
    ),
    'sheets': KnownCommand(
        'List the sheets that were loaded, and any problems in them.',
        (),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('--all',), 'flag', False,
                        'Also list the files of other programs that a folder has: Ways passes them over.'),
            HELP,
        ),
    ),
    'snapshot': KnownCommand(
        'Write what your sheets say to one file, for farm jobs.',
        (KnownArgument('file', False),),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('--force',), 'flag', False, 'Replace OUT if it exists.'),
            KnownOption(('--leave-out',), 'flag', False,
                        "Leave out what a file can't hold, such as functions in a plugin file, and list it."),
            HELP,
        ),
    ),
    'tree': KnownCommand(
        'Show all places as a tree, each with its mapping.',
        (KnownArgument('hierarchy', False),),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('--width',), 'text', False, "Cut lines at this width instead of the terminal's. 0: never cut."),
            HELP,
        ),
    ),
    'uses': KnownCommand(
        'List every place and field that one line of a sheet affects.',
        (KnownArgument('text', False),),
        (
            SHEETS, SNAPSHOT, ASSIGNMENT, PLATFORM, PRIORITY, TRUST, INSTALLED_FORMATS, UPDATE, FORMAT_TEXT_JSON,
            KnownOption(('--all',), 'flag', False, 'List each place, even if many change in the same way.'), HELP,
        ),
    ),
}
