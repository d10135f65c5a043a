"""The code of plugins: where it comes from, under which name it is imported, and what is said where it can't be."""

from __future__ import annotations

import importlib.util
import os
import pickle
import shutil
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import pytest
from systems.dioptra.dioptra_tree import write
from systems.dioptra.weather_tree import ONE, STEPS, lone, one_task, session_of, weather

from ways.api import FormatTable, GitLocalDescriptor, Session
from ways.systems import dioptra
from ways.systems.dioptra import stand_in
from ways.systems.dioptra.loading import TaskRef, UnknownPackageError, read_code

HOT = {"mark": "hot"}
TASK = "@register\ndef first():\n    return {}\n"


def result(session: Session, **options: Any) -> Any:
    """Return the output of the one step."""
    return dioptra.run(session, "One", trust=True, **options).outputs["only"]["out"]


# The same bytes, from everywhere.


@pytest.mark.parametrize("kind", ["gztar", "tar", "zip"])
def test_code_comes_from_an_archive(tmp_path: Path, kind: str) -> None:
    weather(tmp_path / "tree")
    archive = shutil.make_archive(str(tmp_path / "packed"), kind, tmp_path / "tree")
    shutil.rmtree(tmp_path / "tree")
    session = Session()
    session.add_search_path(archive)
    run = dioptra.run(session, "Day", HOT, trust=True, folder=tmp_path / "out")
    assert run.outputs["up"] == {"degrees": 6.0} and run.files["saved"].exists()


def git(folder: Path, *arguments: str) -> None:
    names = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("branch", ["main", "older"])
def test_code_comes_from_git(tmp_path: Path, branch: str) -> None:
    weather(tmp_path)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "a")
    git(tmp_path, "branch", "older")
    if branch == "older":
        # Only the commit has it now.
        (tmp_path / "plugins" / "weather" / "steps.py").write_text("raise SystemExit\n", encoding="utf-8")
    session = Session()
    session.add_search_path(GitLocalDescriptor(str(tmp_path), ["dioptra.toml"], branch=branch))
    assert dioptra.run(session, "Day", HOT, trust=True).outputs["up"] == {"degrees": 6.0}


def test_code_that_changed_is_not_run(tmp_path: Path) -> None:
    session = session_of(weather(tmp_path))
    file = tmp_path / "plugins" / "weather" / "steps.py"
    file.write_text(STEPS.replace("degrees + by", "degrees - by"), encoding="utf-8")
    with pytest.raises(dioptra.PluginCodeError, match=r"'weather' can't be used: .*weather: changed since it was described; call session"):
        dioptra.run(session, "Day", HOT, trust=True)
    session.refresh()
    assert dioptra.run(session, "Day", HOT, trust=True).outputs["up"] == {"degrees": 2.0}
    file.unlink()
    with pytest.raises(dioptra.PluginCodeError, match=r"steps.py: changed since it was described: No such file"):
        dioptra.run(session, "Day", HOT, trust=True)


def test_a_session_out_of_a_snapshot_has_no_code(tmp_path: Path) -> None:
    session = Session.from_snapshot(session_of(weather(tmp_path)).snapshot())
    with pytest.raises(dioptra.PluginCodeError, match="its Python files can't be read: this session did not read it"):
        dioptra.run(session, "Day", HOT, trust=True)


# Names.


def test_two_versions_of_a_plugin_run_side_by_side(tmp_path: Path) -> None:
    codes = [f"class Thing: n = {n}\n@register\ndef first():\n    return Thing\n" for n in (1, 2)]
    sessions = [lone(tmp_path / str(n), code, outputs="out") for n, code in enumerate(codes)]
    first, second = map(result, sessions)
    assert (first.n, second.n) == (1, 2) and first.__module__ != second.__module__
    assert first.__module__.startswith("_dioptra_lone_") and first.__module__.endswith(".steps")
    assert result(sessions[0]) is first


def test_what_a_plugin_makes_can_be_pickled_here(tmp_path: Path) -> None:
    thing = result(lone(tmp_path, "class Thing: pass\n@register\ndef first():\n    return Thing()\n", outputs="out"))
    assert type(pickle.loads(pickle.dumps(thing))) is type(thing)


def test_a_plugin_imports_its_own_modules(tmp_path: Path) -> None:
    code = "from .helper import two\nfrom . import helper\n@register\ndef first():\n"
    code += "    from .sub import deep\n    return two + helper.two + deep.three\n"
    session = lone(tmp_path, code, outputs="out", helper="two = 2\n", **{"sub/deep": "from ..helper import two\nthree = two + 1\n"})
    assert result(session) == 7


def test_plugins_import_each_other_by_plain_names(tmp_path: Path) -> None:
    code = "from dioptra import pyplugs\nfrom plain_other.things import two\n@pyplugs.register\ndef first():\n    return two\n"
    toml = one_task("", outputs="out", plugin="plain_lone").replace('plugins = [ "plain_lone"', 'plugins = [ "plain_lone", "plain_other"')
    toml = '[[plugins]]\npath = "plugins/plain_other"\ntasks = {}\n' + toml
    files = {"dioptra.toml": toml, "one.yaml": "graph:\n  only:\n    task: first\n", "plugins/plain_lone/steps.py": code}
    session = session_of(write(tmp_path, {**files, "plugins/plain_other/things.py": "two = 2\n"}) / "dioptra.toml")
    with pytest.raises(dioptra.PluginCodeError, match="it imports 'plain_other', which isn't here") as error:
        dioptra.run(session, "One", trust=True)
    assert error.value.missing == "plain_other" and error.value.line == 2
    assert result(session, plain=True) == 2
    (tmp_path / "plugins" / "plain_other" / "things.py").write_text("two = 3\n", encoding="utf-8")
    session.refresh()
    (tmp_path / "plugins" / "plain_lone" / "steps.py").write_text(code + "\n", encoding="utf-8")
    session.refresh()
    assert result(session, plain=True) == 3


def test_a_plain_name_hides_no_other_module(tmp_path: Path) -> None:
    code = "from dioptra import pyplugs\n@pyplugs.register\ndef first(): pass\n"
    files = {"dioptra.toml": one_task("", plugin="json"), "one.yaml": "graph:\n  only:\n    task: first\n", "plugins/json/steps.py": code}
    session = session_of(write(tmp_path, files) / "dioptra.toml")
    dioptra.run(session, "One", trust=True)
    with pytest.raises(dioptra.PluginCodeError, match="plain=True .* would hide this module; rename the plugin's folder"):
        dioptra.run(session, "One", trust=True, plain=True)


def test_a_task_in_the_init_file_of_a_plugin(tmp_path: Path) -> None:
    code = "from dioptra import pyplugs\n@pyplugs.register(sort_value=3)\ndef first(): return __name__\n"
    toml = one_task("", outputs="out", file="__init__.py")
    files = {"dioptra.toml": toml, "one.yaml": "graph:\n  only:\n    task: first\n", "plugins/lone/__init__.py": code}
    assert result(session_of(write(tmp_path, files) / "dioptra.toml")).startswith("_dioptra_lone_")


def test_a_task_in_a_folder_of_the_plugin(tmp_path: Path) -> None:
    code = "from dioptra import pyplugs\n@pyplugs.register()\ndef first(): return __name__\n"
    toml = one_task("", outputs="out", file="sub/deep.py")
    files = {"dioptra.toml": toml, "one.yaml": "graph:\n  only:\n    task: first\n", "plugins/lone/sub/deep.py": code}
    assert result(session_of(write(tmp_path, files) / "dioptra.toml")).endswith(".sub.deep")


def test_what_was_registered_is_called(tmp_path: Path) -> None:
    code = "def hide(function):\n    def hidden(): raise KeyError\n    return hidden\n"
    assert result(lone(tmp_path / "a", f"{code}@hide\n@register\ndef first():\n    return 4\n", outputs="out")) == 4


def test_a_class_can_be_a_task(tmp_path: Path) -> None:
    code = "class first:\n    n = 4\nregister(first)\n"
    session = lone(tmp_path, code, outputs="out", may_be_wrong=True)
    assert result(session, validate=False).n == 4


# What can be wrong.


@pytest.mark.parametrize(
    ("code", "line", "missing", "words"),
    [
        ("import no_such_thing\n" + TASK, 2, "no_such_thing", "it imports 'no_such_thing', which isn't here: install it"),
        ("from .gone import x\n" + TASK, 2, "gone", "it has no module 'gone'"),
        ("from json import gone\n" + TASK, 2, "json", "cannot import name 'gone' from 'json'"),
        ("\n\nraise KeyError('x')\n" + TASK, 4, "", "KeyError: 'x'"),
        ("import sys; sys.exit(4)\n" + TASK, 2, "", r"it would have ended the program: SystemExit\(4\)"),
        ("from .helper import x\n" + TASK, 1, "", "ZeroDivisionError"),
        ("def first(): pass\n", 2, "", "'first' is no task: give it the decorator pyplugs.register"),
        ("def register(): pass\n" + TASK, 3, "", "TypeError"),
    ],
)
def test_code_that_can_not_be_loaded(tmp_path: Path, code: str, line: int, missing: str, words: str) -> None:
    lone_tree(tmp_path, code)
    session = session_of(tmp_path / "dioptra.toml", may_be_wrong=True)
    assert [step.name for step in dioptra.plan(session, "One", validate=False)] == ["only"]
    with pytest.raises(dioptra.PluginCodeError, match=f"^{tmp_path}/one.yaml:2:3: the plugin 'lone' can't be used: .*{words}") as error:
        dioptra.run(session, "One", trust=True, validate=False)
    name = "helper.py" if "helper" in code else "steps.py"
    assert (error.value.path, error.value.line, error.value.missing) == (str(tmp_path / "plugins/lone" / name), line, missing)
    assert error.value.plugin == "lone" and isinstance(error.value, ImportError)


def lone_tree(folder: Path, code: str) -> None:
    head = "from dioptra.pyplugs import register\n"
    files = {"dioptra.toml": one_task(code), "one.yaml": ONE, "plugins/lone/steps.py": head + code, "plugins/lone/helper.py": "1 / 0\n"}
    write(folder, files)


@pytest.mark.parametrize("code", ["def first(:\n", "first = 1\n"])
def test_code_without_its_task(tmp_path: Path, code: str) -> None:
    lone_tree(tmp_path, code)
    session = Session(FormatTable((dioptra.DioptraFormat(is_strict=False),)))
    session.add_search_path(str(tmp_path / "dioptra.toml"))
    with pytest.raises(dioptra.PluginCodeError, match="can't be used") as error:
        dioptra.run(session, "One", trust=True, validate=False)
    assert error.value.path.endswith("steps.py")


def test_an_artifact_task_that_lacks_a_method(tmp_path: Path) -> None:
    keep = "from dioptra.sdk.api.artifact import ArtifactTaskInterface as Base\nclass Json(Base):\n    def serialize(*given): ...\n"
    keep += "    def validation(): ...\n    if 0:\n        def deserialize(*given): ...\n"
    session = session_of(weather(tmp_path, keep=keep), may_be_wrong=True)
    with pytest.raises(dioptra.PluginCodeError, match="the artifact task 'Json' has no 'deserialize'") as error:
        dioptra.run(session, "Day", HOT, trust=True)
    assert error.value.missing == "deserialize"


def test_code_that_was_not_installed_is_no_code() -> None:
    with pytest.raises(UnknownPackageError, match="_dioptra_none_1"):
        TaskRef("_dioptra_none_1", "none.steps.first").load()


def test_tracebacks_show_the_lines_of_a_plugin(tmp_path: Path) -> None:
    weather(tmp_path / "tree", steps=STEPS.replace("return degrees + by", "raise KeyError('by')  # here"))
    archive = shutil.make_archive(str(tmp_path / "packed"), "gztar", tmp_path / "tree")
    session = Session()
    session.add_search_path(archive)
    with pytest.raises(dioptra.StepError) as error:
        dioptra.run(session, "Day", HOT, trust=True)
    text = "".join(traceback.format_exception(error.value))
    assert "packed.tar.gz/plugins/weather/steps.py" in text.replace(os.sep, "/") and "# here" in text


# Code on its way to another process.


def test_code_can_be_sent_to_another_process(tmp_path: Path) -> None:
    session = session_of(weather(tmp_path))
    context = session.get_context("dioptra/plugins/weather")
    assert context is not None
    code = read_code(session, context)
    task = TaskRef(code.name, "weather.steps.warmer")
    assert b"degrees + by" in pickle.dumps(code) and b"degrees + by" not in pickle.dumps(task)
    program = "import pickle, sys; code, task = pickle.load(sys.stdin.buffer); code.install(); print(task.load()(1, by=2))"
    sent = pickle.dumps((code, task))
    done = subprocess.run([sys.executable, "-c", program], input=sent, capture_output=True, check=True, timeout=60)
    assert done.stdout == b"3\n"


# The stand-in for Dioptra.


@pytest.mark.skipif(importlib.util.find_spec("dioptra") is not None, reason="Dioptra itself is installed")
def test_the_stand_in_is_gone_after_a_run(tmp_path: Path) -> None:
    code = "import sys\nthere = 'dioptra.pyplugs' in sys.modules\n@register\ndef first():\n    return there\n"
    session = lone(tmp_path, code, outputs="out")
    assert result(session) is True and importlib.util.find_spec("dioptra") is None
    assert not [name for name in sys.modules if name.partition(".")[0] == "dioptra"]


def test_a_package_of_another_company_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "site", {"dioptra/__init__.py": "raise SystemExit('I was imported')\n", "dioptra/client.py": ""})
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert not stand_in.is_dioptra_installed()
    assert result(lone(tmp_path, "@register\ndef first():\n    return 5\n", outputs="out")) == 5
    assert "dioptra" not in sys.modules


PYPLUGS = """\
_tasks = {}
def register(function):
    _tasks.setdefault(function.__module__, {})[function.__name__] = function
    return function
def get(package, plugin, name):
    return _tasks[f'{package}.{plugin}'][name]
"""


def test_dioptra_itself_is_used_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "site", {"dioptra/__init__.py": "", "dioptra/pyplugs.py": PYPLUGS})
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.delitem(sys.modules, "dioptra", raising=False)
    try:
        session = lone(tmp_path, "@register\ndef first():\n    return register.__code__.co_filename\n", outputs="out")
        assert result(session) == str(tmp_path / "site" / "dioptra" / "pyplugs.py")
        lone_tree(tmp_path / "bare", "def first(): pass\n")
        bare = session_of(tmp_path / "bare" / "dioptra.toml", may_be_wrong=True)
        with pytest.raises(dioptra.PluginCodeError, match="is no task"):
            dioptra.run(bare, "One", trust=True)
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "dioptra"]:
            del sys.modules[name]


def test_threads_load_side_by_side(tmp_path: Path) -> None:
    codes = [f"import time\ntime.sleep(0.05)\n@register\ndef first():\n    return {n}\n" for n in range(6)]
    sessions = [lone(tmp_path / str(n), code, outputs="out") for n, code in enumerate(codes)]
    found: dict[int, object] = {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: result(sessions[n])})) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == {n: n for n in range(6)}
    assert not [name for name in sys.modules if name == "dioptra.pyplugs"]
