"""``manifest.imjoy.json``: the plugins of a repository. The file of each is authoritative, and read after it."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ways.sheets.document import Draft, Pointer, Position, Problem, Source
from ways.sheets.files import bytes_to_text, place_in
from ways.sheets.formats import json_text
from ways.sheets.formats.base import Files
from ways.hierarchy import quoted_hierarchy
from ways.systems.imjoy.files.config import is_small
from ways.systems.imjoy.files.keys import name_of
from ways.systems.imjoy.files.plugin import ROOT, Origin, Plugin, describe
from ways.systems.imjoy.files.report import Report
from ways.systems.imjoy.files.uri import repository_of

MANIFEST = "manifest.imjoy.json"
ENDING = ".imjoy.html"
#: Plugins of one manifest, and names that are looked at below its folder for files that it doesn't list.
MAX_ENTRIES, MAX_NAMES = 5000, 10_000
_URL = re.compile(r"https?://", re.IGNORECASE)


class Entry(NamedTuple):
    """One plugin of a manifest."""

    number: int
    name: str
    config: Mapping[str, Any]
    #: Its file below the manifest's folder, or its URL.
    uri: str

    @property
    def pointer(self) -> Pointer:
        """Where it stands in the manifest."""
        return ("plugins", self.number)


class ManifestFormat:
    """Reads the manifest of a repository."""

    name = "imjoy-manifest"
    suffixes = (MANIFEST,)

    def looks_like(self, name: str, head: bytes) -> bool:
        """Whether the file has the one name that manifests have."""
        return name == MANIFEST

    def read(self, data: bytes, source: Source, files: Files | None = None) -> Draft:
        """Return the repository as a place, those of its plugins whose file isn't there, and the files of the others."""
        found = read_manifest(data, source)
        report = found.report
        if found.data is None:
            return Draft(None, problems=found.problems, is_lost=True)
        origin = origin_of(found.data, source, files)
        entries, by_entry = list(entries_of(found.data, report)), _by_entry(report.positions)
        folder = posixpath.dirname(place_in(files, source.path)) if files is not None else ""
        disk = _Disk(files, folder)
        follow: list[str] = []
        plugins = {"repository": _repository(found.data, entries, origin)}
        positions: dict[Pointer, Position] = {("plugins", "repository"): (1, 1)}
        for entry in entries:
            if disk.has(entry.uri):
                follow.append(posixpath.join(folder, entry.uri))
                continue
            own = Report(report.source, by_entry.get(entry.number), entry.pointer)
            made = _absent(entry, origin, own, disk)
            report.add(own.told)
            plugins.update(made.plugins)
            positions.update(made.positions)
        _tell_unlisted(found.data, entries, disk, report)
        return Draft({"plugins": plugins}, positions, (*found.problems, *report.problems), tuple(dict.fromkeys(follow)))


class Manifest(NamedTuple):
    """What a manifest says; ``None`` where it can't be read."""

    data: dict[str, Any] | None
    report: Report
    problems: tuple[Problem, ...] = ()


def read_manifest(data: bytes, source: Source) -> Manifest:
    """Return what a manifest says, as plain data."""
    text = bytes_to_text(data, source)
    if isinstance(text, Problem):
        return Manifest(None, Report(source), (text,))
    draft = json_text.read(text, source)
    report = Report(source._replace(line=1, column=1), draft.positions)
    if draft.is_lost:
        return Manifest(None, report, draft.problems)
    plugins = draft.data.get("plugins") if isinstance(draft.data, dict) else None
    if not isinstance(draft.data, dict) or not isinstance(plugins, list):
        pointer = ("plugins",) if plugins is not None else ()
        report.tell("manifest-plugins", "expected a mapping with the key 'plugins', a list", pointer, help='Write "plugins": [].')
        return Manifest(None, report, report.problems)
    if not is_small(draft.data, report):
        return Manifest(None, report, report.problems)
    return Manifest(draft.data, report, draft.problems)


def entries_of(data: Mapping[str, Any], report: Report) -> Iterator[Entry]:
    """Yield the plugins that aren't disabled and can be told apart; tell of the others."""
    names: dict[str, str] = {}
    if len(data["plugins"]) > MAX_ENTRIES:
        report.tell("too-large", f"expected at most {MAX_ENTRIES} plugins: the others are left out", ("plugins",))
    for index, config in enumerate(data["plugins"][:MAX_ENTRIES]):
        pointer = ("plugins", index)
        if not isinstance(config, dict):
            report.tell("config-not-mapping", f"expected a mapping of keys, found {config!r:.60}", pointer)
            continue
        if config.get("disabled") is True:
            continue
        own = Report(report.source, report.positions, pointer)
        name = name_of(config, own)
        uri = _uri(data, config, name, own) if name else ""
        report.add(own.told)
        key = name.replace(" ", "_")
        if key in names:
            message = f"the plugin {name!r} and the plugin {names[key]!r} have one name here: this one is left out"
            report.tell("duplicate-plugin", message, pointer, help="Give it another name.")
        elif uri:
            names[key] = name
            yield Entry(index, name, config, uri)


def _uri(data: Mapping[str, Any], config: Mapping[str, Any], name: str, report: Report) -> str:
    """Return the file of a plugin below the manifest's folder, or its URL; ``""`` where it leaves that folder."""
    root = data.get("uri_root") or ""
    written = config.get("uri") or f"{name}{ENDING}"
    if not isinstance(root, str) or not isinstance(written, str):
        report.tell("uri", f"expected a text as uri, found {written!r:.60}", ("uri",))
        return ""
    root, uri = root.replace("\\", "/"), written.replace("\\", "/")
    if _URL.match(uri):
        return uri
    if _URL.match(root):
        return f"{root.rstrip('/')}/{uri.lstrip('/')}"
    folder = root.strip("/")
    below = uri if not folder or uri.startswith(f"{folder}/") else f"{folder}/{uri.lstrip('/')}"
    parts = [part for part in below.split("/") if part not in ("", ".")]
    if ".." in parts or re.match(r"[A-Za-z]:", below) or "\0" in below or not parts:
        report.tell("path-escape", f"{written!r} leaves the repository: it isn't read", ("uri",), help="Write a path below the manifest.")
        return ""
    return "/".join(parts)


def origin_of(data: Mapping[str, Any], source: Source, files: Files | None) -> Origin:
    """Return the repository: as the manifest itself says, as the git clone around it says, or else its folder's name."""
    written = data.get("repository")
    repository = repository_of(written)[0] if isinstance(written, str) else ""
    repository = repository or _remote(source, files)
    if repository:
        return Origin(tuple(repository.split("/")), repository, source.path)
    folder = os.path.basename(os.path.dirname(os.path.abspath(source.path)))
    return Origin((folder or "repository",), "", source.path)


def _remote(source: Source, files: Files | None) -> str:
    """Return the repository on GitHub that the clone around a manifest came from. Its settings are read as text."""
    if files is None:
        return ""
    try:
        text = files.read(posixpath.join(posixpath.dirname(place_in(files, source.path)), ".git/config"))[:100_000]
    except OSError:
        return ""
    section = re.search(r'\[remote "origin"\]([^\[]*)', text.decode("utf-8", "replace"))
    url = re.search(r"^\s*url\s*=\s*(\S+)", section[1], re.MULTILINE) if section else None
    return repository_of(url[1])[0] if url else ""


def _repository(data: Mapping[str, Any], entries: list[Entry], origin: Origin) -> dict[str, Any]:
    """Return the place of the repository. What it says is one key, as its plugins inherit it."""
    told = {key: value for key, value in data.items() if key != "plugins"}
    disabled = [item.get("name") for item in data["plugins"] if isinstance(item, dict) and item.get("disabled") is True]
    listed = {"plugins": [entry.name for entry in entries], "disabled": disabled}
    return {
        "hierarchy": quoted_hierarchy((ROOT, *origin.parts)),
        "uuid": f"imjoy-manifest:{origin.repository or origin.source}",
        "data": {"_repository": {**told, **listed, "origin": origin.repository, "source": origin.source}},
    }


class _Disk:
    """What lies below the folder of a manifest."""

    def __init__(self, files: Files | None, folder: str) -> None:
        self.files = files
        self.folder = folder
        self._names: dict[str, frozenset[str]] = {}

    def names(self, folder: str) -> frozenset[str]:
        """Return the names in a folder, each folder's with a slash at its end; nothing where it can't be listed."""
        if folder not in self._names:
            try:
                found = self.files.list(posixpath.join(self.folder, folder)) if self.files is not None else []
            except OSError:
                found = []
            self._names[folder] = frozenset(found)
        return self._names[folder]

    def has(self, uri: str) -> bool:
        """Whether a file is there; a URL never is."""
        folder, _, name = uri.rpartition("/")
        return not _URL.match(uri) and name in self.names(folder)

    def plugin_files(self) -> Iterator[str]:
        """Yield the files of plugins, looking at no more than ``MAX_NAMES`` names."""
        waiting, left = [""], MAX_NAMES
        while waiting and left > 0:
            folder = waiting.pop()
            for name in sorted(self.names(folder))[:left]:
                left -= 1
                path = posixpath.join(folder, name)
                is_hidden = name.startswith(".")
                if name.endswith("/") and not is_hidden and not self._is_link(path.rstrip("/")):
                    waiting.append(path.rstrip("/"))
                elif name.lower().endswith(ENDING):
                    yield path

    def _is_link(self, path: str) -> bool:
        return self.files is not None and self.files.is_link(posixpath.join(self.folder, path))


def _by_entry(positions: Mapping[Pointer, Position]) -> dict[object, dict[Pointer, Position]]:
    """Return the positions of each plugin of a manifest: one goes through all that it is given."""
    found: dict[object, dict[Pointer, Position]] = {}
    for pointer, position in positions.items():
        if pointer[:1] == ("plugins",) and len(pointer) > 1:
            found.setdefault(pointer[1], {})[pointer] = position
    return found


def _absent(entry: Entry, origin: Origin, own: Report, disk: _Disk) -> Plugin:
    """Return the plugin of an entry whose file isn't at hand, as the manifest describes it."""
    if not _URL.match(entry.uri) and disk.files is not None:
        help = "The plugin is described as the manifest does."
        own.tell("file-missing", f"there is no file {entry.uri!r}", ("uri",), level="warning", help=help)
    facts = {"uri": entry.uri, "manifest": origin.source}
    return describe(entry.name, entry.config, origin._replace(source=entry.uri), own, facts=facts)


def _tell_unlisted(data: Mapping[str, Any], entries: list[Entry], disk: _Disk, report: Report) -> None:
    """Tell of files of plugins that no entry names, disabled ones included."""
    quiet = Report(report.source)
    named = {entry.uri for entry in entries}
    named |= {_uri(data, item, str(item.get("name")), quiet) for item in data["plugins"] if isinstance(item, dict)}
    for path in disk.plugin_files():
        if path not in named:
            report.tell("unlisted-file", f"{path!r} is in no entry of 'plugins'", ("plugins",), level="warning")


class Listed(NamedTuple):
    """A plugin's file, and what the manifest that led to it says of it."""

    origin: Origin
    entry: Entry | None

    def compare(self, config: Mapping[str, Any], report: Report) -> None:
        """Tell where the manifest says otherwise than the file, which is right."""
        for key in ("name", "version", "type"):
            if self.entry is not None and self.entry.config.get(key) != config.get(key):
                there, here = self.entry.config.get(key), config.get(key)
                message = f"the manifest says {there!r:.60} of {key!r}, the file {here!r:.60}: the file is right"
                report.tell("manifest-differs", message, (key,) if key in config else (), level="warning")


def listed_in(source: Source, files: Files | None) -> Listed | None:
    """Return what the manifest says through which a file was reached; ``None`` if it was reached through none."""
    if files is None or not source.chain or os.path.basename(source.chain[-1]) != MANIFEST:
        return None
    manifest = Source(source.chain[-1])
    folder = posixpath.dirname(place_in(files, manifest.path))
    try:
        data = files.read(posixpath.join(folder, MANIFEST))
    except OSError:
        return None
    read = _by_uri(data)
    if read is None:
        return None
    said, entries = read
    uri = posixpath.relpath(place_in(files, source.path), folder or ".")
    return Listed(origin_of(said, manifest, files), entries.get(uri))


@lru_cache(maxsize=2)
def _by_uri(data: bytes) -> tuple[dict[str, Any], dict[str, Entry]] | None:
    """Return what a manifest says, and its plugins by their file. Kept, as each file of a repository asks for it."""
    found = read_manifest(data, Source(MANIFEST))
    if found.data is None:
        return None
    return found.data, {entry.uri: entry for entry in entries_of(found.data, found.report)}
