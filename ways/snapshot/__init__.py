"""Frozen copies of sessions, which can be sent to other processes; ``resolver`` makes a function of one."""

from ways.lightweight import lazy_names

__getattr__ = lazy_names(__name__, {"ways.snapshot.resolving": "EngineWalk resolver"})
