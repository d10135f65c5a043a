"""What an explanation is made of: records of plain data, and names for reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any

from ways.plugins.plugin import DataPlugin
from ways.plugins.provenance import Reason, SentenceEnum
from ways.settings import Environ
from ways.sheets.document import Source, pointer_text

#: What stays as it is; most of what an explanation holds.
_PLAIN = frozenset({str, int, float, bool, type(None)})


def plain(value: Any) -> Any:
    """Return *value* as dicts, lists, texts and numbers; other values stay as they are."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Source):
        pointer = pointer_text(value.pointer)
        return {"path": value.path, "line": value.line, "column": value.column, "pointer": pointer}
    if is_dataclass(value) and not isinstance(value, type):
        shown = (each for each in fields(value) if each.repr)
        return {each.name: plain(getattr(value, each.name)) for each in shown}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((plain(inner) for inner in value), key=str)
    return [plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


class Reads(SentenceEnum):
    """What decides which texts a token may hold."""

    EXPRESSION = "expression", "a regular expression"
    CHOICES = "choices", "one of some texts"
    FORMAT = "format", "a format"
    SEQUENCE = "sequence", "the frame of a sequence"
    SEGMENTS = "segments", "one or more names with a separator between them"
    MAPPING = "mapping", "a mapping of its own"
    ANYTHING = "anything", "anything but a separator"


class Origin(SentenceEnum):
    """Where the value of a token comes from."""

    GIVEN = "given", "it was given"
    SPLIT = "split", "it was split off the text"
    PARENT = "parent", "it was read out of a token that holds it"
    CHILDREN = "children", "it was composed of the tokens of its mapping"
    DEFAULT = "default", "its default stands in"
    ENVIRONMENT = "environment", "a variable has its name: only the engine env gives it"
    MISSING = "missing", "nothing gives it"


class Verdict(SentenceEnum):
    """Why a text belongs to a Context, or doesn't."""

    CHOSEN = "chosen", "it fits best"
    AMBIGUOUS = "ambiguous", "it fits as well as another"
    FEWER_LITERALS = "fewer-literals", "the mapping that won has more literal characters"
    FEWER_CONSTRAINED = "fewer-constrained", "the mapping that won restricts the values of more tokens"
    MORE_FREE = "more-free", "the mapping that won has fewer tokens that may hold anything"
    INVALID_VALUES = "invalid-values", "another place ranks the same, and only that one's values are valid"
    FEWER_CONDITIONS = "fewer-conditions", "a variant of the place with more conditions fits too"
    OUTSIDE_PRIORITY = "outside-priority", "its layer is not in WAYS_PRIORITY, and a place in one of those layers fits"
    LAXER_TIER = "laxer-tier", "it fits only loosely"
    UNTOLD = "untold", "it fits, but checking the others took too long, so no place is chosen"
    OTHER_VARIANT = "other-variant", "its values belong to another variant of the place"
    TEXT_DIFFERS = "text-differs", "from here on, the text differs from the mapping"
    TEXT_ENDS = "text-ends", "the text ends before the mapping does"
    TEXT_GOES_ON = "text-goes-on", "the mapping ends before the text does"
    VALUE_UNFIT = "value-unfit", "a value doesn't fit its token"
    VALUES_DIFFER = "values-differ", "a token that occurs twice has two different values"
    NO_DIVISION = "no-division", "no division of the text fits all tokens at once"
    TIMED_OUT = "timed-out", "checking whether it fits took too long"
    NOT_SEARCHED = "not-searched", "its plugin has search: false: only a search that names the place reads it"
    NO_MAPPING = "no-mapping", "its mapping is empty or can't be read"

    @property
    def fits(self) -> bool:
        """Whether the text fits the mapping in some way."""
        return self in _FITTING


_FITTING = frozenset(list(Verdict)[: list(Verdict).index(Verdict.UNTOLD) + 1])


class PlainRecord:
    """A record that can be returned as plain data."""

    __slots__ = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain data: dicts, lists, texts, numbers."""
        shown: dict[str, Any] = plain(self)
        return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginReference(PlainRecord):
    """A plugin, and where it is written."""

    plugin: str
    hierarchy: str
    assignment: str
    #: Of the key in question, if it has one; else of the plugin.
    source: Source
    #: The plugin itself; not part of the plain data.
    record: DataPlugin = field(repr=False, compare=False)

    @classmethod
    def of(cls, plugin: DataPlugin, *keys: object, source: Source | None = None) -> PluginReference:
        """Return a reference to *plugin*, with the source of one of its keys.

        :param source: that source, if it is known.
        """
        place = plugin.hierarchy.text
        source = source or plugin.source_of(*keys)
        return PluginReference(plugin=str(plugin.name), hierarchy=place, assignment=plugin.assignment, source=source, record=plugin)

    def __str__(self) -> str:
        return f"{self.plugin} ({self.source})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(PlainRecord):
    """A parent that a plugin uses, and the plugin there that gives its mapping."""

    hierarchy: str
    #: Where it is named.
    source: Source
    giver: PluginReference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformDecision(PlainRecord):
    """Whether a plugin takes part on the platform."""

    current: str
    #: The platforms it names, sorted; ``None`` for every one.
    named: tuple[str, ...] | None
    takes_part: bool
    #: Where it names them.
    source: Source | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionExplanation(PlainRecord):
    """One token of a plugin's ``when``."""

    token: str
    #: The texts of which the token must have one.
    wants: tuple[str, ...]
    #: The text that it has; ``None`` where no values were given.
    found: str | None
    holds: bool
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(PlainRecord):
    """What one plugin gives for one field, and whether it counts."""

    plugin: str
    hierarchy: str
    assignment: str
    #: Of the key in its sheet.
    source: Source
    value: Any
    reason: Reason
    #: The reason as a sentence.
    why: str
    #: The plugin that it lost to.
    lost_to: PluginReference | None
    platform: PlatformDecision
    #: From its own parent to the first place that uses none.
    uses: tuple[Link, ...]
    when: tuple[ConditionExplanation, ...]
    record: DataPlugin = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.plugin} ({self.source})"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldExplanation(PlainRecord):
    """One field of a place: its value, and every plugin that gives one."""

    #: ``mapping``, ``data.fps``, ``mapping_details.SHOT``, ...
    name: str
    #: What the place answers.
    value: Any
    #: How what the plugins give becomes one value.
    rule: str
    #: The plugin that decides; ``None`` where the default counts.
    winner: Claim | None
    #: Further plugins that give a part of the value, weakest first.
    parts: tuple[Claim, ...]
    #: Every other plugin that gives one, strongest first.
    losers: tuple[Claim, ...]
    #: The plugin that would decide if the winner's entry were taken out of its sheet.
    runner_up: PluginReference | None
    #: Whether the value was set on the Context, over that of the sheets.
    is_changed: bool = False
    #: Why there is no value.
    error: str | None = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The winner, the parts, and the losers."""
        return (*((self.winner,) if self.winner else ()), *self.parts, *self.losers)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRule(PlainRecord):
    """Something that decides which texts a token may hold."""

    kind: Reads
    #: The expression, the format, the choices or the mapping.
    text: str
    source: Source | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenExplanation(PlainRecord):
    """A token of the mapping, or of the mapping of another token."""

    name: str
    #: The token whose own mapping holds it; ``""`` for the mapping itself.
    parent: str
    #: Where it stands in that mapping: the first character, and one after the last.
    start: int
    end: int
    #: The plugin that wrote the text it stands in.
    writer: PluginReference | None
    rules: tuple[TokenRule, ...]
    is_required: bool
    default: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantExplanation(PlainRecord):
    """What a place amounts to for some values."""

    mapping: str | None
    plugins: tuple[PluginReference, ...]
    #: Token to the texts of which it must have one, for each plugin.
    when: tuple[ConditionExplanation, ...]
    is_selected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(PlainRecord):
    """A variable that played a part."""

    name: str
    #: Its value; ``None`` where it isn't set, or isn't shown as a sheet that isn't trusted names it.
    value: str | None
    #: Where it was set: ``environment``, ``session`` or ``default``.
    origin: str
    #: What it means for the answer.
    meaning: str

    @classmethod
    def of(cls, name: str, overrides: Mapping[str, str], meaning: str) -> Variable:
        """Return a variable as it is set now.

        :param overrides: the variables that the session was given; they count before those of the environment.
        """
        origin = "session" if name in overrides else "environment" if name in Environ() else "default"
        return Variable(name=name, value=Environ(overrides).get(name), origin=origin, meaning=meaning)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueExplanation(PlainRecord):
    """The value of a token of an Asset, and where it comes from."""

    token: str
    value: Any
    origin: Origin
    #: The tokens, or the variable, that it comes through.
    through: tuple[str, ...] = ()
    #: Where its default is written.
    source: Source | None = None
    #: The functions that it goes through when it is asked for.
    before_return: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation(PlainRecord):
    """Why each field of a place, or of an Asset, has its value."""

    hierarchy: str
    assignment: str
    #: The place that it stands for, if it is an alias; else the place itself.
    real: str
    platform: str
    #: The layers that are looked at, strongest last.
    layers: tuple[str, ...]
    fields: tuple[FieldExplanation, ...]
    tokens: tuple[TokenExplanation, ...]
    variants: tuple[VariantExplanation, ...]
    environment: tuple[Variable, ...]
    #: For an Asset, each token of its mapping.
    values: tuple[ValueExplanation, ...]

    def field(self, name: str) -> FieldExplanation:
        """Return one field by its name.

        :raises KeyError: there is no such field.
        """
        return {explanation.name: explanation for explanation in self.fields}[name]

    def __iter__(self) -> Iterator[FieldExplanation]:
        return iter(self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(PlainRecord):
    """One Context that a text was tried against."""

    hierarchy: str
    assignment: str
    #: The plugins with ``when`` of a variant of the place.
    variant: tuple[PluginReference, ...]
    mapping: str | None
    #: Where the mapping is written.
    source: Source | None
    verdict: Verdict
    #: The tier that the text fits; ``None`` for none.
    tier: str | None
    #: Literal characters, constrained tokens, and free tokens (negative): the greatest wins.
    rank: tuple[int, int, int] | None
    values: Mapping[str, str]
    #: How many characters of the text fit the start of the mapping.
    position: int
    #: How many pieces of the mapping come after these.
    left: int
    #: The token at which the text stops to fit, if it is one.
    token: str
    #: What is expected there, or what is wrong.
    message: str
    #: The conditions of the variant that the values in the text don't meet: ``show is owl, not tinytoes``.
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextExplanation(PlainRecord):
    """Why a text belongs to one Context and not to the others."""

    text: str
    #: ``resolved``, ``ambiguous`` or ``unresolved``.
    status: str
    #: The tier in which it was decided; ``None`` where nothing fits.
    tier: str | None
    #: The one that was chosen, then those that fit, best first, then the others, nearest first.
    attempts: tuple[Attempt, ...]
    environment: tuple[Variable, ...]
    #: Where only the nearest were asked for: how many more were tried that fit less far; and for each condition that the values
    #: don't meet, how many variants are left out for it.
    farther: int = field(default=0, repr=False, compare=False)
    unmet: Mapping[str, int] = field(default_factory=dict, repr=False, compare=False)

    @property
    def chosen(self) -> Attempt | None:
        """The Context that the text belongs to."""
        return next((attempt for attempt in self.attempts if attempt.verdict is Verdict.CHOSEN), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEffect(PlainRecord):
    """A field of a Context that a line of a sheet gives a value for."""

    hierarchy: str
    assignment: str
    #: The plugins with ``when`` of a variant of the place.
    variant: tuple[str, ...]
    field: str
    plugin: str
    reason: Reason
    #: The parents that the plugin uses, one through the other.
    uses: tuple[str, ...]
    #: The plugin that it lost to.
    lost_to: PluginReference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineExplanation(PlainRecord):
    """Which fields of which Contexts a line of a sheet affects."""

    path: str
    line: int
    #: What is written there: ``plugins.shot.mapping``.
    pointers: tuple[str, ...]
    #: Where it counts.
    reached: tuple[LineEffect, ...]
    #: Where it doesn't.
    lost: tuple[LineEffect, ...]
    #: Whether these are all; else there are more than are worked out.
    is_whole: bool = True
