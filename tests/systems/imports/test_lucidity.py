"""Templates of lucidity: read without being run, and written and read as lucidity itself does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from systems.imports.alike import remarks_of, session_of

from ways.errors import ContextNotFoundError
from ways.systems.imports import Import, NoOracleError, UnreadableError, import_from, total, verify

SMALL = str(ROOT / "plugin_sheets" / "imports" / "lucidity")
HEAD = "from lucidity import Template\nROOT = '/jobs'\n"


def imported(folder: Path, *calls: str, before: str = "") -> Import:
    listed = "".join(f"        {call},\n" for call in calls)
    (folder / "templates.py").write_text(f"{HEAD}{before}\ndef register():\n    return [\n{listed}    ]\n", encoding="utf-8")
    return import_from("lucidity", str(folder / "templates.py"))


def test_a_reference_at_the_start_is_a_parent(tmp_path: Path) -> None:
    done = import_from("lucidity", SMALL)
    assert done.sheet.places == {"job": "job", "shot": "job/shot", "work": "job/work"}
    assert session_of(done, tmp_path).read("/jobs/dune/shots/caves_010").values == {
        "job.code": "dune", "scene.code": "caves", "shot.code": "010",
    }  # fmt: skip


def test_what_is_lost_is_told_with_its_line() -> None:
    assert remarks_of(import_from("lucidity", SMALL)) == [("order", 9), ("anchor", 12), ("code", 13)]


def test_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = imported(tmp_path, "Template('a', '/a/{x}', anchor=3)", before="open('harm', 'w').close()\n")
    assert done.sheet.places == {"a": "a"} and not (tmp_path / "harm").exists()


@pytest.mark.parametrize(
    "call", ["Template('a', '/a/%s' % ROOT)", "Template(*ROOT)", "[Template('a', '/a') for _ in ROOT]", "Template('a', os.environ['x'])"]
)
def test_what_is_made_by_code_is_left_out(tmp_path: Path, call: str) -> None:
    done = imported(tmp_path, call, "Template('b', ROOT + '/{b}', anchor=3)")
    assert [remark.code for remark in done.report.remarks if remark.left_out] == ["code"]
    assert session_of(done, tmp_path).format("b", {"b": "x"}) == "/jobs/x"


@pytest.mark.parametrize("elsewhere", ["    return [Template('a', '/x/{b}')]\n", "    return made_by_others()\n"])
def test_what_another_function_makes_is_told(tmp_path: Path, elsewhere: str) -> None:
    text = f"{HEAD}def shots():\n{elsewhere}\ndef register():\n    return shots()\n"
    (tmp_path / "templates.py").write_text(text, encoding="utf-8")
    done = import_from("lucidity", str(tmp_path))
    assert [code for code, _ in remarks_of(done)] == ["code"] and done.report.counts["template"] == (0, 1)


def test_a_class_of_another_name_is_told(tmp_path: Path) -> None:
    text = "from lucidity import Template as T\ndef register():\n    return [T('a', '/x/{b}')]\n"
    (tmp_path / "templates.py").write_text(text, encoding="utf-8")
    assert remarks_of(import_from("lucidity", str(tmp_path))) == [("code", 3)]


@pytest.mark.parametrize(
    "body",
    [
        "return [PLAIN, *more()]",
        "return [PLAIN] + more()",
        "return [PLAIN, more()]",
        "a = [PLAIN]\n    a.extend(more())\n    return a",
        "a = [PLAIN]\n    a += more()\n    return a",
    ],
)
def test_what_is_made_elsewhere_is_told_beside_what_is_written_out(tmp_path: Path, body: str) -> None:
    body = body.replace("PLAIN", "Template('b', '/b/{x}', anchor=3)")
    (tmp_path / "templates.py").write_text(f"{HEAD}from others import more\ndef register():\n    {body}\n", encoding="utf-8")
    done = import_from("lucidity", str(tmp_path))
    assert [code for code, _ in remarks_of(done)] == ["code"] and done.report.counts["template"] == (1, 1)


def test_a_template_without_a_name_counts_as_left_out(tmp_path: Path) -> None:
    done = imported(tmp_path, "Template('', '/a/{x')", "Template('b', '/b/{x}', anchor=3)")
    assert done.report.counts["template"] == (1, 1)


@pytest.mark.parametrize(
    "pattern, code",
    [
        ("/a/{x", "pattern"),
        ("/a}", "pattern"),
        ("/a/{x y}", "pattern"),
        ("{@nobody}/a", "unknown-reference"),
        ("{@a}/a", "reference-circle"),
    ],
)
def test_a_pattern_that_cannot_be_said_is_left_out(tmp_path: Path, pattern: str, code: str) -> None:
    done = imported(tmp_path, f"Template('a', {pattern!r}, anchor=3)")
    assert [(remark.code, remark.left_out) for remark in done.report.remarks] == [(code, ("template", "a"))]


def test_templates_that_grow_without_end_are_left_out(tmp_path: Path) -> None:
    doubling = [f"Template('t{number + 1}', '{{@t{number}}}{{@t{number}}}', anchor=3)" for number in range(70)]
    chain = [f"Template('c{number + 1}', '{{@c{number}}}/x', anchor=3)" for number in range(70)]
    done = imported(tmp_path, "Template('t0', '/{a}', anchor=3)", "Template('c0', '/{a}', anchor=3)", *doubling, *chain)
    left = [remark for remark in done.report.remarks if remark.left_out]
    assert {remark.code for remark in left} == {"pattern"} and len(left) + len(done.sheet.places) == 142


def test_names_that_stand_for_each_other_are_code(tmp_path: Path) -> None:
    names = "A = B\nB = A\n"
    assert [code for code, _ in remarks_of(imported(tmp_path, "Template('a', A)", before=names))] == ["code"]


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ways.systems.imports.lucidity_calls.MAX_FILES", 1)
    for name in "ab":
        (tmp_path / f"{name}.py").write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(UnreadableError, match="expected at most 1 Python files"):
        import_from("lucidity", str(tmp_path))


def test_a_template_that_is_not_returned_is_found_by_no_text(tmp_path: Path) -> None:
    text = f"{HEAD}def register():\n    job = Template('job', '/jobs/{{job}}', anchor=3)\n    found = []\n"
    text += "    found.append(Template('shot', '{@job}/{shot}', anchor=3))\n    return found\n"
    (tmp_path / "templates.py").write_text(text, encoding="utf-8")
    session = session_of(import_from("lucidity", str(tmp_path)), tmp_path)
    assert session.read("/jobs/dune/x").context.get_hierarchy() == ("job", "shot")
    with pytest.raises(ContextNotFoundError):
        session.read("/jobs/dune")


def test_brackets_are_text(tmp_path: Path) -> None:
    done = imported(tmp_path, "Template('a', '/a[1]/{x}', anchor=3)")
    assert session_of(done, tmp_path).format("a", {"x": "b"}) == "/a[1]/b"


@pytest.mark.parametrize("text", ["def register(:\n", "x = 1\n", "\0", "(" * 100_000, "def register():\n    return " + "-" * 100_000 + "1"])
def test_a_file_without_templates_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "templates.py").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableError, match=r"templates\.py.*expected"):
        import_from("lucidity", str(tmp_path / "templates.py"))


def test_a_folder_is_searched_with_all_below_it(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "other.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "wrong.py").write_text("x =\n", encoding="utf-8")
    imported(tmp_path / "below", "Template('a', '/a/{x}', anchor=3)")
    done = import_from("lucidity", str(tmp_path))
    assert done.sheet.places == {"a": "a"} and [code for code, _ in remarks_of(done)] == ["syntax"]
    assert "# below/templates.py:6 a\n" in done.sheet.text


def test_without_lucidity_there_is_nothing_to_compare_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "lucidity", None)
    done = imported(tmp_path, "Template('a', '/a/{x}', anchor=3)")
    with pytest.raises(NoOracleError, match="import-oracle"):
        list(verify("lucidity", str(tmp_path), done.sheet, 1))


def test_a_template_for_which_nothing_fits_is_not_compared(tmp_path: Path) -> None:
    pytest.importorskip("lucidity")
    calls = ("Template('a', '/a/{x:(?=b)c}')", "Template('b', '/b/{x:[)]}')", "Template('c', '/c/{x}')")
    done = imported(tmp_path, *calls)
    assert total(list(verify("lucidity", str(tmp_path), done.sheet, 2))).compared == 2


@st.composite
def lists(draw: Any) -> list[str]:
    """Return calls of Template, each of which may refer to one before it."""
    calls: list[str] = []
    for number in range(draw(st.integers(1, 4))):
        before = draw(st.integers(-1, number - 1))
        text = f"{{@t{before}}}" if before >= 0 else ""
        for _ in range(draw(st.integers(1, 3))):
            token = draw(st.sampled_from("abc")) + draw(st.sampled_from(["", ".x"]))
            expression = draw(st.sampled_from(["", "", ":[a-z]+", r":\d\{2\}", ":ma|mb", r":v\d+"]))
            # The same token twice is a matter of its own.
            text += draw(st.sampled_from(["/", "/x_", "/[y].", "/v"])) + f"{{{token}{number}{len(text)}{expression}}}"
        calls.append(f"Template('t{number}', {text!r}, anchor=Template.ANCHOR_BOTH, template_resolver=resolver)")
    return calls


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=lists())
def test_sheet_and_lucidity_write_and_read_alike(calls: list[str], tmp_path: Path) -> None:
    pytest.importorskip("lucidity")
    done = imported(tmp_path, *calls)
    assert session_of(done, tmp_path) and len(done.sheet.places) == len(calls)
    verified = total(list(verify("lucidity", str(tmp_path), done.sheet, 5)))
    assert verified.compared == 5 * len(calls) and verified.differences == ()
