"""Which pairs are left to decide: never too few, and few where mappings differ plainly."""

from __future__ import annotations

import itertools
from functools import cache

import pytest
from benchmarks import worlds
from conftest import PLUGIN_SHEETS  # type: ignore[import-not-found]
from hypothesis import given, settings
from hypothesis import strategies as st

from ways.check.mapping_machines import MappingMachines
from ways.check.overlap import find_overlaps
from ways.check.pairs import candidate_pairs
from ways.check.shapes import ViewShapes
from ways.contexts.context import Context
from ways.regex.product import product
from ways.session import Session


@cache
def film() -> Session:
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_search_path(str(PLUGIN_SHEETS / "film"))
    return session


@cache
def meeting() -> frozenset[frozenset[Context]]:
    return frozenset(frozenset((one.first.context, one.second.context)) for one in find_overlaps(film().ready_pool).pairs)


def studio(count: int) -> Session:
    session = Session()
    session.add_plugins(**worlds.plugins_of(worlds.studio(count)))
    return session


def test_a_studio_of_many_contexts_leaves_no_pair_to_decide() -> None:
    session = studio(2_000)
    views = [entry.view for entry in session.finder().index.groups[0].targets]
    assert len(views) > 1_900 and candidate_pairs(views, MappingMachines(), ViewShapes()).pairs == []


@pytest.mark.parametrize("crossing", [0.0, 0.2], ids=["straight", "crossing"])
@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_what_is_left_out_has_no_text_in_common(crossing: float, seed: int) -> None:
    session = Session()
    session.add_plugins(**worlds.plugins_of(worlds.random_shapes(12, crossing=crossing, seed=seed)))
    machines = MappingMachines()
    views = [entry.view for entry in session.finder().index.groups[0].targets]
    left = set(candidate_pairs(views, machines, ViewShapes()).pairs)
    for one, other in itertools.combinations(range(len(views)), 2):
        shapes = machines.of_mapping(views[one], {}), machines.of_mapping(views[other], {})
        meet = any(not product(a.machine, b.machine).is_empty for a in shapes[0] for b in shapes[1])
        assert (one, other) in left or not meet


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_no_text_of_a_place_of_film_is_one_of_another_that_is_apart(data: st.DataObject) -> None:
    finder = film().finder()
    entry = data.draw(st.sampled_from(finder.index.groups[0].targets))
    context, view = entry.context, entry.view
    expression = view.strict_pattern(context.patterns).expression.regex
    contexts = {candidate.context for candidate in finder.candidates(data.draw(st.from_regex(expression, fullmatch=True)))}
    assert context in contexts
    assert all(frozenset(pair) in meeting() for pair in itertools.combinations(contexts, 2))
