"""The public face: every name that a tool needs. Importing it reads no sheet; the first question does."""

from __future__ import annotations

from ways import __version__

# What typing.TYPE_CHECKING is; importing typing costs as much as starting Python does.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import OrderedDict
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from ways.assets.asset import Asset, AssetFinder
    from ways.assets.read import STRICT_TIERS, TIERS, Candidate
    from ways.assets.write import translated
    from ways.check.codes import FINDING_CODES
    from ways.check.findings import Finding, Related
    from ways.compare.records import Comparison, ContextChange, FieldChange, PathChange, Reading
    from ways.compare.world import World
    from ways.contexts.actions import Find
    from ways.contexts.context import Context
    from ways.contexts.parser import ContextParser
    from ways.errors import (
        AliasError,
        AmbiguousContextError,
        ContextError,
        ContextNotFoundError,
        FormatError,
        HierarchyError,
        LimitError,
        MatchTimeoutError,
        MissingTokensError,
        ParseError,
        PatternError,
        PlatformError,
        PluginError,
        SheetError,
        SheetReadError,
        SnapshotError,
        TokenValueError,
        UnresolvedMappingError,
        WaysError,
        did_you_mean,
    )
    from ways.declare import Action, Plugin
    from ways.explain.reasons import Origin, Reason, Verdict
    from ways.explain.record import Explanation, LineTold, TextTold
    from ways.hierarchy import join_hierarchy, quoted_hierarchy, split_hierarchy
    from ways.usercode import import_object
    from ways.limits import LIMITS_ENV_VAR, Limits
    from ways.pattern.scan import expand_string
    from ways.sources.archives import ArchiveDescriptor
    from ways.sources.descriptors import FileDescriptor, FolderDescriptor, decode, encode, resolve_descriptor
    from ways.sources.git import GitError, GitLocalDescriptor, GitRemoteDescriptor, GitRevisionDescriptor
    from ways.plugins.plugin import DataPlugin
    from ways.session import Session, current_session
    from ways.settings import (
        DEFAULT_ASSIGNMENT,
        DESCRIPTORS_ENV_VAR,
        PLATFORM_ENV_VAR,
        PLATFORMS_ENV_VAR,
        PLUGINS_ENV_VAR,
        PRIORITY_ENV_VAR,
    )
    from ways.sheets.document import (
        ENVIRONMENT_FAILURE_KEY,
        IMPORT_FAILURE_KEY,
        LOAD_FAILURE_KEY,
        NOT_CALLABLE_KEY,
        RESOLUTION_FAILURE_KEY,
        Draft,
        Problem,
        Sheet,
        Source,
    )
    from ways.sheets.json_schema import get_sheet_schema, get_sheet_schema_path
    from ways.sheets.formats.table import FormatTable
    from ways.sheets.reader import PLUGIN_INFO_FILE_NAME
    from ways.snapshot.record import Snapshot
    from ways.watch import Watch
    from ways.opening import checked_sessions, compare, compare_paths, environment_session, open_world

__all__ = [
    "DEFAULT_ASSIGNMENT",
    "DESCRIPTORS_ENV_VAR",
    "ENVIRONMENT_FAILURE_KEY",
    "FINDING_CODES",
    "IMPORT_FAILURE_KEY",
    "LIMITS_ENV_VAR",
    "LOAD_FAILURE_KEY",
    "NOT_CALLABLE_KEY",
    "PLATFORMS_ENV_VAR",
    "PLATFORM_ENV_VAR",
    "PLUGINS_ENV_VAR",
    "PLUGIN_INFO_FILE_NAME",
    "PRIORITY_ENV_VAR",
    "RESOLUTION_FAILURE_KEY",
    "STRICT_TIERS",
    "TIERS",
    "Action",
    "AliasError",
    "AmbiguousContextError",
    "ArchiveDescriptor",
    "Asset",
    "AssetFinder",
    "Candidate",
    "Comparison",
    "Context",
    "ContextChange",
    "ContextError",
    "ContextNotFoundError",
    "ContextParser",
    "DataPlugin",
    "Draft",
    "Explanation",
    "FieldChange",
    "FileDescriptor",
    "Find",
    "Finding",
    "FolderDescriptor",
    "FormatError",
    "FormatTable",
    "GitError",
    "GitLocalDescriptor",
    "GitRemoteDescriptor",
    "GitRevisionDescriptor",
    "HierarchyError",
    "LimitError",
    "Limits",
    "LineTold",
    "MatchTimeoutError",
    "MissingTokensError",
    "Origin",
    "ParseError",
    "PathChange",
    "PatternError",
    "PlatformError",
    "Plugin",
    "PluginError",
    "Problem",
    "Reading",
    "Reason",
    "Related",
    "Session",
    "Sheet",
    "SheetError",
    "SheetReadError",
    "Snapshot",
    "SnapshotError",
    "Source",
    "TextTold",
    "TokenValueError",
    "UnresolvedMappingError",
    "Verdict",
    "Watch",
    "WaysError",
    "World",
    "add_action",
    "add_action_default",
    "add_descriptor",
    "add_plugin",
    "add_search_path",
    "check",
    "checked_sessions",
    "clear",
    "clear_aliases",
    "clear_cache",
    "clear_contexts",
    "compare",
    "compare_paths",
    "create_folders",
    "current_session",
    "decode",
    "did_you_mean",
    "encode",
    "environment_session",
    "expand_string",
    "explain",
    "explain_line",
    "explain_text",
    "find_assets",
    "format_many",
    "get_action",
    "get_action_hierarchies",
    "get_action_names",
    "get_actions",
    "get_actions_info",
    "get_actions_iter",
    "get_all_action_hierarchies",
    "get_all_assignments",
    "get_all_hierarchies",
    "get_all_hierarchy_trees",
    "get_all_plugins",
    "get_asset",
    "get_asset_class",
    "get_asset_info",
    "get_assets",
    "get_cache_info",
    "get_child_hierarchies",
    "get_child_hierarchy_tree",
    "get_context",
    "get_known_platforms",
    "get_next",
    "get_parse_order",
    "get_plugins",
    "get_priority",
    "get_sheet_schema",
    "get_sheet_schema_path",
    "import_object",
    "init_plugins",
    "join_hierarchy",
    "open_world",
    "quoted_hierarchy",
    "register_asset_class",
    "register_context_alias",
    "register_plugin",
    "reset_asset_classes",
    "resolve_alias",
    "resolve_descriptor",
    "split_hierarchy",
    "trace_action_names",
    "trace_actions",
    "trace_actions_table",
    "trace_all_descriptor_results",
    "trace_all_descriptor_results_info",
    "trace_all_load_results",
    "trace_all_plugin_results",
    "trace_all_plugin_results_info",
    "trace_assignment",
    "trace_context",
    "trace_hierarchy",
    "trace_method_resolution",
    "translate",
    "translated",
    "__version__",
]

#: Name to the module that defines it: loaded at first touch, because a tool that starts needs few of them.
_HOMES = {
    "ways.assets.asset": "Asset AssetFinder",
    "ways.assets.write": "translated",
    "ways.assets.read": "Candidate STRICT_TIERS TIERS",
    "ways.check.codes": "FINDING_CODES",
    "ways.check.findings": "Finding Related",
    "ways.compare.records": "Comparison ContextChange FieldChange PathChange Reading",
    "ways.compare.world": "World",
    "ways.declare": "Action Plugin",
    "ways.hierarchy": "join_hierarchy quoted_hierarchy split_hierarchy",
    "ways.contexts.actions": "Find",
    "ways.contexts.context": "Context",
    "ways.contexts.parser": "ContextParser",
    "ways.errors": "AliasError AmbiguousContextError ContextError ContextNotFoundError FormatError HierarchyError "
    "LimitError MatchTimeoutError MissingTokensError ParseError PatternError PlatformError PluginError SheetError "
    "SheetReadError SnapshotError TokenValueError "
    "UnresolvedMappingError WaysError did_you_mean",
    "ways.explain.reasons": "Origin Reason Verdict",
    "ways.explain.record": "Explanation LineTold TextTold",
    "ways.usercode": "import_object",
    "ways.limits": "LIMITS_ENV_VAR Limits",
    "ways.pattern.scan": "expand_string",
    "ways.sources.archives": "ArchiveDescriptor",
    "ways.sources.descriptors": "FileDescriptor FolderDescriptor decode encode resolve_descriptor",
    "ways.sources.git": "GitError GitLocalDescriptor GitRemoteDescriptor GitRevisionDescriptor",
    "ways.plugins.plugin": "DataPlugin",
    "ways.session": "Session current_session",
    "ways.settings": "DEFAULT_ASSIGNMENT DESCRIPTORS_ENV_VAR PLATFORM_ENV_VAR PLATFORMS_ENV_VAR PLUGINS_ENV_VAR "
    "PRIORITY_ENV_VAR",
    "ways.sheets.document": "ENVIRONMENT_FAILURE_KEY IMPORT_FAILURE_KEY LOAD_FAILURE_KEY NOT_CALLABLE_KEY "
    "RESOLUTION_FAILURE_KEY Draft Problem Sheet Source",
    "ways.sheets.json_schema": "get_sheet_schema get_sheet_schema_path",
    "ways.sheets.formats.table": "FormatTable",
    "ways.sheets.reader": "PLUGIN_INFO_FILE_NAME",
    "ways.snapshot.record": "Snapshot",
    "ways.watch": "Watch",
    "ways.opening": "checked_sessions compare compare_paths environment_session open_world",
}
#: The default of every argument named *assignment* that asks for one layer.
DEFAULT_LAYER = "master"
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'ways.api' has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(home), name)
    return found


def __dir__() -> list[str]:
    return list(__all__)


def _session() -> Session:
    # Rebinds itself: the rooms below load at the first question, and later ones pay one look-up.
    global _session
    from ways.session import current_session as _session

    return _session()


def get_context(
    hierarchy: Any, assignment: str = "", follow_alias: bool = False, force: bool = False, *args: Any, **kwargs: Any
) -> Context | None:
    """Return the Context at *hierarchy*, or ``None`` where nothing is registered there.

    :param hierarchy: a text such as ``"job/shot"``, a tuple or list of parts, or a Context.
    :param assignment: one layer of plugins; ``''`` for all those in WAYS_PRIORITY, the last one strongest.
    :param follow_alias: for an alias, give the Context of the place it stands for.
    :param force: make the Context where nothing is registered too.
    :param args: nothing: there is none to give.
    :param kwargs: ``connection``, given to a Context that is made now.
    :raises HierarchyError: the hierarchy has an illegal character (a ValueError).
    :raises TypeError: *hierarchy* is neither a text nor made of texts, or something else is given.
    """
    return _session().get_context(hierarchy, assignment, follow_alias, force, *args, **kwargs)


def get_asset(info: Any, context: Any = None, *args: Any, strict: bool = False, **kwargs: Any) -> Any:
    """Return the Asset that *info* describes: a text, a dict, or pairs of token and value.

    :param info: a text is read by the Context's mapping; a dict is taken as it is.
    :param context: the place, as a hierarchy or a Context; found by *info* itself, if absent.
    :param args: given to the class that makes the Asset, as *kwargs* are.
    :param strict: take only a text that fits as a whole and in every value, and raise every error.
    :returns: the Asset; ``None`` if its class can't be made of the values, the cause of which is logged.
    :raises ContextNotFoundError: there is no such Context, or none that fits (a ValueError).
    :raises AmbiguousContextError: several Contexts fit equally well; it names them (a ValueError).
    :raises UnresolvedMappingError: a text for a Context without a mapping (a RuntimeError).
    """
    return _session().get_asset(info, context, *args, strict=strict, **kwargs)


def add_search_path(description: Any, update: bool = True, *, trust: bool | None = None) -> Any:
    """Load the plugins that *description* stands for, and return what gives them; ``None`` if nothing does.

    :param description: a folder or file, an encoded address, a dict, a function, an object with ``get_plugins``, or
        a list of plugins.
    :param update: whether to load now, rather than with the next one, or at the next refresh.
    :param trust: whether code that the sheets name may run; if absent, it may for what is on local disk.
    :raises DuplicateUsesError: a plugin names a parent twice (a ValueError); everything good was loaded.
    :raises DuplicatePluginError: two plugins have one uuid (a RuntimeError); everything good was loaded.
    """
    return _session().add_search_path(description, update, trust=trust)


add_descriptor = add_search_path


def check(*paths: Any) -> list[Finding]:
    """Return what is wrong with the sheets at *paths*, or with what the current session has loaded, and what will be.

    Sheets and folders that are named together belong together. Nothing that they hold runs; a session that is asked for
    what it has loaded loads what the environment names first, as ever.
    """
    if not paths:
        return _session().check()
    from ways.opening import check_paths

    return check_paths(paths)


def get_all_plugins() -> list[Any]:
    """Return every plugin, in the order of registration: those of sheets, and your own objects."""
    return _session().get_all_plugins()


def init_plugins() -> None:
    """Forget everything, and load what WAYS_DESCRIPTORS and then WAYS_PLUGINS name."""
    _session().init_plugins()


def clear() -> None:
    """Forget everything: plugins, Contexts, aliases, actions, asset classes. Nothing comes back by itself."""
    _session().clear()


def get_cache_info() -> dict[str, Any]:
    """Return ``folder``, ``mode`` (WAYS_CACHE), ``entries`` and ``bytes`` of the store of compiled sheets."""
    return _session().get_cache_info()


def clear_cache() -> int:
    """Remove every compiled sheet from the store, and return how many files there were; nothing else changes."""
    return _session().clear_cache()


def register_context_alias(alias_hierarchy: Any, old_hierarchy: Any) -> None:
    """Let one hierarchy stand for another, which need not exist.

    :raises AliasError: they are the same, the alias is taken, or a circle would close (a ValueError).
    """
    _session().register_context_alias(alias_hierarchy, old_hierarchy)


def resolve_alias(hierarchy: Any) -> tuple[str, ...]:
    """Return the hierarchy that an alias stands for, through chains; any other one as it is."""
    return _session().resolve_alias(hierarchy)


def clear_aliases() -> None:
    """Forget every alias; Contexts and plugins stay."""
    _session().clear_aliases()


def clear_contexts() -> None:
    """Forget every Context object, and the changes to their data with them; aliases and plugins stay."""
    _session().clear_contexts()


def get_asset_class(hierarchy: Any) -> type | None:
    """Return the class that makes the Assets of a place, or ``None`` where none was registered."""
    return _session().asset_classes.info(hierarchy)[0]


def get_asset_info(hierarchy: Any) -> tuple[Any, Any]:
    """Return the class that makes the Assets of a place, and the callable that makes one; or ``(None, None)``."""
    return _session().asset_classes.info(hierarchy)


def register_asset_class(class_type: Any, context: Any, init: Any = None, children: bool = False) -> None:
    """Let a class make the Assets of a place.

    :param context: the place, as a hierarchy or a Context; it need not exist.
    :param init: what is called with values and Context, in the class's place.
    :param children: whether it serves the places below too, as far as they have none of their own.
    :raises TypeError: *context* is ``None`` or no place.
    """
    _session().register_asset_class(class_type, context, init, children)


def reset_asset_classes(hierarchies: Any = ()) -> None:
    """Forget the asset classes of these places; of all, if none is named."""
    _session().asset_classes.reset(hierarchies)


def add_action(action: Any, name: str = "", context: Any = "", assignment: str = DEFAULT_LAYER) -> None:
    """Register an action: a callable, or a class of callables, which is instantiated each time it is asked for.

    :param name: what it is asked for by; its own ``name``, if absent, else its ``__name__``.
    :param context: the place it serves, with every place below; its own ``get_hierarchy()``, if absent.
    :param assignment: the layer it stands in.
    :raises RuntimeError: it has no name, or no place.
    :raises ValueError: its place is empty.
    """
    _session().add_action(action, name, context, assignment)


def add_action_default(name: str, value: Any, hierarchy: Any = None) -> None:
    """Let *value* be the answer where no action of that name serves.

    :param hierarchy: the place it holds for, with every place below; everywhere, if absent.
    """
    _session().add_action_default(name, value, hierarchy)


def get_action(name: str, hierarchy: Any, assignment: str = DEFAULT_LAYER) -> Any:
    """Return the action of that name that serves a place, as it was registered, or ``None``."""
    return _session().get_action(name, hierarchy, assignment)


def get_actions(hierarchy: Any, assignment: str = DEFAULT_LAYER, duplicates: bool = False) -> list[Any]:
    """Return the actions that serve a place, nearest first.

    :param duplicates: also those that a nearer one of the same name hides.
    """
    return list(get_actions_iter(hierarchy, assignment, duplicates))


def get_actions_iter(hierarchy: Any, assignment: str = DEFAULT_LAYER, duplicates: bool = False) -> Iterator[Any]:
    """Yield the actions that serve a place, nearest first. See :func:`get_actions`."""
    return (action for _, action in _session().actions(hierarchy, assignment, duplicates))


def get_action_names(hierarchy: Any, assignment: str = DEFAULT_LAYER) -> list[str]:
    """Return the names of the actions that serve a place, each once, nearest first."""
    return [name for name, _ in _session().actions(hierarchy, assignment)]


def get_actions_info(hierarchy: Any, assignment: str = DEFAULT_LAYER) -> OrderedDict[str, Any]:
    """Return the actions that serve a place by name, nearest first."""
    from collections import OrderedDict

    return OrderedDict(_session().actions(hierarchy, assignment))


def add_plugin(path: str) -> None:
    """Run a Python file that registers plugins and actions, then its ``main()``; the outcome is recorded.

    :param path: the file, or a folder for each Python file directly in it. See :func:`trace_all_plugin_results`.
    """
    _session().add_plugin_file(path)


def register_plugin(plugin: Any, assignment: str = DEFAULT_LAYER) -> None:
    """Register an object with ``get_hierarchy()`` as a plugin, once.

    :raises SheetSchemaError: it has no hierarchy, or says something else that can't be (a ValueError).
    :raises DuplicatePluginError: another plugin has its uuid (a RuntimeError).
    """
    _session().add_plugin(plugin, assignment)


def get_plugins(hierarchy: Any, assignment: str = DEFAULT_LAYER) -> list[Any]:
    """Return the plugins exactly at a place in one layer, in the order of registration."""
    return _session().get_plugins(hierarchy, assignment)


def get_priority() -> list[str]:
    """Return the layers of WAYS_PRIORITY, strongest last."""
    return list(_session().settings.priority)


def get_known_platforms() -> set[str]:
    """Return the platforms of WAYS_PLATFORMS."""
    return set(_session().settings.platforms)


def get_parse_order() -> list[str]:
    """Return the engines of WAYS_PARSERS: those that tell tied Contexts apart."""
    from ways.settings import parse_order

    return list(parse_order())


def get_assets(texts: Iterable[str], context: Any = None, *, strict: bool = False, as_columns: bool = False) -> Any:
    """Return an Asset for each text, in the same order; where there is none, the error that says why.

    :param context: the place of all of them; found for each by itself, if absent.
    :param strict: take only texts that fit as a whole and in every value.
    :param as_columns: give ``{hierarchy: {"row": [...], "text": [...], TOKEN: [...]}}`` instead: lists of one length
        for each place, with each text's number; those that are nothing stand under ``""``, with ``error``.
    :raises ContextNotFoundError: *context* was given, and there is none (a ValueError).
    """
    return _session().get_assets(texts, context, strict=strict, as_columns=as_columns)


def format_many(hierarchy: Any, values: Iterable[Mapping[str, str]], assignment: str = "") -> list[Any]:
    """Return the text of each set of values, in the same order; where there is none, the error that says why.

    :raises ContextNotFoundError: there is no such place (a ValueError).
    """
    return _session().format_many(hierarchy, values, assignment)


def find_assets(
    context: Any,
    values: Mapping[str, Any] | None = None,
    *,
    latest: str | None = None,
    sequences: bool = False,
    sort: bool = False,
    report: Callable[[str, str], None] | None = None,
) -> Iterator[Any]:
    """Yield an Asset for each file and folder on disk that is one of *context* and has these values.

    Only folders that can match are opened. A folder that can't be read, or a name that is no UTF-8, stops nothing.

    :param context: the place, as a hierarchy or a Context.
    :param values: values that are fixed; parents may stand for their children.
    :param latest: a token: of Assets that differ in it alone, only the greatest is given; numbers count as numbers.
    :param sequences: whether the frames of one thing are given as one Asset, with a frame range for its sequence token.
    :param sort: whether to give them in the order of their names, rather than as they lie on disk.
    :param report: told the path of each such folder or name, and of a value that nothing can have,
        with what is wrong; a log line, if absent.
    :raises ContextNotFoundError: there is no such Context (a ValueError).
    :raises UnknownTokenError: its mapping has no such token (a KeyError).
    """
    return _session().find_assets(context, values, latest=latest, sequences=sequences, sort=sort, report=report)


def get_next(asset: Asset, token: str) -> str:
    """Return the value after the greatest on disk, all other tokens being equal: ``v004`` where ``v003`` exists.

    :raises UnknownTokenError: the mapping has no such token (a KeyError).
    :raises ValueError: the token's values hold no number.
    """
    return _session().get_next(asset, token)


def create_folders(asset: Asset, *, dry_run: bool = False) -> list[str]:
    """Make the folders of an Asset: of its place and of each above it that says ``folder: true``; return them.

    :param dry_run: only say which they are.
    :raises MissingTokensError: such a place needs a value that the Asset doesn't have; nothing is made.
    """
    return _session().create_folders(asset, dry_run=dry_run)


def explain(thing: Any, field: str | None = None, assignment: str = "") -> Explanation:
    """Return why a place, or an Asset, is what it is: for each field who won, who lost, and why.

    :param thing: a hierarchy, a Context or an Asset.
    :param field: tell of this one alone: ``"mapping"``, ``"data"``, ``"data.fps"``, ``"mapping_details.SHOT"``, ...
    :param assignment: for a hierarchy, look at this layer of plugins alone.
    :raises ContextNotFoundError: there is no such place; it names the nearest (a ValueError).
    :raises UnknownFieldError: the place has no such field (a ValueError).
    """
    return _session().explain(thing, field, assignment)


def explain_text(text: str, *, strict: bool = False, assignment: str = "") -> TextTold:
    """Return why a text is of one Context and not of the others: what was tried, how far it fits, why it lost.

    :param strict: as if only a text would do that fits as a whole and in every value.
    :param assignment: look at the Contexts of this layer alone, rather than at all.
    """
    return _session().explain_text(text, strict=strict, assignment=assignment)


def explain_line(path: str, line: int) -> LineTold:
    """Return what a line of a sheet reaches: each Context and field that it has a say in, also through ``uses``.

    :param line: its number; the first is 1.
    :raises UnknownLineError: no such sheet was loaded, or nothing that counts is written there (a LookupError).
    """
    return _session().explain_line(path, line)


def translate(text: str, platform: str, context: Any = None) -> str:
    """Return what *text* is on another platform: the same place and values, as the mapping is there.

    :param context: the place, if it is known; found by *text* itself, if absent.
    :raises PlatformError: it is none of the known platforms (an OSError).
    :raises ContextNotFoundError: no Context fits *text* (a ValueError).
    """
    return _session().translate(text, platform, context)


def trace_context(obj: Any) -> Context | None:
    """Return the Context of nearly anything that has one, or ``None``."""
    from ways.explain import trace

    return trace.trace_context(_session().ready_pool, obj)


def trace_hierarchy(obj: Any) -> tuple[str, ...]:
    """Return the hierarchy of nearly anything that has one; else ``()``."""
    from ways.explain import trace

    return trace.trace_hierarchy(_session().ready_pool, obj)


def trace_assignment(obj: Any) -> str:
    """Return the assignment of nearly anything that has one; else ``'master'``."""
    from ways.explain import trace

    return trace.trace_assignment(_session().ready_pool, obj)


def trace_actions(obj: Any, assignment: str = DEFAULT_LAYER, duplicates: bool = False) -> list[Any]:
    """Return the actions that serve the place of *obj*, nearest first.

    :param duplicates: also those that a nearer one of the same name hides.
    """
    from ways.explain import trace

    return trace.trace_actions(_session().ready_pool, obj, assignment, duplicates)


def trace_action_names(obj: Any, assignment: str = DEFAULT_LAYER) -> list[str]:
    """Return the names of the actions that serve the place of *obj*, each once, nearest first."""
    return list(trace_actions_table(obj, assignment))


def trace_actions_table(obj: Any, assignment: str = DEFAULT_LAYER) -> OrderedDict[str, Any]:
    """Return the actions that serve the place of *obj* by name, nearest first."""
    from ways.explain import trace

    return trace.trace_actions_table(_session().ready_pool, obj, assignment)


def trace_method_resolution(method: Any, plugins: Any = False) -> list[Any]:
    """Return what a Context's method answers with its first plugin alone, with the first two, and so on.

    :param method: a bound method that needs no arguments; or a Context, with the method's name as *plugins*.
    :param plugins: whether to return pairs of answer and plugin. Where there is no answer it is ``None``.
    """
    from ways.explain import trace

    return trace.trace_method_resolution(method, plugins)


def trace_all_load_results() -> dict[str, OrderedDict[str, dict[str, Any]]]:
    """Return how each load went: ``{'descriptors': {uuid: record}, 'plugins': {uuid or path: record}}``.

    A record has ``item`` and ``status``, and as they apply ``reason``, ``traceback``, ``description``, ``exception``,
    ``details`` and ``uuid``.
    """
    return {"descriptors": trace_all_descriptor_results_info(), "plugins": trace_all_plugin_results_info()}


def trace_all_descriptor_results() -> list[dict[str, Any]]:
    """Return a record of each description that was loaded, or failed to, in order."""
    return [result.as_dict() for result in _session().results()[0]]


def trace_all_plugin_results() -> list[dict[str, Any]]:
    """Return a record of each plugin file that was run, in order."""
    return [result.as_dict() for result in _session().results()[1]]


def trace_all_descriptor_results_info() -> OrderedDict[str, dict[str, Any]]:
    """Return the records of :func:`trace_all_descriptor_results` by their uuid; one without gets a name of its own."""
    from ways.explain import trace

    return trace.descriptor_results_info(_session().results()[0])


def trace_all_plugin_results_info() -> OrderedDict[str, dict[str, Any]]:
    """Return the records of :func:`trace_all_plugin_results` by their uuid; one without goes by its path."""
    from ways.explain import trace

    return trace.plugin_results_info(_session().results()[1])


def get_all_hierarchies() -> set[tuple[str, ...]]:
    """Return every place that has a plugin."""
    from ways.explain import trace

    return trace.get_all_hierarchies(_session().ready_pool)


def get_all_assignments() -> set[str]:
    """Return every layer in which some plugin stands."""
    return _session().ready_pool.registry.now.assignments


def get_child_hierarchies(obj: Any) -> set[tuple[str, ...]]:
    """Return every place below that of *obj* that has a plugin; *obj* is a hierarchy, a Context, an Asset, ..."""
    from ways.explain import trace

    return trace.get_child_hierarchies(_session().ready_pool, obj)


def get_all_hierarchy_trees(full: bool = False) -> dict[Any, Any]:
    """Return every place as a dict of dicts; the keys are last parts, or whole hierarchies with *full*."""
    from ways.explain import trace

    return trace.get_all_hierarchy_trees(_session().ready_pool, full)


def get_child_hierarchy_tree(obj: Any, full: bool = False) -> dict[Any, Any]:
    """Return the places below that of *obj* as a dict of dicts; the keys as in :func:`get_all_hierarchy_trees`."""
    from ways.explain import trace

    return trace.get_child_hierarchy_tree(_session().ready_pool, obj, full)


def get_action_hierarchies(action: Any) -> set[tuple[str, ...]]:
    """Return the places of a registered action, or of every action of a name."""
    from ways.explain import trace

    return trace.get_action_hierarchies(_session().ready_pool, action)


def get_all_action_hierarchies() -> dict[Any, dict[str, Any]]:
    """Return each registered action with its places and its name: ``{action: {'hierarchies': ..., 'name': ...}}``."""
    from ways.explain import trace

    return trace.get_all_action_hierarchies(_session().ready_pool)
