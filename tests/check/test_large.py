"""Sheets that ask for too much: told as findings, in reasonable time, whatever stands in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ways import api
