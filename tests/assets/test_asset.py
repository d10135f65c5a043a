"""Asset: made, read, asked for values, and written; a test for each rule."""

from __future__ import annotations

import copy
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ways.assets.asset import Asset
from ways.contexts.context import Context
from ways.errors import ContextNotFoundError, LimitError, MissingTokensError, ParseError, RefusedCallError, UnresolvedMappingError
from ways.session import Session

pytestmark = pytest.mark.portability

SHOT = {"SHOT": {"mapping": "{SEQ}_{NUM}"}, "SEQ": {"parse": {"regex": "[a-z]+"}}, "NUM": {"parse": {"regex": r"\d{3}"}}}


@pytest.fixture
def shot(session: Session) -> Context:
    """The Context of ``/pub/{SHOT}``."""
    return context_of(session, "/pub/{SHOT}", {**SHOT, "VER": {}, "SEQ": {"parse": {"regex": "[a-z]+"}}, "NUM": {}})


def context_of(session: Session, mapping: str, details: dict[str, Any] | None = None, **more: Any) -> Context:
    session.add_plugins(one={"hierarchy": "some/place", "mapping": mapping, "mapping_details": details or {}, **more})
    return session.need_context("some/place")


# --- get_asset


@pytest.mark.parametrize("place", ["some/place", ("some", "place"), ["some", "place"]], ids=str)
def test_get_asset_takes_a_context_or_its_hierarchy(session: Session, shot: Context, place: Any) -> None:
    asset = session.get_asset({"SHOT": "aa_001"}, place)
    assert asset.context is shot
    assert session.get_asset({"SHOT": "aa_001"}, context=shot) == asset


def test_get_asset_of_an_unknown_context_is_a_value_error(session: Session, shot: Context) -> None:
    with pytest.raises(ValueError, match="some/plac.*Did you mean 'some/place'") as caught:
        session.get_asset({"SHOT": "aa_001"}, "some/plac")
    assert isinstance(caught.value, ContextNotFoundError)


def test_get_asset_is_none_where_no_asset_can_be_made_and_the_cause_is_logged(
    session: Session, shot: Context, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "ways"):
        assert session.get_asset({"SEQ": "aa"}, shot) is None
    assert "NUM" in caplog.text


def test_get_asset_of_a_text_that_does_not_fit_is_none(session: Session, shot: Context) -> None:
    assert session.get_asset("nothing like it", shot) is None


def test_get_asset_strictly_raises_every_error(session: Session, shot: Context) -> None:
    with pytest.raises(MissingTokensError, match="NUM"):
        session.get_asset({"SEQ": "aa"}, shot, strict=True)
    with pytest.raises(ParseError, match="does not fit"):
        session.get_asset("/pub/aa_001/more", shot, strict=True)
    with pytest.raises(ContextNotFoundError):
        session.get_asset("nothing like it", strict=True)


def test_get_asset_gives_further_arguments_to_the_class_but_strict(session: Session, shot: Context) -> None:
    seen: list[Any] = []
    session.register_asset_class(Asset, shot, init=lambda *args, **kwargs: seen.append((args, kwargs)))
    session.get_asset({"SHOT": "aa_001"}, shot, 1, strict=True, more=2)
    assert seen == [(({"SHOT": "aa_001"}, shot, 1), {"more": 2})]


def test_a_text_for_a_context_without_a_mapping_is_a_runtime_error(session: Session) -> None:
    session.add_plugins(one={"hierarchy": "bare"})
    with pytest.raises(RuntimeError, match="bare") as caught:
        session.get_asset("/x", "bare")
    assert isinstance(caught.value, UnresolvedMappingError)


def test_a_text_for_an_assignment_without_priority_is_a_runtime_error(session: Session) -> None:
    session.add_plugins(one={"hierarchy": "place", "mapping": "/{A}", "assignment": "other"})
    with pytest.raises(RuntimeError):
        session.get_asset("/x", "place")


def test_an_asset_can_be_made_directly_of_a_context_or_of_its_hierarchy(session: Session, shot: Context) -> None:
    assert Asset({"SHOT": "aa_001"}, shot) == Asset({"SHOT": "aa_001"}, "some/place")
    with pytest.raises(ValueError, match="NUM"):
        Asset({"SEQ": "aa"}, shot)
    with pytest.raises(ContextNotFoundError):
        Asset({}, "nowhere")


def test_an_asset_keeps_a_copy_of_what_it_was_given(shot: Context) -> None:
    info = {"SHOT": "aa_001"}
    asset = Asset(info, shot)
    asset.set_value("VER", "1")
    assert info == {"SHOT": "aa_001"} and asset.info is not info


# --- what is checked


def test_values_are_not_validated_on_creation_and_others_are_kept(shot: Context) -> None:
    assert Asset({"SEQ": "123", "NUM": "x", "EXTRA": 1}, shot).info == {"SEQ": "123", "NUM": "x", "EXTRA": 1}


# --- texts and pairs


@pytest.mark.parametrize(
    "info",
    [
        {"SEQ": "aa", "NUM": "001"},
        (("SEQ", "aa"), ("NUM", "001")),
        [["SEQ", "aa"], ["NUM", "001"]],
        {"SEQ": "aa", "NUM": "001"}.items(),
    ],
    ids=repr,
)
@pytest.mark.parametrize("mapping", ["/pub/{SHOT}", "{SHOT}"])
def test_values_are_a_dict_or_pairs(session: Session, info: Any, mapping: str) -> None:
    assert session.get_asset(info, context_of(session, mapping, SHOT)).info == {"SEQ": "aa", "NUM": "001"}


def test_values_may_come_from_a_generator(session: Session) -> None:
    pairs = (pair for pair in [("SEQ", "aa"), ("NUM", "001")])
    assert session.get_asset(pairs, context_of(session, "{SHOT}", SHOT)).info == {"SEQ": "aa", "NUM": "001"}


@pytest.mark.parametrize("info", [7, None, object(), [1, 2], "x"], ids=lambda value: type(value).__name__)
def test_anything_else_is_a_value_error_without_a_context(session: Session, shot: Context, info: Any) -> None:
    with pytest.raises(ValueError):
        session.get_asset(info)


def test_a_text_gives_the_values_of_leaf_tokens(session: Session) -> None:
    details = {**SHOT, "VER": {"parse": {"regex": {"VER": r"v\d+"}}}}
    asset = session.get_asset("/pub/aa_001/v2", context_of(session, "/pub/{SHOT}/{VER}", details))
    assert asset.info == {"SEQ": "aa", "NUM": "001", "VER": "v2"}


def test_a_text_that_fits_nothing_gives_no_values_where_none_are_required(session: Session) -> None:
    assert session.get_asset("anything", context_of(session, "/pub/{A}")).info == {}


def test_a_text_that_fits_is_read_as_its_expressions_say(session: Session) -> None:
    context = context_of(session, "/pub/{A}_{B}", {"A": {"parse": {"regex": "[a-z]+"}}})
    assert session.get_asset("/pub/a_b_c", context).info == {"A": "a", "B": "b_c"}


def test_a_text_that_fits_no_expression_is_read_as_a_whole_all_the_same(session: Session) -> None:
    assert session.get_asset("/pub/12_x", context_of(session, "/pub/{SHOT}", SHOT)).info == {"SEQ": "12", "NUM": "x"}


def test_repeated_tokens_should_agree_but_need_not(session: Session) -> None:
    """The path of a Houdini scene, for one, may hold two different versions."""
    context = context_of(session, "/{NAME}_{VERSION}/{VERSION}")
    assert session.get_asset("/a_b_1/b_1", context).info == {"NAME": "a", "VERSION": "b_1"}
    assert session.get_asset("/a_001/v1", context).info["NAME"] == "a"


def test_text_outside_the_mapping_is_ignored_leniently(session: Session) -> None:
    assert session.get_asset("/else/pub/q/x/more", context_of(session, "/pub/{A}/x")).info == {"A": "q"}


def test_tokens_side_by_side_take_a_text_by_their_expressions(session: Session) -> None:
    details = {"A": {"parse": {"regex": "[a-z]+"}}, "B": {"parse": {"regex": r"\d+"}}}
    context = context_of(session, "/{A}{B}", details)
    assert session.get_asset("/ab12", context).info == {"A": "ab", "B": "12"}
    assert session.read("/ab12/more", context, ("c",)).values == {"A": "ab", "B": "12"}


def test_the_order_of_lenient_splitting_is_a_setting(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    details = {"A": {"parse": {"regex": "[a-z]"}}, "B": {"parse": {"regex": "."}}}
    context = context_of(session, "/{A}_{B}", details)
    assert session.get_asset("/a_b_c!/x/y_z", context).info == {"A": "a_b_c!/x/y", "B": "z"}
    monkeypatch.setenv("WAYS_EXPAND_CHOICE_ORDER", "regex")
    assert session.read("/a_b/c/d", context, ("c",)).values == {"A": "a", "B": "b"}
    monkeypatch.setenv("WAYS_EXPAND_CHOICE_ORDER", "unknown")
    assert session.read("/a_b/c/d", context, ("c",)).values == {}


# --- missing required tokens


@pytest.mark.parametrize(
    "info, missing",
    [
        ({"SHOT": "aa_001"}, []),
        ({"SEQ": "aa", "NUM": "1"}, []),
        ({"SEQ": "aa"}, ["NUM"]),
        ({"SHOT": "aa"}, ["SEQ", "NUM"]),
        ({}, ["SEQ", "NUM"]),
        ({"SHOT": "aa_001", "NUM": ""}, []),
    ],
    ids=str,
)
def test_required_tokens_are_given_or_found(session: Session, info: dict[str, str], missing: list[str]) -> None:
    context = context_of(session, "/pub/{SHOT}", {"SHOT": SHOT["SHOT"], "SEQ": {}, "NUM": {}})
    asset = Asset({"SHOT": "aa_001"}, context)
    asset.info = dict(info)
    assert asset.get_missing_required_tokens() == missing


def test_a_required_token_that_others_write_is_missing_where_they_are_not_required(session: Session) -> None:
    context = context_of(session, "/pub/{SHOT}", {"SHOT": SHOT["SHOT"]})
    with pytest.raises(MissingTokensError, match="no value for SHOT;"):
        Asset({"SEQ": "aa"}, context)


def test_a_token_that_is_not_required_may_be_missing(session: Session) -> None:
    context = context_of(session, "/{JOB}/{SHOT}", {"JOB": {}, "SHOT": {"required": False}})
    assert Asset({"JOB": "x"}, context).get_missing_required_tokens() == []
    with pytest.raises(MissingTokensError, match="JOB"):
        Asset({"SHOT": "x"}, context)


def test_a_token_without_details_is_never_required(session: Session) -> None:
    assert Asset({}, context_of(session, "/{JOB}")).info == {}


def test_details_of_tokens_that_the_mapping_does_not_hold_ask_nothing(session: Session) -> None:
    assert Asset({"JOB": "x"}, context_of(session, "/{JOB}", {"JOB": {}, "DEEPER": {}})).info == {"JOB": "x"}


# --- get_value, and the functions that a value passes through


def test_get_value_searches_parents_and_children(shot: Context) -> None:
    assert Asset({"SHOT": "aa_001"}, shot).get_value("NUM") == "001"
    assert Asset({"SEQ": "aa", "NUM": "001"}, shot).get_value("SHOT") == "aa_001"
    assert Asset({"SHOT": "aa_001"}, shot).get_value("nothing") == ""


@pytest.mark.parametrize(
    "functions, given, expected",
    [
        ("int", 123, 123),
        ("int", "0012", 12),
        (["int", "str"], "0012", "12"),
        ("posixpath.basename", "a/b", "b"),
        (["posixpath.basename", "builtins.len"], "a/bcd", 3),
        ("builtins:len", "four", 4),
    ],
    ids=str,
)
def test_before_return_functions_are_applied_left_to_right(session: Session, functions: Any, given: Any, expected: Any) -> None:
    asset = Asset({"NUM": given}, context_of(session, "/{NUM}", {"NUM": {"before_return": functions}}))
    assert (asset.get_value("NUM"), asset.get_value("NUM", real=True)) == (expected, given)


@pytest.mark.parametrize("function", ["no.such.module", "nosuchbuiltin", "eval", "exec", "builtins.open", "builtins:eval", "os.nothing"])
def test_a_function_that_is_unknown_or_dangerous_is_refused(session: Session, function: str) -> None:
    asset = Asset({"NUM": "1+1"}, context_of(session, "/{NUM}", {"NUM": {"before_return": function}}))
    with pytest.raises(ValueError, match="function") as caught:
        asset.get_value("NUM")
    assert isinstance(caught.value, RefusedCallError)


def test_a_value_is_never_evaluated(session: Session) -> None:
    asset = Asset({"NUM": "1+1"}, context_of(session, "/{NUM}", {"NUM": {"before_return": "int"}}))
    with pytest.raises(ValueError, match="invalid literal"):
        asset.get_value("NUM")


# --- the other methods


def test_set_value_takes_what_fits_and_says_so(shot: Context) -> None:
    asset = Asset({"SHOT": "aa_001"}, shot)
    assert (asset.set_value("SEQ", "bb"), asset.info["SEQ"]) == (True, "bb")
    assert (asset.set_value("SEQ", "7"), asset.info["SEQ"]) == (False, "bb")
    assert (asset.set_value("SEQ", "7", force=True), asset.info["SEQ"]) == (True, "7")


def test_get_str_is_the_mapping_with_every_value(shot: Context) -> None:
    assert Asset({"SHOT": "aa_001"}, shot).get_str() == "/pub/aa_001"
    assert Asset({"SEQ": "aa", "NUM": "001"}, shot).get_str() == "/pub/aa_001"


def test_get_str_writes_values_that_were_found(session: Session) -> None:
    context = context_of(session, "/p/{NUM}", {"SHOT": {"mapping": "{SEQ}_{NUM}"}})
    assert Asset({"SHOT": "aa_001"}, context).get_str() == "/p/001"


def test_get_str_of_a_missing_required_token_is_an_error_if_not_waived(shot: Context) -> None:
    asset = Asset({"SHOT": "aa_001"}, shot)
    asset.info.clear()
    with pytest.raises(ValueError, match="NUM"):
        asset.get_str()
    assert asset.get_str(False) == asset.get_str(required=False) == "/pub/{SEQ}_{NUM}"


def test_get_str_passes_further_arguments_on(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    context = context_of(session, "/{A}/{B}/{C}", {"B": {"required": False, "parse": {"regex": "b+"}}})
    asset = Asset({"A": "a"}, context)
    monkeypatch.setenv("C", "sea")
    assert asset.get_str(True, ("env", "regex")) == "/a/b+/sea"
    assert asset.get_str(resolve_with="regex", groups={"C": "c"}) == "/a/b+/c"
    assert asset.get_str(True, "regex", -1, "B") == asset.get_str(holdout=["B"], resolve_with="regex") == "/a/{B}/{C}"


def test_a_held_out_token_that_is_given_is_an_error(shot: Context) -> None:
    with pytest.raises(ValueError, match="SHOT"):
        Asset({"SHOT": "aa_001"}, shot).get_str(holdout="SHOT")


def test_a_held_out_token_that_was_only_found_stays_open(shot: Context) -> None:
    assert Asset({"SEQ": "aa", "NUM": "001"}, shot).get_str(holdout="SHOT") == "/pub/{SHOT}"


def test_unfilled_tokens_are_those_with_details_that_were_not_given(session: Session) -> None:
    context = context_of(session, "/{JOB}/{THING}", {"JOB": {}, "THING": {"required": False}})
    assert Asset({"JOB": "x"}, context).get_unfilled_tokens() == ["THING"]
    assert Asset({"JOB": "x"}, context).get_unfilled_tokens(required_only=True) == []


def test_token_parse_is_the_parsers(shot: Context) -> None:
    asset = Asset({"SHOT": "aa_001"}, shot)
    assert (asset.get_token_parse("SEQ"), asset.get_token_parse("SEQ", "glob")) == ("[a-z]+", "")


def test_assets_are_equal_by_class_place_and_values(session: Session, shot: Context) -> None:
    class Other(Asset):
        """Another class."""

    session.add_plugins(two={"hierarchy": "other/place", "mapping": "/{SHOT}"})
    asset = Asset({"SHOT": "aa_001"}, shot)
    assert asset == Asset({"SHOT": "aa_001"}, shot)
    assert asset != Asset({"SHOT": "aa_002"}, shot)
    assert asset != Asset({"SHOT": "aa_001"}, "other/place")
    assert asset != {"SHOT": "aa_001"}
    with pytest.raises(TypeError, match="unhashable"):
        hash(asset)


def test_an_asset_says_what_it_is(shot: Context) -> None:
    text = "Asset(info={'SHOT': 'aa_001'}, context=Context(hierarchy='some/place', assignment=), parse_type='regex')"
    asset = Asset({"SHOT": "aa_001"}, shot)
    assert (repr(asset), str(asset)) == (text, text)
    assert (asset.get_hierarchy(), asset.parse_type) == (("some", "place"), "regex")


# --- actions


def test_an_action_of_an_asset_gets_the_asset_and_one_of_a_context_the_context(session: Session, shot: Context) -> None:
    session.add_action(lambda first, *args, **kwargs: (first, args, kwargs), "do", "some/place")
    asset = Asset({"SHOT": "aa_001"}, shot)
    assert asset.actions.do(1, more=2) == (asset, (1,), {"more": 2})
    assert shot.actions.do(1, more=2) == (shot, (1,), {"more": 2})
    assert asset.context.actions.do()[0] is shot


def test_an_asset_finder_knows_its_finder_and_its_asset(session: Session, shot: Context) -> None:
    asset = Asset({"SHOT": "aa_001"}, shot)
    session.add_action(print, "show", "some")
    assert asset.actions._asset is asset
    assert asset.actions.finder.context is shot
    assert "show" in dir(asset.actions)


def test_an_unknown_action_is_an_attribute_error(session: Session, shot: Context) -> None:
    with pytest.raises(AttributeError, match="nosuch"):
        Asset({"SHOT": "aa_001"}, shot).actions.nosuch


# --- an Asset of a text makes its values when they are first asked for


@pytest.fixture
def read(session: Session, shot: Context) -> Asset:
    """The Asset of a text, of which nothing was asked yet."""
    asset: Asset = session.get_asset("/pub/aa_001", shot)
    return asset


def test_an_asset_of_a_text_is_as_one_of_its_values(read: Asset, shot: Context) -> None:
    assert read == Asset({"SEQ": "aa", "NUM": "001"}, shot)
    assert repr(read) == repr(Asset({"SEQ": "aa", "NUM": "001"}, shot))


def test_a_copy_has_its_values(read: Asset) -> None:
    assert copy.copy(read) == read
    assert copy.copy(read).get_value("NUM") == "001"


def test_a_value_that_is_set_counts_from_then_on(read: Asset) -> None:
    assert read.get_value("NUM") == "001"
    assert read.set_value("NUM", "002")
    assert (read.get_value("NUM"), read.get_value("SHOT"), read.get_str()) == ("002", "aa_002", "/pub/aa_002")


def test_a_value_that_is_changed_in_info_counts_from_then_on(read: Asset) -> None:
    read.info["NUM"] = "002"
    assert (read.get_value("NUM"), read.get_str()) == ("002", "/pub/aa_002")


def test_info_can_be_replaced(read: Asset) -> None:
    read.info = {"SHOT": "bb_003"}
    assert (read.get_value("NUM"), read.get_str()) == ("003", "/pub/bb_003")


def test_info_stays_what_was_read_when_the_world_changes(session: Session, read: Asset, shot: Context) -> None:
    details = {"NUM": {"parse": {"regex": r"\d+"}, "format": "03d"}}
    session.add_plugins(more={"hierarchy": "some/place", "mapping": "/other/{NUM}/{SEQ}", "mapping_details": details})
    assert read.get_value("NUM") == 1
    assert read.get_str() == "/other/001/aa"
    assert read.info == {"SEQ": "aa", "NUM": "001"}


def test_threads_that_ask_at_once_get_one_dict(session: Session, shot: Context) -> None:
    for _ in range(50):
        asset = session.get_asset("/pub/aa_001", shot)
        with ThreadPoolExecutor(4) as pool:
            infos = list(pool.map(lambda _, asset=asset: asset.info, range(8)))
        assert all(info is infos[0] for info in infos)


def test_a_class_of_your_own_gets_a_dict(session: Session, shot: Context) -> None:
    class Shot(Asset):
        def __init__(self, info: dict[str, Any], context: Context) -> None:
            assert type(info) is dict
            super().__init__({**info, "VER": "v1"}, context)

    session.register_asset_class(Shot, shot)
    assert session.get_asset("/pub/aa_001", shot).info == {"SEQ": "aa", "NUM": "001", "VER": "v1"}
    assert [type(asset) for asset in session.get_assets(["/pub/aa_001"], shot)] == [Shot]


def test_the_platform_is_asked_for_at_each_call(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    context = context_of(session, "/jobs/{JOB}", path=True)
    session.add_plugins(two={"hierarchy": "some/place", "mapping": "Z:/{JOB}", "platforms": ["windows"]})
    monkeypatch.setenv("WAYS_PLATFORM", "linux")
    asset = session.get_asset("/jobs/dune", context)
    monkeypatch.setenv("WAYS_PLATFORM", "windows")
    assert asset.get_str() == "Z:\\dune"
    assert session.get_asset("Z:\\dune", context, strict=True) == asset
    monkeypatch.setenv("WAYS_PLATFORM", "linux")
    assert asset.get_str() == "/jobs/dune"


def test_what_only_empty_values_write_is_empty_rather_than_missing(session: Session) -> None:
    details = {"Q": {"mapping": "{R}"}, "R": {"mapping": "{B}{C}"}, "B": {"parse": {"regex": "[a-z]*"}}, "C": {"parse": {"regex": r"\d*"}}}
    context = context_of(session, "x{Q}", details)
    asset = session.get_asset("x", strict=True)
    assert asset.info == {"B": "", "C": ""}
    assert asset.get_str() == "x"
    with pytest.raises(MissingTokensError):
        Asset({"B": ""}, context)


def test_an_empty_value_writes_what_holds_it(session: Session) -> None:
    details = {"Q": {"mapping": "_{B}"}, "B": {"parse": {"regex": "[a-z]*"}}, "C": {}}
    context = context_of(session, "x{Q}", details)
    assert session.get_asset("x_", context).get_value("Q") == "_"


@pytest.mark.parametrize("given", [3, "3", "003"])
def test_a_typed_value_is_stored_as_its_format_writes_it(session: Session, given: object) -> None:
    place = context_of(session, "/pub/{N}_{V}", {"V": {"format": "03d"}})
    asset = session.get_asset({"N": "a", "V": given}, place)
    assert (asset.info, asset.get_value("V"), asset.get_str()) == ({"N": "a", "V": "003"}, 3, "/pub/a_003")
    assert session.get_asset([("N", "a"), ("V", given)]) == asset
    assert asset.set_value("V", "4") and asset.info["V"] == "004"
    assert session.format("some/place", {"N": "a", "V": given}) == "/pub/a_003"


def test_a_text_that_is_read_keeps_its_padding(session: Session) -> None:
    context_of(session, "/pub/{N}_{V}", {"V": {"format": "03d"}})
    assert session.get_asset("/pub/a_3", "some/place").info == {"N": "a", "V": "3"}


def test_a_given_number_selects_the_variant_of_its_number(session: Session) -> None:
    session.add_plugins(
        shot={"hierarchy": "shot", "mapping": "/a/{V}", "mapping_details": {"V": {"format": "03d"}}},
        slow={"hierarchy": "shot", "mapping": "/b/{V}", "when": {"V": 3}},
    )
    assert session.get_asset({"V": "3"}, "shot").get_str() == "/b/003"
    assert session.format("shot", {"V": "3"}) == "/b/003"


def test_typed_values_come_out_of_a_match_and_out_of_values(session: Session) -> None:
    details = {"STEP": {"choices": {"animation": "anm"}}, "NOTE": {}, "STEM": {"mapping": "{STEP}_v{VERSION}"}}
    mapping = "/jobs/{STEM}_{VERSION:03d}[-{NOTE}]"
    session.add_plugins(shot={"hierarchy": "shot", "syntax": 2, "mapping": mapping, "mapping_details": details})
    for given in ("/jobs/anm_v003_003", {"STEP": "animation", "VERSION": 3}):
        asset = session.get_asset(given, "shot")
        for _ in range(2):
            found = [asset.get_value(name) for name in ("STEP", "VERSION", "NOTE", "STEM")]
            assert found == ["animation", 3, "", "anm_v003"]
            # Whoever has the values may change them: they are looked at again from here on.
            assert dict(asset.info) == {"STEP": "anm", "VERSION": "003"}
        asset.info["VERSION"] = "004"
        assert (asset.get_value("VERSION"), asset.get_str()) == (4, "/jobs/anm_v004_004")


def test_an_asset_class_may_keep_its_values_itself(session: Session) -> None:
    class Kept(Asset):
        @property
        def info(self) -> Any:
            return self.kept

        @info.setter
        def info(self, values: Any) -> None:
            self.kept = values

    session.add_plugins(shot={"hierarchy": "shot", "syntax": 2, "mapping": "/jobs/{JOB}/{SHOT}"})
    asset = Kept({"JOB": "dune", "SHOT": "a"}, session.need_context("shot"))
    asset.set_value("SHOT", "b")
    assert (asset.info, asset.get_str(), asset.get_value("SHOT")) == ({"JOB": "dune", "SHOT": "b"}, "/jobs/dune/b", "b")


def test_an_asset_of_a_text_longer_than_any_may_be_is_not_written(session: Session) -> None:
    session.add_plugins(shot={"hierarchy": "shot", "syntax": 2, "mapping": "/jobs/{JOB}"})
    with pytest.raises(LimitError, match="values of at most 32768 characters together, found 40003"):
        session.get_asset({"JOB": "a" * 40_000}, "shot")
    asset = session.get_asset({"JOB": "a"}, "shot")
    # Nothing is asked when somebody writes into it.
    asset.info["JOB"] = "a" * 40_000
    with pytest.raises(LimitError):
        asset.get_str()
