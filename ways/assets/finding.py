"""Finding: which Context fits this text, or these values; and the Asset of a text, where one match decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ways.assets.asset import Asset, asset_of_match, asset_of_several, first_asset_of
from ways.assets.index import Index, Target, read_by_each
from ways.assets.reading import STRICT_TIERS, TIERS, Candidate, one_reading, rank
from ways.assets.rules import leaves_of, texts_by_rules
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.contexts.state import RegistryView
from ways.contexts.view import ResolvedContext
from ways.errors import AmbiguousContextError, ContextNotFoundError, MatchTimeoutError, PatternError, WaysError
from ways.lightweight import cached_property
from ways.pattern.pattern import Pattern
from ways.pattern.solve import find_value, given_values
from ways.pattern.template import SEPARATORS, Template
from ways.regex.budget import Question, TimeBudget, in_a_moment, out_of_time, question_is_over
from ways.settings import parse_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, TypeVar
    from ways.assets.quick import QuickReader
    from ways.pattern.matcher import AtDepth, Matcher

    Answer = TypeVar("Answer")


class Finder:
    """Finds the Context of a text or of values, in one state of the world. The arguments are those of :class:`Index`."""

    def __init__(self, pool: ContextPool, state: RegistryView, assignment: str = "") -> None:
        self._state = state
        #: Whether the world is still in that state.
        self.is_live = state.is_live
        #: Whether only texts that fit strictly count, where nothing else is said.
        self.is_strict = state.is_strict
        #: Characters of a text at most.
        self._longest = state.limits.text
        self._patterns = pool.patterns
        self.index = Index(pool, state, assignment)
        self._read: Callable[[str], Candidate | Literal[False] | None] | None = None
        #: What all texts are cut at, once all Contexts are known, if one separator serves for all.
        self._separator: str | None = None
        self._matcher: Matcher[Target] | None = None
        #: Gives what a text may fit, where there is no such separator; ``None`` until all Contexts are known.
        self._find: Callable[[str], list[Target]] | None = None
        self._depths: dict[int, AtDepth[Target]] = {}

    # --- the Asset of a text, where one match decides

    def asset_of(self, text: Any) -> Asset | Literal[False] | None:
        """Return the Asset of a text that one Context alone fits strictly.

        ``False`` where no Context with priority does, and ``None`` where :meth:`find_text` has to answer.
        """
        if type(text) is not str or len(text) > self._longest:
            return None
        try:
            if self._separator is None:
                find_targets = self._find
                targets = self._first_find(text) if find_targets is None else find_targets(text)
                if len(targets) != 1:
                    return asset_of_several(text, in_a_moment(_quick_patterns(targets)))
                target = targets[0]
            else:
                segments = text.split(self._separator)
                key_of, single, find, items = self._depths.get(len(segments)) or self._at_depth(len(segments))
                one = single(key_of(segments))
                if one is None:
                    numbers = find(segments)
                    if len(numbers) != 1:
                        return asset_of_several(text, in_a_moment(_quick_patterns([items[number] for number in numbers])))
                    one = items[numbers[0]]
                target = one
            pattern = target.quick_pattern or target.find_quick_pattern()
            # With a separator at its end a text may fit another Context without it, too.
            if pattern is False or text[-1:] in SEPARATORS:
                return None
            match_warm = pattern.match_warm
            match = match_warm(text)
            if match is None:
                return first_asset_of(text, pattern, target.context, match_warm)
            return asset_of_match(match, pattern, target.context)
        except MatchTimeoutError:
            # A match takes longer than it may here.
            return None

    def _first_find(self, text: str) -> list[Target]:
        """Return what a text may fit as it is, and get ready for the next text."""
        targets = self.index.candidates(text)
        if not self.index.is_on_disk:
            self._find = self.index.groups[0].find
            self._matcher = self.index.matcher
            self._separator = self._matcher.separator if self._matcher is not None else None
        return targets

    def _at_depth(self, length: int) -> AtDepth[Target]:
        assert self._matcher is not None
        at_depth = self._depths[length] = self._matcher.at_depth(length)
        return at_depth

    # --- the Context of a text

    @property
    def is_whole(self) -> bool:
        """Whether a text that fits no Context with priority strictly fits none at all."""
        return self.index.is_whole

    @cached_property
    def quick_reader(self) -> QuickReader:
        """What reads many texts quickly. It takes a look at every plugin."""
        from ways.assets.quick import QuickReader

        return QuickReader(self.index, self._patterns, self._longest)

    def read_at_once(self, text: str) -> Candidate | Literal[False] | None:
        """Return the one strict reading of a text among Contexts with priority.

        ``False`` where it fits none of them, and ``None`` where :meth:`find_text` has to answer.
        """
        read = self._read
        if read is None:
            if self.index.is_on_disk:
                return None
            read = self._read = self.quick_reader.read
        return read(text)

    @property
    def contexts(self) -> list[Context]:
        """Every Context that a text may be found to be of."""
        return list(dict.fromkeys(target.context for group in self.index.groups for target in group.targets))

    @cached_property
    def templates(self) -> list[Template]:
        """The mapping of every Context that a text may be found to be of, those of places above first."""
        targets = [target for group in self.index.groups for target in group.targets]
        targets.sort(key=lambda target: (target.context.hierarchy, target.context.assignment))
        return [target.view.template for target in targets]

    @cached_property
    def leaf_tokens(self) -> dict[str, None]:
        """The leaf tokens of :attr:`templates`; a dict for their order."""
        return dict.fromkeys(name for template in self.templates for name in template.leaf_tokens)

    @cached_property
    def all_tokens(self) -> dict[str, None]:
        """All tokens of :attr:`templates`, parents too; a dict for their order."""
        return dict.fromkeys(name for template in self.templates for name in template.all_tokens)

    def candidates(self, text: str, tier: str = "a") -> list[Candidate]:
        """Return every way in which *text* fits in a tier, those that others win over too."""
        with Question(self._state.limits):
            return self._candidates(text, tier)

    def _candidates(self, text: str, tier: str) -> list[Candidate]:
        return next((candidates for group in self.index.groups if (candidates := group.read(text, tier))), [])

    def find_text(self, text: str, tiers: Sequence[str] = TIERS) -> Candidate:
        """Return the one Context that *text* fits best, by the first tier in which any does.

        In a tier, Contexts of layers that WAYS_PRIORITY does not name count only where no other fits, and not at all where a
        sheet of ours is of the second syntax. Then more literal characters win, then more constrained tokens, then fewer
        free ones; of equal ranks, the one whose values are valid.

        :raises AmbiguousContextError: several fit equally well; it names them.
        :raises ContextNotFoundError: none fits.
        :raises MatchTimeoutError: of one that might win, matching takes too long.
        """
        found = self.read_at_once(text) if tiers and tiers[0] == "a" else None
        if found:
            return found
        with Question(self._state.limits):
            return self._find_text(text, tiers, found)

    def _find_text(self, text: str, tiers: Sequence[str], found: Literal[False] | None) -> Candidate:
        """Return the same.

        :param found: what :meth:`read_at_once` said.
        """
        if found is False and self.is_whole and tuple(tiers) == STRICT_TIERS:
            raise self.not_found(text, tiers)
        if self.index.is_on_disk and tuple(tiers[:1]) == STRICT_TIERS:
            first = read_by_each(text, self.index.near(text), lambda target: target.match_strict(text))
            if first:
                return first[0] if len(first) == 1 else highest_ranked(text, first)
            if self.is_whole and tuple(tiers) == STRICT_TIERS:
                raise self.not_found(text, tiers)
        for tier in tiers:
            for group in self.index.groups:
                candidates = group.read(text, tier)
                if candidates:
                    return candidates[0] if len(candidates) == 1 else highest_ranked(text, candidates)
        raise self.not_found(text, tiers)

    def not_found(self, text: str, tiers: Sequence[str]) -> ContextNotFoundError:
        """Return the error that says that *text* fits no Context in these tiers."""
        from ways.pattern.windows import refusal

        refused = refusal(text) if self._state.is_windows else ""
        if refused:
            return ContextNotFoundError(text, (), f"No place fits {text!r}. {refused}")
        kind = "" if tuple(tiers) == STRICT_TIERS else ", even leniently"
        notes = ""
        if self._state.snapshot.conditional:
            near = self.index.near_conditional(text)
            with Question(self._state.limits):
                notes = "".join(dict.fromkeys(f" {mismatch}" for target in near for mismatch in target.mismatches(text)))
        return ContextNotFoundError(text, (), f"No place fits {text!r}{kind}.{notes}{self._state.lack_of_plugins}")

    def find_values(self, values: Mapping[str, Any], works: Callable[[Context, ResolvedContext], bool]) -> Candidate:
        """Return the one Context that takes these values: each is valid, and no required token is left without one.

        :param works: whether an Asset of a Context can be made.
        :raises AmbiguousContextError: several do.
        :raises ContextNotFoundError: none does.
        :raises MatchTimeoutError: of one, it takes too long to tell.
        """
        strings = {name: str(value) for name, value in values.items()}
        taking = self._asked(values, lambda context: _taking(context, context.view_in(self._state), values))
        # Outside of the question: the class of a place may be the user's.
        candidates = [
            Candidate(context, strings, "a", rank(view.template), view) for context, view in taking if works(context, view)
        ]
        if not candidates:
            message = f"No Context takes the values {dict(values)!r}.{self._state.lack_of_plugins}"
            raise ContextNotFoundError(str(dict(values)), (), message)
        if len(candidates) == 1:
            return candidates[0]
        with Question(self._state.limits):
            return _only_valid(str(dict(values)), candidates)

    def _asked(self, values: Mapping[str, Any], ask: Callable[[Context], Answer | None]) -> list[Answer]:
        """Return what each Context answers, without those that answer ``None``; all of it is one question.

        :raises MatchTimeoutError: of one, that takes too long: without it the answer would be a guess.
        """
        contexts = self.contexts
        answers: list[Answer] = []
        with Question(self._state.limits):
            for number, context in enumerate(contexts):
                try:
                    answer = ask(context)
                except MatchTimeoutError as error:
                    if not question_is_over():
                        raise
                    raise out_of_time(str(dict(values)), error.pattern, len(contexts) - number) from None
                if answer is not None:
                    answers.append(answer)
        return answers

    def find_values_strictly(self, values: Mapping[str, Any]) -> Candidate:
        """Return the one Context that has all these tokens, whose rules all the values obey, and that needs no others.

        Of several, it is the one whose required tokens are exactly these. The values are as they are written.

        :raises AmbiguousContextError: several are left.
        :raises ContextNotFoundError: there is none.
        :raises MatchTimeoutError: of one, it takes too long to tell.
        """
        candidates = self._asked(values, lambda context: self._obeying(context, values))
        if len(candidates) > 1:
            exact = [candidate for candidate in candidates if _needs_exactly(candidate.view.template, candidate.values)]
            candidates = exact if len(exact) == 1 else candidates
        if not candidates:
            note = self._state.lack_of_plugins or " Name the Context: the error then says what is wrong with the values there."
            raise ContextNotFoundError(str(dict(values)), (), f"No Context takes exactly the values {dict(values)!r}.{note}")
        if len(candidates) > 1:
            raise AmbiguousContextError(str(dict(values)), candidates)
        return candidates[0]

    def _obeying(self, context: Context, values: Mapping[str, Any]) -> Candidate | None:
        try:
            view = context.view_in(self._state).variant_of(values, context.patterns)
            template = view.template
            if all(_stands_in(template, name) for name in values):
                return Candidate(context, texts_by_rules(context, view, values), "a", rank(template), view)
        except MatchTimeoutError:
            raise
        except WaysError:
            pass
        return None


def _quick_patterns(targets: Iterable[Target]) -> list[tuple[Pattern | Literal[False], Context]]:
    return [(target.quick_pattern or target.find_quick_pattern(), target.context) for target in targets]


def _stands_in(template: Template, name: str) -> bool:
    """Whether a token stands in the mapping, or all tokens that it is written by do."""
    return name in template.all_tokens or leaves_of(template, name).issubset(template.leaf_tokens)


def _needs_exactly(template: Template, texts: Iterable[str]) -> bool:
    """Whether the required tokens of the mapping are these: each as the tokens that write it in the end."""
    from ways.assets.missing import strictly_needed_tokens

    leaves = [frozenset().union(*(leaves_of(template, name) for name in names)) for names in (texts, strictly_needed_tokens(template))]
    return leaves[0] == leaves[1]


def _taking(context: Context, view: ResolvedContext, values: Mapping[str, Any]) -> tuple[Context, ResolvedContext] | None:
    return (context, view) if _takes(context, view, values) else None


def _takes(context: Context, view: ResolvedContext, values: Mapping[str, Any]) -> bool:
    from ways.contexts.parser import ContextParser

    try:
        with TimeBudget(context.pool.limits):
            variant = view.variant_of(values, context.patterns)
            if not variant.is_searched:
                return False
            parser = ContextParser.of(context, variant)
            specs = parser.template.all_specs
            given = given_values(values, parser.template)
            return all(parser.is_valid(name, value) for name, value in given.items() if name in specs)
    except (PatternError, AmbiguousContextError):
        return False


def highest_ranked(text: str, candidates: list[Candidate]) -> Candidate:
    """Return the candidate of the highest rank; of equal ones, the one whose values are valid.

    :raises AmbiguousContextError: several are left, or the best Context can be read in two ways.
    """
    contexts: dict[Context, list[Candidate]] = {}
    for candidate in candidates:
        contexts.setdefault(candidate.context, []).append(candidate)
    best = max(candidate.rank for candidate in candidates)
    leading = [some for some in contexts.values() if any(candidate.rank == best for candidate in some)]
    equal = [one_reading(text, some) for some in leading]
    return equal[0] if len(equal) == 1 else _only_valid(text, equal)


def _only_valid(text: str, equal: list[Candidate]) -> Candidate:
    """Return the only candidate whose values fit their tokens, by the engines of WAYS_PARSERS.

    :raises AmbiguousContextError: there is none, or several.
    """
    valid = [candidate for candidate in equal if is_valid(candidate)]
    if len(valid) == 1:
        return valid[0]
    raise AmbiguousContextError(text, valid or equal)


def is_valid(candidate: Candidate) -> bool:
    """Whether the values of a candidate fit their tokens, by the engines of WAYS_PARSERS.

    :raises MatchTimeoutError: matching takes too long.
    """
    from ways.contexts.parser import ContextParser

    with TimeBudget(candidate.context.pool.limits):
        parser = ContextParser.of(candidate.context, candidate.view)
        template, patterns = candidate.view.template, candidate.context.patterns
        # The mapping's own tokens count, parents too: their values follow from what the text was split into.
        named = {name: find_value(name, candidate.values, template, patterns) for name in template.tokens}
        values = {**candidate.values, **{name: value for name, value in named.items() if value}}
        return all(parser.is_valid(name, value, engine) for engine in parse_order() for name, value in values.items())
