"""What a person writes for the studio of syntax 2 who has a pattern for each place: reads lines, writes JSON.

By a line's folders and ending it is known which place it can be of; a pattern is compiled at its first line.
Run as ``python by_hand.py PATTERNS``, a file of JSON: ``{key: [place, pattern]}``.
"""

from __future__ import annotations

import json
import re
import sys

_BELOW = {"work", "publish", "review", "cache"}


def key_of(text: str) -> str:
    """Return what tells the places apart: the department, the folder below it, the number of names, the ending."""
    parts = text.split("/")
    start = 7 if len(parts) > 7 and parts[4] in ("sequences", "assets") else 4
    folder = parts[start] if len(parts) > start else ""
    below = parts[start + 1] if len(parts) > start + 1 else ""
    name = parts[-1]
    ending = name.rpartition(".")[2] if "." in name else ""
    return f"{folder} {below if below in _BELOW else ''} {len(parts)} {ending}"


def main(patterns: str) -> None:
    """Write a line of JSON for each line of standard input."""
    with open(patterns, encoding="utf-8") as file:
        known = json.load(file)
    compiled = {}
    dumps, write = json.dumps, sys.stdout.write
    for line in sys.stdin:
        text = line[:-1]
        found = None
        entry = known.get(key_of(text))
        if entry is not None:
            place, pattern = entry
            fits = compiled.get(place)
            if fits is None:
                fits = compiled[place] = re.compile(pattern).fullmatch
            found = fits(text)
        answer = {"text": text, "status": "unresolved", "hierarchy": None, "assignment": None, "values": {}, "tier": None}
        if found is not None:
            values = {name: value for name, value in found.groupdict().items() if value is not None}
            answer.update(status="resolved", hierarchy=place, assignment="", values=values, tier="a")
        answer["candidates"], answer["error"] = [], None if found is not None else f"No place fits {text!r}."
        write(dumps(answer) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
