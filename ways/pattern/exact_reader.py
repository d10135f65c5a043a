"""ExactReader: divides a text among literals and tokens, for mappings that no single regular expression can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ways.regex.budget import TimeBudget, out_of_time, time_left
from ways.pattern.optional_parts import Options
from ways.pattern.template import Frame, Leaf, Template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple


class DivisionStep(NamedTuple):
    """What comes next in a mapping: a literal, a token, or where something that holds others starts or ends."""

    #: ``literal``, ``token``, ``open`` and ``close`` for a token that others write, ``part`` and ``end`` for an
    #: optional part.
    kind: str
    text: str = ""
    #: The number of an optional part, and the number of the step after it.
    number: int = 0
    after: int = 0
    #: The literal text that stands right after, as far as it is known; ``None`` where no text comes after.
    following: str | None = ""
    #: The tokens that stand both before and after: what failed with one of their values may not with another.
    repeated: tuple[str, ...] = ()


class DivisionPoint(NamedTuple):
    """How far a text is divided."""

    position: int
    #: Where each token that is being written by others starts.
    begun: tuple[int, ...]
    values: Mapping[str, str]
    #: The optional parts that are there.
    present: frozenset[int] = frozenset()


class DividedText(NamedTuple):
    """A text to divide, and the mapping that it is divided by."""

    text: str
    mapping: str

    def check_time(self) -> None:
        """Go on only while there is time.

        :raises MatchTimeoutError: there is none left.
        """
        if time_left() <= 0:
            raise out_of_time(self.text, self.mapping)


class ExactReader:
    """Divides texts as one mapping says, longest values to the left first. Each expression is matched with its value alone.

    Exact, and slow: the time grows with a power of the text's length. What failed once is not tried again, so it
    doesn't grow exponentially.

    :param fits: for each token a function that checks its value; a token that others write may have none.
    :param repeats_agree: whether a repeated token has one value.
    """

    def __init__(
        self, template: Template, fits: Mapping[str, Callable[[str], object]], *, repeats_agree: bool
    ) -> None:
        self._mapping = template.mapping
        self._fits = fits
        self._repeats_agree = repeats_agree
        self.options: Options = template.options
        self._leaf_tokens = frozenset(template.leaf_tokens)
        #: Parts that may be missing although each of their tokens has a value elsewhere, or be there without values of their
        #: own: whether they may is checked at the end.
        self._loose = frozenset(_loose_parts(template))
        self._steps = _linked_steps(template, {token for number in self._loose for token in _tokens_of(self.options, number)})

    def read(
        self, text: str, forced: Mapping[int, bool] | None = None
    ) -> tuple[Mapping[str, str], frozenset[int]] | None:
        """Return the value of every token and the optional parts that are there, or ``None`` where *text* doesn't fit.

        :param forced: optional parts that must be there, or must not.
        :raises MatchTimeoutError: that takes too long.
        """
        # Without a question it is asked by a program of our own, which has more time.
        with TimeBudget(share=10):
            end = self._from(0, DivisionPoint(0, (), {}), DividedText(text, self._mapping), forced or {}, set())
        return None if end is None else (end.values, end.present)

    def _from(
        self, number: int, point: DivisionPoint, text: DividedText, forced: Mapping[int, bool], failed: set[object]
    ) -> DivisionPoint | None:
        if number == len(self._steps):
            if point.position < len(text.text) or any((part in point.present) != wanted for part, wanted in forced.items()):
                return None
            return point if point.present == self.options.present(point.values.keys() & self._leaf_tokens) else None
        text.check_time()
        step = self._steps[number]
        values = (point.values.get(name) for name in step.repeated)
        # Parts that are forced count too: a part that is never reached isn't there.
        watched = point.present & self._loose.union(forced)
        key = (number, point.position, point.begun, watched, *values)
        if key in failed:
            return None
        for following, further in self._ways(number, step, point, text, forced):
            end = self._from(following, further, text, forced, failed)
            if end is not None:
                return end
        failed.add(key)
        return None

    def _ways(
        self, number: int, step: DivisionStep, point: DivisionPoint, text: DividedText, forced: Mapping[int, bool]
    ) -> Iterator[tuple[int, DivisionPoint]]:
        """Yield each step and point that one step may lead to."""
        if step.kind != "part":
            yield from ((number + 1, further) for further in self._further(step, point, text))
            return
        if forced.get(step.number) is not False:
            yield number + 1, point._replace(present=point.present | {step.number})
        if forced.get(step.number) is not True:
            yield step.after, point

    def _further(self, step: DivisionStep, point: DivisionPoint, whole: DividedText) -> Iterator[DivisionPoint]:
        position, values, text = point.position, point.values, whole.text
        if step.kind == "end":
            yield point
        elif step.kind == "open":
            yield point._replace(begun=(*point.begun, position))
        elif step.kind == "close":
            value = text[point.begun[-1] : position]
            if step.text not in self._fits or self._fits[step.text](value):
                yield point._replace(begun=point.begun[:-1], values={step.text: value, **values})
        elif step.kind == "literal" or (self._repeats_agree and step.text in values):
            fixed = step.text if step.kind == "literal" else values[step.text]
            if text.startswith(fixed, position):
                yield point._replace(position=position + len(fixed))
        else:
            for end in _ends(step, text, position):
                value = text[position:end]
                whole.check_time()
                if self._fits[step.text](value):
                    yield point._replace(position=end, values={step.text: value, **values})


def _ends(step: DivisionStep, text: str, start: int) -> Iterator[int]:
    """Yield where the value of a token may end, the longest first."""
    if step.following is None:
        yield len(text)
        return
    yield from (end for end in range(len(text), start - 1, -1) if text.startswith(step.following, end))


def _loose_parts(template: Template) -> Iterator[int]:
    """Yield the parts that each stand for tokens which all stand elsewhere too, and those without tokens of their own."""
    places: dict[str, set[tuple[int, ...]]] = {}
    for leaf in template.leaves:
        if leaf.is_token:
            places.setdefault(leaf.text, set()).add(leaf.options)
    for option in template.options:
        if not option.tokens or all(len(places[token]) > 1 for token in option.tokens):
            yield option.number


def _tokens_of(options: Options, number: int) -> Iterator[str]:
    yield from options[number].tokens
    for nested in options[number].nested:
        yield from _tokens_of(options, nested)


def _linked_steps(template: Template, watched: set[str]) -> list[DivisionStep]:
    steps = list(_bare_steps(template))
    tokens = [step.text if step.kind == "token" else "" for step in steps]
    ends = {step.number: index + 1 for index, step in enumerate(steps) if step.kind == "end"}
    for number, step in enumerate(steps):
        rest = (other for other in steps[number + 1 :] if other.kind not in ("open", "close", "end"))
        after = next(rest, None)
        following = None if after is None else after.text if after.kind == "literal" else ""
        before = {*tokens[:number]}
        repeated = tuple(sorted(before.intersection(tokens[number:]) | before.intersection(watched)))
        steps[number] = step._replace(following=following, repeated=tuple(name for name in repeated if name))
        if step.kind == "part":
            steps[number] = steps[number]._replace(after=ends[step.number])
    return steps


def _bare_steps(template: Template) -> Iterator[DivisionStep]:
    frames: tuple[Frame, ...] = ()
    end = Leaf("", False)
    for leaf in (*template.leaves, end):
        shared = 0
        while shared < min(len(frames), len(leaf.frames)) and frames[shared] == leaf.frames[shared]:
            shared += 1
        yield from (_frame_step("close", "end", frame) for frame in reversed(frames[shared:]))
        yield from (_frame_step("open", "part", frame) for frame in leaf.frames[shared:])
        frames = leaf.frames
        if leaf is not end:
            yield DivisionStep("token" if leaf.is_token else "literal", leaf.text)


def _frame_step(of_token: str, of_part: str, frame: Frame) -> DivisionStep:
    return DivisionStep(of_token, frame.name) if frame.name else DivisionStep(of_part, number=frame.number)
