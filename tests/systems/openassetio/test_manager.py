"""What the manager answers, asked through OpenAssetIO's own host API."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import ROOT

pytest.importorskip("openassetio", reason="needs the extra openassetio: pip install '.[openassetio]'")

from openassetio.access import (
    DefaultEntityAccess, EntityTraitsAccess, PolicyAccess, PublishingAccess, RelationsAccess, ResolveAccess,
)  # fmt: skip
from openassetio.errors import BatchElementException, ConfigurationException, InputValidationException
from openassetio.hostApi import Manager
from openassetio.trait import TraitsData
from openassetio.utils import FileUrlPathConverter, substitute
from systems.openassetio.host import BEAUTY, COLOR, IMAGE, SHOT, Answers, Messages, codes, new_manager, reference, write_files

from ways.systems.openassetio import publishing
from ways.systems.openassetio.__main__ import PLUGIN_PATH
from ways.systems.openassetio.traits import (
    DISPLAY_NAME, ENTITY, FRAME_RANGED, LATEST, LOCATABLE, MANAGED, PREFIX, RELATIONSHIP, STABLE_REFERENCE, STABLE_VERSIONS, VERSION,
    VERSIONS,
)  # fmt: skip


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return write_files(tmp_path)


@pytest.fixture
def manager(sheet: Path) -> Manager:
    return new_manager(descriptors=str(sheet))


@pytest.fixture
def shot(sheet: Path) -> Path:
    """The folder of the shot."""
    return sheet.parent / "hero #1" / "sh010"


def resolve(manager: Manager, references: list[Any], *traits: str, access: Any = ResolveAccess.kRead, context: Any = None) -> list[Any]:
    """Return the traits, or the error, of each reference."""
    answers = Answers(len(references))
    context = context or manager.createContext()
    manager.resolve(references, set(traits or {LOCATABLE}), access, context, answers.success, answers.error)
    return answers.all


def version_of(manager: Manager, entity: Any, context: Any = None) -> str:
    [data] = resolve(manager, [entity], VERSION, context=context)
    return str(data.getTraitProperty(VERSION, "stableTag"))


def path_of(data: TraitsData) -> str:
    """Return the path, or the template of paths, of a location."""
    return FileUrlPathConverter().pathFromUrl(data.getTraitProperty(LOCATABLE, "location"))


def related(manager: Manager, entity: Any, relationship: frozenset[str], tag: str = "", access: Any = RelationsAccess.kRead) -> list[str]:
    data = TraitsData(set(relationship))
    if tag:
        data.setTraitProperty(VERSION, "specifiedTag", tag)
    pager = manager.getWithRelationship(entity, data, 100, access, manager.createContext(), set())
    return [found.toString().rpartition("/")[2] for found in pager.get()]


def publish(manager: Manager, entity: Any, *traits: str) -> Any:
    """Return the reference of a version that is reserved and registered."""
    data = TraitsData({IMAGE, *traits})
    working = manager.preflight(entity, data, PublishingAccess.kWrite, manager.createContext())
    return manager.register(working, data, PublishingAccess.kWrite, manager.createContext())


# --- reading


def test_a_template_leads_to_files_that_exist(manager: Manager) -> None:
    [data] = resolve(manager, [reference(manager, "shot/render", **BEAUTY)], LOCATABLE, FRAME_RANGED)
    assert data.getTraitProperty(LOCATABLE, "isTemplated") is True
    assert data.getTraitProperty(LOCATABLE, "mimeType") == "image/x-exr"
    first, last = (data.getTraitProperty(FRAME_RANGED, name) for name in ("startFrame", "endFrame"))
    assert (first, last) == (1001, 1003)
    assert all(Path(substitute(path_of(data), {"frame": frame})).is_file() for frame in range(first, last + 1))


def test_one_frame_is_no_template(manager: Manager, shot: Path) -> None:
    [data] = resolve(manager, [reference(manager, "shot/render", **BEAUTY, FRAME="1002")], LOCATABLE, FRAME_RANGED)
    assert path_of(data) == str(shot / "render" / "v005" / "beauty.1002.exr")
    assert data.getTraitProperty(LOCATABLE, "isTemplated") is None
    assert {data.getTraitProperty(FRAME_RANGED, name) for name in ("startFrame", "endFrame", "inFrame", "outFrame")} == {1002}


def test_braces_of_a_name_are_no_frame(manager: Manager, shot: Path) -> None:
    names = ["{a}", "{frame}", "a##b"]
    for name in names:
        (shot / "render" / "v005" / f"{name}.1001.exr").touch()
    answers = resolve(manager, [reference(manager, "shot/render", **SHOT, NAME=name) for name in names])
    assert [Path(substitute(path_of(data), {"frame": 1001})).is_file() for data in answers] == [True, True, True]


def test_a_frame_that_stands_twice(manager: Manager) -> None:
    [data] = resolve(manager, [reference(manager, "shot/scan", **SHOT, NAME="scan")], LOCATABLE, FRAME_RANGED)
    assert data.getTraitProperty(FRAME_RANGED, "endFrame") == 2
    assert Path(substitute(path_of(data), {"frame": 2})).is_file()


def test_without_a_format_the_files_say_how_wide_a_frame_is(manager: Manager) -> None:
    [data] = resolve(manager, [reference(manager, "shot/flip", **SHOT)], LOCATABLE, FRAME_RANGED)
    assert path_of(data).endswith("flip.{frame:03d}.png")
    assert Path(substitute(path_of(data), {"frame": data.getTraitProperty(FRAME_RANGED, "startFrame")})).is_file()


def test_a_file_without_versions_and_frames(manager: Manager, shot: Path) -> None:
    wanted = (LOCATABLE, VERSION, FRAME_RANGED, DISPLAY_NAME)
    [data] = resolve(manager, [reference(manager, "shot/notes", **SHOT)], *wanted)
    assert data.traitSet() == {LOCATABLE, DISPLAY_NAME} and path_of(data) == str(shot / "notes.txt")
    assert data.getTraitProperty(DISPLAY_NAME, "name") == "notes.txt"
    assert data.getTraitProperty(DISPLAY_NAME, "qualifiedName") == "shot/notes: JOB=hero #1, SHOT=sh010"


def test_only_what_is_wanted_and_there_is_given(manager: Manager) -> None:
    [data] = resolve(manager, [reference(manager, "shot/render", **BEAUTY)], IMAGE, COLOR, "acme:unknown")
    assert data.traitSet() == {IMAGE}


def test_the_latest_is_the_greatest_number_and_not_the_last_text(manager: Manager) -> None:
    [data] = resolve(manager, [reference(manager, "shot/still", **BEAUTY)], VERSION)
    assert data.getTraitProperty(VERSION, "stableTag") == "v10"
    assert data.getTraitProperty(VERSION, "specifiedTag") == LATEST


def test_a_reserved_version_is_not_the_latest(manager: Manager, shot: Path) -> None:
    (shot / "render" / "v006").mkdir()
    assert version_of(manager, reference(manager, "shot/render", **BEAUTY)) == "005"


def test_a_version_may_be_given_as_a_number(manager: Manager) -> None:
    given, written = (reference(manager, "shot/render", **BEAUTY, VERSION=text) for text in ("2", "002"))
    assert [path_of(data) for data in resolve(manager, [given])] == [path_of(data) for data in resolve(manager, [written])]


def test_existence(manager: Manager) -> None:
    there = reference(manager, "shot/render", **BEAUTY)
    missing = reference(manager, "shot/render", **BEAUTY, VERSION="009")
    wrong = reference(manager, "shot/render", **SHOT, NAME="Beauty")
    nothing = reference(manager, "shot/render", **SHOT, NAME="depth")
    frame = reference(manager, "shot/render", **BEAUTY, FRAME="1009")
    answers = Answers(5)
    manager.entityExists([there, missing, wrong, nothing, frame], manager.createContext(), answers.success, answers.error)
    assert codes(answers.all) == ["", "", "kMalformedEntityReference", "", ""]
    assert [answers.all[index] for index in (0, 1, 3, 4)] == [True, False, False, False]


def test_each_fault_has_its_code_and_the_batch_goes_on(manager: Manager, shot: Path) -> None:
    (shot / "render" / "v006").mkdir()
    faults = {
        "ways:///shot/render?": "kMalformedEntityReference",
        "ways:///shot/render?SHOT": "kMalformedEntityReference",
        "ways:///shot/notes?JOB=hero%20%231&SHOT=sh010&LAYER=x": "kMalformedEntityReference",
        "ways:///shot/render?JOB=hero%20%231&SHOT=sh010&NAME=UPPER&VERSION=1": "kMalformedEntityReference",
        "ways:///shot/render?JOB=hero%20%231&SHOT=sh010&VERSION=1": "kMalformedEntityReference",
        "ways:///shot/render?JOB=..&SHOT=sh010&NAME=beauty&VERSION=1": "kMalformedEntityReference",
        "ways:///shot/nder?JOB=x": "kEntityResolutionError",
        "ways:///nothing": "kEntityResolutionError",
        "ways:///shot/notes?JOB=hero&SHOT=sh010": "kEntityResolutionError",
        "ways:///shot/render?JOB=hero%20%231&SHOT=sh010&NAME=beauty&VERSION=9": "kEntityResolutionError",
        "ways:///shot/render?JOB=hero%20%231&SHOT=sh010&NAME=depth": "kEntityResolutionError",
        "ways:///shot/render?JOB=hero%20%231&SHOT=sh010&NAME=beauty&VERSION=6": "kEntityAccessError",
        "ways:///shot/notes?JOB=hero%20%231&SHOT=sh010": "",
    }
    answers = resolve(manager, [manager.createEntityReference(text) for text in faults])
    assert codes(answers) == list(faults.values())
    assert "'shot/nder'" in answers[6].message and "Did you mean" in answers[6].message


@pytest.mark.parametrize("value", ["\udcff", "\ud800", "9" * 5000])
def test_a_value_that_no_path_can_have_is_an_error_of_its_elements(manager: Manager, value: str) -> None:
    fits = reference(manager, "shot/cache", **BEAUTY)
    job = {**BEAUTY, "JOB": value}
    at = {"shot/cache": job, "shot/render": job, "shot/scan": {**job, "FRAME": "1"}, "shot/still": {**BEAUTY, "VERSION": "v" + value}}
    wrong = [reference(manager, place, **values) for place, values in at.items()]
    for access in (ResolveAccess.kRead, ResolveAccess.kManagerDriven):
        *refused, given = codes(resolve(manager, [*wrong, fits], LOCATABLE, DISPLAY_NAME, VERSION, access=access))
        assert all(refused) and not given
    for act in (manager.preflight, manager.register):
        answers = Answers(5)
        act([*wrong, fits], [TraitsData({IMAGE})] * 5, PublishingAccess.kWrite, manager.createContext(), answers.success, answers.error)
        *refused, given = codes(answers.all)
        assert all(refused) and not given


def test_what_may_not_be_written_is_refused(manager: Manager) -> None:
    entities = [reference(manager, "shot/notes", **SHOT), reference(manager, "shot/cache", **SHOT, NAME="new")]
    entities.append(reference(manager, "shot/render", **BEAUTY))
    answers = resolve(manager, entities, access=ResolveAccess.kManagerDriven)
    assert codes(answers) == ["kEntityAccessError", "", "kEntityResolutionError"]
    assert "'publish: true'" in answers[0].message and "preflight" in answers[2].message
    assert path_of(answers[1]).endswith("/cache/new.abc")


def test_a_folder_that_can_not_be_read_is_an_error_of_its_elements(manager: Manager, shot: Path) -> None:
    if os.name != "posix" or not os.getuid():
        # Nothing is closed to the administrator: a loop of links can't be read by anybody.
        (shot / "cache" / "beauty.abc").unlink()
        (shot / "cache").rmdir()
        (shot / "cache").symlink_to(shot / "cache")
    else:
        (shot / "cache").chmod(0)
    entities = [reference(manager, "shot/cache", **BEAUTY)] * 20 + [reference(manager, "shot/notes", **SHOT)]
    answers = codes(resolve(manager, entities))
    (shot / "cache").chmod(0o700) if not (shot / "cache").is_symlink() else None
    assert answers == ["kEntityAccessError"] * 20 + [""]


def test_traits_of_an_entity(manager: Manager) -> None:
    render, notes = reference(manager, "shot/render", **BEAUTY), reference(manager, "shot/notes", **SHOT)
    answers = Answers(2)
    manager.entityTraits([render, notes], EntityTraitsAccess.kRead, manager.createContext(), answers.success, answers.error)
    assert answers.all == [{ENTITY, LOCATABLE, DISPLAY_NAME, VERSION, FRAME_RANGED, IMAGE}, {ENTITY, LOCATABLE, DISPLAY_NAME}]
    answers = Answers(2)
    manager.entityTraits([render, notes], EntityTraitsAccess.kWrite, manager.createContext(), answers.success, answers.error)
    assert codes(answers.all) == ["", "kEntityAccessError"]


@pytest.mark.parametrize(
    ("access", "wanted", "expected"),
    [
        (PolicyAccess.kRead, {ENTITY, LOCATABLE, IMAGE, COLOR}, {MANAGED, ENTITY, LOCATABLE, IMAGE}),
        (PolicyAccess.kRead, {"acme:thing"}, set()),
        (PolicyAccess.kRead, set(), set()),
        (PolicyAccess.kRead, set(VERSIONS), {MANAGED, *VERSIONS}),
        (PolicyAccess.kRead, {*VERSIONS, "acme:thing"}, set()),
        (PolicyAccess.kWrite, {LOCATABLE, COLOR}, {MANAGED, LOCATABLE, COLOR}),
        (PolicyAccess.kWrite, set(VERSIONS), set()),
        (PolicyAccess.kManagerDriven, {LOCATABLE, IMAGE}, {MANAGED, LOCATABLE}),
        (PolicyAccess.kRequired, {LOCATABLE, IMAGE}, {MANAGED, IMAGE}),
        (PolicyAccess.kCreateRelated, {LOCATABLE, IMAGE}, set()),
    ],
)
def test_policies(manager: Manager, access: Any, wanted: set[str], expected: set[str]) -> None:
    [policy] = manager.managementPolicy([wanted], access, manager.createContext())
    assert policy.traitSet() == expected


def test_nothing_is_written_where_no_sheet_allows_it(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.yml"
    sheet.write_text(f"plugins: {{a: {{hierarchy: a, mapping: '{tmp_path.as_posix()}/{{A}}', path: true}}}}", encoding="utf-8")
    manager = new_manager(descriptors=str(sheet))
    for access, policy in ((PolicyAccess.kRead, {MANAGED, LOCATABLE}), (PolicyAccess.kWrite, set())):
        assert manager.managementPolicy([{LOCATABLE}], access, manager.createContext())[0].traitSet() == policy


def test_no_entity_is_a_default(manager: Manager) -> None:
    answers = Answers(2)
    sets = [{LOCATABLE, IMAGE}, {"acme:thing"}]
    manager.defaultEntityReference(sets, DefaultEntityAccess.kRead, manager.createContext(), answers.success, answers.error)
    assert answers.all[0] is None and codes(answers.all[1:]) == ["kInvalidTraitSet"]


# --- versions


def test_versions_are_listed_newest_first(manager: Manager) -> None:
    entity = reference(manager, "shot/still", **BEAUTY)
    base = "still?JOB=hero%20%231&NAME=beauty&SHOT=sh010"
    assert related(manager, entity, VERSIONS) == [base, f"{base}&VERSION=v10", f"{base}&VERSION=v9"]
    assert related(manager, entity, STABLE_VERSIONS) == [f"{base}&VERSION=v10", f"{base}&VERSION=v9"]
    assert related(manager, entity, STABLE_REFERENCE) == [f"{base}&VERSION=v10"]


def test_a_tag_chooses_among_versions(manager: Manager) -> None:
    entity = reference(manager, "shot/render", **BEAUTY, VERSION="001")
    base = "render?JOB=hero%20%231&NAME=beauty&SHOT=sh010"
    assert related(manager, entity, VERSIONS, LATEST) == [base]
    assert related(manager, entity, STABLE_VERSIONS, LATEST) == [f"{base}&VERSION=005"]
    assert related(manager, entity, VERSIONS, "2") == related(manager, entity, VERSIONS, "002") == [f"{base}&VERSION=002"]
    assert related(manager, entity, VERSIONS, "v2") == related(manager, entity, VERSIONS, "7") == []
    assert related(manager, entity, STABLE_REFERENCE) == [f"{base}&VERSION=001"]


def test_a_relationship_with_another_trait_is_another_relationship(manager: Manager) -> None:
    entity = reference(manager, "shot/render", **BEAUTY)
    assert related(manager, entity, VERSIONS | {"acme:more"}) == related(manager, entity, frozenset({RELATIONSHIP})) == []
    assert related(manager, entity, VERSIONS, access=RelationsAccess.kWrite) == []


def test_a_place_without_versions_has_itself_as_its_stable_reference(manager: Manager) -> None:
    assert related(manager, reference(manager, "shot/notes", **SHOT), STABLE_REFERENCE) == ["notes?JOB=hero%20%231&SHOT=sh010"]


def test_related_entities_without_the_wanted_traits_are_left_out(manager: Manager) -> None:
    entity, data = reference(manager, "shot/still", **BEAUTY), TraitsData(set(VERSIONS))
    pager = manager.getWithRelationship(entity, data, 10, RelationsAccess.kRead, manager.createContext(), {IMAGE})
    assert pager.get() == []


def test_a_context_pins_the_latest(manager: Manager, shot: Path) -> None:
    entity = reference(manager, "shot/render", **BEAUTY)
    before = manager.createContext()
    assert version_of(manager, entity, before) == "005"
    child, token = manager.createChildContext(before), manager.persistenceTokenForContext(before)
    working = publish(manager, entity)
    (shot / "render" / "v006" / "beauty.1001.exr").touch()
    assert working.toString().endswith("VERSION=006")
    restored = manager.contextFromPersistenceToken(token)
    assert [version_of(manager, entity, context) for context in (before, child, restored)] == ["005"] * 3
    assert version_of(manager, entity, manager.createContext()) == "006"


def test_a_token_of_another_process_pins_the_latest(manager: Manager, sheet: Path, shot: Path) -> None:
    entity, context = reference(manager, "shot/render", **BEAUTY), manager.createContext()
    assert version_of(manager, entity, context) == "005"
    token = manager.persistenceTokenForContext(context)
    (shot / "render" / "v006").mkdir()
    (shot / "render" / "v006" / "beauty.1001.exr").touch()
    messages = Messages()
    other = new_manager(messages, descriptors=str(sheet))
    assert version_of(other, entity, other.contextFromPersistenceToken(token)) == "005" and messages.lines == []
    sheet.write_text(sheet.read_text(encoding="utf-8") + "# changed\n  more: {hierarchy: more}\n", encoding="utf-8")
    other.flushCaches()
    assert version_of(other, entity, other.contextFromPersistenceToken(token)) == "005"
    assert "stay pinned" in messages.lines[-1]


@pytest.mark.parametrize("token", ["x", "1", "{}", "[" * 100_000, '{"snapshot": 1, "latest": {}}', '{"snapshot": "a", "latest": {"a": 1}}'])
def test_a_token_of_something_else_is_refused(manager: Manager, token: str) -> None:
    with pytest.raises(InputValidationException, match="no persistence token of Ways"):
        manager.contextFromPersistenceToken(token)


# --- publishing


def test_what_was_published_is_given_back(manager: Manager, shot: Path) -> None:
    working = manager.preflight(
        reference(manager, "shot/render", **BEAUTY), TraitsData({IMAGE}), PublishingAccess.kWrite, manager.createContext()
    )
    [place] = resolve(manager, [working], access=ResolveAccess.kManagerDriven)
    Path(substitute(path_of(place), {"frame": 1001})).touch()
    data = TraitsData({IMAGE, COLOR, "acme:mark"})
    data.setTraitProperty(COLOR, "colorspace", "ACEScg")
    data.setTraitProperty(LOCATABLE, "location", place.getTraitProperty(LOCATABLE, "location"))
    published = manager.register(working, data, PublishingAccess.kWrite, manager.createContext())
    [found] = resolve(manager, [published], LOCATABLE, COLOR, "acme:mark", "acme:other")
    assert found.traitSet() == {LOCATABLE, COLOR, "acme:mark"}
    assert found.getTraitProperty(COLOR, "colorspace") == "ACEScg"
    answers = Answers(1)
    manager.entityTraits([published], EntityTraitsAccess.kRead, manager.createContext(), answers.success, answers.error)
    assert answers.all[0] >= {IMAGE, COLOR, "acme:mark", ENTITY}
    assert sorted(path.name for path in (shot / "render" / "v006").iterdir()) == [".beauty.####.exr.openassetio.json", "beauty.1001.exr"]


@pytest.mark.parametrize(("place", "values", "version"), [
    ("shot/still", {**SHOT, "NAME": "beauty"}, "v11"),
    ("shot/plate", SHOT, "003"),
    ("shot/whole", {**SHOT, "NAME": "beauty"}, "v001"),
    ("shot/render", {**SHOT, "NAME": "depth"}, "003"),
])  # fmt: skip
def test_each_preflight_reserves_another_version(manager: Manager, place: str, values: dict[str, str], version: str) -> None:
    """Of what is only reserved nothing is on disk to read; that a folder or a sidecar is there counts. v001 and v002 are beauty's."""
    entity, hint = reference(manager, place, **values), TraitsData({IMAGE})
    answers = Answers(3)
    manager.preflight([entity] * 3, [hint] * 3, PublishingAccess.kWrite, manager.createContext(), answers.success, answers.error)
    assert answers.all[0].toString().endswith(f"VERSION={version}")
    assert len({answer.toString() for answer in answers.all}) == 3


def clips(folder: Path, mapping: str, details: str = "") -> Path:
    """Write a sheet with a place ``clip`` in a folder, which may be published."""
    sheet = folder / "sheet.yml"
    sheet.write_text(
        "globals: {syntax: 2, path: true}\n"
        "plugins:\n"
        "  clip:\n"
        "    hierarchy: clip\n"
        f"    mapping: '{folder.as_posix()}/{mapping}'\n"
        f"    mapping_details: {{{details}}}\n"
        "    openassetio: {publish: true}\n",
        encoding="utf-8",
    )
    return sheet


def test_a_version_that_somebody_wrote_without_reserving_it_is_taken(tmp_path: Path) -> None:
    sheet = clips(tmp_path, "clip_v{VERSION:03d}.{FRAME}.exr", "FRAME: {sequence: true, format: 04d}")
    (tmp_path / "clip_v001.1001.exr").touch()
    manager = new_manager(descriptors=str(sheet))
    answers = Answers(2)
    named = [reference(manager, "clip", VERSION=version) for version in ("001", "002")]
    manager.preflight(named, [TraitsData()] * 2, PublishingAccess.kWrite, manager.createContext(), answers.success, answers.error)
    assert codes(answers.all) == ["kEntityAccessError", ""]
    assert sorted(path.name for path in tmp_path.glob(".*")) == [".clip_v002.####.exr.openassetio.json"]


def test_a_version_stays_free_if_its_folders_can_not_be_made(tmp_path: Path) -> None:
    sheet = clips(tmp_path, "v{VERSION:03d}/{NAME}/clip.exr")
    manager = new_manager(descriptors=str(sheet))
    answers = Answers(1)
    # No file system takes so long a name.
    named = [reference(manager, "clip", VERSION="001", NAME="n" * 300)]
    manager.preflight(named, [TraitsData()], PublishingAccess.kWrite, manager.createContext(), answers.success, answers.error)
    assert codes(answers.all) == ["kEntityAccessError"] and not (tmp_path / "v001").exists()


def test_a_version_that_is_named_is_reserved_once(manager: Manager) -> None:
    entity = reference(manager, "shot/render", **BEAUTY, VERSION="012")
    answers, hint = Answers(2), TraitsData({IMAGE})
    manager.preflight([entity] * 2, [hint] * 2, PublishingAccess.kWrite, manager.createContext(), answers.success, answers.error)
    assert codes(answers.all) == ["", "kEntityAccessError"] and answers.all[0] == entity


def test_a_place_without_versions_is_published_to_as_it_is(manager: Manager, shot: Path) -> None:
    entity = reference(manager, "shot/cache", JOB="new", SHOT="sh020", NAME="smoke")
    assert publish(manager, entity) == entity
    assert (shot.parent.parent / "new" / "sh020" / "cache" / ".smoke.abc.openassetio.json").is_file()


def test_a_place_without_a_first_version_says_what_is_missing(manager: Manager) -> None:
    answers = Answers(1)
    entity = reference(manager, "shot/still", **SHOT, NAME="first")
    manager.preflight([entity], [TraitsData()], PublishingAccess.kWrite, manager.createContext(), answers.success, answers.error)
    assert codes(answers.all) == ["kMalformedEntityReference"] and "format such as 03d" in answers.all[0].message


def test_publishing_is_refused_for_each_reason(manager: Manager) -> None:
    def both(entity: Any, traits: set[str], access: Any = PublishingAccess.kWrite) -> list[str]:
        reserved, registered = Answers(1), Answers(1)
        manager.preflight([entity], [TraitsData(traits)], access, manager.createContext(), reserved.success, reserved.error)
        manager.register([entity], [TraitsData(traits)], access, manager.createContext(), registered.success, registered.error)
        return codes([*reserved.all, *registered.all])

    render = reference(manager, "shot/render", **BEAUTY)
    assert both(reference(manager, "shot/notes", **SHOT), set()) == ["kEntityAccessError"] * 2
    assert both(manager.createEntityReference("ways:///shot//render"), {IMAGE}) == ["kMalformedEntityReference"] * 2
    assert both(reference(manager, "shot/rendr"), {IMAGE}) == ["kEntityResolutionError"] * 2
    assert both(render, {ENTITY}) == ["kInvalidPreflightHint", "kInvalidTraitSet"]
    assert both(render, {IMAGE}, PublishingAccess.kCreateRelated) == ["kEntityAccessError"] * 2
    assert both(render, {IMAGE}) == ["", "kEntityResolutionError"]
    data = TraitsData({IMAGE})
    data.setTraitProperty(LOCATABLE, "location", "file:///elsewhere.exr")
    answers = Answers(1)
    pinned = reference(manager, "shot/render", **BEAUTY, VERSION="005")
    manager.register([pinned], [data], PublishingAccess.kWrite, manager.createContext(), answers.success, answers.error)
    assert codes(answers.all) == ["kInvalidTraitSet"] and "moves no files" in answers.all[0].message


def test_nothing_is_written_to_what_is_no_path_of_this_machine(manager: Manager, sheet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sheet.parent)
    before = sorted(sheet.parent.rglob("*"))
    for entity in (reference(manager, "loose", NAME="../.."), reference(manager, "near", NAME="a")):
        for act in (manager.preflight, manager.register):
            answers = Answers(1)
            act([entity], [TraitsData()], PublishingAccess.kWrite, manager.createContext(), answers.success, answers.error)
            assert codes(answers.all) == ["kEntityAccessError" if "loose" in entity.toString() else "kEntityResolutionError"]
    assert sorted(sheet.parent.rglob("*")) == before


def test_a_sidecar_that_can_not_be_read_is_an_error_of_its_entity(manager: Manager, shot: Path) -> None:
    sidecar = shot / "cache" / ".beauty.abc.openassetio.json"
    entity = reference(manager, "shot/cache", **BEAUTY)
    halves = ['{"traits": {"acme:a": {"b": "\\ud800"}}}', '{"traits": {"acme:a": {"\\ud800": 1}}}']
    for text in ("{", "[]", '{"traits": {"acme:a": 1}}', '{"traits": {"acme:a": {"b": [1]}}}', "[" * 100_000, *halves):
        sidecar.write_text(text, encoding="utf-8")
        assert codes(resolve(manager, [entity, entity], "acme:a")) == ["kEntityResolutionError"] * 2
        assert codes(resolve(manager, [entity], LOCATABLE)) == [""]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this machine has no named pipes")
def test_a_sidecar_that_is_no_file_keeps_no_host_waiting(manager: Manager, shot: Path) -> None:
    sidecar = shot / "cache" / ".beauty.abc.openassetio.json"
    entity = reference(manager, "shot/cache", **BEAUTY)
    os.mkfifo(sidecar)
    assert codes(resolve(manager, [entity, entity], "acme:a")) == ["kEntityAccessError"] * 2
    sidecar.unlink()
    sidecar.symlink_to("/dev/zero")
    assert codes(resolve(manager, [entity], "acme:a")) == ["kEntityAccessError"]


def test_a_sidecar_has_a_greatest_size(manager: Manager, shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "MAX_SIDECAR", 200)
    entity, sidecar = reference(manager, "shot/cache", **BEAUTY), shot / "cache" / ".beauty.abc.openassetio.json"
    data = TraitsData({"acme:a"})
    data.setTraitProperty("acme:a", "b", "x" * 200)
    answers = Answers(1)
    manager.register([entity], [data], PublishingAccess.kWrite, manager.createContext(), answers.success, answers.error)
    assert codes(answers.all) == ["kInvalidTraitSet"] and not sidecar.exists()
    sidecar.write_text(json.dumps({"traits": {"acme:a": {"b": "x" * 200}}}), encoding="utf-8")
    [error] = resolve(manager, [entity], "acme:a")
    assert error.code.name == "kEntityResolutionError" and "expected at most" in error.message


def test_a_number_that_is_too_great_for_openassetio_is_a_text(manager: Manager, shot: Path) -> None:
    values = {"least": -(2**63), "greatest": 2**63 - 1, "less": -(2**63) - 1, "more": 2**63}
    sidecar = shot / "cache" / ".beauty.abc.openassetio.json"
    sidecar.write_text(json.dumps({"traits": {"acme:a": values}}), encoding="utf-8")
    [data] = resolve(manager, [reference(manager, "shot/cache", **BEAUTY)], "acme:a")
    given = {name: data.getTraitProperty("acme:a", name) for name in values}
    assert given == {**values, "less": str(values["less"]), "more": str(values["more"])}


def _reserve(sheet: str, start: Any, answers: Any) -> None:
    """Reserve versions in a process of its own."""
    manager = new_manager(descriptors=sheet)
    entity, hint = reference(manager, "shot/render", **BEAUTY), TraitsData({IMAGE})
    start.wait()
    for _ in range(10):
        answers.put(manager.preflight(entity, hint, PublishingAccess.kWrite, manager.createContext()).toString())


def test_two_processes_that_publish_at_once_get_different_versions(sheet: Path) -> None:
    spawned = multiprocessing.get_context("spawn")
    start, answers = spawned.Barrier(2), spawned.Queue()
    processes = [spawned.Process(target=_reserve, args=(str(sheet), start, answers)) for _ in range(2)]
    for process in processes:
        process.start()
    reserved = [answers.get(timeout=120) for _ in range(20)]
    for process in processes:
        process.join()
    assert len(set(reserved)) == 20


def test_many_threads_get_right_answers(manager: Manager) -> None:
    shots = [reference(manager, "shot/render", **BEAUTY, VERSION=version) for version in ("001", "002", "005")]
    shots.append(reference(manager, "shot/notes", **SHOT))
    expected = [path_of(data) for data in resolve(manager, shots)]
    wrong: list[Any] = []

    def ask() -> None:
        for _ in range(30):
            if [path_of(data) for data in resolve(manager, shots)] != expected:
                wrong.append(1)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# --- callbacks


def test_what_a_callback_raises_is_of_the_host(manager: Manager) -> None:
    entities = [reference(manager, "shot/notes", **SHOT), reference(manager, "shot/nothing")]
    calls: list[int] = []

    def fail(index: int, answer: Any) -> None:
        calls.append(index)
        raise OSError("of the host")

    for entity in entities:
        with pytest.raises(OSError, match="of the host"):
            manager.resolve([entity], {LOCATABLE}, ResolveAccess.kRead, manager.createContext(), fail, fail)
    assert calls == [0, 0]


def test_the_host_may_take_an_error_as_an_exception(manager: Manager) -> None:
    with pytest.raises(BatchElementException, match="There is no Context 'nothing/here'"):
        manager.resolve(reference(manager, "nothing/here"), {LOCATABLE}, ResolveAccess.kRead, manager.createContext())


# --- settings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"descriptors": 1}, "descriptors: expected a text, found 1"),
        ({"descriptor": "x"}, "no setting 'descriptor'. Did you mean 'descriptors'"),
        ({"scheme": "A b"}, "scheme: expected small letters"),
        ({"platform": True}, "platform: expected a text, found True"),
    ],
)
def test_a_wrong_setting_is_named_and_changes_nothing(manager: Manager, settings: dict[str, Any], message: str) -> None:
    before = manager.settings()
    with pytest.raises(ConfigurationException, match=message):
        manager.initialize({"scheme": "acme", **settings})
    assert manager.settings() == before
    assert codes(resolve(manager, [reference(manager, "shot/notes", **SHOT)])) == [""]


def test_a_scheme_of_a_studio(manager: Manager) -> None:
    manager.initialize({"scheme": "acme"})
    assert manager.isEntityReferenceString("acme:///shot/notes") and not manager.isEntityReferenceString("ways:///shot/notes")
    entity = manager.createEntityReference("acme:///shot/notes?JOB=hero%20%231&SHOT=sh010")
    assert codes(resolve(manager, [entity])) == [""]


def test_the_snapshot_is_replaced_by_a_flush_alone(manager: Manager, sheet: Path, shot: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    sheet.write_text(text.replace("notes.txt", "notes.md"), encoding="utf-8")
    (shot / "notes.md").touch()
    entity = reference(manager, "shot/notes", **SHOT)
    assert path_of(resolve(manager, [entity])[0]).endswith("notes.txt")
    manager.flushCaches()
    assert path_of(resolve(manager, [entity])[0]).endswith("notes.md")


def test_sheets_that_can_not_be_read_are_told_and_cost_their_own_places_alone(sheet: Path) -> None:
    broken = sheet.parent / "broken.yml"
    broken.write_text("plugins: {a: {", encoding="utf-8")
    messages = Messages()
    manager = new_manager(messages, descriptors=os.pathsep.join([str(sheet), str(broken)]))
    assert any("broken.yml" in line for line in messages.lines)
    answers = resolve(manager, [reference(manager, "a"), reference(manager, "shot/notes", **SHOT)])
    assert codes(answers) == ["kEntityResolutionError", ""]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each file name is UTF-8")
def test_a_sheet_whose_name_is_no_text_is_told_with_an_escape(sheet: Path) -> None:
    (sheet.parent / os.fsdecode(b"\xff.yml")).write_text("plugins: {a: {", encoding="utf-8")
    messages = Messages()
    manager = new_manager(messages, descriptors=str(sheet.parent))
    assert any("\\udcff.yml" in line for line in messages.lines)
    assert codes(resolve(manager, [reference(manager, "shot/notes", **SHOT)])) == [""]


@pytest.mark.skipif(sys.platform == "win32", reason="there each argument is text")
def test_the_command_refuses_a_reference_that_is_no_text(sheet: Path) -> None:
    command: list[Any] = [sys.executable, "-m", "ways.systems.openassetio", "resolve", b"ways:///shot/notes?JOB=\xff"]
    environment = {**os.environ, "WAYS_DESCRIPTORS": str(sheet), "OPENASSETIO_PLUGIN_PATH": PLUGIN_PATH}
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment)
    assert done.returncode == 1 and b"is no reference of this manager" in done.stderr


def test_the_sheets_are_those_of_the_environment_if_no_setting_names_any(sheet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_DESCRIPTORS", str(sheet))
    manager = new_manager()
    assert codes(resolve(manager, [reference(manager, "shot/notes", **SHOT)])) == [""]


def test_a_platform_and_a_layer(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8") + (
        "  moon: {hierarchy: shot/notes, assignment: moon, mapping: '/moon/{JOB}.txt'}\n"
        "  other: {hierarchy: other, platforms: windows, mapping: 'C:/{JOB}.txt', openassetio: {publish: true}}\n"
    )
    sheet.write_text(text, encoding="utf-8")
    moon = new_manager(descriptors=str(sheet), assignment="moon")
    [answer] = resolve(moon, [reference(moon, "shot/notes", JOB="a")])
    assert "/moon/a.txt" in answer.message
    there = new_manager(descriptors=str(sheet), platform="windows")
    [data] = resolve(there, [reference(there, "other", JOB="a")], access=ResolveAccess.kManagerDriven)
    assert data.getTraitProperty(LOCATABLE, "location") == "file:///C:/a.txt"


@pytest.mark.parametrize(("setting", "message"), [("platform", "none of WAYS_PLATFORMS"), ("assignment", "its layers are master")])
def test_a_platform_and_a_layer_that_nobody_has_are_told_of_each_element(sheet: Path, setting: str, message: str) -> None:
    manager = new_manager(descriptors=str(sheet), **{setting: "amiga"})
    answers = resolve(manager, [reference(manager, "shot/notes", **SHOT)] * 2)
    assert codes(answers) == ["kEntityResolutionError"] * 2 and message in answers[0].message


# --- what is loaded


def test_ids_are_those_of_mediacreation() -> None:
    traits = pytest.importorskip("openassetio_mediacreation.traits", reason="needs openassetio-mediacreation")
    from openassetio_mediacreation import specifications

    from ways.systems.openassetio import traits as ours

    modules = [module for module in vars(traits).values() if isinstance(module, ModuleType)]
    known = {kind.kId for module in modules for name, kind in vars(module).items() if name.endswith("Trait_v1")}
    ids = {value for value in vars(ours).values() if isinstance(value, str) and value.startswith(PREFIX)} - {PREFIX}
    assert len(ids) > 9 and ids <= known
    lifecycle = specifications.lifecycle
    assert VERSIONS == lifecycle.EntityVersionsRelationshipSpecification_v1.kTraitSet
    assert STABLE_VERSIONS == lifecycle.StableEntityVersionsRelationshipSpecification_v1.kTraitSet
    assert STABLE_REFERENCE == lifecycle.StableReferenceRelationshipSpecification_v1.kTraitSet


def test_the_manager_needs_no_mediacreation(sheet: Path) -> None:
    code = f"""if True:
        import sys
        sys.modules["openassetio_mediacreation"] = None
        from systems.openassetio.host import SHOT, new_manager, reference
        from openassetio.access import ResolveAccess
        manager = new_manager(descriptors={str(sheet)!r})
        manager.resolve(reference(manager, "shot/notes", **SHOT), set(), ResolveAccess.kRead, manager.createContext())
        print("done")
    """
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, encoding="utf-8")
    assert done.stdout == "done\n", done.stderr
