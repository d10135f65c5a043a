"""Our registry beside OpenUSD's own, where that is installed: ``pip install 'ways-resolver[usd]'``.

WAYS_USD_PYTHON names another interpreter that has it; WAYS_USD_SEEDS how many worlds of each kind are made.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from systems.usd import usd_peer, usd_worlds, usd_worlds_wide
from systems.usd.test_usd_oracle import same, with_sorted_errors
from systems.usd.usd_replay import error, world

from ways.api import check
from ways.systems.usd import PlugError, Registry

PEER = os.environ.get("WAYS_USD_PYTHON") or (sys.executable if find_spec("pxr") else "")
SEEDS = int(os.environ.get("WAYS_USD_SEEDS", "5"))
WORLDS: dict[str, Callable[[int, Path], list[usd_worlds.Step]]] = {
    "types": usd_worlds.types_world,
    "paths": usd_worlds.paths_world,
    "texts": usd_worlds.texts_world,
    "includes": usd_worlds_wide.includes_world,
    "slashes": usd_worlds_wide.slashes_world,
    "metadata": usd_worlds_wide.metadata_world,
    "search": usd_worlds_wide.search_world,
}
pytestmark = pytest.mark.skipif(not PEER, reason="usd-core is not installed")


class Ours(usd_peer.Peer):
    """The same questions, to our registry."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self.registry = Registry(strict=True, environ=environ)

    def type(self, name: str) -> Any:
        special = {"$unknown": self.registry.types.unknown, "$root": self.registry.types.root}
        return special[name] if name in special else self.registry.types.find(name)

    def done(self, step: usd_worlds.Step) -> usd_worlds.Step:
        try:
            return {**step, "result": getattr(self, f"op_{step['op']}")(step)}
        except PlugError as raised:
            return {**step, "result": None, "errors": [error(fault) for fault in raised.errors]}
        except UnicodeDecodeError as raised:
            return {**step, "result": None, "errors": [{"category": type(raised).__name__}]}

    def op_register(self, step: usd_worlds.Step) -> Any:
        done = self.registry.register(step["paths"])
        new = None if done.errors else sorted(plugin.name for plugin in done.new)
        return {"new": new, "errors": [error(fault) for fault in done.errors]}

    def op_load(self, step: usd_worlds.Step) -> Any:
        plugin = self.registry.GetPluginWithName(step["plugin"])
        try:
            return None if plugin is None else {"value": plugin.Load(), "errors": []}
        except PlugError as raised:
            return {"value": None, "errors": [error(fault) for fault in raised.errors]}


def theirs(steps: list[usd_worlds.Step], root: Path) -> list[usd_worlds.Step]:
    """Return the steps as OpenUSD answers them, in a new process."""
    case = root / "case.json"
    case.write_text(json.dumps({"steps": steps}), encoding="utf-8")
    done = subprocess.run([PEER, usd_peer.__file__, str(case), str(root)], capture_output=True, timeout=120, check=True, encoding="utf-8")
    answers: list[usd_worlds.Step] = json.loads(done.stdout.split("@@ ", 1)[1])
    return answers


def ours(steps: list[usd_worlds.Step], root: Path) -> list[usd_worlds.Step]:
    """Return the steps as we answer them."""
    with world({"sys_path": ["py"]}, root):
        answering = Ours(steps[0].get("environ"))
        answers: list[usd_worlds.Step] = json.loads(json.dumps([answering.done(step) for step in steps]))
    return answers


def differences(want: list[usd_worlds.Step], got: list[usd_worlds.Step]) -> list[Any]:
    pairs = zip(want, got, strict=True)
    return [(one, other) for one, other in pairs if not same(with_sorted_errors_of(one), with_sorted_errors_of(other))]


def with_sorted_errors_of(step: usd_worlds.Step) -> usd_worlds.Step:
    result = step["result"]
    return {**step, "result": with_sorted_errors(result) if step["op"] == "register" else result}


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("kind", WORLDS)
def test_both_registries_answer_alike(kind: str, seed: int, tmp_path: Path) -> None:
    steps = WORLDS[kind](seed, tmp_path)
    assert differences(theirs(steps, tmp_path), ours(steps, tmp_path)) == []


def tree_of_openusd() -> str:
    """Return the folder of the plugins that usd-core brings."""
    code = "import pxr; print(pxr.__path__[0])"
    done = subprocess.run([PEER, "-c", code], capture_output=True, check=True, encoding="utf-8")
    return f"{done.stdout.strip()}/pluginfo/"


def test_nothing_is_found_wrong_with_what_openusd_brings_itself() -> None:
    assert check(tree_of_openusd()) == []


def test_both_know_the_plugins_that_openusd_brings_itself(tmp_path: Path) -> None:
    answering = Ours()
    register = {"op": "register", "paths": [tree_of_openusd()]}
    assert answering.done(register)["result"]["errors"] == []
    names = sorted(name for plugin in answering.registry.GetAllPlugins() for name in plugin.entry.types)
    steps = [register, {"op": "plugins"}, *({"op": "ancestors", "name": name} for name in names)]
    steps += [{"op": op, "base": "UsdSchemaBase", "name": name} for name in names for op in ("aliases", "is_a", "find_derived")]
    assert len(names) > 100 and differences(theirs(steps, tmp_path), ours(steps, tmp_path)) == []
