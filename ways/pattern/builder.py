"""Builder: a mapping written as one regular expression, leaf by leaf."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from ways.errors import PatternError
from ways.regex.expression import embed, has_references, held_characters, hides_references, may_hold
from ways.regex.guard import CostPiece, Match, at_once, cost_pieces, guarded_match, reference_pieces
from ways.regex.parse_tree import MAX_COPIES, MAX_GROUPS_OF_MAPPING, compiled, copies_of
from ways.pattern.optional_parts import Option
from ways.pattern.template import SEPARATORS, Frame, Leaf, Template
from ways.pattern.token import bad_expression, segments_expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple


#: Token names that a group can have; the others are those that groups of other kinds have.
_GROUP_NAME = re.compile(r"(?![gos]\d)[A-Za-z]\w*", re.ASCII)


class Mode(NamedTuple):
    """How closely a text must fit."""

    #: A repeated token has one value.
    agrees: bool
    #: Each value fits its expression.
    fits: bool
    #: A token without an expression may hold separators.
    crosses: bool


class TokenGroup(NamedTuple):
    """A group that holds the value of a token."""

    name: str
    #: The optional parts it stands in.
    options: tuple[int, ...]


class Expression(NamedTuple):
    """The regular expression of a mapping, compiled, and what its groups stand for."""

    regex: re.Pattern[str]
    #: Matches a whole text, within a time.
    fullmatch: Match
    #: The same where that takes no time to speak of; else it raises MatchTimeoutError, and nothing was tried.
    at_once: Match
    #: Group name to token, for every token whose value a match gives. Those that are written by others are not among
    #: them where :attr:`parents` gives their values.
    groups: Mapping[str, str]
    #: The number of each optional part, and the name of its group.
    options: tuple[tuple[int, str], ...]
    #: Tokens of which the expression alone allows too much.
    loose_tokens: frozenset[str]
    #: Those of them for which something simpler stands.
    stand_ins: frozenset[str]
    #: What the tokens without a group that are written by others hold.
    parents: Mapping[str, tuple[Leaf, ...]]


class Builder:
    """Writes the regular expression of a mapping.

    An optional part is a group that may be missing. A token that stands in several parts has the value that it has in the
    first of them that is there. At the end stands the rule that a part is missing only if one of its tokens has no value.

    A token that is written by others has a group only where its value is checked, or doesn't follow from theirs: with
    optional parts, or where a repeated token may have several values.
    """

    def __init__(self, template: Template, mode: Mode, *, differing: bool = False) -> None:
        self.template = template
        self.mode = mode
        #: Group name to token.
        self.names: dict[str, str] = {}
        #: Number of an optional part to the name of its group.
        self.options: dict[int, str] = {}
        #: Tokens whose expressions could not be written in; what was written fits more texts than they do.
        self.loose_tokens: set[str] = set()
        #: Those of them for which something simpler was written.
        self.stand_ins: set[str] = set()
        #: The loops of what is written, and the texts between them; ``None`` where loops lie in each other.
        self.pieces: list[CostPiece] | None = []
        #: The pieces of each token that was written.
        self._pieces_of: dict[str, tuple[CostPiece, ...] | None] = {}
        self._has_parents = not mode.agrees or bool(template.options)
        tokens = [leaf.text for leaf in template.leaves if leaf.is_token]
        #: Whether references to groups are written.
        self._refers = differing or len(tokens) > len(set(tokens)) or not all(option.tokens for option in template.options)
        self._written: list[str] = []
        self._count = 0
        #: The groups of the tokens' own expressions, and the pieces that regex adds for what these repeat.
        self._kept = self._copies = 0
        self._places: dict[str, list[TokenGroup]] = {}
        self._open: tuple[Frame, ...] = ()

    @classmethod
    def of(
        cls,
        template: Template,
        mode: Mode,
        count: int | None = None,
        *,
        differing: bool = False,
    ) -> Builder:
        """Return the builder of a template, or of its first *count* leaves.

        :param differing: take only a text whose optional parts differ from those that the digits in front of the text give: for
            each part 1 if it is there, 0 if not.
        """
        builder = cls(template, mode, differing=differing)
        numbers = [option.number for option in template.options]
        if differing:
            builder._written += [f"(?:(?P<s{number}>1)|0)" for number in numbers]
            builder._count += len(numbers)
        for number, leaf in enumerate(template.leaves[:count], 1):
            builder._move_to(leaf.frames)
            # Where what follows is cut off, it isn't known.
            following = template.leaves[number : number + 1] if count is None and not leaf.options else None
            written = builder._token(leaf.text, following) if leaf.is_token else re.escape(leaf.text)
            builder._written.append(written)
            if not leaf.is_token:
                builder._note((leaf.text,))
        builder._move_to(())
        if count is None:
            builder._written += map(builder._rule, template.options)
        if differing:
            # Only at the end of the text is it known which parts are there.
            builder._written += [r"\Z(?:", "|".join(map(builder._difference, numbers)), ")"]
        return builder

    @property
    def text(self) -> str:
        """What was written."""
        return "".join(self._written)

    def compiled(self) -> re.Pattern[str]:
        """Return what was written, compiled."""
        return compiled(self.text)

    def guarded(self, regex: re.Pattern[str]) -> Match:
        """Return the ``fullmatch`` of what was written and compiled, such that no text can hold it for long."""
        return guarded_match(regex, self.pieces, self.template.separators)

    def expression(self) -> Expression:
        """Return what was written, compiled, with the meaning of its groups."""
        regex = self.compiled()
        fullmatch = self.guarded(regex)
        parents: dict[str, tuple[Leaf, ...]] = {}
        if not self._has_parents:
            # A parent that stands twice is what its first place holds.
            grouped = set(self.names.values())
            for frame in dict.fromkeys(frame for leaf in self.template.leaves for frame in leaf.frames):
                if frame.name not in parents and frame.name not in grouped:
                    parents[frame.name] = tuple(leaf for leaf in self.template.leaves if frame in leaf.frames)
        options = tuple(self.options.items())
        loose, stand_ins = frozenset(self.loose_tokens), frozenset(self.stand_ins)
        return Expression(regex, fullmatch, at_once(fullmatch), self.names, options, loose, stand_ins, parents)

    def _note(self, pieces: tuple[CostPiece, ...] | None) -> None:
        """Add to the pieces of what was written; of an optional part only its loops, as its texts may be missing."""
        if pieces is None or self.pieces is None:
            self.pieces = None
        else:
            self.pieces += [piece for piece in pieces if not isinstance(piece, str)] if self._here else pieces

    def _note_token(self, name: str, expression: str) -> None:
        self._pieces_of[name] = cost_pieces(expression)
        self._note(self._pieces_of[name])

    def _move_to(self, frames: tuple[Frame, ...]) -> None:
        """Close the groups that the next leaf is not part of, and open those that it is."""
        shared = 0
        while shared < min(len(frames), len(self._open)) and frames[shared] == self._open[shared]:
            shared += 1
        self._written += [")" if frame.name else ")|)" for frame in reversed(self._open[shared:])]
        for number, frame in enumerate(frames[shared:], shared + 1):
            self._open = frames[:number]
            if frame.name:
                # A parent that stands twice has its group at the first place.
                has_group = self._has_parents or self.template.spec(frame.name).is_constrained
                self._written.append(self._named(frame.name) if has_group and not self._sure_place(frame.name) else "(?:")
            else:
                self.options[frame.number] = f"o{frame.number}"
                self._count += 1
                # An alternative, as in (...)? regex overlooks references: it refuses texts that fit.
                self._written.append(f"(?:(?P<o{frame.number}>")
        self._open = frames

    @property
    def _here(self) -> tuple[int, ...]:
        return tuple(frame.number for frame in self._open if not frame.name)

    def _sure_place(self, name: str) -> TokenGroup | None:
        """Return a group of a token that has a value whenever the current place is reached."""
        here = self._here
        return next((place for place in self._places.get(name, ()) if here[: len(place.options)] == place.options), None)

    def _token(self, name: str, following: Sequence[Leaf] | None) -> str:
        """Return what is written for a token.

        :param following: the leaf after it, if any; ``None`` where that isn't known.
        """
        sure = self._sure_place(name)
        ends = following is not None and all(_is_separator(leaf, self.template.spec(name).separator) for leaf in following)
        if not self.mode.agrees:
            return f"{'(?:' if sure else self._named(name)}{self._expression(name, ends=ends)})"
        if sure:
            self._note(reference_pieces(self._pieces_of.get(name, ())))
            return f"(?P={sure.name})"
        before = list(self._places.get(name, ()))
        opening, written = self._named(name), self._expression(name, ends=ends)
        for place in reversed(before):
            written = f"(?({place.name})(?P={place.name})|{written})"
        # The group stands around the choice: from here on it has the value, wherever that came from.
        return f"{opening}{written})"

    def _named(self, name: str) -> str:
        # By the token's name where that is possible: match.groupdict() has the values then.
        group = name if _GROUP_NAME.fullmatch(name) and name not in self.names else f"_{len(self.names)}"
        self.names[group] = name
        self._places.setdefault(name, []).append(TokenGroup(group, self._here))
        self._count += 1
        return f"(?P<{group}>"

    def _expression(self, name: str, *, ends: bool) -> str:
        spec = self.template.spec(name)
        reads = spec.reads if self.mode.fits else None
        if reads is None:
            free = free_expression(self.template.separators, self.mode)
            self._note_token(name, free)
            return free
        try:
            is_loose = not spec.is_read_whole
            # regex overlooks references in (...)? and after loops in loops: it refuses texts that fit.
            is_tangled = hides_references(reads) or (cost_pieces(reads) is None and (self._refers or has_references(reads)))
            if is_loose or is_tangled:
                self.loose_tokens.add(name)
                if is_tangled or spec.is_plain:
                    written = _close_stand_in(reads) if is_tangled else stand_in(reads)
                    self._note_token(name, written)
                    self.stand_ins.add(name)
                    return written
            self._note_token(name, spec.loop or reads)
            if spec.separator and ends:
                reads = segments_expression(spec.separator, ends=True)
            expression, groups = embed(reads, self._count)
            self._kept += groups
            self._copies += copies_of(reads)
        except re.error as error:
            raise bad_expression(name, reads, error) from error
        if self._kept > MAX_GROUPS_OF_MAPPING:
            raise PatternError(f"The regexes of the tokens have more than {MAX_GROUPS_OF_MAPPING} groups together.", reads, (0, 1))
        if self._copies > MAX_COPIES:
            raise PatternError(f"What the regexes of the tokens repeat comes to more than {MAX_COPIES} copies.", reads, (0, 1))
        self._count += groups
        return expression

    def _rule(self, option: Option) -> str:
        """Return an expression that allows an optional part to be missing only if one of its tokens has no value."""
        group = self.options[option.number]
        written = ""
        if all(any(option.number not in place.options for place in self._places[token]) for token in option.tokens):
            # Each of its tokens stands outside of it too.
            written = f"(?({group})|(?!{self._wanted(option)}))"
            if option.outer is not None:
                written = f"(?({self.options[option.outer]}){written})"
        return written if option.tokens else f"{written}(?({group}){self._wanted(option)})"

    def _wanted(self, option: Option) -> str:
        """Return an expression of the empty text that fits where the values call for a part."""
        if option.tokens:
            return "".join(map(self._has_value, option.tokens))
        return f"(?:{'|'.join(self._wanted(self.template.options[number]) for number in option.nested)})"

    def _has_value(self, token: str) -> str:
        written = "(?!)"
        for place in self._places[token]:
            written = f"(?({place.name})|{written})"
        return written

    def _difference(self, number: int) -> str:
        """Return an expression of the empty text that fits if a part differs from its digit in front of the text."""
        group = self.options[number]
        return f"(?(s{number})(?({group})(?!))|(?({group})|(?!)))"


def _is_separator(leaf: Leaf, separator: str) -> bool:
    """Whether a leaf begins with a separator, wherever a text has it."""
    return bool(separator) and not leaf.is_token and not leaf.options and leaf.text.startswith(separator)


def free_expression(separators: str, mode: Mode) -> str:
    """Return the expression of a token that has none."""
    if mode.crosses or not separators:
        return r"(?s:.+)"
    return f"[^{re.escape(separators)}]+"


@lru_cache(maxsize=4096)
def _close_stand_in(expression: str) -> str:
    """Return a loop of all the characters that a text of *expression* may hold, and of all beyond ASCII."""
    # Where case is ignored, each letter stands for its other forms too.
    letters = [*map(chr, range(128))]
    if expression.isascii():
        held = set(held_characters(expression, letters))
        letters = [letter for letter in letters if letter.lower() in held or letter.upper() in held]
    return f"[{re.escape(''.join(letters))}\\x80-\\U0010ffff]*"


def stand_in(expression: str) -> str:
    """Return an expression that fits every text of *expression*, and many more."""
    barred = "".join(letter for letter in SEPARATORS if not may_hold(expression, letter))
    return f"[^{re.escape(barred)}]*" if barred else "(?s:.*)"
