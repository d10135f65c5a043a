"""More random worlds of plugInfo files: chains of files, comments, all that metadata can hold, and the standard search."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from systems.usd.usd_worlds import Step

#: How a folder may be named by who includes or registers it.
SPELLINGS = ["{0}/", "{0}/plugInfo.json", "{0}//", "./{0}/", "{0}/../{0}/", "{0}/*.json", "{0}*/", "{0}/**", "[{0}]/", "{0}"]
#: Lines that may stand between those of a file.
BETWEEN = [
    "", "\n", "# one\n", "  \t# two\n", "#\n", "##\n", "#{\n", "\r\n", "# three\r\n", "\f# four\n", "\u00a0# five\n", "//\n", "\v#\n",
]  # fmt: skip
#: What stands behind the value.
BEHIND = ["", "", "\n", "\n# end", ", 1", "\n}", "\0", "x", "\n#\n\n"]
VALUES: list[Any] = [
    None, True, False, 0, -1, 7, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 0.5, -0.0, 1e22, 1e-320, "", "x",
    "é", "\u2028", "\U0001f600", "a\x00b", [], {}, [[]], [{}], {"": ""},
    {"b": 1, "a": {"d": [1.5, None], "c": True}}, [1, "a", None, [2.0]], "#", "\\", '"',
]  # fmt: skip
WORDS = ["", "0", "1", "TRUE", "yes", "On", "2", "no", "y"]
STEMS = ["a", "b", "c", "d", "e"]


def includes_world(seed: int, root: Path) -> list[Step]:
    """Files that include each other, in all spellings, with comments between and behind; registered in turns."""
    random = Random(seed)
    (root / "py").mkdir()
    for number, stem in enumerate(STEMS):
        folder = root / stem
        folder.mkdir()
        text = _chained(random, number, stem, root)
        # No links: which of two ways to one file comes first is up to the registry's threads.
        (folder / "plugInfo.json").write_bytes(text.encode("utf-8"))
        if random.random() < 0.3:
            (root / f"z{stem}").symlink_to(folder)
    steps: list[Step] = []
    for _ in range(8):
        path = f"{root}/" + random.choice(SPELLINGS).format(random.choice(STEMS))
        others = [] if random.random() < 0.7 else ["", f"{root}/none/", "none/"]
        steps += [{"op": "register", "paths": [path, *others]}, {"op": "plugins"}]
    return steps


def slashes_world(seed: int, root: Path) -> list[Step]:
    """Patterns with slashes more than one, whose number shows in the paths of plugins without a root of their own."""
    random = Random(seed)
    (root / "py").mkdir()
    for number, folder in enumerate(["a", "b", "ab", "a/a", "a/b", "b/a", "b/a/b", "c/a", ".h"]):
        if random.random() < 0.8:
            path = root / "t" / folder / random.choice(["plugInfo.json", "plugInfo.json", "x.json"])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"Plugins": [{"Type": "resource", "Name": f"s{number}", "Info": {}}]}), encoding="utf-8")
    steps: list[Step] = []
    for _ in range(8):
        parts = random.choices(["*", "a*", "[ab]*", "?", "a", "b", "*b"], k=random.randint(1, 3))
        pattern = "".join(part + random.choice(["/", "/", "//", "///"]) for part in parts)
        path = f"{root}{random.choice(['/', '//'])}t{random.choice(['/', '//'])}{pattern}"
        steps += [{"op": "register", "paths": [path + random.choice(["", "", "plugInfo.json", "*.json"])]}, {"op": "plugins"}]
    return steps


def metadata_world(seed: int, root: Path) -> list[Step]:
    """Types with metadata of every kind, asked for by every call that gives some; and resources, there or not."""
    random = Random(seed)
    (root / "py").mkdir()
    steps: list[Step] = []
    for number in range(3):
        folder = root / f"p{number}"
        (folder / "res").mkdir(parents=True)
        (folder / "res" / "there.txt").write_text("", encoding="utf-8")
        (folder / "res" / "dangling").symlink_to("nowhere")
        (folder / "plugInfo.json").write_text(json.dumps(_described(random, number)), encoding="utf-8")
        steps.append({"op": "register", "paths": [str(folder)]})
    for plugin in ("m0", "m1", "m2"):
        for type in ("T0", "T1", "T2", "B", "$root"):
            steps += [{"op": "metadata_for_type", "plugin": plugin, "type": asked} for asked in (type, "$unknown")]
            steps += [{"op": "declares", "plugin": plugin, "type": type, "subclasses": below} for below in (False, True)]
        steps.append({"op": "declares", "plugin": plugin, "type": "$unknown", "subclasses": True})
        for path in ("", "there.txt", "dangling", "none", "/abs//x", "/tmp", "..", "../p1/", "a//b/", ".", "./", "//x", "///x"):
            steps += [{"op": "find_resource", "plugin": plugin, "path": path, "verify": verify} for verify in (True, False)]
            steps.append({"op": "make_resource", "plugin": plugin, "path": path})
    for type in ("T0", "T1", "T2", "B", "$root", "$unknown"):
        steps += [{"op": "string_metadata", "type": type, "key": key} for key in ("k0", "k1", "k2", "displayName", "alias", "bases", "")]
        steps += [{"op": "plugin_for_type", "type": type}, {"op": "all_derived", "type": type}]
    return [*steps, {"op": "plugins"}]


def search_world(seed: int, root: Path) -> list[Step]:
    """Plugins that the environment names, beside some that are registered by hand; the environment is the first step."""
    random = Random(seed)
    (root / "py").mkdir()
    for number, stem in enumerate(STEMS):
        (root / stem).mkdir()
        odd = {"x": 1} if random.random() < 0.1 else {}
        (root / stem / "plugInfo.json").write_text(json.dumps({"Plugins": [_plain(random, number)], **odd}), encoding="utf-8")
    spelled = [f"{root}/" + random.choice(SPELLINGS[:8]).format(stem) for stem in random.sample(STEMS, 3)]
    environ = {"PXR_PLUGINPATH_NAME": ":".join(["", *spelled, ""]), "PXR_DISABLE_STANDARD_PLUG_SEARCH_PATH": random.choice(WORDS)}
    by_hand: list[Step] = [{"op": "register", "paths": [f"{root}/{random.choice(STEMS)}"]} for _ in range(random.choice([0, 1, 2]))]
    first = random.choice([{"op": "plugin", "name": "m1"}, {"op": "type", "name": "T1"}, {"op": "mine"}])
    return [{"op": "environ", "environ": environ}, *by_hand, first, {"op": "mine"}, {"op": "plugin", "name": "m0"}]


def _chained(random: Random, number: int, stem: str, root: Path) -> str:
    kind = random.choice(["resource", "python", "library"])
    entry: dict[str, Any] = {"Type": kind, "Name": f"n{number}", "Info": {"x": random.choice(VALUES)}}
    entry["Root"] = random.choice([f"r{number}", f"r{number}/", f"{root}/q{number}//"])
    if kind == "library" or random.random() < 0.3:
        entry["LibraryPath"] = random.choice(["", "x.so", "/l.so", "../x/./y.so", "a//b"])
    if random.random() < 0.5:
        entry["ResourcePath"] = random.choice(["", ".", "..", "r/", "/r//", "a/../b"])
    others = random.sample(STEMS, random.choice([0, 1, 2, 3]))
    front = random.choice(["../", "../", f"{root}/", "../../" + root.name + "/", "..//"])
    includes = [front + random.choice(SPELLINGS).format(other) for other in others]
    lines = ["{", f'"Includes": {json.dumps(includes)}' if includes else '"Includes": []', ",", f'"Plugins": [{json.dumps(entry)}]', "}"]
    if random.random() < 0.15:
        lines.insert(4, random.choice([',"Plugins": 5', ',"Includes": ["../a/"]', ",", ',"plugins": []', ' # c\n']))
    between = (random.choice(BETWEEN[:6] if random.random() < 0.9 else BETWEEN) for _ in lines)
    return "".join(f"{before}{line}\n" for before, line in zip(between, lines, strict=True)) + random.choice(BEHIND)


def _described(random: Random, number: int) -> dict[str, Any]:
    types = {}
    for name in random.sample(["T0", "T1", "T2", "U"], 2):
        types[name] = {f"k{key}": random.choice(VALUES) for key in range(3)}
        alias = {"alias": {"B": f"al{number}{name}"}}
        types[name] |= random.choice([{}, {"displayName": "x"}, alias, {"bases": ["B"]}, {"bases": []}, {"bases": None}])
        types[name] |= random.choice([{}, {"implementsComputeExtent": True}, {"schemaKind": "concreteTyped"}, {"displayName": 5}])
    info = {"Types": types, "SdfMetadata": {"k": random.choice(VALUES)}, "k": random.choice(VALUES)}
    entry = {"Type": random.choice(["resource", "python", "library"]), "Name": f"m{number}", "LibraryPath": "", "Info": info}
    paths = {"ResourcePath": random.choice(["res", "res/", "./res"]), "Root": random.choice([".", f"../p{number}"])}
    return {"Plugins": [{**entry, **paths}]}


def _plain(random: Random, number: int) -> dict[str, Any]:
    name = random.choice([f"m{number}", "m0", "m1"])
    types = {f"T{number}": {}} if random.random() < 0.5 else {"T1": {}}
    return {"Type": random.choice(["resource", "python"]), "Name": name, "Root": f"r{number}", "Info": {"Types": types}}
