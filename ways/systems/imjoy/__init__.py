"""ImJoy's plugins in a session: found by URI and by data, with their install plans and dependencies, and run in processes."""

from __future__ import annotations

from ways.lightweight import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ways.errors import ImJoyError
    from ways.systems.imjoy.files.format import strict_formats
    from ways.systems.imjoy.files.uri import AppRequest, PluginURI, parse_app_url, parse_uri
    from ways.systems.imjoy.catalogue import accepts, dependency_problems, find, install_plan, matching, plugins
    from ways.systems.imjoy.child import Array
    from ways.systems.imjoy.engine import Attachment, Engine
    from ways.systems.imjoy.failures import CallTimeout, ScriptError, WorkerDied
    from ways.systems.imjoy.ops import Op, form_fields
    from ways.systems.imjoy.preparing import TIMEOUT, Environment, Step, StepFailure, find_environment, needs_own_consent, prepare
    from ways.systems.imjoy.worker import Event, Worker, start

__all__ = [
    "AppRequest", "Array", "Attachment", "CallTimeout", "Engine", "Environment", "Event", "ImJoyError", "Op", "PluginURI",
    "ScriptError", "Step", "StepFailure", "TIMEOUT", "Worker", "WorkerDied", "accepts", "dependency_problems", "find", "find_environment",
    "form_fields", "install_plan", "matching", "needs_own_consent", "parse_app_url", "parse_uri", "plugins", "prepare", "start",
    "strict_formats",
]

__getattr__ = lazy_names(
    __name__,
    {
        "ways.errors": "ImJoyError",
        "ways.systems.imjoy.files.format": "strict_formats",
        "ways.systems.imjoy.files.uri": "AppRequest PluginURI parse_app_url parse_uri",
        "ways.systems.imjoy.catalogue": "accepts dependency_problems find install_plan matching plugins",
        "ways.systems.imjoy.child": "Array",
        "ways.systems.imjoy.engine": "Attachment Engine",
        "ways.systems.imjoy.failures": "CallTimeout ScriptError WorkerDied",
        "ways.systems.imjoy.ops": "Op form_fields",
        "ways.systems.imjoy.worker": "Event Worker start",
        "ways.systems.imjoy.preparing": "TIMEOUT Environment Step StepFailure find_environment needs_own_consent prepare",
    },
)
