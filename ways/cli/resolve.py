"""``ways resolve``: from texts to places and values."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import click

from ways import api
from ways.cli.bulk import resolve_file
from ways.cli.command import command, values_of
from ways.cli.complete import by_click
from ways.cli.draw import places as draw
from ways.cli.draw.console import as_json, write_spans
from ways.cli.misses import Misses
from ways.cli.options import SharedOptions, UsageProblem
from ways.cli.records import Answers, JsonLines, filled, record_of, records
from ways.cli.streams import complain, given_blocks, warnings_told, with_progress, write, write_exactly
from ways.errors import visible


@command("text", "json", "env")
@click.argument("texts", nargs=-1, required=True, metavar="TEXT... [TOKEN=VALUE...]", shell_complete=by_click.pairs_there)
@click.option(
    "--context",
    metavar="HIERARCHY",
    default="",
    help="Read the texts as paths of this place.",
    shell_complete=by_click.hierarchies,
)
@click.option("--strict/--lenient", default=True, help="Accept only exact matches (the default), or looser ones too.")
@click.option("-0", "--null", is_flag=True, help="Texts on standard input end with NUL, not with a line break, as in find -print0.")
@click.option(
    "--to",
    metavar="PLATFORM",
    default="",
    help="Print each path as it is on this platform.",
    shell_complete=by_click.platforms,
)
@click.option(
    "--from",
    "source",
    metavar="PLATFORM",
    default="",
    help="With --to: the platform that the paths come from. Default: the current one, else any that fits.",
    shell_complete=by_click.platforms,
)
@click.option(
    "--as",
    "place",
    metavar="PLACE",
    default="",
    help="Print the path of this place instead, with the same values. TOKEN=VALUE replaces one of them.",
    shell_complete=by_click.hierarchies,
)
@click.option("--env-prefix", default="", metavar="PREFIX", help="With --format env: put this before the name of each variable.")
@click.option("--csv", is_flag=True, help="Give IN OUT instead of texts: resolve a CSV file into a folder of files.")
@click.option("--parquet", is_flag=True, help="The same for a Parquet file. This needs the extra arrow.")
@click.option("--column", default="", metavar="NAME", help="The column of IN that has the texts. Default: text, or the only one.")
@click.option("--rows", type=click.IntRange(min=1), metavar="N", help="Rows of each file in OUT. Default: 50000.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Resolve IN in N processes. This needs the extra dask.")
@click.option("--scheduler", default="", metavar="URL", help="Resolve IN by a Dask cluster, such as tls://HOST:8786.")
@click.option("--ca", default="", type=click.Path(), metavar="FILE", help="With --scheduler: the certificate of its authority.")
@click.option("--cert", default="", type=click.Path(), metavar="FILE", help="With --scheduler: your certificate.")
@click.option("--key", default="", type=click.Path(), metavar="FILE", help="With --scheduler: your private key.")
@click.option("--insecure", is_flag=True, help="With --scheduler: connect without encryption. Anyone there can run code.")
def resolve(
    session: api.Session,
    options: SharedOptions,
    form: str,
    texts: tuple[str, ...],
    context: str,
    strict: bool,
    null: bool,
    to: str,
    source: str,
    place: str,
    env_prefix: str,
    **of_files: Any,
) -> int:
    """Show what a path is: its place and the value of each token.

    Give one or more paths, or any other texts that your sheets describe; a single - reads them from standard input, one per line. Exit 1:
    a text doesn't resolve.

    With --csv or --parquet, give a file and a folder: OUT gets the rows of IN with their places and values, in files of 50,000 rows. If
    it is killed, the same command goes on where it was. Exit 1: a part is missing (docs/howto/many-paths.rst).

    Documentation: docs/howto/resolve-many-paths.rst

    \b
    Examples:
      ways --sheets plugin_sheets/film resolve /mnt/projects/dune
      ways --sheets plugin_sheets/film resolve /mnt/projects/dune/sequences/rvr --as job
      find /mnt/projects | ways resolve --format json -
      eval "$(ways resolve --format env /mnt/projects/dune)"
      t=$(mktemp -d); (echo text; echo /mnt/projects/dune) > $t/in.csv; ways --sheets plugin_sheets/film resolve --csv $t/in.csv $t/out
    """
    if of_files["csv"] or of_files["parquet"]:
        _refuse({"--null": null, "--to": to, "--from": source, "--as": place, "--env-prefix": env_prefix}, "texts, not for files")
        return resolve_file(session, options, form, texts, context, strict, of_files)
    _refuse({f"--{name}": value for name, value in of_files.items()}, "files: add --csv or --parquet")
    texts, changes = _divided(texts, _tokens_at(session, place)) if place else (texts, {})
    if form == "env" and (len(texts) != 1 or texts[0] == "-"):
        raise UsageProblem("--format env takes one text.")
    if source and place:
        raise UsageProblem(f"--from {source}: the place of --as is one of this platform; name the platform by --platform.")
    if source and not to:
        raise UsageProblem(f"--from {source}: say by --to what to write, or by --platform where you are.")
    misses = Misses(session, options, context, lenient=not strict, has_keys=form == "json")
    given = with_progress(given_blocks(texts, null, session.limits.text))
    at = _place(session, context, options)
    if form == "json" and not place and not to:
        return 0 if _wrote_json(given, lambda block: answers(session, block, options, at, lenient=not strict), misses) else 1
    good = True
    texts_of = chain.from_iterable(given)
    # What --to tries on other platforms may resolve yet.
    told = None if form == "json" and to else misses
    if source:
        found = translations(session, texts_of, at, to, source)
    else:
        found = records(answers(session, texts_of, options, at, lenient=not strict), told)
    for record in found:
        is_read = record["status"] == "resolved"
        if place and is_read:
            record = moved(session, record, place, changes)
        if to and not source and record["status"] == "resolved":
            record = translated(session, record, to, options)
        elif to and not source and not place and record["status"] == "unresolved":
            # Another platform may read it.
            record = next(translations(session, [record["text"]], at, to, source))
        is_miss = record["status"] == "unresolved" and not is_read
        notes = misses.notes(record["text"]) if is_miss and form != "json" else ()
        if is_miss and form == "json" and to:
            record |= misses.keys(record["text"])
        good = good and record["status"] == "resolved"
        _write_resolution(record, form, env_prefix, notes)
    if misses.rest():
        complain(misses.rest())
    return 0 if good else 1


def _refuse(given: Mapping[str, Any], why: str) -> None:
    """Refuse options that are without effect.

    :param given: options and their values.
    :raises UsageProblem: one was given.
    """
    for name, value in given.items():
        if value:
            raise UsageProblem(f"{name}: this is for {why}.")


def _wrote_json(blocks: Iterable[Sequence[str]], read: Callable[[Sequence[str]], Answers], misses: Misses) -> bool:
    """Write what texts are as lines of JSON, a block at once, and return whether each of them resolves."""
    written = JsonLines(misses)
    for block in blocks:
        write("\n".join(written.lines(read(block))))
    return written.is_good


def _tokens_at(session: api.Session, place: str) -> set[str]:
    """Return the tokens of the place of ``--as``.

    :raises UsageProblem: there is no such place.
    """
    try:
        context = session.need_context(place)
    except api.ContextNotFoundError as error:
        raise UsageProblem(f"--as: {error}") from error
    try:
        return {token for view in context.view.variants for token in view.template.all_tokens}
    except api.WaysError:
        # What is wrong with its mapping is told where it is written.
        return set()


def _divided(words: tuple[str, ...], tokens: Collection[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the texts, and the values among the words; a path may hold ``=`` after a separator.

    :param tokens: those of the place. Before the first text only their values are values: another text may hold ``=``, too.
    """
    pairs = [word for word in words if "=" in word and not {"/", "\\"}.intersection(word.partition("=")[0])]
    texts = [word for word in words if word not in pairs]
    first = words[0]
    if first in pairs:
        name = first.partition("=")[0]
        if not texts or not (name in tokens or api.did_you_mean(name, tokens)):
            pairs, texts = [word for word in pairs if word != first], [first, *texts]
    return tuple(texts), values_of(pairs)


def _write_resolution(record: dict[str, Any], form: str, prefix: str, notes: Iterable[tuple[str, str]]) -> None:
    if form == "json":
        write(as_json(record))
    elif "to" in record and record["status"] == "resolved":
        write_exactly(record["to"])
    elif form == "text" and "as" in record:
        write_exactly(record["as"]["text"])
    elif form == "text" and record["status"] == "resolved":
        write_spans(draw.resolution(record), write_exactly, sys.stdout)
    elif record["status"] != "resolved":
        write_spans(draw.resolution(record, notes), complain, sys.stderr)
    else:
        lines, skipped = shell_lines(record.get("as", record)["values"], prefix)
        for name in skipped:
            complain(f"ways: {name} is no name for a shell variable: skipped")
        # On a terminal they are to be looked at.
        write("\n".join(map(visible, lines) if sys.stdout.isatty() else lines))


def answers(session: api.Session, texts: Iterable[str], options: SharedOptions, place: Any, *, lenient: bool = False) -> Answers:
    """Return what each text is, or why it is nothing.

    :param place: the Context that they belong to; ``...`` if that is to be found.
    """
    return session.read_many(texts, place, api.TIERS if lenient else api.STRICT_TIERS, options.assignment)


def _place(session: api.Session, context: str, options: SharedOptions) -> Any:
    """Return the Context that was named, or ``...`` if none was.

    :raises UsageProblem: there is no such Context.
    """
    try:
        return session.need_context(context, options.assignment) if context else ...
    except api.ContextNotFoundError as error:
        raise UsageProblem(str(error)) from error


def moved(session: api.Session, record: dict[str, Any], hierarchy: str, changes: Mapping[str, str]) -> dict[str, Any]:
    """Return the record of a resolved text with ``as``, what another place is with the same values; or why it is nothing.

    :param changes: values that stand for those of the text.
    :raises ContextNotFoundError: there is no such place in the layer of the text.
    """
    context = session.need_context(record["hierarchy"], record["assignment"])
    place = session.need_context(hierarchy, record["assignment"])
    try:
        values = api.values_at(context, record["values"], place, changes)
        text = session.format(place, values)
    except api.WaysError as error:
        return filled(record["text"], "unresolved", error=str(error))
    return {**record, "as": {"hierarchy": api.join_hierarchy(place.hierarchy), "values": values, "text": text}}


def translated(session: api.Session, record: dict[str, Any], platform: str, options: SharedOptions) -> dict[str, Any]:
    """Return the record of a resolved text with ``to``, what the text is on another platform; or why it isn't.

    :raises UsageProblem: the platform isn't known.
    """
    there = record.get("as", record)
    context = session.need_context(there["hierarchy"], record["assignment"])
    try:
        with warnings_told():
            return {**record, "to": api.translated(context, there["values"], platform)}
    except api.PlatformError as error:
        raise UsageProblem(f"--to: {error}") from error
    except api.WaysError as error:
        return filled(record["text"], "unresolved", error=str(error))


def translations(
    session: api.Session, texts: Iterable[str], place: Any, platform: str, source: str
) -> Iterator[dict[str, Any]]:
    """Yield the records of texts, perhaps of another platform, with ``to`` and with the platform that each was of as ``from``.

    :param place: the Context that they belong to; ``...`` if that is to be found.
    :raises UsageProblem: a platform isn't known.
    """
    for text in texts:
        try:
            found = session.translation(text, platform, place, from_platform=source or None)
        except api.PlatformError as error:
            raise UsageProblem(f"{'--from' if error.platform == source else '--to'}: {error}") from error
        except api.WaysError as error:
            yield record_of(text, error)
        else:
            yield {**record_of(text, found.candidate), "to": found.text, "from": found.from_platform}


def shell_lines(values: Mapping[str, str], prefix: str) -> tuple[list[str], list[str]]:
    """Return ``export`` lines for a shell's ``eval``, and the tokens that are no names for a variable of one's own."""
    from ways.cli.variables import is_taken

    lines, skipped = [], []
    for name, value in values.items():
        variable = prefix + name
        if variable.isidentifier() and variable.isascii() and not is_taken(variable, prefix) and "\0" not in value:
            # Between single quotes a shell takes everything as it stands, but for a single quote; fish takes two
            # backslashes for one there, and so does every shell between double quotes.
            quoted = value.replace("'", "'\"'\"'").replace("\\", "'\"\\\\\"'")
            lines.append(f"export {variable}='{quoted}'")
        else:
            skipped.append(name)
    return lines, skipped
