"""The check of what hosts are told: whether the tokens that the block ``openassetio`` names can count versions and frames."""

from __future__ import annotations

from collections.abc import Iterator

from ways.check.findings import Finding
from ways.check.scope import CheckScope, other_case
from ways.contexts.view import ResolvedContext
from ways.errors import WaysError
from ways.pattern.template import Template
from ways.sheets.document import Source


def check_hosts(scope: CheckScope) -> Iterator[Finding]:
    """Yield each block ``openassetio`` that names a token its mapping can't use, and each at a place that is no file path."""
    reported: set[Source] = set()
    for view in scope.views:
        for finding in _findings(scope, view) if view.resolved.openassetio else ():
            if finding.source not in reported:
                reported.add(finding.source)
                yield finding


def _findings(scope: CheckScope, view: ResolvedContext) -> Iterator[Finding]:
    block, place = view.resolved.openassetio, view.hierarchy.text
    try:
        template = view.template
    except WaysError:
        # Another finding tells what is wrong with the mapping.
        return
    for key, value in block.items():
        source = view.provenance.source_of(("openassetio", key))
        if source is None:
            continue
        if key in ("version", "frame") and (fault := _fault_of_token(key, value, template)):
            close = "" if value in template.all_tokens else scope.nearest(value, template.all_tokens)
            help = f"Did you mean {close!r}?{other_case(value, close)}" if close else ""
            yield Finding("openassetio", "error", source, f"{key} is {value!r}, but {fault} at {place!r}", help)
        elif key == "publish" and value and not view.resolved.path:
            message = f"hosts can't publish to {place!r}, since its mapping is no file path"
            yield Finding("openassetio", "warning", source, message, "Write `path: true`.")


def _fault_of_token(key: str, name: str, template: Template) -> str:
    """Return why a token can't count versions, or frames; ``""`` if it can."""
    if name not in template.all_tokens:
        return "no mapping has this token"
    if name not in template.always_tokens:
        return "the token is in an optional part"
    spec = template.spec(name)
    if key == "frame" and not spec.is_sequence and not spec.format.endswith("d"):
        return "the token has neither 'sequence: true' nor a format of whole numbers"
    return ""
