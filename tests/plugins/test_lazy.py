"""Plugins out of compiled sheets: the same ones as out of the sheets, each made once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ways import settings
from ways.hierarchy import Hierarchy
from ways.plugins.lazy import LazyPlugins, making_of
from ways.session import Session
from ways.sheets.store import compiled, stamps

pytestmark = pytest.mark.portability

SHEET = """
    plugins:
      job: {{hierarchy: job{0}, mapping: '/jobs{0}/{{JOB}}', assignment: {1}}}
      lib: {{hierarchy: '{{root}}/lib', uses: [job{0}, job{0}/shot], mapping: '{{root}}/lib'}}
      shot: {{hierarchy: '{{root}}/shot', uses: [job{0}], mapping: '{{root}}/{{SHOT}}', when: {{JOB: [dune]}}}}
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Turn the store on, in a folder of the test's own."""
    monkeypatch.setenv("WAYS_CACHE", "1")
    for module in ("ways.settings", "ways.sources.loader"):
        monkeypatch.setattr(f"{module}.cache_folder", lambda environ: str(tmp_path / "cache"))
    monkeypatch.setattr("ways.sources.loader.state_folder", lambda environ: str(tmp_path / "state"))
    monkeypatch.setattr(stamps, "FRESH", 0)
    assert settings.cache_folder({}) == str(tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def stored(write_sheet: Callable[..., str], tmp_path: Path) -> Callable[..., LazyPlugins]:
    """Return the plugins of some sheets, by their numbers, out of the store."""

    def load(*numbers: int) -> LazyPlugins:
        for number in numbers:
            write_sheet(SHEET.format(number, "''" if number % 2 else "night"), f"{numbers[0]}/{number}.yml")
        for _ in range(2):
            session = Session()
            session.add_search_path(str(tmp_path / str(numbers[0])))
        plugins = session.registry.now.plugins
        assert isinstance(plugins, LazyPlugins)
        return plugins

    return load


def places(numbers: tuple[int, ...]) -> list[Hierarchy]:
    return [Hierarchy.of(f"job{number}{below}") for number in numbers for below in ("", "/shot", "/lib", "/shot/lib")]


def test_of_what_plugins_are_made_is_told_without_making_any(stored: Callable[..., LazyPlugins]) -> None:
    plugins = stored(1, 2, 3)
    # Those with a condition are made at once.
    before = {*plugins._plugins}
    told = [(dict(made.values), str(made.place), str(made.parent), made.assignment) for made in plugins.makings()]
    assert plugins._plugins.keys() == before and len(before) == 3
    made = [making_of(plugin) for plugin in plugins]
    assert [(values, place, parent, layer) for values, place, parent, layer in told] == [
        (dict(each.values), each.place.text, each.parent and each.parent.text, each.assignment) for each in made
    ]
    assert {parent for _, _, parent, _ in told} == {"", *(f"job{number}{below}" for number in (1, 2, 3) for below in ("", "/shot"))}
    assert list(plugins.makings(slice(1, 2)))[0].place == "job2"


def test_the_plugins_of_one_sheet_are_told_and_no_other_is_made(stored: Callable[..., LazyPlugins]) -> None:
    plugins = stored(1, 2, 3)
    path = plugins.parts[1].sheet.source.path
    before = {*plugins._plugins.values()}
    own = plugins.of_sheet(path)
    assert [plugin.hierarchy.text for plugin in own] == ["job2", "job2/lib", "job2/shot/lib", "job2/shot"]
    assert {plugin.sources for plugin in own} == {(path,)} and {*plugins._plugins.values()} == before.union(own)
    assert plugins.of_sheet("elsewhere.yml") == []


@pytest.mark.parametrize("count", [1, 3])
def test_plugins_that_are_joined_stay_the_same_objects(stored: Callable[..., LazyPlugins], count: int) -> None:
    first, second = stored(*range(10, 10 + count)), stored(20, 21, 22, 23)
    known = {place: source.at(place) for source, numbers in ((first, (10,)), (second, (20, 21, 22, 23))) for place in places(numbers)}
    both = first.joined(second)
    assert all(both.at(place)[0] is plugins[0] for place, plugins in known.items())
    assert [plugin.hierarchy.text for plugin in both] == [plugin.hierarchy.text for source in (first, second) for plugin in source]
    assert all(both.at(place)[0] is plugins[0] for place, plugins in known.items())


def test_copies_of_one_plugin_have_one_record_also_where_they_are_joined(stored: Callable[..., LazyPlugins]) -> None:
    first, second = stored(10, 11, 12), stored(20, 21, 22)
    for number in (20, 21, 22):
        (copy,) = second.at(Hierarchy.of(f"job{number}/lib"))
        (other,) = first.joined(second).at(Hierarchy.of(f"job{number}/shot/lib"))
        assert other.record is copy.record


def test_plugins_of_one_place_stand_in_the_order_of_the_sheets(write_sheet: Callable[..., str], tmp_path: Path) -> None:
    def load() -> list[str]:
        session = Session()
        session.add_search_path(str(tmp_path / "many"))
        plugins = session.registry.now.plugins
        assert not is_stored or isinstance(plugins, LazyPlugins)
        return [Path(plugin.sources[0]).name for plugin in session.need_context("job").records]

    is_stored = False
    for number in range(7):
        write_sheet(f"plugins: {{a: {{hierarchy: job, mapping: /{number}}}}}", f"many/{number}.yml")
    expected = [f"{number}.yml" for number in range(7)]
    # Out of the sheets, out of their catalog, and with some that the catalog doesn't know any more.
    assert load() == expected
    is_stored = True
    assert load() == expected
    write_sheet("plugins: {a: {hierarchy: job, mapping: /edited}}", "many/3.yml")
    is_stored = False
    assert load() == expected
    is_stored = True
    assert load() == expected


def test_a_parent_that_is_not_named_is_damage_also_where_no_plugin_is_made(
    write_sheet: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = compiled._packable_record
    monkeypatch.setattr(compiled, "_packable_record", lambda *told: [*real(*told)[:3], [(place, 9) for place, _ in real(*told)[3]]])
    path = write_sheet("plugins: {a: {hierarchy: a}, b: {hierarchy: '{root}/b', uses: [a]}}")
    for _ in range(2):
        session = Session()
        session.add_search_path(path)
    plugins = session.registry.now.plugins
    assert isinstance(plugins, LazyPlugins) and plugins.is_whole
    assert [str(made.parent) for made in plugins.makings()] == ["", "('a',)"] and not plugins.is_whole


def test_a_sheet_whose_entry_is_damaged_is_read_again_also_where_it_was_joined(stored: Callable[..., LazyPlugins]) -> None:
    first, second = stored(10, 11, 12), stored(20, 21)
    second._reload_part(1)
    again = second.at(Hierarchy.of("job21"))
    both = first.joined(second)
    assert not second.is_whole and not both.is_whole
    assert both.at(Hierarchy.of("job21")) == again and len(again) == 1
    assert [len(both.at(place)) for place in places((10, 11, 12, 20, 21))] == [1] * 20
    assert both.at(Hierarchy.of("job")) == []
