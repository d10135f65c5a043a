"""A plugin in a process of its own: what it is given, and what it gives."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from systems.imjoy.imjoy_plugins import is_alive, plugin_at, wait_until
from ways.api import Session
from ways.systems import imjoy

HALF = """
from imjoy import api

class Plugin:
    async def setup(self):
        await api.register(name="half", ui="{id: 'k', type: 'number'}", run=self.half, inputs={"name": {"type": "string"}})

    async def run(self, ctx):
        answer = await api.prompt("how much?")
        return {"type": "test/answer", "data": {"answer": answer, "ctx": ctx}}

    def half(self, ctx):
        return ctx.config.k / 2

    def boom(self):
        raise ValueError("no good")

    def _hidden(self):
        pass

api.export(Plugin())
"""


def call_of(folder: Path, body: str, *arguments: Any, name: str = "f", **settings: Any) -> Any:
    """Return what a function of a plugin returns. *body* is the body of a function ``f``, or a whole script."""
    script = body if "api.export(" in body else f"import os, sys\nfrom imjoy import api\n{body}\napi.export(dict(f=f))\n"
    with imjoy.start(plugin_at(folder, script), trust=True, **settings) as worker:
        return worker.call(name, *arguments)


# --- running


@pytest.mark.portability
def test_the_plugin_of_the_specification_runs(tmp_path: Path) -> None:
    context = plugin_at(tmp_path, HALF)
    with imjoy.start(context, trust=True, handlers={"prompt": lambda question: f"{question} half"}) as worker:
        assert worker.exports == ("boom", "half", "run", "setup")
        assert list(worker.ops) == ["Half/half"]
        result = worker.run()
        assert (result["type"], result["data"]["answer"]) == ("test/answer", "how much? half")
        assert worker.run("Half/half", config={"k": 1}) == worker.run("half", config={"k": 1}) == 0.5
        assert worker.run("half") == 1.5
        with pytest.raises(imjoy.ScriptError, match="no good") as caught:
            worker.call("boom")
        assert (caught.value.type, caught.value.text, caught.value.code) == ("ValueError", "no good", "script-error")
        assert "Half.imjoy.html" in caught.value.traceback and 'raise ValueError("no good")' in caught.value.traceback
        assert "child.py" not in caught.value.traceback
    assert worker.exit_code == 0 and not is_alive(worker.pid)


def test_the_context_of_a_run_is_that_of_the_menu(tmp_path: Path) -> None:
    script = "from imjoy import api\napi.export({'run': lambda ctx: ctx})"
    context = plugin_at(tmp_path, script, ui="{id: 'k', type: 'number', placeholder: 2} {id: 's', type: 'choose'}")
    with imjoy.start(context, trust=True) as worker:
        context = worker.run(data={"name": "a.tif", "type": "image/tiff", "size": 1})
        assert context["config"] == {"k": 2, "type": "Half"}
        assert context["data"] == {"name": "a.tif", "type": "image/tiff", "size": 1}
        assert (context["name"], context["type"]) == ("a.tif", "image/tiff")
        assert context["_op"] == "Half" and context["_source_op"] is None and context["_variables"] == {}
        assert context["_workflow_id"].startswith("op_Half") and context["_workflow_id"] != worker.run()["_workflow_id"]
        given = worker.run(config={"k": 3}, variables={"n": 1}, source_op="Open", workflow_id="w1")
        assert (given["config"]["k"], given["_variables"], given["_source_op"], given["_workflow_id"]) == (3, {"n": 1}, "Open", "w1")
        assert given["data"] == {}
        with pytest.raises(imjoy.ImJoyError, match="no field 'kk'; it has k, s. Did you mean 'k'") as caught:
            worker.run(config={"kk": 3})
        assert caught.value.code == "no-parameter"


def test_an_op_without_a_function_runs_the_plugin_which_is_told_its_name(tmp_path: Path) -> None:
    script = """
    from imjoy import api

    class Plugin:
        def setup(self):
            api.register({"name": "one", "ui": "{id: 'a', type: 'string'} {id: 'b'"})
            api.register(type="operator", name="two", run=self.two)
            api.register(name="gone")
            api.unregister("gone")

        def run(self, ctx):
            return ctx._op, ctx.config.type, ctx.config.a

        def two(self, ctx):
            return "two"

    api.export(Plugin())
    """
    with imjoy.start(plugin_at(tmp_path, script), trust=True) as worker:
        assert list(worker.ops) == ["Half/one", "Half/two"]
        assert worker.run("one") == ["one", "Half/one", "???"]
        assert worker.run("two") == "two"
        assert worker.run() == ["Half", "Half", None]
        record = worker.ops["Half/one"].as_dict()
        assert [item["key"] for item in record["form"]] == ["a"] and "never closed" in record["problems"][0]
        with pytest.raises(imjoy.ImJoyError, match="no op 'tow'; it has Half/one, Half/two. Did you mean 'two'") as caught:
            worker.run("tow")
        assert caught.value.code == "no-op"


def test_an_op_with_the_name_of_its_plugin_takes_its_place(tmp_path: Path) -> None:
    script = """
    from imjoy import api
    api.register(run=lambda ctx: [ctx.config.n, ctx.config.type], ui="{id: 'n', type: 'number'}")
    api.export({"run": lambda ctx: "not this"})
    """
    with imjoy.start(plugin_at(tmp_path, script), trust=True) as worker:
        assert worker.run() == [3, "Half"]


@pytest.mark.parametrize(
    "service, message",
    [
        ('{"name": "a/b"}', "can't have a '/'"),
        ('{"name": "a", "run": 1}', "no function"),
        ('{"name": "a", "type": "@model"}', "lacks predict"),
        ('{"name": "a", "type": "@other"}', "none of the types @transformation, @model"),
        ('{"type": "other"}', "lacks name"),
    ],
)
def test_a_service_that_is_none_is_refused_in_the_plugin(tmp_path: Path, service: str, message: str) -> None:
    with pytest.raises(imjoy.ScriptError, match=message) as caught:
        call_of(tmp_path, f"async def f():\n    await api.registerService({service})")
    assert caught.value.code == "op" and caught.value.line


def test_arrays_functions_and_bytes_go_both_ways(tmp_path: Path) -> None:
    script = """
    from imjoy import api

    class Plugin:
        limit = 3
        name = "calc"
        _secret = 1

        async def calc_results(self, options):
            for index in range(2):
                await options.callback(index, chart_id=options.chart_id)
            return options["values"], b"bytes", {1: {2}}, self.double

        def double(self, number):
            return 2 * number

        def is_double(self, function):
            return function == self.double

    api.export(Plugin())
    """
    got: list[Any] = []
    values = imjoy.Array("<u2", (2, 2), b"12345678")
    with imjoy.start(plugin_at(tmp_path, script), trust=True) as worker:
        options = {"callback": lambda index, chart_id: got.append((index, chart_id)), "chart_id": "c", "values": values}
        array, content, mapping, function = worker.call("calc_results", options)
        assert got == [(0, "c"), (1, "c")]
        assert bytes(array.data) == b"12345678" and array.shape == (2, 2)
        assert (content, mapping, function(4)) == (b"bytes", {1: {2}}, 8)
        assert worker.constants == {"limit": 3, "name": "calc"} and worker.exports == ("calc_results", "double", "is_double")
        # A function of the plugin goes back to it as what it is.
        assert worker.call("double", 2) == 4 and worker.call("is_double", function)


def test_an_array_of_eight_megabytes_is_equal(tmp_path: Path) -> None:
    data = os.urandom(8 << 20)
    array = call_of(tmp_path, "def f(array):\n    return array", imjoy.Array("<f4", (2, 1 << 20), data))
    assert array.shape == (2, 1 << 20) and bytes(memoryview(array.data).cast("B")) == data


def python_with_numpy() -> Path:
    for python in (Path(sys.executable), *reversed(pythons())):
        if subprocess.run([python, "-I", "-c", "import numpy"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return python
    pytest.skip("no Python here has numpy")


def test_arrays_of_numpy_go_both_ways(tmp_path: Path) -> None:
    script = """
    import numpy
    from imjoy import api

    def turn(array):
        array += 1
        return array.T, {"sum": array.sum(), "mean": array.mean(), "is_large": array.max() > 2, "type": str(array.dtype)}

    def random(size):
        values = numpy.random.default_rng(1).random((size // 1024, 1024))
        return values, values[-1, -1]

    api.export({"turn": turn, "random": random, "bad": lambda: numpy.array([object()])})
    """
    with imjoy.start(plugin_at(tmp_path, script), trust=True, python=python_with_numpy()) as worker:
        array, facts = worker.call("turn", imjoy.Array("<i4", (2, 3), struct.pack("<6i", *range(6))))
        assert facts == {"sum": 21, "mean": 3.5, "is_large": True, "type": "int32"}
        assert array.shape == (3, 2) and struct.unpack("<6i", bytes(memoryview(array.data).cast("B"))) == (1, 4, 2, 5, 3, 6)
        values, last = worker.call("random", 1 << 20)
        assert values.shape == (1024, 1024)
        assert struct.unpack("<d", bytes(memoryview(values.data).cast("B")[-8:])) == (last,)
        with pytest.raises(imjoy.ScriptError, match="an array can't hold '|O'"):
            worker.call("bad")


def test_eight_threads_call_at_the_same_time(tmp_path: Path) -> None:
    script = """
    from threading import current_thread, main_thread
    from imjoy import api
    api.export({"f": lambda n: [n, current_thread() is main_thread()]})
    """
    wrong: list[Any] = []
    with imjoy.start(plugin_at(tmp_path, script), trust=True) as worker:

        def ask(thread: int) -> None:
            for number in range(50):
                got = worker.call("f", thread * 1000 + number)
                if got != [thread * 1000 + number, True]:
                    wrong.append(got)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong


def test_plain_functions_run_one_at_a_time_and_others_meanwhile(tmp_path: Path) -> None:
    script = """
    import asyncio, time
    from imjoy import api
    inside = []
    event = asyncio.Event()

    def plain():
        inside.append(1)
        time.sleep(0.01)
        count = len(inside)
        inside.pop()
        return count

    async def wait():
        await event.wait()
        return "waited"

    def go():
        event.set()

    api.export(dict(plain=plain, wait=wait, go=go))
    """
    results: list[Any] = []
    with imjoy.start(plugin_at(tmp_path, script), trust=True) as worker:
        threads = [threading.Thread(target=lambda: results.append(worker.call("wait")))]
        threads += [threading.Thread(target=lambda: results.append(worker.call("plain"))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads[1:]:
            thread.join()
        assert results == [1] * 4
        worker.call("go")
        threads[0].join()
    assert results == [1] * 4 + ["waited"]


def pythons() -> list[Path]:
    versions = Path.home() / ".pyenv" / "versions"
    found = [path / "bin" / "python" for path in versions.glob("3.*") if tuple(map(int, path.name.split(".")[:2])) >= (3, 8)]
    return [path for path in sorted(found) if path.exists()]


@pytest.mark.parametrize("minor", range(8, 15))
def test_the_process_can_have_any_python(tmp_path: Path, minor: int) -> None:
    python = next((path for path in pythons() if path.parent.parent.name.startswith(f"3.{minor}.")), None)
    if python is None:
        pytest.skip(f"there is no Python 3.{minor}")
    script = "import sys\n" + HALF.replace("api.export(", "Plugin.version = lambda self: sys.version_info[:2]\napi.export(")
    with imjoy.start(plugin_at(tmp_path, script), trust=True, python=python, handlers={"prompt": lambda _: "so"}) as worker:
        assert worker.call("version") == [3, minor]
        assert worker.run()["data"]["answer"] == "so"
        assert worker.run("half", config={"k": 1}) == 0.5
        array = imjoy.Array("<f8", (1,), bytes(8))
        assert worker.run(data={"array": array})["data"]["ctx"]["data"]["array"].shape == (1,)
        with pytest.raises(imjoy.ScriptError, match="no good"):
            worker.call("boom")
    assert worker.exit_code == 0


# --- scripts


def test_the_scripts_of_a_tag_run_in_one_namespace_and_others_do_not(tmp_path: Path) -> None:
    blocks = """
    <script lang="python" tag="gpu">names.append("gpu")</script>
    <script lang="python"
            tag="cpu">
    names.append("cpu")
    def line():
        raise KeyError("here")
    </script>
    <script lang="javascript">throw 1</script>
    <script lang="python">api.export({"f": lambda: names, "line": line})</script>
    """
    context = plugin_at(tmp_path, "names = [__name__]\n", blocks, tags=["cpu", "gpu"])
    text = (tmp_path / "Half.imjoy.html").read_text(encoding="utf-8")
    with imjoy.start(context, trust=True) as worker:
        assert worker.call("f") == ["__main__", "cpu"]
        with pytest.raises(imjoy.ScriptError, match="here") as caught:
            worker.call("line")
        assert "raise KeyError" in text.splitlines()[caught.value.line - 1]
        assert 'raise KeyError("here")' in caught.value.traceback


@pytest.mark.parametrize("start", ["from imjoy import api", "from imjoy_rpc import api", "import imjoy\napi = imjoy.api", ""])
def test_the_api_has_three_names(tmp_path: Path, start: str) -> None:
    with imjoy.start(plugin_at(tmp_path, f"{start}\napi.export({{'f': lambda: api.TAG}})"), trust=True) as worker:
        assert worker.call("f") == ""


def test_a_passive_plugin_exports_nothing(tmp_path: Path) -> None:
    with imjoy.start(plugin_at(tmp_path, "print('here')", passive=True), trust=True) as worker:
        assert worker.exports == () and worker.log == ["here"]


@pytest.mark.portability
def test_what_the_plugin_knows_of_itself(tmp_path: Path) -> None:
    body = """
def f():
    return [api.TAG, api.config, api.WORK_DIR, os.environ["WORK_DIR"], os.getcwd(), sys.path[0], api.WORKSPACE]
    """
    folder = (tmp_path / "work").resolve()
    tag, config, *folders, name = call_of(tmp_path, body, workspace=folder)
    assert (tag, name) == ("", "work") and folders == [str(folder)] * 4
    assert config == {"tag": "", "workspace": "work", "work_dir": str(folder), "engine": "", "file_manager": ""}


def test_what_a_plugin_stores_is_text_and_its_configuration_is_read_only(tmp_path: Path) -> None:
    body = """
async def f():
    await api.setConfig("n", 5)
    await api.register(type="ruler", name="a")
    await api.register(type="ruler", name="b")
    await api.unregister({"name": "b"})
    services = [one.name for one in await api.getServices("ruler")]
    try:
        await api.setConfig("_version", "2")
    except Exception as error:
        return await api.getConfig("n"), await api.getConfig("_version"), services, str(error)
    """
    settings = {"n": "4"}
    assert call_of(tmp_path, body, settings=settings)[:3] == ["5", "0.1.0", ["a"]]
    assert settings == {"n": "5"}


def test_attachments_are_texts(tmp_path: Path) -> None:
    script = """
    from imjoy import api
    async def f(name):
        return await api.getAttachment(name)
    api.export({"f": f})
    """
    context = plugin_at(tmp_path, script, '<attachment name="a">one</attachment>')
    with imjoy.start(context, trust=True) as worker:
        assert [worker.call("f", name) for name in "ab"] == ["one", None]


# --- what the plugin calls


@pytest.mark.portability
def test_what_a_plugin_tells_becomes_events(tmp_path: Path) -> None:
    body = """
async def f():
    api.log("a", 1)
    api.log({"type": "image", "value": "x"})
    api.error("b", ValueError("c"))
    api.alert("d")
    api.alert(title="t", content="c")
    api.alert(ValueError("e"))
    api.showMessage("f", 10)
    api.showStatus("g")
    api.showSnackbar("h", 3)
    api.showProgress(0.5)
    api.progress(50)
    api.show_progress(1)
    window = await api.createWindow(name="n", type="imjoy/image", w=12, h=15, data={"src": "data:"})
    await window.run(data={"src": "next"})
    await window.close()
    api.createWindow("imjoy/image")
    api.createWindow("https://host/page")
    await api.utils.openUrl("https://host")
    return window.name, window.window_id
    """
    with imjoy.start(plugin_at(tmp_path, f"from imjoy import api\n{body}\napi.export(dict(f=f))"), trust=True) as worker:
        assert worker.call("f") == ["n", "window_1"]
        window = {"name": "n", "type": "imjoy/image", "w": 12, "h": 15, "data": {"src": "data:"}}
        assert [tuple(event) for event in worker.events] == [
            ("log", "a 1"),
            ("log", {"type": "image", "value": "x"}),
            ("error", "b c"),
            ("alert", "d"),
            ("alert", {"title": "t", "content": "c"}),
            ("alert", "e"),
            ("showMessage", "f"),
            ("showStatus", "g"),
            ("showSnackbar", "h"),
            ("showProgress", 50.0),
            ("showProgress", 50),
            ("showProgress", 1),
            ("createWindow", window),
            ("window.run", {"window_id": "window_1", "arguments": [{"data": {"src": "next"}}]}),
            ("window.close", {"window_id": "window_1", "arguments": []}),
            ("createWindow", {"type": "imjoy/image"}),
            ("createWindow", {"src": "https://host/page"}),
            ("openUrl", "https://host"),
        ]
        assert worker.events[3].as_dict() == {"name": "alert", "value": "d"}


def test_a_result_with_a_type_and_data_is_a_window(tmp_path: Path) -> None:
    script = 'from imjoy import api\napi.export({"run": lambda ctx: {"type": "imjoy/image", "data": {"src": "data:"}}})'
    shown: list[Any] = []
    with imjoy.start(plugin_at(tmp_path, script), trust=True, handlers={"createWindow": shown.append}) as worker:
        worker.run()
        assert worker.events == [("createWindow", {"type": "imjoy/image", "data": {"src": "data:"}, "name": "Half"})]
    assert shown == [worker.events[0].value]


def test_handlers_of_events_are_called_in_order_and_may_answer(tmp_path: Path) -> None:
    body = """
async def f():
    for number in range(100):
        api.showProgress(number)
    return await api.alert("sure?"), await api.extra(1, b=2)
    """
    seen: list[Any] = []
    handlers = {"showProgress": seen.append, "alert": lambda text: f"seen {text}", "extra": lambda a, b: a + b}
    assert call_of(tmp_path, body, handlers=handlers) == ["seen sure?", 3]
    assert seen == list(range(100))


def test_what_was_called_without_waiting_is_done_when_the_call_returns(tmp_path: Path) -> None:
    body = """
def f(callback):
    for number in range(50):
        callback(number)
        api.showProgress(number)
    """
    seen: list[Any] = []
    told: list[Any] = []
    script = f"from imjoy import api\n{body}\napi.export(dict(f=f, g=lambda: 'g'))"
    with imjoy.start(plugin_at(tmp_path, script), trust=True, handlers={"showProgress": told.append}) as worker:

        def callback(number: int) -> None:
            # A callback may call the plugin too, and waits for no other.
            seen.append((number, worker.call("g")))

        worker.call("f", callback)
        assert sorted(seen) == [(number, "g") for number in range(50)]
        assert [value for value in told if value >= 1] == list(range(1, 50))


def test_a_callback_that_waits_for_its_caller_does_not_hold_it_up(tmp_path: Path) -> None:
    event = threading.Event()
    waited: list[bool] = []
    script = "from imjoy import api\ndef f(callback):\n    callback()\n    return 1\napi.export(dict(f=f))"
    with imjoy.start(plugin_at(tmp_path, script), trust=True) as worker:
        assert worker.call("f", lambda: waited.append(event.wait(60))) == 1
        event.set()
        assert wait_until(lambda: waited == [True])


def test_a_dialog_with_a_form_has_its_defaults_unless_somebody_answers(tmp_path: Path) -> None:
    body = "async def f(config):\n    return await api.showDialog(config)"
    form = {"name": "d", "ui": "{id: 'k', type: 'number'} {id: 's', type: 'string', placeholder: 'x'}"}
    assert call_of(tmp_path, body, form) == {"k": 3, "s": "x"}
    assert call_of(tmp_path, body, form, handlers={"showDialog": lambda config: {"k": config["name"]}}) == {"k": "d"}
    with pytest.raises(imjoy.ScriptError, match="needs a user interface") as caught:
        call_of(tmp_path, body, {"type": "window"})
    assert caught.value.code == "needs-interface"


def test_a_plugin_goes_on_with_a_window_that_a_handler_shows(tmp_path: Path) -> None:
    body = """
async def f():
    window = await api.createWindow(type="imjoy/image", data={})
    await window.run({"data": 1})
    """
    shown: list[Any] = []
    script = f"from imjoy import api\n{body}\napi.export(dict(f=f))"
    with imjoy.start(plugin_at(tmp_path, script), trust=True, handlers={"createWindow": shown.append}) as worker:
        worker.call("f")
        assert [event.name for event in worker.events] == ["createWindow", "window.run"]
    assert shown == [{"type": "imjoy/image", "data": {}}]


def test_more_questions_than_the_limit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ways.systems.imjoy.worker.MAX_QUESTIONS", 3)
    body = """
import asyncio
async def ask():
    try:
        return await api.prompt("?")
    except Exception as error:
        return error.code
async def f():
    tasks = [asyncio.ensure_future(ask()) for _ in range(5)]
    await asyncio.wait(tasks[3:])
    return [task.result() for task in tasks[3:]], [task.done() for task in tasks[:3]]
    """
    script = f"from imjoy import api\n{body}\napi.export(dict(f=f))"
    event = threading.Event()
    with imjoy.start(plugin_at(tmp_path, script), trust=True, handlers={"prompt": lambda _: event.wait(60)}) as worker:
        assert worker.call("f") == [["busy", "busy"], [False] * 3]
        event.set()


@pytest.mark.parametrize("name", ["prompt", "alert"])
@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
def test_a_handler_that_would_end_the_program_is_an_error_in_the_plugin(tmp_path: Path, name: str, error: type[BaseException]) -> None:
    def handler(_: str) -> None:
        raise error("end")

    script = f"async def f():\n    await api.{name}('?')\n\napi.export(dict(f=f))\n"
    with imjoy.start(plugin_at(tmp_path, script), trust=True, handlers={name: handler}) as worker:
        for _ in range(2):
            with pytest.raises(imjoy.ScriptError, match=f"{error.__name__}: end"):
                worker.call("f")


def test_what_a_handler_raises_is_raised_in_the_plugin(tmp_path: Path) -> None:
    body = """
async def f():
    try:
        await api.prompt("?")
    except Exception as error:
        return str(error)
    """

    def refuse(question: str) -> None:
        raise KeyError(question)

    assert call_of(tmp_path, body, handlers={"prompt": refuse}) == "KeyError: '?'"


def test_a_handler_may_call_the_plugin(tmp_path: Path) -> None:
    script = """
    from imjoy import api
    async def f():
        return await api.prompt("?")
    api.export({"f": f, "g": lambda: "g"})
    """
    workers: list[imjoy.Worker] = []
    with imjoy.start(plugin_at(tmp_path, script), trust=True, handlers={"prompt": lambda _: workers[0].call("g")}) as worker:
        workers.append(worker)
        assert worker.call("f") == "g"


def test_a_call_can_be_followed_without_waiting(tmp_path: Path) -> None:
    body = """
import asyncio
def f():
    seen = []
    def fail(value):
        raise KeyError(value)
    async def later(value):
        await asyncio.sleep(0)
        return value + "!"
    done = api.echo("x").then(later).then(seen.append).finally_(lambda: seen.append("end"))
    failed = done.then(lambda _: fail("y")).catch(lambda error: seen.append(repr(error))).then(lambda _: seen)
    return failed
    """
    assert call_of(tmp_path, body) == ["x!", "end", "KeyError('y')"]


def test_an_error_that_nobody_follows_is_in_the_log(tmp_path: Path) -> None:
    body = """
async def f():
    api.echo(1).then(lambda _: [][0])
    import asyncio
    await asyncio.sleep(0.01)
    """
    with imjoy.start(plugin_at(tmp_path, f"from imjoy import api\n{body}\napi.export(dict(f=f))"), trust=True) as worker:
        worker.call("f")
        assert worker.log[-1] == "IndexError: list index out of range"


def test_threads_of_the_plugin_call_too(tmp_path: Path) -> None:
    body = """
import threading
def f():
    threads = [threading.Thread(target=api.log, args=(number,)) for number in range(20)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    """
    with imjoy.start(plugin_at(tmp_path, f"from imjoy import api\n{body}\napi.export(dict(f=f))"), trust=True) as worker:
        worker.call("f")
        worker.call("f")
        assert sorted(event.value for event in worker.events)[:2] == ["0", "0"] and len(worker.events) == 40


def test_a_thread_of_the_plugin_may_have_a_loop_of_its_own(tmp_path: Path) -> None:
    body = """
import asyncio, threading
async def ask():
    return await api.prompt("?")
async def f():
    answers = []
    thread = threading.Thread(target=lambda: answers.append(asyncio.run(ask())))
    thread.start()
    while thread.is_alive():
        await asyncio.sleep(0.01)
    return answers
    """
    assert call_of(tmp_path, body, handlers={"prompt": lambda _: "so"}) == ["so"]


def test_files_of_the_workspace_have_addresses_and_others_do_not(tmp_path: Path) -> None:
    body = """
async def f(path):
    return await api.getFileUrl(path)
    """
    work = tmp_path / "work"
    assert call_of(tmp_path, body, "a b.txt", workspace=work) == (work.resolve() / "a b.txt").as_uri()
    for path in ("../x", "/etc/passwd"):
        with pytest.raises(imjoy.ScriptError, match="outside of the workspace"):
            call_of(tmp_path, body, path, workspace=work)


def test_a_file_is_exported_into_the_workspace(tmp_path: Path) -> None:
    body = "async def f(data, name):\n    await api.exportFile(data, name)"
    call_of(tmp_path, body, b"x", "../a/b.txt", workspace=tmp_path / "work")
    call_of(tmp_path, body, "ä", "c.txt", workspace=tmp_path / "work")
    assert {path.name: path.read_bytes() for path in (tmp_path / "work").iterdir()} == {"_a_b.txt": b"x", "c.txt": "ä".encode()}


# --- isolation


@pytest.mark.portability
def test_what_is_printed_is_in_the_log_before_the_answer(tmp_path: Path) -> None:
    body = """
import subprocess
def f(number):
    print("print", number)
    os.write(1, b"descriptor 1\\n")
    os.write(2, b"descriptor 2\\n")
    sys.stderr.write("\\u00e4\\n")
    subprocess.run(["echo", "echo"])
    try:
        input()
    except EOFError:
        return "nothing to read"
    """
    with imjoy.start(plugin_at(tmp_path, f"import os, sys\nfrom imjoy import api\n{body}\napi.export(dict(f=f))"), trust=True) as worker:
        for number in range(20):
            assert worker.call("f", number) == "nothing to read"
            assert worker.log[-5:] == [f"print {number}", "descriptor 1", "descriptor 2", "ä", "echo"]


def test_a_plugin_inherits_neither_secrets_nor_descriptors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("WAYS_PRIORITY", "master")
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    body = """
def f():
    found = []
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    own = {0, 1, 2, *map(int, sys.argv[1:]), api._program.reader, api._program.writer, api._program.loop._selector.fileno()}
    own |= {item.fileno() for item in (api._program.loop._ssock, api._program.loop._csock)}
    return dict(os.environ), sorted(set(found) - own)
    """
    environment, descriptors = call_of(tmp_path, body, variables={"OWN": "1"})
    os.close(reader)
    os.close(writer)
    assert descriptors == []
    from ways.systems.imjoy.worker import VARIABLES

    # Python itself sets LC_CTYPE where the locale is that of C.
    assert set(environment) <= {*VARIABLES, "OWN", "WORK_DIR", "LC_CTYPE", "__CF_USER_TEXT_ENCODING"} and environment["OWN"] == "1"


def test_the_variables_of_the_plan_are_set(tmp_path: Path) -> None:
    script = "import os\nfrom imjoy import api\napi.export({'f': lambda: [os.environ.get(n) for n in ('A', 'B', 'C')]})"
    env = ["export A=1", {"type": "variable", "options": {"B": 2}}]
    with imjoy.start(plugin_at(tmp_path, script, env=env, cmd="C=3 python"), trust=True) as worker:
        assert worker.call("f") == ["1", "2", "3"]


@pytest.mark.skipif(not hasattr(os, "getsid"), reason="process groups are those of POSIX")
def test_a_plugin_has_a_process_group_of_its_own_that_ends_with_it(tmp_path: Path) -> None:
    script = """
    import os, subprocess, sys
    from imjoy import api
    started = []
    def f():
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]))
        return os.getpid() == os.getpgrp() == os.getsid(0), started[0].pid
    api.export({"f": f})
    """
    with imjoy.start(plugin_at(tmp_path, script), trust=True) as worker:
        is_leader, pid = worker.call("f")
        assert is_leader and is_alive(pid)
    assert wait_until(lambda: not is_alive(pid))


def test_exit_is_called_when_it_is_closed(tmp_path: Path) -> None:
    script = """
    from imjoy import api
    async def exit():
        open("ended", "w").close()
    api.export({"exit": exit})
    """
    with imjoy.start(plugin_at(tmp_path, script), trust=True, workspace=tmp_path / "work"):
        pass
    assert (tmp_path / "work" / "ended").exists()


def test_a_workspace_that_was_not_named_is_removed(tmp_path: Path) -> None:
    with imjoy.start(plugin_at(tmp_path, HALF), trust=True) as worker:
        assert worker.workspace.is_dir()
    assert not worker.workspace.exists()
    worker.close()


def test_describing_and_planning_start_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("subprocess.Popen", "os.fork", "os.posix_spawn", "socket.socket"):
        monkeypatch.setattr(name, None, raising=False)
    context = plugin_at(tmp_path, HALF, requirements=["numpy", "cmd:rm -rf /"], env="conda create -n a", cmd="bash -c x")
    imjoy.install_plan(context)
    imjoy.Worker(context)
    session = Session()
    session.add_search_path(str(tmp_path))
    assert imjoy.find(session, "Half").data["_imjoy"]["plan"]["steps"]
    imjoy.matching(session, {"name": "a.tif"})
    imjoy.dependency_problems(session)


# --- other kinds of plugins


@pytest.mark.parametrize(
    "kind, reason",
    [
        ("window", "it runs in a web browser"),
        ("web-worker", "it runs in a web browser"),
        ("iframe", "it runs in a web browser"),
        ("rpc-window", "it runs in a web browser"),
        ("web-python", "it runs in a web browser"),
        ("collection", "it has nothing to run"),
        ("jupyter-notebook", "nothing here runs this type"),
        ("strange", "nothing here runs this type"),
    ],
)
def test_other_types_are_not_runnable(tmp_path: Path, kind: str, reason: str) -> None:
    with pytest.raises(imjoy.ImJoyError, match=reason) as caught:
        imjoy.start(plugin_at(tmp_path, HALF, type=kind), trust=True)
    assert caught.value.code == "not-runnable"


def test_a_tag_that_can_run_is_named(tmp_path: Path) -> None:
    kinds = {"webPy": "web-python", "nativePy": "native-python"}
    context = plugin_at(tmp_path, HALF, type=kinds, tags=list(kinds))
    with pytest.raises(imjoy.ImJoyError, match=r"the type 'web-python' with the tag 'webPy'.*Its tag 'nativePy' can: NAME@nativePy"):
        imjoy.start(context, trust=True)


def test_a_web_python_plugin_runs_here_if_that_is_allowed_and_possible(tmp_path: Path) -> None:
    script = "from imjoy import api\napi.export({'run': lambda ctx: api.alert('done')})"
    with imjoy.start(plugin_at(tmp_path, script, type="web-python"), trust=True, allow_web_python=True) as worker:
        worker.run()
        assert worker.events == [("alert", "done")]
    for line in ("import js", "from pyodide.http import open_url"):
        with pytest.raises(imjoy.ImJoyError, match="only a web browser has"):
            imjoy.start(plugin_at(tmp_path, f"{line}\n{script}", type="web-python"), trust=True, allow_web_python=True)
