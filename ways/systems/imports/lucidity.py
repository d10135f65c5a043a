"""Reads templates of lucidity: Python files with a function ``register`` that returns them. The files are read, never run.

What a template is made of has to be written out: texts, names of texts that are assigned once, and sums of these.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping

from ways.systems.imports.collecting import LONGEST, Remarks, Unusable, literal
from ways.systems.imports.expressions import for_value
from ways.systems.imports.lucidity_calls import TemplateCall, calls_in, files_at
from ways.systems.imports.records import Code, Imported, Key, Template, UnreadableError
from ways.systems.imports.source_files import problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.systems.imports.verifying import Oracle

#: What a placeholder takes that has no expression.
DEFAULT_EXPRESSION = r"[\w_.\-]+"
_PIECE = re.compile(r"\{(?P<name>[^{}:]+)(?::(?P<expression>(?:\\[{}]|[^{}])+))?\}|(?P<brace>[{}])|(?P<text>[^{}]+)")
_NOT_IN_A_NAME = re.compile(r"[^\w.@/-]")

CODES: Mapping[str, Code] = {
    "code": Code("error", "A template is made by code, which isn't run.", "Write its pattern out, or add it to the sheet."),
    "syntax": Code("error", "A file isn't Python.", "Correct it."),
    "pattern": Code("error", "A pattern can't be read.", "Correct it in the source."),
    "expression": Code("error", "An expression has no counterpart; the token takes what one without an expression does.", "Write one."),
    "unknown-reference": Code("error", "A pattern refers to a template that isn't there.", "Correct the name behind the @."),
    "reference-circle": Code("error", "Templates refer to each other in a circle.", "Correct the names behind the @."),
    "anchor": Code("error", "A template reads a part of a text; here all of the text has to fit.", "Write the rest as a token."),
    "relaxed": Code("error", "A repeated placeholder may have different values there; here it has one.", "Give it two names."),
    "order": Code("note", "The first template that fits counts there; here two that fit are an error.", "Run ways check."),
}  # fmt: skip


def read(path: str) -> Imported:
    """Return the templates that the files at *path* register.

    :param path: a Python file, or a folder that is searched with all below it, as lucidity does.
    :raises UnreadableError: there is no such file, or none that registers templates.
    """
    return _Reader(path).imported()


class _Reader:
    def __init__(self, path: str) -> None:
        self.path = path
        self.folder = path if os.path.isdir(path) else os.path.dirname(path)
        self.files: list[str] = []
        self.remarks = Remarks(CODES)
        self.calls: dict[str, TemplateCall] = {}

    def imported(self) -> Imported:
        files = files_at(self.path)
        for file in files:
            try:
                calls = calls_in(file)
            except UnreadableError as error:
                if len(files) == 1:
                    raise
                found = error.problems[0]
                self.remarks.add("syntax", found.message, found.source)
                continue
            if calls is not None:
                self.files.append(file)
                self._add(calls)
        if not self.files:
            raise UnreadableError((problem(self.path, "expected a Python file with a function register, found none"),))
        templates = list(self._templates())
        if len(templates) > 1:
            source = templates[0].source
            self.remarks.add("order", f"the first of {len(templates)} templates that fits counts there", source)
        return Imported("lucidity", tuple(self.files), (), (), tuple(templates), tuple(self.remarks.all), self.folder)

    def _add(self, calls: Iterable[TemplateCall]) -> None:
        for call in calls:
            name = call.arguments.get("name")
            label = name if isinstance(name, str) else "?"
            if not call.is_plain or not isinstance(name, str) or not isinstance(call.arguments.get("pattern"), str):
                left_out = ("template", f"{label} on line {call.source.line}")
                self.remarks.add("code", f"the template {label!r} is made by code", call.source, left_out=left_out)
                continue
            unique, number = name, 1
            while unique in self.calls:
                number += 1
                unique = f"{name}_{number}"
            self.calls[unique] = call

    # Templates.

    def _templates(self) -> Iterator[Template]:
        for name, call in self.calls.items():
            try:
                yield self._template(name, call)
            except Unusable as fault:
                self.remarks.leave_out(name, fault, call.source)

    def _template(self, name: str, call: TemplateCall) -> Template:
        pattern = call.arguments["pattern"]
        whole = self._expanded(name, ())
        keys = self._keys(whole, call)
        if call.arguments.get("anchor", 1) != 3 and call.is_returned:
            place = {1: "the start", 2: "the end"}.get(call.arguments.get("anchor", 1), "any part")
            self.remarks.add("anchor", f"{name!r} reads {place} of a text", call.source)
        reference = re.match(r"\{@([^{}]+)\}", pattern)
        base, joint = "", ""
        if reference:
            base = reference[1]
            pattern = pattern[reference.end() :]
            joint = "/" if pattern.startswith("/") else ""
            pattern = pattern.removeprefix("/")
        mapping = "".join(map(_as_mapping, _PIECE.finditer(pattern)))
        return Template(name, mapping, call.source, base, joint, keys, search=call.is_returned)

    def _expanded(self, name: str, above: tuple[str, ...]) -> str:
        """Return a pattern with those that it refers to in their places."""
        if name in above:
            raise Unusable("reference-circle", f"it refers to itself by @{name}")
        if len(above) > 50:
            raise Unusable("pattern", "it refers to more than 50 others, one by the other")
        text = ""
        for piece in _PIECE.finditer(self.calls[name].arguments["pattern"]):
            if piece["brace"]:
                raise Unusable("pattern", f"the {piece['brace']!r} has no partner")
            if piece["name"] and piece["name"].startswith("@"):
                if piece["name"][1:] not in self.calls:
                    raise Unusable("unknown-reference", f"it refers to {piece['name']}, which isn't there")
                text += self._expanded(piece["name"][1:], (*above, name))
            else:
                text += piece[0]
            if len(text) > LONGEST:
                raise Unusable("pattern", f"it has more than {LONGEST} characters")
        return text

    def _keys(self, pattern: str, call: TemplateCall) -> dict[str, Key]:
        """Return the key of each token of a whole pattern."""
        default = call.arguments.get("default_placeholder_expression", DEFAULT_EXPRESSION)
        keys: dict[str, Key] = {}
        expressions: dict[str, str] = {}
        repeated: dict[str, None] = {}
        for piece in _PIECE.finditer(pattern):
            token = piece["name"]
            if not token:
                continue
            if _NOT_IN_A_NAME.search(token):
                raise Unusable("pattern", f"{token!r} is no name")
            written = piece["expression"]
            if token in expressions:
                repeated[token] = None
            if token in expressions and (written is None or expressions[token] != default):
                continue
            expressions[token] = default if written is None else re.sub(r"\\([{}])", r"\1", written)
        for token, written in expressions.items():
            expression = for_value(written)
            if not expression:
                self.remarks.add("expression", f"the expression {written!r} of {token!r} has no counterpart", call.source)
                expression = DEFAULT_EXPRESSION
            # The default one names the underscore twice.
            expression = r"[\w.\-]+" if expression == DEFAULT_EXPRESSION else expression
            keys[token] = Key("", {"parse": {"regex": expression}}, call.source)
        if repeated and call.arguments.get("duplicate_placeholder_mode", 1) != 2:
            self.remarks.add("relaxed", f"{', '.join(repeated)} may have different values in one text", call.source)
        return keys


def _as_mapping(piece: re.Match[str]) -> str:
    return f"{{{piece['name']}}}" if piece["name"] else literal(piece["text"])


def oracle(path: str) -> Oracle:
    """Return lucidity itself, with the templates that are written out in the files.

    :raises NoOracleError: lucidity isn't installed.
    """
    from ways.systems.imports.lucidity_oracle import LucidityOracle

    return LucidityOracle(files_at(path))
