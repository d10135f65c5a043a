"""The index of auto-find: which Contexts a text may be of.

Where all plugins come from compiled sheets, the tables of these tell which places a text may be of, and nothing else is made.
Else, or once all Contexts have to be known, a :class:`Matcher` narrows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from ways.assets.reading import SHARES, Candidate, Rank, greatest_rank, mismatches, rank, read_match, readings, split
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.contexts.state import RegistryView
from ways.contexts.view import ResolvedContext, VariantMismatch
from ways.errors import MatchTimeoutError, PatternError, WaysError
from ways.hierarchy import Hierarchy
from ways.lightweight import CollectorPause, cached_property
from ways.pattern.pattern import Pattern
from ways.pattern.template import SEPARATORS
from ways.plugins.nearby import nearby_places
from ways.plugins.plugin import DataPlugin
from ways.regex.budget import TimeBudget, Watch, out_of_time, question_is_over

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, NamedTuple

    from ways.pattern.literals import NamedItems, Names
    from ways.pattern.matcher import Matcher
    from ways.pattern.segments import MatchShape
    from ways.pattern.skeletons import Skeleton, Skeletons
else:
    from ways.lightweight import NamedTuple


#: What stands before the first token or optional part of a mapping.
_START = re.compile(r"[^\[\]{}]*")


class Target:
    """What a text may be found to be of: a Context in one of its variants."""

    __slots__ = ("context", "view", "quick_pattern", "skeleton", "_refuses")

    def __init__(self, context: Context, view: ResolvedContext) -> None:
        self.context = context
        self.view = view
        #: What reads a text in one match: ``None`` until it is first needed; ``False`` where values select the variant,
        #: or a match alone doesn't decide.
        self.quick_pattern: Pattern | Literal[False] | None = None
        #: Whether its pattern says at once of most texts that they don't fit; ``None`` until a text comes near.
        self._refuses: bool | None = None
        #: What its mapping shares with others, once a group was made of it.
        self.skeleton: Skeleton | None = None

    @property
    def place(self) -> str:
        """The hierarchy, as text."""
        return Hierarchy.of(self.context.hierarchy).text

    @property
    def names(self) -> Names:
        """What stands in each text which fits in any tier; nothing of a path of Windows, whose texts have several forms."""
        view = self.view
        from ways.pattern.literals import Names, names_in

        return Names() if view.is_windows_path or not isinstance(view.mapping, str) else names_in(view.mapping, view.syntax)

    def is_readable(self, shapes: Skeletons) -> bool:
        """Whether there is a mapping that can be read; a group has no other Contexts."""
        return _shape(self.view, shapes) is not None

    def find_quick_pattern(self) -> Pattern | Literal[False]:
        """Return :attr:`quick_pattern`, made now."""
        try:
            pattern = self.context.pattern_of(self.view) or self.view.text_pattern(self.context.patterns)
        except WaysError:
            pattern = None
        # Among several, one that the pattern can't refuse in one match may fit too.
        self.quick_pattern = pattern if pattern is not None and pattern.can_refuse else False
        return self.quick_pattern

    @property
    def pattern(self) -> Pattern:
        """What reads a text as a whole and in every value.

        :raises PatternError: the mapping can't be read.
        """
        return self.view.strict_pattern(self.context.patterns)

    def read(self, text: str, tier: str) -> list[Candidate]:
        """Return the ways in which *text* fits in this tier.

        :raises MatchTimeoutError: matching takes too long.
        """
        try:
            if tier == "c" and not split(self.view.template.mapping, text):
                return []
            with TimeBudget(self.view.state.limits, SHARES[tier]):
                return readings(self.context, self.view, text, tier)
        except PatternError:
            return []

    def rank(self, present: frozenset[int]) -> Rank:
        """Return how much the mapping says with these optional parts."""
        return rank(self.view.template, present)

    def mismatches(self, text: str) -> list[VariantMismatch]:
        """Return the ways in which *text* fits in all but the values that this variant is of."""
        try:
            with TimeBudget(self.view.state.limits):
                return mismatches(self.context, self.view, text)
        except WaysError:
            return []

    def match_strict(self, text: str) -> list[Candidate]:
        """Return the ways in which *text* fits as a whole and in every value.

        :raises MatchTimeoutError: matching takes too long.
        """
        if self._refuses is None:
            if not self._may_start(text):
                return []
            # The pattern is compiled when the first text comes near.
            try:
                pattern = self.context.pattern_of(self.view) or self.view.text_pattern(self.context.patterns)
                self._refuses = pattern is not None and pattern.refuses_at_once
            except WaysError:
                self._refuses = False
        return self._match_at_once(text) if self._refuses else self.read(text, "a")

    def _may_start(self, text: str) -> bool:
        """Whether *text* begins as the mapping does, up to its first token or part: on another platform most texts don't."""
        view = self.view
        start = _START.match(view.get_mapping())[0]  # type: ignore[index]
        if not view.is_windows_path:
            return text.startswith(start)
        from ways.pattern.windows import lower

        return lower(text.replace("/", "\\")).startswith(lower(start.replace("/", "\\")))

    def _match_at_once(self, text: str) -> list[Candidate]:
        """Read a text as a variant of a Context whose pattern reads most texts in one match."""
        view = self.view
        pattern = view.pattern or self.pattern
        try:
            match = pattern.match_at_once(text)
        except MatchTimeoutError:
            return self.read(text, "a")
        if match is not None:
            candidate = read_match(self.context, view, pattern, match)
            # Where one pattern serves all variants, the one that the values select has it.
            return [candidate] if candidate.view is view else []
        return self.read(text, "a") if text[-1:] in SEPARATORS else []


class TargetGroup:
    """Contexts that are looked at together."""

    def __init__(self, targets: Iterable[Target]) -> None:
        # Most processes ask the tables of compiled sheets.
        from ways.pattern.matcher import Matcher
        from ways.pattern.skeletons import Skeletons

        shapes = Skeletons()
        made = ((_shape(target.view, shapes), target) for target in targets)
        #: The Contexts whose mapping can be read, each with its shape.
        self.shapes = [(shape, target) for shape, target in made if shape is not None]
        self.targets = [target for _, target in self.shapes]
        for shape, target in self.shapes:
            target.skeleton = shape.skeleton
        self.matcher = Matcher(self.shapes)
        #: Whether some of them read a text in several forms, as a path of Windows.
        self.has_forms = any(target.view.is_windows_path for target in self.targets)

    @property
    def find(self) -> Callable[[str], list[Target]]:
        """Gives what a text may fit strictly as it is."""
        return self._in_each_form if self.has_forms else self.matcher.candidates

    def read(self, text: str, tier: str) -> list[Candidate]:
        """Return every way in which *text* fits in this tier.

        :raises MatchTimeoutError: matching takes too long, of a Context that might win over the others.
        """
        if tier != "a":
            # The matcher serves the strict tier: in the others a token may hold more than its expression allows.
            return read_by_each(text, self._by_names.near(text), lambda target: target.read(text, tier))
        near = self.near(text)
        if len(near) == 1:
            return near[0].match_strict(text)
        return read_by_each(text, near, lambda target: target.match_strict(text))

    @cached_property
    def _by_names(self) -> NamedItems[Target]:
        from ways.pattern.literals import NamedItems

        return NamedItems((target.names, target) for target in self.targets)

    def read_each(self, text: str, tier: str) -> list[tuple[Target, list[Candidate] | WaysError]]:
        """Return each Context that *text* fits in this tier, with the ways in which it does, or the error that prevents an answer."""
        return _readings_of_each(self.candidates(text) if tier == "a" else self._by_names.near(text), text, tier)

    def near(self, text: str) -> list[Target]:
        """Return what *text* may fit, and if it ends with a separator, also without that."""
        return self.candidates(text) if text[-1:] in SEPARATORS else self.find(text)

    def candidates(self, text: str) -> list[Target]:
        """Return what *text* may fit, with or without its last character."""
        return list(dict.fromkeys((*self.find(text), *self.find(text[:-1]))))

    def near_conditional(self, text: str) -> list[Target]:
        """Return the same as :meth:`near`, but only the variants that values select."""
        matcher = self._conditional
        if matcher is None:
            return []
        texts = (text, text[:-1]) if text[-1:] in SEPARATORS else (text,)
        return list(dict.fromkeys(target for tried in texts for target in self._found(matcher, tried)))

    @cached_property
    def _conditional(self) -> Matcher[Target] | None:
        from ways.pattern.matcher import Matcher

        shapes = [(shape, target) for shape, target in self.shapes if target.view.conditions]
        return Matcher(shapes) if shapes else None

    def _in_each_form(self, text: str) -> list[Target]:
        return self._found(self.matcher, text)

    def _found(self, matcher: Matcher[Target], text: str) -> list[Target]:
        if not self.has_forms:
            return matcher.candidates(text)
        from ways.pattern.windows import index_forms

        return list(dict.fromkeys(target for form in index_forms(text) for target in matcher.candidates(form)))


class Survey(NamedTuple):
    """Every variant of a Context with a mapping of its own, in the order of registration."""

    #: Those that texts are found to be of; the ones in layers with priority come first.
    searched: list[Target]
    #: Those that ``search: false`` leaves out, of the layers with priority: found only where they are named.
    unsearched: list[Target]
    #: Those that would be searched, but whose mapping comes to nothing, or can't be read.
    unread: list[Target]


class Index:
    """Which Contexts a text may be of, for one view of the registry. Built at first need, unless tables answer.

    :param state: that of this moment, or another of the same plugins: as a platform sees them, or with other priorities.
    :param assignment: consider only the Contexts of this layer.
    """

    def __init__(self, pool: ContextPool, state: RegistryView, assignment: str = "") -> None:
        self._pool = pool
        self._state = state
        self._assignment = assignment
        #: The layers with priority.
        self._active = frozenset(state.assignments(""))
        #: What stands at the places that were near a text so far.
        self._known: dict[str, list[Target]] = {}
        #: What finds places in compiled sheets; it serves as long as not all Contexts have to be known.
        self._nearby = (
            None if assignment or state.snapshot.aliases else nearby_places(state.snapshot.plugins, self._may_count, self._targets_of)
        )
        self._groups: list[TargetGroup] | None = None

    @property
    def is_on_disk(self) -> bool:
        """Whether the tables of compiled sheets answer: nothing is known then but the places near the texts so far."""
        return self._groups is None and self._nearby is not None

    @property
    def is_ready(self) -> bool:
        """Whether an answer needs no look at every plugin."""
        return self._groups is not None or self._nearby is not None

    @property
    def plugins(self) -> Sequence[DataPlugin]:
        """Every plugin there is."""
        return self._state.snapshot.plugins

    @property
    def is_whole(self) -> bool:
        """Whether a text that fits none of the first group fits nothing at all, strictly."""
        if self._groups is not None:
            return not any(group.targets for group in self._groups[1:])
        return self._assignment != "" or self._state.is_strict or self._active.issuperset(self._state.snapshot.assignments)

    @property
    def groups(self) -> list[TargetGroup]:
        """The form in memory. A later group is tried only if nothing in the groups before it fits."""
        if self._groups is None:
            self._groups = self._first_groups
        return self._groups

    @cached_property
    def _first_groups(self) -> list[TargetGroup]:
        # Of two threads that need them at once, both use those that were made first: a target is known by identity.
        with CollectorPause():
            return [TargetGroup(targets) for targets in self.layers()]

    @property
    def matcher(self) -> Matcher[Target] | None:
        """What narrows the first group, of texts as they are; ``None`` while tables answer, or texts have several forms."""
        return None if self.is_on_disk or self.groups[0].has_forms else self.groups[0].matcher

    def candidates(self, text: str) -> list[Target]:
        """Return the targets of the first group that *text* may fit as it is; perhaps some more."""
        # Another thread may find meanwhile that a table is damaged.
        nearby = self._nearby
        if self._groups is None and nearby is not None:
            try:
                found = nearby.near(text)
                if nearby.is_valid:
                    return found
            except ValueError:
                # A compiled sheet is damaged, and read from its file now.
                pass
            self._nearby = None
        return self.groups[0].find(text)

    def _targets_of(self, places: Iterable[str]) -> list[Target]:
        for place in places:
            if place not in self._known:
                # One whose mapping comes to nothing fits no text, not even an empty one.
                targets = self.targets_at(Hierarchy.of(place), self._assignment)
                self._known[place] = [target for target in targets if isinstance(target.view.mapping, str) and target.view.mapping]
        return [target for place in places for target in self._known[place]]

    def _may_count(self, layer: str, platforms: frozenset[str] | None) -> bool:
        """Whether a plugin of a layer, and of these platforms, takes part for some values."""
        settings = self._state.settings
        is_here = platforms is None or settings.platform.lower() in platforms
        return layer in self._active and settings.knows_platform and is_here

    def near(self, text: str) -> Iterable[Target]:
        """Return what *text* may fit, with or without one separator at its end; while tables answer, as far as they can."""
        if self._groups is not None:
            return [target for group in self._groups for target in group.near(text)]
        return dict.fromkeys((*self.candidates(text), *(self.candidates(text[:-1]) if text[-1:] in SEPARATORS else ())))

    def near_conditional(self, text: str) -> Iterable[Target]:
        """Return the same as :meth:`near`, but only the variants that values select."""
        if self._groups is not None:
            return [target for group in self._groups for target in group.near_conditional(text)]
        return [target for target in self.near(text) if target.view.conditions]

    def survey(self) -> Survey:
        """Return every target there is. No matcher is made for it."""
        if not (self.is_on_disk and self.is_whole):
            targets = [target for group in self.groups for target in group.targets]
            known = {(target.context, target.view.variant) for target in targets}
            unread = [target for layer in self.layers() for target in layer if (target.context, target.view.variant) not in known]
            return Survey(targets, list(self._with_mapping(self._assignment, searched=False)), unread)
        from ways.pattern.skeletons import Skeletons

        survey = Survey([], [], [])
        shapes = Skeletons()
        with CollectorPause():
            for place in self._state.snapshot.places:
                there = list(self.targets_at(place, "", searched=None))
                survey.unsearched.extend(target for target in there if not target.view.is_searched)
                # The targets that a text found; those that no text can be of are not among them.
                found = {target.view.variant: target for target in self._known.get(place.text, ())}
                for target in [found.get(target.view.variant, target) for target in there if target.view.is_searched]:
                    shape = _shape(target.view, shapes)
                    (survey.unread if shape is None else survey.searched).append(target)
                    target.skeleton = shape.skeleton if shape is not None else None
        return survey

    def read_each(self, text: str, tier: str) -> list[list[tuple[Target, list[Candidate] | WaysError]]]:
        """Return, of each group, each Context that *text* fits in this tier; see :meth:`TargetGroup.read_each`."""
        if tier == "a" and self.is_on_disk and self.is_whole:
            near = list(dict.fromkeys((*self.candidates(text), *self.candidates(text[:-1]))))
            if self.is_on_disk:
                return [_readings_of_each(near, text, tier)]
        return [group.read_each(text, tier) for group in self.groups]

    @cached_property
    def outside(self) -> list[tuple[str, TargetGroup]]:
        """Each layer without priority, and the Contexts of its places, where these are not among :attr:`groups`.

        They are as with that layer last in WAYS_PRIORITY: alone, its relative plugins would lack what they build on.
        """
        if self._assignment or not self._state.is_strict:
            return []
        return [(layer, TargetGroup(self._with_layer(layer, places))) for layer, places in self._other_layers().items()]

    def _with_layer(self, layer: str, places: Iterable[Hierarchy]) -> Iterator[Target]:
        there = Index(self._pool, self._state.with_layer(layer))
        return (target for place in places for target in there.targets_at(place, ""))

    def layers(self) -> tuple[Iterable[Target], ...]:
        """Return the Contexts of each group, in the order of registration, those too whose mapping can't be read."""
        # Contexts over all assignments with priority come first; those of other assignments serve where these don't.
        if self._assignment:
            return (self._with_mapping(self._assignment),)
        return (self._with_mapping(""), () if self._state.is_strict else self._without_priority())

    def _without_priority(self) -> Iterator[Target]:
        return (target for layer, places in self._other_layers().items() for place in places for target in self.targets_at(place, layer))

    def _other_layers(self) -> dict[str, list[Hierarchy]]:
        """Return each layer without priority, with the places at which its plugins stand, in the order of registration."""
        names = sorted(self._state.snapshot.assignments - set(self._state.assignments("")))
        others: dict[str, list[Hierarchy]] = {name: [] for name in names}
        for place, there in self._state.snapshot.places.items() if others else ():
            for name in there:
                if name in others:
                    others[name].append(place)
        return others

    def _with_mapping(self, assignment: str, *, searched: bool = True) -> Iterator[Target]:
        """Yield the Contexts whose own plugins have a mapping, in the order of registration; or those that aren't searched."""
        return (target for place in self._state.snapshot.places for target in self.targets_at(place, assignment, searched=searched))

    def targets_at(self, place: Hierarchy, assignment: str, *, searched: bool | None = True) -> Iterator[Target]:
        """Yield the variants of a place that are searched; or those that aren't, or both."""
        everything = self._state.resolver(assignment, None)
        # An alias hides the place it covers, and is found only when it is named.
        if not place or place in self._state.snapshot.aliases or not place.is_legal or not everything.has_own_mapping(place):
            return
        context = self._pool.at(place, assignment, self._state.snapshot)
        if context is not None:
            # Without conditions the Context has the mapping that its plugins have.
            variants = context.view_in(self._state).variants
            with_mapping = (view for view in variants if not view.conditions or view.has_own_mapping)
            yield from (Target(context, view) for view in with_mapping if searched is None or view.is_searched is searched)


def read_by_each(text: str, targets: Iterable[Target], read: Callable[[Target], list[Candidate]]) -> list[Candidate]:
    """Return the readings of a text by each of *targets*. If matching one takes too long, nothing is guessed about it.

    :raises MatchTimeoutError: matching one takes too long, and none of the others wins over it in any case.
    """
    candidates: list[Candidate] = []
    late: list[Target] = []
    first: MatchTimeoutError | None = None
    watch = Watch()
    for target in targets:
        if watch.is_up():
            late.append(target)
            continue
        try:
            candidates += read(target)
        except MatchTimeoutError as error:
            late.append(target)
            first = first or error.with_traceback(None)
    if late and not outranks(candidates, late):
        if question_is_over() or first is None:
            raise out_of_time(text, first.pattern if first is not None else late[0].view.get_mapping(), len(late))
        raise first
    return candidates


def _readings_of_each(targets: Iterable[Target], text: str, tier: str) -> list[tuple[Target, list[Candidate] | WaysError]]:
    answers: list[tuple[Target, list[Candidate] | WaysError]] = []
    for target in targets:
        try:
            candidates = target.read(text, tier)
        except WaysError as error:
            answers.append((target, error))
        else:
            answers += [(target, candidates)] if candidates else []
    return answers


def outranks(candidates: Iterable[Candidate], late: Iterable[Target]) -> bool:
    """Whether the best of *candidates* wins over any reading by one of *late*."""
    best = max((candidate.rank for candidate in candidates), default=None)
    return best is not None and all(best > greatest_rank(target.view.template) for target in late)


def _shape(view: ResolvedContext, shapes: Skeletons) -> MatchShape | None:
    """Return what the matcher needs to know of a variant; ``None`` where it has no mapping that can be read."""
    try:
        return view.shape(shapes) if view.mapping else None
    except WaysError:
        return None
