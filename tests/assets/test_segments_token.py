"""``segments: true``: a token whose value is one or more segments of a path."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ways.errors import AmbiguousContextError, ContextNotFoundError, TokenValueError
from ways.pattern.token import TokenSpec, segments_expression
from ways.session import Session

BAD = ["", "/", "a/", "/a", "a//b", ".", "..", "a/.", "a/../b", "./a", "a\\b"]


def with_token(session: Session, mapping: str = "/x/{A}/v{V:03d}", **more: Any) -> Session:
    details = more.pop("details", {})
    tokens = {"A": {"segments": True, **details}}
    session.add_plugins(it={"hierarchy": "it", "syntax": 2, "mapping": mapping, "mapping_details": tokens, **more})
    return session


@pytest.mark.parametrize("value", ["a", "a/b", "a/b/c d/.e", "..a/b..", "é/ü"])
@pytest.mark.parametrize("is_path", [False, True])
def test_a_value_of_several_segments_is_written_and_read_back(session: Session, value: str, is_path: bool) -> None:
    with_token(session, path=is_path)
    text = session.format("it", {"A": value, "V": 3})
    assert text == f"/x/{value}/v003"
    for found in (session.get_asset(text, strict=True), session.get_asset(text), *session.get_assets([text])):
        assert (found.info, found.get_value("A"), found.get_str()) == ({"A": value, "V": "003"}, value, text)
    assert session.get_asset({"A": value, "V": 3}).get_str() == text


@pytest.mark.parametrize("value", BAD)
def test_no_segment_is_empty_or_dots_or_holds_a_backslash(session: Session, value: str) -> None:
    with_token(session)
    with pytest.raises(TokenValueError):
        session.format("it", {"A": value, "V": 3})
    with pytest.raises(ContextNotFoundError):
        session.read(f"/x/{value}/v003")


@given(st.text("a.b/\\-", max_size=8))
def test_what_fits_is_exactly_names_with_separators(text: str) -> None:
    names = text.split("/")
    expected = "\\" not in text and not {"", ".", ".."}.intersection(names)
    assert bool(TokenSpec.of("A", {"segments": True}).fits()(text)) == expected  # type: ignore[misc]
    assert TokenSpec.of("A", {"segments": "\\"}).read_back(text.replace("/", "\\")) == text.replace("\\", "/")
    assert "(?!" not in segments_expression("/")


def test_the_expression_judges_the_value_as_a_whole(session: Session) -> None:
    with_token(session, "/x/{A}/{F}", details={"parse": {"regex": "[a-z]+(/[a-z]+)?"}})
    assert session.read("/x/a/b/f").values == {"A": "a/b", "F": "f"}
    # The longest value doesn't fit the expression; a shorter one does.
    assert session.read("/x/a/1").values == {"A": "a", "F": "1"}
    with pytest.raises(ContextNotFoundError):
        session.read("/x/a/b/c/f")
    with pytest.raises(TokenValueError, match=r"regex \[a-z\]"):
        session.format("it", {"A": "a/b/c", "F": "f"})


def test_choices_may_be_of_several_segments(session: Session) -> None:
    with_token(session, details={"choices": {"hero": "char/hero", "prop": "prop"}})
    assert session.format("it", {"A": "hero", "V": 1}) == "/x/char/hero/v001"
    assert session.get_asset("/x/char/hero/v001").get_value("A") == "hero"
    with pytest.raises(ContextNotFoundError):
        session.read("/x/char/v001")


@pytest.mark.platform("windows")
@pytest.mark.parametrize("details", [{}, {"parse": {"regex": "[a-z]+/[a-z]+"}}, {"choices": ["a/b", "c"]}], ids=["any", "regex", "choices"])
def test_on_windows_a_path_has_backslashes_and_the_value_has_none(
    session: Session, monkeypatch: pytest.MonkeyPatch, details: dict[str, Any]
) -> None:
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    with_token(session, "/x/{A}/v{V:03d}[/{F:w}]", path=True, details=details)
    text = session.format("it", {"A": "a/b", "V": 3})
    assert text == "\\x\\a\\b\\v003"
    for written in (text, "/x/a/b/v003", "\\x\\a/b\\v003"):
        found = session.get_asset(written, strict=True)
        assert (found.info, found.get_value("A"), found.get_str()) == ({"A": "a/b", "V": "003"}, "a/b", text)
    assert session.get_asset({"A": "a/b", "V": 3}, "it").get_str() == text
    assert session.translate(text, "linux") == "/x/a/b/v003"
    assert session.format("it", {"A": "a/b", "V": 3, "F": "f"}) == text + "\\f"


@pytest.mark.parametrize("platform, separator", [("linux", "/"), ("windows", "\\")])
def test_a_parent_token_and_conditions_see_the_value(
    session: Session, monkeypatch: pytest.MonkeyPatch, platform: str, separator: str
) -> None:
    monkeypatch.setenv("WAYS_PLATFORM", platform)
    details = {"A": {"segments": True}, "P": {"mapping": "{A}_{N}"}, "N": {"format": "d"}}
    session.add_plugins(
        it={"hierarchy": "it", "syntax": 2, "path": True, "mapping": "/x/{P}", "mapping_details": details},
        other={"hierarchy": "it", "syntax": 2, "when": {"A": "a/b"}, "data": {"is_other": True}},
    )
    text = "/x/a/b_1".replace("/", separator)
    asset = session.get_asset(text, strict=True)
    assert asset.info == {"A": "a/b", "N": "1"} and asset.data == {"is_other": True}
    assert asset.get_value("P") == f"a{separator}b_1" and session.format("it", {"P": asset.get_value("P")}) == text
    assert session.format("it", asset.info) == asset.get_str() == text


def test_folders_are_walked_however_deep(session: Session, tmp_path: Path) -> None:
    with_token(session, f"{tmp_path}/{{A}}/v{{V:03d}}[.{{E:l}}]", path=True)
    for name in ("a/v001", "a/b/v002.ma", "a/b/c/v003", "a/b/v2", "v004"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = sorted((asset.info["A"], asset.info["V"]) for asset in session.find_assets("it"))
    assert found == [("a", "001"), ("a/b", "002"), ("a/b/c", "003")]
    assert [asset.info["V"] for asset in session.find_assets("it", {"A": "a/b"})] == ["002"]


def test_its_glob_is_any_folders(session: Session) -> None:
    assert with_token(session).get_context("it").get_str(resolve_with="glob") == "/x/**/v*"
    session.clear()
    assert with_token(session, details={"parse": {"glob": "*/*"}}).get_context("it").get_str(resolve_with="glob") == "/x/*/*/v*"


def test_a_check_knows_which_places_it_overlaps(session: Session) -> None:
    with_token(session, "/x/{A}")
    session.add_plugins(
        same={"hierarchy": "same", "syntax": 2, "mapping": "/x/{B}", "mapping_details": {"B": {"segments": True}}},
        apart={"hierarchy": "apart", "syntax": 2, "mapping": "/x/{C}/./{D}"},
    )
    found = [finding for finding in session.check() if finding.witness]
    assert len(found) == 1 and "same" in found[0].message
    with pytest.raises(AmbiguousContextError):
        session.read(found[0].witness)
    assert session.check() == found


@pytest.mark.parametrize("key, value", [("sequence", True), ("format", "d"), ("mapping", "{B}/{C}")])
def test_segments_beside_another_kind_are_a_problem(write_sheet: Callable[[str], str], session: Session, key: str, value: object) -> None:
    details = {"A": {"segments": True, key: value}}
    session.add_search_path(write_sheet(f"plugins: {{a: {{hierarchy: a, syntax: 2, mapping: '/x/{{A}}', mapping_details: {details!r}}}}}"))
    problem, = session.problems
    assert problem.code == "token-language" and "expected a token of segments without a" in problem.message


@pytest.mark.parametrize("key, value", [("choices", ["a//b"]), ("default", "../a")])
def test_choices_and_a_default_have_to_be_segments(write_sheet: Callable[[str], str], session: Session, key: str, value: object) -> None:
    details = {"A": {"segments": True, key: value}}
    session.add_search_path(write_sheet(f"plugins: {{a: {{hierarchy: a, syntax: 2, mapping: '/x/{{A}}', mapping_details: {details!r}}}}}"))
    problem, = session.problems
    assert "segments: one or more names with / between them" in problem.message


def test_a_text_of_many_segments_is_read_in_time(session: Session) -> None:
    with_token(session, "/x/{A}/v{V:03d}", details={"parse": {"regex": "[a-z]+(/[a-z]+)*"}})
    deep = "/".join(["a"] * 2000)
    assert session.read(f"/x/{deep}/v001").values["A"] == deep
    with pytest.raises(ContextNotFoundError):
        session.read(f"/x/{deep}/v01")
