"""Random worlds of plugInfo files, and the questions to ask of them. The same seed makes the same world."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

NAMES = "ABCDEFG"
FOLDERS = ["a", "b", ".h", "a1", "p[1]", "x y", "é", "a*b", "b?", "[z", "{a,b}", "c]", "a+b", "x.y"]
PATTERNS = [
    "*", "a*", "?", "[ab]", "[!a]", "[^a]", "**", "a", "b", ".h", ".*", "a?", "[a-b]*", "p[1]", "p\\[1\\]", "*.json", "a**", "*a*",
    "[[:alpha:]]", "[z", "{a,b}", "..", ".", "\\*", "[.h]", "[]a]", "[a-]", "[!]a]", "c]", "a+b", "x.?", "**b", "é", "?*", "[b-a]",
]  # fmt: skip
TOKENS = [
    "{", "}", "[", "]", ",", ":", '"a"', "1", "-0", "1.5", "1e5", "true", "null", "NaN", '"\\u00e9"', '"\\ud800"', " ", "\n", "#x\n",
    "\n# y\n", '"a":1', '"Types":{}', "\t", "\r\n", "\f", '"\\/"', "01", "1.", ".5", "-", '"é"', "\0", "/**/", "'", '""',
]  # fmt: skip
Step = dict[str, Any]


def types_world(seed: int, root: Path) -> list[Step]:
    """Plugins whose types derive from each other, with aliases, dependencies and mistakes."""
    random = Random(seed)
    paths = []
    for number in range(6):
        module = root / "py" / f"m{number}.py"
        module.parent.mkdir(exist_ok=True)
        module.write_text(random.choice(["", "", "", "1/0"]), encoding="utf-8")
    for number in range(random.randint(2, 6)):
        path = root / f"p{number}" / "plugInfo.json"
        path.parent.mkdir()
        path.write_text(json.dumps(_document(random, number)), encoding="utf-8")
        paths.append(str(path.parent) + random.choice(["", "/", "/plugInfo.json"]))
    steps: list[Step] = []
    while paths:
        count = random.randint(1, len(paths))
        steps.append({"op": "register", "paths": paths[:count]})
        paths = paths[count:]
    for name in (*NAMES, "Z", "al", "x", "Q", ""):
        steps += [{"op": "type", "name": name}, {"op": "ancestors", "name": name}]
        steps += [{"op": op, "base": base, "name": name} for base in (*NAMES, "Z") for op in ("find_derived", "aliases", "is_a")]
        steps.append({"op": "find_derived", "base": "$root", "name": name})
    return [*steps, {"op": "plugins"}, *({"op": "load", "plugin": f"m{number}"} for number in range(6)), {"op": "plugins"}]


def paths_world(seed: int, root: Path) -> list[Step]:
    """Folders with odd names, and patterns that look for plugInfo files in them."""
    random = Random(seed)
    (root / "py").mkdir()
    base = root / random.choice(["t", "t", "p[1]", "t b", "a+b", "c]"])
    folders = [base]
    for _ in range(random.randint(3, 10)):
        folders.append(random.choice(folders[:3]) / random.choice(FOLDERS))
    # What a link leads to is reached by it alone: which of two ways to one file comes first is up to the registry's threads.
    aside = root / "aside"
    for number, folder in enumerate([*dict.fromkeys(folders), aside, aside / "a"]):
        folder.mkdir(parents=True, exist_ok=True)
        plugin = {"Type": "resource", "Name": f"n{number}", "Info": {}, "Root": f"r{number}"}
        # One file in a folder: which of two a pattern with '**' reads is up to the file system.
        name = random.choice(["plugInfo.json", "plugInfo.json", "other.json"])
        (folder / name).write_text(json.dumps({"Plugins": [plugin]}), encoding="utf-8")
    link = random.choice(folders) / "L"
    link.symlink_to(random.choice([aside, aside, root / "nowhere"]))
    steps: list[Step] = []
    for number in range(8):
        patterns = ["/".join(random.choices(PATTERNS, k=random.randint(1, 3))) + random.choice(["", "/"]) for _ in range(2)]
        path = f"{base}/{patterns[0]}"
        if random.random() < 0.5:
            including = root / f"including{number}" / "x.json"
            including.parent.mkdir()
            including.write_text(json.dumps({"Includes": [f"../{base.name}/{pattern}" for pattern in patterns]}), encoding="utf-8")
            path = str(including)
        steps += [{"op": "register", "paths": [path]}, {"op": "plugins"}]
    return steps


def texts_world(seed: int, root: Path) -> list[Step]:
    """Files whose text is broken here and there."""
    random = Random(seed)
    (root / "py").mkdir()
    steps: list[Step] = []
    for number in range(25):
        value = "".join(random.choices(TOKENS, k=random.randint(0, 5))) if random.random() < 0.5 else '[1.5,{"b":1,"a":[{}]}]'
        text = '{"Plugins":[{"Type":"resource","Name":"v%d","Info":{"v":%s}}]}' % (number, value)
        for _ in range(random.choice([0, 0, 1, 2])):
            at = random.randint(0, len(text))
            text = text[:at] + random.choice(TOKENS) + text[at + random.choice([0, 0, 1]) :]
        path = root / f"j{number}" / "plugInfo.json"
        path.parent.mkdir()
        path.write_bytes(text.encode())
        steps.append({"op": "register", "paths": [f"{path.parent}/"]})
    return [*steps, {"op": "plugins"}]


def _document(random: Random, number: int) -> dict[str, Any]:
    document: dict[str, Any] = {"Plugins": [_entry(random, number)]}
    if random.random() < 0.1:
        document["Includes"] = random.choice([5, [1], ["nowhere/", "", f"../p{number}/"]])
    if random.random() < 0.1:
        document[random.choice(["x", "plugins"])] = 1
    return document


def _entry(random: Random, number: int) -> dict[str, Any]:
    kind = random.choice(["resource", "python", "python", "library"])
    entry: dict[str, Any] = {"Type": kind, "Name": random.choice([f"m{number}", f"m{number}", "m0", "m1"])}
    if kind == "library":
        entry["LibraryPath"] = random.choice(["", "lib.so"])
    types = {name: _type(random, name) for name in random.sample(NAMES, random.choice([0, 1, 2, 3]))}
    dependencies = random.choice([["A", "B"], ["C"], [random.choice(NAMES)], 5, ["A", 1], []])
    entry["Info"] = {"Types": types, "PluginDependencies": {random.choice([*NAMES, "Q"]): dependencies}}
    odd: dict[str, list[Any]] = {
        "Root": [".", "..", "x", "x/", "/abs", "/abs//y/", "a/../b", ""],
        "ResourcePath": ["", ".", "res", "/r", "../z/", "a//b"],
        "LibraryPath": ["q", 5, "/l.so"],
        "Info": [5, None, {"Types": {"TfType::_Root": {}}}, {"Types": {"al": {}, "Q": 5}}, {"Types": 5}],
        "Foo": [1],
        "Name": ["", 5],
    }
    for key, values in odd.items():
        if random.random() < (0.4 if key in ("Root", "ResourcePath") else 0.06):
            entry[key] = random.choice(values)
    return entry


def _type(random: Random, name: str) -> Any:
    # Only of names before its own: types that are each other's base end the other registry.
    pool = NAMES[: NAMES.index(name)]
    written: dict[str, Any] = {}
    if pool and random.random() < 0.75:
        written["bases"] = random.choices(pool, k=random.choice([1, 1, 2, 2, 3]))
    elif random.random() < 0.2:
        written["bases"] = random.choice([5, None, "A", ["A", 1], {}])
    if random.random() < 0.35:
        written["alias"] = {base: random.choice(["al", "A", "C", "x", 7, ""]) for base in random.choices([*NAMES, "Z"], k=2)}
        # Below the root no name of another type: that could make two types each other's base.
        written["alias"]["TfType::_Root"] = random.choice(["al", "x", "y", 7])
    return written
