"""Declarations: the types that plugins list, which plugin owns each, and what is wrong with how they are listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ways.systems.shared import Fault
from ways.systems.usd.errors import PlugError, fault
from ways.systems.usd.files.info import bases_of
from ways.systems.usd.plugins import Plugin
from ways.systems.usd.types import AncestorOrders, Type, TypeGraph, alias_fault, ancestors, circle_fault, shortest_way_up


class Declarations:
    """The types of one registry, and which plugin listed each first."""

    def __init__(self, types: TypeGraph, *, is_strict: bool) -> None:
        self.types = types
        self.is_strict = is_strict
        self.owners: dict[Type, Plugin] = {}

    def declare(self, plugin: Plugin, faults: list[Fault]) -> list[str]:
        """Declare the types of a plugin; return those that it owns.

        :param faults: what is wrong is added here.
        """
        owned = []
        for name, metadata in plugin.entry.types.items():
            bases = bases_of(metadata)
            if bases is None:
                message = f"expected a list of names, found something else: {name!r} gets no bases"
                where = plugin.entry.at("Info", "Types", name)
                faults.append(fault("bases-not-strings", message, where, type=name, plugin=plugin.name))
            for code, base in self.types.declare(name, bases or ()):
                faults.append(self._bases_fault(code, plugin, name, base))
            type = self.types.get_or_add(name)
            # The owner is the plugin itself, where it lists a type by its name and by an alias.
            owner = self.owners.get(type)
            if owner is not None:
                message = f"the type {type.typeName!r} is provided by {owner.name!r}, of {owner.entry.source}"
                where = plugin.entry.at("Info", "Types", name)
                faults.append(fault("type-already-provided", message, where, type=name, plugin=plugin.name, owner=owner.name))
                continue
            self.owners[type] = plugin
            owned.append(name)
            if "alias" in metadata:
                faults += self._add_aliases(type, plugin, name)
        return owned

    def _bases_fault(self, code: str, plugin: Plugin, name: str, base: str) -> Fault:
        where = plugin.entry.at("Info", "Types", name)
        if code == "root-type":
            return fault(code, f"{name!r} is the type that all others derive from: it can't be declared", where, type=name)
        if code == "bases-differ":
            known = ", ".join(type.typeName for type in self.types.get_or_add(name).baseTypes)
            message = f"{name!r} was declared with the bases {known} before: {base!r} isn't added"
            return fault(code, message, where, type=name, base=base, plugin=plugin.name)
        type = self.types.find(name)
        circle = circle_fault([type, *shortest_way_up(self.types.find(base), type)])
        return circle._replace(code=code, source=where, message=f"{circle.message}; this base is left out")

    def _add_aliases(self, type: Type, plugin: Plugin, name: str) -> list[Fault]:
        """Give a type its other names, as the plugin says that lists it as *name*; return what is wrong with them."""
        faults = []
        written = plugin.entry.metadata_of(name).get("alias")
        for base, alias in written.items() if isinstance(written, dict) else ():
            if not isinstance(alias, str):
                where = plugin.entry.at("Info", "Types", name)
                message = f"expected a text as the alias below {base!r}, found {alias!r}: it is ignored"
                faults.append(fault("alias-not-string", message, where, level="warning"))
                continue
            code = self.types.add_alias(type, self.types.get_or_add(base), alias)
            if code:
                where = plugin.entry.at("Info", "Types", name)
                faults.append(alias_fault(code, type, base, alias, where))
        return faults

    def warnings(self, owned: Iterable[tuple[Plugin, Sequence[str]]]) -> list[Fault]:
        """Return what is wrong with types that were declared just now, and what OpenUSD would report only when asked.

        :param owned: the plugins, each with the types that it owns.
        """
        faults: list[Fault] = []
        known = AncestorOrders()
        names = ((plugin, name) for plugin, names in owned for name in names)
        for plugin, name in names if not self.is_strict else ():
            type = self.types.get_or_add(name)
            if not type.typeName:
                where = plugin.entry.at("Info", "Types", name)
                message = "a type without a name has no place in the session; the registry itself knows it"
                faults.append(fault("empty-name", message, where, level="warning"))
            if len(type.baseTypes) > 1:
                try:
                    ancestors(type, known)
                except PlugError as error:
                    where = plugin.entry.at("Info", "Types", name)
                    faults += [item._replace(source=where, level="warning") for item in error.errors]
                    if error.errors[0].code == "too-many-ancestors":
                        break
        return faults
