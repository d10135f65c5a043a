"""Finding assets on disk: the walk gives what looking at every path would give, and opens no other folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ways import api
from ways.session import Session

pytestmark = pytest.mark.portability

NAMES = {"parse": {"regex": "[a-z]+"}}
VERSION = {"mapping": "v{NUMBER}"}
NUMBER = {"parse": {"regex": r"\d+"}}


@pytest.fixture
def studio(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A small studio on disk, below the current folder."""
    session.add_plugins(
        job={
            "hierarchy": "job",
            "mapping": "jobs/{JOB}",
            "path": True,
            "folder": True,
            "mapping_details": {"JOB": NAMES, "SHOT": NAMES, "VERSION": VERSION, "NUMBER": NUMBER},
        },
        shot={"hierarchy": "job/shot", "mapping": "jobs/{JOB}/shots/{SHOT}"},
        scene={"hierarchy": "job/shot/scene", "mapping": "jobs/{JOB}/shots/{SHOT}/{SHOT}_{VERSION}.ma", "folder": False},
    )
    monkeypatch.chdir(tmp_path)
    for path in (
        "jobs/dune/shots/aa/aa_v1.ma",
        "jobs/dune/shots/aa/aa_v9.ma",
        "jobs/dune/shots/aa/aa_v10.ma",
        "jobs/dune/shots/aa/bb_v1.ma",
        "jobs/dune/shots/bb/bb_v2.ma",
        "jobs/heron/shots/cc/cc_v1.ma",
        "jobs/heron/notes.txt",
        "jobs/readme",
        "jobs/Dune/shots/aa/aa_v1.ma",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    return session


def texts(assets: Iterator[api.Asset]) -> list[str]:
    return [asset.get_str() for asset in assets]


@pytest.mark.platform("linux")
def test_every_file_that_fits_is_found_in_order(studio: Session) -> None:
    assert texts(studio.find_assets("job/shot/scene", sort=True)) == [
        "jobs/dune/shots/aa/aa_v1.ma",
        "jobs/dune/shots/aa/aa_v10.ma",
        "jobs/dune/shots/aa/aa_v9.ma",
        "jobs/dune/shots/bb/bb_v2.ma",
        "jobs/heron/shots/cc/cc_v1.ma",
    ]


@pytest.mark.platform("linux")
def test_folders_are_found_as_files_are(studio: Session) -> None:
    assert texts(studio.find_assets("job", sort=True)) == ["jobs/dune", "jobs/heron", "jobs/readme"]


@pytest.mark.platform("linux")
def test_values_fix_tokens_and_parents_stand_for_their_children(studio: Session) -> None:
    assert texts(studio.find_assets("job/shot/scene", {"JOB": "dune", "VERSION": "v1"})) == ["jobs/dune/shots/aa/aa_v1.ma"]


@pytest.mark.platform("linux")
def test_the_latest_counts_numbers_as_numbers(studio: Session) -> None:
    paths = texts(studio.find_assets("job/shot/scene", {"JOB": "dune"}, latest="VERSION", sort=True))
    assert paths == ["jobs/dune/shots/aa/aa_v10.ma", "jobs/dune/shots/bb/bb_v2.ma"]


def test_an_unknown_token_is_named_with_the_nearest(studio: Session) -> None:
    with pytest.raises(api.WaysError, match="Did you mean 'SHOT'"):
        studio.find_assets("job/shot/scene", {"SHOTT": "aa"})


@pytest.mark.platform("linux")
def test_only_folders_that_can_match_are_opened(studio: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = os.scandir

    def scandir(path: str) -> object:
        opened.append(path)
        return real(path)

    monkeypatch.setattr("os.scandir", scandir)
    assert texts(studio.find_assets("job/shot/scene", {"JOB": "heron"})) == ["jobs/heron/shots/cc/cc_v1.ma"]
    assert opened == ["jobs/heron/shots", "jobs/heron/shots/cc"]


@pytest.mark.platform("linux")
def test_a_folder_that_cannot_be_read_is_reported_and_stops_nothing(
    studio: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.scandir

    def scandir(path: str) -> object:
        if path == "jobs/dune/shots/aa":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("os.scandir", scandir)
    reports: list[tuple[str, str]] = []
    paths = texts(studio.find_assets("job/shot/scene", sort=True, report=lambda *problem: reports.append(problem)))
    assert paths == ["jobs/dune/shots/bb/bb_v2.ma", "jobs/heron/shots/cc/cc_v1.ma"]
    assert reports == [("jobs/dune/shots/aa", "Permission denied")]


def test_a_name_that_is_no_utf_8_is_reported_and_stops_nothing(session: Session, tmp_path: Path) -> None:
    session.add_plugins(any={"hierarchy": "any", "mapping": f"{tmp_path}/{{NAME}}"})
    (tmp_path / "good").touch()
    open(os.path.join(os.fsencode(tmp_path), b"b\xffd"), "w", encoding="utf-8").close()
    reports: list[str] = []
    paths = texts(session.find_assets("any", report=lambda path, reason: reports.append(reason)))
    assert (paths, reports) == ([f"{tmp_path}/good"], ["its name is no UTF-8"])


def test_a_token_that_holds_separators_is_searched_below_and_links_in_a_circle_end(
    session: Session, tmp_path: Path
) -> None:
    session.add_plugins(
        deep={"hierarchy": "deep", "mapping": f"{tmp_path}/{{REST}}.txt", "mapping_details": {"REST": {"parse": {"regex": ".+"}}}}
    )
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.txt").touch()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    paths = texts(session.find_assets("deep"))
    assert f"{tmp_path}/a/b/c.txt" in paths and len(paths) <= 3


@pytest.mark.platform("linux")
def test_next_counts_on_from_the_greatest_on_disk(studio: Session) -> None:
    asset = studio.get_asset("jobs/dune/shots/aa/aa_v1.ma")
    assert (studio.get_next(asset, "VERSION"), studio.get_next(asset, "NUMBER")) == ("v11", "11")


def test_next_keeps_the_padding(session: Session, tmp_path: Path) -> None:
    session.add_plugins(file={"hierarchy": "file", "mapping": f"{tmp_path}/{{V}}"})
    (tmp_path / "v0099").touch()
    assert session.get_next(session.get_asset({"V": "v0001"}, "file"), "V") == "v0100"


@pytest.mark.platform("linux")
def test_folders_are_made_for_places_that_say_so(studio: Session, tmp_path: Path) -> None:
    asset = studio.get_asset("jobs/finch/shots/dd/dd_v1.ma")
    assert studio.create_folders(asset, dry_run=True) == ["jobs/finch", "jobs/finch/shots/dd"]
    assert not (tmp_path / "jobs/finch").exists()
    studio.create_folders(asset)
    assert (tmp_path / "jobs/finch/shots/dd").is_dir()


@pytest.mark.platform("linux")
def test_a_text_is_translated_to_another_platform(session: Session) -> None:
    session.add_plugins(
        linux={"hierarchy": "job", "mapping": "/jobs/{JOB}", "platforms": ["linux"]},
        windows={"hierarchy": "job", "mapping": "P:/jobs/{JOB}", "platforms": ["windows"], "path": True},
        shot={"hierarchy": "{root}/shot", "mapping": "{root}/{SHOT}", "uses": ["job"]},
    )
    assert session.translate("/jobs/dune/aa", "windows") == "P:\\jobs\\dune\\aa"
    with pytest.raises(api.PlatformError):
        session.translate("/jobs/dune/aa", "amiga")


SEGMENTS = st.sampled_from(["{A}", "{B}", "{A}_{B}", "x", "x_{A}", "{B}.{C}", "{C}"])
FILES = st.lists(
    st.lists(st.sampled_from(["x", "a", "b", "a_b", "x_a", "a.b", "1", "b_a"]), min_size=1, max_size=3), max_size=12
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    segments=st.lists(SEGMENTS, min_size=1, max_size=3),
    files=FILES,
    expressions=st.dictionaries(st.sampled_from("ABC"), st.sampled_from(["[a-z]+", "a", r"\w+", "[^x]+", ".+"]), max_size=3),
    fixed=st.dictionaries(st.sampled_from("ABC"), st.sampled_from(["a", "b", "x"]), max_size=1),
)
def test_the_walk_gives_what_looking_at_every_path_gives(
    segments: list[str],
    files: list[list[str]],
    expressions: dict[str, str],
    fixed: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("walk")
    for parts in files:
        (root.joinpath(*parts)).mkdir(parents=True, exist_ok=True)
    details = {name: {"parse": {"regex": expression}} for name, expression in expressions.items()}
    session = Session()
    session.add_plugins(it={"hierarchy": "it", "mapping": "/".join([str(root), *segments]), "mapping_details": details})
    context = session.need_context("it")
    fixed = {name: value for name, value in fixed.items() if name in context.template.all_tokens}
    pattern = context.patterns.get(context.template)
    every = [os.path.join(folder, name) for folder, folders, names in os.walk(root) for name in (*folders, *names)]
    read = {path: pattern.match(path) for path in every}
    wanted = {path for path, values in read.items() if values is not None and fixed.items() <= values.items()}
    paths = [(asset.get_str(), asset.info) for asset in session.find_assets(context, fixed)]
    assert {path for path, _ in paths} == wanted and len(paths) == len(wanted)
    assert all(read[path] == values for path, values in paths)


@pytest.mark.platform("linux")
def test_what_holds_no_number_has_no_next(session: Session, tmp_path: Path) -> None:
    session.add_plugins(job={"hierarchy": "job", "mapping": f"{tmp_path.as_posix()}/{{NAME}}", "path": True})
    (tmp_path / "final").mkdir()
    with pytest.raises(ValueError, match="NAME='final' holds no number to count on from"):
        session.get_next(session.get_asset({"NAME": "x"}, context="job"), "NAME")


def test_an_expression_that_is_none_is_an_error(session: Session) -> None:
    session.add_plugins(bad={"hierarchy": "bad", "mapping": "files/{A}/{B}", "mapping_details": {"A": {"parse": {"regex": "[a"}}}})
    with pytest.raises(api.PatternError, match="The regex of the token A can't be read"):
        list(session.find_assets("bad"))
