"""How fast it is, each figure beside the limit of what plain Python can do: ``python -m tests.benchmarks``."""
