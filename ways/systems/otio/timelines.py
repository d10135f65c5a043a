"""Timelines in files, in every format that OpenTimelineIO has an adapter for."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from ways import api
from ways.errors import MissingExtraError
from ways.usercode import Failed, call

try:
    from opentimelineio import adapters, media_linker
except ImportError as _error:
    raise MissingExtraError("opentimelineio", "otio", "timelines") from _error

_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ONE_KIND = bytes.maketrans(b"[]", b"{}")
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


class TimelineError(api.WaysError, OSError):
    """A timeline can't be read or written. ``path`` is its file."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path


def read_timeline(path: str, limits: api.Limits) -> Any:
    """Return what is in a file: a timeline, as a rule. Nothing in it is linked, whichever media linker is the default.

    :raises TimelineError: it can't be read, or its adapter raises.
    :raises LimitError: its lists and objects are nested too deeply; OpenTimelineIO ends the process at some depth.
    """
    try:
        data = Path(path).read_bytes() if path.lower().endswith(".otio") else b""
    except (OSError, ValueError) as error:
        raise TimelineError(path, f"it can't be read: {getattr(error, 'strerror', None) or error}") from error
    if _is_deeper(data, limits.depth):
        message = f"{path}: expected at most {limits.depth} lists and objects in each other. {limits.to_raise('depth')}"
        raise api.LimitError("depth", limits.depth, limits.depth + 1, message)
    timeline = call(adapters.read_from_file, path, media_linker_name=media_linker.MediaLinkingPolicy.DoNotLinkMedia)
    if isinstance(timeline, Failed):
        raise TimelineError(path, f"it can't be read: {timeline}") from timeline.error
    return timeline


def write_timeline(timeline: Any, path: str) -> None:
    """Write a timeline, whole or not at all; the adapter is that of the ending of *path*.

    :raises TimelineError: it can't be written; what was there stays.
    """
    folder, name = os.path.split(path)
    # The adapter is chosen by the ending, which stays.
    new = os.path.join(folder, f".{os.urandom(6).hex()}.{name}")
    try:
        written = call(adapters.write_to_file, timeline, new)
        if isinstance(written, Failed):
            raise TimelineError(path, f"it can't be written: {written}") from written.error
        os.replace(new, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(new)
        if isinstance(error, TimelineError):
            raise
        raise TimelineError(path, f"it can't be written: {error.strerror}") from error


def _is_deeper(data: bytes, depth: int) -> bool:
    """Whether more than so many lists and objects stand in each other in JSON."""
    # Texts are rarely so full of brackets that it matters: they are left out only then.
    return _has_brackets_left(data, depth) and _has_brackets_left(_TEXT.sub(b"", data), depth)


def _has_brackets_left(data: bytes, depth: int) -> bool:
    brackets = data.translate(_ONE_KIND, _ALL_BUT_BRACKETS)
    for _ in range(depth):
        # The innermost ones.
        brackets = brackets.replace(b"{}", b"")
    # In a file that was cut off, some are open; what reads it says so, unless these are too many as well.
    return b"{}" in brackets or brackets.count(b"{") > depth
