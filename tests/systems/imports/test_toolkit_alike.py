"""Configurations of Toolkit that are made by chance: the sheet and a model of Toolkit write and read alike, and nothing is lost unsaid."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import yaml
from hypothesis import HealthCheck, given, settings

from ways.api import Session
from ways.systems.imports import Import, import_from, total, verify

NAMES = ("Sequence", "Shot", "Step", "name", "version", "take", "SEQ", "eye", "ext", "day", "user.name")
WORDS = ("shots", "work", "maya", "v", "scene", "x", "Take One")
JOINTS = ("/", "_", ".", "-", "_v", "")

texts = st.fixed_dictionaries(
    {"type": st.just("str")},
    optional={
        "filter_by": st.sampled_from(["alphanumeric", "alpha", "^[a-z]{2}[0-9]$", "v", "^[a-zA-Z](\\w+)?[a-zA-Z0-9]$", "^a$|^b", "a^b"]),
        "choices": st.sampled_from([["L", "R"], {"ma": "Maya Ascii", "mb": "Maya Binary"}, ["main", "x", "9"], ["_a", ""]]),
        "exclusions": st.sampled_from([["tmp"], ["main", "L"]]),
        "length": st.sampled_from([3, 4]),
        "default": st.sampled_from(["main", "L", "ma", "sh010"]),
        "alias": st.sampled_from(["name", "extension"]),
        "shotgun_entity_type": st.just("Shot"),
    },
)
numbers = st.fixed_dictionaries(
    {"type": st.just("int")},
    optional={"format_spec": st.sampled_from(["03", "04"]), "alias": st.just("version"), "default": st.just(7)},
)
sequences = st.fixed_dictionaries({"type": st.just("sequence")}, optional={"format_spec": st.just("04"), "default": st.just("<UDIM>")})
times = st.fixed_dictionaries({"type": st.just("timestamp")}, optional={"format_spec": st.just("%Y-%m-%d"), "default": st.just("now")})
keys = st.dictionaries(st.sampled_from(NAMES), texts | texts | numbers | sequences | times, min_size=3, max_size=8)


@st.composite
def definitions(draw: Any, names: list[str], before: list[str]) -> str:
    """Return a definition of literal text, keys, optional parts, and the names of definitions before it."""
    text = f"@{draw(st.sampled_from(before))}/" if before and draw(st.booleans()) else ""
    for number in range(draw(st.integers(1, 4))):
        text += draw(st.sampled_from(JOINTS)) if number else ""
        kind = draw(st.sampled_from(["key", "key", "word", "part"]))
        key = f"{{{draw(st.sampled_from(names))}}}"
        part = f"[{draw(st.sampled_from(JOINTS))}{key}]" if text and not text.endswith("/") else key
        text += key if kind == "key" else part if kind == "part" else draw(st.sampled_from(WORDS))
    return text


@st.composite
def configurations(draw: Any) -> dict[str, Any]:
    """Return the data of ``templates.yml``."""
    given_keys = draw(keys)
    names = [*given_keys, *(["nobody"] if draw(st.integers(0, 5)) == 0 else [])]
    paths: dict[str, Any] = {}
    strings: dict[str, Any] = {}
    for number in range(draw(st.integers(0, 2))):
        strings[f"text_{number}"] = draw(definitions(names, []))
    for number in range(draw(st.integers(1, 5))):
        definition = draw(definitions(names, [*paths, *strings]))
        root = draw(st.sampled_from([None, "primary", "renders"]))
        paths[f"path_{number}"] = definition if root is None else {"definition": definition, "root_name": root}
    return {"keys": given_keys, "paths": paths, "strings": strings}


ROOTS = "primary: {linux_path: /mnt/p, mac_path: /Volumes/p, windows_path: 'P:/'}\nrenders: {linux_path: /mnt/r}\n"


def accounted(done: Import) -> Counter[str]:
    """Return how often each key and template is in a comment of the sheet, or left out by a remark."""
    comments = "\n".join(re.sub(r"\n  #   ", " ", done.sheet.text).partition("#")[2] for _ in (0,))
    found = Counter(f"{line} {name}" for line, name in re.findall(r"core/templates\.yml:(\d+) ([^,\n]+)", comments))
    found.update(
        f"{remark.source.line} {remark.left_out[1]}" for remark in done.report.remarks if remark.left_out and remark.left_out[0] != "root"
    )
    return found


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=configurations())
def test_sheet_and_model_write_and_read_alike(data: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "core").mkdir(exist_ok=True)
    (tmp_path / "core" / "templates.yml").write_text(yaml.safe_dump(data, sort_keys=False, width=1000), encoding="utf-8")
    (tmp_path / "core" / "roots.yml").write_text(ROOTS, encoding="utf-8")
    done = import_from("toolkit", str(tmp_path))
    assert import_from("toolkit", str(tmp_path)).sheet.text == done.sheet.text
    (tmp_path / "sheet.yml").write_text(done.sheet.text, encoding="utf-8")
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_search_path(str(tmp_path / "sheet.yml"))
    assert session.problems == []
    assert all(count == 1 for count in accounted(done).values())
    assert len(accounted(done)) == len(data["keys"]) + len(data["paths"]) + len(data["strings"])
    assert total(list(verify("toolkit", str(tmp_path), done.sheet, 5))).differences == ()
