"""OpenUSD's plugin registry, in Python alone: the names of ``pxr.Plug``, as objects of a session.

A registry is made, and two of them share nothing. ``Plug`` and ``Tf`` are for scripts that were written for ``pxr``: there
one registry belongs to the process. Native libraries are catalogued, never loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ways.lightweight import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.systems.shared import Fault
    from ways.systems.usd.errors import NotLoadableError, PlugError
    from ways.systems.usd import plug as Plug, tf as Tf
    from ways.systems.usd.notice import Listener
    from ways.systems.usd.plugins import Notice, Plugin, Registration
    from ways.systems.usd.registry import Registry
    from ways.systems.usd.types import Type

__all__ = [
    "Fault", "Listener", "NotLoadableError", "Notice", "Plug", "PlugError", "Plugin", "Registration", "Registry",
    "Tf", "Type",
]

_lazy_name = lazy_names(
    __name__,
    {
        "ways.systems.shared": "Fault",
        "ways.systems.usd.errors": "NotLoadableError PlugError",
        "ways.systems.usd.notice": "Listener",
        "ways.systems.usd.plugins": "Notice Plugin Registration",
        "ways.systems.usd.registry": "Registry",
        "ways.systems.usd.types": "Type",
    },
)


def __getattr__(name: str) -> Any:
    # These two are modules of their own, as in ``pxr``.
    return import_module(f"{__name__}.{name.lower()}") if name in ("Plug", "Tf") else _lazy_name(name)
