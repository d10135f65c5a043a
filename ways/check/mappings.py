"""Checks of mappings: those that can't be read, contradict themselves, misread what they write, or differ in syntax 2."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from ways.check.findings import Finding
from ways.check.mapping_machines import MOST_STEPS, MappingMachines
from ways.check.scope import CheckScope, source_of_mapping, source_of_token, written_mappings
from ways.check.shapes import read_template
from ways.contexts.view import ResolvedContext
from ways.errors import LimitError, MatchTimeoutError, PatternError, TokenCycleError, WaysError
from ways.pattern.builder import Builder, Mode, free_expression
from ways.pattern.pattern import STRICT, Pattern
from ways.pattern.scan import scan
from ways.pattern.segments import cut, forms_of
from ways.pattern.template import SEPARATORS, Leaf, Template
from ways.regex.automata import language_of
from ways.regex.expression import may_hold
from ways.regex.machine import ANYTHING
from ways.regex.parse_tree import TooLargeError
from ways.regex.product import product
from ways.regex.samples import samples_with
from ways.sheets.document import Source

#: Sets of values that each mapping is tried with.
TRIES = 48
#: Steps that a text counts as which is read; see :class:`ways.regex.product.Steps`.
STEPS_OF_READING = 50
#: Pairs of states that are looked at to prove that a segment is read in one way.
MOST_PAIRS = 20_000
#: An expression in this mode fits every text that a mapping may write, and perhaps others.
_LOOSE = Mode(agrees=False, fits=True, crosses=True)


def check_readable(scope: CheckScope) -> Iterator[Finding]:
    """Yield each mapping that can't be read: its tokens hold each other, or have two types."""
    reported: set[object] = set()
    for view in scope.views:
        if scope.shapes.is_readable(view):
            continue
        try:
            read_template(view)
        except TokenCycleError as error:
            if (members := frozenset(error.chain)) not in reported:
                reported.add(members)
                message = f"tokens contain each other in a circle: {' -> '.join(error.chain)}"
                source = source_of_token(view, error.chain[0], "mapping")
                yield Finding("circle", "error", source, message, "Let one of them have no mapping.")
        except (WaysError, ValueError) as error:
            source = source_of_mapping(view)
            # Other checks report a place without a mapping.
            if isinstance(error, ValueError) and (source, str(error)) not in reported:
                reported.add((source, str(error)))
                message, _, excerpt = str(error).partition("\n")
                code = "limit" if isinstance(error, LimitError) else "token-language"
                yield Finding(code, "error", source, f"{view.hierarchy.text}: {message.rstrip('.')}", excerpt=excerpt)


def check_parents_of_tokens(scope: CheckScope) -> Iterator[Finding]:
    """Yield each token whose expression fits nothing that its own mapping can write."""
    reported: set[Source] = set()
    for view, template in scope.with_fault(lambda template: bool(_contradicted(template))):
        for token in _contradicted(template):
            spec = template.spec(token)
            source = source_of_token(view, token, "parse", "regex")
            if source in reported:
                continue
            reported.add(source)
            message = f"the regex {spec.own_expression!r} of the token {token} fits nothing that its mapping {spec.mapping!r} writes"
            yield Finding("contradiction", "error", source, message, "Let both say the same, or leave the regex out.")


def _contradicted(template: Template) -> list[str]:
    """Return the tokens whose expression fits nothing that their own mappings can write."""
    specs = [spec for spec in map(template.spec, template.all_tokens) if spec.splits]
    return [
        spec.name
        for spec in specs
        if spec.own_expression is not None and not _can_be_both(template, spec.name, spec.own_expression)
    ]


def _can_be_both(template: Template, token: str, expression: str) -> bool:
    """Whether some text may fit both the expression of a token and its mapping. True if that is not known."""
    try:
        written = language_of(Builder.of(template.part(token), _LOOSE).text)
        return not product(language_of(expression).machine, written.machine).is_empty
    except (re.error, TooLargeError, WaysError, ValueError):
        return True


def check_reading(scope: CheckScope) -> Iterator[Finding]:
    """Yield each mapping that writes a text and reads other values in it, with such a text."""
    reported: set[Source] = set()
    machines = MappingMachines()
    for view, template in scope.with_fault(lambda template: _may_be_misread(template, machines)):
        source = source_of_mapping(view)
        if source in reported:
            continue
        if machines.steps.are_spent:
            # So many mappings that can't be proved are no studio's: those that are left aren't looked at.
            return
        finding = _misread(view, template, source, machines)
        if finding is not None:
            reported.add(source)
            yield finding


def _may_be_misread(template: Template, machines: MappingMachines) -> bool:
    return not (_is_plainly_divided(template) or _has_free_neighbor(template) or _is_read_in_one_way(template, machines))


def _is_plainly_divided(template: Template) -> bool:
    """Whether each token ends where the text after it first begins, so that no text can be divided in two ways."""
    leaves = template.leaves
    if template.options:
        return False
    for leaf, following in zip(leaves, leaves[1:]):
        if leaf.is_token and (following.is_token or _holds(template, leaf.text, following.text[0])):
            return False
    return True


def _is_read_in_one_way(template: Template, machines: MappingMachines) -> bool:
    """Whether it is proved that each text of a mapping can be divided among its leaves in one way alone.

    The proof looks at one segment after the other. It passes over what limits texts further, such as a token that stands
    twice: fewer texts have no more ways.
    """
    separator = max(SEPARATORS, key=lambda letter: letter in template.separators)
    try:
        forms = forms_of(template, separator)
        return len(forms) == 1 and all(_is_divided_in_one_way(template, leaves, separator, machines) for leaves in cut(forms[0], separator))
    except (WaysError, ValueError, re.error):
        return False


def _is_divided_in_one_way(template: Template, leaves: Sequence[Leaf], separator: str, machines: MappingMachines) -> bool:
    if len(leaves) < 2:
        return not leaves or not leaves[0].is_token or not _crosses(template, leaves, separator, machines)
    if _crosses(template, leaves, separator, machines):
        return False
    machine = machines.of_leaves(template, leaves)
    try:
        both = product(machine, machine, MOST_PAIRS, machines.steps)
    except TooLargeError:
        return False
    # A character that belongs to one leaf in one way to divide a text, and to another leaf in another way.
    return machine is not ANYTHING and all(edge.parts[0] == edge.parts[1] for edges in both.edges for edge in edges)


def _crosses(template: Template, leaves: Sequence[Leaf], separator: str, machines: MappingMachines) -> bool:
    """Whether a token among *leaves* may hold the separator."""
    specs = (template.spec(leaf.text) for leaf in leaves if leaf.is_token)
    return any(machines.crosses(spec, template.separators, separator) for spec in specs)


def _has_free_neighbor(template: Template) -> bool:
    """Whether a token that may hold anything stands beside another token. Another check reports these."""
    pairs = zip(template.leaves, template.leaves[1:])
    return any(
        left.is_token and right.is_token and not (template.spec(left.text).is_constrained and template.spec(right.text).is_constrained)
        for left, right in pairs
    )


def _holds(template: Template, token: str, letter: str) -> bool:
    """Whether a token may hold a character. False for one without an expression: its samples don't hold any."""
    spec = template.spec(token)
    if spec.choices:
        return any(letter in text for _, text in spec.choices)
    reads = spec.reads
    return reads is not None and may_hold(reads, letter)


def _misread(view: ResolvedContext, template: Template, source: Source, machines: MappingMachines) -> Finding | None:
    try:
        pattern = Pattern(template, STRICT)
        for values in _values(template):
            text = template.writer.text(values)
            machines.steps.left -= STEPS_OF_READING + len(text) * len(values) // 8
            if machines.steps.are_spent:
                return None
            read = [{name: reading.values.get(name) for name in values} for reading in pattern.readings(text)]
            if read and read != [values]:
                other = next(reading for reading in read if reading != values)
                names = [name for name in values if values[name] != other[name]]
                written = ", ".join(f"{name}={values[name]}" for name in names)
                back = ", ".join(f"{name}={other[name]}" if other[name] is not None else f"no {name}" for name in names)
                message = f"the mapping of {view.hierarchy.text!r} reads what it writes for {written} as {back}"
                help = f"Give {names[0]} an expression that excludes the text after it, or put other text there."
                return Finding("misread-mapping", "warning", source, message, help, witness=text)
    except MatchTimeoutError:
        # Another check tells of slow expressions. A few of these take as long as all else.
        machines.steps.left -= MOST_STEPS // 20
    except (WaysError, ValueError, RecursionError):
        # Other checks report it.
        return None
    return None


def _values(template: Template) -> Iterator[dict[str, str]]:
    """Yield sets of values that fit their tokens and hold characters of the text between the tokens."""
    # A text may be divided otherwise if a value holds the characters beside its token.
    ends = (leaf.text[index] for leaf in template.leaves if not leaf.is_token for index in (0, -1))
    preferred = "".join(sorted(set(ends) - set(template.separators)))
    texts = {name: texts_of(template, name, preferred) for name in template.leaf_tokens}
    if not all(texts.values()):
        return
    for number in range(TRIES):
        # Each token goes through its texts with another step, so that they meet in many combinations.
        chosen = {name: own[number * (place + 1) % len(own)] for place, (name, own) in enumerate(texts.items())}
        if _parents_fit(template, chosen):
            yield chosen


def texts_of(template: Template, token: str, preferred: str = "") -> list[str]:
    """Return texts that a token may hold, some of them with *preferred* characters where it may hold these."""
    spec = template.spec(token)
    if spec.choices:
        texts = [text for _, text in spec.choices]
    elif (reads := spec.reads) is None:
        # It may hold anything: another check reports what follows from that.
        texts = _samples(free_expression(template.separators + preferred, STRICT), "", TRIES)[:2]
    else:
        texts = _samples(reads, preferred, TRIES)
    fits = spec.fits()
    return [text for text in texts if text and (fits is None or fits(text))]


_samples = lru_cache(maxsize=4096)(samples_with)


def _parents_fit(template: Template, values: Mapping[str, str]) -> bool:
    for name in template.all_tokens:
        spec = template.spec(name)
        if spec.splits and (fits := spec.fits()) is not None:
            part = template.part(name)
            if not fits(part.writer.text({token: values[token] for token in part.leaf_tokens})):
                return False
    return True


def check_syntax(scope: CheckScope) -> Iterator[Finding]:
    """Yield each mapping of the first syntax that the second one reads otherwise."""
    for plugin in scope.records:
        if plugin.syntax != 1:
            continue
        for keys, mapping in written_mappings(plugin):
            if "[" in mapping or "]" in mapping:
                change = _change(mapping, plugin.mapping_details)
                if change:
                    help = "Write [[ and ]] for literal brackets before you set `syntax: 2`."
                    message = f"with `syntax: 2` the mapping {mapping!r} {change}"
                    yield Finding("syntax-2", "note", plugin.source_of(*keys), message, help)


def _change(mapping: str, details: Mapping[str, object]) -> str:
    """Return how the second syntax reads a mapping differently; ``""`` if it doesn't."""
    try:
        pieces = scan(mapping, 2, details)
    except PatternError as error:
        return f"can't be read: {str(error).partition(';')[0].lower()}"
    if [(piece.text, piece.options) for piece in pieces] == [(piece.text, ()) for piece in scan(mapping, 1, details)]:
        return ""
    return "has optional parts" if any(piece.options for piece in pieces) else "has other text"
