"""TypeGraph: all types of one registry, and how they derive from each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ways.systems.usd.errors import PlugError, fault
from ways.systems.usd.types import Type
from ways.systems.usd.files.format import ROOT_TYPE
from ways.systems.shared import Fault

#: Faults that one question tells of, and ancestors that are held to answer it.
MAX_FAULTS, MAX_HELD = 100, 3_000_000
UNKNOWN_TYPE = "TfType::_Unknown"


class Orders:
    """The ancestors of some types, in order, and what is wrong with them: each is found once for several questions."""

    def __init__(self) -> None:
        self.orders: dict[Type, list[Type]] = {}
        self.wrong: dict[Type, list[Fault]] = {}
        self._left = MAX_HELD

    def keep(self, type: Type, order: list[Type], wrong: list[Fault]) -> None:
        """Keep the order of a type.

        :raises PlugError: that is too much.
        """
        self.orders[type], self.wrong[type] = order, wrong
        self._left -= len(order)
        if self._left < 0:
            message = f"the ancestors of {type.typeName!r} and of what lies above it are more than {MAX_HELD}"
            raise PlugError([fault("too-many-ancestors", message, type=type.typeName)])


class TypeGraph:
    """All types of one registry.

    :param may_ring: whether types may be each other's base, as OpenUSD lets them be.
    """

    def __init__(self, known: Iterable[str] = (), *, may_ring: bool = False) -> None:
        self.may_ring = may_ring
        self.root = Type(ROOT_TYPE, self)
        self.unknown = Type(UNKNOWN_TYPE, self)
        self._types = {ROOT_TYPE: self.root}
        for name in known:
            self.declare(name, [])

    # --- asking

    def find(self, name: str) -> Type:
        """Return the type of that name, or of that alias below the root; else the unknown type."""
        return self._types.get(name) or self.root._aliases.get(name, self.unknown)

    def find_derived(self, base: Type, name: str) -> Type:
        """Return the type of that alias below *base*, or of that name that derives from it; else the unknown type."""
        if base is self.root:
            return self.find(name)
        if name in base._aliases:
            return base._aliases[name]
        found = self._types.get(name, self.unknown)
        return found if found and base and self.is_a(found, base) else self.unknown

    def converted(self, given: Type | str) -> Type:
        """Return the type that *given* stands for.

        :raises TypeError: there is no type of that name, or it is neither type nor name.
        """
        if isinstance(given, Type):
            return given
        found = self.find(given) if isinstance(given, str) else self.unknown
        if not found:
            raise TypeError(f"expected a type or the name of one, found {given!r}")
        return found

    def is_a(self, type: Type, other: Type) -> bool:
        """Whether *type* is *other* or derives from it; see :meth:`Type.IsA`."""
        if not other:
            raise PlugError([fault("unknown-type", f"{type.typeName!r} can't derive from an unknown type")])
        if type is other or (type and other is self.root):
            return True
        return bool(other._derived) and self._climbs_to(type, other)

    def _climbs_to(self, type: Type, other: Type) -> bool:
        """Whether the way up from *type*, first bases first, meets *other* before it goes in a circle."""
        path: dict[Type, Iterator[Type]] = {type: iter(type._bases)}
        done: set[Type] = set()
        while path:
            here, waiting = next(reversed(path.items()))
            base = next(waiting, None)
            if base is None:
                done.add(here)
                del path[here]
            elif base is other:
                return True
            elif base in path:
                way = list(path)
                raise PlugError([ring_fault([*way[way.index(base) :], base])])
            elif base not in done:
                path[base] = iter(base._bases)
        return False

    def all_derived(self, base: Type) -> list[Type]:
        """Return all types that derive from *base*, nearest first."""
        found: dict[Type, None] = {}
        waiting = list(base._derived)
        while waiting:
            level, waiting = waiting, []
            for type in level:
                if type not in found:
                    found[type] = None
                    waiting += type._derived
        self._check_rings([base, *found])
        return list(found)

    def _check_rings(self, types: Sequence[Type]) -> None:
        """Raise a PlugError if some of *types*, which are all that derive from the first, are each other's base."""
        inside = set(types)
        open_bases = {type: sum(base in inside for base in type._bases) for type in inside}
        ready = [type for type, count in open_bases.items() if not count]
        while ready:
            type = ready.pop()
            del open_bases[type]
            for derived in type._derived:
                open_bases[derived] -= 1
                if not open_bases[derived]:
                    ready.append(derived)
        for type in open_bases:
            # What is left lies on a circle, or below one.
            self._climbs_to(type, self.unknown)

    def ancestors(self, type: Type, known: Orders | None = None) -> list[Type]:
        """Return *type* and all that it derives from, by the C3 rule.

        Where two may come next, Python takes one further up before the next base; OpenUSD takes the base.

        :param known: what other questions found since types were declared last.
        """
        if not type:
            raise PlugError([fault("unknown-type", "an unknown type has no ancestors")])
        known = known or Orders()
        orders, wrong = known.orders, known.wrong
        waiting = [type]
        while waiting:
            chain = self._single_chain(waiting[-1])
            fork = chain[-1]
            missing = [base for base in fork._bases if base not in orders] if fork not in orders else []
            if missing:
                if missing[0] in waiting:
                    self._climbs_to(type, self.unknown)
                waiting.append(missing[0])
                continue
            if fork not in orders:
                order, is_whole = merged([fork._bases, *(orders[base] for base in fork._bases)])
                faults = [fault for base in fork._bases for fault in wrong.get(base, ())]
                known.keep(fork, [fork, *order], [*faults, *([] if is_whole else [order_fault(fork)])][-MAX_FAULTS:])
            if waiting[-1] is not fork:
                known.keep(waiting[-1], [*chain, *orders[fork][1:]], wrong[fork])
            waiting.pop()
        if wrong[type]:
            raise PlugError(wrong[type])
        return orders[type]

    def _single_chain(self, type: Type) -> list[Type]:
        """Return *type* and its bases, as long as each has one, and what has none or several at the end."""
        chain = [type]
        seen = {type}
        while len(chain[-1]._bases) == 1:
            base = chain[-1]._bases[0]
            if base in seen:
                raise PlugError([ring_fault([*chain[chain.index(base) :], base])])
            chain.append(base)
            seen.add(base)
        return chain

    # --- declaring

    def named(self, name: str) -> Type:
        """Return the type of that name, which is known from now on."""
        return self.find(name) or self._types.setdefault(name, Type(name, self))

    def declare(self, name: str, bases: Sequence[str]) -> list[tuple[str, str]]:
        """Declare a type; return what is wrong: a code and the name of a base each."""
        type = self.named(name)
        if type is self.root:
            return [("root-type", "")]
        above = [self.named(base) for base in bases]
        if type._bases:
            return [("bases-differ", base.typeName) for base in above if base not in type._bases]
        may_ring = self.may_ring or not type._derived
        rings = [base for base in above if base is type or (not may_ring and self._is_above(type, base))]
        type._bases = [base for base in above if base not in rings] or [self.root]
        for base in type._bases:
            base._derived.append(type)
        return [("own-base" if base is type else "base-ring", base.typeName) for base in rings]

    def _is_above(self, type: Type, other: Type) -> bool:
        """Whether *other* derives from *type*."""
        seen, waiting = {other}, [other]
        while waiting:
            for base in waiting.pop()._bases:
                if base is type:
                    return True
                if base not in seen:
                    seen.add(base)
                    waiting.append(base)
        return False

    def ring_of(self, name: str, base: str) -> list[Type]:
        """Return the circle that an edge from one type up to another would close."""
        return [self.find(name), *self.way_up(self.find(base), self.find(name))]

    def way_up(self, type: Type, other: Type) -> list[Type]:
        """Return one way from *type* up to *other*, both included."""
        before: dict[Type, Type | None] = {type: None}
        waiting = [type]
        while waiting and other not in before:
            here = waiting.pop(0)
            for base in here._bases:
                if base not in before:
                    before[base] = here
                    waiting.append(base)
        way: list[Type] = []
        step: Type | None = other if other in before else None
        while step is not None:
            way.append(step)
            step = before[step]
        return way[::-1]

    def add_alias(self, type: Type, base: Type, alias: str) -> str:
        """Let *alias* mean *type* below *base*; return the code of what forbids it, or ``''``."""
        held = self._types.get(alias)
        if held is not None and (held is base or self._is_above(base, held)):
            return "alias-is-type-name"
        if base._aliases.get(alias, type) is not type:
            return "alias-taken"
        base._aliases[alias] = type
        return ""


def merged(orders: Sequence[Sequence[Type]]) -> tuple[list[Type], bool]:
    """Return one order that keeps all of *orders*, as C3 makes it, and whether it holds everything in them."""
    waiting = [list(reversed(order)) for order in orders if order]
    behind: dict[Type, int] = {}
    for order in waiting:
        for item in order[:-1]:
            behind[item] = behind.get(item, 0) + 1
    result: list[Type] = []
    while waiting:
        found = next((order[-1] for order in waiting if not behind.get(order[-1])), None)
        if found is None:
            return result, False
        result.append(found)
        for order in waiting:
            if order[-1] is found:
                order.pop()
                if order:
                    behind[order[-1]] -= 1
        waiting = [order for order in waiting if order]
    return result, True


def order_fault(type: Type) -> Fault:
    """Return the fault of a type whose bases can't be put in one order."""
    message = f"the bases of {type.typeName!r} can't be put in one order: they list each other's bases otherwise"
    return fault("inconsistent-ancestors", message, type=type.typeName)


def ring_fault(circle: Sequence[Type]) -> Fault:
    """Return the fault of types that are each other's base."""
    names = " -> ".join(repr(type.typeName) for type in circle)
    return fault("base-ring", f"types can't be each other's base: {names}", type=circle[0].typeName if circle else "")
