"""Eight stories of a film studio: what an artist or a tool gets wrong, and the first publishes on an empty disk.

Each is told through ``ways.api`` and through the command, with one set of sheets in ``syntax: 2``. No answer may be wrong without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ways import api
from ways.cli.main import main

STUDIO = r"""
globals: {syntax: 2}
plugins:
  project:
    hierarchy: project
    path: true
    folder: true
    mapping_details:
      PROJECT: {parse: {regex: '[a-z]+'}}
      SHOT: {mapping: '{SEQUENCE}_{NUMBER}'}
      SEQUENCE: {parse: {regex: '[a-z]{3}'}}
      NUMBER: {format: 04d}
      TASK: {choices: {animation: anim, lighting: light}}
      VERSION: {format: 03d}
      EXT: {choices: [ma, abc]}
      FRAME: {sequence: true, format: 04d}
  project_linux: {hierarchy: project, mapping: 'projects/{PROJECT}', platforms: linux}
  project_windows: {hierarchy: project, mapping: 'P:/projects/{PROJECT}', platforms: windows}
  shot: {hierarchy: '{root}/shot', mapping: '{root}/{SEQUENCE}/{SHOT}', uses: [project]}
  work: {hierarchy: '{root}/work', mapping: '{root}/work/{SHOT}_{TASK}_v{VERSION}.ma', folder: false, uses: [project/shot]}
  publish: {hierarchy: '{root}/publish', mapping: '{root}/publish/{SHOT}_{TASK}_v{VERSION}.{EXT}', folder: false, uses: [project/shot]}
  render: {hierarchy: '{root}/render', mapping: '{root}/render/{TASK}_v{VERSION}', uses: [project/shot]}
  frame: {hierarchy: '{root}/frame', mapping: '{root}/{SHOT}_{TASK}.{FRAME}.exr', folder: false, uses: [project/shot/render]}
"""
CLIENT = """
globals: {syntax: 2, assignment: moon}
plugins:
  delivery: {hierarchy: '{root}/delivery', mapping: '{root}/to_moon/{SHOT}_v{VERSION}.mov', folder: false, uses: [project/shot]}
"""
WORK = "projects/owl/rvr/rvr_0040/work/rvr_0040_anim_v007.ma"
#: What names the work file above.
VALUES = {"PROJECT": "owl", "SHOT": "rvr_0040", "TASK": "animation", "VERSION": 7}
Ways = Callable[..., Result]


@pytest.fixture(autouse=True)
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty disk with the studio's sheets; WAYS_DESCRIPTORS names them."""
    sheets = tmp_path / "sheets"
    sheets.mkdir()
    (sheets / "studio.yml").write_text(STUDIO, encoding="utf-8")
    (sheets / "client.yml").write_text(CLIENT, encoding="utf-8")
    monkeypatch.setenv("WAYS_DESCRIPTORS", str(sheets))
    monkeypatch.chdir(tmp_path)
    with api.Session.from_environ().active():
        yield tmp_path


@pytest.fixture
def ways() -> Ways:
    """Run the command."""
    return lambda *arguments: CliRunner().invoke(main, arguments)


def refused(answer: Result, *words: str) -> bool:
    """Whether a command wrote no path, failed, and said each of these words."""
    return answer.exit_code in (1, 2) and answer.stdout == "" and all(word in answer.stderr for word in words)


def test_the_studio_has_no_mistake(ways: Ways) -> None:
    assert ways("check", "--priority", "master:moon").output == "no findings in 2 sheets\n"
    assert api.get_asset(VALUES, "project/shot/work").get_str() == WORK


def test_a_mistyped_place(ways: Ways) -> None:
    """The error names the right place; no other root is answered, whichever way a tool asks."""
    said = "There is no Context 'project/shot/wrok'. Did you mean 'project/shot/work'?"
    for ask in (
        lambda: api.need_context("project/shot/wrok"),
        lambda: api.get_asset(VALUES, "project/shot/wrok"),
        lambda: api.get_asset(WORK, context="project/shot/wrok"),
        lambda: api.get_asset(WORK).at("project/shot/wrok"),
        lambda: api.get_next("project/shot/wrok", "VERSION", VALUES),
    ):
        with pytest.raises(api.ContextNotFoundError) as caught:
            ask()
        assert str(caught.value) == said
    for given in (api.get_context("project/shot/wrok"), "", ()):
        with pytest.raises(api.ContextNotFoundError, match="Did get_context find nothing"):
            api.get_asset(VALUES, context=given)
    assert refused(ways("format", "project/shot/wrok", "PROJECT=owl"), said)
    assert refused(ways("resolve", "--context", "project/shot/wrok", WORK), said)
    assert refused(ways("resolve", WORK, "--as", "project/shot/wrok"), said)
    assert refused(ways("find", "project/shot/wrok"), said)


def test_a_misspelt_value(ways: Ways) -> None:
    """The error names token, value, the choices and the line; an Asset keeps what it had."""
    said = "The value 'animtion' does not fit the token TASK (one of anim, light. Did you mean 'animation'?)"
    with pytest.raises(api.TokenValueError) as caught:
        api.get_asset({**VALUES, "TASK": "animtion"}, "project/shot/work")
    assert said in str(caught.value) and "studio.yml:13:7" in str(caught.value)
    work = api.get_asset(WORK)
    for change in (lambda: work.set_value("TASK", "animtion"), lambda: work.set_values({"VERSION": 8, "TASK": "animtion"})):
        with pytest.raises(api.TokenValueError, match="animtion"):
            change()
    with pytest.raises(api.TokenValueError, match="animtion"):
        work.at("project/shot/render", TASK="animtion")
    assert work.get_str() == WORK
    with pytest.raises(api.WaysError):
        api.get_asset(WORK.replace("anim", "animtion"))
    values = ["PROJECT=owl", "SHOT=rvr_0040", "TASK=animtion", "VERSION=7"]
    assert refused(ways("format", "project/shot/work", *values), said)
    assert refused(ways("resolve", WORK.replace("anim", "animtion")), "nearest: project/shot/work", "TASK can't be 'animtion'")
    assert refused(ways("resolve", WORK, "--as", "project/shot/render", "TASK=animtion"), said)


def test_an_unknown_key(ways: Ways) -> None:
    said = "here is no token 'VERSOIN'"
    work = api.get_asset(WORK)
    for ask in (
        lambda: api.get_asset({**VALUES, "VERSOIN": 8}, "project/shot/work"),
        lambda: work.set_value("VERSOIN", 8),
        lambda: work.set_value("VERSOIN", 8, force=True),
        lambda: work.set_values({"TASK": "lighting", "VERSOIN": 8}),
        lambda: work.at("project/shot/render", VERSOIN=8),
    ):
        with pytest.raises(api.UnknownTokenError) as caught:
            ask()
        assert said in str(caught.value) and "Did you mean 'VERSION'?" in str(caught.value)
    assert work.get_str() == WORK
    values = ["PROJECT=owl", "SHOT=rvr_0040", "TASK=animation", "VERSION=7"]
    assert refused(ways("format", "project/shot/work", *values, "VERSOIN=8"), said, "Did you mean 'VERSION'?")
    assert refused(ways("resolve", WORK, "--as", "project/shot/render", "VERSOIN=8"), said)
    assert refused(ways("find", "project/shot/work", "VERSOIN=8"), said)


def test_a_parent_that_contradicts_its_child(ways: Ways) -> None:
    """Both tokens are named; neither wins in silence. A path whose folder and file disagree is no path of the studio."""
    with pytest.raises(api.TokenValueError) as caught:
        api.get_asset({**VALUES, "SEQUENCE": "cav"}, "project/shot/work")
    assert "SHOT" in str(caught.value) and "SEQUENCE" in str(caught.value)
    work = api.get_asset(WORK)
    with pytest.raises(api.TokenValueError):
        work.set_values({"SHOT": "rvr_0050", "NUMBER": 40})
    with pytest.raises(api.WaysError):
        api.get_asset("projects/owl/cav/rvr_0040")
    values = ["PROJECT=owl", "SHOT=rvr_0040", "SEQUENCE=cav"]
    assert refused(ways("format", "project/shot", *values), "SHOT", "SEQUENCE")
    assert refused(ways("resolve", "projects/owl/cav/rvr_0040"), "SEQUENCE must be 'cav' again")
    work.set_value("SEQUENCE", "cav")
    assert work.get_str() == "projects/owl/cav/cav_0040/work/cav_0040_anim_v007.ma"


def test_a_layer_without_master(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    """No path begins in the middle: the error says how to write the order of the layers."""
    values = {"PROJECT": "owl", "SHOT": "rvr_0040", "VERSION": 1}
    options = ["PROJECT=owl", "SHOT=rvr_0040", "VERSION=1"]
    path = "projects/owl/rvr/rvr_0040/to_moon/rvr_0040_v001.mov"
    with pytest.raises(api.ContextNotFoundError, match="In the layer 'moon', which WAYS_PRIORITY does not name, it fits"):
        api.get_asset(path)
    assert refused(ways("resolve", path), "In the layer 'moon', which WAYS_PRIORITY does not name, it fits 'project/shot/delivery'")
    monkeypatch.setenv("WAYS_PRIORITY", "moon")
    with pytest.raises(api.UnresolvedMappingError, match="set WAYS_PRIORITY=master:moon"):
        api.get_asset(values, "project/shot/delivery").get_str()
    assert refused(ways("format", "project/shot/delivery", *options), "set WAYS_PRIORITY=master:moon")
    monkeypatch.setenv("WAYS_PRIORITY", "master:moon")
    assert api.get_asset(values, "project/shot/delivery").get_str() == path
    assert ways("format", "project/shot/delivery", *options).stdout == path + "\n"
    monkeypatch.setenv("WAYS_PRIORITY", "master:mono")
    assert "Did you mean 'moon'?" in "".join(str(problem) for problem in api.current_session().problems)
    assert "Did you mean 'moon'?" in ways("check").output


def test_a_path_of_windows_with_slashes_and_a_small_drive_letter(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    pasted = "p:/" + WORK
    proper = "P:\\" + WORK.replace("/", "\\")
    said = "On windows it fits 'project/shot/work'"
    with pytest.raises(api.ContextNotFoundError, match=said):
        api.get_asset(pasted)
    assert refused(ways("resolve", pasted), said)
    assert api.translate(pasted, "linux") == WORK
    assert ways("resolve", "--to", "linux", pasted).stdout == WORK + "\n"
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    for text in (pasted, proper, pasted.replace("/rvr/", "\\rvr\\")):
        asset = api.get_asset(text)
        assert (asset.get_hierarchy()[-1], asset.get_str(), asset.get_value("VERSION")) == ("work", proper, 7)
    assert "project/shot/work" in ways("resolve", pasted).stdout


def test_the_first_version_on_an_empty_disk(ways: Ways, studio: Path) -> None:
    """Nothing was ever published: the first version is 1, its folders are made, and then it is the latest."""
    place = "project/shot/publish"
    work = api.get_asset(Path(WORK))
    assert next(api.find_assets(place, work, latest="VERSION"), None) is None
    assert ways("find", place, "SHOT=rvr_0040", "--latest", "VERSION").stdout == ""
    version = api.get_next(place, "VERSION", work)
    publish = work.at(place, EXT="abc", VERSION=version)
    assert (version, publish.get_str()) == (1, "projects/owl/rvr/rvr_0040/publish/rvr_0040_anim_v001.abc")
    assert ways("resolve", WORK, "--as", place, "EXT=abc", "VERSION=1").stdout == publish.get_str() + "\n"
    api.create_folders(publish)
    with open(publish, "x", encoding="utf-8") as file:
        file.write("scene")
    assert api.get_asset(publish.path) == publish
    assert [found.key for found in api.find_assets(place, work, latest="VERSION")] == [publish.key]
    assert ways("find", place, "SHOT=rvr_0040", "--latest", "VERSION").stdout == publish.get_str() + "\n"
    assert api.get_next(place, "VERSION", work) == 2
    assert (studio / publish.path).read_text() == "scene"


def test_the_publish_of_a_render_sequence(ways: Ways) -> None:
    """One folder a version, one path for all its frames, and one answer for what is there."""
    pytest.importorskip("fileseq")
    work = api.get_asset(WORK)
    render = work.at("project/shot/render", VERSION=api.get_next("project/shot/render", "VERSION", work))
    api.create_folders(render)
    assert render.path.is_dir() and render.get_str() == "projects/owl/rvr/rvr_0040/render/anim_v001"
    frames = render.at("project/shot/render/frame", FRAME="####")
    assert frames.get_str() == "projects/owl/rvr/rvr_0040/render/anim_v001/rvr_0040_anim.####.exr"
    for number in (1001, 1002, 1004):
        frames.at(frames.context, FRAME=number).path.touch()
    (found,) = api.find_assets("project/shot/render/frame", render, sequences=True)
    assert found.get_value("FRAME").frames() == [1001, 1002, 1004]
    assert found.parent() == render
    assert api.get_asset(found.get_str()) == found
    assert ways("find", "project/shot/render/frame", "VERSION=1", "--sequences").stdout == found.get_str() + "\n"
    assert api.get_next("project/shot/render", "VERSION", work) == 2
