"""``env`` and ``cmd`` of an ImJoy plugin as steps of a plan: commands are taken apart here, and never run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.systems.imjoy.files.report import Report
from ways.systems.imjoy.steps import Entry, Refused, Step, check_inside, checked_words, invalid

#: Characters of one command, items of one ``env``, and characters of all of them.
MAX_COMMAND, MAX_ITEMS, MAX_ALL = 10_000, 1000, 50_000
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_ENVIRONMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_PYTHON = re.compile(r"python(?:2|3(?:\.[0-9]+)?)?")
#: What only a shell understands; && and || are understood here too.
_SHELL = frozenset(";|&<>()`$\n*?{}!#~")
_GLOBAL = (("conda", "config"), ("git", "config", "--global"), ("git", "config", "--system"), ("npm", "config"), ("pip", "config"))
_OTHER_TYPES = "gputil, variable, binder"


class Environment(NamedTuple):
    """The steps of ``env``, and the name of the conda environment that is active after them."""

    steps: tuple[Step, ...] = ()
    active: str = ""


def env_steps(value: Any, pointer: Pointer, default_name: str, report: Report) -> Environment:
    """Return what ``env`` asks for: a text, or a list of texts and objects.

    :param default_name: the name of an environment that none is given for.
    """
    if value is None or value == "" or value == []:
        return Environment()
    items = value if isinstance(value, list) else [value]
    steps: list[Step] = []
    active = ""
    if len(items) > MAX_ITEMS:
        report.tell("too-large", f"expected at most {MAX_ITEMS} items, found {len(items)}: the others are left out", pointer)
    total = 0
    for index, item in enumerate(items[:MAX_ITEMS]):
        place = (*pointer, index) if isinstance(value, list) else pointer
        total += len(item) if isinstance(item, str) else 0
        if total > MAX_ALL:
            report.tell("too-large", f"expected at most {MAX_ALL} characters in all: this and all after it are left out", place)
            break
        if isinstance(item, str):
            for step in _command_steps(Entry(item, place), default_name, report):
                active = step.details.get("name", active) if step.kind in ("env-create", "env-file") else active
                steps.append(step)
        elif isinstance(item, dict):
            steps += _object_steps(item, place, report)
        else:
            message = f"expected a command or an object with a type, found {item!r:.60}"
            report.tell("env-type", message, place, help='Write a text such as "conda create -n NAME python=3.7".')
    return Environment(tuple(steps), active)


def _command_steps(entry: Entry, default_name: str, report: Report) -> Iterator[Step]:
    """Yield the steps of one command, or of several with ``&&`` or ``||`` between them."""
    if not entry.text.strip():
        return
    if len(entry.text) > MAX_COMMAND:
        report.tell("too-large", f"expected a command of at most {MAX_COMMAND} characters", entry.pointer)
        return
    pieces = _pieces(entry.text)
    if pieces is None:
        risk = ("arbitrary-command", "shell-syntax")
        note = "only a shell understands it"
        yield Step("env-command", entry.text, entry.path, shell=entry.text.strip(), needs=("shell",), risk=risk, note=note)
        return
    for condition, words in pieces:
        try:
            for step in _of_words(entry, words, default_name):
                details = {**step.details, "after": condition} if condition else step.details
                yield step._replace(details=details)
        except Refused as refused:
            yield invalid("env-create", entry, refused, report)


def _pieces(text: str) -> list[tuple[str, list[str]]] | None:
    """Return the words of each command in *text*, and after what of the one before it runs; ``None`` if a shell must."""
    found: list[tuple[str, list[str]]] = []
    condition = ""
    for piece in re.split(r"(&&|\|\|)", _masked(text)):
        if piece in ("&&", "||"):
            condition = {"&&": "success", "||": "failure"}[piece]
            continue
        if _SHELL & set(_unquoted(piece)):
            return None
        try:
            words = shlex.split(_unmasked(piece))
        except ValueError:
            return None
        if not words:
            return None
        found.append((condition, words))
    return found


#: Stands for an operator inside quotes, so that it splits nothing.
_MASKS = (("&&", "\ue000"), ("||", "\ue001"))


def _masked(text: str) -> str:
    parts = re.split(r"""('[^']*'|"(?:\\.|[^"\\])*")""", text)
    for index in range(1, len(parts), 2):
        for operator, mask in _MASKS:
            parts[index] = parts[index].replace(operator, mask)
    return "".join(parts)


def _unmasked(text: str) -> str:
    for operator, mask in _MASKS:
        text = text.replace(mask, operator)
    return text


def _unquoted(text: str) -> str:
    """Return what stands outside of quotes, and what a shell looks at inside of double ones."""
    without = re.sub(r"'[^']*'", "", text)
    return re.sub(r'"(?:\\.|[^"\\])*"', lambda match: "$" if set("$`") & set(match[0]) else "", without)


def _of_words(entry: Entry, words: Sequence[str], default_name: str) -> Iterator[Step]:
    """Yield the steps of one command.

    :raises Refused: it can't be a step.
    """
    named = words[1:] if words[0] in ("export", "set") and len(words) > 1 else words
    if all(_ASSIGNED.fullmatch(word) for word in named):
        yield from (set_variable(entry, word) for word in named)
    elif list(words[:2]) == ["conda", "create"]:
        yield _create(entry, list(words[2:]), default_name)
    elif list(words[:3]) == ["conda", "env", "create"]:
        yield _from_file(entry, list(words[3:]))
    else:
        yield _free(entry, words)


def set_variable(entry: Entry, word: str) -> Step:
    """Return the step that sets the variable of ``NAME=value``."""
    name, _, value = word.partition("=")
    return Step("set-variable", entry.text, entry.path, details={"name": name, "value": value})


def _create(entry: Entry, words: list[str], default_name: str) -> Step:
    """Return the step that makes an environment: always with a name, and without a question."""
    name, rest = "", []
    waiting = iter(words)
    for word in waiting:
        option, equals, value = word.partition("=")
        if option in ("-n", "--name"):
            name = value if equals else next(waiting, "")
        elif word not in ("-y", "--yes", "-q", "--quiet"):
            rest.append(word)
    name = name or _safe_name(default_name)
    if not _ENVIRONMENT.fullmatch(name):
        raise Refused("env-name", f"{name!r} can't be the name of an environment", "Use letters, digits, '.', '_' and '-'.")
    risk = checked_words(rest)
    packages, channels = _packages(rest)
    python = next((word.partition("=")[2].lstrip("=") for word in packages if re.match(r"python(=|$)", word)), "")
    details = {"name": name, "python": python, "packages": packages, "channels": channels}
    argv = ("conda", "create", "-y", "-n", name, *rest)
    return Step("env-create", entry.text, entry.path, argv, needs=("conda",), risk=risk, details=details)


def _packages(words: Sequence[str]) -> tuple[list[str], list[str]]:
    packages, channels = [], []
    for before, word in zip(("", *words), words):
        if before in ("-c", "--channel"):
            channels.append(word)
        elif word.startswith("--channel="):
            channels.append(word.partition("=")[2])
        elif not word.startswith("-"):
            packages.append(word)
    return packages, channels


def _safe_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", text).lstrip(".") or "plugin"


def _from_file(entry: Entry, words: list[str]) -> Step:
    file, name = "", ""
    waiting = iter(words)
    for word in waiting:
        option, equals, value = word.partition("=")
        if option in ("-f", "--file"):
            file = value if equals else next(waiting, "")
        elif option in ("-n", "--name"):
            name = value if equals else next(waiting, "")
        elif word not in ("-y", "--yes", "-q", "--quiet", "--force"):
            raise Refused("installer-option", f"the word {word!r} is not allowed in {entry.text!r}", "Write 'conda env create -f FILE'.")
    if not file:
        raise Refused("env-file", f"{entry.text!r} names no file", "Write 'conda env create -f FILE'.")
    inside = check_inside(file)
    if name and not _ENVIRONMENT.fullmatch(name):
        raise Refused("env-name", f"{name!r} can't be the name of an environment", "Use letters, digits, '.', '_' and '-'.")
    argv = ("conda", "env", "create", "-f", inside, *(("-n", name) if name else ()))
    note = "" if name else f"the environment has the name that {inside} gives it"
    details = {"file": inside, "name": name or f"the name in {inside}"}
    return Step("env-file", entry.text, entry.path, argv, needs=("conda",), risk=("network",), note=note, details=details)


def _free(entry: Entry, words: Sequence[str]) -> Step:
    risk = ["arbitrary-command"]
    if any(tuple(words[: len(start)]) == start for start in _GLOBAL):
        risk.append("changes-global-config")
    if words[0] == "git" and "clone" in words[:2]:
        risk += ["network", "vcs"]
    tool = words[0] if words[0] in ("conda", "git", "pip") else ""
    return Step("env-command", entry.text, entry.path, tuple(words), needs=(tool,) if tool else (), risk=tuple(risk))


def _object_steps(item: dict[Any, Any], pointer: Pointer, report: Report) -> Iterator[Step]:
    """Yield the steps of an object of ``env``: it chooses a processor, sets variables, or is for others."""
    kind, options = item.get("type"), item.get("options")
    entry = Entry(f"type {kind}", pointer)
    if not isinstance(kind, str) or not kind:
        report.tell("env-type", "expected an object with a type, found none", pointer, help=f"Those that are known: {_OTHER_TYPES}.")
    elif kind == "gputil":
        yield Step("gpu-select", entry.text, entry.path, needs=("gpu",), details={"options": options or {}})
    elif kind == "variable":
        if not isinstance(options, dict):
            report.tell("env-type", "expected the variables under 'options', found none", pointer)
            return
        for name, value in options.items():
            yield set_variable(Entry(entry.text, (*pointer, "options", name)), f"{name}={value}")
    else:
        if kind != "binder":
            message = f"nothing is known of the type {kind!r}: it is left out"
            report.tell("env-object", message, pointer, level="warning", help=f"Those that are known: {_OTHER_TYPES}.")
        yield Step("env-command", entry.text, entry.path, status="not-applicable", note=f"{kind}: not for this program", details=dict(item))


class Start(NamedTuple):
    """How a plugin's process would be started."""

    python: str = "python"
    variables: tuple[tuple[str, str], ...] = ()
    #: The text for a shell, where there is no other way.
    shell: str = ""
    risk: tuple[str, ...] = ()


def start_of(value: Any, pointer: Pointer, report: Report) -> Start:
    """Return what ``cmd`` asks for: variables, and then a Python; anything else is for a shell, and needs its own consent."""
    if value is None or value == "":
        return Start()
    if not isinstance(value, str):
        report.tell("cmd-type", f"expected a text, found {value!r:.60}: 'python' is used", pointer)
        return Start()
    if len(value) > MAX_COMMAND:
        report.tell("too-large", f"expected a command of at most {MAX_COMMAND} characters: 'python' is used", pointer)
        return Start()
    pieces = _pieces(value)
    words = pieces[0][1] if pieces and len(pieces) == 1 else []
    count = next((index for index, word in enumerate(words) if not _ASSIGNED.fullmatch(word)), len(words))
    if len(words) == count + 1 and _PYTHON.fullmatch(words[count]):
        pairs = tuple((name, text) for name, _, text in (word.partition("=") for word in words[:count]))
        return Start(words[count], pairs)
    message = f"{value!r} is no Python: to start it needs a consent of its own"
    report.tell("consent-required", message, pointer, level="warning", help="Write 'python', perhaps with NAME=value before it.")
    return Start("", (), value, ("arbitrary-command", "shell-syntax"))
