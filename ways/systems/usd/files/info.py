"""One plugInfo file: what it offers, what it includes, and what is wrong with it.

Strict reading answers as the registry of OpenUSD does. The other reading also takes what the documentation of OpenUSD
promises, and warns wherever the registry would do otherwise.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Pointer, Position, Source
from ways.systems.shared import Fault, Problems
from ways.systems.usd.files.json import (
    NO_POSITIONS,
    Parsed,
    Positions,
    Wrong,
    first_wrong_byte,
    parse,
    position_in,
    quick,
    without_comments,
)

#: The types of plugins, in the order in which one of them is looked up by name.
KINDS = ("library", "python", "resource")
_WRITTEN_FOR_OMNIVERSE = "Was it written by a page that says 'module'? OpenUSD calls it 'library'."


class Entry:
    """One plugin, as a file offers it.

    :param file: the file.
    :param pointer: where the entry is in it.
    :param positions: where everything in the file is written.
    """

    __slots__ = ("kind", "name", "root", "path", "resource_path", "info", "written", "is_utf8", "_file", "_pointer", "_positions")

    def __init__(
        self, kind: str, written: Mapping[str, Any], here: str, file: Source, pointer: Pointer, positions: Positions, is_utf8: bool
    ) -> None:
        root = written.get("Root")
        root = here if root is None else root if root.startswith("/") else joined(here, root)
        library = written.get("LibraryPath", "")
        library = library if not library or library.startswith("/") else joined(root, library)
        self.kind = kind
        self.name: str = written["Name"]
        #: OpenUSD's registry registers only one plugin of each root.
        self.root: str = root
        self.path: str = library if kind == "library" else root
        self.resource_path = resource_path(root, written.get("ResourcePath"))
        #: The contents, with sorted keys.
        self.info: Mapping[str, Any] = written["Info"]
        #: The entry as it is written.
        self.written = written
        #: Whether each of its texts is text, rather than bytes.
        self.is_utf8 = is_utf8
        self._file = file
        self._pointer = pointer
        self._positions = positions

    @property
    def source(self) -> Source:
        """Where it is written."""
        source = self._file.at(self._pointer, self._positions)
        return source if source.line else source._replace(line=1, column=1)

    @property
    def positions(self) -> Mapping[Pointer, Position]:
        """Where everything in it is written."""
        return self._positions.inside(self._pointer) if self._pointer else self._positions

    def at(self, *keys: object) -> Source:
        """Return where something in the entry is written."""
        return self._file.at((*self._pointer, *keys), self.positions)

    @property
    def types(self) -> dict[str, Mapping[str, Any]]:
        """The types that it lists, each with its metadata."""
        types = self.info.get("Types")
        return {name: value for name, value in types.items() if isinstance(value, dict)} if isinstance(types, dict) else {}

    def metadata_of(self, name: str) -> Mapping[str, Any]:
        """Return the metadata of one of its types; nothing of any other."""
        types = self.info.get("Types")
        metadata = types.get(name) if isinstance(types, dict) else None
        return metadata if isinstance(metadata, dict) else {}

    def bases(self, name: str) -> list[str] | None:
        """Return the bases of one of its types; ``None`` where they are no list of texts."""
        return bases_of(self.metadata_of(name))


def bases_of(metadata: Mapping[str, Any]) -> list[str] | None:
    """Return the bases that the metadata of a type name; ``None`` where they are no list of texts."""
    bases = metadata.get("bases")
    if bases is None:
        return []
    are_texts = isinstance(bases, list) and all([isinstance(base, str) for base in bases])
    return bases if are_texts else None


class InfoFile(NamedTuple):
    """What one file says."""

    source: Source
    #: Where everything in it is written.
    positions: Mapping[Pointer, Position]
    entries: tuple[Entry, ...] = ()
    #: Includes as they are written, each with its number.
    includes: tuple[tuple[int, str], ...] = ()
    faults: tuple[Fault, ...] = ()
    #: Whether nothing could be read.
    is_lost: bool = False

    def include_source(self, number: int) -> Source:
        """Return where an include is written."""
        source = self.source.at(("Includes", number), self.positions)
        return source if source.line else source._replace(line=1, column=1)


def joined(folder: str, path: str) -> str:
    """Return *path* below *folder*, normalized; no link is resolved."""
    whole = f"{folder}/{path}"
    # Nearly every path is normal as it is; to see that takes a third of the time.
    is_normal = whole[0] == "/" and whole[-1] != "/" and "//" not in whole and "/." not in whole
    return whole if is_normal else posixpath.normpath(whole)


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
        self.positions = NO_POSITIONS
        self.is_utf8 = True

    # --- the file

    def read(self, data: bytes) -> InfoFile:
        value: Any = quick(data, is_strict=self.is_strict)
        remarks: Sequence[tuple[str, str, Position]] = ()
        if value is not None:
            self.positions = Positions(data, is_strict=self.is_strict)
        else:
            parsed = self.parsed(data)
            if parsed is None:
                return self.whole(is_lost=True)
            value, remarks = parsed.value, parsed.remarks
            self.positions = Positions(data, is_strict=self.is_strict, known=parsed.positions)
        self.problems.positions = self.positions
        if not isinstance(value, dict):
            # The registry can't tell 'null' from a file that it couldn't read.
            code, found = ("json-unreadable", "null") if value is None else ("not-an-object", type(value).__name__)
            self.add(code, f"expected an object, found {found}")
            return self.whole(is_lost=True)
        if not self.is_strict:
            for code, message, at in remarks:
                self.add(code, message, level="warning", at=at)
            if value and "Plugins" not in value and "Includes" not in value:
                return self.bare(value)
        return self.contents(value)

    def whole(
        self, entries: Iterable[Entry | None] = (), includes: Iterable[tuple[int, str]] = (), *, is_lost: bool = False
    ) -> InfoFile:
        found = tuple(entry for entry in entries if entry is not None)
        return InfoFile(self.problems.source, self.positions, found, tuple(includes), tuple(self.problems.faults), is_lost)

    def parsed(self, data: bytes) -> Parsed | None:
        text = data.decode("utf-8", "surrogateescape")
        if (wrong := first_wrong_byte(data)) is not None:
            self.is_utf8 = False
            if not self.is_strict:
                at = position_in(text, wrong)
                self.add("encoding", f"expected UTF-8, found the byte {ord(text[wrong]) - 0xDC00:#04x}", at=at)
                return None
        text = without_comments(text)
        if not text.strip("\n"):
            self.problems.add("json-empty", "expected an object, found no text")
            self.add("json-unreadable", "expected an object, found nothing to read", at=(0, 0))
            return None
        try:
            return parse(text, is_strict=self.is_strict)
        except Wrong as wrong:
            found = repr(text[wrong.index]) if wrong.index < len(text) else "the end of the file"
            found = "a byte-order mark" if found == r"'\ufeff'" else found
            at = position_in(text, wrong.index)
            self.add("json-unreadable", f"expected {wrong.expected}, found {found}", at=at)
        return None

    def bare(self, value: dict[str, Any]) -> InfoFile:
        """Read an object that is one plugin by itself."""
        wrapped = '{"Plugins": [{...}]}'
        message = "an object without 'Plugins' and 'Includes' is read as one plugin; OpenUSD's own registry doesn't"
        self.add("bare-plugin", message, level="warning", help=f"Write {wrapped}.")
        entry = self.entry(value, (), "0")
        return self.whole([entry])

    def contents(self, value: dict[str, Any]) -> InfoFile:
        # In the order in which the registry reports them.
        plugins, includes = self.array(value, "Plugins"), self.array(value, "Includes")
        entries = [self.entry(item, ("Plugins", index), str(index)) for index, item in enumerate(plugins)]
        named: list[tuple[int, str]] = []
        for index, item in enumerate(includes):
            if isinstance(item, str):
                named.append((index, item))
            else:
                message = f"expected a text, found {kind_of(item)}"
                self.add("include-not-string", message, ("Includes", index), key="Includes", index=str(index))
        for key in value:
            if key not in ("Plugins", "Includes"):
                message = f"expected 'Includes' or 'Plugins', found the key {key!r}"
                self.add("unknown-key", message, (key,), key=key)
        return self.whole(entries, named)

    def array(self, value: dict[str, Any], key: str) -> list[Any]:
        items = value.get(key, [])
        if not isinstance(items, list):
            self.add("key-not-array", f"expected an array, found {kind_of(items)}", (key,), key=key)
            return []
        return items

    # --- one entry

    def entry(self, item: Any, pointer: Pointer, index: str) -> Entry | None:
        """Return an entry of ``Plugins``, or ``None`` with the first thing that is wrong with it."""
        if not isinstance(item, dict):
            self.add("plugin-not-object", f"expected an object, found {kind_of(item)}", pointer, key="Plugins", index=index)
            return None
        kind = self.kind(item, pointer)
        for key, expected in _EXPECTED.items():
            problem = _key_problem(item, key, kind)
            if problem:
                message = f"expected {expected}, but the key {key!r} {problem}: the plugin is left out"
                self.add("plugin-key", message, (*pointer, key), index=index, key=key, problem=problem)
                return None
        for key in item:
            if key not in _EXPECTED:
                message = f"expected one of {', '.join(sorted(_EXPECTED))}, found the key {key!r}: it is ignored"
                self.add("unknown-plugin-key", message, (*pointer, key), index=index, key=key)
        entry = Entry(kind, item, folder_of(self.path), self.problems.source, pointer, self.positions, self.is_utf8)
        if not self.is_strict:
            self.problems.add_all(_misshapen(entry))
        return entry

    def kind(self, item: dict[str, Any], pointer: Pointer) -> str:
        """Return the type of a plugin; ``''`` where it is none."""
        kind = item.get("Type")
        if kind == "module" and not self.is_strict:
            message = "'module' is read as 'library'; OpenUSD's own registry leaves the plugin out"
            self.add("module-type", message, (*pointer, "Type"), level="warning", help=_WRITTEN_FOR_OMNIVERSE)
            return "library"
        return kind if isinstance(kind, str) and kind in KINDS else ""

    def add(self, code: str, message: str, pointer: Pointer = (), **details: Any) -> None:
        self.problems.add(code, message, pointer, file=self.path, **details)


def resource_path(root: str, written: str | None) -> str:
    """Return where the resources of a plugin are: if it says nothing, in the root's folder (the root itself if it ends with a slash)."""
    if written is None:
        return folder_of(root)
    if not written:
        return root
    return written if written.startswith("/") else joined(root, written)


# --- what each key of an entry may hold


def kind_of(value: Any) -> str:
    """Return what a JSON value is, in words."""
    names = {dict: "an object", list: "an array", str: "a text", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")


def _key_problem(item: dict[str, Any], key: str, kind: str) -> str:
    """Return what is wrong with a key of an entry, in the words of OpenUSD's registry; ``""`` if nothing is."""
    is_needed = key in ("Type", "Name", "Info") or (key == "LibraryPath" and kind == "library")
    if key not in item:
        return "is missing" if is_needed else ""
    if key == "Info":
        return "" if isinstance(item[key], dict) else "doesn't hold an object"
    if not isinstance(item[key], str):
        return "doesn't hold a string"
    is_wrong = not kind if key == "Type" else not item[key] and key in ("Name", "Root")
    return f"doesn't hold a valid {'path' if key == 'Root' else key.lower()}" if is_wrong else ""


#: What each key should hold. They are checked in this order: the first that is wrong drops the entry.
_EXPECTED = {
    "Type": "'library', 'python' or 'resource'",
    "Name": "a name",
    "Root": "a path",
    "LibraryPath": "a path",
    "ResourcePath": "a path",
    "Info": "an object",
}


def _misshapen(entry: Entry) -> Iterator[Fault]:
    """Yield a warning for each part of ``Info`` that the registry passes over in silence, because it should hold an object."""
    for key in ("Types", "PluginDependencies"):
        value = entry.info.get(key, {})
        if not isinstance(value, dict):
            yield _shape_fault(entry, value, "Info", key)
    types = entry.info.get("Types")
    for name, value in types.items() if isinstance(types, dict) else ():
        if not isinstance(value, dict):
            yield _shape_fault(entry, value, "Info", "Types", name)
        elif not isinstance(value.get("alias", {}), dict):
            yield _shape_fault(entry, value["alias"], "Info", "Types", name, "alias")


def _shape_fault(entry: Entry, value: Any, *keys: str) -> Fault:
    message = f"expected an object, found {kind_of(value)}: it is ignored"
    return Fault("wrong-shape", message, entry.at(*keys), {"file": entry.source.path, "plugin": entry.name}, "warning")
