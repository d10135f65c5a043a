"""The Python scripts of an ImJoy plugin: whether Python can read them, told at the line of the plugin's file. None is run."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Position
from ways.systems.imjoy.files.blocks import Block
from ways.systems.imjoy.files.config import BROWSER_TYPES, ENGINE_TYPES
from ways.systems.shared import BadCode, Problems, parse_python

#: Characters of a script that is looked at.
MAX_SCRIPT = 1 << 20
#: From this minor version of Python 3 on, ``async`` and ``await`` are no names. Its other versions add to what it reads.
_NEW_KEYWORDS, _KEYWORDS = 7, re.compile(r"\b(?:async|await)\b")
_VERSION = re.compile(r"(\d+)(?:\.(\d+))?")
_PYTHON_2 = re.compile(r"\bpython\s*={1,2}\s*2\b")
#: How Python 3 begins what it says of the statements that Python 2 had.
_OLD_STATEMENTS = "Missing parentheses in call to"


class DecodedBlock(NamedTuple):
    """A block of a plugin's file: its attributes, its text without common indentation, and the line that it begins in."""

    block: Block
    text: str
    line: int
    #: Where its content begins in the file, and how many characters were taken from the start of each line.
    start: Position
    indent: int

    def as_dict(self, *names: str) -> dict[str, Any]:
        """Return its text, its line, and those attributes of the given names that it has."""
        attributes = {name: self.block.attributes[name] for name in names if name in self.block.attributes}
        return {**attributes, "text": self.text, "line": self.line}

    def at(self, line: int, column: int) -> Position:
        """Return where a character of the text is in the file: line and column, all counted from 1."""
        before = self.start[1] - 1 if line == 1 else self.indent
        return self.start[0] + line - 1, before + max(column, 1)


def scripts_of(blocks: Sequence[DecodedBlock], tag: str) -> Iterator[DecodedBlock]:
    """Yield the scripts of one tag: those that name it, and those that name none."""
    return (item for item in blocks if item.block.name == "script" and item.block.attributes.get("tag", tag) == tag)


def check_scripts(
    blocks: Sequence[DecodedBlock], layers: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]], problems: Problems
) -> None:
    """Report each Python script that Python can't read. Scripts in other languages, and those elsewhere, are left alone.

    Where a plugin asks for another Python than can be judged by this one, the report is for information only.

    :param layers: the configuration and the install plan of each tag.
    """
    pythons_of: dict[int, dict[str, str]] = {}
    for tag, (config, plan) in layers.items():
        kind = config.get("type")
        if isinstance(kind, str) and (kind in ENGINE_TYPES or BROWSER_TYPES.get(kind) == "python"):
            for item in scripts_of(blocks, tag):
                if item.block.attribute("lang").lower() == "python" and not item.block.attribute("src"):
                    pythons_of.setdefault(item.block.opened, {})[tag] = python_of(config, plan)
    for item in blocks:
        if item.block.opened in pythons_of and len(item.text) <= MAX_SCRIPT:
            try:
                parse_python(item.text)
            except BadCode as error:
                _report(item, error, pythons_of[item.block.opened], problems)


def _report(item: DecodedBlock, error: BadCode, pythons: Mapping[str, str], problems: Problems) -> None:
    """Report a script that Python can't read.

    :param pythons: the Python that each tag asks for.
    """
    lines = item.text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if str(error) == "unexpected indent" and first[0] in " \t":
        # Python of any version refuses it.
        counts = {number: len(line) - len(line.lstrip(first[0])) for number, line in enumerate(lines, 1) if line.strip()}
        number = min(counts, key=counts.__getitem__)
        message = "the script begins with an indentation, as this line has less of it than the first: ImJoy takes away what all lines share"
        at = item.at(number, counts[number] + 1)
        problems.add("script-syntax", message, at=at, help="Indent this line as the first one, or begin the script at column 1.")
        return
    line = lines[error.line - 1] if error.line <= len(lines) else ""
    judged = [tag for tag, python in pythons.items() if can_judge(python, line)]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    message = f"Python {version} can't read this script: {error}"
    others = sorted(set(pythons.values()) - {pythons[tag] for tag in judged})
    help = ""
    if not judged:
        message += f"; the plugin asks for {'its own Python' if others == ['?'] else 'Python ' + ', '.join(others)}"
    elif others:
        message += f"; it would run it for {', '.join(map(repr, judged))}"
    if judged and str(error).startswith(_OLD_STATEMENTS):
        help = "It is written for Python 2: ask for one in 'env' (conda create -n NAME python=2.7), or write it anew."
    problems.add("script-syntax", message, level="error" if judged else "info", help=help, at=item.at(error.line, error.column))


def python_of(config: Mapping[str, Any], plan: Mapping[str, Any]) -> str:
    """Return the version of Python that a plugin asks for; ``""`` if it asks for none, ``"?"`` if its plan doesn't tell.

    :param plan: its install plan.
    """
    lists = [value if isinstance(value, list) else [value] for value in (config.get("env"), config.get("requirements"))]
    texts = [text for items in lists for text in items if isinstance(text, str)]
    start = plan.get("start") or {"python": "python", "shell": ""}
    if any(map(_PYTHON_2.search, texts)):
        return "2"
    if start["shell"]:
        return "?"
    if version := _VERSION.search(start["python"]):
        return version[0]
    made = [step for step in plan["steps"] if step["kind"] in ("env-create", "env-file")]
    details = made[-1]["details"] if made else {}
    packages = details.get("packages", ())
    if made and (made[-1]["kind"] == "env-file" or any(re.match(r"python\s*[<>!~]", package) for package in packages)):
        return "?"
    return str(details.get("python", ""))


def can_judge(python: str, line: str) -> bool:
    """Return whether an error that this Python finds in a line of a script is one for the Python that the plugin asks for, too.

    >>> can_judge("", "f("), can_judge("3.6", "f("), can_judge("3.6", "f(async=1"), can_judge("2.7", "f(")
    (True, True, False, False)
    """
    version = _VERSION.match(python)
    if version is None or version[1] != "3":
        return python == ""
    minor = int(version[2] or sys.version_info.minor)
    return minor <= sys.version_info.minor and (minor >= _NEW_KEYWORDS or not _KEYWORDS.search(line))
