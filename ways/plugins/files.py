"""Plugin files: Python files that register plugins and actions when they run, and may have a ``main``."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
import traceback
from collections.abc import Iterator
from types import ModuleType

from ways.sheets.document import IMPORT_FAILURE_KEY, LOAD_FAILURE_KEY, LoadResult

#: A module's own name for itself, by which its load result is found.
UUID_NAME = "WAYS_UUID"
NO_MAIN = "no_main_function"


def plugin_files(path: str) -> Iterator[str]:
    """Yield the plugin files that *path* stands for: itself, or the Python files directly in a folder, sorted."""
    if not os.path.isdir(path):
        yield path
        return
    for name in sorted(os.listdir(path)):
        if name.lower().endswith((".py", ".pyc")):
            yield os.path.join(path, name)


def run_plugin_file(path: str) -> LoadResult:
    """Run a plugin file as a module of its own, then its ``main``, and return how that went."""
    try:
        module = _module(path)
    except Exception as error:  # The file is foreign code: whatever it raises is its load result.
        return LoadResult(path, "failed", IMPORT_FAILURE_KEY, traceback=_traceback(error), error=error)
    uuid = str(getattr(module, UUID_NAME, ""))
    main = getattr(module, "main", None)
    if main is None:
        return LoadResult(path, "success", details=NO_MAIN, uuid=uuid)
    try:
        main()
    except Exception as error:  # As above: foreign code.
        return LoadResult(path, "failed", LOAD_FAILURE_KEY, traceback=_traceback(error), error=error, uuid=uuid)
    return LoadResult(path, "success", uuid=uuid)


def _module(path: str) -> ModuleType:
    name = f"ways_plugin_file_{abs(hash(os.path.abspath(path))):x}"
    is_compiled = path.lower().endswith(".pyc")
    loader_type = importlib.machinery.SourcelessFileLoader if is_compiled else importlib.machinery.SourceFileLoader
    spec = importlib.util.spec_from_file_location(name, path, loader=loader_type(name, path))
    if spec is None or spec.loader is None:
        raise ImportError(f"{path!r} can't be loaded as a module", path=path)
    module = importlib.util.module_from_spec(spec)
    # Classes look for their module by name, dataclasses among them.
    sys.modules[name] = module
    is_whole = False
    try:
        spec.loader.exec_module(module)
        is_whole = True
    finally:
        if not is_whole:
            del sys.modules[name]
    return module


def _traceback(error: Exception) -> str:
    return "".join(traceback.format_exception(error))
