"""What is checked of a plugin before it is made: that it and its expressions aren't too large, and its language if there may
be a fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ways.errors import SheetLimitError
from ways.limits import Limits, MAX_HIERARCHY
from ways.plugins.plugin import DataPlugin
from ways.plugins.relative import ROOT
from ways.sheets.document import PluginRecord, Problem, Source, limit_problem, pointer_text
from ways.sheets.extent import excess_of_data

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The keys of a token that say what its text looks like, and may contradict each other.
TYPE_KEYS = ("format", "choices", "default", "sequence")


def limits_exceeded(record: PluginRecord, limits: Limits) -> Problem | None:
    """Return the problem that a plugin, or what it gives of its tokens, is larger than it may be; else ``None``."""
    for name, count, keys in _excess(record.values, limits):
        return limit_problem(limits, name, record.source_of(*keys), str(count))
    return None


def check_plugins_of_python(plugins: Mapping[str, Mapping[str, Any]], source: Source, limits: Limits) -> None:
    """Refuse plugins that are written as in a sheet and hold more than a sheet may.

    :raises SheetLimitError: they do.
    """
    if excess := excess_of_data({"plugins": plugins}, limits):
        raise _limit_error(source, limits, *excess, ("plugins",))


def check_records_of_python(records: Iterable[PluginRecord], source: Source, limits: Limits) -> None:
    """Refuse plugins that are larger than any may be, or more than a sheet may have.

    :raises SheetLimitError: they are.
    """
    made = 0
    for record in records:
        made += plugins_made(record)
        if made > limits.plugins:
            raise _limit_error(source, limits, "plugins", made, ("plugins",))
        for name, count, keys in _excess(record.values, limits):
            raise _limit_error(record.source, limits, name, count, (*record.source.pointer, *keys))


def check_object(plugin: DataPlugin, limits: Limits) -> DataPlugin:
    """Return a plugin that was read from an object, if it is no larger than one of a sheet.

    :raises SheetLimitError: it is.
    """
    # As in a sheet that has this plugin alone.
    if excess := excess_of_data({"plugins": {"": plugin.info}}, limits):
        raise _limit_error(plugin.source, limits, *excess)
    for name, count, keys in _excess(plugin.info, limits):
        raise _limit_error(plugin.source, limits, name, count, keys)
    return plugin


def too_many_problems(source: Source, limits: Limits) -> SheetLimitError:
    """Return the error that stands for all that are more than one call may raise."""
    message = f"expected {limits.expected('problems')}, found more: the others are left out. {limits.to_raise('problems')}"
    return SheetLimitError(source, "problems", limits.problems, limits.problems + 1, message)


def plugins_made(record: PluginRecord) -> int:
    """Return how many plugins a record counts for."""
    return max(1, len(record.values.get("uses") or ()))


def _limit_error(source: Source, limits: Limits, name: str, found: int, keys: Sequence[object] = ()) -> SheetLimitError:
    message = f"{pointer_text(tuple(keys))}: " if keys else ""
    message += f"expected {limits.expected(name)}, found {found}. {limits.to_raise(name, found)}"
    return SheetLimitError(source, name, getattr(limits, name), found, message)


def _excess(values: Any, limits: Limits) -> Iterator[tuple[str, int, Sequence[object]]]:
    """Yield limit, number and key of what is larger in a plugin than it may be."""
    for name, count, *keys in _counts(values):
        if count > getattr(limits, name):
            yield name, count, keys


def _counts(values: Any) -> Iterator[tuple[Any, ...]]:
    """Yield limit, number and key of everything in a plugin that is counted."""
    mapping, details = values.get("mapping") or "", values.get("mapping_details") or {}
    own, uses = values.get("hierarchy") or "", values.get("uses") or ()
    yield "mapping", len(mapping), "mapping"
    yield "tokens", mapping.count("{"), "mapping"
    yield "tokens", len(details), "mapping_details"
    longest = max(map(len, uses), default=0)
    # The text is measured before its parts are counted: it is copied for each parent.
    yield "mapping", len(own) + own.count(ROOT) * longest, "hierarchy"
    yield "mapping", longest, "uses"
    deepest = max((parent.count("/") for parent in uses), default=-1) + 1
    yield "hierarchy", _depth(own, deepest), "hierarchy"
    total = 0
    for token, entry in details.items():
        yield "mapping", len(entry.get("mapping") or ""), "mapping_details", token, "mapping"
        # A value that is no text counts as 8 characters.
        total += sum(len(value) if isinstance(value, str) else 8 for value in (entry.get("parse") or {}).values())
        yield "expression", total, "mapping_details", token, "parse"
        if entry.get("choices"):
            # Loaded where it is needed, as what reads mappings stands below it.
            from ways.pattern.measure import length_of_choices

            total += length_of_choices(entry)
            yield "expression", total, "mapping_details", token, "choices"


def _depth(own: str, above: int) -> int:
    """Return how many parts a hierarchy has below a parent of so many."""
    parts = [part for part in own.split("/") if part.strip()]
    rooted = [part.count(ROOT) * above or 1 for part in parts if ROOT in part]
    depth = len(parts) - len(rooted) + (sum(rooted) if rooted else above)
    # A depth that no hierarchy can have raises an error where the plugin is made.
    return depth if depth <= MAX_HIERARCHY else 0


def validated(record: PluginRecord) -> tuple[PluginRecord | None, Sequence[Problem]]:
    """Return *record* without the keys of tokens that can't be used, and what is wrong with its mapping and tokens.

    The record is ``None`` if its mapping can't be read, or an expression of its tokens costs more than one may.
    """
    if problems := tuple(costly_expressions(record)):
        return None, problems
    if not needs_language_check(record):
        return record, ()
    # Loads what reads mappings, which takes 14 ms.
    from ways.plugins.language import check_language

    return check_language(record)


def costly_expressions(record: PluginRecord) -> Iterator[Problem]:
    """Yield each expression that no engine may get."""
    for token, entry in (record.values.get("mapping_details") or {}).items():
        expression = (entry.get("parse") or {}).get("regex")
        expression = expression.get(token) if isinstance(expression, dict) else expression
        # What repeats a group, or is repeated by numbers.
        if not isinstance(expression, str) or ("(" not in expression and "{" not in expression):
            continue
        from ways.errors import caret
        from ways.regex.parse_tree import fault_of

        if (fault := fault_of(expression)) is not None:
            source = record.source_of("mapping_details", token, "parse", "regex")
            message = f"expected a regex that can be read in some memory and time, found more: {fault.message}"
            excerpt = caret(expression, (fault.position, fault.position + 1))
            yield Problem(source, message, "error", "bad-expression", help="Write fewer repeats around each other.", excerpt=excerpt)


def needs_language_check(record: PluginRecord) -> bool:
    """Whether a plugin has something whose faults are found before use: syntax 2, formats, or other keys of types."""
    mapping, details = record.values.get("mapping") or "", record.values.get("mapping_details") or {}
    if _has_spec(mapping) or record.values.get("syntax") == 2:
        return True
    return any(key in entry for entry in details.values() for key in TYPE_KEYS) or any(
        _has_spec(entry.get("mapping") or "") for entry in details.values()
    )


def _has_spec(mapping: str) -> bool:
    """Whether a colon stands in braces, as in ``{VERSION:03d}``; that of a drive, ``Z:``, doesn't."""
    return ":" in mapping and any(":" in part.partition("}")[0] for part in mapping.split("{")[1:])
