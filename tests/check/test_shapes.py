"""What mappings have in common is looked at once, and says of each of them what the mapping itself says."""

from __future__ import annotations

import pytest
from benchmarks import native, worlds

from ways.assets import index
from ways.check.mapping_machines import MappingMachines
from ways.check.mappings import _is_read_in_one_way
from ways.check.pairs import _SegmentCutter
from ways.check.scope import CheckScope
from ways.check.shapes import ViewShapes, template_of
from ways.contexts.view import ResolvedContext
from ways.pattern.pattern import STRICT, Pattern
from ways.pattern.skeletons import Skeleton
from ways.pattern.template import Template
from ways.session import Session


class NoSkeletons(ViewShapes):
    """Looks at each mapping by itself."""

    def skeleton(self, view: ResolvedContext) -> Skeleton | None:
        return None


def native_session(count: int) -> Session:
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_plugins(**native.native_studio(count).plugins())
    return session


def scope_of(session: Session) -> CheckScope:
    return CheckScope(session.ready_pool, session.sheets, session.problems)


def test_most_mappings_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    first = Template.__init__

    def counted(self: Template, mapping: str, *rest: object, **named: object) -> None:
        made.append(mapping)
        first(self, mapping, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Template, "__init__", counted)
    session = Session()
    session.add_plugins(**worlds.plugins_of(worlds.studio(1_000)))
    assert session.check() == []
    assert len(made) < 100


def test_no_index_is_made_where_no_mappings_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    session = native_session(200)
    monkeypatch.setattr(index, "TargetGroup", None)
    assert not [finding for finding in session.check() if "overlap" in finding.code]


def test_a_layer_that_changes_nothing_at_a_place_adds_no_view_of_it() -> None:
    session = native_session(200)
    scope = scope_of(session)
    assert len(scope.priorities) == 2
    changed = [view for view in scope.views if view.state.settings.priority != scope.settings.priority]
    assert 0 < len(changed) < len(scope.views) / 10
    for state in scope.states:
        for (place, _), view in (state.kept_views or {}).items():
            assert view.mapping == ResolvedContext(state, place, state.resolver("")).mapping


def test_the_segments_of_a_skeleton_are_those_of_each_mapping() -> None:
    views = scope_of(native_session(200)).views
    machines, shapes = MappingMachines(), ViewShapes()
    cutter = _SegmentCutter(machines, "/", shapes)
    alone = _SegmentCutter(machines, "/", NoSkeletons())
    alone._segments = cutter._segments
    assert any(map(shapes.skeleton, views))
    for view in views:
        if template_of(view) is not None:
            assert list(cutter.forms(view)) == list(alone.forms(view))


@pytest.mark.parametrize(
    "mapping, is_one",
    [
        ("/a/{A}_{N}", True),
        ("/a/{A}[-{B}]_v{N}.{E}", True),
        ("/a/{A}{N}", True),
        ("/a/{W}_{N}", True),
        ("/a/{W}_{B}", True),
        ("/a/{W}_{V}", False),
        ("/a/{A}[_{B}][_{C}]", False),
        ("/a/{A}{B}", False),
        ("/a/{P}/{A}", False),
        ("/a/{F}/{A}", True),
        ("{F}_{A}", False),
    ],
)
def test_one_way_to_read_a_mapping_is_proved(mapping: str, is_one: bool) -> None:
    expressions = {"A": "[a-z]+", "B": "[a-z]+", "C": "[a-z]+", "N": r"\d+", "W": r"\w+", "V": r"\w+", "E": "exr|jpg", "P": ".+"}
    details = {name: {"parse": {"regex": regex}} for name, regex in expressions.items()}
    template = Template.of(mapping, details, 2)
    assert _is_read_in_one_way(template, MappingMachines()) is is_one
    values = {"A": "ab", "B": "b", "C": "c", "N": "1", "W": "a_1_b", "V": "v_1", "E": "exr", "P": "x/y", "F": "ab"}
    text = template.writer.text({name: values[name] for name in template.leaf_tokens})
    if is_one:
        assert len(Pattern(template, STRICT).readings(text)) == 1
