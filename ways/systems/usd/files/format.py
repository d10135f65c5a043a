"""The sheet format of OpenUSD: the plugins that a plugInfo.json offers, and their types, as places."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ways.sheets.document import UNREADABLE, Draft, Pointer, Position, Source
from ways.sheets.files import place_in
from ways.sheets.formats.base import Files
from ways.hierarchy import quoted_hierarchy
from ways.systems.shared import Fault, exceeded_limit, moved_positions
from ways.systems.usd.files.info import Entry, folder_of, read_info
from ways.systems.usd.files.paths import PLUG_INFO, Name, PatternError, expanded, included

#: Where the places stand that are made of plugins and of types.
PLUGINS, TYPES = ("usd", "plugins"), ("usd", "types")
#: The type that all others derive from.
ROOT_TYPE = "TfType::_Root"
#: How deep the metadata of a sheet may be nested.
MAX_NESTING = 100


class PlugInfoFormat:
    """Reads plugInfo files as their documentation promises, and warns where OpenUSD's own registry does otherwise."""

    name = "usd"
    suffixes: tuple[str, ...] = ()

    def looks_like(self, name: str, head: bytes) -> bool:
        """Whether the file is named ``plugInfo.json``; files of other names are reached by ``Includes`` only."""
        return name == PLUG_INFO

    def read(self, data: bytes, source: Source, files: Files | None = None) -> Draft:
        """Return the plugins and types as places, and the included files to follow."""
        path = source.path.replace(os.sep, "/")
        info = read_info(data, path, source, is_strict=False)
        faults = list(info.faults)
        follow: list[str] = []
        for number, text in info.includes:
            follow += _included_files(path, text, info.include_source(number), files, faults)
        if info.is_lost:
            # An error that cost the file has the code that all formats of ours have for that.
            problems = (
                problem._replace(code="syntax") if problem.level == "error" and problem.code not in UNREADABLE else problem
                for problem in (fault.problem for fault in faults)
            )
            return Draft(None, {}, tuple(problems), (), is_lost=True)
        entries = []
        for entry in info.entries:
            # The entry itself is one level.
            if exceeded_limit(entry.written, depth=MAX_NESTING + 1):
                message = f"expected metadata nested at most {MAX_NESTING} deep: the plugin is left out"
                faults.append(Fault("too-deep", message, entry.source))
            else:
                entries.append(entry)
        plugins, positions = places_of(entries)
        return Draft({"plugins": plugins}, positions, tuple(fault.problem for fault in faults), tuple(dict.fromkeys(follow)))


USD_FORMATS = (PlugInfoFormat(),)


def places_of(entries: Sequence[Entry]) -> tuple[dict[str, Any], dict[Pointer, Position]]:
    """Return the places of the plugins of one file and of their types, as a sheet would give them, and their positions."""
    plugins: dict[str, Any] = {}
    moves: dict[Pointer, list[Pointer]] = {}
    positions: dict[Pointer, Position] = {}
    for name, written, source in (place for entry in entries for place in _places(entry)):
        # Two of one name have the same uuid: the problem is reported when they are registered.
        while name in plugins:
            name = f"{name} again"
        plugins[name] = written
        moves[source.pointer] = [("plugins", name, "data")]
        positions["plugins", name] = positions["plugins", name, "hierarchy"] = source.line, source.column
    for entry in entries:
        positions.update(moved_positions(entry.positions, moves))
    known = {written["hierarchy"] for written in plugins.values()}
    for entry in entries:
        for type_name in entry.types:
            for index, base in enumerate(entry.bases(type_name) or ()):
                if base and base != ROOT_TYPE and (hierarchy := quoted_hierarchy((*TYPES, base))) not in known:
                    name = f"{base}, named only as a base"
                    source = entry.at("Info", "Types", type_name, "bases", index)
                    plugins.setdefault(name, {"hierarchy": hierarchy})
                    positions.setdefault(("plugins", name), (source.line, source.column))
    return plugins, positions


def _places(entry: Entry) -> Iterator[tuple[str, dict[str, Any], Source]]:
    """Yield the place of a plugin, with all that it says except its types, and of each type that it lists, with its metadata as data."""
    info = {key: value for key, value in entry.info.items() if key != "Types"}
    data = {**entry.written, "Type": entry.kind, "Info": info, "path": entry.path, "resourcePath": entry.resource_path}
    written: dict[str, Any] = {
        "hierarchy": quoted_hierarchy((*PLUGINS, entry.kind, entry.name)),
        "uuid": _uuid(entry),
        "data": data,
    }
    if entry.resource_path.startswith("/") and not any(mark in entry.resource_path for mark in "{}"):
        folder = entry.resource_path.rstrip("/")
        written |= {"mapping": f"{folder}/{{RESOURCE}}", "mapping_details": {"RESOURCE": {"parse": {"regex": ".+"}}}, "path": True}
    yield f"{entry.kind} {entry.name}", written, entry.source
    for name, metadata in entry.types.items():
        if name and name != ROOT_TYPE:
            written = {"hierarchy": quoted_hierarchy((*TYPES, name)), "uuid": f"{_uuid(entry)}:{name}", "data": dict(metadata)}
            yield f"{entry.kind} {entry.name}: {name}", written, entry.at("Info", "Types", name)


def _uuid(entry: Entry) -> str:
    """Return the uuid of a plugin. That of a type is this, a colon, and its name."""
    return f"usd-plug:{entry.kind}:{entry.name.replace('%', '%25').replace(':', '%3A')}"


def type_name_of(written: Mapping[str, Any], entry: Entry) -> str | None:
    """Return which type of a plugin a place stands for; ``None`` if it stands for the plugin, or for what is only named as a base."""
    prefix = f"{_uuid(entry)}:"
    uuid = written.get("uuid", "")
    return uuid.removeprefix(prefix) if uuid.startswith(prefix) else None


def _included_files(path: str, text: str, where: Source, files: Files | None, faults: list[Fault]) -> Iterator[str]:
    """Yield the files below the root that one item of ``Includes`` stands for.

    :param faults: what isn't there, or can't be reached, is added here.
    """
    pattern = included(path, text)
    if files is None or not pattern:
        return
    disk = FilesDisk(files)
    try:
        paths = expanded(pattern, disk, literal=folder_of(path))
    except PatternError as error:
        faults.append(Fault(error.code, f"{text!r} isn't followed: {error}", where, {"file": path}))
        return
    existing = [file for file in paths if disk.exists(file) and not disk.is_folder(file)]
    yield from (place_in(files, file) for file in existing)
    if existing:
        return
    if disk.is_outside(pattern):
        message = f"{text!r} leads out of the folder that was added: it isn't read"
        faults.append(Fault("outside", message, where, level="warning", help="Add that folder too, if its sheets are wanted."))
    elif any(disk.is_folder(file) for file in paths):
        message = f"{text!r} is a folder, which is no plugInfo file"
        faults.append(Fault("include-is-folder", message, where, help="End it with '/'."))
    else:
        message = f"{text!r} includes nothing: there is no such file"
        faults.append(Fault("nothing-included", message, where, level="warning"))


class FilesDisk:
    """The files of a descriptor as a disk: they lie below one root, and are asked for by whole paths."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._listed: dict[str, list[Name]] = {}

    def is_outside(self, path: str) -> bool:
        """Whether a path doesn't lie below the root."""
        return self._place(path.partition("*")[0]) is None

    def names(self, folder: str) -> list[Name]:
        """Return what is in *folder*, sorted by name; nothing where it can't be listed."""
        inside = self._place(folder)
        if inside is None:
            return []
        if inside not in self._listed:
            try:
                listed = sorted(self._files.list(inside), key=os.fsencode)
            except OSError:
                listed = []
            prefix = f"{inside}/" if inside else ""
            plain = ((name.rstrip("/"), name.endswith("/")) for name in listed)
            self._listed[inside] = [Name(name, is_folder, self._files.is_link(prefix + name)) for name, is_folder in plain]
        return self._listed[inside]

    def exists(self, path: str) -> bool:
        """Whether there is something."""
        return self._entry(path) is not None

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder, perhaps by a link."""
        entry = self._entry(path)
        return entry is not None and entry.is_folder

    def _entry(self, path: str) -> Name | None:
        inside = self._place(path)
        if inside is None:
            return None
        if not inside:
            return Name("", True, False)
        folder, _, name = inside.rpartition("/")
        return next((entry for entry in self.names(f"{self._files.root}/{folder}") if entry.name == name), None)

    def _place(self, path: str) -> str | None:
        inside = place_in(self._files, path or ".")
        is_outside = inside == ".." or inside.startswith("../")
        return None if is_outside else "" if inside == "." else inside
