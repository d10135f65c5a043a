"""``ways init``, ``ways doctor`` and ``ways completion``."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from house import PACKAGE
from ways import __distribution__, settings
from ways.cli.doctor import VARIABLES
from ways.cli.main import main
from ways.cli.init import EXAMPLES, STARTER, STARTER_NAME
from ways.session import Session

DOCS = Path(__file__).resolve().parents[2] / "docs"


def invoke(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def doctor(*arguments: str) -> tuple[dict, int]:
    result = invoke(*arguments, "doctor", "--format", "json")
    return json.loads(result.stdout), result.exit_code


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of one's own, without WAYS_DESCRIPTORS."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("WAYS_DESCRIPTORS")
    return tmp_path


def test_the_starter_is_written_here_and_can_be_tried_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.txt").write_text("", encoding="utf-8")
    result = invoke("init")
    assert (result.exit_code, result.stdout) == (0, f"{STARTER_NAME}\n")
    assert Path(STARTER_NAME).read_bytes() == STARTER.read_bytes()
    assert f"ways --sheets {STARTER_NAME} tree" in result.stderr
    assert "job/shot" in json.dumps(json.loads(invoke("--sheets", STARTER_NAME, "tree", "--format", "json").stdout))


def test_init_says_if_its_sheet_is_found_without_being_named(home: Path) -> None:
    result = invoke("init", Session.default_folders()[-1])
    assert result.stderr == "It is found without being named. Try it: ways tree\n"
    assert invoke("tree").exit_code == 0


def test_init_takes_its_folder_by_either_name_but_once(tmp_path: Path) -> None:
    assert invoke("init", str(tmp_path / "a")).exit_code == invoke("init", "--path", str(tmp_path / "b")).exit_code == 0
    assert invoke("init", str(tmp_path), "--path", str(tmp_path)).exit_code == 2


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "my.yml").write_text("mine", encoding="utf-8")
    result = invoke("init", str(tmp_path / "my.yml"))
    assert (result.exit_code, (tmp_path / "my.yml").read_text(encoding="utf-8")) == (1, "mine")
    assert "exists already" in result.stderr


@pytest.mark.parametrize("path, written", [("new", "new/starter.yml"), ("a/b.yml", "a/b.yml"), ("c.yaml", "c.yaml"), (".", "starter.yml")])
def test_a_path_is_a_sheet_or_a_folder(tmp_path: Path, path: str, written: str) -> None:
    assert invoke("init", str(tmp_path / path)).exit_code == 0
    assert (tmp_path / written).is_file()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = invoke("init", "--path", str(tmp_path / "file" / "x.yml"))
    assert result.exit_code == 1 and result.stderr.startswith(f"ways: {tmp_path}")


def test_init_says_how_to_have_its_sheet_always(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"export WAYS_DESCRIPTORS={tmp_path / 'a.yml'}" in invoke("init", str(tmp_path / "a.yml")).stderr
    monkeypatch.setenv("WAYS_DESCRIPTORS", "elsewhere")
    assert f"add {tmp_path / 'b.yml'} to WAYS_DESCRIPTORS" in invoke("init", str(tmp_path / "b.yml")).stderr


def test_the_starter_has_no_finding() -> None:
    assert invoke("check", str(STARTER)).stdout == "no findings in 1 sheet\n"


def test_the_starter_has_no_problem(session: Session) -> None:
    session.add_search_path(str(STARTER))
    assert session.problems == []
    assert all(plugin.info["syntax"] == 2 for plugin in session.registry.now.plugins)


STARTER_COMMANDS = re.findall(r"^#   \$ ways (.*)\n((?:#   [^$].*\n)*)", STARTER.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("command, answer", STARTER_COMMANDS, ids=lambda text: text.split()[0] if text else "-")
def test_what_the_starter_tells_to_try_works(command: str, answer: str) -> None:
    result = invoke("--sheets", str(STARTER), *shlex.split(command))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == answer.replace("#   ", "") or not answer


def test_the_part_in_comments_works_too(write_sheet, session: Session) -> None:
    text = STARTER.read_text(encoding="utf-8")
    head, mark, rest = text.partition("# On another platform")
    session.add_search_path(write_sheet(head + mark + rest.replace("\n# ", "\n")))
    assert mark and session.problems == []


def test_doctor_tells_the_environment_as_it_is(write_sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_PRIORITY", os.pathsep.join(["master", "late"]))
    told, _ = doctor("--sheets", write_sheet("plugins: {job: {hierarchy: job}}"))
    assert told["environment"]["WAYS_PLATFORM"] == told["platform"] == "linux"
    assert told["environment"]["WAYS_PLUGINS"] is None
    assert told["priority"] == ["master", "late"]


def test_doctor_knows_each_variable() -> None:
    assert sorted(VARIABLES) == sorted(value for name, value in vars(settings).items() if name.endswith("_ENV_VAR"))


def test_doctor_tells_what_each_search_path_gave(write_sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_sheet("plugins: {job: {hierarchy: job}, shot: {hierarchy: shot}}")
    monkeypatch.setenv("WAYS_DESCRIPTORS", os.pathsep.join([path, "nowhere"]))
    told, code = doctor()
    assert told["search_paths"] == [
        {"path": path, "from": "WAYS_DESCRIPTORS", "found": True, "sheets": 1, "plugins": 2},
        {"path": "nowhere", "from": "WAYS_DESCRIPTORS", "found": False, "sheets": 0, "plugins": 0},
    ]
    assert code == 1 and [problem["path"] for problem in told["problems"]] == ["nowhere"]


def test_doctor_tells_of_folders_that_are_not_there(home: Path) -> None:
    told, code = doctor()
    assert [item["path"] for item in told["search_paths"]] == Session.default_folders()
    assert not any(item["found"] for item in told["search_paths"])
    assert (code, [problem["code"] for problem in told["problems"]]) == (0, ["no-sheets"])


@pytest.mark.parametrize(
    "sheet, code", [("plugins: {job: {hierarchy: job}}", 0), ("plugins: {job: {hierarchi: job}}", 1), ("plugins: {", 1)]
)
def test_doctor_answers_by_its_exit_code(write_sheet, sheet: str, code: int) -> None:
    told, found = doctor("--sheets", write_sheet(sheet))
    assert found == code == any(problem["level"] == "error" for problem in told["problems"])


def test_doctor_tells_of_a_plugin_file_that_fails(tmp_path: Path, write_sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wrong.py").write_text("1 / 0", encoding="utf-8")
    monkeypatch.setenv("WAYS_PLUGINS", str(tmp_path / "wrong.py"))
    monkeypatch.setenv("WAYS_DESCRIPTORS", write_sheet("plugins: {job: {hierarchy: job}}"))
    told, code = doctor()
    assert code == 1 and "division by zero" in told["problems"][0]["message"]
    assert [item["found"] for item in told["plugin_files"]] == [False]


@pytest.mark.parametrize(
    "variable, value, near",
    [("WAYS_PRIORITY", "clint", "client"), ("WAYS_DESCRIPTOR", "x", "WAYS_DESCRIPTORS"), ("WAYS_PLATFORM", "linus", "linux")],
)
def test_doctor_names_what_is_near(write_sheet, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, near: str) -> None:
    monkeypatch.setenv(variable, value)
    told, _ = doctor("--sheets", write_sheet("plugins: {job: {hierarchy: job, assignment: client}}"))
    assert any(f"Did you mean '{near}'?" in problem["message"] for problem in told["problems"])


def test_doctor_tells_cache_versions_trust_and_extras(write_sheet) -> None:
    told, _ = doctor("--sheets", write_sheet("plugins: {job: {hierarchy: job}}"))
    assert told["cache"]["state"] == "off" and told["cache"]["mode"] == "0"
    assert told["trust"] == {"asked": False, "trusted": 1, "untrusted": []}
    assert told["versions"]["click"] and told["extras"]["test"]["pytest"]


@pytest.mark.skipif(os.name != "posix", reason="folders have no such modes on Windows")
def test_doctor_tells_why_a_cache_is_not_used(tmp_path: Path, write_sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WAYS_CACHE", "1")
    sheet = write_sheet("plugins: {job: {hierarchy: job}}")
    folder = Path(doctor("--sheets", sheet)[0]["cache"]["folder"])
    folder.chmod(0o777)
    assert doctor("--sheets", sheet)[0]["cache"]["state"].startswith("not used")


@pytest.fixture
def old_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages in which the library of 2017 is installed, as far as its metadata goes."""
    info = tmp_path / "packages" / "ways-0.1.4.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ways\nVersion: 0.1.4\n", encoding="utf-8")
    monkeypatch.syspath_prepend(info.parent)
    return info.parent


MEND = f"run: pip uninstall ways {__distribution__}, then: pip install {__distribution__}"


def test_doctor_reports_another_library_called_ways(old_library: Path, write_sheet) -> None:
    told, code = doctor("--sheets", write_sheet("plugins: {job: {hierarchy: job}}"))
    (problem,) = told["problems"]
    assert (code, problem["code"], problem["path"]) == (1, "other-library", str(old_library / "ways"))
    assert "ways 0.1.4" in problem["message"] and problem["message"].endswith(MEND)


def test_doctor_says_what_to_do_about_another_library(old_library: Path, write_sheet) -> None:
    text = invoke("--sheets", write_sheet("plugins: {job: {hierarchy: job}}"), "doctor").stdout
    assert text.partition("What to do\n")[2] == f"  Install Ways again before you go on; {MEND}\n1 error, 0 warnings\n"


@pytest.mark.parametrize("text", ["", "__version__ = '0.1.4'\n", None], ids=["without a version", "another library's", "removed"])
def test_a_package_with_files_of_another_library_ends_with_one_line(tmp_path: Path, text: str | None) -> None:
    copy = tmp_path / "ways"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "api.py").unlink()
    (copy / "__init__.py").unlink()
    if text is not None:
        (copy / "__init__.py").write_text(text, encoding="utf-8")
    # A folder without __init__.py counts only where there is no other package of its name: -S leaves out what is installed.
    options = ["-S"] if text is None else []
    command = [sys.executable, *options, "-c", "from ways.cli.entry import program; program()", "--version"]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"ways: files are missing, or belong to another library called ways; {MEND}\n"


def test_another_package_that_is_missing_is_an_import_error() -> None:
    program = "import sys; sys.modules['click'] = None; from ways.cli.entry import program; program()"
    done = subprocess.run([sys.executable, "-c", program, "--version"], capture_output=True, encoding="utf-8")
    assert done.returncode == 1 and "ModuleNotFoundError" in done.stderr


def titles(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith(" ")]


def test_doctor_tells_artists_what_is_loaded_what_is_wrong_and_what_to_do(write_sheet) -> None:
    result = invoke("--sheets", write_sheet("plugins: {job: {hierarchi: job}}"), "doctor")
    assert titles(result.stdout) == ["What is loaded", "What is wrong", "What to do", "1 error, 1 warning"]
    assert "Did you mean 'hierarchy'?" in result.stdout and "ways doctor --verbose" in result.stdout
    assert not any(word in result.stdout for word in ("WAYS_CACHE", "pyyaml", "Extras"))


def test_doctor_tells_developers_everything_if_they_ask(write_sheet) -> None:
    result = invoke("--sheets", write_sheet("plugins: {job: {hierarchi: job}}"), "doctor", "--verbose")
    assert titles(result.stdout) == [
        "Versions", "Environment", "Search paths", "Cache", "Trust", "Extras", "Problems", "1 error, 1 warning",
    ]  # fmt: skip


def test_doctor_says_that_all_is_well(write_sheet) -> None:
    lines = invoke("--sheets", write_sheet("plugins: {job: {hierarchy: job}}"), "doctor").stdout.splitlines()
    assert [line.strip() for line in lines[-5:]] == [
        "What is wrong", "none", "What to do", "nothing: all is well", "0 errors, 0 warnings",
    ]  # fmt: skip


#: A sheet that loads without a problem, and of which a check says more.
FAULTY = """
plugins:
  a: {hierarchy: a, mapping: '{root}/x'}
  b: {hierarchy: '{root}/b', uses: [nowhere], mapping: '{root}/b'}
"""


def test_doctor_says_how_much_a_check_finds(write_sheet) -> None:
    told, code = doctor("--sheets", write_sheet(FAULTY))
    [problem] = told["problems"]
    assert (code, told["checked"], problem["level"], problem["code"]) == (1, True, "error", "check")
    assert problem["message"] == "ways check finds 2 errors: root-without-uses, unknown-parent"
    text = invoke("--sheets", write_sheet(FAULTY), "doctor").stdout
    assert "all is well" not in text and "More about the sheets: ways check" in text


def test_doctor_counts_nothing_twice(write_sheet) -> None:
    told, _ = doctor("--sheets", write_sheet("plugins: {job: {hierarchy: job, hierarchi: x}}"))
    assert [problem["code"] for problem in told["problems"]] == ["unknown-key"]


def test_doctor_finds_what_the_info_file_lets_a_check_tell(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(FAULTY)
    (tmp_path / ".ways_plugin_info.yml").write_text("check: {ignore: [unknown-parent, root-without-uses]}\n")
    assert doctor("--sheets", str(tmp_path))[0]["problems"] == []


def test_doctor_says_who_looks_deeper_where_places_are_many(write_sheet) -> None:
    plugins = "".join(f"  a{number}: {{hierarchy: a{number}, mapping: '{{root}}/x'}}\n" for number in range(501))
    result = invoke("--sheets", write_sheet(f"plugins:\n{plugins}"), "doctor")
    assert result.exit_code == 0 and "ways check looks deeper" in result.stdout and "all is well" not in result.stdout


def test_doctor_tells_who_has_no_sheets_where_to_begin(home: Path) -> None:
    assert "ways init" in invoke("doctor").stdout.partition("What to do")[2]


def test_a_shell_without_a_script_is_refused_with_the_near_one() -> None:
    result = invoke("completion", "zhs")
    assert result.exit_code == 2 and "Did you mean 'zsh'?" in result.stderr


def five_commands(name: str) -> list[str]:
    """Write an example into the current folder and return the commands that are printed."""
    commands = re.findall(r"\n  (ways .*)", invoke("init", "--example", name).stderr)
    assert len(commands) == 5
    return commands


EXAMPLE_LAYERS = [(name, layers) for name in EXAMPLES for layers in ([], ["master", EXAMPLES[name].layer])]


@pytest.mark.parametrize("platform", ["linux", "darwin", "windows"])
@pytest.mark.parametrize("name, layers", EXAMPLE_LAYERS)
def test_an_example_has_no_finding_on_any_platform(tmp_path: Path, name: str, layers: list[str], platform: str) -> None:
    assert invoke("init", "--example", name, str(tmp_path)).exit_code == 0
    result = invoke("check", "--platform", platform, "--priority", os.pathsep.join(layers), str(tmp_path))
    assert result.stdout.startswith("no findings in ")


@pytest.mark.parametrize("platform", ["linux", "darwin", "windows"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_five_commands_of_an_example_work_on_each_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, platform: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WAYS_PLATFORM", platform)
    commands = five_commands(name)
    assert any(EXAMPLES[name].projects[platform] in command for command in commands)
    for command in commands:
        result = invoke(*shlex.split(command)[1:])
        assert result.exit_code == 0 and result.stdout, result.stderr


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_small_and_each_sheet_begins_with_a_comment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    sheets = [Path(line) for line in invoke("init", "--example", name).stdout.splitlines()]
    texts = [sheet.read_text(encoding="utf-8") for sheet in sheets]
    assert sheets == sorted(Path(name).iterdir()) and sum(len(text.splitlines()) for text in texts) <= 200
    assert all(text.startswith("# ") and "syntax: 2" in text for text in texts)


@pytest.mark.skipif(os.name == "nt", reason="the page shows what a POSIX shell prints")
@pytest.mark.platform("linux")
@pytest.mark.parametrize("name, page", [("studio", "tutorial.rst"), ("research", "howto/lab.rst")])
def test_the_five_commands_of_an_example_print_what_its_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, page: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = (DOCS / page).read_text(encoding="utf-8")
    for command in five_commands(name):
        line = shlex.join([sys.executable, "-P", "-m", "ways"]) + command.removeprefix("ways")
        done = subprocess.run(line, shell=True, capture_output=True, check=True, encoding="utf-8")
        answer = "".join(f"   {text}\n" for text in (done.stdout + done.stderr).splitlines())
        assert answer and f"   $ {command}\n{answer}" in shown


def test_an_example_overwrites_nothing_and_then_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "30_tasks.yml").write_text("mine", encoding="utf-8")
    result = invoke("init", "--example", "studio", str(tmp_path))
    assert (result.exit_code, result.stdout, [path.name for path in tmp_path.iterdir()]) == (1, "", ["30_tasks.yml"])
    assert "30_tasks.yml exists already" in result.stderr and "ways init --example studio FOLDER" in result.stderr


def test_an_example_that_is_not_there_or_is_no_folder_is_wrong_usage(tmp_path: Path) -> None:
    unknown = invoke("init", "--example", "studoi", str(tmp_path / "a"))
    assert unknown.exit_code == 2 and "Did you mean 'studio'?" in unknown.stderr
    sheet = invoke("init", "--example", "studio", str(tmp_path / "a.yml"))
    assert sheet.exit_code == 2 and "name a folder" in sheet.stderr and not list(tmp_path.iterdir())


def test_the_help_names_the_examples() -> None:
    assert "--example [studio|research]" in invoke("init", "--help").stdout


def test_init_below_a_file_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    told = invoke("init", "--path", str(tmp_path / "file" / "new.yml"))
    assert told.exit_code == 1 and f"{tmp_path / 'file'} exists already" in told.stderr
    further = invoke("init", "--path", str(tmp_path / "file" / "below" / "new.yml"))
    assert further.exit_code == 1 and "Not a directory" in further.stderr
