"""Frozen copies of sessions, which can be sent to other processes."""
