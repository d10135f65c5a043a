"""What ``ways`` alone prints: what it is for, and the first commands to try."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence

from ways import api
from ways.cli.init import STARTER_NAME
from ways.cli.options import SharedOptions, loaded_session
from ways.errors import counted

#: Places up to which one is looked for whose mapping has tokens.
_LOOKED_AT = 20
_HERE = "%CD%" if os.name == "nt" else "$PWD"
_NAMED = f"{api.DESCRIPTORS_ENV_VAR}={os.path.join(_HERE, STARTER_NAME)}"
_BEGIN = ("  ways init", f'  set "{_NAMED}"' if os.name == "nt" else f'  export "{_NAMED}"')
#: Commands for the sheet that ``ways init`` writes, and what they answer.
_TRIES = (
    "ways tree",
    "ways format job/shot JOB=dune SEQUENCE=op SHOT=0010",
    "ways resolve /jobs/dune/shots/op_0010",
    "ways explain job/shot:mapping",
    "ways check",
)
_ANSWERS = ("all places", "the path of a thing", "what a path is", "why it is so", "mistakes in the sheets")


def tour() -> list[str]:
    """Return the lines: for the sheets that the environment names, or for the one that ``ways init`` writes."""
    session = loaded_session(SharedOptions())
    tries: Sequence[str] = _TRIES
    if session.has_loaded():
        places = session.place_texts()
        state = [f"Loaded: {counted(len(places), 'place')} from {counted(len(session.unopened_sheets()), 'sheet')}."]
        if session.problems:
            state.append(f"{counted(len(session.problems), 'problem')}: see ways doctor.")
        tries = _tries_at(session, places) if places else _TRIES
    elif session.problems:
        state = ["No sheet could be loaded. Find out why:", "  ways doctor", "", "Or write a sheet to start from, and name it:", *_BEGIN]
    else:
        state = ["You have no sheets yet. Write one to start from, and name it (ways init --example studio writes five):", *_BEGIN]
    width = max(map(len, tries)) + 2
    return [
        "Ways shows what a path is, and builds the path of a thing.",
        "",
        *state,
        "",
        "Five commands to try first:",
        *(f"  {line.ljust(width)}# {answer}" for line, answer in zip(tries, _ANSWERS)),
        "",
        "Get help:",
        "  ways --help             # all commands",
        "  ways resolve --help     # one command, with examples",
        "  ways --help-all | less  # everything",
    ]


def _tries_at(session: api.Session, places: Sequence[str]) -> Sequence[str]:
    """Return the commands for the first of the places that has tokens."""
    place, tokens = next(((name, found) for name in places[:_LOOKED_AT] if (found := _needed(session, name))), (places[0], []))
    values = [f"{token}=VALUE" for token in tokens]
    return (
        "ways tree",
        f"ways format {shlex.join([place, *values])}",
        f'ways resolve "{_HERE}"',
        f"ways explain {shlex.quote(f'{place}:mapping')}",
        "ways check",
    )


def _needed(session: api.Session, place: str) -> list[str]:
    """Return the tokens in the mapping of a place that need a value."""
    try:
        template = session.need_context(place).template
        return [token for token in template.tokens if token in template.always_tokens]
    except api.WaysError:
        return []
