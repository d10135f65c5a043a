"""What an ImJoy plugin needs is prepared: only what was approved, once, and whole, in real environments."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from systems.imjoy.prepared_plugins import commit, is_gone, plugin, wheel

from ways.api import Context
from ways.systems import imjoy
from ways.systems.imjoy.interpreters import find_interpreter
from ways.systems.imjoy.preparing import RECORD

needs_posix = pytest.mark.skipif(os.name != "posix", reason="the steps are commands of POSIX")


@pytest.fixture(autouse=True)
def without_conda(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str | None]:
    """A machine without conda, whatever this one has."""
    real = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name, *more, **named: None if name == "conda" else real(name, *more, **named))
    return real


@pytest.fixture
def without_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Environments without pip, for commands that need none: it takes seconds to add it to each."""
    monkeypatch.setattr("ways.systems.imjoy.preparing._Preparation._add_pip", lambda self: None)


def digest(context: Context) -> str:
    return str(imjoy.install_plan(context)["digest"])


def prepared(context: Context, place: Path, **given: Any) -> tuple[imjoy.Environment, list[str]]:
    """Prepare a plugin, all of whose steps are approved; return its environment, and the states of its steps."""
    states: list[str] = []
    given.setdefault("approve", lambda step: True)
    environment = imjoy.prepare(context, str(place), report=lambda step, state: states.append(state), **given)
    return environment, [state for state in states if state != "running"]


def said(environment: imjoy.Environment, code: str) -> str:
    """Return what the environment's Python prints."""
    command = [environment.python, "-I", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.strip()


def refused(context: Context, place: Path, **given: Any) -> imjoy.ImJoyError:
    """Return the error of a prepare that was refused, and did nothing."""
    with pytest.raises(imjoy.ImJoyError) as raised:
        imjoy.prepare(context, str(place), **given)
    assert not place.exists()
    return raised.value


# consent


def test_another_digest_approves_nothing(tmp_path: Path) -> None:
    error = refused(plugin(tmp_path, requirements=["numpy"]), tmp_path / "place", approve="0" * 64)
    assert error.code == "consent-required" and "1. pip-install: python -m pip install numpy" in str(error)


@pytest.mark.parametrize(
    "config, text",
    [
        ({"requirements": ["cmd:rm  -rf x; ls"]}, "shell: rm -rf x; ls"),
        ({"env": "git clone https://h/r"}, "env-command: git clone https://h/r"),
        ({"env": "true; false"}, "env-command: true; false"),
    ],
)
def test_the_digest_of_a_plan_never_approves_a_command(config: dict[str, Any], text: str, tmp_path: Path) -> None:
    context = plugin(tmp_path, **config)
    error = refused(context, tmp_path / "place", approve=digest(context))
    assert error.code == "consent-required" and f"step 1 was not approved: {text}" in str(error)


def test_a_function_sees_every_step_before_anything_is_done(tmp_path: Path) -> None:
    context = plugin(tmp_path, requirements=["numpy", "cmd:ls"])
    seen: list[str] = []

    def approve(step: imjoy.Step) -> bool:
        seen.append(step["kind"])
        return step["kind"] != "shell"

    assert refused(context, tmp_path / "place", approve=approve).code == "consent-required"
    assert seen == ["pip-install", "shell"]


def test_a_yes_is_true_and_nothing_like_it(tmp_path: Path) -> None:
    async def approve(step: imjoy.Step) -> bool:
        return False

    def started(step: imjoy.Step) -> Any:
        waiting = approve(step)
        waiting.close()
        return waiting

    assert refused(plugin(tmp_path, requirements=["numpy"]), tmp_path / "place", approve=started).code == "consent-required"


def test_ids_of_steps_go_with_a_digest_and_name_steps(tmp_path: Path) -> None:
    context = plugin(tmp_path, requirements=["numpy"])
    for given in ({"approve": lambda step: True, "steps": [1]}, {"approve": digest(context), "steps": [2]}):
        with pytest.raises(ValueError, match="step"):
            imjoy.prepare(context, str(tmp_path / "place"), **given)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="backend"):
        imjoy.prepare(context, str(tmp_path / "place"), approve=digest(context), backend="docker")


def test_an_invalid_step_ends_it_before_anything_is_done(tmp_path: Path) -> None:
    context = plugin(tmp_path, requirements=["numpy", "pip: --index-url http://h x"])
    error = refused(context, tmp_path / "place", approve=digest(context))
    assert error.code == "invalid-step" and "requirements[1]" in str(error) and "--index-url" in str(error)


@pytest.mark.parametrize("config", [{"requirements": ["a\ud800"]}, {"requirements": ["repo:https://h/a\0b"]}, {"env": "set A=\0"}])
def test_a_character_that_no_program_can_be_given_is_invalid(tmp_path: Path, config: dict[str, Any]) -> None:
    context = plugin(tmp_path, **config)
    assert refused(context, tmp_path / "place", approve=digest(context)).code == "invalid-step"


def test_a_plugin_of_a_browser_is_not_prepared(tmp_path: Path) -> None:
    context = plugin(tmp_path, type="window", requirements=["https://h/x.js"])
    assert refused(context, tmp_path / "place", approve=digest(context)).code == "not-runnable"


# packages


def test_a_real_package_is_installed_once(tmp_path: Path) -> None:
    ask = [sys.executable, "-m", "pip", "index", "versions", "numpy"]
    if subprocess.run(ask, capture_output=True, check=False, stdin=subprocess.DEVNULL).returncode:
        pytest.skip("no index of packages can be reached")
    context = plugin(tmp_path, requirements=["numpy"])
    environment, states = prepared(context, tmp_path / "place", approve=digest(context))
    assert states == ["done"] and environment.failed is None and environment.unavailable == ()
    assert said(environment, "import numpy; print(numpy.arange(3).sum())") == "3"
    site = Path(said(environment, "import numpy; print(numpy.__file__)"))
    before = site.stat().st_mtime_ns
    again, states = prepared(context, tmp_path / "place", approve=digest(context))
    assert states == ["kept"] and again == environment and site.stat().st_mtime_ns == before


def test_an_environment_has_its_packages_and_no_others(tmp_path: Path) -> None:
    context = plugin(tmp_path, requirements=[wheel(tmp_path / "work")])
    environment, _ = prepared(context, tmp_path / "place", approve=digest(context), workspace=str(tmp_path / "work"))
    assert said(environment, "import thing; print(thing.answer)") == "42"
    assert said(environment, "import importlib.util as u; print(u.find_spec('click'))") == "None"
    assert environment.workspace == str(tmp_path / "work") and environment.python.startswith(str(tmp_path / "place"))
    found = imjoy.find_environment(context, str(tmp_path / "place"))
    assert found == environment


def test_a_plugin_without_requirements_has_an_environment_too(tmp_path: Path) -> None:
    context = plugin(tmp_path)
    environment, states = prepared(context, tmp_path / "place", approve=digest(context))
    assert states == [] and said(environment, "print(1)") == "1"
    environment.check()


def test_each_tag_and_each_plan_has_its_own_environment(tmp_path: Path) -> None:
    config: dict[str, Any] = {"tags": ["a", "b"], "requirements": {"a": [wheel(tmp_path / "work")], "b": []}}
    place, work = tmp_path / "place", str(tmp_path / "work")
    first, _ = prepared(plugin(tmp_path, **config), place, workspace=work)
    with pytest.raises(imjoy.ImJoyError, match="isn't prepared") as raised:
        imjoy.find_environment(plugin(tmp_path, tag="b", **config), str(place))
    assert raised.value.code == "not-prepared"
    second, _ = prepared(plugin(tmp_path, tag="b", **config), place, workspace=work)
    assert first.python != second.python and said(second, "import importlib.util as u; print(u.find_spec('thing'))") == "None"


@needs_posix
def test_a_failure_ends_it_and_the_rest_is_done_later(tmp_path: Path) -> None:
    work = tmp_path / "work"
    first, second = wheel(work, "one"), wheel(work, "two")
    (work / second).rename(work / "hidden")
    context = plugin(tmp_path, requirements=[first, second, "cmd:echo x >> last"])
    environment, states = prepared(context, tmp_path / "place", workspace=str(work))
    assert states == ["done", "failed"] and not (work / "last").exists()
    failed = environment.failed
    assert failed is not None and failed.step["id"] == 2 and failed.code == 1
    assert any("two-1.0" in line and "ERROR" in line for line in failed.lines) and len(failed.lines) <= 20
    with pytest.raises(imjoy.ImJoyError, match="step 2 failed with exit code 1: pip-install") as raised:
        environment.check()
    assert raised.value.code == "step-failed"
    with pytest.raises(imjoy.ImJoyError, match="isn't prepared"):
        imjoy.find_environment(context, str(tmp_path / "place"))
    (work / "hidden").rename(work / second)
    environment, states = prepared(context, tmp_path / "place", workspace=str(work))
    assert states == ["kept", "done", "done"] and environment.failed is None and (work / "last").read_text() == "x\n"


def test_a_file_in_the_workspace_is_not_taken_for_pip(tmp_path: Path) -> None:
    work = tmp_path / "work"
    context = plugin(tmp_path, requirements=[wheel(work)])
    for name in ("pip.py", "ensurepip.py", "venv.py", "re.py"):
        (work / name).write_text("raise SystemExit('I was run')", encoding="utf-8")
    environment, _ = prepared(context, tmp_path / "place", workspace=str(work))
    assert environment.failed is None


# commands and variables


@pytest.mark.usefixtures("without_pip")
@needs_posix
def test_commands_run_in_the_environment_and_the_workspace_without_the_variables_of_the_plan(tmp_path: Path) -> None:
    shown = 'cmd:echo "$PIP_INDEX_URL|$(command -v python)|$(pwd -P)" > out'
    context = plugin(tmp_path, env=["export PIP_INDEX_URL=http://h"], requirements=[shown])
    environment, _ = prepared(context, tmp_path / "place", approve=digest(context), steps=[2])
    work = tmp_path / "place" / "workspace"
    assert (work / "out").read_text() == f"|{environment.python}|{work.resolve()}\n"
    assert environment.variables == {"PIP_INDEX_URL": "http://h"}


@pytest.mark.usefixtures("without_pip")
@needs_posix
@pytest.mark.parametrize(
    "command, states, folders",
    [
        ("mkdir a && mkdir b", ["done", "done"], ["a", "b"]),
        ("mkdir x/a && mkdir b", ["failed", "skipped"], []),
        ("mkdir a || mkdir b", ["done", "skipped"], ["a"]),
        ("mkdir x/a || mkdir b", ["failed", "done"], ["b"]),
        ("mkdir x/a || mkdir x/b || mkdir c && mkdir d", ["failed", "failed", "done", "done"], ["c", "d"]),
        ("mkdir a || mkdir b && mkdir c", ["done", "skipped", "done"], ["a", "c"]),
    ],
)
def test_operators_between_commands(command: str, states: list[str], folders: list[str], tmp_path: Path) -> None:
    context = plugin(tmp_path, env=command)
    environment, got = prepared(context, tmp_path / "place")
    assert got == states and sorted(os.listdir(environment.workspace)) == folders
    assert (environment.failed is None) == (states[-1] != "skipped" or "||" in command)
    if environment.failed is None:
        again, got = prepared(context, tmp_path / "place")
        assert set(got) <= {"kept", "skipped"} and again.failed is None


@pytest.mark.usefixtures("without_pip")
@needs_posix
def test_a_step_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path) -> None:
    context = plugin(tmp_path, requirements=["cmd:[ -e go ] || exit 1; sleep 300 & echo $! > pid; wait"])
    # The environment is made in the first call, for that takes long on a busy machine.
    assert prepared(context, tmp_path / "place")[1] == ["failed"]
    (tmp_path / "place" / "workspace" / "go").touch()
    environment, states = prepared(context, tmp_path / "place", timeout=5)
    assert states == ["failed"] and environment.failed is not None and environment.failed.code is None
    assert "more than 5 seconds" in environment.failed.lines[-1]
    assert is_gone(int((Path(environment.workspace) / "pid").read_text()))


@pytest.mark.usefixtures("without_pip")
@needs_posix
def test_what_a_step_leaves_running_ends_with_it(tmp_path: Path) -> None:
    context = plugin(tmp_path, requirements=["cmd:sleep 300 & echo $! > pid"])
    environment, states = prepared(context, tmp_path / "place")
    assert states == ["done"] and is_gone(int((Path(environment.workspace) / "pid").read_text()))


# what is not there


def test_steps_of_conda_without_conda(tmp_path: Path) -> None:
    work = tmp_path / "work"
    context = plugin(tmp_path, env="conda create python", requirements=["conda:cudatoolkit", wheel(work)])
    environment, states = prepared(context, tmp_path / "place", workspace=str(work))
    assert states == ["unavailable", "done", "done"] and said(environment, "import thing") == ""
    [step] = environment.unavailable
    assert step["source"]["entry"] == "conda:cudatoolkit" and step["note"] == "conda is not installed"
    with pytest.raises(imjoy.ImJoyError, match="can't do 1 of the steps: conda-install: conda install -y cudatoolkit") as raised:
        environment.check()
    assert raised.value.code == "unavailable"


@pytest.mark.parametrize(
    "env, reason",
    [
        ("conda create python=3.99", "there is no Python 3.99 on this machine"),
        ("conda create python=2.7", "the plugin asks for Python 2.7, and plugins run in Python 3.8 or newer"),
        ("conda create python=3.6.8", "the plugin asks for Python 3.6.8, and"),
        ("conda create python=3.11 cudnn", "conda is not installed"),
        ("conda create 'python>=3.11'", "conda is not installed"),
        ("conda env create -f e.yml", "conda is not installed"),
    ],
)
def test_an_environment_that_can_not_be_made_takes_its_steps_along(env: str, reason: str, tmp_path: Path) -> None:
    context = plugin(tmp_path, env=env, requirements=["numpy", "cmd:ls"])
    environment, states = prepared(context, tmp_path / "place", approve=lambda step: False)
    assert environment.python == "" and set(states) == {"unavailable"} and environment.done == ()
    assert all(reason in step["note"] for step in environment.unavailable[-2:]) and len(environment.unavailable) == 3


def test_an_environment_is_made_by_the_python_it_asks_for(tmp_path: Path) -> None:
    others = [f"3.{minor}" for minor in (13, 12, 11, 10, 9, 8) if minor != sys.version_info.minor and can_be_found(f"3.{minor}")]
    if not others:
        pytest.skip("this machine has one version of Python")
    context = plugin(tmp_path, env=f"conda create python={others[0]}")
    environment, _ = prepared(context, tmp_path / "place", approve=digest(context))
    assert said(environment, "import sys; print('%d.%d' % sys.version_info[:2])") == others[0]


def can_be_found(version: str) -> bool:
    try:
        return bool(find_interpreter(version))
    except imjoy.ImJoyError:
        return False


def test_interpreters() -> None:
    this = ".".join(map(str, sys.version_info[:3]))
    assert can_be_found("") and can_be_found(this) and can_be_found(this.rpartition(".")[0]) and not can_be_found("4.5")


def test_a_processor_is_not_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    context = plugin(tmp_path, env=[{"type": "gputil", "options": {}}])
    environment, states = prepared(context, tmp_path / "place")
    assert states == ["unavailable"] and "CUDA_VISIBLE_DEVICES" in environment.unavailable[0]["note"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    environment, states = prepared(context, tmp_path / "place")
    assert states == ["done"] and environment.variables == {"CUDA_VISIBLE_DEVICES": "1"} and environment.unavailable == ()


@needs_posix
def test_conda_makes_an_environment_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_conda: Callable[[str], str | None]
) -> None:
    """A stand-in for conda writes down how it is called, and makes an environment as ``venv`` does."""
    conda = tmp_path / "conda"
    conda.write_text(
        f'#!/bin/sh\necho "$@" >> "{tmp_path}/calls"\n'
        'while [ "$1" != --prefix ]; do shift; done\n'
        f'[ -e "$2" ] || exec "{sys.executable}" -m venv "$2"\n',
        encoding="utf-8",
    )
    conda.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(conda) if name == "conda" else without_conda(name))
    work = tmp_path / "work"
    context = plugin(tmp_path, env="conda create -n mine python=3.6 cudnn", requirements=["conda: -c c six", wheel(work)])
    environment, states = prepared(context, tmp_path / "place", approve=digest(context), workspace=str(work))
    assert states == ["done"] * 3 and said(environment, "import thing") == ""
    prefix = environment.python.removesuffix("/bin/python")
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls == [f"create -y --prefix {prefix} python=3.6 cudnn", f"install -y --prefix {prefix} -c c six"]
    assert prefix.startswith(str(tmp_path / "place")) and prefix.endswith("/mine")


@pytest.mark.usefixtures("without_pip")
def test_conda_does_not_go_on_with_an_environment_that_it_has_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_conda: Callable[[str], str | None]
) -> None:
    context = plugin(tmp_path, requirements=["conda:six"])
    environment, states = prepared(context, tmp_path / "place")
    assert states == ["unavailable"] and environment.python
    monkeypatch.setattr(shutil, "which", lambda name: "/nowhere/conda" if name == "conda" else without_conda(name))
    environment, states = prepared(context, tmp_path / "place")
    assert states == ["failed"] and environment.python == "" and environment.failed is not None
    assert environment.failed.code == 127 and "/nowhere/conda" in environment.failed.lines[-1]


# repositories


def test_a_repository_is_cloned_and_brought_up_to_date(tmp_path: Path) -> None:
    commit(tmp_path / "source", name="one")
    context = plugin(tmp_path, requirements=[f"repo:{tmp_path / 'source'} sub/mine"])
    environment, states = prepared(context, tmp_path / "place", approve=digest(context))
    clone = Path(environment.workspace) / "sub" / "mine"
    assert states == ["done"] and environment.failed is None and (clone / "name").read_text() == "one"
    commit(tmp_path / "source", name="two")
    assert prepared(context, tmp_path / "place")[1] == ["kept"] and (clone / "name").read_text() == "one"
    # Another plugin of the same workspace asks for the same repository.
    other = plugin(tmp_path, "Q", requirements=[f"repo:{tmp_path / 'source'} sub/mine"])
    assert prepared(other, tmp_path / "place")[1] == ["done"] and (clone / "name").read_text() == "two"
    shutil.rmtree(clone)
    assert prepared(context, tmp_path / "place")[1] == ["done"] and (clone / "name").read_text() == "two"
    assert sorted(os.listdir(environment.workspace)) == ["sub"]


@pytest.mark.parametrize(
    "kind, words",
    [
        ("folder", "no clone of"),
        ("other clone", "no clone of"),
        ("settings", "core.sshcommand"),
        ("link", "leaves the workspace"),
        ("nothing to clone", "failed"),
    ],
)
def test_a_repository_that_can_not_be_cloned(kind: str, words: str, tmp_path: Path) -> None:
    commit(tmp_path / "source", name="one")
    work = tmp_path / "work"
    target = work / "sub" / "mine"
    url = tmp_path / ("nowhere" if kind == "nothing to clone" else "source")
    if kind == "folder":
        target.mkdir(parents=True)
    elif kind in ("other clone", "settings"):
        address = tmp_path / "elsewhere" if kind == "other clone" else url
        commit(target, name="x")
        subprocess.run(["git", "-C", str(target), "remote", "add", "origin", str(address)], check=True)
        subprocess.run(["git", "-C", str(target), "config", "core.sshCommand", f"touch {tmp_path / 'run'}"], check=True)
    elif kind == "link":
        work.mkdir()
        (tmp_path / "outside").mkdir()
        (work / "sub").symlink_to(tmp_path / "outside", target_is_directory=True)
    context = plugin(tmp_path, requirements=[f"repo:{url} sub/mine", "cmd:touch last"])
    environment, states = prepared(context, tmp_path / "place", workspace=str(work))
    assert states == ["failed"] and environment.failed is not None and words in environment.failed.lines[-1]
    assert not (work / "last").exists() and not list(work.glob(".ways-clone-*"))
    assert kind != "link" or os.listdir(tmp_path / "outside") == []


# interrupted, and several at once

RUN = """
import sys
from ways.api import Session
from ways.systems import imjoy
from ways.systems.imjoy import preparing
preparing._Preparation._add_pip = lambda self: None
session = Session()
session.add_search_path(sys.argv[1])
imjoy.prepare(imjoy.find(session, "P"), sys.argv[2], approve=lambda step: True)
"""


@pytest.mark.usefixtures("without_pip")
@needs_posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "Ctrl-C"])
def test_what_was_interrupted_is_done_anew(number: signal.Signals, tmp_path: Path) -> None:
    context = plugin(tmp_path, requirements=["cmd:echo 1 >> first", "cmd:echo $$ > pid; sleep 3; echo 2 >> second"])
    place = tmp_path / "place"
    process = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path / "P.imjoy.html"), str(place)], stderr=subprocess.DEVNULL)
    pid = place / "workspace" / "pid"
    end = time.monotonic() + 60
    while not (pid.exists() and pid.read_text().strip()) and time.monotonic() < end:
        time.sleep(0.05)
    step = int(pid.read_text())
    process.send_signal(number)
    assert process.wait(60) != 0
    [folder] = [item for item in place.iterdir() if item.name != "workspace"]
    assert json.loads((folder / RECORD).read_text(encoding="utf-8"))["begun"].startswith("shell: ")
    with pytest.raises(imjoy.ImJoyError, match="isn't prepared"):
        imjoy.find_environment(context, str(place))
    mark = folder / "venv" / "mark"
    mark.touch()
    environment, states = prepared(context, place)
    # A step that outlives the program that began it is waited for.
    assert is_gone(step) and states == ["done", "done"] and environment.failed is None and not mark.exists()
    lines = (place / "workspace" / "second").read_text().split()
    assert lines == (["2", "2"] if number == signal.SIGKILL else ["2"])


@needs_posix
def test_two_at_once_do_the_work_once(tmp_path: Path) -> None:
    work = tmp_path / "work"
    context = plugin(tmp_path, requirements=[wheel(work), "cmd:echo x >> count"])
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: prepared(context, tmp_path / "place", workspace=str(work)), range(2)))
    assert sorted(states for _, states in results) == [["done", "done"], ["kept", "kept"]]
    assert results[0][0] == results[1][0] and (work / "count").read_text() == "x\n"


@pytest.mark.usefixtures("without_pip")
@needs_posix
def test_who_waits_too_long_for_another_is_told(tmp_path: Path) -> None:
    context = plugin(tmp_path, requirements=["cmd:touch begun; while [ ! -e done ]; do sleep 0.1; done"])
    work = tmp_path / "place" / "workspace"
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(prepared, context, tmp_path / "place")
        while not (work / "begun").exists() and not first.done():
            time.sleep(0.05)
        with pytest.raises(imjoy.ImJoyError, match="another process has been preparing 'P'") as raised:
            prepared(context, tmp_path / "place", timeout=0.2)
        (work / "done").touch()
        assert raised.value.code == "busy" and first.result()[1] == ["done"]


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"outcomes": 1}', '{"python": "/nowhere", "is_complete": true}'])
def test_a_record_that_can_not_be_used_is_as_none(text: str, tmp_path: Path) -> None:
    context = plugin(tmp_path)
    prepared(context, tmp_path / "place")
    [record] = (tmp_path / "place").glob(f"*/{RECORD}")
    record.write_text(text, encoding="utf-8")
    with pytest.raises(imjoy.ImJoyError, match="isn't prepared"):
        imjoy.find_environment(context, str(tmp_path / "place"))


@pytest.mark.skipif(os.name != "posix", reason="Windows says of no folder whose it is")
def test_what_another_user_has_prepared_is_not_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = plugin(tmp_path)
    place = tmp_path / "place"
    python = imjoy.prepare(context, str(place), approve=digest(context)).python
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    with pytest.raises(imjoy.ImJoyError, match="belongs to another user") as caught:
        imjoy.prepare(context, str(place), approve=digest(context))
    assert caught.value.code == "not-yours"
    # Whoever names a place believes its owner, and nobody else in it.
    assert imjoy.find_environment(context, str(place)).python == python
    owned = os.lstat

    def foreign(path: Any) -> Any:
        status = list(owned(path))
        status[4] = mine + 2
        return os.stat_result(status)

    monkeypatch.setattr(os, "lstat", foreign)
    with pytest.raises(imjoy.ImJoyError, match="isn't prepared"):
        imjoy.find_environment(context, str(place))


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
def test_nobody_else_may_write_to_what_is_prepared(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        imjoy.prepare(plugin(tmp_path), str(tmp_path / "place"), approve=digest(plugin(tmp_path)))
    finally:
        os.umask(before)
    (folder,) = [path for path in (tmp_path / "place").iterdir() if path.name != "workspace"]
    assert folder.stat().st_mode & 0o022 == 0


def test_a_pip_that_only_pretends_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_DRY_RUN", "1")
    place = tmp_path / "place"
    context = plugin(tmp_path, requirements=[wheel(place / "workspace")])
    python = imjoy.prepare(context, str(place), approve=digest(context)).python
    assert subprocess.run([python, "-I", "-c", "import thing"], check=False).returncode == 0


def test_an_environment_that_is_gone_is_made_again(tmp_path: Path) -> None:
    work = tmp_path / "work"
    context = plugin(tmp_path, requirements=[wheel(work)])
    environment, _ = prepared(context, tmp_path / "place", workspace=str(work))
    os.unlink(environment.python)
    environment, states = prepared(context, tmp_path / "place", workspace=str(work))
    assert states == ["done"] and said(environment, "import thing") == ""
