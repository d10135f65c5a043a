"""``ways init``: a sheet to begin with."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

import click

from ways import api
from ways.cli.streams import write

#: A part of the package, which may lie in a zip.
STARTER = files("ways.cli").joinpath("starter.yml")
#: What the sheet is called in a folder.
STARTER_NAME = "starter.yml"


@click.command(epilog="\b\nExample:\n  ways init --path \"$(mktemp -d)\"/show.yml")
@click.option("--path", type=click.Path(), metavar="PATH", help="The sheet to write, or a folder for it, instead of your own.")
def init(path: str | None) -> None:
    """Write a sheet to begin with, with comments, where your sheets live. Nothing is overwritten."""
    target = _target(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "xb") as file:
            file.write(STARTER.read_bytes())
    except FileExistsError as error:
        # Itself, or a file where its folder should be.
        raise SystemExit(_refused(f"{error.filename} exists already, and stays as it is. Name another: ways init --path PATH")) from error
    except OSError as error:
        raise SystemExit(_refused(f"{target}: {error.strerror}")) from error
    write(str(target))
    click.echo(_hint(target, path), err=True)


def _target(path: str | None) -> Path:
    if path is None:
        return Path(api.Session.default_folders()[-1], STARTER_NAME)
    target = Path(path)
    is_sheet = target.suffix.lower() in (".yml", ".yaml") and not target.is_dir()
    return target if is_sheet else target / STARTER_NAME


def _refused(message: str) -> int:
    click.echo(f"ways: {message}", err=True)
    return 1


def _hint(target: Path, path: str | None) -> str:
    """Return what is to be done so that the sheet is read."""
    if path is not None:
        return f"Try it: ways --sheets {target} tree"
    if api.DESCRIPTORS_ENV_VAR in os.environ:
        return f"{api.DESCRIPTORS_ENV_VAR} is set, so your own folder isn't looked at: add {target.parent} to it."
    return "Try it: ways tree"
