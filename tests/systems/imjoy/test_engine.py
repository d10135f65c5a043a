"""Many plugins in their processes: who shares one is decided by flags, and plugins call each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from systems.imjoy.imjoy_plugins import plugin_text
from ways.api import Session
from ways.errors import UntrustedError
from ways.systems import imjoy
from ways.systems.imjoy import Engine

#: Notes each time that the script, setup and resume run, in the process and for good.
NOTING = """
    from imjoy import api
    notes = ["script"]

    class Plugin:
        def setup(self):
            notes.append("setup")

        def run(self, ctx):
            return notes

        def exit(self):
            with open("exited", "a") as file:
                file.write("x")

    api.export(Plugin())
"""
RESUMING = NOTING.replace("    def run", "    def resume(self):\n            notes.append('resume')\n\n        def run")
FLAGS: dict[str, list[str]] = {
    "none": [],
    "single": ["single-instance"],
    "detach": ["allow-detach"],
    "both": ["single-instance", "allow-detach"],
}


def session_of(folder: Path, **plugins: tuple[str, dict[str, Any]]) -> Session:
    session = Session()
    for name, (script, config) in plugins.items():
        path = folder / f"{name}.imjoy.html"
        path.write_text(plugin_text(script, name=name, **config), encoding="utf-8")
        session.add_search_path(str(path))
    return session


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    config: dict[str, Any] = {"tags": ["cpu", "gpu"]}
    plugins = {name: (NOTING, {**config, "flags": flags}) for name, flags in FLAGS.items()}
    plugins |= {f"{name}Resumes": (RESUMING, {**config, "flags": flags}) for name, flags in FLAGS.items()}
    with Engine(session_of(tmp_path, **plugins), trust=True, folder=tmp_path / "workspaces") as engine:
        yield engine


#: Who starts it second, and with which tag: whether that is the same process, for each of FLAGS in their order.
SECOND = {
    "the same": (("a", "w", "cpu"), (False, True, True, True)),
    "another client": (("b", "w", "cpu"), (False, True, False, True)),
    "another workspace": (("a", "v", "cpu"), (False, True, False, True)),
    "another tag": (("a", "w", "gpu"), (False, False, False, False)),
}


@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize("second", SECOND)
def test_flags_decide_whether_a_second_start_is_a_new_process(engine: Engine, flags: str, second: str) -> None:
    (client, workspace, tag), shared = SECOND[second]
    one = engine.start(f"{flags}@cpu", client="a", workspace="w")
    other = engine.start(f"{flags}@{tag}", client=client, workspace=workspace)
    is_shared = shared[list(FLAGS).index(flags)]
    assert (one.pid == other.pid) == is_shared
    # The script of a process runs once, and whoever attaches has setup called again.
    assert other.run() == (["script", "setup", "setup"] if is_shared else ["script", "setup"])


@pytest.mark.parametrize("flags, is_kept", [("none", False), ("single", False), ("detach", True), ("both", True)])
def test_flags_decide_whether_a_process_goes_on_without_its_client(engine: Engine, flags: str, is_kept: bool) -> None:
    one = engine.start(flags, client="a", workspace="w")
    one.close()
    assert [worker.pid for worker in engine.workers] == ([one.pid] if is_kept else [])
    other = engine.start(flags, client="a", workspace="w")
    assert (one.pid == other.pid) == is_kept
    assert other.run() == (["script", "setup", "setup"] if is_kept else ["script", "setup"])


@pytest.mark.parametrize("flags", ["single", "detach", "both"])
def test_resume_is_called_instead_of_setup_when_somebody_attaches(engine: Engine, flags: str) -> None:
    engine.start(f"{flags}Resumes", client="a")
    assert engine.start(f"{flags}Resumes", client="a").run() == ["script", "setup", "resume"]


def test_a_shared_process_ends_with_the_last_of_its_clients(engine: Engine) -> None:
    one, other = engine.start("single", client="a"), engine.start("single", client="b")
    one.close()
    assert other.run() == ["script", "setup", "setup"]
    engine.disconnect("b")
    assert engine.workers == [] and not other.worker.is_running


def test_a_client_lets_go_of_everything_in_one_workspace(engine: Engine) -> None:
    kept = [engine.start("none", client="a", workspace="v"), engine.start("none", client="b", workspace="w")]
    engine.start("none", client="a", workspace="w")
    engine.disconnect("a", "w")
    assert [worker.pid for worker in engine.workers] == [attachment.pid for attachment in kept]


def test_a_process_that_died_is_started_anew(engine: Engine) -> None:
    one = engine.start("both")
    one.worker.kill()
    other = engine.start("both")
    assert one.pid != other.pid and other.run() == ["script", "setup"]


def test_a_process_can_be_ended_for_everybody(engine: Engine, tmp_path: Path) -> None:
    one, other = engine.start("both", client="a"), engine.start("both", client="b")
    one.kill()
    with pytest.raises(imjoy.WorkerDied):
        other.run()
    assert (tmp_path / "workspaces" / "default" / "exited").read_text(encoding="utf-8") == "x"


def test_many_that_start_at_the_same_time_share_one_process(engine: Engine) -> None:
    pids: list[int] = []
    threads = [threading.Thread(target=lambda: pids.append(engine.start("single").pid)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pids) == 8 and len(set(pids)) == 1
    assert engine.workers[0].run()[:2] == ["script", "setup"]


def test_a_workspace_is_a_folder_and_its_name_leads_nowhere_else(engine: Engine, tmp_path: Path) -> None:
    engine.start("none", workspace="my data")
    assert (tmp_path / "workspaces" / "my data").is_dir()
    for name in ("", ".", "..", "a/b", "..\\a", "c:"):
        with pytest.raises(imjoy.ImJoyError) as caught:
            engine.start("none", workspace=name)
        assert caught.value.code == "path-escape"


def test_an_engine_that_is_closed_starts_nothing(engine: Engine) -> None:
    engine.start("none", client="a").close()
    engine.close()
    with pytest.raises(imjoy.ImJoyError, match="the engine is closed, and doesn't start 'none'") as caught:
        engine.start("none", client="a")
    assert caught.value.code == "closed" and engine.workers == []


def test_a_plugin_that_gets_ready_while_its_engine_closes_is_ended(tmp_path: Path) -> None:
    script = "from imjoy import api\nasync def setup():\n    await api.prompt('?')\napi.export({'setup': setup})\n"
    workers: list[imjoy.Worker] = []
    engine = Engine(session_of(tmp_path, slow=(script, {})), trust=True, folder=tmp_path, handlers={"prompt": lambda _: engine.close()})
    with pytest.raises(imjoy.ImJoyError, match="the engine is closed"):
        workers.append(engine.start("slow").worker)
    assert workers == [] and engine.workers == []


def test_an_attachment_shows_whose_it_is(engine: Engine) -> None:
    attachment = engine.start("none", client="a", workspace="w")
    assert repr(attachment) == f"<Attachment to <Worker 'none', process {attachment.pid}>, client 'a', workspace 'w'>"


def test_nothing_is_started_without_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.Popen", None)
    with Engine(session_of(tmp_path, A=(NOTING, {}))) as engine, pytest.raises(UntrustedError):
        engine.start("A")


def test_our_spot_counter_is_one_process_whoever_starts_it() -> None:
    session = Session()
    session.add_search_path("plugin_sheets/foreign/imjoy/spot_counter.imjoy.html")
    with Engine(session, trust=True) as engine:
        one = engine.start("Spot Counter@gpu", client="a", workspace="w")
        other = engine.start("Spot Counter@gpu", client="b", workspace="v")
        assert one.pid == other.pid and len(engine.workers) == 1
        assert other.run(data={"name": "a.tif", "values": [0.1, 0.6, 0.9]}, config={"level": 0.7}) == 1
        assert one.run(data={"name": "a.tif", "values": [0.1, 0.6, 0.9]}) == 2
        assert engine.start("Spot Counter@cpu").pid != one.pid


# --- plugins that need each other

CALLING = """
    from imjoy import api

    class Plugin:
        def setup(self):
            pass

        async def run(self, ctx):
            # It is called back while it waits.
            return await api.call("B", "double", ctx.number, self.add)

        def add(self, number):
            return number + 1

        async def wrong(self, plugin, function):
            return await api.call(plugin, function)

        async def services(self):
            return [(one.name, await one.measure(3)) for one in await api.getServices({"type": "ruler"})]

        async def through(self):
            b = await api.getPlugin("B")
            return b.kind, await b.run({"number": 4})

        async def store(self):
            await api.setConfig("level", 5)
            await api.setConfig("gone", 1)
            await api.setConfig("gone", 0)
            return await api.getConfig("level"), await api.getConfig("gone"), await api.getConfig("_version")

        async def kept(self):
            return await api.getConfig("level")

    api.export(Plugin())
"""
CALLED = """
    from imjoy import api

    def measure(size):
        return size * 10

    class Plugin:
        kind = "doubler"

        async def setup(self):
            await api.registerService({"type": "ruler", "name": "long", "measure": measure})

        async def run(self, ctx):
            return ctx.number

        async def double(self, number, function):
            return 2 * await function(await api.call("A", "add", number))

        def boom(self):
            raise KeyError("no good")

    api.export(Plugin())
"""


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Engine]:
    session = session_of(tmp_path, A=(CALLING, {"dependencies": ["B"]}), B=(CALLED, {}))
    with Engine(session, trust=True) as engine:
        yield engine


def test_two_plugins_call_each_other(pair: Engine) -> None:
    assert pair.start("A").call("run", {"number": 1}) == 6


def test_what_a_plugin_needs_is_started_before_and_ends_with_it(pair: Engine) -> None:
    attachment = pair.start("A")
    assert [worker.name for worker in pair.workers] == ["B", "A"]
    attachment.close()
    assert pair.workers == []


@pytest.mark.parametrize(
    "plugin, function, message",
    [
        ("Z", "run", "there is no plugin 'Z'"),
        ("B", "fly", "it exports boom, double, run, setup"),
        ("B", "boom", "KeyError: 'no good'"),
    ],
)
def test_a_call_of_another_plugin_that_fails_raises_in_the_caller(pair: Engine, plugin: str, function: str, message: str) -> None:
    with pytest.raises(imjoy.ScriptError, match=message) as caught:
        pair.start("A").call("wrong", plugin, function)
    assert caught.value.line


def test_a_plugin_gets_another_and_its_services(pair: Engine) -> None:
    attachment = pair.start("A")
    assert attachment.call("through") == ["doubler", 4]
    assert attachment.call("services") == [["long", 30]]


def test_a_plugin_that_is_not_running_is_not_called_but_loaded(tmp_path: Path) -> None:
    script = """
    from imjoy import api
    async def call():
        return await api.run("B", {"number": 2})
    async def load():
        b = await api.loadPlugin("B")
        return await b.run({"number": 3})
    api.export({"call": call, "load": load})
    """
    with Engine(session_of(tmp_path, A=(script, {}), B=(CALLED, {})), trust=True) as engine:
        attachment = engine.start("A")
        with pytest.raises(imjoy.ScriptError, match="'B' isn't running") as caught:
            attachment.call("call")
        assert caught.value.code == "plugin-not-found"
        assert (attachment.call("load"), attachment.call("call")) == (3, 2)
        assert attachment.ops == {} and attachment.events == [] and attachment.log == []


def test_what_a_plugin_stores_is_there_for_its_next_process(pair: Engine) -> None:
    with pair.start("A") as attachment:
        assert attachment.call("store") == ["5", None, "0.1.0"]
    assert pair.start("A").call("kept") == "5"


def test_plugins_that_need_each_other_in_a_circle_are_not_started(tmp_path: Path) -> None:
    session = session_of(tmp_path, A=(CALLING, {"dependencies": ["B"]}), B=(CALLED, {"dependencies": ["A"]}))
    with Engine(session, trust=True) as engine, pytest.raises(imjoy.ImJoyError, match="A → B → A") as caught:
        engine.start("A")
    assert caught.value.code == "dependency-cycle"


def test_a_plugin_whose_dependency_fails_leaves_no_process(tmp_path: Path) -> None:
    session = session_of(tmp_path, A=(CALLING, {"dependencies": ["B", "C"]}), B=(CALLED, {}), C=("raise OSError('no')", {}))
    with Engine(session, trust=True) as engine:
        with pytest.raises(imjoy.ScriptError, match="OSError: no"):
            engine.start("A")
        assert engine.workers == []


LOADS = "async def setup():\n    await api.getPlugin({!r})\n\napi.export({{'setup': setup}})\n"


@pytest.mark.parametrize("flags", list(FLAGS.values()), ids=list(FLAGS))
@pytest.mark.parametrize("other", ["First", "Second"])
def test_plugins_that_load_each_other_while_they_start_are_told(tmp_path: Path, flags: list[str], other: str) -> None:
    session = session_of(tmp_path, First=(LOADS.format(other), {"flags": flags}), Second=(LOADS.format("First"), {"flags": flags}))
    with Engine(session, trust=True) as engine:
        with pytest.raises(imjoy.ScriptError, match="plugins need each other in a circle: First → "):
            engine.start("First")
        assert engine.workers == []


def test_two_starts_that_wait_for_each_other_end(tmp_path: Path) -> None:
    flags = {"flags": ["single-instance"]}
    meet = threading.Barrier(2)
    script = "async def setup():\n    await api.meet()\n    await api.getPlugin({!r})\n\napi.export({{'setup': setup}})\n"
    session = session_of(tmp_path, First=(script.format("Second"), flags), Second=(script.format("First"), flags))
    errors: list[str] = []

    def begin(name: str) -> None:
        try:
            engine.start(name)
        except imjoy.ImJoyError as error:
            errors.append(str(error))

    with Engine(session, trust=True, timeout=3.0, handlers={"meet": lambda: meet.wait(60) and None}) as engine:
        threads = [threading.Thread(target=begin, args=(name,)) for name in ("First", "Second")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors
