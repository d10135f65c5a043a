"""Plugins given from Python are held to the same rules as those of sheets: a clear error, and nothing bare."""

from __future__ import annotations

from typing import Any

import pytest

from ways import api
from ways.errors import SheetSchemaError, WaysError

WRONG: dict[str, dict[str, Any]] = {
    "sequence of no whole numbers": {"mapping_details": {"A": {"sequence": True, "format": ".2f"}}},
    "choice that the format can't write": {"mapping_details": {"A": {"format": "%Y", "choices": [1]}}},
    "default that is no choice": {"mapping_details": {"A": {"choices": ["a"], "default": "z"}}},
    "format that is none": {"mapping_details": {"A": {"format": "%Q"}}},
    "bracket that stays open": {"mapping": "/x[_{A}", "syntax": 2},
}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG)
def test_a_plugin_that_contradicts_itself_is_refused_and_none_beside_it_kept(session: api.Session, said: dict[str, Any]) -> None:
    with pytest.raises(SheetSchemaError, match=r"<python>: plugins\.a\.mapping"):
        session.add_plugins(a={"hierarchy": "a", "mapping": "/{A}", **said}, b={"hierarchy": "b"})
    assert session.hierarchies() == []


@pytest.mark.parametrize("details", [said["mapping_details"] for said in WRONG.values() if "mapping_details" in said])
def test_a_class_that_contradicts_itself_raises_no_bare_error_and_costs_no_other(session: api.Session, details: Any) -> None:
    class Wrong(api.Plugin):
        def get_hierarchy(self) -> str:
            return "a"

        def get_mapping(self) -> str:
            return "/{A}"

        def get_mapping_details(self) -> Any:
            return details

    session.add_plugins(b={"hierarchy": "b", "mapping": "/b/{B}"})
    assert session.check() is not None
    assert session.explain_text("/b/x", strict=True).status == "resolved"
    try:
        session.get_asset({"A": "x"}, context="a")
    except WaysError as error:
        assert "The token A" in str(error) or "The choices of the token A" in str(error)
