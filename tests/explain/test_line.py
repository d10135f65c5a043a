"""What a line of a sheet reaches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from conftest import PLUGIN_SHEETS
from explain.test_explain_agrees import Written, environ, session_of, worlds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle.test_merge_agrees import priorities

from ways.api import Reason, Session
from ways.explain.record import LineExplanation
from ways.errors import UnknownLineError

SHEET = """\
globals:
  data: {owner: td}
plugins:
  job:
    hierarchy: job
    mapping: '/jobs/{JOB}'
    data:
      fps: 24

      lut: >
        a long
        text
  # A comment.
  shot:
    hierarchy: shot
    mapping: '{root}/{SHOT}'
    data: {fps: 30}
    uses:
      - job
      - job/other
  wide:
    hierarchy: job/other
    mapping: '/other/{JOB}'
  windows:
    hierarchy: job
    mapping: 'P:/{JOB}'
    platforms: [windows]
  dune:
    hierarchy: job
    when: {JOB: dune}
    data: {fps: 48}
"""


@pytest.fixture
def explain_line(load: Callable[..., Session], tmp_path: Path) -> Callable[[int], LineExplanation]:
    session = load(SHEET)
    return lambda line: session.explain_line(str(tmp_path / "sheet.yml"), line)


def reached(explanation: LineExplanation) -> list[tuple[str, str]]:
    return list(dict.fromkeys((each.hierarchy, each.field) for each in explanation.reached))


def test_a_mapping_reaches_the_places_that_grow_out_of_it(explain_line: Callable[[int], LineExplanation]) -> None:
    explanation = explain_line(6)
    assert explanation.pointers == ("plugins.job.mapping",)
    assert reached(explanation) == [("job", "mapping"), ("job/shot", "mapping")]
    reasons = {each.hierarchy: each.reason for each in explanation.reached if not each.variant}
    assert reasons == {"job": Reason.ONLY, "job/shot": Reason.PART}
    # A place below with a mapping of its own doesn't need it.
    lost = {(each.hierarchy, each.reason) for each in explanation.lost if not each.variant}
    assert lost == {("job/other", Reason.FARTHER), ("job/other/shot", Reason.FARTHER)}


def test_a_key_of_data_reaches_what_inherits_it(explain_line: Callable[[int], LineExplanation]) -> None:
    explanation = explain_line(8)
    assert explanation.pointers == ("plugins.job.data.fps",)
    assert [(each.hierarchy, each.variant) for each in explanation.reached] == [("job", ()), ("job/other", ())]
    assert ("job/shot", "dune", "shot") not in {(each.hierarchy, *each.variant) for each in explanation.lost}
    assert {each.reason for each in explanation.lost} == {Reason.FARTHER, Reason.EARLIER}


def test_the_plugin_that_says_it_better_is_named(explain_line: Callable[[int], LineExplanation]) -> None:
    beaten = {(each.hierarchy, each.variant): each.lost_to for each in explain_line(8).lost}
    assert str(beaten["job", ("dune",)]).startswith("dune (") and str(beaten["job/shot", ()]).startswith("shot (")


@pytest.mark.parametrize("line, pointer", [(10, "plugins.job.data.lut"), (11, "plugins.job.data.lut"), (12, "plugins.job.data.lut")])
def test_a_value_that_goes_on_belongs_to_its_key(explain_line: Callable[[int], LineExplanation], line: int, pointer: str) -> None:
    assert explain_line(line).pointers == (pointer,)


def test_a_parent_that_is_named_reaches_what_it_makes(explain_line: Callable[[int], LineExplanation]) -> None:
    assert {each.hierarchy for each in explain_line(20).reached} == {"job/other/shot"}
    assert {each.hierarchy for each in explain_line(19).reached} == {"job/shot"}
    assert {each.hierarchy for each in explain_line(18).reached} == {"job/shot", "job/other/shot"}


def test_a_plugin_as_a_whole_reaches_all_that_its_keys_do(explain_line: Callable[[int], LineExplanation]) -> None:
    assert set(reached(explain_line(4))) >= {*reached(explain_line(6)), *reached(explain_line(8)), *reached(explain_line(10))}


def test_a_global_key_reaches_what_every_plugin_without_it_says(explain_line: Callable[[int], LineExplanation]) -> None:
    explanation = explain_line(2)
    assert explanation.pointers == ("globals.data.owner",)
    assert {(each.hierarchy, each.field) for each in explanation.reached} == {("job/other", "data.owner"), ("job/other/shot", "data.owner")}


def test_a_line_of_another_platform_is_lost(explain_line: Callable[[int], LineExplanation]) -> None:
    assert explain_line(26).reached == () and {each.reason for each in explain_line(26).lost} == {Reason.OTHER_PLATFORM}


def test_a_condition_reaches_a_variant(explain_line: Callable[[int], LineExplanation]) -> None:
    explanation = explain_line(31)
    assert {(each.hierarchy, each.variant) for each in explanation.reached} == {("job", ("dune",)), ("job/other", ("dune",))}
    assert ("job", ()) in {(each.hierarchy, each.variant) for each in explanation.lost if each.reason is Reason.CONDITION_NOT_MET}


@pytest.mark.parametrize("line", [13, 400], ids=["comment", "behind the end"])
def test_a_line_that_says_nothing_is_an_error(explain_line: Callable[[int], LineExplanation], line: int) -> None:
    with pytest.raises(UnknownLineError, match=f"sheet.yml:{line}: nothing that counts"):
        explain_line(line)


def test_a_sheet_that_was_not_loaded_is_an_error(load: Callable[..., Session], tmp_path: Path) -> None:
    session = load(SHEET)
    with pytest.raises(UnknownLineError, match="Did you mean '.*sheet.yml'"):
        session.explain_line(str(tmp_path / "shet.yml"), 1)


def test_a_layer_outside_the_priority_has_places_of_its_own(load: Callable[..., Session], tmp_path: Path) -> None:
    session = load("plugins:\n  a: {hierarchy: a, mapping: x}\n  b:\n    hierarchy: a\n    mapping: y\n    assignment: 'no'\n")
    explanation = session.explain_line(str(tmp_path / "sheet.yml"), 5)
    assert [(each.hierarchy, each.assignment) for each in explanation.reached] == [("a", "no")]
    assert [(each.assignment, each.reason) for each in explanation.lost] == [("", Reason.OTHER_LAYER)]


@pytest.mark.parametrize("name", ["60_editorial.json", "50_images.toml"])
def test_sheets_of_other_formats_are_told_too(name: str) -> None:
    session = Session()
    session.add_search_path(str(PLUGIN_SHEETS / "film"))
    plugin = next(plugin for plugin in session.get_all_plugins() if plugin.source.path.endswith(name) and plugin.mapping)
    explanation = session.explain_line(plugin.source.path, plugin.source_of("mapping").line)
    assert "mapping" in {each.field for each in explanation.reached}


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(written=worlds, priority=priorities, data=st.data())
def test_a_line_reaches_what_names_it_as_winner_or_part(written: Written, priority: list[str], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder, environ(priority, ("linux", "linux:windows")):
        session = session_of(written, folder)
        plugins = session.get_all_plugins()
        if not plugins:
            return
        source = data.draw(st.sampled_from(plugins)).source
        of_line = session.explain_line(source.path, 1)
        expected = set()
        for place in session.hierarchies():
            explanation = session.explain(place)
            for one in explanation.fields:
                good = (*one.parts, *((one.winner,) if one.winner else ()))
                if any(claim.source.path == source.path for claim in good):
                    expected.add((explanation.hierarchy, one.name))
        assert {(each.hierarchy, each.field) for each in of_line.reached if not each.assignment} == expected
