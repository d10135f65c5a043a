"""Texts that hold a matcher: known expressions that backtrack, ordinary mappings, and every way a text meets them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.stress.runner import Outcome, Scenario
from ways.assets.asset import Asset
from ways.errors import WaysError
from ways.session import Session

#: Seconds that one Context may have, and as much again for a machine that is busy.
MOST = 0.2
#: Expressions that hold re for long, each with texts that are repeated, and one that spoils the end.
EXPRESSIONS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (r"(a+)+", ("a",), "!"),
    (r"(a*)*", ("a",), "!"),
    (r"(a|a)*", ("a",), "!"),
    (r"(a|aa)+", ("a",), "!"),
    (r"(.*)*", ("x",), "\n"),
    (r"(.+)+\d", ("x",), "!"),
    (r"([a-zA-Z]+)*", ("a",), "1"),
    (r"(\w+\s?)*", ("word ", "a"), "!"),
    (r"(\d+)*\.", ("1",), "x"),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", ("a",), "!"),
    (r"(x+x+)+y", ("x",), "!"),
    (r"(?:\w+_)*\w+-", ("a_", "_"), "!"),
    (r"\w+\w+\w+\w+", ("_", "a"), "!"),
    (r"\w*\w*\w*\w*\w*", ("a",), "!"),
    (r"[^_]+_[^_]+_\w+", ("a_", "_"), "!"),
    (r".*.*.*", ("a",), "\n"),
    (r"\s*(.*?)\s*,\s*(.*?)\s*", (" ", ", "), "\n"),
    (r"\s+$", (" ",), "x"),
    (r"(?:[a-z0-9]+\.)+[a-z]{2,}", ("a.", "a"), "!"),
    (r"[\w.-]+@([\w-]+\.)+[\w-]{2,4}", ("a", "a.", "a@a."), "!"),
    (r"(?:(?:https?|ftp)://)?(?:\S+(?::\S*)?@)?\S+", ("a:@", ":"), " "),
    (r"(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){0,1}(([a-z0-9]+)[.])+[a-z]{2,3}", ("a", "aaa."), "!"),
    (r"<!--.*?-->|(?:<[^>]*>)*", ("<", "<!--"), "!"),
    (r"(?:[^\\']|\\.)*'", ("\\", "a"), "x"),
    (r"\"(?:\\.|[^\"\\])*\"", ("\\\\", "a"), "x"),
    (r"(?:\d{1,3},?)+\.\d", ("1", "123,"), "x"),
    (r"(?:0?[1-9]|1\d)*:", ("1", "01"), "x"),
    (r"v(\d+)+", ("1",), "x"),
    (r"(?i)(?:[a-z]+[0-9]*)*_", ("aB1", "A"), "!"),
    (r"([a-z]+[A-Z]*)*[0-9]", ("aB", "a"), "!"),
    (r"(?:ab|a|b)*c", ("ab", "a"), "!"),
    (r"(?:(?:a{1,9}){1,9}){1,9}", ("a",), "!"),
    (r"(a?){30}a{30}", ("a",), "!"),
    (r"(?:a?b?c?d?e?)*f", ("abcde", "a"), "!"),
    (r"(.)(.)(.).*\3\2\1", ("abc", "a"), "!"),
    (r"(\w+)_\1_\1", ("a", "a_"), "!"),
    (r"(?=(\w+)+!)\w+", ("a",), "?"),
    (r"(?:(?!ab).)*ab(?:(?!ab).)*ab", ("a", "ab"), "\n"),
    (r"(?<=x)?(\w|\w\w)*", ("xa",), "!"),
    (r"(?:x*y*)*z", ("x", "xy"), "!"),
    (r"(?s:.*a){6}", ("a", "b"), "!"),
    (r"\w{0,8}\w{0,8}\w{0,8}\w{0,8}\w{0,8}\w{0,8}\w{0,8}\w{0,8}", ("a",), "!"),
    (r"(?:\w{1,20}-?){1,20}", ("a", "a-"), "!"),
    (r"[a-z]*a[a-z]*a[a-z]*a[a-z]*", ("a",), "!"),
    (r"\w+", ("_", "a_"), "!"),
    (r"[^/]+", ("_", "a_"), "/"),
    (r".+", ("_", "a_/"), "\n"),
)
#: Mappings of tokens that share one expression; some texts are cut where these are.
MAPPINGS = ("/{A}", "/{A}_{B}", "/{A}_{B}_{C}_{D}", "/{A}{B}{C}{D}x", "/x/{A}/{B}_{A}", "/{A}x[_{B}][_{C}]y", "/{P}_{C}")
LENGTHS = (20, 60, 250, 2_000, 32_000)


def worlds() -> Iterator[tuple[str, Session]]:
    """Yield a session for each expression and mapping, with a second Context beside it."""
    for expression, _, _ in EXPRESSIONS:
        for mapping in MAPPINGS:
            yield f"{expression} in {mapping}", world(expression, mapping)


def world(expression: str, mapping: str) -> Session:
    """Return a session with one Context of four tokens that share an expression, and one that any text may be of."""
    details: dict[str, Any] = {name: {"parse": {"regex": expression}} for name in "ABCD"}
    details |= {"P": {"mapping": "{A}-{B}"}, "W": {"before_return": "str"}}
    session = Session()
    session.add_plugins(
        slow={"hierarchy": "slow", "mapping": mapping, "mapping_details": details, "syntax": 2},
        when={"hierarchy": "slow", "data": {"x": 1}, "when": {"A": ["a"]}},
        any={"hierarchy": "any", "mapping": "/any/{W}"},
    )
    return session


def texts(units: tuple[str, ...], spoiler: str, chooser: random.Random) -> Iterator[str]:
    """Yield texts of all lengths that fit for long, and then don't; or do."""
    for unit in units:
        for length in LENGTHS:
            body = (unit * length)[:length]
            yield chooser.choice(("/", "", "/x/")) + body + chooser.choice((spoiler, "", "_" + body[: length // 2], f"_{unit}y"))[:700]


def doors(session: Session, text: str) -> Mapping[str, Callable[[], Any]]:
    """Return every way in which a text, or a value, meets the expressions of a session."""
    value = text.strip("/")
    filled = {**dict.fromkeys("ABCD", value), "P": f"{value}-{value}"}
    return {
        "get_asset": lambda: session.get_asset(text),
        "get_asset of a Context": lambda: session.get_asset(text, "slow"),
        "get_asset, strict": lambda: session.get_asset(text, "slow", strict=True),
        "read": lambda: session.read(text),
        "read_many": lambda: list(session.read_many([text], "slow", ("a", "b", "c"))),
        "get_assets": lambda: session.get_assets([text], as_columns=True),
        "of values": lambda: session.get_asset({"A": value}),
        "set_value": lambda: session.need_context("slow").get_parser().is_valid("A", value),
        "get_value": lambda: Asset(filled, "slow").get_value("P"),
        "get_str": lambda: Asset(filled, "slow").get_str(required=False),
        "format": lambda: session.format("slow", {"A": value[:9000], "B": value[:9000]}),
        "explain_text": lambda: session.explain_text(text),
        "translate": lambda: session.translate(text, "linux"),
        "resolve_with": lambda: session.need_context("slow").get_str("regex", groups={"A": value}),
        "get_value of a child": lambda: Asset({**filled, "A": None}, "slow").get_value("A"),
    }


def tried(session: Session, text: str) -> Iterator[tuple[str, float]]:
    """Yield each way a text meets the expressions, with the seconds it takes this thread."""
    for name, ask in doors(session, text).items():
        started = time.thread_time()
        try:
            with session.active():
                ask()
        except (WaysError, ValueError):
            pass
        yield name, time.thread_time() - started


def run(seconds: float) -> Outcome:
    """Try texts against worlds until the time is up; each world and each length has its turn."""
    until, chooser, count = time.monotonic() + seconds, random.Random(1), 0
    worst, where, wrong = 0.0, "", []
    pairs = [(found, mapping) for found in EXPRESSIONS for mapping in MAPPINGS]
    chooser.shuffle(pairs)
    while time.monotonic() < until:
        (expression, units, spoiler), mapping = pairs[count % len(pairs)]
        count += 1
        session = world(expression, mapping)
        # What is made once, at the first question, is no text's doing.
        list(tried(session, "/warm"))
        for text in texts(units, spoiler, chooser):
            for name, took in tried(session, text):
                told = f"{took:.3f} s: {name}, {expression!r} in {mapping!r}, {text[:30]!r} ({len(text)} characters)"
                if took > worst:
                    worst, where = took, told
                # Two Contexts may be asked, each for so long.
                if took > 2 * MOST:
                    wrong.append(told)
            if time.monotonic() > until:
                break
    return Outcome(count, f"the longest took {where}", tuple(wrong))


SCENARIOS = {"redos": Scenario("texts that would hold a matcher, by every way a text is asked", run)}
