"""What a mapping holds when its tokens are replaced: at a limit it is let through, and one beyond it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ways.errors import MappingLimitError, PatternError
from ways.limits import Limits
from ways.pattern.measure import check_measure
from ways.regex.parse_tree import MAX_NESTING

pytestmark = pytest.mark.portability


def regex(length: int) -> dict[str, Any]:
    return {"parse": {"regex": "x" * length}}


def chain(count: int) -> dict[str, Any]:
    """Return tokens of which each is written by the next one."""
    return {f"T{number}": {"mapping": f"{{T{number + 1}}}x"} for number in range(count)}


#: The limit, a mapping with its details, and how much of it that is.
MEASURED: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "text": ("mapping", "/x{A}", {}, 5),
    "text of a token": ("mapping", "{A}", {"A": {"mapping": "x" * 9}}, 9),
    "details": ("tokens", "{A}", {"A": regex(1), "B": regex(1), "C": regex(1)}, 3),
    "tokens in tokens": ("tokens", "{A}{A}/{C}", {"A": {"mapping": "{B}{B}{B}"}}, 7),
    "a chain": ("expansion", "/{T0}", chain(9), 9),
    "a chain whose end was met before": ("expansion", "/{T6}/{T3}/{T0}", chain(9), 9),
    "formats and references": ("expansion", "/{A:s}", {"A": {"mapping": "{@B}"}, "B": {"mapping": "{C:s}"}, "C": {"mapping": "x"}}, 3),
    "expressions": ("expression", "{A}{A}{B}", {"A": regex(10), "B": regex(5), "C": regex(900)}, 25),
    "expressions in tokens": ("expression", "{P}{P}", {"P": {"mapping": "{A}{B}"}, "A": regex(10), "B": regex(5)}, 30),
    "one expression often": ("expression", "{A}" * 16, {"A": regex(3)}, 48),
}


@pytest.mark.parametrize("name, mapping, details, count", MEASURED.values(), ids=MEASURED)
def test_what_is_at_a_limit_is_let_through_and_one_more_is_refused(
    name: str, mapping: str, details: dict[str, Any], count: int
) -> None:
    check_measure(mapping, details, Limits(**{name: count}))
    with pytest.raises(MappingLimitError) as caught:
        check_measure(mapping, details, Limits(**{name: count - 1}))
    assert (caught.value.name, caught.value.limit) == (name, count - 1)


def test_a_chain_is_followed_no_further_than_it_may() -> None:
    with pytest.raises(MappingLimitError, match="found 6"):
        check_measure("/{T0}", chain(1000), Limits(expansion=5, tokens=1000))


@pytest.mark.parametrize("expression", ["(" * (MAX_NESTING + 1) + "a" + ")" * (MAX_NESTING + 1), "a{9999999}"])
@pytest.mark.parametrize("make", [lambda found: found, lambda found: {"A": found}], ids=["text", "by name"])
def test_an_expression_that_costs_too_much_is_refused(expression: str, make: Any) -> None:
    with pytest.raises(PatternError, match="The regex of the token A can't be read"):
        check_measure("{A}", {"A": {"parse": {"regex": make(expression)}}}, Limits())
