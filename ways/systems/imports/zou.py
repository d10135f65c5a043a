"""Reads a file tree of Zou, the server of Kitsu: the folders and file names of each kind of file and entity.

Written from the public manual: the page *File trees descriptors*.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from ways.sheets.document import Draft, Pointer, Source
from ways.systems.imports.collecting import Remarks, Unusable, keys_of, literal, mapping_at, place_in
from ways.systems.imports.records import Code, Imported, Key, Root, RootPath, Template, UnreadableError
from ways.systems.imports.source_files import problem, read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.systems.imports.verifying import Oracle

#: Where a file has its tree: alone, or in a project.
_AROUND = ((), ("file_tree",), ("data", "file_tree"))
_KNOWN = ("mountpoint", "root", "folder_path", "file_name")
_ENTITIES = frozenset("shot asset sequence scene episode edit instance instance_asset".split())
_TOKEN = re.compile(r"<([\w.]*)>")
_TOKENS = frozenset(
    "Project Episode Sequence Scene Shot AssetType Asset Department TaskType Task OutputType Name OutputFile WorkingFile Representation"
    " Software Version Revision TemporalEntityType TemporalEntity Instance".split()
)
_NUMBERS = {"Version": "03d", "Revision": "03d", "Instance.number": "04d"}
_FIELDS = ("name", "short_name", "number", "id")
_STYLES = {"lowercase": "a-z0-9", "uppercase": "A-Z0-9"}
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

CODES: Mapping[str, Code] = {
    "style": Code(
        "error", "Zou writes a value in one letter case, with _ for other signs; here it is written as given.", "Give it as it is written."
    ),
    "elements": Code("note", "Zou adds _[1-N] to the name of an output file of N elements; that isn't in the sheet.", "Add it yourself."),
    "unknown-token": Code("error", "A template has a token that Zou doesn't know.", "Correct its name."),
    "unknown-field": Code("error", "Zou reads an unknown field of a token as its name.", "Correct the field."),
    "unknown-entity": Code("note", "Zou itself doesn't use a template, because it knows no such entity.", "Nothing."),
    "two-styles": Code("error", "The folder and the name of a file have one token in two letter cases.", "Use one style."),
    "no-path": Code("error", "A kind of file has no mount point.", "Write its path into the sheet."),
    "empty": Code("note", "A template is empty; it isn't in the sheet.", "Nothing."),
    "no-file-name": Code("error", "A file name has no text but signs.", "Write letters."),
    "braces": Code("error", "A text has braces, which a path of a sheet can't have.", "Write it without them."),
    "definition": Code("error", "A template can't be read.", "Correct it in the source."),
    "duplicate-key": Code("error", "A name occurs twice; the last one counts.", "Rename or remove one."),
    "unknown-key": Code("error", "Nothing is known of a key of the file.", "See whether your tools need it."),
}


class _Section(NamedTuple):
    """The templates of folders, or those of file names, of one kind of file."""

    templates: dict[str, tuple[Any, Source]]
    style: str


def read(path: str) -> Imported:
    """Return what a file tree says.

    :param path: its JSON file, or that of a project that has it as ``file_tree``.
    :raises UnreadableError: there is no such file, or it isn't one of Zou.
    """
    return _Reader(path).imported()


class _Reader:
    def __init__(self, path: str) -> None:
        self.file = path
        self.draft: Draft = read_json(path)
        self.source = Source(path, "json")
        self.remarks = Remarks(CODES)
        self.keys: dict[tuple[str, str], Key] = {}

    def imported(self) -> Imported:
        where = next((around for around in _AROUND if _is_tree(mapping_at(self.draft.data, around))), None)
        if where is None:
            raise UnreadableError((problem(self.file, "expected a file tree of Zou, with folder_path and file_name, found none"),))
        self.remarks.add_duplicates(self.draft)
        roots: list[Root] = []
        templates: list[Template] = []
        for name, value in mapping_at(self.draft.data, where).items():
            pointer = (*where, name)
            if not isinstance(value, Mapping):
                self.remarks.add("unknown-key", f"{name!r} has no counterpart", self._at(pointer))
                continue
            roots.append(self._root(name, value, pointer))
            templates += self._templates(name, value, pointer)
        keys, remarks = tuple(keys_of(templates)), tuple(self.remarks.all)
        return Imported("Zou", (self.file,), tuple(roots), keys, tuple(templates), remarks, os.path.dirname(self.file))

    def _at(self, pointer: Pointer) -> Source:
        return place_in(self.draft, self.source, pointer)

    def _root(self, name: str, value: Mapping[str, Any], pointer: Pointer) -> Root:
        for key in value:
            if key not in _KNOWN:
                self.remarks.add("unknown-key", f"{key!r} of {name!r} has no counterpart", self._at((*pointer, key)))
        parts = [value.get("mountpoint"), value.get("root")]
        path = "/".join(part.strip().replace("\\", "/").rstrip("/") for part in parts if isinstance(part, str) and part.strip())
        try:
            mapping = literal(path)
        except Unusable:
            mapping = ""
        if not mapping.strip("/"):
            self.remarks.add("no-path", f"{name!r} has no mount point that a sheet can have; the sheet has /{name}", self._at(pointer))
            mapping = f"/{re.sub(r'[{}/]', '_', name)}"
        return Root(name, (RootPath(mapping),), self._at((*pointer, "mountpoint")))

    def _section(self, name: str, value: Mapping[str, Any], pointer: Pointer, key: str) -> _Section:
        written = value.get(key)
        pointer = (*pointer, key)
        if written is not None and not isinstance(written, Mapping):
            self.remarks.add("definition", f"{key} of {name!r}: expected a block of templates", self._at(pointer))
        templates = {}
        style = ""
        for entity, entry in written.items() if isinstance(written, Mapping) else ():
            at = self._at((*pointer, entity))
            if entity == "style":
                style = str(entry)
                letters = "capitals" if style == "uppercase" else "small letters"
                self.remarks.add("style", f"{key} of {name!r}: values are written in {letters} and with _, and here as they are given", at)
            elif isinstance(entry, str) and not _TOKEN.search(entry) and entity not in _ENTITIES:
                self.remarks.add("unknown-key", f"{entity!r} in {key} of {name!r} has no counterpart", at)
            elif entry == "" or entry is None:
                template = f"{name}/{entity}/file" if key == "file_name" else f"{name}/{entity}"
                self.remarks.add("empty", f"{key} of {name!r} has no text for {entity!r}", at, left_out=("template", template))
            else:
                templates[str(entity)] = (entry, at)
                if entity not in _ENTITIES:
                    self.remarks.add("unknown-entity", f"Zou has no files of the entity {entity!r}", at)
        return _Section(templates, style)

    def _templates(self, name: str, value: Mapping[str, Any], pointer: Pointer) -> Iterator[Template]:
        folders = self._section(name, value, pointer, "folder_path")
        files = self._section(name, value, pointer, "file_name")
        if name == "output" and files.templates:
            self.remarks.add("elements", "the name of a file of N elements ends in _[1-N] there", self._at((*pointer, "file_name")))
        written: dict[str, Template] = {}
        for entity, (entry, at) in folders.templates.items():
            try:
                template = self._template(f"{name}/{entity}", entry, at, folders.style, is_file=False)
            except Unusable as fault:
                self.remarks.leave_out(f"{name}/{entity}", fault, at)
            else:
                written[entity] = template._replace(base=name, mapping=template.mapping.strip("/"))
                yield written[entity]
        for entity, (entry, at) in files.templates.items():
            full = f"{name}/{entity}/file"
            try:
                template = self._template(full, entry, at, files.style, is_file=True)
                folder = written.get(entity)
                if folder is None:
                    yield template._replace(is_path=False, search=False)
                    continue
                if any(folder.keys.get(token, key).details != key.details for token, key in template.keys.items()):
                    raise Unusable("two-styles", "its folder has a token in another letter case")
                yield template._replace(base=folder.name)
            except Unusable as fault:
                self.remarks.leave_out(full, fault, at)

    def _template(self, name: str, entry: Any, at: Source, style: str, *, is_file: bool) -> Template:
        if not isinstance(entry, str):
            raise Unusable("definition", "expected a text")
        pieces = _TOKEN.split(entry)
        mapping = ""
        keys: dict[str, Key] = {}
        for index, piece in enumerate(pieces):
            if index % 2:
                token = self._token(piece, name, at)
                mapping += f"{{{token}}}"
                keys[token] = self._key(token, style, at)
            elif is_file:
                mapping += _slug(piece, style, is_first=not index, is_last=index + 1 == len(pieces))
            else:
                mapping += literal(piece)
        if not mapping.strip("/"):
            raise Unusable("no-file-name", "expected a text")
        return Template(name, mapping, at, keys=keys)

    def _token(self, written: str, name: str, at: Source) -> str:
        kind, _, field = written.partition(".")
        if kind not in _TOKENS:
            near = get_close_matches(kind, sorted(_TOKENS), n=1)
            raise Unusable("unknown-token", f"Zou has no token <{written}>", f"Write <{near[0]}>." if near else "")
        if field and field not in _FIELDS:
            self.remarks.add("unknown-field", f"{name!r}: {field!r} of <{written}> is read as the name", at)
            return kind
        return kind if field == "name" else written

    def _key(self, token: str, style: str, at: Source) -> Key:
        letters = _STYLES.get(style, _STYLES["lowercase"])
        if token in _NUMBERS:
            details: Mapping[str, Any] = {"format": _NUMBERS[token]}
        elif token.endswith(".id"):
            details = {"parse": {"regex": _UUID}}
        else:
            details = {"parse": {"regex": f"[{letters}]+(?:_[{letters}]+)*"}}
        return self.keys.setdefault((token, str(details)), Key(token, details, at))


def _is_tree(data: Any) -> bool:
    modes = data.values() if isinstance(data, Mapping) else ()
    return any(isinstance(mode, Mapping) and {"folder_path", "file_name"} & mode.keys() for mode in modes)


def _slug(text: str, style: str, *, is_first: bool, is_last: bool) -> str:
    """Return the text between two tokens of a file name, as Zou writes it: letters and digits, and one _ for all between them."""
    slug = re.sub(r"[^A-Za-z0-9]+", "_", text)
    slug = slug.removeprefix("_") if is_first else slug
    slug = slug.removesuffix("_") if is_last else slug
    return slug.upper() if style == "uppercase" else slug.lower()


def oracle(path: str) -> Oracle:
    """Return what writes and reads as Zou does.

    :raises UnreadableError: see :func:`read`.
    """
    from ways.systems.imports.zou_oracle import ZouOracle

    return ZouOracle(path)
