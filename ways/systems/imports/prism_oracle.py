"""Writes and reads as Prism does, to compare a sheet with: made from how its settings describe templates, independent of the importer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from ways.systems.imports.oracle_reading import Piece, choices, is_short, readings
from ways.systems.imports.source_files import read_json, read_yaml

_WORDS = ("hero", "sq01", "sh010", "main", "anim", "Blue_b", "beauty", "fx-a", "x", "été")
_VERSIONS = ("v0001", "v0012", "master", "v0123")
_MEDIA = ("3drenders", "2drenders", "externalMedia")
_BY_MEDIA = '[expression,if context.get("mediaType") == "2drenders":\n\ttemplate = "{}"\nelse:\n\ttemplate = "{}"]'
#: What Prism has for an item that the file doesn't have. What depends on the media has two templates.
_STOCK = """
pipeline             @project_path@/00_Pipeline
assets               @project_path@/03_Production/Assets/@asset_path@
sequences            @project_path@/03_Production/Shots/@sequence@
shots                @sequence_path@/@shot@
textures             @project_path@/04_Resources/Textures
departments          @entity_path@/Scenefiles/@department@
tasks                @department_path@/@task@
assetScenefiles      @task_path@/@asset@_@task@_@version@@extension@
shotScenefiles       @task_path@/@sequence@-@shot@_@task@_@version@@extension@
products             @entity_path@/Export/@product@
productVersions      @product_path@/@version@@_(wedge)@
productFilesAssets   @productversion_path@/@asset@_@product@_@version@@.(frame)@@extension@
productFilesShots    @productversion_path@/@sequence@-@shot@_@product@_@version@@.(frame)@@extension@
3drenders            @entity_path@/Renders/3dRender/@identifier@
2drenders            @entity_path@/Renders/2dRender/@identifier@
externalMedia        @entity_path@/Renders/external/@identifier@
renderVersions       @render_path@/@version@
aovs                 @renderversion_path@ @renderversion_path@/@aov@
renderFilesAssets    @aov_path@/@asset@_@identifier@_@version@@.(frame)@@extension@
                     @aov_path@/@asset@_@identifier@_@version@_@aov@@.(frame)@@extension@
renderFilesShots     @aov_path@/@sequence@-@shot@_@identifier@_@version@@.(frame)@@extension@
                     @aov_path@/@sequence@-@shot@_@identifier@_@version@_@aov@@.(frame)@@extension@
playblasts           @entity_path@/Playblasts/@identifier@
playblastVersions    @playblast_path@/@version@
playblastFilesAssets @playblastversion_path@/@asset@_@identifier@_@version@@.(frame)@@extension@
playblastFilesShots  @playblastversion_path@/@sequence@-@shot@_@identifier@_@version@@.(frame)@@extension@
"""


class PrismOracle:
    """One project.

    :param path: its ``pipeline.json`` or ``pipeline.yml``.
    """

    platform = "linux"

    def __init__(self, path: str) -> None:
        data: Any = (read_json if path.endswith(".json") else read_yaml)(path).data
        written = data.get("folder_structure") or {}
        own = {name: entry.get("value") if isinstance(entry, Mapping) else entry for name, entry in written.items()}
        self._templates = {**_stock(), **own}
        found = data.get("globals")
        name = found.get("project_name") if isinstance(found, Mapping) else None
        name = name if isinstance(name, str) and name.strip() else "project"
        self._project = "/" + "".join("_" if sign in "[]{}/\\" else sign for sign in name)
        #: Name -> the items from the root to the template, with the kinds of entity and media.
        self._chains: dict[str, tuple[list[str], str, str]] = {}
        for item in self._templates:
            for entity in ("assets", "shots"):
                for media in _MEDIA:
                    try:
                        chain = self._chain(item, entity, media, ())
                    except LookupError:
                        continue
                    self._chains.setdefault("/".join(chain), (chain, entity, media))

    def _text(self, item: str, media: str) -> str:
        """Return the template of an item. Of the code in one, the two texts of its two cases are read."""
        text = self._templates[item]
        if not isinstance(text, str):
            raise LookupError(item)
        if not text.startswith("[expression,"):
            return text
        cases = re.findall(r'template\s*=\s*"([^"]*)"', text)
        compared = re.findall(r'context\.get\("mediaType"\) == "(\w+)"', text)
        if len(cases) != 2 or len(compared) != 1 or "import" in text:
            raise LookupError(item)
        return str(cases[0] if media == compared[0] else cases[1])

    def _chain(self, item: str, entity: str, media: str, below: tuple[str, ...]) -> list[str]:
        """Return the items that a template begins with, and itself."""
        kind = re.match(r"(asset|shot)s?(?=$|S)|\w+Files(Asset|Shot)s$", item)
        if item in below or len(below) > 20 or kind and f"{(kind[1] or kind[2]).lower()}s" != entity:
            raise LookupError(item)
        if item in _MEDIA and item != media:
            raise LookupError(item)
        pieces = self._text(item, media).split("@")
        if len(pieces) % 2 == 0 or any(not re.fullmatch(r"[^()]*\(\w+\)[^()]*|\w+", key) for key in pieces[1::2]):
            raise LookupError(item)
        if any(key.endswith("_path") and key != "asset_path" for key in pieces[3::2]) or "{" in "".join(pieces):
            raise LookupError(item)
        head = pieces[1] if pieces[0] == "" and len(pieces) > 1 else ""
        if head == "project_path" or not head.endswith("_path") or head == "asset_path":
            return [item]
        above = {"entity_path": entity, "render_path": media}.get(head) or self._named(head)
        if above not in self._templates:
            raise LookupError(above)
        return [*self._chain(above, entity, media, (*below, item)), item]

    def _named(self, key: str) -> str:
        """Return the item that a key stands for: ``task_path`` for ``tasks``."""
        name = key.removesuffix("_path")
        return next((item for item in self._templates if item.lower().removesuffix("s") == name), "")

    def _pieces(self, name: str) -> list[Piece]:
        chain, _, media = self._chains[name]
        found: list[Piece] = []
        for number, item in enumerate(chain):
            pieces = self._text(item, media).split("@")
            if number:
                pieces = pieces[2:]
            for index, piece in enumerate(pieces):
                match = re.fullmatch(r"([^()]*)\((\w+)\)([^()]*)", piece) if index % 2 else None
                if match:
                    found.append(Piece(part=(Piece(match[1]), Piece(token=match[2]), Piece(match[3]))))
                elif index % 2:
                    found.append(Piece(self._project) if piece == "project_path" else Piece(token=piece))
                elif piece:
                    found.append(Piece(piece.replace("\\", "/")))
        return found

    # What the comparison asks.

    def names(self) -> list[str]:
        """Return the names of all templates that can be written."""
        return [name for name in self._chains if is_short(self._pieces(name))]

    def draw(self, name: str, random: Random) -> dict[str, Any]:
        """Return values for a template, some of whose optional parts have none."""
        values: dict[str, Any] = {}
        for piece in random.choice(list(choices(self._pieces(name)))):
            if piece.token == "asset_path":
                values |= {"folder": random.choice(("chars", "props/city"))} if random.random() < 0.6 else {}
                values["asset"] = values.get("asset") or random.choice(_WORDS)
            elif piece.token == "frame":
                values["frame"] = random.choice(("0001", "1001", "12345"))
            elif piece.token == "extension":
                values["extension"] = random.choice((".ma", ".exr", ".bgeo.sc", ".3ds"))
            elif piece.token:
                values.setdefault(piece.token, random.choice(_VERSIONS if piece.token == "version" else _WORDS))
        return values

    def write(self, name: str, values: Mapping[str, Any]) -> str:
        """Return the text of a template."""
        given = dict(values)
        if "asset" in given:
            given["asset_path"] = "/".join(filter(None, (given.get("folder"), given["asset"])))
        text = ""
        for piece in self._pieces(name):
            if piece.part:
                before, token, after = piece.part
                text += f"{before.text}{given[token.token]}{after.text}" if given.get(token.token) else ""
            else:
                text += str(given[piece.token]) if piece.token else piece.text
        return text

    def readings(self, name: str, text: str) -> list[dict[str, str]]:
        """Return the different ways to read a text."""
        found = []
        for reading in readings(self._pieces(name), text, _fits):
            folder, _, asset = reading.pop("asset_path", "").rpartition("/")
            # The last folder of the path of an asset is its name.
            if asset and reading.setdefault("asset", asset) != asset:
                continue
            if folder:
                reading["folder"] = folder
            found.append(reading)
        return found


def _stock() -> dict[str, str]:
    """Return the template of each item as Prism has it."""
    entries = [entry.split() for entry in re.sub(r"\n +", " ", _STOCK).strip().splitlines()]
    return {name: _BY_MEDIA.format(*texts) if len(texts) > 1 else texts[0] for name, *texts in entries}


def _fits(token: str, value: str) -> bool:
    if token == "asset_path":
        return not value.startswith("/") and not value.endswith("/") and "//" not in value
    if token == "extension":
        return re.fullmatch(r"(\.\d?[A-Za-z]\w*)+", value) is not None
    if token == "frame":
        return value.isdecimal() and len(value) >= 4
    if token == "version":
        return re.fullmatch(r"v\d+|master", value) is not None
    return "/" not in value
