"""The example in ``plugin_sheets/foreign/dioptra`` runs, and gives what stands beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from ways.api import PRIORITY_ENV_VAR, Session, WaysError
from ways.cli.main import main
from ways.systems import dioptra

EXAMPLE = Path(__file__).parents[3] / "plugin_sheets" / "foreign" / "dioptra"
CASES = [
    pytest.param("master", {"mark": "fresh"}, 800.0, "label.txt", id="as written"),
    pytest.param("master:site", {}, 1050.0, "label-of-site.txt", id="site"),
    pytest.param("master:site", {"flour": "500", "mark": "fresh"}, 800.0, "label.txt", id="given beats site"),
]


@pytest.mark.parametrize("source", ["folder", "gztar", "zip"])
@pytest.mark.parametrize("priority, given, weight, expected", CASES)
def test_the_example_gives_what_is_expected(
    tmp_path: Path, source: str, priority: str, given: dict[str, str], weight: float, expected: str
) -> None:
    path = str(EXAMPLE) if source == "folder" else shutil.make_archive(str(tmp_path / "bakery"), source, EXAMPLE.parent, "dioptra")
    session = Session(overrides={PRIORITY_ENV_VAR: priority})
    if source == "folder":
        session.add_search_path(path)
    else:
        for place in ("dioptra.toml", "site"):
            session.add_search_path(f"{path}/dioptra/{place}")
    assert session.problems == [] and dioptra.validate(session, "Bread: Plain") == []
    run = dioptra.run(session, "Bread: Plain", given, trust=True, folder=tmp_path / "out")
    assert run.outputs["mixed"]["weight"] == weight
    assert Path(run.files["label"]).read_bytes() == (EXAMPLE / "expected" / expected).read_bytes()


def test_the_shell_gives_the_same(tmp_path: Path) -> None:
    given = ["--sheets", str(EXAMPLE), "--priority", "master:site", "dioptra", "run", "Bread: Plain", "--trust"]
    result = CliRunner().invoke(main, [*given, "--folder", str(tmp_path)])
    assert result.exit_code == 0 and "mixed.weight = 1050.0" in result.output
    assert (tmp_path / "label.txt").read_bytes() == (EXAMPLE / "expected" / "label-of-site.txt").read_bytes()


def test_a_site_that_no_priority_names_changes_nothing(tmp_path: Path) -> None:
    session = Session(overrides={PRIORITY_ENV_VAR: "master"})
    session.add_search_path(str(EXAMPLE))
    with pytest.raises(WaysError, match="no value for mark"):
        dioptra.run(session, "Bread: Plain", trust=True, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
