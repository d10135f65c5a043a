"""Type: one type that plugInfo files speak of, with the names of ``Tf.Type``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ways.systems.usd.graph import TypeGraph


class Type:
    """A type that a plugin lists, or that is named as a base. The same object each time; false if it is unknown."""

    def __init__(self, name: str, graph: TypeGraph) -> None:
        self._name = name
        self._graph = graph
        self._bases: list[Type] = []
        self._derived: list[Type] = []
        #: Names that other types have below this one.
        self._aliases: dict[str, Type] = {}

    @property
    def typeName(self) -> str:
        """Its name."""
        return self._name

    @property
    def isUnknown(self) -> bool:
        """Whether it stands for every type that there isn't."""
        return self is self._graph.unknown

    @property
    def isRoot(self) -> bool:
        """Whether all others derive from it."""
        return self is self._graph.root

    @property
    def baseTypes(self) -> tuple[Type, ...]:
        """Its bases, in the order given; none, if it is only named as a base."""
        return tuple(self._bases)

    @property
    def derivedTypes(self) -> tuple[Type, ...]:
        """The types that list it as a base, in the order of declaration."""
        return tuple(self._derived)

    @property
    def pythonClass(self) -> None:
        """No class: plugInfo files name types, and nothing connects the two."""

    def IsA(self, other: Type | str) -> bool:
        """Whether it is *other* or derives from it.

        :raises PlugError: *other* is unknown, or the answer lies behind types that are each other's base.
        """
        return self._graph.is_a(self, self._graph.converted(other))

    def GetAllAncestorTypes(self) -> tuple[Type, ...]:
        """Return the type itself and all that it derives from, bases before what lies above them.

        :raises PlugError: there is no such order, or the type is unknown.
        """
        return tuple(self._graph.ancestors(self))

    def GetAllDerivedTypes(self) -> tuple[Type, ...]:
        """Return all types that derive from it, nearest first.

        :raises PlugError: some of them are each other's base.
        """
        return tuple(self._graph.all_derived(self))

    def GetAliases(self, derived: Type | str) -> list[str]:
        """Return the aliases that *derived* has below this type."""
        found = self._graph.converted(derived)
        return [alias for alias, type in self._aliases.items() if type is found]

    def FindDerivedByName(self, name: str) -> Type:
        """Return the type of that alias below this one, or of that name that derives from it; else the unknown type."""
        return self._graph.find_derived(self, name)

    def __bool__(self) -> bool:
        return not self.isUnknown

    def __repr__(self) -> str:
        return f"Type({self._name!r})"
