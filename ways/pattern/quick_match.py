"""Quick matches: each gives the match of a text's one reading, ``None`` where the text doesn't fit, or no answer.

No answer is a MatchTimeoutError, raised at once: the exact methods of :class:`ways.pattern.pattern.Pattern` have to answer then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ways.errors import MatchTimeoutError
from ways.pattern.optional_parts import Option
from ways.pattern.segments import cut
from ways.pattern.template import Leaf, Template
from ways.regex.expression import may_hold
from ways.regex.guard import Match

#: Groups whose values are checked once more after a match, each with what checks it.
Checks = Sequence[tuple[str, Callable[[str], object]]]


class CheckedMatch:
    """Matches texts whose values the expression alone can't check."""

    __slots__ = ("_match", "_checks")

    def __init__(self, match: Match, checks: Checks) -> None:
        self._match = match
        self._checks = checks

    def match(self, text: str) -> re.Match[str] | None:
        """Return the match of *text*.

        :raises MatchTimeoutError: a value doesn't fit; another division of the text may.
        """
        match = self._match(text)
        if match is not None:
            for group, fits in self._checks:
                value = match[group]
                if value is not None and not fits(value):
                    raise MatchTimeoutError(text, match.re.pattern, 0)
        return match


class SingleMatch:
    """Matches texts that fit with one set of optional parts alone.

    :param groups: the group of each part.
    :param differing: matches a text with other parts than the digits before it say, as ``Builder.of`` writes it.
    """

    __slots__ = ("_match", "_groups", "_differing")

    def __init__(self, match: Match, groups: Sequence[str], differing: Match) -> None:
        self._match = match
        self._groups = groups
        self._differing = differing

    def match(self, text: str) -> re.Match[str] | None:
        """Return the match of *text*.

        :raises MatchTimeoutError: it may fit with other parts, too.
        """
        match = self._match(text)
        if match is not None:
            flags = ["0" if match[group] is None else "1" for group in self._groups]
            if self._differing("".join(flags) + text) is not None:
                raise MatchTimeoutError(text, match.re.pattern, 0)
        return match


class SelectedMatch:
    """Matches texts whose values some sets of texts hold, and others don't.

    :param wanted: for each condition its tokens, and whether it must be met; of each token the group of its text, those that
        have it where that one doesn't, and the texts that it may have.
    """

    __slots__ = ("_match", "_wanted")

    def __init__(self, match: Match, wanted: Sequence[tuple[Sequence[tuple[int, Sequence[int], frozenset[str]]], bool]]) -> None:
        self._match = match
        self._wanted = wanted

    def match(self, text: str) -> re.Match[str] | None:
        """Return the match of *text*."""
        match = self._match(text)
        if match is not None:
            for wants, is_met in self._wanted:
                for group, others, texts in wants:
                    value = match[group]
                    if value is None:
                        # The token stands in an optional part, too.
                        value = next((match[other] for other in others if match[other] is not None), None)
                    if value not in texts:
                        if is_met:
                            return None
                        break
                else:
                    if not is_met:
                        return None
        return match


# --- optional parts that the text tells


def are_parts_told(template: Template) -> bool:
    """Whether a text tells which optional parts are there, however it is divided; ``False`` where that takes a look at the text.

    It does where each part lies in one segment, and one of two things holds:

    - a character of the part can't stand elsewhere in the segment;
    - the part begins with a character that differs from those which may follow in its place, and nothing before it in the
      segment can hold any of these.
    """
    separators = template.separators
    literal_in_parts = "".join(leaf.text for leaf in template.leaves if leaf.options and not leaf.is_token)
    if not separators.isascii() or any(letter in literal_in_parts for letter in separators):
        return False
    if any(_may_hold(template, name, letter) for name in template.leaf_tokens for letter in separators):
        return False
    segments = list(cut(template.leaves, separators)) if separators else [list(template.leaves)]
    return all(any(_is_told(template, option, segment) for segment in segments) for option in template.options)


def _is_told(template: Template, option: Option, segment: Sequence[Leaf]) -> bool:
    places = [index for index, leaf in enumerate(segment) if option.number in leaf.options]
    if not places:
        return False
    direct = "".join(leaf.text for leaf in segment if not leaf.is_token and leaf.options[-1:] == (option.number,))
    outside = [leaf for leaf in segment if option.number not in leaf.options]
    if any(_is_mark(letter) and not _any_holds(template, outside, letter) for letter in direct):
        return True
    first = segment[places[0]]
    following = _following(segment[places[-1] + 1 :])
    if first.is_token or following is None or first.text[0] in following:
        return False
    before = segment[: places[0]]
    return all(_is_mark(letter) and not _any_holds(template, before, letter) for letter in (first.text[0], *following))


def _following(leaves: Sequence[Leaf]) -> set[str] | None:
    """Return the characters that the text of *leaves* may begin with; ``None`` where a token may stand first."""
    letters: set[str] = set()
    before: set[frozenset[int]] = set()
    for leaf in leaves:
        options = frozenset(leaf.options)
        # What stands before it is there whenever this leaf is.
        if any(other <= options for other in before):
            continue
        before.add(options)
        if leaf.is_token:
            return None
        letters.add(leaf.text[0])
    return letters


def _is_mark(letter: str) -> bool:
    # Letters may stand for others where case is ignored.
    return letter.isascii() and not letter.isalnum()


def _any_holds(template: Template, leaves: Sequence[Leaf], letter: str) -> bool:
    return any(_may_hold(template, leaf.text, letter) if leaf.is_token else letter in leaf.text for leaf in leaves)


def _may_hold(template: Template, token: str, letter: str) -> bool:
    reads = template.spec(token).reads
    return letter not in template.separators if reads is None else may_hold(reads, letter)
