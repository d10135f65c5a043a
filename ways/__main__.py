"""``python -m ways``."""

from ways.cli.entry import run

if __name__ == "__main__":
    run()
