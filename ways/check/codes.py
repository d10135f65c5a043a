"""The code of each kind of finding: how bad it is, what it means, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ways.check.findings import FindingLevel


class Code(NamedTuple):
    """One kind of finding."""

    #: How bad it is at its worst.
    level: FindingLevel
    meaning: str
    remedy: str


FINDING_CODES: Mapping[str, Code] = {
    # What a load finds.
    "syntax": Code("error", "The sheet is not the YAML, JSON, TOML or Python it should be.", "Mend it at the place named."),
    "encoding": Code("error", "The sheet has bytes that are no text.", "Save it as UTF-8."),
    "unreadable": Code("error", "The file can't be read.", "See to its rights, or to where its link leads."),
    "format": Code("error", "No format reads a file of this name.", "Name it as one of the formats does."),
    "sheets-below": Code(
        "warning", "A folder has no sheet, and folders below it have some.", "Name the folder below, or write `recursive: true`."
    ),
    "python": Code("error", "A Python sheet raised an error.", "Mend it at the place named."),
    "not-run": Code(
        "note", "Only running it would show what it says, so it was not looked at.", "Write plain data, or look at it yourself."
    ),
    "descriptor": Code("error", "Nothing can be loaded from a search path.", "See whether it is there."),
    "too-many-sheets": Code(
        "error", "Sheets name each other too deep, or too many of them.", "Let fewer sheets name others; the limits are in the message."
    ),
    "limit": Code("error", "Something is greater than it may be.", "Write less of it, or raise the limit that the message names."),
    "settings": Code("error", "A WAYS_* variable holds something that can't be used.", "Write what the message expects."),
    "archive-member": Code(
        "error", "An archive holds a link, a device, or a name for the second time.", "Pack plain files, each once."
    ),
    "missing-key": Code("error", "A plugin has no hierarchy, or a sheet no plugins.", "Add the key."),
    "type": Code("error", "A key holds something else than it may.", "Write what the message expects."),
    "misread-number": Code(
        "warning", "YAML reads a value without quotes as another number: 010 is 8.", "Write it in quotes."
    ),
    "duplicate-key": Code("error", "A key stands twice; the last one is used.", "Remove or rename one; both lines are named."),
    "unknown-key": Code("warning", "There is no such key, so it says nothing.", "Write the key that is meant, or put it under data."),
    "token-language": Code(
        "error", "A mapping or a token contradicts itself: brackets, formats, choices or a default.", "Mend what the message points at."
    ),
    "variants": Code("error", "Plugins with `when` make too many variants of a place.", "Let fewer tokens decide."),
    "duplicate-uses": Code("error", "A plugin names a parent twice.", "Remove one."),
    "duplicate-uuid": Code(
        "error",
        "Another plugin has this uuid; a warning where it has the same name, at another place.",
        "Give each plugin a uuid of its own, or none.",
    ),
    "uses-itself": Code(
        "warning", "A plugin uses its own hierarchy, and so makes nothing.", "Name `{root}` as its hierarchy, or another parent."
    ),
    "plugin": Code("error", "A plugin made in Python fails to answer.", "Mend its code."),
    "unknown-finding": Code(
        "warning", "The `check` block of an info file ignores a code that no finding has.", "Mend the code, or remove it."
    ),
    # Relatives and platforms.
    "illegal-hierarchy": Code(
        "error",
        "A hierarchy is empty, or has a character that no Context can have, or too many parts.",
        "Use letters, digits, `_`, `-` and spaces, and `/` between the parts.",
    ),
    "unknown-parent": Code("error", "A relative plugin uses a place where no plugin stands.", "Name a parent that is there."),
    "unmatched-uses": Code(
        "warning", "A `*` in `uses` fits no place, so that the plugin makes nothing.", "Add such a place, or correct the name."
    ),
    "circle": Code("error", "Plugins, or tokens, are made of each other in a circle.", "Let one of them stand by itself."),
    "root-without-uses": Code(
        "error", "`{root}` stands for a parent, and the plugin uses none.", "Name the parent: `uses: [PLACE]`."
    ),
    "doubled-place": Code(
        "warning",
        "A relative plugin repeats the hierarchy of its parent, and so stands at it twice, as in `show/show/task`.",
        "Write `{root}` for the parent.",
    ),
    "doubled-separator": Code(
        "warning",
        "Two separators follow one another in a mapping: the parent's ends with one, and what is added begins with one.",
        "Leave out one of them.",
    ),
    "missing-separator": Code(
        "warning",
        "The mapping of a parent and what is added to it meet without a separator, as in `/p/{SHOW}tasks`.",
        "Write one after `{root}`.",
    ),
    "absolute-parent": Code(
        "warning", "`{root}` stands after other text, and for a mapping that is absolute.", "Begin the mapping with `{root}`."
    ),
    "trailing-separator": Code(
        "warning",
        "A mapping that no other is built on ends with a separator, so that texts without it don't fit; a note without `path: true`.",
        "Leave the separator out.",
    ),
    "unresolved-parent": Code(
        "error", "A parent has no mapping, on some platform (warning) or on any.", "Give it one there, or name the plugin's own platforms."
    ),
    "unknown-platform": Code(
        "error",
        "No known platform has that name, which a plugin or WAYS_PLATFORM gives; a warning where a plugin's is like none.",
        "Mend it, or name it in WAYS_PLATFORMS too.",
    ),
    # Layers.
    "unreachable-assignment": Code(
        "warning", "A layer has no priority, and that looks like a slip.", "Mend its name, or name it in WAYS_PRIORITY."
    ),
    "unknown-layer": Code(
        "error",
        "WAYS_PRIORITY names a layer that no plugin has; a warning where it looks like none of them.",
        "Mend its name, or separate layers as PATH is separated.",
    ),
    "overridden-plugin": Code(
        "warning", "Later plugins of the same place and layer replace all that a plugin says.", "Remove it."
    ),
    "replaced-mapping": Code(
        "warning",
        "A later plugin of the same place and layer has another mapping, so that this one counts for nothing.",
        "Remove one, or tell them apart by `assignment`, `platforms` or `when`.",
    ),
    "not-strict": Code(
        "warning",
        "A plugin in syntax 1 gives the end of the mapping of a strict place; a note where only its parent is strict.",
        "Write `syntax: 2` in its sheet too.",
    ),
    # Tokens.
    "unused-details": Code("warning", "Details of a token that no mapping has, here or below.", "Mend its name, or remove them."),
    "undescribed-token": Code(
        "warning",
        "Nothing is said of a token: the only one of its mapping, or one with a name much like another's.",
        "Mend its name, or say what it holds.",
    ),
    "adjacent-tokens": Code(
        "warning", "Two tokens without an expression stand side by side.", "Give one an expression, or put text between them."
    ),
    "stray-brace": Code(
        "error", "A brace in a mapping is no part of a token: it has no partner, or nothing in it; it is text.", "Write a token as {NAME}."
    ),
    "control-character": Code(
        "error",
        'A mapping holds a line break or another control character, as "C:\\new" does in double quotes.',
        "Use single quotes, or write the backslash twice.",
    ),
    "token-name": Code(
        "error",
        "A token's name has spaces around it; a warning where they are inside.",
        "Write {NAME}.",
    ),
    "unknown-reference": Code(
        "warning", "A token with an `@` refers to nothing, and is a token of that name.", "Name a token with a mapping, or a place."
    ),
    "misplaced-key": Code("warning", "An engine stands beside `parse`, where it says nothing.", "Put it under `parse`."),
    "unknown-engine": Code("warning", "A key of `parse` is named much like an engine, and is none.", "Mend its name."),
    "impossible-condition": Code("error", "A `when` asks for a value that its token can't have.", "Mend the value, or the token."),
    # Expressions.
    "bad-expression": Code("error", "A regex can't be read.", "Mend it where the caret points."),
    "empty-expression": Code("error", "Nothing fits a regex; a warning where an empty text does.", "Write one that a text fits."),
    "empty-alternative": Code("warning", "One of the alternatives of a regex is empty.", "Remove the bar, or write what belongs there."),
    "crossing-expression": Code(
        "warning",
        "A regex may hold the separator of its mapping; a note where it names it.",
        "Exclude the separator: [^/] for any character.",
    ),
    "slow-expression": Code(
        "error",
        "A regex can take time beyond any power of a text's length to refuse it; a warning from the third power on, and where "
        "that can't be told.",
        "Let no repeat stand beside, or in, another one of the same characters.",
    ),
    # Mappings.
    "contradiction": Code("error", "A token's regex fits nothing that its own mapping writes.", "Let both say the same."),
    "misread-mapping": Code(
        "warning", "A mapping reads a text that it writes otherwise.", "Part the tokens by text that none of them holds."
    ),
    "overlap": Code(
        "error",
        "A text fits two Contexts, and nothing decides which of them it belongs to; a warning where their layers have no priority.",
        "Give one of them more literal text, or tokens with expressions that the other's texts don't fit.",
    ),
    "outranked-overlap": Code(
        "note", "A text fits two Contexts, and one of them wins.", "See whether that is the one you mean."
    ),
    "undecided-overlap": Code(
        "note", "It can't be told whether a text fits two Contexts.", "Write expressions that don't look around, or remember."
    ),
    "syntax-2": Code(
        "error",
        "A mapping would be read otherwise with `syntax: 2`: a note; with `--as-syntax 2` a warning, or an error where it can't be read.",
        "Double its brackets before you change the syntax.",
    ),
    "becomes-strict": Code(
        "note",
        "With `syntax: 2`, which `--as-syntax 2` tries, the values and texts of a place are checked.",
        "Give its tokens expressions, types or choices that its paths fit.",
    ),
}
