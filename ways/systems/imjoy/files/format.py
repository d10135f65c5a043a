"""The formats of ImJoy: the file of one plugin, ``*.imjoy.html``, and the manifest of a repository."""

from __future__ import annotations

import hashlib
import posixpath
import re
from functools import partial

from ways.sheets.document import Draft, Problem, Source
from ways.sheets.files import bytes_to_text, place_in
from ways.sheets.formats.base import Files
from ways.systems.imjoy.files.blocks import KNOWN_BLOCKS, MAX_BLOCKS, Block, Content, Lines, Scanner, content_of
from ways.systems.imjoy.files.config import name_of, read_yaml
from ways.systems.imjoy.files.config import decode as decode_config
from ways.systems.imjoy.files.manifest import MANIFEST, Listing, ManifestEntry, read_repository
from ways.systems.imjoy.files.plan import EnvironmentNames
from ways.systems.imjoy.files.plugin import LOCAL, Origin, describe
from ways.systems.imjoy.files.scripts import DecodedBlock
from ways.systems.imjoy.files.uri import ENDING, repository_of
from ways.systems.shared import FaultLevel, Problems

#: Bytes of the file of an environment that are read.
MAX_ENVIRONMENT = 1 << 20
_OPEN_CONFIG = re.compile(r"<config\b", re.IGNORECASE)


class PluginFormat:
    """Reads the file of one plugin. Its scripts are texts here; nothing is run or fetched.

    :param listing: what the manifest says that names the file, if one does.
    :param is_strict: see :func:`strict_formats`.
    """

    name = "imjoy"
    suffixes = (ENDING,)

    def __init__(self, listing: Listing | None = None, *, is_strict: bool = False) -> None:
        self.listing = listing
        self.is_strict = is_strict

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
        file = _PluginFile(text, source, is_strict=self.is_strict)
        folder = self.listing.folder if self.listing is not None else None
        names = None if files is None else partial(_environment_name, files, source, origin.repository, folder)
        return file.draft(origin, entry, sha256=hashlib.sha256(data).hexdigest(), environment_names=names)


class ManifestFormat:
    """Reads the manifest of a repository. The files that it names are read by a PluginFormat that knows the manifest.

    :param is_strict: see :func:`strict_formats`; counts for the manifest's entries and for the files that it names.
    """

    name = "imjoy-manifest"
    suffixes = (MANIFEST,)

    def __init__(self, *, is_strict: bool = False) -> None:
        self.is_strict = is_strict

    def looks_like(self, name: str, head: bytes) -> bool:
        """Return whether the file has the name of a manifest."""
        return name == MANIFEST

    def read(self, data: bytes, source: Source, files: Files | None = None) -> Draft:
        """Return the repository and its plugins. The files of those that have one are to be followed."""
        draft, listing = read_repository(data, source, files, is_strict=self.is_strict)
        return draft if listing is None else draft._replace(follow_format=PluginFormat(listing, is_strict=self.is_strict))


IMJOY_FORMATS = (PluginFormat(), ManifestFormat())


def strict_formats() -> tuple[PluginFormat, ManifestFormat]:
    """Return the formats that report as errors, and not as warnings, what ImJoy accepts and is nearly always a mistake.

    This is a missing or unknown ``type``, a missing ``api_version``, each value of a wrong type, and a second configuration.
    """
    return PluginFormat(is_strict=True), ManifestFormat(is_strict=True)


def _environment_name(files: Files, source: Source, repository: str, folder: str | None, file: str, url: str) -> str | None:
    """Return the name that the file of an environment gives it. See :data:`ways.systems.imjoy.files.plan.EnvironmentNames`.

    It is looked for beside the plugin's file and beside the manifest. A clone of the plugin's own repository is already here.

    :param folder: the manifest's folder, if a manifest names the plugin.
    """
    folders = [posixpath.dirname(place_in(files, source.path)), *([folder] if folder is not None else [])]
    if url:
        is_own = repository != "" and repository_of(url)[0].lower() == repository.lower()
        folders, file = [folder] if is_own and folder is not None else [], file.partition("/")[2]
    for place in folders:
        try:
            data = files.read(posixpath.join(place, file))[:MAX_ENVIRONMENT]
        except OSError:
            continue
        read = read_yaml(data.decode("utf-8", "replace"), source)
        return str(read.get("name") or "") if isinstance(read, dict) else ""
    return None


class _PluginFile:
    """The file of one plugin, cut into blocks."""

    def __init__(self, text: str, source: Source, *, is_strict: bool) -> None:
        self.text = text
        self.source = source
        self.is_strict = is_strict
        self.scanner = Scanner(text)
        self.lines = Lines(text)
        self.problems = Problems(source)
        self.blocks = self.scanner.run()

    def draft(
        self, origin: Origin, entry: ManifestEntry | None, *, sha256: str, environment_names: EnvironmentNames | None = None
    ) -> Draft:
        """Return the draft of the file.

        :param entry: the entry of a manifest for the file.
        :param sha256: of the file's content.
        :param environment_names: reads the files of environments that are beside the plugin.
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
        data, problems = decode_config(before + content.text, language, source, indent=content.indent, is_strict=self.is_strict)
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
        others = []
        for block in self.blocks:
            if block.name in KNOWN_BLOCKS and block.name != "config":
                text, indent = content_of(self.text, block)
                others.append(DecodedBlock(block, text, self.lines.at(block.opened)[0], self.lines.at(block.start), indent))
        facts: dict[str, str] = {"sha256": sha256}
        if entry is not None:
            facts["uri"] = entry.uri
        plugins, positions = describe(
            name, data, origin, problems, blocks=others, facts=facts, environment_names=environment_names
        )
        return Draft({"plugins": plugins}, positions, problems.of_sheet())

    def _add(self, code: str, message: str, index: int, *, level: FaultLevel = "error", help: str = "") -> None:
        self.problems.add(code, message, level=level, help=help, at=self.lines.at(index))

    def _check_blocks(self, config: Block | None) -> None:
        """Report blocks that never end, a script that ends in its own text, and a second configuration."""
        for block in self.blocks:
            if not block.is_closed:
                self._report_unclosed(block, config)
            elif block.name == "config" and block is not config:
                first = self.lines.at(config.opened)[0] if config else 0
                message = f"a second <config>; the first, in line {first}, is used"
                level: FaultLevel = "error" if self.is_strict else "warning"
                self._add("duplicate-config", message, block.opened, level=level, help="Take one of them out.")
        if self.scanner.open_comment is not None:
            opening, closing, start = self.scanner.open_comment
            level = "error" if config is None else "warning"
            message = f"{opening} begins a comment that never ends: the rest of the file is ignored"
            self._add("unclosed-block", message, start, level=level, help=f"Write {closing} where it ends.")
        if self.scanner.cut_script is not None:
            script, after = self.scanner.cut_script
            message = f"the <script> of line {self.lines.at(script.opened)[0]} ends here: a second </script>, in line "
            message += f"{self.lines.at(after)[0]}, closes nothing"
            help = "If this one is a part of the script, write '<' + '/script>'; else take one of them out."
            self._add("script-cut", message, script.end, level="warning", help=help)
        if self.scanner.is_cut:
            self._add("too-large", f"expected at most {MAX_BLOCKS} blocks: the others are left out", self.blocks[-1].opened)

    def _report_unclosed(self, block: Block, config: Block | None) -> None:
        """Report a block that never ends, at what hides its close tag if there is one."""
        cut = self.scanner.cut_script
        if config is not None and block is not config and cut is not None and block.opened > cut[0].end:
            # It is a part of a script that was cut: that is what is reported.
            return
        line = self.lines.at(block.opened)[0]
        level: FaultLevel = "error" if block is config or config is None else "warning"
        hiding = self.scanner.hiding(block)
        if hiding is not None:
            found = f"everything up to {hiding.closing} in line {self.lines.at(hiding.end)[0]} is its text"
            if not hiding.is_closed:
                found = f"there is no {hiding.closing} after it"
            message = f"{hiding.opening} inside <{block.name}> hides </{block.name}>: {found}"
            help = f"End it with {hiding.closing} before </{block.name}>, or write '&lt;' for its '<'."
            self._add("unclosed-block", message, hiding.start, level=level, help=help)
            return
        is_void = block.name in ("link", "br", "meta", "input", "img", "hr")
        help = f"Write '/>' at the end of <{block.name}>." if is_void else f"Write </{block.name}> where it ends."
        is_wrapped = config is None and self.scanner.nested_config is not None and block.name in ("html", "body")
        if not is_wrapped:
            end = "" if level == "error" else ": the file ends in it"
            message = f"<{block.name}>, opened in line {line}, is never closed{end}"
            self._add("unclosed-block", message, block.opened, level=level, help=help)

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
