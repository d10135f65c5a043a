"""Worlds that grow along one axis: ``python -m tests.stress growth`` measures what they cost, and here some are counted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from counting import calls
from stress.axes import AXES
from stress.growth import QUESTIONS, USUAL, World, asked_of
from ways.regex import product
from ways.regex.automata import language_of
from ways.report import page

#: Worlds in which something is wrong, or where two places answer.
WITH_PROBLEMS = {"faults of a sheet", "plugins with when"}
#: Texts that are none of the place, or that nobody can tell from another.
UNFIT = {"length of a text that doesn't fit", "segments of a text that doesn't fit", "optional parts that are alike"}


def world(name: str, size: int, folder: Path) -> World:
    return World(AXES[name].made(size, os.path.join(folder, "disk")), os.fspath(folder))


def small(name: str) -> int:
    """Return a size of an axis that is small, and not too small for what is in it anyway."""
    return min(AXES[name].most, 200 if AXES[name].most > 1_000 else 10)


@pytest.mark.parametrize("name", [name for name, axis in AXES.items() if "read" in asked_of(axis)])
def test_a_world_of_each_axis_is_what_it_seems(name: str, tmp_path: Path) -> None:
    """What is measured is an answer, and not an error."""
    made = world(name, small(name), tmp_path)
    session, grown = made.session(), made.grown
    if name not in WITH_PROBLEMS:
        assert [problem for problem in session.problems if problem.level == "error"] == []
    if name not in UNFIT:
        assert session.read(grown.text, grown.place).values == {**grown.values}
        assert session.format(grown.place, grown.values) == grown.text


@pytest.mark.parametrize("question", USUAL)
def test_each_question_can_be_asked(question: str, tmp_path: Path) -> None:
    QUESTIONS[question](world("plugins", 3, tmp_path))()


#: Pairs of axis and question with a size: twice as much of it takes no more than 2.6 times the calls. Each took four times once.
COUNTED = (
    ("plugins", "load", 100), ("plugins", "read", 100), ("plugins", "explain", 100), ("plugins", "check", 100),
    ("places", "diff", 100), ("places", "report", 60), ("plugins at one place", "report", 100),
    ("layers with priority", "check", 100), ("plugins with when", "read", 100), ("parents of a plugin", "explain", 60),
    ("values of a sheet", "load", 300), ("keys of data", "explain", 300), ("tokens", "read", 60), ("sheets", "load", 60),
    ("texts", "read many", 300),
)  # fmt: skip


@pytest.mark.parametrize(("name", "question", "size"), COUNTED, ids=lambda value: str(value))
def test_twice_as_much_takes_twice_the_calls(name: str, question: str, size: int, tmp_path: Path) -> None:
    counts = []
    for number, times in enumerate((0.1, 1, 2)):
        (tmp_path / str(number)).mkdir()
        counts.append(calls(QUESTIONS[question](world(name, int(size * times), tmp_path / str(number)))))
    # The first one imports what is needed.
    assert counts[2] < 2.6 * counts[1]


@pytest.mark.parametrize("question", ["read", "check", "diff"])
def test_places_beyond_the_limit_of_nesting_cost_what_others_do(question: str, tmp_path: Path) -> None:
    """Nobody keeps that a place lies too deep; to find it out again takes the places on the way, and no more."""
    counts = []
    for size in (10, 100, 200):
        (tmp_path / str(size)).mkdir()
        counts.append(calls(QUESTIONS[question](world("nested places", size, tmp_path / str(size)))))
    assert counts[2] < 8 * counts[1]


def test_a_report_of_nested_places_finds_runners_up_while_it_has_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = world("nested places", 8, tmp_path).session()
    with_them = page.data(session)
    monkeypatch.setattr(page, "RUNNER_UP_STEPS", 100)
    assert page.data(session)["contexts"] != with_them["contexts"]


def test_the_edges_of_a_product_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = language_of(r"\w+_\w+").machine
    assert product.product(machine, machine).edges
    monkeypatch.setattr(product, "MOST_EDGES", 3)
    with pytest.raises(product.TooLargeError):
        product.product(machine, machine)
