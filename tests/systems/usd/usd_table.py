"""One row for each name on OpenUSD's page of the module Plug, and for those of Tf that go with it.

It is run as a program that uses nothing but ``Plug`` and ``Tf`` of one package, in a process of its own:
``python usd_table.py PACKAGE FOLDER`` makes a world of plugins in that folder, and prints what each row gave as JSON.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from typing import Any

#: What the page lists. Each has at least one row.
PAGE = """
Notice.Base Notice.DidRegisterPlugins Notice.DidRegisterPlugins.GetNewPlugins
Plugin.DeclaresType Plugin.FindPluginResource Plugin.GetMetadataForType Plugin.Load Plugin.MakeResourcePath Plugin.expired
Plugin.isLoaded Plugin.isPythonModule Plugin.isResource Plugin.metadata Plugin.name Plugin.path Plugin.resourcePath
Registry.FindDerivedTypeByName Registry.FindTypeByName Registry.GetAllDerivedTypes Registry.GetAllPlugins
Registry.GetDirectlyDerivedTypes Registry.GetPluginForType Registry.GetPluginWithName Registry.GetStringFromPluginMetaData
Registry.RegisterPlugins Registry.expired
""".split()
#: What a script needs of Tf for that.
TF = """
Type Type.AddAlias Type.Define Type.Find Type.FindByName Type.FindDerivedByName Type.GetAliases Type.GetAllAncestorTypes
Type.GetAllDerivedTypes Type.GetRoot Type.IsA Type.Unknown Type.baseTypes Type.derivedTypes Type.isEnumType
Type.isPlainOldDataType Type.isUnknown Type.pythonClass Type.sizeof Type.typeName
Notice Notice.Listener Notice.Register Notice.RegisterGlobally Notice.Send Notice.SendGlobally
ErrorException Error TF_DIAGNOSTIC_CODING_ERROR_TYPE TF_DIAGNOSTIC_RUNTIME_ERROR_TYPE
""".split()
#: Each row is what it is about, and an expression or statement; statements give ``None``. They run in this order.
ROWS = [
    ("Tf.Type.FindByName", "Tf.Type.FindByName('Tool')"),
    ("Plug.Registry.GetAllPlugins", "sorted(p.name for p in Plug.Registry().GetAllPlugins() if p.name.startswith('desk'))"),
    ("Tf.Notice.RegisterGlobally", "keys.append(Tf.Notice.RegisterGlobally('PlugNotice::DidRegisterPlugins', hear))"),
    ("Tf.Notice.RegisterGlobally", "keys.append(Tf.Notice.RegisterGlobally(Plug.Notice.Base, hear))"),
    ("Tf.Notice.Register", "keys.append(Tf.Notice.Register(Plug.Notice.DidRegisterPlugins, hear, Plug.Registry()))"),
    ("Tf.Notice.Register", "Tf.Notice.Register(Plug.Notice.DidRegisterPlugins, hear, Plug.Registry()) and None"),
    ("Plug.Registry.RegisterPlugins", "Plug.Registry().RegisterPlugins(root + '/nowhere')"),
    ("Plug.Registry.RegisterPlugins", "Plug.Registry().RegisterPlugins('relative')"),
    ("Plug.Registry.RegisterPlugins", "Plug.Registry().RegisterPlugins(5)"),
    ("Plug.Registry.RegisterPlugins", "sorted(p.name for p in Plug.Registry().RegisterPlugins(root + '/desk'))"),
    ("Plug.Notice.DidRegisterPlugins", "[type(notice) is Plug.Notice.DidRegisterPlugins for notice, sender in heard]"),
    ("Plug.Notice.DidRegisterPlugins.GetNewPlugins", "[sorted(p.name for p in n.GetNewPlugins()) for n, s in heard]"),
    (
        "Plug.Notice.Base",
        "[isinstance(notice, Plug.Notice.Base) and isinstance(notice, Tf.Notice) for notice, sender in heard]",
    ),
    ("Plug.Notice.Base", "[sender == Plug.Registry() for notice, sender in heard]"),
    ("Plug.Registry.RegisterPlugins", "Plug.Registry().RegisterPlugins([root + '/desk', root + '/desk/'])"),
    ("Tf.Notice.Listener", "keys[0].Revoke()"),
    ("Tf.Notice.Listener", "keys[0].Revoke()"),
    ("Tf.Notice.Listener", "keys.clear(); gc.collect(); heard.clear()"),
    ("Plug.Registry.RegisterPlugins", "sorted(p.name for p in Plug.Registry().RegisterPlugins([root + '/more']))"),
    ("Tf.Notice.Listener", "len(heard)"),
    # --- errors
    ("Tf.ErrorException", "Plug.Registry().RegisterPlugins(root + '/broken')"),
    ("Tf.ErrorException", "issubclass(Tf.ErrorException, RuntimeError)"),
    ("Tf.Error", "[type(e.commentary) is str or isinstance(e.commentary, str) for e in broken().args]"),
    ("Tf.Error", "['again.json' in e.commentary for e in broken().args[:3]]"),
    ("Tf.Error", "[(e.errorCodeString, e.diagnosticCodeString) for e in broken().args]"),
    ("Tf.Error", "[str(e.errorCode) for e in broken().args]"),
    ("Tf.Error", "[(type(e.sourceFileName) is str, type(e.sourceLineNumber) is int) for e in broken().args]"),
    ("Tf.TF_DIAGNOSTIC_RUNTIME_ERROR_TYPE", "[e.errorCode == Tf.TF_DIAGNOSTIC_RUNTIME_ERROR_TYPE for e in broken().args]"),
    ("Tf.TF_DIAGNOSTIC_CODING_ERROR_TYPE", "[e.diagnosticCode == Tf.TF_DIAGNOSTIC_CODING_ERROR_TYPE for e in broken().args]"),
    ("Tf.TF_DIAGNOSTIC_CODING_ERROR_TYPE", "Plug.Registry().GetPluginForType(Tf.Type.Unknown)"),
    # --- the registry
    ("Plug.Registry.expired", "Plug.Registry().expired"),
    (
        "Plug.Registry.expired",
        "(bool(Plug.Registry()), Plug.Registry() == Plug.Registry(), hash(Plug.Registry()) == hash(Plug.Registry()))",
    ),
    ("Plug.Registry.expired", "isinstance(Plug.Registry(), Plug.Registry)"),
    ("Plug.Registry.GetAllPlugins", "sorted(p.name for p in Plug.Registry().GetAllPlugins() if p.name.startswith('desk'))"),
    ("Plug.Registry.GetAllPlugins", "type(Plug.Registry().GetAllPlugins()).__name__"),
    ("Plug.Registry.GetPluginWithName", "[Plug.Registry().GetPluginWithName(name) for name in ('desk_brushes', 'nobody')]"),
    ("Plug.Registry.GetPluginForType", "Plug.Registry().GetPluginForType('desk_brushes.Charcoal')"),
    ("Plug.Registry.GetPluginForType", "Plug.Registry().GetPluginForType(Tf.Type.FindByName('Rough'))"),
    ("Plug.Registry.GetPluginForType", "Plug.Registry().GetPluginForType('Tool')"),
    ("Plug.Registry.GetPluginForType", "Plug.Registry().GetPluginForType('Nobody')"),
    ("Plug.Registry.GetPluginForType", "Plug.Registry().GetPluginForType(7)"),
    ("Plug.Registry.FindTypeByName", "Plug.Registry.FindTypeByName('Brush'), Plug.Registry().FindTypeByName('Brush')"),
    ("Plug.Registry.FindTypeByName", "Plug.Registry.FindTypeByName('Nobody')"),
    ("Plug.Registry.FindDerivedTypeByName", "Plug.Registry.FindDerivedTypeByName('Tool', 'coal')"),
    ("Plug.Registry.FindDerivedTypeByName", "Plug.Registry().FindDerivedTypeByName(Tf.Type('Tool'), 'Brush')"),
    ("Plug.Registry.FindDerivedTypeByName", "Plug.Registry.FindDerivedTypeByName('Brush', 'coal')"),
    ("Plug.Registry.FindDerivedTypeByName", "Plug.Registry.FindDerivedTypeByName('Nobody', 'coal')"),
    ("Plug.Registry.FindDerivedTypeByName", "Plug.Registry.FindDerivedTypeByName(Tf.Type.Unknown, 'coal')"),
    ("Plug.Registry.GetDirectlyDerivedTypes", "Plug.Registry.GetDirectlyDerivedTypes('Brush')"),
    ("Plug.Registry.GetDirectlyDerivedTypes", "Plug.Registry().GetDirectlyDerivedTypes(Tf.Type.Unknown)"),
    ("Plug.Registry.GetAllDerivedTypes", "sorted(t.typeName for t in Plug.Registry.GetAllDerivedTypes('Tool'))"),
    ("Plug.Registry.GetAllDerivedTypes", "type(Plug.Registry().GetAllDerivedTypes('Tool')).__name__"),
    ("Plug.Registry.GetAllDerivedTypes", "Plug.Registry.GetAllDerivedTypes('Nobody')"),
    (
        "Plug.Registry.GetStringFromPluginMetaData",
        "Plug.Registry().GetStringFromPluginMetaData('desk_brushes.Charcoal', 'displayName')",
    ),
    (
        "Plug.Registry.GetStringFromPluginMetaData",
        "Plug.Registry().GetStringFromPluginMetaData('desk_brushes.Charcoal', 'width')",
    ),
    ("Plug.Registry.GetStringFromPluginMetaData", "Plug.Registry().GetStringFromPluginMetaData('Tool', 'x')"),
    ("Plug.Registry.GetPluginWithName", "Plug.Registry().GetPluginWithName(None)"),
    ("Plug.Registry.FindTypeByName", "Plug.Registry.FindTypeByName(5)"),
    ("Plug.Registry.FindDerivedTypeByName", "Plug.Registry.FindDerivedTypeByName('Tool', None)"),
    ("Plug.Registry.GetStringFromPluginMetaData", "Plug.Registry().GetStringFromPluginMetaData('Brush', None)"),
    # --- a plugin
    ("Plug.Plugin.name", "[p.name for p in both]"),
    ("Plug.Plugin.path", "[p.path for p in both]"),
    ("Plug.Plugin.resourcePath", "[p.resourcePath for p in both]"),
    ("Plug.Plugin.isPythonModule", "[p.isPythonModule for p in both]"),
    ("Plug.Plugin.isResource", "[p.isResource for p in both]"),
    ("Plug.Plugin.isLoaded", "[p.isLoaded for p in both]"),
    ("Plug.Plugin.expired", "[p.expired for p in both]"),
    ("Plug.Plugin.expired", "brushes == Plug.Registry().GetPluginWithName('desk_brushes') != papers, bool(brushes)"),
    (
        "Plug.Plugin.expired",
        "len({brushes, papers, Plug.Registry().GetPluginWithName('desk_brushes')}), isinstance(brushes, Plug.Plugin)",
    ),
    ("Plug.Plugin.expired", "(brushes < papers) != (papers < brushes), brushes < brushes, len(sorted([papers, brushes]))"),
    ("Plug.Plugin.metadata", "brushes.metadata"),
    ("Plug.Plugin.metadata", "brushes.metadata['Types']['desk_brushes.Charcoal']['width'] + len(papers.metadata)"),
    ("Plug.Plugin.GetMetadataForType", "brushes.GetMetadataForType('desk_brushes.Charcoal')"),
    (
        "Plug.Plugin.GetMetadataForType",
        "brushes.GetMetadataForType(Tf.Type.FindByName('Rough')), brushes.GetMetadataForType(Tf.Type.Unknown)",
    ),
    ("Plug.Plugin.GetMetadataForType", "brushes.GetMetadataForType('Nobody')"),
    (
        "Plug.Plugin.DeclaresType",
        "brushes.DeclaresType('Brush'), brushes.DeclaresType('Tool'), brushes.DeclaresType(Tf.Type('Rough'))",
    ),
    ("Plug.Plugin.DeclaresType", "brushes.DeclaresType('Tool', True), papers.DeclaresType('Brush', includeSubclasses=True)"),
    ("Plug.Plugin.DeclaresType", "brushes.DeclaresType('Nobody')"),
    ("Plug.Plugin.MakeResourcePath", "[papers.MakeResourcePath(path) for path in ('', 'a/../b', '/abs//x', 'x/')]"),
    ("Plug.Plugin.FindPluginResource", "[papers.FindPluginResource(path) for path in ('grain.txt', 'gone.txt', '')]"),
    (
        "Plug.Plugin.FindPluginResource",
        "papers.FindPluginResource('gone.txt', False), papers.FindPluginResource('gone.txt', verify=False)",
    ),
    ("Plug.Plugin.FindPluginResource", "papers.FindPluginResource(None)"),
    ("Plug.Plugin.MakeResourcePath", "papers.MakeResourcePath(None)"),
    # --- types
    ("Tf.Type", "Tf.Type('Tool'), Tf.Type(Tf.Type('Tool')), Tf.Type()"),
    ("Tf.Type", "Tf.Type('Nobody')"),
    ("Tf.Type", "isinstance(Tf.Type('Tool'), Tf.Type), repr(Tf.Type('Tool')), str(Tf.Type.Unknown)"),
    (
        "Tf.Type",
        "Tf.Type('Tool') == 'Tool', 'Tool' == Tf.Type('Tool'), Tf.Type('Tool') != 'Brush', Tf.Type('Tool') == Tf.Type('Tool')",
    ),
    ("Tf.Type", "Tf.Type('Tool') == 'Nobody'"),
    ("Tf.Type", "'Rough' in Tf.Type('Paper').derivedTypes, len({Tf.Type('Tool'), Tf.Type('Tool'), Tf.Type('Paper')})"),
    ("Tf.Type", "(Tf.Type('Tool') < Tf.Type('Paper')) != (Tf.Type('Paper') < Tf.Type('Tool')), Tf.Type('Tool') < 'Tool'"),
    ("Tf.Type", "Tf.Type('Tool') <= 'Tool', Tf.Type('Tool') >= Tf.Type('Tool'), Tf.Type('Tool') > Tf.Type('Tool')"),
    ("Tf.Type.Unknown", "Tf.Type.Unknown, bool(Tf.Type.Unknown), Tf.Type.Unknown == Tf.Type()"),
    (
        "Tf.Type.Unknown",
        "[getattr(Tf.Type.Unknown, name) for name in ('typeName', 'baseTypes', 'derivedTypes', 'sizeof', 'pythonClass')]",
    ),
    ("Tf.Type.GetRoot", "Tf.Type.GetRoot(), Tf.Type.GetRoot().baseTypes, Tf.Type('Tool').IsA(Tf.Type.GetRoot())"),
    (
        "Tf.Type.FindByName",
        "Tf.Type.FindByName('desk_brushes.Charcoal'), Tf.Type.FindByName('coal'), Tf.Type.FindByName('anywhere')",
    ),
    ("Tf.Type.FindDerivedByName", "[Tf.Type('Tool').FindDerivedByName(name) for name in ('coal', 'Brush', 'Paper', 'Tool')]"),
    ("Tf.Type.typeName", "Tf.Type('Tool').typeName"),
    ("Tf.Type.isUnknown", "Tf.Type('Tool').isUnknown, Tf.Type.Unknown.isUnknown, bool(Tf.Type('Tool'))"),
    ("Tf.Type.baseTypes", "[Tf.Type(name).baseTypes for name in ('Tool', 'Brush', 'desk_brushes.Charcoal', 'Paper')]"),
    ("Tf.Type.derivedTypes", "Tf.Type('Brush').derivedTypes, Tf.Type('Rough').derivedTypes"),
    ("Tf.Type.GetAllDerivedTypes", "sorted(t.typeName for t in Tf.Type('Tool').GetAllDerivedTypes())"),
    ("Tf.Type.GetAllAncestorTypes", "Tf.Type('desk_brushes.Charcoal').GetAllAncestorTypes()"),
    ("Tf.Type.GetAllAncestorTypes", "Tf.Type.Unknown.GetAllAncestorTypes()"),
    ("Tf.Type.IsA", "Tf.Type('Brush').IsA('Tool'), Tf.Type('Tool').IsA('Brush'), Tf.Type('Tool').IsA('Tool')"),
    ("Tf.Type.IsA", "Tf.Type('Brush').IsA('Nobody')"),
    ("Tf.Type.IsA", "Tf.Type('Brush').IsA(Tf.Type.Unknown)"),
    ("Tf.Type.GetAliases", "Tf.Type('Tool').GetAliases('desk_brushes.Charcoal'), Tf.Type('Tool').GetAliases(Tf.Type.Unknown)"),
    ("Tf.Type.AddAlias", "Tf.Type('Brush').AddAlias('Tool', 'b'); Tf.Type('Rough').AddAlias(Tf.Type('Paper'), 'r')"),
    (
        "Tf.Type.AddAlias",
        "Tf.Type('Tool').GetAliases('Brush'), Tf.Type('Paper').FindDerivedByName('r'), Tf.Type('Tool').FindDerivedByName('b')",
    ),
    ("Tf.Type.AddAlias", "Tf.Type('desk_brushes.Charcoal').AddAlias('Tool', 'b')"),
    ("Tf.Type.AddAlias", "Tf.Type('desk_brushes.Charcoal').AddAlias('Tool', 'Brush')"),
    ("Tf.Type.AddAlias", "Tf.Type('Rough').AddAlias(Tf.Type.GetRoot(), 'rr')"),
    ("Tf.Type.AddAlias", "Tf.Type.FindByName('rr'), Tf.Type('rr')"),
    ("Tf.Type.AddAlias", "Tf.Type('Brush').AddAlias('Tool', None)"),
    ("Tf.Type.FindByName", "Tf.Type.FindByName(None)"),
    ("Tf.Type.FindDerivedByName", "Tf.Type('Tool').FindDerivedByName(5)"),
    ("Tf.Type.isEnumType", "Tf.Type('Tool').isEnumType"),
    ("Tf.Type.isPlainOldDataType", "Tf.Type('Tool').isPlainOldDataType"),
    ("Tf.Type.sizeof", "Tf.Type('Tool').sizeof"),
    ("Tf.Type.pythonClass", "Tf.Type('Tool').pythonClass"),
    # --- classes of Python
    ("Tf.Type.Find", "Tf.Type.Find(Pen), Tf.Type.Find(5)"),
    ("Tf.Type.Find", "Tf.Type.Find('Tool')"),
    ("Tf.Type.IsA", "Tf.Type('Tool').IsA(Pen)"),
    ("Tf.Type.Define", "Tf.Type.Define(Fineliner)"),
    ("Tf.Type.Define", "Tf.Type.Find(Pen), Tf.Type.Find(Fineliner).baseTypes, Tf.Type.Find(Fineliner).GetAllAncestorTypes()"),
    ("Tf.Type.Define", "Tf.Type.Define(Pen)"),
    ("Tf.Type.Define", "Tf.Type.Define(Rubber)"),
    ("Tf.Type.Define", "Tf.Type.FindByName('desk_table.Rubber').pythonClass is Rubber, Tf.Type.Find(Rubber).baseTypes"),
    ("Tf.Type.Define", "Tf.Type.Define(Marker)"),
    ("Tf.Type.Define", "Tf.Type.Find(Marker), Tf.Type.Find(Marker).baseTypes, Tf.Type.Find(Marker).pythonClass is Marker"),
    ("Tf.Type.Define", "Tf.Type.Define(WhiteChalk)"),
    ("Tf.Type.Define", "Tf.Type.Find(WhiteChalk).baseTypes, Tf.Type.Find(Chalk).baseTypes, Tf.Type.Find(Chalk).pythonClass is Chalk"),
    ("Tf.Type.Define", "Tf.Type.Define(WhiteChalk)"),
    ("Tf.Type.Define", "Tf.Type.Define(WhiteChalk)"),
    ("Tf.Type.Define", "Tf.Type.Define(Eraser)"),
    ("Tf.Type.Define", "Tf.Type.Find(Eraser).baseTypes, Tf.Type.FindByName('desk_table.Ink').derivedTypes"),
    ("Tf.Type.Define", "Tf.Type.Define(NewPen)"),
    ("Tf.Type.Define", "Tf.Type(Pen).baseTypes, Tf.Type(Pen).pythonClass is Pen, Tf.Type.Find(NewPen)"),
    ("Tf.Type.Define", "Tf.Type.Define(Swapped)"),
    ("Tf.Type.Define", "Tf.Type.Find(Swapped).baseTypes, Tf.Type.Find(Swapped).pythonClass is Swapped"),
    ("Tf.Type.Define", "Tf.Type.Define(5)"),
    ("Tf.Type.pythonClass", "Tf.Type.Find(Pen).pythonClass is Pen, Tf.Type(Pen).pythonClass().width"),
    ("Tf.Type.sizeof", "Tf.Type.Find(Pen).sizeof, Tf.Type.Find(Pen).isPlainOldDataType, Tf.Type.Find(Pen).isEnumType"),
    (
        "Tf.Type.Find",
        "Tf.Type.Find(Tf.Notice), Tf.Type.Find(Plug.Notice.Base).baseTypes, Tf.Type.Find(Plug.Registry), Tf.Type.Find(Plug.Plugin)",
    ),
    ("Tf.Type", "Tf.Type(Fineliner).IsA(Pen), Tf.Type(Pen) == Pen, sorted(t.typeName for t in Plug.Registry.GetAllDerivedTypes(Pen))"),
    ("Plug.Registry.GetPluginForType", "Plug.Registry().GetPluginForType(Pen), Plug.Registry().GetPluginForType(Marker)"),
    ("Plug.Plugin.DeclaresType", "papers.DeclaresType(Pen), papers.DeclaresType(Marker)"),
    # --- notices
    ("Tf.Notice.Register", "Tf.Notice.Register(Spilled, hear, sender)"),
    ("Tf.Notice", "Tf.Type.Define(Spilled).baseTypes"),
    ("Tf.Notice.Register", "heard.clear(); keys.append(Tf.Notice.Register(Spilled, hear, sender))"),
    (
        "Tf.Notice.Send",
        "Spilled().Send(sender), Spilled().Send(other), Spilled().SendGlobally(), len(heard), heard[0][1] is sender",
    ),
    ("Tf.Notice.SendGlobally", "keys.append(Tf.Notice.RegisterGlobally('desk_table.Spilled', hear))"),
    (
        "Tf.Notice.SendGlobally",
        "Spilled().SendGlobally(), heard[-1][1], Spilled().Send(sender), Spilled().Send(other), Spilled().Send(None)",
    ),
    ("Tf.Notice.Send", "Spilled().Send(5)"),
    ("Tf.Notice.Listener", "keys.pop(0).Revoke()"),
    ("Tf.Notice.Listener", "Spilled().Send(sender), type(keys[0]) is Tf.Notice.Listener"),
    ("Tf.Notice.Listener", "keys.clear(); gc.collect()"),
    ("Tf.Notice.Listener", "Spilled().Send(sender), Spilled().SendGlobally()"),
    ("Tf.Notice.Register", "Tf.Notice.Register(Spilled, 5, sender)"),
    ("Tf.Notice.Register", "Tf.Notice.Register(Spilled, hear, 5)"),
    ("Tf.Notice.Register", "Tf.Notice.RegisterGlobally(Pen, hear)"),
    ("Tf.Notice.Register", "Tf.Notice.RegisterGlobally('Nobody', hear)"),
    ("Tf.Notice.Register", "keys.append(Tf.Notice.RegisterGlobally(Spilled, refuse)); Spilled().SendGlobally()"),
    (
        "Tf.Notice.Register",
        "keys.clear(); keys.append(Tf.Notice.RegisterGlobally(Spilled, lambda *given: heard.append(given))); heard.clear()",
    ),
    ("Tf.Notice.Register", "Spilled().SendGlobally(), len(heard)"),
    (
        "Tf.Notice.Register",
        "keys[:] = [Tf.Notice.RegisterGlobally(kind, ring(number)) for number, kind in enumerate((Tf.Notice, Spilled, Spilled))]",
    ),
    ("Tf.Notice.Register", "keys.append(Tf.Notice.Register(Spilled, ring('sent'), sender)); heard.clear()"),
    ("Tf.Notice.Send", "Spilled().Send(sender), heard"),
    ("Tf.Notice.Listener", "keys.append(Tf.Notice.RegisterGlobally(Spilled, lambda *given: keys[2].Revoke())); heard.clear()"),
    ("Tf.Notice.Listener", "Spilled().Send(sender), heard"),
    ("Tf.Notice.Register", "keys[:] = [Tf.Notice.Register(Spilled, ring('lost'), type(sender)())]; gc.collect(); heard.clear()"),
    ("Tf.Notice.SendGlobally", "Spilled().SendGlobally(), Spilled().Send(sender), heard"),
    # --- loading
    ("Plug.Plugin.Load", "'desk_brushes' in sys.modules, hasattr(sys.modules['__main__'], 'desk_brushes')"),
    ("Plug.Plugin.Load", "brushes.Load(), brushes.isLoaded, brushes.Load()"),
    ("Plug.Plugin.Load", "'desk_brushes' in sys.modules, hasattr(sys.modules['__main__'], 'desk_brushes')"),
    ("Plug.Plugin.Load", "papers.Load(), papers.isLoaded"),
    ("Plug.Plugin.Load", "Plug.Registry().GetPluginWithName('desk_gone').Load()"),
    ("Plug.Plugin.Load", "Plug.Registry().GetPluginWithName('desk_needy').Load()"),
    ("Plug.Plugin.Load", "Plug.Registry().GetPluginWithName('desk_native').Load()"),
    (
        "Plug.Plugin.Load",
        "[Plug.Registry().GetPluginWithName(name).isLoaded for name in ('desk_gone', 'desk_needy', 'desk_native')]",
    ),
]  # fmt: skip
DESK = {
    "Plugins": [
        {
            "Type": "python", "Name": "desk_brushes", "Root": "brushes", "ResourcePath": "res",
            "Info": {
                "Types": {
                    "Brush": {"bases": ["Tool"]},
                    "desk_brushes.Charcoal": {
                        "bases": ["Brush"], "alias": {"Tool": "coal", "TfType::_Root": "anywhere"}, "displayName": "Charcoal", "width": 4,
                    },
                },
                "PluginDependencies": {"Paper": ["Rough"]},
            },
        },
        {
            "Type": "resource", "Name": "desk_papers", "Root": "papers", "ResourcePath": "res",
            "Info": {
                "Types": {
                    "Paper": {}, "Rough": {"bases": ["Paper"]}, "desk_table.Marker": {"bases": ["desk_table.Pen"]},
                    "desk_table.Rubber": {"bases": ["desk_table.Pen"]}, "desk_table.Chalk": {"bases": ["desk_table.Pen"]},
                    "desk_table.Eraser": {"bases": ["desk_table.Ink"]},
                    "desk_table.Swapped": {"bases": ["desk_table.Cap", "desk_table.Pen"]},
                },
            },
        },
    ],
}  # fmt: skip
MORE = {
    "Plugins": [
        {"Type": "python", "Name": "desk_gone", "Root": "g", "Info": {"Types": {"Gone": {}}}},
        {"Type": "python", "Name": "desk_needy", "Root": "n", "Info": {"PluginDependencies": {"Gone": ["Gone"]}}},
        {"Type": "library", "Name": "desk_native", "Root": "l", "LibraryPath": "gone.so", "Info": {}},
    ],
}
BROKEN = {"Plugins": [{"Type": "resource", "Name": ""}, {"Type": "resource", "Name": "desk_odd", "Info": {}, "Root": "@", "Foo": 1}, 5]}
MODULE = "class Tool: pass\nclass Brush(Tool): pass\nclass Charcoal(Brush): width = 4\n"


def make_world(root: str) -> None:
    """Write the plugins that the rows speak of."""
    files: dict[str, Any] = {"desk/plugInfo.json": DESK, "more/plugInfo.json": MORE, "broken/plugInfo.json": BROKEN}
    files |= {"desk/papers/res/grain.txt": "grain", "py/desk_brushes.py": MODULE}
    for name, content in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))


def names_of(package: str, root: str) -> dict[str, Any]:
    """Return what the rows may use."""
    imported: dict[str, Any] = {}
    exec(f"from {package} import Plug, Tf", imported)
    Plug, Tf = imported["Plug"], imported["Tf"]
    heard: list[Any] = []

    class Pen:
        width = 1

    class Fineliner(Pen):
        """It derives from a class that isn't defined yet."""

    class Marker(Pen):
        """A plugin lists it with that base."""

    class Rubber:
        """A plugin lists it with a base that it lacks."""

    class Chalk:
        """A plugin lists it with a base that it lacks, too."""

    class WhiteChalk(Chalk):
        """It derives from that one."""

    class Cap:
        """Another class."""

    class Tip:
        """One more."""

    class Eraser(Cap, Pen):
        """A plugin lists it with one base that it lacks, and it has two."""

    class NewPen(Cap, Tip):
        """Another class of that name, as after a reload, with more bases."""

    class Swapped(Pen, Cap):
        """A plugin lists its bases in the other order."""

    class Spilled(Tf.Notice):  # type: ignore[misc]
        """A notice of our own."""

    class Sender:
        """Somebody who sends notices."""

    for cls in (Pen, Fineliner, Marker, Rubber, Chalk, WhiteChalk, Spilled, Cap, Tip, Eraser, NewPen, Swapped):
        cls.__module__ = "desk_table"
    NewPen.__name__ = "Pen"

    def hear(notice: Any, sender: Any) -> None:
        heard.append((notice, sender))

    def ring(number: object) -> Any:
        return lambda notice, sender: heard.append(number)

    def refuse(notice: Any, sender: Any) -> None:
        raise LookupError("not now")

    def broken() -> Any:
        """Return the error of the broken file, under a name that no registry has seen."""
        path = os.path.join(root, f"broken{len(os.listdir(root))}", "again.json")
        os.makedirs(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as file:
            # An alias of another type is a coding error, all else are runtime errors.
            taken = {"Type": "resource", "Name": os.path.dirname(path), "Info": {"Types": {"Brush": {}}}}
            json.dump({"Plugins": [*BROKEN["Plugins"], taken]}, file)
        try:
            Plug.Registry().RegisterPlugins(path)
        except Tf.ErrorException as error:
            return error

    return {
        **{"Plug": Plug, "Tf": Tf, "Pen": Pen, "Fineliner": Fineliner, "Marker": Marker, "Rubber": Rubber, "Spilled": Spilled},
        **{"Chalk": Chalk, "WhiteChalk": WhiteChalk, "Eraser": Eraser, "NewPen": NewPen, "Swapped": Swapped},
        **{"root": root, "heard": heard, "hear": hear, "ring": ring, "refuse": refuse, "keys": [], "broken": broken, "gc": gc, "sys": sys},
        **{"sender": Sender(), "other": Sender()},
    }


def answer(text: str, names: dict[str, Any], shown: Callable[[Any], Any]) -> Any:
    """Return what a row gives, or what it raises."""
    try:
        try:
            return shown(eval(text, names))
        except SyntaxError:
            return exec(text, names)
    except names["Tf"].ErrorException as error:
        return {"raises": "ErrorException", "codes": [item.errorCodeString for item in error.args]}
    except Exception as error:
        # Of two errors that are the same to who catches them, only the common class is compared.
        common = next(cls for cls in (TypeError, AttributeError, LookupError, Exception) if isinstance(error, cls))
        return {"raises": common.__name__}


def main(package: str, root: str) -> None:
    os.environ["PXR_DISABLE_STANDARD_PLUG_SEARCH_PATH"] = "1"
    make_world(root)
    sys.path.insert(0, os.path.join(root, "py"))
    names = names_of(package, root)
    Plug, Tf = names["Plug"], names["Tf"]

    def shown(value: Any) -> Any:
        if isinstance(value, Tf.Type):
            return f"type {value.typeName}"
        if isinstance(value, Plug.Plugin):
            return f"plugin {value.name}"
        if isinstance(value, dict):
            return {key: shown(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [f"a {type(value).__name__}", *map(shown, value)]
        return value.replace(root, "$ROOT") if isinstance(value, str) else value

    answers = []
    for _, text in ROWS:
        answers.append(answer(text, names, shown))
        if "both" not in names and (brushes := Plug.Registry().GetPluginWithName("desk_brushes")):
            papers = Plug.Registry().GetPluginWithName("desk_papers")
            names |= {"brushes": brushes, "papers": papers, "both": [brushes, papers]}
    print("@@", json.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
