"""Two plugins at one place: a mapping that counts for nothing, and a place that is not strict any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from ways import api
from ways.settings import STRICT_ENV_VAR


def sheets(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.yml").write_text(f"plugins:\n  {text}\n", encoding="utf-8")
    return folder


def told(folder: Path, code: str) -> list[tuple[str, str, list[str]]]:
    findings = [finding for finding in api.check(folder) if finding.code == code]
    return [(each.level, Path(each.source.path).name, [Path(str(place.source)).name for place in each.related]) for each in findings]


OLD = "old: {hierarchy: job, mapping: '/jobs/{JOB}', data: {fps: 24}%s}"
NEW = "new: {hierarchy: job, mapping: '/projects/{JOB}'%s}"


@pytest.mark.parametrize(
    "old, new, is_told",
    [
        ("", "", True),
        (", platforms: [linux]", "", True),
        (", platforms: [linux, darwin]", ", platforms: [darwin, windows]", True),
        ("", ", platforms: [linux]", False),
        (", platforms: [linux]", ", platforms: [windows]", False),
        ("", ", when: {JOB: owl}", False),
        (", when: {JOB: owl}", "", False),
        ("", ", assignment: client", False),
    ],
)
def test_the_sheet_whose_mapping_another_one_replaces_is_told_with_both_lines(tmp_path: Path, old: str, new: str, is_told: bool) -> None:
    folder = sheets(tmp_path, a=OLD % old, b=NEW % new)
    assert told(folder, "replaced-mapping") == ([("warning", "a.yml", ["b.yml:2:25"])] if is_told else [])


def test_a_replaced_mapping_names_the_platforms_where_it_lost(tmp_path: Path) -> None:
    folder = sheets(tmp_path, a=OLD % ", platforms: [linux, darwin]", b=NEW % ", platforms: [darwin, windows]")
    [finding] = [finding for finding in api.check(folder) if finding.code == "replaced-mapping"]
    assert "counts for nothing on darwin:" in finding.message


def test_the_last_of_three_mappings_replaces_the_others(tmp_path: Path) -> None:
    last = "last: {hierarchy: job, mapping: '/last/{JOB}'}"
    folder = sheets(tmp_path, a=OLD % "", b="mid: {hierarchy: job, mapping: '/mid/{JOB}', data: {x: 1}}", c=last)
    lost = [(name, places) for _, name, places in told(folder, "replaced-mapping")]
    assert lost == [("a.yml", ["c.yml:2:26"]), ("b.yml", ["c.yml:2:26"])]


def test_a_mapping_of_the_same_text_replaces_nothing(tmp_path: Path) -> None:
    assert told(sheets(tmp_path, a=OLD % "", b="new: {hierarchy: job, mapping: '/jobs/{JOB}'}"), "replaced-mapping") == []


def test_a_plugin_of_which_nothing_counts_is_told_once(tmp_path: Path) -> None:
    folder = sheets(tmp_path, a="old: {hierarchy: job, mapping: '/jobs/{JOB}'}", b=NEW % "")
    assert [finding.code for finding in api.check(folder)] == ["overridden-plugin"]


def test_a_relative_mapping_is_replaced_too_but_not_by_what_is_added_to_its_place(tmp_path: Path) -> None:
    shot = "%s: {hierarchy: '{root}/shot', mapping: '%s', uses: [job], data: {%s: 1}}"
    more = "more: {hierarchy: '{root}', mapping: '{root}/more', uses: [job/shot]}"
    folder = sheets(tmp_path, a=OLD % "", b=shot % ("one", "{root}/s/{SHOT}", "x"), c=more)
    assert told(folder, "replaced-mapping") == []
    assert told(sheets(tmp_path, d=shot % ("two", "{root}/t/{SHOT}", "y")), "replaced-mapping") == [("warning", "b.yml", ["d.yml:2:35"])]


def test_one_of_the_places_of_a_wildcard_may_have_its_own_mapping(tmp_path: Path) -> None:
    jobs = "owl: {hierarchy: job/owl, mapping: /owl}\n  elk: {hierarchy: job/elk, mapping: /elk}"
    many = "many: {hierarchy: '{root}/shot', mapping: '{root}/{SHOT}', uses: ['job/*'], data: {y: 1}}"
    one = "one: {hierarchy: job/owl/shot, mapping: '/owls/{SHOT}'}"
    assert told(sheets(tmp_path, a=jobs, b=many, c=one), "replaced-mapping") == []
    (tmp_path / "b.yml").unlink()
    folder = sheets(tmp_path, c=one.replace("}'}", "}', data: {x: 1}}"), d=many)
    assert told(folder, "replaced-mapping") == [("warning", "c.yml", ["d.yml:2:36"])]


STRICT = "job: {hierarchy: job, mapping: '/jobs/{JOB}', syntax: 2}"


@pytest.mark.parametrize(
    "other, levels",
    [
        ("client: {hierarchy: job, mapping: '/c/{JOB}', assignment: client}", ["warning"]),
        ("more: {hierarchy: '{root}', mapping: '{root}/more', uses: [job]}", ["warning"]),
        ("shot: {hierarchy: '{root}/shot', mapping: '{root}/{SHOT}', uses: [job]}", ["note"]),
        ("shot: {hierarchy: '{root}/shot', mapping: '{root}/{SHOT}', uses: [job], syntax: 2}", []),
        ("shot: {hierarchy: '{root}/shot', mapping: '/old{root}', uses: [job]}", []),
        ("shot: {hierarchy: job/shot, mapping: '/shots/{SHOT}'}", []),
        ("more: {hierarchy: job, data: {fps: 24}}", []),
    ],
)
def test_a_plugin_in_syntax_1_that_ends_a_strict_mapping_is_told(tmp_path: Path, other: str, levels: list[str]) -> None:
    assert [level for level, *_ in told(sheets(tmp_path, a=STRICT, b=other), "not-strict")] == levels


@pytest.mark.parametrize("strict", ["0", "1"])
def test_a_place_that_the_environment_makes_strict_or_not_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, strict: str
) -> None:
    monkeypatch.setenv(STRICT_ENV_VAR, strict)
    folder = sheets(tmp_path, a=STRICT, b="client: {hierarchy: job, mapping: '/c/{JOB}', assignment: client}")
    assert told(folder, "not-strict") == []


@pytest.mark.parametrize(
    "entry, is_told", [("{default: owl}", False), ("{default: owl, choices: [owl]}", True)], ids=["a default alone", "a whole entry"]
)
def test_a_default_alone_leaves_the_rest_of_a_token_to_the_plugin_before_it(tmp_path: Path, entry: str, is_told: bool) -> None:
    old = "old: {hierarchy: job, mapping_details: {JOB: {parse: {regex: '[a-z]+'}, default: elk}}}"
    new = f"new: {{hierarchy: job, mapping_details: {{JOB: {entry}}}}}"
    folder = sheets(tmp_path, a=f"top: {{hierarchy: job, mapping: '/jobs/{{JOB}}'}}\n  {old}", b=new)
    assert (told(folder, "overridden-plugin") != []) == is_told


def test_a_later_default_replaces_a_default_alone(tmp_path: Path) -> None:
    top = "top: {hierarchy: job, mapping: '/jobs/{JOB}'}"
    first, second = ("{hierarchy: job, mapping_details: {JOB: {default: %s}}}" % text for text in ("elk", "owl"))
    found = told(sheets(tmp_path, a=f"{top}\n  first: {first}", b=f"second: {second}"), "overridden-plugin")
    assert [(level, name) for level, name, _ in found] == [("warning", "a.yml")]
