"""What OpenUSD's own registry answered, case by case, is what ours answers."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from systems.usd.usd_replay import PARTS, Step, build, replay

ORACLE = Path(os.environ.get("WAYS_USD_ORACLE", ROOT.parent / "shared" / "oracles" / "usd"))
CASES = sorted(path for path in (ORACLE / "cases").glob("*") if path.is_dir()) if ORACLE.is_dir() else []
#: What we do on purpose where OpenUSD runs into an end: the step itself must give an error.
ENDINGS = {"abort", "crash", "hang"}


@pytest.mark.skipif(not CASES, reason=f"the recorded answers are not there: {ORACLE}")
def test_there_are_cases() -> None:
    assert {path.name for path in CASES} <= set(expected())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_registry_answers_as_openusd(case: Path, tmp_path: Path) -> None:
    case_data = build(case, tmp_path)
    wanted = expected()[case.name]["steps"]
    case_data["steps"] = case_data["steps"][: len(wanted)]
    for number, (want, got) in enumerate(zip(wanted, replay(case_data, tmp_path), strict=True)):
        assert difference(want, got) is None, f"step {number}: {want['op']}"


def expected() -> dict[str, Any]:
    cases: dict[str, Any] = json.loads((ORACLE / "expected.json").read_text(encoding="utf-8"))["cases"]
    return cases


def difference(want: Step, got: Step) -> Any:
    """Return what differs between a recorded step and ours; ``None`` if nothing does."""
    if "ending" in want:
        errors = got.get("errors") or (got["result"] or {}).get("errors")
        return None if errors else ("expected an error where OpenUSD ends", got)
    if "race_among" in want:
        return None if fits(want["observed"], got["result"], want["race_among"]) else (want["observed"], got["result"])
    for key in ("result", "errors", "warnings", "imports"):
        wanted, answer = plain(want.get(key)), plain(got.get(key))
        if key == "errors" and answer == [{"category": "TypeError"}] and not any(item.get("code") for item in wanted or ()):
            # Of a name that no type has, a record may say no more than that nothing was given, or name an error of Python's own.
            continue
        if want["op"] == "register" and key == "result":
            wanted, answer = with_sorted_errors(wanted), with_sorted_errors(answer)
        if not same(wanted, answer):
            return key, wanted, answer
    return None


def plain(value: Any) -> Any:
    """Return a result with its errors cut down to what is compared."""
    if isinstance(value, dict) and "category" in value:
        return {key: value[key] for key in ("category", "code", *PARTS) if key in value}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def with_sorted_errors(result: Any) -> Any:
    if not isinstance(result, dict) or "errors" not in result:
        return result
    return {**result, "errors": sorted(result["errors"], key=lambda item: json.dumps(item, sort_keys=True))}


def same(want: Any, got: Any) -> bool:
    """Whether two values are equal, numbers by type too; one of several will do where the record has several."""
    if isinstance(want, dict) and "$one_of" in want:
        return any(same(item, got) for item in want["$one_of"])
    if isinstance(want, dict) and isinstance(got, dict):
        return want.keys() == got.keys() and all(same(want[key], got[key]) for key in want)
    if isinstance(want, list) and isinstance(got, list):
        return len(want) == len(got) and all(map(same, want, got))
    # What is no number isn't equal to itself.
    return type(want) is type(got) and (want == got or (want != want and got != got))


def fits(observed: Any, got: Any, among: list[str]) -> bool:
    """Whether *got* is one of the outcomes of a race: as recorded, but for what tells of one of *among*."""
    if isinstance(observed, dict) and "$one_of" in observed:
        return any(fits(item, got, among) for item in observed["$one_of"]) or names_one(got, among)
    if isinstance(observed, dict) and isinstance(got, dict):
        alike = observed.keys() == got.keys() and all(fits(observed[key], got[key], among) for key in observed)
        return alike or names_one(observed, among) and names_one(got, among)
    if isinstance(observed, list) and isinstance(got, list):
        return len(observed) == len(got) and all(any(fits(item, other, among) for other in got) for item in observed)
    return same(plain(observed), plain(got)) or names_one(observed, among) and names_one(got, among)


def names_one(value: Any, among: list[str]) -> bool:
    return any(name in json.dumps(value) for name in among)


def test_the_replay_asks_as_the_steps_of_a_case_say(tmp_path: Path) -> None:
    plugins = {"A": {}, "B": {"bases": ["A"]}, "C": {"bases": ["B"]}}
    text = json.dumps({"Plugins": [{"Type": "resource", "Name": "abc", "Info": {"Types": plugins}}]})
    steps: list[Step] = [
        {"op": "register", "path": "@ROOT@/abc/"},
        {"op": "derived", "base": "A"},
        {"op": "derived", "base": "A", "direct": True},
        {"op": "derived", "base": "$unknown"},
        {"op": "derived", "base": "Z"},
        {"op": "plugin_for_type", "type": "Z"},
        {"op": "plugin_for_type", "type": "$unknown"},
        {"op": "bases", "name": "Z"},
        {"op": "ancestors", "name": "Z"},
        {"op": "is_a", "name": "C", "base": "Z"},
        {"op": "is_a", "name": "Z", "base": "C"},
        {"op": "aliases", "base": "Z", "name": "C"},
    ]
    case = tmp_path / "case"
    case.mkdir()
    listening = {"types_in_notice": ["C", "Z", "A"], "listen_base": True, "files": {"abc/plugInfo.json": text}}
    (case / "case.json").write_text(json.dumps({**listening, "steps": steps}), encoding="utf-8")
    (tmp_path / "root").mkdir()
    done = replay(build(case, tmp_path / "root"), tmp_path / "root")
    assert done[0]["result"] == {"errors": [], "new": ["abc"], "notices": [["abc"], "base:DidRegisterPlugins", "knows:C,A"]}
    type_error, unknown = [{"category": "TypeError"}], [{"category": "unknown-type", "code": "TF_DIAGNOSTIC_CODING_ERROR_TYPE"}]
    answers = [(step["result"], step.get("errors")) for step in done[1:]]
    assert answers == [
        (["B", "C"], None), (["B"], None), ([], None), (None, type_error), (None, type_error), (None, unknown),
        (None, None), (None, None), (None, type_error), (None, None), (None, None),
    ]  # fmt: skip
    assert difference({**steps[4], "result": None}, done[4]) is None
    assert difference({**steps[6], "result": None}, done[6]) is not None
