"""Some sheets, and what is to be said of them, with a cache and without."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache as once
from functools import partial
from typing import Any, NamedTuple

from .faults import ended, files_below, folder
from .teller import answers

SHEETS = {
    "a.yml": """
globals: {data: {show: dune}}
plugins:
  job: {hierarchy: job, mapping: '/jobs/{JOB}', mapping_details: {JOB: {parse: {regex: '[a-z]+'}}}, path: true}
  shot: {hierarchy: shot, uses: [job], mapping: '{root}/{SHOT}', data: {due: 2024-02-29, rate: 23.976}}
  night: {hierarchy: job/shot, mapping: '/night', assignment: night}
""",
    "b.json": '{"plugins": {"disk": {"hierarchy": "disk", "mapping": "/mnt/{SHOW}/v{VERSION}", "groups": ["io"], "wrong": 1}}}',
    "c.toml": '[plugins.lib]\nhierarchy = "lib"\nuses = ["job", "job/shot"]\nmapping = "{root}/lib"\n',
}
#: Seconds after which a file's stamp is believed.
OLD = 2.1


class World(NamedTuple):
    """Some sheets."""

    #: The folder that they are in.
    sheets: str
    #: What is to be said of them, as data and as printed.
    answers: Any
    printed: str
    #: The files that a cache of them has after one process, and those that the next one adds.
    files: list[str]
    later: list[str]


@once
def world() -> World:
    """Return the world, which is made once: its sheets must be old before they are believed to be what they were."""
    sheets = os.path.realpath(tempfile.mkdtemp(prefix="ways-stress-"))
    atexit.register(_remove, sheets, os.getpid())
    os.chmod(sheets, 0o755)
    for name, text in SHEETS.items():
        with open(os.path.join(sheets, name), "w", encoding="utf-8") as file:
            file.write(text)
    time.sleep(OLD)
    with caching(sheets, WAYS_CACHE="0"):
        said = answers(sheets)
    with folder() as cache:
        ended(partial(_cached, cache, sheets))
        files = files_below(store_of(cache))
        ended(partial(_cached, cache, sheets))
        later = sorted(set(files_below(store_of(cache))) - set(files))
    return World(sheets, said, json.dumps(said) + "\n", files, later)


def _cached(cache: str, sheets: str) -> Any:
    with caching(cache):
        return answers(sheets)


def _remove(path: str, process: int) -> None:
    # Copies of this process end otherwise; this is for those that don't.
    if os.getpid() == process:
        shutil.rmtree(path, ignore_errors=True)


def store_of(cache: str) -> str:
    """Return the folder of the store."""
    return os.path.join(cache, "ways", "sheets")


@contextmanager
def caching(cache: str, **environ: str) -> Iterator[None]:
    """Let the store lie in a folder, in the block; no other settings count."""
    before = dict(os.environ)
    own = {name: value for name, value in before.items() if not name.startswith("WAYS_")}
    usual = {"WAYS_CACHE": "1", "XDG_CACHE_HOME": cache, "WAYS_DESCRIPTORS": "", "WAYS_PLATFORM": "linux"}
    _set({**own, **usual, **environ})
    try:
        yield
    finally:
        _set(before)


def _set(environ: Mapping[str, str]) -> None:
    """Make the environment this; but the home, the cache and the state are missing where they are empty."""
    wanted = {name: value for name, value in environ.items() if value or name not in ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")}
    for name in set(os.environ) - set(wanted):
        del os.environ[name]
    os.environ.update(wanted)
