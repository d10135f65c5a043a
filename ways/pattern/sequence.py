"""Frame sequences: tokens that hold a frame number, or stand for many frames at once.

A text is a frame number, or a pad (``%04d``, ``####``, ``@@@@``, ``$F4``, ``<UDIM>``) that may follow a frame range in the
notation of fileseq (``1001-1100``, ``1-10x2``, ``1-5,8``). Each ``#`` and ``@`` is one digit, as in Nuke and tk-core.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from ways.errors import MissingExtraError
from ways.pattern.types import Kind, compiled, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

UDIM = "<UDIM>"
#: Digits of a tile's number.
_UDIM_WIDTH = 4
_FORMAT = re.compile(r"(-?)(?:0([1-9][0-9]?))?d")
# There is no minus nought: no frame is written so.
_NUMBER = r"(?:[0-9]+|-0*[1-9][0-9]*)"
#: As many frames as fileseq takes at once.
MAX_FRAMES = 10_000_000
_PADS = rf"%(?:0[1-9][0-9]?)?d|#+|@+|\$F(?:[1-9][0-9]?)?|{UDIM}"
#: A loop over all characters that a text may hold. The loops of an expression of sequences lie in each other, but what a
#: number, a range and a pad begin with stands in no other: a text is divided in one way, in as many steps as by this loop.
LOOP = rf"[-0-9,xy:%d#@$F{UDIM}]+"


def _ranges(number: str) -> str:
    """Return the expression of frame ranges, with that of one number in them."""
    steps = rf"{number}(?:-{number}(?:[xy:][1-9][0-9]*)?)?"
    return rf"{steps}(?:,{steps})*"


#: Compiled at first need, as it takes half a millisecond.
_TEXT = rf"(?P<range>{_ranges(_NUMBER)})?(?P<pad>{_PADS})"


class Frames(NamedTuple):
    """Many frames of one thing; as text, what stands in its path."""

    #: The frames in fileseq's notation; ``''`` if they aren't known.
    range: str
    #: What stands for the number.
    pad: str

    @classmethod
    def of(cls, numbers: Iterable[int], width: int = 1, style: str = "#") -> Frames:
        """Return these frames, padded to *width* digits.

        :raises MissingExtraError: fileseq is not installed.
        """
        frames = sorted(set(numbers))
        return cls(_fileseq().FrameSet.from_iterable(frames).frange if frames else "", _pad(style, width))

    @property
    def style(self) -> str:
        """How the pad is written: ``%``, ``#``, ``@``, ``$F`` or ``<UDIM>``."""
        return next(style for style in _STYLES if self.pad.startswith(style))

    @property
    def width(self) -> int:
        """How many digits a number has at least."""
        if self.pad == UDIM:
            return _UDIM_WIDTH
        digits = re.sub(r"[^0-9]", "", self.pad)
        return len(self.pad) if self.style in "#@" else int(digits or 1)

    def frames(self) -> list[int]:
        """Return each frame, in the order of the range.

        :raises MissingExtraError: fileseq is not installed.
        :raises ValueError: there are more than ten million.
        """
        return list(dict.fromkeys(_counted(self.range))) if self.range else []

    def styled(self, style: str) -> Frames:
        """Return the same frames with a pad of another style.

        :raises ValueError: there is no such style, or none of this width.
        """
        return self._replace(pad=_pad(style, self.width))

    def at(self, frame: int) -> str:
        """Return the text of one frame."""
        return format(frame, f"0{self.width}d")

    def __str__(self) -> str:
        return self.range + self.pad


def _counted(frame_range: str) -> Iterator[int]:
    """Yield the frames of each part of a range in turn; one that two parts have comes twice."""
    frame_set = _fileseq().FrameSet
    count = 0
    # Part by part: fileseq compares each part of a range with all before it, which took 26 s for 8,000 frames with gaps.
    for part in frame_range.split(","):
        frames = (int(part),) if part.removeprefix("-").isdecimal() else frame_set(part)
        count += len(frames)
        if count > MAX_FRAMES:
            raise ValueError(f"{frame_range!r} has more than {MAX_FRAMES} frames")
        yield from frames


#: Style -> its pad of so many digits; ``""`` where it has none.
_STYLES: dict[str, Callable[[int], str]] = {
    "%": lambda width: f"%0{width}d" if width > 1 else "%d",
    "#": lambda width: "#" * width,
    "@": lambda width: "@" * width,
    "$F": lambda width: f"$F{width}" if width > 1 else "$F",
    UDIM: lambda width: UDIM if width == _UDIM_WIDTH else "",
}


def _pad(style: str, width: int) -> str:
    pad = _STYLES[style](width) if style in _STYLES else ""
    if not pad:
        raise ValueError(f"there is no pad {style!r} of {width} digits; the styles are {', '.join(_STYLES)}")
    return pad


class SequenceKind(NamedTuple):
    """How the texts of a sequence token are read and written; answers as a :class:`ways.pattern.types.Kind` does."""

    spec: str
    expression: str
    #: How a frame's number is read and written; ``None`` for any number.
    number: Kind | None
    #: Digits that a pad must have; 0 for any.
    width: int
    is_exact: bool = True

    def value(self, text: str) -> Any:
        """Return the frame number, or the :class:`Frames`, that *text* is.

        :raises ValueError: it is neither.
        """
        if not re.fullmatch(self.expression, text):
            raise ValueError(f"{text!r} is no frame and no range of frames{f' of the format {self.spec!r}' if self.spec else ''}")
        match = compiled(_TEXT).fullmatch(text)
        return Frames(match["range"] or "", match["pad"]) if match else int(text)

    def text(self, value: Any) -> str:
        """Return the text of a frame number, of :class:`Frames`, or of many numbers; a text is taken as it is.

        :raises ValueError: *value* is nothing of these.
        """
        if isinstance(value, (str, Frames)):
            return str(value)
        if isinstance(value, (list, tuple, range)) and value and all(type(item) is int for item in value):
            text = str(Frames.of(value, self.width or 1))
            if not self.fits(text):
                raise ValueError(f"the format {self.spec!r} can't write the frames {text!r}; '-{self.spec}' takes a sign")
            return text
        if type(value) is not int:
            raise ValueError(f"{value!r} is no frame number")
        return self.number.text(value) if self.number else str(value)

    def given_text(self, value: Any) -> str:
        """Return the text of a value that is given rather than read: a frame number may be a text, with any zeros before it.

        :raises ValueError: *value* is nothing that :meth:`text` can write.
        """
        text = self.text(value)
        return self.number.given_text(text) if self.number and not self.fits(text) else text

    @property
    def fits(self) -> Callable[[str], object]:
        """What gives whether a text is a frame number, or stands for frames."""
        return compiled(self.expression).fullmatch


@lru_cache(maxsize=256)
def sequence_kind(spec: str = "") -> SequenceKind:
    """Return how a sequence token with this format reads and writes.

    :raises ValueError: the format is none of whole numbers: ``d``, ``04d`` and ``-04d`` are.
    """
    match = _FORMAT.fullmatch(spec)
    if spec and not match:
        raise ValueError(f"the format of a sequence is d or such as 04d or -04d, not {spec!r}")
    number = kind_of(spec) if spec else None
    width = int(match[2] or 1) if match else 0
    ranges = _ranges("[0-9]+" if match and not match[1] else _NUMBER)
    pads = "|".join(re.escape(write(width)) for style, write in _STYLES.items() if style != UDIM) + f"|{UDIM}" if width else _PADS
    written = number.expression if number else _NUMBER
    # The longer one first, as every expression is to find the longest value: a range begins with a number.
    return SequenceKind(spec, f"(?:(?:{ranges})?(?:{pads})|{written})", number, width)


def gathered(texts: Iterable[str], spec: str = "") -> list[Frames]:
    """Return the frames that these numbers, as they stand in paths, are: one record for each width.

    The width is that of the format; without one, that of texts that begin with a nought. Any other text belongs to the
    greatest width that it is not too short for: numbers outgrow their pad. If no text begins with a nought, it is the width
    of the shortest.

    :raises MissingExtraError: fileseq is not installed.
    """
    by_width: dict[int, list[int]] = {}
    unique = set(texts)
    fixed = sequence_kind(spec).width
    widths = sorted({len(text) for text in unique if _is_padded(text)}, reverse=True)
    shortest = min((len(text) for text in unique if not any(width <= len(text) for width in widths)), default=1)
    for text in unique:
        width = fixed or next((width for width in widths if width <= len(text)), shortest)
        by_width.setdefault(width, []).append(int(text))
    return [Frames.of(numbers, width) for width, numbers in sorted(by_width.items())]


def _is_padded(text: str) -> bool:
    digits = text.removeprefix("-")
    return len(digits) > 1 and digits.startswith("0")


def _fileseq() -> Any:
    # It costs 50 ms to import, and few sheets have sequences.
    try:
        import fileseq
    except ImportError as error:
        raise MissingExtraError("fileseq", "sequences", "frame ranges") from error
    return fileseq
