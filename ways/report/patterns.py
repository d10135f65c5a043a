"""What a browser needs to tell the place of a text: expressions in its own language, and texts to try them on first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from ways import api
from ways.regex.javascript import Untranslatable, readable, translated
from ways.regex.parse_tree import ParsedExpression
from ways.regex.samples import samples_of_each_kind

#: Ways to leave out optional parts that are written as an expression each; a mapping with more is marked.
MOST_SHAPES = 16
#: Samples of one mapping.
MOST_SAMPLES = 6


def entry_told(session: api.Session, entry: Any, number: int) -> dict[str, Any]:
    """Return what reads texts of one place: its expressions and samples, or why a browser can't.

    :param number: of the place, in the page.
    """
    template = entry.view.template
    told: dict[str, Any] = {"context": number, "start": _start(template), "literals": _literals(template)}
    told["path"] = bool(entry.view.resolved.path)
    try:
        return {**told, **_readable(session, entry)}
    except Untranslatable as reason:
        return {**told, "marked": str(reason)}
    except api.WaysError as error:
        return {**told, "marked": error.message}


def _start(template: Any) -> str:
    """Return what every text of the mapping begins with."""
    leaf = template.leaves[0] if template.leaves else None
    return "" if leaf is None or leaf.is_token or leaf.frames else str(leaf.text)


def _literals(template: Any) -> list[str]:
    """Return what stands in every text of the mapping, in order: most places are told apart by it alone."""
    return [leaf.text for leaf in template.leaves if not leaf.is_token and not leaf.options]


def _readable(session: api.Session, entry: Any) -> dict[str, Any]:
    if entry.view.conditions:
        raise Untranslatable("it depends on values: plugins say 'when'")
    pattern = entry.pattern
    parsed = readable(pattern.expression.regex.pattern)
    leaves = set(pattern.template.leaf_tokens)
    # The first place of a token that has a value counts.
    groups = [[parsed.group_names[group], token] for group, token in pattern.expression.groups.items() if token in leaves]
    return {
        "separators": pattern.template.separators,
        "groups": groups,
        "shapes": [_shape(entry, parsed, present) for present in _presences(entry.view.template)],
        "checks": [_check(parsed.group_names[group], entry.view.template.spec(token)) for group, token in pattern.checked_groups],
        "samples": list(_samples(session, entry, parsed)),
    }


def _presences(template: Any) -> Iterator[frozenset[int]]:
    """Yield each set of optional parts that may be there together: one inside another never without it."""
    options = list(template.options)
    if 2 ** len(options) > MOST_SHAPES * 8:
        raise Untranslatable("it has too many optional parts")
    for chosen in product((True, False), repeat=len(options)):
        present = frozenset(option.number for option, is_there in zip(options, chosen) if is_there)
        if all(option.outer is None or option.outer in present for option in options if option.number in present):
            yield present


def _shape(entry: Any, parsed: ParsedExpression, present: frozenset[int]) -> list[Any]:
    """Return an expression for one set of optional parts, and how much it says."""
    there = {parsed.group_names[f"o{option.number}"]: option.number in present for option in entry.view.template.options}
    found = translated(parsed, there)
    return [found.text, list(entry.rank(present)), list(found.groups)]


def _check(group: int, spec: Any) -> list[Any]:
    """Return what the value of a group must fit besides: an expression, and some texts of which it must be one."""
    if spec.kind:
        raise Untranslatable(f"the token {spec.name} has a format of Python's own")
    own = spec.own_expression
    return [group, None if own is None else translated(own).text, [text for _, text in spec.choices] or None]


def _samples(session: api.Session, entry: Any, parsed: ParsedExpression) -> Iterator[list[Any]]:
    """Yield texts, each with what Python reads in it: values, nothing, or ``?`` for several readings."""
    texts = dict.fromkeys(text for text in samples_of_each_kind(parsed) if not any("\ud800" <= letter <= "\udfff" for letter in text))
    for text in list(texts)[:MOST_SAMPLES]:
        yield [text, expected(session, entry.context, text)]


def expected(session: api.Session, context: api.Context, text: str) -> Mapping[str, str] | str | None:
    """Return what Python reads in a text, as that of a place: values, ``None``, or ``?`` for several readings."""
    try:
        return dict(session.read(text, context).values)
    except api.AmbiguousContextError:
        return "?"
    except api.WaysError:
        return None
