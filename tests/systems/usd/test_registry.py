"""The registry as we offer it: what it takes beyond OpenUSD's own, its places in a session, and the objects of its types."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import PLUGIN_SHEETS, ROOT

from ways.api import Session
from ways.systems.usd import registry as usd_registry
from ways.systems.usd import types as usd_types
from ways.systems.usd import NotLoadableError, Notice, PlugError, Registry
from ways.systems.usd.files.format import places_of

DESK = str(PLUGIN_SHEETS / "foreign" / "usd")


def entry(name: str, types: Any = None, kind: str = "resource", **more: Any) -> dict[str, Any]:
    info = {"Types": types or {}, **more.pop("info", {})}
    return {"Type": kind, "Name": name, "Info": info, **({"LibraryPath": ""} if kind == "library" else {}), **more}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write the plugInfo file of a folder, and return the folder."""

    def put(*entries: dict[str, Any], folder: str = "desk", **more: Any) -> str:
        path = tmp_path / folder / "plugInfo.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"Plugins": list(entries), **more}), encoding="utf-8")
        return str(path.parent)

    return put


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write a module that can be imported during the test."""
    monkeypatch.syspath_prepend(str(tmp_path / "py"))
    (tmp_path / "py").mkdir()
    before = set(sys.modules)

    def put(name: str, text: str) -> None:
        (tmp_path / "py" / f"{name}.py").write_text(text, encoding="utf-8")

    yield put
    for name in set(sys.modules) - before:
        del sys.modules[name]


def codes(faults: Any) -> list[tuple[str, str]]:
    return [(fault.code, fault.level) for fault in faults]


# --- places


def test_types_are_contexts_of_the_session(write: Any) -> None:
    registry = Registry()
    registry.RegisterPlugins(write(entry("brushes", {"mod.Charcoal": {"bases": ["Brush"], "width": 2}})))
    context = registry.session.get_context(("usd", "types", "mod.Charcoal"))
    assert context is not None and context.data == {"bases": ["Brush"], "width": 2}
    assert registry.session.get_context("usd/types/Brush").data == {}
    assert not context.records[0].source.is_trusted


def test_a_registry_and_the_door_make_the_same_places() -> None:
    door = Session()
    door.add_search_path(DESK)
    registry = Registry()
    registry.RegisterPlugins(DESK)
    described = [{place: session.get_context(place).data for place in session.hierarchies()} for session in (door, registry.session)]
    assert described[0] == described[1]
    sources = [[str(plugin.source) for plugin in session.get_all_plugins()] for session in (door, registry.session)]
    assert sources[0] == sources[1]


def test_a_session_that_has_the_sheets_already_gets_nothing_twice() -> None:
    session = Session()
    session.add_search_path(DESK)
    before = len(session.get_all_plugins())
    Registry(session).RegisterPlugins(DESK)
    assert len(session.get_all_plugins()) == before


def test_places_are_made_when_the_session_is_asked_for(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(usd_registry, "places_of", lambda entries: made.append(entries[0].name) or places_of(entries))
    registry = Registry()
    registry.RegisterPlugins([write(entry("a", {"T": {}}), folder="a"), write(entry("b", {"U": {}}), folder="b")])
    assert registry.FindTypeByName("T") and made == []
    assert registry.session.get_context("usd/types/U") is not None and made == ["a", "b"]
    registry.RegisterPlugins(write(entry("c"), folder="c"))
    assert made == ["a", "b", "c"]


@pytest.mark.parametrize("is_asked", [True, False], ids=["asked-before", "asked-later"])
def test_what_a_session_does_not_take_is_only_left_out_of_it(write: Any, is_asked: bool) -> None:
    deep: Any = "core"
    for _ in range(200):
        deep = [deep]
    registry, heard = Registry(), []
    registry.Listen(Notice.DidRegisterPlugins, lambda notice, sender: heard.append(notice))
    if is_asked:
        assert registry.session is not None
    registration = registry.register(write(entry("deep", {"Flat": {"bases": ["Base"]}, "Deep": {"bases": ["Flat"], "x": deep}})))
    assert [plugin.name for plugin in registration.new] == ["deep"] and len(heard) == 1
    assert registry.context(["Flat"]) is not None and registry.context(["Deep"]) is None
    assert registration.new[0].GetMetadataForType("Deep")["x"] == deep
    assert codes(registry.problems) == [("too-large", "warning")]


def test_a_position_is_that_of_what_was_read_whatever_the_file_holds_now(write: Any, tmp_path: Path) -> None:
    text = '{"Plugins": [\n{"Type": "resource",\n"Name": "a", "Info":\n{"Types": {"T": {}}}}]}'
    folder = write(folder="desk")
    (tmp_path / "desk" / "plugInfo.json").write_text(text, encoding="utf-8")
    registry = Registry()
    (plugin,) = registry.RegisterPlugins(folder)
    (tmp_path / "desk" / "plugInfo.json").unlink()
    assert (plugin.entry.source.line, plugin.entry.at("Info", "Types", "T").line) == (2, 4)
    assert registry.session.get_context("usd/types/T").records[0].source.line == 4


@pytest.mark.parametrize("count, shown", [(2, "p0, p1"), (7, "p0, p1, p2, p3, p4, and 2 more")])
def test_the_places_of_many_plugins_show_a_few_names(write: Any, count: int, shown: str) -> None:
    registry = Registry()
    registry.RegisterPlugins(write(*(entry(f"p{number}", Root=f"r{number}") for number in range(count))))
    assert repr(registry.session.descriptor_results[0].item) == f"RegisteredPlaces({shown})"


def test_places_stay_after_a_refresh(write: Any) -> None:
    registry = Registry()
    registry.RegisterPlugins(write(entry("brushes", {"Brush": {}})))
    registry.session.refresh()
    assert registry.session.get_context("usd/types/Brush") is not None


@pytest.mark.parametrize(
    "path", ["Tool/Brush/mod%2ECharcoal", "Tool/mod%2ECharcoal", "mod%2ECharcoal", "Tool/coal", ("Tool", "mod.Charcoal")]
)
def test_a_type_is_found_by_any_way_along_its_bases(write: Any, path: Any) -> None:
    registry = Registry()
    types = {"Brush": {"bases": ["Tool"]}, "mod.Charcoal": {"bases": ["Brush"], "alias": {"Tool": "coal"}}}
    registry.RegisterPlugins(write(entry("brushes", types)))
    assert registry.context(path) is registry.session.get_context("usd/types/mod%2ECharcoal")


@pytest.mark.parametrize("path", ["mod%2ECharcoal/Tool", "Brush/Tool", "Nobody", "", "Tool/Nobody"])
def test_a_way_that_is_none_leads_to_no_context(write: Any, path: str) -> None:
    registry = Registry()
    registry.RegisterPlugins(write(entry("brushes", {"Brush": {"bases": ["Tool"]}})))
    assert registry.context(path) is None


def test_the_way_to_a_type_is_that_of_first_bases_and_leads_back(write: Any) -> None:
    registry = Registry()
    registry.RegisterPlugins(write(entry("b", {"C": {"bases": ["A", "B"]}, "A": {"bases": ["Top"]}, "n.D": {"bases": ["C"]}})))
    assert registry.path_of("n.D") == "Top/A/C/n%2ED"
    assert registry.context(registry.path_of("n.D")).hierarchy == ("usd", "types", "n%2ED")  # type: ignore[union-attr]


def test_only_the_owner_of_a_type_says_what_it_is(write: Any) -> None:
    registry = Registry()
    first, second = write(entry("a", {"T": {"x": 1}}), folder="a"), write(entry("b", {"T": {"x": 2}}), folder="b")
    with pytest.raises(PlugError) as caught:
        registry.RegisterPlugins([first, second])
    assert [fault.code for fault in caught.value.errors] == ["type-already-provided"]
    assert [plugin.name for plugin in caught.value.new] == ["a", "b"]
    assert registry.session.get_context("usd/types/T").data == {"x": 1}
    assert registry.GetPluginWithName("b").GetMetadataForType("T") == {"x": 2}  # type: ignore[union-attr]


def test_two_registries_share_nothing(write: Any) -> None:
    one, other = Registry(), Registry()
    one.RegisterPlugins(write(entry("a", {"T": {}})))
    assert other.GetAllPlugins() == [] and not other.FindTypeByName("T") and other.session.hierarchies() == []


# --- what it takes beyond OpenUSD's own, and tells


def test_plugins_that_share_a_root_are_all_registered_with_a_warning(write: Any) -> None:
    folder = write(entry("a"), entry("b"))
    registration = Registry().register(folder)
    assert [plugin.name for plugin in registration.new] == ["a", "b"]
    assert codes(registration.problems) == [("shared-root", "warning")]
    assert [plugin.name for plugin in Registry(strict=True).register(folder).new] == ["a"]


def test_a_file_that_failed_is_tried_again(write: Any, tmp_path: Path) -> None:
    registry, strict = Registry(), Registry(strict=True)
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "plugInfo.json").write_text("{", encoding="utf-8")
    for each in (registry, strict):
        with pytest.raises(PlugError):
            each.RegisterPlugins(str(tmp_path / "desk"))
    folder = write(entry("a"))
    assert [plugin.name for plugin in registry.RegisterPlugins(folder)] == ["a"]
    assert strict.RegisterPlugins(folder) == [] == registry.RegisterPlugins(folder)


def test_strictly_a_folder_without_a_file_is_tried_once_too(write: Any, tmp_path: Path) -> None:
    write(entry("a"), folder="a")
    (tmp_path / "b").mkdir()
    registries = Registry(strict=True), Registry()
    assert [[plugin.name for plugin in each.RegisterPlugins(f"{tmp_path}/*//")] for each in registries] == [["a"]] * 2
    write(entry("b"), folder="b")
    assert [[plugin.name for plugin in each.RegisterPlugins(f"{tmp_path}/*/")] for each in registries] == [[], ["b"]]


def test_a_file_is_read_once_however_it_is_spelled(write: Any, tmp_path: Path) -> None:
    folder = write(entry("a"), Includes=["./", "*.json", "../desk/plugInfo.json"])
    (tmp_path / "link").symlink_to(folder)
    registration = Registry().register([folder, f"{folder}//plugInfo.json", str(tmp_path / "link")])
    assert [plugin.name for plugin in registration.new] == ["a"] and not registration.problems


def test_what_the_registry_passes_over_in_silence_is_reported(write: Any, tmp_path: Path) -> None:
    folder = write(entry("a"), Includes=["gone/", "x*/"])
    again = write(entry("a"), folder="again")
    registration = Registry().register([folder, str(tmp_path / "absent"), again])
    assert codes(registration.problems) == [("nothing-included", "warning")] * 3 + [("duplicate-plugin", "warning")]
    assert not Registry(strict=True).register([folder, str(tmp_path / "absent"), again]).problems


@pytest.mark.parametrize("bases, code", [({"A": ["A"]}, "own-base"), ({"A": ["B"], "B": ["C"], "C": ["A"]}, "base-ring")])
def test_types_that_are_each_others_base_are_refused_with_the_circle(write: Any, bases: Any, code: str) -> None:
    registry = Registry()
    registration = registry.register(write(entry("a", {name: {"bases": above} for name, above in bases.items()})))
    assert codes(registration.problems) == [(code, "error")]
    assert "'A' -> " in registration.problems[0].message and "left out" in registration.problems[0].message
    for name in bases:
        assert registry.FindTypeByName(name).GetAllAncestorTypes()[-1] is registry.types.root


def test_strictly_a_circle_of_bases_is_registered_and_an_error_when_it_is_asked_for(write: Any) -> None:
    registry = Registry(strict=True)
    assert registry.RegisterPlugins(write(entry("a", {"A": {"bases": ["B"]}, "B": {"bases": ["A"]}, "C": {}, "D": {"bases": ["C"]}})))
    a, c, d = (registry.FindTypeByName(name) for name in "ACD")
    assert a.IsA("B") and not a.IsA(d)
    for question in (a.GetAllAncestorTypes, a.GetAllDerivedTypes, lambda: a.IsA(c), lambda: registry.path_of(a)):
        with pytest.raises(PlugError, match="each other's base: '[AB]' -> '[AB]' -> '[AB]'"):
            question()  # type: ignore[operator]


def test_bases_that_cannot_be_ordered_are_reported_when_registered(write: Any) -> None:
    types = {"A": {"bases": ["X", "Y"]}, "B": {"bases": ["Y", "X"]}, "C": {"bases": ["A", "B"]}}
    registration = Registry().register(write(entry("a", types)))
    assert codes(registration.problems) == [("inconsistent-ancestors", "warning")]


@pytest.mark.parametrize("path", [Path("/tmp"), None, 5, ["/x", 5], bytearray(b"/x")], ids=str)
def test_what_is_no_path_is_a_type_error_and_registers_nothing(path: Any) -> None:
    registry = Registry(strict=True)
    with pytest.raises(TypeError):
        registry.RegisterPlugins(path)
    assert registry.GetAllPlugins() == []


def test_paths_of_pathlib_are_paths_unless_strict(write: Any) -> None:
    assert [plugin.name for plugin in Registry().RegisterPlugins(Path(write(entry("a"))))] == ["a"]


def test_an_error_says_where_and_what(write: Any) -> None:
    folder = write({"Type": "resource", "Name": "", "Info": {}}, "nothing")
    registration = Registry().register(folder)
    assert [str(fault) for fault in registration.errors] == [
        f"{folder}/plugInfo.json:1:35: Plugins[0].Name: expected a name, but the key 'Name' doesn't hold a valid name: "
        "the plugin is left out",
        f"{folder}/plugInfo.json:1:60: Plugins[1]: expected an object, found a text",
    ]


def test_a_very_long_chain_of_bases_is_walked(write: Any) -> None:
    registry = Registry(strict=True)
    registry.RegisterPlugins(write(entry("a", {f"T{n:04}": {"bases": [f"T{n - 1:04}"] if n else []} for n in range(3000)})))
    last = registry.FindTypeByName("T2999")
    assert len(last.GetAllAncestorTypes()) == 3001 and last.IsA("T0000")
    assert len(registry.GetAllDerivedTypes("T0000")) == 2999


@pytest.mark.parametrize("is_strict", [True, False])
def test_each_of_many_plugins_and_types_costs_no_more_than_the_first(write: Any, is_strict: bool) -> None:
    types = {f"T{n}": {"bases": ["B"]} for n in range(4000)}
    many = [entry(f"p{n}", Root=f"r{n}") for n in range(4000)]
    registry = Registry(strict=is_strict)
    assert len(registry.RegisterPlugins(write(entry("a", types, Root="a"), *many))) == 4001
    owner = registry.GetPluginWithName("a")
    assert all(owner.GetMetadataForType(name) == {"bases": ["B"]} for name in types)


def test_types_of_two_bases_each_are_put_in_order_together(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    types = {f"T{n:04}": {"bases": [f"T{n - 1:04}", f"T{n - 2:04}"]} for n in range(2, 700)}
    registry = Registry()
    assert not registry.register(write(entry("a", types))).problems
    monkeypatch.setattr(usd_types, "MAX_ANCESTORS", 1000)
    with pytest.raises(PlugError, match="more than 1000"):
        registry.FindTypeByName("T0699").GetAllAncestorTypes()
    assert codes(Registry().register(write(entry("a", types))).problems) == [("too-many-ancestors", "warning")]


def test_no_more_files_are_read_than_may_be(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ways.systems.usd import reading as usd_reading

    monkeypatch.setattr(usd_reading, "MAX_FILES", 3)
    top = write(Includes=["../d*/"], folder="top")
    for number in range(5):
        write(entry(f"p{number}"), folder=f"d{number}")
    assert codes(Registry().register(top).errors) == [("too-many-files", "error")]


# --- notices


def test_a_listener_may_register_more_and_may_leave(write: Any) -> None:
    registry, heard = Registry(), []
    second = write(entry("b"), folder="b")

    def listen(notice: Any, sender: Registry) -> None:
        heard.append([plugin.name for plugin in notice.GetNewPlugins()])
        sender.RegisterPlugins(second)

    key = registry.Listen(Notice.DidRegisterPlugins, listen)
    registry.RegisterPlugins(write(entry("a"), folder="a"))
    key.Revoke()
    registry.RegisterPlugins(write(entry("c"), folder="c"))
    assert heard == [["a"], ["b"]]


def test_what_a_listener_raises_is_raised_and_the_plugins_stay(write: Any) -> None:
    registry = Registry()
    registry.Listen("PlugNotice::Base", lambda notice, sender: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        registry.RegisterPlugins(write(entry("a")))
    assert [plugin.name for plugin in registry.GetAllPlugins()] == ["a"]


# --- loading


def test_a_native_library_is_catalogued_and_refused_with_all_that_needs_it(write: Any) -> None:
    registry = Registry()
    native = entry("native", {"N": {}}, "library", LibraryPath="n.so", Root="n")
    needs = entry("needs", {"P": {}}, "python", info={"PluginDependencies": {"N": ["N"]}}, Root="p")
    registry.RegisterPlugins(write(native, needs))
    plugin = registry.GetPluginForType("N")
    assert plugin is not None and plugin.path.endswith("/n/n.so") and not plugin.isLoaded
    with pytest.raises(NotLoadableError, match="'native' is a native library"):
        plugin.Load()
    with pytest.raises(NotLoadableError) as caught:
        registry.GetPluginWithName("needs").Load()  # type: ignore[union-attr]
    assert [fault.code for fault in caught.value.errors] == ["library-load-failed", "dep-not-loadable"]


def test_the_object_of_a_type_comes_from_the_module_when_it_is_asked_for(write: Any, module: Any) -> None:
    module("usdt_brushes", "class Charcoal: pass\nclass Box: inner = 7\n")
    registry = Registry()
    registry.RegisterPlugins(write(entry("usdt_brushes", {"usdt_brushes.Charcoal": {}, "Other": {}}, "python")))
    assert "usdt_brushes" not in sys.modules
    assert registry.object_of("usdt_brushes.Charcoal").__name__ == "Charcoal"
    assert registry.object_of("Other", "Box.inner") == 7
    with pytest.raises(PlugError, match="say where the object of 'Other' is"):
        registry.object_of("Other")


def test_a_type_without_a_module_in_its_name_is_found_under_its_own(write: Any, module: Any) -> None:
    module("usdt_filters", "class MyCustomCoolFilter: pass\nclass Shelf:\n    class Low: pass\n")
    module("usdt_codecs", "import usdt_filters\nclass MyTIFFCodec: pass\n")
    registry = Registry()
    filters = {"MyCustomCoolFilter": {"bases": ["ImageFilter"]}, "Shelf.Low": {}, "Shelf.High": {}}
    needed = {"PluginDependencies": {"ImageCodec": ["MyTIFFCodec"]}}
    registry.RegisterPlugins(write(
        entry("usdt_filters", filters, "python", Root="f", info=needed),
        entry("usdt_codecs", {"MyTIFFCodec": {"bases": ["ImageCodec"]}}, "python", Root="c"),
    ))  # fmt: skip
    assert "usdt_filters" not in sys.modules
    assert registry.object_of("MyCustomCoolFilter").__name__ == "MyCustomCoolFilter"
    assert registry.GetPluginWithName("usdt_codecs").isLoaded  # type: ignore[union-attr]
    (cool,) = registry.GetAllDerivedTypes("ImageFilter")
    assert type(cool.pythonClass()) is registry.object_of(cool)  # type: ignore[misc]
    assert registry.types.converted(cool.pythonClass) is cool
    assert registry.object_of("Shelf.Low").__name__ == "Low"
    with pytest.raises(PlugError, match="has no 'Shelf.High': say where"):
        registry.object_of("Shelf.High")


@pytest.mark.parametrize("name, error", [("Base", PlugError), ("Flat", NotLoadableError), ("Built", NotLoadableError)])
def test_a_type_without_python_code_has_no_object(write: Any, name: str, error: type[Exception]) -> None:
    registry = Registry()
    registry.RegisterPlugins(write(entry("r", {"Flat": {"bases": ["Base"]}}, Root="r"), entry("l", {"Built": {}}, "library", Root="l")))
    with pytest.raises(error, match=name):
        registry.object_of(name)


def test_what_a_module_raises_is_the_cause(write: Any, module: Any) -> None:
    module("usdt_broken", "raise KeyError('ink')")
    registry = Registry()
    registry.RegisterPlugins(write(entry("usdt_broken", kind="python")))
    with pytest.raises(PlugError, match="KeyError: 'ink'") as caught:
        registry.GetPluginWithName("usdt_broken").Load()  # type: ignore[union-attr]
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize("name", ["os; import sys as zz", "a-b", "a..b", ".a", "a b"])
def test_a_name_that_is_no_module_is_never_imported(write: Any, name: str) -> None:
    registry = Registry()
    registry.RegisterPlugins(write(entry(name, kind="python")))
    with pytest.raises(PlugError, match="is no name of a module: nothing is imported"):
        registry.GetAllPlugins()[0].Load()


def test_a_long_chain_of_dependencies_is_loaded(write: Any) -> None:
    entries = []
    for number in range(1500):
        info = {"PluginDependencies": {"T0": [f"T{number + 1}"]} if number < 1499 else {}}
        entries.append(entry(f"p{number}", {f"T{number}": {}}, "library", info=info, Root=str(number)))
    registry = Registry()
    registry.RegisterPlugins(write(*entries))
    assert registry.GetPluginWithName("p0").Load()  # type: ignore[union-attr]
    assert all(plugin.isLoaded for plugin in registry.GetAllPlugins())


def test_types_that_only_compiled_code_declares_can_be_named(write: Any) -> None:
    needs = entry("l", {"T": {}}, "library", info={"PluginDependencies": {"TfNotice": []}})
    folder = write(needs)
    with pytest.raises(PlugError, match="TfNotice"):
        registry = Registry()
        registry.RegisterPlugins(folder)
        registry.GetAllPlugins()[0].Load()
    registry = Registry(known_types=["TfNotice"])
    registry.RegisterPlugins(folder)
    assert registry.GetAllPlugins()[0].Load()


# --- the standard search


def test_the_search_path_is_read_only_when_it_is_asked_for(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(entry("a"))
    monkeypatch.setenv("PXR_PLUGINPATH_NAME", folder)
    assert Registry().GetAllPlugins() == []
    assert [plugin.name for plugin in Registry(environ=os.environ).GetAllPlugins()] == ["a"]
    monkeypatch.setenv("PXR_DISABLE_STANDARD_PLUG_SEARCH_PATH", "Yes")
    assert Registry(environ=os.environ).GetAllPlugins() == []


def test_a_relative_search_path_is_reported_and_not_searched(write: Any) -> None:
    registry = Registry(environ={"PXR_PLUGINPATH_NAME": "here"})
    assert registry.GetAllPlugins() == []
    assert codes(registry.problems) == [("relative-search-path", "warning")]


def test_an_error_of_the_search_is_raised_once(write: Any, tmp_path: Path) -> None:
    registry = Registry(environ={"PXR_PLUGINPATH_NAME": write(entry("a"), entry(""))})
    with pytest.raises(PlugError):
        registry.FindTypeByName("T")
    assert [plugin.name for plugin in registry.GetAllPlugins()] == ["a"]


def test_describing_runs_and_imports_nothing_foreign(tmp_path: Path) -> None:
    code = "import sys; from ways.systems.usd import Registry; Registry().RegisterPlugins(sys.argv[1]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, DESK], capture_output=True, check=True, encoding="utf-8")
    assert "desk_brushes" not in done.stdout.split()


def test_the_unknown_type_is_refused_wherever_a_known_one_is_needed(write: Any) -> None:
    registry = Registry()
    (plugin,) = registry.RegisterPlugins(write(entry("a", {"A": {}})))
    unknown = registry.types.unknown
    asked = (
        lambda: registry.types.find("A").IsA(unknown),
        lambda: unknown.GetAllAncestorTypes(),
        lambda: plugin.DeclaresType(unknown, True),
        lambda: registry.GetPluginForType(unknown),
    )
    for ask in asked:
        with pytest.raises(PlugError) as caught:
            ask()
        assert caught.value.errors[0].code == "unknown-type"
    with pytest.raises(TypeError, match="found 3"):
        registry.GetPluginForType(3)
    with pytest.raises(TypeError, match="found 'B'"):
        registry.GetPluginForType("B")


def test_what_a_listener_raises_in_the_first_search_is_raised_once(write: Any) -> None:
    registry = Registry(environ={"PXR_PLUGINPATH_NAME": write(entry("a"))})

    def refuse(notice: object, sender: object) -> None:
        raise LookupError("not now")

    registry.Listen(Notice.DidRegisterPlugins, refuse)
    with pytest.raises(LookupError, match="not now"):
        registry.GetAllPlugins()
    assert [plugin.name for plugin in registry.GetAllPlugins()] == ["a"]


def test_the_page_has_every_code() -> None:
    page = (ROOT / "docs" / "howto" / "openusd.rst").read_text(encoding="utf-8")
    modules = (ROOT / "ways" / "systems" / "usd").rglob("*.py")
    codes = {code for path in modules for code in re.findall(r'(?:fault|add|remark)\("([a-z-]+)"', path.read_text("utf-8"), re.I)}
    assert len(codes) > 40 and [code for code in sorted(codes) if f"``{code}``" not in page] == []


# --- what a file may say wrongly of a type


def faults_of(registry: Registry, path: str) -> set[str]:
    """Register what is at *path*, and return the codes of what is wrong."""
    return {fault.code for fault in registry.register(path).problems}


def test_bases_that_are_no_list_leave_a_type_without_any(write: Any) -> None:
    registry = Registry()
    found = faults_of(registry, write(entry("brushes", {"Charcoal": {"bases": "Brush"}})))
    assert "bases-not-strings" in found and registry.types.find("Charcoal").baseTypes == (registry.types.root,)


def test_a_type_that_was_declared_keeps_its_bases_and_the_root_is_no_ones(write: Any) -> None:
    registry = Registry()
    registry.RegisterPlugins(write(entry("one", {"Charcoal": {"bases": ["Brush"]}})))
    more = write(entry("two", {"Charcoal": {"bases": ["Pencil"]}, "TfType::_Root": {"bases": ["Brush"]}}), folder="more")
    assert faults_of(registry, more) >= {"bases-differ", "root-type"}


def test_a_type_is_itself_and_derives_from_each_of_its_bases_once(write: Any) -> None:
    registry = Registry()
    registry.RegisterPlugins(write(entry("shapes", {
        "D": {"bases": ["B", "C"]}, "B": {"bases": ["A"]}, "C": {"bases": ["A"]}, "A": {"bases": ["Top"]}, "Apart": {"bases": ["Other"]},
    })))  # fmt: skip
    find = registry.types.find
    assert find("D").IsA(find("D")) and find("D").IsA("Top") and find("D").IsA(registry.types.root)
    assert not find("D").IsA("Apart") and not find("D").IsA("Other") and not find("A").IsA("D")


def test_a_plugin_declares_what_it_lists(write: Any) -> None:
    registry = Registry()
    (plugin,) = registry.RegisterPlugins(write(entry("shapes", {"D": {"bases": ["B"]}})))
    assert plugin.DeclaresType("D") and not plugin.DeclaresType("B") and plugin.DeclaresType("B", includeSubclasses=True)


def test_a_listener_that_left_may_leave_again(write: Any) -> None:
    registry, heard = Registry(), []
    listener = registry.Listen(Notice.DidRegisterPlugins, lambda *given: heard.append(given))
    listener.Revoke()
    listener.Revoke()
    registry.RegisterPlugins(write(entry("one")))
    assert heard == []
