"""What would change if all sheets were written in the second syntax. Nothing is written: the plugins are copied in memory."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import replace

from ways.check.all_checks import all_findings
from ways.check.findings import Finding, in_order
from ways.check.scope import CheckScope
from ways.contexts.pool import ContextPool
from ways.errors import SheetSchemaError
from ways.pattern.template import Template
from ways.plugins.language import check_language
from ways.plugins.plugin import DataPlugin
from ways.registry import Registry
from ways.sheets import schema
from ways.sheets.document import Problem

#: What is wrong in either syntax, and what becomes of it where answers are strict.
REFUSED = {
    "misread-mapping": "these values are refused when they are written, as the text is not read back as they are",
    "adjacent-tokens": "values are refused when they are written, if the text can be divided among the two in another way",
    "overlap": "such a text is refused, whichever of the two is meant",
    "contradiction": "each value of the token is refused",
    "empty-expression": "each value of the token that doesn't fit is refused",
    "impossible-condition": "such a value is refused",
    "unresolved-parent": "asking for the place is an error",
}
#: In what is told of brackets that have no partner, or no token between them.
_BRACKETS = "[[ or ]]"


def conversion_findings(scope: CheckScope) -> list[Finding]:
    """Return what a conversion of all sheets to ``syntax: 2`` would change or refuse, in the order of sheets and lines."""
    changed = [plugin for plugin in scope.records if _is_converted(plugin)]
    if not changed:
        return []
    before = all_findings(scope)
    after = all_findings(_converted(scope))
    told = [*_unreadable(changed), *(_worse(finding) for finding in before if finding.code == "syntax-2")]
    told += [_strictly(finding) for finding in before if finding.code in REFUSED and finding in set(after)]
    unreadable = {(finding.source.path, finding.source.line) for finding in told if finding.level == "error"}
    known = {(finding.code, finding.source, finding.message) for finding in before}
    for finding in after:
        # A mapping that can't be read is told above, and so is the parent of one that holds its brackets.
        is_told = (finding.source.path, finding.source.line) in unreadable or _BRACKETS in finding.message
        if (finding.code, finding.source, finding.message) not in known and not (finding.code == "token-language" and is_told):
            told.append(replace(finding, message=f"with `syntax: 2`: {finding.message}"))
    told += (note for note in _strict_places(scope, changed) if (note.source.path, note.source.line) not in unreadable)
    return sorted(dict.fromkeys(told), key=in_order)


def _is_converted(plugin: DataPlugin) -> bool:
    return plugin.syntax == 1 and plugin.source.is_native


def _converted(scope: CheckScope) -> CheckScope:
    """Return the same world with every plugin of our own sheets in the second syntax."""
    plugins = []
    for plugin in scope.plugins:
        if _is_converted(plugin):
            plugin = copy(plugin)
            plugin.syntax = 2
        plugins.append(plugin)
    registry = Registry()
    registry.add_many(plugins)
    registry.set_aliases(scope.state.snapshot.aliases)
    pool = ContextPool(registry, scope.pool.settings, scope.pool.limits)
    given, files = scope.is_priority_given, scope.has_files
    return CheckScope(pool, scope.sheets, scope.problems, is_priority_given=given, info_of=scope.info_of, has_files=files)


def _unreadable(changed: list[DataPlugin]) -> Iterator[Finding]:
    """Yield each fault that costs a plugin, or a key of its tokens, in the second syntax alone."""
    for plugin in changed:
        if plugin.record is None:
            continue
        try:
            schema.normalized({**plugin.record.values, "syntax": 2}, plugin.source)
        except SheetSchemaError as error:
            source = plugin.record.source_of(*str(error.pointer).split(".")[:1])
            message = f"expected {error.expected}, found {error.found}"
            wrong = Finding.of_problem(Problem(source, message, "error", "type", error.expected, error.found))
            yield replace(wrong, message=f"with `syntax: 2` the plugin doesn't load: {wrong.message}")
        _, problems = check_language(plugin.record)
        known = {(problem.source, problem.message) for problem in problems if problem.level == "error"}
        _, problems = check_language(plugin.record._replace(values={**plugin.record.values, "syntax": 2}))
        for problem in problems:
            # Brackets have a finding of their own.
            if problem.level == "error" and (problem.source, problem.message) not in known and _BRACKETS not in problem.message:
                finding = Finding.of_problem(problem)
                yield replace(finding, message=f"with `syntax: 2` the plugin doesn't load: {finding.message}")


def _worse(finding: Finding) -> Finding:
    return replace(finding, level="error" if "can't be read" in finding.message else "warning")


def _strictly(finding: Finding) -> Finding:
    return replace(finding, message=f"{finding.message}; with `syntax: 2` {REFUSED[finding.code]}")


def _strict_places(scope: CheckScope, changed: list[DataPlugin]) -> Iterator[Finding]:
    """Yield each plugin whose places become strict, with the tokens that nothing is said of."""
    templates: dict[tuple[str, ...], list[Template]] = {}
    for view, template in scope.with_fault(lambda template: True):
        templates.setdefault(view.hierarchy, []).append(template)
    for plugin in changed:
        if not plugin.mapping:
            continue
        copies = scope.copies[id(plugin.record or plugin)]
        own = [template for copy in copies for template in templates.get(copy.hierarchy, ())]
        free = dict.fromkeys(name for one in own for name in one.leaf_tokens if not one.spec(name).is_constrained)
        places = ", ".join(dict.fromkeys(repr(copy.hierarchy.text) for copy in copies[:5]))
        places += f" and {len(copies) - 5} more" if len(copies) > 5 else ""
        message = f"with `syntax: 2` the values and texts of {places} are checked, and those that don't fit are errors"
        help = f"No expression for {', '.join(free)}: any text without a separator is a value." if free else ""
        yield Finding("becomes-strict", "note", plugin.source_of("mapping"), message, help)
