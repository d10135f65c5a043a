"""ContextParser and the engines of docs/reference/tokens.rst, a test for each rule."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ways.contexts.parser import ContextParser
from ways.errors import PatternError, TokenCycleError, UnknownEngineError, UnknownTokenError, UnresolvedMappingError
from ways.session import Session

DETAILS = {
    "SHOT": {"mapping": "{SEQ}_{NUM}", "parse": {"glob": "*"}},
    "SEQ": {"parse": {"regex": "[a-z]+", "glob": "*"}},
    "NUM": {"parse": {"regex": r"\d{3}", "glob": "*"}},
    "VER": {"parse": {"regex": {"VER": r"v\d+"}}},
}


@pytest.fixture
def parser(session: Session) -> ContextParser:
    """The parser of a mapping with a parent token."""
    return parser_of(session, "/pub/{SHOT}/{VER}", DETAILS)


def parser_of(session: Session, mapping: str, details: object = None) -> ContextParser:
    session.add_plugins(one={"hierarchy": "some/place", "mapping": mapping, "mapping_details": details or {}})
    return session.need_context("some/place").get_parser()


@pytest.mark.parametrize(
    "arguments, result",
    [
        ({}, "/pub/{SEQ}_{NUM}/{VER}"),
        ({"resolve_with": "regex"}, r"/pub/[a-z]+_\d{3}/v\d+"),
        ({"resolve_with": ("regex",)}, r"/pub/[a-z]+_\d{3}/v\d+"),
        ({"resolve_with": "glob"}, "/pub/*/{VER}"),
        ({"resolve_with": ("glob", "regex")}, r"/pub/*/v\d+"),
        ({"depth": 0}, "/pub/{SHOT}/{VER}"),
        ({"groups": {"NUM": 7}}, "/pub/{SEQ}_7/{VER}"),
        ({"groups": {"SHOT": "aa_001"}}, "/pub/aa_001/{VER}"),
        ({"resolve_with": "regex", "holdout": "NUM"}, r"/pub/[a-z]+_{NUM}/v\d+"),
        ({"resolve_with": "regex", "holdout": "NUM", "depth": 1}, r"/pub/[a-z]+_{NUM}/v\d+"),
        ({"resolve_with": "glob", "holdout": "SHOT"}, "/pub/{SHOT}/{VER}"),
        ({"resolve_with": "regex", "display_tokens": True}, r"/pub/(?P<SEQ>[a-z]+)_(?P<NUM>\d{3})/(?P<VER>v\d+)"),
    ],
    ids=str,
)
def test_get_str_gives_what_the_table_of_6_2_says(parser: ContextParser, arguments: dict[str, object], result: str) -> None:
    assert parser.get_str(**arguments) == result  # type: ignore[arg-type]
    assert parser.context.get_str(**arguments) == result


def test_an_environment_variable_of_the_tokens_name_comes_first(parser: ContextParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQ", "ev")
    assert parser.get_str(("env", "regex")) == r"/pub/ev_\d{3}/v\d+"


@pytest.mark.parametrize("engine", ["env", "ENV", "environment", "Env_Vars"])
def test_the_environment_engine_has_three_names_in_any_case(
    parser: ContextParser, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setenv("SEQ", "ev")
    assert parser.get_str(engine) == "/pub/ev_{NUM}/{VER}"


def test_an_empty_environment_variable_counts(parser: ContextParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQ", "")
    assert parser.get_str("env") == "/pub/_{NUM}/{VER}"


def test_engines_are_tried_for_each_token_in_their_order(parser: ContextParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQ", "ev")
    assert parser.get_str(("regex", "env")) == r"/pub/[a-z]+_\d{3}/v\d+"


def test_a_tokens_own_expression_beats_its_childrens(session: Session) -> None:
    details = {**DETAILS, "SHOT": {"mapping": "{SEQ}_{NUM}", "parse": {"regex": r"[a-z]+_\d+"}}}
    assert parser_of(session, "/pub/{SHOT}", details).get_str("regex") == r"/pub/[a-z]+_\d+"


def test_an_environment_value_of_a_parent_beats_its_children(parser: ContextParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOT", "whole")
    monkeypatch.setenv("SEQ", "ev")
    assert parser.get_str(("env", "regex")) == r"/pub/whole/v\d+"


def test_the_depth_test_of_6_2(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "filled")
    monkeypatch.delenv("D", raising=False)
    parser = parser_of(session, "/t/{A}/{B}", {"B": {"mapping": "{C}{D}"}, "C": {"parse": {"regex": r"\w+"}}})
    assert parser.get_str(("env", "regex"), depth=1) == r"/t/filled/\w+{D}"
    assert parser.get_str(("env", "regex"), 1) == r"/t/filled/\w+{D}"


def test_every_depth_ends_where_nothing_changes(parser: ContextParser) -> None:
    assert {parser.get_str("regex", depth) for depth in (2, 3, 1000, -1)} == {r"/pub/[a-z]+_\d{3}/v\d+"}


@pytest.mark.parametrize("depth", [0, -2, -10])
def test_no_round_gives_the_mapping_itself(parser: ContextParser, depth: int) -> None:
    assert parser.get_str("regex", depth) == "/pub/{SHOT}/{VER}"


def test_a_mapping_without_tokens_is_returned_as_it_is(session: Session) -> None:
    assert parser_of(session, "/plain").get_str("regex", groups={"A": 1}) == "/plain"


def test_what_nothing_fills_stays(session: Session) -> None:
    assert parser_of(session, "/{X}/{Y}", {"Y": {"parse": {"glob": "*"}}}).get_str("regex") == "/{X}/{Y}"


def test_a_token_whose_parse_is_empty_expands(session: Session) -> None:
    assert parser_of(session, "/{A}", {"A": {"parse": {}, "mapping": "{B}_{C}"}}).get_str("regex") == "/{B}_{C}"


def test_every_occurrence_of_a_token_is_replaced(session: Session) -> None:
    assert parser_of(session, "/{A}/{A}_{B}", {"A": {"parse": {"regex": "x+"}}}).get_str("regex") == "/x+/x+_{B}"


def test_a_dict_without_the_tokens_name_is_no_hit(session: Session) -> None:
    parser = parser_of(session, "/{A}", {"A": {"parse": {"regex": {"B": "x"}, "glob": "*"}}})
    assert parser.get_str(("regex", "glob")) == "/*"


def test_braces_of_an_expression_are_no_token(parser: ContextParser) -> None:
    assert parser.get_str("regex", groups={"3": "three"}) == r"/pub/[a-z]+_\d{3}/v\d+"


@pytest.mark.parametrize("holdout", ["NUM", ["NUM"], ("NUM", "X"), {"NUM"}, iter(["NUM"])], ids=lambda value: type(value).__name__)
def test_holdout_is_one_name_or_several(parser: ContextParser, holdout: object) -> None:
    assert parser.get_str("glob", groups={"SHOT": "{NUM}"}) == "/pub/{NUM}/{VER}"
    assert parser.get_str("regex", holdout=holdout) == r"/pub/[a-z]+_{NUM}/v\d+"  # type: ignore[arg-type]


@pytest.mark.parametrize("depth", [-1, 1, 2])
def test_holdout_protects_from_filling_expanding_and_the_last_pass(parser: ContextParser, depth: int) -> None:
    assert parser.get_str("regex", depth, holdout={"SHOT", "VER"}) == "/pub/{SHOT}/{VER}"


@pytest.mark.parametrize("groups", [{"NUM": 7}, [("NUM", 7)], (("NUM", "7"),), iter([("NUM", 7)])], ids=lambda value: type(value).__name__)
def test_groups_are_a_mapping_or_pairs(parser: ContextParser, groups: object) -> None:
    assert parser.get_str(groups=groups) == "/pub/{SEQ}_7/{VER}"  # type: ignore[arg-type]


@pytest.mark.parametrize("groups", [7, "NUM", [7], object()], ids=lambda value: type(value).__name__)
def test_other_groups_are_refused(parser: ContextParser, groups: object) -> None:
    with pytest.raises(ValueError, match="groups"):
        parser.get_str(groups=groups)  # type: ignore[arg-type]


def test_groups_come_before_every_engine(parser: ContextParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUM", "999")
    assert parser.get_str(("env", "regex"), groups={"NUM": "7"}) == r"/pub/[a-z]+_7/v\d+"


def test_stored_values_are_the_base_and_groups_override_them(parser: ContextParser) -> None:
    parser["NUM"] = 1
    parser["SEQ"] = "aa"
    assert parser.get_str(groups={"NUM": 7}) == "/pub/aa_7/{VER}"


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_token_held_out_and_given_a_value_is_an_error(parser: ContextParser, is_stored: bool) -> None:
    if is_stored:
        parser["NUM"] = "7"
    with pytest.raises(ValueError, match="NUM"):
        parser.get_str(holdout="NUM", groups=None if is_stored else {"NUM": "7"})


def test_displayed_tokens_are_named_groups_of_what_was_filled_in(parser: ContextParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQ", "ev")
    monkeypatch.delenv("NUM", raising=False)
    assert parser.get_str("env", display_tokens=True) == "/pub/(?P<SEQ>ev)_{NUM}/{VER}"
    assert parser.get_str(groups={"SHOT": "a_1"}, display_tokens=True) == "/pub/(?P<SHOT>a_1)/{VER}"


@pytest.mark.parametrize("mapping", ["{B}", "{A}_x", "{B}/{A}"])
def test_tokens_in_a_circle_are_a_clear_error(session: Session, mapping: str) -> None:
    parser = parser_of(session, "/{A}", {"A": {"mapping": mapping}, "B": {"mapping": "{A}"}})
    with pytest.raises(TokenCycleError, match="circle"):
        parser.get_str()
    with pytest.raises(TokenCycleError, match="circle"):
        parser.get_token_parse("A", "regex")


def test_a_token_whose_mapping_is_itself_stays(session: Session) -> None:
    parser = parser_of(session, "/{A}", {"A": {"mapping": "{A}", "parse": {"regex": "x"}}})
    assert (parser.get_str(), parser.get_str("regex")) == ("/{A}", "/x")


def test_a_context_without_a_mapping_has_nothing_to_fill(session: Session) -> None:
    session.add_plugins(one={"hierarchy": "bare"})
    with pytest.raises(UnresolvedMappingError):
        session.need_context("bare").get_parser().get_str()


def test_a_child_hierarchy_refines_a_token(session: Session) -> None:
    """The last plugin's entry counts, as in Context.get_mapping_details."""
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/{JOB}", "mapping_details": {"JOB": {"parse": {"regex": "top"}}}},
        shot={"hierarchy": "job/shot", "mapping": "/{JOB}/x", "mapping_details": {"JOB": {"parse": {"regex": "low"}}}},
    )
    parser = session.need_context("job/shot").get_parser()
    assert parser.get_str("regex") == "/low/x"
    assert parser.get_all_mapping_details() == {"JOB": {"parse": {"regex": "low"}}}
    assert list(parser.get_mapping_details()) == [parser.get_all_mapping_details()]


def test_tokens_are_those_with_details(session: Session) -> None:
    parser = parser_of(session, "/{X}/{A}", {"A": {}, "B": {"required": False}, "C": {"required": True}})
    assert parser.get_tokens() == ["A", "B", "C"]
    assert parser.get_tokens(required_only=True) == parser.get_required_tokens() == ["A", "C"]


def test_a_token_of_the_mapping_without_details_is_never_required(session: Session) -> None:
    assert parser_of(session, "/{X}/{A}", {"A": {"mapping": "{B}"}}).get_required_tokens() == ["A"]


@pytest.mark.parametrize("token, children", [("SHOT", ["SEQ", "NUM"]), ("SEQ", []), ("nothing", [])])
def test_child_tokens_are_those_of_a_tokens_own_mapping(parser: ContextParser, token: str, children: list[str]) -> None:
    assert parser.get_child_tokens(token) == children


@pytest.mark.parametrize(
    "token, engine, expression",
    [
        ("SEQ", "regex", "[a-z]+"),
        ("VER", "regex", {"VER": r"v\d+"}),
        ("SHOT", "glob", "*"),
        ("SHOT", "regex", r"[a-z]+_\d{3}"),
        ("VER", "glob", ""),
        ("nothing", "regex", ""),
    ],
)
def test_token_parse_is_a_tokens_own_or_its_childrens(parser: ContextParser, token: str, engine: str, expression: object) -> None:
    assert parser.get_token_parse(token, engine) == expression


def test_a_composed_expression_takes_a_childs_mapping_before_its_own_expression(session: Session) -> None:
    details = {
        "A": {"mapping": "{B}.{C}"},
        "B": {"mapping": "{D}x", "parse": {"regex": "own"}},
        "C": {"parse": {"regex": "c"}},
        "D": {"parse": {"regex": "d"}},
    }
    parser = parser_of(session, "/{A}", details)
    assert (parser.get_token_parse("A", "regex"), parser.get_token_parse("B", "regex")) == ("dx.c", "own")


def test_an_expression_can_not_be_composed_where_a_child_has_none(session: Session) -> None:
    parser = parser_of(session, "/{A}", {"A": {"mapping": "{B}_{C}"}, "B": {"parse": {"regex": "b"}}})
    assert parser.get_token_parse("A", "regex") == ""


@pytest.mark.parametrize(
    "token, value, expected",
    [
        ("SEQ", "ab", True),
        ("SEQ", "ab1", False),
        ("SHOT", "ab_001", True),
        ("SHOT", "ab_1234zz", False),
        ("VER", "v1", True),
        ("VER", "1", False),
        ("nothing", "whatever", True),
        ("NUM", 123, True),
        ("NUM", None, False),
    ],
)
def test_a_value_is_valid_where_it_fits_as_a_whole(parser: ContextParser, token: str, value: object, expected: bool) -> None:
    assert parser.is_valid(token, value) is expected


def test_any_value_is_valid_where_no_expression_can_be_told(session: Session) -> None:
    parser = parser_of(session, "/{A}", {"A": {"mapping": "{B}_{C}"}, "B": {"parse": {"regex": "b"}}})
    assert parser.is_valid("A", "no such form") and parser.is_valid("C", "x")


def test_a_value_of_a_token_with_mapping_and_expression_satisfies_both(session: Session) -> None:
    details = {**DETAILS, "SHOT": {"mapping": "{SEQ}_{NUM}", "parse": {"regex": "a.*"}}}
    parser = parser_of(session, "/{SHOT}", details)
    assert [parser.is_valid("SHOT", value) for value in ("ab_001", "bb_001", "ab-001")] == [True, False, False]


def test_only_regex_can_tell_whether_a_value_is_valid(parser: ContextParser) -> None:
    with pytest.raises(NotImplementedError, match="regex") as caught:
        parser.is_valid("SEQ", "ab", "glob")
    assert isinstance(caught.value, UnknownEngineError)


def test_what_is_no_expression_is_an_error_with_its_place(session: Session) -> None:
    with pytest.raises(PatternError, match=r"A can't be read.*\n\(x\n\^"):
        parser_of(session, "/{A}", {"A": {"parse": {"regex": "(x"}}}).is_valid("A", "x")


def test_a_value_is_read_from_its_parents_value(parser: ContextParser) -> None:
    parser["SHOT"] = "ab_001"
    assert parser.get_value_from_parent("NUM", "SHOT", "regex") == "001"
    assert parser.get_value_from_parent("VER", "SHOT", "regex") == ""


def test_no_value_is_read_from_a_parents_value_that_does_not_fit(parser: ContextParser) -> None:
    parser["SHOT"] = "ab"
    assert parser.get_value_from_parent("NUM", "SHOT", "regex") == ""


def test_a_parser_holds_values(parser: ContextParser) -> None:
    parser["A"] = 1
    assert ("A" in parser, "B" in parser, parser["A"]) == (True, False, 1)
    with pytest.raises(KeyError) as caught:
        parser["B"]
    assert isinstance(caught.value, UnknownTokenError)


def test_each_context_gives_a_new_parser_each_time(parser: ContextParser) -> None:
    assert parser.context.get_parser() is not parser.context.get_parser()


def test_one_round_of_filling_without_a_context(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "env")
    fill: Callable[..., str] = ContextParser.resolve_with_tokens
    details = {"A": {"parse": {"regex": "a"}}, "B": {"mapping": "{C}", "parse": {"regex": "b"}}, "C": {"parse": {"regex": "c"}}}
    assert fill("{A}{B}{C}", ["A", "B"], details, ["regex"], {}) == "ab{C}"
    assert fill("{A}{B}", ["A", "B"], details, ["env", "regex"], {"B": 2}, True) == "(?P<A>env)(?P<B>2)"
