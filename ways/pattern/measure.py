"""How much a mapping holds when its tokens are replaced by what they split into: counted before anything is replaced."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ways.errors import MappingLimitError, PatternError
from ways.limits import Limits
from ways.pattern.scan import token_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Details = Mapping[str, "Mapping[str, Any]"]


def check_measure(mapping: str, details: Details, limits: Limits) -> None:
    """Refuse a mapping that holds more than one may.

    :raises MappingLimitError: it does; it names the limit.
    :raises PatternError: an expression costs more than one may.
    """
    # First: what is refused for their number is not measured again at each question.
    if len(details) > limits.tokens:
        raise limit_error(limits, "tokens", len(details))
    mappings: dict[str, str] = {}
    length = 0
    for name, entry in details.items():
        if text := entry.get("mapping"):
            mappings[name] = text
        length += _expression(entry)
        if parse := entry.get("parse"):
            _check_cost(name, parse)
    for text in (mapping, *mappings.values()):
        if len(text) > limits.mapping:
            raise limit_error(limits, "mapping", len(text))
    # Nearly always so few that they can't be too many, however they stand in each other.
    most = max(mapping.count("{"), 1)
    for text in mappings.values():
        most *= max(text.count("{"), 1)
        if most > limits.tokens:
            break
    if most > limits.tokens or len(mappings) > limits.expansion:
        TokenCounter(mappings, limits).check(mapping)
    if length * most > limits.expression:
        _check_expressions(mapping, mappings, details, limits)


def limit_error(limits: Limits, name: str, count: int) -> MappingLimitError:
    """Return the error that a mapping is greater than one may be."""
    message = f"expected {limits.expected(name)}, found {count}. {limits.to_raise(name, count)}"
    return MappingLimitError(name, getattr(limits, name), count, message)


class TokenCounter:
    """Counts the tokens that one is replaced by, and how deep they lie; each once."""

    def __init__(self, mappings: Mapping[str, str], limits: Limits) -> None:
        self._mappings = mappings
        self._limits = limits
        self._known: dict[str, tuple[int, int]] = {}

    def check(self, mapping: str) -> None:
        self._below(mapping, ())
        for name in self._mappings:
            self._of(name, ())

    def _of(self, name: str, path: tuple[str, ...]) -> tuple[int, int]:
        """Return how many tokens stand for one, and how deep; a circle is an error elsewhere."""
        if name in path or name not in self._mappings:
            return 1, 0
        if len(path) >= self._limits.expansion:
            raise limit_error(self._limits, "expansion", len(path) + 1)
        counted = self._known.get(name)
        if counted is None:
            counted = self._known[name] = self._below(self._mappings[name], (*path, name))
        if len(path) + counted[1] > self._limits.expansion:
            raise limit_error(self._limits, "expansion", len(path) + counted[1])
        return counted

    def _below(self, text: str, path: tuple[str, ...]) -> tuple[int, int]:
        count = deepest = 0
        for name in token_names(text):
            # With a format behind its name, or the sign of a reference before it.
            plain = name if name in self._mappings else name.partition(":")[0].removeprefix("@")
            inner, depth = self._of(plain, path)
            count, deepest = count + inner, max(deepest, depth + 1)
            if count > self._limits.tokens:
                raise limit_error(self._limits, "tokens", count)
        return count, deepest


def length_of_choices(entry: Mapping[str, Any]) -> int:
    """Return the characters of an expression of the choices of a token: those of each, and one between two.

    What is no text counts as 8 characters.
    """
    choices = entry.get("choices")
    if not choices or not isinstance(choices, Collection):
        return 0
    texts = choices.values() if isinstance(choices, Mapping) else choices
    plain = [text.get("text") if isinstance(text, Mapping) else text for text in texts]
    if isinstance(choices, Mapping):
        # One that has no text of its own is written as its value.
        plain = [value if text is None else text for value, text in zip(choices, plain)]
    return sum([1 + (len(text) if isinstance(text, str) else 8) for text in plain]) - 1


def _expression(entry: Mapping[str, Any]) -> int:
    parse = entry.get("parse")
    length = sum([len(text) for text in parse.values() if isinstance(text, str)]) if isinstance(parse, Mapping) else 0
    return length + length_of_choices(entry)


def _check_cost(name: str, parse: Any) -> None:
    expression = parse.get("regex") if isinstance(parse, Mapping) else None
    expression = expression.get(name) if isinstance(expression, Mapping) else expression
    if isinstance(expression, str) and ("(" in expression or "{" in expression):
        from ways.regex.parse_tree import fault_of

        if (fault := fault_of(expression)) is not None:
            span = (fault.position, fault.position + 1)
            raise PatternError(f"The regex of the token {name} can't be read: {fault.message}.", expression, span)


def _check_expressions(mapping: str, mappings: Mapping[str, str], details: Details, limits: Limits) -> None:
    """Count the expressions of all tokens, each time they stand."""
    total = 0
    waiting: list[tuple[str, tuple[str, ...]]] = [(mapping, ())]
    while waiting:
        text, path = waiting.pop()
        for name in token_names(text):
            plain = name if name in details else name.partition(":")[0].removeprefix("@")
            total += _expression(details.get(plain, {}))
            if total > limits.expression:
                raise limit_error(limits, "expression", total)
            if plain in mappings and plain not in path:
                waiting.append((mappings[plain], (*path, plain)))
