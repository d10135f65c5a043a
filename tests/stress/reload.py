"""Sheets change on disk in all the ways that editors and people change them, while a session watches and readers ask."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ways.session import Session

from .runner import Outcome, Scenario
from .threads import quiet

NAMES = ("a", "b", "c")
BROKEN = "plugins: ["
#: Seconds in which a change has to be seen.
LIMIT = 60.0
#: Changes that are made even if they take longer than the time there is.
LEAST = 3


def sheet(name: str, number: int) -> str:
    """Return the text of a sheet that says its number."""
    return f"plugins: {{{name}: {{hierarchy: {name}, mapping: '/{number}/{{X}}'}}}}\n"


class Desk:
    """A folder of sheets, what is in it, and what a session that was there all along has to say."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self._chance = random.Random(seed)
        self._number = 0
        #: What each sheet said when it could be read last, and which can't be read now.
        self.said: dict[str, int] = {}
        self.broken: set[str] = set()
        folder.mkdir()
        for name in NAMES:
            self.write(name)

    def change(self) -> str:
        """Do something, and return what."""
        ways: list[Callable[[str], None]] = [
            self.write, self.write_by_rename, self.write_in_pieces, self.spoil, self.remove, self.rename_there_and_back, self.burst,
            self.swap_folder, self.touch,
        ]  # fmt: skip
        way = self._chance.choice(ways)
        way(self._chance.choice(NAMES))
        return way.__name__

    def _next(self, name: str) -> str:
        self._number += 1
        self.said[name] = self._number
        self.broken.discard(name)
        return sheet(name, self._number)

    def path(self, name: str) -> Path:
        """Return where a sheet is."""
        return self.folder / f"{name}.yml"

    def write(self, name: str) -> None:
        """Write over the file."""
        self.path(name).write_text(self._next(name), "utf-8")

    def write_by_rename(self, name: str) -> None:
        """Write another file, and give it the name, as most editors do."""
        new = self.folder / f".{name}.yml.swp"
        new.write_text(self._next(name), "utf-8")
        new.replace(self.path(name))

    def write_in_pieces(self, name: str) -> None:
        """Empty the file, and write it bit by bit."""
        text = self._next(name)
        with self.path(name).open("w", encoding="utf-8") as file:
            for start in range(0, len(text), 20):
                file.write(text[start : start + 20])
                file.flush()

    def spoil(self, name: str) -> None:
        """Write what nobody can read."""
        self.path(name).write_text(BROKEN, "utf-8")
        self.broken.add(name)

    def remove(self, name: str) -> None:
        """Remove the file."""
        self.path(name).unlink(missing_ok=True)
        self.said.pop(name, None)
        self.broken.discard(name)

    def rename_there_and_back(self, name: str) -> None:
        """Give the file another name for a moment."""
        if self.path(name).exists():
            away = self.folder / "away.txt"
            self.path(name).rename(away)
            away.rename(self.path(name))

    def burst(self, name: str) -> None:
        """Change everything many times."""
        for _ in range(20):
            for other in NAMES:
                self.write(other)

    def swap_folder(self, name: str) -> None:
        """Remove the folder, and put another one in its place."""
        shutil.rmtree(self.folder)
        self.said.clear()
        self.broken.clear()
        time.sleep(self._chance.choice((0.0, 0.2)))
        self.folder.mkdir()
        for other in NAMES:
            self.write(other)

    def touch(self, name: str) -> None:
        """Change nothing but the time."""
        if self.path(name).exists():
            self.path(name).touch()


def _shown(session: Session) -> tuple[dict[str, int], set[str]]:
    said = {name: number for name in NAMES if (number := _number(session, name)) is not None}
    paths = {problem.source.path for problem in session.problems if problem.level == "error"}
    return said, {name for name in NAMES if any(path.endswith(f"{name}.yml") for path in paths)}


def _number(session: Session, name: str) -> int | None:
    context = session.get_context(name)
    try:
        return None if context is None else int(context.get_mapping().split("/")[1])
    except RuntimeError:
        # It went between the two questions.
        return None


class Readers:
    """Threads that ask all the time, and how long the longest answer took."""

    def __init__(self, session: Session) -> None:
        self.longest = 0.0
        self.count = 0
        self.wrong: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(session,), daemon=True) for _ in range(2)]
        for thread in self._threads:
            thread.start()

    def _read(self, session: Session) -> None:
        context = session.get_context(NAMES[0], force=True)
        while not self._stop.is_set():
            start = time.perf_counter()
            try:
                assert context is not None and context.get_mapping().endswith("/{X}")
            except RuntimeError:
                # No sheet says it now.
                pass
            except Exception as error:  # The very thing that is looked for.
                self.wrong.append(f"a reader raised {type(error).__name__}: {error}")
            self.longest = max(self.longest, time.perf_counter() - start)
            self.count += 1
            time.sleep(0.0005)

    def stop(self) -> None:
        """End them."""
        self._stop.set()
        for thread in self._threads:
            thread.join(LIMIT)


def reloads(seconds: float, seed: int = 1) -> Outcome:
    """Change sheets by chance; after each change a session that watches has to answer as they say."""
    wrong: list[str] = []
    took: list[float] = []
    kinds: set[str] = set()
    with tempfile.TemporaryDirectory() as folder, quiet():
        desk = Desk(Path(folder) / "sheets", seed)
        session = Session(overrides={"WAYS_CACHE": "0", "WAYS_PLATFORM": "linux"})
        session.add_search_path(os.fspath(desk.folder))
        readers = Readers(session)
        end = time.monotonic() + seconds
        with session.watch():
            while (time.monotonic() < end or len(took) < LEAST) and not wrong:
                kind = desk.change()
                kinds.add(kind)
                start = time.monotonic()
                while _shown(session) != (desk.said, desk.broken) and time.monotonic() - start < LIMIT:
                    time.sleep(0.005)
                took.append(time.monotonic() - start)
                if _shown(session) != (desk.said, desk.broken):
                    wrong.append(f"after {kind}: {_shown(session)}, and not {(desk.said, desk.broken)}")
        readers.stop()
    took.sort()
    told = (
        f"changes of {len(kinds)} kinds; each was seen, half of them within {1000 * took[len(took) // 2]:.0f} ms, all within "
        f"{1000 * took[-1]:.0f}; of {readers.count} answers meanwhile none took longer than {1000 * readers.longest:.1f} ms"
    )
    return Outcome(len(took), told, (*wrong, *readers.wrong[:5]))


SCENARIOS = {
    "reload": Scenario("change sheets on disk in all ways, while a session watches them", reloads),
}
