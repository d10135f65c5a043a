"""YAML: the same data as the safe loader, tuples besides, and a position for every key."""

from __future__ import annotations

import textwrap

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.sheets.document import Source
from ways.sheets.formats import yaml_text

pytestmark = pytest.mark.portability

HERE = Source("a.yml", "yaml")


TEXTS = [
    "{a: yes, b: No, c: ~, d: 1_000, e: 0x1f, f: 1e3, g: 12:30, h: 2020-01-02, i: '1', j: \"x\\ty\"}",
    "a: |\n  two\n  lines\nb: >\n  folded\n  text\n",
    "base: &b {x: 1, y: 2}\nmore: {<<: *b, y: 3}\n",
    "one: &b {x: 1}\ntwo: &c {x: 2, z: 3}\nmore: {<<: [*b, *c], w: 4}\n",
    "a: &x [1, 2]\nb: *x\nc: {d: *x}\n",
    "a: !!str 3\nb: !!int '3'\nc: !!float 3\nd: !!seq [1]\ne: !!map {f: 1}\ng: !!binary aGk=\nh: !!set {i, j}\n",
    "a: ! 12\nb: !!null ''\nc: .inf\nd: -.inf\n",
    "%YAML 1.1\n---\na: 1\n...\n",
    "? a\n: b\n? c\n",
    "",
    "# nothing\n",
    "--- \n",
    "just a text",
]


def data_of(text):
    draft = yaml_text.read(textwrap.dedent(text), HERE)
    assert not draft.is_lost, draft.problems
    return draft.data


def lost(text):
    """Return the position and the words of the one problem that a text is lost by."""
    draft = yaml_text.read(text, HERE)
    assert draft.is_lost
    (problem,) = draft.problems
    return (problem.source.line, problem.source.column), problem.message


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.dates())
TREES = st.recursive(
    SCALARS,
    lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(st.one_of(st.text(), st.integers()), below, max_size=4)),
    max_leaves=12,
)


@settings(deadline=None)
@given(TREES, st.booleans())
def test_data_is_that_of_the_safe_loader(tree, is_flow):
    text = yaml.safe_dump(tree, default_flow_style=is_flow, allow_unicode=True)
    assert yaml_text.read(text, HERE).data == yaml.safe_load(text)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.split("\n")[0][:30] or "empty")
def test_text_is_read_as_the_safe_loader_reads_it(text):
    assert data_of(text) == yaml.safe_load(text)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.split("\n")[0][:30] or "empty")
def test_without_libyaml_the_data_and_positions_are_the_same(monkeypatch, text):
    fast = yaml_text.read(text, HERE)
    monkeypatch.setattr(yaml_text, "_Loader", yaml.SafeLoader)
    assert yaml_text.read(text, HERE) == fast


@pytest.mark.parametrize("text", ["a: 'x", "a: [1", "é: '\x07'", "a: *x", "[" * 10_000])
def test_without_libyaml_what_is_no_yaml_is_a_problem_too(monkeypatch, text):
    monkeypatch.setattr(yaml_text, "_Loader", yaml.SafeLoader)
    (problem,) = yaml_text.read(text, HERE).problems
    assert problem.source.line == 1 and problem.message


def test_keys_keep_the_order_in_which_they_are_written():
    assert list(data_of("{c: 1, a: 2, b: 3}")) == ["c", "a", "b"]


def test_a_tuple_is_a_tuple():
    assert data_of("groups: !!python/tuple [a, b]") == {"groups": ("a", "b")}


def test_a_tuple_can_be_a_key():
    assert data_of("? !!python/tuple [a, b]\n: 1") == {("a", "b"): 1}


def test_an_equals_sign_is_a_text():
    assert data_of("{op: =, =: 1}") == {"op": "=", "=": 1}


def test_own_keys_stand_over_merged_ones_wherever_the_merge_is_written():
    assert data_of("base: &b {x: 1}\nlate: {x: 2, <<: *b}") == {"base": {"x": 1}, "late": {"x": 2}}


def test_a_quoted_merge_key_is_a_key():
    assert data_of("'<<': 1") == {"<<": 1}


@pytest.mark.parametrize(
    "tag",
    ["!!python/object/apply:os.system ['echo ran']", "!!python/name:os.system ''", "!!python/object:os.error {}"],
    ids=["apply", "name", "object"],
)
def test_other_tags_build_nothing(tag):
    position, message = lost(f"a: {tag}")
    assert position == (1, 4) and "the tag" in message


@pytest.mark.parametrize(
    "text, position, words",
    [
        ("a: b: c", (1, 4), "must be quoted: 'b: c'"),
        ("a: [1, 2\n", (1, 4), "the [ that is opened here is not closed"),
        ("a: [", (1, 4), "the [ that is opened here is not closed"),
        ("a: {b: 1", (1, 4), "the { that is opened here is not closed"),
        ("a:\n\t- b", (2, 1), "a tab in the indentation"),
        ("a: 1\n  b: 2", (2, 3), "indented too deep"),
        ("a: 'x", (1, 4), "the quote that is opened here is not closed"),
        ("a: 1\nb: *x", (2, 4), "must be quoted: '*x'"),
        ("&a [*a]", (1, 5), "an anchor that holds itself"),
        ("a: 1\n---\nb: 1", (2, 1), "a second document begins here"),
        ("a: 2020-99-99", (1, 4), "'2020-99-99', which is no timestamp: month must be in 1..12"),
        ("a: !!bool x", (1, 4), "'x', which is no bool"),
        ("a: !!timestamp x", (1, 4), "'x', which is no timestamp"),
        ("? {a: b}\n: c", (1, 3), "a key that is a list or a block of keys"),
        ("<<: 3", (1, 5), "something else than a block of keys to merge"),
        ("é: '\x07'", (1, 5), "a character that YAML doesn't allow: '\\x07'"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_what_is_no_yaml_is_told_with_its_position(text, position, words):
    found, message = lost(text)
    assert found == position and words in message


@pytest.mark.parametrize("text", ["[" * 100_000, "{" * 100_000, "- " * 20_000, "a: " + "9" * 5000], ids=lambda text: text[:2])
def test_a_text_that_would_break_the_parser_is_only_a_problem(text):
    assert yaml_text.read(text, HERE).is_lost


def test_aliases_of_aliases_count_for_all_that_they_stand_for():
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))
    (problem,) = yaml_text.read(f"a0: &a0 [x]\n{levels}", HERE).problems
    assert (problem.code, problem.source.line) == ("limit", 7) and "at most 500000 values in a sheet" in problem.message


def test_each_key_and_item_has_its_position():
    positions = yaml_text.read("a:\n  b: [x, y]\n  é: {c: 1}\n", HERE).positions
    assert positions == {
        ("a",): (1, 1), ("a", "b"): (2, 3), ("a", "b", 0): (2, 7), ("a", "b", 1): (2, 10),
        ("a", "é"): (3, 3), ("a", "é", "c"): (3, 7),
    }  # fmt: skip


def test_a_duplicate_key_is_told_with_both_lines_and_the_last_is_used():
    draft = yaml_text.read("a: 1\nb: 2\na: 3\n", HERE)
    (problem,) = draft.problems
    assert draft.data == {"a": 3, "b": 2}
    assert (problem.level, problem.code, problem.source.line) == ("error", "duplicate-key", 3)
    assert "the key 'a' again; it is already on line 1" in problem.message


def test_an_own_key_over_a_merged_one_is_no_duplicate():
    assert yaml_text.read("base: &b {x: 1}\nlate: {<<: *b, x: 2}", HERE).problems == ()
