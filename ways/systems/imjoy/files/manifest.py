"""``manifest.imjoy.json``: the plugins of a repository. Where it differs from a plugin's own file, the file is right."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ways.hierarchy import quoted_hierarchy
from ways.sheets.document import Draft, Pointer, Position, Problem, Source
from ways.sheets.files import bytes_to_text, place_in
from ways.sheets.formats import json_text
from ways.sheets.formats.base import Files
from ways.systems.imjoy.files.config import is_small, name_of
from ways.systems.imjoy.files.plugin import ROOT, Origin, describe
from ways.systems.imjoy.files.uri import ENDING, repository_of
from ways.systems.shared import Problems

MANIFEST = "manifest.imjoy.json"
#: Plugins of one manifest, and names that are looked at below its folder for files that it doesn't list.
MAX_ENTRIES, MAX_NAMES = 5000, 10_000
_URL = re.compile(r"https?://", re.IGNORECASE)


class ManifestEntry(NamedTuple):
    """One plugin of a manifest."""

    number: int
    name: str
    config: Mapping[str, Any]
    #: Its file below the manifest's folder, or its URL.
    uri: str

    @property
    def pointer(self) -> Pointer:
        """Where the entry stands in the manifest."""
        return ("plugins", self.number)


class Listing(NamedTuple):
    """What a manifest says about the files of plugins that it names."""

    origin: Origin
    #: The manifest's folder, below the root of the files.
    folder: str
    #: By the file's path below that folder.
    entries: Mapping[str, ManifestEntry]

    def entry_of(self, place: str) -> ManifestEntry | None:
        """Return the entry of the file at *place*, below the root of the files."""
        return self.entries.get(posixpath.relpath(place, self.folder or "."))


def read_repository(data: bytes, source: Source, files: Files | None, *, is_strict: bool = False) -> tuple[Draft, Listing | None]:
    """Return what a manifest says, as a draft, and what it says about the files that it names.

    The draft has the repository as a plugin of the sheet, those of its plugins that have no file, and the files of the others
    as sheets to be followed. There is no listing of a manifest that can't be read.
    """
    text = bytes_to_text(data, source)
    if isinstance(text, Problem):
        return Draft(None, problems=(text,), is_lost=True), None
    draft = json_text.read(text, source)
    if draft.is_lost:
        return Draft(None, problems=draft.problems, is_lost=True), None
    manifest = draft.data
    problems = Problems(source._replace(line=1, column=1), draft.positions, is_strict=is_strict)
    listed = manifest.get("plugins") if isinstance(manifest, dict) else None
    if not isinstance(manifest, dict) or not isinstance(listed, list):
        pointer: Pointer = ("plugins",) if listed is not None else ()
        problems.add("manifest-plugins", "expected a block of keys with 'plugins', a list", pointer, help='Write "plugins": [].')
        return Draft(None, problems=problems.of_sheet(), is_lost=True), None
    if not is_small(manifest, problems):
        return Draft(None, problems=problems.of_sheet(), is_lost=True), None
    origin = origin_of(manifest, source, files)
    entries = list(entries_of(manifest, problems))
    # The positions of each entry by its number, so that describing one doesn't go through those of all.
    by_entry: dict[object, dict[Pointer, Position]] = {}
    for pointer, position in problems.positions.items():
        if pointer[:1] == ("plugins",) and len(pointer) > 1:
            by_entry.setdefault(pointer[1], {})[pointer] = position
    folder = posixpath.dirname(place_in(files, source.path)) if files is not None else ""
    repository = _RepositoryFolder(files, folder)
    follow: list[str] = []
    plugins = {"repository": _repository(manifest, entries, origin)}
    positions: dict[Pointer, Position] = {("plugins", "repository"): (1, 1)}
    for entry in entries:
        if repository.has(entry.uri):
            follow.append(posixpath.join(folder, entry.uri))
            continue
        of_entry = Problems(problems.source, by_entry.get(entry.number), within=entry.pointer, is_strict=is_strict)
        if not _URL.match(entry.uri) and files is not None:
            help = "The plugin is described as the manifest does."
            of_entry.add("file-missing", f"there is no file {entry.uri!r}", ("uri",), level="warning", help=help)
        facts = {"uri": entry.uri, "manifest": origin.source}
        of_plugin, at_plugin = describe(entry.name, entry.config, origin._replace(source=entry.uri), of_entry, facts=facts)
        problems.add_all(of_entry.faults)
        plugins.update(of_plugin)
        positions.update(at_plugin)
    # An entry that is disabled or can't be used names its file too.
    ignored = Problems(problems.source)
    named = {entry.uri for entry in entries}
    named |= {_uri(manifest, item, str(item.get("name")), ignored) for item in manifest["plugins"] if isinstance(item, dict)}
    for path in repository.plugin_files():
        if path not in named:
            problems.add("unlisted-file", f"{path!r} is in no entry of 'plugins'", ("plugins",), level="warning")
    listing = Listing(origin, folder, {entry.uri: entry for entry in entries})
    of_sheet = (*draft.problems, *problems.of_sheet())
    return Draft({"plugins": plugins}, positions, of_sheet, tuple(dict.fromkeys(follow))), listing


def entries_of(data: Mapping[str, Any], problems: Problems) -> Iterator[ManifestEntry]:
    """Yield the plugins that aren't disabled; report those that can't be used, or have another's name."""
    names: dict[str, str] = {}
    if len(data["plugins"]) > MAX_ENTRIES:
        problems.add("too-large", f"expected at most {MAX_ENTRIES} plugins: the others are left out", ("plugins",))
    for index, config in enumerate(data["plugins"][:MAX_ENTRIES]):
        pointer = ("plugins", index)
        if not isinstance(config, dict):
            problems.add("config-not-mapping", f"expected a block of keys, found {config!r:.60}", pointer)
            continue
        if config.get("disabled") is True:
            continue
        of_entry = Problems(problems.source, problems.positions, within=pointer)
        name = name_of(config, of_entry)
        uri = _uri(data, config, name, of_entry) if name else ""
        problems.add_all(of_entry.faults)
        key = name.replace(" ", "_")
        if key in names:
            message = f"the plugin {name!r} and the plugin {names[key]!r} have one name here: this one is left out"
            problems.add("duplicate-plugin", message, pointer, help="Give it another name.")
        elif uri:
            names[key] = name
            yield ManifestEntry(index, name, config, uri)


def _uri(data: Mapping[str, Any], config: Mapping[str, Any], name: str, problems: Problems) -> str:
    """Return the file of a plugin below the manifest's folder, or its URL; ``""`` where it leaves that folder."""
    root = data.get("uri_root") or ""
    written = config.get("uri") or f"{name}{ENDING}"
    if not isinstance(root, str) or not isinstance(written, str):
        problems.add("uri", f"expected a text as uri, found {written!r:.60}", ("uri",))
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
        problems.add("path-escape", f"{written!r} leaves the repository: it isn't read", ("uri",), help="Write a path below the manifest.")
        return ""
    return "/".join(parts)


def origin_of(data: Mapping[str, Any], source: Source, files: Files | None) -> Origin:
    """Return the repository of a manifest: as the manifest says, else as the git clone around it says, else its folder's name."""
    written = data.get("repository")
    repository = repository_of(written)[0] if isinstance(written, str) else ""
    repository = repository or _remote(source, files)
    if repository:
        return Origin(tuple(repository.split("/")), repository, source.path)
    folder = os.path.basename(os.path.dirname(os.path.abspath(source.path)))
    return Origin((folder or "repository",), "", source.path)


def _remote(source: Source, files: Files | None) -> str:
    """Return the repository on GitHub from which the git clone around a manifest was made; ``""`` if that isn't known.

    The settings of the clone are read as text.
    """
    if files is None:
        return ""
    try:
        text = files.read(posixpath.join(posixpath.dirname(place_in(files, source.path)), ".git/config"))[:100_000]
    except OSError:
        return ""
    section = re.search(r'\[remote "origin"\]([^\[]*)', text.decode("utf-8", "replace"))
    url = re.search(r"^\s*url\s*=\s*(\S+)", section[1], re.MULTILINE) if section else None
    return repository_of(url[1])[0] if url else ""


def _repository(data: Mapping[str, Any], entries: list[ManifestEntry], origin: Origin) -> dict[str, Any]:
    """Return the plugin of a sheet that stands for the repository. All is under one key, as plugins below inherit it."""
    written = {key: value for key, value in data.items() if key != "plugins"}
    disabled = [item.get("name") for item in data["plugins"] if isinstance(item, dict) and item.get("disabled") is True]
    listed = {"plugins": [entry.name for entry in entries], "disabled": disabled}
    return {
        "hierarchy": quoted_hierarchy((ROOT, *origin.parts)),
        "uuid": f"imjoy-manifest:{origin.repository or origin.source}",
        "data": {"_repository": {**written, **listed, "origin": origin.repository, "source": origin.source}},
    }


class _RepositoryFolder:
    """The files below the folder of a manifest."""

    def __init__(self, files: Files | None, folder: str) -> None:
        self.files = files
        self.folder = folder
        self._names: dict[str, frozenset[str]] = {}

    def names(self, folder: str) -> frozenset[str]:
        """Return the names in a folder, those of folders with a slash at the end; none if it can't be listed."""
        if folder not in self._names:
            try:
                names = self.files.list(posixpath.join(self.folder, folder)) if self.files is not None else []
            except OSError:
                names = []
            self._names[folder] = frozenset(names)
        return self._names[folder]

    def has(self, uri: str) -> bool:
        """Return whether there is such a file; ``False`` for a URL."""
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
                inner = path.rstrip("/")
                is_folder = name.endswith("/") and not name.startswith(".")
                if is_folder and self.files is not None and not self.files.is_link(posixpath.join(self.folder, inner)):
                    waiting.append(inner)
                elif name.lower().endswith(ENDING):
                    yield path
