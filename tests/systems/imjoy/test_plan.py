"""Install plans of ImJoy plugins: what requirements, environments and start commands ask for, and in which order."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ways.api import Source
from ways.systems.imjoy.files.config import KNOWN_TYPES
from ways.systems.imjoy.files.plan import plan_of
from ways.systems.shared import Problems
from ways.systems.imjoy.files.requirements import ALLOWED_OPTIONS, browser_kind

PIP = "python -m pip install"


def planned(order: str = "engine", tag: str = "", **config: Any) -> dict[str, Any]:
    return plan_of({"type": "native-python", "name": "My plugin", **config}, Problems(Source("a")), tag=tag, order=order)


def commands(plan: dict[str, Any]) -> list[str]:
    return [step["shell"] or shlex.join(step["argv"]) or step["status"] for step in plan["steps"]]


@pytest.mark.parametrize(
    "entry, command",
    [
        ("numpy", f"{PIP} numpy"),
        ("scipy==1.0", f"{PIP} scipy==1.0"),
        ("./local", f"{PIP} ./local"),
        ('numpy; python_version<"3"', f"{PIP} 'numpy; python_version<\"3\"'"),
        ("pip:a b==1", f"{PIP} a b==1"),
        ("pip: -U a b", f"{PIP} -U a b"),
        (" conda : numpy", "conda install -y numpy"),
        ("conda: -c pytorch six", "conda install -y -c pytorch six"),
        ("conda:x -c pytorch", "conda install -y x -c pytorch"),
        ("conda: bioconda::pybedtools", "conda install -y bioconda::pybedtools"),
        ("conda: -y x", "conda install -y x"),
        ("repo:https://h/u/r", "git clone --progress --depth=1 https://h/u/r r"),
        ("repo:https://h/u/r.git", "git clone --progress --depth=1 https://h/u/r.git r"),
        ("repo:https://h/u/a.github.io", "git clone --progress --depth=1 https://h/u/a.github.io a.github.io"),
        ("repo:https://h/u/r  x/y", "git clone --progress --depth=1 https://h/u/r x/y"),
        ("cmd: pip install   -r r/x.txt", "pip install -r r/x.txt"),
        ("git+https://h/u/r@v1#egg=r", f"{PIP} 'git+https://h/u/r@v1#egg=r'"),
        ("pip:git+https://h/u/r@v1#egg=r", f"{PIP} 'git+https://h/u/r@v1#egg=r'"),
        ("https://h/x.whl", f"{PIP} https://h/x.whl"),
        ("pkg @ https://h/x.whl", f"{PIP} 'pkg @ https://h/x.whl'"),
        ("a+b:c", f"{PIP} a+b:c"),
        (1, f"{PIP} 1"),
    ],
    ids=str,
)
def test_a_requirement_is_one_step(entry: object, command: str) -> None:
    assert commands(planned(requirements=[entry])) == [command]


@pytest.mark.parametrize(
    "entry, code",
    [
        ("foo:bar", "requirement-prefix"),
        ("Conda:x", "requirement-prefix"),
        ("js:https://h/x.js", "requirement-prefix"),
        ("bioconda::x", "requirement-prefix"),
        (r"C:\x.whl", "requirement-prefix"),
        ("conda:", "requirement-empty"),
        ("repo: ", "requirement-empty"),
        ("pip: --index-url http://x y", "installer-option"),
        ("pip: --extra-index-url=http://x y", "installer-option"),
        ("conda: --trusted-host x", "installer-option"),
        ("pip: -r ../x.txt", "path-escape"),
        ("pip: -e /abs", "path-escape"),
        ("pip: --force-reinstall ../x", "path-escape"),
        ("../x", "path-escape"),
        ("~/x", "path-escape"),
        ("repo:ext::sh -c x", "unsafe-url"),
        ("repo:--upload-pack=x", "unsafe-url"),
        ("pip:git+ext::sh", "unsafe-url"),
        ("repo:https://h/r a b", "repo-words"),
        ("repo:https://h/..", "path-escape"),
        ("repo:https://h/r .git", "path-escape"),
        ("repo:https://h/r r/.Git/hooks", "path-escape"),
        ("repo:https://h/r con", "path-escape"),
        (r"repo:https://h/r a\..\..\b", "path-escape"),
        ("repo:https://h/r C:/x", "path-escape"),
    ],
)
def test_a_requirement_that_cannot_be_is_a_step_that_is_invalid(entry: str, code: str) -> None:
    problems = Problems(Source("a"))
    plan = plan_of({"type": "native-python", "name": "A", "requirements": [entry]}, problems)
    assert [step["status"] for step in plan["steps"]] == ["invalid"] and plan["steps"][0]["argv"] == []
    assert [fault.code for fault in problems.faults] == [code]


@pytest.mark.parametrize(
    "fragment, expected",
    [
        ({"requirements": ["numpy", "scipy==1.0"]}, [f"{PIP} numpy", f"{PIP} scipy==1.0"]),
        ({"requirements": ["conda:numpy scipy==1.0"]}, ["conda install -y numpy scipy==1.0"]),
        (
            {"requirements": ["conda:numpy", "pip:scipy==1.0", "repo:https://github.com/userName/myRepo"]},
            ["git clone --progress --depth=1 https://github.com/userName/myRepo myRepo", "conda install -y numpy", f"{PIP} scipy==1.0"],
        ),
        ({"requirements": "pip:git+https://github.com/u/r@v0.1.1#egg=r"}, [f"{PIP} 'git+https://github.com/u/r@v0.1.1#egg=r'"]),
        (
            {"requirements": ["repo:https://github.com/u/myRepo", "cmd: pip install -r myRepo/requirements.txt"]},
            ["git clone --progress --depth=1 https://github.com/u/myRepo myRepo", "pip install -r myRepo/requirements.txt"],
        ),
        (
            {"requirements": "repo:https://github.com/u/myRepo", "env": ["conda env create -f myRepo/environment.yml"]},
            ["git clone --progress --depth=1 https://github.com/u/myRepo myRepo", "conda env create -f myRepo/environment.yml"],
        ),
        (
            {"env": "conda create -n python2 python=2.7", "requirements": ["numpy"]},
            ["conda create -y -n python2 python=2.7", f"{PIP} numpy"],
        ),
    ],
    ids=["pip", "conda", "all", "text", "requirements.txt", "environment.yml", "python 2"],
)
def test_the_usual_ways_to_ask_are_planned(fragment: dict[str, Any], expected: list[str]) -> None:
    assert commands(planned(**fragment)) == expected


def test_variables_of_the_shell_are_steps() -> None:
    steps = planned(env=["export CUDA_VISIBLE_DEVICES=1", "conda create -n X python=3.7"], requirements=["six"])["steps"]
    assert [step["kind"] for step in steps] == ["set-variable", "env-create", "pip-install"]
    assert steps[0]["details"] == {"name": "CUDA_VISIBLE_DEVICES", "value": "1"}
    assert steps[1]["details"] == {"name": "X", "python": "3.7", "packages": ["python=3.7"], "channels": []}
    assert [step["environment"] for step in steps] == ["", "", "X"]


@pytest.mark.parametrize(
    "env, command",
    [
        ("conda create python=3.7", "conda create -y -n My_plugin-gpu_1 python=3.7"),
        ("conda create --yes --name=x python", "conda create -y -n x python"),
        ("conda create -n x -c conda-forge python -y", "conda create -y -n x -c conda-forge python"),
    ],
)
def test_an_environment_is_made_with_a_name_and_without_a_question(env: str, command: str) -> None:
    assert commands(planned(env=env, tag="gpu 1")) == [command]


def test_the_last_environment_is_the_active_one() -> None:
    plan = planned(env=["conda create -n a x", "conda create -n b x"], requirements=["c", "cmd: d", "repo:https://h/r"])
    assert [step["environment"] for step in plan["steps"]] == ["", "", "", "b", "b"]


@pytest.mark.parametrize(
    "env, expected",
    [
        ("a b && c", [(["a", "b"], ""), (["c"], "success")]),
        ("a || b && c", [(["a"], ""), (["b"], "failure"), (["c"], "success")]),
        ("a 'b && c'", [(["a", "b && c"], "")]),
        ('a "x || y"', [(["a", "x || y"], "")]),
    ],
)
def test_commands_are_taken_apart_at_operators_outside_of_quotes(env: str, expected: list[tuple[list[str], str]]) -> None:
    steps = planned(env=env)["steps"]
    assert [(step["argv"], step["details"].get("after", "")) for step in steps] == expected


@pytest.mark.parametrize("env", ["a; b", "a | b", "a > b", "a $X", "a `b`", 'a "$(b)"', "a &", "a 'b", "a &&", "a\nb", "a *"])
def test_what_only_a_shell_understands_is_one_step_for_a_shell(env: str) -> None:
    (step,) = planned(env=env)["steps"]
    assert step["shell"] == env.strip() and step["risk"] == ["arbitrary-command", "shell-syntax"]


@pytest.mark.parametrize(
    "env, risk",
    [
        ("conda config --add channels x", ["arbitrary-command", "changes-global-config"]),
        ("git config --global a b", ["arbitrary-command", "changes-global-config"]),
        ("git config a b", ["arbitrary-command"]),
        ("git clone https://h/r", ["arbitrary-command", "network", "vcs"]),
        ("source activate x", ["arbitrary-command"]),
    ],
)
def test_any_other_command_is_marked(env: str, risk: list[str]) -> None:
    assert [step["risk"] for step in planned(env=env)["steps"]] == [risk]


def test_objects_of_the_environment_are_steps() -> None:
    env = [{"type": "gputil", "options": {"limit": 1}}, {"type": "variable", "options": {"A": 1, "B": "x"}}, {"type": "binder"}]
    steps = planned(env=env)["steps"]
    assert [(step["kind"], step["status"]) for step in steps] == [
        ("gpu-select", "planned"), ("set-variable", "planned"), ("set-variable", "planned"), ("env-command", "not-applicable")
    ]
    assert steps[2]["source"] == {"entry": "type variable", "path": "env[1].options.B"}


@pytest.mark.parametrize(
    "cmd, python, variables",
    [
        (None, "python", {}),
        ("KERAS_BACKEND=tensorflow python", "python", {"KERAS_BACKEND": "tensorflow"}),
        ("python3.11", "python3.11", {}),
        ("A=1 B='x y' python2", "python2", {"A": "1", "B": "x y"}),
    ],
)
def test_a_python_is_started_with_its_variables(cmd: str | None, python: str, variables: dict[str, str]) -> None:
    start = planned(cmd=cmd)["start"]
    assert start == {"python": python, "variables": variables, "shell": "", "risk": []}


@pytest.mark.parametrize("cmd", ["python; rm -rf x", "python -c x", "sh", "A=1", "python && x", "/bin/python", "A=$(x) python"])
def test_any_other_start_is_for_a_shell(cmd: str) -> None:
    start = planned(cmd=cmd)["start"]
    assert (start["python"], start["shell"], start["risk"]) == ("", cmd, ["arbitrary-command", "shell-syntax"])


@pytest.mark.parametrize(
    "text, kind, url",
    [
        ("https://h/a.css", "load-style", "https://h/a.css"),
        ("https://h/a.CSS?v=2#x", "load-style", "https://h/a.CSS?v=2#x"),
        ("css:https://h/icon?family=x", "load-style", "https://h/icon?family=x"),
        ("https://h/a.mjs", "load-script", "https://h/a.mjs"),
        ("https://h/a.min.js", "load-script", "https://h/a.min.js"),
        ("js:https://h/tfjs@1", "load-script", "https://h/tfjs@1"),
        ("https://h/vega@5", "load-script", "https://h/vega@5"),
        ("cache:https://h/f.woff2", "cache", "https://h/f.woff2"),
        ("cache:https://h/a.js", "cache", "https://h/a.js"),
        ("numpy", "", "numpy"),
        ("js", "", "js"),
    ],
)
def test_a_page_loads_by_the_prefix_or_by_the_end_of_the_path(text: str, kind: str, url: str) -> None:
    assert browser_kind(text)[:2] == (kind, url)


@pytest.mark.parametrize("kind", ["window", "iframe", "web-worker", "web-python", "rpc-window", "evil", "jupyter-notebook", "other", None])
def test_nothing_is_to_be_done_here_for_a_plugin_that_runs_elsewhere(kind: str | None) -> None:
    plan = planned(type=kind, requirements=["https://h/a.js", "js:https://h/b"], env="conda create -n x y")
    assert plan["steps"] and {step["status"] for step in plan["steps"]} <= {"not-applicable", "invalid"}


def test_a_worker_has_no_styles_and_a_collection_nothing_at_all() -> None:
    assert [step["status"] for step in planned(type="web-worker", requirements=["a.css", "b.js"])["steps"]] == ["invalid", "not-applicable"]
    assert planned(type="collection", requirements=["a"])["steps"] == []


def test_python_in_a_page_has_packages_and_scripts() -> None:
    entries = ["numpy", "https://h/scipy.js", "js:https://h/x.js", "css:y", "package:foo", "cache:z", "https://h/q"]
    steps = planned(type="web-python", requirements=entries)["steps"]
    assert [step["kind"] for step in steps] == ["pip-install", "pip-install", "load-script", "load-style", "pip-install", "cache"]


def test_the_order_is_that_of_the_engine_or_that_of_the_list() -> None:
    config = {"requirements": ["a", "repo:https://h/r", "conda:b"], "env": "conda create -n x y"}
    kinds = [[step["kind"] for step in planned(order, **config)["steps"]] for order in ("engine", "listed")]
    assert kinds == [
        ["git-clone", "env-create", "pip-install", "conda-install"], ["env-create", "pip-install", "git-clone", "conda-install"]
    ]


def test_a_plan_says_what_it_would_do_in_lines() -> None:
    plan = planned(requirements=["cmd: rm -rf /", "a==1"], cmd="sh x")
    assert plan["lines"] == [
        "1. shell: rm -rf / [arbitrary-command, shell-syntax]",
        "2. pip-install: python -m pip install a==1 [network]",
        "start: sh x [arbitrary-command, shell-syntax]",
    ]


# --- what holds for any plan

WORDS = st.text(alphabet="ab.-=/ :+~@\\\"';&|$<>", max_size=12)
PREFIXES = ["", "pip:", "conda:", "repo:https://h/", "repo:", "cmd:", "git+https://", "env:"]
PREFIXED = st.builds("{}{}".format, st.sampled_from(PREFIXES), WORDS)
OPTIONS = st.one_of(st.sampled_from(["gputil", "variable", "x"]), st.just({"A": 1}))
ENV = st.one_of(
    st.builds("{} {}".format, st.sampled_from(["conda create", "conda env create -f", "export A=1", "git", "a &&", ""]), WORDS),
    st.dictionaries(st.sampled_from(["type", "options"]), OPTIONS, max_size=2),
    st.integers(),
)
CONFIGS = st.fixed_dictionaries(
    {"requirements": st.lists(PREFIXED, max_size=5), "env": st.lists(ENV, max_size=4), "cmd": WORDS, "type": st.sampled_from(KNOWN_TYPES)}
)


@given(CONFIGS)
def test_no_step_of_any_plan_has_an_option_or_a_path_that_is_not_allowed(config: dict[str, Any]) -> None:
    for step in planned(**config)["steps"]:
        if step["kind"] in ("pip-install", "conda-install", "git-clone", "env-create") and step["status"] == "planned":
            known = {*ALLOWED_OPTIONS, "--progress", "--depth", "-m", "-n"}
            assert {word.split("=")[0] for word in step["argv"] if word.startswith("-")} <= known
            # Where a repository comes from may be any folder; where it goes to may not.
            paths = step["argv"] if step["kind"] != "git-clone" else step["argv"][-1:]
            assert not [word for word in paths if word.startswith(("/", "~")) or ".." in word.replace("\\", "/").split("/")]
        if step["shell"]:
            assert "arbitrary-command" in step["risk"]


@given(CONFIGS)
def test_every_requirement_is_one_step_or_is_reported(config: dict[str, Any]) -> None:
    problems = Problems(Source("a"))
    plan = plan_of({"name": "A", **config}, problems)
    made = [step["source"]["path"] for step in plan["steps"] if step["source"]["path"].startswith("requirements")]
    left_out = [fault for fault in problems.faults if fault.level == "warning" and fault.code.startswith("requirement")]
    expected = 0 if config["type"] == "collection" else len(config["requirements"])
    empty = sum(not entry.strip() for entry in config["requirements"])
    assert len(made) == len(set(made)) and len(made) + len(left_out) == expected + (empty if config["type"] == "collection" else 0)


@given(CONFIGS)
def test_both_orders_have_the_same_steps_and_the_same_plan_the_same_digest(config: dict[str, Any]) -> None:
    engine, listed = planned("engine", **config), planned("listed", **config)
    steps = [sorted(str({**step, "id": 0}) for step in plan["steps"]) for plan in (engine, listed)]
    assert steps[0] == steps[1]
    assert planned("engine", **config)["digest"] == engine["digest"]


@pytest.mark.parametrize(
    "env, code",
    [
        ("conda env create -f a.yml --json", "installer-option"),
        ("conda env create", "env-file"),
        ("conda env create -f a.yml -n ../x", "env-name"),
        ("conda create -n ../x python", "env-name"),
    ],
)
def test_an_environment_that_cannot_be_is_a_step_that_is_invalid(env: str, code: str) -> None:
    problems = Problems(Source("a"))
    plan = plan_of({"type": "native-python", "name": "A", "env": env}, problems)
    assert [step["status"] for step in plan["steps"]] == ["invalid"] and [fault.code for fault in problems.faults] == [code]


def test_quiet_words_and_empty_commands_change_no_plan() -> None:
    env = ["conda create -n X python=3.7 --channel=conda-forge -q", " ", "conda env create -q -f env.yml"]
    first, second = planned(env=env)["steps"]
    assert first["argv"] == ["conda", "create", "-y", "-n", "X", "python=3.7", "--channel=conda-forge"]
    assert first["details"]["channels"] == ["conda-forge"]
    assert second["argv"] == ["conda", "env", "create", "-f", "env.yml"]


@pytest.mark.parametrize(
    "words, is_planned",
    [("-r reqs.txt", True), ("-r=sub/reqs.txt", True), ("-r=../x.txt", False), ("-r /x.txt", False), ("-r https://h/r.txt", True)],
)
def test_a_list_of_requirements_stays_inside_the_workspace(words: str, is_planned: bool) -> None:
    (step,) = planned(requirements=[f"pip:{words}"])["steps"]
    assert (step["status"] == "planned") is is_planned


def test_a_prefix_without_a_name_is_refused() -> None:
    steps = planned(type="web-python", requirements=["package:", "package:numpy"])["steps"]
    assert [step["status"] for step in steps] == ["invalid", "not-applicable"]
