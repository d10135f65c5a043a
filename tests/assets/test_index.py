"""Places found by the tables of compiled sheets: no plugin is made but those near a text."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ways.assets import many
from ways.assets.finding import Finder
from ways.errors import AmbiguousContextError, ContextNotFoundError
from ways.plugins.lazy import LazyPlugins
from ways.plugins.nearby import nearby_places
from ways.session import Session
from ways.sheets.store import catalog as catalog_module
from ways.sheets.store import entry_file
from ways.sheets.store import stamps, store as store_module
from ways.sheets.store.codec import Damaged
from ways.sheets.store.places import PlaceTable

SHEET = """
    plugins:
      job: {hierarchy: job, mapping: '/jobs/{JOB}', mapping_details: {JOB: {parse: {regex: '[a-z]+'}}}, path: true}
      shot: {hierarchy: job/shot, mapping: '/jobs/{JOB}/{SHOT}'}
      home: {hierarchy: home, mapping: '/home/{USER}', platforms: linux}
      win: {hierarchy: home, mapping: 'C:/users/{USER}', platforms: windows}
      any: {hierarchy: any, mapping: 'x{A}', mapping_details: {A: {parse: {regex: '.+'}}}}
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of the test's own; sheets need not wait until their stamps are old."""
    monkeypatch.setenv("WAYS_CACHE", "1")
    monkeypatch.setattr("ways.sources.loader.cache_folder", lambda environ: str(tmp_path / "cache" / "ways"))
    monkeypatch.setattr(stamps, "FRESH", 0)
    return tmp_path / "cache" / "ways" / "sheets"


@pytest.fixture
def opened(cache: Path, write_sheet: Callable[..., str]) -> Callable[[], Session]:
    """Gives a new session with the sheet; it and its index were stored before."""
    path = write_sheet(SHEET)

    def open_one() -> Session:
        session = Session()
        session.add_search_path(path)
        return session

    for _ in range(2):
        open_one().get_asset("/jobs/dune")
    return open_one


def is_built(session: Session) -> bool:
    return session.finder().index._groups is not None


@pytest.mark.parametrize(
    "text, place", [("/jobs/dune", "job"), ("/jobs/dune/", "job"), ("/jobs/dune/sh1", "job/shot"), ("/home/ann", "home"), ("xa/b", "any")]
)
def test_a_text_is_found_without_a_look_at_every_plugin(opened: Callable[[], Session], text: str, place: str) -> None:
    session = opened()
    assert session.read(text).hierarchy == place
    assert not is_built(session)


def test_an_asset_is_found_without_a_look_at_every_plugin(opened: Callable[[], Session]) -> None:
    session = opened()
    assert session.get_asset("/jobs/dune/sh1").info == {"JOB": "dune", "SHOT": "sh1"}
    assert not is_built(session)


def test_what_is_nothing_is_told_without_a_look_at_every_plugin(opened: Callable[[], Session]) -> None:
    session = opened()
    with pytest.raises(ContextNotFoundError):
        session.read("/no/such/place")
    assert not is_built(session)


def test_a_miss_is_told_by_the_tables_alone(opened: Callable[[], Session], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Finder, "find_text", lambda *args: pytest.fail("searched again"))
    session = opened()
    for text in ("/jobs/Dune", "/work/dune", "nothing"):
        with pytest.raises(ContextNotFoundError):
            session.get_asset(text, strict=True)
    assert not is_built(session)


def test_the_tables_serve_every_platform(opened: Callable[[], Session], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    session = opened()
    assert session.read("C:/users/ann").hierarchy == "home"
    assert not is_built(session)
    with pytest.raises(ContextNotFoundError):
        session.read("/home/ann")


def test_after_many_texts_the_contexts_of_other_places_are_still_unknown(opened: Callable[[], Session]) -> None:
    session = opened()
    for number in range(2000):
        assert session.get_asset(f"/jobs/dune/sh{number}").get_value("SHOT") == f"sh{number}"
    assert not is_built(session)


def test_many_texts_build_the_index_in_memory_and_few_do_not(opened: Callable[[], Session]) -> None:
    texts = ["/jobs/dune/sh1"] * many.MANY
    at_once, few, one_by_one = opened(), opened(), opened()
    assert next(iter(at_once.read_many(texts)))[0] == texts[0] and is_built(at_once)
    assert len(list(few.read_many(texts[1:]))) == len(texts) - 1 and not is_built(few)
    assert len(list(one_by_one.read_many(iter(texts * 2)))) == len(texts) * 2 and is_built(one_by_one)


def test_damaged_tables_change_no_answer(opened: Callable[[], Session], cache: Path) -> None:
    (path,) = (cache / "entries").iterdir()
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        session = opened()
        assert [session.read(text).hierarchy for text in ("/jobs/dune", "/jobs/dune/sh1", "xa")] == ["job", "job/shot", "any"]
        with pytest.raises(ContextNotFoundError):
            session.read("/no/such/place")


# --- many sheets, and one that is edited


ROOT = """
globals: {syntax: 2}
plugins:
  job: {hierarchy: job, mapping: '/jobs/{JOB}', mapping_details: {JOB: {parse: {regex: '[a-z]+'}}}}
  shot: {hierarchy: shot, uses: [job], mapping: '{root}/{SHOT}'}
"""


def department(number: int, folder: str = "dept") -> str:
    """Return a sheet with a folder and a file in it; the file's mapping has no text of its own."""
    return f"""
globals: {{syntax: 2}}
plugins:
  folder: {{hierarchy: d{number}, uses: [job/shot], mapping: '{{root}}/{folder}{number}'}}
  file: {{hierarchy: file, uses: [job/shot/d{number}], mapping: '{{root}}/{{NAME}}.{{VERSION:03d}}'}}
"""


@pytest.fixture
def studio(cache: Path, tmp_path: Path) -> Path:
    """Return a folder of ten sheets, which were compiled before."""
    folder = tmp_path / "studio"
    folder.mkdir()
    (folder / "root.yml").write_text(ROOT)
    for number in range(9):
        (folder / f"{number}.yml").write_text(department(number))
    for _ in range(2):
        loaded(folder)
    return folder


def loaded(folder: Path) -> Session:
    session = Session()
    session.add_search_path(str(folder))
    return session


def opened_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list to which each file of the store is added that is opened from now on."""
    names: list[str] = []
    real = entry_file.open_file

    def open_file(path: str) -> int:
        names.append(f"{Path(path).parent.name}/{Path(path).name}")
        return real(path)

    for module in (entry_file, store_module):
        monkeypatch.setattr(module, "open_file", open_file)
    return names


def test_a_catalog_spares_the_entries_of_sheets_that_are_not_asked_for(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = opened_files(monkeypatch)
    session = loaded(studio)
    assert len(names) == 1 and names[0].startswith("indexes/")
    assert session.read("/jobs/dune/sh1/dept3/plate.001").hierarchy == "job/shot/d3/file"
    # The sheet of the roots, and that of the department.
    assert len(names) == 3 and not is_built(session)


def test_an_edited_sheet_costs_that_sheet_and_its_text_is_found(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (studio / "3.yml").write_text(department(3, "other"))
    for _ in range(3):
        names = opened_files(monkeypatch)
        session = loaded(studio)
        assert session.read("/jobs/dune/sh1/other3/plate.001").hierarchy == "job/shot/d3/file"
        assert session.read("/jobs/dune/sh1/dept4/plate.001").hierarchy == "job/shot/d4/file"
        with pytest.raises(ContextNotFoundError):
            session.read("/jobs/dune/sh1/dept3/plate.001")
        assert not is_built(session) and len(set(names)) <= 5


def test_an_edited_root_moves_all_that_is_relative_to_it(studio: Path) -> None:
    (studio / "root.yml").write_text(ROOT.replace("/jobs/{JOB}", "/work/{JOB}/shots"))
    session = loaded(studio)
    assert session.read("/work/dune/shots/sh1/dept3/plate.001").hierarchy == "job/shot/d3/file"
    with pytest.raises(ContextNotFoundError):
        session.read("/jobs/dune/sh1/dept3/plate.001")
    assert not is_built(session)


def test_what_is_relative_to_a_place_that_is_gone_is_found_no_more(studio: Path) -> None:
    (studio / "3.yml").write_text(department(3).replace("mapping: '{root}/dept3'", "data: {}"))
    session = loaded(studio)
    assert session.read("/jobs/dune/sh1/plate.001").hierarchy == "job/shot/d3/file"


def test_a_token_of_any_text_may_hold_separators(studio: Path) -> None:
    sheet = "{globals: {syntax: 2}, plugins: {note: {hierarchy: note, uses: [job/shot], mapping: '{root}/notes/{TEXT:s}'}}}"
    (studio / "notes.yml").write_text(sheet)
    for _ in range(3):
        session = loaded(studio)
        assert session.read("/jobs/dune/sh1/notes/a/b/c").values["TEXT"] == "a/b/c"
        assert not is_built(session)


def test_a_survey_tells_places_without_a_mapping_after_texts_were_found(studio: Path) -> None:
    lost = "{hierarchy: lost, uses: [none, gone], mapping: '{root}/dept3'}"
    (studio / "lost.yml").write_text(f"{{globals: {{syntax: 2}}, plugins: {{lost: {lost}}}}}")
    loaded(studio)
    session = loaded(studio)
    session.read("/jobs/dune/sh1/dept3/plate.001")
    unread = session.finder().index.survey().unread
    assert sorted(target.place for target in unread) == ["gone/lost", "none/lost"]


def test_a_new_sheet_and_a_deleted_one_are_seen(studio: Path) -> None:
    (studio / "9.yml").write_text(department(9))
    os.remove(studio / "4.yml")
    session = loaded(studio)
    assert session.read("/jobs/dune/sh1/dept9/plate.001").hierarchy == "job/shot/d9/file"
    with pytest.raises(ContextNotFoundError):
        session.read("/jobs/dune/sh1/dept4/plate.001")
    assert "job/shot/d4" not in session.place_texts() and "job/shot/d9" in session.place_texts()
    assert not is_built(session)


def test_a_catalog_in_which_many_sheets_differ_is_written_anew(studio: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ways.sheets.reader.MAX_DIFFERING", 2)
    (path,) = (cache / "indexes").iterdir()
    before = path.read_bytes()
    for number in range(4):
        (studio / f"{number}.yml").write_text(department(number, "other"))
        loaded(studio)
        assert (path.read_bytes() != before) == (number >= 2)
        if number >= 2:
            break


def test_a_damaged_catalog_changes_no_answer_and_is_written_again(studio: Path, cache: Path) -> None:
    (path,) = (cache / "indexes").iterdir()
    whole = path.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 200)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        session = loaded(studio)
        assert session.read("/jobs/dune/sh1/dept3/plate.001").hierarchy == "job/shot/d3/file"
        with pytest.raises(ContextNotFoundError):
            session.read("/jobs/dune/sh1/none/plate.001")
        assert len(session.place_texts()) == 20
        path.write_bytes(whole)


def test_an_entry_that_vanished_after_the_catalog_was_read_is_read_from_its_sheet(studio: Path, cache: Path) -> None:
    session = loaded(studio)
    session.clear_cache()
    assert session.read("/jobs/dune/sh1/dept3/plate.001").hierarchy == "job/shot/d3/file"
    assert len(session.get_all_plugins()) == 20


def test_clearing_the_cache_removes_catalogs(studio: Path, cache: Path) -> None:
    assert list((cache / "indexes").iterdir())
    loaded(studio).clear_cache()
    assert not list((cache / "indexes").iterdir())


def test_with_few_sheets_there_is_no_catalog(cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "few"
    folder.mkdir()
    for number in range(catalog_module.MIN_SHEETS - 1):
        (folder / f"{number}.yml").write_text(department(number))
    for _ in range(2):
        loaded(folder)
    assert not (cache / "indexes").exists() or not list((cache / "indexes").iterdir())


@pytest.mark.parametrize("order", [("0", "1"), ("1", "0")])
def test_a_token_crosses_segments_by_what_another_sheet_says_of_its_parts(order: tuple[str, str], cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "two"
    folder.mkdir()
    job = "{hierarchy: job, mapping: '/jobs/{X}', mapping_details: {X: {mapping: '{Y}'}}}"
    (folder / f"{order[0]}.yml").write_text(f"globals: {{syntax: 2}}\nplugins:\n  job: {job}\n")
    (folder / f"{order[1]}.yml").write_text(
        "globals: {syntax: 2}\nplugins:\n  deep: {hierarchy: job, mapping_details: {Y: {segments: true}}}\n"
    )
    for _ in range(3):
        assert loaded(folder).get_asset("/jobs/a/b").info == {"Y": "a/b"}


def test_a_place_whose_mapping_comes_to_nothing_has_no_text(cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lacking"
    folder.mkdir()
    (folder / "0.yml").write_text("globals: {syntax: 2}\nplugins:\n  shot: {hierarchy: shot, uses: [job], mapping: '/{A}'}\n")
    for _ in range(3):
        with pytest.raises(ContextNotFoundError):
            loaded(folder).read("")


def test_places_that_are_not_there_are_not_remembered(opened: Callable[[], Session]) -> None:
    session = opened()
    plugins = session.registry.now.plugins
    assert isinstance(plugins, LazyPlugins)
    assert [plugins.rows(f"none/{number}") for number in range(3)] == [[], [], []] and len(plugins.rows("job")) == 1
    assert list(plugins._rows) == ["job"]


# --- the tables against the index in memory


SEGMENTS = ("a", "b", "plates", "x.y", "{A}", "{B}", "{C}_v{A}", "{C}", "cache[_{B}]", "[x/]{A}", "{D}", "{P}", "{A:03d}", "A")
SEGMENTS += ("{A:s}", "{E}")
DETAILS = {
    "C": {"parse": {"regex": ".+"}}, "D": {"segments": True}, "P": {"mapping": "{A}-{B}"}, "B": {"parse": {"regex": "[a-z]+"}},
    "E": {"format": "s"},
}  # fmt: skip


def world(chance: random.Random) -> tuple[list[str], list[str]]:
    """Return some sheets, and texts that may be of their places."""
    import json

    places = [""]
    sheets = []
    for number in range(chance.randint(2, 7)):
        plugins: dict[str, Any] = {}
        for index in range(chance.randint(1, 6)):
            parent = chance.choice(places)
            own = f"p{len(places)}"
            body = "/".join(chance.choice(SEGMENTS) for _ in range(chance.randint(1, 3)))
            plugin: dict[str, Any] = {"hierarchy": own, "mapping_details": {}}
            start = chance.choice(("{root}/",) * 6 + ("{root}_", "/", "", "{root}"))
            plugin["mapping"] = f"{start}{body}" if parent else f"/{body}"
            if parent:
                plugin["uses"] = [parent] if chance.random() < 0.9 else [parent, chance.choice([place for place in places if place])]
                plugin["uses"] = list(dict.fromkeys(plugin["uses"]))
            if chance.random() < 0.15 and parent:
                # It appends to the very place.
                plugin["hierarchy"] = "."
                plugin["hierarchy"], plugin["uses"] = parent, [parent]
                del plugin["uses"]
            if chance.random() < 0.2:
                plugin["platforms"] = [chance.choice(("linux", "windows"))]
            if chance.random() < 0.2:
                plugin["assignment"] = chance.choice(("master", "job", "user"))
            if chance.random() < 0.1:
                plugin["when"] = {"A": ["a"]}
            if chance.random() < 0.2:
                del plugin["mapping"]
            for name, entry in DETAILS.items():
                if chance.random() < 0.4:
                    plugin["mapping_details"][name] = entry
            plugins[f"n{number}_{index}"] = plugin
            places.append(f"{parent}/{own}" if parent else own)
        sheets.append(json.dumps({"globals": {"syntax": chance.choice((1, 2))}, "plugins": plugins}))
    words = ("a", "b", "plates", "x.y", "a_va", "ab", "cache", "cache_b", "x", "a-b", "007", "A", "", "p_a")
    texts = ["/" + "/".join(chance.choice(words) for _ in range(chance.randint(1, 7))) for _ in range(60)]
    return sheets, texts


def answer(session: Session, text: str) -> object:
    try:
        found = session.read(text)
        return found.hierarchy, found.values
    except (ContextNotFoundError, AmbiguousContextError) as error:
        return type(error), str(error).partition("\n")[0]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("priority", ["master", "job:master", "user"])
def test_the_tables_find_what_the_index_in_memory_finds(
    seed: int, priority: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYS_PRIORITY", priority)
    sheets, texts = world(random.Random(seed))
    folder = tmp_path / "world"
    folder.mkdir()
    for number, sheet in enumerate(sheets):
        (folder / f"{number}.json").write_text(sheet)
    for _ in range(2):
        loaded(folder)
    if seed % 2:
        (folder / "0.json").write_text(world(random.Random(seed + 1000))[0][0])
        loaded(folder)
    by_tables, by_all = loaded(folder), loaded(folder)
    by_all.finder().index.groups
    everything = by_all.finder().index
    more = [target.view.get_mapping() for target in everything.groups[0].targets]
    given = {"{A}": "a", "{B}": "b", "{C}": "c", "{D}": "d/d", "[_b]": "", "[x/]": "x/", "{A:03d}": "007", "{A:s}": "q/r", "{E}": "e/e"}
    for written, value in given.items():
        more = [mapping.replace(written, value) for mapping in more]
    texts += more
    for text in dict.fromkeys(texts):
        assert answer(by_tables, text) == answer(by_all, text), text


#: Sheets, what is written instead of one of them afterwards, and a text with the place that it is of then.
MOVED: dict[str, tuple[dict[str, str], tuple[str, str], str, str]] = {
    # Of its own it has no rare text, and a plugin of its parent takes part no more: the place above the parent counts.
    "a parent that is gone": (
        {"a": "hierarchy: job, mapping: '/jobs/{JOB}'", "b": "hierarchy: '{root}/shot', uses: [job], mapping: '{root}/{SHOT}'"},
        ("b", "hierarchy: elsewhere, mapping: /elsewhere"), "/jobs/a/b", "job/shot/file",
    ),
    "a parent that is written anew": (
        {"a": "hierarchy: job, mapping: '/jobs/{JOB}'", "b": "hierarchy: '{root}/shot', uses: [job], mapping: '{root}/{SHOT}'"},
        ("b", "hierarchy: '{root}/shot', uses: [job], mapping: '{root}/x/{SHOT}'"), "/jobs/a/x/b/c", "job/shot/file",
    ),
    # The last segment of the parent is another one in its texts.
    "a parent that is continued": (
        {"a": "hierarchy: job, mapping: '/jobs'", "b": "hierarchy: '{root}/shot', uses: [job], mapping: '{root}/rare'"},
        ("a", "hierarchy: job, mapping: '/work'"), "/work/rare_lib/c", "job/shot/lib",
    ),
}  # fmt: skip


@pytest.mark.parametrize("sheets, edit, text, place", MOVED.values(), ids=MOVED)
def test_what_is_relative_is_found_by_what_counts_now(
    cache: Path, tmp_path: Path, sheets: dict[str, str], edit: tuple[str, str], text: str, place: str
) -> None:
    folder = tmp_path / "moved"
    folder.mkdir()
    relative = {
        "c": "hierarchy: '{root}/file', uses: [job/shot], mapping: '{root}/{FILE}'",
        "d": "hierarchy: '{root}/lib', uses: [job/shot], mapping: '_lib/{A}'",
    }
    others = {f"e{number}": f"hierarchy: other{number}, mapping: /other{number}" for number in range(5)}
    for name, plugin in {**sheets, **relative, **others}.items():
        (folder / f"{name}.yml").write_text(f"plugins: {{p: {{{plugin}}}}}\n")
    for _ in range(3):
        loaded(folder)
    (folder / f"{edit[0]}.yml").write_text(f"plugins: {{p: {{{edit[1]}}}}}\n")
    for _ in range(3):
        assert loaded(folder).read(text).hierarchy == place


def test_where_a_table_is_damaged_no_places_are_near(opened: Callable[[], Session], monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = opened().registry.now.plugins
    assert nearby_places(plugins, lambda layer, platforms: True, list) is not None
    monkeypatch.setattr(PlaceTable, "of_sheet", lambda self, number: (_ for _ in ()).throw(Damaged("spoilt")))
    assert nearby_places(plugins, lambda layer, platforms: False, list) is None
    assert nearby_places([*plugins], lambda layer, platforms: True, list) is None
