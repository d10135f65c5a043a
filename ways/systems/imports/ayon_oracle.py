"""Writes as AYON's and OpenPype's anatomy does, to compare a sheet with: made from the public manual, and independent of the importer."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from ways.systems.imports.oracle_reading import Piece, choices, is_short, readings
from ways.systems.imports.source_files import read_json

_WORDS = ("dune", "Blue", "sh010", "sq01_a", "hero-big", "v2", "main", "x", "9", "été", "renderMain")
_FOLDERS = ("shots", "shots/sq01", "chars/main/hero")
_NUMBERS = (1, 7, 12, 123, 1001, 20000)
_EXTENSIONS = ("ma", "exr", "nii.gz", "3ds")
_DATES = {"yyyy": "2026", "ddd": "Mon", "dddd": "Monday", "mmm": "Jan", "mmmm": "January", "ht": "AM"}
_SHORT = frozenset(("d", "m", "H", "h", "M", "S"))
_LONG = frozenset(("dd", "mm", "yy", "HH", "hh", "MM", "SS"))
_SEVERAL = frozenset(("hierarchy", "folder.path", "originalDirname"))


class AyonOracle:
    """One anatomy.

    :param path: its file.
    """

    platform = "linux"

    def __init__(self, path: str) -> None:
        data: Any = read_json(path).data
        for keys in ((), ("anatomy",), ("config",), ("project_anatomy",), ("data", "anatomy")):
            inner = data
            for key in keys:
                inner = inner.get(key) if isinstance(inner, Mapping) else None
            if isinstance(inner, Mapping) and isinstance(inner.get("templates"), Mapping):
                data = inner
                break
        beside = os.path.join(os.path.dirname(path), "roots.json")
        written: Any = data.get("roots") if "templates" in data else None
        if written is None and os.path.isfile(beside):
            written = read_json(beside).data
        self._roots: dict[str, Any] = {}
        entries: list[tuple[Any, Any]] = list(written.items()) if isinstance(written, Mapping) else list(enumerate(written or ()))
        for key, root in entries:
            if isinstance(root, Mapping):
                self._roots[str(root.get("name", key))] = root.get(self.platform)
        templates = data.get("templates", data)
        self._common = {key: value for key, value in templates.items() if isinstance(value, (str, int))}
        for section in ("common", "defaults"):
            self._common |= templates[section] if isinstance(templates.get(section), Mapping) else {}
        #: Name -> the template, and the group in which it stands.
        self._templates: dict[str, tuple[str, Mapping[str, Any]]] = {}
        for key, value in templates.items():
            if key not in self._common and key not in ("common", "defaults"):
                self._add(key, value)

    def _add(self, name: str, value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                if isinstance(item, Mapping) and isinstance(item.get("name"), str):
                    self._add(f"{name}/{item['name']}", {key: entry for key, entry in item.items() if key != "name"})
            return
        if not isinstance(value, Mapping):
            return
        texts = {key: entry for key, entry in value.items() if isinstance(entry, str) and key not in self._common}
        folder = "directory" if "directory" in texts else "folder"
        has_path = texts.get("path") == f"{{@{folder}}}/{{@file}}" and folder in texts and "file" in texts
        for key, text in texts.items():
            group = f"{name}/{folder}" if name in self._roots else name
            full = group if key in (folder, "value") else f"{group}/{key}"
            if key == "file" and has_path:
                full = f"file_names/{name}"
            elif key == "file" and folder in texts:
                text = f"{texts[folder]}/{text}"
            self._templates[full] = text, value
        for key, entry in value.items():
            if isinstance(entry, (Mapping, list)) and not key.startswith("__"):
                self._add(f"{name}/{key}", entry)

    def _pieces(self, name: str) -> list[Piece]:
        text, group = self._templates[name]
        scope = {**self._common, **group}
        for _ in range(20):
            text = re.sub(r"\{@(\w+)\}", lambda match: str(scope[match[1]]), text)
            if len(text) > 10_000:
                raise KeyError(name)
        stack: list[list[Piece]] = [[]]
        for key, sign, plain in re.findall(r"\{([^{}]*)\}|([<>])|([^{}<>]+)", text):
            if key:
                stack[-1].append(Piece(token=key))
            elif sign == "<":
                stack.append([])
            elif sign == ">" and len(stack) > 1:
                inner = stack.pop()
                is_part = any(piece.token for piece in inner)
                stack[-1] += [Piece(part=tuple(inner))] if is_part else [Piece("<"), *inner, Piece(">")]
            else:
                stack[-1].append(Piece(sign or plain))
        return stack[0]

    def names(self) -> list[str]:
        """Return the names of all templates that can be written."""
        return [name for name in self._templates if self._is_usable(name)]

    def _is_usable(self, name: str) -> bool:
        try:
            pieces = self._pieces(name)
        except KeyError:
            return False
        if not is_short(pieces) or not all(re.fullmatch(r"|d|(0>|0)\d+d?", form) for _, form in _forms(pieces)):
            return False
        tokens = [piece.token for piece in next(choices(pieces)) if piece.token]
        roots = [_name(token).removeprefix("root.") for token in tokens if _name(token).startswith("root.") or token.endswith("_root")]
        return all(self._roots.get(root) for root in roots)

    # What the comparison asks.

    def draw(self, name: str, random: Random) -> dict[str, Any]:
        """Return values for a template, some of whose optional parts have none."""
        values: dict[str, Any] = {}
        needed = {_name(piece.token) for piece in self._pieces(name) if piece.token}
        chosen = {_name(piece.token) for piece in random.choice(list(choices(self._pieces(name)))) if piece.token}
        for token in sorted(needed | chosen):
            if token.split(".")[0] == "root" or token == "hierarchy" and random.random() < 0.2:
                continue
            values[token] = self._drawn(token, random)
        return values

    @staticmethod
    def _drawn(token: str, random: Random) -> Any:
        if token in ("version", "frame"):
            return random.choice(_NUMBERS)
        if token in _SEVERAL:
            return random.choice(_FOLDERS)
        if token in _SHORT or token in _LONG:
            return str(random.randint(1, 12)).zfill(2 if token in _LONG else 1)
        return _DATES.get(token) or random.choice(_EXTENSIONS if token == "ext" else _WORDS)

    def write(self, name: str, values: Mapping[str, Any]) -> str:
        """Return the text of a template; a part whose keys have no values is left out."""
        text = self._filled(self._pieces(name), values)
        return re.sub("/+", "/", str(text)).rstrip("/")

    def _filled(self, pieces: Sequence[Piece], values: Mapping[str, Any]) -> str | None:
        """Return the text of pieces; ``None`` if a key has no value."""
        text = ""
        for piece in pieces:
            if piece.part:
                text += self._filled(piece.part, values) or ""
            elif not piece.token:
                text += piece.text
            else:
                token, _, form = piece.token.partition(":")
                token = _name(token)
                value = self._roots[token.removeprefix("root.")] if token.startswith("root.") else values.get(token)
                if value is None and token != "hierarchy":
                    return None
                text += f"/{value}" if token == "folder.path" else format("" if value is None else value, form)
        return text

    def readings(self, name: str, text: str) -> list[dict[str, str]]:
        """Return the different ways to read a text. AYON itself reads none."""
        forms = dict(_forms(self._pieces(name)))
        found = []
        for pieces in self._with_hierarchy(self._pieces(name)):
            for reading in readings(self._named(pieces), text, lambda token, value: self._fits(token, value, forms.get(token, ""))):
                if reading not in found:
                    found.append(reading)
        return found

    def _with_hierarchy(self, pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
        """Yield pieces with a hierarchy, and those of a folder at the top, which has none."""
        yield pieces
        if any(piece.token == "hierarchy" for piece in pieces):
            without = [piece for piece in pieces if piece.token != "hierarchy"]
            joined: list[Piece] = []
            for piece in without:
                if joined and joined[-1].text and piece.text:
                    joined[-1] = Piece(re.sub("/+", "/", joined[-1].text + piece.text))
                else:
                    joined.append(piece)
            yield joined

    def _named(self, pieces: Sequence[Piece]) -> list[Piece]:
        named = []
        for piece in pieces:
            token = _name(piece.token.partition(":")[0])
            if piece.part:
                named.append(Piece(part=tuple(self._named(piece.part))))
            elif token.startswith("root."):
                named.append(Piece(str(self._roots[token.removeprefix("root.")])))
            else:
                if token == "folder.path" and not (named and named[-1].text.endswith("/")):
                    # The path of a folder begins with a slash.
                    named.append(Piece("/"))
                named.append(Piece(piece.text, token))
        return named

    @staticmethod
    def _fits(token: str, value: str, form: str) -> bool:
        if form:
            return value.isdecimal() and value.isascii() and format(int(value), form) == value
        if token in _SHORT or token in _LONG or token == "yyyy":
            least, most = (1, 2) if token in _SHORT else (2, 2) if token in _LONG else (4, 4)
            return value.isdecimal() and least <= len(value) <= most
        if token in _SEVERAL:
            return not value.startswith("/") and not value.endswith("/") and "//" not in value
        return "/" not in value


def _name(token: str) -> str:
    return re.sub(r"\[([^\[\]]*)\]", r".\1", token.partition(":")[0])


def _forms(pieces: Sequence[Piece]) -> Iterator[tuple[str, str]]:
    for piece in pieces:
        yield from _forms(piece.part)
        if piece.token and ":" in piece.token:
            yield _name(piece.token), piece.token.partition(":")[2]
