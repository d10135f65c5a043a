"""What every command has: the shared options, a session made by them, and the exit code."""

from __future__ import annotations

import functools
import inspect
import re
import shlex
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ways import api
from ways.cli.complete import by_click
from ways.cli.misses import explaining
from ways.cli.options import SharedOptions, UsageProblem, notes, open_session
from ways.cli.streams import complain
from ways.errors import led_by

Function = TypeVar("Function", bound=Callable[..., Any])

#: What a path begins with, and no hierarchy.
_PATH = re.compile(r"[/\\~]|\.\.?[/\\]|[A-Za-z]:[/\\]")

#: Commands that show the problems in their answer.
SHOW_PROBLEMS = frozenset({"doctor", "sheets", "validate", "plan", "prepare", "run"})

_SHARED = (
    click.option(
        "--sheets",
        multiple=True,
        metavar="PATH",
        type=click.Path(),
        help="Read this sheet, or this folder or archive of sheets, instead of WAYS_DESCRIPTORS. Repeatable.",
    ),
    click.option(
        "--snapshot",
        metavar="FILE",
        type=click.Path(),
        help="Answer from this file of ways snapshot, instead of WAYS_SNAPSHOT and of sheets.",
    ),
    click.option(
        "--assignment", metavar="NAME", help="Use only the plugins of this layer.", shell_complete=by_click.layers
    ),
    click.option(
        "--platform",
        metavar="NAME",
        help="Answer for this platform, instead of WAYS_PLATFORM.",
        shell_complete=by_click.platforms,
    ),
    click.option(
        "--priority",
        metavar="NAMES",
        help="Use these layers, strongest last, instead of WAYS_PRIORITY.",
        shell_complete=by_click.priority,
    ),
    click.option("--trust", is_flag=True, default=None, help="Let sheets run code, wherever they come from."),
    click.option(
        "--installed-formats",
        is_flag=True,
        default=None,
        help="Also read the formats that installed packages add. Their code runs.",
    ),
    click.option(
        "--update",
        is_flag=True,
        default=None,
        help="Let a later file of another system update what an earlier one declares, if that system can. Default: an error.",
    ),
)


if TYPE_CHECKING:
    WordChoice = click.Choice[str]
else:
    # Older versions of click have no type inside the brackets.
    WordChoice = click.Choice


class Choice(WordChoice):
    """One of some words, with the nearest for one that is misspelt."""

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        # That of click has a line for each word, and a message is one line.
        return f"Choose from {', '.join(self.choices)}."

    def convert(self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in self.choices:
            return str(value)
        close = api.did_you_mean(str(value), self.choices)
        self.fail(f"{value!r} is not one of {', '.join(self.choices)}.{close}", parameter, ctx)


class Seconds(click.FloatRange):
    """A number of seconds, which may be infinite."""

    def convert(self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, parameter, ctx)
        if seconds != seconds:  # That of no range is outside of each.
            self.fail(f"{value!r} is no number of seconds.", parameter, ctx)
        return seconds


def formats(*names: str) -> Callable[[Function], Function]:
    """Give a command its ``--format``; the first of *names* is written if it is absent."""
    return click.option("--format", "form", type=Choice(names), help="Write the answer in this format. Default: text.")


def shared(function: Function) -> Function:
    """Give a command the options that stand before or after any."""
    for option in reversed(_SHARED):
        function = option(function)
    return function


def command(
    *forms: str, opened: Callable[[SharedOptions], api.Session] = open_session
) -> Callable[[Callable[..., int]], click.Command]:
    """Make a command of a function that takes a session, the options, a format and its own arguments; it returns 0 or 1.

    :param opened: gives the session; loaded with what the options name, if absent.
    """

    def decorate(function: Callable[..., int]) -> click.Command:
        @functools.wraps(function)
        def run(**given: Any) -> None:
            above = click.get_current_context().obj or {}
            own = {name: given.pop(name) or above.get(name) for name in (*SharedOptions._fields, "form")}
            form = own.pop("form") or "text"
            if form not in forms:
                close = api.did_you_mean(form, forms)
                raise click.UsageError(f"--format {form}: this command writes {', '.join(forms)}.{close}")
            own["sheets"] = tuple(own["sheets"] or ())
            options = SharedOptions(**{name: value for name, value in own.items() if value})
            sys.exit(_exit_code(function, opened, options, form, given))

        return helped(shared(formats(*forms)(run)))

    return decorate


class Group(click.Group):
    """Commands, with a nearest name for one that is misspelt."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = api.did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"{error.message}{close}", ctx) from error


class Command(click.Command):
    """A command whose help shows its own options first, then those that most commands take."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own: list[tuple[str, str]] = []
        common: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record:
                (common if parameter.name in SharedOptions._fields else own).append(record)
        for title, records in (("Options", own), ("Common options", common)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def helped(function: Callable[..., Any]) -> click.Command:
    """Make a command whose help is the docstring: its end, from the name of a page on, stands below the options."""
    text, mark, end = inspect.cleandoc(function.__doc__ or "").partition("Documentation: ")
    return click.command(name=function.__name__.rstrip("_"), cls=Command, help=text, epilog=mark + end)(function)


def _exit_code(
    function: Callable[..., int],
    opened: Callable[[SharedOptions], api.Session],
    options: SharedOptions,
    form: str,
    given: dict[str, Any],
) -> int:
    try:
        session = opened(options)
        if function.__name__ not in SHOW_PROBLEMS:
            write_problems(session.problems)
            for note in notes(session, options):
                complain(f"warning: {note}")
        return function(session, options, form, **given)
    except UsageProblem as problem:
        complain(led_by("ways: ", str(problem)))
        return 2
    except api.WaysError as error:
        complain(led_by("ways: ", str(error)))
        if isinstance(error, api.ContextNotFoundError) and error.hierarchy in given.values() and _PATH.match(error.hierarchy):
            complain(f"ways: it looks like a path; try: {explaining(shlex.quote(error.hierarchy), options)}")
        return 1


def write_problems(problems: Iterable[api.Problem]) -> None:
    """Write each problem to standard error."""
    for problem in problems:
        complain(led_by(f"{problem.level}: ", str(problem)))


def values_of(pairs: Iterable[str], what: str = "TOKEN") -> dict[str, str]:
    """Return token values out of ``TOKEN=VALUE`` texts.

    :param what: what the names are, for messages.
    :raises UsageProblem: a text has no ``=``, or a token is given twice.
    """
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageProblem(f"{pair!r}: expected {what}=VALUE.")
        if name in values:
            raise UsageProblem(f"{name} is given twice.")
        values[name] = value
    return values


@contextmanager
def ending_what_it_runs() -> Iterator[None]:
    """Let SIGTERM, and SIGHUP of a terminal that is closed, end a command as Ctrl-C does: with all that it has started.

    The exit code is that of the signal, as shells have it. A signal that the caller ignores, as nohup does, stays ignored.
    """
    received: list[int] = []

    def interrupt(number: int, frame: object) -> None:
        received.append(number)
        raise KeyboardInterrupt

    changed = []
    if current_thread() is main_thread():
        known = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
        changed = [number for number in known if signal.getsignal(number) is signal.SIG_DFL]
    for number in changed:
        signal.signal(number, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        if received:
            sys.exit(128 + received[0])
        raise
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)
