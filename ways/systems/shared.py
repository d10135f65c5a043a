"""What foreign systems have in common: collecting problems, sizes of values, circles, Python, moving positions, and whole files."""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal, NamedTuple, TypeVar

from ways.errors import did_you_mean
from ways.sheets.document import Pointer, Position, Problem, Source, pointer_text, position_of

Node = TypeVar("Node", bound=Hashable)
#: A fault of level ``info`` is no problem of a sheet: it is shown only by what describes one plugin.
FaultLevel = Literal["error", "warning", "info"]


class Fault(NamedTuple):
    """One thing that is wrong: its code, the message, where it is, and the values that the message speaks of."""

    code: str
    message: str
    source: Source
    #: The values that the message speaks of, by name; each code says which: ``{"file": ..., "key": ...}``.
    parts: Mapping[str, str] = {}
    level: FaultLevel = "error"
    help: str = ""
    expected: str = ""
    found: str = ""

    @property
    def problem(self) -> Problem:
        """The fault as a problem of a sheet."""
        level: Literal["error", "warning"] = "error" if self.level == "error" else "warning"
        return Problem(self.source, self.message, level, self.code, self.expected, self.found, self.help)

    def as_dict(self) -> dict[str, Any]:
        """Return level, code, message, key, line, column and help as plain data."""
        where = {"key": pointer_text(self.source.pointer), "line": self.source.line, "column": self.source.column}
        return {"level": self.level, "code": self.code, "message": self.message, **where, "help": self.help}

    def __str__(self) -> str:
        return str(self.problem)


class Problems:
    """Collects the faults of one file, in the order in which they are added.

    >>> problems = Problems(Source("a.json"), {("name",): (3, 5)})
    >>> problems.add("empty", "the name is empty", ("name",), help="Write a name.")
    >>> problems.add_mismatch("type", "a list", "a number", ("name",), level="warning")
    >>> for problem in problems.of_sheet():
    ...     print(problem)
    a.json:3:5: name: the name is empty. Write a name.
    a.json:3:5: name: expected a list, found a number

    :param source: the file. Its line and column, else 1:1, are those of all that has no position.
    :param positions: where each key of the file is written.
    :param within: where the data are that pointers start from, if they are a part of the file.
    :param is_strict: whether :meth:`add_lax` adds errors instead of warnings.
    :param most: how many faults are collected. One more says that there are others.
    """

    def __init__(
        self,
        source: Source,
        positions: Mapping[Pointer, Position] | None = None,
        *,
        within: Pointer = (),
        is_strict: bool = False,
        most: int | None = None,
    ) -> None:
        self.source = source
        self.positions: Mapping[Pointer, Position] = positions or {}
        self.within = within
        self.is_strict = is_strict
        self.most = most
        self.faults: list[Fault] = []

    def add(
        self,
        code: str,
        message: str,
        pointer: Pointer = (),
        *,
        level: FaultLevel = "error",
        help: str = "",
        expected: str = "",
        found: str = "",
        at: Position | None = None,
        **parts: str,
    ) -> None:
        """Add a fault of what is written at *pointer*; without a position, it has that of what holds it.

        :param at: line and column, where they are known better than by the pointer.
        :param parts: see :attr:`Fault.parts`.
        """
        if self.most is not None and len(self.faults) >= self.most:
            if len(self.faults) > self.most:
                return
            expected, found = f"at most {self.most} problems", "more: they are left out"
            code, message, level, help = "too-much", f"expected {expected}, found {found}", "error", ""
        self.faults.append(Fault(code, message, self.at(pointer, at), parts, level, help, expected, found))

    def add_mismatch(
        self, code: str, expected: str, found: str, pointer: Pointer = (), *, level: FaultLevel = "error", help: str = ""
    ) -> None:
        """Add the fault that *found* is written where *expected* should be."""
        message = f"expected {expected}, found {found}"
        self.add(code, message, pointer, level=level, help=help, expected=expected, found=found)

    def add_lax(self, code: str, expected: str, found: str, pointer: Pointer = (), *, help: str = "") -> None:
        """Add a mismatch that the system itself accepts: an error in strict reading, else a warning."""
        self.add_mismatch(code, expected, found, pointer, level="error" if self.is_strict else "warning", help=help)

    def add_unknown_key(self, pointer: Pointer, known: Collection[str], *, level: FaultLevel = "error") -> None:
        """Add the fault that the last key of *pointer* is none of the *known* ones."""
        key = str(pointer[-1])
        help = self.did_you_mean(key, known)
        self.add_mismatch("unknown-key", f"one of {', '.join(known)}", f"the key {key!r}", pointer, level=level, help=help)

    def did_you_mean(self, name: str, known: Collection[str]) -> str:
        """Return ``Did you mean 'x'?`` for the nearest known name; ``""`` if none is near, or the search would take long."""
        is_quick = len(known) <= 500 and len(self.faults) <= 100 and len(name) <= 100
        return did_you_mean(name, list(known)).strip() if is_quick else ""

    def add_all(self, faults: Iterable[Fault]) -> None:
        """Add faults that were found elsewhere; those beyond ``most`` are left out."""
        self.faults += islice(faults, None if self.most is None else max(self.most - len(self.faults), 0))

    def at(self, pointer: Pointer = (), position: Position | None = None) -> Source:
        """Return where *pointer* is written."""
        pointer = (*self.within, *pointer)
        line, column = position or position_of(pointer, self.positions)
        if not line:
            line, column = (self.source.line, self.source.column) if self.source.line else (1, 1)
        return self.source._replace(pointer=pointer, line=line, column=column)

    def of_sheet(self) -> tuple[Problem, ...]:
        """Return the errors and warnings as problems of a sheet, each once."""
        return tuple(dict.fromkeys(fault.problem for fault in self.faults if fault.level != "info"))


def exceeded_limit(value: Any, *, depth: int, values: int | None = None, characters: int | None = None) -> str:
    """Return in words which limit a plain value exceeds, such as ``nested at most 100 deep``; ``""`` if none.

    Takes no longer than a value at the limits would: what an alias of YAML stands for counts each time that it is written.

    :param depth: how many containers may be inside each other, the outermost included.
    :param values: how many values all containers may hold together.
    :param characters: how many characters all texts may have together.
    """
    level, nesting, count, length = [value], 0, 0, 0
    while level:
        if characters is not None:
            length += sum(len(item) for item in level if isinstance(item, str))
            if length > characters:
                return f"of at most {characters} characters"
        containers = [item for item in level if isinstance(item, (dict, list, tuple, set))]
        nesting += bool(containers)
        if nesting > depth:
            return f"nested at most {depth} deep"
        level = []
        for container in containers:
            level += container.values() if isinstance(container, dict) else container
            if values is not None and count + len(level) > values:
                return f"of at most {values} values"
        count += len(level)
    return ""


def circles(starts: Iterable[Node], next_of: Callable[[Node], Iterable[Node]]) -> Iterator[tuple[Node, ...]]:
    """Yield ways from a node back to itself; at least one wherever there is any.

    >>> list(circles("ad", {"a": "b", "b": "ca", "c": "b", "d": "a"}.__getitem__))
    [('b', 'c', 'b'), ('a', 'b', 'a')]

    :param next_of: returns the nodes that a node leads to.
    """
    done: set[Node] = set()
    for start in starts:
        path: dict[Node, None] = {} if start in done else {start: None}
        waiting = [iter(next_of(node)) for node in path]
        while waiting:
            node = next(waiting[-1], None)
            if node is None:
                waiting.pop()
                done.add(path.popitem()[0])
            elif node in done:
                continue
            elif node in path:
                nodes = list(path)
                yield (*nodes[nodes.index(node) :], node)
            else:
                path[node] = None
                waiting.append(iter(next_of(node)))


class BadCode(ValueError):
    """A text that can't be read as Python, with line and column."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def parse_python(text: str) -> ast.Module:
    """Return the syntax tree of a Python file, as the Python that runs Ways reads it. Nothing is run.

    :raises BadCode: it is no Python.
    """
    try:
        # A warning of the parser would be shown as if our code caused it.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise BadCode(error.msg, error.lineno or 1, error.offset or 1) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise BadCode(str(error) or "code nested too deeply") from None


def moved_positions(
    positions: Mapping[Pointer, Position], moves: Mapping[Pointer, Sequence[Pointer]]
) -> Iterator[tuple[Pointer, Position]]:
    """Yield the positions of what a format moves from a file into a sheet, with its new pointers.

    >>> moves = {("a",): [("plugins", "a", "data")], ("a", "secret"): []}
    >>> dict(moved_positions({("a", "size"): (2, 3), ("a", "secret"): (3, 3), ("b",): (4, 1)}, moves))
    {('plugins', 'a', 'data', 'size'): (2, 3)}

    :param moves: for a pointer of the file, all pointers to which that part of it goes. What is inside goes with it, unless
        a longer pointer is given for it; a part that goes nowhere is left out.
    """
    lengths = sorted({len(pointer) for pointer in moves}, reverse=True)
    for pointer, position in positions.items():
        for length in lengths:
            targets = moves.get(pointer[:length])
            if targets is not None:
                for target in targets:
                    yield (*target, *pointer[length:]), position
                break


def put_whole(data: bytes, path: str, stage: str) -> None:
    """Write a file, so that nobody sees half of it.

    :param stage: the folder in which it is made, on the same disk.
    :raises OSError: it can't be written; what was there stays.
    """
    # Two processes may write the same file at once.
    new = os.path.join(stage, f"{os.path.basename(path)}.{os.urandom(6).hex()}")
    try:
        with open(new, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    finally:
        # It is there only if something failed.
        if os.path.lexists(new):
            os.unlink(new)
