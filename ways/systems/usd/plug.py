"""What a script takes from ``pxr.Plug``: the one registry of the process, its plugins and its notices."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import ClassVar

from ways.systems.usd import registry
from ways.systems.usd.plugins import Notice, Plugin, Registration
from ways.systems.usd.tf import NOTICES, TYPES, Debug, declare
from ways.systems.usd.types import Type, TypeLike

__all__ = ["Notice", "Plugin", "Registry"]


class Registry(registry.Registry):
    """The registry of the process: ``Registry()`` gives the same one each time.

    It reads strictly, and its first question searches PXR_PLUGINPATH_NAME, as it was when this module was imported.
    """

    _made: ClassVar[Registry | None] = None

    def __new__(cls) -> Registry:
        if cls._made is None:
            cls._made = super().__new__(cls)
            registry.Registry.__init__(cls._made, strict=True, environ=os.environ, types=TYPES, listeners=NOTICES)
        return cls._made

    def __init__(self) -> None:
        """It is made already."""

    # OpenUSD lets these be called on the class too.

    @staticmethod
    def FindTypeByName(name: str, /) -> Type:
        """Return the type of that name; else the unknown type, which is false."""
        return registry.Registry.FindTypeByName(Registry(), name)

    @staticmethod
    def FindDerivedTypeByName(base: TypeLike, name: str, /) -> Type:
        """Return the type that has this alias below *base*, or this name and derives from it; else the unknown type."""
        return registry.Registry.FindDerivedTypeByName(Registry(), base, name)

    @staticmethod
    def GetDirectlyDerivedTypes(base: TypeLike, /) -> tuple[Type, ...]:
        """Return the types that list *base* as a base, in the order of declaration."""
        return registry.Registry.GetDirectlyDerivedTypes(Registry(), base)

    @staticmethod
    def GetAllDerivedTypes(base: TypeLike, /) -> tuple[Type, ...]:
        """Return all types that derive from *base*, nearest first."""
        return registry.Registry.GetAllDerivedTypes(Registry(), base)

    def _register(self, paths: Sequence[str]) -> Registration:
        for path in paths:
            Debug.write("PLUG_INFO_SEARCH", f"Will check plugin info path {path!r}.")
        registration = super()._register(paths)
        for plugin in registration.new:
            Debug.write("PLUG_REGISTRATION", f"Registered {plugin!r}.")
        return registration

    def _loaded(self, plugin: Plugin) -> None:
        super()._loaded(plugin)
        Debug.write("PLUG_LOAD", f"Loaded {plugin!r}.")
        if plugin.isPythonModule:
            # OpenUSD imports a plugin in the main module.
            top = plugin.name.partition(".")[0]
            setattr(sys.modules["__main__"], top, sys.modules[top])


class _TestPlugBase:
    """What the tests of OpenUSD derive classes from; its module Plug has these too."""

    expired = False

    def GetTypeName(self) -> str:
        """Return the name of its type."""
        return TYPES.find_class(type(self)).typeName


class _TestPlugBase1(_TestPlugBase):
    pass


class _TestPlugBase2(_TestPlugBase):
    pass


class _TestPlugBase3(_TestPlugBase):
    pass


class _TestPlugBase4(_TestPlugBase):
    pass


declare("PlugRegistry", [], Registry)
declare("PlugPlugin", [], Plugin)
declare("PlugNotice::Base", ["TfNotice"], Notice.Base)
declare("PlugNotice::DidRegisterPlugins", ["PlugNotice::Base"], Notice.DidRegisterPlugins)
for _number, _base in enumerate((_TestPlugBase1, _TestPlugBase2, _TestPlugBase3, _TestPlugBase4), start=1):
    declare(f"_TestPlugBase<{_number}>", [], _base)
TYPES.declare("_TestPlugDerived0", ["_TestPlugBase<1>"])
Registry()
