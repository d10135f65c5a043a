"""Foreign systems, each in a folder that holds all of it: its files as sheets, and its behavior."""
