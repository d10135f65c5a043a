"""The native formats: YAML, JSON, TOML, and Python sheets, which run only where their source is trusted."""

from __future__ import annotations

from ways.limits import DEFAULT_LIMITS, Limits
from ways.sheets.document import Draft, Problem, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ways.sheets.formats.base import Files, SheetFormat

    TextReader = Callable[[str, Source, Limits], Draft]


def _reader(name: str) -> TextReader:
    """Return the reader in the module of that name; a parser costs up to 20 ms to import, so only at first need."""
    from importlib import import_module

    read: TextReader = import_module(f"ways.sheets.formats.{name}").read
    return read


class TextFormat:
    """A format whose files are text, read by one module; *others* are tried where it can't read a file at all."""

    def __init__(self, name: str, suffixes: tuple[str, ...], reader: str, *others: str) -> None:
        self.name = name
        self.suffixes = suffixes
        self._reader = reader
        self._others = others

    def looks_like(self, name: str, head: bytes) -> bool:
        """Whether the file's name ends as this format's do; letter case doesn't matter."""
        return name.lower().endswith(self.suffixes)

    def read(self, data: bytes, source: Source, files: Files | None = None, *, limits: Limits = DEFAULT_LIMITS) -> Draft:
        """Return what *data* says."""
        from ways.sheets.files import bytes_to_text

        text = bytes_to_text(data, source)
        if isinstance(text, Problem):
            return Draft(None, problems=(text,), is_lost=True)
        draft = _reader(self._reader)(text, source, limits)
        if not draft.is_lost or any(problem.code == "limit" for problem in draft.problems):
            return draft
        for reader in self._others:
            other = _reader(reader)(text, source, limits)
            # A lone text is what YAML makes of nearly any broken file: that is no sheet.
            if not other.is_lost and isinstance(other.data, dict):
                return other._replace(problems=(*_as_warnings(draft, self.name), *other.problems))
        return draft


def _as_warnings(draft: Draft, name: str) -> list[Problem]:
    """Return the problems that strict reading found, for a file that a laxer way could read."""
    return [
        problem._replace(level="warning", message=f"not {name.upper()}, read all the same: {problem.message}")
        for problem in draft.problems
    ]


#: In the order in which one folder's info files are looked for.
NATIVE_FORMATS: tuple[SheetFormat, ...] = (
    TextFormat("json", (".json",), "json_text", "yaml_text"),
    TextFormat("yaml", (".yml", ".yaml"), "yaml_text", "json_text"),
    TextFormat("toml", (".toml",), "toml_text"),
    TextFormat("python", (".py",), "python_text"),
)
