"""The formats of ImJoy: the file of one plugin, ``*.imjoy.html``, and the manifest of a repository."""

from __future__ import annotations

import hashlib
import re

from ways.sheets.document import Draft, Problem, Source
from ways.sheets.files import bytes_to_text, place_in
from ways.sheets.formats.base import Files
from ways.systems.imjoy.files.blocks import KNOWN_BLOCKS, MAX_BLOCKS, Block, Content, Lines, Scanner, content_of
from ways.systems.imjoy.files.config import name_of
from ways.systems.imjoy.files.config import decode as decode_config
from ways.systems.imjoy.files.manifest import MANIFEST, Listing, ManifestEntry, read_repository
from ways.systems.imjoy.files.plugin import LOCAL, DecodedBlock, Origin, describe
from ways.systems.imjoy.files.uri import ENDING
from ways.systems.shared import FaultLevel, Problems

_OPEN_CONFIG = re.compile(r"<config\b", re.IGNORECASE)


class PluginFormat:
    """Reads the file of one plugin. Its scripts are texts here; nothing is run or fetched.

    :param listing: what the manifest says that names the file, if one does.
    """

    name = "imjoy"
    suffixes = (ENDING,)

    def __init__(self, listing: Listing | None = None) -> None:
        self.listing = listing

    def looks_like(self, name: str, head: bytes) -> bool:
        """Return whether the file's name ends with ``.imjoy.html``, in any letter case."""
        return name.lower().endswith(ENDING)

    def read(self, data: bytes, source: Source, files: Files | None = None) -> Draft:
        """Return the plugins of a sheet that the file becomes: one for the usual layer, and one for each tag."""
        text = bytes_to_text(data, source)
        if isinstance(text, Problem):
            return Draft(None, problems=(text,), is_lost=True)
        entry = None
        origin = Origin((LOCAL,), source=source.path)
        if self.listing is not None:
            entry = self.listing.entry_of(source.path if files is None else place_in(files, source.path))
            origin = self.listing.origin._replace(source=source.path)
        return _PluginFile(text, source).draft(origin, entry, sha256=hashlib.sha256(data).hexdigest())


class ManifestFormat:
    """Reads the manifest of a repository. The files that it names are read by a PluginFormat that knows the manifest."""

    name = "imjoy-manifest"
    suffixes = (MANIFEST,)

    def looks_like(self, name: str, head: bytes) -> bool:
        """Return whether the file has the name of a manifest."""
        return name == MANIFEST

    def read(self, data: bytes, source: Source, files: Files | None = None) -> Draft:
        """Return the repository and its plugins. The files of those that have one are to be followed."""
        draft, listing = read_repository(data, source, files)
        return draft if listing is None else draft._replace(follow_format=PluginFormat(listing))


IMJOY_FORMATS = (PluginFormat(), ManifestFormat())


class _PluginFile:
    """The file of one plugin, cut into blocks."""

    def __init__(self, text: str, source: Source) -> None:
        self.text = text
        self.source = source
        self.scanner = Scanner(text)
        self.lines = Lines(text)
        self.problems = Problems(source)
        self.blocks = self.scanner.run()

    def draft(self, origin: Origin, entry: ManifestEntry | None, *, sha256: str) -> Draft:
        """Return the draft of the file.

        :param entry: the entry of a manifest for the file.
        :param sha256: of the file's content.
        """
        block = next((block for block in self.blocks if block.name == "config"), None)
        self._check_blocks(block)
        if block is None or not block.is_closed:
            if block is None:
                self._report_no_config()
            return Draft(None, problems=self.problems.of_sheet(), is_lost=True)
        # The configuration is decoded where it stands, so that positions are those of the file.
        line, column = self.lines.at(block.start)
        opened = self.lines.at(block.opened)
        source = self.source._replace(line=opened[0], column=opened[1])
        language = block.attribute("lang")
        content = content_of(self.text, block) if language == "yaml" else Content(self.text[block.start : block.end])
        before = "\n" * (line - 1) + ("" if language == "yaml" else " " * (column - 1))
        data, problems = decode_config(before + content.text, language, source, indent=content.indent)
        problems.add_all(self.problems.faults)
        if data is None:
            return Draft(None, problems=problems.of_sheet(), is_lost=True)
        name = name_of(data, problems)
        if not name:
            return Draft({"plugins": {}}, problems=problems.of_sheet())
        if entry is not None:
            # Where an entry of a manifest differs from the plugin's file, the file is right.
            for key in ("name", "version", "type"):
                there, here = entry.config.get(key), data.get(key)
                if there != here:
                    message = f"the manifest says {there!r:.60} of {key!r}, the file {here!r:.60}: the file is right"
                    problems.add("manifest-differs", message, (key,) if key in data else (), level="warning")
        others = [
            DecodedBlock(block, content_of(self.text, block).text, self.lines.at(block.opened)[0])
            for block in self.blocks
            if block.name in KNOWN_BLOCKS and block.name != "config"
        ]
        plugins, positions = describe(name, data, origin, problems, blocks=others, facts={"sha256": sha256})
        return Draft({"plugins": plugins}, positions, problems.of_sheet())

    def _add(self, code: str, message: str, index: int, *, level: FaultLevel = "error", help: str = "") -> None:
        self.problems.add(code, message, level=level, help=help, at=self.lines.at(index))

    def _check_blocks(self, config: Block | None) -> None:
        """Report blocks that never end, and a second configuration."""
        for block in self.blocks:
            line, _ = self.lines.at(block.opened)
            is_void = block.name in ("link", "br", "meta", "input", "img", "hr")
            help = f"Write '/>' at the end of <{block.name}>." if is_void else f"Write </{block.name}> where it ends."
            if not block.is_closed and (block is config or config is None):
                nested = self.scanner.nested_config
                if config is None and nested is not None and block.name in ("html", "body") and not is_void:
                    continue
                self._add("unclosed-block", f"<{block.name}>, opened in line {line}, is never closed", block.opened, help=help)
            elif not block.is_closed:
                message = f"<{block.name}>, opened in line {line}, is never closed: the file ends in it"
                self._add("unclosed-block", message, block.opened, level="warning", help=help)
            elif block.name == "config" and block is not config:
                first = self.lines.at(config.opened)[0] if config else 0
                message = f"a second <config>; the first, in line {first}, is used"
                self._add("duplicate-config", message, block.opened, help="Take one of them out.")
        if self.scanner.is_cut:
            self._add("too-large", f"expected at most {MAX_BLOCKS} blocks: the others are left out", self.blocks[-1].opened)

    def _report_no_config(self) -> None:
        """Report why there is no configuration, unless a block that never ends explains it."""
        if any(fault.code == "unclosed-block" for fault in self.problems.faults):
            return
        nested = self.scanner.nested_config
        other = next((block for block in self.blocks if block.name.lower() == "config"), None)
        if nested is not None:
            message = f"expected <config> at the top of the file, found it inside <{nested[1]}>"
            self._add("no-config", message, nested[0], help=f"Take <{nested[1]}> away from around the blocks.")
        elif other is not None:
            message = f"expected <config>, found <{other.name}>"
            self._add("no-config", message, other.opened, help="Write the name of the block in lower case.")
        else:
            opening = _OPEN_CONFIG.search(self.text)
            help = 'Write <config lang="json"> { ... } </config>.'
            self._add("no-config", "expected a <config> block, found none", opening.start() if opening else 0, help=help)
