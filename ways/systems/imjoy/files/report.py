"""What is wrong with an ImJoy plugin: told by the place in its own configuration, and only once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ways.sheets.document import Pointer, Position, Problem, Source, pointer_text, position_of


class Told(NamedTuple):
    """One thing to tell. ``info`` is a diagnostic of the plugin alone, and no problem of its sheet."""

    level: str
    code: str
    message: str
    source: Source
    help: str = ""

    @property
    def problem(self) -> Problem:
        """The same as a problem of a sheet."""
        level = "error" if self.level == "error" else "warning"
        return Problem(self.source, self.message, level, self.code, help=self.help)  # type: ignore[arg-type]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        where = {"key": pointer_text(self.source.pointer), "line": self.source.line, "column": self.source.column}
        return {"level": self.level, "code": self.code, "message": self.message, **where, "help": self.help}


class Report:
    """Collects what is told of one configuration.

    :param source: the file.
    :param positions: where each key of the configuration stands.
    :param within: what comes before the keys of the configuration where it is a part of something.
    """

    def __init__(self, source: Source, positions: Mapping[Pointer, Position] | None = None, within: Pointer = ()) -> None:
        self.source = source
        self.positions = positions or {}
        self.within = within
        self._told: dict[Told, None] = {}

    def tell(self, code: str, message: str, pointer: Pointer = (), *, level: str = "error", help: str = "") -> None:
        """Tell of the value at *pointer*, which may be one inside a text: then of that text."""
        place = (*self.within, *pointer)
        line, column = position_of(place, self.positions)
        source = self.source._replace(pointer=place, line=line or self.source.line, column=column or self.source.column)
        self._told.setdefault(Told(level, code, message, source, help))

    def add(self, told: Iterable[Told]) -> None:
        """Tell what was told elsewhere."""
        self._told.update(dict.fromkeys(told))

    @property
    def told(self) -> tuple[Told, ...]:
        """Everything, in order."""
        return tuple(self._told)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is more than information, as problems of a sheet."""
        return tuple(told.problem for told in self._told if told.level != "info")

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """Everything, as plain data."""
        return [told.as_dict() for told in self._told]
