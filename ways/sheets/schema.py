"""Every key of a sheet, once: what it may hold, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from ways.errors import SheetSchemaError, did_you_mean, nearest
from ways.limits import DEFAULT_LIMITS
from ways.sheets.document import (
    Draft, MisreadNumber, PluginRecord, Pointer, Position, Problem, Source, has_too_many_digits, pointer_text, written_at,
)  # fmt: skip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, NamedTuple

    #: What globals give: values by key, and the keys for which they hold what can't be used.
    Shared = tuple[dict[str, Any], set[str]]
else:
    from ways.lightweight import NamedTuple

DEFAULT_GROUPS = ("*",)


class BadValue(Exception):
    """A value that a key can't hold; ``where`` is the place below the key.

    :param is_exact: whether *expected* says more than what the key may hold in general.
    """

    def __init__(self, expected: str, found: object, where: Pointer = (), *, is_exact: bool = False) -> None:
        super().__init__(expected)
        self.expected = expected
        self.found = found
        self.where = where
        self.is_exact = is_exact or bool(where)


class Key(NamedTuple):
    """One key of a plugin or of a token."""

    name: str
    #: Returns the value as the rest of Ways holds it, or raises :class:`BadValue`.
    normalize: Callable[[Any], Any]
    #: What it may hold, in words.
    expected: str
    #: What it is for, in words: shown in the reference.
    purpose: str
    #: Takes the place of ``normalize`` in plugins of ``syntax: 2``, where a slip must not cost a rule.
    strict: Callable[[Any], Any] | None = None

    def rule(self, syntax: int) -> Callable[[Any], Any]:
        """Return what normalizes a value of this key in a plugin of that token language."""
        return self.strict if syntax == 2 and self.strict is not None else self.normalize


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadValue("a text", value)
    return value


def names(value: Any) -> tuple[str, ...]:
    """A list of texts, or one text for a list of one."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, (list, tuple)):
        raise BadValue("a text or a list of texts", value)
    for index, item in enumerate(value):
        if not isinstance(item, str):
            raise BadValue("a text", item, (index,))
    return tuple(value)


def parents(value: Any) -> tuple[str, ...]:
    """A list of hierarchies, or one text for a list of one; an empty text for none."""
    return () if isinstance(value, str) and not value.strip() else names(value)


def platform_names(value: Any) -> tuple[str, ...]:
    """A list of platforms, or one text with commas between them; compared in lower case."""
    if isinstance(value, str):
        value = value.split(",")
    return tuple(name.strip().lower() or "*" for name in names(value)) or ("*",)


def group_names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = (value,) if value.strip() else ()
    return names(value) or DEFAULT_GROUPS


def place(value: Any) -> str:
    return "/".join(names(value)) if isinstance(value, (list, tuple)) else text(value)


def mapping(value: Any) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise BadValue("a block of keys", value)
    return value


def truth(value: Any) -> Any:
    if isinstance(value, (list, tuple, Mapping)):
        raise BadValue("true or false", value)
    return value


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadValue("true or false", value)
    return value


def permission(value: Any) -> str:
    if value not in ("allow", "refuse"):
        raise BadValue("allow or refuse", value)
    return str(value)


def openassetio(value: Any) -> dict[str, Any]:
    """What hosts that speak OpenAssetIO are told of the place; keys that hold nothing count as absent."""
    settings = {}
    for name, written in mapping(value).items():
        known = OPENASSETIO_KEYS.get(name) if isinstance(name, str) else None
        if known is None:
            hint = did_you_mean(str(name), OPENASSETIO_KEYS)
            raise BadValue(f"one of {', '.join(OPENASSETIO_KEYS)}{hint and f' ({hint.strip()})'}", name, (name,), is_exact=True)
        if written is not None:
            try:
                settings[known.name] = known.normalize(written)
            except BadValue as wrong:
                raise BadValue(known.expected, wrong.found, (name, *wrong.where), is_exact=True) from None
    return settings


def identifier(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise BadValue("a text", value)
    return str(value)


def language(value: Any) -> int:
    if isinstance(value, bool) or value not in (1, 2):
        raise BadValue("1 or 2", value)
    return int(value)


def finding_level(value: Any) -> str:
    if value not in FINDING_LEVELS:
        raise BadValue("error, warning or note", value)
    return str(value)


def choices(value: Any) -> Any:
    """A list of values, or a block of values with their texts, or with a ``text`` and a ``label`` each."""
    is_list = isinstance(value, (list, tuple))
    for place, written in enumerate(value) if is_list else mapping(value).items():
        for part in (written,) if is_list else _choice_parts(place, written):
            if isinstance(part, bool) or not isinstance(part, (str, int, float)) or part == "":
                raise BadValue("texts or numbers, or a block of them with their texts", part, (place,))
    if not value:
        raise BadValue("at least one choice", value, is_exact=True)
    return value


def _choice_parts(value: Any, written: Any) -> Iterator[Any]:
    yield value
    if not isinstance(written, Mapping):
        yield written
        return
    if not written or not {"text", "label"}.issuperset(written):
        unknown = next((key for key in written if key not in ("text", "label")), written)
        raise BadValue("the keys text and label, or one of them", unknown, (value,))
    yield from written.values()


def scalar(value: Any) -> Any:
    if isinstance(value, (list, tuple, Mapping)):
        raise BadValue("a text or a number", value)
    return value


def written_scalar(value: Any) -> Any:
    """A text or a number; yes, no, on and off without quotes are neither."""
    if isinstance(value, bool):
        raise BadValue("a text or a number", value)
    return scalar(value)


def strict_conditions(value: Any) -> dict[str, tuple[Any, ...]]:
    """The values, or the one value, of each token: texts and numbers, of which there is at least one."""
    values_by_token = conditions(value)
    for name, wanted in mapping(value).items():
        for index, item in enumerate(values_by_token[str(name)]):
            if isinstance(item, bool):
                raise BadValue("a text or a number", item, (name, index) if isinstance(wanted, (list, tuple)) else (name,))
        if not values_by_token[str(name)]:
            raise BadValue("a value or a list of values", wanted, (name,))
    return values_by_token


def conditions(value: Any) -> dict[str, tuple[Any, ...]]:
    """The values, or the one value, of each token."""
    values_by_token = {}
    for name, wanted in mapping(value).items():
        values = wanted if isinstance(wanted, (list, tuple)) else (wanted,)
        for item in values:
            if item is None or isinstance(item, (list, tuple, Mapping)):
                raise BadValue("a value or a list of values", item, (name,))
        values_by_token[str(name)] = tuple(values)
    return values_by_token


def anything(value: Any) -> Any:
    return value


def yes_or_no(value: Any) -> bool:
    return bool(value)


def expressions(value: Any) -> Mapping[str, Any]:
    for engine, expression in mapping(value).items():
        if isinstance(expression, (list, tuple)):
            raise BadValue("an expression as a text", expression, (engine,))
    return {str(engine): expression for engine, expression in value.items() if expression is not None}


def strict_expressions(value: Any) -> Mapping[str, Any]:
    for engine, expression in mapping(value).items():
        if expression is not None and not isinstance(expression, (str, Mapping)):
            raise BadValue("an expression as a text", expression, (engine,))
    return expressions(value)


def tokens(value: Any) -> dict[str, dict[str, Any]]:
    """Details by token; a token may stand without any."""
    return {str(name): _token(name, details, 1) for name, details in mapping(value).items()}


def strict_tokens(value: Any) -> dict[str, dict[str, Any]]:
    """Details by token, none of which holds what it can't."""
    return {str(name): _token(name, details, 2) for name, details in mapping(value).items()}


def _token(name: object, details: Any, syntax: int) -> dict[str, Any]:
    if details is None:
        return {}
    if not isinstance(details, Mapping):
        raise BadValue("a block of the token's details", details, (name,))
    checked = {}
    for key, value in details.items():
        known = TOKEN_KEYS.get(key)
        if known is None or value is None:
            checked[key] = value
            continue
        try:
            checked[key] = known.rule(syntax)(value)
        except BadValue as wrong:
            if syntax == 1 and key in FREE_BEFORE:
                checked[key] = None
                continue
            raise BadValue(_expected(known, wrong), wrong.found, (name, key, *wrong.where)) from None
    return {key: value for key, value in checked.items() if value is not None}


def _plain(key: object) -> str:
    """Return a key as the tables of synonyms have it."""
    return str(key).casefold().replace("-", "_").replace(" ", "_")


def _glued(key: object, known: Iterable[str]) -> str:
    """Return what helps where a key holds its value, as YAML reads ``hierarchy:x`` within braces."""
    name, colon, value = key.partition(":") if isinstance(key, str) else ("", "", "")
    return f"Write a space after the ':': {name}: {value}" if colon and value and name in known else ""


def way_out_of_details(format: str) -> str:
    """Return how to give a plugin a key that stands among the details of a token, in a sheet of this format."""
    if format == "toml":
        return "write it above the table of the token's details, which takes all keys that follow."
    return "indent it as 'mapping_details' is." if format == "yaml" else "write it beside 'mapping_details'."


def _of_plugin(key: object, format: str) -> str:
    return f"{key!r} is a key of the plugin: {way_out_of_details(format)}"


def _expected(key: Key, wrong: BadValue) -> str:
    """Return what a key may hold, or what the place inside it that is wrong may."""
    return wrong.expected if wrong.is_exact else key.expected


def _table(*keys: Key) -> dict[str, Key]:
    return {key.name: key for key in keys}


#: Keys of the block ``openassetio``.
OPENASSETIO_KEYS = _table(
    Key("traits", names, "a trait or a list of traits", "What the files of the place are, besides an entity that has a location."),
    Key("required", names, "a trait or a list of traits", "The traits that a host must give to publish here."),
    Key("mime", text, "a text such as 'image/x-exr'", "The type of the files."),
    Key("publish", flag, "true or false", "Whether hosts may publish here; false, if absent."),
    Key("version", text, "the name of a token", "The token that counts versions; VERSION, if absent."),
    Key("frame", text, "the name of a token", "The token that counts frames; FRAME, if absent."),
)
PLUGIN_KEYS = _table(
    Key("hierarchy", place, "a text such as 'job/shot'", "The place of the plugin. The only key that every plugin needs."),
    Key("mapping", text, "a text such as '/jobs/{JOB}'", "A text with tokens that describes the place."),
    Key("mapping_details", tokens, "a block of tokens with their details", "What each token accepts.", strict_tokens),
    Key("uses", parents, "a hierarchy or a list of hierarchies", "The parents of a relative plugin. Ways makes one plugin for each."),
    Key("platforms", platform_names, "a platform or a list of platforms", "The platforms on which the plugin is active; all, if absent."),
    Key("assignment", text, "a text", "The layer of the plugin; 'master', if absent."),
    Key("data", mapping, "a block of keys", "All other information about the place."),
    Key("path", truth, "true or false", "Whether the mapping is a file path, with the separators of the platform.", flag),
    Key("uuid", identifier, "a text", "A unique name of this plugin."),
    Key("groups", group_names, "a text or a list of texts", "Labels of the place."),
    Key("max_folder", text, "a text", "The deepest folder that tools may make for the place; create_folders doesn't use it."),
    Key("folder", truth, "true or false", "Whether create_folders makes a folder for the place.", flag),
    Key("search", flag, "true or false", "Whether Ways considers the place when you don't name it; true, if absent."),
    Key("ambiguous", permission, "allow or refuse", "Whether Ways writes a path that can also be read in another way."),
    Key("openassetio", openassetio, "a block of keys", "What hosts that speak OpenAssetIO are told of the place."),
    Key("when", conditions, "a block of tokens, each with one value or a list", "The values to which it applies.", strict_conditions),
    Key("syntax", language, "1 or 2", "Which token language the mappings are written in."),
    Key("id", anything, "anything", "Free for your own use."),
)
TOKEN_KEYS = _table(
    Key("mapping", text, "a text such as '{NAME}_{NUMBER}'", "The child tokens that this token splits into."),
    Key("parse", expressions, "a block of engines with their expressions", "An expression for each engine: regex, ...", strict_expressions),
    Key("required", yes_or_no, "true or false", "Whether every Asset needs a value for it; true, if absent.", flag),
    Key("before_return", names, "a function's name or a list of them", "The functions that Ways applies to a value before it returns it."),
    Key("format", text, "a format such as 03d", "How its typed value is written."),
    Key("choices", choices, "a list of values, or a block of values with their texts or labels", "The only values that are allowed."),
    Key("segments", flag, "true or false", "Whether a value is one or more segments of a path, with / between them."),
    Key("sequence", truth, "true or false", "Whether its value is a frame number, or stands for many frames.", flag),
    Key("default", scalar, "a text or a number", "The value if none is given.", written_scalar),
)
#: Keys that were free in Ways 0.1: in plugins of ``syntax: 1`` a wrong value is a warning, and the key is ignored.
FREE_BEFORE = frozenset({"when", "search", "ambiguous", "openassetio", "format", "choices", "default", "sequence", "segments"})
#: How bad a finding of a check is, the worst first.
FINDING_LEVELS: tuple[Literal["error", "warning", "note"], ...] = ("error", "warning", "note")
#: Keys of an info file, and of the ``check`` block in it.
INFO_KEYS = ("assignment", "recursive", "check")
CHECK_KEYS = _table(
    Key("level", finding_level, "error, warning or note", "The lowest level of findings to show."),
    Key("ignore", names, "a code of a finding, or a list of them", "The codes of findings to hide."),
)
#: Keys of plugins that are none of tokens. ``id`` is free: anybody may have ids.
ONLY_OF_PLUGINS = frozenset(PLUGIN_KEYS) - frozenset(TOKEN_KEYS) - {"id"}
#: What other tools call a key -> what helps. A name that becomes a key itself is not looked up here.
PLUGIN_SYNONYMS = {
    **dict.fromkeys(("template", "path_template", "pathtemplate", "pattern", "filename", "file"), "Did you mean 'mapping'?"),
    **dict.fromkeys(("tokens", "token", "details", "token_details", "fields", "keys"), "Did you mean 'mapping_details'?"),
    **dict.fromkeys(("parent", "parents", "extends", "inherits", "inherit", "base", "root", "use"), "Did you mean 'uses'?"),
    **dict.fromkeys(("os", "platform", "system", "systems", "operating_system"), "Did you mean 'platforms'?"),
    **dict.fromkeys(("layer", "layers", "priority", "override"), "Did you mean 'assignment'?"),
    **dict.fromkeys(("place", "context", "location"), "Did you mean 'hierarchy'?"),
    **dict.fromkeys(("tag", "tags", "labels", "category"), "Did you mean 'groups'?"),
    **dict.fromkeys(("condition", "conditions", "if", "only_if"), "Did you mean 'when'?"),
    **dict.fromkeys(("metadata", "meta", "settings", "options", "description", "comment"), "Put it under 'data'."),
    **dict.fromkeys(("is_path", "filesystem"), "Did you mean 'path'?"),
    **dict.fromkeys(("is_folder", "directory"), "Did you mean 'folder'?"),
}
TOKEN_SYNONYMS = {
    **dict.fromkeys(("pattern", "regexp", "expression", "validate"), "Did you mean 'parse'? Write parse: {regex: ...}."),
    **dict.fromkeys(
        ("type", "padding", "pad", "zfill", "digits", "format_spec"),
        "Did you mean 'format'? A number of three digits has the format 03d, a date %Y-%m-%d; other texts have a regex under parse.",
    ),
    **dict.fromkeys(("values", "enum", "options", "allowed", "one_of", "oneof", "choice"), "Did you mean 'choices'?"),
    **dict.fromkeys(("optional", "mandatory", "is_required"), "Did you mean 'required'? A token that may be missing has required: false."),
    **dict.fromkeys(("fallback", "default_value", "initial"), "Did you mean 'default'?"),
    **dict.fromkeys(("children", "split", "template"), "Did you mean 'mapping'?"),
    **dict.fromkeys(("is_sequence", "frame", "frames"), "Did you mean 'sequence'?"),
    **dict.fromkeys(("transform", "callback", "filter"), "Did you mean 'before_return'?"),
}
SHEET_SYNONYMS = {
    **dict.fromkeys(("defaults", "common", "shared"), "Did you mean 'globals'?"),
    **dict.fromkeys(("templates", "contexts", "places"), "Did you mean 'plugins'?"),
}
#: ``$schema`` is for editors: where they find the JSON Schema of a sheet.
SHEET_KEYS = ("globals", "plugins", "$schema")


def check(
    draft: Draft, source: Source, most: int = DEFAULT_LIMITS.problems
) -> tuple[tuple[PluginRecord, ...], tuple[Problem, ...]]:
    """Return the plugins of *draft* that can be used, in order, and every problem.

    :param most: how many problems are returned at most; one more, where there are more.
    """
    checker = _SheetChecker(draft, source, most)
    return tuple(checker.plugins()), tuple(checker.problems)


def check_info(
    values: Mapping[Any, Any], source: Source, positions: Mapping[Pointer, Position]
) -> tuple[tuple[Problem, ...], dict[str, Any]]:
    """Return what is wrong with an info file, and its ``check`` block: its keys that can be used, normalized."""
    problems: list[Problem] = []
    good: dict[str, Any] = {}

    def report(pointer: Pointer, code: str, expected: str, found: str, help: str = "") -> None:
        message = f"expected {expected}, found {found}"
        problems.append(Problem(source.at(pointer, positions), message, "warning", code, expected, found, help))

    block = values.get("check") or {}
    if not isinstance(block, Mapping):
        report(("check",), "type", "a block of the keys level and ignore", kind(block))
        block = {}
    for pointer, written, known in (((), values, INFO_KEYS), (("check",), block, CHECK_KEYS)):
        for key in (key for key in written if key not in known):
            report((*pointer, key), "unknown-key", f"one of {', '.join(known)}", f"the key {key!r}", did_you_mean(str(key), known).strip())
    for key, known_key in CHECK_KEYS.items():
        if (value := block.get(key)) is not None:
            try:
                good[key] = known_key.normalize(value)
            except BadValue as wrong:
                help = did_you_mean(str(value), FINDING_LEVELS).strip() if key == "level" else ""
                report(("check", key, *wrong.where), "type", known_key.expected, kind(wrong.found), help)
    return tuple(problems), good


def normalized(values: Mapping[str, Any], source: Source) -> dict[str, Any]:
    """Return the keys of one plugin as the rest of Ways holds them, for a plugin made in Python.

    :raises SheetSchemaError: ``hierarchy`` is missing, or a key holds what it can't.
    """
    good: dict[str, Any] = {}
    syntax = _language_of(values)
    for key, value in values.items():
        known = PLUGIN_KEYS.get(key)
        if known is None or value is None:
            continue
        try:
            good[key] = known.rule(syntax)(value)
        except BadValue as wrong:
            pointer, expected, found = pointer_text((key, *wrong.where)), _expected(known, wrong), kind(wrong.found)
            message = f"{pointer}: expected {expected}, found {found}"
            raise SheetSchemaError(source, message, pointer=pointer, expected=expected, found=found) from None
    if "hierarchy" not in good:
        raise SheetSchemaError(source, "expected the key 'hierarchy', found none", pointer="hierarchy")
    return good


def kind(value: object) -> str:
    """Return what *value* is, in the words of a sheet's author."""
    if value is None:
        return "nothing"
    if isinstance(value, (Mapping, list, tuple)):
        return f"{'a' if value else 'an empty'} {'block of keys' if isinstance(value, Mapping) else 'list'}"
    if isinstance(value, int) and has_too_many_digits(value):
        return "a number with too many digits"
    shown = repr(value[:60] if isinstance(value, (str, bytes)) else value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    if type(value).__name__ in ("date", "datetime"):
        shown = str(value)
    names_of = {str: "the text", bool: "the truth value", int: "the number", float: "the number"}
    return f"{names_of.get(type(value), f'the {type(value).__name__}')} {shown}"


def _language_of(written: object, default: int = 1) -> int:
    """Return the token language that a plugin or the globals name; *default* if they name none that exists."""
    value = written.get("syntax") if isinstance(written, Mapping) else None
    return int(value) if value in (1, 2) and not isinstance(value, bool) else default


def _means(written: str, value: float) -> bool:
    """Whether *written* is *value* to a reader who knows decimal numbers alone."""
    try:
        return float(written) == value
    except ValueError:
        return False


def _base(written: str) -> str:
    """Return what makes another number of one that was written."""
    digits = written.lstrip("+-").replace("_", "").lower()
    if ":" in digits:
        return "to the base of 60"
    if digits[:2] in ("0x", "0b"):
        return "hexadecimal" if digits[1] == "x" else "binary"
    return "octal" if digits[:1] == "0" and len(digits) > 1 and digits.isdigit() else ""


def _has_format(plugin: object, token: object) -> bool:
    """Whether a plugin itself says how a number is written as the text of a token."""
    if not isinstance(plugin, Mapping):
        return False
    details = plugin.get("mapping_details")
    entry = details.get(token) if isinstance(details, Mapping) else None
    return isinstance(entry, Mapping) and bool(entry.get("format")) or f"{{{token}:" in str(plugin.get("mapping"))


def _is_absent(key: str, value: object) -> bool:
    """Whether a key of a plugin counts as absent: with nothing behind it, or with an empty layer."""
    return value is None or (key == "assignment" and value == "")


class _SheetChecker:
    def __init__(self, draft: Draft, source: Source, most: int) -> None:
        self.most = most
        #: Keys of tokens that were compared with the known ones.
        self.free_keys = 0
        #: The token language of plugins that don't name theirs.
        self.language = 1
        self.data = draft.data
        self.positions: Mapping[Pointer, Position] = draft.positions
        self.source = source
        self.problems: list[Problem] = list(draft.problems)
        self.misread = draft.misread
        self.aliases = draft.aliases
        #: What was reported where an alias leads.
        self.aliased: set[tuple[object, ...]] = set()

    def plugins(self) -> Iterator[PluginRecord]:
        if self.data is None or (isinstance(self.data, Mapping) and not self.data):
            return
        if not isinstance(self.data, Mapping):
            return self.report((), "type", "a block of keys with 'plugins' in it", kind(self.data))
        self.unknown_keys((), self.data, SHEET_KEYS, SHEET_SYNONYMS)
        plugins = self.data.get("plugins")
        shared = self.globals(plugins)
        if "plugins" not in self.data:
            return self.report((), "missing-key", "the key 'plugins'", "none")
        if not isinstance(plugins, Mapping):
            return self.report(("plugins",), "type", "a block of plugins, each with its name", kind(plugins))
        self.forget_absent(plugins, set().union(*(values for values, _ in shared.values())))
        for name, plugin in plugins.items():
            if (record := self.plugin(name, plugin, shared[_language_of(plugin, self.language)])) is not None:
                yield record
        for number in self.misread:
            self.misread_number(number)

    def misread_number(self, number: MisreadNumber) -> None:
        """Report a number that reaches a token with another text than was written."""
        pointer, written, value = number.pointer, number.written, number.value
        depth = 1 if pointer[0] == "globals" else 2
        key, token, *rest = (*pointer[depth:], None, None)
        is_value = key == "when" or key == "mapping_details" and rest[0] in ("choices", "default") and "label" not in rest
        if not is_value or token is None or self.is_full:
            return
        holder = self.data["globals"] if depth == 1 else self.data["plugins"].get(pointer[1])
        if _means(written, value) and _has_format(holder, token):
            # 007 is 7, which a format such as 03d writes as 007.
            return
        found, base = f"the number {value}", _base(written)
        message, help = f"{written} is read as {found}{base and f' ({base})'}", f"Write '{written}'."
        source = self.source._replace(pointer=pointer, line=number.position[0], column=number.position[1])
        self.problems.append(Problem(source, message, "warning", "misread-number", f"'{written}'", found, help))

    def globals(self, plugins: object) -> dict[int, Shared]:
        """Return what the globals give to the plugins of each token language."""
        nothing: Shared = ({}, set())
        written = self.data.get("globals")  # type: ignore[attr-defined]
        if written is None:
            return {1: nothing, 2: nothing}
        if not isinstance(written, Mapping):
            self.report(("globals",), "type", "a block of keys that each plugin gets", kind(written))
            return {1: nothing, 2: nothing}
        self.unknown_keys(("globals",), written, PLUGIN_KEYS, PLUGIN_SYNONYMS)
        self.language = _language_of(written)
        entries = plugins.values() if isinstance(plugins, Mapping) else ()
        spoken = {self.language, *(_language_of(entry, self.language) for entry in entries)}
        shared: dict[int, Shared] = {}
        for syntax in spoken:
            before = len(self.problems)
            given = list(self.values(("globals",), written, syntax))
            bad = {key for key, _, is_good in given if not is_good} if syntax == 2 else set()
            shared[syntax] = {key: value for key, value, is_good in given if is_good}, bad
            if syntax < max(spoken):
                # Nothing is told twice: the strictest of the plugins decides how.
                del self.problems[before:]
                self.aliased.clear()
        return shared

    def forget_absent(self, plugins: Mapping[Any, Any], shared: set[str]) -> None:
        """Forget where keys stand that count as absent, so that those of the globals are found in their place."""
        entries = ((name, plugin) for name, plugin in plugins.items() if isinstance(plugin, Mapping))
        absent = {
            ("plugins", name, key) for name, plugin in entries for key in shared if key in plugin and _is_absent(key, plugin[key])
        }
        if absent:
            self.positions = {pointer: position for pointer, position in self.positions.items() if pointer[:3] not in absent}

    def plugin(self, name: object, written: Any, shared: Shared) -> PluginRecord | None:
        pointer = ("plugins", name)
        if not isinstance(written, Mapping):
            self.report(pointer, "type", "a block of keys with 'hierarchy' in it", kind(written))
            return None
        self.unknown_keys(pointer, written, PLUGIN_KEYS, PLUGIN_SYNONYMS)
        given, bad = shared
        values = {key: value for key, value in given.items() if key not in written or _is_absent(key, written[key])}
        own = list(self.values(pointer, written, _language_of(written, self.language)))
        if not all(is_good for _, _, is_good in own) or bad.difference(key for key, _, _ in own):
            # A rule that globals give in a wrong way is told there; without it the plugin would write wrong paths.
            return None
        values.update((key, value) for key, value, _ in own)
        if "hierarchy" not in values:
            close = nearest("hierarchy", [key for key in written if key not in PLUGIN_KEYS])
            glued = next(filter(None, (_glued(key, ("hierarchy",)) for key in written)), "")
            help = glued or (f"Did you mean it by {close!r}?" if close else "")
            self.report(pointer, "missing-key", "the key 'hierarchy'", "none", help)
            return None
        return PluginRecord(name, values, self.source.at(pointer, self.positions), self.positions)

    def values(self, pointer: Pointer, written: Mapping[Any, Any], syntax: int) -> Iterator[tuple[str, Any, bool]]:
        """Yield key, normalized value and whether it can be used, for each known key that holds something."""
        for key, value in written.items():
            known = PLUGIN_KEYS.get(key) if isinstance(key, str) else None
            if known is None or _is_absent(key, value):
                continue
            try:
                yield key, known.rule(syntax)(value), True
            except BadValue as wrong:
                is_free = syntax == 1 and key in FREE_BEFORE
                self.wrong((*pointer, key), known, wrong, is_free=is_free)
                if not is_free:
                    yield key, None, False
                continue
            if key == "mapping_details":
                self.token_keys((*pointer, key), value, syntax)

    def unknown_keys(self, pointer: Pointer, written: Mapping[Any, Any], known: Any, synonyms: Mapping[str, str]) -> None:
        for key in written:
            if key not in known and not self.is_full:
                close = _glued(key, known) or synonyms.get(_plain(key)) or did_you_mean(str(key), known).strip()
                found = f"the key {key!r}"
                if not pointer:
                    found += ", which has no effect at the top of a sheet"
                    place = "[globals]" if self.source.format == "toml" else "globals:"
                    close = f"Write it under {place} for all plugins, or in a plugin." if key in PLUGIN_KEYS else close
                self.report((*pointer, key), "unknown-key", f"one of {', '.join(known)}", found, close, "warning")

    def token_keys(self, pointer: Pointer, details: Mapping[Any, Any], syntax: int) -> None:
        """Report free keys that are much like known ones, and keys that were free in Ways 0.1 and are ignored for a wrong value."""
        for token, entry in details.items():
            for key, value in (entry or {}).items():
                where, known = (*pointer, token, key), TOKEN_KEYS.get(key)
                if known is None and self.free_keys <= self.most:
                    self.free_keys += 1
                    # Strictly alike: 'casing' is as near to 'mapping' as many a slip, and any other free key is the author's own.
                    close = nearest(str(key), TOKEN_KEYS, cutoff=0.8)
                    help = f"Did you mean {close!r}?" if close else TOKEN_SYNONYMS.get(_plain(key), "")
                    if help := _of_plugin(key, self.source.format) if key in ONLY_OF_PLUGINS else help:
                        self.report(where, "unknown-key", f"one of {', '.join(TOKEN_KEYS)}", f"the key {key!r}", help, "warning")
                elif known is not None and value is not None and syntax == 1 and key in FREE_BEFORE:
                    try:
                        known.normalize(value)
                    except BadValue as wrong:
                        self.wrong(where, known, wrong, is_free=True)

    def wrong(self, pointer: Pointer, key: Key, wrong: BadValue, *, is_free: bool) -> None:
        """Report that a key has a wrong value.

        :param is_free: the key was free in Ways 0.1, and is ignored.
        """
        found = f"{kind(wrong.found)}{': the key is ignored' if is_free else ''}"
        # A token that is called as a key of a plugin, and has no details: the key is indented too deep, or follows a TOML table.
        is_of_plugin = key.name == "mapping_details" and len(wrong.where) == 1 and wrong.where[0] in PLUGIN_KEYS
        help = _of_plugin(wrong.where[0], self.source.format) if is_of_plugin else ""
        self.report((*pointer, *wrong.where), "type", _expected(key, wrong), found, help, "warning" if is_free else "error")

    @property
    def is_full(self) -> bool:
        """Whether there are more problems than are returned: no suggestions are looked for any more."""
        return len(self.problems) > self.most

    def report(
        self, pointer: Pointer, code: str, expected: str, found: str, help: str = "", level: Any = "error"
    ) -> None:
        if self.is_full:
            return
        message = f"expected {expected}, found {found}"
        if not pointer:
            source = self.source._replace(line=1, column=1)
        else:
            written = written_at(pointer, self.aliases)
            # A value that is right where it is written, and wrong under another key, must not be changed there.
            written = written if written[-1] == pointer[-1] else pointer
            source = self.source.at(written, self.positions)._replace(pointer=pointer)
            if self.aliases:
                # What several plugins share is told of the first.
                told = (written, code, message, help)
                if told in self.aliased:
                    return
                self.aliased.add(told)
        self.problems.append(Problem(source, message, level, code, expected, found, help))
