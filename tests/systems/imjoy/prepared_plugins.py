"""Plugins for tests that prepare them: files of our own, a wheel that needs no network, and a repository on this disk."""

from __future__ import annotations

import json
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

from ways.api import Context, Session
from ways.systems import imjoy

SCRIPT = """<script lang="python">
from imjoy import api

api.export({"setup": lambda: None, "run": lambda ctx: None})
</script>
"""


def plugin(folder: Path, name: str = "P", *, tag: str = "", script: str = SCRIPT, **config: Any) -> Context:
    """Write a plugin's file, and return its Context."""
    whole = {"name": name, "type": "native-python", "version": "0.1.0", "api_version": "0.1.8", **config}
    path = folder / f"{name}.imjoy.html"
    path.write_text(f'<config lang="json">\n{json.dumps(whole)}\n</config>\n{script}', encoding="utf-8")
    session = Session()
    session.add_search_path(str(path))
    return imjoy.find(session, name, tag)


def wheel(folder: Path, name: str = "thing", version: str = "1.0", content: str = "answer = 42\n") -> str:
    """Write a package of one module, and return the requirement that installs it, for a workspace at *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": content,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(file, text)
    return f"./{path.name}"


def commit(repository: Path, **files: str) -> None:
    """Write files into a repository, which is made if it isn't there, and commit them."""
    repository.mkdir(parents=True, exist_ok=True)
    if not (repository / ".git").exists():
        _git(repository, "init", "--quiet", "--initial-branch=main")
    for name, text in files.items():
        (repository / name).write_text(text, encoding="utf-8")
    _git(repository, "add", "--all")
    _git(repository, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "-m", "c")


def _git(repository: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(repository), *arguments], check=True, capture_output=True)


def is_gone(process: int) -> bool:
    """Wait until a process has ended, or is what is left of one; a minute, at most."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        done = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, encoding="utf-8", check=False)
        if not done.stdout.strip() or done.stdout.strip().startswith("Z"):
            return True
        time.sleep(0.05)
    return False
