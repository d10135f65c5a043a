"""File trees of FSL: read as a text, and written as the package file-tree itself does."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from systems.imports.alike import FEW, assert_each_is_told, codes_of, session_of, verified

from ways.systems.imports import Import, NoOracleError, UnreadableError, import_from

TREE = """
ext = .nii.gz
hemi = L, R
coords = {x}_{y}

sub-{subject}
    [ses-{session}]
        anat (anat_dir)
            sub-{subject}[_ses-{session}]_{hemi}.{run:02d}{ext} (image)
        seed_{coords}.txt (seed)
    !README (readme)
"""


def imported(folder: Path, text: str, **others: str) -> Import:
    for name, content in {"main": text, **others}.items():
        (folder / f"{name}.tree").write_text(content, encoding="utf-8")
    return import_from("filetree", str(folder / "main.tree"))


def test_a_line_is_a_place_below_the_line_that_it_is_indented_under(tmp_path: Path) -> None:
    done = imported(tmp_path, TREE.replace("    !R", "!R"))
    session = session_of(done, tmp_path)
    place = done.sheet.places["image"]
    assert place == "sub-subject/ses-session/anat_dir/image"
    assert session.format(place, {"subject": "01", "session": "a", "hemi": "L", "run": 3}) == "sub-01/ses-a/anat/sub-01_ses-a_L.03.nii.gz"
    assert session.format(place, {"subject": "01", "hemi": "R", "run": 3, "ext": ".gii"}) == "sub-01/anat/sub-01_R.03.gii"
    assert session.format("sub-subject/ses-session/seed", {"subject": "01", "x": "1", "y": "2"}) == "sub-01/seed_1_2.txt"
    assert codes_of(done) == [] and done.report.counts["template"] == (6, 0)
    assert_each_is_told(done)


def test_another_tree_has_its_own_values(tmp_path: Path) -> None:
    done = imported(tmp_path, "data\n  ->dti a=1 (dti)\n  ->dti a=2 (old)\n", dti="a = 0\nb = 7\n{a}_{b}_{c}.nii (FA)\n")
    session = session_of(done, tmp_path)
    assert session.format("data/dti/FA", {"c": "x"}) == "data/1_7_x.nii"
    assert session.format("data/old/FA", {"c": "x", "old.a": "9"}) == "data/9_7_x.nii"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("a*.txt", "pattern"),
        ("{a:03x}", "format"),
        ("{a:02d}_{a:03d}", "two-formats"),
        ("[{a}][{b}]", "empty-segment"),
        ("[{a}", "definition"),
        ("a b", "definition"),
        ("a = b = c", "definition"),
        ("{a", "braces"),
        ("<a>", "definition"),
        ("->nothing (x)", "missing-subtree"),
        ("->main (x)", "subtree-circle"),
        ("->dti a (x)", "definition"),
    ],
)
def test_what_cannot_be_said_is_left_out_with_all_below(tmp_path: Path, line: str, code: str) -> None:
    done = imported(tmp_path, f"top\n{line}\n  below\n", dti="x\n")
    codes = codes_of(done)
    assert codes[0] == (code, 2) and len(codes) == 2 and list(done.sheet.places) == ["top"]


def test_what_is_said_in_another_way_is_told(tmp_path: Path) -> None:
    done = imported(tmp_path, "s = 1\ns = 2\nu = 3\n&LINK s, u\na[_{s}].txt (a,b)\nx\n  a.nii\n")
    assert codes_of(done) == [("duplicate-key", 1), ("link", 4), ("optional-default", 5)]
    assert codes_of(done, "note") == [("unused-key", 3), ("short-name", 5), ("short-name", 7)]


def test_a_value_of_none_is_no_value(tmp_path: Path) -> None:
    assert "default" not in imported(tmp_path, "a = None\n{a}.txt\n").sheet.text


def test_a_folder_with_one_tree_is_that_tree(tmp_path: Path) -> None:
    imported(tmp_path, "a\n")
    assert import_from("filetree", str(tmp_path)).sheet.places == {"a": "a"}
    (tmp_path / "b.tree").write_text("b")
    with pytest.raises(UnreadableError, match="expected one file"):
        import_from("filetree", str(tmp_path))


@pytest.mark.parametrize("text", ["", "# a\n", "a = 1\n"])
def test_other_files_are_unreadable(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableError):
        imported(tmp_path, text)


def test_trees_that_double_and_folders_without_end_are_left_out(tmp_path: Path) -> None:
    doubling = {f"t{n + 1}": f"->t{n} (a)\n->t{n} (b)\n" for n in range(30)}
    done = imported(tmp_path, "x\n->t30 (t)\n", t0="y\n", **doubling)
    assert {code for code, _ in codes_of(done)} == {"subtree-circle"} and "x" in done.sheet.places
    deep = imported(tmp_path, "".join(f"{' ' * n}d{n}\n" for n in range(2000)))
    assert len(deep.sheet.places) < 50


def test_a_message_says_what_to_install(tmp_path: Path) -> None:
    try:
        import file_tree  # noqa: F401
    except ImportError:
        imported(tmp_path, "a\n")
        with pytest.raises(NoOracleError, match="import-oracle"):
            verified("filetree", str(tmp_path / "main.tree"))


names = st.sampled_from(["sub-{subject}", "anat", "{subject}_{run:02d}", "[ses-{session}]", "t{hemi}", "{ext}x", "func"])
files = st.sampled_from([
    "sub-{subject}[_ses-{session}]_{hemi}.nii", "{subject}[_{a}][-{b}].txt", "bold.{run:02d}.gz", "{coords}.mat", "x{ext}",
    "{hemi}_{ext}[_{a}]",
])  # fmt: skip


@FEW
@given(st.lists(st.tuples(names, st.lists(files, min_size=1, max_size=3, unique=True)), min_size=1, max_size=3))
def test_generated_trees_write_and_read_alike(tmp_path_factory: pytest.TempPathFactory, folders: list[tuple[str, list[str]]]) -> None:
    pytest.importorskip("file_tree")
    lines = ["ext = .nii", "hemi = L, R", "coords = {x}_{y}", "top"]
    for number, (folder, inner) in enumerate(folders):
        lines.append(f"  {folder} (d{number})")
        lines += [f"    {file} (f{number}_{index})" for index, file in enumerate(inner)]
    folder = tmp_path_factory.mktemp("tree")
    done = imported(folder, "\n".join(lines))
    assert_each_is_told(done)
    found = verified("filetree", str(folder / "main.tree"))
    assert found.compared and not found.differences, found.differences[0]


def test_an_optional_part_without_a_placeholder_is_always_there(tmp_path: Path) -> None:
    assert imported(tmp_path, "[a]_{b}.txt\n").sheet.text.splitlines()[-1].endswith("mapping: 'a_{b}.txt'}")
