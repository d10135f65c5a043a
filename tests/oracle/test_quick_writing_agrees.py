"""What is written at once, in every form of the language, is what the exact way writes; and what that refuses isn't written."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from oracle.mixed_oracle import Fault
from oracle.mixed_worlds import LEAVES, PARENTS, World, values_of, worlds
from oracle.test_fast_paths_agree import NoFastPath
from ways.assets.asset import Asset
from ways.contexts.context import Context
from ways.errors import MatchTimeoutError, SheetSchemaError, WaysError
from ways.session import Session

SLOW = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
#: Values that a token may be given although most tokens can't hold them.
ODD: tuple[Any, ...] = ("", None, 3, "3", 0, True, 1.5, "one", "two", "..", "x/y", "a\\b", "\x01", ["a"], "a" * 60)


class ExactAlone(NoFastPath):
    """As its base, for the tokens of these worlds."""

    special_tokens = frozenset((*LEAVES, *PARENTS))


def place(world: World, more: dict[str, Any], *, exact: bool) -> tuple[Session, Context]:
    """Return a session with one place, and its Context, made to write exactly alone, if wanted."""
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    plugin = {"hierarchy": "place", "syntax": 2, "mapping": world.mapping, "mapping_details": world.details, **more.get("plugin", {})}
    try:
        session.add_plugins(place=plugin, **more.get("variant", {}))
    except SheetSchemaError:
        # A mapping of optional parts alone.
        assume(False)
    context = session.need_context("place")
    if exact:
        view: Any = context.view
        view.is_read_alike, view._text_patterns = False, ()
        view.pattern = None if view.conditions else ExactAlone(context)
    return session, context


def outcome(function: Any) -> Any:
    try:
        found = function()
    except MatchTimeoutError:
        # The exact way takes longer.
        assume(False)
    except (WaysError, ValueError) as error:
        return type(error), str(error)
    return (list(found.info.items()), str(found.context)) if isinstance(found, Asset) else found


@st.composite
def additions(draw: st.DrawFn, world: World) -> dict[str, Any]:
    """What a place may have beside its mapping: that it is a file path, and a variant of its data, mapping or details."""
    found: dict[str, Any] = {"plugin": draw(st.sampled_from(({}, {"path": True}, {"ambiguous": "allow"})))}
    if draw(st.booleans()):
        token = draw(st.sampled_from(LEAVES))
        more = draw(st.sampled_from(({"data": {"a": 1}}, {"mapping": f"/w{world.mapping}"}, {"mapping_details": {"A": {}}})))
        when = {token: draw(st.sampled_from(world.fitting[token]))}
        found["variant"] = {"variant": {"hierarchy": "place", "syntax": 2, "when": when, **more}}
    return found


@SLOW
@given(st.data(), worlds())
def test_what_is_written_at_once_is_written_by_the_exact_way(data: st.DataObject, world: World) -> None:
    more = data.draw(additions(world))
    try:
        language = world.language
    except Fault:
        assume(False)
    values: dict[str, Any] = data.draw(values_of(world, language))
    if data.draw(st.integers(0, 3)) == 0:
        values[data.draw(st.sampled_from(LEAVES))] = data.draw(st.sampled_from(ODD))
    token = data.draw(st.sampled_from((*LEAVES, "P")))
    value = data.draw(st.sampled_from((*world.fitting.get(token, ()), *ODD)))
    answers = []
    for exact in (False, True):
        session, context = place(world, more, exact=exact)
        answer = [outcome(lambda: session.format("place", values))]
        try:
            asset = session.get_asset(values, context)
        except WaysError as error:
            answers.append([*answer, type(error), str(error)])
            continue
        answer += [outcome(asset.get_str), *(outcome(lambda name=name: asset.get_value(name)) for name in (*LEAVES, "P", "Q"))]
        answer += [outcome(lambda: asset.set_value(token, value)), outcome(asset.get_str), outcome(lambda: asset.get_value(token))]
        answer += [outcome(lambda: asset), outcome(asset.get_str), *(outcome(lambda name=name: asset.get_value(name)) for name in LEAVES)]
        answers.append(answer)
    assert answers[0] == answers[1]
