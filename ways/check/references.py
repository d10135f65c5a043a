"""References: a token that would stand for the mapping of another, or of a place, if there were one."""

from __future__ import annotations

from collections.abc import Iterator

from ways.check.findings import Finding
from ways.check.world import World, source_of_mapping
from ways.errors import nearest
from ways.pattern.template import REFERENCE, Template
from ways.sheets.document import Source


def check_references(world: World) -> Iterator[Finding]:
    """Yield each ``{@NAME}`` that refers to nothing, and so is a token of that name."""
    told: set[tuple[Source, str]] = set()
    for view, template in world.templates:
        for token in template.leaf_tokens:
            source = source_of_mapping(view, token)
            if token.startswith(REFERENCE) and token not in template.specs and (source, token) not in told:
                told.add((source, token))
                yield _unknown(source, token, template, world)


def _unknown(source: Source, token: str, template: Template, world: World) -> Finding:
    name = token.removeprefix(REFERENCE)
    tokens = [other for other, spec in template.specs.items() if spec.mapping]
    close = nearest(name, [*tokens, *(place.text for place in world.places)])
    message = f"{{{token}}} refers to nothing: {name!r} is no token with a mapping, and no place; it is a token of that name"
    help = f"Did you mean {{{REFERENCE}{close}}}?" if close else "Name a token that has a mapping, or a place."
    return Finding("unknown-reference", "warning", source, message, help)
