"""Fill: a mapping as text with its tokens replaced by values, by expressions of an engine, or by their child tokens."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count, groupby

from ways.errors import TokenCycleError
from ways.regex.guard import Guard, cost_pieces
from ways.regex.parse_tree import UNREADABLE, compiled
from ways.pattern.safety import PathPart, check_path
from ways.pattern.scan import Piece, token_names
from ways.pattern.template import SEPARATORS, Template
from ways.pattern.token import ANY_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from ways.lightweight import NamedTuple

ENVIRONMENT_ENGINES = frozenset({"env", "environment", "env_vars"})
#: Rounds of filling and expanding without a given depth: more than any sheet nests.
_NO_LIMIT = 10_000
#: How an engine writes an optional part; the other engines can't.
_OPTIONAL = {"regex": "(?:{})?", "glob": ANY_NAME}
#: How an engine writes a bracket that means nothing, in the second syntax. Other literal text stays as it is.
_BRACKETS = {"regex": str.maketrans({"[": r"\[", "]": r"\]"}), "glob": str.maketrans({"[": "[[]"})}


class FilledPart(NamedTuple):
    """A stretch of a text that is being filled in: a token still, or text that stays."""

    text: str
    is_token: bool
    format: str = ""
    #: The optional parts it stands in, outermost first.
    options: tuple[int, ...] = ()
    #: The tokens that were expanded on the way here.
    owners: tuple[str, ...] = ()
    #: The syntax that it is written in.
    syntax: int = 1
    #: The engine whose expression a token was filled with; ``None`` for what never was a token, ``""`` for a value.
    engine: str | None = None
    #: The token whose value it is, if it was given as one.
    value_of: str = ""

    def __str__(self) -> str:
        if not self.is_token:
            return self.text
        return f"{{{self.text}:{self.format}}}" if self.format else f"{{{self.text}}}"


class Filling(NamedTuple):
    """What a mapping is filled with."""

    engines: tuple[str, ...]
    groups: Mapping[str, object]
    holdout: Collection[str]
    environ: Mapping[str, str]
    #: Whether each value filled in is written as a named group, ``(?P<TOKEN>value)``.
    display: bool = False
    #: Whether an optional part is left out when one of its tokens stays open.
    drops: bool = False
    #: For a file path: where it is written, for errors. The values of a file path are checked.
    path_of: str = ""


def asks_environment(engines: Iterable[str]) -> bool:
    """Whether one of some engines reads the variables of the environment."""
    return any(engine.lower() in ENVIRONMENT_ENGINES for engine in engines)


def fill(pieces: Iterable[Piece], template: Template, filling: Filling, depth: int = -1) -> str:
    """Return *pieces* as text with each token replaced by its value, its expression, or its child tokens.

    A round fills what it can, then expands what is left; *depth* rounds are made (-1: as many as it takes), and the
    last one of a given number fills once more. Tokens that nothing fills stay as they are, and the optional parts that
    they stand in too.

    :raises TokenCycleError: tokens hold each other in a circle.
    :raises TokenValueError: a value holds what none may in a file path.
    """
    numbers = count(1 + max((place for piece in pieces for place in piece.options), default=0))
    parts = [FilledPart(piece.text, piece.is_token, piece.format, piece.options, (), template.syntax) for piece in pieces]
    for number in range(depth if depth >= 0 else _NO_LIMIT if depth == -1 else 0):
        filled = [_filled(part, template, filling) for part in parts]
        expanded = [new for part in filled for new in _expanded(part, template, filling.holdout, numbers)]
        if expanded == parts:
            break
        parts = expanded
        if number + 1 == depth:
            parts = [_filled(part, template, filling) for part in parts]
    if filling.path_of and not filling.display:
        # Filled in as it is, a value may hold the separator of another platform, as ever; an Asset's may not.
        separators = SEPARATORS if filling.drops else template.separators
        check_path(template, [PathPart(part.text, part.value_of) for part in parts], filling.path_of, separators)
    return _joined(parts, filling)


def compose(template: Template, token: str, engine: str, *, own: bool = True) -> str | None:
    """Return the expression of *token* for *engine*: its own, or that of its mapping with its children's in place.

    A child with both counts by its mapping. ``None`` where some leaf below has no expression.

    :raises TokenCycleError: tokens hold each other in a circle.
    """
    spec = template.spec(token)
    written = spec.expression(engine)
    if not spec.splits or (own and written is not None):
        return written
    parts = []
    for leaf in template.part(token).leaves:
        text = template.spec(leaf.text).expression(engine) if leaf.is_token else leaf.text
        if text is None:
            return None
        parts.append(FilledPart(text, False, options=leaf.options, engine=engine if leaf.is_token else None))
    return _joined(parts, Filling((), {}, (), {}))


def named_groups(template: Template, token: str) -> str | None:
    """Return the composed regex of *token* with a named group for each token below it, or ``None``."""
    filling = Filling(("regex",), {}, (), {}, display=True)
    text = fill(template.pieces_of(token), template, filling)
    known = set(template.part(token).all_tokens)
    return None if known.intersection(token_names(text)) else text


def group_dict(pattern: str | None, text: str) -> dict[str, str]:
    """Return the named groups of *pattern* at the start of *text*; ``{}`` where it doesn't match or is no regex.

    :raises MatchTimeoutError: matching takes too long.
    """
    if not pattern:
        return {}
    try:
        match = Guard.of(compiled(pattern), cost_pieces(pattern)).match(text)
    except UNREADABLE:
        return {}
    return {name: value for name, value in match.groupdict().items() if value is not None} if match else {}


def _filled(part: FilledPart, template: Template, filling: Filling) -> FilledPart:
    if not part.is_token or part.text in filling.holdout:
        return part
    value, engine = _value(part.text, template, filling)
    if value is None:
        return part
    text = f"(?P<{part.text}>{value})" if filling.display else value
    given = part.text if part.text in filling.groups else ""
    return part._replace(text=text, is_token=False, engine=engine, value_of=given)


def _value(name: str, template: Template, filling: Filling) -> tuple[str | None, str]:
    """Return what a token is filled with, and the engine whose expression it is; ``""`` for a value."""
    if name in filling.groups:
        return template.spec(name).written(str(filling.groups[name])), ""
    spec = template.all_specs.get(name)
    for engine in filling.engines:
        is_environment = engine.lower() in ENVIRONMENT_ENGINES
        value = filling.environ.get(name) if is_environment else spec.expression(engine) if spec else None
        if value is not None:
            return value, "" if is_environment else engine
    if "glob" in filling.engines and template.syntax == 2 and not (spec and spec.splits):
        # Anything, if nothing says more.
        return ANY_NAME, "glob"
    return None, ""


def _expanded(part: FilledPart, template: Template, holdout: Collection[str], numbers: Iterator[int]) -> Iterable[FilledPart]:
    spec = template.specs.get(part.text) if part.is_token and part.text not in holdout else None
    if spec is None or not spec.splits:
        return (part,)
    if part.text in part.owners:
        raise TokenCycleError([*part.owners[part.owners.index(part.text) :], part.text])
    owners = (*part.owners, part.text)
    pieces = template.pieces_of(part.text)
    # A token that stands twice brings its optional parts twice.
    moved = {place: next(numbers) for place in dict.fromkeys(place for piece in pieces for place in piece.options)}
    return [
        FilledPart(
            piece.text,
            piece.is_token,
            piece.format,
            part.options + tuple(moved[place] for place in piece.options),
            owners,
            spec.syntax,
        )
        for piece in pieces
    ]


def _joined(parts: Sequence[FilledPart], filling: Filling, depth: int = 0) -> str:
    """Return *parts* as one text; they stand together in *depth* optional parts."""
    written: list[str] = []
    for number, group in groupby(parts, lambda part: part.options[depth : depth + 1]):
        inside = list(group)
        for text in (_option(inside, filling, depth + 1),) if number else (_text(part, filling) for part in inside):
            if text == ANY_NAME and "glob" in filling.engines and written and written[-1].endswith(text):
                # Two of them would mean any folders.
                continue
            written += [text] if text else []
    return "".join(written)


def _text(part: FilledPart, filling: Filling) -> str:
    brackets = None if part.is_token or part.engine is not None else _BRACKETS.get(filling.engines[0] if filling.engines else "")
    return part.text.translate(brackets) if brackets and part.syntax == 2 else str(part)


def _option(parts: Sequence[FilledPart], filling: Filling, depth: int) -> str:
    """Return one optional part as text: left out, as it is, or as an expression of what may lack."""
    text = _joined(parts, filling, depth)
    if not _is_filled(parts, depth):
        stays_open = any(part.is_token and part.text in filling.holdout for part in parts)
        return f"[{text}]" if stays_open or not filling.drops else ""
    # The tokens directly in it decide, filled or not; else those of the parts in it.
    tokens = [part for part in parts if part.is_token or part.engine is not None]
    deciding = [part for part in tokens if len(part.options) == depth] or tokens
    engine = next((part.engine for part in deciding if part.engine), "")
    form = _OPTIONAL.get(engine)
    return form.replace("{}", text) if form else text


def _is_filled(parts: Sequence[FilledPart], depth: int) -> bool:
    """Whether an optional part is there: each token directly in it is filled, or without any, a part in it is."""
    direct = [part for part in parts if len(part.options) == depth and (part.is_token or part.engine is not None)]
    if direct:
        return not any(part.is_token for part in direct)
    nested = groupby(parts, lambda part: part.options[depth : depth + 1])
    return any(_is_filled(list(inside), depth + 1) for number, inside in nested if number)
