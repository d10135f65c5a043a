"""ImJoy: the plugin that an ``*.imjoy.html`` file describes, and those of a repository's manifest, as places."""

from __future__ import annotations

import hashlib
import re

from ways.sheets.files import bytes_to_text
from ways.sheets.document import Draft, Problem, Source
from ways.systems.imjoy.files import config as imjoy_config, manifest as imjoy_manifest
from ways.sheets.formats.base import Files
from ways.systems.imjoy.files.blocks import KNOWN_BLOCKS, MAX_BLOCKS, Block, Content, Lines, Scanner, content_of
from ways.systems.imjoy.files.keys import name_of
from ways.systems.imjoy.files.manifest import ManifestFormat
from ways.systems.imjoy.files.plugin import LOCAL, Origin, Part, describe
from ways.systems.imjoy.files.report import Report

ENDING = ".imjoy.html"
_OPEN_CONFIG = re.compile(r"<config\b", re.IGNORECASE)


class PluginFormat:
    """Reads the file of one plugin. Its scripts are texts here, and nothing of it is run or fetched."""

    name = "imjoy"
    suffixes = (ENDING,)

    def looks_like(self, name: str, head: bytes) -> bool:
        """Whether the file's name ends as those of plugins do."""
        return name.lower().endswith(ENDING)

    def read(self, data: bytes, source: Source, files: Files | None = None) -> Draft:
        """Return the plugin as places: one layer of its own for each tag."""
        text = bytes_to_text(data, source)
        if isinstance(text, Problem):
            return Draft(None, problems=(text,), is_lost=True)
        return _Reading(text, source, files).draft(hashlib.sha256(data).hexdigest())


IMJOY_FORMATS = (PluginFormat(), ManifestFormat())


class _Reading:
    """One file on its way to a draft."""

    def __init__(self, text: str, source: Source, files: Files | None) -> None:
        self.text = text
        self.source = source
        self.files = files
        self.scanner = Scanner(text)
        self.lines = Lines(text)
        self.report = Report(source)
        self.blocks = self.scanner.run()

    def draft(self, sha256: str) -> Draft:
        """Return the draft."""
        config = next((block for block in self.blocks if block.name == "config"), None)
        self._tell_blocks(config)
        if config is None or not config.is_closed:
            if config is None:
                self._tell_no_config()
            return Draft(None, problems=self.report.problems, is_lost=True)
        decoded = self._decoded(config)
        decoded.report.add(self.report.told)
        if decoded.data is None:
            return Draft(None, problems=decoded.report.problems, is_lost=True)
        report = decoded.report
        name = name_of(decoded.data, report)
        if not name:
            return Draft({"plugins": {}}, problems=report.problems)
        origin = self._origin(decoded.data, report)
        found = describe(name, decoded.data, origin, report, parts=self._parts(), facts={"sha256": sha256})
        return Draft({"plugins": found.plugins}, found.positions, report.problems)

    def _decoded(self, block: Block) -> imjoy_config.Config:
        """Return the configuration, decoded where it stands, so that positions are those of the file."""
        line, column = self.lines.at(block.start)
        opened = self.lines.at(block.opened)
        source = self.source._replace(line=opened[0], column=opened[1])
        language = block.attribute("lang")
        content = content_of(self.text, block) if language == "yaml" else Content(self.text[block.start : block.end])
        before = "\n" * (line - 1) + ("" if language == "yaml" else " " * (column - 1))
        return imjoy_config.decode(before + content.text, language, source, indent=content.indent)

    def _origin(self, config: dict[str, object], report: Report) -> Origin:
        """Return where the plugin belongs: to the repository whose manifest led here, or to none."""
        listed = imjoy_manifest.listed_in(self.source, self.files)
        if listed is None:
            return Origin((LOCAL,), source=self.source.path)
        listed.compare(config, report)
        return listed.origin._replace(source=self.source.path)

    def _parts(self) -> list[Part]:
        return [
            Part(block, content_of(self.text, block).text, self.lines.at(block.opened)[0])
            for block in self.blocks
            if block.name in KNOWN_BLOCKS and block.name != "config"
        ]

    def _tell(self, code: str, message: str, index: int, *, level: str = "error", help: str = "") -> None:
        line, column = self.lines.at(index)
        at = Report(self.source._replace(line=line, column=column))
        at.tell(code, message, level=level, help=help)
        self.report.add(at.told)

    def _tell_blocks(self, config: Block | None) -> None:
        """Tell of blocks that never end, and of a second configuration."""
        for block in self.blocks:
            line, _ = self.lines.at(block.opened)
            is_void = block.name in ("link", "br", "meta", "input", "img", "hr")
            help = f"Write '/>' at the end of <{block.name}>." if is_void else f"Write </{block.name}> where it ends."
            if not block.is_closed and (block is config or config is None):
                nested = self.scanner.nested_config
                if config is None and nested is not None and block.name in ("html", "body") and not is_void:
                    continue
                self._tell("unclosed-block", f"<{block.name}>, opened in line {line}, is never closed", block.opened, help=help)
            elif not block.is_closed:
                message = f"<{block.name}>, opened in line {line}, is never closed: the file ends in it"
                self._tell("unclosed-block", message, block.opened, level="warning", help=help)
            elif block.name == "config" and block is not config:
                first = self.lines.at(config.opened)[0] if config else 0
                message = f"a second <config>; the first, in line {first}, is used"
                self._tell("duplicate-config", message, block.opened, help="Take one of them out.")
        if self.scanner.is_cut:
            self._tell("too-large", f"expected at most {MAX_BLOCKS} blocks: the others are left out", self.blocks[-1].opened)

    def _tell_no_config(self) -> None:
        """Tell why there is no configuration, unless a block that never ends was told of."""
        if any(told.code == "unclosed-block" for told in self.report.told):
            return
        nested = self.scanner.nested_config
        other = next((block for block in self.blocks if block.name.lower() == "config"), None)
        if nested is not None:
            message = f"expected <config> at the top of the file, found it inside <{nested[1]}>"
            self._tell("no-config", message, nested[0], help=f"Take <{nested[1]}> away from around the blocks.")
        elif other is not None:
            message = f"expected <config>, found <{other.name}>"
            self._tell("no-config", message, other.opened, help="Write the name of the block in lower case.")
        else:
            found = _OPEN_CONFIG.search(self.text)
            help = 'Write <config lang="json"> { ... } </config>.'
            self._tell("no-config", "expected a <config> block, found none", found.start() if found else 0, help=help)
