"""SARIF 2.1.0: findings as code hosts and editors read them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import quote

from ways import __version__, api

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Code(Protocol):
    """What is known of a kind of finding."""

    @property
    def level(self) -> Literal["error", "warning", "note"]: ...

    @property
    def meaning(self) -> str: ...

    @property
    def remedy(self) -> str: ...


def log(findings: Sequence[api.Finding], known: Mapping[str, Code] = api.FINDING_CODES) -> dict[str, Any]:
    """Return a log with one run: the rules that were broken, and a result for each finding.

    :param known: the codes that say what they mean.
    """
    codes = list(dict.fromkeys(finding.code for finding in findings))
    driver = {"name": "ways", "version": __version__, "rules": [_rule(code, known.get(code)) for code in codes]}
    results = [_result(finding, codes.index(finding.code)) for finding in findings]
    # Columns are counted in characters, as Python counts them.
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str, entry: Code | None) -> dict[str, Any]:
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
    extra = {name: text for name, text in (("help", finding.help), ("witness", finding.witness), ("excerpt", finding.excerpt)) if text}
    text = f"{finding.message}. {finding.help}" if finding.help else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.level,
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(finding.source)}],
    }
    if finding.related:
        result["relatedLocations"] = [
            {"physicalLocation": _location(related.source), "message": {"text": related.message}} for related in finding.related
        ]
    return result | ({"properties": extra} if extra else {})


def _location(source: api.Source) -> dict[str, Any]:
    region = {"region": {"startLine": source.line, "startColumn": max(1, source.column)}} if source.line else {}
    if os.path.isabs(source.path):
        uri = Path(source.path).as_uri()
    else:
        # A relative path stays relative, so that it is right in another clone too; its name may be bytes that are no text.
        uri = quote(os.fsencode(Path(source.path).as_posix()), safe="/")
    return {"artifactLocation": {"uri": uri}, **region}
