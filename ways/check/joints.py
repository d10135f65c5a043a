"""Checks of the separators where mappings meet: one too many, none, an absolute parent in the middle, and one at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ways.check.findings import Finding, FindingLevel, Related
from ways.check.mappings import texts_of
from ways.check.scope import CheckScope
from ways.check.shapes import template_of
from ways.contexts.view import ResolvedContext
from ways.errors import WaysError
from ways.pattern.template import REFERENCE, Template
from ways.plugins.relative import ROOT
from ways.plugins.resolve import MappingPart
from ways.sheets.document import Source

#: Two separators or more that follow one another.
_SEPARATORS = re.compile(r"[/\\]{2,}")
#: What an address begins with: ``s3://``. A drive letter is none.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
#: A drive, with which an absolute path may begin.
_DRIVE = re.compile(r"[A-Za-z]:[/\\]")
#: What may stand before an absolute path: ``file:///``, and ``\\\\?\\`` of Windows.
_BEFORE_DRIVE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/{2,3}|[/\\]{2}[?.][/\\]")
#: A mapping that is the top of a disk or of a share ends with a separator.
_TOP = re.compile(r"([A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]+:)?[/\\]+")
#: The token with which a mapping ends, and the one with which it begins; not a pair of braces, which is text.
_LAST_TOKEN = re.compile(r"(?<!\{)\{([^{}]+)\}$")
_FIRST_TOKEN = re.compile(r"\{([^{}]+)\}(?!\})")


def check_missing_separators(scope: CheckScope) -> Iterator[Finding]:
    """Yield each relative mapping that begins with a letter, a digit or a token where its parent's ends with one."""
    reported: set[Source] = set()
    for view, left, right in _joints(scope):
        if not _follows_parent(left, right) or not _touch(view, left, right):
            continue
        source = right.plugin.source_of("mapping")
        if source in reported or not source.is_native:
            continue
        reported.add(source)
        own, text, both = right.plugin.mapping, right.text, left.text + right.text
        message = (
            f"there is no separator where the mapping of {view.hierarchy.text!r} meets its parent's: "
            f"{left.text!r} and {text!r} make {both!r}"
        )
        separator = "\\" if "\\" in both and "/" not in both else "/"
        whole = own if ROOT in own else ROOT + own
        help = f"Write '{whole.replace(ROOT + text, ROOT + separator + text, 1)}'."
        related = (Related(left.plugin.source_of("mapping"), f"the parent's mapping: {left.plugin.mapping}"),)
        exact = scope.exact(source, own, _place_in(right, 0))
        yield Finding("missing-separator", "warning", exact, message, help, related)


def _joints(scope: CheckScope) -> Iterator[tuple[ResolvedContext, MappingPart, MappingPart]]:
    """Yield each two parts of a mapping that follow one another and are written by different plugins."""
    for view in scope.views:
        parts = view.provenance.mapping_parts or ()
        for left, right in zip(parts, parts[1:]):
            if left.plugin is not right.plugin:
                yield view, left, right


def _follows_parent(left: MappingPart, right: MappingPart) -> bool:
    """Whether the first part is the end of a parent's mapping, and the second what a relative plugin writes after it."""
    plugin = right.plugin
    if plugin.parent is None:
        return False
    return ROOT + right.text in plugin.mapping if ROOT in plugin.mapping else plugin.mapping.startswith(right.text)


def _touch(view: ResolvedContext, left: MappingPart, right: MappingPart) -> bool:
    """Whether a letter or digit at the end of one part can meet one of the next, in a mapping with separators."""
    before = left.text.rstrip("]") if left.plugin.syntax == 2 and not left.text.endswith("]]") else left.text
    after = right.text.lstrip("[") if right.plugin.syntax == 2 and not right.text.startswith("[[") else right.text
    last, first = _LAST_TOKEN.search(before), _FIRST_TOKEN.match(after)
    if not (last or before[-1:].isalnum()) or not (first or after[:1].isalnum()):
        return False
    template = template_of(view)
    if template is None or not template.separators:
        return False
    begins = _ends(template, first[1], 0) if first else {after[0]}
    ends = _ends(template, last[1], -1) if last else {before[-1]}
    if first and not last and _is_number(template, first[1]):
        # A word with a number is one name: shot010, v003.
        return False
    return any(letter.isalnum() for letter in ends) and any(letter.isalnum() for letter in begins)


def _ends(template: Template, token: str, index: int) -> set[str]:
    """Return characters with which the texts of a token begin (index 0) or end (-1); none if that can't be told."""
    name = token.partition(":")[0].removeprefix(REFERENCE)
    try:
        if not template.spec(name).splits:
            return {text[index] for text in texts_of(template, _named(template, token)) if text}
        part = template.part(name)
        leaf = part.leaves[index]
        return _ends(part, leaf.text, index) if leaf.is_token else {leaf.text[index]}
    except (WaysError, ValueError, IndexError):
        return set()


def _is_number(template: Template, token: str) -> bool:
    name = _named(template, token)
    return not template.spec(name).splits and all(text.isdigit() for text in texts_of(template, name))


def _named(template: Template, token: str) -> str:
    """Return the name that a token has in a template: without its format, where it has one."""
    return token if token in template.leaf_tokens else token.partition(":")[0]


def check_absolute_parents(scope: CheckScope) -> Iterator[Finding]:
    """Yield each ``{root}`` in the middle of a mapping that stands for an absolute one."""
    reported: set[Source] = set()
    for view, left, right in _joints(scope):
        if not is_absolute_parent(left, right):
            continue
        source = left.plugin.source_of("mapping")
        if source in reported:
            continue
        reported.add(source)
        own, parent = left.plugin.mapping, right.plugin.mapping
        message = f"the mapping of {view.hierarchy.text!r} has {ROOT} after {left.text!r}, but the parent's mapping is absolute: {parent!r}"
        help = f"Begin with {ROOT}."
        if not _DRIVE.match(right.text):
            help = f"Begin with {ROOT}; or leave out the separator before it, if the parent's path is meant to be repeated there."
        related = (Related(right.plugin.source_of("mapping"), "the absolute mapping"),)
        exact = scope.exact(source, own, own.find(left.text + ROOT) + len(left.text))
        yield Finding("absolute-parent", "warning", exact, message, help, related)


def is_absolute_parent(left: MappingPart, right: MappingPart) -> bool:
    """Whether the second part begins the absolute mapping of a parent, after other text, as in ``late//shows``."""
    plugin = left.plugin
    if plugin is right.plugin or plugin.parent is None or left.text + ROOT not in plugin.mapping:
        return False
    if _BEFORE_DRIVE.fullmatch(left.text):
        return False
    # /backup{root} repeats the parent's path below another folder.
    return bool(_DRIVE.match(right.text)) or (right.text[:1] in ("/", "\\") and left.text[-1:] in ("/", "\\"))


def check_trailing_separators(scope: CheckScope) -> Iterator[Finding]:
    """Yield each mapping that ends with a separator, if no other is built on it: texts without the separator don't fit it."""
    reported: set[Source] = set()
    for view in scope.views:
        parts = view.provenance.mapping_parts
        if not parts or parts[-1].text[-1:] not in ("/", "\\"):
            continue
        source, text = parts[-1].plugin.source_of("mapping"), "".join(part.text for part in parts)
        if source in reported or not source.is_native or view.resolved.search is False or _TOP.fullmatch(text) or _is_built_on(scope, view):
            continue
        reported.add(source)
        own = parts[-1].plugin.mapping
        message = f"the mapping of {view.hierarchy.text!r} ends with a separator, so a text without it, {text[:-1]!r}, doesn't fit"
        level: FindingLevel = "warning" if view.resolved.path else "note"
        help = "Leave it out: with `path: true` a text that ends with one fits all the same."
        help = help if view.resolved.path else "Leave it out, or write `path: true` too if the texts may end with one."
        yield Finding("trailing-separator", level, scope.exact(source, own, len(own) - 1), message, help)


def _is_built_on(scope: CheckScope, view: ResolvedContext) -> bool:
    """Whether a mapping is the parent of another one, or stands in one by ``{@PLACE}``."""
    place = view.hierarchy
    return place in scope.using or f"{REFERENCE}{place.text}" in scope.mappings_with


def check_doubled_separators(scope: CheckScope) -> Iterator[Finding]:
    """Yield each two separators that follow one another in a mapping: one ends the parent's, and one begins what is added."""
    reported: set[Source] = set()
    doubled = (view for view in scope.views if isinstance(view.mapping, str) and _SEPARATORS.search(view.mapping))
    for view, _ in scope.shapes.with_fault(doubled, lambda template: True):
        for finding in _doubled(scope, view):
            if finding.source not in reported:
                reported.add(finding.source)
                yield finding


def _doubled(scope: CheckScope, view: ResolvedContext) -> Iterator[Finding]:
    parts = view.provenance.mapping_parts or ()
    text = "".join(part.text for part in parts)
    begun = _ADDRESS.match(text)
    for match in _SEPARATORS.finditer(text, begun.end() if begun else 0):
        first, start = _part_at(parts, match.start())
        last, _ = _part_at(parts, match.end() - 1)
        if is_absolute_parent(first, last):
            # Reported as what it is.
            continue
        # A network share begins with two, if its author wrote them so. Other texts than paths may have them anywhere.
        if first is last and (match.start() == 0 or not view.resolved.path):
            continue
        source = scope.exact(first.plugin.source_of("mapping"), first.plugin.mapping, _place_in(first, start))
        where = f"the mapping of {view.hierarchy.text!r} has {match[0]!r}"
        if first is last:
            message = f"{where}, so a path with one separator there doesn't fit it"
            yield Finding("doubled-separator", "warning", source, message, "Write one separator.")
        else:
            message = f"{where}: {first.plugin.mapping!r} ends with a separator, and the added part begins with one"
            help = "Leave out the separator at the end, or the one that follows {root}."
            related = (Related(last.plugin.source_of("mapping"), f"added here: {last.plugin.mapping}"),)
            yield Finding("doubled-separator", "warning", source, message, help, related)


def _part_at(parts: tuple[MappingPart, ...], place: int) -> tuple[MappingPart, int]:
    """Return the part of a mapping with the character at *place*, and which character of the part it is."""
    for part in parts:
        if place < len(part.text):
            return part, place
        place -= len(part.text)
    raise IndexError(place)


def _place_in(part: MappingPart, place: int) -> int:
    """Return which character of its plugin's whole mapping a character of a part is."""
    return max(0, part.plugin.mapping.find(part.text)) + place
