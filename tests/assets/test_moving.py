"""An Asset at other places, its parent, its path and its key; a test for each rule."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ways import api
from ways.api import Asset, Session

pytestmark = pytest.mark.portability

SHOT = {"mapping": "{SEQ}_{NUM}"}
DETAILS = {"SHOT": SHOT, "SEQ": {"parse": {"regex": "[a-z]+"}}, "NUM": {"parse": {"regex": r"\d{3}"}}}
WORK = "/jobs/dune/aa_001/work/anim_v003.ma"


@pytest.fixture
def studio(session: Session) -> Session:
    """A job with shots; work files and publishes below a shot."""
    session.add_plugins(
        job={"hierarchy": "job", "syntax": 2, "mapping": "/jobs/{JOB}", "mapping_details": DETAILS},
        shot={"hierarchy": "job/shot", "syntax": 2, "mapping": "/jobs/{JOB}/{SHOT}"},
        data={"hierarchy": "job/shot/work", "data": {"fps": 24}},
        work={"hierarchy": "job/shot/work/scene", "syntax": 2, "mapping": "/jobs/{JOB}/{SHOT}/work/{TASK:l}_v{VERSION:03d}.ma"},
        publish={
            "hierarchy": "job/shot/publish",
            "syntax": 2,
            "mapping": "/jobs/{JOB}/{SHOT}/pub/{TASK:l}[-{EYE}]_v{VERSION:04d}.{EXT}",
            "mapping_details": {"EXT": {"choices": ["ma", "abc"]}, "EYE": {"choices": ["l", "r"]}},
        },
        flat={"hierarchy": "flat", "syntax": 2, "mapping": "/flat/{SHOT}", "mapping_details": {"SHOT": {"parse": {"regex": r"\w+"}}}},
    )
    return session


@pytest.fixture
def work(studio: Session) -> Asset:
    """A work file."""
    asset: Asset = studio.get_asset(WORK)
    return asset


# --- at


def test_the_values_are_the_same_at_the_other_place(work: Asset) -> None:
    assert work.at("job/shot/publish", EXT="abc").get_str() == "/jobs/dune/aa_001/pub/anim_v0003.abc"


@pytest.mark.parametrize("place", ["job/shot/publish", ("job", "shot", "publish"), "context"], ids=repr)
def test_a_place_is_a_hierarchy_or_a_context(studio: Session, work: Asset, place: Any) -> None:
    there = work.at(studio.need_context("job/shot/publish") if place == "context" else place, EXT="ma")
    assert there.context is studio.get_context("job/shot/publish")


def test_values_of_tokens_that_the_place_lacks_are_left_out(work: Asset) -> None:
    assert set(work.at("job/shot").info) == {"JOB", "SEQ", "NUM"}


def test_a_change_stands_for_the_value_there(work: Asset) -> None:
    there = work.at("job/shot/publish", EXT="ma", VERSION=12, EYE="l")
    assert there.get_str() == "/jobs/dune/aa_001/pub/anim-l_v0012.ma"
    assert work.get_value("VERSION") == 3


def test_a_change_of_a_parent_gives_its_children_their_values(work: Asset) -> None:
    assert work.at("job/shot", SHOT="bb_002").get_value("SEQ") == "bb"


def test_a_change_of_a_child_is_written_in_its_parents(studio: Session) -> None:
    shot = studio.get_asset({"JOB": "dune", "SHOT": "aa_001"}, "job/shot")
    assert shot.at("job/shot", NUM="777").get_str() == "/jobs/dune/aa_777"


def test_children_make_the_value_of_a_token_that_nothing_writes_there(work: Asset) -> None:
    assert work.at("flat").info == {"SHOT": "aa_001"}


def test_a_value_of_a_token_that_nothing_writes_makes_its_children_there(studio: Session) -> None:
    assert studio.get_asset("/flat/aa_001").at("job/shot", JOB="dune").get_value("NUM") == "001"


def test_a_child_changes_what_a_token_that_nothing_writes_says(studio: Session) -> None:
    assert studio.get_asset("/flat/aa_001").at("job/shot", JOB="dune", NUM="777").get_str() == "/jobs/dune/aa_777"


def test_a_value_that_was_forced_stays_forced(studio: Session) -> None:
    shot = studio.get_asset("/jobs/dune/aa_001")
    shot.set_value("NUM", "7", force=True)
    assert shot.at("job/shot").get_str() == "/jobs/dune/aa_7"
    with pytest.raises(api.TokenValueError):
        shot.at("job/shot", NUM="8")


def test_the_asset_may_move_within_its_place(work: Asset) -> None:
    assert work.at(work.context, VERSION=4).get_str() == WORK.replace("003", "004")


def test_a_missing_value_is_named(work: Asset) -> None:
    with pytest.raises(api.MissingTokensError, match="job/shot/publish: no value for EXT"):
        work.at("job/shot/publish")


def test_a_change_of_an_unknown_token_names_the_nearest(work: Asset) -> None:
    with pytest.raises(api.WaysError, match="no token 'VERSON'.*Did you mean 'VERSION'") as caught:
        work.at("job/shot/publish", EXT="ma", VERSON=3)
    assert isinstance(caught.value, KeyError)


@pytest.mark.parametrize("changes", [{"EXT": "mb"}, {"EXT": "ma", "NUM": "7"}, {"EXT": "ma", "SHOT": "bb_001", "NUM": "002"}], ids=str)
def test_a_value_that_breaks_a_rule_is_an_error(work: Asset, changes: dict[str, str]) -> None:
    with pytest.raises(api.TokenValueError):
        work.at("job/shot/publish", **changes)


def test_a_mistyped_place_names_the_nearest(work: Asset) -> None:
    with pytest.raises(api.ContextNotFoundError, match="Did you mean 'job/shot/publish'"):
        work.at("job/shot/publsh", EXT="ma")


def test_a_place_is_looked_for_in_the_layer_of_the_asset(session: Session) -> None:
    for layer, root in (("master", "/m"), ("farm", "/f")):
        session.add_plugins(
            a={"hierarchy": "a", "assignment": layer, "mapping": f"{root}/{{A}}"},
            b={"hierarchy": "b", "assignment": layer, "mapping": f"{root}/{{A}}/b"},
        )
    asset = session.get_asset({"A": "x"}, session.get_context("a", "farm"))
    assert asset.at("b").get_str() == "/f/x/b"


def test_the_class_of_the_place_makes_it(studio: Session, work: Asset) -> None:
    class Publish(Asset):
        pass

    studio.register_asset_class(Publish, "job/shot/publish")
    assert type(work.at("job/shot/publish", EXT="ma")) is Publish
    studio.register_asset_class(object, "job/shot", init=lambda info, context: (context.hierarchy, info))
    assert work.parent() == (("job", "shot"), {"JOB": "dune", "SEQ": "aa", "NUM": "001"})


def test_classes_that_were_forgotten_make_nothing(studio: Session, work: Asset) -> None:
    studio.register_asset_class(dict, "job/shot/publish")
    studio.asset_classes.reset()
    assert type(work.at("job/shot/publish", EXT="ma")) is Asset


def test_the_values_select_the_variant_of_the_place(session: Session) -> None:
    session.add_plugins(
        a={"hierarchy": "a", "syntax": 2, "mapping": "/a/{JOB}/{N:02d}"},
        b={"hierarchy": "b", "syntax": 2, "mapping": "/b/{JOB}/{N:03d}"},
        special={"hierarchy": "b", "syntax": 2, "when": {"JOB": "dune"}, "mapping": "/special/{JOB}/{N:04d}"},
    )
    asset = session.get_asset("/a/dune/07")
    assert asset.at("b").get_str() == "/special/dune/0007"
    assert asset.at("b", JOB="owl").get_str() == "/b/owl/007"


def test_a_typed_value_is_written_as_the_other_place_writes_it(session: Session) -> None:
    session.add_plugins(
        a={"hierarchy": "a", "syntax": 2, "mapping": "/a/{D:%Y-%m-%d}/{N:02d}/{T}"},
        b={"hierarchy": "b", "syntax": 2, "mapping": "/b/{D:%Y%m%d}/{N:x}/{T}"},
        c={"hierarchy": "c", "syntax": 2, "mapping": "/c/{D}/{N}"},
    )
    asset = session.get_asset({"D": date(2024, 5, 6), "N": 31, "T": "x"}, "a")
    assert asset.at("b").get_str() == "/b/20240506/1f/x"
    assert asset.at("c").get_str() == "/c/2024-05-06/31"


def test_a_default_is_a_value_too(session: Session) -> None:
    session.add_plugins(
        a={"hierarchy": "a", "mapping": "/a/{N}.{EXT}", "mapping_details": {"EXT": {"default": "ma"}}},
        b={"hierarchy": "b", "mapping": "/b/{N}.{EXT}"},
    )
    by_values, by_text = session.get_asset({"N": "x"}, "a"), session.get_asset("/a/x.ma")
    assert by_values.at("b").get_str() == "/b/x.ma" == by_text.at("b").get_str()
    assert by_values.key == by_text.key


# --- parent


def test_the_parent_is_at_the_nearest_place_above_with_a_mapping_of_its_own(work: Asset) -> None:
    shot = work.parent()
    assert (shot.get_hierarchy(), shot.get_str()) == (("job", "shot"), "/jobs/dune/aa_001")
    assert shot.parent().get_str() == "/jobs/dune"
    assert shot.parent().parent() is None


def test_the_parent_of_an_alias_is_above_the_place_that_it_stands_for(studio: Session) -> None:
    studio.register_context_alias("scene", "job/shot/work/scene")
    assert studio.get_asset(WORK, "scene").parent().get_str() == "/jobs/dune/aa_001"


def test_a_parent_that_needs_another_value_is_an_error(session: Session) -> None:
    session.add_plugins(
        a={"hierarchy": "a", "mapping": "/a/{A}/{X}"}, b={"hierarchy": "a/b", "mapping": "/b/{A}", "mapping_details": {"X": {}}}
    )
    with pytest.raises(api.MissingTokensError, match="X"):
        session.get_asset("/b/x").parent()


# --- path and key


def test_an_asset_has_a_path_and_is_one(studio: Session, tmp_path: Path) -> None:
    studio.add_plugins(file={"hierarchy": "file", "mapping": f"{tmp_path}/{{NAME}}"})
    asset = studio.get_asset({"NAME": "a.txt"}, "file")
    assert asset.path == tmp_path / "a.txt" == Path(asset)
    asset.path.write_text("hello", encoding="utf-8")
    with open(asset, encoding="utf-8") as file:
        assert (file.read(), os.fspath(asset)) == ("hello", str(tmp_path / "a.txt"))


def test_a_key_is_the_same_for_the_same_values_however_they_were_given(studio: Session) -> None:
    text = "/jobs/dune/aa_001"
    given = [text, {"JOB": "dune", "SHOT": "aa_001"}, {"JOB": "dune", "SEQ": "aa", "NUM": "001"}]
    assert len({studio.get_asset(info, "job/shot").key for info in given}) == 1


def test_a_key_tells_place_layer_and_values_apart(studio: Session, work: Asset) -> None:
    studio.add_plugins(again={"hierarchy": "again", "mapping": "/jobs/{JOB}"})
    studio.add_plugins(farm={"hierarchy": "job", "assignment": "farm", "mapping": "/f/{JOB}"})
    job = studio.get_asset({"JOB": "dune"}, "job")
    others = [
        studio.get_asset({"JOB": "owl"}, "job"),
        studio.get_asset({"JOB": "dune"}, "again"),
        studio.get_asset({"JOB": "dune"}, studio.get_context("job", "farm")),
        work,
    ]
    assert len({asset.key for asset in (job, *others)}) == 5


def test_a_key_of_values_that_no_text_could_be_told_by_is_hashable(session: Session) -> None:
    session.add_plugins(a={"hierarchy": "a", "mapping": "/a.{F}", "mapping_details": {"F": {"sequence": True, "format": "04d"}}})
    assert hash(session.get_asset({"F": "####"}, "a").key)


def test_classes_may_have_attributes_of_these_names(studio: Session, work: Asset) -> None:
    class Old(Asset):
        path = "a class attribute"

        def __init__(self, info: Any, context: Any) -> None:
            super().__init__(info, context)
            self.parent = "mine"  # type: ignore[method-assign, assignment]
            self.at = "there"  # type: ignore[method-assign, assignment]
            self.key = "KEY"  # type: ignore[assignment]

    studio.register_asset_class(Old, "job/shot/work/scene")
    asset = studio.get_asset(WORK)
    assert (asset.path, asset.parent, asset.at, asset.key) == ("a class attribute", "mine", "there", "KEY")
    asset.path = "set"
    assert (asset.path, os.fspath(asset)) == ("set", WORK)


# --- path objects instead of texts


def test_what_takes_a_text_takes_a_path_object(studio: Session) -> None:
    path = Path(WORK)
    asset = studio.get_asset(path)
    assert asset == studio.get_asset(WORK) == studio.get_asset(path, "job/shot/work/scene", strict=True)
    assert studio.get_asset(asset) == asset
    assert studio.read(path) == studio.read(WORK)
    assert studio.get_assets([path, WORK]) == [asset, asset] == studio.get_assets([WORK, path], "job/shot/work/scene")
    assert [reading.values for _, reading in studio.read_many([path], studio.get_context("job/shot/work/scene"))] == [asset.info]
    assert studio.translate(path, "linux") == WORK
    assert str(studio.explain_text(path)) == str(studio.explain_text(WORK))


def test_the_class_of_a_place_gets_the_values_of_a_path_object(studio: Session) -> None:
    studio.register_asset_class(dict, "job/shot/work/scene", init=lambda info, context: info)
    assert studio.get_asset(Path(WORK))["TASK"] == "anim"
