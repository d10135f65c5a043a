"""Dioptra's resources in a session: entrypoints, whether they are valid, what a run would do, runs, tasks, and signatures."""

from __future__ import annotations

from ways.lightweight import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.systems.dioptra.failures import (
        ArgumentTypeError,
        ArtifactError,
        InvalidGraphError,
        PluginCodeError,
        RunInterrupted,
        StepError,
    )
    from ways.systems.dioptra.files.format import DioptraFormat
    from ways.systems.dioptra.git import GitAddress, GitAddressError, git_source, parse_git_address
    from ways.systems.dioptra.planning import Plan, Reference, Step, plan
    from ways.systems.dioptra.resources import (
        NoEntrypointError, NotLoadedError, Task, add_tasks, engine_form, entrypoint_names, get_entrypoint,
    )  # fmt: skip
    from ways.systems.dioptra.running import Artifact, Run, StepRun, plain, run
    from ways.systems.dioptra.task_signatures import Signature, signatures
    from ways.systems.dioptra.validation import validate
    from ways.systems.engine.base import EngineError
    from ways.systems.engine.dask import connect, local

__all__ = [
    "ArgumentTypeError", "Artifact", "ArtifactError", "DioptraFormat", "EngineError", "GitAddress", "GitAddressError",
    "InvalidGraphError", "NoEntrypointError", "NotLoadedError", "Plan", "PluginCodeError", "Reference", "Run", "RunInterrupted",
    "Signature", "Step", "StepError", "StepRun", "Task", "add_tasks", "connect", "engine_form", "entrypoint_names", "get_entrypoint",
    "git_source", "local", "parse_git_address", "plain", "plan", "run", "signatures", "validate",
]

__getattr__ = lazy_names(
    __name__,
    {
        "ways.systems.dioptra.failures": (
            "ArgumentTypeError ArtifactError InvalidGraphError PluginCodeError RunInterrupted StepError"
        ),
        "ways.systems.dioptra.files.format": "DioptraFormat",
        "ways.systems.dioptra.git": "GitAddress GitAddressError git_source parse_git_address",
        "ways.systems.dioptra.planning": "Plan Reference Step plan",
        "ways.systems.dioptra.resources": (
            "NoEntrypointError NotLoadedError Task add_tasks engine_form entrypoint_names get_entrypoint"
        ),
        "ways.systems.dioptra.running": "Artifact Run StepRun plain run",
        "ways.systems.dioptra.task_signatures": "Signature signatures",
        "ways.systems.dioptra.validation": "validate",
        "ways.systems.engine.base": "EngineError",
        "ways.systems.engine.dask": "connect local",
    },
)
