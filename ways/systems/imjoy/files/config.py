"""The configuration of an ImJoy plugin: its block's JSON or YAML as plain data, with a position for each key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ways.sheets.document import Draft, Source
from ways.sheets.formats import json_text, yaml_text
from ways.systems.imjoy.files.report import Report

#: How deep a configuration may be nested, how many values it may hold, and how many characters these may have.
MAX_NESTING, MAX_VALUES, MAX_CHARACTERS = 100, 100_000, 16 << 20
#: Up to this version of the API, a configuration in no language that is known may be JSON.
LAST_WITHOUT_LANGUAGE = "0.1.5"
_CORE = "tag:yaml.org,2002:"
#: Tag, what a plain scalar of it looks like, and the letters it may begin with: YAML 1.2 as far as JSON goes.
_SCALARS = (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
)


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, expression, letters in _SCALARS:
        for letter in letters:
            entry = _CORE + tag, re.compile(f"^(?:{expression})$")
            found.setdefault("" if letter == "\0" else letter, []).append(entry)
    return found


class _Yaml12(yaml_text.SAFE_LOADER):  # type: ignore[misc]
    """Knows only ``true`` and ``false`` as truth values; a date stays a text."""

    yaml_implicit_resolvers = _resolvers()


class _Texts(yaml_text.SAFE_LOADER):  # type: ignore[misc]
    """Leaves every scalar as it is written."""

    yaml_implicit_resolvers: dict[str, Any] = {}


class Config(NamedTuple):
    """What a configuration says, as far as it can be read."""

    data: dict[str, Any] | None
    report: Report


def decode(text: str, language: str, source: Source, *, indent: int = 0) -> Config:
    """Return what the text of a configuration says. Leading blank lines and blanks put it where it stands in its file.

    :param language: what the block calls itself; without one that is known it may still be JSON of an old version.
    :param indent: how many characters were taken from the start of each of its lines.
    """
    is_yaml = language == "yaml"
    draft = _of_yaml(text, source, indent) if is_yaml else json_text.read(text, source)
    report = Report(source, draft.positions)
    is_known = language in ("json", "yaml")
    if draft.is_lost or not text.strip():
        if is_known:
            _syntax(draft, source, report, language.upper())
        else:
            _language(language, source, report)
        return Config(None, report)
    if not isinstance(draft.data, dict):
        message = f"expected a mapping of keys, found {_kind(draft.data)}"
        report.tell("config-not-mapping", message, help="Write the keys between '{' and '}'.")
        return Config(None, report)
    if not is_known and not _is_old(draft.data):
        _language(language, source, report)
        return Config(None, report)
    for problem in draft.problems:
        report.tell(problem.code, problem.message, problem.source.pointer, level=problem.level, help=problem.help)
    if not is_yaml:
        _trailing_comma(text, source, report)
    return Config(draft.data if is_small(draft.data, report) else None, report)


def _of_yaml(text: str, source: Source, indent: int) -> Draft:
    draft = yaml_text.read_with(text, source, _Yaml12)
    positions = {place: (line, column + indent) for place, (line, column) in draft.positions.items()}
    if isinstance(draft.data, dict) and any(isinstance(draft.data.get(key), (int, float)) for key in VERSIONS):
        written = yaml_text.read_with(text, source, _Texts).data
        texts = {key: written[key] for key in VERSIONS if key in written} if isinstance(written, dict) else {}
        draft = draft._replace(data={**draft.data, **texts})
    return draft._replace(positions=positions)


#: Keys that hold versions, which are no numbers: ``1.10`` isn't ``1.1``.
VERSIONS = ("version", "api_version")


def _syntax(draft: Draft, source: Source, report: Report, language: str) -> None:
    if not draft.problems:
        return report.tell("config-syntax", f"expected {language}, found nothing")
    for problem in draft.problems:
        at = Report(problem.source._replace(pointer=()))
        help = "Write JSON without comments, single quotes and trailing commas." if language == "JSON" else ""
        at.tell("config-syntax", problem.message.replace("expected", f"expected {language}:", 1), help=help)
        report.add(at.told)


def _language(language: str, source: Source, report: Report) -> None:
    found = f"lang={language!r}" if language else "no lang"
    message = f"expected a configuration in json or yaml, found {found}"
    report.tell("config-language", message, help='Write <config lang="json"> or <config lang="yaml">.')


def _is_old(data: Mapping[str, Any]) -> bool:
    version = data.get("api_version")
    return isinstance(version, str) and version_key(version) <= version_key(LAST_WITHOUT_LANGUAGE)


def version_key(version: str) -> tuple[int, ...]:
    """Return what versions are compared by: the number in each part, without zeros at the end.

    >>> version_key("0.1.10") > version_key("0.1.9"), version_key("1.0a") == version_key("1")
    (True, True)
    """
    numbers = [int("".join(letter for letter in part if letter in "0123456789")[:18] or "0") for part in version.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _trailing_comma(text: str, source: Source, report: Report) -> None:
    """Tell of what our scanner forgives and ImJoy doesn't."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        at = Report(source._replace(line=error.lineno, column=error.colno))
        message = "expected JSON without a comma after the last item: ImJoy doesn't read this file"
        at.tell("config-syntax", message, help="Take out the comma before it.")
        report.add(at.told)
    except RecursionError:
        pass


def is_small(data: Any, report: Report) -> bool:
    """Whether data is nested no deeper, and holds no more, than it may; aliases of aliases count each time."""
    level, values, characters, depth = [data], 0, 0, 0
    while level:
        values += len(level)
        characters += sum(len(item) for item in level if isinstance(item, str))
        limit = _exceeded(depth, values, characters)
        if limit:
            report.tell("too-large", f"expected a configuration {limit}")
            return False
        held = (item.values() if isinstance(item, dict) else item for item in level if isinstance(item, (dict, list)))
        level = _some(held)
        depth += 1
    return True


def _exceeded(depth: int, values: int, characters: int) -> str:
    if depth > MAX_NESTING:
        return f"nested at most {MAX_NESTING} deep"
    if values > MAX_VALUES:
        return f"of at most {MAX_VALUES} values"
    return f"of at most {MAX_CHARACTERS} characters" if characters > MAX_CHARACTERS else ""


def _some(held: Any) -> list[Any]:
    """Return what is held, but not more than is needed to see that it is too much."""
    found: list[Any] = []
    for items in held:
        found += items
        if len(found) > MAX_VALUES:
            break
    return found


def _kind(value: Any) -> str:
    names = {type(None): "nothing", list: "a list", str: "a text", bool: "a truth value", int: "a number", float: "a number"}
    return names.get(type(value), f"a {type(value).__name__}")
