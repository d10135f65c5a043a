"""Mappings that only the environment fills: the text for each set of values of the variables is computed once."""

from __future__ import annotations

import os

from ways.pattern.fill import Filling, fill
from ways.pattern.template import Template
from ways.settings import environ_lacks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class KnownFilling:
    """The texts of a mapping that only the environment fills, by the values of the variables that it asks for."""

    #: The most texts that are stored; a ResolvedContext stores as many of these objects.
    LIMIT = 64

    def __init__(self, template: Template, filling: Filling, depth: int) -> None:
        self._template = template
        self._filling = filling
        self._depth = depth
        asked = _Asked()
        # With no variable set, each token is asked for; with some set, fewer are. So these are all names there can be.
        self._unset = fill(template.pieces, template, filling._replace(environ=asked), depth)
        self._names = tuple(asked)
        self._is_unset = environ_lacks(self._names)
        self._texts: dict[tuple[str | None, ...], str] = {}

    def text(self) -> str:
        """Return the text for the environment of this moment."""
        if self._is_unset():
            return self._unset
        environ = os.environ
        values = tuple(map(environ.get, self._names))
        text = self._texts.get(values)
        if text is None:
            if len(self._texts) >= self.LIMIT:
                self._texts.clear()
            given = {name: value for name, value in zip(self._names, values) if value is not None}
            filling = self._filling._replace(environ=given)
            text = self._texts[values] = fill(self._template.pieces, self._template, filling, self._depth)
        return text


class _Asked(dict[str, str]):
    """An environment in which no variable is set; it collects the names that it was asked for."""

    def get(self, key: str, default: Any = None) -> Any:
        self[key] = ""
        return default
