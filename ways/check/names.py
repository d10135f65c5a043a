"""Checks of how tokens are written: braces, names with spaces, and names that are much like others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from ways.check.findings import Finding, FindingLevel
from ways.check.scope import CheckScope, other_case, source_of_mapping, source_of_token, written_mappings
from ways.contexts.view import ResolvedContext
from ways.errors import caret
from ways.pattern.scan import token_names
from ways.pattern.template import REFERENCE, Template
from ways.plugins.relative import ROOT
from ways.sheets.document import Source

#: A token without an expression is reported if at least so many others of its mapping have one.
_ENOUGH_OTHERS = 2
#: A token, one in two pairs of braces, braces around nothing, or a brace without a partner.
_BRACES = re.compile(r"(?P<double>\{\{[^{}]+\}\})|\{[^{}]+\}|(?P<empty>\{\})|(?P<stray>[{}])")
#: Characters that no path has on purpose.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
#: How alike a name is to the one that was meant, if it is the only one of its mapping that nothing is said of.
_ALIKE = 0.8


def check_braces(scope: CheckScope) -> Iterator[Finding]:
    """Yield each brace of a mapping that is no part of a token. It is read as text."""
    for plugin in scope.records:
        for keys, mapping in written_mappings(plugin):
            if "{" not in mapping and "}" not in mapping:
                continue
            for match in _BRACES.finditer(mapping):
                if match.lastgroup is None:
                    continue
                help = "Write a token as {NAME}."
                if match.lastgroup == "double":
                    message = f"{match[0]} has two braces on each side: the outer ones are literal text"
                    help = f"Write the token as {match[0][1:-1]}."
                elif match.lastgroup == "empty":
                    message = "{} has no name between its braces: it is literal text"
                else:
                    message = f"unmatched {match[0]} in the mapping: it is literal text"
                source = scope.exact(plugin.source_of(*keys), mapping, match.start())
                yield Finding("stray-brace", "error", source, message, help, excerpt=caret(mapping, match.span()))


def check_control_characters(scope: CheckScope) -> Iterator[Finding]:
    """Yield each mapping with a line break or another character that can't be seen: most often a folder after a backslash."""
    for plugin in scope.records:
        for keys, mapping in written_mappings(plugin):
            match = None if mapping.isprintable() else _CONTROL.search(mapping)
            if match is not None:
                message = f"the mapping holds the control character {match[0]!r}"
                help = "In double quotes a backslash begins a character of its own: use single quotes, or write it twice."
                yield Finding("control-character", "error", plugin.source_of(*keys), message, help)


def check_token_names(scope: CheckScope) -> Iterator[Finding]:
    """Yield each token whose name has spaces."""
    for plugin in scope.records:
        for keys, mapping in written_mappings(plugin):
            if not any(mark in mapping for mark in " \t\n"):
                continue
            details = scope.resolver_of_all.at(plugin.hierarchy).mapping_details
            for name in dict.fromkeys(token_names(mapping)):
                # Whoever gives details to exactly this name means it.
                if name not in details and (fault := _fault_of_name(scope, name, details)) is not None:
                    source = scope.exact(plugin.source_of(*keys), f"{{{name}}}")
                    yield Finding("token-name", fault.level, source, fault.message, fault.help)


class _NameFault(NamedTuple):
    """What is wrong with the name of a token."""

    level: FindingLevel
    message: str
    help: str


def _fault_of_name(scope: CheckScope, name: str, known: Collection[str]) -> _NameFault | None:
    """Return what is wrong with the name of a token, or ``None``. *known* are those that have details."""
    short = name.strip()
    plain = name.partition(":")[0]
    if name.startswith(REFERENCE):
        return None
    if not short:
        message = f"{{{name}}} has only spaces between its braces, and they are the token's name"
        return _NameFault("error", message, "Write a token as {NAME}.")
    if plain.strip() != plain and not re.search(r"\s", plain.strip()):
        message = f"the token {{{name}}} has spaces in its name, so it is not the token {{{plain.strip()}}}"
        return _NameFault("error", message, f"Write {{{name.replace(plain, plain.strip(), 1)}}}.")
    if re.search(r"\s", plain):
        joined = re.sub(r"\s+", "_", plain.strip())
        close = scope.nearest(joined, known, cutoff=_ALIKE)
        message = f"the token {{{name}}} has spaces in its name, so its value can't be given as an argument in Python"
        return _NameFault("warning", message, f"Did you mean {{{close}}}?" if close else f"Write {{{joined}}}.")
    return None


def check_undescribed(scope: CheckScope) -> Iterator[Finding]:
    """Yield each token that nothing is said of, if it is the only one of its mapping, or its name is similar to another's."""
    reported: set[tuple[Source, str]] = set()
    slips = _Slips(scope)
    for view, template in scope.with_fault(_has_free_token):
        details = view.resolved.mapping_details
        free = [name for name in template.leaf_tokens if not template.spec(name).is_constrained]
        is_only = len(free) == 1 and len(template.leaf_tokens) - 1 >= _ENOUGH_OTHERS
        for token in free:
            if ":" in token and token not in details:
                # A format that isn't known: the load tells of it.
                continue
            close = "" if token in details else slips.meant_by(token, view, template, is_only=is_only)
            if not close and not is_only:
                continue
            source = source_of_token(view, token) if token in details else source_of_mapping(view, token)
            if (source, token) not in reported:
                reported.add((source, token))
                if token not in details:
                    source = scope.exact(source, f"{{{token}", 1)
                message = f"nothing constrains the token {token!r}, so it accepts any text"
                message = message if is_only else f"{message}; its name is similar to {close!r}"
                help = "Every other token of its mapping has an expression: give it one too."
                help = f"Did you mean {close!r}?{other_case(token, close)}" if close else help
                yield Finding("undescribed-token", "warning", source, message, help)


def _has_free_token(template: Template) -> bool:
    return any(not template.spec(name).is_constrained for name in template.leaf_tokens)


class _Slips:
    """Which name a token was probably meant to have."""

    def __init__(self, scope: CheckScope) -> None:
        self.scope = scope
        #: The tokens with details that no mapping uses.
        self.unused: set[str] | None = None
        #: How many mappings have each token, and which tokens have details somewhere, read at first need.
        self.counts: Counter[str] = Counter()
        self.described: set[str] = set()
        #: Name without case, underscores and hyphens -> the tokens that are written so.
        self.spellings: dict[str, list[str]] = {}
        for plugin in scope.records:
            self.described.update(plugin.mapping_details)
            for _, mapping in written_mappings(plugin):
                self.counts.update({name.partition(":")[0] for name in token_names(mapping)})
        #: Name with a letter left out, or whole -> the tokens with details that are written so.
        self.shortened: dict[str, list[str]] = {}
        for name in sorted(self.described):
            for text in _shortened(name):
                self.shortened.setdefault(text, []).append(name)
        for name in dict.fromkeys((*self.counts, *self.described)):
            self.spellings.setdefault(_folded(name), []).append(name)

    def meant_by(self, token: str, view: ResolvedContext, template: Template, *, is_only: bool) -> str:
        """Return the name that a token without details was probably meant to have; ``""`` if none is likely."""
        if token.startswith(REFERENCE) or f"{{{token}}}" == ROOT:
            return ""
        details, here = view.resolved.mapping_details, frozenset(template.all_tokens)
        for other in self._same_letters(token):
            # Two names that only a slip tells apart: the one that is used more, or that is described, is meant.
            if other in details or other in self.described or self.counts[other] > self.counts[token]:
                return other if is_only or not self._is_unused(other) else ""
            if other in here and template.all_tokens.index(other) < template.all_tokens.index(token):
                return other
        if is_only:
            return self.scope.nearest(token, details.keys() - here, cutoff=_ALIKE)
        # Details that no mapping uses are reported themselves, with the token that has none.
        close = (name for name in self._one_letter_off(token) if name in details and _is_slip(token, name))
        # Of two in one mapping, another letter or a plural is most often meant: {STAGE}_{STATE}, {SHOT}_{SHOTS}.
        close = (name for name in close if name not in here or _is_letter_inside(token, name))
        return next((name for name in close if not self._is_unused(name)), "")

    def _same_letters(self, token: str) -> Iterator[str]:
        """Yield other tokens that differ in case, underscores, or the order of two letters alone."""
        folded = _folded(token)
        if not 3 <= len(folded) <= 80:
            # A token 'x' beside a token 'X' is seldom a slip.
            return
        swapped = (folded[:i] + folded[i + 1] + folded[i] + folded[i + 2 :] for i in range(len(folded) - 1))
        for text in dict.fromkeys((folded, *swapped)):
            yield from (name for name in self.spellings.get(text, ()) if name != token and _numbers(name) == _numbers(token))

    def _one_letter_off(self, token: str) -> Iterator[str]:
        """Yield the names with details from which one letter, too many or another, may tell a token apart."""
        yield from dict.fromkeys(name for text in _shortened(token) for name in self.shortened.get(text, ()))

    def _is_unused(self, token: str) -> bool:
        if self.unused is None:
            self.unused = {name for _, name in self.scope.unused_details}
        return token in self.unused


def _shortened(name: str) -> Iterable[str]:
    """Return a name, and what it is without each of its letters. Names that differ by one letter share one of these."""
    # No author misspells a name that nobody can read.
    return dict.fromkeys((name, *(name[:i] + name[i + 1 :] for i in range(len(name))))) if len(name) <= 80 else (name,)


def _folded(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def _numbers(name: str) -> str:
    return "".join(letter for letter in name if letter.isdigit())


def _is_letter_inside(one: str, other: str) -> bool:
    """Whether a letter too many that tells two names apart is neither the first nor the last one, or is written twice."""
    return len(one) != len(other) and one[0] == other[0] and one[-1] == other[-1]


def _is_slip(one: str, other: str) -> bool:
    """Whether one letter too many, or another letter, tells two names apart; not ``CAM_L`` and ``CAM_R``, or numbers.

    Of a short word every other letter makes a word of its own: ``SHOT`` and ``SHOW``.
    """
    start = next((i for i, (left, right) in enumerate(zip(one, other)) if left != right), min(len(one), len(other)))
    rest, other_rest = one[start:], other[start:]
    if len(one) == len(other):
        is_slip, shortest = rest[1:] == other_rest[1:], 5
    else:
        is_slip, shortest = rest == other_rest[1:] or rest[1:] == other_rest, 4
    if not is_slip or _numbers(one) != _numbers(other) or re.split("[a-zA-Z0-9]+", one) != re.split("[a-zA-Z0-9]+", other):
        return False
    words = zip(re.split("[_-]", one), re.split("[_-]", other))
    return all(left == right or max(len(left), len(right)) >= shortest for left, right in words)
