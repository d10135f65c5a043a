"""``ways check`` and what explains, on any sheet: whole answers, the same each time, each line ours, each place in the file."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from click.testing import CliRunner

from ways.check import mapping_machines, mappings, overlap
from ways.cli.main import main
from ways.errors import WaysError
from ways.explain import line as line_module
from ways.explain.record import plain
from ways.limits import LIMITS_ENV_VAR, Limits
from ways.session import Session
from ways.sheets.files import bytes_to_text
from ways.sheets.document import Problem, Source

from .claims import is_inside, lines_of
from .draws import Draws
from .place import folder, written
from .runner import Target
from .sheets import FORGED, sheet, text_of, texts

_ENDINGS = ("yml", "json", "toml")
_OTHER = b"plugins: {a: {hierarchy: a, mapping: '/a/{A}'}, b: {hierarchy: 'a/b', mapping: '/a/{A}/{B}'}}"
#: Milliseconds of a question, of which an input asks many.
_QUESTION = 200
#: Steps of a check and effects of a line, which an input asks for some times. Within those that are usual it takes some seconds.
_STEPS, _EFFECTS = 300_000, 3_000
#: What is said where these weren't enough.
_UNTIMED = ("timed-out", "untold", "could not find out within")
_COMMANDS = ("explain", "path", "tree", "context", "uses", "diff", "report", "doctor", "sheets")
_SUMMARY = re.compile(r"(no findings|[\d,]+ (error|warning|note)s?(, [\d,]+ (warning|note)s?)*) in [\d,]+ sheets?")


def _drawn(data: bytes) -> tuple[Draws, bytes, str]:
    """Return draws for questions, a sheet and its ending: an even first byte says it is drawn, an odd one that it follows."""
    draws = Draws(data)
    is_given, questions = draws.flag(), Draws(draws.bytes(12))
    if is_given:
        ending = draws.pick(_ENDINGS)
        return questions, draws.rest(), ending
    return questions, text_of(sheet(draws), draws), draws.pick(_ENDINGS[:2])


@contextmanager
def _less() -> Iterator[None]:
    """Let less be worked out than is usual."""
    with ExitStack() as patches:
        for module in (overlap, mappings, mapping_machines):
            patches.enter_context(mock.patch.object(module, "MOST_STEPS", _STEPS))
        patches.enter_context(mock.patch.object(line_module, "MOST_EFFECTS", _EFFECTS))
        yield


def told(arguments: list[str]) -> tuple[int, str, str]:
    """Return how a command ends and what it writes.

    Nothing ends it but itself, and no line of it is another's: what came in with a sheet stands on a line that began before.
    """
    with _less():
        result = CliRunner().invoke(main, arguments, env={LIMITS_ENV_VAR: f"question={_QUESTION}"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in (0, 1, 2), result.exit_code
    for text in (result.stdout, result.stderr):
        assert text.split("\n") == [*text.splitlines(), *[""] * text.endswith("\n"), *[""] * (not text)], arguments
        assert "Traceback (most recent" not in text or FORGED.strip() in text
    return result.exit_code, result.stdout, result.stderr


def places_in(value: Any) -> Iterator[tuple[str, int, int]]:
    """Yield path, line and column of each place that plain data names."""
    if isinstance(value, dict):
        if {"path", "line", "column"} <= set(value):
            yield value["path"], value["line"], value["column"]
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from places_in(inner)


def check_places(found: Any, content: bytes, path: str) -> None:
    """Check that each place that plain data names in a sheet is in it."""
    text = bytes_to_text(content, Source(path))
    lines = lines_of("" if isinstance(text, Problem) else text)
    for where, line, column in places_in(found):
        assert where != path or is_inside((line, column), lines) or isinstance(text, Problem), (line, column)


# --- check


def check(data: bytes) -> None:
    """Each finding can be written as text, JSON and SARIF, and is the same again."""
    questions, content, ending = _drawn(data)
    path = written(f"check.{ending}", content)
    options = [*questions.pick(((), (), ("--level", "error"), ("--as-syntax", "2"), ("--platform", "windows"), ("--priority", "layer1")))]
    code, out, _ = told(["check", path, "--format", "json", *options])
    if code == 2:
        assert not out
        return
    findings = [json.loads(line) for line in out.splitlines()]
    assert code == any(finding["level"] == "error" for finding in findings)
    check_places(findings, content, path)
    again, text, _ = told(["check", path, *options])
    heads = [line for line in text.splitlines() if not line.startswith("  ")]
    assert again == code and len(heads) == len(findings) + 1 and _SUMMARY.fullmatch(heads.pop()), heads
    for head, finding in zip(heads, findings):
        place = finding["path"] + (f":{finding['line']}:{finding['column']}" if finding["line"] else "")
        assert head.startswith(f"{place}: {finding['level']}: ") and head.endswith(f"[{finding['code']}]"), head
    if questions.flag():
        again, text, _ = told(["check", path, "--format", "sarif", *options])
        assert again == code and len(json.loads(text)["runs"][0]["results"]) == len(findings)


# --- explain


def explain(data: bytes) -> None:
    """Places, texts and lines are explained in words and as data, the same each time; nothing that a sheet names may run."""
    questions, content, ending = _drawn(data)
    path = written(f"explain.{ending}", content)
    choices = questions.rest()
    with _less():
        answers, again = _explained(path, Draws(choices)), _explained(path, Draws(choices))
    check_places([answer for answer in answers if answer], content, path)
    for one, other in zip(answers, again, strict=True):
        # What had no time is told as that, and may have time the next time.
        assert one == other or any(word in json.dumps([one, other], default=str) for word in _UNTIMED), (one, other)
    _shown(content, ending, Draws(choices), [place["hierarchy"] for place in answers if isinstance(place, dict) and "hierarchy" in place])


def _explained(path: str, draws: Draws) -> list[Any]:
    """Return explanations of a place, of texts or of a line as plain data, or why there are none, in a session of their own."""
    session = Session(limits=Limits(question=_QUESTION))
    asked(lambda: session.add_search_path(path, trust=False))
    kind, layer, number = draws.pick(("place", "text", "line", "asset")), draws.pick(("", "", "master", "layer1")), draws.number(255)
    places = session.hierarchies() or [("none",)]
    place = places[number % len(places)]
    if kind == "place":
        return [asked(lambda: session.explain(place, assignment=layer).as_dict())]
    if kind == "line":
        return [asked(lambda: plain(session.explain_line(path, number + 1)))]
    own = asked(lambda: session.need_context(place).get_str()) or ""
    if kind == "asset":
        return [asked(lambda: session.explain(session.get_asset(own, place)).as_dict())]
    given = texts(draws)
    answers = [asked(lambda: session.explain_text(text, nearest=3).as_dict()) for text in (own, given)]
    return [*answers, asked(lambda: session.explain_text(own[:-1], strict=draws.flag(), assignment=layer).as_dict())]


def asked(question: Callable[[], Any]) -> Any:
    """Return the answer, or the message of an error of ours."""
    try:
        return question()
    except WaysError as error:
        return str(error)


def _shown(content: bytes, ending: str, draws: Draws, places: list[str]) -> None:
    """Let one command show a sheet that lies in an archive, where it isn't trusted."""
    path, other = os.path.join(folder(), "explain.zip"), written("other.yml", _OTHER)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"explain.{ending}", content)
    name, text, form = draws.pick(_COMMANDS), texts(draws), draws.pick(("text", "json"))
    place = (places or ["a"])[-1]
    arguments = {
        "explain": ["explain", place],
        "path": ["explain", "--path", text or "a"],
        "uses": ["uses", f"{path}/explain.{ending}:{1 + draws.number(5)}"],
        "diff": ["diff", *draws.pick(((path, other), (other, path), (path, path)))],
        "report": ["report", os.path.join(folder(), "out.html")],
        "context": ["context", place],
    }.get(name, [name])
    _, out, errors = told(["--sheets", path, *arguments, "--format", form])
    if form == "json" and out and name != "report":
        check_places([json.loads(line) for line in out.splitlines()], content, f"{path}/explain.{ending}")
    assert not any(line.lstrip().startswith(FORGED.strip()) for line in (out + errors).splitlines())


TARGETS = {
    "check": Target("each finding is told as text, JSON and SARIF, the same each time, and points into the sheet", check),
    "explain": Target("places, texts and lines are explained in words and as data, the same each time, in time", explain),
}
