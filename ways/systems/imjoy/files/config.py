"""The configuration of an ImJoy plugin: its JSON or YAML as plain data with positions, what its keys may hold, and its tags."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

from ways.errors import did_you_mean, nearest
from ways.sheets.document import Draft, Pointer, Source
from ways.sheets.formats import json_text, yaml_text
from ways.sheets.schema import kind
from ways.systems.shared import Problems, exceeded_limit

#: How deep a configuration may be nested, how many values it may hold, and how many characters these may have.
MAX_NESTING, MAX_VALUES, MAX_CHARACTERS = 100, 100_000, 16 << 20
#: Tags of one plugin.
MAX_TAGS = 64
#: Up to this version of the API, a configuration in no language that is known may be JSON.
LAST_WITHOUT_LANGUAGE = "0.1.5"
#: Keys that hold versions. A version is no number: ``1.10`` isn't ``1.1``.
VERSIONS = ("version", "api_version")

#: Types that run in a web page, and how their requirements are read.
BROWSER_TYPES: Mapping[str, str] = {
    "window": "page",
    "iframe": "page",
    "evil": "page",
    "rpc-window": "page",
    "web-worker": "worker",
    "rpc-worker": "worker",
    "web-python": "python",
    "web-python-window": "python",
}
#: Types that run in a process of an engine.
ENGINE_TYPES = ("native-python",)
#: Types that only bring their dependencies along, or that other programs run.
OTHER_TYPES = ("collection", "jupyter-notebook")
KNOWN_TYPES = (*ENGINE_TYPES, *BROWSER_TYPES, *OTHER_TYPES)
#: Keys whose value may be a mapping of tags to values, and the value for a tag that isn't in it.
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
#: What the values of keys that nothing else here reads should be, besides nothing: JSON's kinds, and in words.
_KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    **dict.fromkeys(("version", "description", "base_frame", "base_worker", "lang", "uri", "url", "icon"), (str, "a text")),
    **dict.fromkeys(("passive", "runnable", "disabled"), (bool, "true or false")),
    "cover": ((str, list), "a text or a list of texts"),
    "defaults": (dict, "a block of keys"),
}
#: Types of before 0.1.2, up to the version of the API that still knew them.
OLD_TYPES = {"pyworker": "native-python", "webworker": "web-worker", "webpython": "web-python"}
LAST_OLD_API = "0.1.1"

_WORD = re.compile(r"[^\W\d_]+|\d+")
_CORE = "tag:yaml.org,2002:"
#: Tag, what a plain scalar of it looks like, and the letters it may begin with: YAML 1.2 as far as JSON goes.
_SCALARS = (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
)


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, expression, letters in _SCALARS:
        for letter in letters:
            resolver = _CORE + tag, re.compile(f"^(?:{expression})$")
            resolvers.setdefault("" if letter == "\0" else letter, []).append(resolver)
    return resolvers


class _Yaml12(yaml_text.SAFE_LOADER):  # type: ignore[misc]
    """Reads only ``true`` and ``false`` as truth values, and a date as a text."""

    yaml_implicit_resolvers = _resolvers()


class _Texts(yaml_text.SAFE_LOADER):  # type: ignore[misc]
    """Reads every scalar as a text."""

    yaml_implicit_resolvers: dict[str, Any] = {}


def decode(
    text: str, language: str, source: Source, *, indent: int = 0, is_strict: bool = False
) -> tuple[dict[str, Any] | None, Problems]:
    """Return the data that the text of a configuration says, ``None`` if it can't be read, and its problems.

    Leading blank lines and blanks put it where it stands in its file.

    :param language: the block's ``lang``. With another than ``json`` and ``yaml``, the text may be JSON of an old version.
    :param indent: how many characters were taken from the start of each of its lines.
    :param is_strict: whether what ImJoy accepts, and is nearly always a mistake, is an error.
    """
    is_yaml = language == "yaml"
    draft = _read_yaml(text, source, indent) if is_yaml else json_text.read(text, source)
    problems = Problems(source, draft.positions, is_strict=is_strict)
    data = draft.data
    is_lost = draft.is_lost or not text.strip()
    if language not in ("json", "yaml"):
        version = data.get("api_version") if isinstance(data, dict) and not is_lost else None
        is_old = isinstance(version, str) and version_key(version) <= version_key(LAST_WITHOUT_LANGUAGE)
        if is_lost or (isinstance(data, dict) and not is_old):
            found = f"lang={language!r}" if language else "no lang"
            message = f"expected a configuration in json or yaml, found {found}"
            problems.add("config-language", message, help='Write <config lang="json"> or <config lang="yaml">.')
            return None, problems
    if is_lost:
        name = language.upper()
        if not draft.problems:
            problems.add("config-syntax", f"expected {name}, found nothing")
        for problem in draft.problems:
            message = problem.message.replace("expected", f"expected {name}:", 1)
            help = "" if is_yaml else "Write JSON without comments, single quotes and trailing commas."
            problems.add("config-syntax", message, help=help, at=(problem.source.line, problem.source.column))
        return None, problems
    if not isinstance(data, dict):
        message = f"expected a block of keys, found {kind(data)}"
        problems.add("config-not-mapping", message, help="Write the keys between '{' and '}'.")
        return None, problems
    for problem in draft.problems:
        problems.add(problem.code, problem.message, problem.source.pointer, level=problem.level, help=problem.help)
    if not is_yaml:
        # Our scanner accepts a comma after the last item, and ImJoy doesn't.
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            message = "expected JSON without a comma after the last item: ImJoy doesn't read this file"
            problems.add("config-syntax", message, help="Take out the comma before it.", at=(error.lineno, error.colno))
        except RecursionError:
            pass
    return data if is_small(data, problems) else None, problems


def _read_yaml(text: str, source: Source, indent: int) -> Draft:
    draft = yaml_text.read_with(text, source, _Yaml12)
    positions = {place: (line, column + indent) for place, (line, column) in draft.positions.items()}
    if isinstance(draft.data, dict) and any(isinstance(draft.data.get(key), (int, float)) for key in VERSIONS):
        written = yaml_text.read_with(text, source, _Texts).data
        texts = {key: written[key] for key in VERSIONS if key in written} if isinstance(written, dict) else {}
        draft = draft._replace(data={**draft.data, **texts})
    return draft._replace(positions=positions)


def read_yaml(text: str, source: Source) -> Any:
    """Return the plain data that a YAML text of ImJoy's dialect says; ``None`` if it can't be read."""
    return yaml_text.read_with(text, source, _Yaml12).data


def version_key(version: str) -> tuple[int, ...]:
    """Return what versions are compared by: the number in each part, without zeros at the end.

    >>> version_key("0.1.10") > version_key("0.1.9"), version_key("1.0a") == version_key("1")
    (True, True)
    """
    numbers = [int("".join(letter for letter in part if letter in "0123456789")[:18] or "0") for part in version.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def is_small(data: Any, problems: Problems) -> bool:
    """Return whether data are within the limits, and report it if they aren't. What an alias stands for counts each time."""
    limit = exceeded_limit(data, depth=MAX_NESTING, values=MAX_VALUES, characters=MAX_CHARACTERS)
    if limit:
        problems.add("too-large", f"expected a configuration {limit}")
    return not limit


class Layer(NamedTuple):
    """A configuration with the values of one of its tags, or the whole of one without tags."""

    tag: str
    values: dict[str, Any]
    #: Where the value of a key stands, for each key whose value doesn't stand under the key itself.
    pointers: Mapping[str, Pointer]


def name_of(config: Mapping[str, Any], problems: Problems) -> str:
    """Return the plugin's name; ``""``, and a problem, if it has none that can be used."""
    name = config.get("name")
    pointer = ("name",) if "name" in config else ()
    if not isinstance(name, str) or not name.strip():
        found = f"found {name!r:.60}" if "name" in config else "found none"
        close = nearest("name", [str(key) for key in config]) if "name" not in config else ""
        help = f"Did you mean it by {close!r}?" if close else 'Write "name": "My plugin".'
        problems.add("name", f"expected a text that isn't empty as name, {found}", pointer, help=help)
        return ""
    if "/" in name:
        problems.add("name", f"expected a name without '/', found {name!r:.60}", pointer, help="Write another character for it.")
        return ""
    return name.strip()


def tags_of(config: Mapping[str, Any], problems: Problems) -> tuple[str, ...]:
    """Return the tags in order. The first one holds where no tag is asked for."""
    written = config.get("tags")
    if written is None:
        return ()
    if isinstance(written, str):
        problems.add_lax("tags-type", "a list of tags", f"the text {written!r:.60}: it is the one tag", ("tags",))
        written = [written]
    if not isinstance(written, list):
        problems.add("tags-type", f"expected a list of tags, found {written!r:.60}", ("tags",))
        return ()
    if len(written) > MAX_TAGS:
        problems.add("too-large", f"expected at most {MAX_TAGS} tags, found {len(written)}: the others are left out", ("tags",))
    tags: dict[str, None] = {}
    for index, tag in enumerate(written[:MAX_TAGS]):
        if not isinstance(tag, str) or not tag.strip():
            problems.add("tags-type", f"expected a text that isn't empty as tag, found {tag!r:.60}", ("tags", index))
        elif tag in tags:
            problems.add("duplicate-tag", f"the tag {tag!r} stands twice", ("tags", index), help="Take one of them out.")
        else:
            tags[tag] = None
    return tuple(tags)


def layers_of(config: Mapping[str, Any], problems: Problems) -> tuple[Layer, ...]:
    """Return the configuration for each tag, or one without a tag. Values that all tags share are in each layer."""
    tags = tags_of(config, problems)
    shared = _shared(config, problems)
    _check_values(shared, problems)
    if tags:
        shared["tags"] = list(tags)
    elif "tags" in config:
        shared["tags"] = []
    return tuple(_layer(shared, tag, tags, problems) for tag in tags or ("",))


def _shared(config: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Return a copy of the configuration with old and other spellings replaced; report them, and keys that are none of ImJoy's."""
    values = dict(config)
    for key in VERSIONS:
        if isinstance(values.get(key), (int, float)) and not isinstance(values[key], bool):
            problems.add_lax("version-type", f"a text as {key}", f"the number {values[key]!r}", (key,))
            values[key] = str(values[key])
    if not isinstance(values.get("api_version"), str):
        found = f"{values['api_version']!r:.60}" if "api_version" in values else "none"
        where = ("api_version",) if "api_version" in values else ()
        problems.add_lax("api-version", "a text as api_version", f"{found}: the newest is assumed", where)
    if "gui" in values:
        outcome = "'gui' is read as 'ui'" if not values.get("ui") else "'gui' is ignored beside 'ui'"
        problems.add("gui", f"{outcome}, which is the key's name", ("gui",), level="warning", help="Write 'ui'.")
        values["ui"] = values.get("ui") or values["gui"]
    for key in values:
        if key in RESERVED:
            message = f"the key {key!r} is one that ImJoy writes by itself: it means nothing here"
            problems.add("reserved-key", message, (key,), level="info")
        elif key not in PER_TAG and key not in OTHER_KEYS:
            message = f"the key {key!r} is none of ImJoy's: it is kept"
            problems.add("unknown-key", message, (key,), level="info", help=did_you_mean(str(key), (*PER_TAG, *OTHER_KEYS)).strip())
    return values


def _check_values(values: Mapping[str, Any], problems: Problems) -> None:
    """Report values that are none of the kinds that ImJoy's documentation says. ImJoy itself looks at none of them."""
    for key, (kinds, expected) in _KINDS.items():
        value = values.get(key)
        found: list[tuple[Pointer, Any]] = [((key,), value)]
        if isinstance(value, dict) and key in PER_TAG:
            found = [((key, tag), one) for tag, one in value.items()]
        for pointer, one in found:
            if one is not None and not isinstance(one, kinds):
                problems.add_lax("value-type", f"{expected} as {key}", f"{one!r:.60}", pointer)


def _layer(shared: Mapping[str, Any], tag: str, tags: Sequence[str], problems: Problems) -> Layer:
    """Return the configuration for one of the tags."""
    values: dict[str, Any] = dict(shared)
    pointers: dict[str, Pointer] = {}
    version = values.get("api_version")
    is_old = isinstance(version, str) and version_key(version) <= version_key(LAST_OLD_API)
    for key, default in {**PER_TAG, **({"mode": None} if is_old else {})}.items():
        by_tag = values.get(key)
        if isinstance(by_tag, dict):
            has_value = tag != "" and tag in by_tag
            # A copy, as the table is shared by all configurations.
            values[key] = by_tag[tag] if has_value else copy(default)
            pointers[key] = (key, tag) if has_value else (key,)
            if not tag:
                help = "Write a text or a list." if key == "ui" else "Write \"tags\": [...], or the value alone."
                message = f"{key!r} holds a value for each tag, but there are no tags"
                problems.add("override-without-tags", message, (key,), help=help)
            elif not has_value:
                close = _misspelt(tag, [str(name) for name in by_tag if name not in tags])
                help = f"Did you mean {close!r}?" if close else f"There are values for: {', '.join(map(str, by_tag))}."
                message = f"{key!r} has no value for the tag {tag!r}: {default!r} is used"
                problems.add("tag-missing", message, (key,), level="warning", help=help)
    if is_old:
        # An old type gets its new name. The type's key was 'mode'.
        mode, place = values.pop("mode", None), pointers.pop("mode", ("mode",))
        if not values.get("type") and mode is not None:
            values["type"] = mode
            pointers["type"] = place
        if isinstance(values.get("type"), str):
            values["type"] = OLD_TYPES.get(values["type"], values["type"])
    if "gui" in values and "ui" not in pointers and not shared.get("ui"):
        pointers["ui"] = ("gui",)
    _normalize(values, pointers, problems)
    return Layer(tag, values, pointers)


def _misspelt(tag: str, names: Sequence[str]) -> str:
    """Return the name that looks like *tag* written otherwise, each word like its word; ``""`` if there is none.

    >>> _misspelt("Window-GPU", ["Windows-GPU"]), _misspelt("Windows-CPU", ["Windows-GPU"])
    ('Windows-GPU', '')
    """
    words = _WORD.findall(tag)
    for name in names:
        others = _WORD.findall(name)
        if len(words) == len(others) and all(nearest(word, [other], cutoff=0.8) for word, other in zip(words, others)):
            return name
    return ""


def _normalize(values: dict[str, Any], pointers: Mapping[str, Pointer], problems: Problems) -> None:
    """Make a list of a text where a list is expected, and report values of a wrong type."""
    for key in ("flags", "requirements", "dependencies", "labels", "permissions"):
        value = values.get(key)
        if isinstance(value, str):
            values[key] = [value]
        elif value is not None and not isinstance(value, list) and key != "requirements":
            problems.add_lax(f"{key}-type", "a list of texts", f"{value!r:.60}", pointers.get(key, (key,)))
            values[key] = PER_TAG.get(key) or []
        for index, item in enumerate(value if isinstance(value, list) and key != "requirements" else ()):
            if not isinstance(item, str):
                problems.add_lax(f"{key}-type", "a text", f"{item!r:.60}", (*pointers.get(key, (key,)), index))
    if values.get("requirements") is None:
        values["requirements"] = []
    written, pointer = values.get("type"), pointers.get("type", ("type",))
    if isinstance(written, str) and written in KNOWN_TYPES:
        return
    if written is None:
        mode = values.get("mode")
        help = f"Those that are known: {', '.join(KNOWN_TYPES)}."
        if isinstance(mode, str):
            help = f"'mode' was the key's name up to version {LAST_OLD_API} of the API: write \"type\": \"{OLD_TYPES.get(mode, mode)}\"."
        where: Pointer = ("mode",) if mode is not None else pointer if "type" in values else ()
        problems.add_lax("type", "a type", "none: nothing can run it", where, help=help)
        return
    help = did_you_mean(str(written), KNOWN_TYPES).strip() or f"Those that are known: {', '.join(KNOWN_TYPES)}."
    message = f"the type {written!r:.60} is unknown: only an engine that has it can run it"
    problems.add("type", message, pointer, level="error" if problems.is_strict else "warning", help=help)
