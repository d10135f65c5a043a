"""Texts as paths of Windows: what names the drive or the share, and in which forms a mapping may read a text."""

from __future__ import annotations

import pytest

from ways.pattern.segments import MatchShapes
from ways.pattern.template import Template
from ways.pattern.windows import PathForms, index_shape, root_length

pytestmark = pytest.mark.portability


@pytest.mark.parametrize(
    "text, length",
    [
        ("X:\\jobs", 2),
        ("x:", 2),
        ("1:\\jobs", 0),
        ("\u00e9:\\jobs", 0),
        ("jobs", 0),
        ("\\jobs", 0),
        ("\\\\srv", 5),
        ("\\\\srv\\", 6),
        ("\\\\srv\\share", 11),
        ("\\\\srv\\share\\jobs\\x", 11),
    ],
)
def test_the_drive_or_the_share_of_a_path(text: str, length: int) -> None:
    assert root_length(text) == length


@pytest.mark.parametrize(
    "mapping, text, forms",
    [
        # What the mapping spells, in its own spelling.
        ("X:\\Jobs\\{A}", "x:/Jobs/a", ["X:\\Jobs\\a"]),
        ("\\\\Srv\\Share\\jobs\\{A}", "\\\\sRV\\sHARE\\jobs\\a", ["\\\\Srv\\Share\\jobs\\a"]),
        ("X:\\jobs[\\{A}]", "x:\\jobs\\a", ["X:\\jobs\\a"]),
        # What a token reads of it, in every case.
        ("\\\\Srv\\{S}\\jobs", "\\\\sRV\\sHARE\\jobs", ["\\\\Srv\\sHARE\\jobs", "\\\\Srv\\share\\jobs", "\\\\Srv\\SHARE\\jobs"]),
        ("{D}\\jobs", "x:\\jobs", ["x:\\jobs", "X:\\jobs"]),
        ("[{D}]X:\\jobs", "X:\\jobs", ["X:\\jobs", "x:\\jobs"]),
        # What is no drive stays.
        ("jobs\\{A}", "Jobs/a", ["Jobs\\a"]),
        ("X:\\jobs\\{A}", "\\\\?\\X:\\jobs\\a", []),
    ],
)
def test_the_forms_in_which_a_mapping_may_read_a_text(mapping: str, text: str, forms: list[str]) -> None:
    assert list(PathForms(Template.of(mapping, {}, 2))(text)) == forms


@pytest.mark.parametrize(
    "mapping, starts",
    [
        ("Jobs\\{A}", ["Jobs", ""]),
        ("X:\\{A}", ["x:", ""]),
        ("x{D}\\jobs", ["", "jobs"]),
        ("{D}\\Jobs", ["", "Jobs"]),
        ("\\\\Srv\\Share\\Jobs", ["", "", "srv", "share", "Jobs"]),
    ],
)
def test_an_index_knows_what_names_a_drive_or_a_share_in_small_letters(mapping: str, starts: list[str]) -> None:
    (form,) = index_shape(MatchShapes().of_template(Template.of(mapping, {}, 2))).forms
    assert [segment.start for segment in form] == starts
