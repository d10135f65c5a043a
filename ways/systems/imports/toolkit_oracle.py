"""Writes and reads as Toolkit does, to compare a sheet with: made from its public manual, and independent of the importer."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

from ways.regex.samples import samples_with
from ways.systems.imports.expressions import fits
from ways.systems.imports.oracle_reading import MOST_READINGS, Piece, readings
from ways.systems.imports.records import UnreadableError
from ways.systems.imports.source_files import MAX_FILES, read_yaml

#: Texts that are tried as values.
_WORDS = ("main", "Blue", "sh010", "sq01", "hero_big", "v2", "fx-a", "a.b", "tmp", "L", "été", "x", "9")
_PIECE = re.compile(r"\{([^}]+)\}|(\[)|(\])|([^{}\[\]]+)")
#: The token of the project's folder.
_PROJECT = "tank_name"
#: Characters of a definition with all that it names, and optional parts of it: beyond that, it isn't compared.
_LONGEST, _MOST_PARTS = 2_000, 8


def _block(path: str) -> dict[str, Any]:
    return _mapping(read_yaml(path).data)


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


class ToolkitOracle:
    """One configuration of Toolkit.

    :param path: that of ``templates.yml``.
    """

    def __init__(self, path: str) -> None:
        self._sections: dict[str, dict[str, Any]] = {"keys": {}, "paths": {}, "strings": {}}
        self._definitions: dict[tuple[str, str], str] = {}
        self._reads = 0
        self._load(path, ())
        roots = os.path.join(os.path.dirname(path), "roots.yml")
        self._roots = _block(roots) if os.path.exists(roots) else {}
        defaults = [name for name, root in self._roots.items() if isinstance(root, Mapping) and root.get("default") is True]
        first = "primary" if "primary" in self._roots or not self._roots else next(iter(self._roots))
        self._default = (defaults or [first])[0]
        columns = {"linux": "linux_path", "darwin": "mac_path", "windows": "windows_path"}
        named: list[Mapping[str, Any]] = [root for root in self._roots.values() if isinstance(root, Mapping)]
        #: The one on which most roots have a path.
        self.platform = max(columns, key=lambda platform: sum(bool(root.get(columns[platform])) for root in named))
        self._column: str = columns[self.platform]

    def _load(self, path: str, above: Sequence[str]) -> None:
        if path in above or self._reads >= MAX_FILES:
            return
        self._reads += 1
        data = _block(path)
        for name in ("include", "includes"):
            written = data.get(name) or []
            for included in [written] if isinstance(written, str) else written:
                if not isinstance(included, str):
                    continue
                file = os.path.normpath(os.path.join(os.path.dirname(path), os.path.expandvars(included)))
                try:
                    self._load(file, (*above, path))
                except UnreadableError:
                    continue
        for section, entries in self._sections.items():
            entries.update(_mapping(data.get(section)))

    # Templates.

    def names(self) -> list[str]:
        """Return the names of all templates that can be written."""
        names = [*self._sections["paths"], *(f"strings/{name}" for name in self._sections["strings"])]
        return [name for name in names if self._is_usable(name)]

    def _is_usable(self, name: str) -> bool:
        try:
            names = {key for kind, key in self._pieces(name) if kind == "key"}
            for key, value in zip(names, self._drawn_of(names), strict=True):
                self._text(key, value)
        except (LookupError, RecursionError, TypeError, AttributeError, ValueError):
            return False
        if sum(kind == "[" for kind, _ in self._pieces(name)) > _MOST_PARTS:
            return False
        if not self._has_root(name):
            return False
        return all(isinstance(self._sections["keys"].get(key), Mapping) for key in names)

    def _has_root(self, name: str) -> bool:
        if name.startswith("strings/"):
            return True
        root = self._roots.get(self._root_name(name)) or {}
        return bool(root.get(self._column)) or not any(root.get(column) for column in ("linux_path", "mac_path", "windows_path"))

    def _root_name(self, name: str) -> str:
        entry = self._sections["paths"][name]
        return str(entry.get("root_name", self._default)) if isinstance(entry, Mapping) else self._default

    def _definition(self, section: str, name: str) -> str:
        """Return a definition, with those that it names behind an @ in their places."""
        if (section, name) in self._definitions:
            return self._definitions[section, name]
        entry = self._sections[section][name]
        written = entry["definition"] if isinstance(entry, Mapping) else entry
        others = ("paths", "strings") if section == "paths" else ("strings", "paths")

        def other(match: re.Match[str]) -> str:
            return self._definition(others[0] if match[1] in self._sections[others[0]] else others[1], match[1])

        written = re.sub(r"@(\w+)", other, written, flags=re.ASCII)
        if len(written) > _LONGEST:
            raise LookupError(name)
        written = written.replace("\\", "/").removeprefix("./").strip("/") if section == "paths" else str(written)
        self._definitions[section, name] = written
        return written

    def _pieces(self, name: str) -> list[tuple[str, str]]:
        """Return the pieces of a template: ``key``, ``text``, ``[`` and ``]``, each with what it says."""
        section, _, plain = name.rpartition("/") if name.startswith("strings/") else ("paths", "", name)
        found = _PIECE.findall(self._definition(section, plain))
        return [("key", key) if key else ("text", text) if text else (opened or closed, "") for key, opened, closed, text in found]

    def _variations(self, name: str) -> list[list[tuple[str, str]]]:
        """Return the template with each choice of optional parts, the longest first."""
        parts: list[tuple[bool, list[tuple[str, str]]]] = [(False, [])]
        for kind, text in self._pieces(name):
            if kind in "[]":
                parts.append((kind == "[", []))
            else:
                parts[-1][1].append((kind, text))
        choices = [[pieces, []] if is_optional else [pieces] for is_optional, pieces in parts]
        return [[piece for part in chosen for piece in part] for chosen in itertools.product(*choices)]

    def _head(self, name: str) -> str:
        """Return the folder of the storage, before the name of the project; for a string, nothing."""
        if name.startswith("strings/"):
            return ""
        root = self._root_name(name)
        entry = self._roots.get(root)
        path = entry.get(self._column) if isinstance(entry, Mapping) else None
        return str(path).rstrip("/\\") if path else f"/{root}"

    # Keys.

    def _token(self, key: str) -> str:
        alias = self._sections["keys"][key].get("alias")
        return str(alias) if alias else key

    def _text(self, key: str, value: Any) -> str:
        """Return the text of a value, or of a default."""
        options = self._sections["keys"][key]
        spec = str(options.get("format_spec") or "")
        if isinstance(value, datetime):
            return value.strftime(spec if "%" in spec else "%Y-%m-%d-%H-%M-%S")
        if not isinstance(value, int):
            return str(value)
        if spec.isdecimal() and len(spec.lstrip("0")) > 2:
            raise ValueError(f"no number has {spec} digits")
        return f"{value:{spec if spec.isdecimal() else ''}d}"

    def _fits(self, key: str, text: str) -> bool:
        """Whether a text can be read as a value of a key."""
        options = self._sections["keys"][key]
        kind = options.get("type")
        spec = str(options.get("format_spec") or "")
        if kind == "int":
            return re.fullmatch(r"[0-9]+", text) is not None and self._text(key, int(text)) == text
        if kind == "sequence":
            if text == self._default_of(key):
                return True
            return re.fullmatch(r"[0-9]+", text) is not None and self._text(key, int(text)) == text
        if kind == "timestamp":
            try:
                return datetime.strptime(text, spec if "%" in spec else "%Y-%m-%d-%H-%M-%S") is not None
            except (ValueError, re.error):
                return False
        return self._fits_text(options, text)

    @staticmethod
    def _fits_text(options: Mapping[str, Any], text: str) -> bool:
        filter_by, choices = options.get("filter_by"), options.get("choices")
        if not text or "/" in text or "\\" in text or text in [str(value) for value in options.get("exclusions") or ()]:
            return False
        if choices and text not in [str(choice) for choice in choices]:
            return False
        if options.get("length") and len(text) != options["length"]:
            return False
        if filter_by == "alphanumeric":
            return text.isalnum()
        if filter_by == "alpha":
            return text.isalpha()
        return not filter_by or fits(filter_by, text, is_whole=False)

    def _default_of(self, key: str) -> str | None:
        options = self._sections["keys"][key]
        default = options.get("default")
        if options.get("type") == "sequence" and default is None:
            spec = str(options.get("format_spec") or "")
            return f"%{spec}d" if spec.isdigit() else "%d"
        if default is None or default in ("now", "utc_now"):
            return None
        text = self._text(key, default)
        # A default that the key itself refuses is an error there.
        return None if options.get("type") == "str" and not self._fits_text(options, text) else text

    def _drawn_of(self, keys: Iterable[str]) -> list[Any]:
        return [self._drawn(key, Random(0)) for key in keys]

    def _drawn(self, key: str, random: Random) -> Any:
        options = self._sections["keys"][key]
        kind = options.get("type")
        if kind in ("int", "sequence"):
            choices = [choice for choice in options.get("choices") or () if isinstance(choice, int)]
            return random.choice(choices or [1, 7, 12, 1001, 123456])
        if kind == "timestamp":
            return datetime(random.randint(2001, 2030), random.randint(1, 12), random.randint(1, 28), 13, 5, 59)
        texts = [str(choice) for choice in options.get("choices") or ()] or [*_WORDS, *self._samples(options)]
        fitting = [text for text in texts if self._fits_text(options, text)]
        if not fitting:
            raise LookupError(key)
        return random.choice(fitting)

    @staticmethod
    def _samples(options: Mapping[str, Any]) -> list[str]:
        filter_by, length = options.get("filter_by"), options.get("length")
        samples = samples_with(filter_by, "aB0_", 20) if filter_by and filter_by not in ("alphanumeric", "alpha") else []
        return [*samples, *("abcdefgh"[:length] for _ in range(isinstance(length, int)))]

    # What the comparison asks.

    def draw(self, name: str, random: Random) -> dict[str, Any]:
        """Return values for a template, some of whose optional parts have none. What has a default is given now and then."""
        variations = self._variations(name)
        whole = [key for kind, key in variations[0] if kind == "key"]
        chosen = [key for kind, key in random.choice(variations) if kind == "key"]
        required = [key for kind, key in variations[-1] if kind == "key"]
        values: dict[str, Any] = {} if name.startswith("strings/") else {_PROJECT: random.choice(("dune", "show_b"))}
        for key in whole:
            has_default = self._default_of(key) is not None
            # Whether a default makes an optional part appear, the manual leaves open: such a key is given there.
            if key in required and has_default and random.random() < 0.3:
                continue
            if key in chosen or key not in required and has_default:
                values[self._token(key)] = self._drawn(key, random)
        return values

    def write(self, name: str, values: Mapping[str, Any]) -> str:
        """Return the text of the longest variation whose keys all have values."""
        variation = next(variation for variation in self._variations(name) if self._is_filled(variation, values))
        text = "".join(piece if kind == "text" else self._written(piece, values) for kind, piece in variation)
        if name.startswith("strings/"):
            return text
        path = "/".join(part for part in (self._head(name), str(values[_PROJECT]), text) if part)
        return path.replace("/", "\\") if self.platform == "windows" else path

    def _is_filled(self, variation: Sequence[tuple[str, str]], values: Mapping[str, Any]) -> bool:
        keys = [key for kind, key in variation if kind == "key"]
        return all(self._token(key) in values or self._default_of(key) is not None for key in keys)

    def _written(self, key: str, values: Mapping[str, Any]) -> str:
        token = self._token(key)
        return self._text(key, values[token]) if token in values else str(self._default_of(key))

    def readings(self, name: str, text: str) -> list[dict[str, str]]:
        """Return the different ways to read a text."""
        found: list[dict[str, str]] = []
        head: list[Piece] = []
        if not name.startswith("strings/"):
            before = self._head(name).replace("\\", "/") + "/"
            text = text.replace("\\", "/")
            if not text.startswith(before):
                return []
            text = text.removeprefix(before)
            head = [Piece(token=_PROJECT), Piece("/")]
        for variation in self._variations(name):
            keys = [key for kind, key in variation if kind == "key"]
            rest = [Piece(token=self._token(said)) if kind == "key" else Piece(said) for kind, said in variation]
            pieces = head + rest if rest else head[:1]
            for reading in readings(pieces, text, partial(self._may_have, keys)):
                if reading not in found:
                    found.append(reading)
                if len(found) == MOST_READINGS:
                    return found
        return found

    def _may_have(self, keys: Iterable[str], token: str, value: str) -> bool:
        """Whether a token, of those *keys* that have its name or of the project, can have a value."""
        return (token != _PROJECT or "/" not in value) and all(self._fits(key, value) for key in keys if self._token(key) == token)
