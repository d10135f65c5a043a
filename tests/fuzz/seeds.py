"""``python -m tests.fuzz.seeds``: write the seed corpus anew, from the sheets that the project shows and its tests' texts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from .runner import CORPUS, HERE, targets

SHEETS = HERE.parent.parent / "plugin_sheets"
#: Bytes of the greatest seed: a fuzzer learns more of ten small ones.
LARGEST = 3000
#: Which files are seeds of a target.
SHOWN = {
    "yaml": ("basics/*.yml", "relative/*.yml", "foreign/ways/*.yml", "foreign/.ways_plugin_info.yml"),
    "json": ("**/*.json",),
    "toml": ("**/*.toml",),
    "python": ("**/*.py",),
    "usd": ("**/plugInfo.json",),
    "dioptra-toml": ("**/dioptra.toml",),
    "dioptra-graph": ("**/graphs/*.yaml",),
    "dioptra-code": ("**/oven/*.py", "**/mill/*.py"),
    "imjoy-html": ("**/*.imjoy.html",),
    "imjoy-manifest": ("**/manifest.imjoy.json",),
    "import-toolkit": ("imports/toolkit/core/templates.yml",),
    "import-lucidity": ("imports/lucidity/templates.py",),
    "session": ("basics/*.yml", "relative/*.yml", "foreign/ways/*.yml"),
}
#: Test modules whose texts are seeds, one a line of the target's input, and what such a text has to look like.
QUOTED = {
    "yaml": ("sheets/test_yaml_text.py", r".*[:\-&?].*"),
    "json": ("sheets/test_json_text.py", r"[\[{\"].*"),
    "toml": ("sheets/test_toml_text.py", r".*=.*|\[.*"),
    "uri": ("systems/imjoy/test_uri.py", r".*[/:@].*"),
    "hierarchy": ("test_hierarchy.py", r".*"),
    "mapping": ("pattern/test_*.py", r".*\{.*\}.*"),
    "guard": ("regex/test_guard.py", r".*[+*{].*"),
    "address": ("sources/test_descriptors.py", r".*=.*"),
}
#: Inputs that nothing else shows.
WRITTEN = {
    "mapping": (
        "/jobs/{JOB}/{SHOT}_v{VERSION:03d}.{EXT}\nJOB regex [a-z]+\nEXT choices exr,abc\n=/jobs/bear/s010_v007.exr",
        "/w/{SHOT}[_{VARIANT}][.{FRAME}].exr\nVARIANT choices hero,bg\nFRAME sequence 1\nFRAME format 04d\n=/w/s1_hero.0001-0010.exr",
        "{@BASE}/{NAME}\nBASE mapping /x/{A}_{B}\nA regex \\w+\nB numbers 1,2,11\n=/x/a_b_11/n",
        "{DATE}-{P}\nDATE format %Y%m%d\nP mapping {C}.{D:.2f}\nP regex [a-z.0-9]+\n=20260101-a.1.50",
        "[[{A}]] {B}\nA default 1\nB env HOME\nB glob *\nA required 0\n=[x] y",
        "{A}{B}{C}{D}\nA regex \\w+\nB regex \\w+\nC regex (\\w+)+\nD format d\n=____________1",
    ),
    "guard": ("(a+)+b\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "(?:\\w+_)*\na_b_c_d_e", "(?i)[a-z]*v\\d{1,3}\nABCv12"),
    "address": ("create_using=ways.api.FolderDescriptor&items=a&items=b", "path=%2Fa&items=b%20c&branch=main", "items=/a;b"),
    "hierarchy": ("usd/types/mod%2EClass", "/a/b c/%C3%A9", "a//b/ /%2F", "%zz/%"),
}
#: Inputs that showed a fault once, in base64.
FOUND = {
    "check": (
        "UNk4nZcVYXYDn2VtcHR50ZETVEKHr8qihaB3cGOfOe6TWej4cYLwFq6u+FULP9FvMeJHTdrRNGvYUg6cluzCp2V7mn/rFXRT/WWJrWgdk/wAk6V0Wu3KII5E"
        "PxVLpEuzWfwgMmG7hH6S0hjwAaBZrTMfpMUV917ZOufVA5RywyZVQJr79oEFkVhQ00GG5vsXmmxAMWuYJL+8hdxRtfn2JQ==",
        "UNk4nZcVYXYDn6GhoaGhoaGhoaGhoaGhoaGhoaGn3D4xudGRE1RCh6/KooWgd3Bjnznuk1no+HGC8BaurvhVKz/RbzHiR03a0TRr2FIOnJbswqdle5p/6xV0"
        "U/1lia1oHZP8AJOlYXJlIKUgdGFibGUuCltbcGx1Z2luc11dCnCgWa0zH6TFFfde2TrV5wOUcsMmVUCa+/aBBZFYUNNBhub7F5psQDJrmCS/vIXcUbX59iU=",
    ),
    "explain": (
        "RuFDmO7DyzNHmgeZU/wyeU/jPMpnzYFJ/N/tEjI3IikgjmAOPmoD5vjcwPUftFgWPwb7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7"
        "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+wX7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/t1koQZ5Yh1xMBYAtn92pg18eHh4eHh4eHh4eHh4eHh4eHh"
        "4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh9Q96jMUZ8/s=",
        "ZnmXMjDe5plEOejiWmxHk/07W/tWIKPml4pk1gK3b74+qONuKskXEkKx/BK7IuP+KZ5y7Aid7T2wqQesrIAy77glbEeT/Ttb+1Ygo+aXimTWArdvvj6o424q"
        "yRcSQrH8Ersi4/4pnnLsCJ3tPbCpB6ysgDLvuCUZZfX7WW2/hRwrT5QQdEvj4vNVGyAuHZLBU7VFoWa7jOOlPTWL9BaLsljliZb4P1dWPMluYLw1ISUZZfX7"
        "WW2/hRwZZfX7WW2/hRwrT5QQdEvj4vNVGyAuHZLBU7VFoWa7jOOlPTWL9BaLsljliZb4P1dWPMluYLw1ISUZZfX7WW2/hRwrT5QQi0vj4vNVGyAuHZLBABQA"
        "RZ4AAAAAAAAnEKF/sRK7X8eNwy4=",
        "RuFDmO7DyzNHmgeZUwAyeU/jPMpnzYFJ/N/tQVMJIikgjmAOPmoD5vjcwPUftFgWPwb7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+5z7+/v7"
        "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7dZKEGeWIdcTAWALZ/dqYNfH1D3qMxRnz+w==",
    ),
    "repository": (
        "+Q/A97wwq2D44dl7xpJQw/1vvIe9FgArfdlLrh8nnGswXzDJ3pCHhMh+LHjR3+n/////////////////5f4cf6MDAAAAAAAAAPQ3W37OypAlCUnQpnCxJHka"
        "yDMY7CM=",
    ),
}  # fmt: skip
#: Targets that take the inputs of another.
ALIKE = {"template": "mapping"}
#: Inputs that are choices rather than texts: so many, of so many bytes.
DRAWN = {
    "matcher": (12, 160), "language": (12, 80), "tar": (12, 80), "zip": (12, 80), "git": (8, 40),
    "entry": (10, 24), "codec": (6, 40), "check": (10, 160), "explain": (10, 160), "repository": (12, 400),
}


def _shown(name: str) -> Iterator[bytes]:
    for pattern in SHOWN.get(name, ()):
        for path in sorted(SHEETS.glob(pattern)):
            if 0 < path.stat().st_size <= LARGEST:
                yield path.read_bytes()


def _quoted(name: str) -> Iterator[bytes]:
    pattern, wanted = QUOTED.get(ALIKE.get(name, name), ("", ""))
    for path in sorted(HERE.parent.glob(pattern)) if pattern else ():
        for text in re.findall(r'(?<![\w"])r?("(?:[^"\\\n]|\\.)+")', path.read_text("utf-8")):
            try:
                plain = json.loads(text)
            except ValueError:
                plain = text[1:-1]
            if re.fullmatch(wanted, plain, re.DOTALL) and len(plain) < 200:
                yield plain.encode("utf-8", "surrogatepass")


def _drawn(name: str) -> Iterator[bytes]:
    count, length = DRAWN.get(name, (0, 0))
    source = Random(name)
    for _ in range(count):
        yield source.randbytes(length)


def _stored(name: str) -> Iterator[bytes]:
    """Yield sheets after the number of their format."""
    for number, kind in enumerate(("yaml", "json", "toml")):
        yield from (bytes((number,)) + data for data in list(_shown(kind))[:5] if name == "stored")


def _given(name: str) -> Iterator[bytes]:
    """Yield sheets after choices of what is asked of them, and the number of their format."""
    source = Random(name)
    for number, kind in enumerate(("yaml", "json", "toml")):
        for data in list(_shown(kind))[:4] if name in ("check", "explain") else ():
            yield bytes((1, 12, *source.randbytes(12), number)) + data


def _found(name: str) -> Iterator[bytes]:
    return map(base64.b64decode, FOUND.get(name, ()))


def _written(name: str) -> Iterator[bytes]:
    return (text.encode() for text in WRITTEN.get(ALIKE.get(name, name), ()))


def write(name: str, folder: Path) -> int:
    """Write the seeds of one target, and return how many there are."""
    own = {_key(data): data for make in (_found, _written, _shown, _drawn, _stored, _given) for data in make(name)}
    quoted = {_key(data): data for data in _quoted(name)}
    found = {**own, **dict(sorted(quoted.items())[: MOST - len(own)])}
    folder.mkdir(parents=True)
    for key, data in found.items():
        (folder / key).write_bytes(data)
    return len(found)


def _key(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()[:10]


#: Seeds of one target; a random choice of them, as their names are digests.
MOST = 30


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        for name in targets():
            print(f"{name}: {write(name, Path(place, name))}")
        shutil.rmtree(CORPUS, ignore_errors=True)
        shutil.copytree(place, CORPUS)


if __name__ == "__main__":
    main()
