"""Checks of expressions: those that can't be read, that nothing fits, that may hold separators, or that take too long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf, isnan

from ways.check.findings import Finding
from ways.check.scope import CheckScope, expressions, is_written, source_of_token
from ways.contexts.view import ResolvedContext
from ways.errors import PatternError, caret
from ways.pattern.template import Template
from ways.pattern.token import TokenSpec, compiled
from ways.regex.automata import language_of
from ways.regex.backtracking import degree_of
from ways.regex.expression import may_hold
from ways.regex.machine import holding
from ways.regex.parse_tree import TooLargeError
from ways.regex.product import shared_text
from ways.sheets.document import Source

#: From this power on, a name of 255 characters takes more than a million steps.
SLOW_DEGREE = 3
#: Escapes and classes of characters: a bar or bracket in them has no meaning.
_NO_SYNTAX = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_NEGATED = re.compile(r"\[\^\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_OPENING = re.compile(r"\((?:\?(?::|P<\w+>|[aimsux-]+:|<?[=!]))?")


def check_expressions(scope: CheckScope) -> Iterator[Finding]:
    """Yield what is wrong with each expression by itself."""
    # One that stands in many sheets is looked at once if nothing is wrong with it.
    sound: set[str] = set()
    for plugin, token, expression in expressions(scope.records):
        source = plugin.source_of("mapping_details", token, "parse", "regex")
        if expression in sound:
            continue
        try:
            compiled(token, expression)
        except PatternError as error:
            message, _, excerpt = str(error).partition("\n")
            shown = caret(expression, error.span) if error.span else excerpt
            yield Finding("bad-expression", "error", source, message.rstrip(".:"), excerpt=shown)
            continue
        faults = list(_faults(source, token, expression))
        yield from faults
        if not faults:
            sound.add(expression)


def check_separators(scope: CheckScope) -> Iterator[Finding]:
    """Yield each expression that may hold a separator of a mapping it stands in."""
    reported: set[tuple[Source, str]] = set()
    for view, template in scope.with_fault(_may_cross):
        for token in template.leaf_tokens:
            spec = template.spec(token)
            expression = spec.own_expression
            if expression is None or not spec.is_plain:
                continue
            for separator in template.separators:
                if may_hold(expression, separator):
                    source = source_of_token(view, token, "parse", "regex")
                    if (source, separator) not in reported and is_written(source):
                        reported.add((source, separator))
                        yield from _crossing(view, spec, separator, source)


def _may_cross(template: Template) -> bool:
    specs = [spec for spec in map(template.spec, template.leaf_tokens) if spec.is_plain and spec.own_expression is not None]
    return any(may_hold(spec.own_expression or "", separator) for spec in specs for separator in template.separators)


def _faults(source: Source, token: str, expression: str) -> Iterator[Finding]:
    """Yield what is wrong with an expression that can be read."""
    machine = language_of(expression).machine
    if machine.is_empty:
        message = f"nothing fits the regex {expression!r} of the token {token}"
        yield Finding("empty-expression", "error", source, message, "Write an expression that some text fits.")
    elif not machine.edges[0]:
        message = f"only an empty text fits the regex {expression!r} of the token {token}"
        yield Finding("empty-expression", "warning", source, message, "Leave the expression out, or say what the token holds.")

    degree = degree_of(expression)
    if degree is not None and isnan(degree):
        message = f"the regex of the token {token} is too large to tell how long it may take to refuse a text"
        yield Finding("slow-expression", "warning", source, message, "Write a shorter one, or name the texts as choices.")
    elif degree is not None and degree >= SLOW_DEGREE:
        how = "doubles with each character" if degree == inf else f"grows with the length to the power of {degree:.0f}"
        message = f"the time to refuse a text by the regex {expression!r} of the token {token} {how}"
        help = "Let nothing that repeats stand beside, or inside, another repeat that takes the same characters."
        yield Finding("slow-expression", "error" if degree == inf else "warning", source, message, help)

    place = _empty_alternative(expression)
    if place is not None:
        message = f"one of the alternatives in the regex of the token {token} is empty, so an empty text fits there"
        help = "Remove the bar, or write what belongs there."
        excerpt = caret(expression, (place, place + 1))
        yield Finding("empty-alternative", "warning", source, message, help, excerpt=excerpt)


def _empty_alternative(expression: str) -> int | None:
    """Return where a group of three alternatives or more has an empty one; ``None`` if there is no such group.

    Of two alternatives an empty one is a way to write that a part is optional.
    """
    # Escapes and classes become blanks of the same length, so that positions stay the same.
    bare = _NO_SYNTAX.sub(lambda match: " " * len(match[0]), expression)
    # For each open group, where its alternatives begin and end, and where the last one begins.
    groups: list[tuple[list[tuple[int, int]], int]] = [([], 0)]
    for match in re.finditer(rf"{_OPENING.pattern}|[|)]|$", bare):
        if match[0].startswith("("):
            groups.append(([], match.end()))
            continue
        alternatives, start = groups.pop()
        alternatives.append((start, match.start()))
        if match[0] == "|":
            groups.append((alternatives, match.end()))
            continue
        if not groups:
            groups.append((alternatives, match.end()))
        empty = [one for one, end in alternatives if one == end]
        if empty and len(alternatives) > 2:
            return max(0, empty[0] - 1)
    return None


def _crossing(view: ResolvedContext, spec: TokenSpec, separator: str, source: Source) -> Iterator[Finding]:
    expression = spec.own_expression or ""
    try:
        fits = compiled(spec.name, expression).fullmatch
        text = shared_text(language_of(expression).machine, holding(separator))
    except (PatternError, TooLargeError):
        return
    # The machine of an expression may take more texts than the expression.
    if text is None or not fits(text):
        return
    is_meant = separator in _NEGATED.sub("", expression)
    any_other = "[^/]" if separator == "/" else r"[^/\\]"
    where = f"{view.hierarchy.text} on {view.state.settings.platform}"
    message = f"the regex {expression!r} of the token {spec.name} may hold {separator!r}, which separates the folders of {where}"
    help = "" if is_meant else f"If it should hold no more than one name, exclude the separator: {any_other} for any character."
    yield Finding("crossing-expression", "note" if is_meant else "warning", source, message, help, witness=text)
