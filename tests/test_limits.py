"""Limits: each is named in its error, holds at its number and not before, and costs only what goes beyond it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from ways import errors
from ways.check import layers, literal, mapping_machines, overlap, scope, tokens
from ways.contexts import variants
from ways.errors import LimitError, MappingLimitError, PatternError, SettingsError, SheetError, WaysError
from ways.explain import line, place
from ways.limits import DEFAULT_LIMITS, Limits
from ways.pattern import scan, sequence, template
from ways.regex import automata, backtracking, charset, lookaround, parse_tree, product
from ways.report import page
from ways.session import Session
from ways.sheets import files
from ways.sheets.formats import foreign, yaml_text
from ways.sheets.store import codec, writer
from ways.sources import archives, git_program, load_sheets, repository
from ways.systems.bulk import csv_file
from ways.systems.dioptra.files import code
from ways.systems.imjoy.files import blocks, format as imjoy_format, scripts
from ways.systems.openassetio import places, publishing
from ways.systems.usd.files import json as usd_json

JOB = {"hierarchy": "job", "mapping": "/jobs/{JOB}"}


def limited(**limits: int) -> Session:
    session = Session(limits=Limits(**limits))
    session.add_plugins(job=JOB)
    return session


def test_limits_are_read_out_of_a_text() -> None:
    assert Limits.of_text("text=5: sheet = 7:") == Limits(text=5, sheet=7)
    assert Limits.of_text("") == DEFAULT_LIMITS


@pytest.mark.parametrize(
    "text, expected",
    [
        ("txt=5", "did you mean 'text'"),
        ("text=many", "a whole number above 0 for text"),
        ("text=0", "a whole number above 0 for text"),
        ("text=-1", "a whole number above 0 for text"),
        ("text=٣", "a whole number above 0 for text"),
        ("text", "a whole number above 0 for text"),
    ],
)
def test_what_is_no_limit_is_refused(text: str, expected: str) -> None:
    with pytest.raises(SettingsError, match=expected):
        Limits.of_text(text)


def test_the_variable_is_read_when_a_session_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_LIMITS", "text=7")
    session = Session()
    monkeypatch.delenv("WAYS_LIMITS")
    assert session.limits == Limits(text=7) and Session().limits == DEFAULT_LIMITS
    assert Session(overrides={"WAYS_LIMITS": "text=8"}).limits == Limits(text=8)


def test_a_wrong_variable_is_a_problem_and_the_usual_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_LIMITS", "text=long")
    session = Session()
    assert session.limits == DEFAULT_LIMITS
    assert [(problem.code, problem.source.path) for problem in session.problems] == [("settings", "WAYS_LIMITS")]


@pytest.mark.parametrize("context", [None, "job"], ids=["found", "named"])
def test_a_text_at_the_limit_is_read_and_one_beyond_is_refused(context: str | None) -> None:
    session = limited(text=10)
    assert session.get_asset("/jobs/dune", context).get_value("JOB") == "dune"
    with pytest.raises(LimitError, match="at most 10 characters, found 11.*WAYS_LIMITS=text=20") as caught:
        session.get_asset("/jobs/dunes", context)
    assert (caught.value.name, caught.value.limit, caught.value.found) == ("text", 10, 11)


@pytest.mark.parametrize("context", [None, "job"], ids=["found", "named"])
def test_of_many_texts_the_long_ones_alone_are_refused(context: str | None) -> None:
    session = limited(text=10)
    short, long = session.get_assets(["/jobs/dune", "/jobs/dunes"], context)
    assert short.get_value("JOB") == "dune" and isinstance(long, LimitError)
    table = session.get_assets(["/jobs/dune", "/jobs/dunes"], context, as_columns=True)
    assert table["job"]["row"] == [0] and table[""]["row"] == [1]
    assert [type(result) for _, result in session.read_many(["/jobs/dunes"], session.get_context("job"))] == [LimitError]


def test_no_long_text_is_explained_translated_or_written() -> None:
    session = limited(text=10)
    for ask in (
        lambda: session.explain_text("/jobs/dunes"),
        lambda: session.translate("/jobs/dunes", "linux"),
        lambda: session.format("job", {"JOB": "dunes"}),
    ):
        with pytest.raises(LimitError):
            ask()
    assert session.format("job", {"JOB": "dune"}) == "/jobs/dune"


def numbers_of(page: Path, title: str) -> list[list[int]]:
    """Return the numbers in the second column of the table below a title, row by row."""
    rows = re.split(r"\n +\* - ", page.read_text(encoding="utf-8").partition(title)[2])[2:]
    return [[int(number) for number in re.findall(r"[0-9]+", row.split("\n     - ")[1])] for row in rows]


PAGE = Path(__file__).parent.parent / "docs" / "reference" / "limits.rst"


def test_the_page_of_limits_tells_each_limit_that_can_be_raised() -> None:
    assert numbers_of(PAGE, "Limits\n======")[: len(DEFAULT_LIMITS)] == [[number] for number in DEFAULT_LIMITS]


def test_the_page_of_limits_tells_each_fixed_limit_as_it_is() -> None:
    assert numbers_of(PAGE, "Fixed limits") == [
        [yaml_text._LONGEST_NUMBER],
        [variants.MAX_VARIANTS],
        [scan.MAX_PARTS],
        [parse_tree.MAX_NESTING, parse_tree.MAX_GROUPS, parse_tree.MAX_GROUPS_OF_MAPPING, parse_tree.MAX_COPIES],
        [charset.MOST_RANGES, backtracking._MOST_STEPS, lookaround.MOST_MOVES, automata.MOST_WRITTEN],
        [template.MAX_PIECES, template.MAX_CHAIN],
        [sequence.MAX_FRAMES],
        [load_sheets.MAX_DEPTH],
        [csv_file.MAX_LINE],
        [files.MAX_FILE],
        [repository.MAX_TREE],
        [git_program.MAX_CLONE, repository.MAX_SHOWN],
        [git_program.TIMEOUT, git_program.MAX_PRINTED, git_program.MAX_MEMORY],
        [foreign.MAX_FOREIGN],
        [places.LONGEST_PATH, publishing.MAX_SIDECAR],
        [archives.MAX_MEMBER],
        [archives.MAX_MEMBERS, archives.MAX_PARTS, archives.MAX_NAME],
        [],
        [usd_json.MAX_DEPTH],
        [blocks.MAX_BLOCKS],
        [scripts.MAX_SCRIPT],
        [imjoy_format.MAX_ENVIRONMENT],
        [literal.MAX_CODE],
        [writer.MAX_TOTAL],
        [mapping_machines.MOST_STEPS],
        [product.MOST_EDGES],
        [page.RUNNER_UP_STEPS, page.RUNNERS_UP],
        [codec.MAX_VALUES, codec.MAX_DEPTH],
        [errors.MOST_SHOWN],
        [scope.MOST_COMPARISONS, errors.MOST_COMPARED],
        [scope.MOST_PLUGINS_OF_PLACES],
        [scope.MOST_LAYERED],
        [tokens.MOST_NEIGHBORS, layers.MOST_RELATED],
        [line.MOST_EFFECTS],
        [place.MOST_REDUCED],
    ]
    assert code.MAX_CODE == literal.MAX_CODE and overlap.MOST_ORDERS == layers.MOST_RELATED


def problems(session: Session, path: object) -> list[str]:
    session.add_search_path(str(path))
    return [f"{problem.code}:{problem.source.line}:{problem.source.column}" for problem in session.problems]


def sheet(*plugins: str) -> str:
    return "plugins:\n" + "".join(f"  p{number}: {{{text}}}\n" for number, text in enumerate(plugins))


NESTED = {"yml": "plugins: {a: {hierarchy: a, data: {x: %s}}}", "json": '{"plugins": {"a": {"hierarchy": "a", "data": {"x": %s}}}}'}
NESTED["toml"] = "plugins.a.hierarchy = 'a'\nplugins.a.data.x = %s"


@pytest.mark.parametrize("ending", NESTED)
def test_a_sheet_is_nested_as_deep_as_the_limit_says(ending: str, tmp_path: Path) -> None:
    for name, depth, expected in (("at", 6, []), ("beyond", 7, ["limit"])):
        path = tmp_path / f"{name}.{ending}"
        path.write_text(NESTED[ending] % ("[" * depth + "]" * depth), encoding="utf-8")
        assert [problem.partition(":")[0] for problem in problems(Session(limits=Limits(depth=10)), path)] == expected


@pytest.mark.parametrize("ending, own", [("yml", 5), ("json", 5), ("toml", 2)])
def test_a_sheet_holds_as_many_values_as_the_limit_says(ending: str, own: int, tmp_path: Path) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_text(NESTED[ending] % f"[{', '.join(['1'] * 20)}]", encoding="utf-8")
    most = next(number for number in range(1, 100) if not problems(Session(limits=Limits(values=number)), path))
    assert 20 + own <= most <= 30
    assert problems(Session(limits=Limits(values=most - 1)), path)[0].startswith("limit:")


def test_a_file_is_as_great_as_the_limit_says(tmp_path: Path) -> None:
    text = sheet("hierarchy: a")
    (tmp_path / "a.yml").write_text(text, encoding="utf-8")
    assert problems(Session(limits=Limits(sheet=len(text))), tmp_path) == []
    assert problems(Session(limits=Limits(sheet=len(text) - 1)), tmp_path) == ["limit:0:0"]


TOKEN = "mapping_details: {A: "
PLUGINS = [
    ("plugins", 2, ["hierarchy: a", "hierarchy: b"], ["hierarchy: a", "hierarchy: b", "hierarchy: c"]),
    ("plugins", 3, ["hierarchy: a", "{hierarchy: x, uses: [a, b]"], ["hierarchy: a", "hierarchy: x, uses: [a, b, c]"]),
    ("hierarchy", 3, ["hierarchy: a/b/c"], ["hierarchy: a/b/c/d"]),
    ("hierarchy", 3, ["hierarchy: a/b, uses: [c]"], ["hierarchy: a/b, uses: [c/d]"]),
    ("hierarchy", 4, ["hierarchy: '{root}/{root}', uses: [a/b]"], ["hierarchy: '{root}/{root}', uses: [a/b/c]"]),
    ("mapping", 8, ["hierarchy: a, mapping: '/a/{BCD}'"], ["hierarchy: a, mapping: '/a/{BCDE}'"]),
    ("mapping", 8, [f"hierarchy: a, {TOKEN}{{mapping: '{{BCDEF}}'}}}}"], [f"hierarchy: a, {TOKEN}{{mapping: '{{BCDEFGH}}'}}}}"]),
    ("tokens", 2, ["hierarchy: a, mapping: '/{A}{B}'"], ["hierarchy: a, mapping: '/{A}{B}{C}'"]),
    ("tokens", 2, ["hierarchy: a, mapping_details: {A: {}, B: {}}"], ["hierarchy: a, mapping_details: {A: {}, B: {}, C: {}}"]),
    ("expression", 5, [f"hierarchy: a, {TOKEN}{{parse: {{regex: a+b+c}}}}}}"], [f"hierarchy: a, {TOKEN}{{parse: {{regex: a+b+cd}}}}}}"]),
    ("expression", 5, [f"hierarchy: a, {TOKEN}{{choices: [ab, cd]}}}}"], [f"hierarchy: a, {TOKEN}{{choices: [ab, cde]}}}}"]),
    (
        "expression",
        5,
        [f"hierarchy: a, {TOKEN}{{choices: {{abcde: ab, x: {{text: de}}}}}}}}"],
        [f"hierarchy: a, {TOKEN}{{choices: {{abcdef: {{label: X}}}}}}}}"],
    ),
    (
        "expression",
        5,
        [f"hierarchy: a, {TOKEN}{{choices: [ab], parse: {{regex: .b+}}}}}}"],
        [f"hierarchy: a, {TOKEN}{{choices: [ab], parse: {{regex: a*b*}}}}}}"],
    ),
]


@pytest.mark.parametrize("name, most, fine, much", PLUGINS, ids=[f"{row[0]}-{number}" for number, row in enumerate(PLUGINS)])
def test_a_plugin_beyond_a_limit_is_left_out_and_the_others_load(
    name: str, most: int, fine: list[str], much: list[str], tmp_path: Path
) -> None:
    for folder, texts in (("fine", fine), ("much", much)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.yml").write_text(sheet(*(text.removeprefix("{") for text in texts)), encoding="utf-8")
    (tmp_path / "much" / "b.yml").write_text(sheet("hierarchy: z"), encoding="utf-8")
    limits = Limits(**{name: most})
    assert problems(Session(limits=limits), tmp_path / "fine") == []
    session = Session(limits=limits)
    session.add_search_path(str(tmp_path / "much"))
    (problem,) = session.problems
    assert problem.code == "limit" and problem.source.line == 1 + len(much) and f"WAYS_LIMITS={name}=" in problem.help
    assert session.get_context("z") is not None


def test_no_more_problems_of_a_sheet_are_told_than_the_limit_says(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(sheet(*["hierarchy: 1"] * 10), encoding="utf-8")
    assert problems(Session(limits=Limits(problems=10)), tmp_path) == [f"type:{line}:8" for line in range(2, 12)]
    assert problems(Session(limits=Limits(problems=3)), tmp_path)[3:] == ["limit:0:0"]


def doubling(levels: int) -> dict[str, dict[str, object]]:
    made: dict[str, dict[str, object]] = {"p0": {"hierarchy": "a", "mapping": "/1234567"}}
    for level in range(levels):
        made[f"p{level + 1}"] = {"hierarchy": "x", "mapping": "{root}{root}", "uses": ["/".join("a" + "x" * level)]}
    return made


@pytest.mark.parametrize("levels", [4, 28])
def test_a_mapping_is_composed_up_to_the_limit_and_no_further(levels: int) -> None:
    session = Session(limits=Limits(mapping=64))
    session.add_plugins(**doubling(levels))
    assert len(session.need_context("a/x/x/x").get_mapping()) == 64
    with pytest.raises(MappingLimitError, match="'a/x/x/x/x': expected at most 64 characters in a mapping, found 128"):
        session.need_context("a/x/x/x/x").get_mapping()
    assert session.read("/1234567").hierarchy == "a"
    assert "limit" in {finding.code for finding in session.check()}


@pytest.mark.parametrize("order", [1, -1], ids=["near first", "far first"])
def test_places_lead_to_each_other_as_far_as_the_limit_says(order: int) -> None:
    session = Session(limits=Limits(expansion=5))
    names = ["a" + "x" * number for number in range(8)]
    session.add_plugins(
        a={"hierarchy": "a", "mapping": "/a"},
        **{name: {"hierarchy": "{root}x", "mapping": "{root}/x", "uses": [above]} for above, name in zip(names, names[1:])},
    )
    answers = {}
    for name in names[::order]:
        try:
            answers[name] = session.need_context(name).get_mapping()
        except MappingLimitError as error:
            answers[name] = error.name
    assert [answers[name] for name in names] == ["/a", "/a/x", "/a/x/x", "/a/x/x/x", "/a/x/x/x/x", *["expansion"] * 3]


@pytest.mark.parametrize("form", ["{%s}{%s}", "{@%s}{@%s}"], ids=["tokens", "references"])
def test_tokens_are_counted_each_time_they_stand(form: str) -> None:
    details = {f"T{number}": {"mapping": form % ((f"T{number + 1}",) * 2)} for number in range(40)}
    session = Session()
    session.add_plugins(a={"hierarchy": "a", "mapping": "/{T0}", "mapping_details": details}, b={"hierarchy": "b", "mapping": "/{X}"})
    context = session.need_context("a")
    with pytest.raises(MappingLimitError, match="tokens"):
        context.get_str()
    assert session.read("/x").hierarchy == "b"
    assert [finding.code for finding in session.check() if finding.level == "error"] == ["limit"]


@pytest.mark.parametrize("expansion", [2, 1])
def test_tokens_lie_in_each_other_as_deep_as_the_limit_says(expansion: int) -> None:
    session = Session(limits=Limits(expansion=expansion))
    details = {"A": {"mapping": "{B}"}, "B": {"mapping": "{C}"}}
    session.add_plugins(a={"hierarchy": "a", "mapping": "/{A}", "mapping_details": details})
    if expansion == 2:
        assert session.need_context("a").get_str() == "/{C}"
    else:
        with pytest.raises(MappingLimitError):
            session.need_context("a").get_str()


@pytest.mark.parametrize("expression", ["(" * 8000 + "a" + ")" * 8000, "a{99999999999999999999}", "(?:" * 5000 + ")" * 5000])
def test_an_expression_that_python_cant_read_is_told_as_one(expression: str) -> None:
    session = Session()
    given = {"hierarchy": "a", "mapping": "/{A}", "mapping_details": {"A": {"parse": {"regex": expression}}}}
    if "(" in expression:
        with pytest.raises(SheetError, match="more than 50 groups lie in each other"):
            session.add_plugins(a=given)
        return
    session.add_plugins(a=given)
    with pytest.raises(PatternError, match="The regex of the token A can't be read"):
        session.read("/a", "a")
    with pytest.raises(WaysError):
        session.read("/a")
    assert "bad-expression" in {finding.code for finding in session.check()}


HOSTILE = {
    "laugh.yml": "plugins:\n  a: {hierarchy: a, data: {x0: &x0 [x,x,x,x,x,x,x,x,x,x]}}\n"
    + "".join(f"  x{n}: &x{n} [{','.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 50)),
    "merges.yml": "b: &b {" + ",".join(f"k{n}: 1" for n in range(5000)) + "}\nplugins:\n"
    + "".join(f"  m{n}: {{<<: *b}}\n" for n in range(5000)),
    "keys.yml": "a: &a0 !!python/tuple [x, x]\n"
    + "".join(f"a{n}: &a{n} !!python/tuple [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)) + "? *a59\n: 1\n",
    "sixty.yml": "plugins: {a: {hierarchy: a, data: {x: 1" + ":59" * 400_000 + "}}}",
    "sixty-block.yml": "plugins:\n  x: 1" + ":59" * 400_000 + "\n",
    "hex.yml": "plugins: {a: {hierarchy: 0x" + "f" * 4200 + "}}",
    "digits.yml": "plugins: {a: {hierarchy: " + "9" * 1_000_000 + "}}",
    "deep.yml": "[" * 500_000,
    "block.yml": "- " * 500_000,
    "deep.json": '{"a":' * 200_000,
    "digits.json": '{"plugins": ' + "9" * 1_000_000 + "}",
    "deep.toml": "x=" + "{a=" * 200_000,
    "dotted.toml": "a." * 200_000 + "b = 1\n",
    "dotted-often.toml": "".join("a." * 98 + f"b{n} = 1\n" for n in range(20_000)),
    "hex.toml": "x = 0x" + "f" * 1_000_000,
    "texts.toml": "".join(f'k{n}="""a"""\n' for n in range(60_000)),
    "uses.yml": "plugins: {a: {hierarchy: x, uses: [" + ",".join(f"p{n}" for n in range(150_000)) + "]}}",
    "globals.yml": "globals: {uses: [" + ",".join(f"p{n}" for n in range(2000)) + "]}\n"
    + sheet(*[f"hierarchy: h{n}" for n in range(2000)]),
    "roots.yml": "plugins: {a: {hierarchy: '" + "{root}" * 100_000 + "', uses: ['" + "b/" * 100_000 + "']}}",
    "place.yml": "plugins: {a: {hierarchy: '" + "a/" * 500_000 + "'}}",
    "unknown.yml": "plugins:\n  a:\n    hierarchy: a\n" + "".join(f"    maping{n}: 1\n" for n in range(50_000)),
    "free.yml": "plugins:\n  a:\n    hierarchy: a\n    mapping_details:\n      X:\n" + "".join(f"        x{n}: 1\n" for n in range(50_000)),
    "twice.json": '{"plugins": {"a": {"hierarchy": "a", "data": {' + '"a":1,' * 50_000 + "}}}}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_sheet_costs_itself_alone_and_little_time(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(HOSTILE[name], encoding="utf-8")
    (tmp_path / "good.yml").write_text(sheet("hierarchy: good"), encoding="utf-8")
    session = Session()
    started = time.process_time()
    session.add_search_path(str(tmp_path))
    # What is written wrongly and mentions no plugins is a file of another program.
    assert session.problems or name in ("texts.toml", "free.yml", "deep.yml", "deep.toml", "hex.toml")
    assert session.get_context("good") is not None
    assert time.process_time() - started < 30


def test_a_search_path_has_as_many_sheets_as_the_limit_says(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.yml").write_text(sheet(f"hierarchy: {name}"), encoding="utf-8")
    assert problems(Session(limits=Limits(sheets=3)), tmp_path) == []
    session = Session(limits=Limits(sheets=2))
    session.add_search_path(str(tmp_path))
    (problem,) = session.problems
    assert (problem.code, problem.source.path) == ("too-many-sheets", str(tmp_path / "c.yml"))
    assert [place for place in "abc" if session.get_context(place)] == ["a", "b"]
