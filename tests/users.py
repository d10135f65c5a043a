"""A second user: what the same code says to someone else. Only root can become another user."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable

import pytest

#: Another user, who need not exist.
NOBODY = 65534
as_root = pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can become another user")


def ask_as_nobody(work: Callable[[], str]) -> str:
    """Return what *work* returns in a process of another user; a traceback, if it fails. What it imports must be imported before."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.chdir("/")
            told = work()
        except BaseException:  # noqa: B036 - the child ends here, whatever happens
            told = traceback.format_exc()
        os.write(write, told.encode("utf-8", "replace")[:60000])
        os._exit(0)
    os.close(write)
    with open(read, encoding="utf-8") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return told
