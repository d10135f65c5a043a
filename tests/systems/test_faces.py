"""What a face of a foreign system hands on, and that reading a sheet loads no behaviour."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from conftest import ROOT

SYSTEMS = ("usd", "dioptra", "imjoy")
#: One sheet of each system.
SHEETS = {
    "usd": ("plugInfo.json", "usd/brushes/plugInfo.json"),
    "dioptra": ("dioptra.toml", "dioptra/dioptra.toml"),
    "imjoy": ("spot_counter.imjoy.html", "imjoy/spot_counter.imjoy.html"),
}


def modules_after(code: str, *arguments: str) -> list[str]:
    """Return the modules of foreign systems that are loaded when *code* was run in a new process."""
    shown = f"{code}\nimport json, sys\nprint(json.dumps([name for name in sys.modules if name.startswith('ways.systems.')]))"
    done = subprocess.run(
        [sys.executable, "-c", shown, *arguments], capture_output=True, check=True, encoding="utf-8", cwd=ROOT
    )
    modules: list[str] = json.loads(done.stdout)
    return sorted(name.removeprefix("ways.systems.") for name in modules)


#: Names that need an extra.
WITH_DASK = {"connect", "local"}
#: A face that has no former name, and no sheets of its own.
FACES = (*SYSTEMS, "imports")


@pytest.mark.parametrize("system", FACES)
def test_a_face_has_every_name_that_it_lists(system: str) -> None:
    face = import_module(f"ways.systems.{system}")
    assert all(getattr(face, name) is not None for name in face.__all__ if name not in WITH_DASK)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        face.nothing


@pytest.mark.parametrize("system", FACES)
def test_a_face_loads_nothing_before_a_name_is_asked_for(system: str) -> None:
    assert modules_after(f"import ways.systems.{system}") == [system]


@pytest.mark.parametrize("name, sheet", SHEETS.values(), ids=SHEETS)
def test_reading_a_sheet_loads_its_format_and_no_behaviour(name: str, sheet: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes((ROOT / "plugin_sheets" / "foreign" / sheet).read_bytes())
    read = "session = Session(); session.add_search_path(sys.argv[1]); assert session.hierarchies()"
    code = f"import sys; from ways.api import Session; {read}"
    system = sheet.partition("/")[0]
    loaded = modules_after(code, str(tmp_path))
    assert f"{system}.files.format" in loaded
    assert [module for module in loaded if not module.startswith((f"{system}.files", "shared")) and module != system] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_former_name_is_the_same_module(system: str) -> None:
    former = import_module(f"ways.integrations.{system}")
    assert former is import_module(f"ways.systems.{system}") is getattr(import_module("ways.integrations"), system)


def test_names_are_imported_from_the_former_name() -> None:
    code = """if True:
        from ways.integrations import dioptra, imjoy, usd
        import ways.integrations.usd as again
        from ways.integrations.usd import Registry
        from ways.integrations.dioptra import DioptraFormat
        from ways.integrations.imjoy import find
        from ways.systems.usd import Registry as new
        assert Registry is new is usd.Registry is again.Registry
        assert imjoy.find is find and dioptra.DioptraFormat is DioptraFormat
        print("done")
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8", cwd=ROOT)
    assert done.stdout == "done\n"
