"""The package ``file-tree`` itself, to compare a sheet with: it writes the paths. What fits them is read in every way that there is."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from random import Random
from typing import Any

from ways.systems.imports.oracle_reading import Piece, choices, is_short, readings
from ways.systems.imports.verifying import NoOracleError

_WORDS = ("01", "a", "pre", "rest", "T1w", "hero-b", "x_y", "9", "été")
_NUMBERS = (1, 7, 12, 1001)


class FileTreeOracle:
    """One tree.

    :param path: its file.
    :raises NoOracleError: the package isn't installed, or it refuses the tree.
    """

    platform = "linux"

    def __init__(self, path: str) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                package = import_module("file_tree")
        except ImportError as error:
            message = "--verify of filetree compares with the package file-tree: pip install 'ways-resolver[import-oracle]'"
            raise NoOracleError(message) from error
        try:
            self._tree: Any = package.FileTree.read(path, top_level="")
        except (ValueError, KeyError, OSError) as error:
            raise NoOracleError(f"the package file-tree can't read {path}: {error}") from error
        self._forms: dict[str, str] = {}

    def names(self) -> list[str]:
        """Return the short names that one template has."""
        return [name for name in sorted(self._tree.template_keys()) if name and not name.endswith("/") and self._is_usable(name)]

    def _is_usable(self, name: str) -> bool:
        text = self._text(name)
        return bool(text) and not re.search(r"[*?]", text) and is_short(self._pieces(text))

    def _text(self, name: str) -> str:
        return str(self._tree.get_template(name).as_string)

    def _found(self, placeholder: str) -> tuple[str, Any]:
        """Return the name by which a placeholder has a value, and the value."""
        key = self._tree.placeholders.find_key(placeholder)
        return (placeholder.rpartition("/")[2], None) if key is None else (key, self._tree.placeholders[key])

    def _pieces(self, text: str) -> list[Piece]:
        """Return the pieces of a template; the value of a placeholder that has others in it is written out."""
        found: list[Piece] = []
        here = found
        for placeholder, form, sign, plain in re.findall(r"\{([^{}:]+):?([^{}]*)\}|([\[\]])|([^\[\]{}]+)", text):
            if placeholder:
                key, value = self._found(placeholder)
                if isinstance(value, str) and "{" in value:
                    here += self._pieces(value)
                else:
                    self._forms[key] = form or self._forms.get(key, "")
                    here.append(Piece(token=key))
            elif sign == "[":
                here = []
            elif sign:
                found.append(Piece(part=tuple(here)))
                here = found
            else:
                here.append(Piece(plain))
        return found

    # What the comparison asks.

    def draw(self, name: str, random: Random) -> dict[str, Any]:
        """Return values for a template, some of whose optional parts have none. What has a value in the tree is given now and then."""
        pieces = self._pieces(self._text(name))
        needed = [piece.token for piece in pieces if piece.token]
        chosen = [piece.token for piece in random.choice(list(choices(pieces))) if piece.token]
        values: dict[str, Any] = {}
        for key in dict.fromkeys((*needed, *chosen)):
            _, value = self._found(key)
            if isinstance(value, str) and key in needed and random.random() < 0.5:
                continue
            several = [str(one) for one in value if one is not None] if isinstance(value, Sequence) and not isinstance(value, str) else []
            drawn = random.choice(several or _WORDS)
            values[key.replace("/", ".")] = random.choice(_NUMBERS) if self._forms.get(key) else drawn
        return values

    def write(self, name: str, values: Mapping[str, Any]) -> str:
        """Return the path of a template."""
        pieces = self._pieces(self._text(name))
        tokens = {token for piece in pieces for token in ([piece.token] if piece.token else [inner.token for inner in piece.part]) if token}
        given = {key: values[key.replace("/", ".")] for key in tokens if key.replace("/", ".") in values}
        # A tree has no value for what isn't given, but those of its own.
        return os.path.normpath(str(self._tree.update(inplace=False, **given).get(name, glob=False)))

    def readings(self, name: str, text: str) -> list[dict[str, str]]:
        """Return the different ways to read a path."""
        found = []
        for pieces in choices(self._pieces(self._text(name))):
            # A folder that is left out leaves two slashes.
            shown = "".join(f"\0{piece.token}\0" if piece.token else piece.text for piece in pieces)
            parts = re.sub("/+", "/", shown).strip("/").split("\0")
            flat = [Piece(token=part) if index % 2 else Piece(part) for index, part in enumerate(parts) if part]
            for reading in readings(flat, text, self._fits):
                named = {key.replace("/", "."): value for key, value in reading.items()}
                if named not in found:
                    found.append(named)
        return found

    def _fits(self, key: str, value: str) -> bool:
        _, given = self._found(key)
        if isinstance(given, Sequence) and not isinstance(given, str) and value not in [str(one) for one in given]:
            return False
        form = self._forms.get(key, "")
        if form:
            return value.isdecimal() and value.isascii() and format(int(value), form) == value
        return "/" not in value
