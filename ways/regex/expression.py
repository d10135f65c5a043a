"""Regular expressions as parts of larger ones, and questions about the texts that fit them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from ways.regex.parse_tree import (
    CATEGORIES,
    REPEATS,
    UNREADABLE,
    Operation,
    compiled,
    fault_of,
    flags_within,
    ops,
    parse,
    subtrees,
    without_doubles,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The flags at the start of an expression, in one group or several; if it is verbose, with space between them.
_GLOBAL_FLAGS = re.compile(r"(?:\s*\(\?[aiLmsux]+\))+")
#: Operations that look at the text around a value, or never give back what they took.
_DEPENDING = frozenset({ops.AT, ops.ASSERT, ops.ASSERT_NOT, ops.ATOMIC_GROUP, ops.POSSESSIVE_REPEAT})
_REFERENCES = frozenset({ops.GROUPREF, ops.GROUPREF_IGNORE, ops.GROUPREF_EXISTS})
#: A value that is known before, in front of the name of a file: no name has a NUL.
_KNOWN = re.compile("\\(\\?P<(\\w+)>\\[\\^\0\\]\\*\\)\0")
#: The items of an expression that have to be rewritten, and those in which something only looks like such an item.
_ITEM = re.compile(
    r"""
    (?P<reference> \\ (?P<number> (?> [1-9][0-9]? ) ) (?! (?<=[0-3][0-7]) [0-7] ) )
  | \\ .
  | (?P<class> \[ \^? \]? (?: \\. | [^\]\\] )* \] )
  | (?P<named> \(\?P< (?P<name> \w+ ) > )
  | (?P<same> \(\?P= (?P<same_name> \w+ ) \) )
  | (?P<condition> \(\?\( (?P<condition_name> \w+ ) \) )
  | \(\?\# [^)]* \)
  | (?P<group> \( (?! \? ) )
    """,
    re.VERBOSE | re.DOTALL,
)


def read(expression: str) -> re.Pattern[str]:
    """Return *expression*, compiled.

    :raises re.error: it is no regular expression, or beyond the limits.
    """
    if fault := fault_of(expression):
        raise re.error(fault.message, expression, fault.position)
    try:
        return compiled(expression)
    except (OverflowError, RecursionError) as error:
        raise re.error(str(error), expression, 0) from error


def embed(expression: str, groups_before: int) -> tuple[str, int]:
    """Return *expression* as one piece of a larger pattern, and the number of groups that it keeps.

    Each group is named after its number in the larger pattern, and references use that name, as numbers would end at
    99. If nothing refers to a group, none keeps what it matches. Flags at its start apply to it alone.

    :param groups_before: the number of groups before it in the larger pattern.
    :raises re.error: it is no regular expression.
    """
    alone = read(expression)
    start = _GLOBAL_FLAGS.match(expression)
    body = expression[start.end() :] if start else expression
    flags = "".join(sorted({letter for letter in start[0] if letter.isalpha()})) if start else ""
    count = alone.groups if has_references(expression) else 0
    if alone.groups:
        body = _with_names(body, alone.groupindex, groups_before) if count else _without_groups(body)
    # A verbose expression may end with a comment, of which the bracket would be a part.
    end = "\n" if "x" in flags else ""
    return f"(?{flags}:{without_doubles(body)}{end})", count


def keeps_meaning(expression: str) -> bool:
    """Whether *expression* fits the same texts inside a larger pattern as it does alone.

    One that looks at the text around it does not, nor does one that never gives back what it took.

    :raises re.error: it is no regular expression.
    """
    read(expression)
    parsed = parse(expression)
    for operation, argument in _all_operations(parsed.operations):
        # Comments in a verbose group may look like groups.
        if operation in _DEPENDING or (operation is ops.SUBPATTERN and argument[1] & re.VERBOSE):
            return False
    if parsed.flags & re.VERBOSE and parsed.group_count:
        return False
    flags = _GLOBAL_FLAGS.match(expression)
    return not _GLOBAL_FLAGS.search(expression, flags.end() if flags else 0)


def after_known(expression: str) -> str:
    """Return the rest of an expression that begins with groups of which each ends at a NUL, without references to them.

    Such a group can match in one way only, so that a reference to it is as good as a literal text.
    """
    end = 0
    names = []
    while head := _KNOWN.match(expression, end):
        names.append(head[1])
        end = head.end()
    rest = expression[end:]
    for name in names:
        rest = rest.replace(f"(?P={name})", "(?:)")
    return rest


@lru_cache(maxsize=4096)
def has_references(expression: str) -> bool:
    """Whether an expression refers to what a group matched, or asks if it did."""
    return "(" in expression and any(operation in _REFERENCES for operation, _ in _all_operations(parse(expression).operations))


@lru_cache(maxsize=4096)
def hides_references(expression: str) -> bool:
    """Whether a reference stands where regex reads it otherwise.

    In what is repeated at most so often regex overlooks it, and refuses texts that fit; where case is ignored, other letters equal
    each other.
    """
    if not has_references(expression):
        return False
    parsed = parse(expression)
    return _hides_references(parsed.operations, parsed.flags, is_bounded=False)


def _hides_references(operations: Iterable[Operation], flags: int, *, is_bounded: bool) -> bool:
    for operation, argument in operations:
        if operation in _REFERENCES and (is_bounded or (flags & re.IGNORECASE and operation is not ops.GROUPREF_EXISTS)):
            return True
        inner_flags = flags_within(flags, argument) if operation is ops.SUBPATTERN else flags
        is_inner_bounded = is_bounded or (operation in REPEATS and argument[1] is not ops.MAXREPEAT)
        if any(_hides_references(inner, inner_flags, is_bounded=is_inner_bounded) for inner in subtrees(argument)):
            return True
    return False


def _all_operations(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Yield every operation of an expression, those inside others too."""
    for operation, argument in operations:
        yield operation, argument
        for inner in subtrees(argument):
            yield from _all_operations(inner)


def _with_names(body: str, numbers: Mapping[str, int], groups_before: int) -> str:
    """Return *body* with its groups, and the references to them, named after their numbers in the larger pattern."""
    written = []
    end, opened = 0, groups_before
    for item in _ITEM.finditer(body):
        written.append(body[end : item.start()])
        end = item.end()
        target = item["number"] or item["same_name"] or item["condition_name"]
        if item["named"] or item["group"]:
            opened += 1
            written.append(f"(?P<g{opened}>")
        elif target:
            number = (int(target) if target.isdigit() else numbers[target]) + groups_before
            written.append(f"(?(g{number})" if item["condition"] else f"(?P=g{number})")
        else:
            written.append(item[0])
    return "".join(written) + body[end:]


def _without_groups(body: str) -> str:
    """Return *body* with groups that keep nothing."""
    return _ITEM.sub(lambda item: "(?:" if item["named"] or item["group"] else item[0], body)


@lru_cache(maxsize=16384)
def may_hold(expression: str, character: str) -> bool:
    """Whether a text that fits *expression* may hold *character*. True if that is not known."""
    return character in held_characters(expression, character)


def held_characters(expression: str, characters: Iterable[str]) -> list[str]:
    """Return those of *characters* that a text which fits *expression* may hold; all, if that is not known."""
    try:
        operations = parse(expression).operations
    except UNREADABLE:
        return list(characters)
    return [character for character in characters if _tree_may_hold(operations, ord(character))]


def literal_start(expression: str) -> tuple[str, bool]:
    """Return the literal text that every fitting text begins with, and whether that is the only text that fits."""
    try:
        parsed = parse(expression)
    except UNREADABLE:
        return "", False
    if parsed.flags & re.IGNORECASE:
        return "", False
    start = ""
    for operation, argument in parsed.operations:
        if operation is not ops.LITERAL:
            return start, False
        start += chr(argument)
    return start, True


def _tree_may_hold(tree: Iterable[Operation], code: int) -> bool:
    return any(operation_may_hold(operation, argument, code) for operation, argument in tree)


def operation_may_hold(operation: Any, argument: Any, code: int) -> bool:
    """Whether one operation of a parsed expression may take the character *code*."""
    if operation is ops.LITERAL:
        return bool(argument == code)
    if operation is ops.NOT_LITERAL:
        return bool(argument != code)
    if operation is ops.IN:
        return _class_holds(argument, code)
    if operation is ops.BRANCH:
        return any(_tree_may_hold(branch, code) for branch in argument[1])
    if operation is ops.SUBPATTERN:
        return _tree_may_hold(argument[3], code)
    if operation in REPEATS:
        return _tree_may_hold(argument[2], code)
    # These take no new characters: a place, a look ahead or behind, a text that stood before.
    return operation not in (ops.AT, ops.ASSERT, ops.ASSERT_NOT, ops.GROUPREF)


def _class_holds(items: Iterable[Operation], code: int) -> bool:
    is_negated = holds = False
    for kind, argument in items:
        if kind is ops.NEGATE:
            is_negated = True
        elif kind is ops.LITERAL:
            holds = holds or argument == code
        elif kind is ops.RANGE:
            holds = holds or argument[0] <= code <= argument[1]
        else:
            # For \w, \S and the others the engine itself is asked.
            holds = holds or bool(re.fullmatch(CATEGORIES[argument], chr(code)))
    return holds != is_negated


def writes(expression: str, text: str) -> bool:
    """Whether a text stands in an expression as itself, or a character in one of its classes."""
    try:
        return text in "".join(_written(parse(expression).operations))
    except UNREADABLE:
        return False


#: Stands between texts that don't follow each other in an expression: a character for private use, which no text has.
_GAP = "\ue000"


def _written(operations: Iterable[Operation]) -> Iterator[str]:
    """Yield what is written in an expression: its literals in a row, and the characters of its classes apart."""
    for operation, argument in operations:
        if operation is ops.LITERAL:
            yield chr(argument)
        elif operation is ops.IN:
            yield _GAP
            if argument[0][0] is ops.NEGATE:
                continue
            for kind, member in argument:
                if kind is ops.LITERAL:
                    yield f"{chr(member)}{_GAP}"
                elif kind is ops.RANGE:
                    # Only separators, dots and control characters are asked about: none is beyond these.
                    yield _GAP.join(chr(code) for code in range(member[0], min(member[1], 0x9F) + 1)) + _GAP
        else:
            yield _GAP
            for inner in subtrees(argument):
                yield from _written(inner)
                yield _GAP
