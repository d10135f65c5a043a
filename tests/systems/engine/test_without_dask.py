"""Only one module needs Dask, and it is loaded by nothing that can do without."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from conftest import ROOT
from house import MODULES

from ways.errors import MissingExtraError
from ways.systems import dioptra

THEIRS = {"cloudpickle", "dask", "distributed", "tornado"}


def test_one_module_imports_dask() -> None:
    importing = set()
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            importing |= {name for other in names if other.partition(".")[0] in THEIRS}
    assert importing == {"systems.engine.dask"}


def test_a_run_here_loads_none_of_it() -> None:
    code = f"""if True:
        import sys
        from ways.api import Session
        from ways.systems import dioptra
        session = Session()
        session.add_search_path("plugin_sheets/foreign/dioptra/dioptra.toml")
        dioptra.run(session, "Bread: Plain", {{"mark": "x"}}, trust=True)
        print(sorted({THEIRS} & set(sys.modules)))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8", cwd=ROOT)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", ["local", "connect"])
def test_without_it_the_error_names_the_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(vars(dioptra), name, raising=False)
    monkeypatch.delitem(sys.modules, "ways.systems.engine.dask", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = r"Runs in other processes need the package distributed: pip install 'ways-resolver\[dask\]'"
    with pytest.raises(MissingExtraError, match=said):
        getattr(dioptra, name)
