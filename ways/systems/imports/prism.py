"""Reads the folder structure of a project of Prism 2: the templates of its paths in ``pipeline.json`` or ``pipeline.yml``.

Written from what Prism's settings show of a project's folder structure, and from the files that it saves.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Draft, Source
from ways.systems.imports.collecting import Remarks, Unusable, keys_of, literal, place_in
from ways.systems.imports.records import Code, Imported, Key, Root, RootPath, Template, UnreadableError
from ways.systems.imports.source_files import problem, read_json, read_yaml
from ways.systems.shared import BadCode, parse_python

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.systems.imports.verifying import Oracle

_PROJECT = "project"
_SECTION = "folder_structure"
#: The folders of a project of Prism 1.
_PATHS = "paths"
_EXPRESSION = "[expression,"
#: The entities, and the media, that one key of a path stands for.
_ENTITIES = {"assets": "asset", "shots": "shot"}
_MEDIA = ("3drenders", "2drenders", "externalMedia")
_FLAT = "2drenders"
#: Items that begin with each other, and places of all items, at most.
_DEEPEST, _MOST = 20, 2_000
_SCENE = "@{}@_@task@_@version@@extension@"
_FRAMES = "@version@@.(frame)@@extension@"

#: Item of the structure -> the key that others name it by, and its template if the file doesn't have one. A template that depends on
#: the kind of media has two: for 2D renders, and for others.
_ITEMS: Mapping[str, tuple[str, str | tuple[str, str]]] = {
    "pipeline": ("pipeline_path", "@project_path@/00_Pipeline"),
    "assets": ("entity_path", "@project_path@/03_Production/Assets/@asset_path@"),
    "sequences": ("sequence_path", "@project_path@/03_Production/Shots/@sequence@"),
    "shots": ("entity_path", "@sequence_path@/@shot@"),
    "textures": ("", "@project_path@/04_Resources/Textures"),
    "departments": ("department_path", "@entity_path@/Scenefiles/@department@"),
    "tasks": ("task_path", "@department_path@/@task@"),
    "assetScenefiles": ("scenefile_path", f"@task_path@/{_SCENE.format('asset')}"),
    "shotScenefiles": ("scenefile_path", f"@task_path@/{_SCENE.format('sequence@-@shot')}"),
    "products": ("product_path", "@entity_path@/Export/@product@"),
    "productVersions": ("productversion_path", "@product_path@/@version@@_(wedge)@"),
    "productFilesAssets": ("productfile_path", f"@productversion_path@/@asset@_@product@_{_FRAMES}"),
    "productFilesShots": ("productfile_path", f"@productversion_path@/@sequence@-@shot@_@product@_{_FRAMES}"),
    "3drenders": ("render_path", "@entity_path@/Renders/3dRender/@identifier@"),
    "2drenders": ("render_path", "@entity_path@/Renders/2dRender/@identifier@"),
    "externalMedia": ("render_path", "@entity_path@/Renders/external/@identifier@"),
    "renderVersions": ("renderversion_path", "@render_path@/@version@"),
    "aovs": ("aov_path", ("@renderversion_path@", "@renderversion_path@/@aov@")),
    "renderFilesAssets": (
        "renderfile_path",
        (f"@aov_path@/@asset@_@identifier@_{_FRAMES}", "@aov_path@/@asset@_@identifier@_@version@_@aov@@.(frame)@@extension@"),
    ),
    "renderFilesShots": (
        "renderfile_path",
        (
            f"@aov_path@/@sequence@-@shot@_@identifier@_{_FRAMES}",
            "@aov_path@/@sequence@-@shot@_@identifier@_@version@_@aov@@.(frame)@@extension@",
        ),
    ),
    "playblasts": ("playblast_path", "@entity_path@/Playblasts/@identifier@"),
    "playblastVersions": ("playblastversion_path", "@playblast_path@/@version@"),
    "playblastFilesAssets": ("playblastfile_path", f"@playblastversion_path@/@asset@_@identifier@_{_FRAMES}"),
    "playblastFilesShots": ("playblastfile_path", f"@playblastversion_path@/@sequence@-@shot@_@identifier@_{_FRAMES}"),
}
#: Items that are of one entity, whatever is above them.
_OF_ENTITY = {
    **dict.fromkeys(("assets", "assetScenefiles", "productFilesAssets", "renderFilesAssets", "playblastFilesAssets"), "asset"),
    **dict.fromkeys(("shots", "shotScenefiles", "productFilesShots", "renderFilesShots", "playblastFilesShots"), "shot"),
}
_DETAILS: Mapping[str, Mapping[str, Any]] = {
    "folder": {"segments": True},
    "asset_path": {"segments": True},
    "frame": {"format": "04d", "sequence": True},
    "version": {"parse": {"regex": r"(?:v\d+|master)(?: \([A-Za-z0-9]+\))?"}},
    # No frame can be read as the first part of an extension.
    "extension": {"parse": {"regex": r"(?:\.\d?[A-Za-z]\w*)+"}},
}

CODES: Mapping[str, Code] = {
    "project-path": Code("note", "Prism's file doesn't have the path of the project.", "Write it into the sheet, for each platform."),
    "default": Code("note", "The file doesn't have a template; Prism's own counts.", "Nothing."),
    "not-paths": Code("note", "Settings that say nothing of paths aren't in the sheet.", "Nothing."),
    "expression": Code("error", "A template is made by code, which isn't run.", "Write a template for each case."),
    "nested-path": Code("error", "A template has the path of another item in its middle.", "Begin with it."),
    "undefined-path": Code("error", "A template begins with the path of an item that isn't defined.", "Correct its name."),
    "left-out-above": Code("error", "A template begins with the path of one that is left out.", "Correct that one."),
    "reference-circle": Code("error", "Templates begin with each other in a circle.", "Correct the names between the @."),
    "braces": Code("error", "A text has braces, which a path of a sheet can't have.", "Write it without them."),
    "definition": Code("error", "A template can't be read.", "Correct it in the source."),
    "duplicate-key": Code("error", "A name occurs twice; the last one counts.", "Rename or remove one."),
    "unknown-key": Code("error", "Nothing is known of a key of the file.", "See whether your tools need it."),
}


class _Item(NamedTuple):
    """An item of the structure."""

    name: str
    #: The name of its key, without the signs around it; ``""`` if it has none.
    key: str
    #: What decides (``""`` for nothing), the value that it has, and the template for that; the first that fits counts.
    choices: tuple[tuple[str, str, str], ...]
    source: Source


class _Variant(NamedTuple):
    """An item below one chain of others: a template."""

    template: Template
    entity: str
    media: str
    #: The tokens above, to know what is given already.
    has_asset_path: bool


def read(path: str) -> Imported:
    """Return what a project says.

    :param path: ``pipeline.json`` or ``pipeline.yml``, or the folder of the project or of its pipeline.
    :raises UnreadableError: there is no such file, or it isn't one of Prism.
    """
    return _Reader(path).imported()


def _file_of(path: str) -> str:
    if not os.path.isdir(path):
        return path
    for parts in ((), ("00_Pipeline",), ("Pipeline",)):
        for name in ("pipeline.json", "pipeline.yml", "pipeline.yaml"):
            if os.path.isfile(file := os.path.join(path, *parts, name)):
                return file
    raise UnreadableError((problem(path, "expected pipeline.json or pipeline.yml in this folder or in 00_Pipeline, found neither"),))


class _Reader:
    def __init__(self, path: str) -> None:
        self.file = _file_of(path)
        is_json = self.file.lower().endswith(".json")
        self.draft: Draft = (read_json if is_json else read_yaml)(self.file)
        self.source = Source(self.file, "json" if is_json else "yaml")
        self.remarks = Remarks(CODES)
        self.items: dict[str, _Item] = {}
        self.keys: dict[str, Key] = {}
        self._variants: dict[str, list[_Variant]] = {}
        self.left_out: set[str] = set()
        self.places = 0

    def imported(self) -> Imported:
        data = self.draft.data
        if not isinstance(data, Mapping) or not isinstance(data.get(_SECTION, {}), Mapping) or not {_SECTION, "globals"} & data.keys():
            raise UnreadableError((problem(self.file, f"expected globals and {_SECTION} of Prism, found neither"),))
        self.remarks.add_duplicates(self.draft)
        root = self._root(data)
        self._read_items(data.get(_SECTION) or {})
        if data.get(_PATHS):
            message = f"{_PATHS!r} of Prism 1 has no counterpart: the folders are those of {_SECTION!r}"
            self.remarks.add("unknown-key", message, self._at(_PATHS), help=f"Write them into {_SECTION!r} of the file.")
        if others := [str(name) for name in data if name not in (_SECTION, _PATHS)]:
            self.remarks.add("not-paths", f"no paths: {', '.join(others)}", self._at(others[0]))
        templates = [variant.template for name in self.items for variant in self._variants_of(name, ())]
        return Imported(
            "Prism", (self.file,), (root,), tuple(keys_of(templates)), tuple(templates), tuple(self.remarks.all), os.path.dirname(self.file)
        )

    def _at(self, *pointer: object) -> Source:
        source = place_in(self.draft, self.source, pointer)
        return source if source.line else source._replace(line=1, column=1)

    def _root(self, data: Mapping[str, Any]) -> Root:
        found = data.get("globals")
        name = found.get("project_name") if isinstance(found, Mapping) else None
        name = re.sub(r"[\[\]{}/\\]", "_", name) if isinstance(name, str) and name.strip() else _PROJECT
        source = self._at("globals", "project_name")
        self.remarks.add("project-path", f"the file doesn't have the path of the project; the sheet has /{name}", source)
        return Root(_PROJECT, (RootPath(f"/{name}"),), source)

    # Items.

    def _read_items(self, written: Mapping[str, Any]) -> None:
        defaults = [name for name in _ITEMS if name not in written]
        for name in [*_ITEMS, *(name for name in written if name not in _ITEMS)]:
            where = self._at(_SECTION, name)
            key, default = _ITEMS.get(str(name), ("", ""))
            entry = written.get(name)
            value = entry.get("value") if isinstance(entry, Mapping) else entry
            if isinstance(entry, Mapping):
                given = entry.get("key")
                key = given.strip("@") if isinstance(given, str) and given.strip("@") else key
                for other in entry:
                    if other not in ("value", "key", "label", "requires"):
                        self.remarks.add("unknown-key", f"{other!r} of {name!r} has no counterpart", self._at(_SECTION, name, other))
            choices = _by_default(default)
            if name in written:
                try:
                    choices = _choices(value)
                except Unusable as fault:
                    self._leave_out(str(name), fault, where)
                    continue
            self.items[str(name)] = _Item(str(name), key, choices, where)
        if defaults:
            self.remarks.add("default", f"not in the file, so as Prism has them: {', '.join(defaults)}", self._at(_SECTION))

    def _leave_out(self, name: str, fault: Unusable, source: Source) -> None:
        if name not in self.left_out:
            self.left_out.add(name)
            self.remarks.leave_out(name, fault, source)

    def _named(self, key: str) -> list[str]:
        """Return the items that a key stands for; it may be the singular of an item that no table knows."""
        if key == "entity_path":
            return [name for name in _ENTITIES if name in self.items or name in self.left_out]
        found = [name for name, item in self.items.items() if item.key == key]
        found += [name for name in self.left_out if _ITEMS.get(name, ("", ""))[0] == key]
        return found or [name for name in self.items if not self.items[name].key and f"{name.removesuffix('s')}_path" == key]

    def _variants_of(self, name: str, above: tuple[str, ...]) -> list[_Variant]:
        """Return an item below each chain of others that it can stand below."""
        if name in self._variants or name in self.left_out:
            return self._variants.get(name, [])
        item = self.items[name]
        found: list[_Variant] = []
        try:
            if name in above:
                raise Unusable("reference-circle", f"it begins with its own path, by {' -> '.join((*above[above.index(name) :], name))}")
            if len(above) > _DEEPEST:
                raise Unusable("definition", f"more than {_DEEPEST} items begin with each other")
            for text in dict.fromkeys(text for _, _, text in item.choices):
                found += self._below(item, text, (*above, name))
            if not found:
                raise Unusable("undefined-path", "nothing that it begins with is of the same entity")
        except Unusable as fault:
            if above and fault.code == "reference-circle" or len(above) > _DEEPEST:
                raise
            self._leave_out(name, fault, item.source)
            found = []
        self._variants[name] = found
        return found

    def _below(self, item: _Item, text: str, above: tuple[str, ...]) -> Iterator[_Variant]:
        """Yield the variants of an item for which this text counts."""
        pieces = text.split("@")
        if len(pieces) % 2 == 0:
            raise Unusable("definition", f"{text!r} has an odd number of @")
        head = pieces[1] if not pieces[0] and len(pieces) > 1 else ""
        own = _Context(_OF_ENTITY.get(item.name, ""), item.name if item.name in _MEDIA else "")
        if head == "project_path":
            if _chosen(item, own) == text:
                yield self._variant(item, own, pieces[2:], _PROJECT, item.name, has_asset_path=False)
        elif head.endswith("_path") and head != "asset_path":
            names = self._named(head)
            if not names:
                raise Unusable("undefined-path", f"no item has the key @{head}@")
            for name in names:
                for base in self._variants_of(name, above):
                    if base.template.name.count("/") >= _DEEPEST:
                        raise Unusable("definition", f"more than {_DEEPEST} items begin with each other")
                    context = _Context(own.entity or base.entity, own.media or base.media)
                    if (base.entity or context.entity) == context.entity and _chosen(item, context) == text:
                        named = f"{base.template.name}/{item.name}"
                        yield self._variant(item, context, pieces[2:], base.template.name, named, has_asset_path=base.has_asset_path)
            if all(name in self.left_out for name in names):
                raise Unusable("left-out-above", f"it begins with @{head}@, which is left out")
        elif _chosen(item, own) == text:
            yield self._variant(item, own, pieces, "", item.name, has_asset_path=False)

    def _variant(
        self, item: _Item, context: _Context, pieces: Sequence[str], base: str, name: str, *, has_asset_path: bool
    ) -> _Variant:
        self.places += 1
        if self.places > _MOST:
            raise UnreadableError((problem(self.file, f"expected at most {_MOST} places for all items, found more"),))
        mapping, tokens = self._mapping(pieces)
        if base and mapping and not mapping.startswith("/"):
            raise Unusable("definition", "expected a / behind the path that it begins with")
        if not base and not mapping:
            raise Unusable("definition", "expected a text")
        keys = {token: self._key(token, item.source) for token in tokens if token in _DETAILS}
        template = Template(
            name, mapping.removeprefix("/") if base else mapping, item.source, base, "/", keys, bool(base) or "/" in mapping,
            # What has the path of another item can't be told from it.
            search=bool(mapping), origin=_origin(item, context),
        )  # fmt: skip
        return _Variant(template, context.entity, context.media, has_asset_path or "folder" in tokens)

    def _key(self, token: str, source: Source) -> Key:
        return self.keys.setdefault(token, Key(token, _DETAILS[token], source))

    def _mapping(self, pieces: Sequence[str]) -> tuple[str, list[str]]:
        """Return the mapping of a template cut at its @, and its tokens. Every second piece is a key."""
        text = ""
        tokens: list[str] = []
        for index, piece in enumerate(pieces):
            if not index % 2:
                text += literal(piece.replace("\\", "/"))
                continue
            match = re.fullmatch(r"([^()]*)\((\w+)\)([^()]*)", piece)
            key = match[2] if match else piece
            if not re.fullmatch(r"\w+", key):
                raise Unusable("definition", f"@{piece}@ is no key")
            if self._named(key) or key == "project_path":
                raise Unusable("nested-path", f"@{key}@ stands in the middle")
            following = pieces[index + 1] if index + 1 < len(pieces) else ""
            is_last = index + 2 >= len(pieces)
            if match:
                text += f"[{literal(match[1])}{{{key}}}{literal(match[3])}]"
                tokens.append(key)
            elif key == "asset_path" and (not text or text.endswith("/")) and (following.startswith("/") or not following and is_last):
                text += "[{folder}/]{asset}"
                tokens += ["folder", "asset"]
            else:
                text += f"{{{key}}}"
                tokens.append(key)
        return text, tokens


class _Context(NamedTuple):
    """What decides between the templates of one item."""

    entity: str
    media: str


def _chosen(item: _Item, context: _Context) -> str:
    """Return the template of an item that counts in a context; ``""`` for none."""
    given = {"mediaType": context.media, "entityType": context.entity, "type": context.entity}
    return next((text for key, value, text in item.choices if not key or given[key] == value), "")


def _origin(item: _Item, context: _Context) -> str:
    """Return the name of an item, with the case that its template is for, if it has several."""
    chosen = _chosen(item, context)
    values = [value or "others" for _, value, text in item.choices if text == chosen]
    return item.name if len(item.choices) == 1 else f"{item.name} for {values[0]}"


def _by_default(default: str | tuple[str, str]) -> tuple[tuple[str, str, str], ...]:
    if isinstance(default, str):
        return (("", "", default),)
    return ("mediaType", _FLAT, default[0]), ("", "", default[1])


def _choices(value: Any) -> tuple[tuple[str, str, str], ...]:
    """Return the templates of an item, each with the condition for it.

    :raises Unusable: it is no text, or made by code other than a comparison of the media or the entity.
    """
    if not isinstance(value, str) or not value.strip():
        raise Unusable("definition", "expected a template as a text")
    if not value.startswith(_EXPRESSION):
        return (("", "", value),)
    code = value.removeprefix(_EXPRESSION).removesuffix("]")
    try:
        body = parse_python(code).body
    except BadCode as error:
        raise Unusable("expression", f"its code can't be read: {error}") from None
    choices: list[tuple[str, str, str]] = []
    while len(body) == 1 and isinstance(body[0], ast.If):
        branch = body[0]
        choices.append((*_compared(branch.test), _assigned(branch.body)))
        body = branch.orelse
    return (*choices, ("", "", _assigned(body)))


def _compared(test: ast.expr) -> tuple[str, str]:
    """Return the key and value of ``context.get("mediaType") == "2drenders"``."""
    match test:
        case ast.Compare(
            left=ast.Call(func=ast.Attribute(value=ast.Name(id="context"), attr="get"), args=[ast.Constant(value=str(key))], keywords=[]),
            ops=[ast.Eq()],
            comparators=[ast.Constant(value=str(value))],
        ) if key in ("mediaType", "entityType", "type"):
            return key, value
    raise Unusable("expression", "it is made by code that compares something else than the kind of media or entity")


def _assigned(body: Sequence[ast.stmt]) -> str:
    """Return the text of ``template = "..."``."""
    match body:
        case [ast.Assign(targets=[ast.Name(id="template")], value=ast.Constant(value=str(text)))]:
            return text
    raise Unusable("expression", "it is made by code that does more than to assign a text to template")


def oracle(path: str) -> Oracle:
    """Return what writes and reads as Prism does.

    :raises UnreadableError: see :func:`read`.
    """
    from ways.systems.imports.prism_oracle import PrismOracle

    return PrismOracle(_file_of(path))
