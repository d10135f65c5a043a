"""Strict places: what values and texts are held to, and what is written. ``docs/explanation/strict-places.rst`` has the rules."""

from __future__ import annotations

import logging
from copy import copy, deepcopy
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from ways import api
from ways.assets.asset import Asset
from ways.contexts.context import Context
from ways.errors import (
    AmbiguousContextError,
    AmbiguousReadingError,
    ContextNotFoundError,
    FormatError,
    MissingTokensError,
    ParseError,
    SettingsError,
    TokenValueError,
    UnknownTokenError,
    UnresolvedMappingError,
    WaysError,
)
from ways.session import Session


PLATE = "job/shot/plate"
VALUES = {"JOB": "tt", "SHOT": "ab_010", "TASK": "anim", "VERSION": "003"}
TEXT = "/jobs/tt/ab_010/anim_v003.exr"
STUDIO = """\
globals: {syntax: %s, path: true}
plugins:
  job:
    hierarchy: job
    mapping: /jobs/{JOB}
    mapping_details:
      JOB: {parse: {regex: "[a-z]+"}}
  shot:
    hierarchy: "{root}/shot"
    uses: [job]
    mapping: "{root}/{SHOT}"
    mapping_details:
      SHOT: {mapping: "{SEQ}_{NUM}"}
      SEQ: {parse: {regex: "[a-z]{2}"}}
      NUM: {format: 03d}
  plate:
    hierarchy: "{root}/plate"
    uses: [job/shot]
    mapping: "{root}/{TASK}_v{VERSION}.exr"
    mapping_details:
      TASK: {choices: {animation: anim, compositing: comp}}
      VERSION: {format: 03d}
"""


def session_of(tmp_path: Path, *sheets: str, **more: Any) -> Session:
    session = Session(**more)
    for number, sheet in enumerate(sheets):
        path = tmp_path / f"sheet{number}.yml"
        path.write_text(sheet, encoding="utf-8")
        session.add_search_path(str(path))
    return session


@pytest.fixture
def studio(tmp_path: Path) -> Session:
    return session_of(tmp_path, STUDIO % 2)


@pytest.fixture
def old(tmp_path: Path) -> Session:
    return session_of(tmp_path, STUDIO % 1)


@pytest.fixture
def plate(studio: Session) -> Asset:
    return studio.get_asset(TEXT)


# --- which places are strict


def test_a_place_is_strict_where_the_last_part_of_its_mapping_is_in_syntax_2(tmp_path: Path) -> None:
    session = session_of(
        tmp_path,
        "globals: {syntax: 2}\nplugins:\n  job: {hierarchy: job, mapping: '/jobs/{JOB}'}\n",
        "plugins:\n  old: {hierarchy: '{root}/old', uses: [job], mapping: '{root}/old_{X}'}\n"
        "  new: {hierarchy: '{root}/new', uses: [job], mapping: '{root}/new_{X}', syntax: 2}\n",
    )
    assert {place: session.need_context(place).view.is_strict for place in ("job", "job/old", "job/new")} == {
        "job": True,
        "job/old": False,
        "job/new": True,
    }
    with pytest.raises(UnknownTokenError):
        session.get_asset({"JOB": "a", "X": "b", "Y": "c"}, "job/new")
    assert session.get_asset({"JOB": "a", "X": "b", "Y": "c"}, "job/old").info["Y"] == "c"


def test_finding_is_strict_for_all_as_soon_as_one_sheet_is_in_syntax_2(tmp_path: Path) -> None:
    old = "plugins:\n  all: {hierarchy: old, mapping: '/jobs/{A}'}\n"
    lenient = session_of(tmp_path, old)
    assert lenient.get_asset("/jobs/tt/ab_10").info == {"A": "tt/ab_10"}
    mixed = session_of(tmp_path, old, STUDIO % 2)
    with pytest.raises(ContextNotFoundError):
        mixed.get_asset("/jobs/tt/ab_10")
    # A Context that is named decides for itself.
    assert mixed.get_asset("/jobs/tt/ab_10", "old").info == {"A": "tt/ab_10"}


def test_foreign_formats_make_no_session_strict(tmp_path: Path) -> None:
    session = session_of(tmp_path, "plugins:\n  all: {hierarchy: old, mapping: '/jobs/{A}'}\n")
    (tmp_path / "plugin.imjoy.html").write_text(
        '<config lang="json">{"name": "x", "type": "web-worker", "version": "1", "api_version": "0.1.8"}</config>'
        '<script lang="javascript">api.export({})</script>',
        encoding="utf-8",
    )
    session.add_search_path(str(tmp_path / "plugin.imjoy.html"))
    assert session.get_asset("/jobs/tt/ab_10").info == {"A": "tt/ab_10"}


@pytest.mark.parametrize("cache", ["0", "1"])
def test_a_compiled_sheet_says_whether_it_is_strict(
    tmp_path: Path, cache: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("WAYS_CACHE", cache)
    for _ in range(3):
        session = session_of(tmp_path, STUDIO % 2)
        assert session.pool.state().is_strict
        assert not session_of(tmp_path / "..", STUDIO % 1).pool.state().is_strict


@pytest.mark.parametrize("syntax", [1, 2])
def test_strict_of_get_asset_and_session_and_the_variable_decide_for_all(
    tmp_path: Path, syntax: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {**VALUES, "TASK": "nothing"}

    def is_strict(session: Session, **more: Any) -> bool:
        try:
            asset = session.get_asset(wrong, PLATE, **more)
            assert asset.get_str() == "/jobs/tt/ab_010/nothing_v003.exr"
        except TokenValueError:
            return True
        return False

    session = session_of(tmp_path, STUDIO % syntax)
    assert is_strict(session) is (syntax == 2)
    assert is_strict(session, strict=True)
    assert not is_strict(session, strict=False)
    assert is_strict(session_of(tmp_path, STUDIO % syntax, strict=True))
    assert not is_strict(session_of(tmp_path, STUDIO % syntax, strict=False))
    monkeypatch.setenv("WAYS_STRICT", "1")
    assert is_strict(session)
    assert not is_strict(session, strict=False)
    assert not is_strict(session_of(tmp_path, STUDIO % syntax, strict=False))
    monkeypatch.setenv("WAYS_STRICT", "0")
    assert not is_strict(session)
    monkeypatch.setenv("WAYS_STRICT", "perhaps")
    assert is_strict(session) is (syntax == 2)
    assert any("WAYS_STRICT" in str(problem) for problem in Session.from_environ().problems)
    with pytest.raises(SettingsError, match="WAYS_STRICT"):
        Session(overrides={"WAYS_STRICT": "yes"})


def test_a_snapshot_is_as_strict_as_its_session(tmp_path: Path) -> None:
    for strict in (None, True, False):
        session = session_of(tmp_path, STUDIO % 1, strict=strict)
        copy = Session.from_snapshot(session.snapshot())
        assert copy.settings.strict is strict
        assert copy.need_context(PLATE).view.is_strict is bool(strict)


# --- texts


def test_a_text_counts_where_it_fits_as_a_whole_and_in_every_value_and_else_is_an_error(studio: Session) -> None:
    assert studio.get_asset(TEXT, PLATE) == studio.get_asset(TEXT)
    for text in (TEXT.replace("anim", "amin"), TEXT + "/more", "/jobs"):
        with pytest.raises(ContextNotFoundError):
            studio.get_asset(text)
        with pytest.raises(ParseError):
            studio.get_asset(text, PLATE)
        (error,) = studio.get_assets([text], PLATE)
        assert isinstance(error, ParseError)
    assert studio.get_asset(TEXT.replace("anim", "amin"), PLATE, strict=False).get_value("TASK") == "amin"


# --- values


def test_an_unknown_key_is_an_error_that_names_the_nearest(studio: Session) -> None:
    with pytest.raises(UnknownTokenError, match=r"no token 'VERSIN'.*Did you mean 'VERSION'"):
        studio.get_asset({**VALUES, "VERSIN": "003"}, PLATE)


def test_a_value_that_does_not_fit_is_an_error_that_names_token_value_rule_and_line(studio: Session, tmp_path: Path) -> None:
    for name, value, rule, line in (
        ("TASK", "animatoin", "one of anim, comp. Did you mean 'animation'", 21),
        ("JOB", "t/t", r"regex \[a-z\]\+", 7),
        ("VERSION", "3x", "format 03d", 22),
        ("SHOT", "ab-010", r"can't be read as \{SEQ\}_\{NUM\}", 13),
    ):
        with pytest.raises(TokenValueError, match=rule) as caught:
            studio.get_asset({**VALUES, name: value}, PLATE)
        assert (caught.value.token, caught.value.value) == (name, value)
        assert f"sheet0.yml:{line}:7" in str(caught.value)


def test_a_parent_that_contradicts_its_children_is_an_error_that_names_both(studio: Session) -> None:
    with pytest.raises(TokenValueError, match=r"'cd'.*SEQ.*SHOT.*'ab_010'.*'ab'.*yml:13:7.*yml:14:7"):
        studio.get_asset({**VALUES, "SEQ": "cd"}, PLATE)
    assert studio.get_asset({**VALUES, "SEQ": "ab", "NUM": 10}, PLATE).get_str() == TEXT


def test_two_parents_that_contradict_each_other_are_an_error(tmp_path: Path) -> None:
    details = "{P: {mapping: '{A}_{B}'}, Q: {mapping: '{A}-{C}'}}"
    sheet = f"globals: {{syntax: 2}}\nplugins:\n  x: {{hierarchy: x, mapping: '/{{P}}/{{Q}}', mapping_details: {details}}}\n"
    session = session_of(tmp_path, sheet)
    assert session.get_asset({"P": "a_b", "Q": "a-c"}, "x").get_str() == "/a_b/a-c"
    with pytest.raises(TokenValueError, match=r"'a_b'.*P \(it makes A 'a'; Q, which is 'z-c', makes it 'z'; Q is set by"):
        session.get_asset({"P": "a_b", "Q": "z-c"}, "x")


def test_a_missing_value_is_an_error(studio: Session) -> None:
    with pytest.raises(MissingTokensError, match="VERSION"):
        studio.get_asset({name: value for name, value in VALUES.items() if name != "VERSION"}, PLATE)
    with pytest.raises(MissingTokensError, match="JOB"):
        studio.get_asset({**VALUES, "JOB": ""}, PLATE)


def test_values_are_kept_as_they_are_written(studio: Session) -> None:
    given = {"JOB": "tt", "SHOT": "ab_010", "TASK": "animation", "VERSION": 3}
    asset = studio.get_asset(given, PLATE)
    assert asset.info == VALUES
    assert asset.get_value("TASK") == "animation"
    assert asset.get_value("VERSION") == 3
    assert given["VERSION"] == 3


def test_pairs_and_asset_itself_are_held_to_the_same_rules(studio: Session) -> None:
    assert studio.get_asset(list(VALUES.items()), PLATE).get_str() == TEXT
    context = studio.need_context(PLATE)
    assert Asset(VALUES, context).get_str() == TEXT
    with pytest.raises(UnknownTokenError):
        Asset({**VALUES, "X": ""}, context)
    with pytest.raises(ValueError, match="dict or pairs"):
        studio.get_asset(7, PLATE)


def test_where_a_place_is_not_strict_values_are_taken_with_a_warning_each(old: Session, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "ways.assets"):
        asset = old.get_asset({**VALUES, "TASK": "nothing", "X": "1"}, PLATE)
    assert asset.get_str() == "/jobs/tt/ab_010/nothing_v003.exr"
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "'nothing'" in caplog.text and "'X'" in caplog.text
    caplog.clear()
    assert old.get_asset(VALUES, PLATE).get_str() == TEXT
    assert not caplog.records


# --- set_value and set_values


def test_set_value_raises_and_changes_nothing(plate: Asset) -> None:
    for name, value, error in (
        ("TASK", "nothing", TokenValueError),
        ("TSK", "anim", UnknownTokenError),
        ("SEQ", "a", TokenValueError),
        ("JOB", "", MissingTokensError),
        ("SHOT", None, MissingTokensError),
    ):
        with pytest.raises(error):
            plate.set_value(name, value)
        assert plate.get_str() == TEXT


def test_setting_a_parent_replaces_its_childrens_values(plate: Asset) -> None:
    plate.set_value("SHOT", "cd_020")
    assert (plate.get_value("SEQ"), plate.get_value("NUM"), plate.get_str()) == ("cd", 20, "/jobs/tt/cd_020/anim_v003.exr")


def test_setting_a_child_rewrites_every_parent_that_holds_it(studio: Session) -> None:
    asset = studio.get_asset(VALUES, PLATE)
    asset.set_value("NUM", 7)
    assert asset.info["SHOT"] == "ab_007"
    assert asset.get_str() == "/jobs/tt/ab_007/anim_v003.exr"


def test_set_values_changes_all_or_nothing(plate: Asset) -> None:
    plate.set_values({"SHOT": "cd_020", "TASK": "comp", "VERSION": 12})
    assert plate.get_str() == "/jobs/tt/cd_020/comp_v012.exr"
    with pytest.raises(TokenValueError):
        plate.set_values({"VERSION": 13, "TASK": "nothing"})
    with pytest.raises(TokenValueError):
        plate.set_values({"SHOT": "ab_010", "SEQ": "cd"})
    assert plate.get_str() == "/jobs/tt/cd_020/comp_v012.exr"


def test_set_value_with_an_empty_value_leaves_an_optional_part_out(tmp_path: Path) -> None:
    details = "{A: {parse: {regex: a}}}"
    sheet = f"globals: {{syntax: 2}}\nplugins:\n  x: {{hierarchy: x, mapping: '/{{A}}[_{{B}}].exr', mapping_details: {details}}}\n"
    session = session_of(tmp_path, sheet)
    asset = session.get_asset({"A": "a", "B": "b"}, "x")
    assert asset.get_str() == "/a_b.exr"
    for empty in ("", None):
        asset.set_value("B", "b")
        asset.set_value("B", empty)
        assert asset.get_str() == "/a.exr"


def test_a_forced_value_need_not_fit_but_its_token_is_known(plate: Asset) -> None:
    assert plate.set_value("TASK", "nothing", force=True)
    assert plate.get_str() == "/jobs/tt/ab_010/nothing_v003.exr"
    with pytest.raises(UnknownTokenError):
        plate.set_value("TSK", "nothing", force=True)
    with pytest.raises(TokenValueError):
        plate.set_value("SEQ", "nothing")
    plate.set_value("TASK", "comp")
    assert plate.get_str() == "/jobs/tt/ab_010/comp_v003.exr"


def test_values_are_judged_in_the_variant_that_the_new_ones_select(tmp_path: Path) -> None:
    sheet = """\
globals: {syntax: 2}
plugins:
  all: {hierarchy: x, mapping: "/{SHOW}/{SHOT}", mapping_details: {SHOT: {parse: {regex: "[a-z]+"}}}}
  owl: {hierarchy: x, mapping: "/{SHOW}/owl/{SHOT}", mapping_details: {SHOT: {format: 03d}}, when: {SHOW: owl}}
"""
    session = session_of(tmp_path, sheet)
    asset = session.get_asset("/tt/a")
    with pytest.raises(TokenValueError):
        asset.set_value("SHOW", "owl")
    asset.set_values({"SHOW": "owl", "SHOT": 7})
    assert asset.get_str() == "/owl/owl/007"
    asset.set_values({"SHOT": "b", "SHOW": "tt"})
    assert asset.get_str() == "/tt/b"


# --- get_str


def test_get_str_checks_again_what_was_written_to_info(plate: Asset) -> None:
    plate.info["TASK"] = "nothing"
    with pytest.raises(TokenValueError):
        plate.get_str()
    with pytest.raises(TokenValueError):
        plate.get_str(required=False)
    plate.info["TASK"] = "comp"
    assert plate.get_str() == "/jobs/tt/ab_010/comp_v003.exr"
    plate.info["X"] = ""
    with pytest.raises(UnknownTokenError):
        plate.get_str()


def test_get_str_refuses_what_would_be_read_otherwise(tmp_path: Path) -> None:
    session = session_of(tmp_path, "globals: {syntax: 2}\nplugins:\n  x: {hierarchy: x, mapping: '/{A}_{B}'}\n")
    with pytest.raises(TokenValueError, match="would be read as"):
        session.get_asset({"A": "a", "B": "b_c"}, "x").get_str()
    session = session_of(tmp_path, "globals: {syntax: 2}\nplugins:\n  x: {hierarchy: x, mapping: '/{A}[_{B}].exr'}\n")
    with pytest.raises((TokenValueError, AmbiguousReadingError)):
        session.get_asset({"A": "a_b"}, "x").get_str()


def test_get_str_leaves_open_what_is_missing_where_nothing_is_required(studio: Session) -> None:
    asset = studio.get_asset(VALUES, PLATE)
    del asset.info["VERSION"]
    with pytest.raises(MissingTokensError):
        asset.get_str()
    assert asset.get_str(required=False) == "/jobs/tt/ab_010/anim_v{VERSION}.exr"


def test_get_str_refuses_a_value_that_the_mapping_has_no_place_for(tmp_path: Path) -> None:
    details = "{SHOT: {mapping: '{SEQ}_{NUM}'}, EXT: {choices: [ma, nk]}}"
    sheet = f"globals: {{syntax: 2}}\nplugins:\n  x: {{hierarchy: x, mapping: '/{{SEQ}}/{{NUM}}', mapping_details: {details}}}\n"
    session = session_of(tmp_path, sheet)
    asset = session.get_asset({"SHOT": "ab_10"}, "x")
    # What stands in no mapping may give what does.
    assert asset.get_str() == "/ab/10"
    asset.set_value("EXT", "ma")
    with pytest.raises(TokenValueError, match="EXT.*has no place for it"):
        asset.get_str()
    asset.set_value("EXT", "")
    assert asset.get_str() == "/ab/10"


def test_an_asset_whose_mapping_is_gone_is_not_written_as_its_parent(tmp_path: Path) -> None:
    session = session_of(tmp_path, STUDIO % 2)
    (tmp_path / "over.yml").write_text(
        "globals: {syntax: 2, path: true}\nplugins:\n  cache: {hierarchy: '{root}/cache', uses: [job/shot], mapping: '{root}/c_{NAME}'}\n"
        "  data: {hierarchy: job/shot/cache/deep}\n",
        encoding="utf-8",
    )
    session.add_search_path(str(tmp_path / "over.yml"))
    asset = session.get_asset("/jobs/tt/ab_010/c_x", "job/shot/cache")
    (tmp_path / "over.yml").unlink()
    session.refresh()
    with pytest.raises(WaysError):
        asset.get_str()


# --- classes


class Shot:
    """A class of a user."""

    def __init__(self, info: dict[str, str], context: Context) -> None:
        self.info = info
        if info["VERSION"] == "013":
            raise RuntimeError("unlucky")


def test_the_winners_class_is_made_once_of_values_that_obey_and_its_errors_come_out(studio: Session) -> None:
    studio.register_asset_class(Shot, PLATE)
    assert studio.get_asset({**VALUES, "VERSION": 3, "TASK": "animation"}).info == VALUES
    with pytest.raises(RuntimeError, match="unlucky"):
        studio.get_asset({**VALUES, "VERSION": 13}, PLATE)
    with pytest.raises(RuntimeError, match="unlucky"):
        studio.get_asset(TEXT.replace("003", "013"))
    with pytest.raises(TokenValueError):
        studio.get_asset({**VALUES, "TASK": "nothing"}, PLATE)
    assert studio.get_asset({**VALUES, "VERSION": "013"}, PLATE, strict=False) is None


# --- values of an unknown place


def test_values_are_of_the_place_that_has_all_of_them_and_needs_no_other(studio: Session) -> None:
    assert studio.get_asset({"JOB": "tt"}).get_hierarchy() == ("job",)
    assert studio.get_asset({"JOB": "tt", "SHOT": "ab_010"}).get_hierarchy() == ("job", "shot")
    assert studio.get_asset({"JOB": "tt", "SEQ": "ab", "NUM": 10}).get_hierarchy() == ("job", "shot")
    assert studio.get_asset(VALUES).get_hierarchy() == ("job", "shot", "plate")
    for values in ({**VALUES, "X": "1"}, {**VALUES, "TASK": "nothing"}, {"SHOT": "ab_010"}, {}):
        with pytest.raises(ContextNotFoundError):
            studio.get_asset(values)


def test_values_of_several_places_are_ambiguous_unless_one_needs_exactly_them(tmp_path: Path) -> None:
    places = {"a": "/a/{JOB}", "b": "/b/{JOB}"}
    lines = "".join(f"  {name}: {{hierarchy: {name}, mapping: '{mapping}'}}\n" for name, mapping in places.items())
    session = session_of(tmp_path, f"globals: {{syntax: 2}}\nplugins:\n{lines}")
    with pytest.raises(AmbiguousContextError, match=r"(?s)a .*b "):
        session.get_asset({"JOB": "tt"})
    lines = lines.replace("/b/{JOB}", "/b/{JOB}[_{X}]")
    lines += "  c: {hierarchy: c, mapping: '/c/{JOB}[/{X}]', mapping_details: {X: {}, JOB: {}}}\n"
    session = session_of(tmp_path, f"globals: {{syntax: 2}}\nplugins:\n{lines}")
    with pytest.raises(AmbiguousContextError):
        session.get_asset({"JOB": "tt", "X": "x"})
    lines += "  d: {hierarchy: d, mapping: '/d/{JOB}/{X}'}\n"
    session = session_of(tmp_path, f"globals: {{syntax: 2}}\nplugins:\n{lines}")
    assert session.get_asset({"JOB": "tt", "X": "x"}).get_hierarchy() == ("d",)


# --- a context that is false


@pytest.mark.parametrize("context", [None, "", ()])
def test_a_false_context_that_was_given_is_an_error_in_strict_worlds(studio: Session, context: Any) -> None:
    questions: list[Any] = [
        lambda: studio.get_asset(TEXT, context),
        lambda: studio.get_asset(VALUES, context=context),
        lambda: studio.get_assets([TEXT], context),
        lambda: studio.read(TEXT, context),
        lambda: list(studio.read_many([TEXT], context)),
        lambda: studio.translate(TEXT, "linux", context),
        lambda: studio.format(context, VALUES),
        lambda: studio.find_assets(context, VALUES),
    ]
    for question in questions:
        with pytest.raises(ContextNotFoundError, match=r"Did get_context find nothing\?"):
            question()
    assert studio.get_asset(TEXT).get_str() == TEXT


@pytest.mark.parametrize("context", [None, "", ()])
def test_a_false_context_finds_the_place_in_worlds_of_syntax_1_with_a_warning(
    old: Session, context: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "ways.assets"):
        assert old.get_asset(TEXT, context).get_hierarchy() == ("job", "shot", "plate")
        assert old.get_asset({"JOB": "tt"}, context).get_hierarchy() == ("job",)
    assert caplog.text.count("leave it out") == 2
    with pytest.raises(ContextNotFoundError):
        old.get_asset(TEXT, context, strict=True)


def test_need_context_raises_where_get_context_finds_nothing(studio: Session) -> None:
    with studio.active():
        assert api.get_context("job/sht") is None
        with pytest.raises(ContextNotFoundError, match="Did you mean 'job/shot'"):
            api.need_context("job/sht")


def test_every_error_of_a_strict_place_is_a_ways_error(studio: Session) -> None:
    for info in ({}, {"X": 1}, {**VALUES, "JOB": "A"}, "/nothing", []):
        with pytest.raises(WaysError):
            studio.get_asset(info, PLATE)


# --- what is no text, and what only looks like one


class Task(str, Enum):
    """A text that prints as another."""

    ANIMATION = "animation"


class Version(Enum):
    FIRST = 1


@pytest.mark.parametrize("key", [7, None, ("JOB",), b"JOB", 1.5])
def test_a_key_that_is_no_text_is_an_unknown_token(studio: Session, plate: Asset, key: Any) -> None:
    for question in (lambda: studio.get_asset({**VALUES, key: "x"}, PLATE), lambda: plate.set_values({key: "x"})):
        with pytest.raises(UnknownTokenError) as caught:
            question()
        assert repr(key) in str(caught.value)


def test_a_member_of_an_enumeration_stands_for_its_value(studio: Session) -> None:
    asset = studio.get_asset({**VALUES, "TASK": Task.ANIMATION, "VERSION": Version.FIRST}, PLATE)
    assert asset.get_str() == "/jobs/tt/ab_010/anim_v001.exr"
    studio.add_plugins(free={"hierarchy": "free", "mapping": "/free/{A}", "syntax": 2})
    assert studio.get_asset({"A": Task.ANIMATION}, "free").get_str() == "/free/animation"


@pytest.mark.parametrize("value", [b"abc", ["a"], {"a": 1}, {"a"}, ("a",), object(), pytest.param(10**5000, id="huge")])
def test_what_has_no_text_fits_no_token(studio: Session, value: Any) -> None:
    studio.add_plugins(free={"hierarchy": "free", "mapping": "/free/{A}", "syntax": 2})
    for place, values in (("free", {}), (PLATE, VALUES)):
        for name in ("JOB", "VERSION") if values else ("A",):
            with pytest.raises(TokenValueError):
                studio.get_asset({**values, name: value}, place)


@pytest.mark.parametrize("info", [7, None, [1], b"/jobs/tt", object()])
def test_what_is_neither_a_text_nor_values_is_an_error_of_ours(studio: Session, plate: Asset, info: Any) -> None:
    for question in (lambda: studio.get_asset(info, PLATE), lambda: studio.get_asset(info), lambda: plate.set_values(info)):
        with pytest.raises(FormatError, match="pairs of token and value, found"):
            question()


def test_an_asset_of_no_context_says_so(studio: Session) -> None:
    with pytest.raises(ContextNotFoundError, match=r"Did get_context find nothing\?"):
        Asset(VALUES, studio.get_context("job/shto"))


# --- forced values


def test_a_forced_child_is_written_in_its_parent(studio: Session) -> None:
    asset = studio.get_asset(VALUES, PLATE)
    asset.set_value("SEQ", "nothing", force=True)
    assert asset.get_str() == "/jobs/tt/nothing_010/anim_v003.exr"
    asset.set_value("SHOT", "cd_020")
    assert asset.get_str() == "/jobs/tt/cd_020/anim_v003.exr"


def test_a_forced_parent_that_gives_its_children_nothing_is_an_error_of_ours(plate: Asset) -> None:
    with pytest.raises(MissingTokensError, match="SEQ, NUM"):
        plate.set_value("SHOT", "no shot at all", force=True)
    assert plate.get_str() == TEXT


def test_a_value_that_was_forced_and_fits_excepts_nothing(tmp_path: Path) -> None:
    session = session_of(tmp_path, "globals: {syntax: 2}\nplugins:\n  x: {hierarchy: x, mapping: '/{A}_{B}'}\n")
    asset = session.get_asset({"A": "a", "B": "b"}, "x")
    asset.set_value("A", "c", force=True)
    asset.set_value("B", "b_c")
    with pytest.raises(TokenValueError, match="would be read as"):
        asset.get_str()


def test_a_forced_value_is_excepted_as_long_as_it_is_there(plate: Asset) -> None:
    plate.set_value("TASK", "roto", force=True)
    assert copy(plate).get_str() == deepcopy(plate).get_str() == "/jobs/tt/ab_010/roto_v003.exr"
    for change in (lambda: plate.info.update(TASK="paint"), lambda: setattr(plate, "info", {**VALUES, "TASK": "paint"})):
        change()
        with pytest.raises(TokenValueError, match="paint"):
            plate.get_str()


# --- the arguments of get_str


def test_groups_of_get_str_are_held_to_the_rules_as_changes_are(studio: Session) -> None:
    asset = studio.get_asset(VALUES, PLATE)
    assert asset.get_str(groups={"NUM": 20, "VERSION": 7}) == "/jobs/tt/ab_020/anim_v007.exr"
    assert asset.get_str(True, "", -1, None, [("TASK", "compositing")]) == "/jobs/tt/ab_010/comp_v003.exr"
    for groups, error in (({"JOB": "Dune II"}, TokenValueError), ({"JBO": "dune"}, UnknownTokenError), (7, FormatError)):
        with pytest.raises(error):
            asset.get_str(groups=groups)
    assert asset.get_str() == TEXT


@pytest.mark.parametrize("more", [{"resolve_with": "env"}, {"depth": 5}, {"holdout": "X"}, {"groups": {"A": "q"}}, {"required": False}])
def test_no_argument_of_get_str_writes_what_would_be_read_otherwise(tmp_path: Path, more: dict[str, Any]) -> None:
    session = session_of(tmp_path, "globals: {syntax: 2}\nplugins:\n  x: {hierarchy: x, mapping: '/{A}_{B}'}\n")
    with pytest.raises(TokenValueError, match="would be read as"):
        session.get_asset({"A": "a", "B": "b_c"}, "x").get_str(**more)


# --- changes, and places that values decide


def test_a_wrong_value_in_info_can_be_replaced(plate: Asset) -> None:
    plate.info["TASK"] = ["anim"]
    plate.set_value("TASK", "comp")
    assert plate.get_str() == "/jobs/tt/ab_010/comp_v003.exr"


def test_a_place_is_strict_in_all_its_variants_if_it_is_in_one(tmp_path: Path) -> None:
    sheet = """\
plugins:
  one: {hierarchy: x, mapping: "/1/{A}", when: {A: a}, syntax: 2}
  two: {hierarchy: x, mapping: "/2/{A}", when: {A: b}, syntax: 1}
"""
    session = session_of(tmp_path, sheet)
    for value in "ab":
        asset = session.get_asset({"A": value}, "x")
        with pytest.raises(UnknownTokenError):
            asset.set_value("B", "b")
        asset.info["B"] = "b"
        with pytest.raises(UnknownTokenError):
            asset.get_str()
    with pytest.raises(UnknownTokenError):
        session.get_asset({"A": "a", "B": "b"}, "x")


def test_a_class_with_values_of_its_own_can_be_copied(studio: Session) -> None:
    class Stored(Asset):
        info: Any = None  # type: ignore[assignment]

        def __init__(self, info: dict[str, Any], context: Context) -> None:
            self.info, self.context = dict(info), context

    studio.register_asset_class(Stored, PLATE)
    asset = studio.get_asset(VALUES, PLATE)
    twin = deepcopy(asset)
    twin.set_value("VERSION", 4)
    assert (asset.get_str(), twin.get_str()) == (TEXT, TEXT.replace("003", "004"))


def test_values_that_are_not_as_they_are_written_are_written_all_the_same(studio: Session) -> None:
    asset = studio.get_asset(TEXT)
    assert asset.get_str() == TEXT
    asset.info.update(TASK="compositing", VERSION=4)
    assert asset.get_str() == "/jobs/tt/ab_010/comp_v004.exr"
    asset.set_value("VERSION", "5")
    assert asset.info["VERSION"] == "005"
    assert asset.get_str() == "/jobs/tt/ab_010/comp_v005.exr"


def test_a_text_that_takes_long_to_read_back_is_written_all_the_same(tmp_path: Path) -> None:
    details = "{F: {sequence: true, format: 04d}, A: {format: w}, B: {format: w}}"
    sheet = f"globals: {{syntax: 2}}\nplugins:\n  x: {{hierarchy: x, mapping: '/{{A}}{{B}}.{{F}}.exr', mapping_details: {details}}}\n"
    session = session_of(tmp_path, sheet)
    asset = session.get_asset({"A": "a" * 2_999, "B": "b", "F": "1001-1002####"}, "x")
    assert asset.get_str() == f"/{'a' * 2_999}b.1001-1002####.exr"
    asset.set_value("F", 7)
    assert asset.get_str() == f"/{'a' * 2_999}b.0007.exr"


# --- Assets of Assets, and of many texts


def test_strict_holds_for_moved_assets_and_those_of_many_texts(old: Session) -> None:
    asset = old.get_asset(TEXT, strict=True)
    many = [*old.get_assets([TEXT], strict=True), *old.get_assets([TEXT], PLATE, strict=True)]
    for other in (asset.at(PLATE, VERSION=4), asset.parent(), *many):
        with pytest.raises(TokenValueError):
            other.set_value("JOB", "Dune II")
        other.info["JOB"] = "Dune II"
        with pytest.raises(TokenValueError):
            other.get_str()


def test_get_str_leaves_a_needless_token_open_where_nothing_is_required(studio: Session) -> None:
    studio.add_plugins(
        free={"hierarchy": "free", "mapping": "/{A}/{B}", "syntax": 2, "mapping_details": {"B": {"required": False}}}
    )
    asset = studio.get_asset({"A": "a"}, "free")
    with pytest.raises(MissingTokensError):
        asset.get_str()
    assert asset.get_str(required=False) == "/a/{B}"


def test_an_error_of_writing_names_the_line_of_the_sheet(tmp_path: Path) -> None:
    session = session_of(tmp_path, "globals: {syntax: 2}\nplugins:\n  x: {hierarchy: x, mapping: '/{A}_{B}'}\n")
    asset = session.get_asset({"A": "a", "B": "b_c"}, "x")
    for question in (asset.get_str, lambda: session.format("x", asset.info), lambda: asset.at("x")):
        with pytest.raises(TokenValueError, match=r"x \(.*sheet0.yml:3:21\)"):
            question()


def test_a_token_has_the_value_that_is_written_for_it_whichever_tokens_say_it(studio: Session) -> None:
    details = {"S": {"mapping": "{P}-{Q}"}, "E": {"mapping": "e{P}"}, "R": {"mapping": "v{S}"}}
    studio.add_plugins(twice={"hierarchy": "twice", "mapping": "/{R}", "syntax": 2, "mapping_details": details})
    asset = studio.get_asset({"E": "ea", "Q": "q"}, "twice")
    assert asset.get_str() == "/va-q"
    assert {name: asset.get_value(name) for name in "PSR"} == {"P": "a", "S": "a-q", "R": "va-q"}


def test_values_of_a_place_whose_parent_takes_no_part_are_an_error_at_once(tmp_path: Path) -> None:
    sheet = """\
globals: {syntax: 2}
plugins:
  job: {hierarchy: job, mapping: '/jobs/{JOB}'}
  moon: {hierarchy: '{root}/shot', uses: [job], mapping: '{root}/{SHOT}', assignment: moon}
"""
    session = session_of(tmp_path, sheet, overrides={"WAYS_PRIORITY": "moon"})
    for info in ({"JOB": "a", "SHOT": "b"}, "/jobs/a/b", "/b"):
        with pytest.raises(UnresolvedMappingError, match="job"):
            session.get_asset(info, "job/shot")


def test_what_is_kept_of_a_place_that_is_gone_is_not_written_as_the_place_above(tmp_path: Path) -> None:
    session = session_of(tmp_path, "globals: {syntax: 2}\nplugins:\n  shot: {hierarchy: shot, mapping: 'a/{SHOT}'}\n")
    (tmp_path / "more.yml").write_text(
        "globals: {syntax: 2}\nplugins:\n  work: {hierarchy: '{root}/work', mapping: '{root}/scene.ma', uses: [shot]}\n", encoding="utf-8"
    )
    session.add_search_path(str(tmp_path / "more.yml"))
    asset = session.get_asset("a/owl/scene.ma")
    context = asset.context
    (tmp_path / "more.yml").unlink()
    session.refresh()
    for question in (asset.get_str, lambda: asset.path, lambda: session.format(context, {"SHOT": "x"})):
        with pytest.raises(ContextNotFoundError, match="shot/work"):
            question()
