"""The command line, above :mod:`ways.api`."""
