"""The program ``git``: what it may reach and run, how much it may print, write and hold in memory, and when it is ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from typing import IO

from ways.errors import WaysError
from ways.sources.tempdirs import inherited_fds

#: Seconds that one git command may take, and that reading one object of a commit may take.
TIMEOUT = 120
#: Bytes that a command may print, and that are kept of what it says of errors.
MAX_PRINTED = 1 << 20
_MAX_TOLD = 1 << 16
#: Bytes of memory that a git may fill, where the system has a limit for that (Linux); mapped files don't count.
MAX_MEMORY = 2 << 30
#: Bytes that all files of a clone may have.
MAX_CLONE = 1 << 30
#: Seconds between two looks at how great a clone is.
_PAUSE = 0.1
#: How git may reach a remote. Any other name would be that of a program, ``git-remote-NAME``.
TRANSPORTS = ("file", "git", "http", "https", "ssh")
#: How an address names them.
_SCHEMES = frozenset({*TRANSPORTS, "git+ssh", "ssh+git"})
#: What a repository, or the user, has set for git and what is forced to something else: no hooks, no monitor, no pager, no
#: command that tells of references elsewhere; no submodules; nothing fetched from another address that a server names; a
#: large file is never held in memory; packs are mapped in small pieces; nothing goes on in the background, and what another
#: process has locked just now is waited for, so many milliseconds.
_SETTINGS = tuple(
    part
    for setting in (
        "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.pager=cat", "core.alternateRefsCommand=:", "core.editor=:",
        "submodule.recurse=false", "fetch.recurseSubmodules=false", "transfer.bundleURI=false", "fetch.uriProtocols=",
        "http.followRedirects=initial",
        "core.bigFileThreshold=16m", "core.packedGitWindowSize=32m", "core.packedGitLimit=1g",
        "gc.autoDetach=false", "maintenance.autoDetach=false", "core.filesRefLockTimeout=10000", "core.packedRefsTimeout=10000",
    )
    for part in ("-c", setting)
)  # fmt: skip
#: No questions to a person, no file fetched from elsewhere while another is read, and no object served in the place of
#: another: a blob's id stands for its content.
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C",
}  # fmt: skip
#: Programs that would ask a person for a password, unless the user says otherwise.
_ASKING = {"GIT_ASKPASS": "", "SSH_ASKPASS_REQUIRE": "never", "GCM_INTERACTIVE": "never"}
#: The only variables of git that it is given: where the user's own settings are, and how the user reaches a remote. Others point
#: it at another repository, as they do inside a hook, or change what it prints.
_OWN = re.compile(
    "GIT_(?:EXEC_PATH|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM)|SSH(?:_COMMAND|_VARIANT)?|ASKPASS|PROXY_COMMAND|"
    "(?:HTTP|SSL|PROXY_SSL)_.*|(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL|DATE)|DISCOVERY_ACROSS_FILESYSTEM)"
)


class GitError(WaysError, OSError):
    """A git repository can't be read, or has no such branch, tag or commit."""

    #: Whether it would be the same with another clone.
    is_final = False

    @classmethod
    def final(cls, message: str) -> GitError:
        """Return an error that another clone would not fix."""
        error = cls(message)
        error.is_final = True
        return error


class GitLimitError(GitError):
    """A git was ended, because it took too long or wrote too much."""

    is_final = True


def git(folder: str, *arguments: str, transports: Collection[str] = (), growing: str = "") -> bytes:
    """Return what git prints in *folder*.

    :param transports: how it may reach a remote; it reaches none, if absent.
    :param growing: a folder whose files may come to :data:`MAX_CLONE` bytes meanwhile.
    :raises GitError: it failed, took too long, printed or wrote too much, or isn't installed.
    """
    process = start(folder, *arguments, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, transports=transports)
    assert process.stdout is not None and process.stderr is not None
    told: list[bytes] = []
    # It is read in another thread: git may tell much, and would wait until that is read.
    telling = threading.Thread(target=keep_last, args=(process.stderr, told), daemon=True)
    telling.start()
    with Guard(process, arguments[0], growing) as guard:
        printed = process.stdout.read(MAX_PRINTED + 1)
        if len(printed) <= MAX_PRINTED:
            process.wait()
    # A program that git leaves running may hold the pipe open.
    telling.join(1)
    guard.check()
    if len(printed) > MAX_PRINTED:
        raise GitError(f"git {arguments[0]} printed more than {MAX_PRINTED >> 10} KiB.")
    if process.returncode:
        raise failure(arguments[0], process.returncode, b"".join(told))
    return printed


def start(
    folder: str, *arguments: str, stdin: int, stderr: int, transports: Collection[str] = ()
) -> subprocess.Popen[bytes]:
    """Return a git that works in *folder*, and whose output the caller reads, with a :class:`Guard`.

    :raises GitError: it isn't installed, or can't be started.
    """
    if any("\0" in argument for argument in (folder, *arguments)):
        raise GitError(f"git {arguments[0]} can't be asked of a name with a NUL character: {arguments[-1]!r}.")
    command = ("git", "--no-pager", *_SETTINGS, "-C", folder, *arguments)
    try:
        # Without a terminal, no program that git starts can ask a question there; and all of them can be ended together.
        process = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, env=_environment(folder, transports),
            pass_fds=inherited_fds(), start_new_session=True,
        )  # fmt: skip
    except FileNotFoundError:
        raise GitError.final("git is not installed: sheets in git repositories need the program 'git'.") from None
    except OSError as error:
        raise GitError.final(f"git can't be started: {error}") from error
    _limit_memory(process.pid)
    return process


def _environment(folder: str, transports: Collection[str]) -> dict[str, str]:
    """Return the variables of a git that works in *folder*."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or _OWN.fullmatch(name)}
    # Whoever allows fewer transports is heard. The name of none would allow those that git allows itself.
    narrower = os.environ.get("GIT_ALLOW_PROTOCOL")
    allowed = [name for name in transports if narrower is None or name in narrower.split(":")]
    # A folder that merely lies inside a repository is none itself.
    ceiling = os.path.dirname(os.path.realpath(folder))
    return {
        **_ASKING, **own, **_ENVIRONMENT, "GIT_ALLOW_PROTOCOL": ":".join(allowed) or "none", "GIT_CEILING_DIRECTORIES": ceiling,
    }  # fmt: skip


def _limit_memory(process: int) -> None:
    """Limit the memory of a program that was just started, and of those that it starts."""
    try:
        from resource import RLIM_INFINITY, RLIMIT_DATA, prlimit
    except ImportError:  # Linux has it, and no other system.
        return
    with suppress(OSError, ValueError):
        _, hard = prlimit(process, RLIMIT_DATA)
        most = MAX_MEMORY if hard == RLIM_INFINITY else min(hard, MAX_MEMORY)
        prlimit(process, RLIMIT_DATA, (most, most))


def keep_last(pipe: IO[bytes], kept: list[bytes]) -> None:
    """Read a pipe to its end, and keep the last of it."""
    with suppress(OSError, ValueError), pipe:
        while data := os.read(pipe.fileno(), _MAX_TOLD):
            kept[:] = [(b"".join(kept) + data)[-_MAX_TOLD:]]


class Guard:
    """Ends a git, and all that it has started, if it takes too long, or if a folder grows too much; at the end of the block, too.

    :param growing: that folder; ``""`` for none.
    """

    def __init__(self, process: subprocess.Popen[bytes], command: str, growing: str = "") -> None:
        self._process = process
        self._command = command
        self._growing = growing
        self._error: GitLimitError | None = None
        self._released = threading.Event()
        #: Until when the git must have done what it is doing; ``None`` while it does nothing.
        self.deadline: float | None = time.monotonic() + TIMEOUT
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def __enter__(self) -> Guard:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the git, if it still runs, and wait for it."""
        self._released.set()
        self._kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()

    def check(self) -> None:
        """Raise what the git was ended for.

        :raises GitLimitError: it took too long, or the folder has grown too much.
        """
        if self._error is None and self._growing:
            self._look_at_folder()
        if self._error is not None:
            raise self._error

    def _watch(self) -> None:
        while self._error is None and not self._released.wait(min(_PAUSE if self._growing else 1, TIMEOUT)):
            deadline = self.deadline
            if deadline is not None and time.monotonic() > deadline:
                self._error = GitLimitError(f"git {self._command} took more than {TIMEOUT} seconds.")
            elif self._growing:
                self._look_at_folder()
        if self._error is not None:
            self._kill()

    def _look_at_folder(self) -> None:
        if size_of(self._growing) > MAX_CLONE:
            help = "Clone it yourself, and name its folder with GitLocalDescriptor."
            self._error = GitLimitError(f"git {self._command} would make a clone of more than {MAX_CLONE >> 20} MiB. {help}")

    def _kill(self) -> None:
        if self._process.poll() is not None:
            return
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:  # On Windows.
                self._process.kill()


def size_of(folder: str) -> int:
    """Return the bytes of all files below a folder, as far as they can be looked at; no link is followed."""
    size = 0
    for base, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += os.lstat(os.path.join(base, name)).st_size
    return size


def failure(command: str, code: int, errors: bytes) -> GitError:
    """Return the error of a git that failed: the last line of what it says."""
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return GitError(f"git {command} failed: {lines[-1] if lines else f'exit {code}'}")


def answer(folder: str, *arguments: str) -> str | None:
    """Return what git prints in *folder* as a text, or ``None`` where it has no answer.

    :raises GitLimitError: it took too long.
    """
    try:
        return git(folder, *arguments).decode("utf-8", "replace").strip()
    except GitLimitError:
        raise
    except GitError:
        return None


def absolute_url(url: str) -> str:
    """Return *url* so that it means the same everywhere: a path, by git's own rule of what is one, is made absolute.

    :raises GitError: git would reach it by a program that isn't its own, or take it for an option.
    """
    before, colon, _ = url.partition(":")
    # The colon of 'C:/sheets' is a drive's.
    is_path = not colon or "/" in before or (os.name == "nt" and len(before) == 1)
    if is_path:
        return os.path.abspath(url)
    scheme = re.match(r"([A-Za-z0-9+.-]*):(:|//)(?:[^/@]*@)?", url)
    allowed = f"a path, HOST:PATH, or one of {', '.join(f'{name}://' for name in TRANSPORTS)}"
    if url.startswith("-") or any(ord(letter) < 32 or ord(letter) == 127 for letter in url):
        raise GitError.final(f"expected the address of a git repository ({allowed}), found {url!r}")
    if scheme is not None and (scheme[2] == ":" or scheme[1] not in _SCHEMES or url[scheme.end() :].startswith("-")):
        raise GitError.final(f"expected the address of a git repository ({allowed}), found {url!r}: it isn't given to git")
    return url
