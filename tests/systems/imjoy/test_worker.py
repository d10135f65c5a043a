"""A plugin in a process of its own: what it is given, what it gives, and each way in which it can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from systems.imjoy.imjoy_plugins import LINES_BEFORE, plugin_at
from ways.errors import UntrustedError
from ways.systems import imjoy

HALF = """
from imjoy import api

class Plugin:
    async def setup(self):
        print("1+1=2")

    async def run(self, ctx):
        answer = await api.prompt("how much?")
        return {"answer": answer, "k": ctx.config.k, "missing": ctx.config.nothing, "name": ctx.data.name}

    def boom(self):
        raise ValueError("no good")

    def _hidden(self):
        pass

api.export(Plugin())
"""


def test_a_plugin_runs_with_its_form_and_the_answers_of_a_handler(tmp_path: Path) -> None:
    context = plugin_at(tmp_path, HALF, ui="{id: 'k', type: 'number', placeholder: 2}")
    with imjoy.start(context, trust=True, handlers={"prompt": lambda question: f"{question} half"}) as worker:
        assert worker.exports == ("boom", "run", "setup")
        assert worker.run(data={"name": "a.tif"}) == {"answer": "how much? half", "k": 2, "missing": None, "name": "a.tif"}
        assert worker.log == ["1+1=2"]
    assert worker.exit_code == 0


def test_what_a_plugin_raises_has_the_line_of_its_file(tmp_path: Path) -> None:
    with imjoy.start(plugin_at(tmp_path, HALF), trust=True) as worker:
        with pytest.raises(imjoy.ScriptError, match="no good") as caught:
            worker.call("boom")
    assert (caught.value.type, caught.value.text) == ("ValueError", "no good")
    assert caught.value.line == LINES_BEFORE + HALF.strip().splitlines().index('        raise ValueError("no good")') + 1


def test_nothing_is_started_without_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.Popen", None)
    with pytest.raises(UntrustedError, match="trust=True") as caught:
        imjoy.start(plugin_at(tmp_path, HALF))
    assert caught.value.path == str(tmp_path / "Half.imjoy.html")


def test_a_call_of_what_is_not_exported_names_the_exports(tmp_path: Path) -> None:
    with imjoy.start(plugin_at(tmp_path, HALF), trust=True) as worker:
        with pytest.raises(imjoy.ImJoyError, match="it exports boom, run, setup") as caught:
            worker.call("_hidden")
    assert caught.value.code == "no-function"
