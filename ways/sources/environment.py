"""What is wrong with the WAYS_* variables of a session: a platform that isn't known, layers that no plugin has."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

from ways.errors import PlatformError, did_you_mean
from ways.settings import (
    DEFAULT_ASSIGNMENT,
    PLATFORM_ENV_VAR,
    PLATFORMS_ENV_VAR,
    PRIORITY_ENV_VAR,
    Settings,
    layers_in,
    order_of_layers,
)
from ways.sheets.document import Problem, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.sheets.document import Level


def platform_problems(settings: Settings, *, is_given: bool) -> Iterator[Problem]:
    """Yield a problem if the current platform is not one of the known ones, so that no plugin takes part.

    :param is_given: whether WAYS_PLATFORM is set.
    """
    if settings.knows_platform:
        return
    error = PlatformError(settings.platform, settings.platforms)
    whose = "" if is_given else "this machine's: "
    close = did_you_mean(settings.platform, settings.platforms)
    message = f"{whose}{error.message[:-1]}, so no plugin applies{'.' if close else ''}{close}"
    help = "" if close else f"Name a known one, or name {settings.platform!r} in {PLATFORMS_ENV_VAR} too."
    expected = f"one of {', '.join(error.known) or 'none'}"
    yield _problem(PLATFORM_ENV_VAR, message, "error", "unknown-platform", expected, settings.platform, help)


def layer_problems(settings: Settings, known: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for each layer of WAYS_PRIORITY that no plugin has; an error where it looks like a slip.

    :param known: the layers that plugins have.
    """
    for name in settings.priority if known else ():
        if not name or name in known:
            continue
        level, close, help = _advice(name, settings, known)
        message = f"no plugin has the assignment {name!r}{close}"
        expected = f"one of {', '.join(sorted(known))}"
        yield _problem(PRIORITY_ENV_VAR, message, level, "unknown-layer", expected, name, help)


def _advice(name: str, settings: Settings, known: Collection[str]) -> tuple[Level, str, str]:
    """Return how bad it is that no plugin has a layer, the near one in words, and what else would help."""
    layers = layers_in(name, {*known, DEFAULT_ASSIGNMENT})
    order = f"{PRIORITY_ENV_VAR}={order_of_layers(settings.priority, {*known, DEFAULT_ASSIGNMENT})}"
    if len(layers) > 1:
        return "error", "", f"Separate layers by {os.pathsep!r}: {order}"
    if layers != [name]:
        return "error", f".{did_you_mean(name, layers)}", f"Write {order}"
    close = did_you_mean(name, known)
    if close:
        return "error", f".{close}", ""
    return "warning", "", f"The layers are {', '.join(sorted(known))}."


def _problem(variable: str, message: str, level: Level, code: str, expected: str, found: str, help: str) -> Problem:
    return Problem(Source(variable), message, level, code, expected, repr(found), help)
