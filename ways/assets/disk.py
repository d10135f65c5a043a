"""Which assets exist on disk: a walk over a Context's mapping that opens only the folders that can match."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ways.assets.walk import Found, OpenWalk, Report, Walk
from ways.assets.write import formatted
from ways.contexts.context import Context
from ways.contexts.view import ResolvedContext
from ways.errors import UnknownTokenError
from ways.hierarchy import Hierarchy
from ways.pattern.compiled import PatternCache, reason_of
from ways.pattern.safety import is_safe_value
from ways.pattern.sequence import gathered
from ways.pattern.solve import find_value, texts_of
from ways.pattern.template import Template

_NUMBERS = re.compile(r"(\d+)")


def find_on_disk(
    context: Context,
    values: Mapping[str, Any] | None = None,
    *,
    latest: str | None = None,
    sequences: bool = False,
    is_sorted: bool = False,
    report: Report | None = None,
) -> Iterator[Found]:
    """Yield each file and folder that is an Asset of *context* and has these values.

    :param values: values that are fixed; parents may stand for their children.
    :param latest: a token: of those that differ in it alone, only the greatest is given; numbers count as numbers.
    :param sequences: whether the frames of one thing are given as one, with the range of them for the sequence token.
    :param is_sorted: whether each folder is looked through by name rather than as it lies.
    :param report: told of each folder that can't be read, and of each name that is no text.
    :raises UnresolvedMappingError: the Context has no mapping.
    :raises UnknownTokenError: the mapping has no such token.
    :raises TokenValueError: a token's format can't write a value.
    """
    views = [view for view in context.view.variants if isinstance(view.mapping, str)]
    if not views:
        context.get_mapping()
    known = dict.fromkeys(name for view in views for name in view.template.all_tokens)
    for name in (*(values or {}), *((latest,) if latest else ())):
        if name not in known:
            raise UnknownTokenError(name, known)
    told = _once(report or _ignore)
    walks = [_walk(context, view, values or {}, is_sorted, told) for view in views]
    found = walks[0] if len(walks) == 1 else _each_once(walks)
    found = _gathered(found) if sequences else found
    return _latest(found, latest, context.patterns, sequences) if latest else found


def _once(report: Report) -> Report:
    """Return what reports each thing once, however many variants of a place meet it."""
    told: set[tuple[str, str]] = set()

    def tell(path: str, reason: str) -> None:
        if (path, reason) not in told:
            told.add((path, reason))
            report(path, reason)

    return tell


def _walk(
    context: Context, view: ResolvedContext, values: Mapping[str, Any], is_sorted: bool, report: Report
) -> Iterator[Found]:
    """Yield what fits one variant of a Context."""
    if not set(values) <= set(view.template.all_tokens):
        return
    given = texts_of(values, view.template, Hierarchy.of(context.hierarchy).text)
    # A token that is given as empty, and can't be, is one that must lack.
    lacking = {name for name, value in values.items() if value == "" and name not in given}
    kind: type[OpenWalk] | type[Walk] = OpenWalk if view.template.options else Walk
    for name, value in given.items():
        fits = view.template.spec(name).fits()
        if fits and not fits(value):
            report(f"{name}={value}", f"nothing can have this value: {reason_of(view.template.spec(name), value)}")
            return
        if view.resolved.path and not is_safe_value(view.template, name, value):
            report(f"{name}={value}", "nothing can have this value: it would lead to other folders than the mapping's")
            return
    for item in kind(context, view, given, is_sorted, report).found():
        if lacking and not lacking.isdisjoint(item.values):
            continue
        if not view.conditions or view.is_selected(item.values, context.patterns):
            yield item


def _each_once(walks: Iterable[Iterator[Found]]) -> Iterator[Found]:
    """Yield what several variants find; a path that more than one takes belongs to the one with most conditions."""
    best: dict[str, Found] = {}
    for item in (item for walk in walks for item in walk):
        held = best.get(item.path)
        if held is None or held.view.condition_count < item.view.condition_count:
            best[item.path] = item
    yield from best.values()


def natural_key(text: str) -> list[Any]:
    """Return what sorts texts with their numbers as numbers: ``v9`` before ``v10``."""
    return [(int(part), part) if part.isdecimal() else part for part in _NUMBERS.split(text)]


def next_value(context: Context, info: Mapping[str, Any], token: str) -> str:
    """Return the value after the greatest that exists on disk, all other tokens being equal: ``v004`` after ``v003``.

    Where nothing exists, it is the value after the one that *info* has; else the first: its number is 1.

    :raises ValueError: the values hold no number.
    """
    template, patterns = context.view_of(info).template, context.patterns
    below = _tokens_of(template, token)
    given = texts_of(info, template, str(context))
    others = {name: find_value(name, given, template, patterns) for name in template.leaf_tokens if name not in below}
    # A version exists with any of its frames.
    fixed = {name: value for name, value in others.items() if value and not template.spec(name).is_sequence}
    found = find_on_disk(context, fixed, latest=token)
    texts = [find_value(token, item.values, item.view.template, patterns) for item in found]
    text = max(texts, key=natural_key, default="") or find_value(token, given, template, patterns)
    number = next(reversed(list(_NUMBERS.finditer(text))), None)
    if number is None:
        raise ValueError(f"{token}={text!r} holds no number to count on from.")
    count = str(int(number[0]) + 1).zfill(len(number[0]))
    return text[: number.start()] + count + text[number.end() :]


def folders_of(context: Context, info: Mapping[str, Any], pool_get: Callable[[Hierarchy], Context | None]) -> list[str]:
    """Return the folders that belong to an Asset: of its place and of each above it that says ``folder: true``.

    :raises MissingTokensError: such a place needs a value that *info* doesn't have.
    """
    folders: list[str] = []
    for place in Hierarchy.of(context.hierarchy).ancestors:
        above = pool_get(place)
        if above is not None and above.is_folder():
            folders.append(formatted(above.view_of(info), info, above.patterns, str(above)))
    return list(dict.fromkeys(folders))


def make_folders(folders: Iterable[str]) -> None:
    """Make each folder that isn't there, with those it stands in."""
    for folder in folders:
        os.makedirs(folder, exist_ok=True)


def _gathered(found: Iterable[Found]) -> Iterator[Found]:
    """Yield what differs in the number of a frame alone as one, in the place of its first."""
    groups: dict[tuple[object, ...], list[Found]] = {}
    for item in found:
        token = _sequence_token(item)
        is_frame = token and item.values[token].lstrip("-").isdecimal()
        others = tuple((name, value) for name, value in item.values.items() if name != token)
        key: tuple[object, ...] = (item.view.variant, token, others) if is_frame else (item.path,)
        groups.setdefault(key, []).append(item)
    for items in groups.values():
        yield from items if len(items) == 1 else _as_ranges(items)


def _as_ranges(items: list[Found]) -> Iterator[Found]:
    """Yield the frames of one thing: one record for each width of their numbers."""
    first = items[0]
    token = _sequence_token(first)
    template = first.view.template
    for frames in gathered((item.values[token] for item in items), template.spec(token).format):
        count = len(frames.frames())
        values = {**first.values, token: frames.at(int(frames.range)) if count == 1 else str(frames)}
        yield Found(template.written(values), values, first.view)


def _sequence_token(item: Found) -> str:
    """Return the token that holds the frame of what was found: the last sequence; ``''`` for none."""
    spec = item.view.template.spec
    return next((name for name in reversed(item.values) if spec(name).is_sequence), "")


def _latest(found: Iterator[Found], token: str, patterns: PatternCache, sequences: bool) -> Iterator[Found]:
    """Yield the greatest of those that differ in *token* alone; sequences, and all of it."""
    best: dict[tuple[tuple[str, str], ...], tuple[list[Any], list[Found]]] = {}
    for item in found:
        template = item.view.template
        ignored = _tokens_of(template, token) | ({_sequence_token(item)} if sequences else set())
        others = tuple((name, value) for name, value in item.values.items() if name not in ignored)
        key = natural_key(find_value(token, item.values, template, patterns))
        if others not in best or best[others][0] < key:
            best[others] = (key, [item])
        elif sequences and best[others][0] == key:
            best[others][1].append(item)
    yield from (item for _, items in best.values() for item in items)


def _tokens_of(template: Template, token: str) -> set[str]:
    return {token, *template.part(token).all_tokens}


def _ignore(path: str, reason: str) -> None:
    pass
