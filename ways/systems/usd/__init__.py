"""OpenUSD's plugin registry, in Python alone: the names of ``pxr.Plug``, as objects of a session.

There is no singleton: a registry is made, and two of them share nothing. Native libraries are catalogued, never loaded.
"""

from __future__ import annotations

from ways.lightweight import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.systems.shared import Fault
    from ways.systems.usd.errors import NotLoadableError, PlugError
    from ways.systems.usd.plugins import Listener, Notice, Plugin, Registration
    from ways.systems.usd.registry import Registry
    from ways.systems.usd.types import Type

__all__ = [
    "Fault", "Listener", "NotLoadableError", "Notice", "PlugError", "Plugin", "Registration", "Registry",
    "Type",
]

__getattr__ = lazy_names(
    __name__,
    {
        "ways.systems.shared": "Fault",
        "ways.systems.usd.errors": "NotLoadableError PlugError",
        "ways.systems.usd.plugins": "Listener Notice Plugin Registration",
        "ways.systems.usd.registry": "Registry",
        "ways.systems.usd.types": "Type",
    },
)
