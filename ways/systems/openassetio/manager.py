"""WaysManager: OpenAssetIO's manager interface over a frozen snapshot of a session."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from openassetio import EntityReference, constants
from openassetio.access import DefaultEntityAccess, EntityTraitsAccess, PolicyAccess, PublishingAccess, RelationsAccess, ResolveAccess
from openassetio.errors import BatchElementError, ConfigurationException, InputValidationException
from openassetio.managerApi import EntityReferencePagerInterface, HostSession, ManagerInterface, ManagerStateBase
from openassetio.trait import TraitsData
from openassetio.utils import FileUrlPathConverter, PathType

from ways.api import DESCRIPTORS_ENV_VAR, PLATFORM_ENV_VAR, Session
from ways.errors import FormatError, LimitError, ParseError, UnknownTokenError, WaysError, did_you_mean
from ways.systems.openassetio.entities import Entities, Entity, EntityAccessError, MissingEntityError, Pins, TraitSetError
from ways.systems.openassetio.listing import Listing, sidecar_of
from ways.systems.openassetio.places import HostPlace, without
from ways.systems.openassetio.publishing import Published, read_sidecar, reserve, write_sidecar
from ways.systems.openassetio.references import (
    IDENTIFIER, SCHEME, MalformedReferenceError, Reference, compose, is_whole, parse_below, prefix_of,
)  # fmt: skip
from ways.systems.openassetio.traits import (
    DISPLAY_NAME, ENTITY, FRAME_RANGED, LATEST, LOCATABLE, MANAGED, RELATIONSHIPS, STABLE_REFERENCE, STABLE_VERSIONS, VERSION, VERSIONS,
)  # fmt: skip

ErrorCode = BatchElementError.ErrorCode
#: As a number: to compare two of these costs as much as to parse half a reference.
_DRIVEN = int(ResolveAccess.kManagerDriven)
#: A property of a trait can hold no greater number.
_GREATEST = 2**63
#: What is told to a host for each kind of error; the first that fits. Any other error is ours, and reaches the host as it is.
_CODES = (
    ((MalformedReferenceError, UnknownTokenError, FormatError, ParseError, LimitError), ErrorCode.kMalformedEntityReference),
    ((EntityAccessError,), ErrorCode.kEntityAccessError),
    ((WaysError, InputValidationException), ErrorCode.kEntityResolutionError),
    ((OSError,), ErrorCode.kEntityAccessError),
)
_EXPECTED = tuple(kind for kinds, _ in _CODES for kind in kinds)
#: Setting -> its value if a host gives none. Lists are texts with the separator of PATH between.
_DEFAULTS = {"descriptors": "", "platform": "", "assignment": "", "scheme": SCHEME}

Success = Callable[[int, Any], None]
Failure = Callable[[int, BatchElementError], None]


class WaysState(ManagerStateBase):  # type: ignore[misc]
    """What a context pins: the versions that "latest" means. A child shares those of its parent."""

    def __init__(self, pins: Pins, digest: str) -> None:
        super().__init__()
        self.pins = pins
        self.digest = digest


class WaysManager(ManagerInterface):  # type: ignore[misc]
    """Answers hosts from sheets and files. Nothing is kept but the snapshot, which is replaced as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self._settings: dict[str, Any] = dict(_DEFAULTS)
        self._entities: Entities | None = None
        self._to_url = FileUrlPathConverter()

    # --- what the manager is

    def identifier(self) -> str:
        return IDENTIFIER

    def displayName(self) -> str:
        return "Ways"

    def info(self) -> dict[str, Any]:
        return {constants.kInfoKey_EntityReferencesMatchPrefix: prefix_of(self._settings["scheme"])}

    def settings(self, hostSession: HostSession) -> dict[str, Any]:
        return dict(self._settings)

    def hasCapability(self, capability: ManagerInterface.Capability) -> bool:
        return capability in ManagerInterface.Capability.__members__.values()

    def updateTerminology(self, terms: dict[str, str], hostSession: HostSession) -> dict[str, str]:
        return terms

    def initialize(self, managerSettings: dict[str, Any], hostSession: HostSession) -> None:
        """Read the sheets anew with these settings over the current ones. If anything fails, all stays as it was.

        :raises ConfigurationException: there is no such setting, or it can't have that value.
        """
        for name, value in managerSettings.items():
            if name not in _DEFAULTS:
                raise ConfigurationException(f"There is no setting {name!r}.{did_you_mean(name, _DEFAULTS)}")
            if not isinstance(value, str):
                raise ConfigurationException(f"{name}: expected a text, found {value!r}.")
        settings = {**self._settings, **managerSettings}
        if self._entities is None or managerSettings:
            try:
                prefix_of(settings["scheme"])
                entities = _read(settings, hostSession)
            except (WaysError, ValueError) as error:
                raise ConfigurationException(_whole(str(error))) from error
            self._settings, self._entities = settings, entities

    def flushCaches(self, hostSession: HostSession) -> None:
        """Read the sheets anew."""
        if self._entities is not None:
            self._entities = _read(self._settings, hostSession)

    @property
    def _current(self) -> Entities:
        if self._entities is None:
            raise ConfigurationException("The manager was not initialized.")
        return self._entities

    # --- contexts

    def createState(self, hostSession: HostSession) -> WaysState:
        return WaysState({}, self._current.digest)

    def createChildState(self, parentState: WaysState, hostSession: HostSession) -> WaysState:
        return WaysState(parentState.pins, parentState.digest)

    def persistenceTokenForState(self, state: WaysState, hostSession: HostSession) -> str:
        return json.dumps({"snapshot": state.digest, "latest": dict(state.pins)}, sort_keys=True)

    def stateFromPersistenceToken(self, token: str, hostSession: HostSession) -> WaysState:
        """Return the state of a token.

        :raises InputValidationException: no manager of Ways made it.
        """
        try:
            kept = json.loads(token)
            digest, pins = kept["snapshot"], kept["latest"]
            is_good = isinstance(digest, str) and all(isinstance(version, str) for version in pins.values())
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InputValidationException(f"{token!r} is no persistence token of Ways.") from error
        if not is_good:
            raise InputValidationException(f"{token!r} is no persistence token of Ways.")
        if digest != self._current.digest:
            hostSession.logger().warning("The sheets are not those that this render began with; its latest versions stay pinned.")
        return WaysState(pins, digest)

    # --- references

    def isEntityReferenceString(self, someString: str, hostSession: HostSession) -> bool:
        return someString.startswith(prefix_of(self._settings["scheme"]))

    def _parsed(self, references: Iterable[EntityReference]) -> list[Reference | WaysError]:
        prefix = prefix_of(self._settings["scheme"])
        answers: list[Reference | WaysError] = []
        for reference in references:
            try:
                answers.append(parse_below(reference.toString(), prefix))
            except MalformedReferenceError as error:
                answers.append(error)
        return answers

    def _reference(self, place: HostPlace, values: Any) -> EntityReference:
        return self._createEntityReference(compose(place.name, values, self._settings["scheme"]))

    # --- reading

    def managementPolicy(
        self, traitSets: list[set[str]], policyAccess: PolicyAccess, context: Any, hostSession: HostSession
    ) -> list[TraitsData]:
        places = self._current.places
        return [TraitsData(_policy(traits, policyAccess, places)) for traits in traitSets]

    def entityExists(
        self,
        entityReferences: list[EntityReference],
        context: Any,
        hostSession: HostSession,
        successCallback: Success,
        errorCallback: Failure,
    ) -> None:
        answers = self._current.find(self._parsed(entityReferences), Listing(), pins=_pins(context))
        for index, answer in enumerate(answers):
            if isinstance(answer, (MissingEntityError, EntityAccessError)):
                successCallback(index, False)
            elif isinstance(answer, Exception):
                errorCallback(index, _error(answer))
            else:
                successCallback(index, True)

    def entityTraits(
        self,
        entityReferences: list[EntityReference],
        entityTraitsAccess: EntityTraitsAccess,
        context: Any,
        hostSession: HostSession,
        successCallback: Success,
        errorCallback: Failure,
    ) -> None:
        is_written = entityTraitsAccess == EntityTraitsAccess.kWrite
        entities, parsed = self._current, self._parsed(entityReferences)
        if is_written:
            _answer(parsed, lambda reference: set(entities.publishing_place(reference).traits), successCallback, errorCallback)
            return
        listing = Listing()
        found = entities.find(parsed, listing, pins=_pins(context))
        _answer(found, lambda entity: {*entity.place.traits, *_published(entity, listing)}, successCallback, errorCallback)

    def resolve(
        self,
        entityReferences: list[EntityReference],
        traitSet: set[str],
        resolveAccess: ResolveAccess,
        context: Any,
        hostSession: HostSession,
        successCallback: Success,
        errorCallback: Failure,
    ) -> None:
        is_written = int(resolveAccess) == _DRIVEN
        listing = Listing()
        found = self._current.find(self._parsed(entityReferences), listing, pins=_pins(context), is_written=is_written)
        _answer(found, lambda entity: self._resolved(entity, traitSet, listing), successCallback, errorCallback)

    def _resolved(self, entity: Entity, wanted: set[str], listing: Listing) -> TraitsData:
        """Return what an entity has of the traits that are wanted."""
        place = entity.place
        own = wanted & place.traits
        data = TraitsData(own)
        if LOCATABLE in own:
            data.setTraitProperty(LOCATABLE, "location", self._url(entity))
            if place.mime:
                data.setTraitProperty(LOCATABLE, "mimeType", place.mime)
            if entity.pieces is not None:
                data.setTraitProperty(LOCATABLE, "isTemplated", True)
        if VERSION in own and place.version:
            stable = entity.values[place.version]
            data.setTraitProperty(VERSION, "specifiedTag", LATEST if entity.is_latest else stable)
            data.setTraitProperty(VERSION, "stableTag", stable)
        if FRAME_RANGED in own and place.frame:
            frames = [int(text) for text in entity.frames or (entity.values.get(place.frame.name, ""),) if text.lstrip("-").isdecimal()]
            for name, value in (("startFrame", min), ("endFrame", max), ("inFrame", min), ("outFrame", max)) if frames else ():
                _set(data, FRAME_RANGED, name, value(frames))
        if DISPLAY_NAME in own:
            data.setTraitProperty(DISPLAY_NAME, "name", os.path.basename(entity.path))
            values = ", ".join(f"{token}={value}" for token, value in entity.values.items())
            data.setTraitProperty(DISPLAY_NAME, "qualifiedName", f"{place.name}: {values}" if values else place.name)
        if not wanted <= _FILLED:
            for trait, properties in _published(entity, listing).items():
                if trait in wanted and trait not in _FILLED:
                    data.addTrait(trait)
                    for name, value in properties.items():
                        _set(data, trait, name, value)
        return data

    def _url(self, entity: Entity) -> str:
        """Return the location of an entity, as a URL of its platform.

        :raises InputValidationException: its path is not absolute.
        """
        return str(self._to_url.pathToUrl(entity.template, PathType.kWindows if entity.place.is_on_windows else PathType.kPOSIX))

    def defaultEntityReference(
        self,
        traitSets: list[set[str]],
        defaultEntityAccess: DefaultEntityAccess,
        context: Any,
        hostSession: HostSession,
        successCallback: Success,
        errorCallback: Failure,
    ) -> None:
        places = self._current.places
        access = PolicyAccess.kRead if defaultEntityAccess == DefaultEntityAccess.kRead else PolicyAccess.kWrite
        for index, traits in enumerate(traitSets):
            if _policy(traits, access, places):
                successCallback(index, None)
            else:
                message = f"No place has the traits {', '.join(sorted(traits)) or '(none)'}."
                errorCallback(index, BatchElementError(ErrorCode.kInvalidTraitSet, message))

    # --- versions

    def getWithRelationship(
        self,
        entityReferences: list[EntityReference],
        relationshipTraitsData: TraitsData,
        resultTraitSet: set[str],
        pageSize: int,
        relationsAccess: RelationsAccess,
        context: Any,
        hostSession: HostSession,
        successCallback: Success,
        errorCallback: Failure,
    ) -> None:
        parsed, data = self._parsed(entityReferences), relationshipTraitsData
        related = self._related(self._current, parsed, data, resultTraitSet, relationsAccess, context)
        _answer(related, lambda references: WaysPager(references, pageSize), successCallback, errorCallback)

    def getWithRelationships(
        self,
        entityReference: EntityReference,
        relationshipTraitsDatas: list[TraitsData],
        resultTraitSet: set[str],
        pageSize: int,
        relationsAccess: RelationsAccess,
        context: Any,
        hostSession: HostSession,
        successCallback: Success,
        errorCallback: Failure,
    ) -> None:
        entities, parsed = self._current, self._parsed([entityReference])
        related = [
            answer
            for data in relationshipTraitsDatas
            for answer in self._related(entities, parsed, data, resultTraitSet, relationsAccess, context)
        ]
        _answer(related, lambda references: WaysPager(references, pageSize), successCallback, errorCallback)

    def _related(
        self,
        entities: Entities,
        parsed: Sequence[Reference | WaysError],
        data: TraitsData,
        result: set[str],
        access: RelationsAccess,
        context: Any,
    ) -> list[Any]:
        """Return, for each reference, those that a relationship leads to, or an error."""
        relationship = frozenset(data.traitSet())
        if relationship not in RELATIONSHIPS or access != RelationsAccess.kRead:
            return [answer if isinstance(answer, WaysError) else [] for answer in parsed]
        tag = data.getTraitProperty(VERSION, "specifiedTag") if VERSION in relationship else None
        listing = Listing()
        answers: list[Any] = []
        for entity in entities.find(parsed, listing, pins=_pins(context)):
            if isinstance(entity, Exception):
                answers.append(entity)
            elif result <= entity.place.traits:
                try:
                    answers.append(self._versions(entities, entity, relationship, tag, listing))
                except _EXPECTED as error:
                    answers.append(error)
            else:
                answers.append([])
        return answers

    def _versions(
        self, entities: Entities, entity: Entity, relationship: frozenset[str], tag: Any, listing: Listing
    ) -> list[EntityReference]:
        place = entity.place
        if relationship == STABLE_REFERENCE or not place.version:
            return [self._reference(place, entity.values)]
        others = without(entity.values, place.version)
        versions = entities.versions(place, others, listing)
        latest = [self._reference(place, others)] if relationship == VERSIONS and tag in (None, "", LATEST) else []
        if tag and tag != LATEST:
            versions = [version for version in versions if entities.is_same_version(place, version, str(tag))]
        elif tag == LATEST:
            versions = versions[:1] if relationship == STABLE_VERSIONS else []
        return [*latest, *(self._reference(place, {**others, place.version: version}) for version in versions)]

    # --- publishing

    def preflight(
        self,
        entityReferences: list[EntityReference],
        traitsHints: list[TraitsData],
        publishingAccess: PublishingAccess,
        context: Any,
        hostSession: HostSession,
        successCallback: Success,
        errorCallback: Failure,
    ) -> None:
        entities, parsed = self._current, self._parsed(entityReferences)

        def reserved(item: tuple[Reference | WaysError, TraitsData]) -> EntityReference:
            place, reference = self._to_publish(entities, *item, publishingAccess)
            return self._reference(place, reserve(entities, place, reference.values))

        invalid = ErrorCode.kInvalidPreflightHint
        _answer(zip(parsed, traitsHints), reserved, successCallback, errorCallback, invalid)

    def register(
        self,
        entityReferences: list[EntityReference],
        entityTraitsDatas: list[TraitsData],
        publishingAccess: PublishingAccess,
        context: Any,
        hostSession: HostSession,
        successCallback: Success,
        errorCallback: Failure,
    ) -> None:
        entities, parsed, listing = self._current, self._parsed(entityReferences), Listing()

        def registered(item: tuple[Reference | WaysError, TraitsData]) -> EntityReference:
            place, reference = self._to_publish(entities, *item, publishingAccess)
            [entity] = entities.find([reference], listing, is_written=True)
            if isinstance(entity, Exception):
                raise entity
            written = self._reference(place, entity.values)
            write_sidecar(entity, written.toString(), self._to_record(entity, item[1]))
            return written

        _answer(zip(parsed, entityTraitsDatas), registered, successCallback, errorCallback)

    def _to_publish(
        self, entities: Entities, reference: Reference | WaysError, traits: TraitsData, access: PublishingAccess
    ) -> tuple[HostPlace, Reference]:
        """Return the place of a reference that may be published with these traits."""
        if isinstance(reference, WaysError):
            raise reference
        place = entities.publishing_place(reference)
        if access != PublishingAccess.kWrite:
            raise EntityAccessError(f"{place.name}: only the entity of the reference can be published, none that is related to it.")
        if missing := sorted(place.required - traits.traitSet()):
            raise TraitSetError(f"{place.name} needs the traits {', '.join(missing)}.")
        return place, reference

    def _to_record(self, entity: Entity, data: TraitsData) -> Published:
        """Return the traits that a host gives, without the location: that follows from the reference."""
        location = data.getTraitProperty(LOCATABLE, "location") if data.hasTrait(LOCATABLE) else None
        if location not in (None, "", expected := self._url(entity)):
            raise TraitSetError(f"The location is {location}, but that of the entity is {expected}, and registering moves no files.")
        return {
            trait: {
                name: data.getTraitProperty(trait, name)
                for name in sorted(data.traitPropertyKeys(trait))
                if (trait, name) not in ((LOCATABLE, "location"), (LOCATABLE, "isTemplated"))
            }
            for trait in sorted(data.traitSet())
        }


class WaysPager(EntityReferencePagerInterface):  # type: ignore[misc]
    """References in pages of one size. All are known before the first page is read."""

    def __init__(self, references: Sequence[EntityReference], size: int) -> None:
        super().__init__()
        self._references = references
        self._size = size
        self._start = 0

    def hasNext(self, hostSession: HostSession) -> bool:
        return self._start + self._size < len(self._references)

    def get(self, hostSession: HostSession) -> list[EntityReference]:
        return list(self._references[self._start : self._start + self._size])

    def next(self, hostSession: HostSession) -> None:
        self._start = min(self._start + self._size, len(self._references))


#: Traits whose properties follow from the reference and the files, whatever was published.
_FILLED = frozenset({LOCATABLE, VERSION, FRAME_RANGED, DISPLAY_NAME, ENTITY})


def _read(settings: dict[str, Any], host: HostSession) -> Entities:
    """Return a snapshot of the sheets that settings name."""
    names = {DESCRIPTORS_ENV_VAR: settings["descriptors"], PLATFORM_ENV_VAR: settings["platform"]}
    session = Session.from_environ(overrides={name: value for name, value in names.items() if value})
    entities = Entities(session, settings["assignment"])
    for problem in session.problems:
        host.logger().warning(_whole(f"{problem.source}: {problem.message}"))
    return entities


def _pins(context: Any) -> Pins | None:
    state = context.managerState
    return state.pins if isinstance(state, WaysState) else None


def _answer(
    items: Iterable[Any],
    make: Callable[[Any], Any],
    success: Success,
    failure: Failure,
    invalid: BatchElementError.ErrorCode = ErrorCode.kInvalidTraitSet,
) -> None:
    """Call one callback for each item: with what is made of it, or with the error that it is or that making raises.

    What a callback raises is the host's, and is not caught.

    :param invalid: the code of too few traits, or of wrong ones.
    """
    for index, item in enumerate(items):
        if not isinstance(item, Exception):
            try:
                item = make(item)
            except _EXPECTED as error:
                item = error
        if isinstance(item, Exception):
            failure(index, _error(item, invalid))
        else:
            success(index, item)


def _error(error: Exception, invalid: BatchElementError.ErrorCode = ErrorCode.kInvalidTraitSet) -> BatchElementError:
    """Return an error as a host takes it.

    :param invalid: the code of too few traits, or of wrong ones.
    """
    if isinstance(error, TraitSetError):
        return BatchElementError(invalid, _whole(str(error)))
    for kinds, code in _CODES:
        if isinstance(error, kinds):
            return BatchElementError(code, _whole(str(error)))
    raise error


def _whole(text: str) -> str:
    """Return a text as OpenAssetIO takes it: with an escape for each half of a character, such as those of broken file names."""
    return text if is_whole(text) else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _policy(traits: set[str], access: PolicyAccess, places: Sequence[HostPlace]) -> set[str]:
    """Return the policy for entities with these traits: what is read, kept or given of them, or nothing if that is nothing."""
    if access == PolicyAccess.kRead:
        if frozenset(traits) in RELATIONSHIPS:
            return {MANAGED, *traits}
        known = {trait for place in places for trait in place.traits}
    elif access == PolicyAccess.kWrite:
        known = set(traits) if any(place.may_publish for place in places) else set()
    elif access == PolicyAccess.kManagerDriven:
        known = {LOCATABLE} if any(place.may_publish for place in places) else set()
    elif access == PolicyAccess.kRequired:
        known = {trait for place in places if place.may_publish for trait in place.required}
    else:
        known = set()
    answered = traits & known
    return {MANAGED, *answered} if answered and traits & {ENTITY, LOCATABLE} else set()


def _published(entity: Entity, listing: Listing) -> Published:
    """Return what was published of an entity, besides what follows from its files."""
    return read_sidecar(entity.path) if listing.has(sidecar_of(entity.path)) else {}


def _set(data: TraitsData, trait: str, name: str, value: Any) -> None:
    """Set a property of a trait. A number that is too great becomes a text: OpenAssetIO would make it ``True``.

    :raises MissingEntityError: no property can have such a value.
    """
    if isinstance(value, int) and not -_GREATEST <= value < _GREATEST:
        value = str(value)
    if not isinstance(value, (str, int, float)):
        raise MissingEntityError(f"{trait}: no property can hold {value!r}, as {name} was published.")
    data.setTraitProperty(trait, name, value)
