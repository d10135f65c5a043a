"""What a load finds, as findings, with the other place that has a part in each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ways.check.findings import Finding, Related
from ways.check.world import World
from ways.sheets.document import Problem

#: The sentence in which a duplicate key tells where it stood before.
_FIRST_LINE = re.compile(r"it stands in line (\d+) already")


def check_loaded(world: World) -> Iterator[Finding]:
    """Yield what was found while the sheets were read and their plugins made."""
    for problem in dict.fromkeys(world.problems):
        if problem.code == "untrusted":
            yield _not_run(problem)
        else:
            yield Finding.of_problem(problem, related=tuple(_related(world, problem)))


def _not_run(problem: Problem) -> Finding:
    message = "a Python sheet whose plugins are computed: a check runs nothing, so they are not looked at"
    return Finding("not-run", "note", problem.source._replace(line=1, column=1), message)


def _related(world: World, problem: Problem) -> Iterator[Related]:
    if problem.code == "duplicate-key" and (found := _FIRST_LINE.search(problem.found)):
        # Its column is that of the same key: written in the same mapping, it is as far in.
        yield Related(problem.source._replace(line=int(found[1])), "the first one")
    if problem.code == "duplicate-uuid":
        owner = next((plugin for plugin in world.plugins if plugin.uuid and f"{plugin.uuid!r}" in problem.message), None)
        if owner is not None:
            yield Related(owner.source_of("uuid"), f"the uuid of {owner.name!r}")
