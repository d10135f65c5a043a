"""ImJoy plugins for tests that start their processes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

from ways.api import Context, Session

CONFIG = {"name": "Half", "type": "native-python", "version": "0.1.0", "api_version": "0.1.8"}
#: Lines before the first one of a script, in the file of a plugin.
LINES_BEFORE = 3


def plugin_text(script: str, blocks: str = "", **config: Any) -> str:
    """Return the text of a plugin's file, with the configuration in the first line."""
    text = json.dumps({**CONFIG, **config})
    return f'<config lang="json">{text}</config>\n\n<script lang="python">\n{dedent(script).lstrip(chr(10))}</script>\n{blocks}'


def plugin_at(folder: Path, script: str, blocks: str = "", **config: Any) -> Context:
    """Write the file of a plugin, and return its Context."""
    path = folder / f"{config.get('name', CONFIG['name'])}.imjoy.html"
    path.write_text(plugin_text(script, blocks, **config), encoding="utf-8")
    session = Session()
    session.add_search_path(str(path))
    return session.need_context(f"imjoy/local/{config.get('name', CONFIG['name'])}")


def is_alive(pid: int) -> bool:
    """Return whether a process runs. One that ended and that nobody waited for doesn't."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


def wait_until(is_done: Callable[[], Any], seconds: float = 60.0) -> bool:
    """Return whether something is so, now or before very long."""
    end = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
