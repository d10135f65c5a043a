"""Explanations as people read them: trees of who says what, and why it counts."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ways.cli.draw.comparison import FEWEST, some_of
from ways.cli.draw.shapes import CUT, Branch, FittedLine, Line, cells
from ways.errors import counted, led_by, visible

Record = Mapping[str, Any]
#: Fields, and of each the plugins that have a part or lost, that are drawn; tokens, values, ... likewise. JSON has all.
MOST_DRAWN = 250


def place(record: Record) -> Branch:
    """Return the explanation of a place, or of a thing there."""
    head = Line((record["hierarchy"] + _layer(record), "bold"))
    if record["real"] != record["hierarchy"]:
        head.add(f"  (an alias of {record['real']})", "not bold")
    tree = Branch(head)
    for field in _some(tree, record["fields"], "fields"):
        _field(tree, field)
    _branch(tree, "tokens", (_token_line(token) for token in record["tokens"]))
    _branch(tree, "variants", (_variant_line(variant) for variant in record["variants"]))
    _branch(tree, "values", (_value_line(value) for value in record["values"]))
    _branch(tree, "environment", (_variable_line(variable) for variable in record["environment"]))
    return tree


def text(record: Record, farther: int, unmet: Mapping[str, int]) -> Branch:
    """Return why a text is what it is.

    :param farther: attempts that are left out, as they fit less far.
    :param unmet: variants that are left out, by the condition that the values don't meet.
    """
    tree = Branch(Line((f"{record['text']}  ({record['status']}{_tier(record)})", "bold")))
    for attempt in record["attempts"]:
        _attempt(tree, record["text"], attempt)
    if farther:
        tree.add(f"{farther} more places fit less of the text; --all shows them", "dim")
    for condition, count in unmet.items():
        tree.add(f"condition not met: {condition}; {counted(count, 'variant')} left out; --all shows them", "dim")
    _branch(tree, "environment", (_variable_line(variable) for variable in record["environment"]))
    return tree


def line(record: Record, *, is_whole: bool = False) -> list[Branch]:
    """Return what a line of a sheet reaches.

    :param is_whole: whether each place is drawn by itself, also where it does the same in many.
    """
    head = Line((f"{record['path']}:{record['line']}  {', '.join(record['pointers'])}", "bold"))
    fewest = sys.maxsize if is_whole else FEWEST
    trees = [_reached(head, record["reached"], "It decides nothing.", fewest, "changes ")]
    if record["lost"]:
        trees.append(_reached(Line(("It is overridden in", "bold")), record["lost"], "", fewest))
    if not record["is_whole"]:
        told = len(record["reached"]) + len(record["lost"])
        trees.append(Branch(Line((f"There are more: only {told:,} of them were worked out.", "bold"))))
    return trees


def _some(branch: Branch, items: Sequence[Record], what: str) -> Iterator[Record]:
    """Yield as many of *items* as people read, and add to a branch how many more there are."""
    yield from items[:MOST_DRAWN]
    if len(items) > MOST_DRAWN:
        branch.add(f"... and {len(items) - MOST_DRAWN} more {what}; --format json has all", "dim")


def _field(tree: Branch, field: Record) -> None:
    label = Line((field["name"], "bold"))
    if field["error"] is not None:
        answer = led_by(": ", field["error"])
    else:
        answer = ": no value" if field["value"] is None and not field["winner"] else f" = {_of_field(field['value'], field['name'])}"
    label.add(answer, "not bold")
    if field["is_changed"]:
        label.add("  (set by hand)", "not bold")
    branch = tree.add(label)
    branch.add(f"rule: {field['rule']}", "dim")
    if field["winner"]:
        _claim(branch, "won ", field["winner"], field["name"])
    for part in _some(branch, field["parts"][::-1], "parts"):
        _claim(branch, "part", part, field["name"])
    for loser in _some(branch, field["losers"], "plugins that lost"):
        _claim(branch, "lost", loser, field["name"])
    if field["runner_up"]:
        branch.add(f"next in line: {_writer(field['runner_up'])}", "dim")


def _claim(branch: Branch, word: str, claim: Record, field: str) -> None:
    label = Line((f"{word}  {_writer(claim)}", "" if word != "lost" else "dim"))
    if claim["value"] is not None and field != "groups":
        label.add(f"  {_of_field(claim['value'], field)}")
    leaf = branch.add(label)
    if word != "part":
        leaf.add(_why(claim), "dim")
    for condition in claim["when"]:
        leaf.add(_condition_line(condition), "dim")
    if claim["uses"]:
        chain = " < ".join(f"{link['hierarchy']} ({_source(link['source'])})" for link in claim["uses"])
        leaf.add(f"uses {chain}", "dim")


def _why(claim: Record) -> str:
    text = f"{claim['reason']}: {claim['why']}"
    platform = claim["platform"]
    if claim["reason"] == "other-platform":
        text += f": {', '.join(platform['named'])}, not {platform['current']}"
    elif platform["named"] is not None and claim["reason"] not in ("unknown-platform",):
        text += f"; counts on {', '.join(platform['named'])}"
    return f"{text}: {_writer(claim['lost_to'])}" if claim["lost_to"] else text


def _token_line(token: Record) -> str:
    kinds = (("" if rule["kind"] == "anything" else f"{rule['kind']} ", rule) for rule in token["rules"])
    rules = ", ".join(f"{kind}{rule['text']}{_at(rule['source'])}" for kind, rule in kinds)
    inside = f" in {token['parent']}" if token["parent"] else ""
    default = f"; default {token['default']}" if token["default"] is not None else ""
    writer = f"; written by {_writer(token['writer'])}" if token["writer"] else ""
    return f"{token['name']}{inside}: {rules}{default}{writer}"


def _variant_line(variant: Record) -> str:
    when = ", ".join(f"{condition['token']} is {' or '.join(condition['wants'])}" for condition in variant["when"]) or "no condition"
    plugins = "".join(f"; {_writer(plugin)}" for plugin in variant["plugins"])
    return f"{'> ' if variant['is_selected'] else ''}{when}: {variant['mapping'] or 'no mapping'}{plugins}"


def _condition_line(condition: Record) -> str:
    value = condition["found"]
    actual = "" if value is None else f", and is {value}" if value else ", and has no value"
    return f"when {condition['token']} is {' or '.join(condition['wants'])}{actual} ({_source(condition['source'])})"


def _value_line(value: Record) -> str:
    through = f" through {', '.join(value['through'])}" if value["through"] else ""
    functions = f"; then {', '.join(value['before_return'])}" if value["before_return"] else ""
    return f"{value['token']} = {_value(value['value'])}  {value['origin']}{through}{_at(value['source'])}{functions}"


def _variable_line(variable: Record) -> str:
    absent = "" if variable["origin"] == "environment" else " is not set"
    value = f"={variable['value']}" if variable["value"] is not None else absent
    origin = " (set for this session)" if variable["origin"] == "session" else ""
    return f"{variable['name']}{value}{origin}: {variable['meaning']}"


def _pointed(text: str, position: int) -> FittedLine:
    """Return a text with a caret below one of its characters. Of a text that is too long, what stands around it is drawn."""

    def fitted(columns: int) -> Line:
        room = max(columns - 2, 1)
        shown, at = text, position
        if cells(text) >= columns:
            start = max(0, position - room // 2)
            cut = CUT if start else ""
            shown = f"{cut}{text[start : start + room]}{CUT if start + room < len(text) else ''}"
            at += len(cut) - start
        return Line((shown, "")).add(f"{' ' * cells(visible(shown[:at]))}^", is_below=True)

    return FittedLine(fitted, is_cropped=True)


def _attempt(tree: Branch, searched: str, attempt: Record) -> None:
    label = Line((attempt["hierarchy"] + _layer(attempt), "bold" if attempt["verdict"] == "chosen" else ""))
    label.add(f"  {attempt['mapping'] or 'no mapping'}{_at(attempt['source'])}", "not bold")
    branch = tree.add(label)
    for plugin in attempt["variant"]:
        branch.add(f"with {_writer(plugin)}")
    branch.add(led_by(f"{attempt['verdict']}{_tier(attempt)}: ", attempt["message"]))
    for condition in attempt["unmet"]:
        branch.add(f"condition not met: {condition}")
    if attempt["values"] and _is_near(attempt):
        branch.add(", ".join(f"{name}={value!r}" for name, value in attempt["values"].items()))
    if attempt["rank"] and _is_near(attempt):
        literals, constrained, free = attempt["rank"]
        branch.add(f"rank: {literals} literal characters, {constrained} constrained tokens, {-free} free tokens")
    if not _is_near(attempt) and attempt["verdict"] != "no-mapping":
        branch.add(_pointed(searched, attempt["position"]))


def _is_near(attempt: Record) -> bool:
    return attempt["position"] >= 0 and attempt["tier"] is not None and attempt["verdict"] != "laxer-tier"


def _reached(head: Line, records: Iterable[Record], empty: str, fewest: int, verb: str = "") -> Branch:
    """Return the places that a line has a say in, each with its fields; those in which it does the same, if many, as one."""
    tree = Branch(head)
    lines: dict[str, list[tuple[str, str]]] = {}
    for reached in records:
        name = reached["hierarchy"] + _layer(reached) + (f" with {', '.join(reached['variant'])}" if reached["variant"] else "")
        beaten = f"; {_writer(reached['lost_to'])} wins" if reached["lost_to"] else ""
        chain = f"; uses {' < '.join(reached['uses'])}" if reached["uses"] else ""
        lines.setdefault(name, []).append((f"{reached['field']}  {reached['reason']}{beaten}", chain))
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, pairs in lines.items():
        alike.setdefault(tuple(effect for effect, _ in pairs), []).append(name)
    for effects, names in alike.items():
        if len(names) >= fewest:
            branch = tree.add(f"{verb}{counted(len(names), 'place')}: {some_of(names)}")
            for effect in effects:
                branch.add(effect)
            continue
        for name in names:
            branch = tree.add(name)
            for effect, chain in lines[name]:
                branch.add(effect + chain)
    if not alike:
        tree.add(empty)
    return tree


def _branch(tree: Branch, name: str, lines: Iterator[str]) -> None:
    texts = list(lines)
    if texts:
        branch = tree.add(name, "bold")
        for text in texts[:MOST_DRAWN]:
            branch.add(text)
        if len(texts) > MOST_DRAWN:
            branch.add(f"... and {len(texts) - MOST_DRAWN} more; --format json has all", "dim")


def _writer(record: Record) -> str:
    return f"{record['plugin']}{_layer(record)} ({_source(record['source'])})"


def _layer(record: Record) -> str:
    return "" if record["assignment"] in ("", "master") else f" [{record['assignment']}]"


def _source(source: Record) -> str:
    return f"{source['path']}:{source['line']}:{source['column']}" if source["line"] else str(source["path"])


def _at(source: Record | None) -> str:
    return f" ({_source(source)})" if source else ""


def _tier(record: Record) -> str:
    return "" if record["tier"] in (None, "a") else f", tier {record['tier']}"


def _of_field(value: Any, field: str) -> str:
    """Return the value of a field: platforms and groups are words, but a list in the data is a list."""
    return ", ".join(value) if field in ("platforms", "groups") and isinstance(value, list) and value else _value(value)


def _value(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
