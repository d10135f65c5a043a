"""The blocks of an ImJoy file, slow and obvious: one character after another, and the rest of the file is cut each time.

It shares no line with the package, and no regular expression: names, blanks and attributes are walked by letter.
"""

from __future__ import annotations

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
INNER = LETTERS + "0123456789-."
RAW = ("script", "style", "textarea")

Found = tuple[str, dict[str, object], str]


def blocks(text: str) -> list[Found]:
    """Return name, attributes and raw content of each element at the top, in order."""
    found: list[Found] = []
    stack: list[tuple[str, dict[str, object], int]] = []
    at = 0

    def close_from(index: int, end: int) -> None:
        if index == 0:
            found.append((stack[0][0], stack[0][1], text[stack[0][2] : end]))
        del stack[index:]

    def nearest_open(name: str) -> int:
        return max((index for index, entry in enumerate(stack) if entry[0].lower() == name.lower()), default=-1)

    while True:
        if stack and stack[-1][0].lower() in RAW:
            name = stack[-1][0].lower()
            start = text.lower().find("</" + name, at)
            end = text.find(">", start) if start >= 0 else -1
            close_from(len(stack) - 1, start if end >= 0 else at)
            if end < 0:
                break
            at = end + 1
            continue
        here = text.find("<", at)
        if here < 0:
            break
        rest = text[here:]
        if rest.startswith("<!--") or rest.startswith("<!["):
            closing = "-->" if rest.startswith("<!--") else "]>"
            if closing not in rest[2:]:
                at = here
                break
            at = text.index(closing, here + 2) + len(closing)
            continue
        if rest.lower().startswith("<!doctype ") and ">" in rest:
            at = text.index(">", here) + 1
            continue
        if rest.startswith("</") and name_of(rest[2:]) and ">" in rest:
            at = text.index(">", here) + 1
            if (index := nearest_open(name_of(rest[2:]))) >= 0:
                close_from(index, here)
            continue
        name = name_of(rest[1:])
        if name:
            at = here + 1 + len(name)
            attributes: dict[str, object] = {}
            while not closes(text[at:]):
                length, key, value = attribute(text[at:])
                if not length:
                    break
                attributes[key] = value or True
                at += length
            if (ended := closes(text[at:])):
                at += ended
                stack.append((name, attributes, at))
                if text[at - 2] == "/":
                    close_from(len(stack) - 1, at)
            continue
        at = here
        if "<" not in text[here + 1 :]:
            break
        at = text.index("<", here + 1)
    if stack:
        close_from(0, at)
    return found


def name_of(text: str) -> str:
    """Return the name that *text* begins with, perhaps with a prefix before a colon; ``""`` for none."""
    name = plain_name(text)
    if name and text[len(name) :].startswith(":") and plain_name(text[len(name) + 1 :]):
        return f"{name}:{plain_name(text[len(name) + 1:])}"
    return name


def plain_name(text: str) -> str:
    if not text or text[0] not in LETTERS:
        return ""
    length = 1
    while length < len(text) and text[length] in INNER:
        length += 1
    return text[:length]


def blanks(text: str) -> int:
    return len(text) - len(text.lstrip())


def closes(text: str) -> int:
    """Return how long the end of an open tag is that *text* begins with; 0 for none."""
    at = blanks(text)
    if text[at : at + 1] == ">":
        return at + 1
    return at + 2 if text[at : at + 2] == "/>" else 0


def attribute(text: str) -> tuple[int, str, str]:
    """Return length, name and value of the attribute that *text* begins with; a length of 0 for none."""
    start = at = blanks(text)
    while at < len(text) and not text[at].isspace() and text[at] not in "\"'<>/=":
        at += 1
    name = text[start:at]
    if not name:
        return 0, "", ""
    equals = at + blanks(text[at:])
    if text[equals : equals + 1] == "=":
        begin = equals + 1 + blanks(text[equals + 1 :])
        length, value = value_of(text[begin:])
        if length:
            return begin + length, name, value
    return at, name, ""


def value_of(text: str) -> tuple[int, str]:
    if text[:1] in ("'", '"') and text[0] in text[1:]:
        end = text.index(text[0], 1)
        length = end + 1
        while text[length : length + 1] == text[0]:
            length += 1
        return length, plain(text[1:end])
    length = 0
    while length < len(text) and not text[length].isspace() and text[length] not in "\"'=<>`":
        length += 1
    return length, plain(text[:length])


def plain(text: str) -> str:
    for reference, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(reference, letter)
    return text
