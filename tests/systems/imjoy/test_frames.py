"""The messages between a plugin and its host: what is sent is what arrives, and anything else is refused."""

from __future__ import annotations

import json
import math
import os
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ways.systems.imjoy import child
from ways.systems.imjoy.child import Array, Dots, FrameError, Message, RemoteError, RemoteFunction, Side


pytestmark = pytest.mark.portability


class End(Side):
    """An end that calls nothing."""

    def call_remote(self, target: Any, arguments: Any, named: dict[str, Any]) -> Any:
        return target, arguments, named


def written(descriptor: int, data: Any) -> None:
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)


class Pair:
    """Two ends: what the first writes, the second reads."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        self.one, self.other = End(-1, self.writer), End(self.reader, -1)

    def sent(self, value: Any) -> Any:
        """Return what arrives of a value."""
        pieces = child._Packer(self.one).frame(Message("call", 7, "run", value), [])
        thread = threading.Thread(target=lambda: [written(self.writer, piece) for piece in pieces])
        thread.start()
        message = self.other.receive()
        thread.join()
        assert message is not None and message[:3] == ("call", 7, "run")
        return message.value

    def arriving(self, data: bytes) -> Any:
        """Return the message that bytes are, if nothing follows them."""
        thread = threading.Thread(target=self._write, args=(data,))
        thread.start()
        try:
            return self.other.receive()
        finally:
            os.close(self.reader)
            thread.join()
            self.reader, self.writer = os.pipe()
            self.one.writer, self.other.reader = self.writer, self.reader

    def _write(self, data: bytes) -> None:
        try:
            written(self.writer, data)
        except BrokenPipeError:
            pass
        os.close(self.writer)

    def close(self) -> None:
        os.close(self.reader)
        os.close(self.writer)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.close()


def frame(head: Any, buffers: bytes = b"", *, text_size: int | None = None) -> bytes:
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("!II", len(text) if text_size is None else text_size, len(buffers)) + text + buffers


# --- what is sent is what arrives

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary(), st.complex_numbers(allow_nan=False)
)
KEYS = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=4)
VALUES = st.recursive(
    st.one_of(SCALARS, st.sets(KEYS, max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=VALUES)
@example({"$": "map", "v": 1})
@example({"$": 1, 2: {"$": None}})
@example([2**63, -(2**63) - 1, 2**70, -0.0, math.inf, -math.inf, "\ud800", "\0"])
@example({(): {(1, ("a",)): set()}})
def test_what_is_read_is_what_was_written(pair: Pair, value: Any) -> None:
    read = pair.sent(value)
    assert read == value
    assert repr(read) == repr(value) or isinstance(value, (set, dict, list))


def test_a_number_that_is_none_arrives(pair: Pair) -> None:
    assert math.isnan(pair.sent([math.nan])[0])


def test_a_tuple_arrives_as_a_list(pair: Pair) -> None:
    assert pair.sent((1, (2,))) == [1, [2]]


def test_a_long_text_and_many_bytes_arrive(pair: Pair) -> None:
    value = {"text": "ä" * 100_000, "bytes": bytes(range(256)) * 1000, "view": memoryview(b"abc"), "array": bytearray(b"xy")}
    assert pair.sent(value) == {**value, "view": b"abc", "array": b"xy"}


def test_an_array_arrives_as_it_is_in_memory() -> None:
    """Without numpy, whatever is installed: 8 MiB, none of them as text."""
    data = os.urandom(8 << 20)
    pieces = child._Packer(End(-1, -1)).frame(Message("call", 1, "run", Array("<f8", (1024, 1024), data)), [])
    assert len(pieces[0]) < 200 and pieces[1].obj is data
    assert child._Unpacker(End(-1, -1), pieces[1:]).tagged("array", 0, {"dtype": "<f8", "shape": [1024, 1024]}, 0).shape == (1024, 1024)


def test_an_array_of_eight_megabytes_is_equal(pair: Pair) -> None:
    sent = Array("<i4", (2, 1 << 20), os.urandom(8 << 20))
    read = pair.sent(sent)
    if isinstance(read, Array):
        assert read == sent
    else:
        assert (read.dtype.str, read.shape, read.tobytes()) == ("<i4", (2, 1 << 20), sent.data.tobytes())


def test_arrays_of_numpy_arrive(pair: Pair) -> None:
    numpy = pytest.importorskip("numpy")
    for sent in [
        numpy.arange(12.0).reshape(3, 4), numpy.arange(12).reshape(3, 4).T, numpy.arange(10)[::2], numpy.array(5.0), numpy.zeros((0, 3)),
        numpy.array([True, False]), numpy.array(["a", "bcd"]), numpy.array([b"xy"]), numpy.array([1 + 2j]),
        numpy.array(["2020-01-01"], dtype="M8[D]"), numpy.arange(3, dtype=">i2"),
    ]:  # fmt: skip
        read = pair.sent(sent)
        assert (read.dtype, read.shape) == (sent.dtype, sent.shape) and (read == sent).all()
    read = pair.sent(numpy.arange(3))
    read[0] = 9
    assert pair.sent([numpy.float32(0.5), numpy.int64(3), numpy.bool_(True), numpy.str_("a")]) == [0.5, 3, True, "a"]


def test_an_array_of_objects_is_refused(pair: Pair) -> None:
    numpy = pytest.importorskip("numpy")
    with pytest.raises(FrameError, match="can't hold"):
        pair.one.send(Message("call", 7, "run", numpy.array([object()])))


def test_mappings_of_a_plugin_have_attributes_and_a_missing_one_is_none() -> None:
    context = Dots({"config": Dots(k=1)})
    assert context.config.k == 1 and context.nothing is None
    context.new = 2
    del context.config.k, context.config.k
    assert context == {"config": {}, "new": 2}
    assert not hasattr(context, "__await__") and not hasattr(context, "__array__")


def test_an_exception_arrives_as_its_type_and_text(pair: Pair) -> None:
    read = pair.sent({"error": ValueError("no good")})["error"]
    assert isinstance(read, RemoteError) and (read.type, read.text) == ("ValueError", "no good")
    assert str(pair.sent(read)) == "ValueError: no good"


def test_a_function_is_a_number_and_comes_back_as_itself(pair: Pair) -> None:
    read = pair.sent(len)
    assert isinstance(read, RemoteFunction)
    assert pair.one.functions[read.number] is len
    assert read(1, a=2) == (read.number, (1,), {"a": 2})
    # What belongs to the other side goes back to it by its number.
    back = child._Packer(pair.other).frame(Message("reply", 1, None, read), [])
    head = json.loads(back[0][8:])
    assert head[3] == {"$": "yours", "v": read.number}
    assert child._Unpacker(pair.one, []).value(head[3]) is len


def test_a_function_that_nobody_refers_to_is_forgotten(pair: Pair) -> None:
    pair.other.released.clear()
    number = pair.sent(max).number
    assert number in pair.one.functions
    # The next message says that it isn't needed any more.
    back = Pair()
    back.one.released = pair.other.released
    back.other.functions = pair.one.functions
    back.one.send(Message("reply", 1))
    back.other.receive()
    assert number not in pair.one.functions and not pair.other.released
    back.close()


# --- what can't be sent

TOO_DEEP: list[Any] = []
for _ in range(child.MAX_DEPTH):
    TOO_DEEP = [TOO_DEEP]
CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)


@pytest.mark.parametrize(
    "value, message",
    [
        (object(), "an object of the type object"),
        ({"a": [object()]}, "an object of the type object"),
        (TOO_DEEP, "nested more than 100 deep"),
        (CIRCLE, "nested more than 100 deep"),
        (bytes(child.MAX_BYTES), "the limit is 67108864"),
        ({1: {(CIRCLE[0][0] is None, object()): 1}}, "an object of the type object"),
    ],
    ids=["object", "inside", "deep", "circle", "large", "key"],
)
def test_what_cannot_be_sent_is_refused_and_nothing_is_written(pair: Pair, value: Any, message: str) -> None:
    functions = dict(pair.one.functions)
    with pytest.raises(FrameError, match=message):
        pair.one.send(Message("call", 7, "run", [len, value]))
    assert pair.one.functions == functions
    assert pair.sent("still") == "still"


def test_a_value_as_deep_as_the_limit_arrives(pair: Pair) -> None:
    assert pair.sent(TOO_DEEP[0]) == TOO_DEEP[0]


# --- what is no message

CALL = ["call", 1, "run"]


@pytest.mark.parametrize(
    "data",
    [
        b"\0",
        b"\0" * 8,
        frame(b"x"),
        frame(b"\xff"),
        frame([]),
        frame({}),
        frame([*CALL, None, [], []], text_size=90),
        frame([*CALL, None, [1], []]),
        frame([*CALL, None, [], []], b"x"),
        frame([*CALL, None, [-1, 1], []]),
        frame([*CALL, None, [0.0], []]),
        frame([*CALL, None, [], [None]]),
        frame(["fly", 1, "run", None, [], []]),
        frame([["call"], 1, "run", None, [], []]),
        frame(["call", True, "run", None, [], []]),
        frame(["call", 1.0, "run", None, [], []]),
        frame(["call", 1, ["run"], None, [], []]),
        frame(["call", 1, True, None, [], []]),
        frame(b'["call", 1, "run", NaN, [], []]'),
        frame(b'["call", 1, "run", ' + b"9" * 5000 + b", [], []]"),
        frame(b'["call", 1, "run", ' + b"[" * 100_000),
        frame([*CALL, TOO_DEEP, [], []]),
        struct.pack("!II", child.MAX_BYTES, 1),
        struct.pack("!II", 0xFFFFFFFF, 0xFFFFFFFF),
    ],
    ids=str,
)
def test_what_is_no_message_is_refused(pair: Pair, data: bytes) -> None:
    with pytest.raises(FrameError):
        pair.arriving(data)


@pytest.mark.parametrize(
    "value",
    [
        {"$": "fly", "v": 1},
        {"$": ["map"], "v": []},
        {"$": "map"},
        {"$": "map", "v": [1]},
        {"$": "map", "v": [[[], 1]]},
        {"$": "map", "v": [[1, 2, 3]]},
        {"$": "set", "v": [[1]]},
        {"$": "set", "v": "abc"},
        {"$": "tuple", "v": 1},
        {"$": "bytes", "v": 1},
        {"$": "bytes", "v": -1},
        {"$": "bytes", "v": True},
        {"$": "text", "v": None},
        {"$": "int", "v": "one"},
        {"$": "int", "v": 1},
        {"$": "float", "v": "one"},
        {"$": "complex", "v": ["1"]},
        {"$": "error", "v": "no"},
        {"$": "function", "v": "1"},
        {"$": "function", "v": "prompt.__globals__"},
        {"$": "yours", "v": 999_999},
        {"$": "yours", "v": [1]},
        {"$": "array", "v": 0, "dtype": "<f8", "shape": [2]},
        {"$": "array", "v": 0, "dtype": "O", "shape": [1]},
        {"$": "array", "v": 0, "dtype": "|O8", "shape": [1]},
        {"$": "array", "v": 0, "dtype": "<f8,<f8", "shape": [1]},
        {"$": "array", "v": 0, "dtype": ["<f8"], "shape": [1]},
        {"$": "array", "v": 0, "dtype": "<f8", "shape": [-1]},
        {"$": "array", "v": 0, "dtype": "<f8", "shape": [True]},
        {"$": "array", "v": 0, "dtype": "<f8", "shape": [1] * 40},
        {"$": "array", "v": 0, "dtype": "<f8", "shape": 1},
        {"$": "array", "v": 0, "dtype": "<f8", "shape": [1 << 39, 1 << 39, 0]},
        {"$": "array", "v": 0, "dtype": "|S0", "shape": [8]},
    ],
    ids=str,
)
def test_what_stands_for_no_value_is_refused(pair: Pair, value: Any) -> None:
    with pytest.raises(FrameError):
        pair.arriving(frame([*CALL, value, [8], []], b"12345678"))


def test_there_is_no_message_after_the_last(pair: Pair) -> None:
    assert pair.arriving(b"") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=300), text_size=st.none() | st.integers(0, 400))
def test_any_bytes_are_refused_or_a_message(pair: Pair, data: bytes, text_size: int | None) -> None:
    for tried in (data, frame(data, text_size=text_size)):
        try:
            assert pair.arriving(tried) is None or data
        except FrameError:
            pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["$", "v", "dtype", "shape", "a"]), inner, max_size=4),
)
TAGGED = st.fixed_dictionaries(
    {"$": st.sampled_from(["map", "set", "tuple", "bytes", "text", "array", "int", "float", "complex", "error", "function", "yours"])},
    optional={"v": JSON, "dtype": st.sampled_from(["<f8", "|u1", "<U2", "O"]) | JSON, "shape": st.lists(st.integers(-1, 9)) | JSON},
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=JSON | TAGGED | st.lists(TAGGED), head=st.lists(JSON, max_size=7), buffers=st.binary(max_size=16))
def test_any_json_is_refused_or_a_message(pair: Pair, value: Any, head: list[Any], buffers: bytes) -> None:
    for tried in ([*CALL, value, [len(buffers)], []], head):
        try:
            pair.arriving(frame(tried, buffers))
        except FrameError:
            pass


def test_the_file_of_the_process_needs_the_standard_library_of_python_3_8_alone() -> None:
    import ast
    import sys
    from pathlib import Path

    tree = ast.parse(Path(child.__file__).read_text(encoding="utf-8"), feature_version=(3, 8))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules - set(sys.stdlib_module_names) == {"numpy"}
    # Its folder is where Python looks for modules until the plugin's folder takes its place.
    assert not {path.stem for path in Path(child.__file__).parent.iterdir()} & set(sys.stdlib_module_names)
