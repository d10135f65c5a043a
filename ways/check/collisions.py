"""Contexts that can't be told apart, as findings: one for each pair of lines that such Contexts come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ways.check.findings import Finding, FindingLevel, Related
from ways.check.overlap import Overlap, Overlaps, OverlapSide, OverlapVerdict, find_overlaps
from ways.check.scope import CheckScope, source_of_mapping
from ways.sheets.document import Source


def check_overlaps(scope: CheckScope) -> Iterator[Finding]:
    """Yield each pair of Contexts whose mappings fit the same text, or may do so."""
    overlaps = find_overlaps(scope.pool, scope.states)
    by_lines: dict[tuple[OverlapVerdict, Source, Source], list[Overlap]] = {}
    for overlap in overlaps.found:
        if overlap.is_aside and overlap.first.hierarchy == overlap.second.hierarchy:
            # Two layers of one place may fit the same text: the priority decides which of them counts.
            continue
        lines = sorted((_source(overlap.first), _source(overlap.second)), key=_line)
        by_lines.setdefault((overlap.verdict, lines[0], lines[1]), []).append(overlap)
    for same_lines in by_lines.values():
        yield _finding(same_lines, scope)
    if overlaps.is_cut:
        yield _cut(overlaps, scope)


def _finding(overlaps: Sequence[Overlap], scope: CheckScope) -> Finding:
    """Return the finding for pairs that come from the same two lines. It shows one of them."""
    overlap = min(overlaps, key=lambda one: (one.is_aside, len(one.text)))
    first, second = sorted((overlap.first, overlap.second), key=lambda side: _line(_source(side)))
    message = _MESSAGES[overlap.verdict](overlap, first, second) + _where(overlap, scope)
    if len(overlaps) > 1:
        message += f" (and {len(overlaps) - 1} more of such pairs come from these lines)"
    related = (Related(_source(first), f"the mapping of {first.hierarchy!r}: {first.mapping}"),)
    code, level, help = _SAID[overlap.verdict]
    level = "warning" if level == "error" and overlap.is_aside else level
    return Finding(code, level, _source(second), message, help, related, overlap.text)


def _source(side: OverlapSide) -> Source:
    return source_of_mapping(side.view)


def _line(source: Source) -> tuple[str, int, int]:
    return source.path, source.line, source.column


def _where(overlap: Overlap, scope: CheckScope) -> str:
    """Return on which platforms and layers an overlap exists; ``""`` for all of them."""
    if len(overlap.states) == len(scope.states):
        return ""
    platforms = list(dict.fromkeys(state.settings.platform for state in overlap.states))
    layers = list(dict.fromkeys(":".join(state.settings.priority) for state in overlap.states))
    parts = [f"on {', '.join(platforms)}"] if len(scope.platforms) > len(platforms) else []
    parts += [f"with the layers {' or '.join(layers)}"] if len(scope.priorities) > len(layers) else []
    return f" ({', '.join(parts)})" if parts else ""


def _ambiguous(overlap: Overlap, first: OverlapSide, second: OverlapSide) -> str:
    return f"{second.hierarchy!r} and {first.hierarchy!r} both fit {overlap.text!r}, and nothing decides which it is of"


def _ranked(overlap: Overlap, first: OverlapSide, second: OverlapSide) -> str:
    winner = f"it is found to be of {overlap.winner.hierarchy!r}" if overlap.winner else "it is found to be of neither"
    return f"{second.hierarchy!r} and {first.hierarchy!r} both fit {overlap.text!r}: {winner}{overlap.why and '; '}{overlap.why}"


def _undecided(overlap: Overlap, first: OverlapSide, second: OverlapSide) -> str:
    return f"whether any text fits both {second.hierarchy!r} and {first.hierarchy!r} can't be told: {overlap.why}"


_MESSAGES: Mapping[OverlapVerdict, Callable[[Overlap, OverlapSide, OverlapSide], str]] = {
    OverlapVerdict.AMBIGUOUS: _ambiguous,
    OverlapVerdict.RANKED: _ranked,
    OverlapVerdict.UNDECIDED: _undecided,
}
_SAID: Mapping[OverlapVerdict, tuple[str, FindingLevel, str]] = {
    OverlapVerdict.AMBIGUOUS: (
        "overlap", "error", "Give one of them more literal text, or tokens with expressions that the other's texts don't fit."
    ),
    OverlapVerdict.RANKED: ("outranked-overlap", "note", "See whether that is the one you mean."),
    OverlapVerdict.UNDECIDED: ("undecided-overlap", "note", "Write expressions that don't look around, or remember."),
}  # fmt: skip


def _cut(overlaps: Overlaps, scope: CheckScope) -> Finding:
    source = next((sheet.source for sheet in scope.sheets), Source(""))
    message = f"of {overlaps.pair_count} pairs of Contexts too many may fit the same text to look at each; the rest is not told"
    return Finding("undecided-overlap", "note", source, message, "Mend the pairs that are told first.")
