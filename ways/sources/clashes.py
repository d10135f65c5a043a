"""Plugins that are refused because another has their uuid: what an explicit load raises of them, and what a problem says."""

from __future__ import annotations

from collections.abc import Iterable

from ways.errors import DuplicatePluginError
from ways.sheets.document import Problem
from ways.sheets.formats.table import FormatTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.plugins.plugin import DataPlugin

#: Names that one message shows.
_MAX_SHOWN = 8


def by_files(refused: Iterable[DuplicatePluginError], formats: FormatTable) -> list[DuplicatePluginError]:
    """Return the errors, but one alone for each two files of another system: nobody wrote the uuids in them."""
    groups: dict[object, list[DuplicatePluginError]] = {}
    advice: dict[object, str] = {}
    for error in refused:
        first, later = _sources(error)
        help = getattr(formats.named(later.source.format), "clash_help", "")
        key = (_file(first), _file(later)) if help else id(error)
        groups.setdefault(key, []).append(error)
        advice[key] = help
    return [_of_files(group, advice[key]) if advice[key] else group[0] for key, group in groups.items()]


def problem_of(error: DuplicatePluginError) -> Problem:
    """Return the problem that stands for an error."""
    _, later = _sources(error)
    source = later.source_of("uuid")
    if error.help:
        source = source._replace(pointer=())
    return Problem(source, error.message.removeprefix(f"{source}: "), "error", "duplicate-uuid", found=repr(later.uuid), help=error.help)


def _sources(error: DuplicatePluginError) -> tuple[DataPlugin, DataPlugin]:
    """Return the plugin that is registered, and the one that is refused."""
    return error.existing, error.duplicate  # type: ignore[return-value]


def _of_files(errors: list[DuplicatePluginError], help: str) -> DuplicatePluginError:
    """Return one error for all names that two files declare."""
    first, later = _sources(errors[0])
    names = [_name(_sources(error)[1]) for error in errors]
    others = names[1 : _MAX_SHOWN + 1]
    more = f", and {len(names) - 1 - len(others)} more" if len(names) - 1 > len(others) else ""
    as_well = f", and so {'are' if len(names) > 2 else 'is'} {', '.join(others)}{more}" if others else ""
    end = f"{as_well}: {'they are' if others else 'it is'} left out here"
    message = f"{later.source_of('uuid')}: {names[0]} is declared in {first.source_of('uuid')} already{end}"
    return DuplicatePluginError(first, later, message, help)


def _file(plugin: DataPlugin) -> str:
    """Return the file that declares a plugin: of a file that another names, that one."""
    return plugin.source.chain[0] if plugin.source.chain else plugin.source.path


def _name(plugin: DataPlugin) -> str:
    """Return what a file calls a plugin; a format that refuses what two files declare adds the path to the name."""
    return str(plugin.name).removesuffix(f" of {_file(plugin)}")
