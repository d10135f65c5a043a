"""The NamedTuple of ``ways.lightweight`` is that of typing, without a look at annotations."""

from __future__ import annotations

import pickle
import typing

import pytest

from ways import lightweight as lean


class Ours(lean.NamedTuple):  # type: ignore[misc]
    """A record."""

    left: int
    right: list[str] = []

    @property
    def both(self) -> tuple[int, list[str]]:
        return self.left, self.right

    @classmethod
    def of(cls, left: int) -> Ours:
        return cls(left)


class Theirs(typing.NamedTuple):
    """A record."""

    left: int
    right: list[str] = []


def test_it_is_made_as_typing_makes_it() -> None:
    for name in ("_fields", "_field_defaults", "__doc__", "__module__", "__slots__"):
        assert getattr(Ours, name) == getattr(Theirs, name), name
    assert Ours.__mro__[1:] == Theirs.__mro__[1:]
    assert list(Ours.__annotations__) == ["left", "right"]


def test_it_answers_as_typing_s() -> None:
    assert repr(Ours(1)) == repr(Theirs(1)).replace("Theirs", "Ours")
    assert Ours(1, ["x"]) == (1, ["x"]) == Ours.of(1)._replace(right=["x"])
    assert Ours(1).both == (1, [])
    assert pickle.loads(pickle.dumps(Ours(2))) == Ours(2)


def test_a_class_of_one_can_have_attributes() -> None:
    class More(Ours):
        extra = 1

    more = More(1)
    more.note = "x"
    assert (more.left, more.extra, more.note, type(more)) == (1, 1, "x", More)


def test_wrong_values_are_refused_as_typing_does() -> None:
    for record in (Ours, Theirs):
        with pytest.raises(TypeError, match="[Ee]xpected 2 arguments, got 1"):
            record._make([1])
        with pytest.raises(ValueError, match="Got unexpected field names: \\['middle'\\]"):
            record(1)._replace(middle=2)


def test_a_field_without_a_default_stands_before_those_with_one() -> None:
    with pytest.raises(TypeError, match="Wrong: a field without a default stands behind one that has one"):

        class Wrong(lean.NamedTuple):  # type: ignore[misc]
            left: int = 1
            right: int


def test_a_cached_property_of_the_class_is_the_property() -> None:
    class Thing:
        @lean.cached_property
        def made(self) -> object:
            """What is made."""
            return object()

    assert Thing.made.__doc__ == "What is made." and Thing().made is not Thing().made
    thing = Thing()
    assert thing.made is thing.made
