"""The plugins that a resource file declares, and their tasks."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from ways.sheets.document import Pointer
from ways.sheets.formats.base import Files
from ways.systems.dioptra.files.base import Teller, names_twice, units, wrong_place
from ways.systems.dioptra.files.plugin_files import PluginFiles, read_files
from ways.systems.dioptra.files.schema import ARRAY
from ways.systems.dioptra.files.taskcode import check_code
from ways.systems.dioptra.files.typetable import check_type

_NAME = re.compile(r"[A-Za-z]|[A-Za-z_][A-Za-z0-9_]+", re.ASCII)


class Task(NamedTuple):
    """A function, or a class of an artifact task."""

    name: str
    filename: str
    is_artifact: bool
    pointer: Pointer
    written: Mapping[str, Any]

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """The inputs in order, each with ``required``, which a file may leave out."""
        return [{**item, "required": item.get("required", False)} for item in self.written.get("input_params", ())]


class Plugin(NamedTuple):
    """A plugin that a file declares."""

    name: str
    #: Its folder, below the root of the files.
    folder: str
    pointer: Pointer
    written: Mapping[str, Any]
    tasks: tuple[Task, ...]
    files: PluginFiles | None = None

    def task_id(self, task: Task) -> str:
        """Return the dotted name by which a task graph's engine knows a task."""
        parts = task.filename.removesuffix(".py").split("/")
        return ".".join([self.name, *(parts[:-1] if parts == ["__init__"] else parts), task.name])


class Place(NamedTuple):
    """Where a resource file's paths start."""

    #: What may be listed and read; ``None`` where nothing is at hand.
    files: Files | None
    #: The file's own folder below the root.
    folder: str

    def of(self, path: str) -> str:
        """Return where a path is, below the root of the files."""
        parts = [part for part in f"{self.folder}/{path}".split("/") if part not in ("", ".")]
        return "/".join(parts)


def read_plugins(
    data: Mapping[str, Any], grammar: str, types: Mapping[str, object], place: Place, teller: Teller
) -> list[Plugin]:
    """Return the plugins of a file in order; note what is wrong with any."""
    entries = [item for item in units(data, ("plugins",), teller) if _is_inside(item[1]["path"], (*item[0], "path"), teller)]
    named = [(plugin_name(entry["path"]), (*pointer, "path")) for pointer, entry in entries]
    again = names_twice(teller, "plugin", named)
    found = []
    for (name, where), (pointer, entry) in zip(named, entries):
        if where in again or not _is_usable(name, where, teller):
            continue
        tasks = tuple(_tasks(data, grammar, pointer, types, teller))
        files = None if place.files is None else read_files(place.files, place.of(entry["path"]), where, teller)
        plugin = Plugin(name, place.of(entry["path"]), pointer, entry, tasks, files)
        if files is not None:
            check_code(tasks, files.modules, pointer, teller, mentioned=set(_mentioned(entry)))
        found.append(plugin)
    return found


def _mentioned(entry: Mapping[str, Any]) -> Iterator[tuple[object, object]]:
    """Yield file and name of each task that a plugin's table has, be it rightly written or not."""
    tasks = entry.get("tasks")
    arrays = tasks.values() if isinstance(tasks, dict) else [tasks]
    for item in (item for array in arrays if isinstance(array, list) for item in array if isinstance(item, dict)):
        name, filename = item.get("name"), item.get("filename")
        if isinstance(name, str) and isinstance(filename, str):
            yield filename, name


def plugin_name(path: str) -> str:
    """Return the name of the plugin at a path: its last part, without what stands behind the last dot."""
    return PurePosixPath(path).stem


def _is_inside(path: str, where: Pointer, teller: Teller) -> bool:
    if wrong := wrong_place(path):
        teller.tell(where, "outside", "a path below the folder of this file", f"{wrong}: {path!r}")
    return not wrong


def _is_usable(name: str, where: Pointer, teller: Teller) -> bool:
    if _NAME.fullmatch(name) and not keyword.iskeyword(name):
        return True
    help = "The name of a plugin is that of its folder."
    teller.tell_lax(where, "bad-name", "a folder whose name can be imported", repr(name), help=help)
    return bool(name) and not teller.is_strict


def _tasks(
    data: Mapping[str, Any], grammar: str, pointer: Pointer, types: Mapping[str, object], teller: Teller
) -> Iterator[Task]:
    """Yield the tasks of one plugin, functions first; of those with one name, the first alone."""
    found = []
    for kind in ("",) if grammar == ARRAY else ("functions", "artifacts"):
        place = (*pointer, "tasks", *((kind,) if kind else ()))
        for where, entry in units(data, place, teller):
            found.append(Task(entry["name"], entry["filename"], kind == "artifacts", where, entry))
    again = {
        where
        for are_artifacts in (False, True)
        for where in names_twice(teller, "task", [_named(task) for task in found if task.is_artifact == are_artifacts])
    }
    again |= _shared(found, teller)
    for task in found:
        if (*task.pointer, "name") not in again:
            _check_parameters(task, types, teller)
            yield task


def _named(task: Task) -> tuple[str, Pointer]:
    return task.name, (*task.pointer, "name")


def _shared(tasks: list[Task], teller: Teller) -> set[Pointer]:
    """Note artifact tasks that have the name of a function of the same file; return where those names stand."""
    functions = {(task.filename, task.name) for task in tasks if not task.is_artifact}
    shared = [task for task in tasks if task.is_artifact and (task.filename, task.name) in functions]
    for task in shared:
        found = f"{task.name!r}, which is a function of {task.filename!r} as well"
        teller.tell((*task.pointer, "name"), "duplicate-name", "another name than a function's", found)
    return {(*task.pointer, "name") for task in shared}


def _check_parameters(task: Task, types: Mapping[str, object], teller: Teller) -> None:
    for key, what in (("input_params", "input"), ("output_params", "output")):
        items = list(enumerate(task.written.get(key, ())))
        names_twice(teller, what, [(item["name"], (*task.pointer, key, index, "name")) for index, item in items])
        for index, item in items:
            check_type(item["type"], (*task.pointer, key, index, "type"), types, teller)
