"""Hides the C reader of YAML from every process: first on PYTHONPATH, it is imported before all else."""

import sys

sys.modules["yaml._yaml"] = None  # type: ignore[assignment]
