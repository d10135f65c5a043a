"""Mapping to machines: the texts that fit it strictly, as a whole and in every value.

A mapping with optional parts that depend on each other has one machine for each choice of these. On each way through a
machine the weights add up to the rank of that reading, as one number that compares as ranks do.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ways.check.equal_values import Place, lengths_of
from ways.contexts.view import ResolvedContext
from ways.regex.automata import Language, language_of
from ways.check.choices import Chosen, choices_of
from ways.regex.machine import ANYTHING, Machine, MachineDraft, intersection, of_texts, opposite_of_texts
from ways.regex.parse_tree import TooLargeError
from ways.errors import WaysError
from ways.pattern.builder import free_expression
from ways.pattern.pattern import STRICT
from ways.pattern.template import Frame, Leaf, Template
from ways.pattern.token import TokenSpec

#: Mappings whose machines are held at most: one takes about 50 kB.
MOST_HELD = 1_000
#: What a literal character, a constrained token and a free one count, so that sums compare as ranks do.
LITERAL, CONSTRAINED, FREE = 1 << 40, 1 << 20, -1


class Shape(NamedTuple):
    """The texts of a mapping with some of its optional parts."""

    machine: Machine
    #: Why the machine may take more texts than the mapping does; repeated tokens aside.
    doubts: tuple[str, ...]
    #: The leaves that its texts are written by; the edges of the machine have their numbers, from 1.
    places: tuple[Place, ...]
    #: Token that stands more than once -> the number of each of its places.
    repeats: dict[str, tuple[int, ...]]


class Languages:
    """Makes the machines of mappings; what is written alike is made once."""

    def __init__(self) -> None:
        self._tokens: dict[tuple[object, ...], Language] = {}
        self._shapes: dict[ResolvedContext, list[Shape]] = {}

    def shapes(self, view: ResolvedContext, fixed: Mapping[str, str]) -> list[Shape]:
        """Return the texts that fit a view; none where its mapping can't be read, or no text can fit.

        :param fixed: the only value of some tokens.
        """
        if fixed:
            return self._made(view, fixed)
        held = self._shapes.get(view)
        if held is None:
            if len(self._shapes) >= MOST_HELD:
                self._shapes.clear()
            held = self._shapes[view] = self._made(view, fixed)
        return held

    def _made(self, view: ResolvedContext, fixed: Mapping[str, str]) -> list[Shape]:
        try:
            template = view.template
            wanted = _wanted(view)
            made = [_Writing(self, template, chosen, wanted, fixed) for chosen in choices_of(template)]
            shapes = [writing.shape(bool(view.resolved.path)) for writing in made]
        except (WaysError, re.error):
            # What can't be read fits no text.
            return []
        return [shape for shape in shapes if not shape.machine.is_empty]

    def of_leaves(self, template: Template, leaves: Sequence[Leaf]) -> Machine:
        """Return the texts of some leaves of a mapping, or a few more: what their owners say counts for nothing."""
        plain = [leaf._replace(frames=tuple(frame for frame in leaf.frames if not frame.name)) for leaf in leaves]
        return _Writing(self, template, Chosen(), _Wanted(), {}, plain).shape(False).machine

    def of_token(self, spec: TokenSpec, separators: str) -> Language:
        """Return the texts that a token may hold.

        :raises PatternError: its expression is no regular expression.
        """
        key = key_of(spec, separators)
        held = self._tokens.get(key)
        if held is None:
            try:
                held = _of_token(spec, separators)
            except TooLargeError:
                held = Language(ANYTHING, ("it is too large",))
            self._tokens[key] = held
        return held


def key_of(spec: TokenSpec, separators: str) -> tuple[object, ...]:
    """Return what decides which texts a token may hold."""
    return (spec.own_expression, spec.format, spec.is_sequence, tuple(text for _, text in spec.choices), separators)


def _of_token(spec: TokenSpec, separators: str) -> Language:
    fits = spec.fits()
    if spec.choices:
        return Language(of_texts(text for _, text in spec.choices if fits is None or fits(text)))
    written = [expression for expression in (spec.own_expression, spec.kind and spec.kind.expression) if expression is not None]
    if not written:
        return language_of(free_expression(separators, STRICT))
    found = language_of(written[0])
    for other in map(language_of, written[1:]):
        found = Language(intersection(found.machine, other.machine), (*found.doubts, *other.doubts))
    if spec.kind and not spec.kind.is_exact:
        return Language(found.machine, (*found.doubts, f"the format {spec.format} fits fewer texts than can be said by states"))
    return found


class _Writing:
    """Writes the machine of one choice of the optional parts of a mapping."""

    def __init__(
        self,
        languages: Languages,
        template: Template,
        chosen: Chosen,
        wanted: _Wanted,
        fixed: Mapping[str, str],
        leaves: Sequence[Leaf] | None = None,
    ) -> None:
        self._languages = languages
        self._template = template
        self._chosen = chosen
        self._wanted = wanted
        self._fixed = fixed
        self._doubts: dict[str, None] = dict.fromkeys((*chosen.doubts, *wanted.doubts))
        self._leaves = [leaf for leaf in leaves or template.leaves if chosen.absent.isdisjoint(leaf.options)]
        counts = Counter(leaf.text for leaf in self._leaves if leaf.is_token)
        self._repeats: dict[str, list[int]] = {name: [] for name, count in counts.items() if count > 1}
        self._places: list[Place] = []
        self._seen: set[str] = set()

    def shape(self, is_path: bool) -> Shape:
        draft = MachineDraft()
        begin = draft.state()
        try:
            end = self._write(draft, begin, self._leaves, 0)
            if is_path:
                # A file path may have one separator more at its end.
                last = draft.state()
                number = self._place("", 0, 1, False)
                for separator in self._template.separators:
                    draft.jump(draft.copy(end, of_texts([separator]), number), last)
                end = draft.jump(end, last)
            machine = draft.machine(begin, end)
        except TooLargeError:
            machine, self._doubts = ANYTHING, {"it is too large": None}
        repeats = {name: tuple(places) for name, places in self._repeats.items()}
        return Shape(machine, tuple(self._doubts), tuple(self._places), repeats)

    def _write(self, draft: MachineDraft, begin: int, leaves: Sequence[Leaf], depth: int) -> int:
        for frame, group in _grouped(leaves, depth):
            if frame is None:
                begin = self._leaf(draft, begin, group[0])
            elif frame.name:
                begin = self._owner(draft, begin, frame.name, group, depth)
            elif frame.number in self._chosen.present:
                begin = self._write(draft, begin, group, depth + 1)
            else:
                end = draft.jump(begin, draft.state())
                begin = draft.jump(self._write(draft, begin, group, depth + 1), end)
        return begin

    def _leaf(self, draft: MachineDraft, begin: int, leaf: Leaf) -> int:
        is_sure = self._chosen.present.issuperset(leaf.options)
        if not leaf.is_token:
            number = self._place("", len(leaf.text), len(leaf.text), is_sure)
            end = draft.copy(begin, of_texts([leaf.text]), number)
            return draft.jump(end, draft.state(), LITERAL * len(leaf.text))
        spec = self._template.spec(leaf.text)
        is_fixed = leaf.text in self._seen or spec.is_constrained
        self._seen.add(leaf.text)
        machine = self._token(spec)
        number = self._place(leaf.text, *lengths_of(machine), is_sure)
        end = draft.copy(begin, machine, number)
        return draft.jump(end, draft.state(), CONSTRAINED if is_fixed else FREE)

    def _token(self, spec: TokenSpec) -> Machine:
        language = self._languages.of_token(spec, self._template.separators)
        machine = language.machine
        for other in self._wanted.of(spec.name):
            machine = intersection(machine, other)
        if spec.name in self._fixed:
            value = self._fixed[spec.name]
            machine = of_texts([value] if machine.fits(value) else [])
        self._doubts.update((f"{spec.name}: {doubt}", None) for doubt in language.doubts)
        return machine

    def _place(self, token: str, least: int, most: int | None, is_sure: bool) -> int:
        self._places.append(Place(token, least, most, is_sure))
        number = len(self._places)
        if token in self._repeats:
            self._repeats[token].append(number)
        return number

    def _owner(self, draft: MachineDraft, begin: int, name: str, leaves: Sequence[Leaf], depth: int) -> int:
        """Write a token that others write, and that may have an expression too."""
        spec = self._template.spec(name)
        is_first = name not in self._seen
        weight = CONSTRAINED if is_first and spec.is_constrained else 0
        self._seen.add(name)
        others = list(self._wanted.of(name))
        # The second place of a token is written by the same values as the first.
        if is_first and spec.fits() is not None:
            language = self._languages.of_token(spec, self._template.separators)
            self._doubts.update((f"{name}: {doubt}", None) for doubt in language.doubts)
            others.append(language.machine)
        if not others:
            end = self._write(draft, begin, leaves, depth + 1)
        else:
            inner = MachineDraft()
            first = inner.state()
            machine = inner.machine(first, self._write(inner, first, leaves, depth + 1))
            for other in others:
                machine = intersection(machine, other)
            end = draft.copy(begin, machine)
        return draft.jump(end, draft.state(), weight)


def _grouped(leaves: Sequence[Leaf], depth: int) -> Iterator[tuple[Frame | None, list[Leaf]]]:
    """Yield neighbouring leaves by what they stand in at some depth; one that stands in nothing alone."""
    for frame, some in itertools.groupby(leaves, lambda leaf: leaf.frames[depth] if len(leaf.frames) > depth else None):
        if frame is None:
            yield from ((None, [leaf]) for leaf in some)
        else:
            yield frame, list(some)


class _Wanted(NamedTuple):
    """What the plugins that say ``when`` ask of the values of a variant."""

    machines: dict[str, list[Machine]] = {}
    doubts: tuple[str, ...] = ()

    def of(self, token: str) -> Iterable[Machine]:
        """Return the machines that a token's value must fit."""
        return self.machines.get(token, ())


def _wanted(view: ResolvedContext) -> _Wanted:
    machines: dict[str, list[Machine]] = {}
    doubts: list[str] = []
    always = view.template.always_tokens
    for condition in view.conditions:
        takes_part = condition.plugin in view.variant
        for token, texts in condition.wants.items():
            if token not in always or not (takes_part or len(condition.wants) == 1):
                doubts.append(f"when: whether {condition.plugin.name} takes part can't be told from states")
            elif takes_part:
                machines.setdefault(token, []).append(of_texts(texts))
            else:
                machines.setdefault(token, []).append(opposite_of_texts(texts))
    return _Wanted(machines, tuple(dict.fromkeys(doubts)))
