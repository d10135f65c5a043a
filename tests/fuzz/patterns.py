"""The token language: mappings that are read, refused, filled, matched and written, and expressions that hold nobody."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ways.errors import MatchTimeoutError, PatternError, WaysError
from ways.pattern.pattern import Pattern
from ways.regex.guard import at_once, cost_pieces, guarded_match
from ways.pattern.matcher import Matcher
from ways.pattern.segments import MatchShapes
from ways.pattern.scan import escaped, expand_string, scan
from ways.pattern.template import Template
from ways.plugins.precheck import validated
from ways.session import Session
from ways.sheets import schema
from ways.sheets.document import Draft, Source

from .draws import Draws
from .runner import Target

# --- one mapping, as its author may write it

#: What stands first in a line that gives a text, rather than details.
_TEXT = "="


class _Written(NamedTuple):
    """A mapping, its details as a sheet gives them, and texts to read."""

    mapping: str
    details: Mapping[str, Any]
    texts: list[str]

    @classmethod
    def of(cls, data: bytes) -> _Written:
        """The first line is the mapping; others are texts, or ``TOKEN KEY VALUE`` for its details."""
        written, *lines = data.decode("utf-8", "replace").split("\n")
        details: dict[str, dict[str, Any]] = {}
        for line in lines:
            name, _, rest = line.partition(" ")
            if not line.startswith(_TEXT) and name:
                details.setdefault(name, {}).update(_entry(*rest.partition(" ")[::2]))
        texts = [line[len(_TEXT) :] for line in lines if line.startswith(_TEXT)]
        return cls(written, details, texts[:3] or [written])


def mapping(data: bytes) -> None:
    """A session with one plugin of this mapping is asked all that can be asked of one."""
    written = _Written.of(data)
    for syntax in (1, 2):
        _loaded(written.mapping, written.details, syntax, written.texts)


def template(data: bytes) -> None:
    """The same without a session: scanner, Template, pattern, and the texts read and written again."""
    written = _Written.of(data)
    _scanned(written.mapping)
    for syntax in (1, 2):
        plugin = {"hierarchy": "it", "mapping": written.mapping, "mapping_details": written.details, "syntax": syntax}
        records, problems = schema.check(Draft({"plugins": {"it": plugin}}), Source("it"))
        for record in records:
            usable, more = validated(record)
            assert all(str(problem) and problem.as_dict() for problem in (*problems, *more))
            if usable is not None:
                _matched(usable.values, syntax, written.texts)


def _matched(values: Mapping[str, Any], syntax: int, texts: list[str]) -> None:
    details = values.get("mapping_details") or {}
    try:
        found = Template.of(values.get("mapping") or "", details, syntax, dict.fromkeys(details, syntax))
        pattern = Pattern(found).compiled()
        assert set(found.fixed_tokens) <= set(found.leaf_tokens) <= set(found.all_tokens)
    except PatternError as error:
        assert str(error)
        return
    for text in texts:
        try:
            readings = pattern.readings(text)
            assert 0 <= pattern.reach(text)[0] <= len(text)
            if len(readings) == 1:
                assert pattern.format(pattern.parse(text)) == text
        except (MatchTimeoutError, PatternError) as error:
            # An expression that no engine can read is told of where it is used, and by ways check.
            assert str(error)


def _entry(key: str, value: str) -> dict[str, Any]:
    """Return one key of a token's details."""
    if key in ("regex", "glob", "env"):
        return {"parse": {key: value}}
    given = {"choices": value.split(","), "numbers": [int(part) for part in value.split(",") if part.isdecimal() and len(part) < 9]}
    return {"choices": given["numbers"]} if key == "numbers" else {key: given.get(key, value)}


def _scanned(written: str) -> None:
    pieces = scan(written)
    assert "".join(map(str, pieces)) == written
    plain = scan(escaped(written), 2)
    assert "".join(map(str, plain)) == written
    for syntax in (1, 2):
        try:
            found = scan(written, syntax, {})
        except PatternError as error:
            assert error.span is not None and 0 <= error.span[0] < error.span[1] <= len(written) and str(error)
        else:
            starts = [piece.start for piece in found]
            assert starts == sorted(starts) and all(0 <= start < len(written) for start in starts)


def _loaded(written: str, details: Mapping[str, Any], syntax: int, texts: list[str]) -> None:
    session = Session()
    plugin = {"hierarchy": "it", "mapping": written, "mapping_details": details, "syntax": syntax}
    try:
        session.add_plugins(it=plugin)
    except WaysError as error:
        assert str(error)
        return
    for question in (session.check, lambda: session.explain("it"), lambda: _filled(session)):
        _answered(question)
    for text in texts:
        _answered(lambda: expand_string(written, text))
        _answered(lambda: session.explain_text(text))
        _answered(lambda: session.get_asset(text))
        _answered(lambda: _again(session, text))


def _answered(question: Any) -> None:
    """Ask; what can't be answered is an error of ours, or the ValueError that is promised."""
    try:
        question()
    except WaysError as error:
        assert str(error)
    except ValueError as error:
        # Two tokens side by side, in the lenient way of old.
        assert "side by side" in str(error), repr(error)


def _filled(session: Session) -> None:
    context = session.need_context("it")
    context.get_str()
    context.get_str(resolve_with=("regex", "glob"))
    for name in context.get_all_tokens():
        context.get_mapping_tokens(name)


def _again(session: Session, text: str) -> None:
    found = session.read(text, "it")
    assert session.format("it", found.values) == text, (found.values, text)


# --- several mappings made of choices, and the slow obvious answer

_LITERALS = ("/", "_", "-", ".", "a", "1", "v", "\\", "[[", "]]", "ab", "%", "j/a/", "j/ab/")
_NAMES = ("A", "B", "C", "P")


def _drawn_mapping(draws: Draws, names: tuple[str, ...], depth: int, most: int) -> str:
    written = ""
    for _ in range(1 + draws.number(most - 1)):
        kind = draws.number(3 if depth else 2)
        if kind == 3:
            written += f"[{draws.pick(('_', '-', '/', ''))}{_drawn_mapping(draws, names, depth - 1, 2)}]"
        else:
            written += draws.pick(_LITERALS) if kind == 0 else f"{{{draws.pick(names)}}}"
    return written if "{" in written else f"{written}{{{draws.pick(names)}}}"


def _drawn(draws: Draws) -> tuple[str, dict[str, dict[str, Any]], dict[str, tuple[str, ...]]]:
    """Return a mapping, its details, and values that fit its tokens."""
    from oracle.mixed_worlds import FORMS, PARENT_FORMS

    written = _drawn_mapping(draws, _NAMES, 2, 4)
    details: dict[str, dict[str, Any]] = {}
    fitting: dict[str, tuple[str, ...]] = {}
    for name in _NAMES[:3]:
        entry, fitting[name] = draws.pick(FORMS)
        details[name] = dict(entry)
    details["P"] = {"mapping": _drawn_mapping(draws, _NAMES[:3], 1, 2), **draws.pick(PARENT_FORMS)}
    return written, details, fitting


def _drawn_text(draws: Draws, template: Template, fitting: Mapping[str, tuple[str, ...]]) -> str:
    """Return a text that a mapping writes, or one with a letter changed."""
    values = {
        name: draws.pick(fitting[name])
        for name in template.leaf_tokens
        if name in template.fixed_tokens or draws.flag()
    }
    text = template.writer.text(values)
    for _ in range(draws.number(2)):
        at = draws.number(len(text))
        text = text[:at] + draws.pick("ab1_-./\\v[]0") * draws.number(1) + text[at + draws.number(1) :]
    return text


def _template(written: str, details: Mapping[str, Any]) -> Template | None:
    from oracle.mixed_oracle import Fault, Language

    try:
        template = Template.of(written, details, 2, dict.fromkeys(details, 2))
        assert template.leaf_tokens
    except PatternError:
        try:
            Language.of(written, details)
        except Fault:
            return None
        raise
    return template


def matcher(data: bytes) -> None:
    """What the fast matcher leaves out, no pattern takes; what is read is written as the same text."""
    draws = Draws(data)
    some = [_drawn(draws) for _ in range(1 + draws.number(5))]
    kept = [(found, fitting) for written, details, fitting in some if (found := _template(written, details)) is not None]
    templates = [template for template, _ in kept]
    if not templates:
        return
    fast = Matcher((MatchShapes().of_template(template), number) for number, template in enumerate(templates))
    patterns = [Pattern(template) for template in templates]
    for _ in range(3):
        text = _drawn_text(draws, *draws.pick(kept))
        readings = [pattern.readings(text) for pattern in patterns]
        candidates = fast.candidates(text)
        assert candidates == sorted(set(candidates))
        assert {number for number, found in enumerate(readings) if found} <= set(candidates), text
        for pattern, found in zip(patterns, readings):
            if len(found) == 1:
                values = pattern.parse(text)
                assert pattern.format(values) == text and pattern.match(text) == values


def language(data: bytes) -> None:
    """One mapping reads a text, and writes its values, as trying everything says."""
    from oracle.mixed_oracle import Language

    draws = Draws(data)
    written, details, fitting = _drawn(draws)
    template = _template(written, details)
    if template is None:
        return
    slow = Language.of(written, details)
    if len([node for node, _ in slow.leaves if node.kind == "token"]) > 6:
        return
    pattern = Pattern(template)
    text = _drawn_text(draws, template, fitting)[:14]
    expected = slow.readings(text)
    got = pattern.readings(text)
    assert len(got) == min(len(expected), 2), (text, expected, got)
    if len(expected) != 1:
        return
    values = slow.leaf_values(*expected.values())
    assert pattern.match(text) == values
    assert pattern.format(values) == text == slow.formatted(values)


# --- expressions


def guard(data: bytes) -> None:
    """The first line is an expression, the rest a text: it is told in time whether it fits, as ``re`` says."""
    written, _, text = data.decode("utf-8", "replace").partition("\n")
    try:
        expression = re.compile(written)
    except (re.error, RecursionError, OverflowError):
        return
    match = guarded_match(expression, cost_pieces(written))
    try:
        found = match(text)
        again = match(text[:6])
    except MatchTimeoutError as error:
        assert str(error)
        return
    assert (found is None) == (match(text) is None)
    # ``re`` may take years for six characters: it is asked only where the guard itself asks it.
    with contextlib.suppress(MatchTimeoutError):
        assert (at_once(match)(text[:6]) is None) == (again is None) == (expression.fullmatch(text[:6]) is None)


TARGETS = {
    "mapping": Target("a mapping with details is refused or works, each text is read or refused, and written again", mapping, 400),
    "template": Target("a mapping is refused with the place of its fault, or each text it reads is written again", template, 400),
    "matcher": Target("no pattern takes what the fast matcher leaves out, and format(match(text)) == text", matcher, 300),
    "language": Target("a mapping reads and writes as the slow oracle does", language, 160),
    "guard": Target("no expression holds a text for long, and a guarded one answers as re does", guard, 300, 3.0),
}
