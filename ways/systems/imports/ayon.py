"""Reads the anatomy of a project of AYON, or of OpenPype, from which AYON comes: the roots, and the templates of its paths.

Written from the public manual: the page *Project Anatomy* of either.
"""

from __future__ import annotations

import json
import os
import re
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Draft, Pointer, Source
from ways.systems.imports.collecting import LONGEST, Remarks, Unusable, keys_of, literal, mapping_at, place_in
from ways.systems.imports.records import Code, Imported, Key, Root, RootPath, Template, UnreadableError
from ways.systems.imports.source_files import problem, read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.systems.imports.verifying import Oracle

_PLATFORMS = ("linux", "darwin", "windows")
#: Where a file has its templates and roots: alone, as an anatomy, in the entity of a project, or in the settings.
_AROUND = ((), ("anatomy",), ("config",), ("project_anatomy",), ("data", "anatomy"))
#: Keys beside the templates that say nothing of paths.
_NOT_PATHS = frozenset(
    "name code library attrib data active ownAttrib createdAt updatedAt bundle config primary preset version"
    " attributes folder_types folderTypes task_types taskTypes link_types linkTypes statuses tags entity_naming entityNaming"
    " product_base_types productBaseTypes product_types productTypes tasks imageio schema type parent _id default".split()
)
#: Templates that refer to each other, and optional parts that lie in each other, at most.
_DEEPEST = 20
#: Characters of all templates, with what they refer to in its place.
_MOST_EXPANDED = 1 << 20
_COMMON = ("common", "defaults")
_FOLDERS = ("directory", "folder")
_LABELS = "__dynamic_keys_labels__"
#: What ``{@version_padding}`` and the like are if the file doesn't say.
_PADDINGS = {"version_padding": "3", "frame_padding": "4"}
_REFERENCE = re.compile(r"\{@([^{}]*)\}")
_ITEM = re.compile(
    r"(?P<escaped>\{\{|\}\})|\{(?P<key>[^{}:!]*)(?:!(?P<conversion>[^{}:]*))?(?::(?P<form>[^{}]*))?\}|(?P<sign>[<>{}])|(?P<text>[^<>{}]+)"
)
_KEY = re.compile(r"(\w+)((?:\[[^\[\]{}:]+\])*)")
#: Names in small letters, whose variants with capitals OpenPype writes with capitals.
_CASED = frozenset("project asset folder task product subset family variant representation parent app user host output comment".split())
_DATES = {
    **dict.fromkeys(("d", "m", "H", "h", "M", "S"), r"[0-9]{1,2}"),
    **dict.fromkeys(("dd", "mm", "yy", "HH", "hh", "MM", "SS"), r"[0-9]{2}"),
    **dict.fromkeys(("ddd", "dddd", "mmm", "mmmm"), r"[^\W\d_]+"),
    "yyyy": r"[0-9]{4}",
    "ht": r"[AP]M",
}
#: Details of tokens that the manual describes as more than a text.
_DETAILS: Mapping[str, Mapping[str, Any]] = {
    "hierarchy": {"segments": True},
    "folder.path": {"segments": True},
    "originalDirname": {"segments": True},
    # No frame and no UDIM can be read as the first part of an extension.
    "ext": {"parse": {"regex": r"\d?[A-Za-z]\w*(?:\.\d?[A-Za-z]\w*)*"}},
    "frame": {"parse": {"regex": r"\d+"}},
    "version": {"parse": {"regex": r"\d+"}},
    **{name: {"parse": {"regex": expression}} for name, expression in _DATES.items()},
}

CODES: Mapping[str, Code] = {
    "unknown-root": Code("error", "A template names a root that the file doesn't define.", "Write its path into the sheet."),
    "no-path": Code("error", "A root has no path that a sheet can have.", "Write its path into the sheet."),
    "case-variant": Code("error", "A key writes its value with capitals; here it is a token of its own.", "Give its value in capitals."),
    "date": Code("error", "A key writes the present date or time.", "Give its value."),
    "padding": Code("error", "The settings of the studio have the padding, not the file.", "Compare it with your settings."),
    "undefined-reference": Code("error", "A template refers to one that isn't defined.", "Correct the name behind the @."),
    "reference-circle": Code("error", "Templates refer to each other in a circle.", "Correct the names behind the @."),
    "format": Code("error", "A format has no counterpart.", "Pad numbers with zeros: {version:0>3}."),
    "two-formats": Code("error", "A template writes one key in two formats.", "Use one of them."),
    "optional-part": Code("error", "An optional part has a key in an inner part only, or is too deep.", "Move text into the inner part."),
    "braces": Code("error", "A text has braces, which a path of a sheet can't have.", "Write it without them."),
    "definition": Code("error", "A template can't be read.", "Correct it in the source."),
    "unknown-key": Code("error", "Nothing is known of a key of the file.", "See whether your tools need it."),
    "duplicate-key": Code("error", "A name occurs twice; the last one counts.", "Rename or remove one."),
    "folder-path": Code("note", "The value of folder[path] begins with a slash there, and without one here.", "Nothing."),
    "not-paths": Code("note", "Settings that say nothing of paths aren't in the sheet.", "Nothing."),
    "label": Code("note", "The labels of templates and roots aren't in the sheet.", "Nothing."),
    "written-out": Code("note", "A template that others refer to is written out in them.", "Nothing."),
    "unused-key": Code("note", "No template refers to a common template; it isn't in the sheet.", "Nothing."),
}


def read(path: str) -> Imported:
    """Return what an anatomy says.

    :param path: a file with ``roots`` and ``templates``, as AYON's server answers for the anatomy or for the project; or a folder with
        it as ``anatomy.json``, or with OpenPype's ``templates.json``. Beside it, ``roots.json`` has OpenPype's roots, or those that AYON's
        sites have instead of the project's.
    :raises UnreadableError: there is no such file, or it isn't one of AYON or OpenPype.
    """
    return _Reader(path).imported()


def _file_of(path: str) -> str:
    if not os.path.isdir(path):
        return path
    found = [os.path.join(path, *parts) for parts in (("anatomy.json",), ("templates.json",), ("project_anatomy", "templates.json"))]
    for file in found:
        if os.path.isfile(file):
            return file
    raise UnreadableError((problem(path, "expected anatomy.json or templates.json in this folder, found neither"),))


class _Entry(NamedTuple):
    """A value of the file, with its name and place."""

    name: str
    value: Any
    source: Source


class _Group(NamedTuple):
    """Templates that stand together, such as the folder and the file of one kind of path."""

    name: str
    entries: dict[str, _Entry]
    source: Source


class _Part(NamedTuple):
    """A key, a text, or an optional part of a template."""

    text: str = ""
    token: str = ""
    details: Mapping[str, Any] = {}
    inner: tuple[_Part, ...] = ()

    @property
    def is_text(self) -> bool:
        return not self.token and not self.inner


class _Reader:
    def __init__(self, path: str) -> None:
        self.file = _file_of(path)
        self.folder = os.path.dirname(self.file)
        self.files: list[str] = []
        self.remarks = Remarks(CODES)
        self.roots: dict[str, Root] = {}
        self.common: dict[str, _Entry] = {}
        self.groups: list[_Group] = []
        #: Token and details -> the key that says so.
        self.keys: dict[tuple[str, str], Key] = {}
        #: Common templates -> those keys of which each is a part.
        self.parts_of: dict[_Where, list[Key]] = {}
        self.referred: set[_Where] = set()
        #: Characters that references have been written out to.
        self.expanded = 0

    def imported(self) -> Imported:
        draft = self._draft(self.file)
        around = next((p for p in _AROUND if isinstance(mapping_at(draft.data, (*p, "templates")), Mapping)), None)
        data = mapping_at(draft.data, around or ())
        where: Pointer = () if around is None else (*around, "templates")
        templates = data if around is None else data["templates"]
        if not isinstance(templates, Mapping) or not any(self._may_be_group(value) for value in templates.values()):
            raise UnreadableError((problem(self.file, "expected the templates of an anatomy, found none"),))
        source = Source(self.file, "json")
        if around is not None:
            self._read_roots(data.get("roots"), draft, source, (*around, "roots"))
            self._other_keys(data, draft, source, around)
        self._read_roots_beside()
        self._read_templates(templates, draft, source, where)
        templates_read = self._once(template for group in self.groups for template in self._templates(group))
        keys = keys_of(templates_read)
        self._tell_common(keys)
        return Imported(
            "AYON", tuple(self.files), tuple(self.roots.values()), tuple(keys), tuple(templates_read), tuple(self.remarks.all), self.folder
        )

    def _once(self, templates: Iterable[Template]) -> list[Template]:
        """Return the templates whose names differ from those before them."""
        found: dict[str, Template] = {}
        for template in templates:
            if found.setdefault(template.name, template) is not template:
                fault = Unusable("definition", "another template has this name")
                self.remarks.leave_out(template.name, fault, template.source)
        return list(found.values())

    # Files.

    def _draft(self, path: str) -> Draft:
        draft = read_json(path)
        self.files.append(path)
        self.remarks.add_duplicates(draft)
        return draft

    @staticmethod
    def _may_be_group(value: Any) -> bool:
        return isinstance(value, (Mapping, list, str))

    def _other_keys(self, data: Mapping[str, Any], draft: Draft, source: Source, around: Pointer) -> None:
        known = []
        for name in data:
            if name in _NOT_PATHS:
                known.append(name)
            elif name not in ("templates", "roots"):
                self.remarks.add("unknown-key", f"{name!r} has no counterpart", place_in(draft, source, (*around, name)))
        if known:
            self.remarks.add("not-paths", f"no paths: {', '.join(known)}", place_in(draft, source, (*around, known[0])))

    # Roots.

    def _read_roots(self, written: Any, draft: Draft, source: Source, where: Pointer) -> None:
        """Read the roots of a project: a list of them, or a mapping of their names."""
        if written is None:
            return
        entries = list(written.items()) if isinstance(written, Mapping) else list(enumerate(written)) if isinstance(written, list) else []
        if isinstance(written, Mapping) and any(isinstance(written.get(platform), str) for platform in _PLATFORMS):
            # The first versions have one root, which has no name.
            entries, where = [("root", written)], where[:-1]
        for key, value in entries:
            at = place_in(draft, source, (*where, key))
            if key == _LABELS:
                self.remarks.add("label", "the labels of the roots aren't in the sheet", at)
                continue
            name = value.get("name") if isinstance(value, Mapping) and isinstance(key, int) else key
            if not isinstance(value, Mapping) or not isinstance(name, str) or not name:
                self.remarks.add("definition", "expected the paths of a root", at)
                continue
            paths = [path for platform in _PLATFORMS if (path := self._root_path(value.get(platform), name, platform, "", at)) is not None]
            for other in value:
                if other not in (*_PLATFORMS, "name"):
                    self.remarks.add("unknown-key", f"{other!r} of the root {name!r} has no counterpart", at)
            self.roots[name] = self._root(name, paths, at)

    def _root(self, name: str, paths: Sequence[RootPath], source: Source) -> Root:
        if not paths:
            self.remarks.add("no-path", f"the root {name!r} has no path; the sheet has /{name}", source)
            paths = [RootPath(f"/{_safe(name)}")]
        elif len(paths) == len(_PLATFORMS) and len({path.mapping for path in paths}) == 1:
            paths = [paths[0]._replace(platform="")]
        return Root(name, tuple(paths), source)

    def _root_path(self, written: Any, name: str, platform: str, layer: str, source: Source) -> RootPath | None:
        if written is None or written == "":
            return None
        if not isinstance(written, str) or not written.strip("/\\ ") or re.search(r"[{}]|\$\w|%\w+%", written):
            where = platform or f"the site {layer}"
            self.remarks.add("no-path", f"the path {written!r} of the root {name!r} for {where} can't be in a sheet", source)
            return None
        return RootPath(literal(written.strip().rstrip("/\\")), platform, layer)

    def _read_roots_beside(self) -> None:
        """Read ``roots.json``: OpenPype's roots, or the paths that sites of AYON have instead."""
        path = os.path.join(self.folder, "roots.json")
        if not os.path.isfile(path) or os.path.realpath(path) == os.path.realpath(self.file):
            return
        draft = self._draft(path)
        source = Source(path, "json")
        data = draft.data
        if not isinstance(data, Mapping) or not _is_of_sites(data):
            if not self.roots:
                self._read_roots(data, draft, source, ())
            else:
                self.remarks.add("unknown-key", "the roots of this file don't count: the anatomy has its own", place_in(draft, source, ()))
            return
        for site, paths in data.items():
            for name, written in paths.items():
                at = place_in(draft, source, (site, name))
                root = self.roots.get(name)
                if root is None:
                    self.remarks.add("unknown-root", f"the site {site!r} has a path of the root {name!r}, which isn't defined", at)
                elif (found := self._root_path(written, name, "", str(site), at)) is not None:
                    self.roots[name] = root._replace(paths=(*root.paths, found))

    # Templates.

    def _read_templates(self, data: Mapping[str, Any], draft: Draft, source: Source, where: Pointer) -> None:
        for name, value in data.items():
            pointer = (*where, name)
            if name in _COMMON and isinstance(value, Mapping):
                for key, item in value.items():
                    self._add_common(str(key), item, place_in(draft, source, (*pointer, key)))
            elif isinstance(value, (str, int, float)):
                self._add_common(name, value, place_in(draft, source, pointer))
            else:
                self.groups += self._groups(name, value, draft, source, pointer)

    def _add_common(self, name: str, value: Any, source: Source) -> None:
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            self.common[name] = _Entry(name, value, source)
        else:
            self.remarks.add("definition", f"{name!r}: expected a text or a number", source, left_out=("key", name))

    def _groups(self, name: str, value: Any, draft: Draft, source: Source, where: Pointer) -> Iterator[_Group]:
        at = place_in(draft, source, where)
        if isinstance(value, list):
            for index, item in enumerate(value):
                own = item.get("name") if isinstance(item, Mapping) else None
                if not isinstance(own, str) or not own:
                    fault = Unusable("definition", "expected templates with a name")
                    self.remarks.leave_out(f"{name}/{index}", fault, place_in(draft, source, (*where, index)))
                else:
                    rest = {key: entry for key, entry in item.items() if key != "name"}
                    yield from self._groups(f"{name}/{own}", rest, draft, source, (*where, index))
        elif isinstance(value, Mapping):
            entries: dict[str, _Entry] = {}
            below: list[_Group] = []
            for key, item in value.items():
                place = place_in(draft, source, (*where, key))
                if key == _LABELS:
                    self.remarks.add("label", f"the labels of {name} aren't in the sheet", place)
                elif isinstance(item, (Mapping, list)):
                    below += self._groups(f"{name}/{key}", item, draft, source, (*where, key))
                else:
                    entries[str(key)] = _Entry(str(key), item, place)
            if entries:
                yield _Group(name, entries, at)
            yield from below
        else:
            self.remarks.leave_out(name, Unusable("definition", "expected a block of templates"), at)

    def _templates(self, group: _Group) -> Iterator[Template]:
        """Return the templates of a group: its folder, its file below this folder, and each other path."""
        own = {name: entry for name, entry in group.entries.items() if name in self.common or isinstance(entry.value, (int, float))}
        scope = ChainMap(own, group.entries, self.common)
        folder = next((name for name in _FOLDERS if name in group.entries), "")
        roots = {*self.roots, *re.findall(r"\{root\[(\w+)\]", str(group.entries))}
        # The folder of OpenPype's work has the name of a root.
        own_name = f"{group.name}/{folder or 'value'}" if group.name in roots else group.name
        is_joined = bool(folder) and "file" in group.entries and _is_joint(group.entries.get("path"), folder)
        written: dict[str, Template] = {}
        for name in sorted(group.entries, key=lambda entry: (entry != folder, entry != "file")):
            entry = group.entries[name]
            if name in own:
                continue
            full = own_name if name in (folder, "value") else f"{own_name}/{name}"
            if name == "file" and is_joined:
                full = f"file_names/{group.name}"
            elif entry.value == "" or entry.value is None:
                continue
            try:
                if name == "path" and is_joined and folder in written and "file" in written:
                    template = self._joined(full, entry, written[folder], written["file"])
                elif name == "file" and not is_joined and folder in written:
                    template = self._file(full, entry, scope, written[folder])
                else:
                    template = self._template(full, entry, scope)
            except Unusable as fault:
                self.remarks.leave_out(full, fault, entry.source)
            else:
                written[name] = template
                yield template

    def _joined(self, name: str, entry: _Entry, folder: Template, file: Template) -> Template:
        """Return the template of ``{@folder}/{@file}``."""
        keys = self._checked_keys((*folder.keys.items(), *file.keys.items()))
        return Template(name, f"{{@{file.name}}}", entry.source, folder.name, "/", {token: keys[token] for token in file.keys})

    def _file(self, name: str, entry: _Entry, scope: Mapping[str, _Entry], folder: Template) -> Template:
        """Return the template of a file in a folder."""
        base, mapping, keys = self._mapping(entry, scope)
        if base:
            raise Unusable("definition", "expected a file below the folder of the group, found a root")
        self._checked_keys((*folder.keys.items(), *keys.items()))
        return Template(name, mapping, entry.source, folder.name, "/", keys)

    def _template(self, name: str, entry: _Entry, scope: Mapping[str, _Entry]) -> Template:
        base, mapping, keys = self._mapping(entry, scope)
        if base:
            joint = "/" if mapping.startswith("/") else ""
            return Template(name, mapping.removeprefix("/"), entry.source, base, joint, keys)
        is_path = "/" in mapping or "\\" in mapping
        return Template(name, mapping, entry.source, keys=keys, is_path=is_path, search=is_path)

    def _checked_keys(self, keys: Sequence[tuple[str, Key]]) -> dict[str, Key]:
        """Return the keys by token.

        :raises Unusable: a token has two.
        """
        found: dict[str, Key] = {}
        for token, key in keys:
            if found.setdefault(token, key).details != key.details:
                raise Unusable("two-formats", f"it writes {token} in two formats")
        return found

    # One template.

    def _mapping(self, entry: _Entry, scope: Mapping[str, _Entry]) -> tuple[str, str, dict[str, Key]]:
        """Return the root that a template begins with, the mapping of the rest, and the keys of its tokens."""
        if not isinstance(entry.value, str):
            raise Unusable("definition", "expected a text")
        used: list[_Entry] = []
        text = self._expanded(entry.value, scope, (entry.name,), used)
        parts = self._parts(text)
        base = ""
        if parts and (base := self._root_of(parts[0], entry)):
            parts = parts[1:]
            if parts and not (parts[0].is_text and parts[0].text.startswith("/") or parts[0].token == "folder.path" or parts[0].inner):
                raise Unusable("definition", "expected a / behind the root")
        if any(part.token.split(".")[0] == "root" for part in _flat(parts)):
            raise Unusable("definition", "expected the root at the start")
        keys = self._keys(parts, entry, scope, used)
        mapping = self._written(parts, entry, is_below=bool(base))
        if not base and not mapping:
            raise Unusable("definition", "expected a text")
        return base, mapping, keys

    def _expanded(
        self, text: str, scope: Mapping[str, _Entry], above: tuple[str, ...], used: list[_Entry], known: dict[str, str] | None = None
    ) -> str:
        """Return a text with the templates that it refers to in their places.

        :param used: takes those templates.
        :param known: those that are written out already.
        """
        known = {} if known is None else known

        def referred(match: re.Match[str]) -> str:
            name = match[1]
            if name in above:
                raise Unusable("reference-circle", f"it refers to itself by @{name}")
            if len(above) > _DEEPEST:
                raise Unusable("definition", f"it refers to others by more than {_DEEPEST} steps")
            if name in known:
                return known[name]
            entry = scope.get(name)
            if entry is None and name in _PADDINGS:
                at = Source(self.file, "json", line=1, column=1)
                self.remarks.add("padding", f"the file has no {name}; the sheet has {_PADDINGS[name]}", at)
                entry = self.common[name] = _Entry(name, _PADDINGS[name], at)
            if entry is None or not isinstance(entry.value, (str, int)):
                raise Unusable("undefined-reference", f"it refers to @{name}, which isn't defined")
            self.referred.add(_where(entry))
            if entry not in used:
                used.append(entry)
            known[name] = self._expanded(str(entry.value), scope, (*above, name), used, known)
            return known[name]

        expanded = _REFERENCE.sub(referred, text)
        self.expanded += len(expanded)
        if len(expanded) > LONGEST or self.expanded > _MOST_EXPANDED:
            raise Unusable("definition", f"it has more than {LONGEST} characters, or all templates more than {_MOST_EXPANDED}")
        return expanded

    def _parts(self, text: str) -> tuple[_Part, ...]:
        """Return the parts of a template. What stands in ``<>`` and has no key is a text."""
        above: list[list[_Part]] = []
        here: list[_Part] = []
        for match in _ITEM.finditer(text):
            if match["key"] is not None:
                here.append(self._token(match))
            elif match["sign"] == "<":
                if len(above) == _DEEPEST:
                    raise Unusable("optional-part", f"more than {_DEEPEST} optional parts lie in each other")
                above.append(here)
                here = []
            elif match["sign"] == ">" and above:
                inner, here = here, above.pop()
                here += _optional(inner)
            elif match["escaped"] or match["sign"] in ("{", "}"):
                raise Unusable("braces", f"{match[0]!r} can't be in a path of a sheet, or has no partner")
            else:
                here.append(_Part(match[0]))
        for outer in reversed(above):
            here = [*outer, _Part("<"), *here]
        return _with_joined_texts(here)

    def _token(self, match: re.Match[str]) -> _Part:
        key = _KEY.fullmatch(match["key"])
        if key is None or match["conversion"] not in (None, "s"):
            raise Unusable("definition", f"{match[0]} is no key")
        name = ".".join((key[1], *re.findall(r"\[([^\[\]]+)\]", key[2])))
        form = match["form"]
        if not form:
            return _Part(token=name, details=_DETAILS.get(name, {}))
        zeros = re.fullmatch(r"(?:0>|0)([1-9]\d?)d?|(d)", form)
        if zeros is None:
            raise Unusable("format", f"the format {form!r} of {name} has no counterpart")
        width = int(zeros[1] or 1)
        return _Part(token=name, details={"format": f"0{width}d" if width > 1 else "d"})

    def _root_of(self, part: _Part, entry: _Entry) -> str:
        """Return the name of the root that a template begins with; ``""`` if it is no root."""
        head, _, name = part.token.partition(".")
        if head != "root" and not part.token.endswith("_root"):
            return ""
        name = name or (part.token if head != "root" else "root")
        if part.token == "root" and "root" not in self.roots and len(self.roots) == 1:
            return next(iter(self.roots))
        if name not in self.roots:
            self.remarks.add("unknown-root", f"no root is called {name!r}; the sheet has the path /{name}", entry.source)
            self.roots[name] = Root(name, (RootPath(f"/{_safe(name)}"),), entry.source)
        return name

    def _keys(self, parts: Sequence[_Part], entry: _Entry, scope: Mapping[str, _Entry], used: Sequence[_Entry]) -> dict[str, Key]:
        """Return the key of each token that has details; tell what a token can't do."""
        found: list[tuple[str, Key]] = []
        for token, details in {part.token: part.details for part in reversed(_flat(parts))}.items():
            if any(part.details != details for part in _flat(parts) if part.token == token):
                raise Unusable("two-formats", f"it writes {token} in two formats")
            if token == "frame":
                details = {**details, "sequence": True}
            if details:
                found.append((token, self._key(token, details, entry, scope, used)))
            head = token.split(".")[0]
            if head in _DATES and token == head:
                self.remarks.add("date", f"{entry.name!r} writes the present time by {token}", entry.source)
            elif head != head.lower() and head.lower() in _CASED:
                self.remarks.add("case-variant", f"{entry.name!r} writes {head.lower()} with capitals by {token}", entry.source)
        return dict(reversed(found))

    def _key(self, token: str, details: Mapping[str, Any], entry: _Entry, scope: Mapping[str, _Entry], used: Sequence[_Entry]) -> Key:
        """Return the key of a token. It is that of the common template which has the token, if the template refers to one."""
        mark = (token, json.dumps(details))
        for common in used:
            parts: list[_Entry] = []
            text = self._expanded(str(common.value), scope, (common.name,), parts)
            if token in {part.token for part in _flat(self._parts(text))}:
                names = [common.name, *(f"{part.source.line} {part.name}" for part in parts)]
                key = Key(", ".join(names), details, common.source)
                for part in (common, *parts):
                    self.parts_of.setdefault(_where(part), []).append(key)
                return self.keys.setdefault(mark, key) if self.keys.get(mark) == key else key
        return self.keys.setdefault(mark, Key(token, details, entry.source))

    def _tell_common(self, keys: Sequence[Key]) -> None:
        """Tell of each common template that no comment of the sheet names."""
        named = {(key.name, key.source) for key in keys}
        entries = [*self.common.values(), *(entry for group in self.groups for entry in group.entries.values())]
        for entry in entries:
            is_common = entry.name in self.common or isinstance(entry.value, (int, float))
            if not is_common or any((key.name, key.source) in named for key in self.parts_of.get(_where(entry), ())):
                continue
            if _where(entry) in self.referred:
                self.remarks.add("written-out", f"{entry.name!r} is written out where templates refer to it", entry.source)
            else:
                self.remarks.add("unused-key", f"no template refers to {entry.name!r}", entry.source, left_out=("key", entry.name))

    def _written(self, parts: Sequence[_Part], entry: _Entry, *, is_below: bool) -> str:
        """Return parts as a mapping."""
        text = ""
        for index, part in enumerate(parts):
            following = parts[index + 1].text if index + 1 < len(parts) and parts[index + 1].is_text else ""
            ends = index + 1 == len(parts) or following.startswith("/")
            if part.inner:
                text += f"[{self._written(part.inner, entry, is_below=is_below)}]"
            elif part.token == "hierarchy" and text.endswith("/") and ends:
                # The parents of a folder at the top are none, and then there is one slash.
                text = f"{text[:-1]}[/{{hierarchy}}]"
            elif part.token == "folder.path":
                message = f"{entry.name!r} has folder[path], whose value has no slash at its start here"
                self.remarks.add("folder-path", message, entry.source)
                text += "{folder.path}" if text.endswith("/") or not (text or is_below) else "/{folder.path}"
            else:
                text += f"{{{part.token}}}" if part.token else literal(part.text)
        return text


_Where = tuple[str, int, int, str]


def _where(entry: _Entry) -> _Where:
    return entry.source.path, entry.source.line, entry.source.column, entry.name


def _is_of_sites(data: Mapping[str, Any]) -> bool:
    """Whether a file has a path of each root for each site, rather than for each platform."""
    return bool(data) and all(
        isinstance(paths, Mapping) and not paths.keys() & set(_PLATFORMS) and all(isinstance(path, str) for path in paths.values())
        for paths in data.values()
    )


def _is_joint(entry: _Entry | None, folder: str) -> bool:
    return entry is not None and entry.value == f"{{@{folder}}}/{{@file}}"


def _safe(name: str) -> str:
    return re.sub(r"[\[\]{}/\\]", "_", name)


def _optional(inner: Sequence[_Part]) -> list[_Part]:
    """Return what stood in ``<>``: an optional part, or a text if it has no key."""
    if any(part.token for part in inner):
        return [_Part(inner=_with_joined_texts(inner))]
    if any(part.inner for part in inner):
        raise Unusable("optional-part", "an optional part has a key in an inner part only")
    return [_Part("<"), *inner, _Part(">")]


def _with_joined_texts(parts: Sequence[_Part]) -> tuple[_Part, ...]:
    joined: list[_Part] = []
    for part in parts:
        if joined and part.is_text and joined[-1].is_text:
            joined[-1] = _Part(joined[-1].text + part.text)
        else:
            joined.append(part)
    return tuple(joined)


def _flat(parts: Sequence[_Part]) -> list[_Part]:
    """Return the tokens of parts, those in optional parts too."""
    return [token for part in parts for token in (_flat(part.inner) if part.inner else [part] if part.token else [])]


def oracle(path: str) -> Oracle:
    """Return what writes and reads as AYON does.

    :raises UnreadableError: see :func:`read`.
    """
    from ways.systems.imports.ayon_oracle import AyonOracle

    return AyonOracle(_file_of(path))
