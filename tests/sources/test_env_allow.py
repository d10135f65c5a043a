"""The environment: a sheet that isn't trusted reads no variable that WAYS_ENV_ALLOW doesn't name, and nothing prints it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ways.api import Session
from ways.cli.main import main
from ways.settings import ReadableEnviron, is_env_allowed

SECRET = "s3cr3t-in-the-environment"
#: Sheets that each name a variable in another way; the places that they name it at.
SHEETS = {
    "mapping": "plugins: {a: {hierarchy: a, mapping: '/x/{TOP_SECRET}'}}",
    "syntax 2": "plugins: {a: {hierarchy: a, syntax: 2, mapping: '/x/{T}[_{TOP_SECRET}]'}}",
    "format": "plugins: {a: {hierarchy: a, syntax: 2, mapping: '/x/{T}[/{TOP_SECRET:03d}]'}}",
    "details": "plugins: {a: {hierarchy: a, mapping: '/x/{T}', mapping_details: {T: {mapping: 'y{TOP_SECRET}'}}}}",
    "deeper": "plugins: {a: {hierarchy: a, mapping: '/{T}', mapping_details: {T: {mapping: '{U}'}, U: {mapping: '{TOP_SECRET}'}}}}",
    "globals": "{globals: {mapping_details: {T: {mapping: '{TOP_SECRET}'}}}, plugins: {a: {hierarchy: a, mapping: '/{T}'}}}",
    "reference": "plugins: {f: {hierarchy: f, mapping: '/{TOP_SECRET}'}, a: {hierarchy: a, mapping: '{@f}/a'}}",
    "token reference": "plugins: {a: {hierarchy: a, syntax: 2, mapping: '/{@T}', mapping_details: {T: {mapping: '{TOP_SECRET}'}}}}",
    "referring token": "plugins: {f: {hierarchy: f, mapping: '/{TOP_SECRET}'}, a: {hierarchy: a, mapping: '{T}', "
    "mapping_details: {T: {mapping: '{@f}'}}}}",
    "relative": "plugins: {f: {hierarchy: f, mapping: '/{TOP_SECRET}'}, a: {hierarchy: a, mapping: '{root}/a', uses: [f]}}",
    "append": "plugins: {a: {hierarchy: a, mapping: '/x'}, b: {hierarchy: '{root}', uses: [a], mapping: '{root}/{TOP_SECRET}'}}",
    "condition": "plugins: {a: {hierarchy: a, mapping: '/{T}/{TOP_SECRET}'}, "
    "b: {hierarchy: a, mapping: '/n/{T}/{TOP_SECRET}', when: {T: [x]}}}",
}
by_name = pytest.mark.parametrize("text", SHEETS.values(), ids=SHEETS)


@pytest.fixture(autouse=True)
def _variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOP_SECRET", SECRET)
    monkeypatch.setenv("TOP_OTHER", "other")
    monkeypatch.delenv("WAYS_ENV_ALLOW", raising=False)


def answers(session: Session) -> str:
    """Return everything that a session says of its places, as a text."""
    told: list[Any] = list(map(str, session.problems))
    for place in session.place_texts():
        context = session.need_context(place)
        for engines in ("env", "ENV", ("env_vars", "regex"), ["environment"], ("glob", "env")):
            told += [context.get_str(resolve_with=engines), context.get_str(resolve_with=engines, display_tokens=True)]
            told += [context.get_str(resolve_with=engines, depth=depth) for depth in (0, 1, 2)]
            told.append(context.get_str(resolve_with=engines, groups={"T": "x"}))
            asset = session.get_asset({"T": "x"}, context)
            if asset is not None:
                told += [asset.get_str(resolve_with=engines, required=False), repr(asset)]
        for thing in (context, session.get_asset({"T": "x"}, context)):
            if thing is not None:
                told.append(json.dumps(session.explain(thing).as_dict(), default=str))
        told.append(json.dumps(session.explain_text("/x/y").as_dict(), default=str))
    return "\n".join(map(str, told))


def opened(path: str, trust: bool | None = None) -> Session:
    session = Session()
    session.add_search_path(path, trust=trust)
    return session


@by_name
def test_a_sheet_that_is_not_trusted_reads_no_variable(write_sheet: Callable[..., str], text: str, tmp_path: Path) -> None:
    path = write_sheet(text)
    assert SECRET in answers(opened(path)) and SECRET not in answers(opened(path, trust=False))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(path, "sheet.yml")
    assert SECRET not in answers(opened(str(tmp_path / "a.zip")))


@by_name
@pytest.mark.parametrize("allowed", ["TOP_SECRET", "X: TOP_SECRET ", "TOP_*:Y", "*"])
def test_it_reads_what_is_allowed(write_sheet: Callable[..., str], text: str, allowed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session = opened(write_sheet(text), trust=False)
    assert SECRET not in answers(session)
    # It answers live, as the other settings do.
    monkeypatch.setenv("WAYS_ENV_ALLOW", allowed)
    assert SECRET in answers(session)
    monkeypatch.setenv("WAYS_ENV_ALLOW", "TOP:OP_SECRET:TOP_SECRE:SECRET:TOP_SECRETS*:top_secret::")
    assert SECRET not in answers(session)


def test_a_session_has_its_own_word(write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_ENV_ALLOW", "*")
    session = Session(overrides={"WAYS_ENV_ALLOW": ""})
    session.add_search_path(write_sheet(SHEETS["mapping"]), trust=False)
    assert SECRET not in answers(session)


TRUSTED = "plugins: {a: {hierarchy: a, mapping: '/a/{TOP_OTHER}/{T}'}}"


@pytest.mark.parametrize(
    "theirs",
    [
        "plugins: {b: {hierarchy: '{root}', uses: [a], mapping: '{root}/{TOP_SECRET}'}}",
        "plugins: {b: {hierarchy: a, mapping_details: {T: {mapping: '{TOP_SECRET}'}}}}",
    ],
    ids=["append", "details"],
)
def test_trust_follows_the_sheet_that_names_the_token(write_sheet: Callable[..., str], theirs: str) -> None:
    session = opened(write_sheet(TRUSTED, "ours.yml"))
    session.add_search_path(write_sheet(theirs, "theirs.yml"), trust=False)
    text = session.need_context("a").get_str(resolve_with="env")
    assert text.startswith("/a/other/") and "{TOP_SECRET}" in text and SECRET not in answers(session)


def test_a_mapping_is_not_trusted_for_trusted_details(write_sheet: Callable[..., str]) -> None:
    session = opened(write_sheet("plugins: {a: {hierarchy: a, mapping_details: {TOP_SECRET: {required: false}}}}", "ours.yml"))
    session.add_search_path(write_sheet("plugins: {b: {hierarchy: a, mapping: '/{TOP_SECRET}'}}", "theirs.yml"), trust=False)
    assert SECRET not in answers(session)


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_shell_tells_the_name_alone(tmp_path: Path, write_sheet: Callable[..., str], form: str) -> None:
    path = write_sheet("plugins: {a: {hierarchy: a, mapping: '/x/{T}/{TOP_SECRET}'}}")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(path, "sheet.yml")
    for what in (["a"], ["a", "T=x"], ["a:mapping"], ["--path", "/x/y"]):
        theirs = CliRunner().invoke(main, ["--sheets", str(tmp_path / "a.zip"), "explain", *what, "--format", form])
        assert SECRET not in theirs.output and "Traceback" not in theirs.output
    asked = ["explain", "a", "--format", form]
    told = CliRunner().invoke(main, ["--sheets", str(tmp_path / "a.zip"), *asked]).output
    assert "TOP_SECRET" in told and "WAYS_ENV_ALLOW" in " ".join(told.split())
    assert SECRET in CliRunner().invoke(main, ["--sheets", path, *asked]).output


def test_a_text_with_a_dollar_or_a_tilde_stays_as_it_is(write_sheet: Callable[..., str], tmp_path: Path) -> None:
    session = opened(write_sheet("plugins: {a: {hierarchy: a, mapping: '~/$TOP_SECRET/${TOP_SECRET}/%TOP_SECRET%'}}"))
    assert SECRET not in session.need_context("a").get_mapping()
    for path in ("$TOP_SECRET", "~/${TOP_SECRET}"):
        session.add_search_path(str(tmp_path / path))
        assert path in str(session.problems[-1]) and SECRET not in str(session.problems)


def test_allowed_names_are_exact_or_begin_with_a_text() -> None:
    environ = {"WAYS_ENV_ALLOW": "A:B_*: C "}
    assert [name for name in ("A", "AA", "B_", "B_x", "B", "C", " C ", "*", "") if is_env_allowed(name, environ)] == ["A", "B_", "B_x", "C"]
    assert not is_env_allowed("A", {})


def test_the_variables_that_may_be_read_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_ENV_ALLOW", "TOP_O*")
    readable = ReadableEnviron({"TOP_SECRET"}, {})
    assert dict(readable) == {"TOP_SECRET": SECRET, "TOP_OTHER": "other"} and len(readable) == 2 and "PATH" not in readable
