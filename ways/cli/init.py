"""``ways init``: a sheet to begin with."""

from __future__ import annotations

import os
import shlex
from importlib.resources import files
from pathlib import Path

import click

from ways import api
from ways.cli.streams import write

#: A part of the package, which may lie in a zip.
STARTER = files("ways.cli").joinpath("starter.yml")
#: What the sheet is called in a folder.
STARTER_NAME = "starter.yml"


@click.command(epilog="\b\nExample:\n  ways init \"$(mktemp -d)\"\n  ways init \"$(mktemp -d)\"/show.yml")
@click.argument("folder", default="", type=click.Path(), metavar="[FOLDER]")
@click.option("--path", type=click.Path(), default="", metavar="PATH", help="The same as FOLDER.")
def init(folder: str, path: str) -> None:
    """Write a sheet to begin with, with comments: a small studio with jobs, shots, plates, work files and publishes.

    FOLDER is where to write it, this folder if absent; it may also be the sheet itself, by a name that ends with .yml. Nothing
    is overwritten.
    """
    if folder and path:
        raise click.UsageError("Name the folder once: FOLDER and --path are the same.")
    target = _target(folder or path or os.curdir)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "xb") as file:
            file.write(STARTER.read_bytes())
    except FileExistsError as error:
        # Itself, or a file where its folder should be.
        raise SystemExit(_refused(f"{error.filename} exists already, and stays as it is. Name another: ways init FOLDER")) from error
    except OSError as error:
        raise SystemExit(_refused(f"{target}: {error.strerror}")) from error
    write(str(target))
    click.echo(_hint(target), err=True)


def _target(path: str) -> Path:
    target = Path(path)
    is_sheet = target.suffix.lower() in (".yml", ".yaml") and not target.is_dir()
    return target if is_sheet else target / STARTER_NAME


def _refused(message: str) -> int:
    click.echo(f"ways: {message}", err=True)
    return 1


def _hint(target: Path) -> str:
    """Return what is to be done so that the sheet is read."""
    name = shlex.quote(str(target))
    if str(target.parent.absolute()) in api.Session.default_folders() and api.DESCRIPTORS_ENV_VAR not in os.environ:
        return "It is found without being named. Try it: ways tree"
    always = f"export {api.DESCRIPTORS_ENV_VAR}={shlex.quote(str(target.absolute()))}"
    if os.environ.get(api.DESCRIPTORS_ENV_VAR):
        always = f"add {target.absolute()} to {api.DESCRIPTORS_ENV_VAR}"
    return f"Try it: ways --sheets {name} tree\nTo have it always: {always}"
