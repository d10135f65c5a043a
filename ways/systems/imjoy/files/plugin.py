"""One ImJoy plugin as places of a sheet: one layer for what holds without a tag, and one for each tag."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.errors import ImJoyError
from ways.sheets.document import Pointer, Position
from ways.hierarchy import quoted_hierarchy
from ways.systems.imjoy.files.blocks import Block
from ways.systems.imjoy.files.form import parameters
from ways.systems.imjoy.files.keys import Layer, layers_of
from ways.systems.imjoy.plan import BROWSER_TYPES, ENGINE_TYPES, plan_of
from ways.systems.imjoy.files.report import Report
from ways.systems.imjoy.files.uri import COMMIT, parse_uri

#: Where all of ImJoy's places stand, and those of plugins that belong to no repository.
ROOT, LOCAL = "imjoy", "local"
#: The layer of what holds where no tag is asked for.
BASE = "master"
_RUNS = {**dict.fromkeys(ENGINE_TYPES, "engine"), **dict.fromkeys(BROWSER_TYPES, "browser"), "collection": "nothing"}


class Part(NamedTuple):
    """A block, decoded: its attributes, its text, and the line that it begins in."""

    block: Block
    text: str
    line: int

    def as_dict(self, *names: str) -> dict[str, Any]:
        """Return its text, its line, and those of its attributes that mean something."""
        told = {name: self.block.attributes[name] for name in names if name in self.block.attributes}
        return {**told, "text": self.text, "line": self.line}


class Origin(NamedTuple):
    """Where a plugin was found."""

    #: The parts of its place after ``imjoy``, without its name.
    parts: tuple[str, ...]
    #: ``owner/name`` where that is known.
    repository: str = ""
    #: The file, or the URI that it would be at.
    source: str = ""

    def uuid(self, name: str) -> str:
        """Return what no other plugin is called."""
        return f"{self.repository}:{name}" if self.repository else f"{self.source}:{name}"


class Plugin(NamedTuple):
    """A plugin, described: plugins of a sheet by name, and their positions."""

    plugins: dict[str, Any]
    positions: dict[Pointer, Position]


def describe(
    name: str,
    config: Mapping[str, Any],
    origin: Origin,
    report: Report,
    *,
    parts: Sequence[Part] | None = None,
    facts: Mapping[str, Any] = {},
) -> Plugin:
    """Return the plugins that a configuration makes. Each layer is whole, so no two tags are ever merged.

    :param parts: its blocks, where its file is at hand.
    :param facts: what else there is to say under ``_imjoy``.
    """
    layers = layers_of(config, report)
    made = [(layer, _data(layer, parts, report)) for layer in layers]
    _tell_inputs(config, report)
    facts = {"source": origin.source, **facts, "diagnostics": report.diagnostics}
    plugins: dict[str, Any] = {}
    positions: dict[Pointer, Position] = {}
    for assignment, layer, (data, own) in _placed(made):
        key = f"{name}@{assignment}" if assignment else name
        plugins[key] = _plugin(name, origin, layer, assignment, {**data, "_imjoy": {**facts, **own}})
        positions.update(_positions(key, layer, config, report))
    return Plugin(plugins, positions)


_Made = tuple[dict[str, Any], dict[str, Any]]


def _placed(made: Sequence[tuple[Layer, _Made]]) -> Iterator[tuple[str, Layer, _Made]]:
    """Yield each layer with its assignment, the one for no tag first: that is the first tag's, or one called as itself."""
    base = next((item for item in made if item[0].tag == BASE), made[0])
    yield "", *base
    yield from ((layer.tag, layer, data) for layer, data in made if layer.tag not in ("", BASE))


def _plugin(name: str, origin: Origin, layer: Layer, assignment: str, data: dict[str, Any]) -> dict[str, Any]:
    tag = f"@{assignment}" if assignment else ""
    return {
        "hierarchy": quoted_hierarchy((ROOT, *origin.parts, name)),
        "uuid": origin.uuid(name) + tag,
        **({"assignment": assignment} if assignment else {}),
        **_mapping(name, origin, layer.values.get("tags") or ()),
        "data": data,
    }


def _mapping(name: str, origin: Origin, tags: Sequence[str]) -> dict[str, Any]:
    """Return the mapping of a plugin: its URIs."""
    details: dict[str, Any] = {"PLUGIN": {"choices": [name]}}
    text = "{PLUGIN}"
    if origin.repository:
        owner, _, repository = origin.repository.partition("/")
        details |= {"OWNER": {"choices": [owner]}, "REPO": {"choices": [repository]}}
        details["COMMIT"] = {"parse": {"regex": COMMIT}, "required": False}
        text = "{OWNER}/{REPO}[@{COMMIT}]:{PLUGIN}"
    if tags:
        details["TAG"] = {"choices": list(tags), "required": False}
        text += "[@{TAG}]"
    return {"syntax": 2, "mapping": text, "mapping_details": details}


def _data(layer: Layer, parts: Sequence[Part] | None, report: Report) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the data of a layer, and what it says of the layer under ``_imjoy``."""
    data = dict(layer.values)
    own: dict[str, Any] = {"tag": layer.tag, "runs_in": _RUNS.get(str(layer.values.get("type")), "unknown")}
    own["overrides"] = {key: list(pointer) for key, pointer in layer.pointers.items()}
    if parts is not None:
        own |= _blocks(layer, parts)
        if own["docs"]:
            data["docs"] = own["docs"]["text"]
        if not own["scripts"] and own["runs_in"] != "nothing" and not data.get("passive"):
            of_tag = f" of the tag {layer.tag!r}" if layer.tag else ""
            report.tell("no-script", f"there is no <script>{of_tag}: nothing would run", level="warning")
    pointer = layer.pointers.get("ui", ("ui",))
    own["parameters"] = parameters(data.get("ui"), pointer, report)
    own["dependencies"] = _dependencies(layer, report)
    own["plan"] = plan_of(layer.values, report, tag=layer.tag, pointers=layer.pointers)
    return data, own


def _blocks(layer: Layer, parts: Sequence[Part]) -> dict[str, Any]:
    """Return what the blocks of a file hold for one tag. All of it is text; none of it is run."""
    named: dict[str, list[Part]] = {}
    for part in parts:
        named.setdefault(part.block.name, []).append(part)
    scripts = [part for part in named.get("script", ()) if part.block.attributes.get("tag", layer.tag) == layer.tag]
    attachments: dict[str, str] = {}
    for part in named.get("attachment", ()):
        if name := part.block.attribute("name"):
            attachments.setdefault(name, part.text)
    docs = named.get("docs", ())
    return {
        "scripts": [{**part.as_dict("lang", "tag", "src", "type"), "sha256": digest(part.text)} for part in scripts],
        "docs": docs[0].as_dict("lang") if docs else {},
        "windows": [part.as_dict("lang") for part in named.get("window", ())],
        "styles": [part.as_dict("lang", "src") for part in named.get("style", ())],
        "links": [part.as_dict("rel", "type", "href") for part in named.get("link", ())],
        "attachments": attachments,
    }


def digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _dependencies(layer: Layer, report: Report) -> list[dict[str, Any]]:
    found = []
    pointer = layer.pointers.get("dependencies", ("dependencies",))
    for index, text in enumerate(layer.values.get("dependencies") or ()):
        try:
            found.append({"text": str(text), **{key: value for key, value in parse_uri(str(text))._asdict().items() if value}})
        except ImJoyError as error:
            report.tell(error.code, error.message, (*pointer, index))
    return found


def _tell_inputs(config: Mapping[str, Any], report: Report) -> None:
    for key in ("inputs", "outputs"):
        if not isinstance(config.get(key), (dict, type(None))):
            report.tell(f"{key}-type", f"expected a JSON schema, found {config[key]!r:.60}", (key,), level="warning")


def _positions(key: str, layer: Layer, config: Mapping[str, Any], report: Report) -> Iterator[tuple[Pointer, Position]]:
    """Yield where the data of a layer are written."""
    top = ("plugins", key)
    config_at = report.positions.get(report.within, (report.source.line, report.source.column))
    name_at = report.positions.get((*report.within, "name"), config_at)
    yield top, config_at
    yield (*top, "hierarchy"), name_at
    yield (*top, "data"), config_at
    skipped = len(report.within)
    chosen = {pointer[0]: (data_key, pointer) for data_key, pointer in layer.pointers.items()}
    for written, position in report.positions.items():
        if written[:skipped] != report.within or len(written) == skipped:
            continue
        pointer = written[skipped:]
        data_key, source = chosen.get(pointer[0], (pointer[0], pointer[:1]))
        if pointer[: len(source)] == source:
            yield (*top, "data", data_key, *pointer[len(source) :]), position
