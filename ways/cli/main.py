"""The ``ways`` command."""

from __future__ import annotations

import functools
import inspect
import io
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import click

from ways import __version__, api
from ways.cli import commands, completion, render
from ways.cli.commands import Options, UsageProblem

Function = TypeVar("Function", bound=Callable[..., Any])

#: Texts from which on a progress bar is worth its line.
LONG_WORK = 500

_SHARED = (
    click.option("--sheets", multiple=True, metavar="PATH", help="A sheet or a folder of sheets, instead of WAYS_DESCRIPTORS."),
    click.option("--assignment", metavar="NAME", help="Look at this layer of plugins alone."),
    click.option(
        "--platform",
        metavar="NAME",
        help="Answer as on this platform, instead of WAYS_PLATFORM.",
        shell_complete=completion.platforms,
    ),
    click.option("--priority", metavar="NAMES", help="The layers to look at, strongest last, instead of WAYS_PRIORITY."),
    click.option("--trust", is_flag=True, default=None, help="Let sheets run code wherever they come from."),
)


class Ways(click.Group):
    """The commands, with a nearest name for one that is misspelt."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = api.did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"{error.message}{close}", ctx) from error


def _formats(*names: str) -> Callable[[Function], Function]:
    return click.option("--format", "form", type=click.Choice(names), help="How to write the answer; text, if absent.")


def _shared(function: Function) -> Function:
    for option in reversed(_SHARED):
        function = option(function)
    return function


def _command(*forms: str) -> Callable[[Callable[..., int]], click.Command]:
    """Make a command of a function that takes a session, the options, a format and its own arguments; it returns 0 or 1."""

    def decorate(function: Callable[..., int]) -> click.Command:
        @functools.wraps(function)
        def run(**given: Any) -> None:
            above = click.get_current_context().obj or {}
            own = {name: given.pop(name) or above.get(name) for name in (*Options._fields, "form")}
            form = own.pop("form") or "text"
            if form not in forms:
                raise click.UsageError(f"--format {form}: this command writes {', '.join(forms)}.")
            own["sheets"] = tuple(own["sheets"] or ())
            options = Options(**{name: value for name, value in own.items() if value})
            sys.exit(_carried_out(function, options, form, given))

        text, example = _told(function)
        return main.command(name=function.__name__.rstrip("_"), help=text, epilog=example)(_shared(_formats(*forms)(run)))

    return decorate


def _told(function: Callable[..., Any]) -> tuple[str, str]:
    """Return what a docstring says, and the example at its end, which stands below the options."""
    text, mark, example = inspect.cleandoc(function.__doc__ or "").partition("\b\nExample:")
    return text, mark + example


def _carried_out(function: Callable[..., int], options: Options, form: str, given: dict[str, Any]) -> int:
    try:
        session = commands.open_session(options)
        if function.__name__ != "sheets":
            _tell(session.problems)
        return function(session, options, form, **given)
    except UsageProblem as problem:
        click.echo(f"ways: {problem}", err=True)
        return 2
    except api.WaysError as error:
        click.echo(f"ways: {error}", err=True)
        return 1
    except BrokenPipeError:
        # The reader of a pipe went away, as head does: nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _tell(problems: Iterable[api.Problem]) -> None:
    for problem in problems:
        click.echo(f"{problem.level}: {problem}", err=True)


@click.group(
    cls=Ways,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExample:\n  ways --sheets plugin_sheets/film tree",
)
@click.version_option(__version__, prog_name="ways")
@_shared
@click.option("--format", "form", help="How to write the answer: text, json, or env.")
@click.pass_context
def main(ctx: click.Context, /, **options: Any) -> None:
    """Ways tells what a path is, and what the path of a thing is.

    Plugin Sheets say what there is: name them by --sheets or WAYS_DESCRIPTORS. Options may stand before or after the
    command. Exit 0: done. Exit 1: the answer is no. Exit 2: wrong usage, or no sheet could be read.
    """
    ctx.obj = options
    # Every problem is told by the command itself; a log line would tell it twice.
    logging.getLogger("ways").addHandler(logging.NullHandler())
    # File names may be no UTF-8: their bytes pass through as they are.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")


@_command("text", "json", "env")
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@click.option(
    "--context",
    metavar="HIERARCHY",
    default="",
    help="The place that the texts belong to.",
    shell_complete=completion.hierarchies,
)
@click.option("--strict/--lenient", default=True, help="Whether a text must fit in all ways (the default), or somehow.")
@click.option("-0", "--null", is_flag=True, help="Texts on standard input end with NUL rather than with a line break.")
@click.option(
    "--to",
    metavar="PLATFORM",
    default="",
    help="Write what each text is on another platform.",
    shell_complete=completion.platforms,
)
@click.option("--env-prefix", default="", metavar="PREFIX", help="Before each variable of --format env.")
def resolve(
    session: api.Session,
    options: Options,
    form: str,
    texts: tuple[str, ...],
    context: str,
    strict: bool,
    null: bool,
    to: str,
    env_prefix: str,
) -> int:
    """Tell the place and the token values of texts; - reads them from standard input, one a line.

    \b
    Example:
      ways --sheets plugin_sheets/film resolve /mnt/projects/dune
      find /mnt/projects | ways resolve --format json -
      eval "$(ways resolve --format env "$PWD")"
    """
    if form == "env" and (len(texts) != 1 or texts[0] == "-"):
        raise UsageProblem("--format env takes one text.")
    good = True
    for record in commands.resolve(session, _progress(_texts(texts, null)), options, context, lenient=not strict):
        if to and record["status"] == "resolved":
            record = commands.translated(session, record, to, options)
        good = good and record["status"] == "resolved"
        _write_resolution(record, form, env_prefix)
    return 0 if good else 1


def _write_resolution(record: dict[str, Any], form: str, prefix: str) -> None:
    if form == "json":
        _write(render.as_json(record))
    elif "to" in record and record["status"] == "resolved":
        _write(record["to"])
    elif form == "text" and record["status"] == "resolved":
        _write(render.resolution(record))
    elif record["status"] != "resolved":
        click.echo(render.resolution(record), err=True)
    else:
        lines, skipped = commands.shell_lines(record["values"], prefix)
        for name in skipped:
            click.echo(f"ways: {name} is no name for a shell variable: skipped", err=True)
        _write("\n".join(lines))


def _write(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _texts(texts: tuple[str, ...], null: bool) -> Iterator[str]:
    for text in texts:
        if text == "-":
            yield from _input(b"\0" if null else b"\n")
        else:
            yield text


def _input(end: bytes) -> Iterator[str]:
    """Yield the texts on standard input, each as soon as its *end* is there; bytes that are no UTF-8 are kept."""
    rest = b""
    # read1 gives what there is: a program that waits for each answer before it asks again gets it.
    while block := sys.stdin.buffer.read1(65536):  # type: ignore[union-attr]
        *whole, rest = (rest + block).split(end)
        yield from (text.decode("utf-8", "surrogateescape") for text in whole)
        sys.stdout.flush()
    if rest:
        yield rest.decode("utf-8", "surrogateescape")


def _progress(texts: Iterable[str]) -> Iterator[str]:
    """Yield *texts*, and show on a terminal's standard error how far they are, once the work is long."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield from texts
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} texts"), TimeElapsedColumn())
    # Answers go where standard output goes: rich would print them on the terminal, above its bar.
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        task = progress.add_task("", total=None, visible=False)
        for count, text in enumerate(texts, 1):
            yield text
            if count % 100 == 0:
                progress.update(task, completed=count, visible=count >= LONG_WORK)


@_command("text", "json")
@click.argument("hierarchy", shell_complete=completion.hierarchies)
@click.argument("values", nargs=-1, metavar="TOKEN=VALUE...", shell_complete=completion.pairs)
@click.option(
    "--latest",
    metavar="TOKEN",
    help="Of those that differ in this token alone, only the greatest.",
    shell_complete=completion.tokens,
)
@click.option("--sequences", is_flag=True, help="Write the frames of one thing as one, with their range.")
def find(
    session: api.Session,
    options: Options,
    form: str,
    hierarchy: str,
    values: tuple[str, ...],
    latest: str | None,
    sequences: bool,
) -> int:
    """List the files and folders on disk that belong to a place and have these values, sorted.

    \b
    Example:
      ways --sheets plugin_sheets/film find job/sequence/shot/plate JOB=dune --latest VERSION
    """
    given = commands.values_of(values)
    for record in commands.find(session, hierarchy, given, latest, sequences, options, _tell_path):
        _write(render.as_json(record) if form == "json" else record["text"])
    return 0


def _tell_path(path: str, reason: str) -> None:
    click.echo(f"ways: {path}: {reason}".encode("utf-8", "surrogateescape"), err=True)


@_command("text", "json")
@click.argument("hierarchy", shell_complete=completion.hierarchies)
@click.argument("values", nargs=-1, metavar="TOKEN=VALUE...", shell_complete=completion.pairs)
def format_(session: api.Session, options: Options, form: str, hierarchy: str, values: tuple[str, ...]) -> int:
    """Write the text of a place that has these token values; it would be read as the same values again.

    \b
    Example:
      ways --sheets plugin_sheets/film format job JOB=dune
    """
    text = session.format(hierarchy, commands.values_of(values), options.assignment)
    _write(render.as_json({"text": text, "hierarchy": hierarchy}) if form == "json" else text)
    return 0


@_command("text", "json")
@click.argument("hierarchy", shell_complete=completion.hierarchies)
def context(session: api.Session, options: Options, form: str, hierarchy: str) -> int:
    """Tell everything about a place: mapping, tokens, data, and the sheet and line of each plugin used.

    \b
    Example:
      ways --sheets plugin_sheets/film context job
    """
    record = commands.describe(session, hierarchy, options)
    if form == "json":
        _write(render.as_json(record))
    else:
        render.console().print(render.context(record))
    return 0


@_command("text", "json")
@click.argument("hierarchy", default="", shell_complete=completion.hierarchies)
def tree(session: api.Session, options: Options, form: str, hierarchy: str) -> int:
    """Draw the places as a tree, each with its mapping; all of them, or one and those below it.

    \b
    Example:
      ways --sheets plugin_sheets/film tree job/delivery
    """
    nodes = commands.tree(session, hierarchy, options)
    if form == "json":
        _write(render.as_json(nodes))
    else:
        render.console().print(render.tree(nodes, hierarchy.rpartition("/")[0] or "."))
    return 0


@main.command(
    epilog="\b\nExample:\n  ways cache info\n  ways cache clear",
)
@click.argument("action", type=click.Choice(("info", "clear")))
@_formats("text", "json")
def cache(action: str, form: str | None) -> None:
    """Tell where the compiled sheets are and how many; or remove them, which only costs the time to compile them again."""
    session = api.Session()
    record: dict[str, Any] = {"removed": session.clear_cache()} if action == "clear" else session.get_cache_info()
    if form == "json":
        _write(render.as_json(record))
    else:
        _write("\n".join(f"{name}: {value}" for name, value in record.items()))


@_command("text", "json")
def sheets(session: api.Session, options: Options, form: str) -> int:
    """Tell what was loaded from where, how many plugins each sheet has, and each problem.

    \b
    Example:
      ways --sheets plugin_sheets/film sheets
    """
    records = list(commands.sheets(session))
    if form == "json":
        for record in records:
            _write(render.as_json(record))
    else:
        render.console().print(render.sheets(records))
    _tell(session.problems)
    return 1 if any(problem.level == "error" for problem in session.problems) else 0
