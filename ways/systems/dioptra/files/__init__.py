"""Dioptra's resource files and task graphs as sheets."""
