"""What an expression costs is measured before an engine gets it, and what passes is compiled and matched in little memory."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from math import isnan
from pathlib import Path

import pytest

from ways.errors import MappingLimitError, MatchTimeoutError, PatternError, SheetError
from ways.limits import Limits
from ways.pattern.token import TokenSpec
from ways.regex import charset
from ways.regex.automata import language_of
from ways.regex.backtracking import degree_of
from ways.regex.expression import read
from ways.regex.guard import cost_pieces, guarded_match
from ways.regex.parse_tree import MAX_COPIES, MAX_GROUPS, MAX_NESTING, compiled, copies_of, fault_of, parse, without_doubles
from ways.regex.samples import samples_of_each_kind, samples_with
from ways.session import Session


def nested(opening: str, closing: str, depth: int, inner: str = "a") -> str:
    return opening * depth + inner + closing * depth


#: Each expression, and what is said of it.
COSTLY = {
    "nested plus": (nested("(", ")+", 45), "copies"),
    "nested plus of groups that keep nothing": (nested("(?:", ")+", 16), "copies"),
    "a tower of counts": (nested("(", "){1,7}", 15), "copies"),
    "counts in counts": (nested("(?:", "){50}", 4), "copies"),
    "possessive": (nested("(?:", ")++", 16), "copies"),
    "lazy": (nested("(?:", ")+?", 16), "copies"),
    "at least": (nested("(?:", "){2,}", 10), "copies"),
    "looks": (nested("(?=", ")+", 16), "copies"),
    "alternatives": (nested("(?:x|", ")+", 16), "copies"),
    "one great count": ("a{40000}", "copies"),
    "counts of many": ("(?:" + "ab" * 300 + "){60}", "copies"),
    "ranges in which case is ignored": ("(?i)" + r"[\u0100-\uffff]" * 9, "copies"),
    "ranges in a group in which case is ignored": ("(?i:" + r"[\u0100-\uffff]" * 9 + ")", "copies"),
    "groups": ("(a)" * (MAX_GROUPS + 1), "groups keep"),
    "groups among comments": ("(?x)" + "(a)#(\n" * (MAX_GROUPS + 1), "groups keep"),
    "depth": (nested("(?:", ")*", MAX_NESTING + 1), "groups lie"),
    "depth behind a comment": ("(?#[)" + nested("(", ")*", MAX_NESTING + 1), "groups lie"),
}
#: What real sheets write, and what is near the limits.
FINE = {
    "a version": r"v\d{3}",
    "a checksum": "[0-9a-f]{128}",
    "an address": r"(?:\d{1,3}\.){3}\d{1,3}",
    "an identifier": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "a name of a file": ".{1,255}",
    "counts in counts": "(?:(?:a{1,50}){1,50}){1,50}",
    "starred": nested("(", ")*", MAX_NESTING),
    "optional": nested("(?:", ")?", MAX_NESTING),
    "many plus": "[a-z]+_" * 2000,
    "many words": "|".join(f"word{number}" for number in range(3000)),
    "groups": "(a)" * MAX_GROUPS,
    "ideographs": "(?i)[\u4e00-\u9fff]{1,64}",
}


@pytest.mark.parametrize("expression, message", COSTLY.values(), ids=COSTLY)
def test_what_costs_too_much_is_refused_before_an_engine_gets_it(expression: str, message: str) -> None:
    assert message in fault_of(expression).message  # type: ignore[union-attr]
    with pytest.raises(re.error, match=message):
        read(expression)


@pytest.mark.parametrize("expression", FINE.values(), ids=FINE)
def test_what_people_write_costs_little(expression: str) -> None:
    assert fault_of(expression) is None and read(expression)


@pytest.mark.parametrize("syntax", [1, 2])
@pytest.mark.parametrize("expression, message", COSTLY.values(), ids=COSTLY)
def test_the_plugin_of_a_costly_expression_is_left_out_and_the_others_load(
    expression: str, message: str, syntax: int, load: Callable[..., Session]
) -> None:
    quoted = expression.replace("\\", "\\\\").replace("\n", "\\n")
    details = f'\n    mapping_details:\n      A:\n        parse:\n          regex: "{quoted}"\n'
    text = f"globals: {{syntax: {syntax}}}\nplugins:\n  a:\n    hierarchy: a\n    mapping: '/a/{{A}}'{details}"
    session = load(text + "  b: {hierarchy: b, mapping: '/b/{B}'}\n")
    (problem,) = session.problems
    assert (problem.code, problem.source.line, problem.source.column) == ("bad-expression", 9, 11)
    assert message in problem.message and "^" in problem.excerpt
    assert session.get_context("a") is None and session.read("/b/x").hierarchy == "b"
    assert {finding.code for finding in session.check() if finding.level == "error"} == {"bad-expression"}


def test_a_costly_expression_comes_in_by_no_other_door() -> None:
    expression = nested("(", ")+", 45)
    given = {"hierarchy": "a", "mapping": "/{A}", "mapping_details": {"A": {"parse": {"regex": expression}, "choices": ["a"]}}}
    with pytest.raises(SheetError, match="copies"):
        Session().add_plugins(a=given)

    class Author:
        def get_hierarchy(self) -> str:
            return "a"

        def get_mapping(self) -> str:
            return "/{A}"

        def get_mapping_details(self) -> object:
            return given["mapping_details"]

    session = Session()
    session.add_plugin(Author())
    for ask in (session.read, lambda text: session.read(text, "a"), lambda text: session.format("a", {"A": text})):
        with pytest.raises((PatternError, ValueError)):
            ask("/" + "a" * 32)
    assert "bad-expression" in {finding.code for finding in session.check()}


def test_the_expressions_of_a_mapping_count_together() -> None:
    details = {f"T{number}": {"parse": {"regex": f"(?:ab){{6000}}|x{number}"}} for number in range(4)}
    session = Session()
    session.add_plugins(a={"hierarchy": "a", "mapping": "/{T0}-{T1}-{T2}-{T3}", "mapping_details": details})
    with pytest.raises(PatternError, match="more than 32768 copies"):
        session.read("/x0-x1-x2-x3y", "a")


@pytest.mark.parametrize("expression", [nested("(", ")+", depth) for depth in (5, 15, 45)] + ["(?:a?){100}", "(?:a|a|a|a|a|a|a|a|a|a)*"])
@pytest.mark.parametrize("length", range(1, 9))
def test_no_short_text_holds_re(expression: str, length: int) -> None:
    match = guarded_match(re.compile(f"{expression}b"), cost_pieces(f"{expression}b"))
    started = time.thread_time()
    try:
        assert match("a" * length) is None
    except MatchTimeoutError:
        pass
    assert time.thread_time() - started < 30


def test_choices_are_measured_at_each_door() -> None:
    details = {"A": {"choices": ["a" * 400_000, "a" * 399_999 + "b"]}}

    class Author:
        def get_hierarchy(self) -> str:
            return "b"

        def get_mapping(self) -> str:
            return "/b/{A}"

        def get_mapping_details(self) -> object:
            return details

    session = Session()
    given = {"hierarchy": "a", "mapping": "/a/{A}", "mapping_details": details}
    for add in (lambda: session.add_plugin(Author()), lambda: session.add_plugins(a=given)):
        with pytest.raises(SheetError, match="at most 32768 characters of expressions and choices, found 800001"):
            add()


def test_choices_of_several_plugins_count_together() -> None:
    session = Session()
    for name in "AB":
        details = {name: {"choices": [name * 20_000]}}
        session.add_plugins(**{name: {"hierarchy": "a", "mapping": "/{A}/{B}", "mapping_details": details}})
    with pytest.raises(MappingLimitError, match="at most 32768 characters of expressions and choices, found 40000"):
        session.read("/a/b", "a")


def test_what_choices_begin_with_is_written_once_where_it_is_long() -> None:
    # The reader of re takes it from each alternative, letter by letter: twice as many letters take four times as long.
    texts = ["a" * 30_000 + end for end in ("", "b", "a.c")]
    reads = TokenSpec.of("A", {"choices": texts}).reads
    assert reads is not None and reads.count("a") == 30_001
    assert [text for text in [*texts, "a" * 30_001, "b"] if re.fullmatch(reads, text)] == texts
    session = Session(limits=Limits(expression=100_000, text=100_000))
    session.add_plugins(a={"hierarchy": "a", "mapping": "/{A}c", "mapping_details": {"A": {"choices": texts}}})
    assert [session.get_asset(f"/{text}c").get_value("A") for text in texts] == texts


HUNT = Path(__file__).parent / "hunt.py"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of memory")
def test_what_passes_takes_little_memory_to_compile_and_to_match() -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    done = subprocess.run([sys.executable, str(HUNT), "40", "7"], capture_output=True, text=True, timeout=500, preexec_fn=limit)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.splitlines()[-1].startswith("tried")


def unlike(count: int, form: str, joint: str = "|") -> str:
    """Return many parts that differ in one ideograph."""
    return joint.join(form.replace("X", chr(0x4E00 + number)) for number in range(count))


#: What takes long to look at, or much memory, though each is short and compiled quickly.
LARGE = {
    "alternatives in a loop": f"(?:{unlike(165, '[a-z0-9X]' + 'x' * 60)})*",
    "sets in a loop": f"(?:{unlike(60, '[^WX]x?')})*".replace("W", r"\W"),
    "loops of sets": unlike(1800, "[^WX]*", "").replace("W", r"\W"),
    "counted sets": f"(?:{unlike(1000, '[^WX]{1,9}')})".replace("W", r"\W"),
    "counts that begin alike": f"(?:{unlike(1000, 'W{1,9}X')})*".replace("W", r"\w"),
    "looks in a row": unlike(1900, "(?=.*X)", "") + ".*",
    "looks in a loop": f"(?:{unlike(60, '(?=.*X.*a)b|(?!X.*a)c')})" + "{9}.*",
    "loops in a row": unlike(58, "(?:[a-z]{2,30}X)*", ""),
    "looks at large sets": unlike(40, "(?=[^WX]*x)", "").replace("W", r"\W") + ".*",
}
CHECK = """
import sys
from ways.session import Session
for number, expression in enumerate(sys.stdin.read().split("\\n")):
    session = Session()
    details = {"A": {"parse": {"regex": expression}}}
    session.add_plugins(a={"hierarchy": "a", "mapping": "/{A}", "mapping_details": details})
    if number == 1:
        session.add_plugins(b={"hierarchy": "b", "mapping": "/{A}b", "mapping_details": details})
    print(number, sorted({finding.code for finding in session.check() if finding.code != "unused-details"}))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of memory")
def test_a_check_of_a_large_expression_takes_little_memory() -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    given = "\n".join(LARGE.values())
    command = [sys.executable, "-X", "utf8", "-c", CHECK]
    done = subprocess.run(command, input=given, capture_output=True, text=True, encoding="utf-8", timeout=500, preexec_fn=limit)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(done.stdout.splitlines()) == len(LARGE)


@pytest.mark.parametrize("name", ["alternatives in a loop", "sets in a loop", "loops of sets", "counted sets"])
def test_what_is_too_large_to_tell_is_told_as_such(name: str) -> None:
    degree = degree_of(LARGE[name])
    assert degree is not None and isnan(degree)
    session = Session()
    session.add_plugins(a={"hierarchy": "a", "mapping": "/{A}", "mapping_details": {"A": {"parse": {"regex": LARGE[name]}}}})
    (finding,) = [finding for finding in session.check() if finding.code == "slow-expression"]
    assert "too large to tell" in finding.message


#: What takes no character, repeated in repeats: no state and no piece of it is counted.
IDLE = {
    "looks in looks": nested("(?!(", "){0,9})", 23),
    "looks in groups": nested("(?:(?!", "){0,9})", 24),
    "edges": nested("(?:", "){0,9}", 45, r"\b"),
    "looks behind": nested("(?:", "){0,9}", 45, "(?<=a)"),
    "nothing": "(?:){0,4000000000}",
    "nothing in groups": nested("(?:", "){0,99}", 45, "(?:)"),
    "references": r"(\b)" + "".join(rf"(\{number}\{number})" for number in range(1, 90)),
}


@pytest.mark.parametrize("expression", IDLE.values(), ids=IDLE)
def test_what_takes_no_character_is_gone_through_so_often_and_no_more(expression: str) -> None:
    session = Session()
    session.add_plugins(a={"hierarchy": "a", "mapping": "/{A}", "mapping_details": {"A": {"parse": {"regex": expression}}}})
    assert "bad-expression" not in {finding.code for finding in session.check()}
    assert degree_of(expression) is None or samples_with(expression, "a", 3)
    assert list(samples_of_each_kind(parse(expression)))


@pytest.mark.parametrize("name", ["looks in a row", "looks in a loop"])
def test_looks_are_followed_so_often_and_no_more(name: str) -> None:
    assert language_of(LARGE[name]).doubts == ("it looks ahead in too many ways",)


def test_sets_are_kept_so_many_and_no_more() -> None:
    word = charset.category(r"\w")
    charset.without.cache_clear()
    for code in range(0x6000, 0x6000 + 3000):
        charset.without(word, charset.literal(chr(code)))
        assert charset.without.cache_info().currsize <= 1 + charset._MOST_RANGES // len(word.ranges)


@pytest.mark.parametrize(
    "expression", ["[[a-z]+", "[a--b]", "[+--]", "[a&&b]", "[a||b]", "[a~~b]", "[%--]", "[^[a]", "(?x)[[a] # [\n b", "[[]"]
)
def test_no_expression_warns(expression: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            plain: re.Pattern[str] | None = re.compile(expression)
        except re.error:
            plain = None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if plain is None:
            with pytest.raises(re.error):
                compiled(expression)
            return
        ours = compiled(expression)
        parse(expression)
        session = Session()
        session.add_plugins(a={"hierarchy": "a", "mapping": "/{A}_", "mapping_details": {"A": {"parse": {"regex": expression}}}})
        for letter in ("a", "[", "-", "&", "|", "~", "b"):
            assert bool(ours.fullmatch(letter)) == bool(plain.fullmatch(letter))
        assert bool(session.explain_text("/a_", strict=True).status == "resolved") == bool(plain.fullmatch("a"))
        session.check()
    assert without_doubles(without_doubles(expression)) == without_doubles(expression)


def test_copies_saturate() -> None:
    assert copies_of(nested("(?:", "){4000000000}", 45)) < 1 << 62 and MAX_COPIES < copies_of(nested("(?:", ")+", 45))
