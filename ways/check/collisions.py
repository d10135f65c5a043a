"""Contexts that can't be told apart, as findings: one for each two lines that meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ways.check.findings import Finding, FindingLevel, Related
from ways.check.overlap import Overlap, Overlaps, Side, Verdict, find_overlaps
from ways.check.world import World, source_of_mapping
from ways.sheets.document import Source


def check_overlaps(world: World) -> Iterator[Finding]:
    """Yield each two Contexts of which the mappings fit the same text, or may do so."""
    overlaps = find_overlaps(world.pool, world.states)
    by_lines: dict[tuple[Verdict, Source, Source], list[Overlap]] = {}
    for overlap in overlaps.found:
        if overlap.is_aside and overlap.first.hierarchy == overlap.second.hierarchy:
            # Layers of one place stand for each other: which of them counts is for the priority to say.
            continue
        lines = sorted((_source(overlap.first), _source(overlap.second)), key=_line)
        by_lines.setdefault((overlap.verdict, lines[0], lines[1]), []).append(overlap)
    for some in by_lines.values():
        yield _finding(some, world)
    if overlaps.is_cut:
        yield _cut(overlaps, world)


def _finding(some: Sequence[Overlap], world: World) -> Finding:
    """Return what is to be said of the pairs that come from the same two lines: the first stands for all."""
    overlap = min(some, key=lambda one: (one.is_aside, len(one.text)))
    first, second = sorted((overlap.first, overlap.second), key=lambda side: _line(_source(side)))
    message = _MESSAGES[overlap.verdict](overlap, first, second) + _where(overlap, world)
    if len(some) > 1:
        message += f" (and {len(some) - 1} more of such pairs come from these lines)"
    related = (Related(_source(first), f"the mapping of {first.hierarchy!r}: {first.mapping}"),)
    code, level, help = _SAID[overlap.verdict]
    level = "warning" if level == "error" and overlap.is_aside else level
    return Finding(code, level, _source(second), message, help, related, overlap.text)


def _source(side: Side) -> Source:
    return source_of_mapping(side.view)


def _line(source: Source) -> tuple[str, int, int]:
    return source.path, source.line, source.column


def _where(overlap: Overlap, world: World) -> str:
    """Return where this is so, if it isn't so everywhere."""
    if len(overlap.states) == len(world.states):
        return ""
    platforms = list(dict.fromkeys(state.settings.platform for state in overlap.states))
    layers = list(dict.fromkeys(":".join(state.settings.priority) for state in overlap.states))
    told = [f"on {', '.join(platforms)}"] if len(world.platforms) > len(platforms) else []
    told += [f"with the layers {' or '.join(layers)}"] if len(world.priorities) > len(layers) else []
    return f" ({', '.join(told)})" if told else ""


def _ambiguous(overlap: Overlap, first: Side, second: Side) -> str:
    return f"{second.hierarchy!r} and {first.hierarchy!r} both fit {overlap.text!r}, and nothing decides which it is of"


def _ranked(overlap: Overlap, first: Side, second: Side) -> str:
    winner = f"it is found to be of {overlap.winner.hierarchy!r}" if overlap.winner else "it is found to be of neither"
    return f"{second.hierarchy!r} and {first.hierarchy!r} both fit {overlap.text!r}: {winner}{overlap.why and '; '}{overlap.why}"


def _undecided(overlap: Overlap, first: Side, second: Side) -> str:
    return f"whether any text fits both {second.hierarchy!r} and {first.hierarchy!r} can't be told: {overlap.why}"


_MESSAGES: Mapping[Verdict, Callable[[Overlap, Side, Side], str]] = {
    Verdict.AMBIGUOUS: _ambiguous,
    Verdict.RANKED: _ranked,
    Verdict.UNDECIDED: _undecided,
}
_SAID: Mapping[Verdict, tuple[str, FindingLevel, str]] = {
    Verdict.AMBIGUOUS: (
        "overlap", "error", "Give one of them more literal text, or tokens with expressions that the other's texts don't fit."
    ),
    Verdict.RANKED: ("outranked-overlap", "note", "See whether that is the one you mean."),
    Verdict.UNDECIDED: ("undecided-overlap", "note", "Write expressions that don't look around, or remember."),
}  # fmt: skip


def _cut(overlaps: Overlaps, world: World) -> Finding:
    source = next((sheet.source for sheet in world.sheets), Source(""))
    message = f"of {overlaps.pair_count} pairs of Contexts too many may fit the same text to look at each; the rest is not told"
    return Finding("undecided-overlap", "note", source, message, "Mend the pairs that are told first.")
