"""``ways imjoy``: what a plugin of ImJoy would install, to prepare it, and to run it."""

from __future__ import annotations

import base64
import json
import math
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from ways import api
from ways.cli.command import Choice, Group, Seconds, command, ending_what_it_runs, helped, values_of, write_problems
from ways.cli.complete import by_click
from ways.cli.draw.console import as_json
from ways.cli.options import SharedOptions, UsageProblem
from ways.cli.streams import complain, write, write_for_people
from ways.errors import lines, visible

if TYPE_CHECKING:
    from ways.cli.draw.progress import Bar
    from ways.systems.imjoy import Environment, Step, Worker

#: Seconds after which what a plugin printed meanwhile is shown.
LOOK_SECONDS = 0.2
#: Values of an array that are written; of a larger one, its type and shape.
MOST_VALUES = 1000
#: Bits of an integer that is written; Python writes those of at most 4,300 digits.
MOST_BITS = 14_000
#: What a plugin says -> what stands before it on standard error.
SAYS = {
    "alert": "alert", "log": "log", "error": "error", "showStatus": "status", "showMessage": "message", "showSnackbar": "message",
}  # fmt: skip
#: Kinds of pictures -> the endings of their files.
_ENDINGS = {"png": "png", "jpeg": "jpg", "jpg": "jpg", "gif": "gif", "webp": "webp", "svg+xml": "svg", "bmp": "bmp", "tiff": "tif"}
_PICTURE = re.compile(r"data:image/([a-z+]+)[^,]*;base64,(.*)", re.DOTALL | re.IGNORECASE)
#: Numbers in memory as numpy names them -> as ``struct`` does.
_NUMBERS = {
    "|b1": "?", "|i1": "b", "|u1": "B", "<i2": "h", "<u2": "H", "<i4": "i", "<u4": "I", "<i8": "q", "<u8": "Q", "<f4": "f", "<f8": "d",
}  # fmt: skip

#: The order of a plan; its digest is that of this order.
_ORDER = click.option(
    "--order", type=Choice(("engine", "listed")), default="engine",
    help="Order the steps as ImJoy's engine does (the default), or as listed.",
)  # fmt: skip


@command("text", "json")
@click.argument("uri", shell_complete=by_click.imjoy_plugins)
@_ORDER
def plan(session: api.Session, options: SharedOptions, form: str, uri: str, order: str) -> int:
    """Show what an ImJoy plugin would install, and run nothing.

    URI is a name, NAME@TAG, OWNER/REPOSITORY:NAME or an address. Each step is a line with its risks in brackets. The digest at the end
    stands for exactly these steps: prepare needs it.

    Documentation: docs/howto/imjoy.rst

    \b
    Examples:
      ways --sheets plugin_sheets/foreign/imjoy imjoy plan "Spot Counter@gpu"
      ways --sheets plugin_sheets/foreign/imjoy imjoy plan "Number Summary" --format json
    """
    from ways.systems import imjoy

    context = _found(session, options, uri)
    planned = imjoy.install_plan(context, order)
    if form == "json":
        write(as_json({**_names(context), **planned}))
        return 0
    for line in planned["lines"] or ["no steps: the plugin needs nothing"]:
        write_for_people(line)
    own = [str(step["id"]) for step in planned["steps"] if step["status"] == "planned" and imjoy.needs_own_consent(step)]
    if own:
        write_for_people(f"needs a yes of its own: step {', '.join(own)}")
    write_for_people(f"digest: {planned['digest']}")
    return 0


@command("text", "json")
@click.argument("uri", shell_complete=by_click.imjoy_plugins)
@click.option("--place", type=click.Path(file_okay=False), metavar="DIR", required=True, help="Make the environment in this folder.")
@click.option("--approve", metavar="DIGEST", help="The digest of the plan that you have read.")
@click.option(
    "--yes-step", "steps", type=int, multiple=True, metavar="N", help="Let step N of the plan run its command, too. Repeatable."
)
@click.option("--folder", type=click.Path(file_okay=False), metavar="DIR", help="Put repositories there. Default: workspace in --place.")
@click.option("--timeout", type=Seconds(min=0), metavar="SECONDS", help="End a step that takes longer. Default: an hour.")
@_ORDER
@ending_what_it_runs()
def prepare(
    session: api.Session,
    options: SharedOptions,
    form: str,
    uri: str,
    place: str,
    approve: str | None,
    steps: tuple[int, ...],
    folder: str | None,
    timeout: float | None,
    order: str,
) -> int:
    """Prepare an ImJoy plugin: carry out its plan, once you approve it.

    The packages go into an environment for this plugin, tag and plan alone. Steps that are done aren't done again. The digest never
    covers a step that runs any command: name each of these with --yes-step. Exit 1: a step failed, or can't be done here.

    Documentation: docs/howto/imjoy.rst

    \b
    Examples:
      ways --sheets plugin_sheets/foreign/imjoy imjoy prepare "Bar Picture" --place "$(mktemp -d)" --approve 061d6c9a4ff0c83905f444cd527f07a68a4830f653ad20fa11bc1132491b90d3
      ways --sheets plugin_sheets/foreign/imjoy imjoy prepare "Number Summary" --place "$(mktemp -d)" --approve 7f3a1c99889a585353c6a3c437392babd543437968b3f41b3c117afa284707b6
    """  # noqa: E501 - a digest is long
    from ways.cli.draw.progress import Bar
    from ways.systems import imjoy

    context = _found(session, options, uri)
    if not approve:
        raise UsageProblem("--approve: expected the digest of the plan that you have read: ways imjoy plan shows both.")
    known = {step["id"] for step in imjoy.install_plan(context, order)["steps"]}
    if unknown := set(steps) - known:
        raise UsageProblem(f"--yes-step {min(unknown)}: the plan has no such step.")
    limit = imjoy.TIMEOUT if timeout is None else timeout
    with Bar(sys.stderr) as shown:

        def report(step: Step, state: str) -> None:
            text = f"{step['id']}. {step['text']}"
            if state == "running":
                shown.status(text)
            elif form == "text":
                write_for_people(f"{state:<11}  {text}")

        environment = imjoy.prepare(
            context, place, approve=approve, steps=steps, workspace=folder or "", order=order, report=report, timeout=limit
        )
    if form == "json":
        write(as_json({**_names(context), **_record(environment)}))
    if environment.failed is not None:
        complain(f"ways: {environment.failed}")
        for line in environment.failed.lines:
            complain(f"  {line}")
    for step in environment.unavailable:
        complain(f"warning: step {step['id']} can't be done here: {step['note']}: {step['text']}")
    if form == "text" and environment.python and environment.failed is None:
        write_for_people(f"python: {environment.python}")
        write_for_people(f"workspace: {environment.workspace}")
    return 1 if environment.failed is not None or environment.unavailable else 0


@command("text", "json")
@click.argument("uri", shell_complete=by_click.imjoy_plugins)
@click.argument("words", nargs=-1, metavar="[OP] [FIELD=VALUE]...", shell_complete=by_click.imjoy_fields)
@click.option("--data", metavar="JSON", help="Give the plugin this data. -: read it from standard input.")
@click.option("--place", type=click.Path(file_okay=False), metavar="DIR", help="Run in the environment that was prepared there.")
@click.option("--python", type=click.Path(dir_okay=False), metavar="PATH", help="Run with this Python. Default: that of ways itself.")
@click.option("--folder", type=click.Path(file_okay=False), metavar="DIR", help="Work in this folder, and put pictures there.")
@click.option("--timeout", type=Seconds(min=0, min_open=True), metavar="SECONDS", help="End a plugin that takes longer.")
@ending_what_it_runs()
def run(
    session: api.Session,
    options: SharedOptions,
    form: str,
    uri: str,
    words: tuple[str, ...],
    data: str | None,
    place: str | None,
    python: str | None,
    folder: str | None,
    timeout: float | None,
) -> int:
    """Run an ImJoy plugin here, in a process of its own.

    This runs the code of the plugin, so you must say --trust. OP is one of its ops; without it, run is called. FIELD is a field of its
    form. The result goes to standard output, what the plugin says and prints to standard error; a picture that it shows is written
    to --folder, else to the current folder, and its path printed. On a terminal, a bar shows the progress, and dialogs are asked.

    Documentation: docs/howto/imjoy.rst

    \b
    Examples:
      ways --sheets plugin_sheets/foreign/imjoy imjoy run "Number Summary" digits=1 --data '{"numbers": [1, 2, 4]}' --trust
      ways --sheets plugin_sheets/foreign/imjoy imjoy run "Bar Picture" --data '{"numbers": [1, 2]}' --folder "$(mktemp -d)" --trust
    """
    from ways.cli.draw.progress import Bar
    from ways.systems import imjoy

    context = _found(session, options, uri)
    op = words[0] if words and "=" not in words[0] else ""
    given = values_of(words[1:] if op else words)
    value = _data(data)
    if place and python:
        raise UsageProblem("--place and --python: name the environment or the Python, not both.")
    settings: dict[str, Any] = {"python": python or None, "workspace": folder or None}
    if place:
        environment = imjoy.find_environment(context, place)
        settings = {
            "python": environment.python, "workspace": folder or environment.workspace, "variables": dict(environment.variables),
        }  # fmt: skip
        for step in environment.unavailable:
            complain(f"warning: this step couldn't be done: {step['note']}: {step['text']}")
    if not op and not _is_accepted(context, value):
        complain(f"warning: the data doesn't fit the 'inputs' of {context.data['name']!r}.")
    if timeout is not None:
        settings["timeout"] = timeout
    events = _Events(form, Bar(sys.stderr), settings["workspace"] or os.curdir)
    state: dict[str, Any] = {}
    error: api.WaysError | None = None
    with events.shown:
        try:
            with imjoy.start(context, trust=options.trust, handlers=events.handlers(), **settings) as worker:
                if timeout is None:
                    # Starting has a limit. How long the plugin computes is its own matter.
                    worker.timeout = None
                try:
                    with events.following(worker):
                        state["result"] = _plain(worker.run(op, config=_config(worker, op, given), data=value))
                finally:
                    events.end(worker)
        except api.WaysError as raised:
            error = raised
    if form == "json":
        if error is not None:
            state["error"] = {"class": type(error).__name__, "code": getattr(error, "code", ""), "message": str(error)}
        write(as_json({"event": "end", **_names(context), "state": "failed" if error else "done", **state, "files": events.files}))
    else:
        _write_result(state.get("result"))
        for path in events.files:
            write_for_people(path)
    if error is not None:
        raise error
    return 0


@helped
def _group() -> None:
    """See what ImJoy plugins would install, prepare them, and run them.

    The sheets are ImJoy's own files: name a *.imjoy.html, a manifest or a folder with --sheets. Only plugins of the type native-python
    run here; all others need a web browser.

    Documentation: docs/howto/imjoy.rst

    \b
    Examples:
      ways --sheets plugin_sheets/foreign/imjoy imjoy plan "Spot Counter@gpu"
      ways --sheets plugin_sheets/foreign/imjoy imjoy run "Number Summary" --data '{"numbers": [1, 2, 4]}' --trust
    """


imjoy = Group(
    "imjoy", {item.name or "": item for item in (plan, prepare, run)}, no_args_is_help=False, help=_group.help, epilog=_group.epilog
)


def _found(session: api.Session, options: SharedOptions, uri: str) -> api.Context:
    """Return the plugin that was named, and write what is wrong with the sheets. ``--assignment`` names a tag as well."""
    from ways.systems import imjoy

    write_problems(session.problems)
    return imjoy.find(session, uri, options.assignment)


def _names(context: api.Context) -> dict[str, Any]:
    return {"plugin": context.data["name"], "tag": context.data["_imjoy"]["tag"]}


def _record(environment: Environment) -> dict[str, Any]:
    failed = environment.failed
    return {
        "python": environment.python,
        "workspace": environment.workspace,
        "variables": dict(environment.variables),
        "done": [step["id"] for step in environment.done],
        "failed": None if failed is None else {"id": failed.step["id"], "code": failed.code, "lines": list(failed.lines)},
        "unavailable": [{"id": step["id"], "note": step["note"]} for step in environment.unavailable],
    }


def _data(text: str | None) -> Any:
    """Return what ``--data`` gives.

    :raises UsageProblem: it is no JSON.
    """
    if text is None:
        return None
    try:
        return json.loads(sys.stdin.read() if text == "-" else text)
    except (ValueError, RecursionError) as error:
        raise UsageProblem(f"--data: expected JSON, such as '{{\"numbers\": [1, 2]}}': {error}.") from None


def _is_accepted(context: api.Context, data: Any) -> bool:
    """Return whether data fits the ``inputs`` of a plugin. Without the extra that can say so, it is assumed to."""
    from ways.systems import imjoy

    if context.data.get("inputs") is None:
        return True
    try:
        return imjoy.accepts(context, data)
    except ImportError:
        return True


def _config(worker: Worker, op: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of a form, each as the type of its field says.

    :raises UsageProblem: a value doesn't fit its field.
    """
    fields = {field["key"]: field for field in worker.find_op(op).parameters}
    return {name: _value(name, text, fields[name]) if name in fields else text for name, text in given.items()}


def _value(name: str, text: str, field: Mapping[str, Any]) -> Any:
    if field["type"] == "choose":
        options = [option.get("value") if isinstance(option, dict) else option for option in field.get("options") or ()]
        texts = {option if isinstance(option, str) else json.dumps(option): option for option in options}
        if options and text not in texts:
            raise UsageProblem(f"{name}={text}: expected one of {', '.join(texts)}.{api.did_you_mean(text, texts)}")
        return texts.get(text, text)
    if field["type"] != "number":
        return text
    try:
        number = float(text)
        value = int(text) if re.fullmatch(r"[-+]?\d+", text) else number
    except ValueError:
        raise UsageProblem(f"{name}={text}: expected a number.") from None
    least, most = (field.get(key) if isinstance(field.get(key), (int, float)) else None for key in ("min", "max"))
    if not math.isfinite(number) or (least is not None and value < least) or (most is not None and value > most):
        bounds = " and ".join(f"{word} {bound}" for word, bound in (("at least", least), ("at most", most)) if bound is not None)
        raise UsageProblem(f"{name}={text}: expected a number{f' of {bounds}' if bounds else ''}.")
    return value


def _plain(value: Any) -> Any:
    """Return a value that a plugin gave as plain data for JSON; of a large array, its type and shape."""
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(item) for item in value), key=str)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return f"integer of {value.bit_length()} bits"
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"{len(value)} bytes"
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return _array(value)
    return repr(value) if isinstance(value, complex) else type(value).__name__


def _array(value: Any) -> Any:
    """Return the values of an array, which is one of numpy or :class:`ways.systems.imjoy.Array`."""
    if math.prod(value.shape) <= MOST_VALUES:
        if hasattr(value, "tolist"):
            # Numbers of numpy that Python doesn't have stay what they are, such as long floats.
            values = value.tolist()
            return str(values) if isinstance(values, type(value)) or hasattr(values, "dtype") else _plain(values)
        if value.dtype in _NUMBERS and sys.byteorder == "little" and 0 not in value.shape:
            return _plain(value.data.cast(_NUMBERS[value.dtype], value.shape).tolist())
    return f"array of {value.dtype}, {' x '.join(map(str, value.shape))}"


def _write_result(result: Any) -> None:
    if isinstance(result, dict):
        for name, value in result.items():
            write_for_people(f"{_said(name)} = {_short(value)}")
    elif result is not None:
        write_for_people(lines(*_short(result).splitlines()))


def _short(value: Any) -> str:
    return value if isinstance(value, str) else as_json(value)


class _Events:
    """Shows what a plugin says while it runs, asks its questions on a terminal, and saves the pictures that it shows.

    :param form: the ``--format``; for JSON, each event is a line.
    :param folder: where pictures go.
    """

    def __init__(self, form: str, shown: Bar, folder: str) -> None:
        self.files: list[str] = []
        #: How many lines of the plugin were shown.
        self._printed = 0
        self.shown = shown
        self._form = form
        self._folder = folder

    def handlers(self) -> dict[str, Callable[..., Any]]:
        """Return what answers the plugin, by the name of ``api``."""
        handlers: dict[str, Callable[..., Any]] = {name: partial(self._say, name) for name in SAYS}
        handlers |= {"showProgress": self._progress, "showDialog": self._dialog}
        if _can_ask():
            handlers |= {"prompt": self._prompt, "confirm": self._confirm}
        return handlers

    def _say(self, name: str, value: Any = None) -> None:
        picture = value.get("value") if isinstance(value, dict) and value.get("type") == "image" else None
        if isinstance(picture, str) and _PICTURE.match(picture):
            self._save(picture, name)
        elif self._form == "json":
            self._write(name, value)
        elif name == "showStatus" and self.shown.is_live:
            self.shown.status(_said(value))
        else:
            complain(f"{SAYS[name]}: {_said(value)}")

    def _write(self, name: str, value: Any) -> None:
        write(as_json({"event": name, "value": _plain(value)}))
        sys.stdout.flush()

    def _progress(self, value: Any = None) -> None:
        if not isinstance(value, (int, float)):
            return
        if self._form == "json":
            self._write("showProgress", value)
        else:
            self.shown.percent(value)

    def _prompt(self, question: Any = "", default: Any = None) -> Any:
        with self.shown.paused():
            begun = "" if default is None else default
            return click.prompt(visible(_said(question)), default=begun, show_default=begun != "", err=True)

    def _confirm(self, question: Any = "") -> bool:
        with self.shown.paused():
            return click.confirm(visible(_said(question)), err=True)

    def _dialog(self, config: Any = None) -> dict[str, Any]:
        """Ask for the fields of a dialog.

        :raises ImJoyError: nobody can be asked, or there is no form to ask for.
        """
        from ways.systems import imjoy

        fields = imjoy.form_fields(config.get("ui")) if isinstance(config, dict) else []
        if not fields or not _can_ask():
            help = "Run it on a terminal, where Ways asks." if fields else "Only a web browser can show it."
            raise imjoy.ImJoyError("needs-interface", "api.showDialog needs somebody to answer", help)
        answers: dict[str, Any] = {}
        with self.shown.paused():
            for field in fields:
                if field["key"]:
                    answers[field["key"]] = _asked(field)
        return answers

    @contextmanager
    def following(self, worker: Worker) -> Iterator[None]:
        """Show what the plugin prints while the block runs."""
        is_done = threading.Event()

        def follow() -> None:
            while not is_done.wait(LOOK_SECONDS):
                self._show_log(worker)

        thread = threading.Thread(target=follow, name="log", daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_done.set()
            thread.join()

    def _show_log(self, worker: Worker, *, is_last: bool = False) -> None:
        printed, self._printed = worker.log_after(self._printed, is_last=is_last)
        for line in printed:
            complain(line)

    def end(self, worker: Worker) -> None:
        """Save the pictures in windows, and show what else the plugin printed."""
        for event in worker.events:
            if event.name == "createWindow" and isinstance(event.value, dict):
                self._window(event.value)
            elif self._form == "json" and event.name not in worker.handlers:
                self._write(event.name, event.value)
            elif event.name == "exportFile" and isinstance(event.value, dict):
                complain(f"file: {_said(event.value.get('path'))}")
            elif event.name == "openUrl":
                complain(f"open: {_said(event.value)}")
        self._show_log(worker, is_last=True)

    def _window(self, window: Mapping[str, Any]) -> None:
        name, data = _said(window.get("name") or window.get("type") or "window"), window.get("data")
        source = data.get("src") if isinstance(data, dict) else None
        if isinstance(source, str) and _PICTURE.match(source):
            path = self._save(source, name)
            window = {**window, "data": {**data, "src": path}}  # type: ignore[dict-item]
        elif self._form == "text":
            complain(f"window: {name} ({_said(window.get('type'))}), which only a web browser shows")
        if self._form == "json":
            self._write("createWindow", window)

    def _save(self, picture: str, name: str) -> str:
        """Write a picture to a new file; return its path, or why it can't be written."""
        match = _PICTURE.match(picture)
        assert match is not None
        ending = _ENDINGS.get(match[1].lower(), "img")
        try:
            content = base64.b64decode(match[2], validate=True)
            path = _new_file(self._folder, name, ending, content)
        except (ValueError, OSError) as error:
            complain(f"warning: the picture {name!r} can't be written: {error}")
            return ""
        self.files.append(path)
        return path


def _asked(field: Mapping[str, Any]) -> Any:
    """Ask for a field of a form, until the answer fits it."""
    question = visible(str(field["label"] or field["key"]))
    return click.prompt(question, default=field.get("default"), value_proc=partial(_answered, field), err=True)


def _answered(field: Mapping[str, Any], text: Any) -> Any:
    try:
        return _value(str(field["key"]), str(text), field)
    except UsageProblem as problem:
        raise click.UsageError(str(problem)) from None


def _can_ask() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _said(value: Any) -> str:
    """Return what a plugin says as a line: a text, a title with its content, or several values."""
    if isinstance(value, dict) and "content" in value:
        content = _said(value["content"])
        return f"{_said(value['title'])}: {content}" if value.get("title") else content
    return value if isinstance(value, str) else _short(_plain(value))


def _new_file(folder: str, name: str, ending: str, content: bytes) -> str:
    """Write a file that isn't there yet, and return its path.

    :raises OSError: it can't be written.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")[:80] or "picture"
    for number in range(1, 10_000):
        path = os.path.join(folder, f"{plain}{f'-{number}' if number > 1 else ''}.{ending}")
        try:
            with open(path, "xb") as file:
                file.write(content)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(17, f"{folder!r} has too many files of that name")
