"""Entrypoints run by engines of other processes: the answer is that of this process."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from systems.dioptra.weather_tree import GRAPH, INPUT_TOML, STEPS, lone, session_of, weather
from systems.engine.pool_engine import PoolEngine

from ways.systems import dioptra
from ways.systems.engine.base import Engine

HOT = {"mark": "hot"}


@pytest.fixture(scope="module", params=["pool", "dask"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Return an engine of two processes."""
    if request.param == "dask":
        pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    engine: Engine = dioptra.local(2) if request.param == "dask" else PoolEngine(2)
    yield engine
    engine.close()


def test_a_run_gives_the_same_everywhere(tmp_path: Path, engine: Engine) -> None:
    session = session_of(weather(tmp_path))
    here = dioptra.run(session, "Day", HOT, trust=True, folder=tmp_path / "here")
    there = dioptra.run(session, "Day", HOT, trust=True, folder=tmp_path / "there", engine=engine)
    assert there.outputs == here.outputs and there.steps["read"].warnings == here.steps["read"].warnings
    for name in ("artifacts.json", "saved.json"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
    assert sorted(os.listdir(tmp_path / "there")) == ["artifacts.json", "saved.json"]


def test_steps_run_in_other_processes_and_an_engine_is_used_again(tmp_path: Path, engine: Engine) -> None:
    session = lone(tmp_path, "import os\n@register\ndef first():\n    return os.getpid()\n", outputs="out")
    for _ in range(2):
        assert dioptra.run(session, "One", trust=True, engine=engine).outputs["only"]["out"] != os.getpid()


def test_two_versions_run_in_one_worker(tmp_path: Path, engine: Engine) -> None:
    codes = [f"class Thing: n = {n}\n@register\ndef first():\n    return Thing\n" for n in (1, 2)]
    sessions = [lone(tmp_path / str(n), code, outputs="out") for n, code in enumerate(codes)]
    things = [dioptra.run(session, "One", trust=True, engine=engine).outputs["only"]["out"] for session in sessions]
    assert [thing.n for thing in things] == [1, 2]


def test_a_task_that_raises_elsewhere(tmp_path: Path, engine: Engine) -> None:
    code = "class Odd(Exception): pass\n@register\ndef first():\n    raise Odd('here')\n"
    session = lone(tmp_path, code, "graph:\n  a: {first: []}\n  b: {first: [], dependencies: a}\n")
    with pytest.raises(dioptra.StepError, match=r"the step 'a' failed in its task 'first': Odd: here \(.*steps.py:5\)") as error:
        dioptra.run(session, "One", trust=True, engine=engine)
    assert error.value.run.steps["b"].state == "skipped" and type(error.value.__cause__).__name__ == "Odd"


def test_artifacts_travel(tmp_path: Path, engine: Engine) -> None:
    graph = "artifacts:\n  saved: {contents: $earlier, task: {name: Json}}\ngraph:\n  read:\n    parse: $earlier\n"
    session = session_of(weather(tmp_path, toml=INPUT_TOML, graph=graph))
    (tmp_path / "in.json").write_text('"Rome = 3"', encoding="utf-8")
    given = {"earlier": dioptra.Artifact("Json", tmp_path / "in.json")}
    run = dioptra.run(session, "Day", HOT, trust=True, artifacts=given, folder=tmp_path / "out", engine=engine)
    assert run.outputs["read"]["place"] == "Rome" and run.files["saved"].read_text(encoding="utf-8") == '"Rome = 3"'


def test_a_folder_travels(tmp_path: Path, engine: Engine) -> None:
    keep = "from dioptra.sdk.api.artifact import ArtifactTaskInterface\nclass Json(ArtifactTaskInterface):\n"
    keep += "    def serialize(working_dir, name, contents, **kwargs):\n        (working_dir / name / 'in').mkdir(parents=True)\n"
    keep += "        (working_dir / name / 'in' / 'a').write_text('a')\n        return working_dir / name\n"
    keep += "    def deserialize(working_dir, path, **kwargs):\n        return (working_dir / path / 'in' / 'a').read_text() + ' = 1'\n"
    keep += "    def validation():\n        return None\n"
    graph = "artifacts:\n  saved: {contents: x, task: {name: Json}}\ngraph:\n  read:\n    parse: $earlier\n"
    session = session_of(weather(tmp_path, toml=INPUT_TOML, graph=graph, keep=keep))
    run = None
    for used in (None, engine):
        given = {"earlier": dioptra.Artifact("Json", run.files["saved"]) if run else "b = 2"}
        run = dioptra.run(session, "Day", HOT, trust=True, artifacts=given, folder=tmp_path / str(bool(used)), engine=used)
    assert run is not None and run.outputs["read"]["place"] == "a" and (run.files["saved"] / "in" / "a").is_file()


def test_a_serial_run_keeps_the_order_of_the_plan(tmp_path: Path, engine: Engine) -> None:
    code = "import time\n@register\ndef first(path, word):\n    time.sleep(0.2 if word == 'a' else 0)\n"
    code += "    with open(path, 'a') as file:\n        file.write(word)\n"
    path = tmp_path / "order"
    steps = "".join(f"  {word}: {{first: ['{path}', {word}]}}\n" for word in "abc")
    session = lone(tmp_path, code, f"graph:\n{steps}", inputs="path word")
    dioptra.run(session, "One", trust=True, engine=engine, serial=True)
    assert path.read_text(encoding="utf-8") == "abc"


def test_a_mistake_in_the_outputs_is_found_elsewhere_too(tmp_path: Path, engine: Engine) -> None:
    session = session_of(weather(tmp_path, steps=STEPS.replace('place.strip(), float(degrees), "unused"', "5"), graph=GRAPH))
    with pytest.raises(dioptra.StepError, match="'read' .* where 2 values are expected: place, degrees"):
        dioptra.run(session, "Day", HOT, trust=True, engine=engine)


def test_an_output_that_can_not_be_sent_is_named(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    session = lone(tmp_path, "import threading\n@register\ndef first():\n    return 1, threading.Lock()\n", outputs="number lock")
    said = "the step 'only' failed in its task 'first': the output 'lock' can't be sent to another process: .* by an artifact task"
    with dioptra.local(1) as engine, pytest.raises(dioptra.StepError, match=said):
        dioptra.run(session, "One", trust=True, engine=engine)


def test_a_task_that_ends_its_process_costs_its_step(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    session = lone(tmp_path, "import os, signal\n@register\ndef first():\n    os.kill(os.getpid(), signal.SIGKILL)\n", outputs="out")
    said = "the step 'only' failed in its task 'first': the process that ran it died, each of 4 times"
    with dioptra.local(1) as engine, pytest.raises(dioptra.StepError, match=said):
        dioptra.run(session, "One", trust=True, engine=engine)


@pytest.mark.parametrize("kind", ["SystemExit", "KeyboardInterrupt", "Stop"])
def test_a_task_elsewhere_that_would_end_its_process_fails_its_step(tmp_path: Path, engine: Engine, kind: str) -> None:
    session = lone(tmp_path, f"class Stop(BaseException): ...\n@register\ndef first():\n    raise {kind}('now')\n")
    with pytest.raises(dioptra.StepError, match=rf"the step 'only' failed .*: it would have ended the program: {kind}\('now'\)"):
        dioptra.run(session, "One", trust=True, engine=engine)


def test_what_takes_connections_and_says_nothing_is_no_scheduler() -> None:
    pytest.importorskip("distributed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        with pytest.raises(dioptra.EngineError, match="There is no scheduler at"):
            dioptra.connect(f"tcp://127.0.0.1:{server.getsockname()[1]}", insecure=True, timeout=0.5)


@pytest.mark.parametrize("address", [None, 5, b"tls://a"])
def test_an_address_is_a_text(address: Any) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(dioptra.EngineError, match="must be a text"):
        dioptra.connect(address)


@pytest.mark.parametrize("workers", ["2", None, 1.5])
def test_workers_are_a_number(workers: Any) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(dioptra.EngineError, match="must be a whole number"):
        dioptra.local(workers)


def test_a_worker_that_dask_forgets_is_started_again(tmp_path: Path) -> None:
    dask = pytest.importorskip("dask")
    session = lone(tmp_path, "import os\n@register\ndef first(): return os.getpid()\n", outputs="a")
    with dioptra.local(1) as engine:
        first = dioptra.run(session, "One", trust=True, engine=engine).outputs["only"]["a"]
        # As it does with each that is away for longer.
        with dask.config.set({"distributed.deploy.lost-worker-timeout": "1ms"}):
            os.kill(first, 9)
            again = dioptra.run(session, "One", trust=True, engine=engine, timeout=60).outputs["only"]["a"]
    assert again != first
