"""Every door that matches texts does so within a question: a table of doors, each with expressions that take long."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from click.testing import CliRunner
from clock import ALWAYS_SLOW, LONG, SLOW, clock_of_matches

from ways.api import Asset, Limits, Session, WaysError, compare_paths, values_at
from ways.cli.main import main

pytestmark = pytest.mark.platform("linux")

#: Milliseconds for one Context, and for one question.
TIME, QUESTION = 100, 300
NAMES = "ABCDEFGHIJKL"
HOSTILE = f"{LONG}!"
SLOW_DETAILS = {"parse": {"regex": SLOW}}
VALUES = dict.fromkeys(NAMES, HOSTILE)
GOOD = dict.fromkeys(NAMES, "a")


class World(NamedTuple):
    """A sheet on disk whose expressions take long, and texts for it."""

    sheet: str
    other: str
    root: str
    #: Texts of no place, each of which may be of 30 places.
    texts: list[str]
    #: A text of one place, with 12 tokens.
    wide: str
    folder: Path

    @property
    def text(self) -> str:
        return self.texts[0]

    def session(self) -> Session:
        session = Session(limits=Limits(time=TIME, question=QUESTION))
        session.add_search_path(self.sheet)
        return session

    def run(self, *words: str, lines: str = "") -> object:
        sheets = () if words[0] == "diff" else ("--sheets", self.sheet)
        limits = {"WAYS_LIMITS": f"time={TIME}:question={QUESTION}"}
        return CliRunner().invoke(main, [*sheets, *words], input=lines, env=limits)

    def assigned(self) -> list[str]:
        return [f"{name}={value}" for name, value in VALUES.items()]


def plugins(root: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for n in range(30):
        found[f"p{n}"] = {"mapping": f"{root}/{{A}}{{B}}", "mapping_details": {"A": SLOW_DETAILS, "B": {"parse": {"regex": f"z{n}"}}}}
        # Of two plugins, so that no load compares choices and expression.
        choices = {"A": {"choices": [f"{HOSTILE}{m}" for m in range(10)]}, "P": {"mapping": "{A}.{B}", **SLOW_DETAILS}}
        found[f"choices{n}"] = {"mapping": f"{root}/c{n}/{{A}}[_{{B}}]-{{P}}", "mapping_details": choices}
        found[f"rules{n}"] = {"hierarchy": f"choices{n}", "mapping_details": {"A": SLOW_DETAILS, "B": SLOW_DETAILS}}
        found[f"when{n}"] = {"hierarchy": f"choices{n}", "when": {"A": [f"{HOSTILE}1"]}, "data": {"n": n}}
        found[f"samples{n}"] = {
            "mapping": f"{root}/s{n}/{{A}}_{{B}}",
            "mapping_details": {"A": {"parse": {"regex": f"x{ALWAYS_SLOW}{n}"}}, "B": {"parse": {"regex": ALWAYS_SLOW}}},
        }
    mapping = f"{root}/w/" + "/".join(f"{{{name}}}" for name in NAMES)
    found["wide"] = {"mapping": mapping, "mapping_details": dict.fromkeys(NAMES, SLOW_DETAILS)}
    found["child"] = {"hierarchy": "wide/child", "mapping": f"{mapping}/c", "mapping_details": dict.fromkeys(NAMES, SLOW_DETAILS)}
    parents = {name: {"mapping": f"{{{of[0]}}}-{{{of[1]}}}", **SLOW_DETAILS} for name, of in (("P", "AB"), ("Q", "CD"))}
    found["tall"] = {"mapping": f"{root}/t/{{P}}/{{Q}}", "mapping_details": {**dict.fromkeys("ABCD", SLOW_DETAILS), **parents}}
    return {name: {"hierarchy": name, **plugin} for name, plugin in found.items()}


def written(path: Path, some: dict[str, Any]) -> str:
    path.write_text(json.dumps({"globals": {"syntax": 2}, "plugins": some}), encoding="utf-8")
    return str(path)


@pytest.fixture
def world(tmp_path: Path) -> World:
    root = str(tmp_path / "r")
    some = plugins(root)
    texts = [f"{root}/{HOSTILE}", f"{root}/{HOSTILE}2"]
    wide = f"{root}/w/" + "/".join(VALUES.values())
    (tmp_path / "paths.txt").write_text("\n".join([*texts, wide]), encoding="utf-8")
    sheet = written(tmp_path / "sheet.json", some)
    some["wide"]["mapping"] += "/x"
    return World(sheet, written(tmp_path / "other.json", some), root, texts, wide, tmp_path)


def asset_with(session: Session, place: str, values: dict[str, str]) -> Any:
    """Return an Asset whose values were written by hand, past all rules."""
    asset: Any = session.get_asset(GOOD if place != "tall" else dict.fromkeys("ABCD", "a"), place)
    asset.info.update(values)
    return asset


def ask_parser(session: Session) -> None:
    parser = session.need_context("wide").get_parser()
    parser.is_valid("A", HOSTILE)


Door = Callable[[Session, World], object]
#: What asks one question.
DOORS: dict[str, Door] = {
    "get_asset of a text": lambda session, world: session.get_asset(world.text),
    "get_asset, leniently": lambda session, world: session.get_asset(world.text, strict=False),
    "get_asset of a place": lambda session, world: session.get_asset(world.wide, "wide"),
    "get_asset of a place, leniently": lambda session, world: session.get_asset(world.wide, "wide", strict=False),
    "get_asset of values": lambda session, world: session.get_asset(VALUES),
    "get_asset of values, leniently": lambda session, world: session.get_asset(VALUES, strict=False),
    "get_asset of values of a place": lambda session, world: session.get_asset(VALUES, "wide"),
    "get_asset of values of a place, leniently": lambda session, world: session.get_asset(VALUES, "wide", strict=False),
    "Asset": lambda session, world: Asset(VALUES, session.need_context("wide")),
    "read": lambda session, world: session.read(world.text),
    "read in all tiers": lambda session, world: session.read(world.text, tiers=("a", "b", "c")),
    "read of a place": lambda session, world: session.read(world.wide, "wide"),
    "read of a place in all tiers": lambda session, world: session.read(world.wide, "wide", ("a", "b", "c")),
    "translate": lambda session, world: session.translate(world.text, "linux"),
    "translation": lambda session, world: session.translation(world.wide, "linux", "wide"),
    "elsewhere": lambda session, world: session.elsewhere(world.text),
    "elsewhere of a place": lambda session, world: session.elsewhere(world.wide, "wide"),
    "explain": lambda session, world: session.explain("choices1"),
    "explain_text": lambda session, world: session.explain_text(world.text),
    "format": lambda session, world: session.format("wide", VALUES),
    "format of choices": lambda session, world: session.format("choices1", {"A": f"{HOSTILE}1", "B": HOSTILE}),
    "format of parents": lambda session, world: session.format("tall", {"P": f"{HOSTILE}-{HOSTILE}", "Q": HOSTILE}),
    "format of a path": lambda session, world: session.format("wide", world.text),
    "find_assets": lambda session, world: list(session.find_assets("wide", VALUES)),
    "find_assets of a parent": lambda session, world: list(session.find_assets("tall", {"P": HOSTILE})),
    "find_assets of a path": lambda session, world: list(session.find_assets("wide/child", world.wide)),
    "get_next": lambda session, world: session.get_next("wide", "A", VALUES),
    "get_next of a path": lambda session, world: session.get_next("wide", "A", world.wide),
    "set_value": lambda session, world: session.get_asset(GOOD, "wide").set_value("A", HOSTILE),
    "set_value, forced": lambda session, world: session.get_asset(GOOD, "wide").set_value("A", HOSTILE, force=True),
    "set_values": lambda session, world: session.get_asset(GOOD, "wide").set_values(VALUES),
    "set_values of parents": lambda session, world: asset_with(session, "tall", {}).set_values({"P": HOSTILE, "Q": HOSTILE}),
    "at": lambda session, world: session.get_asset(GOOD, "wide").at("wide/child", **VALUES),
    "at of values by hand": lambda session, world: asset_with(session, "wide", VALUES).at("wide/child"),
    "parent": lambda session, world: asset_with(session, "wide/child", VALUES).parent(),
    "get_str": lambda session, world: asset_with(session, "wide", VALUES).get_str(),
    "path": lambda session, world: asset_with(session, "wide", VALUES).path,
    "get_value": lambda session, world: asset_with(session, "wide", VALUES).get_value("A"),
    "get_value of a parent": lambda session, world: asset_with(session, "tall", {"A": HOSTILE, "B": HOSTILE}).get_value("P"),
    "get_value of a child": lambda session, world: asset_with(session, "tall", {"P": HOSTILE, "A": "", "B": ""}).get_value("A"),
    "missing tokens": lambda session, world: asset_with(session, "tall", {"P": HOSTILE, "A": ""}).get_missing_required_tokens(),
    "unfilled tokens": lambda session, world: asset_with(session, "tall", {"P": HOSTILE, "A": ""}).get_unfilled_tokens(),
    "create_folders": lambda session, world: session.create_folders(asset_with(session, "wide", VALUES), dry_run=True),
    "values_at": lambda session, world: values_at(session.need_context("wide"), VALUES, session.need_context("wide/child")),
    "is_valid": lambda session, world: ask_parser(session),
    "read_many": lambda session, world: list(session.read_many([world.text])),
    "read_many of a place": lambda session, world: list(session.read_many([world.wide], "wide")),
    "get_assets": lambda session, world: session.get_assets([world.text]),
    "get_assets, leniently": lambda session, world: session.get_assets([world.text], strict=False),
    "get_assets as columns": lambda session, world: session.get_assets([world.text], as_columns=True),
    "format_many": lambda session, world: session.format_many("wide", [VALUES]),
    "check": lambda session, world: session.check(),
    "add_plugins": lambda session, world: session.add_plugins(**mixed_choices()),
    "a sheet": lambda session, world: session.add_search_path(written(world.folder / "choices.json", mixed_choices())),
}
#: Words of a command, and how many questions it asks at most: each text is one, and what an error of it adds is another.
COMMANDS: dict[str, tuple[Callable[[World], tuple[str, ...]], int]] = {
    "resolve": (lambda world: ("resolve", world.text), 2),
    "resolve --lenient": (lambda world: ("resolve", "--lenient", world.text), 2),
    "resolve --as": (lambda world: ("resolve", world.wide, "--as", "wide/child"), 2),
    "resolve -": (lambda world: ("resolve", "-"), 4),
    "explain": (lambda world: ("explain", "choices1"), 1),
    "explain of values": (lambda world: ("explain", "choices1", f"A={HOSTILE}1"), 1),
    "explain --path": (lambda world: ("explain", "--path", world.text), 1),
    "check": (lambda world: ("check",), 1),
    "doctor": (lambda world: ("doctor",), 1),
    "diff": (lambda world: ("diff", world.sheet, world.other), 1),
    # Each path is one, in each of the two worlds.
    "diff --paths": (lambda world: ("diff", world.sheet, world.other, "--paths", str(world.folder / "paths.txt")), 6),
    # What is checked, and what is read as a sample.
    "report": (lambda world: ("report", str(world.folder / "page.html")), 2),
    "format": (lambda world: ("format", "wide", *world.assigned()), 1),
    "find": (lambda world: ("find", "wide", *world.assigned()), 1),
    "context": (lambda world: ("context", "choices1"), 1),
    "tree": (lambda world: ("tree",), 1),
}


def mixed_choices() -> dict[str, Any]:
    """Plugins whose choices take long to tell whether they fit."""
    details = {name: {**SLOW_DETAILS, "choices": [f"{HOSTILE}{n}" for n in range(10)]} for name in "AB"}
    return {f"m{n}": {"hierarchy": f"m{n}", "mapping": f"/m{n}/{{A}}{{B}}", "mapping_details": details, "syntax": 2} for n in range(20)}


def most(questions: int) -> float:
    """Return the seconds that so many questions may take."""
    # Each Context, and each text, may go on for a moment until it stops.
    return questions * QUESTION / 1000 + 0.01


@pytest.mark.parametrize("name", DOORS)
def test_a_call_takes_no_longer_than_a_question(name: str, world: World) -> None:
    session = world.session()
    with clock_of_matches() as clock:
        try:
            DOORS[name](session, world)
        except WaysError:
            pass
    assert clock.seconds <= most(1)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_takes_no_longer_than_its_questions(name: str, world: World) -> None:
    words, questions = COMMANDS[name]
    with clock_of_matches() as clock:
        result: Any = world.run(*words(world), lines="".join(f"{text}\n" for text in world.texts))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert clock.seconds <= most(questions)


def test_a_diff_of_paths_asks_one_question_of_each_in_each_world(world: World) -> None:
    worlds = world.session(), world.session()
    with clock_of_matches() as clock:
        compare_paths(*worlds, [world.text, world.wide])
    assert clock.seconds <= most(4)


def test_each_command_is_in_the_table() -> None:
    """Those that are not match no text of a sheet; otio, which needs an extra, asks for places as format does."""
    asked = {words.partition(" ")[0] for words in COMMANDS}
    assert {*main.list_commands(click.Context(main))} - asked == {
        "cache", "completion", "dioptra", "imjoy", "import", "init", "otio", "schema", "sheets", "snapshot", "uses",
    }  # fmt: skip


def test_a_sheet_whose_choices_take_long_loses_their_plugins_alone(world: World) -> None:
    session = Session(limits=Limits(time=TIME, question=QUESTION))
    path = written(world.folder / "choices.json", {**mixed_choices(), "good": {"hierarchy": "good", "mapping": "/good/{A}"}})
    with clock_of_matches():
        session.add_search_path(path)
    assert list(session.place_texts()) == ["good"] and session.read("/good/a").hierarchy == "good"
    assert "as far as can be told in time" in session.problems[0].message
