"""``ways schema``: the JSON Schema of a Plugin Sheet, for editors."""

from __future__ import annotations

import json

import click

from ways import api
from ways.cli.command import helped
from ways.cli.streams import write, write_exactly


@helped
@click.option("--path", is_flag=True, help="Print where the schema file is, for the settings of an editor.")
def schema(path: bool) -> None:
    """Print the JSON Schema with which editors check sheets.

    With it, an editor completes, explains and checks a sheet while you type. An editor with a YAML language server uses the schema that the
    first line of a sheet names:

    \b
      # yaml-language-server: $schema=plugin-sheet.schema.json

    Documentation: docs/howto/editor.rst

    \b
    Examples:
      ways schema
      ways schema --path
    """
    if path:
        write_exactly(api.get_sheet_schema_path())
    else:
        write(json.dumps(api.get_sheet_schema(), indent=2))
