"""AssetClasses: the classes that make the Assets of places: users may register their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ways.assets.asset import Asset, asset_in, asset_of_match, first_asset_of
from ways.contexts.context import Context
from ways.contexts.pool import ContextPool
from ways.contexts.view import ResolvedContext
from ways.errors import MatchTimeoutError
from ways.hierarchy import Hierarchy
from ways.lightweight import Lock
from ways.pattern.pattern import Pattern
from ways.pattern.template import SEPARATORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from ways.lightweight import NamedTuple

Init = Callable[..., "Any"]


class RegisteredClass(NamedTuple):
    """A class of Assets, and what makes one."""

    class_type: type
    init: Init
    serves_children: bool


class AssetClasses:
    """The classes that make Assets, by place. Belongs to one session.

    :param pool: the Contexts of the session.
    """

    def __init__(self, pool: ContextPool) -> None:
        self.pool = pool
        # An Asset makes those of other places by these classes, and its module lies below this one.
        pool.make_asset = self.make
        #: Characters of a text at most.
        self._longest = pool.limits.text
        self._registry = pool.registry
        self._entries: dict[Hierarchy, RegisteredClass] = {}
        self._lock = Lock()
        #: Whether a class was ever registered.
        self.is_used = False

    def register(self, class_type: type, hierarchy: Hierarchy, init: Init | None, children: bool) -> None:
        """Let *class_type* make the Assets of *hierarchy*; with *children*, of every place below as well."""
        with self._lock:
            self.is_used = True
            self._entries = {**self._entries, hierarchy: RegisteredClass(class_type, init or class_type, children)}

    @property
    def entries(self) -> dict[Hierarchy, RegisteredClass]:
        """The classes by place, with what makes an Asset."""
        return self._entries

    def info(self, place: Any) -> tuple[type | None, Init | None]:
        """Return the class of a place and what makes one, or ``(None, None)``: the nearest that serves it."""
        hierarchy = Hierarchy.of(place)
        for end in range(len(hierarchy), -1, -1):
            entry = self._entries.get(Hierarchy(hierarchy[:end]))
            if entry and (end == len(hierarchy) or entry.serves_children):
                return entry.class_type, entry.init
        return None, None

    def serve(self, context: Context) -> bool:
        """Whether the Assets of a Context have their own class."""
        return self.maker(Hierarchy.of(context.hierarchy)) is not Asset

    def maker(self, hierarchy: Hierarchy) -> Init:
        """Return what makes the Assets of a place: the class that serves it, or :class:`Asset`."""
        return self.info(hierarchy)[1] or Asset

    def make(self, values: dict[str, Any], place: Context, view: ResolvedContext, *args: Any, **kwargs: Any) -> Any:
        """Return the Asset of values: of our class by what its place is in *view*, of another class as the class makes it.

        :raises MissingTokensError: a required token has no value.
        """
        make = self.maker(Hierarchy.of(place.hierarchy))
        return asset_in(view, values, place) if make is Asset and not args and not kwargs else make(values, place, *args, **kwargs)

    def asset_of_text(self, text: Any, context: Any) -> Asset | None:
        """Return the Asset of a text that one match of a known Context decides; ``None`` where it takes an exact reading.

        :param context: a Context, or a hierarchy as text.
        """
        if type(text) is not str or len(text) > self._longest:
            return None
        registry = self._registry
        now = registry.now
        if type(context) is str:
            context = self.pool.get(context)
        if type(context) is not Context:
            return None
        view = context.get_view()
        pattern = view.pattern or context.pattern_of(view)
        if self.is_used and self.serve(context):
            return None
        try:
            if pattern is None:
                patterns = view.text_patterns(context.patterns)
                return _asset_of_variants(text, patterns, context) if registry.now is now else None
            match_warm = pattern.match_warm
            match = match_warm(text)
            # What was there a moment ago may be gone, and its pattern be that of the place above.
            if registry.now is not now:
                return None
            if match is None:
                return first_asset_of(text, pattern, context, match_warm) or None
            return asset_of_match(match, pattern, context)
        except MatchTimeoutError:
            # A match takes longer than it may here.
            return None

    def reset(self, hierarchies: Iterable[Any] = ()) -> None:
        """Forget the classes of these places, or every class; one text is one place."""
        given = [hierarchies] if isinstance(hierarchies, str) else hierarchies
        places = {Hierarchy.of(place) for place in given}
        with self._lock:
            classes = {place: entry for place, entry in self._entries.items() if places and place not in places}
            self._entries = classes


def _asset_of_variants(text: str, patterns: Sequence[Pattern], context: Context) -> Asset | None:
    """Return the Asset of a text that one alone of the variants of a place reads; ``None`` where the exact reading has to answer.

    :raises MatchTimeoutError: of one, a match doesn't decide.
    """
    found, pattern_of_found = None, None
    for pattern in patterns:
        match = pattern.match_complete(text)
        if match is not None:
            if found is not None:
                return None
            found, pattern_of_found = match, pattern
    # With a separator at its end a text may fit another variant without it, too.
    if found is None or pattern_of_found is None or text[-1:] in SEPARATORS:
        return None
    return asset_of_match(found, pattern_of_found, context)
