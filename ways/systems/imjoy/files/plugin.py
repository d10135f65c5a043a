"""One ImJoy plugin as plugins of a sheet: one for the usual layer, and one for each tag, which is an assignment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ways.errors import ImJoyError, MissingExtraError
from ways.hierarchy import quoted_hierarchy
from ways.sheets.document import Pointer, Position
from ways.systems.imjoy.files.config import BROWSER_TYPES, ENGINE_TYPES, Layer, layers_of
from ways.systems.imjoy.files.form import parameters
from ways.systems.imjoy.files.inputs import BadSchema, check_schema
from ways.systems.imjoy.files.plan import EnvironmentNames, plan_of
from ways.systems.imjoy.files.scripts import DecodedBlock, check_scripts, scripts_of
from ways.systems.imjoy.files.uri import COMMIT, parse_uri
from ways.systems.shared import FaultLevel, Problems, moved_positions

#: Where all of ImJoy's places stand, and those of plugins that belong to no repository.
ROOT, LOCAL = "imjoy", "local"
#: The assignment that has the values of the first tag.
BASE = "master"
_RUNS = {**dict.fromkeys(ENGINE_TYPES, "engine"), **dict.fromkeys(BROWSER_TYPES, "browser"), "collection": "nothing"}


class Origin(NamedTuple):
    """Where a plugin comes from."""

    #: The parts of its hierarchy after ``imjoy``, without its name.
    parts: tuple[str, ...]
    #: ``owner/name``; ``""`` if it isn't known.
    repository: str = ""
    #: The path of the plugin's file, or its URI if there is no file.
    source: str = ""

    def uuid(self, name: str) -> str:
        """Return a text that identifies the plugin of this name among all plugins."""
        return f"{self.repository}:{name}" if self.repository else f"{self.source}:{name}"


def describe(
    name: str,
    config: Mapping[str, Any],
    origin: Origin,
    problems: Problems,
    *,
    blocks: Sequence[DecodedBlock] | None = None,
    facts: Mapping[str, Any] = {},
    environment_names: EnvironmentNames | None = None,
) -> tuple[dict[str, Any], dict[Pointer, Position]]:
    """Return the plugins of a sheet that a configuration becomes, by name, and their positions.

    Each layer is whole, so no two tags are ever merged.

    :param blocks: the blocks of its file, if it has one.
    :param facts: further facts for the key ``_imjoy`` of each layer.
    :param environment_names: reads the files of environments that are beside the plugin.
    """
    layers = layers_of(config, problems)
    data_of = {layer.tag: _data(layer, blocks, problems, environment_names) for layer in layers}
    check_scripts(blocks or (), {tag: (data, about["plan"]) for tag, (data, about) in data_of.items()}, problems)
    for key in ("inputs", "outputs"):
        if config.get(key) is not None:
            _check_schema(key, config[key], problems)
    faults = {(fault.level, fault.code, fault.message, fault.source): fault.as_dict() for fault in problems.faults}
    facts = {"source": origin.source, **facts, "diagnostics": list(faults.values())}
    # The usual layer is that of the first tag, or of a tag with the usual layer's name.
    usual = next((layer for layer in layers if layer.tag == BASE), layers[0])
    plugins: dict[str, Any] = {}
    positions: dict[Pointer, Position] = {}
    for assignment, layer in [("", usual), *((layer.tag, layer) for layer in layers if layer.tag not in ("", BASE))]:
        tag = f"@{assignment}" if assignment else ""
        data, about = data_of[layer.tag]
        plugins[name + tag] = {
            "hierarchy": quoted_hierarchy((ROOT, *origin.parts, name)),
            "uuid": origin.uuid(name) + tag,
            **({"assignment": assignment} if assignment else {}),
            **_mapping(name, origin, layer.values.get("tags") or ()),
            "data": {**data, "_imjoy": {**facts, **about}},
        }
        positions.update(_positions(name + tag, layer, problems))
    return plugins, positions


def _check_schema(key: str, value: Any, problems: Problems) -> None:
    """Report ``inputs`` or ``outputs`` that are no schema. ImJoy never compares data with ``outputs``."""
    if not isinstance(value, dict):
        problems.add_lax(f"{key}-type", "a JSON schema", f"{value!r:.60}", (key,))
        return
    try:
        check_schema(value)
    except MissingExtraError as error:
        problems.add(f"{key}-schema", f"it wasn't checked whether this is a JSON schema. {error}", (key,), level="info")
    except BadSchema as error:
        level: FaultLevel = "warning" if error.is_ours or key == "outputs" else "error"
        outcome = "no data fits" if key == "inputs" else "ImJoy ignores it"
        message = f"expected a JSON schema, found that {error}: {outcome}"
        # Schemas of before draft 4 had a truth value in each property.
        is_old = error.pointer[-1:] == ("required",) and "is not of type 'array'" in message
        help = "Remove it: all properties are required, unless 'required' beside 'properties' lists others." if is_old else ""
        problems.add(f"{key}-schema", message, (key, *error.pointer), level=level, help=help)


def _mapping(name: str, origin: Origin, tags: Sequence[str]) -> dict[str, Any]:
    """Return the mapping of a plugin, which fits its URIs, and the details of its tokens."""
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


def _data(
    layer: Layer, blocks: Sequence[DecodedBlock] | None, problems: Problems, environment_names: EnvironmentNames | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the data of a layer, and the facts about the layer that go under its key ``_imjoy``."""
    data = dict(layer.values)
    about: dict[str, Any] = {"tag": layer.tag, "runs_in": _RUNS.get(str(layer.values.get("type")), "unknown")}
    about["overrides"] = {key: list(pointer) for key, pointer in layer.pointers.items()}
    if blocks is not None:
        about |= _texts(layer, blocks)
        if about["docs"]:
            data["docs"] = about["docs"]["text"]
        is_elsewhere = data.get("base_frame") or data.get("base_worker") or data.get("passive")
        is_hidden = any(not item.block.is_closed for item in blocks)
        if not about["scripts"] and about["runs_in"] != "nothing" and not is_elsewhere and not is_hidden:
            of_tag = f" of the tag {layer.tag!r}" if layer.tag else ""
            problems.add("no-script", f"there is no <script>{of_tag}: nothing would run", level="warning")
    about["parameters"] = parameters(data.get("ui"), layer.pointers.get("ui", ("ui",)), problems)
    about["dependencies"] = _dependencies(layer, problems)
    about["plan"] = plan_of(
        layer.values, problems, tag=layer.tag, pointers=layer.pointers, environment_names=environment_names
    )
    return data, about


def _texts(layer: Layer, blocks: Sequence[DecodedBlock]) -> dict[str, Any]:
    """Return the texts of a file's blocks for one tag. None of them is run."""
    by_name: dict[str, list[DecodedBlock]] = {}
    for item in blocks:
        by_name.setdefault(item.block.name, []).append(item)
    attachments: dict[str, str] = {}
    for item in by_name.get("attachment", ()):
        if name := item.block.attribute("name"):
            attachments.setdefault(name, item.text)
    docs = by_name.get("docs", ())
    scripts = [
        {
            **item.as_dict("lang", "tag", "src", "type"),
            "first_line": item.start[0],
            "sha256": hashlib.sha256(item.text.encode("utf-8", "surrogatepass")).hexdigest(),
        }
        for item in scripts_of(blocks, layer.tag)
    ]
    return {
        "scripts": scripts,
        "docs": docs[0].as_dict("lang") if docs else {},
        "windows": [item.as_dict("lang") for item in by_name.get("window", ())],
        "styles": [item.as_dict("lang", "src") for item in by_name.get("style", ())],
        "links": [item.as_dict("rel", "type", "href") for item in by_name.get("link", ())],
        "attachments": attachments,
    }


def _dependencies(layer: Layer, problems: Problems) -> list[dict[str, Any]]:
    """Return the dependencies that are URIs: the text, and each part of the URI that isn't empty."""
    dependencies = []
    pointer = layer.pointers.get("dependencies", ("dependencies",))
    for index, text in enumerate(layer.values.get("dependencies") or ()):
        try:
            uri = parse_uri(str(text))
        except ImJoyError as error:
            problems.add(error.code, error.message, (*pointer, index))
        else:
            dependencies.append({"text": str(text), **{key: value for key, value in uri._asdict().items() if value}})
    return dependencies


def _positions(key: str, layer: Layer, problems: Problems) -> Iterator[tuple[Pointer, Position]]:
    """Yield where the parts of a plugin are written.

    :param key: what the sheet calls the plugin.
    """
    top, within = ("plugins", key), problems.within
    config_at = problems.positions.get(within, (problems.source.line, problems.source.column))
    yield top, config_at
    yield (*top, "hierarchy"), problems.positions.get((*within, "name"), config_at)
    yield (*top, "data"), config_at
    moves: dict[Pointer, list[Pointer]] = {within: [(*top, "data")]}
    for data_key, pointer in layer.pointers.items():
        # The values of other tags go nowhere.
        moves.setdefault((*within, pointer[0]), [])
        moves[(*within, *pointer)] = [(*top, "data", data_key)]
    yield from moved_positions(problems.positions, moves)
