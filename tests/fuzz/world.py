"""A whole session: any YAML sheet is loaded, and every question has an answer or an error that says why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ways.errors import WaysError
from ways.session import Session

from .place import written
from .runner import Target


def _asked(question: Callable[[], Any]) -> Any:
    try:
        return question()
    except WaysError as error:
        assert str(error)
        return None


def session(data: bytes) -> None:
    """Nothing that it names may run: the sheet isn't trusted."""
    path = written("session.yml", data)
    found = Session()
    _asked(lambda: found.add_search_path(path, trust=False))
    told = [str(problem) for problem in found.problems]
    texts = []
    for place in found.hierarchies()[:6]:
        context = _asked(lambda: found.get_context(place))
        if context is None:
            continue
        for question in (context.get_mapping_details, context.get_groups, context.get_max_folder, lambda: dict(context.data)):
            _asked(question)
        texts.append(_asked(context.get_str) or "")
        _asked(lambda: context.get_str(resolve_with=("regex",)))
        _asked(lambda: found.explain(context))
        _asked(lambda: found.format(place, {}))
    for text in texts:
        _asked(lambda: found.read(text))
        _asked(lambda: found.get_asset(text))
        _asked(lambda: found.explain_text(text))
    for line in (1, 2, 5):
        _asked(lambda: found.explain_line(path, line))
    assert all(str(finding) for finding in _asked(found.check) or ())
    found.refresh()
    assert [str(problem) for problem in found.problems] == told


TARGETS = {"session": Target("a YAML sheet is loaded, and each question is answered or refused in our words", session)}
