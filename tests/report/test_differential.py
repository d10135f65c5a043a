"""The path box of the page against ``ways resolve``, in a real browser: many texts, on each platform, with each order of layers."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import PLUGIN_SHEETS

from ways.errors import AmbiguousContextError, ContextNotFoundError, WaysError
from ways.session import Session

from report.test_browser import browser, opened  # noqa: F401

#: Steps of a show: what the sheet with conditions has places for.
STEPS = ("model", "rig", "anim", "layout", "light", "comp", "fx")
#: Texts of one world at most.
MANY = 400


def conditional(session: Session) -> None:
    """Add 35 places below a root that is another one for some shows, and for some shots of one."""
    session.add_plugins(
        root={
            "hierarchy": "job", "syntax": 2, "mapping": "/jobs/{JOB}", "path": True,
            "mapping_details": {
                "JOB": {"parse": {"regex": "[a-z]+"}}, "SHOT": {"mapping": "{SEQ}_{NUMBER:03d}"}, "SEQ": {"parse": {"regex": "[a-z]{2}"}},
            },
        },
        fast={"hierarchy": "job", "syntax": 2, "mapping": "/fast/{JOB}", "when": {"JOB": ["dune", "owl"]}},
        fastest={"hierarchy": "job", "syntax": 2, "mapping": "/nvme/{JOB}", "when": {"JOB": "dune", "NUMBER": [10, 20]}},
    )  # fmt: skip
    for step in STEPS:
        details = {
            "KIND": {"choices": {"playblast": "pb", "final": "f", "wedge": "f_w"}},
            "DAY": {"format": "%Y-%m-%d"},
            "FRAME": {"sequence": True, "format": "04d"},
            "NAME": {"parse": {"regex": r"\w+?"}},
            "END": {"parse": {"regex": r"(?<!x)[a-z]+$"}},
        }
        mappings = {
            f"shot/{step}": f"{{root}}/{{SHOT}}/{step}",
            f"shot/{step}/file": f"{{root}}/{{SHOT}}/{step}/{{NAME}}[_{{NOTE}}].v{{VERSION:d}}.ma",
            f"shot/{step}/frames": f"{{root}}/{{SHOT}}/{step}/{{KIND}}[-{{SIDE}}[-{{TAKE:02d}}]].{{FRAME}}.exr",
            f"shot/{step}/daily": f"{{root}}/{{SHOT}}/{step}/{{DAY}}_{{END}}",
            f"shot/{step}/copy": f"{{root}}/{{SHOT}}/{step}/{{SHOT}}{{SCALE:.2f}}[.{{END}}]",
        }
        for place, mapping in mappings.items():
            plugin = {"hierarchy": f"{{root}}/{place}", "mapping": mapping, "uses": ["job"], "syntax": 2, "mapping_details": details}
            session.add_plugins(**{place.replace("/", "_"): plugin})


def of_files(folder: str) -> Any:
    return lambda session: session.add_search_path(str(PLUGIN_SHEETS / folder))


def ambiguous(session: Session) -> None:
    """Add places that share texts: by two sets of optional parts, by two places, by other platforms and layers."""
    session.add_plugins(
        note={"hierarchy": "note", "syntax": 2, "mapping": "/x/{A}[_{B}].{F}.exr", "mapping_details": {"F": {"sequence": True}}},
        unc={"hierarchy": "unc", "mapping": "//srv/Share/{A}/{B}", "path": True},
        drive={"hierarchy": "drive", "mapping": "{D}/jobs/{A}", "path": True, "mapping_details": {"D": {"parse": {"regex": "[A-Z]:"}}}},
        letter={"hierarchy": "letter", "mapping": "P:/jobs/{A}_{B:d}", "path": True},
        deep={
            "hierarchy": "deep", "syntax": 2, "mapping": "/d/{JOB:w}/{TREE}/{ASSET:w}[_{KIND}]", "path": True,
            "mapping_details": {"TREE": {"segments": True}, "KIND": {"segments": True, "choices": ["a/b", "c"]}},
        },  # fmt: skip
        word={"hierarchy": "word", "mapping": "/w/{A}_{B}/{A}", "mapping_details": {"A": {"parse": {"regex": "[a-z]+(?:_[a-z]+)*"}}}},
        hidden={"hierarchy": "hidden", "mapping": "/h/{A}", "search": False},
        left={"hierarchy": "left", "mapping": "/y/{A}/{B}", "path": True},
        right={"hierarchy": "right", "mapping": "/y/{C}/{D}", "platforms": ["linux"]},
        upper={"hierarchy": "left", "assignment": "moon", "mapping": "/z/{A}"},
        twice={"hierarchy": "twice", "mapping": "/t/{A}/{A}"},
        parts={"hierarchy": "parts", "syntax": 2, "mapping": "/p/{A:l}[-{B:d}][-{C:w}]"},
    )


WORLDS = {"film": of_files("film"), "alab": of_files("alab"), "conditional": conditional, "ambiguous": ambiguous}
#: What texts of our own are asked about too.
HARD = r"""
/x/sh010_fog.1001.exr /x/sh010.1001.exr /x/a_b_c.####.exr /y/a/b /y/a/b/ /t/a/a /t/a/b /p/a-1 /p/a-1-2 /p/a-b /z/q /h/a / nothing //
/jobs/dune /fast/dune /fast/dune/aa_010/anim /nvme/dune/aa_010/anim /nvme/dune/aa_020/comp/pb.0001.exr /jobs/moon/aa_001/fx/a_b.v1.ma
/jobs/moon/aa_001/fx/a.v1.ma /jobs/moon/aa_001/fx/2024-02-29_a /jobs/moon/aa_001/fx/2023-02-29_a /jobs/moon/aa_001/fx/aa_0011.50
p:/jobs/x P:\jobs\x/ x:\jobs/x P:/jobs/x_1 p:\jobs\x_1 \\SRV\share\a\b //srv/SHARE/a/b \\?\P:\jobs\x //./P:/jobs/x
/d/x/y/z /d/x/a/b/c/z_c /d/x/a/../z /d/x/a/z_a/b /d/x//z \d\x\a/b\c \d\x\a\b\z_a\b /w/a_b_c/a /w/a_b_c/a_b
/jobs/moon/aa_001/fx/aa_0011.5 /jobs/moon/aa_001/fx/f_w-l-01.0001.exr /jobs/moon/aa_001/fx/f-l.%04d.exr
""".split()


def texts_of(content: dict[str, Any]) -> list[str]:
    """Return texts that fit places of any world, and others that nearly do; the same ones each time."""
    chooser = random.Random(len(content["entries"]))
    fitting = [text for entry in content["entries"] for text in of_entry(content, entry, chooser)]
    chosen = chooser.sample(fitting, min(len(fitting), MANY // 2))
    return list(dict.fromkeys([*HARD, *chosen, *(changed(text, chooser) for text in chosen)]))


def of_entry(content: dict[str, Any], entry: dict[str, Any], chooser: random.Random) -> Iterator[str]:
    for _ in range(2):
        values: dict[str, str] = {}
        present = {number for number, *_ in entry["options"] if chooser.random() < 0.5}
        yield "".join(piece(content, leaf, values, present, chooser) for leaf in entry["leaves"])


def piece(content: dict[str, Any], leaf: Any, values: dict[str, str], present: set[int], chooser: random.Random) -> str:
    if isinstance(leaf, str):
        return leaf
    text, number, *frames = leaf
    if any(len(frame) == 1 and frame[0] not in present for frame in (frames or [[]])[0]):
        return ""
    if number < 0:
        return str(text)
    fitting = [sample for sample, fits in content["tokens"][number].get("samples", ()) if fits] or ["dune", "a_b", "10", "x-1"]
    # Tokens of the same name have one value.
    named = {"JOB": ["dune", "owl"], "NUMBER": ["010", "020"]}.get(text, ())
    return values.setdefault(text, chooser.choice([*fitting, *named]))


def changed(text: str, chooser: random.Random) -> str:
    place = chooser.randrange(len(text)) if text else 0
    before, after = text[:place], text[place:]
    ways = (
        before, before + after[1:], f"{before}x{after}", f"{before}/{after}", f"{before}٣{after[1:]}", f"{text}/", f"{text}_a",
        text.upper(), text.swapcase()[:3] + text[3:], text.replace("/", "\\"), text.replace("_", "-", 1), text.replace("1", "01", 1),
    )  # fmt: skip
    return chooser.choice(ways)


ANSWERS = """
([texts, number]) => unpacked().then(world => texts.map(text => {
  const { best, skipped } = resolved(world, text, world.worlds[number]);
  if (skipped.length) return "not sure";
  return best.length === 1 ? [best[0].entry.name, Object.fromEntries(best[0].values)] : best.length ? "several" : null;
}))
"""


@pytest.mark.parametrize("name", WORLDS)
def test_the_box_says_what_ways_resolve_says(opened, session: Session, name: str) -> None:  # noqa: F811
    WORLDS[name](session)
    contents: list[dict[str, Any]] = []
    shown = opened(session, change=contents.append)
    texts = texts_of(contents[0])
    for number, world in enumerate(contents[0]["worlds"]):
        answers = shown.evaluate(ANSWERS, [texts, number])
        seen = session.with_overrides({"WAYS_PLATFORM": world["platform"], "WAYS_PRIORITY": os.pathsep.join(world["priority"])})
        compared = [(text, answer, of_python(seen, text)) for text, answer in zip(texts, answers, strict=True)]
        assert [item for item in compared if item[1] != item[2]] == [], world["platform"]
        assert sum(isinstance(answer, list) for answer in answers) > 10


def of_python(session: Session, text: str) -> object:
    try:
        reading = session.read(text)
    except AmbiguousContextError:
        return "several"
    except ContextNotFoundError:
        return None
    except WaysError as error:
        return str(error)
    layer = f" [{reading.context.assignment}]" if reading.context.assignment else ""
    return [f"{reading.hierarchy}{layer}", reading.values]


def test_no_place_of_35_below_a_condition_is_left_untried(opened, session: Session) -> None:  # noqa: F811
    conditional(session)
    shown = opened(session)
    marked = "() => unpacked().then(world => world.entries.filter(entry => prepared(entry, world.classes).marked).length)"
    assert shown.evaluate(marked) == 0
    assert len(session.hierarchies()) >= 35
