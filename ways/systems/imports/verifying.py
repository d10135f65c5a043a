"""Whether a sheet and the system that it comes from write and read alike: ``ways import --verify``.

An oracle is a small writer and reader of one system, made from its manual and independent of the importer: it reads the files
itself, and knows nothing of sheets.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple, Protocol

from ways.api import Session, WaysError
from ways.errors import lines
from ways.systems.imports.oracle_reading import MOST_READINGS
from ways.systems.imports.trying import opened
from ways.systems.imports.writing import Sheet


class NoOracleError(WaysError, RuntimeError):
    """There is no oracle here: what it needs isn't installed."""


class Oracle(Protocol):
    """Writes and reads as another system does."""

    #: The platform whose paths it writes: ``linux``, ``darwin`` or ``windows``.
    platform: str

    def names(self) -> Sequence[str]:
        """Return the names of all templates that it can write, as the reader calls them."""

    def draw(self, name: str, random: Random) -> Mapping[str, Any]:
        """Return values, by token, for one text of a template."""

    def write(self, name: str, values: Mapping[str, Any]) -> str:
        """Return the text of a template."""

    def readings(self, name: str, text: str) -> Sequence[Mapping[str, str]]:
        """Return each way to read a text, or ``MOST_READINGS`` of them: the part of it that each token has."""


class Difference(NamedTuple):
    """A set of values for which the sheet and the system differ."""

    template: str
    place: str
    #: ``write`` or ``read``.
    step: str
    values: Mapping[str, Any]
    theirs: str
    ours: str

    def __str__(self) -> str:
        given = ", ".join(f"{token}={value}" for token, value in self.values.items())
        head = f"{self.template} ({self.place}): {self.step} differs for {given}"
        return lines(head, f"  there: {self.theirs}", f"  here:  {self.ours}")

    def as_dict(self) -> dict[str, Any]:
        """Return the difference as plain data."""
        return {**self._asdict(), "values": {token: str(value) for token, value in self.values.items()}}


class Verified(NamedTuple):
    """What a verification found."""

    #: Sets of values that were compared.
    compared: int
    #: Texts among them that the system itself can read in several ways.
    ambiguous: int
    #: Texts that the system itself can't read again: of these, only what is written was compared.
    unread: int
    #: Templates that were compared: those that the oracle can write.
    templates: tuple[str, ...]
    differences: tuple[Difference, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""
        return {**self._asdict(), "differences": [difference.as_dict() for difference in self.differences]}


def steps_of(sheet: Sheet, oracle: Oracle, count: int, seed: int = 0) -> Generator[Verified, None, None]:
    """Yield what was found of each template: *count* sets of values are written and read by both.

    :param seed: decides which values are drawn.
    """
    with opened(sheet, oracle.platform) as session:
        for name in oracle.names():
            if name in sheet.places:
                yield _verified(session, oracle, name, sheet.places[name], [Random(f"{seed} {name} {turn}") for turn in range(count)])


def total(steps: Sequence[Verified]) -> Verified:
    """Return all steps as one."""
    differences = tuple(difference for step in steps for difference in step.differences)
    compared, ambiguous, unread = (sum(step[number] for step in steps) for number in range(3))  # type: ignore[misc]
    return Verified(compared, ambiguous, unread, tuple(name for step in steps for name in step.templates), differences)


def _verified(session: Session, oracle: Oracle, name: str, place: str, randoms: Sequence[Random]) -> Verified:
    differences: list[Difference] = []
    ambiguous = unread = 0
    for random in randoms:
        values = oracle.draw(name, random)
        theirs = oracle.write(name, values)
        readings = oracle.readings(name, theirs)
        unread += not readings
        ambiguous += len(readings) > 1
        try:
            ours = session.format(place, values)
        except WaysError as error:
            ours = f"error: {error}"
        if theirs != ours:
            differences.append(Difference(name, place, "write", values, theirs, ours))
            continue
        if not readings:
            continue
        read = _read(session, place, theirs)
        # Of a text that has several readings, an error that says so is right, too; of one that has more, all that is read.
        is_told = len(readings) > 1 and read is None or len(readings) >= MOST_READINGS
        if read not in readings and not is_told:
            shown = " or ".join(map(_shown, readings))
            differences.append(Difference(name, place, "read", values, shown, "an error" if read is None else _shown(read)))
    return Verified(len(randoms), ambiguous, unread, (name,), tuple(differences))


def _read(session: Session, place: str, text: str) -> Mapping[str, str] | None:
    """Return the text of each token that a text has, or ``None`` if it can't be read."""
    try:
        values = session.read(text, place).values
    except WaysError:
        return None
    return {token: str(value) for token, value in values.items()}


def _shown(values: Mapping[str, str]) -> str:
    return ", ".join(f"{token}={value}" for token, value in sorted(values.items())) or "no values"
