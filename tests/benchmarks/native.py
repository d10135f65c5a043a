"""Worlds of ``syntax: 2``: the film sheets, and a studio in their proportions. The same arguments give the same world."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ways.hierarchy import Hierarchy
from ways.session import Session

from .worlds import DEPARTMENTS, yaml_lines

FILM = Path(__file__).parent.parent.parent / "plugin_sheets" / "film"


class Spot(NamedTuple):
    """One place of a world of syntax 2: a text that only it fits, the values in that text, and texts that fit no place."""

    hierarchy: str
    text: str
    #: What the tokens without children have in *text*: texts, as a strict reader gives them.
    values: dict[str, str]
    misses: tuple[str, ...]
    #: How the text is written from its values, for ``str.format_map``; and the expression that a careful person would write.
    form: str = ""
    regex: str = ""

    def variant(self, number: int) -> tuple[str, dict[str, str]]:
        """Return another text of the place, and its values: the same number gives the same text, the next one another."""
        values = {**self.values}
        for name, (first, count, written) in _COUNTED.items():
            if name in values:
                values[name] = written.format(first + number % count)
                number //= count
        return self.form.format_map(values), values


class Studio(NamedTuple):
    """A world in ``syntax: 2``: the plugins of each of its sheets, and its places."""

    sheets: list[dict[str, dict[str, Any]]]
    spots: list[Spot]

    def write(self, folder: Path) -> list[Path]:
        """Write the sheets into *folder*; return their paths, in order."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for number, plugins in enumerate(self.sheets):
            path = folder / f"sheet_{number:04d}.yml"
            lines = ["globals:", "  syntax: 2", "plugins:"]
            for name, plugin in plugins.items():
                lines += [f"  {name}:", *yaml_lines(plugin, "    ")]
            path.write_text("\n".join([*lines, ""]), encoding="utf-8")
            paths.append(path)
        return paths

    def plugins(self) -> dict[str, dict[str, Any]]:
        """Return the plugins of all sheets by name, as a session takes them."""
        return {name: {"syntax": 2, **plugin} for sheet in self.sheets for name, plugin in sheet.items()}


#: The tokens that differ from one variant of a text to the next: the first value, how many there are, how they are written.
_COUNTED = {
    "VERSION_NUMBER": (1, 900, "{:03d}"),
    "FRAME": (1001, 900, "{:04d}"),
    "SHOT_NUMBER": (10, 900, "{:04d}"),
    "BATCH_NUMBER": (1, 90, "{:02d}"),
    "JOB": (1, 900, "dune{}"),
}
_NAME = {"parse": {"regex": "[a-z][a-zA-Z0-9]*", "glob": "*"}}
_VERSION = {
    "VERSION": {"mapping": "v{VERSION_NUMBER}", "parse": {"regex": r"v\d{3}", "glob": "v*"}},
    "VERSION_NUMBER": {"format": "03d"},
}
_SCENES = ["ma", "mb", "hip", "katana", "nk", "mra", "blend"]
_PUBLISHES = ["abc", "blend", "usd", "usdc"]
_MOVIES = ["mov", "mp4", "mxf"]
_IMAGES = ["dpx", "exr", "jpg", "png", "tif"]
#: The tokens that end a text, and what they can be.
EXTENSIONS = {
    "SCENE_EXTENSION": _SCENES,
    "PUBLISH_EXTENSION": _PUBLISHES,
    "MOVIE_EXTENSION": _MOVIES,
    "IMAGE_EXTENSION": _IMAGES,
}
_TYPES = {"character": {"text": "char", "label": "Character"}, "environment": "env", "prop": "prop"}
#: The places that stand below each department of each shot, asset or project: their plugins, with the ones they grow out of.
_DEPARTMENT: dict[str, tuple[str, dict[str, Any]]] = {
    "work": ("", {"mapping": "{root}/work/{ARTIST}", "mapping_details": {"ARTIST": {"parse": {"regex": "[a-z]{2,16}", "glob": "*"}}}}),
    "work/scene": (
        "work",
        {
            "mapping": "{root}/{ENTITY}_{TASK}_{VERSION}.{SCENE_EXTENSION}",
            "mapping_details": {"TASK": _NAME, **_VERSION, "SCENE_EXTENSION": {"choices": _SCENES}},
        },
    ),
    "publish": (
        "",
        {
            "mapping": "{root}/publish/{PRODUCT}_{VERSION}",
            "mapping_details": {"PRODUCT": _NAME, **_VERSION, "STEM": {"mapping": "{ENTITY}_{PRODUCT}_{VERSION}"}},
            "data": {"read_only": True},
        },
    ),
    "publish/scene": (
        "publish",
        {"mapping": "{root}/{STEM}.{PUBLISH_EXTENSION}", "mapping_details": {"PUBLISH_EXTENSION": {"choices": _PUBLISHES}}},
    ),
    "publish/manifest": ("publish", {"mapping": "{root}/manifest.json", "data": {"schema": 3}}),
    "publish/movie": (
        "publish",
        {"mapping": "{root}/{STEM}.{MOVIE_EXTENSION}", "mapping_details": {"MOVIE_EXTENSION": {"choices": _MOVIES}}},
    ),
    "review": (
        "",
        {
            "mapping": "{root}/review/{ENTITY}_{TASK}_{VERSION}[-{NOTE}].{MOVIE_EXTENSION}",
            "mapping_details": {
                "TASK": _NAME,
                **_VERSION,
                "NOTE": {"parse": {"regex": "[a-z]+", "glob": "*"}},
                "MOVIE_EXTENSION": {"choices": _MOVIES},
            },
            "data": {"burn_in": True},
        },
    ),
    "cache": (
        "",
        {
            "mapping": "{root}/cache/{CACHE}_{VERSION}",
            "mapping_details": {"CACHE": _NAME, **_VERSION, "STEM": {"mapping": "{ENTITY}_{CACHE}_{VERSION}"}},
            "data": {"keep_for_days": 60},
        },
    ),
    "cache/frame": (
        "cache",
        {
            "mapping": "{root}/{STEM}.{FRAME}.{IMAGE_EXTENSION}",
            "mapping_details": {"FRAME": {"format": "04d", "sequence": True}, "IMAGE_EXTENSION": {"choices": _IMAGES}},
        },
    ),
}
#: What the tokens of these worlds have in the first text of each place, and the expressions that a person would write.
_NATIVE: dict[str, tuple[str, str]] = {
    "JOB": ("dune", "[a-z][a-z0-9]{2,15}"),
    "SEQUENCE": ("opn", "[a-z]{3}"),
    "SHOT_NUMBER": ("0010", r"\d{4}"),
    "ASSET_TYPE": ("char", "(?:char|env|prop)"),
    "ASSET": ("worm", "[a-z][a-zA-Z0-9]*"),
    "ARTIST": ("ada", "[a-z]{2,16}"),
    "TASK": ("main", "[a-z][a-zA-Z0-9]*"),
    "PRODUCT": ("hero", "[a-z][a-zA-Z0-9]*"),
    "CACHE": ("smoke", "[a-z][a-zA-Z0-9]*"),
    "NOTE": ("fix", "[a-z]+"),
    "VERSION_NUMBER": ("003", r"\d{3}"),
    "FRAME": ("1001", r"(?:\d{4}|%04d|####|@@@@|\$F4|<UDIM>)"),
    "SCENE_EXTENSION": ("ma", f"(?:{'|'.join(_SCENES)})"),
    "PUBLISH_EXTENSION": ("usd", f"(?:{'|'.join(_PUBLISHES)})"),
    "MOVIE_EXTENSION": ("mov", f"(?:{'|'.join(_MOVIES)})"),
    "IMAGE_EXTENSION": ("exr", f"(?:{'|'.join(_IMAGES)})"),
    "ELEMENT": ("fire", "[a-z]+"),
    "CUT": ("reel", "[a-z]+"),
    "BATCH_NUMBER": ("01", r"\d{2}"),
}
_ENTITIES = {"job/sequence/shot": "{SEQUENCE}_{SHOT_NUMBER}", "job/asset": "{ASSET}", "job": "{JOB}"}
#: The forms of the texts of the first places, which all others grow out of.
_ROOT_FORMS = {
    "job": "/mnt/jobs/{JOB}",
    "job/sequence": "/mnt/jobs/{JOB}/sequences/{SEQUENCE}",
    "job/sequence/shot": "/mnt/jobs/{JOB}/sequences/{SEQUENCE}/{SEQUENCE}_{SHOT_NUMBER}",
    "job/asset": "/mnt/jobs/{JOB}/assets/{ASSET_TYPE}/{ASSET}",
    "job/delivery": "/mnt/jobs/{JOB}/deliveries/batch_{BATCH_NUMBER}",
    "job/editorial": "/mnt/jobs/{JOB}/editorial/{CUT}_v{VERSION_NUMBER}",
    "job/editorial/movie": "/mnt/jobs/{JOB}/editorial/{CUT}_v{VERSION_NUMBER}/{JOB}_{CUT}_v{VERSION_NUMBER}.{MOVIE_EXTENSION}",
    "library": "/mnt/library",
    "library/element": "/mnt/library/elements/{ELEMENT}_v{VERSION_NUMBER}",
    "library/element/frame": "/mnt/library/elements/{ELEMENT}_v{VERSION_NUMBER}/{ELEMENT}_v{VERSION_NUMBER}.{FRAME}.{IMAGE_EXTENSION}",
}
_KINDS = ("job/asset", "job/sequence/shot", "job")
#: How many places a department makes, itself included; and how many of them one plugin serves, as in the film sheets.
_GROUP = 1 + len(_DEPARTMENT)
_SHARED = 3


def native_studio(count: int, sheets: int = 1) -> Studio:
    """Return a studio of *count* places in *sheets* sheets of one size, in the proportions of ``plugin_sheets/film``.

    Of those 151 places 66 % have a choice, 82 % a number with leading zeros, 63 % a token that stands twice, 81 % a token
    with a mapping, 9 % a frame; about five tokens each, and 2.6 places to a plugin (here about two, as a sheet is small).
    The film sheets write choices and numbers as expressions; here they are ``choices``, a third of them with texts of their
    own, ``format`` and ``sequence``. What the film sheets don't have: an optional part in one place of ten, labels, one
    ``when``. Most places grow out of a plugin of another sheet.

    *count* is rounded down to whole departments of ten places.
    """
    departments = range(max(1, count // _GROUP) - 1)
    spots = _root_spots()
    size = -(-len(departments) // sheets) if departments else 1
    written: list[dict[str, dict[str, Any]]] = []
    for number in range(sheets):
        own = departments[number * size : (number + 1) * size]
        plugins = _root_plugins() if number == 0 else {}
        for start in range(0, len(own), _SHARED):
            plugins.update(_department_plugins(own[start : start + _SHARED]))
        if own:
            # One client wants something else here; nobody asks for the client's layer.
            layer = {"hierarchy": f"{_folder(own[0])[0]}/publish", "assignment": "client", "data": {"contact": "ada"}}
            plugins[f"client_{number}"] = layer
        written.append(plugins)
    for department in departments:
        spots += _department_spots(department)
    return Studio(written, spots)


def _root_plugins() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for platform, root in {"linux": "/mnt", "darwin": "/Volumes", "windows": "P:\\"}.items():
        separator = "" if root.endswith("\\") else "/"
        found[f"jobs_{platform}"] = {"hierarchy": "job", "mapping": f"{root}{separator}jobs/{{JOB}}", "platforms": [platform]}
        found[f"library_{platform}"] = {"hierarchy": "library", "mapping": f"{root}{separator}library", "platforms": [platform]}
    job = {"JOB": {"parse": {"regex": _NATIVE["JOB"][1], "glob": "*"}}, "ENTITY": {"mapping": "{JOB}"}}
    found["job"] = {"hierarchy": "job", "path": True, "mapping_details": job, "data": {"frames_per_second": 24}}
    found["library"] = {"hierarchy": "library", "path": True}
    sequence = {"SEQUENCE": {"parse": {"regex": "[a-z]{3}", "glob": "???"}}, "ENTITY": {"mapping": "{SEQUENCE}"}}
    found["sequence"] = _relative("job", "sequence", "/sequences/{SEQUENCE}", sequence)
    shot = {
        "SHOT": {"mapping": "{SEQUENCE}_{SHOT_NUMBER}", "parse": {"glob": "*_*"}},
        "SHOT_NUMBER": {"format": "04d"},
        "ENTITY": {"mapping": "{SHOT}"},
    }
    found["shot"] = _relative("job/sequence", "shot", "/{SHOT}", shot)
    asset = {"ASSET_TYPE": {"choices": _TYPES}, "ASSET": _NAME, "ENTITY": {"mapping": "{ASSET}"}}
    found["asset"] = _relative("job", "asset", "/assets/{ASSET_TYPE}/{ASSET}", asset)
    found["delivery"] = _relative("job", "delivery", "/deliveries/batch_{BATCH_NUMBER:02d}", {})
    words = {"parse": {"regex": "[a-z]+", "glob": "*"}}
    cut = {"CUT": words, **_VERSION, "STEM": {"mapping": "{ENTITY}_{CUT}_{VERSION}"}}
    found["editorial"] = _relative("job", "editorial", "/editorial/{CUT}_{VERSION}", cut)
    found["cut"] = _relative("job/editorial", "movie", "/{STEM}.{MOVIE_EXTENSION}", {"MOVIE_EXTENSION": {"choices": _MOVIES}})
    element = {"ELEMENT": words, **_VERSION, "STEM": {"mapping": "{ELEMENT}_{VERSION}"}}
    found["element"] = _relative("library", "element", "/elements/{ELEMENT}_{VERSION}", element)
    frame = {"FRAME": {"format": "04d", "sequence": True}, "IMAGE_EXTENSION": {"choices": _IMAGES}}
    found["element_frame"] = _relative("library/element", "frame", "/{STEM}.{FRAME}.{IMAGE_EXTENSION}", frame)
    return found


def _relative(parent: str, own: str, mapping: str, details: dict[str, Any]) -> dict[str, Any]:
    return {"hierarchy": f"{{root}}/{own}", "uses": [parent], "mapping": f"{{root}}{mapping}", "mapping_details": details}


def _folder(department: int) -> tuple[str, str]:
    """Return the hierarchy of a department, and the literal folder that only it has."""
    name = f"{DEPARTMENTS[department % 10]}{department}"
    return f"{_KINDS[department % 3]}/{name}", name


def _department_plugins(departments: range) -> dict[str, dict[str, Any]]:
    """Return the plugins of up to three departments, which share all but their folders."""
    found: dict[str, dict[str, Any]] = {}
    for department in departments:
        _, name = _folder(department)
        plugin = {"hierarchy": f"{{root}}/{name}", "mapping": f"{{root}}/{name}", "uses": [_KINDS[department % 3]]}
        found[name] = {**plugin, "data": {"label": name, "color": [department % 255, 80, 120]}}
    if not departments:
        return found
    for own, (parent, plugin) in _DEPARTMENT.items():
        uses = ["/".join(filter(None, (_folder(department)[0], parent))) for department in departments]
        found[f"{own.replace('/', '_')}_{departments[0]}"] = {"hierarchy": f"{{root}}/{own.split('/')[-1]}", **plugin, "uses": uses}
    if 1 in departments:
        # The one override: reviews of this task go to a faster disk.
        place = f"{_folder(1)[0]}/review"
        mapping = "/mnt/fast/{JOB}/{SHOT}/{TASK}_{VERSION}.{MOVIE_EXTENSION}"
        found["review_fast"] = {"hierarchy": place, "when": {"TASK": "slap"}, "mapping": mapping, "data": {"burn_in": False}}
    return found


def _root_spots() -> list[Spot]:
    return [_spot(place, form) for place, form in _ROOT_FORMS.items()]


def _department_spots(department: int) -> Iterator[Spot]:
    place, name = _folder(department)
    kind = _KINDS[department % 3]
    base, entity = f"{_ROOT_FORMS[kind]}/{name}", _ENTITIES[kind]
    publish, cache = (f"{base}/{folder}/{{{token}}}_v{{VERSION_NUMBER}}" for folder, token in (("publish", "PRODUCT"), ("cache", "CACHE")))
    published, cached = (f"{entity}_{{{token}}}_v{{VERSION_NUMBER}}" for token in ("PRODUCT", "CACHE"))
    yield _spot(place, base)
    yield _spot(f"{place}/work", f"{base}/work/{{ARTIST}}")
    yield _spot(f"{place}/work/scene", f"{base}/work/{{ARTIST}}/{entity}_{{TASK}}_v{{VERSION_NUMBER}}.{{SCENE_EXTENSION}}")
    yield _spot(f"{place}/publish", publish)
    yield _spot(f"{place}/publish/scene", f"{publish}/{published}.{{PUBLISH_EXTENSION}}")
    yield _spot(f"{place}/publish/manifest", f"{publish}/manifest.json")
    yield _spot(f"{place}/publish/movie", f"{publish}/{published}.{{MOVIE_EXTENSION}}")
    # Every other text has the optional part.
    note = "-{NOTE}" if department % 2 else ""
    yield _spot(f"{place}/review", f"{base}/review/{entity}_{{TASK}}_v{{VERSION_NUMBER}}{note}.{{MOVIE_EXTENSION}}", optional="-{NOTE}")
    yield _spot(f"{place}/cache", cache)
    yield _spot(f"{place}/cache/frame", f"{cache}/{cached}.{{FRAME}}.{{IMAGE_EXTENSION}}")


def _spot(place: str, form: str, optional: str = "") -> Spot:
    names = list(dict.fromkeys(re.findall(r"\{(\w+)\}", form)))
    values = {name: _NATIVE[name][0] for name in names}
    text = form.format_map(values)
    return Spot(place, text, values, tuple(_misses(form, values)), form, _expression_of(form, optional))


def _misses(form: str, values: dict[str, str]) -> Iterator[str]:
    """Yield texts that are nearly one of *form*: another folder, a value that doesn't fit, two values that differ, a name more."""
    text = form.format_map(values)
    folder, _, name = text.rpartition("/")
    yield f"{folder}/{name}/~"
    if "{" in form.rpartition("/")[2]:
        yield f"{folder}/~{name}"
    else:
        yield f"{folder}/{name}x"
    yield text.replace("/mnt/", "/mount/", 1)
    if "VERSION_NUMBER" in values:
        yield form.format_map({**values, "VERSION_NUMBER": "3"})
    last = re.findall(r"\{(\w+)\}", form)[-1:]
    if form.endswith("EXTENSION}"):
        yield form.format_map({**values, last[0]: "txt"})
    for name in values:
        if form.count(f"{{{name}}}") > 1 and name in ("PRODUCT", "CACHE", "ASSET", "SEQUENCE", "VERSION_NUMBER"):
            other = {"PRODUCT": "other", "CACHE": "other", "ASSET": "other", "SEQUENCE": "abc", "VERSION_NUMBER": "004"}[name]
            head, _, tail = form.rpartition(f"{{{name}}}")
            yield head.format_map(values) + other + tail.format_map(values)
            break


def _expression_of(form: str, optional: str = "") -> str:
    """Return the expression of a form's texts, as a person writes it: each token once as a group, then as a reference."""
    seen: set[str] = set()
    if optional:
        form = form.replace(optional, "").replace("v{VERSION_NUMBER}.", "v{VERSION_NUMBER}\0.")
    pieces = []
    for piece in re.split(r"(\{\w+\}|\0)", form):
        if piece == "\0":
            pieces.append(f"(?:{_expression_of(optional)})?")
        elif not piece.startswith("{"):
            pieces.append(re.escape(piece))
        elif piece[1:-1] in seen:
            pieces.append(f"(?P={piece[1:-1]})")
        else:
            seen.add(piece[1:-1])
            pieces.append(f"(?P<{piece[1:-1]}>{_NATIVE[piece[1:-1]][1]})")
    return "".join(pieces)


#: What the leaf tokens of the film sheets have in the text of each place.
_FILM = {
    "ARTIST": "ada",
    "ASSET": "wormRider",
    "ASSET_TYPE": "creature",
    "BATCH": "a",
    "CACHE": "smoke",
    "CHANNEL": "albedo",
    "COLLECTION": "fire",
    "COLOR_SPACE": "acescg",
    "CONFIG": "color",
    "CONFIG_EXTENSION": "json",
    "CUT": "reel",
    "DATE": "2026-11-21",
    "ELEMENT": "flame",
    "FRAME": "1001",
    "GEOMETRY_EXTENSION": "abc",
    "IMAGE_EXTENSION": "exr",
    "JOB": "dune",
    "LAYER": "beauty",
    "LOOK": "wet",
    "MAJOR": "2",
    "MATERIAL": "sand",
    "MATERIAL_EXTENSION": "mtlx",
    "MINOR": "11",
    "MOVIE_EXTENSION": "mov",
    "PASS": "diffuse",
    "PATCH": "0",
    "PLATE": "bg01",
    "PRODUCT": "hero",
    "PUBLISH_EXTENSION": "usd",
    "REVIEW_EXTENSION": "mov",
    "SCENE_EXTENSION": "ma",
    "SEQUENCE": "rvr",
    "SHOT_NUMBER": "0040",
    "TASK": "main",
    "TEXTURE_EXTENSION": "exr",
    "TIMELINE_EXTENSION": "otio",
    "TOOL": "slate",
    "TOPIC": "deserts",
    "UDIM": "1001",
    "VERSION_NUMBER": "003",
    "VOLUME_EXTENSION": "vdb",
}


def film_session() -> Session:
    """Return a session of the film sheets, as on linux."""
    session = Session(overrides={"WAYS_PLATFORM": "linux", "WAYS_CACHE": "0"})
    session.add_search_path(str(FILM))
    return session


def film_spots(session: Session) -> list[Spot]:
    """Return the 151 places of the film sheets. Their texts are written by the session itself."""
    found = []
    resolver = session.pool.state().resolver("")
    for hierarchy in session.hierarchies():
        context = session.need_context(hierarchy)
        if resolver.has_own_mapping(Hierarchy.of(context.hierarchy)):
            values = {name: _FILM[name] for name in context.template.leaf_tokens}
            text = session.format(hierarchy, values)
            misses = (f"{text}/~", text.replace("/mnt/", "/mount/", 1), f"{text.rpartition('/')[0]}/~{text.rpartition('/')[2]}")
            found.append(Spot("/".join(context.hierarchy), text, values, misses))
    return found
