"""What plugins that people wrote ask for: their keys written anew, and the plan, form and data that each comes to."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from ways.api import Context, Session
from ways.systems import imjoy

PIP, CONDA, CLONE = "python -m pip install", "conda install -y", "git clone --progress --depth=1"
BINDER = {"type": "binder", "spec": "o/r/master", "kernel": "python3"}


def loaded(folder: Path, config: dict[str, Any]) -> tuple[Session, Context]:
    text = json.dumps({"name": "P", "type": "native-python", "version": "1", "api_version": "0.1.8", **config})
    page = f'<config lang="json">{text}</config>\n<script lang="python">api.export(P())</script>'
    (folder / "p.imjoy.html").write_text(page, encoding="utf-8")
    session = Session()
    session.add_search_path(folder)
    return session, session.need_context("imjoy/local/" + str(config.get("name", "P")))


def commands(context: Context) -> list[str]:
    steps = context.data["_imjoy"]["plan"]["steps"]
    return [step["shell"] or shlex.join(step["argv"]) or f"{step['status']} {step['kind']}" for step in steps]


CARE = {
    "tags": ["Linux CPU", "Linux GPU", "MacOS CPU"],
    "env": {"CPU": "conda create -n care-cpu python=3.6", "macOS CPU": "conda create -n care-mac"},
    "requirements": {
        "Linux CPU": ["pip: tensorflow==1.15.0 keras==2.1.5 six"],
        "Linux GPU": ["pip: tensorflow-gpu==1.15.0 keras==2.1.5 six gputil"],
        "MacOS CPU": ["pip: tensorflow==1.5.0 keras==2.1.5 six"],
    },
}
UNET = {
    "tags": ["CPU", "Windows-GPU"],
    "env": {
        "CPU": ["conda config --add channels conda-forge", "conda create -n tf-cpu python=3.6"],
        "Windows-GPU": ["conda config --add channels conda-forge", "conda create -n tf-gpu python=3.6"],
    },
    "requirements": {
        "CPU": ["pip: h5py keras==2.1.4 tensorflow==1.15.4", "repo:https://github.com/zhixuhao/unet"],
        "Windows-GPU": ["repo:https://github.com/zhixuhao/unet", "pip: h5py keras==2.1.4 tensorflow-gpu==1.15.4"],
    },
}
ANET = {
    "mode": "pyworker", "type": None, "api_version": "0.1.1", "tags": ["CPU", "Window-GPU"],
    "env": {"CPU": "conda create -n anet-cpu python=3.6", "Windows-GPU": "conda create -n anet-gpu python=3.6"},
    "requirements": {
        "CPU": ["repo:https://github.com/oeway/Anet-Lite", "tensorflow==1.2", "git+https://www.github.com/keras-team/keras-contrib.git"],
        "Windows-GPU": ["tensorflow-gpu==1.2"],
    },
}  # fmt: skip
PALM = {
    "tags": ["CPU", "GPU"],
    "env": {"CPU": ["conda create -n annapalm-cpu python=3.6"], "GPU": ["conda create -n annapalm-gpu python=3.6 cudatoolkit=9.0 cudnn"]},
    "requirements": {
        "CPU": ["repo:https://github.com/imodpasteur/ANNA-PALM", "cmd:pip install -r ANNA-PALM/requirements.txt"],
        "GPU": ["repo:https://github.com/imodpasteur/ANNA-PALM", "pip:Pillow numpy==1.15.0"],
    },
}
NOISE = {
    "tags": ["GPU"],
    "env": {"GPU": ["conda create -n noise2self-gpu python=3.6.2", BINDER]},
    "requirements": {"GPU": ["repo:https://github.com/czbiohub/noise2self.git", "conda: -c pytorch six pillow=6.1 pytorch=1.0"]},
}
BIND = {
    "cmd": "KERAS_BACKEND=tensorflow python",
    "env": "conda create -n deepbindscan python=3.6.8",
    "requirements": ["conda: h5py bioconda::pybedtools bioconda::pyfaidx", "pip:-U tensorflow==1.15.0 kipoi"],
}
MASK = {
    "env": ["conda create -n maskgenerator python=3.6.8"],
    "requirements": ["pip: a b", "pip: c", "repo:https://github.com/oeway/DPNUnet-Segmentation"],
}
DRFNS = {
    "tags": ["CPU", "GPU"],
    "env": {"GPU": ["conda create -n DRFNS python=2.7", "git clone https://github.com/oeway/DRFNS-Lite.git"], "CPU": None},
    "requirements": {"GPU": ["numpy", "tensorflow-gpu==1.5"], "CPU": []},
}
FISH = {"tags": ["stable", "dev"], "env": [BINDER], "requirements": {"stable": ["pip:big-fish==0.6.2"], "dev": [""]}}
IMAGEJ = {
    "env": ["conda create -n imagej", BINDER],
    "requirements": ["conda: openjdk=8", "conda: -c conda-forge pyimagej", "pip: scikit-image pillow"],
}
DPN = {
    "env": "conda create -n dsb2018-gpu python=3.6.8",
    "requirements": ["pip: a", "conda: opencv scipy=1.0.0", "conda: pytorch=0.4.1 cuda90 -c pytorch", "pip: tensorboardX"],
}
CLONED = f"{CLONE} https://github.com/imodpasteur/ANNA-PALM ANNA-PALM"
UNET_CLONED, GLOBAL = f"{CLONE} https://github.com/zhixuhao/unet unet", "conda config --add channels conda-forge"
PLANS: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "no environment for a tag": (CARE, "", [f"{PIP} tensorflow==1.15.0 keras==2.1.5 six"]),
    "another tag": (CARE, "MacOS CPU", [f"{PIP} tensorflow==1.5.0 keras==2.1.5 six"]),
    "a clone listed last": (
        UNET, "CPU", [UNET_CLONED, GLOBAL, "conda create -y -n tf-cpu python=3.6", f"{PIP} h5py keras==2.1.4 tensorflow==1.15.4"],
    ),
    "its other tag": (
        UNET, "Windows-GPU",
        [UNET_CLONED, GLOBAL, "conda create -y -n tf-gpu python=3.6", f"{PIP} h5py keras==2.1.4 tensorflow-gpu==1.15.4"],
    ),
    "an old type": (
        ANET, "CPU",
        [
            f"{CLONE} https://github.com/oeway/Anet-Lite Anet-Lite", "conda create -y -n anet-cpu python=3.6", f"{PIP} tensorflow==1.2",
            f"{PIP} git+https://www.github.com/keras-team/keras-contrib.git",
        ],
    ),
    "a tag that is misspelt": (ANET, "Window-GPU", []),
    "a shell": (PALM, "CPU", [CLONED, "conda create -y -n annapalm-cpu python=3.6", "pip install -r ANNA-PALM/requirements.txt"]),
    "packages of an environment": (
        PALM, "GPU", [CLONED, "conda create -y -n annapalm-gpu python=3.6 cudatoolkit=9.0 cudnn", f"{PIP} Pillow numpy==1.15.0"],
    ),
    "a binder": (
        NOISE, "GPU",
        [
            f"{CLONE} https://github.com/czbiohub/noise2self.git noise2self", "conda create -y -n noise2self-gpu python=3.6.2",
            "not-applicable env-command", f"{CONDA} -c pytorch six pillow=6.1 pytorch=1.0",
        ],
    ),
    "a variable before python": (
        BIND, "",
        [
            "conda create -y -n deepbindscan python=3.6.8", f"{CONDA} h5py bioconda::pybedtools bioconda::pyfaidx",
            f"{PIP} -U tensorflow==1.15.0 kipoi", "planned set-variable",
        ],
    ),
    "listed last, and first": (
        MASK, "",
        [
            f"{CLONE} https://github.com/oeway/DPNUnet-Segmentation DPNUnet-Segmentation",
            "conda create -y -n maskgenerator python=3.6.8", f"{PIP} a b", f"{PIP} c",
        ],
    ),
    "a clone in env": (
        DRFNS, "GPU",
        [
            "conda create -y -n DRFNS python=2.7", "git clone https://github.com/oeway/DRFNS-Lite.git", f"{PIP} numpy",
            f"{PIP} tensorflow-gpu==1.5",
        ],
    ),
    "stable": (FISH, "stable", ["not-applicable env-command", f"{PIP} big-fish==0.6.2"]),
    "an empty requirement": (FISH, "dev", ["not-applicable env-command"]),
    "an environment without packages": (
        IMAGEJ, "",
        [
            "conda create -y -n imagej", "not-applicable env-command", f"{CONDA} openjdk=8", f"{CONDA} -c conda-forge pyimagej",
            f"{PIP} scikit-image pillow",
        ],
    ),
    "installers in turn": (
        DPN, "",
        [
            "conda create -y -n dsb2018-gpu python=3.6.8", f"{PIP} a", f"{CONDA} opencv scipy=1.0.0",
            f"{CONDA} pytorch=0.4.1 cuda90 -c pytorch", f"{PIP} tensorboardX",
        ],
    ),
    "no environment, and a shell": (
        {"env": [], "requirements": ["pip:git+https://h/o/r@master#egg=e", "cmd: pip uninstall x -y && pip install y"]}, "",
        [f"{PIP} 'git+https://h/o/r@master#egg=e'", "pip uninstall x -y && pip install y"],
    ),
    "a page": (
        {"type": "window", "requirements": ["https://h/v.js", "https://h/v.css", "https://h/npm/vega@5", "cache:https://h/x"]}, "",
        ["not-applicable load-script", "not-applicable load-style", "not-applicable load-script", "not-applicable cache"],
    ),
    "python in a page": (
        {"tags": ["nativePy", "webPy"], "type": {"nativePy": "native-python", "webPy": "web-python"}, "requirements": ["numpy"]},
        "webPy", ["micropip.install numpy"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("config, tag, expected", PLANS.values(), ids=PLANS)
def test_a_plugin_asks_for_what_its_engine_would_do(config: dict[str, Any], tag: str, expected: list[str], tmp_path: Path) -> None:
    session, context = loaded(tmp_path, config)
    assert commands(imjoy.find(session, "P", tag) if tag else context) == expected


def test_what_a_tag_lacks_is_reported_with_what_may_be_meant(tmp_path: Path) -> None:
    problems = loaded(tmp_path, ANET)[0].problems
    missing = [problem for problem in problems if problem.code == "tag-missing"]
    assert len(missing) == 2 and all("Windows-GPU" in problem.help for problem in missing)
    assert loaded(tmp_path, CARE)[0].problems[0].code == "tag-missing"


def test_variables_before_python_are_no_shell(tmp_path: Path) -> None:
    _, context = loaded(tmp_path, BIND)
    start = context.data["_imjoy"]["plan"]["start"]
    assert start == {"python": "python", "variables": {"KERAS_BACKEND": "tensorflow"}, "shell": "", "risk": []}


FORMS: dict[str, tuple[Any, dict[str, Any]]] = {
    "texts and numbers": (
        "EM {id:'input_ids', type:'string', placeholder:'EM=EM*.png'}<br>size {id:'size', type:'number', min:256, placeholder:256}",
        {"input_ids": "EM=EM*.png", "size": 256},
    ),
    "an empty default": ("{id:'append_header', type:'string', placeholder: ''}", {"append_header": ""}),
    "a choice": ("{id:'row', type:'choose', options:['read it','none'], placeholder:'read it'}", {"row": "read it"}),
    "a comma": ("{id:'delimiter', type:'string', placeholder:','}", {"delimiter": ","}),
    "a list": (
        [
            "one {id:'option1', type:'choose', options:['a','b']}", {"two": "{id:'option2', type:'choose', options:[1,2]}"},
            "{id:'option3', type:'number', placeholder:1}",
        ],
        {"option1": None, "option2": None, "option3": 1},
    ),
    "nought": ("{id:'n_frames', type:'number', placeholder: 0}", {"n_frames": 0}),
    "nothing said": ("{id:'n', type:'number'} {id:'t', type:'string'}", {"n": 3, "t": "???"}),
}


@pytest.mark.parametrize("ui, defaults", FORMS.values(), ids=FORMS)
def test_a_form_has_defaults(ui: Any, defaults: dict[str, Any], tmp_path: Path) -> None:
    session, context = loaded(tmp_path, {"ui": ui})
    assert {one["key"]: one.get("default") for one in context.data["_imjoy"]["parameters"]} == defaults
    assert not session.problems


INPUTS: dict[str, dict[str, Any]] = {
    "Tif": {"type": "object", "properties": {"name": {"type": "string", "pattern": r".*\.(tif|tiff|TIF|TIFF)$"}}},
    "Csv": {"type": "object", "properties": {"name": {"type": "string", "pattern": r"\.(csv|xls)$"}}},
    "Smlm": {"type": "object", "properties": {"name": {"type": "string", "pattern": r".*\.smlm$"}}},
    "Histogram": {"type": "object", "properties": {"type": {"enum": ["localization/table"]}, "table": {"type": "object"}}},
    "Image": {
        "type": "object",
        "properties": {
            "type": {"enum": ["image/grayscale"]}, "array": {"type": "object"}, "height": {"type": "number"}, "width": {"type": "number"},
        },
    },
    "Files": {"file": {"ext": ["png", "jpg"]}},
    "Anything": {"type": "object", "properties": {}},
}  # fmt: skip
MATCHES = [
    ({"name": "a.tiff"}, ["Tif"]),
    ({"name": "B.TIF"}, ["Tif"]),
    ({"name": "x.csv"}, ["Csv"]),
    ({"name": "x.xls"}, ["Csv"]),
    ({"name": "x.smlm"}, ["Smlm"]),
    ({"type": "localization/table", "table": {}}, ["Histogram"]),
    ({"type": "image/grayscale", "array": {}, "height": 4, "width": 4}, ["Image"]),
    ({"type": "image/grayscale", "array": {}, "height": 4}, []),
    ({"name": "a.gif"}, []),
    (None, []),
]


@pytest.mark.parametrize("data, names", MATCHES, ids=str)
def test_data_finds_the_plugins_that_take_it(data: Any, names: list[str], tmp_path: Path) -> None:
    for name, inputs in INPUTS.items():
        config = json.dumps({"name": name, "type": "window", "version": "1", "api_version": "0.1.8", "inputs": inputs})
        (tmp_path / f"{name}.imjoy.html").write_text(f'<config lang="json">{config}</config><script></script>', encoding="utf-8")
    session = Session()
    session.add_search_path(tmp_path)
    names_that_fit = [context.data["name"] for context in imjoy.matching(session, data)]
    assert [name for name in names_that_fit if name not in ("Files", "Anything")] == names
    assert ("Anything" in names_that_fit) is isinstance(data, dict)
