"""The steps of an ImJoy install plan, and the ``requirements`` of a plugin read as steps. Nothing is run or fetched."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ways.errors import nearest
from ways.sheets.document import Pointer, pointer_text
from ways.systems.shared import Problems

#: Requirements of one plugin, characters of one, and characters of all of them.
MAX_ENTRIES, MAX_ENTRY, MAX_ALL = 1000, 10_000, 50_000
#: What may stand before the colon of a requirement of an engine's plugin.
PREFIXES = ("pip", "conda", "repo", "cmd")
#: Options of an installer that a plugin may give. Any other could change where packages come from.
ALLOWED_OPTIONS = ("-U", "--upgrade", "-c", "--channel", "--no-deps", "--pre", "-e", "-r", "--force-reinstall", "-y", "--yes")
#: Options that take a file or a folder.
_PATH_OPTIONS = frozenset({"-e", "-r"})
#: Options that take the next word, which is then no package.
_TAKES_A_WORD = frozenset({"-c", "--channel", "-e", "-r"})
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PINNED = re.compile(r"={1,3}|@[^@/]+$|@\s*\S+://")
_PIP, _CONDA = ("python", "-m", "pip", "install"), ("conda", "install", "-y")
#: The kind of step of each prefix.
_KINDS = {"pip": "pip-install", "conda": "conda-install", "repo": "git-clone", "cmd": "shell"}


class Step(NamedTuple):
    """One step of a plan: what would be done if the plan were carried out."""

    kind: str
    #: The text that asks for the step, and its key: ``requirements[1]``.
    entry: str = ""
    path: str = ""
    argv: tuple[str, ...] = ()
    #: The text for a shell, where only a shell understands it.
    shell: str = ""
    cwd: str = ""
    #: The conda environment that is active during the step.
    environment: str = ""
    needs: tuple[str, ...] = ()
    risk: tuple[str, ...] = ()
    status: str = "planned"
    note: str = ""
    #: Further facts by name, such as ``folder``, ``name`` or ``url``.
    details: Mapping[str, Any] = {}

    def as_dict(self, number: int) -> dict[str, Any]:
        """Return the step as plain data.

        :param number: its place in the plan, counted from 1.
        """
        data = self._asdict()
        source = {"entry": data.pop("entry"), "path": data.pop("path")}
        lists = {key: list(data[key]) for key in ("argv", "needs")}
        risk, details = sorted(set(self.risk)), dict(self.details)
        return {"id": number, "text": self.text, "source": source, **data, **lists, "risk": risk, "details": details}

    @property
    def text(self) -> str:
        """The step in one line."""
        details = ", ".join(f"{key}={value}" for key, value in self.details.items())
        action = self.shell or shlex.join(self.argv) or details or self.entry
        marks = ", ".join([*sorted(set(self.risk)), *([] if self.status == "planned" else [self.status])])
        place = f" in {self.environment}" if self.environment else ""
        return f"{self.kind}: {action}{place}{f' [{marks}]' if marks else ''}"


class Instruction(NamedTuple):
    """A text of ``requirements``, ``env`` or ``cmd``, and where it stands."""

    text: str
    pointer: Pointer

    @property
    def path(self) -> str:
        """The key as people write it: ``requirements[1]``."""
        return pointer_text(self.pointer)


class StepRefused(Exception):
    """The reason why an instruction can't become a step."""

    def __init__(self, code: str, message: str, help: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.help = help


def invalid(kind: str, instruction: Instruction, refused: StepRefused, problems: Problems) -> Step:
    """Return an invalid step for an instruction that was refused, and report why."""
    problems.add(refused.code, str(refused), instruction.pointer, help=refused.help)
    return Step(kind, instruction.text, instruction.path, status="invalid", note=str(refused))


def instructions_of(value: Any, pointer: Pointer, problems: Problems) -> list[Instruction]:
    """Return the texts of ``requirements``: of a list, or of one text. A number counts as a text; an empty text is left out."""
    if value is None:
        return []
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        items, places = [value], [pointer]
    elif isinstance(value, (list, tuple)):
        items, places = list(value), [(*pointer, index) for index in range(len(value))]
    else:
        problems.add("requirements-type", f"expected a list of texts, found {value!r:.60}", pointer)
        return []
    if len(items) > MAX_ENTRIES:
        problems.add("too-large", f"expected at most {MAX_ENTRIES} requirements, found {len(items)}: the others are left out", pointer)
    instructions = []
    total = 0
    for item, place in zip(items[:MAX_ENTRIES], places):
        total += len(item) if isinstance(item, str) else 0
        if total > MAX_ALL:
            problems.add("too-large", f"expected at most {MAX_ALL} characters in all: this and all after it are left out", place)
            break
        if isinstance(item, bool) or not isinstance(item, (str, int, float)):
            problems.add("requirements-type", f"expected a text, found {item!r:.60}", place)
        elif len(str(item)) > MAX_ENTRY:
            problems.add("too-large", f"expected a requirement of at most {MAX_ENTRY} characters", place)
        elif not str(item).strip():
            problems.add("requirement-empty", "an empty requirement installs nothing: it is left out", place, level="warning")
        else:
            instructions.append(Instruction(str(item), place))
    return instructions


def native_step(instruction: Instruction, problems: Problems) -> Step:
    """Return the step that a requirement asks for, in a plugin that runs in an engine.

    The text is cut at its first colon. Without a prefix, or with a URL before the colon, the whole text is for pip.
    """
    prefix, colon, rest = instruction.text.partition(":")
    kind = prefix.strip()
    try:
        if not colon or "+" in kind or "http" in kind:
            kind, rest = "pip", instruction.text
        if kind not in PREFIXES:
            close = nearest(kind, PREFIXES)
            help = f"Did you mean '{close}:'?" if close else f"Those that are known: {', '.join(PREFIXES)}."
            raise StepRefused("requirement-prefix", f"the prefix {kind!r} of {instruction.text!r} is not known", help)
        if not rest.strip():
            raise StepRefused("requirement-empty", f"{instruction.text!r} has nothing behind its prefix", "Say what is to be installed.")
        if kind == "repo":
            return _clone(instruction, rest)
        if kind == "cmd":
            risk: tuple[str, ...] = ("arbitrary-command", "shell-syntax")
            shell = " ".join(rest.split())
            return Step("shell", instruction.text, instruction.path, shell=shell, needs=("shell",), risk=risk)
        words = words_of(rest)
        if kind == "conda":
            words = [word for word in words if word not in ("-y", "--yes")]
        argv = (*(_CONDA if kind == "conda" else _PIP), *words)
        return Step(_KINDS[kind], instruction.text, instruction.path, argv, needs=(kind,), risk=checked_words(words))
    except StepRefused as refused:
        return invalid(_KINDS.get(kind, "pip-install"), instruction, refused, problems)


def _clone(instruction: Instruction, rest: str) -> Step:
    url, *more = rest.split()
    check_url(url)
    if len(more) > 1:
        message = f"expected 'repo:URL' or 'repo:URL FOLDER', found {len(more) + 1} words in {instruction.text!r}"
        raise StepRefused("repo-words", message)
    folder = check_inside(more[0]) if more else url.rsplit("/", 1)[-1].removesuffix(".git")
    if not more and folder:
        check_inside(folder)
    if ".git" in folder.lower().split("/"):
        message = f"{folder!r} is a folder of git itself: what is in it, git may run"
        raise StepRefused("path-escape", message, "Write another folder.")
    if not folder or (more and folder == "."):
        raise StepRefused("repo-folder", f"{instruction.text!r} names no folder to clone into", "Write 'repo:URL FOLDER'.")
    argv = ("git", "clone", "--progress", "--depth=1", url, folder)
    note = "where the folder is there already, it is brought up to date"
    risk = ("network", "unpinned", "vcs")
    details = {"url": url, "folder": folder}
    return Step("git-clone", instruction.text, instruction.path, argv, needs=("git",), risk=risk, note=note, details=details)


def browser_steps(instructions: Sequence[Instruction], problems: Problems, *, is_worker: bool) -> Iterator[Step]:
    """Yield the steps that requirements ask for in a plugin that runs in a web page. A browser would load them."""
    for instruction in instructions:
        kind, url, is_module = browser_kind(instruction.text)
        if not kind or (is_worker and instruction.text.strip().startswith("mjs:")):
            message = f"nothing is known of {instruction.text!r} in a web page: it is ignored"
            help = "Write 'js:', 'css:' or 'cache:' before it, or its whole URL."
            problems.add("requirement-unprocessed", message, instruction.pointer, level="warning", help=help)
        elif kind == "load-style" and is_worker:
            refused = StepRefused("requirement-style", f"a web worker has no styles: {instruction.text!r} can't be loaded")
            yield invalid(kind, instruction, refused, problems)
        else:
            yield _load(kind, instruction, url, is_module)


def browser_kind(text: str) -> tuple[str, str, bool]:
    """Return the kind of step that a requirement of a web page is, its URL, and whether that is an ES module.

    The ending of the URL's path decides, not what follows a question mark.

    >>> browser_kind("https://h/a.css?v=2"), browser_kind("mjs:https://h/a")
    (('load-style', 'https://h/a.css?v=2', False), ('load-script', 'https://h/a', True))
    """
    text = text.strip()
    prefix, colon, rest = text.partition(":")
    if colon and prefix in _LOADED:
        return _LOADED[prefix], rest.strip(), prefix == "mjs"
    dot, ending = _path(text).lower().rpartition(".")[1:]
    if dot and ending in _LOADED and ending != "cache":
        return _LOADED[ending], text, ending == "mjs"
    return ("load-script" if text.startswith("http") else ""), text, False


#: Prefix, or ending of a URL's path, to what a page does with it.
_LOADED = {"css": "load-style", "mjs": "load-script", "js": "load-script", "cache": "cache"}


def _path(text: str) -> str:
    try:
        return urlsplit(text).path
    except ValueError:
        return text


def _load(kind: str, instruction: Instruction, url: str, is_module: bool) -> Step:
    step = Step(kind, instruction.text, instruction.path, needs=("browser",), risk=("network",), status="not-applicable")
    return step._replace(note="an ES module" if is_module else "", details={"url": url})


def web_python_steps(instructions: Sequence[Instruction], problems: Problems) -> Iterator[Step]:
    """Yield the steps that requirements ask for in a Python plugin of a web page: packages, scripts and styles."""
    for instruction in instructions:
        text = instruction.text
        kind, url, is_module = browser_kind(text)
        has_prefix = text.strip().startswith(("js:", "css:", "mjs:", "cache:"))
        if not kind or (not has_prefix and _path(url).lower().endswith((".js", ".whl"))):
            name = text.strip().removeprefix("package:").strip()
            if not name:
                refused = StepRefused("requirement-empty", f"{text!r} has nothing behind its prefix")
                yield invalid("pip-install", instruction, refused, problems)
                continue
            argv = ("micropip.install", name)
            risk = ("network", *(("direct-url",) if "://" in name else () if "==" in name else ("unpinned",)))
            yield Step("pip-install", text, instruction.path, argv, needs=("browser",), risk=risk, status="not-applicable")
        elif has_prefix or kind == "load-style":
            yield _load(kind, instruction, url, is_module)
        else:
            message = f"{text!r} is no package, script or style: it is ignored"
            problems.add("requirement-unprocessed", message, instruction.pointer, level="warning", help="Write 'js:' before it.")


def words_of(text: str) -> list[str]:
    """Return the words of an installer's command. A requirement with a marker, or with a URL after ``@``, is one word.

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

    :raises StepRefused: a word is an option that isn't allowed, a path out of the workspace, or a URL that runs something.
    """
    risks = ["network"]
    for before, word in zip(("", *words), words):
        if word.startswith("-"):
            option, equals, value = word.partition("=")
            if option not in ALLOWED_OPTIONS:
                allowed = ", ".join(ALLOWED_OPTIONS)
                raise StepRefused("installer-option", f"the option {word!r} is not allowed", f"Those that are: {allowed}.")
            risks.append("installer-option")
            if equals and option in _PATH_OPTIONS:
                check_inside(value)
            continue
        check_url(word)
        if before in _PATH_OPTIONS or _is_path(word):
            check_inside(word)
        if before not in _TAKES_A_WORD or before == "-e":
            if url := _URL.search(word):
                risks.append("vcs" if "+" in url[0] else "direct-url")
            if not _PINNED.search(word.split(";")[0].split("#")[0]) and not _is_path(word):
                risks.append("unpinned")
    return tuple(dict.fromkeys(risks))


def _is_path(word: str) -> bool:
    return word.startswith((".", "/", "~", "\\")) or bool(re.match(r"[A-Za-z]:[\\/]", word)) or ".." in re.split(r"[/\\]", word)


def check_url(word: str) -> None:
    """Check that git would neither run a URL as a command nor take it for an option.

    :raises StepRefused: git would.
    """
    if word.startswith("-") or re.search(r"(?:^|[@+])ext::", word, re.IGNORECASE):
        raise StepRefused("unsafe-url", f"{word!r} is no place that may be fetched from", "Write an https URL.")


def check_inside(path: str) -> str:
    """Return a path of the workspace, with slashes between its parts. A URL comes back as it is.

    :raises StepRefused: the path leaves the workspace, or isn't a path on every platform.
    """
    if _URL.search(path):
        return path
    plain = path.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    leaves = plain.startswith(("/", "~")) or ".." in parts or bool(re.match(r"[A-Za-z]:", plain))
    if leaves or "\0" in plain or any(_DEVICES.match(part) for part in parts):
        raise StepRefused("path-escape", f"{path!r} leaves the workspace", "Write a path below the workspace.")
    return "/".join(parts)
