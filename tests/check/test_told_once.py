"""A fault of a plugin that stands at several places is told once, where it is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ways import api

#: Each plugin below the first two stands at two places.
SHEET = """
    globals: {syntax: 2}
    plugins:
      a: {hierarchy: a, mapping: '/a'}
      b: {hierarchy: b, mapping: '/b'}
      separator: {hierarchy: '{root}/separator', mapping: '{root}x', uses: [a, b]}
      absolute: {hierarchy: '{root}/absolute', mapping: '/x/{root}', uses: [a, b]}
      circle:
        hierarchy: '{root}/circle'
        mapping: '{root}/c/{T}'
        mapping_details: {T: {mapping: '{U}'}, U: {mapping: '{T}'}}
        uses: [a, b]
      types: {hierarchy: '{root}/types', mapping: '{root}/t/{V:d}/{V:03d}', uses: [a, b]}
      misread:
        hierarchy: '{root}/misread'
        mapping: '{root}/m/{X}_{Y}'
        mapping_details: {X: {parse: {regex: '[a-z_]+'}}, Y: {parse: {regex: '[a-z_]+'}}}
        uses: [a, b]
      unknown: {hierarchy: '{root}/unknown', mapping: '{root}/u/{@nothing}', uses: [a, b]}
      parents: {hierarchy: '{root}/parents', mapping: '{root}/y', uses: [a/other, b/other]}
      other: {hierarchy: '{root}/other', mapping: '{root}/y', uses: [a/parents, b/parents]}
      unused: {hierarchy: '{root}/unused', mapping: '{root}/z', mapping_details: {Q: {parse: {regex: x}}}, uses: [a, b]}
      empty: {hierarchy: '{root}/empty', mapping: '{root}/e/{E}', mapping_details: {E: {parse: {regex: ''}}}, uses: [a, b]}
    """
FAULTS = {
    "separator": "missing-separator", "absolute": "absolute-parent", "circle": "circle", "types": "token-language",
    "misread": "misread-mapping", "unknown": "unknown-reference", "parents": "circle", "unused": "unused-details",
    "empty": "empty-expression",
}  # fmt: skip


def test_a_fault_at_several_places_is_told_once(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(SHEET)
    findings = api.check(path)
    assert sorted(finding.code for finding in findings) == sorted(FAULTS.values())
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    starts = {name: next(number for number, line in enumerate(lines, 1) if line.startswith(f"  {name}:")) for name in FAULTS}
    for name, code in FAULTS.items():
        assert [finding for finding in findings if finding.code == code and 0 <= (finding.source.line or 0) - starts[name] <= 3], name


def test_a_part_without_tokens_fits_what_the_part_in_it_does(write_sheet: Callable[..., str]) -> None:
    head = "globals: {{syntax: 2}}\nplugins:\n  one: {{hierarchy: one, mapping: '/x[_k{{K}}[/y[_{{A}}]]]'}}\n"
    sheet = head + "  two: {{hierarchy: two, mapping: '{}'}}\n"
    apart = api.check(write_sheet(sheet.format("/x_k{B}/y"), "apart.yml"))
    alike = api.check(write_sheet(sheet.format("/x_k{B}/y_{C}"), "alike.yml"))
    assert [finding.code for finding in apart] == []
    assert [(finding.code, finding.witness) for finding in alike] == [("overlap", "/x_ka/y_a")]
