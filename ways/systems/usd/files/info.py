"""One plugInfo file: what it offers, what it includes, and what is wrong with it.

Strict reading answers as the registry of OpenUSD does; the other one also takes what its documentation promises, and
warns of each such place.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ways.sheets.document import Pointer, Position, Source
from ways.systems.shared import Fault, Problems
from ways.systems.usd.files.checks import CHECKS, KINDS, kind_of, said
from ways.systems.usd.files.json import Parsed, Wrong, first_wrong_byte, parse, position_in, without_comments

_KEYS = ("Info", "LibraryPath", "Name", "ResourcePath", "Root", "Type")
_WRITTEN_FOR_OMNIVERSE = "Was it written by a page that says 'module'? OpenUSD calls it 'library'."


class Entry(NamedTuple):
    """One plugin, as a file offers it."""

    kind: str
    name: str
    #: Tells plugins apart: two of one root can't both be registered by the registry.
    root: str
    path: str
    resource_path: str
    #: The contents, keys sorted.
    info: Mapping[str, Any]
    source: Source
    positions: Mapping[Pointer, Position]
    #: The entry as it is written.
    written: Mapping[str, Any]

    def at(self, *keys: object) -> Source:
        """Return where something in the entry is written."""
        return self.source.at((*self.source.pointer, *keys), self.positions)

    @property
    def types(self) -> dict[str, Mapping[str, Any]]:
        """The types that it lists, each with its metadata."""
        found = self.info.get("Types")
        listed = found.items() if isinstance(found, dict) else ()
        return {name: value for name, value in listed if isinstance(value, dict)}

    def metadata_of(self, name: str) -> Mapping[str, Any]:
        """Return the metadata of one of its types; nothing of any other."""
        listed = self.info.get("Types")
        found = listed.get(name) if isinstance(listed, dict) else None
        return found if isinstance(found, dict) else {}

    def bases(self, name: str) -> list[str] | None:
        """Return the bases of one of its types; ``None`` where they are no list of texts."""
        found = self.metadata_of(name).get("bases")
        if found is None:
            return []
        is_good = isinstance(found, list) and all(isinstance(base, str) for base in found)
        return list(found) if is_good else None


class InfoFile(NamedTuple):
    """What one file says."""

    entries: tuple[Entry, ...] = ()
    #: Includes as they are written, with where.
    includes: tuple[tuple[str, Source], ...] = ()
    faults: tuple[Fault, ...] = ()
    #: Whether nothing could be read.
    is_lost: bool = False


def joined(folder: str, path: str) -> str:
    """Return *path* below *folder*, normalised; no link is resolved."""
    return posixpath.normpath(f"{folder}/{path}")


def folder_of(path: str) -> str:
    """Return *path* up to and with its last slash."""
    return path[: path.rfind("/") + 1]


def read_info(data: bytes, path: str, source: Source, *, is_strict: bool) -> InfoFile:
    """Return what a file says.

    :param path: its path as it was reached; what it names is relative to that.
    """
    return _Reader(path, source, is_strict).read(data)


class _Reader:
    def __init__(self, path: str, source: Source, is_strict: bool) -> None:
        self.path = path
        self.is_strict = is_strict
        self.problems = Problems(source)
        #: Those of each entry of ``Plugins``: who asks for all of one plugin doesn't go through those of the others.
        self.by_entry: dict[Pointer, dict[Pointer, Position]] = {}

    # --- the file

    def read(self, data: bytes) -> InfoFile:
        parsed = self.parsed(data)
        if parsed is None:
            return InfoFile(faults=tuple(self.problems.faults), is_lost=True)
        self.problems.positions = parsed.positions
        for place, position in parsed.positions.items():
            self.by_entry.setdefault(place[:2], {})[place] = position
        value = parsed.value
        if value is None or not isinstance(value, dict):
            # The registry can't tell 'null' from a file that it couldn't read.
            code, found = ("json-unreadable", "null") if value is None else ("not-an-object", type(value).__name__)
            self.tell(code, f"expected an object, found {found}", ())
            return InfoFile(faults=tuple(self.problems.faults), is_lost=True)
        if not self.is_strict:
            self.remarks(parsed)
            if value and "Plugins" not in value and "Includes" not in value:
                return self.bare(value)
        return self.contents(value)

    def parsed(self, data: bytes) -> Parsed | None:
        text = data.decode("utf-8", "surrogateescape")
        if not self.is_strict and (wrong := first_wrong_byte(data)) is not None:
            at = position_in(text, wrong)
            self.tell("encoding", f"expected UTF-8, found the byte {ord(text[wrong]) - 0xDC00:#04x}", (), at=at)
            return None
        text = without_comments(text)
        if not text.strip("\n"):
            self.problems.add("json-empty", "expected an object, found no text")
            self.tell("json-unreadable", "expected an object, found nothing to read", (), at=(0, 0))
            return None
        try:
            return parse(text, is_strict=self.is_strict)
        except Wrong as wrong:
            found = repr(text[wrong.index]) if wrong.index < len(text) else "the end of the file"
            found = "a byte-order mark" if found == r"'\ufeff'" else found
            at = position_in(text, wrong.index)
            self.tell("json-unreadable", f"expected {wrong.expected}, found {found}", (), at=at)
        return None

    def remarks(self, parsed: Parsed) -> None:
        for code, message, at in parsed.remarks:
            self.tell(code, message, (), level="warning", at=at)

    def bare(self, value: dict[str, Any]) -> InfoFile:
        """Read an object that is one plugin by itself."""
        wrapped = '{"Plugins": [{...}]}'
        message = "an object without 'Plugins' and 'Includes' is read as one plugin; OpenUSD's own registry doesn't"
        self.tell("bare-plugin", message, (), level="warning", help=f"Write {wrapped}.")
        entry = self.entry(value, (), "0")
        return InfoFile((entry,) if entry else (), (), tuple(self.problems.faults))

    def contents(self, value: dict[str, Any]) -> InfoFile:
        # In the order in which the registry reports them.
        plugins, includes = self.array(value, "Plugins"), self.array(value, "Includes")
        found = [self.entry(item, ("Plugins", index), str(index)) for index, item in enumerate(plugins)]
        named = [text for index, item in enumerate(includes) if (text := self.include(item, index)) is not None]
        for key in value:
            if key not in ("Plugins", "Includes"):
                message = f"expected 'Includes' or 'Plugins', found the key {key!r}"
                self.tell("unknown-key", message, (key,), key=key)
        return InfoFile(tuple(entry for entry in found if entry), tuple(named), tuple(self.problems.faults))

    def array(self, value: dict[str, Any], key: str) -> list[Any]:
        found = value.get(key, [])
        if not isinstance(found, list):
            self.tell("key-not-array", f"expected an array, found {kind_of(found)}", (key,), key=key)
            return []
        return found

    def include(self, item: Any, index: int) -> tuple[str, Source] | None:
        pointer = ("Includes", index)
        if not isinstance(item, str):
            message = f"expected a text, found {kind_of(item)}"
            self.tell("include-not-string", message, pointer, key="Includes", index=str(index))
            return None
        return item, self.problems.at(pointer)

    # --- one entry

    def entry(self, item: Any, pointer: Pointer, index: str) -> Entry | None:
        """Return an entry of ``Plugins``, or ``None`` with the first thing that is wrong with it."""
        if not isinstance(item, dict):
            self.tell("plugin-not-object", f"expected an object, found {kind_of(item)}", pointer, key="Plugins", index=index)
            return None
        kind = self.kind(item, pointer)
        for key, check in CHECKS:
            wrong = check(item, kind)
            if wrong:
                self.tell("plugin-key", f"{said(key, wrong)}: the plugin is left out", (*pointer, key), index=index, key=key,
                          problem=wrong)
                return None
        for key in item:
            if key not in _KEYS:
                message = f"expected one of {', '.join(_KEYS)}, found the key {key!r}: it is ignored"
                self.tell("unknown-plugin-key", message, (*pointer, key), index=index, key=key)
        return self.made(item, kind, pointer)

    def kind(self, item: dict[str, Any], pointer: Pointer) -> str:
        """Return the type of a plugin; ``''`` where it is none."""
        kind = item.get("Type")
        if kind == "module" and not self.is_strict:
            message = "'module' is read as 'library'; OpenUSD's own registry leaves the plugin out"
            self.tell("module-type", message, (*pointer, "Type"), level="warning", help=_WRITTEN_FOR_OMNIVERSE)
            return "library"
        return kind if isinstance(kind, str) and kind in KINDS else ""

    def made(self, item: dict[str, Any], kind: str, pointer: Pointer) -> Entry:
        here = folder_of(self.path)
        root = item.get("Root")
        root = here if root is None else root if root.startswith("/") else joined(here, root)
        written = item.get("LibraryPath", "")
        library = written if not written or written.startswith("/") else joined(root, written)
        source = self.problems.at(pointer)
        positions = self.by_entry.get(pointer, {}) if pointer else self.problems.positions
        entry = Entry(
            kind, item["Name"], root, library if kind == "library" else root, resource_path(root, item.get("ResourcePath")),
            item["Info"], source, positions, item,
        )  # fmt: skip
        if not self.is_strict:
            self.problems.add_all(_misshapen(entry))
        return entry

    def tell(self, code: str, message: str, pointer: Pointer, **details: Any) -> None:
        self.problems.add(code, message, pointer, file=self.path, **details)


def resource_path(root: str, written: str | None) -> str:
    """Return where the resources of a plugin are: without a word, the root's folder, which is the root if it ends so."""
    if written is None:
        return folder_of(root)
    if not written:
        return root
    return written if written.startswith("/") else joined(root, written)


#: Parts of ``Info`` that the registry passes over in silence where they hold something else.
_SHAPES = ("Types", "PluginDependencies")


def _misshapen(entry: Entry) -> Iterator[Fault]:
    """Yield a warning for each thing in ``Info`` that is passed over because of its shape."""
    for key in _SHAPES:
        found = entry.info.get(key, {})
        if not isinstance(found, dict):
            yield _shape_fault(entry, found, "Info", key)
    types = entry.info.get("Types")
    for name, value in types.items() if isinstance(types, dict) else ():
        if not isinstance(value, dict):
            yield _shape_fault(entry, value, "Info", "Types", name)
        elif not isinstance(value.get("alias", {}), dict):
            yield _shape_fault(entry, value["alias"], "Info", "Types", name, "alias")


def _shape_fault(entry: Entry, found: Any, *keys: str) -> Fault:
    message = f"expected an object, found {kind_of(found)}: it is ignored"
    return Fault("wrong-shape", message, entry.at(*keys), {"file": entry.source.path, "plugin": entry.name}, "warning")
