"""Traits that Ways fills, by their ids: the classes that are made for them change their names between releases, ids don't."""

from __future__ import annotations

from collections.abc import Iterable

#: What the ids of OpenAssetIO-MediaCreation begin with; a sheet may leave it out.
PREFIX = "openassetio-mediacreation:"

ENTITY = f"{PREFIX}usage.Entity"
RELATIONSHIP = f"{PREFIX}usage.Relationship"
LOCATABLE = f"{PREFIX}content.LocatableContent"
FRAME_RANGED = f"{PREFIX}timeDomain.FrameRanged"
DISPLAY_NAME = f"{PREFIX}identity.DisplayName"
VERSION = f"{PREFIX}lifecycle.Version"
STABLE = f"{PREFIX}lifecycle.Stable"
SINGULAR = f"{PREFIX}relationship.Singular"
UNBOUNDED = f"{PREFIX}relationship.Unbounded"
MANAGED = f"{PREFIX}managementPolicy.Managed"

#: The relationships that are answered, each a whole set: a set with one more trait is another relationship.
VERSIONS = frozenset({RELATIONSHIP, UNBOUNDED, VERSION})
STABLE_VERSIONS = VERSIONS | {STABLE}
STABLE_REFERENCE = frozenset({RELATIONSHIP, SINGULAR, STABLE})
RELATIONSHIPS = (VERSIONS, STABLE_VERSIONS, STABLE_REFERENCE)

#: The version that a reference without one means.
LATEST = "latest"


def ids_of(names: Iterable[str]) -> frozenset[str]:
    """Return the ids of traits that a sheet names.

    >>> sorted(ids_of(["twoDimensional.Image", "acme:Plate"]))
    ['acme:Plate', 'openassetio-mediacreation:twoDimensional.Image']
    """
    return frozenset(name if ":" in name else PREFIX + name for name in names)
