"""What a line of a sheet reaches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from conftest import PLUGIN_SHEETS
from counting import calls
from explain.test_explain_agrees import Written, environ, session_of, worlds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle.test_merge_agrees import priorities

from ways.api import Reason, Session
from ways.cli.main import main
from ways.explain.record import LineExplanation
from ways.errors import UnknownLineError
from ways.plugins.provenance import Provenance
from ways.sheets.positions import Positions

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


def many(load: Callable[..., Session], count: int, key: str = "") -> Session:
    """Return a session of places in each other, whose plugins all have the data of the globals."""
    plugins = "".join(f"  p{number}:\n    hierarchy: {'/'.join('d' * number)}\n{key}" for number in range(1, count + 1))
    return load(f"globals:\n  data: {{owner: td}}\nplugins:\n{plugins}")


def test_a_line_of_the_globals_asks_each_context_once(
    load: Callable[..., Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    decisions = Provenance.decisions
    monkeypatch.setattr(Provenance, "decisions", lambda self, *args: (asked.append(self.place), decisions(self, *args))[1])
    explanation = many(load, 12).explain_line(str(tmp_path / "sheet.yml"), 2)
    assert len(explanation.reached) + len(explanation.lost) == 12 * 13 // 2 and explanation.is_whole
    assert len(asked) == 12


def test_a_line_with_a_say_in_very_many_fields_is_told_of_some(
    load: Callable[..., Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ways.explain.line.MOST_EFFECTS", 50)
    explanation = many(load, 12).explain_line(str(tmp_path / "sheet.yml"), 2)
    assert len(explanation.reached) + len(explanation.lost) == 50 and not explanation.is_whole
    told = CliRunner().invoke(main, ["--sheets", str(tmp_path / "sheet.yml"), "uses", f"{tmp_path / 'sheet.yml'}:2"]).stdout
    assert told.splitlines()[-1] == "There are more: only 50 of them were worked out."


def test_what_all_plugins_say_is_found_once_for_all_variants_and_layers(load: Callable[..., Session]) -> None:
    state = many(load, 3, "    when: {A: x}\n    uses: [none]\n").ready_pool.state()
    resolvers = [state.resolver(layer, variant) for layer in ("", "master", "no") for variant in (None, frozenset())]
    assert len({id(resolver) for resolver in resolvers}) == 6
    assert len({id(resolver._everything.circles) for resolver in resolvers}) == 1


def test_a_line_without_anything_looks_at_the_positions_of_a_sheet_once(
    load: Callable[..., Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = many(load, 12)
    found: list[object] = []
    below = Positions._below
    monkeypatch.setattr(Positions, "_below", lambda self, head, known: (found.append(head), below(self, head, known))[1])
    with pytest.raises(UnknownLineError):
        session.explain_line(str(tmp_path / "sheet.yml"), 999)
    assert len(found) <= 3 * 16


def on_one_line(count: int) -> str:
    data = ", ".join(f"k{number}: {number}" for number in range(10))
    plugins = ", ".join(f"p{number}: {{hierarchy: a/{number}, mapping: /p{number}, data: {{{data}}}}}" for number in range(count))
    return f"globals: {{syntax: 2}}\nplugins: {{{plugins}}}\n"


def test_a_line_of_twice_as_many_plugins_takes_twice_the_calls(write_sheet: Callable[..., str]) -> None:
    counts = []
    for count in (5, 60, 120):
        session, path = Session(), write_sheet(on_one_line(count), f"{count}.yml")
        session.add_search_path(path)
        counts.append(calls(lambda world=session, sheet=path: world.explain_line(sheet, 2)))  # type: ignore[misc]
    assert len(session.explain_line(path, 2).pointers) == 120 * 12
    assert counts[2] < 2.6 * counts[1]


def test_what_takes_part_for_some_values_is_found_once_for_all_variants_of_a_place(load: Callable[..., Session]) -> None:
    session = many(load, 3, "    when: {A: x}\n")
    context = session.need_context("d/d/d")
    assert len(context.view.variants) == 2
    assert all(view.left_out is context.view.left_out and view.conditions is context.view.conditions for view in context.view.variants)


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
