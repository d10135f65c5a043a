"""plugin_sheets/alab on the real paths of an open film production, and on paths like those that it holds out."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import PLUGIN_SHEETS, ROOT  # type: ignore[import-not-found]
from ways.cli.main import main
from ways.errors import ContextNotFoundError
from ways.session import Session

CORPUS: Path = ROOT.parent / "shared" / "corpora" / "alab-paths.txt"
needs_corpus = pytest.mark.skipif(not CORPUS.exists(), reason=f"the production's list of paths is not there: {CORPUS}")
DESCRIBED = ("ALab/entity/", "ALab/fragment/")
LISTED = CORPUS.read_text(encoding="utf-8").splitlines() if CORPUS.exists() else []
PATHS = [path for path in LISTED if path.startswith(DESCRIBED)]
ELSEWHERE = [path for path in LISTED if not path.startswith(DESCRIBED)]


@cache
def alab() -> Session:
    """The production's sheets; only asked, never changed."""
    session = Session()
    session.add_search_path(str(PLUGIN_SHEETS / "alab"))
    return session


def is_resolved(text: str) -> bool:
    try:
        return bool(alab().read(text))
    except ContextNotFoundError:
        return False


def test_the_sheets_have_no_problem_and_few_mappings() -> None:
    written = [plugin for sheet in alab().sheets for plugin in sheet.plugins if plugin.values.get("mapping")]
    assert alab().problems == []
    assert 0 < len(written) <= 20


def test_every_token_has_an_expression_or_tokens_that_write_it() -> None:
    for hierarchy in alab().hierarchies():
        template = alab().need_context(hierarchy).template
        specs = [template.spec(name) for name in (*template.all_tokens, *template.specs)]
        assert all(spec.expression("regex") or spec.splits for spec in specs), hierarchy


@needs_corpus
def test_the_list_is_the_one_that_was_described() -> None:
    assert (len(LISTED), len(PATHS)) == (5792, 5721)


@needs_corpus
def test_every_path_has_one_context_and_is_written_back() -> None:
    counts: Counter[str] = Counter()
    for path in PATHS:
        candidate = alab().read(path)
        counts[candidate.hierarchy] += 1
        assert candidate.tier == "a"
        assert alab().format(candidate.context.hierarchy, candidate.values) == path
    assert len(counts) >= 8


@needs_corpus
def test_no_token_swallows_a_rest_that_has_structure() -> None:
    for path in PATHS:
        values = alab().read(path).values
        assert not any("/" in value or "." in value for value in values.values()), path
        assert all(value in path for value in values.values())


@needs_corpus
def test_other_paths_are_unresolved() -> None:
    assert [path for path in ELSEWHERE if is_resolved(path)] == []


@needs_corpus
def test_the_shell_answers_each_path_with_one_line_in_order() -> None:
    arguments = ["--sheets", str(PLUGIN_SHEETS / "alab"), "resolve", "--strict", "--format", "json", "-"]
    result = CliRunner().invoke(main, arguments, input="\n".join(LISTED))
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1  # Some paths are none of the library's.
    assert [record["text"] for record in records] == LISTED
    assert Counter(record["status"] for record in records) == {"resolved": len(PATHS), "unresolved": len(ELSEWHERE)}
    assert all((record["status"] == "resolved") == record["text"].startswith(DESCRIBED) for record in records)


LETTERS = "abcxyzABCXYZ0123456789_-./é"


def repeated_names(path: str) -> list[tuple[int, int]]:
    """Return where in *path* each token stands that is written more than once: start and end of each place."""
    candidate = alab().read(path)
    names = [leaf.text for leaf in candidate.context.template.leaves if leaf.is_token]
    spans, start = [], 0
    for leaf in candidate.context.template.leaves:
        end = start + len(candidate.values[leaf.text] if leaf.is_token else leaf.text)
        if leaf.is_token and names.count(leaf.text) > 1:
            spans.append((start, end))
        start = end
    return spans


@needs_corpus
@settings(deadline=None, max_examples=200)
@given(st.data())
def test_one_other_character_in_a_repeated_name_leaves_a_path_unresolved(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(PATHS))
    start, end = data.draw(st.sampled_from(repeated_names(path)))
    place = data.draw(st.integers(start, end - 1))
    letter = data.draw(st.sampled_from([one for one in LETTERS if one != path[place]]))
    broken = path[:place] + letter + path[place + 1 :]
    assert not is_resolved(broken), f"{path} was changed to {broken}"


@needs_corpus
@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_further_folder_leaves_a_path_unresolved(data: st.DataObject) -> None:
    folders = data.draw(st.sampled_from(PATHS)).split("/")
    name = data.draw(st.one_of(st.sampled_from(["extra", "base", "mesh", "binding", *folders]), st.text(LETTERS, min_size=1)))
    place = data.draw(st.integers(0, len(folders)))
    longer = "/".join([*folders[:place], name.replace("/", "_"), *folders[place:]])
    assert not is_resolved(longer), longer


@needs_corpus
@settings(deadline=None, max_examples=100)
@given(st.data())
def test_one_folder_less_leaves_a_file_unresolved(data: st.DataObject) -> None:
    folders = data.draw(st.sampled_from(PATHS)).split("/")
    place = data.draw(st.integers(0, len(folders) - 2))
    shorter = "/".join(folders[:place] + folders[place + 1 :])
    assert not is_resolved(shorter), shorter


@pytest.mark.parametrize(
    "path, hierarchy",
    [
        ("ALab/entity/decor_lamp_tall07/decor_lamp_tall07.usda", "alab/entity/layer"),
        ("ALab/entity/stoat01/rigging/stoat01_rigging.usda", "alab/entity/department/layer"),
        ("ALab/entity/mk030_0010/lighting/mk030_0010_lighting.usda", "alab/entity/department/layer"),
        ("ALab/entity/a_b01/preview/a_b01_preview/cards_textures_z_neg.png", "alab/entity/department/card"),
        ("ALab/fragment/geo/modelling/decor_lamp_tall07/geo_modelling_decor_lamp_tall07.usda", "alab/fragment/layer"),
        (
            "ALab/fragment/geo/modelling/decor_lamp_tall07/proxy_low/mesh/geo_modelling_decor_lamp_tall07_proxy_low_mesh.usd",
            "alab/fragment/part/layer",
        ),
        (
            "ALab/fragment/look/surfacing/lamp01/render_low/binding/look_surfacing_lamp01_render_low_binding/render_low.usda",
            "alab/fragment/part/binding",
        ),
        (
            "ALab/fragment/fxcache/charfxcache/otto_geo/base/cache/mk021_0100_fxcache_charfxcache_otto_geo_base_cache/clip.1042.usd",
            "alab/fragment/part/clip-piece",
        ),
    ],
)
def test_paths_like_those_that_are_held_out_are_resolved(path: str, hierarchy: str) -> None:
    candidate = alab().read(path)
    # A mapping that serves what is shared and what belongs to a shot stands at a place of each.
    assert [part for part in candidate.context.hierarchy if part not in ("shared", "shot")] == hierarchy.split("/")
    assert alab().format(candidate.context.hierarchy, candidate.values) == path


@pytest.mark.parametrize(
    "path",
    [
        "ALab/entity/decor_lamp01/decor_lamp02.usda",
        "ALab/entity/decor_lamp01/decor_lamp01.txt",
        "ALab/entity/decor_lamp01/rigging/decor_lamp01_surfacing.usda",
        "ALab/entity/decor_lamp01/preview/decor_lamp01_preview/cards_textures_w_neg.png",
        "ALab/fragment/geo/modelling/lamp01/geo_surfacing_lamp01.usda",
        "ALab/fragment/geo/modelling/lamp01/base/mesh/geo_modelling_lamp01_pose_mesh.usd",
        "Alab/entity/lamp01/lamp01.usda",
        "ALab/entity/lamp01/lamp01.usda/",
        "/ALab/entity/lamp01/lamp01.usda",
    ],
)
def test_a_path_that_breaks_a_convention_is_unresolved(path: str) -> None:
    assert not is_resolved(path)
