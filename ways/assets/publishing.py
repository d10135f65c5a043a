"""Publishing: the next value of a token on disk, and the folders of an Asset."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Collection, Mapping
from operator import itemgetter

from ways.assets.disk import NUMBERS, Report, check_machine, find_on_disk, is_nothing, may_lack, order_of, tokens_of, views_by_rules
from ways.assets.writing import formatted, leaf_texts
from ways.contexts.context import Context
from ways.errors import ContextNotFoundError, FormatError, UnknownTokenError
from ways.hierarchy import Hierarchy
from ways.pattern.solve import find_value, from_children, texts_of
from ways.pattern.template import Template
from ways.pattern.token import TokenSpec
from ways.regex.budget import Question, TimeBudget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def next_value(context: Context, info: Mapping[str, Any], token: str, report: Report) -> Any:
    """Return the value after the greatest that exists on disk, all other values being equal; the first is 1.

    It is a number where the type of the token says how one is written, else a text, written as those on disk are, or as
    the one that *info* has.

    :param info: the values that are fixed; tokens without one may have any, and so may sequences: a version exists with
        any of its frames. A token of an optional part whose value is ``None`` or ``""`` must lack.
    :param report: called with each name that can't be read, and the reason.
    :raises UnknownTokenError: the mapping has no such token.
    :raises TokenValueError: one of the values doesn't fit its token, or contradicts another.
    :raises FormatError: nothing says how the value is written as a number.
    :raises OSError: a folder can't be read.
    """
    view, patterns, is_strict = context.view_of(info), context.patterns, context.view.is_strict
    template = view.template
    known = dict.fromkeys(name for variant in context.view.variants for name in variant.template.all_tokens)
    if token not in known:
        raise UnknownTokenError(token, known)
    counted = tokens_of(template, token)
    held = {name: value for name, value in info.items() if name not in counted and name in known}
    # Nothing on disk has a value that breaks a rule, and 1 would be no answer.
    views_by_rules(context, {name: value for name, value in held.items() if is_strict or not is_nothing(value)})
    with TimeBudget(context.pool.limits):
        given = texts_of(info, template, Hierarchy.of(context.hierarchy).text, TokenSpec.given_text)
        leaves = leaf_texts(given, template, patterns)
        # A default is what is written, and not what is counted: a version exists with any value of a token that nobody gave.
        said = {name: text for name, text in leaves.items() if name in given or find_value(name, given, template, patterns)}
    fixed = {name: text for name, text in said.items() if name not in counted and not template.spec(name).is_sequence}
    lacking = {name: value for name, value in held.items() if is_nothing(value) and may_lack(template, name)}
    fixed |= {name: "" for name in lacking if name not in leaves and not template.spec(name).is_sequence}
    items = find_on_disk(context, fixed, is_whole=True, report=report)
    found = [(order_of(token, item.values, item.view.template, patterns), item) for item in items]
    if not found:
        return _first(token, {**given, **leaves}, template, find_value(token, given, template, patterns))
    _, greatest = max(found, key=itemgetter(0))
    template, values = greatest.view.template, greatest.values
    number = _number_token(token, template)
    if number is None:
        return _counted_on(template.spec(token), find_value(token, values, template, patterns))
    value = template.spec(number).value(values.get(number, ""))
    return _written(token, number, value + 1 if isinstance(value, (int, float)) else None, values, template)


def _first(token: str, values: Mapping[str, str], template: Template, shape: str) -> Any:
    """Return the first value of a token: its number is 1.

    :param shape: the value that the token has now, or ``""``.
    """
    number = _number_token(token, template)
    return _counted_on(template.spec(token), shape, 1) if number is None else _written(token, number, None, values, template)


def _number_token(token: str, template: Template) -> str | None:
    """Return the last of the tokens that *token* is written by, or itself, whose type is a number's; ``None`` for none."""
    leaves = template.part(token).leaf_tokens or (token,)
    return next((name for name in reversed(leaves) if _one(template.spec(name)) is not None), None)


def _one(spec: TokenSpec) -> Any:
    """Return the 1 of a type of numbers; ``None`` for any other type."""
    try:
        one = spec.kind.value(spec.kind.text(1)) if spec.kind else None
    except ValueError:
        return None
    return one if isinstance(one, (int, float)) else None


def _written(token: str, number: str, value: Any, values: Mapping[str, str], template: Template) -> Any:
    """Return the value of a token that is a number, or is written by one.

    :param number: the token that holds the number.
    :param value: the number; ``None`` for the first.
    :raises FormatError: another token that it is written by has no value.
    """
    spec = template.spec(number)
    count = _one(spec) if value is None else value
    if number == token:
        return count
    others = {name: text for name, text in values.items() if name in template.leaf_tokens}
    text = from_children(token, {**others, number: spec.text(count)}, template)
    if not text:
        raise FormatError(f"{token} needs a value of each token that it is written by: {', '.join(template.children(token))}.")
    return text


def _counted_on(spec: TokenSpec, text: str, count: int | None = None) -> str:
    """Return *text* with its last number counted on, or replaced by *count*, in as many digits.

    :raises FormatError: it holds no number.
    """
    if "%" in spec.format:
        raise FormatError(f"{spec.name} is a date of the format {spec.format}: it holds no number to count on from.")
    number = next(reversed(list(NUMBERS.finditer(text))), None)
    if number is None and not text:
        raise FormatError(f"Nothing says how the first value of {spec.name} is written: give it a format such as 03d, or a value.")
    if number is None:
        raise FormatError(f"{spec.name}={text!r} holds no number to count on from.")
    digits = str(int(number[0]) + 1 if count is None else count).zfill(len(number[0]))
    return text[: number.start()] + digits + text[number.end() :]


def is_asset(thing: Any) -> bool:
    """Whether something has what an Asset has, a Context and values: classes of users need not derive from Asset."""
    return isinstance(getattr(thing, "context", None), Context) and hasattr(thing, "info")


def no_asset(thing: Any, hint: str = "", *, expected: str = "an Asset") -> ContextNotFoundError:
    """Return the error that says that something was given for an Asset that is none."""
    hint = hint or ("Did get_asset find nothing?" if thing is None else "get_asset makes the Asset of a path, or of values and a place.")
    return ContextNotFoundError(str(thing), (), f"expected {expected}, found {thing!r}. {hint}")


def folders_of(
    context: Context, info: Mapping[str, Any], pool_get: Callable[[Hierarchy], Context | None], is_file: bool | None = None
) -> list[str]:
    """Return the folders that belong to an Asset: of its place and of each above it that says ``folder: true``.

    :param is_file: whether the Asset is a file: then the folder that it stands in, and not itself; if absent, it is one where
        its place is no folder.
    :raises MissingTokensError: such a place needs a value that *info* doesn't have.
    """
    is_file = not context.is_folder() if is_file is None else is_file
    folders: list[str] = []
    *places, _ = Hierarchy.of(context.hierarchy).ancestors
    with Question(context.pool.limits):
        for above in map(pool_get, places):
            if above is not None and above.is_folder():
                folders.append(_text_of(above, info))
        if is_file and isinstance(context.view_of(info).mapping, str):
            folders.append(_folder_around(_text_of(context, info), context.view.state.settings.platform))
        elif context.is_folder():
            folders.append(_text_of(context, info))
    return [folder for folder in dict.fromkeys(folders) if folder]


def _text_of(context: Context, info: Mapping[str, Any]) -> str:
    return formatted(context, context.view_of(info), info, Hierarchy.of(context.hierarchy).text)


def _folder_around(path: str, platform: str) -> str:
    import ntpath

    return ntpath.dirname(path) if platform.lower() == "windows" else posixpath.dirname(path)


def make_folders(folders: Collection[str], platform: str) -> None:
    """Make each folder that isn't there, with those it stands in.

    :param platform: the platform that the paths of the folders are of.
    :raises PlatformError: that is none like this machine's; nothing is made.
    """
    for folder in folders:
        check_machine(folder, platform)
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
