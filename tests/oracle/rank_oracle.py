"""Auto-find, slow and obvious: try every Context; the best rank wins (docs/explanation/token-engine.rst, "Rank")."""

from __future__ import annotations

from collections.abc import Mapping

from oracle.match_oracle import expression, leaf_names, leaves, readings, tree
from oracle.worlds import World


def rank(world: World) -> tuple[int, int, int]:
    """Return literal characters, tokens with an expression, and minus the tokens without.

    A token that is written twice is fixed where it stands again: that counts as an expression.
    """
    nodes = tree(*world)
    literal = sum(len(leaf.text) for leaf in leaves(nodes) if leaf.kind == "literal")
    seen: list[str] = []
    with_expression = sum(expression(name, world.details) is not None for name in parents(world))
    without = 0
    for leaf in leaves(nodes):
        if leaf.kind == "token":
            is_fixed = leaf.text in seen or expression(leaf.text, world.details) is not None
            with_expression += is_fixed
            without += not is_fixed
            seen.append(leaf.text)
    return literal, with_expression, -without


def parents(world: World) -> set[str]:
    """Return the tokens of the mapping that others write."""
    found: set[str] = set()
    waiting = list(tree(*world))
    while waiting:
        node = waiting.pop()
        if node.kind == "parent":
            found.add(node.text)
            waiting += node.parts
    return found


def best(worlds: Mapping[str, World], text: str) -> list[str]:
    """Return the places that *text* fits strictly with the greatest rank, in their order."""
    fitting = {place: rank(world) for place, world in worlds.items() if next(readings(*world, text), None) is not None}
    return [place for place, own in fitting.items() if own == max(fitting.values())]


def leaf_values(world: World, text: str) -> dict[str, str]:
    """Return the values that the first division gives the tokens that no other writes."""
    found = next(readings(*world, text))
    return {name: found[name] for name in leaf_names(*world)}
