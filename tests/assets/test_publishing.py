"""The next version on disk, and the folders of an Asset; a test for each rule."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ways import api
from ways.api import Asset, Session
from ways.assets import disk

DETAILS: dict[str, Any] = {
    "VERSION": {"format": "03d"},
    "LABEL": {"mapping": "v{NUMBER}"},
    "NUMBER": {"parse": {"regex": r"\d{3}"}},
    "FRAME": {"sequence": True, "format": "04d"},
    "AOV": {"choices": ["rgba", "depth"]},
}


@pytest.fixture
def studio(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Shots with work files, publishes and renders, below the current folder; nothing is on disk."""
    plugins = {
        "shot": {"mapping": "jobs/{JOB}/{SHOT}", "folder": True, "mapping_details": DETAILS},
        "shot/work": {"mapping": "jobs/{JOB}/{SHOT}/work/{TASK}_v{VERSION}.ma", "folder": False},
        "shot/publish": {"mapping": "jobs/{JOB}/{SHOT}/publish/{TASK}_v{VERSION}.{EXT}", "folder": False},
        "shot/render": {"mapping": "jobs/{JOB}/{SHOT}/render/v{VERSION}"},
        "shot/render/frame": {"mapping": "jobs/{JOB}/{SHOT}/render/v{VERSION}/{AOV}.{FRAME}.exr", "folder": False},
        "shot/label": {"mapping": "jobs/{JOB}/{SHOT}/{LABEL}.ma", "folder": False},
    }
    session.add_plugins(**{
        place.replace("/", "_"): {"hierarchy": place, "syntax": 2, "path": True, **more} for place, more in plugins.items()
    })  # fmt: skip
    monkeypatch.chdir(tmp_path)
    return session


@pytest.fixture
def work(studio: Session) -> Asset:
    """A work file, which need not be on disk."""
    asset: Asset = studio.get_asset("jobs/dune/aa/work/anim_v003.ma")
    return asset


def touch(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()


# --- the next value


def test_the_first_version_on_an_empty_disk_is_1(studio: Session, work: Asset) -> None:
    version = studio.get_next("shot/publish", "VERSION", work)
    publish = work.at("shot/publish", VERSION=version, EXT="abc")
    assert (version, publish.get_str()) == (1, "jobs/dune/aa/publish/anim_v001.abc")
    assert studio.get_next(publish, "VERSION") == 1
    assert studio.get_next(work, "VERSION") == 1


def test_the_next_is_one_more_than_the_greatest_on_disk(studio: Session, work: Asset) -> None:
    touch("jobs/dune/aa/publish/anim_v009.abc", "jobs/dune/aa/publish/anim_v1000.ma", "jobs/dune/aa/publish/anim_v2.ma")
    touch("jobs/dune/aa/publish/light_v2000.abc", "jobs/owl/aa/publish/anim_v3000.abc")
    assert studio.get_next("shot/publish", "VERSION", work) == 1001
    assert studio.get_next(work.at("shot/publish", EXT="abc"), "VERSION") == 10


@pytest.mark.parametrize("place", ["shot/publish", ("shot", "publish")], ids=repr)
def test_values_may_be_a_dict_an_asset_or_a_path(studio: Session, work: Asset, place: Any) -> None:
    touch("jobs/dune/aa/publish/anim_v009.abc")
    for values in ({"JOB": "dune", "SHOT": "aa", "TASK": "anim"}, work, work.path, "jobs/dune/aa/work/anim_v003.ma"):
        assert studio.get_next(place, "VERSION", values) == 10
    assert studio.get_next(studio.need_context(place), "VERSION") == 10
    assert studio.get_next(place, "VERSION", {"JOB": "owl"}) == 1


def test_a_version_exists_with_any_of_its_frames(studio: Session, work: Asset) -> None:
    touch("jobs/dune/aa/render/v004/rgba.1001.exr")
    assert studio.get_next("shot/render/frame", "VERSION", work) == 5
    assert studio.get_next(work.at("shot/render/frame", AOV="rgba", FRAME="####"), "VERSION") == 5
    assert studio.get_next(work.at("shot/render/frame", AOV="depth", FRAME=1001), "VERSION") == 1
    os.makedirs("jobs/dune/aa/render/v007")
    assert studio.get_next("shot/render", "VERSION", work) == 8


def test_values_are_taken_with_or_without_padding(studio: Session, work: Asset) -> None:
    touch("jobs/dune/aa/render/v003/rgba.1001.exr")
    for version in (3, "3", "003"):
        assert studio.get_next("shot/render/frame", "FRAME", {"JOB": "dune", "SHOT": "aa", "VERSION": version}) == 1002


def test_frames_are_counted_too(studio: Session, work: Asset) -> None:
    touch("jobs/dune/aa/render/v003/rgba.1001.exr", "jobs/dune/aa/render/v003/rgba.####.exr")
    assert studio.get_next(work.at("shot/render/frame", AOV="rgba", FRAME=5), "FRAME") == 1002
    assert studio.get_next(work.at("shot/render/frame", AOV="depth", FRAME=5), "FRAME") == 1


def test_a_text_is_written_as_the_greatest_is_or_as_the_value_there_is(studio: Session) -> None:
    first = studio.get_asset({"JOB": "dune", "SHOT": "aa", "LABEL": "v007"}, "shot/label")
    assert (studio.get_next(first, "LABEL"), studio.get_next(first, "NUMBER")) == ("v001", "001")
    touch("jobs/dune/aa/v099.ma")
    assert (studio.get_next(first, "LABEL"), studio.get_next(first, "NUMBER")) == ("v100", "100")


def test_where_nothing_says_how_the_first_is_written_it_is_an_error(studio: Session, work: Asset) -> None:
    with pytest.raises(ValueError, match="Nothing says how the first value of NUMBER is written: give it a format such as 03d"):
        studio.get_next("shot/label", "NUMBER", work)


@pytest.mark.parametrize("spec, names, wanted", [
    ("d", ["9", "10"], 11), ("03d", ["009", "1000"], 1001), ("x", ["9", "f", "10"], 17), ("o", ["7", "10"], 9),
    ("b", ["1", "10"], 3), (".1f", ["9.5", "10.0"], 11.0),
])  # fmt: skip
def test_numbers_are_counted_as_their_type_writes_them(
    session: Session, tmp_path: Path, spec: str, names: list[str], wanted: Any
) -> None:
    session.add_plugins(
        it={"hierarchy": "it", "syntax": 2, "mapping": f"{tmp_path.as_posix()}/n{{N:{spec}}}"},
        held={
            "hierarchy": "held", "syntax": 2, "mapping": f"{tmp_path.as_posix()}/{{V}}",
            "mapping_details": {"V": {"mapping": f"n{{N:{spec}}}"}},
        },
    )  # fmt: skip
    assert (session.get_next("it", "N"), type(session.get_next("it", "N"))) == (1, type(wanted))
    assert session.get_next("held", "V") == ("n001" if spec == "03d" else "n1.0" if spec == ".1f" else "n1")
    for name in names:
        (tmp_path / f"n{name}").touch()
    assert session.get_next("it", "N") == wanted
    latest = next(session.find_assets("it", latest="N"))
    assert latest.get_value("N") == wanted - 1
    assert session.get_next("held", "V") == "n" + latest.at("it", N=wanted).info["N"]


def test_dates_are_sorted_as_dates(session: Session, tmp_path: Path) -> None:
    session.add_plugins(it={"hierarchy": "it", "syntax": 2, "mapping": f"{tmp_path.as_posix()}/{{D:%d-%m-%Y}}"})
    for name in ("31-12-2023", "01-02-2024"):
        (tmp_path / name).touch()
    assert [asset.info["D"] for asset in session.find_assets("it", latest="D")] == ["01-02-2024"]
    with pytest.raises(ValueError, match="D is a date of the format %d-%m-%Y: it holds no number"):
        session.get_next("it", "D")


def test_a_token_in_a_part_that_may_lack_is_counted_where_it_is(session: Session, tmp_path: Path) -> None:
    session.add_plugins(it={"hierarchy": "it", "syntax": 2, "mapping": f"{tmp_path.as_posix()}/{{A:l}}[_v{{VERSION:02d}}].ma"})
    asset = session.get_asset({"A": "x"}, "it")
    (tmp_path / "x.ma").touch()
    assert session.get_next(asset, "VERSION") == 1
    (tmp_path / "x_v03.ma").touch()
    assert session.get_next(asset, "VERSION") == 4


def test_a_folder_that_cannot_be_read_is_an_error_rather_than_version_1(
    studio: Session, work: Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch("jobs/dune/aa/publish/anim_v009.abc")

    def scandir(path: str) -> object:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("os.scandir", scandir)
    with pytest.raises(PermissionError, match="publish"):
        studio.get_next("shot/publish", "VERSION", work)


def test_an_unknown_token_names_the_nearest(studio: Session, work: Asset) -> None:
    with pytest.raises(api.WaysError, match="Did you mean 'VERSION'"):
        studio.get_next(work, "VERSON")
    with pytest.raises(api.WaysError, match="Did you mean 'SHOT'"):
        studio.get_next("shot/publish", "VERSION", {"SHO": "aa"})
    with pytest.raises(TypeError):
        studio.get_next(work, "VERSION", {"SHOT": "aa"})


def test_a_value_that_nothing_can_have_is_an_error_rather_than_version_1(studio: Session) -> None:
    with pytest.raises(api.TokenValueError, match="AOV"):
        studio.get_next("shot/render/frame", "VERSION", {"AOV": "dept"})


@pytest.mark.parametrize("thing, words", [
    (None, "expected an Asset or a place, found None. Did get_asset find nothing"), ("", "found ''"), (5, "found 5"), ({}, "found {}"),
    ("jobs/dune/aa/work/anim_v003.ma", r"It is a path: take get_asset\('jobs.*get_next\(PLACE, 'VERSION', 'jobs"),
    (Path("jobs/x.ma"), "It is a path"), ("jobs/dune/aa", "It is a path"), ("shot/wrok", "Did you mean 'shot/work'"),
], ids=repr)  # fmt: skip
def test_what_is_neither_an_asset_nor_a_place_is_an_error_that_says_so(studio: Session, thing: Any, words: str) -> None:
    with pytest.raises(api.ContextNotFoundError, match=words):
        studio.get_next(thing, "VERSION")


@pytest.mark.parametrize("thing", [None, "jobs/dune/aa", {}, 5], ids=repr)
def test_folders_are_those_of_an_asset(studio: Session, thing: Any) -> None:
    with pytest.raises(api.ContextNotFoundError, match="expected an Asset, found"):
        studio.create_folders(thing)
    assert not os.listdir()


def test_what_holds_no_number_is_an_error_of_ways(studio: Session, work: Asset) -> None:
    with pytest.raises(api.FormatError, match="TASK='anim' holds no number"):
        studio.get_next(work, "TASK")
    for token in (None, "", 5):
        with pytest.raises(api.UnknownTokenError, match="the tokens are"):
            studio.get_next(work, token)  # type: ignore[arg-type]


def test_values_are_a_dict_or_pairs_or_of_an_asset_or_a_path(studio: Session, work: Asset) -> None:
    pairs = [("JOB", "dune"), ("SHOT", "aa"), ("TASK", "anim"), ("VERSION", 3)]
    for values in (pairs, dict(pairs), work, work.path, work.get_str()):
        assert studio.format("shot/work", values) == "jobs/dune/aa/work/anim_v003.ma"
    assert studio.format("shot/render", work) == "jobs/dune/aa/render/v003"
    with pytest.raises(api.MissingTokensError, match="EXT"):
        studio.format("shot/publish", work)
    for values in (5, [1]):
        for ask in (studio.format, studio.find_assets, lambda place, values: studio.get_next(place, "VERSION", values)):
            with pytest.raises(api.FormatError, match="expected a dict or pairs of token and value"):
                ask("shot/work", values)
    for nothing in (None, 5):
        with pytest.raises(api.FormatError, match="expected a dict or pairs of token and value"):
            work.set_values(nothing)  # type: ignore[arg-type]
    work.set_values([("TASK", "light")])
    assert work.get_value("TASK") == "light"


def test_a_context_that_is_none_is_told_as_such(studio: Session) -> None:
    for ask in (studio.need_context, studio.find_assets):
        with pytest.raises(api.ContextNotFoundError, match="context is None. Did get_context find nothing"):
            ask(None)


# --- parts that may be left out


@pytest.fixture
def exports(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Exports with and without a variant, below the current folder; two are on disk."""
    details = {"SHOT": {"parse": {"regex": "[a-z]+"}}, "VARIANT": {"parse": {"regex": "[A-Z]+"}}, "TAG": {"mapping": "t{N:d}"}}
    plugins = {
        "export": "e/{SHOT}[_{VARIANT}]_v{V:03d}.usd",
        "copy": "c/{SHOT}[_{VARIANT}][_{TAG}]_v{V:03d}.usd",
        "sorted": "s/{VARIANT}/{SHOT}_v{V:03d}.usd",
        "tagged": "t/{SHOT}[_{TAG}].usd",
    }
    session.add_plugins(**{
        place: {"hierarchy": place, "syntax": 2, "mapping": mapping, "mapping_details": details} for place, mapping in plugins.items()
    })  # fmt: skip
    monkeypatch.chdir(tmp_path)
    touch("e/owl_v002.usd", "e/owl_BIG_v007.usd", "e/owl_TALL_v001.usd", "e/fox_v009.usd")
    return session


def test_an_asset_without_an_optional_part_counts_those_without_it(exports: Session) -> None:
    plain, big = exports.get_asset("e/owl_v002.usd"), exports.get_asset("e/owl_BIG_v007.usd")
    assert (exports.get_next(plain, "V"), exports.get_next(big, "V")) == (3, 8)
    for thing in (plain, plain.path):
        assert exports.get_next("export", "V", thing) == 3
        assert [found.get_str() for found in exports.find_assets("export", thing, latest="V")] == ["e/owl_v002.usd"]
    assert [found.get_str() for found in exports.find_assets("export", big, latest="V")] == ["e/owl_BIG_v007.usd"]


def test_what_an_asset_lacks_is_open_where_its_own_place_never_has_it_or_the_other_always_has_it(exports: Session) -> None:
    plain = exports.get_asset("e/owl_v002.usd")
    touch("c/owl_v003.usd", "c/owl_t1_v004.usd", "c/owl_BIG_v008.usd", "s/BIG/owl_v006.usd")
    assert exports.get_next("copy", "V", plain) == 5
    assert exports.get_next("sorted", "V", plain) == 7
    assert exports.get_next(exports.get_asset("c/owl_v003.usd"), "V") == 4


@pytest.mark.parametrize("nothing", ["", None])
def test_nothing_as_the_value_of_an_optional_token_means_without_it(exports: Session, nothing: Any) -> None:
    values = {"SHOT": "owl", "VARIANT": nothing}
    assert [found.get_str() for found in exports.find_assets("export", values)] == ["e/owl_v002.usd"]
    assert exports.get_next("export", "V", values) == 3
    assert exports.get_next("export", "V", {"SHOT": "owl"}) == 8
    touch("t/owl.usd", "t/owl_t1.usd")
    for token in ("TAG", "N"):
        assert [found.get_str() for found in exports.find_assets("tagged", {token: nothing})] == ["t/owl.usd"]


def test_the_token_that_is_counted_may_be_one_that_the_asset_lacks(exports: Session) -> None:
    touch("t/owl.usd", "t/owl_t4.usd")
    asset = exports.get_asset("t/owl.usd")
    assert (exports.get_next(asset, "N"), exports.get_next(asset, "TAG")) == (5, "t5")
    assert [found.get_str() for found in exports.find_assets("tagged", asset, latest="N")] == ["t/owl_t4.usd"]
    exports.add_plugins(pair={"hierarchy": "pair", "syntax": 2, "mapping": "p/{SHOT:w}[_{KIND}-{V:d}]"})
    touch("p/owl", "p/owl_a-3")
    assert exports.get_next(exports.get_asset("p/owl", "pair"), "V") == 4


# --- finding by an Asset or a path


def test_assets_are_found_by_the_values_that_they_share_with_another(studio: Session, work: Asset) -> None:
    touch(*(f"jobs/dune/aa/publish/{name}" for name in ("anim_v001.abc", "anim_v002.abc", "anim_v003.abc", "light_v009.abc")))
    touch("jobs/dune/bb/publish/anim_v008.abc")
    for thing in (work, work.path, "jobs/dune/aa/work/anim_v003.ma"):
        assert [asset.get_str() for asset in studio.find_assets("shot/publish", thing)] == ["jobs/dune/aa/publish/anim_v003.abc"]
        latest = list(studio.find_assets("shot/publish", thing, latest="VERSION"))
        assert [asset.get_value("VERSION") for asset in latest] == [3]
    touch("jobs/dune/aa/publish/anim_v004.abc")
    assert [asset.get_value("VERSION") for asset in studio.find_assets("shot/publish", work, latest="VERSION")] == [4]


def test_sequences_are_found_by_one_of_their_frames(studio: Session) -> None:
    touch(*(f"jobs/dune/aa/render/v001/rgba.{frame}.exr" for frame in (1001, 1002)))
    frame = studio.get_asset("jobs/dune/aa/render/v001/rgba.1001.exr")
    assert [str(asset) and asset.get_str() for asset in studio.find_assets("shot/render/frame", frame, sequences=True)] == [
        "jobs/dune/aa/render/v001/rgba.1001-1002####.exr"
    ]


# --- folders


def test_the_folder_that_a_file_stands_in_is_made(studio: Session, work: Asset) -> None:
    publish = work.at("shot/publish", EXT="abc")
    assert studio.create_folders(publish, dry_run=True) == ["jobs/dune/aa", "jobs/dune/aa/publish"]
    assert not os.path.exists("jobs")
    assert studio.create_folders(publish) == ["jobs/dune/aa", "jobs/dune/aa/publish"]
    publish.path.touch()


def test_a_place_that_is_a_folder_is_made_itself(studio: Session, work: Asset) -> None:
    assert studio.create_folders(work.at("shot/render")) == ["jobs/dune/aa", "jobs/dune/aa/render/v003"]
    assert os.path.isdir("jobs/dune/aa/render/v003")


def test_whether_it_is_a_file_can_be_said(studio: Session, work: Asset) -> None:
    publish, render = work.at("shot/publish", EXT="abc"), work.at("shot/render")
    assert studio.create_folders(publish, file=False, dry_run=True) == ["jobs/dune/aa"]
    assert studio.create_folders(render, file=True, dry_run=True) == ["jobs/dune/aa", "jobs/dune/aa/render"]


def test_a_place_without_a_mapping_has_the_folders_above_alone(studio: Session) -> None:
    studio.add_plugins(bare={"hierarchy": "bare", "data": {"a": 1}})
    assert studio.create_folders(studio.get_asset({}, "bare"), dry_run=True) == []


def test_a_name_without_a_folder_needs_none(session: Session) -> None:
    session.add_plugins(it={"hierarchy": "it", "mapping": "{A}.ma"})
    assert session.create_folders(session.get_asset({"A": "x"}, "it")) == []


@pytest.mark.parametrize("platform, machine, mapping", [
    ("windows", "linux", "P:/jobs/{A}/x.ma"), ("windows", "darwin", "//srv/jobs/{A}/x.ma"), ("Windows", "linux", "jobs/{A}/x.ma"),
    ("linux", "windows", "/jobs/{A}/x.ma"), ("darwin", "windows", "/jobs/{A}/x.ma"), ("windows", "linux", "{A}:/jobs/x.ma"),
])  # fmt: skip
def test_paths_of_another_kind_of_platform_are_neither_made_nor_looked_for(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, machine: str, mapping: str
) -> None:
    monkeypatch.setenv("WAYS_PLATFORM", platform)
    monkeypatch.setenv("WAYS_PLATFORMS", f"{platform}:linux")
    monkeypatch.setattr(disk, "default_platform", lambda: machine)
    monkeypatch.chdir(tmp_path)
    session.add_plugins(it={"hierarchy": "it", "syntax": 2, "mapping": mapping, "path": True, "mapping_details": {"A": {"choices": ["1"]}}})
    asset = session.get_asset({"A": "1"}, "it")
    for ask in (session.create_folders, lambda asset: session.get_next(asset, "A"), lambda asset: session.find_assets("it")):
        with pytest.raises(api.PlatformError, match=f"platform '{platform}', but this machine is '{machine}'.*Set WAYS_PLATFORM"):
            ask(asset)
    assert session.create_folders(asset, dry_run=True) and not os.listdir()


@pytest.mark.parametrize("platform, machine, mapping", [
    ("windows", "linux", "{A}_v{V:d}"), ("linux", "windows", "jobs/{A}/{V:d}"), ("darwin", "linux", "jobs/{A}/{V:d}"),
])  # fmt: skip
def test_paths_that_are_the_same_everywhere_are_made(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, machine: str, mapping: str
) -> None:
    monkeypatch.setenv("WAYS_PLATFORM", platform)
    monkeypatch.setattr(disk, "default_platform", lambda: machine)
    monkeypatch.chdir(tmp_path)
    session.add_plugins(it={"hierarchy": "it", "syntax": 2, "mapping": mapping, "path": True})
    asset = session.get_asset({"A": "x", "V": 3}, "it")
    session.create_folders(asset, file=False)
    asset.path.parent.mkdir(parents=True, exist_ok=True)
    asset.path.touch()
    assert session.get_next(asset, "V") == 4


@pytest.mark.platform("windows")
@pytest.mark.portability
def test_the_folder_of_a_file_is_that_of_the_platform(session: Session) -> None:
    session.add_plugins(it={"hierarchy": "it", "mapping": "P:/jobs/{A}/x.ma", "path": True})
    assert session.create_folders(session.get_asset({"A": "x"}, "it"), dry_run=True) == ["P:\\jobs\\x"]


# --- two at once


def test_of_two_artists_who_publish_at_once_the_second_gets_an_error_and_the_next_version(studio: Session, work: Asset) -> None:
    def publish(version: int) -> Asset:
        made: Asset = work.at("shot/publish", EXT="abc", VERSION=version)
        studio.create_folders(made)
        with open(made, "x", encoding="utf-8"):
            return made

    version = studio.get_next("shot/publish", "VERSION", work)
    publish(version)
    with pytest.raises(FileExistsError):
        publish(version)
    assert studio.get_next("shot/publish", "VERSION", work) == 2


def test_a_default_does_not_narrow_what_is_counted(tmp_path: Path) -> None:
    session = Session()
    mapping = f"{tmp_path.as_posix()}/{{S}}_v{{V:03d}}.{{EXT}}"
    details = {"S": {"parse": {"regex": "[a-z]+"}}, "EXT": {"choices": ["ma", "usd"], "default": "ma"}}
    session.add_plugins(p={"hierarchy": "p", "mapping": mapping, "mapping_details": details, "syntax": 2})
    (tmp_path / "owl_v003.usd").touch()
    (tmp_path / "owl_v001.ma").touch()
    assert session.get_next("p", "V", {"S": "owl"}) == session.get_next("p", "V") == 4
    assert session.get_next("p", "V", {"S": "owl", "EXT": "ma"}) == 2
