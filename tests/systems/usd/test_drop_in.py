"""A script for ``pxr`` does the same with ``ways.systems.usd`` in its place: name by name, and as a whole."""

from __future__ import annotations

import json
import os
import pickle
import struct
import subprocess
import sys
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from conftest import PLUGIN_SHEETS, ROOT
from systems.usd.record import RECORD, answers
from systems.usd.test_usd_peer import PEER
from systems.usd.usd_table import PAGE, ROWS, TF

from ways.systems.usd import PlugError
from ways.systems.usd.errors import fault
from ways.systems.usd.notice import Listeners

HERE = Path(__file__).parent
RECORDED: list[Any] = json.loads(RECORD.read_text(encoding="utf-8"))
NUMBERED = [pytest.param(number, id=f"{number}-{subject}") for number, (subject, _) in enumerate(ROWS)]
needs_peer = pytest.mark.skipif(not PEER, reason="usd-core is not installed")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return answers(sys.executable, "ways.systems.usd", str(tmp_path_factory.mktemp("ours")))


def test_each_name_of_the_page_has_a_row() -> None:
    names = {*(f"Plug.{name}" for name in PAGE), *(f"Tf.{name}" for name in TF)}
    assert names == {subject for subject, _ in ROWS} and len(RECORDED) == len(ROWS)


@pytest.mark.parametrize("number", NUMBERED)
def test_each_row_gives_what_openusd_gave(number: int, ours: list[Any]) -> None:
    assert ours[number] == RECORDED[number], ROWS[number][1]


@needs_peer
def test_openusd_gives_what_is_recorded(tmp_path: Path) -> None:
    given = zip(ROWS, answers(PEER, "pxr", str(tmp_path)), RECORDED, strict=True)
    assert [(row, theirs, recorded) for row, theirs, recorded in given if theirs != recorded] == []


# --- a whole script

IMPORT = "from pxr import Plug, Tf"


def make_world(root: Path, package: str) -> None:
    """Write the plugins of the script; their modules import from the same package as it does."""
    own = f"from {package} import Plug, Tf\n"
    defined = own + "class {0}(Plug._TestPlugBase{1}):\n    def GetTypeName(self): return 'the {2}'\nTf.Type.Define({0})\n"
    modules: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "early": (defined.format("Early", 2, "early"), {"usds_early.Early": ["_TestPlugBase<2>"]}, {}),
        "first": (defined.format("First", 2, "first"), {"usds_first.First": ["_TestPlugBase<2>"]}, {}),
        "second": (
            defined.format("Second", 2, "second"),
            {"usds_second.Second": ["_TestPlugBase<2>"]},
            {"_TestPlugBase<2>": ["usds_first.First"]},
        ),
        "lost": ("1 / 0\n", {"UsdsLost": ["_TestPlugBase<1>"]}, {}),
        "needs": ("", {"UsdsNeeds": []}, {"_TestPlugBase<1>": ["UsdsLost"]}),
        "cycle": ("", {"UsdsCycle": []}, {"UsdsCycle": ["UsdsCycle"]}),
        "unlisted": ("", {}, {}),
    }
    for name, (text, types, dependencies) in modules.items():
        info = {"Types": {type: {"bases": bases} for type, bases in types.items()}, "PluginDependencies": dependencies}
        write(root / "lib/python" / f"usds_{name}" / "__init__.py", text)
        write_plugin(root / "lib/python" / f"usds_{name}", {"Type": "python", "Name": f"usds_{name}", "Info": info})
    write(root / "lib/python/usds_empty/plugInfo.json", "# nothing\n")
    rough = {"bases": ["UsdsPaper"], "text": "rough", "numbers": [1, 2.5, -3], "yes": True, "nothing": None, "inner": {"a": ["b"]}}
    papers = {"Types": {"UsdsPaper": {}, "UsdsRough": rough}}
    write_plugin(root / "lib/papers/resources", {"Type": "resource", "Name": "usds_papers", "Info": papers})
    write(root / "lib/papers/resources/grain.txt", "")
    native = {"Types": {"UsdsNative": {"bases": ["_TestPlugBase<2>"]}}}
    write_plugin(root / "lib/native/resources", {"Type": "library", "Name": "usds_native", "LibraryPath": "gone.so", "Info": native})


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_plugin(folder: Path, entry: dict[str, Any]) -> None:
    write(folder / "plugInfo.json", "# One plugin.\n" + json.dumps({"Plugins": [entry]}))


def run_script(python: str, package: str, root: Path) -> str:
    """Run the script with a package in the place of ``pxr``; return what its tests print."""
    make_world(root, package)
    text = (HERE / "usd_script.py").read_text(encoding="utf-8")
    assert text.count(IMPORT) == 1
    write(root / "script.py", text.replace(IMPORT, f"from {package} import Plug, Tf"))
    command = [python, str(root / "script.py"), str(root)]
    environ = {**os.environ, "PXR_DISABLE_STANDARD_PLUG_SEARCH_PATH": "1"}
    return subprocess.run(command, capture_output=True, timeout=120, encoding="utf-8", env=environ).stderr


def test_a_script_runs_with_its_import_changed(tmp_path: Path) -> None:
    printed = run_script(sys.executable, "ways.systems.usd", tmp_path)
    assert "Ran 7 tests" in printed and printed.endswith("OK\n"), printed


@needs_peer
def test_that_script_is_one_for_openusd(tmp_path: Path) -> None:
    printed = run_script(PEER, "pxr", tmp_path)
    assert "Ran 7 tests" in printed and printed.endswith("OK\n"), printed


@needs_peer
def test_the_script_of_the_page_is_one_for_openusd(tmp_path: Path) -> None:
    page = (ROOT / "docs/howto/openusd.rst").read_text(encoding="utf-8")
    blocks = {name: page.partition(f":caption: {name}\n\n")[2] for name in ("desk_brushes.py", "brushes.py")}
    for name, block in blocks.items():
        lines = takewhile(lambda line: not line or line.startswith("   "), block.split("\n"))
        write(tmp_path / name, "\n".join(line[3:] for line in lines).replace("ways.systems.usd", "pxr"))
    environ = {**os.environ, "PXR_PLUGINPATH_NAME": str(PLUGIN_SHEETS / "foreign/usd")}
    command = [PEER, str(tmp_path / "brushes.py")]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True, encoding="utf-8", env=environ)
    first, *printed = done.stdout.splitlines()
    shown = page.partition("$ python brushes.py\n")[2].partition("\n\n")[0].splitlines()[1:]
    class_line = shown.index("   4 <class 'desk_brushes.Charcoal'>")
    assert "'desk_brushes', 'desk_papers'" in first
    assert printed == [line.strip() if number != class_line else "4 None" for number, line in enumerate(shown)]


def run_code(code: str, *arguments: str, **environ: str) -> str:
    """Run Python code in a new process; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", "from ways.systems.usd import Plug, Tf\nimport sys\n" + code, *arguments],
        capture_output=True, timeout=120, check=True, encoding="utf-8", env={**os.environ, **environ},
    )  # fmt: skip
    return done.stdout


def test_the_environment_is_searched_at_the_first_question(tmp_path: Path) -> None:
    write_plugin(tmp_path / "a", {"Type": "resource", "Name": "usds_found", "Info": {"Types": {"UsdsFound": {}}}})
    code = (
        "print(Tf.Type.FindByName('UsdsFound'), [p.name for p in Plug.Registry().GetAllPlugins()], Tf.Type.FindByName('UsdsFound'))\n"
        "from ways.systems.usd import Registry\n"
        "from ways.api import Session\n"
        "print(Registry().GetAllPlugins(), Registry(Session()).GetAllPlugins())"
    )
    found = "Tf.Type.Unknown ['usds_found'] Tf.Type.FindByName('UsdsFound')\n[] []\n"
    assert run_code(code, PXR_PLUGINPATH_NAME=str(tmp_path / "a")) == found
    by_name = "print(Plug.Registry().GetPluginForType('UsdsFound').name)"
    assert run_code(by_name, PXR_PLUGINPATH_NAME=str(tmp_path / "a")) == "usds_found\n"
    assert "usds_found" not in run_code(code, PXR_PLUGINPATH_NAME=str(tmp_path / "a"), PXR_DISABLE_STANDARD_PLUG_SEARCH_PATH="1")


def test_messages_are_written_where_they_are_switched_on(tmp_path: Path) -> None:
    write(tmp_path / "usds_noisy.py", "")
    write_plugin(tmp_path, {"Type": "python", "Name": "usds_noisy", "Info": {}})
    code = (
        "sys.path.append(sys.argv[1])\n"
        "Plug.Registry().RegisterPlugins(sys.argv[1])[0].Load()\n"
        "print(Tf.Debug.GetDebugSymbolDescription('PLUG_LOAD'), Tf.Debug.GetDebugSymbolDescription('NONE'), '.')\n"
        "Tf.Debug.SetOutputFile(sys.stderr)\n"
        "Tf.Debug.write('PLUG_REGISTRATION', 'not here')"
    )
    quiet, noisy = (run_code(code, str(tmp_path), TF_DEBUG=value).splitlines() for value in ("", "PLUG_* -PLUG_INFO_SEARCH"))
    assert quiet == ["Plugins that are loaded  ."]
    assert [line.partition(" ")[0] for line in noisy] == ["Registered", "Loaded", "Plugins"]
    assert run_code(code, str(tmp_path), TF_DEBUG="PLUG_INFO_SEARCH").startswith(f"Will check plugin info path {str(tmp_path)!r}.")


def test_a_package_that_imports_from_pxr_can_be_given_ours(tmp_path: Path) -> None:
    write(tmp_path / "usds_theirs.py", IMPORT + "\nclass Pen:\n    width = 2\nTf.Type.Define(Pen)\n")
    info = {"Types": {"usds_theirs.Pen": {"bases": ["builtins.object"]}}}
    write_plugin(tmp_path, {"Type": "python", "Name": "usds_theirs", "Info": info})
    code = (
        "import ways.systems.usd\nsys.modules['pxr'] = ways.systems.usd\nsys.path.append(sys.argv[1])\n"
        "Plug.Registry().RegisterPlugins(sys.argv[1])[0].Load()\n"
        "print(Tf.Type.FindByName('usds_theirs.Pen').pythonClass().width)"
    )
    assert run_code(code, str(tmp_path)) == "2\n"


def test_what_is_loaded_without_code_is_no_name_of_the_main_module(tmp_path: Path) -> None:
    write_plugin(tmp_path, {"Type": "library", "Name": "usds_built_in", "LibraryPath": "", "Info": {}})
    code = "print(Plug.Registry().RegisterPlugins(sys.argv[1])[0].Load(), hasattr(sys.modules['__main__'], 'usds_built_in'))"
    assert run_code(code, str(tmp_path)) == "True False\n"


def test_a_function_that_nothing_can_refer_weakly_to_lives_with_its_key() -> None:
    class Counter:
        __slots__ = ("count",)

        def __init__(self) -> None:
            self.count = 0

        def __call__(self, notice: object, sender: object) -> None:
            self.count += 1

    listeners, counter = Listeners(), Counter()
    key = listeners.add(str, counter)
    assert listeners.send("a notice") == 1 and counter.count == 1
    assert listeners.send(5) == 0
    del key
    assert listeners.send("a notice") == 0


# --- classes of loaded plugins, which is a rule of ours


def test_a_loaded_plugin_gives_its_types_their_classes(tmp_path: Path) -> None:
    write(tmp_path / "usds_filters.py", "import sys\nclass ImageFilter: pass\nclass Cool(ImageFilter): name = 'cool'\nclass Plain: pass\n")
    types = {"UsdsImageFilter": {}, "Cool": {"bases": ["UsdsImageFilter"]}, "usds_filters.Plain": {}, "Absent": {}, "sys": {}}
    write_plugin(tmp_path, {"Type": "python", "Name": "usds_filters", "Info": {"Types": types}})
    code = (
        "sys.path.append(sys.argv[1])\n"
        "plugin = Plug.Registry().RegisterPlugins(sys.argv[1])[0]\n"
        "t = Plug.Registry.GetAllDerivedTypes('UsdsImageFilter')[0]\n"
        "print(t.pythonClass, t.sizeof, 'usds_filters' in sys.modules)\n"
        "plugin.Load()\n"
        "print(t.pythonClass().name, t.sizeof, Tf.Type.Find(t.pythonClass) == t)\n"
        "print(Tf.Type.FindByName('usds_filters.Plain').pythonClass.__name__)\n"
        "print([Tf.Type.FindByName(name).pythonClass for name in ('Absent', 'sys', 'UsdsImageFilter')])\n"
        "print(Tf.Type.Define(t.pythonClass), Tf.Type.Find(t.pythonClass))"
    )
    cool = "Tf.Type.FindByName('usds_filters.Cool')"
    expected = f"None 0 False\ncool {struct.calcsize('P')} True\nPlain\n[None, None, None]\n{cool} {cool}\n"
    assert run_code(code, str(tmp_path)) == expected


def test_copies_of_types_and_plugins_are_the_same_objects(tmp_path: Path) -> None:
    write_plugin(tmp_path, {"Type": "resource", "Name": "usds_copied", "Info": {"Types": {"UsdsCopied": {}}}})
    code = (
        "import copy, pickle\n"
        "plugin = Plug.Registry().RegisterPlugins(sys.argv[1])[0]\n"
        "found = {'type': Tf.Type('UsdsCopied'), 'plugin': plugin}\n"
        "print(copy.deepcopy(found) == found, [copy.copy(item) is item for item in found.values()])\n"
        "for item in found.values():\n"
        "    try: pickle.dumps(item)\n"
        "    except TypeError as error: print(error)"
    )
    printed = run_code(code, str(tmp_path)).splitlines()
    assert printed[0] == "True [True, True]" and len(printed) == 3
    assert printed[1] == "Tf.Type.FindByName('UsdsCopied') belongs to one process: send its name instead"


def test_a_class_cannot_be_its_own_base_by_name() -> None:
    code = (
        "class Mixin: pass\n"
        "class Brush: pass\n"
        "Tf.Type.Define(Brush)\n"
        "class Brush(Brush, Mixin): pass\n"
        "try: Tf.Type.Define(Brush)\n"
        "except Tf.ErrorException as error: print([fault.code for fault in error.errors])\n"
        "print(Tf.Type('__main__.Brush').baseTypes, Tf.Type('__main__.Brush').GetAllDerivedTypes())"
    )
    assert run_code(code) == "['own-base', 'class-defined-again']\n(Tf.Type.FindByName('builtins.object'),) ()\n"


def test_errors_can_be_sent_to_other_processes() -> None:
    error = PlugError([fault("unknown-type", "nobody")])
    assert pickle.loads(pickle.dumps(error)).args == error.args and str(error.args[0]) == error.args[0].commentary
