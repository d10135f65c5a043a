"""TOML: the standard library's data, and a position for every key that is written on a line of its own."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.sheets.document import Source
from ways.sheets.formats import toml_text

pytestmark = pytest.mark.portability

HERE = Source("a.toml", "toml")


def positions_of(text):
    draft = toml_text.read(textwrap.dedent(text), HERE)
    assert not draft.is_lost, draft.problems
    return draft.positions


def test_keys_stand_where_they_are_written():
    assert positions_of("""\
        a = 1
          b.c = 2
        "d e" = 3
    """) == {("a",): (1, 1), ("b",): (2, 3), ("b", "c"): (2, 3), ("d e",): (3, 1)}  # fmt: skip


def test_a_table_stands_at_its_header():
    assert positions_of("""\
        [plugins.shot]
        hierarchy = "job/shot"
        [plugins.shot.mapping_details."SHOT.x"]
        parse.regex = '.'
    """) == {
        ("plugins",): (1, 2),
        ("plugins", "shot"): (1, 2),
        ("plugins", "shot", "hierarchy"): (2, 1),
        ("plugins", "shot", "mapping_details"): (3, 2),
        ("plugins", "shot", "mapping_details", "SHOT.x"): (3, 2),
        ("plugins", "shot", "mapping_details", "SHOT.x", "parse"): (4, 1),
        ("plugins", "shot", "mapping_details", "SHOT.x", "parse", "regex"): (4, 1),
    }  # fmt: skip


def test_tables_of_an_array_are_numbered():
    positions = positions_of("[[a]]\nx = 1\n[[a]]\nx = 2\n[a.b]\ny = 3\n")
    assert positions[("a", 0, "x")] == (2, 1) and positions[("a", 1, "x")] == (4, 1) and positions[("a", 1, "b", "y")] == (6, 1)


@pytest.mark.parametrize(
    "value",
    [
        '"""\n[no.table]\nno = 1\n"""',
        "'''\n[no.table]\n'''",
        "[\n  'x', # ] no = 1\n  'y'\n]",
        '[\n"""]\nno = 1""",\n]',
        '"""x\\""" \n no = 1"""',
        '""""quoted"""" # "',
        "{ x = [1,\n 2] }",
        "'#' # '",
    ],
    ids=["long text", "long literal", "list", "long text in a list", "escaped quotes", "quotes at the end", "inline table", "hash"],
)
def test_what_stands_inside_a_value_is_no_key(value):
    positions = positions_of(f"a = {value}\nb = 1\n")
    assert ("b",) in positions and positions[("b",)] == (value.count("\n") + 2, 1)
    assert not [pointer for pointer in positions if "no" in pointer]


def test_a_key_inside_an_inline_table_falls_back_on_what_holds_it():
    draft = toml_text.read("[t]\na = { b = 1 }\n", HERE)
    assert HERE.at(("t", "a", "b"), draft.positions)._replace(pointer=()) == HERE._replace(line=2, column=1)


@pytest.mark.parametrize(
    "text, position, words",
    [
        ("a = \n", (1, 5), "no value after the key a"),
        ("a = 1\na = 2\n", (2, 1), "the key a again; it is already on line 1"),
        ("[a\n", (1, 1), "the [ that is opened here is not closed"),
        ("a = 'x", (1, 5), "the quote that is opened here is not closed"),
        ("n = " + "9" * 5000, (1, 5), "a number with too many digits"),
        ("n = " + "[" * 100_000, (1, 1), "nested too deeply"),
    ],
    ids=["no value", "twice", "open header", "open text", "long number", "deep"],
)
def test_what_is_no_toml_is_told_with_its_position(text, position, words):
    draft = toml_text.read(text, HERE)
    (problem,) = draft.problems
    assert draft.is_lost and problem.code == "syntax"
    assert (problem.source.line, problem.source.column) == position and words in problem.message


@settings(deadline=None)
@given(st.lists(st.sampled_from(["[a]", "[a.b]", "[[c]]", "x = 1", 'y = """', "z = [", "]", '"""', "# '", "'q w' = '''", "'''"])))
def test_every_position_is_that_of_a_key_that_is_there(lines):
    draft = toml_text.read("\n".join(lines), HERE)
    for pointer, (line, _) in draft.positions.items():
        value = draft.data
        for part in pointer:
            value = value[part]
        assert "=" in lines[line - 1] or lines[line - 1].startswith("[")


MANY = ".".join(["a"] * 100_000)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        (f"{MANY} = 1", (1, 1)),
        (f"[{MANY}]", (1, 2)),
        (f"x = {{ {MANY} = 1 }}", (1, 7)),
        (".".join(['"a # b"'] * 100_000) + " = 1", (1, 1)),
        (f'x = """a""""\n{MANY} = 1', (2, 1)),
        (f"x = 1 # '''\n{MANY} = 1", (2, 1)),
    ],
    ids=["key", "header", "inside", "quoted", "behind a long text", "behind a comment"],
)
def test_a_key_of_too_many_parts_is_refused_before_it_takes_the_square_of_their_number(text, position):
    (problem,) = toml_text.read(text, HERE).problems
    assert (problem.source.line, problem.source.column) == position and "100000 parts of a key" in problem.message


@pytest.mark.parametrize("text", ['x = "{}"', "x = '''{}'''", '"{}" = 1', "# {}", 'x = """\n{}\n"""'])
def test_what_only_looks_like_a_long_key_is_taken(text):
    assert not toml_text.read(text.format(MANY), HERE).is_lost


def test_dotted_keys_inside_each_other_are_no_way_around_the_depth():
    draft = toml_text.read("x = " + "{a.b.c.d = " * 80 + "1" + "}" * 80, HERE)
    assert draft.is_lost and "at most 100 blocks and lists in each other" in draft.problems[0].message


def test_marks_that_a_search_could_stumble_over_are_read_quickly():
    for text in ("a" * 3_000_000, "'' " * 500_000, ("a" + " " * 1000) * 2000):
        assert not toml_text.read(f'x = """{text}\n' + "." * 200 + '"""', HERE).is_lost


def test_a_number_with_too_many_digits_is_told_where_it_stands():
    for number, place in (("1" * 5000, (3, 15)), ("-" + "1" * 5000, (3, 16)), ("0x" + "f" * 5000, (3, 1))):
        (problem,) = toml_text.read(f"[plugins.a]\nhierarchy = 'a'\ndata = {{ x =  {number} }}\n", HERE).problems
        assert "a number with too many digits" in problem.message and problem.code == "syntax"
        assert (problem.source.line, problem.source.column) == place
