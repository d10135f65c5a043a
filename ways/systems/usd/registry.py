"""Registry: the plugins of some plugInfo files, and their types, for one session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from threading import RLock
from typing import Any, cast

from ways import api
from ways.errors import SheetLimitError
from ways.lightweight import CollectorPause
from ways.sheets import schema
from ways.sheets.document import Draft
from ways.systems.shared import Fault
from ways.systems.usd.declarations import Declarations
from ways.systems.usd.errors import NotLoadableError, PlugError, fault
from ways.systems.usd.loading import attribute_of, connect_classes, load_with_dependencies
from ways.systems.usd.notice import Function, Listener, Listeners
from ways.systems.usd.plugins import NOTICE_NAMES, Notice, Plugin, Registration
from ways.systems.usd.reading import PATH_VARIABLE, PlugInfoReader, is_search_disabled, paths_of, search_paths
from ways.systems.usd.types import Type, TypeGraph, TypeLike, checked_text, circle_fault
from ways.systems.usd.files.format import TYPES, places_of, type_name_of
from ways.systems.usd.files.info import KINDS, Entry

#: How many names a set of places shows.
_SHOWN = 5


class Registry:
    """The plugins of some plugInfo files, under the names of ``pxr.Plug``.

    Each type becomes a Context of the session, ``usd/types/NAME``, with its metadata as data.

    :param session: the session that the places belong to; a new, empty one, if absent, which is made when it is asked for.
    :param strict: whether it answers exactly as OpenUSD's own registry does. Else it also takes what the documentation
        of plugInfo files promises, keeps plugins that share a root, tries a path again that failed once, refuses types
        that are each other's base, and warns where a file relies on that.
    :param environ: where PXR_PLUGINPATH_NAME is looked up: the first question searches what it names. Nothing is
        searched, if absent.
    :param known_types: names of types that only compiled code declares, for dependencies that name them.
    :param types: the types that it adds to; its own, if absent.
    :param listeners: who hears of new plugins; listeners of its own, if absent.
    """

    def __init__(
        self,
        session: api.Session | None = None,
        *,
        strict: bool = False,
        environ: Mapping[str, str] | None = None,
        known_types: Iterable[str] = (),
        types: TypeGraph | None = None,
        listeners: Listeners | None = None,
    ) -> None:
        #: The session, once somebody has it.
        self._session = session
        self._waiting_places: list[RegisteredPlaces] = []
        self.strict = strict
        self.types = types or TypeGraph(known_types, allows_circles=strict)
        #: Everything that is wrong so far, in order.
        self.problems: list[Fault] = []
        self._reader = PlugInfoReader(is_strict=strict)
        self._plugins: list[Plugin] = []
        self._names: dict[tuple[str, str], Plugin] = {}
        #: Of those of one name, the one that is found.
        self._by_name: dict[str, Plugin] = {}
        self._roots: dict[str, Plugin] = {}
        self._declarations = Declarations(self.types, is_strict=strict)
        self._listeners = listeners or Listeners()
        self._lock = RLock()
        self._load_lock = RLock()
        self._environ = environ
        # As in OpenUSD, where it is read when the library is loaded: later changes do nothing.
        self._search_paths = (environ or {}).get(PATH_VARIABLE, "")
        self._is_searched = environ is None

    @property
    def session(self) -> api.Session:
        """The session that has the places. One of its own is made when it is first asked for, with all places so far."""
        if self._session is None:
            with self._lock:
                if self._session is None:
                    session = api.Session()
                    for places in self._waiting_places:
                        self.problems += _added(session, places)
                    self._waiting_places.clear()
                    self._session = session
        return self._session

    @property
    def expired(self) -> bool:
        """Whether it is gone, which it never is."""
        return False

    # --- registering

    def RegisterPlugins(self, paths: Any, /) -> list[Plugin]:
        """Register what one path, or each of several, leads to; return the plugins that are new.

        A path is a folder with a plugInfo.json, such a file, or a pattern; it is absolute.

        :raises PlugError: something is wrong. It carries all that is, and what is registered all the same.
        :raises TypeError: *paths* is neither a path nor several.
        """
        registration = self.register(paths)
        if registration.errors:
            raise PlugError(registration.errors, registration.new)
        return list(registration.new)

    def register(self, paths: Any, /) -> Registration:
        """Register as :meth:`RegisterPlugins` does; return what is new together with what is wrong."""
        wanted = paths_of(paths, may_be_path=not self.strict)
        return self._register(wanted)

    def _register(self, paths: Sequence[str]) -> Registration:
        faults: list[Fault] = []
        with self._lock:
            entries = self._reader.entries(paths, faults)
            with CollectorPause():
                new = [plugin for entry in entries if (plugin := self._add(entry, faults)) is not None]
                owned = [self._declarations.declare(plugin, faults) for plugin in new]
                faults += self._declarations.warnings(zip(new, owned))
            self.problems += faults
            places = RegisteredPlaces(new, owned)
            # They are made when somebody wants to see them.
            is_later = self._session is None
            if new and is_later:
                self._waiting_places.append(places)
        if not new:
            return Registration((), tuple(faults))
        # Without the lock: the session, or a listener, may register more.
        if not is_later:
            added = _added(self.session, places)
            faults += added
            self.problems += added
        self._listeners.send(Notice.DidRegisterPlugins(new), self)
        return Registration(tuple(new), tuple(faults))

    def _add(self, entry: Entry, faults: list[Fault]) -> Plugin | None:
        """Add the plugin of an entry and return it, if its name is free, and strictly its root too: the first one counts."""
        same_name, same_root = self._names.get((entry.kind, entry.name)), self._roots.get(entry.root)
        if same_name is not None or (self.strict and same_root is not None):
            if not self.strict and same_name is not None:
                message = f"there is a {entry.kind} plugin {entry.name!r} already, of {same_name.entry.source}: this one is left out"
                faults.append(fault("duplicate-plugin", message, entry.source, level="warning", plugin=entry.name))
            return None
        if same_root is not None:
            message = (
                f"{entry.name!r} has the root of {same_root.name!r}, {entry.root!r}; OpenUSD's own registry keeps only one "
                "of them. Give each a 'Root' of its own"
            )
            faults.append(fault("shared-root", message, entry.source, level="warning", plugin=entry.name))
        plugin = Plugin(entry, self.types, self.load)
        self._names[entry.kind, entry.name] = plugin
        found = self._by_name.get(entry.name)
        if found is None or KINDS.index(entry.kind) < KINDS.index(found.entry.kind):
            self._by_name[entry.name] = plugin
        self._roots.setdefault(entry.root, plugin)
        self._plugins.append(plugin)
        return plugin

    # --- asking

    def GetAllPlugins(self) -> list[Plugin]:
        """Return every plugin, in the order of registration."""
        if not self._is_searched:
            self._search()
        return list(self._plugins)

    def GetPluginWithName(self, name: str) -> Plugin | None:
        """Return the plugin of that name: a library, else a Python module, else a resource."""
        if not self._is_searched:
            self._search()
        plugin = self._by_name.get(name)
        return plugin if plugin is not None else self._by_name.get(checked_text(name))

    def GetPluginForType(self, type: TypeLike) -> Plugin | None:
        """Return the plugin that listed a type first; ``None`` for what is only named as a base.

        :raises PlugError: the type is the unknown one.
        """
        if not self._is_searched:
            self._search()
        return self._declarations.owners.get(self._known(type))

    def FindTypeByName(self, name: str) -> Type:
        """Return the type of that name; else the unknown type, which is false."""
        if not self._is_searched:
            self._search()
        return self.types.find(name)

    def FindDerivedTypeByName(self, base: TypeLike, name: str) -> Type:
        """Return the type that has this alias below *base*, or this name and derives from it; else the unknown type."""
        if not self._is_searched:
            self._search()
        return (base if isinstance(base, Type) else self.types.converted(base)).FindDerivedByName(name)

    def GetDirectlyDerivedTypes(self, base: TypeLike) -> tuple[Type, ...]:
        """Return the types that list *base* as a base, in the order of declaration."""
        if not self._is_searched:
            self._search()
        return self.types.converted(base).derivedTypes

    def GetAllDerivedTypes(self, base: TypeLike) -> tuple[Type, ...]:
        """Return all types that derive from *base*, nearest first.

        :raises PlugError: some of them are each other's base.
        """
        if not self._is_searched:
            self._search()
        return self.types.converted(base).GetAllDerivedTypes()

    def GetStringFromPluginMetaData(self, type: TypeLike, key: str) -> str:
        """Return a text out of the metadata of a type, as the plugin that owns the type says; ``''`` if it is no text.

        :raises PlugError: the type is the unknown one.
        """
        if not self._is_searched:
            self._search()
        known = self._known(type)
        owner = self._declarations.owners.get(known)
        value = owner.metadata_value(known, checked_text(key)) if owner is not None else None
        return value if isinstance(value, str) else ""

    def owner(self, type: Type) -> Plugin | None:
        """Return the plugin that listed a type first, without a search."""
        return self._declarations.owners.get(type)

    def _known(self, given: TypeLike) -> Type:
        type = given if isinstance(given, Type) else self.types.converted(given)
        if type is type._graph.unknown:
            raise PlugError([fault("unknown-type", "expected a type that is known, found the unknown one")])
        return type

    # --- notices

    def Listen(self, kind: type[Notice.Base] | str, function: Function) -> Listener:
        """Call *function* with each notice of that class and this registry, until ``Revoke()``.

        :param kind: a class of :class:`Notice`, or the name that OpenUSD gives it.
        """
        wanted = NOTICE_NAMES[kind] if isinstance(kind, str) else kind
        return self._listeners.add(wanted, function, self, is_held=True)

    # --- loading

    def load(self, plugin: Plugin) -> bool:
        """Load a plugin, after those that it depends on. See :meth:`Plugin.Load`."""
        if plugin.isLoaded:
            return True
        with self._load_lock:
            load_with_dependencies(plugin, self.types, self.owner, self._loaded)
        return True

    def _loaded(self, plugin: Plugin) -> None:
        """Give the types of a plugin, which was loaded just now, their classes."""
        connect_classes(plugin, self.types, self.owner)

    def object_of(self, type: TypeLike, attribute: str = "") -> Any:
        """Load the plugin of a type, and return what its module has for it.

        This is a rule of Ways: OpenUSD has none in Python. A type ``module.Name`` of the plugin ``module`` is ``Name`` there,
        and any other is there under its own name.

        :param attribute: where it is in the module instead, with dots.
        :raises NotLoadableError: the plugin is a native library, or has no code.
        :raises PlugError: the type is unknown or nobody's, the load failed, or the module hasn't that.
        """
        known = self._known(type)
        plugin = self.GetPluginForType(known)
        if plugin is None:
            message = f"no plugin has the type {known.typeName!r}: it is only named as a base"
            raise PlugError([fault("no-plugin", message, type=known.typeName)])
        if not plugin.isPythonModule:
            message = f"{plugin!r} has no Python code: {known.typeName!r} is described, and there is no object of it"
            raise NotLoadableError([fault("not-loadable", message, plugin.entry.source, type=known.typeName, plugin=plugin.name)])
        plugin.Load()
        return attribute_of(plugin, known.typeName, attribute)

    # --- places

    def context(self, path: str | Sequence[str]) -> api.Context | None:
        """Return the Context of a type by a way along its bases: ``Base/Derived``, any step left out.

        A step may be an alias below the one before it.

        :param path: names of types; in a text with ``/`` between them, ``%XX`` stands for what no part may hold.
        :returns: ``None`` where a step doesn't derive from the one before it, or the session has no such place.
        """
        if not self._is_searched:
            self._search()
        steps = api.split_hierarchy(path).plain if isinstance(path, str) else tuple(path)  # type: ignore[attr-defined]
        here = self.types.root
        for step in steps:
            here = here.FindDerivedByName(step)
        if not here or here is self.types.root:
            return None
        return self.session.get_context(api.quoted_hierarchy((*TYPES, here.typeName)))

    def path_of(self, type: TypeLike) -> str:
        """Return the way to a type along first bases, as :meth:`context` takes it.

        :raises PlugError: the bases go in a circle, or the type is the unknown one.
        """
        here = self._known(type)
        way: dict[Type, None] = {}
        while here and here is not self.types.root:
            if here in way:
                types = list(way)
                raise PlugError([circle_fault([*types[types.index(here) :], here])])
            way[here] = None
            here = here.baseTypes[0] if here.baseTypes else self.types.root
        return api.quoted_hierarchy([step.typeName for step in reversed(way)])

    # --- the standard search

    def _search(self) -> None:
        """Register what PXR_PLUGINPATH_NAME names, once, at the first question.

        :raises PlugError: something is wrong with it; asked again, the registry answers.
        """
        if self._is_searched:
            return
        with self._lock:
            if self._is_searched:
                return
            self._is_searched = True
            if is_search_disabled(self._environ or {}):
                return
            paths, problems = search_paths(self._search_paths)
            self.problems += problems
            registration = self._register(paths)
        if registration.errors:
            raise PlugError(registration.errors, registration.new)


def _added(session: api.Session, places: RegisteredPlaces) -> list[Fault]:
    """Add the places of a registration to a session; return a warning if it doesn't take all of them."""
    try:
        session.add_search_path(places)
    except api.PluginError as error:
        # The session has a plugin of that uuid, from elsewhere; everything else was added.
        return [fault("duplicate-uuid", str(error), level="warning")]
    except SheetLimitError as error:
        # The registry takes larger metadata than a session does; everything else was added.
        return [fault("too-large", f"a place is left out of the session: {error}", level="warning")]
    return []


class RegisteredPlaces:
    """What one registration adds to a session: a place for each plugin, and for each type that it owns.

    It is a search path of the session, and gives the same plugins each time.
    """

    def __init__(self, plugins: Sequence[Plugin], owned: Sequence[Sequence[str]]) -> None:
        self._plugins = list(plugins)
        self._owned = list(owned)

    def get_plugins(self) -> list[tuple[Any, str]]:
        """Return the plugin of each place, with its assignment."""
        places: list[tuple[Any, str]] = []
        for plugin, names in zip(self._plugins, self._owned):
            written, positions = places_of([plugin.entry])
            source = plugin.entry.source._replace(pointer=(), line=0, column=0)
            # A type is left out if another plugin owns it.
            own_names = set(names)
            owned = {
                name: value
                for name, value in written.items()
                if (type := type_name_of(value, plugin.entry)) is None or type in own_names
            }
            records, _ = schema.check(Draft({"plugins": owned}, positions), source)
            for record in records:
                hierarchy = cast(Any, api.split_hierarchy(record.values["hierarchy"]))
                place = api.DataPlugin.from_record(record, api.DEFAULT_ASSIGNMENT, hierarchy)
                places.append((place, api.DEFAULT_ASSIGNMENT))
        return places

    def __repr__(self) -> str:
        names = [plugin.name for plugin in self._plugins[: _SHOWN + 1]]
        if len(names) > _SHOWN:
            names[_SHOWN:] = [f"and {len(self._plugins) - _SHOWN:,} more"]
        return f"RegisteredPlaces({', '.join(names)})"
