"""TokenSpec: what one token may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ways.pattern.scan import token_names


class TokenSpec(NamedTuple):
    """The details of one token: its own mapping, one expression for each engine, and what it needs."""

    name: str
    #: The text that splits this token into child tokens; ``''`` where it has none.
    mapping: str = ""
    #: Engine name to expression, as the sheet gives it.
    parse: Mapping[str, object] = {}
    required: bool = True
    #: Names of the functions that a value goes through when it is asked for, in order.
    before_return: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, details: Mapping[str, object] | None) -> TokenSpec:
        """Return the spec that one entry of ``mapping_details`` describes."""
        if not details:
            return cls(name)
        parse = details.get("parse")
        functions = details.get("before_return") or ()
        return cls(
            name=name,
            mapping=str(details.get("mapping") or ""),
            parse=parse if isinstance(parse, Mapping) else {},
            required=bool(details.get("required", True)),
            before_return=(functions,) if isinstance(functions, str) else tuple(functions),  # type: ignore[arg-type]
        )

    @property
    def children(self) -> list[str]:
        """The names of the tokens in this token's mapping."""
        return token_names(self.mapping)

    @property
    def splits(self) -> bool:
        """Whether this token is written by others; one whose mapping is just itself is not."""
        return bool(self.mapping) and self.mapping != f"{{{self.name}}}"

    def expression(self, engine: str) -> str | None:
        """Return what *engine* reads for this token, or ``None``.

        A dict in a sheet holds the expression under the token's own name.
        """
        found = self.parse.get(engine)
        if isinstance(found, Mapping):
            found = found.get(self.name)
        return None if found is None else str(found)
