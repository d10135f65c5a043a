"""What is wrong with a text that is no TOML, in the words of its author. Looked for only once a text can't be read.

As with YAML, likely corrections of the line are tried: what is told is the first with which the text can be read on.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from ways.sheets.faults import LARGEST, Fault, fault_at, item_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple


class Stop(NamedTuple):
    """Where tomllib gave up, and what it says about it."""

    line: int
    column: int
    problem: str


#: A mistake, and the line as it should be.
Repair = tuple[Fault, str]
_AT = re.compile(r"(.*) \(at line (\d+), column (\d+)\)$", re.DOTALL)
#: Longer lines were written by a program, too.
_LONGEST = 2_000
_QUOTED = r"""(?:"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_PART = rf"(?:[A-Za-z0-9_-]+|{_QUOTED})"
_KEY = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_PAIR = re.compile(
    rf"(?P<head>[ \t]*)(?P<key>{_KEY})(?P<sign>[ \t]*[:=][ \t]*|[ \t]+)(?P<value>[^\s#=].*?)?(?P<rest>\s*(?:\s#.*)?)"
)
_ODD_KEY = re.compile(r"(?P<head>[ \t]*)(?P<key>[^\s='\"#\[\]{}][^\s=\"'#]*)(?P<rest>[ \t]*=.*)")
_HEADER = re.compile(r"[ \t]*\[\[?(?P<parts>[^\[\]#]*)")
#: A backslash in double quotes and what belongs to it; the group has what means nothing.
_ESCAPE = re.compile(r"\\(?:u[\da-fA-F]{4}|U[\da-fA-F]{8}|[btnfr\"\\]|(.))")
#: A value that can only be a text: '{root}/x', '[v{VERSION}].exr'.
_TEXT_IN_BRACES = r"\{[^{}\s,]+\}[^\s,\]}]|\[[^\[\],\s]*\][^\s,\]}]"
_TRUTHS = {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}


def stop_of(text: str, message: str) -> Stop:
    """Return where a text can't be read, out of what tomllib says."""
    lines = text.split("\n")
    if (at := _AT.match(message)) is None:
        problem = message.replace(" (at end of document)", "").rstrip(".")
        return Stop(len(lines), len(lines[-1]) + 1, problem)
    return Stop(int(at[2]), int(at[3]), at[1].rstrip("."))


def fault_in(text: str, stop: Stop) -> Fault:
    """Return what is wrong with *text*, which can't be read at *stop*."""
    lines = text.split("\n")
    fault = _open_quote(lines, stop) or _escape(lines, stop) or _twice(lines, stop) or _line_break(lines, stop)
    if fault is None and len(text) <= LARGEST and len(lines[stop.line - 1]) <= _LONGEST:
        fault = next((fault for fault, line in _repairs(lines, stop) if _helps(lines, stop, line)), None)
    if fault is None and (stop.problem.startswith("Unclosed") or not "".join(lines[stop.line - 1 :])[stop.column - 1 :].strip()):
        fault = _open_bracket("\n".join((*lines[: stop.line - 1], lines[stop.line - 1][: stop.column - 1])))
    if fault is not None:
        return fault
    found = next((ours for theirs, ours in _OURS if theirs in stop.problem), stop.problem[:1].lower() + stop.problem[1:])
    return Fault(stop.line, stop.column, f"expected TOML, found {found}", "", 1, "TOML", found)


def _helps(lines: list[str], stop: Stop, line: str) -> bool:
    """Whether the text can be read on, once the line of the stop is *line*."""
    text = "\n".join((*lines[: stop.line - 1], line, *lines[stop.line :]))
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        after = stop_of(text, str(error))
        # Another mistake may stand behind this one.
        reached = stop.column + len(line) - len(lines[stop.line - 1])
        return after.line > stop.line or (after.line == stop.line and after.column > max(reached, stop.column))
    return True


def _repairs(lines: list[str], stop: Stop) -> Iterator[Repair]:
    """Yield likely corrections of the line of the stop."""
    line, number, at = lines[stop.line - 1], stop.line, stop.column - 1
    if (pair := _PAIR.fullmatch(line)) is not None:
        yield from _pair_repairs(number, pair)
    if (odd := _ODD_KEY.fullmatch(line)) is not None:
        key = _in_quotes(odd["key"])
        message = f"the key {odd['key']} must be quoted: {key}"
        yield Fault(number, odd.start("key") + 1, message, "", len(odd["key"]), "quotes", "none"), f"{odd['head']}{key}{odd['rest']}"
    if line.lstrip().startswith("["):
        yield from _header_repairs(number, line)
    for start in sorted((match.end() for match in re.finditer(r"=[ \t]*|[\[,][ \t]*", line[: at + 1])), reverse=True):
        value = line[start : item_end(line, start)].rstrip()
        is_text = value and not re.search(r"[\"'=]", value) and (value[0] not in "[{" or re.match(_TEXT_IN_BRACES, value))
        if is_text and start + len(value) >= at:
            yield _quoting(number, start, value), line[:start] + _in_quotes(value) + line[start + len(value) :]
    before = len(line[:at].rstrip())
    if line[at : at + 1] == "}" and line[:before].endswith(","):
        yield Fault(number, before, "no ',' may stand before the } in TOML", "Leave it out."), line[: before - 1] + line[before:]
    if 0 < before and line[at:].strip():
        fault = Fault(number, before + 1, "no ',' between two items", "Write a ',' here.", 1, "','", "none")
        yield fault, f"{line[:before]},{line[before:]}"


def _pair_repairs(number: int, pair: re.Match[str]) -> Iterator[Repair]:
    head, key, sign, value, rest = pair["head"], pair["key"], pair["sign"].strip(), pair["value"] or "", pair["rest"]
    if not value:
        if sign == "=":
            fault = Fault(number, pair.end("sign") + 1, f"no value after the key {key}", "", 1, "a value", "none")
            yield fault, f"{head}{key} = 0{rest}"
        return
    written = [value] if sign != "=" and _is_value(value) else []
    if (word := _TRUTHS.get(value.lower())) is not None and word != value:
        written.append(word)
    elif value[0] == value[-1] and value[0] in "'\"" and value.count(value[0]) == 3:
        written.append(_in_quotes(value[1:-1]))
    elif re.match(_QUOTED, value) and not re.fullmatch(_QUOTED, value):
        written.append(_in_quotes(re.sub(f"^{_QUOTED}", lambda match: match[0][1:-1], value)))
    elif not re.match(r"['\"\[]|\{.*=", value) or re.match(r"\[[^\[\],\s'\"]*\]\S", value):
        written.append(_in_quotes(value))
    for right in written:
        mended, start = f"{head}{key} = {right}{rest}", pair.start("value") + 1
        if sign != "=":
            message = f"':' after the key {key}, where TOML has '='" if sign else f"no '=' after the key {key}"
            help, width = f"Write: {key} = {right}", max(1, len(pair["sign"]))
            yield Fault(number, pair.end("key") + 1, message, help, width, "'='", sign or "none"), mended
        elif right in ("true", "false"):
            message = f"{value} is no truth value in TOML"
            yield Fault(number, start, message, f"Write: {right}, or '{value}' for the text.", len(value), right, value), mended
        else:
            yield _quoting(number, start - 1, value, right), mended


def _is_value(text: str) -> bool:
    """Whether a text is a value of TOML."""
    try:
        tomllib.loads(f"x = {text}")
    except (ValueError, RecursionError):
        return False
    return True


def _header_repairs(number: int, line: str) -> Iterator[Repair]:
    header = _HEADER.match(line)
    if header is None:
        return
    start, end = header.span("parts")
    parts = re.split(r"\.(?=(?:[^'\"]|'[^']*'|\"[^\"]*\")*$)", header["parts"])
    odd = [part.strip() for part in parts if part.strip() and not re.fullmatch(rf"\s*{_PART}\s*", part)]
    if odd:
        right = ".".join(_in_quotes(part.strip()) if part.strip() in odd else part for part in parts)
        message = f"the name {odd[0]} must be quoted: {_in_quotes(odd[0])}"
        fault = Fault(number, line.index(odd[0]) + 1, message, f"Write: [{right}]", len(odd[0]), "a name in quotes", odd[0])
        yield fault, line[:start] + right + line[end:]
    opening, body = "[[" if line.lstrip().startswith("[[") else "[", line.rstrip()
    missing = "]" * (len(opening) - (len(body) - len(body.rstrip("]"))))
    if missing:
        message = f"the {opening} that is opened here is not closed"
        yield Fault(number, line.index("[") + 1, message, f"Write: {body}{missing}", len(opening), missing, "none"), body + missing


def _quoting(number: int, start: int, value: str, right: str = "") -> Fault:
    right = right or _in_quotes(value)
    return Fault(number, start + 1, f"a text must be quoted: {right}", "", len(value), "a text in quotes", value)


def _in_quotes(value: str) -> str:
    if "'" not in value:
        return f"'{value}'"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _open_quote(lines: list[str], stop: Stop) -> Fault | None:
    """Return that a quote isn't closed on its line, or a text of several lines isn't at all."""
    is_at_break = "character" in stop.problem and "\\n" in stop.problem or "\\r" in stop.problem
    if not is_at_break and "nterminated" not in stop.problem and not stop.problem.startswith("Expected \"'"):
        return None
    for number in [stop.line] if is_at_break else range(len(lines), 0, -1):
        start = _open_quote_of(lines[number - 1])
        if start is not None:
            value = lines[number - 1][start:].rstrip()
            help = f"Close it: {value}{value[0]}" if "," not in value and "}" not in value else ""
            message = "the quote that is opened here is not closed on its line"
            return Fault(number, start + 1, message, help, len(value), "a closing quote", "none")
    for number in range(len(lines), 0, -1):
        for quotes in ('"""', "'''"):
            if lines[number - 1].count(quotes) % 2:
                column = lines[number - 1].rindex(quotes) + 1
                return Fault(number, column, "the quotes that are opened here are not closed", f"Close them: {quotes}", 3, quotes, "none")
    return None


def _open_quote_of(line: str) -> int | None:
    """Return where a quote is opened that isn't closed on the line; comments don't count."""
    for match in re.finditer(r"\"\"\"|'''|" + _QUOTED + r"|#|(?P<open>[\"'])", line):
        if match[0] == "#" or match["open"]:
            return match.start() if match["open"] else None
    return None


def _escape(lines: list[str], stop: Stop) -> Fault | None:
    """Return that a backslash in double quotes begins nothing that there is."""
    if "nescaped '\\'" not in stop.problem and "hex value" not in stop.problem:
        return None
    for text in re.finditer(r'"((?:\\.|[^"\\])*)"?', lines[stop.line - 1]):
        wrong = next((match for match in _ESCAPE.finditer(text[0]) if match[1]), None)
        if wrong is not None and text.end() >= stop.column - 1:
            message = f"{wrong[0]} in double quotes: use single quotes, or write \\{wrong[0]}"
            help = "In double quotes a backslash has a meaning of its own."
            if "\\\\" not in text[1] and '\\"' not in text[1] and "'" not in text[1]:
                help = f"{help} Write: '{text[1]}'."
            return Fault(stop.line, text.start() + wrong.start() + 1, message, help, 2, "single quotes", wrong[0])
    return None


def _twice(lines: list[str], stop: Stop) -> Fault | None:
    """Return that a table or a key stands for the second time."""
    if not any(word in stop.problem for word in ("twice", "overwrite", "immutable", "uplicate")):
        return None
    line = lines[stop.line - 1]
    body = line.strip()
    kind, name = ("table", body) if body.startswith("[") else ("key", body.partition("=")[0].strip())
    same = 0
    for number in range(stop.line - 1, 0, -1):
        other = lines[number - 1].strip()
        if _is_like(other, name):
            same = number
        if same or (kind == "key" and other.startswith("[")):
            break
    message = f"the {kind} {name} again" + (f"; it is already on line {same}" if same else "; that name is taken")
    column = len(line) - len(line.lstrip()) + 1
    return Fault(stop.line, column, message, "Write each name once: rename one, or join the two.", len(name), f"each {kind} once", name)


def _is_like(line: str, name: str) -> bool:
    return line == name if name.startswith("[") else re.match(rf"{re.escape(name)}\s*=", line) is not None


def _line_break(lines: list[str], stop: Stop) -> Fault | None:
    """Return that a table in braces goes on in the next line."""
    line = lines[stop.line - 1]
    if line[stop.column - 1 :].strip() or stop.line == len(lines):
        return None
    bare = re.sub(_QUOTED, lambda match: "_" * len(match[0]), line).partition("#")[0]
    if bare.count("{") <= bare.count("}"):
        return None
    message = "a table in braces goes on in the next line, which TOML doesn't allow"
    help = "Write it in one line, or as a [table] of its own."
    return Fault(stop.line, bare.index("{") + 1, message, help, 1, "one line", "several")


def _open_bracket(text: str) -> Fault | None:
    """Return that a bracket is not closed at the end of *text*."""
    opened = []
    for match in re.finditer(rf"{_QUOTED}|#[^\n]*|[{{}}\[\]]", text):
        if match[0] in ("{", "["):
            opened.append(match.start())
        elif match[0] in ("}", "]") and opened:
            opened.pop()
    if not opened:
        return None
    message = f"the {text[opened[-1]]} that is opened here is not closed"
    return fault_at(text, opened[-1], message, "", 1, "a closing bracket", "none")


#: A part of what tomllib says, and what we say.
_OURS = (
    ("Expected '=' after a key", "a key without '='"),
    ("Expected newline or end of document", "more on the line than one value"),
    ("Invalid initial character for a key", "a sign with which no key begins"),
    ("Invalid statement", "a line that is no key, no [table] and no comment"),
    ("Invalid value", "something that is no value"),
    ("Unclosed array", "a list that is not closed"),
    ("Unclosed inline table", "a table in braces that is not closed"),
    ("of a table declaration", "a [table] without its ']'"),
    ("of an array declaration", "a [[table]] without its ']]'"),
    ("nterminated string", "a text that is not closed"),
)
