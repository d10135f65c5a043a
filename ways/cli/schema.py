"""``ways schema``: the JSON Schema of a Plugin Sheet, for editors."""

from __future__ import annotations

import json

import click

from ways import api
from ways.cli.streams import write


@click.command(epilog="\b\nExample:\n  ways schema\n  ways schema --path")
@click.option("--path", is_flag=True, help="Write where the file with it lies, for the settings of an editor.")
def schema(path: bool) -> None:
    """Write the JSON Schema of a Plugin Sheet, by which editors complete, explain and check sheets while you type.

    An editor with a YAML language server reads it where the first line of a sheet names it:

    \b
      # yaml-language-server: $schema=plugin-sheet.schema.json

    The documentation, "Let the editor help", has the settings of other editors.
    """
    write(api.get_sheet_schema_path() if path else json.dumps(api.get_sheet_schema(), indent=2))
