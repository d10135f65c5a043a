"""The public face: every name that a tool needs. Importing it reads no sheet; the first question does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ways import __version__

if TYPE_CHECKING:
    from ways.assets.asset import Asset, AssetFinder
    from ways.assets.find import STRICT_TIERS, TIERS, Candidate
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
        MissingTokensError,
        ParseError,
        PatternError,
        PluginError,
        SheetError,
        TokenValueError,
        UnresolvedMappingError,
        WaysError,
        did_you_mean,
    )
    from ways.hierarchy import join_hierarchy, split_hierarchy
    from ways.pattern.scan import expand_string
    from ways.plugins.descriptors import FileDescriptor, FolderDescriptor, decode, encode, resolve_descriptor
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
        Problem,
        Sheet,
        Source,
    )
    from ways.sheets.reader import PLUGIN_INFO_FILE_NAME

__all__ = [
    "DEFAULT_ASSIGNMENT",
    "DESCRIPTORS_ENV_VAR",
    "ENVIRONMENT_FAILURE_KEY",
    "IMPORT_FAILURE_KEY",
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
    "AliasError",
    "AmbiguousContextError",
    "Asset",
    "AssetFinder",
    "Candidate",
    "Context",
    "ContextError",
    "ContextNotFoundError",
    "ContextParser",
    "DataPlugin",
    "FileDescriptor",
    "Find",
    "FolderDescriptor",
    "FormatError",
    "HierarchyError",
    "MissingTokensError",
    "ParseError",
    "PatternError",
    "PluginError",
    "Problem",
    "Session",
    "Sheet",
    "SheetError",
    "Source",
    "TokenValueError",
    "UnresolvedMappingError",
    "WaysError",
    "add_descriptor",
    "add_search_path",
    "clear",
    "clear_aliases",
    "clear_contexts",
    "current_session",
    "decode",
    "did_you_mean",
    "encode",
    "expand_string",
    "get_all_plugins",
    "get_asset",
    "get_context",
    "init_plugins",
    "join_hierarchy",
    "register_context_alias",
    "resolve_alias",
    "resolve_descriptor",
    "split_hierarchy",
    "__version__",
]

#: Name to the module that defines it: loaded at first touch, because a tool that starts needs few of them.
_HOMES = {
    "ways.assets.asset": "Asset AssetFinder",
    "ways.assets.find": "Candidate STRICT_TIERS TIERS",
    "ways.hierarchy": "join_hierarchy split_hierarchy",
    "ways.contexts.actions": "Find",
    "ways.contexts.context": "Context",
    "ways.contexts.parser": "ContextParser",
    "ways.errors": "AliasError AmbiguousContextError ContextError ContextNotFoundError FormatError HierarchyError "
    "MissingTokensError ParseError PatternError PluginError SheetError TokenValueError UnresolvedMappingError WaysError did_you_mean",
    "ways.pattern.scan": "expand_string",
    "ways.plugins.descriptors": "FileDescriptor FolderDescriptor decode encode resolve_descriptor",
    "ways.plugins.plugin": "DataPlugin",
    "ways.session": "Session current_session",
    "ways.settings": "DEFAULT_ASSIGNMENT DESCRIPTORS_ENV_VAR PLATFORM_ENV_VAR PLATFORMS_ENV_VAR PLUGINS_ENV_VAR "
    "PRIORITY_ENV_VAR",
    "ways.sheets.document": "ENVIRONMENT_FAILURE_KEY IMPORT_FAILURE_KEY LOAD_FAILURE_KEY NOT_CALLABLE_KEY "
    "RESOLUTION_FAILURE_KEY Problem Sheet Source",
    "ways.sheets.reader": "PLUGIN_INFO_FILE_NAME",
}
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
    hierarchy: Any, assignment: str = "", follow_alias: bool = False, force: bool = False
) -> Context | None:
    """Return the Context at *hierarchy*, or ``None`` where nothing is registered there.

    :param hierarchy: a text such as ``"job/shot"``, a tuple or list of parts, or a Context.
    :param assignment: one layer of plugins; ``''`` for all those in WAYS_PRIORITY, the last one strongest.
    :param follow_alias: for an alias, give the Context of the place it stands for.
    :param force: make the Context where nothing is registered too.
    :raises HierarchyError: the hierarchy has an illegal character (a ValueError).
    :raises TypeError: *hierarchy* is neither a text nor made of texts.
    """
    return _session().get_context(hierarchy, assignment, follow_alias, force)


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
    :param update: whether to load now, rather than at the next refresh.
    :param trust: whether code that the sheets name may run; if absent, it may for what is on local disk.
    :raises DuplicateUsesError: a plugin names a parent twice (a ValueError); everything good was loaded.
    :raises DuplicatePluginError: two plugins have one uuid (a RuntimeError); everything good was loaded.
    """
    return _session().add_search_path(description, update, trust=trust)


add_descriptor = add_search_path


def get_all_plugins() -> list[Any]:
    """Return every plugin, in the order of registration: those of sheets, and your own objects."""
    return _session().get_all_plugins()


def init_plugins() -> None:
    """Forget everything, and load what WAYS_DESCRIPTORS names."""
    _session().init_plugins()


def clear() -> None:
    """Forget everything: plugins, Contexts, aliases, actions, asset classes. Nothing comes back by itself."""
    _session().clear()


def register_context_alias(alias_hierarchy: Any, old_hierarchy: Any) -> None:
    """Let one hierarchy stand for another, which need not exist.

    :raises AliasError: they are the same, the alias is taken, or a circle would close (a ValueError).
    """
    _session().pool.register_alias(alias_hierarchy, old_hierarchy)


def resolve_alias(hierarchy: Any) -> tuple[str, ...]:
    """Return the hierarchy that an alias stands for, through chains; any other one as it is."""
    return _session().resolve_alias(hierarchy)


def clear_aliases() -> None:
    """Forget every alias."""
    _session().pool.clear_aliases()


def clear_contexts() -> None:
    """Forget every Context object, and the changes to their data with them; plugins stay."""
    _session().pool.clear_contexts()


