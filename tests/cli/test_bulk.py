"""``ways resolve --csv`` and ``--parquet``: files in, folders of files out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ways.cli.main import main

FILM = Path(__file__).resolve().parents[2] / "plugin_sheets" / "film"
DUNE, NOTHING = "/mnt/projects/dune", "/somewhere/else"

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("".join(f"{text}\n" for text in ["text", DUNE, NOTHING, DUNE]), encoding="utf-8")
    return lambda *arguments, **more: CliRunner().invoke(main, ["--sheets", str(FILM), "resolve", *arguments], **more)


def test_it_says_what_is_there(run: Run) -> None:
    first = run("--csv", "in.csv", "out", "--rows", "2")
    assert first.exit_code == 0 and first.stderr.endswith("progress: 100 %\n")
    assert first.stdout == "out: 2 of 2 parts; 3 texts: 2 resolved, 1 unresolved\n"
    again = run("--csv", "in.csv", "out", "--rows", "2")
    assert again.stdout.startswith("out: 2 of 2 parts, 2 of them by an earlier run; 3 texts: ")
    assert sorted(os.listdir("out")) == ["_manifest.json", "part-000000.csv", "part-000001.csv"]


def test_it_says_so_in_json(run: Run) -> None:
    record = json.loads(run("--csv", "in.csv", "out", "--format", "json").stdout)
    assert record.pop("seconds") >= 0 and len(record.pop("snapshot")) == 64
    assert record == {
        "path": "out", "rows": 3, "resolved": 2, "unresolved": 1, "ambiguous": 0, "parts": 1, "skipped": 0, "failed": [],
    }  # fmt: skip


def test_it_reads_at_one_place_and_loosely(run: Run) -> None:
    assert "1 resolved" not in run("--csv", "in.csv", "out", "--context", "library").stdout
    Path("in.csv").write_text("text\n/mnt/projects/D\n", encoding="utf-8")
    assert "1 unresolved" in run("--csv", "in.csv", "strict").stdout
    assert "1 resolved" in run("--csv", "in.csv", "loose", "--lenient").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--csv", "in.csv"], "--csv takes a file and a folder: ways resolve --csv IN OUT."),
        (["--csv", "-", "out"], "--csv takes a file and a folder"),
        (["--csv", "--parquet", "in.csv", "out"], "--csv and --parquet are both"),
        (["--csv", "in.csv", "out", "--format", "env"], "--format is that of the summary"),
        (["--csv", "in.csv", "out", "--to", "windows"], "--to: this is for texts, not for files."),
        (["--csv", "in.csv", "out", "--assignment", "master"], "--assignment: --csv reads the texts in all layers."),
        (["--csv", "in.csv", "out", "--context", "no"], "There is no Context 'no'."),
        (["--csv", "in.csv", "out", "--column", "txet"], "in.csv: there is no column 'txet': it has 'text'. Did you mean 'text'?"),
        (["--csv", "no.csv", "out"], "no.csv: No such file or directory."), (["--csv", "in.csv", "in.csv"], "expected a folder"),
        (["--csv", "in.csv", "out", "--jobs", "2", "--scheduler", "tls://h:1"], "--jobs and --scheduler are both given"),
        (["--csv", "in.csv", "out", "--scheduler", "tcp://h:1"], "In a network that you trust, say --insecure"),
        (["--csv", "in.csv", "out", "--scheduler", "tls://h:1"], "with --ca, --cert and --key"),
        (["--csv", "in.csv", "out", "--ca", "x"], "name it by --scheduler"),
        ([DUNE, "--jobs", "2"], "--jobs: this is for files: add --csv"),
        ([DUNE, "--column", "a"], "--column: this is for files"),
    ],
)  # fmt: skip
def test_what_doesnt_go_together_is_refused(run: Run, arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == (1 if "--context" in arguments else 2) and message in result.stderr
    assert not os.path.exists("out")


def test_parts_that_are_missing_are_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from ways.systems.bulk import work

    def fail(self: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(work.PartWork, "__call__", fail)
    result = run("--csv", "in.csv", "out", "--rows", "1")
    assert result.exit_code == 1 and "out: 0 of 3 parts; 3 texts: none\n" in result.stdout
    assert "missing: part-000001.csv (rows 2 to 2): OSError: [Errno 28] No space left on device\n" in result.stderr
    assert "The other parts are whole. The same command tries the missing ones again." in result.stderr


def test_a_text_loads_none_of_it() -> None:
    code = "import sys\nfrom ways.cli.main import main\nmain(['resolve', '/a', '--sheets', sys.argv[1]], standalone_mode=False)"
    names = "('ways.systems', 'ways.snapshot.resolving', 'csv', 'pyarrow', 'distributed', 'rich')"
    code = code.replace("main([", "try: main([") + f"\nexcept SystemExit: print(sorted(set(sys.modules) & set({names})))"
    done = subprocess.run([sys.executable, "-c", code, str(FILM)], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[]\n"
