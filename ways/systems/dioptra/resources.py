"""Dioptra's resources in a session: entrypoints by their exact names, the form that the engine reads, and tasks.

No code of a plugin is imported or run. A task is an action that raises when it is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ways.api import Context, Session, quoted_hierarchy
from ways.errors import WaysError, did_you_mean
from ways.lightweight import cached_property
from ways.sheets.document import Pointer, Source
from ways.systems.dioptra.files.entrypoints import as_text
from ways.systems.dioptra.files.form import form_of, named
from ways.systems.dioptra.files.places import ENTRYPOINTS, PLUGINS, TYPES

#: The keys of a resource file for those that the engine has.
_KEYS: Mapping[object, object] = {"inputs": "input_params", "outputs": "output_params", "plugin": "id"}


#: Names of entrypoints that a message shows.
_SHOWN = 8


class NoEntrypointError(WaysError, LookupError):
    """There is no entrypoint of that name."""


class NotLoadedError(WaysError, RuntimeError):
    """A task was called, but is only described: its plugin's code isn't loaded."""


class Task(NamedTuple):
    """A function task of a plugin, as its resource file describes it: an action that raises when it is called."""

    name: str
    plugin: str
    #: The dotted name by which a task graph's engine knows it.
    id: str
    inputs: tuple[Mapping[str, Any], ...]
    outputs: tuple[Mapping[str, Any], ...]

    def get_hierarchy(self) -> tuple[str, ...]:
        """Return the hierarchy of the task's plugin."""
        return (*PLUGINS, quoted_hierarchy((self.plugin,)))

    def __call__(self, context: Context, /, *args: object, **kwargs: object) -> Any:
        """Raise an error, as the code of a plugin isn't loaded.

        :raises NotLoadedError: always.
        """
        raise NotLoadedError(f"The task {self.id!r} can't be called: Ways reads its description, and doesn't load its code.")


def get_entrypoint(session: Session, name: str) -> Context:
    """Return the Context of the entrypoint that has exactly this name.

    :raises NoEntrypointError: there is none.
    """
    contexts = {str(context.data.get("name", context.hierarchy[-1])): context for context in _children(session, ENTRYPOINTS)}
    if not isinstance(name, str) or name not in contexts:
        some = ", ".join(repr(other) for other in list(contexts)[:_SHOWN]) + (" and others" if len(contexts) > _SHOWN else "")
        known = f" There is {some}." if contexts else " The sheets have none."
        raise NoEntrypointError(f"There is no entrypoint {name!r}.{did_you_mean(name, list(contexts)) or known}")
    return contexts[name]


def entrypoint_names(session: Session) -> list[str]:
    """Return the exact names of all entrypoints, in the order of the session."""
    return [str(context.data.get("name", context.hierarchy[-1])) for context in _children(session, ENTRYPOINTS)]


def parameter_types(session: Session, name: str) -> dict[str, str]:
    """Return the types of an entrypoint's parameters, by name; none if there is no such entrypoint."""
    if name not in entrypoint_names(session):
        return {}
    return {item["name"]: str(item.get("type", "")) for item in named(get_entrypoint(session, name).data.get("params"))}


def _children(session: Session, parent: tuple[str, ...]) -> list[Context]:
    """Return the Contexts one level below a hierarchy."""
    hierarchies = [hierarchy for hierarchy in session.hierarchies() if hierarchy[:-1] == parent]
    return [context for hierarchy in hierarchies if (context := session.get_context(hierarchy)) is not None]


def tasks_of(context: Context) -> list[Task]:
    """Return the function tasks of a plugin's Context, in the order of its resource file."""
    plugin = str(context.data.get("name", context.hierarchy[-1]))
    return [
        Task(name, plugin, item["id"], tuple(item.get("input_params", ())), tuple(item.get("output_params", ())))
        for name, item in context.data.get("tasks", {}).items()
    ]


def add_tasks(session: Session) -> list[Task]:
    """Register each function task of each plugin as an action of its plugin's Context, and return them."""
    tasks = []
    for context in _children(session, PLUGINS):
        for task in tasks_of(context):
            session.add_action(task, context=context.hierarchy)
            tasks.append(task)
    return tasks


class ResolvedEntrypoint:
    """An entrypoint as the session resolves it: site sheets, layers and plugins with ``when`` included.

    :param values: values of its parameters, by which plugins with ``when`` take part.
    :raises NoEntrypointError: there is none of that name.
    """

    def __init__(self, session: Session, name: str, values: Mapping[str, Any] | None = None) -> None:
        self.context = get_entrypoint(session, name)
        self.view = self.context.view_of({key: as_text(value) for key, value in (values or {}).items()})
        self.data: Mapping[str, Any] = self.context.data if self.view is self.context.view else self.view.resolved.data
        self.types = session.get_context(TYPES) if TYPES in session.hierarchies() else None
        of_session = _children(session, PLUGINS)
        self.plugins = {str(context.data.get("name", context.hierarchy[-1])): context for context in of_session}
        self._session = session

    @cached_property
    def defaults(self) -> dict[str, tuple[Any, Pointer]]:
        """The default of each parameter that has one, as it is written, and its pointer in a plugin.

        It is that of the parameter's token, so that an Asset has the same; of a parameter without a token, that of its table.
        """
        details = self.view.resolved.mapping_details
        defaults: dict[str, tuple[Any, Pointer]] = {}
        for index, item in self.tables("params"):
            name = item["name"]
            if name not in details and "default_value" in item:
                defaults[name] = item["default_value"], ("data", "params", index, "default_value")
            elif (default := details.get(name, {}).get("default")) is not None:
                defaults[name] = default, ("mapping_details", name, "default")
        return defaults

    @cached_property
    def form(self) -> dict[str, Any]:
        """The description of the entrypoint that Dioptra's task engine reads."""
        return form_of(
            self.data,
            defaults={name: default for name, (default, _) in self.defaults.items()},
            tasks=[item for context in self.attached("plugins") for item in context.data.get("tasks", {}).items()],
            types=dict(self.types.data) if self.types is not None else {},
        )

    def attached(self, key: str) -> list[Context]:
        """Return the Contexts of the plugins that ``plugins`` or ``artifact_plugins`` names, in the order of the session."""
        names = self.data.get(key, ())
        return [context for name, context in self.plugins.items() if name in names]

    def artifact_tasks(self, plugin: Context) -> dict[str, Context]:
        """Return the Contexts of the artifact tasks of a plugin, by name."""
        contexts = _children(self._session, (*plugin.hierarchy, "artifacts"))
        return {str(context.data.get("name", context.hierarchy[-1])): context for context in contexts}

    def tables(self, key: str) -> list[tuple[int, Mapping[str, Any]]]:
        """Return the named tables of an array of the entrypoint, each with its index."""
        given = self.data.get(key)
        return [(index, item) for index, item in enumerate(given or ()) if named([item])]

    def source_of(self, pointer: Pointer) -> Source:
        """Return where the sheets have what stands at *pointer* of the form: ``("graph", "told", "report")``."""
        part, *rest = pointer or ("",)
        match part, rest:
            case ("graph" | "artifact_outputs"), _:
                return self.source(self.context, ("data", *pointer))
            case "types", [_, *_] if self.types is not None:
                return self.source(self.types, ("data", rest[0], "structure", *rest[1:]))
            case "tasks", [name, *inside] if (plugin := self.plugin_of(name)) is not None:
                return self.source(plugin, ("data", "tasks", name, *(_KEYS.get(key, key) for key in inside)))
            case "parameters", [name, "default"] if name in self.defaults:
                return self.source(self.context, self.defaults[name][1])
            case "parameters", [name, *inside]:
                return self.source(self.context, ("data", "params", *self._index("params", name), *inside))
            case "artifact_inputs", [name, *inside]:
                at = self._index("artifact_params", name)
                return self.source(self.context, ("data", "artifact_params", *at, *(("output_params", *inside) if inside else ())))
        return self.source(self.context, ())

    def _index(self, key: str, name: object) -> tuple[int, ...]:
        return tuple(index for index, item in self.tables(key) if item["name"] == name)[:1]

    def plugin_of(self, task: object) -> Context | None:
        """Return the Context of the attached plugin that has a function task of that name; of several, the last."""
        plugins = [context for context in self.attached("plugins") if task in context.data.get("tasks", {})]
        return plugins[-1] if plugins else None

    def source(self, context: Context, pointer: Pointer) -> Source:
        """Return where the sheets have what stands at *pointer* of a Context; if nothing does, where its last plugin stands."""
        view = self.view if context is self.context else context.view
        source = view.provenance.source_of(pointer) if pointer else None
        records = view.resolved.plugins
        return source or (records[-1].source if records else Source(str(context)))


def engine_form(session: Session, name: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the description of an entrypoint that Dioptra's task engine reads, as the session resolves it.

    :param values: values of its parameters, by which plugins with ``when`` take part.
    :raises NoEntrypointError: there is none of that name.
    """
    return ResolvedEntrypoint(session, name, values).form
