"""``ways doctor``: what the environment says, what was looked for, what was loaded, and what is wrong with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from typing import Any

import click

from ways import __distribution__, __version__, api
from ways.cli.command import command
from ways.cli.draw.console import as_json, with_level, write_spans
from ways.cli.draw.shapes import Span
from ways.cli.options import SharedOptions, loaded_session, notes
from ways.cli.streams import write, write_for_people
from ways.errors import counted
from ways.cli.variables import VARIABLES

#: Places up to which the sheets are checked, too: more would take longer than one waits for such an answer.
MOST_PLACES = 500

#: Uninstalling one of two libraries in one folder also takes files of the other.
_REINSTALL = f"run: pip uninstall ways {__distribution__}, then: pip install {__distribution__}"

#: Gives the lines of one section.
Section = Callable[[Mapping[str, Any]], Iterator[str]]


@command("text", "json", opened=loaded_session)
@click.option(
    "-v", "--verbose", is_flag=True, help="Also show what developers need: environment, versions, extras, cache and trust."
)
def doctor(session: api.Session, options: SharedOptions, form: str, verbose: bool) -> int:
    """Check your setup: what is loaded, and how to fix problems.

    Exit 1: one of the problems is an error.

    Documentation: docs/howto/shell.rst

    \b
    Examples:
      ways --sheets plugin_sheets/film doctor
      ways --sheets plugin_sheets/film doctor --verbose
    """
    record = record_of(session, options)
    if form == "json":
        write(as_json(record))
    else:
        for spans in lines(record, _ALL if verbose else _FOR_ARTISTS):
            write_spans(spans, write_for_people, sys.stdout)
    return 1 if any(problem["level"] == "error" for problem in record["problems"]) else 0


def record_of(session: api.Session, options: SharedOptions) -> dict[str, Any]:
    """Return everything as plain data."""
    settings, places = session.settings, len(session.place_texts())
    packages: dict[str, list[str]] = {}
    for package, extra in _requirements():
        packages.setdefault(extra, []).append(package)
    versions = {extra: {package: _version(package) for package in names} for extra, names in packages.items()}
    sheets = session.unopened_sheets()
    untrusted = [sheet.source.path for sheet in sheets if not sheet.source.is_trusted]
    return {
        "versions": {"ways": __version__, "python": sys.version.split()[0], **versions.pop("", {})},
        "executable": sys.executable,
        "environment": {name: os.environ.get(name) for name in VARIABLES},
        "platform": settings.platform,
        "platforms": sorted(settings.platforms),
        "priority": list(settings.priority),
        "places": places,
        "checked": places <= MOST_PLACES,
        "search_paths": list(_search_paths(session, options)),
        "plugin_files": [
            {"path": str(result.item), "found": result.is_success, "reason": result.reason, "details": result.details}
            for result in session.plugin_results
        ],
        "cache": session.get_cache_info(),
        "trust": {"asked": options.trust, "trusted": len(sheets) - len(untrusted), "untrusted": untrusted},
        "extras": versions,
        "problems": [*(problem.as_dict() for problem in session.problems), *_own_problems(session, options), *_findings(session, places)],
    }


def _search_paths(session: api.Session, options: SharedOptions) -> Iterator[dict[str, Any]]:
    """Yield each place where sheets were looked for, with the number of sheets and plugins that were there."""
    snapshot = options.snapshot or os.environ.get(api.SNAPSHOT_ENV_VAR, "")
    if snapshot:
        counts = {"sheets": len(session.unopened_sheets()), "plugins": sum(session.plugin_counts().values())}
        yield {"path": snapshot, "from": "--snapshot" if options.snapshot else api.SNAPSHOT_ENV_VAR, "found": True, **counts}
        return
    has_variable = api.DESCRIPTORS_ENV_VAR in os.environ
    origin = "--sheets" if options.sheets else api.DESCRIPTORS_ENV_VAR if has_variable else "default"
    used = session.plugin_counts()
    counts = {sheet.source.path: used.get(sheet.source.path, 0) for sheet in session.unopened_sheets()}
    for result in session.descriptor_results:
        # The description is a method of the descriptor; only one of ours lists its paths.
        descriptor = getattr(result.description, "__self__", None)
        paths = descriptor.paths() if isinstance(descriptor, api.FileDescriptor) else ()
        sheets = [path for path in paths if path in counts]
        yield {
            "path": str(result.item),
            "from": origin,
            "found": result.is_success,
            "sheets": len(sheets),
            "plugins": sum(counts[path] for path in sheets),
        }
    if origin == "default":
        # Folders that exist were loaded, and stand among the results.
        absent = [folder for folder in session.default_folders() if not os.path.isdir(folder)]
        yield from ({"path": path, "from": origin, "found": False, "sheets": 0, "plugins": 0} for path in absent)


def _own_problems(session: api.Session, options: SharedOptions) -> Iterator[dict[str, Any]]:
    """Yield what is wrong apart from the sheets, in the shape of a problem."""
    for result in session.plugin_results:
        if not result.is_success:
            details = f"{result.reason}: {result.error}" if result.error else result.reason
            yield _problem("error", "plugin-file", f"the plugin file did not load: {details}", str(result.item))
    yield from _other_libraries()
    for note in notes(session, options):
        yield _problem("warning", "settings", note)
    for name in sorted(os.environ):
        if name.startswith("WAYS_") and name not in VARIABLES:
            yield _problem("warning", "settings", f"{name}: there is no such variable.{api.did_you_mean(name, VARIABLES)}")
    if not session.has_loaded():
        yield _problem("warning", "no-sheets", "no sheet was found: name one by --sheets, or begin one: ways init")


def _other_libraries() -> Iterator[dict[str, Any]]:
    """Yield a problem for each other library that is installed as the package ``ways``, such as that of 2017."""
    for other in metadata.distributions(name="ways"):
        message = f"another library, ways {other.version}, is installed as the package 'ways', too: one hides or replaces the other"
        yield _problem("error", "other-library", f"{message}; {_REINSTALL}", str(other.locate_file("ways")))


def _findings(session: api.Session, places: int) -> Iterator[dict[str, Any]]:
    """Yield how much a check finds beside the problems, in the shape of a problem; nothing where there are too many places."""
    if places > MOST_PLACES:
        return
    known = {(problem.code, problem.source) for problem in session.problems}
    findings = [item for item in session.check() if item.level in ("error", "warning") and (item.code, item.source) not in known]
    errors = sum(finding.level == "error" for finding in findings)
    if findings:
        counts = ((errors, "error"), (len(findings) - errors, "warning"))
        found = " and ".join(counted(count, name) for count, name in counts if count)
        codes = ", ".join(dict.fromkeys(finding.code for finding in findings))
        yield _problem("error" if errors else "warning", "check", f"ways check finds {found}: {codes}")


def _problem(level: str, code: str, message: str, path: str = "") -> dict[str, Any]:
    return api.Problem(api.Source(path), message, level, code).as_dict()  # type: ignore[arg-type]


def _requirements() -> Iterator[tuple[str, str]]:
    """Yield each package that the installed Ways asks for, and the extra that asks for it, or ``""``."""
    try:
        lines = metadata.requires(__distribution__) or []
    except metadata.PackageNotFoundError:
        return
    for line in lines:
        package, _, marker = line.partition(";")
        _, _, extra = marker.partition("extra ==")
        end = next((index for index, sign in enumerate(package) if sign in " <>=!~[("), len(package))
        yield package[:end], extra.strip().strip("\"'")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def lines(record: Mapping[str, Any], sections: Mapping[str, Section]) -> Iterator[list[Span]]:
    """Yield a record as people read it, line by line."""
    for title, body in sections.items():
        yield [(title, "bold")]
        yield from ([("  ", ""), *with_level(line, line.partition(":")[0])] for line in body(record))
    errors = sum(problem["level"] == "error" for problem in record["problems"])
    yield [(f"{counted(errors, 'error')}, {counted(len(record['problems']) - errors, 'warning')}", "")]


def _versions(record: Mapping[str, Any]) -> Iterator[str]:
    yield ", ".join(f"{name} {version or 'not installed'}" for name, version in record["versions"].items())
    yield record["executable"]


def _environment(record: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name}={value}" if value is not None else f"{name} is not set" for name, value in record["environment"].items())
    yield f"platform {record['platform']}, of {', '.join(record['platforms'])}"
    yield f"priority {', '.join(record['priority'])}"


def _paths(record: Mapping[str, Any]) -> Iterator[str]:
    for item in record["search_paths"]:
        result = f"{counted(item['sheets'], 'sheet')}, {counted(item['plugins'], 'plugin')}" if item["found"] else "not there"
        yield f"{item['path']} ({item['from']}): {result}"
    for item in record["plugin_files"]:
        yield f"{item['path']} ({api.PLUGINS_ENV_VAR}): {'loaded' if item['found'] else item['reason']}"
    if not record["search_paths"] and not record["plugin_files"]:
        yield "none"


def _loaded(record: Mapping[str, Any]) -> Iterator[str]:
    yield from _paths(record)
    yield f"{counted(record['places'], 'place')}; platform {record['platform']}, layers {', '.join(record['priority'])}"


def _to_do(record: Mapping[str, Any]) -> Iterator[str]:
    is_mixed = any(problem["code"] == "other-library" for problem in record["problems"])
    codes = {problem["code"] for problem in record["problems"]} - {"other-library"}
    levels = {problem["level"] for problem in record["problems"] if problem["code"] in codes}
    if is_mixed:
        yield f"Install Ways again before you go on; {_REINSTALL}"
    if "no-sheets" in codes:
        yield "Name your sheets: ways --sheets FOLDER, or WAYS_DESCRIPTORS=FOLDER in the environment; or begin one: ways init"
    if "error" in levels:
        yield "Show this to the person who writes your sheets. Ways does not use what an error names until it is fixed."
    elif codes - {"no-sheets", "settings"}:
        yield "Go on working; show this to whoever writes the sheets, so that it gets mended."
    if codes - {"no-sheets", "settings", "plugin-file"}:
        yield "More about the sheets: ways check"
    if levels:
        yield "More about this machine: ways doctor --verbose"
    elif is_mixed:
        return
    elif record["checked"]:
        yield "nothing: all is well"
    else:
        yield f"nothing is wrong with what was loaded; with more than {MOST_PLACES} places, only ways check looks deeper"


def _cache(record: Mapping[str, Any]) -> Iterator[str]:
    cache = record["cache"]
    yield f"{cache['folder']}: {cache['state']}"
    yield f"{cache['entries']} compiled sheets, {cache['bytes']} bytes, WAYS_CACHE {cache['mode']}"


def _trusted(record: Mapping[str, Any]) -> Iterator[str]:
    trust = record["trust"]
    yield f"{counted(trust['trusted'], 'trusted sheet')}{' (--trust)' if trust['asked'] else ''}, {len(trust['untrusted'])} not trusted"
    yield from trust["untrusted"]


def _extra_lines(record: Mapping[str, Any]) -> Iterator[str]:
    for name, packages in record["extras"].items():
        missing = [package for package, version in packages.items() if version is None]
        yield f"{name}: {'installed' if not missing else 'lacks ' + ', '.join(missing)}"


def _problems(record: Mapping[str, Any]) -> Iterator[str]:
    for problem in sorted(record["problems"], key=lambda problem: problem["level"] != "error"):
        place = ":".join(str(problem[key]) for key in ("path", "line", "column") if problem[key])
        text = ": ".join(filter(None, (problem["level"], place, problem["pointer"], problem["message"])))
        yield f"{text}. {problem['help']}" if problem["help"] else text
        yield from (f"  {line}" for line in problem["excerpt"].splitlines())
    if not record["problems"]:
        yield "none"


#: What a section is called -> what gives its lines.
_FOR_ARTISTS: Mapping[str, Section] = {"What is loaded": _loaded, "What is wrong": _problems, "What to do": _to_do}
_ALL: Mapping[str, Section] = {
    "Versions": _versions,
    "Environment": _environment,
    "Search paths": _paths,
    "Cache": _cache,
    "Trust": _trusted,
    "Extras": _extra_lines,
    "Problems": _problems,
}
