"""The former name of :mod:`ways.systems`: ``ways.integrations.usd`` has the names of :mod:`ways.systems.usd`."""

from __future__ import annotations

import os

#: Where Python looks for the modules below this one.
__path__ = [os.path.join(os.path.dirname(__file__), "systems")]
