"""One target under atheris: ``python -m tests.fuzz.child TARGET LIBFUZZER-ARGUMENT...``. See ``python -m tests.fuzz``."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import atheris

from .runner import targets, tried


def instrumented() -> None:
    """Import the whole package with coverage; what others wrote, C extensions among it, is left as it is."""
    with atheris.instrument_imports(include=["ways"]):
        ways = importlib.import_module("ways")
        for module in pkgutil.walk_packages(ways.__path__, "ways."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)


def main() -> None:
    """Fuzz until libFuzzer ends the process."""
    instrumented()
    target = targets()[sys.argv.pop(1)]
    arguments = [*sys.argv, f"-max_len={target.longest}"]
    atheris.Setup(arguments, lambda data: tried(target, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
