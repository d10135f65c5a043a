"""A shell in a terminal of its own: keys in, screen out. Each test uses those shells that are installed."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sysconfig
import time
from pathlib import Path

from ways.cli.complete.scripts import SCRIPTS

#: A line that is run says its words, so that a test sees what was completed. Completion still asks the program.
_ECHO = "ways() { if [ -n \"$_WAYS_COMPLETE\" ]; then command ways \"$@\"; else printf '<%s>' \"$@\"; echo; fi; }\n"
_START = {
    "bash": f"PS1='READY> '\nbind 'set enable-bracketed-paste off'\n{_ECHO}",
    "zsh": f"PS1='READY> '\nunsetopt prompt_sp prompt_cr\nunset zle_bracketed_paste\nautoload -Uz compinit; compinit -u -D\n{_ECHO}",
    "fish": (
        "function fish_prompt; echo -n 'READY> '; end\nfunction fish_greeting; end\n"
        "function ways; if test -n \"$_WAYS_COMPLETE\"; command ways $argv; else; printf '<%s>' $argv; echo; end; end\n"
    ),
}
_CALL = {
    "bash": ["bash", "--noprofile", "--rcfile", "start", "-i"],
    "zsh": ["zsh", "-d", "-i"],
    "fish": ["fish", "--no-config", "-i", "-C", "source start"],
}
_ESCAPES = re.compile(r"\x1b\[[0-9;?<>=]*[a-zA-Z~]|\x1b\][^\x07]*\x07|\x1b[=>()][A-Z0-9]?|\r|\x07|\x08")


def installed() -> list[str]:
    """Return the shells that are here."""
    return [shell for shell in SCRIPTS if shutil.which(shell)]


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _parent_of(path: Path) -> int | None:
    try:
        # The name of a process may hold anything.
        state, parent = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:2]
    except (OSError, ValueError):
        # It has just ended.
        return None
    return None if state == "Z" else int(parent)


class Terminal:
    """A shell that has learned to complete, in *folder*."""

    def __init__(self, shell: str, folder: Path) -> None:
        import pty

        text = _START[shell] + SCRIPTS[shell]
        (folder / "start").write_text(text, encoding="utf-8")
        (folder / ".zshrc").write_text(text, encoding="utf-8")
        path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
        own = {"PATH": path, "HOME": str(folder), "ZDOTDIR": str(folder), "TERM": "dumb" if shell != "fish" else "xterm"}
        main, side = pty.openpty()
        self.process = subprocess.Popen(
            _CALL[shell], stdin=side, stdout=side, stderr=side, cwd=folder, env={**os.environ, **own},
            start_new_session=True, preexec_fn=_own_terminal,
        )  # fmt: skip
        os.close(side)
        self._main = main
        self._until("READY> ")

    def typed(self, keys: str) -> list[str]:
        """Type *keys*, complete, press Enter, and return the words that the command got."""
        os.write(self._main, keys.encode() + b"\t")
        self._pause(0.3)
        os.write(self._main, b"\n")
        seen = self._until("READY> ")
        line = next(line for line in seen.splitlines() if line.startswith("<"))
        return re.findall(r"<([^<>]*)>", line)

    def shown(self, keys: str) -> str:
        """Type *keys*, complete twice, and return what the screen shows; the line is thrown away."""
        os.write(self._main, keys.encode() + b"\t")
        seen = self._pause()
        os.write(self._main, b"\t")
        seen += self._pause()
        os.write(self._main, b"\x15\n")
        self._until("READY> ")
        return seen

    def _pause(self, seconds: float = 1.2) -> str:
        """Return what comes until nothing more does for so long, and no program runs that the shell has asked."""
        return self._read(lambda seen, quiet: quiet > seconds and not self._is_asking())

    def _is_asking(self) -> bool:
        """Whether the shell has started a program that didn't end yet, where the system tells."""
        return any(_parent_of(path) == self.process.pid for path in Path("/proc").glob("[0-9]*/stat"))

    def _until(self, end: str) -> str:
        return self._read(lambda seen, quiet: seen.endswith(end) and quiet > 0.1)

    def _read(self, is_done) -> str:  # type: ignore[no-untyped-def]
        seen, last, start = "", time.monotonic(), time.monotonic()
        while not is_done(_ESCAPES.sub("", seen), time.monotonic() - last):
            assert time.monotonic() - start < 120, f"the shell only said: {seen!r}"
            if select.select([self._main], [], [], 0.05)[0]:
                seen += os.read(self._main, 65536).decode("utf-8", "replace")
                last = time.monotonic()
        return _ESCAPES.sub("", seen)

    def close(self) -> None:
        """End the shell."""
        self.process.kill()
        self.process.wait()
        os.close(self._main)
