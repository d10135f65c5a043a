"""Sheets of other systems: any bytes give a draft, and the places that are made of it can be registered and asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from ways.errors import ImJoyError, WaysError
from ways.plugins.relative import make_absolute
from ways.session import Session
from ways.sheets.files import bytes_to_text
from ways.sheets.document import Problem, Source
from ways.sheets.formats.base import SheetFormat
from ways.systems.dioptra.files.format import DIOPTRA_FORMATS
from ways.systems.imjoy.files.format import IMJOY_FORMATS
from ways.systems.imjoy.files.uri import parse_app_url, parse_uri, repository_of
from ways.systems.usd.files.format import USD_FORMATS

from .claims import check_draft, check_problems, lines_of
from .runner import HERE, Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.sheets.document import DraftReader

_SHEETS = HERE.parent.parent / "plugin_sheets" / "foreign"
ROOT = "/sheets"


class Memory:
    """Files that lie nowhere."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.root = ROOT
        self._files = files

    def list(self, folder: str = "") -> list[str]:
        start = f"{folder.strip('/')}/" if folder.strip("/.") else ""
        below = [path.removeprefix(start) for path in self._files if path.startswith(start)]
        if not below:
            raise FileNotFoundError(2, "no such folder", folder)
        return sorted({name.partition("/")[0] + ("/" if "/" in name else "") for name in below})

    def is_link(self, path: str) -> bool:
        return False

    def read(self, path: str) -> bytes:
        plain = "/".join(part for part in path.split("/") if part not in ("", "."))
        if plain not in self._files:
            raise FileNotFoundError(2, "no such file", path)
        return self._files[plain]


@lru_cache(maxsize=8)
def _tree(name: str) -> dict[str, bytes]:
    folder = _SHEETS / name
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _checked(
    sheet_format: SheetFormat, name: str, place: str, data: bytes, other: str = "", by: tuple[SheetFormat, str] | None = None
) -> None:
    """Read the file at *place* in a tree of ours; *data* takes its place, or that of another file.

    :param by: format and place of the file that names it.
    """
    files = Memory({**_tree(name), (other or place): data})
    content = files.read(place)
    source = Source(f"{ROOT}/{place}", sheet_format.name, is_trusted=False)
    reader: DraftReader = sheet_format
    if by is not None:
        path = f"{ROOT}/{by[1]}"
        naming = by[0].read(files.read(by[1]), Source(path, by[0].name, is_trusted=False), files)
        source, reader = source._replace(chain=(path,)), naming.follow_format or sheet_format
    draft = reader.read(content, source, files)
    text = bytes_to_text(content, source)
    if isinstance(text, Problem):
        assert draft.is_lost
        return
    if other:
        # Problems of the other file point into that one.
        for problem in draft.problems:
            assert str(problem) and problem.as_dict()
        return
    plugins = check_draft(draft, text, source)
    absolute = []
    for record in plugins:
        try:
            absolute += make_absolute(record)
        except WaysError:
            continue
    session = Session()
    refused = session.registry.add_many(absolute)
    assert len(absolute) == len(refused) + len(session.registry.now.plugins)
    check_problems(session.problems, lines_of(text))
    for plugin in absolute[:20]:
        _asked(session, plugin.hierarchy)
    for path in draft.follow:
        assert not path.startswith("/") and ".." not in path.split("/"), path


def _asked(session: Session, place: tuple[str, ...]) -> None:
    """Ask what a place says."""
    try:
        context = session.get_context(place)
        assert context is not None and context.hierarchy == place
        dict(context.data)
        context.get_str()
    except WaysError:
        return


def usd(data: bytes) -> None:
    _checked(USD_FORMATS[0], "usd", "brushes/plugInfo.json", data)


def dioptra_toml(data: bytes) -> None:
    _checked(DIOPTRA_FORMATS[0], "dioptra", "dioptra.toml", data)


def dioptra_graph(data: bytes) -> None:
    _checked(DIOPTRA_FORMATS[0], "dioptra", "graphs/bread.yaml", data, by=(DIOPTRA_FORMATS[0], "dioptra.toml"))


def dioptra_code(data: bytes) -> None:
    _checked(DIOPTRA_FORMATS[0], "dioptra", "dioptra.toml", data, "plugins/oven/steps.py")


def imjoy_html(data: bytes) -> None:
    _checked(IMJOY_FORMATS[0], "imjoy/cell_tools", "plugins/viewer.imjoy.html", data)
    by = (IMJOY_FORMATS[1], "manifest.imjoy.json")
    _checked(IMJOY_FORMATS[0], "imjoy/cell_tools", "plugins/viewer.imjoy.html", data, by=by)


def imjoy_manifest(data: bytes) -> None:
    _checked(IMJOY_FORMATS[1], "imjoy/cell_tools", "manifest.imjoy.json", data)
    place = "plugins/viewer.imjoy.html"
    _checked(IMJOY_FORMATS[0], "imjoy/cell_tools", place, data, "manifest.imjoy.json", (IMJOY_FORMATS[1], "manifest.imjoy.json"))


def uri(data: bytes) -> None:
    """A URI is read or refused; its one spelling is read as the same, and what is no text of ours leads nowhere else."""
    text = data.decode("utf-8", "surrogateescape")
    repository, branch = repository_of(text)
    assert not branch or repository
    try:
        parse_app_url(text)
    except ImJoyError:
        pass
    try:
        found = parse_uri(text)
    except ImJoyError as error:
        assert error.code in ("uri", "uri-external") and str(error)
        return
    assert parse_uri(found.text) == found, (found, found.text)
    assert found.kind in ("repository", "url", "gist", "bare")
    if found.kind == "url":
        assert urlsplit(found.url).scheme.lower() in ("http", "https")


TARGETS = {
    "usd": Target("a plugInfo.json gives places or problems, and follows nothing outside", usd),
    "dioptra-toml": Target("a resource TOML gives places or problems, and follows nothing outside", dioptra_toml),
    "dioptra-graph": Target("the task graph of an entrypoint gives a place or problems", dioptra_graph),
    "dioptra-code": Target("a plugin's Python is looked into as text, and never run", dioptra_code),
    "imjoy-html": Target("a plugin's file gives places or problems, listed in a manifest or not", imjoy_html),
    "imjoy-manifest": Target("a manifest gives places or problems, and follows nothing outside", imjoy_manifest),
    "uri": Target("a plugin URI is refused, or its one spelling is read as the same", uri),
}
