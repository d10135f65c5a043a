"""The reference is complete, and names nothing that isn't there."""

from __future__ import annotations

import builtins
import inspect
import json
import os
import re
from pathlib import Path

import click
import pytest
import ways
from click.testing import CliRunner
from documentation.examples import DOCS, literals, tables

from ways import api, errors, settings
from ways.cli.main import COMMANDS, main
from ways.sheets.document import UNREADABLE
from ways.sheets.formats.table import NATIVE_FORMATS
from ways.sheets.formats.table import FormatTable
from ways.sheets.reader import INFO_FILE_NAMES, INFO_SUFFIXES
from ways.sheets.schema import OPENASSETIO_KEYS, PLUGIN_KEYS, SHEET_KEYS, TOKEN_KEYS

FAMILY = {
    name: found for name, found in vars(errors).items() if isinstance(found, type) and issubclass(found, errors.WaysError)
}
#: Those that stand for others, for whoever catches them.
BASES = {base.__name__ for found in FAMILY.values() for base in found.__bases__}
VARIABLES = {value for name, value in vars(settings).items() if name.endswith("_ENV_VAR")}


def page(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


def first_cells(table: list[list[str]]) -> list[str]:
    return [name for row in table[1:] for name in literals(row[0])]


KEYS = {"sheet": SHEET_KEYS, "plugin": PLUGIN_KEYS, "openassetio": OPENASSETIO_KEYS, "token": TOKEN_KEYS}


@pytest.mark.parametrize("number, keys", list(enumerate(KEYS.values())), ids=KEYS)
def test_every_key_of_a_sheet_is_in_its_table(number: int, keys: object) -> None:
    """The tables name each key of the schema once, and no other."""
    assert sorted(first_cells(tables(page("sheet-keys.rst"))[number])) == sorted(keys)  # type: ignore[call-overload]


def test_every_key_stands_in_the_example() -> None:
    """The sheet with all keys has each of them."""
    sheet = page("sheet-keys.rst").split("all-keys.yml", 1)[1].split("Keys of a sheet")[0]
    assert [key for key in (*PLUGIN_KEYS, *TOKEN_KEYS) if not re.search(rf"^ +{key}:", sheet, re.MULTILINE)] == []


def test_info_files_are_named() -> None:
    """The page has both names of an info file, and each ending."""
    text = page("sheet-keys.rst")
    assert all(f"``{name}" in text for name in INFO_FILE_NAMES)
    assert all(suffix in text for suffix in INFO_SUFFIXES)


def test_every_ending_of_a_sheet_is_in_the_table() -> None:
    """The table of formats has each ending of a native one, and no other; those of other systems are told below it."""
    rows = tables(page("formats.rst"))[0][1:]
    told = [suffix for row in rows for suffix in literals(row[1])]
    assert sorted(told) == sorted(suffix for item in NATIVE_FORMATS for suffix in item.suffixes)
    assert all(f"``{suffix}``" in page("formats.rst") for suffix in FormatTable().suffixes)


def test_every_code_of_imjoy_is_told() -> None:
    """The page about ImJoy names each code that its modules tell, and no other."""
    package = Path(ways.__file__).parent
    files = [*package.glob("systems/imjoy/**/*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    given = set(re.findall(r'(?:\badd|\b_add|\badd_lax|\bStepRefused|\bImJoyError|\bFormError)\(\s*"([a-z-]+)"', text))
    given |= {f"{key}-type" for key in ("flags", "dependencies", "labels", "permissions", "inputs", "outputs")} | {"dependency-cycle"}
    given |= {"inputs-schema", "outputs-schema"}
    part = page("../howto/imjoy.rst").split("These problems make Ways skip the whole file")[1].split("Scripts and strict reading")[0]
    assert {code for code in literals(part) if code not in ("env", "cmd")} == given


def test_every_variable_is_in_the_table() -> None:
    """The table names each WAYS_* variable once, and no other."""
    assert sorted(first_cells(tables(page("environment.rst"))[0])) == sorted(VARIABLES)


def test_defaults_of_variables_are_right() -> None:
    """The defaults are those that an empty environment gives."""
    told = {literals(row[0])[0]: literals(row[1]) for row in tables(page("environment.rst"))[0][1:]}
    given = settings.Settings.from_environ({})
    assert set(told["WAYS_PLATFORMS"]) == given.platforms
    assert tuple(told["WAYS_PRIORITY"]) == given.priority
    assert tuple(told["WAYS_PARSERS"]) == settings.parse_order({})
    assert tuple(told["WAYS_EXPAND_CHOICE_ORDER"]) == settings.expand_order({})
    assert given.platform == settings.default_platform()


@pytest.mark.parametrize("name", ["WAYS_PLATFORM", "WAYS_PLATFORMS", "WAYS_PRIORITY"])
def test_live_variables_answer_at_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page calls live changes the next answer."""
    row = next(row for row in tables(page("environment.rst"))[0][1:] if literals(row[0]) == [name])
    session = api.Session()
    before = session.settings
    monkeypatch.setenv(name, os.pathsep.join(["x", "y"]))
    assert row[2] == "live"
    assert session.settings != before


def test_every_error_is_in_the_table() -> None:
    """The table names each class of the family once, and no other."""
    assert sorted(first_cells(tables(page("errors.rst"))[0])) == sorted(FAMILY)


@pytest.mark.parametrize("name", FAMILY)
def test_row_of_an_error_is_right(name: str) -> None:
    """The built-in classes are its own, and what it carries is what it is made of."""
    row = next(row for row in tables(page("errors.rst"))[0][1:] if literals(row[0]) == [name])
    told = [getattr(builtins, base) for base in literals(row[1])]
    assert all(issubclass(FAMILY[name], base) for base in told)
    native = [base for base in FAMILY[name].__mro__ if base.__module__ == "builtins" and base not in Exception.__mro__]
    assert all(any(issubclass(given, base) for given in told) or _inherited(name, base) for base in native)
    carried = [attribute for attribute in literals(row[3]) if attribute not in FAMILY]
    assert set(carried) <= set(inspect.signature(FAMILY[name].__init__).parameters)


def _inherited(name: str, native: type) -> bool:
    """Whether a built-in class comes from another error of the family, whose own row tells of it."""
    return any(issubclass(base, native) for base in FAMILY[name].__bases__ if base.__name__ in FAMILY)


@pytest.mark.parametrize("name", sorted(set(FAMILY) - BASES))
def test_every_error_that_stands_for_no_others_is_raised(name: str) -> None:
    package = Path(ways.__file__).parent
    files = [path for path in package.rglob("*.py") if path.name != "errors.py"]
    assert any(re.search(rf"\b{name}\(", path.read_text(encoding="utf-8")) for path in files)


def test_problems_that_cost_a_sheet_are_told() -> None:
    """The table of problem codes says of exactly these that the sheet is lost."""
    told = {literals(row[0])[0] for row in tables(page("errors.rst"))[1][1:] if row[2] == "the sheet"}
    assert told == UNREADABLE


def test_every_code_of_a_finding_is_in_its_table() -> None:
    """The table of findings says of each code what the code itself says, and of no other."""
    rows = [[cell.replace("``", "`") for cell in row] for row in tables(page("findings.rst"))[0][1:]]
    assert rows == [[f"`{code}`", told.level, told.meaning, told.remedy] for code, told in api.FINDING_CODES.items()]


def test_problems_of_a_load_are_findings_of_the_same_code() -> None:
    """Each code of a problem is the code of a finding; an untrusted sheet is one that a check doesn't run."""
    codes = set(first_cells(tables(page("errors.rst"))[1])) - {"untrusted"}
    assert codes <= set(api.FINDING_CODES)


def test_every_command_has_a_section() -> None:
    """Each command stands in a heading, and no other does."""
    assert sorted(re.findall(r"^``ways (\w+)", page("cli.rst"), re.MULTILINE)) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_section_of_a_command_begins_as_its_help_does(name: str) -> None:
    section = page("cli.rst").split(f"\n``ways {name}", 1)[1].split("-\n\n", 1)[1]
    assert " ".join(section.split()).startswith(command_of(name).get_short_help_str(1000).rstrip("."))


def command_of(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None and found.name == name
    return found


def test_every_option_is_told() -> None:
    """Each option of each command is on the page, and no other."""
    given = {"--help", "-h"}
    commands = [main, *map(command_of, COMMANDS)]
    commands += [below for command in commands[1:] if isinstance(command, click.Group) for below in command.commands.values()]
    for command in commands:
        options = [option for option in command.params if isinstance(option, click.Option)]
        given |= {name for option in options for name in (*option.opts, *option.secondary_opts)}
    cells = [row[0] for table in tables(page("cli.rst")) for row in table if row[0].startswith("``-")]
    assert {name.split()[0] for cell in cells for name in literals(cell)} == given


@pytest.mark.parametrize(
    "arguments",
    [
        ["resolve", "/jobs/dune"], ["format", "job", "JOB=dune"], ["context", "job"], ["tree"], ["sheets"],
        ["explain", "job"], ["explain", "job", "JOB=dune"], ["explain", "--path", "/jobs/dune"], ["uses", "{sheet}:1"], ["check"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_json_key_is_told(arguments: list[str], tmp_path: Path) -> None:
    """Each key of an answer stands in the section of its command."""
    sheet = tmp_path / "jobs.yml"
    sheet.write_text("plugins: {job: {hierarchy: job, mapping: '/jobs/{JOB}', maping: x}}", encoding="utf-8")
    arguments = [argument.replace("{sheet}", str(sheet)) for argument in arguments]
    done = CliRunner().invoke(main, ["--sheets", str(sheet), "--format", "json", *arguments])
    answer = json.loads(done.stdout.splitlines()[0])
    section = page("cli.rst").split(f"``ways {arguments[0]}", 1)[1].split("\n``ways ")[0]
    assert [key for key in _keys(answer) if f"``{key}``" not in section] == []


def _keys(answer: object) -> set[str]:
    """Return the keys of an answer and of the records in it; what a sheet's author names is not among them."""
    if isinstance(answer, list):
        return {key for item in answer for key in _keys(item)}
    if not isinstance(answer, dict):
        return set()
    inside = {key for name, value in answer.items() if name not in ("values", "data", "parse", "value") for key in _keys(value)}
    return {*answer, *inside}


def test_every_name_of_the_api_is_documented() -> None:
    """The page documents each name of ``ways.api`` once, and no other."""
    names = re.findall(r"^\.\. (?:auto\w+|py:\w+):: (\w+)", page("api.rst"), re.MULTILINE)
    assert sorted(names) == sorted(api.__all__)


def test_values_of_constants_are_right() -> None:
    """A constant has the value that the page gives."""
    told = dict(re.findall(r"^\.\. py:data:: (\w+)\n   :value: (.+)$", page("api.rst"), re.MULTILINE))
    assert told == {name: repr(getattr(api, name)) for name in told}
    assert "DEFAULT_ASSIGNMENT" in told


@pytest.mark.parametrize("number, kind", [(0, api.Reason), (1, api.Verdict)], ids=["reasons", "verdicts"])
def test_every_reason_is_told(number: int, kind: type[api.Reason]) -> None:
    """The tables of the page that teaches to ask why have each reason and verdict, with its sentence."""
    table = tables((DOCS / "howto" / "explain.rst").read_text(encoding="utf-8"))[number][1:]
    assert table == [[f"``{member}``", f"{member.sentence[0].upper()}{member.sentence[1:]}."] for member in kind]


def test_glossary_is_sorted() -> None:
    """Terms stand once, in the order of the alphabet."""
    terms = re.findall(r"^   (\S.*)$", (DOCS / "glossary.rst").read_text(encoding="utf-8"), re.MULTILINE)
    assert terms == sorted(set(terms), key=str.casefold)


@pytest.mark.parametrize("path", sorted((DOCS / "decisions").glob("0*.rst")), ids=lambda path: path.stem)
def test_a_decision_has_its_parts(path: Path) -> None:
    """Each decision has a number, and says the context, the choice, and what was turned down."""
    text = path.read_text(encoding="utf-8")
    headings = re.findall(r"^(\S.*)\n(?:=+|-+)$", text, re.MULTILINE)
    assert headings[0].startswith(path.stem[:4])
    assert headings[1:] == ["Context", "Choice", "Turned down"]
