"""Template: a mapping, parsed, with the details of its tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from ways.errors import TokenCycleError
from ways.pattern.scan import Piece, scan
from ways.pattern.token import TokenSpec

SEPARATORS = "/\\"


class Leaf(NamedTuple):
    """A piece of a mapping in which every token that splits is replaced by what it splits into."""

    text: str
    is_token: bool
    #: The tokens that were replaced on the way to this piece, outermost first, each with a number of its own place.
    owners: tuple[tuple[str, int], ...]


class Template:
    """A mapping and its tokens' specs. Never changes; ``str(template)`` is the mapping."""

    def __init__(self, mapping: str, specs: Mapping[str, TokenSpec]) -> None:
        self.mapping = mapping
        self.specs = specs
        self.pieces: tuple[Piece, ...] = scan(mapping)

    @classmethod
    def of(cls, mapping: str, details: Mapping[str, Mapping[str, object] | None]) -> Template:
        """Return the Template of a mapping and its ``mapping_details``."""
        return cls(mapping, {name: TokenSpec.of(name, entry) for name, entry in details.items()})

    def __str__(self) -> str:
        return self.mapping

    def __repr__(self) -> str:
        return f"Template({self.mapping!r})"

    def spec(self, name: str) -> TokenSpec:
        """Return the spec of a token; a token without details has an empty one."""
        return self.specs.get(name) or TokenSpec(name)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The names of the mapping's own tokens, in order, repeats kept."""
        return tuple(piece.text for piece in self.pieces if piece.is_token)

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """The pieces after every token that splits was replaced, however deep.

        :raises TokenCycleError: tokens hold each other in a circle.
        """
        return tuple(self._unfold(self.pieces, ()))

    @cached_property
    def leaf_tokens(self) -> tuple[str, ...]:
        """The names of the tokens that a text is split into, each once, in order."""
        return tuple(dict.fromkeys(leaf.text for leaf in self.leaves if leaf.is_token))

    @cached_property
    def leaf_mapping(self) -> str:
        """The mapping as text after every token that splits was replaced."""
        return "".join(f"{{{leaf.text}}}" if leaf.is_token else leaf.text for leaf in self.leaves)

    @cached_property
    def separators(self) -> str:
        """Those of ``/`` and ``\\`` that stand in the literal text: a token without an expression never crosses them."""
        literal = "".join(leaf.text for leaf in self.leaves if not leaf.is_token)
        return "".join(letter for letter in SEPARATORS if letter in literal)

    @cached_property
    def all_tokens(self) -> tuple[str, ...]:
        """Every token of the mapping, parents and children, each once, parents first."""
        names: dict[str, None] = {}
        for leaf in self.leaves:
            names.update(dict.fromkeys(name for name, _ in leaf.owners))
            if leaf.is_token:
                names[leaf.text] = None
        return tuple(names)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What decides which texts fit: two templates with one key match the same."""
        specs = (self.spec(name) for name in self.all_tokens)
        return (self.mapping, *((spec.name, spec.mapping, spec.expression("regex")) for spec in specs))

    def part(self, token: str) -> Template:
        """Return the Template of a token's own mapping."""
        return Template(self.spec(token).mapping, self.specs)

    def parents(self, token: str) -> Iterator[str]:
        """Yield the tokens whose own mapping holds *token*, in the order of the details."""
        return (name for name, spec in self.specs.items() if spec.splits and token in spec.children)

    def _unfold(self, pieces: tuple[Piece, ...], owners: tuple[tuple[str, int], ...]) -> Iterator[Leaf]:
        for number, piece in enumerate(pieces):
            spec = self.specs.get(piece.text) if piece.is_token else None
            if spec is None or not spec.splits:
                yield Leaf(piece.text, piece.is_token, owners)
                continue
            chain = [name for name, _ in owners]
            if piece.text in chain:
                raise TokenCycleError([*chain[chain.index(piece.text) :], piece.text])
            yield from self._unfold(scan(spec.mapping), (*owners, (piece.text, number)))
