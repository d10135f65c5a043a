"""The tokens of a mapping: who wrote each, and what says which texts it may hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ways.contexts.view import ResolvedContext
from ways.errors import WaysError
from ways.explain.reasons import Reads
from ways.explain.record import Claim, TokenRule, TokenExplanation, PluginReference
from ways.pattern.scan import Piece, escaped, scan
from ways.pattern.template import REFERENCE
from ways.pattern.token import TokenSpec
from ways.plugins.plugin import DataPlugin
from ways.plugins.resolve import MappingPart
from ways.sheets.document import Source


class Tokens:
    """Tells the tokens of one ResolvedContext.

    :param details: the plugin whose entry counts, for each token that has one.
    """

    def __init__(self, view: ResolvedContext, details: Mapping[str, Claim]) -> None:
        self.view = view
        self.details = details
        self.template = view.template

    def told(self) -> Iterator[TokenExplanation]:
        """Yield each token of the mapping, then those that it is written by, and so on."""
        if isinstance(self.view.mapping_parts, WaysError):
            return
        template = self.template
        seen: set[str] = set()
        for piece in self._tokens_of(template.mapping, template.syntax):
            writer = _writer_at(self.view.mapping_parts, template.syntax, piece.start)
            yield from self._told(piece, "", writer, ("mapping",), seen)

    def _told(
        self, piece: Piece, parent: str, plugin: DataPlugin | None, keys: tuple[str, ...], seen: set[str]
    ) -> Iterator[TokenExplanation]:
        """Yield a token, and what stands below it the first time that it comes."""
        name = piece.text
        referred = name[len(REFERENCE) :] if name.startswith(REFERENCE) and name not in self.template.specs else ""
        spec = self.template.spec(referred or name)
        writer = None if plugin is None else PluginReference.of(plugin, *keys)
        yield TokenExplanation(
            name=name,
            parent=parent,
            start=piece.start,
            end=piece.start + len(str(piece)) if piece.is_token else piece.start,
            writer=writer,
            rules=tuple(self._rules(spec, piece, writer)),
            is_required=spec.name in self.template.specs and spec.required and spec.name in self.template.always_tokens,
            default=None if spec.default is None else spec.text(spec.default),
        )
        if spec.splits and spec.name not in seen:
            seen.add(spec.name)
            own = self.details.get(spec.name)
            below = ("mapping_details", spec.name, "mapping")
            for child in self._tokens_of(spec.mapping, spec.syntax):
                yield from self._told(child, name, own.record if own else None, below, seen)

    def _tokens_of(self, mapping: str, syntax: int) -> list[Piece]:
        return [piece for piece in scan(mapping, syntax, self.template.specs) if piece.is_token]

    def _rules(self, spec: TokenSpec, piece: Piece, writer: PluginReference | None) -> Iterator[TokenRule]:
        claim = self.details.get(spec.name)
        if spec.mapping and spec.splits:
            yield _rule(Reads.MAPPING, spec.mapping, claim, spec.name, "mapping")
        if spec.own_expression is not None:
            yield _rule(Reads.EXPRESSION, spec.own_expression, claim, spec.name, "parse", "regex")
        if spec.choices:
            yield _rule(Reads.CHOICES, ", ".join(text for _, text in spec.choices), claim, spec.name, "choices")
        if spec.is_sequence:
            yield _rule(Reads.SEQUENCE, spec.format, claim, spec.name, "sequence")
        elif spec.format and piece.format:
            yield TokenRule(kind=Reads.FORMAT, text=spec.format, source=writer.source if writer else None)
        elif spec.format:
            yield _rule(Reads.FORMAT, spec.format, claim, spec.name, "format")
        if not (spec.splits or spec.is_constrained):
            text = f"anything but {' and '.join(self.template.separators)}" if self.template.separators else "anything"
            yield TokenRule(kind=Reads.ANYTHING, text=text, source=None)


def _rule(kind: Reads, text: str, claim: Claim | None, *keys: str) -> TokenRule:
    source: Source | None = None if claim is None else claim.record.source_of("mapping_details", *keys)
    return TokenRule(kind=kind, text=text, source=source)


def _writer_at(parts: tuple[MappingPart, ...], syntax: int, place: int) -> DataPlugin | None:
    """Return the plugin that wrote the character at *place* of a mapping."""
    end = 0
    for part in parts:
        # A mapping of the first syntax is written anew where it stands in one of the second.
        end += len(part.text if part.plugin.syntax == syntax else escaped(part.text))
        if place < end:
            return part.plugin
    return None
