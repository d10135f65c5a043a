"""What JavaScript is written for an expression; tests/report/test_browser.py asks a browser whether it means the same."""

from __future__ import annotations

import inspect
import re
import sys

import pytest

from ways.regex.javascript import Untranslatable, class_ranges, parse_for_javascript, to_javascript


@pytest.mark.parametrize(
    "expression, written",
    [
        (r"(?P<name>[a-z]+)", "^(?:(?<g1>(?:[a-z]){1,}))$"),
        (r"(?P<a>x)(?P=a)", r"^(?:(?<g1>x)\k<g1>)$"),
        (r"\d+?", "^(?:(?:[{{d}}]){1,}?)$"),
        (r"[^\W_]", "^(?:[^{{W}}_])$"),
        (r"(?a)\d", "^(?:[0-9])$"),
        (r"(?i)kb", r"^(?:[Kk\u{212a}][Bb])$"),
        (r"a.b\Z", r"^(?:a[^\n]b$)$"),
        (r"v\.1", r"^(?:v\u{2e}1)$"),
        (r"(?!a)(?<=b)c|d", "^(?:(?:(?!a)(?<=b)c|d))$"),
        ("[^a](?!)", "^(?:[^a](?!))$"),
        ("(?i:k)x", r"^(?:(?:[Kk\u{212a}])x)$"),
        ("(a)(?(1)b|c)", "^(?:(?<g1>a)b)$"),
        ("(?(1)x|y)(a)(?(2)z)(b)", "^(?:y(?<g1>a)(?<g2>b))$"),
        ("(?:a*){1}b", "^(?:(?:(?:a){0,}){1,1}b)$"),
    ],
)
def test_an_expression_is_written_in_javascript(expression: str, written: str) -> None:
    assert to_javascript(expression).text == written


@pytest.mark.parametrize(
    "expression",
    [
        r"(?>a)b", r"a*+b", r"(a)?\1", r"(?:(a)|b)(?(1)c|d)", r"a\B", r"(?i)(a)\1", r"(?:|a)*", r"(?:(?(1)x|y)(a))+", r"(",
        "(?:" * 3000 + ")" * 3000,
    ],
)
def test_what_has_no_counterpart_is_refused(expression: str) -> None:
    with pytest.raises(Untranslatable):
        to_javascript(expression)


def test_a_part_of_a_larger_expression_has_no_ends() -> None:
    assert to_javascript(r"a|(b)", is_whole=False).text == "(?:(?:a|(?<g1>b)))"


@pytest.mark.parametrize(
    "expression, written",
    [(r"(a*)?b", "^(?:(?:(?<g1>(?:a){0,})|)b)$"), (r"(a*)??b", "^(?:(?:|(?<g1>(?:a){0,}))b)$")],
)
def test_an_optional_round_that_matches_nothing_is_a_round(expression: str, written: str) -> None:
    assert to_javascript(expression).text == written


@pytest.mark.parametrize("letter", "wdsWDS")
def test_ranges_are_what_python_counts(letter: str) -> None:
    in_python = re.sub(r"\\u[{]([0-9a-f]+)[}]", lambda match: f"\\U{match[1]:0>8}", class_ranges()[letter])
    ranges = re.compile(f"[{in_python}]")
    sampled = (chr(code) for code in range(0, 0x110000, 7))
    assert all(bool(ranges.match(one)) == bool(re.match(f"\\{letter}", one)) for one in sampled)


def test_an_expression_that_is_too_deep_to_write_is_untranslatable() -> None:
    parsed = parse_for_javascript("(" * 60 + "a" + ")" * 60)
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(len(inspect.stack()) + 60)
        with pytest.raises(Untranslatable, match="too deep"):
            to_javascript(parsed)
    finally:
        sys.setrecursionlimit(limit)
