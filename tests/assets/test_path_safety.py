"""Values of a file path: none leads to another folder than the mapping's, by whatever door it comes in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ways.assets.asset import Asset
from ways.errors import TokenValueError, WaysError
from ways.session import Session

AMISS = ["a/b", "a\\b", "..", ".", "...", ".. ", "a\0b", "a\nb", "\x1b[2J", "\x7f", "\x85", "../../etc/passwd", "/etc", "\\\\host\\share"]
FINE = ["dune", "a.b", ".hidden", "..a", "a..", "ü", "日本", "it's", "a b", "\udc80", "-rf", "~", "$HOME", "%00"]


def world(expression: str | None = None, platform: str = "linux", **more: Any) -> Session:
    session = Session(overrides={"WAYS_PLATFORM": platform})
    details = {} if expression is None else {"JOB": {"parse": {"regex": expression}}}
    plugin = {"hierarchy": "job", "mapping": "/jobs/{JOB}/x", "path": True, "folder": True, "mapping_details": details}
    session.add_plugins(job={**plugin, **more})
    return session


def asset(session: Session, **values: str) -> Asset:
    return Asset(values, session.need_context("job"))


#: Every way in which a value becomes part of a path.
DOORS: dict[str, Callable[[Session, str], Any]] = {
    "get_str": lambda session, value: asset(session, JOB=value).get_str(),
    "get_str, long": lambda session, value: asset(session, JOB=value).get_str(True, "env"),
    "groups": lambda session, value: session.need_context("job").get_str(groups={"JOB": value}),
    "glob": lambda session, value: session.need_context("job").get_str("glob", groups={"JOB": value}),
    "format": lambda session, value: session.format("job", {"JOB": value}),
    "folders": lambda session, value: session.create_folders(asset(session, JOB=value), dry_run=True)[0],
}


#: Doors that fill in what they are given, as Ways 0.1 did: the other platform's separator is none to them, but leads nowhere.
RAW = ("groups", "glob")


@pytest.mark.parametrize("platform", ["linux", "windows"])
@pytest.mark.parametrize("value", AMISS)
@pytest.mark.parametrize("door", DOORS)
def test_a_value_that_leads_elsewhere_is_refused(door: str, value: str, platform: str) -> None:
    if door in RAW and value in (("a/b", "/etc") if platform == "windows" else ("a\\b", "\\\\host\\share")):
        assert value in DOORS[door](world(platform=platform), value)
        return
    with pytest.raises(TokenValueError) as caught:
        DOORS[door](world(platform=platform), value)
    assert caught.value.token == "JOB"


@pytest.mark.parametrize("value", FINE)
@pytest.mark.parametrize("door", DOORS)
def test_any_other_value_is_written_as_it_is(door: str, value: str) -> None:
    assert DOORS[door](world(), value) == f"/jobs/{value}/x"


def test_many_at_once_are_refused_one_by_one() -> None:
    fine, amiss = world().format_many("job", [{"JOB": "dune"}, {"JOB": ".."}])
    assert fine == "/jobs/dune/x" and isinstance(amiss, TokenValueError)


def test_a_value_that_leads_elsewhere_is_not_set_unless_by_force() -> None:
    answer = asset(world(), JOB="dune")
    assert not answer.set_value("JOB", "a/b") and answer.get_value("JOB") == "dune"
    assert answer.set_value("JOB", "a/b", force=True) and answer.get_value("JOB") == "a/b"
    with pytest.raises(TokenValueError):
        answer.get_str()


@pytest.mark.parametrize(
    "expression, value",
    [("[a-z/]+", "a/b"), (".+", "a/b"), (r"[\w\\]+", "a\\b"), (r"a\tb", "a\tb"), (r"[\x00-\x1f]+", "\n"), (r"\.\.|[a-z]+", "..")],
)
def test_what_the_expression_allows_is_written(expression: str, value: str) -> None:
    assert asset(world(expression), JOB=value).get_str() == f"/jobs/{value}/x"


@pytest.mark.parametrize(
    "expression, value", [(".+", ".."), (".+", "a/../b"), (r"(?s:.+)", "a\nb"), ("[a-z./]+", "a/../b"), (r"\W+", "\x1b")]
)
def test_an_expression_that_may_hold_anything_allows_no_more_than_separators(expression: str, value: str) -> None:
    with pytest.raises(TokenValueError):
        asset(world(expression), JOB=value).get_str()


def test_choices_may_hold_what_they_say() -> None:
    session = world(mapping_details={"JOB": {"choices": {"up": "..", "deep": "a/b"}}})
    assert [asset(session, JOB=value).get_str() for value in ("..", "a/b")] == ["/jobs/../x", "/jobs/a/b/x"]


def test_a_parent_token_may_hold_the_separators_of_its_own_mapping() -> None:
    session = world(mapping_details={"JOB": {"mapping": "{YEAR}/{NAME}"}})
    assert asset(session, JOB="1984/dune").get_str() == "/jobs/1984/dune/x"
    with pytest.raises(TokenValueError):
        asset(session, YEAR="..", NAME="dune").get_str()


def test_dots_of_two_tokens_make_no_folder_above() -> None:
    session = world(mapping="/jobs/{A}{B}/x")
    with pytest.raises(TokenValueError):
        asset(session, A=".", B=".").get_str()
    assert asset(session, A="a", B=".").get_str() == "/jobs/a./x"


def test_the_environment_is_its_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOB", "a/b")
    assert world().need_context("job").get_str("env") == "/jobs/a/b/x"


def test_what_is_no_file_path_is_written_as_ever() -> None:
    assert asset(world(path=False), JOB="../a\n").get_str() == "/jobs/../a\n/x"


def test_nothing_is_looked_for_outside_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "x").touch()
    session, reports = world(mapping=f"{tmp_path}/in/{{JOB}}/x"), []
    answer = list(session.find_assets("job", {"JOB": ".."}, report=lambda path, reason: reports.append((path, reason))))
    assert answer == [] and reports == [("JOB=..", "nothing can have this value: it would lead to other folders than the mapping's")]


letters = st.sampled_from("a./\\ \n\0\x7f-~") | st.characters()


@given(st.text(letters, min_size=1, max_size=6), st.text(letters, min_size=1, max_size=4))
def test_what_is_written_stays_below_and_has_as_many_names(job: str, name: str) -> None:
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_plugins(job={"hierarchy": "job", "mapping": "/jobs/{JOB}/v{NAME}.{NAME}/{JOB}{NAME}", "path": True})
    for write in (lambda: asset(session, JOB=job, NAME=name).get_str(), lambda: session.format("job", {"JOB": job, "NAME": name})):
        try:
            text = write()
        except WaysError:
            continue
        assert os.path.normpath(text).startswith("/jobs/") and len(os.path.normpath(text).split("/")) == 5
        assert "\\" not in text and not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in text)


def test_an_expression_that_takes_dots_leads_nowhere_either() -> None:
    session = world("[a-z.]+")
    session.add_plugins(safe={"hierarchy": "safe", "syntax": 2, "mapping": "/safe/{JOB}", "path": True,
                              "mapping_details": {"JOB": {"parse": {"regex": "[a-z.]+"}}}})  # fmt: skip
    asset = session.get_asset({"JOB": "a"}, "safe")
    with pytest.raises(TokenValueError, match="no value leads to another folder"):
        asset.set_value("JOB", "..")
    assert asset.get_str() == "/safe/a"


@pytest.mark.parametrize("kind, start", [("a", "/kinds/a"), ("old", "/old/old")])
def test_dots_inside_of_a_name_are_written_by_each_variant(session: Session, kind: str, start: str) -> None:
    session.add_plugins(
        kind={"hierarchy": "kind", "syntax": 2, "mapping": "/kinds/{KIND}/{NAME}", "path": True},
        old={"hierarchy": "kind", "syntax": 2, "mapping": "/old/{KIND}/{NAME}", "path": True, "when": {"KIND": "old"}},
    )
    assert session.format("kind", {"KIND": kind, "NAME": "x..y"}) == f"{start}/x..y"
    for name in ("..", ".", ".. "):
        with pytest.raises(TokenValueError):
            session.format("kind", {"KIND": kind, "NAME": name})
    asset = session.get_asset(f"{start}/b")
    asset.info["NAME"] = 7
    assert (asset.get_value("NAME"), asset.get_value("KIND")) == (7, kind)
