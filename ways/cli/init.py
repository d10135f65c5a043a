"""``ways init``: a sheet to begin with, or a small example of several."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import click

from ways import api
from ways.cli.command import Choice, helped
from ways.cli.streams import complain, write_exactly
from ways.errors import lines

#: A part of the package, which may lie in a zip.
STARTER = files("ways.cli").joinpath("starter.yml")
#: What the sheet is called in a folder.
STARTER_NAME = "starter.yml"


class Example(NamedTuple):
    """Sheets that belong together, and commands that show what they can do."""

    #: The path of one project on each platform, with the separators that every shell leaves alone.
    projects: Mapping[str, str]
    #: The layer that changes some of it.
    layer: str
    #: Questions, each with the command that answers it below. ``{sheets}`` is the folder, ``{project}`` the path above, and ``{layers}``
    #: are the layers with the one above.
    tries: str


EXAMPLES: Mapping[str, Example] = {
    "studio": Example(
        {"linux": "/mnt/projects/dune", "darwin": "/Volumes/projects/dune", "windows": "P:/projects/dune"},
        "client_acme",
        """
What is this file?
  ways --sheets {sheets} resolve {project}/shots/rvr/rvr_0040/anm/work/rvr_0040_anm_v003.ma

Where does version 7 of the animation go?
  ways --sheets {sheets} format show/sequence/shot/publish SHOW=dune SHOT=rvr_0040 TASK=animation VERSION=7 FORMAT=usd

And on Windows?
  ways --sheets {sheets} --platform windows format show/sequence/shot/publish SHOW=dune SHOT=rvr_0040 TASK=animation VERSION=7 FORMAT=usd

Why does a show have 25 frames per second for the client Acme?
  ways --sheets {sheets} --priority {layers} explain show:data.fps

Is there a mistake in the sheets?
  ways check {sheets}
""",
    ),
    "research": Example(
        {"linux": "/data/memory", "darwin": "/Volumes/data/memory", "windows": "D:/data/memory"},
        "cluster",
        """
What is this file?
  ways --sheets {sheets} resolve {project}/sub-01/ses-a/func/sub-01_ses-a_task-faces_run-02_bold.nii.gz

Where does run 3 of the task "words" go on the cluster?
  ways --sheets {sheets} --platform linux --priority {layers} format project/subject/func \
PROJECT=memory SUBJECT=01 TASK=words RUN=3 SUFFIX=bold

Where does a pipeline write its version of a run?
  ways --sheets {sheets} resolve {project}/sub-01/ses-a/func/sub-01_ses-a_task-faces_run-02_bold.nii.gz \
--as project/derivative/func PIPELINE=fmriprep VERSION=23.2.1 DESC=preproc

Why does the task "faces" have another repetition time?
  ways --sheets {sheets} explain project/subject/func:data.repetition_time PROJECT=memory SUBJECT=01 TASK=faces SUFFIX=bold

Is there a mistake in the sheets?
  ways check {sheets}
""",
    ),
}


@helped
@click.argument("folder", default="", type=click.Path(), metavar="[FOLDER]")
@click.option("--path", type=click.Path(), default="", metavar="PATH", help="The same as FOLDER.")
@click.option(
    "--example",
    type=Choice(tuple(EXAMPLES)),
    help="Write several sheets: 'studio' is a film studio with a client, 'research' a lab with its recordings.",
)
def init(folder: str, path: str, example: str | None) -> None:
    """Write your first sheet, or a small example of several.

    The sheet has comments that explain it. FOLDER is where it goes: the current folder, if you leave it out. A name that
    ends with .yml is the sheet itself. With --example, several sheets go into FOLDER, or into a new folder named after the
    example, and the command prints five commands to try. It never overwrites a file.

    Documentation: docs/tutorial.rst

    \b
    Examples:
      ways init "$(mktemp -d)"/show.yml
      ways init --example studio "$(mktemp -d)"
    """
    if folder and path:
        raise click.UsageError("Name the folder once: FOLDER and --path are the same.")
    if example is None:
        target = _target(folder or path or os.curdir)
        _write({target: STARTER.read_bytes()}, "ways init FOLDER")
        complain(_hint(target, target.parent))
        return
    target = Path(folder or path or example)
    if _is_sheet(target):
        raise click.UsageError(f"--example {example} writes several sheets: name a folder, not {target}.")
    sheets = sorted(files("ways.cli").joinpath("examples", example).iterdir(), key=lambda sheet: sheet.name)
    _write({target / sheet.name: sheet.read_bytes() for sheet in sheets}, f"ways init --example {example} FOLDER")
    complain(lines("", "Five commands to try:", *_tries(target, EXAMPLES[example]), _hint(target, target)))


def _is_sheet(path: Path) -> bool:
    return path.suffix.lower() in (".yml", ".yaml") and not path.is_dir()


def _target(path: str) -> Path:
    target = Path(path)
    return target if _is_sheet(target) else target / STARTER_NAME


def _write(sheets: Mapping[Path, bytes], another: str) -> None:
    """Write each sheet, and its path to standard output; nothing if one of them exists.

    :param another: how to write them elsewhere.
    """
    exists = f"exists already, and stays as it is. Name another: {another}"
    for target in sheets:
        if os.path.lexists(target):
            raise SystemExit(_refused(f"{target} {exists}"))
    for target, content in sheets.items():
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(target, "xb") as file:
                file.write(content)
        except FileExistsError as error:
            # Itself, or a file where its folder should be.
            raise SystemExit(_refused(f"{error.filename} {exists}")) from error
        except OSError as error:
            raise SystemExit(_refused(f"{target}: {error.strerror}")) from error
        write_exactly(str(target))


def _refused(message: str) -> int:
    complain(f"ways: {message}")
    return 1


def _hint(target: Path, folder: Path) -> str:
    """Return what is to be done so that *target* is read, which is in *folder* or is that folder."""
    name = shlex.quote(str(target))
    if str(folder.absolute()) in api.Session.default_folders() and api.DESCRIPTORS_ENV_VAR not in os.environ:
        return "It is found without being named. Try it: ways tree"
    always = f"export {api.DESCRIPTORS_ENV_VAR}={shlex.quote(str(target.absolute()))}"
    if os.environ.get(api.DESCRIPTORS_ENV_VAR):
        always = f"add {target.absolute()} to {api.DESCRIPTORS_ENV_VAR}"
    return lines(f"See the places: ways --sheets {name} tree", f"To use them always: {always}")


def _tries(target: Path, example: Example) -> list[str]:
    """Return the lines of the commands to try. A question isn't a comment: zsh takes none where one types."""
    filled = example.tries.format(
        sheets=shlex.quote(str(target)),
        project=example.projects.get(api.Session().settings.platform, example.projects["linux"]),
        layers=shlex.quote(os.pathsep.join(["master", example.layer])),
    )
    return filled.split("\n")
