"""Template: a mapping, parsed, with the details of its tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter

from ways.errors import PatternError, TokenCycleError
from ways.lightweight import cached_property
from ways.pattern.optional_parts import Options
from ways.pattern.scan import Piece, scan
from ways.pattern.token import TokenSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

SEPARATORS = "/\\"
#: Pieces that a mapping may come to, and tokens that may be made of each other, one inside the next.
MAX_PIECES, MAX_CHAIN = 10_000, 200
#: Characters of a mapping that an error shows.
_SHOWN = 80
#: What a token's name begins with that stands for the mapping of another.
REFERENCE = "@"


class Frame(NamedTuple):
    """Something that pieces stand in: a token that is written by others, or a part that may be left out."""

    #: The token's name; ``''`` for an optional part.
    name: str
    #: Tells this place from others of the same name; the number of an optional part.
    number: int


class Leaf(NamedTuple):
    """A piece of a mapping in which every token that splits is replaced by what it splits into."""

    text: str
    is_token: bool
    #: What it stands in, outermost first.
    frames: tuple[Frame, ...] = ()

    @property
    def owners(self) -> Iterator[str]:
        """The tokens that were replaced on the way to this piece, outermost first."""
        return (frame.name for frame in self.frames if frame.name)

    @property
    def options(self) -> tuple[int, ...]:
        """The numbers of the optional parts that it stands in, outermost first."""
        return tuple(frame.number for frame in self.frames if not frame.name)


class Writer:
    """Writes values between the literals of a mapping.

    :param pieces: literals and tokens in order.
    :param options: the optional parts that they stand in; as the pieces say, if absent.
    :param count: how many values :meth:`full_text` takes; any number, if 0.
    """

    __slots__ = ("_pieces", "_options", "_count", "_form", "_get", "_is_one")

    def __init__(self, pieces: Iterable[Piece | Leaf], options: Options | None = None, *, count: int = 0) -> None:
        self._pieces = tuple(pieces)
        if options is None and any(piece.options for piece in self._pieces):
            options = Options((piece.options, piece.text if piece.is_token else None) for piece in self._pieces)
        self._options = options
        # No dict has -1 values: with optional parts, full_text never answers.
        self._count = -1 if options else count
        names = [piece.text for piece in self._pieces if piece.is_token]
        # Without optional parts: one look-up for all values, and one %.
        self._form = "".join("%s" if piece.is_token else piece.text.replace("%", "%%") for piece in self._pieces)
        self._get: Callable[[Mapping[str, Any]], Any] = itemgetter(*names) if names else lambda values: ()
        self._is_one = len(names) == 1

    def text(self, values: Mapping[str, Any], present: frozenset[int] | None = None) -> str:
        """Return the text of these values.

        :param present: the optional parts that are there; those that the values call for, if absent.
        :raises KeyError: a token that is to be written has no value.
        """
        if self._options:
            return "".join(str(values[piece.text]) if piece.is_token else piece.text for piece in self.pieces(values, present))
        given = self._get(values)
        return self._form % ((given,) if self._is_one else given)

    def full_text(self, values: Mapping[str, Any]) -> str | None:
        """Return the same, without optional parts; ``None`` if a value is missing or empty, or there are more than ``count``."""
        if self._count and len(values) != self._count:
            return None
        try:
            given = self._get(values)
        except KeyError:
            return None
        if self._is_one:
            given = (given,)
        return self._form % given if all(given) else None

    def pieces(self, values: Mapping[str, Any], present: frozenset[int] | None = None) -> Sequence[Piece | Leaf]:
        """Return the literals and tokens that are there; the arguments are those of :meth:`text`."""
        if not self._options:
            return self._pieces
        there = self._options.present(values) if present is None else present
        return [piece for piece in self._pieces if there.issuperset(piece.options)]


class Template:
    """A mapping and its tokens' specs. Never changes; ``str(template)`` is the mapping.

    :param syntax: the language the mapping is written in; 2 knows optional parts.
    :raises PatternError: the mapping can't be read, or gives a token two types.
    """

    def __init__(self, mapping: str, specs: Mapping[str, TokenSpec], syntax: int = 1) -> None:
        self.mapping = mapping
        self.syntax = syntax
        #: The specs of the tokens that have details, as the details give them.
        self.specs = specs
        #: The pieces of tokens that are referred to.
        self._referred: dict[str, tuple[Piece, ...]] = {}
        self.pieces: tuple[Piece, ...] = self._inlined(scan(mapping, syntax, specs))
        self._scanned: dict[str, tuple[Piece, ...]] = {}
        self._writers: dict[str, Writer] = {}
        self._parts: dict[str, Template] = {}

    @classmethod
    def of(
        cls,
        mapping: str,
        details: Mapping[str, Mapping[str, Any] | None],
        syntax: int = 1,
        syntaxes: Mapping[str, int] | None = None,
    ) -> Template:
        """Return the Template of a mapping and its ``mapping_details``.

        :param syntaxes: the syntax that a token's details are written in, for each that isn't the first.
        """
        known = syntaxes or {}
        return cls(mapping, {name: TokenSpec.of(name, entry, known.get(name, 1)) for name, entry in details.items()}, syntax)

    def __str__(self) -> str:
        return self.mapping

    def __repr__(self) -> str:
        return f"Template({self.mapping!r})"

    def spec(self, name: str) -> TokenSpec:
        """Return the spec of a token; a token without details has an empty one."""
        return self._formatted.get(name) or self.specs.get(name) or TokenSpec(name)

    @cached_property
    def all_specs(self) -> Mapping[str, TokenSpec]:
        """The specs of the tokens that have details, or a format in a mapping."""
        return {**self.specs, **self._formatted} if self._formatted else self.specs

    @cached_property
    def _formatted(self) -> dict[str, TokenSpec]:
        """The specs of the tokens that a mapping gives a format."""
        inner = [piece for name, spec in self.specs.items() if ":" in spec.mapping for piece in self.pieces_of(name)]
        specs: dict[str, TokenSpec] = {}
        for piece in (*self.pieces, *inner):
            if piece.format:
                spec = specs.get(piece.text) or self.specs.get(piece.text) or TokenSpec(piece.text)
                specs[piece.text] = spec.with_format(piece.format)
        return specs

    def pieces_of(self, token: str) -> tuple[Piece, ...]:
        """Return the pieces of a token's own mapping; ``()`` for none."""
        pieces = self._scanned.get(token)
        if pieces is None:
            spec = self.specs.get(token)
            scanned = scan(spec.mapping, spec.syntax, self.specs) if spec else ()
            pieces = self._scanned[token] = self._inlined(scanned, (token,))
        return pieces

    def _inlined(self, pieces: tuple[Piece, ...], chain: tuple[str, ...] = ()) -> tuple[Piece, ...]:
        """Return *pieces* with the mapping of A for each ``{@A}``, where A is a token that has one.

        :raises TokenCycleError: tokens refer to each other in a circle.
        """
        inlined: list[Piece] = []
        for piece in pieces:
            name = piece.text[len(REFERENCE) :] if piece.is_token and piece.text.startswith(REFERENCE) else ""
            spec = self.specs.get(name)
            if spec is None or not spec.mapping or piece.text in self.specs:
                inlined.append(piece)
                continue
            if name in chain:
                raise TokenCycleError([*chain[chain.index(name) :], name])
            _check_size(self.mapping, len(inlined), chain)
            inner = self._referred.get(name)
            if inner is None:
                inner = self._referred[name] = self._inlined(scan(spec.mapping, spec.syntax, self.specs), (*chain, name))
            # A part is known by its place; parts from another mapping get places that nothing else has.
            offset = 1 + max((place for other in (*pieces, *inlined) for place in (other.start, *other.options)), default=0)
            moved = (tuple(place + offset for place in other.options) for other in inner)
            inlined += [
                other._replace(start=offset + other.start, options=piece.options + options)
                for other, options in zip(inner, moved)
            ]
        return tuple(inlined)

    def writer_of(self, token: str) -> Writer:
        """Return what writes a token's own mapping from the values of its children."""
        writer = self._writers.get(token)
        if writer is None:
            writer = self._writers[token] = Writer(self.pieces_of(token))
        return writer

    def children(self, token: str) -> list[str]:
        """Return the names of the tokens in a token's own mapping, in order; a repeated token stands there again."""
        return [piece.text for piece in self.pieces_of(token) if piece.is_token]

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The names of the mapping's own tokens, in order; a repeated token stands there again."""
        return tuple(piece.text for piece in self.pieces if piece.is_token)

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """The pieces after every token that splits was replaced, however deep.

        :raises TokenCycleError: tokens hold each other in a circle.
        """
        return tuple(_Unfolding(self).of(self.pieces))

    @cached_property
    def leaf_tokens(self) -> tuple[str, ...]:
        """The names of the tokens that a text is split into, each once, in order."""
        return tuple(dict.fromkeys(leaf.text for leaf in self.leaves if leaf.is_token))

    @cached_property
    def options(self) -> Options:
        """The parts that may be left out, those of the tokens' own mappings too."""
        return Options((leaf.options, leaf.text if leaf.is_token else None) for leaf in self.leaves if leaf.frames)

    @cached_property
    def fixed_tokens(self) -> frozenset[str]:
        """The leaf tokens that stand outside of every optional part."""
        return frozenset(leaf.text for leaf in self.leaves if leaf.is_token and not leaf.options)

    @cached_property
    def always_tokens(self) -> frozenset[str]:
        """The tokens, parents too, that stand outside of every optional part."""
        outside = [leaf for leaf in self.leaves if not leaf.options]
        return frozenset((*self.fixed_tokens, *(name for leaf in outside for name in leaf.owners)))

    def parents_in(self, present: frozenset[int]) -> list[str]:
        """Return the tokens that others write, each once, where these optional parts are there."""
        names: dict[str, None] = {}
        for leaf in self.leaves:
            for frame in leaf.frames:
                if frame.name:
                    names[frame.name] = None
                elif frame.number not in present:
                    break
        return [*names]

    @cached_property
    def is_plain(self) -> bool:
        """Whether every value is its text, stands in the mapping, and is given: no types, choices, parts or defaults."""
        specs = self.all_specs.values()
        return not self.options and all(spec.is_plain and spec.default is None for spec in specs)

    @cached_property
    def leaf_mapping(self) -> str:
        """The mapping as text after every token that splits was replaced."""
        return "".join(f"{{{leaf.text}}}" if leaf.is_token else leaf.text for leaf in self.leaves)

    @cached_property
    def rewritten_tokens(self) -> frozenset[str]:
        """The leaf tokens whose values have another separator than the text: those of segments, in a path of Windows."""
        return frozenset(name for name, spec in self.all_specs.items() if spec.separator not in ("", "/"))

    def as_written(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return values as they stand in a text."""
        if self.rewritten_tokens.isdisjoint(values):
            return values
        return {name: self.spec(name).written(str(value)) for name, value in values.items()}

    def as_read(self, texts: Mapping[str, str]) -> Mapping[str, str]:
        """Return what stands in a text as values."""
        if self.rewritten_tokens.isdisjoint(texts):
            return texts
        return {name: self.spec(name).read_back(text) for name, text in texts.items()}

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
            names.update(dict.fromkeys(leaf.owners))
            if leaf.is_token:
                names[leaf.text] = None
        return tuple(names)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What decides which texts fit: templates with equal keys match the same texts."""
        specs = (self.spec(name) for name in self.all_tokens)
        facts = (
            (spec.name, spec.mapping, spec.syntax, spec.own_expression, spec.format, spec.is_sequence, spec.separator, spec.choices)
            for spec in specs
        )
        # The values of choices may be of any type, also of one that can't be hashed; their texts decide.
        return (self.mapping, self.syntax, *((*rest, tuple(text for _, text in choices)) for *rest, choices in facts))

    def literals_in(self, text: str) -> int:
        """Return how many leaves, from the first on, *text* may fit. Only the literal ones are looked for, in order."""
        return literals_in(self.leaves, text)

    def part(self, token: str) -> Template:
        """Return the Template of a token's own mapping."""
        part = self._parts.get(token)
        if part is None:
            spec = self.spec(token)
            part = self._parts[token] = Template(spec.mapping, self.all_specs, spec.syntax)
        return part

    def parents(self, token: str) -> Iterator[str]:
        """Yield the tokens whose own mapping holds *token*, in the order of the details."""
        return (name for name, spec in self.specs.items() if spec.splits and token in self.children(name))

    @cached_property
    def writer(self) -> Writer:
        """Writes the mapping with values of the leaf tokens."""
        return Writer(self.leaves, self.options, count=len(self.leaf_tokens))


def _check_size(mapping: str, count: int, chain: Sequence[str]) -> None:
    """Refuse a mapping that a few tokens, each written by several others, make larger than any text."""
    shown = mapping if len(mapping) <= _SHOWN else f"{mapping[:_SHOWN]}..."
    if count > MAX_PIECES:
        raise PatternError(f"The mapping {shown!r} comes to more than {MAX_PIECES} pieces.")
    if len(chain) > MAX_CHAIN:
        raise PatternError(f"In the mapping {shown!r} more than {MAX_CHAIN} tokens are made of each other, one inside the next.")


def literals_in(leaves: Sequence[Leaf], text: str) -> int:
    """Return how many leaves of a mapping, from the first on, *text* may fit. See :meth:`Template.literals_in`."""
    end = 0
    for number, leaf in enumerate(leaves):
        if not leaf.is_token and not (leaf.frames and leaf.options):
            place = text.find(leaf.text, end) if number else 0 if text.startswith(leaf.text) else -1
            if place < 0:
                return number
            end = place + len(leaf.text)
    return len(leaves)


class _Unfolding:
    """Replaces each token that splits by what it splits into."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._count = 0
        self._leaves = 0

    def of(
        self, pieces: tuple[Piece, ...], frames: tuple[Frame, ...] = (), chain: tuple[str, ...] = ()
    ) -> Iterator[Leaf]:
        numbers: dict[int, int] = {}
        for piece in pieces:
            inside = (*frames, *(Frame("", self._number(place, numbers)) for place in piece.options))
            spec = self._template.specs.get(piece.text) if piece.is_token else None
            if spec is None or not spec.splits:
                self._leaves += 1
                _check_size(self._template.mapping, self._leaves, chain)
                yield Leaf(piece.text, piece.is_token, inside)
                continue
            if spec.name in chain:
                raise TokenCycleError([*chain[chain.index(spec.name) :], spec.name])
            _check_size(self._template.mapping, self._count, chain)
            self._count += 1
            owner = Frame(spec.name, self._count)
            yield from self.of(self._template.pieces_of(spec.name), (*inside, owner), (*chain, spec.name))

    def _number(self, place: int, numbers: dict[int, int]) -> int:
        if place not in numbers:
            self._count += 1
            numbers[place] = self._count
        return numbers[place]
