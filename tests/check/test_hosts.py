"""What the check says of the block openassetio."""

from __future__ import annotations

import pytest

from ways.check.findings import Finding
from ways.session import Session


def findings(**block: object) -> list[Finding]:
    session = Session()
    details = {"VERSION": {"format": "03d"}, "FRAME": {"sequence": True}, "TAKE": {"parse": {"regex": "[a-z]+"}}}
    mapping = "/a/v{VERSION}/{FRAME}.{TAKE}[_{PART}]"
    session.add_plugins(a={"hierarchy": "a", "syntax": 2, "mapping": mapping, "mapping_details": details, "openassetio": block})
    return [finding for finding in session.check() if finding.code == "openassetio"]


@pytest.mark.parametrize(
    ("block", "level", "message"),
    [
        ({"version": "VERSON"}, "error", "version is 'VERSON', but no mapping has this token at 'a'"),
        ({"version": "PART"}, "error", "the token is in an optional part"),
        ({"frame": "TAKE"}, "error", "neither 'sequence: true' nor a format of whole numbers"),
        ({"publish": True}, "warning", "hosts can't publish to 'a', since its mapping is no file path"),
    ],
)
def test_a_block_that_hosts_can_not_use_is_found(block: dict[str, object], level: str, message: str) -> None:
    (finding,) = findings(**block)
    assert finding.level == level and message in finding.message


def test_a_name_that_is_close_is_suggested() -> None:
    (finding,) = findings(version="VERSON")
    assert finding.help == "Did you mean 'VERSION'?"


def test_a_block_that_hosts_can_use_is_not_found() -> None:
    assert findings(version="VERSION", frame="FRAME", traits=["a"], publish=False) == []
    assert findings(version="TAKE", frame="VERSION") == []
