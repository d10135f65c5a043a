"""What a session of a snapshot finds by its name in another process."""

from __future__ import annotations

from typing import Any

from ways.api import Asset


class Tool(Asset):
    """An Asset of another class."""


def make_shot(info: Any, context: Any) -> Tool:
    """Return a Tool, where Assets are asked for."""
    return Tool(info, context)


def render(context: Any) -> str:
    """An action."""
    return f"rendered {context}"
