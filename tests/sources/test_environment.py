"""Problems of WAYS_PLATFORM and WAYS_PRIORITY (docs/reference/environment.rst)."""

from __future__ import annotations

import os

import pytest

from ways.session import Session

SHEET = """
    plugins:
      job: {hierarchy: job, mapping: /jobs}
      moon: {hierarchy: job, assignment: moon, data: {fps: 25}}
"""
CODES = {"unknown-layer", "unknown-platform"}


@pytest.fixture
def told(session, write_sheet, monkeypatch):
    """Return what the session says of one value of a variable: level, code and text of each problem."""
    session.add_search_path(write_sheet(SHEET))

    def ask(name, value):
        monkeypatch.setenv(name, value.replace(":", os.pathsep))
        problems = [(problem.level, problem.code, str(problem)) for problem in session.problems]
        findings = [(item.level, item.code) for item in session.check() if item.code in CODES]
        assert findings == [problem[:2] for problem in problems]
        return problems

    return ask


@pytest.mark.parametrize("value", ["master", "master:moon", "moon", ""])
def test_layers_that_plugins_have_are_no_problem(told, value):
    assert told("WAYS_PRIORITY", value) == []


def test_a_layer_like_none_is_a_warning(told):
    [(level, code, text)] = told("WAYS_PRIORITY", "master:zzz")
    assert (level, code) == ("warning", "unknown-layer") and "WAYS_PRIORITY" in text and "'zzz'" in text and "master, moon" in text


def test_a_layer_like_another_is_an_error(told):
    [(level, code, text)] = told("WAYS_PRIORITY", "master:mon")
    assert (level, code) == ("error", "unknown-layer") and "Did you mean 'moon'?" in text


@pytest.mark.parametrize("value", ["master,moon", "master;moon", "master, moon", "master|moon", "master moon"])
def test_layers_that_are_separated_otherwise_are_an_error(told, value):
    [(level, code, text)] = told("WAYS_PRIORITY", value)
    assert (level, code) == ("error", "unknown-layer")
    assert f"Separate layers by {os.pathsep!r}: WAYS_PRIORITY=master{os.pathsep}moon" in text


@pytest.mark.parametrize(
    "value, order",
    [
        ("master:master,moon", "master:moon"), ("moon:master,moon", "master:moon"), ("moon,master:", "moon:master"),
        ("master: master : moon ", "master:moon"), ("master:MASTER:moon", "master:moon"), ("master,Moon,zzz", "master:moon:zzz"),
        ("master;;moon", "master:moon"), (":moon, master", "moon:master"),
    ],
)  # fmt: skip
def test_the_order_that_is_advised_is_whole_and_has_each_layer_once(told, value, order):
    problems = told("WAYS_PRIORITY", value)
    order = order.replace(":", os.pathsep)
    assert problems and all(level == "error" and text.endswith(f"WAYS_PRIORITY={order}") for level, _, text in problems)
    assert all(level == "warning" for level, _, _ in told("WAYS_PRIORITY", order))


def test_a_layer_whose_name_has_a_separator_is_kept_whole(session, monkeypatch):
    for layer in ("master", "moon, base"):
        session.add_plugins(**{layer.strip(): {"hierarchy": "job", "assignment": layer}})
    monkeypatch.setenv("WAYS_PRIORITY", os.pathsep.join(["moon, base", "Master"]))
    [problem] = session.problems
    assert str(problem).endswith(f"WAYS_PRIORITY=moon, base{os.pathsep}master")


def test_the_default_priority_is_no_problem(write_sheet):
    session = Session()
    session.add_search_path(write_sheet("plugins: {job: {hierarchy: job, assignment: client}}"))
    assert session.problems == []


def test_without_plugins_no_layer_is_a_problem(monkeypatch):
    monkeypatch.setenv("WAYS_PRIORITY", "moon")
    assert Session().problems == []


def test_an_unknown_platform_is_an_error(told):
    [(level, code, text)] = told("WAYS_PLATFORM", "linus")
    assert (level, code) == ("error", "unknown-platform") and "no plugin applies" in text and "Did you mean 'linux'?" in text


def test_a_machine_of_no_known_platform_is_an_error(told):
    [(level, code, text)] = told("WAYS_PLATFORMS", "amiga")
    assert (level, code) == ("error", "unknown-platform") and "one of amiga" in text


def test_problems_follow_the_environment(told, monkeypatch):
    assert told("WAYS_PRIORITY", "master:zzz") != []
    assert told("WAYS_PRIORITY", "master") == []
