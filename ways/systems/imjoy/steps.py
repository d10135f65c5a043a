"""One step of an ImJoy install plan, and the words of a command that may stand in one. Nothing here runs anything."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Pointer, pointer_text
from ways.systems.imjoy.files.report import Report

#: Options of an installer that a plugin may give; any other could change where packages come from.
ALLOWED_OPTIONS = ("-U", "--upgrade", "-c", "--channel", "--no-deps", "--pre", "-e", "-r", "--force-reinstall", "-y", "--yes")
#: Those that name a file or folder.
_PATH_OPTIONS = frozenset({"-e", "-r"})
#: Those that take the next word, which is no package.
_TAKES_A_WORD = frozenset({"-c", "--channel", "-e", "-r"})
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PINNED = re.compile(r"={1,3}|@[^@/]+$|@\s*\S+://")


class Step(NamedTuple):
    """What would be done, if the plan were carried out."""

    kind: str
    #: The text that asks for it, and its key: ``requirements[1]``.
    entry: str = ""
    path: str = ""
    argv: tuple[str, ...] = ()
    #: The text for a shell, where there is no other way.
    shell: str = ""
    cwd: str = ""
    #: The conda environment that is active.
    environment: str = ""
    needs: tuple[str, ...] = ()
    risk: tuple[str, ...] = ()
    status: str = "planned"
    note: str = ""
    #: What else is known: a folder, a variable, a URL.
    details: Mapping[str, Any] = {}

    def as_dict(self, number: int) -> dict[str, Any]:
        """Return the step as plain data; it is the *number*-th of its plan."""
        told = self._asdict()
        source = {"entry": told.pop("entry"), "path": told.pop("path")}
        lists = {key: list(told[key]) for key in ("argv", "needs")}
        return {"id": number, "source": source, **told, **lists, "risk": sorted(set(self.risk)), "details": dict(self.details)}

    @property
    def text(self) -> str:
        """The step in one line."""
        details = ", ".join(f"{key}={value}" for key, value in self.details.items())
        done = self.shell or shlex.join(self.argv) or details or self.entry
        marks = ", ".join([*sorted(set(self.risk)), *([] if self.status == "planned" else [self.status])])
        place = f" in {self.environment}" if self.environment else ""
        return f"{self.kind}: {done}{place}{f' [{marks}]' if marks else ''}"


class Entry(NamedTuple):
    """A text of ``requirements`` or ``env``, and where it stands."""

    text: str
    pointer: Pointer

    @property
    def path(self) -> str:
        """The key as people write it."""
        return pointer_text(self.pointer)


class Refused(Exception):
    """A step that can't be, and why."""

    def __init__(self, code: str, message: str, help: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.help = help


def invalid(kind: str, entry: Entry, refused: Refused, report: Report) -> Step:
    """Return the step that stands for one that can't be, and tell why."""
    report.tell(refused.code, str(refused), entry.pointer, help=refused.help)
    return Step(kind, entry.text, entry.path, status="invalid", note=str(refused))


def words_of(text: str) -> list[str]:
    """Return the words of an installer's command; a requirement with a marker or a URL after ``@`` is one word.

    >>> words_of('numpy; python_version<"3"'), words_of("-U  a b==1")
    (['numpy; python_version<"3"'], ['-U', 'a', 'b==1'])
    """
    text = text.strip()
    if ";" in text or " @ " in text:
        return [text]
    if "'" in text or '"' in text:
        try:
            return shlex.split(text)
        except ValueError:
            return text.split()
    return text.split()


def checked_words(words: Sequence[str]) -> tuple[str, ...]:
    """Return the risks of the words of an installer's command.

    :raises Refused: an option that isn't allowed, a path that leaves the workspace, or a URL that runs something.
    """
    risks = ["network"]
    for before, word in zip(("", *words), words):
        if word.startswith("-"):
            option, equals, value = word.partition("=")
            if option not in ALLOWED_OPTIONS:
                allowed = ", ".join(ALLOWED_OPTIONS)
                raise Refused("installer-option", f"the option {word!r} is not allowed", f"Those that are: {allowed}.")
            risks.append("installer-option")
            if equals and option in _PATH_OPTIONS:
                check_inside(value)
            continue
        check_url(word)
        if before in _PATH_OPTIONS or _is_path(word):
            check_inside(word)
        if before not in _TAKES_A_WORD or before == "-e":
            risks += _word_risks(word)
    return tuple(dict.fromkeys(risks))


def _word_risks(word: str) -> Iterable[str]:
    url = _URL.search(word)
    if url and "+" in url[0]:
        yield "vcs"
    elif url:
        yield "direct-url"
    if not _PINNED.search(word.split(";")[0].split("#")[0]) and not _is_path(word):
        yield "unpinned"


def _is_path(word: str) -> bool:
    return word.startswith((".", "/", "~", "\\")) or bool(re.match(r"[A-Za-z]:[\\/]", word)) or ".." in re.split(r"[/\\]", word)


def check_url(word: str) -> None:
    """Refuse a URL that git would run as a command or take for an option.

    :raises Refused: it is one.
    """
    if word.startswith("-") or re.search(r"(?:^|[@+])ext::", word, re.IGNORECASE):
        raise Refused("unsafe-url", f"{word!r} is no place that may be fetched from", "Write an https URL.")


def check_inside(path: str) -> str:
    """Return a path of the workspace, with slashes between its parts.

    :raises Refused: it leaves the workspace, or can't be a path on every platform.
    """
    if _URL.search(path):
        return path
    plain = path.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    leaves = plain.startswith(("/", "~")) or ".." in parts or bool(re.match(r"[A-Za-z]:", plain))
    if leaves or "\0" in plain or any(_DEVICES.match(part) for part in parts):
        raise Refused("path-escape", f"{path!r} leaves the workspace", "Write a path below the workspace.")
    return "/".join(parts)
