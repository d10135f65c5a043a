"""Files that are meant to do harm, or are broken: an error or a line of the report, soon, and nothing in them is run."""

from __future__ import annotations

from pathlib import Path

import pytest
from systems.imports.alike import remarks_of, session_of, verified
from systems.imports.test_toolkit import imported

from ways.systems.imports import UnreadableError, total, verify

BOMB = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 8)}]\n" for a, b in zip("abcdefgh", "bcdefghi"))
KEYS = "keys: {Shot: {type: str}, version: {type: int}}\n"


@pytest.mark.parametrize(
    "templates, found",
    [
        (BOMB, "at most 100000 values"),
        ("keys: {a: !!python/object/apply:os.system [touch harm]}\n", "builds nothing here"),
        ("keys: {a: {type: str}}\n" + "# " + "x" * (4 << 20), "at most 4 MiB"),
        ("keys: [\n", "syntax|closed|ends"),
        ("paths: 3\n", "expected keys, paths or strings"),
        ("- a\n", "expected keys, paths and strings"),
        ("text: {a: b}\n", "expected keys, paths or strings"),
        ("keys: {a: &a {b: *a}}\n", "holds itself"),
        ("[" * 5000, "expected YAML"),
    ],
    ids=["aliases", "python", "large", "syntax", "no block", "list", "of others", "circle", "deep"],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, templates: str, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnreadableError, match=found):
        imported(tmp_path, templates)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("data", [b"keys: {\xe9: {type: str}}\n", "keys: {a: {type: str}}\n".encode("utf-16")], ids=["latin", "utf-16"])
def test_another_encoding_is_refused_with_its_line(tmp_path: Path, data: bytes) -> None:
    imported(tmp_path, KEYS)
    (tmp_path / "core" / "templates.yml").write_bytes(data)
    with pytest.raises(UnreadableError, match=r"templates.yml:1:1: expected UTF-8"):
        from ways.systems.imports import import_from

        import_from("toolkit", str(tmp_path))


def test_an_include_that_is_missing_is_told(tmp_path: Path) -> None:
    done = imported(tmp_path, KEYS + "paths: {a: 'x/{Shot}'}\ninclude: gone.yml\nincludes: ['%NOWHERE%/b.yml', 3]\n")
    assert [found for found in remarks_of(done) if found[0] == "missing-include"] == [("missing-include", line) for line in (3, 4, 4)]


def test_what_a_variable_of_an_include_stands_for_is_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "b.yml").write_text("include: [c.yml, gone.yml]\nkeys: {x: {type: none}}\n", encoding="utf-8")
    (tmp_path / "secret" / "c.yml").write_text("keys: {name: {type: str}}\nodd: 1\n", encoding="utf-8")
    (tmp_path / "bad").write_text("a: [", encoding="utf-8")
    monkeypatch.setenv("FOLDER", str(tmp_path / "secret"))
    monkeypatch.setenv("BAD", str(tmp_path / "bad"))
    includes = "['$FOLDER/b.yml', '%FOLDER%/gone.yml', '../${FOLDER}/b.yml', '$BAD', './%FOLDER%/b.yml', '%FOLDER%']"
    done = imported(tmp_path, KEYS + f"paths: {{a: 'x/{{Shot}}/{{name}}'}}\nincludes: {includes}\n")
    told = done.sheet.text + "".join(map(str, done.report.remarks))
    assert "secret" not in told.replace(str(tmp_path / "core"), "") and str(tmp_path / "bad") not in told
    assert "# Imported from Toolkit: $FOLDER/c.yml, $FOLDER/b.yml" in told and ", $FOLDER/c.yml:1 name" in told
    assert "$FOLDER/b.yml:2:" in told and "$FOLDER/gone.yml: expected a file" in told and "$BAD:1:" in told


def test_files_that_include_each_other_are_told(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "b.yml").write_text("include: templates.yml\nkeys: {name: {type: str}}\n", encoding="utf-8")
    done = imported(tmp_path, KEYS + "paths: {a: 'x/{Shot}/{name}'}\ninclude: b.yml\n")
    assert ("include-circle", 1) in remarks_of(done) and "a" in done.sheet.places


def test_a_file_that_two_others_include_is_not_defined_anew(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "keys.yml").write_text("keys: {name: {type: str}}\n", encoding="utf-8")
    (tmp_path / "core" / "b.yml").write_text("include: keys.yml\npaths: {b: 'b/{name}'}\n", encoding="utf-8")
    done = imported(tmp_path, KEYS + "paths: {a: 'x/{Shot}/{name}'}\nincludes: [keys.yml, b.yml]\n")
    assert remarks_of(done) == [("unused-key", 1)]


def test_includes_that_double_are_told_and_end(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    for number in range(40):
        text = f"includes: [i{number + 1}.yml, ./i{number + 1}.yml]\n" if number < 39 else "keys: {name: {type: str}}\n"
        (tmp_path / "core" / f"i{number}.yml").write_text(text, encoding="utf-8")
    done = imported(tmp_path, KEYS + "paths: {a: 'x/{Shot}/{name}'}\ninclude: i0.yml\n")
    assert {code for code, _ in remarks_of(done)} == {"include-circle", "unused-key"} and "a" in done.sheet.places
    assert verified("toolkit", str(tmp_path / "core" / "templates.yml")).differences == ()


@pytest.mark.parametrize(
    "key", ["{type: int, format_spec: 99999999999999999999}", "{type: sequence, format_spec: '0999999999'}",
            "{type: timestamp, format_spec: '%Y%Y'}"],
)  # fmt: skip
def test_a_format_without_measure_ends_no_comparison(tmp_path: Path, key: str) -> None:
    imported(tmp_path, f"keys: {{k: {key}}}\npaths: {{a: 'x/{{k}}'}}\n")
    verified("toolkit", str(tmp_path / "core" / "templates.yml"))


def test_nothing_advises_to_raise_a_limit_that_does_not_rise(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as refusal:
        imported(tmp_path, KEYS + "paths: " + "{a: " * 60 + "b" + "}" * 60 + "\n")
    assert "found more" in str(refusal.value) and "WAYS_LIMITS" not in str(refusal.value)


def test_what_is_included_counts_less(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "b.yml").write_text("paths: {a: 'old/{Shot}', b: 'b/{Shot}'}\n", encoding="utf-8")
    done = imported(tmp_path, KEYS + "paths: {a: 'new/{Shot}'}\ninclude: b.yml\n")
    assert session_of(done, tmp_path).format("primary/a", {"tank_name": "d", "Shot": "s"}) == "/p/d/new/s"
    assert done.sheet.places["b"] == "primary/b" and ("overridden", 1) in remarks_of(done)


def test_a_name_that_is_defined_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    done = imported(tmp_path, KEYS + "paths:\n  a: 'x/{Shot}'\n  a: 'y/{Shot}'\n")
    [remark] = [remark for remark in done.report.remarks if remark.code == "duplicate-key"]
    assert (remark.source.line, remark.related[0][0].line, remark.left_out) == (3, 4, ("template", "a"))
    assert "y/{Shot}" in done.sheet.text and "x/{Shot}" not in done.sheet.text


@pytest.mark.parametrize(
    "definition, code",
    [
        ("x/{Nobody}", "undefined-key"),
        ("x/[{Shot}", "definition"),
        ("x/[[{Shot}]]", "definition"),
        ("x/[y]", "definition"),
        ("x/{Shot", "definition"),
        ("@nothing/x", "undefined-reference"),
        ("@a/x", "reference-circle"),
        ("", "definition"),
    ],
)
def test_a_template_that_cannot_be_said_is_left_out(tmp_path: Path, definition: str, code: str) -> None:
    done = imported(tmp_path, KEYS + f"paths:\n  a: '{definition}'\n  b: 'b/{{Shot}}'\n")
    assert [remark.left_out for remark in done.report.remarks if remark.code == code] == [("template", "a")]
    assert set(done.sheet.places) == {"primary", "b"}


def test_definitions_that_grow_without_end_are_left_out(tmp_path: Path) -> None:
    doubling = "".join(f"  a{number + 1}: '@a{number}@a{number}'\n" for number in range(60))
    done = imported(tmp_path, KEYS + f"paths:\n  a0: 'x/{{Shot}}'\n{doubling}")
    left = [remark for remark in done.report.remarks if remark.left_out and remark.left_out[0] == "template"]
    assert len(left) + len(done.sheet.places) == 62


def test_a_long_chain_of_references_is_left_out(tmp_path: Path) -> None:
    chain = "".join(f"  a{number + 1}: '@a{number}/x'\n" for number in reversed(range(2000)))
    done = imported(tmp_path, KEYS + f"paths:\n{chain}  a0: 'x/{{Shot}}'\n")
    assert len([remark for remark in done.report.remarks if remark.left_out]) + len(done.sheet.places) == 2003


@pytest.mark.parametrize("definition", ["@a/{Shot}", "{Shot}" * 1000, "[{Shot}]" * 40, "@b", "{Nobody}", "@nothing"])
def test_what_has_no_end_is_not_compared(tmp_path: Path, definition: str) -> None:
    done = imported(tmp_path, KEYS + f"paths:\n  a: '{definition}'\n  b: '@a'\n  c: '{{Shot}}/c'\n")
    assert total(list(verify("toolkit", str(tmp_path), done.sheet, 3)))[:1] == (3,)


def test_a_template_that_ways_refuses_is_told(tmp_path: Path) -> None:
    done = imported(tmp_path, KEYS + f"paths:\n  a: '{'{Shot}' * 300}'\n  b: '{{Shot}}'\n")
    [remark] = [remark for remark in done.report.remarks if remark.code == "refused"]
    assert remark.source.line == 3 and "expected at most 250 tokens" in remark.message and set(done.sheet.places) == {"primary", "a", "b"}


def test_nothing_that_is_written_again_and_again_takes_long(tmp_path: Path) -> None:
    doubling = "".join(f"  a{number + 1}: '@a{number}@a{number}'\n" for number in range(45))
    assert imported(tmp_path, KEYS + f"paths:\n  b: '{{Shot}}'\n  a0: './'\n{doubling}").sheet.places["b"] == "primary/b"


def test_an_expression_that_takes_for_ever_is_given_up(tmp_path: Path) -> None:
    key = f"name: {{type: str, filter_by: '^(a+)+$', choices: [{'a' * 40}!, aa]}}"
    done = imported(tmp_path, f"keys: {{{key}}}\npaths: {{a: 'x/{{name}}'}}\n")
    assert [code for code, _ in remarks_of(done)] == ["choice"]


def test_names_that_mean_something_to_yaml_are_written_in_quotes(tmp_path: Path) -> None:
    keys = "keys: {'no': {type: str, choices: ['yes', '1', '{', '~']}}\n"
    done = imported(tmp_path, keys + "paths: {'null': '#/{no}', '&x y': 'b/{no}: c'}\n")
    session = session_of(done, tmp_path)
    assert session.format(done.sheet.places["null"], {"tank_name": "d", "no": "yes"}) == "/p/d/#/yes"
    assert session.format(done.sheet.places["&x y"], {"tank_name": "d", "no": "{"}) == "/p/d/b/{: c"


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no pipes here")
    os.mkfifo(tmp_path / "templates.yml")
    with pytest.raises(UnreadableError):
        from ways.systems.imports import import_from

        import_from("toolkit", str(tmp_path / "templates.yml"))
