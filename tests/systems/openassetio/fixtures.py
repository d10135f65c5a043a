"""What the compliance suite of OpenAssetIO asks of a manager: ``python -m openassetio.test.manager -f fixtures.py``.

The files lie in a temporary folder, since the suite publishes.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from openassetio.trait import TraitsData

from ways.errors import WaysError
from ways.systems.openassetio.references import compose, parse
from ways.systems.openassetio.traits import DISPLAY_NAME, ENTITY, FRAME_RANGED, LOCATABLE, PREFIX, STABLE_VERSIONS, VERSION, VERSIONS

FOLDER = Path(tempfile.mkdtemp(prefix="ways-openassetio-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

SHEET = FOLDER / "sheet.yml"
SHEET.write_text(
    f"""
globals: {{syntax: 2, path: true}}
plugins:
  shot:
    hierarchy: shot
    mapping: '{FOLDER.as_posix()}/{{SHOT}}'
  render:
    hierarchy: '{{root}}/render'
    uses: [shot]
    mapping: '{{root}}/render/v{{VERSION:03d}}/{{NAME}}.{{FRAME}}.exr'
    mapping_details:
      NAME: {{parse: {{regex: '[a-z]+'}}}}
      FRAME: {{sequence: true, format: 04d}}
    openassetio: {{traits: [twoDimensional.Image], required: [twoDimensional.Image], mime: image/x-exr, publish: true}}
  plate:
    hierarchy: '{{root}}/plate'
    uses: [shot]
    mapping: '{{root}}/plate.exr'
  cache:
    hierarchy: '{{root}}/cache'
    uses: [shot]
    mapping: '{{root}}/cache.abc'
    openassetio: {{publish: true}}
""",
    encoding="utf-8",
)
for version in ("001", "002", "005"):
    for frame in (1001, 1002, 1003):
        file = FOLDER / "sh010" / "render" / f"v{version}" / f"beauty.{frame}.exr"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
(FOLDER / "sh010" / "plate.exr").touch()
# Reserved by another host, and not written yet.
(FOLDER / "sh010" / "render" / "v006").mkdir()

IMAGE = f"{PREFIX}twoDimensional.Image"
BASE = {"SHOT": "sh010", "NAME": "beauty"}
RENDER = compose("shot/render", BASE)
PINNED = compose("shot/render", {**BASE, "VERSION": "005"})
RESERVED = compose("shot/render", {**BASE, "VERSION": "006"})
MISSING = compose("shot/render", {**BASE, "VERSION": "009"})
PLATE = compose("shot/plate", {"SHOT": "sh010"})
MALFORMED = "ways:///shot/render?SHOT"
RENDER_TRAITS = {ENTITY, LOCATABLE, VERSION, FRAME_RANGED, DISPLAY_NAME, IMAGE}
IMAGE_DATA = TraitsData({IMAGE})


def message_of(reference: str) -> str:
    """Return what is wrong with a malformed reference."""
    try:
        parse(reference)
    except WaysError as error:
        return str(error)
    raise ValueError(f"{reference} is not malformed")


def path_of(version: str) -> str:
    return f"{FOLDER.as_posix()}/sh010/render/v{version}/beauty.####.exr"


IS_MALFORMED = {"a_malformed_reference": MALFORMED, "expected_error_message": message_of(MALFORMED)}
IS_MISSING = {
    "a_reference_to_a_missing_entity": MISSING,
    "expected_error_message": f"shot/render: there is no file {path_of('009')}.",
}
IS_READ_ONLY = {
    "a_reference_to_a_readonly_entity": PLATE,
    "expected_error_message": "shot/plate may not be published to: its sheet doesn't say 'publish: true' under 'openassetio'.",
}
RELATED = {
    "a_reference": RENDER,
    "a_relationship_trait_set": set(VERSIONS),
    "expected_related_entity_references": [
        RENDER, *(compose("shot/render", {**BASE, "VERSION": version}) for version in ("005", "002", "001"))
    ],
    "an_entity_trait_set_to_filter_by": {IMAGE},
}  # fmt: skip
SECOND = TraitsData(set(STABLE_VERSIONS))
SECOND.setTraitProperty(VERSION, "specifiedTag", "2")
TWO = {
    "first_entity_reference": RENDER,
    "first_entity_trait_set": RENDER_TRAITS,
    "second_entity_reference": PLATE,
    "second_entity_trait_set": {ENTITY, LOCATABLE, DISPLAY_NAME},
}
SETTINGS = {"descriptors": str(SHEET), "platform": "", "assignment": "", "scheme": "ways"}

fixtures = {
    "identifier": "org.ways.manager",
    "settings": SETTINGS,
    "Test_identifier": {"test_matches_fixture": {"identifier": "org.ways.manager"}},
    "Test_displayName": {"test_matches_fixture": {"display_name": "Ways"}},
    "Test_info": {"test_matches_fixture": {"info": {"entityReferencesMatchPrefix": "ways:///"}}},
    "Test_initialize": {
        "shared": {
            "some_settings_with_all_keys": {**SETTINGS, "scheme": "acme"},
            "some_settings_with_a_subset_of_keys": {"scheme": "acme"},
        },
    },
    "Test_isEntityReferenceString": {"shared": {"a_valid_reference": RENDER, "an_invalid_reference": "file:///a.exr"}},
    "Test_entityExists": {
        "shared": {"a_reference_to_an_existing_entity": RENDER, "a_reference_to_a_nonexisting_entity": MISSING, **IS_MALFORMED},
    },
    "Test_entityTraits": {
        "test_when_querying_malformed_reference_then_malformed_reference_error_is_returned": IS_MALFORMED,
        "test_when_querying_missing_reference_for_read_then_resolution_error_is_returned": IS_MISSING,
        "test_when_read_only_entity_queried_for_write_then_access_error_is_returned": IS_READ_ONLY,
        "test_when_write_only_entity_queried_for_read_then_access_error_is_returned": {
            "a_reference_to_a_writeonly_entity": RESERVED,
            "expected_error_message": f"{path_of('006')} is reserved, and not written yet.",
        },
        "test_when_multiple_references_for_read_then_same_number_of_returned_trait_sets": TWO,
        "test_when_multiple_references_for_write_then_same_number_of_returned_trait_sets": {
            **TWO,
            "second_entity_reference": compose("shot/cache", {"SHOT": "sh010"}),
            "second_entity_trait_set": {ENTITY, LOCATABLE, DISPLAY_NAME},
        },
    },
    "Test_resolve": {
        "shared": {
            "a_reference_to_a_readable_entity": RENDER,
            "a_set_of_valid_traits": {LOCATABLE, VERSION, FRAME_RANGED, IMAGE},
            "a_reference_to_a_readonly_entity": PLATE,
            "the_error_string_for_a_reference_to_a_readonly_entity": IS_READ_ONLY["expected_error_message"],
            "a_reference_to_a_writeonly_entity": RESERVED,
            "the_error_string_for_a_reference_to_a_writeonly_entity": f"{path_of('006')} is reserved, and not written yet.",
            "a_reference_to_a_missing_entity": MISSING,
            "the_error_string_for_a_reference_to_a_missing_entity": IS_MISSING["expected_error_message"],
            "a_malformed_reference": MALFORMED,
            "the_error_string_for_a_malformed_reference": message_of(MALFORMED),
        },
    },
    "Test_preflight": {
        "shared": {"a_traits_data_for_preflight": IMAGE_DATA, "a_reference_for_preflight": RENDER},
        "test_when_reference_is_read_only_then_access_error_is_returned": IS_READ_ONLY,
        "test_when_reference_malformed_then_malformed_entity_reference_error_returned": IS_MALFORMED,
        "test_when_preflight_hint_invalid_then_invalid_preflight_hint_error_returned": {
            "an_invalid_traits_data_for_preflight": TraitsData({ENTITY}),
            "expected_error_message": f"shot/render needs the traits {IMAGE}.",
        },
    },
    "Test_register": {
        "shared": {
            "a_reference_to_a_writable_entity": PINNED,
            "a_traitsdata_for_a_reference_to_a_writable_entity": IMAGE_DATA,
            "a_reference_to_a_readonly_entity": PLATE,
            "the_error_string_for_a_reference_to_a_readonly_entity": IS_READ_ONLY["expected_error_message"],
            "a_malformed_reference": MALFORMED,
            "the_error_string_for_a_malformed_reference": message_of(MALFORMED),
        },
    },
    "Test_getWithRelationship_All": {
        "shared": RELATED,
        "test_when_relationship_trait_set_known_and_props_set_then_filtered_refs_returned": {
            "a_relationship_traits_data_with_props": SECOND,
            "expected_related_entity_references": [compose("shot/render", {**BASE, "VERSION": "002"})],
        },
        "test_when_querying_missing_reference_then_resolution_error_is_returned": IS_MISSING,
        "test_when_querying_malformed_reference_then_malformed_reference_error_is_returned": IS_MALFORMED,
    },
}
