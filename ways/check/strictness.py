"""The check of places that are not strict any more: a sheet of the first syntax writes the end of a strict mapping."""

from __future__ import annotations

from collections.abc import Iterator

from ways.check.findings import Finding, Related
from ways.check.scope import CheckScope, is_written
from ways.contexts.view import ResolvedContext
from ways.errors import WaysError
from ways.plugins.plugin import DataPlugin
from ways.sheets.document import Source


def check_strictness(scope: CheckScope) -> Iterator[Finding]:
    """Yield each plugin in the first syntax that writes the end of a mapping which would be strict without it.

    See docs/explanation/strict-places.rst.
    """
    if scope.settings.strict is not None:
        # WAYS_STRICT decides.
        return
    reported: set[Source] = set()
    for view in scope.views:
        parts = view.provenance.mapping_parts
        if not parts or parts[-1].plugin.syntax != 1 or view.is_strict:
            continue
        plugin = parts[-1].plugin
        source = plugin.source_of("mapping")
        if source in reported or not is_written(source) or plugin not in view.resolver.plugins_at(view.real_hierarchy):
            continue
        finding = _not_strict(view, plugin, source)
        if finding is not None:
            reported.add(source)
            yield finding


def _not_strict(view: ResolvedContext, plugin: DataPlugin, source: Source) -> Finding | None:
    """Return what is lost by a plugin in the first syntax; ``None`` if the place would not be strict without it either."""
    place = view.hierarchy.text
    own = view.resolver.plugins_at(view.real_hierarchy)
    other = next((each for each in own if each.mapping and each.syntax == 2 and not each.is_self_append), None)
    if other is not None:
        message = f"{place!r} is not strict any more: the plugin {plugin.name!r} in syntax 1 gives the end of its mapping"
        related = (Related(other.source_of("mapping"), f"a mapping of {place!r} in syntax 2"),)
        help = "Write it in syntax 2 too (`syntax: 2`), so that mistyped values and texts are errors."
        return Finding("not-strict", "warning", source, message, help, related)
    if plugin.parent is None:
        return None
    try:
        end = view.resolver.mapping_parts(plugin.parent)[-1].plugin
    except (WaysError, IndexError):
        return None
    if end.syntax != 2:
        return None
    message = f"{place!r} is not strict, though its parent {plugin.parent.text!r} is: the plugin {plugin.name!r} is in syntax 1"
    related = (Related(end.source_of("mapping"), "the parent's mapping"),)
    return Finding("not-strict", "note", source, message, "Write it in syntax 2 too (`syntax: 2`), if it should be.", related)
