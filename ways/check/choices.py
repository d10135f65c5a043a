"""The optional parts of a mapping that depend on each other: which of them may be there together."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from ways.pattern.template import Template

#: Choices of optional parts that one mapping is divided into, at most.
MOST_SHAPES = 64


class Chosen(NamedTuple):
    """One choice of the optional parts that depend on others."""

    present: frozenset[int] = frozenset()
    absent: frozenset[int] = frozenset()
    doubts: tuple[str, ...] = ()


def choices_of(template: Template) -> list[Chosen]:
    """Return each choice of the parts that depend on others which some values call for."""
    options = template.options
    coupled = _coupled(template)
    if not coupled:
        return [Chosen()]
    found: list[frozenset[int]] = [frozenset()]
    for option in options:
        if option.number in coupled:
            found += [some | {option.number} for some in found if option.outer is None or option.outer in some]
            if len(found) > MOST_SHAPES:
                return [Chosen(doubts=("too many of its optional parts depend on each other",))]
    return [Chosen(some, frozenset(coupled) - some) for some in found if _is_called_for(template, coupled, some)]


def _coupled(template: Template) -> set[int]:
    """Return the optional parts of which the tokens don't stand in them alone, and those that have no token."""
    options = template.options
    if not options:
        return set()
    counts = Counter(leaf.text for leaf in template.leaves if leaf.is_token)
    counts.update(frame.name for frame in {frame for leaf in template.leaves for frame in leaf.frames if frame.name})
    found: set[int] = set()
    for leaf in template.leaves:
        names = [*leaf.owners, leaf.text] if leaf.is_token else []
        if leaf.options and any(counts[name] > 1 for name in names):
            found.update(leaf.options)
    for option in options:
        if not option.tokens:
            found.update((*options.above(option.number), *option.nested))
    return found


def _is_called_for(template: Template, coupled: set[int], present: frozenset[int]) -> bool:
    """Whether some values call for these of the coupled parts and for no other."""
    filled = {leaf.text for leaf in template.leaves if leaf.is_token and present.issuperset(leaf.options)}
    return all(
        (option.number in present) == template.options.wanted(option, filled)
        for option in template.options
        if option.number in coupled and (option.outer is None or option.outer in present)
    )
