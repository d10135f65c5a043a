"""``python -m ways``."""

from ways.cli.entry import program

if __name__ == "__main__":
    program()
