"""Numbers of YAML that reach a token with another text than was written."""

from __future__ import annotations

import pytest
import yaml

from ways.sheets.formats import yaml_text

SHEET = """
globals: {syntax: 2}
plugins:
  a:
    hierarchy: a
    mapping: '/a/{N}/{V:03d}'
    data: {mode: 0755, version: 1.10}
    %s
"""


@pytest.fixture(params=["libyaml", "pure"], autouse=True)
def loader(request, monkeypatch):
    monkeypatch.setattr(yaml_text, "_Loader", yaml_text.SAFE_LOADER if request.param == "libyaml" else yaml.SafeLoader)


@pytest.mark.parametrize(
    "written, pointer, message",
    [
        ("when: {N: 010}", "when.N", "010 is read as the number 8 (octal)"),
        ("when: {N: [a, 010]}", "when.N[1]", "010 is read as the number 8 (octal)"),
        ("when: {V: 010}", "when.V", "010 is read as the number 8 (octal)"),
        ("mapping_details: {N: {choices: [a, 020]}}", "mapping_details.N.choices[1]", "020 is read as the number 16 (octal)"),
        ("mapping_details: {N: {choices: {020: a}}}", "mapping_details.N.choices[16]", "020 is read as the number 16 (octal)"),
        ("mapping_details: {N: {choices: {a: 020}}}", "mapping_details.N.choices.a", "020 is read as the number 16 (octal)"),
        ("mapping_details: {N: {default: 007}}", "mapping_details.N.default", "007 is read as the number 7 (octal)"),
        ("mapping_details: {N: {default: 1.10}}", "mapping_details.N.default", "1.10 is read as the number 1.1"),
        ("mapping_details: {N: {default: 12:30}}", "mapping_details.N.default", "12:30 is read as the number 750 (to the base of 60)"),
        ("mapping_details: {N: {default: 0x10}}", "mapping_details.N.default", "0x10 is read as the number 16 (hexadecimal)"),
    ],
)
def test_a_number_of_another_text_is_told_where_it_reaches_a_token(load, written, pointer, message):
    (problem,) = load(SHEET % written).problems
    text = message.split()[0]
    assert (problem.level, problem.code, problem.message, problem.help) == ("warning", "misread-number", message, f"Write '{text}'.")
    assert f": plugins.a.{pointer}: " in str(problem)
    line, carets = problem.excerpt.splitlines()
    assert line[carets.index("^") : carets.rindex("^") + 1] == text


@pytest.mark.parametrize(
    "written",
    [
        "when: {N: '010'}", "when: {N: 10, V: 1.5}", "when: {N: 08}", "when: {V: 007}", "mapping_details: {N: {choices: [0, -1, 2.5]}}",
        "mapping_details: {N: {format: 04d, default: 0001}}", "mapping_details: {N: {default: 2024-01-02}}",
        "mapping_details: {N: {choices: {a: {text: b, label: 010}}}}", "mapping_details: {N: {padding_of_ours: 010}}",
    ],
)  # fmt: skip
def test_what_is_read_as_it_is_written_is_not_told(load, written):
    assert not load(SHEET % written).problems
