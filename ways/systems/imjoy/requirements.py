"""``requirements`` of an ImJoy plugin as steps of a plan, by the type of the plugin."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ways.errors import nearest
from ways.sheets.document import Pointer
from ways.systems.imjoy.files.report import Report
from ways.systems.imjoy.steps import Entry, Refused, Step, check_inside, check_url, checked_words, invalid, words_of

#: Requirements of one plugin, characters of one, and of all of them.
MAX_ENTRIES, MAX_ENTRY, MAX_ALL = 1000, 10_000, 50_000
PREFIXES = ("pip", "conda", "repo", "cmd")
_PIP = ("python", "-m", "pip", "install")


def entries_of(value: Any, pointer: Pointer, report: Report) -> list[Entry]:
    """Return the texts of a list, or of one text; a number is a text, an empty one is dropped."""
    if value is None:
        return []
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        items, places = [value], [pointer]
    elif isinstance(value, (list, tuple)):
        items, places = list(value), [(*pointer, index) for index in range(len(value))]
    else:
        report.tell("requirements-type", f"expected a list of texts, found {value!r:.60}", pointer)
        return []
    found = []
    if len(items) > MAX_ENTRIES:
        report.tell("too-large", f"expected at most {MAX_ENTRIES} requirements, found {len(items)}: the others are left out", pointer)
    total = 0
    for item, place in zip(items[:MAX_ENTRIES], places):
        total += len(item) if isinstance(item, str) else 0
        if total > MAX_ALL:
            report.tell("too-large", f"expected at most {MAX_ALL} characters in all: this and all after it are left out", place)
            break
        if isinstance(item, bool) or not isinstance(item, (str, int, float)):
            report.tell("requirements-type", f"expected a text, found {item!r:.60}", place)
        elif len(str(item)) > MAX_ENTRY:
            report.tell("too-large", f"expected a requirement of at most {MAX_ENTRY} characters", place)
        elif not str(item).strip():
            report.tell("requirement-empty", "an empty requirement installs nothing: it is left out", place, level="warning")
        else:
            found.append(Entry(str(item), place))
    return found


def native_step(entry: Entry, report: Report) -> Step:
    """Return what one requirement of a plugin that runs in an engine asks for.

    It is cut at its first colon; what has none, or a URL before it, is for pip as it stands.
    """
    prefix, colon, rest = entry.text.partition(":")
    kind = prefix.strip()
    try:
        if not colon or "+" in kind or "http" in kind:
            return _pip(entry, entry.text)
        if kind not in PREFIXES:
            close = nearest(kind, PREFIXES)
            help = f"Did you mean '{close}:'?" if close else f"Those that are known: {', '.join(PREFIXES)}."
            raise Refused("requirement-prefix", f"the prefix {kind!r} of {entry.text!r} is not known", help)
        if not rest.strip():
            raise Refused("requirement-empty", f"{entry.text!r} has nothing behind its prefix", "Say what is to be installed.")
        return _BY_PREFIX[kind](entry, rest)
    except Refused as refused:
        return invalid(_KINDS.get(kind, "pip-install"), entry, refused, report)


def _pip(entry: Entry, rest: str) -> Step:
    words = words_of(rest)
    return Step("pip-install", entry.text, entry.path, (*_PIP, *words), needs=("pip",), risk=checked_words(words))


def _conda(entry: Entry, rest: str) -> Step:
    words = [word for word in words_of(rest) if word not in ("-y", "--yes")]
    argv = ("conda", "install", "-y", *words)
    return Step("conda-install", entry.text, entry.path, argv, needs=("conda",), risk=checked_words(words))


def _repo(entry: Entry, rest: str) -> Step:
    url, *more = rest.split()
    check_url(url)
    if len(more) > 1:
        raise Refused("repo-words", f"expected 'repo:URL' or 'repo:URL FOLDER', found {len(more) + 1} words in {entry.text!r}")
    folder = check_inside(more[0]) if more else url.rsplit("/", 1)[-1].removesuffix(".git")
    if not more and folder:
        check_inside(folder)
    if not folder or (more and folder == "."):
        raise Refused("repo-folder", f"{entry.text!r} names no folder to clone into", "Write 'repo:URL FOLDER'.")
    argv = ("git", "clone", "--progress", "--depth=1", url, folder)
    note = "where the folder is there already: git pull --all in it; a failure doesn't stop the plan"
    risk = ("network", "unpinned", "vcs")
    return Step("git-clone", entry.text, entry.path, argv, needs=("git",), risk=risk, note=note, details={"url": url, "folder": folder})


def _cmd(entry: Entry, rest: str) -> Step:
    risk = ("arbitrary-command", "shell-syntax")
    return Step("shell", entry.text, entry.path, shell=" ".join(rest.split()), needs=("shell",), risk=risk)


_BY_PREFIX: Mapping[str, Callable[[Entry, str], Step]] = {"pip": _pip, "conda": _conda, "repo": _repo, "cmd": _cmd}
_KINDS = {"pip": "pip-install", "conda": "conda-install", "repo": "git-clone", "cmd": "shell"}


def browser_steps(entries: Sequence[Entry], report: Report, *, is_worker: bool) -> Iterator[Step]:
    """Yield what the requirements of a plugin that runs in a web page ask for; a browser would load it."""
    for entry in entries:
        kind, url, is_module = browser_kind(entry.text)
        if not kind or (is_worker and entry.text.strip().startswith("mjs:")):
            message = f"nothing is known of {entry.text!r} in a web page: it is ignored"
            help = "Write 'js:', 'css:' or 'cache:' before it, or its whole URL."
            report.tell("requirement-unprocessed", message, entry.pointer, level="warning", help=help)
        elif kind == "load-style" and is_worker:
            refused = Refused("requirement-style", f"a web worker has no styles: {entry.text!r} can't be loaded")
            yield invalid(kind, entry, refused, report)
        else:
            yield _loaded(kind, entry, url, is_module)


def browser_kind(text: str) -> tuple[str, str, bool]:
    """Return the kind of step that a requirement of a web page is, its URL, and whether that is an ES module.

    What ends the URL's path decides, and not what follows a question mark.

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


def _loaded(kind: str, entry: Entry, url: str, is_module: bool) -> Step:
    note = "an ES module" if is_module else ""
    details = {"url": url}
    return Step(kind, entry.text, entry.path, needs=("browser",), risk=("network",), status="not-applicable", note=note, details=details)


def web_python_steps(entries: Sequence[Entry], report: Report) -> Iterator[Step]:
    """Yield what the requirements of a Python plugin in a web page ask for: packages, and what a page would load."""
    for entry in entries:
        kind, url, is_module = browser_kind(entry.text)
        is_package = not kind or (not _has_prefix(entry.text) and _path(url).lower().endswith((".js", ".whl")))
        if is_package:
            name = entry.text.strip().removeprefix("package:").strip()
            if not name:
                refused = Refused("requirement-empty", f"{entry.text!r} has nothing behind its prefix")
                yield invalid("pip-install", entry, refused, report)
                continue
            argv = ("micropip.install", name)
            risk = ("network", *_package_risks(name))
            yield Step("pip-install", entry.text, entry.path, argv, needs=("browser",), risk=risk, status="not-applicable")
        elif _has_prefix(entry.text) or kind == "load-style":
            yield _loaded(kind, entry, url, is_module)
        else:
            message = f"{entry.text!r} is no package, script or style: it is ignored"
            report.tell("requirement-unprocessed", message, entry.pointer, level="warning", help="Write 'js:' before it.")


def _has_prefix(text: str) -> bool:
    return text.strip().startswith(("js:", "css:", "mjs:", "cache:"))


def _package_risks(name: str) -> tuple[str, ...]:
    return ("direct-url",) if "://" in name else () if "==" in name else ("unpinned",)
