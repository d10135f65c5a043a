"""The rules that an artifact task has for the arguments of the artifacts that it saves."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from ways.sheets.schema import kind

#: The types of JSON Schema -> the classes of their values.
_JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "null": (type(None),),
    "array": (list, tuple), "object": (dict,),
}  # fmt: skip


def wrong_argument(rules: Any, args: Mapping[str, Any]) -> str:
    """Return which argument of an artifact breaks the rules of its task, and how; ``""`` if none does.

    :param rules: what ``validation`` of the task returns: for each argument, a JSON Schema. Of that, ``type``, ``enum``,
        ``const``, ``minimum`` and ``maximum`` are looked at.
    """
    for name, rule in rules.items() if isinstance(rules, Mapping) else ():
        if name in args and isinstance(rule, Mapping) and (expected := _broken(rule, args[name])):
            return f"expected {expected} for its argument {name!r}, found {kind(args[name])}"
    return ""


def _broken(rule: Mapping[str, Any], value: Any) -> str:
    # For JSON Schema, 5.0 is a whole number.
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    named = rule.get("type")
    types = [name for name in (named if isinstance(named, (list, tuple)) else (named,)) if isinstance(name, str)]
    # For Python, true and false are whole numbers too.
    given = "boolean" if isinstance(value, bool) else ""
    if types and not any(isinstance(value, _JSON_TYPES.get(name, (object,))) and given in ("", name) for name in types):
        return " or ".join(f"a value of type {name}" for name in types)
    choices = rule.get("enum", [rule["const"]] if "const" in rule else None)
    if isinstance(choices, list) and value not in choices:
        return f"one of {', '.join(map(str, choices))}"
    if not _is_number(value):
        return ""
    least, most = rule.get("minimum"), rule.get("maximum")
    if _is_number(least) and value < least:
        return f"at least {least}"
    return f"at most {most}" if _is_number(most) and value > most else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def written_rules(node: ast.ClassDef) -> dict[str, Any]:
    """Return the rules that ``validation`` of a class returns, if it does nothing but return what is written there; else none."""
    functions = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "validation"]
    body = functions[-1].body if functions else []
    documented = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) if body else False
    statements = body[1:] if documented else body
    if len(statements) != 1 or not isinstance(statements[0], ast.Return) or not isinstance(statements[0].value, ast.Dict):
        return {}
    try:
        rules = ast.literal_eval(statements[0].value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return {}
    return rules if all(isinstance(name, str) for name in rules) else {}
