"""The table of token forms: each row's regex, glob, value and text are what the package makes of it."""

from __future__ import annotations

import datetime
import re

import pytest
import yaml

from documentation.examples import DOCS, literals, tables
from ways.api import Session
from ways.pattern.types import kind_of

ROWS = tables((DOCS / "reference" / "tokens.rst").read_text(encoding="utf-8"))[0][1:]


def first(cell: str) -> str:
    return literals(cell)[0] if literals(cell) else ""


@pytest.mark.parametrize("row", ROWS, ids=[f"{first(row[0])} {first(row[1])}".strip() for row in ROWS])
def test_a_row_says_what_is_made_of_it(row: list[str]) -> None:
    mapping, details, regex, glob, value, text = map(first, row[:6])
    session = Session()
    entry = {"A": yaml.safe_load(details)} if details else {}
    session.add_plugins(it={"hierarchy": "it", "syntax": 2, "mapping": mapping, "mapping_details": entry})
    context = session.need_context("it")
    assert (context.get_str(resolve_with="regex"), context.get_str(resolve_with="glob")) == (regex, glob)
    typed = eval(value, {"datetime": datetime})
    assert session.format("it", {"A": typed}) == text == session.format("it", session.read(text, "it").values)
    asset = session.get_asset(text, "it", strict=True)
    assert (asset.get_value("A"), asset.get_str()) == (typed, text)
    if "{" not in regex:
        assert re.fullmatch(regex, text)


def test_every_format_has_its_row() -> None:
    shown = {found[1] for row in ROWS if (found := re.search(r"\{A:(.+)\}", first(row[0])))}
    assert shown >= {"d", "03d", "-d", "-03d", "x", "X", "o", "b", ".2f", "s", "w", "l", "%Y-%m-%d"} and all(map(kind_of, shown))
    date = next(row for row in ROWS if first(row[0]) == "{A:%Y-%m-%d}")
    told = set(re.findall(r"%.", literals(date[6])[0]))
    assert told == {f"%{letter}" for letter in "YymdHIpMSfjbBaA%"}
