"""``python -m tests.stress [NAME ...] [--seconds N]``: try faults, print how often and what happened; exit 1 if any went wrong."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from tests.stress.faults import folder
from tests.stress.runner import PROGRAMS, scenarios


def main() -> int:
    """Run what was named, in a home of its own: no secret of a store and no cache is the caller's; return how the process ends."""
    with folder() as home:
        os.environ.update({f"XDG_{kind}_HOME": os.path.join(home, kind.lower()) for kind in ("CACHE", "CONFIG", "DATA", "STATE")})
        return _run()


def _run() -> int:
    if program := PROGRAMS.get("".join(sys.argv[1:2])):
        return int(importlib.import_module(f"tests.stress.{program}").main(sys.argv[2:]))
    known = dict(scenarios())
    measured = f"What is measured rather than tried has options of its own: {', '.join(PROGRAMS)}."
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description="Try faults for as long as you like.", epilog=measured)
    told = "; ".join(f"{name}: {scenario.summary}" for name, scenario in known.items())
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"Which; all, if absent: {told}.")
    parser.add_argument("--seconds", type=float, default=10.0, help="How long each is tried.")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(known):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}; known are {', '.join(known)}")
    wrong = 0
    for name in asked.names or known:
        print(f"{name}: {known[name].summary}", flush=True)
        outcome = known[name].run(asked.seconds)
        print(f"  tried {outcome.tried} times: {outcome.told}")
        for line in outcome.wrong:
            print(f"  WRONG {line}")
        wrong += len(outcome.wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
