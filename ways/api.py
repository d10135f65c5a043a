"""The public face: every name that a tool needs. Importing it reads no sheet; the first question does.

Most functions are methods of the current session: :class:`ways.session.Session` has their signatures and docstrings.
"""

from __future__ import annotations

from ways import __version__ as __version__

# False, as typing.TYPE_CHECKING is; importing typing takes as long as starting Python. Editors that read with jedi skip
# the block below a literal False.
TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from collections import OrderedDict
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from ways.assets.asset import Asset as Asset, AssetFinder as AssetFinder
    from ways.assets.moving import values_at as values_at
    from ways.assets.reading import STRICT_TIERS as STRICT_TIERS, TIERS as TIERS, Candidate as Candidate
    from ways.assets.elsewhere import Elsewhere as Elsewhere, Translation as Translation
    from ways.assets.writing import translated as translated
    from ways.check.codes import FINDING_CODES as FINDING_CODES
    from ways.check.findings import Finding as Finding, Related as Related
    from ways.compare.paths import PathChanges as PathChanges
    from ways.compare.records import (
        ComparedSheets as ComparedSheets, Comparison as Comparison, ContextChange as ContextChange,
        FieldChange as FieldChange, PathChange as PathChange, Reading as Reading,
    )  # fmt: skip
    from ways.contexts.actions import Find as Find
    from ways.contexts.context import Context as Context
    from ways.contexts.parser import ContextParser as ContextParser
    from ways.declare import Action as Action, Plugin as Plugin
    from ways.errors import (
        AliasError as AliasError, AmbiguousContextError as AmbiguousContextError, ContextError as ContextError,
        ContextNotFoundError as ContextNotFoundError, FormatError as FormatError, HierarchyError as HierarchyError,
        LimitError as LimitError, MatchTimeoutError as MatchTimeoutError, MissingTokensError as MissingTokensError,
        ParseError as ParseError, PatternError as PatternError, PlatformError as PlatformError,
        PluginError as PluginError, SheetError as SheetError, SheetReadError as SheetReadError,
        SnapshotError as SnapshotError, TokenValueError as TokenValueError, UnknownTokenError as UnknownTokenError,
        UnresolvedMappingError as UnresolvedMappingError, WaysError as WaysError, did_you_mean as did_you_mean,
    )  # fmt: skip
    from ways.explain.record import (
        Explanation as Explanation, LineExplanation as LineExplanation, Origin as Origin,
        TextExplanation as TextExplanation, Verdict as Verdict,
    )  # fmt: skip
    from ways.hierarchy import (
        join_hierarchy as join_hierarchy, quoted_hierarchy as quoted_hierarchy, split_hierarchy as split_hierarchy,
    )  # fmt: skip
    from ways.limits import LIMITS_ENV_VAR as LIMITS_ENV_VAR, Limits as Limits
    from ways.opening import (
        check_sessions as check_sessions, checked_sessions as checked_sessions, compare as compare, compare_paths as compare_paths,
        environment_session as environment_session, open_world as open_world,
    )  # fmt: skip
    from ways.pattern.scan import expand_string as expand_string
    from ways.plugins.plugin import DataPlugin as DataPlugin
    from ways.plugins.provenance import Reason as Reason
    from ways.session import Session as Session, current_session as current_session
    from ways.settings import (
        DEFAULT_ASSIGNMENT as DEFAULT_ASSIGNMENT, DESCRIPTORS_ENV_VAR as DESCRIPTORS_ENV_VAR,
        PLATFORMS_ENV_VAR as PLATFORMS_ENV_VAR, PLATFORM_ENV_VAR as PLATFORM_ENV_VAR,
        PLUGINS_ENV_VAR as PLUGINS_ENV_VAR, PRIORITY_ENV_VAR as PRIORITY_ENV_VAR,
        SNAPSHOT_ENV_VAR as SNAPSHOT_ENV_VAR,
    )  # fmt: skip
    from ways.sheets.document import (
        ENVIRONMENT_FAILURE_KEY as ENVIRONMENT_FAILURE_KEY, IMPORT_FAILURE_KEY as IMPORT_FAILURE_KEY,
        LOAD_FAILURE_KEY as LOAD_FAILURE_KEY, NOT_CALLABLE_KEY as NOT_CALLABLE_KEY,
        RESOLUTION_FAILURE_KEY as RESOLUTION_FAILURE_KEY, Draft as Draft, LoadResult as LoadResult, Problem as Problem,
        Sheet as Sheet, Source as Source,
    )  # fmt: skip
    from ways.sheets.formats.table import FormatTable as FormatTable
    from ways.sheets.json_schema import (
        get_sheet_schema as get_sheet_schema, get_sheet_schema_path as get_sheet_schema_path,
    )  # fmt: skip
    from ways.sheets.reader import PLUGIN_INFO_FILE_NAME as PLUGIN_INFO_FILE_NAME
    from ways.snapshot.resolving import Resolver as Resolver, resolver as resolver
    from ways.snapshot.snapshot import Snapshot as Snapshot
    from ways.sources.archives import ArchiveDescriptor as ArchiveDescriptor
    from ways.sources.descriptions import (
        decode as decode, encode as encode, is_in_archive as is_in_archive, resolve_descriptor as resolve_descriptor,
    )  # fmt: skip
    from ways.sources.descriptors import FileDescriptor as FileDescriptor, FolderDescriptor as FolderDescriptor
    from ways.sources.git import (
        GitError as GitError, GitLocalDescriptor as GitLocalDescriptor, GitRemoteDescriptor as GitRemoteDescriptor,
        GitRevisionDescriptor as GitRevisionDescriptor,
    )  # fmt: skip
    from ways.usercode import import_object as import_object
    from ways.watch import Watch as Watch

    _current = current_session()
    add_action_default = _current.add_action_default
    add_search_path = _current.add_search_path
    clear = _current.clear
    clear_aliases = _current.clear_aliases
    clear_cache = _current.clear_cache
    clear_contexts = _current.clear_contexts
    create_folders = _current.create_folders
    explain = _current.explain
    explain_line = _current.explain_line
    explain_text = _current.explain_text
    find_assets = _current.find_assets
    format_many = _current.format_many
    get_action = _current.get_action
    get_all_plugins = _current.get_all_plugins
    get_asset = _current.get_asset
    get_assets = _current.get_assets
    get_cache_info = _current.get_cache_info
    get_context = _current.get_context
    get_next = _current.get_next
    get_plugins = _current.get_plugins
    init_plugins = _current.init_plugins
    need_context = _current.need_context
    register_asset_class = _current.register_asset_class
    register_context_alias = _current.register_context_alias
    resolve_alias = _current.resolve_alias
    translate = _current.translate
    translation = _current.translation
    elsewhere = _current.elsewhere

    # Former names, as in _FORMER_NAMES.
    add_descriptor = add_search_path
    LineTold = LineExplanation
    TextTold = TextExplanation
    World = ComparedSheets

#: Where each public name is defined: in a module, which is imported at the first touch of the name, because a tool that
#: starts needs few of them; as a method of Session, of which a function is made at the first touch; or below.
_HOMES = {
    "ways.session.Session": (
        "add_action_default add_search_path clear clear_aliases clear_cache clear_contexts create_folders explain "
        "explain_line explain_text find_assets format_many get_action get_all_plugins get_asset get_assets "
        "get_cache_info get_context get_next get_plugins init_plugins need_context register_asset_class "
        "register_context_alias resolve_alias translate translation elsewhere"
    ),
    "ways.api": (
        "add_action add_plugin check get_action_hierarchies get_action_names get_actions get_actions_info "
        "get_actions_iter get_all_action_hierarchies get_all_assignments get_all_hierarchies get_all_hierarchy_trees "
        "get_asset_class get_asset_info get_child_hierarchies get_child_hierarchy_tree get_known_platforms "
        "get_parse_order get_priority register_plugin reset_asset_classes trace_action_names trace_actions "
        "trace_actions_table trace_all_descriptor_results trace_all_descriptor_results_info trace_all_load_results "
        "trace_all_plugin_results trace_all_plugin_results_info trace_assignment trace_context trace_hierarchy "
        "trace_method_resolution"
    ),
    "ways.assets.asset": "Asset AssetFinder",
    "ways.assets.moving": "values_at",
    "ways.assets.reading": "STRICT_TIERS TIERS Candidate",
    "ways.assets.elsewhere": "Elsewhere Translation",
    "ways.assets.writing": "translated",
    "ways.check.codes": "FINDING_CODES",
    "ways.check.findings": "Finding Related",
    "ways.compare.paths": "PathChanges",
    "ways.compare.records": "ComparedSheets Comparison ContextChange FieldChange PathChange Reading",
    "ways.contexts.actions": "Find",
    "ways.contexts.context": "Context",
    "ways.contexts.parser": "ContextParser",
    "ways.declare": "Action Plugin",
    "ways.errors": (
        "AliasError AmbiguousContextError ContextError ContextNotFoundError FormatError HierarchyError LimitError "
        "MatchTimeoutError MissingTokensError ParseError PatternError PlatformError PluginError SheetError "
        "SheetReadError SnapshotError TokenValueError UnknownTokenError UnresolvedMappingError WaysError did_you_mean"
    ),
    "ways.explain.record": "Explanation LineExplanation Origin TextExplanation Verdict",
    "ways.hierarchy": "join_hierarchy quoted_hierarchy split_hierarchy",
    "ways.limits": "LIMITS_ENV_VAR Limits",
    "ways.opening": "check_sessions checked_sessions compare compare_paths environment_session open_world",
    "ways.pattern.scan": "expand_string",
    "ways.plugins.plugin": "DataPlugin",
    "ways.plugins.provenance": "Reason",
    "ways.session": "Session current_session",
    "ways.settings": (
        "DEFAULT_ASSIGNMENT DESCRIPTORS_ENV_VAR PLATFORMS_ENV_VAR PLATFORM_ENV_VAR PLUGINS_ENV_VAR PRIORITY_ENV_VAR "
        "SNAPSHOT_ENV_VAR"
    ),
    "ways.sheets.document": (
        "ENVIRONMENT_FAILURE_KEY IMPORT_FAILURE_KEY LOAD_FAILURE_KEY NOT_CALLABLE_KEY RESOLUTION_FAILURE_KEY Draft "
        "LoadResult Problem Sheet Source"
    ),
    "ways.sheets.formats.table": "FormatTable",
    "ways.sheets.json_schema": "get_sheet_schema get_sheet_schema_path",
    "ways.sheets.reader": "PLUGIN_INFO_FILE_NAME",
    "ways.snapshot.resolving": "Resolver resolver",
    "ways.snapshot.snapshot": "Snapshot",
    "ways.sources.archives": "ArchiveDescriptor",
    "ways.sources.descriptions": "decode encode is_in_archive resolve_descriptor",
    "ways.sources.descriptors": "FileDescriptor FolderDescriptor",
    "ways.sources.git": "GitError GitLocalDescriptor GitRemoteDescriptor GitRevisionDescriptor",
    "ways.usercode": "import_object",
    "ways.watch": "Watch",
}
#: Classes whose members ask for the current session. Their own modules lie below the session, and can't import it.
_NEED_SESSION = ("Asset", "Context", "Find")
#: Each name that was changed, and the present one.
_FORMER_NAMES = {
    "add_descriptor": "add_search_path",
    "LineTold": "LineExplanation",
    "TextTold": "TextExplanation",
    "World": "ComparedSheets",
}

# Type checkers read the names above instead: a module with __getattr__ has every name for them.
if not TYPE_CHECKING:
    __all__ = [*" ".join(_HOMES.values()).split(), *_FORMER_NAMES, "__version__"]

    def __getattr__(name):
        if name in _HOMES["ways.session.Session"].split():
            value = _function_of(name)
        elif name in _FORMER_NAMES:
            value = __getattr__(_FORMER_NAMES[name])
        else:
            if name in _NEED_SESSION:
                _imported("Session")
            return _imported(name)
        return globals().setdefault(name, value)

    def __dir__():
        return list(__all__)


def _imported(name: str) -> Any:
    # Replaces itself: importing ways.api loads no other module.
    global _imported
    from ways.lightweight import lazy_names

    _imported = lazy_names(__name__, _HOMES)  # type: ignore[assignment]
    return _imported(name)


def _session() -> Session:
    # Replaces itself: the rooms below load at the first question, and later questions pay one look-up.
    global _session
    from ways.session import current_session as _session

    return _session()


def _function_of(name: str) -> Callable[..., Any]:
    """Return a function that calls the method *name* of the current session, with its signature and docstring."""
    from ways.session import Session as Owner

    def call_method(*args: Any, **kwargs: Any) -> Any:
        return getattr(_session(), name)(*args, **kwargs)

    method = getattr(Owner, name)
    function: Any = call_method
    if name == "get_context":
        function = _get_context
    else:
        # The signature of a bound method has no self.
        function.__wrapped__ = method.__get__(Owner)
        function.__annotations__ = method.__annotations__
    function.__module__ = __name__
    function.__name__ = function.__qualname__ = name
    function.__doc__ = method.__doc__
    return function  # type: ignore[no-any-return]


def _get_context(
    hierarchy: Any, assignment: str = "", follow_alias: bool = False, force: bool = False, *args: Any, **kwargs: Any
) -> Context | None:
    # Written out, because Ways 0.1 promised *args and **kwargs.
    return _session().get_context(hierarchy, assignment, follow_alias, force, *args, **kwargs)


def check(*paths: Any, level: str | None = None, ignore: Iterable[str] = (), as_syntax: int = 0) -> list[Finding]:
    """Return a finding for each mistake in the sheets at *paths*; without paths, in those of the current session.

    Sheets and folders that you pass together are checked together. No code in them runs. The current session first loads
    what the environment names, as at any first use.

    :param level: the lowest level to report: ``error``, ``warning`` or ``note``.
    :param ignore: codes to leave out.
    :param as_syntax: 2 to report only what would change or be refused if each sheet had ``syntax: 2``.
    :raises ValueError: there is no such level, code or syntax.
    """
    if not paths:
        return _session().check(level=level, ignore=ignore, as_syntax=as_syntax)
    from ways.opening import check_paths

    return check_paths(paths, level=level, ignore=ignore, as_syntax=as_syntax)


def get_asset_class(hierarchy: Any) -> type | None:
    """Return the class that makes the Assets of a place, or ``None`` if none is registered."""
    return _session().asset_classes.info(hierarchy)[0]


def get_asset_info(hierarchy: Any) -> tuple[Any, Any]:
    """Return the class that makes the Assets of a place, and the callable that makes one; or ``(None, None)``."""
    return _session().asset_classes.info(hierarchy)


def reset_asset_classes(hierarchies: Any = ()) -> None:
    """Remove the asset classes of these places; of all, if you name none."""
    _session().asset_classes.reset(hierarchies)


def add_action(action: Any, name: str = "", context: Any = "", assignment: str = "master") -> None:
    """Register an action in one layer, whatever its ``get_assignment()`` returns; see :meth:`Session.add_action`.

    :param name: the name of the action; if absent, its ``name`` or its ``__name__``.
    :param context: the place where it is available, as at every place below; if absent, what its ``get_hierarchy()`` returns.
    :raises RuntimeError: it has no name, or no place.
    :raises ValueError: its place is empty.
    """
    _session().add_action(action, name, context, assignment)


def get_actions(hierarchy: Any, assignment: str = "master", duplicates: bool = False) -> list[Any]:
    """Return the actions for a place, nearest first.

    :param duplicates: include those that a nearer one of the same name hides.
    """
    return list(get_actions_iter(hierarchy, assignment, duplicates))


def get_actions_iter(hierarchy: Any, assignment: str = "master", duplicates: bool = False) -> Iterator[Any]:
    """Yield the actions for a place, nearest first. See :func:`get_actions`."""
    return (action for _, action in _session().actions(hierarchy, assignment, duplicates))


def get_action_names(hierarchy: Any, assignment: str = "master") -> list[str]:
    """Return the names of the actions for a place, without repeats, nearest first."""
    return [name for name, _ in _session().actions(hierarchy, assignment)]


def get_actions_info(hierarchy: Any, assignment: str = "master") -> OrderedDict[str, Any]:
    """Return the actions for a place by name, nearest first."""
    from collections import OrderedDict

    return OrderedDict(_session().actions(hierarchy, assignment))


def add_plugin(path: str) -> None:
    """Run a Python file that registers plugins and actions; see :meth:`Session.add_plugin_file`.

    :func:`trace_all_plugin_results` returns what happened.

    :param path: the file, or a folder to run each Python file directly in it.
    """
    _session().add_plugin_file(path)


def register_plugin(plugin: Any, assignment: str = "master") -> None:
    """Register an object with ``get_hierarchy()`` as a plugin in one layer; see :meth:`Session.add_plugin`.

    :raises SheetSchemaError: it has no hierarchy, or one of its methods returns a wrong value (a ValueError).
    :raises DuplicatePluginError: another plugin has its uuid (a RuntimeError).
    """
    _session().add_plugin(plugin, assignment)


def get_priority() -> list[str]:
    """Return the layers of WAYS_PRIORITY, strongest last."""
    return list(_session().settings.priority)


def get_known_platforms() -> set[str]:
    """Return the platforms of WAYS_PLATFORMS."""
    return set(_session().settings.platforms)


def get_parse_order() -> list[str]:
    """Return the engines of WAYS_PARSERS, whose expressions decide between Contexts of the same rank."""
    from ways.settings import parse_order

    return list(parse_order())


def trace_context(obj: Any) -> Context | None:
    """Return the Context of *obj*, or ``None``. *obj* is a Context, Asset, action, plugin, parser or hierarchy."""
    from ways.explain import trace

    return trace.trace_context(_session().ready_pool, obj)


def trace_hierarchy(obj: Any) -> tuple[str, ...]:
    """Return the hierarchy of *obj*, or ``()``. *obj* is as for :func:`trace_context`."""
    from ways.explain import trace

    return trace.trace_hierarchy(_session().ready_pool, obj)


def trace_assignment(obj: Any) -> str:
    """Return the assignment of *obj*, or ``'master'``. *obj* is as for :func:`trace_context`."""
    from ways.explain import trace

    return trace.trace_assignment(_session().ready_pool, obj)


def trace_actions(obj: Any, assignment: str = "master", duplicates: bool = False) -> list[Any]:
    """Return the actions for the place of *obj*, nearest first.

    :param duplicates: include those that a nearer one of the same name hides.
    """
    from ways.explain import trace

    return trace.trace_actions(_session().ready_pool, obj, assignment, duplicates)


def trace_action_names(obj: Any, assignment: str = "master") -> list[str]:
    """Return the names of the actions for the place of *obj*, without repeats, nearest first."""
    return list(trace_actions_table(obj, assignment))


def trace_actions_table(obj: Any, assignment: str = "master") -> OrderedDict[str, Any]:
    """Return the actions for the place of *obj* by name, nearest first."""
    from ways.explain import trace

    return trace.trace_actions_table(_session().ready_pool, obj, assignment)


def trace_method_resolution(method: Any, plugins: Any = False) -> list[Any]:
    """Return what a Context's method returns with its first plugin only, with the first two, and so on.

    :param method: a bound method that needs no arguments; or a Context, with the method's name as *plugins*.
    :param plugins: whether to return pairs of result and plugin. The result is ``None`` if the method raises.
    """
    from ways.explain import trace

    return trace.trace_method_resolution(method, plugins)


def trace_all_load_results() -> dict[str, OrderedDict[str, dict[str, Any]]]:
    """Return the outcome of each load: ``{'descriptors': {uuid: record}, 'plugins': {uuid or path: record}}``.

    A record has ``item`` and ``status`` and, where they apply, ``reason``, ``traceback``, ``description``, ``exception``,
    ``details`` and ``uuid``.
    """
    return {"descriptors": trace_all_descriptor_results_info(), "plugins": trace_all_plugin_results_info()}


def trace_all_descriptor_results() -> list[dict[str, Any]]:
    """Return a record of each description that loaded or failed, in order."""
    return [result.as_dict() for result in _session().results()[0]]


def trace_all_plugin_results() -> list[dict[str, Any]]:
    """Return a record of each plugin file that was run, in order."""
    return [result.as_dict() for result in _session().results()[1]]


def trace_all_descriptor_results_info() -> OrderedDict[str, dict[str, Any]]:
    """Return the records of :func:`trace_all_descriptor_results` by uuid; a record without one gets a generated name."""
    from ways.explain import trace

    return trace.descriptor_results_info(_session().results()[0])


def trace_all_plugin_results_info() -> OrderedDict[str, dict[str, Any]]:
    """Return the records of :func:`trace_all_plugin_results` by uuid, or by path if they have none."""
    from ways.explain import trace

    return trace.plugin_results_info(_session().results()[1])


def get_all_hierarchies() -> set[tuple[str, ...]]:
    """Return every place that has a plugin."""
    from ways.explain import trace

    return trace.get_all_hierarchies(_session().ready_pool)


def get_all_assignments() -> set[str]:
    """Return every layer that has a plugin."""
    return _session().ready_pool.registry.now.assignments


def get_child_hierarchies(obj: Any) -> set[tuple[str, ...]]:
    """Return every place below that of *obj* that has a plugin. *obj* is as for :func:`trace_context`."""
    from ways.explain import trace

    return trace.get_child_hierarchies(_session().ready_pool, obj)


def get_all_hierarchy_trees(full: bool = False) -> dict[Any, Any]:
    """Return every place as nested dicts, with the last part of each hierarchy as key, or with *full*, the whole."""
    from ways.explain import trace

    return trace.get_all_hierarchy_trees(_session().ready_pool, full)


def get_child_hierarchy_tree(obj: Any, full: bool = False) -> dict[Any, Any]:
    """Return the places below that of *obj* as nested dicts, as :func:`get_all_hierarchy_trees` does."""
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
