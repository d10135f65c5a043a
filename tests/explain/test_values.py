"""How each value of an Asset was found."""

from __future__ import annotations

from typing import Any

import pytest

from ways.api import Asset, Origin, Session

DETAILS = {
    "SHOT": {"mapping": "{SEQ}_{NUM}"},
    "VER": {"default": "v1"},
    "OPT": {"required": False},
    "ENV_TOKEN": {"required": False},
}


@pytest.fixture
def shots(session: Session) -> Session:
    session.add_plugins(
        shot={"hierarchy": "shot", "mapping": "/{SHOT}/{SEQ}/{VER}/{OPT}/{ENV_TOKEN}", "mapping_details": DETAILS},
        text={"hierarchy": "text", "mapping": "/{SHOT}/x{VER}", "mapping_details": DETAILS},
    )
    return session


def origins(session: Session, asset: Asset) -> dict[str, tuple[Origin, Any]]:
    return {one.token: (one.origin, one.value) for one in session.explain(asset).values}


def test_each_origin_arises(shots: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV_TOKEN", "from outside")
    given = origins(shots, Asset({"SHOT": "sq_10"}, "shot"))
    assert given == {
        "SHOT": (Origin.GIVEN, "sq_10"), "SEQ": (Origin.PARENT, "sq"), "NUM": (Origin.PARENT, "10"), "VER": (Origin.DEFAULT, "v1"),
        "OPT": (Origin.MISSING, ""), "ENV_TOKEN": (Origin.ENVIRONMENT, "from outside"),
    }  # fmt: skip
    split = origins(shots, shots.get_asset("/sq_10/xv2", "text"))
    assert split == {
        "SHOT": (Origin.CHILDREN, "sq_10"), "SEQ": (Origin.SPLIT, "sq"), "NUM": (Origin.SPLIT, "10"), "VER": (Origin.SPLIT, "v2"),
    }  # fmt: skip
    assert {origin for origin, _ in (*given.values(), *split.values())} == set(Origin)


def test_what_was_set_after_a_text_was_split_is_given(shots: Session) -> None:
    asset = shots.get_asset("/sq_10/xv2", "text", strict=True)
    asset.set_value("VER", "v3")
    assert origins(shots, asset)["VER"] == (Origin.GIVEN, "v3") and origins(shots, asset)["SEQ"][0] is Origin.SPLIT


@pytest.mark.parametrize("many", [True, False])
def test_texts_of_many_are_split_too(shots: Session, many: bool) -> None:
    shots.register_asset_class(Asset, "text" if many else "elsewhere")
    asset = shots.get_assets(["/sq_10/xv2"], "text")[0]
    assert origins(shots, asset)["NUM"] == (Origin.SPLIT, "10")


def test_what_a_value_was_found_through_is_told(shots: Session) -> None:
    explanations = {one.token: one for one in shots.explain(Asset({"SHOT": "sq_10"}, "shot")).values}
    assert explanations["SEQ"].through == ("SHOT",) and explanations["VER"].source is not None
    assert {one.token: one.through for one in shots.explain(shots.get_asset("/sq_10/xv2", "text")).values}["SHOT"] == ("SEQ", "NUM")


def test_a_value_without_a_token_is_told_too(shots: Session) -> None:
    assert origins(shots, Asset({"SHOT": "sq_10", "extra": 1}, "shot"))["extra"] == (Origin.GIVEN, 1)
