"""What a browser needs to find the place of a text: expressions in JavaScript, and samples to try them with first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from ways import api
from ways.regex.javascript import Untranslatable, parse_for_javascript, to_javascript
from ways.regex.parse_tree import ParsedExpression
from ways.regex.samples import samples_of_each_kind

#: Choices of optional parts for one mapping, each of which becomes an expression; a mapping with more is marked.
MOST_SHAPES = 16
#: Samples of one mapping.
MOST_SAMPLES = 6


def pattern_data(session: api.Session, target: Any, number: int) -> dict[str, Any]:
    """Return how texts of one place are read: its expressions and samples, or why a browser can't read them.

    :param target: one of ``session.targets()``.
    :param number: the number of the place in the page.
    """
    template = target.view.template
    first = template.leaves[0] if template.leaves else None
    record: dict[str, Any] = {
        "context": number,
        # What every text of the mapping begins with.
        "start": "" if first is None or first.is_token or first.frames else str(first.text),
        # The literal texts that stand in every text of the mapping, in order. Most places differ in them.
        "literals": [leaf.text for leaf in template.leaves if not leaf.is_token and not leaf.options],
        "path": bool(target.view.resolved.path),
    }
    try:
        return {**record, **_expressions(session, target)}
    except Untranslatable as reason:
        return {**record, "marked": str(reason)}
    except api.WaysError as error:
        return {**record, "marked": error.message}


def _expressions(session: api.Session, target: Any) -> dict[str, Any]:
    if target.view.conditions:
        raise Untranslatable("it depends on values: plugins say 'when'")
    pattern = target.pattern
    parsed = parse_for_javascript(pattern.expression.regex.pattern)
    leaves = set(pattern.template.leaf_tokens)
    # Where a token stands more than once, its first group with a value counts.
    groups = [[parsed.group_names[group], token] for group, token in pattern.expression.groups.items() if token in leaves]
    record = {
        "separators": pattern.template.separators,
        "groups": groups,
        "shapes": [_shape(target, parsed, present) for present in _presences(target.view.template)],
        "checks": [_check(parsed.group_names[group], target.view.template.spec(token)) for group, token in pattern.checked_groups],
    }
    # Half of a surrogate pair is no text of a page.
    texts = dict.fromkeys(text for text in samples_of_each_kind(parsed) if not any("\ud800" <= letter <= "\udfff" for letter in text))
    return {**record, "samples": [[text, expected(session, target.context, text)] for text in list(texts)[:MOST_SAMPLES]]}


def _presences(template: Any) -> Iterator[frozenset[int]]:
    """Yield each set of optional parts that may be there together. A part inside another is there only with that one."""
    options = list(template.options)
    if 2 ** len(options) > MOST_SHAPES * 8:
        raise Untranslatable("it has too many optional parts")
    for chosen in product((True, False), repeat=len(options)):
        present = frozenset(option.number for option, is_there in zip(options, chosen) if is_there)
        if all(option.outer is None or option.outer in present for option in options if option.number in present):
            yield present


def _shape(target: Any, parsed: ParsedExpression, present: frozenset[int]) -> list[Any]:
    """Return the expression for one set of optional parts, its rank, and its groups."""
    there = {parsed.group_names[f"o{option.number}"]: option.number in present for option in target.view.template.options}
    translation = to_javascript(parsed, there)
    return [translation.text, list(target.rank(present)), list(translation.groups)]


def _check(group: int, spec: Any) -> list[Any]:
    """Return the further conditions on the value of a group: an expression that it fits, and texts of which it is one."""
    if spec.kind:
        raise Untranslatable(f"the token {spec.name} has a format that only Python has")
    own = spec.own_expression
    return [group, None if own is None else to_javascript(own).text, [text for _, text in spec.choices] or None]


def expected(session: api.Session, context: api.Context, text: str) -> Mapping[str, str] | str | None:
    """Return the values that Python reads in a text of a place; ``None`` if it doesn't fit, ``?`` if there are several readings."""
    try:
        return dict(session.read(text, context).values)
    except api.AmbiguousContextError:
        return "?"
    except api.WaysError:
        return None
