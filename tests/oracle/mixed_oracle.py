"""The token language with all its forms mixed, slow and obvious: each set of optional parts, each division of a text.

It shares no line with the package: it reads mappings, details and types itself. Unlike ``language_oracle`` it takes the
sets of parts one by one, knows the value that a text stands for, and tells which mappings can't be read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations, count
from typing import Any, NamedTuple

Details = Mapping[str, Mapping[str, Any]]
Values = dict[str, str]

_SPEC = re.compile(r"d|0[1-9][0-9]?d|[xXob]|\.[0-9]+f|[swl]|(?s:.*%.*)")
_BASES = {"d": 10, "x": 16, "X": 16, "o": 8, "b": 2}


class Fault(Exception):
    """The mapping can't be read."""


class Node(NamedTuple):
    """A piece of a mapping: ``literal``, ``token``, ``parent`` or ``part``; the last two hold pieces themselves."""

    kind: str
    text: str = ""
    inside: tuple[Node, ...] = ()
    #: Parts are numbered in the order in which they start.
    number: int = 0


class Step(NamedTuple):
    """What a text is laid along, once it is known which parts are there."""

    #: ``literal``, ``token``, ``open`` and ``close`` of a parent.
    kind: str
    text: str


def written_pieces(mapping: str) -> list[tuple[str, str]]:
    """Return literal characters, tokens and brackets of a mapping in order, each as its kind and text.

    :raises Fault: a bracket has no partner, or a part has no token.
    """
    found: list[tuple[str, str]] = []
    #: For each part that is open, whether a token stands in it.
    filled: list[bool] = []
    at = 0
    while at < len(mapping):
        end = mapping.find("}", at)
        name = mapping[at + 1 : end] if mapping[at] == "{" and end > 0 else ""
        two = mapping[at : at + 2]
        if name and "{" not in name:
            found.append(("token", name))
            filled = [True] * len(filled)
            at = end + 1
        elif two == "[[" or (two == "]]" and len(filled) < 2):
            found.append(("literal", two[0]))
            at += 2
        elif mapping[at] == "[":
            found.append(("open", ""))
            filled.append(False)
            at += 1
        elif mapping[at] == "]":
            # Two at once where two parts are open: a third would be looked at anew.
            for _ in range(2 if two == "]]" else 1):
                if not filled or not filled.pop():
                    raise Fault(mapping)
                found.append(("close", ""))
                at += 1
        else:
            found.append(("literal", mapping[at]))
            at += 1
    if filled:
        raise Fault(mapping)
    return found


class Language(NamedTuple):
    """One mapping with its details."""

    nodes: tuple[Node, ...]
    details: Details
    #: Token to the format that its details or any mapping gives it.
    formats: Mapping[str, str]

    @classmethod
    def of(cls, mapping: str, details: Details) -> Language:
        """Read a mapping of the second syntax; so are those of its tokens.

        :raises Fault: one of them can't be read.
        """
        formats = {name: entry["format"] for name, entry in details.items() if "format" in entry}
        for text in (mapping, *(entry.get("mapping", "") for entry in details.values())):
            typed = (_split(name, details) for kind, name in written_pieces(text) if kind == "token")
            formats.update({name: spec for name, spec in typed if spec})
        return cls(tuple(_nodes(iter(written_pieces(mapping)), details, count())), details, formats)

    # --- what there is

    @property
    def leaves(self) -> list[tuple[Node, tuple[int, ...]]]:
        """Each literal and each token that no others write, with the parts it stands in."""
        return list(_flat(self.nodes))

    @property
    def tokens(self) -> list[str]:
        """The tokens that no others write, each once."""
        return list(dict.fromkeys(node.text for node, _ in self.leaves if node.kind == "token"))

    @property
    def always(self) -> set[str]:
        """Those that stand outside of every part."""
        return {node.text for node, around in self.leaves if node.kind == "token" and not around}

    @property
    def parents(self) -> list[str]:
        """The tokens that others write, each once."""
        return list(dict.fromkeys(node.text for node in _all(self.nodes) if node.kind == "parent"))

    @property
    def separators(self) -> set[str]:
        return {node.text for node, _ in self.leaves if node.kind == "literal"} & {"/", "\\"}

    def wanted(self, filled: set[str]) -> frozenset[int]:
        """Return the parts that are there when exactly these tokens have a value."""
        return frozenset(_wanted(self.nodes, filled))

    def sets(self) -> Iterator[frozenset[int]]:
        """Yield each set of parts that may be there together: just those that their own tokens call for."""
        numbers = [node.number for node in _all(self.nodes) if node.kind == "part"]
        for length in range(len(numbers) + 1):
            for some in combinations(numbers, length):
                present = frozenset(some)
                steps = _steps(self.nodes, present)
                if self.wanted({step.text for step in steps if step.kind == "token"}) == present:
                    yield present

    # --- from text to values

    def readings(self, text: str) -> dict[frozenset[int], Values]:
        """Return, for each set of parts with which *text* fits, the values that are longest to the left."""
        found = {}
        for present in self.sets():
            values = next(self.divisions(text, present), None)
            if values is not None:
                found[present] = values
        return found

    def divisions(self, text: str, present: frozenset[int]) -> Iterator[Values]:
        """Yield the values of all tokens, parents too, of each valid division; longest to the left first."""
        return self._laid(_steps(self.nodes, present), text, 0, (), {})

    def _laid(self, steps: Sequence[Step], text: str, at: int, begun: tuple[int, ...], values: Values) -> Iterator[Values]:
        if not steps:
            if at == len(text):
                yield values
            return
        step, rest = steps[0], steps[1:]
        if step.kind == "literal":
            if text.startswith(step.text, at):
                yield from self._laid(rest, text, at + len(step.text), begun, values)
        elif step.kind == "open":
            yield from self._laid(rest, text, at, (*begun, at), values)
        elif step.kind == "close":
            value = text[begun[-1] : at]
            if values.get(step.text, value) == value and self.fits(step.text, value, is_leaf=False):
                yield from self._laid(rest, text, at, begun[:-1], {**values, step.text: value})
        else:
            for end in range(len(text), at - 1, -1):
                value = text[at:end]
                if values.get(step.text, value) == value and self.fits(step.text, value):
                    yield from self._laid(rest, text, end, begun, {**values, step.text: value})

    def fits(self, name: str, value: str, is_leaf: bool = True) -> bool:
        """Whether a text may be the value of a token."""
        regex, choices, spec = self.regex(name), self.choices(name), self.formats.get(name)
        if self.details.get(name, {}).get("sequence"):
            return (regex is None or re.fullmatch(regex, value) is not None) and is_of_sequence(value, spec)
        if self.details.get(name, {}).get("segments"):
            names = value.split("/")
            is_whole = regex is None or re.fullmatch(regex, value) is not None
            return is_whole and not {"", ".", ".."}.intersection(names) and "\\" not in value
        if regex is None and choices is None and spec is None:
            return not is_leaf or (value != "" and not self.separators.intersection(value))
        return (
            (regex is None or re.fullmatch(regex, value) is not None)
            and (choices is None or value in choices.values())
            and (spec is None or typed(spec, value) is not None)
        )

    # --- from values to text

    def written(self, values: Values) -> str:
        """Return the text of these values of the tokens; each that stands outside of every part has one."""
        steps = _steps(self.nodes, self.wanted(set(values)))
        return "".join(step.text if step.kind == "literal" else values.get(step.text, "") for step in steps)

    def formatted(self, values: Values) -> str | None:
        """Return the text of values that is read as just these again, or ``None`` where there is none."""
        if not self.always <= values.keys():
            return None
        text = self.written(values)
        found = [self.leaf_values(read) for read in self.readings(text).values()]
        return text if found == [values] else None

    def allowed(self, values: Values) -> str | None:
        """Return the text of values that each fit their token, whatever it is read as; ``None`` where there is none."""
        if not self.always <= values.keys():
            return None
        text = self.written(values)
        divisions = self.divisions(text, self.wanted(set(values)))
        return text if any(self.leaf_values(read) == values for read in divisions) else None

    def leaf_values(self, values: Values) -> Values:
        return {name: values[name] for name in self.tokens if name in values}

    # --- what a token says

    def regex(self, name: str) -> str | None:
        return self.details.get(name, {}).get("parse", {}).get("regex")

    def choices(self, name: str) -> dict[Any, str] | None:
        """Return value to text, or ``None``; a choice without a text is written as the token's format writes it."""
        given = self.details.get(name, {}).get("choices")
        if given is None or isinstance(given, Mapping):
            return given
        spec = self.formats.get(name)
        return {value: str(value) if spec is None or isinstance(value, str) else format(value, spec) for value in given}

    def value(self, name: str, text: str) -> Any:
        """Return what a text stands for."""
        for value, written in (self.choices(name) or {}).items():
            if written == text:
                return value
        return typed(self.formats[name], text) if name in self.formats else text


def typed(spec: str, text: str) -> Any:
    """Return the value that Python's ``format`` writes as *text*, or ``None``."""
    if spec in ("s", "w", "l"):
        shape = {"s": "(?s:.+)", "w": r"\w+", "l": "[A-Za-z]+"}[spec]
        return text if re.fullmatch(shape, text) else None
    try:
        value: Any
        if "%" in spec:
            value = datetime.strptime(text, spec)
        elif spec[-1] == "f":
            value = float(text)
            if not math.isfinite(value):
                return None
        elif spec[-1] == "d" and spec[0] != "-" and text.startswith("-"):
            return None
        else:
            value = int(text, _BASES[spec[-1]])
    except ValueError:
        return None
    return value if format(value, spec) == text else None


def is_of_sequence(text: str, spec: str | None) -> bool:
    """Whether a text is the number of a frame, or a pad that may follow the frames."""
    if typed(spec, text) is not None if spec else _is_frame(text):
        return True
    return any(_is_pad(text[at:], spec) and (at == 0 or all(map(_is_step, text[:at].split(",")))) for at in range(len(text)))


def _is_frame(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and (digits == text or digits.strip("0") != "")


def _is_step(text: str) -> bool:
    """Whether a text is one frame, or the first and last of several, with or without a step."""
    for at in range(1, len(text)):
        last, letter, step = text[at + 1 :], "", "1"
        for letter in "xy:":
            if letter in last:
                last, _, step = last.partition(letter)
                break
        is_step = step.isascii() and step.isdigit() and step[0] != "0"
        if text[at] == "-" and _is_frame(text[:at]) and _is_frame(last) and is_step:
            return True
    return _is_frame(text)


def _is_pad(text: str, spec: str | None) -> bool:
    width = len(text) if spec is None else int(spec[:-1] or 1)
    numbers = range(1, 100) if spec is None else [width]
    padded = [number for number in numbers if spec is None or number > 1]
    written = {f"%0{number}d" for number in padded} | {f"$F{number}" for number in padded}
    plain = {"%d", "$F"} if spec is None or width == 1 else set()
    return text in written | plain | {"<UDIM>"} or text in ("#" * width, "@" * width)


def _split(name: str, details: Details) -> tuple[str, str]:
    """Return a token's name and its format, if what stands after the colon is one."""
    before, _, spec = name.partition(":")
    return (before, spec) if before and name not in details and _SPEC.fullmatch(spec) else (name, "")


def _nodes(pieces: Iterator[tuple[str, str]], details: Details, numbers: Iterator[int]) -> Iterator[Node]:
    for kind, text in pieces:
        if kind == "close":
            return
        if kind == "literal":
            yield Node("literal", text)
        elif kind == "open":
            number = next(numbers)
            yield Node("part", "", tuple(_nodes(pieces, details, numbers)), number)
        else:
            name = _split(text, details)[0]
            own = details.get(name, {}).get("mapping")
            inside = tuple(_nodes(iter(written_pieces(own)), details, numbers)) if own else ()
            yield Node("parent" if own else "token", name, inside)


def _all(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _all(node.inside)


def _flat(nodes: Sequence[Node], around: tuple[int, ...] = ()) -> Iterator[tuple[Node, tuple[int, ...]]]:
    for node in nodes:
        if node.inside:
            yield from _flat(node.inside, (*around, node.number) if node.kind == "part" else around)
        else:
            yield node, around


def _wanted(nodes: Sequence[Node], filled: set[str]) -> Iterator[int]:
    for node in nodes:
        if node.kind == "parent":
            yield from _wanted(node.inside, filled)
        elif node.kind == "part" and _is_called_for(node, filled):
            yield node.number
            yield from _wanted(node.inside, filled)


def _is_called_for(part: Node, filled: set[str]) -> bool:
    directly = {node.text for node, around in _flat(part.inside) if node.kind == "token" and not around}
    if directly:
        return directly <= filled
    return any(_is_called_for(node, filled) for node in _parts_in(part.inside))


def _parts_in(nodes: Sequence[Node]) -> Iterator[Node]:
    """Yield the parts that stand in nothing but tokens."""
    for node in nodes:
        if node.kind == "part":
            yield node
        elif node.kind == "parent":
            yield from _parts_in(node.inside)


def _steps(nodes: Sequence[Node], present: frozenset[int]) -> list[Step]:
    found: list[Step] = []
    for node in nodes:
        if node.kind == "part":
            found += _steps(node.inside, present) if node.number in present else []
        elif node.kind == "parent":
            found += [Step("open", node.text), *_steps(node.inside, present), Step("close", node.text)]
        else:
            found.append(Step(node.kind, node.text))
    return found
