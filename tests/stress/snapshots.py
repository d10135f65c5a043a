"""Farm jobs that start by the thousand on one snapshot file, while others write it anew."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from ways.api import Session

from .faults import folder
from .runner import Outcome, Scenario

#: Jobs at once.
AT_ONCE = 8
_JOB = "import ways.api as w; print(w.get_asset('/show/dune/sh1').get_str())"
_SHEET = r"""
globals: {syntax: 2}
plugins:
  show: {hierarchy: show, mapping: '/show/{JOB}', path: true}
  shot: {hierarchy: '{root}/shot', uses: [show], mapping: '{root}/{SHOT}'}
"""


def start(seconds: float) -> Outcome:
    """Start jobs until the time is up; between them, the file is replaced by one that is as good."""
    wrong: list[str] = []
    tried = 0
    with folder() as place:
        sheet, file = os.path.join(place, "show.yml"), os.path.join(place, "shot.ways")
        with open(sheet, "w", encoding="utf-8") as target:
            target.write(_SHEET)
        session = Session()
        session.add_search_path(sheet)
        snapshot = session.snapshot()
        snapshot.save(file)
        os.unlink(sheet)
        environ = {**os.environ, "WAYS_SNAPSHOT": file, "WAYS_DESCRIPTORS": sheet}
        end = time.monotonic() + seconds
        while time.monotonic() < end or tried < AT_ONCE:
            jobs = [subprocess.Popen([sys.executable, "-c", _JOB], env=environ, stdout=-1, stderr=-1) for _ in range(AT_ONCE)]
            snapshot.save(file, force=True)
            for job in jobs:
                answer, error = job.communicate()
                tried += 1
                if (answer, job.returncode) != (b"/show/dune/sh1\n", 0):
                    wrong.append(error.decode("utf-8", "replace")[-200:])
        if left := sorted(set(os.listdir(place)) - {"shot.ways"}):
            wrong.append(f"files are left: {left}")
    return Outcome(tried, "each job answered as its submission did", tuple(wrong))


SCENARIOS = {"snapshots": Scenario("farm jobs start on one snapshot file, which is replaced meanwhile", start)}
