"""Why something won or lost, each as one name and one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class _Told(str, Enum):
    """A name for programs, with a sentence for people."""

    told: str

    def __new__(cls, value: str, told: str) -> _Told:
        member = str.__new__(cls, value)
        member._value_ = value
        member.told = told
        return member

    def __str__(self) -> str:
        return str(self.value)


class Reason(_Told):
    """Why a plugin's say about a field counts, or doesn't."""

    ONLY = "only", "no other plugin here says it"
    NEAREST = "nearest", "it stands nearer than the others that say it"
    STRONGEST_LAYER = "strongest-layer", "its layer comes last in the order of layers"
    LATEST = "latest", "it was loaded after the others of its place and layer"
    LAST_DECIDES = "last-decides", "the last plugin decides, also when it says nothing"
    PART = "part", "what it says is a part of the value"
    FARTHER = "farther", "a plugin that stands nearer says it too"
    WEAKER_LAYER = "weaker-layer", "a plugin of a stronger layer says it too"
    EARLIER = "earlier", "a plugin that was loaded later says it too"
    NOT_INHERITED = "not-inherited", "this field is not inherited from other plugins"
    CHANGES_NOTHING = "changes-nothing", "what it says holds anyway"
    OUTER_FOLDER = "outer-folder", "a later plugin names a folder inside of it"
    NO_PARENT_MAPPING = "no-parent-mapping", "the place that it uses has no mapping"
    CIRCLE = "circle", "its mapping would be a part of itself"
    OTHER_PLATFORM = "other-platform", "it takes part on other platforms"
    UNKNOWN_PLATFORM = "unknown-platform", "the platform is not one of WAYS_PLATFORMS, so no plugin takes part"
    OTHER_LAYER = "other-layer", "its layer is not looked at"
    CONDITION_NOT_MET = "condition-not-met", "the values are not those of its when"
    TOO_MANY_VARIANTS = "too-many-variants", "its when would make more variants of the place than there may be"
    HIDDEN_BY_ALIAS = "hidden-by-alias", "an alias covers the place it stands at"

    @property
    def is_good(self) -> bool:
        """Whether what is said counts."""
        return self in _GOOD


_GOOD = frozenset(
    (Reason.ONLY, Reason.NEAREST, Reason.STRONGEST_LAYER, Reason.LATEST, Reason.LAST_DECIDES, Reason.PART)
)


class Reads(_Told):
    """What tells which texts a token may hold."""

    EXPRESSION = "expression", "a regular expression"
    CHOICES = "choices", "one of some texts"
    FORMAT = "format", "a format"
    SEQUENCE = "sequence", "the frame of a sequence"
    MAPPING = "mapping", "a mapping of its own"
    ANYTHING = "anything", "anything but a separator"


class Origin(_Told):
    """How the value of a token was found."""

    GIVEN = "given", "it was given"
    SPLIT = "split", "it was split off the text"
    PARENT = "parent", "it was read out of a token that holds it"
    CHILDREN = "children", "it was written by the tokens of its mapping"
    DEFAULT = "default", "its default stands in"
    ENVIRONMENT = "environment", "only the engine env knows it: a variable has its name"
    MISSING = "missing", "nothing tells it"


class Verdict(_Told):
    """Why a text is of a Context, or isn't."""

    CHOSEN = "chosen", "it fits best"
    AMBIGUOUS = "ambiguous", "it fits as well as another"
    FEWER_LITERALS = "fewer-literals", "the mapping that won has more literal characters"
    FEWER_CONSTRAINED = "fewer-constrained", "the mapping that won says of more tokens what they may hold"
    MORE_FREE = "more-free", "the mapping that won has fewer tokens that may hold anything"
    INVALID_VALUES = "invalid-values", "it says as much as another whose values are valid, and its own are not"
    FEWER_CONDITIONS = "fewer-conditions", "a variant of the place with more conditions fits too"
    OUTSIDE_PRIORITY = "outside-priority", "its layer is not in WAYS_PRIORITY, and a place that is there fits"
    LAXER_TIER = "laxer-tier", "it fits only in a laxer way"
    UNTOLD = "untold", "it fits, and of another it couldn't be told in time, so that none is chosen"
    OTHER_VARIANT = "other-variant", "its values are those of another variant of the place"
    TEXT_DIFFERS = "text-differs", "the text goes on otherwise than the mapping"
    TEXT_ENDS = "text-ends", "the text ends before the mapping does"
    TEXT_GOES_ON = "text-goes-on", "the mapping ends before the text does"
    VALUE_UNFIT = "value-unfit", "a value is none that its token may hold"
    VALUES_DIFFER = "values-differ", "a token that stands twice has two values"
    NO_DIVISION = "no-division", "no way to divide the text suits all tokens at once"
    TIMED_OUT = "timed-out", "whether it fits couldn't be told in time"
    NO_MAPPING = "no-mapping", "its mapping comes to nothing, or can't be read"

    @property
    def fits(self) -> bool:
        """Whether the text fits the mapping in some way."""
        return self in _FITTING


_FITTING = frozenset(list(Verdict)[: list(Verdict).index(Verdict.UNTOLD) + 1])

#: What each field is made of what plugins say.
RULES: Mapping[str, str] = {
    "mapping": "of the nearest place that has one, the last; a relative one takes in its parent's, and what appends adds to it",
    "mapping_details": "of each token the last entry counts, whole",
    "data": "of each key the last value counts, whole",
    "platforms": "the platforms that all plugins have",
    "groups": "those of the last plugin, also when it has none",
    "path": "the last that says anything",
    "folder": "the last that says anything",
    "max_folder": "a folder inside the last one replaces it; another one is added to it",
}
