"""Reads the files of other systems: text of a bounded size, YAML and JSON by the bounded readers of sheets. Nothing in them is run."""

from __future__ import annotations

import os

from ways.limits import Limits
from ways.sheets.document import Draft, Problem, Source
from ways.sheets.files import open_plain
from ways.sheets.formats import json_text, yaml_text
from ways.systems.imports.records import UnreadableError

#: Bytes of one file; the greatest public configurations have 200 kB.
MAX_BYTES = 4 << 20
#: A configuration has some thousand values.
FILE_LIMITS = Limits(values=100_000, depth=50)
#: Files of one configuration.
MAX_FILES = 200


def problem(path: str, message: str, code: str = "unreadable", line: int = 0) -> Problem:
    """Return the problem that a file can't be read, perhaps from one line on."""
    return Problem(Source(path, line=line, column=min(line, 1)), message, "error", code)


def read_text(path: str, name: str = "") -> str:
    """Return the text of a file.

    :param name: what a problem calls the file, if not by its path.
    :raises UnreadableError: it isn't there, is too large, or isn't UTF-8.
    """
    try:
        # What is no plain file could be without an end.
        with os.fdopen(open_plain(path), "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise UnreadableError((problem(name or path, "expected a file, found none"),)) from error
    except OSError as error:
        raise UnreadableError((problem(name or path, f"can't be read: {error.strerror}"),)) from error
    if len(data) > MAX_BYTES:
        raise UnreadableError((problem(name or path, f"expected at most {MAX_BYTES >> 20} MiB, found more"),))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        at = Source(name or path, line=line, column=1)
        raise UnreadableError((Problem(at, "expected UTF-8, found other bytes", code="encoding"),)) from error


def read_yaml(path: str, name: str = "") -> Draft:
    """Return what a YAML file says, with the position of each key; duplicate keys are problems of the draft.

    :param name: what its positions call the file, if not by its path.
    :raises UnreadableError: it can't be read, or isn't YAML within the limits. Tags that would build objects are refused.
    """
    return _found(yaml_text.read(read_text(path, name), Source(name or path, "yaml"), FILE_LIMITS))


def read_json(path: str) -> Draft:
    """Return what a JSON file says, with the position of each key; duplicate keys are problems of the draft.

    :raises UnreadableError: it can't be read, or isn't JSON within the limits.
    """
    return _found(json_text.read(read_text(path), Source(path, "json"), FILE_LIMITS))


def _found(draft: Draft) -> Draft:
    """Return what was read.

    :raises UnreadableError: it is lost.
    """
    if draft.is_lost:
        # Nothing raises the limits of these files.
        raise UnreadableError(tuple(fault._replace(help="") if fault.code == "limit" else fault for fault in draft.problems))
    return draft
