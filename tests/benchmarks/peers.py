"""The same questions to other libraries, as far as they are installed: the extra ``bench``."""

from __future__ import annotations

import functools
import importlib
import pathlib
import warnings
from typing import Any

from .runner import Timer, calls, each
from .worlds import TEN_DETAILS, TEN_FORMAT, TEN_REGEX, TEN_TEXT, TEN_VALUES, Place


def _module(name: str) -> Any:
    try:
        # Some are old, and import what Python has since deprecated.
        with warnings.catch_warnings(action="ignore"):
            return importlib.import_module(name)
    except ImportError:
        return None


def _unkept(method: Any) -> Any:
    """Return a method without the ``lru_cache`` around it."""
    wrapped = getattr(method, "__wrapped__", None)
    return method if wrapped is None else functools.partial(wrapped, method.__self__)


def _with_expressions(mapping: str, details: dict[str, dict[str, Any]]) -> str:
    """Return a mapping as lucidity writes it: ``{NAME:expression}``."""
    for name, entry in details.items():
        # A brace would end their token.
        regex = entry.get("parse", {}).get("regex", "").replace(r"\d{3}", r"\d\d\d").replace(r"\d{4}", r"\d\d\d\d")
        if regex and "{" not in regex:
            mapping = mapping.replace(f"{{{name}}}", f"{{{name}:{regex}}}")
    return mapping


def _expressions(details: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: entry["parse"]["regex"] for name, entry in details.items() if "regex" in entry.get("parse", {})}


def _codex(mappings: dict[str, str], expressions: dict[str, str]) -> Any:
    """Return the conventions of lucent-codex, or ``None``: names to mappings, and an expression for each of their tokens."""
    if (lucent := _module("lucent.lucent")) is None:
        return None
    rules = {name: lucent.Rule(expression) for name, expression in {"default": "[^/]+", **expressions}.items()}
    known = {name: lucent.Convention(mapping) for name, mapping in mappings.items()}
    kinds = type("Known", (lucent.Conventions,), known), type("Fitting", (lucent.Rules,), rules)
    return type("Studio", (lucent.Codex,), {"convs": kinds[0](), "rules": kinds[1]()})()


def _paths(mappings: dict[str, str], expressions: dict[str, str]) -> Any:
    """Return the module openpathresolver and its configuration, or ``None``. It reads tokens in small letters only."""
    if (resolver := _module("openpathresolver")) is None:
        return None
    inherited = resolver.Permission.Inherit, resolver.Owner.Inherit, resolver.PathType.File
    items = []
    for name, mapping in mappings.items():
        items.append(resolver.PathItem(name, mapping.lower(), None, *inherited, deferred=False, metadata={}))
    return resolver, resolver.Config({name.lower(): resolver.StringResolver(regex) for name, regex in expressions.items()}, items)


def reading(burst: float) -> dict[str, Timer]:
    """Return what reads the text of the ten-token pattern."""
    found: dict[str, Timer] = {}
    if (parse := _module("parse")) is not None:
        found["parse"] = calls(lambda parser=parse.compile(TEN_FORMAT): parser.parse(TEN_TEXT), burst)
    if (lucidity := _module("lucidity")) is not None:
        template = lucidity.Template("ten", _with_expressions(TEN_FORMAT, TEN_DETAILS))
        found["lucidity"] = calls(lambda: template.parse(TEN_TEXT), burst)
    if (resolva := _module("resolva")) is not None:
        resolver = resolva.Resolver("ten", {"ten": _with_expressions(TEN_FORMAT, TEN_DETAILS)})
        # It keeps its answers: the same text again would be a look-up.
        read = _unkept(resolver.resolve_one)
        found["resolva"] = calls(lambda: read(TEN_TEXT, "ten"), burst)
    if (pathbase := _module("pathbase")) is not None:
        ten = pathbase.Template(TEN_FORMAT)
        found["pathbase"] = calls(lambda: ten.parse(TEN_TEXT), burst)
    if (codex := _codex({"ten": TEN_FORMAT}, _expressions(TEN_DETAILS))) is not None:
        found["lucent-codex"] = calls(lambda: codex.convs.ten.parse(TEN_TEXT), burst)
    if (paths := _paths({"ten": TEN_FORMAT}, _expressions(TEN_DETAILS))) is not None:
        fields, config, path = paths[0].get_fields, paths[1], pathlib.Path(TEN_TEXT)
        found["openpathresolver"] = calls(lambda: fields(config, "ten", path), burst)
    if (regex := _module("regex")) is not None:
        fullmatch = regex.compile(TEN_REGEX).fullmatch
        found["regex"] = calls(lambda: fullmatch(TEN_TEXT).groupdict(), burst)
    return found


def writing(burst: float) -> dict[str, Timer]:
    """Return what writes the text of the ten-token pattern."""
    found: dict[str, Timer] = {}
    if (lucidity := _module("lucidity")) is not None:
        template = lucidity.Template("ten", TEN_FORMAT)
        found["lucidity"] = calls(lambda: template.format(TEN_VALUES), burst)
    if (codex := _codex({"ten": TEN_FORMAT}, _expressions(TEN_DETAILS))) is not None:
        found["lucent-codex"] = calls(lambda: codex.convs.ten.format(TEN_VALUES), burst)
    if (paths := _paths({"ten": TEN_FORMAT}, _expressions(TEN_DETAILS))) is not None:
        values = {name.lower(): value for name, value in TEN_VALUES.items()}
        found["openpathresolver"] = calls(lambda: paths[0].get_path(paths[1], "ten", values), burst)
    return found


def _own(place: Place) -> str:
    return str(place.plugin["mapping"]).removeprefix("{root}")


def _whole_mapping(place: Place) -> str:
    return "/mnt/jobs/{JOB}/{SCENE}/{SHOT}" + _with_expressions(_own(place), place.plugin["mapping_details"])


def finding(places: list[Place]) -> dict[str, Timer]:
    """Return what finds the template of texts among those of a studio; each takes the first that fits."""
    below = [place for place in places if place.hierarchy.startswith("job/scene/shot/")]
    texts = [place.text for place in below[-1:-11:-3]]
    mappings = {place.hierarchy: _whole_mapping(place) for place in below}
    found: dict[str, Timer] = {}
    if not texts:
        return found
    if (lucidity := _module("lucidity")) is not None:
        templates = [lucidity.Template(name, mapping) for name, mapping in mappings.items()]
        found["lucidity"] = each(lambda text: lucidity.parse(text, templates), texts)
    if (resolva := _module("resolva")) is not None:
        resolver = resolva.Resolver(f"studio{len(places)}", mappings, check_duplicate_placeholders=True)
        found["resolva"] = each(_unkept(resolver.resolve_first), texts)
    plain = {f"p{number}": "/mnt/jobs/{JOB}/{SCENE}/{SHOT}" + _own(place) for number, place in enumerate(below)}
    # openpathresolver finds a path's key by its fields, which nobody has yet: it has no auto-find.
    if (codex := _codex(plain, _expressions(below[0].plugin["mapping_details"]))) is not None:
        found["lucent-codex"] = each(lambda text: codex.solve(text, reverse=True), texts)
    return found
