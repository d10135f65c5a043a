"""The types that plugInfo files speak of: ``Type``, with the names of ``Tf.Type``, and how all types of a registry derive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ways.systems.shared import Fault, circles
from ways.systems.usd.errors import PlugError, fault
from ways.systems.usd.files.format import ROOT_TYPE

#: Faults that one question reports, and ancestors that are stored to answer it.
MAX_FAULTS, MAX_ANCESTORS = 100, 3_000_000
UNKNOWN_TYPE = "TfType::_Unknown"


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
        """Whether it stands for every type that does not exist."""
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
        """Always ``None``: plugInfo files name types, and nothing connects them to classes."""

    def IsA(self, other: Type | str) -> bool:
        """Whether it is *other* or derives from it.

        :raises PlugError: *other* is unknown, or types on the way to the answer are each other's base.
        """
        wanted = self._graph.converted(other)
        if not wanted:
            raise PlugError([fault("unknown-type", f"{self._name!r} can't derive from an unknown type")])
        if self is wanted or (self and wanted.isRoot):
            return True
        # The way up, first bases first, until it meets the wanted type. No way meets a type that none derives from.
        path: dict[Type, Iterator[Type]] = {self: iter(self._bases)} if wanted._derived else {}
        done: set[Type] = set()
        while path:
            here, bases = next(reversed(path.items()))
            base = next(bases, None)
            if base is None:
                done.add(here)
                del path[here]
            elif base is wanted:
                return True
            elif base in path:
                types = list(path)
                raise PlugError([circle_fault([*types[types.index(base) :], base])])
            elif base not in done:
                path[base] = iter(base._bases)
        return False

    def GetAllAncestorTypes(self) -> tuple[Type, ...]:
        """Return the type itself and all that it derives from, bases before what is above them.

        :raises PlugError: there is no such order, or the type is unknown.
        """
        return tuple(ancestors(self))

    def GetAllDerivedTypes(self) -> tuple[Type, ...]:
        """Return all types that derive from it, nearest first.

        :raises PlugError: some of them are each other's base.
        """
        derived: dict[Type, None] = {}
        waiting = list(self._derived)
        while waiting:
            level, waiting = waiting, []
            for type in level:
                if type not in derived:
                    derived[type] = None
                    waiting += type._derived
        for circle in circles([self], lambda type: type._derived):
            raise PlugError([circle_fault(circle[::-1])])
        return tuple(derived)

    def GetAliases(self, derived: Type | str) -> list[str]:
        """Return the aliases that *derived* has below this type."""
        wanted = self._graph.converted(derived)
        return [alias for alias, type in self._aliases.items() if type is wanted]

    def FindDerivedByName(self, name: str) -> Type:
        """Return the type of that alias below this one, or of that name that derives from it; else the unknown type."""
        if self.isRoot:
            return self._graph.find(name)
        if name in self._aliases:
            return self._aliases[name]
        type = self._graph._types.get(name, self._graph.unknown)
        return type if type and self and type.IsA(self) else self._graph.unknown

    def __bool__(self) -> bool:
        return not self.isUnknown

    def __repr__(self) -> str:
        return f"Type({self._name!r})"


class AncestorOrders:
    """The ancestors of some types, in order, and what is wrong with them: each is computed once for several questions."""

    def __init__(self) -> None:
        self.orders: dict[Type, list[Type]] = {}
        self.faults: dict[Type, list[Fault]] = {}
        self._left = MAX_ANCESTORS

    def add(self, type: Type, order: list[Type], faults: list[Fault]) -> None:
        """Store the order of a type.

        :raises PlugError: all orders together are too long.
        """
        self.orders[type], self.faults[type] = order, faults
        self._left -= len(order)
        if self._left < 0:
            message = f"the ancestors of {type.typeName!r} and of what lies above it are more than {MAX_ANCESTORS}"
            raise PlugError([fault("too-many-ancestors", message, type=type.typeName)])


class TypeGraph:
    """All types of one registry.

    :param allows_circles: whether types may be each other's base, as in OpenUSD.
    """

    def __init__(self, known: Iterable[str] = (), *, allows_circles: bool = False) -> None:
        self.allows_circles = allows_circles
        self.root = Type(ROOT_TYPE, self)
        self.unknown = Type(UNKNOWN_TYPE, self)
        self._types = {ROOT_TYPE: self.root}
        for name in known:
            self.declare(name, [])

    # --- asking

    def find(self, name: str) -> Type:
        """Return the type of that name, or of that alias below the root; else the unknown type."""
        return self._types.get(name) or self.root._aliases.get(name, self.unknown)

    def converted(self, given: Type | str) -> Type:
        """Return the type that *given* stands for.

        :raises TypeError: there is no type of that name, or it is neither type nor name.
        """
        if isinstance(given, Type):
            return given
        type = self.find(given) if isinstance(given, str) else self.unknown
        if not type:
            raise TypeError(f"expected a type or the name of one, found {given!r}")
        return type

    # --- declaring

    def get_or_add(self, name: str) -> Type:
        """Return the type of that name, which is known from now on."""
        return self.find(name) or self._types.setdefault(name, Type(name, self))

    def declare(self, name: str, bases: Sequence[str]) -> list[tuple[str, str]]:
        """Declare a type; return what is wrong: a code and the name of a base each."""
        type = self.get_or_add(name)
        if type is self.root:
            return [("root-type", "")]
        above = [self.get_or_add(base) for base in bases]
        if type._bases:
            return [("bases-differ", base.typeName) for base in above if base not in type._bases]
        is_safe = self.allows_circles or not type._derived
        refused = [base for base in above if base is type or (not is_safe and shortest_way_up(base, type))]
        type._bases = [base for base in above if base not in refused] or [self.root]
        for base in type._bases:
            base._derived.append(type)
        return [("own-base" if base is type else "base-ring", base.typeName) for base in refused]

    def add_alias(self, type: Type, base: Type, alias: str) -> str:
        """Let *alias* mean *type* below *base*; return the code of what forbids it, or ``''``."""
        named = self._types.get(alias)
        if named is not None and shortest_way_up(named, base):
            return "alias-is-type-name"
        if base._aliases.get(alias, type) is not type:
            return "alias-taken"
        base._aliases[alias] = type
        return ""


def ancestors(type: Type, known: AncestorOrders | None = None) -> list[Type]:
    """Return *type* and all that it derives from, by the C3 rule.

    Where two may come next, Python takes one further up before the next base; OpenUSD takes the base.

    :param known: the answers to other questions since types were declared last.
    :raises PlugError: there is no such order, types are each other's base, or the type is unknown.
    """
    if not type:
        raise PlugError([fault("unknown-type", "an unknown type has no ancestors")])
    known = known or AncestorOrders()
    waiting = [type]
    while waiting:
        chain = _single_chain(waiting[-1])
        fork = chain[-1]
        missing = [base for base in fork._bases if base not in known.orders] if fork not in known.orders else []
        if missing:
            if missing[0] in waiting:
                raise PlugError([circle_fault(next(circles([type], lambda item: item._bases)))])
            waiting.append(missing[0])
            continue
        if fork not in known.orders:
            order, is_whole = merged([fork._bases, *(known.orders[base] for base in fork._bases)])
            faults = [item for base in fork._bases for item in known.faults.get(base, ())]
            if not is_whole:
                message = f"the bases of {fork.typeName!r} can't be put in one order: they list each other's bases otherwise"
                faults.append(fault("inconsistent-ancestors", message, type=fork.typeName))
            known.add(fork, [fork, *order], faults[-MAX_FAULTS:])
        if waiting[-1] is not fork:
            known.add(waiting[-1], [*chain, *known.orders[fork][1:]], known.faults[fork])
        waiting.pop()
    if known.faults[type]:
        raise PlugError(known.faults[type])
    return known.orders[type]


def shortest_way_up(start: Type, end: Type) -> list[Type]:
    """Return the types on the shortest way from *start* along bases to *end*, both included; none if *start* doesn't derive from *end*."""
    reached_from: dict[Type, Type | None] = {start: None}
    waiting = [start]
    # The list grows while it is read.
    for here in waiting:
        if here is end:
            break
        new = [base for base in here._bases if base not in reached_from]
        reached_from |= dict.fromkeys(new, here)
        waiting += new
    way = []
    step: Type | None = end if end in reached_from else None
    while step is not None:
        way.append(step)
        step = reached_from[step]
    return way[::-1]


def _single_chain(type: Type) -> list[Type]:
    """Return *type* and its bases, as long as each has one, and what has none or several at the end.

    :raises PlugError: they are each other's base.
    """
    chain = [type]
    seen = {type}
    while len(chain[-1]._bases) == 1:
        base = chain[-1]._bases[0]
        if base in seen:
            raise PlugError([circle_fault([*chain[chain.index(base) :], base])])
        chain.append(base)
        seen.add(base)
    return chain


def merged(orders: Sequence[Sequence[Type]]) -> tuple[list[Type], bool]:
    """Return one order that agrees with all of *orders*, as C3 makes it, and whether it has everything in them."""
    waiting = [list(reversed(order)) for order in orders if order]
    behind: dict[Type, int] = {}
    for order in waiting:
        for item in order[:-1]:
            behind[item] = behind.get(item, 0) + 1
    result: list[Type] = []
    while waiting:
        following = next((order[-1] for order in waiting if not behind.get(order[-1])), None)
        if following is None:
            return result, False
        result.append(following)
        for order in waiting:
            if order[-1] is following:
                order.pop()
                if order:
                    behind[order[-1]] -= 1
        waiting = [order for order in waiting if order]
    return result, True


def circle_fault(circle: Sequence[Type]) -> Fault:
    """Return the fault of types that are each other's base."""
    names = " -> ".join(repr(type.typeName) for type in circle)
    return fault("base-ring", f"types can't be each other's base: {names}", type=circle[0].typeName if circle else "")
