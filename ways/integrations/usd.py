"""OpenUSD's plugin registry, in Python alone: the names of ``pxr.Plug``, as objects of a session.

There is no singleton: a registry is made, and two of them share nothing. Native libraries are catalogued, never loaded.
"""

from __future__ import annotations

from ways.integrations.usd_errors import NotLoadableError, PlugError, Registration
from ways.integrations.usd_notices import Listener, Notice
from ways.integrations.usd_plugins import Plugin
from ways.integrations.usd_registry import Registry
from ways.integrations.usd_types import Type
from ways.sheets.formats.usd_info import Fault

__all__ = ["Fault", "Listener", "NotLoadableError", "Notice", "PlugError", "Plugin", "Registration", "Registry", "Type"]
