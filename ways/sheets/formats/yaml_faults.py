"""What is wrong with a text that is no YAML, in the words of its author. Looked for only once a text can't be read.

The parser tells where it gave up, which is often lines behind the mistake. So likely corrections are tried, line by
line upwards: what is told is the first with which the text can be read on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ways.sheets.faults import LARGEST, Fault, item_end, lines_of
from ways.sheets.schema import PLUGIN_KEYS, SHEET_KEYS, TOKEN_KEYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple


class Stop(NamedTuple):
    """Where the parser gave up, and what it says about it."""

    line: int
    column: int
    #: Its own words, which aren't for people.
    problem: str = ""
    context: str = ""
    #: Where that began which it was reading: a quote, a bracket, a block.
    start: tuple[int, int] | None = None
    #: Whether the words are ours.
    is_ours: bool = False


#: Returns where a text can't be read, or ``None`` if it can.
Attempt = Callable[[str], Stop | None]


class Repair(NamedTuple):
    """A correction to try: one line as it should be, and what it says about the mistake."""

    fault: Fault
    line: str
    #: Column behind what was corrected, in the corrected line; 0 if all of it was.
    end: int = 0
    #: The line that is corrected, if it isn't the one at fault.
    number: int = 0


#: So often a text is read again at most, and so many lines above the place are looked at.
_TRIES, _LINES = 80, 60
_KEYS = frozenset({*PLUGIN_KEYS, *TOKEN_KEYS, *SHEET_KEYS, "regex", "glob"})
_QUOTED = r"'(?:[^']|'')*'|\"(?:\\.|[^\"\\])*\""
#: Indentation and dashes; a key and its colon; a value.
_LINE = re.compile(
    rf"(?P<head>[ ]*(?:-[ ]+)*)(?:(?P<key>{_QUOTED}|[^\s'\"#{{\[&*!|>%@`,\]}}][^:#]*?)[ ]*:(?:[ \t]+|$))?(?P<value>.*)"
)
_NO_SPACE = re.compile(rf"(?P<head>[ ]*(?:-[ ]+)*)(?P<key>{_QUOTED}|[A-Za-z_$][\w$.-]+):(?P<value>[^\s:/\\].*|/(?!/).*)")
_NO_COLON = re.compile(r"(?P<head>[ ]*(?:-[ ]+)*)(?P<key>[A-Za-z_$][\w$.-]*)(?P<sign>[ ]*=[ ]*|[ ]+)(?P<value>\S.*)")
_BARE = re.compile(r"[ ]*(?:-[ ]+)*[A-Za-z_$][\w$. -]*")
_COMMENT = re.compile(r"(?:^|\s)#.*")
#: A value in braces, or behind brackets, that can only be a text: '{root}/x', '[v{VERSION}].exr'.
_TEXT_IN_BRACES = re.compile(r"\{[^{}\s,'\"]+\}[^\s,\]}]|\[[^\[\]\s,'\"]*\][^\s,\]}]")
#: Where a value or key may begin within braces or brackets.
_BEGINNING = re.compile(r":\s+|,\s*|[\[{]\s*|^\s*(?:-\s+)*")
#: A backslash in double quotes and what belongs to it; the group has what means nothing.
_ESCAPE = re.compile(r"\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0abt\tnvfre \"/\\N_LP]|(.))")
_SIGNS = {
    "{": "a '{' begins a block of keys", "[": "a '[' begins a list", "*": "a '*' repeats what was marked with '&'",
    "&": "a '&' marks a value", "!": "a '!' names a type", "|": "a '|' begins a text of several lines",
    ">": "a '>' begins a text of several lines", "}": "a '}' ends a block of keys", "]": "a ']' ends a list",
    ",": "a ',' stands between items", "-": "a '- ' begins an item of a list", "?": "a '? ' begins a key",
}  # fmt: skip


def fault_in(text: str, stop: Stop, attempt: Attempt) -> Fault:
    """Return what is wrong with *text*, which can't be read at *stop*."""
    lines = lines_of(text)
    stop = _inside(lines, stop)
    fault = _tab(lines, stop) or _escape(lines, stop) or _second_document(stop)
    # Of what is ours to refuse, an alias or a tag may be a text without quotes; the others say all there is.
    may_be_mended = not stop.is_ours or stop.problem.startswith(("the alias", "the tag '!"))
    may_be_mended = may_be_mended and not lines[stop.line - 1].startswith("!!", stop.column - 1)
    if fault is None and may_be_mended and len(text) <= LARGEST:
        fault = _Search(lines, stop, attempt).fault()
    return fault or _in_our_words(lines, stop)


def quoted(value: str) -> str:
    """Return *value* as a text in single quotes, in which nothing has a meaning but the quote itself."""
    return "'" + value.replace("'", "''") + "'"


def _inside(lines: list[str], stop: Stop) -> Stop:
    """Return *stop*, if need be moved to the end of the text: libyaml puts that on a further line."""
    if stop.line <= len(lines):
        return stop
    return stop._replace(line=len(lines), column=len(lines[-1]) + 1)


def _is_at_end(lines: list[str], stop: Stop) -> bool:
    return not any(line.strip() for line in lines[stop.line :]) and not lines[stop.line - 1][stop.column - 1 :].strip()


def _before(lines: list[str], number: int) -> int:
    """Return the number of the line before line *number* that says something; 0 if there is none."""
    for index in range(number - 1, 0, -1):
        if lines[index - 1].strip() and not lines[index - 1].lstrip().startswith("#"):
            return index
    return 0


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _tab(lines: list[str], stop: Stop) -> Fault | None:
    """Return that a tab stands where only spaces may."""
    for number in (stop.line, _before(lines, stop.line)):
        indentation = _indentation(lines[number - 1]) if number else ""
        may_be = number == stop.line or "values are not" in stop.problem
        if "\t" in indentation and may_be and "flow" not in stop.context and lines[number - 1].strip():
            message = "a tab in the indentation, where YAML takes spaces only"
            help = "Replace each tab by spaces."
            column = indentation.index("\t") + 1
            return Fault(number, column, message, help, indentation.count("\t"), "spaces", "a tab")
    if lines[stop.line - 1][stop.column - 1 : stop.column] == "\t" and "cannot start" in stop.problem:
        return Fault(stop.line, stop.column, "a tab where a space must stand", "Replace the tab by a space.", 1, "a space", "a tab")
    return None


def _escape(lines: list[str], stop: Stop) -> Fault | None:
    """Return that a backslash in double quotes begins nothing that there is."""
    # The C parser misspells "hexadecimal" in its message about \u without four digits.
    if stop.start is None or not ("escape" in stop.problem or "decimal number" in stop.problem):
        return None
    if stop.start[0] != stop.line:
        # A text of several lines is seldom meant: its quote wasn't closed.
        message = f"the quote that is opened here goes on to line {stop.line}"
        return Fault(*stop.start, message, "Close it on its line, or leave it out.", 1, "a closing quote", "none")
    line, begin = lines[stop.line - 1], stop.start[1]
    wrong = next((match for match in _ESCAPE.finditer(line, begin) if match[1]), None)
    if wrong is None:
        return None
    message = f"{wrong[0]} in double quotes: use single quotes, or write \\{wrong[0]}"
    begun = re.compile(r"(?:\\.|[^\"\\])*(?=\")").match(line, begin)
    help = "In double quotes a backslash has a meaning of its own."
    if begun is not None and '\\"' not in begun[0] and "\\\\" not in begun[0]:
        help = f"{help} Write: {quoted(begun[0])}."
    return Fault(stop.line, wrong.start() + 1, message, help, 2, "single quotes", wrong[0])


def _second_document(stop: Stop) -> Fault | None:
    if not stop.is_ours or not stop.problem.startswith("another document"):
        return None
    message, help = "a second document begins here, and a sheet is one", "Leave the '---' out, or make a file of each."
    return Fault(stop.line, stop.column, message, help, 3, "one document", "another")


class _Search:
    """Tries corrections of one text until one helps."""

    def __init__(self, lines: list[str], stop: Stop, attempt: Attempt) -> None:
        self.lines = lines
        self.stop = stop
        self.attempt = attempt
        self.tries = 0
        #: Where the parser stood when the mistake was already behind it, at the latest.
        self.known = stop.start if _is_at_end(lines, stop) and stop.start else (stop.line, stop.column)

    def fault(self) -> Fault | None:
        """Return the mistake that the first correction which helps says; ``None`` if none helps."""
        for kind, reach in self._KINDS:
            for number in self._numbers(reach):
                for repair in kind(self, number):
                    if self._helps(repair):
                        return repair.fault
        return None

    def _numbers(self, reach: int) -> Iterator[int]:
        """Yield the lines to look at: that of the stop, where its beginning is, and *reach* lines that say something above."""
        number, count = self.stop.line, 0
        while number and count <= reach:
            yield number
            number = _before(self.lines, number)
            count += 1
        if self.stop.start is not None and self.stop.start[0] < number:
            yield self.stop.start[0]

    def _helps(self, repair: Repair) -> bool:
        """Whether the text, corrected, can be read on: behind the place of the mistake, and of the stop."""
        self.tries += 1
        if self.tries > _TRIES:
            return False
        number = repair.number or repair.fault.line
        lines = [*self.lines]
        lines[number - 1] = repair.line
        after = self.attempt("\n".join(lines))
        if after is None:
            return True
        after = _inside(lines, after)
        at = after.start if _is_at_end(lines, after) and after.start else (after.line, after.column)
        if at[0] == number:
            return at[0] >= self.known[0] and at[1] > repair.end > 0
        return at[0] > number and (at > self.known if number < self.known[0] else at[0] > self.known[0])

    # Each of these yields corrections of one line, the likeliest first.

    def _open_quotes(self, number: int) -> Iterator[Repair]:
        line = self.lines[number - 1]
        start = _open_quote(line)
        if start is None:
            return
        quote, message = line[start], "the quote that is opened here is not closed"
        body = _COMMENT.sub("", line).rstrip() if "#" in line[start:] else line.rstrip()
        ends = [len(body), len(line.rstrip()), *(sign.start() for sign in re.finditer(r"\s*[,}\]]", line) if sign.start() > start + 1)]
        for end in dict.fromkeys(ends):
            # A comma at the end belongs to the list, not to the text.
            value = line[start:end] + quote
            yield Repair(
                Fault(number, start + 1, message, f"Close it: {value}.", end - start, "a closing quote", "none"),
                line[:end] + quote + line[end:], end + 1,
            )  # fmt: skip

    def _no_spaces(self, number: int) -> Iterator[Repair]:
        line = self.lines[number - 1]
        if (pair := _NO_SPACE.fullmatch(line)) is None:
            return
        column = pair.end("key") + 1
        for value in _written(pair["value"]):
            right = f"{pair['key']}: {value}"
            fault = Fault(number, column, f"no space after the ':' of {pair['key']!r}", f"Write: {right}.", 1, "': '", "':'")
            yield Repair(fault, f"{pair['head']}{right}", len(line) + 4)

    def _no_colons(self, number: int) -> Iterator[Repair]:
        line = self.lines[number - 1]
        pair = _NO_COLON.fullmatch(line)
        bare = _BARE.fullmatch(line.rstrip())
        is_known = pair is not None and (pair["key"] in _KEYS or "=" in pair["sign"])
        if pair is not None and is_known:
            yield from self._colon(number, pair)
        if bare is not None:
            key, column = bare[0].strip(" -"), len(line.rstrip()) + 1
            fault = Fault(number, column, f"no ':' after the key {key!r}", f"Write: {key}:", 1, "':'", "none")
            yield Repair(fault, f"{line.rstrip()}:", column)
        if pair is not None and not is_known:
            yield from self._colon(number, pair)

    def _colon(self, number: int, pair: re.Match[str]) -> Iterator[Repair]:
        column, key, sign = pair.end("key") + 1, pair["key"], pair["sign"].strip()
        message = f"'{sign}' after the key {key!r}, where YAML has ':'" if sign else f"no ':' after the key {key!r}"
        for value in _written(pair["value"]):
            right = f"{key}: {value}"
            fault = Fault(number, column, message, f"Write: {right}.", len(pair["sign"]), "':'", repr(sign) if sign else "none")
            yield Repair(fault, f"{pair['head']}{right}", len(right))

    def _values(self, number: int) -> Iterator[Repair]:
        """Quote the value of a line."""
        line = self.lines[number - 1]
        pair = _LINE.fullmatch(line)
        if pair is None:
            return
        value, start = _COMMENT.sub("", pair["value"]).rstrip(), pair.start("value")
        if not value or (value[0] in "'\"" and _open_quote(value) is not None):
            return
        if value[0] in "'\"":
            yield from self._half_quoted(number, start, value)
        elif pair["key"] or pair["head"].strip():
            if value[0] not in "{[" or _TEXT_IN_BRACES.match(value):
                yield _quoting(number, line, start, value)

    def _half_quoted(self, number: int, start: int, value: str) -> Iterator[Repair]:
        """Correct a value whose quotes end before it does."""
        line, quote = self.lines[number - 1], value[0]
        first = re.match(_QUOTED, value)
        if first is None or first[0] == value:
            return
        if value[-1] == quote and value.count(quote) == 3:
            inner, column = value[1:-1], start + first.end()
            message = "the quote in the middle ends the text, and more follows"
        else:
            inner, column = first[0][1:-1] + value[first.end() :], start + first.end() + 1
            message = f"text behind the closing quote of {first[0]}"
        text = quoted(inner)
        fault = Fault(number, column, message, f"Put all of it in quotes: {text}.", 1, "one text in quotes", value)
        yield Repair(fault, line[:start] + text + line[start + len(value) :], start + len(text))

    def _keys(self, number: int) -> Iterator[Repair]:
        """Quote the key of a line."""
        line = self.lines[number - 1]
        body = line.lstrip(" ")
        start = len(line) - len(body)
        match = re.match(r"[@`%*&!{}\[\],][^:#]*?(?=\s*:(?:\s|$))", body)
        if match is not None:
            key = quoted(match[0])
            message = f"a key that begins with {body[0]} must be quoted: {key}"
            fault = Fault(number, start + 1, message, "", len(match[0]), "a key in quotes", match[0])
            yield Repair(fault, line[:start] + key + body[match.end() :], start + len(key))
        elif body.startswith(("//", ";")):
            sign = "//" if body[0] == "/" else ";"
            fault = Fault(number, start + 1, f"a comment begins with # in YAML, not with {sign}", "", len(sign), "'#'", sign)
            yield Repair(fault, "", 0)

    def _indentations(self, number: int) -> Iterator[Repair]:
        line = self.lines[number - 1]
        body = line.lstrip(" ")
        own = len(line) - len(body)
        depths: dict[int, int] = {}
        above = _before(self.lines, number)
        if above and self.lines[above - 1].rstrip().endswith(":"):
            depths[len(_indentation(self.lines[above - 1])) + 2] = 0
        while above and len(depths) < 8:
            other = self.lines[above - 1]
            if body.startswith("- ") == other.lstrip().startswith("- ") or not body.startswith("- "):
                depths.setdefault(len(_indentation(other)), above)
            above = _before(self.lines, above)
        for depth in sorted(depths, key=lambda depth: abs(depth - own)):
            if depth == own:
                continue
            like = depths[depth]
            message = f"indented too {'deep' if own > depth else 'little'}: expected {_counted(depth)}, found {_counted(own)}"
            # Which of the two is wrong, nobody can tell.
            help = f"Indent it like line {like} ({_shortened(self.lines[like - 1].strip())}), or indent that line like this one."
            yield Repair(Fault(number, own + 1, message, help if like else "", 1, _counted(depth), _counted(own)), " " * depth + body, 0)

    def _in_braces(self, number: int) -> Iterator[Repair]:
        """Quote a value that stands within braces or brackets, at the stop."""
        line, at = self.lines[number - 1], self.stop.column - 1
        if number != self.stop.line:
            return
        first = next((index for index, letter in enumerate(line) if letter in "{["), at)
        starts = [match.end() for match in _BEGINNING.finditer(line) if first < match.end() <= at]
        for start in reversed(starts[-6:]):
            end = item_end(line, start)
            value = line[start:end].rstrip()
            is_text = value and value[0] not in "'\"" and ": " not in value and (value[0] not in "{[" or _TEXT_IN_BRACES.match(value))
            if is_text and start + len(value) >= at:
                yield _quoting(number, line, start, value, is_in_braces=True)

    def _colons_in_braces(self, number: int) -> Iterator[Repair]:
        """Put a colon behind a known key that stands within braces."""
        line = self.lines[number - 1]
        for match in re.finditer(r"[{,]\s*(\w+)(\s+)(?=['\"{\[\w/])", line):
            if match[1] in _KEYS:
                column = match.end(1) + 1
                fault = Fault(number, column, f"no ':' after the key {match[1]!r}", f"Write: {match[1]}:", 1, "':'", "none")
                yield Repair(fault, f"{line[: column - 1]}:{line[column - 1 :]}", column + 1)

    def _commas(self, number: int) -> Iterator[Repair]:
        """Put a comma between two items."""
        line, at = self.lines[number - 1], self.stop.column - 1
        if number != self.stop.line or not ("flow" in self.stop.context or "',' or" in self.stop.problem):
            return
        before = line[:at].rstrip()
        ends = [len(before)]
        if line[at : at + 1] == ":":
            word = re.search(r"\s+\S+$", before)
            ends = [word.start()] if word else []
        for end in ends:
            if line[:end].strip() and line[end:].strip():
                help = f"Write: {line[:end].split()[-1]}, {line[end:].split()[0]}"
                fault = Fault(number, end + 1, "no ',' between two items", help, 1, "','", "none")
                yield Repair(fault, f"{line[:end]},{line[end:]}", at + 2)

    def _open_brackets(self, number: int) -> Iterator[Repair]:
        """Close what is opened on a line; at its end, or at that of a line below it, up to the stop."""
        opened: list[tuple[int, int]] = []
        if "flow" not in self.stop.context and "',' or" not in self.stop.problem:
            return
        for end in range(number, min(self.stop.line, number + _LINES) + 1):
            line = self.lines[end - 1]
            bare = _bare(line)
            for column, letter in enumerate(bare, 1):
                if letter in "{[":
                    opened.append((end, column))
                elif letter in "}]" and opened:
                    opened.pop()
            if not opened or (opened[0][0] != number and end == number):
                return
            if end == self.stop.line and end != number and not _is_at_end(self.lines, self.stop):
                return
            last, column = opened[-1]
            signs = [self.lines[at - 1][place - 1] for at, place in reversed(opened)]
            closing = "".join("}" if sign == "{" else "]" for sign in signs)
            body = bare.rstrip().rstrip(",")
            help = f"Write {closing} at the end of line {end}."
            message = f"the {signs[0]} that is opened here is not closed"
            yield Repair(Fault(last, column, message, help, 1, f"'{closing}'", "none"), line[: len(body)] + closing, 0, end)

    def _closings(self, number: int) -> Iterator[Repair]:
        """Leave a bracket out that closes nothing."""
        line, at = self.lines[number - 1], self.stop.column - 1
        if number == self.stop.line and line[at : at + 1] in ("}", "]"):
            fault = Fault(number, at + 1, f"a {line[at]} that closes nothing", "Leave it out.", 1, "none", line[at])
            yield Repair(fault, line[:at] + line[at + 1 :], at + 1)

    #: What is tried, in this order, each with how many lines above the stop are looked at.
    _KINDS: tuple[tuple[Callable[[_Search, int], Iterator[Repair]], int], ...] = (
        (_open_quotes, _LINES),
        (_open_brackets, _LINES),
        (_no_spaces, 1),
        (_no_colons, 1),
        (_values, 1),
        (_closings, 0),
        (_keys, 1),
        (_colons_in_braces, 1),
        (_in_braces, 0),
        (_commas, 0),
        (_indentations, 1),
    )


def _written(value: str) -> list[str]:
    """Return the ways to write a value that may be right: as it is, and in quotes."""
    body = _COMMENT.sub("", value).rstrip()
    return [value] if body[:1] in ("'", '"', "") else [value, quoted(body)]


def _quoting(number: int, line: str, start: int, value: str, *, is_in_braces: bool = False) -> Repair:
    """Return the correction of a value that must stand in quotes, and why."""
    right, sign = quoted(value), value[0]
    help = f"In YAML {_SIGNS[sign]}." if sign in _SIGNS else ""
    if sign in "@`%" or sign in _SIGNS and (sign not in "-?" or value[1:2] in ("", " ")):
        reason = f"begins with {sign}"
    elif re.search(r":(\s|$)", value):
        reason, help = "has ': ' in it", "In YAML ': ' ends a key."
    elif is_in_braces:
        sign = next((letter for letter in value if letter in "{}[],"), value[0])
        reason, help = f"has {sign} in it", "Within braces or brackets these signs have a meaning in YAML."
    else:
        reason = "can be taken for something else"
    message = f"a value that {reason} must be quoted: {right}"
    if sign == "-":
        help = f"{help} For a list, write [{value[1:].strip()}]."
    fault = Fault(number, start + 1, message, help, len(value), "a text in quotes", value)
    return Repair(fault, line[:start] + right + line[start + len(value) :], start + len(right))


def _open_quote(line: str) -> int | None:
    """Return where a quote begins a value, or a key, and isn't closed on the line."""
    end = 0
    for beginning in _BEGINNING.finditer(line):
        start = beginning.end()
        if start >= end and line[start : start + 1] in ("'", '"'):
            whole = re.compile(_QUOTED).match(line, start)
            if whole is None:
                return start
            end = whole.end()
    return None


def _bare(line: str) -> str:
    """Return a line with blanks in place of quoted texts and comments."""
    blank = re.sub(_QUOTED, lambda match: "_" * len(match[0]), line)
    return _COMMENT.sub(lambda match: " " * len(match[0]), blank)


def _counted(spaces: int) -> str:
    return f"{spaces or 'no'} space{'' if spaces == 1 else 's'}"


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."


def _in_our_words(lines: list[str], stop: Stop) -> Fault:
    """Return where the parser gave up, without its words."""
    line, column = stop.line, stop.column
    if stop.is_ours:
        return Fault(line, column, f"expected YAML, found {stop.problem}", "", 1, "YAML", stop.problem)
    opened = f"line {stop.start[0]}" if stop.start else "a line above"
    for part, words, is_at_start in _WORDS:
        if part in f"{stop.problem} ({stop.context})":
            found = words.format(opened=opened, letter=repr(lines[line - 1][column - 1 : column] or "the end of the line"))
            if is_at_start and stop.start is not None:
                line, column = stop.start
            return Fault(line, column, f"expected YAML, found {found}", "", 1, "YAML", found)
    found = "something that can't stand here"
    return Fault(line, column, f"expected YAML, found {found}", "", 1, "YAML", found)


#: A part of what libyaml or PyYAML says, what we say, and whether the fault is where that began which was being read.
_WORDS = (
    ("unexpected end of stream (while scanning a quoted", "a quote that is not closed", True),
    ("(while parsing a flow mapping", "neither ',' nor '}}' in the braces that are opened in {opened}", False),
    ("(while parsing a flow sequence", "neither ',' nor ']' in the brackets that are opened in {opened}", False),
    ("(while parsing a block mapping", "a line that is no 'key: value' of the block of keys that begins in {opened}", False),
    ("(while parsing a block collection", "a line that is no '- item' of the list that begins in {opened}", False),
    ("expected ':'", "a line without ':'", True),
    ("values are not allowed", "a ':' where no key can end", False),
    ("entries are not allowed", "a '-' where no list can begin", False),
    ("keys are not allowed", "a '?' where no key can begin", False),
    ("cannot start any", "{letter}, which can't begin a value", False),
    ("node content", "{letter} where a value must stand", False),
    ("an alias", "'*' without the name of what it repeats", True),
    ("an anchor", "'&' without the name of what it marks", True),
    ("a tag", "'!' without the name of a type", True),
    ("a block scalar", "text on the line of '|' or '>', which must stand alone", False),
    ("constructor for the tag", "a value with the tag of another program, which builds nothing here", False),
    ("document start", "a line behind the end of the sheet", False),
    ("directive", "a line that begins with '%'", False),
    ("unexpected document indicator", "'---' or '...' within a text in quotes", False),
)
