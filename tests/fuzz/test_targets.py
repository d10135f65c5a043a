"""The targets hold for their seeds, and for a few hundred inputs made of these; fuzzing at length is another command."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import pytest

from fuzz import runner
from fuzz.__main__ import fuzzed, main
from fuzz.draws import Draws
from fuzz.runner import Target, TooMuch, TooSlow, seeds, targets, tried

#: Inputs made of a target's seeds, and seconds after which no more are made.
MADE, SECONDS = 300, 1.0
TARGETS = targets()


def changed(data: bytes, others: Sequence[bytes], source: random.Random) -> bytes:
    """Return an input with a few changes such as a fuzzer makes."""
    made = bytearray(data)
    for _ in range(source.randint(1, 4)):
        start = source.randint(0, len(made))
        end = min(len(made), start + source.choice((0, 1, 1, 2, 8, 40)))
        piece = source.choice(others)
        cut = source.randint(0, len(piece))
        new = (b"", bytes(made[start:end]) * 2, source.randbytes(1), source.randbytes(3), piece[cut : cut + source.randint(1, 60)])
        made[start:end] = source.choice(new)
    return bytes(made)


def inputs(name: str) -> Iterator[bytes]:
    """Yield the seeds, what is made of them, and bytes of no sense."""
    found = [path.read_bytes() for path in seeds(name)]
    source = random.Random(name)
    yield from (b"", *found)
    for number in range(MADE):
        data = changed(source.choice(found), found, source) if number % 10 else source.randbytes(40)
        yield data[: TARGETS[name].longest]


@pytest.fixture(autouse=True)
def _its_own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for key, value in runner.ENVIRONMENT.items():
        monkeypatch.setenv(key, value)
    # One target lets git write there.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_for_its_seeds_and_what_is_made_of_them(name: str) -> None:
    target = TARGETS[name]
    began = time.monotonic()
    for number, data in enumerate(inputs(name)):
        if number > 10 and time.monotonic() - began > SECONDS:
            return
        try:
            tried(target, data)
        except BaseException as error:
            error.add_note(f"{name}: {data!r}")
            raise


@pytest.mark.parametrize("name", TARGETS)
def test_each_target_has_few_small_seeds_and_says_what_must_hold(name: str) -> None:
    found = [path.stat().st_size for path in seeds(name)]
    assert 0 < len(found) <= 30 and max(found) <= 4096
    assert TARGETS[name].summary and TARGETS[name].run.__module__.startswith("fuzz.")


def test_every_folder_of_seeds_is_a_target() -> None:
    assert {path.name for path in runner.CORPUS.iterdir()} == set(TARGETS)


def test_an_input_that_takes_too_long_is_told() -> None:
    with pytest.raises(TooSlow):
        tried(Target("slow", lambda data: None, seconds=-1.0), b"")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there is memory limited")
def test_an_input_that_takes_too_much_memory_is_told() -> None:
    with pytest.raises(TooMuch):
        tried(Target("great", lambda data: bytes(1 << 32) and None, memory=1 << 20), b"")
    tried(Target("small", lambda data: bytes(1 << 20) and None, memory=1 << 28), b"")


def test_choices_are_made_of_bytes_and_of_noughts_after_them() -> None:
    draws = Draws(bytes((1, 5, 2, 0, 1)))
    assert (draws.flag(), draws.number(3), draws.pick("abc"), draws.number(300)) == (True, 1, "c", 256)
    assert (draws.number(9), draws.flag(), draws.rest(), draws.is_over) == (0, False, b"", True)


def test_the_command_lists_the_targets(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["fuzz"])
    assert main() == 0
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == list(TARGETS)


def test_the_command_says_what_it_needs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for arguments, told in ((["yaml"], "atheris"), (["yml"], "no such target: yml; known are address")):
        monkeypatch.setattr(sys, "argv", ["fuzz", *arguments])
        with pytest.raises(SystemExit):
            main()
        assert told in capsys.readouterr().err


def test_a_run_goes_on_after_an_input_that_went_wrong_until_the_same_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = iter(("crash-a", "crash-b", "crash-b"))

    def child(name: str, seconds: int, folder: Path, log: IO[bytes]) -> int:
        (folder / "crashes" / next(names)).touch()
        log.write(b"#7\tDONE\nstat::number_of_executed_units: 10\n")
        log.flush()
        return 77

    monkeypatch.setattr("fuzz.__main__._child", child)
    run = fuzzed("yaml", 1.0, tmp_path)
    assert (run.executions, [path.name for path in run.crashes]) == (30, ["crash-a", "crash-b"]) and "30 inputs in 0.0 minutes" in str(run)


def test_the_command_runs_an_input_again(tmp_path: Path) -> None:
    (tmp_path / "input").write_bytes(b"plugins: {")
    command = [sys.executable, "-m", "tests.fuzz", "yaml", str(tmp_path / "input")]
    done = subprocess.run(command, cwd=runner.HERE.parent.parent, env=dict(os.environ), capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, done.stdout) == (0, f"yaml: {tmp_path / 'input'}\n"), done.stderr
