"""How a browser reads the texts of places: mappings as pieces, and for each kind of token its expression in JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ways import api
from ways.regex.expression import has_references, hides_references, may_hold
from ways.regex.guard import cost_pieces
from ways.regex.javascript import Untranslatable, parse_for_javascript, to_javascript
from ways.regex.samples import samples_of_each_kind

#: Optional parts of one mapping; a browser tries each set of them, and a mapping with more is marked.
MOST_PARTS = 10
#: Samples of one token.
MOST_SAMPLES = 8
#: The format of a fixed number of decimals.
_FIXED = re.compile(r"\.([0-9]+)f")
#: Gives what the mapping of a place, in a view of it, shares with others; ``None`` for nothing.
SkeletonOf = Callable[[Any], Any]


class PatternTable:
    """Makes the records of how texts are read. Places share what their tokens have in common, and worlds their entries."""

    def __init__(self, session: api.Session, skeleton_of: SkeletonOf) -> None:
        self._longest = session.limits.text
        self._skeleton_of = skeleton_of
        self._skeletons = session.ready_pool.patterns.skeletons
        #: What mappings of one skeleton share: the record of their pieces, and the texts that are read as samples.
        self._shared: dict[Any, dict[str, Any]] = {}
        self._shared_samples: dict[Any, list[str]] = {}
        #: What each kind of token may hold.
        self.tokens: list[dict[str, Any]] = []
        self._token_numbers: dict[object, int] = {}
        self.entries: list[dict[str, Any]] = []
        self._entry_numbers: dict[str, int] = {}

    def number_of(self, session: api.Session, target: Any, place: int, name: str, *, with_samples: bool) -> int:
        """Return the number of the entry that says how texts of one place are read.

        :param target: one of ``session.entries()``.
        :param place: the number of the place in the page.
        :param name: what it is called there.
        :param with_samples: whether to read a few texts of the place, so that a browser can compare.
        """
        record = {
            "context": place,
            "name": name,
            "layer": target.context.assignment,
            "path": bool(target.view.resolved.path),
            "windows": target.view.is_windows_path,
            **self._readings(target.view),
        }
        # Records hold texts and numbers only: equal ones are written alike.
        written = repr(record)
        if written not in self._entry_numbers:
            self._entry_numbers[written] = len(self.entries)
            if with_samples and "marked" not in record:
                record["samples"] = self._samples(session, target)
            self.entries.append(record)
        return self._entry_numbers[written]

    def can_read(self, target: Any) -> bool:
        """Whether Python reads texts of a target at all."""
        return self._skeleton_of(target.view) is not None or target.is_readable(self._skeletons)

    def _readings(self, view: Any) -> dict[str, Any]:
        """Return the pieces of a mapping, or why a browser can't read it."""
        skeleton = self._skeleton_of(view)
        if skeleton is not None:
            if skeleton not in self._shared:
                self._shared[skeleton] = self._of_template(skeleton.template)
            record = self._shared[skeleton]
            return {**record, "leaves": _filled(skeleton, record["leaves"], view.get_mapping())}
        try:
            record = self._of_template(view.template)
        except api.WaysError as error:
            return {"leaves": [], "options": [], "marked": error.message, "broken": isinstance(error, api.PatternError)}
        if view.conditions:
            record["when"] = _condition(view)
        return record

    def _of_template(self, template: Any) -> dict[str, Any]:
        """Return the pieces of a mapping.

        :raises WaysError: it can't be read.
        """
        record: dict[str, Any] = {
            "leaves": [self._leaf(template, leaf) for leaf in template.leaves],
            "options": [[part.number, list(part.tokens), list(part.nested), part.outer] for part in template.options],
        }
        tokens = {name: self.tokens[self._token(template.spec(name))] for name in template.all_tokens}
        reasons = [f"the token {name}: {token['marked']}" for name, token in tokens.items() if "marked" in token]
        if len(record["options"]) > MOST_PARTS:
            reasons.append("it has too many optional parts")
        if any("broken" in token for token in tokens.values()):
            record["broken"] = True
        return {**record, "marked": reasons[0]} if reasons else record

    def _leaf(self, template: Any, leaf: Any) -> Any:
        """Return one piece: a text alone, or its text, the number of its token or -1, and the parts and tokens that it stands in."""
        number = self._token(template.spec(leaf.text)) if leaf.is_token else -1
        frames = [
            [frame.number, frame.name, self._token(template.spec(frame.name))] if frame.name else [frame.number] for frame in leaf.frames
        ]
        if number < 0 and not frames:
            return leaf.text
        return [leaf.text, number, frames] if frames else [leaf.text, number]

    def _token(self, spec: Any) -> int:
        """Return the number of what a token may hold."""
        key = (spec.own_expression, spec.format, spec.is_sequence, spec.separator, tuple(text for _, text in spec.choices))
        number = self._token_numbers.get(key)
        if number is None:
            number = self._token_numbers[key] = len(self.tokens)
            self.tokens.append(_token_record(spec))
        return number

    def _samples(self, session: api.Session, target: Any) -> list[list[Any]]:
        """Return texts of a place, each with what Python reads in it: with all optional parts, with none, and one too long."""
        if target.view.conditions:
            return []
        skeleton = self._skeleton_of(target.view)
        if skeleton is None:
            texts = self._sample_texts(target.view.template)
        else:
            if skeleton not in self._shared_samples:
                self._shared_samples[skeleton] = self._sample_texts(skeleton.template)
            mapping = target.view.get_mapping()
            texts = [skeleton.filled([text], mapping)[0] for text in self._shared_samples[skeleton]]
        texts = [*texts, f"{texts[0]}\n"]
        samples: list[list[Any]] = []
        for text in dict.fromkeys(texts):
            try:
                if len(text) <= self._longest:
                    samples.append([text, expected(session, target, text)])
            except api.MatchTimeoutError:
                # On a busy machine: it says nothing about the text.
                continue
        return samples

    def _sample_texts(self, template: Any) -> list[str]:
        """Return a text with all optional parts, and one with none."""
        texts = []
        for number, parts in enumerate((frozenset(option.number for option in template.options), frozenset())):
            leaves = [leaf for leaf in template.leaves if parts.issuperset(leaf.options)]
            texts.append("".join(self._sample(template.spec(leaf.text), number) if leaf.is_token else leaf.text for leaf in leaves))
        return texts

    def _sample(self, spec: Any, number: int) -> str:
        good = [text for text, fits in self.tokens[self._token(spec)].get("samples", ()) if fits] or ["a", "b"]
        return str(good[number % len(good)])


def _token_record(spec: Any) -> dict[str, Any]:
    """Return what a token may hold, as a browser asks it: or why it can't.

    ``reads`` is its expression inside a larger one, and ``stand`` one that fits more texts, where it means something else there.
    ``checks`` says whether its value is asked once more, alone.
    """
    record: dict[str, Any] = {"constrained": spec.is_constrained, "says": _in_words(spec)}
    if not spec.is_constrained:
        return record
    own = spec.own_expression
    try:
        record["checks"] = not spec.is_read_whole
        if record["checks"] and spec.is_plain:
            record["stand"] = _stand_in(own)
        else:
            record["reads"] = to_javascript(spec.reads, is_whole=False).text
        if own is not None and (hides_references(own) or has_references(own)):
            record["refers"] = True
        if cost_pieces(spec.reads) is None:
            record["loops"] = True
        if spec.separator:
            # A value has a slash between its segments on each platform.
            record["separator"] = spec.separator
            record["segments"] = to_javascript(spec._replace(separator="/").reads).text
        record["own"] = None if own is None else to_javascript(own).text
        if spec.kind is not None:
            record["kind"] = to_javascript(spec.kind.expression).text
            record["exactly"] = _exactly(spec)
    except Untranslatable as reason:
        return {**record, "marked": str(reason)}
    except (api.WaysError, re.error) as error:
        return {**record, "marked": str(error), "broken": True}
    if spec.choices:
        record["choices"] = [text for _, text in spec.choices]
    return {**record, "samples": _token_samples(spec)}


def _stand_in(expression: str) -> str:
    """Return an expression that fits every text of *expression*, and many more: as Python reads such a token in a larger text."""
    barred = "".join(f"\\{letter}" for letter in "/\\" if not may_hold(expression, letter))
    return f"[^{barred}]*" if barred else "[^]*"


def _exactly(spec: Any) -> list[Any] | None:
    """Return what a value has to be beside fitting its format's expression."""
    if spec.kind.is_exact:
        return None
    fixed = _FIXED.fullmatch(spec.format)
    return ["fixed", int(fixed[1])] if fixed else ["date", spec.format]


def _token_samples(spec: Any) -> list[list[Any]]:
    """Return texts, each with whether a token may be it."""
    fits = spec.fits()
    texts = [text for _, text in spec.choices][: MOST_SAMPLES // 2]
    for expression in filter(None, (spec.own_expression, spec.reads)):
        texts += samples_of_each_kind(parse_for_javascript(expression))
    samples: list[list[Any]] = []
    for text in dict.fromkeys(texts):
        try:
            # Half of a surrogate pair is no text of a page.
            if not any("\ud800" <= letter <= "\udfff" for letter in text):
                samples.append([text, bool(fits(text))])
        except api.MatchTimeoutError:
            continue
    return samples[:MOST_SAMPLES]


def _in_words(spec: Any) -> str:
    """Return what a token may be, for a reader."""
    if spec.choices:
        return f"one of {', '.join(spec.shown_choices())}"
    if spec.is_sequence:
        return f"a frame number or a pad such as ####{f' of the format {spec.format}' if spec.format else ''}"
    own = spec.own_expression
    if spec.separator and own is None:
        return "names with / between them"
    return f"format {spec.format}" if spec.kind else f"regex {own}" if own is not None else ""


def _condition(view: Any) -> dict[str, Any]:
    """Return which values select a variant: the conditions of its place, and which of these hold for this one."""
    template = view.template
    tokens = dict.fromkeys(token for condition in view.conditions for token in condition.wants)
    return {
        "conditions": [{token: sorted(texts) for token, texts in condition.wants.items()} for condition in view.conditions],
        "names": [str(condition.plugin.name) for condition in view.conditions],
        "holds": [number for number, condition in enumerate(view.conditions) if condition.plugin in view.variant],
        "count": view.condition_count,
        # A token that isn't in the text may follow from those that hold it or stand in it: see the tokens of each.
        "parents": {token: parents for token in tokens if (parents := _parents(template, token))},
        "pieces": _pieces(template, tokens),
    }


def _parents(template: Any, token: str) -> list[str]:
    """Return each token that holds another, at any depth."""
    found: dict[str, None] = {}
    waiting = [token]
    while waiting:
        parents = [parent for parent in template.parents(waiting.pop()) if parent not in found]
        found.update(dict.fromkeys(parents))
        waiting += parents
    return list(found)


def _pieces(template: Any, tokens: Mapping[str, object]) -> dict[str, list[list[Any]]]:
    """Return what writes the tokens that others write, and those in them: texts and tokens, each with its optional parts."""
    pieces: dict[str, list[list[Any]]] = {}
    waiting = list(tokens)
    while waiting:
        token = waiting.pop()
        if token not in pieces and template.spec(token).splits:
            pieces[token] = [[piece.text, piece.is_token, list(piece.options)] for piece in template.pieces_of(token)]
            waiting += [piece.text for piece in template.pieces_of(token) if piece.is_token]
    return pieces


def _filled(skeleton: Any, leaves: Sequence[Any], mapping: str) -> list[Any]:
    """Return the pieces of a skeleton as those of a mapping: its slots stand in pieces that are texts alone."""
    texts = iter(skeleton.filled([leaf for leaf in leaves if isinstance(leaf, str)], mapping))
    return [next(texts) if isinstance(leaf, str) else leaf for leaf in leaves]


def expected(session: api.Session, target: Any, text: str) -> Mapping[str, str] | str | None:
    """Return the values that Python reads in a text of a place; ``None`` if it doesn't fit, ``?`` if there are several readings.

    :param target: the place, of ``session.entries()``.
    :raises MatchTimeoutError: matching takes too long.
    """
    found = session.finder().quick_reader.read_at(target, text)
    if found is not None:
        return dict(found.values) if found else None
    try:
        return dict(session.read(text, target.context).values)
    except api.MatchTimeoutError:
        raise
    except api.AmbiguousContextError:
        return "?"
    except api.WaysError:
        return None
