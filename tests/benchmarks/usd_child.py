"""Run by the benchmarks in a process of its own: registers plugInfo files, or asks registries about their types.

``usd_child.py register ways|usd-core|json FOLDER``, or ``usd_child.py ask FOLDER ROUNDS MORE BURST``. Prints JSON.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

CLOCK = time.process_time
#: The same question is asked about so many types or plugins in turn.
ITEMS = 1_000
#: All sides together take less than so many seconds in a short round.
_SHORT = 0.1
#: The least memory that is told.
_PAGE = 4_096
#: How the label ends of what is asked with nothing kept.
FIRST = ", the first time"


def registry(who: str) -> Any:
    """Return a registry of Ways, which answers strictly, or that of usd-core."""
    if who == "ways":
        from ways.systems.usd import Registry

        return Registry(strict=True)
    from pxr import Plug

    return Plug.Registry()


def peak() -> int:
    """Return the greatest memory that this process held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def loaded(folder: str) -> list[Any]:
    """Return what the files of a folder hold, as Python's own reader gives it."""
    values = []
    for path in sorted(Path(folder).glob("*/plugInfo.json")):
        with open(path, encoding="utf-8") as file:
            values.append(json.load(file))
    return values


def registered(who: str, folder: str) -> dict[str, float]:
    """Return what registering a folder takes: the processor's time and that of the clock in seconds, and memory in bytes."""
    register = loaded
    if who != "json":
        asked = registry(who)
        asked.GetAllPlugins()
        register = asked.RegisterPlugins
    gc.collect()
    held, started, clock = peak(), CLOCK(), time.perf_counter()
    new = register(folder)
    taken = {"processor": CLOCK() - started, "clock": time.perf_counter() - clock, "memory": float(max(peak() - held, _PAGE))}
    assert new
    return taken


Question = Callable[[], object]


def questions(asked: Any, count: int) -> dict[str, Question]:
    """Return questions about *count* types and their plugins, each asked of up to ITEMS of them in turn."""
    numbers = range(0, count, max(1, count // ITEMS))
    names = [f"Type{number:06}" for number in numbers]
    find, base, absent = asked.FindTypeByName, asked.FindTypeByName("WorldBase"), [f"{name}x" for name in names]
    types = [find(name) for name in names]
    plugins = [asked.GetPluginForType(type) for type in types]
    both = list(zip(plugins, types))
    plugin_names, aliases = [plugin.name for plugin in plugins], [f"T{number}" for number in numbers]
    last = find(f"Type{count - 1:06}")
    # Each but the first type of a plugin has at most its plugin's below itself.
    late = [find(f"Type{number + 1:06}") for number in numbers]
    return {
        "FindTypeByName": lambda: [find(name) for name in names],
        "FindTypeByName, no such type": lambda: [find(name) for name in absent],
        "FindDerivedTypeByName, a name": lambda: [asked.FindDerivedTypeByName(base, name) for name in names],
        "FindDerivedTypeByName, an alias": lambda: [asked.FindDerivedTypeByName(base, alias) for alias in aliases],
        "GetDirectlyDerivedTypes": lambda: [asked.GetDirectlyDerivedTypes(type) for type in types],
        "GetPluginForType": lambda: [asked.GetPluginForType(type) for type in types],
        "GetPluginWithName": lambda: [asked.GetPluginWithName(name) for name in plugin_names],
        "GetStringFromPluginMetaData": lambda: [asked.GetStringFromPluginMetaData(type, "displayName") for type in types],
        "GetAllPlugins": asked.GetAllPlugins,
        "Type.IsA, true": lambda: [type.IsA(base) for type in types],
        "Type.IsA, false": lambda: [type.IsA(last) for type in types],
        "Type.IsA, a name": lambda: [type.IsA("WorldBase") for type in types],
        "Type.GetAllAncestorTypes": lambda: [type.GetAllAncestorTypes() for type in types],
        "Type.GetAliases": lambda: [base.GetAliases(type) for type in types],
        "Type.baseTypes": lambda: [type.baseTypes for type in types],
        "Type.derivedTypes": lambda: [type.derivedTypes for type in types],
        "Type.typeName": lambda: [type.typeName for type in types],
        "Plugin.name": lambda: [plugin.name for plugin in plugins],
        "Plugin.path": lambda: [plugin.path for plugin in plugins],
        "Plugin.resourcePath": lambda: [plugin.resourcePath for plugin in plugins],
        "Plugin.isLoaded": lambda: [plugin.isLoaded for plugin in plugins],
        "Plugin.metadata": lambda: [plugin.metadata for plugin in plugins],
        "Plugin.GetMetadataForType": lambda: [plugin.GetMetadataForType(type) for plugin, type in both],
        "Plugin.DeclaresType": lambda: [plugin.DeclaresType(type) for plugin, type in both],
        "Plugin.DeclaresType, subclasses": lambda: [plugin.DeclaresType(base, True) for plugin in plugins],
        "Plugin.MakeResourcePath": lambda: [plugin.MakeResourcePath("a/b.txt") for plugin in plugins],
        "Plugin.FindPluginResource": lambda: [plugin.FindPluginResource("a/b.txt") for plugin in plugins],
        "GetAllDerivedTypes of a few": lambda: [asked.GetAllDerivedTypes(type) for type in late],
        "GetAllDerivedTypes of all": lambda: asked.GetAllDerivedTypes(base),
    }


#: What is asked once, not of each of many.
OF_ALL = ("GetAllPlugins", "GetAllDerivedTypes of all")
#: What is asked also as after a type was declared, so that nothing is kept: usd-core keeps nothing.
FRESH = ("GetAllDerivedTypes of all", "GetAllDerivedTypes of a few", "Type.IsA, true", "Type.GetAllAncestorTypes", "Type.GetAliases")


def asked_of_each(folder: str, rounds: int, more: int, burst: float) -> dict[str, dict[str, list[float]]]:
    """Return how long each question took in each round, in seconds: that of Ways, of usd-core if it is there, and of a dict."""
    sides = {"ways": registry("ways")}
    try:
        sides["usd-core"] = registry("usd-core")
    except ImportError:
        pass
    counts = [sum(len(plugin.metadata.get("Types", ())) for plugin in side.RegisterPlugins(folder)) for side in sides.values()]
    assert len(set(counts)) == 1, counts
    timed = {who: questions(side, counts[0]) for who, side in sides.items()}
    # A pass over everything that both hold takes as long as a thousand questions: who has to pay for it is up to chance.
    gc.collect()
    gc.disable()
    ours, kept = sides["ways"].types, dict.fromkeys(f"Type{number:06}" for number in range(counts[0]))
    names = list(kept)[:: max(1, len(kept) // ITEMS)]
    result: dict[str, dict[str, list[float]]] = {}
    for label, question in timed["ways"].items():
        same = len({len(answers[label]()) for answers in timed.values()})  # type: ignore[arg-type]
        assert same == 1, label
        turn = {who: answers[label] for who, answers in timed.items()}
        items = 1 if label in OF_ALL else len(names)
        result[label] = interleaved({**turn, "a dict": lambda: [kept.get(name) for name in names]}, rounds, more, burst, items)
        if label in FRESH:
            turn["ways"] = anew(ours, question)
            result[f"{label}{FIRST}"] = interleaved(turn, rounds, more, 0.0, items)
    return result


def anew(types: Any, question: Question) -> Question:
    """Return a question that finds nothing kept."""

    def ask() -> object:
        types.answers = None
        return question()

    return ask


def interleaved(turn: dict[str, Question], rounds: int, more: int, burst: float, items: int) -> dict[str, list[float]]:
    """Return how long each took in each round, one after the other in turn, for one of so many items.

    :param more: how many times as many rounds there are if each is short.
    """
    counts, began = {}, CLOCK()
    for who, question in turn.items():
        question()
        started = CLOCK()
        question()
        counts[who] = max(1, int(burst / max(CLOCK() - started, 1e-8)))
    rounds *= more if CLOCK() - began < _SHORT else 1
    taken: dict[str, list[float]] = {who: [] for who in turn}
    for number in range(rounds):
        for who in turn if number % 2 else reversed(turn):
            turns, question = range(counts[who]), turn[who]
            started = CLOCK()
            for _ in turns:
                question()
            taken[who].append((CLOCK() - started) / counts[who] / items)
    return taken


def main(arguments: Sequence[str]) -> None:
    """Print what was asked for, as JSON."""
    os.environ["PXR_DISABLE_STANDARD_PLUG_SEARCH_PATH"] = "1"
    if arguments[0] == "register":
        print(json.dumps(registered(*arguments[1:])))
    else:
        folder, rounds, more, burst = arguments[1:]
        print(json.dumps(asked_of_each(folder, int(rounds), int(more), float(burst))))


if __name__ == "__main__":
    main(sys.argv[1:])
