"""What may stand for a place, a token or a value, out of the sheets that a command line names. Never fails."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from ways import api
from ways.cli.options import SharedOptions, UsageProblem, loaded_session

#: More places than this are suggested one level at a time: nobody reads ten thousand names.
MANY = 200


def hierarchies(options: SharedOptions, start: str) -> list[str]:
    """Return the places that begin so; of very many, only as far as the next ``/``."""
    session = _session(options)
    return by_level([place for place in session.place_texts() if place.startswith(start)], start) if session else []


def fields(options: SharedOptions, start: str) -> list[str]:
    """Return the places that begin so; after a ``:``, each field of the place."""
    place, colon, field = start.partition(":")
    if not colon:
        return hierarchies(options, start)
    session = _session(options)
    try:
        explained = session.explain(place, None, options.assignment).fields if session else ()
    except (api.WaysError, ValueError):
        return []
    return [f"{place}:{item.name}" for item in explained if item.name.startswith(field)]


def by_level(places: Sequence[str], start: str) -> list[str]:
    """Return *places*; of very many, what each is called up to the first ``/`` after *start*, with that."""
    if len(places) <= MANY:
        return list(places)
    ends = ((place, place.find("/", len(start)) + 1) for place in places)
    return list(dict.fromkeys(place[:end] if end else place for place, end in ends))


def platforms(options: SharedOptions, start: str) -> list[str]:
    """Return the platforms that begin so."""
    session = _session(options)
    return sorted(name for name in session.settings.platforms if name.startswith(start)) if session else []


def layers(options: SharedOptions, start: str) -> list[str]:
    """Return the layers that begin so."""
    session = _session(options)
    return [name for name in session.assignments() if name.startswith(start)] if session else []


def priority(options: SharedOptions, start: str) -> list[str]:
    """Return *start*, a list of layers, with each way to end the last name in it; no layer stands twice."""
    given, separator, last = start.rpartition(os.pathsep)
    taken = given.split(os.pathsep)
    return [given + separator + name for name in layers(options, last) if name not in taken]


def tokens(options: SharedOptions, hierarchy: str, start: str) -> list[str]:
    """Return the tokens of a place, those that begin so."""
    context = _context(options, hierarchy)
    return [name for name in context.template.all_tokens if name.startswith(start)] if context else []


def pairs(options: SharedOptions, hierarchy: str, given: Iterable[str], start: str) -> dict[str, str]:
    """Return ``TOKEN=`` for each token that has no value yet, and ``TOKEN=VALUE`` with its label where a token has choices."""
    context = _context(options, hierarchy)
    if context is None:
        return {}
    name, equals, value = start.partition("=")
    if equals:
        spec = context.template.spec(name)
        return {f"{name}={text}": spec.label(text) for _, text in spec.choices if text.startswith(value)}
    taken = {pair.partition("=")[0] for pair in given}
    return {f"{token}=": "" for token in context.template.all_tokens if token.startswith(name) and token not in taken}


def entrypoints(options: SharedOptions, start: str) -> list[str]:
    """Return the names of the Dioptra entrypoints that begin so."""
    session = _session(options)
    if session is None:
        return []
    # Few lines are about an entrypoint.
    from ways.systems.dioptra.resources import entrypoint_names

    return [name for name in entrypoint_names(session) if name.startswith(start)]


def parameters(options: SharedOptions, entrypoint: str, given: Iterable[str], start: str) -> dict[str, str]:
    """Return ``PARAMETER=`` for each parameter of an entrypoint that has no value yet, with its type."""
    session = _session(options)
    if session is None or "=" in start:
        return {}
    from ways.systems.dioptra.resources import parameter_types

    taken = {pair.partition("=")[0] for pair in given}
    known = parameter_types(session, entrypoint)
    return {f"{name}=": type for name, type in known.items() if name.startswith(start) and name not in taken}


def imjoy_plugins(options: SharedOptions, start: str) -> list[str]:
    """Return the names of the ImJoy plugins that begin so; after an ``@``, each tag of the plugin."""
    session = _session(options)
    if session is None:
        return []
    from ways.systems.imjoy.catalogue import plugins

    known = {str(context.data["name"]): context.data.get("tags") or () for context in plugins(session)}
    name, at, _ = start.rpartition("@")
    names = [f"{name}@{tag}" for tag in known.get(name, ())] if at else known
    return [name for name in names if name.startswith(start)]


def imjoy_fields(options: SharedOptions, plugin: str, given: Iterable[str], start: str) -> dict[str, str]:
    """Return ``FIELD=`` for each field of a plugin's form that has no value yet, with its type."""
    session = _session(options)
    if session is None or "=" in start:
        return {}
    from ways.systems.imjoy.catalogue import find

    try:
        fields = find(session, plugin, options.assignment).data["_imjoy"]["parameters"]
    except api.WaysError:
        return {}
    taken = {pair.partition("=")[0] for pair in given}
    known = {field["key"]: field["type"] for field in fields if field["key"]}
    return {f"{name}=": kind for name, kind in known.items() if name.startswith(start) and name not in taken}


def _context(options: SharedOptions, hierarchy: str) -> api.Context | None:
    session = _session(options)
    try:
        context = session.get_context(hierarchy, options.assignment) if session and hierarchy else None
        return context if context and context.template.all_tokens else None
    except api.WaysError:
        return None


def _session(options: SharedOptions) -> api.Session | None:
    try:
        return loaded_session(options)
    except (UsageProblem, api.WaysError):
        return None
