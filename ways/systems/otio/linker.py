"""The media linker ``ways``: links a clip that names a place and values, or a reference such as ``ways:///place?TOKEN=value``.

The sheets are those of WAYS_DESCRIPTORS, or of the session that is active. Arguments, all optional:

- ``on_error``: ``missing`` (the default) gives a clip that can't be linked a MissingReference that says why; ``keep`` leaves it as it
  is; ``raise`` raises.
- ``rate``: frames per second of sequences, for clips that don't say any.
- ``assignment``: one layer of plugins.
"""

# OpenTimelineIO runs this file by its path, and shows these docstrings to users.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ways.systems.otio.linking import arguments_of, linked_clips


def link_media_reference(in_clip: Any, media_linker_argument_map: Mapping[str, Any] | None = None) -> Any:
    """Return the media reference of a clip; ``None`` to leave the clip as it is, if it names no place."""
    [linked] = linked_clips([in_clip], **arguments_of(media_linker_argument_map or {}))
    return linked.reference
