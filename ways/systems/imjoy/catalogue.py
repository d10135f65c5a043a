"""ImJoy's plugins in a session: found by their URIs and by data, with the plans of what they need. Nothing is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ways.api import Context, Problem, Session
from ways.errors import ImJoyError, did_you_mean
from ways.systems.imjoy.inputs import BadSchema, fits
from ways.sheets.document import Source
from ways.systems.imjoy.plan import ORDERS, plan_of
from ways.systems.imjoy.files.plugin import BASE, ROOT
from ways.systems.imjoy.files.report import Report
from ways.systems.imjoy.files.uri import AppRequest, PluginURI, parse_app_url, parse_uri

__all__ = [
    "AppRequest", "ImJoyError", "PluginURI", "dependency_problems", "find", "install_plan", "matching", "parse_app_url",
    "parse_uri", "plugins",
]

#: Repositories that moved, in lower case, and where they are now.
MOVED = {
    "oeway/imjoy-plugins": "imjoy-team/imjoy-plugins",
    "oeway/imjoy-demo-plugins": "imjoy-team/imjoy-demo-plugins",
}


def plugins(session: Session) -> list[Context]:
    """Return the Context of each ImJoy plugin, in order of registration."""
    found = (session.get_context(place) for place in session.hierarchies() if place[:1] == (ROOT,))
    return [context for context in found if context is not None and "_imjoy" in context.data]


def find(session: Session, text: str, tag: str = "") -> Context:
    """Return the Context of the plugin that a URI, a name or ``imjoy/NAME`` stands for, for its tag.

    :param tag: goes before the tag of the URI.
    :raises ImJoyError: its code is ``uri``, ``plugin-not-found``, ``ambiguous-plugin`` or ``unknown-tag``.
    """
    uri = parse_uri(text.removeprefix(f"{ROOT}/") if text.count("/") == 1 else text)
    found = _one(session, uri)
    wanted = tag or uri.tag
    if not wanted:
        return found
    known = found.data.get("tags") or []
    if wanted not in known:
        told = ", ".join(known) or "none at all"
        message = f"the plugin {found.data['name']!r} has no tag {wanted!r}; it has {told}"
        raise ImJoyError("unknown-tag", message, did_you_mean(wanted, known).strip())
    return session.need_context(found.hierarchy, "" if wanted == BASE else wanted)


def _one(session: Session, uri: PluginURI) -> Context:
    known = plugins(session)
    found = [context for context in known if _is_meant(context, uri)]
    if len(found) == 1:
        return found[0]
    if found:
        places = ", ".join("/".join(context.hierarchy) for context in found)
        raise ImJoyError("ambiguous-plugin", f"{uri.text!r} stands for several plugins: {places}", "Write OWNER/REPOSITORY:NAME.")
    names = [str(context.data["name"]) for context in known]
    if uri.kind in ("url", "gist"):
        help = "Nothing is fetched: add its file as a search path."
        raise ImJoyError("plugin-not-found", f"the plugin at {uri.url!r} isn't loaded", help)
    if _is_disabled(session, uri):
        raise ImJoyError("plugin-not-found", f"the plugin {uri.text!r} is disabled in its manifest")
    help = did_you_mean(uri.name, names).strip() or f"Those that are loaded: {', '.join(sorted(set(names))) or 'none'}."
    raise ImJoyError("plugin-not-found", f"there is no plugin {uri.text!r}", help)


def _is_meant(context: Context, uri: PluginURI) -> bool:
    own = context.data["_imjoy"]
    if uri.kind in ("url", "gist"):
        return uri.url in (own.get("source"), own.get("uri"))
    if str(context.data["name"]).strip() != uri.name:
        return False
    return uri.kind == "bare" or _repository(context.data) == _now(uri.repository)


def _repository(data: Mapping[str, Any]) -> str:
    return _now(str(data.get("_repository", {}).get("origin", "")))


def _now(repository: str) -> str:
    """Return a repository as it is called now; letter case doesn't matter."""
    lower = repository.lower()
    return MOVED.get(lower, lower)


def _is_disabled(session: Session, uri: PluginURI) -> bool:
    for place in session.hierarchies():
        context = session.get_context(place) if place[:1] == (ROOT,) else None
        if context is not None and uri.name in context.data.get("_repository", {}).get("disabled", ()):
            if uri.kind == "bare" or _repository(context.data) == _now(uri.repository):
                return True
    return False


def install_plan(context: Context, order: str = "engine") -> dict[str, Any]:
    """Return the plan of a plugin: as data, in the order of ImJoy's engine or as ``listed``. It is never carried out here.

    :raises ValueError: there is no such order.
    """
    if order not in ORDERS:
        raise ValueError(f"{order!r} is no order of a plan: expected one of {', '.join(ORDERS)}")
    own = context.data["_imjoy"]
    pointers = {key: tuple(pointer) for key, pointer in own["overrides"].items()}
    return plan_of(context.data, Report(Source(own["source"])), tag=own["tag"], order=order, pointers=pointers)


def matching(session: Session, data: Any) -> list[Context]:
    """Return the plugins whose ``inputs`` fit *data*; one without ``inputs``, or with such as can't be read, fits nothing."""
    return [context for context in plugins(session) if accepts(context, data)]


def accepts(context: Context, data: Any) -> bool:
    """Whether the ``inputs`` of a plugin fit *data*."""
    try:
        return fits(context.data.get("inputs"), data)
    except BadSchema:
        return False


def dependency_problems(session: Session) -> list[Problem]:
    """Return what is wrong with the dependencies of all plugins: such as aren't loaded, and circles."""
    needed: dict[str, dict[str, Problem]] = {}
    problems: list[Problem] = []
    for context in plugins(session):
        place = "/".join(context.hierarchy)
        needed[place] = {}
        for text, source in _dependencies(session, context):
            try:
                target = "/".join(find(session, text).hierarchy)
            except ImJoyError as error:
                if not error.code.startswith("uri"):  # Those were told of when the sheet was read.
                    problems.append(Problem(source, error.message, "warning", error.code))
                continue
            needed[place].setdefault(target, Problem(source, "", "error", "dependency-cycle"))
    return [*problems, *_circles(needed)]


def _dependencies(session: Session, context: Context) -> Iterator[tuple[str, Source]]:
    """Yield the dependencies of all layers of a plugin, each once, and where they are written."""
    told = set()
    for tag in ("", *(context.data.get("tags") or ())):
        layer = session.get_context(context.hierarchy, tag) or context
        for index, text in enumerate(layer.data.get("dependencies") or ()):
            if isinstance(text, str) and text not in told:
                told.add(text)
                yield text, layer.plugins[-1].source_of("data", "dependencies", index)


def _circles(needed: Mapping[str, Mapping[str, Problem]]) -> Iterator[Problem]:
    """Yield a problem for each way back to a plugin that is on its own way."""
    done: set[str] = set()
    for start in needed:
        path = [start] if start not in done else []
        waiting = [iter(needed[start])] if path else []
        while waiting:
            target = next(waiting[-1], None)
            if target is None:
                done.add(path.pop())
                waiting.pop()
            elif target in path:
                chain = [*path[path.index(target) :], target]
                message = f"plugins need each other in a circle: {' → '.join(chain)}"
                yield needed[path[-1]][target]._replace(message=message)
            elif target not in done:
                path.append(target)
                waiting.append(iter(needed.get(target, {})))
