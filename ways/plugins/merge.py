"""The merge rules (docs/explanation/merging.rst): each returns a field merged so far, with the next plugin merged in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ways.plugins.plugin import DataPlugin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def merged_data(before: Mapping[Any, Any], plugin: DataPlugin) -> Mapping[Any, Any]:
    """A later key replaces an earlier one, whole."""
    return {**before, **plugin.data} if plugin.data else before


def merged_details(before: Mapping[str, Any], plugin: DataPlugin) -> Mapping[str, Any]:
    """A later token's entry replaces an earlier one, whole; one that gives a default alone replaces the default alone."""
    return {**before, **overlaid(before, plugin.mapping_details)} if plugin.mapping_details else before


def overlaid(before: Mapping[str, Any], details: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the entries of tokens as they count over those *before*."""
    if not any(map(is_default_alone, details.values())):
        return details
    return {name: {**(before.get(name) or {}), **entry} if is_default_alone(entry) else entry for name, entry in details.items()}


def is_default_alone(entry: Any) -> bool:
    """Whether a token's entry gives a default, and says nothing of what the token may hold."""
    return bool(entry) and len(entry) == 1 and "default" in entry


def common_platforms(before: frozenset[str] | None, plugin: DataPlugin) -> frozenset[str] | None:
    """The platforms that all have; ``None`` stands for every one."""
    if plugin.platforms is None:
        return before
    return plugin.platforms if before is None else before & plugin.platforms


def last_groups(before: tuple[str, ...], plugin: DataPlugin) -> tuple[str, ...]:
    """The last plugin decides, even if it gives none: groups are not inherited."""
    return plugin.groups


def last_path(before: Any, plugin: DataPlugin) -> Any:
    """The last plugin that gives a value decides."""
    return before if plugin.path is None else plugin.path


def last_folder(before: Any, plugin: DataPlugin) -> Any:
    """The last plugin that gives a value decides."""
    return before if plugin.folder is None else plugin.folder


def last_search(before: bool | None, plugin: DataPlugin) -> bool | None:
    """The last plugin of the place itself that gives a value decides: it is not inherited."""
    return before if plugin.search is None else plugin.search


def last_ambiguous(before: str | None, plugin: DataPlugin) -> str | None:
    """The last plugin of the place itself that gives a value decides: it is not inherited."""
    return before if plugin.ambiguous is None else plugin.ambiguous


def merged_openassetio(before: Mapping[str, Any], plugin: DataPlugin) -> Mapping[str, Any]:
    """A later key of the place itself replaces an earlier one, whole: it is not inherited."""
    return {**before, **plugin.openassetio} if plugin.openassetio else before


def deepest_folders(before: tuple[str, ...], plugin: DataPlugin) -> tuple[str, ...]:
    """A folder inside the last one replaces it; another one is added after it."""
    folder = plugin.max_folder
    if not folder or (before and folder == before[-1]):
        return before
    if before and _parts(folder)[: len(_parts(before[-1]))] == _parts(before[-1]):
        return (*before[:-1], folder)
    return (*before, folder)


def folder_text(folders: tuple[str, ...], platform: str) -> str:
    """Return the folders of :func:`deepest_folders` as one path of *platform*; ``''`` for none."""
    if not folders:
        return ""
    # Only one of the two is loaded with Python itself.
    import ntpath
    import posixpath

    text = "".join(folders)
    return ntpath.normpath(text) if platform == "windows" else posixpath.normpath(text)


def _parts(folder: str) -> list[str]:
    return folder.replace("\\", "/").rstrip("/").split("/")


#: Field of a Resolved to its rule, in the order in which they are merged.
MERGE_RULES: Mapping[str, Callable[[Any, DataPlugin], Any]] = {
    "mapping_details": merged_details,
    "data": merged_data,
    "platforms": common_platforms,
    "groups": last_groups,
    "path": last_path,
    "folder": last_folder,
    "search": last_search,
    "ambiguous": last_ambiguous,
    "openassetio": merged_openassetio,
    "max_folder": deepest_folders,
}
#: The rules that make a new dict of the one so far and the plugin's.
MERGED_BY_KEY = frozenset((merged_details, merged_data, merged_openassetio))
