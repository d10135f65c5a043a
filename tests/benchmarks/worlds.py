"""Worlds made by code: studios, and mappings that are hard to tell apart. The same arguments give the same world."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

#: A pattern with ten leaf tokens, one of which is written by two others.
TEN_MAPPING = "/jobs/{JOB}/{SEQUENCE}/{SHOT}/{DEPARTMENT}/{TASK}/{USER}/{NAME}_{VERSION}.{EXTENSION}"
TEN_DETAILS: dict[str, dict[str, Any]] = {
    "JOB": {"parse": {"regex": r"\w+"}},
    "SEQUENCE": {"parse": {"regex": r"[A-Z]{2,4}\d{2}"}},
    "SHOT": {"mapping": "{PREFIX}_{NUMBER}"},
    "PREFIX": {"parse": {"regex": "[a-z]+"}},
    "NUMBER": {"parse": {"regex": r"\d{4}"}},
    "DEPARTMENT": {"parse": {"regex": "[a-z]+"}},
    "TASK": {"parse": {"regex": r"\w+"}},
    "USER": {"parse": {"regex": r"[a-z]+\.[a-z]+"}},
    "NAME": {"parse": {"regex": "[A-Za-z0-9]+"}},
    "VERSION": {"parse": {"regex": r"v\d{3}"}},
    "EXTENSION": {"parse": {"regex": "[a-z0-9]+"}},
}
TEN_VALUES = {
    "JOB": "dune",
    "SEQUENCE": "AB01",
    "PREFIX": "sh",
    "NUMBER": "0010",
    "DEPARTMENT": "comp",
    "TASK": "main_beauty",
    "USER": "ada.king",
    "NAME": "plate",
    "VERSION": "v003",
    "EXTENSION": "exr",
}
TEN_TEXT = TEN_MAPPING.replace("{SHOT}", "{PREFIX}_{NUMBER}").format(**TEN_VALUES)
#: The same pattern as one regular expression, and as a text to fill.
TEN_REGEX = (
    r"/jobs/(?P<JOB>\w+)/(?P<SEQUENCE>[A-Z]{2,4}\d{2})/(?P<PREFIX>[a-z]+)_(?P<NUMBER>\d{4})/(?P<DEPARTMENT>[a-z]+)"
    r"/(?P<TASK>\w+)/(?P<USER>[a-z]+\.[a-z]+)/(?P<NAME>[A-Za-z0-9]+)_(?P<VERSION>v\d{3})\.(?P<EXTENSION>[a-z0-9]+)"
)
TEN_FORMAT = TEN_MAPPING.replace("{SHOT}", "{PREFIX}_{NUMBER}")

DEPARTMENTS = ("anim", "comp", "fx", "light", "layout", "model", "rig", "surface", "plate", "edit")
_PRODUCTS = ("cache", "render", "scene", "review", "texture", "camera", "curves", "usd", "review_mov", "notes")


class Place(NamedTuple):
    """One place of a generated world: its plugin, and a text that only its mapping fits."""

    hierarchy: str
    plugin: dict[str, Any]
    text: str


def studio(count: int) -> list[Place]:
    """Return the places of a studio: a root for each platform, sequences, shots, and products below these."""
    places = list(itertools.islice(_studio(), count))
    return places


def _studio() -> Iterator[Place]:
    roots = {"linux": "/mnt/jobs", "windows": "Z:\\jobs"}
    for platform, root in roots.items():
        plugin = {"hierarchy": "job", "mapping": f"{root}/{{JOB}}", "path": True, "platforms": [platform]}
        plugin["mapping_details"] = {"JOB": {"parse": {"regex": "[a-z]+", "glob": "*"}}}
        yield Place("job", plugin, "/mnt/jobs/dune")
    shot = {"SHOT": {"mapping": "{PREFIX}_{NUMBER}"}, "PREFIX": {"parse": {"regex": "[a-z]+"}}, "NUMBER": _expression(r"\d{4}")}
    yield Place("job/scene", _relative("job", "scene", "/{SCENE}", {"SCENE": _expression("[A-Z]+")}), "/mnt/jobs/dune/OPENING")
    yield Place("job/scene/shot", _relative("job/scene", "shot", "/{SHOT}", shot), "/mnt/jobs/dune/OPENING/sh_0010")
    for number in itertools.count():
        yield _product(number)


def _product(number: int) -> Place:
    department, product = DEPARTMENTS[number % 10], f"{_PRODUCTS[number // 10 % 10]}{number // 100}"
    mapping = f"/{department}/{product}/{{VERSION}}/{{NAME}}_{{VERSION}}.{{EXTENSION}}"
    details = {
        "VERSION": {"parse": {"regex": r"v\d{3}", "glob": "v*"}},
        "NAME": {"parse": {"regex": "[a-z]+"}, "required": True},
        "EXTENSION": {"parse": {"regex": "(?:exr|abc|usd|mov)"}},
    }
    plugin = _relative("job/scene/shot", f"{department}/{product}", mapping, details)
    plugin["data"] = {"label": f"{product} of {department}", "color": [number % 255, 80, 120], "is_published": number % 3 == 0}
    text = f"/mnt/jobs/dune/OPENING/sh_0010/{department}/{product}/v003/plate_v003.exr"
    return Place(f"job/scene/shot/{department}/{product}", plugin, text)


def _relative(parent: str, own: str, mapping: str, details: dict[str, Any]) -> dict[str, Any]:
    return {"hierarchy": own, "uses": [parent], "mapping": f"{{root}}{mapping}", "mapping_details": details}


def _expression(regex: str) -> dict[str, Any]:
    return {"parse": {"regex": regex}}


def as_yaml(places: list[Place], start: int = 0) -> str:
    """Return a YAML sheet of *places*, written as people write it; PyYAML's own writer takes seconds for 10,000."""
    lines = ["plugins:"]
    for number, place in enumerate(places, start):
        lines.append(f"  plugin_{number}:")
        lines += yaml_lines(place.plugin, "    ")
    return "\n".join([*lines, ""])


def yaml_lines(values: dict[str, Any], indent: str) -> Iterator[str]:
    """Yield the lines of a block in YAML."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from yaml_lines(value, indent + "  ")
        elif isinstance(value, list):
            yield f"{indent}{key}: [{', '.join(map(_scalar, value))}]"
        else:
            yield f"{indent}{key}: {_scalar(value)}"


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    is_plain = value.replace("_", "").replace("/", "").isalnum() and not value.isdigit()
    return value if is_plain else f"'{value}'"


def write_studio(folder: Path, count: int, sheets: int = 1) -> list[Path]:
    """Write a studio of *count* plugins into *sheets* files; return their paths, in order."""
    places = studio(count)
    size = -(-count // sheets)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(0, count, size):
        path = folder / f"sheet_{number // size:04d}.yml"
        path.write_text(as_yaml(places[number : number + size], number), encoding="utf-8")
        paths.append(path)
    return paths


def random_shapes(count: int, *, crossing: float = 0.0, seed: int = 5) -> list[Place]:
    """Return absolute mappings of three to ten segments, each literal or a token by chance.

    :param crossing: the part of the tokens that may hold separators.
    """
    chance = random.Random(seed)
    places = []
    for number in range(count):
        depth = chance.randint(3, 10)
        literal = chance.randrange(depth)
        segments, values, details = [], [], {}
        for index in range(depth):
            if index != literal and chance.random() < 0.5:
                name = f"T{index}"
                crosses = chance.random() < crossing
                details[name] = _expression(".+" if crosses else "[a-z]+")
                segments.append(f"{{{name}}}")
                values.append("abc" if not crosses else "x/y")
            else:
                word = f"lit{number}" if index == literal else chance.choice(("jobs", "show", "lib", "out"))
                segments.append(word)
                values.append(word)
        plugin = {"hierarchy": f"place{number}", "mapping": "/" + "/".join(segments), "mapping_details": details}
        places.append(Place(f"place{number}", plugin, "/" + "/".join(values)))
    return places


def one_skeleton(count: int) -> list[Place]:
    """Return mappings of one shape, of which only a token's expression differs."""
    places = []
    for number in range(count):
        details = {"JOB": _expression("[a-z]+"), "KIND": _expression(rf"kind{number}_[a-z]+"), "VERSION": _expression(r"v\d{3}")}
        plugin = {"hierarchy": f"place{number}", "mapping": "/jobs/{JOB}/{KIND}/{VERSION}", "mapping_details": details}
        places.append(Place(f"place{number}", plugin, f"/jobs/dune/kind{number}_main/v001"))
    return places


def plugins_of(places: list[Place]) -> dict[str, dict[str, Any]]:
    """Return the plugins of *places* by name, as a session takes them."""
    return {f"plugin_{number}": place.plugin for number, place in enumerate(places)}


def write_tree(folder: Path, files: int) -> None:
    """Make a tree of jobs, scenes, shots, products and files; one file in ten is of the place that is looked for."""
    jobs, scenes = 10, 10
    shots = max(1, files // (jobs * scenes * 20))
    for job, scene, shot in itertools.product(range(jobs), range(scenes), range(shots)):
        base = folder / f"job{job}" / f"SC{scene:02d}" / f"sh_{shot:04d}"
        for kind, product in itertools.product(("publish", "work"), range(2)):
            place = base / kind / f"prod{product}"
            place.mkdir(parents=True)
            for version in range(5):
                (place / f"plate_v{version:03d}.{'exr' if product == 0 else 'tmp'}").touch()
