"""The install plan of an ImJoy plugin as plain data: its ``requirements``, ``env`` and ``cmd`` as steps in an order. Nothing is run.

The plan is made while the sheet is read, since it is a part of what the sheet says (``data._imjoy.plan``, see
``docs/reference/formats.rst``), and since making it finds what is wrong with the three keys.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.systems.imjoy.files.config import BROWSER_TYPES, ENGINE_TYPES
from ways.systems.imjoy.files.requirements import (
    Instruction,
    Step,
    StepRefused,
    browser_steps,
    check_inside,
    checked_words,
    instructions_of,
    invalid,
    native_step,
    web_python_steps,
)
from ways.systems.shared import Problems

#: ``engine`` is the order of ImJoy's own engine: clones, environments, and then requirements. ``listed`` is that of the file.
ORDERS = ("engine", "listed")
#: Characters of one command, items of one ``env``, and characters of all of them.
MAX_COMMAND, MAX_ITEMS, MAX_ALL = 10_000, 1000, 50_000
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_ENVIRONMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_PYTHON = re.compile(r"python(?:2|3(?:\.[0-9]+)?)?")
#: Characters that only a shell understands. ``&&`` and ``||`` are understood here too.
_SHELL = frozenset(";|&<>()`$\n*?{}!#~")
#: Stands for an operator inside quotes, so that the text isn't split there.
_MASKS = (("&&", "\ue000"), ("||", "\ue001"))
#: The beginnings of commands that change settings outside of the plugin.
_GLOBAL = (("conda", "config"), ("git", "config", "--global"), ("git", "config", "--system"), ("npm", "config"), ("pip", "config"))
#: A command that is neither conda's nor sets a variable.
_OTHER_COMMAND = re.compile(r"(?:^|&&|[;|])\s*(?!conda\b|export\b|set\b|[A-Za-z_]\w*=)[^\s;&|]")
_OBJECT_TYPES = "gputil, variable, binder"
#: Steps that happen in the active environment.
_IN_ENVIRONMENT = frozenset({"pip-install", "conda-install", "shell"})
_NOTE = "ImJoy's engine would install its own worker last; that is no step here"


#: Returns the name that a file gives its environment: ``""`` if it gives none, ``None`` if there is no such file. Arguments are the
#: path below the workspace, and the URL of the clone that its first folder is; ``""`` if that is none.
EnvironmentNames = Callable[[str, str], "str | None"]


class EnvironmentFiles(NamedTuple):
    """What can be known of the files of environments before a plan is carried out."""

    names: EnvironmentNames | None
    #: The folder of each clone of the plan, and its URL.
    clones: Mapping[str, str]
    #: Whether a command of the plan could bring further files.
    is_open: bool

    def name_in(self, file: str) -> str | None:
        """Return the name that *file* gives its environment, ``""`` or ``None`` as above, ``"?"`` if only its installation shows it."""
        if self.names is None:
            return "?"
        url = self.clones.get(file.partition("/")[0], "")
        name = self.names(file, url)
        return "?" if name is None and (url or self.is_open) else name


def plan_of(
    config: Mapping[str, Any],
    problems: Problems,
    *,
    tag: str = "",
    order: str = "engine",
    pointers: Mapping[str, Pointer] | None = None,
    environment_names: EnvironmentNames | None = None,
) -> dict[str, Any]:
    """Return the plan of a configuration in which a tag was chosen already.

    :param order: one of ``ORDERS``.
    :param pointers: where the values of keys stand, for keys whose value doesn't stand under the key itself.
    :param environment_names: reads the files of environments that are there already.
    """
    places = pointers or {}
    kind = config.get("type")
    instructions = instructions_of(config.get("requirements"), places.get("requirements", ("requirements",)), problems)
    if kind == "collection":
        return _as_data((), order)
    if isinstance(kind, str) and (host := BROWSER_TYPES.get(kind)):
        if host == "python":
            return _as_data(web_python_steps(instructions, problems), order)
        return _as_data(browser_steps(instructions, problems, is_worker=host == "worker"), order)
    name = f"{config.get('name')}-{tag}" if tag else str(config.get("name"))
    required = [native_step(instruction, problems) for instruction in instructions]
    clones = {step.details["folder"]: step.details["url"] for step in required if step.kind == "git-clone" and step.details}
    texts = [str(item) for item in (config["env"] if isinstance(config.get("env"), list) else [config.get("env")])]
    is_open = any(step.kind == "shell" for step in required) or any(map(_OTHER_COMMAND.search, texts))
    files = EnvironmentFiles(environment_names, clones, is_open)
    made, active = _environment(config.get("env"), places.get("env", ("env",)), name.replace(" ", "_"), files, problems)
    start, assignments = _start(config.get("cmd"), problems)
    required = [
        step._replace(environment=active) if step.kind in _IN_ENVIRONMENT and step.status != "invalid" else step for step in required
    ]
    steps = [*made, *required]
    if order == "engine":
        steps.sort(key=lambda step: step.kind != "git-clone")
    command = Instruction(str(config.get("cmd")), ("cmd",))
    steps += [_variable_step(command, assignment) for assignment in assignments]
    if kind not in ENGINE_TYPES:
        steps = [step if step.status == "invalid" else step._replace(status="not-applicable") for step in steps]
    return _as_data(steps, order, start)


def _as_data(steps: Iterable[Step], order: str, start: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a plan as plain data.

    :param start: how the process of an engine's plugin would be started; ``None`` for other plugins.
    """
    listed = [step._replace(cwd=".") if start and (step.argv or step.shell) else step for step in steps]
    plan: dict[str, Any] = {"order": order, "steps": [step.as_dict(number) for number, step in enumerate(listed, 1)]}
    if start:
        plan |= {"start": start, "note": _NOTE}
    plan["digest"] = digest_of(plan)
    plan["lines"] = [f"{number}. {step.text}" for number, step in enumerate(listed, 1)]
    if start and start["shell"]:
        plan["lines"].append(f"start: {start['shell']} [{', '.join(start['risk'])}]")
    return plan


def digest_of(plan: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a plan's order, steps and start, by which a user approves exactly this plan."""
    text = json.dumps([plan["order"], plan["steps"], plan.get("start")], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def known_names(plan: Mapping[str, Any]) -> EnvironmentNames:
    """Return a function for :func:`plan_of` that knows the environments' files which were there when a plan was made."""
    details = [step["details"] for step in plan["steps"] if step["kind"] == "env-file" and step["details"]]
    names = {item["file"]: None if item["name"] == _name_in_text(item["file"]) else item["name"] for item in details}
    return lambda file, url: names.get(file)


def _environment(
    value: Any, pointer: Pointer, default_name: str, files: EnvironmentFiles, problems: Problems
) -> tuple[list[Step], str]:
    """Return the steps of ``env``, a text or a list of texts and objects, and the name of the environment active after them.

    :param default_name: the name of an environment for which the file gives none.
    """
    if value is None or value == "" or value == []:
        return [], ""
    items = value if isinstance(value, list) else [value]
    steps: list[Step] = []
    active = ""
    if len(items) > MAX_ITEMS:
        problems.add("too-large", f"expected at most {MAX_ITEMS} items, found {len(items)}: the others are left out", pointer)
    total = 0
    for index, item in enumerate(items[:MAX_ITEMS]):
        place = (*pointer, index) if isinstance(value, list) else pointer
        total += len(item) if isinstance(item, str) else 0
        if total > MAX_ALL:
            problems.add("too-large", f"expected at most {MAX_ALL} characters in all: this and all after it are left out", place)
            break
        if isinstance(item, str):
            for step in _command_steps(Instruction(item, place), default_name, files, problems):
                is_made = step.kind in ("env-create", "env-file") and step.status != "invalid"
                active = step.details.get("name", active) if is_made else active
                steps.append(step)
        elif isinstance(item, dict):
            steps += _object_steps(item, place, problems)
        else:
            message = f"expected a command or an object with a type, found {item!r:.60}"
            problems.add("env-type", message, place, help='Write a text such as "conda create -n NAME python=3.7".')
    return steps, active


def _object_steps(item: dict[Any, Any], pointer: Pointer, problems: Problems) -> Iterator[Step]:
    """Yield the steps of an object of ``env``: it chooses a processor, sets variables, or is for another program."""
    kind, options = item.get("type"), item.get("options")
    text = f"type {kind}"
    path = Instruction(text, pointer).path
    if not isinstance(kind, str) or not kind:
        problems.add("env-type", "expected an object with a type, found none", pointer, help=f"Those that are known: {_OBJECT_TYPES}.")
    elif kind == "gputil":
        yield Step("gpu-select", text, path, needs=("gpu",), details={"options": options or {}})
    elif kind == "variable":
        if not isinstance(options, dict):
            problems.add("env-type", "expected the variables under 'options', found none", pointer)
            return
        for name, value in options.items():
            yield _variable_step(Instruction(text, (*pointer, "options", name)), f"{name}={value}")
    else:
        if kind != "binder":
            message = f"nothing is known of the type {kind!r}: it is left out"
            problems.add("env-object", message, pointer, level="warning", help=f"Those that are known: {_OBJECT_TYPES}.")
        yield Step("env-command", text, path, status="not-applicable", note=f"{kind}: not for this program", details=dict(item))


def _command_steps(instruction: Instruction, default_name: str, files: EnvironmentFiles, problems: Problems) -> Iterator[Step]:
    """Yield the steps of one command, or of several with ``&&`` or ``||`` between them."""
    text = instruction.text
    if not text.strip():
        return
    if len(text) > MAX_COMMAND:
        problems.add("too-large", f"expected a command of at most {MAX_COMMAND} characters", instruction.pointer)
        return
    commands = _commands(text)
    if commands is None:
        risk, note = ("arbitrary-command", "shell-syntax"), "only a shell understands it"
        yield Step("env-command", text, instruction.path, shell=text.strip(), needs=("shell",), risk=risk, note=note)
        return
    for condition, words in commands:
        try:
            for step in _steps_of_words(instruction, words, default_name, files, problems):
                yield step._replace(details={**step.details, "after": condition}) if condition else step
        except StepRefused as refused:
            yield invalid("env-create", instruction, refused, problems)


def _commands(text: str) -> list[tuple[str, list[str]]] | None:
    """Return the words of each command, and the outcome of the one before it on which it runs; ``None`` if a shell must read it."""
    parts = re.split(r"""('[^']*'|"(?:\\.|[^"\\])*")""", text)
    for index in range(1, len(parts), 2):
        for operator, mask in _MASKS:
            parts[index] = parts[index].replace(operator, mask)
    commands: list[tuple[str, list[str]]] = []
    condition = ""
    for piece in re.split(r"(&&|\|\|)", "".join(parts)):
        if piece in ("&&", "||"):
            condition = {"&&": "success", "||": "failure"}[piece]
            continue
        # The text outside of quotes, and a '$' for each double-quoted text in which a shell would replace something.
        unquoted = re.sub(r"'[^']*'", "", piece)
        unquoted = re.sub(r'"(?:\\.|[^"\\])*"', lambda match: "$" if set("$`") & set(match[0]) else "", unquoted)
        if _SHELL & set(unquoted):
            return None
        for operator, mask in _MASKS:
            piece = piece.replace(mask, operator)
        try:
            words = shlex.split(piece)
        except ValueError:
            return None
        if not words:
            return None
        commands.append((condition, words))
    return commands


def _steps_of_words(
    instruction: Instruction, words: Sequence[str], default_name: str, files: EnvironmentFiles, problems: Problems
) -> Iterator[Step]:
    """Yield the steps of one command.

    :raises StepRefused: the command makes an environment, and can't be a step.
    """
    assignments = words[1:] if words[0] in ("export", "set") and len(words) > 1 else words
    if all(_ASSIGNMENT.fullmatch(word) for word in assignments):
        yield from (_variable_step(instruction, word) for word in assignments)
    elif list(words[:2]) == ["conda", "create"]:
        yield _create_step(instruction, list(words[2:]), default_name)
    elif list(words[:3]) == ["conda", "env", "create"]:
        yield _file_step(instruction, list(words[3:]), files, problems)
    else:
        # A command that isn't understood would run as it is written.
        risk = ["arbitrary-command"]
        if any(tuple(words[: len(start)]) == start for start in _GLOBAL):
            risk.append("changes-global-config")
        if words[0] == "git" and "clone" in words[:2]:
            risk += ["network", "vcs"]
        needs = (words[0],) if words[0] in ("conda", "git", "pip") else ()
        yield Step("env-command", instruction.text, instruction.path, tuple(words), needs=needs, risk=tuple(risk))


def _variable_step(instruction: Instruction, assignment: str) -> Step:
    """Return the step that sets the variable of ``NAME=value``."""
    name, _, value = assignment.partition("=")
    return Step("set-variable", instruction.text, instruction.path, details={"name": name, "value": value})


def _create_step(instruction: Instruction, words: list[str], default_name: str) -> Step:
    """Return the step that makes an environment: always with a name, and without a question."""
    name, rest = "", []
    waiting = iter(words)
    for word in waiting:
        option, equals, value = word.partition("=")
        if option in ("-n", "--name"):
            name = value if equals else next(waiting, "")
        elif word not in ("-y", "--yes", "-q", "--quiet"):
            rest.append(word)
    name = name or re.sub(r"[^A-Za-z0-9._-]", "_", default_name).lstrip(".") or "plugin"
    _check_environment_name(name)
    risk = checked_words(rest)
    packages, channels = [], []
    for before, word in zip(("", *rest), rest):
        if before in ("-c", "--channel"):
            channels.append(word)
        elif word.startswith("--channel="):
            channels.append(word.partition("=")[2])
        elif not word.startswith("-"):
            packages.append(word)
    python = next((word.partition("=")[2].lstrip("=") for word in packages if re.match(r"python(=|$)", word)), "")
    details = {"name": name, "python": python, "packages": packages, "channels": channels}
    argv = ("conda", "create", "-y", "-n", name, *rest)
    return Step("env-create", instruction.text, instruction.path, argv, needs=("conda",), risk=risk, details=details)


def _check_environment_name(name: str) -> None:
    if not _ENVIRONMENT.fullmatch(name):
        raise StepRefused("env-name", f"{name!r} can't be the name of an environment", "Use letters, digits, '.', '_' and '-'.")


def _name_in_text(file: str) -> str:
    """Return what stands for the name of an environment that isn't known yet."""
    return f"the name in {file}"


def _file_step(instruction: Instruction, words: list[str], files: EnvironmentFiles, problems: Problems) -> Step:
    """Return the step that makes an environment as a file describes it; report a file that is missing, or gives no name.

    :raises StepRefused: the command can't be a step.
    """
    file, name = "", ""
    waiting = iter(words)
    for word in waiting:
        option, equals, value = word.partition("=")
        if option in ("-f", "--file"):
            file = value if equals else next(waiting, "")
        elif option in ("-n", "--name"):
            name = value if equals else next(waiting, "")
        elif word not in ("-y", "--yes", "-q", "--quiet", "--force"):
            message = f"the word {word!r} is not allowed in {instruction.text!r}"
            raise StepRefused("installer-option", message, "Write 'conda env create -f FILE'.")
    if not file:
        raise StepRefused("env-file", f"{instruction.text!r} names no file", "Write 'conda env create -f FILE'.")
    inside = check_inside(file)
    if name:
        _check_environment_name(name)
    argv = ("conda", "env", "create", "-f", inside, *(("-n", name) if name else ()))
    given = files.name_in(inside)
    if given is None:
        message, help = f"no file {inside!r} is beside the plugin, and no requirement brings it", "Write 'repo:URL' as a requirement."
        problems.add("env-file", message, instruction.pointer, level="warning", help=help)
    elif not name and given != "?":
        if not _ENVIRONMENT.fullmatch(given):
            found = f"{given!r}, which can't be one" if given else "none"
            help = f"Write 'name: NAME' into it, or 'conda env create -n NAME -f {inside}'."
            refused = StepRefused("env-file", f"expected the name of an environment in {inside!r}, found {found}", help)
            return invalid("env-file", instruction, refused, problems)._replace(details={"file": inside, "name": given})
        name = given
    note = "" if name else f"the environment has the name that {inside} gives it"
    details = {"file": inside, "name": name or _name_in_text(inside)}
    return Step("env-file", instruction.text, instruction.path, argv, needs=("conda",), risk=("network",), note=note, details=details)


def _start(value: Any, problems: Problems) -> tuple[dict[str, Any], list[str]]:
    """Return what ``cmd`` asks for, and its assignments of variables in order: these, and then a Python.

    Any other text is for a shell: a user has to consent to it besides the plan.
    """
    start = {"python": "python", "variables": {}, "shell": "", "risk": []}
    if value is None or value == "":
        return start, []
    if not isinstance(value, str):
        problems.add("cmd-type", f"expected a text, found {value!r:.60}: 'python' is used", ("cmd",))
        return start, []
    if len(value) > MAX_COMMAND:
        problems.add("too-large", f"expected a command of at most {MAX_COMMAND} characters: 'python' is used", ("cmd",))
        return start, []
    commands = _commands(value)
    words = commands[0][1] if commands and len(commands) == 1 else []
    count = next((index for index, word in enumerate(words) if not _ASSIGNMENT.fullmatch(word)), len(words))
    if len(words) == count + 1 and _PYTHON.fullmatch(words[count]):
        variables = dict(word.split("=", 1) for word in words[:count])
        return {**start, "python": words[count], "variables": variables}, words[:count]
    message = f"{value!r} is no Python: to start it needs a consent of its own"
    problems.add("consent-required", message, ("cmd",), level="warning", help="Write 'python', perhaps with NAME=value before it.")
    return {**start, "python": "", "shell": value, "risk": ["arbitrary-command", "shell-syntax"]}, []
