"""Plugin files: Python files that register plugins and actions when they run, and may have a function ``main``."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Iterator
from functools import partial
from types import CodeType, ModuleType

from ways.sources.origins import traceback_text
from ways.usercode import Failed, call, call_without_exit
from ways.sheets.document import IMPORT_FAILURE_KEY, LOAD_FAILURE_KEY, LoadResult

#: The name in a module that holds the uuid of its load result.
UUID_NAME = "WAYS_UUID"
NO_MAIN = "no_main_function"
#: How the names of the modules begin that plugin files run as.
MODULE_PREFIX = "ways_plugin_file_"


def plugin_files(path: str) -> Iterator[str]:
    """Yield the plugin files that *path* stands for: itself, or the Python files directly in a folder, sorted."""
    try:
        names = sorted(os.listdir(path))
    except OSError:
        # A file; or a path that is missing or closed to us, whose load then fails and says so.
        yield path
        return
    for file in (os.path.join(path, name) for name in names if name.lower().endswith((".py", ".pyc"))):
        if os.path.isfile(file):
            yield file


def run_plugin_file(path: str, *, may_exit: bool = True) -> LoadResult:
    """Run a plugin file as a new module, then its ``main``, and return how that went.

    :param may_exit: whether a ``SystemExit`` goes on; if not, it is a failure like any other.
    """
    # The file is foreign code: what it raises is its load result. A file that WAYS_PLUGINS names is run by the first question
    # of a program, and must not end that program.
    run = call if may_exit else partial(call, call_without_exit)
    module = run(_module, path)
    if isinstance(module, Failed):
        return LoadResult(path, "failed", IMPORT_FAILURE_KEY, traceback=traceback_text(module.error), error=module.error)
    uuid = str(getattr(module, UUID_NAME, None) or "")
    main = getattr(module, "main", None)
    if main is None:
        return LoadResult(path, "success", details=NO_MAIN, uuid=uuid)
    result = run(main)
    if isinstance(result, Failed):
        return LoadResult(path, "failed", LOAD_FAILURE_KEY, traceback=traceback_text(result.error), error=result.error, uuid=uuid)
    return LoadResult(path, "success", uuid=uuid)


class _SourceLoader(importlib.machinery.SourceFileLoader):
    """Reads the source each time: a compiled copy could be older than an edit within the same second."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def _module(path: str) -> ModuleType:
    name = f"{MODULE_PREFIX}{abs(hash(os.path.abspath(path))):x}"
    is_compiled = path.lower().endswith(".pyc")
    loader = (importlib.machinery.SourcelessFileLoader if is_compiled else _SourceLoader)(name, path)
    spec = importlib.machinery.ModuleSpec(name, loader, origin=path)
    spec.has_location = True
    module = importlib.util.module_from_spec(spec)
    # Classes look for their module by name, dataclasses among them.
    sys.modules[name] = module
    is_whole = False
    try:
        loader.exec_module(module)
        is_whole = True
    finally:
        if not is_whole:
            del sys.modules[name]
    return module
