"""``{@x}``: the mapping of another token, or of another place; and mappings of two syntaxes that meet."""

from __future__ import annotations

from time import thread_time

import pytest

from ways.api import Session, UnresolvedMappingError
from ways.errors import MappingLimitError, RelativeCycleError, TokenCycleError
from ways.plugins.resolve import join_parts


def test_a_place_brings_its_mapping_and_what_its_tokens_may_hold(session: Session) -> None:
    session.add_plugins(
        shot={"hierarchy": "job/shot", "mapping": "/j/{JOB}/{SHOT}", "mapping_details": {"SHOT": {"parse": {"regex": r"\d+"}}}},
        review={"hierarchy": "review", "mapping": "{@job/shot}.review/{@job/shot}.mov"},
    )
    assert session.need_context("review").get_mapping() == "/j/{JOB}/{SHOT}.review//j/{JOB}/{SHOT}.mov"
    assert session.read("/j/d/1.review//j/d/1.mov").values == {"JOB": "d", "SHOT": "1"}
    assert session.need_context("review").get_mapping_details() == {"SHOT": {"parse": {"regex": r"\d+"}}}


def test_nearer_details_count_before_those_of_the_place_referred_to(session: Session) -> None:
    session.add_plugins(
        a={"hierarchy": "a", "mapping": "a{N}", "mapping_details": {"N": {"format": "d"}, "M": {"default": "m"}}},
        b={"hierarchy": "b", "mapping": "b{@a}", "mapping_details": {"N": {"format": "l"}}},
    )
    assert session.read("bax").values == {"N": "x"}
    assert session.need_context("b").get_mapping_details() == {"N": {"format": "l"}, "M": {"default": "m"}}


def test_a_token_goes_before_a_place_of_the_same_name(session: Session) -> None:
    session.add_plugins(
        name={"hierarchy": "name", "mapping": "wrong"},
        it={"hierarchy": "it", "mapping": "x/{@name}", "mapping_details": {"name": {"mapping": "{A}_{B}"}}},
    )
    assert session.read("x/1_2").values == {"A": "1", "B": "2"}
    assert session.need_context("it").template.all_tokens == ("A", "B")


def test_what_is_neither_is_a_token_as_before(session: Session) -> None:
    session.add_plugins(it={"hierarchy": "it", "mapping": "x/{@nothing}"})
    assert session.read("x/1").values == {"@nothing": "1"}


def test_the_mapping_of_a_token_may_refer_to_a_place(session: Session) -> None:
    session.add_plugins(
        shot={"hierarchy": "shot", "mapping": "{SEQ}_{NUM:03d}"},
        file={"hierarchy": "file", "mapping": "{NAME}.ma", "mapping_details": {"NAME": {"mapping": "{@shot}-{V}"}}},
    )
    read = session.read("a_010-2.ma").values
    assert read == {"SEQ": "a", "NUM": "010", "V": "2"} and session.format("file", read) == "a_010-2.ma"
    assert session.get_asset("a_010-2.ma").get_value("NAME") == "a_010-2"


@pytest.mark.parametrize("plugins", [
    {"a": "x{@b}", "b": "y{@a}"},
    {"a": "x{@a}"},
    {"a": "x{@b}", "b": "y{@c}", "c": "z{@a}"},
])  # fmt: skip
def test_places_that_refer_to_each_other_are_refused(session: Session, plugins: dict[str, str]) -> None:
    session.add_plugins(**{name: {"hierarchy": name, "mapping": mapping} for name, mapping in plugins.items()})
    with pytest.raises(RelativeCycleError, match="a circle: .*a"):
        session.need_context("a").get_mapping()


def test_tokens_that_refer_to_each_other_are_refused(session: Session) -> None:
    details = {"A": {"mapping": "a{@B}"}, "B": {"mapping": "b{@A}"}}
    session.add_plugins(it={"hierarchy": "it", "mapping": "x{@A}", "mapping_details": details})
    with pytest.raises(TokenCycleError, match="A -> B -> A"):
        session.need_context("it").template


def test_a_place_without_a_mapping_leaves_none(session: Session) -> None:
    session.add_plugins(
        bare={"hierarchy": "bare"},
        far={"hierarchy": "far", "mapping": "far", "platforms": ["windows"]},
        one={"hierarchy": "one", "mapping": "{@bare}"},
        two={"hierarchy": "two", "mapping": "{@far}"},
    )
    for name, missing in (("one", "bare"), ("two", "far")):
        with pytest.raises(UnresolvedMappingError, match=f"refers to '{missing}', which has no mapping here"):
            session.need_context(name).get_mapping()


def test_one_changed_place_changes_what_refers_to_it(session: Session) -> None:
    session.add_plugins(a={"hierarchy": "a", "mapping": "1"}, b={"hierarchy": "b", "mapping": "x{@a}"})
    assert session.need_context("b").get_mapping() == "x1"
    session.add_plugins(again={"hierarchy": "a", "mapping": "2"})
    assert session.need_context("b").get_mapping() == "x2"


# --- two syntaxes


def test_brackets_of_the_first_syntax_mean_nothing_below_the_second(session: Session) -> None:
    session.add_plugins(
        old={"hierarchy": "old", "mapping": "old[1]/{A}", "mapping_details": {"P": {"mapping": "[{Q}]"}}},
        new={"hierarchy": "new", "syntax": 2, "uses": ["old"], "mapping": "{root}/{P}[_{B}]"},
        third={"hierarchy": "third", "mapping": "<{@old/new}>"},
    )
    assert session.need_context("old").get_mapping() == "old[1]/{A}"
    assert session.read("old[1]/a/[q]_b").values == {"A": "a", "Q": "q", "B": "b"}
    assert session.read("old[1]/a/[q]").values == {"A": "a", "Q": "q"}
    assert session.read("<old[1]/a/[q]_b>").hierarchy == "third"
    assert session.format("old/new", {"A": "a", "Q": "q"}) == "old[1]/a/[q]"


def test_a_tokens_mapping_is_of_the_syntax_of_the_plugin_that_gives_it(session: Session) -> None:
    session.add_plugins(
        top={"hierarchy": "top", "mapping": "t/{P}", "syntax": 2, "mapping_details": {"P": {"mapping": "{A:l}[-{B:d}]"}}},
        below={"hierarchy": "top/below", "mapping": "b/{P}/[x]"},
    )
    assert session.read("t/a-1").values == {"A": "a", "B": "1"}
    assert session.read("b/q/[x]").values == {"A": "q"}


def test_a_token_that_is_named_like_a_reference_is_that_token(session: Session) -> None:
    session.add_plugins(
        job={"hierarchy": "job", "mapping": "/jobs"},
        a={"hierarchy": "a", "mapping": "/x/{@job}", "mapping_details": {"@job": {"parse": {"regex": "[0-9]+"}}}},
    )
    assert session.need_context("a").get_mapping() == "/x/{@job}" and session.read("/x/12", "a").values == {"@job": "12"}


@pytest.mark.parametrize(
    "parts, joined",
    [
        ([("a[b]", 1), ("[c]", 1)], ("a[b][c]", 1)),
        ([("a[b]", 2), ("[_{C}]", 2)], ("a[b][_{C}]", 2)),
        ([("a[b]", 1), ("[_{C}]", 2)], ("a[[b]][_{C}]", 2)),
        ([("[_{C}]", 2), ("a[b]", 1), ("d", 2)], ("[_{C}]a[[b]]d", 2)),
    ],
)
def test_parts_of_two_syntaxes_are_joined_in_the_second(parts: list[tuple[str, int]], joined: tuple[str, int]) -> None:
    assert join_parts(parts) == joined


def test_a_long_way_to_the_last_place_is_too_long_however_short_another_is(session: Session) -> None:
    mappings = {number: "".join(f"{{@p{number + step}}}" for step in (1, 10, 100) if number + step <= 600) for number in range(600)}
    session.add_plugins(**{f"p{n}": {"hierarchy": f"p{n}", "syntax": 2, "mapping": text} for n, text in mappings.items()})
    session.add_plugins(
        last={"hierarchy": "p600", "syntax": 2, "mapping": "/x"},
        good={"hierarchy": "good", "syntax": 2, "mapping": "/good/{A:d}"},
    )
    assert session.read("/good/7").values == {"A": "7"}
    with pytest.raises(MappingLimitError):
        session.need_context("p0").get_mapping()


def test_places_with_many_parts_refer_to_each_other(session: Session) -> None:
    deep = ["/".join([f"p{number}"] * 190) for number in range(6)]
    for number in range(5):
        session.add_plugins(
            **{
                f"top{number}": {"hierarchy": f"p{number}", "syntax": 2, "mapping": f"{{@{deep[number + 1]}}}"},
                f"deep{number}": {"hierarchy": deep[number + 1], "syntax": 2},
            }
        )
    session.add_plugins(last={"hierarchy": "p5", "syntax": 2, "mapping": "/x"})
    assert session.need_context("p0").get_mapping() == "/x"
    assert "/x" in str(session.explain("p0"))


def test_that_all_places_refer_to_all_costs_no_more_than_their_references(session: Session) -> None:
    count = 60
    mapping = "".join(f"{{@p{number}}}" for number in range(count))
    session.add_plugins(**{f"p{n}": {"hierarchy": f"p{n}", "syntax": 2, "mapping": mapping} for n in range(count)})
    start = thread_time()
    for number in range(count):
        with pytest.raises(RelativeCycleError):
            session.need_context(f"p{number}").get_mapping()
    assert thread_time() - start < 4
