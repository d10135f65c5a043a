"""What each command answers, as plain data; nothing here prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ways import api
from ways.cli.opening import Options as Options
from ways.cli.opening import UsageProblem as UsageProblem


def world(description: str, options: Options) -> api.World:
    """Return the sheets of one side of a comparison, in the settings of the current session.

    :raises UsageProblem: nothing of them can be read.
    """
    try:
        return api.open_world(description, trust=True if options.trust else None)
    except api.SheetError as error:
        raise UsageProblem(str(error)) from error


def resolve(
    session: api.Session, texts: Iterable[str], options: Options, context: str = "", *, lenient: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield what each text is: a record for JSON, complete whether it resolves or not.

    :raises UsageProblem: there is no such *context*.
    """
    try:
        place = session.need_context(context, options.assignment) if context else None
    except api.ContextNotFoundError as error:
        raise UsageProblem(str(error)) from error
    tiers = api.TIERS if lenient else api.STRICT_TIERS
    for text, found in session.read_many(texts, place, tiers, options.assignment):
        yield _resolved(text, found)


def _resolved(text: str, found: Any) -> dict[str, Any]:
    if isinstance(found, api.AmbiguousContextError):
        candidates = [candidate.as_dict() for candidate in found.candidates]
        return _record(text, "ambiguous", error=str(found), candidates=candidates)
    if isinstance(found, api.WaysError):
        return _record(text, "unresolved", error=str(found))
    if found.tier == "c" and not found.values:
        return _record(text, "unresolved", error=f"{text!r} does not fit the mapping of {found.hierarchy}, even leniently.")
    return _record(
        text,
        "resolved",
        hierarchy=found.hierarchy,
        assignment=found.context.assignment,
        values=found.values,
        tier=found.tier,
    )


def _record(text: str, status: str, **known: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"hierarchy": None, "assignment": None, "values": {}, "tier": None, "candidates": [], "error": None}
    return {"text": text, "status": status, **empty, **known}


def translated(session: api.Session, record: dict[str, Any], platform: str, options: Options) -> dict[str, Any]:
    """Return the record of a resolved text with ``to``, what the text is on another platform; or why it isn't.

    :raises UsageProblem: the platform isn't known.
    """
    context = session.need_context(record["hierarchy"], record["assignment"])
    try:
        return {**record, "to": api.translated(context, record["values"], platform)}
    except api.PlatformError as error:
        raise UsageProblem(f"--to: {error}") from error
    except api.WaysError as error:
        return _record(record["text"], "unresolved", error=str(error))


def find(
    session: api.Session,
    hierarchy: str,
    values: Mapping[str, str],
    latest: str | None,
    sequences: bool,
    options: Options,
    report: Callable[[str, str], None],
) -> Iterator[dict[str, Any]]:
    """Yield a record for each file and folder on disk that belongs to a place and has these values, sorted."""
    context = session.need_context(hierarchy, options.assignment)
    for asset in session.find_assets(context, values, latest=latest, sequences=sequences, sort=True, report=report):
        try:
            text = asset.get_str()
        except api.TokenValueError as error:
            # A name with a line break, say, would be told as two.
            report(repr(dict(asset.info)), str(error))
            continue
        yield {"text": text, "hierarchy": hierarchy_text(context.hierarchy), "values": dict(asset.info)}


def values_of(pairs: Iterable[str]) -> dict[str, str]:
    """Return token values out of ``TOKEN=VALUE`` texts.

    :raises UsageProblem: a text has no ``=``, or a token is given twice.
    """
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageProblem(f"{pair!r}: expected TOKEN=VALUE.")
        if name in values:
            raise UsageProblem(f"{name} is given twice.")
        values[name] = value
    return values


def describe(session: api.Session, hierarchy: str, options: Options) -> dict[str, Any]:
    """Return everything that a Context answers, with the place where each of its plugins is written.

    :raises ContextNotFoundError: there is none.
    """
    context = session.need_context(hierarchy, options.assignment)
    mapping, error = _mapping(context)
    return {
        "hierarchy": hierarchy_text(context.hierarchy),
        "assignment": context.assignment,
        "mapping": mapping,
        "error": error,
        "tokens": [_token(context, name) for name in _token_names(context)],
        "data": dict(context.data),
        "platforms": sorted(context.get_platforms()),
        "groups": list(context.get_groups()),
        "path": bool(context.is_path()),
        "max_folder": context.get_max_folder(),
        "plugins": [_plugin(plugin) for plugin in context.records],
        "variants": [_variant(view) for view in context.view.variants if view.variant],
    }


def _mapping(context: api.Context) -> tuple[str | None, str | None]:
    try:
        return context.get_mapping(), None
    except api.WaysError as error:
        return None, str(error)


def _token_names(context: api.Context) -> Sequence[str]:
    try:
        return context.template.all_tokens
    except api.WaysError:
        return context.template.tokens


def _token(context: api.Context, name: str) -> dict[str, Any]:
    spec = context.template.spec(name)
    return {
        "name": name,
        "mapping": spec.mapping or None,
        "parse": {engine: spec.expression(engine) for engine in spec.parse},
        "format": spec.format or None,
        "choices": {str(value): text for value, text in spec.choices} or None,
        "default": None if spec.default is None else spec.text(spec.default),
        "required": name in context.template.specs and spec.required and name in context.template.always_tokens,
    }


def _variant(view: Any) -> dict[str, Any]:
    mapping = view.mapping if isinstance(view.mapping, str) else None
    return {"mapping": mapping, "data": dict(view.resolved.data), "plugins": [_conditional(plugin) for plugin in view.variant]}


def _conditional(plugin: api.DataPlugin) -> dict[str, Any]:
    return {**_plugin(plugin), "when": {token: [str(value) for value in values] for token, values in plugin.when.items()}}


def _plugin(plugin: api.DataPlugin) -> dict[str, Any]:
    return {
        "name": str(plugin.name),
        "hierarchy": hierarchy_text(plugin.hierarchy),
        "assignment": plugin.assignment,
        "mapping": plugin.mapping or None,
        "source": str(plugin.source),
    }


def hierarchy_text(hierarchy: tuple[str, ...]) -> str:
    """Return a hierarchy as people write it."""
    return api.join_hierarchy(hierarchy)


def tree(session: api.Session, hierarchy: str, options: Options) -> list[dict[str, Any]]:
    """Return the places below *hierarchy*, or all, each with its mapping and the places below it.

    :raises ContextNotFoundError: nothing stands at *hierarchy* or below it.
    """
    top = api.split_hierarchy(hierarchy)
    places = [place for place in session.hierarchies() if place[: len(top)] == top]
    if top and not places:
        raise api.ContextNotFoundError(hierarchy, [hierarchy_text(place) for place in session.hierarchies()])
    nodes: dict[tuple[str, ...], dict[str, Any]] = {(): {"children": []}}
    for place in places:
        for end in range(1, len(place) + 1):
            if place[:end] not in nodes:
                node = nodes[place[:end]] = _node(session, place[:end], options)
                nodes[place[: end - 1]]["children"].append(node)
    children: list[dict[str, Any]] = nodes[top[:-1]]["children"] if top else nodes[()]["children"]
    return children


def _node(session: api.Session, place: tuple[str, ...], options: Options) -> dict[str, Any]:
    mapping, error = None, None
    try:
        context = session.get_context(place, options.assignment)
        mapping, error = (None, None) if context is None else _mapping(context)
    except api.HierarchyError as wrong:
        error = str(wrong)
    return {"hierarchy": hierarchy_text(place), "mapping": mapping, "error": error, "children": []}


def sheets(session: api.Session) -> Iterator[dict[str, Any]]:
    """Yield each sheet that was read: where it is, what kind, how many plugins it writes, and what is wrong."""
    used = used_plugins(session)
    for sheet in session.sheets:
        yield {
            "path": sheet.source.path,
            "format": sheet.source.format,
            "readable": sheet.is_readable,
            "plugins": used[sheet.source.path],
            "problems": [problem.as_dict() for problem in session.problems if problem.source.path == sheet.source.path],
        }


def used_plugins(session: api.Session) -> Counter[str]:
    """Return how many plugins of each sheet are used: those that were refused are not; a relative one counts once."""
    records = {(plugin.source.path, plugin.source.pointer) for plugin in session.get_all_plugins() if isinstance(plugin, api.DataPlugin)}
    return Counter(path for path, _ in records)


def other_problems(session: api.Session) -> list[api.Problem]:
    """Return the problems that belong to no sheet: search paths that gave nothing, info files that can't be read."""
    known = {sheet.source.path for sheet in session.sheets}
    return [problem for problem in session.problems if problem.source.path not in known]


#: Variables by which a shell, or what loads programs, decides what to run; or which no one may set.
_SHELLS_OWN = frozenset(
    (
        "_ BASHOPTS BASHPID BASH_ENV CDPATH ENV EUID FPATH GCONV_PATH HISTCMD IFS LINENO NODE_OPTIONS PATH PERL5LIB PERL5OPT PPID "
        "PROMPT_COMMAND PS0 PS1 PS2 PS3 PS4 PYTHONHOME PYTHONPATH PYTHONSTARTUP RUBYOPT SHELL SHELLOPTS UID ZDOTDIR argv fish_pid "
        "fpath history path pipestatus status"
    ).split()
)
_LOADERS = ("LD_", "DYLD_", "BASH_", "fish_")


def is_shells_own(variable: str) -> bool:
    """Whether a variable means something to a shell, so that no text's value belongs in it."""
    return variable in _SHELLS_OWN or variable.startswith(_LOADERS)


def shell_lines(values: Mapping[str, str], prefix: str) -> tuple[list[str], list[str]]:
    """Return ``export`` lines for a shell's ``eval``, and the tokens that are no names for a variable of one's own."""
    lines, skipped = [], []
    for name, value in values.items():
        variable = prefix + name
        if variable.isidentifier() and variable.isascii() and not is_shells_own(variable) and "\0" not in value:
            # Between single quotes a shell takes everything as it stands, but for a single quote; fish takes two
            # backslashes for one there, and so does every shell between double quotes.
            quoted = value.replace("'", "'\"'\"'").replace("\\", "'\"\\\\\"'")
            lines.append(f"export {variable}='{quoted}'")
        else:
            skipped.append(name)
    return lines, skipped
