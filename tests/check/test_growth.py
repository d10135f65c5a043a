"""What is asked about a sheet grows as the sheet does: twice as much in it takes about twice the calls of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from counting import calls

from ways.assets.index import Target
from ways.plugins.relative import Circles
from ways.session import Session

Plugins = dict[str, dict[str, Any]]
WORD = {"parse": {"regex": "[a-z]+"}}


def at_one_place(count: int) -> Plugins:
    return {f"p{n}": {"hierarchy": "a/b", "mapping": "/j/{A}"} for n in range(count)}


def data_at_one_place(count: int) -> Plugins:
    return {f"p{n}": {"hierarchy": "a/b", "data": {f"k{n}": 1}} for n in range(count)}


def tokens_at_one_place(count: int) -> Plugins:
    return {f"p{n}": {"hierarchy": "a/b", "mapping": "/j/{A}", "mapping_details": {f"T{n}": WORD}} for n in range(count)}


def details_that_lead_to_others(count: int) -> Plugins:
    details = ({f"T{n}": {"mapping": f"{{T{n + 1}}}_{{S{n}}}"}} for n in range(count))
    return {f"p{n}": {"hierarchy": "x", "mapping": "/x/{T0}", "mapping_details": entry} for n, entry in enumerate(details)}


def parents_that_are_nowhere(count: int) -> Plugins:
    return {f"p{n}": {"hierarchy": f"c{n}", "mapping": "{root}/a", "uses": [f"c{n + 1}"]} for n in range(count)}


def one_large_circle(count: int) -> Plugins:
    return {f"p{n}": {"hierarchy": f"c{n}", "mapping": "{root}/a", "uses": [f"x/c{(n + 1) % count}"]} for n in range(count)}


def mappings_that_end_with_a_separator(count: int) -> Plugins:
    return {f"p{n}": {"hierarchy": f"x/p{n}", "mapping": f"/x{n}/"} for n in range(count)}


def details_that_no_mapping_has(count: int) -> Plugins:
    entries = ({f"SHTO{n}": WORD} for n in range(count))
    return {f"p{n}": {"hierarchy": f"x/p{n}", "mapping": f"/x{n}/{{SHOT}}", "mapping_details": one} for n, one in enumerate(entries)}


def layers_of_one_place(count: int) -> Plugins:
    return {f"p{n}": {"hierarchy": "x", "mapping": "/x/{A}", "assignment": f"{n}layer"} for n in range(count)}


def conditions_with_many_values(count: int) -> Plugins:
    choices = {"A": {"choices": [f"c{n}" for n in range(count)]}}
    return {
        "x": {"hierarchy": "x", "mapping": "/x/{A}", "mapping_details": choices},
        "y": {"hierarchy": "x", "when": {"A": [f"c{n}" for n in range(0, count, 2)]}, "data": {"k": 1}},
    }


def one_that_uses_many(count: int) -> Plugins:
    bases = {f"b{n}": {"hierarchy": f"b{n}", "mapping": f"/b{n}"} for n in range(count)}
    uses = [f"b{n}" for n in range(count)]
    return bases | {f"u{n}": {"hierarchy": "{root}/u", "mapping": f"{{root}}/u{n}", "uses": uses} for n in range(3)}


def places_of_layers(count: int) -> Plugins:
    return {f"p{n}": {"hierarchy": f"a/{n}", "mapping": f"/p{n}/{{A}}/{{B}}", "assignment": f"{n}layer"} for n in range(count)}


def places_with_layers(count: int) -> Plugins:
    places = {f"p{n}": {"hierarchy": f"a/{n}", "mapping": f"/p{n}/{{A}}", "mapping_details": {"A": WORD}} for n in range(count)}
    layers = {f"q{n}": {"hierarchy": f"a/{n}", "mapping": f"/p{n + 1}/{{A}}", "assignment": f"{n}layer"} for n in range(count)}
    return places | layers


CHECKED: tuple[Callable[[int], Plugins], ...] = (
    at_one_place, data_at_one_place, tokens_at_one_place, details_that_lead_to_others, parents_that_are_nowhere, one_large_circle,
    mappings_that_end_with_a_separator, details_that_no_mapping_has, layers_of_one_place, conditions_with_many_values,
    one_that_uses_many, places_of_layers, places_with_layers,
)  # fmt: skip


def session_of(plugins: Plugins, syntax: int = 2) -> Session:
    session = Session()
    session.add_plugins(**{name: {"syntax": syntax, **entry} for name, entry in plugins.items()})
    return session


@pytest.mark.parametrize("made", CHECKED, ids=lambda made: made.__name__)
def test_a_check_of_twice_as_much_takes_twice_the_calls(made: Callable[[int], Plugins], monkeypatch: pytest.MonkeyPatch) -> None:
    # What a name is compared with has a budget of its own.
    monkeypatch.setattr("ways.check.scope.MOST_COMPARISONS", 0)
    sessions = [session_of(made(count)) for count in (20, 150, 300)]
    sessions[0].check()
    few, many = (calls(session.check) for session in sessions[1:])
    assert many < 2.6 * few


def test_layers_of_the_first_syntax_are_looked_at_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text may fit a layer without priority there: each was looked at once with each other, and that for each place."""
    monkeypatch.setattr("ways.check.scope.MOST_COMPARISONS", 0)
    sessions = [session_of(places_of_layers(count), syntax=1) for count in (20, 100, 200)]
    asks = (Session.check, lambda session: session.read("/p1/a/b"), lambda session: session.explain_text("/nowhere"))
    for ask in asks:
        ask(sessions[0])
        few, many = (calls(lambda world=session: ask(world)) for session in sessions[1:])  # type: ignore[misc]
        assert many < 2.6 * few
    assert sessions[2].read("/p1/a/b").hierarchy == "a/1"


def test_layers_are_looked_at_while_they_reach_few_places(monkeypatch: pytest.MonkeyPatch) -> None:
    places = {f"p{n}": {"hierarchy": f"k{n}", "uses": ["job"], "mapping": f"{{root}}/k{n}/{{A}}"} for n in range(20)}
    layers = {f"q{n}": {"hierarchy": "job", "mapping": f"/other{n}/{{JOB}}", "assignment": f"{n}layer"} for n in range(10)}
    session = session_of({"job": {"hierarchy": "job", "mapping": "/jobs/{JOB}"}, **places, **layers})
    every = calls(session.check)
    assert not any("not looked at" in finding.message for finding in session.check())
    monkeypatch.setattr("ways.check.scope.MOST_LAYERED", 3 * 21)
    (finding,) = [finding for finding in session.check() if "not looked at" in finding.message]
    assert finding.code == "undecided-overlap" and finding.message.startswith("not looked at: '3layer' and 6 other layers ")
    assert calls(session.check) < every / 2


EXPLAINED = (at_one_place, data_at_one_place, tokens_at_one_place, layers_of_one_place)


@pytest.mark.parametrize("made", EXPLAINED, ids=lambda made: made.__name__)
def test_an_explanation_of_twice_as_many_plugins_takes_twice_the_calls(made: Callable[[int], Plugins]) -> None:
    place = "x" if made is layers_of_one_place else "a/b"
    sessions = [session_of(made(count)) for count in (10, 150, 300)]
    sessions[0].explain(place)
    few, many = (calls(lambda session=session: session.explain(place)) for session in sessions[1:])  # type: ignore[misc]
    assert many < 2.6 * few


def test_names_are_compared_for_hints_no_more_than_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = {f"q{n}": {"hierarchy": f"there/place{n}", "mapping": f"/{n}"} for n in range(20)}
    plugins |= {f"p{n}": {"hierarchy": "{root}/x", "mapping": "{root}/a", "uses": [f"there/palce{n}"]} for n in range(10)}
    session = session_of(plugins)
    parents = [finding for finding in session.check() if finding.code == "unknown-parent"]
    assert all("Did you mean" in finding.help for finding in parents)
    monkeypatch.setattr("ways.check.scope.MOST_COMPARISONS", 60)
    fewer = [finding for finding in session.check() if finding.code == "unknown-parent"]
    assert [finding.message for finding in fewer] == [finding.message for finding in parents]
    assert 0 < sum("Did you mean" in finding.help for finding in fewer) < 10


def test_texts_are_tried_with_no_more_places_than_there_are_steps_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ways.check.overlap.MOST_STEPS", 40_000)
    tried = 0
    match = Target.match_strict

    def counted(target: Target, text: str) -> object:
        nonlocal tried
        tried += 1
        return match(target, text)

    monkeypatch.setattr(Target, "match_strict", counted)
    words = ("".join(chr(97 + number // 26**place % 26) for place in range(3)) for number in range(300))
    entries = ({"A": {"parse": {"regex": f"[a-z]*{word}[a-z]*"}}} for word in words)
    places = {f"p{n}": {"hierarchy": f"p{n}", "mapping": "/x/{A}", "mapping_details": entry} for n, entry in enumerate(entries)}
    findings = session_of(places).check()
    assert {finding.code for finding in findings} >= {"overlap", "undecided-overlap"}
    # Each text is tried twice with all of them; what the last one takes is known when it is read.
    assert 0 < tried <= 2 * (20_000 // 10 + 300)


def test_many_optional_tokens_side_by_side_are_some_findings(session: Session) -> None:
    session.add_plugins(a={"hierarchy": "a", "mapping": "/x/{A}" + "".join(f"[{{T{n}}}]" for n in range(200)), "syntax": 2})
    assert 1 < sum(finding.code == "adjacent-tokens" for finding in session.check()) <= 50


def test_a_circle_is_one_list_for_all_plugins_that_wait_for_it(session: Session) -> None:
    session.add_plugins(**one_large_circle(50))
    plugins = session.get_all_plugins()
    circles = Circles(plugins, {plugin.hierarchy for plugin in plugins})
    assert len({id(circles.of(plugin)) for plugin in plugins}) == 1 and len(circles.of(plugins[0])) == 51
