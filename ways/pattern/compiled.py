"""CompiledPattern: text to values and values to text, for one mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from ways.errors import MissingTokensError, ParseError, PatternError, TokenValueError
from ways.pattern.divide import Division
from ways.pattern.expression import embed, keeps_meaning, may_hold
from ways.pattern.template import SEPARATORS, Leaf, Template


class Mode(NamedTuple):
    """How closely a text must fit."""

    #: A repeated token has one value.
    agrees: bool
    #: Each value fits its expression.
    fits: bool
    #: A token without an expression may hold separators.
    crosses: bool


STRICT = Mode(agrees=True, fits=True, crosses=False)
#: Ways to read a text that fits as a whole and no better, best first.
WHOLE = (
    Mode(agrees=False, fits=True, crosses=False),
    Mode(agrees=False, fits=False, crosses=False),
    Mode(agrees=False, fits=False, crosses=True),
)


class CompiledPattern:
    """A mapping as one regular expression. Holds no state; ``match(format(values))`` gives the values back.

    :raises PatternError: an expression of a token is no regular expression.
    """

    def __init__(self, template: Template, mode: Mode = STRICT) -> None:
        self.template = template
        self.mode = mode
        builder = _Builder(template, mode)
        for leaf in template.leaves:
            builder.add(leaf)
        builder.close_owners(())
        #: Group number to token, for every token whose value a match gives.
        self.groups: dict[str, str] = builder.names
        self.regex = builder.compiled()
        leaf_names = set(template.leaf_tokens)
        self._leaf_groups = tuple((group, name) for group, name in builder.names.items() if name in leaf_names)
        # What the pattern can't hold is asked after: the expression of a token that has a mapping too, and one that
        # would mean something else inside a larger pattern.
        self._checks = tuple(
            (group, fitted)
            for group, name in builder.names.items()
            if mode.fits
            and (name in builder.left_out or name not in leaf_names)
            and (fitted := own_expression(template, name))
        )

    def match(self, text: str) -> dict[str, str] | None:
        """Return the value of each leaf token, or ``None`` where *text* doesn't fit as a whole."""
        found = self._found(text)
        return None if found is None else {name: found[group] for group, name in self._leaf_groups}

    def match_all(self, text: str) -> dict[str, str] | None:
        """Return the value of each token, parents included, or ``None`` where *text* doesn't fit as a whole."""
        found = self._found(text)
        return None if found is None else {name: found[group] for group, name in self.groups.items()}

    def format(self, values: Mapping[str, str], where: str = "") -> str:
        """Return the text that has these values of the leaf tokens.

        :param where: what to say in an error of where the mapping is written.
        :raises MissingTokensError: a leaf token has no value.
        :raises TokenValueError: a value doesn't fit its token's expression, or the text would be read otherwise.
        """
        missing = [name for name in self.template.leaf_tokens if values.get(name) is None]
        if missing:
            raise MissingTokensError(missing, where)
        for name in self.template.leaf_tokens:
            self._check_value(name, values[name], where)
        for name in self._checked_parents:
            self._check_value(name, _written(self.template.part(name), values), where)
        text = _written(self.template, values)
        read = self.match(text) or {}
        for name in self.template.leaf_tokens:
            if read.get(name) != values[name]:
                raise TokenValueError(name, values[name], f"in {text!r} it would be read as {read.get(name)!r}", where)
        return text

    def takes(self, token: str, value: str) -> bool:
        """Whether *value* fits a leaf token as far as the token alone can tell."""
        return self._expressions[token].fullmatch(value) is not None

    def parse(self, text: str) -> dict[str, str]:
        """Return the value of each leaf token.

        :raises ParseError: *text* doesn't fit; ``position`` says how far it does.
        """
        values = self.match(text)
        if values is None:
            raise ParseError(text, str(self.template), self.reach(text))
        return values

    def reach(self, text: str) -> int:
        """Return how many characters of *text* fit the start of the mapping."""
        leaves = self.template.leaves
        for count in range(len(leaves), 0, -1):
            builder = _Builder(self.template, self.mode)
            for leaf in leaves[:count]:
                builder.add(leaf)
            builder.close_owners(())
            found = builder.compiled().match(text)
            if found:
                rest = leaves[count].text if count < len(leaves) and not leaves[count].is_token else ""
                return found.end() + _common_start(text[found.end() :], rest)
        return _common_start(text, leaves[0].text) if leaves and not leaves[0].is_token else 0

    def _found(self, text: str) -> re.Match[str] | Mapping[str, str] | None:
        found = self.regex.fullmatch(text)
        if found is None or not self._checks:
            return found
        if all(check.fullmatch(found[group]) for group, check in self._checks):
            return found
        # The first division of the text is refused by an expression; another may not be.
        reading = self._division.of(text)
        return None if reading is None else {group: reading[name] for group, name in self.groups.items()}

    @cached_property
    def _checked_parents(self) -> tuple[str, ...]:
        """The tokens that have a mapping and an expression."""
        leaves = self.template.leaf_tokens
        return tuple(name for name in self.template.all_tokens if name in self._expressions and name not in leaves)

    @cached_property
    def _division(self) -> Division:
        return Division(self.template, self._expressions, repeats_agree=self.mode.agrees)

    @cached_property
    def _expressions(self) -> dict[str, re.Pattern[str]]:
        """What a token's value must match, for each token that has a say."""
        template = self.template
        free = re.compile(_free(template.separators, self.mode))
        fitted = {name: own_expression(template, name) for name in template.all_tokens} if self.mode.fits else {}
        leaves = {name: fitted.get(name) or free for name in template.leaf_tokens}
        return leaves | {name: check for name, check in fitted.items() if check}

    def _check_value(self, name: str, value: str, where: str) -> None:
        if not self._expressions[name].fullmatch(value):
            expression = self.template.spec(name).expression("regex")
            reason = f"regex {expression}" if expression is not None else "a token without an expression holds no separator"
            raise TokenValueError(name, value, reason if value else f"{reason}; it is empty", where)


class _Builder:
    """Writes the regular expression of a mapping, leaf by leaf."""

    def __init__(self, template: Template, mode: Mode) -> None:
        self.template = template
        self.mode = mode
        #: Group number to token.
        self.names: dict[str, str] = {}
        #: Tokens whose expression is not written, but stands for any text.
        self.left_out: set[str] = set()
        self._written: list[str] = []
        self._count = 0
        self._group_of: dict[str, str] = {}
        self._open: tuple[tuple[str, int], ...] = ()

    def add(self, leaf: Leaf) -> None:
        self.close_owners(leaf.owners)
        for name, _ in leaf.owners[len(self._open) :]:
            self._written.append(self._opening(name))
        self._open = leaf.owners
        self._written.append(self._token(leaf.text) if leaf.is_token else re.escape(leaf.text))

    def close_owners(self, owners: tuple[tuple[str, int], ...]) -> None:
        """Close the groups of the parents that the next leaf is not part of."""
        kept = 0
        while kept < min(len(owners), len(self._open)) and owners[kept] == self._open[kept]:
            kept += 1
        self._written.append(")" * (len(self._open) - kept))
        self._open = self._open[:kept]

    def compiled(self) -> re.Pattern[str]:
        return re.compile("".join(self._written))

    def _opening(self, name: str) -> str:
        # A parent that stands twice is held by its first place; the second only groups.
        return "(?:" if name in self._group_of else self._named(name)

    def _token(self, name: str) -> str:
        if name in self._group_of and self.mode.agrees:
            return f"(?P={self._group_of[name]})"
        repeated = name in self._group_of
        opening = "(?:" if repeated else self._named(name)
        return f"{opening}{self._expression(name)})"

    def _named(self, name: str) -> str:
        group = f"_{len(self.names)}"
        self.names[group] = name
        self._group_of[name] = group
        self._count += 1
        return f"(?P<{group}>"

    def _expression(self, name: str) -> str:
        written = self.template.spec(name).expression("regex") if self.mode.fits else None
        if written is None:
            return _free(self.template.separators, self.mode)
        try:
            if not keeps_meaning(written):
                self.left_out.add(name)
                return _stand_in(written)
            expression, groups = embed(written, self._count)
        except re.error as error:
            raise _bad_expression(name, written, error) from error
        self._count += groups
        return expression


def _free(separators: str, mode: Mode) -> str:
    """Return the expression of a token that has none."""
    if mode.crosses or not separators:
        return r"(?s:.+)"
    return f"[^{re.escape(separators)}]+"


def _written(template: Template, values: Mapping[str, str]) -> str:
    return "".join(values[leaf.text] if leaf.is_token else leaf.text for leaf in template.leaves)


def _stand_in(expression: str) -> str:
    """Return an expression of everything that fits *expression*, and of much more."""
    barred = "".join(letter for letter in SEPARATORS if not may_hold(expression, letter))
    return f"[^{re.escape(barred)}]*" if barred else "(?s:.*)"


def own_expression(template: Template, name: str) -> re.Pattern[str] | None:
    """Return what the value of a token must fit, its own mapping aside, or ``None``.

    :raises PatternError: it is no regular expression.
    """
    written = template.spec(name).expression("regex")
    if written is None:
        return None
    try:
        return re.compile(written)
    except re.error as error:
        raise _bad_expression(name, written, error) from error


def _bad_expression(name: str, expression: str, error: re.error) -> PatternError:
    position = min(error.pos or 0, max(0, len(expression) - 1))
    return PatternError(f"The regex of the token {name} can't be read: {error.msg}.", expression, (position, position + 1))


def _common_start(left: str, right: str) -> int:
    count = 0
    while count < min(len(left), len(right)) and left[count] == right[count]:
        count += 1
    return count


class PatternCache:
    """Patterns by what they say, compiled at first need. Belongs to one session, and forgets all when it is full."""

    #: Patterns held at most; one takes about 5 kB.
    LIMIT = 100_000

    def __init__(self) -> None:
        self._patterns: dict[tuple[object, Mode], CompiledPattern] = {}

    def get(self, template: Template, mode: Mode = STRICT) -> CompiledPattern:
        """Return the pattern of *template*; templates that say the same share one."""
        key = (template.key, mode)
        held = self._patterns.get(key)
        if held is None:
            if len(self._patterns) >= self.LIMIT:
                self._patterns.clear()
            held = self._patterns[key] = CompiledPattern(template, mode)
        return held

    def clear(self) -> None:
        """Forget every pattern."""
        self._patterns.clear()
