"""The variables that played a part in an answer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from ways.explain.reasons import Reason
from ways.explain.record import Claim, Variable
from ways.settings import (
    EXPAND_ORDER_ENV_VAR,
    PARSERS_ENV_VAR,
    PLATFORM_ENV_VAR,
    PLATFORMS_ENV_VAR,
    PRIORITY_ENV_VAR,
    Settings,
    expand_order,
    parse_order,
)


def variables_of(
    claims: Iterable[Claim], tokens: Iterable[str], settings: Settings, overrides: Mapping[str, str], layer: str
) -> Iterator[Variable]:
    """Yield each variable that had a say in what *claims* came to, and those that the engine ``env`` would fill tokens with.

    :param layer: the only layer that is looked at, if it is one.
    """
    every = list(claims)
    unknown = any(claim.reason is Reason.UNKNOWN_PLATFORM for claim in every)
    if unknown or any(claim.platform.named is not None for claim in every):
        yield _variable(PLATFORM_ENV_VAR, overrides, f"the platform is {settings.platform}")
    if unknown or any(claim.platform.named is None for claim in every if claim.reason.is_good):
        if unknown or PLATFORMS_ENV_VAR in overrides or PLATFORMS_ENV_VAR in os.environ:
            yield _variable(PLATFORMS_ENV_VAR, overrides, f"the platforms are {', '.join(sorted(settings.platforms))}")
    if not layer and (len({claim.assignment for claim in every}) > 1 or PRIORITY_ENV_VAR in {**os.environ, **overrides}):
        yield _variable(PRIORITY_ENV_VAR, overrides, f"the layers, strongest last: {', '.join(settings.priority)}")
    for name in dict.fromkeys(tokens):
        if name in os.environ:
            yield _variable(name, {}, f"fills the token {name} where the engine env is asked")


def variables_of_text(tier: str | None, is_tied: bool, overrides: Mapping[str, str], settings: Settings) -> Iterator[Variable]:
    """Yield each variable that had a say in what a text is."""
    yield _variable(PLATFORM_ENV_VAR, overrides, f"the platform is {settings.platform}")
    yield _variable(PRIORITY_ENV_VAR, overrides, f"the layers, strongest last: {', '.join(settings.priority)}")
    if is_tied:
        yield _variable(PARSERS_ENV_VAR, {}, f"equal ones are told apart by {', '.join(parse_order())}")
    if tier == "c":
        yield _variable(EXPAND_ORDER_ENV_VAR, {}, f"texts are split by {', '.join(expand_order())}")


def _variable(name: str, overrides: Mapping[str, str], meaning: str) -> Variable:
    origin = "session" if name in overrides else "environment" if name in os.environ else "default"
    value = overrides.get(name, os.environ.get(name))
    return Variable(name=name, value=value, origin=origin, meaning=meaning)
