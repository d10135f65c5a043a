"""Every limit at every door: what a session does with a thing that is as large as it may be, and with one that is larger.

:data:`CELLS` has one entry for each limit and each door through which something comes in: how it is refused there, which
other limit bounds it, or why it can't come in. ``tests/test_doors.py`` goes through each door with each thing, at the limit
and one beyond it, and ``python -m tests.doors`` writes what the cells say to ``docs/reference/limits-doors.inc``.

A limit of :class:`ways.limits.Limits` or a door without cells fails the tests: write its row or column here.
"""

from __future__ import annotations

import io
import json
import os
import pathlib
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from ways import api
from ways.api import Limits, Session
from ways.errors import WaysError
from ways.opening import checked_sessions, open_world

#: What comes in: by its name, a sheet as plain data, or the bytes of a file.
World = Mapping[str, Any]

#: A sheet that is read before all others, and that nothing may cost.
GOOD: World = {"plugins": {"good": {"hierarchy": "good"}}}


# --- what a cell says


class Refused(NamedTuple):
    """What is beyond the limit is refused.

    :param how: the code of the problem, the class of the error, or ``message`` for what a command prints.
    :param costs: what is lost with it.
    """

    how: str
    costs: str = "itself"

    @property
    def mark(self) -> str:
        return f"``{self.how}``" + ("" if self.costs == "itself" else f" ({self.costs})")


class Bounded(NamedTuple):
    """Another limit is reached first, or bounds it alone."""

    by: str
    why: str

    @property
    def mark(self) -> str:
        return f"by ``{self.by}``"


class Outside(NamedTuple):
    """It can't come in here."""

    why: str

    @property
    def mark(self) -> str:
        return "no"


class Taken(NamedTuple):
    """The limit is set here: whatever number is given holds."""

    @property
    def mark(self) -> str:
        return "sets it"


Cell = Refused | Bounded | Outside | Taken


# --- what is loaded: the rows


def plugin(**keys: Any) -> dict[str, Any]:
    return {"a": {"hierarchy": "a", **keys}}


def sheet(plugins: Mapping[str, Any]) -> World:
    return {"0": GOOD, "a": {"plugins": plugins}}


def nested(depth: int) -> list[Any]:
    return [nested(depth - 1)] if depth else []


#: By limit: sheets that have exactly so much as ``NUMBERS`` says.
WORLDS: dict[str, World] = {
    "sheet": sheet(plugin(data={"x": "x" * 400})),
    "depth": sheet(plugin(data={"x": nested(5)})),
    "values": sheet(plugin(data={"x": list(range(20))})),
    "plugins": sheet({name: {"hierarchy": name} for name in ("a", "b", "c")}),
    "hierarchy": sheet({"a": {"hierarchy": "a/b/c/d"}}),
    "mapping": sheet(plugin(mapping="/a/{BCDEFGHI}")),
    "tokens": sheet(plugin(mapping="/{A}/{B}/{C}")),
    "expansion": sheet(plugin(mapping="/{A}", mapping_details={"A": {"mapping": "{B}"}, "B": {"mapping": "{C}"}})),
    "expression": sheet(plugin(mapping="/{A}", mapping_details={"A": {"parse": {"regex": "a+b+c"}}})),
    "problems": sheet({name: {"hierarchy": 1} for name in ("a", "b", "c")}),
    "sheets": {"0": GOOD, **{name: {"plugins": {name: {"hierarchy": name}}} for name in ("a", "b")}},
    "source": sheet(plugin(data={"x": "x" * 400})),
    "files": {"0": GOOD, **{name: {"plugins": {name: {"hierarchy": name}}} for name in ("a", "b")}},
    "snapshot": sheet(plugin()),
}
NUMBERS = {
    "depth": 10, "values": 26, "plugins": 3, "hierarchy": 4, "mapping": 13, "tokens": 3, "expansion": 2, "expression": 5,
    "problems": 3, "sheets": 3,
}  # fmt: skip
#: Limits that can't be raised, with their number, and sheets that have so much and one more.
FIXED: dict[str, tuple[int, World, World]] = {
    "groups in an expression": (
        50,
        *(
            sheet(plugin(mapping="/{A}", mapping_details={"A": {"parse": {"regex": "(" * most + "a" + ")" * most}}}))
            for most in (50, 51)
        ),
    ),
    "optional parts": (
        20,
        *(
            sheet(plugin(syntax=2, mapping="/x" + "".join(f"[_{{A{n}}}" for n in range(most)) + "]" * most))
            for most in (20, 21)
        ),
    ),
    "variants": (
        32,
        *(
            sheet(
                {
                    "a": {"hierarchy": "a", "mapping": "/{A}/{B}"},
                    **{
                        f"w{n}": {"hierarchy": "a", "mapping": f"/{n}/{{A}}/{{B}}", "when": {"A": [f"v{n}"]}}
                        for n in range(most - 1)
                    },
                }
            )
            for most in (32, 33)
        ),
    ),
}
#: Limits of what is asked rather than of what is loaded.
ASKED = ("text", "time", "question")
LIMITS = (*Limits._fields, *FIXED)


def number_of(limit: str, files: Mapping[str, bytes]) -> int:
    """Return how much of the limit these files have."""
    if limit in NUMBERS:
        return NUMBERS[limit]
    sizes = [len(data) for data in files.values()]
    return {"sheet": max(sizes), "source": sum(sizes), "files": len(sizes)}[limit]


# --- what is loaded: the columns


class Loaded(NamedTuple):
    """What a door gave: a session, or what stands for one."""

    problems: list[Any]
    places: list[str]
    context: Callable[[str], Any]

    @classmethod
    def of(cls, session: Session) -> Loaded:
        return cls(session.problems, session.place_texts(), session.get_context)


class Door(NamedTuple):
    """One way in.

    :param open: loads a world with some limits. What it raises is the outcome.
    :param ending: of the files.
    :param worlds: what is loaded in the place of :data:`WORLDS`.
    :param number: how much of a limit some files have here, if that isn't what :func:`number_of` says; 0 if it is.
    """

    open: Callable[[Path, World, Limits], Loaded]
    ending: str = "yml"
    worlds: Mapping[str, World] = {}
    number: Callable[[str, Path, Mapping[str, bytes]], int] = lambda limit, place, files: 0


def toml(value: Any) -> str:
    """Return plain data as a value of TOML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


ENCODERS: dict[str, Callable[[Any], str]] = {
    "yml": json.dumps,
    "json": json.dumps,
    "toml": lambda data: "\n".join(f"{key} = {toml(value)}" for key, value in data.items()),
    "own": json.dumps,
    "py": lambda data: "\n".join(f"{key} = {value!r}" for key, value in data.items()),
}


def encoded(world: World, ending: str) -> dict[str, bytes]:
    """Return the files of a world, by name."""
    return {
        name if isinstance(data, bytes) else f"{name}.{ending}": data if isinstance(data, bytes) else ENCODERS[ending](data).encode()
        for name, data in world.items()
    }


def folder(place: Path, world: World, ending: str = "yml") -> Path:
    """Write a world into a folder."""
    for name, data in encoded(world, ending).items():
        path = place / "sheets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return place / "sheets"


def load(description: Any, limits: Limits, **more: Any) -> Loaded:
    session = Session(limits=limits, **more)
    session.add_search_path(description)
    return Loaded.of(session)


def in_folder(ending: str = "yml") -> Callable[[Path, World, Limits], Loaded]:
    return lambda place, world, limits: load(str(folder(place, world, ending)), limits)


def files_named(place: Path, world: World, limits: Limits) -> Loaded:
    return load(api.FileDescriptor(sorted(map(str, folder(place, world).iterdir()))), limits)


def recursive(place: Path, world: World, limits: Limits) -> Loaded:
    folder(place / "sheets", world)
    (place / "sheets" / ".ways_plugin_info.yml").write_text("recursive: true", encoding="utf-8")
    return load(str(place / "sheets"), limits)


def number_of_recursive(limit: str, place: Path, files: Mapping[str, bytes]) -> int:
    # The folder, and the info file.
    return len(files) + 2 if limit == "files" else 0


def zipped(place: Path, world: World, limits: Limits) -> Loaded:
    place.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(place / "sheets.zip", "w") as archive:
        for name, data in encoded(world, "yml").items():
            archive.writestr(name, data)
    return load(str(place / "sheets.zip"), limits)


def tarred(place: Path, world: World, limits: Limits) -> Loaded:
    place.mkdir(parents=True, exist_ok=True)
    with tarfile.open(place / "sheets.tar", "w") as archive:
        for name, data in encoded(world, "yml").items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return load(str(place / "sheets.tar"), limits)


def number_of_archive(limit: str, place: Path, files: Mapping[str, bytes]) -> int:
    if limit != "source":
        return 0
    return max(sum(map(len, files.values())), *(path.stat().st_size for path in place.iterdir()))


def repository(place: Path, world: World) -> Path:
    folder(place, world)
    for arguments in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "sheets")):
        subprocess.run(["git", "-C", str(place), *arguments], check=True, capture_output=True)
    return place


def revision(place: Path, world: World, limits: Limits) -> Loaded:
    return load(api.GitRevisionDescriptor("HEAD", str(repository(place, world) / "sheets")), limits)


def clone(place: Path, world: World, limits: Limits) -> Loaded:
    return load(api.GitRemoteDescriptor(f"file://{repository(place, world)}", "sheets"), limits)


def described(place: Path, world: World, limits: Limits) -> Loaded:
    text = api.encode({"create_using": "ways.api.FolderDescriptor", "items": str(folder(place, world))})
    return Loaded.of(Session.from_environ(overrides={"WAYS_DESCRIPTORS": text}, limits=limits))


def configured(place: Path, world: World, limits: Limits) -> Loaded:
    """Load the configuration folder of the user."""
    written = folder(place / "config", world)
    written.rename(written.parent / "ways")
    with environment(WAYS_DESCRIPTORS=None, XDG_CONFIG_HOME=str(place / "config"), XDG_CONFIG_DIRS=str(place)):
        return Loaded.of(Session.from_environ(limits=limits))


class environment:
    """A block with other variables."""

    def __init__(self, **variables: str | None) -> None:
        self._variables = variables

    def __enter__(self) -> None:
        self._before = {name: os.environ.get(name) for name in self._variables}
        self._set(self._variables)

    def __exit__(self, *error: object) -> None:
        self._set(self._before)

    @staticmethod
    def _set(variables: Mapping[str, str | None]) -> None:
        for name, value in variables.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def stored(place: Path, world: World, limits: Limits) -> Loaded:
    """Load what the store got under greater limits."""
    path, overrides = str(folder(place, world)), {"WAYS_CACHE": "1"}
    for _ in range(2):
        Session(overrides=overrides).add_search_path(path)
    return load(path, limits, overrides=overrides)


def refreshed(place: Path, world: World, limits: Limits) -> Loaded:
    session = Session(limits=limits)
    session.add_search_path(str(folder(place, {"0": GOOD})))
    folder(place, world)
    session.refresh()
    return Loaded.of(session)


def compared(place: Path, world: World, limits: Limits) -> Loaded:
    with Session(limits=limits).active():
        sheets = open_world(str(folder(place, world)))
    return Loaded(list(sheets.problems), sheets.pool.registry.now.place_texts(), sheets.pool.get)


def checked(place: Path, world: World, limits: Limits) -> Loaded:
    (session,) = checked_sessions([folder(place, world)], {"WAYS_LIMITS": as_text(limits)})
    return Loaded.of(session)


def as_text(limits: Limits) -> str:
    return ":".join(f"{name}={number}" for name, number in zip(limits._fields, limits))


def child(place: Path, world: World, limits: Limits) -> Loaded:
    session = Session().with_overrides({"WAYS_LIMITS": as_text(limits)})
    session.add_search_path(str(folder(place, world)))
    return Loaded.of(session)


def snapshot(place: Path, world: World, limits: Limits) -> Loaded:
    session = Session(limits=limits)
    session.add_search_path(str(folder(place, world)))
    # What the environment says where it is opened doesn't count.
    with environment(WAYS_LIMITS="mapping=1:tokens=1"):
        return Loaded.of(Session.from_snapshot(session.snapshot()))


def snapshot_file(place: Path, world: World, limits: Limits) -> Loaded:
    # At one place each time: a snapshot has the paths of its sheets.
    place = place.parent / "file"
    session = Session(limits=limits._replace(snapshot=Limits().snapshot))
    session.add_search_path(str(folder(place, world)))
    session.snapshot().save(place / "a.ways", force=True)
    return Loaded.of(Session.from_snapshot(place / "a.ways", limits=limits))


def number_of_snapshot(limit: str, place: Path, files: Mapping[str, bytes]) -> int:
    return (place.parent / "file" / "a.ways").stat().st_size if limit == "snapshot" else 0


# From Python.


def plugins_of(world: World) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((name, keys) for data in world.values() for name, keys in data["plugins"].items())


def by_add_plugins(place: Path, world: World, limits: Limits) -> Loaded:
    session = Session(limits=limits)
    for data in world.values():
        try:
            session.add_plugins(**data["plugins"])
        except WaysError:
            if session.get_context("good") is None:
                raise AssertionError("the good plugin is lost") from None
            raise
    return Loaded.of(session)


class Author:
    """An object that gives a plugin."""

    def __init__(self, keys: Mapping[str, Any]) -> None:
        self._keys = dict(keys)
        self.data = self._keys.pop("data", {})

    def __getattr__(self, name: str) -> Any:
        key = name.removeprefix("get_")
        if key == name or key not in self._keys:
            raise AttributeError(name)
        return lambda: self._keys[key]


def by_add_plugin(place: Path, world: World, limits: Limits) -> Loaded:
    session = Session(limits=limits)
    for _, keys in plugins_of(world):
        session.add_plugin(Author(keys))
    return Loaded.of(session)


def by_function(place: Path, world: World, limits: Limits) -> Loaded:
    return without_error(lambda: [Author(keys) for _, keys in plugins_of(world)], limits)


def by_list(place: Path, world: World, limits: Limits) -> Loaded:
    return without_error([Author(keys) for _, keys in plugins_of(world)], limits)


def by_descriptor(place: Path, world: World, limits: Limits) -> Loaded:
    class Descriptor:
        def get_plugins(self) -> Iterator[Any]:
            return iter([(Author(keys), "master") for _, keys in plugins_of(world)])

    return without_error(Descriptor(), limits)


def without_error(description: Any, limits: Limits) -> Loaded:
    """Load a description; what this raises at its end is a problem as well."""
    session = Session(limits=limits)
    try:
        session.add_search_path(description)
    except WaysError:
        assert session.problems
    return Loaded.of(session)


def by_plugin_file(place: Path, world: World, limits: Limits) -> Loaded:
    place.mkdir(parents=True, exist_ok=True)
    lines = [f"current_session().add_plugins(**{data['plugins']!r})" for data in world.values()]
    (place / "plugins.py").write_text("\n".join(["from ways.session import current_session", *lines]), encoding="utf-8")
    session = Session.from_environ(overrides={"WAYS_PLUGINS": str(place / "plugins.py")}, limits=limits)
    assert session.get_context("good") is not None
    for result in session.plugin_results:
        if result.error is not None:
            raise result.error
    return Loaded.of(session)


# Files of other systems, each behind our good sheet.


def usd(*types: str, **info: Any) -> bytes:
    entries = {name: {"bases": ["Tool"], **info} for name in types}
    return json.dumps({"Plugins": [{"Type": "resource", "Name": "inks", "Info": {"Types": entries}}]}).encode()


def imjoy(**config: Any) -> bytes:
    written = {"name": "Spot", "type": "native-python", "version": "0.1.0", "api_version": "0.1.8", **config}
    return f'<config lang="json">{json.dumps(written)}</config><script lang="python">\n</script>'.encode()


def dioptra(name: str = "dough", structure: Any = None, count: int = 1) -> bytes:
    types = [f'[[plugin_param_types]]\nname = "{name}{n}"\nstructure = {toml(structure or {"list": "string"})}\n' for n in range(count)]
    return "".join(types).encode()


def dioptra_nested(depth: int) -> Any:
    return {"list": dioptra_nested(depth - 1)} if depth else "string"


FOREIGN: dict[str, dict[str, World]] = {
    "usd": {
        "sheet": {"0": GOOD, "plugInfo.json": usd("Ink", color="x" * 400)},
        "depth": {"0": GOOD, "plugInfo.json": usd("Ink", color=nested(5))},
        "values": {"0": GOOD, "plugInfo.json": usd("Ink", color=list(range(40)))},
        "plugins": {"0": GOOD, "plugInfo.json": usd("Ink", "Pen", "Dye")},
        "problems": {"0": GOOD, "plugInfo.json": b'{"Plugins": [1, 2, 3]}'},
        "sheets": {
            "0": GOOD,
            "plugInfo.json": json.dumps({"Includes": ["a/", "b/"]}).encode(),
            "a/plugInfo.json": usd("Ink"),
            "b/plugInfo.json": usd("Pen"),
        },
        "source": {"0": GOOD, "plugInfo.json": json.dumps({"Includes": ["a/"]}).encode(), "a/plugInfo.json": usd("Ink", color="x" * 400)},
        "files": {"0": GOOD, "plugInfo.json": usd("Ink"), "b": usd("Pen")},
    },
    "imjoy": {
        "sheet": {"0": GOOD, "a.imjoy.html": imjoy(description="x" * 400)},
        "depth": {"0": GOOD, "a.imjoy.html": imjoy(defaults=nested(5))},
        "values": {"0": GOOD, "a.imjoy.html": imjoy(defaults=list(range(40)))},
        "plugins": {"0": GOOD, "a.imjoy.html": imjoy(tags=["cpu", "gpu", "tpu"])},
        "tokens": {"0": GOOD, "a.imjoy.html": imjoy(tags=["cpu", "gpu", "tpu"])},
        "source": {"0": GOOD, "a.imjoy.html": imjoy(description="x" * 400)},
        "sheets": {"0": GOOD, "a.imjoy.html": imjoy(), "b.imjoy.html": imjoy(name="Blot")},
        "files": {"0": GOOD, "a.imjoy.html": imjoy(), "b.imjoy.html": imjoy(name="Blot")},
    },
    "dioptra": {
        "sheet": {"0": GOOD, "dioptra.toml": dioptra("x" * 400)},
        "depth": {"0": GOOD, "dioptra.toml": dioptra(structure=dioptra_nested(5))},
        "values": {"0": GOOD, "dioptra.toml": dioptra(count=10)},
        "plugins": {"0": GOOD, "dioptra.toml": dioptra(count=3)},
        "source": {"0": GOOD, "dioptra.toml": dioptra("x" * 400)},
        "sheets": {"0": GOOD, "a": {"plugins": {"a": {"hierarchy": "a"}}}, "dioptra.toml": dioptra()},
        "files": {"0": GOOD, "b": b"", "dioptra.toml": dioptra()},
    },
}


#: Sheets whose plugins go beyond a limit by what several of them give together, by the details of tokens or by choices.
USES: dict[str, World] = {
    "plugins": sheet({"a": {"hierarchy": "x", "uses": ["p", "q", "r"]}}),
    "hierarchy": sheet({"a": {"hierarchy": "a/b", "uses": ["c/d"]}}),
    "mapping": sheet({"a": {"hierarchy": "a", "mapping": "/1234567"}, "b": {"hierarchy": "b", "mapping": "{root}{root}", "uses": ["a"]}}),
    "tokens": sheet({"a": {"hierarchy": "a", "mapping": "/{A}/{B}"}, "b": {"hierarchy": "b", "mapping": "{root}/{C}", "uses": ["a"]}}),
    "expansion": sheet(
        {
            "x": {"hierarchy": "x", "mapping": "/x"},
            "a": {"hierarchy": "{root}/a", "mapping": "{root}/a", "uses": ["x"]},
            "b": {"hierarchy": "{root}/b", "mapping": "{root}/b", "uses": ["x/a"]},
        }
    ),
    "expression": sheet(
        {
            "a": {"hierarchy": "a", "mapping": "/{A}/{B}", "mapping_details": {"A": {"parse": {"regex": "a+"}}}},
            "b": {"hierarchy": "a", "mapping_details": {"B": {"parse": {"regex": "b+c"}}}},
        }
    ),
}
DETAILS: dict[str, World] = {
    "mapping": sheet(plugin(mapping_details={"A": {"mapping": "/a/{BCDEFGHI}"}})),
    "tokens": sheet(plugin(mapping_details={name: {} for name in "ABC"})),
    "expansion": WORLDS["expansion"],
    "expression": sheet(plugin(mapping_details={"A": {"parse": {"regex": "a+"}}, "B": {"parse": {"glob": "b*c"}}})),
    "values": sheet(plugin(mapping_details={"A": {"default": 1}, "B": {"required": False, "x": list(range(15))}})),
    "depth": sheet(plugin(mapping_details={"A": {"x": nested(4)}})),
}
CHOICES: dict[str, World] = {
    "values": sheet(plugin(mapping="/{A}", mapping_details={"A": {"choices": [f"w{n}" for n in range(18)]}})),
    "depth": sheet(plugin(mapping="/{A}", mapping_details={"A": {"choices": {"a": {"text": "a", "label": nested(2)}}}})),
    "sheet": sheet(plugin(mapping="/{A}", mapping_details={"A": {"choices": ["x" * 400]}})),
    "expression": sheet(plugin(mapping="/{A}", mapping_details={"A": {"choices": ["a" * 50, "b"]}})),
}
INFO: dict[str, World] = {
    "sheet": {"0": GOOD, ".ways_plugin_info.yml": b"recursive: false\n#" + b"x" * 400},
    "depth": {"0": GOOD, ".ways_plugin_info.yml": b"check: {ignore: [[[[[[[[]]]]]]]]}"},
    "values": {"0": GOOD, ".ways_plugin_info.yml": b"check: {ignore: [" + b"'not-run', " * 24 + b"]}"},
    "source": {"0": GOOD, ".ways_plugin_info.yml": b"recursive: false\n#" + b"x" * 400},
}


class OwnFormat:
    """A format that somebody else wrote."""

    name, suffixes = "own", (".own",)

    def looks_like(self, name: str, head: bytes) -> bool:
        return name.endswith(".own")

    def read(self, data: bytes, source: Any, files: Any = None) -> api.Draft:
        return api.Draft(json.loads(data))


def by_own_format(place: Path, world: World, limits: Limits) -> Loaded:
    return load(str(folder(place, world, "own")), limits, formats=api.FormatTable([OwnFormat()]))


def number_of_part(limit: str, place: Path, files: Mapping[str, bytes]) -> int:
    """Have the number searched where the sheets aren't those of ``NUMBERS``."""
    return SEARCHED if limit in NUMBERS else 0


def number_of_info(limit: str, place: Path, files: Mapping[str, bytes]) -> int:
    return max(map(len, files.values())) if limit == "source" else number_of_part(limit, place, files)


SEARCHED = -1


def number_of_foreign(limit: str, place: Path, files: Mapping[str, bytes]) -> int:
    """Have the number searched: the data of a file of another system are made, and not written as they are."""
    return SEARCHED if limit in ("depth", "values", "plugins", "tokens") else len(files) if limit == "sheets" else 0


def number_of_objects(limit: str, place: Path, files: Mapping[str, bytes]) -> int:
    # All plugins come together, the good one with them.
    return NUMBERS["plugins"] + 1 if limit == "plugins" else 0


def number_of_toml(limit: str, place: Path, files: Mapping[str, bytes]) -> int:
    # In TOML signs count.
    return SEARCHED if limit == "values" else 0


DOORS: dict[str, Door] = {
    # Where sheets lie.
    "a sheet": Door(files_named),
    "a folder": Door(in_folder()),
    "a recursive folder": Door(recursive, number=number_of_recursive),
    "a zip": Door(zipped, number=number_of_archive),
    "a tar": Door(tarred, number=number_of_archive),
    "a git revision": Door(revision),
    "a git clone": Door(clone),
    # How they are written.
    "YAML": Door(in_folder()),
    "JSON": Door(in_folder("json"), "json"),
    "TOML": Door(in_folder("toml"), "toml", number=number_of_toml),
    "a Python sheet": Door(in_folder("py"), "py"),
    "OpenUSD": Door(in_folder(), worlds=FOREIGN["usd"], number=number_of_foreign),
    "ImJoy": Door(in_folder(), worlds=FOREIGN["imjoy"], number=number_of_foreign),
    "Dioptra": Door(in_folder(), worlds=FOREIGN["dioptra"], number=number_of_foreign),
    "another's format": Door(by_own_format, "own"),
    # What in them may be too much.
    "``uses``": Door(in_folder(), worlds=USES, number=number_of_part),
    "``mapping_details``": Door(in_folder(), worlds=DETAILS, number=number_of_part),
    "``choices``": Door(in_folder(), worlds=CHOICES, number=number_of_part),
    "an info file": Door(in_folder(), worlds=INFO, number=number_of_info),
    # When and for whom they are read.
    "``WAYS_DESCRIPTORS``": Door(described),
    "the user's folder": Door(configured),
    "the store": Door(stored),
    "``refresh``": Door(refreshed),
    "``compare``": Door(compared),
    "``ways check``": Door(checked),
    "a child session": Door(child),
    "a snapshot": Door(snapshot),
    "a snapshot file": Door(snapshot_file, number=number_of_snapshot),
    # What is given by code.
    "``add_plugins``": Door(by_add_plugins),
    "``add_plugin``": Door(by_add_plugin),
    "a function": Door(by_function, number=number_of_objects),
    "a list": Door(by_list, number=number_of_objects),
    "``get_plugins``": Door(by_descriptor, number=number_of_objects),
    "``WAYS_PLUGINS``": Door(by_plugin_file),
}


# --- what is asked


class Probe(NamedTuple):
    """A text of a place, its values, and a session that knows the place."""

    session: Session
    text: str
    values: Mapping[str, str]
    place: Path
    #: A text that is read at once.
    fine: str = "/z0"

    @property
    def asset(self) -> Any:
        """An Asset of the place with harmless values."""
        return self.session.get_asset({name: "z0" for name in self.values}, "a")

    @property
    def sheet(self) -> str:
        return str(self.place / "a.yml")


def first(results: Iterable[Any]) -> Any:
    """Return the first of some results, or raise it if it is an error."""
    result = next(iter(results))
    result = result[1] if isinstance(result, tuple) else result
    if isinstance(result, Exception):
        raise result
    return result


def reported(ask: Callable[[Callable[[str, str], None]], Iterable[Any]]) -> Any:
    """Return what a search finds; what it reports as passed over is its outcome."""
    told: list[str] = []
    found = list(ask(lambda path, reason: told.append(reason)))
    if told and not found:
        raise WaysError(told[0])
    return found


def compared_paths(it: Probe) -> Any:
    """Compare a path with itself; that it can't be told what it is is a change."""
    changes = list(api.compare_paths(it.session, it.session, [it.text, "/z0"]))
    if changes:
        raise WaysError(f"{changes[0].change}: {changes[0].new.error}")
    return changes


def attempts_of(it: Probe) -> Any:
    """Explain a text; that a place could not tell in time is what is told."""
    explanation = it.session.explain_text(it.text)
    for attempt in explanation.attempts:
        if attempt.verdict is api.Verdict.TIMED_OUT:
            raise WaysError(f"{attempt.verdict.value}: {attempt.message}")
    return explanation


ASKING: dict[str, Callable[[Probe], Any]] = {
    # Of a text.
    "``get_asset``": lambda it: it.session.get_asset(it.text),
    "``get_asset``, place": lambda it: it.session.get_asset(it.text, "a"),
    "a ``Path``": lambda it: it.session.get_asset(pathlib.PurePosixPath(it.text)),
    "``get_assets``": lambda it: first(it.session.get_assets([it.text, "/z0"])),
    "``read``": lambda it: it.session.read(it.text),
    "``read``, all tiers": lambda it: it.session.read(it.text, tiers=("a", "b", "c")),
    "``read_many``": lambda it: first(it.session.read_many([it.text])),
    "``translate``": lambda it: it.session.translate(it.text, "linux"),
    "``explain_text``": attempts_of,
    "``compare_paths``": compared_paths,
    # Of values.
    "values": lambda it: it.session.get_asset(it.values),
    "values, place": lambda it: it.session.get_asset(it.values, "a"),
    "``format``": lambda it: it.session.format("a", it.values),
    "``format_many``": lambda it: first(it.session.format_many("a", [it.values])),
    "``set_value``": lambda it: it.asset.set_value("A", it.values["A"]),
    "``set_values``": lambda it: it.asset.set_values(it.values),
    "``set_value``, force": lambda it: it.asset.set_value("A", it.values["A"], force=True),
    "``at``": lambda it: it.asset.at("a", **it.values),
    "``get_str``": lambda it: it.asset.get_str(groups=it.values),
    "``Context.get_str``": lambda it: it.session.need_context("hidden").get_str(groups=it.values),
    "``is_valid``": lambda it: it.session.need_context("a").get_parser().is_valid("A", f"{it.values['A']}x"),
    "``find_assets``": lambda it: reported(lambda told: it.session.find_assets("a", it.values, report=told)),
    "``get_next``": lambda it: it.session.get_next("a", "N", it.values),
    "``create_folders``": lambda it: it.session.create_folders(api.Asset(dict(it.values), it.session.need_context("a")), dry_run=True),
}


def shell(*arguments: str, texts: str = "", null: bool = False) -> Callable[[Probe], Any]:
    """Return what runs a command. What it prints of a limit is its outcome.

    :param arguments: TEXT, FINE, PAIRS, SHEET and FILE stand for the text, another one, its values, the sheet and a file of texts.
    :param texts: the text comes in on standard input (``-``) or in the file, among others.
    """

    def ask(it: Probe) -> Any:
        end = "\0" if null else "\n"
        lines = end.join([it.fine, it.text, it.fine, ""])
        (it.place / "texts").write_text(lines, encoding="utf-8", newline="")
        pairs = [f"{name}={value}" for name, value in it.values.items()]
        known = {"TEXT": [it.text], "PAIRS": pairs, "SHEET": [it.sheet], "FILE": [str(it.place / "texts")], "FINE": [it.fine]}
        command = [part for argument in arguments for part in known.get(argument, [argument])]
        with environment(WAYS_LIMITS=as_text(it.session.limits)):
            from ways.cli.main import main

            result = CliRunner().invoke(main, command, input=lines if "-" in arguments else None)
        assert isinstance(result.exception, SystemExit | None), result.exception
        if "WAYS_LIMITS=" in result.output:
            raise WaysError(result.output)
        assert result.exit_code == 0, result.output
        return result.output

    return ask


SHELL: dict[str, Callable[[Probe], Any]] = {
    "``ways resolve TEXT``": shell("--sheets", "SHEET", "resolve", "TEXT"),
    "``ways resolve -``": shell("--sheets", "SHEET", "resolve", "-"),
    "``ways resolve -0 -``": shell("--sheets", "SHEET", "resolve", "-0", "-", null=True),
    "``ways resolve --as``": shell("--sheets", "SHEET", "resolve", "FINE", "--as", "a", "PAIRS"),
    "``ways format``": shell("--sheets", "SHEET", "format", "a", "PAIRS"),
    "``ways find``": shell("--sheets", "SHEET", "find", "a", "PAIRS"),
    "``ways explain --path``": shell("--sheets", "SHEET", "explain", "--path", "TEXT"),
    "``ways explain PLACE``": shell("--sheets", "SHEET", "explain", "a", "PAIRS"),
    "``ways diff --paths FILE``": shell("diff", "SHEET", "SHEET", "--paths", "FILE"),
    "``ways diff --paths -``": shell("diff", "SHEET", "SHEET", "--paths", "-"),
}


# --- what sets a limit


def wrong_way_in(place: Path, name: str, number: int) -> Session:
    """Write a limit into a sheet."""
    session = Session()
    session.add_search_path(str(folder(place, {"0": {"globals": {"limits": {name: number}}, "limits": {name: number}, **GOOD}})))
    return session


def by_environment(place: Path, name: str, number: int) -> Session:
    with environment(WAYS_LIMITS=f"{name}={number}"):
        return Session()


def of_process(place: Path, name: str, number: int) -> Session:
    with environment(WAYS_LIMITS=f"{name}={number}"):
        return Session.from_environ()


def of_comparison(place: Path, name: str, number: int) -> Any:
    with Session(limits=Limits(**{name: number})).active():
        return open_world([])


def of_check(place: Path, name: str, number: int) -> Session:
    path = folder(place, {"0": GOOD})
    with environment(WAYS_LIMITS=f"{name}={number}"):
        return checked_sessions([path])[0]


def of_snapshot(place: Path, name: str, number: int) -> Session:
    taken = Session(limits=Limits(**{name: number})).snapshot()
    with environment(WAYS_LIMITS=f"{name}=1"):
        return Session.from_snapshot(taken)


SETTING: dict[str, Callable[[Path, str, int], Any]] = {
    "``WAYS_LIMITS``": by_environment,
    "``Session(limits=)``": lambda place, name, number: Session(limits=Limits(**{name: number})),
    "``overrides``": lambda place, name, number: Session(overrides={"WAYS_LIMITS": f"{name}={number}"}),
    "``from_environ``": of_process,
    "``with_overrides``": lambda place, name, number: Session().with_overrides({"WAYS_LIMITS": f"{name}={number}"}),
    "its child": lambda place, name, number: Session(limits=Limits(**{name: number})).with_overrides({"WAYS_PLATFORM": "windows"}),
    "a comparison": of_comparison,
    "a check": of_check,
    "``from_snapshot``": of_snapshot,
    "in a sheet": wrong_way_in,
}


# --- the table

NO_TEXT = Outside("no text is asked while something is loaded")
FEW_MATCHED = Outside("choices and defaults alone are matched while something is loaded; what can't be told in that time counts as unfit")
NOTHING_LOADED = Outside("it loads nothing")
NOT_FIXED = Outside("no setting raises it")
NO_FILE = Outside("no file is read, and no text of a sheet")
NAMED = Outside("what is named isn't listed")
ONE_PLUGIN = Outside("it is one plugin; what is wrong with it is one error")
NO_LANGUAGE = Outside("an object doesn't say in which language it is written, nor for which values it counts")
OF_SHEET = Outside("a sheet has it, whatever stands in it")
NO_MAPPING = Outside("such a file gives no mapping, and a hierarchy of a name alone")
NO_PROBLEMS = Outside("what is wrong with such a file is one problem, or is told by its own system")
NO_PLUGIN = Outside("it holds no plugins")
NO_SNAPSHOT = Outside("no snapshot file is read")

#: What happens at most doors beyond a limit.
ROWS: dict[str, Cell] = {
    "text": NO_TEXT,
    "sheet": Refused("limit", "the sheet"),
    "depth": Refused("limit", "the sheet"),
    "values": Refused("limit", "the sheet"),
    "plugins": Refused("limit", "it, and those after it"),
    "hierarchy": Refused("limit", "the plugin"),
    "mapping": Refused("limit", "the plugin"),
    "tokens": Refused("limit", "the plugin"),
    "expansion": Refused("MappingLimitError", "the place"),
    "expression": Refused("limit", "the plugin"),
    "sheets": Refused("too-many-sheets", "those after it"),
    "problems": Refused("limit", "the others"),
    "time": FEW_MATCHED,
    "question": FEW_MATCHED,
    "source": Refused("limit", "it, and those after it"),
    "files": Refused("limit", "the folder"),
    "snapshot": NO_SNAPSHOT,
    "groups in an expression": Refused("bad-expression", "the plugin"),
    "optional parts": Refused("token-language", "the plugin"),
    "variants": Refused("variants", "the plugin's say"),
}
OF_FOREIGN: dict[str, Cell] = {
    **dict.fromkeys(("hierarchy", "mapping", "tokens", "expansion", "expression", *FIXED), NO_MAPPING),
    "problems": NO_PROBLEMS,
}
OF_CODE: dict[str, Cell] = {
    **dict.fromkeys(("sheet", "sheets", "source", "files"), NO_FILE),
    **dict.fromkeys(("depth", "values", "plugins", "hierarchy", "mapping", "tokens", "expression"), Refused("SheetLimitError", "the call")),
    "problems": Refused("SheetLimitError", "the others"),
    **dict.fromkeys(("groups in an expression", "optional parts"), Refused("SheetSchemaError", "the call")),
}
OF_OBJECT: dict[str, Cell] = {
    **dict.fromkeys(("sheet", "sheets", "source", "files"), NO_FILE),
    **dict.fromkeys(("depth", "values"), Refused("limit", "the plugin")),
    "plugins": Refused("limit", "those after them"),
    "groups in an expression": Refused("PatternError", "the place"),
    **dict.fromkeys(("optional parts", "variants"), NO_LANGUAGE),
}
OF_ARCHIVE: dict[str, Cell] = dict.fromkeys(("source", "files"), Refused("unreadable", "the archive"))
OF_COMMIT: dict[str, Cell] = {"files": Refused("SourceLimitError", "the commit")}
#: Where a door differs from its row. A door whose worlds lack a limit must say why.
COLUMNS: dict[str, dict[str, Cell]] = {
    "a sheet": {"files": NAMED},
    "a zip": OF_ARCHIVE,
    "a tar": OF_ARCHIVE,
    "a git revision": OF_COMMIT,
    "a git clone": OF_COMMIT,
    "OpenUSD": {**OF_FOREIGN, "problems": Refused("limit", "the others")},
    "ImJoy": {**OF_FOREIGN, "tokens": Refused("limit", "the plugin")},
    "Dioptra": OF_FOREIGN,
    "``uses``": {
        **dict.fromkeys(("sheet", "depth", "values", "sheets", "source", "files", "problems", *FIXED), OF_SHEET),
        **dict.fromkeys(("mapping", "tokens", "expression"), Refused("MappingLimitError", "the place")),
    },
    "``mapping_details``": dict.fromkeys(("sheet", "sheets", "source", "files", "problems", "plugins", "hierarchy", *FIXED), OF_SHEET),
    "``choices``": dict.fromkeys(set(ROWS) - {"text", "time", "question", "depth", "values", "sheet", "expression"}, OF_SHEET),
    "an info file": {
        **dict.fromkeys(("plugins", "hierarchy", "mapping", "tokens", "expansion", "expression", "problems", *FIXED), NO_PLUGIN),
        **dict.fromkeys(("sheets", "files"), NO_PLUGIN),
        **dict.fromkeys(("sheet", "depth", "values"), Refused("limit", "what it says")),
        "source": Refused("limit", "the sheets below it"),
    },
    "a snapshot file": {"snapshot": Refused("SnapshotError", "the file")},
    "``add_plugins``": OF_CODE,
    "``WAYS_PLUGINS``": OF_CODE,
    "``add_plugin``": {
        **OF_CODE,
        **dict.fromkeys(("plugins", "problems"), ONE_PLUGIN),
        **dict.fromkeys(("optional parts", "variants"), NO_LANGUAGE),
        "groups in an expression": Refused("PatternError", "the place"),
    },
    **dict.fromkeys(("a function", "a list", "``get_plugins``"), OF_OBJECT),
}
NOT_MATCHED = Outside("values are filled in as they are, and nothing is matched")
NO_REST = Outside("the place reads its own values alone")
#: What is asked: what happens beyond its limits.
ASKED_ROWS: dict[str, Cell] = {
    "text": Refused("LimitError", "the text"),
    "time": Refused("MatchTimeoutError", "the text"),
    "question": Refused("MatchTimeoutError", "the text"),
}
ASKED_COLUMNS: dict[str, dict[str, Cell]] = {
    "``explain_text``": dict.fromkeys(("time", "question"), Refused("told", "the attempt")),
    "``compare_paths``": dict.fromkeys(ASKED, Refused("told", "the text")),
    "``set_value``, force": dict.fromkeys(("time", "question"), NOT_MATCHED),
    "``Context.get_str``": dict.fromkeys(("time", "question"), NOT_MATCHED),
}


#: What a refusal may cost besides itself: all that comes in with it.
WHOLE = ("the folder", "the archive", "the commit", "the sheets below it")


def group(title: str, doors: Iterable[str], cells: Callable[[str, str], Cell]) -> tuple[str, dict[tuple[str, str], Cell]]:
    return title, {(limit, door): cells(limit, door) for limit in LIMITS for door in doors}


def loading(limit: str, door: str) -> Cell:
    return COLUMNS.get(door, {}).get(limit) or ROWS[limit]


def asking(limit: str, door: str) -> Cell:
    return ASKED_COLUMNS.get(door, {}).get(limit) or ASKED_ROWS.get(limit) or NOTHING_LOADED


def in_shell(limit: str, door: str) -> Cell:
    cell = asking(limit, door)
    return Refused("told", "the text") if isinstance(cell, Refused) else cell


def setting(limit: str, door: str) -> Cell:
    return NOT_FIXED if limit in FIXED else Outside("a sheet can't set it") if door == "in a sheet" else Taken()


_DOORS = list(DOORS)
_SPLIT = [0, *map(_DOORS.index, ("YAML", "``uses``", "``WAYS_DESCRIPTORS``", "``add_plugins``")), len(_DOORS)]
_ASKING = list(ASKING)
_VALUES = _ASKING.index("values")
#: The table, in pieces that fit on a page: title -> what each of its cells says, by limit and door.
CELLS: dict[str, dict[tuple[str, str], Cell]] = dict(
    [
        *(
            group(title, _DOORS[start:end], loading)
            for title, start, end in zip(
                ("Where sheets lie", "How sheets are written", "What stands in them", "When and for whom they are read", "Given by code"),
                _SPLIT,
                _SPLIT[1:],
            )
        ),
        group("Texts that are asked", _ASKING[:_VALUES], asking),
        group("Values that are asked", _ASKING[_VALUES:], asking),
        group("Asked in the shell", SHELL, in_shell),
        group("Where limits are set", SETTING, setting),
    ]
)


# --- the page


def page() -> str:
    """Return the table as reStructuredText."""
    lines: list[str] = []
    for title, cells in CELLS.items():
        lines += [title, "~" * len(title), "", *piece(cells)]
    return "\n".join(lines)


def piece(cells: Mapping[tuple[str, str], Cell]) -> Iterator[str]:
    doors = list(dict.fromkeys(door for _, door in cells))
    reasons: dict[str, int] = {}
    left_out: dict[str, list[str]] = {}
    rows: list[tuple[str, list[str]]] = []
    for limit in LIMITS:
        row = [cells[limit, door] for door in doors]
        why = {cell.why for cell in row if isinstance(cell, Outside)}
        if len(why) == 1 and all(isinstance(cell, Outside) for cell in row):
            left_out.setdefault(why.pop(), []).append(f"``{limit}``" if limit in Limits._fields else limit)
        else:
            rows.append((f"``{limit}``" if limit in Limits._fields else limit, [marked(cell, reasons) for cell in row]))
    yield from (".. list-table::", "   :header-rows: 1", "   :stub-columns: 1", "   :class: doors", "")
    for name, marks in (("Limit", doors), *rows):
        yield f"   * - {name}"
        yield from (f"     - {mark}" for mark in marks)
    yield ""
    for reason, number in reasons.items():
        yield f"({number}) {reason}."
        yield ""
    for reason, limits in left_out.items():
        yield f"Not in this table: {', '.join(limits)}: {reason}."
        yield ""


def marked(cell: Cell, reasons: dict[str, int]) -> str:
    """Return what stands in a cell; a reason is a number, and stands below the table."""
    if isinstance(cell, (Outside, Bounded)):
        return f"{cell.mark} ({reasons.setdefault(cell.why, len(reasons) + 1)})"
    return cell.mark


PAGE = Path(__file__).parent.parent / "docs" / "reference" / "limits-doors.inc"

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
