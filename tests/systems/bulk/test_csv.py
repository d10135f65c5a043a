"""CSV files: what comes in comes out, with what the texts are; what is no CSV is refused before anything is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from systems.bulk.bulk_things import parts_in, rows_of, run, studio, table_in, write_csv

from ways.systems.bulk.csv_file import MAX_LINE
from ways.systems.bulk.layout import BulkError
from ways.systems.bulk.run import MANIFEST

ROW = "/jobs/dune"


def test_rows_keep_their_columns_and_get_those_of_a_table(tmp_path: Path) -> None:
    done = run(write_csv(tmp_path / "in.csv", rows_of(35)), tmp_path / "out")
    expected = studio().table([text for _, text, _ in rows_of(35)])
    found = table_in(tmp_path / "out")
    assert [(row["id"], row["text"], row["note"]) for row in found] == list(rows_of(35))
    for name in studio().table_columns():
        assert [row[name] or None for row in found] == expected[name]
    assert [name for name in found[0]] == ["id", "text", "note", "place", "status", "error", "JOB", "SHOT"]
    assert [part.rows for part in done.done.values()] == [10, 10, 10, 5] and (done.rows, done.failures) == (35, ())


def test_the_manifest_says_what_the_parts_are(tmp_path: Path) -> None:
    run(write_csv(tmp_path / "in.csv", rows_of(15)), tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_bytes())
    assert manifest["complete"] and manifest["snapshot"] == studio().snapshot().digest and manifest["rows_per_part"] == 10
    part = manifest["parts"]["part-000000.csv"]
    assert (part["rows"], part["resolved"], part["unresolved"], part["ambiguous"]) == (10, 8, 2, 0)
    assert part["size"] == (tmp_path / "out" / "part-000000.csv").stat().st_size


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b"text\n/jobs/dune\n", ["/jobs/dune"]), (b"text\r\n/jobs/dune\r\n", ["/jobs/dune"]),
        (b"\xef\xbb\xbftext\n/jobs/dune", ["/jobs/dune"]),
        (b'text\n"/jobs/a\nb"\n/jobs/c\n', ["/jobs/a\nb", "/jobs/c"]), (b'text\n"/jobs/""a"""\n', ['/jobs/"a"']),
        (b"text\n\n/jobs/a\n\n\n/jobs/b\n\n", ["/jobs/a", "/jobs/b"]), (b"text\n/jobs/\xff\n", ["/jobs/\udcff"]), (b'text\n""\n', [""]),
        ("text\n/jobs/é\u2028b\n".encode(), ["/jobs/é\u2028b"]), (b"path\na\n", ["a"]), (b"text\n", []), (b"text", []),
        (b"text\n" + b"/" * 40_000 + b"\n/jobs/a\n", ["/" * 40_000, "/jobs/a"]), (b"text\n/jobs/a\0b\n", ["/jobs/a\0b"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("rows", [1, 10])
def test_texts_are_read_as_they_are_written(tmp_path: Path, data: bytes, texts: list[str], rows: int) -> None:
    (tmp_path / "in.csv").write_bytes(data)
    done = run(str(tmp_path / "in.csv"), tmp_path / "out", rows=rows)
    found = table_in(tmp_path / "out")
    column = data.partition(b"\n")[0].strip(b"\xef\xbb\xbf\r").decode()
    assert [row[column] for row in found] == texts and done.rows == len(texts)
    assert len(parts_in(tmp_path / "out")) == max(1, -(-len(texts) // rows))
    assert [row["status"] for row in found] == studio().table(texts)["status"]


@pytest.mark.parametrize(
    ("data", "column", "message"),
    [
        (b"", "", r"in.csv: the file is empty. Its first line names the columns, such as: text"),
        (b"a,b\n1,2\n", "", r"in.csv: which column has the texts\? It has 'a', 'b'. Name one by --column."),
        (b"path,b\n1,2\n", "paht", r"in.csv: there is no column 'paht': it has 'path', 'b'. Did you mean 'path'\?"),
        (b"/jobs/dune\n/jobs/a\n", "", r"'/jobs/dune' looks like a text. Put a line above it: text"),
        (b"a,text\n1,2\n1,2,3\n", "", r"in.csv:3: expected 2 fields, as in the first line, found 3."),
        (b'a,text\n"1\n",2\n1\n', "", r"in.csv:4: expected 2 fields, as in the first line, found 1."),
        (b'text\na\n"b\nc\n', "", r"in.csv:3: this is no CSV: unexpected end of data. Is there a quote that isn't closed\?"),
        (b'text\n"a"b\n', "", r"in.csv:2: this is no CSV: ',' expected after '\"'."),
        (b'text\n"' + b"a\n" * 100_000, "", r"in.csv:2: this is no CSV: field larger than field limit .* quote that isn't closed\?"),
        (b"text\n" + b"a" * (MAX_LINE + 1), "", r"in.csv:2: this is no CSV: a line has more than 1048576 bytes."),
        (b"text\ra\rb\r", "", r"in.csv:1: this is no CSV: a carriage return stands alone."),
        ("\ufefftext\na\n".encode("utf-16-le"), "", r"in.csv: this is UTF-16. Save it as"),
        (b"text,text\na,b\n", "", r"in.csv: there would be two columns 'text': it is twice. Rename it, or leave it out."),
        (b"text,JOB\na,b\n", "", r"two columns 'JOB': it is in the file and in the answers."),
    ],
)  # fmt: skip
def test_what_is_no_table_of_texts_is_refused(tmp_path: Path, data: bytes, column: str, message: str) -> None:
    (tmp_path / "in.csv").write_bytes(data)
    with pytest.raises(BulkError, match=message):
        run(str(tmp_path / "in.csv"), tmp_path / "out", column=column)
    assert not (tmp_path / "out").exists()


def test_a_column_may_be_named(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", [("/jobs/a", "x")], ("/path", "text"))
    run(source, tmp_path / "out", column="/path")
    assert table_in(tmp_path / "out")[0]["JOB"] == "a"
