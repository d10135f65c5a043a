"""The types that plugInfo files speak of: ``Type``, with the names of ``Tf.Type``, and how all types of a registry derive."""

from __future__ import annotations

import builtins
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import total_ordering
from typing import Any

from ways.sheets.document import Source
from ways.systems.shared import Fault, circles
from ways.systems.usd.errors import PlugError, fault
from ways.systems.usd.files.format import ROOT_TYPE

#: Faults that one question reports, and ancestors that are stored to answer it.
MAX_FAULTS, MAX_ANCESTORS = 100, 3_000_000
#: Types and aliases that the answers name which are kept.
MAX_ANSWERS = 500_000
UNKNOWN_TYPE = "TfType::_Unknown"


#: The size that OpenUSD gives for a type of Python: that of a pointer.
POINTER_SIZE = struct.calcsize("P")


@total_ordering
class Type:
    """A type that a plugin lists, or that is named as a base. The same object each time; false if it is unknown.

    It is equal to its name and to its Python class, and ordered by name.
    """

    __slots__ = ("_name", "_graph", "_bases", "_derived", "_aliases", "_class", "__weakref__")

    def __init__(self, name: str, graph: TypeGraph) -> None:
        self._name = name
        self._graph = graph
        self._bases: tuple[Type, ...] = ()
        self._derived: list[Type] = []
        #: Names that other types have below this one.
        self._aliases: dict[str, Type] = {}
        self._class: builtins.type | None = None

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
        return self._bases

    @property
    def derivedTypes(self) -> tuple[Type, ...]:
        """The types that list it as a base, in the order of declaration."""
        return tuple(self._derived)

    @property
    def pythonClass(self) -> builtins.type | None:
        """Its Python class, once the plugin that owns it is loaded, or the class is defined as a type; else ``None``."""
        return self._class

    @property
    def isEnumType(self) -> bool:
        """Whether it is an enumeration of C++, which no type of a plugInfo file is."""
        return False

    @property
    def isPlainOldDataType(self) -> bool:
        """Whether it is plain data of C++, which no type of a plugInfo file is."""
        return False

    @property
    def sizeof(self) -> int:
        """The size in bytes of what C++ holds of one: of a Python class a pointer; 0 while there is no class."""
        return POINTER_SIZE if self._class is not None else 0

    def IsA(self, other: TypeLike) -> bool:
        """Whether it is *other* or derives from it.

        :raises PlugError: *other* is unknown, or types on the way to the answer are each other's base.
        """
        graph = self._graph
        wanted = other if isinstance(other, Type) else graph.converted(other)
        answers = graph.answers
        if wanted in ((answers.above.get(self) if answers is not None else None) or graph.above(self)):
            return True
        theirs = wanted._graph
        if wanted is theirs.unknown:
            raise PlugError([fault("unknown-type", f"{self._name!r} can't derive from an unknown type", question="IsA")])
        if wanted is theirs.root:
            return self is not graph.unknown
        return graph.has_circles and self._leads_to(wanted)

    def _leads_to(self, wanted: Type) -> bool:
        """Whether *wanted* is above, where types may be each other's base.

        :raises PlugError: they are, on the way to the answer.
        """
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
        answers = self._graph.kept()
        order = answers.orders.get(self)
        if order is None:
            order = answers.orders[self] = tuple(ancestors(self))
            answers.left -= len(order)
        return order

    def GetAllDerivedTypes(self) -> tuple[Type, ...]:
        """Return all types that derive from it, nearest first.

        :raises PlugError: some of them are each other's base.
        """
        answers = self._graph.kept()
        types = answers.derived.get(self)
        if types is None:
            if self._graph.has_circles:
                for circle in circles([self], lambda type: type._derived):
                    raise PlugError([circle_fault(circle[::-1])])
            waiting = list(dict.fromkeys(self._derived))
            found = set(waiting)
            # The list grows while it is read.
            for type in waiting:
                for below in type._derived:
                    if below not in found:
                        found.add(below)
                        waiting.append(below)
            types = answers.derived[self] = tuple(waiting)
            answers.left -= len(types)
        return types

    def GetAliases(self, derived: TypeLike) -> tuple[str, ...]:
        """Return the aliases that *derived* has below this type."""
        wanted = self._graph.converted(derived)
        answers = self._graph.kept()
        known = answers.aliases.get(self)
        if known is None:
            known = {}
            for alias, type in self._aliases.items():
                known[type] = (*known.get(type, ()), alias)
            answers.aliases[self] = known
            answers.left -= len(known)
        return known.get(wanted, ())

    def AddAlias(self, base: TypeLike, name: str) -> None:
        """Let *name* mean this type below *base*.

        :raises PlugError: that is an alias of another type there, or the name of one.
        """
        above = self._graph.converted(base)
        code = self._graph.add_alias(self, above, checked_text(name)) if self and above else ""
        if code:
            raise PlugError([alias_fault(code, self, above.typeName, name)])

    def FindDerivedByName(self, name: str) -> Type:
        """Return the type of that alias below this one, or of that name that derives from it; else the unknown type."""
        answers = self._graph.answers
        known = answers.named.get(self) if answers is not None else None
        type = known.get(name) if known is not None else None
        return type if type is not None else self._find_derived(name)

    def _find_derived(self, name: str) -> Type:
        graph = self._graph
        answers = graph.kept()
        if self is graph.root:
            return graph.find(name)
        type = self._aliases.get(name)
        if type is None:
            type = graph._types.get(checked_text(name))
            if type is None or self is graph.unknown or not type.IsA(self):
                return graph.unknown
        answers.named.setdefault(self, {})[name] = type
        answers.left -= 1
        return type

    def __bool__(self) -> bool:
        return self is not self._graph.unknown

    def __eq__(self, other: object) -> bool:
        return self is other or self is self._graph.converted(other)

    __hash__ = object.__hash__

    def __lt__(self, other: TypeLike) -> bool:
        return self._name < self._graph.converted(other)._name

    def __copy__(self) -> Type:
        return self

    def __deepcopy__(self, memo: object) -> Type:
        return self

    def __reduce__(self) -> str:
        raise TypeError(f"{self!r} belongs to one process: send its name instead")

    def __repr__(self) -> str:
        return f"Type({self._name!r})"


#: What is taken where a type is wanted: the type, its name, or a Python class that is defined as a type.
TypeLike = Type | str | type[Any]


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


class Answers:
    """Answers about types that are kept until one is declared."""

    def __init__(self) -> None:
        #: What a type derives from, itself and the root among it.
        self.above: dict[Type, frozenset[Type]] = {}
        #: Ancestors in order.
        self.orders: dict[Type, tuple[Type, ...]] = {}
        #: What derives from a type.
        self.derived: dict[Type, tuple[Type, ...]] = {}
        #: The aliases below a type, for each that has some there.
        self.aliases: dict[Type, dict[Type, tuple[str, ...]]] = {}
        #: What is found below a type by a name or an alias.
        self.named: dict[Type, dict[str, Type]] = {}
        #: What the types of a plugin derive from.
        self.declared: dict[object, frozenset[Type]] = {}
        #: How many types and aliases all of them together may still name.
        self.left = MAX_ANSWERS


class TypeGraph:
    """All types of one registry.

    :param allows_circles: whether types may be each other's base, as in OpenUSD.
    :param make: makes a type of its name.
    """

    def __init__(
        self, known: Iterable[str] = (), *, allows_circles: bool = False, make: Callable[[str, TypeGraph], Type] = Type
    ) -> None:
        self.allows_circles = allows_circles
        self._make = make
        self.root = make(ROOT_TYPE, self)
        self.unknown = make(UNKNOWN_TYPE, self)
        #: Whether some types are each other's base.
        self.has_circles = False
        #: What was asked since types were declared last. Whoever asks takes it once, and stores into what was taken: an
        #: answer that was found while another thread declares a type goes with it.
        self.answers: Answers | None = None
        self._types = {ROOT_TYPE: self.root}
        self._by_class: dict[builtins.type, Type] = {}
        self._defined: set[Type] = set()
        for name in known:
            self.declare(name, [])

    # --- asking

    def find(self, name: str) -> Type:
        """Return the type of that name, or of that alias below the root; else the unknown type."""
        type = self._types.get(name)
        return type if type is not None else self.root._aliases.get(checked_text(name), self.unknown)

    def kept(self) -> Answers:
        """Return the answers so far."""
        answers = self.answers
        if answers is None or answers.left < 0:
            answers = self.answers = Answers()
        return answers

    def above(self, type: Type) -> frozenset[Type]:
        """Return what a type derives from, with itself and the root; those alone where types may be each other's base."""
        answers = self.kept()
        known = answers.above.get(type)
        if known is None:
            found = {type, self.root} if type is not self.unknown else set()
            waiting = [type]
            # The list grows while it is read.
            for here in () if self.has_circles else waiting:
                for base in here._bases:
                    if base not in found:
                        found.add(base)
                        waiting.append(base)
            known = answers.above[type] = frozenset(found)
            answers.left -= len(known)
        return known

    def find_class(self, given: object) -> Type:
        """Return the type of that Python class; else the unknown type."""
        return self._by_class.get(given, self.unknown) if isinstance(given, builtins.type) else self.unknown

    def converted(self, given: object) -> Type:
        """Return the type that *given* stands for.

        :raises TypeError: there is no type of that name or class, or it is none of the three.
        """
        if isinstance(given, Type):
            return given
        type = self.find(given) if isinstance(given, str) else self.find_class(given)
        if not type:
            raise TypeError(f"expected a type, the name of one, or a class that is defined as one, found {given!r}")
        return type

    # --- declaring

    def get_or_add(self, name: str) -> Type:
        """Return the type of that name, which is known from now on."""
        type = self._types.get(name)
        if type is None:
            type = self.root._aliases.get(name)
        if type is None:
            type = self._types.setdefault(name, self._make(name, self))
            self.answers = None
        return type

    def declare(self, name: str, bases: Sequence[str]) -> list[tuple[str, str]]:
        """Declare a type; return what is wrong: a code and the name of a base each."""
        type = self.get_or_add(name)
        if type is self.root:
            return [("root-type", "")]
        above = [self.get_or_add(base) for base in bases]
        if type._bases:
            return [("bases-differ", base.typeName) for base in above if base not in type._bases]
        # Only what has something below it can close a circle.
        is_safe = not type._derived
        refused = [base for base in above if base is type or not (is_safe or self.allows_circles or not shortest_way_up(base, type))]
        self._set_bases(type, tuple([base for base in above if base not in refused] if refused else above) or (self.root,))
        return [("own-base" if base is type else "base-ring", base.typeName) for base in refused]

    def _set_bases(self, type: Type, bases: tuple[Type, ...]) -> None:
        """Let *type* derive from *bases*, and no longer from what it was declared with."""
        if type._derived and not self.has_circles:
            self.has_circles = any([base is type or bool(shortest_way_up(base, type)) for base in bases])
        before = type._bases
        type._bases = bases
        for base in bases:
            if base not in before:
                base._derived.append(type)
        self.answers = None

    def add_alias(self, type: Type, base: Type, alias: str) -> str:
        """Let *alias* mean *type* below *base*; return the code of what forbids it, or ``''``."""
        named = self._types.get(alias)
        if named is not None and shortest_way_up(named, base):
            return "alias-is-type-name"
        if base._aliases.get(alias, type) is not type:
            return "alias-taken"
        base._aliases[alias] = type
        self.answers = None
        return ""

    # --- Python classes

    def connect(self, type: Type, cls: builtins.type) -> None:
        """Let *cls* be the class of *type*, if neither has another."""
        if type and type._class is None and cls not in self._by_class:
            type._class = cls
            self._by_class[cls] = type

    def define(self, cls: builtins.type) -> Type:
        """Return the type of a Python class, which is named ``module.name`` and has its bases, and is known from now on.

        Those of its bases that aren't defined yet are defined too.

        :raises PlugError: the class was defined before; or the type, or a base, was declared with bases that the class lacks,
            or in another order. The classes belong to the types all the same.
        """
        faults: list[Fault] = []
        type = self._define(cls, faults)
        if faults:
            raise PlugError(faults)
        return type

    def _define(self, cls: builtins.type, faults: list[Fault]) -> Type:
        now = tuple([self._by_class.get(base) or self._define(base, faults) for base in cls.__bases__])
        type = self.get_or_add(f"{cls.__module__}.{cls.__name__}")
        self._extend_bases(type, now, faults)
        if type in self._defined:
            faults.append(fault("class-defined-again", f"{type.typeName!r} has a Python class already", type=type.typeName))
            return type
        type._class = cls
        self._by_class[cls] = type
        self._defined.add(type)
        return type

    def _extend_bases(self, type: Type, now: tuple[Type, ...], faults: list[Fault]) -> None:
        """Let *type* have the bases of a class, if these are more than were declared.

        :param faults: what is wrong is added here: a fault for each base that was declared and that the class lacks, or has in
            another order. As in OpenUSD, the longer list counts all the same.
        """
        before = type._bases
        if type in now:
            faults.append(circle_fault([type, type])._replace(code="own-base"))
            return
        is_baseless = before == (self.root,)
        last = -1
        for base in before if now else ():
            place = now.index(base) if base in now else -1
            if place < last or place < 0:
                declared, found = (", ".join(base.typeName for base in side) for side in (before, now))
                message = f"{type.typeName!r} was declared with the bases {declared}; those of its class are {found}"
                faults.append(fault("class-bases-differ", message, type=type.typeName, base=base.typeName))
            last = place if place >= 0 else last
        if not is_baseless and len(now) > len(before) or not before:
            self._set_bases(type, now or (self.root,))


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


def checked_text(given: str) -> str:
    """Return a text as it is.

    :raises TypeError: it is no text.
    """
    if not isinstance(given, str):
        raise TypeError(f"expected a text, found {given!r}")
    return given


def alias_fault(code: str, type: Type, base: str, alias: str, source: Source | None = None) -> Fault:
    """Return the fault of an alias that is not allowed: its code is that of :meth:`TypeGraph.add_alias`."""
    other = "the name of a type" if code == "alias-is-type-name" else "an alias of another type"
    message = f"{type.typeName!r} can't have the alias {alias!r} below {base!r}: that is {other} there"
    return fault(code, message, source, base=base, alias=alias)


def circle_fault(circle: Sequence[Type]) -> Fault:
    """Return the fault of types that are each other's base."""
    names = " -> ".join(repr(type.typeName) for type in circle)
    return fault("base-ring", f"types can't be each other's base: {names}", type=circle[0].typeName if circle else "")
