"""The options that every command takes, and the session that they ask for. Completion opens a session at each key, so
this module imports nothing that completion can do without."""

from __future__ import annotations

import os

from ways import api

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

    def formats(self) -> api.FormatTable | None:
        """Return the formats that are asked for; ``None`` for those that are there always."""
        return api.FormatTable.installed() if self.installed_formats else None


class UsageProblem(Exception):
    """The command can't be carried out as it was given; exit 2."""


def loaded_session(options: SharedOptions) -> api.Session:
    """Return the session that the options ask for, loaded as far as that goes.

    :raises UsageProblem: a sheet that was named is not there.
    """
    named = {api.PLATFORM_ENV_VAR: options.platform, api.PRIORITY_ENV_VAR: options.priority}
    overrides = {name: value for name, value in named.items() if value}
    begun = api.Session if options.sheets else api.Session.from_environ
    session = begun(options.formats(), overrides)
    for path in options.sheets:
        if not os.path.exists(path):
            # A text is also several paths, where the shell of another platform separates them so.
            several = " For several, give --sheets several times." if set(path).intersection(",;|:") else ""
            raise UsageProblem(f"--sheets {path}: there is no such file or folder.{several}")
        try:
            session.add_search_path(path, trust=True if options.trust else None)
        except api.PluginError:
            # It is among the problems of the session; everything else was loaded.
            continue
    return session


def open_session(options: SharedOptions) -> api.Session:
    """Return the session that the options ask for, loaded.

    :raises UsageProblem: a sheet that was named is not there, or not one sheet could be read.
    """
    session = loaded_session(options)
    _check_platform(session, options)
    if not session.has_loaded():
        raise UsageProblem(_nothing_loaded(session, options))
    return session


def empty_session(options: SharedOptions) -> api.Session:
    """Return a session without sheets, for a command whose arguments name the sheets.

    :raises UsageProblem: sheets were named all the same.
    """
    if options.sheets:
        raise UsageProblem(f"--sheets {options.sheets[0]}: this command takes its sheets as arguments.")
    named = {api.PLATFORM_ENV_VAR: options.platform, api.PRIORITY_ENV_VAR: options.priority}
    session = api.Session(options.formats(), {name: value for name, value in named.items() if value})
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


def _nothing_loaded(session: api.Session, options: SharedOptions) -> str:
    details = "".join(f"\n  {problem}" for problem in session.problems)
    if options.sheets:
        is_bare = not session.problems and any(map(os.path.isdir, options.sheets))
        wanted = f" Looked for files in it that end with {', '.join(api.FolderDescriptor.get_supported_extensions())}." if is_bare else ""
        return f"No sheet could be read from {', '.join(options.sheets)}.{wanted}{details}"
    if api.DESCRIPTORS_ENV_VAR in os.environ:
        named = f"{api.DESCRIPTORS_ENV_VAR}={os.environ[api.DESCRIPTORS_ENV_VAR]!r}"
        return f"No sheet could be read from {named}. Name a sheet or a folder of sheets there, or by --sheets PATH.{details}"
    return (
        "No sheet was found. Name a sheet or a folder of sheets: --sheets PATH, or "
        f"{api.DESCRIPTORS_ENV_VAR}=PATH in the environment; or begin one: ways init.{details}"
    )
