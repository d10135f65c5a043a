"""Sequence tokens: frame numbers, pads and ranges, compared with fileseq."""

from __future__ import annotations

import builtins
import re
import time

import fileseq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ways.errors import MissingExtraError
from ways.pattern.sequence import Frames, gathered, sequence_kind

NUMBERS = st.lists(st.integers(-200, 12000), min_size=1, max_size=30, unique=True)
WIDTHS = st.integers(1, 8)
STYLES = ["%", "#", "@", "$F"]


@given(NUMBERS, WIDTHS, st.sampled_from(STYLES))
def test_frames_are_written_and_read_back(numbers, width, style):
    frames = Frames.of(numbers, width, style)
    kind = sequence_kind()
    assert kind.value(str(frames)) == frames and kind.text(frames) == str(frames)
    assert frames.frames() == sorted(numbers) and (frames.style, frames.width) == (style, width)


@given(NUMBERS, WIDTHS, st.sampled_from(STYLES), st.integers(-99, 99999))
def test_fileseq_reads_the_same_of_a_text(numbers, width, style, frame):
    frames = Frames.of(numbers, width, style)
    peer = fileseq.FileSequence(f"/x/plate.{frames}.exr", pad_style=fileseq.PAD_STYLE_HASH1)
    assert (list(peer.frameSet()), peer.zfill()) == (frames.frames(), width)
    assert peer.frame(frame) == f"/x/plate.{frames.at(frame)}.exr"


@given(NUMBERS, WIDTHS)
def test_a_pad_is_written_in_each_style(numbers, width):
    frames = Frames.of(numbers, width)
    for style in STYLES:
        assert frames.styled(style).styled("#") == frames
    if width == 4:
        assert frames.styled("<UDIM>").width == 4
    else:
        with pytest.raises(ValueError, match="no pad '<UDIM>'"):
            frames.styled("<UDIM>")


@pytest.mark.parametrize("spec, good, bad", [
    ("", ["7", "-3", "0007", "%04d", "%d", "#", "####", "@@@@", "$F", "$F4", "<UDIM>", "1-10x2#", "1,4-6%04d", "-5--1@@"],
     ["", "-0", "-00", "a", "#@", "%4d", "$F0", "<udim>", "1-10", "1-#", "1-10x0#", ",1#", "1#.", "####2"]),
    ("04d", ["0007", "12345", "%04d", "####", "@@@@", "$F4", "<UDIM>", "1001-1100####"],
     ["7", "%d", "###", "$F5", "%05d", "#", "-003", "-5-10####", "1--5####"]),
    ("-04d", ["0007", "-007", "-1001", "-5-10####", "-5--1x2####"], ["-7", "-0007", "-000", "7", "###"]),
    ("d", ["7", "%d", "#", "@", "$F", "1-3#"], ["07", "##", "%02d", "$F2", "-3", "-3-3#"]),
    ("-d", ["7", "-3", "%d", "-3-3#"], ["07", "-03", "##"]),
])  # fmt: skip
def test_what_stands_for_frames(spec, good, bad):
    kind = sequence_kind(spec)
    assert [text for text in good if not kind.fits(text)] == [] and [text for text in bad if kind.fits(text)] == []
    for text in bad:
        with pytest.raises(ValueError):
            kind.value(text)


def test_values_are_written_as_the_format_says():
    kind = sequence_kind("04d")
    assert [kind.text(value) for value in (7, "0007", [1, 2, 3, 9], range(3))] == ["0007", "0007", "1-3,9####", "0-2####"]
    assert sequence_kind().text(7) == "7" and kind.value("0007") == 7
    for wrong in (True, 1.5, None, [1.5]):
        with pytest.raises(ValueError, match="no frame number"):
            kind.text(wrong)


@pytest.mark.parametrize("spec", ["x", ".2f", "s", "%Y", "3d"])
def test_only_whole_numbers_count_frames(spec):
    with pytest.raises(ValueError, match="format of a sequence"):
        sequence_kind(spec)


def test_frames_that_nothing_tells():
    assert (Frames("", "####").frames(), str(Frames("", "####"))) == ([], "####")


# --- many texts to ranges


@pytest.mark.parametrize("texts, spec, expected", [
    (["1001", "1002", "1003"], "", ["1001-1003####"]),
    (["998", "999", "1000", "1001"], "", ["998-1001###"]),
    (["0998", "1000", "10000"], "", ["998,1000,10000####"]),
    (["1", "2", "10", "100"], "", ["1-2,10,100#"]),
    (["001", "01"], "", ["1##", "1###"]),
    (["001", "002", "1000"], "", ["1-2,1000###"]),
    (["-001", "0002", "12"], "", ["12##", "-1,2####"]),
    (["998", "1002"], "02d", ["998,1002##"]),
    (["5"], "", ["5#"]),
    ([], "", []),
])  # fmt: skip
def test_texts_are_gathered_by_their_width(texts, spec, expected):
    assert [str(frames) for frames in gathered(texts, spec)] == expected


@given(NUMBERS, st.integers(1, 6))
def test_frames_of_one_width_are_gathered_whole(numbers, width):
    texts = [format(number, f"0{width}d") for number in numbers]
    [frames] = gathered(texts, f"0{width}d" if width > 1 else "d")
    assert frames.frames() == sorted(numbers) and {frames.at(number) for number in numbers} == set(texts)


@given(NUMBERS, st.integers(2, 6))
def test_each_text_is_a_frame_of_what_it_was_gathered_into(numbers, width):
    texts = {format(number, f"0{width}d") for number in numbers} | {str(number) for number in numbers}
    covered = {frames.at(number) for frames in gathered(texts) for number in frames.frames()}
    assert texts == covered


def test_the_cost_follows_the_number_of_frames():
    def seconds(count: int) -> float:
        texts = [f"{number:06d}" for number in range(count)]
        start = time.thread_time()
        gathered(texts)
        return time.thread_time() - start

    seconds(100)
    # A pairwise comparison would take a thousand times as long for thirty times the frames.
    assert seconds(60_000) < 300 * max(seconds(2_000), 1e-3)


def test_counting_frames_with_gaps_takes_no_time():
    frames = Frames.of([number * number for number in range(1, 20_000)], 9)
    start = time.thread_time()
    assert len(frames.frames()) == 19_999
    assert time.thread_time() - start < 30


PART = st.builds("{}{}".format, st.integers(-50, 50), st.one_of(st.just(""), st.builds(
    "-{}{}".format, st.integers(51, 90), st.one_of(st.just(""), st.builds("{}{}".format, st.sampled_from("xy:"), st.integers(1, 9))))))


@given(st.lists(PART, min_size=1, max_size=5).map(",".join))
def test_a_range_has_the_frames_that_fileseq_tells(frame_range):
    assert Frames(frame_range, "#").frames() == list(fileseq.FrameSet(frame_range))


def test_a_range_of_too_many_frames_is_refused():
    for frame_range in ("1-99999999", ",".join(["1-9999999"] * 3000)):
        with pytest.raises(ValueError, match="Frame size|more than"):
            Frames(frame_range, "#").frames()


def test_expressions_take_no_time_to_refuse():
    hostile = ",".join(["1-9"] * 3000) + "x"
    start = time.thread_time()
    assert re.fullmatch(sequence_kind().expression, hostile) is None
    assert time.thread_time() - start < 30


def test_without_fileseq_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "fileseq":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"pip install 'ways-resolver\[sequences\]'"):
        Frames.of([1, 2])


@pytest.mark.parametrize("frames", [-5, [-5, -4], range(-5, 3)])
def test_frames_below_nought_need_a_format_with_a_sign(frames):
    assert sequence_kind("-04d").fits(sequence_kind("-04d").text(frames))
    with pytest.raises(ValueError, match="takes a sign"):
        sequence_kind("04d").text(frames)
