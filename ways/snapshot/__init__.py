"""Frozen copies of worlds, which travel to other processes."""
