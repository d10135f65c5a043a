"""Plugin and Action: the classes that authors subclass. Defining one registers it in the current session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ways.contexts.context import Context
from ways.hierarchy import Hierarchy
from ways.session import current_session
from ways.settings import DEFAULT_ASSIGNMENT


class Plugin:
    """A plugin written in Python. Each subclass is instantiated and registered when its class statement runs.

    Override ``get_hierarchy``, and any other method whose default doesn't suit; ``_data``, or the property ``data``, is its
    data. Ways reads a plugin once; ``refresh()`` of its session reads it again.
    """

    #: Whether a subclass registers itself; subclasses inherit it.
    add_to_registry: ClassVar[bool] = True
    _data: Mapping[Any, Any] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.add_to_registry:
            current_session().add_plugin(cls)

    @property
    def data(self) -> Mapping[Any, Any]:
        """The data of the place."""
        return self._data

    @classmethod
    def get_assignment(cls) -> str:
        """Return the layer of the plugin."""
        return DEFAULT_ASSIGNMENT

    def get_hierarchy(self) -> Any:
        """Return the place of the plugin, as a text or as parts."""
        raise NotImplementedError(f"{type(self).__qualname__} needs get_hierarchy(), which returns where it stands.")

    def get_mapping(self) -> str:
        """Return its mapping; ``''`` for none."""
        return ""

    def get_mapping_details(self) -> Mapping[str, Any]:
        """Return the details of the mapping's tokens."""
        return {}

    def get_groups(self) -> Any:
        """Return its labels."""
        return ("*",)

    def get_max_folder(self) -> str:
        """Return the deepest folder that Ways may make."""
        return ""

    def get_platforms(self) -> Any:
        """Return the platforms on which it is active, as a text or texts; ``'*'`` for all."""
        return ("*",)

    def get_uses(self) -> tuple[str, ...]:
        """Return its parents: a plugin written in Python is always absolute."""
        return ()

    def is_path(self) -> Any:
        """Return whether the mapping is a file path; ``None`` to leave it to other plugins."""
        return None


class Action:
    """An action: a callable for a place. Each subclass registers itself when its class statement runs.

    Ways instantiates the class each time you get the action.

    Override ``get_hierarchy`` and ``__call__``, which gets the Context or the Asset first.

    :raises ValueError: the class has no hierarchy.
    """

    #: The name of the action; that of the class, if empty.
    name: ClassVar[str] = ""
    #: Whether a subclass registers itself; subclasses inherit it.
    add_to_registry: ClassVar[bool] = True
    _has_given_name: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # A name that was given is inherited; one that is only the name of the parent class is not.
        cls._has_given_name = bool(cls.__dict__.get("name", cls._has_given_name))
        if not cls._has_given_name:
            cls.name = cls.__name__
        if cls.add_to_registry:
            current_session().add_action(cls)

    @classmethod
    def get_hierarchy(cls) -> Any:
        """Return the place where the action is available; it is also available at every place below."""
        return ""

    @classmethod
    def get_assignment(cls) -> str:
        """Return the layer of the action."""
        return DEFAULT_ASSIGNMENT

    @property
    def context(self) -> Context | None:
        """The Context at its place and in its layer."""
        return current_session().get_context(Hierarchy.of(self.get_hierarchy()), self.get_assignment())

    def __call__(self, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Do it, for a Context or an Asset."""
        raise NotImplementedError(f"{type(self).__qualname__} needs __call__, which does what it is for.")
