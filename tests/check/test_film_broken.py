"""The studio of plugin_sheets/film, broken as a tired engineer would break it: each slip is reported at its line."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import PLUGIN_SHEETS  # type: ignore[import-not-found]

from ways import api


class Slip(NamedTuple):
    """What was written, what should have been, and what is reported."""

    sheet: str
    right: str
    wrong: str
    code: str
    #: Lines from the start of the slip to what is pointed at.
    offset: int = 0
    help: str = ""
    priority: str = "master"


SLIPS = {
    "a letter is missing in a key": Slip(
        "10_shots.yml", "mapping: '{root}/{SHOT}'", "maping: '{root}/{SHOT}'", "unknown-key", help="Did you mean 'mapping'?"
    ),
    "a letter is missing in the name of a token's details": Slip(
        "05_naming.yml", "SHOT_NUMBER:", "SHOT_NUMBR:", "unused-details", help="Did you mean 'SHOT_NUMBER', which has none?"
    ),
    "a letter is missing in a token of a mapping": Slip(
        "10_shots.yml", "plates/{PLATE}_", "plates/{PLTE}_", "undescribed-token", help="Did you mean 'PLATE'?"
    ),
    "a letter is missing in a parent": Slip(
        "20_assets.yml", "- job/asset/texture\n", "- job/aset/texture\n", "unknown-parent", help="Did you mean 'job/asset/texture'?"
    ),
    "a letter too many is in an assignment": Slip(
        "80_shared.yml", "hierarchy: '{root}/config'", "assignment: mastre\n    hierarchy: '{root}/config'", "unreachable-assignment",
        help="Did you mean 'master'?",
    ),
    "letters are swapped in a client's assignment": Slip(
        "90_client_xyz.yml", "assignment: client_xyz", "assignment: client_xzy", "unreachable-assignment",
        help="Did you mean 'client_xyz'?", priority="master:client_xyz",
    ),
    "an expression is indented less than it should be": Slip(
        "05_naming.yml", "  parse:\n          regex: '[a-z]{3}'\n          glob", "parse:\n        regex: '[a-z]{3}'\n        glob",
        "unused-details",
        help="'parse' looks like a key: is it indented as it should be?",
    ),
    "a plugin is copied and keeps its name": Slip("30_departments.yml", "lookdev:\n", "texture:\n", "duplicate-key"),
    "a brace is not closed": Slip("10_shots.yml", "mapping: '{root}/{SHOT}'", "mapping: '{root}/{SHOT'", "stray-brace"),
    "an expression is forgotten": Slip(
        "05_naming.yml", "      SHOT_NUMBER:\n        parse:\n          regex: '\\d{4}'\n          glob: '????'\n", "      SHOT_NUMBER:\n",
        "undescribed-token",
    ),
    "a platform is misspelt": Slip(
        "00_roots.yml", "platforms: [darwin]", "platforms: [drawin]", "unknown-platform", help="Did you mean 'darwin'?"
    ),
    "a plugin is copied and keeps its uuid": Slip(
        "00_roots.yml", "uuid: film.library.darwin", "uuid: film.library.linux", "duplicate-uuid"
    ),
    "a choice is removed and its bar stays": Slip(
        "40_work.yml", "regex: '(?:ma|mb|hip|", "regex: '(?:ma|mb||", "empty-alternative"
    ),
    "an engine is misspelt": Slip(
        "45_caches.yml", "regex: '(?:abc|usdc)'", "regx: '(?:abc|usdc)'", "unknown-engine", help="Did you mean 'regex'?"
    ),
    "a token and its child count digits differently": Slip(
        "05_naming.yml", "regex: 'v\\d{3}'", "regex: 'v\\d{4}'", "contradiction"
    ),
    "a place is renamed, and what hangs on it is not": Slip(
        "30_departments.yml", "hierarchy: '{root}/groom'", "hierarchy: '{root}/grooming'", "unknown-parent"
    ),
    "an expression takes whole folders": Slip(
        "20_assets.yml", "regex: '(?:albedo|displacement|metalness|normal|roughness)'", "regex: '.*'", "crossing-expression"
    ),
    "a line is indented too far": Slip("10_shots.yml", "    groups: [story]", "      groups: [story]", "type"),
}
#: Told where the place is used, and not where the slip is.
ELSEWHERE = {"a place is renamed, and what hangs on it is not"}


def broken(slip: Slip, folder: Path) -> tuple[list[api.Finding], int]:
    """Return what is reported of the studio with one slip, and the line of the slip."""
    film = folder / "film"
    shutil.copytree(PLUGIN_SHEETS / "film", film)
    sheet = film / slip.sheet
    text = sheet.read_text(encoding="utf-8")
    assert slip.right in text
    sheet.write_text(text.replace(slip.right, slip.wrong, 1), encoding="utf-8")
    [session] = api.checked_sessions([film], {"WAYS_PRIORITY": slip.priority} if slip.priority != "master" else {})
    return session.check(), text[: text.index(slip.right)].count("\n") + 1


@pytest.mark.parametrize("name", sorted(SLIPS.keys() - ELSEWHERE))
def test_a_slip_is_reported_at_its_line(name: str, tmp_path: Path) -> None:
    slip = SLIPS[name]
    findings, line = broken(slip, tmp_path)
    reported = [finding for finding in findings if finding.code == slip.code and Path(finding.source.path).name == slip.sheet]
    assert line + slip.offset in [finding.source.line for finding in reported]
    assert not slip.help or slip.help in [finding.help for finding in reported]


def test_a_place_that_is_renamed_is_missed_where_it_is_used(tmp_path: Path) -> None:
    findings, _ = broken(SLIPS["a place is renamed, and what hangs on it is not"], tmp_path)
    missed = [finding for finding in findings if finding.code == "unknown-parent"]
    assert len(missed) >= 3 and {finding.help for finding in missed} == {"Did you mean 'job/asset/grooming'?"}


def test_two_places_that_collide_are_reported_with_a_text_that_both_fit(tmp_path: Path) -> None:
    slip = Slip("50_images.toml", "'(?:mov|mp4|mxf)'", "'[a-z0-9.]+'", "overlap")
    findings, _ = broken(slip, tmp_path)
    overlap = next(finding for finding in findings if finding.code == "overlap")
    session = api.Session(overrides={"WAYS_PLATFORM": "darwin" if overlap.witness.startswith("/Volumes") else "linux"})
    session.add_search_path(str(tmp_path / "film"))
    with pytest.raises(api.AmbiguousContextError):
        session.read(overlap.witness)


def test_there_are_twelve_slips_at_least() -> None:
    assert len(SLIPS) >= 12
