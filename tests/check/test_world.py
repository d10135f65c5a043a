"""What a check looks at: all platforms and layers, nothing that runs, and nothing that makes it fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import PLUGIN_SHEETS  # type: ignore[import-not-found]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ways import api


def codes(findings: list[api.Finding]) -> list[str]:
    return [finding.code for finding in findings]


@pytest.mark.parametrize("folder", sorted(path.name for path in PLUGIN_SHEETS.iterdir()))
def test_the_sheets_that_the_project_shows_have_no_error(folder: str) -> None:
    assert [str(finding) for finding in api.check(PLUGIN_SHEETS / folder) if finding.level == "error"] == []


def test_the_studio_has_no_finding_at_all() -> None:
    assert api.check(PLUGIN_SHEETS / "film") == []


def test_a_folder_without_sheets_has_those_below_checked_one_by_one() -> None:
    # Those of other systems, which "ways import" reads, are no sheets.
    folders = {path.name for path in PLUGIN_SHEETS.iterdir()} - {"imports"}
    assert len(api.checked_sessions([PLUGIN_SHEETS])) == len(folders)


def test_a_python_sheet_is_read_and_not_run(tmp_path: Path) -> None:
    sheet = "import os\nplugins = {'job': {'hierarchy': 'job', 'maping': '/jobs'}}\n"
    (tmp_path / "a.py").write_text(sheet, encoding="utf-8")
    assert [(finding.code, finding.source.line) for finding in api.check(tmp_path)] == [("unknown-key", 2)]


@pytest.mark.parametrize(
    "line",
    ["open('{0}', 'w').close()", "plugins['b'] = {{}}", "def get_sheet(): return {{}}", "if True: plugins = {{}}"],
    ids=["calls", "changes", "function", "condition"],
)
def test_a_python_sheet_that_does_something_is_reported_and_does_nothing(tmp_path: Path, line: str) -> None:
    mark = tmp_path / "ran"
    (tmp_path / "a.py").write_text(f"plugins = {{'job': {{'hierarchy': 'job'}}}}\n{line.format(mark)}\n", encoding="utf-8")
    assert codes(api.check(tmp_path)) == ["not-run"]
    assert not mark.exists()


def test_a_platform_that_no_sheet_names_is_not_looked_at(load: Callable[..., api.Session]) -> None:
    sheet = "plugins: {a: {hierarchy: a, mapping: /a, platforms: windows}, b: {hierarchy: b, mapping: /b, uses: a}}"
    assert load(sheet).check() == []


def test_a_layer_over_the_others_is_looked_at_too(load: Callable[..., api.Session]) -> None:
    session = load("plugins: {a: {hierarchy: a, mapping: /a}, b: {hierarchy: a, mapping: '/{X}{Y}', assignment: client}}")
    assert codes(session.check()) == ["adjacent-tokens"]


def test_a_layer_without_priority_is_reported_where_the_priority_was_said(write_sheet: Callable[..., str]) -> None:
    path = write_sheet("plugins: {a: {hierarchy: a, mapping: /a}, b: {hierarchy: a, mapping: /b, assignment: client}}")
    for priority, expected in [("master", ["unreachable-assignment"]), ("master:client", [])]:
        session = api.Session(overrides={"WAYS_PRIORITY": priority})
        session.add_search_path(path)
        assert codes(session.check()) == expected


def test_a_parent_that_one_order_of_layers_gives_a_mapping_is_there(load: Callable[..., api.Session]) -> None:
    session = load(
        """
        plugins:
          a: {hierarchy: a, data: {x: 1}}
          client: {hierarchy: a, mapping: /a, assignment: client}
          b: {hierarchy: b, mapping: /b, uses: a}
        """
    )
    assert session.check() == []


class _Generated:
    """A format of another system: each file is a plugin in a layer, with an expression that holds separators."""

    name = "generated"
    suffixes = (".gen",)

    def looks_like(self, name: str, head: bytes) -> bool:
        return name.endswith(".gen")

    def read(self, data: bytes, source: object, files: object = None) -> api.Draft:
        details = {"A": {"parse": {"regex": "[a-z/]+"}}}
        plugin = {"hierarchy": "a", "mapping": "/a/{A}", "assignment": data.decode(), "mapping_details": details, "path": True}
        return api.Draft({"plugins": {"a": plugin}}, {}, ())


def test_what_a_format_generates_is_no_slip_of_an_author(tmp_path: Path) -> None:
    (tmp_path / "a.gen").write_text("mastr", encoding="utf-8")
    session = api.Session(api.FormatTable((_Generated(),)))
    session.add_search_path(str(tmp_path / "a.gen"))
    assert session.get_all_plugins() and session.check() == []


def test_a_circle_of_mappings_is_reported_once(load: Callable[..., api.Session]) -> None:
    session = load(
        """
        plugins:
          a: {hierarchy: a, mapping: '/{@x/b}'}
          b: {hierarchy: b, mapping: /b, uses: x}
          x: {hierarchy: x, mapping: '/{@a}'}
        """
    )
    assert codes(session.check()) == ["circle"]


def test_a_circle_of_tokens_is_reported_at_one_of_them(load: Callable[..., api.Session]) -> None:
    session = load(
        """
        plugins:
          a:
            hierarchy: a
            mapping: /{A}
            mapping_details:
              A: {mapping: '{B}'}
              B: {mapping: '{A}'}
        """
    )
    assert [(finding.code, finding.source.line) for finding in session.check()] == [("circle", 7)]


def test_findings_stand_in_the_order_of_sheets_and_lines(write_sheet: Callable[..., str], tmp_path: Path) -> None:
    write_sheet("plugins:\n  a: {hierarchy: a, maping: x, maping2: y}\n  b: {}", "b.yml")
    write_sheet("plugins: {a: {}}", "a.yml")
    places = [(finding.source.path, finding.source.line, finding.source.column) for finding in api.check(tmp_path)]
    assert places == sorted(places) and len(places) == 4


def test_a_finding_is_plain_data_on_demand(write_sheet: Callable[..., str]) -> None:
    finding = api.check(write_sheet("plugins: {a: {hierarchy: a, maping: x}}"))[0].as_dict()
    assert (finding["code"], finding["level"], finding["line"], finding["column"]) == ("unknown-key", "warning", 1, 29)
    assert (finding["pointer"], finding["help"]) == ("plugins.a.maping", "Did you mean 'mapping'?")
    assert (finding["related"], finding["witness"]) == ([], "")


# --- a check answers for any sheet

_TEXTS = st.sampled_from(
    ["/a/{A}", "{A}{B}", "/{A:03d}/{A}", "{root}/{B}", "{@A}", "{@a/b}", "[{A}]", "{A", "[", "", "/{A}[_{B}]", "{A}_{A}", "x"]
)
_REGEXES = st.sampled_from(["a+", "(a+)+", "[", "", r"(.)\1", "a^", "(?i)x", "[^_]*", "(?:a||b)", r"(?=x)y", "(?P<x>a)(?P=x)", "a{2,900}"])
_TOKEN = st.fixed_dictionaries(
    {},
    optional={
        "mapping": _TEXTS,
        "parse": st.fixed_dictionaries({"regex": _REGEXES}),
        "choices": st.lists(st.sampled_from(["a", "b", 1]), min_size=1, max_size=3),
        "format": st.sampled_from(["03d", "d", ".2f", "%Y", "zz"]),
        "sequence": st.booleans(),
    },
)
_PLUGIN = st.fixed_dictionaries(
    {"hierarchy": st.sampled_from(["a", "a/b", "{root}", "{root}/c", "x!", ""])},
    optional={
        "mapping": _TEXTS,
        "mapping_details": st.dictionaries(st.sampled_from(["A", "B", "A:03d", "root"]), _TOKEN, max_size=3),
        "uses": st.lists(st.sampled_from(["a", "a/b", "a/c", "zz"]), max_size=2),
        "platforms": st.sampled_from(["linux", "windows", "linx", "*"]),
        "assignment": st.sampled_from(["master", "mastr", "client"]),
        "when": st.dictionaries(st.sampled_from(["A", "C"]), st.sampled_from(["a", 1]), max_size=2),
        "path": st.booleans(),
        "syntax": st.sampled_from([1, 2]),
        "data": st.dictionaries(st.sampled_from(["x", "y"]), st.integers(), max_size=1),
    },
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plugins=st.dictionaries(st.sampled_from(["p", "q", "r"]), _PLUGIN, min_size=1, max_size=3))
def test_no_plugins_make_a_check_fail(plugins: dict[str, dict[str, object]], tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.json"
    sheet.write_text(json.dumps({"plugins": plugins}), encoding="utf-8")
    for finding in api.check(sheet):
        assert finding.code in api.FINDING_CODES and finding.message and str(finding)


def test_two_numbers_side_by_side_are_reported(tmp_path: Path) -> None:
    """Their values must meet in many combinations before one is read otherwise."""
    (tmp_path / "sheet.yml").write_text("plugins: {p: {hierarchy: a, mapping: '/x.{A:04d}{B:d}'}}", encoding="utf-8")
    assert "misread-mapping" in codes(api.check(tmp_path))


def test_a_uuid_of_one_name_at_two_places_is_found(tmp_path):
    for name, place in (("a", "job"), ("b", "show"), ("c", "job")):
        (tmp_path / f"{name}.yml").write_text(f"plugins: {{it: {{hierarchy: {place}, uuid: one}}}}", encoding="utf-8")
    found = [finding for finding in api.check(tmp_path) if finding.code == "duplicate-uuid"]
    assert [(finding.level, Path(finding.source.path).name) for finding in found] == [("warning", "b.yml")]
    assert Path(found[0].related[0].source.path).name == "a.yml"


@pytest.mark.parametrize("keys", ["hierarchy: job\\shot", "hierarchy: x, uses: ['job\\shot']"])
def test_a_hierarchy_with_backslashes_is_a_problem_of_the_load(session, tmp_path, keys):
    path = tmp_path / "a.yml"
    path.write_text(f"plugins: {{a: {{{keys}}}}}", encoding="utf-8")
    session.add_search_path(str(path))
    [problem] = session.problems
    assert (problem.level, problem.code, problem.source.line) == ("error", "illegal-hierarchy", 1)
    assert "'job/shot'" in problem.help
    assert [finding.code for finding in session.check()].count("illegal-hierarchy") == 1
