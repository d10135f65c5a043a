"""A row of a table says of its text what reading the text alone says."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle.mixed_oracle import Fault
from oracle.mixed_worlds import World, texts_of, worlds

from ways.api import STRICT_TIERS, TIERS, AmbiguousContextError, Session, WaysError

SLOW = settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))


def expected_row(session: Session, text: str, columns: list[str], place: Any, tiers: Any) -> list[Any]:
    """Return the row of a text, as it is read alone."""
    row = dict.fromkeys(columns) | {"text": text}
    try:
        answer = session.read(text, *([place] if place else []), tiers=tiers)
    except WaysError as error:
        status = "ambiguous" if isinstance(error, AmbiguousContextError) else "unresolved"
        return list((row | {"status": status, "error": error.at_once()}).values())
    if misfit := answer.misfit(text):
        # At a place, it is a reading without values.
        return list((row | {"status": "unresolved", "error": misfit}).values())
    return list((row | {"place": answer.hierarchy, "status": "resolved"} | answer.values).values())


@st.composite
def sessions(draw: st.DrawFn) -> tuple[Session, list[str]]:
    """Return a world of some places with mappings that may overlap, and texts that may be of them."""
    session, texts = Session(overrides={"WAYS_PLATFORM": "linux"}), ["", "/", "nothing"]
    for number in range(draw(st.integers(1, 3))):
        world: World = draw(worlds(most=3))
        start = draw(st.sampled_from(["", "/x/", "/y/"]))
        try:
            own = [draw(texts_of(world, world.language)) for _ in range(3)]
            plugin = {"mapping": start + world.mapping, "mapping_details": world.details, "syntax": 2}
            session.add_plugins(**{f"p{number}": {"hierarchy": f"p{number}", **plugin}})
        except (Fault, WaysError):
            continue
        texts += [start + text for text in own]
    return session, draw(st.permutations(texts * 2))


@SLOW
@given(sessions(), st.sampled_from([STRICT_TIERS, TIERS]))
def test_a_row_is_what_its_text_is_alone(world: tuple[Session, list[str]], tiers: Any) -> None:
    session, texts = world
    for place in ["", *(context for context in session.place_texts() if session.need_context(context).get_mapping())]:
        table = session.table(texts, place, strict=tiers == STRICT_TIERS)
        assert list(table) == session.table_columns(place, strict=tiers == STRICT_TIERS)
        for number, text in enumerate(texts):
            row = [column[number] for column in table.values()]
            assert row == expected_row(session, text, list(table), place, tiers)
