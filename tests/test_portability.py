"""The same answers everywhere: platforms, locales, names of files, ways to start Python. ``.ci/portability`` varies the rest."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from conftest import PLUGIN_SHEETS

import ways
from ways.session import Session
from ways.sheets.formats.yaml_text import SAFE_LOADER

PLATFORMS = """
    globals: {path: true}
    plugins:
      linux: {hierarchy: job, mapping: '/mnt/{JOB}', platforms: linux, data: {os: linux}}
      windows: {hierarchy: job, mapping: 'X:/{JOB}', platforms: windows, data: {os: windows}}
      others: {hierarchy: job, mapping: '/Volumes/{JOB}', platforms: [darwin, java], data: {os: other}}
      shot: {hierarchy: '{root}/shot', mapping: '{root}/shots/{SHOT}', uses: [job]}
"""
#: What the process answers whose locale knows ASCII only.
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
#: A package of another's that asks for the locale's encoding, where Python then says that it had better not.
NOT_OURS = "ignore:UTF-8 Mode affects:EncodingWarning"
COMMANDS = [
    ["--version"],
    ["--help"],
    ["tree"],
    ["sheets"],
    ["doctor"],
    ["context", "job/sequence/shot"],
    ["explain", "job/sequence/shot:mapping"],
    ["uses", str(PLUGIN_SHEETS / "film" / "10_shots.yml") + ":8"],
    ["resolve", "--format", "json", "/mnt/projects/dune/sequences/rvr/rvr_0040"],
    ["completion", "bash"],
    ["schema"],
]


def run(*arguments: str, options: tuple[str, ...] = (), environ: Mapping[str, str] | None = None, data: bytes = b"") -> bytes:
    """Run the command with options for Python; return what it printed, having checked that it reported no problem."""
    done = subprocess.run(
        [sys.executable, *options, "-m", "ways", *arguments],
        env={**os.environ, **(environ or {})}, input=data, capture_output=True, timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    assert b"Warning" not in done.stderr and b"Traceback" not in done.stderr
    return done.stdout


def film(*arguments: str, options: tuple[str, ...] = (), environ: Mapping[str, str] | None = None) -> bytes:
    named = {"WAYS_DESCRIPTORS": str(PLUGIN_SHEETS / "film"), "WAYS_PLATFORM": "linux"}
    return run(*arguments, options=options, environ={**named, **(environ or {})})


# --- platforms


def written(text: str) -> str:
    """Return a path as the platform of this run writes it."""
    return text.replace("/", "\\") if os.environ["WAYS_PLATFORM"] == "windows" else text


ROOTS = {"linux": "/mnt", "windows": "X:", "darwin": "/Volumes", "java": "/Volumes"}


@pytest.mark.portability
def test_a_place_is_that_of_the_platform(load: Callable[..., Session]) -> None:
    session = load(PLATFORMS)
    root = ROOTS[os.environ["WAYS_PLATFORM"]]
    assert session.need_context("job/shot").get_mapping() == written(f"{root}/{{JOB}}/shots/{{SHOT}}")
    assert session.need_context("job").data["os"] in (os.environ["WAYS_PLATFORM"], "other")


@pytest.mark.portability
def test_a_path_of_the_platform_is_read_and_written(load: Callable[..., Session]) -> None:
    session = load(PLATFORMS)
    path = written(f"{ROOTS[os.environ['WAYS_PLATFORM']]}/dune/shots/sh_0010")
    asset = session.get_asset(path)
    assert asset.get_hierarchy() == ("job", "shot") and asset.info == {"JOB": "dune", "SHOT": "sh_0010"}
    assert asset.get_str() == path == session.format("job/shot", {"JOB": "dune", "SHOT": "sh_0010"})


@pytest.mark.portability
def test_a_value_is_explained_by_the_sheet_that_says_it(load: Callable[..., Session], tmp_path: Path) -> None:
    explanation = load(PLATFORMS).explain("job/shot", "mapping").as_dict()
    assert str(tmp_path) in str(explanation) and "shots" in str(explanation)


# --- names of files


@pytest.mark.portability
@pytest.mark.parametrize("environ", [{}, ASCII], ids=["machine", "ascii"])
def test_a_folder_of_any_letters_is_read_in_any_locale(tmp_path: Path, environ: dict[str, str]) -> None:
    folder = os.fsencode(tmp_path) + "/b\u00fcro \u65e5\u672c".encode()
    os.mkdir(folder)
    with open(folder + "/\u00e9.yml".encode(), "wb") as file:
        file.write("plugins: {caf\u00e9: {hierarchy: job, mapping: 'caf\u00e9/{JOB}'}}".encode())
    output = run("--sheets", os.fsdecode(folder), "resolve", "-", environ=environ, data="caf\u00e9/d\u00fcne\n".encode())
    assert output.decode() == "caf\u00e9/d\u00fcne\n  job\n  JOB = d\u00fcne\n"


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are any bytes on Linux only")
@pytest.mark.parametrize("environ", [{}, ASCII], ids=["machine", "ascii"])
def test_a_sheet_whose_name_is_no_text_is_read_and_told(tmp_path: Path, environ: dict[str, str]) -> None:
    with open(os.fsencode(tmp_path) + b"/b\xff.yml", "wb") as file:
        file.write(b"plugins: {two: {hierarchy: two, unknown: 1}}")
    (tmp_path / "a.yml").write_text("plugins: {three: {hierarchy: three}}", encoding="utf-8")
    listed = run("--sheets", str(tmp_path), "sheets", environ=environ)
    assert b"a.yml" in listed and b"b\xff.yml" in listed
    assert {b"three", b"two"} <= set(run("--sheets", str(tmp_path), "tree", environ=environ).split())


@pytest.mark.portability
def test_sheets_load_in_the_order_of_their_names_whatever_the_locale(tmp_path: Path) -> None:
    for name in ("b", "B", "a", "\u00e9", "_", "10", "9"):
        with open(os.fsencode(tmp_path) + f"/{name}.yml".encode(), "wb") as file:
            file.write(b"plugins: {}")
    session = Session()
    session.add_search_path(str(tmp_path))
    names = [os.fsencode(Path(sheet.source.path).stem) for sheet in session.sheets]
    assert names == [b"10", b"9", b"B", b"_", b"a", b"b", "\u00e9".encode()]


# --- how Python was started


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_a_command_is_clean_where_every_warning_is_an_error(arguments: list[str]) -> None:
    options = ("-X", "dev", "-X", "warn_default_encoding", "-W", "error", "-W", NOT_OURS)
    assert film(*arguments, options=options)


def test_an_answer_does_not_depend_on_the_order_of_sets() -> None:
    basics = str(PLUGIN_SHEETS / "basics")
    asked = (["tree", "--format", "json"], ["explain", "--format", "json", "job/sequence/shot"], ["check", "--format", "json", basics])
    for arguments in asked:
        assert len({film(*arguments, environ={"PYTHONHASHSEED": seed}) for seed in "012"}) == 1


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns", "no/such zone"])
def test_the_time_zone_changes_nothing(zone: str) -> None:
    code = "from ways.api import Session; s = Session(); s.add_plugins(d={'hierarchy': 'd', 'mapping': '/{D:%Y-%m-%d}'});"
    code += " print(s.get_asset('/2024-02-29').get_value('D'), s.format('d', {'D': s.get_asset('/2024-02-29').get_value('D')}))"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "TZ": zone}, capture_output=True, encoding="utf-8")
    assert done.stdout == "2024-02-29 00:00:00 /2024-02-29\n"


@pytest.mark.parametrize("option", ["-O", "-OO", "-P"])
def test_python_may_be_started_in_other_ways(option: str) -> None:
    assert b"SEQUENCE" in film("resolve", "/mnt/projects/dune/sequences/rvr/rvr_0040", options=(option,))


def test_help_can_be_asked_for_without_docstrings() -> None:
    assert b"Usage" in run("resolve", "--help", options=("-OO",))


@pytest.mark.parametrize("form", ["yml", "json", "toml"])
def test_a_low_limit_of_recursion_is_a_problem_and_no_error(tmp_path: Path, form: str) -> None:
    deep = "[" * 400 + "]" * 400
    text = {"yml": f"plugins: {deep}", "json": f'{{"plugins": {{"a": {deep}}}}}', "toml": f"plugins = {deep}"}[form]
    (tmp_path / f"deep.{form}").write_text(text, encoding="utf-8")
    (tmp_path / "good.yml").write_text("plugins: {job: {hierarchy: job, mapping: '/{JOB}'}}", encoding="utf-8")
    code = f"""
import sys
from ways.api import Session
session = Session()
sys.setrecursionlimit(220)
session.add_search_path({str(tmp_path)!r})
print(len(session.problems), session.get_asset("/x", context="job").get_value("JOB"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60)
    assert done.stdout == "1 x\n", done.stderr


def test_the_package_works_out_of_a_zip(tmp_path: Path) -> None:
    package = Path(ways.__file__).parent
    with zipfile.ZipFile(tmp_path / "ways.zip", "w") as archive:
        for path in package.rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                archive.write(path, f"ways/{path.relative_to(package).as_posix()}")
    code = "import ways; print('ways.zip' in ways.__file__); from ways.cli.entry import run; run()"
    path = "/mnt/projects/dune/sequences/rvr/rvr_0040"
    environ = {
        **os.environ,
        "PYTHONPATH": str(tmp_path / "ways.zip"),
        "WAYS_DESCRIPTORS": str(PLUGIN_SHEETS / "film"),
        "WAYS_CACHE": "1",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    page, sheet, example = str(tmp_path / "page.html"), str(tmp_path / "new.yml"), ["--example", "studio", str(tmp_path / "studio")]
    named = ["--sheets", str(PLUGIN_SHEETS / "basics")]
    written = (["init", "--path", sheet], ["init", *example])
    for arguments in (["resolve", "--platform", "linux", path], ["schema"], [*named, "report", page], *written):
        done = subprocess.run([sys.executable, "-P", "-c", code, *arguments], env=environ, capture_output=True, timeout=60)
        assert done.returncode == 0 and done.stdout.startswith(b"True") and len(done.stdout) > 10, done.stderr


@pytest.mark.portability
def test_yaml_is_read_with_or_without_libyaml() -> None:
    is_hidden = sys.modules.get("yaml._yaml", sys) is None
    assert yaml.__with_libyaml__ != is_hidden
    assert SAFE_LOADER is (yaml.SafeLoader if is_hidden else yaml.CSafeLoader)
