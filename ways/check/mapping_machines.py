"""Mappings as machines: the texts that fit a mapping strictly, as a whole and in every value.

A mapping with optional parts that depend on each other has one machine for each choice of these parts. The weights along a
text add up to the rank of its reading, as one number that compares as ranks do. The parts of a machine are the leaves of
the mapping.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ways.check.equal_values import LeafBounds, lengths_of
from ways.contexts.view import ResolvedContext
from ways.errors import WaysError
from ways.pattern.builder import free_expression
from ways.pattern.pattern import STRICT
from ways.pattern.template import Leaf, Template
from ways.pattern.token import TokenSpec, segments_expression
from ways.regex.automata import Language, language_of
from ways.regex.machine import ANYTHING, EMPTY, Machine, MachineDraft, of_text, of_texts, opposite_of_texts
from ways.regex.parse_tree import TooLargeError
from ways.regex.product import Steps, intersection

#: States of the machines of mappings that are cached, at most: one takes about half a kB, and a mapping has about a hundred.
MOST_KEPT = 100_000
#: Steps that one run of a check may take to compare mappings. Most sheets take some thousand; a million take about a second.
MOST_STEPS = 6_000_000
#: Steps that a state of a new machine counts as.
STEPS_OF_STATE = 8
#: Choices of optional parts that one mapping is divided into, at most.
MOST_CHOICES = 64
#: The weights of a literal character, a constrained token and a free one: their sums compare as ranks do.
LITERAL, CONSTRAINED, FREE = 1 << 40, 1 << 20, -1


class MappingMachine(NamedTuple):
    """The texts of a mapping with one choice of its optional parts."""

    machine: Machine
    #: Why other texts may fit the machine too. That a token has to have the same value each time is not among them.
    doubts: tuple[str, ...]
    #: The leaves that write its texts: part n of the machine is leaf n - 1 here.
    leaves: tuple[LeafBounds, ...]
    #: Token that stands more than once -> the number of each part that it writes.
    repeats: dict[str, tuple[int, ...]]


class MappingMachines:
    """Makes the machines of mappings, and keeps them: one for each mapping, and for all tokens with the same details.

    :param steps: those that may be taken to make and to compare them; :data:`MOST_STEPS` by default.
    """

    def __init__(self, steps: Steps | None = None) -> None:
        self.steps = Steps(MOST_STEPS) if steps is None else steps
        self._tokens: dict[tuple[object, ...], Language] = {}
        self._crossing: dict[tuple[object, ...], bool] = {}
        self._mappings: dict[ResolvedContext, list[MappingMachine]] = {}
        #: How many states the machines of mappings have that are kept.
        self._state_count = 0

    def of_mapping(self, view: ResolvedContext, fixed: Mapping[str, str]) -> list[MappingMachine]:
        """Return the machines of the mapping of a view, one for each choice of optional parts.

        The list is empty if the mapping can't be read, or no text fits.

        :param fixed: token -> the only value that counts.
        """
        if fixed:
            return self._make(view, fixed)
        machines = self._mappings.get(view)
        if machines is None:
            if self._state_count >= MOST_KEPT:
                self._mappings.clear()
                self._state_count = 0
            machines = self._mappings[view] = self._make(view, fixed)
            self._state_count += sum(len(one.machine.edges) for one in machines)
        return machines

    def _make(self, view: ResolvedContext, fixed: Mapping[str, str]) -> list[MappingMachine]:
        try:
            template = view.template
            conditions, doubts = _condition_machines(view)
            choices = [choice._replace(doubts=(*choice.doubts, *doubts)) for choice in option_choices(template)]
            writers = [_MappingMachineWriter(self, template, choice, conditions, fixed) for choice in choices]
            machines = [writer.machine(bool(view.resolved.path)) for writer in writers]
        except (WaysError, re.error):
            # No text fits what can't be read.
            return []
        return [one for one in machines if not one.machine.is_empty]

    def of_leaves(self, template: Template, leaves: Sequence[Leaf]) -> Machine:
        """Return the machine of some leaves of a mapping. The tokens that own them are passed over, so more may fit."""
        plain = [leaf._replace(frames=tuple(frame for frame in leaf.frames if not frame.name)) for leaf in leaves]
        return _MappingMachineWriter(self, template, OptionChoice(), {}, {}, plain).machine(False).machine

    def of_token(self, spec: TokenSpec, separators: str) -> Language:
        """Return the texts that a token may hold.

        :raises PatternError: its expression is no regular expression.
        """
        key = token_key(spec, separators)
        if key not in self._tokens:
            try:
                self._tokens[key] = _of_token(spec, separators)
            except TooLargeError:
                self._tokens[key] = Language(ANYTHING, ("it is too large",))
        return self._tokens[key]

    def crosses(self, spec: TokenSpec, separators: str, separator: str) -> bool:
        """Whether a token may hold a separator. Raises as :meth:`of_token`."""
        key = (separator, *token_key(spec, separators))
        if key not in self._crossing:
            # Most edges take one of a few sets.
            sets = {edge.on for edges in self.of_token(spec, separators).machine.edges for edge in edges}
            self._crossing[key] = any(separator in letters for letters in sets)
        return self._crossing[key]


def token_key(spec: TokenSpec, separators: str) -> tuple[object, ...]:
    """Return a key that is equal for tokens that may hold the same texts."""
    return (spec.own_expression, spec.format, spec.is_sequence, spec.separator, tuple(text for _, text in spec.choices), separators)


def _of_token(spec: TokenSpec, separators: str) -> Language:
    fits = spec.fits()
    if spec.choices:
        return Language(of_texts(spec.written(text) for _, text in spec.choices if fits is None or fits(text)))
    if spec.separator not in ("", "/"):
        doubts = () if spec.own_expression is None else ("its expression is one of values with / between segments",)
        return Language(language_of(segments_expression(spec.separator)).machine, doubts)
    shapes = (spec.own_expression, spec.kind and spec.kind.expression, segments_expression("/") if spec.separator else None)
    written = [expression for expression in shapes if expression is not None]
    if not written:
        return language_of(free_expression(separators, STRICT))
    language = language_of(written[0])
    for other in map(language_of, written[1:]):
        language = Language(intersection(language.machine, other.machine), (*language.doubts, *other.doubts))
    if spec.kind and not spec.kind.is_exact:
        doubt = f"the format {spec.format} fits fewer texts than can be said by states"
        return Language(language.machine, (*language.doubts, doubt))
    return language


class OptionChoice(NamedTuple):
    """Which of the optional parts that depend on others are there, by their numbers."""

    present: frozenset[int] = frozenset()
    absent: frozenset[int] = frozenset()
    doubts: tuple[str, ...] = ()


def option_choices(template: Template) -> list[OptionChoice]:
    """Return each choice of the optional parts that depend on others, if some values lead to it."""
    options = template.options
    coupled = _coupled(template)
    if not coupled:
        return [OptionChoice()]
    choices: list[frozenset[int]] = [frozenset()]
    for option in options:
        if option.number in coupled:
            choices += [present | {option.number} for present in choices if option.outer is None or option.outer in present]
            if len(choices) > MOST_CHOICES:
                return [OptionChoice(doubts=("too many of its optional parts depend on each other",))]
    return [OptionChoice(present, frozenset(coupled) - present) for present in choices if _is_possible(template, coupled, present)]


def _coupled(template: Template) -> set[int]:
    """Return the numbers of the optional parts with a token that stands elsewhere too, and of those without a token."""
    options = template.options
    if not options:
        return set()
    counts = Counter(leaf.text for leaf in template.leaves if leaf.is_token)
    counts.update(frame.name for frame in {frame for leaf in template.leaves for frame in leaf.frames if frame.name})
    numbers: set[int] = set()
    for leaf in template.leaves:
        names = [*leaf.owners, leaf.text] if leaf.is_token else []
        if leaf.options and any(counts[name] > 1 for name in names):
            numbers.update(leaf.options)
    for option in options:
        if not option.tokens:
            numbers.update((*options.above(option.number), *option.nested))
    return numbers


def _is_possible(template: Template, coupled: set[int], present: frozenset[int]) -> bool:
    """Whether some values lead to these of the coupled parts, and to no other of them."""
    filled = {leaf.text for leaf in template.leaves if leaf.is_token and present.issuperset(leaf.options)}
    return all(
        (option.number in present) == template.options.wanted(option, filled)
        for option in template.options
        if option.number in coupled and (option.outer is None or option.outer in present)
    )


class _MappingMachineWriter:
    """Writes the machine of a mapping with one choice of its optional parts."""

    def __init__(
        self,
        machines: MappingMachines,
        template: Template,
        choice: OptionChoice,
        conditions: Mapping[str, Sequence[Machine]],
        fixed: Mapping[str, str],
        leaves: Sequence[Leaf] | None = None,
    ) -> None:
        self._machines = machines
        self._template = template
        self._choice = choice
        self._conditions = conditions
        self._fixed = fixed
        self._doubts: dict[str, None] = dict.fromkeys(choice.doubts)
        self._leaves = [leaf for leaf in leaves or template.leaves if choice.absent.isdisjoint(leaf.options)]
        counts = Counter(leaf.text for leaf in self._leaves if leaf.is_token)
        self._repeats: dict[str, list[int]] = {name: [] for name, count in counts.items() if count > 1}
        self._bounds: list[LeafBounds] = []
        self._seen: set[str] = set()

    def machine(self, is_path: bool) -> MappingMachine:
        draft = MachineDraft()
        begin = draft.state()
        try:
            end = self._write(draft, begin, self._leaves, 0)
            if is_path:
                # A file path may have one separator more at its end.
                last = draft.state()
                number = self._part("", 0, 1, False)
                for separator in self._template.separators:
                    draft.jump(draft.copy(end, of_text(separator), number), last)
                end = draft.jump(end, last)
            machine = draft.machine(begin, end)
        except TooLargeError:
            machine, self._doubts = ANYTHING, {"it is too large": None}
        self._machines.steps.left -= STEPS_OF_STATE * len(draft.edges)
        repeats = {name: tuple(parts) for name, parts in self._repeats.items()}
        return MappingMachine(machine, tuple(self._doubts), tuple(self._bounds), repeats)

    def _write(self, draft: MachineDraft, begin: int, leaves: Sequence[Leaf], depth: int) -> int:
        for frame, some in itertools.groupby(leaves, lambda leaf: leaf.frames[depth] if len(leaf.frames) > depth else None):
            group = list(some)
            if frame is None:
                for leaf in group:
                    begin = self._leaf(draft, begin, leaf)
            elif frame.name:
                begin = self._owner(draft, begin, frame.name, group, depth)
            elif frame.number in self._choice.present:
                begin = self._write(draft, begin, group, depth + 1)
            else:
                end = draft.jump(begin, draft.state())
                begin = draft.jump(self._write(draft, begin, group, depth + 1), end)
        return begin

    def _leaf(self, draft: MachineDraft, begin: int, leaf: Leaf) -> int:
        is_always = self._choice.present.issuperset(leaf.options)
        if not leaf.is_token:
            number = self._part("", len(leaf.text), len(leaf.text), is_always)
            end = draft.copy(begin, of_text(leaf.text), number)
            return draft.jump(end, draft.state(), LITERAL * len(leaf.text))
        spec = self._template.spec(leaf.text)
        is_fixed = leaf.text in self._seen or spec.is_constrained
        self._seen.add(leaf.text)
        language = self._machines.of_token(spec, self._template.separators)
        machine = language.machine
        for other in self._conditions.get(leaf.text, ()):
            machine = intersection(machine, other, self._machines.steps)
        if leaf.text in self._fixed:
            value = spec.written(self._fixed[leaf.text])
            machine = of_text(value) if machine.fits(value) else EMPTY
        self._doubts.update((f"{leaf.text}: {doubt}", None) for doubt in language.doubts)
        self._machines.steps.left -= len(machine.edges)
        number = self._part(leaf.text, *lengths_of(machine), is_always)
        end = draft.copy(begin, machine, number)
        return draft.jump(end, draft.state(), CONSTRAINED if is_fixed else FREE)

    def _part(self, token: str, least: int, most: int | None, is_always: bool) -> int:
        """Add a leaf, and return the number of the part that it writes."""
        self._bounds.append(LeafBounds(token, least, most, is_always))
        number = len(self._bounds)
        if token in self._repeats:
            self._repeats[token].append(number)
        return number

    def _owner(self, draft: MachineDraft, begin: int, name: str, leaves: Sequence[Leaf], depth: int) -> int:
        """Write a token that other tokens write; it may have an expression too."""
        spec = self._template.spec(name)
        is_first = name not in self._seen
        weight = CONSTRAINED if is_first and spec.is_constrained else 0
        self._seen.add(name)
        others = list(self._conditions.get(name, ()))
        # Where a token stands again, the same values write it as the first time.
        if is_first and spec.fits() is not None:
            language = self._machines.of_token(spec, self._template.separators)
            self._doubts.update((f"{name}: {doubt}", None) for doubt in language.doubts)
            others.append(language.machine)
        if not others:
            end = self._write(draft, begin, leaves, depth + 1)
        else:
            inner = MachineDraft()
            first = inner.state()
            machine = inner.machine(first, self._write(inner, first, leaves, depth + 1))
            for other in others:
                machine = intersection(machine, other, self._machines.steps)
            end = draft.copy(begin, machine)
        return draft.jump(end, draft.state(), weight)


def _condition_machines(view: ResolvedContext) -> tuple[dict[str, list[Machine]], tuple[str, ...]]:
    """Return token -> the machines that its value must fit so that ``when`` leads to this variant, and what is in doubt."""
    machines: dict[str, list[Machine]] = {}
    doubts: list[str] = []
    always = view.template.always_tokens
    for condition in view.conditions:
        takes_part = condition.plugin in view.variant
        for token, texts in condition.wants.items():
            if token not in always or not (takes_part or len(condition.wants) == 1):
                doubts.append(f"when: whether {condition.plugin.name} takes part can't be told from states")
            elif takes_part:
                machines.setdefault(token, []).append(of_texts(map(view.template.spec(token).written, sorted(texts))))
            else:
                machines.setdefault(token, []).append(opposite_of_texts(map(view.template.spec(token).written, sorted(texts))))
    return machines, tuple(dict.fromkeys(doubts))
