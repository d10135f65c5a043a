"""What a snapshot and its session find by their names in another process, which knows no test module."""

from __future__ import annotations

from typing import Any

from ways.api import Asset, Session, Snapshot
from ways.explain.trace import get_all_hierarchy_trees

TEXTS = ("/jobs/2024_dune/010", "/jobs/2024_dune/020/004", "/late/2024_dune/900", "/jobs/2024_dune", "/work/2024_x", "/no")


class Tool(Asset):
    """An Asset of another class."""


def make_shot(info: Any, context: Any) -> Tool:
    """Return a Tool, where Assets are asked for."""
    return Tool(info, context)


def render(context: Any) -> str:
    """An action."""
    return f"rendered {context}"


def answers_of(session: Session) -> dict[str, Any]:
    """Return what a session answers, as plain data."""
    answers: dict[str, Any] = {"tree": get_all_hierarchy_trees(session.ready_pool), "problems": list(map(str, session.problems))}
    for place in ("job", "job/shot", "film", "work", "client", "forced/place"):
        context = session.get_context(place)
        answers[place] = context and (
            dict(context.data), context.as_dict()["hierarchy"], context.get_mapping_details(), context.is_path(), str(context),
            [str(record.source_of("mapping")) for record in context.records],
        )  # fmt: skip
    for text in TEXTS:
        try:
            candidate = session.read(text)
            asset = session.get_asset(text)
            answers[text] = (*candidate[1:4], type(asset).__name__, asset.get_str(), dict(asset.data), asset.get_value("YEAR"))
        except ValueError as error:
            answers[text] = str(error)
    job: Any = session.need_context("job")
    answers["actions"] = job.actions.render(), job.actions.publish()
    answers["line"] = str(session.explain_line(session.sheets[0].source.path, 5)) if session.sheets else ""
    winner: Any = session.explain("job/shot", "mapping").fields[0].winner
    answers["explained"] = str(winner.source), winner.reason, str(winner.value)
    return answers


def answers_from(snapshot: Snapshot) -> dict[str, Any]:
    """Return what the session of a snapshot answers, in whatever process this is."""
    return answers_of(Session.from_snapshot(snapshot))
