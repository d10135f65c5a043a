"""SARIF 2.1.0: findings as code hosts and editors read them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ways import __version__, api

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def log(findings: Sequence[api.Finding]) -> dict[str, Any]:
    """Return a log with one run: the rules that were broken, and a result for each finding."""
    codes = list(dict.fromkeys(finding.code for finding in findings))
    driver = {"name": "ways", "version": __version__, "rules": [_rule(code) for code in codes]}
    results = [_result(finding, codes.index(finding.code)) for finding in findings]
    # Columns are counted in characters, as Python counts them.
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    entry = api.FINDING_CODES.get(code)
    if entry is None:
        # The reader of another system's files may have codes of its own.
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": entry.meaning},
        "help": {"text": entry.remedy},
        "defaultConfiguration": {"level": entry.level},
    }


def _result(finding: api.Finding, rule: int) -> dict[str, Any]:
    extra = {name: text for name, text in (("help", finding.help), ("witness", finding.witness)) if text}
    text = f"{finding.message}. {finding.help}" if finding.help else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.level,
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(finding.source)}],
    }
    if finding.related:
        result["relatedLocations"] = list(_related(finding.related))
    return result | ({"properties": extra} if extra else {})


def _related(places: Iterable[api.Related]) -> Iterable[dict[str, Any]]:
    for place in places:
        yield {"physicalLocation": _location(place.source), "message": {"text": place.message}}


def _location(source: api.Source) -> dict[str, Any]:
    region = {"region": {"startLine": source.line, "startColumn": max(1, source.column)}} if source.line else {}
    return {"artifactLocation": {"uri": _uri(source.path)}, **region}


def _uri(path: str) -> str:
    """Return a path as an address: as it is where it is relative, so that it holds in another clone too."""
    if os.path.isabs(path):
        return Path(path).as_uri()
    # A name may be bytes that are no text.
    return quote(os.fsencode(Path(path).as_posix()), safe="/")
