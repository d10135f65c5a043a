"""Checks of what other systems write into their templates, and what Ways takes for something else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ways.check.findings import Finding
from ways.check.scope import CheckScope
from ways.errors import caret
from ways.pattern.token import TokenSpec
from ways.sheets.formats.yaml_faults import quoted

#: What tk-core's ``filter_by`` calls a kind of character -> an expression for one of them.
_FILTERS = {"alphanumeric": r"[^\W_]", "alpha": r"[^\W_0-9]"}
#: A character that may stand in a token without an expression.
_ANY = r"[^/\\]"
#: tk-core's keys of a token that are none of Ways -> the values that they hold there. Any other value is the author's own.
_TK_CORE_KEYS: Mapping[str, type | tuple[type, ...]] = {
    "filter_by": str, "exclusions": (str, list, tuple), "length": int, "alias": str, "subset": str,
}  # fmt: skip
#: A value of a choice that would be a good text in a path, as most are in other systems.
_WORD = re.compile(r"[\w.-]+")
#: The longest value that an expression is suggested for, and how many texts that it excludes are shown.
_LONGEST, _MANY = 1000, 10
#: How a tk-core template begins that goes on from another one.
_TK_CORE_REFERENCE = re.compile(r"@([A-Za-z_]\w*)(?:/|$)")


def check_foreign_keys(scope: CheckScope) -> Iterator[Finding]:
    """Yield each key of tk-core among the details of a token. Ways knows none of them, so the token would take any value."""
    for plugin in scope.records:
        # In the first syntax any key is free.
        for name, entry in plugin.mapping_details.items() if plugin.syntax == 2 else ():
            for key, kinds in _TK_CORE_KEYS.items():
                value = entry.get(key)
                if value and isinstance(value, kinds) and not isinstance(value, bool):
                    message = f"{key!r} is a key of tk-core, and has no effect on the token {name!r}"
                    source = plugin.source_of("mapping_details", name, key)
                    yield Finding("foreign-key", "warning", source, message, _instead(name, key, entry))


def _instead(name: str, key: str, entry: Mapping[str, Any]) -> str:
    """Return what to write in the place of a key of tk-core."""
    if key == "alias":
        return f"Write {{{entry[key]}}} in the mapping in place of {{{name}}}: a token can have another format at each place."
    if key == "subset":
        return f"If the whole text is in the path, give {name} a mapping of the tokens that it consists of."
    if entry.get("choices") or entry.get("format"):
        return f"Remove it: {'choices' if entry.get('choices') else 'format'} already says what the token holds."
    return f"Write parse: {{regex: {quoted(_expression(name, entry))}}}."


def _expression(name: str, entry: Mapping[str, Any]) -> str:
    """Return one expression for what the keys of tk-core ask of a token, together with the one that it has."""
    length, exclusions, filter_by = entry.get("length"), entry.get("exclusions") or (), str(entry.get("filter_by") or "")
    given = TokenSpec(name, parse=entry.get("parse") or {}).own_expression or ("" if filter_by in _FILTERS else filter_by)
    conditions = []
    excluded = [re.escape(str(text)) for text in ((exclusions,) if isinstance(exclusions, str) else exclusions)[:_MANY]]
    if excluded:
        conditions.append(f"(?!{_grouped('|'.join(excluded))}$)")
    count = f"{{{length}}}" if isinstance(length, int) and 0 < length <= _LONGEST else ""
    if given and count:
        conditions.append(f"(?=.{count}$)")
    expression = given or f"{_FILTERS.get(filter_by, _ANY)}{count or '+'}"
    return f"{''.join(conditions)}{_grouped(expression) if conditions else expression}"


def _grouped(expression: str) -> str:
    return f"(?:{expression})" if "|" in expression else expression


def check_foreign_references(scope: CheckScope) -> Iterator[Finding]:
    """Yield each mapping that begins like a tk-core template that goes on from another one: ``@shot_root/work``."""
    places: dict[object, str] = {}
    for plugin in scope.records:
        match = _TK_CORE_REFERENCE.match(plugin.mapping or "") if plugin.syntax == 2 else None
        if match is not None:
            places = places or {other.name: other.hierarchy.text for other in scope.records}
            place = places.get(match[1], match[1])
            message = f"@{match[1]} at the beginning of the mapping is literal text; in tk-core, it is another template"
            help = f"Write {{@{place}}}, or {{root}} with uses: [{place}]."
            excerpt = caret(plugin.mapping, (0, match.end(1)))
            source = scope.exact(plugin.source_of("mapping"), match[0])
            yield Finding("foreign-reference", "warning", source, message, help, excerpt=excerpt)


def check_choice_labels(scope: CheckScope) -> Iterator[Finding]:
    """Yield, for each token, the first choice whose text looks like a label: ``ma: Maya Ascii (.ma)``."""
    for plugin in scope.records:
        for name, entry in plugin.mapping_details.items():
            choices = entry.get("choices")
            for value, text in choices.items() if isinstance(choices, Mapping) else ():
                if isinstance(text, str) and " " in text.strip() and _WORD.fullmatch(str(value)):
                    message = f"the text of the choice {value!r} of the token {name!r} is {text!r}, which looks like a label"
                    written = f"{{text: {value}, label: {quoted(text)}}}"
                    help = f"In Ways, the text on the right stands in the path. For a label, write {written}."
                    source = plugin.source_of("mapping_details", name, "choices", value)
                    yield Finding("choice-label", "note", source, message, help)
                    break
