"""What OpenAssetIO finds by the entry point ``openassetio.manager_plugin``, and in the folder ``plugin_path``."""

from __future__ import annotations

from openassetio.managerApi import ManagerInterface
from openassetio.pluginSystem import PythonPluginSystemManagerPlugin

from ways.systems.openassetio.references import IDENTIFIER


class WaysPlugin(PythonPluginSystemManagerPlugin):  # type: ignore[misc]
    """The manager of Ways, as hosts find it."""

    @classmethod
    def identifier(cls) -> str:
        return IDENTIFIER

    @classmethod
    def interface(cls) -> ManagerInterface:
        # Here, since a host that looks for another manager imports this module, too.
        from ways.systems.openassetio.manager import WaysManager

        return WaysManager()


#: Found by OpenAssetIO since 1.0.0; hosts with older releases know only the second name.
openassetioPlugin = WaysPlugin
plugin = WaysPlugin
