"""Every limit at every door: :mod:`doors` has the table; here each of its cells is tried."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Container
from pathlib import Path
from typing import Any

import doors
import pytest
from doors import ASKING, CELLS, DOORS, FIXED, SETTING, SHELL, Bounded, Loaded, Probe, Refused, Taken
from sources.test_git import _git_of_its_own  # noqa: F401

from ways.api import Limits, Session
from ways.errors import SheetErrors, UnresolvedMappingError, WaysError
from ways.limits import DEFAULT_LIMITS


def cells_of(some: Container[str], *kinds: type) -> list[Any]:
    """Return the cells of these kinds, as parameters of a test."""
    return [
        pytest.param(limit, door, cell, id=f"{limit}-{door.replace('`', '')}")
        for cells in CELLS.values()
        for (limit, door), cell in cells.items()
        if door in some and isinstance(cell, kinds)
    ]


# --- the table itself


def test_each_limit_has_a_cell_for_each_door() -> None:
    table = [cell for cells in CELLS.values() for cell in cells]
    assert len(set(table)) == len(table)
    assert set(table) == {(limit, door) for limit in (*Limits._fields, *FIXED) for door in (*DOORS, *ASKING, *SHELL, *SETTING)}


def test_each_cell_says_something() -> None:
    """What is refused says how, what can't come in says why, and what another limit bounds names one that is refused there."""
    for cells in CELLS.values():
        for (_, door), cell in cells.items():
            assert all(cell) and (not isinstance(cell, Bounded) or isinstance(cells[cell.by, door], Refused))


def test_what_a_door_refuses_can_come_in_there() -> None:
    """A cell without anything to bring in would be no test."""
    for name, door in DOORS.items():
        refused = {limit for limit, other, _ in (cell.values for cell in cells_of([name], Refused))}
        assert refused <= set(door.worlds or doors.WORLDS) | set(FIXED) and (not door.worlds or refused == set(door.worlds))


def test_the_page_is_what_the_table_says() -> None:
    assert doors.PAGE.read_text(encoding="utf-8") == doors.page(), "write it anew: python -m tests.doors"


# --- what is loaded


def outcome_of(door: doors.Door, place: Path, world: doors.World, limits: Limits) -> tuple[str, str, bool]:
    """Return what a door makes of a world: the code or the class of what is wrong, the message, and whether the good sheet is there."""
    try:
        loaded = door.open(place, world, limits)
        wrong = [problem for problem in loaded.problems if problem.level == "error"]
        is_good = loaded.context("good") is not None
        if wrong:
            return wrong[-1].code, str(wrong[-1]), is_good
        ask(loaded)
    except SheetErrors as error:
        return type(error.errors[-1]).__name__, str(error), True
    except (WaysError, OSError) as error:
        return type(error).__name__, str(error), True
    return "", "", is_good


def ask(loaded: Loaded) -> None:
    """Ask each place for its mapping, and make what reads texts of it."""
    for context in filter(None, map(loaded.context, loaded.places)):
        try:
            context.get_mapping()
        except UnresolvedMappingError:
            continue
        context.get_str()
        context.get_pattern()


def name_raised(limit: str, message: str) -> bool:
    """Whether a message says how the limit is raised."""
    return limit in FIXED or f"WAYS_LIMITS={limit}=" in message


@pytest.mark.parametrize("limit, name, cell", cells_of(DOORS, Refused))
def test_what_is_at_a_limit_is_loaded_and_one_beyond_it_is_not(limit: str, name: str, cell: Refused, tmp_path: Path) -> None:
    if "git" in name and shutil.which("git") is None:
        pytest.skip("the program git is not installed")
    door = DOORS[name]
    at, beyond = tmp_path / "at", tmp_path / "beyond"
    if limit in FIXED:
        number, fine, much = FIXED[limit]
        outcomes = [outcome_of(door, at, fine, DEFAULT_LIMITS), outcome_of(door, beyond, much, DEFAULT_LIMITS)]
    else:
        world = (door.worlds or doors.WORLDS)[limit]
        number = number_at(limit, door, world, tmp_path)
        outcomes = [
            outcome_of(door, at, world, DEFAULT_LIMITS._replace(**{limit: number})),
            outcome_of(door, beyond, world, DEFAULT_LIMITS._replace(**{limit: number - 1})),
        ]
    (code, message, is_good), (outcome, told, is_good_still) = outcomes
    # Problems that are no more than may be told are told.
    assert (code, message) == ("", "") or limit == "problems" and "WAYS_LIMITS" not in message
    assert is_good and (outcome, told and name_raised(limit, told)) == (cell.how, True)
    assert limit in FIXED or str(number - 1) in told
    assert is_good_still or cell.costs in doors.WHOLE


def number_at(limit: str, door: doors.Door, world: doors.World, place: Path) -> int:
    """Return how much of a limit a world has at a door."""
    files = doors.encoded(world, door.ending)
    # Archives are measured as they lie there.
    outcome_of(door, place / "measured", world, DEFAULT_LIMITS)
    number = door.number(limit, place / "measured", files)
    if number == doors.SEARCHED:
        tried = (DEFAULT_LIMITS._replace(**{limit: number}) for number in range(1, 500))
        return 1 + next(
            index for index, limits in enumerate(tried) if not outcome_of(door, place / f"tried{index}", world, limits)[0]
        )
    return number or doors.number_of(limit, files)


# --- what it costs

#: By its name, what makes a source of kilobytes, or of the code of a few lines, that asks for any memory; and what opens it.
BOMBS: dict[str, str] = {
    "a sheet of aliases": '''
        text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\\n" for n in range(1, 60))
        path("laugh.yml").write_text(text + "plugins: {a: {hierarchy: a, data: {x: *a59}}}")''',
    "a sparse sheet": """
        with open(path("great.yml"), "wb") as file:
            file.truncate(4 << 30)""",
    "a Python sheet": """
        path("it.py").write_text("x = []\\nfor _ in range(60): x = [x] * 10\\nplugins = {'a': {'hierarchy': 'a', 'data': {'x': x}}}")""",
    "another's format": """
        import json
        info = {"Types": {f"T{n}": {"bases": [f"T{n + 1}"] * 50} for n in range(400)}}
        plugin = {"Type": "resource", "Name": "a", "Info": info}
        path("plugInfo.json").write_text(json.dumps({"Plugins": [plugin], "Includes": ["*/"] * 50}))
        for n in range(60):
            path(f"d{n}").mkdir()
            path(f"d{n}/plugInfo.json").symlink_to(path("plugInfo.json"))""",
    "a zip": """
        import zipfile
        with zipfile.ZipFile(path("it.zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for n in range(10):
                archive.writestr(f"s{n}.yml", b"#" * (16 << 20))
        source = path("it.zip")""",
    "a packed tar": """
        import gzip
        with gzip.open(path("it.tar.gz"), "wb", compresslevel=1) as file:
            for n in range(10):
                file.write(bytes(16 << 20))
        source = path("it.tar.gz")""",
    "a list without an end": """
        import itertools
        class Author:
            def get_hierarchy(self): return "a"
        source = lambda: (Author() for _ in itertools.count())""",
    "data that hold themselves": """
        data = {}
        data["x"] = [data] * 1000
        class Author:
            def get_hierarchy(self): return "a"
        Author.data = data
        source = [Author() for _ in range(1000)]""",
    "many wrong objects": """
        source = [object() for _ in range(50_000)]""",
    "parents of parents": """
        rows = "".join(f"  p{n}: {{hierarchy: '{{root}}/{{root}}', uses: ['{'b/' * 190}{n}']}}\\n" for n in range(2000))
        path("roots.yml").write_text("plugins:\\n" + rows)""",
}
#: Runs one of them with so much memory more than a session itself takes. The good sheet must be there.
CHILD = """
import os, resource, sys
from pathlib import Path
from ways.api import Limits, Session
import ways.sources.archives, ways.sheets.formats.yaml_text, ways.plugins.language, ways.systems.usd.files.format, ways.check.all_checks
folder = Path(sys.argv[1])
path = lambda name: folder / name
source = folder
{make}
limits = Limits(source=1 << 20, sheet=1 << 20, values=20_000, plugins=2_000)
session = Session(limits=limits)
session.add_plugins(good={{"hierarchy": "good"}})
with open("/proc/self/statm") as file:
    taken = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + (100 << 20),) * 2)
try:
    session.add_search_path(source if callable(source) or isinstance(source, list) else str(source))
except ValueError:
    pass
print(len(session.problems), session.get_context("good") is not None)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells how much memory a process has")
@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_source_costs_no_more_than_the_limits_say(name: str, tmp_path: Path) -> None:
    code = CHILD.format(make=textwrap.dedent(BOMBS[name]))
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    count, is_good = done.stdout.split()
    assert int(count) >= 1 and is_good == "True"


# --- what is asked


def probe(limit: str, place: Path, *, is_beyond: bool) -> Probe:
    """Return a text and values that are at a limit, or beyond it."""
    limits = {"text": Limits(text=30), "time": Limits(time=5), "question": Limits(question=5)}[limit]
    session = Session(limits=limits if is_beyond or limit == "text" else DEFAULT_LIMITS)
    if limit == "text":
        # The slash is as long as the name of the token.
        values = {"A": "z" * (29 + is_beyond)}
        plugins = {"a": {"mapping": "/{A}[_{N:03d}]", "mapping_details": {"A": {"parse": {"regex": "[a-z0-9]+"}}}}}
        text = f"/{values['A']}"
    else:
        values = {"A": "a" * 60 + "!" if is_beyond else "aa", "B": "z0"}
        plugins = {
            f"a{number or ''}": {
                "mapping": "/{A}{B}[_{N:03d}]",
                "mapping_details": {"A": {"parse": {"regex": r"(?:\w|\w\w)+"}}, "B": {"parse": {"regex": f"z{number}"}}},
            }
            for number in range(20 if limit == "question" else 1)
        }
        text = f"/{values['A']}z0"
    plugins = {name: {"hierarchy": name, "path": True, "syntax": 2, **keys} for name, keys in plugins.items()}
    plugins["hidden"] = {**plugins["a"], "hierarchy": "hidden", "mapping": plugins["a"]["mapping"].partition("[")[0], "search": False}
    session.add_plugins(**plugins)
    (place / "a.yml").write_text(json.dumps({"plugins": plugins}), encoding="utf-8")
    return Probe(session, text, values, place, "/z0" if limit == "text" else "/aaz0")


@pytest.mark.parametrize("limit, name, cell", cells_of((*ASKING, *SHELL), Refused))
def test_what_is_at_a_limit_is_answered_and_one_beyond_it_is_not(limit: str, name: str, cell: Refused, tmp_path: Path) -> None:
    ask = {**ASKING, **SHELL}[name]
    ask(probe(limit, tmp_path, is_beyond=False))
    with pytest.raises(WaysError) as caught:
        ask(probe(limit, tmp_path, is_beyond=True))
    kind = "told" if type(caught.value) is WaysError else type(caught.value).__name__
    assert (kind, name_raised(limit, str(caught.value))) == (cell.how, True)
    assert limit != "text" or "at most 30 characters" in str(caught.value)


# --- where limits are set


@pytest.mark.parametrize("limit, name, cell", cells_of(SETTING, Taken))
def test_a_limit_that_is_set_holds_in_all_rooms(limit: str, name: str, cell: Taken, tmp_path: Path) -> None:
    made = SETTING[name](tmp_path, limit, 77)
    expected = Limits(**{limit: 77})
    assert made.pool.limits == made.pool.state().limits == expected
    assert not isinstance(made, Session) or made.limits == made.reader.limits == expected


@pytest.mark.parametrize("limit", Limits._fields)
def test_a_sheet_cant_set_a_limit(limit: str, tmp_path: Path) -> None:
    made = SETTING["in a sheet"](tmp_path, limit, 77)
    assert made.limits == made.pool.limits == made.reader.limits == DEFAULT_LIMITS
    assert {problem.code for problem in made.problems} == {"unknown-key"}
