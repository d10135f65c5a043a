"""What would help where a sheet can be read and a key holds something else than it may. Looked for only once that is so."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ways.sheets.document import Problem, Source
from ways.sheets.faults import excerpt_of, item_end, lines_of
from ways.sheets.files import bytes_to_text
from ways.sheets.schema import PLUGIN_KEYS

#: Problems of these kinds show the line that they speak of.
_CODES = frozenset({"type", "missing-key"})
_QUOTED = r"'(?:[^'\\]|''|\\.)*'|\"(?:\\.|[^\"\\])*\""
_KEY = re.compile(rf"(?:{_QUOTED}|[^:=\s]+(?: [^:=\s]+)*)")
#: What stands between a key and its value.
_GAP = {"toml": re.compile(r"[ \t]*=[ \t]*")}
_COLON = re.compile(r"[ \t]*:[ \t]*")
#: One token that stands without quotes, which YAML takes for a block of keys: {JOB}, {root}, {V:03d}.
_TOKEN = re.compile(r"\{[^\s{}'\",]+\}|\[[^\[\]'\",]*\{[^\[\]'\"]*\]")
#: The name of a YAML value that is repeated elsewhere.
_ANCHOR = re.compile(r"&[^\s,\[\]{}]+[ \t]+")
_TEXT = ("a text", "texts or numbers", "a hierarchy", "a platform", "a function", "an expression", "a format", "a value")

#: Texts that stand for a truth value once they are written without quotes.
_TRUTHS = {**dict.fromkeys(("true", "yes", "on"), "true"), **dict.fromkeys(("false", "no", "off"), "false")}


def advised(problems: Iterable[Problem], data: bytes, source: Source) -> tuple[Problem, ...]:
    """Return the problems of a sheet that was read, with the line that is wrong, and what would help where that is sure."""
    text = bytes_to_text(data, source)
    lines = lines_of(text) if isinstance(text, str) else []
    return tuple(_advised(problem, lines) for problem in problems)


def _advised(problem: Problem, lines: list[str]) -> Problem:
    source = problem.source
    if problem.code == "misread-number" and 0 < source.line <= len(lines):
        return problem._replace(excerpt=excerpt_of(lines[source.line - 1], source.column, len(problem.expected) - 2))
    if problem.code not in _CODES or problem.excerpt or not 0 < source.line <= len(lines):
        return problem
    line, start = lines[source.line - 1], source.column - 1
    key = _KEY.match(line, start)
    width = key.end() - start if key is not None and not isinstance((*source.pointer, "")[-2:][0], int) else 1
    raw, begin = _raw_value(line, problem)
    if source.format == "yaml" and problem.expected.startswith(_TEXT) and _TOKEN.fullmatch(raw):
        message = f"a value that begins with {raw[0]} must be quoted: '{raw}'"
        help = f"In YAML a '{raw[0]}' begins a {'block of keys' if raw[0] == '{' else 'list'}."
        at = source._replace(column=begin + 1)
        return problem._replace(source=at, message=message, help=help, excerpt=excerpt_of(line, begin + 1, len(raw)))
    message, help = problem.message, problem.help
    is_plain = problem.found.startswith(("the number", "the truth value", "the date"))
    if is_plain and raw and raw[0] not in "'\"*!" and problem.expected.startswith(_TEXT):
        is_width = problem.expected.startswith("a format") and re.fullmatch(r"0?[1-9]", raw)
        digits = f"Write {int(raw):02d}d for a number of {int(raw)} digits." if is_width else ""
        help = help or digits or f"Write it in quotes: {_in_quotes(raw, source.format)}."
        if not problem.found.endswith(f" {raw}"):
            message = f"{message}, which is what {raw} means without quotes"
    elif problem.code == "type":
        help = help or _of_blocks(problem, raw, lines)
    return problem._replace(message=message, help=help, excerpt=excerpt_of(line, source.column, width))


def _raw_value(line: str, problem: Problem) -> tuple[str, int]:
    """Return a value as it is written on its line, and where; ``""`` where it stands elsewhere."""
    start = problem.source.column - 1
    if not problem.source.pointer or not isinstance(problem.source.pointer[-1], int):
        key = _KEY.match(line, start)
        gap = _GAP.get(problem.source.format, _COLON).match(line, key.end()) if key is not None else None
        if gap is None:
            return "", start
        start = gap.end()
    if problem.source.format == "yaml" and (anchor := _ANCHOR.match(line, start)) is not None:
        start = anchor.end()
    return line[start : item_end(line, start)].rstrip(), start


def _quoted(raw: str) -> str:
    return raw if raw[:1] in ("'", '"') else repr(raw)


def _in_quotes(raw: str, format: str) -> str:
    return f'"{raw}"' if format == "json" else f"'{raw}'"


def _of_blocks(problem: Problem, raw: str, lines: list[str]) -> str:
    """Return what helps where a block of keys must stand, or where the keys of one stand too far left."""
    pointer, found, is_yaml = problem.source.pointer, problem.found, problem.source.format == "yaml"
    text = re.fullmatch(r"the text ['\"](.*)['\"]", found)
    if problem.expected == "true or false" and text is not None and text[1].lower() in _TRUTHS:
        return f"Write it without quotes: {_TRUTHS[text[1].lower()]}."
    if not problem.expected.startswith("a block"):
        return ""
    pair = re.fullmatch(r"(\w+)\s*==?\s*(.+)", text[1]) if text is not None and is_yaml and pointer[-1:] == ("when",) else None
    if pair is not None:
        return f"Write: {{{pair[1]}: {pair[2]}}}"
    glued = re.match(r"([A-Za-z_]+):([^\s/\\].*)", text[1]) if text is not None and is_yaml else None
    if glued is not None and (glued[1] in PLUGIN_KEYS or not pointer):
        return f"Write a space after the ':': {glued[1]}: {glued[2]}"
    if pointer == ("plugins",) and found == "a list":
        help = "Give each plugin a name"
        return f"{help} in place of its '-': a line 'shot:', and its keys below it." if is_yaml else f"{help}."
    if is_yaml and found == "nothing" and _goes_on_beside(problem, lines):
        return f"Indent the lines below {str(pointer[-1])!r} deeper than it."
    if is_yaml and text is not None and problem.expected.startswith("a block of engines"):
        return f"Write: {{regex: {_quoted(raw)}}}"
    if len(pointer) == 2 and pointer[0] == "plugins":
        if is_yaml and pointer[1] in PLUGIN_KEYS:
            return "If it is a key of the plugin above it, indent it deeper than the plugin's name."
        if is_yaml and text is not None and raw[:1] != "{" and ("/" in text[1] or "{" in text[1]):
            return f"Write: {{hierarchy: {pointer[1]}, mapping: {_quoted(raw)}}}"
        return "Write its keys below it, each as 'key: value'." if is_yaml else ""
    return ""


def _goes_on_beside(problem: Problem, lines: list[str]) -> bool:
    """Whether the next line that says something begins at the same column."""
    for line in lines[problem.source.line :]:
        if line.strip() and not line.lstrip().startswith("#"):
            return len(line) - len(line.lstrip()) == problem.source.column - 1
    return False
