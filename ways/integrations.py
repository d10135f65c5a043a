"""The former name of :mod:`ways.systems`: ``ways.integrations.usd`` is :mod:`ways.systems.usd`, and so on."""

from __future__ import annotations

import sys

from ways.systems import dioptra, imjoy, usd

#: ``from ways.integrations.usd import Registry`` looks for a module below this one: it is the same module, not a second one.
__path__: list[str] = []
for _system in (dioptra, imjoy, usd):
    sys.modules[f"{__name__}.{_system.__name__.rpartition('.')[2]}"] = _system
