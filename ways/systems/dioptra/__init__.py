"""Dioptra's resources in a session: entrypoints, the form that the engine reads, tasks, and signatures of Python files."""

from __future__ import annotations

from ways.lightweight import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.systems.dioptra.files.format import DioptraFormat
    from ways.systems.dioptra.git import GitAddress, GitAddressError, git_source, parse_git_address
    from ways.systems.dioptra.resources import NoEntrypointError, NotLoadedError, Task, add_tasks, engine_form, get_entrypoint
    from ways.systems.dioptra.task_signatures import Signature, signatures

__all__ = [
    "DioptraFormat", "GitAddress", "GitAddressError", "NoEntrypointError", "NotLoadedError", "Signature",
    "Task", "add_tasks", "engine_form", "get_entrypoint", "git_source", "parse_git_address", "signatures",
]

__getattr__ = lazy_names(
    __name__,
    {
        "ways.systems.dioptra.files.format": "DioptraFormat",
        "ways.systems.dioptra.git": "GitAddress GitAddressError git_source parse_git_address",
        "ways.systems.dioptra.resources": "NoEntrypointError NotLoadedError Task add_tasks engine_form get_entrypoint",
        "ways.systems.dioptra.task_signatures": "Signature signatures",
    },
)
