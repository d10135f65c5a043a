"""In each form of the language values are written without the exact way, which is slow."""

from __future__ import annotations

from typing import Any

import pytest

from ways.assets import asset, making, writing
from ways.session import Session

WORD, DIGITS = {"parse": {"regex": "[a-z]+"}}, {"parse": {"regex": r"\d+"}}
PLAIN = "/jobs/{JOB}/{NAME}_v{VERSION}"
VALUES = {"JOB": "dune", "NAME": "hero", "VERSION": "001"}
#: Form -> the mapping, details, values, and what other plugins of the place say.
FORMS: dict[str, tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "plain": (PLAIN, {}, VALUES, {}),
    "typed": (PLAIN, {"VERSION": {"format": "03d"}}, {**VALUES, "VERSION": 1}, {}),
    "choices": (PLAIN, {"NAME": {"choices": ["hero", "villain"]}}, VALUES, {}),
    "choice map": (PLAIN, {"NAME": {"choices": {"Hero": "hero"}}}, {**VALUES, "NAME": "Hero"}, {}),
    "repeated": ("/jobs/{JOB}/{NAME}/{NAME}_v{VERSION}", {}, VALUES, {}),
    "parent": ("/jobs/{JOB}/{STEM}", {"STEM": {"mapping": "{NAME}_v{VERSION}"}, "NAME": WORD}, VALUES, {}),
    "checked parent": ("/jobs/{JOB}/{STEM}", {"STEM": {"mapping": "{NAME}_v{VERSION}", "parse": {"regex": r"\w+"}}}, VALUES, {}),
    "optional, there": (f"{PLAIN}[-{{NOTE}}]", {"VERSION": DIGITS, "NOTE": WORD, "NAME": WORD}, {**VALUES, "NOTE": "fix"}, {}),
    "optional, absent": (f"{PLAIN}[-{{NOTE}}]", {"VERSION": DIGITS, "NOTE": WORD, "NAME": WORD}, VALUES, {}),
    "sequence": (PLAIN, {"VERSION": {"sequence": True}}, {**VALUES, "VERSION": "1-9####"}, {}),
    "segments": (PLAIN, {"JOB": {"segments": True}}, {**VALUES, "JOB": "dune/two"}, {}),
    "when, data": (PLAIN, {}, VALUES, {"when": {"JOB": "dune"}, "data": {"fps": 48}}),
    "when, mapping": (PLAIN, {}, VALUES, {"when": {"JOB": "dune"}, "mapping": "/fast/{JOB}/{NAME}_v{VERSION}"}),
    "when, other values": (PLAIN, {}, VALUES, {"when": {"JOB": "alien"}, "mapping": "/fast/{JOB}/{NAME}_v{VERSION}"}),
}


@pytest.mark.parametrize("is_path", [False, True], ids=["text", "path"])
@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_written_without_the_exact_way(form: str, is_path: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    mapping, details, values, more = FORMS[form]
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    place = {"hierarchy": "place", "syntax": 2, "mapping": mapping, "mapping_details": details, "path": is_path}
    session.add_plugins(place=place, **({"more": {"hierarchy": "place", "syntax": 2, **more}} if more else {}))

    def refused(*arguments: Any, **named: Any) -> None:
        raise AssertionError("the exact way was asked")

    exact = {writing: ["written_by_rules"], asset: ["written_by_rules", "change_by_rules"], making: ["texts_by_rules"]}
    for module, names in exact.items():
        for name in names:
            monkeypatch.setattr(module, name, refused)
    text = session.format("place", values)
    made = session.get_asset(values, "place")
    assert made.get_str() == text
    made.set_value("NAME", values["NAME"])
    assert made.get_str() == text
    # Whoever has the values may change them.
    made.info["JOB"] = str(made.info["JOB"])
    assert made.get_str() == text
    assert session.get_asset(text, "place").get_str() == text


def test_a_token_that_stands_in_another_one_elsewhere_comes_out_of_a_match(session: Session) -> None:
    details = {"SHOT": {"mapping": "{SEQ}_{NUMBER}"}, "STEM": {"mapping": "{SHOT}_v{VERSION}"}, "SEQ": WORD, "NUMBER": DIGITS}
    session.add_plugins(shot={"hierarchy": "shot", "syntax": 2, "mapping": "/{SEQ}/{SHOT}", "mapping_details": details})
    made = session.get_asset({"SEQ": "sq", "NUMBER": "010"}, "shot")
    for _ in range(2):
        assert (made.get_value("SHOT"), made.get_value("STEM")) == ("sq_010", "")
        assert made.info
