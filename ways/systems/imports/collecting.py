"""What readers have in common: collecting remarks, and writing text as a part of a mapping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ways.sheets.document import Draft, Pointer, Problem, Source
from ways.systems.imports.records import Code, Key, Remark, Template

#: Characters of a template with all that it refers to.
LONGEST = 8_192


class Unusable(Exception):
    """A template that has to be left out: the code and the message of the remark that says why."""

    def __init__(self, code: str, message: str, help: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.help = help


class Remarks:
    """Collects remarks, in the order in which they are added.

    :param codes: the kinds of remarks that a reader makes.
    """

    def __init__(self, codes: Mapping[str, Code]) -> None:
        self.codes = codes
        self.all: list[Remark] = []

    def add(
        self, code: str, message: str, source: Source, *, help: str = "", left_out: tuple[str, str] | None = None,
        related: tuple[tuple[Source, str], ...] = (),
    ) -> None:  # fmt: skip
        """Add a remark, of the level of its code."""
        self.all.append(Remark(code, message, source, self.codes[code].level, help, left_out, related))

    def leave_out(self, template: str, fault: Unusable, source: Source) -> None:
        """Add the remark that a template is left out."""
        self.add(fault.code, f"{template!r}: {fault}", source, help=fault.help, left_out=("template", template))

    def add_duplicates(self, draft: Draft, code: str = "duplicate-key") -> None:
        """Add the keys that occur twice in a file, each at the line that doesn't count."""
        for problem in draft.problems:
            again = problem.source._replace(pointer=())
            first = again._replace(line=first_line(problem), column=1)
            message = f"{problem.source.pointer[-1]!r} occurs again on line {again.line}, which counts"
            self.add(code, message, first, related=((again, "again"),))


def first_line(problem: Problem) -> int:
    """Return the line of the first of two keys, from the problem that there is a second one."""
    match = re.search(r"already on line (\d+)$", problem.found)
    return int(match[1]) if match else problem.source.line


def place_in(draft: Draft, source: Source, pointer: Pointer) -> Source:
    """Return where a key of a file is written."""
    return source.at(pointer, draft.positions)._replace(pointer=())


def literal(text: str) -> str:
    """Return a text as the part of a mapping that is this text.

    :raises Unusable: it has braces, which no mapping can write.
    """
    if "{" in text or "}" in text:
        raise Unusable("braces", f"{text!r} has braces, which a path of a sheet can't have")
    return text.replace("[", "[[").replace("]", "]]")


def keys_of(templates: Iterable[Template]) -> list[Key]:
    """Return the keys that templates use, each once, in the order of their first use."""
    return list({(key.name, key.source): key for template in templates for key in template.keys.values()}.values())


def mapping_at(data: Any, pointer: Sequence[object]) -> Any:
    """Return what is at *pointer*, through mappings alone; ``None`` if nothing is."""
    for key in pointer:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data
