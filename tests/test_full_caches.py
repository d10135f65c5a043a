"""What is kept in memory is thrown away where it is too much, and every answer stays what it was."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from ways.session import Session

#: Each limit of what is kept that holds nothing but what could be computed again.
LIMITS = (
    "contexts.filling.KnownFilling.LIMIT", "contexts.view._MANY_SELECTIONS", "pattern.pattern.PatternCache.LIMIT",
    "pattern.pattern.PatternCache.FEW", "pattern.quick_writer._LINES", "pattern.segment_reader.SegmentCache.LIMIT",
    "pattern.segment_reader.SegmentCache.KINDS", "pattern.segment_reader._NameValues.LIMIT", "pattern.segments.TextCutter.LIMIT",
    "pattern.skeletons.LIMIT", "pattern.types._MANY_DATES", "pattern.prefixes._MANY", "plugins.nearby._MANY", "regex.guard._MOST_KEPT",
)  # fmt: skip
#: Without patterns, what belongs to one is gone before it is full.
KEEPING_PATTERNS = tuple(name for name in LIMITS if "PatternCache.LIMIT" not in name)
PLAIN = """
    plugins:
      job: {hierarchy: job, mapping: '/jobs/{JOB}'}
      shot: {hierarchy: job/shot, mapping: '/jobs/{JOB}/{SHOT}', mapping_details: {SHOT: {mapping: '{NAME}_{NUMBER}'}}}
      plate: {hierarchy: plate, mapping: '/jobs/{JOB}/{SHOT}/of/{PLATE}', mapping_details: {PLATE: {parse: {regex: '[a-z]+'}}}}
      other: {hierarchy: other, mapping: '/jobs/{JOB}/{SHOT}/of/{PLATE}_{N}', mapping_details: {PLATE: {parse: {regex: 'p[0-9]'}}}}
    """
MANIFOLD = """
    globals: {syntax: 2}
    plugins:
      day:
        hierarchy: day
        mapping: '/days/{DAY:%Y%m%d}/{TIME:%H%M}[_{TAKE}][.{EXT}]'
        path: true
        mapping_details: {TAKE: {parse: {regex: '[a-z]'}}}
      kind: {hierarchy: kind, mapping: '/kinds/{KIND}/{NAME}', path: true}
      old: {hierarchy: kind, mapping: '/old/{KIND}/{NAME}', when: {KIND: old}, path: true, data: {is_old: true}}
      words:
        hierarchy: words
        mapping: '{A} {B}'
        mapping_details: {A: {parse: {regex: '([a-z]+)+1'}}, B: {parse: {regex: '([a-z0-9]+)+2'}}}
    """

DISK = """
    globals: {path: true}
    plugins:
      disk: {hierarchy: disk, mapping: 'HERE/disk/{JOB}/{SHOT}/{FILE}.exr'}
      open: {hierarchy: open, syntax: 2, mapping: 'HERE/disk/{JOB}/{SHOT}/{FILE}[_{N:d}].exr'}
    """


def told(folder: Path) -> Iterator[Any]:
    """Yield the answers to questions of each kind, about more things than a small cache holds."""
    (folder / "plain.yml").write_text(textwrap.dedent(PLAIN), encoding="utf-8")
    os.utime(folder / "plain.yml", (1e9, 1e9))
    sheets = os.pathsep.join(str(folder / f"{name}.yml") for name in ("plain", "manifold", "disk"))
    session = Session.from_environ(overrides={"WAYS_PLATFORM": "linux", "WAYS_DESCRIPTORS": sheets})
    for turn in range(2):
        for number in range(4):
            for text in (f"/jobs/j{number}", f"/jobs/j{number}/s_{number}", f"/jobs/j{number}/s_1/of/abc", f"/jobs/j/s_1/of/p{number}_x"):
                yield text, session.get_asset(text).info
            day = session.get_asset(f"/days/2026010{number + 1}/120{number}_a", "day")
            yield day.info, day.get_value("DAY"), day.get_value("TIME")
            for given in ({}, {"TAKE": "b"}, {"TAKE": "b", "EXT": "c"}, {"EXT": "c"}):
                values = {"DAY": date(2026, 1, number + 1), "TIME": time(12, number), **given}
                yield session.format("day", values)
            kind = session.get_asset(f"/{'old/old' if number % 2 else f'kinds/new{number}'}/n{number}", "kind")
            yield kind.info, kind.get_str(), kind.context.data
            yield session.format("kind", {"KIND": f"k{number}", "NAME": "n"}), session.format("kind", {"KIND": "old", "NAME": "n"})
            yield session.read(f"ab1 cd{number}2", "words").values
            os.environ["JOB"] = f"env{number}"
            yield session.need_context("job").get_str("env")
            yield [session.need_context("job/shot").get_str("env", depth=depth) for depth in range(3)]
        for place in ("disk", "open"):
            yield sorted(asset.get_str() for asset in session.find_assets(place, {"JOB": "j1"}))
        more = f"  turn: {{hierarchy: turn, mapping: '/turn{turn}'}}\n"
        (folder / "plain.yml").write_text(textwrap.dedent(PLAIN) + more, encoding="utf-8")
        session.refresh()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sheets = {"plain.yml": textwrap.dedent(PLAIN), "manifold.yml": MANIFOLD, "disk.yml": DISK.replace("HERE", str(tmp_path))}
    for name, text in sheets.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        # What is written just now isn't believed to stay.
        os.utime(tmp_path / name, (1e9, 1e9))
    for number in range(9):
        (tmp_path / "disk" / f"j{number % 2}" / f"s{number}").mkdir(parents=True)
        (tmp_path / "disk" / f"j{number % 2}" / f"s{number}" / f"f{number % 3}.exr").touch()
    return tmp_path


@pytest.mark.parametrize("limits", [LIMITS, KEEPING_PATTERNS], ids=["all", "all but patterns"])
@pytest.mark.parametrize("mode", ["0", "1"], ids=["without a store", "with a store"])
def test_caches_that_are_always_full_change_no_answer(
    folder: Path, mode: str, limits: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYS_CACHE", mode)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setenv("JOB", "")
    # With few first: what is known to the whole process would be known already.
    with monkeypatch.context() as few:
        for name in limits:
            few.setattr(f"ways.{name}", 1)
        found = [list(told(folder)) for _ in range(2)]
    assert found == [list(told(folder))] * 2


def findings() -> list[tuple[str, str, str]]:
    session = Session(overrides={"WAYS_PLATFORM": "linux"})
    session.add_plugins(**{f"p{number}": {"hierarchy": f"p{number}", "mapping": f"/x/{{A{number}}}_{{B}}"} for number in range(5)})
    session.add_plugins(**{f"q{number}": {"hierarchy": f"q{number}", "mapping": f"/y/{{A}}{number}"} for number in range(5)})
    return [(finding.code, finding.message, finding.witness) for finding in session.check()]


def test_a_check_that_keeps_little_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = findings()
    for name in ("check.overlap.MOST_KEPT", "check.mapping_machines.MOST_KEPT"):
        monkeypatch.setattr(f"ways.{name}", 1)
    assert usual and findings() == usual
