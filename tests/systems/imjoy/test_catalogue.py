"""ImJoy's plugins in a session: found by URI, by name and by data; their plans and dependencies."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ways.api import Session
from ways.systems import imjoy
from ways.systems.imjoy.files.inputs import BadSchema, fits, normalized

Load = Callable[..., Session]


def plugin(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "native-python", "version": "0.1.0", "api_version": "0.1.8", **more}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def made(*plugins: dict[str, Any], listed: tuple[dict[str, Any], ...] = (), repository: str = "studio/tools") -> Session:
        for number, config in enumerate(plugins):
            text = f'<config lang="json">\n{json.dumps(config, indent=1)}\n</config>\n<script lang="python">x</script>'
            (tmp_path / f"{number}.imjoy.html").write_text(text, encoding="utf-8")
        if listed:
            entries = [{**config, "uri": f"https://h/{config['name']}.imjoy.html"} for config in listed]
            (tmp_path / "manifest.imjoy.json").write_text(json.dumps({"repository": repository, "plugins": entries}), encoding="utf-8")
        session = Session()
        session.add_search_path(str(tmp_path))
        return session

    return made


@pytest.mark.parametrize(
    "text, place, assignment",
    [
        ("A", "imjoy/local/A", ""),
        ("A@gpu", "imjoy/local/A", "gpu"),
        ("imjoy/A", "imjoy/local/A", ""),
        ("studio/tools:B", "imjoy/studio/tools/B", ""),
        ("Studio/Tools@4063b24: B @ x", "imjoy/studio/tools/B", "x"),
        ("https://h/B.imjoy.html@y", "imjoy/studio/tools/B", "y"),
    ],
)
def test_a_plugin_is_found_by_its_uri(load: Load, text: str, place: str, assignment: str) -> None:
    session = load(plugin("A", tags=["cpu", "gpu"]), listed=(plugin("B", tags=["x", "y"]),))
    context = imjoy.find(session, text)
    assert ("/".join(context.hierarchy), context.assignment) == (place, assignment)


def test_a_tag_that_is_asked_for_goes_before_that_of_the_uri(load: Load) -> None:
    session = load(plugin("A", tags=["cpu", "gpu"]))
    assert imjoy.find(session, "A@cpu", tag="gpu").data["_imjoy"]["tag"] == "gpu"


@pytest.mark.parametrize(
    "text, code, words",
    [
        ("A@TPU", "unknown-tag", "no tag 'TPU'; it has cpu, gpu"),
        ("C@x", "unknown-tag", "none at all"),
        ("Nope", "plugin-not-found", "A, B, C"),
        ("studio/tools:nope", "plugin-not-found", "there is no plugin 'studio/tools:nope'"),
        ("studio/tools:Off", "plugin-not-found", "is disabled"),
        ("https://h/z.imjoy.html", "plugin-not-found", "Nothing is fetched"),
        ("studio/tools:", "uri", "names no plugin"),
        ("B", "ambiguous-plugin", "imjoy/local/B, imjoy/studio/tools/B"),
    ],
)
def test_a_plugin_that_is_not_there_is_reported_with_what_is(load: Load, text: str, code: str, words: str) -> None:
    mine = (plugin("A", tags=["cpu", "gpu"]), plugin("C"), plugin("B"))
    session = load(*mine, listed=(plugin("B"), plugin("Off", disabled=True)))
    with pytest.raises(imjoy.ImJoyError) as error:
        imjoy.find(session, text)
    assert error.value.code == code and words in str(error.value)


def test_a_repository_that_moved_is_still_the_same(load: Load) -> None:
    session = load(listed=(plugin("B"),), repository="imjoy-team/imjoy-plugins")
    assert imjoy.find(session, "oeway/ImJoy-Plugins:B").data["name"] == "B"


def test_a_plan_is_made_anew_in_the_order_that_is_asked_for(load: Load) -> None:
    session = load(plugin("A", tags=["c", "g"], requirements={"c": ["a", "repo:https://h/r"], "g": ["b"]}, env="conda create -n x y"))
    context = imjoy.find(session, "A")
    assert imjoy.install_plan(context)["steps"] == context.data["_imjoy"]["plan"]["steps"]
    kinds = [step["kind"] for step in imjoy.install_plan(context, "listed")["steps"]]
    assert kinds == ["env-create", "pip-install", "git-clone"]
    assert [step["argv"][-1] for step in imjoy.install_plan(imjoy.find(session, "A@g"))["steps"]] == ["y", "b"]


def test_a_plan_has_only_two_orders(load: Load) -> None:
    with pytest.raises(ValueError, match="expected one of engine, listed"):
        imjoy.install_plan(imjoy.find(load(plugin("A")), "A"), "other")


# --- dependencies


def test_dependencies_in_a_circle_are_reported_with_the_way_round(load: Load) -> None:
    session = load(plugin("P", dependencies=["Q"]), plugin("Q", dependencies=["R"]), plugin("R", dependencies=["x", "P"]))
    problems = imjoy.dependency_problems(session)
    assert [problem.code for problem in problems] == ["plugin-not-found", "dependency-cycle"]
    assert problems[1].message.endswith("imjoy/local/P → imjoy/local/Q → imjoy/local/R → imjoy/local/P")
    assert (Path(problems[1].source.path).name, problems[1].source.line) == ("2.imjoy.html", 9)


def test_each_circle_is_reported_once_and_plain_dependencies_are_not(load: Load) -> None:
    by_tag = plugin("B", tags=["x", "y"], dependencies={"x": [], "y": ["C"]})
    session = load(plugin("A", dependencies=["A", "B"]), by_tag, plugin("C", dependencies=["B"]))
    assert [problem.message.split(": ")[1] for problem in imjoy.dependency_problems(session)] == [
        "imjoy/local/A → imjoy/local/A", "imjoy/local/B → imjoy/local/C → imjoy/local/B"
    ]


def test_a_dependency_that_is_disabled_is_reported(load: Load) -> None:
    session = load(plugin("A", dependencies=["studio/tools:Off"]), listed=(plugin("Off", disabled=True),))
    assert "disabled" in imjoy.dependency_problems(session)[0].message


# --- inputs

TIFF = {"name": {"type": "string", "pattern": r"\.(tiff?|TIF)$"}}
IMAGE = {
    "type": "object",
    "properties": {"type": {"enum": ["image/grayscale"]}, "array": {}, "height": {"type": "integer"}, "width": {"type": "number"}},
}


@pytest.mark.parametrize(
    "inputs, data, expected",
    [
        (TIFF, {"name": "a.tiff"}, True),
        (TIFF, {"name": "B.TIF"}, True),
        (TIFF, {"name": "a.png"}, False),
        (TIFF, {}, False),
        (TIFF, None, False),
        (TIFF, "a.tiff", False),
        (None, {"name": "a.tiff"}, False),
        (IMAGE, {"type": "image/grayscale", "array": {}, "height": 4, "width": 4}, True),
        (IMAGE, {"type": "image/grayscale", "array": {}, "height": 4}, False),
        ({**IMAGE, "required": ["type"]}, {"type": "image/grayscale"}, True),
        ({"type": "object", "properties": {}}, {"x": 1}, True),
        ({"file": {"ext": "png"}}, {"name": "a.PNG"}, True),
        ({"file": {"ext": ["png", ".tar.gz"]}}, {"name": "a.tar.gz"}, True),
        ({"file": {"ext": "png"}}, {"name": "apng"}, False),
        ({"file": {"mime": "^image/"}}, {"name": "a", "type": "image/png"}, True),
        ({"file": {"mime": "image", "maxSize": 3}}, {"name": "a", "type": "image/png", "size": 4}, False),
        ({"file": {"mime": "", "size": [3, 4]}}, {"name": "a", "size": 4}, True),
        ({"file": "any"}, {"name": "a"}, True),
        ({"file": "any"}, {"nam": "a"}, False),
        ({"type": "object", "properties": {}, "file": {"ext": "png"}}, {"name": "a.png"}, True),
        ({"type": "url", "extension": "zarr"}, {"url": "https://h/a.zarr?x"}, True),
        ({"type": "url", "extension": "zarr"}, {"url": "https://h/a.png"}, False),
        ({"ndarray": {"shape": [2, None], "dtype": "uint8"}}, SimpleNamespace(shape=(2, 5), dtype="uint8"), True),
        ({"ndarray": {"ndim": [2, 3]}}, SimpleNamespace(shape=(2,), dtype="uint8"), False),
        ({"ndarray": {"ndim": 2}}, None, False),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 1}, [1, 2.0], True),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 1}, [float("inf")], False),
        ({"x": {"anyOf": [{"const": 1}, {"not": {"type": "number"}}]}}, {"x": True}, True),
        ({"x": {"oneOf": [{"minimum": 1}, {"maximum": 5}]}}, {"x": 3}, False),
        ({"x": {"allOf": [{"minLength": 1}, {"maxLength": 2}]}}, {"x": "ab"}, True),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False}, {"a": 1, "b": 2}, False),
    ],
)
def test_data_fits_the_inputs_of_a_plugin(inputs: Any, data: Any, expected: bool) -> None:
    assert fits(inputs, data) is expected


@pytest.mark.parametrize(
    "inputs, data",
    [
        ([], {}), ({"type": "object", "properties": 3}, {}), ({"file": {}}, {"name": "a"}), ({"x": 3}, {"x": 1}),
        ({"x": {"enum": 3}}, {"x": 1}), ({"x": {"properties": 3}}, {"x": 1}), ({"x": {"pattern": 3}}, {"x": ""}),
        ({"x": {"required": 3}}, {"x": {}}),
        ({"x": {"type": "str"}}, {"x": 1}), ({"x": {"pattern": "("}}, {"x": ""}), ({"x": {"minimum": "1"}}, {"x": 1}),
        ({"ndarray": {"dtype": "int7"}}, {}), ({"x": {"pattern": "(?:(a|aa)+)+$"}}, {"x": "a" * 60 + "b"}),
    ],
    ids=lambda value: str(value)[:30],
)
def test_inputs_that_say_nothing_are_refused(inputs: Any, data: Any) -> None:
    with pytest.raises(BadSchema):
        fits(inputs, data)


def test_a_schema_that_goes_too_deep_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(100):
        schema = {"not": schema}
    with pytest.raises(BadSchema, match="deep"):
        fits({"x": schema}, {"x": 1})
    assert normalized({"a": {}})["required"] == ["a"]


def test_plugins_are_found_by_data(load: Load) -> None:
    session = load(plugin("T", inputs=TIFF), plugin("I", inputs=IMAGE), plugin("N"), plugin("B", inputs={"x": {"type": "str"}}))
    assert [context.data["name"] for context in imjoy.matching(session, {"name": "a.tiff"})] == ["T"]
    assert imjoy.matching(session, {"x": 1}) == []


# --- nothing is run, fetched or written

SPY = """
import socket, subprocess, sys, os
def refuse(*args, **kwargs):
    raise AssertionError(f"something was started: {args}")
def spy(event, args):
    if event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "socket.connect", "socket.getaddrinfo"):
        refuse(event, args)
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        refuse(event, args)
    if event in ("os.mkdir", "os.remove", "os.rename", "shutil.rmtree"):
        refuse(event, args)
from ways.api import Session
from ways.systems import imjoy
os.environ["WAYS_CACHE"] = "0"
sys.dont_write_bytecode = True
sys.addaudithook(spy)
session = Session()
session.add_search_path(sys.argv[1])
for context in imjoy.plugins(session):
    imjoy.install_plan(context)
print(len(imjoy.plugins(session)), "evil" in sys.modules)
"""


def test_describing_starts_fetches_and_writes_nothing(load: Load, tmp_path: Path) -> None:
    load(plugin("A", requirements=["cmd: touch x", "evil", "repo:https://h/r"], env="touch x", cmd="touch x"), listed=(plugin("B"),))
    (tmp_path / "evil.py").write_text("open('x', 'w')", encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", SPY, str(tmp_path)], capture_output=True, cwd=tmp_path, encoding="utf-8")
    assert (done.stdout, done.stderr) == ("2 False\n", "")
