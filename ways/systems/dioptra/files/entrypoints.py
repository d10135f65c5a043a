"""The entrypoints that a resource file declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.systems.dioptra.files.base import Teller, names_twice, slug, units, wrong_place
from ways.systems.dioptra.files.params import Param, read_params
from ways.systems.dioptra.files.tasks import Place, Plugin, plugin_name
from ways.systems.dioptra.files.typetable import check_type


class Entrypoint(NamedTuple):
    """An entrypoint that a file declares."""

    name: str
    #: Its part of a hierarchy.
    slug: str
    pointer: Pointer
    written: Mapping[str, Any]
    params: tuple[Param, ...]
    #: The file of its task graph, below the root of the files; ``""`` where it can't be followed.
    graph: str

    @property
    def mapping(self) -> str:
        """A text that tells a job of this entrypoint: each parameter has its token in it."""
        tokens = [f"{name}={{{name}}}" for name in self.tokens()]
        return f"{self.slug.translate(_NO_MARKS)}({', '.join(tokens)})"

    def tokens(self) -> dict[str, dict[str, Any]]:
        """Return the details of each parameter's token; a name with braces can have none."""
        return {param.name: param.token() for param in self.params if not _MARKS.intersection(param.name)}


_MARKS = frozenset("{}/\\:@")
_NO_MARKS = {ord(mark): "_" for mark in "{}/\\"}


def name_of(entry: Mapping[str, Any]) -> str:
    """Return the name of an entrypoint; that of its file without its ending, if it has none of its own."""
    name: str = entry.get("name", plugin_name(entry["path"]))
    return name


def read_entrypoints(
    data: Mapping[str, Any], plugins: Sequence[Plugin], types: Mapping[str, object], place: Place, teller: Teller
) -> list[Entrypoint]:
    """Return the entrypoints of a file in order; note what is wrong with any."""
    entries = list(units(data, ("entrypoints",), teller))
    named = [(name_of(entry), _name_place(entry, pointer)) for pointer, entry in entries]
    again = names_twice(teller, "entrypoint", named) | _same_slug(named, teller)
    declared, usable = _declared(data), {plugin.name: plugin for plugin in plugins}
    found = []
    for (name, where), (pointer, entry) in zip(named, entries):
        if where in again:
            continue
        if not name.strip():
            teller.tell(where, "bad-name", "a name that isn't empty", repr(name))
            continue
        params = tuple(read_params(entry, pointer, teller))
        graph = _graph_place(entry, pointer, place, teller)
        found.append(Entrypoint(name, slug(name), pointer, entry, params, graph))
        _check_plugins(entry, pointer, declared, usable, teller)
        _check_artifact_params(entry, pointer, types, teller)
    return found


def _name_place(entry: Mapping[str, Any], pointer: Pointer) -> Pointer:
    return (*pointer, "name" if "name" in entry else "path")


def _same_slug(named: Sequence[tuple[str, Pointer]], teller: Teller) -> set[Pointer]:
    """Note names that differ, and yet make one place; return where the later ones stand."""
    first: dict[str, str] = {}
    wrong = set()
    for name, where in named:
        other = first.setdefault(slug(name), name)
        if other != name:
            found = f"{name!r}, whose place is {slug(name)!r} as that of {other!r}"
            teller.tell(where, "duplicate-name", "a name that makes a place of its own", found)
            wrong.add(where)
    return wrong


def _graph_place(entry: Mapping[str, Any], pointer: Pointer, place: Place, teller: Teller) -> str:
    where, path = (*pointer, "path"), entry["path"]
    if wrong := wrong_place(path):
        teller.tell(where, "outside", "a path below the folder of this file", f"{wrong}: {path!r}")
        return ""
    found = place.of(path)
    if place.files is None or _is_there(place, found):
        return found
    teller.tell(where, "missing-file", "the file of a task graph", f"no file {path!r}")
    return ""


def _is_there(place: Place, path: str) -> bool:
    folder, _, name = path.rpartition("/")
    try:
        return place.files is not None and name in place.files.list(folder)
    except OSError:
        return False


def _declared(data: Mapping[str, Any]) -> dict[str, None]:
    """Return the names of all plugins of a file, be they rightly written or not."""
    plugins = data.get("plugins")
    tables = [item for item in plugins if isinstance(item, dict)] if isinstance(plugins, list) else []
    return {plugin_name(item["path"]): None for item in tables if isinstance(item.get("path"), str)}


def _check_plugins(
    entry: Mapping[str, Any],
    pointer: Pointer,
    declared: Mapping[str, None],
    usable: Mapping[str, Plugin],
    teller: Teller,
) -> None:
    """Note plugins that the file doesn't declare, and tasks that two of an entrypoint's plugins have."""
    for key, are_artifacts in (("plugins", False), ("artifact_plugins", True)):
        names = entry.get(key, ())
        for index, name in enumerate(names):
            if name not in declared:
                expected = "a plugin that this file declares"
                help = teller.meant(name, declared)
                teller.tell_lax((*pointer, key, index), "unknown-plugin", expected, repr(name), help=help)
        attached = [usable[name] for name in dict.fromkeys(names) if name in usable]
        for task, first, second in _shared_tasks(attached, are_artifacts):
            found = f"{task!r} of {first!r} and of {second!r}"
            teller.tell((*pointer, key), "duplicate-name", "tasks whose names differ", found)


def _shared_tasks(plugins: Sequence[Plugin], are_artifacts: bool) -> Iterator[tuple[str, str, str]]:
    """Yield tasks that two plugins have, with the names of both."""
    first: dict[str, str] = {}
    for plugin in plugins:
        for task in plugin.tasks:
            if task.is_artifact == are_artifacts and first.setdefault(task.name, plugin.name) != plugin.name:
                yield task.name, first[task.name], plugin.name


def _check_artifact_params(entry: Mapping[str, Any], pointer: Pointer, types: Mapping[str, object], teller: Teller) -> None:
    items = [
        ((*pointer, "artifact_params", index), item)
        for index, item in enumerate(entry.get("artifact_params", ()))
        if not teller.is_broken((*pointer, "artifact_params", index))
    ]
    names_twice(teller, "artifact parameter", [(item["name"], (*where, "name")) for where, item in items])
    for where, item in items:
        outputs = [((*where, "output_params", index), output) for index, output in enumerate(item["output_params"])]
        if not outputs:
            teller.tell((*where, "output_params"), "bad-value", "at least one output", "none")
        names_twice(teller, "output", [(output["name"], (*at, "name")) for at, output in outputs])
        for at, output in outputs:
            check_type(output["type"], (*at, "type"), types, teller)
