"""The same steps done by OpenUSD's own registry: run as a program where usd-core is installed.

``python usd_peer.py CASE.json ROOT`` prints the steps with what they gave, as JSON.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

Step = dict[str, Any]
#: What an error says, and the category of the oracle for it; the groups are its parts.
TEXTS = (
    ("json-empty", r"JSON string is empty$"),
    ("json-unreadable", r"Plugin info file (?P<file>.*) couldn't be read"),
    ("not-an-object", r"Plugin info file (?P<file>.*) did not contain a JSON object"),
    ("key-not-array", r"Plugin info file (?P<file>.*) key '(?P<key>.*)' doesn't hold an array"),
    ("include-not-string", r"Plugin info file (?P<file>.*) key '(?P<key>.*)' index (?P<index>\d+) doesn't hold a string"),
    ("unknown-key", r"Plugin info file (?P<file>.*) has unknown key (?P<key>.*)"),
    ("plugin-not-object", r"Plugin info file (?P<file>.*) (?P<key>Plugins)\[(?P<index>\d+)\] doesn't hold an object"),
    ("plugin-key", r"Plugin info file (?P<file>.*) Plugins\[(?P<index>\d+)\] key '(?P<key>.*)' (?P<problem>.*); plugin ignored"),
    ("unknown-plugin-key", r"Plugin info file (?P<file>.*) Plugins\[(?P<index>\d+)\]: ignoring unknown key '(?P<key>.*)'"),
    ("path-not-absolute", r"Plugin info file (?P<file>.*) is not absolute"),
    ("bad-pattern", r"Failed to compile regex for (?P<file>.*?): "),
    ("bases-not-strings", r"Invalid bases for type (?P<type>.*) specified by plugin (?P<plugin>.*)\. Expected"),
    ("bases-differ", r"The metadata for plugin '(?P<plugin>.*)' defined in .* type '(?P<type>.*)' with base type '(?P<base>.*)', but"),
    ("type-already-provided", r"Plugin '(?P<plugin>.*)' defined .* provides type (?P<type>.*), but .* plugin '(?P<owner>.*)' defined"),
    ("root-type", r"Cannot declare the type '(?P<type>.*)'"),
    ("alias-taken", r"Cannot set alias '(?P<alias>.*)' under '(?P<base>.*)', because"),
    ("alias-is-type-name", r"There already is a type named '(?P<alias>.*)' derived from base type '(?P<base>.*)'; cannot"),
    ("inconsistent-ancestors", r"Cannot resolve ancestor classes for '(?P<type>.*)' because"),
    ("unknown-type", r"Unknown type$|IsA\(\) was given an Unknown base|Cannot ask for ancestor types"),
    ("dep-unknown-base", r"Load failed: unknown base class '(?P<type>.*)'"),
    ("dep-unknown-type", r"Load failed: unknown dependent class '(?P<type>.*)'"),
    ("dep-no-plugin", r"Load failed: unknown dependent plugin '(?P<type>.*)'"),
    ("dep-list-wrong-type", r"Load failed: dependency list has wrong type"),
    ("dep-cycle", r"Load failed because of cyclic dependency for '(?P<plugin>.*)'"),
    ("dep-not-loadable", r"Load failed: unable to load dependent plugin '(?P<type>.*)'"),
    ("python-import-failed", r"Load of (?P<plugin>.*) for .* failed"),
    ("library-load-failed", r"Failed to load plugin '(?P<plugin>.*)': "),
)


def error(item: Any) -> Step:
    """Return an error of Tf as the oracle writes it."""
    for category, pattern in TEXTS:
        match = re.match(pattern, item.commentary)
        if match:
            return {"category": category, "code": item.errorCodeString, **match.groupdict()}
    return {"category": "other", "text": item.commentary}


class Peer:
    """Does steps with the one registry of this process."""

    def __init__(self) -> None:
        from pxr import Plug, Tf

        self.plug, self.tf, self.registry = Plug, Tf, Plug.Registry()

    def done(self, step: Step) -> Step:
        try:
            return {**step, "result": getattr(self, f"op_{step['op']}")(step)}
        except self.tf.ErrorException as raised:
            return {**step, "result": None, "errors": [error(item) for item in raised.args]}
        except (TypeError, UnicodeDecodeError) as raised:
            return {**step, "result": None, "errors": [{"category": type(raised).__name__}]}

    def type(self, name: str) -> Any:
        special = {"$unknown": self.tf.Type.Unknown, "$root": self.tf.Type.GetRoot()}
        return special[name] if name in special else self.tf.Type.FindByName(name)

    def op_register(self, step: Step) -> Any:
        try:
            new: Any = sorted(plugin.name for plugin in self.registry.RegisterPlugins(step.get("path", step.get("paths"))))
            return {"new": new, "errors": []}
        except self.tf.ErrorException as raised:
            return {"new": None, "errors": [error(item) for item in raised.args]}

    def op_plugins(self, step: Step) -> Any:
        plugins = []
        for plugin in self.registry.GetAllPlugins():
            kind = "python" if plugin.isPythonModule else "resource" if plugin.isResource else "library"
            plugins.append([kind, plugin.name, plugin.path, plugin.resourcePath, plugin.isLoaded, plugin.metadata])
        return sorted(plugins, key=str)

    def op_type(self, step: Step) -> Any:
        type = self.type(step["name"])
        if not type:
            return None
        owner = self.registry.GetPluginForType(type)
        return {
            "name": type.typeName,
            "bases": names(type.baseTypes),
            "direct": names(self.registry.GetDirectlyDerivedTypes(type)),
            "all": sorted(names(self.registry.GetAllDerivedTypes(type))),
            "plugin": owner.name if owner else None,
        }

    def op_ancestors(self, step: Step) -> Any:
        return names(self.type(step["name"]).GetAllAncestorTypes())

    def op_is_a(self, step: Step) -> Any:
        return self.type(step["name"]).IsA(self.type(step["base"]))

    def op_aliases(self, step: Step) -> Any:
        return sorted(self.type(step["base"]).GetAliases(self.type(step["name"])))

    def op_find_derived(self, step: Step) -> Any:
        type = self.registry.FindDerivedTypeByName(self.type(step["base"]), step["name"])
        return type.typeName if type else None

    def op_declares(self, step: Step) -> Any:
        return self.registry.GetPluginWithName(step["plugin"]).DeclaresType(self.type(step["type"]), step.get("subclasses", False))

    def op_metadata_for_type(self, step: Step) -> Any:
        return self.registry.GetPluginWithName(step["plugin"]).GetMetadataForType(self.type(step["type"]))

    def op_load(self, step: Step) -> Any:
        plugin = self.registry.GetPluginWithName(step["plugin"])
        if plugin is None:
            return None
        try:
            return {"value": plugin.Load(), "errors": []}
        except self.tf.ErrorException as raised:
            return {"value": None, "errors": [error(item) for item in raised.args]}

    def op_find_resource(self, step: Step) -> Any:
        plugin = self.registry.GetPluginWithName(step["plugin"])
        return plugin.FindPluginResource(step["path"], step["verify"]) if plugin else None

    def op_string_metadata(self, step: Step) -> Any:
        return self.registry.GetStringFromPluginMetaData(self.type(step["type"]), step["key"])

    def op_plugin_for_type(self, step: Step) -> Any:
        plugin = self.registry.GetPluginForType(self.type(step["type"]))
        return plugin.name if plugin else None

    def op_all_derived(self, step: Step) -> Any:
        # Types of compiled code are known there only.
        derived = names(self.registry.GetAllDerivedTypes(self.type(step["type"])))
        return sorted(name for name in derived if len(name) <= 2)

    def op_plugin(self, step: Step) -> Any:
        plugin = self.registry.GetPluginWithName(step["name"])
        return [plugin.name, plugin.path, plugin.metadata] if plugin else None

    def op_mine(self, step: Step) -> Any:
        # OpenUSD finds its own plugins too.
        ours = {"m0", "m1", "m2", "m3", "m4"}
        return sorted([plugin.name, plugin.path] for plugin in self.registry.GetAllPlugins() if plugin.name in ours)

    def op_environ(self, step: Step) -> Any:
        return None

    def op_make_resource(self, step: Step) -> Any:
        plugin = self.registry.GetPluginWithName(step["plugin"])
        return plugin.MakeResourcePath(step["path"]) if plugin else None


def names(types: Any) -> list[str]:
    return [type.typeName for type in types]


def main(case: str, root: str) -> None:
    os.environ["PXR_DISABLE_STANDARD_PLUG_SEARCH_PATH"] = "1"
    sys.path.insert(0, os.path.join(root, "py"))
    with open(case, encoding="utf-8") as file:
        steps = json.load(file)["steps"]
    for step in steps:
        os.environ.update(step.get("environ", {}))
    peer = Peer()
    print("@@", json.dumps([peer.done(step) for step in steps]))


if __name__ == "__main__":
    main(*sys.argv[1:])
