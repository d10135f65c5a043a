"""The options that every command takes, and the session that they ask for. Completion opens a session at each key, so
this module imports nothing that completion can do without."""

from __future__ import annotations

import os

from collections.abc import Sequence

from ways import api
from ways.errors import led_by, lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple


class SharedOptions(NamedTuple):
    """What may be said before or after a command."""

    sheets: tuple[str, ...] = ()
    assignment: str = ""
    platform: str = ""
    priority: str = ""
    trust: bool = False
    installed_formats: bool = False
    update: bool = False
    snapshot: str = ""

    @property
    def overrides(self) -> dict[str, str]:
        """The values of WAYS_* variables that are asked for."""
        named = {api.PLATFORM_ENV_VAR: self.platform, api.PRIORITY_ENV_VAR: self.priority}
        return {name: value for name, value in named.items() if value}

    def formats(self) -> api.FormatTable | None:
        """Return the formats that are asked for; ``None`` for those that are there always."""
        table = api.FormatTable.installed() if self.installed_formats else None
        return (table or api.FormatTable()).updating() if self.update else table


class UsageProblem(Exception):
    """The command can't be carried out as it was given; exit 2."""


def loaded_session(options: SharedOptions) -> api.Session:
    """Return the session that the options ask for, loaded as far as that goes.

    :raises UsageProblem: a sheet that was named is not there, a snapshot is refused, or both are named.
    """
    if path := options.snapshot or os.environ.get(api.SNAPSHOT_ENV_VAR, ""):
        return _session_of_snapshot(path, options)
    begun = api.Session if options.sheets else api.Session.from_environ
    session = begun(options.formats(), options.overrides)
    for path in options.sheets:
        if not os.path.exists(path) and not api.is_in_archive(path):
            # A text is also several paths, where the shell of another platform separates them so.
            several = " For several, give --sheets several times." if set(path).intersection(",;|:") else ""
            raise UsageProblem(f"--sheets {path}: there is no such file or folder.{several}")
        try:
            session.add_search_path(path, trust=True if options.trust else None)
        except api.PluginError:
            # It is among the problems of the session; everything else was loaded.
            continue
    return session


def _session_of_snapshot(path: str, options: SharedOptions) -> api.Session:
    name = "--snapshot" if options.snapshot else api.SNAPSHOT_ENV_VAR
    if options.sheets:
        help = "" if options.snapshot else f", or unset {name}"
        raise UsageProblem(f"{name} and --sheets are both given: a snapshot answers instead of sheets. Leave one out{help}.")
    try:
        return api.Session.from_snapshot(path, trust=options.trust, overrides=options.overrides)
    except api.SnapshotError as error:
        raise UsageProblem(f"{name} {error}") from error


def open_session(options: SharedOptions) -> api.Session:
    """Return the session that the options ask for, loaded.

    :raises UsageProblem: a sheet that was named is not there, not one sheet could be read, or a layer is misspelt.
    """
    session = loaded_session(options)
    _check_platform(session, options)
    if not session.has_loaded():
        raise UsageProblem(_nothing_loaded(session, options))
    _check_priority(session, options)
    return session


def empty_session(options: SharedOptions) -> api.Session:
    """Return a session without sheets, for a command whose arguments name the sheets.

    :raises UsageProblem: sheets, or a snapshot, were named all the same.
    """
    for name, value in (("--sheets", "".join(options.sheets[:1])), ("--snapshot", options.snapshot)):
        if value:
            raise UsageProblem(f"{name} {value}: this command takes its sheets as arguments.")
    session = api.Session(options.formats(), options.overrides)
    _check_platform(session, options)
    return session


def notes(session: api.Session, options: SharedOptions) -> list[str]:
    """Return what else is odd about the options: a layer that no plugin has."""
    name = options.assignment
    # Most lines name no layer.
    known = session.assignments() if name else [name]
    return [] if name in known else [f"no plugin has the assignment {name!r}.{api.did_you_mean(name, known)}"]


def _check_platform(session: api.Session, options: SharedOptions) -> None:
    settings = session.settings
    if options.platform and not settings.knows_platform:
        known = ", ".join(sorted(settings.platforms))
        close = api.did_you_mean(options.platform, settings.platforms)
        raise UsageProblem(f"--platform {options.platform}: the platforms are {known}.{close}")


def _check_priority(session: api.Session, options: SharedOptions) -> None:
    """Refuse a layer that no plugin has if it looks like a slip: the answer would be that of other layers."""
    # Most lines name no layers.
    for problem in session.problems if options.priority else ():
        if problem.code == "unknown-layer" and problem.level == "error":
            hint = f" {problem.help}" if problem.help else ""
            message = f"{problem.message}{hint}".replace(f"{api.PRIORITY_ENV_VAR}=", "--priority ")
            raise UsageProblem(f"--priority {options.priority}: {message}")


def looked_for(paths: Sequence[str], passed_over: Sequence[str]) -> str:
    """Return what was looked for in folders and archives that gave nothing, and what would help; ``""`` if none of *paths* is one."""
    folders = [path for path in paths if os.path.isdir(path)]
    if not folders and not any(os.path.isfile(path) or api.is_in_archive(path) for path in paths):
        return ""
    endings = ", ".join(api.FolderDescriptor.get_supported_extensions())
    text = f" Looked for files in it that end with {endings}, with a block for each plugin below 'plugins'."
    if passed_over:
        more = f" and {len(passed_over) - 1} more" if len(passed_over) > 1 else ""
        text += f" There is none in {passed_over[0]}{more}."
    if folders:
        info = os.path.join(folders[0], f"{api.PLUGIN_INFO_FILE_NAME}.yml")
        text += f" To look in the folders below, too, write 'recursive: true' into {info}."
    return text


def _nothing_loaded(session: api.Session, options: SharedOptions) -> str:
    details = [led_by("  ", str(problem)) for problem in session.problems]
    if options.sheets:
        wanted = "" if session.problems else looked_for(options.sheets, session.passed_over())
        return lines(f"No sheet could be read from {', '.join(options.sheets)}.{wanted}", *details)
    if api.DESCRIPTORS_ENV_VAR in os.environ:
        named = f"{api.DESCRIPTORS_ENV_VAR}={os.environ[api.DESCRIPTORS_ENV_VAR]!r}"
        return lines(f"No sheet could be read from {named}. Name a sheet or a folder of sheets there, or by --sheets PATH.", *details)
    return lines(
        "No sheet was found. Name a sheet or a folder of sheets: --sheets PATH, or "
        f"{api.DESCRIPTORS_ENV_VAR}=PATH in the environment; or begin one: ways init.",
        *details,
    )
