"""Budgets: how long texts may be matched, for one Context and for one question about all of them.

``docs/reference/limits.rst`` says what is promised. Time is that of the thread alone: what other programs use on a busy
machine doesn't count. ``regex`` counts that of all threads of the process, so that it stops no later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar, Token
from itertools import chain
from math import inf
from time import perf_counter, thread_time

from ways.errors import MatchTimeoutError
from ways.limits import DEFAULT_LIMITS, Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    Item = TypeVar("Item")

#: Seconds that a question doesn't count of each Context: of ten thousand places each takes a moment that no expression is
#: to blame for.
FREE = 0.0005
#: The part of the time of a question that is kept for Contexts which tell at once, after others have taken the rest.
KEPT = 0.25
#: Contexts that are tried before anybody looks at the time: matches at once of so many take a small part of a question.
FEW = 16
#: Seconds on the wall for matches at once of more Contexts, outside of a question.
MOMENT = 0.02


class _Question:
    """What is left of the time of one question."""

    __slots__ = ("limits", "left", "kept", "end", "is_short", "in_blocks", "prepared", "is_preparing")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        #: Seconds that are left for all Contexts.
        self.left = limits.question / 1000
        #: Those of them that no match may have which may take long.
        self.kept = KEPT * self.left
        #: When the block of the present Context is to end, by :meth:`now`; infinite outside of a block.
        self.end = inf
        #: Whether that is sooner than the limit of one Context says.
        self.is_short = False
        #: Seconds that were spent in blocks.
        self.in_blocks = 0.0
        #: Seconds that were spent on making what later questions use too.
        self.prepared = 0.0
        self.is_preparing = False

    def now(self) -> float:
        """Return the time of this thread that counts, in seconds."""
        return thread_time() - self.prepared

    def charge(self, seconds: float, contexts: int) -> None:
        """Count what some Contexts took."""
        self.left -= max(0.0, seconds - contexts * FREE)


_question: ContextVar[_Question | None] = ContextVar("ways_question", default=None)


class Question:
    """A block of code that answers one question, with so much time for all its Contexts. A block inside another is part of it."""

    __slots__ = ("_limits", "_token")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._token: Token[_Question | None] | None = None

    def __enter__(self) -> None:
        if _question.get() is None:
            self._token = _question.set(_Question(self._limits))

    def __exit__(self, *error: object) -> None:
        if self._token is not None:
            _question.reset(self._token)


class TimeBudget:
    """A block of code that asks one Context: all matches together may take so long. A block inside another has no more than is left.

    :param limits: those of the session; of a block inside another the outer ones count.
    :param share: the part of the time of one Context that the block may take.
    """

    __slots__ = ("_limits", "_share", "_question", "_token", "_outer", "_start")
    _question: _Question

    def __init__(self, limits: Limits = DEFAULT_LIMITS, share: float = 1.0) -> None:
        self._limits = limits
        self._share = share
        self._token: Token[_Question | None] | None = None

    def __enter__(self) -> None:
        question = _question.get()
        if question is None:
            question = _Question(self._limits)
            self._token = _question.set(question)
        self._question = question
        self._outer, self._start = question.end, question.now()
        seconds = self._share * question.limits.time / 1000
        if self._outer == inf:
            left = max(0.0, question.left - question.kept)
            question.is_short = left < seconds
            question.end = self._start + min(seconds, left)
        else:
            question.end = min(self._outer, self._start + seconds)

    def __exit__(self, *error: object) -> None:
        question = self._question
        if self._outer == inf:
            spent = question.now() - self._start
            question.in_blocks += spent
            question.charge(spent, 1)
            if question.is_short and spent > question.end - self._start:
                # Nothing is left of what one Context takes for nothing.
                question.left = min(question.left, question.kept)
            question.is_short = False
        question.end = self._outer
        if self._token is not None:
            _question.reset(self._token)


class Preparation:
    """A block of code that makes what later questions use too, such as a compiled expression: it takes none of the time."""

    __slots__ = ("_question", "_start")

    def __enter__(self) -> None:
        question = _question.get()
        # Of one inside another the outer one counts.
        self._question = None if question is None or question.is_preparing else question
        if self._question is not None:
            self._question.is_preparing = True
            self._start = thread_time()

    def __exit__(self, *error: object) -> None:
        question = self._question
        if question is not None:
            question.prepared += thread_time() - self._start
            question.is_preparing = False


class Watch:
    """Counts what a question spends on Contexts that are tried one after the other, whether in blocks or not."""

    __slots__ = ("_question", "_count", "_since", "_in_blocks")

    def __init__(self) -> None:
        self._question = question = _question.get()
        self._count = 0
        if question is not None:
            self._since, self._in_blocks = question.now(), question.in_blocks

    def is_up(self) -> bool:
        """Whether the question has no time for another Context. It is asked before each."""
        question = self._question
        if question is None:
            return False
        self._count += 1
        if self._count > FEW:
            now = question.now()
            question.charge(now - self._since - (question.in_blocks - self._in_blocks), FEW)
            self._count, self._since, self._in_blocks = 1, now, question.in_blocks
        return question.left <= 0


def in_a_moment(items: Sequence[Item]) -> Iterable[Item]:
    """Return *items*, to be matched at once one by one; of many, they end where that takes longer than a moment.

    A look at the wall costs a tenth of one at the time of the thread. Where a busy machine makes it late, the exact way answers.

    :raises MatchTimeoutError: the moment is over; a question has to be asked.
    """
    return items if len(items) <= FEW else chain.from_iterable(_in_a_moment(items))


def _in_a_moment(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    end = perf_counter() + MOMENT
    for start in range(0, len(items), FEW):
        if start and perf_counter() > end:
            raise MatchTimeoutError("", "", 0)
        yield items[start : start + FEW]


def has_question() -> bool:
    """Whether a question is asked right now, so that its time is counted."""
    return _question.get() is not None


def question_is_over() -> bool:
    """Whether the question has no time left but for Contexts that tell at once."""
    question = _question.get()
    return question is not None and question.left <= question.kept


def time_left() -> float:
    """Return the seconds that are left of the current block: infinitely many outside of any."""
    question = _question.get()
    return inf if question is None else question.end - question.now()


def out_of_time(text: str, pattern: str, contexts: int = 1) -> MatchTimeoutError:
    """Return the error that says which limit the question, or the block of a Context, has come to.

    :param pattern: what the text was matched with.
    :param contexts: how many Contexts had no time.
    """
    question = _question.get()
    limits = DEFAULT_LIMITS if question is None else question.limits
    name = "question" if question is not None and (question.is_short or question_is_over()) else "time"
    return MatchTimeoutError(text, pattern, getattr(limits, name) / 1000, name, contexts, limits.to_raise(name))
