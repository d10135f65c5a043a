"""The keys of an ImJoy configuration: what each may hold, and which value of it is that of a tag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ways.errors import did_you_mean, nearest
from ways.sheets.document import Pointer
from ways.systems.imjoy.files.config import VERSIONS, version_key
from ways.systems.imjoy.plan import KNOWN_TYPES
from ways.systems.imjoy.files.report import Report

#: Keys whose value may be a mapping of tags to values, and what holds for a tag that isn't in it.
PER_TAG: Mapping[str, Any] = {
    "env": None, "requirements": [], "dependencies": [], "icon": "extension", "ui": "", "type": None, "flags": [],
    "labels": None, "cover": None, "base_frame": None, "base_worker": None, "passive": False,
}
#: Every other key that ImJoy knows.
OTHER_KEYS = (
    "name", "version", "api_version", "description", "tags", "inputs", "outputs", "cmd", "permissions", "defaults", "runnable",
    "disabled", "uri", "url", "mode", "lang", "docs", "gui", "authors", "license", "repository", "website", "createdAt",
    "show_panel", "extensions",
)
#: Keys that its loader writes.
RESERVED = (
    "tag", "script", "scripts", "links", "windows", "styles", "attachments", "code", "_id", "id", "origin", "namespace", "badges",
    "engine_mode", "hot_reloading", "hash", "installed", "workspace",
)
#: Types of before 0.1.2, up to the version of the API that still knew them.
OLD_TYPES = {"pyworker": "native-python", "webworker": "web-worker", "webpython": "web-python"}
LAST_OLD_API = "0.1.1"
#: Tags of one plugin.
MAX_TAGS = 64


class Layer(NamedTuple):
    """A configuration in which one tag was chosen, or that has none."""

    tag: str
    values: dict[str, Any]
    #: Where the value of a key stands, if not under the key itself.
    pointers: Mapping[str, Pointer]


def name_of(config: Mapping[str, Any], report: Report) -> str:
    """Return the plugin's name; ``""`` if it can't be one."""
    name = config.get("name")
    pointer = ("name",) if "name" in config else ()
    if not isinstance(name, str) or not name.strip():
        found = f"found {name!r:.60}" if "name" in config else "found none"
        close = nearest("name", [str(key) for key in config]) if "name" not in config else ""
        help = f"Did you mean it by {close!r}?" if close else 'Write "name": "My plugin".'
        report.tell("name", f"expected a text that isn't empty as name, {found}", pointer, help=help)
        return ""
    if "/" in name:
        report.tell("name", f"expected a name without '/', found {name!r:.60}", pointer, help="Write another character for it.")
        return ""
    return name.strip()


def tags_of(config: Mapping[str, Any], report: Report) -> tuple[str, ...]:
    """Return the tags in order, the first of which holds where none is asked for."""
    written = config.get("tags")
    if written is None:
        return ()
    if isinstance(written, str):
        report.tell("tags-type", f"expected a list of tags, found the text {written!r:.60}: it is the one tag", ("tags",), level="warning")
        written = [written]
    if not isinstance(written, list):
        report.tell("tags-type", f"expected a list of tags, found {written!r:.60}", ("tags",))
        return ()
    if len(written) > MAX_TAGS:
        report.tell("too-large", f"expected at most {MAX_TAGS} tags, found {len(written)}: the others are left out", ("tags",))
    found: dict[str, None] = {}
    for index, tag in enumerate(written[:MAX_TAGS]):
        if not isinstance(tag, str) or not tag.strip():
            report.tell("tags-type", f"expected a text that isn't empty as tag, found {tag!r:.60}", ("tags", index))
        elif tag in found:
            report.tell("duplicate-tag", f"the tag {tag!r} stands twice", ("tags", index), help="Take one of them out.")
        else:
            found[tag] = None
    return tuple(found)


def layers_of(config: Mapping[str, Any], report: Report) -> tuple[Layer, ...]:
    """Return the configuration for each tag, or as it is where there are no tags; what all share is in each."""
    tags = tags_of(config, report)
    shared = _shared(config, report)
    if tags:
        shared["tags"] = list(tags)
    elif "tags" in config:
        shared["tags"] = []
    return tuple(_chosen(shared, tag, report) for tag in tags or ("",))


def _shared(config: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Return a copy of the configuration with old and other spellings replaced."""
    values = dict(config)
    for key in VERSIONS:
        if isinstance(values.get(key), (int, float)) and not isinstance(values[key], bool):
            report.tell("version-type", f"expected a text as {key}, found the number {values[key]!r}", (key,), level="warning")
            values[key] = str(values[key])
    if not isinstance(values.get("api_version"), str):
        found = f"found {values['api_version']!r:.60}" if "api_version" in values else "found none"
        message = f"expected a text as api_version, {found}: the newest is assumed"
        report.tell("api-version", message, ("api_version",) if "api_version" in values else (), level="warning")
    elif version_key(values["api_version"]) <= version_key(LAST_OLD_API):
        _upgrade(values)
    if "gui" in values:
        told = "'gui' is read as 'ui'" if not values.get("ui") else "'gui' is ignored beside 'ui'"
        report.tell("gui", f"{told}, which is the key's name", ("gui",), level="warning", help="Write 'ui'.")
        values["ui"] = values.get("ui") or values["gui"]
    _tell_keys(values, report)
    return values


def _upgrade(values: dict[str, Any]) -> None:
    kind = values.get("type") or values.pop("mode", None)
    values.pop("mode", None)
    if kind is not None:
        values["type"] = OLD_TYPES.get(kind, kind) if isinstance(kind, str) else kind


def _tell_keys(values: Mapping[str, Any], report: Report) -> None:
    for key in values:
        if key in RESERVED:
            message = f"the key {key!r} is one that ImJoy writes by itself: it means nothing here"
            report.tell("reserved-key", message, (key,), level="info")
        elif key not in PER_TAG and key not in OTHER_KEYS:
            message = f"the key {key!r} is none of ImJoy's: it is kept"
            report.tell("unknown-key", message, (key,), level="info", help=did_you_mean(str(key), (*PER_TAG, *OTHER_KEYS)).strip())


def _chosen(shared: Mapping[str, Any], tag: str, report: Report) -> Layer:
    """Return the configuration for one tag."""
    values, pointers = dict(shared), {}
    for key, default in PER_TAG.items():
        by_tag = values.get(key)
        if isinstance(by_tag, dict):
            values[key] = by_tag.get(tag, default) if tag else default
            pointers[key] = (key, tag) if tag in by_tag and tag else (key,)
            if not tag:
                _tell_without_tags(key, report)
            elif tag not in by_tag:
                _tell_missing(key, tag, by_tag, default, report)
    if "gui" in values and "ui" not in pointers and not shared.get("ui"):
        pointers["ui"] = ("gui",)
    _normalise(values, pointers, report)
    return Layer(tag, values, pointers)


def _tell_without_tags(key: str, report: Report) -> None:
    help = "Write a text or a list." if key == "ui" else "Write \"tags\": [...], or the value alone."
    report.tell("override-without-tags", f"{key!r} holds a value for each tag, but there are no tags", (key,), help=help)


def _tell_missing(key: str, tag: str, by_tag: Mapping[Any, Any], default: Any, report: Report) -> None:
    close = nearest(tag, [str(name) for name in by_tag], cutoff=0.8)
    help = f"Did you mean {close!r}?" if close else f"There are values for: {', '.join(map(str, by_tag))}."
    message = f"{key!r} has no value for the tag {tag!r}: {default!r} is used"
    report.tell("tag-missing", message, (key,), level="warning", help=help)


def _normalise(values: dict[str, Any], pointers: Mapping[str, Pointer], report: Report) -> None:
    """Make lists of what is a list of one, and tell of types that can't be."""
    for key in ("flags", "requirements", "dependencies", "labels", "permissions"):
        value = values.get(key)
        if isinstance(value, str):
            values[key] = [value]
        elif value is not None and not isinstance(value, list) and key != "requirements":
            pointer = pointers.get(key, (key,))
            report.tell(f"{key}-type", f"expected a list of texts, found {value!r:.60}", pointer, level="warning")
            values[key] = PER_TAG.get(key) or []
    if values.get("requirements") is None:
        values["requirements"] = []
    _check_type(values, pointers.get("type", ("type",)), report)


def _check_type(values: Mapping[str, Any], pointer: Pointer, report: Report) -> None:
    kind = values.get("type")
    if isinstance(kind, str) and kind in KNOWN_TYPES:
        return
    if kind is None:
        mode = values.get("mode")
        help = f"Those that are known: {', '.join(KNOWN_TYPES)}."
        if isinstance(mode, str):
            help = f"'mode' was the key's name up to version {LAST_OLD_API} of the API: write \"type\": \"{OLD_TYPES.get(mode, mode)}\"."
        where: Pointer = ("mode",) if mode is not None else pointer if "type" in values else ()
        report.tell("type", "expected a type, found none: nothing can run it", where, level="warning", help=help)
        return
    help = did_you_mean(str(kind), KNOWN_TYPES).strip() or f"Those that are known: {', '.join(KNOWN_TYPES)}."
    report.tell("type", f"the type {kind!r:.60} is unknown: only an engine that has it can run it", pointer, level="warning", help=help)
