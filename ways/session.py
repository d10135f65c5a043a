"""Session: sheets, plugins, Contexts and Assets, apart from those of any other session. All state of Ways is in one."""

from __future__ import annotations

import os
# weakref has the same, and takes 1 ms to import.
from _weakref import ref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar

from ways.contexts.actions import Find, actions_in_order, add_default, find_action
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool, no_context
from ways.errors import SettingsError
from ways.hierarchy import Hierarchy
from ways.lightweight import Lock, cached_property
from ways.limits import LIMITS_ENV_VAR, DEFAULT_LIMITS, Limits, check_length
from ways.sources.descriptions import possible_folders
from ways.sources.loader import Loader
from ways.registry import Registry
from ways.settings import (
    DEFAULT_ASSIGNMENT,
    PLATFORM_ENV_VAR,
    PRIORITY_ENV_VAR,
    SNAPSHOT_ENV_VAR,
    STRICT_ENV_VAR,
    STRICT_MODES,
    Environ,
    LiveSettings,
    Settings,
    checked,
    owners,
)
from ways.sheets.document import LoadResult, Problem, Sheet, Source
from ways.sheets.reader import SheetReader

# assets/ is imported with the first Asset: the first Context doesn't need it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any

    from ways.assets.asset import Asset
    from ways.assets.classes import AssetClasses
    from ways.assets.elsewhere import Elsewhere, Translation
    from ways.assets.finding import Finder
    from ways.assets.index import Target
    from ways.assets.reading import Candidate
    from ways.check.findings import Finding
    from ways.errors import WaysError
    from ways.explain.record import Explanation, LineExplanation, TextExplanation
    from ways.sheets.formats.base import Files
    from ways.sheets.formats.table import FormatTable
    from ways.snapshot.restore import Restored
    from ways.snapshot.snapshot import Snapshot
    from ways.watch import Watch


class Session:
    """Sheets, plugins, Contexts, Assets and actions, isolated from those of any other session.

    ``Session()`` starts empty and reads nothing from WAYS_DESCRIPTORS. The functions of :mod:`ways.api` use the session of
    the process, which loads WAYS_DESCRIPTORS at its first use, or the session of an :meth:`active` block.

    :param formats: the formats of sheets to read; if absent, those of this package.
    :param overrides: values that replace those of WAYS_* variables, such as ``{"WAYS_PLATFORM": "windows"}``.
    :param limits: how much to read at most; if absent, as WAYS_LIMITS says now.
    :param strict: whether every place is strict, or none; if absent, WAYS_STRICT decides, or the syntax of its sheet.
    :raises SettingsError: there is no such variable, or it can't have that value (a ValueError).
    """

    def __init__(
        self,
        formats: FormatTable | None = None,
        overrides: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        strict: bool | None = None,
    ) -> None:
        if strict is not None:
            overrides = {**(overrides or {}), STRICT_ENV_VAR: str(int(strict))}
        self.overrides = checked(overrides) if overrides else {}
        #: What is wrong with WAYS_LIMITS, if anything is.
        self._limit_problems: tuple[Problem, ...] = ()
        if limits is None:
            text = Environ(self.overrides).get(LIMITS_ENV_VAR)
            try:
                limits = Limits.of_text(text) if text else DEFAULT_LIMITS
            except SettingsError as error:
                # A program that embeds Ways must start all the same: the default limits hold, and the fault is a problem.
                limits = DEFAULT_LIMITS
                self._limit_problems = (Problem(Source(LIMITS_ENV_VAR), str(error), code="settings"),)
        #: How much is read at most.
        self.limits = limits
        self.registry = Registry()
        self.reader = SheetReader(formats, self.limits)
        self.pool = ContextPool(self.registry, LiveSettings(self.overrides), self.limits)
        #: The Finder of each layer that was asked for, in the state of that moment.
        self._finders: dict[str, Finder] = {}
        #: The snapshot that it was made of; ``None`` if it reads sheets.
        self._restored: Restored | None = None
        #: Those of its overrides that the snapshot doesn't say.
        self._own_overrides: Mapping[str, str] = {}
        self.loader = Loader(self.registry, self.reader, self.overrides, self._activation())

    def _activation(self) -> Callable[[], AbstractContextManager[object]]:
        """Return what gives a block like :meth:`active`, without keeping this session alive."""
        session = ref(self)
        return lambda: _Active(session())

    @classmethod
    def from_environ(
        cls,
        formats: FormatTable | None = None,
        overrides: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> Session:
        """Return a session that loads WAYS_DESCRIPTORS and then WAYS_PLUGINS at its first use.

        If WAYS_SNAPSHOT names a snapshot file, the session is that of the file instead, and none of its code runs.

        :raises SnapshotError: that file is refused (a TypeError).
        """
        path = Environ(overrides or {}).get(SNAPSHOT_ENV_VAR)
        if path:
            return cls.from_snapshot(path, overrides=overrides, limits=limits)
        session = cls(formats, overrides, limits)
        session.loader.is_loaded = False
        return session

    @classmethod
    def from_snapshot(
        cls,
        snapshot: Snapshot | str | os.PathLike[str],
        *,
        trust: bool = False,
        overrides: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> Session:
        """Return a session that answers as the original did when the snapshot was taken.

        Platform, priority and limits stay as they were, whatever the environment says here. ``refresh()`` and ``init_plugins()`` give
        the same again, because no sheet is read. Imports the modules of actions and Asset classes; of a file only if it is trusted.

        :param snapshot: a Snapshot, or the path of a file that ``snapshot.save(path)`` or ``ways snapshot`` wrote.
        :param trust: whether code that the file names may run, and its own limits count. Otherwise it has no limit above *limits*.
        :param overrides: values that replace those of the snapshot, such as ``{"WAYS_PLATFORM": "windows"}``.
        :param limits: how much to read of a file at most; if absent, as WAYS_LIMITS says now.
        :raises SnapshotError: another version of Ways made it, an action or class can't be imported here, or the file isn't whole, or
            another user may have changed it (a TypeError).
        """
        from ways.snapshot.restore import overrides_of, restored, restored_from

        here = cls(None, overrides, limits)
        if isinstance(snapshot, (str, os.PathLike)):
            whose = owners(Environ(here.overrides))
            made = restored_from(os.fspath(snapshot), trust=trust, limits=here.limits, owners=whose)
        else:
            made = restored(snapshot)
        session = cls(None, {**overrides_of(made.snapshot), **here.overrides}, Limits(**dict(made.snapshot.limits)))
        session._limit_problems = here._limit_problems
        session._restored, session._own_overrides = made, here.overrides
        session.reader.known_infos = made.infos
        session._restore()
        return session

    def _restore(self) -> None:
        """Load the snapshot that the session is made of, if it is of one."""
        if self._restored is not None:
            from ways.snapshot.restore import restore_into

            self.loader.adopt(self._restored.loaded)
            restore_into(self.pool, lambda: self.asset_classes, self._restored)

    def with_overrides(self, overrides: Mapping[str, str]) -> Session:
        """Return a session with the same plugins and aliases, but other values of WAYS_* variables.

        Use it to ask what another platform or other layers would answer. Both sessions share every change of the plugins.

        :raises SettingsError: there is no such variable, or it can't have that value (a ValueError).
        """
        self.loader.load_once()
        limits = None if LIMITS_ENV_VAR in overrides else self.limits
        other = Session(self.reader.formats, {**self.overrides, **overrides}, limits)
        other.registry = self.registry
        other.pool = ContextPool(self.registry, LiveSettings(other.overrides), other.limits)
        other.loader = Loader(self.registry, other.reader, other.overrides, other._activation())
        other._restored, other.reader.known_infos = self._restored, self.reader.known_infos
        other._own_overrides = {**self._own_overrides, **overrides}
        return other

    def snapshot(self, *, leave_out: bool | Collection[str] = False) -> Snapshot:
        """Return a frozen copy of everything that this session needs to answer. You can pickle it, for other processes or to keep.

        :param leave_out: whether to leave out what can't be sent, or the kinds to leave out: ``"value"``,
            ``"object"``, ``"action"``, ``"default"``, ``"class"``. ``snapshot.left_out`` lists what was left out.
        :raises SnapshotError: something can't be sent; the error names everything (a TypeError).
        """
        from ways.snapshot.take import take_snapshot

        with self.loader.lock:
            self.loader.load_once()
            loaded = self.loader.state
            sheets = [self.reader.whole(sheet) for sheet in loaded.sheets.values() if not sheet.is_other]
            info_of = self.reader.info_finder()
            return take_snapshot(
                self.pool,
                overrides=self.overrides,
                given=[name for name in (PLATFORM_ENV_VAR, PRIORITY_ENV_VAR) if self._is_given(name)],
                sheets=sheets,
                infos={os.path.dirname(sheet.source.path): info_of(sheet.source.path) for sheet in sheets},
                problems=loaded.problems,
                classes=vars(self).get("_classes"),
                leave_out=leave_out,
            )

    def __reduce_ex__(self, protocol: Any) -> Any:
        from ways.errors import SnapshotError

        message = "A session can't be copied or pickled. Take session.snapshot(); Session.from_snapshot(snapshot) answers from it."
        raise SnapshotError((), message)

    def active(self) -> AbstractContextManager[Session]:
        """Make this the current session inside the block."""
        return _Active(self)  # type: ignore[return-value]

    # --- what there is

    @property
    def sheets(self) -> list[Sheet]:
        """The sheets of this session, in order, each with its problems."""
        self.loader.load_once()
        return [self.reader.whole(sheet) for sheet in self.unopened_sheets()]

    def unopened_sheets(self) -> list[Sheet]:
        """Return the same as :attr:`sheets`, but don't unpack the plugins of compiled sheets."""
        self.loader.load_once()
        return [sheet for sheet in self.loader.sheets.values() if not sheet.is_other]

    def passed_over(self) -> list[str]:
        """Return the paths of the files of other programs that stand in folders of sheets: they aren't read as sheets."""
        self.loader.load_once()
        return [path for path, sheet in self.loader.sheets.items() if sheet.is_other]

    def plugin_counts(self) -> Mapping[str, int]:
        """Return the number of plugins used from each sheet, by its path, without refused ones; a relative one counts once.

        Doesn't unpack the plugins of compiled sheets.
        """
        self.loader.load_once()
        return self.registry.now.record_counts()

    @property
    def problems(self) -> list[Problem]:
        """The problems of everything that was loaded, in order; then those of WAYS_PLATFORM and WAYS_PRIORITY at this moment."""
        self.loader.load_once()
        settings, has_priority = self.settings, self._is_given(PRIORITY_ENV_VAR)
        problems = [*self._limit_problems, *self._strict_problems(), *self.reader.formats.problems, *self.loader.problems]
        problems += self.registry.now.problems
        if not settings.knows_platform or has_priority:
            from ways.sources.environment import layer_problems, platform_problems

            problems += platform_problems(settings, is_given=self._is_given(PLATFORM_ENV_VAR))
            problems += layer_problems(settings, self.registry.now.assignments) if has_priority else ()
        for condition, place in self.pool.surplus():
            from ways.contexts.variants import MAX_VARIANTS

            expected, found = f"at most {MAX_VARIANTS} variants of a place", f"more at {place.text!r}: the plugin has no say there"
            message, source = f"expected {expected}, found {found}", condition.plugin.source_of("when")
            problems.append(Problem(source, message, "error", "variants", expected, found))
        return list(dict.fromkeys(problems))

    def _is_given(self, name: str) -> bool:
        """Whether WAYS_PLATFORM or WAYS_PRIORITY is set, and has not just its default; of a snapshot, whether it was set then."""
        environ, made = Environ(self.overrides), self._restored
        if made is not None and name not in self._own_overrides:
            return name in made.snapshot.given
        return name in environ if name == PRIORITY_ENV_VAR else bool(environ.get(name))

    def _strict_problems(self) -> list[Problem]:
        """Return what is wrong with WAYS_STRICT at this moment."""
        value = Environ(self.overrides).get(STRICT_ENV_VAR, "")
        if not value or value in STRICT_MODES:
            return []
        error = SettingsError(STRICT_ENV_VAR, value, f"one of {', '.join(STRICT_MODES)}")
        return [Problem(Source(STRICT_ENV_VAR), str(error), code="settings")]

    def get_all_plugins(self) -> list[Any]:
        """Return every plugin, in the order of registration: those of sheets and your own objects."""
        self.loader.load_once()
        return [plugin.original for plugin in self.registry.now.plugins]

    def get_plugins(self, hierarchy: Any, assignment: str = DEFAULT_ASSIGNMENT) -> list[Any]:
        """Return the plugins exactly at a place in one layer, in the order of registration."""
        plugins_at = self.ready_pool.registry.now.plugins_at((assignment,))
        return [plugin.original for plugin in plugins_at(Hierarchy.of(hierarchy))]

    def results(self) -> tuple[list[LoadResult], list[LoadResult]]:
        """Return the outcome of each load: first descriptions, then plugin files.

        After a refresh, this includes each sheet that couldn't be read; its plugins stay as they were.
        """
        self.loader.load_once()
        return [*self.loader.descriptor_results, *self.loader.state.broken], list(self.loader.plugin_results)

    @property
    def descriptor_results(self) -> list[LoadResult]:
        """A record of each description that loaded or failed, and of each sheet that a refresh couldn't read."""
        return self.results()[0]

    @property
    def plugin_results(self) -> list[LoadResult]:
        """A record of each plugin file that was run."""
        return self.results()[1]

    @property
    def settings(self) -> Settings:
        """The values of WAYS_PLATFORM, WAYS_PLATFORMS and WAYS_PRIORITY at this moment."""
        return self.pool.settings.now()

    @property
    def ready_pool(self) -> ContextPool:
        """The pool of Contexts, after loading what the environment names."""
        self.loader.load_once()
        return self.pool

    @property
    def asset_classes(self) -> AssetClasses:
        """The classes that make the Assets of places, after loading what the environment names."""
        self.loader.load_once()
        return self._classes

    @cached_property
    def _classes(self) -> AssetClasses:
        from ways.assets.classes import AssetClasses

        return AssetClasses(self.pool)

    def finder(self, assignment: str = "") -> Finder:
        """Return the Finder, which finds the Contexts of texts: of all layers, or of one."""
        self.loader.load_once()
        finder = self._finders.get(assignment)
        if finder is None or not finder.is_live():
            from ways.assets.finding import Finder

            finder = self._finders[assignment] = Finder(self.pool, self.pool.state(), assignment)
            self.pool.until_changed(self._finders.clear)
        return finder

    def hierarchies(self) -> list[tuple[str, ...]]:
        """Return each place that has a plugin, in the order of registration."""
        self.loader.load_once()
        return list(self.registry.now.places)

    def place_texts(self) -> list[str]:
        """Return each place that has a plugin as text, sorted. Doesn't unpack the plugins of compiled sheets."""
        self.loader.load_once()
        return self.registry.now.place_texts()

    def has_loaded(self) -> bool:
        """Whether a sheet could be read, or a plugin was registered. Doesn't unpack the plugins of compiled sheets."""
        self.loader.load_once()
        return any(sheet.is_readable and not sheet.is_other for sheet in self.loader.sheets.values()) or len(self.registry.now.plugins) > 0

    def assignments(self) -> list[str]:
        """Return each layer that has a plugin, sorted."""
        self.loader.load_once()
        return sorted(self.registry.now.assignments)

    @staticmethod
    def default_folders() -> list[str]:
        """Return the folders that Ways reads if WAYS_DESCRIPTORS isn't set, existing or not; the user's is last."""
        return possible_folders()

    # --- Contexts and Assets

    def get_context(
        self,
        hierarchy: Any,
        assignment: str | None = "",
        follow_alias: bool = False,
        force: bool = False,
        *,
        connection: Mapping[str, Any] | None = None,
    ) -> Context | None:
        """Return the Context at *hierarchy*, or ``None`` if nothing is registered there.

        :param hierarchy: a text such as ``"job/shot"``, a tuple or list of parts, or a Context.
        :param assignment: one layer of plugins; ``''`` for all layers in WAYS_PRIORITY, the last one strongest.
        :param follow_alias: for an alias, return the Context of the place that it stands for.
        :param force: make the Context even if nothing is registered there.
        :param connection: passed to a Context that is made by this call.
        :raises HierarchyError: the hierarchy has an illegal character (a ValueError).
        :raises TypeError: *hierarchy* is neither a text nor a sequence of texts.
        """
        self.loader.load_once()
        return self.pool.get(hierarchy, assignment, follow_alias=follow_alias, force=force, connection=connection)

    def need_context(self, hierarchy: Any, assignment: str = "") -> Context:
        """Return the Context at *hierarchy*.

        :raises ContextNotFoundError: there is none; the error suggests the nearest.
        """
        if hierarchy is None:
            raise no_context(hierarchy)
        return self.get_context(hierarchy, assignment) or self.pool.require_context(hierarchy, assignment)[0]

    def get_asset(self, info: Any, context: Any = ..., *args: Any, strict: bool | None = None, **kwargs: Any) -> Asset:
        """Return the Asset that *info* describes: a text, a path object, a dict, or pairs of token and value.

        In a strict place, the whole text and every value must fit, and values must obey the mapping: each is known,
        fits its token and agrees with the others, and none is missing. In other places, a text can fit loosely, values are
        taken as they are, with a warning for each that breaks a rule, and the result can be ``None``.

        :param context: the place, as a hierarchy or a Context; if absent, found from *info*.
        :param args: passed, with *kwargs*, to the class that makes the Asset.
        :param strict: whether to treat the place as strict; if absent, WAYS_STRICT decides, or the syntax of its sheet: a
            mapping in syntax 2 is strict. If Ways has to find the place, all places are strict if any sheet is in syntax 2.
        :raises ContextNotFoundError: there is no such Context, or none that fits (a ValueError).
        :raises AmbiguousContextError: several Contexts fit equally well; the error names them (a ValueError).
        :raises UnresolvedMappingError: a text for a Context without a mapping (a RuntimeError).
        :raises ParseError: the place is strict, and the text doesn't fit its mapping (a ValueError).
        :raises UnknownTokenError: the place is strict, and has no such token (a KeyError).
        :raises TokenValueError: the place is strict, and a value doesn't fit or contradicts another (a ValueError).
        :raises MissingTokensError: the place is strict, and a required token has no value (a ValueError).
        """
        if not args and not kwargs and self.loader.is_loaded:
            classes = self._classes
            if context is not ...:
                asset = classes.asset_of_text(info, context) if context else None
            else:
                finder = self._finders.get("")
                finder = finder if finder is not None and finder.is_live() else self.finder()
                found = finder.asset_of(info)
                if found is False and finder.is_whole and (finder.is_strict if strict is None else strict):
                    from ways.assets.making import not_found

                    raise not_found(self.pool, self.finder, finder, info)
                asset = found or None
                if asset is not None and classes.is_used and classes.serve(asset.context):
                    asset = None
            if asset is not None:
                if strict is not None:
                    asset._ways_strict = strict
                return asset
        if hasattr(type(info), "__fspath__"):
            return self.get_asset(os.fsdecode(info), context, *args, strict=strict, **kwargs)
        from ways.assets.making import get_asset

        made: Asset = get_asset(self.asset_classes, self.finder, info, context, strict, args, kwargs)
        return made

    def get_assets(
        self,
        texts: Iterable[str | os.PathLike[str]],
        context: Any = ...,
        *,
        strict: bool | None = None,
        as_columns: bool = False,
    ) -> Any:
        """Return an Asset for each text, in the same order, or the error that says why there is none.

        :param context: the place of all of them; if absent, found for each text.
        :param strict: whether the whole text and every value must fit; if absent, as in :meth:`get_asset`.
        :param as_columns: return ``{hierarchy: {"row": [...], "text": [...], TOKEN: [...]}}`` instead: for each place,
            lists of one length, with the number of each text; texts that fit nothing are under ``""``, with ``error``.
        :raises ContextNotFoundError: *context* was given, and there is none (a ValueError).
        """
        from ways.assets.many import get_assets

        return get_assets(self.asset_classes, self.finder, texts, context, strict=strict, as_columns=as_columns)

    def table(self, texts: Iterable[str | os.PathLike[str]], place: Any = "", strict: bool = True) -> dict[str, list[Any]]:
        """Return what each text is, as one table: a list for each of :meth:`table_columns`, with an entry for each text.

        ``text`` is the text, ``place`` its hierarchy, ``status`` is ``resolved``, ``unresolved`` or ``ambiguous``, and ``error`` is
        the reason. Each token has its values, as they stand in the text. What a text doesn't have is ``None``. An item that is no text
        is a row with an error.

        :param place: the place of all texts, as a hierarchy or a Context; if absent, found for each text.
        :param strict: whether the whole text and every value must fit. Otherwise a text that fits nowhere takes ten times as long.
        :raises ContextNotFoundError: *place* was given, and there is none (a ValueError).
        """
        from ways.assets.table import wide_table

        return wide_table(self.ready_pool, self.finder(), texts, self._place_of_texts(place), is_strict=strict)

    def table_columns(self, place: Any = "", strict: bool = True) -> list[str]:
        """Return the columns of :meth:`table`, in their order: they are the same for all texts.

        They are ``text``, ``place``, ``status`` and ``error``, then each token of every place that a text can be found to belong to. A
        token of one of these four names has a column in braces, such as ``{text}``.

        :param place: return only the tokens of this place.
        :param strict: whether to leave out parent tokens, whose children have columns. A text that fits loosely can have a value of a
            parent alone.
        :raises ContextNotFoundError: *place* was given, and there is none (a ValueError).
        """
        from ways.assets.table import column_names

        return [*column_names(self.finder(), self._place_of_texts(place), is_strict=strict)]

    def _place_of_texts(self, place: Any) -> Context | None:
        return None if place == "" else self.ready_pool.require_context(place)[0]

    def read_many(
        self, texts: Iterable[str], context: Any = ..., tiers: Sequence[str] = ("a",), assignment: str = ""
    ) -> Iterator[tuple[str, Candidate | WaysError]]:
        """Yield each text with its Candidate, or with the error that says why there is none. See :meth:`read`."""
        from ways.assets.many import read_many

        return read_many(self.ready_pool, self.finder, texts, context, tiers, assignment)

    def format_many(
        self, hierarchy: Any, values: Iterable[Mapping[str, str]], assignment: str = "", *, ambiguous: str = ""
    ) -> list[Any]:
        """Return the text of each set of values, in the same order, or the error that says why there is none.

        :param ambiguous: as in :meth:`format`.
        :raises ContextNotFoundError: there is no such place (a ValueError).
        """
        from ways.assets.many import format_many

        return format_many(self.ready_pool, hierarchy, values, assignment, _permission(ambiguous))

    def read(
        self, text: str | os.PathLike[str], context: Any = ..., tiers: Sequence[str] = ("a",), assignment: str = ""
    ) -> Candidate:
        """Return the Context, the values and the tier of a text, or of the text of a :class:`pathlib.Path`.

        :param context: the place, as a hierarchy or a Context; if absent, found from the text.
        :param tiers: how loosely the text may fit; by default, the whole text and every value must fit.
        :param assignment: consider only the Contexts of this layer.
        :raises ContextNotFoundError: there is no such Context, or none that fits.
        :raises AmbiguousContextError: several Contexts fit equally well.
        :raises ParseError: the text doesn't fit the Context that was named.
        """
        # As get_asset does: the way through the rooms below takes as long as the reading.
        if context is ... and type(text) is str and tiers and tiers[0] == "a" and self.loader.is_loaded:
            finder = self._finders.get(assignment)
            if finder is not None and finder.is_live() and (candidate := finder.read_at_once(text)):
                return candidate
        from ways.assets.making import read

        return read(self.ready_pool, self.finder, text, context, tiers, assignment)

    def format(self, hierarchy: Any, values: Any, assignment: str = "", *, ambiguous: str = "") -> str:
        """Return the text of a Context with these values. :meth:`read` would read it as the same values.

        :param values: a dict, or pairs of token and value; or an Asset or path of any place, for the values that both places have.
        :param ambiguous: ``allow``: write the text even if the Context can read it in other ways, or reads other values from it,
            with a warning in the log; ``refuse``: raise an error. If absent, the key ``ambiguous`` of the place decides.
        :raises AmbiguousReadingError: it could also be read with other optional parts (a ParseError).
        :raises AmbiguousContextError: it could also be read as another variant of the Context (a ValueError).
        :raises MissingTokensError: a token has no value, and none follows from the others.
        :raises TokenValueError: a value doesn't fit, contradicts another, or would be read otherwise.
        :raises UnknownTokenError: the mapping has no such token.
        """
        from ways.assets.writing import written

        context, view = self.ready_pool.require_context(hierarchy, assignment)
        if not isinstance(values, Mapping):
            from ways.assets.making import values_to_write

            values = values_to_write(self.pool, self.finder, values, context)
        return written(context, values, view, _permission(ambiguous))

    def find_assets(
        self,
        context: Any,
        values: Mapping[str, Any] | Iterable[tuple[str, Any]] | str | os.PathLike[str] | None = None,
        *,
        latest: str | None = None,
        sequences: bool = False,
        sort: bool = False,
        report: Callable[[str, str], None] | None = None,
        engine: Any = None,
    ) -> Iterator[Any]:
        """Yield an Asset for each file and folder on disk that belongs to *context* and has these values.

        Opens only folders that can match. Skips folders that it can't read, and names that aren't UTF-8.

        :param context: the place, as a hierarchy or a Context.
        :param values: fixed values; you can give a parent token instead of its children. ``None`` or ``""`` for a token of an
            optional part: the part must be missing. Or an Asset or path of any place: the values that *context* also has,
            except that of *latest*; an optional part that it doesn't have must be missing.
        :param latest: a token: of Assets that differ only in this token, yield only the greatest; numbers compare as numbers.
        :param sequences: whether to join the frames of a sequence into one Asset, with a frame range for its sequence token.
        :param sort: whether to sort by name; otherwise in the order of the disk.
        :param report: called with the path of each skipped folder or name and, if the place isn't strict,
            with each value that no path can have, and with the reason. If absent, these are logged.
        :param engine: opens the folders in other processes or on other machines, which must see the same disk; such as
            ``ways.systems.engine.dask.local()`` returns. It takes one piece of work for each name in the first folder that has to be
            listed, and stays open. Yields the same Assets in the same order.
        :raises EngineError: the engine is lost (a RuntimeError).
        :raises SnapshotError: with *engine*, a value in the sheets can't be sent to other processes (a TypeError).
        :raises ContextNotFoundError: there is no such Context (a ValueError).
        :raises UnknownTokenError: the mapping has no such token (a KeyError).
        :raises TokenValueError: the place is strict, and a value doesn't fit its token, or contradicts another (a ValueError).
        :raises MissingTokensError: the place is strict, and the values exclude a token that every path there has (a ValueError).
        :raises PlatformError: the mapping is a path of another platform than this machine's (an OSError).
        """
        from ways.assets.making import assets_on_disk

        walk_parts = None
        if engine is not None:
            from ways.snapshot import EngineWalk

            # No walk runs code of users.
            walk_parts = EngineWalk(self.snapshot(leave_out=("object", "action", "default", "class")), engine)
        return assets_on_disk(
            self.asset_classes,
            self.finder,
            context,
            values,
            latest=latest,
            sequences=sequences,
            is_sorted=sort,
            report=report,
            walk_parts=walk_parts,
        )

    def get_next(
        self, asset: Any, token: str, values: Mapping[str, Any] | Iterable[tuple[str, Any]] | str | os.PathLike[str] | None = None
    ) -> Any:
        """Return the next free value of a token: one more than the greatest on disk with the same other values, or 1.

        Returns what ``get_value`` would: a number if the token has a type, otherwise a text such as ``v004``, written like those
        on disk, or like the Asset's own value. This doesn't reserve the value: make the file, or its folder, in a way that
        fails if someone else made it first.

        :param asset: an Asset, which need not have a value for the token; or a place, with *values*.
        :param values: fixed values at the place, as for :meth:`find_assets`; other tokens can have any value. Or an
            Asset or path of any place: the values that the place also has.
        :raises UnknownTokenError: the mapping has no such token (a KeyError).
        :raises TokenValueError: one of the values doesn't fit its token, or contradicts another (a ValueError).
        :raises FormatError: the token's values contain no number, or the format of the first is unknown (a ValueError).
        :raises ContextNotFoundError: *asset* is neither an Asset nor a place (a ValueError).
        :raises OSError: a folder can't be read, so Ways could miss a version. A PlatformError: the mapping is a path of
            another platform than this machine's.
        """
        from ways.assets.making import next_on_disk

        return next_on_disk(self.ready_pool, self.finder, asset, token, values)

    def create_folders(self, asset: Asset, *, file: bool | None = None, dry_run: bool = False) -> list[str]:
        """Make and return the folders of an Asset: of its place, and of each place above with ``folder: true``.

        :param file: whether the Asset is a file, so that only the folder that contains it is made. If absent, it is one
            unless its place has ``folder: true``.
        :param dry_run: only return the folders; don't make them.
        :raises MissingTokensError: one of these places needs a value that the Asset doesn't have; nothing is made.
        :raises ContextNotFoundError: *asset* isn't an Asset (a ValueError).
        :raises PlatformError: a folder's path is of another platform than this machine's (an OSError); nothing is made.
        """
        from ways.assets.publishing import folders_of, is_asset, make_folders, no_asset

        if not is_asset(asset):
            raise no_asset(asset)
        pool, layer = self.ready_pool, asset.context.assignment
        folders = folders_of(asset.context, asset.info, lambda place: pool.get(place, layer), file)
        if not dry_run:
            make_folders(folders, asset.context.view.state.settings.platform)
        return folders

    def translate(
        self, text: str | os.PathLike[str], platform: str, context: Any = ..., *, from_platform: str | None = None
    ) -> str:
        """Return *text* for another platform: the same place and values, in the mapping of that platform.

        :param context: the place; if absent, found from *text*.
        :param from_platform: the platform of *text*. If absent, the current one if *text* fits there, otherwise any other.
        :raises PlatformError: a platform is unknown (an OSError).
        :raises ContextNotFoundError: no Context fits *text* (a ValueError).
        :raises AmbiguousContextError: *text* fits several other platforms, with different results (a ValueError).
        """
        return self.translation(text, platform, context, from_platform=from_platform).text

    def translation(
        self, text: str | os.PathLike[str], platform: str, context: Any = ..., *, from_platform: str | None = None
    ) -> Translation:
        """Return *text* for another platform, with the platform that it came from; see :meth:`translate`."""
        from ways.assets.elsewhere import translation

        return translation(self.ready_pool, self.finder, text, platform, context, from_platform)

    def elsewhere(self, text: str | os.PathLike[str], context: Any = None) -> list[Elsewhere]:
        """Return the other platforms, and the layers without priority, in which a text fits that doesn't fit here.

        The first text of a session takes a while. Error messages use this, but only when they are shown.

        :param context: the place, if it is known.
        """
        from ways.assets.elsewhere import elsewhere

        return elsewhere(self.ready_pool, self.finder(), text, context)

    def entries(self) -> list[list[Target]]:
        """Return the Contexts that a text may belong to, in groups: a group matters only if no earlier one fits."""
        return [list(group.targets) for group in self.finder().index.groups]

    def explain(
        self, thing: Any, field: str | None = None, assignment: str = "", *, with_runner_up: bool = True
    ) -> Explanation:
        """Return why a place, or an Asset, has its values: for each field, which plugin won, which lost, and why.

        :param thing: a hierarchy, a Context or an Asset.
        :param field: explain only this field: ``"mapping"``, ``"data"``, ``"data.fps"``, ``"mapping_details.SHOT"``, ...
        :param assignment: for a hierarchy, consider only this layer of plugins.
        :param with_runner_up: whether to find what would win without the winner, which takes most of the time.
        :raises ContextNotFoundError: there is no such place; the error suggests the nearest (a ValueError).
        :raises UnknownFieldError: the place has no such field (a ValueError).
        """
        from ways.explain.place import explain

        return explain(self.ready_pool, thing, field, assignment, with_runner_up=with_runner_up)

    def explain_text(
        self, text: str | os.PathLike[str], *, strict: bool | None = None, assignment: str = "", nearest: int | None = None
    ) -> TextExplanation:
        """Return why a text belongs to one Context and not to others: which Ways tried, how far each fits, and why it lost.

        :param strict: whether the whole text and every value must fit; if absent, as in :meth:`get_asset`.
        :param assignment: consider only the Contexts of this layer.
        :param nearest: return only this many of the attempts that come closest, besides those that fit; if absent, all.
        :raises LimitError: the text is too long.
        """
        from ways.assets.reading import as_text
        from ways.explain.text import explain_text

        text = as_text(text)
        check_length(len(text), self.limits, text)
        return explain_text(self.ready_pool, self.finder(assignment), text, strict=strict, nearest=nearest)

    def explain_line(self, path: str, line: int) -> LineExplanation:
        """Return what a line of a sheet affects: each Context and field that depends on it, also through ``uses``.

        :param line: its number; the first is 1.
        :raises UnknownLineError: no such sheet is loaded, or the line has no effect (a LookupError).
        """
        from ways.explain.line import explain_line

        has_files = self._restored is None
        return explain_line(self.ready_pool, self.unopened_sheets(), path, line, self.reader.whole, has_files=has_files)

    def register_context_alias(self, alias_hierarchy: Any, old_hierarchy: Any) -> None:
        """Make one hierarchy an alias of another, which need not exist.

        :raises AliasError: both are the same, the alias is taken, or it would close a circle (a ValueError).
        """
        self.ready_pool.register_alias(alias_hierarchy, old_hierarchy)

    def clear_aliases(self) -> None:
        """Remove every alias; Contexts and plugins stay."""
        self.ready_pool.clear_aliases()

    def clear_contexts(self) -> None:
        """Drop every Context object, including changes to its data; aliases and plugins stay."""
        self.ready_pool.clear_contexts()

    def register_asset_class(self, class_type: Any, context: Any, init: Any = None, children: bool = False) -> None:
        """Set the class that makes the Assets of a place.

        :param context: the place, as a hierarchy or a Context; nothing needs to be registered there.
        :param init: called with the values and the Context, instead of the class.
        :param children: whether the class also makes the Assets of places below that have no class of their own.
        :raises TypeError: *context* is ``None`` or not a place.
        """
        self.loader.load_once()
        place = Hierarchy.of(context.hierarchy if isinstance(context, Context) else context)
        self.pool.get(place, force=True)
        self.asset_classes.register(class_type, place, init, children)

    def get_action(self, name: str, hierarchy: Any, assignment: str = DEFAULT_ASSIGNMENT) -> Any:
        """Return the action of that name for a place, as it was registered, or ``None``."""
        return find_action(self.ready_pool.state(), name, Hierarchy.of(hierarchy), assignment)

    def actions(
        self, hierarchy: Any, assignment: str = DEFAULT_ASSIGNMENT, duplicates: bool = False
    ) -> Iterator[tuple[str, Any]]:
        """Yield the name and the action of each action for a place, nearest first.

        :param duplicates: include those that a nearer one of the same name hides.
        """
        return actions_in_order(self.ready_pool.state(), Hierarchy.of(hierarchy), assignment, duplicates)

    def resolve_alias(self, hierarchy: Any) -> tuple[str, ...]:
        """Return the hierarchy that an alias stands for, following chains. Returns any other hierarchy unchanged."""
        self.loader.load_once()
        return self.registry.now.resolve_alias(Hierarchy.of(hierarchy))

    # --- what is wrong

    def check(self, *, level: str | None = None, ignore: Iterable[str] = (), as_syntax: int = 0) -> list[Finding]:
        """Return a finding for each mistake in the sheets and plugins of this session, in the order of sheets.

        :param level: the lowest level to report, ``error``, ``warning`` or ``note``; if absent, the one that the info file
            of a sheet's folder names, or ``note``.
        :param ignore: codes to leave out, besides those that the info file ignores.
        :param as_syntax: 2 to report only what would change or be refused if each sheet had ``syntax: 2``.
        :raises ValueError: there is no such level, code or syntax.
        """
        from ways.check.all_checks import all_findings
        from ways.check.scope import CheckScope
        from ways.check.selection import selected, unknown_code

        codes, problems = list(ignore), self.problems
        if message := unknown_code(codes, problems):
            raise ValueError(message)
        if as_syntax not in (0, 2):
            raise ValueError(f"Sheets can be tried as those of syntax 2, not {as_syntax!r}.")
        is_given = self._is_given(PRIORITY_ENV_VAR)
        info_of, has_files = self.reader.info_finder(), self._restored is None
        scope = CheckScope(
            self.ready_pool, self.sheets, problems, is_priority_given=is_given, info_of=info_of, has_files=has_files
        )
        if as_syntax:
            from ways.check.conversion import conversion_findings

            findings = conversion_findings(scope)
        else:
            findings = all_findings(scope)
        return selected(findings, info_of, level=level, ignore=codes)

    # --- loading

    def add_search_path(self, description: Any, update: bool = True, *, trust: bool | None = None) -> Any:
        """Load the plugins that *description* stands for, and return their descriptor; ``None`` if there is none.

        :param description: a folder or file, an encoded address, a dict, a function, an object with ``get_plugins``,
            or a list of plugins.
        :param update: whether to load now; otherwise with the next search path, or at the next ``refresh``.
        :param trust: whether code that the sheets name may run; if absent, only for sheets on local disk.
        :raises DuplicateUsesError: a plugin names a parent twice (a ValueError); everything else is loaded.
        :raises DuplicatePluginError: two plugins have the same uuid (a RuntimeError); everything else is loaded.
        """
        return self.loader.add_search_path(description, update, trust=trust)

    add_descriptor = add_search_path

    def add_plugins(self, **plugins: Mapping[str, Any]) -> None:
        """Register plugins written as in a sheet: ``add_plugins(shot={"hierarchy": "job/shot"})``.

        :raises SheetSchemaError: a plugin can't be used; ``SheetErrors`` if several can't.
        """
        self.loader.add_plugins(plugins)

    def add_plugin(self, plugin: Any, assignment: str = "") -> None:
        """Register a plugin: an object with ``get_hierarchy()``, or a class of such objects, which is instantiated.

        :param assignment: its layer; if absent, what its ``get_assignment()`` returns, or ``'master'``.
        :raises SheetSchemaError: it has no hierarchy, or one of its methods returns a wrong value (a ValueError).
        :raises DuplicatePluginError: another plugin has its uuid (a RuntimeError).
        """
        self.loader.add_plugin(plugin, assignment)

    def add_plugin_file(self, path: str) -> None:
        """Run a Python file that registers plugins and actions, then its ``main()``, and record the outcome.

        :param path: the file, or a folder to run each Python file directly in it.
        """
        self.loader.add_plugin_file(path)

    def add_action(self, action: Any, name: str = "", context: Any = "", assignment: str = "") -> None:
        """Register an action: a callable, or a class of callables, which Ways instantiates each time you get the action.

        :param name: the name of the action; if absent, its ``name`` or its ``__name__``.
        :param context: the place where it is available, as at every place below; if absent, what its ``get_hierarchy()`` returns.
        :param assignment: its layer; if absent, what its ``get_assignment()`` returns, or ``'master'``.
        :raises RuntimeError: it has no name, or no place.
        :raises ValueError: its place is empty.
        """
        self.loader.load_once()
        own_name = getattr(action, "name", "")
        name = name or (own_name if isinstance(own_name, str) else "") or getattr(action, "__name__", "")
        if not name:
            raise RuntimeError(f"{action!r} has no name; give one as name=...")
        own_hierarchy = getattr(action, "get_hierarchy", None)
        given = context.hierarchy if isinstance(context, Context) else context
        if not given and not callable(own_hierarchy):
            raise RuntimeError(f"The action {name!r} has no place; give one as context=...")
        place = Hierarchy.of(given or own_hierarchy() or ())  # type: ignore[misc]
        if not place:
            raise ValueError(f"The action {name!r} has an empty hierarchy: say which place it serves.")
        own_assignment = getattr(action, "get_assignment", None)
        layer = assignment or (own_assignment() if callable(own_assignment) else "") or DEFAULT_ASSIGNMENT
        self.registry.add_action(action, name, place, layer)

    def add_action_default(self, name: str, value: Any, hierarchy: Any = None) -> None:
        """Set the result for a missing action of that name.

        :param hierarchy: the place where it applies, as at every place below; if absent, everywhere.
        """
        self.loader.load_once()
        add_default(self.pool.action_defaults, name, value, hierarchy)

    def init_plugins(self) -> None:
        """Remove everything, then load WAYS_DESCRIPTORS and WAYS_PLUGINS; or the snapshot again that the session was made of."""
        with self.loader.lock:
            self.loader.is_loaded = self._restored is not None
            self._forget()
            self._restore()
            self.loader.load_once()

    def clear(self) -> None:
        """Remove everything: plugins, Contexts, aliases, actions, asset classes. Nothing loads again by itself."""
        with self.loader.lock:
            self.loader.skip_environment()
            self._forget()

    def _forget(self) -> None:
        self.pool.clear()
        vars(self).pop("_classes", None)
        self._finders.clear()
        self.loader.forget()

    def get_cache_info(self) -> dict[str, Any]:
        """Return ``folder``, ``mode`` (WAYS_CACHE), ``state``, ``entries`` and ``bytes`` of the store of compiled sheets."""
        store = self.loader.any_store()
        return {**store.info(), "mode": store.mode}

    def clear_cache(self, report: Callable[[str, str], None] | None = None) -> int:
        """Remove every compiled sheet from the store, and return the number of files removed.

        :param report: called with each path that stays in the store's folders because Ways did not write it, and with the reason.
        """
        return self.loader.any_store().clear(report)

    def refresh(self) -> None:
        """Read everything again; the result is the same as after a fresh load.

        A sheet that can no longer be read keeps its last good plugins. Plugins registered from Python stay, and their
        methods are called again. Descriptions that failed before are tried again.
        """
        self.loader.refresh()

    def files_of(self, path: str) -> Files | None:
        """Return the files among which the sheet at *path* was found, as they are now: of a folder, an archive or a commit.

        :param path: as a Source has it.
        :returns: ``None`` if no search path of this session gave that sheet, as in a session made from a snapshot.
        :raises OSError: they can't be read any more.
        """
        return self.loader.files_of(path)

    def watch(
        self,
        on_refresh: Callable[[frozenset[str]], object] | None = None,
        on_problem: Callable[[Problem], object] | None = None,
        *,
        quiet: float = 0.05,
        poll: float = 2.0,
    ) -> Watch:
        """Refresh whenever a sheet changes, in another thread, until you call ``stop()`` of the Watch or its block ends.

        :param on_refresh: called after each refresh with the paths that changed, in that thread.
        :param on_problem: called with each new problem after a refresh, in that thread.
        :param quiet: seconds without a change before the refresh, so that a series of changes is one refresh.
        :param poll: seconds between checks of all files, since the system doesn't report every change; 0 for none.
        :raises MissingExtraError: the extra ``watch`` isn't installed (an ImportError).
        """
        from ways.watch import Watch

        self.loader.load_once()
        refresh, problems = self.refresh, lambda: self.problems
        places, is_stale = self.loader.places, self.loader.is_stale
        return Watch(refresh, problems, places, is_stale, on_refresh, on_problem, quiet=quiet, poll=poll)


class _Active:
    """A block inside which a session is the current one. Written without contextlib, which takes 1 ms to import."""

    def __init__(self, session: Session | None) -> None:
        self._session = session

    def __enter__(self) -> Session | None:
        self._token = _current.set(self._session)
        return self._session

    def __exit__(self, *error: object) -> None:
        _current.reset(self._token)


_current: ContextVar[Session | None] = ContextVar("ways_session", default=None)
_process: Session | None = None
_process_lock = Lock()


def _permission(ambiguous: str) -> str:
    if ambiguous not in ("", "allow", "refuse"):
        raise ValueError(f"ambiguous: expected 'allow' or 'refuse', found {ambiguous!r}")
    return ambiguous


def current_session() -> Session:
    """Return the session of the :meth:`Session.active` block, or the one of the process, which is made at first use."""
    return _current.get() or _process or _process_session()


def _process_session() -> Session:
    global _process
    with _process_lock:
        if _process is None:
            _process = Session.from_environ()
        return _process


def _current_pool() -> ContextPool:
    return current_session().ready_pool


# A Context made by calling its class belongs to the current session. contexts/ is below this module and can't import it.
Context.current_pool = staticmethod(_current_pool)
Find.current_pool = staticmethod(_current_pool)
