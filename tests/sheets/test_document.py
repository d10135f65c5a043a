"""The records that reading a sheet gives: where a thing is written, and what is wrong with it."""

from __future__ import annotations

import pytest

from ways.sheets.document import LoadResult, PluginRecord, Problem, Sheet, Source, pointer_text, position_of

POSITIONS = {("plugins",): (1, 1), ("plugins", "a"): (2, 3), ("plugins", "a", "mapping"): (4, 5), ("globals", "path"): (9, 3)}
SHOT = PluginRecord(
    "a", {"mapping": "/x", "path": True, "data": {}}, Source("a.yml", "yaml", ("plugins", "a"), 2, 3), POSITIONS
)


@pytest.mark.parametrize(
    "source, text",
    [
        (Source("a.yml", line=3, column=7), "a.yml:3:7"),
        (Source("a.yml"), "a.yml"),
        (Source("studio.plugins.Shot", "python"), "studio.plugins.Shot"),
    ],
    ids=["with a position", "without one", "made in Python"],
)
def test_a_source_is_written_as_path_line_and_column(source, text):
    assert str(source) == text


@pytest.mark.parametrize(
    "pointer, expected",
    [
        (("plugins", "a", "mapping"), (4, 5)),
        (("plugins", "a", "mapping", "x", "y"), (4, 5)),
        (("plugins", "a", "uses", 1), (2, 3)),
        (("nothing",), (0, 0)),
        ((), (0, 0)),
    ],
    ids=["its own", "of what holds it", "two steps above", "nothing known", "the whole sheet"],
)
def test_the_position_is_its_own_or_that_of_what_holds_it(pointer, expected):
    assert position_of(pointer, POSITIONS) == expected


@pytest.mark.parametrize(
    "pointer, text",
    [
        ((), ""),
        (("plugins", "shot", "mapping"), "plugins.shot.mapping"),
        (("plugins", "shot", "uses", 1), "plugins.shot.uses[1]"),
        ((3,), "3"),
    ],
    ids=str,
)
def test_a_pointer_is_written_as_people_write_it(pointer, text):
    assert pointer_text(pointer) == text


def test_a_key_knows_where_it_is_written():
    assert str(SHOT.source_of("mapping")) == "a.yml:4:5"


def test_a_key_out_of_globals_is_written_there():
    assert str(SHOT.source_of("path")) == "a.yml:9:3"


def test_a_key_without_a_position_stands_where_its_plugin_does():
    assert str(SHOT.source_of("data", "x")) == "a.yml:2:3"


def test_a_key_that_is_not_written_stands_where_its_plugin_does():
    assert str(SHOT.source_of("groups")) == str(SHOT.source_of()) == "a.yml:2:3"


def test_a_problem_says_where_what_and_what_would_help():
    source = Source("a.yml", "yaml", ("plugins", "a", "mapping"), 4, 5)
    problem = Problem(source, "expected a text, found the number 3", help="Put it in quotes.")
    assert str(problem) == "a.yml:4:5: plugins.a.mapping: expected a text, found the number 3. Put it in quotes."


def test_a_problem_is_plain_data_too():
    problem = Problem(Source("a.yml", "yaml", ("plugins", 3), 4, 5), "no", "warning", "type", "a text", "a list")
    assert problem.as_dict() == {
        "level": "warning", "code": "type", "path": "a.yml", "line": 4, "column": 5, "pointer": "plugins[3]",
        "message": "no", "expected": "a text", "found": "a list", "help": "", "excerpt": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    "problems, is_readable",
    [
        ([], True),
        ([Problem(Source("a"), "no", code="type")], True),
        ([Problem(Source("a"), "no", code="syntax")], False),
        ([Problem(Source("a"), "no", "warning", code="syntax")], True),
        ([Problem(Source("a"), "no", code="unreadable")], False),
    ],
    ids=["no problem", "a wrong key", "bad syntax", "lax syntax", "no file"],
)
def test_a_sheet_is_readable_unless_all_of_it_is_lost(problems, is_readable):
    assert Sheet(Source("a"), problems=tuple(problems)).is_readable is is_readable


def test_a_load_result_leaves_out_what_is_empty():
    assert LoadResult("a", "success").as_dict() == {"item": "a", "status": "success"}


def test_a_failed_load_result_has_a_reason_and_a_traceback():
    record = LoadResult("a", "failed", "import_failure", traceback="Traceback ...").as_dict()
    assert (record["reason"], record["traceback"]) == ("import_failure", "Traceback ...")
