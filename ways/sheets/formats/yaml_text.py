"""YAML text to plain data and positions. Always the safe loader, libyaml's where there is one; tags build nothing."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from functools import partial
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any

import yaml

from ways.limits import DEFAULT_LIMITS, Limits
from ways.sheets.document import Draft, MisreadNumber, Pointer, Position, Problem, Source, limit_problem, has_too_many_digits
from ways.sheets.faults import Fault, lost
from ways.sheets.positions import Positions

if TYPE_CHECKING:
    from ways.sheets.formats.yaml_faults import Stop

SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Loader = SAFE_LOADER
_CORE = "tag:yaml.org,2002:"
_MERGE = f"{_CORE}merge"
_TEXT = f"{_CORE}str"
_NUMBERS = frozenset({f"{_CORE}int", f"{_CORE}float"})
#: Characters of a number; one with parts to the base of 60 takes the square of its length to read.
_LONGEST_NUMBER = 4_300


def read(text: str, source: Source, limits: Limits = DEFAULT_LIMITS) -> Draft:
    """Return the data, the position of every key and every list item, and the duplicate keys."""
    # There is no value without one of these signs before it: the quick way needs not count.
    may_be_much = len(text) > limits.values and sum(map(text.count, ":?-,[{")) >= limits.values
    quick = None if may_be_much else _read_fast(text, limits)
    return quick if quick is not None else _read_all(text, source, limits=limits)


def read_with(text: str, source: Source, loader: Any) -> Draft:
    """Return what *text* says to a loader of another dialect, derived from ``SAFE_LOADER``."""
    return _read_all(text, source, loader)


def _read_all(text: str, source: Source, loader: Any = None, limits: Limits = DEFAULT_LIMITS) -> Draft:
    """Return what *text* says, by the builder that knows all of YAML."""
    builder = _EventBuilder(source, loader, limits)
    try:
        data = builder.build(text)
    except _YAMLLimit as much:
        line, column = _end_or(text, _position(much.event))
        return Draft(None, problems=(limit_problem(limits, much.name, source._replace(line=line, column=column)),), is_lost=True)
    except yaml.MarkedYAMLError as error:
        from ways.sheets.formats.yaml_faults import fault_in

        stop = _stop(error)
        return lost(fault_in(text, stop, partial(_stop_in, source=source, loader=loader, limits=limits)), text, source)
    except yaml.reader.ReaderError as error:
        return lost(_forbidden(text, error), text, source)
    except RecursionError:
        # The limit was raised beyond what Python's own stack can hold, or the caller has used that up.
        return lost(Fault(1, 1, "expected YAML, found nested too deeply", "", 1, "YAML", "nested too deeply"), text, source)
    return Draft(data, builder.positions, tuple(builder.problems), misread=tuple(builder.misread), aliases=builder.aliases)


def _stop_in(text: str, source: Source, loader: Any, limits: Limits) -> Stop | None:
    """Return where *text* can't be read, or ``None`` if it can."""
    try:
        _EventBuilder(source, loader, limits).build(text)
    except yaml.MarkedYAMLError as error:
        return _stop(error)
    except (_YAMLLimit, yaml.reader.ReaderError, RecursionError):
        return Stop(1, 1)
    return None


def _stop(error: yaml.MarkedYAMLError) -> Stop:
    """Return where, and with what words, the parser gave up."""
    # Its expressions take 12 ms to compile, and a good sheet needs none of them.
    from ways.sheets.formats.yaml_faults import Stop

    mark, start = error.problem_mark or error.context_mark, error.context_mark
    return Stop(
        *((mark.line + 1, mark.column + 1) if mark else (1, 1)), error.problem or "", error.context or "",
        (start.line + 1, start.column + 1) if start else None, error.note == _OURS,
    )  # fmt: skip


class _YAMLLimit(Exception):
    """There is more than may be at the place of an event."""

    def __init__(self, name: str, event: Any) -> None:
        super().__init__(name)
        self.name = name
        self.event = event


class _Unusual(Exception):
    """Something that is left to the builder which knows all of YAML."""


def _read_fast(text: str, limits: Limits = DEFAULT_LIMITS) -> Draft | None:
    """Return what *text* says if it is mappings, lists and scalars alone, without a fault; else ``None``.

    Nearly every sheet is, and one loop over its events takes half the time of the builder that knows anchors, tags,
    merge keys, duplicate keys and errors.
    """
    loader = None
    try:
        loader = _Loader(text)
        return _fast_draft(loader, text, min(_DEEPEST, limits.depth))
    except (_Unusual, yaml.YAMLError, ValueError, OverflowError, LookupError, AttributeError, TypeError):
        return None
    finally:
        if loader is not None:
            loader.dispose()


def _fast_draft(loader: Any, text: str, deepest: int) -> Draft:
    """Return what *text* says, by one loop over the events of *loader*, with a stack in place of calls.

    :raises _Unusual: there is an event of another kind than the usual ones, or data that is deeper than *deepest*.
    """
    # Local names for all that is used at each event: there are fifty events to a plugin.
    next_event = loader.get_event
    first = [next_event() for _ in range(3)][-1]
    if first.__class__ is not yaml.MappingStartEvent or first.anchor or first.tag:
        raise _Unusual
    # Each key, or number of an item; where it stands; and how deep.
    keys: list[Any] = []
    indexes, depths = array("I"), bytearray()
    add_key, add_index, add_depth = keys.append, indexes.append, depths.append
    scalar, mapping_start, sequence_start, no_key, is_item = *_KINDS, _NO_KEY, _ITEM
    may_be_marked = "&" in text or "!" in text
    texts: dict[str, str] = {}
    plain: dict[str, Any] = dict(_KNOWN)
    here: Any = {}
    key: Any = no_key
    depth = 1
    above: list[tuple[Any, Any]] = []
    while True:
        event = next_event()
        kind = event.__class__
        if kind is scalar:
            value = event.value
            if not event.implicit[0]:
                value = texts.setdefault(value, value)
            elif value in plain:
                value = plain[value]
            else:
                value = plain[event.value] = _plain(event, loader, texts)
        elif kind is mapping_start:
            value = {}
        elif kind is sequence_start:
            value = []
        elif kind is yaml.AliasEvent:
            raise _Unusual
        elif not above:
            break
        else:
            here, key = above.pop()
            depth -= 1
            continue
        if may_be_marked and (event.tag or event.anchor):
            raise _Unusual
        if key is no_key:
            if kind is not scalar or value in here or value == "<<":
                raise _Unusual
            key = value
            add_key(key)
            add_index(event.start_mark.index)
            add_depth(depth)
            continue
        if key is is_item:
            add_key(len(here))
            add_index(event.start_mark.index)
            add_depth(depth)
            here.append(value)
        else:
            here[key] = value
            key = no_key
        if kind is not scalar:
            above.append((here, key))
            here, key = value, no_key if kind is mapping_start else is_item
            depth += 1
            if depth > deepest:
                raise _Unusual
    next_event()
    if next_event().__class__ is not yaml.StreamEndEvent:
        raise _Unusual
    if len(_KNOWN) < _MANY:
        _KNOWN.update(islice(plain.items(), _MANY))
    return Draft(here, Positions(keys, indexes, bytes(depths), _line_starts(text)))


def _plain(event: Any, loader: Any, texts: dict[str, str]) -> Any:
    """Return what a scalar without quotes stands for; one object for equal texts."""
    if len(event.value) > _LONGEST_NUMBER:
        raise _Unusual
    tag = loader.resolve(yaml.ScalarNode, event.value, event.implicit)
    if tag == _TEXT:
        return texts.setdefault(event.value, event.value)
    value = loader.construct_object(yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark))
    if _is_misread(event.value, value):
        raise _Unusual
    return value


def _is_misread(written: str, value: object) -> bool:
    """Whether what was written is read as a number of another text: 010, 1_000, 1.10 and 12:30 without quotes."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and written[-1:].isalnum() and str(value) != written


def _line_starts(text: str) -> array[int]:
    """Return where each line begins. What Python takes for line breaks beyond YAML's own, no YAML may have."""
    starts = array("I", accumulate(map(len, text.splitlines(keepends=True)), initial=0))
    # Only behind a line break does another line begin.
    if text and text[-1] not in _BREAKS:
        starts.pop()
    return starts


_BREAKS = "\n\r\x85\u2028\u2029"
#: What plain scalars stand for, which is the same in every sheet: many small sheets have nearly the same ones. PyYAML
#: reads '=' as a tag that nothing constructs; everyone else as a text.
_KNOWN: dict[str, Any] = {"=": "="}
#: No more are added once there are so many.
_MANY = 1000
#: In the place of a key: the next scalar is one; what comes next is an item of a list.
_NO_KEY, _ITEM = object(), object()
_KINDS = (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent)
#: From here on Python's own stack may be too small for the other builder, which then says so.
_DEEPEST = 100


class _EventBuilder:
    """Builds plain data straight from the parser's events, so that each key's mark is at hand.

    libyaml's own composer recurses in C and crashes the process on a text of 50,000 brackets.
    """

    def __init__(self, source: Source, loader: Any = None, limits: Limits = DEFAULT_LIMITS) -> None:
        self.source = source
        self._kind = loader
        self._limits = limits
        #: Values so far, those of an alias each time; how many each anchor stands for; and how deep the next one lies.
        self._count = 0
        self._counts: dict[str, int] = {}
        self._depth = 0
        self.positions: dict[Pointer, Position] = {}
        self.problems: list[Problem] = []
        self.misread: list[MisreadNumber] = []
        #: Plain scalars by text. PyYAML reads '=' as a tag that nothing constructs; everyone else as a text.
        self._scalars: dict[str, Any] = {"=": "="}
        self._anchors: dict[str, Any] = {}
        #: Where the value of each anchor stands, and what :class:`Draft` has by this name.
        self._anchored_at: dict[str, Pointer] = {}
        self.aliases: dict[Pointer, Pointer] = {}
        self._loader: Any = None

    def build(self, text: str) -> Any:
        self._loader = (self._kind or _Loader)(text)
        try:
            self._next()
            if isinstance(self._next(), yaml.StreamEndEvent):
                return None
            data = self._value(self._next(), ())
            self._next()
            if not isinstance(after := self._next(), yaml.StreamEndEvent):
                raise _wrong("another document, where one is expected", after)
            return data
        finally:
            self._loader.dispose()

    def _next(self) -> Any:
        return self._loader.get_event()

    def _value(self, event: Any, pointer: Pointer) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._anchored(event, pointer)
        before = self._count
        self._add(1, event)
        if event.anchor:
            self._anchors[event.anchor] = _OPEN
            self._anchored_at[event.anchor] = pointer
        if isinstance(event, yaml.ScalarEvent):
            built = self._scalar(event)
            self._note_misread(event, built, pointer)
        elif isinstance(event, yaml.SequenceStartEvent):
            built = self._sequence(event, pointer)
        else:
            built = self._mapping(event, pointer)
        if event.anchor:
            self._anchors[event.anchor] = built
            self._counts[event.anchor] = self._count - before
        return built

    def _add(self, count: int, event: Any) -> None:
        self._count += count
        if self._count > self._limits.values:
            raise _YAMLLimit("values", event)

    def _deeper(self, event: Any) -> None:
        self._depth += 1
        if self._depth > self._limits.depth:
            raise _YAMLLimit("depth", event)

    def _anchored(self, event: Any, pointer: Pointer) -> Any:
        """Return what an alias stands for; built once, so that aliases of aliases cost nothing."""
        if event.anchor not in self._anchors:
            raise _wrong(f"the alias {event.anchor!r}, which nothing defines", event)
        built = self._anchors[event.anchor]
        if built is _OPEN:
            raise _wrong("an anchor that holds itself", event)
        # A walk through the data meets each of them.
        self._add(self._counts[event.anchor], event)
        if pointer:
            self.aliases[pointer] = self._anchored_at[event.anchor]
        return built

    def _scalar(self, event: Any) -> Any:
        is_plain = event.implicit[0]
        if is_plain and event.value in self._scalars:
            return self._scalars[event.value]
        value = self._constructed(event)
        if is_plain:
            self._scalars[event.value] = value
        return value

    def _note_misread(self, event: Any, value: Any, pointer: Pointer) -> None:
        if pointer and isinstance(event, yaml.ScalarEvent) and event.implicit[0] and _is_misread(event.value, value):
            self.misread.append(MisreadNumber(pointer, _position(event), event.value, value))

    def _constructed(self, event: Any) -> Any:
        tag = event.tag
        if len(event.value) > _LONGEST_NUMBER and event.implicit[0]:
            # Nothing but a text is as long; to see whether it is a number takes PyYAML up to 30 bytes for each digit.
            if _is_like_a_number(event.value):
                raise _wrong("a number with too many digits", event)
            return event.value
        if tag is None or tag == "!":
            tag = self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag in _NUMBERS and len(event.value) > _LONGEST_NUMBER:
            raise _wrong("a number with too many digits", event)
        node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
        try:
            value = self._loader.construct_object(node)
        except (ValueError, OverflowError, LookupError, AttributeError) as error:
            # PyYAML raises these for scalars that aren't what they look like, such as the date 2020-99-99.
            why = f": {error}" if isinstance(error, ValueError) else ""
            raise _wrong(f"{event.value[:40]!r}, which is no {tag.removeprefix(_CORE)}{why}", event) from None
        if isinstance(value, int) and has_too_many_digits(value):
            raise _wrong("a number with too many digits", event)
        return value

    def _sequence(self, event: Any, pointer: Pointer) -> Any:
        kind = _SEQUENCES.get(event.tag or "!")
        if kind is None:
            raise _unknown_tag(event)
        self._deeper(event)
        items: list[Any] = []
        while not isinstance(item := self._next(), yaml.SequenceEndEvent):
            place = (*pointer, len(items))
            self.positions[place] = _position(item)
            items.append(self._value(item, place))
        self._depth -= 1
        return kind(items)

    def _mapping(self, event: Any, pointer: Pointer) -> Any:
        kind = _MAPPINGS.get(event.tag or "!")
        if kind is None:
            raise _unknown_tag(event)
        self._deeper(event)
        merged: dict[Any, Any] = {}
        own: dict[Any, Any] = {}
        #: Where each key is written that is merged in.
        places: dict[Any, Pointer] = {}
        while not isinstance(item := self._next(), yaml.MappingEndEvent):
            if isinstance(item, yaml.ScalarEvent) and (item.tag == _MERGE or item.value == "<<" and item.implicit[0]):
                # All that was merged is written once more.
                self._add(len(merged), item)
                merged = {**self._merged(self._next(), (*pointer, item.value), places), **merged}
                continue
            key = self._key(item)
            place = (*pointer, key)
            position = line, column = _position(item)
            if key in own and len(self.problems) <= self._limits.problems:
                found = f"the key {key!r} again; it is already on line {self.positions[place][0]}"
                source = self.source._replace(pointer=place, line=line, column=column)
                message = f"expected each key once, found {found}; Ways uses the last one"
                self.problems.append(Problem(source, message, "error", "duplicate-key", "each key once", found))
            self.positions[place] = position
            self._note_misread(item, key, place)
            own[key] = self._value(self._next(), place)
        self._depth -= 1
        self.aliases.update(((*pointer, key), place) for key, place in places.items() if key not in own and key != "<<")
        # A key that is written counts before one that is merged in.
        return kind({**merged, **own} if merged else own)

    def _merged(self, event: Any, pointer: Pointer, places: dict[Any, Pointer]) -> dict[Any, Any]:
        """Return the keys to merge, and add to *places* where each is written that is not there yet."""
        value = self._value(event, pointer)
        merged: dict[Any, Any] = {}
        is_list = isinstance(value, list)
        for index, part in enumerate(value if is_list else [value]):
            if not isinstance(part, dict):
                raise _wrong("something else than a block of keys to merge", event)
            self._add(len(part) + len(merged), event)
            merged = {**part, **merged}
            for key in part:
                places.setdefault(key, (*pointer, index, key) if is_list else (*pointer, key))
        return merged

    def _key(self, event: Any) -> Any:
        key = self._value(event, ())
        # A key and what it stands for are one.
        self._count -= 1
        try:
            hash(key)
        except TypeError:
            raise _wrong("a key that is a list or a block of keys", event) from None
        return key


#: Stands for an anchor while the thing it names is being built.
_OPEN: Any = object()
#: Tag to what is made of a sequence's items, or of a mapping's; "!" for none. Every other tag is refused.
_SEQUENCES: Mapping[str, Callable[[list[Any]], Any]] = {"!": list, f"{_CORE}seq": list, f"{_CORE}python/tuple": tuple}
_MAPPINGS: Mapping[str, Callable[[dict[Any, Any]], Any]] = {"!": dict, f"{_CORE}map": dict, f"{_CORE}set": set}


def _is_like_a_number(text: str) -> bool:
    body = text.lstrip("+-")
    is_other = body[:2].lower() in ("0x", "0b", "0o")
    signs = "0123456789_abcdefABCDEF" if is_other else "0123456789_:.eE+-"
    return body[:1] in tuple("0123456789.") and not body[2 * is_other :].strip(signs)


#: The note of an error whose words are ours.
_OURS = "ours"


def _wrong(found: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=found, problem_mark=event.start_mark, note=_OURS)


def _unknown_tag(event: Any) -> yaml.MarkedYAMLError:
    return _wrong(f"the tag {event.tag!r}, which builds nothing here", event)


def _position(event: Any) -> Position:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _end_or(text: str, position: Position) -> Position:
    """Return *position*, or the end of *text*, which libyaml puts on a further line."""
    last = text.count("\n") + 1
    return position if position[0] <= last else (last, len(text) - text.rfind("\n"))


def _forbidden(text: str, error: yaml.reader.ReaderError) -> Fault:
    # The error's own position counts bytes or characters, depending on the loader.
    letter = chr(error.character) if isinstance(error.character, int) else str(error.character)
    index = max(0, text.find(letter))
    line, column = text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
    found = f"a character that YAML doesn't allow: {letter!r}"
    return Fault(line, column, f"expected YAML, found {found}", "Leave it out.", 1, "YAML", found)
