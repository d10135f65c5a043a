"""The benchmarks run, and their small parts are right. Nothing here is timed: a busy machine would decide."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from benchmarks import by_hand, native, worlds
from benchmarks.__main__ import ROWS, main
from benchmarks.many import patterns_of, texts_of
from benchmarks.page import Line, plot, shown, tables
from benchmarks.reading import as_json, as_toml
from benchmarks.runner import TINY, Contest, Figure, each, figures, held, measured, once, steady
from benchmarks.shell import named_studio
from benchmarks.stored import Stored
from ways.errors import WaysError
from ways.session import Session

#: Rows that start a process for each figure take seconds even when tiny; one of each kind stands for all.
QUICK_ROWS = [name for name in ROWS if name not in ("A2", "A3", "K2", "L1", "L3", "L4")]


@pytest.mark.parametrize("name", QUICK_ROWS)
def test_a_row_gives_figures(name: str) -> None:
    found = list(figures([ROWS[name]], TINY))
    assert found
    assert all(figure.row == name and figure.limit > 0 and (figure.target or 0) >= 0 for figure in found)


def test_rows_are_chosen_by_name_and_written_as_json(tmp_path: Path) -> None:
    main(["H", "--tiny", "--json", str(tmp_path / "out.json")])
    report = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert {figure["row"] for figure in report["figures"]} == {"H"}
    assert {"date", "machine", "mode"} <= report.keys()


def test_the_table_has_a_line_for_each_figure(capsys: pytest.CaptureFixture[str]) -> None:
    main(["C2", "--tiny"])
    assert "asset.get_str()" in capsys.readouterr().out


def test_a_row_that_is_not_known_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["Z9"])
    assert "Z9" in capsys.readouterr().err


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    ours, limit = iter((2.0, 9.0, 4.0)), iter((1.0, 3.0, 1.0))
    figure = measured("X", Contest("x", lambda: next(ours), lambda: next(limit), 3.0), 3)
    assert figure.ratio == 3.0 and figure.is_met


def test_short_rounds_are_more() -> None:
    seen: list[float] = []
    measured("X", Contest("x", lambda: seen.append(1.0) or 1.0, steady(1.0), None), 3, 2)  # type: ignore[func-returns-value]
    assert len(seen) == 6


def test_what_has_no_target_is_met() -> None:
    assert measured("X", Contest("x", steady(9.0), steady(1.0), None), 1).is_met


def test_timers_take_what_they_time() -> None:
    seen: list[int] = []
    assert each(seen.append, [1, 2])() > 0 and seen == [1, 2, 1, 2]
    assert once(lambda: seen.append(3), lambda: seen.append(4))() > 0 and seen[-2:] == [4, 3]
    assert steady(5.0)() == 5.0
    assert held(lambda: bytearray(1000)) >= 1000


@pytest.mark.parametrize("count", [1, 5, 120])
def test_the_yaml_of_a_studio_says_its_plugins(count: int) -> None:
    places = worlds.studio(count)
    assert yaml.safe_load(worlds.as_yaml(places)) == {"plugins": worlds.plugins_of(places)}


@pytest.mark.parametrize("places", [worlds.studio(30), worlds.random_shapes(30, crossing=0.3), worlds.one_skeleton(30)])
def test_each_text_of_a_world_is_of_its_own_place(places: list[worlds.Place]) -> None:
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_plugins(**worlds.plugins_of(places))
    found = ["/".join(session.read(place.text).context.hierarchy) for place in places]
    assert found == [place.hierarchy for place in places]


def test_the_ten_tokens_are_read_alike() -> None:
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_plugins(ten={"hierarchy": "ten", "mapping": worlds.TEN_MAPPING, "mapping_details": worlds.TEN_DETAILS})
    found = re.fullmatch(worlds.TEN_REGEX, worlds.TEN_TEXT)
    assert found is not None
    assert session.read(worlds.TEN_TEXT).values == found.groupdict() == worlds.TEN_VALUES


def test_sheets_are_written_in_order(tmp_path: Path) -> None:
    paths = worlds.write_studio(tmp_path, 25, 5)
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_search_path(str(tmp_path))
    assert [sheet.source.path for sheet in session.sheets] == list(map(str, paths))
    assert [plugin.name for plugin in session.get_all_plugins()] == [f"plugin_{number}" for number in range(25)]


def native_session(tmp_path: Path, count: int, sheets: int) -> tuple[Session, native.Studio]:
    """Return a session of a studio's written sheets, and the studio."""
    studio = native.native_studio(count, sheets)
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    assert len(studio.write(tmp_path)) == sheets
    session.add_search_path(str(tmp_path))
    assert session.problems == []
    return session, studio


def check_spots(session: Session, spots: list[native.Spot]) -> None:
    """Check that each text is of its own place with its own values, and that each miss is nothing."""
    for spot in spots:
        candidate = session.read(spot.text)
        assert ("/".join(candidate.context.hierarchy), candidate.values) == (spot.hierarchy, spot.values)
        assert len(spot.misses) >= 3
        for miss in spot.misses:
            with pytest.raises(WaysError):
                session.read(miss)


def test_each_text_of_a_studio_is_of_its_own_place_and_each_miss_is_nothing(tmp_path: Path) -> None:
    session, studio = native_session(tmp_path, 100, 3)
    assert len(studio.spots) == 100
    check_spots(session, studio.spots)


def test_each_text_of_the_film_sheets_is_of_its_own_place_and_each_miss_is_nothing() -> None:
    session = native.film_session()
    spots = native.film_spots(session)
    assert len(spots) == 151
    check_spots(session, spots)


def test_variants_of_a_text_have_the_expression_of_their_place(tmp_path: Path) -> None:
    session, studio = native_session(tmp_path, 100, 1)
    for spot in studio.spots:
        fits = re.compile(spot.regex).fullmatch
        for number in (0, 1, 1_000, 123_456):
            text, values = spot.variant(number)
            found = fits(text)
            assert found is not None
            given = {name: value for name, value in found.groupdict().items() if value is not None}
            assert given == values == session.read(text).values
        assert not any(map(fits, spot.misses))


def test_a_studio_has_the_forms_of_the_film_sheets(tmp_path: Path) -> None:
    session, studio = native_session(tmp_path, 300, 6)
    shares = dict.fromkeys(("repeated", "choices", "format", "sequence", "part"), 0.0)
    for spot in studio.spots:
        context = session.need_context(spot.hierarchy)
        names = [leaf.text for leaf in context.template.leaves if leaf.is_token]
        entries = [context.get_mapping_details().get(name, {}) for name in names]
        has = {"repeated": len(names) > len(set(names)), "part": "[" in context.get_mapping()}
        has.update((key, any(key in entry for entry in entries)) for key in ("choices", "format", "sequence"))
        shares = {key: share + has[key] / len(studio.spots) for key, share in shares.items()}
    film = {"repeated": 0.63, "choices": 0.66, "format": 0.82, "sequence": 0.09, "part": 0.1}
    assert shares == pytest.approx(film, abs=0.04)


def test_the_script_by_hand_finds_each_text_and_no_miss() -> None:
    spots = [spot for spot in native.native_studio(100).spots if not spot.hierarchy.startswith("library")]
    known = patterns_of(spots)
    for spot in spots:
        text, _ = spot.variant(77)
        place, pattern = known[by_hand.key_of(text)]
        assert place == spot.hierarchy and re.fullmatch(pattern, text)
        entries = [known.get(by_hand.key_of(miss)) for miss in spot.misses]
        assert not any(entry and re.fullmatch(entry[1], miss) for entry, miss in zip(entries, spot.misses))


def test_many_texts_are_of_many_places_and_some_are_nothing() -> None:
    spots = native.native_studio(200).spots
    texts = texts_of(spots, 1_000, 100)
    misses = {miss for spot in spots for miss in spot.misses}
    assert len(texts) == 1_000 and 10 <= sum(text in misses for text in texts) <= 30
    assert len(set(texts)) > 900


def test_a_studio_is_the_same_in_json_and_toml() -> None:
    plugins = native.native_studio(100).plugins()
    assert json.loads(as_json(plugins)) == tomllib.loads(as_toml(plugins)) == {"globals": {"syntax": 2}, "plugins": plugins}


def test_an_edit_gives_a_sheet_data_that_it_never_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME")
    world = Stored(40, 2)
    texts = set()
    for _ in range(3):
        texts.add(world.sheets[-1].read_text("utf-8"))
        world.edit(-1)
    assert len(texts) == 3
    assert world.ways("resolve", world.spots[-1].text).peak > 0
    # The secret of its store lies with it, and not in the home of whoever measures.
    assert os.listdir(tmp_path) == [] and list(world.folder.rglob("store-secret"))


@pytest.mark.parametrize("seed", range(3))
def test_a_studio_with_names_has_no_problem_and_some_names(seed: int, tmp_path: Path) -> None:
    (tmp_path / "studio.yml").write_text(named_studio(seed, 100), "utf-8")
    session = Session()
    session.add_search_path(str(tmp_path))
    assert session.problems == []
    mappings = [plugin["mapping"] for plugin in yaml.safe_load(named_studio(seed, 100))["plugins"].values()]
    assert sum("/" not in mapping for mapping in mappings) == 12


HEAD = {"date": "2026-11-29T00:00:00", "mode": "quick", "machine": {"python": "3.11", "system": "Linux", "cores": 2}}


def test_the_tables_of_the_docs_have_each_figure_under_its_row() -> None:
    row = ROWS["C1"]
    found = [
        Figure("C1", "of `when`", 2e-6, 1e-6, 2.0, 1.5, "s", {"peer": 3e-3}),
        Figure("C1", "told", 3e6, 1e6, 3.0, None, "bytes", {}),
    ]
    text = tables(found, ROWS, HEAD)
    assert f"C1: {row.what}. World: {row.world}." in text
    assert "     - 2 us\n     - 1 us\n     - 2\n     - 1.5\n     - no" in text
    assert "of ``when``" in text and "told only" in text and "peer 3 ms" in text


def test_a_plot_is_svg_that_tells_its_points() -> None:
    text = plot("A & B", "places", "time", [Line("one", [(10, 1e-6), (1_000, 2e-3)]), Line("two", [(10, 1e-5)])])
    root = ElementTree.fromstring(text)
    told = {child.tag.rpartition("}")[2]: child.text for child in root}
    assert told["title"] == "A & B" and told["desc"] == "one: 10 1 us, 1,000 2 ms; two: 10 10 us"
    assert "prefers-color-scheme: dark" in str(told["style"])
    assert len(root.findall("{*}polyline")) == 2


@pytest.mark.parametrize(
    "value, unit, text",
    [(2.5e-9, "s", "2.5 ns"), (0.25, "s", "250 ms"), (2, "count", "2"), (3e6, "bytes", "3.0 MB"), (9, "bytes", "9 bytes")],
)
def test_figures_are_shown_in_a_fitting_unit(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text
