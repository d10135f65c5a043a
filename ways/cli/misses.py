"""What helps with a text that doesn't resolve: where it nearly fits, and the command that says more."""

from __future__ import annotations

import shlex
import time

from ways import api
from ways.cli.options import SharedOptions

#: Texts of one call that are looked into: the next thousand mostly have the same fault.
MOST = 10
#: Seconds after which no further one is. A text takes 0.1 ms for each place, the first one 0.4 ms and that for each platform.
SECONDS = 1.0
#: Places above which none is: more take longer than a person waits for an error.
MOST_PLACES = 2000
#: Characters before the fault that are shown.
SHOWN = 60


class Misses:
    """The texts of one call that don't resolve: the first ones get the nearest miss, and the others are counted.

    :param context: the place that the texts belong to, where it was named.
    :param has_keys: whether what helps has keys of its own in a record, apart from the message.
    """

    def __init__(
        self, session: api.Session, options: SharedOptions, context: str = "", *, lenient: bool = False, has_keys: bool = False
    ) -> None:
        self._session = session
        self._options = options
        self._context = context
        self._lenient = lenient
        self.has_keys = has_keys
        self._spent = 0.0
        self._seen = 0

    def error(self, error: api.WaysError) -> str:
        """Return why a text doesn't resolve; where else it fits is looked for as long as :meth:`notes` looks for anything."""
        begun = time.process_time()
        message = str(error) if self._has_time() else error.at_once()
        self._spent += time.process_time() - begun
        return message

    def told(self, text: str, error: api.WaysError) -> dict[str, str | None]:
        """Return what a record has about a text that doesn't resolve."""
        return {"error": error.at_once(), **self.keys(text, error)} if self.has_keys else {"error": self.error(error)}

    def keys(self, text: str, error: api.WaysError | None = None) -> dict[str, str | None]:
        """Return the nearest miss and where else a text fits, as a record has them; ``None`` after so many texts."""
        begun = time.process_time()
        found: dict[str, str | None] = {"nearest": None, "elsewhere": None}
        if self.has_keys and self._has_time():
            found = {"nearest": self._nearest(text) or None, "elsewhere": error.later() or None if error else None}
        self._spent += time.process_time() - begun
        self._seen += 1
        return found

    def notes(self, text: str) -> list[tuple[str, str]]:
        """Return what helps with one text, each under its name; nothing after so many."""
        begun = time.process_time()
        nearest = self._nearest(text) if self._has_time() else ""
        self._spent += time.process_time() - begun
        self._seen += 1
        if self._seen > MOST:
            return []
        command = explaining(shlex.quote(text), self._options, is_lenient=self._lenient)
        return [*([("nearest", nearest)] if nearest else []), ("try", command)]

    def _has_time(self) -> bool:
        return self._seen < MOST and self._spent < SECONDS and len(self._session.place_texts()) <= MOST_PLACES

    def rest(self) -> str:
        """Return a line about the texts that got no notes; ``""`` if there is none, or if each has keys."""
        count = 0 if self.has_keys else self._seen - MOST
        texts = "1 more text doesn't resolve" if count == 1 else f"{count:,} more texts don't resolve"
        return f"ways: {texts}; for each: {explaining('TEXT', self._options, is_lenient=self._lenient)}" if count > 0 else ""

    def _nearest(self, text: str) -> str:
        """Return the place that a text fits farthest, and what is wrong there; ``""`` if it fits the start of none."""
        try:
            explained = self._session.explain_text(text, strict=not self._lenient, assignment=self._options.assignment)
        except api.WaysError:
            return ""
        if explained.status == "resolved":
            # What is refused is another thing than the text, such as its translation.
            return ""
        # That a text is of another variant stands in the error.
        likely = (
            attempt
            for attempt in explained.attempts
            if self._context in ("", attempt.hierarchy) and attempt.verdict is not api.Verdict.OTHER_VARIANT and not attempt.unmet
        )
        attempt = next(likely, None)
        if attempt is None or attempt.position <= 0:
            return ""
        place = " with ".join((attempt.hierarchy, *(plugin.plugin for plugin in attempt.variant)))
        if attempt.position == len(text):
            return f"{place}: {attempt.message}"
        before = text[max(0, attempt.position - SHOWN) : attempt.position]
        return f"{place}: after {'...' if attempt.position > SHOWN else ''}{before!r}: {attempt.message}"


def explaining(text: str, options: SharedOptions, *, is_lenient: bool = False) -> str:
    """Return the command that says all about a text, with the options that this call was given.

    :param text: quoted for a shell.
    """
    given = ["ways", "explain", "--path", text, *(["--lenient"] if is_lenient else [])]
    named = [*(("--sheets", path) for path in options.sheets), ("--snapshot", options.snapshot), ("--assignment", options.assignment)]
    named += [("--platform", options.platform), ("--priority", options.priority)]
    given += [part for name, value in named if value for part in (name, shlex.quote(value))]
    flags = {"--trust": options.trust, "--installed-formats": options.installed_formats, "--update": options.update}
    return " ".join([*given, *(name for name, is_given in flags.items() if is_given)])
