"""All checks, in the order in which they are made. The first one gives what the load of the sheets found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from ways.check.expressions import check_expressions, check_separators
from ways.check.findings import Finding, Related, in_order
from ways.check.foreign import check_choice_labels, check_foreign_keys, check_foreign_references
from ways.check.hosts import check_hosts
from ways.check.joints import (
    check_absolute_parents,
    check_doubled_separators,
    check_missing_separators,
    check_trailing_separators,
)
from ways.check.layers import check_assignments, check_overridden, check_replaced
from ways.check.mappings import check_parents_of_tokens, check_readable, check_reading, check_syntax
from ways.check.names import check_braces, check_control_characters, check_token_names, check_undescribed
from ways.check.overlap import check_overlaps
from ways.check.relations import check_hierarchies, check_parents, check_platforms, check_resolving, check_uuids
from ways.check.roots import check_doubled_places, check_roots
from ways.check.scope import CheckScope, is_written
from ways.check.selection import check_infos
from ways.check.strictness import check_strictness
from ways.check.tokens import (
    check_conditions,
    check_neighbors,
    check_references,
    check_token_keys,
    check_unused,
)
from ways.lightweight import CollectorPause
from ways.regex.budget import Question
from ways.sheets.document import Problem, Source
from ways.sheets.files import open_plain

#: The sentence in which the problem of a duplicate key says where the key stood before.
_FIRST_LINE = re.compile(r"it is already on line (\d+)")


def all_findings(scope: CheckScope) -> list[Finding]:
    """Return everything that any check finds, each finding once, in the order of sheets and lines."""
    # What is made is kept until the end: looking for circles in it takes a fifth of the time. All texts that are matched to
    # find something are one question.
    with CollectorPause(), Question(scope.pool.limits):
        return sorted(dict.fromkeys(finding for check in CHECKS for finding in check(scope)), key=in_order)


def check_loaded(scope: CheckScope) -> Iterator[Finding]:
    """Yield the problems of the load as findings, each with the other place that has a part in it."""
    for problem in dict.fromkeys(scope.problems):
        if problem.code == "untrusted":
            message = "a Python sheet whose plugins are computed: a check runs nothing, so they are not looked at"
            yield Finding("not-run", "note", problem.source._replace(line=1, column=1), message)
        else:
            problem = _helped(problem) if scope.has_files else problem
            yield Finding.of_problem(problem, related=tuple(_related(scope, problem)))


def _helped(problem: Problem) -> Problem:
    """Return the problem of a file without plugins with what would help, if it is one that another system's files name."""
    source = problem.source
    if problem.code != "missing-key" or source.pointer or source.chain or source.format != "yaml" or problem.help:
        return problem
    from ways.sheets.formats.foreign import MAX_FOREIGN, help_for

    try:
        with open(open_plain(source.path), "rb") as file:
            return problem._replace(help=help_for(file.read(MAX_FOREIGN), source))
    except OSError:
        return problem


def _related(scope: CheckScope, problem: Problem) -> Iterator[Related]:
    if problem.code == "duplicate-key" and (first := _FIRST_LINE.search(problem.found)):
        # Both keys are written in the same mapping, and so begin in the same column.
        yield Related(problem.source._replace(line=int(first[1])), "the first one")
    if problem.code == "duplicate-uuid":
        owner = next((plugin for plugin in scope.plugins if plugin.uuid and repr(plugin.uuid) == problem.found), None)
        if owner is not None:
            message = f"the uuid of {owner.name!r}" if is_written(owner.source) else "the first one"
            yield Related(owner.source_of("uuid"), message)
    chain = problem.source.chain
    readings = scope.readings.get(problem.source.path, {}) if chain else {}
    if len(readings) > 1 and chain in readings:
        # Two files name this one, and each reads it in its own way.
        yield Related(Source(chain[-1], line=1, column=1), f"the file that names it for {', '.join(readings[chain])}")


CHECKS: tuple[Callable[[CheckScope], Iterable[Finding]], ...] = (
    check_loaded,
    check_infos,
    check_hierarchies,
    check_uuids,
    check_parents,
    check_roots,
    check_doubled_places,
    check_doubled_separators,
    check_missing_separators,
    check_absolute_parents,
    check_trailing_separators,
    check_resolving,
    check_platforms,
    check_assignments,
    check_overridden,
    check_replaced,
    check_strictness,
    check_unused,
    check_undescribed,
    check_neighbors,
    check_braces,
    check_control_characters,
    check_token_names,
    check_references,
    check_token_keys,
    check_foreign_keys,
    check_foreign_references,
    check_choice_labels,
    check_conditions,
    check_hosts,
    check_expressions,
    check_separators,
    check_readable,
    check_parents_of_tokens,
    check_reading,
    check_syntax,
    check_overlaps,
)
