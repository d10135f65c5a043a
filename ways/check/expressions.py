"""Expressions: that can't be read, that nothing fits, that hold separators, or that take too long to refuse a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf

from ways.check.findings import Finding
from ways.check.world import World, expressions, source_of_token
from ways.contexts.context import View
from ways.errors import PatternError, caret
from ways.pattern.degree import degree_of
from ways.pattern.expression import may_hold
from ways.pattern.positions import Positions, Undecided, positions_of
from ways.pattern.token import TokenSpec, compiled
from ways.pattern.words import TooMuch, shortest, word_with
from ways.sheets.document import Source

#: From this power on, a name of 255 characters takes more than a million steps.
SLOW_DEGREE = 3
#: Escapes and classes of characters: a bar in them separates nothing.
_NO_SYNTAX = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_NEGATED = re.compile(r"\[\^\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_NOTHING_BETWEEN = re.compile(r"(?:^|\(\?:|\(\?P<\w+>|\((?!\?)|\|)(\|)|(\|)(?:\)|$)")


def check_expressions(world: World) -> Iterator[Finding]:
    """Yield what is wrong with an expression by itself, wherever it is written."""
    for plugin, token, expression in expressions(world.records):
        source = plugin.source_of("mapping_details", token, "parse", "regex")
        try:
            compiled(token, expression)
        except PatternError as error:
            message, _, excerpt = str(error).partition("\n")
            shown = caret(expression, error.span) if error.span else excerpt
            yield Finding("bad-expression", "error", source, message.rstrip(".:"), excerpt=shown)
            continue
        yield from _fitting(source, token, expression)
        yield from _slow(source, token, expression)
        yield from _alternatives(source, token, expression)


def check_separators(world: World) -> Iterator[Finding]:
    """Yield each expression that may hold a separator of a mapping it stands in."""
    told: set[tuple[Source, str]] = set()
    for view, template in world.templates:
        for token in template.leaf_tokens:
            spec = template.spec(token)
            expression = spec.own_expression
            if expression is None or not spec.is_plain:
                continue
            for separator in template.separators:
                source = source_of_token(view, token, "parse", "regex")
                if (source, separator) not in told and may_hold(expression, separator):
                    told.add((source, separator))
                    yield from _crossing(view, spec, separator, source)


def machine_of(expression: str | None) -> Positions | None:
    """Return an expression as an automaton, or ``None`` where it has none."""
    try:
        return None if expression is None else positions_of(expression)
    except (re.error, Undecided):
        return None


def _fitting(source: Source, token: str, expression: str) -> Iterator[Finding]:
    machine = machine_of(expression)
    if machine is None:
        return
    word = shortest(machine)
    if word is None:
        message = f"nothing fits the regex {expression!r} of the token {token}"
        yield Finding("empty-expression", "error", source, message, "Write an expression that some text fits.")
    elif not word and not machine.first:
        message = f"only an empty text fits the regex {expression!r} of the token {token}"
        yield Finding("empty-expression", "warning", source, message, "Leave the expression out, or say what the token holds.")


def _slow(source: Source, token: str, expression: str) -> Iterator[Finding]:
    degree = degree_of(expression)
    if degree is None or degree < SLOW_DEGREE:
        return
    how = "doubles with each character" if degree == inf else f"grows with the length to the power of {degree:.0f}"
    message = f"the time to refuse a text by the regex {expression!r} of the token {token} {how}"
    help = "Let nothing that repeats stand beside, or inside, another repeat that takes the same characters."
    yield Finding("slow-expression", "error" if degree == inf else "warning", source, message, help)


def _alternatives(source: Source, token: str, expression: str) -> Iterator[Finding]:
    # Blanks of the same length: the caret points at the same place.
    bare = _NO_SYNTAX.sub(lambda found: " " * len(found[0]), expression)
    found = _NOTHING_BETWEEN.search(bare)
    # One alternative to nothing is how some write that a part may lack.
    if found is not None and bare.count("|") > 1:
        message = f"one of the alternatives in the regex of the token {token} is empty, so an empty text fits there"
        span = found.span(1) if found[1] else found.span(2)
        help = "Remove the bar, or write what belongs there."
        yield Finding("empty-alternative", "warning", source, message, help, excerpt=caret(expression, span))


def _crossing(view: View, spec: TokenSpec, separator: str, source: Source) -> Iterator[Finding]:
    expression = spec.own_expression or ""
    machine, fits = machine_of(expression), spec.fits()
    try:
        word = word_with(machine, separator) if machine is not None else None
    except TooMuch:
        return
    if word is None or fits is None or not fits(word):
        return
    is_meant = separator in _NEGATED.sub("", expression)
    where = f"{view.hierarchy.text} on {view.state.settings.platform}"
    message = f"the regex {expression!r} of the token {spec.name} may hold {separator!r}, which separates the folders of {where}"
    help = "" if is_meant else f"If it should hold no more than one name, exclude the separator: {_excluding(separator)} for any character."
    yield Finding("crossing-expression", "note" if is_meant else "warning", source, message, help, witness=word)


def _excluding(separator: str) -> str:
    return "[^/]" if separator == "/" else r"[^/\\]"
