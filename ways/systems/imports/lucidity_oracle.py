"""Lucidity itself, to compare a sheet with. The files of the source are not run: templates are made of what is written out in them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from random import Random
from typing import Any

from ways.regex.samples import samples_with
from ways.systems.imports.expressions import fits
from ways.systems.imports.lucidity_calls import TemplateCall, calls_in
from ways.systems.imports.verifying import NoOracleError

_WORDS = ("main", "sh010", "v2", "a.b", "x_y", "fx-a", "9", "été")


class LucidityOracle:
    """The templates of some files, as objects of lucidity.

    :raises NoOracleError: it isn't installed.
    """

    platform = "linux"

    def __init__(self, files: Sequence[str]) -> None:
        try:
            with warnings.catch_warnings():
                # Its own expressions have escapes that Python warns of.
                warnings.simplefilter("ignore")
                self._package = import_module("lucidity")
        except ImportError as error:
            message = "--verify of lucidity compares with lucidity itself: pip install 'ways-resolver[import-oracle]'"
            raise NoOracleError(message) from error
        self._templates: dict[str, Any] = {}
        for file in files:
            for call in calls_in(file) or ():
                self._add(call)

    def _add(self, call: TemplateCall) -> None:
        options = {name: value for name, value in call.arguments.items() if name not in ("name", "pattern")}
        if not call.is_plain:
            return
        name = call.arguments.get("name")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                pattern = call.arguments.get("pattern")
                template = self._package.Template(name, pattern, template_resolver=self._templates, **options)
        except (ValueError, TypeError, AttributeError):
            # It is no template to lucidity.
            return
        # Of two with one name, the first is found.
        self._templates.setdefault(str(name), template)

    def names(self) -> list[str]:
        """Return the names of the templates whose references are there."""
        return [name for name in self._templates if self._is_usable(name)]

    def _is_usable(self, name: str) -> bool:
        try:
            self.draw(name, Random(0))
        except (self._package.error.ResolveError, RecursionError, LookupError, ValueError):
            return False
        return True

    def draw(self, name: str, random: Random) -> dict[str, Any]:
        """Return values that fit the expressions of a template."""
        template = self._templates[name]
        regex = template._construct_regular_expression(template.expanded_pattern())
        return {token: self._drawn(regex.pattern, token, random) for token in sorted(template.keys())}

    @staticmethod
    def _drawn(pattern: str, token: str, random: Random) -> str:
        """Return a value for a token, whose expression stands in a named group of the whole."""
        start = pattern.index(f"(?P<{token.replace('.', '_LPD_')}001>") + len(f"(?P<{token.replace('.', '_LPD_')}001>")
        depth, end = 1, start
        while depth:
            step = 2 if pattern[end] == "\\" else 1
            depth += (pattern[end] == "(") - (pattern[end] == ")")
            end += step
        expression = pattern[start : end - 1]
        fitting = [text for text in (*_WORDS, *samples_with(expression, "aB0_", 20)) if fits(expression, text)]
        if not fitting:
            raise LookupError(token)
        return random.choice(fitting)

    def write(self, name: str, values: Mapping[str, Any]) -> str:
        """Return the text that lucidity writes."""
        nested: dict[str, Any] = {}
        for token, value in values.items():
            *above, last = token.split(".")
            here = nested
            for part in above:
                here = here.setdefault(part, {})
            here[last] = value
        return str(self._templates[name].format(nested))

    def readings(self, name: str, text: str) -> list[dict[str, str]]:
        """Return how lucidity reads a text: in one way, if any."""
        try:
            read = self._templates[name].parse(text)
        except self._package.error.ParseError:
            return []
        return [dict(_flat(read))]


def _flat(values: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        pairs += _flat(value, f"{above}{name}.") if isinstance(value, Mapping) else [(f"{above}{name}", value)]
    return pairs
