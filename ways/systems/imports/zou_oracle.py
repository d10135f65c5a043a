"""Writes and reads as a file tree of Zou does, to compare a sheet with: made from the public manual, and independent of the importer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from ways.systems.imports.oracle_reading import Piece, is_short, readings
from ways.systems.imports.source_files import read_json

_NAMES = ("Dune", "SH 010", "sq-01", "Hero big", "Modeling", "main", "x", "9", "Caminandes: Llamigos")
_TOKENS = frozenset(
    "Project Episode Sequence Scene Shot AssetType Asset Department TaskType Task OutputType Name OutputFile WorkingFile Representation"
    " Software Version Revision TemporalEntityType TemporalEntity Instance".split()
)


class ZouOracle:
    """One file tree.

    :param path: its file.
    """

    platform = "linux"

    def __init__(self, path: str) -> None:
        data: Any = read_json(path).data
        for key in ("data", "file_tree"):
            data = data[key] if isinstance(data.get(key), Mapping) else data
        self._tree: Mapping[str, Any] = data

    def names(self) -> list[str]:
        """Return the names of all templates that can be written."""
        found = []
        for mode, value in self._tree.items():
            if not isinstance(value, Mapping) or not isinstance(value.get("mountpoint"), str) or not value["mountpoint"].strip("/ "):
                continue
            folders, files = (value[key] if isinstance(value.get(key), Mapping) else {} for key in ("folder_path", "file_name"))
            found += [f"{mode}/{entity}" for entity, text in folders.items() if entity != "style" and _is_known(text)]
            if folders.get("style", "lowercase") == files.get("style", "lowercase"):
                both = [entity for entity in files if entity != "style" and entity in folders]
                found += [f"{mode}/{entity}/file" for entity in both if _is_known(files[entity]) and _is_known(folders[entity])]
        return found

    def _texts(self, name: str) -> tuple[str, str, str, str, str]:
        """Return the root, the folder and the file of a template, and their styles."""
        mode, entity, *file = name.split("/")
        tree = self._tree[mode]
        root = f"{tree['mountpoint']}/{tree['root']}" if tree.get("root") else tree["mountpoint"]
        files = tree["file_name"] if file else {}
        return root, tree["folder_path"][entity], files.get(entity, ""), tree["folder_path"].get("style", ""), files.get("style", "")

    def draw(self, name: str, random: Random) -> dict[str, Any]:
        """Return values for a template, as Zou writes them in a path."""
        _, folder, file, style, _ = self._texts(name)
        values: dict[str, Any] = {}
        for token in re.findall(r"<([\w.]+)>", f"{folder} {file}"):
            if token.split(".")[0] in ("Version", "Revision"):
                values[token] = random.choice((1, 12, 1001))
            elif token == "Instance.number":
                values[token] = random.choice((1, 12))
            elif token.endswith(".id"):
                values[token] = "3ad5cc2e-4e0b-4b3b-8a56-7b8a3f0c1f11"
            else:
                values[token.removesuffix(".name")] = _styled(_slug(random.choice(_NAMES)), style)
        return values

    def write(self, name: str, values: Mapping[str, Any]) -> str:
        """Return the text of a template."""
        root, folder, file, style, file_style = self._texts(name)
        path = f"{root}/{self._filled(folder, values, style)}"
        if not file:
            return path
        # Of a name, an id alone keeps its signs.
        plain = {token: value.replace("-", "dash") if token.endswith(".id") else value for token, value in values.items()}
        name = _styled(_slug(self._filled(file, plain, style)), file_style)
        return f"{path}/{re.sub('dash', '-', name, flags=re.IGNORECASE)}"

    @staticmethod
    def _filled(text: str, values: Mapping[str, Any], style: str) -> str:
        def written(match: re.Match[str]) -> str:
            value = values[match[1].removesuffix(".name")]
            if isinstance(value, int):
                return str(value).zfill(4 if match[1].startswith("Instance") else 3)
            return str(value) if match[1].endswith(".id") else _styled(_slug(value), style)

        return re.sub(r"<([\w.]+)>", written, text)

    def readings(self, name: str, text: str) -> list[dict[str, str]]:
        """Return the different ways to read a text."""
        root, folder, file, _, file_style = self._texts(name)
        pieces = [Piece(f"{root}/"), *_pieces(folder)]
        if file:
            pieces.append(Piece("/"))
            for piece in _pieces(file):
                text_there = _styled(re.sub(r"[^A-Za-z0-9]+", "_", piece.text).lower(), file_style)
                pieces.append(piece if piece.token else Piece(text_there))
        return readings(pieces, text, _fits)


def _is_known(text: Any) -> bool:
    """Whether Zou knows all tokens of a template, and each begins and ends in a sign that no name has."""
    tokens = [token.split(".") for token in re.findall(r"<([\w.]*)>", text)] if isinstance(text, str) else [[""]]
    fields: list[list[str]] = [[], ["name"], ["short_name"], ["number"], ["id"]]
    return all(token[0] in _TOKENS and token[1:] in fields for token in tokens) and is_short(_pieces(text))


def _pieces(text: str) -> list[Piece]:
    parts = re.split(r"<([\w.]+)>", text)
    return [Piece(token=part.removesuffix(".name")) if index % 2 else Piece(part) for index, part in enumerate(parts) if part]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _styled(text: str, style: str) -> str:
    return text.upper() if style == "uppercase" else text


def _fits(token: str, value: str) -> bool:
    if token in ("Version", "Revision", "Instance.number"):
        return value.isdecimal() and value == str(int(value)).zfill(4 if token == "Instance.number" else 3)
    return token.endswith(".id") or _slug(value) == value.lower()
