"""The block scanner agrees with the slow walk over every letter."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from oracle import blocks_oracle
from ways.systems.imjoy.files.blocks import scan

PIECES = (
    "<config", "</config>", "<CONFIG>", "<script>", "</script>", "</SCRIPT >", "<style ", "</style", "<textarea>", "</textarea>",
    "<window>", "</window>", "<br>", "<br/>", "<a:b c>", "</a:b>", "<!--", "-->", "<![", "]>", "<!DOCTYPE html>", "<!doctype ",
    "<", ">", "/>", "</", " ", "\n", "=", "'", '"', "lang", "lang='json'", ' tag="a&lt;b"', "x=y/", "<https://h/x>", "text", "&amp;",
)
SOUP = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)


def told(text: str) -> list[blocks_oracle.Found]:
    return [(block.name, dict(block.attributes), text[block.start : block.end]) for block in scan(text)]


@settings(deadline=None, max_examples=1500)
@given(SOUP)
def test_blocks_of_any_soup_of_tags_are_those_of_the_slow_walk(text: str) -> None:
    assert told(text) == blocks_oracle.blocks(text)


@settings(deadline=None)
@given(st.text(alphabet="<>/!-[]ab='\" \n", max_size=40))
def test_blocks_of_any_text_are_those_of_the_slow_walk(text: str) -> None:
    assert told(text) == blocks_oracle.blocks(text)
