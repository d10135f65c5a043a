"""``python -m ways``."""

from ways.cli.main import main

if __name__ == "__main__":
    main(prog_name="ways")
