"""OpenTimelineIO: clips that name a place and values are linked to the files on disk.

OpenTimelineIO finds the media linker ``ways`` by the entry point ``opentimelineio.plugins``, which leads here, and reads
``plugin_manifest.json`` beside this file. Tools that have a timeline in memory link all of its clips at once:

>>> from ways.systems import otio
>>> for linked in otio.link(timeline):            # doctest: +SKIP
...     print(linked.clip.name, linked.path or linked.reason)
"""

from __future__ import annotations

from ways.lightweight import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.systems.otio.linking import Linked, UnlinkedError, link
    from ways.systems.otio.media import Media, NoMediaError, find_media

__all__ = ["Linked", "Media", "NoMediaError", "UnlinkedError", "find_media", "link"]

__getattr__ = lazy_names(
    __name__,
    {
        "ways.systems.otio.linking": "Linked UnlinkedError link",
        "ways.systems.otio.media": "Media NoMediaError find_media",
    },
)
