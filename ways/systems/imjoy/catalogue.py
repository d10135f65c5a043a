"""ImJoy's plugins in a session: found by URI and by data, with their install plans and dependencies. Nothing is run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from ways.api import Context, Problem, Session
from ways.errors import ImJoyError, did_you_mean
from ways.sheets.document import Source
from ways.systems.imjoy.files.inputs import BadSchema, fits
from ways.systems.imjoy.files.plan import ORDERS, known_names, plan_of
from ways.systems.imjoy.files.plugin import BASE, ROOT
from ways.systems.imjoy.files.uri import PluginURI, parse_uri
from ways.systems.shared import Problems, circles

#: Repositories that moved, in lower case, and where they are now.
MOVED = {
    "oeway/imjoy-plugins": "imjoy-team/imjoy-plugins",
    "oeway/imjoy-demo-plugins": "imjoy-team/imjoy-demo-plugins",
}

_RAW = re.compile(r"https?://raw\.githubusercontent\.com/([^/]+)/([^/]+)/(?:refs/(?:heads|tags)/)?(.+)", re.IGNORECASE)


def plugins(session: Session) -> list[Context]:
    """Return the Context of each ImJoy plugin, in order of registration."""
    return [context for context in _below_root(session) if "_imjoy" in context.data]


def _below_root(session: Session) -> Iterator[Context]:
    contexts = (session.get_context(hierarchy) for hierarchy in session.hierarchies() if hierarchy[:1] == (ROOT,))
    return (context for context in contexts if context is not None)


def find(session: Session, text: str, tag: str = "") -> Context:
    """Return the Context of the plugin that a URI, a name or ``imjoy/NAME`` stands for, with the tag as its assignment.

    :param tag: used instead of the tag of the URI.
    :raises ImJoyError: its code is ``uri``, ``plugin-not-found``, ``ambiguous-plugin`` or ``unknown-tag``.
    """
    uri = parse_uri(text.removeprefix(f"{ROOT}/") if text.count("/") == 1 else text)
    context = _plugin_of(session, uri)
    wanted = tag or uri.tag
    if not wanted:
        return context
    known = context.data.get("tags") or []
    if wanted not in known:
        message = f"the plugin {context.data['name']!r} has no tag {wanted!r}; it has {', '.join(known) or 'none at all'}"
        raise ImJoyError("unknown-tag", message, did_you_mean(wanted, known).strip())
    return session.need_context(context.hierarchy, "" if wanted == BASE else wanted)


def _plugin_of(session: Session, uri: PluginURI) -> Context:
    known = plugins(session)
    matches = [context for context in known if _is_meant(context, uri)] or _files_at(known, uri.url)
    if len(matches) == 1:
        return matches[0]
    if matches:
        places = ", ".join("/".join(context.hierarchy) for context in matches)
        raise ImJoyError("ambiguous-plugin", f"{uri.text!r} stands for several plugins: {places}", "Write OWNER/REPOSITORY:NAME.")
    if uri.kind in ("url", "gist"):
        help = "Nothing is fetched: add its file as a search path."
        raise ImJoyError("plugin-not-found", f"the plugin at {uri.url!r} isn't loaded", help)
    for context in _below_root(session):
        is_disabled = uri.name in context.data.get("_repository", {}).get("disabled", ())
        if is_disabled and (uri.kind == "bare" or _repository(context.data) == _current_name(uri.repository)):
            raise ImJoyError("plugin-not-found", f"the plugin {uri.text!r} is disabled in its manifest")
    names = sorted({str(context.data["name"]) for context in known})
    help = did_you_mean(uri.name, names).strip() or f"Those that are loaded: {', '.join(names) or 'none'}."
    raise ImJoyError("plugin-not-found", f"there is no plugin {uri.text!r}", help)


def _is_meant(context: Context, uri: PluginURI) -> bool:
    about = context.data["_imjoy"]
    if uri.kind in ("url", "gist"):
        return uri.url in (about.get("source"), about.get("uri"))
    if str(context.data["name"]).strip() != uri.name:
        return False
    return uri.kind == "bare" or _repository(context.data) == _current_name(uri.repository)


def _files_at(contexts: Sequence[Context], url: str) -> list[Context]:
    """Return the plugins whose file is the one that GitHub has at a raw address; none for other addresses."""
    raw = _RAW.fullmatch(url.partition("?")[0])
    parts = unquote(raw[3]).split("/") if raw else []
    # The branch is the first part, or several with slashes between them.
    for count in range(1, len(parts)):
        below = "/".join(parts[count:])
        found = [context for context in contexts if raw and _is_file(context, _current_name(f"{raw[1]}/{raw[2]}"), below)]
        if found:
            return found
    return []


def _is_file(context: Context, repository: str, below: str) -> bool:
    """Return whether a plugin's file is the one at a path below a repository.

    A plugin that no repository is known of is in a folder with the repository's name.
    """
    about = context.data["_imjoy"]
    own = _repository(context.data)
    if own:
        return own == repository and about.get("uri") == below
    path = str(about["source"]).replace("\\", "/")
    return f"/{path}".lower().endswith(f"/{repository.partition('/')[2]}/{below}".lower())


def _repository(data: Mapping[str, Any]) -> str:
    return _current_name(str(data.get("_repository", {}).get("origin", "")))


def _current_name(repository: str) -> str:
    """Return the name that a repository has now, in lower case."""
    lower = repository.lower()
    return MOVED.get(lower, lower)


def install_plan(context: Context, order: str = "engine") -> dict[str, Any]:
    """Return the plan of a plugin as plain data. It is made of the Context's data, and never carried out here.

    :param order: ``engine`` for the order of ImJoy's engine, ``listed`` for that of the file.
    :raises ValueError: there is no such order.
    """
    if order not in ORDERS:
        raise ValueError(f"{order!r} is no order of a plan: expected one of {', '.join(ORDERS)}")
    about = context.data["_imjoy"]
    pointers = {key: tuple(pointer) for key, pointer in about["overrides"].items()}
    names = known_names(about["plan"])
    problems = Problems(Source(about["source"]))
    return plan_of(context.data, problems, tag=about["tag"], order=order, pointers=pointers, environment_names=names)


def matching(session: Session, data: Any) -> list[Context]:
    """Return the plugins whose ``inputs`` fit *data*. Without ``inputs``, or with unreadable ones, a plugin fits nothing.

    :raises MissingExtraError: a plugin has ``inputs``, and the extra ``imjoy`` isn't installed (an ImportError).
    """
    return [context for context in plugins(session) if accepts(context, data)]


def accepts(context: Context, data: Any) -> bool:
    """Return whether the ``inputs`` of a plugin fit *data*.

    :raises MissingExtraError: it has ``inputs``, and the extra ``imjoy`` isn't installed (an ImportError).
    """
    try:
        return fits(context.data.get("inputs"), data)
    except BadSchema:
        return False


def dependency_problems(session: Session) -> list[Problem]:
    """Return the problems of the dependencies of all plugins: those that aren't loaded, and circles."""
    #: Plugin to the plugins that it needs, and where the first need of each is written.
    needed: dict[str, dict[str, Source]] = {}
    problems: list[Problem] = []
    for context in plugins(session):
        needs = needed["/".join(context.hierarchy)] = {}
        for text, source in _dependencies(session, context):
            try:
                target = "/".join(find(session, text).hierarchy)
            except ImJoyError as error:
                # Those that are no URIs were reported when the sheet was read.
                if not error.code.startswith("uri"):
                    problems.append(Problem(source, error.message, "warning", error.code))
                continue
            needs.setdefault(target, source)
    for circle in circles(needed, lambda plugin: needed.get(plugin, ())):
        message = f"plugins need each other in a circle: {' → '.join(circle)}"
        problems.append(Problem(needed[circle[-2]][circle[-1]], message, "error", "dependency-cycle"))
    return problems


def _dependencies(session: Session, context: Context) -> Iterator[tuple[str, Source]]:
    """Yield the dependencies of all layers of a plugin, each once, and where they are written."""
    seen = set()
    for tag in ("", *(context.data.get("tags") or ())):
        layer = session.get_context(context.hierarchy, tag) or context
        for index, text in enumerate(layer.data.get("dependencies") or ()):
            if isinstance(text, str) and text not in seen:
                seen.add(text)
                yield text, layer.plugins[-1].source_of("data", "dependencies", index)
