"""``ways dioptra``: whether an entrypoint of Dioptra is valid, what it would do, and to run it."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from ways import api
from ways.cli.command import Group, Seconds, command, ending_what_it_runs, helped, values_of, write_problems
from ways.cli.complete import by_click
from ways.cli.draw import graphs
from ways.cli.draw.console import as_json, draw as show, with_level, write_spans
from ways.cli.options import SharedOptions, UsageProblem
from ways.cli.streams import answers_apart, complain, write, write_for_people
from ways.errors import counted

if TYPE_CHECKING:
    from ways.cli.draw.progress import Progress
    from ways.systems.dioptra import Artifact, Plan, Run


@command("text", "json")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=by_click.entrypoints)
def validate(session: api.Session, options: SharedOptions, form: str, names: tuple[str, ...]) -> int:
    """Find mistakes in Dioptra entrypoints without running any code.

    NAME is the exact name of an entrypoint. Without NAME, all entrypoints are checked. Each mistake has the file, line and column of
    its step, input or type. Exit 1: an entrypoint can't run, or a sheet has an error.

    Documentation: docs/howto/dioptra.rst

    \b
    Examples:
      ways --sheets plugin_sheets/foreign/dioptra dioptra validate
      ways --sheets plugin_sheets/foreign/dioptra dioptra validate "Bread: Plain" --format json
    """
    from ways.systems import dioptra

    _check_layers(options)
    chosen = names or tuple(dioptra.entrypoint_names(session))
    if not chosen:
        raise UsageProblem("The sheets have no Dioptra entrypoint. Name a resource file, such as --sheets dioptra.toml.")
    found = {name: dioptra.validate(session, name) for name in chosen}
    _write_others(session, [issue for issues in found.values() for issue in issues])
    bad = [name for name, issues in found.items() if any(issue.level == "error" for issue in issues)]
    # A file that isn't there, or a task that no file has: Dioptra finds it too late, and it is no mistake of a graph.
    code = 1 if bad or any(problem.level == "error" for problem in session.problems) else 0
    if form == "json":
        records = [
            {"entrypoint": name, "valid": name not in bad, "issues": [issue.as_dict() for issue in issues]}
            for name, issues in found.items()
        ]
        write(as_json(records))
        return code
    for name, issues in found.items():
        for issue in issues:
            write_spans(with_level(f"{issue.level}: {issue}", issue.level), write_for_people, sys.stdout)
        levels = [counted(sum(issue.level == level for issue in issues), level) for level in ("error", "warning")]
        write_for_people(f"{name}: {', '.join(text for text in levels if not text.startswith('0 ')) or 'valid'}")
    return code


@command("text", "json", "dot", "svg")
@click.argument("name", shell_complete=by_click.entrypoints)
@click.argument("values", nargs=-1, metavar="[PARAMETER=VALUE]...", shell_complete=by_click.parameters)
@click.option("--validate/--no-validate", "is_checked", default=True, help="Refuse an entrypoint with mistakes (the default), or not.")
def plan(session: api.Session, options: SharedOptions, form: str, name: str, values: tuple[str, ...], is_checked: bool) -> int:
    """Show what a run of a Dioptra entrypoint would do.

    You see the steps in the order in which they would run, each with its arguments. No code is run. With --format svg or dot, you get the
    graph as a picture, or for Graphviz.

    Documentation: docs/howto/dioptra.rst

    \b
    Examples:
      ways --sheets plugin_sheets/foreign/dioptra dioptra plan "Bread: Plain" mark=x
      ways --sheets plugin_sheets/foreign/dioptra dioptra plan "Bread: Plain" --format svg
    """
    planned = _planned(session, options, name, values_of(values, "PARAMETER"), is_checked)
    _write_plan(planned, form)
    return 0


@command("text", "json")
@click.argument("name", shell_complete=by_click.entrypoints)
@click.argument("values", nargs=-1, metavar="[PARAMETER=VALUE]...", shell_complete=by_click.parameters)
@click.option("--folder", type=click.Path(file_okay=False), metavar="OUT", help="Save the artifacts in this folder.")
@click.option("--artifact", "artifacts", multiple=True, metavar="NAME=TASK:PATH", help="Read this artifact input by this task. Repeatable.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and run nothing.")
@click.option("--strict", is_flag=True, help="Fail if a task returns fewer values than it has outputs.")
@click.option("--plain", is_flag=True, help="Import the plugins by their own names, so that they can import each other.")
@click.option("--timeout", type=Seconds(min=0), metavar="SECONDS", help="Begin no step after this time.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Run in N processes, at most one for each step. This needs the extra dask.",
)
@click.option("--validate/--no-validate", "is_checked", default=True, help="Refuse an entrypoint with mistakes (the default), or not.")
@ending_what_it_runs()
def run(
    session: api.Session,
    options: SharedOptions,
    form: str,
    name: str,
    values: tuple[str, ...],
    folder: str | None,
    artifacts: tuple[str, ...],
    dry_run: bool,
    is_checked: bool,
    workers: int | None,
    **settings: Any,
) -> int:
    """Run a Dioptra entrypoint here, without Dioptra.

    This runs the code of its plugins, so you must say --trust. Artifacts are saved once all steps are done, or not at all. On a terminal,
    a table shows how far the run is. What tasks print goes to standard error. Exit 1: a step failed, or the entrypoint can't run.

    Documentation: docs/howto/dioptra.rst

    \b
    Examples:
      ways --sheets plugin_sheets/foreign/dioptra dioptra run "Bread: Plain" mark=x --trust --folder "$(mktemp -d)"
      ways --sheets plugin_sheets/foreign/dioptra dioptra run "Bread: Plain" mark=x --dry-run
    """
    if folder == "":
        raise UsageProblem("--folder is empty: name the folder, such as --folder out; for the current folder, --folder .")
    given, files = values_of(values, "PARAMETER"), _artifacts(artifacts)
    planned = _planned(session, options, name, given, is_checked)
    if dry_run:
        planned.need_values()
        _write_plan(planned, form)
        return 0
    settings |= {"trust": options.trust, "folder": folder, "artifacts": files, "validate": is_checked}
    return _run(session, planned, given, settings, form, workers)


@helped
def _group() -> None:
    """Check, plan and run Dioptra entrypoints, without Dioptra.

    The sheets are Dioptra's own resource files: name a folder, an archive or a TOML file with --sheets.

    Documentation: docs/howto/dioptra.rst

    \b
    Examples:
      ways --sheets plugin_sheets/foreign/dioptra dioptra validate
      ways --sheets plugin_sheets/foreign/dioptra dioptra plan "Bread: Plain" mark=x
      ways --sheets plugin_sheets/foreign/dioptra dioptra run "Bread: Plain" mark=x --trust --folder "$(mktemp -d)"
    """


dioptra = Group(
    "dioptra", {item.name or "": item for item in (validate, plan, run)}, no_args_is_help=False, help=_group.help, epilog=_group.epilog
)


def _write_others(session: api.Session, issues: Iterable[api.Problem]) -> None:
    """Write the problems of the sheets that are none of these issues."""
    shown: dict[str, list[str]] = {}
    for issue in issues:
        shown.setdefault(str(issue.source), []).append(issue.message)
    # The key differs: that of a sheet, and that of the file that it was made of. And a file may add which entrypoint it means.
    write_problems(problem for problem in session.problems if not problem.message.startswith(tuple(shown.get(str(problem.source), ()))))


def _check_layers(options: SharedOptions) -> None:
    """Refuse ``--assignment``, which would be without effect.

    :raises UsageProblem: it was given.
    """
    if options.assignment:
        raise UsageProblem("--assignment: an entrypoint has the plugins of all layers. To leave layers out, use --priority NAMES.")


def _planned(session: api.Session, options: SharedOptions, name: str, values: Mapping[str, str], is_checked: bool) -> Plan:
    """Return a plan, and write what is odd about the sheets and the values."""
    from ways.systems import dioptra

    _check_layers(options)
    try:
        planned = dioptra.plan(session, name, values, validate=is_checked)
    except dioptra.InvalidGraphError as error:
        _write_others(session, error.issues)
        raise
    _write_others(session, ())
    for warning in planned.warnings:
        complain(f"warning: {warning}")
    return planned


def _write_plan(planned: Plan, form: str) -> None:
    record = planned.as_dict()
    if form == "text":
        show(graphs.tree(record))
    else:
        write({"json": as_json, "dot": graphs.dot, "svg": graphs.svg}[form](record))


def _artifacts(texts: Iterable[str]) -> dict[str, Artifact]:
    """Return artifact inputs out of ``NAME=TASK:PATH`` texts.

    :raises UsageProblem: a text is none, or a name is given twice.
    """
    from ways.systems.dioptra import Artifact

    found: dict[str, Artifact] = {}
    for text in texts:
        name, equals, rest = text.partition("=")
        task, colon, path = rest.partition(":")
        if not (equals and colon and name and task and path):
            raise UsageProblem(f"--artifact {text}: expected NAME=TASK:PATH, such as earlier=PickleArtifactTask:model.pkl.")
        if name in found:
            raise UsageProblem(f"--artifact {name} is given twice.")
        found[name] = Artifact(task, path)
    return found


def _run(
    session: api.Session, planned: Plan, values: Mapping[str, str], settings: Mapping[str, Any], form: str, workers: int | None
) -> int:
    """Run an entrypoint, and show its steps as they end."""
    from ways.cli.draw.progress import Events, Lines, LiveTable
    from ways.systems import dioptra

    began = time.monotonic()
    error: api.WaysError | dioptra.RunInterrupted | None = None
    done: Run | None = None
    # What tasks print is no answer.
    with answers_apart() as out:
        progress: Progress
        if form == "json":
            progress = Events(out)
            progress.begin(planned.as_dict())
        else:
            progress = LiveTable(out, {step.name: step.task for step in planned}) if out.isatty() else Lines(out)

        def report(run: Run, name: str) -> None:
            step = run.steps[name]
            outputs = {key: dioptra.plain(value) for key, value in run.outputs.get(name, {}).items()}
            progress.show({**step.as_dict(), **({"outputs": outputs} if step.state == "done" else {})})

        with progress, contextlib.ExitStack() as stack:
            try:
                engine = None if workers is None or not settings["trust"] else stack.enter_context(_engine(planned, workers))
                done = dioptra.run(session, planned.entrypoint, values, **settings, engine=engine, report=report)
            except (api.WaysError, dioptra.RunInterrupted) as raised:
                error, done = raised, getattr(raised, "run", None)
        if done is not None or form == "json":
            progress.end(_ending(planned, done, error, time.monotonic() - began))
    for warning in _warnings(done, planned):
        complain(f"warning: {warning}")
    if error is not None:
        raise error
    return 0


def _engine(planned: Plan, workers: int) -> contextlib.AbstractContextManager[Any]:
    """Return an engine of this many processes, but of no more than there are steps: the others would have nothing to do."""
    from ways.systems import dioptra

    return dioptra.local(max(1, min(workers, len(planned))))


def _warnings(run: Run | None, planned: Plan) -> list[str]:
    if run is None:
        return []
    of_steps = [f"{step.source}: the step {step.name!r}: {text}" for step in run.steps.values() for text in step.warnings]
    return [*of_steps, *(text for text in run.warnings if text not in planned.warnings)]


def _ending(planned: Plan, run: Run | None, error: BaseException | None, seconds: float) -> dict[str, Any]:
    steps = run.steps.values() if run is not None else ()
    record: dict[str, Any] = {
        "entrypoint": planned.entrypoint,
        "state": "interrupted" if isinstance(error, KeyboardInterrupt) else "failed" if error is not None else "done",
        "steps": len(planned),
        "done": sum(step.state == "done" for step in steps),
        "files": {name: str(path) for name, path in run.files.items()} if run is not None else {},
        "seconds": round(seconds, 6),
        "warnings": _warnings(run, planned),
    }
    if error is not None:
        record["error"] = {"class": type(error).__name__, "message": str(error)}
    return record
