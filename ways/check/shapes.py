"""What mappings have in common: a check that finds nothing in a skeleton finds nothing in all mappings that have it.

See :mod:`ways.pattern.skeletons`. A studio of ten thousand places has some dozens of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ways.contexts.view import ResolvedContext
from ways.errors import WaysError
from ways.pattern.segments import MatchShape
from ways.pattern.skeletons import Skeleton, Skeletons
from ways.pattern.template import Template


class ViewShapes:
    """The mappings of views, with their skeletons; each is looked at once."""

    def __init__(self) -> None:
        self._skeletons = Skeletons()
        self._shapes: dict[ResolvedContext, MatchShape | None] = {}
        self._readable: dict[Skeleton, bool] = {}
        self._likenesses: dict[Skeleton, object] = {}

    def of(self, view: ResolvedContext) -> MatchShape | None:
        """Return the segments of the mapping of a view; ``None`` where it has none, or one that can't be read."""
        if view not in self._shapes:
            self._shapes[view] = self._made(view)
        return self._shapes[view]

    def _made(self, view: ResolvedContext) -> MatchShape | None:
        try:
            details, syntaxes = view.token_details
            mapping = view.get_mapping()
            return self._skeletons.shape(mapping, details, view.syntax, syntaxes, lambda: view.template) if mapping else None
        except (WaysError, ValueError):
            return None

    def skeleton(self, view: ResolvedContext) -> Skeleton | None:
        """Return what the mapping of a view has in common with others; ``None`` if it has to be looked at by itself."""
        shape = self.of(view)
        skeleton: Skeleton | None = None if shape is None else shape.skeleton
        return skeleton

    def likeness(self, view: ResolvedContext) -> object:
        """Return what is equal for mappings that the same texts fit, with the same rank: only the names of their tokens differ.

        The mapping can be read. ``None`` where it is like no other: values select its variant.
        """
        if view.conditions:
            return None
        skeleton, shape = self.skeleton(view), self.of(view)
        if skeleton is None or shape is None:
            return _likeness(view.template), view.resolved.path
        if skeleton not in self._likenesses:
            self._likenesses[skeleton] = _likeness(skeleton.template)
        return self._likenesses[skeleton], tuple(shape.forms[0][slot].start for slot in skeleton.slots), view.resolved.path

    def is_readable(self, view: ResolvedContext) -> bool:
        """Whether :func:`template_of` gives the mapping of a view."""
        skeleton = self.skeleton(view)
        if skeleton is None:
            return template_of(view) is not None
        if skeleton not in self._readable:
            self._readable[skeleton] = _is_readable(skeleton.template)
        return self._readable[skeleton]

    def separators(self, view: ResolvedContext) -> str:
        """Return those of the mapping of a view that can be read."""
        skeleton = self.skeleton(view)
        return (view.template if skeleton is None else skeleton.template).separators

    def with_fault(
        self, views: Iterable[ResolvedContext], may_have: Callable[[Template], bool]
    ) -> Iterator[tuple[ResolvedContext, Template]]:
        """Yield each different mapping that may have a fault, with the first view that has it.

        :param may_have: whether a mapping may have it; the text between two separators that has no token doesn't count.
        """
        answers: dict[Skeleton, bool] = {}
        seen: set[object] = set()
        for view in views:
            skeleton = self.skeleton(view)
            if skeleton is not None:
                if skeleton not in answers:
                    answers[skeleton] = not self.is_readable(view) or may_have(skeleton.template)
                if not answers[skeleton]:
                    continue
            template = template_of(view)
            if template is None or template.key in seen:
                continue
            seen.add(template.key)
            if skeleton is not None or may_have(template):
                yield view, template


def _likeness(template: Template) -> object:
    """Return the pieces of a mapping, with a number for each token and what is said of it in place of its name."""
    numbers: dict[str, int] = {}
    names = [name for leaf in template.leaves for name in (*leaf.owners, *((leaf.text,) if leaf.is_token else ()))]
    for name in names:
        numbers.setdefault(name, len(numbers))
    leaves = tuple(
        (numbers[leaf.text] if leaf.is_token else leaf.text, *((numbers.get(frame.name), frame.number) for frame in leaf.frames))
        for leaf in template.leaves
    )
    # What is said of a token, its own name in it too: the expression of an engine may be given under that.
    return leaves, tuple(repr(template.spec(name)._replace(name="", mapping="")) for name in numbers), template.separators


def template_of(view: ResolvedContext) -> Template | None:
    """Return the mapping of a view, or ``None`` if it has none, or one that can't be read."""
    try:
        return read_template(view) if isinstance(view.mapping, str) else None
    except (WaysError, ValueError):
        return None


def read_template(view: ResolvedContext) -> Template:
    """Return the mapping of a view, of which each token was read too.

    :raises PatternError: it can't be read.
    :raises ValueError: a token contradicts itself.
    """
    return _read(view.template)


def _read(template: Template) -> Template:
    for token in template.all_tokens:
        template.spec(token).reads
    template.key
    return template


def _is_readable(template: Template) -> bool:
    try:
        return bool(_read(template))
    except (WaysError, ValueError):
        return False
