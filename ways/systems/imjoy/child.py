"""The process that an ImJoy plugin runs in: one file of the standard library alone, and the messages between it and its host.

The Python of the plugin's environment, 3.8 or later, starts this file by its path, since Ways isn't installed there. The host
imports the same file for the messages, so they have one writer and one reader. A message is the length of a JSON text, the
length of all buffers together, the text, and the buffers, which hold arrays and bytes as they are in memory.
"""

from __future__ import annotations

import asyncio
import collections
import difflib
import functools
import inspect
import itertools
import json
import linecache
import math
import os
import pathlib
import re
import signal
import struct
import sys
import threading
import traceback
import types
import weakref
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

#: Bytes of one message, and how many containers may be inside each other in it.
MAX_BYTES, MAX_DEPTH = 64 << 20, 100
#: Functions that the other side of two pipes may refer to.
MAX_FUNCTIONS = 100_000
#: Characters of what an exception says, and of its traceback.
MAX_TEXT = 20_000
#: Characters of a text that is sent as a buffer rather than in the JSON.
_LONG = 1 << 16
_LENGTHS = struct.Struct("!II")
#: ``start``, ``stop`` and ``where`` come from the host. ``call`` is answered by ``reply`` or ``error``, which have its number.
KINDS = ("start", "stop", "where", "call", "reply", "error")
#: What an array may hold: truth values, numbers, texts, bytes and times; and how many bytes one of them has.
_DTYPE = re.compile(r"[<>|](?:b1|[iu][1248]|f(?:2|4|8|12|16)|c(?:8|16|24|32)|[SU][1-9][0-9]{0,6}|[mM]8(?:\[[0-9A-Za-z]{1,12}\])?)")
_ITEM_SIZE = re.compile(r"[0-9]+")


# --- messages


class FrameError(ValueError):
    """What was read is no message, or what should be sent can't be one."""


class Message(NamedTuple):
    """One message. ``target`` is the name or the number of the function that a call is for."""

    kind: str
    id: int
    target: Any = None
    value: Any = None


class Array:
    """An array where numpy isn't installed.

    :param dtype: the type of one item, as numpy writes it: ``<f8``.
    :param data: the items in C order, as bytes.
    """

    def __init__(self, dtype: str, shape: Sequence[int], data: Any) -> None:
        self.dtype = dtype
        self.shape = tuple(shape)
        self.data = memoryview(data).cast("B")
        if self.data.nbytes != _array_bytes(self.dtype, self.shape):
            raise FrameError(f"an array of {self.dtype} and shape {self.shape} doesn't have {self.data.nbytes} bytes")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Array):
            return NotImplemented
        return (self.dtype, self.shape, self.data) == (other.dtype, other.shape, other.data)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Array({self.dtype!r}, {self.shape}, <{self.data.nbytes} bytes>)"


def _array_bytes(dtype: Any, shape: Any) -> int:
    """Return how many bytes an array has.

    :raises FrameError: there is no such array.
    """
    if not isinstance(dtype, str) or not _DTYPE.fullmatch(dtype):
        raise FrameError(f"an array can't hold {dtype!r}")
    if not isinstance(shape, (list, tuple)) or len(shape) > 32 or not all(type(size) is int and 0 <= size < 1 << 40 for size in shape):
        raise FrameError(f"an array can't have the shape {shape!r:.60}")
    size = int(_ITEM_SIZE.search(dtype)[0])  # type: ignore[index]
    for length in shape:
        size *= length
    return size * 4 if dtype[1] == "U" else size


class Dots(Dict[str, Any]):
    """A mapping whose keys are attributes too. A key that is missing is None as an attribute."""

    def __getattr__(self, name: str) -> Any:
        # Python itself asks objects for these names, and takes None for an answer.
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        self.pop(name, None)


class RemoteFunction:
    """A function of the other side. Calling it calls the function there."""

    def __init__(self, number: int, side: Side) -> None:
        self.number = number
        self.side = side

    def __call__(self, /, *arguments: Any, **named: Any) -> Any:
        return self.side.call_remote(self.number, arguments, named)

    def __del__(self) -> None:
        # This may run anywhere, even while a message is being written: the next message tells the other side.
        self.side.released.append(self.number)


class RemoteError(RuntimeError):
    """What was raised on the other side. ``code`` is the kind of fault, if it has one."""

    def __init__(self, type: str, text: str, code: str = "") -> None:
        super().__init__(f"{type}: {text}" if type else text)
        self.type = type
        self.text = text
        self.code = code


class Side:
    """One end of two pipes: it writes and reads messages, and has the functions that it sent, by number.

    :param reader: the descriptor to read from.
    :param writer: the descriptor to write to.
    """

    #: What mappings become when they are read.
    mapping: Callable[..., Any] = dict

    def __init__(self, reader: int, writer: int) -> None:
        self.reader = reader
        self.writer = writer
        self.functions: Dict[int, Callable[..., Any]] = {}
        #: Numbers of functions of the other side that nothing here refers to any more. Of very many, the last: the other side
        #: keeps the rest.
        self.released: collections.deque[int] = collections.deque(maxlen=MAX_FUNCTIONS)
        self.numbers = itertools.count(1)
        #: About how many bytes the message that was read last has in memory.
        self.received_bytes = 0
        self.writing = threading.Lock()

    def call_remote(self, target: Any, arguments: Sequence[Any], named: Dict[str, Any]) -> Any:
        """Call a function of the other side, by its name or number."""
        raise NotImplementedError

    def send(self, message: Message) -> None:
        """Write a message.

        :raises FrameError: a value in it can't be sent, or it exceeds a limit. Nothing was written.
        :raises OSError: the other side is gone.
        """
        released: List[int] = []
        while self.released:
            try:
                released.append(self.released.popleft())
            except IndexError:
                # Another thread took the last one.
                break
        try:
            pieces = _Packer(self).frame(message, released)
        except FrameError:
            self.released.extend(released)
            raise
        with self.writing:
            for piece in pieces:
                view = memoryview(piece)
                while view.nbytes:
                    try:
                        view = view[os.write(self.writer, view[: 1 << 20]) :]
                    except BlockingIOError:
                        self.wait_to_write()

    def wait_to_write(self) -> None:
        """Wait until the other side read something, if writing doesn't do that by itself."""
        raise NotImplementedError

    def receive(self) -> Optional[Message]:
        """Return the next message; None if there is none any more.

        :raises FrameError: what comes is no message.
        """
        lengths = _read(self.reader, _LENGTHS.size, is_first=True)
        if lengths is None:
            return None
        text_size, buffer_size = _LENGTHS.unpack(lengths)
        if text_size + buffer_size > MAX_BYTES:
            raise FrameError(f"a message of {text_size + buffer_size} bytes: the limit is {MAX_BYTES}")
        text = bytes(_read(self.reader, text_size) or b"")
        # An empty list is two characters and 56 bytes, a mapping of one key is 184 bytes.
        self.received_bytes = text_size + buffer_size + 64 * text.count(b",") + 56 * text.count(b"[") + 184 * text.count(b"{")
        try:
            head = json.loads(text.decode("utf-8", "surrogatepass"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise FrameError(f"no JSON: {error}") from None
        if type(head) is not list or len(head) != 6:
            raise FrameError("no list of six items")
        kind, id, target, value, sizes, released = head
        if kind not in KINDS or type(id) is not int or type(target) not in (str, int, type(None)):
            raise FrameError(f"no message: {head[:3]!r:.100}")
        if not _are_numbers(sizes) or not _are_numbers(released) or sum(sizes) != buffer_size:
            raise FrameError("the sizes of its buffers are wrong")
        buffers = [_read(self.reader, size) for size in sizes]
        for number in released:
            self.functions.pop(number, None)
        return Message(kind, id, target, _Unpacker(self, buffers).value(value))


def _are_numbers(items: Any) -> bool:
    return type(items) is list and all(type(item) is int and item >= 0 for item in items)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _read(descriptor: int, size: int, *, is_first: bool = False) -> Optional[bytearray]:
    """Return as many bytes as asked for; None if there are none at all and *is_first*.

    :raises FrameError: they end too early.
    """
    data = bytearray()
    while len(data) < size:
        piece = os.read(descriptor, min(size - len(data), 1 << 20))
        if not piece and is_first and not data:
            return None
        if not piece:
            raise FrameError(f"it ends after {len(data)} of {size} bytes")
        data += piece
    return data


class _Packer:
    """Makes the bytes of one message."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.buffers: List[Any] = []
        self.numbers: List[int] = []
        self.count = 0

    def frame(self, message: Message, released: List[int]) -> List[Any]:
        """Return the pieces of a message, in order.

        :raises FrameError: a value can't be sent, or a limit is exceeded.
        """
        try:
            plain = self.value(message.value, 0)
            sizes = [len(buffer) for buffer in self.buffers]
            head = json.dumps([*message[:3], plain, sizes, released], ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            text = head.encode("utf-8", "surrogatepass")
            if len(text) + sum(sizes) > MAX_BYTES:
                raise FrameError(f"a message of {len(text) + sum(sizes)} bytes: the limit is {MAX_BYTES}")
        except FrameError:
            for number in self.numbers:
                self.side.functions.pop(number, None)
            raise
        return [_LENGTHS.pack(len(text), sum(sizes)) + text, *self.buffers]

    def value(self, value: Any, depth: int) -> Any:
        """Return a value as plain data for JSON. What JSON doesn't have becomes a mapping with the key ``$``."""
        self.count += 1
        if value is None or value is True or value is False:
            return value
        if isinstance(value, str):
            return value if len(value) < _LONG else self.buffer("text", value.encode("utf-8", "surrogatepass"))
        if isinstance(value, int):
            return value if -(1 << 63) <= value < 1 << 63 else {"$": "int", "v": hex(value)}
        if isinstance(value, float):
            return value if math.isfinite(value) else {"$": "float", "v": str(float(value))}
        if isinstance(value, (bytes, bytearray, memoryview)):
            return self.buffer("bytes", value if isinstance(value, bytes) else bytes(value))
        if isinstance(value, (dict, list, tuple, set, frozenset)):
            if depth >= MAX_DEPTH or self.count > MAX_BYTES // 2:
                raise FrameError(f"a value nested more than {MAX_DEPTH} deep" if depth >= MAX_DEPTH else "too many values")
            return self.container(value, depth + 1)
        return self.other(value)

    def buffer(self, kind: str, data: Any, **parts: Any) -> Any:
        self.buffers.append(data)
        return {"$": kind, "v": len(self.buffers) - 1, **parts}

    def container(self, value: Any, depth: int) -> Any:
        if isinstance(value, (list, tuple)):
            return [self.value(item, depth) for item in value]
        if isinstance(value, dict):
            if all(isinstance(key, str) for key in value) and "$" not in value:
                return {key: self.value(item, depth) for key, item in value.items()}
            return {"$": "map", "v": [[self.key(key, depth), self.value(item, depth)] for key, item in value.items()]}
        return {"$": "set", "v": [self.key(item, depth) for item in value]}

    def key(self, value: Any, depth: int) -> Any:
        """Return a key or an item of a set; there, a tuple stays what it is."""
        if isinstance(value, tuple):
            if depth >= MAX_DEPTH:
                raise FrameError(f"a value nested more than {MAX_DEPTH} deep")
            return {"$": "tuple", "v": [self.key(item, depth + 1) for item in value]}
        return self.value(value, depth)

    def other(self, value: Any) -> Any:
        if isinstance(value, complex):
            return {"$": "complex", "v": [str(value.real), str(value.imag)]}
        if isinstance(value, Array):
            return self.buffer("array", value.data, dtype=value.dtype, shape=value.shape)
        if isinstance(value, RemoteFunction) and value.side is self.side:
            return {"$": "yours", "v": value.number}
        if isinstance(value, BaseException):
            return {"$": "error", "v": _error_parts(value)}
        # Whoever has an array of numpy has imported it.
        numpy = sys.modules.get("numpy")
        if numpy is not None and not isinstance(value, type):
            if isinstance(value, numpy.generic) and isinstance(value.item(), (bool, int, float, complex, str, bytes)):
                return self.value(value.item(), MAX_DEPTH)
            if isinstance(value, numpy.ndarray) or hasattr(value, "__array__"):
                return self.array(numpy, value)
        if callable(value):
            if len(self.side.functions) >= MAX_FUNCTIONS:
                raise FrameError(f"the other side has {MAX_FUNCTIONS} functions already")
            number = next(self.side.numbers)
            self.side.functions[number] = value
            self.numbers.append(number)
            return {"$": "function", "v": number}
        raise FrameError(f"an object of the type {type(value).__name__} can't be sent")

    def array(self, numpy: Any, value: Any) -> Any:
        try:
            value = numpy.asarray(value)
        except (TypeError, ValueError, RuntimeError) as error:
            raise FrameError(f"an object of the type {type(value).__name__} can't be sent: {error}") from None
        dtype, shape = value.dtype.str, value.shape
        size = _array_bytes(dtype, shape)
        data = memoryview(numpy.ascontiguousarray(value).reshape(-1).view(numpy.uint8)) if size else b""
        return self.buffer("array", data, dtype=dtype, shape=shape)


def _error_parts(error: BaseException) -> Dict[str, Any]:
    """Return the type, the text and the code of an exception."""
    if isinstance(error, RemoteError):
        return {"type": error.type, "message": error.text, "code": error.code}
    code = getattr(error, "code", "")
    # What an exception of a plugin says may be anything, and as long as it likes.
    text, _ = attempt(str, error)
    return {"type": type(error).__name__, "message": str(text)[:MAX_TEXT], "code": code if isinstance(code, str) else ""}


class _Unpacker:
    """Makes the values of one message."""

    def __init__(self, side: Side, buffers: Sequence[Any]) -> None:
        self.side = side
        self.buffers = buffers

    def value(self, plain: Any, depth: int = 0) -> Any:
        """Return the value that plain data stands for.

        :raises FrameError: it stands for none, or is nested too deep.
        """
        kind = type(plain)
        if kind is not dict and kind is not list:
            return plain
        if depth >= MAX_DEPTH:
            raise FrameError(f"nested more than {MAX_DEPTH} deep")
        if kind is list:
            return [self.value(item, depth + 1) for item in plain]
        if "$" not in plain:
            return self.side.mapping((key, self.value(item, depth + 1)) for key, item in plain.items())
        try:
            return self.tagged(plain["$"], plain.get("v"), plain, depth)
        except (TypeError, ValueError, OverflowError, IndexError, MemoryError) as error:
            raise FrameError(f"no value: {error}") from None

    def tagged(self, kind: Any, value: Any, plain: Dict[str, Any], depth: int) -> Any:
        if kind in ("bytes", "text", "array"):
            if type(value) is not int or value < 0:
                raise FrameError("no buffer")
            data = self.buffers[value]
            if kind == "array":
                return _array(plain.get("dtype"), plain.get("shape"), data)
            return bytes(data) if kind == "bytes" else data.decode("utf-8", "surrogatepass")
        if kind == "function":
            if type(value) is not int:
                raise FrameError("no number of a function")
            return RemoteFunction(value, self.side)
        if kind == "yours":
            if value not in self.side.functions:
                raise FrameError(f"there is no function {value!r:.60}")
            return self.side.functions[value]
        if kind == "int":
            return int(value, 16)
        if kind == "float":
            return float(value)
        if kind == "complex":
            real, imaginary = value
            return complex(float(real), float(imaginary))
        if kind == "error":
            return _remote_error(value)
        if type(value) is not list or kind not in ("map", "set", "tuple"):
            raise FrameError(f"an unknown kind {kind!r:.60}")
        if kind == "map":
            pairs = ((self.value(key, depth + 1), self.value(item, depth + 1)) for key, item in value)
            return self.side.mapping(pairs)
        items = [self.value(item, depth + 1) for item in value]
        return tuple(items) if kind == "tuple" else set(items)


def _remote_error(parts: Any) -> RemoteError:
    if type(parts) is not dict:
        raise FrameError("no error")
    return RemoteError(*(str(parts.get(name, "")) for name in ("type", "message", "code")))


def _array(dtype: Any, shape: Any, data: Any) -> Any:
    """Return an array of numpy where it is installed, else an :class:`Array`. No byte is copied."""
    if _array_bytes(dtype, shape) != len(data):
        raise FrameError(f"an array of {dtype} and shape {shape!r:.60} doesn't have {len(data)} bytes")
    try:
        import numpy
    except ImportError:
        return Array(dtype, shape, data)
    return numpy.ndarray(shape, dtype, data)


# --- the plugin's process


def attempt(function: Callable[..., Any], *arguments: Any, **named: Any) -> Tuple[Any, Optional[BaseException]]:
    """Call a function of the plugin. Return what it returns and None, or None and what it raised, of whatever class."""
    try:
        return function(*arguments, **named), None
    except BaseException as error:
        return None, error


class Unavailable(AttributeError):
    """``api`` has no such name outside of a browser."""

    code = "api-unavailable"


class NeedsInterface(RuntimeError):
    """Somebody would have to answer, and the host has no handler for it."""

    code = "needs-interface"


class NotSendable(ValueError):
    """A function returned what can't be sent."""

    code = "not-sendable"


class NoExport(RuntimeError):
    """The script is over, and exported nothing. ``line`` is its last one."""

    code = "no-export"

    def __init__(self, line: int) -> None:
        super().__init__("the script ends here without api.export(...)")
        self.line = line


class Promise:
    """What a call of the host returns at once. It can be awaited, and has ``then``, ``catch`` and ``finally_``."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._outcome: Optional[Tuple[Any, Optional[BaseException]]] = None
        self._callbacks: List[Callable[..., Any]] = []

    def settle(self, value: Any, error: Optional[BaseException]) -> None:
        """Set what came of it, in whatever thread; callbacks are called in the main thread."""
        with self._program.promises:
            self._outcome = value, error
            callbacks, self._callbacks = self._callbacks, []
            self._program.awaited.discard(self)
        for callback in callbacks:
            self._program.loop.call_soon_threadsafe(callback, value, error)

    def when_done(self, callback: Callable[..., Any]) -> None:
        """Call a function with the value and the error, at once or later."""
        with self._program.promises:
            if self._outcome is None:
                self._callbacks.append(callback)
                self._program.awaited.add(self)
                return
        self._program.loop.call_soon_threadsafe(callback, *self._outcome)

    def __await__(self) -> Iterator[Any]:
        # A plugin may have loops of its own, in other threads.
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        call_in_loop: Callable[..., Any] = loop.call_soon_threadsafe
        self.when_done(functools.partial(call_in_loop, _settle_future, future))
        return future.__await__()

    def then(self, on_value: Any = None, on_error: Any = None) -> Promise:
        """Call a function with the value once there is one; return a promise for what it returns."""
        following = Promise(self._program)
        self.when_done(functools.partial(following._follow, on_value, on_error))
        return following

    def catch(self, on_error: Any) -> Promise:
        """Call a function with the error if there is one."""
        return self.then(None, on_error)

    def finally_(self, function: Any) -> Promise:
        """Call a function without arguments, whatever comes of it."""
        return self.then(functools.partial(_finally, function, None), functools.partial(_finally, function))

    def _follow(self, on_value: Any, on_error: Any, value: Any, error: Optional[BaseException]) -> None:
        handler = on_value if error is None else on_error
        if handler is None:
            if error is not None and not self._callbacks:
                self._program.report(error)
            self.settle(value, error)
            return
        result, raised = attempt(handler, value if error is None else error)
        if raised is not None and not self._callbacks:
            self._program.report(raised)
        self._program.finish((result, raised), self.settle)


def _finally(function: Callable[[], Any], error: Optional[BaseException], value: Any = None) -> Any:
    function()
    if isinstance(error, BaseException):
        raise error
    return value


def _settle_future(future: asyncio.Future[Any], value: Any, error: Optional[BaseException]) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)


def _call(function: Any, target: Any, arguments: List[Any], named: Dict[str, Any]) -> Any:
    if not callable(function):
        raise LookupError(f"there is no function {target!r}")
    return function(*arguments, **named)


async def _awaited(value: Any) -> Any:
    return await value


def _line_of(coroutine: Any, path: str) -> int:
    """Return the last line of a file that a coroutine waits at, through those that it awaits; 0 if there is none."""
    line = 0
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if frame is not None and frame.f_code.co_filename == path:
            line = frame.f_lineno
        coroutine = getattr(coroutine, "cr_await", None)
    return line


class Program(Side):
    """Runs the script of one plugin, and its functions when the host calls them, on the main thread."""

    mapping = Dots

    def __init__(self, reader: int, writer: int) -> None:
        super().__init__(reader, writer)
        self.loop = asyncio.new_event_loop()
        self.api = Api(self)
        #: What the plugin exports, by name; None until it exports.
        self.exports: Optional[Dict[str, Any]] = None
        self.facts: Any = Dots()
        self.promises = threading.RLock()
        self.awaited: set[Promise] = set()
        self._calls: weakref.WeakValueDictionary[int, Promise] = weakref.WeakValueDictionary()
        self._is_stopping = False

    def run(self) -> None:
        """Do what the host says, until it says to stop."""
        asyncio.set_event_loop(self.loop)
        threading.Thread(target=self._listen, name="host", daemon=True).start()
        while not self._is_stopping:
            # What ends programs ends the loop too, but it is the host that ends this one.
            attempt(self.loop.run_forever)

    def _listen(self) -> None:
        try:
            while (message := self.receive()) is not None:
                if message.kind in ("reply", "error"):
                    self._settle(message)
                elif message.kind == "where":
                    # The main thread may be busy for ever.
                    self.send(Message("reply", message.id, None, attempt(self._line_now)[0] or 0))
                else:
                    self.loop.call_soon_threadsafe(self._perform, message)
        except (FrameError, OSError) as error:
            self.report(error)
        if not self._is_stopping:
            end()

    def _settle(self, message: Message) -> None:
        promise = self._calls.pop(message.id, None)
        error = None
        if message.kind == "error":
            error = message.value if isinstance(message.value, BaseException) else RemoteError("", str(message.value))
        if promise is not None:
            promise.settle(message.value if error is None else None, error)
        elif error is not None:
            self.report(error)

    def call_remote(self, target: Any, arguments: Sequence[Any], named: Dict[str, Any]) -> Promise:
        """Send a call to the host at once, from whatever thread."""
        promise = Promise(self)
        id = next(self.numbers)
        self._calls[id] = promise
        self.send(Message("call", id, target, [list(arguments), named]))
        return promise

    def _line_now(self) -> int:
        """Return the line of the plugin's file that runs, or that waits for something; 0 if it isn't known."""
        frame = sys._current_frames().get(threading.main_thread().ident or 0)
        for caller, line in traceback.walk_stack(frame):
            if caller.f_code.co_filename == self.facts.path:
                return line
        waiting = {_line_of(task.get_coro(), self.facts.path) for task in asyncio.all_tasks(self.loop)} - {0}
        return waiting.pop() if len(waiting) == 1 else 0

    def report(self, error: BaseException) -> None:
        """Write an exception that nothing catches to the log."""
        traceback.print_exception(type(error), error, error.__traceback__)

    # Everything below runs in the main thread.

    def _perform(self, message: Message) -> None:
        if message.kind == "call":
            known: Any = self.functions if isinstance(message.target, int) else self.exports or {}
            function = known.get(message.target)
            answer = functools.partial(self._answer, message.id, function)
            self.finish(attempt(_call, function, message.target, *message.value), answer)
        elif message.kind == "start":
            self.facts = message.value
            self.finish(attempt(self._load), functools.partial(self._answer, message.id, None))
        else:
            exit = (self.exports or {}).get("exit")
            self.finish(attempt(exit) if callable(exit) else (None, None), functools.partial(self._stop, message.id))

    def finish(self, outcome: Tuple[Any, Optional[BaseException]], settle: Callable[..., Any]) -> None:
        """Hand on what came of a call; if it has to be awaited, what will come of it."""
        result, error = outcome
        if error is None and inspect.isawaitable(result):
            task = self.loop.create_task(_awaited(result))
            task.add_done_callback(functools.partial(self._finish_task, settle))
        else:
            settle(result, error)

    def _finish_task(self, settle: Callable[..., Any], task: asyncio.Task[Any]) -> None:
        result, error = attempt(task.result)
        settle(result, error)

    def _answer(self, id: int, function: Any, result: Any, error: Optional[BaseException]) -> None:
        attempt(sys.stdout.flush)
        attempt(sys.stderr.flush)
        if error is None:
            _, error = attempt(self.send, Message("reply", id, None, result))
            if isinstance(error, FrameError):
                error = NotSendable(f"{getattr(function, '__name__', 'it')} returned what can't be sent: {error}")
        if error is not None:
            attempt(self.send, Message("error", id, None, self._failure(error, function)))

    def _failure(self, error: BaseException, function: Any) -> Dict[str, Any]:
        """Return an exception as plain data, with the last line of the plugin's own file that it went through.

        :param function: the one that was called; if the exception went through no line of the file, it has that of this function.
        """
        path = self.facts.path or ""
        parts = {**_error_parts(error), "line": error.line if isinstance(error, NoExport) else 0}
        code = getattr(function, "__code__", None)
        if isinstance(code, types.CodeType) and code.co_filename == path:
            parts["line"] = code.co_firstlineno
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
        for frame in frames:
            if frame.filename == path:
                parts["line"] = frame.lineno
        if isinstance(error, SyntaxError) and error.filename == path:
            parts["line"] = error.lineno or 0
            parts["code"] = "script-syntax"
            parts["message"] = error.msg
        elif isinstance(error, ModuleNotFoundError) and error.name:
            parts["missing"] = error.name.partition(".")[0]
        lines = traceback.format_list(frames) + traceback.format_exception_only(type(error), error)
        parts["traceback"] = "".join(lines)[-MAX_TEXT:]
        return parts

    def _load(self) -> Dict[str, Any]:
        """Run the scripts in one namespace, and return the names of what they export."""
        for name in ("imjoy", "imjoy_rpc"):
            module = types.ModuleType(name)
            module.api = self.api  # type: ignore[attr-defined]
            sys.modules[name] = module
        main = types.ModuleType("__main__")
        main.__dict__["api"] = self.api
        sys.modules["__main__"] = main
        # Tracebacks show the lines of the scripts, wherever their file is.
        lines: List[str] = []
        for script in self.facts.scripts:
            lines += ["\n"] * (script["line"] - 1 - len(lines))
            lines[script["line"] - 1 :] = [line + "\n" for line in script["text"].split("\n")]
        linecache.cache[self.facts.path] = len(lines), None, lines, self.facts.path
        for script in self.facts.scripts:
            exec(_compiled(script["text"], self.facts.path, script["line"]), main.__dict__)
        if self.exports is None and not self.facts.passive:
            last = self.facts.scripts[-1]
            raise NoExport(last["line"] + last["text"].rstrip().count("\n"))
        exports = self.exports or {}
        plain = (bool, int, float, str)
        return {
            "functions": [name for name, item in exports.items() if callable(item)],
            "constants": {name: item for name, item in exports.items() if isinstance(item, plain)},
        }

    def _stop(self, id: int, result: Any, error: Optional[BaseException]) -> None:
        self._is_stopping = True
        self._answer(id, None, None, error)
        self.loop.stop()


def _compiled(text: str, path: str, line: int) -> types.CodeType:
    """Return the code of a script. Its lines are those of the file that it stands in.

    :param line: where the text begins.
    """
    return compile("\n" * (line - 1) + text, path, "exec", dont_inherit=True)


def end() -> None:
    """End this process at once, and all that it started."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


#: Functions of ``api`` that show what they get, whatever it is.
_TEXTS = frozenset({"alert", "showStatus", "showMessage", "showSnackbar"})
_PLAIN = (str, int, float, dict, list, type(None))


class Api:
    """What a plugin knows as ``api``."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.utils = Utils(program)
        self._listeners: Dict[str, List[Callable[..., Any]]] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        facts = self._program.facts
        values = {"TAG": facts.tag, "WORKSPACE": facts.workspace, "WORK_DIR": facts.work_dir, "ENGINE_URL": "", "FILE_MANAGER_URL": ""}
        if name in values:
            return values[name]
        name = _camel(name)
        if name in facts.names:
            return functools.partial(self._call, name)
        if name in facts.unanswered:
            return functools.partial(_refuse, name)
        if name in facts.of_engine:
            raise Unavailable(f"api.{name} needs an engine that runs other plugins too")
        known = {*facts.names, *facts.unanswered, *facts.of_engine, *values, *(item for item in dir(Api) if item[0] != "_")}
        like = difflib.get_close_matches(name, sorted(known), 1)
        raise Unavailable(f"api.{name} is not available outside the browser{f'. Did you mean {like[0]!r}?' if like else ''}")

    def _call(self, name: str, /, *arguments: Any, **named: Any) -> Promise:
        if name in ("log", "error") and not (len(arguments) == 1 and isinstance(arguments[0], dict)):
            arguments = (" ".join(map(str, arguments)),)
        elif name in _TEXTS:
            arguments = tuple(item if isinstance(item, _PLAIN) else str(item) for item in arguments)
        if named and not arguments:
            # A call with names alone is one mapping, as in JavaScript.
            arguments, named = (named,), {}
        return self._program.call_remote(name, arguments, named)

    @property
    def config(self) -> Dots:
        """The tag, the workspace and the folder, as a mapping."""
        facts = self._program.facts
        return Dots(tag=facts.tag, workspace=facts.workspace, work_dir=facts.work_dir, engine="", file_manager="")

    def export(self, exported: Any, config: Any = None) -> Promise:
        """Let the host call the functions of an object or mapping whose names don't begin with ``_``."""
        if isinstance(exported, dict):
            items = dict(exported)
        else:
            items = {name: getattr(exported, name) for name in dir(exported) if not name.startswith("_")}
        self._program.exports = {name: items[name] for name in sorted(map(str, items)) if not name.startswith("_") and name in items}
        return self._done(None)

    def _done(self, value: Any) -> Promise:
        promise = Promise(self._program)
        promise.settle(value, None)
        return promise

    def getAttachment(self, name: str) -> Promise:
        """Return the text of an attachment; None if there is none."""
        return self._done((self._program.facts.attachments or {}).get(name))

    def echo(self, value: Any = None) -> Promise:
        """Return what it gets."""
        return self._done(value)

    def init(self, config: Any = None) -> Promise:
        """Do nothing: everything is ready."""
        return self._done(None)

    registerCodec = disposeObject = onClose = init

    def on(self, event: str, function: Callable[..., Any]) -> Promise:
        """Call a function whenever the plugin emits this event."""
        self._listeners.setdefault(event, []).append(function)
        return self._done(None)

    def off(self, event: str, function: Any = None) -> Promise:
        """Don't call a function any more, or none at all."""
        kept = [item for item in self._listeners.get(event, ()) if function is not None and item != function]
        self._listeners[event] = kept
        return self._done(None)

    def emit(self, event: str, *arguments: Any) -> Promise:
        """Call the functions that wait for this event."""
        for function in list(self._listeners.get(event, ())):
            function(*arguments)
        return self._done(None)

    def getFileUrl(self, path: Any) -> Promise:
        """Return the address of a file in the workspace."""
        return self._done(self._inside(path.get("path") if isinstance(path, dict) else path).as_uri())

    requestUploadUrl = getFileUrl

    def exportFile(self, data: Any, name: Any = "file") -> Promise:
        """Write a file into the workspace, and tell its path."""
        if isinstance(data, dict) and "data" in data:
            data, name = data["data"], data.get("name") or name
        path = self._inside(re.sub(r'[\x00-\x1f<>:"/\\|?*]', "_", str(name)).strip(". ") or "file")
        content = bytes(data) if isinstance(data, (bytes, bytearray, memoryview)) else str(data).encode("utf-8")
        path.write_bytes(content)
        return self._call("exportFile", {"name": path.name, "path": str(path)})

    def _inside(self, path: Any) -> pathlib.Path:
        """Return a path below the workspace.

        :raises ValueError: it leads out of it.
        """
        root = pathlib.Path(self._program.facts.work_dir).resolve()
        inside = (root / str(path)).resolve()
        if root != inside and root not in inside.parents:
            raise ValueError(f"{path!r} is outside of the workspace {str(root)!r}")
        return inside


def _refuse(name: str, /, *arguments: Any, **named: Any) -> None:
    help = "Only a program can give it one" if name == "showFileDialog" else "On a terminal, Ways asks; a program can give it one"
    raise NeedsInterface(f"api.{name} needs a user interface: the host has no handler {name!r}. {help}")


class Utils:
    """What a plugin knows as ``api.utils``."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise Unavailable(f"api.utils.{name} is not available outside the browser")

    def sleep(self, seconds: float) -> Any:
        """Return what can be awaited for that long."""
        return asyncio.sleep(seconds)

    def kill(self, process: Any) -> None:
        """End a process that the plugin started."""
        process.kill()

    def openUrl(self, address: str, *_: Any) -> Promise:
        """Tell the host to show an address."""
        return self._program.call_remote("openUrl", [str(address)], {})

    def ndarray(self, array: Any) -> Any:
        """Return the array: it can be sent as it is."""
        return array


def _camel(name: str) -> str:
    """Return ``createWindow`` for ``create_window``."""
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def watch(lifeline: int) -> None:
    """Let the kernel end this process and all that it started once the host is gone, even while no Python code can run.

    :param lifeline: the end of a pipe in which nothing is ever written, and of which only the host has the other end.
    """
    import fcntl

    os.set_inheritable(lifeline, False)
    # Linux sends the signal to the whole group when the pipe is closed, as it would when there was something to read.
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)


def main() -> None:
    """Keep the two pipes of the host apart from what the plugin prints, and run."""
    if len(sys.argv) > 1:
        watch(int(sys.argv[1]))
    reader, writer = os.dup(0), os.dup(1)
    if os.name == "nt":
        import msvcrt

        for descriptor in (reader, writer):
            msvcrt.setmode(descriptor, os.O_BINARY)  # type: ignore[attr-defined, unused-ignore]
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    os.dup2(2, 1)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    # The folder of this file is none of the plugin's.
    sys.path[0] = os.getcwd()
    Program(reader, writer).run()


if __name__ == "__main__":
    main()
