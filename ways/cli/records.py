"""What texts are, as records: plain data, complete whether a text resolves or not; and the same as lines of JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring_ascii
from typing import Any

from ways import api
from ways.cli.draw.console import as_json
from ways.cli.misses import Misses
from ways.cli.streams import CutText

#: What each text is, or why it is nothing: what ``Session.read_many`` gives.
Answers = Iterable[tuple[str, Any]]

#: Stands for a text in a form of JSON. No path and no name of a place or token holds it.
_SLOT = "\0"


def records(answers: Answers, misses: Misses | None = None) -> Iterator[dict[str, Any]]:
    """Yield the record of each text.

    :param misses: what makes the message of a text that doesn't resolve; the message that is known at once, if absent.
    """
    return (record_of(text, answer, misses) for text, answer in answers)


def record_of(text: str, answer: Any, misses: Misses | None = None) -> dict[str, Any]:
    """Return the record of a text, as :func:`records` does."""
    if isinstance(answer, api.AmbiguousContextError):
        candidates = [candidate.as_dict() for candidate in answer.candidates]
        return filled(text, "ambiguous", error=str(answer), candidates=candidates)
    if isinstance(answer, api.WaysError):
        if isinstance(text, CutText) and isinstance(answer, api.LimitError):
            return filled(text, "unresolved", error=text.refusal(answer.limit))
        return filled(text, "unresolved", **(misses.told(text, answer) if misses else {"error": answer.at_once()}))
    if error := answer.misfit(text):
        return filled(text, "unresolved", error=error, **(misses.keys(text) if misses and misses.has_keys else {}))
    return filled(
        text,
        "resolved",
        hierarchy=answer.hierarchy,
        assignment=answer.context.assignment,
        values=answer.values,
        tier=answer.tier,
    )


def filled(text: str, status: str, **known: Any) -> dict[str, Any]:
    """Return a record of these values; each other one is empty."""
    empty: dict[str, Any] = {"hierarchy": None, "assignment": None, "values": {}, "tier": None, "candidates": [], "error": None}
    if status == "unresolved":
        empty |= {"nearest": None, "elsewhere": None}
    return {"text": text, "status": status, **empty, **known}


class JsonLines:
    """Writes records as lines of JSON. Those of one place, with values of the same tokens, share one form.

    :param misses: what finds what helps with a text that doesn't resolve; nothing is looked for, if absent.
    """

    def __init__(self, misses: Misses | None = None) -> None:
        self._misses = misses
        #: Lines with ``%s`` for the text and for each value.
        self._forms: dict[tuple[object, ...], str] = {}
        #: What stands before the place of such a line, and behind it, by the layer and the tokens.
        self._frames: dict[tuple[str, ...], tuple[str, str]] = {}
        self._unresolved = _form(filled(_SLOT, "unresolved", error=_SLOT))
        #: Whether each text so far resolves.
        self.is_good = True

    def lines(self, answers: Answers) -> list[str]:
        """Return the line of each text."""
        lines = []
        forms, quoted = self._forms, encode_basestring_ascii
        for text, answer in answers:
            if isinstance(answer, api.WaysError) or answer.tier != "a":
                lines.append(self._other(text, answer))
                continue
            values = answer.values
            form = forms.get((answer.view, *values)) or self._form_of(answer)
            lines.append(form % (quoted(text), *map(quoted, values.values())))
        return lines

    def _other(self, text: str, answer: Any) -> str:
        record = record_of(text, answer, self._misses)
        self.is_good = self.is_good and record["status"] == "resolved"
        if record["status"] != "unresolved" or record["nearest"] or record["elsewhere"]:
            return as_json(record)
        return self._unresolved % (encode_basestring_ascii(text), encode_basestring_ascii(record["error"]))

    def _form_of(self, answer: Any) -> str:
        """Return the form of an answer."""
        key = (answer.context.assignment, *answer.values)
        frame = self._frames.get(key)
        if frame is None:
            record = record_of(_SLOT, answer._replace(values=dict.fromkeys(answer.values, _SLOT)))
            before, _, after = _form({**record, "hierarchy": f"{_SLOT}{_SLOT}"}).partition(as_json(f"{_SLOT}{_SLOT}"))
            frame = self._frames[key] = (before, after)
        form = as_json(answer.hierarchy).replace("%", "%%").join(frame)
        self._forms[answer.view, *answer.values] = form
        return form


def _form(record: dict[str, Any]) -> str:
    """Return a line with ``%s`` for each slot."""
    return as_json(record).replace("%", "%%").replace(as_json(_SLOT), "%s")
