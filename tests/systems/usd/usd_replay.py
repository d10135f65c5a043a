"""The steps of the OpenUSD oracle, done by our registry. The README of the oracle says what each asks."""

from __future__ import annotations

import builtins
import importlib
import json
import math
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ways.systems.usd import Fault, Notice, PlugError, Plugin, Registry, Type
from ways.systems.usd.errors import error_of

Step = dict[str, Any]
#: Categories that the registry reports with its code of coding errors.
PARTS = ("file", "key", "index", "problem", "plugin", "type", "base", "alias", "owner")


def build(case: Path, root: Path) -> Step:
    """Make the tree of a case in *root*, and return what the case says."""
    if (case / "tree").is_dir():
        shutil.copytree(case / "tree", root, dirs_exist_ok=True, symlinks=True)
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.write_bytes(path.read_bytes().replace(b"@ROOT@", os.fsencode(root)))
    text = (case / "case.json").read_text(encoding="utf-8").replace("@ROOT@", str(root))
    case_data: Step = json.loads(text)
    for folder in case_data.get("dirs", ()):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name, content in case_data.get("files", {}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    for link, target in case_data.get("symlinks", {}).items():
        (root / link).parent.mkdir(parents=True, exist_ok=True)
        (root / link).symlink_to(target)
    return case_data


@contextmanager
def world(case_data: Step, root: Path) -> Iterator[dict[str, str]]:
    """What a new process would have: a path, a folder, modules, and a log of what was imported."""
    before = list(sys.path), set(sys.modules), os.getcwd()
    sys.path[:0] = [str(root / path) for path in case_data.get("sys_path", ())]
    builtins._oracle_log = []  # type: ignore[attr-defined]
    environ = {"PXR_DISABLE_STANDARD_PLUG_SEARCH_PATH": "1"}
    for name, value in case_data.get("env", {}).items():
        environ.pop(name, None) if value is None else environ.update({name: value})
    try:
        yield environ
    finally:
        del builtins._oracle_log  # type: ignore[attr-defined]
        os.chdir(before[2])
        sys.path[:] = before[0]
        for name in set(sys.modules) - before[1]:
            if str(root) in str(getattr(sys.modules[name], "__file__", "") or ""):
                del sys.modules[name]


def replay(case_data: Step, root: Path) -> list[Step]:
    """Return the steps of a case, each with what our registry answers."""
    with world(case_data, root) as environ:
        registry = Registry(strict=True, environ=environ)
        listens_base, asks_for = bool(case_data.get("listen_base")), case_data.get("types_in_notice", ())
        runner = Runner(registry, root, listens_base=listens_base, asks_for=asks_for)
        return [without_root(runner.done(step), str(root)) for step in case_data["steps"]]


def without_root(value: Any, root: str) -> Any:
    """Return *value* with the folder of the case called ``$ROOT``."""
    return json.loads(json.dumps(_with_named_floats(value)).replace(json.dumps(root)[1:-1], "$ROOT"))


def _with_named_floats(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}
    if isinstance(value, dict):
        return {key: _with_named_floats(item) for key, item in value.items()}
    return [_with_named_floats(item) for item in value] if isinstance(value, (list, tuple)) else value


def error(fault: Fault) -> Step:
    """Return a fault as the oracle writes it."""
    code = {"code": error_of(fault).errorCodeString} if fault.level == "error" else {}
    return {"category": fault.code, **code, **{key: fault.parts[key] for key in PARTS if key in fault.parts}}


class Runner:
    """Does steps, one after the other, with one registry.

    :param asks_for: the types that a listener looks for when it hears of new plugins.
    """

    def __init__(self, registry: Registry, root: Path, *, listens_base: bool, asks_for: Sequence[str] = ()) -> None:
        self.registry = registry
        self.root = root
        self.notices: list[Any] = []
        self.asks_for = asks_for
        registry.Listen("PlugNotice::DidRegisterPlugins", self.heard)
        if listens_base:
            registry.Listen(Notice.Base, lambda notice, sender: self.notices.append(f"base:{type(notice).__name__}"))

    def heard(self, notice: Any, sender: object) -> None:
        assert sender is self.registry
        self.notices.append(sorted(plugin.name for plugin in notice.GetNewPlugins()))
        if self.asks_for:
            self.notices.append("knows:" + ",".join(name for name in self.asks_for if self.registry.FindTypeByName(name)))

    def done(self, step: Step) -> Step:
        """Return a step with its result, and with what it raised, warned of and imported."""
        log, warned = builtins._oracle_log, len(self.registry.problems)  # type: ignore[attr-defined]
        log.clear()
        self.notices.clear()
        done = dict(step)
        try:
            done["result"] = getattr(self, f"op_{step['op']}")(step)
        except PlugError as raised:
            done |= {"result": None, "errors": [error(fault) for fault in raised.errors]}
        except (TypeError, UnicodeDecodeError) as raised:
            done |= {"result": None, "errors": [{"category": type(raised).__name__}]}
        warnings = [error(fault) for fault in self.registry.problems[warned:] if fault.level == "warning"]
        warnings = [item for item in warnings if item["category"] != "relative-search-path"]
        return {**done, **({"warnings": warnings} if warnings else {}), **({"imports": list(log)} if log else {})}

    def type(self, name: str) -> Any:
        """Return what is asked with: one of the two types that have no name of their own, or the name as it is."""
        special = {"$unknown": self.registry.types.unknown, "$root": self.registry.types.root}
        return special.get(name, name)

    def known(self, name: str) -> Type | None:
        """Return the type that is asked itself; ``None`` if there is none of that name."""
        given = self.type(name)
        return (self.registry.FindTypeByName(given) or None) if isinstance(given, str) else given

    def plugin(self, name: str) -> Plugin:
        plugin = self.registry.GetPluginWithName(name)
        assert plugin is not None, name
        return plugin

    def op_register(self, step: Step) -> Any:
        try:
            new = [plugin.name for plugin in self.registry.RegisterPlugins(step.get("path", step.get("paths")))]
            faults: tuple[Fault, ...] = ()
        except PlugError as raised:
            new, faults = None, raised.errors  # type: ignore[assignment]
        errors = [error(fault) for fault in faults]
        notices = sorted(self.notices, key=str)
        return {"errors": errors, "new": new if new is None or step.get("ordered") else sorted(new), "notices": notices}

    def op_names(self, step: Step) -> Any:
        return sorted(plugin.name for plugin in self.registry.GetAllPlugins())

    def op_plugins(self, step: Step) -> Any:
        return sorted(map(described, self.registry.GetAllPlugins()), key=lambda plugin: (plugin["name"], plugin["kind"], plugin["path"]))

    def op_plugin(self, step: Step) -> Any:
        plugin = self.registry.GetPluginWithName(step["name"])
        if plugin is None:
            return None
        return {**described(plugin), "metadata": plugin.metadata, "metadata_keys_in_order": list(plugin.metadata)}

    def op_loaded(self, step: Step) -> Any:
        return sorted(plugin.name for plugin in self.registry.GetAllPlugins() if plugin.isLoaded)

    def op_type(self, step: Step) -> Any:
        type = self.registry.FindTypeByName(step["name"])
        if not type:
            return None
        owner = self.registry.GetPluginForType(type)
        return {
            "name": type.typeName,
            "bases": names(type.baseTypes),
            "direct": names(self.registry.GetDirectlyDerivedTypes(type)),
            "all": sorted(names(self.registry.GetAllDerivedTypes(type))),
            "ancestors": names(type.GetAllAncestorTypes()),
            "plugin": owner.name if owner else None,
        }

    def op_bases(self, step: Step) -> Any:
        type = self.known(step["name"])
        return None if type is None else names(type.baseTypes)

    def op_ancestors(self, step: Step) -> Any:
        type = self.known(step["name"])
        return None if type is None else names(type.GetAllAncestorTypes())

    def op_find_type(self, step: Step) -> Any:
        return self.registry.FindTypeByName(step["name"]).typeName if self.registry.FindTypeByName(step["name"]) else None

    def op_is_a(self, step: Step) -> Any:
        type = self.known(step["name"])
        return None if type is None else type.IsA(self.type(step["base"]))

    def op_aliases(self, step: Step) -> Any:
        base = self.known(step["base"])
        return None if base is None else sorted(base.GetAliases(self.type(step["name"])))

    def op_derived(self, step: Step) -> Any:
        if step.get("direct"):
            return self.op_direct(step)
        return sorted(names(self.registry.GetAllDerivedTypes(self.type(step["base"]))))

    def op_direct(self, step: Step) -> Any:
        return names(self.registry.GetDirectlyDerivedTypes(self.type(step["base"])))

    def op_find_derived(self, step: Step) -> Any:
        type = self.registry.FindDerivedTypeByName(self.type(step["base"]), step["name"])
        return type.typeName if type else None

    def op_plugin_for_type(self, step: Step) -> Any:
        plugin = self.registry.GetPluginForType(self.type(step["type"]))
        return plugin.name if plugin else None

    def op_metadata_for_type(self, step: Step) -> Any:
        return self.plugin(step["plugin"]).GetMetadataForType(self.type(step["type"]))

    def op_string_metadata(self, step: Step) -> Any:
        return self.registry.GetStringFromPluginMetaData(self.type(step["type"]), step["key"])

    def op_declares(self, step: Step) -> Any:
        return self.plugin(step["plugin"]).DeclaresType(self.type(step["type"]), step.get("subclasses", False))

    def op_load(self, step: Step) -> Any:
        plugin = self.plugin(step["plugin"])
        try:
            value: bool | None = plugin.Load()
            faults: tuple[Fault, ...] = ()
        except PlugError as raised:
            value, faults = None, raised.errors
        return {
            "value": value,
            "errors": [error(fault) for fault in faults],
            "isLoaded": plugin.isLoaded,
            "all_loaded": self.op_loaded(step),
        }

    def op_make_resource(self, step: Step) -> Any:
        return self.plugin(step["plugin"]).MakeResourcePath(step["path"])

    def op_find_resource(self, step: Step) -> Any:
        return self.plugin(step["plugin"]).FindPluginResource(step["path"], step.get("verify", True))

    def op_load_from_threads(self, step: Step) -> Any:
        return sorted(at_once(lambda: self.plugin(step["plugin"]).Load(), step["n"]))

    def op_register_from_threads(self, step: Step) -> Any:
        return sorted(at_once(lambda: len(self.registry.RegisterPlugins(step["path"])), step["n"]))

    def op_same_object(self, step: Step) -> Any:
        one, two = self.plugin(step["plugin"]), self.plugin(step["plugin"])
        return one == two and hash(one) == hash(two)

    def op_mutate_metadata(self, step: Step) -> Any:
        self.plugin(step["plugin"]).metadata["changed"] = 1
        return "changed" in self.plugin(step["plugin"]).metadata

    def op_import(self, step: Step) -> Any:
        importlib.invalidate_caches()
        importlib.import_module(step["module"])

    def op_write(self, step: Step) -> Any:
        (self.root / step["path"]).parent.mkdir(parents=True, exist_ok=True)
        (self.root / step["path"]).write_text(step["text"], encoding="utf-8")

    def op_chdir(self, step: Step) -> Any:
        os.chdir(step["path"])


def names(types: Any) -> list[str]:
    return [type.typeName for type in types]


def described(plugin: Plugin) -> Step:
    """Return what a plugin's attributes say."""
    kind = "python" if plugin.isPythonModule else "resource" if plugin.isResource else "library"
    attributes = {name: getattr(plugin, name) for name in ("name", "path", "resourcePath", "isLoaded", "isPythonModule", "isResource")}
    return {"kind": kind, **attributes}


def at_once(function: Callable[[], Any], count: int) -> list[Any]:
    """Return what *function* gives in so many threads that start together."""
    barrier, results = threading.Barrier(count), []

    def run() -> None:
        barrier.wait()
        results.append(function())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
