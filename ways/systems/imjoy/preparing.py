"""Prepares what an ImJoy plugin needs to run: an environment with its packages, and its repositories.

Only what was approved is done. Each plugin, tag and plan has a folder of its own in the place of a user: the environment, and
``prepared.json``, which says what is done. See ``docs/howto/imjoy.rst``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from ways.api import Context, GitError
from ways.errors import ImJoyError
from ways.sources.git_program import TRANSPORTS, absolute_url, answer, git, keep_last
from ways.sources.ownership import close_to_others, is_own_folder
from ways.sources.repository import check_out, settings_that_run
from ways.sources.tempdirs import exclusive, inherited_fds, locked_tempdir
from ways.systems.imjoy.catalogue import install_plan
from ways.systems.imjoy.interpreters import find_interpreter
from ways.systems.imjoy.worker import check_runnable

#: Seconds that one step may take, if a caller doesn't say otherwise, and lines of its output that a failure shows.
TIMEOUT, LAST_LINES = 3600.0, 20
#: The file in a plugin's folder that says what is done, and the workspace beside these folders.
RECORD, WORKSPACE = "prepared.json", "workspace"
#: Kinds of steps, and risks, for which the approval of a whole plan is not enough.
OWN_CONSENT_KINDS = frozenset({"shell", "env-command"})
OWN_CONSENT_RISKS = frozenset({"arbitrary-command", "shell-syntax", "outside-workspace", "changes-global-config"})
#: Kinds of steps that need no environment.
_WITHOUT_ENVIRONMENT = frozenset({"git-clone", "set-variable", "gpu-select"})
_CREATES = ("env-create", "env-file")
_PINNED = re.compile(r"python(?:={1,2}(\d+(?:\.\d+)*)(?:\.\*)?)?")
#: A NUL, or half a character.
_NO_WORD = re.compile("[\0\ud800-\udfff]")
#: What would lead a Python, or its pip, away from the environment, or let pip say that it has done what it hasn't.
_LEADS_AWAY = re.compile(
    r"PYTHON.*|__PYVENV_LAUNCHER__|VIRTUAL_ENV|CONDA_(?:PREFIX|DEFAULT_ENV)|PIP_(?:TARGET|PREFIX|ROOT|USER|PYTHON|DRY_RUN)"
)
#: The variable that names the graphics processors.
_GPUS = "CUDA_VISIBLE_DEVICES"

Step = Mapping[str, Any]
Report = Callable[[Step, str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailure:
    """A step that failed: the step of the plan, the exit code (``None`` if its time was over), and its last lines."""

    step: Step
    code: int | None
    lines: tuple[str, ...]

    def __str__(self) -> str:
        how = "took too long" if self.code is None else f"failed with exit code {self.code}"
        return f"step {self.step['id']} {how}: {self.step['text']}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What a plugin runs in, as far as it could be prepared."""

    #: The path of the environment's Python; ``""`` if there is no environment.
    python: str
    #: The variables that the plan sets, for the plugin's process.
    variables: Mapping[str, str]
    #: The steps that are done, now or before.
    done: tuple[Step, ...]
    #: The step that failed; those after it were not begun.
    failed: StepFailure | None
    #: The steps that can't be done on this machine; the ``note`` of each says why.
    unavailable: tuple[Step, ...]
    #: The folder in which the plugin's repositories are, and in which it runs.
    workspace: str

    def check(self) -> None:
        """Check that all steps are done.

        :raises ImJoyError: a step failed (``step-failed``), or can't be done here (``unavailable``).
        """
        if self.failed is not None:
            raise ImJoyError("step-failed", "; ".join([str(self.failed), *self.failed.lines[-3:]]))
        if self.unavailable:
            steps = "; ".join(f"{step['text']} ({step['note']})" for step in self.unavailable)
            raise ImJoyError("unavailable", f"this machine can't do {len(self.unavailable)} of the steps: {steps}")


def needs_own_consent(step: Step) -> bool:
    """Return whether the approval of the whole plan is not enough for a step."""
    return step["kind"] in OWN_CONSENT_KINDS or not OWN_CONSENT_RISKS.isdisjoint(step["risk"])


def prepare(
    context: Context,
    place: str,
    *,
    approve: str | Callable[[Step], bool],
    steps: Collection[int] = (),
    backend: str = "venv",
    workspace: str = "",
    order: str = "engine",
    timeout: float = TIMEOUT,
    report: Report | None = None,
) -> Environment:
    """Carry out the install plan of a plugin, and return what it can run in.

    Steps that are done are not done again. If a prepare was interrupted, the next one makes the environment anew. The first step
    that fails ends it. Of two at once in one place, one waits for the other, except on Windows.

    :param place: a folder for environments; it is made if it isn't there.
    :param approve: the ``digest`` of the plan; it never covers the steps that run any command. Or a function that gets each step,
        and returns ``True`` for one that may be done; nothing is done before it has seen all of them.
    :param steps: with a digest: the ids of those steps that run any command and may do so.
    :param backend: ``venv``, the only one. Steps of conda are done where conda is installed, for an environment of its own.
    :param workspace: the folder for repositories, in which the steps run; ``workspace`` in *place*, if absent.
    :param order: as for :func:`install_plan`.
    :param timeout: seconds that one step may take.
    :param report: gets each step with its state, as that changes: ``running``, ``done``, ``kept`` (done before), ``skipped`` (after
        ``||``), ``failed`` or ``unavailable``.
    :raises ImJoyError: its code is ``consent-required`` (the message has the step's text), ``invalid-step``, ``not-runnable``,
        ``not-yours`` if another user has made the plugin's folder, or ``busy`` if another process goes on for longer than *timeout*.
        Nothing was done then.
    :raises OSError: the place can't be written.
    :raises ValueError: an argument is none of those above.
    """
    if backend != "venv":
        raise ValueError(f"{backend!r} is no backend: expected 'venv'")
    plan = install_plan(context, order)
    _check_plan(context, plan)
    folder = _folder_of(context, place, plan)
    inside = os.path.abspath(workspace or os.path.join(place, WORKSPACE))
    consent = _Consent(plan, approve, steps)
    setting = _setting_of(plan)
    pending = [step for step in plan["steps"] if step["id"] not in setting.reasons and step["status"] == "planned"]
    if os.path.lexists(folder) and not is_own_folder(folder):
        # What it says is done, another user may have done otherwise.
        raise ImJoyError("not-yours", f"{folder!r} belongs to another user, or is no folder", "Name another place.")
    known = _Record.read(folder)
    known.forget_interrupted()
    for step in pending:
        if _digest_of(step, inside) not in known.outcomes:
            consent.need(step)
    os.makedirs(folder, exist_ok=True)
    close_to_others(folder)
    os.makedirs(inside, exist_ok=True)
    with exclusive(folder, timeout) as is_alone:
        if is_alone is False:
            raise ImJoyError("busy", f"another process has been preparing {context.data['name']!r} in {place!r} for {timeout:g} seconds")
        return _Preparation(plan, folder, inside, setting, consent, timeout, report or (lambda step, state: None)).run()


def find_environment(context: Context, place: str, *, order: str = "engine") -> Environment:
    """Return the environment that was prepared for a plugin in a place: by this user, by root, or by the owner of the place.

    Nothing is run.

    :raises ImJoyError: there is none, or the plan has changed since; the code is ``not-prepared``.
    """
    plan = install_plan(context, order)
    folder = _folder_of(context, place, plan)
    record = _Record.read(folder) if _is_believed(folder, place) else _Record(folder, {})
    record.forget_interrupted()
    if not record.is_complete:
        help = "Prepare it first: ways imjoy prepare, or imjoy.prepare()."
        raise ImJoyError("not-prepared", f"the plugin {context.data['name']!r} isn't prepared in {place!r} for this plan", help)
    done = [step for step in plan["steps"] if record.outcomes.get(_digest_of(step, record.workspace))]
    return record.environment(plan, done)


def _is_believed(folder: str, place: str) -> bool:
    """Return whether a plugin's folder belongs to this user, to root, or to the owner of the place that was named."""
    if os.name != "posix":
        return True
    with suppress(OSError, ValueError):
        return os.lstat(folder).st_uid in (os.getuid(), 0, os.stat(place).st_uid)
    return False


def _check_plan(context: Context, plan: Mapping[str, Any]) -> None:
    """Check that a plan can be carried out.

    :raises ImJoyError: its plugin runs elsewhere, or a step is invalid.
    """
    check_runnable(context)
    name = context.data["name"]
    for step in plan["steps"]:
        words = (*step["argv"], step["shell"], *map(str, step["details"].values()))
        if step["status"] == "invalid" or any(_NO_WORD.search(word) for word in words):
            why = step["note"] if step["status"] == "invalid" else "it has a character that no program can be given"
            raise ImJoyError("invalid-step", f"{step['source']['path']} of the plugin {name!r} can't be done: {why}")


def _folder_of(context: Context, place: str, plan: Mapping[str, Any]) -> str:
    """Return the folder of a plugin, its tag and its plan."""
    tag = context.data["_imjoy"]["tag"]
    identity = json.dumps([list(context.hierarchy), tag, plan["digest"]])
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    readable = re.sub(r"[^A-Za-z0-9._-]+", "_", f"{context.data['name']}-{tag}" if tag else str(context.data["name"]))
    return os.path.join(os.path.abspath(place), f"{readable[:40].strip('._-') or 'plugin'}-{digest}")


class _Consent:
    """Which steps may be done."""

    def __init__(self, plan: Mapping[str, Any], approve: str | Callable[[Step], bool], steps: Collection[int]) -> None:
        self._approve = approve
        self._given: set[int] = set()
        if callable(approve):
            if steps:
                raise ValueError("'steps' goes with the digest of a plan: a function sees each step itself")
            return
        if unknown := set(steps) - {step["id"] for step in plan["steps"]}:
            raise ValueError(f"the plan has no step {min(unknown)}")
        if approve != plan["digest"]:
            texts = "; ".join(plan["lines"]) or "no steps"
            help = "Read the plan, and approve its digest."
            raise ImJoyError("consent-required", f"the plan has the digest {plan['digest']}, which was not approved: {texts}", help)
        self._given.update(steps)

    def need(self, step: Step) -> None:
        """Check that a step may be done.

        :raises ImJoyError: it may not; the code is ``consent-required``.
        """
        if step["id"] in self._given:
            return
        if callable(self._approve):
            # A coroutine would be true as well.
            is_given, help = self._approve(step) is True, ""
        else:
            is_given, help = not needs_own_consent(step), "It runs any command, so it needs a yes besides that to the plan."
        if not is_given:
            raise ImJoyError("consent-required", f"step {step['id']} was not approved: {step['text']}", help)
        self._given.add(step["id"])


class _Setting(NamedTuple):
    """How the environment of a plan is made here, and what can't be done here."""

    #: The name of its folder.
    name: str
    #: Makes the environment: conda, or the interpreter of a venv.
    program: str
    is_conda: bool
    #: The step that makes the environment; ``None`` if none does.
    create: Step | None
    #: Ids of steps to the reason why each can't be done.
    reasons: dict[int, str]


def _setting_of(plan: Mapping[str, Any]) -> _Setting:
    """Return how the environment of a plan is made on this machine. It may ask interpreters for their version, and changes nothing."""
    steps = [step for step in plan["steps"] if step["status"] == "planned"]
    creates = [step for step in steps if step["kind"] in _CREATES]
    create = creates[-1] if creates else None
    reasons = {step["id"]: "a later step makes another environment" for step in creates[:-1]}
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", create["details"]["name"]) if create else "venv"
    conda = shutil.which("conda") or ""
    version = _version_of(create, str((plan.get("start") or {}).get("python", "")))
    if conda and (version is None or any(step["kind"] == "conda-install" for step in steps)):
        return _Setting(name=name, program=conda, is_conda=True, create=create, reasons=reasons | dict(_lacking(steps, conda)))
    missing, python = "conda is not installed", ""
    if version is not None:
        try:
            python = find_interpreter(version)
        except ImJoyError as error:
            missing = error.message
    if not python:
        reasons |= {step["id"]: missing for step in steps if step["kind"] not in _WITHOUT_ENVIRONMENT and step["id"] not in reasons}
    return _Setting(name=name, program=python, is_conda=False, create=create, reasons=dict(_lacking(steps, conda)) | reasons)


def _version_of(create: Step | None, start: str) -> str | None:
    """Return the version of Python that a venv needs, ``""`` for any; ``None`` for an environment that only conda can make.

    :param start: the Python that the plugin asks for by ``cmd``.
    """
    if create is None:
        return start.removeprefix("python") if "." in start or start == "python2" else ""
    packages = create["details"].get("packages", ("",))
    if not packages:
        return ""
    pinned = _PINNED.fullmatch(packages[0]) if len(packages) == 1 else None
    return pinned[1] or "" if pinned else None


def _lacking(steps: Sequence[Step], conda: str) -> Iterator[tuple[int, str]]:
    """Yield the steps for which a program or a processor lacks, and what lacks."""
    for step in steps:
        if step["kind"] == "gpu-select":
            if _GPUS not in os.environ:
                yield step["id"], f"Ways chooses no graphics processor: set {_GPUS}"
        elif step["kind"] == "git-clone" and not shutil.which("git"):
            yield step["id"], "git is not installed"
        elif step["kind"] in ("conda-install", "env-command") and "conda" in step["needs"] and not conda:
            yield step["id"], "conda is not installed"


class _Record:
    """What is done in a plugin's folder, as its file says."""

    def __init__(self, folder: str, facts: Mapping[str, Any]) -> None:
        self._folder = folder
        #: Digests of steps to whether each succeeded; one that failed may be the left side of an ``||``.
        self.outcomes: dict[str, bool] = dict(facts.get("outcomes") or {})
        self.variables: dict[str, str] = dict(facts.get("variables") or {})
        #: Ids of steps that can't be done here to the reasons.
        self.reasons: dict[str, str] = dict(facts.get("reasons") or {})
        self.workspace = str(facts.get("workspace") or "")
        #: The environment's Python, once there is an environment.
        self.python = str(facts.get("python") or "")
        #: Whether conda has made it.
        self.is_conda = bool(facts.get("is_conda"))
        #: The step that was begun and isn't done; ``""`` if none is under way.
        self.begun = str(facts.get("begun") or "")
        #: Whether the plan was carried out to its end.
        self.is_complete = bool(facts.get("is_complete"))

    @classmethod
    def read(cls, folder: str) -> _Record:
        """Return the record of a folder; an empty one where there is none, or one that can't be read."""
        with suppress(OSError, ValueError, TypeError, AttributeError):
            with open(os.path.join(folder, RECORD), encoding="utf-8") as file:
                return cls(folder, json.load(file))
        return cls(folder, {})

    def write(self) -> None:
        """Write the record: whole, or not at all."""
        facts = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        path = os.path.join(self._folder, RECORD)
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            json.dump(facts, file, indent=1)
        os.replace(f"{path}.new", path)

    def forget_interrupted(self) -> None:
        """Forget everything if a step was interrupted: its environment may be half made. So also if the environment is gone."""
        if self.begun or not (self.python and os.path.exists(self.python)):
            self.outcomes, self.python, self.begun, self.is_complete = {}, "", "", False

    def environment(self, plan: Mapping[str, Any], done: Sequence[Step], failed: StepFailure | None = None) -> Environment:
        """Return the environment of a plan."""
        reasons = self.reasons
        unavailable = [
            {**step, "status": "unavailable", "note": reasons[str(step["id"])]} for step in plan["steps"] if str(step["id"]) in reasons
        ]
        return Environment(
            python=self.python, variables=dict(self.variables), done=tuple(done), failed=failed, unavailable=tuple(unavailable),
            workspace=self.workspace,
        )  # fmt: skip


def _digest_of(step: Step, workspace: str) -> str:
    parts = [step[key] for key in ("kind", "source", "argv", "shell", "environment", "details")]
    return hashlib.sha256(json.dumps([*parts, workspace], sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()


class _Failed(Exception):
    """The exit code and the last lines of a step that failed."""

    def __init__(self, code: int | None, lines: Sequence[str]) -> None:
        super().__init__(code)
        self.code = code
        self.lines = tuple(lines)


class _Preparation:
    """Carries out one plan, in a folder that no other process uses meanwhile."""

    def __init__(
        self,
        plan: Mapping[str, Any],
        folder: str,
        workspace: str,
        setting: _Setting,
        consent: _Consent,
        timeout: float,
        report: Report,
    ) -> None:
        self._plan = plan
        self._workspace = workspace
        self._setting = setting
        self._consent = consent
        self._timeout = timeout
        self._report = report
        self._environment = os.path.join(folder, setting.name)
        self._python = _python_in(self._environment, setting.is_conda)
        self._record = _Record.read(folder)
        self._variables: dict[str, str] = {}

    def run(self) -> Environment:
        """Do what isn't done, and return the environment."""
        record = self._record
        record.forget_interrupted()
        if (record.python, record.is_conda) != (self._python, self._setting.is_conda):
            record.outcomes, record.python, record.is_conda = {}, "", self._setting.is_conda
            shutil.rmtree(self._environment, ignore_errors=True)
        record.is_complete, record.workspace = False, self._workspace
        record.reasons = {str(number): reason for number, reason in self._setting.reasons.items()}
        for step in record.environment(self._plan, ()).unavailable:
            self._report(step, "unavailable")
        failed: StepFailure | None = None
        done: list[Step] = []
        for chain in self._chains():
            failed = self._run_chain(chain, done)
            if failed is not None:
                break
        if failed is None and self._setting.program and not record.python:
            # A plugin that needs nothing has an environment all the same: there it sees nobody else's packages.
            failed = self._outcome(self._setting.create or _EMPTY, self._make_environment)
        record.variables, record.is_complete = self._variables, failed is None
        record.write()
        return record.environment(self._plan, done, failed)

    def _chains(self) -> Iterator[list[Step]]:
        """Yield the steps that are to be done; those with ``&&`` or ``||`` between them together."""
        chain: list[Step] = []
        for step in self._plan["steps"]:
            if step["id"] in self._setting.reasons or step["status"] != "planned":
                continue
            if chain and not step["details"].get("after"):
                yield chain
                chain = []
            chain.append(step)
        if chain:
            yield chain

    def _run_chain(self, chain: Sequence[Step], done: list[Step]) -> StepFailure | None:
        """Do steps, each if the outcome of those before it lets it; return the failure of the last one, if it failed."""
        failure: StepFailure | None = None
        outcomes: dict[str, bool] = {}
        for step in chain:
            after = step["details"].get("after")
            if (after == "failure" and failure is None) or (after == "success" and failure is not None):
                self._report(step, "skipped")
                continue
            digest = _digest_of(step, self._workspace)
            if (before := self._record.outcomes.get(digest)) is not None and self._is_there(step):
                failure = None if before else StepFailure(step=step, code=1, lines=())
                state = "kept"
            else:
                self._consent.need(step)
                self._report(step, "running")
                failure = self._outcome(step, partial(self._do, step))
                outcomes[digest] = failure is None
                state = "failed" if failure else "done"
            self._set_variable(step)
            self._report(step, state)
            if failure is None:
                done.append(step)
                self._record.outcomes[digest] = True
        if failure is None:
            # What failed on the left of an '||' needn't be tried again.
            self._record.outcomes |= outcomes
            self._record.write()
        return failure

    def _is_there(self, step: Step) -> bool:
        return step["kind"] != "git-clone" or os.path.isdir(os.path.join(self._workspace, step["details"]["folder"]))

    def _outcome(self, step: Step, action: Callable[[], None]) -> StepFailure | None:
        """Do a step; return how it failed, if it did."""
        if step["kind"] not in _WITHOUT_ENVIRONMENT:
            self._record.begun = step["text"]
            self._record.write()
        try:
            action()
        except _Failed as failed:
            self._record.begun = ""
            return StepFailure(step=step, code=failed.code, lines=failed.lines)
        self._record.begun = ""
        return None

    def _set_variable(self, step: Step) -> None:
        if step["kind"] == "set-variable":
            self._variables[step["details"]["name"]] = str(step["details"]["value"])
        elif step["kind"] == "gpu-select":
            self._variables[_GPUS] = os.environ.get(_GPUS, "")

    def _do(self, step: Step) -> None:
        """Do one step.

        :raises _Failed: it failed.
        """
        kind, argv = step["kind"], list(step["argv"])
        if kind == "git-clone":
            self._clone(step["details"]["url"], step["details"]["folder"])
            return
        if kind in ("set-variable", "gpu-select"):
            return
        if not self._record.python:
            self._make_environment()
        if kind not in _CREATES and not self._setting.is_conda:
            self._add_pip()
        if kind == "pip-install":
            # Isolated: else a file 'pip.py' in the workspace would be run in the place of pip.
            self._execute([self._python, "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *argv[4:]])
        elif kind == "conda-install":
            self._execute([self._setting.program, "install", "-y", "--prefix", self._environment, *argv[3:]])
        elif kind in OWN_CONSENT_KINDS:
            self._execute(argv or step["shell"])

    def _make_environment(self) -> None:
        """Make the environment.

        :raises _Failed: the program that makes it failed.
        """
        program = self._setting.program
        if not self._setting.is_conda:
            self._execute([program, "-I", "-m", "venv", "--without-pip", self._environment])
        else:
            create = self._setting.create
            words = list(create["argv"])[1:] if create else ["create", "-y", "-n", "", "python"]
            # It stands in the plugin's own folder, and not among those of the user.
            at = words.index("-n") if "-n" in words else len(words)
            words[at : at + 2] = ["--prefix", self._environment]
            self._execute([program, *words])
        self._record.python = self._python

    def _add_pip(self) -> None:
        """Add pip to a venv, which takes ten times as long as to make it: for a step of pip, and for a command, which may run pip.

        :raises _Failed: the interpreter has no pip to give.
        """
        bin = os.path.dirname(self._python)
        if not any(os.path.exists(os.path.join(bin, name)) for name in ("pip", "pip.exe")):
            self._execute([self._python, "-I", "-m", "ensurepip", "--upgrade", "--default-pip"])

    def _clone(self, url: str, folder: str) -> None:
        """Clone a repository into the workspace, or bring the clone that is there up to date.

        :raises _Failed: git failed, or something else is there.
        """
        target = os.path.join(self._workspace, *folder.split("/"))
        try:
            if not re.search(r"[:\\]", url) and not os.path.isabs(url):
                url = os.path.join(self._workspace, url)
            address = absolute_url(url)
            above, root = os.path.realpath(os.path.dirname(target)), os.path.realpath(self._workspace)
            if os.path.commonpath([above, root]) != root:
                raise GitError(f"{folder!r} leaves the workspace by a link.")
            with exclusive(self._workspace, self._timeout):
                if not os.path.lexists(target):
                    _clone_into(self._workspace, address, target)
                elif answer(target, "config", "--local", "remote.origin.url") != address:
                    raise GitError(f"{folder!r} is in the workspace already, and is no clone of {url!r}.")
                elif running := settings_that_run(target):
                    raise GitError(f"the clone {folder!r} has settings by which git could run a program: {', '.join(running)}.")
                else:
                    git(target, "fetch", "--quiet", "--depth=1", "--", address, "HEAD", transports=TRANSPORTS, growing=target)
                    check_out(target, "FETCH_HEAD")
        except OSError as error:
            raise _Failed(1, [str(error)]) from error

    def _execute(self, command: Sequence[str] | str) -> None:
        """Run a program, or a text in a shell, in the workspace and with the environment first on the PATH.

        :raises _Failed: it failed.
        """
        kept = {name: value for name, value in os.environ.items() if not _LEADS_AWAY.fullmatch(name)}
        bin = os.path.dirname(self._python)
        kept |= {"VIRTUAL_ENV": self._environment, "PATH": os.pathsep.join([bin, kept.get("PATH", os.defpath)])}
        try:
            process = subprocess.Popen(
                command, shell=isinstance(command, str), cwd=self._workspace, env=kept, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, pass_fds=inherited_fds(),
            )  # fmt: skip
        except OSError as error:
            raise _Failed(127, [str(error)]) from error
        assert process.stdout is not None
        kept_output: list[bytes] = []
        reading = threading.Thread(target=keep_last, args=(process.stdout, kept_output), daemon=True)
        reading.start()
        code: int | None = None
        try:
            with suppress(subprocess.TimeoutExpired):
                code = process.wait(self._timeout)
        finally:
            # What the step has started ends with it.
            _kill_group(process)
            process.wait()
            reading.join(1)
        if code:
            raise _Failed(code, _last_lines(kept_output))
        if code is None:
            raise _Failed(None, [*_last_lines(kept_output), f"it took more than {self._timeout:g} seconds"])


#: What the environment of a plugin without any step is reported as.
_EMPTY: Step = {"id": 0, "kind": "env-create", "text": "the environment"}


def _python_in(environment: str, is_conda: bool) -> str:
    """Return the path of an environment's Python."""
    if os.name == "nt":
        return os.path.join(environment, *([] if is_conda else ["Scripts"]), "python.exe")
    return os.path.join(environment, "bin", "python")


def _clone_into(workspace: str, address: str, target: str) -> None:
    """Clone a repository: whole, or not at all.

    :raises OSError: it can't be cloned.
    """
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with locked_tempdir(workspace, ".ways-clone-") as beside:
        clone = os.path.join(beside, "clone")
        options = ("--quiet", "--depth=1", "--no-checkout", "--no-local", "--no-recurse-submodules", "--template=", "--origin=origin")
        git(beside, "clone", *options, "--", address, clone, transports=TRANSPORTS, growing=beside)
        check_out(clone, "HEAD")
        os.rename(clone, target)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a program and all that it has started."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:  # On Windows.
            process.kill()


def _last_lines(output: Sequence[bytes]) -> list[str]:
    text = b"".join(output).decode("utf-8", "replace")
    return [line.rstrip() for line in text.splitlines() if line.strip()][-LAST_LINES:]
