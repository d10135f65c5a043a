"""Why a place is what it is: each reason arises, each with its position; tokens, variants, variables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ways.api import ContextNotFoundError, Explanation, Plugin, Reason, Session
from ways.errors import UnknownFieldError
from ways.explain.record import Reads
from ways.sheets.positions import Positions
from ways.explain.record import Claim

pytestmark = pytest.mark.portability

BASE = {"hierarchy": "job", "mapping": "/{JOB}", "data": {"fps": 24}}
#: Reason to plugins of which ``it`` has it for a field at a place.
WORLDS: dict[Reason, tuple[str, str, dict[str, dict[str, Any]]]] = {
    Reason.ONLY: ("job", "data.fps", {"it": BASE}),
    Reason.NEAREST: ("job/a", "data.fps", {"job": BASE, "it": {"hierarchy": "job/a", "data": {"fps": 1}}}),
    Reason.STRONGEST_LAYER: ("job", "data.fps", {"it": {**BASE, "assignment": "xyz"}, "job": BASE}),
    Reason.LATEST: ("job", "mapping", {"job": BASE, "it": BASE}),
    Reason.LAST_DECIDES: ("job/a", "groups", {"job": {**BASE, "groups": ["x"]}, "it": {"hierarchy": "job/a"}}),
    Reason.PART: ("job/a", "mapping", {"it": BASE, "a": {"hierarchy": "a", "uses": ["job"], "mapping": "{root}/a"}}),
    Reason.FARTHER: ("job/a", "data.fps", {"it": BASE, "a": {"hierarchy": "job/a", "data": {"fps": 1}}}),
    Reason.WEAKER_LAYER: ("job", "data.fps", {"job": {**BASE, "assignment": "xyz"}, "it": BASE}),
    Reason.EARLIER: ("job", "mapping", {"it": BASE, "job": BASE}),
    Reason.NOT_INHERITED: ("job/a", "groups", {"it": {**BASE, "groups": ["x"]}, "a": {"hierarchy": "job/a"}}),
    Reason.CHANGES_NOTHING: ("job", "platforms", {"job": {**BASE, "platforms": "linux"}, "it": {**BASE, "platforms": "linux, java"}}),
    Reason.OUTER_FOLDER: ("job", "max_folder", {"it": {**BASE, "max_folder": "/a"}, "job": {**BASE, "max_folder": "/a/b"}}),
    Reason.NO_PARENT_MAPPING: ("no/a", "mapping", {"it": {"hierarchy": "a", "uses": ["no"], "mapping": "x"}}),
    Reason.ABSENT_MAPPING: (
        "job/a", "mapping",
        {"it": BASE, "a": {"hierarchy": "job/a", "mapping": "/a", "syntax": 2, "platforms": ["windows"]}},
    ),
    Reason.NO_PLUGIN_HERE: (
        "job/a", "mapping",
        {"it": {**BASE, "syntax": 2}, "a": {"hierarchy": "", "uses": ["job/a"], "mapping": "/a", "assignment": "no", "syntax": 2}},
    ),
    Reason.CIRCLE: (
        "a/b", "mapping",
        {"it": {"hierarchy": "b", "uses": ["a"], "mapping": "x"}, "up": {"hierarchy": "a", "mapping": "{@a/b}"}},
    ),
    Reason.OTHER_PLATFORM: ("job", "data.fps", {"job": {"hierarchy": "job"}, "it": {**BASE, "platforms": ["windows"]}}),
    Reason.UNKNOWN_PLATFORM: ("job", "data.fps", {"it": BASE}),
    Reason.OTHER_LAYER: ("job", "data.fps", {"job": {"hierarchy": "job"}, "it": {**BASE, "assignment": "no"}}),
    Reason.CONDITION_NOT_MET: ("job", "data.fps", {"job": BASE, "it": {"hierarchy": "job", "when": {"JOB": "x"}, "data": {"fps": 1}}}),
    Reason.TOO_MANY_VARIANTS: (
        "job", "data.fps",
        {"job": {"hierarchy": "job", "mapping": "{A}{B}{C}{D}{E}{F}"}}
        | {f"p{name}": {"hierarchy": "job", "when": {name: "1"}, "data": {"fps": 1}} for name in "ABCDE"}
        | {"it": {"hierarchy": "job", "when": {"F": "1"}, "data": {"fps": 1}}},
    ),
    Reason.HIDDEN_BY_ALIAS: ("alias", "data.fps", {"job": BASE, "it": {"hierarchy": "alias", "data": {"fps": 1}}}),
}  # fmt: skip


def claims_of(explanation: Explanation, name: str) -> dict[str, Claim]:
    return {claim.plugin: claim for claim in explanation.field(name).claims}


@pytest.mark.platform("linux")
@pytest.mark.parametrize("reason", Reason)
def test_each_reason_arises(
    reason: Reason, write_sheet: Callable[..., str], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, field, plugins = WORLDS[reason]
    monkeypatch.setenv("WAYS_PRIORITY", "master:xyz")
    path = write_sheet(json.dumps({"plugins": plugins}, indent=1), "sheet.json")
    session.add_search_path(path)
    if reason is Reason.UNKNOWN_PLATFORM:
        monkeypatch.setenv("WAYS_PLATFORMS", "java")
    if reason is Reason.HIDDEN_BY_ALIAS:
        session.register_context_alias("alias", "job")
    claim = claims_of(session.explain(place), field)["it"]
    assert claim.reason is reason and claim.why == reason.sentence and claim.source.path == path
    key = f'"{field.split(".")[-1]}"'
    lines = (claim.source.line, claim.source.column)
    assert write_position(path, "it", key if reason is not Reason.LAST_DECIDES else '"it"') == lines


def write_position(path: str, plugin: str, key: str) -> tuple[int, int]:
    """Return where a key stands in a JSON sheet, after the name of its plugin."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    place = text.index(key, text.index(f'"{plugin}"'))
    return text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)


def test_a_loser_says_whom_it_lost_to(session: Session) -> None:
    session.add_plugins(**WORLDS[Reason.FARTHER][2])
    lost = claims_of(session.explain("job/a"), "data.fps")["it"]
    assert lost.lost_to is not None and lost.lost_to.plugin == "a" and lost.value == 24
    assert session.explain("job/a").field("data.fps").runner_up == lost.lost_to.of(lost.record, "data", "fps")


def test_the_chain_of_uses_is_told(load: Callable[..., Session]) -> None:
    session = load(
        """\
        plugins:
          job: {hierarchy: job, mapping: '/{JOB}'}
          shot: {hierarchy: shot, uses: [job], mapping: '{root}/{SHOT}'}
          task:
            hierarchy: task
            mapping: '{root}/{TASK}'
            uses:
              - no/such
              - job/shot
        """
    )
    explanation = session.explain("job/shot/task", "mapping").fields[0]
    assert explanation.winner and [(link.hierarchy, link.source.line, link.source.column) for link in explanation.winner.uses] == [
        ("job/shot", 9, 9), ("job", 3, 34),
    ]  # fmt: skip
    assert [link.giver and link.giver.plugin for link in explanation.winner.uses] == ["shot", "job"]
    assert [part.plugin for part in explanation.parts] == ["job", "shot"] and explanation.value == "/{JOB}/{SHOT}/{TASK}"


def test_conditions_are_told_with_what_was_found(session: Session) -> None:
    when = {"hierarchy": "job", "when": {"JOB": ["x", "y"]}, "mapping": "/special/{JOB}", "data": {"fps": 1}}
    session.add_plugins(job=BASE, special=when)
    lost = claims_of(session.explain("job"), "data.fps")["special"]
    assert [(one.token, one.wants, one.found, one.holds) for one in lost.when] == [("JOB", ("x", "y"), None, False)]
    special = session.explain(session.get_asset({"JOB": "y"}, "job"))
    won = special.field("data.fps").winner
    assert won and won.plugin == "special" and won.when[0].found == "y" and won.when[0].holds
    assert [(variant.mapping, variant.is_selected) for variant in special.variants] == [("/{JOB}", False), ("/special/{JOB}", True)]
    assert (runner_up := special.field("data.fps").runner_up) and runner_up.plugin == "job"
    other = claims_of(session.explain(session.get_asset({"JOB": "z"}, "job")), "data.fps")["special"]
    assert other.reason is Reason.CONDITION_NOT_MET and other.when[0].found == "z"


DETAILS = {
    "EXP": {"parse": {"regex": "[a-z]+"}},
    "CHO": {"choices": {"one": "i"}, "default": "one"},
    "FOR": {"format": "03d"},
    "SEQ": {"sequence": True, "format": "04d"},
    "MAP": {"mapping": "{EXP}-{ANY}"},
    "FOL": {"segments": True},
}


def test_each_rule_of_a_token_arises(session: Session) -> None:
    session.add_plugins(
        it={"hierarchy": "job", "mapping": "/{MAP}/{CHO}/{FOR}/{SEQ}/{X:d}/{FOL}", "mapping_details": DETAILS},
    )
    tokens = session.explain("job").tokens
    explanation = {token.name: (token.rules[0].kind, token.rules[0].text, token.parent) for token in tokens}
    assert explanation == {
        "MAP": (Reads.MAPPING, "{EXP}-{ANY}", ""), "EXP": (Reads.EXPRESSION, "[a-z]+", "MAP"),
        "ANY": (Reads.ANYTHING, "anything but /", "MAP"), "CHO": (Reads.CHOICES, "i", ""), "FOR": (Reads.FORMAT, "03d", ""),
        "SEQ": (Reads.SEQUENCE, "04d", ""), "X": (Reads.FORMAT, "d", ""),
        "FOL": (Reads.SEGMENTS, "names with / between them", ""),
    }  # fmt: skip
    assert {kind for kind, _, _ in explanation.values()} == set(Reads)
    assert [token.default for token in tokens if token.name == "CHO"] == ["i"]
    mapping = session.need_context("job").get_mapping()
    assert all(mapping[token.start : token.end].startswith(f"{{{token.name}") for token in tokens if not token.parent)


def test_each_token_is_told_with_its_writer_and_its_rules(load: Callable[..., Session]) -> None:
    session = load(
        """\
        plugins:
          job: {hierarchy: job, mapping: '/a[b]/{JOB}'}
          names:
            hierarchy: job
            mapping_details:
              JOB:
                parse:
                  regex: '[a-z]+'
          shot:
            hierarchy: shot
            syntax: 2
            uses: [job]
            mapping: '{root}/{SHOT}[_{TAKE}]'
        """
    )
    tokens = {token.name: token for token in session.explain("job/shot").tokens}
    assert {name: str(token.writer).split(" ")[0] for name, token in tokens.items()} == {"JOB": "job", "SHOT": "shot", "TAKE": "shot"}
    assert [(rule.source and rule.source.line, rule.text) for rule in tokens["JOB"].rules] == [(8, "[a-z]+")]
    assert tokens["JOB"].is_required and not tokens["TAKE"].is_required


def test_a_reference_to_a_place_is_a_part(session: Session) -> None:
    session.add_plugins(
        top={"hierarchy": "top", "mapping": "/{TOP}", "mapping_details": {"TOP": {"parse": {"regex": "t"}}}},
        it={"hierarchy": "it", "mapping": "{@top}/{A}"},
    )
    explanation = session.explain("it")
    assert [part.plugin for part in explanation.field("mapping").parts] == ["top"]
    assert [(token.name, token.writer and token.writer.plugin) for token in explanation.tokens] == [("TOP", "top"), ("A", "it")]
    details = explanation.field("mapping_details.TOP").winner
    assert details and details.plugin == "top"


@pytest.mark.parametrize("origin, overrides", [("environment", {}), ("session", {"WAYS_PLATFORM": "java"})])
def test_variables_that_played_a_part_are_told(origin: str, overrides: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYS_PRIORITY", "master:xyz")
    monkeypatch.setenv("JOB", "dune")
    session = Session(overrides=overrides)
    session.add_plugins(a={**BASE, "platforms": ["linux"]}, b={**BASE, "assignment": "xyz"})
    explanation = {variable.name: variable for variable in session.explain("job").environment}
    assert list(explanation) == ["WAYS_PLATFORM", "WAYS_PRIORITY", "JOB"]
    assert explanation["WAYS_PLATFORM"].origin == origin and explanation["JOB"].value == "dune"
    monkeypatch.setenv("WAYS_PLATFORMS", "linux:java")
    assert "WAYS_PLATFORMS" in {variable.name for variable in session.explain("job").environment}


def test_without_choices_of_platform_or_layer_no_variable_plays_a_part(session: Session) -> None:
    session.add_plugins(job=BASE)
    assert session.explain("job").environment == ()


def test_data_that_was_set_by_hand_is_told(session: Session) -> None:
    session.add_plugins(job=BASE)
    session.need_context("job").data.update(fps=30, more=1)
    explanation = session.explain("job", "data")
    assert [(one.name, one.value, one.is_changed) for one in explanation] == [("data.fps", 30, True), ("data.more", 1, True)]
    assert explanation.field("data.fps").winner and explanation.field("data.more").winner is None


def test_an_alias_is_explained_by_what_it_stands_for(session: Session) -> None:
    session.add_plugins(job=BASE, below={"hierarchy": "job/a", "data": {"fps": 1}})
    session.register_context_alias("name", "job")
    explanation = session.explain("name")
    assert (explanation.hierarchy, explanation.real) == ("name", "job") and explanation.field("mapping").value == "/{JOB}"


def test_a_place_without_a_mapping_is_explained_all_the_same(session: Session) -> None:
    session.add_plugins(it={"hierarchy": "a", "uses": ["no"], "mapping": "x", "data": {"fps": 1}})
    explanation = session.explain("no/a")
    assert explanation.field("mapping").winner is None and "'no', which has no mapping" in str(explanation.field("mapping").error)
    assert explanation.field("data.fps").value == 1 and explanation.tokens == ()


def test_plugins_made_in_python_are_told_by_their_class(session: Session) -> None:
    class Job(Plugin):
        data = {"fps": 24}

        @classmethod
        def get_hierarchy(cls) -> str:
            return "job"

        @classmethod
        def get_mapping(cls) -> str:
            return "/{JOB}"

    session.add_plugins(job={"hierarchy": "job", "data": {"fps": 1}})
    explanation = session.explain("job").field("mapping")
    assert explanation.winner and explanation.winner.source.path.endswith("Job") and explanation.runner_up is None


def test_an_unknown_field_names_the_nearest(session: Session) -> None:
    session.add_plugins(job=BASE)
    with pytest.raises(UnknownFieldError, match="'data.fps'"):
        session.explain("job", "data.fsp")
    with pytest.raises(ContextNotFoundError, match="Did you mean 'job'"):
        session.explain("jobs")
    assert session.explain("job", "mapping_details").fields == ()


def test_one_layer_can_be_explained_alone(session: Session) -> None:
    session.add_plugins(job=BASE, other={**BASE, "assignment": "xyz", "data": {"fps": 1}})
    explanation = session.explain("job", "data.fps", "xyz").fields[0]
    assert explanation.value == 1 and explanation.losers[0].reason is Reason.OTHER_LAYER


@pytest.mark.parametrize("question", ["place", "line"])
def test_the_positions_of_each_plugin_are_found_once_however_many_there_are(
    load: Callable[..., Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    keys = {f"k{number}": number for number in range(40)}
    plugins = {f"p{number}": {"hierarchy": "job", "mapping": "/{JOB}", "data": keys} for number in range(40)}
    session = load(json.dumps({"globals": {"syntax": 2}, "plugins": plugins}, indent=1))
    found: list[object] = []
    below = Positions._below
    monkeypatch.setattr(Positions, "_below", lambda self, head, known: (found.append(head), below(self, head, known))[1])
    if question == "place":
        (session.explain("job", "data")).as_dict()
    else:
        session.explain_line(str(tmp_path / "sheet.yml"), 2)
    # Where the plugin stands in the sheet is asked for as well.
    assert 40 <= len(found) <= 3 * 43
