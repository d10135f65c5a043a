"""Where a shell finds a completion script of this user, and how it is written there."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ways.cli.complete.scripts import SCRIPTS
from ways.cli.streams import save

#: The last line of a file that is ours; zsh reads the first line itself.
MARK = "# Written by: ways completion {shell} --install"


class NotOursError(Exception):
    """The file is there, and something else wrote it, or somebody changed what it is."""


def target(shell: str, environ: Mapping[str, str]) -> str:
    """Return the file in which *shell* looks for how to complete ``ways``.

    bash: of the package bash-completion. zsh: in a folder that has to stand in its ``fpath``.

    :raises OSError: the home of the user is not known.
    """
    if shell == "bash":
        # It may name several folders.
        own = environ.get("BASH_COMPLETION_USER_DIR", "").partition(":")[0]
        folder = own if os.path.isabs(own) else os.path.join(_folder("XDG_DATA_HOME", ".local/share", environ), "bash-completion")
        return os.path.join(folder, "completions", "ways")
    if shell == "zsh":
        return os.path.join(_folder("XDG_DATA_HOME", ".local/share", environ), "zsh", "site-functions", "_ways")
    return os.path.join(_folder("XDG_CONFIG_HOME", ".config", environ), "fish", "completions", "ways.fish")


def _folder(variable: str, below_home: str, environ: Mapping[str, str]) -> str:
    """Return the folder that a variable names; a relative one doesn't count, as the XDG specification says."""
    named = environ.get(variable, "")
    if os.path.isabs(named):
        return named
    home = os.path.expanduser("~")
    # Without a name the home would be the root of the disk.
    if environ.get("HOME") == "" or not os.path.isabs(home):
        raise OSError(f"your home folder is unknown: set HOME, or {variable} to an absolute path")
    return os.path.join(home, *below_home.split("/"))


def install(shell: str, path: str, *, force: bool = False) -> None:
    """Write the script of *shell* to *path*, and make the folders above it.

    :param force: write also over a file that isn't ours.
    :raises NotOursError: there is such a file.
    :raises OSError: it can't be written.
    """
    mark = MARK.format(shell=shell)
    if not force and os.path.lexists(path) and not _is_ours(path, mark):
        raise NotOursError(path)
    # A link stays one.
    path = os.path.realpath(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    save(path, f"{SCRIPTS[shell]}{mark}\n")


def _is_ours(path: str, mark: str) -> bool:
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return file.read().rstrip().endswith(mark.encode())
