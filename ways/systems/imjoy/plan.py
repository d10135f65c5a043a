"""The install plan of an ImJoy plugin: plain data that is shown, and never carried out here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ways.sheets.document import Pointer
from ways.systems.imjoy.env import Environment, Start, env_steps, set_variable, start_of
from ways.systems.imjoy.files.report import Report
from ways.systems.imjoy.requirements import browser_steps, entries_of, native_step, web_python_steps
from ways.systems.imjoy.steps import Entry, Step

#: As ImJoy's own engine did it: clones, environments, and then requirements; or each where it is written.
ORDERS = ("engine", "listed")
#: Types that run in a web page, and how their requirements are read.
BROWSER_TYPES: Mapping[str, str] = {
    "window": "page",
    "iframe": "page",
    "evil": "page",
    "rpc-window": "page",
    "web-worker": "worker",
    "rpc-worker": "worker",
    "web-python": "python",
    "web-python-window": "python",
}
#: Types that run in a process of an engine.
ENGINE_TYPES = ("native-python",)
#: Types that only bring their dependencies along, or that other programs run.
OTHER_TYPES = ("collection", "jupyter-notebook")
KNOWN_TYPES = (*ENGINE_TYPES, *BROWSER_TYPES, *OTHER_TYPES)
_NOTE = "ImJoy's engine would install its own worker last; that is no step here"


def plan_of(
    config: Mapping[str, Any], report: Report, *, tag: str = "", order: str = "engine", pointers: Mapping[str, Pointer] | None = None
) -> dict[str, Any]:
    """Return the plan of a configuration in which a tag was chosen already.

    :param order: one of ``ORDERS``.
    :param pointers: where the values of keys stand, if not under the key itself.
    """
    places = pointers or {}
    kind = config.get("type")
    entries = entries_of(config.get("requirements"), places.get("requirements", ("requirements",)), report)
    if kind == "collection":
        return _as_data((), Start(), order)
    if isinstance(kind, str) and (way := BROWSER_TYPES.get(kind)):
        return _as_data(_browser(way, entries, report), Start(), order)
    name = f"{config.get('name')}-{tag}" if tag else str(config.get("name"))
    environment = env_steps(config.get("env"), places.get("env", ("env",)), name.replace(" ", "_"), report)
    start = start_of(config.get("cmd"), ("cmd",), report)
    steps = _ordered(environment, [native_step(entry, report) for entry in entries], order)
    variables = [set_variable(Entry(str(config.get("cmd")), ("cmd",)), f"{name}={value}") for name, value in start.variables]
    steps = (*steps, *variables)
    if kind not in ENGINE_TYPES:
        steps = tuple(step if step.status == "invalid" else step._replace(status="not-applicable") for step in steps)
    return _as_data(steps, start, order, is_native=True)


def _browser(way: str, entries: list[Entry], report: Report) -> Iterator[Step]:
    if way == "python":
        return web_python_steps(entries, report)
    return browser_steps(entries, report, is_worker=way == "worker")


def _ordered(environment: Environment, required: list[Step], order: str) -> tuple[Step, ...]:
    active = environment.active
    inside = [step._replace(environment=active) if step.kind in _INSIDE and step.status != "invalid" else step for step in required]
    if order == "listed":
        return (*environment.steps, *inside)
    repos = [step for step in inside if step.kind == "git-clone"]
    return (*repos, *environment.steps, *(step for step in inside if step.kind != "git-clone"))


#: Steps that happen in the active environment.
_INSIDE = frozenset({"pip-install", "conda-install", "shell"})


def _as_data(steps: Iterable[Step], start: Start, order: str, *, is_native: bool = False) -> dict[str, Any]:
    listed = [step._replace(cwd=".") if is_native and (step.argv or step.shell) else step for step in steps]
    told: dict[str, Any] = {"order": order, "steps": [step.as_dict(number) for number, step in enumerate(listed, 1)]}
    if is_native:
        told["start"] = {
            "python": start.python, "variables": dict(start.variables), "shell": start.shell, "risk": list(start.risk)
        }
        told["note"] = _NOTE
    told["digest"] = digest_of(told)
    lines = [f"{number}. {step.text}" for number, step in enumerate(listed, 1)]
    told["lines"] = [*lines, f"start: {start.shell} [{', '.join(start.risk)}]"] if start.shell else lines
    return told


def digest_of(plan: Mapping[str, Any]) -> str:
    """Return what stands for a plan: any other has another."""
    text = json.dumps([plan["order"], plan["steps"], plan.get("start")], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
