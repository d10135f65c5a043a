"""OpenAssetIO loads every file in this folder, if OPENASSETIO_PLUGIN_PATH names it."""

from ways.systems.openassetio.plugin import openassetioPlugin as openassetioPlugin, plugin as plugin
