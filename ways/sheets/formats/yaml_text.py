"""YAML text to plain data and positions. Always the safe loader, libyaml's where there is one; tags build nothing."""

from __future__ import annotations

from typing import Any

import yaml

from ways.sheets.document import Draft, Pointer, Position, Problem, Source

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "tag:yaml.org,2002:merge"
_TUPLE = "tag:yaml.org,2002:python/tuple"


def read(text: str, source: Source) -> Draft:
    """Return the data, the position of every key and every list item, and the duplicate keys."""
    builder = _Builder(source)
    try:
        data = builder.build(text)
    except yaml.MarkedYAMLError as error:
        return _lost(source, error.problem or "not YAML", error.problem_mark or error.context_mark, error.context)
    except yaml.reader.ReaderError as error:
        line, column = _line_and_column(text, int(error.position))
        at = source._replace(line=line, column=column)
        return _lost_at(at, f"a character that YAML doesn't allow: {chr(error.character)!r}")
    except RecursionError:
        return _lost_at(source._replace(line=1, column=1), "nested too deeply")
    except (ValueError, OverflowError) as error:
        # PyYAML turns some well-formed scalars, such as the date 2020-99-99, into plain ValueErrors.
        line, column = builder.current
        return _lost_at(source._replace(line=line, column=column), str(error))
    return Draft(data, builder.positions, tuple(builder.problems))


class _Builder:
    """Builds plain data from YAML nodes, so that each key's mark is at hand."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.positions: dict[Pointer, Position] = {}
        self.problems: list[Problem] = []
        self.current: Position = (1, 1)
        self._built: dict[int, Any] = {}
        self._open: set[int] = set()
        self._loader: Any = None

    def build(self, text: str) -> Any:
        self._loader = _Loader(text)
        try:
            node = self._loader.get_single_node()
            return None if node is None else self._value(node, ())
        finally:
            self._loader.dispose()

    def _value(self, node: yaml.Node, pointer: Pointer) -> Any:
        self.current = _position(node)
        if isinstance(node, yaml.ScalarNode):
            return self._loader.construct_object(node)
        # An alias gives the node again: built once, so that aliases of aliases cost nothing.
        if id(node) in self._built:
            return self._built[id(node)]
        if id(node) in self._open:
            raise yaml.constructor.ConstructorError(None, None, "an anchor that holds itself", node.start_mark)
        self._open.add(id(node))
        built = self._mapping(node, pointer) if isinstance(node, yaml.MappingNode) else self._sequence(node, pointer)
        self._open.discard(id(node))
        self._built[id(node)] = built
        return built

    def _sequence(self, node: Any, pointer: Pointer) -> Any:
        if node.tag not in ("tag:yaml.org,2002:seq", _TUPLE):
            raise _unknown_tag(node)
        items = []
        for index, item in enumerate(node.value):
            self.positions[(*pointer, index)] = _position(item)
            items.append(self._value(item, (*pointer, index)))
        return tuple(items) if node.tag == _TUPLE else items

    def _mapping(self, node: Any, pointer: Pointer) -> dict[Any, Any]:
        if node.tag != "tag:yaml.org,2002:map":
            raise _unknown_tag(node)
        built: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                # What is merged in stands below every key of its own.
                built = {**self._merged(value_node, pointer), **built}
        own: set[Any] = set()
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                continue
            key = self._key(key_node)
            place = (*pointer, key)
            if key in own:
                self._duplicate(place, key_node)
            own.add(key)
            self.positions[place] = _position(key_node)
            built[key] = self._value(value_node, place)
        return built

    def _merged(self, node: Any, pointer: Pointer) -> dict[Any, Any]:
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[Any, Any] = {}
        for part in parts:
            value = self._value(part, pointer)
            if not isinstance(value, dict):
                raise yaml.constructor.ConstructorError(None, None, "expected a mapping to merge", part.start_mark)
            merged = {**value, **merged}
        return merged

    def _key(self, node: Any) -> Any:
        key = self._value(node, ())
        try:
            hash(key)
        except TypeError:
            raise yaml.constructor.ConstructorError(None, None, "a key that is a list or a mapping", node.start_mark) from None
        return key

    def _duplicate(self, place: Pointer, node: Any) -> None:
        line, column = _position(node)
        first = self.positions[place][0]
        found = f"the key {place[-1]!r} again; it stands in line {first} already"
        source = self.source._replace(pointer=place, line=line, column=column)
        message = f"expected each key once, found {found}; this one, the last, is used"
        self.problems.append(Problem(source, message, "error", "duplicate-key", "each key once", found))


def _unknown_tag(node: Any) -> yaml.YAMLError:
    message = f"could not determine a constructor for the tag {node.tag!r}"
    return yaml.constructor.ConstructorError(None, None, message, node.start_mark)


def _position(node: Any) -> Position:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _line_and_column(text: str, position: int) -> Position:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def _lost(source: Source, problem: str, mark: Any, context: str | None) -> Draft:
    at = source._replace(line=mark.line + 1, column=mark.column + 1) if mark else source
    return _lost_at(at, f"{problem} ({context})" if context else problem)


def _lost_at(source: Source, found: str) -> Draft:
    problem = Problem(source, f"expected YAML, found {found}", "error", "syntax", "YAML", found)
    return Draft(None, problems=(problem,), is_lost=True)
