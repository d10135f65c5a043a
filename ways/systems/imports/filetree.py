"""Reads a file tree of FSL: the text file that says how the folders and files of a data set are called.

Written from the public manual of the package ``file-tree``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Source
from ways.systems.imports.collecting import LONGEST, Remarks, Unusable, keys_of, literal
from ways.systems.imports.records import Code, Imported, Key, Template, UnreadableError
from ways.systems.imports.source_files import MAX_FILES, problem, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.systems.imports.verifying import Oracle

#: Templates of one tree, those of the trees in it too; folders, and trees, that lie in each other.
_MOST, _DEEPEST = 5_000, 40
_LINE = re.compile(r"(\S*)(?:\s*\((\S*)\))?")
_SUBTREE = re.compile(r"->\s*(\S*)([^(]*)(?:\((\S*)\))?")
_ITEM = re.compile(r"\{(?P<token>[^{}:]+)(?::(?P<form>[^{}]*))?\}|(?P<sign>[\[\]{}])|(?P<text>[^\[\]{}]+)")

CODES: Mapping[str, Code] = {
    "link": Code("error", "Placeholders whose values belong together can take any values here.", "Check them in your tool."),
    "optional-default": Code("error", "An optional part with a value in the tree is left out here if none is given.", "Give the value."),
    "empty-segment": Code("error", "A folder that is made of optional parts alone may have no name.", "Make it one optional part."),
    "pattern": Code("error", "A name has the sign * or ?, which stands for any text there.", "Write a placeholder."),
    "format": Code("error", "The format of a placeholder has no counterpart.", "Pad numbers with zeros: {run:02d}."),
    "two-formats": Code("error", "A template writes one placeholder in two formats.", "Use one of them."),
    "braces": Code("error", "A text has braces, which a path of a sheet can't have.", "Write it without them."),
    "definition": Code("error", "A line can't be read.", "Correct it in the source."),
    "missing-subtree": Code("error", "Another tree isn't beside this file.", "Copy it there."),
    "subtree-circle": Code("error", "Trees contain each other in a circle.", "Leave one of them out."),
    "below-left-out": Code("error", "A line is below one that is left out.", "Correct that one."),
    "duplicate-key": Code("error", "A placeholder is given twice; the last value counts.", "Remove one."),
    "short-name": Code("note", "A template has further short names, or one that others have too.", "Use its place."),
    "unused-key": Code("note", "No template has a placeholder; it isn't in the sheet.", "Nothing."),
}


class _Value(NamedTuple):
    """The value of a placeholder."""

    #: Its texts; several are the only ones that it can have.
    texts: tuple[str, ...]
    source: Source


class _Line(NamedTuple):
    """A line with a template: its indentation, and the name of the template; ``None`` if it is left out, or another tree."""

    indent: int
    name: str | None
    is_subtree: bool = False


def read(path: str) -> Imported:
    """Return what a tree says.

    :param path: the file, ``*.tree``; or a folder with one. Other trees that it contains are beside it.
    :raises UnreadableError: there is no such file, or it isn't a tree.
    """
    return _Reader(path).imported()


def _file_of(path: str) -> str:
    if not os.path.isdir(path):
        return path
    found = sorted(name for name in os.listdir(path) if name.endswith(".tree"))
    if len(found) != 1:
        raise UnreadableError((problem(path, f"expected one file *.tree in this folder, found {len(found)}; name the file"),))
    return os.path.join(path, found[0])


class _Reader:
    def __init__(self, path: str) -> None:
        self.file = _file_of(path)
        self.folder = os.path.dirname(self.file)
        self.files: list[str] = []
        self.remarks = Remarks(CODES)
        self.templates: dict[str, Template] = {}
        #: Placeholder, with the short names of the trees that it is in -> its value.
        self.values: dict[str, _Value] = {}
        #: Template -> what its line says, and the short names of the trees that it is in.
        self.written: dict[str, tuple[str, str]] = {}
        self.subtrees = 0

    def imported(self) -> Imported:
        self._tree(self.file, "", "", (), {})
        if not self.written:
            raise UnreadableError((problem(self.file, "expected the lines of a file tree, found none"),))
        for name in list(self.written):
            self._finish(name)
        keys = keys_of(self.templates.values())
        used = {(key.name, key.source) for key in keys}
        for name, value in self.values.items():
            if (name, value.source) not in used:
                self.remarks.add("unused-key", f"no template has the placeholder {name!r}", value.source, left_out=("key", name))
        return Imported(
            "file-tree", tuple(self.files), (), tuple(keys), tuple(self.templates.values()), tuple(self.remarks.all), self.folder
        )

    # Lines.

    def _tree(self, path: str, within: str, base: str, above: tuple[str, ...], given: Mapping[str, _Value]) -> None:
        """Read a file.

        :param within: the short names of the trees that it is in, each with a ``/``.
        :param base: the template that its folder is.
        :param given: values of placeholders that the line with this tree gives.
        """
        text = read_text(path)
        if path not in self.files:
            self.files.append(path)
        lines: list[_Line] = []
        own: dict[str, int] = {}
        for number, written in enumerate(text.splitlines(), 1):
            line = written.split("#")[0].rstrip()
            if not line.strip():
                continue
            indent = len(line) - len(line.lstrip())
            at = Source(path, "text", line=number, column=indent + 1)
            try:
                self._read_line(line.strip(), indent, at, within, base, lines, own, (*above, os.path.realpath(path)))
            except Unusable as fault:
                lines[:] = [*(other for other in lines if other.indent < indent), _Line(indent, None)]
                self.remarks.leave_out(f"{within}{line.strip()} (line {number})", fault, at)
        for name, value in given.items():
            self.values[f"{within}{name}"] = value

    def _read_line(
        self, line: str, indent: int, at: Source, within: str, base: str, lines: list[_Line], own: dict[str, int], above: tuple[str, ...]
    ) -> None:
        if line.startswith("&LINK"):
            self.remarks.add("link", f"{line.removeprefix('&LINK').strip()} belong together", at)
        elif "=" in line and not line.startswith("->"):
            self._value(line, at, within, own)
        else:
            parent = self._parent(indent, lines, base)
            lines[:] = [other for other in lines if other.indent < indent]
            if line.startswith("->"):
                self._subtree(line, at, within, parent, above)
                lines.append(_Line(indent, None, is_subtree=True))
            else:
                is_top = line.startswith("!")
                lines.append(_Line(indent, self._add(line.removeprefix("!"), at, within, "" if is_top else parent)))

    def _parent(self, indent: int, lines: Sequence[_Line], base: str) -> str:
        """Return the template that a line with this indentation is below."""
        before = [line for line in lines if line.indent < indent]
        if lines and indent <= lines[-1].indent and indent not in [line.indent for line in lines]:
            raise Unusable("definition", "its indentation isn't that of a line before it")
        if len(before) > _DEEPEST:
            raise Unusable("definition", f"more than {_DEEPEST} folders lie in each other")
        if not before:
            return base
        if before[-1].is_subtree:
            raise Unusable("definition", "it is below another tree")
        if before[-1].name is None:
            raise Unusable("below-left-out", "it is below a line that is left out")
        return before[-1].name

    def _value(self, line: str, at: Source, within: str, own: dict[str, int]) -> None:
        name, _, text = (part.strip() for part in line.partition("="))
        if "=" in text or not name:
            raise Unusable("definition", "expected one =")
        texts = tuple(part.strip() for part in text.split(","))
        if name in own:
            before = at._replace(line=own[name], column=1)
            self.remarks.add("duplicate-key", f"{name!r} is given again on line {at.line}, which counts", before, related=((at, "again"),))
        own[name] = at.line
        if texts != ("None",):
            self.values[f"{within}{name}"] = _Value(tuple(part for part in texts if part != "None"), at)

    def _add(self, line: str, at: Source, within: str, parent: str) -> str:
        match = _LINE.fullmatch(line)
        if match is None:
            raise Unusable("definition", "expected a name, and perhaps a short name in brackets")
        written = match[1].strip("/")
        if not written or re.search(r'[<>"|]', written):
            raise Unusable("definition", "expected a name without < > \" |")
        names = [name for name in (match[2] or "").split(",") if name] or [written.rpartition("/")[2].split(".")[0] or written]
        name = f"{within}{names[0]}"
        if name in self.written:
            self.remarks.add("short-name", f"{written!r}: the short name {name!r} stands for another template, too", at)
            name = f"{name} (line {at.line})"
        elif len(names) > 1:
            self.remarks.add("short-name", f"{written!r}: also called {', '.join(names[1:])}", at)
        if len(self.written) >= _MOST:
            raise UnreadableError((problem(self.file, f"expected at most {_MOST} templates, found more"),))
        self.written[name] = (written, within)
        self.templates[name] = Template(name, "", at, parent, origin=name.removesuffix(f" (line {at.line})"))
        return name

    def _subtree(self, line: str, at: Source, within: str, parent: str, above: tuple[str, ...]) -> None:
        match = _SUBTREE.fullmatch(line)
        if match is None or not match[1] or re.search(r'[<>:"/\\|?*]', match[1]):
            raise Unusable("definition", "expected -> and the name of a tree")
        path = self._beside(match[1] if match[1].endswith(".tree") else f"{match[1]}.tree")
        self.subtrees += 1
        if os.path.realpath(path) in above or len(above) > _DEEPEST or self.subtrees > MAX_FILES:
            raise Unusable("subtree-circle", f"it contains itself by {os.path.basename(path)}, or has more than {MAX_FILES} trees")
        given = {}
        for part in filter(None, map(str.strip, match[2].split(","))):
            key, sign, value = part.partition("=")
            if not sign:
                raise Unusable("definition", "expected the values of placeholders as NAME=VALUE")
            given[key.strip()] = _Value((value.strip(),), at)
        names: list[str | None] = [name for name in (match[3] or "").split(",") if name] or [None]
        for name in names:
            self._tree(path, within if name is None else f"{within}{name}/", parent, above, given)

    def _beside(self, name: str) -> str:
        """Return the path of another tree, whose name may be in other letter case."""
        if not os.path.isfile(path := os.path.join(self.folder, name)):
            found = [other for other in sorted(os.listdir(self.folder or ".")) if other.lower() == name.lower()]
            if len(found) != 1:
                raise Unusable("missing-subtree", f"{name} isn't in the folder of this file")
            path = os.path.join(self.folder, found[0])
        return path

    # Templates.

    def _finish(self, name: str) -> None:
        """Give a template its mapping and keys, or leave it out."""
        template = self.templates[name]
        written, within = self.written[name]
        try:
            if template.base and template.base not in self.templates:
                raise Unusable("below-left-out", "it is below a line that is left out")
            mapping, joint, tokens = self._mapping(written, within, is_below=bool(template.base))
            keys = {token: key for token, form in tokens.items() if (key := self._key(token, form, template.source)) is not None}
            self._check_formats(template, keys)
        except Unusable as fault:
            del self.templates[name]
            self.remarks.leave_out(name, fault, template.source)
        else:
            self.templates[name] = template._replace(mapping=mapping, joint=joint, keys=keys)

    def _check_formats(self, template: Template, keys: Mapping[str, Key]) -> None:
        base = template.base
        while base:
            above = self.templates[base]
            for token, key in keys.items():
                if token in above.keys and above.keys[token].details != key.details:
                    raise Unusable("two-formats", f"it writes {token} in another format than its folder")
            base = above.base

    def _mapping(self, written: str, within: str, *, is_below: bool) -> tuple[str, str, dict[str, str]]:
        """Return a line as a mapping, what goes before it, and the format of each of its tokens."""
        if re.search(r"[*?]", written):
            raise Unusable("pattern", "it has a * or ?")
        if len(written) > LONGEST:
            raise Unusable("definition", f"it has more than {LONGEST} characters")
        tokens: dict[str, str] = {}
        text = ""
        is_open = False
        has_fixed = False
        opened = 0
        for match in _ITEM.finditer(written):
            if match["token"]:
                token = self._token(match["token"], within)
                form = match["form"] or ""
                if tokens.setdefault(token, form) != form:
                    raise Unusable("two-formats", f"it writes {token} in two formats")
                if is_open and token in self.values:
                    self.remarks.add("optional-default", f"an optional part has {token}, which has a value", self.templates_at(written))
                text += f"{{{token}}}"
            elif match["sign"] in ("[", "]"):
                if is_open == (match["sign"] == "["):
                    raise Unusable("definition", "its square brackets have no partner, or stand within others")
                is_open = not is_open
                if is_open:
                    opened = len(text)
                    text += "["
                elif "{" in text[opened:]:
                    text += "]"
                else:
                    # Without a placeholder, nothing decides whether it is there.
                    text = text[:opened] + text[opened + 1 :]
                    has_fixed = True
                continue
            elif match["sign"]:
                raise Unusable("braces", "its braces have no partner")
            else:
                text += literal(match["text"])
            has_fixed = has_fixed or not is_open
        if is_open:
            raise Unusable("definition", "the [ has no partner")
        if has_fixed:
            return text, "/", tokens
        # A folder that may be absent takes the slash before it along.
        if not is_below or text.count("[") > 1:
            raise Unusable("empty-segment", "it may have no name")
        return f"[/{text[1:]}", "", tokens

    def templates_at(self, written: str) -> Source:
        """Return where a template is written that has this line."""
        return next(self.templates[name].source for name, (line, _) in self.written.items() if line == written and name in self.templates)

    def _token(self, written: str, within: str) -> str:
        """Return the token of a placeholder: that of the innermost tree which has a value for it."""
        parts = within.split("/")[:-1]
        while parts and f"{'/'.join(parts)}/{written}" not in self.values:
            parts.pop(0)
        return ".".join((*parts, written)) if parts else written

    def _key(self, token: str, form: str, source: Source) -> Key | None:
        """Return the key of a token, if it has details."""
        name, value = next(((name, value) for name, value in self.values.items() if name.replace("/", ".") == token), (token, None))
        details: dict[str, Any] = {}
        if form:
            number = re.fullmatch(r"(?:0([1-9]\d?))?d", form)
            if number is None:
                raise Unusable("format", f"the format {form!r} of {token} has no counterpart")
            details["format"] = form
        if value is not None and len(value.texts) > 1:
            details["choices"] = list(dict.fromkeys(value.texts))
        elif value is not None and value.texts:
            (text,) = value.texts
            if "{" in text or "[" in text:
                details["mapping"] = "".join(self._texts_of(text, name))
            elif text:
                details["default"] = text
        if not details:
            return None
        return Key(name, details, value.source if value else source)

    def _texts_of(self, text: str, name: str) -> Iterator[str]:
        """Yield the parts of a value that has other placeholders."""
        within = f"{name.rpartition('/')[0]}/" if "/" in name else ""
        for match in _ITEM.finditer(text):
            if match["token"] and not match["form"]:
                yield f"{{{self._token(match['token'], within)}}}"
            elif match["text"]:
                yield literal(match["text"])
            else:
                raise Unusable("definition", f"the value {text!r} of {name} can't be a part of a mapping")


def oracle(path: str) -> Oracle:
    """Return the package ``file-tree`` itself, as what writes and reads.

    :raises NoOracleError: it isn't installed.
    """
    from ways.systems.imports.filetree_oracle import FileTreeOracle

    return FileTreeOracle(_file_of(path))
