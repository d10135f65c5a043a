"""Places and files for the tests of media and timelines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ways.api import Session

#: Details of the tokens that the mappings below have.
DETAILS: dict[str, Any] = {
    "VERSION": {"mapping": "v{NUMBER:03d}"},
    "FRAME": {"sequence": True},
    "TAG": {"parse": {"regex": "[a-z]+"}},
}
COMP = "{SHOT}/{VERSION}/{SHOT}_{VERSION}.{FRAME:04d}.exr"


def session_of(folder: Path, **mappings: str) -> Session:
    """Return a session in which each of these places, such as ``comp``, has its mapping below a folder."""
    plugins = {}
    for name, mapping in mappings.items():
        details = {token: details for token, details in DETAILS.items() if f"{{{token}" in mapping}
        plugins[name] = {"hierarchy": name, "mapping": f"{folder.as_posix()}/{mapping}", "path": True, "mapping_details": details}
    sheet = folder / "sheet.json"
    sheet.write_text(json.dumps({"globals": {"syntax": 2}, "plugins": plugins}), encoding="utf-8")
    session = Session()
    session.add_search_path(str(sheet))
    assert session.problems == []
    return session


def touch(folder: Path, *paths: str, frames: Iterable[int] = ()) -> None:
    """Make files; of each path with a ``#``, one for each frame."""
    for path in paths:
        for frame in frames if "#" in path else [0]:
            file = folder / path.replace("#", f"{frame:04}")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
