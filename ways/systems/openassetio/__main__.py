"""``python -m ways.systems.openassetio``: set up a host, and ask the manager as a host does."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from ways.errors import MissingExtraError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from openassetio.hostApi import Manager

#: The folder for OPENASSETIO_PLUGIN_PATH. It holds a single file, since OpenAssetIO runs all that are there.
PLUGIN_PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "plugin_path")

CONFIG = """\
# Name this file in OPENASSETIO_DEFAULT_CONFIG. ${config_dir} is the folder that it is in.
[manager]
identifier = "org.ways.manager"

# A setting that is left out has its default.
[manager.settings]
# Sheets and folders with sheets, separated as in PATH. If absent: those of WAYS_DESCRIPTORS.
descriptors = "${config_dir}/sheets"
# The platform whose paths hosts are given. If absent: that of WAYS_PLATFORM, or of the machine.
# platform = "linux"
# The layer to ask. If absent: all layers of WAYS_PRIORITY.
# assignment = "master"
# What references begin with, before the ':'.
# scheme = "ways"
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m ways.systems.openassetio", description=__doc__)
    parser.add_argument("--plugin-path", action="store_true", help="print the folder for OPENASSETIO_PLUGIN_PATH")
    parser.add_argument("--config-template", action="store_true", help="print a file for OPENASSETIO_DEFAULT_CONFIG")
    commands = parser.add_subparsers(dest="command")
    for name, help in (("resolve", "print the path of each entity"), ("versions", "print references to each version, the newest first")):
        command = commands.add_parser(name, help=help)
        command.add_argument("references", nargs="+", metavar="REFERENCE", help="such as ways:///shot?SHOT=sh010")
    given = parser.parse_args(arguments)
    if given.plugin_path:
        sys.stdout.write(f"{PLUGIN_PATH}\n")
    elif given.config_template:
        sys.stdout.write(CONFIG)
    elif given.command:
        try:
            from openassetio.errors import OpenAssetIOException
        except ImportError:
            parser.error(str(MissingExtraError("openassetio", "openassetio", "asking the manager")))
        try:
            manager = _manager()
        except OpenAssetIOException as error:
            parser.error(str(error))
        _answer(manager, given.command, given.references)
    else:
        parser.error("name a command: resolve or versions; or an option.")


def _manager() -> Manager:
    """Return the manager of OPENASSETIO_DEFAULT_CONFIG, or without it that of Ways with the sheets of WAYS_DESCRIPTORS."""
    from openassetio.hostApi import HostInterface, ManagerFactory
    from openassetio.log import ConsoleLogger, SeverityFilter
    from openassetio.pluginSystem import PythonPluginSystemManagerImplementationFactory

    from ways.systems.openassetio.references import IDENTIFIER

    class Shell(HostInterface):  # type: ignore[misc]
        def identifier(self) -> str:
            return "org.ways.shell"

        def displayName(self) -> str:
            return "Ways in a shell"

    logger = SeverityFilter(ConsoleLogger())
    plugins = PythonPluginSystemManagerImplementationFactory(logger)
    manager = ManagerFactory.defaultManagerForInterface(Shell(), plugins, logger)
    if manager is None:
        manager = ManagerFactory.createManagerForInterface(IDENTIFIER, Shell(), plugins, logger)
        manager.initialize({})
    return manager


def _answer(manager: Manager, command: str, references: Sequence[str]) -> None:
    """Print the answer for each reference. Errors come at the end; with one, the program ends with 1."""
    from openassetio.access import RelationsAccess, ResolveAccess
    from openassetio.trait import TraitsData
    from openassetio.utils import FileUrlPathConverter

    from ways.systems.openassetio.references import is_whole
    from ways.systems.openassetio.traits import LOCATABLE, STABLE_VERSIONS

    context, errors = manager.createContext(), []
    # OpenAssetIO takes no text with bytes that are no UTF-8.
    named = [manager.createEntityReferenceIfValid(reference) if is_whole(reference) else None for reference in references]
    errors += [f"{text!r} is no reference of this manager." for text, reference in zip(references, named) if reference is None]
    entities = [reference for reference in named if reference is not None]
    if command == "resolve":
        manager.resolve(
            entities,
            {LOCATABLE},
            ResolveAccess.kRead,
            context,
            lambda index, data: _line(FileUrlPathConverter().pathFromUrl(data.getTraitProperty(LOCATABLE, "location"))),
            lambda index, error: errors.append(error.message),
        )
    else:
        manager.getWithRelationship(
            entities,
            TraitsData(set(STABLE_VERSIONS)),
            1_000_000,
            RelationsAccess.kRead,
            context,
            lambda index, pager: _line("\n".join([reference.toString() for reference in pager.get()])),
            lambda index, error: errors.append(error.message),
            set(),
        )
    if errors:
        sys.exit("\n".join(errors))


def _line(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
