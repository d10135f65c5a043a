"""A clock that moves only where a text is matched that takes long: no test of a limit depends on the machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from ways.regex import budget, guard, timed_engine

#: What a text that takes long has in it, and an expression that reads it in more ways than anybody can try.
LONG = "a" * 60
SLOW = r"(?:\w|\w\w)+"
#: An expression whose every text takes long.
ALWAYS_SLOW = "(?:a|aa){60}!"


class Clock:
    """Gives the seconds that matches have taken."""

    def __init__(self) -> None:
        self.seconds = 0.0
        #: The texts that were matched by what stops when its time is up.
        self.matched: list[str] = []

    def __call__(self) -> float:
        return self.seconds

    def compiled(self, expression: str) -> TimedPattern:
        """Stand in for what makes such a match."""
        return TimedPattern(self, expression)


class TimedPattern:
    """Takes all of its time for a text with :data:`LONG` in it, a long value, or an expression of :data:`ALWAYS_SLOW`; else none."""

    def __init__(self, clock: Clock, expression: str) -> None:
        self._clock = clock
        self.pattern, self._compiled = expression, re.compile(expression)
        self._takes_all = ALWAYS_SLOW in expression

    def fullmatch(self, text: str, timeout: float) -> Any:
        self._clock.matched.append(text)
        if not self._takes_all and LONG not in text and ("/" in text or len(text) < len(LONG) / 4):
            return self._compiled.fullmatch(text)
        # As by the true one, a moment passes until it stops.
        self._clock.seconds += timeout + 1e-6
        raise TimeoutError

    match = fullmatch


@contextmanager
def clock_of_matches() -> Iterator[Clock]:
    """Let time pass by matches alone in this block."""
    clock = Clock()
    with (
        mock.patch.object(budget, "thread_time", clock),
        mock.patch.object(timed_engine, "compiled_by_regex", clock.compiled),
        mock.patch.multiple(guard, _by_regex={}, _weights={}),
    ):
        yield clock
