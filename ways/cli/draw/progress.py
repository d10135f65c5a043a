"""How far a run is: a live table or a bar on a terminal, lines elsewhere, and one JSON document a line for programs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, Self, TextIO

from ways.cli.draw.console import as_json
from ways.errors import visible

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.table import Table

#: States of steps -> the styles of the words for them.
STYLES = {"waiting": "dim", "running": "bold cyan", "done": "green", "failed": "bold red", "skipped": "yellow"}
#: Drawings of the table in a second.
REFRESHES = 4


class Progress(Protocol):
    """Shows what becomes of the steps of a run."""

    def __enter__(self) -> Progress: ...

    def __exit__(self, *error: object) -> None: ...

    def show(self, step: Mapping[str, Any]) -> None:
        """Show a step whose state changed: its record, with ``outputs`` if it is done."""

    def end(self, record: Mapping[str, Any]) -> None:
        """Show how the run ended: its files, the seconds that it took, and the error, if there was one."""


def text_of(value: Any) -> str:
    """Return an output as text on one line."""
    return visible(value if isinstance(value, str) else as_json(value))


def output_lines(step: Mapping[str, Any]) -> list[str]:
    """Return a line for each output of a step."""
    return [f"  {step['name']}.{name} = {text_of(value)}" for name, value in step.get("outputs", {}).items()]


class _Writer:
    """Writes to a file while a run goes on. It is a context as the live table is, and has nothing to end."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return


class Lines(_Writer):
    """A line for each step that ended, and one for each of its outputs."""

    def show(self, step: Mapping[str, Any]) -> None:
        """Write the step, once it ended."""
        if step["state"] not in ("done", "failed", "skipped"):
            return
        took = f"  {step['seconds']:.2f} s" if step["state"] != "skipped" else ""
        self._write(f"{step['state']:<7}  {step['name']}  {step['task']}{took}", *output_lines(step))

    def end(self, record: Mapping[str, Any]) -> None:
        """Write the files, and how many steps are done."""
        self._write(*ending(record))

    def _write(self, *texts: str) -> None:
        self._file.write("".join(f"{visible(text)}\n" for text in texts))
        self._file.flush()


def ending(record: Mapping[str, Any]) -> list[str]:
    """Return the lines at the end of a run."""
    counts = f"{record['done']} of {record['steps']} steps done in {record['seconds']:.2f} s"
    return [*(f"{name}: {path}" for name, path in record["files"].items()), f"{record['entrypoint']}: {counts}"]


class Events(_Writer):
    """One JSON document a line."""

    def begin(self, record: Mapping[str, Any]) -> None:
        """Write the plan."""
        self._write({"event": "plan", **record})

    def show(self, step: Mapping[str, Any]) -> None:
        """Write the step."""
        self._write({"event": "step", **step})

    def end(self, record: Mapping[str, Any]) -> None:
        """Write the end."""
        self._write({"event": "end", **record})

    def _write(self, record: Mapping[str, Any]) -> None:
        self._file.write(f"{as_json(record)}\n")
        self._file.flush()


class LiveTable:
    """A table of all steps that is drawn anew while the run goes on; the outputs stand below it at the end."""

    def __init__(self, file: TextIO, steps: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        from rich.live import Live

        from ways.cli.draw.styled import console

        self._clock = clock
        self._steps: dict[str, dict[str, Any]] = {
            name: {"name": name, "task": task, "state": "waiting", "seconds": 0.0} for name, task in steps.items()
        }
        #: When each step that runs began.
        self._began: dict[str, float] = {}
        self._console = console(file, None)
        # What tasks print goes to standard error, and rich leaves that alone.
        self._live = Live(
            get_renderable=self.table, console=self._console, refresh_per_second=REFRESHES, redirect_stdout=False, redirect_stderr=False
        )

    def __enter__(self) -> LiveTable:
        # The table is drawn once there is something to see: a run may be refused before its first step.
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def show(self, step: Mapping[str, Any]) -> None:
        """Draw the step in its new state."""
        name = step["name"]
        if step["state"] == "running":
            self._began[name] = self._clock()
        else:
            self._began.pop(name, None)
        self._steps[name] = dict(step)
        self._live.start(refresh=True) if not self._live.is_started else self._live.refresh()

    def table(self) -> Table:
        """Return the table as it is now."""
        from rich import table as rich_table
        from rich.text import Text

        drawn = rich_table.Table(box=None, pad_edge=False, header_style="bold")
        for name in ("step", "task", "state"):
            drawn.add_column(name, overflow="ellipsis", no_wrap=True)
        drawn.add_column("seconds", justify="right", no_wrap=True)
        for step in self._steps.values():
            name, state = step["name"], step["state"]
            seconds = self._clock() - self._began[name] if name in self._began else step["seconds"]
            took = f"{seconds:.1f}" if state in ("running", "done", "failed") else ""
            drawn.add_row(Text(visible(name)), Text(visible(step["task"])), Text(state, style=STYLES[state]), took)
        return drawn

    def end(self, record: Mapping[str, Any]) -> None:
        """Stop drawing, and write the outputs and files below the table."""
        from rich.text import Text

        self._live.stop()
        lines = [line for step in self._steps.values() for line in output_lines(step)]
        for line in [*lines, *ending(record)]:
            self._console.print(Text(visible(line)), soft_wrap=True)


class Bar:
    """How much of a piece of work is done: a bar with what is going on, on a terminal; elsewhere a line for each tenth.

    :param file: where it is shown; answers go elsewhere.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        #: Whether there is a bar.
        self.is_live = file.isatty()
        self._tenth = -1
        self._bar: RichProgress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def status(self, text: str) -> None:
        """Show what is going on, beside the bar."""
        if self.is_live:
            self._update(description=visible(text)[:60])

    def percent(self, done: float) -> None:
        """Show how much is done."""
        done = min(max(done, 0.0), 100.0)
        if self.is_live:
            self._update(completed=done, total=100)
        elif int(done // 10) != self._tenth:
            self._tenth = int(done // 10)
            self._file.write(f"progress: {done:.0f} %\n")
            self._file.flush()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Show no bar in the block, so that a question can be asked."""
        if self._bar is None:
            yield
            return
        self._bar.stop()
        try:
            yield
        finally:
            self._bar.start()

    def _update(self, **changes: Any) -> None:
        if self._bar is None:
            from rich import progress
            from rich.console import Console

            columns = (progress.SpinnerColumn(), progress.TextColumn("{task.description}", markup=False), progress.BarColumn())
            # Lines on the same terminal have to stand above the bar; answers that go elsewhere are left alone.
            self._bar = progress.Progress(
                *columns, progress.TimeElapsedColumn(), console=Console(file=self._file), transient=True,
                redirect_stdout=sys.stdout.isatty(),
            )  # fmt: skip
            self._bar.add_task("", total=None)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], **changes)
