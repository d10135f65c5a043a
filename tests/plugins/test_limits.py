"""What a sheet may ask for: beyond it there is a problem at the plugin, and nothing ends the program."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ways import api
from ways.errors import HierarchyError

TOKENS = "{" + ", ".join(f"T{n}: {{mapping: '{{T{n + 1}}}x'}}" for n in range(2000)) + "}"
DOUBLED = "{" + ", ".join(f"T{n}: {{mapping: '{{T{n + 1}}}{{T{n + 1}}}'}}" for n in range(40)) + "}"
REFERRED = "{" + ", ".join(f"T{n}: {{mapping: '{{@T{n + 1}}}{{@T{n + 1}}}'}}" for n in range(40)) + ", T40: {mapping: x}}"
TOO_MUCH = {
    "deep hierarchy": f"hierarchy: {'/'.join('h' * 3000)}, mapping: /x",
    "deep tokens": f"hierarchy: a, mapping: '/{{T0}}', mapping_details: {TOKENS}",
    "doubled tokens": f"hierarchy: a, mapping: '/{{T0}}', mapping_details: {DOUBLED}",
    "doubled references": f"hierarchy: a, mapping: '/{{@T0}}', mapping_details: {REFERRED}",
    "deep parts": f"hierarchy: a, syntax: 2, mapping: '/x{'[_{A}' * 600}{']' * 600}'",
}


@pytest.mark.parametrize("plugin", TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_plugin_that_asks_for_too_much_is_a_problem_and_costs_no_other(load: Callable[..., api.Session], plugin: str) -> None:
    session = load(f"plugins:\n  bad: {{{plugin}}}\n  good: {{hierarchy: good, mapping: '/good/{{A}}'}}\n")
    (fault,) = [finding for finding in session.check() if finding.level == "error"]
    assert (fault.code in ("illegal-hierarchy", "token-language", "limit"), fault.source.line) == (True, 2)
    assert session.explain_text("/good/x").status == "resolved"


def test_parents_count_for_the_depth_of_a_place(load: Callable[..., api.Session]) -> None:
    above = "/".join("h" * 199)
    plugins = f"a: {{hierarchy: '{{root}}/x', uses: [{above}]}}, b: {{hierarchy: '{{root}}/x/y', uses: [{above}]}}"
    session = load(f"plugins: {{top: {{hierarchy: {above}, mapping: /x}}, {plugins}}}")
    assert [(problem.code, problem.source.pointer[1]) for problem in session.problems] == [("illegal-hierarchy", "b")]
    assert session.get_context(f"{above}/x").get_mapping() == "/x"


def test_a_place_that_is_too_deep_is_refused_from_python(session: api.Session) -> None:
    with pytest.raises(HierarchyError, match="has 201 parts; there may be 200"):
        session.add_plugins(a={"hierarchy": "/".join("h" * 201)})


def test_tokens_that_two_plugins_double_are_told_when_they_are_asked_for(load: Callable[..., api.Session]) -> None:
    session = load(f"plugins: {{a: {{hierarchy: a, mapping: '/{{T0}}'}}, b: {{hierarchy: a, mapping_details: {DOUBLED}}}}}")
    assert "at most 250 tokens of a mapping, found 256" in session.explain_text("/x").attempts[0].message
    assert [finding.code for finding in session.check()] == ["limit"]


def test_many_choices_are_read_soon(load: Callable[..., api.Session]) -> None:
    names = ", ".join(f"w{number}" for number in range(5_000))
    session = load(f"plugins: {{a: {{hierarchy: a, mapping: '/{{A}}', mapping_details: {{A: {{choices: [{names}]}}}}}}}}")
    assert session.get_asset("/w4999", strict=True).get_value("A") == "w4999"
