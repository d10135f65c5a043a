"""What every test may use. Nothing global has to be reset: a test has a session of its own."""

from __future__ import annotations

import os
import signal
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from ways.session import Session

ROOT = Path(__file__).resolve().parent.parent
#: The plugin sheets that the project shows; the tests run against the installed package, but read these.
PLUGIN_SHEETS = ROOT / "plugin_sheets"

# The same examples at each run, so that a change is to blame for what begins to fail; HYPOTHESIS_PROFILE=search draws
# new ones. How long one takes is for the benchmarks: a busy machine is no mistake.
settings.register_profile("repeat", derandomize=True, deadline=None)
settings.register_profile("search", print_blob=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))

# A shell lets what it starts in the background ignore Ctrl-C. Tests send it to processes of theirs, which would ignore it too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def state_home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the secret of the store is in tests: not in the home of who runs them."""
    return str(tmp_path_factory.mktemp("state"))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, state_home: str) -> None:
    """Keep the caller's own WAYS_* variables and sheets out of the tests; Linux is the platform unless a test says so.

    A test that is marked as ``portability`` holds on every platform, and so leaves the one that the caller names; one that
    is also marked as ``platform(NAME)`` speaks of that one.
    """
    for name in ("WAYS_PLUGINS", "WAYS_PLATFORMS", "WAYS_PRIORITY", "WAYS_PARSERS", "WAYS_EXPAND_CHOICE_ORDER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WAYS_DESCRIPTORS", "")
    monkeypatch.setenv("WAYS_CACHE", "0")
    monkeypatch.setenv("XDG_STATE_HOME", state_home)
    monkeypatch.setenv("WAYS_PLATFORM", _platform_of(request.node))


def _platform_of(test: pytest.Item) -> str:
    spoken_of = test.get_closest_marker("platform")
    if spoken_of is not None:
        return str(spoken_of.args[0])
    return os.environ.get("WAYS_PLATFORM", "linux") if test.get_closest_marker("portability") else "linux"


@pytest.fixture
def session() -> Iterator[Session]:
    """An empty session, current inside the test."""
    made = Session()
    with made.active():
        yield made


@pytest.fixture
def write_sheet(tmp_path: Path) -> Callable[..., str]:
    """Write a sheet and return its path: ``write_sheet("plugins: ...", "shots.yml")``."""

    def write(text: str, name: str = "sheet.yml") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def load(session: Session, write_sheet: Callable[..., str]) -> Callable[..., Session]:
    """Write a sheet, add it to the session, and return the session."""

    def add(text: str, name: str = "sheet.yml") -> Session:
        session.add_search_path(write_sheet(text, name))
        return session

    return add
