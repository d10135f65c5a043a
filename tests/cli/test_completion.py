"""Completion in a shell: places, tokens and choices out of the sheets that a command line names."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.cli.complete import answer, grammar, request, suggest, words
from ways.cli.main import COMMANDS, main
from ways.session import Session
from ways.sheets.store.stamps import FRESH

SHEET = """
globals: {syntax: 2}
plugins:
  job: {hierarchy: job, mapping: 'jobs/{JOB}'}
  step:
    hierarchy: job/step
    mapping: 'jobs/{JOB}/{STEP}[_{NOTE}]'
    mapping_details:
      STEP: {choices: {animation: anm, lighting: lgt, layout: lay}}
"""
Answers = list[str]


@pytest.fixture(params=["quick", "click"])
def complete(request, tmp_path: Path):
    """Return what completes a line, in each of the two ways; they differ in nothing."""
    (tmp_path / "sheet.yml").write_text(SHEET, encoding="utf-8")
    ways = {"quick": of_quick, "click": of_click}

    def answer(*given: str, incomplete: str = "") -> Answers:
        return ways[request.param](["--sheets", str(tmp_path / "sheet.yml"), *given], incomplete)

    return answer


def of_quick(before: list[str], start: str) -> Answers:
    return [item.value for item in answer.items(before, start) or ()]


def of_click(before: list[str], start: str) -> Answers:
    return [item.value for item in BashComplete(main, {}, "ways", "_WAYS_COMPLETE").get_completions(before, start)]


@pytest.mark.parametrize("command", ["format", "find", "context", "tree"])
def test_places_are_completed(complete, command):
    assert complete(command, incomplete="job") == ["job", "job/step"]
    assert complete(command, incomplete="job/") == ["job/step"]


def test_layers_are_completed_one_after_the_other(complete, tmp_path: Path):
    layers = "plugins: {a: {hierarchy: a, assignment: client}, b: {hierarchy: a, assignment: clinic}, c: {hierarchy: a}}"
    (tmp_path / "layers.yml").write_text(layers, encoding="utf-8")
    sheet = ("--sheets", str(tmp_path / "layers.yml"))
    assert complete(*sheet, "tree", "--priority", incomplete="cl") == ["client", "clinic"]
    assert complete(*sheet, "tree", "--priority", incomplete=f"master{os.pathsep}cl") == [
        f"master{os.pathsep}client", f"master{os.pathsep}clinic",
    ]  # fmt: skip
    assert complete(*sheet, "tree", "--priority", incomplete=f"client{os.pathsep}cl") == [f"client{os.pathsep}clinic"]
    assert complete(*sheet, "--assignment", incomplete="m") == ["master"]


def test_tokens_without_a_value_are_completed(complete):
    assert complete("format", "job/step") == ["JOB=", "STEP=", "NOTE="]
    assert complete("format", "job/step", "JOB=dune") == ["STEP=", "NOTE="]
    assert complete("format", "job/step", incomplete="S") == ["STEP="]


def test_choices_are_completed_as_they_are_written(complete):
    assert complete("format", "job/step", incomplete="STEP=") == ["STEP=anm", "STEP=lgt", "STEP=lay"]
    assert complete("find", "job/step", incomplete="STEP=l") == ["STEP=lgt", "STEP=lay"]
    assert complete("find", "job/step", incomplete="JOB=") == []


def test_a_choice_is_completed_with_its_label(tmp_path: Path):
    sheet = tmp_path / "labels.yml"
    details = "{S: {choices: {1: {text: anm, label: Animation}, 2: lgt}}}"
    sheet.write_text(f"plugins: {{a: {{hierarchy: a, mapping: '/{{S}}', mapping_details: {details}}}}}")
    before = ["--sheets", str(sheet), "format", "a"]
    quick = [(item.value, item.help) for item in answer.items(before, "S=") or ()]
    clicked = BashComplete(main, {}, "ways", "_WAYS_COMPLETE").get_completions(before, "S=")
    assert quick == [(item.value, item.help or "") for item in clicked] == [("S=anm", "Animation"), ("S=lgt", "")]


def test_place_and_tokens_of_another_place_are_completed(complete):
    assert complete("resolve", "jobs/dune", "--as", incomplete="job") == ["job", "job/step"]
    assert complete("resolve", "jobs/dune", "--as", "job/step", incomplete="") == ["JOB=", "STEP=", "NOTE="]
    assert complete("resolve", "--as", "job/step", "jobs/dune", "STEP=anm", incomplete="N") == ["NOTE="]
    assert complete("resolve", "jobs/dune", "--as", "job/step", incomplete="STEP=l") == ["STEP=lgt", "STEP=lay"]
    assert complete("resolve", "jobs/dune", incomplete="") == []


def test_options_are_completed(complete):
    assert complete("find", "job/step", "--latest", incomplete="N") == ["NOTE"]
    assert complete("resolve", "--to", incomplete="w") == ["windows"]
    assert complete("resolve", "--context", incomplete="job/") == ["job/step"]
    assert complete("tree", incomplete="--pl") == ["--platform"]


def test_without_sheets_or_with_a_wrong_place_there_is_nothing_to_say(complete):
    assert complete("format", "nowhere") == []
    assert of_click(["--sheets", "nothing.yml", "format"], "") == of_quick(["--sheets", "nothing.yml", "format"], "") == []


def test_what_each_command_takes_is_written_down() -> None:
    """If this fails, a command changed: run ``python -m ways.cli.complete.grammar``."""
    assert grammar.commands() == words.COMMANDS
    assert Path(words.__file__).read_text(encoding="utf-8") == grammar.written()


def test_each_kind_of_value_is_known_without_click() -> None:
    kinds = {item.kind for command in words.COMMANDS.values() for item in (*command.options, *command.arguments)}
    assert {kind for kind in kinds if isinstance(kind, str)} <= {*answer._VALUES, "flag", "command", "file"}
    assert {name.partition(" ")[0] for name in words.COMMANDS} == {"", *COMMANDS}


NAMES = sorted({name for command in words.COMMANDS.values() for option in command.options for name in option.names})
WORD = st.sampled_from([*COMMANDS, *NAMES, "job", "job/step", "JOB=a", "linux", "json", "--", "-", "x", "text"])


@settings(max_examples=200, deadline=None)
@given(line=st.lists(WORD, max_size=4), start=st.sampled_from(["", "-", "--", "--f", "--se", "j", "job/", "c", "S", "STEP=l", "te"]))
def test_the_quick_way_says_what_click_says(line: list[str], start: str, tmp_path_factory) -> None:
    folder = tmp_path_factory.getbasetemp() / "completed"
    folder.mkdir(exist_ok=True)
    (folder / "sheet.yml").write_text(SHEET, encoding="utf-8")
    before = ["--sheets", str(folder / "sheet.yml"), *line]
    found = answer.items(before, start)
    # Click goes on after words that it would refuse to run; what it doesn't know itself is left to it.
    if found is not None and not is_wrong(before):
        told = [item.value for item in found if item.kind != "file"]
        assert sorted(told) == sorted(value for value in of_click(before, start) if value != start or not is_file(found)), before


def is_file(found: list[request.Item]) -> bool:
    return any(item.kind == "file" for item in found)


def is_wrong(before: list[str]) -> bool:
    """Whether a command stands behind ``--``, has too many arguments, or a value that it can't have or that looks like an option."""
    try:
        line = answer.CommandLine(before)
    except answer.UnreadableLine:
        return True
    taken = line.command.arguments
    too_many = len(line.arguments) > len(taken) and not (taken and taken[-1].is_last)
    values = [(option, value) for option in line.command.options for value in line.given.get(option.names[0], ())]
    refused = any(isinstance(option.kind, tuple) and value not in option.kind for option, value in values)
    odd = any(value.startswith("-") for values in line.given.values() for value in values)
    return too_many or refused or odd or "--" in before or "-" in before


def test_very_many_places_are_told_one_level_at_a_time() -> None:
    places = [f"job/shot_{number}/{name}" for number in range(150) for name in ("a", "b")]
    assert suggest.by_level(["job", *places], "") == ["job", "job/"]
    assert len(suggest.by_level(places, "job/")) == 150
    assert suggest.by_level(places[:10], "") == places[:10]


def test_places_come_out_of_the_store_without_their_plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "sheet.yml").write_text(SHEET + "  on: {hierarchy: '{root}/on', uses: [job, job/step]}\n", encoding="utf-8")
    found = []
    for _ in range(2):
        session = Session(overrides={"WAYS_CACHE": "1", "XDG_CACHE_HOME": str(tmp_path / "cache")})
        session.add_search_path(str(tmp_path / "sheet.yml"))
        found.append(session.place_texts())
        assert found[-1] == sorted({"/".join(place) for place in Session.hierarchies(session)})
    assert found[0] == found[1] == ["job", "job/on", "job/step", "job/step/on"]


@pytest.mark.parametrize(
    "line, expected",
    [
        ("ways tree jo", (("ways", "tree"), "jo", "")),
        ("ways tree ", (("ways", "tree"), "", "")),
        ("ways 'my place/", (("ways",), "my place/", "'")),
        ('ways "a\\"b c', (("ways",), 'a"b c', '"')),
        ("ways a\\ b ''", (("ways", "a b"), "", "")),
        ("", ((), "", "")),
    ],
)
def test_a_line_is_split_as_shells_do(line: str, expected: object) -> None:
    assert request.split(line) == expected


def asked(shell: str, **variables: str) -> str:
    return subprocess.run(
        [str(Path(sysconfig.get_path("scripts"), "ways"))],
        env={**os.environ, "_WAYS_COMPLETE": f"{shell}_complete", **variables},
        capture_output=True, check=True, encoding="utf-8",
    ).stdout  # fmt: skip


def test_scripts_of_click_are_answered_too() -> None:
    assert asked("bash", COMP_WORDS="ways tr", COMP_CWORD="1") == "plain,tree\n"
    assert asked("zsh", COMP_WORDS="ways tr", COMP_CWORD="1").startswith("plain\ntree\nShow all places")
    assert asked("fish", COMP_WORDS="ways tr", COMP_CWORD="tr").startswith("plain,tree\tShow all places")


def test_every_kind_of_a_value_has_its_completion() -> None:
    kinds = {item.kind for command in words.COMMANDS.values() for item in (*command.options, *command.arguments)}
    assert {kind for kind in kinds if isinstance(kind, str)} - {"flag", "command", "file"} <= answer._VALUES.keys()


@pytest.mark.parametrize("shell", request.SHELLS)
def test_the_script_is_written_in_both_ways(shell: str) -> None:
    by_command = subprocess.run(["ways", "completion", shell], env=with_scripts(), capture_output=True, check=True, encoding="utf-8")
    environ = with_scripts(_WAYS_COMPLETE=f"{shell}_source")
    by_variable = subprocess.run(["ways"], env=environ, capture_output=True, check=True, encoding="utf-8")
    assert by_command.stdout == by_variable.stdout != ""


def with_scripts(**variables: str) -> dict[str, str]:
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    return {**os.environ, "PATH": path, **variables}


def test_a_plugin_file_that_prints_spoils_nothing(tmp_path: Path) -> None:
    (tmp_path / "noisy.py").write_text("print('hello')\n", encoding="utf-8")
    assert asked("bash", WAYS_PLUGINS=str(tmp_path / "noisy.py"), _WAYS_LINE="ways tree ") == ""


def test_completion_of_many_places_reads_no_sheet(tmp_path: Path) -> None:
    """With 10,000 places, out of the store: neither what reads sheets nor what carries out commands is imported."""
    plugins = "".join(f"  p{n}: {{hierarchy: job/s{n % 100}/n{n}, mapping: 'x/{{A}}/{n}'}}\n" for n in range(10_000))
    (tmp_path / "sheet.yml").write_text(f"plugins:\n{plugins}", encoding="utf-8")
    own = {"WAYS_CACHE": "1", "XDG_CACHE_HOME": str(tmp_path), "_WAYS_LINE": f"ways --sheets {tmp_path}/sheet.yml tree job/s7/n"}
    assert asked("bash", **own).count("\n") == 100
    # A sheet that was changed just now is read again, once more when its stamp is old enough.
    time.sleep(FRESH / 1e9)
    assert asked("bash", **own).count("\n") == 100
    code = "import atexit, sys; from ways.cli.entry import program; "
    code += "atexit.register(lambda: print(*sys.modules, file=sys.stderr)); program()"
    environ = {**os.environ, "_WAYS_COMPLETE": "bash_complete", **own}
    done = subprocess.run([sys.executable, "-P", "-c", code], env=environ, capture_output=True, text=True, encoding="utf-8", check=True)
    modules = set(done.stderr.split())
    assert done.stdout.count("\n") == 100 and "ways.cli.entry" in modules
    assert modules & {"yaml", "click", "rich", "regex"} == set()


def test_fields_of_a_place_are_completed_after_a_colon(complete):
    assert complete("explain", incomplete="job/s") == ["job/step"]
    assert "job/step:mapping" in complete("explain", incomplete="job/step:m")
    assert complete("explain", "job/step:mapping", incomplete="S") == ["STEP="]
    assert complete("explain", incomplete="nowhere:m") == []


@pytest.mark.parametrize("shell", request.SHELLS)
def test_what_a_terminal_would_obey_is_nothing_to_go_on_with(shell: str) -> None:
    asked = request.Request(shell, (), "", True)
    hidden = [request.Item(f"a{sign}b") for sign in ("\n", "\r", "\x1b[2J", "\x07", "\x85", "\u2028", "\u202e", "\ud800", "\0")]
    told = request.written(asked, [*hidden, request.Item("soup", help="of\n\x1bthe day")])
    assert "soup" in told and "b" not in told.replace("x1b", "") and set(told) - {"\n", "\t"} == {c for c in told if c.isprintable()}
    assert told.count("\n") == (3 if shell == "zsh" else 1)


@pytest.mark.parametrize(
    "environ",
    [
        {}, {"_WAYS_COMPLETE": "tcsh_complete"}, {"_WAYS_COMPLETE": "bash_source"},
        {"_WAYS_COMPLETE": "bash_complete", "COMP_WORDS": "ways re", "COMP_CWORD": ""},
        {"_WAYS_COMPLETE": "bash_complete", "COMP_WORDS": "ways re", "COMP_CWORD": "-1"},
        {"_WAYS_COMPLETE": "zsh_complete", "COMP_WORDS": "ways re", "COMP_CWORD": "9" * 10},
    ],
)  # fmt: skip
def test_what_no_shell_asks_is_left_to_click(environ: dict[str, str]) -> None:
    assert request.read(environ) is None
