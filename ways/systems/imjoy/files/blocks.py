"""The blocks of an ``*.imjoy.html`` file, as ImJoy's own tokenizer cuts them, in linear time."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

#: The names of the blocks that ImJoy knows. Letter case matters.
KNOWN_BLOCKS = ("config", "script", "style", "window", "docs", "attachment", "link")
#: Blocks of one file.
MAX_BLOCKS = 10_000

#: Elements in whose content there is no markup.
_RAW = frozenset({"script", "style", "textarea"})
_NAME = r"[A-Za-z_][\w.-]*"
_OPEN = re.compile(rf"<((?:{_NAME}:)?{_NAME})", re.ASCII)
_CLOSE = re.compile(rf"</((?:{_NAME}:)?{_NAME})", re.ASCII)
_ATTRIBUTE = re.compile(r"""\s*([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"+|'([^']*)'+|([^\s"'=<>`]+)))?""")
_END_OF_OPEN = re.compile(r"\s*(/?)>")
_REFERENCE = re.compile("&(lt|gt|quot|amp);")
_LETTERS = {"lt": "<", "gt": ">", "quot": '"', "amp": "&"}
#: Beginning and end of a part that is skipped, and the offset from its beginning at which the search for its end starts.
_SKIPPED = (("<!--", "-->", 2), ("<![", "]>", 3))
_LINE_BREAK = re.compile(r"\r?\n")

Attributes = Mapping[str, "str | bool"]


class Block(NamedTuple):
    """An element at the top of a file."""

    name: str
    attributes: Attributes
    #: The offset of its ``<``, and those of the beginning and the end of its content.
    opened: int
    start: int
    end: int
    #: Whether it is closed before the file ends.
    is_closed: bool

    def attribute(self, name: str) -> str:
        """Return the text of an attribute; ``""`` if it is absent or has no value."""
        value = self.attributes.get(name, "")
        return value if isinstance(value, str) else ""


class Swallowed(NamedTuple):
    """A part of a block in which there is no markup: a script, a style, a text area or a comment, and the close tags in it."""

    #: How it begins: ``<script>`` or ``<!--``.
    opening: str
    #: What ends it.
    closing: str
    #: The offsets of its beginning and its end. The end is that of the text if nothing ends it.
    start: int
    end: int
    is_closed: bool


class Element(NamedTuple):
    """An element that isn't closed yet."""

    name: str
    #: The name in lower case, by which it is closed.
    key: str
    attributes: Attributes
    opened: int
    start: int


class Scanner:
    """Finds the blocks of one text.

    :param text: the whole file.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.blocks: list[Block] = []
        #: The first ``config`` that stands inside another block: the position of its ``<``, and that block's name.
        self.nested_config: tuple[int, str] | None = None
        #: Parts of blocks that hide the close tags in them, in order.
        self.swallowed: list[Swallowed] = []
        #: Where a script ended, and the offset of the next ``</script>``, which closes nothing: the first time that it happens.
        self.cut_script: tuple[Block, int] | None = None
        #: A comment outside of blocks that never ends: how it begins, what would end it, and its offset.
        self.open_comment: tuple[str, str, int] | None = None
        self.is_cut = False
        self._open: list[Element] = []
        self._keys: Counter[str] = Counter()
        self._at = 0
        #: The offset of the last ``>``, so that the end of a tag isn't searched after it.
        self._last_end = text.rfind(">")

    def run(self) -> list[Block]:
        """Return the blocks in order."""
        while not self.is_cut and self._step():
            self.is_cut = len(self.blocks) >= MAX_BLOCKS
        for key in reversed([element.key for element in self._open]):
            self._close(key, self._at, self._at, is_closed=False)
        return self.blocks

    def _step(self) -> bool:
        """Read one piece of markup; return whether there may be more."""
        text, start = self.text, self._at
        if self._open and self._open[-1].key in _RAW:
            # Everything up to the close tag is content. Without a close tag, the content is empty and the rest is ignored.
            key = self._open[-1].key
            close = re.compile(f"</{key}", re.IGNORECASE | re.ASCII).search(text, start)
            end = self._tag_end(close.end()) if close else -1
            is_closed = close is not None and end >= 0
            self._note_swallowed(f"<{key}>", f"</{key}>", self._open[-1].opened, close.start() if close and is_closed else -1)
            if close is None or end < 0:
                self._close(key, start, start, is_closed=False)
                return False
            self._close(key, close.start(), end + 1)
            return True
        start = text.find("<", start)
        if start < 0:
            return False
        if text.startswith("<!", start):
            for opening, closing, distance in _SKIPPED:
                if text.startswith(opening, start):
                    end = text.find(closing, start + distance)
                    self._at = start if end < 0 else end + len(closing)
                    self._note_swallowed(opening, closing, start, end)
                    if end < 0 and not self._open:
                        self.open_comment = opening, closing, start
                    return end >= 0
            if text[start : start + 10].upper() == "<!DOCTYPE " and (end := self._tag_end(start)) >= 0:
                self._at = end + 1
                return True
        if (match := _CLOSE.match(text, start)) and (end := self._tag_end(match.end())) >= 0:
            key = match[1].lower()
            if key == "script" and self.cut_script is None and self.blocks and self.blocks[-1].name == "script":
                # In a block that ImJoy knows, it is a part of a text about scripts.
                if not self._open or self._open[0].name not in KNOWN_BLOCKS:
                    self.cut_script = self.blocks[-1], start
            self._close(key, start, end + 1)
            return True
        if match := _OPEN.match(text, start):
            self._begin(match[1], start, match.end())
            return True
        # The '<' is text. Blocks that are open at the last '<' of a file end before it.
        following = text.find("<", start + 1)
        self._at = following if following >= 0 else start
        return following >= 0

    def _note_swallowed(self, opening: str, closing: str, start: int, end: int) -> None:
        """Keep a part without markup of a block. A block that is one itself hides nothing of others.

        :param end: its end, or a negative number if nothing ends it.
        """
        if self._open and start > self._open[0].opened:
            self.swallowed.append(Swallowed(opening, closing, start, end if end >= 0 else len(self.text), end >= 0))

    def _tag_end(self, start: int) -> int:
        return self.text.find(">", start) if start <= self._last_end else -1

    def _begin(self, written: str, opened: int, at: int) -> None:
        """Open an element. If its tag never ends, go on after the attributes that could be read."""
        attributes: dict[str, str | bool] = {}
        while (end := _END_OF_OPEN.match(self.text, at)) is None and (match := _ATTRIBUTE.match(self.text, at)):
            value = next((group for group in match.groups()[1:] if group), "")
            attributes[match[1]] = _REFERENCE.sub(lambda reference: _LETTERS[reference[1]], value) or True
            at = match.end()
        self._at = end.end() if end else at
        if end is None:
            return
        if written == "config" and self._open and self.nested_config is None:
            self.nested_config = opened, self._open[0].name
        element = Element(written, written.lower(), attributes, opened, self._at)
        self._open.append(element)
        self._keys[element.key] += 1
        if end[1]:
            self._close(element.key, self._at, self._at)

    def _close(self, key: str, end: int, after: int, *, is_closed: bool = True) -> None:
        """Close the innermost open element of that name, and all elements in it; do nothing if there is none."""
        self._at = after
        if not self._keys[key]:
            return
        element = self._open.pop()
        self._keys[element.key] -= 1
        while element.key != key:
            element = self._open.pop()
            self._keys[element.key] -= 1
        if not self._open:
            block = Block(element.name, element.attributes, element.opened, element.start, end, is_closed)
            self.blocks.append(block)

    def hiding(self, block: Block) -> Swallowed | None:
        """Return the part of a block that never ends that hides the block's close tag; ``None`` if there is no such tag."""
        close = re.compile(rf"</{re.escape(block.name)}\b", re.IGNORECASE | re.ASCII)
        inside = (part for part in self.swallowed if block.start <= part.start)
        return next((part for part in inside if close.search(self.text, part.start, part.end)), None)


def scan(text: str) -> list[Block]:
    """Return the elements at the top of *text*, known or not, in order."""
    return Scanner(text).run()


class Content(NamedTuple):
    """The text of a block, without the indentation that all of its lines share."""

    text: str
    #: How many characters were taken from the start of each line.
    indent: int = 0


def content_of(text: str, block: Block) -> Content:
    """Return a block's content. If its first line isn't indented, the content is as it stands in the file.

    >>> content_of("<docs>\\n  a\\n    b\\n</docs>", scan("<docs>\\n  a\\n    b\\n</docs>")[0]).text
    '\\na\\n  b\\n'
    """
    written = text[block.start : block.end]
    lines = _LINE_BREAK.split(written)
    filled = [line for line in lines if line.strip()]
    if not filled:
        starts_blank = written[:1] in (" ", "\t", "\n", "\r")
        return Content("\n".join("" for _ in lines) if starts_blank else written)
    letter = filled[0][0]
    if letter not in " \t":
        return Content(written)
    indent = min(len(line) - len(line.lstrip(letter)) for line in filled)
    return Content("\n".join(line[indent:] for line in lines), indent)


class Lines:
    """Line and column of each offset in a text."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def at(self, index: int) -> tuple[int, int]:
        """Return line and column of an offset, both counted from 1."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1
